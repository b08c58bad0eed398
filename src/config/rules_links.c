/* Rules that name other rules: what they name must be there, of the same target, and see samples.
 */
#include "config/rules_private.h"

struct links {
    struct ll_schema_reader *r;
    const struct ll_rules_doc *doc, *known;
    struct ll_map *by_id; /* index; known ones come behind */
    const struct ll_scaling_rule *rule;
    const struct ll_yaml_node *node;
};

static const struct ll_scaling_rule *find(const struct links *l, struct ll_slice id)
{
    size_t at;
    if (!ll_map_get(l->by_id, id, &at))
        return NULL;
    if (at < l->doc->n_rules)
        return &l->doc->rules[at];
    LL_ASSERT(l->known); /* only its rules come behind */
    return &l->known->rules[at - l->doc->n_rules];
}

static bool sees_samples(const struct ll_scaling_rule *r)
{
    return !r->expression &&
           (r->policy == LL_POLICY_THRESHOLD || r->policy == LL_POLICY_PREDICTIVE);
}

static void check(const struct links *l, const char *key, struct ll_slice id)
{
    char shown[LL_YAML_QUOTE_MAX];
    const struct ll_yaml_place *at = ll_rules_place(l->node, key);
    const struct ll_scaling_rule *other = find(l, id);
    ll_yaml_quote(id, shown);
    if (!other || !ll_slice_eq(other->target, l->rule->target))
        ll_schema_fail(l->r, at, "%s: the target has no rule '%s'", key, shown);
    else if (!sees_samples(other))
        ll_schema_fail(l->r, at,
                       "%s: the rule '%s' sees no samples: name a THRESHOLD or PREDICTIVE rule "
                       "without expression",
                       key, shown);
}

/* A rule that is known already names one that is replaced now. */
static void check_back(const struct links *l, const struct ll_yaml_node *const *nodes,
                       struct ll_slice id)
{
    char shown[LL_YAML_QUOTE_MAX];
    size_t at;
    if (!ll_map_get(l->by_id, id, &at) || at >= l->doc->n_rules)
        return;
    const struct ll_scaling_rule *now = &l->doc->rules[at];
    ll_yaml_quote(l->rule->rule_id, shown);
    if (!ll_slice_eq(now->target, l->rule->target) || !sees_samples(now))
        ll_schema_fail(l->r, &nodes[at]->place,
                       "the rule '%s' uses it: it stays a THRESHOLD or PREDICTIVE rule of its "
                       "target, without expression",
                       shown);
}

static bool has_links(const struct ll_scaling_rule *rule)
{
    return rule->expression || rule->saturation.waiting.n > 0;
}

static bool index_all(struct links *l)
{
    const size_t known = l->known ? l->known->n_rules : 0;
    size_t at;
    bool ok = true;
    l->by_id = ll_map_new(0, l->doc->n_rules + known + 1);
    for (size_t i = 0; l->by_id && ok && i < l->doc->n_rules; i++)
        ok = ll_map_put(l->by_id, l->doc->rules[i].rule_id, i);
    for (size_t i = 0; l->by_id && ok && i < known; i++)
        if (!ll_map_get(l->by_id, l->known->rules[i].rule_id, &at))
            ok = ll_map_put(l->by_id, l->known->rules[i].rule_id, l->doc->n_rules + i);
    return l->by_id && ok;
}

static void check_rule(const struct links *l)
{
    const struct ll_rule_expression *x = l->rule->expression;
    for (size_t k = 0; x && k < x->n_uses; k++)
        check(l, "expression", x->uses[k].rule);
    if (l->rule->saturation.waiting.n > 0)
        check(l, "saturation", l->rule->saturation.waiting);
}

static void check_known(const struct links *l, const struct ll_yaml_node *const *nodes)
{
    const struct ll_rule_expression *x = l->rule->expression;
    size_t at;
    if (!ll_map_get(l->by_id, l->rule->rule_id, &at) || at < l->doc->n_rules)
        return; /* replaced itself */
    for (size_t k = 0; x && k < x->n_uses; k++)
        check_back(l, nodes, x->uses[k].rule);
    if (l->rule->saturation.waiting.n > 0)
        check_back(l, nodes, l->rule->saturation.waiting);
}

bool ll_rules_check_links(struct ll_schema_reader *r, const struct ll_rules_doc *doc,
                          const struct ll_rules_doc *known, const struct ll_yaml_node *const *nodes)
{
    struct links l = {.r = r, .doc = doc, .known = known};
    const size_t n_known = known ? known->n_rules : 0;
    bool any = false;
    for (size_t i = 0; i < doc->n_rules; i++)
        any |= has_links(&doc->rules[i]);
    for (size_t i = 0; i < n_known; i++)
        any |= has_links(&known->rules[i]);
    const bool ok = !any || index_all(&l);
    for (size_t i = 0; any && ok && i < doc->n_rules; i++) {
        l.rule = &doc->rules[i];
        l.node = nodes[i];
        check_rule(&l);
    }
    for (size_t i = 0; any && ok && i < n_known; i++) {
        l.rule = &known->rules[i];
        check_known(&l, nodes);
    }
    ll_map_free(l.by_id);
    return ok;
}

static bool uses(const struct ll_scaling_rule *r, struct ll_slice id)
{
    const struct ll_rule_expression *x = r->expression;
    bool used = ll_slice_eq(r->saturation.waiting, id);
    for (size_t i = 0; x && i < x->n_uses; i++)
        used |= ll_slice_eq(x->uses[i].rule, id);
    return used;
}

const struct ll_scaling_rule *ll_rules_user_of(const struct ll_rules_doc *d,
                                               struct ll_slice rule_id)
{
    for (size_t i = 0; i < d->n_rules; i++)
        if (uses(&d->rules[i], rule_id))
            return &d->rules[i];
    return NULL;
}
