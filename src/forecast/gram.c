#include "forecast/gram.h"

#include "forecast/solve.h"

enum { NONE = LL_PRODUCTS_MAX };

static double slid(const struct ll_gram *g, const struct ll_gram_product *p, size_t at)
{
    const double *w = g->w, *far = g->w + p->apart;
    size_t low = LL_MIN(at, p->at), shift = LL_MAX(at, p->at) - low;
    double front = ll_kit_dot(w + low, far + low, shift);
    double back = ll_kit_dot(w + low + g->rows, far + low + g->rows, shift);
    return at > p->at ? p->sum + (back - front) : p->sum + (front - back);
}

/* The known product equally far apart whose place is nearest; sliding reads twice the shift. */
static const struct ll_gram_product *nearest(const struct ll_gram *g, size_t apart, size_t at)
{
    const struct ll_gram_product *best = NULL;
    size_t least = g->rows / 3;
    for (unsigned i = g->bucket[apart % LL_GRAM_BUCKETS]; i != NONE; i = g->product[i].next) {
        const struct ll_gram_product *p = &g->product[i];
        size_t shift = LL_MAX(p->at, at) - LL_MIN(p->at, at);
        if (p->apart == apart && shift < least) {
            least = shift;
            best = p;
        }
    }
    return best;
}

/* The sum of w[t - near] w[t - far] over all rows. */
static void add_product(struct ll_gram *g, size_t near, size_t far)
{
    size_t apart = far - near, at = g->from - far;
    unsigned *bucket = &g->bucket[apart % LL_GRAM_BUCKETS];
    const struct ll_gram_product *like = nearest(g, apart, at);
    double sum = like ? slid(g, like, at) : ll_kit_dot(g->w + at, g->w + at + apart, g->rows);
    g->product[g->n_products] = (struct ll_gram_product){apart, at, sum, *bucket};
    *bucket = g->n_products++;
}

/* From the sum of the column before, unless that is too far away. */
static double column_sum(const struct ll_gram *g, size_t i)
{
    size_t lag = i ? g->lag[i - 1] : 0, before = i > 1 ? g->lag[i - 2] : 0, shift = lag - before;
    const double *w = g->w + g->from - lag;
    if (i == 0 || shift > g->rows / 3)
        return ll_kit_sum(w, g->rows);
    return g->sum[i - 1] + (ll_kit_sum(w, shift) - ll_kit_sum(w + g->rows, shift));
}

void ll_gram_build(struct ll_gram *g, const double *w, size_t from, size_t to, const size_t *lag,
                   size_t n_lags)
{
    g->w = w;
    g->lag = lag;
    g->n_lags = n_lags;
    g->from = from;
    g->rows = to - from;
    g->n_products = 0;
    for (size_t i = 0; i < LL_GRAM_BUCKETS; i++)
        g->bucket[i] = NONE;
    for (size_t i = 0; i <= n_lags; i++)
        g->sum[i] = column_sum(g, i);
    for (size_t i = 0; i < n_lags; i++) {
        add_product(g, 0, lag[i]);
        for (size_t j = 0; j <= i; j++)
            add_product(g, lag[j], lag[i]);
    }
}

void ll_gram_extend(struct ll_gram *g, size_t to)
{
    size_t more = to - g->from - g->rows;
    for (size_t i = 0; i <= g->n_lags; i++)
        g->sum[i] += ll_kit_sum(g->w + g->from + g->rows - (i ? g->lag[i - 1] : 0), more);
    for (unsigned i = 0; i < g->n_products; i++) {
        struct ll_gram_product *p = &g->product[i];
        const double *w = g->w + p->at + g->rows;
        p->sum += ll_kit_dot(w, w + p->apart, more);
    }
    g->rows += more;
}

bool ll_gram_solve(const struct ll_gram *g, double ridge, double b[LL_COLUMNS_MAX])
{
    double a[LL_COLUMNS_MAX * LL_COLUMNS_MAX], rows = (double)g->rows;
    const struct ll_gram_product *p = g->product;
    size_t q = g->n_lags + 1;
    a[0] = rows * (1 + 1e-9);
    b[0] = g->sum[0];
    for (size_t i = 1; i < q; i++) {
        a[i * q] = g->sum[i];
        b[i] = p++->sum;
        for (size_t j = 1; j <= i; j++)
            a[i * q + j] = p++->sum;
        a[i * q + i] += ridge * rows;
    }
    return ll_solve_spd(a, b, q);
}
