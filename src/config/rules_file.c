/* Texts into one document: read each along the table, then hold targets and rules together. */
#include "config/rules_file.h"

#include <stdlib.h>

#include "config/config.h"
#include "config/rules_private.h"
#include "scaling/decide.h"

enum { ADDRESS_MAX = 64 << 10 };
/* As many rules as there may be, of twenty values each: the values, and what they are read into. */
static const size_t arena_max = (size_t)2 << 30;

/* The root of a text, in any of its forms. */
struct raw {
    struct ll_rules_raw_target *targets;
    struct ll_rules_raw_rule *rules;
    size_t n_targets, n_rules;
};

static const struct ll_schema_row root_rows[] = {
    {.key = "targets",
     .type = LL_SCHEMA_LIST,
     .offset = offsetof(struct raw, targets),
     .offset_n = offsetof(struct raw, n_targets),
     .max = LL_RULES_TARGETS_MAX,
     .sub = &ll_rules_target_schema,
     .finish = ll_rules_finish_target,
     .doc = "what can be scaled"},
    {.key = "rules",
     .type = LL_SCHEMA_LIST,
     .offset = offsetof(struct raw, rules),
     .offset_n = offsetof(struct raw, n_rules),
     .max = LL_RULES_RULES_MAX,
     .sub = &ll_rules_rule_schema,
     .finish = ll_rules_finish_rule,
     .doc = "when and how far"},
};
static const struct ll_schema root_table = {root_rows, LL_LEN(root_rows), 0, NULL};

const struct ll_schema *ll_rules_table(void)
{
    return &root_table;
}

void ll_rules_free(struct ll_rules_doc *d)
{
    if (d)
        ll_arena_free(d->arena); /* d lives in it */
}

/* What holding together needs: every target by its name, by its service, by its place. */
struct join {
    struct ll_schema_reader *r;
    const struct ll_rules_doc *known;
    const struct ll_config *config;
    struct ll_rules_doc *doc;
    const struct ll_yaml_node **target_nodes, **rule_nodes;
    struct ll_map *by_name, *by_service, *by_place, *by_rule; /* index; known ones come behind */
    size_t *n_rules;                                          /* of each target, counted */
    struct ll_arena *scratch;
};

enum { SEVERAL = -1 }; /* in by_service */

static const struct ll_target *target_at(const struct join *j, size_t i)
{
    return i < j->doc->n_targets ? &j->doc->targets[i] : &j->known->targets[i - j->doc->n_targets];
}

static bool no_memory(struct ll_schema_reader *r)
{
    const struct ll_yaml_place none = {.name = "rules"};
    return ll_schema_fail(r, &none, "no memory");
}

/* True when it is new; an error at `node` names the place of the first. */
static bool put_name(struct join *j, struct ll_map *map, struct ll_slice name, size_t i,
                     const struct ll_yaml_node *const *nodes, const char *key)
{
    size_t at;
    char where[LL_YAML_PLACE_TEXT_MAX], shown[LL_YAML_QUOTE_MAX];
    if (!ll_map_get(map, name, &at))
        return ll_map_put(map, name, i) || no_memory(j->r);
    const struct ll_yaml_place *first = ll_rules_place(nodes[at], key);
    const struct ll_yaml_place *second = ll_rules_place(nodes[i], key);
    if (first->name == second->name)
        return false; /* said already: names of one list are unique */
    ll_yaml_place_text(first, where);
    return ll_schema_fail(j->r, second, "%s: '%s' is already at %s", key,
                          ll_yaml_quote(name, shown), where);
}

static bool put_service(struct join *j, size_t i)
{
    size_t at;
    const struct ll_slice service = target_at(j, i)->service;
    bool several = ll_map_get(j->by_service, service, &at);
    return ll_map_put(j->by_service, service, several ? (size_t)SEVERAL : i) || no_memory(j->r);
}

/* The address of a target, for as long as the join lasts; n 0 without memory. */
static struct ll_slice address_of(struct join *j, const struct ll_target *t)
{
    struct ll_str s;
    ll_str_init(&s, ADDRESS_MAX * 8);
    ll_rules_address(t, &s);
    const char *z = s.failed ? NULL : ll_arena_copy(j->scratch, ll_str_z(&s), s.n);
    struct ll_slice address = {z, z ? s.n : 0};
    ll_str_fini(&s);
    return address;
}

