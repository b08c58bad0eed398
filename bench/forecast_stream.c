/* What it costs to follow a series: one sample and a new forecast of 48 steps.
 *
 *     forecast_stream [SERIES [SAMPLES]]       made-up hourly series, visited in a scattered order
 *     forecast_stream TRAIN TEST               M4 Hourly: told after the last value of each series
 * Each visit is timed alone, the clock's own cost left in. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "forecast/measure.h"
#include "forecast/stream.h"
#include "forecast_data.h"

enum { HUGE_PAGE = 1 << 21, HISTORY = 672, DAY = 24, WEEK = 168, H = LL_STREAM_H };

static const double naive2_smape = 18.224, naive2_mase = 2.432; /* M4 Hourly, odd ids */
static const int seasons[2] = {DAY, WEEK};
static const double level = 0.95;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53;
}

static double value(size_t series, size_t t, uint64_t *state)
{
    double day = sin(2 * M_PI * (double)((t + series) % DAY) / DAY);
    double week = (t + series) % WEEK < 5 * DAY ? 1 : 0.6;
    return 100 * week * (2 + day) + 20 * (uniform(state) - 0.5);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void start(struct ll_stream *s, const double *y, size_t n)
{
    struct ll_err err;
    if (!ll_stream_start(s, y, n, seasons, level, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

static void speed(size_t series, size_t samples)
{
    size_t bytes = (series * sizeof(struct ll_stream) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    struct ll_stream *s = aligned_alloc(HUGE_PAGE, bytes);
    madvise(s, bytes, MADV_HUGEPAGE); /* as a server would keep them */
    double *spent = malloc(samples * sizeof(double)), y[HISTORY], sum = 0;
    uint64_t state = 1;
    for (size_t i = 0; i < series; i++) {
        if (i < 64) {
            for (size_t t = 0; t < HISTORY; t++)
                y[t] = value(i, t, &state);
            start(&s[i], y, HISTORY);
        } else {
            s[i] = s[i % 64];
        }
    }
    size_t next = 0;
    for (size_t k = 0; k < samples; k++) {
        size_t i = next;
        next = (size_t)(uniform(&state) * (double)series);
        double v = value(i % 64, HISTORY + s[i].phase, &state);
        struct ll_stream_forecast f;
        double began = now_us();
        ll_stream_fetch(&s[next]);
        ll_stream_update(&s[i], v);
        ll_stream_tell(&s[i], &f);
        spent[k] = now_us() - began;
        sum += (double)f.point[H - 1];
    }
    qsort(spent, samples, sizeof(double), by_value);
    printf("stream series %zu bytes %zu update and %d steps: p50 %.2f us p99 %.2f us (%.0f)\n",
           series, sizeof(*s), H, spent[samples / 2], spent[samples * 99 / 100],
           sum / (double)samples);
    free(s);
    free(spent);
}

static void accuracy(const char *train_path, const char *test_path)
{
    struct bench_set train = bench_read(train_path), test = bench_read(test_path);
    double smape = 0, mase = 0, coverage = 0;
    for (size_t i = 0; i < train.n; i++) {
        size_t n = train.v[i].points.n;
        double *y = malloc(n * sizeof(double));
        for (size_t t = 0; t < n; t++)
            y[t] = train.v[i].points.v[t].v;
        struct ll_stream s;
        struct ll_stream_forecast f;
        struct ll_measure m = {0};
        start(&s, y, n);
        ll_stream_tell(&s, &f);
        for (size_t t = 0; t < H; t++)
            ll_measure_add(&m, test.v[i].points.v[t].v, (double)f.point[t],
                           (double)(f.point[t] - f.half[t]), (double)(f.point[t] + f.half[t]),
                           level);
        smape += ll_measure_smape(&m) / (double)train.n;
        mase += ll_measure_mase(&m, ll_measure_scale(y, n, DAY)) / (double)train.n;
        coverage += ll_measure_coverage(&m) / (double)train.n;
        free(y);
    }
    printf("stream m4_hourly series %zu sMAPE %.3f MASE %.3f OWA %.3f cov95 %.3f\n", train.n, smape,
           mase, (smape / naive2_smape + mase / naive2_mase) / 2, coverage);
    bench_free(&train);
    bench_free(&test);
}

int main(int argc, char **argv)
{
    size_t series = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 16384;
    if (argc > 2 && series == 0)
        accuracy(argv[1], argv[2]);
    else
        speed(series ? series : 1, argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 400000);
    return 0;
}
