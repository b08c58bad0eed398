/* Commitments against trying every number of units, and what they refuse. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "cost/commitment.h"
#include "cost/schedule_saving.h"

enum { HOURS = 48, TRIALS = 2000, MOST = 12 };

static uint64_t state = 42;

static double random_below(double n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53 * n;
}

static struct ll_commitment_ask random_ask(double *demand, bool whole)
{
    for (size_t i = 0; i < HOURS; i++) {
        demand[i] = random_below(MOST);
        demand[i] = whole ? floor(demand[i]) : demand[i];
    }
    return (struct ll_commitment_ask){.demand = demand,
                                      .n = HOURS,
                                      .on_demand = 0.01 + random_below(1),
                                      .committed = random_below(1),
                                      .existing = floor(random_below(3))};
}

START_TEST(no_other_number_of_units_is_cheaper)
{
    double demand[HOURS], scratch[HOURS];
    for (int t = 0; t < TRIALS; t++) {
        struct ll_err err;
        struct ll_commitment best, other;
        const struct ll_commitment_ask ask = random_ask(demand, t % 2);
        ck_assert(ll_commitment_best(&ask, scratch, &best, &err));
        for (double k = 0; k <= MOST; k++) {
            ck_assert(ll_commitment_of(&ask, k, &other, &err));
            ck_assert_msg(best.cost <= other.cost + 1e-9, "trial %d: %g units cost %g, %g cost %g",
                          t, best.units, best.cost, k, other.cost);
            if (k < best.units) /* a tie goes to the smaller */
                ck_assert_msg(best.cost < other.cost, "trial %d: %g cost the same", t, k);
        }
        ck_assert(best.cost <= best.on_demand_cost + 1e-9);
    }
}
END_TEST

START_TEST(regret_is_none_for_the_best_and_grows_beside_it)
{
    double demand[HOURS], scratch[HOURS], regret;
    struct ll_err err;
    struct ll_commitment best;
    struct ll_commitment_ask ask = random_ask(demand, true);
    ask.on_demand = 1;
    ask.committed = 0.4;
    ck_assert(ll_commitment_best(&ask, scratch, &best, &err));
    ck_assert(ll_commitment_regret(&ask, best.units, scratch, &regret, &err));
    ck_assert_double_eq(regret, 0);
    ck_assert(ll_commitment_regret(&ask, best.units + 3, scratch, &regret, &err));
    ck_assert(regret > 0);
}
END_TEST

START_TEST(what_has_no_demand_has_no_ratios)
{
    const double demand[2] = {0, 0};
    double scratch[2];
    struct ll_err err;
    struct ll_commitment c;
    const struct ll_commitment_ask ask = {
        .demand = demand, .n = 2, .on_demand = 1, .committed = 0.5};
    ck_assert(ll_commitment_best(&ask, scratch, &c, &err));
    ck_assert_double_eq(c.units, 0);
    ck_assert(isnan(c.savings_pct) && isnan(c.coverage) && isnan(c.utilization) &&
              isnan(c.marginal_utilization));
}
END_TEST

