#include "mapping/template.h"

#include <string.h>

static const char *find(const char *from, const char *end, char c)
{
    return from < end ? memchr(from, c, (size_t)(end - from)) : NULL;
}

struct ll_slice ll_template_host(struct ll_slice a)
{
    const char *end = a.s + a.n;
    for (size_t i = 0; i + 3 <= a.n; i++)
        if (memcmp(a.s + i, "://", 3) == 0) {
            a.s += i + 3;
            break;
        }
    const char *path = find(a.s, end, '/');
    if (path)
        end = path;
    a.n = (size_t)(end - a.s);
    if (a.n && *a.s == '[') { /* [::1]:9100 */
        const char *close = find(a.s, end, ']');
        return close ? (struct ll_slice){a.s + 1, (size_t)(close - a.s) - 1} : a;
    }
    const char *colon = find(a.s, end, ':');
    if (colon && colon > a.s && !find(colon + 1, end, ':')) /* two of them: an address of IPv6 */
        a.n = (size_t)(colon - a.s);
    return a;
}

static bool parse_label(struct ll_slice inside, struct ll_template_piece *piece, struct ll_err *err)
{
    struct ll_slice name = inside;
    bool host = false, unit = false;
    const char *bar = find(name.s, name.s + name.n, '|');
    if (bar) {
        struct ll_slice filter = {bar + 1, (size_t)(name.s + name.n - bar) - 1};
        host = ll_slice_is(filter, "host");
        unit = ll_slice_is(filter, "unit");
        if (!host && !unit)
            return ll_err_set(err, LL_E_INVALID, "'{%.*s}': '%.*s' is not 'host' or 'unit'",
                              (int)inside.n, inside.s, (int)filter.n, filter.s);
        name.n = (size_t)(bar - name.s);
    }
    bool optional = name.n > 1 && name.s[name.n - 1] == '?';
    name.n -= optional;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
              (c >= '0' && c <= '9')))
            return ll_err_set(err, LL_E_INVALID, "'{%.*s}' is not the name of a label",
                              (int)inside.n, inside.s);
    }
    if (name.n == 0)
        return ll_err_set(err, LL_E_INVALID, "'{}' names no label");
    *piece = (struct ll_template_piece){name, true, optional, host, unit};
    return true;
}

/* The piece at *at; *at moves behind it. */
static bool next_piece(const char **at, const char *end, struct ll_template_piece *piece,
                       struct ll_err *err)
{
    const char *from = *at;
    if (*from != '{') {
        const char *brace = find(from, end, '{');
        *at = brace ? brace : end;
        *piece = (struct ll_template_piece){.text = {from, (size_t)(*at - from)}};
        return true;
    }
    if (end - from > 1 && from[1] == '{') {
        *at = from + 2;
        *piece = (struct ll_template_piece){.text = {from, 1}};
        return true;
    }
    const char *close = find(from, end, '}');
    if (!close)
        return ll_err_set(err, LL_E_INVALID, "the brace in '%.*s' is not closed",
                          (int)LL_MIN(end - from, 100), from);
    *at = close + 1;
    return parse_label((struct ll_slice){from + 1, (size_t)(close - from) - 1}, piece, err);
}

bool ll_template_parse(struct ll_slice text, struct ll_arena *arena, struct ll_template *out,
                       struct ll_err *err)
{
    struct ll_template t = {.n = 0};
    if (text.n > 4 * LL_NAME_MAX || !ll_utf8_valid(text.s, text.n))
        return ll_err_set(err, LL_E_INVALID, "the template is longer than %d bytes or not UTF-8",
                          4 * LL_NAME_MAX);
    const char *at = ll_arena_copy(arena, text.n ? text.s : "", text.n);
    if (!at)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a template");
    for (const char *end = at + text.n; at < end; t.n++) {
        if (t.n == LL_TEMPLATE_PIECES_MAX)
            return ll_err_set(err, LL_E_RANGE, "the template has more than %d pieces",
                              LL_TEMPLATE_PIECES_MAX);
        if (!next_piece(&at, end, &t.v[t.n], err))
            return false;
    }
    *out = t;
    return true;
}

bool ll_template_expand(const struct ll_template *t, struct ll_slice labels, struct ll_slice source,
                        char buf[static LL_NAME_MAX + 1], size_t *n)
{
    size_t used = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct ll_template_piece *p = &t->v[i];
        struct ll_slice text = p->text;
        if (p->label) {
            text = ll_slice_is(p->text, "__source__") ? source : ll_labels_get(labels, p->text);
            if (p->host)
                text = ll_template_host(text);
            if (p->unit && text.n > 8 && memcmp(text.s + text.n - 8, ".service", 8) == 0)
                text.n -= 8;
            if (text.n == 0 && !p->optional)
                return false;
        }
        if (text.n > LL_NAME_MAX - used || (text.n && memchr(text.s, '\0', text.n)))
            return false;
        if (text.n)
            memcpy(buf + used, text.s, text.n);
        used += text.n;
    }
    buf[used] = '\0';
    *n = used;
    return true;
}
