#include "stats/stl.h"

#include <math.h>
#include <string.h>

#include "stats/loess.h"
#include "stats/quantile.h"

enum { INNER = 2, OUTER_ROBUST = 15, ITERATIONS = 2, LANES = 4 };

struct ll_stl {
    size_t n, period;
    bool periodic;
    size_t longer;              /* phases that have one cycle more than the others */
    struct ll_loess cycle[2];   /* over the cycles of such a phase, and of the others */
    struct ll_loess low, trend; /* over all n */
    double *cycles;             /* n + 2 period: smoothed phases, a cycle longer at both ends */
    double *mean, *rest;        /* n + 2 period: moving averages; what is smoothed next */
    double *weight;             /* n: robust weights */
};

struct ll_mstl {
    size_t n, n_periods;
    struct ll_stl *stl[LL_STL_PERIODS_MAX];
    double *rest;
};

static size_t odd(double x)
{
    size_t v = (size_t)x;
    return v % 2 ? v : v + 1;
}

/* Every tenth of the window as it was asked for, before it is made odd. */
static bool smoother(struct ll_loess *l, size_t n, double window, int degree, struct ll_arena *a)
{
    return ll_loess_init(l, n, odd(window), degree, (size_t)ceil(window / 10), a);
}

bool ll_stl_new(size_t n, int period, int s_window, struct ll_arena *a, struct ll_stl **stl,
                struct ll_err *err)
{
    if (period < 2 || n / 2 < (size_t)period || n == 2 * (size_t)period)
        return ll_err_set(err, LL_E_RANGE, "a period of %d in %zu values", period, n);
    struct ll_stl *s = LL_ARENA_NEW(a, struct ll_stl, 1);
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a decomposition");
    size_t m = (size_t)period;
    *s = (struct ll_stl){.n = n, .period = m, .periodic = s_window <= 0, .longer = n % m};
    double cycle = s->periodic ? 10 * (double)n + 1 : fmax(s_window, 3);
    double low = (double)odd(fmax(period, 3));
    double trend = (double)odd(fmax(ceil(1.5 * period / (1 - 1.5 / cycle)), 3));
    s->cycles = LL_ARENA_NEW(a, double, n + 2 * m);
    s->mean = LL_ARENA_NEW(a, double, n + 2 * m);
    s->rest = LL_ARENA_NEW(a, double, n + 2 * m);
    s->weight = LL_ARENA_NEW(a, double, n);
    if (!s->cycles || !s->mean || !s->rest || !s->weight ||
        !smoother(&s->cycle[0], n / m + (s->longer > 0), cycle, 0, a) ||
        !smoother(&s->cycle[1], n / m, cycle, 0, a) || !smoother(&s->low, n, low, 1, a) ||
        !smoother(&s->trend, n, trend, 1, a))
        return ll_err_set(err, LL_E_MEMORY, "no memory for a decomposition of %zu values", n);
    *stl = s;
    return true;
}

/* The phases of a cycle lie side by side, so they are smoothed side by side. */
static void smooth_cycles(struct ll_stl *s, const double *rest, const double *weight)
{
    size_t m = s->period, first[2] = {0, s->longer}, lanes[2] = {s->longer, m - s->longer};
    for (size_t part = 0; part < 2; part++) {
        size_t j = first[part];
        const double *w = weight ? weight + j : NULL;
        ll_loess_run(&s->cycle[part], rest + j, w, lanes[part], m, s->cycles + m + j);
        ll_loess_extend(&s->cycle[part], rest + j, w, lanes[part], m, s->cycles + m + j);
    }
}

/* out: n - len + 1 averages of len neighbours.  Four running sums side by side, each over a
 * quarter: one alone would wait for every addition. */
static void average(const double *x, size_t n, size_t len, double *out)
{
    size_t m = n - len + 1, quarter = m / LANES;
    double sum[LANES] = {0}, scale = 1 / (double)len;
    for (size_t i = 0; i < len; i++)
        for (size_t k = 0; k < LANES; k++)
            sum[k] += x[k * quarter + i];
    for (size_t i = 0; i < quarter; i++)
        for (size_t k = 0; k < LANES; k++) {
            size_t at = k * quarter + i;
            sum[k] += i > 0 ? x[at + len - 1] - x[at - 1] : 0;
            out[at] = sum[k] * scale;
        }
    double last = sum[LANES - 1];
    for (size_t at = LANES * quarter; at < m; at++) {
        last += at > 0 ? x[at + len - 1] - x[at - 1] : 0;
        out[at] = last * scale;
    }
}

