/* Budgets: thresholds, pace, and the bounds of a month in the zone that bills. */
#include <math.h>
#include <string.h>

#include "cost/budget.h"
#include "support.h"

static struct ll_budget_state judge(struct ll_budget_ask ask)
{
    struct ll_budget_state s;
    struct ll_err err;
    ck_assert(ll_budget_judge(&ask, &s, &err));
    return s;
}

START_TEST(thresholds_are_inclusive_and_fire_once)
{
    struct ll_budget_ask ask = {
        .budget = 1000, .spent = 900, .elapsed = 0.5, .p50 = NAN, .p90 = NAN};
    struct ll_budget_state s = judge(ask);
    ck_assert_uint_eq(s.reached, 7);
    ck_assert_uint_eq(s.fires, 7);
    ask.told = s.reached;
    ask.spent = 1000;
    s = judge(ask);
    ck_assert_uint_eq(s.reached, 15);
    ck_assert_uint_eq(s.fires, 8);
    ask.spent = 899.99;
    ask.told = 0;
    ck_assert_uint_eq(judge(ask).fires, 3);
    ck_assert(!s.forecast_alert && !s.early_warning);
}
END_TEST

START_TEST(the_forecast_warns_before_it_alerts)
{
    struct ll_budget_ask ask = {
        .budget = 1000, .spent = 499.99, .elapsed = 0.5, .p50 = 990, .p90 = 1010};
    struct ll_budget_state s = judge(ask);
    ck_assert(s.early_warning && !s.forecast_alert);
    ck_assert_double_eq_tol(s.pace, 0.99998, 1e-12);
    ask.p50 = 1000;
    s = judge(ask);
    ck_assert(s.forecast_alert && !s.early_warning);
}
END_TEST

START_TEST(nothing_elapsed_has_no_pace_and_unknown_spending_no_alert)
{
    struct ll_budget_ask ask = {.budget = 10, .p50 = 0, .p90 = 0};
    ck_assert(isnan(judge(ask).pace));
    ask.elapsed = 0.5;
    ask.spent = NAN;
    struct ll_budget_state s = judge(ask);
    ck_assert(isnan(s.actual_pct) && isnan(s.pace) && s.reached == 0);
    ask.spent = -3; /* credits */
    ck_assert_double_eq_tol(judge(ask).actual_pct, -30, 1e-12);
}
END_TEST

START_TEST(what_is_no_budget_is_refused)
{
    struct ll_budget_ask bad[] = {{.budget = 0},
                                  {.budget = -1},
                                  {.budget = NAN},
                                  {.budget = 1, .elapsed = 1.1},
                                  {.budget = 1, .elapsed = NAN}};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_budget_state s = {.reached = 99};
        struct ll_err err;
        ck_assert(!ll_budget_judge(&bad[i], &s, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
        ck_assert_uint_eq(s.reached, 99);
    }
}
END_TEST

START_TEST(elapsed_goes_by_what_days_cost)
{
    const double weight[] = {100, 100, 100, 100, 100, 10, 10};
    ck_assert_double_eq_tol(ll_budget_elapsed(weight, 7, 5), 500.0 / 520, 1e-12);
    ck_assert_double_eq_tol(ll_budget_elapsed(weight, 7, 0.5), 50.0 / 520, 1e-12);
    ck_assert_double_eq(ll_budget_elapsed(weight, 7, 9), 1);
    ck_assert_double_eq(ll_budget_elapsed(weight, 7, -1), 0);
    const double none[] = {0, 0}, odd[] = {1, NAN};
    ck_assert_double_eq(ll_budget_elapsed(none, 2, 1), 0.5);
    ck_assert_double_eq(ll_budget_elapsed(odd, 2, 1), 0.5);
    ck_assert(isnan(ll_budget_elapsed(NULL, 0, 1)));
}
END_TEST

START_TEST(a_month_is_one_of_the_zone_that_bills)
{
    struct ll_tz *utc = ll_tz_utc();
    ll_time from, to;
    const struct ll_civil t = {.year = 2026, .month = 12, .day = 31, .hour = 23};
    ll_budget_month(utc, ll_time_from_civil(&t), &from, &to);
    char buf[LL_TIME_TEXT_MAX];
    ck_assert_str_eq(ll_time_format(from, buf), "2026-12-01T00:00:00.000Z");
    ck_assert_str_eq(ll_time_format(to, buf), "2027-01-01T00:00:00.000Z");
    ll_tz_free(utc);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {thresholds_are_inclusive_and_fire_once,
                                  the_forecast_warns_before_it_alerts,
                                  nothing_elapsed_has_no_pace_and_unknown_spending_no_alert,
                                  what_is_no_budget_is_refused,
                                  elapsed_goes_by_what_days_cost,
                                  a_month_is_one_of_the_zone_that_bills};
    return ll_test_run("cost_budget", tests, LL_LEN(tests));
}
