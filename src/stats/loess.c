#include "stats/loess.h"

#include <math.h>

enum { BLOCK = 8 };

/* Tricube weights around x for the values left + 1 .. left + q. */
static void fill_kernel(double *k, size_t q, size_t left, long x, double h)
{
    for (size_t j = 0; j < q; j++) {
        double r = fabs((double)((long)(left + j) + 1 - x)), u = r / h, v = 1 - u * u * u;
        k[j] = r > 0.999 * h ? 0 : r <= 0.001 * h ? 1 : v * v * v;
    }
}

/* Makes weights w[0..q) around x add up to 1, and of a local line when degree is 1.  False when
 * all are 0. */
static bool weigh(double *w, size_t q, size_t left, long x, size_t n, int degree)
{
    double sum = 0;
    for (size_t j = 0; j < q; j++)
        sum += w[j];
    if (!(sum > 0))
        return false;
    double mean = 0, spread = 0;
    for (size_t j = 0; j < q; j++) {
        w[j] /= sum;
        mean += w[j] * (double)(left + j + 1);
    }
    if (degree == 0)
        return true;
    for (size_t j = 0; j < q; j++) {
        double d = (double)(left + j + 1) - mean;
        spread += w[j] * d * d;
    }
    if (sqrt(spread) <= 0.001 * (double)(n - 1))
        return true;
    double slope = ((double)x - mean) / spread;
    for (size_t j = 0; j < q; j++)
        w[j] *= slope * ((double)(left + j + 1) - mean) + 1;
    return true;
}

/* Adds a place; a window that lies to its place as the one before does shares its row. */
static void add(struct ll_loess *l, size_t *n_rows, size_t i, long x, size_t left, size_t window)
{
    struct ll_loess_at *at = &l->at[i];
    *at = (struct ll_loess_at){.x = x, .left = left};
    if (i > 0 && at[-1].x - (long)at[-1].left == x - (long)left) {
        at->row = at[-1].row;
        return;
    }
    at->row = (*n_rows)++;
    long to_left = x - (long)(left + 1), to_right = (long)(left + l->q) - x;
    size_t wider = window > l->n ? (window - l->n) / 2 : 0; /* whole steps, as in netlib's */
    double h = (double)LL_MAX(to_left, to_right) + (double)wider;
    double *kernel = l->kernel + at->row * l->q, *row = l->rows + at->row * l->q;
    if (h > 0)
        fill_kernel(kernel, l->q, left, x, h);
    else
        kernel[0] = 1; /* one value */
    for (size_t j = 0; j < l->q; j++)
        row[j] = kernel[j];
    if (!weigh(row, l->q, left, x, l->n, h > 0 ? l->degree : 0))
        row[x < 1 ? 0 : l->q - 1] = 1; /* nothing in reach: the nearest value */
}

/* Windows of the places 1, 1 + jump, ..: centred but for the ends; the last place has that of the
 * place before it. */
static size_t place(size_t x, size_t n, size_t q)
{
    size_t half = (q + 1) / 2;
    return q >= n || x <= half ? 0 : LL_MIN(x - half, n - q);
}

/* Rows that differ: places in the first and the last half window, and one between. */
static size_t rows_at_most(size_t n_at, size_t q, size_t jump)
{
    return LL_MIN(n_at, (q + 1) / 2 / jump * 2 + 5) + 2;
}

bool ll_loess_init(struct ll_loess *l, size_t n, size_t window, int degree, size_t jump,
                   struct ll_arena *a)
{
    LL_ASSERT(n >= 1 && window >= 3 && window % 2 == 1 && jump >= 1);
    *l = (struct ll_loess){.n = n, .q = LL_MIN(window, n), .degree = degree};
    size_t step = LL_MAX(LL_MIN(jump, n - 1), (size_t)1), n_rows = 0;
    l->n_at = (n - 1) / step + 1;
    bool ends_between = (l->n_at - 1) * step + 1 != n;
    size_t rows = rows_at_most(l->n_at + ends_between, l->q, step);
    if (l->q == n)
        rows = l->n_at + ends_between + 2;
    l->at = LL_ARENA_NEW(a, struct ll_loess_at, l->n_at + ends_between + 2);
    l->rows = LL_ARENA_NEW(a, double, rows * l->q);
    l->kernel = LL_ARENA_NEW(a, double, rows * l->q);
    if (!l->at || !l->rows || !l->kernel)
        return false;
    for (size_t i = 0; i < l->n_at; i++)
        add(l, &n_rows, i, (long)(i * step + 1), place(i * step + 1, n, l->q), window);
    if (ends_between) {
        add(l, &n_rows, l->n_at, (long)n, l->at[l->n_at - 1].left, window);
        l->n_at++;
    }
    add(l, &n_rows, l->n_at, 0, 0, window);
    add(l, &n_rows, l->n_at + 1, (long)n + 1, n - l->q, window);
    LL_ASSERT(n_rows <= rows);
    return true;
}

