/* Forecasts for PREDICTIVE rules in a replay, from what came before each step alone.
 *
 *     y = log((max of v over [t, t + span] + c) / (v[t] + c))      c: a quarter of an instance
 *     y ~ b . x     x: late levels, the same a day and a week before, the mean y of that time of
 *                   day; b by recursive least squares with forgetting (Plackett 1950)
 *     demand = (v[t] + c) exp(b . x + q s) - c
 *     s: mean |error|, of late and at that time of day;  q: tau-quantile of past errors in s,
 *     its level adapted to how often demand went beyond (Gibbs & Candes 2021)
 * So it is an error of exactly what is asked for, a maximum over the lead time, that sets the
 * distance.  A microsecond a step, no clock, no chance. */
#ifndef LL_ENGINE_SIMULATE_AHEAD_H
#define LL_ENGINE_SIMULATE_AHEAD_H

#include "scaling/simulate.h"

struct ll_simulate_ahead;

/* The demand is borrowed; unit: what one instance carries.  NULL without memory. */
struct ll_simulate_ahead *ll_simulate_ahead_new(const struct ll_sim_demand *demand, double unit);
void ll_simulate_ahead_free(struct ll_simulate_ahead *a);
LL_AUTO_DEFINE(ll_simulate_ahead, ll_simulate_ahead_free)

/* ll_sim_forecast_fn; ctx is a struct ll_simulate_ahead.  Steps are asked for in their order.  Not
 * known where the step has no data, or without memory; trusted after a hundred tries. */
void ll_simulate_ahead(void *ctx, size_t step, ll_dur span, double tau,
                       struct ll_demand_ahead *out);

#endif
