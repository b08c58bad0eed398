/* The pipeline as a whole: what is combined, what may be done, what it says. */
#include "scaling_make.h"

static struct made m;

static void setup(void)
{
    made_init(&m);
}

static void teardown(void)
{
    made_fini(&m);
}

START_TEST(in_band_stays_and_says_why)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.6, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 10);
    ck_assert_int_eq(d->verdict, LL_VERDICT_NOTHING);
    ck_assert_int_eq(d->direction, LL_DIRECTION_NO_ACTION);
    ck_assert_int_eq(d->bound, LL_BOUND_IN_BAND);
    ck_assert_ptr_nonnull(strstr(d->reason, "in band"));
    ck_assert_uint_eq(d->winner, 0);
    ck_assert_uint_eq(d->n_proposals, 1);
}
END_TEST

START_TEST(a_breach_scales_out_at_once)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.9, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 12); /* 900 / (100 x 0.8) */
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT);
    ck_assert_int_eq(d->at_once, 12);
    ck_assert_int_eq(d->direction, LL_DIRECTION_SCALE_OUT);
    ck_assert_ptr_nonnull(strstr(d->reason, "SCALE_OUT from 10 to 12"));
}
END_TEST

START_TEST(little_load_scales_in_within_the_rates)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.3, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->wanted, 5); /* 300 / (100 x 0.6) */
    ck_assert_int_eq(d->to, 8);     /* 20 % of 10 in five minutes */
    ck_assert_int_eq(d->bound, LL_BOUND_RATE_DOWN);
    ck_assert_int_eq(d->direction, LL_DIRECTION_SCALE_IN);
    ck_assert_int_eq(d->without[LL_STAGE_RATE], 5);
    ck_assert_int_eq(d->without[LL_STAGE_GUARD], 8);
}
END_TEST

START_TEST(a_daemon_that_just_started_scales_nothing_in)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.state.seen_since = LL_TIME_NONE;
    made_load(&m, 0, 0.3, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 10);
    ck_assert_int_eq(d->verdict, LL_VERDICT_HELD);
    ck_assert_int_eq(d->bound, LL_BOUND_WINDOW_DOWN);
    ck_assert_int_eq(d->valid_until, MADE_NOW + LL_MINUTE + 1); /* then the sample is stale */
    m.state = m.next;
    m.in.now += 5 * LL_MINUTE - 1;
    made_load(&m, 0, 0.3, 2);
    ck_assert_int_eq(made_decide(&m)->to, 10);
    m.in.now += 1;
    made_load(&m, 0, 0.3, 2);
    ck_assert_int_eq(made_decide(&m)->to, 8);
}
END_TEST

START_TEST(the_same_input_is_the_same_decision)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.93, 3);
    const struct ll_decision first = *made_decide(&m);
    const struct ll_scaling_state next = m.next;
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, first.to);
    ck_assert_str_eq(d->reason, first.reason);
    ck_assert_int_eq(memcmp(&next, &m.next, sizeof(next)), 0);
}
END_TEST

START_TEST(observe_is_shown_and_never_done)
{
    made_rule(&m, LL_POLICY_THRESHOLD)->mode = LL_MODE_OBSERVE;
    made_load(&m, 0, 0.9, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->verdict, LL_VERDICT_OBSERVE);
    ck_assert_int_eq(d->to, 12);
    ck_assert_int_eq(d->at_once, 10);
    ck_assert_int_eq(d->stages[LL_STAGE_MODE].after, 10);
}
END_TEST

START_TEST(everything_is_computed_when_off)
{
    made_rule(&m, LL_POLICY_THRESHOLD)->mode = LL_MODE_OFF;
    made_load(&m, 0, 0.9, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->verdict, LL_VERDICT_HELD);
    ck_assert_int_eq(d->bound, LL_BOUND_MODE);
    ck_assert_int_eq(d->to, 12);
}
END_TEST

