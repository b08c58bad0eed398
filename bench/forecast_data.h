/* Series for the benches of the forecaster, out of long CSV: series,timestamp,value; gzip or not.
 */
#ifndef LL_BENCH_FORECAST_DATA_H
#define LL_BENCH_FORECAST_DATA_H

#include "base/time.h"
#include "base/vec.h"

struct bench_point {
    ll_time t;
    double v;
};

LL_VEC_DEFINE(bench_points, struct bench_point)

struct bench_series {
    char name[64];
    struct bench_points points; /* in the order of the file */
};

LL_VEC_DEFINE(bench_set, struct bench_series)

/* Ends the program with a message when it cannot. */
struct bench_set bench_read(const char *path);
void bench_free(struct bench_set *set);

/* One value an hour: the mean of its points; NaN where there are none.  n is told in *n; freed by
 * the caller. */
double *bench_hourly(const struct bench_series *s, size_t *n);

/* y with gaps filled from a day before (at the start: the first value), and then held within
 * 6 x 1.4826 MAD around the median of the same phase. */
void bench_fill(double *y, size_t n, size_t m);
void bench_winsorise(const double *y, size_t n, size_t m, double *clean);

double bench_cpu_us(void);

#endif
