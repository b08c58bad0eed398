/* Places, messages and the tree; reading is yaml_read.c. */
#include "config/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ll_yaml_kind_name(enum ll_yaml_kind kind)
{
    static const char *const names[] = {"text", "a map", "a list"};
    return names[kind];
}

struct ll_yaml_node *ll_yaml_add(struct ll_arena *a, struct ll_yaml_node *parent,
                                 enum ll_yaml_kind kind, struct ll_slice key)
{
    struct ll_yaml_node *n = LL_ARENA_NEW(a, struct ll_yaml_node, 1);
    if (!n)
        return NULL;
    n->kind = kind;
    n->key = key;
    n->parent = parent;
    if (!parent)
        return n;
    if (parent->last)
        parent->last->next = n;
    else
        parent->first = n;
    parent->last = n;
    parent->n++;
    return n;
}

struct ll_yaml_node *ll_yaml_get(const struct ll_yaml_node *map, struct ll_slice key)
{
    for (struct ll_yaml_node *n = map->first; n; n = n->next)
        if (ll_slice_eq(n->key, key))
            return n;
    return NULL;
}

bool ll_yaml_is_null(const struct ll_yaml_node *n)
{
    return n->kind == LL_YAML_SCALAR && n->style == LL_YAML_PLAIN &&
           (n->text.n == 0 || ll_slice_is(n->text, "~") || ll_slice_ieq(n->text, "null"));
}

static void append(struct ll_yaml_node *map, struct ll_yaml_node *n)
{
    n->next = NULL;
    n->parent = map;
    if (map->last)
        map->last->next = n;
    else
        map->first = n;
    map->last = n;
    map->n++;
}

/* Maps that both have wait in a list instead of on the stack: input decides their depth. */
void ll_yaml_underlay(struct ll_yaml_node *base, struct ll_yaml_node *under)
{
    under->other = base;
    under->todo = NULL;
    for (struct ll_yaml_node *todo = under; todo;) {
        struct ll_yaml_node *from = todo, *next;
        todo = from->todo;
        for (struct ll_yaml_node *n = from->first; n; n = next) {
            next = n->next;
            struct ll_yaml_node *mine = ll_yaml_get(from->other, n->key);
            if (!mine) {
                append(from->other, n);
            } else if (mine->kind == LL_YAML_MAP && n->kind == LL_YAML_MAP) {
                n->other = mine;
                n->todo = todo;
                todo = n;
            }
        }
    }
}

void ll_yaml_place_text(const struct ll_yaml_place *p, char out[static LL_YAML_PLACE_TEXT_MAX])
{
    const char *name = p->name ? p->name : "default";
    size_t n = strlen(name), keep = LL_YAML_PLACE_TEXT_MAX - 40;
    const char *cut = n > keep ? "..." : "";
    const char *tail = n > keep ? name + n - keep : name;
    if (p->line > 0)
        snprintf(out, LL_YAML_PLACE_TEXT_MAX, "%s%s:%d:%d", cut, tail, p->line, p->column);
    else
        snprintf(out, LL_YAML_PLACE_TEXT_MAX, "%s%s", cut, tail);
}

bool ll_yaml_fail(struct ll_err *err, const struct ll_yaml_place *p, const char *fmt, ...)
{
    char place[LL_YAML_PLACE_TEXT_MAX], text[LL_ERR_TEXT_MAX];
    ll_yaml_place_text(p, place);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    ll_err_set_at(err, LL_E_CONFIG, p->line, p->column, "%s", text);
    return ll_err_wrap(err, "%s", place);
}

const char *ll_yaml_quote(struct ll_slice text, char out[static LL_YAML_QUOTE_MAX])
{
    size_t n = LL_MIN(text.n, (size_t)48);
    while (n < text.n && n > 0 && ((unsigned char)text.s[n] & 0xc0) == 0x80)
        n--; /* never half a character */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.s[i];
        out[i] = (char)(c < ' ' || c == 0x7f ? '?' : c);
    }
    snprintf(out + n, LL_YAML_QUOTE_MAX - n, "%s", n < text.n ? "..." : "");
    return out;
}
