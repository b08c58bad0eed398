/* What is no season taken off a series: gaps, outliers, its line, its trend, an uneven spread. */
#ifndef LL_FORECAST_SEASONS_LEVEL_H
#define LL_FORECAST_SEASONS_LEVEL_H

#include "base/defs.h"

/* A value that counts as data: finite, and below 1e300, so that differences are finite too. */
bool ll_seasons_seen(double v);

/* x[0..n) = y, gaps (told in `unseen`) filled by lines, clipped at 6 x 1.4826 MAD from the median,
 * scaled to a spread of one, without its least-squares line.  y begins and ends with a value.
 * False for a constant.  spare: n doubles. */
bool ll_seasons_level(const double *y, size_t n, double *x, bool *unseen, double *spare);

/* rest[0..n) = x less its moving average over `span` steps, a whole number or not.  sums: n + 2
 * doubles. */
void ll_seasons_detrend(const double *x, size_t n, double span, double *sums, double *rest);

/* Divides rest by its own moving root mean square over `span` steps, which goes to scale[0..n):
 * a season that grows or is louder for a while weighs the same in every cycle. */
void ll_seasons_even_out(double *rest, size_t n, double span, double *sums, double *scale);

#endif
