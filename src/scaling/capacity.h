/* How much load one instance carries, told from what was seen.
 *
 *     u = a + b x      u: utilisation of an instance, ratio;  x: load of the service / instances
 *     units per instance = (1 - a) / b      what fills it
 *
 * Least squares over points below saturation, after what lies far off the median error was left
 * out; the interval is of the delta method, with as many independent points as the errors'
 * autocorrelation leaves (Bartlett 1935).  Data that cannot tell is refused with the reason: a
 * number that is a guess would scale for ever.  No clock, no chance. */
#ifndef LL_SCALING_CAPACITY_H
#define LL_SCALING_CAPACITY_H

#include "base/err.h"
#include "base/time.h"

enum { LL_CAPACITY_POINTS_MIN = 30, LL_CAPACITY_POINTS_MAX = 1 << 20 };

/* One moment; NaN anywhere = no data. */
struct ll_capacity_point {
    ll_time t;
    double load;        /* of the whole service, in the driver's unit */
    double instances;   /* that carried it */
    double utilization; /* mean of them, ratio */
};

struct ll_capacity_learned {
    double units, lower, upper; /* per instance at 100 %; the interval is of 95 % */
    double idle;                /* utilisation without any load: a */
    double explained;           /* share of the variance, R squared */
    double seen_load;           /* highest load of an instance, in the driver's unit */
    double seen_utilization;    /* highest utilisation below saturation, ratio */
    size_t used, left_out;      /* points; left_out: no data, saturated, far off */
    ll_time date;               /* of the newest that was used */
};

/* Points in order of time.  Fails with LL_E_SHORT when they cannot tell: too few, too little
 * variation, no relation, too wide an interval; LL_E_RANGE above LL_CAPACITY_POINTS_MAX;
 * LL_E_MEMORY.  *out untouched then. */
LL_MUST_USE bool ll_capacity_learn(const struct ll_capacity_point *p, size_t n,
                                   struct ll_capacity_learned *out, struct ll_err *err);

/* Whether to aim at `goal` (ratio) goes beyond what was seen. */
bool ll_capacity_beyond(const struct ll_capacity_learned *c, double goal);

#endif
