/* The numbered samples that writer_load writes and store_verify looks for. */
#ifndef LL_TESTS_CRASH_LOAD_H
#define LL_TESTS_CRASH_LOAD_H

#include <stdint.h>

#include "core/labeled.h"

#define LOAD_T0 1763942400000LL /* 2025-11-24T00:00:00Z */
#define LOAD_STEP_MS 10LL
#define LOAD_INSTANCES 40

/* Each sample is there a second time under its own labels, {__name__="load",instance="i7"}, with
 * a value whose bits are its number in a form that a store may spoil. */
static inline uint64_t load_bits(int64_t id)
{
    switch (id % 6) {
    case 0:
        return LL_LABELED_STALE;
    case 1:
        return UINT64_C(0x7ff8000000000000) | (uint64_t)id; /* NaN with a payload */
    case 2:
        return UINT64_C(0x8000000000000000); /* -0.0 */
    case 3:
        return ll_labeled_bits((double)id);
    case 4:
        return ll_labeled_bits((double)id / 3);
    default:
        return (uint64_t)id; /* denormal */
    }
}

#endif
