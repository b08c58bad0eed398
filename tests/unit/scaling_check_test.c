/* What a rule and a target by themselves are wrong about: each refusal names key and value. */
#include "scaling/formula.h"
#include "scaling_make.h"

static struct made m;
static struct ll_scaling_rule *r;
static struct ll_target *t;

static void setup(void)
{
    made_init(&m);
    r = made_rule(&m, LL_POLICY_THRESHOLD);
    t = &m.target;
}

static void teardown(void)
{
    made_fini(&m);
}

static void ck_rule(const char *says)
{
    struct ll_err err = {0};
    const bool good = ll_scaling_rule_check(r, t, &err);
    if (!says) {
        ck_assert_msg(good, "%s", err.text);
        return;
    }
    ck_assert_msg(!good, "accepted, not: %s", says);
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert_msg(strstr(err.text, says) != NULL, "'%s' in: %s", says, err.text);
}

static void ck_target(const char *says)
{
    struct ll_err err = {0};
    const bool good = ll_scaling_target_check(t, &err);
    if (!says) {
        ck_assert_msg(good, "%s", err.text);
        return;
    }
    ck_assert_msg(!good, "accepted, not: %s", says);
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert_msg(strstr(err.text, says) != NULL, "'%s' in: %s", says, err.text);
}

/* One field at a time: refused with this value, accepted with that. */
#define REFUSES(field, bad, good, says)                                                            \
    do {                                                                                           \
        (field) = (bad);                                                                           \
        ck_rule(says);                                                                             \
        (field) = (good);                                                                          \
        ck_rule(NULL);                                                                             \
    } while (0)
#define REFUSES_TARGET(field, bad, good, says)                                                     \
    do {                                                                                           \
        (field) = (bad);                                                                           \
        ck_target(says);                                                                           \
        (field) = (good);                                                                          \
        ck_target(NULL);                                                                           \
    } while (0)

START_TEST(the_defaults_of_every_resource_are_good)
{
    for (int i = 0; i < LL_RESOURCE_COUNT; i++) {
        struct ll_err err = {0};
        struct ll_scaling_rule fresh;
        ll_scaling_rule_init(&fresh, (enum ll_resource_type)i);
        fresh.rule_id = LL_SLICE("x");
        ck_assert_msg(ll_scaling_rule_check(&fresh, NULL, &err), "%s", err.text);
        ck_assert_int_eq(fresh.mode, LL_MODE_OBSERVE);
    }
}
END_TEST

START_TEST(thresholds_have_an_order_and_a_gap)
{
    ck_rule(NULL);
    REFUSES(r->thresholds.scale_down, 0.76, 0.75, "scale_down_pct 76 is not allowed: at least 5");
    REFUSES(r->thresholds.scale_down, -0.1, 0, "scale_down_pct -10");
    REFUSES(r->thresholds.scale_down, NAN, 0.4, "scale_down_pct nan");
    REFUSES(r->thresholds.scale_up, 10.1, 10, "scale_up_pct 1010");
    REFUSES(r->thresholds.scale_up, 0, 0.8, "scale_up_pct 0");
    REFUSES(r->thresholds.warning, 0, 0.7, "warning_pct 0");
    REFUSES(r->thresholds.warning, 10.1, 0.7, "warning_pct");
    REFUSES(r->thresholds.critical, 0.6, 0.7, "critical_pct 60 is not allowed: at least warning");
    REFUSES(r->thresholds.critical, 11, 0.9, "critical_pct 1100");
    REFUSES(r->thresholds.cooldown, -1, 0, "cooldown_seconds");
    REFUSES(r->thresholds.cooldown, LL_DAY + 1, LL_DAY, "cooldown_seconds");
    REFUSES(r->goal, 0.4, 0.41, "target_pct 40");
    REFUSES(r->goal, 0.81, 0.8, "target_pct 81");
    r->form = LL_FORM_TARGET;
    REFUSES(r->goal, 0, 0.2, "target_pct 0");
    REFUSES(r->goal, 10.5, 10, "target_pct 1050");
}
END_TEST

