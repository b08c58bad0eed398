#include "mapping/meet.h"

#include <string.h>

#include "mapping/group.h"
#include "mapping/object.h"
#include "mapping/slots.h"

/* What a series is to be bound to. */
struct plan {
    struct {
        const struct ll_reader *reader;
        struct ll_group *group;
        struct ll_object *object;
        uint8_t what;
        bool counter;
    } v[LL_BINDS_MAX];
    size_t n;
    bool known, chosen; /* some reader has its metric; and its labels */
    bool make;          /* what is not there yet */
    bool lacking;       /* there is no room for something that it needs */
};

static void plan_group(struct ll_mapper *m, struct plan *p, const struct ll_output *o, size_t term,
                       bool counter, const struct ll_compiled_rule *rule, struct ll_slice labels)
{
    p->known = p->chosen = true;
    if (p->n == LL_BINDS_MAX)
        return;
    struct ll_group *g = NULL;
    enum ll_group_search search = ll_group_find(m, o, rule, labels, p->make, &g);
    p->lacking |= search == LL_GROUP_NO_ROOM;
    if (search != LL_GROUP_FOUND)
        return;
    p->v[p->n].group = g;
    p->v[p->n].what = (uint8_t)term;
    p->v[p->n++].counter = counter;
}

static void plan_object(struct ll_mapper *m, struct plan *p, enum ll_object_kind kind,
                        const struct ll_template *key, enum ll_fact fact, const char *workload,
                        struct ll_slice labels)
{
    char buf[LL_NAME_MAX + 1];
    size_t n;
    p->known = p->chosen = true;
    if (p->n == LL_BINDS_MAX || !ll_template_expand(key, labels, m->source, buf, &n))
        return;
    struct ll_object *o = ll_object_find(m, kind, (struct ll_slice){buf, n}, p->make);
    p->lacking |= !o;
    if (!o)
        return;
    if (workload)
        o->workload = workload;
    p->v[p->n].object = o;
    p->v[p->n++].what = (uint8_t)fact;
}

static bool rule_counts_up(const struct ll_compiled_rule *rule, struct ll_slice metric)
{
    return ll_mapping_counts_up(rule->given->value, metric);
}

static void plan_join(struct ll_mapper *m, struct plan *p, size_t rule, struct ll_slice labels)
{
    char buf[LL_NAME_MAX + 1];
    size_t n;
    struct ll_str text;
    p->known = p->chosen = true;
    if (p->n == LL_BINDS_MAX ||
        !ll_template_expand(&m->mapping->rules[rule].join, labels, m->source, buf, &n))
        return;
    ll_str_init(&text, 2 * LL_NAME_MAX);
    ll_str_addf(&text, "%zu\n%s", rule, buf);
    struct ll_object *o = NULL;
    if (!text.failed)
        o = ll_object_find(m, LL_OBJECT_JOIN, (struct ll_slice){text.s, text.n}, p->make);
    ll_str_fini(&text);
    p->lacking |= !o;
    if (o) {
        p->v[p->n].object = o;
        p->v[p->n++].what = LL_FACT_CAPACITY;
    }
}

/* Capacities of rules: series of any rule or none. */
static void plan_joins(struct ll_mapper *m, struct plan *p, struct ll_slice labels)
{
    for (size_t i = 0; i < m->mapping->n_rules; i++)
        if (m->mapping->rules[i].joins &&
            ll_selector_match_from(m->mapping->rules[i].capacity_from, labels, m->source))
            plan_join(m, p, i, labels);
}

static void plan_builtins(struct ll_mapper *m, struct plan *p, const struct ll_compiled_rule *rule,
                          struct ll_slice labels)
{
    const struct ll_reader *r =
        ll_mapping_readers(m->mapping, ll_labels_get(labels, LL_LABELS_NAME));
    p->known |= r != NULL;
    for (; r; r = r->next == SIZE_MAX ? NULL : &m->mapping->readers[r->next]) {
        if (r->where && !ll_selector_match(r->where, labels))
            continue;
        if (r->fact)
            plan_object(m, p, r->fact->object, &r->key, r->fact->fact, r->fact->kind, labels);
        else
            plan_group(m, p, r->output, r->term, r->counter, rule, labels);
    }
}

