/* What is usual at this hour of the week, and how high the level is now: medians throughout, so
 * that spikes do not count.
 *
 *     level of a day   = median of its values
 *     level expected   = weighted median of the same weekday's levels
 *                        + 0.7 x weighted median of how days differ from those a week before
 *     value expected   = level + weighted median of (value - level of its day) at that hour */
#include <string.h>

#include "forecast/combine.h"
#include "forecast/model_list.h"
#include "stats/quantile.h"

enum { DAYS = 28, WEEKS = 4, LEVEL_DAYS = 7, DAYS_MAX = DAYS + 4 * LL_ORIGINS_MAX };

static const double fade = 0.93,
                    other_kind = 0.12; /* of a day's weight: by age, and other weekdays */

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

/* Whole days before `end`, the newest first; origins that are whole days apart share them. */
struct days {
    const double *end;
    size_t n, m, week; /* how many; steps in one; days in a week, 0 = no week */
    double level[DAYS_MAX];
};

/* As seen from an origin: its newest day is day `from`, and n of them count. */
struct view {
    const struct days *days;
    size_t from, n;
};

static void levels_of(struct days *d, double *scratch)
{
    for (size_t k = 0; k < d->n; k++) {
        memcpy(scratch, d->end - (k + 1) * d->m, d->m * sizeof(double));
        d->level[k] = ll_quantile_median(scratch, d->m);
    }
}

static double level_now(const struct view *o)
{
    double w[LEVEL_DAYS], weight = 1;
    size_t n = LL_MIN(o->n, (size_t)LEVEL_DAYS);
    for (size_t k = 0; k < n; k++) {
        w[k] = weight;
        weight *= 0.6;
    }
    return ll_combine_median(o->days->level + o->from, w, n);
}

/* Of the day `ahead` after the origin, 0 the first. */
static double level_of(const struct view *o, size_t ahead)
{
    const double *level = o->days->level + o->from;
    size_t week = o->days->week, n = 0;
    if (week == 0 || o->n < 2 * week)
        return level_now(o);
    double v[DAYS], w[DAYS], weight = 1;
    for (size_t k = week - 1 - ahead % week; k < o->n && n < WEEKS; k += week) {
        v[n] = level[k];
        w[n++] = weight;
        weight *= 0.7;
    }
    double same = ll_combine_median(v, w, n);
    weight = 1;
    for (size_t k = 0; k < week; k++) {
        v[k] = level[k] - (k + week < o->n ? level[k + week] : level[k]);
        w[k] = weight;
        weight *= 0.7;
    }
    return same + 0.7 * ll_combine_median(v, w, week);
}

/* The weight of day k back in what is expected of a day of one kind: days after an origin are of as
 * many kinds as a week has days. */
struct kind {
    double weight[DAYS];
    struct {
        double level, half; /* what is expected; half of the weights that count */
    } origin[LL_ORIGINS_MAX];
};

static void fill_kind(struct kind *kind, const struct view *view, size_t n, size_t ahead)
{
    size_t week = view->days->week;
    double w = 1;
    for (size_t k = 0; k < DAYS; k++) {
        bool same = week == 0 || k % week == week - 1 - ahead % week;
        kind->weight[k] = same ? w : other_kind * w;
        w *= fade;
    }
    for (size_t j = 0; j < n; j++) {
        kind->origin[j].level = level_of(&view[j], ahead);
        kind->origin[j].half = 0.5 * ll_kit_sum(kind->weight, view[j].n);
    }
}

struct hour { /* what each day had at one hour, above its level, in order */
    double v[DAYS_MAX];
    size_t day[DAYS_MAX];
};

static void sort_hour(const struct days *d, size_t hour, struct hour *s)
{
    for (size_t k = 0; k < d->n; k++) {
        double v = *(d->end - (k + 1) * d->m + hour) - d->level[k];
        size_t j = k;
        for (; j > 0 && s->v[j - 1] > v; j--) {
            s->v[j] = s->v[j - 1];
            s->day[j] = s->day[j - 1];
        }
        s->v[j] = v;
        s->day[j] = k;
    }
}

static double usual(const struct view *o, const struct hour *s, const double *weight, double half)
{
    double below = 0, v = 0;
    for (size_t j = 0; j < o->days->n && below < half; j++) {
        size_t day = s->day[j] - o->from; /* newer days wrap round */
        if (day < o->n) {
            below += weight[day];
            v = s->v[j];
        }
    }
    return v;
}

/* Origins from[0 .. n) of the same days: each hour is sorted once for all of them. */
static void predict(const struct days *d, const size_t *from, size_t n, size_t h, double *out)
{
    struct view view[LL_ORIGINS_MAX];
    struct kind kind[DAYS];
    size_t kinds = LL_MAX(d->week, (size_t)1);
    for (size_t k = 0; k < n; k++)
        view[k] = (struct view){d, from[k], LL_MIN(d->n - from[k], (size_t)DAYS)};
    for (size_t ahead = 0; ahead < kinds && ahead * d->m < h; ahead++)
        fill_kind(&kind[ahead], view, n, ahead);
    for (size_t hour = 0; hour < d->m && hour < h; hour++) {
        struct hour s;
        sort_hour(d, hour, &s);
        for (size_t i = hour, ahead = 0; i < h; i += d->m, ahead = (ahead + 1) % kinds)
            for (size_t k = 0; k < n; k++)
                out[k * h + i] =
                    kind[ahead].origin[k].level +
                    usual(&view[k], &s, kind[ahead].weight, kind[ahead].origin[k].half);
    }
}

static void run(const struct ll_fit *f, double *out)
{
    const struct ll_cycles c = ll_cycles_of(f, f->n_fit, 1);
    struct ll_room room = ll_room_of(f);
    double *scratch = ll_room_take(&room, c.m1);
    size_t week = c.m2 % c.m1 == 0 && c.m2 / c.m1 <= DAYS ? c.m2 / c.m1 : 0;
    for (size_t k = 0, n = 0; k < f->n_origins; k += n) {
        size_t from[LL_ORIGINS_MAX];
        for (n = 1; k + n < f->n_origins; n++) /* whole days apart, and few */
            if ((f->origin[k + n] - f->origin[k]) % c.m1 != 0 ||
                (f->origin[k + n] - f->origin[k]) / c.m1 > DAYS_MAX - DAYS)
                break;
        size_t end = f->origin[k + n - 1];
        for (size_t j = 0; j < n; j++)
            from[j] = (end - f->origin[k + j]) / c.m1;
        struct days d = {
            .end = f->y + end, .n = LL_MIN(end / c.m1, DAYS + from[0]), .m = c.m1, .week = week};
        levels_of(&d, scratch);
        predict(&d, from, n, f->h, out + k * f->h);
    }
}

const struct ll_model ll_model_robust_profile = {
    .name = "robust-profile",
    .title = "the usual value of the hour, at the level of now",
    .flags = LL_MODEL_MEMBER | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "weighted medians: Edgeworth 1888; profiles by hour of the week",
};
