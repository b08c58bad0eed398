/* What is seen: which observations are to be believed, and the state brought up to them.
 *
 * An observation is one of no data when it is missing, older than its limit, further ahead than
 * clocks differ, not a number, or of too few of the instances that should report (P7).  One that
 * fell by more than 90 % between two samples, and a target that lost half of its units, hold
 * scale-in for three intervals (P8). */
#include <math.h>

#include "scaling/stages.h"

static const ll_dur AHEAD_MAX = 10 * LL_MINUTE; /* what ingest accepts too */
static const double COVER_MIN = 0.8, DROP = 0.1;

enum { STALE_INTERVALS = 3 };

void ll_scaling_until(struct ll_scaling_work *w, ll_time t)
{
    if (t != LL_TIME_NONE && t > w->in->now)
        w->until = LL_MIN(w->until, t);
}

enum ll_mode ll_scaling_mode_of(const struct ll_scaling_work *w, size_t rule)
{
    return LL_MIN(w->in->rules[rule].rule->mode, w->in->ceiling);
}

/* Rules that may act are combined without those that only observe; where none may act, those of
 * the highest mode show what would be done. */
bool ll_scaling_counts(const struct ll_scaling_work *w, size_t rule)
{
    const enum ll_mode mode = ll_scaling_mode_of(w, rule);
    return !w->in->rules[rule].rule->input_only && (mode == w->level || mode >= LL_MODE_APPROVE);
}

ll_dur ll_scaling_stale_after(const struct ll_scaling_work *w, const struct ll_scaling_rule *r)
{
    return r->stale > 0 ? r->stale : LL_MAX(STALE_INTERVALS * w->in->interval, LL_MINUTE);
}

static bool countable(const struct ll_seen_sample *s)
{
    return s->value >= 0 && !isinf(s->value) && s->t >= LL_TIME_MIN && s->t <= LL_TIME_MAX;
}

/* Without instances there is no capacity either. */
static bool has_capacity(const struct ll_scaling_work *w, const struct ll_seen_sample *s)
{
    return (s->capacity > 0 && !isinf(s->capacity)) || w->current == 0;
}

static double utilization(const struct ll_seen_sample *s)
{
    return s->capacity > 0 ? s->value / s->capacity : s->value > 0 ? INFINITY : 0;
}

/* The value alone: a queue has no capacity. */
static enum ll_bound believe_value(const struct ll_scaling_work *w, const struct ll_rule_input *r,
                                   struct ll_scaling_load *l)
{
    const struct ll_observation *o = &r->seen;
    if (o->state == LL_SEEN_STALE)
        return LL_BOUND_STALE;
    if (o->state == LL_SEEN_MISSING || o->state == LL_SEEN_BROKEN || o->n_samples == 0 ||
        !countable(&o->samples[0]))
        return LL_BOUND_NO_DATA;
    const ll_dur age = w->in->now - o->samples[0].t;
    const bool old = age > ll_scaling_stale_after(w, r->rule) || age < -AHEAD_MAX;
    if (old) /* of too few there is no newer sum: that is what is wrong */
        return o->state == LL_SEEN_PARTIAL ? LL_BOUND_PARTIAL : LL_BOUND_STALE;
    l->value = o->samples[0].value;
    if (o->expected > o->instances)
        l->cover = (double)o->instances / (double)o->expected;
    return o->state == LL_SEEN_PARTIAL || l->cover < COVER_MIN ? LL_BOUND_PARTIAL : LL_BOUND_NONE;
}

static void believe(const struct ll_scaling_work *w, const struct ll_rule_input *r,
                    struct ll_scaling_load *l)
{
    l->why = l->why_value = believe_value(w, r, l);
    if (isnan(l->value))
        return;
    const struct ll_seen_sample *s = &r->seen.samples[0];
    if (!has_capacity(w, s)) {
        l->why = LL_BOUND_NO_DATA;
        return;
    }
    l->utilization = utilization(s);
    l->capacity = s->capacity;
    if (s->capacity > 0 && w->base > 0)
        l->per_unit = s->capacity / (double)w->base;
}

static void load(struct ll_scaling_work *w, size_t rule)
{
    const struct ll_rule_input *r = &w->in->rules[rule];
    struct ll_scaling_load *l = &w->loads[rule];
    *l = (struct ll_scaling_load){.utilization = NAN,
                                  .cover = 1,
                                  .per_unit = NAN,
                                  .value = NAN,
                                  .capacity = NAN,
                                  .t = LL_TIME_NONE,
                                  .metric = r->seen.metric};
    if (r->rule->expression)
        return; /* when those it uses are known */
    believe(w, r, l);
    if (r->seen.n_samples == 0)
        return;
    l->t = LL_MAX(r->seen.samples[0].t, LL_TIME_MIN);
    ll_scaling_until(w, l->t + ll_scaling_stale_after(w, r->rule) + 1);
    ll_scaling_until(w, l->t - AHEAD_MAX);
}

/* The rules that stand on data: the others say nothing about the load. */
static bool by_data(const struct ll_scaling_work *w, size_t rule)
{
    const struct ll_scaling_rule *r = w->in->rules[rule].rule;
    return ll_scaling_counts(w, rule) && r->policy == LL_POLICY_THRESHOLD;
}

