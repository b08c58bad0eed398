#include <math.h>

#include "plan/internal.h"

static bool amount(double x)
{
    return x >= 0 && isfinite(x);
}

static bool check_change(const struct ll_plan_change *c, size_t i, struct ll_err *err)
{
    if (!amount(c->factor) || !isfinite(c->amount))
        return ll_err_set(err, LL_E_RANGE, "planned change %zu: factor %g and amount %g", i + 1,
                          c->factor, c->amount);
    if (!(c->confidence > 0 && c->confidence <= 1))
        return ll_err_set(err, LL_E_RANGE, "planned change %zu: confidence %g is not in (0, 1]",
                          i + 1, c->confidence);
    return true;
}

static bool check_sizes(const struct ll_plan_ask *a, struct ll_err *err)
{
    if (!(a->capacity > 0 && isfinite(a->capacity)))
        return ll_err_set(err, LL_E_RANGE, "a capacity of %g: give one above 0", a->capacity);
    if (!(a->critical > 0 && a->critical <= 1))
        return ll_err_set(err, LL_E_RANGE, "critical %g is not in (0, 1]", a->critical);
    if (!(a->unit > 0 && isfinite(a->unit)))
        return ll_err_set(err, LL_E_RANGE, "a unit of %g: give what one more adds", a->unit);
    if (!isnan(a->ceiling) && !(a->ceiling > 0))
        return ll_err_set(err, LL_E_RANGE, "a ceiling of %g: give one above 0", a->ceiling);
    if (!amount(a->multiple) || (!isnan(a->ever) && !amount(a->ever)))
        return ll_err_set(err, LL_E_RANGE, "a multiple of %g of a highest peak of %g", a->multiple,
                          a->ever);
    if (a->lead < 0 || a->lead > 36500 * LL_DAY)
        return ll_err_set(err, LL_E_RANGE, "a lead time of %lld s is not in 0 to 100 years",
                          (long long)(a->lead / LL_SECOND));
    return true;
}

static bool check_times(const struct ll_plan_ask *a, struct ll_err *err)
{
    if (a->months < 1 || a->months > LL_PLAN_MONTHS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%u months: ask for 1 to %d", a->months,
                          (int)LL_PLAN_MONTHS_MAX);
    if (a->n < 1 || a->n > LL_GROWTH_DAYS_MAX)
        return ll_err_set(err, a->n < 1 ? LL_E_SHORT : LL_E_TOO_LARGE, "%zu days of peaks: 1 to %d",
                          a->n, (int)LL_GROWTH_DAYS_MAX);
    const size_t need = ll_plan_ahead(a->first + (ll_day)a->n - 1, a->months);
    if (a->ahead < need)
        return ll_err_set(err, LL_E_RANGE, "%u months need the kinds of %zu days ahead, not %zu",
                          a->months, need, a->ahead);
    return true;
}

bool ll_plan_check(const struct ll_plan_ask *a, struct ll_err *err)
{
    if (!check_times(a, err) || !check_sizes(a, err))
        return false;
    if (a->n_changes > LL_PLAN_CHANGES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "%zu planned changes: at most %d", a->n_changes,
                          (int)LL_PLAN_CHANGES_MAX);
    for (size_t c = 0; c < a->n_changes; c++) {
        if (!check_change(&a->changes[c], c, err))
            return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (a->peak[i] < 0 || isinf(a->peak[i]))
            return ll_err_set(err, LL_E_INVALID, "the peak of day %zu, %g, is no demand", i + 1,
                              a->peak[i]);
    }
    return true;
}
