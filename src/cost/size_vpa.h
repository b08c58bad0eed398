/* The Vertical Pod Autoscaler's target for a history, as one term of a size (cost/size.h): selected
 * by filling ll_size_input.vpa with it. */
#ifndef LL_COST_SIZE_VPA_H
#define LL_COST_SIZE_VPA_H

#include "cost/size.h"
#include "cost/vpa.h"

/* Two containers' memory, lent by the caller. */
struct ll_size_vpa_room {
    struct ll_vpa all, one;
};

/* Of CPU (cores) or MEMORY (bytes): the use of every replica, fed as its recommender would see it,
 * one sample a step from `from` on.  NaN without samples; other resources are a bug. */
double ll_size_vpa_target(const struct ll_size_input *in, enum ll_resource_type type, ll_time from,
                          const struct ll_vpa_opts *o, const struct ll_vpa_config *c,
                          struct ll_size_vpa_room *room);

#endif
