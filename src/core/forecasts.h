/* Forecasts as they are kept: what was said, when, and how it came out. */
#ifndef LL_CORE_FORECASTS_H
#define LL_CORE_FORECASTS_H

#include "core/sample.h"

/* How far ahead a forecast is judged: the hour that ends so long after its origin. */
enum { LL_JUDGED = 3 };
extern const ll_dur ll_judged[LL_JUDGED]; /* 1 h, 6 h, 24 h */

/* A value with its bounds; NaN = none was given. */
struct ll_stated {
    double predicted, lower, upper;
};

struct ll_kept_point {
    uint32_t step; /* the point's step begins at origin + step x the forecast's step */
    struct ll_stated said, naive; /* naive: the seasonal naive model on the same history */
};

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
    unsigned judged;   /* bit i: compared with what came at ll_judged[i] */
    ll_time made;
    const struct ll_kept_point *points;
    size_t n_points;
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
    unsigned horizon; /* index of ll_judged */
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
