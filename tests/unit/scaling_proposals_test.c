/* What each policy asks for: bands, target tracking, forecasts, schedules, people. */
#include "scaling/hpa.h"
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

static const struct ll_proposal *proposal(size_t i)
{
    return &made_decide(&m)->proposals[i];
}

static void ck_none(size_t i, enum ll_bound why)
{
    const struct ll_proposal *p = proposal(i);
    ck_assert_int_eq(p->state, LL_PROPOSAL_NONE);
    ck_assert_str_eq(ll_bound_name(p->bound), ll_bound_name(why));
    ck_assert_int_ne(p->text[0], 0);
}

/* --- bands --- */

START_TEST(the_edges_of_a_band_belong_to_the_breach)
{
    made_rule(&m, LL_POLICY_THRESHOLD)->goal = 0.5;
    made_load(&m, 0, 0.8, 1);
    ck_assert_int_eq(proposal(0)->want, 16);
    made_load(&m, 0, 0.799, 1);
    ck_assert_int_eq(proposal(0)->want, 10);
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_IN_BAND);
    made_load(&m, 0, 0.401, 1);
    ck_assert_int_eq(proposal(0)->want, 10);
    made_load(&m, 0, 0.4, 1);
    ck_assert_int_eq(proposal(0)->want, 8);
}
END_TEST

START_TEST(scale_in_aims_at_the_middle_of_the_band)
{
    made_rule(&m, LL_POLICY_THRESHOLD)->goal = 0.8;
    made_load(&m, 0, 0.3, 1);
    ck_assert_int_eq(proposal(0)->want, 5); /* at 0.6, not 4 at 0.75 */
    m.rule[0].goal = 0.5;
    ck_assert_int_eq(proposal(0)->want, 6);
}
END_TEST

START_TEST(steps_go_by_the_size_of_the_breach)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->up[0] = (struct ll_step){0, LL_RATE_UNITS, 1};
    r->up[1] = (struct ll_step){0.1, LL_RATE_PERCENT, 25};
    r->n_up = 2;
    r->down[0] = (struct ll_step){0, LL_RATE_UNITS, 1};
    r->down[1] = (struct ll_step){0.2, LL_RATE_PERCENT, 30};
    r->n_down = 2;
    made_load(&m, 0, 0.85, 1);
    ck_assert_int_eq(proposal(0)->want, 11);
    made_load(&m, 0, 0.91, 1);
    ck_assert_int_eq(proposal(0)->want, 13); /* 2.5 is 3 */
    made_load(&m, 0, 0.3, 1);
    ck_assert_int_eq(proposal(0)->want, 9);
    made_load(&m, 0, 0.1, 1);
    ck_assert_int_eq(proposal(0)->want, 7);
}
END_TEST

START_TEST(a_later_step_that_is_smaller_takes_nothing_back)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->up[0] = (struct ll_step){0, LL_RATE_UNITS, 5};
    r->up[1] = (struct ll_step){0.1, LL_RATE_PERCENT, 10};
    r->n_up = 2;
    made_load(&m, 0, 0.93, 1);
    ck_assert_int_eq(proposal(0)->want, 15);
}
END_TEST

START_TEST(what_boots_already_is_not_asked_for_again)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->up[0] = (struct ll_step){0, LL_RATE_UNITS, 4};
    r->n_up = 1;
    m.in.seen.ready = 7;
    made_load(&m, 0, 0.9, 1);
    ck_assert_int_eq(proposal(0)->want, 11); /* 7 + 4 */
    m.in.seen.ready = 5;
    ck_assert_int_eq(proposal(0)->want, 10);
    r->n_up = 0;
    ck_assert_int_eq(proposal(0)->want, 10); /* 5 at 0.9 are 6 at 0.8 */
}
END_TEST

