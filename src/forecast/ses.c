#include "forecast/ses.h"

#include <math.h>
#include <string.h>

#include "forecast/search.h"

struct problem {
    const double *y;
    size_t n;
    double start, phi_max;
};

/* phi that leaves the least of sum (e[t] - phi e[t-1])^2, and what it leaves. */
static double best_phi(double ee, double lagged, double phi_max, double *left)
{
    double phi = ee > 0 ? fmin(fmax(lagged / ee, 0), phi_max) : 0;
    *left = ee - 2 * phi * lagged + phi * phi * ee;
    return phi;
}

static void score(const void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES],
                  double left[LL_CANDIDATES])
{
    const struct problem *c = ctx;
    ll_pair a[LL_PAIRS], level[LL_PAIRS], before[LL_PAIRS] = {{0}}, ee[LL_PAIRS] = {{0}},
                                          lagged[LL_PAIRS] = {{0}};
    memcpy(a, p[0], sizeof(a));
    for (size_t k = 0; k < LL_PAIRS; k++)
        level[k] = ll_pair_of(c->start);
    for (size_t t = 0; t < c->n; t++) {
        ll_pair y = ll_pair_of(c->y[t]);
        for (size_t k = 0; k < LL_PAIRS; k++) {
            ll_pair e = y - level[k];
            ee[k] += e * e;
            lagged[k] += e * before[k];
            before[k] = e;
            level[k] += a[k] * e;
        }
    }
    for (size_t i = 0; i < LL_CANDIDATES; i++)
        best_phi(ee[i / 2][i % 2], lagged[i / 2][i % 2], c->phi_max, &left[i]);
}

struct ll_ses ll_ses_fit(const double *y, size_t n, double alpha_max, double phi_max)
{
    const struct problem c = {y, n, ll_mean(y, LL_MIN(n, (size_t)LL_SES_START)), phi_max};
    const struct ll_search search = {.dims = 1,
                                     .low = {1e-3},
                                     .high = {alpha_max},
                                     .spread = 1,
                                     .rounds = 2,
                                     .score = score,
                                     .ctx = &c};
    double best[LL_PARAMS_MAX], ee = 0, lagged = 0, before = 0, level = c.start;
    ll_search_least(&search, best);
    for (size_t t = 0; t < n; t++) {
        double e = y[t] - level;
        ee += e * e;
        lagged += e * before;
        before = e;
        level += best[0] * e;
    }
    double left;
    return (struct ll_ses){best[0], best_phi(ee, lagged, phi_max, &left), c.start};
}

struct ll_ses_state ll_ses_roll(const struct ll_ses *s, const double *y, size_t n)
{
    struct ll_ses_state at = {s->start, 0};
    for (size_t t = 0; t < n; t++) {
        at.error = y[t] - at.level;
        at.level += s->alpha * at.error;
    }
    return at;
}
