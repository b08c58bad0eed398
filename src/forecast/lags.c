#include "forecast/lags.h"

#include <math.h>
#include <string.h>

#include "forecast/model_list.h"

enum { ROWS_PER_LAG = 3 };

void ll_lags_add(struct ll_lags *l, size_t lag, size_t n_fit, size_t m1)
{
    size_t need = lag + l->difference, rows = (need > 8 * m1 ? 7 : 5) * m1;
    if (lag == 0 || l->n == LL_LAGS_MAX ||
        n_fit < need + LL_MAX(rows, (size_t)(ROWS_PER_LAG * LL_LAGS_MAX)))
        return;
    size_t place = l->n;
    while (place > 0 && l->lag[place - 1] > lag)
        place--;
    if (place > 0 && l->lag[place - 1] == lag)
        return;
    for (size_t i = l->n++; i > place; i--)
        l->lag[i] = l->lag[i - 1];
    l->lag[place] = lag;
}

struct scaled { /* the series as the regression sees it */
    double *z, *w;
    double mean, sd, low, high; /* of y; bounds of what z may become */
};

static void bound(struct scaled *s, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t t = 0; t < n; t++) {
        low = s->z[t] < low ? s->z[t] : low;
        high = s->z[t] > high ? s->z[t] : high;
    }
    s->low = low - 0.5 * (high - low);
    s->high = high + 0.5 * (high - low);
}

static struct scaled scale(const struct ll_fit *f, const struct ll_lags *l, struct ll_room *room)
{
    size_t last = ll_kit_last(f), n = f->n_fit;
    struct scaled s = {ll_room_take(room, last + f->h),
                       ll_room_take(room, last + f->h),
                       ll_kit_mean(f->y, n),
                       0,
                       INFINITY,
                       -INFINITY};
    for (size_t t = 0; t < last; t++)
        s.z[t] = f->y[t] - s.mean;
    s.sd = sqrt(ll_kit_dot(s.z, s.z, n) / (double)n) + 1e-12;
    for (size_t t = 0; t < last; t++)
        s.z[t] *= 1 / s.sd;
    bound(&s, n);
    for (size_t t = 0; t < last; t++)
        s.w[t] = l->difference == 0  ? s.z[t]
                 : t < l->difference ? 0
                                     : s.z[t] - s.z[t - l->difference];
    return s;
}

/* w and z behind the origin are overwritten by what is expected there, and put back. */
static void predict(const struct ll_fit *f, const struct ll_lags *l, const struct scaled *s,
                    const double *b, size_t k, double *keep, double *out)
{
    size_t n = f->origin[k], known = LL_MIN(f->h, ll_kit_last(f) - n);
    memcpy(keep, s->z + n, known * sizeof(double));
    memcpy(keep + f->h, s->w + n, known * sizeof(double));
    for (size_t t = n; t < n + f->h; t++) {
        double base = l->difference ? s->z[t - l->difference] : 0, z = base;
        for (size_t j = l->n; j-- > 0;) /* the newest step comes last: it is waited for */
            z += b[j + 1] * s->w[t - l->lag[j]];
        z += b[0];
        z = z > s->low ? z : s->low; /* so that NaN becomes the bound */
        s->z[t] = z < s->high ? z : s->high;
        s->w[t] = s->z[t] - base;
        out[t - n] = s->z[t] * s->sd + s->mean;
    }
    memcpy(s->z + n, keep, known * sizeof(double));
    memcpy(s->w + n, keep + f->h, known * sizeof(double));
}

/* Without a solution: the mean, or with a difference the last season. */
static void solve(const struct ll_gram *g, const struct ll_lags *l, double b[LL_COLUMNS_MAX])
{
    if (g->rows < 2 * (l->n + 1) || !ll_gram_solve(g, l->ridge, b))
        memset(b, 0, LL_COLUMNS_MAX * sizeof(double));
}

/* The last origin after a fit of its own, when that is asked for: the rows since are added. */
static void run_shared(const struct ll_fit *f, const struct ll_lags *l, double *out)
{
    struct ll_room room = ll_room_of(f);
    struct scaled s = scale(f, l, &room);
    struct ll_gram g;
    double b[LL_COLUMNS_MAX] = {0}, *keep = ll_room_take(&room, 2 * f->h);
    ll_gram_build(&g, s.w, l->lag[l->n - 1] + l->difference, f->n_fit, l->lag, l->n);
    solve(&g, l, b);
    for (size_t k = 0; k < f->n_origins; k++) {
        if (f->renew && k + 1 == f->n_origins) {
            ll_gram_extend(&g, f->origin[k]);
            solve(&g, l, b);
            bound(&s, f->origin[k]);
        }
        predict(f, l, &s, b, k, keep, out + k * f->h);
    }
}

static void run_one(const struct ll_fit *f, const struct ll_lags *l, double *out)
{
    if (l->n == 0)
        ll_model_seasonal_naive.run(f, out);
    else
        run_shared(f, l, out);
}

void ll_lags_run(const struct ll_fit *f, const struct ll_lags *first, const struct ll_lags *all,
                 double *out)
{
    if (!f->renew || first->n == all->n) {
        run_one(f, first, out);
        return;
    }
    struct ll_fit part = *f; /* newer values allow more lags: two fits apart */
    part.renew = false;
    part.n_origins = f->n_origins - 1;
    if (part.n_origins)
        run_one(&part, first, out);
    part.n_fit = ll_kit_last(f);
    part.origin = f->origin + f->n_origins - 1;
    part.n_origins = 1;
    run_one(&part, all, out + (f->n_origins - 1) * f->h);
}
