/* What the API counts about itself, for /metrics.  Relaxed atomics: each is exact, they
 * are not of one moment. */
#ifndef LL_API_COUNTERS_H
#define LL_API_COUNTERS_H

#include <stdatomic.h>

#include "core/sample.h"

/* Beyond the refusals of core/sample.h: items that did not become a sample at all, and what is
 * refused of remote-write only. */
enum {
    LL_COUNT_MALFORMED = LL_REFUSAL_COUNT,
    LL_COUNT_LABELS,
    LL_COUNT_HISTOGRAM,
    LL_COUNT_SCOPE, /* a service that the sender may not write to */
    LL_COUNT_REASONS
};

/* Of remote-write, by protocol. */
struct ll_write_counters {
    _Atomic uint64_t requests, samples, refused, histograms, exemplars;
};

struct ll_counters {
    _Atomic uint64_t code[600];
    _Atomic uint64_t samples;          /* acknowledged */
    struct ll_write_counters write[2]; /* 1.0 and 2.0 */
    _Atomic uint64_t rejected[LL_COUNT_REASONS];
    _Atomic uint64_t cut; /* connections shut down at a deadline */
};

static inline void ll_count(_Atomic uint64_t *c, uint64_t n)
{
    atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t ll_counted(const _Atomic uint64_t *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
