#include "cost/schedule_saving.h"

#include <math.h>

#include "core/cost.h"

#define HOURS_PER_WEEK 168.0

static bool check(const struct ll_schedule_ask *a, struct ll_err *err)
{
    const struct {
        const char *name;
        double v, most;
    } values[] = {
        {"hours of use a week", a->use, HOURS_PER_WEEK}, {"lead", a->lead, HOURS_PER_WEEK},
        {"starts a week", a->starts, INFINITY},          {"cost of compute", a->compute, INFINITY},
        {"committed cost", a->committed, a->compute},    {"cost of storage", a->storage, INFINITY},
        {"cost of a start", a->start_cost, INFINITY},
    };
    for (size_t i = 0; i < LL_LEN(values); i++)
        if (!(values[i].v >= 0 && values[i].v <= values[i].most && isfinite(values[i].v)))
            return ll_err_set(err, LL_E_RANGE, "schedule: %s of %g is not within 0 and %g",
                              values[i].name, values[i].v, values[i].most);
    return true;
}

bool ll_schedule_saving(const struct ll_schedule_ask *a, struct ll_schedule_saving *out,
                        struct ll_err *err)
{
    if (!check(a, err))
        return false;
    const double on = fmin(HOURS_PER_WEEK, a->use + a->lead * a->starts);
    const double all = (a->compute + a->storage) * LL_HOURS_PER_MONTH;
    out->on = on;
    out->monthly = (a->compute - a->committed) * LL_HOURS_PER_MONTH * (1 - on / HOURS_PER_WEEK) -
                   a->starts * a->start_cost * LL_HOURS_PER_MONTH / HOURS_PER_WEEK;
    out->pct = all > 0 ? 100 * out->monthly / all : (double)NAN;
    return true;
}
