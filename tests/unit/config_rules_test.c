/* Rules and targets as text: every key, every mistake with its place, there and back again. */
#include <math.h>

#include "config/rules_file.h"
#include "config/schema_doc.h"
#include "config_support.h"
#include "scaling/decide.h"
#include "scaling/formula.h"

enum { ERRORS_MAX = 40 };

static struct ll_err errs[ERRORS_MAX];
static size_t n_errs;
static struct ll_rules_doc *docs[64]; /* freed after each test */
static size_t n_docs;

static void teardown(void)
{
    while (n_docs)
        ll_rules_free(docs[--n_docs]);
}

static struct ll_rules_doc *keep(struct ll_rules_doc *d)
{
    ck_assert_uint_lt(n_docs, LL_LEN(docs));
    docs[n_docs++] = d;
    return d;
}

static struct ll_rules_doc *read_form(enum ll_rules_form form, const char *text,
                                      const struct ll_rules_doc *known)
{
    struct ll_rules_reading r = {.form = form, .known = known, .errs = errs, .max = ERRORS_MAX};
    const struct ll_rules_text t = {.text = ll_slice_of(text), .name = "t.yml"};
    struct ll_rules_doc *d = NULL;
    memset(errs, 0, sizeof(errs));
    bool ok = ll_rules_read(&r, &t, 1, &d);
    n_errs = r.n_errs;
    ck_assert(ok == (n_errs == 0));
    ck_assert(ok == (d != NULL));
    return ok ? keep(d) : NULL;
}

static struct ll_rules_doc *must_read(const char *text)
{
    struct ll_rules_doc *d = read_form(LL_RULES_WHOLE, text, NULL);
    ck_assert_msg(d != NULL, "%s", errs[0].text);
    return d;
}

static void check_slice(struct ll_slice is, const char *expected)
{
    ck_assert_msg(ll_slice_is(is, expected), "'%.*s' is not '%s'", (int)is.n, is.s, expected);
}

static const char example[] =
    "targets:\n"
    "  - name: order-gateway            # one target, many rules\n"
    "    service: order-gateway\n"
    "    kubernetes: {namespace: prod, deployment: order-gateway}\n"
    "    min_instances: 8\n"
    "    max_instances: 24\n"
    "    boot_delay_seconds: 180\n"
    "    price_per_instance_hour: 0.192\n"
    "    capacity: {driver: api_calls, units_per_instance: 2900, source: load_test, date: "
    "2026-11-03}\n"
    "rules:\n"
    "  - rule_id: order-gateway-open\n"
    "    target: order-gateway\n"
    "    resource_type: API_CALLS\n"
    "    policy: PREDICTIVE\n"
    "    calendar: XNYS\n"
    "    thresholds: {warning_pct: 70, critical_pct: 85, scale_up_pct: 80, scale_down_pct: 50, "
    "cooldown_seconds: 300}\n"
    "    quantile: 0.95\n"
    "    mode: approve\n"
    "    on_expiry: hold\n";

START_TEST(the_example_of_the_contract_reads)
{
    const struct ll_rules_doc *d = must_read(example);
    ck_assert_uint_eq(d->n_targets, 1);
    ck_assert_uint_eq(d->n_rules, 1);
    const struct ll_target *t = &d->targets[0];
    check_slice(t->name, "order-gateway");
    check_slice(t->kind, "kubernetes");
    check_slice(t->unit, "instances");
    check_slice(t->place->kubernetes.group_version, "apps/v1");
    check_slice(t->place->kubernetes.resource, "deployments");
    check_slice(t->place->kubernetes.name, "order-gateway");
    check_slice(t->place->kubernetes.namespace_, "prod");
    ck_assert_int_eq(t->min, 8);
    ck_assert_int_eq(t->max, 24);
    ck_assert_int_eq(t->boot_delay, 180 * LL_SECOND);
    ck_assert_double_eq(t->price, 0.192);
    ck_assert_int_eq(t->capacity.driver, LL_RESOURCE_API_CALLS);
    ck_assert_double_eq(t->capacity.units_per_instance, 2900);
    ck_assert_int_eq(t->capacity.date, 1793664000000); /* 2026-11-03 */
    ck_assert_int_eq(t->capacity.expires, LL_TIME_NONE);
    const struct ll_scaling_rule *r = &d->rules[0];
    check_slice(r->rule_id, "order-gateway-open");
    check_slice(r->target, "order-gateway");
    check_slice(r->service, "order-gateway"); /* the target's */
    ck_assert_int_eq(r->policy, LL_POLICY_PREDICTIVE);
    ck_assert_double_eq_tol(r->thresholds.scale_down, 0.5, 1e-12);
    ck_assert_int_eq(r->thresholds.cooldown, 300 * LL_SECOND);
    ck_assert_double_eq(r->quantile, 0.95);
    ck_assert_int_eq(r->mode, LL_MODE_APPROVE);
    ck_assert_int_eq(r->on_expiry, LL_EXPIRY_HOLD);
    ck_assert_uint_eq(r->version, 1);
}
END_TEST

#define TARGET "targets: [{name: a, dry_run: {}, max_instances: 9}]\n"
#define RULE(more)                                                                                 \
    TARGET "rules: [{rule_id: r, target: a, calendar: A, policy: MANUAL, " more "}]\n"