START_TEST(k_of_n_samples_must_agree)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->k = 2;
    r->n = 3;
    made_load(&m, 0, 0.9, 4);
    m.sample[0][1].value = m.sample[0][2].value = 500;
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_SAMPLES); /* the fourth does not count */
    ck_assert_int_eq(proposal(0)->want, 10);
    m.sample[0][2].value = 800;
    ck_assert_int_eq(proposal(0)->want, 12);
    m.sample[0][2].value = NAN;
    ck_assert_int_eq(proposal(0)->want, 10);
    ck_assert_ptr_nonnull(strstr(proposal(0)->text, "2 samples used, 1 ignored"));
    m.sample[0][0].value = 950;
    ck_assert_int_eq(proposal(0)->want, 12); /* critical: one is enough */
    made_load(&m, 0, 0.3, 3);
    m.sample[0][1].value = m.sample[0][2].value = 500;
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_SAMPLES);
    m.sample[0][1].value = 400;
    ck_assert_int_eq(proposal(0)->want, 5);
}
END_TEST

START_TEST(the_newest_sample_must_agree_too)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->k = 2;
    r->n = 3;
    made_load(&m, 0, 0.9, 3);
    m.sample[0][0].value = 600;
    ck_assert_int_eq(proposal(0)->want, 10);
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_IN_BAND);
}
END_TEST

START_TEST(samples_that_are_too_old_do_not_vote)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->k = r->n = 2;
    made_load(&m, 0, 0.9, 2);
    m.sample[0][1].t = MADE_NOW - 2 * LL_MINUTE;
    ck_assert_int_eq(proposal(0)->want, 12);
    m.sample[0][1].t--;
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_SAMPLES);
}
END_TEST

START_TEST(instances_that_do_not_report_are_busy_for_scale_in_and_idle_for_scale_out)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.3, 1);
    m.input[0].seen.instances = 8;
    ck_assert_int_eq(proposal(0)->want, 8); /* (0.3 x 0.8 + 0.2) x 10 / 0.6 = 7.3 */
    made_load(&m, 0, 0.9, 1);
    ck_assert_int_eq(proposal(0)->want, 10); /* 0.9 x 0.8 x 10 / 0.8 = 9 */
    m.input[0].seen.instances = 9;
    ck_assert_int_eq(proposal(0)->want, 11); /* 10.1 */
}
END_TEST

START_TEST(a_rules_own_range_clips_what_it_asks_for)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->max = 11;
    made_load(&m, 0, 1.5, 1);
    ck_assert_int_eq(proposal(0)->want, 11);
    r->max = 0;
    r->min = 7;
    made_load(&m, 0, 0.1, 1);
    ck_assert_int_eq(proposal(0)->want, 7);
}
END_TEST

/* F7 of every autoscaler: a metric so high that the sum runs over gave the minimum. */
START_TEST(no_load_is_so_high_that_it_asks_for_less)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    static const double values[] = {1e6, 1e12, 1e19, 1e300, 1.7e308};
    for (size_t i = 0; i < 2 * LL_LEN(values); i++) {
        r->form = i % 2 ? LL_FORM_TARGET : LL_FORM_BANDS;
        made_load(&m, 0, 0.9, 1);
        m.sample[0][0].value = values[i / 2];
        ck_assert_int_eq(made_decide(&m)->to, 20);
        m.sample[0][0].capacity = 1e-300;
        ck_assert_int_eq(made_decide(&m)->to, 20);
    }
    r->form = LL_FORM_BANDS;
    r->up[0] = (struct ll_step){0, LL_RATE_UNITS, INT32_MAX};
    r->n_up = 1;
    m.target.granularity = (int64_t)1 << 40;
    ck_assert_int_eq(proposal(0)->want, (int64_t)1 << 40);
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 1, 0.9, 1);
    made_ahead(&m, 1, 1e300);
    m.target.granularity = 1;
    ck_assert_int_eq(proposal(1)->bound, LL_BOUND_FORECAST_CAP);
    m.in.seen.current = INT64_MAX; /* what a hostile target says of itself */
    ck_assert_int_eq(made_decide(&m)->current, (int64_t)1 << 52);
    m.in.seen.current = INT64_MIN;
    ck_assert_int_eq(made_decide(&m)->current, 0);
}
END_TEST

/* --- target tracking --- */

