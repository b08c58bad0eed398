/* What an instance carries: found where data tells it, refused where it does not. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "scaling/capacity.h"

enum { N = 600 };
static struct ll_capacity_point p[N];

static double chance(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (double)(*x >> 11) / 9007199254740992.0 - 0.5;
}

/* 5 % without load, 400 units fill an instance: u = 0.05 + 0.95 x / 400. */
static void make(uint64_t seed, double noise)
{
    uint64_t s = seed;
    for (int i = 0; i < N; i++) {
        const double n = 3 + i / 200, x = 180 + 120 * sin(i / 30.0);
        p[i] =
            (struct ll_capacity_point){.t = (ll_time)i * LL_MINUTE,
                                       .load = x * n,
                                       .instances = n,
                                       .utilization = 0.05 + 0.95 * x / 400 + noise * chance(&s)};
    }
}

static struct ll_capacity_learned found(void)
{
    struct ll_err err;
    struct ll_capacity_learned c;
    ck_assert_msg(ll_capacity_learn(p, N, &c, &err), "%s", err.text);
    return c;
}

static void refused(size_t n, const char *why)
{
    struct ll_err err;
    struct ll_capacity_learned c = {.units = 42};
    ck_assert(!ll_capacity_learn(p, n, &c, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_msg(strstr(err.text, why), "%s", err.text);
    ck_assert_double_eq(c.units, 42);
}

START_TEST(a_line_is_found_exactly)
{
    make(1, 0);
    const struct ll_capacity_learned c = found();
    ck_assert_double_eq_tol(c.units, 400, 1e-6);
    ck_assert_double_eq_tol(c.idle, 0.05, 1e-9);
    ck_assert_double_eq_tol(c.explained, 1, 1e-9);
    ck_assert_uint_eq(c.used, N);
    ck_assert_int_eq(c.date, (N - 1) * LL_MINUTE);
    ck_assert_double_eq_tol(c.seen_load, 300, 0.1);
    ck_assert(!ll_capacity_beyond(&c, 0.7) && ll_capacity_beyond(&c, 0.8));
}
END_TEST

START_TEST(the_interval_holds_as_often_as_it_says)
{
    int held = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        make(seed * 88172645463325252U + 1, 0.2);
        const struct ll_capacity_learned c = found();
        held += c.lower <= 400 && 400 <= c.upper;
        ck_assert(c.lower < c.units && c.units < c.upper);
    }
    ck_assert_msg(held >= 180 && held < 200, "%d of 200", held);
}
END_TEST

START_TEST(errors_that_follow_each_other_widen_it)
{
    make(7, 0.1);
    const struct ll_capacity_learned one = found();
    uint64_t s = 7;
    double drift = 0;
    for (int i = 0; i < N; i++) {
        drift = 0.9 * drift + 0.03 * chance(&s);
        p[i].utilization = 0.05 + 0.95 * p[i].load / p[i].instances / 400 + drift;
    }
    const struct ll_capacity_learned other = found();
    ck_assert_double_gt(other.upper - other.lower, 1.5 * (one.upper - one.lower));
}
END_TEST

START_TEST(what_is_far_off_or_missing_bends_nothing)
{
    make(3, 0.02);
    for (int i = 0; i < N; i += 12)
        p[i].utilization = 0.9;
    for (int i = 1; i < N; i += 12)
        p[i].load = NAN;
    for (int i = 2; i < N; i += 12)
        p[i].instances = 0;
    for (int i = 3; i < N; i += 12)
        p[i].utilization = 1; /* saturated */
    const struct ll_capacity_learned c = found();
    ck_assert_double_eq_tol(c.units, 400, 8);
    ck_assert_uint_ge(c.left_out, 4 * N / 12);
}
END_TEST

START_TEST(data_that_cannot_tell_is_refused)
{
    make(5, 0.02);
    refused(10, "only 10 moments");
    refused(0, "only 0 moments");
    for (int i = 0; i < N; i++)
        p[i].load = 100 * p[i].instances;
    refused(N, "hardly varies");
    make(5, 0);
    for (int i = 0; i < N; i++)
        p[i].utilization = 0.9 - p[i].utilization;
    refused(N, "does not rise");
    make(5, 0);
    uint64_t s = 5;
    for (int i = 0; i < N; i++)
        p[i].utilization = 0.4 + 0.0003 * p[i].load / p[i].instances + 0.4 * chance(&s);
    refused(N, "explains");
}
END_TEST

START_TEST(a_wide_interval_is_refused)
{
    uint64_t s = 11;
    double drift = 0;
    make(11, 0);
    for (int i = 0; i < 120; i++) {
        drift = 0.95 * drift + 0.13 * chance(&s);
        p[i].utilization = fmax(p[i].utilization + drift, 0);
    }
    refused(120, "guess");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scaling_capacity");
    TCase *t = tcase_create("capacity");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, a_line_is_found_exactly);
    tcase_add_test(t, the_interval_holds_as_often_as_it_says);
    tcase_add_test(t, errors_that_follow_each_other_widen_it);
    tcase_add_test(t, what_is_far_off_or_missing_bends_nothing);
    tcase_add_test(t, data_that_cannot_tell_is_refused);
    tcase_add_test(t, a_wide_interval_is_refused);
    suite_add_tcase(s, t);
    SRunner *run = srunner_create(s);
    srunner_run_all(run, CK_NORMAL);
    const int failed = srunner_ntests_failed(run);
    srunner_free(run);
    return failed != 0;
}
