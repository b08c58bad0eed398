/* Vectors whose lanes are series: the arithmetic that all kernels of the fast profile share.
 *
 * The sources of this folder are compiled once for each width, LL_LANES of 4, 8 or 16, and every
 * function that leaves its file carries the width in its name (LL_WIDE).  Lanes never meet: no sum
 * over lanes, no early end that neighbours decide. */
#ifndef LL_FORECAST_BATCH_LANES_H
#define LL_FORECAST_BATCH_LANES_H

#include "base/defs.h"

#ifndef LL_LANES
#define LL_LANES 4 /* outside of the kernels: the width that every machine has */
#endif

#define LL_WIDE_JOIN(name, lanes) name##_##lanes
#define LL_WIDE_OF(name, lanes) LL_WIDE_JOIN(name, lanes)
#define LL_WIDE(name) LL_WIDE_OF(name, LL_LANES)

typedef float ll_lanes __attribute__((vector_size(4 * LL_LANES)));
typedef int32_t ll_mask __attribute__((vector_size(4 * LL_LANES))); /* -1 = yes, 0 = no */

#define LL_LANES_INLINE static inline __attribute__((always_inline))

LL_LANES_INLINE ll_lanes ll_lanes_of(float x)
{
    return x + (ll_lanes){0};
}

LL_LANES_INLINE ll_lanes ll_lanes_pick(ll_mask m, ll_lanes yes, ll_lanes no)
{
    return (ll_lanes)(((ll_mask)yes & m) | ((ll_mask)no & ~m));
}

/* Of a NaN and a number: the second argument. */
LL_LANES_INLINE ll_lanes ll_lanes_min(ll_lanes a, ll_lanes b)
{
    return ll_lanes_pick(a < b, a, b);
}

LL_LANES_INLINE ll_lanes ll_lanes_max(ll_lanes a, ll_lanes b)
{
    return ll_lanes_pick(a > b, a, b);
}

LL_LANES_INLINE ll_lanes ll_lanes_clamp(ll_lanes x, ll_lanes low, ll_lanes high)
{
    return ll_lanes_min(ll_lanes_max(x, low), high);
}

LL_LANES_INLINE ll_lanes ll_lanes_abs(ll_lanes x)
{
    return (ll_lanes)((ll_mask)x & 0x7fffffff);
}

/* Numbers that are neither infinite nor NaN. */
LL_LANES_INLINE ll_mask ll_lanes_finite(ll_lanes x)
{
    return ((ll_mask)x & 0x7f800000) != 0x7f800000;
}

/* Whether any lane says yes: only to skip work that would change no lane. */
LL_LANES_INLINE bool ll_lanes_any(ll_mask m)
{
    int32_t any = 0;
    for (int i = 0; i < LL_LANES; i++)
        any |= m[i];
    return any != 0;
}

/* Newton on 1 / sqrt would differ between machines; the root of each lane does not. */
LL_LANES_INLINE ll_lanes ll_lanes_sqrt(ll_lanes x)
{
    for (int i = 0; i < LL_LANES; i++)
        x[i] = __builtin_sqrtf(x[i]);
    return x;
}

/* Natural logarithm of normal positive numbers: x = 2^e m with m in [sqrt(1/2), sqrt(2)), and a
 * polynomial of degree nine in m - 1 (Moshier, Cephes, logf). */
LL_LANES_INLINE ll_lanes ll_lanes_log(ll_lanes x)
{
    ll_mask bits = (ll_mask)x, e = (bits >> 23) - 126;
    ll_lanes m = (ll_lanes)((bits & 0x7fffff) | 0x3f000000);
    ll_mask small = m < 0.70710678f;
    e += small; /* -1 where it holds */
    m += ll_lanes_pick(small, m, (ll_lanes){0}) - 1;
    ll_lanes p = 7.0376836292e-2f * m - 1.1514610310e-1f, sq = m * m;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    ll_lanes exponent = __builtin_convertvector(e, ll_lanes);
    return m * sq * p - 2.12194440e-4f * exponent - 0.5f * sq + m + 0.693359375f * exponent;
}

/* e^x; arguments are held within -87 .. 87 (Moshier, Cephes, expf). */
LL_LANES_INLINE ll_lanes ll_lanes_exp(ll_lanes x)
{
    x = ll_lanes_clamp(x, ll_lanes_of(-87), ll_lanes_of(87));
    ll_lanes shifted = x * 1.44269504088896341f + 0.5f;
    ll_mask k = __builtin_convertvector(shifted, ll_mask);
    k += __builtin_convertvector(k, ll_lanes) > shifted; /* towards minus infinity */
    ll_lanes whole = __builtin_convertvector(k, ll_lanes);
    x = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    ll_lanes p = 1.9875691500e-4f * x + 1.3981999507e-3f;
    p = p * x + 8.3334519073e-3f;
    p = p * x + 4.1665795894e-2f;
    p = p * x + 1.6666665459e-1f;
    p = p * x + 5.0000001201e-1f;
    return (p * x * x + x + 1) * (ll_lanes)((k + 127) << 23);
}

/* Scratch, handed out from the front. */
struct ll_lanes_room {
    ll_lanes *at, *end;
};

LL_LANES_INLINE ll_lanes *ll_lanes_take(struct ll_lanes_room *r, size_t n)
{
    ll_lanes *got = r->at;
    r->at += n;
    LL_ASSERT(r->at <= r->end);
    return got;
}

#endif
