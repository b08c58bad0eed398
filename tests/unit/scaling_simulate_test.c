/* Replays: a trace computed by hand, the oracle and the static peak that are never short, and what
 * more of something may only do one way. */
#include <math.h>
#include <string.h>

#include "scaling/fleet.h"
#include "support.h"

enum { STEPS = 2000 };

static struct ll_target target;
static struct ll_scaling_rule rule;
static struct ll_sim_opts opts;
static struct ll_sim_demand demand;
static double v[STEPS];

static void setup(void)
{
    ll_scaling_target_init(&target);
    target.name = target.service = LL_SLICE("gateway");
    target.max = 100;
    target.price = 2;
    target.capacity.units_per_instance = 100;
    target.capacity.driver = LL_RESOURCE_API_CALLS;
    target.boot_delay = 2 * LL_MINUTE;
    ll_scaling_rule_init(&rule, LL_RESOURCE_API_CALLS);
    rule.rule_id = LL_SLICE("band");
    rule.mode = LL_MODE_AUTO;
    rule.thresholds =
        (struct ll_threshold){.warning = 0.7, .critical = 0.95, .scale_up = 0.8, .scale_down = 0.4};
    opts = (struct ll_sim_opts){
        .target = &target, .rules = &rule, .n_rules = 1, .goal = 0.5, .slo = 0.8};
    demand = (struct ll_sim_demand){
        .start = (ll_time)1795484700000, .step = LL_MINUTE, .v = v, .n = STEPS};
}

/* A day's wave with bursts that no shape explains; the same each time. */
static void wave(void)
{
    uint64_t x = 88172645463325252U;
    for (size_t i = 0; i < STEPS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        v[i] = 800 + 500 * sin((double)i / 200) + (double)(x % 200) + (i % 317 < 10 ? 600 : 0);
    }
}

static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) < 1e-9, "%.12g is not %.12g", got, want);
}

static void baseline(enum ll_sim_baseline which, struct ll_sim_result *out)
{
    struct ll_err err;
    ck_assert_msg(ll_simulate_baseline(which, &opts, &demand, NULL, NULL, out, &err), "%s",
                  err.text);
}

START_TEST(a_trace_by_hand)
{
    /* Need at 50 %: 2 2 4 6 6 2; the mean of it is 22 / 6, so 4 are there always. */
    static const double trace[] = {100, 90, 200, 300, 290, 100};
    struct ll_sim_result r;
    memcpy(v, trace, sizeof(trace));
    demand.n = LL_LEN(trace);
    baseline(LL_SIM_STATIC_MEAN, &r);
    ck_assert_str_eq(r.name, "static-mean");
    ck_assert_uint_eq(r.steps, 6);
    near(r.under_time, 2.0 / 6);
    near(r.over_time, 3.0 / 6);
    near(r.under_accuracy, (2.0 / 6 + 2.0 / 6) / 6);
    near(r.over_accuracy, (1 + 1 + 1) / 6.0);
    near(r.slo_time, 0); /* 300 of 400 is 75 % */
    near(r.instance_hours, 4 * 6 / 60.0);
    near(r.cost, 2 * 4 * 6 / 60.0);
    ck_assert_uint_eq(r.actions, 0);
    opts.slo = 0.74;
    baseline(LL_SIM_STATIC_MEAN, &r);
    near(r.slo_time, 1.0 / 6);
    near(r.slo_violation, 300.0 / 1080);
    demand.from = 3;
    baseline(LL_SIM_STATIC_MEAN, &r); /* mean of 6 6 2 is 14 / 3, so 5 */
    ck_assert_uint_eq(r.steps, 3);
    near(r.slo_time, 0);
    near(r.instance_hours, 5 * 3 / 60.0);
}
END_TEST

START_TEST(what_is_asked_for_boots_before_it_serves)
{
    struct ll_fleet f;
    struct ll_err err;
    ck_assert(ll_fleet_init(&f, &opts, &demand, &err));
    f.told = f.ready = 2;
    ll_fleet_tell(&f, 5, 0, true);
    ll_fleet_boot(&f, LL_MINUTE);
    ck_assert_int_eq(f.ready, 2);
    ll_fleet_tell(&f, 4, LL_MINUTE, true); /* what boots goes first */
    ck_assert_int_eq(f.ready, 2);
    ll_fleet_boot(&f, 2 * LL_MINUTE);
    ck_assert_int_eq(f.ready, 4);
    ll_fleet_tell(&f, 3, 3 * LL_MINUTE, true);
    ck_assert_int_eq(f.ready, 3);
    ck_assert_uint_eq(f.actions, 3);
    ck_assert_uint_eq(f.reversals, 1);
    ck_assert_int_eq(ll_fleet_need(&f, 101), 3);
    ck_assert_int_eq(ll_fleet_need(&f, NAN), 0);
}
END_TEST

