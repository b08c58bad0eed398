/* Events that move load, with their times: expiries, rebalances, releases, month ends.
 *
 * Rules refer to the sessions of one calendar; lists are dates somebody published.  Compiling is a
 * pure function, the result immutable and sorted by date, then time, then name. */
#ifndef LL_CALENDAR_EVENTS_H
#define LL_CALENDAR_EVENTS_H

#include "calendar/calendar.h"

enum ll_event_base {
    LL_EVENT_DATES,        /* the base, filters and shifts of `date`, as in a calendar's rules */
    LL_EVENT_LAST_SESSION, /* of each of `months` */
    LL_EVENT_FIRST_SESSION,
    LL_EVENT_RELATIVE,  /* `days` from the date of event `of`, `of_month` months later */
    LL_EVENT_WEEK_OF,   /* `weekday`, `days` after the Sunday of the week that holds day `mday` of
                         * the month before: the jobs report's rule */
    LL_EVENT_LIST,      /* dates somebody published */
    LL_EVENT_HALF_DAYS, /* what the calendar's sessions say */
    LL_EVENT_PRE_HOLIDAYS,
    LL_EVENT_POST_HOLIDAYS,
    LL_EVENT_EVERY_SESSION, /* daily clock events */
    LL_EVENT_EVERY_DAY,
};

/* When the date is no session. */
enum ll_event_closed { LL_EVENT_KEEP, LL_EVENT_PREVIOUS, LL_EVENT_NEXT, LL_EVENT_DROP };

struct ll_event_rule {
    struct ll_slice id;          /* the event's name */
    struct ll_slice class;       /* "expiry", "release", "rebalance", "calendar", "clock" ... */
    struct ll_slice note;        /* goes into the basis */
    struct ll_slice closed_note; /* the same, when the date is no session and was kept */
    enum ll_event_base base;
    struct ll_cal_rule date;
    uint16_t months; /* bit 0 = January */
    struct ll_slice of;
    int of_month, days, weekday, mday;
    const ll_day *dates; /* LIST, ascending */
    size_t n_dates;
    enum ll_event_closed closed;
    struct ll_cal_point at; /* local clock, or the session's open or close */
    bool has_time;
    ll_day from, to; /* the rule holds; LIST: published from..to, beyond it nothing is known */
    int line;
    const char *file;
};

struct ll_event_rules {
    struct ll_slice name;     /* "us" */
    struct ll_slice calendar; /* whose sessions and zone */
    const struct ll_event_rule *rules;
    size_t n;
    const char *file;
};

struct ll_event {
    ll_day date;
    ll_time time; /* LL_TIME_NONE: none */
    struct ll_slice name, class;
    struct ll_slice basis; /* "rule", "list", "calendar", "overlay", with notes as in data/events */
    struct ll_slice source; /* of an overlay's entry */
    bool projected;         /* its session is, or its list ended */
};

struct ll_events;

struct ll_events_source {
    const struct ll_event_rules *rules;  /* copied */
    const struct ll_calendar *calendar;  /* need not outlive the call */
    const struct ll_cal_change *changes; /* overlays: EVENT and NO_EVENT count */
    size_t n_changes;
    ll_day from, to;
    ll_time known_at;
};

/* Fails with LL_E_CONFIG "file:line: what", LL_E_RANGE when the calendar does not cover from..to,
 * LL_E_MEMORY. */
LL_MUST_USE bool ll_events_compile(const struct ll_events_source *src, struct ll_events **out,
                                   struct ll_err *err);
void ll_events_free(struct ll_events *e);
LL_AUTO_DEFINE(ll_events, ll_events_free)

/* Those with from <= date <= to. */
size_t ll_events_between(const struct ll_events *e, ll_day from, ll_day to,
                         const struct ll_event **first);
/* The first with a time after t; NULL beyond the end. */
const struct ll_event *ll_events_next(const struct ll_events *e, ll_time t);

/* The class of a day with its events: EXPIRY where one of class "expiry" falls on a full session.
 */
enum ll_day_class ll_events_day_class(const struct ll_events *e, const struct ll_calendar *c,
                                      ll_day date);

#endif
