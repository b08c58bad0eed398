/* What the two parts of the bench of calendars share: series by the hour, and a forecast on a grid.
 */
#ifndef LL_BENCH_FORECAST_CALENDAR_H
#define LL_BENCH_FORECAST_CALENDAR_H

#include "config/calendars.h"
#include "forecast/effects.h"
#include "forecast_data.h"

enum { CAL_TRAIN = 1344 }; /* steps of the grid that models see */

struct cal_series {
    char name[64];
    struct ll_series s; /* hourly, from its first to its last point */
};

/* The first series of a file, as long as the program runs. */
struct cal_series cal_read(const struct bench_series *b);

/* Forecasts h steps of the grid: history without effects, portfolio, effects again.  effects NULL:
 * none.  zero: a step without data counts as 0, else as the season before. */
void cal_forecast(const struct ll_grid *g, const struct ll_effects *effects, const int season[2],
                  size_t h, bool zero, double *out);

/* Mean errors around changes of daylight saving: the second part. */
void cal_clock_changes(const struct cal_series *s, const struct ll_calendar *c, bool zero);

/* Ends the program with the error unless ok. */
void cal_must(bool ok, const struct ll_err *err);

#endif
