#include "forecast/shift.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"

enum { NARROW = 5, WIDE = 25, LEAST = 48, BEFORE_MIN = 24, BEFORE_MAX = 168 };

static const double quantile = 0.97, beyond = 2, side = 0.8;

static double low(double a, double b)
{
    return a < b ? a : b;
}

static double high(double a, double b)
{
    return a > b ? a : b;
}

/* As a network of minima and maxima, so that compilers take several at a time. */
static double median_of_5(double a, double b, double c, double d, double e)
{
    double f = high(low(a, b), low(c, d)), g = low(high(a, b), high(c, d));
    return high(low(f, g), low(high(f, g), e));
}

/* out[t] = median of v[t], v[t + by], ... v[t + 4 by] */
static void medians(const double *restrict v, size_t n, size_t by, double *restrict out)
{
    for (size_t t = 0; t + 4 * by < n; t++)
        out[t] = median_of_5(v[t], v[t + by], v[t + 2 * by], v[t + 3 * by], v[t + 4 * by]);
}

/* jump[t] for w <= t <= n - w, from the medians that begin at t and at t - w; 0 elsewhere. */
static void jumps(const double *m, size_t n, size_t w, double *jump)
{
    memset(jump, 0, n * sizeof(*jump));
    for (size_t t = w; t + w <= n; t++)
        jump[t] = m[t] - m[t - w];
}

static size_t largest(const double *jump, size_t from, size_t to)
{
    size_t at = from;
    for (size_t t = from; t < to; t++)
        if (fabs(jump[t]) > fabs(jump[at]))
            at = t;
    return at;
}

/* How large jumps are elsewhere: a quantile of them, or the largest. */
static double usual_jump(const double *jump, size_t n, size_t w, size_t at, bool once, double *v)
{
    size_t k = 0, by = w == NARROW ? 2 : 5;
    double top = 0;
    for (size_t t = w; t + w <= n; t += by)
        if (t + 2 * w <= at || t >= at + 2 * w) {
            v[k++] = fabs(jump[t]);
            top = fmax(top, v[k - 1]);
        }
    return k == 0 ? INFINITY : once ? top : ll_quantile(v, k, quantile);
}

static double median_of(const double *r, size_t from, size_t to, double *scratch)
{
    memcpy(scratch, r + from, (to - from) * sizeof(*r));
    return ll_quantile_median(scratch, to - from);
}

static double spread_of(const double *r, size_t from, size_t to, double around, double *scratch)
{
    for (size_t t = from; t < to; t++)
        scratch[t - from] = fabs(r[t] - around);
    return ll_quantile_median(scratch, to - from);
}

/* Share of [from, to) that lies above x. */
static double above(const double *r, size_t from, size_t to, double x)
{
    size_t k = 0;
    for (size_t t = from; t < to; t++)
        k += r[t] > x;
    return (double)k / (double)(to - from);
}

/* The level stayed where the jump at `at` brought it: the new one's size, or 0. */
static double lasting(const double *r, size_t n, size_t at, double jump, double *scratch)
{
    size_t after = n - at, span = LL_MIN(LL_MAX(after, (size_t)2 * BEFORE_MIN), at);
    size_t from = at - LL_MIN(span, (size_t)BEFORE_MAX), newest = n - LL_MAX(after / 3, (size_t)3);
    double old = median_of(r, from, at, scratch), new = median_of(r, at, n, scratch);
    double size = new - old, middle = old + size / 2;
    double now = median_of(r, newest, n, scratch) - old;
    double up = above(r, at, n, middle), was_up = above(r, from, at, middle);
    bool apart = size > 0 ? up >= side && was_up <= 1 - side : up <= 1 - side && was_up >= side;
    bool kept = now / size > 0.6 && now / size < 1.7 && jump / size > 0.5 && jump / size < 2;
    if (!apart || !kept)
        return 0;
    double was_spread = spread_of(r, from, at, old, scratch);
    return spread_of(r, at, n, new, scratch) <= 3 * was_spread + fabs(size) / 4 ? size : 0;
}

struct ll_shift ll_shift_find(const double *r, size_t n, double least, bool once, double *scratch)
{
    struct ll_shift none = {0};
    if (n < LEAST)
        return none;
    double *narrow = scratch, *wide = scratch + n, *jump = scratch + 2 * n, *v = scratch + 3 * n;
    size_t from = LL_MAX((size_t)BEFORE_MIN, n - LL_MIN(n, (size_t)LL_SHIFT_OLDEST));
    size_t at = 0;
    double strongest = 0, size = 0;

    medians(r, n, 1, narrow);
    medians(narrow, n - NARROW + 1, NARROW, wide);
    for (size_t w = NARROW; w <= WIDE && from + w + 1 < n; w *= 5) {
        jumps(w == NARROW ? narrow : wide, n, w, jump);
        size_t t = largest(jump, from, n - LL_MAX(w, (size_t)LL_SHIFT_NEWEST) + 1);
        double usual = usual_jump(jump, n, w, t, once, v), found = fabs(jump[t]);
        double wanted = beyond * (1 + (double)LL_SHIFT_NEWEST / (double)(n - t));
        if (found > wanted * usual && found > strongest * usual && found >= least) {
            strongest = usual > 0 ? found / usual : INFINITY;
            at = t;
            size = jump[t];
        }
    }
    if (at == 0)
        return none;
    size = lasting(r, n, at, size, v);
    return fabs(size) >= least ? (struct ll_shift){at, size} : none;
}
