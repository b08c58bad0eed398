/* What switching off outside the hours of use saves.
 *
 *     on      = min(168, hours of use a week + lead * starts)
 *     saving  = (compute - committed) 730 (1 - on / 168) - starts * cost of a start * 730 / 168
 *
 * a month; storage and addresses are billed on.  From a calendar the hours of use are its
 * sessions', half days included, and the batch windows after them. */
#ifndef LL_COST_SCHEDULE_SAVING_H
#define LL_COST_SCHEDULE_SAVING_H

#include "base/err.h"

struct ll_schedule_ask {
    double use;       /* hours a week, [0, 168] */
    double lead;      /* hours before each start; >= 0 */
    double starts;    /* a week; >= 0 */
    double compute;   /* an hour while on; >= 0 */
    double committed; /* of compute, paid anyway: [0, compute] */
    double storage;   /* an hour, always; >= 0 */
    double start_cost;
};

struct ll_schedule_saving {
    double on;      /* hours a week */
    double monthly; /* may be negative: starts cost more than they save */
    double pct;     /* of compute and storage; NaN when they cost nothing */
};

/* Fails with LL_E_RANGE, naming the value. */
LL_MUST_USE bool ll_schedule_saving(const struct ll_schedule_ask *ask,
                                    struct ll_schedule_saving *out, struct ll_err *err);

#endif
