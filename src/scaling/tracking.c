/* Target tracking: HorizontalPodAutoscaler's formula, by pods where they are known (scaling/hpa.h),
 * else by the sums of the service. */
#include <math.h>

#include "scaling/hpa.h"
#include "scaling/stages.h"

static double goal_of(const struct ll_scaling_rule *r)
{
    return r->goal > 0 ? r->goal : r->thresholds.scale_up;
}

static int32_t clamp32(int64_t v)
{
    return (int32_t)LL_MIN(v, (int64_t)INT32_MAX);
}

/* False when the pods give no answer: then the sums are used. */
static bool by_pods(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_observation *o = &w->in->rules[rule].seen;
    if (!o->pods || o->n_pods == 0 || w->in->target->vertical || p->rule->expression)
        return false;
    const struct ll_hpa_metric metric = {.source = LL_HPA_RESOURCE,
                                         .goal = LL_HPA_UTILIZATION,
                                         .target = (int64_t)lround(p->goal * 100),
                                         .cpu = p->rule->type == LL_RESOURCE_CPU,
                                         .pods = o->pods,
                                         .n_pods = o->n_pods};
    const struct ll_hpa_opts opts = {.tolerance_up = p->rule->tolerance_up,
                                     .tolerance_down = p->rule->tolerance_down,
                                     .startup = p->rule->startup,
                                     .readiness = p->rule->readiness,
                                     .now = w->in->now};
    struct ll_hpa_answer a;
    const int32_t current = clamp32(w->current);
    const int64_t ready = w->in->seen.ready < 0 ? w->current : w->in->seen.ready;
    if (!ll_hpa_replicas(&metric, current, clamp32(ready), &opts, &a, NULL))
        return false;
    p->want = a.replicas;
    p->utilization = (double)a.utilization_pct / 100;
    return true;
}

/* Instances that do not report: idle when the rest asks for more, busy when it asks for less. */
static void by_sums(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_scaling_load *l = &w->loads[rule];
    const double u = l->utilization, ratio = u / p->goal, base = (double)w->base;
    if (w->current == 0) {
        p->want = u > 0 ? LL_MAX(w->grain, 1) : 0;
        return;
    }
    /* 0.55 of 0.5 is within a tenth, whatever doubles make of it. */
    if (ratio > 1 + p->rule->tolerance_up + 1e-9) {
        const int64_t need = ll_scaling_need(w, u * l->cover * base, 1, p->goal);
        p->want = LL_MAX(w->current, need);
    } else if (ratio < 1 - p->rule->tolerance_down - 1e-9) {
        const double filled = u * l->cover + (1 - l->cover) * LL_MAX(1.0, p->goal);
        const int64_t need = ll_scaling_need(w, filled * base, 1, p->goal);
        p->want = LL_MIN(w->current, need);
    }
}

void ll_scaling_tracking(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_scaling_load *l = &w->loads[rule];
    p->state = LL_PROPOSAL_WANTS;
    p->goal = goal_of(p->rule);
    p->demand = l->value;
    p->per_unit = l->per_unit;
    p->utilization = l->utilization;
    const bool pods = by_pods(w, rule, p);
    if (!pods)
        by_sums(w, rule, p);
    if (p->want == w->current)
        p->bound = LL_BOUND_TOLERANCE;
    const struct ll_rule_expression *x = p->rule->expression;
    ll_scaling_say(p, "%.*s%s%.1f %% against a target of %.1f %%%s: %lld",
                   x ? (int)LL_MIN(x->text.n, (size_t)40) : 0, x ? x->text.s : "", x ? " = " : "",
                   p->utilization * 100, p->goal * 100, pods ? " by pods" : "", (long long)p->want);
}
