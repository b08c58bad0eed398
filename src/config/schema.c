/* Nodes into structs, along the schema.  Functions here call each other as deep as the
 * schema nests, which is a constant of the program; the input cannot deepen it. */
#include "config/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/schema_private.h"

enum { PLACES_MAX = 2 * LL_YAML_NODES_MAX, ITEMS_MAX = 4096 };

struct ll_schema_places {
    struct ll_map *by_field; /* address -> index */
    struct ll_arena *arena;
};

struct ll_schema_places *ll_schema_places_new(void)
{
    LL_AUTO(ll_arena) a = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_schema_places *p = a ? LL_ARENA_NEW(a, struct ll_schema_places, 1) : NULL;
    if (!p)
        return NULL;
    p->by_field = ll_map_new(0, PLACES_MAX); /* keys are our own addresses */
    if (!p->by_field)
        return NULL;
    p->arena = a;
    a = NULL;
    return p;
}

void ll_schema_places_free(struct ll_schema_places *p)
{
    if (!p)
        return;
    ll_map_free(p->by_field);
    ll_arena_free(p->arena); /* p lives in it */
}

struct entry {
    const void *field;
    struct ll_yaml_place place;
};

const struct ll_yaml_place *ll_schema_place(const struct ll_schema_places *p, const void *field)
{
    size_t at;
    struct ll_slice key = {(const char *)&field, sizeof(field)};
    if (!p || !ll_map_get(p->by_field, key, &at))
        return NULL;
    return &((const struct entry *)at)->place; /* NOLINT(performance-no-int-to-ptr) */
}

bool ll_schema_place_put(struct ll_schema_places *p, const void *field,
                         const struct ll_yaml_place *place)
{
    struct entry *e = LL_ARENA_NEW(p->arena, struct entry, 1);
    if (!e)
        return false;
    *e = (struct entry){field, *place};
    struct ll_slice key = {(const char *)&e->field, sizeof(e->field)};
    return ll_map_put(p->by_field, key, (size_t)e);
}