START_TEST(tracking_by_sums_keeps_the_tolerance)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->form = LL_FORM_TARGET;
    r->goal = 0.5;
    made_load(&m, 0, 0.55, 1);
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_TOLERANCE);
    made_load(&m, 0, 0.56, 1);
    ck_assert_int_eq(proposal(0)->want, 12);
    made_load(&m, 0, 0.45, 1);
    ck_assert_int_eq(proposal(0)->want, 10);
    made_load(&m, 0, 0.44, 1);
    ck_assert_int_eq(proposal(0)->want, 9);
    r->tolerance_up = 0;
    made_load(&m, 0, 0.501, 1);
    ck_assert_int_eq(proposal(0)->want, 11);
    r->goal = NAN;
    made_load(&m, 0, 0.8, 1);
    ck_assert_int_eq(proposal(0)->want, 10); /* scale_up is what is tracked */
}
END_TEST

START_TEST(tracking_fills_what_does_not_report)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->form = LL_FORM_TARGET;
    r->goal = 0.5;
    made_load(&m, 0, 0.3, 1);
    m.input[0].seen.instances = 8;
    ck_assert_int_eq(proposal(0)->want, 9); /* (0.3 x 0.8 + 0.2) x 10 / 0.5 = 8.8 */
    made_load(&m, 0, 0.6, 1);
    ck_assert_int_eq(proposal(0)->want, 10); /* 0.6 x 0.8 x 10 / 0.5 = 9.6 */
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.state.scaled_to_zero = true;
    m.sample[0][0].capacity = 0;
    ck_assert_int_eq(proposal(0)->want, 1);
    m.sample[0][0].value = 0;
    ck_assert_int_eq(proposal(0)->want, 0);
}
END_TEST

static void fill_pods(struct ll_hpa_pod *pods, size_t n, int64_t usage)
{
    for (size_t i = 0; i < n; i++)
        pods[i] = (struct ll_hpa_pod){.phase = LL_POD_RUNNING,
                                      .ready = LL_POD_READY,
                                      .has_sample = true,
                                      .has_request = true,
                                      .start = MADE_NOW - LL_HOUR,
                                      .last_transition = MADE_NOW - LL_HOUR,
                                      .sample_t = MADE_NOW,
                                      .sample_window = LL_MINUTE,
                                      .usage = usage,
                                      .request = 1000};
}

START_TEST(tracking_by_pods_is_kubernetes_formula)
{
    struct ll_hpa_pod pods[10];
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->form = LL_FORM_TARGET;
    r->goal = 0.5;
    made_load(&m, 0, 0.3, 1);
    fill_pods(pods, 10, 900);
    m.input[0].seen.pods = pods;
    m.input[0].seen.n_pods = 10;
    ck_assert_int_eq(proposal(0)->want, 18);
    ck_assert_double_eq_tol(proposal(0)->utilization, 0.9, 1e-9);
    ck_assert_ptr_nonnull(strstr(proposal(0)->text, "by pods"));
    for (size_t i = 0; i < 10; i++)
        pods[i].has_request = false; /* no answer: the sums speak */
    ck_assert_int_eq(proposal(0)->want, 6);
    fill_pods(pods, 10, 900);
    m.in.seen.ready = -1;
    ck_assert_int_eq(proposal(0)->want, 18);
    m.target.vertical = true;
    ck_assert_int_eq(proposal(0)->want, 6);
}
END_TEST

/* --- forecasts --- */

START_TEST(a_forecast_raises_to_what_its_quantile_needs)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 0, 0.6, 1);
    made_ahead(&m, 0, 1281);
    const struct ll_proposal *p = proposal(0);
    ck_assert_int_eq(p->state, LL_PROPOSAL_FLOOR);
    ck_assert_int_eq(p->want, 17);
    ck_assert_double_eq_tol(p->per_unit, 100, 1e-9);
    ck_assert_int_eq(m.d.to, 17);
    made_ahead(&m, 0, 1280);
    ck_assert_int_eq(proposal(0)->want, 16);
}
END_TEST

START_TEST(a_forecast_only_raises_unless_it_may_more)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 0, 0.4, 1);
    made_ahead(&m, 0, 160);
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_RAISE_ONLY);
    ck_assert_int_eq(m.d.to, 10);
    r->may_scale_in = true;
    ck_assert_int_eq(proposal(0)->want, 5); /* never below what the load needs now */
    made_load(&m, 0, 0.1, 1);
    ck_assert_int_eq(proposal(0)->want, 2);
}
END_TEST