START_TEST(what_means_nothing_is_refused)
{
    const double good[1] = {3}, bad[1] = {NAN}, negative[1] = {-1};
    const struct ll_commitment_ask asks[] = {
        {.demand = good, .n = 0, .on_demand = 1},
        {.demand = good, .n = 1, .on_demand = 0},
        {.demand = good, .n = 1, .on_demand = NAN},
        {.demand = good, .n = 1, .on_demand = 1, .committed = -1},
        {.demand = good, .n = 1, .on_demand = 1, .committed = INFINITY},
        {.demand = good, .n = 1, .on_demand = 1, .existing = 0.5},
        {.demand = bad, .n = 1, .on_demand = 1},
        {.demand = negative, .n = 1, .on_demand = 1},
    };
    double scratch[1];
    struct ll_commitment c;
    for (size_t i = 0; i < LL_LEN(asks); i++) {
        struct ll_err err;
        ck_assert_msg(!ll_commitment_best(&asks[i], scratch, &c, &err), "%zu", i);
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    struct ll_err err;
    const struct ll_commitment_ask ask = {.demand = good, .n = 1, .on_demand = 1};
    ck_assert(!ll_commitment_of(&ask, 1.5, &c, &err));
    ck_assert(!ll_commitment_of(&ask, -1, &c, &err));
}
END_TEST

START_TEST(what_is_paid_in_advance_is_spread)
{
    ck_assert_double_eq_tol(ll_commitment_rate(7300, 0, 0, 10), 1, 1e-12);
    ck_assert_double_eq_tol(ll_commitment_rate(0, 730, 0.01, 12), 1, 1e-12);
    /* 1,000 at 1 % a month over 12 months: 88.8487887 a month */
    ck_assert_double_eq_tol(ll_commitment_rate(1000, 0, 0.01, 12) * 730, 88.84878867834, 1e-9);
    ck_assert(isnan(ll_commitment_rate(1, 1, 0.01, 0)));
    ck_assert(isnan(ll_commitment_rate(1, 1, -1, 12)));
}
END_TEST

START_TEST(a_ladder_climbs_a_twelfth_a_month_and_no_higher_than_the_last_days_need)
{
    ck_assert_double_eq(ll_commitment_step(24, 0, 30, 30), 2);
    ck_assert_double_eq(ll_commitment_step(24, 23, 30, 30), 1);
    ck_assert_double_eq(ll_commitment_step(24, 24, 30, 30), 0);
    ck_assert_double_eq(ll_commitment_step(25, 0, 30, 30), 3);
    ck_assert_double_eq(ll_commitment_step(24, 6, 7, 30), 1);
    ck_assert_double_eq(ll_commitment_step(24, 8, 30, 7), 0);
}
END_TEST

START_TEST(interruptions_are_paid)
{
    ck_assert_double_eq_tol(ll_commitment_spot_rate(0.03, 0.01, 0.5, 1.5), 0.05, 1e-12);
}
END_TEST

START_TEST(a_schedule_saves_what_is_off_and_pays_its_starts)
{
    struct ll_err err;
    struct ll_schedule_saving s;
    const struct ll_schedule_ask week = {.use = 50, .compute = 1};
    ck_assert(ll_schedule_saving(&week, &s, &err));
    ck_assert_double_eq_tol(s.pct, 70.238095, 5e-7);
    const struct ll_schedule_ask starts = {
        .use = 32.5, .lead = 1, .starts = 5, .compute = 1, .start_cost = 0.1};
    ck_assert(ll_schedule_saving(&starts, &s, &err));
    ck_assert_double_eq(s.on, 37.5);
    ck_assert_double_eq_tol(s.monthly, 730 * (1 - 37.5 / 168) - 0.5 * 730 / 168, 1e-9);
    const struct ll_schedule_ask always = {.use = 160, .lead = 10, .starts = 7, .compute = 1};
    ck_assert(ll_schedule_saving(&always, &s, &err));
    ck_assert_double_eq(s.on, 168);
    ck_assert_double_eq(s.monthly, 0);
    const struct ll_schedule_ask paid = {.use = 40, .compute = 2, .committed = 2};
    ck_assert(ll_schedule_saving(&paid, &s, &err));
    ck_assert_double_eq(s.monthly, 0);
    const struct ll_schedule_ask free_ = {.use = 40};
    ck_assert(ll_schedule_saving(&free_, &s, &err));
    ck_assert(isnan(s.pct));
    const struct ll_schedule_ask bad[] = {{.use = 169},
                                          {.use = NAN},
                                          {.use = 1, .compute = -1},
                                          {.use = 1, .compute = 1, .committed = 2},
                                          {.use = 1, .starts = INFINITY}};
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(!ll_schedule_saving(&bad[i], &s, &err), "%zu", i);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cost_commitment");
    TCase *t = tcase_create("commitment");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, no_other_number_of_units_is_cheaper);
    tcase_add_test(t, regret_is_none_for_the_best_and_grows_beside_it);
    tcase_add_test(t, what_has_no_demand_has_no_ratios);
    tcase_add_test(t, what_means_nothing_is_refused);
    tcase_add_test(t, what_is_paid_in_advance_is_spread);
    tcase_add_test(t, a_ladder_climbs_a_twelfth_a_month_and_no_higher_than_the_last_days_need);
    tcase_add_test(t, interruptions_are_paid);
    tcase_add_test(t, a_schedule_saves_what_is_off_and_pays_its_starts);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
