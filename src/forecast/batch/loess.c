#include "forecast/batch/loess.h"

#include <math.h>
#include <string.h>

/* The neighbourhood of a fit at x, steps counted from 1 as the authors do. */
struct window {
    double x;
    size_t left, right, width, n;
    int degree;
};

static double tricube(const struct window *w, size_t j, double reach)
{
    double r = fabs((double)j - w->x);
    if (r > 0.999 * reach)
        return 0;
    if (r <= 0.001 * reach)
        return 1;
    double u = r / reach, v = 1 - u * u * u;
    return v * v * v;
}

/* Weights for degree 1 tilt those of degree 0, unless the neighbours are all but one point. */
static void tilt(const struct window *w, double reach, double all, float *row)
{
    double mean = 0, spread = 0;
    for (size_t j = w->left; j <= w->right; j++)
        mean += tricube(w, j, reach) / all * (double)j;
    for (size_t j = w->left; j <= w->right; j++)
        spread += tricube(w, j, reach) / all * ((double)j - mean) * ((double)j - mean);
    if (sqrt(spread) <= 0.001 * (double)(w->n - 1))
        return;
    for (size_t j = w->left; j <= w->right; j++)
        row[j - w->left] =
            (float)(tricube(w, j, reach) / all * (1 + (w->x - mean) / spread * ((double)j - mean)));
}

static void fill_row(const struct window *w, float *row)
{
    double reach = fmax(w->x - (double)w->left, (double)w->right - w->x), all = 0;
    if (w->width > w->n)
        reach += floor((double)(w->width - w->n) / 2);
    for (size_t j = w->left; j <= w->right; j++)
        all += tricube(w, j, reach);
    for (size_t j = w->left; j <= w->right; j++)
        row[j - w->left] = (float)(tricube(w, j, reach) / all);
    if (w->degree > 0 && reach > 0)
        tilt(w, reach, all, row);
}

static void add(struct ll_loess *l, size_t k, const struct window *w)
{
    l->at[k] = (int)w->x - 1;
    l->from[k] = w->left - 1;
    fill_row(w, l->weights + k * l->q);
}

static struct window around(size_t x, size_t n, size_t width, int degree)
{
    struct window w = {(double)x, 1, LL_MIN(width, n), width, n, degree};
    size_t half = (width + 1) / 2;
    if (width >= n || x < half)
        return w;
    w.left = x + half > n ? n - width + 1 : x - half + 1;
    w.right = w.left + width - 1;
    return w;
}

/* The same weights as in the middle, each fit a jump behind the one before. */
static void find_alike(struct ll_loess *l)
{
    size_t middle = l->n_fits / 2, a = middle, b = middle + 1, bytes = l->q * sizeof(float);
    const float *row = l->weights + middle * l->q;
    while (a > 0 && l->from[a] == l->from[a - 1] + l->jump &&
           memcmp(row, l->weights + (a - 1) * l->q, bytes) == 0)
        a--;
    while (b < l->n_fits && l->from[b] == l->from[b - 1] + l->jump &&
           (size_t)l->at[b] == (size_t)l->at[b - 1] + l->jump &&
           memcmp(row, l->weights + b * l->q, bytes) == 0)
        b++;
    l->alike_from = a;
    l->alike_to = b;
}

bool ll_loess_make(size_t n, size_t width, int degree, size_t jump, bool ends, struct ll_arena *out,
                   struct ll_loess *l)
{
    jump = LL_MAX(LL_MIN(jump, n - 1), (size_t)1);
    size_t k = (n - 1) / jump + 1, last = 1 + (k - 1) * jump;
    *l = (struct ll_loess){.n = n, .q = LL_MIN(width, n), .jump = jump, .ends = ends};
    l->n_fits = k + (last != n);
    size_t rows = l->n_fits + (ends ? 2 : 0);
    l->at = LL_ARENA_NEW(out, int, rows);
    l->from = LL_ARENA_NEW(out, size_t, rows);
    l->weights = LL_ARENA_NEW(out, float, rows * l->q);
    if (!l->at || !l->from || !l->weights)
        return false;
    for (size_t i = 0; i < l->n_fits; i++) {
        struct window w = around(LL_MIN(1 + i * jump, n), n, width, degree);
        add(l, i, &w);
    }
    find_alike(l);
    if (!ends)
        return true;
    struct window before = {0, 1, l->q, width, n, degree};
    struct window after = {(double)(n + 1), n - l->q + 1, n, width, n, degree};
    add(l, l->n_fits, &before);
    add(l, l->n_fits + 1, &after);
    return true;
}

static size_t odd_from(double x)
{
    size_t n = (size_t)floor(x + 0.5);
    return n + (n % 2 == 0);
}

bool ll_loess_stl(size_t n, size_t m, size_t window, struct ll_arena *out, struct ll_stl *s)
{
    size_t low = odd_from((double)m);
    size_t trend = odd_from(ceil(1.5 * (double)m / (1 - 1.5 / (double)window)));
    *s = (struct ll_stl){.n = n, .m = m, .n_longer = n % m};
    return ll_loess_make((n - 1) / m + 1, window, 0, (window + 9) / 10, true, out, &s->longer) &&
           ll_loess_make(n / m, window, 0, (window + 9) / 10, true, out, &s->shorter) &&
           ll_loess_make(n, low, 1, (low + 9) / 10, false, out, &s->low_pass) &&
           ll_loess_make(n, trend, 1, (trend + 9) / 10, false, out, &s->trend);
}