/* A rule of a whose expression names others: s sees samples, m does not, b is of another target. */
#define LINKED(id, formula, use, more)                                                             \
    "targets: [{name: a, dry_run: {}, max_instances: 9}, {name: o, dry_run: {}, max_instances: "   \
    "9}]\n"                                                                                        \
    "rules:\n"                                                                                     \
    "      - {rule_id: " id ", target: a, policy: THRESHOLD, expression: {formula: \"" formula     \
    "\", uses: [{" use "}]}" more "}\n"                                                            \
    "      - {rule_id: s, target: a, policy: THRESHOLD, resource_type: CPU}\n"                     \
    "      - {rule_id: m, target: a, policy: MANUAL}\n"                                            \
    "      - {rule_id: b, target: o, policy: THRESHOLD, resource_type: CPU}\n"

START_TEST(what_is_left_out_is_the_default)
{
    const struct ll_rules_doc *d = must_read(
        TARGET "rules: [{rule_id: r, service: a, resource_type: memory, policy: threshold}]\n");
    const struct ll_target *t = &d->targets[0];
    check_slice(t->service, "a");
    ck_assert_int_eq(t->min, 1);
    ck_assert_int_eq(t->place->kind, LL_PLACE_DRY_RUN);
    ck_assert_int_eq(t->place->dry_run.current, 1);
    ck_assert_int_eq(t->place->timeout, 30 * LL_SECOND);
    ck_assert(isnan(t->price));
    ck_assert(isnan(t->capacity.units_per_instance));
    ck_assert_int_eq(t->in.window, 5 * LL_MINUTE);
    ck_assert_uint_eq(t->in.n, 2);
    const struct ll_scaling_rule *r = &d->rules[0];
    check_slice(r->target, "a");
    ck_assert_int_eq(r->mode, LL_MODE_OBSERVE);
    ck_assert_double_eq(r->thresholds.scale_up, ll_threshold_default(LL_RESOURCE_MEMORY).scale_up);
    ck_assert_int_eq(r->thresholds.cooldown, 10 * LL_MINUTE);
    ck_assert(isnan(r->goal));
    ck_assert_uint_eq(r->in.n, 0); /* the target's */
    ck_assert_int_eq(r->proposal_ttl, 15 * LL_MINUTE);
}
END_TEST

static char *text_of(const struct ll_target *t, const struct ll_scaling_rule *r, char *buf,
                     size_t n)
{
    struct ll_str s;
    ll_str_init(&s, n - 1);
    if (t)
        ll_rules_write_target(t, &s);
    else
        ll_rules_write_rule(r, &s);
    ck_assert(!s.failed);
    memcpy(buf, ll_str_z(&s), s.n + 1);
    ll_str_fini(&s);
    return buf;
}

/* The table documents the defaults, scaling/defaults.c has them. */
START_TEST(the_defaults_are_those_of_the_decision)
{
    static char said[1 << 14], made[1 << 14];
    const struct ll_rules_doc *d = must_read(
        TARGET "rules: [{rule_id: r, target: a, resource_type: DISK, policy: THRESHOLD}]\n");
    const struct ll_target *t = &d->targets[0];
    const struct ll_scaling_rule *r = &d->rules[0];
    struct ll_target target;
    struct ll_scaling_rule rule;
    ll_scaling_target_init(&target);
    target.name = target.service = LL_SLICE("a");
    target.max = 9;
    target.place = t->place;
    ck_assert_str_eq(text_of(t, NULL, said, sizeof(said)),
                     text_of(&target, NULL, made, sizeof(made)));
    ll_scaling_rule_init(&rule, LL_RESOURCE_DISK);
    rule.rule_id = LL_SLICE("r");
    rule.target = rule.service = LL_SLICE("a");
    ck_assert_str_eq(text_of(NULL, r, said, sizeof(said)),
                     text_of(NULL, &rule, made, sizeof(made)));
    ck_assert_uint_eq(r->version, rule.version);
}
END_TEST

START_TEST(costs_make_the_quantile)
{
    const struct ll_rules_doc *d = must_read(RULE("cost_of_short: 19, cost_of_idle: 1"));
    ck_assert_double_eq_tol(d->rules[0].quantile, 0.95, 1e-12);
}
END_TEST

START_TEST(behavior_is_that_of_kubernetes)
{
    const struct ll_rules_doc *d = must_read(
        "targets:\n"
        "  - name: a\n"
        "    dry_run: {current: 3}\n"
        "    max_instances: 9\n"
        "    behavior: hpa\n"
        "  - name: b\n"
        "    dry_run: {current: 3}\n"
        "    max_instances: 9\n"
        "    behavior:\n"
        "      scaleUp:\n"
        "        stabilizationWindowSeconds: 60\n"
        "        selectPolicy: min\n"
        "        policies: [{type: percent, value: 50, periodSeconds: 30}, "
        "{type: Units, value: 2, periodSeconds: 60}]\n"
        "      scaleDown: {selectPolicy: Disabled}\n"
        "rules: [{rule_id: r, target: b, policy: MANUAL, behavior: {scaleDown: {policies: "
        "[{type: Pods, value: 1, periodSeconds: 60}]}}}]\n");
    const struct ll_target *hpa = &d->targets[0], *own = &d->targets[1];
    ck_assert(hpa->hpa_behavior);
    ck_assert_uint_eq(hpa->out.n, 2);
    ck_assert_int_eq(hpa->out.policy[0].kind, LL_RATE_UNITS);
    ck_assert_int_eq(hpa->out.policy[0].value, 4);
    ck_assert_int_eq(hpa->out.policy[1].value, 100);
    ck_assert_int_eq(hpa->out.window, 0);
    ck_assert_int_eq(hpa->in.window, 300 * LL_SECOND);
    ck_assert_int_eq(hpa->in.policy[0].period, 15 * LL_SECOND);
    ck_assert(!own->hpa_behavior);
    ck_assert_int_eq(own->out.select, LL_RATE_MIN);
    ck_assert_int_eq(own->out.window, LL_MINUTE);
    ck_assert_uint_eq(own->out.n, 2);
    ck_assert_int_eq(own->out.policy[0].kind, LL_RATE_PERCENT);
    ck_assert_int_eq(own->out.policy[1].kind, LL_RATE_UNITS);
    ck_assert_int_eq(own->in.select, LL_RATE_DISABLED);
    ck_assert_int_eq(own->in.window, 5 * LL_MINUTE); /* ours */
    const struct ll_scaling_rule *r = &d->rules[0];
    ck_assert_uint_eq(r->in.n, 1);
    ck_assert_uint_eq(r->out.n, 0);
}
END_TEST

