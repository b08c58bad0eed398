/* Demand ahead: units = ceil(quantile of demand / (capacity of a unit x goal)).
 *
 * A forecast raises only, unless its rule says otherwise, and then never below what the load asks
 * for now.  One that has not earned trust is shown and not combined.  It may add at most as much
 * again as the present load needs at each step. */
#include <math.h>

#include "scaling/stages.h"

/* What was declared or measured of the driver, while it holds; else what is observed. */
static double per_unit(struct ll_scaling_work *w, size_t rule)
{
    const struct ll_capacity_model *m = &w->in->target->capacity;
    const struct ll_scaling_rule *r = w->in->rules[rule].rule;
    const bool expires = m->expires > 0; /* LL_TIME_NONE is not */
    if (!(m->units_per_instance > 0) || m->driver != r->type || !ll_slice_eq(m->part, r->part) ||
        (expires && w->in->now >= m->expires))
        return w->loads[rule].per_unit;
    if (expires)
        ll_scaling_until(w, m->expires);
    return m->units_per_instance;
}

/* None at all: the rule shows its reason.  One that was there and is lost is missing data. */
static void without(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p,
                    enum ll_bound why)
{
    const struct ll_demand_ahead *a = &w->in->rules[rule].ahead;
    p->state = LL_PROPOSAL_NONE;
    p->bound = why;
    const bool lost = why != LL_BOUND_NO_FORECAST || a->made > 0;
    if (lost && !p->shadow && p->rule->need == LL_NEED_REQUIRED && w->missing.why == LL_BOUND_NONE)
        w->missing = (struct ll_scaling_hold){
            .why = LL_BOUND_REQUIRED, .until = LL_TIME_NONE, .what = w->loads[rule].metric};
    p->shadow |= !lost;
    ll_scaling_say(p, "no answer: %s%s%.*s", ll_bound_text(why), a->reason.n ? ": " : "",
                   (int)LL_MIN(a->reason.n, 80), a->reason.n ? a->reason.s : "");
}

static void answer(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p, int64_t need)
{
    const struct ll_demand_ahead *a = &w->in->rules[rule].ahead;
    const struct ll_scaling_load *l = &w->loads[rule];
    int64_t now = w->current;
    if (l->why == LL_BOUND_NONE)
        now = ll_scaling_need(w, l->value, p->per_unit, p->goal);
    const int64_t most = ll_scaling_add(LL_MAX(w->current, now), LL_MAX(now, w->grain));
    p->state = p->rule->may_scale_in ? LL_PROPOSAL_WANTS : LL_PROPOSAL_FLOOR;
    p->want = p->rule->may_scale_in ? LL_MAX(need, now) : need;
    if (p->want > most) {
        p->want = most;
        p->bound = LL_BOUND_FORECAST_CAP;
    } else if (need < w->current && !p->rule->may_scale_in) {
        p->bound = LL_BOUND_RAISE_ONLY;
    }
    char at[LL_TIME_TEXT_MAX];
    ll_scaling_say(p, "%.4g expected at %s (%.0f %%), %.4g a unit at %.0f %%: %lld of %lld",
                   p->demand, ll_time_format(a->at, at), a->tau * 100, p->per_unit, p->goal * 100,
                   (long long)p->want, (long long)need);
    if (a->trusted)
        return;
    p->shadow = true;
    p->bound = LL_BOUND_UNTRUSTED;
    ll_scaling_say(p, "only observes, would ask for %lld: %s%s%.*s", (long long)p->want,
                   ll_bound_text(p->bound), a->reason.n ? ": " : "", (int)LL_MIN(a->reason.n, 60),
                   a->reason.n ? a->reason.s : "");
}

void ll_scaling_predictive(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_demand_ahead *a = &w->in->rules[rule].ahead;
    const struct ll_scaling_load *l = &w->loads[rule];
    p->goal = p->rule->goal > 0 ? p->rule->goal : p->rule->thresholds.scale_up;
    p->utilization = l->utilization;
    if (!a->known || !(a->demand >= 0) || isinf(a->demand)) {
        without(w, rule, p, LL_BOUND_NO_FORECAST);
        return;
    }
    p->demand = a->demand;
    p->per_unit = per_unit(w, rule);
    const int64_t need = ll_scaling_need(w, a->demand, p->per_unit, p->goal);
    if (need < 0)
        without(w, rule, p, LL_BOUND_NO_MODEL);
    else
        answer(w, rule, p, need);
}
