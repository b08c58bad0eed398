/* Instances that boot, and what a replay is scored by; for simulate.c and its baselines. */
#ifndef LL_SCALING_FLEET_H
#define LL_SCALING_FLEET_H

#include "scaling/simulate.h"

enum { LL_FLEET_BATCHES = 512 };

struct ll_fleet_batch { /* asked for together */
    ll_time ready_at;
    int64_t n;
};

struct ll_fleet {
    int64_t told, ready;
    struct ll_fleet_batch booting[LL_FLEET_BATCHES]; /* oldest first */
    size_t n_booting;
    ll_dur boot;
    /* the score so far */
    const struct ll_sim_opts *o;
    const struct ll_sim_demand *demand;
    double per_instance, slo;
    double sums[8]; /* see fleet.c */
    double weight;  /* demand that was scored */
    int64_t last_need, last_ready, last_direction;
    size_t actions, reversals, steps;
};

/* Fails as ll_simulate does for its arguments. */
LL_MUST_USE bool ll_fleet_init(struct ll_fleet *f, const struct ll_sim_opts *o,
                               const struct ll_sim_demand *demand, struct ll_err *err);

/* Instances that demand needs at the goal; NaN needs none. */
int64_t ll_fleet_need(const struct ll_fleet *f, double demand);

/* What has booted by now is ready. */
void ll_fleet_boot(struct ll_fleet *f, ll_time now);

/* Scores the step with what is ready. */
void ll_fleet_score(struct ll_fleet *f, size_t step);

/* Asks for another count: what boots still is given back first. */
void ll_fleet_tell(struct ll_fleet *f, int64_t count, ll_time now, bool scored);

void ll_fleet_result(const struct ll_fleet *f, const char *name, struct ll_sim_result *out);

#endif
