/* The two regressions: on lags of the series, with its own normal equations, and on waves, whose
 * equations all series share.  Both are solved anew at each origin: the sums only grow. */
#include <string.h>

#include "forecast/batch/block.h"

/* The lag 0 is the value itself; then the lags; the last column is the constant. */
enum { COLUMNS = LL_LAGS_MAX + 2, TILE = 3 };

struct equations {
    size_t n; /* columns but for the constant */
    size_t lag[COLUMNS];
    ll_lanes product[COLUMNS][COLUMNS], sum[COLUMNS]; /* of column i, j <= i */
    float rows;
};

/* Nine sums of products in registers; columns behind the last repeat it. */
static void add_tile(struct equations *q, const ll_lanes *w, size_t from, size_t to, size_t i0,
                     size_t j0)
{
    size_t i[TILE], j[TILE];
    ll_lanes s[TILE][TILE] = {{{0}}};
    for (size_t c = 0; c < TILE; c++) {
        i[c] = q->lag[LL_MIN(i0 + c, q->n - 1)];
        j[c] = q->lag[LL_MIN(j0 + c, q->n - 1)];
    }
    for (const ll_lanes *x = w + from; x < w + to; x++) {
        const ll_lanes a0 = *(x - i[0]), a1 = *(x - i[1]), a2 = *(x - i[2]);
        const ll_lanes b0 = *(x - j[0]), b1 = *(x - j[1]), b2 = *(x - j[2]);
        s[0][0] += a0 * b0, s[0][1] += a0 * b1, s[0][2] += a0 * b2;
        s[1][0] += a1 * b0, s[1][1] += a1 * b1, s[1][2] += a1 * b2;
        s[2][0] += a2 * b0, s[2][1] += a2 * b1, s[2][2] += a2 * b2;
    }
    for (size_t c = 0; c < TILE && i0 + c < q->n; c++)
        for (size_t d = 0; d < TILE && j0 + d < q->n; d++)
            q->product[i0 + c][j0 + d] += s[c][d];
}

static void add_rows(struct equations *q, const ll_lanes *w, size_t from, size_t to)
{
    for (size_t i = 0; i < q->n; i += TILE)
        for (size_t j = 0; j <= i; j += TILE)
            add_tile(q, w, from, to, i, j);
    for (size_t i = 0; i < q->n; i += TILE) {
        size_t last = q->n - 1, b = q->lag[LL_MIN(i + 1, last)], c = q->lag[LL_MIN(i + 2, last)];
        ll_lanes s[TILE] = {{0}};
        for (const ll_lanes *x = w + from; x < w + to; x++) {
            s[0] += *(x - q->lag[i]);
            s[1] += *(x - b);
            s[2] += *(x - c);
        }
        for (size_t k = 0; k < TILE && i + k < q->n; k++)
            q->sum[i + k] += s[k];
    }
    q->rows += (float)(to - from);
}

/* Cholesky: a is n x n by rows, its lower triangle; x holds the right side, then the solution. */
static void solve(ll_lanes a[COLUMNS][COLUMNS], ll_lanes *x, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < j; k++)
            for (size_t i = j; i < n; i++)
                a[i][j] -= a[j][k] * a[i][k];
        /* Rounding can make a tiny pivot negative; then its column counts for nothing. */
        ll_mask sound = a[j][j] > 1e-6f;
        ll_lanes inverse = 1 / ll_lanes_sqrt(ll_lanes_pick(sound, a[j][j], ll_lanes_of(1)));
        inverse = ll_lanes_pick(sound, inverse, (ll_lanes){0});
        for (size_t i = j + 1; i < n; i++)
            a[i][j] *= inverse;
        a[j][j] = inverse;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= a[i][k] * x[k];
        x[i] *= a[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= a[k][i] * x[k];
        x[i] *= a[i][i];
    }
}

/* coef: one a lag, then the constant. */
static void estimate(const struct equations *q, float ridge, ll_lanes coef[COLUMNS])
{
    ll_lanes a[COLUMNS][COLUMNS];
    size_t n = q->n - 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++)
            a[i][j] = q->product[i + 1][j + 1];
        a[i][i] += ridge * q->rows;
        a[n][i] = q->sum[i + 1];
        coef[i] = q->product[i + 1][0];
    }
    a[n][n] = ll_lanes_of(q->rows * 1.000001f);
    coef[n] = q->sum[0];
    solve(a, coef, n + 1);
}

struct bounds {
    ll_lanes low, high;
};

