/* Scaling rules and targets as text: YAML files, the JSON bodies of the API, what the store keeps.
 *
 * One table of keys (docs/reference/rules.md) reads all three; JSON is YAML 1.2's flow style.  What
 * is written is one canonical line of JSON that reads back as the same rule or target. */
#ifndef LL_CONFIG_RULES_FILE_H
#define LL_CONFIG_RULES_FILE_H

#include "base/arena.h"
#include "scaling/place.h"
#include "scaling/rule.h"

struct ll_config;

enum { LL_RULES_TARGETS_MAX = 10000, LL_RULES_RULES_MAX = 100000 };

/* Owns all that it points to. */
struct ll_rules_doc {
    struct ll_target *targets;
    size_t n_targets;
    struct ll_scaling_rule *rules; /* each names a target of this document or a known one */
    size_t n_rules;
    struct ll_arena *arena;
};

struct ll_rules_text {
    struct ll_slice text; /* at most 1 MiB */
    const char *name;     /* of the file or body, for messages */
};

/* What a text is: {targets: [...], rules: [...]}, or one of them alone. */
enum ll_rules_form { LL_RULES_WHOLE, LL_RULES_TARGET, LL_RULES_RULE };

struct ll_rules_reading {
    enum ll_rules_form form;
    const struct ll_rules_doc *known; /* what there is beside: rules may name its targets, targets
                                       * may not take their places; the same name or id replaces
                                       * it.  NULL = nothing */
    const struct ll_config *config;   /* thresholds that a rule leaves out are its service's, its
                                       * tier's or the resource type's of it; NULL = our own */
    struct ll_err *errs;              /* the first `max`, in the order of the text */
    size_t max, n_errs;
};

/* Reads texts that make one document; all or nothing.  False when r->n_errs > 0: LL_E_CONFIG with
 * "name:line:column: what". */
LL_MUST_USE bool ll_rules_read(struct ll_rules_reading *r, const struct ll_rules_text *texts,
                               size_t n, struct ll_rules_doc **out);
void ll_rules_free(struct ll_rules_doc *d);
LL_AUTO_DEFINE(ll_rules_doc, ll_rules_free)

/* A rule whose expression or saturation names this one; NULL = none does. */
const struct ll_scaling_rule *ll_rules_user_of(const struct ll_rules_doc *d,
                                               struct ll_slice rule_id);

/* The canonical document; a rule's version is beside it, not in it. */
void ll_rules_write_target(const struct ll_target *t, struct ll_str *out);
void ll_rules_write_rule(const struct ll_scaling_rule *r, struct ll_str *out);

/* What is reached, as one text: two targets with the same are one too many. */
void ll_rules_address(const struct ll_target *t, struct ll_str *out);

/* The table of keys, for the reference page and JSON Schema. */
struct ll_schema;
const struct ll_schema *ll_rules_table(void);

#endif
