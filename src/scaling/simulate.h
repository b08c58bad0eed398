/* Replay of rules over recorded demand on a virtual clock: the same decision code as live.
 *
 * Instances boot for boot_delay before they serve; demand is spread over those that are ready.  The
 * measures are those of SPEC-RG-2016-01 (elasticity) beside an SLO on utilisation and cost.
 * Baselines: static-peak, static-mean, reactive (HPA defaults), oracle (knows demand, pays the same
 * boot delay). */
#ifndef LL_SCALING_SIMULATE_H
#define LL_SCALING_SIMULATE_H

#include "scaling/decide.h"

/* Demand at even steps, in the driver's unit; NaN = no data at that step. */
struct ll_sim_demand {
    ll_time start;
    ll_dur step;
    const double *v;
    size_t n;
    size_t from; /* scored from here on; before it is learning */
};

/* Forecast at a step of the replay: what was known by then.  Fills *out for [t, t + span]. */
typedef void ll_sim_forecast_fn(void *ctx, size_t step, ll_dur span, double tau,
                                struct ll_demand_ahead *out);

struct ll_sim_opts {
    const struct ll_target *target;
    const struct ll_scaling_rule *rules;
    const struct ll_schedule_source *const *sources; /* per rule: of its windows in order */
    size_t n_rules;
    double slo;                /* violated above this utilisation; 0 = 0.85 */
    ll_sim_forecast_fn *ahead; /* NULL = PREDICTIVE rules have no forecast */
    void *ctx;
};

struct ll_sim_result {
    const char *name;                     /* "policy" or a baseline's */
    double under_time, over_time;         /* shares of time, ratio */
    double under_accuracy, over_accuracy; /* normalised shortage and excess */
    double instability;                   /* share of time in which supply moves against demand */
    double slo_violation;                 /* demand-weighted share above slo */
    double instance_hours, cost;          /* cost NaN without a price */
    size_t actions, reversals;
};

/* Called for each step when not NULL: for a chart, a shadow run, a test. */
typedef void ll_sim_step_fn(void *ctx, size_t step, const struct ll_decision *d, int64_t ready);

LL_MUST_USE bool ll_simulate(const struct ll_sim_opts *o, const struct ll_sim_demand *demand,
                             ll_sim_step_fn *each, void *ctx, struct ll_sim_result *out,
                             struct ll_err *err);

enum ll_sim_baseline {
    LL_SIM_STATIC_PEAK,
    LL_SIM_STATIC_MEAN,
    LL_SIM_REACTIVE,
    LL_SIM_ORACLE,
    LL_SIM_BASELINES
};
LL_MUST_USE bool ll_simulate_baseline(enum ll_sim_baseline which, const struct ll_sim_opts *o,
                                      const struct ll_sim_demand *demand, struct ll_sim_result *out,
                                      struct ll_err *err);

#endif
