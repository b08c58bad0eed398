/* How good a forecast was: the measures of the literature, over pairs of actual and forecast.
 *
 *     WAPE  = sum |a - f| / sum |a|                       sMAPE = mean 200 |a - f| / (|a| + |f|)
 *     MASE  = mean |a - f| / mean |y_t - y_{t-m}| of the history (Hyndman & Koehler 2006)
 *     MSIS  = mean(width + 2/(1-level) of what lies outside) / the same scale (Gneiting & Raftery
 * 2007) OWA   = (sMAPE / sMAPE_Naive2 + MASE / MASE_Naive2) / 2 (Makridakis et al. 2020) Pairs
 * without an actual are left out. */
#ifndef LL_FORECAST_MEASURE_H
#define LL_FORECAST_MEASURE_H

#include "base/defs.h"

struct ll_measure {
    size_t n, n_intervals; /* pairs; pairs with bounds */
    double abs_error, abs_actual, error, smape, inside, width, outside;
    double pinball; /* of both bounds, each as the quantile it is */
};

/* Adds one pair; NaN bounds leave the interval's measures out.  level: of lower..upper. */
void ll_measure_add(struct ll_measure *m, double actual, double forecast, double lower,
                    double upper, double level);
double ll_measure_wape(const struct ll_measure *m); /* ratio; NaN when nothing was seen */
double ll_measure_bias(const struct ll_measure *m); /* sum of errors over sum |a| */
double ll_measure_smape(const struct ll_measure *m);
double ll_measure_mase(const struct ll_measure *m, double scale);
double ll_measure_coverage(const struct ll_measure *m);
double ll_measure_msis(const struct ll_measure *m, double scale, double level);

/* mean |y_t - y_{t-m}|, m = 0 counts as 1; NaN pairs left out; 0 for a constant series. */
double ll_measure_scale(const double *y, size_t n, int m);

#endif
