/* A set of events over the one it extends, and whether every event that is followed is there. */
#include "config/event_file.h"

static const struct ll_event_rule *with_id(const struct ll_event_rule *v, size_t n,
                                           struct ll_slice id)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].id, id))
            return &v[i];
    return NULL;
}

static bool check_followed(struct ll_calendar_reading *r, const struct ll_event_file *f,
                           const struct ll_event_rules *joined)
{
    char shown[LL_YAML_QUOTE_MAX];
    bool ok = true;
    for (size_t i = 0; i < joined->n; i++) {
        const struct ll_event_rule *rule = &joined->rules[i];
        if (rule->base != LL_EVENT_RELATIVE || with_id(joined->rules, i, rule->of))
            continue;
        const struct ll_event_rule *mine = with_id(f->own, f->rules.n, rule->id);
        ok = ll_calendar_file_fail(r, mine ? &f->places[mine - f->own] : &f->extends_place,
                                   "event: '%s' is no event above this one",
                                   ll_yaml_quote(rule->of, shown));
    }
    return ok;
}

bool ll_event_file_join(struct ll_calendar_reading *r, const struct ll_event_file *f,
                        const struct ll_event_rules *base, struct ll_event_rules *out)
{
    const struct ll_event_rules none = {0}, *under = base ? base : &none;
    struct ll_event_rules joined = f->rules;
    struct ll_event_rule *v = LL_ARENA_NEW(r->out, struct ll_event_rule, under->n + f->rules.n);
    if (!v)
        return ll_calendar_file_fail(r, &f->whole, "no memory");
    joined.rules = v;
    joined.n = 0;
    for (size_t i = 0; i < under->n; i++) {
        const struct ll_event_rule *mine = with_id(f->own, f->rules.n, under->rules[i].id);
        v[joined.n++] = mine ? *mine : under->rules[i];
    }
    for (size_t i = 0; i < f->rules.n; i++)
        if (!with_id(under->rules, under->n, f->own[i].id))
            v[joined.n++] = f->own[i];
    if (!check_followed(r, f, &joined))
        return false;
    *out = joined;
    return true;
}