START_TEST(steps_rise)
{
    r->up[0] = (struct ll_step){0, LL_RATE_UNITS, 1};
    r->up[1] = (struct ll_step){0.1, LL_RATE_PERCENT, 20};
    r->n_up = 2;
    ck_rule(NULL);
    REFUSES(r->up[1].over, 0, 0.1, "scale-out steps 0 is not allowed");
    REFUSES(r->up[0].over, -0.1, 0, "scale-out steps -10");
    REFUSES(r->up[1].value, 0, 1000, "scale-out steps 0");
    REFUSES(r->up[1].value, 1001, 1, "1000 %");
    REFUSES(r->n_up, 9, 2, "at most 8");
    r->down[0].value = 0;
    REFUSES(r->n_down, 1, 0, "scale-in steps");
}
END_TEST

START_TEST(samples_and_tolerances)
{
    REFUSES(r->n, 0, 1, "samples 0");
    REFUSES(r->n, 61, 60, "samples 61");
    REFUSES(r->k, 0, 1, "agreeing samples 0");
    REFUSES(r->k, 61, 60, "agreeing samples 61");
    REFUSES(r->tolerance_up, -0.1, 0, "scale-out tolerance");
    REFUSES(r->tolerance_up, 1, 0.99, "scale-out tolerance");
    REFUSES(r->tolerance_down, -0.1, 0, "scale-in tolerance");
    REFUSES(r->tolerance_down, 1, 0.99, "scale-in tolerance");
}
END_TEST

START_TEST(rates_have_values_and_periods)
{
    r->in = (struct ll_rates){.policy = {{LL_RATE_UNITS, 1, LL_MINUTE}}, .n = 1};
    REFUSES(r->in.policy[0].value, 0, 1, "scale-in: a policy's value");
    REFUSES(r->in.policy[0].period, 0, 1, "scale-in: a policy's period");
    REFUSES(r->in.policy[0].period, LL_HOUR + 1, LL_HOUR, "scale-in: a policy's period");
    REFUSES(r->in.n, 5, 1, "at most 4 policies");
    REFUSES(r->out.window, -1, 0, "scale-out: a stabilisation window");
    REFUSES(r->out.window, LL_DAY + 1, LL_DAY, "scale-out: a stabilisation window");
}
END_TEST

START_TEST(a_forecast_has_a_quantile)
{
    r->policy = LL_POLICY_PREDICTIVE;
    REFUSES(r->quantile, 0, 0.5, "quantile 0");
    REFUSES(r->quantile, 1, 0.5, "quantile 1");
    REFUSES(r->lead, -1, 0, "lead_seconds");
    REFUSES(r->lead, 7 * LL_DAY + 1, 7 * LL_DAY, "lead_seconds");
    REFUSES(r->max_breach, -0.1, 0, "max_breach_pct");
    REFUSES(r->max_breach, 1.1, 1, "max_breach_pct 110");
    r->policy = LL_POLICY_THRESHOLD;
    r->quantile = 7;
    ck_rule(NULL);
}
END_TEST

START_TEST(windows_last_and_are_anchored)
{
    struct ll_scale_window w = {.cron = LL_SLICE("0 9 * * *"), .duration = LL_HOUR, .amount = 3};
    r->policy = LL_POLICY_SCHEDULED;
    ck_rule("a SCHEDULED rule has at least one");
    r->windows = &w;
    r->n_windows = 1;
    ck_rule(NULL);
    REFUSES(w.duration, 0, LL_HOUR, "duration_seconds 0");
    REFUSES(w.ramp, LL_HOUR + 1, LL_HOUR, "ramp_seconds");
    REFUSES(w.ramp, -1, 0, "ramp_seconds");
    REFUSES(w.amount, -1, 0, "amount -1");
    REFUSES(w.cron.n, 0, 9, "cron expression");
    w.anchor = LL_ANCHOR_OPEN;
    ck_rule("a calendar");
    r->calendar = LL_SLICE("XNYS");
    ck_rule(NULL);
    REFUSES(r->n_windows, 65, 1, "at most 64");
}
END_TEST

