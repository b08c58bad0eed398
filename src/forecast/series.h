/* A regular series: what every model works on.
 *
 * Samples come irregular, doubled and with holes; here they become one value a step.  A step
 * without data is NaN, never zero. */
#ifndef LL_FORECAST_SERIES_H
#define LL_FORECAST_SERIES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

enum { LL_SERIES_STEPS_MAX = 1 << 20, LL_SEASONS_MAX = 3 };

struct ll_series {   /* borrowed or in an arena */
    ll_time t0;      /* start of the first step */
    ll_dur step;     /* ms */
    const double *y; /* n values; NaN = no data */
    size_t n;
};

struct ll_point { /* one sample, in the unit of the series */
    ll_time t;
    double v;
};

/* What was done to make it regular: for the reason of a forecast. */
struct ll_series_notes {
    size_t points, doubled, missing, unusable; /* unusable: not finite, or beyond 1e150 */
    bool cadence_changed;                      /* the newest cadence counts */
    bool counter_like; /* never falls but for resets: was made a rate per second */
};

/* Points in any order become steps: the step is the mode of the newest quarter's distances (or
 * `step` when > 0; one hour for a single point), a step's value the mean of its points, of doubled
 * stamps the last.  Steps begin at multiples of the step since 1970.  The series ends at the last
 * point's step; it begins `steps_max` before that at the earliest (0 = LL_SERIES_STEPS_MAX).
 * Fails with LL_E_SHORT (fewer than one usable point), LL_E_MEMORY. */
LL_MUST_USE bool ll_series_from_points(const struct ll_point *p, size_t n, ll_dur step,
                                       size_t steps_max, struct ll_arena *out,
                                       struct ll_series *series, struct ll_series_notes *notes,
                                       struct ll_err *err);

enum ll_series_by { LL_SERIES_MEAN, LL_SERIES_MAX };

/* The same series in steps of `step`, a multiple of its own: the mean or the maximum of each whole
 * step, those begun or cut off left out; NaN where less than half is known.  Fails with
 * LL_E_RANGE (no multiple), LL_E_SHORT (no whole step), LL_E_MEMORY. */
LL_MUST_USE bool ll_series_coarsen(const struct ll_series *s, ll_dur step, enum ll_series_by by,
                                   struct ll_arena *out, struct ll_series *coarse,
                                   struct ll_err *err);

#endif
