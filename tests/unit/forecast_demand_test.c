/* The quantile of the maximum over a window, and why there is none. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/demand.h"
#include "stats/normal.h"

enum { STEPS = 24 };

static const ll_time origin = 1000 * LL_HOUR;
static struct ll_kept_point points[STEPS];
static const struct ll_trust trusted = {.kind = LL_TRUST_TRUSTED, .hours = 100};

/* 100 at each hour, 150 at the tenth; normal errors with a standard deviation of 10. */
static struct ll_kept_forecast forecast(void)
{
    const double z95 = 1.959963984540054;
    for (uint32_t i = 0; i < STEPS; i++) {
        double v = i == 10 ? 150 : 100;
        points[i] = (struct ll_kept_point){i, {v, v - 10 * z95, v + 10 * z95}, {v, NAN, NAN}};
    }
    return (struct ll_kept_forecast){.id = 5,
                                     .unit = LL_UNIT_CORES,
                                     .origin = origin,
                                     .until = origin + STEPS * LL_HOUR,
                                     .step = LL_HOUR,
                                     .level = 0.95,
                                     .model = LL_SLICE("auto"),
                                     .made = origin,
                                     .shape = {0.6744897501960817, 1.2815515655446004,
                                               1.6448536269514722, z95, 2.5758293035489004},
                                     .points = points,
                                     .n_points = STEPS};
}

static struct ll_demand ask(const struct ll_kept_forecast *f, const struct ll_trust *trust,
                            ll_dur from, ll_dur span, double q)
{
    struct ll_demand d;
    const struct ll_demand_window w = {
        .now = origin, .from = origin + from, .to = origin + from + span, .quantile = q};
    ll_demand_read(f, trust, &w, &d);
    return d;
}

START_TEST(one_step_has_its_own_quantile)
{
    const struct ll_kept_forecast f = forecast();
    struct ll_demand d = ask(&f, &trusted, 0, LL_HOUR, 0.95);
    ck_assert_int_eq(d.kind, LL_DEMAND_KNOWN);
    ck_assert_double_eq_tol(d.value, 100 + 10 * ll_normal_quantile(0.95), 0.01);
    ck_assert_double_eq(d.said, d.value);
    ck_assert_int_eq(d.at, origin);
    ck_assert_int_eq(d.forecast, 5);
    ck_assert_int_eq(d.unit, LL_UNIT_CORES);
    ck_assert_str_eq(d.model, "auto");
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, LL_HOUR, 0.5).value, 100, 1e-9);
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, LL_HOUR, 0.2).value,
                            100 + 10 * ll_normal_quantile(0.2), 0.01);
    /* Part of a step is that step. */
    ck_assert_double_eq(ask(&f, &trusted, 20 * LL_MINUTE, 3 * LL_MINUTE, 0.95).value, d.value);
}
END_TEST

START_TEST(the_highest_step_counts)
{
    const struct ll_kept_forecast f = forecast();
    struct ll_demand d = ask(&f, &trusted, 8 * LL_HOUR, 3 * LL_HOUR, 0.95);
    ck_assert_double_eq_tol(d.value, 150 + 10 * ll_normal_quantile(0.95), 0.01);
    ck_assert_int_eq(d.at, origin + 10 * LL_HOUR);
    /* It begins when the window ends: not in it. */
    ck_assert_double_lt(ask(&f, &trusted, 8 * LL_HOUR, 2 * LL_HOUR, 0.95).value, 120);
}
END_TEST

START_TEST(a_maximum_is_higher_than_its_steps)
{
    const struct ll_kept_forecast f = forecast();
    double one = ask(&f, &trusted, 0, LL_HOUR, 0.95).value, last = one;
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, 3 * LL_HOUR, 0.95).value, one, 1e-6);
    for (ll_dur span = 4 * LL_HOUR; span <= 10 * LL_HOUR; span += LL_HOUR) {
        double x = ask(&f, &trusted, 0, span, 0.95).value;
        ck_assert_double_gt(x, last);
        last = x;
    }
    /* Nine alike as three independent: P(max <= x) = F(x)^3. */
    double wanted = 100 + 10 * ll_normal_quantile(cbrt(0.95));
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, 9 * LL_HOUR, 0.95).value, wanted, 0.01);
}
END_TEST

