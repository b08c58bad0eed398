/* What rules say of each other: groups that agree, expressions, a load at its limit. */
#include "scaling/formula.h"
#include "scaling/hpa.h"
#include "scaling_make.h"

static struct made m;
static struct ll_rule_group groups[2];
static struct ll_formula formula;
static struct ll_rule_use uses[3];
static struct ll_rule_expression expression;

static void setup(void)
{
    made_init(&m);
    groups[0] = (struct ll_rule_group){LL_SLICE("one"), LL_CONSENT_ANY};
    groups[1] = (struct ll_rule_group){LL_SLICE("two"), LL_CONSENT_ANY};
    m.target.groups = groups;
    m.target.n_groups = 2;
}

static void teardown(void)
{
    made_fini(&m);
}

/* A rule whose goal is one half: 80 % of ten asks for 16, 60 % for nothing. */
static struct ll_scaling_rule *loaded(double utilization, const char *group)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->goal = 0.5;
    r->group = ll_slice_of(group);
    made_load(&m, m.in.n_rules - 1, utilization, 1);
    return r;
}

static int64_t wanted(void)
{
    return made_decide(&m)->wanted;
}

/* --- groups --- */

START_TEST(where_all_must_agree_the_lowest_counts)
{
    loaded(0.8, "");
    loaded(0.9, "");
    ck_assert_int_eq(wanted(), 18);
    ck_assert_uint_eq(m.d.winner, 1);
    m.target.combine = LL_CONSENT_ALL;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_uint_eq(m.d.winner, 0);
    const struct ll_stage_note *note = &m.d.stages[LL_STAGE_COMBINE];
    ck_assert_int_eq(note->bound, LL_BOUND_CONSENT);
    ck_assert_str_eq(note->text, "18 needs everybody's consent; 16 is as far as it goes, by first");
    ck_assert_int_eq(m.d.without[LL_STAGE_COMBINE], 18);
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_eq(wanted(), 10);
    ck_assert_int_eq(m.d.stages[LL_STAGE_COMBINE].bound, LL_BOUND_CONSENT);
    ck_assert_ptr_nonnull(strstr(m.d.reason, "consent"));
    made_load(&m, 0, 0.3, 1); /* less is no more than nothing */
    ck_assert_int_eq(wanted(), 10);
    made_load(&m, 1, 0.3, 1);
    ck_assert_int_eq(wanted(), 6);
    ck_assert_int_eq(m.d.stages[LL_STAGE_COMBINE].bound, LL_BOUND_NONE);
    made_load(&m, 1, 0.2, 1);
    ck_assert_int_eq(wanted(), 6); /* and inwards the highest */
    made_load(&m, 1, 0.6, 1);
    ck_assert_int_eq(wanted(), 10);
}
END_TEST

/* What is only shown is no answer that others did not agree to; a long name is cut. */
START_TEST(consent_is_of_those_who_count)
{
    static const char name[] = "a-name-that-is-longer-than-what-fits-here";
    loaded(0.8, "")->rule_id = ll_slice_of(name);
    loaded(1.5, "")->mode = LL_MODE_OBSERVE;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_int_eq(m.d.stages[LL_STAGE_COMBINE].bound, LL_BOUND_NONE);
    m.rule[1].mode = LL_MODE_AUTO;
    m.target.combine = LL_CONSENT_ALL;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_str_eq(m.d.stages[LL_STAGE_COMBINE].text,
                     "30 needs everybody's consent; 16 is as far as it goes, by "
                     "a-name-that-is-longer-than-what-fits-her");
}
END_TEST

START_TEST(a_group_has_one_answer)
{
    loaded(0.8, "one");
    loaded(0.6, "one");
    loaded(0.85, "");
    groups[0].when = LL_CONSENT_ALL;
    ck_assert_int_eq(wanted(), 17);
    ck_assert_uint_eq(m.d.winner, 2);
    made_load(&m, 2, 0.6, 1);
    ck_assert_int_eq(wanted(), 10);
    groups[0].when = LL_CONSENT_ANY;
    ck_assert_int_eq(wanted(), 16);
    groups[0].when = LL_CONSENT_ALL;
    groups[1].when = LL_CONSENT_ALL;
    m.rule[1].group = LL_SLICE("two");
    ck_assert_int_eq(wanted(), 16);
    m.rule[1].group = LL_SLICE("unknown"); /* stands alone */
    ck_assert_int_eq(wanted(), 16);
}
END_TEST

