/* The guards, the range and the flap budget: each holds what it should, and nothing else. */
#include "scaling_make.h"

static struct made m;

static void setup(void)
{
    made_init(&m);
    made_rule(&m, LL_POLICY_THRESHOLD);
}

static void teardown(void)
{
    made_fini(&m);
}

/* Little load asks for 8 of 10, much for 12: what is left of each? */
static void ck_in(int64_t to, enum ll_bound why)
{
    made_load(&m, 0, 0.3, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, to);
    ck_assert_str_eq(ll_bound_name(d->bound), ll_bound_name(why));
    ck_assert_int_ne(d->reason[0], 0);
}

static void ck_out(int64_t to, enum ll_bound why)
{
    made_load(&m, 0, 0.9, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, to);
    ck_assert_str_eq(ll_bound_name(d->bound), ll_bound_name(why));
}

static void ck_free(void)
{
    ck_in(8, LL_BOUND_RATE_DOWN);
    ck_out(12, LL_BOUND_NONE);
}

static void ck_held(enum ll_bound why)
{
    ck_in(10, why);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_HELD);
    ck_out(10, why);
}

START_TEST(nothing_holds_without_a_reason)
{
    ck_free();
}
END_TEST

START_TEST(what_nobody_asks_for_is_not_held)
{
    m.state.contested = MADE_NOW + LL_MINUTE;
    m.state.cooldown_out = MADE_NOW + LL_MINUTE;
    made_load(&m, 0, 0.6, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->bound, LL_BOUND_IN_BAND);
    ck_assert_int_eq(d->verdict, LL_VERDICT_NOTHING);
    ck_assert_int_eq(d->stages[LL_STAGE_GUARD].bound, LL_BOUND_NONE);
}
END_TEST

START_TEST(only_the_rules_that_are_given_count)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_window(&m, 1, LL_WINDOW_FREEZE, 0);
    m.in.n_rules = 1;
    ck_free();
}
END_TEST

START_TEST(a_hold_names_what_it_is_about)
{
    static const char name[] = "0123456789012345678901234567890123456789xyz";
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.input[1].seen.metric = (struct ll_slice){name, 5};
    made_load(&m, 0, 0.3, 2);
    ck_assert_str_eq(made_decide(&m)->stages[LL_STAGE_GUARD].text,
                     "held: no data: never a reason to scale in (01234)");
    m.input[1].seen.metric.n = 43;
    ck_assert_str_eq(
        made_decide(&m)->stages[LL_STAGE_GUARD].text,
        "held: no data: never a reason to scale in (0123456789012345678901234567890123456789)");
    m.in.n_rules = 1;
    m.state.cooldown_in = MADE_NOW + LL_MINUTE;
    ck_assert_str_eq(
        made_decide(&m)->stages[LL_STAGE_GUARD].text,
        "held: the cooldown of scale-in has not ended, until 2026-11-24T01:46:00.000Z");
}
END_TEST

START_TEST(a_count_that_is_not_known_holds_everything)
{
    m.in.seen.known = false;
    ck_held(LL_BOUND_TARGET_UNKNOWN);
    m.state.expected = -1;
    ck_assert_int_eq(made_decide(&m)->to, 0);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_HELD);
    ck_assert_int_eq(m.next.expected, -1);
    ck_assert_uint_eq(m.next.n_answers, 0);
}
END_TEST

START_TEST(an_open_action_holds_everything)
{
    m.in.open_action = true;
    ck_held(LL_BOUND_OPEN_ACTION);
    m.state.expected = 8; /* it may have arrived: not somebody else's change */
    made_decide(&m);
    ck_assert_uint_eq(m.next.n_changes, 0);
    ck_assert_int_eq(m.next.contested, LL_TIME_NONE);
}
END_TEST

START_TEST(the_breaker_holds_everything_until_it_ends)
{
    m.state.breaker = MADE_NOW + 1;
    ck_held(LL_BOUND_BREAKER);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 1);
    m.target.min = 12; /* the range too */
    ck_out(10, LL_BOUND_BREAKER);
    m.target.min = 2;
    m.state.breaker = MADE_NOW;
    ck_free();
}
END_TEST

