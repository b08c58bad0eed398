#include "scaling/cron.h"

#include "calendar/day.h"

enum { YEARS_AHEAD = 40, DAYS_AHEAD = YEARS_AHEAD * 366 };

static bool has(uint64_t set, int64_t bit)
{
    return (set >> bit) & 1;
}

static bool day_matches(const struct ll_cron *c, ll_day d)
{
    const struct ll_date date = ll_day_date(d);
    if (!has(c->month, date.month))
        return false;
    const bool day = has(c->day, date.day);
    const bool weekday = has(c->weekday, (ll_day_weekday(d) + 1) % 7);
    return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

/* The time of a wall clock reading; the first moment after a change that skips it. */
static ll_time at_wall(const struct ll_tz *tz, ll_time local)
{
    enum ll_tz_kind kind;
    const ll_time t = ll_tz_utc_of(tz, local, &kind);
    if (kind != LL_TZ_GAP)
        return t;
    /* The reading was moved on by the gap: the change lies at most so long before. */
    const ll_time change = ll_tz_next_change(tz, t - LL_DAY, t + 1);
    LL_ASSERT(change != LL_TIME_NONE); /* what makes the gap */
    return change;
}

static ll_day local_day(const struct ll_tz *tz, ll_time t)
{
    const ll_time local = t + ll_tz_at(tz, t).offset;
    return (ll_day)(local >= 0 ? local / LL_DAY : -((-local + LL_DAY - 1) / LL_DAY));
}

static ll_time day_start(const struct ll_tz *tz, ll_day d)
{
    return at_wall(tz, (ll_time)d * LL_DAY);
}

/* Real time: every minute of the day whose reading matches, those that come twice both times. */
static bool minute_matches(const struct ll_cron *c, const struct ll_tz *tz, ll_time t)
{
    const ll_time local = t + ll_tz_at(tz, t).offset;
    return has(c->minute, local / LL_MINUTE % 60);
}

static ll_time first_real(const struct ll_cron *c, const struct ll_tz *tz, ll_day d, ll_time after)
{
    const ll_time end = day_start(tz, d + 1);
    ll_time t = day_start(tz, d);
    if (t <= after)
        t += (after - t) / LL_MINUTE * LL_MINUTE + LL_MINUTE;
    for (; t < end; t += LL_MINUTE) {
        if (minute_matches(c, tz, t))
            return t;
    }
    return LL_TIME_NONE;
}

static ll_time last_real(const struct ll_cron *c, const struct ll_tz *tz, ll_day d, ll_time upto)
{
    const ll_time start = day_start(tz, d), end = day_start(tz, d + 1) - LL_MINUTE;
    const ll_time from = LL_MIN(upto, end);
    ll_time t = from - ((from - start) % LL_MINUTE + LL_MINUTE) % LL_MINUTE;
    for (; t >= start; t -= LL_MINUTE) {
        if (minute_matches(c, tz, t))
            return t;
    }
    return LL_TIME_NONE;
}

static ll_time wall(const struct ll_tz *tz, ll_day d, int minute_of_day)
{
    return at_wall(tz, (ll_time)d * LL_DAY + minute_of_day * LL_MINUTE);
}

static bool listed(const struct ll_cron *c, int minute_of_day)
{
    return has(c->hour, minute_of_day / 60) && has(c->minute, minute_of_day % 60);
}

static ll_time first_wall(const struct ll_cron *c, const struct ll_tz *tz, ll_day d, ll_time after)
{
    for (int m = 0; m < 24 * 60; m++) {
        const ll_time t = listed(c, m) ? wall(tz, d, m) : LL_TIME_NONE;
        if (t != LL_TIME_NONE && t > after)
            return t;
    }
    return LL_TIME_NONE;
}

static ll_time last_wall(const struct ll_cron *c, const struct ll_tz *tz, ll_day d, ll_time upto)
{
    for (int m = 24 * 60 - 1; m >= 0; m--) {
        const ll_time t = listed(c, m) ? wall(tz, d, m) : LL_TIME_NONE;
        if (t != LL_TIME_NONE && t <= upto)
            return t;
    }
    return LL_TIME_NONE;
}

ll_time ll_cron_next(const struct ll_cron *c, const struct ll_tz *tz, ll_time t)
{
    const ll_day from = local_day(tz, t);
    for (ll_day d = from; d < from + DAYS_AHEAD; d++) {
        if (!day_matches(c, d))
            continue;
        const ll_time at = c->every_hour ? first_real(c, tz, d, t) : first_wall(c, tz, d, t);
        if (at != LL_TIME_NONE)
            return at;
    }
    return LL_TIME_NONE;
}

ll_time ll_cron_last(const struct ll_cron *c, const struct ll_tz *tz, ll_time t, ll_time floor)
{
    const ll_day to = local_day(tz, floor);
    for (ll_day d = local_day(tz, t); d >= to; d--) {
        if (!day_matches(c, d))
            continue;
        const ll_time at = c->every_hour ? last_real(c, tz, d, t) : last_wall(c, tz, d, t);
        if (at != LL_TIME_NONE)
            return at >= floor ? at : LL_TIME_NONE;
    }
    return LL_TIME_NONE;
}
