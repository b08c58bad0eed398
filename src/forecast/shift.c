#include "forecast/shift.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "forecast/phase.h"
#include "stats/quantile.h"

enum {
    LEAST = 48,
    BEFORE_MIN = 24,
    BEFORE_MAX = 168,
    CYCLES = 5,
    DAY = 24,
    PHASES_MAX = 84,
    CANDIDATES_MAX = 14,
    NEAR = 5,
    SCALED = 17
};

/* How many times the usual jump one must be: of medians of 5, of 13, of means over a day, of one
 * step to the next. */
static const double beyond_5 = 2, beyond_13 = 1.8, beyond_day = 1.6, beyond_step = 2;
static const double quantile = 0.97, strong = 4, side_usual = 0.7, side_strong = 0.6;
static const double part_usual = 0.5, part_strong = 0.25;

/* Residuals from step `from` on, and room for n x 4 doubles. */
struct view {
    const double *r;
    size_t from, n, m; /* m: steps of the shortest season, 1 = none */
    double least;
    bool once;
    double *scratch;
};

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

/* A jump much larger than the others. */
struct candidate {
    const struct view *view;
    size_t at;
    double jump, strength; /* jump over the usual one; 0 = judged */
};

struct candidates {
    struct candidate v[CANDIDATES_MAX];
    size_t n;
};

/* How large jumps are elsewhere: a quantile of them, or the largest (also of single steps: two a
 * week are a weekend, and no quantile knows them). */
static double usual_jump(const struct view *s, const double *jump, size_t w, size_t at, double *v)
{
    size_t k = 0, by = w / 4 + 1;
    double top = 0;
    for (size_t t = s->from + w; t + w <= s->n; t += by)
        if (t + 2 * w <= at || t >= at + 2 * w) {
            v[k++] = fabs(jump[t]);
            top = fmax(top, v[k - 1]);
        }
    return k == 0 ? INFINITY : s->once || w == 1 ? top : ll_quantile(v, k, quantile);
}

/* Whether jumps of x come too often for it to be worth the selection of their quantile. */
static bool common(const struct view *s, const double *jump, size_t w, size_t at, double x)
{
    size_t few = 1 + (s->n - s->from) / (w / 4 + 1) / 25, seen = 0; /* 4 %, and not 3, to be sure */
    for (size_t t = s->from + w; t + w <= s->n && seen <= few; t += w / 4 + 1)
        seen += fabs(jump[t]) >= x && (t + 2 * w <= at || t >= at + 2 * w);
    return seen > few;
}

/* It came about as large, in the same direction, more than once in four weeks: a weekend. */
static bool habit(const struct view *s, const double *jump, size_t w, size_t at)
{
    size_t seen = 0, allowed = s->n / (28 * (s->m > 1 ? s->m : DAY));
    for (size_t t = s->from + w; t + 2 * w <= at; t++)
        if (jump[t] / jump[at] >= 0.7) {
            seen++;
            t += 2 * w;
        }
    return seen > allowed;
}

/* The largest jump at [from, to), when it stands out. */
static void consider_at(const struct view *s, const double *jump, size_t w, size_t from, size_t to,
                        double beyond, struct candidates *all, double *v)
{
    size_t at = from;
    for (size_t t = from; t < to; t++)
        if (fabs(jump[t]) > fabs(jump[at]))
            at = t;
    if (from >= to || !(fabs(jump[at]) >= s->least) || jump[at] == 0)
        return;
    double young = w > 1 && w < DAY / 2 + 2 ? (double)LL_SHIFT_NEWEST / (double)(s->n - at) : 0;
    double wanted = beyond * (1 + young);
    if (common(s, jump, w, at, fabs(jump[at]) / wanted) || habit(s, jump, w, at))
        return;
    double usual = usual_jump(s, jump, w, at, v);
    double strength = usual > 0 ? fabs(jump[at]) / usual : INFINITY;
    LL_ASSERT(all->n < CANDIDATES_MAX);
    if (strength > wanted)
        all->v[all->n++] = (struct candidate){s, at, jump[at], strength};
}

