/* A level, a trend and a season, all smoothed and added up.
 *
 *     e = y - (l + b + s[t - m]),  l' = l + b + alpha e,  b' = b + beta e,  s' = s + gamma e
 *
 * The error form of Winters' additive method; without a season it is Holt's. */
#include <math.h>
#include <string.h>

#include "forecast/model_list.h"
#include "forecast/search.h"

static size_t min_n(int m1, int m2)
{
    (void)m2;
    return 2 * (size_t)LL_MAX(m1, 2);
}

struct problem {
    const double *y;
    size_t n, m;
    double level, slope, *season; /* to begin with */
    double *seasons;              /* eight candidates a phase */
};

/* The first two cycles: level and slope from their means, the season from deviations to the line.
 */
static void begin(struct problem *c)
{
    double first = ll_kit_mean(c->y, c->m), second = ll_kit_mean(c->y + c->m, c->m);
    c->slope = (second - first) / (double)c->m;
    c->level = first - c->slope * 0.5 * (double)(c->m + 1);
    for (size_t i = 0; i < c->m; i++)
        c->season[i] = 0.5 * (c->y[i] - (c->level + c->slope * (double)(i + 1)) + c->y[i + c->m] -
                              (c->level + c->slope * (double)(i + c->m + 1)));
    if (c->m == 1)
        c->season[0] = 0;
}

/* beta and gamma are searched as shares: of alpha, and of what alpha leaves. */
static void score(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double left[LL_CANDIDATES])
{
    const struct problem *c = ctx;
    double level[LL_CANDIDATES], slope[LL_CANDIDATES];
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        level[i] = c->level;
        slope[i] = c->slope;
        left[i] = 0;
        for (size_t j = 0; j < c->m; j++)
            c->seasons[j * LL_CANDIDATES + i] = c->season[j];
    }
    for (size_t t = 0; t < c->n; t++) {
        double *s = c->seasons + t % c->m * LL_CANDIDATES;
        for (size_t i = 0; i < LL_CANDIDATES; i++) {
            double e = c->y[t] - (level[i] + slope[i] + s[i]);
            left[i] += e * e;
            level[i] += slope[i] + p[0][i] * e;
            slope[i] += p[0][i] * p[1][i] * e;
            s[i] += (1 - p[0][i]) * p[2][i] * e;
        }
    }
}

static void roll(const struct ll_fit *f, struct problem *c, const double *p, double *out)
{
    size_t t = 0;
    for (size_t k = 0; k < f->n_origins; k++) {
        for (; t < f->origin[k]; t++) {
            double *s = c->season + t % c->m, e = f->y[t] - (c->level + c->slope + *s);
            c->level += c->slope + p[0] * e;
            c->slope += p[0] * p[1] * e;
            *s += (1 - p[0]) * p[2] * e;
        }
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = c->level + c->slope * (double)(i + 1) + c->season[(t + i) % c->m];
    }
}

static void run(const struct ll_fit *f, double *out)
{
    struct ll_room room = ll_room_of(f);
    struct problem c = {.y = f->y, .n = f->n_fit, .m = ll_cycles_of(f, f->n_fit, 2).m1};
    c.season = ll_room_take(&room, c.m);
    c.seasons = ll_room_take(&room, c.m * LL_CANDIDATES);
    begin(&c);
    const struct ll_search search = {.dims = c.m > 1 ? 3 : 2,
                                     .low = {1e-4, 0, 0},
                                     .high = {1, 0.5, 1},
                                     .spread = 4,
                                     .rounds = 6,
                                     .score = score,
                                     .ctx = &c};
    double best[LL_PARAMS_MAX] = {0};
    ll_search_least(&search, best);
    roll(f, &c, best, out);
}

const struct ll_model ll_model_holt_winters = {
    .name = "holt-winters",
    .title = "a smoothed level, trend and season",
    .flags = LL_MODEL_SEASON | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Winters 1960; Hyndman & Athanasopoulos, FPP3, 8.3",
};
