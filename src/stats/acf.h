/* Autocorrelation at every lag, by way of the power spectrum (Wiener & Khinchin).
 *
 *     r[k] = (sum over t of z[t] z[t+k] / (n - k)) / (sum z[t]^2 / n),  z = x - mean x
 *
 * Each lag is divided by its own number of pairs, so that far multiples of a period stand as high
 * as near ones.  Zero padding keeps the ends apart. */
#ifndef LL_STATS_ACF_H
#define LL_STATS_ACF_H

#include "stats/fft.h"

struct ll_acf;

/* 1 <= n <= LL_FFT_MAX / 2.  NULL without memory. */
struct ll_acf *ll_acf_new(size_t n, struct ll_arena *a);

/* r[0..n); r[0] is 1, all others 0 when x is constant. */
void ll_acf_run(struct ll_acf *a, const double *x, double *r);

#endif