START_TEST(a_forecast_adds_as_much_again_at_most)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 0, 0.32, 1); /* needs 4 */
    made_ahead(&m, 0, 2400);
    ck_assert_int_eq(proposal(0)->want, 14);
    ck_assert_int_eq(proposal(0)->bound, LL_BOUND_FORECAST_CAP);
    made_load(&m, 0, 1.2, 1); /* needs 15 */
    ck_assert_int_eq(proposal(0)->want, 30);
    made_load(&m, 0, 0, 1);
    ck_assert_int_eq(proposal(0)->want, 11);
    m.input[0].seen.state = LL_SEEN_MISSING; /* the load is not known: what there is counts */
    made_load(&m, 0, 0.3, 0);
    m.target.capacity.units_per_instance = 100;
    m.target.capacity.driver = LL_RESOURCE_API_CALLS;
    ck_assert_int_eq(proposal(0)->want, 20);
}
END_TEST

START_TEST(a_capacity_model_counts_while_it_holds)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 0, 0.6, 1);
    made_ahead(&m, 0, 1200);
    m.target.capacity = (struct ll_capacity_model){.driver = LL_RESOURCE_API_CALLS,
                                                   .units_per_instance = 125,
                                                   .date = LL_TIME_NONE,
                                                   .expires = MADE_NOW + LL_SECOND};
    ck_assert_int_eq(proposal(0)->want, 12);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + LL_SECOND);
    m.target.capacity.expires = MADE_NOW;
    ck_assert_int_eq(proposal(0)->want, 15);
    m.target.capacity.expires = LL_TIME_NONE;
    ck_assert_int_eq(proposal(0)->want, 12);
    m.target.capacity.driver = LL_RESOURCE_CPU;
    ck_assert_int_eq(proposal(0)->want, 15);
}
END_TEST

START_TEST(a_forecast_without_trust_only_observes)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.6, 1);
    made_load(&m, 1, 0.3, 1);
    made_ahead(&m, 0, 1200);
    m.input[0].ahead.trusted = false;
    m.input[0].ahead.reason = LL_SLICE("coverage 71 %");
    const struct ll_proposal *p = proposal(0);
    ck_assert(p->shadow);
    ck_assert_int_eq(p->bound, LL_BOUND_UNTRUSTED);
    ck_assert_int_eq(p->want, 15);
    ck_assert_ptr_nonnull(strstr(p->text, "coverage 71 %"));
    ck_assert_int_eq(m.d.to, 8); /* it holds nobody */
    ck_assert_int_eq(m.d.without[LL_STAGE_COMBINE], 15);
}
END_TEST

START_TEST(a_forecast_that_is_lost_holds_scale_in_one_that_never_was_does_not)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 1, 0.3, 1);
    ck_none(0, LL_BOUND_NO_FORECAST);
    ck_assert_int_eq(m.d.to, 8);
    m.input[0].ahead.made = MADE_NOW - LL_DAY;
    ck_none(0, LL_BOUND_NO_FORECAST);
    ck_assert_int_eq(m.d.to, 10);
    ck_assert_int_eq(m.d.bound, LL_BOUND_REQUIRED);
    m.rule[0].need = LL_NEED_ADVISORY;
    ck_assert_int_eq(made_decide(&m)->to, 8);
    made_ahead(&m, 0, NAN);
    ck_none(0, LL_BOUND_NO_FORECAST);
}
END_TEST

START_TEST(without_capacity_a_forecast_has_no_answer)
{
    made_rule(&m, LL_POLICY_PREDICTIVE);
    made_ahead(&m, 0, 1200);
    ck_none(0, LL_BOUND_NO_MODEL);
}
END_TEST

START_TEST(a_forecast_may_pass_the_maximum_within_its_breach)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_PREDICTIVE);
    made_load(&m, 0, 0.8, 1);
    made_ahead(&m, 0, 1600);
    m.target.max = 15;
    ck_assert_int_eq(made_decide(&m)->to, 15);
    r->max_breach = 0.2;
    ck_assert_int_eq(made_decide(&m)->to, 18);
    m.target.quota = 16;
    ck_assert_int_eq(made_decide(&m)->to, 16);
    made_ahead(&m, 0, 1200);
    m.target.quota = 0;
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 1, 1.5, 1);
    ck_assert_int_eq(made_decide(&m)->to, 15); /* only as far as the forecast asks */
}
END_TEST