START_TEST(failures_in_a_row_break_the_circuit_for_longer_each_time)
{
    ll_scaling_note_failed(&m.state, MADE_NOW);
    ll_scaling_note_failed(&m.state, MADE_NOW);
    ck_free();
    ll_scaling_note_failed(&m.state, MADE_NOW);
    ck_held(LL_BOUND_BREAKER);
    ck_assert_int_eq(m.state.breaker, MADE_NOW + 5 * LL_MINUTE);
    ll_scaling_note_failed(&m.state, MADE_NOW);
    ck_assert_int_eq(m.state.breaker, MADE_NOW + 10 * LL_MINUTE);
    for (size_t i = 0; i < 200; i++)
        ll_scaling_note_failed(&m.state, MADE_NOW);
    ck_assert_int_eq(m.state.breaker, MADE_NOW + LL_HOUR);
    ll_scaling_note_applied(&m.state, 10, 10, MADE_NOW);
    ck_free();
}
END_TEST

START_TEST(missing_data_holds_scale_in_by_others)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    ck_in(10, LL_BOUND_NO_DATA);
    ck_assert_ptr_nonnull(strstr(m.d.reason, "gateway API_CALLS"));
    ck_out(12, LL_BOUND_NONE);
    m.rule[1].need = LL_NEED_ADVISORY;
    ck_free();
    m.rule[1].need = LL_NEED_REQUIRED;
    m.rule[1].mode = LL_MODE_OBSERVE; /* it has no say */
    ck_free();
}
END_TEST

START_TEST(a_fall_of_more_than_nine_tenths_holds_for_three_samples)
{
    made_load(&m, 0, 1.0, 2);
    m.sample[0][0].value = 99;
    m.sample[0][0].t = MADE_NOW;
    ck_assert_int_eq(made_decide(&m)->to, 10);
    ck_assert_int_eq(m.d.bound, LL_BOUND_IMPLAUSIBLE);
    for (int i = 0; i < 2; i++) {
        m.state = m.next;
        ck_assert_int_eq(made_decide(&m)->to, 10); /* the same sample again proves nothing */
        m.state = m.next;
        m.in.now += 15 * LL_SECOND;
        made_load(&m, 0, 0.099, 2);
        ck_assert_int_eq(made_decide(&m)->to, 10);
    }
    m.state = m.next;
    m.in.now += 15 * LL_SECOND;
    made_load(&m, 0, 0.099, 2);
    ck_assert_int_eq(made_decide(&m)->to, 8); /* the fourth is believed */
}
END_TEST

START_TEST(a_fall_of_nine_tenths_is_believed)
{
    made_load(&m, 0, 1.0, 2);
    m.sample[0][0].value = 100;
    ck_assert_int_eq(made_decide(&m)->to, 8);
    ck_assert_uint_eq(m.next.implausible, 0);
}
END_TEST

START_TEST(all_to_zero_is_not_believed_either)
{
    m.state.last_demand = 6; /* one sample only: what is remembered tells */
    m.state.last_demand_t = MADE_NOW - LL_MINUTE;
    made_load(&m, 0, 0, 1);
    ck_assert_int_eq(made_decide(&m)->to, 10);
    ck_assert_int_eq(m.d.bound, LL_BOUND_IMPLAUSIBLE);
    ck_assert_uint_eq(m.next.implausible, 3);
    m.state.last_demand_t = MADE_NOW; /* that very sample */
    ck_assert_int_eq(made_decide(&m)->to, 8);
    m.state.last_demand_t = MADE_NOW - 1;
    m.state.last_demand = 0;
    ck_assert_int_eq(made_decide(&m)->to, 8);
}
END_TEST

START_TEST(the_fall_is_seen_past_a_sample_that_is_broken)
{
    made_load(&m, 0, 1.0, 3);
    m.sample[0][0].value = 50;
    m.sample[0][1].value = NAN;
    ck_assert_int_eq(made_decide(&m)->bound, LL_BOUND_IMPLAUSIBLE);
    m.sample[0][2].value = NAN;
    ck_assert_int_eq(made_decide(&m)->to, 8);
}
END_TEST

START_TEST(an_inventory_that_halves_is_not_believed)
{
    m.target.in.window = 0;
    m.target.in = (struct ll_rates){.policy = {{LL_RATE_UNITS, 100, LL_SECOND}}, .n = 1};
    m.state.expected = 20;
    ck_in(10, LL_BOUND_IMPLAUSIBLE);
    m.state.expected = 19;
    ck_in(10, LL_BOUND_CONTESTED);
    ck_assert_uint_eq(m.next.implausible, 0);
    m.state.expected = 1;
    m.in.seen.current = m.in.seen.ready = 0;
    m.target.scale_to_zero = true;
    made_decide(&m);
    ck_assert_uint_eq(m.next.implausible, 0);
}
END_TEST

