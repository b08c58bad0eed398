/* How good the fast profile is on M4 Hourly: the last 672 values of each series, 48 steps.
 *
 *     forecast_batch_accuracy TRAIN TEST        long CSV, series,timestamp,value
 * One line for the combination and one for each member, run alone from the same fits. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/batch.h"
#include "forecast/measure.h"
#include "forecast_data.h"

enum { LENGTH = 672, HORIZON = 48, DAY = 24 };

static const double naive2_smape = 18.224, naive2_mase = 2.432; /* M4 Hourly, odd ids */

static float *values_of(const struct bench_set *set, size_t take, bool last)
{
    float *y = malloc(set->n * take * sizeof(float));
    for (size_t i = 0; i < set->n; i++) {
        const struct bench_points *p = &set->v[i].points;
        if (p->n < take) {
            fprintf(stderr, "%s is too short\n", set->v[i].name);
            exit(1);
        }
        for (size_t t = 0; t < take; t++)
            y[i * take + t] = (float)p->v[last ? p->n - take + t : t].v;
    }
    return y;
}

/* MASE is taken over the whole history, as the competition did. */
static double scale_of(const struct bench_series *s)
{
    double *y = malloc(s->points.n * sizeof(double));
    for (size_t t = 0; t < s->points.n; t++)
        y[t] = s->points.v[t].v;
    double scale = ll_measure_scale(y, s->points.n, DAY);
    free(y);
    return scale;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: forecast_batch_accuracy TRAIN TEST\n");
        return 2;
    }
    struct bench_set train = bench_read(argv[1]), test = bench_read(argv[2]);
    float *y = values_of(&train, LENGTH, true), *actual = values_of(&test, HORIZON, false);
    size_t n = train.n;
    const double level = 0.95;
    const struct ll_batch_shape shape = {
        .n = LENGTH, .h = HORIZON, .season = {DAY, 7 * DAY}, .levels = &level, .n_levels = 1};
    const struct ll_batch_plan *plan;
    struct ll_err err;
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    if (!ll_batch_plan_make(&shape, arena, &plan, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct ll_batch_out out = {.point = malloc(n * HORIZON * sizeof(float)),
                                     .lower = malloc(n * HORIZON * sizeof(float)),
                                     .upper = malloc(n * HORIZON * sizeof(float)),
                                     .weight = malloc(n * LL_BATCH_MEMBERS * sizeof(float))};
    void *scratch = malloc(ll_batch_scratch(plan));
    double began = bench_cpu_us();
    ll_batch_run(plan, y, n, scratch, &out);
    double us = (bench_cpu_us() - began) / (double)n;
    double smape = 0, mase = 0, coverage = 0, msis = 0, weight[LL_BATCH_MEMBERS] = {0};
    for (size_t i = 0; i < n; i++) {
        struct ll_measure m = {0};
        for (size_t t = i * HORIZON; t < (i + 1) * HORIZON; t++)
            ll_measure_add(&m, (double)actual[t], (double)out.point[t], (double)out.lower[t],
                           (double)out.upper[t], level);
        double scale = scale_of(&train.v[i]);
        smape += ll_measure_smape(&m) / (double)n;
        mase += ll_measure_mase(&m, scale) / (double)n;
        coverage += ll_measure_coverage(&m) / (double)n;
        msis += ll_measure_msis(&m, scale, level) / (double)n;
        for (size_t k = 0; k < LL_BATCH_MEMBERS; k++)
            weight[k] += (double)out.weight[i * LL_BATCH_MEMBERS + k] / (double)n;
    }
    printf("m4_hourly series %zu sMAPE %.3f MASE %.3f OWA %.4f cov95 %.3f MSIS %.2f cpu %.1f "
           "us/series\n",
           n, smape, mase, (smape / naive2_smape + mase / naive2_mase) / 2, coverage, msis, us);
    for (size_t k = 0; k < LL_BATCH_MEMBERS; k++)
        printf("  weight %.3f  %s\n", weight[k], ll_batch_member_names[k]);
    free(y);
    free(actual);
    free(scratch);
    free(out.point);
    free(out.lower);
    free(out.upper);
    free(out.weight);
    bench_free(&train);
    bench_free(&test);
    return 0;
}
