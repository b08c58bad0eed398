/* Weighted medians: where half of the weight lies on either side. */
#ifndef LL_FORECAST_COMBINE_H
#define LL_FORECAST_COMBINE_H

#include "forecast/kit.h"

enum { LL_COMBINE_MAX = 40 };

/* The least value at which the weights of it and of all below reach half.  n in 1 ..
 * LL_COMBINE_MAX; weights at least 0. */
double ll_combine_median(const double *v, const double *weight, size_t n);

/* out[i], i < h: the weighted median of v[j * stride + i] over j < n, interpolated: each value
 * stands in the middle of its own weight, and between two the straight line counts. */
void ll_combine(const double *v, size_t stride, const double *weight, size_t n, size_t h,
                double *out);

#endif
