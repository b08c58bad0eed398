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

/* Reads --horizon (which must be there), --model, --level, --seasons, --threads, then the file,
 * then
 * --calendar, which is compiled as far as the file and the horizon reach.  Fails with LL_E_USAGE
 * (an unknown model too), or as reading the file does; close it in any case. */
LL_MUST_USE bool ll_forecast_ask_open(struct ll_ctx *c, struct ll_forecast_ask *a,
                                      struct ll_series_file *file, struct ll_err *err);
void ll_forecast_ask_close(struct ll_forecast_ask *a, struct ll_series_file *file);

/* Rows of a command's flags. */
#define LL_FORECAST_LEVEL_FLAG                                                                     \
    {                                                                                              \
        .name = "level", .type = LL_FLAG_TEXT, .arg = "PCT", .fallback = "95",                     \
        .doc = "of the bounds: the value lies between them with this probability"                  \
    }
#define LL_FORECAST_SEASONS_FLAG                                                                   \
    {                                                                                              \
        .name = "seasons", .type = LL_FLAG_TEXT, .arg = "STEPS",                                   \
        .doc = "periods in steps such as 24,168, or none; else they are detected"                  \
    }
#define LL_FORECAST_CALENDAR_FLAG                                                                  \
    {                                                                                              \
        .name = "calendar", .type = LL_FLAG_TEXT, .arg = "CODE",                                   \
        .doc = "market calendar of the series: sessions, holidays, half days, expiries, local "    \
               "time"                                                                              \
    }
#define LL_FORECAST_THREADS_FLAG                                                                   \
    {                                                                                              \
        .name = "threads", .type = LL_FLAG_COUNT, .arg = "N", .doc = "threads; one a processor"    \
    }

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
