/* The normal equations of a regression on lags, out of sums of w[s] w[s + apart] that are shared.
 *
 * Pairs of lags that lie equally far apart need the same sum from different places: one that is
 * known slides to another place by what falls out and what comes in.  More rows are added to what
 * is there. */
#ifndef LL_FORECAST_GRAM_H
#define LL_FORECAST_GRAM_H

#include "forecast/kit.h"

enum {
    LL_LAGS_MAX = 16,
    LL_COLUMNS_MAX = LL_LAGS_MAX + 1, /* a constant, and one a lag */
    LL_PRODUCTS_MAX = LL_COLUMNS_MAX * (LL_COLUMNS_MAX + 1) / 2,
    LL_GRAM_BUCKETS = 64
};

struct ll_gram {
    const double *w;
    const size_t *lag; /* ascending, each at least 1 */
    size_t n_lags, from, rows;
    double sum[LL_COLUMNS_MAX]; /* of the target (a lag of 0), then of each lag's column */
    struct ll_gram_product {
        size_t apart, at; /* sum over `rows` values of s from `at` of w[s] w[s + apart] */
        double sum;
        unsigned next; /* of the same bucket */
    } product[LL_PRODUCTS_MAX];
    unsigned n_products, bucket[LL_GRAM_BUCKETS]; /* by `apart` */
};

/* Rows are t in [from, to) with target w[t]; the greatest lag is at most `from`. */
void ll_gram_build(struct ll_gram *g, const double *w, size_t from, size_t to, const size_t *lag,
                   size_t n_lags);

/* The rows now go to `to`. */
void ll_gram_extend(struct ll_gram *g, size_t to);

/* Coefficients: the constant, then the lags.  ridge is added per row to the squares of lags.  False
 * when there is no solution. */
LL_MUST_USE bool ll_gram_solve(const struct ll_gram *g, double ridge, double b[LL_COLUMNS_MAX]);

#endif
