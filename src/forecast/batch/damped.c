/* Damped additive Holt-Winters, its four parameters by least squares of one-step errors.
 *
 *     e = y - (l + phi b) - s[t - m],  l' = l + phi b + alpha e,  b' = phi b + beta e,
 *     s' = s + gamma e
 * (Gardner & McKenzie 1985, in the error form of Hyndman et al. 2008.)  Eight starts, then
 * Levenberg-Marquardt steps (Marquardt 1963) with the derivatives of the states carried along and
 * four dampings tried in one pass: recursions wait for each other, four side by side do not. */
#include <math.h>
#include <string.h>

#include "forecast/batch/block.h"

enum { PARAMS = 4, TRIED = 4, ALPHA = 0, BETA = 1, GAMMA = 2, PHI = 3, STATES = 5, ROUNDS = 4 };

static const float low[PARAMS] = {1e-4f, 1e-4f, 1e-4f, 0.8f};
static const float high[PARAMS] = {0.9999f, 0.9999f, 0.9999f, 0.998f};
static const float starts[2 * TRIED][PARAMS] = {
    {0.1f, 0.01f, 0.05f, 0.95f}, {0.4f, 0.05f, 0.05f, 0.95f}, {0.7f, 0.05f, 0.1f, 0.9f},
    {0.2f, 0.1f, 0.3f, 0.97f},   {0.9f, 0.01f, 0.01f, 0.85f}, {0.05f, 0.005f, 0.1f, 0.99f},
    {0.5f, 0.3f, 0.2f, 0.85f},   {0.3f, 0.02f, 0.6f, 0.97f}};

struct task {
    const ll_lanes *y;
    size_t n;
    const struct ll_damped *d; /* the states to begin with */
    ll_lanes *season;          /* STATES a phase */
    ll_lanes low[PARAMS], high[PARAMS];
};

/* Squared errors of four sets of parameters at once. */
static void score(const struct task *k, ll_lanes p[TRIED][PARAMS], ll_lanes left[TRIED])
{
    ll_lanes level[TRIED], slope[TRIED], sum[TRIED] = {{0}}, *s = k->season;
    size_t m = k->d->m;
    for (int c = 0; c < TRIED; c++) {
        level[c] = k->d->level;
        slope[c] = k->d->slope;
    }
    for (size_t j = 0; j < m; j++)
        for (size_t c = 0; c < TRIED; c++)
            s[j * TRIED + c] = k->d->season[j];
    for (size_t from = 0; from < k->n; from += m)
        for (size_t j = 0; j < LL_MIN(m, k->n - from); j++)
#pragma GCC unroll 4
            for (size_t c = 0; c < TRIED; c++) {
                ll_lanes trend = p[c][PHI] * slope[c], base = level[c] + trend;
                ll_lanes season = s[j * TRIED + c], e = (k->y[from + j] - season) - base;
                sum[c] += e * e;
                level[c] = base + p[c][ALPHA] * e;
                slope[c] = trend + p[c][BETA] * e;
                s[j * TRIED + c] = season + p[c][GAMMA] * e;
            }
    for (int c = 0; c < TRIED; c++)
        left[c] = sum[c];
}

struct normal { /* equations: sums of products of derivatives, and of these with errors */
    ll_lanes a[PARAMS][PARAMS], r[PARAMS], left;
};

