/* Forecasts as they are kept: what was said, when, and how it came out. */
#ifndef LL_CORE_FORECASTS_H
#define LL_CORE_FORECASTS_H

#include "core/sample.h"

/* How far ahead a forecast is judged: the hour that ends so long after its origin.  Beside the fixed
 * horizons one of its own: the lead time, at which scaling has to know. */
enum { LL_JUDGED = 3, LL_JUDGED_LEAD = LL_JUDGED, LL_JUDGEMENTS };
extern const ll_dur ll_judged[LL_JUDGED]; /* 1 h, 6 h, 24 h */

/* A value with its bounds; NaN = none was given. */
struct ll_stated {
    double predicted, lower, upper;
};

struct ll_kept_point {
    uint32_t step; /* the point's step begins at origin + step x the forecast's step */
    struct ll_stated said, naive; /* naive: the seasonal naive model on the same history */
};

struct ll_kept_season {
    double steps, strength; /* steps of the history */
};

/* What a class of days ahead does to the load, and on how many days that stands. */
struct ll_kept_effect {
    struct ll_slice day_class;
    double factor;    /* 1 = an ordinary day */
    unsigned seen;    /* such days in its own history */
    unsigned of_pool; /* and in those of other series of its venue */
};

/* Half widths of the bounds at 50, 80, 90, 95 and 99 %. */
enum { LL_KEPT_LEVELS = 5 };

struct ll_kept_forecast { /* slices and points are borrowed from what it came with */
    int64_t id;           /* rises with time; > 0 */
    struct ll_slice service;
    enum ll_resource_type type;
    enum ll_unit unit;
    ll_time origin; /* start of the first step ahead */
    ll_time until;  /* end of the last */
    ll_dur step;
    double level;                        /* of the bounds */
    struct ll_slice model, reason;       /* as ll_forecast has them */
    struct ll_slice calendar;            /* code; empty = clock time */
    double peak, peak_upper, peak_above; /* value, its 95 % bound, P(peak > capacity) or NaN */
    ll_time peak_at;
    double capacity;   /* that peak_above was asked for; NaN = none known */
    double scale;      /* mean absolute seasonal difference of the history: of MASE; 0 = none */
    double multiplier; /* of the bounds' width, learned from what came */
    double shape[LL_KEPT_LEVELS]; /* in one unit for all steps; shape[0] not > 0: unknown */
    ll_dur lead;                  /* the horizon of its own; 0 = none */
    unsigned judged;              /* bit i: compared with what came at horizon i */
    ll_time made;
    ll_time history_from;   /* what it was fitted on: up to its origin */
    int64_t history_steps;  /* with data */
    ll_time newest;         /* sample that the fit knew of; LL_TIME_NONE = not known */
    struct ll_slice part;   /* that stood for the resource */
    const struct ll_kept_point *points;
    const struct ll_kept_season *seasons; /* the strongest first */
    const struct ll_kept_effect *effects; /* of classes that have days ahead */
    size_t n_points, n_seasons, n_effects;
};

/* How far ahead judgement i looks; 0: not at all. */
ll_dur ll_forecast_ahead(const struct ll_kept_forecast *f, unsigned i);

/* The horizon at which a lead time is measured: whole steps, at least an hour. */
ll_dur ll_forecast_lead(ll_dur lead, ll_dur step);

/* What `judged` begins with: the lead's own horizon is left out when it is one of the fixed. */
unsigned ll_forecast_judged_before(ll_dur lead);

/* What one series has seen of a class of days: evidence for the pool of its venue, kept beyond the
 * history that a fit looks at. */
struct ll_venue_effect {
    struct ll_slice calendar, service, day_class;
    enum ll_resource_type type;
    int month;      /* of half days: 1 to 12; 0 = of all */
    double ratio;   /* to the regular days before */
    size_t days;    /* seen */
    double part[3]; /* its shape: open, middle, close */
    double noise;   /* of the series' regular days */
    int64_t day;    /* of the fit, since 1970 */
};

/* Sums over hours that were compared: each measure is a quotient of two of them. */
struct ll_accuracy_sums {
    double n, abs_error, abs_actual, error; /* error: forecast - actual */
    double n_scaled, scaled;                /* hours with a scale; sum of |error| / scale */
    double n_bounded, inside, pinball, width;
};

/* One forecast compared at one horizon; the store adds it up once, by day of `t`. */
struct ll_judgement {
    int64_t forecast;
    struct ll_slice service;
    enum ll_resource_type type;
    unsigned horizon; /* its bit */
    ll_dur ahead;     /* what the bit stands for there */
    ll_time t;        /* start of the hour that came */
    struct ll_accuracy_sums said, naive;
};

/* NaN where nothing was seen. */
double ll_accuracy_wape(const struct ll_accuracy_sums *s);
double ll_accuracy_mase(const struct ll_accuracy_sums *s);
double ll_accuracy_bias(const struct ll_accuracy_sums *s);     /* > 0: said too much */
double ll_accuracy_coverage(const struct ll_accuracy_sums *s); /* share inside the bounds */
double ll_accuracy_pinball(const struct ll_accuracy_sums *s);  /* mean, in the unit */

/* One pair; a NaN bound leaves the bounds' measures out, scale 0 the scaled one. */
void ll_accuracy_add(struct ll_accuracy_sums *s, double actual, const struct ll_stated *said,
                     double scale, double level);
void ll_accuracy_merge(struct ll_accuracy_sums *to, const struct ll_accuracy_sums *from);

#endif
