/* A robust linear trend: the Theil-Sen slope, with the Mann-Kendall test.
 *
 *     slope = median over i < j of (y[j] - y[i]) / (j - i)
 *     S = sum of signs,  Var S = n (n-1) (2n+5) / 18,  z = (S - sign S) / sqrt(Var S)
 *
 * With a season m only pairs a multiple of m steps apart are compared (Hirsch, Slack &
 * Smith 1982), so that a daily rhythm does not look like a trend.  Up to 29 % of the
 * points may be arbitrarily wrong.  Sources: Theil 1950, Sen 1968, Mann 1945,
 * Kendall 1975.  Gaps (NaN) are left out. */
#ifndef LL_STATS_TREND_H
#define LL_STATS_TREND_H

#include "base/defs.h"

enum { LL_TREND_POINTS_MAX = 168 };

struct ll_trend {
    double slope; /* per step; NaN when there are no pairs */
    double z;     /* beyond +-2.58: significant at 1 % */
    size_t points, pairs;
};

/* Doubles of scratch that n points need at most. */
#define LL_TREND_SCRATCH(n) ((n) * ((n)-1) / 2 + 1)

/* season 0 = none; n <= LL_TREND_POINTS_MAX; scratch holds LL_TREND_SCRATCH(n). */
struct ll_trend ll_trend_fit(const double *y, size_t n, size_t season, double *scratch);

#endif