static void differentiate(const struct task *k, const ll_lanes p[PARAMS], struct normal *out)
{
    ll_lanes level = k->d->level, slope = k->d->slope, *s = k->season, left = {0};
    ll_lanes dl[PARAMS] = {{0}}, db[PARAMS] = {{0}}, r[PARAMS] = {{0}};
    ll_lanes a00 = {0}, a01 = {0}, a02 = {0}, a03 = {0}, a11 = {0};
    ll_lanes a12 = {0}, a13 = {0}, a22 = {0}, a23 = {0}, a33 = {0};
    size_t m = k->d->m;
    for (size_t j = 0; j < m; j++) {
        memset(s + j * STATES, 0, STATES * sizeof(ll_lanes));
        s[j * STATES] = k->d->season[j];
    }
    for (size_t from = 0; from < k->n; from += m)
        for (size_t j = 0; j < LL_MIN(m, k->n - from); j++) {
            ll_lanes *season = s + j * STATES, de[PARAMS];
            ll_lanes trend = p[PHI] * slope, base = level + trend;
            ll_lanes e = (k->y[from + j] - season[0]) - base;
#pragma GCC unroll 4
            for (int i = 0; i < PARAMS; i++) {
                ll_lanes dtrend = p[PHI] * db[i] + (i == PHI ? slope : (ll_lanes){0});
                ll_lanes dbase = dl[i] + dtrend, d = -(dbase + season[1 + i]);
                de[i] = d;
                dl[i] = dbase + p[ALPHA] * d + (i == ALPHA ? e : (ll_lanes){0});
                db[i] = dtrend + p[BETA] * d + (i == BETA ? e : (ll_lanes){0});
                season[1 + i] += p[GAMMA] * d + (i == GAMMA ? e : (ll_lanes){0});
                r[i] += d * e;
            }
            left += e * e;
            level = base + p[ALPHA] * e;
            slope = trend + p[BETA] * e;
            season[0] += p[GAMMA] * e;
            a00 += de[0] * de[0], a01 += de[0] * de[1], a02 += de[0] * de[2];
            a03 += de[0] * de[3], a11 += de[1] * de[1], a12 += de[1] * de[2];
            a13 += de[1] * de[3], a22 += de[2] * de[2], a23 += de[2] * de[3];
            a33 += de[3] * de[3];
        }
    *out = (struct normal){
        {{a00, a01, a02, a03}, {a01, a11, a12, a13}, {a02, a12, a22, a23}, {a03, a13, a23, a33}},
        {r[0], r[1], r[2], r[3]},
        left};
}

/* One damped step from p; a parameter at its bound that wants out stays where it is. */
static void step(const struct task *k, const struct normal *from, const ll_lanes p[PARAMS],
                 ll_lanes damping, ll_lanes out[PARAMS])
{
    struct normal q = *from;
    for (int i = 0; i < PARAMS; i++) {
        q.a[i][i] = q.a[i][i] * (1 + damping) + 1e-12f;
        q.r[i] = -q.r[i];
        ll_mask pinned =
            ((p[i] <= k->low[i]) & (q.r[i] < 0)) | ((p[i] >= k->high[i]) & (q.r[i] > 0));
        q.r[i] = ll_lanes_pick(pinned, (ll_lanes){0}, q.r[i]);
        for (int j = 0; j < PARAMS; j++)
            if (j != i) {
                q.a[i][j] = ll_lanes_pick(pinned, (ll_lanes){0}, q.a[i][j]);
                q.a[j][i] = ll_lanes_pick(pinned, (ll_lanes){0}, q.a[j][i]);
            }
    }
    for (int i = 0; i < PARAMS; i++)
        for (int j = i + 1; j < PARAMS; j++) {
            ll_lanes w = q.a[j][i] / q.a[i][i];
            for (int c = i; c < PARAMS; c++)
                q.a[j][c] -= w * q.a[i][c];
            q.r[j] -= w * q.r[i];
        }
    for (int i = PARAMS - 1; i >= 0; i--) {
        for (int c = i + 1; c < PARAMS; c++)
            q.r[i] -= q.a[i][c] * q.r[c];
        q.r[i] /= q.a[i][i];
        out[i] = ll_lanes_clamp(p[i] + q.r[i], k->low[i], k->high[i]);
    }
}

/* Keeps in best whatever is better; tells where. */
static ll_mask keep_better(ll_mask where, ll_lanes tried[PARAMS], ll_lanes score, ll_lanes *least,
                           ll_lanes best[PARAMS])
{
    ll_mask better = (score < *least) & where;
    *least = ll_lanes_pick(better, score, *least);
    for (int i = 0; i < PARAMS; i++)
        best[i] = ll_lanes_pick(better, tried[i], best[i]);
    return better;
}

static void start(const struct task *k, ll_lanes best[PARAMS])
{
    const ll_mask everywhere = (ll_mask){0} - 1;
    ll_lanes tried[TRIED][PARAMS], left[TRIED], least = ll_lanes_of(3e38f);
    for (int i = 0; i < PARAMS; i++)
        best[i] = ll_lanes_clamp(ll_lanes_of(starts[0][i]), k->low[i], k->high[i]);
    for (int half = 0; half < 2; half++) {
        for (int c = 0; c < TRIED; c++)
            for (int i = 0; i < PARAMS; i++)
                tried[c][i] =
                    ll_lanes_clamp(ll_lanes_of(starts[half * TRIED + c][i]), k->low[i], k->high[i]);
        score(k, tried, left);
        for (int c = 0; c < TRIED; c++)
            keep_better(everywhere, tried[c], left[c], &least, best);
    }
}