START_TEST(instances_that_boot_hold_scale_in)
{
    m.in.seen.ready = 9;
    ck_in(10, LL_BOUND_WARMING);
    m.in.seen.ready = 10;
    ck_free();
    m.in.seen.ready = -1; /* not known */
    ck_free();
}
END_TEST

START_TEST(cooldowns_hold_their_direction_until_they_end)
{
    m.state.cooldown_in = MADE_NOW + 1;
    ck_in(10, LL_BOUND_COOLDOWN_IN);
    ck_out(12, LL_BOUND_NONE);
    m.state.cooldown_in = MADE_NOW;
    m.state.cooldown_out = MADE_NOW + 1;
    ck_in(8, LL_BOUND_RATE_DOWN);
    ck_out(10, LL_BOUND_COOLDOWN_OUT);
    m.target.min = 11; /* the floor does not wait for it */
    ck_out(11, LL_BOUND_MIN);
    m.target.min = 1;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 1;
    ck_out(1, LL_BOUND_COOLDOWN_OUT);
    m.in.seen.current = m.in.seen.ready = m.state.expected = 10;
    m.target.min = 2;
    m.state.cooldown_out = MADE_NOW;
    ck_free();
}
END_TEST

START_TEST(a_blackout_holds_scale_in)
{
    made_window(&m, 0, LL_WINDOW_NO_SCALE_IN, 0);
    ck_in(10, LL_BOUND_BLACKOUT);
    ck_out(12, LL_BOUND_NONE);
    m.window_now[0].open = false;
    ck_free();
}
END_TEST

START_TEST(two_blackouts_end_with_the_later_one)
{
    made_window(&m, 0, LL_WINDOW_NO_SCALE_IN, 0);
    made_window(&m, 0, LL_WINDOW_NO_SCALE_IN, 0);
    m.window_now[0].until = MADE_NOW + 2 * LL_HOUR;
    ck_in(10, LL_BOUND_BLACKOUT);
    ck_assert_ptr_nonnull(strstr(m.d.reason, "03:45:00"));
    m.rule[0].mode = LL_MODE_OBSERVE;
    made_rule(&m, LL_POLICY_THRESHOLD); /* the window of one that only observes does not count */
    made_load(&m, 1, 0.3, 2);
    ck_assert_int_eq(made_decide(&m)->to, 8);
}
END_TEST

START_TEST(a_freeze_window_holds_both)
{
    made_window(&m, 0, LL_WINDOW_FREEZE, 0);
    ck_held(LL_BOUND_FREEZE);
    m.target.min = 11;
    ck_out(10, LL_BOUND_FREEZE);
}
END_TEST

START_TEST(a_freeze_holds_what_it_says)
{
    struct ll_pause_state *f = &m.state.freeze;
    *f = (struct ll_pause_state){.what = LL_PAUSE_IN, .until = MADE_NOW + 1, .actor = "ana"};
    ck_in(10, LL_BOUND_FREEZE);
    ck_assert_ptr_nonnull(strstr(m.d.reason, "ana"));
    ck_out(12, LL_BOUND_NONE);
    f->what = LL_PAUSE_OUT;
    ck_in(8, LL_BOUND_RATE_DOWN);
    ck_out(10, LL_BOUND_FREEZE);
    m.target.min = 11;
    ck_out(10, LL_BOUND_FREEZE);
    m.target.min = 2;
    f->what = LL_PAUSE_BOTH;
    ck_held(LL_BOUND_FREEZE);
    f->until = MADE_NOW;
    ck_free();
    f->what = LL_PAUSE_IN;
    ck_free();
    f->what = LL_PAUSE_OUT;
    ck_free();
    f->until = LL_TIME_NONE; /* without an end it holds */
    ck_out(10, LL_BOUND_FREEZE);
    f->what = LL_PAUSE_NONE;
    ck_free();
}
END_TEST

START_TEST(a_change_by_somebody_else_holds_scale_in_for_a_window)
{
    m.state.expected = 9;
    ck_in(10, LL_BOUND_CONTESTED);
    ck_assert_int_eq(m.next.contested, MADE_NOW + 5 * LL_MINUTE);
    ck_assert_uint_eq(m.next.n_changes, 1);
    ck_assert(m.next.changes[0].foreign);
    ck_assert_int_eq(m.next.expected, 10);
    ck_out(12, LL_BOUND_NONE);
    m.state.expected = 10;
    m.state.contested = MADE_NOW + 1;
    ck_in(10, LL_BOUND_CONTESTED);
    m.state.contested = MADE_NOW;
    ck_free();
    m.state.expected = -1; /* the first sight is nobody's change */
    ck_free();
}
END_TEST