START_TEST(higher_quantiles_are_higher)
{
    const struct ll_kept_forecast f = forecast();
    static const double q[] = {0.01, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999};
    double last = -INFINITY;
    for (size_t i = 0; i < LL_LEN(q); i++) {
        double x = ask(&f, &trusted, 0, 20 * LL_HOUR, q[i]).value;
        ck_assert_double_gt(x, last);
        last = x;
    }
    ck_assert(isfinite(last));
}
END_TEST

START_TEST(an_unknown_shape_is_the_normals)
{
    struct ll_kept_forecast f = forecast();
    double known = ask(&f, &trusted, 0, 9 * LL_HOUR, 0.9).value;
    for (int i = 0; i < LL_KEPT_LEVELS; i++)
        f.shape[i] = NAN;
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, 9 * LL_HOUR, 0.9).value, known, 0.05);
}
END_TEST

START_TEST(without_bounds_it_is_the_highest_point)
{
    const struct ll_kept_forecast f = forecast();
    for (size_t i = 0; i < STEPS; i++)
        points[i].said.lower = points[i].said.upper = NAN;
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, 24 * LL_HOUR, 0.95).value, 150, 1e-9);
    for (size_t i = 0; i < STEPS; i++)
        points[i].said.upper = points[i].said.predicted; /* a constant has no errors */
    ck_assert_double_eq_tol(ask(&f, &trusted, 0, 24 * LL_HOUR, 0.95).value, 150, 1e-9);
}
END_TEST

static void expect_none(const struct ll_demand *d, enum ll_demand_kind kind, bool said)
{
    ck_assert_int_eq(d->kind, kind);
    ck_assert_double_nan(d->value);
    ck_assert_int_eq(isfinite(d->said) != 0, said);
}

START_TEST(why_there_is_none_is_told)
{
    struct ll_kept_forecast f = forecast();
    struct ll_demand d = ask(NULL, &trusted, 0, LL_HOUR, 0.95);
    char text[LL_DEMAND_TEXT_MAX];
    expect_none(&d, LL_DEMAND_MISSING, false);
    ck_assert_int_eq(d.forecast, 0);
    ck_assert_int_eq(d.origin, LL_TIME_NONE);
    ck_assert_str_eq(ll_demand_text(&d, text), "there is no forecast of it");
    d = ask(&f, &trusted, 23 * LL_HOUR, 2 * LL_HOUR, 0.95);
    expect_none(&d, LL_DEMAND_BEYOND, false);
    d = ask(&f, &trusted, -LL_HOUR, 2 * LL_HOUR, 0.95);
    expect_none(&d, LL_DEMAND_BEYOND, false);
    static const enum ll_trust_kind not[] = {LL_TRUST_UNMEASURED, LL_TRUST_LOSES, LL_TRUST_NARROW,
                                             LL_TRUST_WIDE};
    for (size_t i = 0; i < LL_LEN(not); i++) {
        d = ask(&f, &(struct ll_trust){.kind = not[i]}, 0, LL_HOUR, 0.95);
        expect_none(&d, LL_DEMAND_UNTRUSTED, true);
    }
    ck_assert_ptr_nonnull(strstr(ll_demand_text(&d, text), "not to be trusted"));
    f.made = origin - LL_DEMAND_FRESH;
    ck_assert_int_eq(ask(&f, &trusted, 0, LL_HOUR, 0.95).kind, LL_DEMAND_KNOWN);
    f.made--;
    d = ask(&f, &trusted, 0, LL_HOUR, 0.95);
    expect_none(&d, LL_DEMAND_STALE, true);
    ck_assert_int_eq(d.origin, origin);
    f.n_points = 5; /* of a session that closes: the forecast goes on the next day */
    d = ask(&f, &trusted, 6 * LL_HOUR, LL_HOUR, 0.95);
    expect_none(&d, LL_DEMAND_CLOSED, false);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("forecast_demand");
    TCase *c = tcase_create("window");
    tcase_add_test(c, one_step_has_its_own_quantile);
    tcase_add_test(c, the_highest_step_counts);
    tcase_add_test(c, a_maximum_is_higher_than_its_steps);
    tcase_add_test(c, higher_quantiles_are_higher);
    tcase_add_test(c, an_unknown_shape_is_the_normals);
    tcase_add_test(c, without_bounds_it_is_the_highest_point);
    tcase_add_test(c, why_there_is_none_is_told);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
