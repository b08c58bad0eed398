#include "forecast/lags.h"

#include <math.h>
#include <string.h>

#include "forecast/solve.h"

enum { COLUMNS_MAX = LL_LAGS_MAX + 1, ROWS_PER_LAG = 3 };

void ll_lags_add(struct ll_lags *l, size_t lag, size_t n_fit, size_t m1)
{
    size_t need = lag + l->difference, rows = (need > 8 * m1 ? 7 : 5) * m1;
    if (lag == 0 || l->n == LL_LAGS_MAX ||
        n_fit < need + LL_MAX(rows, (size_t)(ROWS_PER_LAG * LL_LAGS_MAX)))
        return;
    for (size_t i = 0; i < l->n; i++)
        if (l->lag[i] == lag)
            return;
    l->lag[l->n++] = lag;
}

struct scaled { /* the series as the regression sees it */
    double *z, *w;
    double mean, sd, low, high; /* of y; bounds of what z may become */
};

static struct scaled scale(const struct ll_fit *f, const struct ll_lags *l, struct ll_room *room)
{
    size_t last = ll_fit_last(f), n = f->n_fit;
    struct scaled s = {ll_room_take(room, last + f->h),
                       ll_room_take(room, last + f->h),
                       ll_mean(f->y, n),
                       0,
                       INFINITY,
                       -INFINITY};
    for (size_t t = 0; t < n; t++)
        s.sd += (f->y[t] - s.mean) * (f->y[t] - s.mean);
    s.sd = sqrt(s.sd / (double)n) + 1e-12;
    for (size_t t = 0; t < last; t++)
        s.z[t] = (f->y[t] - s.mean) / s.sd;
    for (size_t t = 0; t < n; t++) {
        s.low = fmin(s.low, s.z[t]);
        s.high = fmax(s.high, s.z[t]);
    }
    double half = 0.5 * (s.high - s.low);
    s.low -= half;
    s.high += half;
    for (size_t t = 0; t < last; t++)
        s.w[t] = l->difference == 0  ? s.z[t]
                 : t < l->difference ? 0
                                     : s.z[t] - s.z[t - l->difference];
    return s;
}

/* Normal equations over rows [from, n_fit): column 0 is the constant, then one a lag. */
static bool regress(const double *w, size_t from, size_t n_fit, const struct ll_lags *l,
                    double b[COLUMNS_MAX])
{
    double a[COLUMNS_MAX * COLUMNS_MAX];
    size_t q = l->n + 1, rows = n_fit - from;
    double ridge = l->ridge * (double)rows;
    const double *target = w + from;
    a[0] = (double)rows * (1 + 1e-9);
    b[0] = ll_mean(target, rows) * (double)rows;
    for (size_t i = 1; i < q; i++) {
        const double *x = target - l->lag[i - 1];
        a[i * q] = ll_mean(x, rows) * (double)rows;
        for (size_t j = 1; j <= i; j++)
            a[i * q + j] = ll_dot(x, target - l->lag[j - 1], rows);
        a[i * q + i] += ridge;
        b[i] = ll_dot(x, target, rows);
    }
    return ll_solve_spd(a, b, q);
}

/* w and z behind the origin are overwritten by what is expected there, and put back. */
static void predict(const struct ll_fit *f, const struct ll_lags *l, const struct scaled *s,
                    const double *b, size_t k, double *keep, double *out)
{
    size_t n = f->origin[k], known = LL_MIN(f->h, ll_fit_last(f) - n);
    memcpy(keep, s->z + n, known * sizeof(double));
    memcpy(keep + f->h, s->w + n, known * sizeof(double));
    for (size_t t = n; t < n + f->h; t++) {
        double sum = b[0], base = l->difference ? s->z[t - l->difference] : 0;
        for (size_t j = 0; j < l->n; j++)
            sum += b[j + 1] * s->w[t - l->lag[j]];
        s->z[t] = fmin(fmax(sum + base, s->low), s->high);
        s->w[t] = s->z[t] - base;
        out[t - n] = s->z[t] * s->sd + s->mean;
    }
    memcpy(s->z + n, keep, known * sizeof(double));
    memcpy(s->w + n, keep + f->h, known * sizeof(double));
}

void ll_lags_run(const struct ll_fit *f, const struct ll_lags *l, double *out)
{
    struct ll_room room = ll_room_of(f);
    struct scaled s = scale(f, l, &room);
    double b[COLUMNS_MAX] = {0}, *keep = ll_room_take(&room, 2 * f->h);
    size_t from = 0;
    for (size_t j = 0; j < l->n; j++)
        from = LL_MAX(from, l->lag[j] + l->difference);
    if (l->n == 0 || f->n_fit < from + 2 * (l->n + 1) || !regress(s.w, from, f->n_fit, l, b))
        memset(b, 0, sizeof(b)); /* the mean, or with a difference the last season */
    for (size_t k = 0; k < f->n_origins; k++)
        predict(f, l, &s, b, k, keep, out + k * f->h);
}
