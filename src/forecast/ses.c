#include "forecast/ses.h"

#include <math.h>
#include <string.h>

#include "forecast/search.h"

struct problem {
    const double *y;
    size_t n;
    double start, phi_max, left; /* what the best so far leaves */
    struct ll_ses best;
};

/* phi that leaves the least of sum (e[t] - phi e[t-1])^2. */
static double best_phi(double ee, double lagged, double phi_max)
{
    return ee > 0 ? fmin(fmax(lagged / ee, 0), phi_max) : 0;
}

static void score(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double left[LL_CANDIDATES])
{
    struct problem *c = ctx;
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
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        double see = ee[i / 2][i % 2], lag = lagged[i / 2][i % 2];
        double phi = best_phi(see, lag, c->phi_max);
        left[i] = see - 2 * phi * lag + phi * phi * see;
        if (left[i] < c->left) {
            c->left = left[i];
            c->best = (struct ll_ses){p[0][i], phi, c->start};
        }
    }
}

struct ll_ses ll_ses_fit(const double *y, size_t n, double alpha_max, double phi_max)
{
    struct problem c = {.y = y,
                        .n = n,
                        .start = ll_kit_mean(y, LL_MIN(n, (size_t)LL_SES_START)),
                        .phi_max = phi_max,
                        .left = INFINITY};
    const struct ll_search search = {.dims = 1,
                                     .low = {1e-3},
                                     .high = {alpha_max},
                                     .spread = 1,
                                     .rounds = 1,
                                     .score = score,
                                     .ctx = &c};
    double alpha[LL_PARAMS_MAX];
    c.best = (struct ll_ses){alpha_max, 0, c.start};
    ll_search_least(&search, alpha);
    return c.best;
}

struct ll_ses_state ll_ses_roll(const struct ll_ses *s, const double *y, size_t n)
{
    const double forgotten = 36; /* (1 - alpha)^(36 / alpha) < e^-36: below the last bit */
    size_t from = s->alpha * (double)n > forgotten ? n - (size_t)(forgotten / s->alpha) : 0;
    struct ll_ses_state at = {from ? y[from - 1] : s->start, 0};
    for (size_t t = from; t < n; t++) {
        at.error = y[t] - at.level;
        at.level += s->alpha * at.error;
    }
    return at;
}
