/* Loess on a regular grid: local constants or lines under tricube weights, as STL needs it.
 *
 *     w[j] = (1 - (|j - x| / h)^3)^3,  h = distance to the farthest of the `window` nearest points
 *
 * Where a value is evaluated and with which weights depends on n and the window alone, so the
 * weights are made once (of the middle one row, of the ends one for each place).  Values between
 * every `jump`-th place are interpolated.  Sources: Cleveland & Devlin 1988; details (the widened
 * h of a window beyond n, the limits at .001 h and .999 h) as in netlib's stl. */
#ifndef LL_STATS_LOESS_H
#define LL_STATS_LOESS_H

#include "base/arena.h"

struct ll_loess_at { /* one place at which it is evaluated */
    long x;          /* 1 .. n; 0 and n + 1 are the extensions */
    size_t left;     /* first value in the window, from 0 */
    size_t row;      /* its weights begin at rows[row * q] */
};

struct ll_loess {
    size_t n, q; /* values; values in a window */
    int degree;
    struct ll_loess_at *at; /* n_at places in order, then two extensions */
    size_t n_at;
    double *rows;   /* the weights, ready to use */
    double *kernel; /* the same before they are made to add up: for robust weights */
};

/* n >= 1, an odd window >= 3, degree 0 or 1, jump >= 1.  False without memory. */
LL_MUST_USE bool ll_loess_init(struct ll_loess *l, size_t n, size_t window, int degree, size_t jump,
                               struct ll_arena *a);

/* Smooths `lanes` series side by side: value i of lane j is x[i * stride + j], and so in `out`.
 * robust: one more weight for each value, laid out alike; NULL = none. */
void ll_loess_run(const struct ll_loess *l, const double *x, const double *robust, size_t lanes,
                  size_t stride, double *out);

/* The values one step before the first and one after the last, into out[-stride + j] and
 * out[n * stride + j]; `out` holds what ll_loess_run made. */
void ll_loess_extend(const struct ll_loess *l, const double *x, const double *robust, size_t lanes,
                     size_t stride, double *out);

#endif