START_TEST(groups_agree_as_rules_do)
{
    loaded(0.9, "one");
    loaded(0.6, "one");
    loaded(0.8, "two");
    m.target.combine = LL_CONSENT_ALL;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_uint_eq(m.d.winner, 2);
    made_load(&m, 2, 0.95, 1);
    ck_assert_int_eq(wanted(), 18);
    ck_assert_uint_eq(m.d.winner, 0);
}
END_TEST

START_TEST(schedules_and_people_raise_by_themselves)
{
    loaded(0.9, "");
    loaded(0.6, "");
    m.target.combine = LL_CONSENT_ALL;
    made_rule(&m, LL_POLICY_SCHEDULED);
    made_window(&m, 2, LL_WINDOW_FLOOR, 14);
    ck_assert_int_eq(wanted(), 14);
    ck_assert_uint_eq(m.d.winner, 2);
    m.state.manual = (struct ll_manual){.set = true, .floor = 17, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(wanted(), 17);
    ck_assert_ptr_nonnull(strstr(m.d.stages[LL_STAGE_COMBINE].text, "by a person"));
    m.state.manual = (struct ll_manual){
        .set = true, .exact = true, .floor = 5, .ceiling = 5, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(wanted(), 5);
}
END_TEST

START_TEST(what_stands_in_for_data_asks_nobody)
{
    loaded(0.6, "");
    loaded(0.6, "");
    m.target.combine = LL_CONSENT_ALL;
    m.input[0].seen.state = LL_SEEN_MISSING;
    m.rule[0].fallback = LL_FALLBACK_UNITS;
    m.rule[0].fallback_units = 15;
    m.state.data_lost = MADE_NOW - LL_HOUR;
    ck_assert_int_eq(wanted(), 15);
}
END_TEST

/* Who has no answer is left out; scale-in waits for what is missing. */
START_TEST(silence_neither_agrees_nor_refuses)
{
    loaded(0.6, "one");
    loaded(0.9, "one");
    groups[0].when = LL_CONSENT_ALL;
    m.input[0].seen.state = LL_SEEN_MISSING;
    ck_assert_int_eq(wanted(), 18);
    made_load(&m, 1, 0.2, 1);
    ck_assert_int_eq(made_decide(&m)->to, 10);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_HELD);
    m.rule[0].need = LL_NEED_ADVISORY;
    ck_assert_int_lt(made_decide(&m)->to, 10);
    m.input[1].seen.state = LL_SEEN_MISSING; /* nobody at all */
    ck_assert_int_eq(made_decide(&m)->to, 10);
    ck_assert_uint_eq(m.d.winner, m.d.n_proposals);
}
END_TEST

/* Of too few instances: it may ask for more, and binds the others as little as by its silence. */
START_TEST(a_partial_answer_binds_nobody)
{
    loaded(0.8, "one");
    loaded(0.9, "two");
    m.target.combine = LL_CONSENT_ALL;
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    ck_assert_int_eq(wanted(), 18);
    made_load(&m, 0, 0.3, 1);
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    ck_assert_int_eq(wanted(), 18);
    made_load(&m, 1, 0.6, 1);
    made_load(&m, 0, 0.8, 1);
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    ck_assert_int_eq(wanted(), 10);
    m.rule[1].group = LL_SLICE("one"); /* beside one that sees all, it speaks for the group */
    ck_assert_int_eq(wanted(), 16);
    loaded(0.9, "two");
    ck_assert_int_eq(wanted(), 16);
    m.input[1].seen.state = LL_SEEN_PARTIAL;
    ck_assert_int_eq(wanted(), 18);
}
END_TEST

/* Beyond its fallback it needs no more consent than the fallback does. */
START_TEST(a_partial_answer_is_no_less_than_its_fallback)
{
    loaded(0.8, "");
    loaded(0.6, "");
    m.target.combine = LL_CONSENT_ALL;
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    m.rule[0].fallback_units = 15;
    m.state.data_lost = MADE_NOW - LL_HOUR;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_int_eq(m.d.proposals[0].bound, LL_BOUND_FALLBACK);
    m.rule[0].fallback_units = 17;
    ck_assert_int_eq(wanted(), 17);
}
END_TEST

START_TEST(an_observing_rule_has_no_vote)
{
    loaded(0.8, "");
    loaded(0.6, "")->mode = LL_MODE_OBSERVE;
    m.target.combine = LL_CONSENT_ALL;
    ck_assert_int_eq(wanted(), 16);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_ACT);
}
END_TEST

