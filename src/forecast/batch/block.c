/* A block from values to forecasts. */
#include "forecast/batch/block.h"

#include <float.h>
#include <math.h>

void ll_batch_naive(struct ll_block *b, enum ll_batch_member member, size_t m)
{
    const struct ll_batch_plan *p = b->plan;
    ll_lanes *path = ll_block_path(b, member);
    for (size_t k = 0; k <= p->n_origins; k++)
        for (size_t i = 0; i < p->h; i++)
            *path++ = b->z[p->origin[k] - m + i % m];
}

/* A path in logs becomes one in units of z; where there are no logs it is one. */
static void out_of_logs(struct ll_block *b, enum ll_batch_member member)
{
    const struct ll_batch_plan *p = b->plan;
    ll_lanes *path = ll_block_path(b, member);
    for (size_t i = 0; i < (p->n_origins + 1) * p->h; i++) {
        ll_lanes x = ll_lanes_clamp(path[i], b->log_low, b->log_high);
        ll_lanes u = ll_lanes_exp(x * b->log_sd + b->log_mean) - b->shift;
        path[i] = ll_lanes_pick(b->positive, (u - b->mean) / b->sd, x);
    }
}

static void run_members(struct ll_block *b)
{
    const struct ll_batch_plan *p = b->plan;
    ll_batch_naive(b, LL_BATCH_NAIVE_SHORT, p->m1);
    if (p->use[LL_BATCH_NAIVE_LONG])
        ll_batch_naive(b, LL_BATCH_NAIVE_LONG, p->m2);
    if (p->use[LL_BATCH_DAMPED_SHORT])
        ll_batch_damped(b, LL_BATCH_DAMPED_SHORT, p->m1);
    if (p->use[LL_BATCH_DAMPED_LONG])
        ll_batch_damped(b, LL_BATCH_DAMPED_LONG, p->m2);
    if (p->use[LL_BATCH_MSTL])
        ll_batch_decomposed(b);
    if (p->use[LL_BATCH_AR]) {
        ll_batch_lags(b, LL_BATCH_AR, &p->ar, b->clean);
        ll_batch_lags(b, LL_BATCH_AR_LOG, &p->ar, b->log_clean);
    }
    if (p->use[LL_BATCH_SEASONAL_AR]) {
        ll_batch_lags(b, LL_BATCH_SEASONAL_AR, &p->seasonal_ar, b->z);
        ll_batch_lags(b, LL_BATCH_SEASONAL_AR_LOG, &p->seasonal_ar, b->log);
    }
    if (p->use[LL_BATCH_WAVES])
        ll_batch_waves(b);
    static const enum ll_batch_member logs[] = {LL_BATCH_MSTL, LL_BATCH_THETA, LL_BATCH_AR_LOG,
                                                LL_BATCH_SEASONAL_AR_LOG, LL_BATCH_WAVES};
    for (size_t i = 0; i < LL_LEN(logs); i++)
        if (p->use[logs[i]])
            out_of_logs(b, logs[i]);
}

/* Back in the unit of the series, finite, and NaN for a series of which nothing is known. */
static ll_lanes unscaled(const struct ll_block *b, ll_lanes z)
{
    ll_lanes y = (z * b->sd + b->mean) * b->top;
    y = ll_lanes_clamp(y, ll_lanes_of(-FLT_MAX), ll_lanes_of(FLT_MAX));
    return ll_lanes_pick(b->empty, ll_lanes_of(NAN), y);
}

static void store(const ll_lanes *v, size_t h, size_t count, size_t row, float *out)
{
    for (size_t lane = 0; lane < count; lane++)
        for (size_t i = 0; i < h; i++)
            out[lane * row + i] = ((const float *)(v + i))[lane];
}

/* half becomes the one bound; point and half are in units of z. */
static void store_bound(const struct ll_block *b, const ll_lanes *half, float sign, size_t count,
                        size_t level, ll_lanes *bound, float *out)
{
    size_t h = b->plan->h;
    const ll_lanes *point = b->point + b->plan->n_origins * h;
    for (size_t i = 0; i < h; i++)
        bound[i] = unscaled(b, ll_lanes_max(point[i] + sign * half[i], b->low));
    store(bound, h, count, b->plan->n_levels * h, out + level * h);
}

static void tell(struct ll_block *b, size_t count, const struct ll_batch_out *out)
{
    const struct ll_batch_plan *p = b->plan;
    size_t h = p->h;
    ll_lanes *half = ll_lanes_take(&b->room, p->n_levels * h), *now = ll_lanes_take(&b->room, h);
    if (out->lower || out->upper)
        ll_batch_intervals(b, half);
    for (size_t l = 0; l < p->n_levels; l++) {
        if (out->lower)
            store_bound(b, half + l * h, -1, count, l, now, out->lower);
        if (out->upper)
            store_bound(b, half + l * h, 1, count, l, now, out->upper);
    }
    for (size_t i = 0; i < h; i++)
        now[i] = unscaled(b, b->point[p->n_origins * h + i]);
    store(now, h, count, h, out->point);
    if (out->weight)
        store(b->weight, LL_BATCH_MEMBERS, count, LL_BATCH_MEMBERS, out->weight);
}

static struct ll_block begin(const struct ll_batch_plan *p, const float *y, size_t count,
                             void *scratch)
{
    ll_lanes *at = (ll_lanes *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    struct ll_block b = {.plan = p, .room = {at, at + p->vectors}};
    size_t size = p->n + p->h, path = (p->n_origins + 1) * p->h;
    b.z = ll_lanes_take(&b.room, size);
    b.clean = ll_lanes_take(&b.room, size);
    b.log = ll_lanes_take(&b.room, size);
    b.log_clean = ll_lanes_take(&b.room, size);
    b.actual = ll_lanes_take(&b.room, p->n);
    b.path = ll_lanes_take(&b.room, LL_BATCH_MEMBERS * path);
    b.point = ll_lanes_take(&b.room, path);
    ll_batch_load(&b, y, count);
    return b;
}

static void forecast(const struct ll_batch_plan *p, const float *y, size_t count, void *scratch,
                     const struct ll_batch_out *out)
{
    struct ll_block b = begin(p, y, count, scratch);
    run_members(&b);
    ll_batch_combine(&b);
    tell(&b, count, out);
}

static void decompose(const struct ll_batch_plan *p, const float *y, size_t count, void *scratch,
                      float *const season[2], float *rest)
{
    struct ll_block b = begin(p, y, count, scratch);
    size_t n = p->n;
    ll_lanes *s[2] = {ll_lanes_take(&b.room, n), ll_lanes_take(&b.room, n)};
    ll_lanes *left = ll_lanes_take(&b.room, n);
    ll_batch_mstl(p->stl[1], b.z, n, s, left,
                  ll_lanes_take(&b.room, 4 * (n + 2 * LL_MAX(p->m1, p->m2))));
    for (size_t t = 0; t < n; t++) {
        s[0][t] *= b.sd * b.top;
        s[1][t] *= b.sd * b.top;
        left[t] = unscaled(&b, left[t]);
    }
    store(s[0], n, count, n, season[0]);
    store(s[1], n, count, n, season[1]);
    store(left, n, count, n, rest);
}

const struct ll_batch_kernels ll_batch_kernels_here = {LL_LANES, forecast, decompose};