/* --- schedules and people --- */

START_TEST(a_schedule_is_the_highest_of_its_open_windows)
{
    made_rule(&m, LL_POLICY_SCHEDULED);
    ck_none(0, LL_BOUND_NO_WINDOW);
    made_window(&m, 0, LL_WINDOW_FLOOR, 12);
    made_window(&m, 0, LL_WINDOW_FLOOR, 14);
    made_window(&m, 0, LL_WINDOW_MAX, 20);
    const struct ll_proposal *p = proposal(0);
    ck_assert_int_eq(p->state, LL_PROPOSAL_FLOOR);
    ck_assert_int_eq(p->want, 14);
    ck_assert_int_eq(m.d.to, 14);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + LL_HOUR);
    m.window_now[1].open = false;
    ck_assert_int_eq(proposal(0)->want, 12);
    m.window_now[0].until = LL_TIME_NONE;
    ck_assert_ptr_nonnull(strstr(proposal(0)->text, "its end"));
}
END_TEST

START_TEST(exactly_is_floor_and_ceiling)
{
    made_rule(&m, LL_POLICY_SCHEDULED);
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_window(&m, 0, LL_WINDOW_EXACT, 12);
    made_load(&m, 1, 1.5, 1);
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 12);
    ck_assert_int_eq(d->bound, LL_BOUND_CEILING);
    made_load(&m, 1, 0.1, 1);
    m.window_now[0].amount = 6;
    d = made_decide(&m);
    ck_assert_int_eq(d->wanted, 6);
    ck_assert_int_eq(d->to, 8); /* inwards within the rates */
}
END_TEST

START_TEST(an_override_beats_the_rules_until_it_ends)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.9, 1);
    m.state.manual = (struct ll_manual){.set = true,
                                        .exact = true,
                                        .floor = 9,
                                        .ceiling = 9,
                                        .until = MADE_NOW + LL_MINUTE,
                                        .actor = "ana"};
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 9);
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT);
    ck_assert_ptr_null(d->proposals[1].rule);
    ck_assert_uint_eq(d->winner, 1);
    ck_assert_uint_eq(d->n_proposals, 2);
    ck_assert_ptr_nonnull(strstr(d->reason, "ana"));
    ck_assert_int_eq(d->valid_until, MADE_NOW + LL_MINUTE);
    m.in.now += LL_MINUTE;
    made_load(&m, 0, 0.9, 1);
    ck_assert_int_eq(made_decide(&m)->to, 12);
}
END_TEST

START_TEST(an_override_keeps_the_range_and_the_rates)
{
    m.state.manual = (struct ll_manual){
        .set = true, .exact = true, .floor = 50, .ceiling = 50, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(made_decide(&m)->to, 40);
    m.state.manual.floor = 0;
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 8);
    ck_assert_int_eq(d->without[LL_STAGE_RATE], 2);
}
END_TEST

START_TEST(a_person_answers_for_what_data_does_not_say)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.state.cooldown_in = MADE_NOW + LL_MINUTE;
    m.state.implausible = 2;
    m.in.seen.ready = 9;
    m.state.manual = (struct ll_manual){
        .set = true, .exact = true, .floor = 9, .ceiling = 9, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(made_decide(&m)->to, 9);
    m.state.contested = MADE_NOW + LL_MINUTE;
    ck_assert_int_eq(made_decide(&m)->to, 10);
}
END_TEST

START_TEST(a_manual_rule_speaks_for_the_override)
{
    made_rule(&m, LL_POLICY_MANUAL)->mode = LL_MODE_APPROVE;
    ck_none(0, LL_BOUND_NO_OVERRIDE);
    m.state.manual =
        (struct ll_manual){.set = true, .floor = 13, .ceiling = 20, .until = MADE_NOW + LL_HOUR};
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 13);
    ck_assert_uint_eq(d->n_proposals, 1);
    ck_assert_int_eq(d->verdict, LL_VERDICT_ACT); /* its own approval */
    m.rule[0].mode = LL_MODE_OBSERVE;
    ck_assert_int_eq(made_decide(&m)->verdict, LL_VERDICT_OBSERVE);
}
END_TEST

