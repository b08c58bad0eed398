/* What seldom happens in a decision: amounts that overflow, memory that ends, rules that are not
 * whole, names that are long. */
#include <stdio.h>

#include "scaling/hpa.h"
#include "scaling/stages.h"
#include "scaling_make.h"

static struct made m;
static const char *const long_text =
    "a text that is much longer than what one proposal or one reason says of a name, so that it is "
    "cut where there is no more room";

static void setup(void)
{
    made_init(&m);
}

static void teardown(void)
{
    made_fini(&m);
}

START_TEST(amounts_saturate)
{
    const struct ll_scaling_work w = {.grain = 1};
    ck_assert_int_eq(ll_scaling_add(INT64_MAX, 1), LL_SCALING_AMOUNT_MAX);
    ck_assert_int_eq(ll_scaling_add(INT64_MIN, -1), 0);
    ck_assert_int_eq(ll_scaling_add(3, -5), 0);
    ck_assert_int_eq(ll_scaling_need(&w, 10, 2, 0.5), 10);
    ck_assert_int_eq(ll_scaling_need(&w, 10, 0, 0.5), -1);
    ck_assert_int_eq(ll_scaling_need(&w, 10, INFINITY, 0.5), -1);
    ck_assert_int_eq(ll_scaling_need(&w, 10, 2, 0), -1);
    ck_assert_int_eq(ll_scaling_need(&w, NAN, 2, 0.5), -1);
}
END_TEST

/* Whatever is allocated last: it says so, or it decides. */
START_TEST(without_memory_it_says_so)
{
    struct ll_err err;
    size_t refused = 0;
    for (size_t i = 0; i < MADE_RULES; i++) {
        made_rule(&m, LL_POLICY_THRESHOLD);
        made_load(&m, i, 0.6, 1);
    }
    for (size_t most = 0; most <= 8192; most += 64) {
        LL_AUTO(ll_arena) small = ll_arena_new(most);
        ck_assert_ptr_nonnull(small);
        if (ll_scaling_decide(&m.in, &m.state, small, &m.d, &m.next, &err))
            continue;
        ck_assert_int_eq(err.code, LL_E_MEMORY);
        refused++;
    }
    ck_assert_uint_gt(refused, 0);
    LL_AUTO(ll_arena) tiny = ll_arena_new(4096); /* room for one of the two */
    while (ll_arena_alloc(tiny, 64, 8))
        ;
    ck_assert(!ll_scaling_decide(&m.in, &m.state, tiny, &m.d, &m.next, &err));
}
END_TEST

START_TEST(samples_from_no_time_are_ignored)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->k = 2;
    r->n = 4;
    made_load(&m, 0, 0.9, 4);
    m.sample[0][1].t = LL_TIME_MIN - 1;
    m.sample[0][2].t = LL_TIME_MAX + 1;
    made_decide(&m);
    ck_assert_ptr_nonnull(strstr(m.d.proposals[0].text, "2 samples used, 2 ignored"));
    ck_assert_int_gt(m.d.wanted, 10);
    m.sample[0][0].t = LL_TIME_MAX + 1;
    ck_assert_int_eq(made_decide(&m)->proposals[0].bound, LL_BOUND_NO_DATA);
}
END_TEST

START_TEST(a_step_of_nothing_is_one)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->down[0] = (struct ll_step){0, LL_RATE_PERCENT, 50};
    r->n_down = 1;
    m.target.min = 0;
    m.target.scale_to_zero = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.state.scaled_to_zero = true;
    m.sample[0][0] = (struct ll_seen_sample){MADE_NOW, 0, NAN};
    m.input[0].seen.state = LL_SEEN_OK;
    m.input[0].seen.n_samples = 1;
    ck_assert_int_eq(made_decide(&m)->proposals[0].want, 0);
}
END_TEST