START_TEST(a_target_that_is_fought_over_is_left_alone)
{
    m.state.contested = MADE_NOW + 2 * LL_MINUTE;
    m.state.n_changes = 3;
    for (size_t i = 0; i < 3; i++)
        m.state.changes[i] =
            (struct ll_change){MADE_NOW - 10 * LL_MINUTE + 1 + (ll_time)i, 10, 10, true};
    ck_held(LL_BOUND_CONTESTED);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 1);
    m.state.changes[0].t--;
    ck_out(12, LL_BOUND_NONE);
    m.state.changes[0].t++;
    m.state.changes[1].foreign = false;
    ck_out(12, LL_BOUND_NONE);
    m.state.changes[1].foreign = true;
    m.state.contested = MADE_NOW;
    ck_free();
}
END_TEST

START_TEST(the_budget_of_removals_is_shared)
{
    m.in.removal_left = 1;
    ck_in(9, LL_BOUND_BUDGET);
    ck_assert_int_eq(m.d.without[LL_STAGE_GUARD], 8);
    m.in.removal_left = 0;
    ck_in(10, LL_BOUND_BUDGET);
    ck_out(12, LL_BOUND_NONE);
    m.in.removal_left = 2;
    ck_free();
    m.in.removal_left = -1;
    ck_free();
    m.target.vertical = true;
    m.target.granularity = 2;
    m.in.removal_left = 1;
    ck_in(10, LL_BOUND_BUDGET);
}
END_TEST

/* --- range --- */

START_TEST(below_the_range_it_is_raised_at_once)
{
    m.target.min = 30;
    ck_out(30, LL_BOUND_MIN);
    ck_assert_int_eq(m.d.direction, LL_DIRECTION_SCALE_OUT);
    m.input[0].seen.state = LL_SEEN_MISSING;
    ck_assert_int_eq(made_decide(&m)->to, 30);
}
END_TEST

START_TEST(scale_in_ends_at_the_minimum)
{
    m.target.min = 9;
    ck_in(9, LL_BOUND_MIN);
    m.target.min = 2;
    m.rule[0].min = 9; /* the rule's own, before rates */
    ck_in(9, LL_BOUND_NONE);
    m.target.min = 0;
    m.rule[0].min = 0;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 1;
    made_load(&m, 0, 0, 2);
    ck_assert_int_eq(made_decide(&m)->to, 1);
}
END_TEST

START_TEST(scale_out_ends_at_the_maximum)
{
    m.target.max = 11;
    ck_out(11, LL_BOUND_MAX);
    ck_assert_int_eq(m.d.without[LL_STAGE_RANGE], 12);
    m.target.max = 10;
    ck_out(10, LL_BOUND_MAX);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_HELD);
}
END_TEST

START_TEST(quota_and_dependencies_are_absolute)
{
    const struct ll_dependency d[] = {{.per_instance = 20, .limit = 400},
                                      {.per_instance = 0.1, .limit = 1.1}};
    m.target.quota = 11;
    ck_out(11, LL_BOUND_QUOTA);
    m.target.quota = 0;
    m.target.dependencies = d;
    m.target.n_dependencies = 1;
    ck_out(12, LL_BOUND_NONE);
    m.target.n_dependencies = 2; /* 1.1 / 0.1 is 11, whatever doubles make of it */
    ck_out(11, LL_BOUND_DEPENDENCY);
    m.target.min = 15;
    ck_out(11, LL_BOUND_DEPENDENCY);
}
END_TEST

START_TEST(a_lowered_maximum_is_approached_behind_the_guards)
{
    m.target.max = 5;
    ck_out(8, LL_BOUND_RATE_DOWN); /* too many, in spite of the load, but not all at once */
    ck_assert_int_eq(m.d.stages[LL_STAGE_COMBINE].bound, LL_BOUND_MAX);
    m.input[0].seen.state = LL_SEEN_MISSING;
    ck_assert_int_eq(made_decide(&m)->to, 10); /* and not blindly */
    m.rule[0].need = LL_NEED_ADVISORY;
    ck_assert_int_eq(made_decide(&m)->to, 8);
}
END_TEST

