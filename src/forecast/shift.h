/* A level that changed lately and stayed changed: a deployment, another market, a second tenant.
 *
 *     jump at t = what comes after t - what came before it, of residuals without season, as
 *       medians of 5; medians of 13 (five such medians: remedian, Rousseeuw & Bassett 1990);
 *       means over a day, weighted by how sure each phase is, no residual counting beyond six
 *       times its usual distance; and single steps
 *
 * A jump is a candidate when it is far larger than the series' own elsewhere (their 97 % quantile;
 * for single steps the largest) and did not come as large more than once in four weeks: a weekend
 * is none.  It is a shift when the level came at once (a random walk's does not), stayed, nearly
 * all residuals lie on their own side of the middle, and they scatter no more than before.  Where
 * it began is the maximum of a clipped cumulative sum (Page 1954). */
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
