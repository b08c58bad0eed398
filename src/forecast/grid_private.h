/* A grid in the making, for the files that fill it. */
#ifndef LL_FORECAST_GRID_PRIVATE_H
#define LL_FORECAST_GRID_PRIVATE_H

#include "forecast/grid.h"

struct ll_grid_build {
    const struct ll_series *s;
    size_t horizon;
    const struct ll_calendar *calendar;
    const struct ll_market_events *events;
    struct ll_arena *out;
    struct ll_err *err;
    /* What becomes the grid. */
    size_t n, h;
    double *y;
    ll_time *t;
    uint8_t *day_class;
    int32_t *day;
    struct ll_grid_ahead *ahead;
    struct ll_grid_event *event;
    size_t n_events;
    int season[2];
    size_t n_seasons, first_slot;
};

static inline ll_time ll_grid_start(const struct ll_series *s, int64_t step)
{
    return s->t0 + step * s->step;
}

/* Rounded down, also below zero; b > 0. */
static inline int64_t ll_grid_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool ll_grid_no_memory(const struct ll_grid_build *b); /* says so; false */

/* Takes memory for n + h steps without data or time, and for the steps ahead. */
bool ll_grid_alloc(struct ll_grid_build *b);

/* Finds the names of events from..to (grid_class.c); then classes of days can be asked for. */
bool ll_grid_find_events(struct ll_grid_build *b, ll_day from, ll_day to);
uint8_t ll_grid_class_of(const struct ll_grid_build *b, ll_day d);

/* The steps of the series that a session has (grid_session.c): lo <= step < hi, without those that
 * lie in its break. */
struct ll_grid_span {
    int64_t lo, hi, break_lo, break_hi;
};
/* x, with its neighbours in the calendar or NULL: of a step that two share the fuller one has it.
 */
struct ll_grid_span ll_grid_span_of(const struct ll_series *s, const struct ll_session *x,
                                    const struct ll_session *before,
                                    const struct ll_session *after);

bool ll_grid_fill_sessions(struct ll_grid_build *b);
bool ll_grid_fill_local(struct ll_grid_build *b); /* grid_local.c */

#endif