bool ll_schema_fail(struct ll_schema_reader *r, const struct ll_yaml_place *p, const char *fmt, ...)
{
    char text[LL_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (r->n_errs < r->max)
        ll_yaml_fail(&r->errs[r->n_errs], p, "%s", text);
    r->n_errs++;
    return false;
}

static bool is_member(const struct ll_schema_row *row)
{
    return !(row->flags & (LL_SCHEMA_KEY | LL_SCHEMA_VALUE));
}

static const struct ll_schema_row *find_row(const struct ll_schema *s, struct ll_slice key)
{
    for (size_t i = 0; i < s->n; i++)
        if (is_member(&s->rows[i]) && ll_slice_is(key, s->rows[i].key))
            return &s->rows[i];
    return NULL;
}

/* Bytes that word and z begin with alike. */
static size_t common_prefix(struct ll_slice word, const char *z)
{
    size_t n = 0;
    while (n < word.n && z[n] && word.s[n] == z[n])
        n++;
    return n;
}

/* A slip of the pen, else an abbreviation: the one key that begins most alike. */
static const char *meant(struct ll_slice word, const char *const *keys, size_t n)
{
    const char *best = ll_str_nearest(word, keys, n);
    size_t most = 3;
    bool tied = false;
    for (size_t i = 0; !best && i < n; i++)
        most = LL_MAX(most, common_prefix(word, keys[i]));
    for (size_t i = 0; most > 3 && i < n; i++) {
        if (common_prefix(word, keys[i]) < most)
            continue;
        tied = best;
        best = keys[i];
    }
    return tied ? NULL : best;
}

/* "unknown key 'warn_pct' in 'cpu'; did you mean 'warning_pct'?" or the keys there are. */
static void fail_unknown(struct ll_schema_reader *r, const struct ll_schema *s,
                         const struct ll_yaml_node *n)
{
    enum { KEYS_MAX = 64 };
    if (r->n_errs >= r->max) { /* only counted: a search for each of 100000 would take long */
        r->n_errs++;
        return;
    }
    const char *keys[KEYS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < s->n && count < KEYS_MAX; i++)
        if (is_member(&s->rows[i]) && !(s->rows[i].flags & LL_SCHEMA_REFUSED))
            keys[count++] = s->rows[i].key;
    struct ll_str hint;
    ll_str_init(&hint, LL_ERR_TEXT_MAX);
    const char *near = meant(n->key, keys, count);
    if (near)
        ll_str_addf(&hint, "did you mean '%s'?", near);
    for (size_t i = 0; !near && i < count; i++)
        ll_str_addf(&hint, "%s%s", i ? ", " : "allowed: ", keys[i]);
    char shown[LL_YAML_QUOTE_MAX], parent[LL_YAML_QUOTE_MAX];
    const struct ll_slice in = n->parent->key;
    ll_schema_fail(r, &n->key_place, "unknown key '%s'%s%s%s; %s", ll_yaml_quote(n->key, shown),
                   in.n ? " in '" : "", ll_yaml_quote(in, parent), in.n ? "'" : "",
                   ll_str_z(&hint));
    ll_str_fini(&hint);
}

static void read_row(struct ll_schema_reader *r, const struct ll_schema_row *row,
                     const struct ll_yaml_node *node, void *obj);

/* What is given, in the order of the file, so that its mistakes are in order too. */
static void read_given(struct ll_schema_reader *r, const struct ll_schema *s,
                       const struct ll_yaml_node *map, void *obj)
{
    for (const struct ll_yaml_node *n = map->first; n; n = n->next) {
        const struct ll_schema_row *row = find_row(s, n->key);
        if (!row)
            fail_unknown(r, s, n);
        else if (row->flags & LL_SCHEMA_REFUSED)
            ll_schema_fail(r, &n->key_place, "%s: %s", row->key, row->doc);
        else
            read_row(r, row, n, obj);
    }
}

/* node NULL: only the defaults. */
static void read_members(struct ll_schema_reader *r, const struct ll_schema *s,
                         const struct ll_yaml_node *node, void *obj)
{
    if (node)
        read_given(r, s, node, obj);
    for (size_t i = 0; i < s->n; i++) {
        const struct ll_schema_row *row = &s->rows[i];
        if (!is_member(row) || row->flags & LL_SCHEMA_REFUSED ||
            (node && ll_yaml_get(node, ll_slice_of(row->key))))
            continue;
        if (node && row->flags & LL_SCHEMA_REQUIRED)
            ll_schema_fail(r, &node->place, "'%s' is missing", row->key);
        read_row(r, row, NULL, obj);
    }
}

static bool right_kind(struct ll_schema_reader *r, const char *key, const struct ll_yaml_node *node,
                       enum ll_yaml_kind kind)
{
    return node->kind == kind ||
           ll_schema_fail(r, &node->place, "%s: must be %s, not %s", key, ll_yaml_kind_name(kind),
                          ll_yaml_kind_name(node->kind));
}

static bool right_count(struct ll_schema_reader *r, const struct ll_schema_row *row,
                        const struct ll_yaml_node *node)
{
    size_t max = row->max > 0 ? (size_t)row->max : ITEMS_MAX;
    if (node->n > max)
        return ll_schema_fail(r, &node->place, "%s: %zu items, at most %zu", row->key, node->n,
                              max);
    if ((double)node->n < row->min)
        return ll_schema_fail(r, &node->place, "%s: needs at least %g", row->key, row->min);
    return true;
}

/* The row of an item with that mark, or NULL. */
static const struct ll_schema_row *row_with(const struct ll_schema *s, unsigned flag)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->rows[i].flags & flag)
            return &s->rows[i];
    return NULL;
}