/* An answer that needed a rule in approve goes no further than that rule may. */
START_TEST(consent_goes_as_far_as_all_who_gave_it)
{
    loaded(0.8, "one");
    loaded(0.9, "one")->mode = LL_MODE_APPROVE;
    groups[0].when = LL_CONSENT_ALL;
    ck_assert_int_eq(made_decide(&m)->to, 16);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(m.d.at_once, 10);
    groups[0].when = LL_CONSENT_ANY; /* but by itself */
    ck_assert_int_eq(made_decide(&m)->to, 18);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_PROPOSE);
    ck_assert_int_eq(m.d.at_once, 16);
    groups[1].when = LL_CONSENT_ALL; /* of a group that nobody is in */
    ck_assert_int_eq(made_decide(&m)->at_once, 16);
    m.rule[1].group = LL_SLICE("two"); /* a group's own concern */
    made_load(&m, 1, 0.8, 1);
    made_load(&m, 0, 0.85, 1);
    ck_assert_int_eq(made_decide(&m)->to, 17);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_ACT);
    groups[0].when = LL_CONSENT_ALL;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_ACT);
    m.target.combine = LL_CONSENT_ALL;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_PROPOSE);
}
END_TEST

START_TEST(a_rule_that_is_input_asks_for_nothing)
{
    loaded(0.6, "");
    loaded(0.9, "")->input_only = true;
    m.rule[1].out.select = LL_RATE_DISABLED;
    ck_assert_int_eq(wanted(), 10);
    ck_assert(m.d.proposals[1].shadow);
    ck_assert_int_eq(m.d.without[LL_STAGE_COMBINE], 10);
    m.input[1].seen.state = LL_SEEN_MISSING;
    made_load(&m, 0, 0.2, 1);
    ck_assert_int_lt(made_decide(&m)->to, 10);
    m.rule[0].mode = LL_MODE_OBSERVE; /* nor does it say how far others may go */
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_OBSERVE);
}
END_TEST

/* --- expressions --- */

/* Two inputs, `cpu` and `queue`, then the rule that uses them. */
static struct ll_scaling_rule *express(const char *text)
{
    const struct ll_slice names[] = {LL_SLICE("cpu"), LL_SLICE("queue"), LL_SLICE("ahead")};
    struct ll_err err;
    ck_assert_msg(ll_formula_parse(ll_slice_of(text), names, 3, &formula, &err), "%s", err.text);
    for (size_t i = 0; i < 2; i++)
        loaded(0.6, "")->input_only = true;
    uses[0] = (struct ll_rule_use){names[0], m.rule[0].rule_id, LL_USE_UTILIZATION};
    uses[1] = (struct ll_rule_use){names[1], m.rule[1].rule_id, LL_USE_UTILIZATION};
    uses[2] = (struct ll_rule_use){names[2], LL_SLICE("fourth"), LL_USE_UNITS};
    expression = (struct ll_rule_expression){ll_slice_of(text), &formula, uses, 2};
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->goal = 0.5;
    r->expression = &expression;
    return r;
}

START_TEST(an_expression_is_seen_as_a_load)
{
    struct ll_scaling_rule *r = express("max(cpu, queue) + 0.2");
    ck_assert_int_eq(wanted(), 16);
    ck_assert_int_eq(m.d.proposals[2].want, 16);
    ck_assert_ptr_nonnull(strstr(m.d.proposals[2].text, "max(cpu, queue) + 0.2 = 80.0 %"));
    made_load(&m, 1, 0.1, 1);
    made_load(&m, 0, 0.1, 1);
    ck_assert_int_eq(wanted(), 6);
    made_load(&m, 1, 0.3, 1);
    ck_assert_int_eq(wanted(), 10);
    static const struct ll_hpa_pod pod = {.has_sample = true, .usage = 1, .request = 1};
    r->form = LL_FORM_TARGET;
    m.input[2].seen.pods = &pod; /* of no use: it is not what the formula is about */
    m.input[2].seen.n_pods = 1;
    made_load(&m, 1, 0.8, 1);
    ck_assert_int_eq(wanted(), 20);
    ck_assert_ptr_nonnull(strstr(m.d.proposals[2].text, "max(cpu, queue) + 0.2 = 100.0 %"));
}
END_TEST

