#include "monitor/state.h"

#include <math.h>

void ll_state_mean_add(struct ll_slot_mean *m, struct ll_ring *ring, int64_t slot, double v)
{
    if (isnan(v) || (m->n > 0 && slot < m->slot))
        return;
    if (m->n > 0 && slot > m->slot) {
        ll_ring_set(ring, m->slot, m->sum / m->n);
        m->n = 0;
        m->sum = 0;
    }
    m->slot = slot;
    m->sum += v;
    m->n++;
}

double ll_state_mean_now(const struct ll_slot_mean *m)
{
    return m->n ? m->sum / m->n : NAN;
}

ll_dur ll_state_cadence(const struct ll_series_state *s, ll_dur interval)
{
    ll_dur a = s->gaps[0], b = s->gaps[1], c = s->gaps[2];
    if (c == 0) /* fewer than three gaps: the shortest is the safest guess */
        return LL_MAX(interval, b == 0 ? a : LL_MIN(a, b));
    ll_dur median = LL_MAX(LL_MIN(a, b), LL_MIN(LL_MAX(a, b), c));
    return LL_MAX(interval, median);
}

void ll_state_mark_standing(struct ll_series_state *const *s, size_t n)
{
    const struct ll_series_state *found = NULL;
    bool marked = false;
    for (size_t i = 0; i < n; i++) {
        bool own = s[i]->unit == ll_resource_unit(s[i]->key.type);
        marked |= s[i]->primary;
        if (s[i]->key.part.n == 0 || (own && !found))
            found = s[i];
    }
    for (size_t i = 0; i < n; i++)
        s[i]->stands =
            marked ? s[i]->primary : found && ll_slice_eq(s[i]->key.part, found->key.part);
}

static bool grows_steadily(enum ll_resource_type type)
{
    return type == LL_RESOURCE_DISK || type == LL_RESOURCE_MEMORY;
}

void ll_state_trend(struct ll_series_state *s, double *scratch)
{
    if (!s->hours.used || (s->trend_hour == s->hours.newest && s->trend.points > 0))
        return;
    double y[LL_STATE_HOURS];
    size_t first = LL_STATE_HOURS;
    for (size_t i = 0; i < LL_STATE_HOURS; i++) {
        y[i] = ll_ring_get(&s->hours, s->hours.newest - LL_STATE_HOURS + 1 + (int64_t)i);
        if (!isnan(y[i]) && first == LL_STATE_HOURS)
            first = i;
    }
    size_t span = LL_STATE_HOURS - first;
    size_t season = span >= 48 ? 24 : 0;
    s->trend_hour = s->hours.newest;
    if (season == 0 && !(grows_steadily(s->key.type) && span >= 6)) {
        s->trend = (struct ll_trend){.slope = NAN, .points = span};
        return;
    }
    s->trend = ll_trend_fit(y + first, span, season, scratch);
}
