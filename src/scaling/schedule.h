/* Windows of time: which are open now, what they ask for, when that changes next.
 *
 * State is a function of time: a start that fell into a downtime is entered again.  Wall clock of
 * the window's zone; a time that does not exist begins at the next that does, one that comes twice
 * begins at the first; windows may pass midnight.  Anchors of a market come from its calendar. */
#ifndef LL_SCALING_SCHEDULE_H
#define LL_SCALING_SCHEDULE_H

#include "calendar/calendar.h"
#include "scaling/rule.h"

struct ll_market_events;

/* What a window's names mean; NULL where it names none. */
struct ll_schedule_source {
    const struct ll_calendar *calendar;
    const struct ll_market_events *events;
    const struct ll_tz *tz;
};

struct ll_window_now {
    const struct ll_scale_window *window;
    bool open;
    int64_t amount;       /* now: a ramp is on its way */
    ll_time since, until; /* of this opening; LL_TIME_NONE when closed */
    ll_time next;         /* the next moment at which any of this changes; LL_TIME_NONE = never */
};

/* Fails with LL_E_INVALID (cron expression, calendar missing). */
LL_MUST_USE bool ll_schedule_at(const struct ll_scale_window *w,
                                const struct ll_schedule_source *src, ll_time now,
                                struct ll_window_now *out, struct ll_err *err);

#endif
