/* Autoregression of the differences to one season before. */
#include "forecast/lags.h"
#include "forecast/model_list.h"

static size_t min_n(int m1, int m2)
{
    (void)m2;
    return 60 + 2 * (size_t)m1;
}

static struct ll_lags lags_of(const struct ll_fit *f, size_t n)
{
    size_t m1 = f->m1 > 1 ? (size_t)f->m1 : 1, m2 = f->m2 > f->m1 ? (size_t)f->m2 : 0;
    struct ll_lags l = {.difference = m1, .ridge = 1e-2};
    const size_t lags[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, 6 * m1, m2 - 1, m2, m2 + 1};
    for (size_t i = 0; i < (m2 ? LL_LEN(lags) : 8); i++)
        ll_lags_add(&l, lags[i], n, m1);
    return l;
}

static void run(const struct ll_fit *f, double *out)
{
    const struct ll_lags first = lags_of(f, f->n_fit), all = lags_of(f, ll_kit_last(f));
    ll_lags_run(f, &first, &all, out);
}

const struct ll_model ll_model_seasonal_ar = {
    .name = "seasonal-ar",
    .title = "autoregression of seasonal differences",
    .flags = LL_MODEL_LOG | LL_MODEL_MEMBER | LL_MODEL_RENEWS,
    .min_n = min_n,
    .run = run,
    .source = "Box & Jenkins 1970, seasonal differences; ridge: Hoerl & Kennard 1970",
};
