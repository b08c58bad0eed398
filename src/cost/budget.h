/* Budgets: what has been spent of one, how fast, and who is told.
 *
 *     pace = spent / (budget * elapsed)      elapsed: share of the period that has passed, weighed
 *                                            by what its days usually cost, not by the clock
 *
 * Thresholds of 50, 80, 90 and 100 % are inclusive and fire once a period.  The forecast fires when
 * its P50 >= budget; the early warning when P90 >= budget > P50.  Credits count.  Budgets advise:
 * nothing here blocks capacity. */
#ifndef LL_COST_BUDGET_H
#define LL_COST_BUDGET_H

#include "base/tz.h"

enum { LL_BUDGET_THRESHOLDS = 4 };
extern const int ll_budget_threshold_pct[LL_BUDGET_THRESHOLDS]; /* ascending */

struct ll_budget_ask {
    double budget;   /* of the whole period, > 0 */
    double spent;    /* since its start; NaN = not known */
    double elapsed;  /* in [0, 1]; ll_budget_elapsed */
    double p50, p90; /* forecast of the whole period; NaN = none */
    unsigned told;   /* bit i: threshold i has fired in this period */
};

struct ll_budget_state {
    double actual_pct;                  /* NaN = not known */
    double pace;                        /* 1 = as planned; NaN before anything has elapsed */
    unsigned reached;                   /* bit i: threshold i is reached now */
    unsigned fires;                     /* of those, what was not told yet */
    bool forecast_alert, early_warning; /* never both */
};

/* Fails with LL_E_RANGE unless budget > 0 and elapsed is in [0, 1]. */
LL_MUST_USE bool ll_budget_judge(const struct ll_budget_ask *ask, struct ll_budget_state *out,
                                 struct ll_err *err);

/* The share that has passed when `days` (a fraction of the last one too) of n days have: weight[i]
 * is what day i usually costs, >= 0.  NaN weights or only zeros: every day counts the same. */
double ll_budget_elapsed(const double *weight, size_t n, double days);

/* The calendar month, in the billing zone, that t lies in: [*from, *to). */
void ll_budget_month(const struct ll_tz *tz, ll_time t, ll_time *from, ll_time *to);

#endif
