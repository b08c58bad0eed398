/* Simple exponential smoothing: one level, the same however far ahead. */
#include <math.h>

#include "forecast/model_list.h"
#include "forecast/ses.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

/* A given alpha begins at the first value, as the textbook has it; a fitted one at a mean. */
static void run(const struct ll_fit *f, double *out)
{
    struct ll_ses s = isfinite(f->alpha) ? (struct ll_ses){f->alpha, 0, f->y[0]}
                                         : ll_ses_fit(f->y, f->n_fit, 1, 0);
    for (size_t k = 0; k < f->n_origins; k++) {
        double level = ll_ses_roll(&s, f->y, f->origin[k]).level;
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = level;
    }
}

const struct ll_model ll_model_exponential_smoothing = {
    .name = "exponential-smoothing",
    .title = "simple exponential smoothing",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Brown 1959; Hyndman & Athanasopoulos, FPP3, 8.1",
};
