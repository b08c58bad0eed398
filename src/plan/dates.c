#include <math.h>

#include "plan/internal.h"

/* Beyond it the monitor's straight line of some hours says nothing. */
static const double near_max_s = 90 * 86400.0;

void ll_plan_join_near(struct ll_plan_date *d, ll_day today, double near_s)
{
    d->soonest = d->p90;
    if (isnan(near_s) || near_s < 0 || near_s > near_max_s)
        return;
    const ll_day day = today + (ll_day)floor(near_s / 86400);
    if (d->p90 != LL_DAY_NONE && d->p90 <= day)
        return;
    d->soonest = day;
    d->near = true;
}

static ll_day late_none(ll_day d)
{
    return d == LL_DAY_NONE ? LL_DAY_LAST : d;
}

static bool earlier(const struct ll_plan_date *a, const struct ll_plan_date *b)
{
    const ll_day x[] = {late_none(a->soonest), late_none(a->p90), late_none(a->p50)},
                 y[] = {late_none(b->soonest), late_none(b->p90), late_none(b->p50)};
    for (size_t i = 0; i < LL_LEN(x); i++) {
        if (x[i] != y[i])
            return x[i] < y[i];
    }
    return false;
}

size_t ll_plan_worst(const struct ll_plan_date *dates, size_t n)
{
    size_t worst = n;
    for (size_t i = 0; i < n; i++) {
        if (dates[i].soonest == LL_DAY_NONE)
            continue;
        if (worst == n || earlier(&dates[i], &dates[worst]))
            worst = i;
    }
    return worst;
}
