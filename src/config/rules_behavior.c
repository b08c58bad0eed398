/* behavior: rates of change as autoscaling/v2 writes them, so that a HorizontalPodAutoscaler's
 * block can be pasted.  What a direction leaves out is the profile's. */
#include <string.h>

#include "config/rules_private.h"
#include "scaling/decide.h"

static const char *const kind_names[] = {
    [LL_RATE_UNITS] = "Pods", [LL_RATE_PERCENT] = "Percent", "Units", NULL};
static const char *const select_names[] = {
    [LL_RATE_MAX] = "Max", [LL_RATE_MIN] = "Min", [LL_RATE_DISABLED] = "Disabled", NULL};
static const char *const profile_names[] = {
    [LL_PROFILE_LOADLINE] = "loadline", [LL_PROFILE_HPA] = "hpa", NULL};

#define P(field) offsetof(struct ll_rate_policy, field)
static const struct ll_schema_row policy_rows[] = {
    LL_RULES_ENUM("type", LL_SCHEMA_REQUIRED, P(kind), kind_names, NULL,
                  "what the value counts: Pods (Units is the same) or Percent of what there was"),
    {.key = "value",
     .type = LL_SCHEMA_SMALL,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = P(value),
     .min = 1,
     .max = INT32_MAX,
     .doc = "how much may change within the period"},
    {.key = "periodSeconds",
     .type = LL_SCHEMA_SECONDS,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = P(period),
     .min = 1,
     .max = 1800,
     .unit = "seconds",
     .doc = "the period"},
};
static const struct ll_schema policy = {policy_rows, LL_LEN(policy_rows),
                                        sizeof(struct ll_rate_policy), NULL};

static void finish_policy(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_rate_policy *p = item;
    (void)r, (void)node;
    if ((int)p->kind == LL_RATE_PERCENT + 1) /* Units */
        p->kind = LL_RATE_UNITS;
}

#define R(field) offsetof(struct ll_rules_raw_rates, field)
static const struct ll_schema_row rates_rows[] = {
    {.key = "stabilizationWindowSeconds",
     .type = LL_SCHEMA_SECONDS,
     .offset = R(window),
     .max = 3600,
     .standard_doc = "the profile's",
     .unit = "seconds",
     .doc = "how long back answers are looked at for the safest"},
    LL_RULES_ENUM("selectPolicy", 0, R(select), select_names, NULL,
                  "which of the policies counts; Disabled forbids the direction"),
    {.key = "policies",
     .type = LL_SCHEMA_LIST,
     .offset = R(policies),
     .offset_n = R(n),
     .max = LL_RATE_POLICIES_MAX,
     .sub = &policy,
     .finish = finish_policy,
     .doc = "how fast it may go; without it the profile's"},
    {.key = "tolerance",
     .flags = LL_SCHEMA_REFUSED,
     .doc = "is a key of the rule: tolerance_up_ratio, tolerance_down_ratio"},
};
static const struct ll_schema rates = {rates_rows, LL_LEN(rates_rows), 0, NULL};

#define B(field) offsetof(struct ll_rules_raw_behavior, field)
static const struct ll_schema_row behavior_rows[] = {
    LL_RULES_ENUM("profile", LL_SCHEMA_SHORT, B(profile), profile_names, NULL,
                  "loadline: scale-in 20 % (at least 1) in 5 minutes, scale-out x2 (at least 4) in "
                  "a minute; hpa: as Kubernetes has it; `behavior: hpa` is short for it"),
    {.key = "scaleUp",
     .type = LL_SCHEMA_STRUCT,
     .offset = B(out),
     .sub = &rates,
     .doc = "towards more"},
    {.key = "scaleDown",
     .type = LL_SCHEMA_STRUCT,
     .offset = B(in),
     .sub = &rates,
     .doc = "towards less"},
};
const struct ll_schema ll_rules_behavior_schema = {behavior_rows, LL_LEN(behavior_rows), 0, NULL};

struct ll_rules_raw_behavior ll_rules_no_behavior(void)
{
    const struct ll_rules_raw_rates none = {.select = -1, .window = -1};
    return (struct ll_rules_raw_behavior){.profile = -1, .in = none, .out = none};
}

/* Kubernetes' own defaults: "Horizontal Pod Autoscaling", default behavior. */
static const struct ll_rates hpa_out = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_UNITS, 4, 15 * LL_SECOND}, {LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
    .n = 2};
static const struct ll_rates hpa_in = {.select = LL_RATE_MAX,
                                       .window = 5 * LL_MINUTE,
                                       .policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
                                       .n = 1};
static void take_rates(const struct ll_rules_raw_rates *raw, const struct ll_rates *standard,
                       struct ll_rates *to)
{
    *to = *standard;
    if (raw->select >= 0)
        to->select = (enum ll_rate_select)raw->select;
    if (raw->window >= 0)
        to->window = raw->window;
    if (raw->n == 0 || raw->n > LL_RATE_POLICIES_MAX)
        return;
    memset(to->policy, 0, sizeof(to->policy));
    memcpy(to->policy, raw->policies, raw->n * sizeof(*raw->policies));
    to->n = raw->n;
}

void ll_rules_take_behavior(const struct ll_yaml_node *node,
                            const struct ll_rules_raw_behavior *raw, struct ll_rates *in,
                            struct ll_rates *out)
{
    const struct ll_yaml_node *b =
        node->kind == LL_YAML_MAP ? ll_yaml_get(node, LL_SLICE("behavior")) : NULL;
    const bool hpa = raw->profile == LL_PROFILE_HPA;
    if (!b)
        return;
    struct ll_target ours;
    ll_scaling_target_init(&ours);
    if (raw->profile >= 0 || ll_rules_has(b, "scaleDown"))
        take_rates(&raw->in, hpa ? &hpa_in : &ours.in, in);
    if (raw->profile >= 0 || ll_rules_has(b, "scaleUp"))
        take_rates(&raw->out, hpa ? &hpa_out : &ours.out, out);
}

void ll_rules_give_rates(const struct ll_rates *from, struct ll_rules_raw_rates *raw)
{
    *raw = (struct ll_rules_raw_rates){.select = -1, .window = -1};
    if (from->n == 0 && from->window == 0 && from->select == LL_RATE_MAX)
        return; /* a rule that leaves it to its target */
    *raw = (struct ll_rules_raw_rates){
        .select = (int)from->select,
        .window = from->window,
        .policies = (struct ll_rate_policy *)(uintptr_t)from->policy, /* only read */
        .n = from->n};
}