/* Instances that do not report are taken for as busy as the goal, where that is over 100 %. */
START_TEST(a_goal_may_be_over_all_there_is)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->thresholds.scale_up = 3;
    r->thresholds.scale_down = 2;
    r->thresholds.critical = 4;
    r->goal = 2.4;
    made_load(&m, 0, 1.2, 1);
    m.input[0].seen.expected = 11;
    m.input[0].seen.instances = 10;
    /* (1.2 x 10 + 2.4) / 11 of ten at 2.4 */
    ck_assert_int_eq(made_decide(&m)->proposals[0].want, 6);
    r->form = LL_FORM_TARGET;
    ck_assert_int_eq(made_decide(&m)->proposals[0].want, 6);
}
END_TEST

/* A person's count is given by the rule where there is one, and stands before and behind it. */
START_TEST(a_rule_speaks_for_the_override)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_MANUAL);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.9, 1);
    made_load(&m, 2, 0.9, 1);
    m.state.manual =
        (struct ll_manual){.set = true, .exact = true, .floor = 11, .until = MADE_NOW + LL_HOUR};
    const struct ll_decision *d = made_decide(&m);
    ck_assert_uint_eq(d->n_proposals, 3);
    ck_assert_uint_eq(d->winner, 1);
    ck_assert_int_eq(d->wanted, 11);
    m.rule[1].mode = LL_MODE_APPROVE; /* it is its own approval */
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    m.rule[1].mode = LL_MODE_OBSERVE; /* one that does not count speaks for nobody */
    d = made_decide(&m);
    ck_assert_uint_eq(d->n_proposals, 4);
    ck_assert_uint_eq(d->winner, 3);
}
END_TEST

START_TEST(a_range_alone_is_reason_enough)
{
    m.target.min = 12; /* and no rule at all */
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 12);
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT);
    m.in.ceiling = LL_MODE_OBSERVE;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_OBSERVE);
    m.target.min = 1;
    ck_assert_ptr_nonnull(strstr(made_decide(&m)->reason, "there is no rule"));
}
END_TEST

START_TEST(two_people_are_asked_for_by_the_winner)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_THRESHOLD)->mode = LL_MODE_OBSERVE;
    made_load(&m, 0, 1, 1);
    made_load(&m, 1, 0.6, 1);
    made_load(&m, 2, 0.6, 1);
    m.rule[1].second_person_over = m.rule[2].second_person_over = 0.1;
    ck_assert(!made_decide(&m)->second_person);
    m.rule[0].second_person_over = 0.3;
    ck_assert(!made_decide(&m)->second_person); /* just so */
    m.rule[0].second_person_over = 0.29;
    ck_assert(made_decide(&m)->second_person);
    /* Of a change that no rule asked for the strictest: the range's. */
    made_load(&m, 0, 0.6, 1);
    m.rule[0].second_person_over = 0.5;
    m.target.min = 12;
    m.input[0].seen.state = m.input[1].seen.state = LL_SEEN_MISSING;
    ck_assert(made_decide(&m)->second_person);
    m.rule[1].second_person_over = 0.6;
    ck_assert(!made_decide(&m)->second_person);
}
END_TEST

START_TEST(a_proposal_ends_before_it_is_too_late)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_PREDICTIVE);
    r->mode = LL_MODE_APPROVE;
    r->proposal_ttl = 0; /* ours: a quarter of an hour */
    m.target.capacity.driver = LL_RESOURCE_API_CALLS;
    m.target.capacity.units_per_instance = 100;
    made_ahead(&m, 0, 1200);
    m.input[0].ahead.at = MADE_NOW + LL_HOUR;
    ck_assert_int_eq(made_decide(&m)->decide_by, MADE_NOW + 15 * LL_MINUTE);
    r->lead = 50 * LL_MINUTE;
    ck_assert_int_eq(made_decide(&m)->decide_by, MADE_NOW + 10 * LL_MINUTE);
    r->lead = 0;
    m.input[0].ahead.at = MADE_NOW + 4 * LL_MINUTE; /* three to boot */
    ck_assert_int_eq(made_decide(&m)->decide_by, MADE_NOW + LL_MINUTE);
    m.input[0].ahead.at = MADE_NOW;
    r->proposal_ttl = LL_MINUTE;
    ck_assert_int_eq(made_decide(&m)->decide_by, MADE_NOW + LL_MINUTE);
}
END_TEST