static bool put_place(struct join *j, size_t i, const struct ll_yaml_node *node)
{
    size_t at;
    char shown[LL_YAML_QUOTE_MAX];
    const struct ll_target *t = target_at(j, i);
    struct ll_slice address = address_of(j, t);
    if (!address.s)
        return no_memory(j->r);
    if (!ll_map_get(j->by_place, address, &at))
        return ll_map_put(j->by_place, address, i) || no_memory(j->r);
    if (ll_slice_eq(target_at(j, at)->name, t->name)) /* said already */
        return true;
    return node ? ll_schema_fail(j->r, ll_rules_place(node, ll_place_kind_name(t->place->kind)),
                                 "%s: the target '%s' is at that place already",
                                 ll_place_kind_name(t->place->kind),
                                 ll_yaml_quote(target_at(j, at)->name, shown))
                : true;
}

/* Known ones that the texts replace count no more. */
static void put_known(struct join *j)
{
    size_t at;
    for (size_t i = 0; j->known && i < j->known->n_targets; i++) {
        const size_t index = j->doc->n_targets + i;
        if (ll_map_get(j->by_name, j->known->targets[i].name, &at))
            continue;
        if (!ll_map_put(j->by_name, j->known->targets[i].name, index)) {
            no_memory(j->r);
            return;
        }
        if (!put_service(j, index) || !put_place(j, index, NULL))
            return;
    }
}

static void put_targets(struct join *j)
{
    for (size_t i = 0; i < j->doc->n_targets; i++)
        if (put_name(j, j->by_name, j->doc->targets[i].name, i, j->target_nodes, "name"))
            (void)put_service(j, i);
    put_known(j);
    for (size_t i = 0; i < j->doc->n_targets; i++) {
        struct ll_err err = {0};
        (void)put_place(j, i, j->target_nodes[i]);
        if (!ll_scaling_target_check(&j->doc->targets[i], &err))
            ll_schema_fail(j->r, &j->target_nodes[i]->place, "%s", err.text);
    }
}

static bool fail_unknown(struct join *j, const struct ll_yaml_node *node, struct ll_slice name)
{
    enum { NAMES_MAX = 200 };
    const char *names[NAMES_MAX];
    char shown[LL_YAML_QUOTE_MAX];
    size_t n = 0, all = j->doc->n_targets + (j->known ? j->known->n_targets : 0);
    for (size_t i = 0; i < all && n < NAMES_MAX && j->r->n_errs < j->r->max; i++)
        names[n++] = target_at(j, i)->name.s; /* NUL-terminated, as all texts of a document */
    const char *near = n ? ll_str_nearest(name, names, n) : NULL;
    return ll_schema_fail(j->r, ll_rules_place(node, "target"), "target: there is no '%s'%s%s%s",
                          ll_yaml_quote(name, shown), near ? "; did you mean '" : "",
                          near ? near : "", near ? "'?" : "");
}

static bool find_by_service(struct join *j, const struct ll_yaml_node *node, struct ll_slice name,
                            size_t *at)
{
    char shown[LL_YAML_QUOTE_MAX];
    if (!name.n)
        return ll_schema_fail(j->r, &node->place, "needs a target, or the service of one");
    if (!ll_map_get(j->by_service, name, at))
        return ll_schema_fail(j->r, ll_rules_place(node, "service"),
                              "service: no target has the service '%s': name a target",
                              ll_yaml_quote(name, shown));
    return *at != (size_t)SEVERAL ||
           ll_schema_fail(j->r, ll_rules_place(node, "service"),
                          "service: several targets have the service '%s': name one of them",
                          ll_yaml_quote(name, shown));
}

static bool find_target(struct join *j, const struct ll_yaml_node *node,
                        const struct ll_scaling_rule *rule, size_t *at)
{
    if (!rule->target.n)
        return find_by_service(j, node, rule->service, at);
    return ll_map_get(j->by_name, rule->target, at) || fail_unknown(j, node, rule->target);
}

