/* The table of a rule's keys. */
#include <math.h>
#include <string.h>

#include "config/calendar_words.h"
#include "config/rules_private.h"
#include "scaling/decide.h"

#define X(member, name) [member] = (name),
static const char *const policy_names[] = {LL_POLICY_TABLE(X)[LL_POLICY_COUNT] = NULL};
static const char *const mode_names[] = {LL_MODE_TABLE(X)[LL_MODE_COUNT] = NULL};
#undef X
static const char *const need_names[] = {
    [LL_NEED_REQUIRED] = "required", [LL_NEED_ADVISORY] = "advisory", NULL};
static const char *const form_names[] = {
    [LL_FORM_BANDS] = "bands", [LL_FORM_TARGET] = "target", [LL_FORM_UNITS] = "units", NULL};
static const char *const fallback_names[] = {[LL_FALLBACK_HOLD_IF_HIGHER] = "hold_if_higher",
                                             [LL_FALLBACK_HOLD] = "hold",
                                             [LL_FALLBACK_UNITS] = "units",
                                             NULL};
static const char *const expiry_names[] = {
    [LL_EXPIRY_HOLD] = "hold", [LL_EXPIRY_EXECUTE] = "execute", NULL};

#define TAU_MIN 1e-6
#define TAU_MAX 0.999999

#define R(field) offsetof(struct ll_rules_raw_rule, rule.field)
#define RAW(field) offsetof(struct ll_rules_raw_rule, field)

#define PCT(k, at, least, text)                                                                    \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PERCENT, .offset = (at), .min = (least), .max = 1000,        \
        .standard_doc = "the service's, its tier's or the resource type's, in this order",         \
        .unit = "percent", .doc = (text)                                                           \
    }
static const struct ll_schema_row threshold_rows[] = {
    PCT("warning_pct", R(thresholds.warning), 0.1, "utilisation from which the status is WARNING"),
    PCT("critical_pct", R(thresholds.critical), 0.1, "utilisation from which it is CRITICAL"),
    PCT("scale_up_pct", R(thresholds.scale_up), 0.1,
        "utilisation from which more capacity is wanted"),
    PCT("scale_down_pct", R(thresholds.scale_down), 0,
        "utilisation below which less is enough; at least 5 points below scale_up_pct"),
    {.key = "cooldown_seconds",
     .type = LL_SCHEMA_SECONDS,
     .offset = R(thresholds.cooldown),
     .max = 86400,
     .standard_doc = "the service's, its tier's or the resource type's, in this order",
     .unit = "seconds",
     .doc = "rest before scale-in, from the moment the last change was ready"},
};
static const struct ll_schema thresholds = {threshold_rows, LL_LEN(threshold_rows), 0, NULL};

#define S(field) offsetof(struct ll_rules_raw_step, field)
static const struct ll_schema_row step_rows[] = {
    {.key = "over_pct",
     .type = LL_SCHEMA_PERCENT,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = S(over),
     .min = 0,
     .max = 1000,
     .unit = "percentage points",
     .doc = "from so far beyond the threshold; rising from step to step"},
    {.key = "change_units",
     .type = LL_SCHEMA_SMALL,
     .flags = LL_SCHEMA_QUIET,
     .offset = S(units),
     .min = 1,
     .max = INT32_MAX,
     .doc = "changes by so many"},
    {.key = "change_pct",
     .type = LL_SCHEMA_SMALL,
     .flags = LL_SCHEMA_QUIET,
     .offset = S(percent),
     .min = 1,
     .max = 1000,
     .unit = "percent",
     .doc = "or by that share of what there is"},
};
static const struct ll_schema step = {step_rows, LL_LEN(step_rows),
                                      sizeof(struct ll_rules_raw_step), NULL};

static void finish_step(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    (void)item;
    if (node->kind == LL_YAML_MAP &&
        ll_rules_has(node, "change_units") == ll_rules_has(node, "change_pct"))
        ll_schema_fail(r, &node->place, "needs one of change_units and change_pct");
}

