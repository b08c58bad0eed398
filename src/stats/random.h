/* Reproducible chance: the seed is an argument, the numbers are the same on every machine.
 * SplitMix64 (Steele, Lea & Flood 2014). */
#ifndef LL_STATS_RANDOM_H
#define LL_STATS_RANDOM_H

#include "base/defs.h"
#include "stats/normal.h"

static inline uint64_t ll_random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in (0, 1): never an end. */
static inline double ll_random_unit(uint64_t *state)
{
    return ((double)(ll_random_next(state) >> 11) + 0.5) / 0x1p53;
}

/* One of 0 .. n - 1, n > 0. */
static inline size_t ll_random_below(uint64_t *state, size_t n)
{
    return (size_t)(ll_random_next(state) % n);
}

static inline double ll_random_normal(uint64_t *state)
{
    return ll_normal_quantile(ll_random_unit(state));
}

#endif