static void ck_held(const char *says)
{
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, d->current);
    ck_assert_int_eq(d->verdict, LL_VERDICT_HELD);
    ck_assert_msg(strstr(d->reason, says) != NULL, "'%s' in: %s", says, d->reason);
    ck_assert_int_eq(d->proposals[2].state, LL_PROPOSAL_NONE);
}

START_TEST(what_is_missing_makes_no_number)
{
    express("min(cpu, queue)");
    made_load(&m, 0, 0.1, 1);
    m.input[1].seen.state = LL_SEEN_MISSING;
    ck_held("second");
    m.rule[2].need = LL_NEED_ADVISORY;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_NOTHING);
    m.rule[2].need = LL_NEED_REQUIRED;
    m.input[1].seen.state = LL_SEEN_STALE;
    ck_held("second");
    m.input[0].seen.state = LL_SEEN_MISSING; /* the first that is missing is named */
    ck_held("first");
    made_load(&m, 0, 0.1, 1);
    made_load(&m, 1, 0.1, 1);
    uses[1].rule = LL_SLICE("gone");
    ck_held("gone");
    uses[1].rule = m.rule[2].rule_id; /* an expression */
    ck_held("third");
    uses[1].rule = m.rule[1].rule_id;
    ck_assert_int_lt(made_decide(&m)->to, 10);
}
END_TEST

START_TEST(a_result_that_is_no_amount_is_no_data)
{
    static const char *const texts[] = {"cpu / (queue - queue)", "0 / (queue - queue) + cpu",
                                        "0 - cpu - queue"};
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        teardown();
        setup();
        express(texts[i]);
        ck_held(texts[i]);
    }
}
END_TEST

START_TEST(few_instances_make_it_partial)
{
    express("cpu + queue");
    made_load(&m, 0, 0.1, 1);
    made_load(&m, 1, 0.1, 1);
    m.input[1].seen.expected = 20;
    ck_held("second");
    m.input[0].seen.expected = 20; /* both: the first is named */
    ck_held("first");
    made_load(&m, 1, 1.9, 1); /* what is there may ask for more */
    ck_assert_int_eq(wanted(), 20);
    m.input[0].seen.expected = 10;
    m.input[0].seen.state = LL_SEEN_MISSING; /* worse than partial */
    ck_held("first");
    m.input[0].seen.state = LL_SEEN_OK;
    m.input[1].seen.expected = 12; /* not so few: those that are silent count as idle */
    ck_assert_int_eq(wanted(), 34);
}
END_TEST

START_TEST(an_expression_wakes_what_is_at_zero)
{
    express("cpu");
    expression.n_uses = 1;
    m.target.min = 0;
    m.target.scale_to_zero = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.state.scaled_to_zero = true;
    m.sample[0][0] = (struct ll_seen_sample){MADE_NOW, 3, NAN};
    ck_assert_int_eq(made_decide(&m)->to, 1);
    m.sample[0][0].value = 0;
    ck_assert_int_eq(made_decide(&m)->to, 0);
}
END_TEST

/* Rest is when all that it stands on rests, whatever the formula makes of it. */
START_TEST(an_expression_rests_when_its_inputs_do)
{
    express("cpu * 0 + queue * 0");
    m.target.min = 0;
    m.target.scale_to_zero = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 1;
    m.state.idle_since = MADE_NOW - LL_HOUR;
    made_load(&m, 0, 0, 1);
    made_load(&m, 1, 0.001, 1);
    made_decide(&m);
    ck_assert_int_eq(m.next.idle_since, LL_TIME_NONE);
    made_load(&m, 1, 0, 1);
    ck_assert_int_eq(made_decide(&m)->to, 0);
    m.input[1].seen.state = LL_SEEN_MISSING;
    made_decide(&m);
    ck_assert_int_eq(m.next.idle_since, LL_TIME_NONE);
}
END_TEST

