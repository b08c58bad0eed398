/* The fast profile: many series of one length and cadence at once, a lane of a vector each.
 *
 * Eleven models (seasonal naive, damped Holt-Winters, MSTL with a damped trend, theta,
 * autoregressions, waves) are run from up to four origins one season apart; weights are
 * (MAE / least MAE)^-4, a step's forecast is the interpolated weighted median, and intervals are
 * conformal, from the errors of that combination at the origins.  What forecaster.h does to one
 * series with care, this does to a million in a minute.
 *
 * No lane touches another, and every machine computes in single precision without fused
 * operations: a series gets the same bits whatever its neighbours, the width and the machine.
 * No threads: a plan is read only, so callers run blocks side by side, each with its scratch. */
#ifndef LL_FORECAST_BATCH_H
#define LL_FORECAST_BATCH_H

#include "base/arena.h"
#include "base/err.h"

enum { LL_BATCH_N_MAX = 1 << 14, LL_BATCH_H_MAX = 512, LL_BATCH_LEVELS_MAX = 5 };

#define LL_BATCH_MEMBER_TABLE(X)                                                                   \
    X(NAIVE_SHORT, "seasonal-naive, short")                                                        \
    X(NAIVE_LONG, "seasonal-naive, long")                                                          \
    X(DAMPED_SHORT, "holt-winters, short")                                                         \
    X(DAMPED_LONG, "holt-winters, long")                                                           \
    X(MSTL, "mstl")                                                                                \
    X(THETA, "theta")                                                                              \
    X(AR, "ar")                                                                                    \
    X(AR_LOG, "ar, log")                                                                           \
    X(SEASONAL_AR, "seasonal-ar")                                                                  \
    X(SEASONAL_AR_LOG, "seasonal-ar, log")                                                         \
    X(WAVES, "fourier")

enum ll_batch_member {
#define X(name, text) LL_BATCH_##name,
    LL_BATCH_MEMBER_TABLE(X)
#undef X
        LL_BATCH_MEMBERS
};
extern const char *const ll_batch_member_names[LL_BATCH_MEMBERS];

struct ll_batch_shape {
    size_t n, h;          /* values of each series, 1 .. LL_BATCH_N_MAX; steps ahead */
    int season[2];        /* periods in steps, ascending; 0 = none */
    const double *levels; /* of the intervals, each in (0, 1); n_levels of them, may be 0 */
    size_t n_levels;
    size_t lanes; /* 4, 8 or 16 to force a width; 0 = the widest of this machine */
};

struct ll_batch_plan; /* what depends on the shape alone: weights of loess, bases, lags */

/* The plan lives in `out` (some megabytes for n in the thousands).  Fails with LL_E_RANGE (shape,
 * or a width that this machine lacks) and LL_E_MEMORY. */
LL_MUST_USE bool ll_batch_plan_make(const struct ll_batch_shape *shape, struct ll_arena *out,
                                    const struct ll_batch_plan **plan, struct ll_err *err);

size_t ll_batch_lanes(const struct ll_batch_plan *plan);   /* series in a block */
size_t ll_batch_scratch(const struct ll_batch_plan *plan); /* bytes; of any alignment */

/* By rows, a series each, in the unit of the series.  A series without any value is NaN
 * throughout; all others are finite whatever came. */
struct ll_batch_out {
    float *point;         /* n_series x h */
    float *lower, *upper; /* n_series x n_levels x h; NULL = not wanted */
    float *weight;        /* n_series x LL_BATCH_MEMBERS, of 1 in all; NULL = not wanted */
};

/* y: n_series x n; NaN (or infinite) = no data, filled from a season before. */
void ll_batch_run(const struct ll_batch_plan *plan, const float *y, size_t n_series, void *scratch,
                  const struct ll_batch_out *out);

/* MSTL alone, in the unit of the series: season[0], season[1] and rest (trend and remainder), each
 * n_series x n.  A season that has fewer than two cycles is zero. */
void ll_batch_decompose(const struct ll_batch_plan *plan, const float *y, size_t n_series,
                        void *scratch, float *const season[2], float *rest);

#endif
