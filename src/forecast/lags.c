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

static struct scaled scale(const struct ll_fit *f, const struct ll_lags *l, struct ll_room *room)
{
    size_t last = ll_fit_last(f), n = f->n_fit;
    struct scaled s = {ll_room_take(room, last + f->h),
                       ll_room_take(room, last + f->h),
                       ll_mean(f->y, n),
                       0,
                       INFINITY,
                       -INFINITY};
    for (size_t t = 0; t < last; t++)
        s.z[t] = f->y[t] - s.mean;
    s.sd = sqrt(ll_dot(s.z, s.z, n) / (double)n) + 1e-12;
    for (size_t t = 0; t < last; t++)
        s.z[t] *= 1 / s.sd;
    for (size_t t = 0; t < n; t++) {
        s.low = s.z[t] < s.low ? s.z[t] : s.low;
        s.high = s.z[t] > s.high ? s.z[t] : s.high;
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

/* Sums of w[s] w[s + apart] over the same number of rows, from different places: one that is known
 * slides to another place by what falls out and what comes in. */
enum { PRODUCTS_MAX = COLUMNS_MAX * (COLUMNS_MAX + 1) / 2, BUCKETS = 64, NONE = PRODUCTS_MAX };

struct product {
    size_t apart, at;
    double sum;
    unsigned next; /* of the same bucket, NONE = the last */
};

struct products {
    const double *w;
    size_t rows;
    unsigned n, bucket[BUCKETS]; /* by `apart` */
    struct product known[PRODUCTS_MAX];
};

static double slid(const struct products *p, const struct product *k, size_t at)
{
    const double *w = p->w, *far = p->w + k->apart;
    size_t low = LL_MIN(at, k->at), shift = LL_MAX(at, k->at) - low;
    double front = ll_dot(w + low, far + low, shift);
    double back = ll_dot(w + low + p->rows, far + low + p->rows, shift);
    return at > k->at ? k->sum + (back - front) : k->sum + (front - back);
}

/* Sum over t in [from, from + rows) of w[t - near] w[t - far]. */
static double product(struct products *p, size_t from, size_t near, size_t far)
{
    unsigned *bucket = &p->bucket[(far - near) % BUCKETS];
    struct product new = {far - near, from - far, 0, *bucket};
    size_t nearest = p->rows / 3; /* sliding reads twice the shift */
    const struct product *best = NULL;
    for (unsigned i = *bucket; i != NONE; i = p->known[i].next) {
        size_t at = p->known[i].at, shift = LL_MAX(at, new.at) - LL_MIN(at, new.at);
        if (p->known[i].apart == new.apart && shift < nearest) {
            nearest = shift;
            best = &p->known[i];
        }
    }
    new.sum = best ? slid(p, best, new.at) : ll_dot(p->w + new.at, p->w + from - near, p->rows);
    p->known[p->n] = new;
    *bucket = p->n++;
    return new.sum;
}

/* Normal equations over rows [from, n_fit): column 0 is the constant, then one a lag; lags ascend,
 * and the target is as a lag of 0. */
static bool regress(const double *w, size_t from, size_t n_fit, const struct ll_lags *l,
                    double b[COLUMNS_MAX])
{
    double a[COLUMNS_MAX * COLUMNS_MAX];
    size_t q = l->n + 1, rows = n_fit - from;
    double ridge = l->ridge * (double)rows;
    struct products p;
    p.w = w;
    p.rows = rows;
    p.n = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        p.bucket[i] = NONE;
    a[0] = (double)rows * (1 + 1e-9);
    b[0] = ll_sum(w + from, rows);
    for (size_t i = 1; i < q; i++) {
        size_t lag = l->lag[i - 1];
        a[i * q] = ll_sum(w + from - lag, rows);
        b[i] = product(&p, from, 0, lag);
        for (size_t j = 1; j <= i; j++)
            a[i * q + j] = product(&p, from, l->lag[j - 1], lag);
        a[i * q + i] += ridge;
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
        double base = l->difference ? s->z[t - l->difference] : 0, newest = b[0], older = base;
        for (size_t j = l->n; j > 1;
             j--) /* what the newest steps give comes last: it is waited for */
            older += b[j] * s->w[t - l->lag[j - 1]];
        newest += b[1] * s->w[t - l->lag[0]];
        double z = older + newest;
        z = z > s->low ? z : s->low; /* so that NaN becomes the bound */
        s->z[t] = z < s->high ? z : s->high;
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