static struct ll_mapper_series *make_series(struct ll_mapper *m, const struct plan *p,
                                            struct ll_slice labels, uint64_t hash)
{
    struct ll_mapper_series *s = ll_mapper_alloc(m, sizeof(*s) + p->n * sizeof(s->b[0]) + labels.n);
    struct ll_slot *slot = s ? ll_slots_room(m, hash, labels) : NULL;
    if (!slot) {
        ll_mapper_dealloc(m, s, sizeof(*s) + p->n * sizeof(s->b[0]) + labels.n);
        return NULL;
    }
    *slot = (struct ll_slot){.hash = hash, .series = s};
    m->used_slots++;
    m->n_series++;
    char *copy = (char *)&s->b[p->n];
    if (labels.n)
        memcpy(copy, labels.s, labels.n);
    s->labels = (struct ll_slice){copy, labels.n};
    s->hash = hash;
    s->t = LL_TIME_NONE;
    s->n = (uint8_t)p->n;
    s->next = m->series;
    if (m->series)
        m->series->prev = s;
    m->series = s;
    return s;
}

static void push_fact(struct ll_object *o, struct ll_bind *b)
{
    LL_ASSERT(o); /* a bind without a group has one */
    b->next = o->facts;
    if (o->facts)
        o->facts->prev = b;
    o->facts = b;
}

static void bind_all(struct ll_mapper_series *s, const struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct ll_bind *b = &s->b[i];
        *b = (struct ll_bind){.series = s,
                              .group = p->v[i].group,
                              .object = p->v[i].object,
                              .what = p->v[i].what,
                              .counter = p->v[i].counter};
        s->any_fact |= b->object != NULL;
        s->any_term |= b->group != NULL;
        if (b->group)
            ll_group_join(b->group, b);
        else
            push_fact(b->object, b);
    }
}

static struct ll_mapper_series *refuse(struct ll_mapper *m, const struct plan *p,
                                       enum ll_mapper_fate *fate)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].group)
            p->v[i].group->lacks = m->now;
    m->refused++;
    *fate = LL_MAPPER_REFUSED;
    return NULL;
}

struct ll_mapper_series *ll_meet_series(struct ll_mapper *m, struct ll_slice labels, uint64_t hash,
                                        enum ll_mapper_fate *fate)
{
    struct plan p = {.make = m->n_series < m->max_series};
    const struct ll_compiled_rule *rule = ll_mapping_rule_of(m->mapping, m->source, labels);
    if (rule && rule->given->drop) {
        ll_slots_other(m, hash, labels, *fate = LL_MAPPER_DROPPED, LL_NO_RULE);
        return NULL;
    }
    bool business = rule && rule->business.set, raw = rule && rule->given->raw;
    plan_joins(m, &p, labels);
    if (rule && rule->output)
        plan_group(m, &p, rule->output, 0,
                   rule_counts_up(rule, ll_labels_get(labels, LL_LABELS_NAME)), rule, labels);
    else if (!business)
        plan_builtins(m, &p, rule, labels);
    if (p.n == 0 && !p.lacking && !business && !raw) {
        ll_slots_other(m, hash, labels, *fate = LL_MAPPER_UNMATCHED,
                       !p.known ? LL_NO_RULE : (p.chosen ? LL_NO_LABEL : LL_NOT_CHOSEN));
        return NULL;
    }
    struct ll_mapper_series *s = p.make && !p.lacking ? make_series(m, &p, labels, hash) : NULL;
    if (!s)
        return refuse(m, &p, fate);
    s->rule = rule;
    s->business = business;
    s->raw = raw;
    bind_all(s, &p);
    *fate = LL_MAPPER_MAPPED;
    return s;
}
