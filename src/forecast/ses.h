/* Simple exponential smoothing, with errors that may follow each other.
 *
 *     e[t] = y[t] - l[t-1],  l[t] = l[t-1] + alpha e[t],  e[t] = phi e[t-1] + noise
 *     y[t+i] is expected at l[t] + phi^i e[t]
 *
 * For each alpha the best phi is known without a search: sum e[t] e[t-1] / sum e[t-1]^2. */
#ifndef LL_FORECAST_SES_H
#define LL_FORECAST_SES_H

#include "forecast/kit.h"

struct ll_ses {
    double alpha, phi; /* phi 0 when errors are taken as independent */
    double start;      /* the level before the first value */
};

enum { LL_SES_START = 24 }; /* the level begins at the mean of so many values at most */

/* Least squared one-step errors; phi within 0 .. phi_max, 0 = none. */
struct ll_ses ll_ses_fit(const double *y, size_t n, double alpha_max, double phi_max);

struct ll_ses_state {
    double level, error;
};

/* Where the level is after n values; it begins where that no longer matters. */
struct ll_ses_state ll_ses_roll(const struct ll_ses *s, const double *y, size_t n);

#endif
