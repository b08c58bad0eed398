/* How fast a target may change.
 *
 * By default (P9) at most a fifth of what there was leaves within five minutes, but one may; and
 * at most as much again, or four, comes within one.  What moved in the period counts, whoever
 * moved it; shares are rounded so that the limit is never passed.  `behavior: hpa` has Kubernetes'
 * own formulas.  Of several sets of limits the strictest holds. */
#include <math.h>

#include "scaling/stages.h"

const struct ll_rates ll_scaling_velocity_in = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_PERCENT, 20, 5 * LL_MINUTE}, /* or one */
               {LL_RATE_UNITS, 1, 5 * LL_MINUTE}},
    .n = 2};
const struct ll_rates ll_scaling_velocity_out = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_PERCENT, 100, LL_MINUTE}, {LL_RATE_UNITS, 4, LL_MINUTE}},
    .n = 2};
/* Kubernetes' default lets all leave within 15 s: no limit. */
static const struct ll_rates hpa_in;
static const struct ll_rates hpa_out = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}, {LL_RATE_UNITS, 4, 15 * LL_SECOND}},
    .n = 2};

struct moved {
    int64_t added, removed;
    ll_time first_end; /* when the first of it is out of the period; LL_TIME_NONE = nothing is in */
};

static struct moved within(const struct ll_scaling_work *w, ll_dur period)
{
    struct moved m = {.first_end = LL_TIME_NONE};
    for (size_t i = 0; i < w->next->n_changes; i++) {
        const struct ll_change *c = &w->next->changes[i];
        if (w->in->now - c->t >= period)
            continue;
        if (m.first_end == LL_TIME_NONE)
            m.first_end = c->t + period;
        m.added += LL_MAX(c->to, c->from) - c->from;
        m.removed += LL_MAX(c->to, c->from) - c->to;
    }
    return m;
}

/* A share is of one unit at least, and moves one at least: nothing is stuck for ever. */
static int64_t allowed(const struct ll_rate_policy *p, int64_t start, int64_t grain)
{
    const double share = floor((double)LL_MAX(start, grain) * p->value / 100);
    const int64_t units = p->kind == LL_RATE_UNITS ? p->value : (int64_t)share;
    return LL_MAX(units / grain * grain, grain);
}

static int64_t limit(const struct ll_scaling_work *w, const struct ll_rate_policy *p,
                     const struct moved *m, bool out)
{
    const int64_t start = w->current - m->added + m->removed;
    const int64_t left = allowed(p, start, w->grain) - (out ? m->added : m->removed);
    return ll_scaling_add(w->current, out ? LL_MAX(left, 0) : -LL_MAX(left, 0));
}

/* Kubernetes: from what there was at the period's start; up is rounded up, down is cut. */
static int64_t limit_hpa(const struct ll_scaling_work *w, const struct ll_rate_policy *p,
                         const struct moved *m, bool out)
{
    const int64_t start = w->current - m->added + m->removed;
    const double share = (double)p->value / 100;
    if (p->kind == LL_RATE_UNITS)
        return out ? LL_MAX(start + p->value, w->current) : LL_MIN(start - p->value, w->current);
    return out ? LL_MAX((int64_t)ceil((double)start * (1 + share)), w->current)
               : LL_MIN((int64_t)trunc((double)start * (1 - share)), w->current);
}

static void apply(struct ll_scaling_work *w, const struct ll_rates *r, bool out)
{
    if (r->select == LL_RATE_DISABLED) {
        if (out)
            w->rate_up = w->current;
        else
            w->rate_down = w->current;
        return;
    }
    /* The most change that one of the policies allows, or with MIN the least. */
    const bool highest = out == (r->select == LL_RATE_MAX);
    int64_t best = highest ? INT64_MIN : INT64_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct moved m = within(w, r->policy[i].period);
        const int64_t one = w->in->target->hpa_behavior ? limit_hpa(w, &r->policy[i], &m, out)
                                                        : limit(w, &r->policy[i], &m, out);
        best = highest ? LL_MAX(best, one) : LL_MIN(best, one);
        if (m.first_end != LL_TIME_NONE)
            w->rate_end =
                w->rate_end == LL_TIME_NONE ? m.first_end : LL_MIN(w->rate_end, m.first_end);
    }
    if (r->n == 0)
        return;
    if (out)
        w->rate_up = LL_MIN(w->rate_up, best);
    else
        w->rate_down = LL_MAX(w->rate_down, best);
}

static const struct ll_rates *or_default(const struct ll_rates *r, const struct ll_rates *fallback)
{
    return r->n > 0 || r->select == LL_RATE_DISABLED ? r : fallback;
}

void ll_scaling_rates_prepare(struct ll_scaling_work *w)
{
    const struct ll_target *t = w->in->target;
    w->rate_up = INT64_MAX;
    w->rate_down = INT64_MIN;
    w->rate_end = LL_TIME_NONE;
    apply(w, or_default(&t->in, t->hpa_behavior ? &hpa_in : &ll_scaling_velocity_in), false);
    apply(w, or_default(&t->out, t->hpa_behavior ? &hpa_out : &ll_scaling_velocity_out), true);
    for (size_t i = 0; i < w->in->n_rules; i++) {
        if (!ll_scaling_counts(w, i))
            continue;
        apply(w, &w->in->rules[i].rule->in, false);
        apply(w, &w->in->rules[i].rule->out, true);
    }
}

/* Neither limit lies on the other side of what there is. */
int64_t ll_scaling_rate(const struct ll_scaling_work *w, int64_t before, struct ll_stage_note *note)
{
    if (before > w->rate_up)
        return ll_scaling_note(note, before, w->rate_up, LL_BOUND_RATE_UP, "at most %lld now",
                               (long long)w->rate_up);
    if (before < w->rate_down)
        return ll_scaling_note(note, before, w->rate_down, LL_BOUND_RATE_DOWN, "not below %lld now",
                               (long long)w->rate_down);
    return ll_scaling_note(note, before, before, LL_BOUND_NONE, NULL);
}
