/* The verdict on forecasts of a series, from sums of hours that came. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/trust.h"

/* n hours, `inside` of them within bounds, with a mean loss. */
static struct ll_accuracy_sums sums(double n, double inside, double pinball)
{
    return (struct ll_accuracy_sums){
        .n = n, .n_bounded = n, .inside = inside, .pinball = pinball * n};
}

static struct ll_trust judge(double n, double inside, double ours, double naive)
{
    const struct ll_accuracy_sums a = sums(n, inside, ours), b = sums(n, n, naive);
    return ll_trust_judge(&a, &b, 0.95, 2 * LL_HOUR);
}

START_TEST(better_than_naive_within_its_bounds_is_trusted)
{
    struct ll_trust t = judge(400, 376, 1.2, 1.9);
    ck_assert_int_eq(t.kind, LL_TRUST_TRUSTED);
    ck_assert_double_eq(t.hours, 400);
    ck_assert_double_eq_tol(t.pinball, 1.2, 1e-12);
    ck_assert_double_eq_tol(t.naive, 1.9, 1e-12);
    ck_assert_double_eq_tol(t.coverage, 0.94, 1e-12);
    ck_assert_double_eq(t.level, 0.95);
    ck_assert_int_eq(t.ahead, 2 * LL_HOUR);
}
END_TEST

START_TEST(less_than_a_day_of_hours_tells_nothing)
{
    ck_assert_int_eq(judge(23, 22, 1, 9).kind, LL_TRUST_UNMEASURED);
    ck_assert_int_eq(judge(24, 23, 1, 9).kind, LL_TRUST_TRUSTED);
    ck_assert_int_eq(judge(0, 0, 0, 0).kind, LL_TRUST_UNMEASURED);
}
END_TEST

START_TEST(no_better_than_the_season_is_not_trusted)
{
    ck_assert_int_eq(judge(100, 95, 0.95, 1).kind, LL_TRUST_TRUSTED);
    ck_assert_int_eq(judge(100, 95, 0.951, 1).kind, LL_TRUST_LOSES);
    ck_assert_int_eq(judge(100, 95, 2, 1).kind, LL_TRUST_LOSES);
    ck_assert_int_eq(judge(100, 100, 0, 0).kind, LL_TRUST_TRUSTED); /* a constant: both are right */
}
END_TEST

START_TEST(coverage_must_be_within_five_points)
{
    ck_assert_int_eq(judge(100, 90, 1, 2).kind, LL_TRUST_TRUSTED);
    ck_assert_int_eq(judge(100, 89, 1, 2).kind, LL_TRUST_NARROW);
    ck_assert_int_eq(judge(100, 100, 1, 2).kind, LL_TRUST_TRUSTED);
    const struct ll_accuracy_sums a = sums(100, 100, 1), b = sums(100, 100, 2);
    ck_assert_int_eq(ll_trust_judge(&a, &b, 0.8, LL_HOUR).kind, LL_TRUST_WIDE);
    const struct ll_accuracy_sums c = sums(100, 85, 1);
    ck_assert_int_eq(ll_trust_judge(&c, &b, 0.8, LL_HOUR).kind, LL_TRUST_TRUSTED);
}
END_TEST

START_TEST(where_naive_says_nothing_it_does_not_win)
{
    const struct ll_accuracy_sums a = sums(100, 95, 1), none = {.n = 0};
    struct ll_trust t = ll_trust_judge(&a, &none, 0.95, LL_HOUR);
    ck_assert_int_eq(t.kind, LL_TRUST_TRUSTED);
    ck_assert_double_nan(t.naive);
    t = ll_trust_judge(&none, &a, 0.95, LL_HOUR); /* and a forecast without bounds has nothing */
    ck_assert_int_eq(t.kind, LL_TRUST_UNMEASURED);
    ck_assert_double_nan(t.coverage);
}
END_TEST

START_TEST(the_verdict_has_its_reasons)
{
    char text[LL_TRUST_TEXT_MAX];
    struct ll_trust t = judge(400, 376, 1.25, 1.9);
    ck_assert_str_eq(ll_trust_text(&t, text),
                     "2 h ahead: pinball loss 1.25 against 1.9 of seasonal naive, 94 % of 400 "
                     "hours within bounds of 95 %");
    t = judge(0, 0, 0, 0);
    ck_assert_str_eq(ll_trust_text(&t, text), "no hour 2 h ahead has come yet");
    ck_assert_str_eq(ll_trust_name(LL_TRUST_NARROW), "narrow");
}
END_TEST

START_TEST(a_lead_time_is_whole_steps_and_at_least_an_hour)
{
    ck_assert_int_eq(ll_forecast_lead(3 * LL_MINUTE, 5 * LL_MINUTE), LL_HOUR);
    ck_assert_int_eq(ll_forecast_lead(61 * LL_MINUTE, 5 * LL_MINUTE), 65 * LL_MINUTE);
    ck_assert_int_eq(ll_forecast_lead(61 * LL_MINUTE, LL_HOUR), 2 * LL_HOUR);
    ck_assert_int_eq(ll_forecast_lead(0, LL_HOUR), LL_HOUR);
    ck_assert_uint_eq(ll_forecast_judged_before(LL_HOUR), 8);
    ck_assert_uint_eq(ll_forecast_judged_before(6 * LL_HOUR), 8);
    ck_assert_uint_eq(ll_forecast_judged_before(2 * LL_HOUR), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("forecast_trust");
    TCase *c = tcase_create("verdict");
    tcase_add_test(c, better_than_naive_within_its_bounds_is_trusted);
    tcase_add_test(c, less_than_a_day_of_hours_tells_nothing);
    tcase_add_test(c, no_better_than_the_season_is_not_trusted);
    tcase_add_test(c, coverage_must_be_within_five_points);
    tcase_add_test(c, where_naive_says_nothing_it_does_not_win);
    tcase_add_test(c, the_verdict_has_its_reasons);
    tcase_add_test(c, a_lead_time_is_whole_steps_and_at_least_an_hour);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
