/* Replay of rules over recorded demand on a virtual clock: the same decision code as live.
 *
 * What is asked for at a step boots for boot_delay before it serves; what is given back is gone at
 * once.  Demand is spread over the instances that are ready; need = ceil(demand / (units per
 * instance x goal)).  The measures are those of elasticity (Herbst et al., SPEC-RG-2016-01) beside
 * an SLO on utilisation and the cost.  Baselines: the static peak and mean of need, reactive (the
 * HorizontalPodAutoscaler with its defaults), and an oracle that knows demand and pays the same
 * boot delay. */
#ifndef LL_SCALING_SIMULATE_H
#define LL_SCALING_SIMULATE_H

#include "scaling/decide.h"

enum { LL_SIM_STEPS_MAX = 20 << 20, LL_SIM_INSTANCES_MAX = 1 << 20 };

/* Demand at even steps, in the driver's unit; NaN = no data at that step. */
struct ll_sim_demand {
    ll_time start;
    ll_dur step;
    const double *v;
    size_t n;
    size_t from; /* scored from here on; before it is learning */
};

/* What was forecast at a step of the replay for [now, now + span]; fills *out. */
typedef void ll_sim_forecast_fn(void *ctx, size_t step, ll_dur span, double tau,
                                struct ll_demand_ahead *out);

struct ll_sim_opts {
    const struct ll_target *target;
    const struct ll_scaling_rule *rules;
    const struct ll_schedule_source *const *sources; /* [rule][window]; NULL = no windows */
    size_t n_rules;
    double goal;               /* utilisation aimed at: of need and of the baselines; 0 = 0.7 */
    double slo;                /* violated above this utilisation; 0 = 0.85 */
    ll_sim_forecast_fn *ahead; /* NULL = PREDICTIVE rules have no forecast */
    void *ctx;
};

struct ll_sim_result {
    const char *name;                     /* "policy" or a baseline's */
    double under_time, over_time;         /* shares of time, ratio */
    double under_accuracy, over_accuracy; /* mean of (d - s)+ / d and of (s - d)+ / d */
    double instability;                   /* share of time in which sign(ds) != sign(dd) */
    double slo_time, slo_violation;       /* share of time above slo; the same of demand */
    double instance_hours, cost;          /* booting ones count; cost NaN without a price */
    size_t actions, reversals;
    size_t steps; /* that were scored: those with data */
};

/* Called after each step when not NULL; d is NULL for a baseline. */
typedef void ll_sim_step_fn(void *ctx, size_t step, const struct ll_decision *d, int64_t told,
                            int64_t ready);

/* Fails with LL_E_RANGE (no steps, too many), LL_E_SHORT without capacity per instance,
 * LL_E_INVALID as ll_schedule_at, LL_E_MEMORY. */
LL_MUST_USE bool ll_simulate(const struct ll_sim_opts *o, const struct ll_sim_demand *demand,
                             ll_sim_step_fn *each, void *ctx, struct ll_sim_result *out,
                             struct ll_err *err);

#define LL_SIM_BASELINE_TABLE(X)                                                                   \
    X(LL_SIM_STATIC_PEAK, "static-peak")                                                           \
    X(LL_SIM_STATIC_MEAN, "static-mean")                                                           \
    X(LL_SIM_REACTIVE, "reactive")                                                                 \
    X(LL_SIM_ORACLE, "oracle")

enum ll_sim_baseline {
#define X(member, name) member,
    LL_SIM_BASELINE_TABLE(X)
#undef X
        LL_SIM_BASELINES
};
const char *ll_sim_baseline_name(enum ll_sim_baseline b);

LL_MUST_USE bool ll_simulate_baseline(enum ll_sim_baseline which, const struct ll_sim_opts *o,
                                      const struct ll_sim_demand *demand, ll_sim_step_fn *each,
                                      void *ctx, struct ll_sim_result *out, struct ll_err *err);

#endif
