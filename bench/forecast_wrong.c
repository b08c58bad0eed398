#include "forecast_wrong.h"

#include <math.h>

/* Knuth's MMIX generator: the same places for every series of a length. */
static size_t draw(uint64_t *state, size_t n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((*state >> 33) % n);
}

static void scale(double *y, size_t from, size_t to, double by)
{
    for (size_t t = from; t < to; t++)
        y[t] *= by;
}

static void nothing(double *y, size_t n, double *actual, size_t h)
{
    (void)y, (void)n, (void)actual, (void)h;
}

static void spikes(double *y, size_t n, double *actual, size_t h)
{
    (void)actual, (void)h;
    uint64_t state = 11;
    for (int i = 0; i < 11; i++)
        y[draw(&state, n)] *= 8;
}

static void spikes_late(double *y, size_t n, double *actual, size_t h)
{
    (void)actual, (void)h;
    uint64_t state = 11;
    for (int i = 0; i < 11; i++)
        y[n - 1 - draw(&state, 336)] *= 8;
}

static void outage(double *y, size_t n, double *actual, size_t h)
{
    (void)actual, (void)h;
    scale(y, n - 18, n - 12, 0.02);
}

static void outage_now(double *y, size_t n, double *actual, size_t h)
{
    (void)actual, (void)h;
    scale(y, n - 6, n, 0.02);
}

static void shift(double *y, size_t n, double *actual, size_t h, size_t ago, double by)
{
    scale(y, n - ago, n, by);
    scale(actual, 0, h, by);
}

static void up_24(double *y, size_t n, double *actual, size_t h)
{
    shift(y, n, actual, h, 24, 1.5);
}

static void up_72(double *y, size_t n, double *actual, size_t h)
{
    shift(y, n, actual, h, 72, 1.5);
}

static void up_10(double *y, size_t n, double *actual, size_t h)
{
    shift(y, n, actual, h, 10, 1.5);
}

static void down_24(double *y, size_t n, double *actual, size_t h)
{
    shift(y, n, actual, h, 24, 1 / 1.5);
}

static void missing(double *y, size_t n, double *actual, size_t h)
{
    (void)actual, (void)h;
    uint64_t state = 5;
    for (size_t t = 0; t < n; t++)
        if (draw(&state, 5) == 0)
            y[t] = NAN;
}

const struct bench_wrong bench_wrongs[BENCH_WRONGS] = {
    {"clean", 0, nothing},
    {"11 spikes x 8", 1.3, spikes},
    {"11 spikes x 8 in 2 weeks", 0, spikes_late},
    {"6 h at 2 %, 12 h ago", 1.3, outage},
    {"6 h at 2 %, still", 0, outage_now},
    {"+50 % 24 h ago", 1.3, up_24},
    {"+50 % 72 h ago", 1.3, up_72},
    {"+50 % 10 h ago", 0, up_10},
    {"-33 % 24 h ago", 1.3, down_24},
    {"20 % missing", 1.15, missing},
};
