/* The models by name, for the table in models.c: one a file. */
#ifndef LL_FORECAST_MODEL_LIST_H
#define LL_FORECAST_MODEL_LIST_H

#include "forecast/model.h"

extern const struct ll_model ll_model_ar, ll_model_damped, ll_model_double_seasonal,
    ll_model_exponential_smoothing, ll_model_fourier, ll_model_holt, ll_model_holt_winters,
    ll_model_linear_trend, ll_model_moving_average, ll_model_mstl, ll_model_robust_profile,
    ll_model_seasonal_ar, ll_model_seasonal_naive, ll_model_theta, ll_model_tsb;

#endif