START_TEST(limits_of_a_rule_fit_each_other_and_the_target)
{
    ck_rule(NULL);
    REFUSES(r->min, -1, 0, "min_instances -1");
    REFUSES(r->max, -1, 0, "max_instances -1");
    r->min = 5;
    REFUSES(r->max, 4, 5, "max_instances 4 is not allowed: at least min_instances");
    REFUSES(r->max, 41, 40, "max_instances 41 is not allowed: at most the target's");
    r->min = 0;
    REFUSES(r->max, 1, 2, "max_instances 1 is not allowed: at least the target's");
    r->max = 0;
    r->min = 41;
    ck_rule("min_instances 41 is not allowed: at most the target's");
    r->min = 0;
    REFUSES(r->cooldown_out, -1, 0, "cooldown_seconds");
    REFUSES(r->cooldown_out, LL_DAY + 1, LL_DAY, "cooldown_seconds");
    REFUSES(r->stale, -1, 0, "stale_seconds");
    REFUSES(r->stale, LL_DAY + 1, LL_DAY, "stale_seconds");
    REFUSES(r->fallback_after, -1, 0, "after_seconds");
    REFUSES(r->fallback_after, LL_DAY + 1, LL_DAY, "after_seconds");
    REFUSES(r->fallback_units, -1, 0, "fallback replicas -1");
    REFUSES(r->fallback_units, 41, 40, "fallback replicas 41");
    r->fallback = LL_FALLBACK_UNITS;
    REFUSES(r->fallback_units, 0, 1, "fallback replicas 0");
    REFUSES(r->proposal_ttl, 0, 1, "proposal_ttl_seconds");
    REFUSES(r->proposal_ttl, 7 * LL_DAY + 1, 7 * LL_DAY, "proposal_ttl_seconds");
    REFUSES(r->second_person_over, -1, 0, "second_person_over_pct");
    REFUSES(r->rule_id.n, 0, 5, "without rule_id");
}
END_TEST

START_TEST(a_target_has_a_range)
{
    ck_target(NULL);
    REFUSES_TARGET(t->name.n, 0, 7, "without name");
    REFUSES_TARGET(t->min, -1, 1, "min_instances -1");
    REFUSES_TARGET(t->min, 0, 1, "scale_to_zero");
    t->scale_to_zero = true;
    REFUSES_TARGET(t->min, -1, 0, "min_instances -1");
    REFUSES_TARGET(t->max, 0, 1, "max_instances 0");
    REFUSES_TARGET(t->max, ((int64_t)1 << 52) + 1, (int64_t)1 << 52, "max_instances");
    t->min = 3;
    REFUSES_TARGET(t->max, 2, 3, "max_instances 2");
    REFUSES_TARGET(t->quota, -1, 0, "quota -1");
    REFUSES_TARGET(t->quota, 2, 3, "quota 2");
    REFUSES_TARGET(t->granularity, 0, 1, "granularity 0");
    REFUSES_TARGET(t->granularity, 4, 3, "granularity 4");
}
END_TEST

START_TEST(a_targets_other_values)
{
    struct ll_dependency d = {.service = LL_SLICE("pool"), .per_instance = 20, .limit = 400};
    t->dependencies = &d;
    t->n_dependencies = 1;
    REFUSES_TARGET(d.per_instance, 0, 20, "'pool'");
    REFUSES_TARGET(d.limit, 0, 400, "'pool'");
    REFUSES_TARGET(d.limit, 39, 40, "at least 2 instances do not fit");
    REFUSES_TARGET(t->boot_delay, -1, 0, "boot_delay_seconds");
    REFUSES_TARGET(t->boot_delay, LL_DAY + 1, LL_DAY, "boot_delay_seconds");
    REFUSES_TARGET(t->idle, -1, 0, "idle_seconds");
    REFUSES_TARGET(t->idle, 7 * LL_DAY + 1, 7 * LL_DAY, "idle_seconds");
    REFUSES_TARGET(t->capacity.units_per_instance, 0, 1, "units_per_instance 0");
    REFUSES_TARGET(t->in.policy[0].value, 0, 1, "scale-in: a policy's value");
    REFUSES_TARGET(t->out.window, -1, 0, "scale-out: a stabilisation window");
}
END_TEST

