/* One block of series on its way from values to forecasts. */
#ifndef LL_FORECAST_BATCH_BLOCK_H
#define LL_FORECAST_BATCH_BLOCK_H

#include "forecast/batch/lanes.h"
#include "forecast/batch/plan.h"

#define ll_batch_kernels_here LL_WIDE(ll_batch_kernels)
#define ll_batch_load LL_WIDE(ll_batch_load)
#define ll_batch_select LL_WIDE(ll_batch_select)
#define ll_batch_naive LL_WIDE(ll_batch_naive)
#define ll_batch_damped LL_WIDE(ll_batch_damped)
#define ll_batch_damped_fit LL_WIDE(ll_batch_damped_fit)
#define ll_batch_damped_path LL_WIDE(ll_batch_damped_path)
#define ll_batch_mstl LL_WIDE(ll_batch_mstl)
#define ll_batch_refine LL_WIDE(ll_batch_refine)
#define ll_batch_decomposed LL_WIDE(ll_batch_decomposed)
#define ll_batch_theta LL_WIDE(ll_batch_theta)
#define ll_batch_lags LL_WIDE(ll_batch_lags)
#define ll_batch_waves LL_WIDE(ll_batch_waves)
#define ll_batch_combine LL_WIDE(ll_batch_combine)
#define ll_batch_intervals LL_WIDE(ll_batch_intervals)

/* Values as models see them, z = (u - mean) / sd of u = y / top.  In logs likewise, of log(u +
 * shift); a series that has no logs stands there as it is. */
struct ll_block {
    const struct ll_batch_plan *plan;
    struct ll_lanes_room room;
    ll_lanes *z, *clean;       /* n + h: filled; outliers held too */
    ll_lanes *log, *log_clean; /* n + h: the same in logs */
    ll_lanes *actual;          /* n: z, and NaN where there was no value */
    ll_lanes top, mean, sd;    /* top: the largest magnitude, 1 for zeros */
    ll_lanes low;              /* no forecast lies below: min(0, least) in units of z */
    ll_lanes shift, log_mean, log_sd, log_low, log_high; /* bounds of what is expected in logs */
    ll_mask positive, empty;                             /* has logs; has no value at all */
    ll_lanes *path; /* members x (origins + 1) x h, all in units of z */
    ll_lanes mae[LL_BATCH_MEMBERS], weight[LL_BATCH_MEMBERS];
    ll_lanes *point; /* (origins + 1) x h: the combination */
};

LL_LANES_INLINE ll_lanes *ll_block_path(const struct ll_block *b, enum ll_batch_member m)
{
    return b->path + (size_t)m * (b->plan->n_origins + 1) * b->plan->h;
}

/* Reads count rows, missing lanes as copies of the last; fills, scales, holds outliers, takes logs.
 */
void ll_batch_load(struct ll_block *b, const float *y, size_t count);

/* The value of each lane's own rank (from 0) among n, none of them NaN.  Of the 32 bits of a float
 * the highest `bits` are right, the others cut off. */
void ll_batch_select(const ll_lanes *x, size_t n, const ll_mask *rank, int bits, ll_lanes *value);

/* Each fills the path of its member from all origins. */
void ll_batch_naive(struct ll_block *b, enum ll_batch_member member, size_t m);
void ll_batch_damped(struct ll_block *b, enum ll_batch_member member, size_t m);
void ll_batch_lags(struct ll_block *b, enum ll_batch_member member, const struct ll_lags *l,
                   const ll_lanes *y);
void ll_batch_waves(struct ll_block *b);
void ll_batch_decomposed(struct ll_block *b); /* MSTL with a damped trend, and theta on the rest */

/* Damped additive Holt-Winters in error form. */
struct ll_damped {
    size_t m;
    ll_lanes p[4];                  /* alpha, beta, gamma, phi */
    ll_lanes level, slope, *season; /* before the first value; afterwards of now */
};

/* level, slope and season given; finds p.  room of 5 m vectors. */
void ll_batch_damped_fit(const ll_lanes *y, size_t n, struct ll_damped *d, ll_lanes *room);

/* Rolls on from step t0 over y to each origin and tells h steps from there. */
void ll_batch_damped_path(const ll_lanes *y, size_t t0, const size_t *origin, size_t n_origins,
                          size_t h, struct ll_damped *d, ll_lanes *path);

/* y = rest + seasons; s[0], s[1] and rest of n vectors, work 4 (n + 2 m) with the longer season's
 * m. */
void ll_batch_mstl(const struct ll_stl stl[2], const ll_lanes *y, size_t n, ll_lanes *const s[2],
                   ll_lanes *rest, ll_lanes *work);

/* One round of it more, from the seasons and the rest as they are: one season after the other, each
 * of what the others leave. */
void ll_batch_refine(const struct ll_stl of[2], size_t n, ll_lanes *const s[2], ll_lanes *rest,
                     ll_lanes *work);

/* Weights by errors at the origins, and the weighted medians. */
void ll_batch_combine(struct ll_block *b);

/* half: n_levels x h half widths of the last origin's steps, in units of z. */
void ll_batch_intervals(struct ll_block *b, ll_lanes *half);

#endif
