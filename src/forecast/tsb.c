/* Intermittent demand: how often something is asked for, times how much it is then.
 *
 *     p += beta (1 or 0 - p)   at every step
 *     z += alpha (y - z)       only where y is not 0
 *     expected = p z, however far ahead
 *
 * Unlike Croston's method it notices when demand has ended. */
#include <math.h>

#include "forecast/model_list.h"
#include "forecast/search.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 1;
}

struct tsb {
    double chance, size;
};

/* The share of steps with demand, and their mean. */
static struct tsb begin(const double *y, size_t n)
{
    double count = 0, sum = 0;
    for (size_t t = 0; t < n; t++)
        if (y[t] != 0) {
            count++;
            sum += y[t];
        }
    return (struct tsb){n ? count / (double)n : 0, count > 0 ? sum / count : 0};
}

static void step(struct tsb *s, double y, double alpha, double beta)
{
    s->chance += beta * ((y != 0 ? 1 : 0) - s->chance);
    if (y != 0)
        s->size += alpha * (y - s->size);
}

struct problem {
    const double *y;
    size_t n;
    struct tsb start;
};

static void score(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double left[LL_CANDIDATES])
{
    const struct problem *c = ctx;
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        struct tsb s = c->start;
        left[i] = 0;
        for (size_t t = 0; t < c->n; t++) {
            double e = c->y[t] - s.chance * s.size;
            left[i] += e * e;
            step(&s, c->y[t], p[0][i], p[1][i]);
        }
    }
}

static void run(const struct ll_fit *f, double *out)
{
    struct problem c = {f->y, f->n_fit, begin(f->y, LL_MIN(f->n_fit, (size_t)24))};
    const struct ll_search search = {
        .dims = 2, .high = {0.5, 0.5}, .spread = 2, .rounds = 3, .score = score, .ctx = &c};
    double best[LL_PARAMS_MAX];
    ll_search_least(&search, best);
    struct tsb s = c.start;
    size_t t = 0;
    for (size_t k = 0; k < f->n_origins; k++) {
        for (; t < f->origin[k]; t++)
            step(&s, f->y[t], best[0], best[1]);
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = s.chance * s.size;
    }
}

const struct ll_model ll_model_tsb = {
    .name = "tsb",
    .title = "intermittent demand",
    .flags = LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Teunter, Syntetos & Babai 2011",
};
