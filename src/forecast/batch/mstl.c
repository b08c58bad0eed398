/* STL of one season after the other (Cleveland et al. 1990; Bandara, Hyndman & Bergmeir 2021), with
 * the loess fits of the plan. */
#include "forecast/batch/block.h"

enum { INNER = 2, OUTER = 2 };

/* sum of row[i] x[i], in four sums that do not wait for each other. */
static inline ll_lanes product(const ll_lanes *x, const float *row, size_t q)
{
    ll_lanes a = {0}, b = {0}, c = {0}, d = {0};
    size_t i = 0;
    for (; i + 4 <= q; i += 4) {
        a += row[i] * x[i];
        b += row[i + 1] * x[i + 1];
        c += row[i + 2] * x[i + 2];
        d += row[i + 3] * x[i + 3];
    }
    for (; i < q; i++)
        a += row[i] * x[i];
    return (a + b) + (c + d);
}

/* Fits of one row that are `apart` steps apart, their neighbours `stride` steps: four at once, so
 * that each weight is fetched once for them. */
static void fit_alike(const ll_lanes *x, size_t stride, size_t apart, size_t count,
                      const float *row, size_t q, ll_lanes *out)
{
    for (; count >= 4; count -= 4, x += 4 * apart, out += 4 * apart) {
        ll_lanes a = {0}, b = {0}, c = {0}, d = {0};
        const ll_lanes *at = x;
        for (size_t i = 0; i < q; i++, at += stride) {
            a += row[i] * at[0];
            b += row[i] * at[apart];
            c += row[i] * at[2 * apart];
            d += row[i] * at[3 * apart];
        }
        out[0] = a, out[apart] = b, out[2 * apart] = c, out[3 * apart] = d;
    }
    for (; count > 0; count--, x += apart, out += apart) {
        *out = (ll_lanes){0};
        for (size_t i = 0; i < q; i++)
            *out += row[i] * x[i * stride];
    }
}

static void smooth(const struct ll_loess *l, const ll_lanes *x, ll_lanes *out)
{
    for (size_t k = 0; k < l->n_fits; k++)
        if (k < l->alike_from || k >= l->alike_to)
            out[l->at[k]] = product(x + l->from[k], l->weights + k * l->q, l->q);
    if (l->alike_to > l->alike_from)
        fit_alike(x + l->from[l->alike_from], 1, l->jump, l->alike_to - l->alike_from,
                  l->weights + l->alike_from * l->q, l->q, out + l->at[l->alike_from]);
    for (size_t k = 0; k + 1 < l->n_fits; k++) {
        size_t from = (size_t)l->at[k], to = (size_t)l->at[k + 1];
        ll_lanes slope = (out[to] - out[from]) * (1 / (float)(to - from));
        for (size_t t = from + 1; t < to; t++)
            out[t] = out[from] + slope * (float)(t - from);
    }
}

/* Phases lie side by side, their steps m apart.  Smooths each, also one step before its first and
 * one behind its last. */
static void smooth_phases(const struct ll_loess *l, const ll_lanes *x, size_t m, size_t count,
                          ll_lanes *out)
{
    for (size_t k = 0; k < l->n_fits + 2; k++)
        fit_alike(x + l->from[k] * m, m, 1, count, l->weights + k * l->q, l->q,
                  out + l->at[k] * (ptrdiff_t)m);
    for (size_t k = 0; k + 1 < l->n_fits; k++) {
        size_t from = (size_t)l->at[k], to = (size_t)l->at[k + 1];
        const ll_lanes *first = out + from * m, *last = out + to * m;
        for (size_t t = from + 1; t < to; t++) {
            const float share = (float)(t - from) / (float)(to - from);
            for (size_t j = 0; j < count; j++)
                out[t * m + j] = first[j] + (last[j] - first[j]) * share;
        }
    }
}

/* Means of every m successive values: n - m + 1 of them. */
static void moving_mean(const ll_lanes *x, size_t n, size_t m, ll_lanes *out)
{
    ll_lanes sum = {0};
    const float share = 1 / (float)m;
    for (size_t i = 0; i < m; i++)
        sum += x[i];
    out[0] = sum * share;
    for (size_t i = 0; i + m < n; i++) {
        sum += x[i + m] - x[i];
        out[i + 1] = sum * share;
    }
}

static void mean_of_three(const ll_lanes *x, size_t n, ll_lanes *out)
{
    for (size_t i = 0; i + 2 < n; i++)
        out[i] = (x[i] + x[i + 1] + x[i + 2]) * (1.0f / 3);
}

/* work: 4 (n + 2 m) vectors. */
static void stl(const struct ll_stl *s, const ll_lanes *y, ll_lanes *season, ll_lanes *work)
{
    size_t n = s->n, m = s->m, size = n + 2 * m;
    ll_lanes *trend = work, *rest = work + size, *cycle = work + 2 * size, *low = work + 3 * size;
    for (size_t t = 0; t < n; t++)
        trend[t] = (ll_lanes){0};
    for (int round = 0; round < INNER; round++) {
        for (size_t t = 0; t < n; t++)
            rest[t] = y[t] - trend[t];
        smooth_phases(&s->longer, rest, m, s->n_longer, cycle + m);
        smooth_phases(&s->shorter, rest + s->n_longer, m, m - s->n_longer, cycle + m + s->n_longer);
        moving_mean(cycle, size, m, low);
        moving_mean(low, n + m + 1, m, rest);
        mean_of_three(rest, n + 2, low);
        smooth(&s->low_pass, low, rest);
        for (size_t t = 0; t < n; t++) {
            season[t] = cycle[m + t] - rest[t];
            low[t] = y[t] - season[t];
        }
        smooth(&s->trend, low, trend);
    }
}

void ll_batch_refine(const struct ll_stl of[2], size_t n, ll_lanes *const s[2], ll_lanes *rest,
                     ll_lanes *work)
{
    for (int k = 0; k < 2; k++) {
        if (!of[k].m)
            continue;
        for (size_t t = 0; t < n; t++)
            rest[t] += s[k][t];
        stl(&of[k], rest, s[k], work);
        for (size_t t = 0; t < n; t++)
            rest[t] -= s[k][t];
    }
}

void ll_batch_mstl(const struct ll_stl of[2], const ll_lanes *y, size_t n, ll_lanes *const s[2],
                   ll_lanes *rest, ll_lanes *work)
{
    for (size_t t = 0; t < n; t++) {
        s[0][t] = s[1][t] = (ll_lanes){0};
        rest[t] = y[t];
    }
    for (int round = 0; round < (of[1].m ? OUTER : 1); round++)
        ll_batch_refine(of, n, s, rest, work);
}
