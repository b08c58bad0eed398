/* Shrinkage towards a pooled prior: Efron & Morris (1977).  Ratios held near their median: Huber
 * (1964), 1.4826 MAD estimating the standard deviation of a normal. */
#include "forecast/effects.h"

#include <math.h>
#include <string.h>

#include "forecast/effects_private.h"
#include "stats/explog.h"
#include "stats/quantile.h"

enum {
    EVENT_MIN = 2, /* occurrences before an event by name counts */
    NOISE_MIN = 3  /* regular days that tell their noise */
};
static const double class_days = 2, event_days = 1; /* the least of k; events waited for a second */
static const double usual_noise = 0.3;              /* of a series without regular days to tell */
static const double held_sd = 1;                    /* robust standard deviations */

void ll_effects_none(struct ll_effects *e)
{
    *e = (struct ll_effects){.n_events = 0};
    for (size_t k = 0; k < LL_LEN(e->of); k++)
        e->of[k] = (struct ll_effect){.factor = 1, .own = NAN, .spread = NAN, .part = {1, 1, 1}};
    for (size_t m = 0; m < LL_LEN(e->half); m++)
        e->half[m] = e->of[0];
}

/* Median, and the robust standard deviation around it. */
static double middle_of(const struct ll_ratios *x, double *sd)
{
    double v[LL_RATIOS_KEPT];
    size_t n = ll_ratios_kept(x);
    memcpy(v, x->v, n * sizeof(*v));
    double median = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(x->v[i] - median);
    *sd = 1.4826 * ll_quantile_median(v, n);
    return median;
}

/* Mean of the ratios kept, each held near the median. */
static double held_mean(const struct ll_ratios *x)
{
    double sd, sum = 0, median = middle_of(x, &sd);
    size_t n = ll_ratios_kept(x);
    double most = n < 3 ? INFINITY : held_sd * sd;
    for (size_t i = 0; i < n; i++)
        sum += fmin(fmax(x->v[i], median - most), median + most);
    return sum / (double)n;
}

