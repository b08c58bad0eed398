/* A series folded at a period: is there a profile that other cycles foretell, how long is the
 * period exactly, and the series without it. */
#ifndef LL_FORECAST_SEASONS_FOLD_H
#define LL_FORECAST_SEASONS_FOLD_H

#include "base/defs.h"

struct ll_seasons_series {
    size_t n;
    double *x;          /* all finite */
    const bool *unseen; /* filled by interpolation, no evidence; NULL = all were seen */
};

struct ll_seasons_gain {
    double share; /* of the variance that the profile of other blocks of cycles explains */
    double t;     /* of the blocks' gains: mean over its standard error */
    size_t blocks;
};

/* rest[0..n) = x less its moving average over `span` steps, a whole number or not.  sums: n + 2
 * doubles. */
void ll_seasons_detrend(const double *x, size_t n, double span, double *sums, double *rest);

/* Divides rest by its own moving root mean square over `span` steps, which goes to scale[0..n):
 * a season that grows or is louder for a while weighs the same in every cycle. */
void ll_seasons_even_out(double *rest, size_t n, double span, double *sums, double *scale);

/* Blocked cross-validation of a profile of `period` (Roberts et al. 2017).  No blocks in less
 * than three cycles. */
struct ll_seasons_gain ll_seasons_fold_gain(const struct ll_seasons_series *s, double period);

/* The period near `period` at which the harmonics of up to twelve blocks are most in phase; whole
 * steps unless that is unlikely (two standard errors off). */
double ll_seasons_fold_refine(const struct ll_seasons_series *s, double period);

/* x -= scale times the profile of `rest` at `period`.  sum, count: period + 1 doubles. */
void ll_seasons_fold_remove(const struct ll_seasons_series *rest, const double *scale,
                            double period, double *x, double *sum, double *count);

#endif