/* The largest jump of the last two days, and of the days before: what happened last week must not
 * hide what happened today. */
static void consider(const struct view *s, const double *jump, size_t w, double beyond,
                     struct candidates *all, double *v)
{
    size_t oldest = s->n - LL_MIN(s->n, (size_t)LL_SHIFT_OLDEST);
    size_t from = LL_MAX(s->from + LL_MAX(w, (size_t)BEFORE_MIN), oldest);
    size_t to = s->n + 1 - LL_MIN(LL_MAX(w, (size_t)LL_SHIFT_NEWEST), s->n);
    size_t middle = LL_MAX(from, s->n - LL_MIN(s->n, (size_t)2 * DAY));
    consider_at(s, jump, w, from, LL_MIN(middle, to), beyond, all, v);
    consider_at(s, jump, w, middle, to, beyond, all, v);
}

static void consider_medians(const struct view *s, struct candidates *all)
{
    size_t n = s->n;
    double *narrow = s->scratch, *wide = narrow + n, *jump = narrow + 2 * n, *v = narrow + 3 * n;
    medians(s->r, n, 1, narrow);
    medians(narrow, n - 4, 2, wide);
    for (size_t t = s->from + 5; t + 5 <= n; t++)
        jump[t] = narrow[t] - narrow[t - 5];
    consider(s, jump, 5, beyond_5, all, v);
    for (size_t t = s->from + 13; t + 13 <= n; t++)
        jump[t] = wide[t] - wide[t - 13];
    consider(s, jump, 13, beyond_13, all, v);
}

/* How far residuals usually are from zero at each phase of a day, in the oldest seventeen of them:
 * none much surer than the rest. */
static size_t scales(const struct view *s, double *scale, double *v)
{
    size_t m = s->m >= 2 && s->m <= PHASES_MAX ? s->m : 1, n = LL_MIN(s->n - s->from, SCALED * m);
    double least = 0;
    for (size_t t = 0; t < n; t++)
        v[t] = fabs(s->r[s->from + t]);
    ll_phase_medians(v, n, m, scale, v + n);
    for (size_t q = 0; q < m; q++)
        least += scale[q] / (double)m / 3;
    for (size_t q = 0; q < m; q++)
        scale[q] = fmax(scale[q], fmax(least, DBL_MIN));
    return m;
}

/* Means over a day before and after, weighted by how sure each phase is, of residuals that count
 * no further than six times their usual distance. */
static void consider_days(const struct view *s, struct candidates *all)
{
    size_t n = s->n, w = s->m >= 12 && s->m <= PHASES_MAX ? s->m : DAY;
    double scale[PHASES_MAX], *sum = s->scratch, *weight = sum + n + 1, *jump = weight + n + 1;
    double *v = jump + n;
    size_t m = scales(s, scale, jump);
    sum[s->from] = weight[s->from] = 0;
    for (size_t t = s->from, q = 0; t < n; t++) {
        double unit = scale[0] / scale[q], limit = 6 * scale[q];
        sum[t + 1] = sum[t] + unit * unit * low(high(s->r[t], -limit), limit);
        weight[t + 1] = weight[t] + unit * unit;
        q = q + 1 == m ? 0 : q + 1;
    }
    for (size_t t = s->from + w; t + w <= n; t++)
        jump[t] = (sum[t + w] - sum[t]) / (weight[t + w] - weight[t]) -
                  (sum[t] - sum[t - w]) / (weight[t] - weight[t - w]);
    consider(s, jump, w, beyond_day, all, v);
}

