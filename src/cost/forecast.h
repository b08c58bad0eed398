/* cost_forecast(months): what the coming months will cost, and how sure that is.
 *
 *     day   = committed + variable(kind of day) * events + amounts
 *     month = sum over its own days: never a rate, never an average month
 *
 * The variable part follows stats/growth.h in logarithms where it is positive (else as it is), its
 * trend damped.  Intervals are quantiles of monthly totals over simulated paths: bounds of days
 * are never added.  What is committed is a floor.  A month that has begun keeps the days that are
 * known; missing days of it are told by the line, and counted. */
#ifndef LL_COST_FORECAST_H
#define LL_COST_FORECAST_H

#include "base/arena.h"
#include "calendar/day.h"
#include "core/cost.h"
#include "stats/growth.h"

enum { LL_COST_MONTHS_MAX = 36, LL_COST_DAYS_MIN = 14, LL_COST_PATHS = 1000 };

/* A step that is known beforehand: a price change, a commitment that ends, a launch. */
struct ll_cost_event {
    ll_day day;    /* the first it holds on */
    double factor; /* of the variable part from then on; 1 = none */
    double amount; /* added to each day from then on; 0 = none */
};

struct ll_cost_forecast_ask {
    ll_day first;        /* of cost[0] */
    const double *cost;  /* per day, in the billing zone; NaN = not known */
    const uint8_t *kind; /* enum ll_cost_day of n + ahead days */
    size_t n, ahead;     /* ahead >= the days of the months asked for */
    unsigned months;     /* 1 .. LL_COST_MONTHS_MAX: the one after the last day is the first */
    double committed;    /* of every day so far, paid whether used or not; >= 0 */
    const double *committed_ahead; /* of the days ahead; NULL = as so far */
    const struct ll_cost_event *events;
    size_t n_events;
    uint64_t seed;
};

struct ll_cost_month {
    int year, month;
    unsigned days, known, missing; /* of them known already; before the end but without a cost */
    double committed;              /* its floor */
    double actual;                 /* of the known days */
    double p10, p50, p90;          /* of the whole month: 80 % lie between P10 and P90 */
    double low95, high95;
};

struct ll_cost_forecast {
    struct ll_cost_month month[LL_COST_MONTHS_MAX];
    unsigned n;
    double p10, p50, p90; /* of all months together */
    double slope_pct;     /* of the variable part per month of 30.44 days; NaN where not in logs */
    bool logs, low_confidence; /* less than two months of history */
    struct ll_growth line;     /* its changes; `error` is in the arena */
};

/* Fails with LL_E_SHORT below LL_COST_DAYS_MIN days of cost, LL_E_RANGE (months, days ahead, a
 * commitment or factor that is no amount), LL_E_INVALID (a cost that is infinite), LL_E_TOO_LARGE,
 * LL_E_MEMORY. */
LL_MUST_USE bool ll_cost_forecast(const struct ll_cost_forecast_ask *ask, struct ll_arena *arena,
                                  struct ll_cost_forecast *out, struct ll_err *err);

/* Days that `months` months take after a last day: what `ahead` must reach. */
size_t ll_cost_forecast_ahead(ll_day last, unsigned months);

#endif