START_TEST(oracle_and_static_peak_are_never_short)
{
    struct ll_sim_result r;
    wave();
    for (int boot = 0; boot <= 7; boot++) {
        target.boot_delay = boot * LL_MINUTE + (boot % 2) * 30 * LL_SECOND;
        demand.from = (size_t)boot * 100 + 20;
        baseline(LL_SIM_ORACLE, &r);
        near(r.under_time, 0);
        near(r.slo_time, 0);
        near(r.slo_violation, 0);
        baseline(LL_SIM_STATIC_PEAK, &r);
        near(r.under_time, 0);
        near(r.slo_time, 0);
    }
}
END_TEST

START_TEST(an_oracle_that_boots_faster_costs_less)
{
    struct ll_sim_result r;
    double before = 0;
    wave();
    for (int boot = 0; boot <= 10; boot++) {
        target.boot_delay = boot * LL_MINUTE;
        baseline(LL_SIM_ORACLE, &r);
        ck_assert_msg(r.instance_hours >= before, "boot %d min: %g < %g h", boot, r.instance_hours,
                      before);
        before = r.instance_hours;
    }
}
END_TEST

START_TEST(a_looser_slo_is_violated_less)
{
    struct ll_sim_result r;
    struct ll_err err;
    double time = 1, share = 1;
    wave();
    for (int pct = 60; pct <= 100; pct += 5) {
        opts.slo = pct / 100.0;
        ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
        ck_assert(r.slo_time <= time && r.slo_violation <= share);
        time = r.slo_time;
        share = r.slo_violation;
    }
    ck_assert(time < 1);
}
END_TEST

/* The rule's decisions, replayed: at 80 % of two it asks for more at once, serves after boot. */
START_TEST(a_rule_follows_demand_after_the_boot_delay)
{
    struct ll_sim_result r;
    struct ll_err err;
    for (size_t i = 0; i < 20; i++)
        v[i] = i < 5 ? 100 : 300;
    demand.n = 20;
    opts.goal = 0.8; /* need 2, then 4 */
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    near(r.under_time, 2.0 / 20);
    near(r.slo_time, 2.0 / 20);
    ck_assert_uint_eq(r.actions, 1);
    near(r.instance_hours, (2 * 6 + 4 * 14) / 60.0); /* it pays from the step after it asked */
}
END_TEST

static void all_known(void *ctx, size_t step, ll_dur span, double tau, struct ll_demand_ahead *out)
{
    const struct ll_sim_demand *d = ctx;
    double most = d->v[step];
    for (size_t i = step; i < d->n && (ll_dur)(i - step) * d->step <= span; i++)
        most = fmax(most, d->v[i]);
    *out = (struct ll_demand_ahead){.known = true,
                                    .trusted = true,
                                    .demand = most,
                                    .median = most,
                                    .tau = tau,
                                    .at = d->start + (ll_dur)step * d->step + span};
}

START_TEST(a_forecast_that_is_right_is_never_short)
{
    struct ll_sim_result r, reactive;
    struct ll_err err;
    wave();
    rule.policy = LL_POLICY_PREDICTIVE;
    rule.may_scale_in = true;
    rule.goal = opts.goal = 0.7;
    opts.ahead = all_known;
    opts.ctx = &demand;
    demand.from = 10;
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    near(r.slo_time, 0);
    baseline(LL_SIM_REACTIVE, &reactive);
    ck_assert(reactive.slo_time > 0);
}
END_TEST

START_TEST(no_data_is_no_demand_of_zero)
{
    struct ll_sim_result r;
    struct ll_err err;
    for (size_t i = 0; i < 200; i++)
        v[i] = i >= 60 && i < 180 ? NAN : 400;
    demand.n = 200;
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_uint_eq(r.steps, 80); /* scored where there is data */
    near(r.slo_time, 0);
    ck_assert_uint_eq(r.actions, 0); /* and nothing was scaled in meanwhile */
}
END_TEST

