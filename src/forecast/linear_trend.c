/* The straight line through all values, carried on. */
#include "forecast/kit.h"
#include "forecast/model_list.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 2;
}

static void run(const struct ll_fit *f, double *out)
{
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k];
        double middle = 0.5 * (double)(n - 1), mean = ll_kit_mean(f->y, n),
               slope = ll_kit_slope(f->y, n);
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = mean + slope * ((double)(n + i) - middle);
    }
}

const struct ll_model ll_model_linear_trend = {
    .name = "linear-trend",
    .title = "a straight line",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "least squares; Hyndman & Athanasopoulos, FPP3, 7.1",
};
