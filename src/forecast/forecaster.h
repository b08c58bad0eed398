/* Component 3, the forecaster: from a history to a forecast with its intervals.
 *
 * One code and one set of defaults for every kind of data.  Pure: the history is an argument, and
 * so is the calendar.  What was done, and why, is in `model_used` and `reason`. */
#ifndef LL_FORECAST_FORECASTER_H
#define LL_FORECAST_FORECASTER_H

#include "calendar/calendar.h"
#include "calendar/events.h"
#include "forecast/interval.h"
#include "forecast/seasons.h"

/* ForecastPoint: bounds hold the value of that step with probability `level`. */
struct ll_forecast_point {
    ll_time timestamp; /* start of the step */
    double predicted_value, confidence_lower, confidence_upper;
};

enum { LL_FORECAST_REASON_MAX = 256, LL_FORECAST_MODEL_MAX = 64 };

struct ll_peak { /* of the maximum over the horizon */
    ll_time timestamp;
    double value;               /* its median */
    double quantile[LL_LEVELS]; /* upper bound that it stays under with that probability */
};

/* DemandForecast without its names: the caller has those. */
struct ll_forecast {
    const struct ll_forecast_point
        *points; /* n_points; closed steps of a calendar are not among them */
    size_t n_points;
    double level; /* of the bounds in points */
    struct ll_interval interval;
    struct ll_portfolio portfolio;
    struct ll_peak peak;
    struct ll_season season[LL_SEASONS_MAX];
    size_t n_seasons;
    ll_dur step;
    char model_used[LL_FORECAST_MODEL_MAX]; /* "auto", "seasonal-naive", "mean (3 points)" */
    char reason[LL_FORECAST_REASON_MAX]; /* "24 and 168 steps; 12 values held; level shift …" */
};

struct ll_forecast_options {
    const char *model;     /* NULL or "auto", or a name of models.c */
    double level;          /* 0.95 when 0 */
    const double *seasons; /* in steps, overriding detection; NULL = detect */
    size_t n_seasons;
    size_t origins;                        /* of the backtest; 0 = 6 */
    double alpha;                          /* smoothing of "exponential-smoothing"; NaN = fitted */
    size_t window;                         /* of "moving-average"; 0 = the longest season */
    double capacity;                       /* for P(peak > capacity); NaN = none */
    const struct ll_calendar *calendar;    /* NULL = clock time */
    const struct ll_market_events *events; /* NULL = none */
};

/* h steps after the end of the series.  Everything in *res lives in `out`.  Never fails for odd
 * data (constants, zeros, three points, 1e300): it answers finitely and says what it did.  Fails
 * with LL_E_SHORT (no value at all), LL_E_RANGE (h, level, unknown model), LL_E_MEMORY. */
LL_MUST_USE bool ll_forecast_series(const struct ll_series *s, size_t h,
                                    const struct ll_forecast_options *o, struct ll_arena *out,
                                    struct ll_forecast *res, struct ll_err *err);

/* The named operations of the component, on a regular history of n values. */
LL_MUST_USE bool ll_forecast_with_moving_average(const struct ll_series *s, size_t h, size_t window,
                                                 struct ll_arena *out, struct ll_forecast *res,
                                                 struct ll_err *err);
LL_MUST_USE bool ll_forecast_with_exponential_smoothing(const struct ll_series *s, size_t h,
                                                        double alpha, struct ll_arena *out,
                                                        struct ll_forecast *res,
                                                        struct ll_err *err);

#endif
