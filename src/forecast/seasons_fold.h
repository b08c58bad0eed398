/* A series folded at a period: the profile of its cycles, and whether cycles foretell each other.
 */
#ifndef LL_FORECAST_SEASONS_FOLD_H
#define LL_FORECAST_SEASONS_FOLD_H

#include "base/defs.h"

struct ll_seasons_series {
    size_t n;
    double *x;          /* all finite */
    const bool *unseen; /* filled, no evidence; NULL = all were seen */
};

enum { LL_SEASONS_BLOCKS = 12, LL_SEASONS_BINS = 32 };

/* Blocks of whole cycles, each folded into bins of phase. */
struct ll_seasons_fold {
    size_t blocks, bins;
    double sum[LL_SEASONS_BLOCKS][LL_SEASONS_BINS], count[LL_SEASONS_BLOCKS][LL_SEASONS_BINS];
    double middle[LL_SEASONS_BLOCKS]; /* step */
    double squares;                   /* sum of x^2 */
};

struct ll_seasons_gain {
    double share; /* of the variance that the profile of other blocks of cycles explains */
    double t;     /* of the blocks' gains: mean over its standard error */
    size_t blocks;
};

/* Cycles of a period in n steps; one that wants little at its end counts: six weeks are six cycles
 * of 168.1, too. */
size_t ll_seasons_cycles(size_t n, double period);

/* At least two cycles, at most LL_SEASONS_BINS bins. */
void ll_seasons_fold(const struct ll_seasons_series *s, double period, size_t bins,
                     struct ll_seasons_fold *f);

/* Blocked cross-validation of a profile of `period`.  All 0 in less than three cycles. */
struct ll_seasons_gain ll_seasons_fold_gain(const struct ll_seasons_series *s, double period);

/* x -= scale times the profile of `rest` at `period`.  spare: 2 (period + 1) doubles. */
void ll_seasons_fold_remove(const struct ll_seasons_series *rest, const double *scale,
                            double period, double *x, double *spare);

#endif
