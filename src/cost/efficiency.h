/* How much of what is paid for is used, raw and as a score.
 *
 *     raw   = sum(C * U / A) / sum(C)                           uncapped, as OpenCost
 *     score = 100 * sum(C * min(1, (U / A) / target)) / sum(C)  full use is use at its target
 *
 * over resources billed by allocation.  The cap keeps one overloaded resource from paying for an
 * idle one; the overload shows as UNDER_PROVISIONED.  With A = provisioned this is the view of the
 * fleet, idle included; with A = requested that of the workload. */
#ifndef LL_COST_EFFICIENCY_H
#define LL_COST_EFFICIENCY_H

#include "core/cost.h"

struct ll_efficiency_row {
    double allocated, used; /* in one unit, >= 0 */
    double cost;            /* >= 0 */
    double target;          /* of used / allocated, in (0, 1] */
};

struct ll_efficiency {
    double raw, score; /* NaN when nothing that costs is known */
    double overload;   /* sum(C * max(0, U / A - 1)) / sum(C): what raw exceeds full use by */
    size_t skipped;    /* rows with nothing allocated and nothing used */
    size_t unknown;    /* rows with a figure that is missing or out of its range */
};

/* Of used / allocated: CPU 0.65 (critical 0.50), memory and disk 0.80, others as CPU. */
double ll_efficiency_target(enum ll_resource_type type, enum ll_tier tier);

/* used / allocated; 1 where something is used and nothing allocated, NaN where neither is. */
double ll_efficiency_ratio(double allocated, double used);

void ll_efficiency_of(const struct ll_efficiency_row *rows, size_t n, struct ll_efficiency *out);

#endif
