/* What the files of a plan share. */
#ifndef LL_PLAN_INTERNAL_H
#define LL_PLAN_INTERNAL_H

#include "plan/plan.h"

/* Refuses what means nothing, as ll_plan_make says. */
LL_MUST_USE bool ll_plan_check(const struct ll_plan_ask *ask, struct ll_err *err);

/* The monitor's time_to_limit (seconds from the end of today, NaN = none) where it is earlier. */
void ll_plan_join_near(struct ll_plan_date *d, ll_day today, double near_s);

#endif
