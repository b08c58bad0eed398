/* Loess on a grid as rows of weights: what STL smooths with, worked out once for a length.
 *
 * A value is fitted at every `jump`-th step and between two by a straight line, as in the authors'
 * program (Cleveland et al. 1990, and netlib's stl): the local fit of degree 0 or 1 with tricube
 * weights is linear in the series, so each fit is a scalar product. */
#ifndef LL_FORECAST_BATCH_LOESS_H
#define LL_FORECAST_BATCH_LOESS_H

#include "base/arena.h"

struct ll_loess {
    size_t n, q, jump;           /* length of the series; weights of a fit; steps between fits */
    size_t alike_from, alike_to; /* fits away from the ends, all with the same weights */
    size_t n_fits; /* along the series; with ends two more: before the first, after the last */
    bool ends;
    int *at;        /* of each fit: its step, -1 for the one before the first */
    size_t *from;   /* the step that its first weight belongs to */
    float *weights; /* n_fits (+ 2) x q */
};

/* width: odd, the steps of a neighbourhood; degree 0 or 1.  False without memory. */
LL_MUST_USE bool ll_loess_make(size_t n, size_t width, int degree, size_t jump, bool ends,
                               struct ll_arena *out, struct ll_loess *l);

/* STL of one season, not robust, two inner rounds, with R's windows: the season's smoother for
 * phases with one cycle more, and for the others; low pass; trend. */
struct ll_stl {
    size_t n, m;     /* m 0: no season */
    size_t n_longer; /* phases with the extra cycle */
    struct ll_loess longer, shorter, low_pass, trend;
};

/* window: of the season, odd (mstl: 7 + 4 i for season i = 1, 2). */
LL_MUST_USE bool ll_loess_stl(size_t n, size_t m, size_t window, struct ll_arena *out,
                              struct ll_stl *s);

#endif
