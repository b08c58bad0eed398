/* The fast profile over a file of series: what it costs, on as many threads as are asked for.
 *
 *     forecast_batch make FILE SERIES          writes made-up series, at least 65,536 of them
 * unlike forecast_batch run FILE OUT [THREADS [LANES]] forecast_batch scale cost over the length
 * and over the number of series forecast_batch mstl [CSV]                MSTL alone; the series and
 * seasons of the first 16
 *
 * A file of series: 24 bytes "LLSERIES", series (u64), values of each (u64), then rows of floats,
 * in the machine's order.  A file of forecasts: 32 bytes "LLFORCST", series, steps, levels (u64
 * each), then for each series its points, lower bounds and upper bounds (steps; levels x steps
 * each). */
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "forecast/batch.h"
#include "forecast/portfolio.h"
#include "forecast_data.h"
#include "os/thread.h"

enum {
    LENGTH = 672,
    HORIZON = 48,
    DAY = 24,
    WEEK = 168,
    UNLIKE = 65536,
    CHUNK = 256,
    THREADS_MAX = 64,
    SHOWN = 16,
};

struct series_header {
    char magic[8];
    uint64_t series, n;
};

struct forecast_header {
    char magic[8];
    uint64_t series, h, levels;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds of CPU of the whole process: its own, and the kernel's for it. */
static double cpu(double *system)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    *system = (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6;
}

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53;
}

static double noise(uint64_t *state)
{
    return uniform(state) + uniform(state) + uniform(state) + uniform(state) - 2;
}

/* A level, a slow trend, a day, a week with its weekend, and noise that follows itself. */
static void made_up(uint64_t seed, size_t n, float *y)
{
    uint64_t s = seed * 0x9E3779B97F4A7C15u + 1;
    for (int i = 0; i < 4; i++)
        uniform(&s);
    double level = 20 + 40 * uniform(&s), slope = 0.01 * (uniform(&s) - 0.4);
    double day = 3 + 12 * uniform(&s), week = 1 + 8 * uniform(&s), keep = 0.3 + 0.5 * uniform(&s);
    double loud = 1 + 3 * uniform(&s), slow = 0, daily[DAY];
    size_t phase = (size_t)(WEEK * uniform(&s));
    for (size_t i = 0; i < DAY; i++) {
        double a = 2 * M_PI * (double)i / DAY;
        daily[i] = day * (sin(a) + 0.4 * sin(2 * a + 1));
    }
    for (size_t t = 0; t < n; t++) {
        size_t at = (t + phase) % WEEK;
        slow = keep * slow + loud * noise(&s);
        y[t] = (float)(level + slope * (double)t + daily[at % DAY] +
                       week * (at >= 5 * DAY ? -1 : 0.4) + slow);
    }
}

static void make(const char *path, size_t series)
{
    struct series_header head = {"LLSERIES", series, LENGTH};
    size_t unlike = LL_MIN(series, (size_t)UNLIKE), row = LENGTH * sizeof(float);
    float *y = malloc(unlike * row);
    FILE *f = fopen(path, "wb");
    if (!f || !y || fwrite(&head, sizeof(head), 1, f) != 1)
        die(path);
    for (size_t i = 0; i < unlike; i++)
        made_up(i, LENGTH, y + i * LENGTH);
    for (size_t i = 0; i < series; i += unlike)
        if (fwrite(y, row, LL_MIN(unlike, series - i), f) != LL_MIN(unlike, series - i))
            die(path);
    if (fclose(f) != 0)
        die(path);
    free(y);
}

static const double stated = 0.95;

static const struct ll_batch_plan *plan_of(size_t n, size_t lanes, struct ll_arena *arena)
{
    const struct ll_batch_shape shape = {.n = n,
                                         .h = HORIZON,
                                         .season = {DAY, WEEK},
                                         .levels = &stated,
                                         .n_levels = 1,
                                         .lanes = lanes};
    const struct ll_batch_plan *plan;
    struct ll_err err;
    if (!ll_batch_plan_make(&shape, arena, &plan, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return plan;
}

struct job { /* shared by all threads */
    const struct ll_batch_plan *plan;
    const float *y;
    size_t series;
    int out;
    atomic_size_t next;
};

static void put(int fd, const void *bytes, size_t n, off_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pwrite(fd, (const char *)bytes + done, n - done, at + (off_t)done);
        if (got <= 0)
            die("writing forecasts");
        done += (size_t)got;
    }
}

static void *work(void *arg)
{
    struct job *j = arg;
    void *scratch = malloc(ll_batch_scratch(j->plan));
    float *point = malloc(3 * CHUNK * HORIZON * sizeof(float));
    float *rows = malloc(3 * CHUNK * HORIZON * sizeof(float));
    const struct ll_batch_out out = {point, point + CHUNK * HORIZON, point + 2 * CHUNK * HORIZON,
                                     NULL};
    for (size_t at; (at = atomic_fetch_add(&j->next, CHUNK)) < j->series;) {
        size_t count = LL_MIN((size_t)CHUNK, j->series - at), row = 3 * HORIZON;
        ll_batch_run(j->plan, j->y + at * LENGTH, count, scratch, &out);
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < 3; k++)
                memcpy(rows + i * row + k * HORIZON, point + (k * CHUNK + i) * HORIZON,
                       HORIZON * sizeof(float));
        put(j->out, rows, count * row * sizeof(float),
            (off_t)(sizeof(struct forecast_header) + at * row * sizeof(float)));
    }
    free(scratch);
    free(point);
    free(rows);
    return NULL;
}

