#include "engine/scaling_may.h"

bool ll_scaling_may(const struct ll_scope *s, struct ll_slice service, struct ll_err *err)
{
    char text[LL_SCOPE_TEXT_MAX];
    return ll_scope_may(s, service) ||
           ll_err_set(err, LL_E_DENIED,
                      "service '%.*s' is not one of those that these credentials are limited to: "
                      "%s",
                      (int)LL_MIN(service.n, (size_t)128), service.s, ll_scope_text(s, text));
}

bool ll_scaling_may_all(const struct ll_scope *s, struct ll_err *err)
{
    char text[LL_SCOPE_TEXT_MAX];
    return !s->limited ||
           ll_err_set(err, LL_E_DENIED,
                      "these credentials are limited to the services %s, and this is about all of "
                      "them: name a target or a rule",
                      ll_scope_text(s, text));
}

bool ll_scaling_may_target(const struct ll_scope *s, const struct ll_rules_doc *d,
                           struct ll_slice name, struct ll_err *err)
{
    for (size_t i = 0; s->limited && i < d->n_targets; i++)
        if (ll_slice_eq(d->targets[i].name, name))
            return ll_scaling_may(s, d->targets[i].service, err);
    return true;
}

bool ll_scaling_may_rule(const struct ll_scope *s, const struct ll_rules_doc *d,
                         struct ll_slice rule_id, struct ll_err *err)
{
    for (size_t i = 0; s->limited && i < d->n_rules; i++)
        if (ll_slice_eq(d->rules[i].rule_id, rule_id))
            return ll_scaling_may(s, d->rules[i].service, err) &&
                   ll_scaling_may_target(s, d, d->rules[i].target, err);
    return true;
}

bool ll_scaling_may_put(const struct ll_scope *s, const struct ll_rules_doc *old,
                        const struct ll_rules_doc *d, struct ll_err *err)
{
    for (size_t i = 0; s->limited && i < d->n_targets; i++)
        if (!ll_scaling_may_target(s, old, d->targets[i].name, err) ||
            !ll_scaling_may(s, d->targets[i].service, err))
            return false;
    for (size_t i = 0; s->limited && i < d->n_rules; i++)
        if (!ll_scaling_may_rule(s, old, d->rules[i].rule_id, err) ||
            !ll_scaling_may(s, d->rules[i].service, err) ||
            !ll_scaling_may_target(s, old, d->rules[i].target, err) ||
            !ll_scaling_may_target(s, d, d->rules[i].target, err))
            return false;
    return true;
}
