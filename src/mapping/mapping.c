#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mapping/compiled.h"

enum { ARENA_BYTES = 16 << 20, RULES_MAX = 1000 };

static const struct ll_recipe_table *const builtins[] = {
    &ll_mapping_builtin_node, &ll_mapping_builtin_kube, &ll_mapping_builtin_exporters};

/* While it is built. */
struct builder {
    struct ll_mapping *m;
    size_t outputs, readers, queries; /* room */
    struct ll_err *err;
};

static bool no_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for the mapping");
}

void ll_mapping_free(struct ll_mapping *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->rules && i < m->n_rules; i++) {
        for (size_t k = 0; k < m->rules[i].n_match; k++)
            ll_selector_free(m->rules[i].match[k]);
        ll_selector_free(m->rules[i].capacity_from);
    }
    for (size_t i = 0; m->readers && i < m->n_readers; i++)
        ll_selector_free(m->readers[i].where);
    ll_map_free(m->by_metric);
    ll_arena_free(m->arena);
    free(m);
}

static size_t count_terms(const struct ll_recipe *r)
{
    size_t n = 0;
    while (n < LL_RECIPE_TERMS_MAX && r->terms[n].metric)
        n++;
    return n;
}

static bool ends_in(struct ll_slice text, const char *end)
{
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.s + text.n - n, end, n) == 0;
}

bool ll_mapping_counts_up(enum ll_mapping_value value, struct ll_slice metric)
{
    return value == LL_MAPPING_COUNTER || (value == LL_MAPPING_AUTO && ends_in(metric, "_total"));
}

static bool add_output(struct builder *b, const struct ll_recipe *r, const struct ll_output **out)
{
    struct ll_mapping *m = b->m;
    LL_ASSERT(m->n_outputs < b->outputs);
    struct ll_output *o = &m->outputs[m->n_outputs];
    *o = (struct ll_output){.recipe = r, .index = m->n_outputs, .n_terms = count_terms(r)};
    if (!ll_template_parse(ll_slice_of(r->service), m->arena, &o->service, b->err) ||
        !ll_template_parse(ll_slice_of(r->instance), m->arena, &o->instance, b->err) ||
        !ll_template_parse(ll_slice_of(r->part), m->arena, &o->part, b->err))
        return false;
    m->n_outputs++;
    *out = o;
    return true;
}

/* Readers of one metric follow each other in the order they were added. */
static bool link_reader(struct ll_mapping *m, size_t i)
{
    struct ll_reader *r = &m->readers[i];
    size_t at;
    r->next = SIZE_MAX;
    if (!ll_map_get(m->by_metric, r->metric, &at))
        return ll_map_put(m->by_metric, r->metric, i);
    while (m->readers[at].next != SIZE_MAX)
        at = m->readers[at].next;
    m->readers[at].next = i;
    return true;
}

static bool add_reader(struct builder *b, const char *where, const struct ll_reader *given)
{
    struct ll_mapping *m = b->m;
    LL_ASSERT(m->n_readers < b->readers);
    struct ll_reader *r = &m->readers[m->n_readers];
    *r = *given;
    r->where = NULL;
    if (where) {
        struct ll_str text;
        ll_str_init(&text, LL_SELECTOR_BYTES_MAX);
        ll_str_addf(&text, "%.*s{%s}", (int)r->metric.n, r->metric.s, where);
        bool ok = text.failed
                      ? no_memory(b->err)
                      : ll_selector_parse((struct ll_slice){text.s, text.n}, &r->where, b->err);
        ll_str_fini(&text);
        if (!ok)
            return false;
    }
    m->n_readers++;
    return link_reader(m, m->n_readers - 1) || no_memory(b->err);
}

/* One question for each metric, whatever the number of its readers. */
static void add_query(struct builder *b, struct ll_slice metric, bool counter, bool fact)
{
    struct ll_mapping *m = b->m;
    for (size_t i = 0; i < m->n_queries; i++)
        if (ll_slice_eq(m->queries[i].selector, metric)) {
            m->queries[i].counter |= counter;
            m->queries[i].fact &= fact;
            return;
        }
    LL_ASSERT(m->n_queries < b->queries);
    m->queries[m->n_queries++] = (struct ll_mapping_query){
        .name = metric, .selector = metric, .counter = counter, .fact = fact};
}

