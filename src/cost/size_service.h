/* How well a whole service is sized, from the sizes of its resources; the first that holds:
 *
 *     INSUFFICIENT_DATA   no resource can be judged
 *     UNDER_PROVISIONED   some resource is
 *     IDLE                over >= 7 days that hold a full cycle of its calendar: CPU never above
 *                         5 %, network never above 2 %, no connection
 *     OVER_PROVISIONED    some resource is
 *     OPTIMIZED
 *
 * What is not known of use never makes a service idle. */
#ifndef LL_COST_SIZE_SERVICE_H
#define LL_COST_SIZE_SERVICE_H

#include "cost/size.h"

/* The highest of each over the days; NaN = not known. */
struct ll_size_idle {
    double cpu_ratio, network_ratio; /* of capacity */
    double connections;
    double days;
    bool full_cycle; /* of the calendar: a week, or what it repeats after */
};

bool ll_size_is_idle(const struct ll_size_idle *f);

/* idle may be NULL: nothing is known. */
enum ll_sizing ll_size_service(const struct ll_size *sizes, size_t n,
                               const struct ll_size_idle *idle);

#endif
