/* What is told from a decomposition: the seasons' last cycles, and on top of them the rest, by a
 * damped trend and by theta (Assimakopoulos & Nikolopoulos 2000; Hyndman & Billah 2003). */
#include "forecast/batch/block.h"

struct parts {
    ll_lanes *rest, *s[2], *work;
    struct ll_damped start; /* of the damped trend, as fitted up to the first origin */
    ll_lanes alpha;         /* of theta's smoothing, likewise */
};

static ll_lanes season_at(const struct parts *d, const struct ll_stl of[2], size_t n, size_t t)
{
    ll_lanes sum = {0};
    for (int k = 0; k < 2; k++)
        if (of[k].m)
            sum += d->s[k][n - of[k].m + (t - n) % of[k].m];
    return sum;
}

static ll_lanes smoothed(const ll_lanes *y, size_t from, size_t to, ll_lanes level, ll_lanes alpha)
{
    for (size_t t = from; t < to; t++)
        level += alpha * (y[t] - level);
    return level;
}

/* alpha of the least squared errors: a coarse grid, then finer ones around the best. */
static ll_lanes fit_alpha(const ll_lanes *y, size_t n)
{
    static const float grid[4] = {0.1f, 0.35f, 0.6f, 0.9f};
    ll_lanes best = ll_lanes_of(grid[0]), least = ll_lanes_of(3e38f), width = ll_lanes_of(0.1f);
    for (int round = 0; round < 3; round++, width *= 0.35f) {
        ll_lanes alpha[4], level[4], left[4] = {{0}};
        for (int c = 0; c < 4; c++) {
            alpha[c] = round ? ll_lanes_clamp(best + width * ((float)c - 1.5f), ll_lanes_of(0.01f),
                                              ll_lanes_of(0.999f))
                             : ll_lanes_of(grid[c]);
            level[c] = y[0];
        }
        for (size_t t = 0; t < n; t++)
            for (int c = 0; c < 4; c++) {
                ll_lanes e = y[t] - level[c];
                left[c] += e * e;
                level[c] += alpha[c] * e;
            }
        for (int c = 0; c < 4; c++) {
            ll_mask better = left[c] < least;
            least = ll_lanes_pick(better, left[c], least);
            best = ll_lanes_pick(better, alpha[c], best);
        }
    }
    return best;
}

/* Half the slope of the straight line through the rest, on from its smoothed level. */
static void theta(const struct parts *d, const size_t *origin, size_t n_origins, size_t h,
                  ll_lanes *path)
{
    ll_lanes level = d->rest[0], sum = {0}, weighted = {0};
    size_t t = 0;
    for (size_t k = 0; k < n_origins; k++, path += h) {
        level = smoothed(d->rest, t, origin[k], level, d->alpha);
        for (; t < origin[k]; t++) {
            sum += d->rest[t];
            weighted += d->rest[t] * (float)t;
        }
        float n = (float)t;
        ll_lanes slope = (weighted - sum * (0.5f * (n - 1))) * (12 / (n * (n * n - 1)));
        for (size_t i = 0; i < h; i++)
            path[i] = level + 0.5f * slope * (float)(i + 1);
    }
}

/* The rest's paths from the origins, and the seasons' last cycles on top. */
static void tell(struct ll_block *b, struct parts *d, const struct ll_stl of[2], size_t n,
                 size_t first, size_t n_origins)
{
    const struct ll_batch_plan *p = b->plan;
    ll_lanes *mstl = ll_block_path(b, LL_BATCH_MSTL) + first * p->h;
    ll_lanes *by_theta = ll_block_path(b, LL_BATCH_THETA) + first * p->h, none[1] = {{0}};
    struct ll_damped now = d->start;
    now.level = d->rest[0];
    now.season = none;
    ll_batch_damped_path(d->rest, 0, p->origin + first, n_origins, p->h, &now, mstl);
    theta(d, p->origin + first, n_origins, p->h, by_theta);
    for (size_t k = 0; k < n_origins; k++)
        for (size_t i = 0; i < p->h; i++) {
            ll_lanes season = season_at(d, of, n, p->origin[first + k] + i);
            mstl[k * p->h + i] += season;
            by_theta[k * p->h + i] += season;
        }
}

/* Seasons go on from n_fit as they were in their last cycle; rest is what they leave. */
static void carry_on(const struct ll_stl of[2], const ll_lanes *y, size_t n_fit, size_t n,
                     struct parts *d)
{
    for (size_t t = n_fit; t < n; t++) {
        d->rest[t] = y[t];
        for (int k = 0; k < 2; k++) {
            d->s[k][t] = of[k].m ? d->s[k][t - of[k].m] : (ll_lanes){0};
            d->rest[t] -= d->s[k][t];
        }
    }
}

/* The seasons of the first decomposition are carried on to the end, and there refined once more. */
void ll_batch_decomposed(struct ll_block *b)
{
    const struct ll_batch_plan *p = b->plan;
    size_t n = p->n, n_fit = p->origin[0], longest = LL_MAX(p->m2, p->m1);
    struct ll_lanes_room room = b->room;
    ll_lanes none[1] = {{0}}, *work = ll_lanes_take(&room, 4 * (n + 2 * longest));
    struct parts d = {.rest = ll_lanes_take(&room, n),
                      .s = {ll_lanes_take(&room, n), ll_lanes_take(&room, n)},
                      .start = {.m = 1, .slope = {0}, .season = none}};
    ll_batch_mstl(p->stl[0], b->log, n_fit, d.s, d.rest, work);
    carry_on(p->stl[0], b->log, n_fit, n, &d);
    d.start.level = d.rest[0];
    ll_batch_damped_fit(d.rest, n_fit, &d.start, work);
    d.alpha = fit_alpha(d.rest, n_fit);
    if (p->n_origins)
        tell(b, &d, p->stl[0], n_fit, 0, p->n_origins);
    if (n > n_fit)
        ll_batch_refine(p->stl[1], n, d.s, d.rest, work);
    tell(b, &d, p->stl[1], n, p->n_origins, 1);
}
