/* What is usual at this hour of the week, and how high the level is now: medians throughout, so
 * that spikes do not count.
 *
 *     level of a day   = median of its values
 *     level expected   = weighted median of the same weekday's levels
 *                        + 0.7 x weighted median of how days differ from those a week before
 *     value expected   = level + weighted median of (value - level of its day) at that hour */
#include <math.h>

#include "forecast/combine.h"
#include "forecast/model_list.h"
#include "stats/quantile.h"

enum { DAYS_MAX = 28, WEEKS_MAX = 4, LEVEL_DAYS = 7 };

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

struct days { /* whole days before the origin, the newest first */
    const double *end;
    size_t n, m, week; /* how many; steps in one; days in a week, 0 = no week */
    double level[DAYS_MAX];
};

static void levels_of(struct days *d, double *scratch)
{
    for (size_t k = 0; k < d->n; k++) {
        const double *day = d->end - (k + 1) * d->m;
        for (size_t i = 0; i < d->m; i++)
            scratch[i] = day[i];
        d->level[k] = ll_quantile_median(scratch, d->m);
    }
}

/* Day `ahead` (0 = the first after the origin) is of the kind of day back, counted likewise. */
static bool same_kind(const struct days *d, size_t back, size_t ahead)
{
    return d->week == 0 || back % d->week == d->week - 1 - ahead % d->week;
}

static double level_now(const struct days *d)
{
    double v[LEVEL_DAYS], w[LEVEL_DAYS], weight = 1;
    size_t n = LL_MIN(d->n, (size_t)LEVEL_DAYS);
    for (size_t k = 0; k < n; k++, weight *= 0.6) {
        v[k] = d->level[k];
        w[k] = weight;
    }
    return ll_median_weighted(v, w, n);
}

static double level_of(const struct days *d, size_t ahead)
{
    if (d->week == 0 || d->n < 2 * d->week)
        return level_now(d);
    double v[DAYS_MAX], w[DAYS_MAX], weight = 1;
    size_t n = 0;
    for (size_t k = d->week - 1 - ahead % d->week; k < d->n && n < WEEKS_MAX; k += d->week) {
        v[n] = d->level[k];
        w[n++] = weight;
        weight *= 0.7;
    }
    double same = ll_median_weighted(v, w, n);
    weight = 1;
    for (size_t k = 0; k < d->week; k++, weight *= 0.7) {
        v[k] = d->level[k] - (k + d->week < d->n ? d->level[k + d->week] : d->level[k]);
        w[k] = weight;
    }
    return same + 0.7 * ll_median_weighted(v, w, d->week);
}

static void predict(const struct days *d, size_t h, double *out)
{
    double v[DAYS_MAX], w[DAYS_MAX], level = 0;
    for (size_t i = 0; i < h; i++) {
        size_t ahead = i / d->m, hour = i % d->m;
        if (hour == 0)
            level = level_of(d, ahead);
        double weight = 1;
        for (size_t k = 0; k < d->n; k++, weight *= 0.93) {
            v[k] = *(d->end - (k + 1) * d->m + hour) - d->level[k];
            w[k] = same_kind(d, k, ahead) ? weight : 0.12 * weight;
        }
        out[i] = level + ll_median_weighted(v, w, d->n);
    }
}

static void run(const struct ll_fit *f, double *out)
{
    const struct ll_cycles c = ll_cycles_of(f, f->n_fit, 1);
    struct ll_room room = ll_room_of(f);
    double *scratch = ll_room_take(&room, c.m1);
    size_t week = c.m2 % c.m1 == 0 ? c.m2 / c.m1 : 0;
    for (size_t k = 0; k < f->n_origins; k++) {
        struct days d = {.end = f->y + f->origin[k],
                         .n = LL_MIN(f->origin[k] / c.m1, (size_t)DAYS_MAX),
                         .m = c.m1,
                         .week = week <= DAYS_MAX ? week : 0};
        levels_of(&d, scratch);
        predict(&d, f->h, out + k * f->h);
    }
}

const struct ll_model ll_model_robust_profile = {
    .name = "robust-profile",
    .title = "the usual value of the hour, at the level of now",
    .flags = LL_MODEL_MEMBER,
    .min_n = min_n,
    .run = run,
    .source = "weighted medians: Edgeworth 1888; profiles by hour of the week",
};
