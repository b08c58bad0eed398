/* How well the forecaster stands what goes wrong with series.
 *
 *     forecast_robust [--plain] [--series] TRAIN TEST
 * Long CSV, series,timestamp,value, gzip or not, hourly; series with a value of zero or less are
 * left out.  Each is forecast as it is, then with something wrong in its history, from the same
 * origin: one line each with the mean sMAPE, what it is relative to the clean one, the median over
 * series of that ratio, how often a level shift was reported, and the time of cleaning.
 * --plain: the portfolio without cleaning, seasons given, holes filled from a day before;
 * --cleaned: the forecaster as it is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/clean.h"
#include "forecast/forecaster.h"
#include "forecast/measure.h"
#include "forecast_data.h"
#include "forecast_wrong.h"
#include "stats/quantile.h"

enum { DAY = 24, WEEK = 168, SERIES_MAX = 512, TIMES = 20 };

struct options {
    bool plain, series;
};

struct result {
    double smape[SERIES_MAX], us, shifts;
    size_t n;
};

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* The time of one of many cleanings, each in a fresh arena as in the daemon. */
static double time_cleaning(const double *y, size_t n, const int seasons[2])
{
    double least = INFINITY;
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 26);
    for (int i = 0; i < TIMES; i++) {
        struct ll_clean c;
        ll_arena_reset(arena);
        double began = bench_cpu_us();
        if (!ll_clean(y, n, seasons, 2, arena, &c, NULL))
            die("cleaning failed");
        least = fmin(least, bench_cpu_us() - began);
    }
    return least;
}

static void score(const double *actual, const double *point, size_t h, struct result *r)
{
    struct ll_measure m = {0};
    for (size_t i = 0; i < h; i++)
        ll_measure_add(&m, actual[i], point[i], NAN, NAN, 0.95);
    r->smape[r->n++] = ll_measure_smape(&m);
}

/* The portfolio alone: seasons given, holes filled from a day before. */
static void forecast_plain(const double *y, size_t n, const double *actual, size_t h,
                           struct result *r)
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    double *filled = LL_ARENA_NEW(arena, double, n);
    struct ll_portfolio p;
    struct ll_err err;
    if (!filled)
        die("no memory");
    memcpy(filled, y, n * sizeof(double));
    bench_fill(filled, n, DAY);
    const struct ll_portfolio_ask ask = {.clean = filled,
                                         .filled = filled,
                                         .actual = filled,
                                         .n = n,
                                         .h = h,
                                         .origins = 6,
                                         .m1 = DAY,
                                         .m2 = n >= 2 * WEEK ? WEEK : 0,
                                         .ceiling = INFINITY,
                                         .alpha = NAN};
    if (!ll_portfolio_run(&ask, arena, &p, &err))
        die(err.text);
    score(actual, p.point, h, r);
}

/* As the program does it: seasons found, too. */
static void forecast_cleaned(const double *y, size_t n, const double *actual, size_t h,
                             struct result *r)
{
    const int seasons[2] = {DAY, WEEK};
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    const struct ll_series s = {.step = LL_HOUR, .y = y, .n = n};
    struct ll_forecast f;
    struct ll_err err;
    if (!ll_forecast_series(&s, h, NULL, arena, &f, &err))
        die(err.text);
    score(actual, f.portfolio.point, h, r);
    r->shifts += strstr(f.reason, "level shift") != NULL;
    r->us += time_cleaning(y, n, seasons);
}

static bool positive(const double *y, size_t n)
{
    for (size_t t = 0; t < n; t++)
        if (!(y[t] > 0))
            return false;
    return true;
}

static void print(const struct bench_wrong *w, const struct result *r, const struct result *clean)
{
    double sum = 0, all = 0, ratio[SERIES_MAX], n = (double)r->n;
    for (size_t i = 0; i < r->n; i++) {
        sum += r->smape[i];
        all += clean->smape[i];
        ratio[i] = r->smape[i] / fmax(clean->smape[i], 1e-9);
    }
    printf("%-28s sMAPE %7.3f  ratio %.3f  median ratio %.3f  shifts %.3f  cleaning %.1f us",
           w->name, sum / n, sum / all, ll_quantile_median(ratio, r->n), r->shifts / n, r->us / n);
    if (w->most > 0)
        printf("  goal <= %.2f %s", w->most, sum / all <= w->most ? "ok" : "MISSED");
    printf("\n");
}

static void measure(const struct bench_set *train, const struct bench_set *test,
                    const struct options *o)
{
    static struct result results[BENCH_WRONGS];
    for (size_t i = 0, j = 0; i < train->n && j < test->n; i++) {
        if (strcmp(train->v[i].name, test->v[j].name) != 0)
            continue;
        size_t n, h;
        double *y = bench_hourly(&train->v[i], &n), *actual = bench_hourly(&test->v[j++], &h);
        double *bad = malloc(n * sizeof(double)), *then = malloc(h * sizeof(double));
        for (size_t k = 0; positive(y, n) && results[0].n < SERIES_MAX && k < BENCH_WRONGS; k++) {
            memcpy(bad, y, n * sizeof(double));
            memcpy(then, actual, h * sizeof(double));
            bench_wrongs[k].apply(bad, n, then, h);
            (o->plain ? forecast_plain : forecast_cleaned)(bad, n, then, h, &results[k]);
            if (o->series)
                printf("%s %s %.2f\n", train->v[i].name, bench_wrongs[k].name,
                       results[k].smape[results[k].n - 1]);
        }
        free(y);
        free(actual);
        free(bad);
        free(then);
    }
    printf("%zu series\n", results[0].n);
    for (size_t k = 0; k < BENCH_WRONGS; k++)
        print(&bench_wrongs[k], &results[k], &results[0]);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    int i = 1;
    for (; i < argc && *argv[i] == '-'; i++) {
        o.plain |= strcmp(argv[i], "--plain") == 0;
        o.series |= strcmp(argv[i], "--series") == 0;
    }
    if (argc - i != 2) {
        fprintf(stderr, "usage: see the head of bench/forecast_robust.c\n");
        return 2;
    }
    struct bench_set train = bench_read(argv[i]), test = bench_read(argv[i + 1]);
    measure(&train, &test, &o);
    bench_free(&train);
    bench_free(&test);
    return 0;
}
