/* How well the forecaster does on real series.
 *
 *     forecast_accuracy [OPTION]... --test FILE TRAIN        a competition: train, then its test
 *     forecast_accuracy [OPTION]... --rolled FILE...         24 h ahead on each of the last 7 days
 *       --origins K   of the backtest (6)      --models   each model alone, too
 *       --series      one line a series        --plain    filled and winsorised only
 *       --steps M1 M2  values as they come, seasons of so many steps (0 = none), rolled over the
 *                      last 50 times M1 steps: sessions of an exchange, days
 * Files are long CSV, series,timestamp,value, gzip or not; values become hourly, with seasons of a
 * day and a week.  One line a
 * forecaster: sMAPE, MASE, OWA against Naive2 of M4 Hourly, coverage and MSIS at 95 %, the peak's
 * mean APE and how often it stayed under its 95 % bound. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/clean.h"
#include "forecast/interval.h"
#include "forecast/measure.h"
#include "forecast/peak.h"
#include "forecast_data.h"

enum {
    DAY = 24,
    WEEK = 168,
    ROLLED = 7,
    ROLLED_STEPS = 50,
    TRAIN_MAX = 1344,
    FILES_MAX = 64,
    LEVEL_95 = 3
};

static const double naive2_smape = 18.224, naive2_mase = 2.432; /* M4 Hourly, odd ids */

struct options {
    const char *test, *files[FILES_MAX];
    size_t n_files, origins, rolled_over;
    int m1, m2;
    bool models, rolled, series, plain;
};

struct sums { /* over tasks */
    double n, smape, mase, coverage, msis, peak_ape, us;
    double under[LL_LEVELS], within[LL_LEVELS]; /* peaks under their bound; steps in their band */
};

/* One forecast and what came. */
struct task {
    const char *name;
    const double *y, *actual;
    size_t n, h;
};

static double largest(const double *v, size_t n)
{
    double top = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (v[i] > top)
            top = v[i];
    return top;
}

static void die(const char *name, const struct ll_err *err)
{
    fprintf(stderr, "%s: %s\n", name, err->text);
    exit(1);
}

/* The peak's APE, and which of its bounds held. */
static void judge_peak(const struct task *t, const struct ll_portfolio_ask *o,
                       const struct ll_portfolio *p, const struct ll_interval *iv, struct sums *s)
{
    double *factor = malloc(t->h * sizeof(double)), peak = largest(t->actual, t->h);
    for (size_t i = 0; i < t->h; i++)
        factor[i] = 1;
    const struct ll_peak_ask ask = {.portfolio = p,
                                    .interval = iv,
                                    .actual = o->actual,
                                    .n = t->n,
                                    .m1 = o->m1,
                                    .m2 = o->m2,
                                    .factor = factor,
                                    .floor = o->floor};
    struct ll_peak_ahead fit;
    ll_peak_fit(&ask, &fit);
    s->peak_ape += peak > 0 ? fabs(ll_peak_quantile(&fit, 0.5, 1) - peak) / peak : 0;
    for (size_t l = 0; l < LL_LEVELS; l++)
        s->under[l] += peak <= ll_peak_quantile(&fit, ll_levels[l], 1);
    free(factor);
}

