/* Efficiency: what counts, what is capped, and what is not known. */
#include <math.h>

#include "cost/efficiency.h"
#include "support.h"

static struct ll_efficiency of(const struct ll_efficiency_row *rows, size_t n)
{
    struct ll_efficiency e;
    ll_efficiency_of(rows, n, &e);
    return e;
}

START_TEST(costs_weigh)
{
    const struct ll_efficiency_row rows[] = {{4, 1.3, 300, 0.65}, {8, 6.4, 100, 0.8}};
    const struct ll_efficiency e = of(rows, 2);
    ck_assert_double_eq_tol(e.raw, 0.75 * 0.325 + 0.25 * 0.8, 1e-12);
    ck_assert_double_eq_tol(e.score, 0.75 * 50 + 0.25 * 100, 1e-12);
    ck_assert_double_eq(e.overload, 0);
}
END_TEST

START_TEST(overload_does_not_pay_for_idleness)
{
    const struct ll_efficiency_row rows[] = {{1, 10, 1, 0.65}, {1, 0, 1, 0.65}};
    const struct ll_efficiency e = of(rows, 2);
    ck_assert_double_eq(e.raw, 5);
    ck_assert_double_eq(e.score, 50);
    ck_assert_double_eq(e.overload, 4.5);
}
END_TEST

START_TEST(nothing_that_costs_is_not_zero)
{
    const struct ll_efficiency_row free_of_charge = {4, 2, 0, 0.65}, unused = {0, 0, 5, 0.65};
    ck_assert(isnan(of(NULL, 0).score) && isnan(of(NULL, 0).raw));
    ck_assert(isnan(of(&free_of_charge, 1).score));
    ck_assert(isnan(of(&unused, 1).score));
    ck_assert_uint_eq(of(&unused, 1).skipped, 1);
}
END_TEST

START_TEST(use_without_an_allocation_counts_full)
{
    const struct ll_efficiency_row row = {0, 3, 5, 0.65};
    ck_assert_double_eq(of(&row, 1).raw, 1);
    ck_assert_double_eq(of(&row, 1).score, 100);
}
END_TEST

START_TEST(what_is_not_known_is_left_out_and_counted)
{
    const struct ll_efficiency_row rows[] = {
        {4, 2.6, 10, 0.65}, {NAN, 1, 10, 0.65}, {4, NAN, 10, 0.65},      {4, 1, NAN, 0.65},
        {4, 1, 10, NAN},    {4, 1, -10, 0.65},  {4, INFINITY, 10, 0.65}, {1e-320, 1, 10, 0.65},
        {4, 1, 10, 0},      {4, 1, 10, 1.5}};
    const struct ll_efficiency e = of(rows, LL_LEN(rows));
    ck_assert_uint_eq(e.unknown, 9);
    ck_assert_double_eq_tol(e.score, 100, 1e-12);
}
END_TEST

START_TEST(targets_are_those_of_the_definition)
{
    ck_assert_double_eq(ll_efficiency_target(LL_RESOURCE_CPU, LL_TIER_STANDARD), 0.65);
    ck_assert_double_eq(ll_efficiency_target(LL_RESOURCE_CPU, LL_TIER_CRITICAL), 0.50);
    ck_assert_double_eq(ll_efficiency_target(LL_RESOURCE_MEMORY, LL_TIER_CRITICAL), 0.80);
    ck_assert_double_eq(ll_efficiency_target(LL_RESOURCE_DISK, LL_TIER_BATCH), 0.80);
}
END_TEST

/* Any rows: a score in 0..100 that does not depend on their order. */
START_TEST(scores_are_within_bounds_in_any_order)
{
    uint64_t seed = 5;
    for (int round = 0; round < 2000; round++) {
        struct ll_efficiency_row rows[12], turned[12];
        for (size_t i = 0; i < 12; i++) {
            rows[i] = (struct ll_efficiency_row){
                .allocated = (double)(ll_test_random(&seed) % 100),
                .used = (double)(ll_test_random(&seed) % 150),
                .cost = (double)(ll_test_random(&seed) % 1000) * 1e-3,
                .target = 0.5 + (double)(ll_test_random(&seed) % 50) / 100,
            };
            turned[11 - i] = rows[i];
        }
        const struct ll_efficiency e = of(rows, 12), t = of(turned, 12);
        if (isnan(e.score))
            continue;
        ck_assert_double_ge(e.score, 0);
        ck_assert_double_le(e.score, 100 * (1 + 1e-12));
        ck_assert_double_eq_tol(e.score, t.score, 1e-9);
        ck_assert_double_eq_tol(e.raw, t.raw, 1e-9 * e.raw);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {costs_weigh,
                                  overload_does_not_pay_for_idleness,
                                  nothing_that_costs_is_not_zero,
                                  use_without_an_allocation_counts_full,
                                  what_is_not_known_is_left_out_and_counted,
                                  targets_are_those_of_the_definition,
                                  scores_are_within_bounds_in_any_order};
    return ll_test_run("cost_efficiency", tests, LL_LEN(tests));
}
