/* What the API counts about itself, for /metrics.  Relaxed atomics: each is exact, they
 * are not of one moment. */
#ifndef LL_API_COUNTERS_H
#define LL_API_COUNTERS_H

#include <stdatomic.h>

#include "core/sample.h"

/* Beyond the refusals of core/sample.h: items that did not become a sample at all. */
enum { LL_COUNT_MALFORMED = LL_REFUSAL_COUNT, LL_COUNT_REASONS };

struct ll_counters {
    _Atomic uint64_t code[600];
    _Atomic uint64_t samples; /* acknowledged */
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