static const char long_name[] =
    "a-name-that-is-much-longer-than-what-fits-into-one-sentence-of-a-mistake";

START_TEST(a_rule_says_what_it_takes_of_others)
{
    const struct ll_rule_group groups[] = {{LL_SLICE("one"), LL_CONSENT_ALL},
                                           {LL_SLICE("two"), LL_CONSENT_ANY}};
    ck_rule(NULL);
    r->group = LL_SLICE("two");
    ck_rule("group 'two' is not declared: the target 'gateway'");
    t->groups = groups;
    REFUSES(t->n_groups, 1, 2, "group 'two' is not declared");
    REFUSES(r->input_only, true, false, "group: has no place");
    REFUSES(r->policy, LL_POLICY_MANUAL, LL_POLICY_PREDICTIVE, "group: is for THRESHOLD");
    t = NULL; /* the target is not known yet */
    ck_rule(NULL);
    t = &m.target;
    r->group = LL_SLICE("");
    r->input_only = true;
    REFUSES(r->policy, LL_POLICY_MANUAL, LL_POLICY_PREDICTIVE, "input_only: is for");
}
END_TEST

START_TEST(an_expression_is_whole)
{
    const struct ll_slice names[] = {LL_SLICE("a"), LL_SLICE("b")};
    struct ll_rule_use uses[] = {{names[0], LL_SLICE("x"), LL_USE_VALUE},
                                 {names[1], LL_SLICE("y"), LL_USE_CAPACITY}};
    struct ll_formula f, half;
    struct ll_err err;
    ck_assert(ll_formula_parse(LL_SLICE("a / b"), names, 2, &f, &err));
    ck_assert(ll_formula_parse(LL_SLICE("b"), names, 2, &half, &err));
    struct ll_rule_expression x = {LL_SLICE("a / b"), &f, uses, 2};
    REFUSES(r->form, LL_FORM_UNITS, LL_FORM_BANDS, "there is none");
    r->expression = &x;
    ck_rule(NULL);
    REFUSES(r->policy, LL_POLICY_PREDICTIVE, LL_POLICY_THRESHOLD, "expression: is for THRESHOLD");
    REFUSES(r->input_only, true, false, "input_only is for what it uses");
    REFUSES(r->n, 2, 1, "samples: an expression looks at the newest");
    REFUSES(x.n_uses, 0, 2, "uses names no rule");
    REFUSES(x.formula, &half, &f, "'a' does not stand in the formula");
    REFUSES(uses[1].what, LL_USE_UNITS, LL_USE_UTILIZATION, "what: units is for form units only");
    r->form = LL_FORM_UNITS;
    uses[1].what = LL_USE_UNITS;
    ck_rule(NULL);
}
END_TEST

START_TEST(saturation_has_its_limits)
{
    r->saturation.waiting = LL_SLICE("queue");
    ck_rule(NULL);
    REFUSES(r->policy, LL_POLICY_MANUAL, LL_POLICY_THRESHOLD, "saturation: is for THRESHOLD");
    REFUSES(r->saturation.waiting, r->rule_id, LL_SLICE("queue"), "names another rule");
    REFUSES(r->saturation.pinned, 0, 1, "pinned_pct");
    REFUSES(r->saturation.pinned, 10.1, 10, "pinned_pct");
    REFUSES(r->saturation.pinned, NAN, 10, "pinned_pct");
    REFUSES(r->saturation.samples, 1, 2, "samples is 2 to 30");
    REFUSES(r->saturation.samples, 31, 30, "samples is 2 to 30");
    struct ll_formula f;
    const struct ll_slice a = LL_SLICE("a");
    const struct ll_rule_use use = {a, LL_SLICE("x"), LL_USE_VALUE};
    struct ll_err err;
    ck_assert(ll_formula_parse(a, &a, 1, &f, &err));
    const struct ll_rule_expression x = {a, &f, &use, 1};
    r->expression = &x;
    REFUSES(r->form, LL_FORM_UNITS, LL_FORM_TARGET, "saturation: is for THRESHOLD");
}
END_TEST

