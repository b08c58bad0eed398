/* Weights by errors at the origins, interpolated weighted medians, and conformal half widths:
 * combine.h, portfolio.h and interval.h in lanes. */
#include <math.h>

#include "forecast/batch/block.h"

enum {
    PAIRS_MAX = 64,
    NEIGHBOURS = 3, /* steps on either side that a scale is smoothed over */
    ALIKE = 3,      /* errors that count as one observation: neighbours go together */
    QUANTILE_BITS = 24,
};

static const float origin_fade = 0.9f, normal_mean_abs = 0.7978845608f;

/* A sorting network: Batcher's odd-even merge exchange (Knuth, 5.2.2, algorithm M). */
struct network {
    size_t n;
    uint8_t a[PAIRS_MAX], b[PAIRS_MAX];
};

static struct network network_of(size_t n)
{
    struct network w = {0};
    for (size_t p = 1; p < n; p *= 2)
        for (size_t k = p; k >= 1; k /= 2)
            for (size_t j = k % p; j + k < n; j += 2 * k)
                for (size_t i = j; i < LL_MIN(j + k, n - k); i++)
                    if (i / (2 * p) == (i + k) / (2 * p)) {
                        LL_ASSERT(w.n < PAIRS_MAX);
                        w.a[w.n] = (uint8_t)i;
                        w.b[w.n++] = (uint8_t)(i + k);
                    }
    return w;
}

static void sort(const struct network *net, ll_lanes *v, ll_lanes *weight)
{
    for (size_t i = 0; i < net->n; i++) {
        size_t a = net->a[i], b = net->b[i];
        ll_mask change = v[b] < v[a];
        ll_lanes va = v[a], wa = weight[a];
        v[a] = ll_lanes_pick(change, v[b], va);
        v[b] = ll_lanes_pick(change, va, v[b]);
        weight[a] = ll_lanes_pick(change, weight[b], wa);
        weight[b] = ll_lanes_pick(change, wa, weight[b]);
    }
}

/* Each value stands in the middle of its own weight; where half of all is reached, the straight
 * line between two counts.  Weights add up to one; values without any are passed over. */
static ll_lanes median(const ll_lanes *v, const ll_lanes *weight, size_t n)
{
    ll_lanes below = {0}, place = {0}, before = {0}, found = {0};
    ll_mask open = (ll_mask){0} - 1, first = open;
    for (size_t i = 0; i < n; i++) {
        ll_mask counts = weight[i] > 0;
        ll_lanes here = below + 0.5f * weight[i];
        ll_lanes share = (0.5f - place) / (here - place);
        ll_lanes between = before + (v[i] - before) * share;
        ll_mask reached = counts & open & (here >= 0.5f);
        found = ll_lanes_pick(reached, ll_lanes_pick(first, v[i], between), found);
        found = ll_lanes_pick(counts & open & ~reached, v[i], found); /* should none reach half */
        open &= ~reached;
        place = ll_lanes_pick(counts, here, place);
        before = ll_lanes_pick(counts, v[i], before);
        first &= ~counts;
        below += weight[i];
    }
    return found;
}

static ll_lanes actual_at(const struct ll_batch_plan *p, const struct ll_block *b, size_t t)
{
    return t < p->n ? b->actual[t] : ll_lanes_of(NAN);
}

/* Mean absolute error of a path, newer origins counting more; infinite without any. */
static ll_lanes error_of(const struct ll_block *b, const ll_lanes *path)
{
    const struct ll_batch_plan *p = b->plan;
    ll_lanes sum = {0}, count = {0};
    for (size_t k = 0; k < p->n_origins; k++) {
        sum *= origin_fade;
        count *= origin_fade;
        for (size_t i = 0; i < LL_MIN(p->h, p->n - p->origin[k]); i++) {
            ll_lanes e = ll_lanes_abs(path[k * p->h + i] - b->actual[p->origin[k] + i]);
            ll_mask known = e == e;
            sum += ll_lanes_pick(known, e, (ll_lanes){0});
            count += ll_lanes_pick(known, ll_lanes_of(1), (ll_lanes){0});
        }
    }
    return ll_lanes_pick(count > 0, sum / count, ll_lanes_of(INFINITY));
}

