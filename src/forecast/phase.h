/* What is usual at each phase of a season: the median of its values. */
#ifndef LL_FORECAST_PHASE_H
#define LL_FORECAST_PHASE_H

#include "base/defs.h"

/* usual[q], q < m: the median of z[q], z[q + m], ...; NaN in z = no data; a phase without data
 * takes the line between its neighbours around the cycle, 0 when there are no data at all.
 * scratch holds n / m + 1. */
void ll_phase_medians(const double *z, size_t n, size_t m, double *usual, double *scratch);

/* The median of n values, which it permutes; quick for few.  NaN when n = 0. */
double ll_phase_median(double *v, size_t n);

#endif