/* Adds the task to the sums; returns its MASE. */
static double judge(const struct task *t, const struct options *o, const struct ll_model *only,
                    struct sums *s)
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    const int seasons[] = {o->m1, o->m2};
    int m2 = t->n >= 2 * (size_t)o->m2 ? o->m2 : 0;
    double low = 0, began = bench_cpu_us();
    struct ll_clean c;
    struct ll_portfolio p;
    struct ll_interval iv;
    struct ll_err err;
    if (!ll_clean(t->y, t->n, seasons, (o->m1 > 1) + (size_t)(m2 > 0), arena, &c, &err))
        die(t->name, &err);
    if (o->plain) {
        memcpy(c.filled, t->y, t->n * sizeof(double));
        bench_fill(c.filled, t->n, (size_t)LL_MAX(o->m1, 1));
        bench_winsorise(c.filled, t->n,
                        (size_t)(t->n >= 3 * (size_t)o->m2 && m2 ? m2 : LL_MAX(o->m1, 1)), c.y);
        memcpy(c.actual, t->y, t->n * sizeof(double));
    }
    for (size_t i = 0; i < t->n; i++)
        low = t->y[i] < low ? t->y[i] : low;
    const struct ll_portfolio_ask ask = {.clean = c.y,
                                         .filled = c.filled,
                                         .actual = c.actual,
                                         .n = t->n,
                                         .h = t->h,
                                         .origins = o->origins,
                                         .m1 = o->m1,
                                         .m2 = m2,
                                         .floor = low,
                                         .ceiling = INFINITY,
                                         .only = only,
                                         .alpha = NAN};
    if (!ll_portfolio_run(&ask, arena, &p, &err) || !ll_interval_fit(&p, arena, &iv, &err))
        die(t->name, &err);
    s->us += bench_cpu_us() - began;
    struct ll_measure got = {0};
    for (size_t i = 0; i < t->h; i++) {
        double half = ll_interval_half(&iv, i, 0.95);
        ll_measure_add(&got, t->actual[i], p.point[i], fmax(p.point[i] - half, ask.floor),
                       p.point[i] + half, 0.95);
    }
    double scale = fmax(ll_measure_scale(t->y, t->n, o->m1), 1e-9);
    double mase = ll_measure_mase(&got, scale);
    if (isnan(mase))
        return mase;
    s->n++;
    s->smape += ll_measure_smape(&got);
    s->mase += mase;
    s->coverage += ll_measure_coverage(&got);
    s->msis += ll_measure_msis(&got, scale, 0.95);
    judge_peak(t, &ask, &p, &iv, s);
    for (size_t l = 0; l < LL_LEVELS; l++)
        for (size_t i = 0; i < t->h; i++)
            s->within[l] +=
                fabs(t->actual[i] - p.point[i]) <= ll_interval_half(&iv, i, ll_levels[l])
                    ? 1 / (double)t->h
                    : 0;
    return mase;
}

static void print_sums(const char *name, const struct sums *s)
{
    double n = s->n, smape = s->smape / n, mase = s->mase / n;
    printf("%-22s sMAPE %7.3f  MASE %6.3f  OWA %.3f  cov95 %.3f  MSIS %7.2f  peak APE %5.1f%%  "
           "peak P95 %.3f  %7.0f us\n",
           name, smape, mase, (smape / naive2_smape + mase / naive2_mase) / 2, s->coverage / n,
           s->msis / n, 100 * s->peak_ape / n, s->under[LEVEL_95] / n, s->us / n);
}

/* How often what was stated for each level held: bands of steps, bounds of peaks. */
static void print_levels(const struct sums *s)
{
    for (size_t l = 0; l < LL_LEVELS; l++)
        printf("  stated %.2f: steps in the band %.3f, peaks under the bound %.3f\n", ll_levels[l],
               s->within[l] / s->n, s->under[l] / s->n);
}

LL_VEC_DEFINE(tasks, struct task)

static struct tasks competition(const struct options *o, struct bench_set *train,
                                struct bench_set *test)
{
    struct tasks all = {.cap = 1 << 20};
    *train = bench_read(o->files[0]);
    *test = bench_read(o->test);
    for (size_t i = 0, j = 0; i < train->n && j < test->n; i++) {
        if (strcmp(train->v[i].name, test->v[j].name) != 0)
            continue;
        struct task t = {.name = train->v[i].name};
        t.y = bench_hourly(&train->v[i], &t.n);
        t.actual = bench_hourly(&test->v[j], &t.h);
        tasks_push(&all, t);
        j++;
    }
    return all;
}

static double *as_they_come(const struct bench_series *s, size_t *n)
{
    double *y = malloc(s->points.n * sizeof(double));
    for (size_t i = 0; i < s->points.n; i++)
        y[i] = s->points.v[i].v;
    *n = s->points.n;
    return y;
}

static void roll(const struct options *o, const struct bench_series *s, struct tasks *all)
{
    size_t n, h = (size_t)LL_MAX(o->m1, 1);
    double *y = o->m1 == DAY ? bench_hourly(s, &n) : as_they_come(s, &n);
    if (n < (o->rolled_over + 4) * h)
        return;
    for (size_t back = o->rolled_over; back > 0; back--) {
        size_t end = n - back * h, from = end > TRAIN_MAX ? end - TRAIN_MAX : 0;
        tasks_push(all, (struct task){s->name, y + from, y + end, end - from, h});
    }
}

