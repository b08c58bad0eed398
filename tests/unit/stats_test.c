/* Quantiles and trends against definitions written out the slow way. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/trend.h"

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static uint64_t state = 42;

static double random_unit(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 0x1p53;
}

START_TEST(quantiles_equal_those_of_the_sorted_sample)
{
    double v[200], sorted[200];
    for (int round = 0; round < 2000; round++) {
        size_t n = 1 + (size_t)(random_unit() * 199);
        for (size_t i = 0; i < n; i++) /* many ties in every second round */
            v[i] = sorted[i] = round % 2 ? floor(random_unit() * 5) : random_unit();
        qsort(sorted, n, sizeof(double), by_value);
        double q = round % 7 == 0 ? 0 : round % 7 == 1 ? 1 : random_unit();
        double h = (double)(n - 1) * q;
        size_t k = (size_t)h;
        double want =
            k + 1 < n ? sorted[k] + (h - (double)k) * (sorted[k + 1] - sorted[k]) : sorted[k];
        ck_assert_double_eq_tol(ll_quantile(v, n, q), want, 1e-12);
    }
}
END_TEST

START_TEST(quantile_of_nothing_is_nan_and_of_one_is_it)
{
    double one = 7;
    ck_assert(isnan(ll_quantile(NULL, 0, 0.5)));
    ck_assert_double_eq(ll_quantile(&one, 1, 0.95), 7);
}
END_TEST

START_TEST(a_line_has_its_slope_in_spite_of_outliers_and_gaps)
{
    double y[100], scratch[LL_TREND_SCRATCH(100)];
    for (int i = 0; i < 100; i++)
        y[i] = i % 5 == 0 ? 1e6 * (random_unit() - 0.5) : i % 7 == 0 ? NAN : 3 + 0.25 * i;
    struct ll_trend t = ll_trend_fit(y, 100, 0, scratch);
    ck_assert_double_eq_tol(t.slope, 0.25, 0.01);
    ck_assert(t.z > 2.58);
}
END_TEST

START_TEST(noise_has_no_significant_trend)
{
    double y[60], scratch[LL_TREND_SCRATCH(60)];
    int significant = 0;
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < 60; i++)
            y[i] = random_unit();
        significant += fabs(ll_trend_fit(y, 60, 0, scratch).z) > 2.58;
    }
    ck_assert_int_le(significant, 15); /* 1 % of 500 is 5 */
}
END_TEST

START_TEST(a_season_hides_no_trend_and_makes_none)
{
    double y[168], scratch[LL_TREND_SCRATCH(168)];
    for (int i = 0; i < 168; i++)
        y[i] = 10 * sin(i / 24.0 * 6.283185307) + 0.05 * i;
    struct ll_trend t = ll_trend_fit(y, 168, 24, scratch);
    ck_assert_double_eq_tol(t.slope, 0.05, 1e-6);
    ck_assert_uint_eq(t.points, 168);
    ck_assert_uint_eq(t.pairs, 24 * 21);
}
END_TEST

START_TEST(constant_and_empty_series_are_quiet)
{
    double y[10] = {0}, scratch[LL_TREND_SCRATCH(10)];
    struct ll_trend t = ll_trend_fit(y, 10, 0, scratch);
    ck_assert_double_eq(t.slope, 0);
    ck_assert_double_eq(t.z, 0);
    for (int i = 0; i < 10; i++)
        y[i] = NAN;
    t = ll_trend_fit(y, 10, 0, scratch);
    ck_assert(isnan(t.slope));
    ck_assert_uint_eq(t.points, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stats");
    TCase *c = tcase_create("stats");
    tcase_add_test(c, quantiles_equal_those_of_the_sorted_sample);
    tcase_add_test(c, quantile_of_nothing_is_nan_and_of_one_is_it);
    tcase_add_test(c, a_line_has_its_slope_in_spite_of_outliers_and_gaps);
    tcase_add_test(c, noise_has_no_significant_trend);
    tcase_add_test(c, a_season_hides_no_trend_and_makes_none);
    tcase_add_test(c, constant_and_empty_series_are_quiet);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
