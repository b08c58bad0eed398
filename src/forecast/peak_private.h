/* Part of the forecast of a maximum: shared by its fit and its tails. */
#ifndef LL_FORECAST_PEAK_PRIVATE_H
#define LL_FORECAST_PEAK_PRIVATE_H

#include "forecast/peak.h"

/* u(v) of peak.h; unit > 0. */
double ll_peak_u(double unit, double v);

/* z of peak.h that holds with probability `level` in (0, 1). */
double ll_peak_z(double level);

#endif
