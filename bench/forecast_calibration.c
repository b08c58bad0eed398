/* Whether a band of so many percent holds so many percent of what comes, at each horizon.
 *
 *     forecast_calibration [--steps SECONDS] TRAIN [TEST]
 * Long CSV, series,timestamp,value, gzip or not; hourly, or with --steps as they come.  With TEST
 * origins are the end of TRAIN and hours after it, else seven, a day and five hours apart, before
 * the end.  For horizons asked for of 1, 2, 6 and 24 steps, and for single steps of the last: the
 * share of values in the bands of 50, 80, 90, 95 and 99 %, the interval score (mean over the five
 * bands) and the error, both over the error of repeating the last season in the past. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/forecaster.h"
#include "forecast/measure.h"
#include "forecast_data.h"

enum { DAY = 24, HOUR = 3600000, ORIGINS = 7, APART = 29, TEST_APART = 5, KNOWN_MAX = 1344 };

static const size_t horizons[] = {1, 2, 6, 24}, single[] = {1, 2, 6, 12, 24};
enum { ASKED = LL_LEN(horizons), ROWS = ASKED + LL_LEN(single) };

struct row {
    double n, within[LL_LEVELS], score, error;
};

struct sums {
    struct row row[ROWS];
    size_t series, origins;
};

static void die(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(1);
}

/* Gneiting & Raftery 2007, of a central band around the point. */
static double interval_score(double off, double half, double level)
{
    return 2 * half + 2 / (1 - level) * fmax(off - half, 0);
}

static void add(struct row *r, const struct ll_forecast *f, size_t i, double actual, double scale)
{
    double off = fabs(actual - f->points[i].predicted_value), score = 0;
    if (isnan(off))
        return;
    r->n++;
    for (size_t l = 0; l < LL_LEVELS; l++) {
        double half = ll_interval_half(&f->interval, i, ll_levels[l]);
        r->within[l] += off <= half;
        score += interval_score(off, half, ll_levels[l]) / LL_LEVELS;
    }
    r->score += score / scale;
    r->error += off / scale;
}

static void judge(const char *name, const double *y, size_t n, const double *actual, ll_dur step,
                  struct sums *s)
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    const struct ll_series series = {.step = step, .y = y, .n = n};
    double scale = ll_measure_scale(y, n, (int)(LL_DAY / step));
    if (!(scale > 0))
        return;
    s->origins++;
    for (size_t k = 0; k < ASKED; k++) {
        struct ll_forecast f;
        struct ll_err err;
        ll_arena_reset(arena);
        if (!ll_forecast_series(&series, horizons[k], NULL, arena, &f, &err))
            die(name, err.text);
        for (size_t i = 0; i < horizons[k]; i++)
            add(&s->row[k], &f, i, actual[i], scale);
        for (size_t j = 0; k + 1 == ASKED && j < LL_LEN(single); j++)
            add(&s->row[ASKED + j], &f, single[j] - 1, actual[single[j] - 1], scale);
    }
}

static void print(const struct sums *s)
{
    printf("%zu series, %zu origins\n%-22s %6s %6s %6s %6s %6s  %7s %7s\n", s->series, s->origins,
           "steps in the band of", "50 %", "80 %", "90 %", "95 %", "99 %", "score", "error");
    for (size_t k = 0; k < ROWS; k++) {
        const struct row *r = &s->row[k];
        char name[32];
        if (k < ASKED)
            snprintf(name, sizeof(name), "horizon %zu", horizons[k]);
        else
            snprintf(name, sizeof(name), "  step %zu of %zu", single[k - ASKED],
                     horizons[ASKED - 1]);
        printf("%-22s", name);
        for (size_t l = 0; l < LL_LEVELS; l++)
            printf(" %6.3f", r->within[l] / r->n);
        printf("  %7.3f %7.3f\n", r->score / r->n, r->error / r->n);
    }
}

/* The test follows the training: origins are its beginning, and later ones. */
static void competition(const struct bench_set *train, const struct bench_set *test, struct sums *s)
{
    for (size_t i = 0, j = 0; i < train->n && j < test->n; i++) {
        if (strcmp(train->v[i].name, test->v[j].name) != 0)
            continue;
        size_t n, h;
        double *y = bench_hourly(&train->v[i], &n), *then = bench_hourly(&test->v[j++], &h);
        y = realloc(y, (n + h) * sizeof(double));
        if (!y)
            die("bench", "no memory");
        memcpy(y + n, then, h * sizeof(double));
        for (size_t at = 0; at + DAY <= h; at += TEST_APART)
            judge(train->v[i].name, y, n + at, y + n + at, HOUR, s);
        s->series++;
        free(y);
        free(then);
    }
}

static double *as_they_come(const struct bench_series *s, ll_dur step, size_t *n)
{
    ll_time first = s->points.v[0].t / step, last = s->points.v[s->points.n - 1].t / step;
    if (last - first < 0 || last - first > LL_SERIES_STEPS_MAX)
        die(s->name, "stamps are not in order");
    *n = (size_t)(last - first + 1);
    double *y = malloc(*n * sizeof(double));
    for (size_t t = 0; t < *n; t++)
        y[t] = NAN;
    for (size_t i = 0; i < s->points.n; i++)
        y[LL_MIN((size_t)(s->points.v[i].t / step - first), *n - 1)] = s->points.v[i].v;
    return y;
}

static void rolled(const struct bench_set *set, ll_dur step, struct sums *s)
{
    for (size_t i = 0; i < set->n; i++) {
        size_t n;
        double *y =
            step == HOUR ? bench_hourly(&set->v[i], &n) : as_they_come(&set->v[i], step, &n);
        size_t hour = (size_t)(HOUR / step), known = KNOWN_MAX * (hour > 1 ? hour / 4 : hour);
        size_t apart = APART * hour + (hour > 1), least = (size_t)(4 * LL_DAY / step);
        for (size_t k = 0; k < ORIGINS && n >= DAY + k * apart + least; k++) {
            size_t end = n - DAY - k * apart, from = end > known ? end - known : 0;
            judge(set->v[i].name, y + from, end - from, y + end, step, s);
        }
        s->series++;
        free(y);
    }
}

int main(int argc, char **argv)
{
    ll_dur step = HOUR;
    int i = 1;
    if (argc > 3 && strcmp(argv[1], "--steps") == 0) {
        step = strtol(argv[2], NULL, 10) * 1000;
        i = 3;
    }
    if (argc - i < 1 || argc - i > 2 || step <= 0) {
        fprintf(stderr, "usage: see the head of bench/forecast_calibration.c\n");
        return 2;
    }
    struct sums s = {0};
    struct bench_set train = bench_read(argv[i]), test = {0};
    if (argc - i == 2) {
        test = bench_read(argv[i + 1]);
        competition(&train, &test, &s);
    } else {
        rolled(&train, step, &s);
    }
    print(&s);
    bench_free(&train);
    bench_free(&test);
    return 0;
}