START_TEST(what_cannot_be_replayed_is_refused)
{
    struct ll_sim_result r = {.actions = 7};
    struct ll_err err;
    demand.n = 0;
    ck_assert(!ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    demand.n = 2;
    target.capacity.units_per_instance = NAN;
    ck_assert(!ll_simulate_baseline(LL_SIM_ORACLE, &opts, &demand, NULL, NULL, &r, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(r.actions, 7);
}
END_TEST

static size_t seen[2]; /* steps with a decision, and without */

static void watch(void *ctx, size_t step, const struct ll_decision *d, int64_t told, int64_t ready)
{
    (void)ctx, (void)step;
    ck_assert_int_ge(told, ready);
    seen[d == NULL]++;
}

/* Windows are asked for when they change, and only a window that can be understood. */
START_TEST(windows_hold_in_a_replay)
{
    struct ll_sim_result r;
    struct ll_err err = {0};
    LL_AUTO(ll_tz) utc = ll_tz_utc();
    const struct ll_schedule_source source = {.tz = utc}, *const sources[] = {&source};
    struct ll_scale_window w = {.cron = LL_SLICE("0 2 * * *"), .duration = LL_HOUR, .amount = 7};
    for (size_t i = 0; i < 120; i++)
        v[i] = 60;
    demand.n = 120; /* from 01:45 */
    rule.policy = LL_POLICY_SCHEDULED;
    rule.windows = &w;
    rule.n_windows = 1;
    opts.sources = sources;
    seen[0] = seen[1] = 0;
    ck_assert_msg(ll_simulate(&opts, &demand, watch, NULL, &r, &err), "%s", err.text);
    ck_assert_uint_eq(seen[0], 120);
    ck_assert_uint_ge(r.actions, 1);
    ck_assert(r.instance_hours > 5);
    w.cron = LL_SLICE("0 0 30 2 *"); /* never */
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_uint_eq(r.actions, 0);
    w.cron = LL_SLICE("61 2 * * *");
    ck_assert(!ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    opts.n_rules = LL_TARGET_RULES_MAX + 1;
    ck_assert(!ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

/* A rule that is only input has no cooldown to say; one of its own lead is asked for so far. */
START_TEST(rules_of_each_kind_are_replayed)
{
    struct ll_sim_result r;
    struct ll_err err;
    struct ll_scaling_rule rules[] = {rule, rule, rule};
    wave();
    rules[1].rule_id = LL_SLICE("input");
    rules[1].input_only = true;
    rules[1].thresholds.cooldown = LL_DAY;
    rules[2].rule_id = LL_SLICE("ahead");
    rules[2].policy = LL_POLICY_PREDICTIVE;
    rules[2].lead = 5 * LL_MINUTE;
    opts.rules = rules;
    opts.n_rules = 3;
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err)); /* without a forecast */
    ck_assert_uint_gt(r.actions, 2);
    ck_assert_uint_gt(r.reversals, 0);
    opts.ahead = all_known;
    opts.ctx = &demand;
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert_uint_gt(r.actions, 2);
}
END_TEST

START_TEST(baselines_without_data_stay)
{
    static const char *const names[] = {"static-peak", "static-mean", "reactive", "oracle"};
    struct ll_sim_result r;
    struct ll_err err;
    for (size_t i = 0; i < 10; i++)
        v[i] = i % 2 ? NAN : 0;
    v[0] = 200;
    demand.n = 10;
    demand.from = 2;
    opts.goal = opts.slo = 0; /* ours */
    seen[0] = seen[1] = 0;
    for (int b = 0; b < LL_SIM_BASELINES; b++) {
        ck_assert_str_eq(ll_sim_baseline_name((enum ll_sim_baseline)b), names[b]);
        ck_assert(
            ll_simulate_baseline((enum ll_sim_baseline)b, &opts, &demand, watch, NULL, &r, &err));
        ck_assert_uint_eq(r.steps, 4);
        near(r.slo_violation, 0); /* of no demand */
    }
    ck_assert_uint_eq(seen[1], 40);
    for (size_t i = 0; i < 10; i++)
        v[i] = NAN;
    target.min = 0;
    target.max = 4000;
    for (int b = 0; b < LL_SIM_BASELINES; b++) {
        baseline((enum ll_sim_baseline)b, &r);
        ck_assert_uint_eq(r.steps, 0);
        ck_assert(isnan(r.under_time));
        ck_assert_uint_eq(r.actions, 0);
    }
    target.min = 2;
    target.scale_to_zero = false;
    for (size_t i = 0; i < 10; i++)
        v[i] = 100 * 2000; /* more pods than the baseline has */
    demand.from = 0;
    baseline(LL_SIM_REACTIVE, &r);
    ck_assert(r.instance_hours > 0);
}
END_TEST

START_TEST(a_target_at_zero_wakes)
{
    struct ll_sim_result r;
    struct ll_err err;
    for (size_t i = 0; i < 60; i++)
        v[i] = i < 50 ? 0 : 300;
    demand.n = 60;
    target.min = 0;
    target.scale_to_zero = true;
    target.idle = 10 * LL_MINUTE;
    ck_assert(ll_simulate(&opts, &demand, NULL, NULL, &r, &err));
    ck_assert(r.over_time < 0.5); /* at zero most of the time */
    ck_assert_uint_ge(r.actions, 2);
}
END_TEST

START_TEST(a_fleet_that_boots_without_end)
{
    struct ll_fleet f;
    struct ll_err err;
    target.boot_delay = LL_DAY;
    ck_assert(ll_fleet_init(&f, &opts, &demand, &err));
    for (int i = 0; i < LL_FLEET_BATCHES + 2; i++)
        ll_fleet_tell(&f, i + 1, i, true);
    ck_assert_uint_eq(f.n_booting, LL_FLEET_BATCHES);
    ll_fleet_boot(&f, LL_DAY + LL_FLEET_BATCHES);
    ck_assert_int_eq(f.ready, LL_FLEET_BATCHES - 1); /* the last three wait for the newest */
    ll_fleet_boot(&f, LL_DAY + LL_FLEET_BATCHES + 1);
    ck_assert_int_eq(f.ready, LL_FLEET_BATCHES + 2);
    demand.step = 0;
    ck_assert(!ll_fleet_init(&f, &opts, &demand, &err));
    demand.step = 1;
    demand.n = LL_SIM_STEPS_MAX + 1;
    ck_assert(!ll_fleet_init(&f, &opts, &demand, &err));
}
END_TEST

START_TEST(without_memory_there_is_no_replay)
{
    struct ll_sim_result r = {.actions = 7};
    struct ll_err err;
    unsigned refused[2] = {0};
    v[0] = v[1] = 100;
    demand.n = 2;
    for (unsigned call = 1; call < 12; call++) {
        err.code = 0;
        ll_test_fail_alloc(call);
        bool ok = ll_simulate(&opts, &demand, NULL, NULL, &r, &err);
        const bool oracle_failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok || err.code == LL_E_MEMORY);
        refused[0] += !ok && oracle_failed;
        ll_test_fail_alloc(call);
        ok = ll_simulate_baseline(LL_SIM_ORACLE, &opts, &demand, NULL, NULL, &r, &err);
        ll_test_fail_alloc(0);
        ck_assert(ok || err.code == LL_E_MEMORY);
        refused[1] += !ok;
    }
    ck_assert_uint_ge(refused[0], 3); /* the replay, its arena, a decision */
    ck_assert_uint_eq(refused[1], 3); /* the replay, a queue, the needs */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scaling_simulate");
    TCase *t = tcase_create("replay");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_trace_by_hand);
    tcase_add_test(t, what_is_asked_for_boots_before_it_serves);
    tcase_add_test(t, oracle_and_static_peak_are_never_short);
    tcase_add_test(t, an_oracle_that_boots_faster_costs_less);
    tcase_add_test(t, a_looser_slo_is_violated_less);
    tcase_add_test(t, a_rule_follows_demand_after_the_boot_delay);
    tcase_add_test(t, a_forecast_that_is_right_is_never_short);
    tcase_add_test(t, no_data_is_no_demand_of_zero);
    tcase_add_test(t, what_cannot_be_replayed_is_refused);
    tcase_add_test(t, windows_hold_in_a_replay);
    tcase_add_test(t, rules_of_each_kind_are_replayed);
    tcase_add_test(t, baselines_without_data_stay);
    tcase_add_test(t, a_target_at_zero_wakes);
    tcase_add_test(t, a_fleet_that_boots_without_end);
    tcase_add_test(t, without_memory_there_is_no_replay);
    suite_add_tcase(s, t);
    SRunner *run = srunner_create(s);
    srunner_run_all(run, CK_NORMAL);
    const int failed = srunner_ntests_failed(run);
    srunner_free(run);
    return failed != 0;
}