/* Series by series against seasonal naive; `each`: a line for every one. */
static void print_series(const struct tasks *all, const double *mase, const double *naive,
                         bool each)
{
    size_t better = 0, worse = 0, much_worse = 0, n = 0;
    double worst = 0, logs = 0;
    for (size_t i = 0; i < all->n;) {
        double ours = 0, theirs = 0;
        size_t from = i;
        for (; i < all->n && all->v[i].name == all->v[from].name; i++)
            if (!isnan(mase[i])) {
                ours += mase[i];
                theirs += naive[i];
            }
        double ratio = ours / fmax(theirs, 1e-12);
        if (each)
            printf("  %-40s %8.3f naive %8.3f ratio %.3f\n", all->v[from].name,
                   ours / (double)(i - from), theirs / (double)(i - from), ratio);
        logs += log(fmax(ratio, 1e-3));
        n++;
        better += ratio < 1;
        worse += ratio > 1.02;
        much_worse += ratio > 1.3;
        worst = fmax(worst, ratio);
    }
    printf("series %zu, better than seasonal naive %zu (%.0f %%), worse by 2 %% %zu, by 30 %% %zu, "
           "worst ratio %.2f, geometric mean %.3f\n",
           n, better, 100 * (double)better / (double)n, worse, much_worse, worst,
           exp(logs / (double)n));
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure(const struct options *o, const struct tasks *all)
{
    const struct ll_model *naive = ll_model_find("seasonal-naive");
    double *mase = malloc(all->n * sizeof(double)), *mase_naive = malloc(all->n * sizeof(double));
    struct sums ours = {0}, theirs = {0};
    for (size_t i = 0; i < all->n; i++) {
        mase[i] = judge(&all->v[i], o, NULL, &ours);
        mase_naive[i] = judge(&all->v[i], o, naive, &theirs);
    }
    printf("%.0f tasks\n", ours.n);
    print_sums("auto", &ours);
    print_levels(&ours);
    print_sums("seasonal-naive", &theirs);
    print_series(all, mase, mase_naive, o->series);
    qsort(mase, all->n, sizeof(double), by_value);
    qsort(mase_naive, all->n, sizeof(double), by_value);
    printf("median MASE %.3f, of seasonal naive %.3f\n", mase[all->n / 2], mase_naive[all->n / 2]);
    for (size_t k = 0; o->models && k < ll_models_n; k++) {
        struct sums s = {0};
        for (size_t i = 0; i < all->n; i++)
            judge(&all->v[i], o, ll_models[k], &s);
        print_sums(ll_models[k]->name, &s);
    }
    free(mase);
    free(mase_naive);
}

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (strcmp(a, "--models") == 0)
            o->models = true;
        else if (strcmp(a, "--rolled") == 0)
            o->rolled = true;
        else if (strcmp(a, "--series") == 0)
            o->series = true;
        else if (strcmp(a, "--plain") == 0)
            o->plain = true;
        else if (strcmp(a, "--test") == 0 && i + 1 < argc)
            o->test = argv[++i];
        else if (strcmp(a, "--origins") == 0 && i + 1 < argc)
            o->origins = strtoul(argv[++i], NULL, 10);
        else if (strcmp(a, "--steps") == 0 && i + 2 < argc) {
            o->m1 = (int)strtol(argv[++i], NULL, 10);
            o->m2 = (int)strtol(argv[++i], NULL, 10);
            o->rolled_over = ROLLED_STEPS;
        } else if (*a == '-' || o->n_files == FILES_MAX)
            return false;
        else
            o->files[o->n_files++] = a;
    }
    return o->n_files > 0 && (o->rolled || (o->test && o->n_files == 1));
}

int main(int argc, char **argv)
{
    struct options o = {.origins = 6, .m1 = DAY, .m2 = WEEK, .rolled_over = ROLLED};
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: see the head of bench/forecast_accuracy.c\n");
        return 2;
    }
    struct tasks all = {.cap = 1 << 20};
    struct bench_set train = {0}, test = {0};
    if (o.test)
        all = competition(&o, &train, &test);
    for (size_t i = 0; o.rolled && i < o.n_files; i++) {
        struct bench_set set = bench_read(o.files[i]);
        for (size_t k = 0; k < set.n; k++)
            roll(&o, &set.v[k], &all);
    }
    measure(&o, &all);
    tasks_fini(&all);
    bench_free(&train);
    bench_free(&test);
    return 0;
}
