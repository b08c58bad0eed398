/* What depends on the shape alone: read only, shared by all blocks and threads. */
#ifndef LL_FORECAST_BATCH_PLAN_H
#define LL_FORECAST_BATCH_PLAN_H

#include "forecast/batch.h"
#include "forecast/batch/loess.h"
#include "forecast/lags.h"

enum {
    LL_BATCH_ORIGINS = 4,
    LL_BATCH_FITS = LL_BATCH_ORIGINS + 1, /* of regressions: at each origin, and at the end */
    LL_BATCH_WAVES_MAX = 48,
};

/* A line and waves of the seasons; the inverse of x'x is known beforehand for each fit. */
struct ll_waves {
    size_t columns; /* 0: too few values */
    float *x;       /* (n + h) x columns */
    float *inverse; /* fits x columns x columns */
};

struct ll_batch_kernels;

struct ll_batch_plan {
    size_t n, h, m1, m2, lanes;              /* m1 at least 1; m2 0 = none */
    size_t origin[LL_BATCH_FITS], n_origins; /* origin[n_origins] is n */
    bool use[LL_BATCH_MEMBERS];
    struct ll_lags ar, seasonal_ar;
    struct ll_stl stl[2][2]; /* up to the first origin, whole; short season, long */
    struct ll_waves waves;
    float level[LL_BATCH_LEVELS_MAX], normal[LL_BATCH_LEVELS_MAX]; /* two-sided quantiles */
    size_t n_levels;
    size_t vectors; /* of scratch */
    const struct ll_batch_kernels *kernels;
};

/* What is compiled once for each width; count is at most `lanes`. */
struct ll_batch_kernels {
    size_t lanes;
    void (*forecast)(const struct ll_batch_plan *p, const float *y, size_t count, void *scratch,
                     const struct ll_batch_out *out);
    void (*decompose)(const struct ll_batch_plan *p, const float *y, size_t count, void *scratch,
                      float *const season[2], float *rest);
};

/* All but the kernels, which every width could be; the shape was checked.  False without memory. */
LL_MUST_USE bool ll_batch_plan_fill(const struct ll_batch_shape *s, struct ll_arena *out,
                                    struct ll_batch_plan *p);

extern const struct ll_batch_kernels ll_batch_kernels_4, ll_batch_kernels_8, ll_batch_kernels_16;

#endif
