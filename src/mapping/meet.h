/* A series that is met for the first time: which rules read it, and what it is bound to. */
#ifndef LL_MAPPING_MEET_H
#define LL_MAPPING_MEET_H

#include "mapping/state.h"

/* NULL when nothing is made of it: *fate says why. */
struct ll_mapper_series *ll_meet_series(struct ll_mapper *m, struct ll_slice labels, uint64_t hash,
                                        enum ll_mapper_fate *fate);

#endif