START_TEST(windows_say_when_and_what)
{
    const struct ll_rules_doc *d = must_read(
        RULE("windows: [{cron: \"30 9 * * 1-5\", time_zone: America/New_York, "
             "offset_seconds: -1800, duration_seconds: 7200, floor: 6, ramp_seconds: 600, "
             "except: [2026-12-25, 2027-01-01]}, "
             "{anchor: CLOSE, calendar: XNYS, duration_seconds: 1800, no_scale_in: true}, "
             "{event: fomc, calendar: XNYS, duration_seconds: 60, freeze: true}, "
             "{anchor: open, duration_seconds: 60, exact: 0}, "
             "{anchor: open, duration_seconds: 60, max: 5}]"));
    const struct ll_scaling_rule *r = &d->rules[0];
    ck_assert_uint_eq(r->n_windows, 5);
    const struct ll_scale_window *w = r->windows;
    ck_assert_int_eq(w[0].anchor, LL_ANCHOR_CRON);
    check_slice(w[0].cron, "30 9 * * 1-5");
    check_slice(w[0].zone, "America/New_York");
    ck_assert_int_eq(w[0].offset, -30 * LL_MINUTE);
    ck_assert_int_eq(w[0].effect, LL_WINDOW_FLOOR);
    ck_assert_int_eq(w[0].amount, 6);
    ck_assert_int_eq(w[0].ramp, 10 * LL_MINUTE);
    ck_assert_uint_eq(w[0].n_except, 2);
    check_slice(w[0].except[1], "2027-01-01");
    ck_assert_int_eq(w[1].anchor, LL_ANCHOR_CLOSE);
    ck_assert_int_eq(w[1].effect, LL_WINDOW_NO_SCALE_IN);
    ck_assert_int_eq(w[2].anchor, LL_ANCHOR_EVENT);
    ck_assert_int_eq(w[2].effect, LL_WINDOW_FREEZE);
    ck_assert_int_eq(w[3].effect, LL_WINDOW_EXACT);
    ck_assert_int_eq(w[4].effect, LL_WINDOW_MAX);
}
END_TEST