static void improve(const struct task *k, ll_lanes best[PARAMS])
{
    static const float spread[TRIED] = {0.1f, 1, 30, 1000};
    ll_lanes damping = ll_lanes_of(1e-3f), tried[TRIED][PARAMS], left[TRIED];
    ll_mask active = (ll_mask){0} - 1;
    struct normal eq;
    for (int round = 0; round < ROUNDS && ll_lanes_any(active); round++) {
        differentiate(k, best, &eq);
        ll_lanes from[PARAMS], next = damping * 100, least = eq.left;
        memcpy(from, best, sizeof(from));
        for (int c = 0; c < TRIED; c++)
            step(k, &eq, from, damping * spread[c], tried[c]);
        score(k, tried, left);
        for (int c = 0; c < TRIED; c++) {
            ll_mask better = keep_better(active, tried[c], left[c], &least, best);
            next = ll_lanes_pick(better, damping * spread[c], next);
        }
        damping = ll_lanes_clamp(next, ll_lanes_of(1e-7f), ll_lanes_of(1e6f));
        active &= eq.left - least > 1e-4f * eq.left;
    }
}

void ll_batch_damped_fit(const ll_lanes *y, size_t n, struct ll_damped *d, ll_lanes *room)
{
    struct task k = {.y = y, .n = n, .d = d, .season = room};
    for (int i = 0; i < PARAMS; i++) {
        bool none = i == GAMMA && d->m == 1;
        k.low[i] = ll_lanes_of(none ? 0 : low[i]);
        k.high[i] = ll_lanes_of(none ? 0 : high[i]);
    }
    start(&k, d->p);
    improve(&k, d->p);
}

void ll_batch_damped_path(const ll_lanes *y, size_t t0, const size_t *origin, size_t n_origins,
                          size_t h, struct ll_damped *d, ll_lanes *path)
{
    size_t t = t0, j = t0 % d->m;
    for (size_t k = 0; k < n_origins; k++, path += h) {
        for (; t < origin[k]; t++) {
            ll_lanes trend = d->p[PHI] * d->slope, base = d->level + trend;
            ll_lanes e = (y[t] - d->season[j]) - base;
            d->level = base + d->p[ALPHA] * e;
            d->slope = trend + d->p[BETA] * e;
            d->season[j] += d->p[GAMMA] * e;
            j = j + 1 == d->m ? 0 : j + 1;
        }
        ll_lanes sum = {0}, damped = d->p[PHI];
        for (size_t i = 0, q = j; i < h; i++, damped *= d->p[PHI]) {
            sum += damped;
            path[i] = d->level + sum * d->slope + d->season[q];
            q = q + 1 == d->m ? 0 : q + 1;
        }
    }
}

/* The first two cycles: level and slope from their means, the season from deviations to the line.
 */
static void begin(const ll_lanes *y, struct ll_damped *d)
{
    size_t m = d->m;
    ll_lanes first = {0}, second = {0};
    for (size_t i = 0; i < m; i++) {
        first += y[i];
        second += y[m + i];
    }
    first /= (float)m;
    d->slope = (second / (float)m - first) / (float)m;
    d->level = first - d->slope * (0.5f * (float)(m + 1));
    for (size_t i = 0; i < m; i++)
        d->season[i] =
            0.5f * (y[i] + y[m + i] - 2 * d->level - d->slope * (float)(m + 2 * (i + 1)));
}

void ll_batch_damped(struct ll_block *b, enum ll_batch_member member, size_t m)
{
    const struct ll_batch_plan *p = b->plan;
    struct ll_lanes_room room = b->room;
    struct ll_damped d = {.m = m, .season = ll_lanes_take(&room, m)};
    begin(b->z, &d);
    ll_batch_damped_fit(b->z, p->origin[0], &d, ll_lanes_take(&room, STATES * m));
    ll_batch_damped_path(b->z, 0, p->origin, p->n_origins + 1, p->h, &d, ll_block_path(b, member));
}
