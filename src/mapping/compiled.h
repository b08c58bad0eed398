/* A mapping as the mapper reads it: recipes with their templates and selectors compiled, and
 * which of them reads which metric. */
#ifndef LL_MAPPING_COMPILED_H
#define LL_MAPPING_COMPILED_H

#include "base/map.h"
#include "mapping/mapping.h"
#include "mapping/recipe.h"
#include "mapping/selector.h"
#include "mapping/template.h"

enum { LL_META_COUNT = 8, LL_RULE_SELECTORS_MAX = 32 };

/* A text that a rule may set. */
struct ll_rule_text {
    bool set;
    struct ll_template t;
};

/* A rule of the configuration. */
struct ll_compiled_rule {
    const struct ll_mapping_rule *given; /* borrowed */
    const char *name;                    /* "rule 3" */
    struct ll_selector *match[LL_RULE_SELECTORS_MAX];
    size_t n_match;
    struct ll_rule_text service, instance, part, business;
    struct ll_rule_text meta[LL_META_COUNT]; /* environment, cluster, … as in ll_service_meta */
    const struct ll_output *output; /* it says by itself what its series are; NULL = only amends */
    struct ll_selector *capacity_from;
    struct ll_template join; /* of both sides: {a}\n{b} */
    bool joins;
};

/* A recipe, ready to use. */
struct ll_output {
    const struct ll_recipe *recipe;
    struct ll_template service, instance, part;
    size_t index, n_terms;
};

/* One reader of a metric: a term of an output, or a fact. */
struct ll_reader {
    struct ll_slice metric;
    struct ll_selector *where; /* NULL = all its series */
    const struct ll_output *output;
    size_t term;
    const struct ll_recipe_fact *fact;
    struct ll_template key; /* of fact */
    bool counter;
    size_t next; /* reader of the same metric, SIZE_MAX = none */
};

struct ll_mapping {
    struct ll_arena *arena;
    struct ll_compiled_rule *rules;
    struct ll_output *outputs;
    struct ll_reader *readers;
    struct ll_map *by_metric; /* name -> first reader */
    struct ll_mapping_query *queries;
    size_t n_rules, n_outputs, n_readers, n_queries;
};

/* The first rule that matches, or NULL. */
const struct ll_compiled_rule *ll_mapping_rule_of(const struct ll_mapping *m,
                                                  struct ll_slice source, struct ll_slice labels);

/* The first reader of a metric; go on with m->readers[r->next].  NULL = nobody reads it. */
const struct ll_reader *ll_mapping_readers(const struct ll_mapping *m, struct ll_slice metric);

/* Whether a series of that kind and name counts up. */
bool ll_mapping_counts_up(enum ll_mapping_value value, struct ll_slice metric);

#endif
