/* How many units to commit to: reserved instances, savings plans, committed use.
 *
 *     cost(K) = c K H + p sum(max(D - K, 0))        over H hours with demand D
 *     K*      = the smallest demand that was seen with F(K) >= 1 - c / p, and 0 when c >= p
 *
 * which is the newsvendor's critical fractile (Arrow, Harris, Marschak 1951).  A unit pays for
 * itself when it is in use for at least c / p of the hours, its break-even.  D is the demand
 * forecast for the term, not the past; what is committed already is taken off first.  Units are
 * whole. */
#ifndef LL_COST_COMMITMENT_H
#define LL_COST_COMMITMENT_H

#include "base/err.h"

enum { LL_COMMITMENT_HOURS_MAX = 5 * 8784 };

struct ll_commitment_ask {
    const double *demand;        /* [n] units in each hour, 0 or more */
    size_t n;                    /* 1 to LL_COMMITMENT_HOURS_MAX */
    double on_demand, committed; /* price of a unit-hour; on_demand > 0, committed >= 0 */
    double existing;             /* units committed already; whole, 0 or more */
};

/* What K more units come to.  Ratios are NaN where their divisor is 0. */
struct ll_commitment {
    double units; /* K* */
    double cost,
        on_demand_cost; /* of the hours: with K*, and with on-demand alone; `existing` apart */
    double savings_pct; /* 100 (on_demand_cost - cost) / on_demand_cost */
    double coverage;    /* sum(min(D, K)) / sum(D) */
    double utilization; /* sum(min(D, K)) / (K H) */
    double marginal_utilization; /* share of the hours in which the last unit is in use */
    double break_even;           /* c / p */
};

/* scratch: room for n doubles.  Fails with LL_E_RANGE on a price, demand or size out of range or
 * not finite. */
LL_MUST_USE bool ll_commitment_best(const struct ll_commitment_ask *ask, double *scratch,
                                    struct ll_commitment *out, struct ll_err *err);

/* The same figures for K units, whatever they are; K whole and >= 0. */
LL_MUST_USE bool ll_commitment_of(const struct ll_commitment_ask *ask, double units,
                                  struct ll_commitment *out, struct ll_err *err);

/* What K units cost beyond the best of these hours: what one will regret if they come. */
LL_MUST_USE bool ll_commitment_regret(const struct ll_commitment_ask *ask, double units,
                                      double *scratch, double *regret, struct ll_err *err);

/* A committed unit-hour when some of it is paid in advance:
 *
 *     (upfront a + monthly) / 730,  a = r / (1 - (1 + r)^-T),  1 / T when r = 0
 *
 * r: interest a month, > -1; T: months, > 0.  NaN when they are not. */
double ll_commitment_rate(double upfront, double monthly, double interest, double months);

/* How many more units to buy this month: of what is still missing of the target at most a twelfth
 * of the target, rounded up, and no more than the smaller of two answers (of the last 3 and 30
 * days). */
double ll_commitment_step(double target, double bought, double answer_3d, double answer_30d);

/* An interruptible unit-hour: price + interruptions an hour * (restart + lost work) each. */
double ll_commitment_spot_rate(double price, double interruptions, double restart_cost,
                               double lost_work);

#endif
