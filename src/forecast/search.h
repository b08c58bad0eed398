/* The least of a function over a box, eight candidates a pass.
 *
 * A few passes over points spread evenly (a Kronecker sequence), then a compass search around the
 * best: one step each way on every axis, and the minimum of the parabolas through them.  The number
 * of passes is fixed, so the cost is known beforehand. */
#ifndef LL_FORECAST_SEARCH_H
#define LL_FORECAST_SEARCH_H

#include "forecast/kit.h"

enum { LL_PARAMS_MAX = 3 };

struct ll_search {
    size_t dims; /* 1 .. LL_PARAMS_MAX */
    double low[LL_PARAMS_MAX], high[LL_PARAMS_MAX];
    size_t spread, rounds; /* passes of either kind */
    const double *start;   /* dims values to begin with; NULL = none */
    /* score[c] of parameters p[d][c]; not finite = never chosen */
    void (*score)(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double score[LL_CANDIDATES]);
    void *ctx;
};

/* The best parameters seen; returns their score. */
double ll_search_least(const struct ll_search *s, double best[LL_PARAMS_MAX]);

#endif
