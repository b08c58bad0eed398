/* What models share: their scratch, a few sums, and eight candidates at a time.
 *
 * Kernels run eight candidates of parameters side by side, as four pairs of doubles: a pair is
 * native on every machine, and as its width stands in the source all machines answer the same
 * bits. */
#ifndef LL_FORECAST_KIT_H
#define LL_FORECAST_KIT_H

#include "forecast/model.h"

typedef double ll_pair __attribute__((vector_size(16)));

enum { LL_PAIRS = 4, LL_CANDIDATES = 2 * LL_PAIRS };

/* The scratch of one run, handed out from the front and never given back. */
struct ll_room {
    double *at, *end;
};

struct ll_room ll_room_of(const struct ll_fit *f);
double *ll_room_take(struct ll_room *r, size_t n); /* n doubles, aligned to 64 bytes, not cleared */

size_t ll_kit_last(const struct ll_fit *f); /* the last origin: y is known up to it */

/* Seasons as models count with them: m1 at least 1 (a season of one step is none), m2 0 unless it
 * has `cycles` full cycles in the first n values. */
struct ll_cycles {
    size_t m1, m2;
};
struct ll_cycles ll_cycles_of(const struct ll_fit *f, size_t n, size_t cycles);

/* How far errors may follow each other, at most: `hourly` in a day of 24 steps, and in a finer one
 * as much over the same part of it. */
double ll_kit_phi_max(double hourly, size_t m1);

double ll_kit_sum(const double *y, size_t n);
double ll_kit_mean(const double *y, size_t n); /* 0 of nothing */
double ll_kit_dot(const double *a, const double *b, size_t n);

/* Slope of the least squares line, per step; 0 below two values. */
double ll_kit_slope(const double *y, size_t n);

/* sums[t] = y[0] + ... + y[t - 1], n + 1 of them. */
void ll_kit_running_sums(const double *y, size_t n, double *sums);

/* out[0..n): the mean of y over m steps around each, whole cycles also at the edges.  sums is
 * scratch of n + 1. */
void ll_kit_centred_mean(const double *y, size_t n, size_t m, double *sums, double *out);

static inline ll_pair ll_pair_of(double x)
{
    return (ll_pair){x, x};
}

#endif
