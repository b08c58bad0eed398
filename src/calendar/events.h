/* Events that move load, with their times: expiries, rebalances, releases, month ends.
 *
 * Rules refer to the sessions of one calendar; lists are dates somebody published.  Compiling is a
 * pure function, the result immutable and sorted by date, then time, then name. */
#ifndef LL_CALENDAR_EVENTS_H
#define LL_CALENDAR_EVENTS_H

#include "calendar/calendar.h"

/* Where a rule's dates come from; the filters and shifts of `date` hold for all of them. */
enum ll_event_base {
    LL_EVENT_DATES,         /* the base of `date`, as in a calendar's rules */
    LL_EVENT_LAST_SESSION,  /* of each of date.months */
    LL_EVENT_FIRST_SESSION, /* the same */
    LL_EVENT_RELATIVE,      /* the dates of event `of`, a rule above */
    LL_EVENT_WEEK_OF,       /* the date.nth date.weekday after the week (Sunday to Saturday) that
                             * holds day date.mday of a month: the jobs report's rule */
    LL_EVENT_LIST,          /* dates somebody published */
    LL_EVENT_HALF_DAYS,     /* what the calendar's sessions say */
    LL_EVENT_PRE_HOLIDAYS,
    LL_EVENT_POST_HOLIDAYS,
    LL_EVENT_EVERY_SESSION,
    LL_EVENT_EVERY_DAY,
};

/* When the date is no session. */
enum ll_event_closed { LL_EVENT_KEEP, LL_EVENT_PREVIOUS, LL_EVENT_NEXT, LL_EVENT_DROP };

struct ll_event_rule {
    struct ll_slice id;     /* the event's name */
    struct ll_slice class;  /* "expiry", "release", "rebalance", "calendar", "clock" ... */
    struct ll_slice note;   /* goes into the basis */
    struct ll_slice source; /* who published it */
    enum ll_event_base base;
    struct ll_cal_rule date; /* LIST: from..to is what was published, beyond it nothing is known */
    struct ll_slice of;
    const ll_day *dates;  /* LIST, ascending */
    const ll_time *times; /* LIST: of each date; NULL = `at` */
    size_t n_dates;
    enum ll_event_closed closed;
    struct ll_slice closed_note; /* goes into the basis when the date is no session and was kept, */
    const struct ll_slice *closed_except; /* unless it is closed for one of these reasons */
    size_t n_closed_except;
    struct ll_cal_point at; /* local clock, or the session's open or close */
    bool has_time;
    ll_day announced_to; /* after it: projected; LL_DAY_LAST = the calendar alone says */
    int line;
    const char *file;
};

struct ll_event_rules {
    struct ll_slice name;     /* "us" */
    struct ll_slice calendar; /* whose sessions and zone; "*" = any calendar's */
    const struct ll_event_rule *rules;
    size_t n;
    const char *file;
};

struct ll_market_event {
    ll_day date;
    ll_time time; /* LL_TIME_NONE: none */
    struct ll_slice name, class;
    /* "rule", "list", "calendar" or "overlay", ":" and a note, ";shifted" when its date, or that of
     * the event it follows, was no session, and ";" with a note when it is none */
    struct ll_slice basis;
    struct ll_slice source; /* who published it; of an overlay's entry, or "" */
    bool projected;         /* its session is, or it is after what was announced */
};

struct ll_market_events;

struct ll_market_events_source {
    const struct ll_event_rules *rules;  /* copied */
    const struct ll_calendar *calendar;  /* need not outlive the call */
    const struct ll_cal_change *changes; /* overlays: EVENT and NO_EVENT count */
    size_t n_changes;
    ll_day from, to;
    ll_time known_at;
};

/* Fails with LL_E_CONFIG "file:line: what", LL_E_RANGE when the calendar does not cover from..to,
 * LL_E_MEMORY. */
LL_MUST_USE bool ll_market_events_compile(const struct ll_market_events_source *src,
                                          struct ll_market_events **out, struct ll_err *err);
void ll_market_events_free(struct ll_market_events *e);
LL_AUTO_DEFINE(ll_market_events, ll_market_events_free)

/* What happens at every session says little: class "clock" is left out unless asked for. */
bool ll_event_is_clock(struct ll_slice class);

/* Those with from <= date <= to, without those of class "clock". */
size_t ll_market_events_between(const struct ll_market_events *e, ll_day from, ll_day to,
                                const struct ll_market_event **first);
/* The same with them. */
size_t ll_market_events_all_between(const struct ll_market_events *e, ll_day from, ll_day to,
                                    const struct ll_market_event **first);
/* The first with a time after t, not of class "clock"; NULL beyond the end. */
const struct ll_market_event *ll_market_events_next(const struct ll_market_events *e, ll_time t);

/* The class of a day with its events: EXPIRY where one of class "expiry" falls on a full session.
 */
enum ll_day_class ll_market_events_day_class(const struct ll_market_events *e,
                                             const struct ll_calendar *c, ll_day date);

#endif
