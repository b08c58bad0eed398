/* Is a forecast to be counted on?  Told from what came at one horizon, never from a backtest.
 *
 * TRUSTED needs a day of hours (LL_TRUST_HOURS_MIN), a pinball loss of both bounds of at most 0.95
 * of seasonal naive's, and a coverage within 5 points of what the bounds promise.  The first that
 * fails is the verdict: UNMEASURED, LOSES, NARROW, WIDE. */
#ifndef LL_FORECAST_TRUST_H
#define LL_FORECAST_TRUST_H

#include "core/demand.h"
#include "core/forecasts.h"

enum { LL_TRUST_HOURS_MIN = 24 };

/* Sums of the same hours, `ahead` of their forecasts; level: of the bounds, in (0, 1).  Where
 * seasonal naive could say nothing it cannot win. */
struct ll_trust ll_trust_judge(const struct ll_accuracy_sums *said,
                               const struct ll_accuracy_sums *naive, double level, ll_dur ahead);

#endif
