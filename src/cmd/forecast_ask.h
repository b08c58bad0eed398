/* What the commands on files of series share: flags to options, a series made regular. */
#ifndef LL_CMD_FORECAST_ASK_H
#define LL_CMD_FORECAST_ASK_H

#include "cmd/market.h"
#include "cmd/series_file.h"
#include "forecast/forecaster.h"

enum { LL_FORECAST_STEPS_MAX = 1 << 16 }; /* of history that is looked at */

struct ll_forecast_ask {
    struct ll_forecast_options options;
    double seasons[LL_SEASONS_MAX];
    size_t steps; /* of the horizon; 0: `span` counts */
    ll_dur span;
    size_t threads;
    struct ll_calendars *set;
    struct ll_calendar *calendar;
    struct ll_market_events *events;
};

/* Reads --horizon, --model, --level, --seasons, --calendar, --threads, as far as the command has
 * them; fails with LL_E_USAGE (an unknown model too).  The calendar is compiled as far as `last`
 * and the horizon. */
LL_MUST_USE bool ll_forecast_ask_init(struct ll_ctx *c, struct ll_forecast_ask *a,
                                      struct ll_err *err);
LL_MUST_USE bool ll_forecast_ask_calendar(struct ll_ctx *c, const struct ll_series_file *f,
                                          struct ll_forecast_ask *a, struct ll_err *err);
void ll_forecast_ask_fini(struct ll_forecast_ask *a);

/* Steps of the horizon at this cadence, at least 1; 0 when it is longer than LL_HORIZON_MAX. */
size_t ll_forecast_ask_horizon(const struct ll_forecast_ask *a, ll_dur step);

/* The samples of a series of the file as steps.  *empty: there is none that can be used, which is
 * told of a series and no reason to stop. */
LL_MUST_USE bool ll_forecast_ask_series(const struct ll_series_of_file *file, struct ll_arena *out,
                                        struct ll_series *series, struct ll_series_notes *notes,
                                        bool *empty, struct ll_err *err);

/* Adds to the reason of a forecast what was done to the samples of the file. */
void ll_forecast_ask_notes(const struct ll_series_notes *notes, struct ll_forecast *f);

#endif