START_TEST(an_input_that_collapses_is_not_believed)
{
    express("max(cpu, queue)");
    made_load(&m, 0, 0.6, 2);
    made_load(&m, 1, 0.3, 2);
    made_decide(&m);
    ck_assert_uint_eq(m.next.implausible, 0);
    m.sample[1][0].value *= 0.05;
    made_decide(&m);
    ck_assert_uint_eq(m.next.implausible, 3);
    m.rule[2].mode = LL_MODE_OBSERVE; /* nobody acts by it */
    loaded(0.6, "");
    made_decide(&m);
    ck_assert_uint_eq(m.next.implausible, 0);
}
END_TEST

START_TEST(units_are_the_value_of_the_formula)
{
    struct ll_scaling_rule *r = express("queue / 50");
    r->form = LL_FORM_UNITS;
    uses[1].what = LL_USE_VALUE;
    m.sample[1][0] = (struct ll_seen_sample){MADE_NOW, 601, NAN}; /* a queue has no capacity */
    ck_assert_int_eq(wanted(), 13);
    ck_assert_str_eq(m.d.proposals[2].text, "queue / 50 = 12.02: 13");
    m.target.granularity = 4;
    ck_assert_int_eq(wanted(), 16);
    m.target.granularity = 1;
    m.sample[1][0].value = 300;
    ck_assert_int_eq(wanted(), 6);
    r->form = LL_FORM_BANDS; /* 600 % */
    ck_assert_int_eq(wanted(), 120);
    uses[1].what = LL_USE_CAPACITY;
    ck_held("second");
    m.sample[1][0].capacity = 40;
    ck_assert_int_eq(wanted(), 16);
    m.sample[1][0].value = -1;
    uses[1].what = LL_USE_VALUE;
    ck_held("second");
}
END_TEST

START_TEST(units_build_on_what_others_ask_for)
{
    struct ll_scaling_rule *r = express("ahead * 1.5");
    r->form = LL_FORM_UNITS;
    expression.uses = &uses[2];
    formula.op[0].n = 0; /* the only use */
    expression.n_uses = 1;
    made_rule(&m, LL_POLICY_PREDICTIVE)->input_only = true;
    m.rule[3].goal = 0.5;
    m.target.capacity.driver = LL_RESOURCE_API_CALLS;
    m.target.capacity.units_per_instance = 100;
    made_ahead(&m, 3, 600); /* 12 */
    ck_assert_int_eq(wanted(), 18);
    m.input[3].ahead.trusted = false;
    ck_held("ahead * 1.5");
    ck_assert_int_eq(m.d.proposals[2].bound, LL_BOUND_NO_DATA);
    m.rule[2].need = LL_NEED_ADVISORY;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_NOTHING);
    m.rule[2].need = LL_NEED_REQUIRED;
    m.input[3].ahead.known = false;
    ck_held("ahead * 1.5");
    made_load(&m, 0, 0.2, 1); /* what only observes holds nobody */
    m.rule[0].input_only = false;
    m.rule[2].mode = LL_MODE_OBSERVE;
    ck_assert_int_lt(made_decide(&m)->to, 10);
    m.rule[2].mode = LL_MODE_AUTO; /* and who is missing already stays the one that is named */
    m.input[0].seen.state = LL_SEEN_MISSING;
    made_decide(&m);
    ck_assert_ptr_nonnull(strstr(m.d.reason, "gateway API_CALLS"));
}
END_TEST

START_TEST(units_of_a_rule_without_data_are_none)
{
    struct ll_scaling_rule *r = express("cpu * 2");
    r->form = LL_FORM_UNITS;
    uses[0].what = LL_USE_UNITS;
    made_load(&m, 0, 0.8, 1);
    ck_assert_int_eq(wanted(), 32);
    m.input[0].seen.state = LL_SEEN_MISSING;
    ck_held("first");
    m.state.data_lost = MADE_NOW - LL_HOUR; /* nor is what stands in for data */
    m.rule[0].fallback_units = 12;
    ck_held("first");
    ck_assert_int_eq(m.d.proposals[0].bound, LL_BOUND_FALLBACK);
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    ck_held("first");
    ck_assert_int_eq(m.d.proposals[0].bound, LL_BOUND_FALLBACK);
}
END_TEST

/* --- a load at its limit --- */

static void queue(double newest, double before, double first)
{
    const double v[] = {newest, before, first};
    for (size_t i = 0; i < 3; i++)
        m.sample[1][i] = (struct ll_seen_sample){MADE_NOW - (ll_dur)i * m.in.interval, v[i], NAN};
    m.input[1].seen.state = LL_SEEN_OK;
    m.input[1].seen.n_samples = 3;
}