START_TEST(windows_of_any_rule_bound_the_range)
{
    made_window(&m, 0, LL_WINDOW_FLOOR, 9);
    ck_in(9, LL_BOUND_FLOOR);
    m.window[0].effect = LL_WINDOW_MAX;
    m.window_now[0].amount = 11;
    ck_out(11, LL_BOUND_CEILING);
    m.window_now[0].amount = 1; /* no ceiling is below the minimum */
    m.in.seen.current = m.in.seen.ready = m.state.expected = 2;
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_eq(made_decide(&m)->to, 2);
    m.in.seen.current = m.in.seen.ready = m.state.expected = 10;
    made_window(&m, 0, LL_WINDOW_FLOOR, 20); /* where they cross, more is safe */
    m.window_now[0].amount = 15;
    ck_out(20, LL_BOUND_FLOOR);
    m.target.max = 18;
    ck_out(18, LL_BOUND_FLOOR);
}
END_TEST

START_TEST(the_widest_rule_bounds_the_target)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.rule[0].max = 11;
    made_load(&m, 1, 0.6, 2);
    ck_out(11, LL_BOUND_NONE);
    made_load(&m, 1, 1.2, 2);
    ck_out(15, LL_BOUND_NONE);
    m.rule[1].max = 13;
    m.rule[0].max = 60; /* over the target's */
    made_load(&m, 1, 0.6, 2);
    m.target.max = 11;
    ck_out(11, LL_BOUND_MAX);
}
END_TEST

START_TEST(sizes_are_whole_grains)
{
    m.target.granularity = 4;
    m.target.max = 22;
    ck_out(12, LL_BOUND_NONE);
    made_load(&m, 0, 2, 1);
    ck_assert_int_eq(made_decide(&m)->to, 20);
    m.target.min = 11; /* 12 */
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_eq(made_decide(&m)->to, 12);
}
END_TEST

/* --- windows of stabilisation, flapping --- */

static void answer(ll_dur ago, int64_t value)
{
    m.state.answers[m.state.n_answers++] = (struct ll_answer){MADE_NOW - ago, value};
}

START_TEST(the_highest_answer_of_the_window_holds_scale_in)
{
    answer(4 * LL_MINUTE, 9);
    answer(2 * LL_MINUTE, 7);
    ck_in(9, LL_BOUND_WINDOW_DOWN);
    ck_assert_int_eq(m.d.without[LL_STAGE_STABILIZE], 8);
    m.state.answers[0].t = MADE_NOW - 5 * LL_MINUTE;
    ck_in(8, LL_BOUND_RATE_DOWN);
    m.state.answers[1].value = 30; /* never above what there is */
    ck_in(10, LL_BOUND_WINDOW_DOWN);
    ck_out(12, LL_BOUND_NONE);
}
END_TEST

START_TEST(the_lowest_answer_of_the_window_holds_scale_out)
{
    m.target.out.window = LL_MINUTE;
    answer(30 * LL_SECOND, 11);
    ck_out(11, LL_BOUND_WINDOW_UP);
    m.state.answers[0].t = MADE_NOW - LL_MINUTE;
    ck_out(12, LL_BOUND_NONE);
    m.state.answers[0].t++;
    m.rule[0].out.window = 30 * LL_SECOND; /* the rule's own instead */
    ck_out(12, LL_BOUND_NONE);
    m.state.answers[0] = (struct ll_answer){MADE_NOW, 5};
    ck_out(10, LL_BOUND_WINDOW_UP);
}
END_TEST

START_TEST(the_longest_window_of_the_rules_counts)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.rule[0].in.window = LL_MINUTE;
    m.rule[1].in.window = 2 * LL_MINUTE;
    made_load(&m, 1, 0.2, 2);
    answer(119 * LL_SECOND, 9);
    ck_in(9, LL_BOUND_WINDOW_DOWN);
    answer(118 * LL_SECOND, 9);
    m.state.answers[0].t = m.state.answers[1].t = MADE_NOW - 2 * LL_MINUTE;
    ck_in(8, LL_BOUND_RATE_DOWN);
}
END_TEST

START_TEST(answers_are_thinned_to_what_can_still_count)
{
    for (int i = 0; i < 1000; i++) {
        m.in.now = MADE_NOW + i * 15 * LL_SECOND;
        made_load(&m, 0, i % 2 ? 0.3 : 0.9, 1);
        m.sample[0][0].t = m.in.now;
        made_decide(&m);
        m.state = m.next;
        ck_assert_uint_le(m.state.n_answers, 3);
    }
    ll_scaling_state_init(&m.state);
    m.state.expected = 10;
    /* Rising for ever fills it: then neighbours merge, and no high one is lost too early. */
    m.rule[0].thresholds.scale_up = 5;
    m.target.max = 2000;
    for (int i = 0; i < 200; i++) {
        m.in.now += 15 * LL_SECOND;
        made_load(&m, 0, 5 + i, 1);
        made_decide(&m);
        m.state = m.next;
    }
    ck_assert_uint_le(m.state.n_answers, LL_STATE_ANSWERS);
    ck_assert_int_eq(m.state.answers[m.state.n_answers - 1].value, m.d.wanted);
    for (size_t i = 1; i < m.state.n_answers; i++)
        ck_assert_int_gt(m.state.answers[i].t, m.state.answers[i - 1].t);
}
END_TEST

