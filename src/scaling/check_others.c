/* What is wrong with a rule in what it says of others: groups, expressions, saturation. */
#include <math.h>

#include "scaling/formula.h"
#include "scaling/stages.h"

static int cut(struct ll_slice s)
{
    return (int)LL_MIN(s.n, (size_t)60);
}

static bool wrong(const struct ll_scaling_rule *r, const char *key, const char *what,
                  struct ll_err *err)
{
    return ll_err_set(err, LL_E_INVALID, "rule '%.*s': %s: %s", cut(r->rule_id), r->rule_id.s, key,
                      what);
}

static bool sees(const struct ll_scaling_rule *r)
{
    return r->policy == LL_POLICY_THRESHOLD || r->policy == LL_POLICY_PREDICTIVE;
}

static bool check_group(const struct ll_scaling_rule *r, const struct ll_target *t,
                        struct ll_err *err)
{
    if (r->input_only && !sees(r))
        return wrong(r, "input_only", "is for THRESHOLD and PREDICTIVE rules: others see nothing",
                     err);
    if (r->group.n == 0)
        return true;
    if (!sees(r))
        return wrong(r, "group", "is for THRESHOLD and PREDICTIVE rules: others raise alone", err);
    if (r->input_only)
        return wrong(r, "group", "has no place for a rule with input_only: it asks for nothing",
                     err);
    for (size_t i = 0; t && i < t->n_groups; i++)
        if (ll_slice_eq(t->groups[i].name, r->group))
            return true;
    if (!t)
        return true;
    return ll_err_set(
        err, LL_E_INVALID,
        "rule '%.*s': group '%.*s' is not declared: the target '%.*s' lists its groups",
        cut(r->rule_id), r->rule_id.s, cut(r->group), r->group.s, cut(t->name), t->name.s);
}

static bool check_uses(const struct ll_scaling_rule *r, const struct ll_rule_expression *x,
                       struct ll_err *err)
{
    for (size_t i = 0; i < x->n_uses; i++) {
        const struct ll_slice name = x->uses[i].name;
        if (x->uses[i].what == LL_USE_UNITS && r->form != LL_FORM_UNITS)
            return wrong(r, "expression", "what: units is for form units only", err);
        if (!(x->formula->used >> i & 1))
            return ll_err_set(err, LL_E_INVALID,
                              "rule '%.*s': expression: '%.*s' does not stand in the formula",
                              cut(r->rule_id), r->rule_id.s, cut(name), name.s);
    }
    return true;
}

static bool check_expression(const struct ll_scaling_rule *r, struct ll_err *err)
{
    const struct ll_rule_expression *x = r->expression;
    if (!x && r->form == LL_FORM_UNITS)
        return wrong(r, "form", "units is the value of an expression, and there is none", err);
    if (!x)
        return true;
    if (r->policy != LL_POLICY_THRESHOLD)
        return wrong(r, "expression", "is for THRESHOLD rules", err);
    if (r->input_only)
        return wrong(r, "expression", "asks for something: input_only is for what it uses", err);
    if (r->n != 1)
        return wrong(r, "samples", "an expression looks at the newest values: 1", err);
    if (x->n_uses == 0)
        return wrong(r, "expression", "uses names no rule: a number alone decides nothing", err);
    return check_uses(r, x, err);
}

static bool check_saturation(const struct ll_scaling_rule *r, struct ll_err *err)
{
    const struct ll_saturation *s = &r->saturation;
    if (s->waiting.n == 0)
        return true;
    if (r->policy != LL_POLICY_THRESHOLD || r->form == LL_FORM_UNITS)
        return wrong(r, "saturation", "is for THRESHOLD rules of form bands or target", err);
    if (ll_slice_eq(s->waiting, r->rule_id))
        return wrong(r, "saturation", "waiting names another rule: one that sees the queue", err);
    if (!(s->pinned > 0 && s->pinned <= 10))
        return wrong(r, "saturation", "pinned_pct is over 0 and at most 1000", err);
    if (s->samples < 2 || s->samples > LL_SATURATION_SAMPLES_MAX)
        return wrong(r, "saturation", "samples is 2 to 30", err);
    return true;
}

bool ll_scaling_check_others(const struct ll_scaling_rule *r, const struct ll_target *t,
                             struct ll_err *err)
{
    return check_group(r, t, err) && check_expression(r, err) && check_saturation(r, err);
}

bool ll_scaling_check_groups(const struct ll_target *t, struct ll_err *err)
{
    if (t->n_groups > LL_TARGET_GROUPS_MAX)
        return ll_err_set(err, LL_E_INVALID, "target '%.*s': groups: at most %d", cut(t->name),
                          t->name.s, LL_TARGET_GROUPS_MAX);
    for (size_t i = 0; i < t->n_groups; i++) {
        bool bad = t->groups[i].name.n == 0;
        for (size_t k = 0; k < i; k++)
            bad |= ll_slice_eq(t->groups[k].name, t->groups[i].name);
        if (bad)
            return ll_err_set(err, LL_E_INVALID,
                              "target '%.*s': groups: each has a name of its own", cut(t->name),
                              t->name.s);
    }
    return true;
}
