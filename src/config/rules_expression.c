/* What a rule takes of other rules of its target: expressions, and what waits for a load at its
 * limit. */
#include <math.h>

#include "config/rules_private.h"
#include "scaling/decide.h"
#include "scaling/formula.h"

static const char *const what_names[] = {[LL_USE_UTILIZATION] = "utilization",
                                         [LL_USE_VALUE] = "value",
                                         [LL_USE_CAPACITY] = "capacity",
                                         [LL_USE_UNITS] = "units",
                                         NULL};

static const char *check_variable(struct ll_slice t)
{
    return ll_formula_is_name(t) ? NULL
                                 : "is no name for a formula: letters, digits and _, and none of "
                                   "min, max, avg";
}

#define U(field) offsetof(struct ll_rule_use, field)
static const struct ll_schema_row use_rows[] = {
    {.key = "name",
     .type = LL_SCHEMA_SLICE,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE,
     .offset = U(name),
     .min = 1,
     .max = 40,
     .check = check_variable,
     .doc = "its name in the formula"},
    LL_RULES_NAME("rule", LL_SCHEMA_REQUIRED, U(rule),
                  "rule_id of a THRESHOLD or PREDICTIVE rule of the same target"),
    LL_RULES_ENUM("what", 0, U(what), what_names, "utilization",
                  "what of it: utilization (0.8 is 80 %), value or capacity of its newest sample, "
                  "or units, which is what it asks for (form units only)"),
};
static void init_use(void *item)
{
    *(struct ll_rule_use *)item =
        (struct ll_rule_use){.name = LL_RULES_NONE, .rule = LL_RULES_NONE};
}
static const struct ll_schema use = {use_rows, LL_LEN(use_rows), sizeof(struct ll_rule_use),
                                     init_use};

#define X(field) offsetof(struct ll_rules_raw_rule, expression.field)
static const struct ll_schema_row expression_rows[] = {
    {.key = "formula",
     .type = LL_SCHEMA_SLICE,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = X(text),
     .min = 1,
     .max = LL_FORMULA_BYTES_MAX,
     .doc = "numbers, names, + - * /, brackets, min, max and avg: max(a, b) * 1.2"},
    {.key = "uses",
     .type = LL_SCHEMA_LIST,
     .offset = X(uses),
     .offset_n = X(n_uses),
     .max = LL_FORMULA_NAMES_MAX,
     .sub = &use,
     .doc = "what the names in the formula are"},
};
const struct ll_schema ll_rules_expression_schema = {expression_rows, LL_LEN(expression_rows), 0,
                                                     NULL};

#define S(field) offsetof(struct ll_rules_raw_rule, rule.saturation.field)
static const struct ll_schema_row saturation_rows[] = {
    LL_RULES_NAME("waiting", LL_SCHEMA_REQUIRED, S(waiting),
                  "rule_id of a rule of the same target that sees the queue or the latency"),
    {.key = "pinned_pct",
     .type = LL_SCHEMA_PERCENT,
     .offset = S(pinned),
     .min = 1,
     .max = 1000,
     .standard = "95",
     .unit = "percent",
     .doc = "utilisation from which the load is at its limit"},
    {.key = "samples",
     .type = LL_SCHEMA_SMALL,
     .flags = LL_SCHEMA_QUIET,
     .offset = S(samples),
     .min = 2,
     .max = LL_SATURATION_SAMPLES_MAX,
     .standard = "3",
     .doc = "so many samples of what waits, each higher than the one before"},
};
const struct ll_schema ll_rules_saturation_schema = {saturation_rows, LL_LEN(saturation_rows), 0,
                                                     NULL};

static bool compile(const struct ll_rules_raw_expression *raw, struct ll_formula *out,
                    struct ll_err *err)
{
    struct ll_slice names[LL_FORMULA_NAMES_MAX];
    const size_t n = LL_MIN(raw->n_uses, (size_t)LL_FORMULA_NAMES_MAX);
    for (size_t i = 0; i < n; i++)
        names[i] = raw->uses[i].name;
    return ll_formula_parse(raw->text, names, n, out, err);
}

void ll_rules_finish_expression(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                                const struct ll_rules_raw_expression *raw)
{
    struct ll_formula f;
    struct ll_err err = {0};
    const struct ll_yaml_node *x = ll_yaml_get(node, LL_SLICE("expression"));
    for (size_t i = 0; i < raw->n_uses; i++)
        if (raw->uses[i].name.n == 0)
            return; /* said already: the formula would miss it */
    if (!x || raw->text.n == 0 || compile(raw, &f, &err))
        return;
    ll_schema_fail(r, ll_rules_place(x, "formula"), "formula: at character %d: %s", err.column,
                   err.text);
}

bool ll_rules_take_expression(struct ll_arena *out, const struct ll_rules_raw_expression *raw,
                              struct ll_scaling_rule *rule)
{
    if (raw->text.n == 0)
        return true;
    struct ll_rule_expression *x = LL_ARENA_NEW(out, struct ll_rule_expression, 1);
    struct ll_formula *f = LL_ARENA_NEW(out, struct ll_formula, 1);
    struct ll_err err;
    if (!x || !f || !compile(raw, f, &err))
        return false;
    *x = (struct ll_rule_expression){raw->text, f, raw->uses, raw->n_uses};
    rule->expression = x;
    return true;
}

void ll_rules_give_uses(const struct ll_scaling_rule *rule, struct ll_rules_raw_rule *raw)
{
    const struct ll_rule_expression *x = rule->expression;
    if (x)
        raw->expression = (struct ll_rules_raw_expression){
            x->text, (struct ll_rule_use *)(uintptr_t)x->uses /* only read */, x->n_uses};
    if (rule->saturation.waiting.n == 0)
        raw->rule.saturation = (struct ll_saturation){.pinned = NAN};
}