/* Out, in, out, in …: n reversals, the last one a scale-out. */
static void flap(unsigned n)
{
    m.state.n_changes = 0;
    for (unsigned i = 0; i <= n; i++) {
        const bool out = (n - i) % 2 == 0;
        made_change(&m, out ? 9 : 10, out ? 10 : 9, LL_HOUR - LL_SECOND * (ll_dur)(i + 1));
    }
}

START_TEST(too_many_reversals_hold_the_next_one_inwards)
{
    flap(3);
    ck_free();
    flap(4);
    ck_in(10, LL_BOUND_FLAP);
    ck_assert_int_eq(m.next.widened, MADE_NOW + 2 * LL_HOUR);
    ck_out(12, LL_BOUND_NONE);
    m.rule[0].max_reversals = 5;
    ck_free();
    m.rule[0].max_reversals = 0; /* not said: four */
    ck_in(10, LL_BOUND_FLAP);
    for (size_t i = 0; i < m.state.n_changes; i++)
        m.state.changes[i].t -= 3 * LL_SECOND; /* two are out of the hour */
    ck_free();
    flap(4);
    m.state.changes[2].foreign = true; /* theirs are not ours */
    ck_free();
}
END_TEST

START_TEST(what_goes_on_inwards_is_no_reversal)
{
    flap(5);
    m.state.n_changes--; /* the last was inwards */
    ck_in(8, LL_BOUND_RATE_DOWN);
}
END_TEST

START_TEST(flapping_doubles_the_window_until_it_is_quiet)
{
    answer(9 * LL_MINUTE, 9);
    ck_in(8, LL_BOUND_RATE_DOWN);
    m.state.widened = MADE_NOW + 1;
    ck_in(9, LL_BOUND_WINDOW_DOWN);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 1);
    m.state.widened = MADE_NOW;
    ck_in(8, LL_BOUND_RATE_DOWN);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_holds_without_a_reason,
        what_nobody_asks_for_is_not_held,
        only_the_rules_that_are_given_count,
        a_hold_names_what_it_is_about,
        a_count_that_is_not_known_holds_everything,
        an_open_action_holds_everything,
        the_breaker_holds_everything_until_it_ends,
        failures_in_a_row_break_the_circuit_for_longer_each_time,
        missing_data_holds_scale_in_by_others,
        a_fall_of_more_than_nine_tenths_holds_for_three_samples,
        a_fall_of_nine_tenths_is_believed,
        all_to_zero_is_not_believed_either,
        the_fall_is_seen_past_a_sample_that_is_broken,
        an_inventory_that_halves_is_not_believed,
        instances_that_boot_hold_scale_in,
        cooldowns_hold_their_direction_until_they_end,
        a_blackout_holds_scale_in,
        two_blackouts_end_with_the_later_one,
        a_freeze_window_holds_both,
        a_freeze_holds_what_it_says,
        a_change_by_somebody_else_holds_scale_in_for_a_window,
        a_target_that_is_fought_over_is_left_alone,
        the_budget_of_removals_is_shared,
        below_the_range_it_is_raised_at_once,
        scale_in_ends_at_the_minimum,
        scale_out_ends_at_the_maximum,
        quota_and_dependencies_are_absolute,
        a_lowered_maximum_is_approached_behind_the_guards,
        windows_of_any_rule_bound_the_range,
        the_widest_rule_bounds_the_target,
        sizes_are_whole_grains,
        the_highest_answer_of_the_window_holds_scale_in,
        the_lowest_answer_of_the_window_holds_scale_out,
        the_longest_window_of_the_rules_counts,
        answers_are_thinned_to_what_can_still_count,
        too_many_reversals_hold_the_next_one_inwards,
        what_goes_on_inwards_is_no_reversal,
        flapping_doubles_the_window_until_it_is_quiet,
    };
    return made_run("scaling_guards", setup, teardown, tests, LL_LEN(tests));
}
