/* A market calendar, compiled: every session from its first day to its horizon, sorted.
 *
 * Compiling is a pure function of rules, zone and changes; the result is immutable and may be
 * shared by threads.  Times are ms UTC; a session is named by its trade date, the local date it
 * belongs to.  Intervals are half-open: open at its open, closed at its close.  What is not
 * announced is never silently sure: LL_SESSION_PROJECTED. */
#ifndef LL_CALENDAR_CALENDAR_H
#define LL_CALENDAR_CALENDAR_H

#include "base/tz.h"
#include "calendar/rules.h"

enum ll_session_flag {
    LL_SESSION_PROJECTED = 1,    /* after announced_to, or a table has run out */
    LL_SESSION_HALF = 2,         /* trades shorter than is usual on its weekday */
    LL_SESSION_PRE_HOLIDAY = 4,  /* the next weekmask day is closed */
    LL_SESSION_POST_HOLIDAY = 8, /* the weekmask day before is closed */
    LL_SESSION_EXTRA = 16,       /* outside the weekmask: opened ad hoc */
};

struct ll_session {
    ll_time open, close;
    ll_time break_start, break_end; /* LL_TIME_NONE: none */
    ll_day date;
    uint16_t flags;
    uint16_t phases; /* internal: which set of phases */
};

struct ll_calendar;

struct ll_calendar_source {
    const struct ll_cal_rules *rules;    /* copied: need not outlive the call */
    const struct ll_tz *tz;              /* kept: must outlive the calendar */
    const struct ll_cal_change *changes; /* of overlays, in their order; a later one wins */
    size_t n_changes;
    ll_day to;        /* horizon, inclusive */
    ll_time known_at; /* changes known after it do not exist; LL_TIME_NONE = all count */
};

/* Fails with LL_E_CONFIG, err->line set and the text "file:line: what": an open that is not
 * before its close, sessions or phases that overlap, no hours for a day, a session-based rule
 * without a session near; LL_E_RANGE for a horizon before the start; LL_E_MEMORY. */
LL_MUST_USE bool ll_calendar_compile(const struct ll_calendar_source *src, struct ll_calendar **out,
                                     struct ll_err *err);
void ll_calendar_free(struct ll_calendar *c);
LL_AUTO_DEFINE(ll_calendar, ll_calendar_free)

const char *ll_calendar_code(const struct ll_calendar *c);
const struct ll_tz *ll_calendar_tz(const struct ll_calendar *c);
ll_day ll_calendar_from(const struct ll_calendar *c);
ll_day ll_calendar_to(const struct ll_calendar *c);
/* The last day that is not projected. */
ll_day ll_calendar_announced_to(const struct ll_calendar *c);

/* The sessions with from <= trade date <= to; *first points into the calendar. */
size_t ll_calendar_sessions(const struct ll_calendar *c, ll_day from, ll_day to,
                            const struct ll_session **first);
/* NULL: that day is none. */
const struct ll_session *ll_calendar_session(const struct ll_calendar *c, ll_day date);
/* n sessions after (n > 0) or before (n < 0) the day; n = 0: the first on or after it.  NULL
 * beyond the calendar's ends, and from a day beyond them: what lies between is not known. */
const struct ll_session *ll_calendar_step(const struct ll_calendar *c, ll_day date, int n);

/* One moment. */
struct ll_calendar_moment {
    enum ll_cal_phase phase;
    bool open;                        /* between open and close, not in the break or a halt */
    const struct ll_session *session; /* the one t lies in with its phases; NULL = none */
    double minutes_since_open;        /* NaN without a session; negative in its pre phases */
    double minutes_to_close;          /* NaN without a session; negative in its post phases */
};

/* False when t is outside the calendar's days: nothing is known.  They end, where sessions begin
 * on the evening before their date, before the evening of the last one, which is not known. */
LL_MUST_USE bool ll_calendar_at(const struct ll_calendar *c, ll_time t,
                                struct ll_calendar_moment *out);
/* The phase alone, and whether the venue is open: the fast path (tens of ns).  CLOSED outside the
 * calendar's days: ask ll_calendar_covers. */
enum ll_cal_phase ll_calendar_phase(const struct ll_calendar *c, ll_time t, bool *open);
bool ll_calendar_is_open(const struct ll_calendar *c, ll_time t);
bool ll_calendar_covers(const struct ll_calendar *c, ll_time t);

/* The first open (close) strictly after t; LL_TIME_NONE beyond the horizon. */
ll_time ll_calendar_next_open(const struct ll_calendar *c, ll_time t);
ll_time ll_calendar_next_close(const struct ll_calendar *c, ll_time t);

/* The phases of a session in their order, `regular` and `break` among them; at most `max`. */
struct ll_phase_span {
    enum ll_cal_phase phase;
    ll_time start, end;
};
enum { LL_SESSION_PHASES_MAX = 24 };
size_t ll_calendar_phases(const struct ll_calendar *c, const struct ll_session *s,
                          struct ll_phase_span out[static LL_SESSION_PHASES_MAX]);

/* What kind of day it is for load.  Of several the first that holds. */
#define LL_DAY_CLASSES(X)                                                                          \
    X(CLOSED_WEEKEND, "closed_weekend") /* not a day of the weekmask */                            \
    X(CLOSED_HOLIDAY, "closed_holiday") /* a day of the weekmask without a session */              \
    X(HALF, "half")                                                                                \
    X(EXPIRY, "expiry") /* an event of the class expiry falls on it (calendar/events.h) */         \
    X(PRE_HOLIDAY, "pre_holiday")                                                                  \
    X(POST_HOLIDAY, "post_holiday")                                                                \
    X(REGULAR, "regular")                                                                          \
    X(UNKNOWN, "unknown") /* outside the calendar */

enum ll_day_class {
#define X(name, text) LL_DAY_CLASS_##name,
    LL_DAY_CLASSES(X)
#undef X
        LL_DAY_CLASS_COUNT
};
const char *ll_day_class_name(enum ll_day_class k);

/* Without events: never EXPIRY. */
enum ll_day_class ll_calendar_day_class(const struct ll_calendar *c, ll_day date);

/* Why a day is closed or has other hours: the rule's id or the change's reason, "weekend", or ""
 * for a regular day.  Points into the calendar. */
struct ll_slice ll_calendar_reason(const struct ll_calendar *c, ll_day date);

/* Windows in [from, to) of at least `min` in which none of the n calendars has any phase but
 * CLOSED: for tests and upkeep.  Fills at most `max`, returns how many there are; a part of
 * [from, to) that one of them does not cover is no window. */
struct ll_window {
    ll_time start, end;
};
size_t ll_calendar_closed_windows(const struct ll_calendar *const *calendars, size_t n,
                                  ll_time from, ll_time to, ll_dur min, struct ll_window *out,
                                  size_t max);

/* What differs between two calendars, day by day, from..to, on the days both have: hours and
 * phases, not flags.  For `calendar diff`. */
struct ll_calendar_change {
    ll_day date;
    const struct ll_session *was, *is; /* NULL = no session */
    struct ll_slice reason;            /* of the new one */
};
typedef bool ll_calendar_visitor(void *ctx, const struct ll_calendar_change *d); /* false stops */
void ll_calendar_diff(const struct ll_calendar *was, const struct ll_calendar *is, ll_day from,
                      ll_day to, ll_calendar_visitor *fn, void *ctx);

/* Bytes the compiled calendar holds. */
size_t ll_calendar_bytes(const struct ll_calendar *c);

#endif