static void saturated(double utilization)
{
    loaded(utilization, "");
    loaded(0.6, "")->input_only = true;
    m.rule[0].goal = 0.8;
    m.rule[0].saturation.waiting = m.rule[1].rule_id;
    queue(30, 20, 10);
}

START_TEST(a_load_at_its_limit_takes_twice_the_step)
{
    saturated(0.96);
    ck_assert_int_eq(wanted(), 14); /* 12 */
    ck_assert_int_eq(m.d.proposals[0].bound, LL_BOUND_SATURATED);
    ck_assert_ptr_nonnull(strstr(m.d.proposals[0].text, "'second' grows, so twice the step: 14"));
    m.sample[1][2].t = MADE_NOW - 170 * LL_SECOND; /* three times as long as one is fresh */
    ck_assert_int_eq(wanted(), 14);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 10 * LL_SECOND + 1);
    m.target.granularity = 4;
    ck_assert_int_eq(wanted(), 16); /* 12, 14 */
    m.target.granularity = 1;
    m.rule[0].form = LL_FORM_TARGET;
    ck_assert_int_eq(wanted(), 14);
    made_load(&m, 0, 0.95, 1);
    ck_assert_int_eq(wanted(), 14);
    made_load(&m, 0, 0.9499, 1);
    ck_assert_int_eq(wanted(), 12);
}
END_TEST

START_TEST(what_does_not_grow_doubles_nothing)
{
    static const double v[][3] = {
        {20, 20, 10}, {30, 10, 10},       {30, 20, 20},  {10, 20, 30}, {30, 20, NAN},
        {30, 20, -1}, {INFINITY, 20, 10}, {NAN, 20, 10}, {30, 10, 20}, {30, INFINITY, 1}};
    saturated(0.96);
    for (size_t i = 0; i < LL_LEN(v); i++) {
        queue(v[i][0], v[i][1], v[i][2]);
        ck_assert_msg(wanted() == 12, "%zu: %s", i, m.d.reason);
    }
    queue(30, 20, 10);
    ck_assert_int_eq(wanted(), 14);
    m.sample[1][2].t = m.sample[1][1].t; /* one sample twice */
    ck_assert_int_eq(wanted(), 12);
    m.sample[1][2].t = MADE_NOW - 3 * LL_MINUTE;
    ck_assert_int_eq(wanted(), 14);
    m.sample[1][2].t--; /* too long ago */
    ck_assert_int_eq(wanted(), 12);
    m.sample[1][2].t = LL_TIME_MIN - 1;
    ck_assert_int_eq(wanted(), 12);
    queue(30, 20, 10);
    m.input[1].seen.n_samples = 2;
    ck_assert_int_eq(wanted(), 12);
    m.rule[0].saturation.samples = 2;
    ck_assert_int_eq(wanted(), 14);
    m.rule[0].saturation.samples = 1; /* nothing to compare */
    ck_assert_int_eq(wanted(), 12);
    m.rule[0].saturation.samples = 2;
    m.input[1].seen.state = LL_SEEN_MISSING;
    ck_assert_int_eq(wanted(), 12);
    m.input[1].seen.state = LL_SEEN_OK;
    m.rule[0].saturation.waiting = LL_SLICE("gone");
    ck_assert_int_eq(wanted(), 12);
}
END_TEST

START_TEST(only_a_step_outwards_is_doubled)
{
    saturated(0.96);
    m.rule[0].saturation.pinned = 0.1;
    made_load(&m, 0, 0.3, 1);
    const int64_t less = wanted();
    ck_assert_int_lt(less, 10);
    ck_assert_int_ne(m.d.proposals[0].bound, LL_BOUND_SATURATED);
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_eq(wanted(), 10);
    m.target.min = 0;
    m.target.scale_to_zero = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.state.scaled_to_zero = true;
    m.sample[0][0] = (struct ll_seen_sample){MADE_NOW, 3, NAN};
    ck_assert_int_eq(wanted(), 1);
}
END_TEST

/* --- formulas --- */

