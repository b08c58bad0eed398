/* Series and venues for tests of grids and effects: calendars of the program, series of which each
 * value is a function of its time. */
#ifndef LL_TESTS_UNIT_FORECAST_MAKE_H
#define LL_TESTS_UNIT_FORECAST_MAKE_H

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "calendar_make.h"
#include "config/calendars.h"
#include "forecast/effects.h"

enum { ARENA = 1 << 28 };

/* A venue of the program with its events, 1999 to 2030. */
struct venue {
    struct ll_calendars *set;
    const struct ll_calendar *c;
    struct ll_market_events *events;
};

static inline struct venue venue_open(const char *code)
{
    struct venue v = {0};
    struct ll_err err;
    const struct ll_calendars_options o = {.to = ll_day_of(2030, 12, 31)};
    ck_assert_msg(ll_calendars_open(&o, &v.set, &err), "%s", err.text);
    ck_assert_msg(ll_calendars_get(v.set, ll_slice_of(code), &v.c, &err), "%s", err.text);
    ck_assert_msg(ll_calendars_events(v.set, ll_slice_of(code),
                                      LL_MAX(ll_calendar_from(v.c), ll_day_of(1999, 1, 1)),
                                      ll_day_of(2030, 12, 31), LL_TIME_NONE, &v.events, &err),
                  "%s", err.text);
    return v;
}

static inline void venue_close(struct venue *v)
{
    ll_market_events_free(v->events);
    ll_calendars_unref(v->set);
}

/* A city: open all day and every day, in a zone of POSIX text. */
static inline struct made city_open(const char *zone)
{
    struct make m = make_calendar();
    m.zone = zone;
    m.mask.mask = WEEK;
    m.hours.times = make_times(0, HM(24, 0), 0, 0);
    m.hours.times.open = 0;
    return make_it(&m);
}

/* The value of the step at t; NaN = no data. */
typedef double value_at(const struct ll_calendar *c, ll_time t, ll_dur step);

/* Steps from..to (not included), both "2026-11-27T14:30Z". */
static inline struct ll_series series_of(const struct ll_calendar *c, const char *from,
                                         const char *to, ll_dur step, value_at *fn)
{
    struct ll_series s = {.t0 = make_time(from), .step = step};
    s.n = (size_t)((make_time(to) - s.t0) / step);
    double *y = malloc((s.n + 1) * sizeof(double));
    for (size_t i = 0; i < s.n; i++)
        y[i] = fn(c, s.t0 + (ll_time)i * step, step);
    s.y = y;
    return s;
}

static inline void series_end(struct ll_series *s)
{
    free((double *)(uintptr_t)s->y);
}

/* Any part of the step is in session. */
static inline bool is_open(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    for (ll_time at = t; at < t + step; at += LL_MINUTE)
        if (ll_calendar_is_open(c, at))
            return true;
    return false;
}

static inline struct ll_grid grid_of(const struct ll_series *s, size_t horizon,
                                     const struct ll_calendar *c,
                                     const struct ll_market_events *events, struct ll_arena *a)
{
    struct ll_grid g;
    struct ll_err err;
    if (!ll_grid_make(s, horizon, c, events, a, &g, &err))
        ck_abort_msg("%s", err.text);
    return g;
}

#endif
