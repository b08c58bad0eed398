/* Shrinkage towards a pooled prior: Efron & Morris (1977).  Ratios within three robust standard
 * deviations: Huber (1964), 1.4826 MAD estimating the standard deviation of a normal. */
#include "forecast/effects.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"

enum {
    KEPT = 24,        /* the newest occurrences of a class that count */
    WEEKDAYS = 7,     /* rings of regular days: one a weekday, or only the first */
    REGULAR_MAX = 10, /* regular days before a day on a SESSION grid */
    REGULAR_MIN = 3,
    WEEKLY_MAX = 4, /* the same on others: of its weekday */
    WEEKLY_MIN = 2,
    EVENT_MIN = 2, /* occurrences before an event by name counts */
};
static const double prior_days = 1;    /* the least of k */
static const double log_most = 4.6;    /* no day is more than a hundred times another */
static const double usual_noise = 0.3; /* of a series without regular days to tell */
static const double held_sd = 1;       /* robust standard deviations */
static const double decay = 0.6;       /* weight of a regular day over that of the next newer one */
static const double common_slots = 0.8; /* of the day, for a regular day to be compared */

struct day { /* steps from..to - 1 */
    size_t from, to;
};

struct ring { /* the newest regular days */
    struct day v[REGULAR_MAX];
    size_t n; /* ever put */
};

struct ratios { /* logarithms, the newest KEPT */
    double v[KEPT];
    size_t n; /* ever put */
};

struct learning {
    const struct ll_grid *g;
    struct ring regular[WEEKDAYS];
    struct ratios of[LL_GRID_CLASSES + LL_GRID_EVENTS_MAX], half[12];
};

void ll_effects_none(struct ll_effects *e)
{
    *e = (struct ll_effects){.n_events = 0};
    for (size_t k = 0; k < LL_LEN(e->of); k++)
        e->of[k] = (struct ll_effect){.factor = 1, .own = NAN, .spread = NAN};
    for (size_t m = 0; m < LL_LEN(e->half); m++)
        e->half[m] = e->of[0];
}

/* Total of a day over that of another, over the steps that both have; NaN when they are few. */
static double compare(const double *y, struct day a, struct day b)
{
    double of_a = 0, of_b = 0;
    size_t common = 0, had = 0;
    for (size_t i = 0; i < a.to - a.from; i++) {
        had += isfinite(y[a.from + i]) != 0;
        if (i >= b.to - b.from || !isfinite(y[a.from + i]) || !isfinite(y[b.from + i]))
            continue;
        of_a += y[a.from + i];
        of_b += y[b.from + i];
        common++;
    }
    bool enough = common > 0 && (double)common >= common_slots * (double)had;
    return enough && of_a > 0 && of_b > 0 ? of_a / of_b : (double)NAN;
}

static struct ring *ring_of(struct learning *l, struct day d)
{
    return &l->regular[l->g->kind == LL_GRID_SESSION ? 0 : l->g->day[d.from] % WEEKDAYS];
}

/* The month of a day, 0 to 11; -1 when it has no time. */
static int month_of(const struct ll_grid *g, struct day d)
{
    for (size_t i = d.from; i < d.to; i++)
        if (g->t[i] != LL_TIME_NONE)
            return ll_time_civil(g->t[i]).month - 1;
    return -1;
}

static void keep(struct ratios *x, double ratio)
{
    ratio = fmin(fmax(ratio, -log_most), log_most);
    x->v[x->n++ % KEPT] = ratio;
}

/* Log ratio of a day to the regular days before it; NaN when there are too few. */
static double ratio_of(struct learning *l, struct day d)
{
    bool session = l->g->kind == LL_GRID_SESSION;
    size_t most = session ? REGULAR_MAX : WEEKLY_MAX, least = session ? REGULAR_MIN : WEEKLY_MIN;
    const struct ring *r = ring_of(l, d);
    double sum = 0, weights = 0, weight = 1;
    size_t n = 0;
    for (size_t i = r->n; i-- > 0 && r->n - i <= most; weight *= session ? decay : 1) {
        double ratio = compare(l->g->y, d, r->v[i % REGULAR_MAX]);
        if (!isfinite(ratio))
            continue;
        sum += weight * log(ratio);
        weights += weight;
        n++;
    }
    return n < least ? (double)NAN : sum / weights;
}

