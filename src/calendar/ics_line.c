#include "calendar/ics_line.h"

#include <string.h>

#include "calendar/ics.h"

void ll_ics_lines_init(struct ll_ics_lines *l, struct ll_slice text)
{
    static const char mark[] = "\xef\xbb\xbf";
    *l = (struct ll_ics_lines){.rest = text, .next_line = 1};
    if (text.n >= 3 && memcmp(text.s, mark, 3) == 0)
        l->rest = (struct ll_slice){text.s + 3, text.n - 3};
    ll_str_init(&l->text, LL_ICS_LINE_MAX);
}

void ll_ics_lines_fini(struct ll_ics_lines *l)
{
    ll_str_fini(&l->text);
}

/* One line as it stands, without its end. */
static struct ll_slice physical_line(struct ll_ics_lines *l)
{
    const char *end = memchr(l->rest.s, '\n', l->rest.n);
    struct ll_slice line = {l->rest.s, end ? (size_t)(end - l->rest.s) : l->rest.n};
    const size_t used = line.n + (end ? 1 : 0);
    l->rest.s += used;
    l->rest.n -= used;
    l->next_line++;
    if (line.n > 0 && line.s[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool add_part(struct ll_ics_lines *l, struct ll_slice part, struct ll_err *err)
{
    if (l->text.n + part.n > LL_ICS_LINE_MAX)
        return ll_err_set_at(err, LL_E_TOO_LARGE, l->line, 0,
                             "a line is longer than %d bytes once unfolded", LL_ICS_LINE_MAX);
    ll_str_add(&l->text, part.s, part.n);
    return !l->text.failed ||
           ll_err_set_at(err, LL_E_MEMORY, l->line, 0, "no memory for a line of the calendar");
}

/* Behind a line end, a space or tab says that the line goes on (3.1). */
static bool unfold(struct ll_ics_lines *l, struct ll_err *err)
{
    ll_str_clear(&l->text);
    l->line = l->next_line;
    if (!add_part(l, physical_line(l), err))
        return false;
    while (l->rest.n > 0 && (l->rest.s[0] == ' ' || l->rest.s[0] == '\t')) {
        l->rest.s++;
        l->rest.n--;
        if (!add_part(l, physical_line(l), err))
            return false;
    }
    return true;
}

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* The colon that ends the parameters is the first outside quotes. */
static bool split(const struct ll_ics_lines *l, struct ll_ics_property *p, struct ll_err *err)
{
    const struct ll_slice all = {ll_str_z(&l->text), l->text.n};
    size_t name = 0, colon;
    bool quoted = false;
    while (name < all.n && is_name_char(all.s[name]))
        name++;
    for (colon = name; colon < all.n && (quoted || all.s[colon] != ':'); colon++)
        quoted ^= all.s[colon] == '"';
    if (name == 0 || colon == all.n || (all.s[name] != ':' && all.s[name] != ';'))
        return ll_err_set_at(err, LL_E_INVALID, l->line, 0,
                             "no line of the form NAME:value: '%.*s'",
                             (int)LL_MIN(all.n, (size_t)80), all.s);
    p->name = (struct ll_slice){all.s, name};
    p->params = (struct ll_slice){all.s + name, colon - name};
    p->value = (struct ll_slice){all.s + colon + 1, all.n - colon - 1};
    return true;
}

bool ll_ics_line_next(struct ll_ics_lines *l, struct ll_ics_property *p, struct ll_err *err)
{
    if (!unfold(l, err))
        return false;
    *p = (struct ll_ics_property){{"", 0}, {"", 0}, {"", 0}};
    return l->text.n == 0 || split(l, p, err);
}

/* Behind the semicolon at s[from]: the end of that parameter. */
static size_t param_end(struct ll_slice params, size_t from)
{
    bool quoted = false;
    size_t i = from + 1;
    for (; i < params.n && (quoted || params.s[i] != ';'); i++)
        quoted ^= params.s[i] == '"';
    return i;
}

struct ll_slice ll_ics_line_param(const struct ll_ics_property *p, const char *name)
{
    for (size_t from = 0, end; from < p->params.n; from = end) {
        end = param_end(p->params, from);
        const char *s = p->params.s + from + 1, *equals = memchr(s, '=', end - from - 1);
        if (!equals || !ll_slice_ieq((struct ll_slice){s, (size_t)(equals - s)}, name))
            continue;
        struct ll_slice v = {equals + 1, (size_t)(p->params.s + end - equals - 1)};
        if (v.n >= 2 && v.s[0] == '"' && v.s[v.n - 1] == '"')
            v = (struct ll_slice){v.s + 1, v.n - 2};
        return v;
    }
    return LL_SLICE("");
}
