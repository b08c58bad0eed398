/* From a series as it came to one that models can take: holes filled, outliers held, shifts
 * of level evened out.  What was done is told. */
#ifndef LL_FORECAST_CLEAN_H
#define LL_FORECAST_CLEAN_H

#include "base/arena.h"
#include "base/err.h"

struct ll_clean {
    double *y;      /* n values, all finite: filled and winsorised, in the newest level */
    double *filled; /* n values, all finite: only filled and rescaled */
    double *actual; /* n values, rescaled: what errors are measured against; NaN = not known */
    size_t n;
    size_t n_filled, n_held; /* values that were missing; that were winsorised, or an outage */
    size_t shift_at;         /* the step at which the level changed; 0 = it did not */
    double shift_ratio;      /* new level over old, 1 = no shift; of a series that is not positive
                                the difference over 1.4826 MAD */
    bool constant;           /* one value only */
};

/* y: NaN, infinite or beyond 1e150 = no data.  seasons: n_seasons periods in steps, ascending
 * (0 = none known).  The profile is the median of each phase of the longest season that has three
 * cycles, of logarithms when all is positive, without the trend when there is a clear one.
 *
 * Holes take the value of their phase at the level beside them, a line between their neighbours
 * when there is no season.  Outages are runs below 0.15 of the profile between ordinary values
 * (above 0.4 of it, as at least 95 % are): they are filled like holes.  Winsorising: 6 x 1.4826 MAD
 * around the profile.  A level shift (shift.h) in the last 6 to 168 steps: the past is rescaled, so
 * that its season stays of use; a fall, or a rise to more than three times, must have lasted a
 * season (24 steps at most), and what runs like another day of the week is a holiday and none.
 *
 * Scratch stays in `out`: some 90 bytes a value.  Fails with LL_E_SHORT (no usable value),
 * LL_E_MEMORY. */
LL_MUST_USE bool ll_clean(const double *y, size_t n, const int *seasons, size_t n_seasons,
                          struct ll_arena *out, struct ll_clean *res, struct ll_err *err);

#endif
