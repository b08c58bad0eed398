#include <math.h>
#include <string.h>

#include "forecast/kit.h"
#include "forecast/model_list.h"

const struct ll_model *const ll_models[] = {
    &ll_model_ar,
    &ll_model_damped,
    &ll_model_double_seasonal,
    &ll_model_exponential_smoothing,
    &ll_model_fourier,
    &ll_model_holt,
    &ll_model_holt_winters,
    &ll_model_linear_trend,
    &ll_model_moving_average,
    &ll_model_mstl,
    &ll_model_robust_profile,
    &ll_model_seasonal_ar,
    &ll_model_seasonal_naive,
    &ll_model_theta,
    &ll_model_tsb,
};

const size_t ll_models_n = LL_LEN(ll_models);

const struct ll_model *ll_model_find(const char *name)
{
    for (size_t i = 0; i < LL_LEN(ll_models); i++)
        if (strcmp(ll_models[i]->name, name) == 0)
            return ll_models[i];
    return NULL;
}

size_t ll_model_scratch(size_t n, size_t h)
{
    return (10 * (n + h) + 1024) * sizeof(double);
}

void ll_model_run(const struct ll_model *m, const struct ll_fit *f, double *out)
{
    if (f->n_fit < m->min_n(f->m1, f->m2))
        ll_model_seasonal_naive.run(f, out);
    else
        m->run(f, out);
    for (size_t k = 0; k < f->n_origins; k++)
        for (size_t i = 0; i < f->h; i++)
            if (!isfinite(out[k * f->h + i]))
                out[k * f->h + i] = f->y[f->origin[k] - 1];
}