static void put_ratio(struct learning *l, struct day d)
{
    size_t class = l->g->day_class[d.from];
    double ratio = ratio_of(l, d);
    if (!isfinite(ratio))
        return;
    keep(&l->of[class], ratio);
    int month = class == LL_GRID_CLASS_HALF ? month_of(l->g, d) : -1;
    if (month >= 0)
        keep(&l->half[month], ratio);
}

static void put_day(struct learning *l, struct day d)
{
    put_ratio(l, d); /* of regular days, too: their noise */
    if (l->g->day_class[d.from] != LL_GRID_CLASS_REGULAR)
        return;
    struct ring *r = ring_of(l, d);
    r->v[r->n++ % REGULAR_MAX] = d;
}

/* Whole days only: a series may begin and end in one. */
static void walk(struct learning *l)
{
    const struct ll_grid *g = l->g;
    size_t from = 0;
    while (from < g->n && g->day[from] == g->day[0])
        from++;
    for (size_t to = from; from < g->n; from = to) {
        while (to < g->n + g->h && g->day[to] == g->day[from])
            to++;
        if (to > g->n)
            return;
        put_day(l, (struct day){from, to});
    }
}

/* Mean of the ratios kept, each held near the median. */
static double held_mean(const struct ratios *x, size_t n)
{
    double v[KEPT], sum = 0;
    memcpy(v, x->v, n * sizeof(*v));
    double median = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(x->v[i] - median);
    double most = n < 3 ? INFINITY : held_sd * 1.4826 * ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        sum += fmin(fmax(x->v[i], median - most), median + most);
    return sum / (double)n;
}