/* Members that work in logs say the same twice where there are none. */
static bool only_in_logs(enum ll_batch_member m)
{
    return m == LL_BATCH_AR_LOG || m == LL_BATCH_SEASONAL_AR_LOG;
}

static void weigh(struct ll_block *b)
{
    ll_lanes least = ll_lanes_of(INFINITY), all = {0};
    for (enum ll_batch_member m = 0; m < LL_BATCH_MEMBERS; m++) {
        ll_mask in = (ll_mask){0} - (int32_t)b->plan->use[m];
        if (only_in_logs(m))
            in &= b->positive;
        b->mae[m] = b->plan->use[m] ? error_of(b, ll_block_path(b, m)) : ll_lanes_of(INFINITY);
        b->mae[m] = ll_lanes_pick(in, b->mae[m], ll_lanes_of(INFINITY));
        least = ll_lanes_min(b->mae[m], least);
        b->weight[m] = ll_lanes_pick(in, ll_lanes_of(1), (ll_lanes){0});
    }
    ll_mask known = least < INFINITY;
    for (enum ll_batch_member m = 0; m < LL_BATCH_MEMBERS; m++) {
        ll_lanes ratio =
            ll_lanes_max(least, ll_lanes_of(1e-9f)) / ll_lanes_max(b->mae[m], ll_lanes_of(1e-9f));
        b->weight[m] = ll_lanes_pick(known, ratio * ratio * ratio * ratio, b->weight[m]);
        all += b->weight[m];
    }
    for (enum ll_batch_member m = 0; m < LL_BATCH_MEMBERS; m++)
        b->weight[m] /= all;
}

void ll_batch_combine(struct ll_block *b)
{
    const struct ll_batch_plan *p = b->plan;
    enum ll_batch_member members[LL_BATCH_MEMBERS];
    size_t n = 0;
    weigh(b);
    for (enum ll_batch_member m = 0; m < LL_BATCH_MEMBERS; m++)
        if (p->use[m])
            members[n++] = m;
    const struct network net = network_of(n);
    for (size_t i = 0; i < (p->n_origins + 1) * p->h; i++) {
        ll_lanes v[LL_BATCH_MEMBERS], weight[LL_BATCH_MEMBERS];
        for (size_t j = 0; j < n; j++) {
            v[j] = ll_block_path(b, members[j])[i];
            weight[j] = b->weight[members[j]];
        }
        sort(&net, v, weight);
        b->point[i] = ll_lanes_max(median(v, weight, n), b->low);
    }
}

struct spread {
    ll_lanes sum, count; /* of absolute errors at one step */
};

static struct spread spread_at(const struct ll_block *b, size_t i)
{
    const struct ll_batch_plan *p = b->plan;
    struct spread s = {{0}, {0}};
    for (size_t k = 0; k < p->n_origins; k++) {
        ll_lanes e = ll_lanes_abs(b->point[k * p->h + i] - actual_at(p, b, p->origin[k] + i));
        s.sum += ll_lanes_pick(e == e, e, (ll_lanes){0});
        s.count += ll_lanes_pick(e == e, ll_lanes_of(1), (ll_lanes){0});
    }
    return s;
}

/* scale[i]: half the neighbourhood's mean error, half that of all steps, never falling.  Without
 * any error the forecast itself is the scale: nothing better is known. */
