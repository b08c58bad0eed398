/* Measures, by hand. */
#include <math.h>
#include <stdlib.h>

#include "forecast/measure.h"
#include "support.h"

START_TEST(measures_by_hand)
{
    struct ll_measure m = {0};
    ll_measure_add(&m, 100, 110, 90, 120, 0.9);  /* inside */
    ll_measure_add(&m, 200, 180, 190, 196, 0.9); /* 4 above */
    ll_measure_add(&m, 50, 50, NAN, NAN, 0.9);   /* no bounds */
    ll_measure_add(&m, NAN, 50, 0, 1, 0.9);      /* no actual */
    ck_assert_uint_eq(m.n, 3);
    ck_assert_double_eq_tol(ll_measure_wape(&m), 30.0 / 350, 1e-15);
    ck_assert_double_eq_tol(ll_measure_bias(&m), -10.0 / 350, 1e-15);
    ck_assert_double_eq_tol(ll_measure_smape(&m), (200 * 10 / 210.0 + 200 * 20 / 380.0) / 3, 1e-12);
    ck_assert_double_eq_tol(ll_measure_mase(&m, 5), 2, 1e-15);
    ck_assert_double_eq(ll_measure_coverage(&m), 0.5);
    ck_assert_double_eq_tol(ll_measure_msis(&m, 5, 0.9), (36 + 20 * 4) / 2.0 / 5, 1e-9);
    /* quantiles of 5 and 95 %: 0.05 (10 + 20) of the first, 0.05 x 10 + 0.95 x 4 of the second */
    ck_assert_double_eq_tol(m.pinball, 1.5 + 4.3, 1e-9);
}
END_TEST

START_TEST(nothing_seen_is_nan)
{
    struct ll_measure m = {0};
    ck_assert(isnan(ll_measure_wape(&m)) && isnan(ll_measure_smape(&m)));
    ck_assert(isnan(ll_measure_coverage(&m)) && isnan(ll_measure_msis(&m, 1, 0.9)));
    ll_measure_add(&m, 0, 0, NAN, NAN, 0.9);
    ck_assert_double_eq(ll_measure_smape(&m), 0);
}
END_TEST

START_TEST(the_scale_is_the_mean_seasonal_difference)
{
    const double y[] = {1, 2, 4, NAN, 5, 9};
    ck_assert_double_eq_tol(ll_measure_scale(y, 6, 2), (3 + 1) / 2.0, 1e-15);
    ck_assert_double_eq_tol(ll_measure_scale(y, 6, 0), (1 + 2 + 4) / 3.0, 1e-15);
    ck_assert_double_eq(ll_measure_scale(y, 6, 10), 0);
    ck_assert_double_eq(ll_measure_scale(y, 0, 1), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {measures_by_hand, nothing_seen_is_nan,
                                  the_scale_is_the_mean_seasonal_difference};
    return ll_test_run("forecast_measure", tests, LL_LEN(tests));
}