static const struct ll_schema_row fallback_rows[] = {
    LL_RULES_ENUM("policy", LL_SCHEMA_SHORT, R(fallback), fallback_names, "hold_if_higher",
                  "without data: hold_if_higher keeps the count and never goes below `units`, hold "
                  "keeps it, units goes there"),
    LL_RULES_SECONDS("after_seconds", R(fallback_after), 0, 86400, "180",
                     "data must have been missing for so long"),
    LL_RULES_UNITS("units", LL_SCHEMA_QUIET, R(fallback_units), 0, "0", "the count it is about"),
};
static const struct ll_schema fallback = {fallback_rows, LL_LEN(fallback_rows), 0, NULL};

#define STEPS(k, at, at_n, text)                                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = (at), .offset_n = (at_n),                    \
        .max = LL_RULE_STEPS_MAX, .sub = &step, .finish = finish_step, .doc = (text)               \
    }
#define SMALL(k, at, lo, hi, std, text)                                                            \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SMALL, .offset = (at), .min = (lo), .max = (hi),             \
        .standard = (std), .doc = (text)                                                           \
    }
static const struct ll_schema_row rule_rows[] = {
    LL_RULES_NAME("rule_id", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, R(rule_id), "its name"),
    {.key = "target",
     .type = LL_SCHEMA_SLICE,
     .offset = R(target),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = ll_rules_check_name,
     .standard_doc = "the target of its service",
     .doc = "name of the target it drives"},
    {.key = "service",
     .type = LL_SCHEMA_SLICE,
     .offset = R(service),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = ll_rules_check_name,
     .standard_doc = "the target's",
     .doc = "service whose resource it looks at"},
    {.key = "resource_type",
     .type = LL_SCHEMA_ENUM,
     .offset = R(type),
     .names = ll_rules_resource_names,
     .doc = "the resource it looks at; THRESHOLD and PREDICTIVE need it, but no expression"},
    LL_RULES_NAME("part", 0, R(part), "part of that resource; else its primary one"),
    LL_RULES_ENUM("policy", LL_SCHEMA_REQUIRED, R(policy), policy_names, NULL, "its kind"),
    {.key = "calendar",
     .type = LL_SCHEMA_SLICE,
     .offset = R(calendar),
     .check = ll_calendar_check_code,
     .doc = "code of its market calendar, such as XNYS"},
    LL_RULES_MAP("thresholds", thresholds, "its thresholds"),
    {.key = "target_pct",
     .type = LL_SCHEMA_PERCENT,
     .offset = R(goal),
     .min = 0.1,
     .max = 1000,
     .standard_doc = "scale_up_pct",
     .unit = "percent",
     .doc = "utilisation that is aimed at"},
    LL_RULES_ENUM("need", 0, R(need), need_names, "required",
                  "while a required rule has no answer, nothing scales in"),
    LL_RULES_ENUM("form", 0, R(form), form_names, "bands",
                  "of THRESHOLD: bands between scale_down and scale_up; target, which is the "
                  "HorizontalPodAutoscaler's algorithm; units: the value of its expression is the "
                  "number of units"),
    LL_RULES_NAME("group", 0, R(group), "group of its target that it answers in"),
    LL_RULES_FLAG("input_only", R(input_only),
                  "asks for nothing by itself: expressions and saturation use what it sees"),
    LL_RULES_MAP("expression", ll_rules_expression_schema,
                 "THRESHOLD: instead of samples of its own a formula over what other rules see; a "
                 "value that is missing is no data, never 0"),
    LL_RULES_MAP("saturation", ll_rules_saturation_schema,
                 "THRESHOLD: while the load is at its limit and what waits for it grows, the step "
                 "outwards is doubled"),
    STEPS("scale_up_steps", RAW(up), RAW(n_up),
          "changes by the size of the breach; without them proportional to target_pct"),
    STEPS("scale_down_steps", RAW(down), RAW(n_down), "the same below scale_down_pct"),
    SMALL("samples", R(n), 1, 60, "1", "how many of the last samples are looked at"),
    SMALL("samples_agreeing", R(k), 1, 60, "1", "how many of them must agree"),
    LL_RULES_NUMBER("tolerance_up_ratio", 0, R(tolerance_up), 0, 0.99, "0.1",
                    "form target: within it above the goal nothing changes"),
    LL_RULES_NUMBER("tolerance_down_ratio", 0, R(tolerance_down), 0, 0.99, "0.1",
                    "the same below the goal"),
    LL_RULES_SECONDS("cpu_initialization_seconds", R(startup), 0, 86400, "300",
                     "form target: CPU of a pod that started within it may not count"),
    LL_RULES_SECONDS("initial_readiness_delay_seconds", R(readiness), 0, 86400, "30",
                     "form target: a pod not ready for the first time within it is not ready yet"),
    LL_RULES_NUMBER("quantile", 0, R(quantile), TAU_MIN, TAU_MAX, "0.95",
                    "PREDICTIVE: quantile of the demand ahead that is covered"),
    LL_RULES_NUMBER("cost_of_short", 0, RAW(cost_of_short), 1e-9, 1e18, NULL,
                    "instead of quantile: what a unit too few costs; quantile = cost_of_short / "
                    "(cost_of_short + cost_of_idle)"),
    LL_RULES_NUMBER("cost_of_idle", 0, RAW(cost_of_idle), 1e-9, 1e18, NULL, "and a unit too many"),
    {.key = "lead_seconds",
     .type = LL_SCHEMA_SECONDS,
     .offset = R(lead),
     .max = 604800,
     .standard = "0",
     .standard_doc = "the target's, learned or declared",
     .unit = "seconds",
     .doc = "how long before the demand instances are asked for"},
    LL_RULES_FLAG("may_scale_in", R(may_scale_in), "PREDICTIVE: not only raise"),
    {.key = "max_breach_pct",
     .type = LL_SCHEMA_PERCENT,
     .offset = R(max_breach),
     .max = 100,
     .standard = "0",
     .unit = "percent",
     .doc = "PREDICTIVE: so far beyond max_instances"},
    {.key = "windows",
     .type = LL_SCHEMA_LIST,
     .offset = RAW(windows),
     .offset_n = RAW(n_windows),
     .max = LL_RULE_WINDOWS_MAX,
     .sub = &ll_rules_window_schema,
     .finish = ll_rules_finish_window,
     .doc = "its schedule: floors, ceilings, times without scale-in"},
    {.key = "behavior",
     .type = LL_SCHEMA_STRUCT,
     .offset = RAW(behavior),
     .sub = &ll_rules_behavior_schema,
     .doc =
         "how fast its target may change, instead of the target's own; the strictest of all rules "
         "holds"},
    LL_RULES_SECONDS("cooldown_out_seconds", R(cooldown_out), 0, 86400, "0",
                     "rest before scale-out"),
    {.key = "stale_seconds",
     .type = LL_SCHEMA_SECONDS,
     .offset = R(stale),
     .max = 86400,
     .standard = "0",
     .standard_doc = "three check intervals, at least 60",
     .unit = "seconds",
     .doc = "a newest sample older than that is stale"},
    LL_RULES_MAP("fallback", fallback, "what is done without data"),
    SMALL("max_reversals_per_hour", R(max_reversals), 0, 3600, "4",
          "turns of direction in an hour; beyond it the scale-in window is doubled"),
    LL_RULES_ENUM("mode", 0, R(mode), mode_names, "observe", "how far it may go"),
    LL_RULES_ENUM("on_expiry", 0, R(on_expiry), expiry_names, "hold",
                  "what becomes of a proposal that nobody answered"),
    LL_RULES_SECONDS("proposal_ttl_seconds", R(proposal_ttl), 1, 604800, "900",
                     "how long a proposal waits"),
    {.key = "second_person_over_pct",
     .type = LL_SCHEMA_PERCENT,
     .offset = R(second_person_over),
     .max = 10000,
     .standard = "0",
     .unit = "percent",
     .doc = "a change over this share of what there is needs two people; 0 = never"},
    LL_RULES_UNITS("min_instances", LL_SCHEMA_QUIET, R(min), 0, "0",
                   "lower end of this rule's answers; 0 = the target's"),
    LL_RULES_UNITS("max_instances", LL_SCHEMA_QUIET, R(max), 0, "0", "upper end, likewise"),
    LL_RULES_NAME("owner", 0, R(owner), "who is told and who decides"),
    LL_RULES_NAME("severity", 0, R(severity), "how loud it is, for notifications"),
    {.key = "version",
     .type = LL_SCHEMA_SMALL,
     .flags = LL_SCHEMA_QUIET,
     .offset = R(version),
     .min = 1,
     .max = INT32_MAX,
     .doc = "set by Loadline; in what is sent back it says which version was changed"},
};

