/* What is remembered between decisions, and what of it outlives a clock that stepped. */
#include "scaling/state.h"

#include <math.h>
#include <string.h>

#include "scaling/stages.h"

/* The longest that each span can be: what ends later was written by another clock. */
static const ll_dur COOLDOWN_MAX = LL_DAY, CONTESTED_MAX = LL_HOUR, BREAKER_MAX = LL_HOUR;

enum { FAILURES_MAX = 3, LEADS_MIN = 3 };

bool ll_pause_state_holds(const struct ll_pause_state *p, bool out, ll_time now)
{
    if (p->what == LL_PAUSE_NONE || (p->until != LL_TIME_NONE && now >= p->until))
        return false;
    return p->what == LL_PAUSE_BOTH || (p->what == LL_PAUSE_OUT) == out;
}

void ll_scaling_state_init(struct ll_scaling_state *s)
{
    memset(s, 0, sizeof(*s));
    ll_time *const none[] = {
        &s->seen_since,    &s->cooldown_out, &s->cooldown_in, &s->data_lost,  &s->last_demand_t,
        &s->implausible_t, &s->contested,    &s->breaker,     &s->idle_since, &s->widened,
        &s->manual.until,  &s->pause.until,  &s->freeze.until};
    for (size_t i = 0; i < LL_LEN(none); i++)
        *none[i] = LL_TIME_NONE;
    s->expected = -1;
    s->last_demand = NAN;
}

static void not_after(ll_time *t, ll_time limit)
{
    if (*t != LL_TIME_NONE && *t > limit)
        *t = limit;
}

void ll_scaling_state_clamp(struct ll_scaling_state *s, ll_time now)
{
    for (size_t i = 0; i < s->n_answers; i++)
        not_after(&s->answers[i].t, now);
    for (size_t i = 0; i < s->n_changes; i++)
        not_after(&s->changes[i].t, now);
    not_after(&s->seen_since, now);
    not_after(&s->data_lost, now);
    not_after(&s->last_demand_t, now);
    not_after(&s->implausible_t, now);
    not_after(&s->idle_since, now);
    not_after(&s->cooldown_out, now + COOLDOWN_MAX);
    not_after(&s->cooldown_in, now + COOLDOWN_MAX);
    not_after(&s->contested, now + CONTESTED_MAX);
    not_after(&s->breaker, now + BREAKER_MAX);
    not_after(&s->widened, now + LL_SCALING_WIDENED);
}

static void move(ll_time *t, ll_dur by)
{
    if (*t != LL_TIME_NONE)
        *t += by;
}

void ll_scaling_state_step(struct ll_scaling_state *s, ll_dur by)
{
    for (size_t i = 0; i < s->n_answers; i++)
        move(&s->answers[i].t, by);
    for (size_t i = 0; i < s->n_changes; i++)
        move(&s->changes[i].t, by);
    ll_time *const spans[] = {&s->seen_since,    &s->cooldown_out,  &s->cooldown_in, &s->data_lost,
                              &s->last_demand_t, &s->implausible_t, &s->contested,   &s->breaker,
                              &s->idle_since,    &s->widened};
    for (size_t i = 0; i < LL_LEN(spans); i++)
        move(spans[i], by);
}

/* Of too many the two oldest become one: the sum stays, and stays as long as the later one. */
void ll_scaling_state_change(struct ll_scaling_state *s, int64_t from, int64_t to, bool foreign,
                             ll_time now)
{
    if (s->n_changes == LL_STATE_CHANGES) {
        s->changes[1].from = s->changes[0].from;
        s->n_changes--;
        memmove(s->changes, s->changes + 1, s->n_changes * sizeof(s->changes[0]));
    }
    s->changes[s->n_changes++] =
        (struct ll_change){.t = now, .from = from, .to = to, .foreign = foreign};
}

void ll_scaling_note_applied(struct ll_scaling_state *s, int64_t from, int64_t to, ll_time now)
{
    ll_scaling_state_clamp(s, now);
    if (from != to)
        ll_scaling_state_change(s, from, to, false, now);
    s->expected = to;
    s->scaled_to_zero = to == 0;
    s->warming = true;
    s->failures = 0;
    s->breaker = LL_TIME_NONE;
    s->contested = LL_TIME_NONE;
}

/* From the third in a row the target is left alone, twice as long each time. */
void ll_scaling_note_failed(struct ll_scaling_state *s, ll_time now)
{
    if (s->failures < 100)
        s->failures++;
    if (s->failures < FAILURES_MAX)
        return;
    const unsigned times = LL_MIN(s->failures - FAILURES_MAX, 4u);
    s->breaker = now + LL_MIN(5 * LL_MINUTE << times, BREAKER_MAX);
}

/* Welford's mean and variance over the last 50 or so. */
static void learn(struct ll_scaling_state *s, double lead)
{
    const double n = s->lead_n < 50 ? ++s->lead_n : 50;
    const double delta = lead - s->lead_s;
    s->lead_s += delta / n;
    s->lead_var = n > 1 ? s->lead_var + (delta * (lead - s->lead_s) - s->lead_var) / n : 0;
}

void ll_scaling_note_ready(struct ll_scaling_state *s, bool seen, ll_dur cooldown_out,
                           ll_dur cooldown_in, ll_time now)
{
    const struct ll_change *last = s->n_changes ? &s->changes[s->n_changes - 1] : NULL;
    s->warming = false;
    if (seen && last && !last->foreign && last->to > last->from && now >= last->t &&
        now - last->t < LL_DAY)
        learn(s, (double)(now - last->t) / LL_SECOND);
    if (cooldown_out > 0)
        s->cooldown_out = LL_MAX(s->cooldown_out, now + LL_MIN(cooldown_out, COOLDOWN_MAX));
    if (cooldown_in > 0)
        s->cooldown_in = LL_MAX(s->cooldown_in, now + LL_MIN(cooldown_in, COOLDOWN_MAX));
}

/* 1.645: the normal quantile. */
ll_dur ll_scaling_lead(const struct ll_scaling_state *s, ll_dur declared)
{
    if (s->lead_n < LEADS_MIN)
        return declared;
    return (ll_dur)ceil((s->lead_s + 1.645 * sqrt(LL_MAX(s->lead_var, 0))) * LL_SECOND);
}
