/* A level that changed lately and stayed changed: a deployment, another market, a second tenant.
 *
 *     jump at t = median of the w residuals from t on - median of the w before it,
 *     w = 5, and w = 25 as the median of five medians (remedian, Rousseeuw & Bassett 1990)
 *
 * It is a shift when the jump is far larger than the series' own jumps elsewhere (its 97 %
 * quantile: so a weekend, which comes every week, is none, and neither is a step of a random
 * walk), when the level stayed, and when nearly all residuals before and after it lie on their
 * own side of the middle. */
#ifndef LL_FORECAST_SHIFT_H
#define LL_FORECAST_SHIFT_H

#include "base/defs.h"

enum { LL_SHIFT_NEWEST = 6, LL_SHIFT_OLDEST = 168, LL_SHIFT_SCRATCH = 5 }; /* steps; n x doubles */

struct ll_shift {
    size_t at;   /* first step of the new level; 0 = the level did not change */
    double size; /* new level - old, in the unit of the residuals */
};

/* r: n finite residuals without season; z: the same with their season, of m steps (1 = none): where
 * the last five cycles tell more than the profile, they are what is compared with.  least: sizes
 * below it do not count.  once: the series must not have jumped so before (for residuals that
 * bursts would bend).  scratch holds LL_SHIFT_SCRATCH x n. */
struct ll_shift ll_shift_find(const double *r, const double *z, size_t n, size_t m, double least,
                              bool once, double *scratch);

#endif
