#include "monitor/judge.h"

#include <math.h>

enum {
    UNDER_SLOTS = 6,  /* five-minute means: 30 minutes */
    UNDER_NEEDED = 5, /* of them */
    OVER_SLOTS = 96,  /* quarter hours: 24 hours */
    OVER_NEEDED = 80, /* 20 hours */
    BEYOND_DAYS = 90
};

static const double significant = 2.58; /* two-sided 1 % */

static enum ll_reason judge_space(const struct ll_metric *m)
{
    if (m->key.type != LL_RESOURCE_DISK || m->unit != LL_UNIT_BYTES || isnan(m->to_capacity_s))
        return LL_REASON_BELOW_WARNING;
    double days = m->to_capacity_s / 86400;
    if (days <= 3)
        return LL_REASON_FULL_VERY_SOON;
    return days <= 14 ? LL_REASON_FULL_SOON : LL_REASON_BELOW_WARNING;
}

/* A link drops what does not fit in a second, whatever the mean of the window was: network is
 * judged by the peak of each direction where the sender tells it. */
static double judged_utilization(const struct ll_metric *m)
{
    bool peak = m->key.type == LL_RESOURCE_NETWORK && !isnan(m->max_value);
    return peak ? m->max_value / m->capacity : m->utilization;
}

enum ll_reason ll_judge_part(const struct ll_metric *m, const struct ll_threshold *th)
{
    if (m->stale)
        return LL_REASON_STALE;
    if (isnan(m->utilization))
        return LL_REASON_NO_CAPACITY;
    double u = judged_utilization(m);
    enum ll_reason level = u >= th->critical  ? LL_REASON_ABOVE_CRITICAL
                           : u >= th->warning ? LL_REASON_ABOVE_WARNING
                                              : LL_REASON_BELOW_WARNING;
    enum ll_reason space = judge_space(m);
    return ll_reason_severity(space) > ll_reason_severity(level) ? space : level;
}

static bool judged_over(enum ll_resource_type type)
{
    return type == LL_RESOURCE_CPU || type == LL_RESOURCE_MEMORY || type == LL_RESOURCE_API_CALLS;
}

enum ll_reason ll_judge_window(const struct ll_cell_state *c, const struct ll_threshold *th,
                               ll_time now)
{
    double v[OVER_SLOTS];
    size_t n = ll_ring_known(&c->fives, now / LL_STATE_FIVE - 1, UNDER_SLOTS, v), high = 0;
    for (size_t i = 0; i < n; i++)
        high += v[i] >= th->scale_up;
    if (high >= UNDER_NEEDED)
        return LL_REASON_UNDER_WINDOW;

    if (!judged_over(c->type))
        return LL_REASON_BELOW_WARNING;
    double top = 0;
    n = ll_ring_known(&c->quarters, now / LL_STATE_QUARTER - 1, OVER_SLOTS, v);
    for (size_t i = 0; i < n; i++)
        top = fmax(top, v[i]);
    return n >= OVER_NEEDED && top < th->scale_down ? LL_REASON_OVER_WINDOW
                                                    : LL_REASON_BELOW_WARNING;
}

static double seconds_to(double room, double per_second)
{
    if (room <= 0)
        return 0;
    double s = per_second > 0 ? room / per_second : NAN;
    return s <= BEYOND_DAYS * 86400.0 ? s : NAN;
}

void ll_judge_limit(const struct ll_series_state *s, const struct ll_threshold *th,
                    struct ll_limit *l)
{
    *l = (struct ll_limit){.to_critical_s = NAN,
                           .to_capacity_s = NAN,
                           .to_ceiling_s = NAN,
                           .trend_per_day = NAN,
                           .state = LL_LIMIT_NO_CAPACITY,
                           .basis = "the capacity is not known"};
    if (isnan(s->capacity))
        return;
    bool learning = isnan(s->trend.slope);
    double slope = learning || s->trend.z < significant ? 0 : s->trend.slope / 3600;
    bool steady = s->key.type == LL_RESOURCE_DISK || s->key.type == LL_RESOURCE_MEMORY;
    l->to_critical_s = seconds_to(th->critical * s->capacity - s->value, slope);
    l->to_capacity_s = seconds_to(s->capacity - s->value, slope);
    l->basis = learning ? (steady ? "needs 6 hours of history" : "needs 48 hours of history")
                        : "Theil-Sen slope of hourly means, up to 7 days";
    if (!learning)
        l->trend_per_day = s->trend.slope * 24;
    l->state = !isnan(l->to_capacity_s) || !isnan(l->to_critical_s) ? LL_LIMIT_OK
               : learning                                           ? LL_LIMIT_LEARNING
                                                                    : LL_LIMIT_BEYOND;
}
