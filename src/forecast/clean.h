/* From a series as it came to one that models can take: holes filled, outliers held, shifts
 * of level evened out.  What was done is told. */
#ifndef LL_FORECAST_CLEAN_H
#define LL_FORECAST_CLEAN_H

#include "base/arena.h"
#include "base/err.h"

struct ll_clean {
    double *y;      /* n values, all finite: filled and winsorised, in the newest level */
    double *filled; /* n values: only filled and rescaled; what errors are measured against */
    size_t n;
    size_t n_filled, n_held; /* values that were missing, that were winsorised */
    size_t shift_at;         /* the step at which the level changed; 0 = it did not */
    double shift_ratio;      /* new level over old (additive series: difference / scale) */
    bool constant;           /* one value only */
};

/* seasons: n_seasons periods in steps, ascending (0 = none known).
 * Winsorising: 6 x 1.4826 MAD around the median of the same phase of the longest season that has
 * three cycles.  A level shift: a two-window test on deseasonalised log residuals in the last 6
 * to 168 steps; the past is rescaled by the ratio, so that its season stays of use. */
LL_MUST_USE bool ll_clean(const double *y, size_t n, const int *seasons, size_t n_seasons,
                          struct ll_arena *out, struct ll_clean *res, struct ll_err *err);

#endif
