#include "forecast/interval.h"

#include <math.h>
#include <string.h>

#include "stats/explog.h"
#include "stats/normal.h"
#include "stats/quantile.h"

const double ll_levels[LL_LEVELS] = {0.50, 0.80, 0.90, 0.95, 0.99};

/* Two-sided quantiles of the standard normal at ll_levels, and its mean absolute value. */
static const double normal_half[LL_LEVELS] = {0.6744897501960817, 1.2815515655446004,
                                              1.6448536269514722, 1.959963984540054,
                                              2.5758293035489004};
static const double normal_mean_abs = 0.7978845608028654;

/* What each band takes of the widening for few origins: tails are known worst. */
static const double unsure[LL_LEVELS] = {0.6, 0.7, 0.85, 1, 1.3};
static const double of_all = 0.3; /* of a step's scale: the whole horizon's */

enum {
    NEIGHBOURS = 3, /* steps on either side that s_h is smoothed over */
    ALIKE = 3,      /* errors that count as one observation: neighbours go together */
};

static double abs_mean(const struct ll_portfolio *p, size_t from, size_t to, size_t *count)
{
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = from; i < to; i++)
            if (!isnan(p->error[k * p->reach + i])) {
                sum += fabs(p->error[k * p->reach + i]);
                n++;
            }
    if (count)
        *count = n;
    return n ? sum / (double)n : 0;
}

/* Most of each s_h is its neighbourhood's error, which of the first steps is narrow; the rest that
 * of the whole horizon.  Without any error (one or two values) the forecast itself is the scale:
 * nothing better is known. */
static void fit_scale(const struct ll_portfolio *p, struct ll_interval *iv)
{
    double all = abs_mean(p, 0, p->reach, &iv->n_errors), top = 0;
    for (size_t i = 0; i < p->reach; i++) {
        size_t wide = LL_MIN(i + 1, (size_t)NEIGHBOURS), from = i < wide ? 0 : i - wide;
        double near = abs_mean(p, from, LL_MIN(i + wide + 1, p->reach), NULL);
        double here =
            iv->n_errors ? near + of_all * (all - near) : fabs(p->point[LL_MIN(i, p->h - 1)]);
        iv->scale[i] = top = fmax(top, here);
    }
}

/* The rank-th smallest of every ALIKE-th error, without leaving any of them out. */
static double ranked(double *z, size_t n, size_t counted, size_t rank)
{
    double place = (double)rank * (double)n / (double)counted;
    return ll_quantile(z, n, n > 1 ? fmin((place - 1) / (double)(n - 1), 1) : 0);
}

static void fit_quantiles(const struct ll_portfolio *p, double *z, struct ll_interval *iv)
{
    size_t n = 0;
    double widen = p->n_origins ? sqrt(1 + 2 / (double)p->n_origins) - 1 : 0;
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = 0; i < p->reach; i++)
            if (!isnan(p->error[k * p->reach + i]) && iv->scale[i] > 0)
                z[n++] = fabs(p->error[k * p->reach + i]) / iv->scale[i];
    size_t counted = (n + ALIKE - 1) / ALIKE;
    for (size_t l = 0; l < LL_LEVELS; l++) {
        size_t rank = (size_t)ceil((double)(counted + 1) * ll_levels[l]);
        double normal = normal_half[l] / normal_mean_abs;
        double q = rank <= counted ? ranked(z, n, counted, rank)
                   : n             ? fmax(ll_quantile(z, n, 1), normal)
                                   : normal;
        iv->q[l] = fmax((1 + unsure[l] * widen) * q, l ? iv->q[l - 1] : 0);
    }
}

bool ll_interval_fit(const struct ll_portfolio *p, struct ll_arena *out, struct ll_interval *res,
                     struct ll_err *err)
{
    struct ll_interval iv = {.scale = LL_ARENA_NEW(out, double, p->reach)};
    double *z = LL_ARENA_NEW(out, double, LL_MAX(p->n_origins, (size_t)1) * p->reach);
    if (!iv.scale || !z)
        return ll_err_set(err, LL_E_MEMORY, "no memory for intervals of %zu steps", p->h);
    fit_scale(p, &iv);
    fit_quantiles(p, z, &iv);
    *res = iv;
    return true;
}

/* Between two levels q is a straight line over the normal's quantiles, below the least and above
 * the greatest a line from nothing through it. */
double ll_interval_half(const struct ll_interval *iv, size_t i, double level)
{
    double z = ll_normal_quantile(0.5 + 0.5 * level), q = 0;
    size_t l = 0;
    while (l < LL_LEVELS && z > normal_half[l])
        l++;
    if (l == 0)
        q = iv->q[0] * z / normal_half[0];
    else if (l == LL_LEVELS)
        q = iv->q[l - 1] * z / normal_half[l - 1];
    else
        q = iv->q[l - 1] + (iv->q[l] - iv->q[l - 1]) * (z - normal_half[l - 1]) /
                               (normal_half[l] - normal_half[l - 1]);
    return q * iv->scale[i];
}

/* The normal's quantile whose half width is q: ll_interval_half the other way round. */
static double normal_of(const struct ll_interval *iv, double q)
{
    size_t l = 0;
    while (l < LL_LEVELS && q > iv->q[l])
        l++;
    if (l == 0)
        return iv->q[0] > 0 ? normal_half[0] * q / iv->q[0] : 0;
    if (l == LL_LEVELS)
        return iv->q[l - 1] > 0 ? normal_half[l - 1] * q / iv->q[l - 1] : INFINITY;
    return normal_half[l - 1] +
           (normal_half[l] - normal_half[l - 1]) * (q - iv->q[l - 1]) / (iv->q[l] - iv->q[l - 1]);
}

double ll_interval_exceeds(const struct ll_interval *iv, size_t i, double point, double x)
{
    double apart = x - point, s = iv->scale[i];
    double z = s > 0 ? normal_of(iv, fabs(apart) / s) : apart == 0 ? 0 : INFINITY;
    return ll_normal_cdf(apart > 0 ? -z : z);
}

double ll_interval_adapt(double multiplier, bool covered, double level, double gamma)
{
    double next = multiplier * ll_explog_exp(gamma * (covered ? level - 1 : level));
    return fmin(fmax(next, 0.1), 10);
}
