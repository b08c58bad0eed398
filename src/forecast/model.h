/* A model: one a file, one row in models.c.
 *
 * It is fitted on the first n_fit values and says, for each origin, what it expects of the steps
 * after it, knowing everything before it.  So one call serves a backtest (several origins, one
 * fit) and a forecast (one origin, n). */
#ifndef LL_FORECAST_MODEL_H
#define LL_FORECAST_MODEL_H

#include "base/defs.h"

enum { LL_ORIGINS_MAX = 16, LL_HORIZON_MAX = 4096 };

struct ll_fit {
    const double *y; /* finite; known up to the last origin */
    size_t n_fit;
    const size_t *origin; /* ascending, n_fit <= origin[k] <= length of y */
    size_t n_origins;     /* 1 .. LL_ORIGINS_MAX */
    bool renew;    /* the last origin is told by a fit on all before it; needs LL_MODEL_RENEWS */
    size_t h;      /* steps ahead */
    int m1, m2;    /* seasons in steps, m1 < m2; 0 = none */
    double alpha;  /* of exponential smoothing when it is given; NaN = fitted */
    size_t window; /* of the moving average; 0 = the longest season, or 24 */
    void *scratch; /* LL_MODEL_SCRATCH(n, h) bytes, aligned to 64 */
};

enum ll_model_flag {
    LL_MODEL_LOG = 1,      /* in logs too, when the series is positive */
    LL_MODEL_MEMBER = 2,   /* part of `auto` */
    LL_MODEL_SEASON = 4,   /* needs m1 */
    LL_MODEL_LOG_ONLY = 8, /* in logs when the series is positive, else as it is */
    LL_MODEL_CLEAN = 16,   /* is given the series with its outliers held */
    LL_MODEL_ROLLS = 32,   /* its state goes on from value to value: a fit stays good for a while */
    LL_MODEL_RENEWS = 64,  /* knows ll_fit.renew */
};

struct ll_model {
    const char *name;  /* "seasonal-naive" */
    const char *title; /* for people */
    unsigned flags;
    size_t (*min_n)(int m1, int m2); /* values it needs before the first origin */
    /* out[k * h + i] is step i + 1 after origin k.  Called by ll_model_run. */
    void (*run)(const struct ll_fit *f, double *out);
    const char *source; /* of the formula */
};

extern const struct ll_model *const ll_models[];
extern const size_t ll_models_n;
const struct ll_model *ll_model_find(const char *name); /* NULL */

/* As run, and always finite: what is too short for the model, or not finite, is naive. */
void ll_model_run(const struct ll_model *m, const struct ll_fit *f, double *out);

size_t ll_model_scratch(size_t n, size_t h); /* bytes that any model needs at most */

#endif
