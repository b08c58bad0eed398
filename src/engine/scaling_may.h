/* Whose rules and targets somebody may change who is limited to some services.
 *
 * All fail with LL_E_DENIED and a sentence that says the limits.  What a document does not have is
 * no fault here: whoever looks for it says that it is not there. */
#ifndef LL_ENGINE_SCALING_MAY_H
#define LL_ENGINE_SCALING_MAY_H

#include "config/rules_file.h"
#include "core/scope.h"

LL_MUST_USE bool ll_scaling_may(const struct ll_scope *s, struct ll_slice service,
                                struct ll_err *err);
/* What is about all services at once. */
LL_MUST_USE bool ll_scaling_may_all(const struct ll_scope *s, struct ll_err *err);
LL_MUST_USE bool ll_scaling_may_target(const struct ll_scope *s, const struct ll_rules_doc *d,
                                       struct ll_slice name, struct ll_err *err);
/* A rule is of the service that it looks at and of the one that its target scales. */
LL_MUST_USE bool ll_scaling_may_rule(const struct ll_scope *s, const struct ll_rules_doc *d,
                                     struct ll_slice rule_id, struct ll_err *err);
/* Both what a document replaces and what it will be. */
LL_MUST_USE bool ll_scaling_may_put(const struct ll_scope *s, const struct ll_rules_doc *old,
                                    const struct ll_rules_doc *d, struct ll_err *err);

#endif
