/* Calendars drawn with characters: months with their marks, a week over its hours. */
#ifndef LL_CMD_MARKET_DRAW_H
#define LL_CMD_MARKET_DRAW_H

#include "cmd/market.h"

/* The months from..to in rows of three, with a legend and the list of exceptions. */
void ll_market_draw_months(struct ll_ctx *c, const struct ll_calendar *cal, ll_day from, ll_day to);

/* Seven days from Monday, one line a day and calendar, over the hours of the chosen zone. */
void ll_market_draw_week(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                         ll_day monday);

#endif