static void note_missing(struct ll_scaling_work *w)
{
    const struct ll_scaling_input *in = w->in;
    for (size_t i = 0; i < in->n_rules; i++) {
        if (!by_data(w, i))
            continue;
        w->data |= w->loads[i].why == LL_BOUND_NONE;
        if (w->loads[i].why == LL_BOUND_NONE || in->rules[i].rule->need != LL_NEED_REQUIRED ||
            w->missing.why != LL_BOUND_NONE)
            continue;
        w->missing = (struct ll_scaling_hold){
            .why = w->loads[i].why, .until = LL_TIME_NONE, .what = w->loads[i].metric};
    }
    if (w->missing.why == LL_BOUND_NONE)
        w->next->data_lost = LL_TIME_NONE;
    else if (w->next->data_lost == LL_TIME_NONE)
        w->next->data_lost = in->now;
}

/* All is at rest: every rule that stands on data says zero. */
static void note_idle(struct ll_scaling_work *w)
{
    bool idle = w->data && w->missing.why == LL_BOUND_NONE;
    for (size_t i = 0; i < w->in->n_rules && idle; i++)
        if (by_data(w, i))
            idle = ll_scaling_at_rest(w, i);
    if (!idle)
        w->next->idle_since = LL_TIME_NONE;
    else if (w->next->idle_since == LL_TIME_NONE)
        w->next->idle_since = w->in->now;
    if (idle)
        ll_scaling_until(w, w->next->idle_since + w->in->target->idle);
}

static void doubt(struct ll_scaling_state *s, ll_time t)
{
    s->implausible = LL_SCALING_IMPLAUSIBLE_HOLD;
    s->implausible_t = t;
}

/* A source that sends more often than we look proves no more; one that is a little early does. */
static bool is_over(const struct ll_scaling_work *w, ll_time newest)
{
    const ll_dur interval = w->in->interval;
    const struct ll_scaling_state *s = w->next;
    return s->implausible_t == LL_TIME_NONE ||
           newest - s->implausible_t >= LL_SCALING_IMPLAUSIBLE_HOLD * interval - interval / 2;
}

/* Against the sample before it that can be used. */
static bool fell(const struct ll_observation *o)
{
    for (size_t i = 1; i < o->n_samples; i++)
        if (countable(&o->samples[i]))
            return o->samples[0].value < DROP * o->samples[i].value;
    return false;
}

/* Demand in busy units, the highest of all rules; a sample that was seen before proves nothing. */
static void note_plausible(struct ll_scaling_work *w)
{
    struct ll_scaling_state *s = w->next;
    double busy = NAN;
    ll_time newest = LL_TIME_NONE;
    bool drop = false;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_scaling_load *l = &w->loads[i];
        const bool counts = by_data(w, i) && l->why == LL_BOUND_NONE;
        if (!counts && !(ll_scaling_feeds(w, i) && l->why_value == LL_BOUND_NONE))
            continue;
        if (counts)
            busy = fmax(busy, l->utilization * (double)w->base);
        newest = LL_MAX(newest, l->t);
        drop |= !w->in->rules[i].rule->expression && fell(&w->in->rules[i].seen);
    }
    if (newest == LL_TIME_NONE || newest <= s->last_demand_t)
        return;
    if (drop || busy < DROP * s->last_demand)
        doubt(s, newest);
    else if (s->implausible > 1 || (s->implausible == 1 && is_over(w, newest)))
        s->implausible--;
    s->last_demand = isinf(busy) ? NAN : busy;
    s->last_demand_t = newest;
}

/* Somebody else changed the count: scale-in waits for one window (guards.c). */
static void note_target(struct ll_scaling_work *w)
{
    struct ll_scaling_state *s = w->next;
    const int64_t seen = w->current;
    if (!w->in->seen.known || w->in->open_action)
        return;
    if (seen > 0)
        s->scaled_to_zero = false;
    if (s->expected >= 0 && seen != s->expected) {
        ll_scaling_state_change(s, s->expected, seen, true, w->in->now);
        s->contested = w->in->now + LL_MAX(w->in->target->in.window, LL_MINUTE);
        if (seen <= s->expected / 2 && s->expected >= 2)
            doubt(s, w->in->now);
    }
    s->expected = seen;
}

void ll_scaling_observe(struct ll_scaling_work *w)
{
    const struct ll_scaling_input *in = w->in;
    struct ll_scaling_state *s = w->next;
    ll_scaling_state_clamp(s, in->now);
    const int64_t current = in->seen.known ? in->seen.current : s->expected;
    w->current = LL_MAX(0, LL_MIN(current, LL_SCALING_AMOUNT_MAX));
    w->base =
        in->seen.ready > 0 && in->seen.known ? LL_MIN(in->seen.ready, w->current) : w->current;
    w->grain = LL_MAX(in->target->granularity, 1);
    for (size_t i = 0; i < in->n_rules; i++)
        if (!in->rules[i].rule->input_only)
            w->level = LL_MAX(w->level, ll_scaling_mode_of(w, i));
    note_target(w);
    if (s->seen_since == LL_TIME_NONE && in->seen.known) {
        s->seen_since = in->now;
        ll_scaling_answer(s, in->now, w->current);
    }
    for (size_t i = 0; i < in->n_rules; i++)
        load(w, i);
    for (size_t i = 0; i < in->n_rules; i++)
        if (in->rules[i].rule->expression)
            ll_scaling_expression_load(w, i);
    note_missing(w);
    note_idle(w);
    note_plausible(w);
}
