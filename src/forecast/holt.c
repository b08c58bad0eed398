/* A level and a trend, both smoothed; the trend may fade with distance.
 *
 *     e = y - (l + phi b),  l' = l + phi b + alpha e,  b' = phi b + beta e
 *     y[t+i] is expected at l + (phi + ... + phi^i) b;  phi = 1: Holt's linear trend */
#include <math.h>

#include "forecast/model_list.h"
#include "forecast/search.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 3;
}

struct problem {
    const double *y;
    size_t n;
    double level, slope; /* to begin with */
    bool damped;
};

enum { START = 10 }; /* values whose straight line the states begin on */

static struct problem begin(const struct ll_fit *f, bool damped)
{
    size_t n = LL_MIN(f->n_fit, (size_t)START);
    double slope = ll_kit_slope(f->y, n),
           level = ll_kit_mean(f->y, n) - slope * 0.5 * (double)(n + 1);
    return (struct problem){f->y, f->n_fit, level, slope, damped};
}

struct state {
    double level, slope;
};

static double step(struct state *s, double y, double alpha, double beta, double phi)
{
    double trend = phi * s->slope, e = y - (s->level + trend);
    s->level += trend + alpha * e;
    s->slope = trend + beta * e;
    return e;
}

/* beta is searched as a share of alpha: above it the trend would outrun the level. */
static void score(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double left[LL_CANDIDATES])
{
    const struct problem *c = ctx;
    struct state s[LL_CANDIDATES];
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        s[i] = (struct state){c->level, c->slope};
        left[i] = 0;
    }
    for (size_t t = 0; t < c->n; t++)
        for (size_t i = 0; i < LL_CANDIDATES; i++) {
            double e = step(&s[i], c->y[t], p[0][i], p[1][i] * p[0][i], c->damped ? p[2][i] : 1);
            left[i] += e * e;
        }
}

static void run_either(const struct ll_fit *f, bool damped, double *out)
{
    struct problem c = begin(f, damped);
    const struct ll_search search = {.dims = damped ? 3 : 2,
                                     .low = {1e-4, 1e-4, 0.8},
                                     .high = {1, 1, 0.98},
                                     .spread = 4,
                                     .rounds = 6,
                                     .score = score,
                                     .ctx = &c};
    double best[LL_PARAMS_MAX];
    ll_search_least(&search, best);
    double phi = damped ? best[2] : 1;
    struct state s = {c.level, c.slope};
    size_t t = 0;
    for (size_t k = 0; k < f->n_origins; k++) {
        for (; t < f->origin[k]; t++)
            step(&s, f->y[t], best[0], best[1] * best[0], phi);
        double reach = 0, power = 1;
        for (size_t i = 0; i < f->h; i++) {
            power *= phi;
            reach += power;
            out[k * f->h + i] = s.level + reach * s.slope;
        }
    }
}

static void run_holt(const struct ll_fit *f, double *out)
{
    run_either(f, false, out);
}

static void run_damped(const struct ll_fit *f, double *out)
{
    run_either(f, true, out);
}

const struct ll_model ll_model_holt = {
    .name = "holt",
    .title = "a smoothed level and trend",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run_holt,
    .source = "Holt 1957; Hyndman & Athanasopoulos, FPP3, 8.2",
};

const struct ll_model ll_model_damped = {
    .name = "damped",
    .title = "a smoothed level and a trend that fades",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run_damped,
    .source = "Gardner & McKenzie 1985; Hyndman & Athanasopoulos, FPP3, 8.2",
};
