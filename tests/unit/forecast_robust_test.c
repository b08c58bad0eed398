/* The robustness table on real series: what goes wrong with a history must not cost much. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "forecast/clean.h"
#include "forecast/measure.h"
#include "forecast/portfolio.h"
#include "forecast_data.h"
#include "forecast_wrong.h"
#include "support.h"

enum { DAY = 24, WEEK = 168 };

static double smape_of(const double *y, size_t n, const double *actual, size_t h)
{
    const int seasons[2] = {DAY, WEEK};
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    struct ll_clean c;
    struct ll_portfolio p;
    struct ll_err err;
    ck_assert_msg(ll_clean(y, n, seasons, 2, arena, &c, &err), "%s", err.text);
    const struct ll_portfolio_ask ask = {.clean = c.y,
                                         .filled = c.filled,
                                         .actual = c.actual,
                                         .n = n,
                                         .h = h,
                                         .origins = 6,
                                         .m1 = DAY,
                                         .m2 = WEEK,
                                         .ceiling = INFINITY,
                                         .alpha = NAN};
    ck_assert_msg(ll_portfolio_run(&ask, arena, &p, &err), "%s", err.text);
    struct ll_measure m = {0};
    for (size_t i = 0; i < h; i++)
        ll_measure_add(&m, actual[i], p.point[i], NAN, NAN, 0.95);
    return ll_measure_smape(&m);
}

static void add(const double *y, size_t n, const double *actual, size_t h, double *sums)
{
    double *bad = malloc(n * sizeof(double)), *then = malloc(h * sizeof(double));
    for (size_t k = 0; k < BENCH_WRONGS; k++) {
        memcpy(bad, y, n * sizeof(double));
        memcpy(then, actual, h * sizeof(double));
        bench_wrongs[k].apply(bad, n, then, h);
        sums[k] += smape_of(bad, n, then, h);
    }
    free(bad);
    free(then);
}

START_TEST(what_goes_wrong_costs_no_more_than_it_may)
{
    double sums[BENCH_WRONGS] = {0};
    struct bench_set train = bench_read(LL_SERIES "/m4_hourly_sample_train.csv.gz");
    struct bench_set test = bench_read(LL_SERIES "/m4_hourly_sample_test.csv.gz");
    ck_assert_uint_eq(train.n, 23);
    ck_assert_uint_eq(test.n, 23);
    for (size_t i = 0; i < train.n; i++) {
        size_t n, h;
        double *y = bench_hourly(&train.v[i], &n), *actual = bench_hourly(&test.v[i], &h);
        ck_assert_str_eq(train.v[i].name, test.v[i].name);
        add(y, n, actual, h, sums);
        free(y);
        free(actual);
    }
    for (size_t k = 0; k < BENCH_WRONGS; k++)
        if (bench_wrongs[k].most > 0)
            ck_assert_msg(sums[k] <= bench_wrongs[k].most * sums[0], "%s: %.3f of the clean error",
                          bench_wrongs[k].name, sums[k] / sums[0]);
    bench_free(&train);
    bench_free(&test);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_goes_wrong_costs_no_more_than_it_may};
    return ll_test_run("forecast_robust", tests, LL_LEN(tests));
}
