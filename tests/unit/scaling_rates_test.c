/* Rates of change: what left and came within each period, by whom ever. */
#include "scaling_make.h"

static struct made m;

static void setup(void)
{
    made_init(&m);
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.target.in.window = 0;
    m.target.min = 1;
    m.target.max = 1000;
}

static void teardown(void)
{
    made_fini(&m);
}

static void count(int64_t n)
{
    m.in.seen.current = m.in.seen.ready = m.state.expected = n;
    m.input[0].seen.instances = m.input[0].seen.expected = (size_t)n;
}

static int64_t least(void)
{
    made_load(&m, 0, 0, 1);
    return made_decide(&m)->to;
}

static int64_t most(void)
{
    made_load(&m, 0, 20, 1);
    return made_decide(&m)->to;
}

START_TEST(a_fifth_leaves_in_five_minutes_but_one_may)
{
    const struct {
        int64_t from, to;
    } cases[] = {{2, 1},  {3, 2},   {4, 3},   {5, 4},    {9, 8},
                 {10, 8}, {14, 12}, {15, 12}, {100, 80}, {101, 81}};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        count(cases[i].from);
        ck_assert_int_eq(least(), cases[i].to);
    }
}
END_TEST

START_TEST(as_much_again_or_four_come_in_a_minute)
{
    const struct {
        int64_t from, to;
    } cases[] = {{1, 5}, {3, 7}, {4, 8}, {5, 10}, {10, 20}, {101, 202}};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        count(cases[i].from);
        ck_assert_int_eq(most(), cases[i].to);
    }
}
END_TEST

START_TEST(what_left_before_counts_until_its_period_is_over)
{
    made_change(&m, 12, 11, 5 * LL_MINUTE - 1);
    made_change(&m, 11, 10, LL_MINUTE);
    ck_assert_int_eq(least(), 10); /* a fifth of 12 is gone */
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 1);
    m.state.changes[0].t--;
    ck_assert_int_eq(least(), 9); /* a fifth of 11 is 2, one is gone */
    m.state.changes[0].t++;
    m.state.changes[1].foreign = true; /* whoever moved it */
    ck_assert_int_eq(least(), 10);
}
END_TEST

START_TEST(what_came_before_counts_until_its_period_is_over)
{
    made_change(&m, 6, 10, LL_MINUTE - 1);
    ck_assert_int_eq(most(), 12); /* 6 may become 12 */
    m.state.changes[0].t--;
    ck_assert_int_eq(most(), 20);
    count(1);
    m.state.n_changes = 0;
    made_change(&m, 8, 1, LL_SECOND);
    ck_assert_int_eq(most(), 9); /* of 8 at the start */
}
END_TEST

/* Each policy has a period of its own. */
START_TEST(one_and_four_have_their_periods_too)
{
    count(3);
    made_change(&m, 4, 3, 5 * LL_MINUTE - 1);
    ck_assert_int_eq(least(), 3);
    m.state.changes[0].t--;
    ck_assert_int_eq(least(), 2);
    count(2);
    m.state.n_changes = 0;
    made_change(&m, 1, 2, LL_MINUTE - 1);
    ck_assert_int_eq(most(), 5);
    m.state.changes[0].t--;
    ck_assert_int_eq(most(), 6);
}
END_TEST

START_TEST(what_is_used_up_is_used_up)
{
    made_change(&m, 5, 10, LL_SECOND);
    ck_assert_int_eq(most(), 10);
    m.state.n_changes = 0;
    made_change(&m, 2, 10, LL_SECOND); /* more than was allowed, by somebody else */
    m.state.changes[0].foreign = true;
    ck_assert_int_eq(most(), 10);
    m.state.n_changes = 0;
    made_change(&m, 15, 10, LL_SECOND);
    ck_assert_int_eq(least(), 10);
}
END_TEST

START_TEST(a_wish_that_is_just_allowed_is_not_bound)
{
    made_load(&m, 0, 1.6, 1);
    ck_assert_int_eq(made_decide(&m)->to, 20);
    ck_assert_int_eq(m.d.stages[LL_STAGE_RATE].bound, LL_BOUND_NONE);
    m.rule[0].down[0] = (struct ll_step){0, LL_RATE_UNITS, 2};
    m.rule[0].n_down = 1;
    ck_assert_int_eq(least(), 8);
    ck_assert_int_eq(m.d.stages[LL_STAGE_RATE].bound, LL_BOUND_NONE);
    m.rule[0].down[0].value = 3;
    ck_assert_int_eq(least(), 8);
    ck_assert_int_eq(m.d.stages[LL_STAGE_RATE].bound, LL_BOUND_RATE_DOWN);
    ck_assert_str_eq(m.d.stages[LL_STAGE_RATE].text,
                     "not below 8 now, by the limits of its target");
    ck_assert_int_eq(most(), 20);
    ck_assert_str_eq(m.d.stages[LL_STAGE_RATE].text, "at most 20 now, by the limits of its target");
}
END_TEST