START_TEST(a_model_of_another_driver_is_not_used)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_PREDICTIVE);
    struct ll_capacity_model *c = &m.target.capacity;
    made_load(&m, 0, 0.6, 1); /* 100 a unit are observed */
    made_ahead(&m, 0, 1200);
    *c = (struct ll_capacity_model){
        .driver = LL_RESOURCE_API_CALLS, .units_per_instance = 50, .expires = LL_TIME_NONE};
    ck_assert_double_eq(made_decide(&m)->proposals[0].per_unit, 50);
    c->driver = LL_RESOURCE_CPU;
    ck_assert_double_eq(made_decide(&m)->proposals[0].per_unit, 100);
    r->type = LL_RESOURCE_CPU;
    c->part = LL_SLICE("orders");
    ck_assert_double_eq(made_decide(&m)->proposals[0].per_unit, 100);
    r->part = LL_SLICE("orders");
    ck_assert_double_eq(made_decide(&m)->proposals[0].per_unit, 50);
    c->expires = MADE_NOW;
    ck_assert_double_eq(made_decide(&m)->proposals[0].per_unit, 100);
    m.input[0].ahead.demand = INFINITY;
    ck_assert_int_eq(made_decide(&m)->proposals[0].bound, LL_BOUND_NO_FORECAST);
    m.input[0].ahead.demand = NAN;
    ck_assert_int_eq(made_decide(&m)->proposals[0].bound, LL_BOUND_NO_FORECAST);
}
END_TEST

START_TEST(a_dependency_that_says_nothing_limits_nothing)
{
    struct ll_dependency d = {.per_instance = 20, .limit = 240};
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 1.6, 1);
    m.target.dependencies = &d;
    m.target.n_dependencies = 1;
    ck_assert_int_eq(made_decide(&m)->to, 12);
    d.per_instance = 0;
    ck_assert_int_eq(made_decide(&m)->to, 20);
    d.per_instance = 20;
    d.limit = -1;
    ck_assert_int_eq(made_decide(&m)->to, 20);
    d.limit = 1e300;
    ck_assert_int_eq(made_decide(&m)->to, 20);
}
END_TEST

START_TEST(grains_stay_below_the_upper_end)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.target.granularity = 4;
    m.target.max = 14; /* 12 is the last that fits */
    made_load(&m, 0, 1.6, 1);
    ck_assert_int_eq(made_decide(&m)->to, 12);
    m.in.seen.current = m.in.seen.ready = m.state.expected = 13; /* somebody's */
    made_load(&m, 0, 0.1, 1);
    ck_assert_int_le(made_decide(&m)->to, 12);
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_le(made_decide(&m)->to, 13);
    m.target.min = 9; /* a floor that no grain reaches */
    m.target.max = 11;
    ck_assert_int_ge(made_decide(&m)->to, 8);
}
END_TEST

/* What is in the way of each other, and no schedule of floors. */
START_TEST(a_ceiling_below_the_lower_end_gives_way)
{
    made_rule(&m, LL_POLICY_SCHEDULED);
    made_window(&m, 0, LL_WINDOW_MAX, 1);
    m.target.min = 4;
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_ge(d->to, 4);
}
END_TEST

START_TEST(the_nearest_answers_are_merged)
{
    struct ll_scaling_state s;
    ll_scaling_state_init(&s);
    for (int i = 0; i < LL_STATE_ANSWERS + 3; i++) /* each lower: all count for the highest */
        ll_scaling_answer(&s, MADE_NOW + (i == 5 ? 4001 : i * 1000), 10000 - i);
    ck_assert_uint_eq(s.n_answers, LL_STATE_ANSWERS);
    for (size_t i = 1; i < s.n_answers; i++)
        ck_assert_int_ge(s.answers[i].t, s.answers[i - 1].t);
    ck_assert_int_eq(s.answers[0].value, 10000); /* the two nearest are the fifth and sixth */
}
END_TEST