START_TEST(the_daemons_mode_is_the_ceiling)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.in.ceiling = LL_MODE_OBSERVE;
    made_load(&m, 0, 0.9, 1);
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_OBSERVE);
    m.in.ceiling = LL_MODE_APPROVE;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_PROPOSE);
}
END_TEST

START_TEST(a_proposal_does_not_hold_what_may_be_done_at_once)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_PREDICTIVE)->mode = LL_MODE_APPROVE;
    made_load(&m, 0, 0.9, 1);
    made_load(&m, 1, 0.9, 1);
    made_ahead(&m, 1, 1280);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 16);
    ck_assert_int_eq(d->verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(d->at_once, 12);
    /* 20 min ahead minus 3 min to boot, but reactive proposals live 15 min. */
    ck_assert_int_eq(d->decide_by, MADE_NOW + 15 * LL_MINUTE);
    m.target.boot_delay = 12 * LL_MINUTE;
    ck_assert_int_eq(made_decide(&m)->decide_by, MADE_NOW + 8 * LL_MINUTE);
}
END_TEST

START_TEST(a_floor_that_waits_for_a_person_is_not_raised_by_itself)
{
    made_rule(&m, LL_POLICY_SCHEDULED)->mode = LL_MODE_APPROVE;
    made_window(&m, 0, LL_WINDOW_FLOOR, 14);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 14);
    ck_assert_int_eq(d->verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(d->at_once, 10);
    /* Nor is the target's own minimum, while nothing may act. */
    m.target.min = 12;
    ck_assert_int_eq(made_decide(&m)->at_once, 10);
    m.rule[0].mode = LL_MODE_AUTO;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    m.in.ceiling = LL_MODE_APPROVE;
    d = made_decide(&m);
    ck_assert_int_eq(d->verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(d->at_once, 10);
}
END_TEST

START_TEST(a_rule_in_auto_does_not_carry_the_floor_of_another)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_THRESHOLD)->mode = LL_MODE_APPROVE;
    made_window(&m, 1, LL_WINDOW_FLOOR, 14);
    made_load(&m, 0, 0.9, 1);
    made_load(&m, 1, 0.6, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 14);
    ck_assert_int_eq(d->verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(d->at_once, 12);
    m.rule[1].mode = LL_MODE_AUTO;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
}
END_TEST

START_TEST(rules_that_only_observe_do_not_hold_those_that_act)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_THRESHOLD)->mode = LL_MODE_OBSERVE;
    made_load(&m, 0, 0.9, 1);
    made_load(&m, 1, 1.2, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 12);
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT);
    ck_assert(d->proposals[1].shadow);
    ck_assert_int_eq(d->proposals[1].want, 15);
    ck_assert_int_eq(d->without[LL_STAGE_COMBINE], 15);
}
END_TEST

START_TEST(scale_in_needs_everybodys_consent)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.2, 2);
    made_load(&m, 1, 0.6, 2);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 10);
    ck_assert_uint_eq(d->winner, 1);
    made_load(&m, 1, 0.39, 2);
    d = made_decide(&m);
    ck_assert_int_eq(d->wanted, 7);
    ck_assert_int_eq(d->to, 8);
}
END_TEST

START_TEST(pauses_hold_their_direction_and_end)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.9, 1);
    m.state.pause = (struct ll_pause_state){
        .what = LL_PAUSE_OUT, .until = MADE_NOW + LL_SECOND, .actor = "ana"};
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->verdict, LL_VERDICT_HELD);
    ck_assert_int_eq(d->bound, LL_BOUND_PAUSED);
    ck_assert_int_eq(d->at_once, 10);
    ck_assert_ptr_nonnull(strstr(d->reason, "ana"));
    ck_assert_int_eq(d->valid_until, MADE_NOW + LL_SECOND);
    m.state.pause.what = LL_PAUSE_IN;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    m.in.pause = (struct ll_pause_state){.what = LL_PAUSE_BOTH, .until = MADE_NOW + LL_SECOND};
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_HELD);
    m.in.now += LL_SECOND;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    made_load(&m, 0, 0.3, 1);
    m.in.pause = (struct ll_pause_state){.what = LL_PAUSE_IN, .until = m.in.now + LL_SECOND};
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_HELD);
    m.in.pause.what = LL_PAUSE_OUT;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    m.in.pause = (struct ll_pause_state){.what = LL_PAUSE_IN, .until = LL_TIME_NONE};
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_HELD);
}
END_TEST

