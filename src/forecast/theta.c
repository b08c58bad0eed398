/* The theta method on the series without its season: a smoothed level, and half the slope of the
 * straight line through it. */
#include <math.h>

#include "forecast/model_list.h"
#include "forecast/ses.h"

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 3;
}

/* profile[t % m]: weighted mean of y - trend over cycles, the newest first; sums to zero. */
static void profile_of(const double *y, const double *trend, size_t n, size_t m, double *profile)
{
    const double fade = 0.93;
    double mean = 0;
    for (size_t i = 0; i < m; i++) {
        double sum = 0, weights = 0, w = 1;
        for (size_t t = n - m + i; t < n; t -= m) { /* until it wraps round */
            sum += w * (y[t] - trend[t]);
            weights += w;
            w *= fade;
        }
        profile[(n - m + i) % m] = sum / weights;
        mean += sum / weights;
    }
    for (size_t i = 0; i < m; i++)
        profile[i] -= mean / (double)m;
}

static double slope_of(const double *y, size_t n)
{
    double sxy = 0, sxx = 0;
    for (size_t t = 0; t < n; t++) {
        double x = (double)t - 0.5 * (double)(n - 1);
        sxy += x * y[t];
        sxx += x * x;
    }
    return sxx > 0 ? sxy / sxx : 0;
}

static void run(const struct ll_fit *f, double *out)
{
    size_t last = ll_fit_last(f), m = ll_cycles_of(f, f->n_fit, 2).m1;
    struct ll_room room = ll_room_of(f);
    double *trend = ll_room_take(&room, last), *sums = ll_room_take(&room, last + 1);
    double *profile = ll_room_take(&room, m), *flat = ll_room_take(&room, last);
    for (size_t k = 0; k < f->n_origins; k++) {
        size_t n = f->origin[k];
        ll_centred_mean(f->y, n, m, sums, trend);
        profile_of(f->y, trend, n, m, profile);
        for (size_t t = 0; t < n; t++)
            flat[t] = f->y[t] - profile[t % m];
        struct ll_ses ses = ll_ses_fit(flat, n, 1, 0);
        double level = ll_ses_roll(&ses, flat, n).level, slope = 0.5 * slope_of(flat, n);
        for (size_t i = 0; i < f->h; i++)
            out[k * f->h + i] = level + slope * (double)(i + 1) + profile[(n + i) % m];
    }
}

const struct ll_model ll_model_theta = {
    .name = "theta",
    .title = "theta on the deseasonalised series",
    .flags = LL_MODEL_LOG | LL_MODEL_MEMBER,
    .min_n = min_n,
    .run = run,
    .source = "Assimakopoulos & Nikolopoulos 2000; Hyndman & Billah 2003",
};