static void read_struct(struct ll_schema_reader *r, const struct ll_schema_row *row,
                        const struct ll_yaml_node *node, void *field)
{
    const struct ll_schema_row *lone = row_with(row->sub, LL_SCHEMA_SHORT);
    bool is_lone = lone && node && node->kind == LL_YAML_SCALAR && !ll_yaml_is_null(node);
    if (node && !is_lone && (ll_yaml_is_null(node) || !right_kind(r, row->key, node, LL_YAML_MAP)))
        node = NULL;
    read_members(r, row->sub, is_lone ? NULL : node, field);
    if (is_lone)
        (void)ll_schema_scalar_read(r, lone, node, ll_schema_field(field, lone->offset));
}

static void read_item(struct ll_schema_reader *r, const struct ll_schema_row *row,
                      const struct ll_yaml_node *node, void *item)
{
    const struct ll_schema *s = row->sub;
    const struct ll_schema_row *value = row_with(s, LL_SCHEMA_VALUE);
    const struct ll_schema_row *key =
        row->type == LL_SCHEMA_MAP ? row_with(s, LL_SCHEMA_KEY) : NULL;
    if (s->init)
        s->init(item);
    if (key) {
        struct ll_yaml_node name = {.kind = LL_YAML_SCALAR,
                                    .style = LL_YAML_GIVEN,
                                    .text = node->key,
                                    .place = node->key_place};
        if (!ll_schema_scalar_read(r, key, &name, ll_schema_field(item, key->offset)))
            return;
    }
    const struct ll_schema_row *lone =
        node->kind == LL_YAML_SCALAR ? row_with(s, LL_SCHEMA_SHORT) : NULL;
    if (lone && !value)
        value = lone;
    if (value)
        (void)ll_schema_scalar_read(r, value, node, ll_schema_field(item, value->offset));
    else if (right_kind(r, row->key, node, LL_YAML_MAP))
        read_members(r, s, node, item);
    if (row->finish)
        row->finish(r, node, item);
}

/* A repeated name is an error on the second; maps cannot repeat (yaml_read.c). */
static void check_unique(struct ll_schema_reader *r, const struct ll_schema_row *row,
                         const struct ll_yaml_node *list)
{
    const struct ll_schema_row *unique = row_with(row->sub, LL_SCHEMA_UNIQUE);
    LL_AUTO(ll_map) seen = unique ? ll_map_new(0, LL_MAX(list->n, (size_t)1)) : NULL;
    if (unique && !seen)
        ll_schema_fail(r, &list->place, "%s: no memory", row->key);
    for (const struct ll_yaml_node *n = list->first; seen && n; n = n->next) {
        const struct ll_yaml_node *name =
            n->kind == LL_YAML_MAP ? ll_yaml_get(n, ll_slice_of(unique->key)) : NULL;
        size_t line = 0;
        char shown[LL_YAML_QUOTE_MAX];
        if (!name || name->kind != LL_YAML_SCALAR)
            continue;
        if (ll_map_get(seen, name->text, &line))
            ll_schema_fail(r, &name->place, "%s: '%s' is already on line %zu", unique->key,
                           ll_yaml_quote(name->text, shown), line);
        else if (!ll_map_put(seen, name->text, (size_t)name->place.line))
            ll_schema_fail(r, &name->place, "%s: no memory", row->key);
    }
}

static void read_items(struct ll_schema_reader *r, const struct ll_schema_row *row,
                       const struct ll_yaml_node *node, void *obj)
{
    enum ll_yaml_kind kind = row->type == LL_SCHEMA_MAP ? LL_YAML_MAP : LL_YAML_LIST;
    if (!node || ll_yaml_is_null(node) || !right_kind(r, row->key, node, kind) ||
        !right_count(r, row, node))
        return;
    unsigned char *items = ll_arena_alloc(r->out, node->n, row->sub->size);
    if (!items) {
        ll_schema_fail(r, &node->place, "%s: no memory for %zu items", row->key, node->n);
        return;
    }
    size_t i = 0;
    for (const struct ll_yaml_node *n = node->first; n; n = n->next)
        read_item(r, row, n, items + row->sub->size * i++);
    if (row->type == LL_SCHEMA_LIST)
        check_unique(r, row, node);
    memcpy(ll_schema_field(obj, row->offset), &items, sizeof(items));
    memcpy(ll_schema_field(obj, row->offset_n), &node->n, sizeof(node->n));
    if (r->places &&
        !ll_schema_place_put(r->places, ll_schema_field(obj, row->offset), &node->place))
        ll_schema_fail(r, &node->place, "%s: no memory", row->key);
}

