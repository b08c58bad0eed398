/* What was one season before: hard to beat on flat series and on those full of zeros. */
#include "forecast/kit.h"
#include "forecast/model_list.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

static void run(const struct ll_fit *f, double *out)
{
    size_t m = f->m1 > 1 ? (size_t)f->m1 : 1;
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k], cycle = LL_MIN(m, n) == m ? m : 1;
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = f->y[n - cycle + i % cycle];
    }
}

const struct ll_model ll_model_seasonal_naive = {
    .name = "seasonal-naive",
    .title = "the last season again",
    .flags = LL_MODEL_MEMBER | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Hyndman & Athanasopoulos, FPP3, 5.2",
};