START_TEST(an_overrides_ceiling_beats_a_schedules_floor)
{
    made_rule(&m, LL_POLICY_SCHEDULED);
    made_window(&m, 0, LL_WINDOW_FLOOR, 30);
    m.state.manual =
        (struct ll_manual){.set = true, .floor = 0, .ceiling = 12, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(made_decide(&m)->to, 12);
    m.state.manual.ceiling = 1; /* not below the minimum */
    m.in.seen.current = m.in.seen.ready = m.state.expected = 1;
    ck_assert_int_eq(made_decide(&m)->to, 2);
    made_window(&m, 0, LL_WINDOW_MAX, 5);
    m.state.manual = (struct ll_manual){.set = true, .floor = 8, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(made_decide(&m)->to, 30);
    m.window_now[0].open = false;
    ck_assert_int_eq(made_decide(&m)->to, 8); /* over the schedule's ceiling */
}
END_TEST

/* --- missing data --- */

START_TEST(what_is_no_data)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    ck_none(0, LL_BOUND_NO_DATA);
    made_load(&m, 0, 0.3, 1);
    m.sample[0][0].value = NAN;
    ck_none(0, LL_BOUND_NO_DATA);
    m.sample[0][0].value = INFINITY;
    ck_none(0, LL_BOUND_NO_DATA);
    m.sample[0][0].value = -1;
    ck_none(0, LL_BOUND_NO_DATA);
    made_load(&m, 0, 0.3, 1);
    m.sample[0][0].capacity = 0;
    ck_none(0, LL_BOUND_NO_DATA);
    m.sample[0][0].capacity = INFINITY;
    ck_none(0, LL_BOUND_NO_DATA);
    made_load(&m, 0, 0.3, 1);
    m.sample[0][0].t = LL_TIME_NONE;
    ck_none(0, LL_BOUND_NO_DATA);
    made_load(&m, 0, 0.3, 1);
    m.input[0].seen.state = LL_SEEN_BROKEN;
    ck_none(0, LL_BOUND_NO_DATA);
    m.input[0].seen.state = LL_SEEN_STALE;
    ck_none(0, LL_BOUND_STALE);
    m.input[0].seen.state = LL_SEEN_PARTIAL;
    ck_none(0, LL_BOUND_PARTIAL);
    made_load(&m, 0, 0.3, 0);
    ck_none(0, LL_BOUND_NO_DATA);
}
END_TEST

START_TEST(stale_is_older_than_three_intervals_and_a_minute)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.3, 1);
    m.sample[0][0].t = MADE_NOW - LL_MINUTE;
    ck_assert_int_eq(proposal(0)->want, 5);
    m.sample[0][0].t--;
    ck_none(0, LL_BOUND_STALE);
    m.in.interval = 30 * LL_SECOND;
    ck_assert_int_eq(proposal(0)->want, 5);
    m.sample[0][0].t = MADE_NOW - 90 * LL_SECOND - 1;
    ck_none(0, LL_BOUND_STALE);
    m.rule[0].stale = 2 * LL_MINUTE;
    ck_assert_int_eq(proposal(0)->want, 5);
    m.sample[0][0].t = MADE_NOW + 10 * LL_MINUTE; /* as far as clocks may differ */
    ck_assert_int_eq(proposal(0)->want, 5);
    m.sample[0][0].t++;
    ck_none(0, LL_BOUND_STALE);
}
END_TEST

START_TEST(partial_data_may_ask_for_more)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_load(&m, 0, 0.3, 1);
    m.input[0].seen.instances = 7;
    ck_none(0, LL_BOUND_PARTIAL);
    made_load(&m, 0, 1.5, 1);
    const struct ll_proposal *p = proposal(0);
    ck_assert_int_eq(p->state, LL_PROPOSAL_WANTS);
    ck_assert_int_eq(p->want, 14); /* 1.5 x 0.7 x 10 / 0.8 */
    ck_assert_int_eq(m.d.to, 14);
    m.rule[0].need = LL_NEED_ADVISORY; /* seed 955916: its own maximum made less of it */
    m.rule[0].max = 8;
    ck_none(0, LL_BOUND_PARTIAL);
}
END_TEST

