#include "forecast/kit.h"

#include <string.h>

enum { ALIGN = 8 }; /* doubles in 64 bytes */

struct ll_room ll_room_of(const struct ll_fit *f)
{
    double *at = f->scratch;
    return (struct ll_room){at, at + ll_model_scratch(ll_kit_last(f), f->h) / sizeof(double)};
}

double *ll_room_take(struct ll_room *r, size_t n)
{
    double *got = r->at;
    r->at += (n + ALIGN - 1) / ALIGN * ALIGN;
    LL_ASSERT(r->at <= r->end);
    return got;
}

size_t ll_kit_last(const struct ll_fit *f)
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

double ll_kit_phi_max(double hourly, size_t m1)
{
    const double day = 24;
    return m1 > 24 ? 1 - (1 - hourly) * day / (double)m1 : hourly;
}

double ll_kit_sum(const double *y, size_t n)
{
    ll_pair sum[LL_PAIRS] = {{0}}, x;
    size_t t = 0;
    for (; t + LL_CANDIDATES <= n; t += LL_CANDIDATES)
        for (size_t k = 0; k < LL_PAIRS; k++) {
            memcpy(&x, y + t + 2 * k, sizeof(x));
            sum[k] += x;
        }
    x = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    double rest = 0;
    for (; t < n; t++)
        rest += y[t];
    return x[0] + x[1] + rest;
}

double ll_kit_mean(const double *y, size_t n)
{
    return n ? ll_kit_sum(y, n) / (double)n : 0;
}

double ll_kit_dot(const double *a, const double *b, size_t n)
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

/* Four at a time, so that only one addition in four waits for the one before. */
void ll_kit_running_sums(const double *y, size_t n, double *sums)
{
    double sum = 0;
    size_t t = 0;
    sums[0] = 0;
    for (; t + 4 <= n; t += 4) {
        double two = y[t] + y[t + 1], three = two + y[t + 2], four = two + (y[t + 2] + y[t + 3]);
        sums[t + 1] = sum + y[t];
        sums[t + 2] = sum + two;
        sums[t + 3] = sum + three;
        sums[t + 4] = sum += four;
    }
    for (; t < n; t++)
        sums[t + 1] = sum += y[t];
}

double ll_kit_slope(const double *y, size_t n)
{
    double middle = 0.5 * (double)(n - 1), cubic = (double)n, far = 0;
    ll_pair at = {-middle, 1 - middle}, sum = {0}, more = {0};
    size_t t = 0;
    for (; t + 4 <= n; t += 4) { /* sum of (t - middle) y: the mean of y does not matter to it */
        sum += at * (ll_pair){y[t], y[t + 1]};
        at += 2;
        more += at * (ll_pair){y[t + 2], y[t + 3]};
        at += 2;
    }
    for (; t < n; t++)
        far += ((double)t - middle) * y[t];
    sum += more;
    cubic = cubic * (cubic * cubic - 1) / 12; /* sum of (t - middle)^2 */
    return n > 1 ? (sum[0] + sum[1] + far) / cubic : 0;
}

void ll_kit_centred_mean(const double *y, size_t n, size_t m, double *sums, double *out)
{
    ll_kit_running_sums(y, n, sums);
    m = LL_MIN(m, n);
    double share = 1 / (double)m;
    size_t half = m / 2, from_last = n - m; /* windows start at 0 .. n - m */
    for (size_t t = 0; t < half; t++)
        out[t] = (sums[m] - sums[0]) * share;
    for (size_t s = 0; s <= from_last; s++)
        out[s + half] = (sums[s + m] - sums[s]) * share;
    for (size_t t = from_last + half + 1; t < n; t++)
        out[t] = (sums[n] - sums[from_last]) * share;
}