static const float *map_series(const char *path, size_t *series)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        die(path);
    const char *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct series_header head;
    if (bytes == MAP_FAILED)
        die(path);
    memcpy(&head, bytes, sizeof(head));
    if (memcmp(head.magic, "LLSERIES", sizeof(head.magic)) != 0 || head.n != LENGTH ||
        (uint64_t)st.st_size != sizeof(head) + head.series * LENGTH * sizeof(float)) {
        fprintf(stderr, "%s is no file of series of %d values\n", path, LENGTH);
        exit(1);
    }
    close(fd);
    *series = head.series;
    return (const float *)(bytes + sizeof(head));
}

/* The least that any program could do with this file: read every value once. */
static double read_once(const float *y, size_t n)
{
    double began = bench_cpu_us();
    float sums[16] = {0};
    for (size_t i = 0; i + LL_LEN(sums) <= n; i += LL_LEN(sums))
        for (size_t k = 0; k < LL_LEN(sums); k++)
            sums[k] += y[i + k];
    volatile float kept = sums[0] + sums[7];
    (void)kept;
    return (bench_cpu_us() - began) / 1e6;
}

/* Of the careful profile, a series at a time, on the same file: microseconds a series. */
static double careful_us(const float *y)
{
    enum { SOME = 64 };
    double spent = 0, values[LENGTH], clean[LENGTH];
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 26);
    for (size_t i = 0; i < SOME; i++) {
        for (size_t t = 0; t < LENGTH; t++)
            values[t] = (double)y[i * LENGTH + t];
        double began = bench_cpu_us();
        bench_winsorise(values, LENGTH, WEEK, clean);
        const struct ll_portfolio_ask ask = {.clean = clean,
                                             .filled = values,
                                             .actual = values,
                                             .n = LENGTH,
                                             .h = HORIZON,
                                             .origins = 4,
                                             .m1 = DAY,
                                             .m2 = WEEK,
                                             .ceiling = INFINITY,
                                             .alpha = NAN};
        struct ll_portfolio p;
        if (!ll_portfolio_run(&ask, arena, &p, NULL))
            exit(1);
        spent += bench_cpu_us() - began;
        ll_arena_reset(arena);
    }
    return spent / SOME;
}

