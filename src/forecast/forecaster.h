/* Component 3, the forecaster: from a history to a forecast with its intervals.
 *
 * One code and one set of defaults for every kind of data.  Pure: the history is an argument, and
 * so is the calendar.  What was done, and why, is in `model_used` and `reason`. */
#ifndef LL_FORECAST_FORECASTER_H
#define LL_FORECAST_FORECASTER_H

#include "forecast/clean.h"
#include "forecast/effects.h"
#include "forecast/interval.h"
#include "forecast/seasons.h"

/* ForecastPoint: the value of that step lies between the bounds with probability `level`. */
struct ll_forecast_point {
    ll_time timestamp; /* start of the step */
    double predicted_value, confidence_lower, confidence_upper;
    double factor;    /* of the day's class: 1 = an ordinary day */
    size_t day_class; /* of the grid, as ll_effects has them; 0 = an ordinary day */
};

enum { LL_FORECAST_REASON_MAX = 256, LL_FORECAST_MODEL_MAX = 48, LL_FORECAST_ORIGINS = 6 };

/* Of the maximum over the horizon, which is not the maximum of the points: that is too low. */
struct ll_forecast_peak {
    ll_time timestamp;          /* of the highest point */
    double value;               /* its median */
    double quantile[LL_LEVELS]; /* it stays under with probability ll_levels[i] */
    double exceeds;             /* P(peak > capacity); NaN without a capacity */
};

/* DemandForecast without its names: the caller has those. */
struct ll_forecast {
    struct ll_forecast_point *points; /* closed steps of a calendar are not among them */
    size_t n_points;
    double level;
    struct ll_interval interval;   /* on the grid, before effects */
    struct ll_portfolio portfolio; /* the same */
    struct ll_forecast_peak peak;
    struct ll_season season[LL_SEASONS_MAX];
    size_t n_seasons;
    int m1, m2; /* what models counted with, in steps of the grid; 0 = none */
    struct ll_effects effects;
    enum ll_grid_kind grid;
    ll_dur step;
    char model_used[LL_FORECAST_MODEL_MAX]; /* "auto", "seasonal-naive" */
    char reason[LL_FORECAST_REASON_MAX];    /* "seasons 24, 168; 12 values held; …" */
};

struct ll_forecast_options {
    const char *model;     /* NULL or "auto", or a name of models.c */
    double level;          /* of the bounds; 0 = 0.95 */
    const double *seasons; /* in steps, overriding detection; NULL = detect */
    size_t n_seasons;
    size_t origins;  /* of the backtest; 0 = LL_FORECAST_ORIGINS */
    double alpha;    /* smoothing of "exponential-smoothing", 0 < alpha <= 1; 0 = fitted */
    size_t window;   /* of "moving-average"; 0 = the longest season */
    double capacity; /* for P(peak > capacity); 0 = none */
    const struct ll_calendar *calendar;    /* NULL = clock time */
    const struct ll_market_events *events; /* NULL = none */
    const struct ll_effects *prior;        /* pooled effects of the venue; NULL = none */
};

/* h steps after the end of the series (1 .. LL_HORIZON_MAX).  Everything in *res lives in `out`.
 * Never fails for odd data (constants, zeros, three points, 1e300): it answers finitely and says
 * what it did.  Fails with LL_E_SHORT (no usable value), LL_E_RANGE (h, level, alpha, an unknown
 * model, a calendar that does not reach so far), LL_E_MEMORY. */
LL_MUST_USE bool ll_forecast_series(const struct ll_series *s, size_t h,
                                    const struct ll_forecast_options *o, struct ll_arena *out,
                                    struct ll_forecast *res, struct ll_err *err);

/* The named operations of the component, with intervals at 95 % from the same backtest. */
LL_MUST_USE bool ll_forecast_with_moving_average(const struct ll_series *s, size_t h, size_t window,
                                                 struct ll_arena *out, struct ll_forecast *res,
                                                 struct ll_err *err);
LL_MUST_USE bool ll_forecast_with_exponential_smoothing(const struct ll_series *s, size_t h,
                                                        double alpha, struct ll_arena *out,
                                                        struct ll_forecast *res,
                                                        struct ll_err *err);

/* The periods that models count with: those found, and where the step tells of days and weeks
 * (86400 s divisible by it) these, unless the data deny them.  `seasons`: the caller's, or NULL. */
size_t ll_forecast_seasons(const struct ll_grid *g, ll_dur step, const struct ll_season *found,
                           size_t n_found, int out[static 2]);

/* A bound of the arena for a series of n steps and a horizon of h. */
size_t ll_forecast_arena(size_t n, size_t h);

#endif
