/* Autoregression on short and seasonal lags: the best single model of hourly load known to us, at
 * the price of one small linear system. */
#include "forecast/lags.h"
#include "forecast/model_list.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 60;
}

static struct ll_lags lags_of(const struct ll_fit *f, size_t n)
{
    size_t m1 = f->m1 > 1 ? (size_t)f->m1 : 0, m2 = f->m2 > f->m1 ? (size_t)f->m2 : 0;
    struct ll_lags l = {.ridge = 1e-3};
    const size_t seasonal[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, m2 - 1, m2, m2 + 1, 2 * m2};
    const size_t plain[] = {1, 2, 3, 4, 5, 6};
    if (m1 == 0)
        for (size_t i = 0; i < LL_LEN(plain); i++)
            ll_lags_add(&l, plain[i], n, 1);
    for (size_t i = 0; m1 > 0 && i < (m2 ? LL_LEN(seasonal) : 7); i++)
        ll_lags_add(&l, seasonal[i], n, m1);
    return l;
}

static void run(const struct ll_fit *f, double *out)
{
    const struct ll_lags first = lags_of(f, f->n_fit), all = lags_of(f, ll_kit_last(f));
    ll_lags_run(f, &first, &all, out);
}

const struct ll_model ll_model_ar = {
    .name = "ar",
    .title = "autoregression on seasonal lags",
    .flags = LL_MODEL_LOG | LL_MODEL_MEMBER | LL_MODEL_RENEWS | LL_MODEL_CLEAN,
    .min_n = min_n,
    .run = run,
    .source = "Yule 1927; ridge: Hoerl & Kennard 1970",
};
