/* What a forecast costs: microseconds of CPU a series, and of each model.
 *
 *     forecast_speed [TRAIN [STEPS]]
 * Without a file the series are made up: a day, a week, noise and some spikes.  Of series in TRAIN
 * (long CSV) the last 1,000 hours count.  First `auto` with 4 origins, 48 steps, intervals and
 * peak, then each model fitted and carried on alike, then the cost over the length. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/peak.h"
#include "forecast_data.h"

enum { SERIES = 64, LENGTH = 1000, HORIZON = 48, ORIGINS = 4, DAY = 24, WEEK = 168, ROUNDS = 40 };

struct job {
    const double *y, *clean;
    size_t n;
};

static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53 - 0.5;
}

static double *made_up(size_t n, uint64_t seed)
{
    double *y = malloc(n * sizeof(double)), slow = 0;
    for (size_t t = 0; t < n; t++) {
        double day = sin(2 * M_PI * (double)(t % DAY) / DAY), week = t % WEEK < 5 * DAY ? 1 : 0.6;
        slow = 0.95 * slow + noise(&seed);
        y[t] = 100 * week * (2 + day) + 8 * slow + 10 * noise(&seed);
        if (noise(&seed) > 0.495)
            y[t] *= 3;
        y[t] = fmax(y[t], 1);
    }
    return y;
}

static void run_once(const struct job *j, const struct ll_model *only, struct ll_arena *arena)
{
    const struct ll_portfolio_ask ask = {.clean = j->clean,
                                         .filled = j->y,
                                         .actual = j->y,
                                         .n = j->n,
                                         .h = HORIZON,
                                         .origins = ORIGINS,
                                         .m1 = DAY,
                                         .m2 = WEEK,
                                         .ceiling = INFINITY,
                                         .only = only,
                                         .alpha = NAN};
    struct ll_portfolio p;
    struct ll_interval iv;
    if (!ll_portfolio_run(&ask, arena, &p, NULL) || !ll_interval_fit(&p, arena, &iv, NULL))
        exit(1);
    double factor[HORIZON];
    for (size_t i = 0; i < HORIZON; i++)
        factor[i] = 1;
    const struct ll_peak_ask of_peak = {.portfolio = &p,
                                        .interval = &iv,
                                        .actual = j->y,
                                        .n = j->n,
                                        .m1 = DAY,
                                        .m2 = WEEK,
                                        .factor = factor};
    struct ll_peak_ahead peak;
    ll_peak_fit(&of_peak, &peak);
    ll_arena_reset(arena);
}

/* The mean over series of the least of some rounds: what it costs when nothing else disturbs. */
static double measure(const struct job *jobs, size_t n_jobs, const struct ll_model *only)
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    double sum = 0;
    for (size_t i = 0; i < n_jobs; i++) {
        double least = INFINITY;
        for (size_t r = 0; r < ROUNDS; r++) {
            double began = bench_cpu_us();
            run_once(&jobs[i], only, arena);
            least = fmin(least, bench_cpu_us() - began);
        }
        sum += least;
    }
    return sum / (double)n_jobs;
}

static struct job job_of(const double *y, size_t n)
{
    double *clean = malloc(n * sizeof(double));
    bench_winsorise(y, n, n >= 3 * WEEK ? WEEK : DAY, clean);
    return (struct job){y, clean, n};
}

int main(int argc, char **argv)
{
    struct job jobs[SERIES];
    size_t n_jobs = 0;
    struct bench_set set = {0};
    if (argc > 1)
        set = bench_read(argv[1]);
    for (size_t i = 0; i < set.n && n_jobs < SERIES; i++) {
        size_t n;
        double *y = bench_hourly(&set.v[i], &n);
        bench_fill(y, n, DAY);
        if (n >= 900)
            jobs[n_jobs++] = job_of(y + (n > LENGTH ? n - LENGTH : 0), LL_MIN(n, (size_t)LENGTH));
    }
    for (size_t i = 0; argc < 2 && i < SERIES; i++)
        jobs[n_jobs++] = job_of(made_up(LENGTH, i), LENGTH);
    printf("auto %.1f us/series\n", measure(jobs, n_jobs, NULL));
    for (size_t k = 0; k < ll_models_n; k++)
        printf("%s %.1f us/series\n", ll_models[k]->name, measure(jobs, n_jobs, ll_models[k]));
    for (size_t n = 250; argc < 2 && n <= 16000; n *= 2) {
        struct job some[4];
        for (size_t i = 0; i < LL_LEN(some); i++)
            some[i] = job_of(made_up(n, i), n);
        double us = measure(some, LL_LEN(some), NULL);
        printf("auto_n%zu %.1f us/series, %.3f us a value\n", n, us, us / (double)n);
    }
    return 0;
}
