/* What the detector of seasons finds, where there is one and where there is none.
 *
 *     bench_seasonality [--runs N] [--hits N] [--m4 FILE] [--show]
 *       --runs N    of each of ten processes without a season (2000)
 *       --hits N    of each season (500)
 *       --m4 FILE   long CSV of M4 Hourly, gzip or not: how many report 24 or 168
 *       --show      what is reported instead of those
 * Series are of 1,008 steps, made by tests/unit/season_series.c from fixed seeds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tests/unit/season_series.h"
#include "forecast/seasons.h"
#include "forecast_data.h"

enum { N = 1008 };

struct found {
    struct ll_season s[LL_SEASONS_MAX];
    size_t n;
};

struct options {
    size_t runs, hits;
    const char *m4;
    bool show;
};

static struct ll_arena *scratch;
static double spent_us;
static size_t n_spent;

static struct found detect(const double *y, size_t n)
{
    struct found f = {0};
    struct ll_err err;
    double began = bench_cpu_us();
    ll_arena_reset(scratch);
    if (!ll_seasons_detect(y, n, scratch, f.s, &f.n, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    spent_us += bench_cpu_us() - began;
    n_spent++;
    return f;
}

static void tell_time(const char *what)
{
    printf("%s: %.1f us a series (%zu)\n", what, spent_us / (double)n_spent, n_spent);
    spent_us = 0;
    n_spent = 0;
}

static bool has(const struct found *f, double period, double within)
{
    for (size_t i = 0; i < f->n; i++)
        if (fabs(f->s[i].steps / period - 1) < within)
            return true;
    return false;
}

static void nulls(size_t runs)
{
    double y[N];
    size_t total = 0;
    for (int kind = 0; kind < SEASON_NULLS; kind++) {
        size_t wrong = 0;
        for (size_t i = 0; i < runs; i++) {
            struct season_random r = {1000003 * (uint64_t)kind + i};
            season_null(&r, (enum season_null)kind, y, N);
            struct found f = detect(y, N);
            wrong += f.n > 0;
        }
        printf("  %-20s %.4f\n", season_null_names[kind], (double)wrong / (double)runs);
        total += wrong;
    }
    printf("false positives: %zu of %zu (%.3f %%)\n", total, runs * SEASON_NULLS,
           100.0 * (double)total / (double)(runs * SEASON_NULLS));
    tell_time("without a season");
}

static void one_season(enum season_shape shape, double period, size_t hits)
{
    static const double snr[] = {2, 1, 0.5, 0.25};
    double y[N];
    printf("  P = %-6g %-7s", period, season_shape_names[shape]);
    for (size_t k = 0; k < LL_LEN(snr); k++) {
        size_t hit = 0, first = 0, exact = 0;
        for (size_t i = 0; i < hits; i++) {
            struct season_random r = {77777 * (uint64_t)(shape + 1) + 31 * i};
            season_single(&r, shape, period, snr[k], y, N);
            struct found f = detect(y, N);
            hit += has(&f, period, 0.01);
            exact += has(&f, period, 0.002);
            first += f.n == 1 && has(&f, period, 0.01);
        }
        printf("  %.3f %.3f %.3f", (double)hit / (double)hits, (double)exact / (double)hits,
               (double)first / (double)hits);
    }
    printf("\n");
}

static void weekly(double amplitude, size_t hits)
{
    double y[N];
    size_t day = 0, week = 0, both = 0;
    for (size_t i = 0; i < hits; i++) {
        struct season_random r = {424242 + 17 * i};
        season_week(&r, amplitude, y, N);
        struct found f = detect(y, N);
        int m[2];
        day += has(&f, 24, 0.01);
        week += has(&f, 168, 0.01);
        both += ll_seasons_for_models(f.s, f.n, N, m) == 2 && m[0] == 24 && m[1] == 168;
    }
    printf("  24 and a week of %.2f: 24 %.3f  168 %.3f  as models take them %.3f\n", amplitude,
           (double)day / (double)hits, (double)week / (double)hits, (double)both / (double)hits);
}

/* Values `lag` apart, against their mean square: what it says of a period without any detector. */
static double alike(const double *y, size_t n, size_t lag)
{
    double mean = 0, both = 0, all = 0;
    for (size_t t = 0; t < n; t++)
        mean += y[t] / (double)n;
    for (size_t t = 0; t < n; t++) {
        all += (y[t] - mean) * (y[t] - mean);
        both += t >= lag ? (y[t] - mean) * (y[t - lag] - mean) : 0;
    }
    return all > 0 ? both / all : 0;
}

/* Some series of M4 Hourly have lost hours: their days are 23, 21 or 16 steps long. */
static bool keeps_days(const double *y, size_t n)
{
    double day = alike(y, n, 24);
    for (size_t lag = 12; lag <= 36; lag++)
        if (alike(y, n, lag) > day)
            return false;
    return true;
}

static void m4(const char *path, bool show)
{
    struct bench_set set = bench_read(path);
    size_t hit = 0, week = 0, daily = 0, hit_daily = 0;
    for (size_t i = 0; i < set.n; i++) {
        size_t n;
        double *y = bench_hourly(&set.v[i], &n);
        struct found f = detect(y, n);
        bool good = has(&f, 24, 0.01) || has(&f, 168, 0.01);
        hit += good;
        if (keeps_days(y, n)) {
            daily++;
            hit_daily += good;
        }
        week += has(&f, 168, 0.01);
        if (show && !good) {
            printf("  %s (%zu values):%s", set.v[i].name, n, f.n ? "" : " none");
            for (size_t k = 0; k < f.n; k++)
                printf(" %.2f explains %.2f", f.s[k].steps, f.s[k].strength);
            printf("\n");
        }
        free(y);
    }
    printf("M4 Hourly: 24 or 168 in %zu of %zu (%.1f %%), 168 in %zu\n", hit, set.n,
           100.0 * (double)hit / (double)set.n, week);
    printf("of those most alike 24 steps apart: %zu of %zu (%.1f %%)\n", hit_daily, daily,
           100.0 * (double)hit_daily / (double)LL_MAX(daily, (size_t)1));
    bench_free(&set);
    tell_time("M4 Hourly");
}

static struct options read_options(int argc, char **argv)
{
    struct options o = {.runs = 2000, .hits = 500};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--show") == 0)
            o.show = true;
        else if (i + 1 < argc && strcmp(argv[i], "--runs") == 0)
            o.runs = strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--hits") == 0)
            o.hits = strtoul(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--m4") == 0)
            o.m4 = argv[++i];
        else {
            fprintf(stderr,
                    "usage: bench_seasonality [--runs N] [--hits N] [--m4 FILE] [--show]\n");
            exit(2);
        }
    }
    return o;
}

int main(int argc, char **argv)
{
    static const double periods[] = {7, 24, 23.93, 78, 168};
    struct options o = read_options(argc, argv);
    scratch = ll_arena_new((size_t)1 << 28);
    if (!scratch)
        return 1;
    if (o.runs)
        nulls(o.runs);
    if (o.hits) {
        printf("SNR 2, 1, .5, .25: found within 1 %%, within .2 %%, alone\n");
        for (size_t p = 0; p < LL_LEN(periods); p++)
            for (int shape = 0; shape < SEASON_SHAPES; shape++)
                one_season((enum season_shape)shape, periods[p], o.hits);
        for (double a = 1; a > 0.2; a /= 2)
            weekly(a, o.hits);
        weekly(0, o.hits);
        tell_time("with a season");
    }
    if (o.m4)
        m4(o.m4, o.show);
    ll_arena_free(scratch);
    return 0;
}