/* Every key with another value than its default: what is written must have all of them. */
static const char *const full[] = {
    "name: k\nservice: s\ntimeout_seconds: 12.5\nvertical: true\nunit: millicores\n"
    "min_instances: 2\nmax_instances: 40\nquota_instances: 50\ngranularity: 2\n"
    "boot_delay_seconds: 90\nprice_per_instance_hour: 0.1\n"
    "capacity: {driver: CPU, part: orders, units_per_instance: 0.3, source: learned, date: "
    "2026-11-03T10:00:00Z, expires: 2027-11-03}\n"
    "dependencies: [{service: db, resource_type: CONNECTIONS, per_instance: 20, limit: 400}]\n"
    "behavior: {profile: loadline, scaleUp: {stabilizationWindowSeconds: 1, selectPolicy: Min, "
    "policies: [{type: Pods, value: 3, periodSeconds: 7}]}, scaleDown: "
    "{stabilizationWindowSeconds: 2, selectPolicy: Disabled, policies: [{type: Percent, value: 4, "
    "periodSeconds: 8}]}}\n"
    "combine: all\ngroups: [{name: load, when: all}, {name: people}]\n"
    "scale_to_zero: true\nidle_seconds: 60\nowner: ann\nteam: trading\nvenue: XNYS\n"
    "kubernetes: {server: \"https://k8s:6443\", kubeconfig: /etc/k, context: c, namespace: ns, "
    "group_version: argoproj.io/v1alpha1, resource: rollouts, name: n, floor_of: keda, "
    "owner_name: so, container: main, container_memory: true, ca_file: /ca, token_file: /token}\n",

    "name: d\nmax_instances: 4\nkubernetes: {namespace: ns, deployment: web, floor_of: hpa}\n"
    "behavior: hpa\n",
    "name: f\nmax_instances: 4\nkubernetes: {namespace: ns, statefulset: db}\n",
    "name: w\nmax_instances: 4\nwebhook: {url: \"https://x.example/a?b=c\", read_url: "
    "\"http://y/\", secret_file: /s, token_file: /t, ca_file: /c, allow_private: true}\n",
    "name: g\nmax_instances: 4\naws_asg: {region: eu-central-1, group: \"a b\", endpoint: "
    "\"https://e\", credentials_file: /aws, profile: p}\n",
    "name: e\nmax_instances: 4\nexec: {command: [/bin/scale, \"a b\", \"\"], observe: [/bin/see], "
    "env: [\"A=1\", B=], idempotent: true}\n",
    "name: \"q\\\"\\u00e4\"\nmax_instances: 4\ndry_run: {current: 0}\n",
};
static const char full_rule[] =
    "rule_id: r\ntarget: k\nservice: s2\nresource_type: NETWORK\npart: rx\npolicy: PREDICTIVE\n"
    "calendar: XNYS\nthresholds: {warning_pct: 71, critical_pct: 86, scale_up_pct: 81.1, "
    "scale_down_pct: 29, cooldown_seconds: 1.5}\ntarget_pct: 33.3333333333333\nneed: advisory\n"
    "form: target\nscale_up_steps: [{over_pct: 0, change_units: 1}, {over_pct: 7, change_pct: "
    "30}]\nscale_down_steps: [{over_pct: 1, change_units: 2}]\nsamples: 3\n"
    "samples_agreeing: 2\ntolerance_up_ratio: 0.05\ntolerance_down_ratio: 0.15\n"
    "cpu_initialization_seconds: 200\ninitial_readiness_delay_seconds: 20\nquantile: 0.8\n"
    "lead_seconds: 240\nmay_scale_in: true\nmax_breach_pct: 25\n"
    "windows: [{anchor: cron, cron: '0 0 1 1 *', time_zone: UTC, offset_seconds: -60, "
    "duration_seconds: 60, floor: 3, ramp_seconds: 30, except: [2026-12-25]}, {anchor: event, "
    "event: fomc, calendar: XNAS, duration_seconds: 60, exact: 0}, {anchor: open, "
    "duration_seconds: 60, max: 9}, {anchor: close, duration_seconds: 60, no_scale_in: true}, "
    "{anchor: close, duration_seconds: 60, freeze: true}]\n"
    "behavior: {scaleUp: {stabilizationWindowSeconds: 5, selectPolicy: Max, policies: [{type: "
    "Percent, value: 5, periodSeconds: 5}]}}\n"
    "cooldown_out_seconds: 11\nstale_seconds: 70\nfallback: {policy: units, after_seconds: 61, "
    "units: 12}\nmax_reversals_per_hour: 7\nmode: auto\non_expiry: execute\n"
    "proposal_ttl_seconds: 600\nsecond_person_over_pct: 50\nmin_instances: 3\n"
    "max_instances: 30\nowner: bob\nseverity: page\nversion: 7\n";

/* What another rule of the target sees. */
static const char linked_rule[] =
    "rule_id: x\ntarget: k\npolicy: THRESHOLD\ngroup: load\nexpression: {formula: \"max(cpu, q) * "
    "1.5\", uses: [{name: cpu, rule: r}, {name: q, rule: r, what: capacity}]}\n"
    "saturation: {waiting: r, pinned_pct: 90, samples: 5}\nbehavior: hpa\n";
static const char input_rule[] = "rule_id: i\ntarget: k\npolicy: THRESHOLD\nresource_type: CPU\n"
                                 "input_only: true\n";

static char *written(enum ll_rules_form form, const struct ll_rules_doc *d)
{
    static char text[2][1 << 16];
    static size_t turn;
    struct ll_str s;
    turn = !turn;
    ll_str_init(&s, sizeof(text[0]) - 1);
    if (form == LL_RULES_TARGET)
        ll_rules_write_target(&d->targets[0], &s);
    else
        ll_rules_write_rule(&d->rules[0], &s);
    ck_assert(!s.failed);
    memcpy(text[turn], ll_str_z(&s), s.n + 1);
    ll_str_fini(&s);
    return text[turn];
}

/* Reads, writes, reads what was written, writes again; returns the second reading. */
static struct ll_rules_doc *again(enum ll_rules_form form, const char *text,
                                  const struct ll_rules_doc *known, struct ll_str *all)
{
    struct ll_rules_doc *first = read_form(form, text, known);
    ck_assert_msg(first != NULL, "%s", errs[0].text);
    const char *a = written(form, first);
    ll_str_addz(all, a);
    struct ll_rules_doc *second = read_form(form, a, known);
    ck_assert_msg(second != NULL, "%s\n%s", errs[0].text, a);
    ck_assert_str_eq(written(form, second), a);
    return second;
}

struct missing {
    const char *all;
};

static bool is_there(void *ctx, const struct ll_schema_visit *v)
{
    static const char *const beside[] = {"targets",      "rules",   "cost_of_short",
                                         "cost_of_idle", "version", "profile_of"};
    const struct missing *m = ctx;
    char key[LL_SCHEMA_NAME_MAX + 4];
    for (size_t i = 0; i < LL_LEN(beside); i++)
        if (strcmp(v->row->key, beside[i]) == 0)
            return true;
    snprintf(key, sizeof(key), "\"%s\":", v->row->key);
    ck_assert_msg(strstr(m->all, key) != NULL, "%s was not written", v->path);
    return true;
}

