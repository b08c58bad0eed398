/* Reading what a rule takes of others. */
#ifndef LL_CONFIG_RULES_EXPRESSION_H
#define LL_CONFIG_RULES_EXPRESSION_H

#include "config/rules_file.h"
#include "config/schema.h"

/* rules_expression.c: what a rule takes of others. */
struct ll_rules_raw_rule;
struct ll_rules_raw_expression {
    struct ll_slice text;
    struct ll_rule_use *uses;
    size_t n_uses;
};
extern const struct ll_schema ll_rules_expression_schema, ll_rules_saturation_schema;
/* node: the rule's. */
void ll_rules_finish_expression(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                                const struct ll_rules_raw_expression *raw);
LL_MUST_USE bool ll_rules_take_expression(struct ll_arena *out,
                                          const struct ll_rules_raw_expression *raw,
                                          struct ll_scaling_rule *rule);
void ll_rules_give_uses(const struct ll_scaling_rule *rule, struct ll_rules_raw_rule *raw);

/* rules_links.c: what rules name must be there.  False without memory; errors go to r. */
LL_MUST_USE bool ll_rules_check_links(struct ll_schema_reader *r, const struct ll_rules_doc *doc,
                                      const struct ll_rules_doc *known,
                                      const struct ll_yaml_node *const *nodes);

#endif
