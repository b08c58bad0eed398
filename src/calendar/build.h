/* Compiling a calendar: what its steps share, and the steps in their order. */
#ifndef LL_CALENDAR_BUILD_H
#define LL_CALENDAR_BUILD_H

#include "base/vec.h"
#include "calendar/compiled.h"

/* A day of the years looked at: those of the calendar, and some around them, so that
 * rules see their neighbours. */
enum {
    LL_CAL_CLOCK_MAX = 3 * 86400, /* the farthest a time may be from its day, in seconds */
    LL_CAL_DAY_MASK = 1,
    LL_CAL_DAY_HOLIDAY = 2, /* by a rule */
    LL_CAL_DAY_CLOSED = 4,  /* by a change */
    LL_CAL_DAY_OPENED = 8   /* by a change: stands over the others */
};

struct ll_cal_day {
    uint32_t own; /* 1 + index of its own times, 0 = none */
    uint16_t why; /* 1 + index of the reason it is closed or opened for */
    uint8_t state;
};

/* Times of one day from special rules and changes. */
struct ll_cal_own {
    struct ll_cal_times times;
    bool alone; /* opened with its own hours: the usual ones do not count */
    uint16_t why;
    int line;
    const char *file;
};

LL_VEC_DEFINE(ll_cal_owns, struct ll_cal_own)
LL_VEC_DEFINE(ll_cal_reasons, struct ll_slice)
LL_VEC_DEFINE(ll_cal_patterns, struct ll_cal_pattern)
LL_VEC_DEFINE(ll_cal_spans, struct ll_cal_span)

/* What is left of a session's times before they are UTC. */
struct ll_cal_clocks {
    ll_cal_clock open, close, break_start, break_end;
    bool half;
    const char *file; /* who said so */
    int line;
};

struct ll_cal_known {
    struct ll_cal_clocks clocks;
    uint32_t epoch;
    uint16_t pattern;
};
LL_VEC_DEFINE(ll_cal_knowns, struct ll_cal_known)

/* The zone around the day that is being compiled: its offset holds in start .. end. */
struct ll_cal_zone {
    const struct ll_tz *tz;
    ll_time start, end, until; /* changes after `until` do not matter */
    ll_dur offset;
    bool steady; /* no change within three days */
};

struct ll_cal_build {
    const struct ll_calendar_source *src;
    const struct ll_cal_rules *rules;
    struct ll_calendar *out;
    struct ll_err *err;
    bool failed; /* err is set: for callbacks */
    ll_day lo, hi;
    struct ll_cal_day *days; /* lo..hi */
    struct ll_cal_owns owns;
    struct ll_cal_reasons reasons;
    struct ll_cal_zone zone;
    struct ll_cal_patterns patterns;
    struct ll_cal_spans spans;
    struct ll_cal_knowns knowns;
    uint32_t epoch; /* counts the days on which rows of phases begin or end */
    ll_day next_epoch;
    ll_time last_end;   /* of the last session with its phases */
    ll_dur early, late; /* how far sessions begin before their date and end after it */
};

/* Which days are sessions, which have times of their own, and why (days.c). */
LL_MUST_USE bool ll_cal_build_days(struct ll_cal_build *b);
/* The session's set of phases (phases.c): fills s->phases.  s has its times, b->zone is at its
 * day. */
LL_MUST_USE bool ll_cal_build_phases(struct ll_cal_build *b, const struct ll_cal_clocks *clocks,
                                     struct ll_session *s);
/* What is known, and the tables that find sessions (index.c); the sessions are there. */
LL_MUST_USE bool ll_cal_build_index(struct ll_cal_build *b);

bool ll_cal_build_no_memory(const struct ll_cal_build *b);

#define LL_CAL_ERROR(err, file, line, fmt, ...)                                                    \
    ll_err_set_at((err), LL_E_CONFIG, (line), 0, "%s:%d: " fmt, (file) ? (file) : "calendar",      \
                  (line), __VA_ARGS__)

/* UTC of a local clock of a day near the one the zone is at. */
static inline ll_time ll_cal_zone_utc(const struct ll_cal_zone *z, ll_day d, ll_cal_clock clock)
{
    ll_time local = d * LL_DAY + clock * LL_SECOND, t = local - z->offset;
    if (z->steady)
        return t;
    return ll_tz_utc_of(z->tz, local, NULL);
}

static inline bool ll_cal_day_session(const struct ll_cal_day *d)
{
    return (d->state & LL_CAL_DAY_OPENED) || d->state == LL_CAL_DAY_MASK;
}

#endif
