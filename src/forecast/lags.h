/* Regression on lags: w[t] = c + sum b_j w[t - L_j], by ridge least squares, iterated ahead.
 *
 *     w = z                or   w[t] = z[t] - z[t - D]  (a seasonal difference)
 *     z = (y - mean) / standard deviation of the values it is fitted on
 *
 * Ridge: Hoerl & Kennard 1970.  What is expected stays within half a range of what was seen, so
 * that an unstable fit cannot run away. */
#ifndef LL_FORECAST_LAGS_H
#define LL_FORECAST_LAGS_H

#include "forecast/gram.h"

struct ll_lags {
    size_t lag[LL_LAGS_MAX]; /* ascending, each at least 1 */
    size_t n;
    size_t difference; /* D, 0 = none */
    double ridge;      /* per row, in units of z */
};

/* Adds a lag that is new and leaves enough rows of n_fit values: some cycles of m1, and three
 * rows a coefficient. */
void ll_lags_add(struct ll_lags *l, size_t lag, size_t n_fit, size_t m1);

/* first: what n_fit values allow; all: what those before the last origin do, for a fit anew. */
void ll_lags_run(const struct ll_fit *f, const struct ll_lags *first, const struct ll_lags *all,
                 double *out);

#endif
