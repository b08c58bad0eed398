/* Weighted percentiles, type 1: the smallest x whose cumulated weight reaches q * W.
 *
 * An observed value, never one between two, so that what it says happened.  With equal weights the
 * ceil(q n)-th smallest.  Weights are summed in no order, so q * W is met within 1e-12 W. */
#ifndef LL_STATS_WEIGHTED_H
#define LL_STATS_WEIGHTED_H

#include <stddef.h>

struct ll_weighted {
    double x; /* finite */
    double w; /* finite, >= 0 */
};

/* Reorders v[0..n).  q in [0, 1].  NaN when no weight is above 0. */
double ll_weighted_percentile(struct ll_weighted *v, size_t n, double q);

#endif
