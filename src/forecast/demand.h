/* The quantile of the maximum over a window of a stored forecast.
 *
 *     F_i(x) = P(step i <= x), from the point, its bound and the shape of the backtest's errors
 *     x: sum of log F_i(x) = 3 log q, but never below the greatest F_i^-1(q) of the window's steps
 *
 * As if every three steps were one and those independent (interval.h counts its errors so):
 * neighbours go together, and where they go together more the answer is too high, not too low.  The
 * maximum is that of step means: what happens within a step is not in the forecast. */
#ifndef LL_FORECAST_DEMAND_H
#define LL_FORECAST_DEMAND_H

#include "core/demand.h"
#include "core/forecasts.h"

/* A forecast that was not made anew for so long (it should have been each hour) is STALE. */
#define LL_DEMAND_FRESH (3 * LL_HOUR)

struct ll_demand_window {
    ll_time now;      /* what is stale is told by it */
    ll_time from, to; /* from < to */
    double quantile;  /* in (0, 1) */
};

/* f NULL: MISSING.  trust: how forecasts of the series came out.  Every member of *out is set. */
void ll_demand_read(const struct ll_kept_forecast *f, const struct ll_trust *trust,
                    const struct ll_demand_window *w, struct ll_demand *out);

#endif
