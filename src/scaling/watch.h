/* What rules see: the sum of a service's resource over its instances, sample by sample.
 *
 * Only what a rule asks for is watched, so that a decision can follow a sample at once.  Instances
 * that do not report are no data: while at least 80 % of those expected do, the others count as
 * the mean of these; with fewer the observation is PARTIAL, and never a reason to scale in.  One
 * owner; no clock, no I/O. */
#ifndef LL_SCALING_WATCH_H
#define LL_SCALING_WATCH_H

#include "scaling/decide.h"

struct ll_watch;

enum {
    LL_WATCH_CELLS_MAX = 200000,
    LL_WATCH_INSTANCES_MAX = 10000, /* of one cell */
    LL_WATCH_SAMPLES = 32           /* sums that are remembered, for k of n */
};

struct ll_watch *ll_watch_new(uint64_t seed);
void ll_watch_free(struct ll_watch *w);
LL_AUTO_DEFINE(ll_watch, ll_watch_free)

/* From now on this is watched: the resource's part (empty = the one that stands for it) of a
 * service.  The same again gives the same number.  False without memory or at the limit. */
LL_MUST_USE bool ll_watch_add(struct ll_watch *w, struct ll_slice service,
                              enum ll_resource_type type, struct ll_slice part, size_t *cell);

/* Takes a sample that has passed ll_sample_check.  Returns how many cells it changed, and writes
 * the first `max` of them. */
size_t ll_watch_record(struct ll_watch *w, const struct ll_sample *s, size_t *cells, size_t max);
/* Its sender said that the series has ended. */
void ll_watch_end(struct ll_watch *w, const struct ll_series_end *e);

/* The wall clock stepped by `by`: what was seen stays as old as it was, and what comes is newer. */
void ll_watch_step(struct ll_watch *w, ll_dur by);

struct ll_watch_ask {
    ll_time now;
    ll_dur stale;     /* older is no data */
    int64_t expected; /* instances that should report; < 0 = those of the last ten minutes */
};

/* What is seen of a cell.  Slices and samples are valid until the next call for this cell.  A sum
 * is remembered once per newest time. */
void ll_watch_observe(struct ll_watch *w, size_t cell, const struct ll_watch_ask *ask,
                      struct ll_observation *out);

/* When what is seen changes by time alone: the next moment at which an instance falls stale;
 * LL_TIME_NONE = none does. */
ll_time ll_watch_stale_at(const struct ll_watch *w, size_t cell, ll_dur stale, ll_time now);

#endif