static const struct {
    const char *text;
    double value; /* of a = 0.5, b = 3; NaN = none */
} computed[] = {
    {"1", 1},
    {" a\t+ b ", 3.5},
    {"a + b * 2", 6.5},
    {"(a + b) * 2", 7},
    {"b - a - 1", 1.5},
    {"8 / 4 / 2", 1},
    {"8 / 4 * 2", 4},
    {"2 - 3 * 2 + 1", -3},
    {"-a * 2", -1},
    {"- - a", 0.5},
    {"2 * -a", -1},
    {"-(a - b)", 2.5},
    {"max(a, b)", 3},
    {"max(b, a)", 3},
    {"min(b, a, 2)", 0.5},
    {"min (a, b) * 2", 1},
    {"avg(a, b, 1)", 1.5},
    {"max(a + 3, b) / max(min(1, b), 0.1)", 3.5},
    {"max(a)", 0.5},
    {"1.5e2 + 1E-1 + 1e+1", 160.1},
    {".5", 0.5},
    {"1 / 0", INFINITY},
    {"0 / 0", NAN},
    {"max(0 / 0, 1)", NAN},
    {"max(1, 0 / 0)", NAN},
    {"min(0 / 0, 1)", NAN},
    {"min(1, 0 / 0)", NAN},
    {"avg(1, 0 / 0)", NAN},
    {"((((((((((((((((a))))))))))))))))", 0.5},
    {"_x1 + a1", 30},
};
static const struct ll_slice names[] = {{"a", 1},  {"b", 1}, {"_x1", 3},
                                        {"a1", 2}, {"A", 1}, {"unused", 6}};

START_TEST(a_formula_is_computed)
{
    const double v[] = {0.5, 3, 10, 20, 7, 8};
    struct ll_formula f;
    struct ll_err err = {0};
    ck_assert_msg(ll_formula_parse(ll_slice_of(computed[_i].text), names, 6, &f, &err), "%s: %s",
                  computed[_i].text, err.text);
    const double is = ll_formula_eval(&f, v), should = computed[_i].value;
    ck_assert_msg(isnan(should) ? isnan(is) : is == should || fabs(is - should) < 1e-12, "%s is %g",
                  computed[_i].text, is);
    ck_assert_uint_eq(f.used >> 5, 0);
}
END_TEST

static const struct {
    const char *text, *says;
    int column;
} refused[] = {
    {"", "is missing", 1},
    {"  ", "is missing", 3},
    {"a +", "is missing", 4},
    {"a b", "an operator is missing", 3},
    {"a 1", "an operator is missing", 3},
    {"c", "there is no 'c'", 1},
    {"Max(a)", "there is no function 'Max'", 1},
    {"a(1)", "there is no function 'a'", 1},
    {"max", "there is no 'max'", 1},
    {"(a", "a bracket is not closed", 3},
    {"max(a, b", "a bracket is not closed", 9},
    {"a)", "')' closes nothing", 2},
    {"(a, b)", "',' is only between", 3},
    {"a, b", "',' is only between", 2},
    {"max()", "is missing", 5},
    {"max(a,)", "is missing", 7},
    {"1.2.3", "'1.2.3' is no number", 1},
    {".", "'.' is no number", 1},
    {"1e", "'1e' is no number", 1},
    {"a $ b", "an operator is missing", 3},
    {"$", "is missing", 1},
    {"{", "is missing", 1},
    {"[", "is missing", 1},
    {"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
     "'1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.' is", 1},
    {"a_name_that_is_longer_than_what_fits_here(1)",
     "no function 'a_name_that_is_longer_than_what_fits_her'", 1},
    {"a_name_that_is_longer_than_what_fits_here",
     "there is no 'a_name_that_is_longer_than_what_fits_her'", 1},
    {"a * / b", "is missing", 5},
    {"+ a", "is missing", 1},
    {"(((((((((((((((((a)))))))))))))))))", "nested too deep", 17},
    {"-----------------a", "nested too deep", 17},
    {"((((((((((((((((max(a)))))))))))))))))", "nested too deep", 21},
};

START_TEST(a_mistake_in_a_formula_has_its_place)
{
    struct ll_formula f = {.n = 77};
    struct ll_err err = {0};
    ck_assert_msg(!ll_formula_parse(ll_slice_of(refused[_i].text), names, 6, &f, &err), "%s",
                  refused[_i].text);
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert_msg(strstr(err.text, refused[_i].says) != NULL, "%s: %s", refused[_i].text, err.text);
    ck_assert_msg(err.column == refused[_i].column, "%s: %d", refused[_i].text, err.column);
    ck_assert_uint_eq(f.n, 77); /* untouched */
}
END_TEST

