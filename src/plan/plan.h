/* capacity_plan: when a resource is too small, what to add, and when to order it.
 *
 *     peak  = line of the daily peaks (stats/growth.h, in logarithms, not damped: what comes too
 *             early is idle, what comes too late is an outage), then planned changes
 *     P50   = the day by which half of the simulated paths have reached a limit
 *     P90   = the careful one: the day by which one path in ten has
 *     order = that day less the lead time
 *     need  = max(highest peak / critical * Z / (Z - 1), multiple * highest peak ever)
 *
 * Z sites that have to carry all with one of them lost leave (Z - 1) / Z of the capacity; the
 * multiple is a regulator's (twice the highest message rate of five years: EU 2017/584 article 11)
 * and is held by all sites together.  A planned change counts in a path as likely as it is.
 *
 * The limits are those of time_to_limit, never mixed: critical_pct, present capacity, the ceiling
 * of what can be had in time; and the multiple.  What the monitor sees in its hours goes before
 * what the line says in its months. */
#ifndef LL_PLAN_PLAN_H
#define LL_PLAN_PLAN_H

#include "base/arena.h"
#include "calendar/day.h"
#include "stats/growth.h"

#define LL_PLAN_LIMIT_TABLE(X)                                                                     \
    X(LL_PLAN_CRITICAL, "critical")                                                                \
    X(LL_PLAN_CAPACITY, "capacity")                                                                \
    X(LL_PLAN_CEILING, "ceiling")                                                                  \
    X(LL_PLAN_MULTIPLE, "multiple")

#define X(member, name) member,
enum ll_plan_limit { LL_PLAN_LIMIT_TABLE(X) LL_PLAN_LIMITS };
#undef X
const char *ll_plan_limit_name(enum ll_plan_limit v); /* "?" out of range */

enum { LL_PLAN_MONTHS_MAX = 24, LL_PLAN_PATHS = 1000, LL_PLAN_CHANGES_MAX = 64 };

/* PlannedChange: from its day on, value * factor + amount. */
struct ll_plan_change {
    ll_day day;
    bool capacity; /* else demand */
    double factor, amount;
    double confidence; /* that it comes, in (0, 1] */
};

struct ll_plan_ask {
    ll_day first;        /* of peak[0]; the last day of the history is "today" */
    const double *peak;  /* the highest value of each day, >= 0; NaN = no data */
    const uint8_t *kind; /* enum ll_cost_day of n + ahead days */
    size_t n, ahead;
    unsigned months; /* 1 .. 24 */
    double capacity; /* installed, all sites together, > 0 */
    double critical; /* of it, in (0, 1] */
    double ceiling;  /* what can be had at most: quota, range, delivery; NaN = not known */
    double unit;     /* what one more instance, disk or rack adds, > 0 */
    ll_dur lead;     /* from order to service, >= 0 */
    unsigned sites;  /* one of which may be lost; 0 and 1: none may */
    double multiple; /* of the highest peak ever; 0 = none asked */
    double ever;     /* of the ledger; NaN = the highest of the history */
    double near_s[LL_PLAN_LIMITS]; /* time_to_limit of the monitor in seconds; NaN = none */
    const struct ll_plan_change *changes;
    size_t n_changes;
    uint64_t seed;
};

struct ll_plan_date {
    ll_day p50, p90;         /* LL_DAY_NONE: not within the horizon */
    ll_day order50, order90; /* the last day to order; LL_DAY_NONE as above */
    ll_day soonest;          /* p90, or the monitor's when that is earlier */
    bool near;               /* it is the monitor's */
    bool late;               /* soonest less the lead time is before today */
    double reached;          /* share of the paths that reach it */
};

#define LL_PLAN_BOUND_TABLE(X)                                                                     \
    X(LL_PLAN_BY_DEMAND, "demand")                                                                 \
    X(LL_PLAN_BY_SITES, "sites")                                                                   \
    X(LL_PLAN_BY_MULTIPLE, "multiple")

#define X(member, name) member,
enum ll_plan_bound { LL_PLAN_BOUND_TABLE(X) LL_PLAN_BOUNDS };
#undef X
const char *ll_plan_bound_name(enum ll_plan_bound v);

/* From today to the end of so many months. */
struct ll_plan_month {
    unsigned months;
    ll_day until;
    double p50, p90;          /* of the highest daily peak */
    double need50, need90;    /* capacity */
    double add50, add90;      /* whole units, beside what is planned (P90: planned for sure) */
    enum ll_plan_bound bound; /* which term of need90 it was */
};

struct ll_plan {
    struct ll_plan_date date[LL_PLAN_LIMITS];
    struct ll_plan_month month[LL_PLAN_MONTHS_MAX];
    unsigned n;
    double usable;         /* of the capacity, with a site lost */
    double slope_pct;      /* of the peaks per month of 30.44 days */
    double highest;        /* ever */
    size_t zeros;          /* days without any demand: in no line */
    bool low_confidence;   /* less than 90 days with demand */
    struct ll_growth line; /* in logarithms; lives in the arena */
    /* Of each path the highest demand on open and on other days, over all months: for what-ifs. */
    const double *open, *closed;
};

/* Fails with LL_E_SHORT (fewer than 14 days with demand), LL_E_RANGE, LL_E_INVALID (a negative or
 * infinite peak), LL_E_TOO_LARGE, LL_E_MEMORY. */
LL_MUST_USE bool ll_plan_make(const struct ll_plan_ask *ask, struct ll_arena *arena,
                              struct ll_plan *out, struct ll_err *err);

/* Days from today to the end of so many months: what `ahead` must reach. */
size_t ll_plan_ahead(ll_day today, unsigned months);

/* The part that a service's date is: of n dates the index of the one with the earliest soonest,
 * then P90, then P50; n when none has any. */
size_t ll_plan_worst(const struct ll_plan_date *dates, size_t n);

#endif