START_TEST(pods_are_of_what_has_pods)
{
    static const struct ll_hpa_pod pod = {.ready = LL_POD_READY,
                                          .has_sample = true,
                                          .has_request = true,
                                          .start = MADE_NOW - LL_DAY,
                                          .sample_t = MADE_NOW,
                                          .usage = 900,
                                          .request = 1000};
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->form = LL_FORM_TARGET;
    r->goal = 0.5;
    made_load(&m, 0, 0.6, 1);
    m.input[0].seen.pods = &pod;
    ck_assert_ptr_null(strstr(made_decide(&m)->proposals[0].text, "by pods"));
    m.input[0].seen.n_pods = 1;
    ck_assert_ptr_nonnull(strstr(made_decide(&m)->proposals[0].text, "by pods"));
    ck_assert_double_eq(m.d.proposals[0].utilization, 0.9);
    m.target.vertical = true;
    ck_assert_ptr_null(strstr(made_decide(&m)->proposals[0].text, "by pods"));
    m.target.vertical = false;
    m.target.max = (int64_t)1 << 40;
    m.in.seen.current = m.in.seen.ready = m.state.expected = (int64_t)1 << 35;
    ck_assert_ptr_nonnull(strstr(made_decide(&m)->proposals[0].text, "by pods"));
}
END_TEST

/* Names and reasons of any length, and none. */
START_TEST(what_is_said_is_cut)
{
    const struct ll_slice names[] = {{NULL, 0}, LL_SLICE("short"), ll_slice_of(long_text)};
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_rule(&m, LL_POLICY_PREDICTIVE);
    m.state.data_lost = MADE_NOW - LL_HOUR;
    for (size_t i = 0; i < LL_LEN(names); i++)
        for (size_t fallback = 0; fallback < 2; fallback++)
            for (size_t ahead = 0; ahead < 3; ahead++) {
                m.input[0].seen.metric = m.input[1].ahead.reason = names[i];
                m.rule[0].fallback_units = fallback ? 3 : 0;
                made_ahead(&m, 1, 600);
                m.input[1].ahead.reason = names[i];
                m.input[1].ahead.known = ahead > 0;
                m.input[1].ahead.trusted = ahead > 1;
                m.target.capacity.driver = LL_RESOURCE_API_CALLS;
                m.target.capacity.units_per_instance = 100;
                const struct ll_decision *d = made_decide(&m);
                ck_assert_int_eq(d->to, 10);
                const char *says = names[i].n == 0   ? "(a required rule)"
                                   : names[i].n == 5 ? "short"
                                                     : "a text that is";
                ck_assert_msg(strstr(d->reason, says) != NULL, "%s", d->reason);
                ck_assert(strlen(d->proposals[0].text) < sizeof(d->proposals[0].text));
            }
    m.rule[0].fallback_after = 0; /* at once */
    made_load(&m, 0, 0.6, 1);
    m.input[0].seen.state = LL_SEEN_MISSING;
    m.state.data_lost = LL_TIME_NONE;
    m.rule[0].fallback_units = 15;
    ck_assert_int_eq(made_decide(&m)->to, 15);
}
END_TEST

START_TEST(a_limit_of_a_long_name_is_said)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->rule_id = ll_slice_of(long_text);
    r->out = (struct ll_rates){.policy = {{LL_RATE_UNITS, 1, LL_MINUTE}}, .n = 1};
    made_load(&m, 0, 1.6, 1);
    made_decide(&m);
    char wanted[120];
    snprintf(wanted, sizeof(wanted), "at most 11 now, by the limits of rule '%.48s'", long_text);
    ck_assert_str_eq(m.d.stages[LL_STAGE_RATE].text, wanted);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        amounts_saturate,
        without_memory_it_says_so,
        samples_from_no_time_are_ignored,
        a_step_of_nothing_is_one,
        a_goal_may_be_over_all_there_is,
        a_rule_speaks_for_the_override,
        a_range_alone_is_reason_enough,
        two_people_are_asked_for_by_the_winner,
        a_proposal_ends_before_it_is_too_late,
        a_model_of_another_driver_is_not_used,
        a_dependency_that_says_nothing_limits_nothing,
        grains_stay_below_the_upper_end,
        a_ceiling_below_the_lower_end_gives_way,
        the_nearest_answers_are_merged,
        pods_are_of_what_has_pods,
        what_is_said_is_cut,
        a_limit_of_a_long_name_is_said,
    };
    return made_run("scaling_edges", setup, teardown, tests, LL_LEN(tests));
}
