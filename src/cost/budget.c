#include "cost/budget.h"

#include <math.h>

#include "stats/sum.h"

const int ll_budget_threshold_pct[LL_BUDGET_THRESHOLDS] = {50, 80, 90, 100};

/* As much as decimals lose: 0.9 of 1,000 spent in cents is 90 %. */
static const double slack = 1e-9;

static bool at_least(double value, double bound)
{
    return value >= bound - slack * fabs(bound);
}

static unsigned reached(double actual_pct)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < LL_BUDGET_THRESHOLDS; i++)
        bits |= at_least(actual_pct, ll_budget_threshold_pct[i]) ? 1u << i : 0;
    return bits;
}

bool ll_budget_judge(const struct ll_budget_ask *ask, struct ll_budget_state *out,
                     struct ll_err *err)
{
    if (!(ask->budget > 0 && isfinite(ask->budget)))
        return ll_err_set(err, LL_E_RANGE, "a budget of %g is not above 0", ask->budget);
    if (!(ask->elapsed >= 0 && ask->elapsed <= 1))
        return ll_err_set(err, LL_E_RANGE, "elapsed %g is not in [0, 1]", ask->elapsed);
    const double pct = 100 * ask->spent / ask->budget;
    struct ll_budget_state s = {.actual_pct = pct, .reached = reached(pct)};
    s.pace = ask->elapsed > 0 ? ask->spent / (ask->budget * ask->elapsed) : NAN;
    s.fires = s.reached & ~ask->told;
    s.forecast_alert = at_least(ask->p50, ask->budget);
    s.early_warning = !s.forecast_alert && at_least(ask->p90, ask->budget);
    *out = s;
    return true;
}

static bool usable(const double *weight, size_t n)
{
    bool some = false;
    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] >= 0 && isfinite(weight[i])))
            return false;
        some = some || weight[i] > 0;
    }
    return some;
}

double ll_budget_elapsed(const double *weight, size_t n, double days)
{
    if (n == 0 || isnan(days))
        return NAN;
    const bool weighed = usable(weight, n);
    struct ll_sum passed = {0}, all = {0};
    for (size_t i = 0; i < n; i++) {
        const double w = weighed ? weight[i] : 1;
        ll_sum_add(&passed, w * fmin(1, fmax(0, days - (double)i)));
        ll_sum_add(&all, w);
    }
    return fmin(1, ll_sum_total(&passed) / ll_sum_total(&all));
}

void ll_budget_month(const struct ll_tz *tz, ll_time t, ll_time *from, ll_time *to)
{
    const struct ll_civil now = ll_tz_civil(tz, t);
    const struct ll_civil first = {.year = now.year, .month = now.month, .day = 1};
    const struct ll_civil next = {.year = now.year, .month = now.month + 1, .day = 1};
    *from = ll_tz_utc_of(tz, ll_time_from_civil(&first), NULL);
    *to = ll_tz_utc_of(tz, ll_time_from_civil(&next), NULL);
}
