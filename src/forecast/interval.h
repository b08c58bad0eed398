/* Intervals from the errors of the backtest: pooled, standardised, conformal.
 *
 *     s_h  = smoothed, monotone mean absolute error at horizon h
 *     q_p  = the ceil((N + 1) p)-th smallest of |error| / s_h over origins and steps, every three
 *            of which count as one of N: errors of neighbouring steps go together
 *     band = point -+ q_p s_h (1 + u_p (sqrt(1 + 2 / origins) - 1)), u_p 0.6 at 50 % to 1.3 at 99 %
 *
 * Later q follows the actuals (adaptive conformal inference, Gibbs & Candes 2021), so that
 * coverage holds in the long run also when the series changes its ways. */
#ifndef LL_FORECAST_INTERVAL_H
#define LL_FORECAST_INTERVAL_H

#include "forecast/portfolio.h"

enum { LL_LEVELS = 5 };
extern const double ll_levels[LL_LEVELS]; /* 0.50 0.80 0.90 0.95 0.99 */

struct ll_interval {
    double *scale;       /* reach of the portfolio, at least h: s_h */
    double q[LL_LEVELS]; /* half width in units of s_h; INFINITY is never: falls back to a normal */
    size_t n_errors;     /* how many it stands on */
};

LL_MUST_USE bool ll_interval_fit(const struct ll_portfolio *p, struct ll_arena *out,
                                 struct ll_interval *res, struct ll_err *err);

/* Half width at step i (from 0) for a two-sided level in (0, 1); between the five by interpolation
 * in the normal's scale. */
double ll_interval_half(const struct ll_interval *iv, size_t i, double level);

/* P(value at step i > x), given its point forecast. */
double ll_interval_exceeds(const struct ll_interval *iv, size_t i, double point, double x);

/* One actual against what was stated for it: the multiplier of q for this series afterwards.
 *     log m += gamma ((covered ? 0 : 1) - (1 - level))
 * `multiplier` starts at 1 and stays in 0.1 .. 10; gamma 0.01 to 0.05. */
double ll_interval_adapt(double multiplier, bool covered, double level, double gamma);

#endif
