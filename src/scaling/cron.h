/* Cron expressions: minute hour day-of-month month day-of-week, with names, ranges, steps and
 * lists, or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.
 *
 * crontab(5): when neither day field begins with a star, either may match.  Wall clock of a zone:
 * a time that a change of clocks skips runs at the first moment after it, one that comes twice
 * runs the first time; an expression for every hour (a star there) follows real time instead. */
#ifndef LL_SCALING_CRON_H
#define LL_SCALING_CRON_H

#include "base/err.h"
#include "base/tz.h"

struct ll_cron { /* a bit per value */
    uint64_t minute;
    uint32_t hour, day, month;
    uint32_t weekday;          /* 0 = Sunday */
    bool any_day, any_weekday; /* begins with a star: the other alone decides */
    bool every_hour;
};

enum { LL_CRON_BYTES_MAX = 256 };

/* Fails with LL_E_INVALID, err->column set; says which field and what it takes. */
LL_MUST_USE bool ll_cron_parse(struct ll_slice text, struct ll_cron *out, struct ll_err *err);

/* The first time strictly after t; LL_TIME_NONE when there is none within 40 years. */
ll_time ll_cron_next(const struct ll_cron *c, const struct ll_tz *tz, ll_time t);

/* The last time at or before t and not before `floor`; LL_TIME_NONE when there is none. */
ll_time ll_cron_last(const struct ll_cron *c, const struct ll_tz *tz, ll_time t, ll_time floor);

#endif