static bool add_recipe(struct builder *b, const struct ll_recipe *r)
{
    const struct ll_output *o = NULL;
    if (!add_output(b, r, &o))
        return false;
    for (size_t i = 0; i < o->n_terms; i++) {
        const struct ll_recipe_term *t = &r->terms[i];
        struct ll_slice metric = ll_slice_of(t->metric);
        if (!add_reader(b, t->where,
                        &(struct ll_reader){
                            .metric = metric, .output = o, .term = i, .counter = t->counter}))
            return false;
        add_query(b, metric, t->counter, false);
    }
    return true;
}

static bool add_fact(struct builder *b, const struct ll_recipe_fact *f)
{
    struct ll_reader r = {.metric = ll_slice_of(f->metric), .fact = f};
    if (!ll_template_parse(ll_slice_of(f->key), b->m->arena, &r.key, b->err) ||
        !add_reader(b, f->where, &r))
        return false;
    add_query(b, r.metric, false, true);
    return true;
}

static bool add_builtins(struct builder *b)
{
    for (size_t i = 0; i < LL_LEN(builtins); i++) {
        for (size_t k = 0; k < builtins[i]->n_recipes; k++)
            if (!add_recipe(b, &builtins[i]->recipes[k]))
                return ll_err_wrap(b->err, "built-in recipe %zu of table %zu", k, i);
        for (size_t k = 0; k < builtins[i]->n_facts; k++)
            if (!add_fact(b, &builtins[i]->facts[k]))
                return ll_err_wrap(b->err, "built-in fact %zu of table %zu", k, i);
    }
    return true;
}

static bool set_text(struct builder *b, const char *key, const char *given,
                     struct ll_rule_text *out)
{
    if (!given)
        return true;
    out->set = true;
    return ll_template_parse(ll_slice_of(given), b->m->arena, &out->t, b->err) ||
           ll_err_wrap(b->err, "%s", key);
}

static bool set_texts(struct builder *b, struct ll_compiled_rule *c)
{
    const struct ll_mapping_rule *r = c->given;
    const struct {
        const char *key, *given;
        struct ll_rule_text *out;
    } texts[] = {
        {"service", r->service, &c->service},
        {"instance", r->instance, &c->instance},
        {"part", r->part, &c->part},
        {"business", r->business, &c->business},
        {"environment", r->environment, &c->meta[0]},
        {"cluster", r->cluster, &c->meta[1]},
        {"namespace", r->namespace_, &c->meta[2]},
        {"team", r->team, &c->meta[3]},
        {"owner", r->owner, &c->meta[4]},
        {"tier", r->tier, &c->meta[5]},
        {"venue", r->venue, &c->meta[6]},
        {"site", r->site, &c->meta[7]},
    };
    for (size_t i = 0; i < LL_LEN(texts); i++)
        if (!set_text(b, texts[i].key, texts[i].given, texts[i].out))
            return false;
    return true;
}

static bool set_match(struct builder *b, struct ll_compiled_rule *c)
{
    const char *const *match = c->given->match;
    for (; match && match[c->n_match]; c->n_match++) {
        if (c->n_match == LL_RULE_SELECTORS_MAX)
            return ll_err_set(b->err, LL_E_CONFIG, "match: more than %d selectors",
                              LL_RULE_SELECTORS_MAX);
        if (!ll_selector_parse(ll_slice_of(match[c->n_match]), &c->match[c->n_match], b->err))
            return ll_err_wrap(b->err, "match '%.200s'", match[c->n_match]);
    }
    return c->n_match > 0 || ll_err_set(b->err, LL_E_CONFIG, "match: no selector is given");
}

/* The labels that a rule's templates name: what its capacity is joined on unless it says. */
static void add_labels(struct ll_str *text, const struct ll_template *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].label)
            ll_str_addf(text, "{%.*s?}\n", (int)t->v[i].text.n, t->v[i].text.s);
}

static bool set_join(struct builder *b, struct ll_compiled_rule *c)
{
    const struct ll_mapping_rule *r = c->given;
    if (!r->capacity_from)
        return true;
    if (!ll_selector_parse(ll_slice_of(r->capacity_from), &c->capacity_from, b->err))
        return ll_err_wrap(b->err, "capacity_from");
    struct ll_str text;
    ll_str_init(&text, 64 << 10);
    for (const char *const *on = r->on; on && *on; on++)
        ll_str_addf(&text, "{%s?}\n", *on);
    if (!r->on && c->output) {
        add_labels(&text, &c->output->service);
        add_labels(&text, &c->output->instance);
        add_labels(&text, &c->output->part);
    } else if (!r->on) {
        ll_str_addz(&text, "{job?}\n{instance?}\n");
    }
    bool ok = text.failed ? no_memory(b->err)
                          : ll_template_parse((struct ll_slice){ll_str_z(&text), text.n},
                                              b->m->arena, &c->join, b->err);
    ll_str_fini(&text);
    c->joins = ok;
    return ok || ll_err_wrap(b->err, "on");
}

