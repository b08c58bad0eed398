/* The steps of a history as a calendar sees them: what each weighs and what class it is of.
 *
 *     weight = 2^(-age / half_life),   age = OPEN hours from the step's end to the history's
 *
 * so that a closure, however long, forgets nothing.  A step in which the venue is closed is
 * compared with closed ones only; an open one with those of its kind of day.  Where the calendar
 * knows nothing all hours count as open.  One history serves all that share calendar and half-life.
 */
#ifndef LL_COST_SIZE_HISTORY_H
#define LL_COST_SIZE_HISTORY_H

#include "calendar/events.h"
#include "cost/size.h"

struct ll_size_history_opts {
    ll_time from;
    ll_dur step; /* > 0 */
    size_t n;
    const struct ll_calendar *calendar;    /* NULL: all hours count, one class of day */
    const struct ll_market_events *events; /* expiries; NULL: none are known */
    double half_life_hours;                /* open ones; 0 = all weigh alike */
};

/* Fills weight[0..n) and day[0..n), which *out borrows.  month_end and quarter: the history holds a
 * month's last session whole, and that of the third Friday of March, June, September or December
 * (the one before it where that day is none). */
void ll_size_history_make(const struct ll_size_history_opts *o, double *weight, uint8_t *day,
                          struct ll_size_history *out);

#endif
