/* Between the files of the events; nobody else includes it. */
#ifndef LL_CALENDAR_EVENTS_PRIVATE_H
#define LL_CALENDAR_EVENTS_PRIVATE_H

#include "base/vec.h"
#include "calendar/events.h"

/* One date of a rule. */
struct ll_event_date {
    ll_day date;
    ll_time time;   /* of a list that has times; else LL_TIME_NONE */
    bool shifted;   /* moved because it was no session, or follows one that was */
    bool noted;     /* is no session, and the rule has a note for that */
    bool projected; /* see struct ll_market_event */
};

/* More than a century of events at every session. */
enum { LL_EVENTS_MAX = 1 << 20 };
LL_VEC_DEFINE(ll_event_dates, struct ll_event_date)
LL_VEC_DEFINE(ll_event_vec, struct ll_market_event)

/* The dates of a rule with days from..to and some around; `followed` are those of the event that
 * it follows, or NULL.  False without memory. */
LL_MUST_USE bool ll_event_rule_dates(const struct ll_event_rule *rule, const struct ll_calendar *c,
                                     ll_day from, ll_day to, const struct ll_event_dates *followed,
                                     struct ll_event_dates *out);

#endif