static void init_rule(void *item)
{
    const struct ll_slice none = LL_RULES_NONE;
    struct ll_rules_raw_rule *raw = item;
    *raw = (struct ll_rules_raw_rule){
        .cost_of_short = NAN, .cost_of_idle = NAN, .behavior = ll_rules_no_behavior()};
    struct ll_scaling_rule *rule = &raw->rule;
    ll_scaling_rule_init(rule, LL_RESOURCE_CPU);
    rule->rule_id = rule->target = rule->service = rule->part = rule->calendar = none;
    rule->owner = rule->severity = rule->group = rule->saturation.waiting = none;
    raw->expression.text = none;
    rule->policy = (enum ll_policy) - 1; /* not given yet, as type and thresholds */
    rule->type = (enum ll_resource_type) - 1;
    rule->thresholds = (struct ll_threshold){NAN, NAN, NAN, NAN, -1};
}

const struct ll_schema ll_rules_rule_schema = {rule_rows, LL_LEN(rule_rows),
                                               sizeof(struct ll_rules_raw_rule), init_rule};

static void fill(double *v, double standard)
{
    if (isnan(*v))
        *v = standard;
}

/* A rule that looks at no resource needs no type. */
static void finish_type(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                        struct ll_scaling_rule *rule)
{
    bool looks = (rule->policy == LL_POLICY_THRESHOLD || rule->policy == LL_POLICY_PREDICTIVE) &&
                 !ll_rules_has(node, "expression");
    if (!ll_rules_has(node, "resource_type") && looks)
        ll_schema_fail(r, &node->place, "'resource_type' is missing: the policy %s looks at one",
                       ll_policy_name(rule->policy));
    if ((int)rule->policy < 0) /* which is an error already */
        rule->policy = LL_POLICY_MANUAL;
    if ((int)rule->type < 0)
        rule->type = LL_RESOURCE_CPU;
}