START_TEST(groups_have_names_of_their_own)
{
    struct ll_rule_group groups[LL_TARGET_GROUPS_MAX + 1] = {{LL_SLICE("a"), LL_CONSENT_ANY},
                                                             {LL_SLICE("b"), LL_CONSENT_ANY},
                                                             {LL_SLICE("c"), LL_CONSENT_ANY}};
    t->groups = groups;
    t->n_groups = 3;
    ck_target(NULL);
    REFUSES_TARGET(groups[2].name, LL_SLICE("a"), LL_SLICE("c"), "a name of its own");
    REFUSES_TARGET(groups[0].name, LL_SLICE(""), LL_SLICE("a"), "a name of its own");
    REFUSES_TARGET(t->n_groups, LL_TARGET_GROUPS_MAX + 1, 3, "groups: at most 8");
}
END_TEST

/* Only so much of a name is said. */
START_TEST(a_long_name_is_cut)
{
    struct ll_dependency d = {.per_instance = 1, .limit = 0, .service = ll_slice_of(long_name)};
    static const char cut[] = "'a-name-that-is-much-longer-than-what-fits-into-one-sentence-'";
    r->rule_id = ll_slice_of(long_name);
    REFUSES(r->thresholds.scale_up, 0, 0.8, cut);
    REFUSES(r->min, -1, 0, cut);
    REFUSES(r->in.window, -1, 0, cut);
    r->group = ll_slice_of(long_name);
    ck_rule(cut);
    t->name = ll_slice_of(long_name);
    REFUSES_TARGET(t->max, 0, 40, cut);
    REFUSES_TARGET(t->in.window, -1, 0, cut);
    REFUSES_TARGET(t->capacity.units_per_instance, 0, 1, cut);
    t->dependencies = &d;
    t->n_dependencies = 1;
    ck_target(cut);
    d.service = (struct ll_slice){NULL, 0};
    REFUSES_TARGET(d.limit, 0, 400, "of '' for each");
}
END_TEST

START_TEST(a_goal_of_others_is_free_of_the_bands)
{
    r->goal = 0.3; /* below scale_down */
    ck_rule("target_pct 30");
    r->policy = LL_POLICY_PREDICTIVE;
    ck_rule(NULL);
    r->policy = LL_POLICY_THRESHOLD;
    r->form = LL_FORM_TARGET;
    ck_rule(NULL);
    struct ll_scale_window w = {.cron = LL_SLICE("0 9 * * *"), .duration = LL_HOUR, .amount = 3};
    r->windows = &w;
    r->n_windows = 1;
    w.anchor = LL_ANCHOR_CLOSE;
    w.calendar = LL_SLICE("XNYS");
    ck_rule(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_defaults_of_every_resource_are_good,
        thresholds_have_an_order_and_a_gap,
        steps_rise,
        samples_and_tolerances,
        rates_have_values_and_periods,
        a_forecast_has_a_quantile,
        windows_last_and_are_anchored,
        limits_of_a_rule_fit_each_other_and_the_target,
        a_target_has_a_range,
        a_targets_other_values,
        a_rule_says_what_it_takes_of_others,
        an_expression_is_whole,
        saturation_has_its_limits,
        groups_have_names_of_their_own,
        a_long_name_is_cut,
        a_goal_of_others_is_free_of_the_bands,
    };
    return made_run("scaling_check", setup, teardown, tests, LL_LEN(tests));
}
