/* The maximum over the steps ahead, forecast itself: the largest of the points is too low for it.
 *
 *     u(v) = asinh(v / 2 unit)      a logarithm of what is large, a line through zero for the rest
 *     five forecasts of the maximum: the largest point, and from the maxima of earlier windows of
 *     the same steps (a season apart) two running means, a median and a mean of the same weekday;
 *     each weighed by (mean |error| at the origins)^-4, the point more, of few origins much more
 *     centre   = halfway between their weighted mean and median, + 0.2 x median of its errors there
 *     spread^2 = (2 usual^2 + sum of errors^2) / (2 + origins)
 *     P(u(maximum) <= centre + z spread): how often z held over the series of bench/data/series
 *
 * Six origins of one series cannot tell the shape of a tail: their errors give the spread, what all
 * series have in common the shape.  `usual` is half what a step's error is, half a part of how
 * maxima differ from window to window. */
#ifndef LL_FORECAST_PEAK_H
#define LL_FORECAST_PEAK_H

#include "forecast/interval.h"

struct ll_peak_ahead {
    double centre, spread, unit; /* of u(maximum / factor) */
    double factor, floor;        /* of the step of the largest point; what nothing is below */
    size_t at;                   /* that step, from 0 */
};

struct ll_peak_ask {
    const struct ll_portfolio *portfolio;
    const struct ll_interval *interval; /* of that portfolio */
    const double *actual;               /* n values, as in ll_portfolio_ask; NaN = unknown */
    size_t n;
    int m1, m2;           /* seasons in steps; 0 = none */
    const double *factor; /* h: a step's value is its point times this; NaN = not asked for */
    double floor;         /* in the unit of what comes out; -INFINITY = none */
};

/* Allocates nothing.  Without a step that is asked for the peak is NaN. */
void ll_peak_fit(const struct ll_peak_ask *ask, struct ll_peak_ahead *res);

/* What the maximum stays under with probability `level` in (0, 1); its median at 0.5.  widen: the
 * distance from the median is multiplied by it, 1 = as fitted (ll_interval_adapt). */
double ll_peak_quantile(const struct ll_peak_ahead *p, double level, double widen);

/* P(maximum > x): the same the other way round. */
double ll_peak_exceeds(const struct ll_peak_ahead *p, double x, double widen);

#endif