/* A document owns its texts: those of a known target are copied. */
static bool own(struct join *j, struct ll_slice from, struct ll_slice *to)
{
    const char *z = ll_arena_copy(j->doc->arena, from.s, from.n);
    if (!z)
        return no_memory(j->r);
    *to = (struct ll_slice){z, from.n};
    return true;
}

static void join_rule(struct join *j, size_t i)
{
    struct ll_scaling_rule *rule = &j->doc->rules[i];
    const struct ll_yaml_node *node = j->rule_nodes[i];
    size_t at;
    (void)put_name(j, j->by_rule, rule->rule_id, i, j->rule_nodes, "rule_id");
    if (!find_target(j, node, rule, &at))
        return;
    const struct ll_target *t = target_at(j, at);
    if (++j->n_rules[at] == LL_TARGET_RULES_MAX + 1)
        ll_schema_fail(j->r, &node->place, "is one rule too many for its target: at most %d",
                       LL_TARGET_RULES_MAX);
    if ((!rule->target.n && !own(j, t->name, &rule->target)) ||
        (!rule->service.n && !own(j, t->service, &rule->service)))
        return;
    const struct ll_threshold standard =
        j->config ? ll_config_threshold(j->config, rule->service, LL_RULES_NONE, rule->type)
                  : ll_threshold_default(rule->type);
    ll_rules_fill_thresholds(&rule->thresholds, &standard);
    struct ll_err err = {0};
    if (!ll_scaling_rule_check(rule, t, &err))
        ll_schema_fail(j->r, &node->place, "%s", err.text);
}

/* Known rules that stay are counted first. */
static void count_known(struct join *j)
{
    size_t at;
    for (size_t i = 0; j->known && i < j->known->n_rules; i++) {
        const struct ll_scaling_rule *rule = &j->known->rules[i];
        if (!ll_map_get(j->by_rule, rule->rule_id, &at) &&
            ll_map_get(j->by_name, rule->target, &at))
            j->n_rules[at]++;
    }
}

static void join_rules(struct join *j)
{
    for (size_t i = 0; i < j->doc->n_rules; i++) /* so that known ones can be told from them */
        if (!ll_map_put(j->by_rule, j->doc->rules[i].rule_id, i))
            no_memory(j->r);
    count_known(j);
    ll_map_free(j->by_rule);
    j->by_rule = ll_map_new(0, j->doc->n_rules + 1);
    if (!j->by_rule) {
        no_memory(j->r);
        return;
    }
    for (size_t i = 0; i < j->doc->n_rules; i++)
        join_rule(j, i);
    if (!ll_rules_check_links(j->r, j->doc, j->known, j->rule_nodes))
        no_memory(j->r);
}

static void join_fini(struct join *j)
{
    ll_map_free(j->by_name);
    ll_map_free(j->by_service);
    ll_map_free(j->by_place);
    ll_map_free(j->by_rule);
}

static void join(struct ll_schema_reader *r, const struct ll_rules_doc *known, struct join *j)
{
    const size_t n = j->doc->n_targets + (known ? known->n_targets : 0) + 1;
    j->by_name = ll_map_new(0, n); /* names from an authorised hand */
    j->by_service = ll_map_new(0, n);
    j->by_place = ll_map_new(0, n);
    j->by_rule = ll_map_new(0, j->doc->n_rules + 1);
    j->n_rules = LL_ARENA_NEW(j->scratch, size_t, n);
    if (j->by_name && j->by_service && j->by_place && j->by_rule && j->n_rules) {
        put_targets(j);
        join_rules(j);
    } else {
        no_memory(r);
    }
    join_fini(j);
}

