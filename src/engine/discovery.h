/* What was found where: the sources, what their mappers made of them, what nobody read.
 *
 * Made by the intake's thread, immutable, published by swapping a pointer. */
#ifndef LL_ENGINE_DISCOVERY_H
#define LL_ENGINE_DISCOVERY_H

#include "mapping/mapper.h"

struct ll_engine;

/* Series that were refused because a limit is reached, by metric: the top offenders. */
struct ll_discovery_offender {
    struct ll_slice metric;
    uint64_t points;
};

struct ll_discovery_part { /* one mapper's */
    struct ll_mapper_report report;
    const struct ll_discovery_offender *offenders; /* most first */
    size_t n_offenders;
    uint64_t points, refused; /* since the start */
};

struct ll_discovery {
    ll_time generated;
    const struct ll_discovery_part *parts;
    size_t n_parts;
};

/* The last one published, empty before the first; release it soon. */
const struct ll_discovery *ll_engine_discovery(struct ll_engine *e);
void ll_discovery_release(const struct ll_discovery *d);

/* Opens the tap for five minutes: the labels of what passes the intake are noted. */
LL_MUST_USE bool ll_engine_tap(struct ll_engine *e, struct ll_err *err);
/* A copy of what was noted, with __source__ among the labels and each series' last point. */
LL_MUST_USE bool ll_engine_tapped(struct ll_engine *e, struct ll_labeled_set **out,
                                  struct ll_err *err);

#endif