/* Eight sums in a fixed order, so that the adder's latency does not rule. */
static double dot(const double *w, const double *x, size_t q)
{
    double s[BLOCK] = {0};
    size_t i = 0;
    for (; i + BLOCK <= q; i += BLOCK)
        for (size_t k = 0; k < BLOCK; k++)
            s[k] += w[i + k] * x[i + k];
    for (; i < q; i++)
        s[0] += w[i] * x[i];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* out[j] = sum of w[i] x[i * stride + j] for BLOCK neighbouring lanes. */
static void dot_block(const double *w, const double *x, size_t q, size_t stride, double *out)
{
    double s[BLOCK] = {0};
    for (size_t i = 0; i < q; i++)
        for (size_t k = 0; k < BLOCK; k++)
            s[k] += w[i] * x[i * stride + k];
    for (size_t k = 0; k < BLOCK; k++)
        out[k] = s[k];
}

static void estimate_plain(const struct ll_loess *l, const struct ll_loess_at *at, const double *x,
                           size_t lanes, size_t stride, double *out)
{
    const double *w = l->rows + at->row * l->q;
    x += at->left * stride;
    if (lanes == 1 && stride == 1) {
        out[0] = dot(w, x, l->q);
        return;
    }
    size_t j = 0;
    for (; j + BLOCK <= lanes; j += BLOCK)
        dot_block(w, x + j, l->q, stride, out + j);
    for (; j < lanes; j++) {
        out[j] = 0;
        for (size_t i = 0; i < l->q; i++)
            out[j] += w[i] * x[i * stride + j];
    }
}

/* The same as `weigh` and a sum, but weights differ from lane to lane and are not kept: with
 * k the kernel times the robust weight, S = sum k, m = sum k j / S, the line's value at x is
 * mean y + (x - m) cov(j, y) / var j.  NaN when all weights are 0. */
static double estimate_robust(const struct ll_loess *l, const struct ll_loess_at *at,
                              const double *x, const double *robust, size_t stride)
{
    const double *kernel = l->kernel + at->row * l->q;
    double sum = 0, mean = 0, value = 0, spread = 0, slope = 0;
    x += at->left * stride;
    robust += at->left * stride;
    for (size_t i = 0; i < l->q; i++) {
        double k = kernel[i] * robust[i * stride];
        sum += k;
        mean += k * (double)i;
        value += k * x[i * stride];
    }
    if (!(sum > 0))
        return NAN;
    mean /= sum;
    value /= sum;
    if (l->degree == 0)
        return value;
    for (size_t i = 0; i < l->q; i++) {
        double k = kernel[i] * robust[i * stride], d = (double)i - mean;
        spread += k * d * d;
        slope += k * d * x[i * stride];
    }
    if (sqrt(spread / sum) <= 0.001 * (double)(l->n - 1))
        return value;
    return value + ((double)(at->x - 1 - (long)at->left) - mean) * slope / spread;
}

static void estimate(const struct ll_loess *l, const struct ll_loess_at *at, const double *x,
                     const double *robust, size_t lanes, size_t stride, double *out)
{
    if (!robust) {
        estimate_plain(l, at, x, lanes, stride, out);
        return;
    }
    for (size_t j = 0; j < lanes; j++)
        out[j] = estimate_robust(l, at, x + j, robust + j, stride);
}

/* The places between two that were evaluated, on a line. */
static void interpolate(double *out, size_t from, size_t to, size_t lanes, size_t stride)
{
    double *a = out + from * stride, *b = out + to * stride, part = 1 / (double)(to - from);
    if (lanes == 1 && stride == 1) {
        double step = (b[0] - a[0]) * part;
        for (size_t i = 1; i < to - from; i++)
            a[i] = a[0] + step * (double)(long)i;
        return;
    }
    for (size_t i = 1; i < to - from; i++)
        for (size_t j = 0; j < lanes; j++)
            a[i * stride + j] = a[j] + (b[j] - a[j]) * part * (double)(long)i;
}

void ll_loess_run(const struct ll_loess *l, const double *x, const double *robust, size_t lanes,
                  size_t stride, double *out)
{
    for (size_t p = 0; p < l->n_at; p++) {
        size_t i = (size_t)(l->at[p].x - 1);
        double *here = out + i * stride;
        estimate(l, &l->at[p], x, robust, lanes, stride, here);
        for (size_t j = 0; robust && j < lanes; j++)
            here[j] = isnan(here[j]) ? x[i * stride + j] : here[j];
        if (p > 0)
            interpolate(out, (size_t)(l->at[p - 1].x - 1), i, lanes, stride);
    }
}

void ll_loess_extend(const struct ll_loess *l, const double *x, const double *robust, size_t lanes,
                     size_t stride, double *out)
{
    double *before = out - stride, *after = out + l->n * stride;
    estimate(l, &l->at[l->n_at], x, robust, lanes, stride, before);
    estimate(l, &l->at[l->n_at + 1], x, robust, lanes, stride, after);
    for (size_t j = 0; robust && j < lanes; j++) {
        before[j] = isnan(before[j]) ? out[j] : before[j];
        after[j] = isnan(after[j]) ? out[(l->n - 1) * stride + j] : after[j];
    }
}
