/* Objects, what is known of them, and the services that they lead to. */
#ifndef LL_MAPPING_OBJECT_H
#define LL_MAPPING_OBJECT_H

#include "mapping/state.h"

struct ll_object *ll_object_find(struct ll_mapper *m, enum ll_object_kind kind,
                                 struct ll_slice text, bool make);
void ll_object_free(struct ll_mapper *m, struct ll_object *o);
void ll_object_leave(struct ll_object *o); /* its service */
void ll_object_changed(struct ll_mapper *m, struct ll_object *o);
/* The latest live fact; NULL = none. */
const struct ll_mapper_series *ll_object_fact(const struct ll_object *o, enum ll_fact fact);
/* Sum of a fact's live series; NaN when there are none. */
double ll_object_sum(const struct ll_object *o, enum ll_fact fact, size_t *n);

struct ll_found *ll_found_get(struct ll_mapper *m, struct ll_slice name);
void ll_found_free(struct ll_mapper *m, struct ll_found *f);
void ll_found_meta(struct ll_mapper *m, struct ll_found *f, const struct ll_compiled_rule *rule,
                   struct ll_slice labels);
/* Everything known of it; slices live as long as nothing is put. */
void ll_found_facts(const struct ll_mapper *m, const struct ll_found *f,
                    struct ll_service_facts *out);

#endif