/* One text of a list of texts, from node or, when that is NULL, from the default. */
static const char *read_one(struct ll_schema_reader *r, const struct ll_schema_row *row,
                            const struct ll_yaml_node *node)
{
    size_t n;
    if (node->kind != LL_YAML_SCALAR || ll_yaml_is_null(node)) {
        ll_schema_fail(r, &node->place, "%s: each item must be text", row->key);
        return NULL;
    }
    return ll_schema_text_read(r, row, node->text, &node->place, &n);
}

static void set_texts(const struct ll_schema_row *row, const char **v, void *field)
{
    (void)row;
    const char *const *list = v;
    memcpy(field, &list, sizeof(list));
}

static void read_texts(struct ll_schema_reader *r, const struct ll_schema_row *row,
                       const struct ll_yaml_node *node, void *field)
{
    bool one = node->kind == LL_YAML_SCALAR && row->flags & LL_SCHEMA_ONE && !ll_yaml_is_null(node);
    if (!one && (!right_kind(r, row->key, node, LL_YAML_LIST) || !right_count(r, row, node)))
        return;
    size_t n = one ? 1 : node->n, i = 0;
    const char **v = LL_ARENA_NEW(r->out, const char *, n + 1);
    if (!v) {
        ll_schema_fail(r, &node->place, "%s: no memory", row->key);
        return;
    }
    if (one)
        v[0] = read_one(r, row, node);
    for (const struct ll_yaml_node *item = one ? NULL : node->first; item; item = item->next)
        v[i++] = read_one(r, row, item);
    set_texts(row, v, field);
    if (r->places && !ll_schema_place_put(r->places, field, &node->place))
        ll_schema_fail(r, &node->place, "%s: no memory", row->key);
}

/* A default list is empty or has one text. */
static void standard_texts(struct ll_schema_reader *r, const struct ll_schema_row *row, void *field)
{
    struct ll_yaml_place none = {0};
    const char **v = LL_ARENA_NEW(r->out, const char *, 2);
    size_t n;
    if (v && *row->standard)
        v[0] = ll_schema_text_read(r, row, ll_slice_of(row->standard), &none, &n);
    if (v)
        set_texts(row, v, field);
    else
        ll_schema_fail(r, &none, "%s: no memory", row->key);
}

static void read_row(struct ll_schema_reader *r, const struct ll_schema_row *row,
                     const struct ll_yaml_node *node, void *obj)
{
    void *field = ll_schema_field(obj, row->offset);
    if (row->type == LL_SCHEMA_STRUCT)
        read_struct(r, row, node, field);
    else if (row->type == LL_SCHEMA_LIST || row->type == LL_SCHEMA_MAP)
        read_items(r, row, node, obj);
    else if (row->type == LL_SCHEMA_TEXTS && node)
        read_texts(r, row, node, field);
    else if (node)
        (void)ll_schema_scalar_read(r, row, node, field);
    else if (row->type == LL_SCHEMA_TEXTS && row->standard)
        standard_texts(r, row, field);
    else if (row->standard)
        ll_schema_scalar_standard(r, row, ll_slice_of(row->standard), field);
}

bool ll_schema_read(struct ll_schema_reader *r, const struct ll_schema *s,
                    const struct ll_yaml_node *root, void *obj)
{
    if (root->kind != LL_YAML_MAP) {
        ll_schema_fail(r, &root->place, "the document must be a map of keys, not %s",
                       ll_yaml_kind_name(root->kind));
        return false;
    }
    read_members(r, s, root, obj);
    return r->n_errs == 0;
}
