/* A proposal from each rule, and from a person's override where no rule speaks for it. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "scaling/stages.h"

void ll_scaling_say(struct ll_proposal *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->text, sizeof(p->text), fmt, ap);
    va_end(ap);
}

/* A rule without data asks for nothing; after a while its fallback speaks, which only raises. */
static void without_data(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_scaling_rule *r = p->rule;
    const struct ll_slice metric = w->loads[rule].metric;
    p->state = LL_PROPOSAL_NONE;
    p->want = w->current;
    p->bound = w->loads[rule].why;
    ll_scaling_say(p, "no answer: %s (%.*s)", ll_bound_text(p->bound), (int)LL_MIN(metric.n, 60),
                   metric.n ? metric.s : "");
    if (w->next->data_lost == LL_TIME_NONE || r->need != LL_NEED_REQUIRED ||
        r->fallback == LL_FALLBACK_HOLD || r->fallback_units <= 0 ||
        w->in->now - w->next->data_lost < r->fallback_after)
        return;
    p->state = LL_PROPOSAL_WANTS;
    p->bound = LL_BOUND_FALLBACK;
    p->want = r->fallback_units;
    if (r->fallback == LL_FALLBACK_HOLD_IF_HIGHER)
        p->want = LL_MAX(w->current, p->want);
    ll_scaling_say(p, "no data of %.*s: the fallback is %lld", (int)LL_MIN(metric.n, 60),
                   metric.n ? metric.s : "", (long long)r->fallback_units);
}

/* A rule's own range holds for what it asks for, before anything is combined. */
static void clip(struct ll_proposal *p)
{
    const struct ll_scaling_rule *r = p->rule;
    if (p->state == LL_PROPOSAL_NONE)
        return;
    if (r->max > 0)
        p->want = LL_MIN(p->want, r->max);
    if (r->min > 0)
        p->want = LL_MAX(p->want, r->min);
}

static void by_load(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const enum ll_bound why = w->loads[rule].why;
    if (why != LL_BOUND_NONE && why != LL_BOUND_PARTIAL) {
        without_data(w, rule, p);
        return;
    }
    if (p->rule->form == LL_FORM_UNITS)
        ll_scaling_units(w, p);
    else if (p->rule->form == LL_FORM_TARGET)
        ll_scaling_tracking(w, rule, p);
    else
        ll_scaling_bands(w, rule, p);
    ll_scaling_saturate(w, rule, p);
    if (why != LL_BOUND_PARTIAL)
        return;
    clip(p);
    /* What is there may ask for more; for less it cannot speak.  Where it goes beyond the fallback
     * it is still what stands in for data: more load never needs more consent. */
    struct ll_proposal seen = *p;
    without_data(w, rule, p);
    if (seen.want <= w->current || seen.want < p->want)
        return;
    if (p->bound == LL_BOUND_FALLBACK)
        seen.bound = LL_BOUND_FALLBACK;
    *p = seen;
}

static void propose(struct ll_scaling_work *w, size_t rule)
{
    struct ll_proposal *p = &w->d->proposals[rule];
    *p = (struct ll_proposal){.rule = w->in->rules[rule].rule,
                              .state = LL_PROPOSAL_NONE,
                              .want = w->current,
                              .shadow = !ll_scaling_counts(w, rule),
                              .demand = NAN,
                              .per_unit = NAN,
                              .goal = NAN,
                              .utilization = NAN};
    switch (p->rule->policy) {
    case LL_POLICY_THRESHOLD:
        by_load(w, rule, p);
        break;
    case LL_POLICY_PREDICTIVE:
        ll_scaling_predictive(w, rule, p);
        break;
    case LL_POLICY_SCHEDULED:
        ll_scaling_scheduled(w, rule, p);
        break;
    default: /* LL_POLICY_MANUAL */
        ll_scaling_manual(w, p);
        break;
    }
    clip(p);
}

static bool spoken_for(const struct ll_scaling_work *w)
{
    for (size_t i = 0; i < w->in->n_rules; i++)
        if (w->in->rules[i].rule->policy == LL_POLICY_MANUAL && ll_scaling_counts(w, i))
            return true;
    return false;
}

void ll_scaling_propose(struct ll_scaling_work *w)
{
    struct ll_decision *d = w->d;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        if (!w->in->rules[i].rule->expression)
            propose(w, i);
        if (w->in->rules[i].rule->fallback_after > 0 && w->next->data_lost != LL_TIME_NONE)
            ll_scaling_until(w, w->next->data_lost + w->in->rules[i].rule->fallback_after);
    }
    for (size_t i = 0; i < w->in->n_rules; i++) /* of what the others ask for */
        if (w->in->rules[i].rule->expression)
            propose(w, i);
    d->n_proposals = w->in->n_rules;
    if (!ll_scaling_manual_on(w))
        return;
    w->override = w->next->manual.exact;
    if (spoken_for(w))
        return;
    struct ll_proposal *p = &d->proposals[d->n_proposals++];
    *p = (struct ll_proposal){
        .want = w->current, .demand = NAN, .per_unit = NAN, .goal = NAN, .utilization = NAN};
    ll_scaling_manual(w, p);
}
