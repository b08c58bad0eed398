/* exp and log with the same bits on every machine: the C library picks its code by the processor,
 * and with fused multiply-add the last bit may differ.
 *
 *     log x = k log 2 + 2 atanh(s),  s = (m - 1) / (m + 1),  x = m 2^k,  m in [sqrt 1/2, sqrt 2)
 *     exp x = 2^k exp(r),            r = x - k log 2,        |r| <= (log 2) / 2
 *
 * Series: Abramowitz & Stegun 4.1.27 and 4.2.1, cut below 2^-56; log 2 in two parts: Cody & Waite
 * 1980.  Within 2 units of the last place. */
#ifndef LL_STATS_EXPLOG_H
#define LL_STATS_EXPLOG_H

double ll_explog_log(double x); /* NaN below 0, -INFINITY at 0; subnormal numbers too */
double ll_explog_exp(double x); /* 0 below -745, INFINITY above 709.78 */

#endif
