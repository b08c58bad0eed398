#include "forecast_data.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "base/csv.h"
#include "base/num.h"
#include "stats/quantile.h"

enum { SERIES_MAX = 1 << 16, POINTS_MAX = 1 << 20, HOUR = 3600000 };

static void die(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(1);
}

static struct bench_series *series_of(struct bench_set *set, struct ll_slice name)
{
    struct bench_series *last = set->n ? &set->v[set->n - 1] : NULL;
    if (last && strlen(last->name) == name.n && memcmp(last->name, name.s, name.n) == 0)
        return last;
    struct bench_series s = {.points.cap = POINTS_MAX};
    snprintf(s.name, sizeof(s.name), "%.*s", (int)name.n, name.s);
    return bench_set_push(set, s);
}

static void add(struct bench_set *set, const struct ll_csv *csv, const char *path)
{
    struct bench_point p;
    struct ll_err err;
    if (csv->n != 3 || !ll_time_parse(csv->fields[1], &p.t, &err))
        return; /* the heading */
    if (!ll_num_parse(csv->fields[2], &p.v))
        p.v = NAN;
    struct bench_series *s = series_of(set, csv->fields[0]);
    if (!s || !bench_points_push(&s->points, p))
        die(path, "too many points");
}

struct bench_set bench_read(const char *path)
{
    static char piece[1 << 16];
    struct bench_set set = {.cap = SERIES_MAX};
    struct ll_csv csv;
    struct ll_err err;
    gzFile f = gzopen(path, "rb");
    int n = 0;
    if (!f)
        die(path, "cannot be opened");
    ll_csv_init(&csv);
    while ((n = gzread(f, piece, sizeof(piece))) > 0) {
        struct ll_slice in = {piece, (size_t)n};
        enum ll_csv_got got;
        while ((got = ll_csv_feed(&csv, &in, &err)) != LL_CSV_MORE)
            if (got == LL_CSV_RECORD)
                add(&set, &csv, path);
    }
    if (ll_csv_end(&csv, &err) == LL_CSV_RECORD)
        add(&set, &csv, path);
    ll_csv_fini(&csv);
    gzclose(f);
    return set;
}

void bench_free(struct bench_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        bench_points_fini(&set->v[i].points);
    bench_set_fini(set);
}

double *bench_hourly(const struct bench_series *s, size_t *n)
{
    ll_time first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < s->points.n; i++) {
        first = LL_MIN(first, s->points.v[i].t / HOUR);
        last = LL_MAX(last, s->points.v[i].t / HOUR);
    }
    *n = (size_t)(last - first + 1);
    double *sum = calloc(*n, sizeof(double)), *count = calloc(*n, sizeof(double));
    for (size_t i = 0; i < s->points.n; i++)
        if (isfinite(s->points.v[i].v)) {
            size_t hour = (size_t)(s->points.v[i].t / HOUR - first);
            sum[hour] += s->points.v[i].v;
            count[hour]++;
        }
    for (size_t t = 0; t < *n; t++)
        sum[t] = count[t] > 0 ? sum[t] / count[t] : NAN;
    free(count);
    return sum;
}

void bench_fill(double *y, size_t n, size_t m)
{
    size_t first = 0;
    while (first < n && isnan(y[first]))
        first++;
    for (size_t t = 0; t < n; t++)
        if (isnan(y[t]))
            y[t] = t >= m ? y[t - m] : t ? y[t - 1] : first < n ? y[first] : 0;
}

void bench_winsorise(const double *y, size_t n, size_t m, double *clean)
{
    double *usual = malloc(n * sizeof(double)), *v = malloc(n * sizeof(double));
    for (size_t q = 0; q < m && q < n; q++) {
        size_t k = 0;
        for (size_t t = q; t < n; t += m)
            v[k++] = y[t];
        double median = ll_quantile_median(v, k);
        for (size_t t = q; t < n; t += m)
            usual[t] = median;
    }
    for (size_t t = 0; t < n; t++)
        v[t] = fabs(y[t] - usual[t]);
    double most = 6 * 1.4826 * ll_quantile_median(v, n);
    for (size_t t = 0; t < n; t++)
        clean[t] = most > 0 ? fmin(fmax(y[t], usual[t] - most), usual[t] + most) : y[t];
    free(usual);
    free(v);
}

double bench_cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}