void ll_rules_fill_thresholds(struct ll_threshold *t, const struct ll_threshold *standard)
{
    fill(&t->warning, standard->warning);
    fill(&t->critical, standard->critical);
    fill(&t->scale_up, standard->scale_up);
    fill(&t->scale_down, standard->scale_down);
    if (t->cooldown < 0)
        t->cooldown = standard->cooldown;
}

/* The critical fractile of the newsvendor: what a unit too few costs against one too many. */
static void finish_quantile(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            struct ll_rules_raw_rule *raw)
{
    const bool shortage = ll_rules_has(node, "cost_of_short"),
               idle = ll_rules_has(node, "cost_of_idle"), tau = ll_rules_has(node, "quantile");
    if (!shortage && !idle)
        return;
    if (tau)
        ll_schema_fail(r, ll_rules_place(node, "quantile"),
                       "quantile: is said by cost_of_short and cost_of_idle already");
    else if (!shortage || !idle)
        ll_schema_fail(r, ll_rules_place(node, shortage ? "cost_of_short" : "cost_of_idle"),
                       "cost_of_short and cost_of_idle go together");
    else
        raw->rule.quantile = raw->cost_of_short / (raw->cost_of_short + raw->cost_of_idle);
    if (shortage && idle && !tau &&
        !(raw->rule.quantile >= TAU_MIN && raw->rule.quantile <= TAU_MAX))
        ll_schema_fail(r, ll_rules_place(node, "cost_of_short"),
                       "cost_of_short %g and cost_of_idle %g make the quantile %g: it must be "
                       "%g to %g",
                       raw->cost_of_short, raw->cost_of_idle, raw->rule.quantile, TAU_MIN, TAU_MAX);
}

