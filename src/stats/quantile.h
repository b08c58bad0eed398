/* Sample quantiles: Hyndman & Fan (1996) type 7, the default of R and NumPy.
 *
 *     h = (n - 1) q,  Q = x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h]) */
#ifndef LL_STATS_QUANTILE_H
#define LL_STATS_QUANTILE_H

#include "base/defs.h"

/* Permutes v; q in [0, 1]; NaN when n = 0.  No NaN may be in v.  Expected O(n). */
double ll_quantile(double *v, size_t n, double q);

static inline double ll_quantile_median(double *v, size_t n)
{
    return ll_quantile(v, n, 0.5);
}

#endif
