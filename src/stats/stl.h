/* A series taken apart: y = seasons + trend + remainder.
 *
 * STL: Cleveland, Cleveland, McRae & Terpenning 1990, "STL: A Seasonal-Trend Decomposition
 * Procedure Based on Loess", with the defaults of R's stl: seasonal degree 0, trend and low-pass
 * degree 1, every tenth of a window evaluated and interpolated between, two inner passes, or with
 * robust weights one inner and fifteen outer; trend window nextodd(1.5 period / (1 - 1.5 /
 * s_window)).  MSTL: Bandara, Hyndman & Bergmeir 2021, as R's forecast::mstl: STL of each period
 * in turn on what the others left, twice, with seasonal windows 11, 15, 19, ...
 *
 * All weights that do not depend on the data are in the plan, so one plan serves every series of
 * the same length.  It holds work space too: one thread at a time. */
#ifndef LL_STATS_STL_H
#define LL_STATS_STL_H

#include "base/arena.h"
#include "base/err.h"

struct ll_stl;
struct ll_mstl;

enum { LL_STL_PERIODIC = 0, LL_STL_PERIODS_MAX = 6 };

/* A seasonal window in cycles (made odd, at least 3) or LL_STL_PERIODIC: the same cycle all along.
 * Fails with LL_E_RANGE unless 2 <= period and 2 period < n, and with LL_E_MEMORY. */
LL_MUST_USE bool ll_stl_new(size_t n, int period, int s_window, struct ll_arena *a,
                            struct ll_stl **stl, struct ll_err *err);

/* y: n values, finite and below 1e150.  seasonal, trend: n each; the remainder is y less both. */
void ll_stl_run(struct ll_stl *s, const double *y, bool robust, double *seasonal, double *trend);

/* Periods ascending, 1 to LL_STL_PERIODS_MAX of them, each as ll_stl_new wants it. */
LL_MUST_USE bool ll_mstl_new(size_t n, const int *periods, size_t n_periods, struct ll_arena *a,
                             struct ll_mstl **mstl, struct ll_err *err);

/* seasonal: one array of n for each period, one behind the other. */
void ll_mstl_run(struct ll_mstl *m, const double *y, double *seasonal, double *trend);

#endif
