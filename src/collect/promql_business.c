/* Business metrics: counts of whole intervals, each asked for once its end is past. */
#include <math.h>
#include <string.h>

#include "collect/promql_poll.h"

enum { SERIES_MAX = 1000, BEHIND_MAX = 10, SET_BYTES = 8 << 20 };

/* So long after the end of an interval its last values have come. */
static ll_dur patience(ll_dur interval)
{
    return LL_MIN(10 * LL_SECOND, interval / 2);
}

static struct ll_slice fixed_or_label(const char *fixed, struct ll_slice labels,
                                      struct ll_slice name)
{
    return fixed ? ll_slice_of(fixed) : ll_labels_get(labels, name);
}

/* Series that differ only in other labels are counted together. */
static struct ll_business *same(struct ll_promql_poll *p, size_t from, const struct ll_business *b)
{
    for (size_t i = from; i < p->counts.n; i++)
        if (ll_slice_eq(p->counts.v[i].service, b->service) &&
            ll_slice_eq(p->counts.v[i].venue, b->venue))
            return &p->counts.v[i];
    return NULL;
}

static bool copy_into(struct ll_promql_poll *p, struct ll_slice *text)
{
    const char *copy = ll_arena_copy(p->set->arena, text->s, text->n);
    if (copy)
        text->s = copy;
    return copy != NULL;
}

static bool add(struct ll_promql_poll *p, const struct ll_promql_business *o, size_t from,
                const struct ll_labeled_series *series, ll_time at)
{
    struct ll_business b = {.metric = ll_slice_of(o->metric),
                            .service =
                                fixed_or_label(o->service, series->labels, LL_SLICE("service")),
                            .venue = fixed_or_label(o->venue, series->labels, LL_SLICE("venue")),
                            .t = at,
                            .value = ll_labeled_value(series->points[0].bits)};
    if (!isfinite(b.value) || b.service.n > LL_NAME_MAX || b.venue.n > LL_NAME_MAX)
        return true;
    struct ll_business *other = same(p, from, &b);
    if (other) {
        other->value += b.value;
        return true;
    }
    return copy_into(p, &b.service) && copy_into(p, &b.venue) &&
           ll_promql_counts_push(&p->counts, b);
}

static bool count_one(struct ll_promql_poll *p, const struct ll_promql_business *o, ll_time at)
{
    LL_AUTO(ll_labeled_set) set = ll_labeled_set_new(16, SET_BYTES);
    struct ll_promql_read_opts opts = {.kind = LL_LABELED_GAUGE, .max_series = SERIES_MAX};
    struct ll_err full = {.code = LL_E_MEMORY, .text = "no memory for its counts"};
    const size_t before = p->counts.n;
    if (!set || !ll_promql_query(p, ll_slice_of(o->metric), ll_slice_of(o->query), at, &opts, set))
        return false;
    for (size_t i = 0; i < set->n; i++)
        if (!add(p, o, before, &set->v[i], at)) {
            p->counts.n = before;
            ll_promql_failed(p, ll_slice_of(o->metric), &full);
            return false;
        }
    return true;
}

void ll_promql_count(struct ll_promql_poll *p)
{
    struct ll_promql_source *s = p->s;
    for (size_t i = 0; i < s->o.n_business; i++) {
        const struct ll_promql_business *o = &s->business[i];
        ll_time until = ll_time_floor(p->t - patience(o->interval), o->interval);
        ll_time first = until - (BEHIND_MAX - 1) * o->interval;
        ll_time at = s->counted[i] == LL_TIME_NONE ? until : s->counted[i] + o->interval;
        for (at = LL_MAX(at, first); at <= until && !p->end; at += o->interval) {
            if (!count_one(p, o, at))
                break;
            s->counted[i] = at;
        }
    }
}