/* From one step to the next: in a smooth series that is enough. */
static void consider_steps(const struct view *s, struct candidates *all)
{
    double *step = s->scratch, *v = step + s->n;
    for (size_t t = s->from + 1; t < s->n; t++)
        step[t] = s->r[t] - s->r[t - 1];
    consider(s, step, 1, beyond_step, all, v);
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

/* The level came at once: a good part of it between five residuals before and five after. */
static bool abrupt(const double *r, size_t n, size_t at, double size, double least, double *scratch)
{
    double before = median_of(r, at - NEAR, at, scratch);
    double jump = median_of(r, at, LL_MIN(at + NEAR, n), scratch) - before;
    return jump / size >= least;
}

/* It came at once, stayed, nearly all residuals lie on their own side of the middle, and they
 * scatter no more than before: the new level's size, or 0.  The old level must have been seen for
 * as long as the new one, and for two days. */
static double lasting(const double *r, size_t n, size_t at, const struct candidate *c,
                      double *scratch)
{
    size_t after = n - at, span = LL_MIN(LL_MAX(after, (size_t)2 * DAY), (size_t)BEFORE_MAX);
    if (at < span)
        return 0;
    size_t from = at - span, newest = n - LL_MAX(after / 3, (size_t)3);
    double old = median_of(r, from, at, scratch), new = median_of(r, at, n, scratch);
    double size = new - old, middle = old + size / 2;
    double now = (median_of(r, newest, n, scratch) - old) / size, jump = c->jump / size;
    bool sure = c->strength > strong;
    double side = sure ? side_strong : side_usual, part = sure ? part_strong : part_usual;
    double up = above(r, at, n, middle), was_up = above(r, from, at, middle);
    bool apart = size > 0 ? up >= side && was_up <= 1 - side : up <= 1 - side && was_up >= side;
    bool kept = now > 0.6 && now < 1.7 && jump > 0.5 && jump < 2.5;
    if (!apart || !kept || !abrupt(r, n, at, size, part, scratch))
        return 0;
    double was_spread = spread_of(r, from, at, old, scratch);
    return spread_of(r, at, n, new, scratch) <= 3 * was_spread + fabs(size) / 4 ? size : 0;
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

/* What is left of z when the median of the same phase in the five cycles before is taken off. */
static void against_cycles(const double *z, size_t n, size_t m, double *restrict out)
{
    for (size_t t = CYCLES * m; t < n; t++)
        out[t] =
            z[t] - median_of_5(z[t - m], z[t - 2 * m], z[t - 3 * m], z[t - 4 * m], z[t - 5 * m]);
}

static double judge(const struct candidate *c, size_t *at)
{
    const struct view *s = c->view;
    const double *r = s->r + s->from;
    size_t n = s->n - s->from, from = c->at - s->from, span = LL_MIN(from, (size_t)2 * BEFORE_MIN);
    double old = median_of(r, from - span, from, s->scratch);
    size_t t = refine(r, n, from, old, median_of(r, from, n, s->scratch) - old);
    *at = t + s->from;
    return t + LL_SHIFT_NEWEST > n ? 0 : lasting(r, n, t, c, s->scratch);
}

/* The strongest that lasts. */
static struct ll_shift choose(struct candidates *all, double least)
{
    for (size_t k = 0; k < all->n; k++) {
        struct candidate *best = all->v;
        for (size_t i = 1; i < all->n; i++)
            if (all->v[i].strength > best->strength)
                best = &all->v[i];
        size_t at;
        double size = judge(best, &at);
        if (fabs(size) >= least && size != 0)
            return (struct ll_shift){at, size};
        best->strength = 0;
    }
    return (struct ll_shift){0};
}

struct ll_shift ll_shift_find(const double *r, const double *z, size_t n, size_t m, double least,
                              bool once, double *scratch)
{
    double *local = scratch + 4 * n + 2;
    struct view profile = {r, 0, n, m, least, once, scratch}, cycles = profile;
    struct candidates all = {.n = 0};
    if (n < LEAST)
        return (struct ll_shift){0};
    consider_medians(&profile, &all);
    consider_days(&profile, &all);
    cycles.from = CYCLES * m;
    if (m > 1 && n >= 3 * cycles.from) {
        against_cycles(z, n, m, local);
        cycles.r = local;
        consider_medians(&cycles, &all);
        consider_days(&cycles, &all);
        consider_steps(&cycles, &all);
    }
    return choose(&all, least);
}
