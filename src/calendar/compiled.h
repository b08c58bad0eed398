/* A compiled calendar inside, for the files that fill it and those that ask it. */
#ifndef LL_CALENDAR_COMPILED_H
#define LL_CALENDAR_COMPILED_H

#include "base/arena.h"
#include "calendar/calendar.h"

/* Milliseconds from the session's open. */
struct ll_cal_span {
    int32_t start, end;
    enum ll_cal_phase phase;
};

/* The phases of many sessions: as many as there are kinds of days (and of DST changes in them). */
struct ll_cal_pattern {
    int32_t start, end; /* the first start and the last end */
    uint32_t first, n;  /* in spans, ascending, without overlaps */
};

/* 64 trade dates: a bit for each that has a session, and how many came before. */
struct ll_cal_rank {
    uint64_t days;
    uint32_t before;
};

enum {
    LL_CAL_WHY_OFF = 0x8000, /* no day of the weekmask */
    LL_CAL_WHY_REASON = 0x7fff
};

struct ll_calendar {
    struct ll_arena *arena; /* holds everything below */
    const char *code;
    const struct ll_tz *tz;
    ll_day from, to, announced_to;
    ll_time begin, end; /* what is known: no phase of a day outside from..to reaches in */
    struct ll_session *sessions;
    size_t n;
    struct ll_cal_pattern *patterns;
    struct ll_cal_span *spans;
    struct ll_cal_rank *ranks;
    uint16_t *why; /* per day from..to: LL_CAL_WHY_OFF, and 1 + the index of a reason */
    struct ll_slice *reasons;
    int64_t first_utc;
    uint32_t *by_utc; /* per UTC day: the first session whose phases end after its start */
};

/* Index of the first session on or after the day, which must lie in from .. to + 1. */
static inline size_t ll_calendar_rank(const struct ll_calendar *c, ll_day d)
{
    uint32_t i = (uint32_t)(d - c->from);
    const struct ll_cal_rank *r = &c->ranks[i >> 6];
    uint64_t below = r->days & (((uint64_t)1 << (i & 63)) - 1);
    return r->before + (size_t)__builtin_popcountll(below);
}

/* First session whose phases end after t, which must lie in begin .. end. */
static inline size_t ll_calendar_after(const struct ll_calendar *c, ll_time t)
{
    size_t i = c->by_utc[(uint64_t)(t - c->first_utc * LL_DAY) / (uint64_t)LL_DAY];
    while (i < c->n && c->sessions[i].open + c->patterns[c->sessions[i].phases].end <= t)
        i++;
    return i;
}

#endif
