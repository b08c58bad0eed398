/* A series on the time its market keeps.
 *
 * Seasons of load follow sessions and local clocks, not UTC.  Three grids:
 *   CLOCK    the series' own steps; no calendar
 *   LOCAL    steps of local wall time, so that a season keeps its phase over daylight saving: the
 *            hour that spring skips is a step without data, of autumn's two the mean counts
 *   SESSION  only the steps of sessions, closed time removed: every session has the usual number of
 *            slots, anchored at its open and at its close, so that a half day lacks the middle
 * LOCAL or SESSION is told from the data: a series that is without load when the market is closed
 * lives on sessions.  Future steps are there too, with their times and classes. */
#ifndef LL_FORECAST_GRID_H
#define LL_FORECAST_GRID_H

#include "calendar/calendar.h"
#include "calendar/events.h"
#include "forecast/series.h"

enum ll_grid_kind { LL_GRID_CLOCK, LL_GRID_LOCAL, LL_GRID_SESSION };

/* Classes of days that carry an effect of their own; of several the first that holds.  Classes
 * after LL_GRID_CLASSES are events by name, numbered by the caller of ll_grid_make. */
#define LL_GRID_CLASS_TABLE(X)                                                                     \
    X(REGULAR, "regular")                                                                          \
    X(HALF, "half")                                                                                \
    X(YEAR_END, "year_end") /* 26 to 31 December */                                                \
    X(WITCHING, "witching") /* quarterly expiry */                                                 \
    X(EXPIRY, "expiry")                                                                            \
    X(PRE_HOLIDAY, "pre_holiday")                                                                  \
    X(POST_HOLIDAY, "post_holiday")                                                                \
    X(MONTH_END, "month_end")                                                                      \
    X(CLOSED, "closed") /* a weekday without a session, on a LOCAL grid */

enum ll_grid_class {
#define X(name, text) LL_GRID_CLASS_##name,
    LL_GRID_CLASS_TABLE(X)
#undef X
        LL_GRID_CLASSES
};
enum { LL_GRID_EVENTS_MAX = 32 };

struct ll_grid {
    enum ll_grid_kind kind;
    const double *y;  /* n values on the grid; NaN = no data */
    size_t n, h;      /* h: steps ahead that cover the horizon asked for */
    const ll_time *t; /* n + h: start of each step; LL_TIME_NONE: no such time (a skipped hour) */
    const uint8_t *day_class; /* n + h */
    const int32_t *day; /* n + h: number of the step's day, from 0: steps of one day share it */
    int season[2];      /* known by construction, ascending: slots of a day, of a week */
    size_t n_seasons;   /* 0: detect */
};

/* horizon: steps of the series' own cadence wanted ahead; on a SESSION grid the next so many steps
 * in session.  calendar NULL: CLOCK.  Fails with LL_E_RANGE when the calendar does not cover the
 * horizon, LL_E_MEMORY. */
LL_MUST_USE bool ll_grid_make(const struct ll_series *s, size_t horizon,
                              const struct ll_calendar *calendar,
                              const struct ll_market_events *events, struct ll_arena *out,
                              struct ll_grid *grid, struct ll_err *err);

#endif