START_TEST(what_came_lately_is_not_the_share_that_may_leave)
{
    made_change(&m, 5, 10, LL_MINUTE);
    ck_assert_int_eq(least(), 9); /* a fifth of 5 */
    m.state.changes[0].t = MADE_NOW - 5 * LL_MINUTE;
    ck_assert_int_eq(least(), 8);
}
END_TEST

START_TEST(a_rules_own_rates_stand_for_the_targets)
{
    m.rule[0].in = (struct ll_rates){
        .policy = {{LL_RATE_UNITS, 1, LL_MINUTE}, {LL_RATE_PERCENT, 50, LL_MINUTE}}, .n = 2};
    ck_assert_int_eq(least(), 5);
    m.rule[0].in.select = LL_RATE_MIN;
    ck_assert_int_eq(least(), 9);
    m.rule[0].in.select = LL_RATE_DISABLED;
    ck_assert_int_eq(least(), 10);
    ck_assert_int_eq(most(), 20);
    m.rule[0].out = (struct ll_rates){
        .policy = {{LL_RATE_UNITS, 3, LL_MINUTE}, {LL_RATE_PERCENT, 50, LL_MINUTE}}, .n = 2};
    ck_assert_int_eq(most(), 15);
    m.rule[0].out.select = LL_RATE_MIN;
    ck_assert_int_eq(most(), 13);
    m.rule[0].out.select = LL_RATE_DISABLED;
    ck_assert_int_eq(most(), 10);
    m.rule[0].mode = LL_MODE_OBSERVE;
    made_rule(&m, LL_POLICY_THRESHOLD); /* the rates of one that only observes do not count */
    made_load(&m, 1, 20, 1);
    ck_assert_int_eq(most(), 20);
}
END_TEST

/* Whatever their order, and the first of equals is named. */
START_TEST(the_strictest_of_several_rules_holds)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 1, 0.001, 1);
    for (int strict = 0; strict < 2; strict++) {
        for (int i = 0; i < 2; i++) {
            const int32_t units = i == strict ? 1 : 3;
            m.rule[i].in = m.rule[i].out =
                (struct ll_rates){.policy = {{LL_RATE_UNITS, units, LL_MINUTE}}, .n = 1};
        }
        ck_assert_int_eq(least(), 9);
        ck_assert_int_eq(most(), 11);
    }
    m.rule[0].in.policy[0].value = m.rule[0].out.policy[0].value = 1;
    ck_assert_int_eq(least(), 9);
    ck_assert_str_eq(m.d.stages[LL_STAGE_RATE].text,
                     "not below 9 now, by the limits of rule 'first'");
    ck_assert_int_eq(most(), 11);
    ck_assert_str_eq(m.d.stages[LL_STAGE_RATE].text,
                     "at most 11 now, by the limits of rule 'first'");
    m.rule[1].in = m.rule[1].out = (struct ll_rates){0}; /* the target's: a fifth, as much again */
    m.rule[0].in.policy[0].value = 5;
    m.rule[0].out.policy[0].value = 20;
    ck_assert_int_eq(least(), 8);
    ck_assert_int_eq(most(), 20);
    m.rule[0].hpa_behavior = m.rule[1].hpa_behavior = true; /* from what there was, not what may */
    m.rule[1].in = m.rule[1].out = m.rule[0].in;
    made_change(&m, 12, 10, LL_SECOND);
    ck_assert_int_eq(least(), 7);
}
END_TEST

START_TEST(a_small_share_still_moves_one)
{
    m.target.in = (struct ll_rates){.policy = {{LL_RATE_PERCENT, 1, LL_MINUTE}}, .n = 1};
    m.target.out = m.target.in;
    ck_assert_int_eq(least(), 9);
    ck_assert_int_eq(most(), 11);
    count(1);
    ck_assert_int_eq(most(), 2);
    count(0);
    m.state.scaled_to_zero = true;
    m.sample[0][0].capacity = NAN;
    m.target.scale_to_zero = true;
    m.target.min = 0;
    ck_assert_int_eq(most(), 0); /* no load, no capacity */
    m.sample[0][0].value = 5;
    ck_assert_int_eq(made_decide(&m)->to, 1);
}
END_TEST

START_TEST(never_unlimited_by_omission)
{
    m.target.in = m.target.out = (struct ll_rates){0};
    ck_assert_int_eq(least(), 8);
    ck_assert_int_eq(most(), 20);
    count(1);
    ck_assert_int_eq(most(), 5);
    count(3);
    ck_assert_int_eq(least(), 2);
    made_change(&m, 2, 3, LL_MINUTE - 1);
    ck_assert_int_eq(most(), 6);
    made_change(&m, 4, 3, 5 * LL_MINUTE - 1);
    ck_assert_int_eq(least(), 3);
    m.target.in.select = LL_RATE_DISABLED;
    count(10);
    ck_assert_int_eq(least(), 10);
}
END_TEST