static void run(const char *in, const char *to, size_t threads, size_t lanes)
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    struct job j = {.plan = plan_of(LENGTH, lanes, arena)};
    j.y = map_series(in, &j.series);
    j.out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const struct forecast_header head = {"LLFORCST", j.series, HORIZON, 1};
    if (j.out < 0)
        die(to);
    put(j.out, &head, sizeof(head), 0);
    double limit = read_once(j.y, j.series * LENGTH), system0, system1;
    pthread_t thread[THREADS_MAX];
    struct ll_err err;
    double began = wall(), user0 = cpu(&system0);
    for (size_t i = 0; i < threads; i++)
        if (!ll_thread_start(&thread[i], work, &j, "forecast", &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(1);
        }
    for (size_t i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    double seconds = wall() - began, user = cpu(&system1) - user0, system = system1 - system0;
    close(j.out);
    double us = user / (double)j.series * 1e6, careful = careful_us(j.y);
    printf("series %zu threads %zu lanes %zu wall %.2f s cpu %.2f s (kernel %.2f s on top) "
           "%.1f us/series %.0f series/s a core\n",
           j.series, threads, ll_batch_lanes(j.plan), seconds, user, system, us, 1e6 / us);
    printf("reading the file once %.2f s cpu: %.1f x that; the careful profile %.0f us/series: "
           "%.1f x\n",
           limit, user / limit, careful, careful / us);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Median of some rounds, microseconds of CPU a series. */
static double measure(const struct ll_batch_plan *plan, const float *y, size_t series)
{
    enum { ROUNDS = 7 };
    double spent[ROUNDS];
    void *scratch = malloc(ll_batch_scratch(plan));
    float *point = malloc(3 * series * HORIZON * sizeof(float));
    const struct ll_batch_out out = {point, point + series * HORIZON, point + 2 * series * HORIZON,
                                     NULL};
    for (size_t r = 0; r < ROUNDS; r++) {
        double began = bench_cpu_us();
        ll_batch_run(plan, y, series, scratch, &out);
        spent[r] = (bench_cpu_us() - began) / (double)series;
    }
    qsort(spent, ROUNDS, sizeof(double), by_value);
    free(scratch);
    free(point);
    return spent[ROUNDS / 2];
}

static float *some_series(size_t series, size_t n)
{
    float *y = malloc(series * n * sizeof(float));
    for (size_t i = 0; i < series; i++)
        made_up(i, n, y + i * n);
    return y;
}

static void scale(void)
{
    for (size_t n = 168; n <= 5376; n *= 2) {
        LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 30);
        float *y = some_series(256, n);
        double us = measure(plan_of(n, 0, arena), y, 256);
        printf("values %zu %.1f us/series %.1f ns/value\n", n, us, 1e3 * us / (double)n);
        free(y);
    }
    for (size_t series = 1; series <= 16384; series *= 4) {
        LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
        float *y = some_series(series, LENGTH);
        printf("series %zu %.1f us/series\n", series,
               measure(plan_of(LENGTH, 0, arena), y, series));
        free(y);
    }
    static const size_t widths[] = {4, 8, 16};
    for (size_t i = 0; i < LL_LEN(widths); i++) {
        LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
        const struct ll_batch_shape shape = {.n = LENGTH, .h = HORIZON, .lanes = widths[i]};
        const struct ll_batch_plan *plan;
        if (!ll_batch_plan_make(&shape, arena, &plan, NULL)) {
            printf("lanes %zu not on this machine\n", widths[i]);
            continue;
        }
        float *y = some_series(1024, LENGTH);
        printf("lanes %zu %.1f us/series\n", widths[i],
               measure(plan_of(LENGTH, widths[i], arena), y, 1024));
        free(y);
    }
}

/* With a file: for each of the first series its values, then both seasons, a line each. */
static void mstl(const char *csv)
{
    enum { SERIES = 1024, ROUNDS = 7 };
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    const struct ll_batch_plan *plan = plan_of(LENGTH, 0, arena);
    float *y = some_series(SERIES, LENGTH), *parts = malloc(3 * SERIES * LENGTH * sizeof(float));
    float *const season[2] = {parts, parts + SERIES * LENGTH};
    void *scratch = malloc(ll_batch_scratch(plan));
    double spent[ROUNDS];
    for (size_t r = 0; r < ROUNDS; r++) {
        double began = bench_cpu_us();
        ll_batch_decompose(plan, y, SERIES, scratch, season, parts + 2 * SERIES * LENGTH);
        spent[r] = (bench_cpu_us() - began) / SERIES;
    }
    qsort(spent, ROUNDS, sizeof(double), by_value);
    printf("mstl %.2f us/series\n", spent[ROUNDS / 2]);
    FILE *f = csv ? fopen(csv, "w") : NULL;
    const float *const rows[] = {y, season[0], season[1]};
    for (size_t i = 0; f && i < SHOWN; i++)
        for (size_t k = 0; k < LL_LEN(rows); k++)
            for (size_t t = 0; t < LENGTH; t++)
                fprintf(f, "%.9g%c", (double)rows[k][i * LENGTH + t], t + 1 < LENGTH ? ',' : '\n');
    if (f)
        fclose(f);
    free(y);
    free(parts);
    free(scratch);
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "make") == 0 && argc == 4)
        make(argv[2], (size_t)strtoull(argv[3], NULL, 10));
    else if (strcmp(verb, "run") == 0 && argc >= 4)
        run(argv[2], argv[3],
            LL_MIN(argc > 4 ? (size_t)strtoull(argv[4], NULL, 10) : 2, (size_t)THREADS_MAX),
            argc > 5 ? (size_t)strtoull(argv[5], NULL, 10) : 0);
    else if (strcmp(verb, "scale") == 0)
        scale();
    else if (strcmp(verb, "mstl") == 0)
        mstl(argc > 2 ? argv[2] : NULL);
    else {
        fprintf(stderr, "usage: forecast_batch make FILE SERIES | run FILE OUT [THREADS [LANES]] | "
                        "scale | mstl [CSV]\n");
        return 2;
    }
    return 0;
}
