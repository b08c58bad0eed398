/* How long a period is exactly: the length at which the harmonics of all blocks of cycles are in
 * phase (maximum likelihood in white noise; Rife & Boorstyn 1976). */
#ifndef LL_FORECAST_SEASONS_PHASE_H
#define LL_FORECAST_SEASONS_PHASE_H

#include "forecast/seasons_fold.h"

/* The period near `period` (within one cycle in all of n) at which harmonics are most in phase:
 * whole steps where n cannot tell, or where they are within two standard errors and the next whole
 * ones are not. */
double ll_seasons_phase_refine(const struct ll_seasons_series *s, double period);

#endif
