/* Which periods a series has: strength, fractional lengths, several of them.
 *
 * Robust clip, periodogram against a log-smoothed background (red noise is no season), ACF hill
 * refined at far multiples, blocked cross-validated gain of the profile, removal, again; then the
 * nested test whether the day of the cycle matters (7 x the found period). */
#ifndef LL_FORECAST_SEASONS_H
#define LL_FORECAST_SEASONS_H

#include "base/defs.h"
#include "forecast/series.h"

struct ll_season {
    double steps;    /* the period, fractional */
    double strength; /* cross-validated share of variance it explains, 0..1 */
};

/* Scratch of its own allocation; deterministic.  y: n values, NaN = no data.  Returns how many, the
 * strongest first; 0 for too little data (fewer than three cycles of any period).  (Issue: at most
 * 0.5 % false positives on ten null generators.) */
size_t ll_seasons_detect(const double *y, size_t n, struct ll_season out[static LL_SEASONS_MAX]);

/* The periods that models take: whole steps, ascending, at most two, each with two cycles of data;
 * a short one that divides a longer (24 | 168) is preferred. */
size_t ll_seasons_for_models(const struct ll_season *s, size_t n_found, size_t n,
                             int out[static 2]);

#endif
