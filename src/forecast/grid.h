/* A series on the time its market keeps.
 *
 * Seasons of load follow sessions and local clocks, not UTC.  Three grids:
 *   CLOCK    the series' own steps; no calendar, or steps over a day
 *   LOCAL    steps of local wall time, so that a season keeps its phase over daylight saving: the
 *            hour that spring skips is a step without data, of autumn's two the mean counts
 *   SESSION  only the steps of sessions, closed time, breaks and the phases around regular hours
 *            removed: every session has the usual number of slots, its first half counted from its
 *            open and the rest to its close, so that a half day lacks the middle
 * LOCAL or SESSION is told from the data: a series that is without load when the market is closed
 * lives on sessions.  Future steps are there too, with their times and classes. */
#ifndef LL_FORECAST_GRID_H
#define LL_FORECAST_GRID_H

#include "calendar/calendar.h"
#include "calendar/events.h"
#include "forecast/series.h"

enum ll_grid_kind { LL_GRID_CLOCK, LL_GRID_LOCAL, LL_GRID_SESSION };

/* Classes of days that carry an effect of their own; of several the first that holds, REGULAR when
 * none does.  Classes from LL_GRID_CLASSES on are events by name (ll_grid.event): those of a class
 * that the shipped rules do not have ("other", "test" ...) come after HALF, rebalances before
 * MONTH_END.  Releases and settlements move a moment, not a day: they are no class. */
#define LL_GRID_CLASS_TABLE(X)                                                                     \
    X(REGULAR, "regular")                                                                          \
    X(HALF, "half")                                                                                \
    X(CLOSED, "closed")     /* a weekday without a session, on a LOCAL grid */                     \
    X(YEAR_END, "year_end") /* 26 to 31 December */                                                \
    X(WITCHING, "witching") /* an event of class expiry with "quarterly" in its name */            \
    X(EXPIRY, "expiry")                                                                            \
    X(PRE_HOLIDAY, "pre_holiday")                                                                  \
    X(POST_HOLIDAY, "post_holiday")                                                                \
    X(MONTH_END, "month_end") /* the last session of a month */

enum ll_grid_class {
#define X(name, text) LL_GRID_CLASS_##name,
    LL_GRID_CLASS_TABLE(X)
#undef X
        LL_GRID_CLASSES
};
enum { LL_GRID_EVENTS_MAX = 32, LL_GRID_EVENT_NAME_MAX = 64 };

struct ll_grid_event { /* cut to fit */
    char name[LL_GRID_EVENT_NAME_MAX];
};

struct ll_grid_ahead {
    ll_time t;   /* start of a step of the series' own cadence */
    size_t step; /* the step of the grid that speaks for it, n <= step < n + h */
};

struct ll_grid {
    enum ll_grid_kind kind;
    const double *y;  /* n values on the grid; NaN = no data */
    size_t n, h;      /* h: steps ahead that cover the horizon asked for */
    const ll_time *t; /* n + h: start of each step; LL_TIME_NONE: no such time (a skipped hour,
                       * the middle of a half day) */
    const uint8_t *day_class; /* n + h */
    const int32_t *day; /* n + h: number of the step's day, from 0: steps of one day share it, on
                         * LOCAL and CLOCK grids days without data count */
    const struct ll_grid_ahead *ahead; /* as many as were asked for, ascending: of autumn's two
                                        * hours both */
    size_t n_ahead;
    int season[2];     /* known by construction, ascending: slots of a day, of a week */
    size_t n_seasons;  /* 0: detect */
    size_t first_slot; /* SESSION: that of step 0 in its day */
    const struct ll_grid_event *event; /* of the classes LL_GRID_CLASSES + i */
    size_t n_events;
};

/* horizon: steps of the series' own cadence wanted ahead; on a SESSION grid the next so many steps
 * in session.  calendar NULL: CLOCK.  events NULL: none.  Fails with LL_E_RANGE when the calendar
 * does not cover the horizon, or there is neither a value nor a horizon; LL_E_MEMORY. */
LL_MUST_USE bool ll_grid_make(const struct ll_series *s, size_t horizon,
                              const struct ll_calendar *calendar,
                              const struct ll_market_events *events, struct ll_arena *out,
                              struct ll_grid *grid, struct ll_err *err);

/* "half", or the name of the event. */
const char *ll_grid_class_name(const struct ll_grid *g, size_t day_class);

#endif