static bool read_unit(const struct builder *b, const struct ll_mapping_rule *r, enum ll_unit *out)
{
    enum ll_unit unit = ll_resource_unit((enum ll_resource_type)r->resource_type);
    if (r->unit && !ll_unit_parse(ll_slice_of(r->unit), &unit))
        return ll_err_set(b->err, LL_E_CONFIG, "unit: '%.60s' is not a unit", r->unit);
    *out = unit;
    return true;
}

/* A rule with a resource type says by itself what its series are: a recipe of one term. */
static bool set_output(struct builder *b, struct ll_compiled_rule *c)
{
    static const enum ll_recipe_how hows[] = {[LL_MAPPING_SUM] = LL_RECIPE_SUM,
                                              [LL_MAPPING_MAX] = LL_RECIPE_MAX,
                                              [LL_MAPPING_MEAN] = LL_RECIPE_MEAN};
    const struct ll_mapping_rule *r = c->given;
    enum ll_unit unit = LL_UNIT_COUNT;
    if (r->resource_type < 0 || r->business || r->drop)
        return true;
    if (r->resource_type >= LL_RESOURCE_COUNT)
        return ll_err_set(b->err, LL_E_CONFIG, "resource_type: %d is none", r->resource_type);
    if (!read_unit(b, r, &unit))
        return false;
    struct ll_recipe *recipe = LL_ARENA_NEW(b->m->arena, struct ll_recipe, 1);
    if (!recipe)
        return no_memory(b->err);
    *recipe = (struct ll_recipe){
        .rule = c->name,
        .service = r->service ? r->service : "{job}",
        .instance = r->instance ? r->instance : "{instance?|host}",
        .part = r->part ? r->part : "",
        .type = (enum ll_resource_type)r->resource_type,
        .unit = unit,
        .flags = LL_RECIPE_LOOSE | (r->part && *r->part ? 0 : LL_RECIPE_PRIMARY),
        .terms = {{c->name, NULL, 1, 0, .how = hows[r->combine]}},
    };
    return add_output(b, recipe, &c->output);
}

static bool check_rule(const struct builder *b, const struct ll_mapping_rule *r)
{
    if ((unsigned)r->value > LL_MAPPING_COUNTER || (unsigned)r->combine > LL_MAPPING_MEAN)
        return ll_err_set(b->err, LL_E_CONFIG, "value or combine is none of the known");
    if (!isnan(r->scale) && !(isfinite(r->scale) && r->scale != 0))
        return ll_err_set(b->err, LL_E_CONFIG, "scale: %g is not a number but 0", r->scale);
    if (!isnan(r->capacity) && !(isfinite(r->capacity) && r->capacity > 0))
        return ll_err_set(b->err, LL_E_CONFIG, "capacity: %g is not above 0", r->capacity);
    if (!isnan(r->capacity) && r->capacity_from)
        return ll_err_set(b->err, LL_E_CONFIG, "capacity and capacity_from are both given");
    if (r->on && !r->capacity_from)
        return ll_err_set(b->err, LL_E_CONFIG, "on is given without capacity_from");
    return true;
}

static bool compile_rule(struct builder *b, struct ll_compiled_rule *c, size_t number)
{
    struct ll_str name;
    ll_str_init(&name, 32);
    ll_str_addf(&name, "rule %zu", number);
    c->name = ll_arena_copy(b->m->arena, ll_str_z(&name), name.n);
    bool named = c->name && !name.failed;
    ll_str_fini(&name);
    if (!named)
        return no_memory(b->err);
    return check_rule(b, c->given) && set_match(b, c) && set_texts(b, c) && set_output(b, c) &&
           set_join(b, c);
}

static bool query_text(struct builder *b, const char *selector, struct ll_slice name, bool counter,
                       bool fact)
{
    const char *copy = ll_arena_copy(b->m->arena, selector, strlen(selector));
    if (!copy)
        return no_memory(b->err);
    LL_ASSERT(b->m->n_queries < b->queries);
    b->m->queries[b->m->n_queries++] =
        (struct ll_mapping_query){name, {copy, strlen(copy)}, counter, fact};
    return true;
}

