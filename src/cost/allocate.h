/* Who pays for what: workloads, what lies idle beside them, what is shared, and overhead.
 *
 *     idle of a pool and resource = what the pool costs - what its workloads cost
 *
 * Shares are worked out before any filter (OpenCost specification 0.1), so a filter drops a part of
 * the bill and never moves it: groups + idle + overcommit + shared + filtered = assets + overhead,
 * under every combination of options.  Where OpenCost gives another figure it loses or invents
 * money: idle of what is shared, under a filter, follows the share; a pool whose workloads cost
 * more than it is not clamped to no idle, but has `overcommit`, which is negative. */
#ifndef LL_COST_ALLOCATE_H
#define LL_COST_ALLOCATE_H

#include "base/arena.h"
#include "base/err.h"

enum { LL_ALLOCATE_RESOURCES_MAX = 16 };

enum ll_allocate_split {
    LL_ALLOCATE_NONE,     /* idle stays with its pool; shared: the same as WEIGHTED */
    LL_ALLOCATE_WEIGHTED, /* by what each costs, before idle */
    LL_ALLOCATE_EVEN,     /* idle: to each workload of the pool; shared: to each group */
    LL_ALLOCATE_METRIC    /* by group_metric: messages, trades …; shared and overhead only */
};

struct ll_allocate_item {
    size_t group, pool;
    const double *cost; /* [n_resources], finite; negative = a credit */
    bool shared;        /* is paid by the others */
    bool dropped;       /* the filter does not let it pass; what is shared is not filtered */
};

struct ll_allocate_in {
    const struct ll_allocate_item *items;
    const double *assets; /* [n_pools][n_resources]; NaN = that resource has no idle there */
    size_t n_items, n_pools, n_groups, n_resources;
    enum ll_allocate_split idle, share;
    const double *group_metric; /* [n_groups], finite, 0 or more; for LL_ALLOCATE_METRIC */
    double overhead;            /* for the whole window; shared like what is shared */
};

struct ll_allocate_group {
    double own, idle, overcommit, shared; /* shared: its part of the shared and of overhead */
    double total;
};

/* What could not be given to anybody (no weight) stays where it was. */
struct ll_allocate_out {
    const struct ll_allocate_group *groups; /* [n_groups] */
    const double *idle, *overcommit;        /* [n_pools]: kept by the pool; >= 0, <= 0 */
    double shared;                          /* with nobody to pay for it */
    double filtered;                        /* with what the filter dropped */
    double total;                           /* of all above: assets + overhead */
};

/* Fails with LL_E_INVALID when an index, a cost or an option means nothing, LL_E_RANGE when there
 * are too many resources, LL_E_MEMORY. */
LL_MUST_USE bool ll_allocate(const struct ll_allocate_in *in, struct ll_arena *out,
                             struct ll_allocate_out *result, struct ll_err *err);

#endif
