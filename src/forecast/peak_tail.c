/* The distribution of a maximum: its scale, quantiles and probabilities.  The asinh: Johnson 1949.
 */
#include <math.h>

#include "forecast/peak_private.h"
#include "stats/explog.h"

static const double greatest = 1e152; /* as of the portfolio */

/* How often z held over the series of bench/data/series: M4 Hourly a day and two ahead, operation,
 * and sessions, each of which counts alike. */
static const struct {
    double p, z;
} held[] = {{0.01, -4.35}, {0.05, -2.0}, {0.1, -1.4},  {0.2, -0.85}, {0.5, 0.04},
            {0.8, 1.2},    {0.9, 2.05},  {0.95, 2.85}, {0.99, 5.2}};

double ll_peak_u(double unit, double v)
{
    double x = fabs(v) / (2 * unit);
    double u = x > 1e8 ? ll_explog_log(2 * x) : ll_explog_log(x + sqrt(x * x + 1));
    return v < 0 ? -u : u;
}

static double of_u(double unit, double u)
{
    double size = fabs(u) > 700 ? 700 : fabs(u), x = ll_explog_exp(size);
    double v = unit * (x - 1 / x);
    v = v > greatest ? greatest : v; /* NaN stays NaN */
    return u < 0 ? -v : v;
}

/* Between two rows the probability of the smaller side goes by one factor a step of z, beyond the
 * table as in its last rows. */
static double side(double p)
{
    return ll_explog_log(p < 0.5 ? p : 1 - p);
}

double ll_peak_z(double level)
{
    size_t i = 1;
    while (i + 1 < LL_LEN(held) && level > held[i].p)
        i++;
    double from = side(held[i - 1].p), to = side(held[i].p);
    return held[i - 1].z + (held[i].z - held[i - 1].z) * (side(level) - from) / (to - from);
}

static double level_of(double z)
{
    size_t i = 1;
    while (i + 1 < LL_LEN(held) && z > held[i].z)
        i++;
    double from = side(held[i - 1].p), to = side(held[i].p);
    double part = (z - held[i - 1].z) / (held[i].z - held[i - 1].z);
    double p = ll_explog_exp(fmin(from + (to - from) * part, 0));
    return held[i].p > 0.5 ? 1 - p : p;
}

static double at_z(const struct ll_peak_ahead *p, double z)
{
    double v = of_u(p->unit, p->centre + z * p->spread) * p->factor;
    return v < p->floor ? p->floor : v;
}

double ll_peak_quantile(const struct ll_peak_ahead *p, double level, double widen)
{
    double median = at_z(p, ll_peak_z(0.5));
    double v = median + (at_z(p, ll_peak_z(level)) - median) * widen;
    return v < p->floor ? p->floor : v;
}

double ll_peak_exceeds(const struct ll_peak_ahead *p, double x, double widen)
{
    double median = at_z(p, ll_peak_z(0.5)), v = (median + (x - median) / widen) / p->factor;
    double apart = ll_peak_u(p->unit, v) - p->centre;
    if (isnan(median) || isnan(x))
        return NAN;
    if (!(p->spread > 0))
        return apart > 0 ? 0 : apart < 0 ? 1 : 0.5;
    return 1 - level_of(apart / p->spread);
}