START_TEST(the_fallback_speaks_after_its_time_and_only_raises)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->fallback_units = 15;
    m.state.data_lost = MADE_NOW - 3 * LL_MINUTE + 1;
    ck_none(0, LL_BOUND_NO_DATA);
    ck_assert_int_eq(m.d.valid_until, MADE_NOW + 1);
    ck_assert_int_eq(m.d.verdict, LL_VERDICT_HELD);
    m.in.now++;
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->proposals[0].bound, LL_BOUND_FALLBACK);
    ck_assert_int_eq(d->to, 15);
    r->fallback_units = 4;
    ck_assert_int_eq(made_decide(&m)->wanted, 10);
    r->fallback = LL_FALLBACK_UNITS;
    d = made_decide(&m);
    ck_assert_int_eq(d->wanted, 4);
    ck_assert_int_eq(d->to, 10); /* missing data never scales in */
    ck_assert_int_eq(d->bound, LL_BOUND_NO_DATA);
    ck_assert_ptr_nonnull(strstr(d->reason, "gateway API_CALLS"));
    r->fallback = LL_FALLBACK_HOLD;
    ck_none(0, LL_BOUND_NO_DATA);
    r->fallback = LL_FALLBACK_UNITS;
    r->need = LL_NEED_ADVISORY;
    ck_none(0, LL_BOUND_NO_DATA);
}
END_TEST

START_TEST(the_fallback_helps_partial_data)
{
    struct ll_scaling_rule *r = made_rule(&m, LL_POLICY_THRESHOLD);
    r->fallback_units = 16;
    m.state.data_lost = MADE_NOW - LL_HOUR;
    made_load(&m, 0, 1.5, 1);
    m.input[0].seen.instances = 7;
    ck_assert_int_eq(proposal(0)->want, 16);
    made_load(&m, 0, 2, 1);
    ck_assert_int_eq(proposal(0)->want, 18);
}
END_TEST

START_TEST(data_that_came_back_ends_the_loss)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    made_decide(&m);
    ck_assert_int_eq(m.next.data_lost, MADE_NOW);
    m.state = m.next;
    m.in.now += LL_MINUTE;
    made_decide(&m);
    ck_assert_int_eq(m.next.data_lost, MADE_NOW);
    made_load(&m, 0, 0.6, 1);
    made_decide(&m);
    ck_assert_int_eq(m.next.data_lost, LL_TIME_NONE);
}
END_TEST

/* --- zero --- */

static void to_zero(void)
{
    made_rule(&m, LL_POLICY_THRESHOLD);
    m.target.min = 0;
    m.target.scale_to_zero = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 1;
    made_load(&m, 0, 0, 1);
}

START_TEST(the_last_one_goes_after_a_time_of_rest)
{
    to_zero();
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 1);
    ck_assert_int_eq(m.next.idle_since, MADE_NOW);
    m.state.idle_since = MADE_NOW - 5 * LL_MINUTE + 1;
    d = made_decide(&m);
    ck_assert_int_eq(d->to, 1);
    ck_assert_int_eq(d->valid_until, MADE_NOW + 1);
    m.state.idle_since = MADE_NOW - 5 * LL_MINUTE;
    ck_assert_int_eq(made_decide(&m)->to, 0);
    m.target.scale_to_zero = false;
    ck_assert_int_eq(made_decide(&m)->to, 1);
    m.target.scale_to_zero = true;
    made_load(&m, 0, 0.0001, 1);
    ck_assert_int_eq(made_decide(&m)->to, 1);
    ck_assert_int_eq(m.next.idle_since, LL_TIME_NONE);
    m.input[0].seen.state = LL_SEEN_MISSING; /* silence is not rest */
    ck_assert_int_eq(made_decide(&m)->to, 1);
}
END_TEST

