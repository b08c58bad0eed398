/* Which targets a Prometheus still reaches.
 *
 * An instant query answers with values that are up to five minutes old.  A target that fails
 * ends its series with stale markers, but not what it gave with times of its own (cAdvisor does),
 * and not when the Prometheus that scraped it is gone.  So `timestamp(up) * up` is asked too: 0
 * for a target that is down, else the time of its last scrape.  A series whose labels hold all
 * labels of such a target has nothing to say any more, and is left out. */
#ifndef LL_COLLECT_PROMQL_TARGETS_H
#define LL_COLLECT_PROMQL_TARGETS_H

#include "core/labeled.h"

struct ll_promql_targets;

/* ups: series of the query; borrowed while the result lives.  NULL without memory. */
struct ll_promql_targets *ll_promql_targets_new(const struct ll_labeled_set *ups, ll_time now,
                                                ll_dur fresh, uint64_t seed);
void ll_promql_targets_free(struct ll_promql_targets *t);
LL_AUTO_DEFINE(ll_promql_targets, ll_promql_targets_free)

/* True when the series' target is known and all that match are down, or silent for longer than
 * `fresh`. */
bool ll_promql_targets_gone(const struct ll_promql_targets *t, struct ll_slice labels);

/* How many are; of how many. */
size_t ll_promql_targets_down(const struct ll_promql_targets *t, size_t *all);

#endif
