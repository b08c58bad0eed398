/* Gaps from a season before, one scale for all, outliers held at 6 x 1.4826 MAD around the median
 * of their phase. */
#include <math.h>

#include "forecast/batch/block.h"

enum { SORTED_MAX = 8, DEVIATION_BITS = 17, MEDIAN_BITS = 24 };

static const float shift_share = 0.02f; /* of the mean: added before logs when there are zeros */

void ll_batch_select(const ll_lanes *x, size_t n, const ll_mask *rank, int bits, ll_lanes *value)
{
    /* Floats order as integers once the negative ones are turned round. */
    ll_mask best = (ll_mask){0} + INT32_MIN;
    for (int bit = 31; bit > 31 - bits; bit--) {
        ll_mask next = {0}, below = {0};
        if (bit < 31)
            next = best + (int32_t)(INT32_C(1) << bit);
        for (size_t i = 0; i < n; i++) {
            ll_mask key = (ll_mask)x[i];
            key ^= (key >> 31) & INT32_MAX;
            below += key < next;
        }
        ll_mask up = -below <= *rank;
        best = (next & up) | (best & ~up);
    }
    *value = (ll_lanes)(best ^ ((best >> 31) & INT32_MAX));
}

static void read_rows(struct ll_block *b, const float *y, size_t count)
{
    size_t n = b->plan->n;
    for (size_t lane = 0; lane < LL_LANES; lane++) {
        const float *row = y + LL_MIN(lane, count - 1) * n;
        float *to = (float *)b->z + lane;
        for (size_t t = 0; t < n; t++)
            to[t * LL_LANES] = row[t];
    }
}

/* u = y / top; NaN stays where there is no value. */
static void shrink(struct ll_block *b)
{
    size_t n = b->plan->n;
    ll_lanes top = {0};
    b->empty = (ll_mask){0} - 1;
    for (size_t t = 0; t < n; t++) {
        ll_mask known = ll_lanes_finite(b->z[t]);
        b->z[t] = ll_lanes_pick(known, b->z[t], ll_lanes_of(NAN));
        top = ll_lanes_max(ll_lanes_abs(b->z[t]), top);
        b->empty &= ~known;
    }
    b->top = ll_lanes_pick(top > 1e-30f, top, ll_lanes_of(1));
    for (size_t t = 0; t < n; t++)
        b->actual[t] = b->z[t] = b->z[t] / b->top;
}

static void fill(struct ll_block *b)
{
    size_t n = b->plan->n, m = b->plan->m1;
    ll_lanes first = {0};
    for (size_t t = n; t-- > 0;)
        first = ll_lanes_pick(b->z[t] == b->z[t], b->z[t], first);
    for (size_t t = 0; t < n; t++) {
        ll_lanes from = t >= m ? b->z[t - m] : t ? b->z[t - 1] : first;
        b->z[t] = ll_lanes_pick(b->z[t] == b->z[t], b->z[t], from);
    }
}

/* Mean and standard deviation, the mean in two steps: values may lie close together far from 0. */
static void moments(const ll_lanes *x, size_t n, ll_lanes *mean, ll_lanes *sd)
{
    ll_lanes sum = {0}, rest = {0}, squares = {0};
    for (size_t t = 0; t < n; t++)
        sum += x[t];
    sum /= (float)n;
    for (size_t t = 0; t < n; t++)
        rest += x[t] - sum;
    *mean = sum + rest / (float)n;
    for (size_t t = 0; t < n; t++)
        squares += (x[t] - *mean) * (x[t] - *mean);
    *sd = ll_lanes_sqrt(squares / (float)n);
    *sd = ll_lanes_pick(*sd > 1e-9f, *sd, ll_lanes_of(1));
}

static void sort(ll_lanes *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            ll_lanes a = x[j - 1], c = x[j];
            x[j - 1] = ll_lanes_min(a, c);
            x[j] = ll_lanes_max(a, c);
        }
}

static ll_lanes median(ll_lanes *x, size_t n)
{
    ll_lanes a, c;
    if (n <= SORTED_MAX) {
        sort(x, n);
        return 0.5f * (x[(n - 1) / 2] + x[n / 2]);
    }
    ll_mask rank = (ll_mask){0} + (int32_t)((n - 1) / 2);
    ll_batch_select(x, n, &rank, MEDIAN_BITS, &a);
    rank = (ll_mask){0} + (int32_t)(n / 2);
    ll_batch_select(x, n, &rank, MEDIAN_BITS, &c);
    return 0.5f * (a + c);
}