START_TEST(from_many_it_goes_to_one_first)
{
    to_zero();
    m.target.hpa_behavior = true;
    m.in.seen.current = m.in.seen.ready = m.state.expected = 5;
    m.state.idle_since = MADE_NOW - LL_HOUR;
    ck_assert_int_eq(made_decide(&m)->wanted, 1);
}
END_TEST

START_TEST(load_wakes_it_at_once)
{
    to_zero();
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.state.scaled_to_zero = true;
    m.state.cooldown_out = MADE_NOW + LL_MINUTE;
    m.target.out.window = LL_MINUTE;
    m.state.answers[0] = (struct ll_answer){MADE_NOW - LL_SECOND, 0};
    m.state.n_answers = 1;
    m.sample[0][0].value = 1;
    m.sample[0][0].capacity = NAN;
    ck_assert_int_eq(made_decide(&m)->to, 1);
    m.sample[0][0].value = 0;
    ck_assert_int_eq(made_decide(&m)->to, 0);
    m.input[0].seen.state = LL_SEEN_MISSING;
    ck_assert_int_eq(made_decide(&m)->to, 0);
    m.rule[0].fallback_units = 3;
    m.state.data_lost = MADE_NOW - LL_HOUR;
    ck_assert_int_eq(made_decide(&m)->to, 3); /* the fallback works from zero too */
}
END_TEST

START_TEST(zero_by_hand_is_left_alone)
{
    to_zero();
    m.in.seen.current = m.in.seen.ready = m.state.expected = 0;
    m.sample[0][0].value = 500;
    const struct ll_decision *d = made_decide(&m);
    ck_assert_int_eq(d->to, 0);
    ck_assert_int_eq(d->bound, LL_BOUND_SCALED_TO_ZERO);
    m.target.min = 2; /* not even the range wakes it */
    ck_assert_int_eq(made_decide(&m)->to, 0);
    m.state.manual = (struct ll_manual){
        .set = true, .exact = true, .floor = 3, .ceiling = 3, .until = MADE_NOW + LL_HOUR};
    ck_assert_int_eq(made_decide(&m)->to, 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_edges_of_a_band_belong_to_the_breach,
        scale_in_aims_at_the_middle_of_the_band,
        steps_go_by_the_size_of_the_breach,
        a_later_step_that_is_smaller_takes_nothing_back,
        what_boots_already_is_not_asked_for_again,
        k_of_n_samples_must_agree,
        the_newest_sample_must_agree_too,
        samples_that_are_too_old_do_not_vote,
        instances_that_do_not_report_are_busy_for_scale_in_and_idle_for_scale_out,
        a_rules_own_range_clips_what_it_asks_for,
        no_load_is_so_high_that_it_asks_for_less,
        tracking_by_sums_keeps_the_tolerance,
        tracking_fills_what_does_not_report,
        tracking_by_pods_is_kubernetes_formula,
        a_forecast_raises_to_what_its_quantile_needs,
        a_forecast_only_raises_unless_it_may_more,
        a_forecast_adds_as_much_again_at_most,
        a_capacity_model_counts_while_it_holds,
        a_forecast_without_trust_only_observes,
        a_forecast_that_is_lost_holds_scale_in_one_that_never_was_does_not,
        without_capacity_a_forecast_has_no_answer,
        a_forecast_may_pass_the_maximum_within_its_breach,
        a_schedule_is_the_highest_of_its_open_windows,
        exactly_is_floor_and_ceiling,
        an_override_beats_the_rules_until_it_ends,
        an_override_keeps_the_range_and_the_rates,
        a_person_answers_for_what_data_does_not_say,
        a_manual_rule_speaks_for_the_override,
        an_overrides_ceiling_beats_a_schedules_floor,
        what_is_no_data,
        stale_is_older_than_three_intervals_and_a_minute,
        partial_data_may_ask_for_more,
        the_fallback_speaks_after_its_time_and_only_raises,
        the_fallback_helps_partial_data,
        data_that_came_back_ends_the_loss,
        the_last_one_goes_after_a_time_of_rest,
        from_many_it_goes_to_one_first,
        load_wakes_it_at_once,
        zero_by_hand_is_left_alone,
    };
    return made_run("scaling_proposals", setup, teardown, tests, LL_LEN(tests));
}