static void check_linked(const struct ll_scaling_rule *x)
{
    check_slice(x->group, "load");
    check_slice(x->expression->text, "max(cpu, q) * 1.5");
    ck_assert_uint_eq(x->expression->n_uses, 2);
    check_slice(x->expression->uses[1].rule, "r");
    ck_assert_int_eq(x->expression->uses[0].what, LL_USE_UTILIZATION);
    ck_assert_int_eq(x->expression->uses[1].what, LL_USE_CAPACITY);
    const double v[] = {2, 4};
    ck_assert_double_eq(ll_formula_eval(x->expression->formula, v), 6);
    check_slice(x->saturation.waiting, "r");
    ck_assert_double_eq_tol(x->saturation.pinned, 0.9, 1e-12);
    ck_assert_uint_eq(x->saturation.samples, 5);
    ck_assert(x->hpa_behavior);
    ck_assert_int_eq(x->out.policy[0].period, 15 * LL_SECOND);
}

START_TEST(what_is_written_is_read_again)
{
    struct ll_str all;
    const struct ll_rules_doc *k = NULL;
    ll_str_init(&all, 1 << 20);
    for (size_t i = 0; i < LL_LEN(full); i++) {
        const struct ll_rules_doc *d = again(LL_RULES_TARGET, full[i], NULL, &all);
        k = i == 0 ? d : k;
    }
    const struct ll_rules_doc *d = again(LL_RULES_RULE, full_rule, k, &all);
    const struct ll_rules_doc with = {
        .targets = k->targets, .n_targets = k->n_targets, .rules = d->rules, .n_rules = d->n_rules};
    const struct ll_scaling_rule *x = again(LL_RULES_RULE, linked_rule, &with, &all)->rules;
    const struct ll_scaling_rule *input = again(LL_RULES_RULE, input_rule, k, &all)->rules;
    struct missing m = {ll_str_z(&all)};
    ll_schema_walk(ll_rules_table(), is_there, &m);
    ll_str_fini(&all);
    const struct ll_scaling_rule *r = &d->rules[0];
    ck_assert_double_eq(r->goal, 33.3333333333333 / 100); /* to the last bit */
    ck_assert_double_eq(r->thresholds.scale_up, 81.1 / 100);
    ck_assert_int_eq(r->thresholds.cooldown, 1500);
    ck_assert_int_eq(r->windows[0].offset, -LL_MINUTE);
    ck_assert_int_eq(r->up[1].kind, LL_RATE_PERCENT);
    ck_assert_int_eq(r->fallback, LL_FALLBACK_UNITS);
    ck_assert_int_eq(r->startup, 200 * LL_SECOND);
    ck_assert_uint_eq(r->out.n, 1);
    ck_assert_uint_eq(r->in.n, 0);
    check_linked(x);
    ck_assert(input->input_only);
    ck_assert_ptr_null(input->expression);
    const struct ll_target *t = &k->targets[0];
    ck_assert(t->place->kubernetes.floor_of_keda);
    ck_assert_int_eq(t->combine, LL_CONSENT_ALL);
    ck_assert_uint_eq(t->n_groups, 2);
    check_slice(t->groups[0].name, "load");
    ck_assert_int_eq(t->groups[0].when, LL_CONSENT_ALL);
    ck_assert_int_eq(t->groups[1].when, LL_CONSENT_ANY);
    ck_assert_int_eq(t->place->timeout, 12500);
    ck_assert_int_eq(t->in.select, LL_RATE_DISABLED);
    ck_assert_int_eq(t->capacity.expires, 1825200000000);
}
END_TEST

START_TEST(a_short_word_is_written_short)
{
    struct ll_str all;
    ll_str_init(&all, 1 << 20);
    again(LL_RULES_TARGET, full[1], NULL, &all);
    ck_assert_ptr_nonnull(strstr(ll_str_z(&all), "\"deployment\":\"web\""));
    ck_assert_ptr_null(strstr(ll_str_z(&all), "group_version"));
    ck_assert_ptr_nonnull(strstr(ll_str_z(&all), "\"profile\":\"hpa\""));
    ll_str_fini(&all);
}
END_TEST

START_TEST(json_is_read_by_the_same_table)
{
    const struct ll_rules_doc *d = must_read(
        "{\"targets\":[{\"name\":\"a\\/b\",\"dry_run\":{\"current\":2},\"max_instances\":10,"
        "\"price_per_instance_hour\":1.5e-1}],\n\t\"rules\" : [ {\"rule_id\":\"r\",\"target\":"
        "\"a/b\",\"policy\":\"MANUAL\",\"mode\":\"off\",\"may_scale_in\":true,\"owner\":"
        "\"\\u00e4 \\\"x\\\"\"}]}"); /* tabs, escapes, no space behind a colon */
    check_slice(d->targets[0].name, "a/b");
    ck_assert_double_eq(d->targets[0].price, 0.15);
    ck_assert_int_eq(d->rules[0].mode, LL_MODE_OFF);
    ck_assert(d->rules[0].may_scale_in);
    check_slice(d->rules[0].owner, "\xc3\xa4 \"x\"");
}
END_TEST

