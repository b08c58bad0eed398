/* Cron expressions: five fields (minute hour day-of-month month day-of-week), names, steps, lists,
 * ranges and the @hourly family; vectors in the suite of tests say what is refused.
 *
 * Wall clock of a zone.  A time that a change to summer time skips runs at the next valid moment,
 * one that comes twice runs once, the first time. */
#ifndef LL_SCALING_CRON_H
#define LL_SCALING_CRON_H

#include "base/err.h"
#include "base/tz.h"

struct ll_cron {
    uint64_t minute; /* bit per value */
    uint32_t hour, day, month, weekday;
    bool any_day, any_weekday; /* a star: the other alone decides */
};

enum { LL_CRON_BYTES_MAX = 256 };

/* Fails with LL_E_INVALID, err->column set. */
LL_MUST_USE bool ll_cron_parse(struct ll_slice text, struct ll_cron *out, struct ll_err *err);

/* The first time strictly after t; LL_TIME_NONE when there is none within 10 years. */
ll_time ll_cron_next(const struct ll_cron *c, const struct ll_tz *tz, ll_time t);
/* The last time at or before t, not before `floor`; LL_TIME_NONE when there is none. */
ll_time ll_cron_last(const struct ll_cron *c, const struct ll_tz *tz, ll_time t, ll_time floor);

#endif
