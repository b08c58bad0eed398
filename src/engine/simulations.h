/* What rules under consideration would have done, beside those in force, on the same inputs: the
 * history that is kept.  Nothing is changed and nothing acts; the decisions of both are kept apart.
 *
 * Proposed are the rules of the document, and of the rules in force those that it does not replace:
 * what an apply would leave.  Each of the document counts whatever its mode; of those in force what
 * is off does not. */
#ifndef LL_ENGINE_SIMULATIONS_H
#define LL_ENGINE_SIMULATIONS_H

#include "engine/scaling.h"
#include "scaling/simulate.h"

enum { LL_SIMULATIONS_MAX = 16, LL_SIMULATIONS_ERRS = 20 };

struct ll_simulation_ask {
    struct ll_slice text; /* a document of rules, and targets where they differ: rules_file.h */
    ll_dur span;          /* of history, until now */
    double learn;         /* ratio of it that comes before the first step that is scored */
    double goal, slo;     /* as ll_sim_opts has them */
};

/* What one set of rules did. */
struct ll_simulated_run {
    struct ll_sim_result result;
    const int64_t *told; /* at each step */
};

struct ll_simulated {
    struct ll_slice target, service;
    enum ll_resource_type type; /* the demand's */
    struct ll_sim_demand demand;
    struct ll_simulated_run proposed, live; /* live.told NULL: no rule of it is in force */
    size_t differ;                          /* steps that were scored where they did not agree */
    struct ll_sim_result baselines[LL_SIM_BASELINES];
};

struct ll_simulations {
    struct ll_simulated *v;
    size_t n;
    struct ll_err errs[LL_SIMULATIONS_ERRS]; /* of the document, when it is refused */
    size_t n_errs;
};

/* Any thread; takes processor time, about 5 ms a target and ten thousand steps.  Results live in
 * out.  Fails with LL_E_CONFIG (errs), LL_E_RANGE (too many targets), LL_E_SHORT (no capacity per
 * instance is declared, no history), LL_E_MEMORY, LL_E_STORAGE. */
LL_MUST_USE bool ll_engine_simulate(struct ll_engine *e, const struct ll_simulation_ask *ask,
                                    struct ll_arena *out, struct ll_simulations *res,
                                    struct ll_err *err);

#endif