/* Rules that drop ask for nothing; what a built-in one asks for anyhow is asked once. */
static bool query_rule(struct builder *b, const struct ll_compiled_rule *c)
{
    const struct ll_mapping_rule *r = c->given;
    bool asks = c->output || c->business.set || r->raw;
    for (size_t i = 0; asks && !r->drop && i < c->n_match; i++) {
        struct ll_slice name = ll_selector_name(c->match[i]);
        if (ll_mapping_readers(b->m, name) && !c->output && !c->business.set)
            continue;
        bool counter = c->output && ll_mapping_counts_up(r->value, name);
        if (!query_text(b, r->match[i], name, counter, false))
            return false;
    }
    return !c->capacity_from ||
           query_text(b, r->capacity_from, ll_selector_name(c->capacity_from), false, true);
}

static bool compile_rules(struct builder *b, const struct ll_mapping_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ll_compiled_rule *c = &b->m->rules[i];
        c->given = &rules[i];
        b->m->n_rules = i + 1;
        if (!compile_rule(b, c, i + 1) || !query_rule(b, c)) {
            if (b->err && b->err->code != LL_E_MEMORY) {
                b->err->code = LL_E_CONFIG;
                b->err->line = (int)i + 1;
            }
            return ll_err_wrap(b->err, "mapping rule %zu", i + 1);
        }
    }
    return true;
}

/* Room for everything, so that pointers into the arrays stay. */
static bool make_room(struct builder *b, size_t n_rules)
{
    size_t terms = 0;
    b->outputs = n_rules;
    for (size_t i = 0; i < LL_LEN(builtins); i++) {
        b->outputs += builtins[i]->n_recipes;
        terms += builtins[i]->n_facts;
        for (size_t k = 0; k < builtins[i]->n_recipes; k++)
            terms += count_terms(&builtins[i]->recipes[k]);
    }
    b->readers = terms;
    b->queries = terms + n_rules * (LL_RULE_SELECTORS_MAX + 1);
    struct ll_mapping *m = b->m;
    m->arena = ll_arena_new(ARENA_BYTES + n_rules * sizeof(struct ll_compiled_rule) * 2);
    if (!m->arena)
        return false;
    m->rules = LL_ARENA_NEW(m->arena, struct ll_compiled_rule, n_rules);
    m->outputs = LL_ARENA_NEW(m->arena, struct ll_output, b->outputs);
    m->readers = LL_ARENA_NEW(m->arena, struct ll_reader, b->readers);
    m->queries = LL_ARENA_NEW(m->arena, struct ll_mapping_query, b->queries);
    m->by_metric = ll_map_new(0, terms);
    return m->rules && m->outputs && m->readers && m->queries && m->by_metric;
}

bool ll_mapping_new(const struct ll_mapping_rule *rules, size_t n, struct ll_mapping **out,
                    struct ll_err *err)
{
    if (n > RULES_MAX)
        return ll_err_set(err, LL_E_CONFIG, "%zu mapping rules are more than %d", n, RULES_MAX);
    LL_AUTO(ll_mapping) m = calloc(1, sizeof(*m));
    if (!m)
        return no_memory(err);
    struct builder b = {.m = m, .err = err};
    if (!make_room(&b, n))
        return no_memory(err);
    if (!add_builtins(&b) || !compile_rules(&b, rules, n))
        return false;
    *out = m;
    m = NULL;
    return true;
}

const struct ll_compiled_rule *ll_mapping_rule_of(const struct ll_mapping *m,
                                                  struct ll_slice source, struct ll_slice labels)
{
    for (size_t i = 0; i < m->n_rules; i++)
        for (size_t k = 0; k < m->rules[i].n_match; k++)
            if (ll_selector_match_from(m->rules[i].match[k], labels, source))
                return &m->rules[i];
    return NULL;
}

const struct ll_reader *ll_mapping_readers(const struct ll_mapping *m, struct ll_slice metric)
{
    size_t at;
    return ll_map_get(m->by_metric, metric, &at) ? &m->readers[at] : NULL;
}

bool ll_mapping_query(const struct ll_mapping *m, size_t i, struct ll_mapping_query *out)
{
    if (i >= m->n_queries)
        return false;
    *out = m->queries[i];
    return true;
}
