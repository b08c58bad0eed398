#include <math.h>

#include "scaling/hpa_control.h"

int32_t ll_hpa_changed(const struct ll_hpa_events *e, ll_dur period, ll_time now)
{
    int32_t sum = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (e->v[i].t > now - period)
            sum += e->v[i].change;
    }
    return sum;
}

static int32_t policy_limit(bool up, int32_t start, const struct ll_rate_policy *p)
{
    if (p->kind == LL_RATE_UNITS)
        return up ? start + p->value : start - p->value;
    const double share = (double)p->value / 100;
    /* Up is rounded up: else a single instance would never become two. */
    const double v = up ? ceil((double)start * (1 + share)) : trunc((double)start * (1 - share));
    return v >= INT32_MAX ? INT32_MAX : v <= INT32_MIN ? INT32_MIN : (int32_t)v;
}

int32_t ll_hpa_rate_limit(bool up, int32_t current, const struct ll_hpa_events *ups,
                          const struct ll_hpa_events *downs, const struct ll_rates *rates,
                          ll_time now)
{
    if (rates->select == LL_RATE_DISABLED)
        return current;
    /* The smallest change is the lowest limit upwards and the highest downwards. */
    const bool lowest = (rates->select == LL_RATE_MIN) == up;
    int32_t limit = lowest ? INT32_MAX : INT32_MIN;
    for (size_t i = 0; i < rates->n; i++) {
        const struct ll_rate_policy *p = &rates->policy[i];
        const int32_t start =
            current - ll_hpa_changed(ups, p->period, now) + ll_hpa_changed(downs, p->period, now);
        const int32_t one = policy_limit(up, start, p);
        limit = lowest ? LL_MIN(limit, one) : LL_MAX(limit, one);
    }
    return limit;
}

static ll_dur longest_period(const struct ll_rates *rates)
{
    ll_dur longest = 0;
    for (size_t i = 0; i < rates->n; i++)
        longest = LL_MAX(longest, rates->policy[i].period);
    return longest;
}

void ll_hpa_note_event(struct ll_hpa_events *e, const struct ll_rates *rates, int32_t change,
                       ll_time now)
{
    const ll_time cutoff = now - longest_period(rates);
    size_t at = e->n < LL_HPA_LOG_MAX ? e->n : 0;
    for (size_t i = 0; i < e->n; i++) {
        e->v[i].outdated |= e->v[i].t < cutoff;
        if (e->v[i].outdated)
            at = i;
    }
    e->v[at] = (struct ll_hpa_event){.t = now, .change = change};
    e->n = LL_MAX(e->n, at + 1);
}

static int32_t up_within(int32_t current, int32_t proposed, int32_t max, int32_t limit,
                         enum ll_hpa_reason *why)
{
    limit = LL_MAX(limit, current); /* what was added is not taken back */
    const int32_t most = LL_MIN(max, limit);
    if (proposed <= most)
        return proposed;
    *why = max > limit ? LL_HPA_REASON_UP_LIMIT : LL_HPA_REASON_TOO_MANY;
    return most;
}

static int32_t down_within(int32_t current, int32_t proposed, int32_t min, int32_t limit,
                           enum ll_hpa_reason *why)
{
    limit = LL_MIN(limit, current);
    const int32_t least = LL_MAX(min, limit);
    if (proposed >= least)
        return proposed;
    *why = min < limit ? LL_HPA_REASON_DOWN_LIMIT : LL_HPA_REASON_TOO_FEW;
    return least;
}

int32_t ll_hpa_within_rates(int32_t current, int32_t proposed, int32_t min, int32_t max,
                            const struct ll_hpa_behavior *b, const struct ll_hpa_state *s,
                            ll_time now, enum ll_hpa_reason *why)
{
    *why = LL_HPA_REASON_WITHIN_RANGE;
    if (proposed == current)
        return current;
    const bool up = proposed > current;
    const int32_t limit =
        ll_hpa_rate_limit(up, current, &s->up, &s->down, up ? &b->up : &b->down, now);
    return up ? up_within(current, proposed, max, limit, why)
              : down_within(current, proposed, min, limit, why);
}

int32_t ll_hpa_within_burst(int32_t current, int32_t proposed, int32_t min, int32_t max,
                            double factor, double minimum, enum ll_hpa_reason *why)
{
    const double burst = LL_MAX(factor * (double)current, minimum);
    const int32_t limit = burst >= INT32_MAX ? INT32_MAX : (int32_t)burst;
    const int32_t most = LL_MIN(max, limit);
    *why = LL_HPA_REASON_WITHIN_RANGE;
    if (proposed < min) {
        *why = LL_HPA_REASON_TOO_FEW;
        return min;
    }
    if (proposed > most) {
        *why = max > limit ? LL_HPA_REASON_UP_LIMIT : LL_HPA_REASON_TOO_MANY;
        return most;
    }
    return proposed;
}
