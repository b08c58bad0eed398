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

bool ll_interval_fit(const struct ll_portfolio *p, struct ll_arena *out, struct ll_interval *res,
                     struct ll_err *err)
{
    struct ll_interval iv = {.scale = LL_ARENA_NEW(out, double, p->h)};
    double *z = LL_ARENA_NEW(out, double, p->n_origins * p->h);
    if (!iv.scale || !z)
        return ll_err_set(err, LL_E_MEMORY, "no memory for intervals of %zu steps", p->h);
    fit_scale(p, &iv);
    fit_quantiles(p, z, &iv);
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
