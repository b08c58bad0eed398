/* The standard normal distribution. */
#ifndef LL_STATS_NORMAL_H
#define LL_STATS_NORMAL_H

double ll_normal_cdf(double z);

/* z with P(Z <= z) = p, to 1e-15 relative: Wichura 1988, AS 241 (PPND16).  -+INFINITY at 0 and 1,
 * NaN outside. */
double ll_normal_quantile(double p);

#endif