/* clean: z, held.  `far` and `phase` are scratch of n. */
static void hold_outliers(struct ll_block *b, ll_lanes *far, ll_lanes *phase)
{
    const struct ll_batch_plan *p = b->plan;
    size_t n = p->n, m = p->m2 && n >= 3 * p->m2 ? p->m2 : n >= 3 * p->m1 ? p->m1 : 1;
    for (size_t q = 0; q < m; q++) {
        size_t k = 0;
        for (size_t t = q; t < n; t += m)
            phase[k++] = b->z[t];
        ll_lanes usual = median(phase, k);
        for (size_t t = q; t < n; t += m) {
            b->clean[t] = usual;
            far[t] = ll_lanes_abs(b->z[t] - usual);
        }
    }
    ll_lanes most;
    const ll_mask middle = (ll_mask){0} + (int32_t)(n / 2);
    ll_batch_select(far, n, &middle, DEVIATION_BITS, &most);
    most *= 6 * 1.4826f;
    for (size_t t = 0; t < n; t++) {
        ll_lanes usual = b->clean[t];
        ll_lanes held = ll_lanes_clamp(b->z[t], usual - most, usual + most);
        b->clean[t] = ll_lanes_pick(most > 0, held, b->z[t]);
    }
}

/* Whether there are logs: nothing below zero, and not all of it zero.  least: of u. */
static void find_shift(struct ll_block *b, ll_lanes least)
{
    const float tiny = 1e-12f;
    b->shift = ll_lanes_pick(least > tiny, (ll_lanes){0}, shift_share * b->mean);
    b->positive = (least >= 0) & (least + b->shift > tiny);
}

static void take_logs(struct ll_block *b)
{
    size_t n = b->plan->n;
    for (size_t t = 0; t < n; t++) {
        ll_lanes u = b->z[t] * b->sd + b->mean, held = b->clean[t] * b->sd + b->mean;
        ll_lanes low = ll_lanes_of(1e-12f);
        b->log[t] = ll_lanes_log(ll_lanes_max(u + b->shift, low));
        b->log_clean[t] = ll_lanes_log(ll_lanes_max(held + b->shift, low));
    }
    moments(b->log, n, &b->log_mean, &b->log_sd);
    b->log_low = ll_lanes_of(INFINITY);
    b->log_high = ll_lanes_of(-INFINITY);
    for (size_t t = 0; t < n; t++) {
        ll_lanes x = (b->log[t] - b->log_mean) / b->log_sd;
        ll_lanes held = (b->log_clean[t] - b->log_mean) / b->log_sd;
        b->log[t] = ll_lanes_pick(b->positive, x, b->z[t]);
        b->log_clean[t] = ll_lanes_pick(b->positive, held, b->clean[t]);
        b->log_low = ll_lanes_min(b->log[t], b->log_low);
        b->log_high = ll_lanes_max(b->log[t], b->log_high);
    }
    ll_lanes half = 0.5f * (b->log_high - b->log_low);
    b->log_low -= half;
    b->log_high += half;
}

void ll_batch_load(struct ll_block *b, const float *y, size_t count)
{
    size_t n = b->plan->n;
    read_rows(b, y, count);
    shrink(b);
    fill(b);
    ll_lanes least = ll_lanes_of(INFINITY);
    for (size_t t = 0; t < n; t++)
        least = ll_lanes_min(b->z[t], least);
    moments(b->z, n, &b->mean, &b->sd);
    find_shift(b, least);
    b->low = (ll_lanes_min(least, (ll_lanes){0}) - b->mean) / b->sd;
    for (size_t t = 0; t < n; t++) {
        b->z[t] = (b->z[t] - b->mean) / b->sd;
        b->actual[t] = (b->actual[t] - b->mean) / b->sd;
    }
    struct ll_lanes_room room = b->room;
    hold_outliers(b, ll_lanes_take(&room, n), ll_lanes_take(&room, n));
    take_logs(b);
}
