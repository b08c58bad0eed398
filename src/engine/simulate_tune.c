#include "engine/simulate_tune.h"

#include <stdlib.h>
#include <string.h>

#include "engine/simulate_ahead.h"

/* From generous to lean.  Beyond 90 % nothing is left for an error. */
static const double goals[] = {0.65, 0.68, 0.72, 0.76, 0.80, 0.85, 0.90};
static const double taus[] = {0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97};

void ll_simulate_tuned_set(const struct ll_simulate_tuned *t, struct ll_scaling_rule *rules,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (rules[i].policy != LL_POLICY_PREDICTIVE)
            continue;
        rules[i].goal = t->goal;
        rules[i].quantile = t->quantile;
    }
}

static bool try_one(const struct ll_sim_opts *o, const struct ll_sim_demand *d,
                    struct ll_simulate_tuned *t, struct ll_err *err)
{
    struct ll_scaling_rule rules[LL_TARGET_RULES_MAX];
    LL_AUTO(ll_simulate_ahead)
    ahead = ll_simulate_ahead_new(d, o->target->capacity.units_per_instance);
    if (!ahead)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the forecasts");
    memcpy(rules, o->rules, o->n_rules * sizeof(*rules));
    ll_simulate_tuned_set(t, rules, o->n_rules);
    struct ll_sim_opts with = *o;
    with.rules = rules;
    with.ahead = ll_simulate_ahead;
    with.ctx = ahead;
    return ll_simulate(&with, d, NULL, NULL, &t->of, err);
}

static bool is_better(const struct ll_simulate_tuned *a, const struct ll_simulate_tuned *b)
{
    const double limit = a->reactive.instance_hours;
    const bool a_fits = a->of.instance_hours <= limit, b_fits = b->of.instance_hours <= limit;
    if (a_fits != b_fits)
        return a_fits;
    if (a_fits && a->of.slo_time != b->of.slo_time)
        return a->of.slo_time < b->of.slo_time;
    return a->of.instance_hours < b->of.instance_hours;
}

static bool check(const struct ll_sim_opts *o, const struct ll_sim_demand *d, struct ll_err *err)
{
    size_t ahead = 0;
    for (size_t i = 0; i < o->n_rules && i < LL_TARGET_RULES_MAX; i++)
        ahead += o->rules[i].policy == LL_POLICY_PREDICTIVE;
    if (ahead == 0 || o->n_rules > LL_TARGET_RULES_MAX)
        return ll_err_set(err, LL_E_INVALID, "no PREDICTIVE rule, whose target could be tuned");
    return d->n > 0 || ll_err_set(err, LL_E_SHORT, "no steps to tune from: learn more than 0 %%");
}

bool ll_simulate_tune(const struct ll_sim_opts *o, const struct ll_sim_demand *demand,
                      struct ll_simulate_tuned *out, struct ll_err *err)
{
    struct ll_sim_demand d = *demand;
    struct ll_simulate_tuned best = {.goal = 0}, t = {.goal = 0};
    if (!check(o, demand, err))
        return false;
    d.from = d.n / 4;
    if (!ll_simulate_baseline(LL_SIM_REACTIVE, o, &d, NULL, NULL, &t.reactive, err))
        return false;
    if (t.reactive.steps == 0)
        return ll_err_set(err, LL_E_SHORT, "no step of the part to tune from has data");
    for (size_t g = 0; g < LL_LEN(goals); g++) {
        for (size_t q = 0; q < LL_LEN(taus); q++) {
            t.goal = goals[g];
            t.quantile = taus[q];
            if (!try_one(o, &d, &t, err))
                return false;
            if (best.goal == 0 || is_better(&t, &best))
                best = t;
        }
    }
    *out = best;
    return true;
}
