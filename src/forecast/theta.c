/* The theta method on the series without its season: a smoothed level, and half the slope of the
 * straight line through it.
 *
 *     y[n+i] is expected at l + b (i - 1 + (1 - (1 - alpha)^n) / alpha),  b = slope / 2 */
#include <string.h>

#include "forecast/model_list.h"
#include "forecast/ses.h"
#include "stats/explog.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 3;
}

/* profile[i] of phase (n + i) % m: weighted mean of y - trend over cycles, the newest first; sums
 * to zero. */
static void profile_of(const double *y, const double *trend, size_t n, size_t m, double *profile)
{
    const double fade = 0.93;
    double weights = 0, w = 1, mean = 0;
    memset(profile, 0, m * sizeof(double));
    for (size_t t = n; t >= m;) {
        t -= m;
        for (size_t i = 0; i < m; i++)
            profile[i] += w * (y[t + i] - trend[t + i]);
        weights += w;
        w *= fade;
    }
    for (size_t i = 0; i < m; i++) {
        profile[i] /= weights;
        mean += profile[i] / (double)m;
    }
    for (size_t i = 0; i < m; i++)
        profile[i] -= mean;
}

/* out: y without the profile, whose phase 0 is at n. */
static void flatten(const double *y, size_t n, const double *profile, size_t m, double *out)
{
    for (size_t t = 0, phase = (m - n % m) % m; t < n; phase = 0) {
        size_t width = LL_MIN(m - phase, n - t);
        for (size_t i = 0; i < width; i++)
            out[t + i] = y[t + i] - profile[phase + i];
        t += width;
    }
}

static void run(const struct ll_fit *f, double *out)
{
    size_t last = ll_kit_last(f), m = ll_cycles_of(f, f->n_fit, 2).m1;
    struct ll_room room = ll_room_of(f);
    LL_ASSERT(m > 0);
    double *trend = ll_room_take(&room, last), *sums = ll_room_take(&room, last + 1);
    double *profile = ll_room_take(&room, m), *flat = ll_room_take(&room, last);
    struct ll_ses ses = {0};
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k];
        ll_kit_centred_mean(f->y, n, m, sums, trend);
        profile_of(f->y, trend, n, m, profile);
        flatten(f->y, n, profile, m, flat);
        if (k == 0)
            ses = ll_ses_fit(flat, f->n_fit, 1, 0);
        double level = ll_ses_roll(&ses, flat, n).level, slope = 0.5 * ll_kit_slope(flat, n);
        double lead = (1 - ll_explog_exp((double)n * ll_explog_log(1 - ses.alpha))) / ses.alpha;
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = level + slope * ((double)i + lead) + profile[i % m];
    }
}

const struct ll_model ll_model_theta = {
    .name = "theta",
    .title = "theta on the deseasonalised series",
    .flags = LL_MODEL_LOG | LL_MODEL_MEMBER | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Assimakopoulos & Nikolopoulos 2000; Hyndman & Billah 2003",
};
