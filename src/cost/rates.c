#include "cost/rates.h"

#include <math.h>

#include "core/cost.h"

double ll_cost_monthly_rate(double hourly)
{
    return hourly * LL_HOURS_PER_MONTH;
}

double ll_cost_hours(ll_time from, ll_time to, ll_time window_from, ll_time window_to)
{
    const double hour_ms = 3600.0 * 1000.0;
    ll_time start = from > window_from ? from : window_from;
    ll_time end = to < window_to ? to : window_to;
    return end > start ? (double)(end - start) / hour_ms : 0;
}

double ll_cost_savings_pct(double current, double recommended)
{
    if (!(current > 0) || isnan(recommended))
        return NAN;
    return 100 * (current - recommended) / current;
}
