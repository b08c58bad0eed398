/* How fast a target may change.
 *
 * By default (P9) at most a fifth of what there was leaves within five minutes, but one may; and
 * at most as much again, or four, comes within one.  What moved in the period counts, whoever
 * moved it; shares are rounded so that the limit is never passed.  `behavior: hpa` has Kubernetes'
 * own formulas.
 *
 * A rule without limits has its target's.  The strictest of all rules that count holds, whoever
 * asks: were it the winner's alone, a higher load with another winner could end lower. */
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

/* The first of the strictest is named. */
static void tighten(struct ll_scaling_work *w, int64_t limit, bool out, size_t of)
{
    if (out && limit < w->rate_up) {
        w->rate_up = limit;
        w->rate_up_of = of;
    }
    if (!out && limit > w->rate_down) {
        w->rate_down = limit;
        w->rate_down_of = of;
    }
}

struct limits {
    const struct ll_rates *rates;
    bool out, hpa;
    size_t of; /* the rule; n_rules = the target */
};

static void apply(struct ll_scaling_work *w, const struct limits *l)
{
    const struct ll_rates *r = l->rates;
    const bool out = l->out;
    if (r->select == LL_RATE_DISABLED) {
        tighten(w, w->current, out, l->of);
        return;
    }
    /* The most change that one of the policies allows, or with MIN the least. */
    const bool highest = out == (r->select == LL_RATE_MAX);
    int64_t best = highest ? INT64_MIN : INT64_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct moved m = within(w, r->policy[i].period);
        const int64_t one =
            l->hpa ? limit_hpa(w, &r->policy[i], &m, out) : limit(w, &r->policy[i], &m, out);
        best = highest ? LL_MAX(best, one) : LL_MIN(best, one);
        if (m.first_end != LL_TIME_NONE)
            w->rate_end =
                w->rate_end == LL_TIME_NONE ? m.first_end : LL_MIN(w->rate_end, m.first_end);
    }
    if (r->n > 0)
        tighten(w, best, out, l->of);
}

static bool given(const struct ll_rates *r)
{
    return r->n > 0 || r->select == LL_RATE_DISABLED;
}

static void apply_target(struct ll_scaling_work *w, bool out)
{
    const struct ll_target *t = w->in->target;
    const struct ll_rates *own = out ? &t->out : &t->in;
    const struct ll_rates *hpa = out ? &hpa_out : &hpa_in;
    const struct ll_rates *velocity = out ? &ll_scaling_velocity_out : &ll_scaling_velocity_in;
    const struct limits l = {.rates = given(own)        ? own
                                      : t->hpa_behavior ? hpa
                                                        : velocity,
                             .out = out,
                             .hpa = t->hpa_behavior,
                             .of = w->in->n_rules};
    apply(w, &l);
}

static void prepare(struct ll_scaling_work *w, bool out)
{
    size_t own = 0, rules = 0;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_scaling_rule *r = w->in->rules[i].rule;
        const struct limits l = {
            .rates = out ? &r->out : &r->in, .out = out, .hpa = r->hpa_behavior, .of = i};
        if (!ll_scaling_counts(w, i))
            continue;
        rules++;
        own += given(l.rates);
        if (given(l.rates))
            apply(w, &l);
    }
    if (own < rules || rules == 0)
        apply_target(w, out);
}

void ll_scaling_rates_prepare(struct ll_scaling_work *w)
{
    w->rate_up = INT64_MAX;
    w->rate_down = INT64_MIN;
    w->rate_end = LL_TIME_NONE;
    prepare(w, false);
    prepare(w, true);
}

static int64_t limited(const struct ll_scaling_work *w, struct ll_stage_note *note, int64_t before,
                       bool out)
{
    const size_t of = out ? w->rate_up_of : w->rate_down_of;
    const bool rule = of < w->in->n_rules;
    const struct ll_slice id = rule ? w->in->rules[of].rule->rule_id : LL_SLICE("its target");
    const int64_t limit = out ? w->rate_up : w->rate_down;
    return ll_scaling_note(note, before, limit, out ? LL_BOUND_RATE_UP : LL_BOUND_RATE_DOWN,
                           "%s %lld now, by the limits of %s%.*s%s", out ? "at most" : "not below",
                           (long long)limit, rule ? "rule '" : "", (int)LL_MIN(id.n, (size_t)48),
                           id.s, rule ? "'" : "");
}

/* Neither limit lies on the other side of what there is. */
int64_t ll_scaling_rate(const struct ll_scaling_work *w, int64_t before, struct ll_stage_note *note)
{
    if (before > w->rate_up)
        return limited(w, note, before, true);
    if (before < w->rate_down)
        return limited(w, note, before, false);
    return ll_scaling_note(note, before, before, LL_BOUND_NONE, NULL);
}
