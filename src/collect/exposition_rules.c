/* Rules of the text format: one HELP and one TYPE for a family, TYPE before its samples, bounds
 * that are numbers, counts that are not negative. */
#include "collect/exposition_rules.h"

#include <stdlib.h>
#include <string.h>

/* A family of text, packed into the map's value. */
enum { HAS_HELP = 1, HAS_TYPE = 2, TYPE_SHIFT = 2 };

struct ll_exposition_rules *ll_exposition_rules_new(const struct ll_exposition_parser *p,
                                                    size_t page_bytes)
{
    struct ll_exposition_rules *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    /* No more than some keys per sample, each about as long as its line. */
    r->arena = ll_arena_new(page_bytes * 16 + ((size_t)1 << 20));
    r->seen = ll_map_new(p->opts->seed, p->max_samples * 4 + 16);
    if (r->arena && r->seen)
        return r;
    ll_exposition_rules_free(r);
    return NULL;
}

void ll_exposition_rules_free(struct ll_exposition_rules *r)
{
    if (!r)
        return;
    ll_map_free(r->seen);
    ll_arena_free(r->arena);
    free(r);
}

char *ll_exposition_rules_key(struct ll_exposition_rules *r, char kind, uint32_t number,
                              size_t bytes, struct ll_slice *out)
{
    const size_t head = 1 + sizeof(number);
    char *key = ll_arena_alloc(r->arena, head + bytes, 1);
    if (!key)
        return NULL;
    key[0] = kind;
    memcpy(key + 1, &number, sizeof(number));
    *out = (struct ll_slice){key, head + bytes};
    return key + head;
}

bool ll_exposition_rules_full(struct ll_exposition_parser *p)
{
    return ll_err_set_at(p->err, LL_E_MEMORY, p->line, 1, "no memory for the rules of this page");
}

struct ll_slice ll_exposition_rules_label(const struct ll_exposition_line *l, struct ll_slice name)
{
    for (size_t i = 0; i < l->n; i++)
        if (ll_slice_eq(l->labels[i].name, name))
            return l->labels[i].value;
    return (struct ll_slice){0};
}

static bool ends_with(struct ll_slice name, const char *suffix)
{
    size_t n = strlen(suffix);
    return name.n > n && memcmp(name.s + name.n - n, suffix, n) == 0;
}

/* The family that a name without a suffix belongs to, when it is of that type. */
static bool find_parent(const struct ll_exposition_rules *r, struct ll_slice name,
                        enum ll_exposition_type type, struct ll_slice *family, size_t *flags)
{
    static const char *const suffixes[] = {"_count", "_sum", "_bucket"};
    size_t n = type == LL_EXPOSITION_SUMMARY ? 2 : 3;
    for (size_t i = 0; i < n; i++) {
        if (!ends_with(name, suffixes[i]))
            continue;
        const struct ll_slice parent = {name.s, name.n - strlen(suffixes[i])};
        if (!ll_map_get(r->seen, parent, flags) || *flags >> TYPE_SHIFT != (size_t)type)
            return false;
        *family = parent;
        return true;
    }
    return false;
}

/* The family of a name and what is known of it. */
static void find_family(const struct ll_exposition_rules *r, struct ll_slice name,
                        struct ll_slice *family, size_t *flags)
{
    *family = name;
    *flags = 0;
    if (ll_map_get(r->seen, name, flags) ||
        find_parent(r, name, LL_EXPOSITION_SUMMARY, family, flags) ||
        find_parent(r, name, LL_EXPOSITION_HISTOGRAM, family, flags) ||
        find_parent(r, name, LL_EXPOSITION_GAUGEHISTOGRAM, family, flags))
        return;
    *family = name;
    *flags = 0;
}

static bool put(struct ll_exposition_parser *p, struct ll_slice family, size_t flags)
{
    struct ll_exposition_rules *r = p->rules;
    size_t before;
    if (!ll_map_get(r->seen, family, &before)) {
        const char *copy = ll_arena_copy(r->arena, family.s, family.n);
        if (!copy)
            return ll_exposition_rules_full(p);
        family.s = copy;
    } else if (before == flags) {
        return true;
    }
    return ll_map_put(r->seen, family, flags) || ll_exposition_rules_full(p);
}

static bool text_meta(struct ll_exposition_parser *p, enum ll_exposition_keyword k,
                      struct ll_slice name)
{
    struct ll_slice family;
    size_t flags;
    find_family(p->rules, name, &family, &flags);
    if (k == LL_EXPOSITION_HELP && flags & HAS_HELP)
        return ll_exposition_fail_at(p, p->line_start, "a second HELP for '%.*s'",
                                     (int)LL_MIN(family.n, (size_t)80), family.s);
    if (k == LL_EXPOSITION_TYPE && flags & HAS_TYPE)
        return ll_exposition_fail_at(p, p->line_start,
                                     "a second TYPE for '%.*s', or one after its samples",
                                     (int)LL_MIN(family.n, (size_t)80), family.s);
    if (k == LL_EXPOSITION_HELP)
        return put(p, family, flags | HAS_HELP);
    return put(p, family, (flags & HAS_HELP) | HAS_TYPE | (size_t)p->type << TYPE_SHIFT);
}

static bool check_bound(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                        const char *name)
{
    double bound;
    struct ll_slice v = ll_exposition_rules_label(l, ll_slice_of(name));
    return !v.s || ll_exposition_number(v, &bound) ||
           ll_exposition_fail_at(p, p->line_start, "the label %s is '%.*s', not a number", name,
                                 (int)LL_MIN(v.n, (size_t)40), v.s);
}

static bool text_sample(struct ll_exposition_parser *p, const struct ll_exposition_line *l)
{
    struct ll_slice family;
    size_t flags;
    find_family(p->rules, l->name, &family, &flags);
    enum ll_exposition_type type = (enum ll_exposition_type)(flags >> TYPE_SHIFT);
    bool histogram = type == LL_EXPOSITION_HISTOGRAM, summary = type == LL_EXPOSITION_SUMMARY;
    if (histogram || type == LL_EXPOSITION_GAUGEHISTOGRAM)
        if (!check_bound(p, l, "le"))
            return false;
    if (summary && !check_bound(p, l, "quantile"))
        return false;
    bool counts = (histogram && ends_with(l->name, "_bucket")) ||
                  ((histogram || summary) && ends_with(l->name, "_count"));
    if (counts && family.n < l->name.n && l->value < 0)
        return ll_err_set_at(p->err, LL_E_INVALID, p->line, l->column,
                             "a count of a %s is never negative", ll_exposition_type_name(type));
    return put(p, family, flags | HAS_TYPE);
}

bool ll_exposition_rules_meta(struct ll_exposition_parser *p, enum ll_exposition_keyword k,
                              struct ll_slice name, struct ll_slice text)
{
    if (p->opts->format == LL_EXPOSITION_TEXT)
        return text_meta(p, k, name);
    return ll_exposition_rules_om_meta(p, k, name, text);
}

bool ll_exposition_rules_sample(struct ll_exposition_parser *p, const struct ll_exposition_line *l)
{
    if (p->opts->format == LL_EXPOSITION_TEXT)
        return text_sample(p, l);
    return ll_exposition_rules_om_sample(p, l);
}

bool ll_exposition_rules_end(struct ll_exposition_parser *p)
{
    return p->opts->format == LL_EXPOSITION_TEXT || ll_exposition_rules_om_end(p);
}