/* One pass: the cycles of what the trend leaves, less their own low frequencies, are the season;
 * what the season leaves, smoothed, is the trend. */
static void pass(struct ll_stl *s, const double *y, const double *weight, double *seasonal,
                 double *trend)
{
    size_t n = s->n, m = s->period;
    for (size_t i = 0; i < n; i++)
        s->rest[i] = y[i] - trend[i];
    smooth_cycles(s, s->rest, weight);
    average(s->cycles, n + 2 * m, m, s->mean);
    average(s->mean, n + m + 1, m, s->rest);
    average(s->rest, n + 2, 3, s->mean);
    ll_loess_run(&s->low, s->mean, NULL, 1, 1, s->rest);
    for (size_t i = 0; i < n; i++) {
        seasonal[i] = s->cycles[m + i] - s->rest[i];
        s->rest[i] = y[i] - seasonal[i];
    }
    ll_loess_run(&s->trend, s->rest, weight, 1, 1, trend);
}

/* Bisquare of the remainder over six medians of it. */
static void weigh(struct ll_stl *s, const double *y, const double *seasonal, const double *trend)
{
    for (size_t i = 0; i < s->n; i++)
        s->weight[i] = s->rest[i] = fabs(y[i] - seasonal[i] - trend[i]);
    double reach = 6 * ll_quantile_median(s->rest, s->n);
    for (size_t i = 0; i < s->n; i++) {
        double r = s->weight[i], u = r / reach, v = 1 - u * u;
        s->weight[i] = r <= 0.001 * reach ? 1 : r <= 0.999 * reach ? v * v : 0;
    }
}

static void equal_cycles(struct ll_stl *s, double *seasonal)
{
    for (size_t j = 0; j < s->period; j++) {
        double sum = 0;
        size_t cycles = 0;
        for (size_t i = j; i < s->n; i += s->period, cycles++)
            sum += seasonal[i];
        for (size_t i = j; i < s->n; i += s->period)
            seasonal[i] = sum / (double)cycles;
    }
}

void ll_stl_run(struct ll_stl *s, const double *y, bool robust, double *seasonal, double *trend)
{
    memset(trend, 0, s->n * sizeof(double));
    size_t outer = robust ? OUTER_ROBUST : 0, inner = robust ? 1 : INNER;
    for (size_t k = 0; k <= outer; k++) {
        if (k > 0)
            weigh(s, y, seasonal, trend);
        for (size_t i = 0; i < inner; i++)
            pass(s, y, k > 0 ? s->weight : NULL, seasonal, trend);
    }
    if (s->periodic)
        equal_cycles(s, seasonal);
}

bool ll_mstl_new(size_t n, const int *periods, size_t n_periods, struct ll_arena *a,
                 struct ll_mstl **mstl, struct ll_err *err)
{
    LL_ASSERT(n_periods >= 1 && n_periods <= LL_STL_PERIODS_MAX);
    struct ll_mstl *m = LL_ARENA_NEW(a, struct ll_mstl, 1);
    double *rest = LL_ARENA_NEW(a, double, n);
    if (!m || !rest)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a decomposition");
    *m = (struct ll_mstl){.n = n, .n_periods = n_periods, .rest = rest};
    for (size_t i = 0; i < n_periods; i++)
        if (!ll_stl_new(n, periods[i], 11 + 4 * (int)i, a, &m->stl[i], err))
            return false;
    *mstl = m;
    return true;
}

void ll_mstl_run(struct ll_mstl *m, const double *y, double *seasonal, double *trend)
{
    size_t n = m->n, iterations = m->n_periods > 1 ? ITERATIONS : 1;
    memcpy(m->rest, y, n * sizeof(double));
    memset(seasonal, 0, m->n_periods * n * sizeof(double));
    for (size_t k = 0; k < iterations * m->n_periods; k++) {
        double *own = seasonal + k % m->n_periods * n;
        for (size_t t = 0; t < n; t++)
            m->rest[t] += own[t];
        ll_stl_run(m->stl[k % m->n_periods], m->rest, false, own, trend);
        for (size_t t = 0; t < n; t++)
            m->rest[t] -= own[t];
    }
}