START_TEST(a_large_step_needs_two_people)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->second_person_over = 0.2;
    made_load(&m, 0, 0.9, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert(!d->second_person);
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT);
    made_load(&m, 0, 1.0, 1);
    d = made_decide(&m);
    ck_assert_int_eq(d->to, 13);
    ck_assert(d->second_person);
    ck_assert_int_eq(d->verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(d->at_once, 10);
    r->mode = LL_MODE_OBSERVE;
    ck_assert(!made_decide(&m)->second_person);
}
END_TEST

START_TEST(a_vertical_target_goes_up_and_down)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.target.vertical = true;
    m.target.granularity = 250;
    m.target.min = 500;
    m.target.max = 4000;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 2000;
    made_load(&m, 0, 0.9, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->direction, LL_DIRECTION_SCALE_UP);
    ck_assert_int_eq(d->to, 2250);
    made_load(&m, 0, 0.3, 1);
    d = made_decide(&m);
    ck_assert_int_eq(d->direction, LL_DIRECTION_SCALE_DOWN);
    ck_assert_int_eq(d->wanted, 1000);
    ck_assert_int_eq(d->to, 1750); /* a fifth, in whole steps */
}
END_TEST

START_TEST(without_rules_nothing_is_asked)
{
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 10);
    ck_assert_int_eq(d->verdict, LL_VERDICT_NOTHING);
    ck_assert_str_eq(d->reason, "stays at 10: there is no rule");
}
END_TEST

START_TEST(no_memory_changes_nothing)
{
    struct ll_err err;
    made_rule(&m, LL_POLICY_THRESHOLD);
    LL_AUTO(ll_arena) small = ll_arena_new(16);
    m.d.to = -7;
    m.next.expected = -7;
    ck_assert(!ll_scaling_decide(&m.in, &m.state, small, &m.d, &m.next, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ck_assert_int_eq(m.d.to, -7);
    ck_assert_int_eq(m.next.expected, -7);
}
END_TEST

static void decide_in_place(void)
{
    struct ll_err err;
    if (!ll_scaling_decide(&m.in, &m.state, m.arena, &m.d, &m.state, &err))
        return;
}

START_TEST(next_is_not_the_state)
{
    ck_assert(ll_test_aborts(decide_in_place));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        in_band_stays_and_says_why,
        a_breach_scales_out_at_once,
        little_load_scales_in_within_the_rates,
        a_daemon_that_just_started_scales_nothing_in,
        the_same_input_is_the_same_decision,
        observe_is_shown_and_never_done,
        everything_is_computed_when_off,
        the_daemons_mode_is_the_ceiling,
        a_proposal_does_not_hold_what_may_be_done_at_once,
        a_floor_that_waits_for_a_person_is_not_raised_by_itself,
        a_rule_in_auto_does_not_carry_the_floor_of_another,
        rules_that_only_observe_do_not_hold_those_that_act,
        scale_in_needs_everybodys_consent,
        pauses_hold_their_direction_and_end,
        a_large_step_needs_two_people,
        a_vertical_target_goes_up_and_down,
        without_rules_nothing_is_asked,
        no_memory_changes_nothing,
        next_is_not_the_state,
    };
    return made_run("scaling_decide", setup, teardown, tests, LL_LEN(tests));
}