static size_t take_steps(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                         const struct ll_rules_raw_step *from, size_t n, const char *key,
                         struct ll_step to[LL_RULE_STEPS_MAX])
{
    n = LL_MIN(n, (size_t)LL_RULE_STEPS_MAX);
    for (size_t i = 0; i < n; i++) {
        bool units = from[i].units > 0;
        to[i] = (struct ll_step){.over = from[i].over,
                                 .kind = units ? LL_RATE_UNITS : LL_RATE_PERCENT,
                                 .value = (int32_t)(units ? from[i].units : from[i].percent)};
        if (i > 0 && !(to[i].over > to[i - 1].over))
            ll_schema_fail(r, ll_rules_place(node, key),
                           "%s: over_pct %g is not above %g before it", key, to[i].over * 100,
                           to[i - 1].over * 100);
    }
    return n;
}

void ll_rules_finish_rule(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_rules_raw_rule *raw = item;
    struct ll_scaling_rule *rule = &raw->rule;
    raw->node = node;
    if (node->kind != LL_YAML_MAP)
        return;
    finish_type(r, node, rule);
    finish_quantile(r, node, raw);
    ll_rules_finish_expression(r, node, &raw->expression);
    rule->n_up = take_steps(r, node, raw->up, raw->n_up, "scale_up_steps", rule->up);
    rule->n_down = take_steps(r, node, raw->down, raw->n_down, "scale_down_steps", rule->down);
    ll_rules_take_behavior(node, &raw->behavior, &rule->in, &rule->out);
    rule->hpa_behavior = raw->behavior.profile == LL_PROFILE_HPA;
}

bool ll_rules_take_rule(struct ll_arena *out, const struct ll_rules_raw_rule *raw,
                        struct ll_scaling_rule *rule)
{
    struct ll_scale_window *w = LL_ARENA_NEW(out, struct ll_scale_window, raw->n_windows);
    if (!w)
        return false;
    for (size_t i = 0; i < raw->n_windows; i++)
        w[i] = raw->windows[i].window;
    *rule = raw->rule;
    rule->windows = w;
    rule->n_windows = raw->n_windows;
    return ll_rules_take_expression(out, &raw->expression, rule);
}

static void give_steps(const struct ll_step *from, size_t n, struct ll_rules_raw_step *to)
{
    for (size_t i = 0; i < n; i++) {
        bool units = from[i].kind == LL_RATE_UNITS;
        to[i] = (struct ll_rules_raw_step){.over = from[i].over,
                                           .units = units ? (unsigned)from[i].value : 0,
                                           .percent = units ? 0 : (unsigned)from[i].value};
    }
}

void ll_rules_write_rule(const struct ll_scaling_rule *rule, struct ll_str *out)
{
    struct ll_rules_raw_window windows[LL_RULE_WINDOWS_MAX];
    struct ll_rules_raw_step up[LL_RULE_STEPS_MAX], down[LL_RULE_STEPS_MAX];
    struct ll_rules_raw_rule raw = {.rule = *rule,
                                    .up = up,
                                    .n_up = rule->n_up,
                                    .down = down,
                                    .n_down = rule->n_down,
                                    .windows = windows,
                                    .n_windows = rule->n_windows,
                                    .cost_of_short = NAN,
                                    .cost_of_idle = NAN,
                                    .behavior = ll_rules_no_behavior()};
    LL_ASSERT(rule->n_windows <= LL_RULE_WINDOWS_MAX);
    give_steps(rule->up, rule->n_up, up);
    give_steps(rule->down, rule->n_down, down);
    for (size_t i = 0; i < rule->n_windows; i++)
        windows[i] = ll_rules_give_window(&rule->windows[i]);
    if (rule->hpa_behavior)
        raw.behavior.profile = LL_PROFILE_HPA;
    ll_rules_give_rates(&rule->in, &raw.behavior.in);
    ll_rules_give_rates(&rule->out, &raw.behavior.out);
    ll_rules_give_uses(rule, &raw);
    raw.rule.version = 0; /* beside the document */
    ll_schema_write(&ll_rules_rule_schema, &raw, out);
}
