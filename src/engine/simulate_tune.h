/* What a PREDICTIVE rule would best have aimed at, told from a part of the past.
 *
 *     (target, tau) = argmin of SLO time over a grid, among those that cost no more than reactive
 *
 * Reactive is the HorizontalPodAutoscaler of simulate.h on the same demand.  Where nothing is as
 * cheap, the cheapest; of equals the cheaper.  What is told is no promise of what comes after:
 * score it on another part. */
#ifndef LL_ENGINE_SIMULATE_TUNE_H
#define LL_ENGINE_SIMULATE_TUNE_H

#include "scaling/simulate.h"

struct ll_simulate_tuned {
    double goal, quantile;             /* of every PREDICTIVE rule; ratios */
    struct ll_sim_result of, reactive; /* on the part it was told from */
};

/* demand: the part to tell from; its first quarter warms up and is not scored.  o->ahead and o->ctx
 * are not used.  Fails with LL_E_INVALID (no PREDICTIVE rule), LL_E_SHORT (nothing to score), and
 * as ll_simulate; *out untouched. */
LL_MUST_USE bool ll_simulate_tune(const struct ll_sim_opts *o, const struct ll_sim_demand *demand,
                                  struct ll_simulate_tuned *out, struct ll_err *err);

/* Writes what was found into the PREDICTIVE ones of rules. */
void ll_simulate_tuned_set(const struct ll_simulate_tuned *t, struct ll_scaling_rule *rules,
                           size_t n);

#endif