static double spread_of(const struct ll_ratios *x)
{
    double mean = 0, sum = 0;
    size_t n = ll_ratios_kept(x);
    if (n < 2)
        return NAN;
    for (size_t i = 0; i < n; i++)
        mean += x->v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (x->v[i] - mean) * (x->v[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

static double noise_of(const struct ll_ratios *x)
{
    double sd = usual_noise;
    if (x->n >= NOISE_MIN)
        middle_of(x, &sd);
    return sd;
}

/* What is large against the noise of a day needs few occurrences, what is not needs many. */
static double shrunk(double own, double n, double prior, double noise, double least_k)
{
    double d = own - prior, k = least_k + noise * noise / fmax(d * d, 1e-12);
    return prior + d * n / (n + k);
}

/* before: the logarithm to shrink to, which `pooled` occurrences stand behind. */
static void conclude(const struct ll_ratios *x, double noise, double before, size_t pooled,
                     size_t least, struct ll_effect *out)
{
    *out = (struct ll_effect){.factor = ll_explog_exp(before),
                              .own = NAN,
                              .n = x->n,
                              .pooled = pooled,
                              .spread = spread_of(x),
                              .part = {1, 1, 1}};
    if (x->n == 0)
        return;
    double own = held_mean(x);
    out->own = ll_explog_exp(own);
    if (x->n >= least)
        out->factor = ll_explog_exp(shrunk(own, (double)ll_ratios_kept(x), before, noise,
                                           least == EVENT_MIN ? event_days : class_days));
}

static void conclude_parts(const struct ll_effect_ratios *r, size_t class, size_t least,
                           const struct ll_effect *prior, struct ll_effect *out)
{
    for (size_t p = 0; p < LL_EFFECT_PARTS; p++) {
        const struct ll_ratios *x = &r->part[class][p];
        double before = prior ? ll_explog_log(prior->part[p]) : 0;
        double noise = noise_of(&r->part[LL_GRID_CLASS_REGULAR][p]);
        if (x->n >= least)
            before = shrunk(held_mean(x), (double)ll_ratios_kept(x), before, noise, class_days);
        out->part[p] = ll_explog_exp(before);
    }
}

/* Which class an event has there; 0: none. */
static size_t event_of(const struct ll_effects *e, const struct ll_grid_event *name)
{
    for (size_t i = 0; i < e->n_events; i++)
        if (strcmp(e->event[i].name, name->name) == 0)
            return LL_GRID_CLASSES + i;
    return 0;
}

static const struct ll_effect *prior_of(const struct ll_effects *prior, size_t class,
                                        const struct ll_effects *own)
{
    if (prior && class >= LL_GRID_CLASSES)
        class = event_of(prior, &own->event[class - LL_GRID_CLASSES]);
    return prior && class ? &prior->of[class] : NULL;
}

/* Of other series counts how a month's half days differ from all half days, not how deep they are.
 */
static void learn_half_days(const struct ll_ratios month[12], const struct ll_effects *prior,
                            struct ll_effects *out)
{
    for (size_t m = 0; m < LL_LEN(out->half); m++) {
        double before = ll_explog_log(out->of[LL_GRID_CLASS_HALF].factor);
        const struct ll_effect *p = prior && prior->half[m].n ? &prior->half[m] : NULL;
        if (p)
            before += shrunk(ll_explog_log(p->own / prior->of[LL_GRID_CLASS_HALF].own),
                             (double)p->n, 0, out->noise, class_days);
        conclude(&month[m], out->noise, before, p ? p->n : 0, 1, &out->half[m]);
    }
}

void ll_effects_learn(const struct ll_grid *g, const struct ll_effects *prior,
                      struct ll_effects *out)
{
    struct ll_effect_ratios r = {0};
    struct ll_effects mine;
    ll_effects_none(&mine);
    mine.n_events = g->n_events;
    for (size_t i = 0; i < g->n_events; i++)
        mine.event[i] = g->event[i];
    ll_effects_ratios(g, &r);
    mine.noise = noise_of(&r.of[LL_GRID_CLASS_REGULAR]);
    for (size_t k = 1; k < LL_GRID_CLASSES + g->n_events; k++) {
        const struct ll_effect *p = prior_of(prior, k, &mine);
        size_t least = k >= LL_GRID_CLASSES ? EVENT_MIN : 1;
        conclude(&r.of[k], mine.noise, p ? ll_explog_log(p->factor) : 0, p ? p->n : 0, least,
                 &mine.of[k]);
        if (k != LL_GRID_CLASS_HALF) /* its slots are where its hours are: no other shape */
            conclude_parts(&r, k, least, p, &mine.of[k]);
    }
    learn_half_days(r.half, prior, &mine);
    *out = mine;
}

static void pool_one(struct ll_effect *pool, const struct ll_effect *own, double noise)
{
    double had = (double)pool->n, more = (double)own->n, all = had + more;
    double mean =
        ((had > 0 ? had * ll_explog_log(pool->own) : 0) + more * ll_explog_log(own->own)) / all;
    pool->n += own->n;
    pool->own = ll_explog_exp(mean);
    pool->factor = ll_explog_exp(shrunk(mean, all, 0, noise, event_days));
    for (size_t p = 0; p < LL_EFFECT_PARTS; p++)
        pool->part[p] = ll_explog_exp(
            (had * ll_explog_log(pool->part[p]) + more * ll_explog_log(own->part[p])) / all);
}

/* The pool's class of an event, a new one when it has none; 0 when it is full. */
static size_t pooled_event(struct ll_effects *pool, const struct ll_grid_event *name)
{
    size_t class = event_of(pool, name);
    if (class || pool->n_events == LL_GRID_EVENTS_MAX)
        return class;
    pool->event[pool->n_events] = *name;
    return LL_GRID_CLASSES + pool->n_events++;
}

void ll_effects_pool(struct ll_effects *pool, const struct ll_effects *own)
{
    pool->noise = fmax(pool->noise, own->noise);
    for (size_t k = 1; k < LL_GRID_CLASSES + own->n_events; k++) {
        bool by_name = k >= LL_GRID_CLASSES;
        if (own->of[k].n < (by_name ? EVENT_MIN : 1))
            continue;
        size_t there = by_name ? pooled_event(pool, &own->event[k - LL_GRID_CLASSES]) : k;
        if (there)
            pool_one(&pool->of[there], &own->of[k], pool->noise);
    }
    for (size_t m = 0; m < LL_LEN(pool->half); m++)
        if (own->half[m].n)
            pool_one(&pool->half[m], &own->half[m], pool->noise);
}

static double factor_of(const struct ll_effects *e, const struct ll_grid *g, size_t step)
{
    size_t class = g->day_class[step];
    int month = class == LL_GRID_CLASS_HALF ? ll_effect_month(g, step, step + 1) : -1;
    const struct ll_effect *x = month < 0 ? &e->of[class] : &e->half[month];
    return x->factor * x->part[ll_effect_part_of(g, step)];
}

void ll_effects_apply(const struct ll_effects *e, const struct ll_grid *g, size_t from, size_t to,
                      int sign, double *y)
{
    for (size_t i = from; i < to; i++) {
        double factor = factor_of(e, g, i);
        y[i - from] = sign < 0 ? y[i - from] / factor : y[i - from] * factor;
    }
}
