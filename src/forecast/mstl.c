/* Decomposition into a trend and one or two seasons that change slowly; what is left of the level
 * is smoothed, with errors that follow each other.
 *
 * Seasons as MSTL finds them, but each phase is smoothed exponentially, forwards and backwards,
 * where STL uses loess. */
#include <math.h>
#include <string.h>

#include "forecast/model_list.h"
#include "forecast/ses.h"

static const double slow = 0.12, quick = 0.25; /* of the short season, of the long one */
static const double phi_max = 0.95;
enum { LONG_CYCLES = 3 }; /* that a long season needs */

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 3;
}

/* One cycle: the phases' means move towards it. */
static void follow(double *mean, const double *d, size_t m, double gain)
{
    for (size_t q = 0; q < m; q++)
        mean[q] += gain * (d[q] - mean[q]);
}

/* season[t]: the mean of an exponential smoothing of d[t], d[t - m], ... and of the same backwards;
 * of the last cycle only the former.  mean is scratch of m. */
static void smooth_phases(const double *d, size_t n, size_t m, double gain, double *season,
                          double *mean)
{
    LL_ASSERT(m > 0 && m <= n);
    memset(mean, 0, m * sizeof(double));
    for (size_t t = 0, count = 1; t < n; t += m, count++) {
        size_t width = LL_MIN(m, n - t);
        double share = 1 / (double)count;
        follow(mean, d + t, width, share > gain ? share : gain);
        memcpy(season + t, mean, width * sizeof(double));
    }
    size_t last = n - m; /* mean[] is now the season of the last m steps, by phase */
    for (size_t t = last - last % m + (last % m ? m : 0); t > 0;) {
        t -= m;
        size_t width = LL_MIN(m, last - t);
        follow(mean, d + t, width, gain);
        for (size_t q = 0; q < width; q++)
            season[t + q] = 0.5 * (season[t + q] + mean[q]);
    }
}

struct parts {
    double *trend, *short_season, *long_season, *rest, *sums, *mean;
};

/* One round: the trend of what the seasons leave, then each season of what the others leave. */
static void refine(const double *y, size_t n, struct ll_cycles c, struct parts *p)
{
    for (size_t t = 0; t < n; t++)
        p->rest[t] = y[t] - p->short_season[t] - p->long_season[t];
    ll_kit_centred_mean(p->rest, n, c.m2 ? c.m2 : c.m1, p->sums, p->trend);
    for (size_t t = 0; t < n; t++)
        p->rest[t] = y[t] - p->trend[t] - p->long_season[t];
    if (c.m1 > 1)
        smooth_phases(p->rest, n, c.m1, slow, p->short_season, p->mean);
    for (size_t t = 0; c.m2 && t < n; t++)
        p->rest[t] = y[t] - p->trend[t] - p->short_season[t];
    if (c.m2)
        smooth_phases(p->rest, n, c.m2, quick, p->long_season, p->mean);
}

static void decompose(const double *y, size_t n, struct ll_cycles c, struct parts *p)
{
    memset(p->short_season, 0, n * sizeof(double));
    memset(p->long_season, 0, n * sizeof(double));
    refine(y, n, c, p);
    refine(y, n, c, p);
    for (size_t t = 0; t < n; t++)
        p->rest[t] = y[t] - p->short_season[t] - p->long_season[t];
}

static void run(const struct ll_fit *f, double *out)
{
    size_t last = ll_kit_last(f);
    struct ll_room room = ll_room_of(f);
    const struct ll_cycles c = ll_cycles_of(f, f->n_fit, LONG_CYCLES);
    const size_t m1 = c.m1, m2 = c.m2;
    struct parts p = {ll_room_take(&room, last),     ll_room_take(&room, last),
                      ll_room_take(&room, last),     ll_room_take(&room, last),
                      ll_room_take(&room, last + 1), ll_room_take(&room, m1 + m2)};
    LL_ASSERT(m1 > 0);
    struct ll_ses ses = {0};
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k];
        decompose(f->y, n, c, &p);
        if (k == 0)
            ses = ll_ses_fit(p.rest, f->n_fit, 1, ll_kit_phi_max(phi_max, m1));
        struct ll_ses_state at = ll_ses_roll(&ses, p.rest, n);
        for (size_t i = 0; i < f->h; i++) {
            at.error *= ses.phi;
            out[k * f->h + i] = at.level + at.error + p.short_season[n - m1 + i % m1] +
                                (m2 ? p.long_season[n - m2 + i % m2] : 0);
        }
    }
}

const struct ll_model ll_model_mstl = {
    .name = "mstl",
    .title = "decomposition, then a smoothed level",
    .flags = LL_MODEL_LOG_ONLY | LL_MODEL_MEMBER | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Cleveland et al. 1990; Bandara, Hyndman & Bergmeir 2021",
};