START_TEST(behavior_hpa_is_kubernetes)
{
    m.target.hpa_behavior = true;
    m.target.in = m.target.out = (struct ll_rates){0};
    ck_assert_int_eq(least(), 1);
    ck_assert_int_eq(most(), 20);
    count(1);
    ck_assert_int_eq(most(), 5);
    count(200);
    ck_assert_int_eq(least(), 1);
    ck_assert_int_eq(most(), 400);
    count(10);
    made_change(&m, 8, 10, 15 * LL_SECOND - 1);
    ck_assert_int_eq(most(), 16); /* 8 at the start */
    m.state.changes[0].t--;
    ck_assert_int_eq(most(), 20);
    m.state.n_changes = 0;
    made_change(&m, 1, 10, LL_SECOND); /* up to 5 only, but what there is stays */
    ck_assert_int_eq(most(), 10);
    m.state.n_changes = 0;
    m.target.in = (struct ll_rates){.policy = {{LL_RATE_PERCENT, 25, LL_MINUTE}}, .n = 1};
    ck_assert_int_eq(least(), 7); /* cut: 7.5 */
    count(100);
    ck_assert_int_eq(least(), 75);
    count(10);
    m.target.in.policy[0] = (struct ll_rate_policy){LL_RATE_UNITS, 4, LL_MINUTE};
    ck_assert_int_eq(least(), 6);
    made_change(&m, 16, 10, LL_SECOND);
    ck_assert_int_eq(least(), 10); /* 12 is the limit: nothing more leaves */
    m.state.n_changes = 0;
    m.target.out = (struct ll_rates){.policy = {{LL_RATE_PERCENT, 25, LL_MINUTE}}, .n = 1};
    ck_assert_int_eq(most(), 13); /* rounded up: 12.5 */
    count(100);
    ck_assert_int_eq(most(), 125);
    count(10);
    m.target.out.policy[0] = (struct ll_rate_policy){LL_RATE_UNITS, 4, LL_MINUTE};
    ck_assert_int_eq(most(), 14);
    made_change(&m, 4, 10, LL_SECOND);
    ck_assert_int_eq(most(), 10);
}
END_TEST

START_TEST(a_default_period_of_kubernetes_is_fifteen_seconds)
{
    m.target.hpa_behavior = true;
    m.target.in = m.target.out = (struct ll_rates){0};
    count(2);
    made_change(&m, 1, 2, 15 * LL_SECOND - 1);
    ck_assert_int_eq(most(), 5);
    m.state.changes[0].t--;
    ck_assert_int_eq(most(), 6);
    made_change(&m, 20, 2, 15 * LL_SECOND - 1);
    ck_assert_int_eq(least(), 1);
}
END_TEST

START_TEST(grains_are_the_least_that_moves)
{
    m.target.granularity = 4;
    count(12);
    ck_assert_int_eq(least(), 8);
    m.target.out = (struct ll_rates){.policy = {{LL_RATE_UNITS, 7, LL_MINUTE}}, .n = 1};
    ck_assert_int_eq(most(), 16);
    m.target.out.policy[0].value = 8;
    ck_assert_int_eq(most(), 20);
}
END_TEST

START_TEST(the_record_of_changes_is_bounded_and_keeps_its_sum)
{
    m.state.n_changes = 0;
    for (int64_t i = 0; i < LL_STATE_CHANGES + 10; i++)
        made_change(&m, 100 + i, 101 + i, LL_MINUTE - 100 + i);
    ck_assert_uint_eq(m.state.n_changes, LL_STATE_CHANGES);
    ck_assert_int_eq(m.state.changes[0].from, 100);
    ck_assert_int_eq(m.state.changes[0].to, 111);
    count(100 + LL_STATE_CHANGES + 10);
    m.in.now -= 100;
    ck_assert_int_eq(most(), 200);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_fifth_leaves_in_five_minutes_but_one_may,
        as_much_again_or_four_come_in_a_minute,
        what_left_before_counts_until_its_period_is_over,
        what_came_before_counts_until_its_period_is_over,
        one_and_four_have_their_periods_too,
        what_is_used_up_is_used_up,
        a_wish_that_is_just_allowed_is_not_bound,
        what_came_lately_is_not_the_share_that_may_leave,
        a_rules_own_rates_stand_for_the_targets,
        the_strictest_of_several_rules_holds,
        a_small_share_still_moves_one,
        never_unlimited_by_omission,
        behavior_hpa_is_kubernetes,
        a_default_period_of_kubernetes_is_fifteen_seconds,
        grains_are_the_least_that_moves,
        the_record_of_changes_is_bounded_and_keeps_its_sum,
    };
    return made_run("scaling_rates", setup, teardown, tests, LL_LEN(tests));
}
