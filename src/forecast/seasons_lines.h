/* Candidates for a period: lines of the spectrum that stand over what lies around them.
 *
 * Hann's window, the power over its own background: in log-spaced windows a low quantile of the
 * power, scaled to the mean of an exponential variable.  So red noise, whose spectrum is steep but
 * smooth, has no lines.  The period of a line may be a multiple of its own length (a narrow peak a
 * day has its power in the harmonics), so each line proposes multiples, scored by the sum of what
 * stands over the background at all harmonics. */
#ifndef LL_FORECAST_SEASONS_LINES_H
#define LL_FORECAST_SEASONS_LINES_H

#include "base/arena.h"

struct ll_seasons_lines;

struct ll_seasons_candidate {
    double period; /* steps */
    double score;  /* excess over the background at all harmonics, in backgrounds */
};

enum { LL_SEASONS_CANDIDATES = 6 };

/* For series of n values, n >= 16.  NULL without memory. */
struct ll_seasons_lines *ll_seasons_lines_new(size_t n, struct ll_arena *a);

/* Periods from `shortest` to `longest` steps, the best score first. */
size_t ll_seasons_lines_find(struct ll_seasons_lines *l, const double *x, double shortest,
                             double longest,
                             struct ll_seasons_candidate out[static LL_SEASONS_CANDIDATES]);

#endif
