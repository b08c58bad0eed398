#include "forecast/shift.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"

enum { WIDTHS = 3, LEAST = 48, BEFORE_MIN = 24, BEFORE_MAX = 168, CYCLES = 5 };

/* Medians of five residuals, and of five such medians some steps apart. */
static const struct {
    size_t apart, reach; /* steps between the medians; residuals in one, of both sides */
    double beyond;       /* how many times the usual jump */
} widths[WIDTHS] = {{0, 5, 2}, {2, 13, 1.8}, {4, 21, 1.7}};

static const double quantile = 0.97, side = 0.8;

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

/* jump[t] for from + w <= t <= n - w, out of the medians that begin at t and at t - w. */
static void jumps(const double *m, size_t n, size_t from, size_t w, double *jump)
{
    for (size_t t = from + w; t + w <= n; t++)
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
static double usual_jump(const double *jump, size_t n, size_t from, size_t w, size_t at, bool once,
                         double *v)
{
    size_t k = 0, by = w / 4 + 1;
    double top = 0;
    for (size_t t = from + w; t + w <= n; t += by)
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

/* A jump much larger than the others, or at = 0. */
struct candidate {
    size_t at;
    double jump, strength; /* jump over the usual one */
};

static struct candidate strongest(const double *r, size_t from, size_t n, double least, bool once,
                                  double *scratch)
{
    double *narrow = scratch, *wide = scratch + n, *jump = scratch + 2 * n, *v = scratch + 3 * n;
    size_t newest = LL_MAX(from + BEFORE_MIN, n - LL_MIN(n, (size_t)LL_SHIFT_OLDEST));
    struct candidate best = {0};
    medians(r, n, 1, narrow);
    for (size_t k = 0; k < WIDTHS; k++) {
        size_t w = widths[k].reach;
        if (newest + w >= n)
            break;
        if (k > 0)
            medians(narrow, n - 4, widths[k].apart, wide);
        jumps(k > 0 ? wide : narrow, n, from, w, jump);
        size_t t = largest(jump, newest, n - LL_MAX(w, (size_t)LL_SHIFT_NEWEST) + 1);
        double usual = usual_jump(jump, n, from, w, t, once, v), found = fabs(jump[t]);
        double wanted = widths[k].beyond * (1 + (double)LL_SHIFT_NEWEST / (double)(n - t));
        double strength = usual > 0 ? found / usual : INFINITY;
        if (found >= least && found > 0 && strength > wanted && strength > best.strength)
            best = (struct candidate){t, jump[t], strength};
    }
    return best;
}

/* Where around `at` the new level begins: the largest sum, from there on, of how far residuals lie
 * on the new level's side of the middle, each counted no further than the level itself. */
static size_t refine(const double *r, size_t n, size_t at, double old, double size)
{
    size_t from = at > 2 * BEFORE_MIN ? at - BEFORE_MIN : BEFORE_MIN, best = at;
    double sum = 0, top = -INFINITY, half = fabs(size) / 2, sign = size > 0 ? 1 : -1;
    for (size_t t = LL_MIN(at + BEFORE_MIN, n); t-- > from;) {
        sum += fmin(fmax(sign * (r[t] - old - size / 2), -half), half);
        if (sum > top) {
            top = sum;
            best = t;
        }
    }
    return best;
}

static struct ll_shift judge(const double *r, size_t n, struct candidate c, double *scratch)
{
    if (c.at == 0)
        return (struct ll_shift){0};
    size_t span = LL_MIN(c.at, (size_t)2 * BEFORE_MIN);
    double old = median_of(r, c.at - span, c.at, scratch);
    size_t at = refine(r, n, c.at, old, median_of(r, c.at, n, scratch) - old);
    if (at + LL_SHIFT_NEWEST > n)
        return (struct ll_shift){0};
    return (struct ll_shift){at, lasting(r, n, at, c.jump, scratch)};
}

/* What is left of z when the median of the same phase in the five cycles before is taken off. */
static void against_cycles(const double *z, size_t n, size_t m, double *restrict out)
{
    for (size_t t = CYCLES * m; t < n; t++)
        out[t] =
            z[t] - median_of_5(z[t - m], z[t - 2 * m], z[t - 3 * m], z[t - 4 * m], z[t - 5 * m]);
}

struct ll_shift ll_shift_find(const double *r, const double *z, size_t n, size_t m, double least,
                              bool once, double *scratch)
{
    struct ll_shift none = {0};
    if (n < LEAST)
        return none;
    double *local = scratch + 4 * n;
    struct candidate c = strongest(r, 0, n, least, once, scratch), d = {0};
    size_t from = CYCLES * m;
    if (m > 1 && n >= from + LEAST) {
        against_cycles(z, n, m, local);
        d = strongest(local, from, n, least, once, scratch);
    }
    struct ll_shift found = {0};
    if (d.strength > c.strength && n - d.at <= 3 * m)
        found = judge(local + from, n - from, (struct candidate){d.at - from, d.jump, 0}, scratch);
    if (found.at > 0 && found.size != 0)
        found.at += from;
    else
        found = judge(r, n, c, scratch);
    return found.size != 0 && fabs(found.size) >= least ? found : none;
}
