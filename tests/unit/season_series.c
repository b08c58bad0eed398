#include "season_series.h"

#include <math.h>

enum { WARM = 200 };

const char *const season_null_names[SEASON_NULLS] = {
    "white", "random walk", "AR .5",  "AR .9",    "AR .99",
    "trend", "level shift", "spikes", "heavy t2", "AR(2) pseudo-cycle"};
const char *const season_shape_names[SEASON_SHAPES] = {"sine", "square", "peak"};

static uint64_t next(struct season_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double season_uniform(struct season_random *r)
{
    return (double)(next(r) >> 11) / 0x1p53;
}

double season_normal(struct season_random *r)
{
    double u = 1 - season_uniform(r), v = season_uniform(r);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* y = a y' + b y'' + e, begun WARM steps before. */
static void autoregress(struct season_random *r, double a, double b, double *y, size_t n)
{
    double one = 0, two = 0;
    for (size_t t = 0; t < n + WARM; t++) {
        double v = a * one + b * two + season_normal(r);
        two = one;
        one = v;
        if (t >= WARM)
            y[t - WARM] = v;
    }
}

static double student2(struct season_random *r)
{
    double u = 1 - season_uniform(r); /* chi-square of two degrees: -2 log u */
    return season_normal(r) / sqrt(-log(u));
}

void season_null(struct season_random *r, enum season_null kind, double *y, size_t n)
{
    static const double a[SEASON_NULLS] = {
        [SEASON_AR5] = .5, [SEASON_AR9] = .9, [SEASON_AR99] = .99, [SEASON_PSEUDO] = 1.85};
    double shift = (0.2 + 0.6 * season_uniform(r)) * (double)n;
    autoregress(r, a[kind], kind == SEASON_PSEUDO ? -.9 : 0, y, n);
    for (size_t t = 0; t < n; t++)
        switch (kind) {
        case SEASON_WALK:
            y[t] += t > 0 ? y[t - 1] : 0;
            break;
        case SEASON_TREND:
            y[t] += .02 * (double)t;
            break;
        case SEASON_SHIFT:
            y[t] += (double)t < shift ? 0 : 8;
            break;
        case SEASON_SPIKES:
            y[t] += season_uniform(r) < .01 ? 20 : 0;
            break;
        case SEASON_HEAVY:
            y[t] = student2(r);
            break;
        default:
            break;
        }
}

static double shape_at(enum season_shape shape, double phase)
{
    switch (shape) {
    case SEASON_SQUARE:
        return phase < .3 ? 1 : -.4;
    case SEASON_PEAK:
        return 3 * exp(-pow((phase - .4) / .06, 2));
    default:
        return sin(2 * M_PI * phase);
    }
}

void season_single(struct season_random *r, enum season_shape shape, double period, double snr,
                   double *y, size_t n)
{
    double start = floor(1000 * season_uniform(r)), mean = 0, square = 0;
    autoregress(r, .5, 0, y, n);
    for (size_t t = 0; t < n; t++) {
        double s = shape_at(shape, fmod((double)t + start, period) / period);
        mean += s / (double)n;
        square += s * s / (double)n;
    }
    double scale = sqrt(snr / (square - mean * mean));
    for (size_t t = 0; t < n; t++)
        y[t] = y[t] * sqrt(.75) + .002 * (double)t +
               scale * shape_at(shape, fmod((double)t + start, period) / period);
}

void season_week(struct season_random *r, double weekly, double *y, size_t n)
{
    double day[7], mean = 0, square = 0;
    for (size_t d = 0; d < 7; d++) {
        day[d] = season_normal(r);
        mean += day[d] / 7;
        square += day[d] * day[d] / 7;
    }
    double scale = weekly / sqrt(square - mean * mean);
    autoregress(r, .5, 0, y, n);
    for (size_t t = 0; t < n; t++)
        y[t] = .7 * sqrt(.75) * y[t] + 1.4 * sin(2 * M_PI * (double)t / 24) +
               scale * (day[t / 24 % 7] - mean);
}