static void scales_of(const struct ll_block *b, struct spread *s, ll_lanes *scale)
{
    const struct ll_batch_plan *p = b->plan;
    struct spread all = {{0}, {0}};
    ll_lanes top = {0};
    for (size_t i = 0; i < p->h; i++) {
        s[i] = spread_at(b, i);
        all.sum += s[i].sum;
        all.count += s[i].count;
    }
    ll_lanes mean = ll_lanes_pick(all.count > 0, all.sum / all.count, (ll_lanes){0});
    for (size_t i = 0; i < p->h; i++) {
        struct spread near = {{0}, {0}};
        for (size_t j = i < NEIGHBOURS ? 0 : i - NEIGHBOURS; j < LL_MIN(i + NEIGHBOURS + 1, p->h);
             j++) {
            near.sum += s[j].sum;
            near.count += s[j].count;
        }
        ll_lanes here = ll_lanes_pick(near.count > 0, near.sum / near.count, mean);
        ll_lanes itself = ll_lanes_abs(b->point[p->n_origins * p->h + i] + b->mean / b->sd);
        top = ll_lanes_max(ll_lanes_pick(all.count > 0, 0.5f * (here + mean), itself), top);
        scale[i] = top;
    }
}

/* |error| / scale of all origins and steps, INFINITY where unknown; returns how many are known. */
static ll_lanes standardise(const struct ll_block *b, const ll_lanes *scale, ll_lanes *z)
{
    const struct ll_batch_plan *p = b->plan;
    ll_lanes count = {0};
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = 0; i < p->h; i++, z++) {
            ll_lanes e = b->point[k * p->h + i] - actual_at(p, b, p->origin[k] + i);
            ll_mask known = (e == e) & (scale[i] > 0);
            *z = ll_lanes_pick(known, ll_lanes_abs(e) / scale[i], ll_lanes_of(INFINITY));
            count += ll_lanes_pick(known, ll_lanes_of(1), (ll_lanes){0});
        }
    return count;
}

static ll_mask whole(ll_lanes x)
{
    return __builtin_convertvector(x, ll_mask);
}

static ll_lanes rounded_up(ll_lanes x)
{
    ll_lanes cut = __builtin_convertvector(whole(x), ll_lanes);
    return cut + ll_lanes_pick(cut < x, ll_lanes_of(1), (ll_lanes){0});
}

/* The quantile of rank ceil((N + 1) level), N being a third of the count; when there are too few
 * for it, the largest seen or the normal's, whichever is more. */
static ll_lanes quantile_of(const ll_lanes *z, size_t n, ll_lanes count, float level, float normal)
{
    ll_lanes counted = rounded_up(count / (float)ALIKE), rank = rounded_up((counted + 1) * level);
    ll_mask enough = (rank <= counted) & (count > 0);
    ll_lanes place = rounded_up(rank * count / ll_lanes_max(counted, ll_lanes_of(1))) - 1;
    place = ll_lanes_clamp(ll_lanes_pick(enough, place, count - 1), (ll_lanes){0}, count);
    place = ll_lanes_min(place, ll_lanes_max(count - 1, (ll_lanes){0}));
    ll_mask which = whole(place);
    ll_lanes q;
    ll_batch_select(z, n, &which, QUANTILE_BITS, &q);
    ll_lanes usual = ll_lanes_of(normal / normal_mean_abs);
    q = ll_lanes_pick(count > 0, q, usual);
    return ll_lanes_pick(enough, q, ll_lanes_max(q, usual));
}

void ll_batch_intervals(struct ll_block *b, ll_lanes *half)
{
    const struct ll_batch_plan *p = b->plan;
    size_t h = p->h, n = p->n_origins * h;
    struct ll_lanes_room room = b->room;
    ll_lanes *scale = ll_lanes_take(&room, h), *z = ll_lanes_take(&room, n);
    scales_of(b, (struct spread *)ll_lanes_take(&room, 2 * h), scale);
    ll_lanes count = standardise(b, scale, z);
    float widen = p->n_origins ? sqrtf(1 + 2 / (float)p->n_origins) : 1;
    for (size_t l = 0; l < p->n_levels; l++) {
        ll_lanes q = widen * quantile_of(z, n, count, p->level[l], p->normal[l]);
        for (size_t i = 0; i < h; i++)
            half[l * h + i] = q * scale[i];
    }
}
