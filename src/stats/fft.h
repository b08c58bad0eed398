/* The discrete Fourier transform of real data of any length.
 *
 *     X[k] = sum over t of x[t] exp(-2 pi i k t / n),  k = 0 .. n/2
 *
 * A power of two: radix 4 in self-sorting order (Stockham; Temperton 1983), the real data packed
 * as half as many complex ones.  Any other length: as a convolution with a chirp (Bluestein 1970)
 * over the next power of two.  Error about 1e-15 of the largest |X|.  The plan holds tables and
 * work space: one thread at a time. */
#ifndef LL_STATS_FFT_H
#define LL_STATS_FFT_H

#include "base/arena.h"

struct ll_fft;

enum { LL_FFT_MAX = 1 << 22 };

#define LL_FFT_BINS(n) ((n) / 2 + 1)

/* Least power of two >= n. */
size_t ll_fft_power(size_t n);

/* 1 <= n <= LL_FFT_MAX.  NULL without memory. */
struct ll_fft *ll_fft_new(size_t n, struct ll_arena *a);

/* x: n values; re, im: LL_FFT_BINS(n).  Finite in, finite out (below 1e300 / n). */
void ll_fft_forward(struct ll_fft *f, const double *x, double *re, double *im);

/* The other way, with the 1/n in it; im[0] (and im[n/2] of an even n) count as 0. */
void ll_fft_inverse(struct ll_fft *f, const double *re, const double *im, double *x);

#endif