static const struct refusal refusals[] = {
    {"targets: [{name: a, dry_run: {}, max_instances: 9, min_instance: 1}]\n", 1, 52,
     "unknown key 'min_instance'; did you mean 'min_instances'?"},
    {"targets: [{name: a, dry_run: {}, max_instances: 9, min_instances: \"1\"}]\n", 1, 67,
     "write it without quotes"},
    {"targets: [{name: a, max_instances: 9}]\n", 1, 11, "it is not said where the target is"},
    {"targets: [{name: a, max_instances: 9, dry_run: {}, exec: {command: [/x]}}]\n", 1, 52,
     "exec: the target has a place already, dry_run"},
    {"targets: [{name: a, max_instances: 9, kubernetes: {namespace: p}}]\n", 1, 51,
     "needs one of deployment, statefulset"},
    {"targets: [{name: a, max_instances: 9, kubernetes: {namespace: p, deployment: x, name: "
     "y}}]\n",
     1, 51, "needs one of deployment"},
    {"targets: [{name: a, max_instances: 9, kubernetes: {namespace: p, deployment: X}}]\n", 1, 78,
     "is not a name of Kubernetes"},
    {"targets: [{name: a, max_instances: 9, exec: {command: [scale]}}]\n", 1, 55,
     "'scale' is not an absolute path"},
    {"targets: [{name: a, max_instances: 9, exec: {command: [/x], env: [A]}}]\n", 1, 66,
     "'A' is not NAME=value"},
    {"targets: [{name: a, max_instances: 9, webhook: {url: \"https://u:p@x/\"}}]\n", 1, 54,
     "credentials"},
    {"targets: [{name: a, max_instances: 9, dry_run: {}, behavior: hpax}]\n", 1, 62,
     "'hpax' is not loadline or hpa; did you mean 'hpa'?"},
    {"targets: [{name: a, max_instances: 9, dry_run: {}, behavior: {scaleUp: {tolerance: 1}}}]\n",
     1, 73, "tolerance: is a key of the rule"},
    {"targets: [{name: a, max_instances: 9, dry_run: {}}, {name: a, max_instances: 9, dry_run: "
     "{}}]\n",
     1, 60, "name: 'a' is already on line 1"},
    {"targets:\n- {name: a, max_instances: 9, webhook: {url: \"http://x/\"}}\n"
     "- {name: b, max_instances: 9, webhook: {url: \"http://x/\"}}\n",
     3, 40, "webhook: the target 'a' is at that place already"},
    {"targets:\n- {name: a, max_instances: 9, kubernetes: {namespace: p, deployment: x}}\n"
     "- {name: b, max_instances: 9, kubernetes: {namespace: p, group_version: apps/v1, resource: "
     "deployments, name: x}}\n",
     3, 43, "kubernetes: the target 'a' is at that place already"},
    {TARGET "rules: [{rule_id: r, target: b, policy: MANUAL}]\n", 2, 30, "target: there is no 'b'"},
    {"targets: [{name: gateway, dry_run: {}, max_instances: 9}]\n"
     "rules: [{rule_id: r, target: gatewey, policy: MANUAL}]\n",
     2, 30, "did you mean 'gateway'?"},
    {TARGET "rules: [{rule_id: r, policy: MANUAL}]\n", 2, 9, "needs a target, or the service"},
    {TARGET "rules: [{rule_id: r, service: z, policy: MANUAL}]\n", 2, 31,
     "no target has the service 'z'"},
    {"targets: [{name: a, service: s, dry_run: {}, max_instances: 9}, {name: b, service: s, "
     "dry_run: {}, max_instances: 9}]\nrules: [{rule_id: r, service: s, policy: MANUAL}]\n",
     2, 31, "several targets have the service 's'"},
    {TARGET "rules: [{rule_id: r, target: a, policy: THRESHOLD}]\n", 2, 9,
     "'resource_type' is missing: the policy THRESHOLD"},
    {RULE("mode: maybe"), 2, 68, "'maybe' is not off, observe, approve or auto"},
    {RULE("quantile: 1"), 2, 72, "out of range"},
    {RULE("quantile: 0.5, cost_of_short: 1, cost_of_idle: 1"), 2, 72,
     "quantile: is said by cost_of_short"},
    {RULE("cost_of_short: 1"), 2, 77, "go together"},
    {RULE("cost_of_short: 1e12, cost_of_idle: 1e-3"), 2, 77, "make the quantile 1"},
    {RULE("scale_up_steps: [{over_pct: 1}]"), 2, 79, "needs one of change_units and change_pct"},
    {RULE("scale_up_steps: [{over_pct: 1, change_pct: 1}, {over_pct: 1, change_pct: 2}]"), 2, 78,
     "over_pct 1 is not above 1"},
    {RULE("windows: [{duration_seconds: 5, floor: 1}]"), 2, 72, "needs an anchor"},
    {RULE("windows: [{anchor: cron, duration_seconds: 5, floor: 1}]"), 2, 72,
     "the anchor cron needs cron"},
    {RULE("windows: [{anchor: open, cron: '* * * * *', duration_seconds: 5, floor: 1}]"), 2, 93,
     "cron: does not go with the anchor open"},
    {RULE("windows: [{anchor: open, duration_seconds: 5}]"), 2, 72, "and has 0"},
    {RULE("windows: [{anchor: open, duration_seconds: 5, floor: 1, freeze: true}]"), 2, 72,
     "and has 2"},
    {RULE("windows: [{anchor: open, duration_seconds: 0, floor: 1}]"), 2, 105, "out of range"},
    {RULE("windows: [{anchor: open, duration_seconds: 9, max: 1, ramp_seconds: 5}]"), 2, 130,
     "ramp_seconds: goes with floor"},
    {RULE("windows: [{anchor: open, duration_seconds: 9, floor: 1, ramp_seconds: 10}]"), 2, 132,
     "longer than duration_seconds"},
    {RULE("windows: [{anchor: open, duration_seconds: 9, floor: 1, except: [25.12.2026]}]"), 2, 127,
     "is not a date such as 2026-12-25"},
    {RULE("version: 0"), 2, 71, "out of range"},
    {"rules: 5\n", 1, 8, "rules: must be a list"},
    {"- a\n", 1, 1, "must be a map of keys"},
    {"targets: {\n", 2, 1, ""},
    {RULE("windows: [{cron: '61 * * * *', duration_seconds: 9, floor: 1}]"), 2, 79, "cron: "},
    {RULE("thresholds: {scale_up_pct: 50, scale_down_pct: 49}"), 2, 9,
     "at least 5 points below scale_up_pct"},
    {RULE("max_instances: 10"), 2, 9, "at most the target's max_instances"},
    {"targets: [{name: a, dry_run: {}, max_instances: 9, min_instances: 0}]\n", 1, 11,
     "say scale_to_zero: true"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: m", ""), 3, 64,
     "expression: the rule 'm' sees no samples"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: z", ""), 3, 64,
     "expression: the target has no rule 'z'"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: b", ""), 3, 64,
     "expression: the target has no rule 'b'"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: r", ""), 3, 64,
     "expression: the rule 'r' sees no samples"},
    {LINKED("r", "cpu *", "name: cpu, rule: s", ""), 3, 74, "formula: at character 6: a number"},
    {LINKED("r", "qpu * 2", "name: cpu, rule: s", ""), 3, 74, "there is no 'qpu'"},
    {LINKED("r", "max * 2", "name: max, rule: s", ""), 3, 99, "is no name for a formula"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: s, what: units", ""), 3, 9,
     "expression: what: units is for form units only"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: s", ", saturation: {waiting: m}"), 3, 128,
     "saturation: the rule 'm' sees no samples"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: s", ", group: x"), 3, 9, "group 'x' is not declared"},
    {LINKED("r", "cpu * 2", "name: cpu, rule: s", ", samples: 3"), 3, 9,
     "samples: an expression looks at the newest values: 1"},
    {RULE("form: units"), 2, 9, "units is the value of an expression, and there is none"},
    {RULE("input_only: true"), 2, 9, "input_only: is for THRESHOLD and PREDICTIVE rules"},
    {"targets: [{name: a, dry_run: {}, max_instances: 9, groups: [{name: g}, {name: g}]}]\n", 1, 79,
     "name: 'g' is already"},
    {"targets: [{name: a, dry_run: {}, max_instances: 9, combine: some}]\n", 1, 61,
     "'some' is not any or all"},
    {"targets: [{name: a, dry_run: {}, max_instances: 9, capacity: {driver: CPU}}]\n", 1, 62,
     "driver and units_per_instance go together"},
};

START_TEST(each_mistake_has_its_place)
{
    const struct refusal *r = &refusals[_i];
    struct ll_rules_doc *d = read_form(LL_RULES_WHOLE, r->text, NULL);
    check_refusal(r, d != NULL, &errs[0]);
    ck_assert_msg(n_errs == 1, "%zu errors of:\n%s%s", n_errs, r->text, errs[1].text);
}
END_TEST

START_TEST(all_that_is_wrong_is_said_in_order)
{
    ck_assert_ptr_null(read_form(LL_RULES_WHOLE,
                                 "rules:\n"
                                 "- {rule_id: a, policy: MANUAL, mode: x}\n"
                                 "- {policy: THRESHOLD}\n"
                                 "targets:\n"
                                 "- {name: t}\n",
                                 NULL));
    ck_assert_uint_eq(n_errs, 5);
    for (size_t i = 1; i < n_errs; i++)
        ck_assert_int_ge(errs[i].line, errs[i - 1].line);
}
END_TEST

START_TEST(texts_of_several_files_are_one_document)
{
    struct ll_rules_text t[] = {
        {LL_SLICE("rules: [{rule_id: r, target: a, policy: MANUAL}]\n"), "one.yml"},
        {LL_SLICE(TARGET), "two.yml"}};
    struct ll_rules_reading r = {.errs = errs, .max = ERRORS_MAX};
    struct ll_rules_doc *d = NULL;
    ck_assert_msg(ll_rules_read(&r, t, 2, &d), "%s", errs[0].text);
    keep(d);
    ck_assert_uint_eq(d->n_targets + d->n_rules, 2);
    t[0] = (struct ll_rules_text){LL_SLICE("# again\n" TARGET), "one.yml"};
    ck_assert(!ll_rules_read(&r, t, 2, &d));
    ck_assert_uint_eq(r.n_errs, 1);
    ck_assert_str_eq(errs[0].text, "two.yml:1:18: name: 'a' is already at one.yml:2:18");
}
END_TEST

START_TEST(what_is_known_stands_beside)
{
    const struct ll_rules_doc *known = must_read(
        "targets: [{name: a, service: s, webhook: {url: \"http://x/\"}, max_instances: 9}]\n"
        "rules: [{rule_id: r, target: a, policy: MANUAL}]\n");
    struct ll_rules_doc *d =
        read_form(LL_RULES_RULE, "{rule_id: q, service: s, policy: MANUAL}", known);
    ck_assert_msg(d != NULL, "%s", errs[0].text);
    check_slice(d->rules[0].target, "a");
    ck_assert_ptr_ne(d->rules[0].target.s, known->targets[0].name.s); /* its own copy */
    ck_assert_ptr_null(read_form(
        LL_RULES_TARGET, "{name: b, webhook: {url: \"http://x/\"}, max_instances: 1}", known));
    ck_assert_ptr_nonnull(strstr(errs[0].text, "the target 'a' is at that place already"));
    d = read_form(LL_RULES_TARGET, "{name: a, webhook: {url: \"http://x/\"}, max_instances: 1}",
                  known); /* replaces it */
    ck_assert_msg(d != NULL, "%s", errs[0].text);
    ck_assert_ptr_null(read_form(LL_RULES_RULE, "{rule_id: q, target: c, policy: MANUAL}", known));
}
END_TEST

/* s is used by r: what stands in its place must see samples of the same target. */
START_TEST(what_others_use_stays_what_it_is)
{
    const struct ll_rules_doc *known =
        must_read(LINKED("r", "cpu * 2", "name: cpu, rule: s", ", saturation: {waiting: s}"));
    check_slice(ll_rules_user_of(known, LL_SLICE("s"))->rule_id, "r");
    ck_assert_ptr_null(ll_rules_user_of(known, LL_SLICE("r")));
    static const char *const refused[] = {
        "{rule_id: s, target: a, policy: MANUAL}",
        "{rule_id: s, target: o, policy: THRESHOLD, resource_type: CPU}"};
    for (size_t i = 0; i < LL_LEN(refused); i++) {
        ck_assert_ptr_null(read_form(LL_RULES_RULE, refused[i], known));
        ck_assert_ptr_nonnull(strstr(errs[0].text, "the rule 'r' uses it"));
        ck_assert_uint_eq(n_errs, 2); /* of the expression, of the saturation */
    }
    ck_assert_ptr_nonnull(read_form(
        LL_RULES_RULE, "{rule_id: s, target: a, policy: PREDICTIVE, resource_type: CPU}", known));
    ck_assert_ptr_nonnull(
        read_form(LL_RULES_RULE, "{rule_id: r, target: a, policy: MANUAL}", known));
}
END_TEST

START_TEST(a_target_has_so_many_rules_at_most)
{
    struct ll_str s;
    ll_str_init(&s, 1 << 20);
    ll_str_addz(&s, TARGET "rules:\n");
    for (int i = 0; i < LL_TARGET_RULES_MAX; i++)
        ll_str_addf(&s, "- {rule_id: r%d, target: a, policy: MANUAL}\n", i);
    const struct ll_rules_doc *known = must_read(ll_str_z(&s));
    ck_assert_ptr_nonnull(
        read_form(LL_RULES_RULE, "{rule_id: r7, target: a, policy: MANUAL}", known));
    ck_assert_ptr_null(read_form(LL_RULES_RULE, "{rule_id: q, target: a, policy: MANUAL}", known));
    ck_assert_ptr_nonnull(strstr(errs[0].text, "one rule too many for its target: at most 32"));
    ll_str_addz(&s, "- {rule_id: q, target: a, policy: MANUAL}\n");
    ck_assert_ptr_null(read_form(LL_RULES_WHOLE, ll_str_z(&s), NULL));
    ck_assert_int_eq(errs[0].line, LL_TARGET_RULES_MAX + 3);
    ll_str_fini(&s);
}
END_TEST

/* As many as 1 MiB and 100,000 values hold: more than the 4096 items of other lists. */
START_TEST(many_are_read)
{
    struct ll_str s;
    ll_str_init(&s, 1 << 20);
    ll_str_addz(&s, "targets:\n");
    for (int i = 0; i < 9000; i++)
        ll_str_addf(&s, "- {name: t%d, dry_run: {}, max_instances: 9}\n", i);
    const struct ll_rules_doc *d = must_read(ll_str_z(&s));
    ck_assert_uint_eq(d->n_targets, 9000);
    for (int i = 0; i < 1001; i++)
        ll_str_addf(&s, "- {name: u%d, dry_run: {}, max_instances: 9}\n", i);
    ck_assert_ptr_null(read_form(LL_RULES_WHOLE, ll_str_z(&s), NULL));
    ck_assert_ptr_nonnull(strstr(errs[0].text, "10001 items, at most 10000"));
    ll_str_fini(&s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_rules");
    TCase *c = tcase_create("all");
    tcase_add_checked_fixture(c, NULL, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, the_example_of_the_contract_reads);
    tcase_add_test(c, what_is_left_out_is_the_default);
    tcase_add_test(c, the_defaults_are_those_of_the_decision);
    tcase_add_test(c, costs_make_the_quantile);
    tcase_add_test(c, behavior_is_that_of_kubernetes);
    tcase_add_test(c, windows_say_when_and_what);
    tcase_add_test(c, what_is_written_is_read_again);
    tcase_add_test(c, a_short_word_is_written_short);
    tcase_add_test(c, json_is_read_by_the_same_table);
    tcase_add_loop_test(c, each_mistake_has_its_place, 0, LL_LEN(refusals));
    tcase_add_test(c, all_that_is_wrong_is_said_in_order);
    tcase_add_test(c, texts_of_several_files_are_one_document);
    tcase_add_test(c, what_is_known_stands_beside);
    tcase_add_test(c, what_others_use_stays_what_it_is);
    tcase_add_test(c, a_target_has_so_many_rules_at_most);
    tcase_add_test(c, many_are_read);
    suite_add_tcase(s, c);
    return run_suite(s);
}
