#include "forecast/kit.h"

#include <string.h>

enum { ALIGN = 8 }; /* doubles in 64 bytes */

struct ll_room ll_room_of(const struct ll_fit *f)
{
    double *at = f->scratch;
    return (struct ll_room){at, at + ll_model_scratch(ll_fit_last(f), f->h) / sizeof(double)};
}

double *ll_room_take(struct ll_room *r, size_t n)
{
    double *got = r->at;
    r->at += (n + ALIGN - 1) / ALIGN * ALIGN;
    LL_ASSERT(r->at <= r->end);
    return got;
}

size_t ll_fit_last(const struct ll_fit *f)
{
    return f->origin[f->n_origins - 1];
}

struct ll_cycles ll_cycles_of(const struct ll_fit *f, size_t n, size_t cycles)
{
    struct ll_cycles c = {f->m1 > 1 ? (size_t)f->m1 : 1, f->m2 > f->m1 ? (size_t)f->m2 : 0};
    if (n < cycles * c.m2)
        c.m2 = 0;
    if (n < 2 * c.m1)
        c.m1 = 1;
    return c;
}

double ll_mean(const double *y, size_t n)
{
    double sum = 0;
    for (size_t t = 0; t < n; t++)
        sum += y[t];
    return n ? sum / (double)n : 0;
}

double ll_dot(const double *a, const double *b, size_t n)
{
    ll_pair sum[LL_PAIRS] = {{0}}, x, y;
    size_t t = 0;
    for (; t + LL_CANDIDATES <= n; t += LL_CANDIDATES)
        for (size_t k = 0; k < LL_PAIRS; k++) {
            memcpy(&x, a + t + 2 * k, sizeof(x));
            memcpy(&y, b + t + 2 * k, sizeof(y));
            sum[k] += x * y;
        }
    x = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double rest = 0;
    for (; t < n; t++)
        rest += a[t] * b[t];
    return x[0] + x[1] + rest;
}

void ll_running_sums(const double *y, size_t n, double *sums)
{
    sums[0] = 0;
    for (size_t t = 0; t < n; t++)
        sums[t + 1] = sums[t] + y[t];
}

void ll_centred_mean(const double *y, size_t n, size_t m, double *sums, double *out)
{
    ll_running_sums(y, n, sums);
    m = LL_MIN(m, n);
    for (size_t t = 0; t < n; t++) {
        size_t from = t < m / 2 ? 0 : LL_MIN(t - m / 2, n - m);
        out[t] = (sums[from + m] - sums[from]) / (double)m;
    }
}
