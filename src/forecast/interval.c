#include "forecast/interval.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"

const double ll_levels[LL_LEVELS] = {0.50, 0.80, 0.90, 0.95, 0.99};

/* Two-sided quantiles of the standard normal at ll_levels, and its mean absolute value. */
static const double normal_half[LL_LEVELS] = {0.6744897501960817, 1.2815515655446004,
                                              1.6448536269514722, 1.959963984540054,
                                              2.5758293035489004};
static const double normal_mean_abs = 0.7978845608028654;

enum { NEIGHBOURS = 3 }; /* steps on either side that s_h is smoothed over */

static double abs_mean(const struct ll_portfolio *p, size_t from, size_t to, size_t *count)
{
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = from; i < to; i++)
            if (!isnan(p->error[k * p->h + i])) {
                sum += fabs(p->error[k * p->h + i]);
                n++;
            }
    if (count)
        *count = n;
    return n ? sum / (double)n : 0;
}

/* Half of each s_h is its neighbourhood's error, half that of the whole horizon. */
static void fit_scale(const struct ll_portfolio *p, struct ll_interval *iv)
{
    double all = abs_mean(p, 0, p->h, &iv->n_errors), top = 0;
    for (size_t i = 0; i < p->h; i++) {
        size_t from = i < NEIGHBOURS ? 0 : i - NEIGHBOURS, to = LL_MIN(i + NEIGHBOURS + 1, p->h);
        top = fmax(top, 0.5 * (abs_mean(p, from, to, NULL) + all));
        iv->scale[i] = top;
    }
}

static void fit_quantiles(const struct ll_portfolio *p, double *z, struct ll_interval *iv)
{
    size_t n = 0;
    double widen = p->n_origins ? sqrt(1 + 2 / (double)p->n_origins) : 1;
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = 0; i < p->h; i++)
            if (!isnan(p->error[k * p->h + i]) && iv->scale[i] > 0)
                z[n++] = fabs(p->error[k * p->h + i]) / iv->scale[i];
    for (size_t l = 0; l < LL_LEVELS; l++) {
        size_t rank = (size_t)ceil((double)(n + 1) * ll_levels[l]);
        double normal = normal_half[l] / normal_mean_abs;
        if (rank <= n)
            iv->q[l] = widen * ll_quantile(z, n, n > 1 ? (double)(rank - 1) / (double)(n - 1) : 0);
        else
            iv->q[l] = widen * (n ? fmax(ll_quantile(z, n, 1), normal) : normal);
        if (l > 0)
            iv->q[l] = fmax(iv->q[l], iv->q[l - 1]);
    }
}

static double largest(const double *v, size_t n, size_t *at)
{
    double top = -INFINITY;
    *at = 0;
    for (size_t i = 0; i < n; i++)
        if (v[i] > top) {
            top = v[i];
            *at = i;
        }
    return top;
}

/* Of each origin, how far the largest actual was from the largest forecast.  As many as there are
 * origins, and these overlap: the quantiles are those of Student's t with two degrees of freedom,
 * (2p - 1) / sqrt(2p (1 - p)), on a spread that begins with two errors of the usual size. */
static void fit_peak(const struct ll_portfolio *p, double *actual, struct ll_interval *iv)
{
    const double keep = 0.3; /* of the bias seen: the rest is taken for chance */
    double apart[LL_ORIGINS_MAX], squares, usual;
    size_t at, n = 0;
    largest(p->point, p->h, &at);
    usual = iv->scale[at] / normal_mean_abs;
    squares = 2 * usual * usual;
    for (size_t k = 0; k < p->n_origins; k++) {
        const double *f = p->at_origin + k * p->h;
        for (size_t i = 0; i < p->h; i++)
            actual[i] = f[i] + p->error[k * p->h + i];
        double d = largest(actual, p->h, &at);
        if (!isfinite(d)) /* nothing is known after this origin */
            continue;
        d -= largest(f, p->h, &at);
        squares += d * d;
        apart[n++] = d;
    }
    double sd = sqrt(squares / (double)(n + 2)) * (n ? sqrt(1 + 2 / (double)n) : 1);
    iv->max_shift = n ? keep * ll_quantile_median(apart, n) : 0;
    for (size_t l = 0; l < LL_LEVELS; l++) {
        double level = ll_levels[l];
        iv->max_q[l] = iv->max_shift + sd * (2 * level - 1) / sqrt(2 * level * (1 - level));
    }
}

bool ll_interval_fit(const struct ll_portfolio *p, struct ll_arena *out, struct ll_interval *res,
                     struct ll_err *err)
{
    struct ll_interval iv = {.scale = LL_ARENA_NEW(out, double, p->h)};
    double *z = LL_ARENA_NEW(out, double, LL_MAX(p->n_origins, (size_t)1) * p->h);
    if (!iv.scale || !z)
        return ll_err_set(err, LL_E_MEMORY, "no memory for intervals of %zu steps", p->h);
    fit_scale(p, &iv);
    fit_quantiles(p, z, &iv);
    fit_peak(p, z, &iv);
    *res = iv;
    return true;
}

double ll_interval_half(const struct ll_interval *iv, size_t i, double level)
{
    size_t l = 0;
    while (l + 1 < LL_LEVELS && level > ll_levels[l] + 1e-12)
        l++;
    return iv->q[l] * iv->scale[i];
}
