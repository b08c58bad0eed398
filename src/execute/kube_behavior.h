/* The behavior of an autoscaler: how fast it may change, in the words of autoscaling/v2, of KEDA
 * and of the annotation in which autoscaling/v1 keeps it. */
#ifndef LL_EXECUTE_KUBE_BEHAVIOR_H
#define LL_EXECUTE_KUBE_BEHAVIOR_H

#include "execute/kube_read.h"
#include "scaling/rule.h"

enum ll_kube_dialect { LL_KUBE_V2, LL_KUBE_KEDA, LL_KUBE_V1, LL_KUBE_DIALECTS };

/* Two directions with three values and one list each. */
enum { LL_KUBE_BEHAVIOR_VALUES = 6, LL_KUBE_BEHAVIOR_LISTS = 2 };

struct ll_kube_rates {
    struct ll_rates rates;
    double tolerance;
    bool any; /* a policy was there: the first one replaces the defaults */
};

/* Kubernetes' own when nothing else is said. */
struct ll_kube_behavior {
    struct ll_kube_rates out, in;
};
void ll_kube_behavior_init(struct ll_kube_behavior *b);

/* Fills values[0..6) and lists[0..2) of a shape; the lists' policies go into *b. */
void ll_kube_behavior_shape(enum ll_kube_dialect d, struct ll_kube_behavior *b,
                            struct ll_kube_value *values, struct ll_kube_list *lists);
/* Takes what was read by that shape.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_kube_behavior_take(const struct ll_kube_value *values,
                                       struct ll_kube_behavior *b, struct ll_err *err);

#endif
