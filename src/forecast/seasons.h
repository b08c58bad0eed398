/* Which periods a series has: strength, fractional lengths, several of them.
 *
 * Clipped values, a periodogram against its own background (red noise is no season), the lines'
 * multiples; of each candidate the exact length by the phases of its harmonics, and the gain of its
 * profile, cross-validated over blocks of cycles; what is found is taken off, and again.  Of each
 * season the nested test whether the day of a cycle of seven or five matters (24 in 168, 7 in 35).
 * Periodograms as candidates and profiles as judges: Vlachos, Yu & Castelli 2005, "On Periodicity
 * Detection and Structural Periodic Similarity"; epoch folding: Leahy et al. 1983; blocked
 * cross-validation: Roberts et al. 2017. */
#ifndef LL_FORECAST_SEASONS_H
#define LL_FORECAST_SEASONS_H

#include "forecast/series.h"

enum { LL_SEASONS_STEPS_MAX = 1 << 15 }; /* the newest that are looked at: 3 weeks of minutes */

struct ll_season {
    double steps;    /* the period, whole where that does as well */
    double strength; /* cross-validated share of the variance, trend aside, that it explains */
};

/* y: n values, NaN = no data (filled by a line, and no evidence; none is found when more than half
 * is missing).  Finds up to LL_SEASONS_MAX, the strongest first; none in too little data: 24
 * values, three cycles.  Deterministic; what it needs beside the answer, up to 150 bytes a step,
 * comes from `scratch` and may be dropped afterwards.  Fails with LL_E_MEMORY only. */
LL_MUST_USE bool ll_seasons_detect(const double *y, size_t n, struct ll_arena *scratch,
                                   struct ll_season out[static LL_SEASONS_MAX], size_t *n_found,
                                   struct ll_err *err);

/* The periods that models take: whole steps, ascending, at most two, each with two cycles of data:
 * the strongest, and with it rather a divisor or multiple of it (24 | 168) than another, unless it
 * explains next to nothing.  Returns how many. */
size_t ll_seasons_for_models(const struct ll_season *s, size_t n_found, size_t n,
                             int out[static 2]);

#endif