/* What is expected stays within half a range of what was seen. */
static struct bounds bounds_of(const ll_lanes *y, size_t n)
{
    struct bounds s = {y[0], y[0]};
    for (size_t t = 1; t < n; t++) {
        s.low = ll_lanes_min(y[t], s.low);
        s.high = ll_lanes_max(y[t], s.high);
    }
    ll_lanes half = 0.5f * (s.high - s.low);
    return (struct bounds){s.low - half, s.high + half};
}

/* z and w (the same, or differences) go on behind step n with what is expected. */
static void expect(const struct ll_lags *l, const ll_lanes *coef, const struct bounds *in, size_t n,
                   size_t h, ll_lanes *z, ll_lanes *w)
{
    for (size_t t = n; t < n + h; t++) {
        ll_lanes sum = coef[l->n], base = l->difference ? z[t - l->difference] : (ll_lanes){0};
        for (size_t j = 0; j < l->n; j++)
            sum += coef[j] * w[t - l->lag[j]];
        z[t] = ll_lanes_clamp(sum + base, in->low, in->high);
        w[t] = z[t] - base;
    }
}

void ll_batch_lags(struct ll_block *b, enum ll_batch_member member, const struct ll_lags *l,
                   const ll_lanes *y)
{
    const struct ll_batch_plan *p = b->plan;
    struct ll_lanes_room room = b->room;
    size_t size = p->n + p->h, d = l->difference, from = 0, done;
    ll_lanes *z = ll_lanes_take(&room, size), *w = ll_lanes_take(&room, size), coef[COLUMNS];
    struct equations q = {.n = l->n + 1};
    struct bounds in = bounds_of(y, p->origin[0]);
    for (size_t j = 0; j < l->n; j++) {
        q.lag[j + 1] = l->lag[j];
        from = LL_MAX(from, l->lag[j] + d);
    }
    done = from;
    memset(w, 0, d * sizeof(ll_lanes));
    for (size_t t = d; t < p->n; t++)
        w[t] = d ? y[t] - y[t - d] : y[t];
    memcpy(z, y, p->n * sizeof(ll_lanes));
    for (size_t k = 0; k <= p->n_origins; k++) {
        size_t n = p->origin[k], known = LL_MIN(p->n, n + p->h) - n;
        ll_lanes *path = ll_block_path(b, member) + k * p->h;
        add_rows(&q, w, done, n);
        done = n;
        estimate(&q, (float)l->ridge, coef);
        expect(l, coef, &in, n, p->h, z, w);
        memcpy(path, z + n, p->h * sizeof(ll_lanes));
        memcpy(z + n, y + n, known * sizeof(ll_lanes));
        for (size_t t = n; t < n + known; t++)
            w[t] = d ? y[t] - y[t - d] : y[t];
    }
}

enum { GROUP = 6 };

/* sums[c] += sum over rows of x[c] y, a few columns at a time. */
static void add_products(const struct ll_waves *v, const ll_lanes *y, size_t from, size_t to,
                         ll_lanes *sums)
{
    for (size_t c = 0; c < v->columns; c += GROUP) {
        ll_lanes s[GROUP] = {{0}};
        for (size_t t = from; t < to; t++) {
            const float *x = v->x + t * v->columns + c;
#pragma GCC unroll 6
            for (size_t k = 0; k < GROUP; k++)
                s[k] += x[k] * y[t];
        }
        for (size_t k = 0; k < GROUP; k++)
            sums[c + k] += s[k];
    }
}

void ll_batch_waves(struct ll_block *b)
{
    const struct ll_batch_plan *p = b->plan;
    const struct ll_waves *v = &p->waves;
    size_t done = 0, q = v->columns;
    ll_lanes sums[LL_BATCH_WAVES_MAX] = {{0}}, coef[LL_BATCH_WAVES_MAX];
    for (size_t k = 0; k <= p->n_origins; k++) {
        ll_lanes *path = ll_block_path(b, LL_BATCH_WAVES) + k * p->h;
        add_products(v, b->log, done, p->origin[k], sums);
        done = p->origin[k];
        const float *row = v->inverse + k * q * q;
        for (size_t i = 0; i < q; i++, row += q) {
            coef[i] = (ll_lanes){0};
            for (size_t j = 0; j < q; j++)
                coef[i] += row[j] * sums[j];
        }
        for (size_t i = 0; i < p->h; i++) {
            const float *x = v->x + (done + i) * q;
            path[i] = (ll_lanes){0};
            for (size_t j = 0; j < q; j++)
                path[i] += x[j] * coef[j];
        }
    }
}
