/* The mean of the newest values, however far ahead. */
#include "forecast/kit.h"
#include "forecast/model_list.h"

enum { WINDOW_DEFAULT = 24 };

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

static void run(const struct ll_fit *f, double *out)
{
    size_t season = (size_t)LL_MAX(f->m1, f->m2);
    size_t window = f->window ? f->window : season > 1 ? season : WINDOW_DEFAULT;
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k], w = LL_MIN(window, n);
        double mean = ll_kit_mean(f->y + n - w, w);
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = mean;
    }
}

const struct ll_model ll_model_moving_average = {
    .name = "moving-average",
    .title = "the mean of a window",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Hyndman & Athanasopoulos, FPP3, 5.2 (the mean method, over a window)",
};
