#include "core/forecasts.h"

#include <math.h>

const ll_dur ll_judged[LL_JUDGED] = {LL_HOUR, 6 * LL_HOUR, 24 * LL_HOUR};

ll_dur ll_forecast_ahead(const struct ll_kept_forecast *f, unsigned i)
{
    return i < LL_JUDGED ? ll_judged[i] : f->lead;
}

ll_dur ll_forecast_lead(ll_dur lead, ll_dur step)
{
    return LL_MAX((LL_MAX(lead, (ll_dur)1) + step - 1) / step * step, (ll_dur)LL_HOUR);
}

unsigned ll_forecast_judged_before(ll_dur lead)
{
    for (unsigned i = 0; i < LL_JUDGED; i++)
        if (lead == ll_judged[i] || lead <= 0)
            return 1u << LL_JUDGED_LEAD;
    return 0;
}

static double over(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

double ll_accuracy_wape(const struct ll_accuracy_sums *s)
{
    return over(s->abs_error, s->abs_actual);
}

double ll_accuracy_mase(const struct ll_accuracy_sums *s)
{
    return over(s->scaled, s->n_scaled);
}

double ll_accuracy_bias(const struct ll_accuracy_sums *s)
{
    return over(s->error, s->abs_actual);
}

double ll_accuracy_coverage(const struct ll_accuracy_sums *s)
{
    return over(s->inside, s->n_bounded);
}

double ll_accuracy_pinball(const struct ll_accuracy_sums *s)
{
    return over(s->pinball, s->n_bounded);
}

static double quantile_loss(double actual, double quantile, double p)
{
    return actual >= quantile ? p * (actual - quantile) : (1 - p) * (quantile - actual);
}

void ll_accuracy_add(struct ll_accuracy_sums *s, double actual, const struct ll_stated *said,
                     double scale, double level)
{
    double error = said->predicted - actual;
    if (!isfinite(error))
        return;
    s->n++;
    s->abs_error += fabs(error);
    s->abs_actual += fabs(actual);
    s->error += error;
    if (scale > 0) {
        s->n_scaled++;
        s->scaled += fabs(error) / scale;
    }
    if (!isfinite(said->lower) || !isfinite(said->upper))
        return;
    s->n_bounded++;
    s->inside += actual >= said->lower && actual <= said->upper;
    s->width += said->upper - said->lower;
    s->pinball += (quantile_loss(actual, said->lower, (1 - level) / 2) +
                   quantile_loss(actual, said->upper, (1 + level) / 2)) /
                  2;
}

void ll_accuracy_merge(struct ll_accuracy_sums *to, const struct ll_accuracy_sums *from)
{
    to->n += from->n;
    to->abs_error += from->abs_error;
    to->abs_actual += from->abs_actual;
    to->error += from->error;
    to->n_scaled += from->n_scaled;
    to->scaled += from->scaled;
    to->n_bounded += from->n_bounded;
    to->inside += from->inside;
    to->pinball += from->pinball;
    to->width += from->width;
}