static double spread_of(const struct ratios *x, size_t n)
{
    double mean = 0, sum = 0;
    if (n < 2)
        return NAN;
    for (size_t i = 0; i < n; i++)
        mean += x->v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (x->v[i] - mean) * (x->v[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

/* Robust standard deviation of the log ratios of regular days. */
static double noise_of(const struct ratios *x)
{
    double v[KEPT];
    size_t n = LL_MIN(x->n, (size_t)KEPT);
    if (n < REGULAR_MIN)
        return usual_noise;
    memcpy(v, x->v, n * sizeof(*v));
    double median = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(x->v[i] - median);
    return 1.4826 * ll_quantile_median(v, n);
}

/* What is large against the noise of a day needs few occurrences, what is not needs many. */
static double shrunk(double own, double n, double prior, double noise)
{
    double d = own - prior, k = prior_days + noise * noise / fmax(d * d, 1e-12);
    return prior + d * n / (n + k);
}

/* before: the logarithm to shrink to, which `pooled` occurrences stand behind. */
static void conclude(const struct ratios *x, double noise, double before, size_t pooled,
                     size_t least, struct ll_effect *out)
{
    size_t kept = LL_MIN(x->n, (size_t)KEPT);
    *out = (struct ll_effect){
        .factor = exp(before), .own = NAN, .n = x->n, .pooled = pooled, .spread = NAN};
    if (kept == 0)
        return;
    double own = held_mean(x, kept);
    out->own = exp(own);
    out->spread = spread_of(x, kept);
    if (x->n >= least)
        out->factor = exp(shrunk(own, (double)kept, before, noise));
}

/* Which class an event has there; 0: none. */
static size_t event_of(const struct ll_effects *e, const struct ll_grid_event *name)
{
    for (size_t i = 0; i < e->n_events; i++)
        if (strcmp(e->event[i].name, name->name) == 0)
            return LL_GRID_CLASSES + i;
    return 0;
}

/* Of other series counts how a month's half days differ from all half days, not how deep they are.
 */
static void learn_half_days(const struct ratios month[12], const struct ll_effects *prior,
                            struct ll_effects *out)
{
    for (size_t m = 0; m < LL_LEN(out->half); m++) {
        double before = log(out->of[LL_GRID_CLASS_HALF].factor);
        const struct ll_effect *p = prior && prior->half[m].n ? &prior->half[m] : NULL;
        if (p)
            before += shrunk(log(p->own / prior->of[LL_GRID_CLASS_HALF].own), (double)p->n, 0,
                             out->noise);
        conclude(&month[m], out->noise, before, p ? p->n : 0, 1, &out->half[m]);
    }
}

void ll_effects_learn(const struct ll_grid *g, const struct ll_effects *prior,
                      struct ll_effects *out)
{
    struct learning l = {.g = g};
    ll_effects_none(out);
    out->n_events = g->n_events;
    for (size_t i = 0; i < g->n_events; i++)
        out->event[i] = g->event[i];
    if (g->n + g->h == 0)
        return;
    walk(&l);
    out->noise = noise_of(&l.of[LL_GRID_CLASS_REGULAR]);
    for (size_t k = 1; k < LL_GRID_CLASSES + g->n_events; k++) {
        size_t there = k;
        if (k >= LL_GRID_CLASSES)
            there = prior ? event_of(prior, &out->event[k - LL_GRID_CLASSES]) : 0;
        const struct ll_effect *p = prior && there ? &prior->of[there] : NULL;
        conclude(&l.of[k], out->noise, p ? log(p->factor) : 0, p ? p->n : 0,
                 k >= LL_GRID_CLASSES ? EVENT_MIN : 1, &out->of[k]);
    }
    learn_half_days(l.half, prior, out);
}

static void pool_one(struct ll_effect *pool, const struct ll_effect *own, double noise)
{
    double had = (double)pool->n, more = (double)own->n;
    double sum = (had > 0 ? had * log(pool->own) : 0) + more * log(own->own);
    pool->n += own->n;
    pool->own = exp(sum / (had + more));
    pool->factor = exp(shrunk(sum / (had + more), had + more, 0, noise));
}

void ll_effects_pool(struct ll_effects *pool, const struct ll_effects *own)
{
    pool->noise = fmax(pool->noise, own->noise);
    for (size_t k = 1; k < LL_GRID_CLASSES + own->n_events; k++) {
        bool by_name = k >= LL_GRID_CLASSES;
        size_t there = k;
        if (isnan(own->of[k].own) || own->of[k].n < (by_name ? EVENT_MIN : 1))
            continue;
        if (by_name) {
            const struct ll_grid_event *name = &own->event[k - LL_GRID_CLASSES];
            there = event_of(pool, name);
            if (!there && pool->n_events < LL_GRID_EVENTS_MAX) {
                pool->event[pool->n_events] = *name;
                there = LL_GRID_CLASSES + pool->n_events++;
            }
        }
        if (there)
            pool_one(&pool->of[there], &own->of[k], pool->noise);
    }
    for (size_t m = 0; m < LL_LEN(pool->half); m++)
        if (own->half[m].n)
            pool_one(&pool->half[m], &own->half[m], pool->noise);
}

static double factor_of(const struct ll_effects *e, const struct ll_grid *g, size_t step)
{
    int month =
        g->day_class[step] == LL_GRID_CLASS_HALF ? month_of(g, (struct day){step, step + 1}) : -1;
    return month < 0 ? e->of[g->day_class[step]].factor : e->half[month].factor;
}

void ll_effects_apply(const struct ll_effects *e, const struct ll_grid *g, size_t from, size_t to,
                      int sign, double *y)
{
    for (size_t i = from; i < to; i++) {
        double factor = factor_of(e, g, i);
        y[i - from] = sign < 0 ? y[i - from] / factor : y[i - from] * factor;
    }
}
