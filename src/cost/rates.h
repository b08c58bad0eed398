/* What a rate of money is per month, and what it comes to in a period: two things, never mixed.
 *
 *     monthly_cost (a rate) = hourly_cost * 730
 *     period_cost           = quantity * price * actual hours of the period
 *
 * A month told as 730 hours is 1.9 % off in a month of 31 days and 7.9 % in February. */
#ifndef LL_COST_RATES_H
#define LL_COST_RATES_H

#include "base/defs.h"
#include "base/time.h"

/* hourly * 730; NaN stays NaN. */
double ll_cost_monthly_rate(double hourly);

/* Hours in [from, to) clipped to [window_from, window_to); 0 when they do not meet.  to >= from. */
double ll_cost_hours(ll_time from, ll_time to, ll_time window_from, ll_time window_to);

/* 100 * (current - recommended) / current; NaN when current <= 0 or either is NaN.  Negative where
 * the cost would rise. */
double ll_cost_savings_pct(double current, double recommended);

#endif