START_TEST(a_formula_has_a_limit)
{
    char text[LL_FORMULA_BYTES_MAX + 2];
    struct ll_formula f;
    struct ll_err err;
    memset(text, ' ', sizeof(text));
    text[0] = '1';
    ck_assert(ll_formula_parse((struct ll_slice){text, LL_FORMULA_BYTES_MAX}, NULL, 0, &f, &err));
    ck_assert(
        !ll_formula_parse((struct ll_slice){text, LL_FORMULA_BYTES_MAX + 1}, NULL, 0, &f, &err));
    for (size_t i = 0; i < 66; i++)
        text[i] = i % 2 ? '+' : '1';
    ck_assert(ll_formula_parse((struct ll_slice){text, 63}, NULL, 0, &f, &err)); /* 32 and 31 */
    ck_assert(!ll_formula_parse((struct ll_slice){text, 65}, NULL, 0, &f, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "too long: at most 64"));
    ck_assert(!ll_formula_parse((struct ll_slice){text, 67}, NULL, 0, &f, &err));
    /* Each of the ways out of room: a sum that ends, a name, a bracket, a comma. */
    static const char *const tails[] = {"1+1",   "a",     "(1)",        "max(1*1,1*1)",
                                        "(1*1)", "1*1+1", "max(-1*1,1)"};
    const struct ll_slice one = LL_SLICE("a");
    for (size_t t = 0; t < LL_LEN(tails); t++)
        for (size_t n = 26; n < 34; n++) {
            char *p = text;
            for (size_t i = 0; i < n; i++)
                p = stpcpy(p, "1+");
            stpcpy(p, tails[t]);
            if (ll_formula_parse(ll_slice_of(text), &one, 1, &f, &err))
                ck_assert_uint_le(f.n, LL_FORMULA_OPS_MAX);
            else
                ck_assert_ptr_nonnull(strstr(err.text, "too long"));
        }
}
END_TEST

START_TEST(a_name_is_letters_and_digits)
{
    static const char *const good[] = {"a", "A9", "_", "maxi", "z_0"};
    static const char *const bad[] = {"",    "9a",  "max",      "min", "avg",
                                      "a-b", "a b", "\xc3\xa4", "a."};
    for (size_t i = 0; i < LL_LEN(good); i++)
        ck_assert(ll_formula_is_name(ll_slice_of(good[i])));
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert(!ll_formula_is_name(ll_slice_of(bad[i])));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scaling_groups");
    TCase *all = tcase_create("all");
    const TTest *const tests[] = {
        where_all_must_agree_the_lowest_counts,
        consent_is_of_those_who_count,
        a_group_has_one_answer,
        groups_agree_as_rules_do,
        schedules_and_people_raise_by_themselves,
        what_stands_in_for_data_asks_nobody,
        silence_neither_agrees_nor_refuses,
        a_partial_answer_binds_nobody,
        a_partial_answer_is_no_less_than_its_fallback,
        an_observing_rule_has_no_vote,
        consent_goes_as_far_as_all_who_gave_it,
        a_rule_that_is_input_asks_for_nothing,
        an_expression_is_seen_as_a_load,
        what_is_missing_makes_no_number,
        a_result_that_is_no_amount_is_no_data,
        few_instances_make_it_partial,
        an_expression_wakes_what_is_at_zero,
        an_expression_rests_when_its_inputs_do,
        an_input_that_collapses_is_not_believed,
        units_are_the_value_of_the_formula,
        units_build_on_what_others_ask_for,
        units_of_a_rule_without_data_are_none,
        a_load_at_its_limit_takes_twice_the_step,
        what_does_not_grow_doubles_nothing,
        only_a_step_outwards_is_doubled,
        a_formula_has_a_limit,
        a_name_is_letters_and_digits,
    };
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < LL_LEN(tests); i++)
        tcase_add_test(all, tests[i]);
    tcase_add_loop_test(all, a_formula_is_computed, 0, LL_LEN(computed));
    tcase_add_loop_test(all, a_mistake_in_a_formula_has_its_place, 0, LL_LEN(refused));
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
