#include "forecast/measure.h"

#include <math.h>

void ll_measure_add(struct ll_measure *m, double actual, double forecast, double lower,
                    double upper, double level)
{
    if (!isfinite(actual) || !isfinite(forecast))
        return;
    double both = fabs(actual) + fabs(forecast);
    m->n++;
    m->abs_error += fabs(actual - forecast);
    m->abs_actual += fabs(actual);
    m->error += forecast - actual;
    m->smape += both > 0 ? 200 * fabs(actual - forecast) / both : 0;
    if (isnan(lower) || isnan(upper))
        return;
    double tail = (1 - level) / 2, below = fmax(lower - actual, 0), above = fmax(actual - upper, 0);
    m->n_intervals++;
    m->inside += below == 0 && above == 0;
    m->width += upper - lower;
    m->outside += below + above;
    m->pinball +=
        tail * (fabs(actual - lower) + fabs(actual - upper)) + (1 - 2 * tail) * (below + above);
}

double ll_measure_wape(const struct ll_measure *m)
{
    return m->n ? m->abs_error / m->abs_actual : NAN;
}

double ll_measure_bias(const struct ll_measure *m)
{
    return m->n ? m->error / m->abs_actual : NAN;
}

double ll_measure_smape(const struct ll_measure *m)
{
    return m->n ? m->smape / (double)m->n : NAN;
}

double ll_measure_mase(const struct ll_measure *m, double scale)
{
    return m->n ? m->abs_error / (double)m->n / scale : NAN;
}

double ll_measure_coverage(const struct ll_measure *m)
{
    return m->n_intervals ? m->inside / (double)m->n_intervals : NAN;
}

double ll_measure_msis(const struct ll_measure *m, double scale, double level)
{
    return m->n_intervals
               ? (m->width + 2 / (1 - level) * m->outside) / (double)m->n_intervals / scale
               : NAN;
}

double ll_measure_scale(const double *y, size_t n, int m)
{
    size_t lag = m > 0 ? (size_t)m : 1, count = 0;
    double sum = 0;
    for (size_t t = lag; t < n; t++)
        if (isfinite(y[t]) && isfinite(y[t - lag])) {
            sum += fabs(y[t] - y[t - lag]);
            count++;
        }
    return count ? sum / (double)count : 0;
}