/* A text in one of its forms; places it names are of `scratch`. */
static bool read_text(struct ll_schema_reader *r, enum ll_rules_form form,
                      const struct ll_rules_text *text, struct ll_arena *scratch, struct raw *raw)
{
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    if (!ll_yaml_parse(text->text, text->name, scratch, &root, &err)) {
        if (r->n_errs < r->max)
            r->errs[r->n_errs] = err;
        r->n_errs++;
        return false;
    }
    if (form == LL_RULES_WHOLE)
        return ll_schema_read(r, &root_table, root, raw);
    const bool target = form == LL_RULES_TARGET;
    const struct ll_schema *s = target ? &ll_rules_target_schema : &ll_rules_rule_schema;
    void *item = ll_arena_alloc(scratch, 1, s->size);
    if (!item)
        return no_memory(r);
    s->init(item);
    bool ok = ll_schema_read(r, s, root, item);
    if (root->kind == LL_YAML_MAP)
        (target ? ll_rules_finish_target : ll_rules_finish_rule)(r, root, item);
    *raw = (struct raw){.targets = target ? item : NULL,
                        .rules = target ? NULL : item,
                        .n_targets = target,
                        .n_rules = !target};
    return ok;
}

static bool take(struct ll_schema_reader *r, const struct raw *raws, size_t n, struct join *j)
{
    struct ll_rules_doc *d = j->doc;
    size_t n_targets = 0, n_rules = 0;
    for (size_t i = 0; i < n; i++) {
        n_targets += raws[i].n_targets;
        n_rules += raws[i].n_rules;
    }
    d->targets = LL_ARENA_NEW(d->arena, struct ll_target, n_targets);
    d->rules = LL_ARENA_NEW(d->arena, struct ll_scaling_rule, n_rules);
    j->target_nodes = LL_ARENA_NEW(j->scratch, const struct ll_yaml_node *, n_targets);
    j->rule_nodes = LL_ARENA_NEW(j->scratch, const struct ll_yaml_node *, n_rules);
    if (!d->targets || !d->rules || !j->target_nodes || !j->rule_nodes)
        return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < raws[i].n_targets; k++) {
            j->target_nodes[d->n_targets] = raws[i].targets[k].node;
            if (!ll_rules_take_target(d->arena, &raws[i].targets[k], &d->targets[d->n_targets++]))
                return no_memory(r);
        }
        for (size_t k = 0; k < raws[i].n_rules; k++) {
            j->rule_nodes[d->n_rules] = raws[i].rules[k].node;
            if (!ll_rules_take_rule(d->arena, &raws[i].rules[k], &d->rules[d->n_rules++]))
                return no_memory(r);
        }
    }
    return true;
}

static bool read_all(struct ll_schema_reader *s, struct ll_rules_reading *r,
                     const struct ll_rules_text *texts, size_t n, struct ll_arena *scratch,
                     struct ll_rules_doc *d)
{
    struct raw *raws = LL_ARENA_NEW(scratch, struct raw, n);
    if (!raws)
        return no_memory(s);
    for (size_t i = 0; i < n; i++)
        (void)read_text(s, r->form, &texts[i], scratch, &raws[i]);
    struct join j = {.r = s, .known = r->known, .config = r->config, .doc = d, .scratch = scratch};
    /* What is half read would be said to be wrong twice. */
    if (s->n_errs > 0 || !take(s, raws, n, &j))
        return false;
    join(s, r->known, &j);
    return s->n_errs == 0;
}

static int by_place(const void *a, const void *b)
{
    const struct ll_err *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

bool ll_rules_read(struct ll_rules_reading *r, const struct ll_rules_text *texts, size_t n,
                   struct ll_rules_doc **out)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(arena_max);
    LL_AUTO(ll_arena) scratch = ll_arena_new(arena_max);
    struct ll_rules_doc *d = arena ? LL_ARENA_NEW(arena, struct ll_rules_doc, 1) : NULL;
    struct ll_schema_reader s = {.out = arena, .errs = r->errs, .max = r->max, .n_errs = r->n_errs};
    const size_t before = r->n_errs;
    bool ok = d && scratch;
    if (!ok)
        no_memory(&s);
    if (ok) {
        d->arena = arena;
        ok = read_all(&s, r, texts, n, scratch, d);
    }
    r->n_errs = s.n_errs;
    if (n == 1 && r->max > before) /* checks across keys come late */
        qsort(r->errs + before, LL_MIN(r->n_errs, r->max) - before, sizeof(*r->errs), by_place);
    if (!ok)
        return false;
    *out = d;
    arena = NULL;
    return true;
}
