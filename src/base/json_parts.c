#include "base/json_parts.h"

#include <math.h>

#include "base/json_in.h"
#include "base/num.h"

/* Reading decodes in place: a copy is read, and its places are those of the text. */
struct cut {
    struct ll_json_in in;
    struct ll_slice text;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where the value begins whose token comes next. */
static size_t begin_of(const struct cut *c, char separator)
{
    size_t at = c->in.at;
    while (at < c->text.n && (is_space(c->text.s[at]) || c->text.s[at] == separator))
        at++;
    return at;
}

/* Reads one token; its value as written goes to *raw. */
static bool take(struct cut *c, char separator, struct ll_json_tok *tok, struct ll_slice *raw,
                 struct ll_err *err)
{
    const size_t from = begin_of(c, separator);
    if (!ll_json_in_next(&c->in, tok, err))
        return false;
    if (tok->kind == LL_JSON_OBJECT_END || tok->kind == LL_JSON_ARRAY_END)
        return true;
    if (tok->kind != LL_JSON_KEY && !ll_json_in_skip(&c->in, tok, err))
        return false;
    *raw = (struct ll_slice){c->text.s + from, c->in.at - from};
    return true;
}

static bool take_part(struct cut *c, bool object, struct ll_json_part *part, bool *end,
                      struct ll_err *err)
{
    struct ll_json_tok tok;
    struct ll_slice raw = {"", 0};
    *part = (struct ll_json_part){{"", 0}, {"", 0}};
    if (!take(c, ',', &tok, &raw, err))
        return false;
    *end = tok.kind == LL_JSON_OBJECT_END || tok.kind == LL_JSON_ARRAY_END;
    if (*end)
        return true;
    if (!object) {
        part->value = raw;
        return true;
    }
    /* A key's token ends at its quote, or behind the colon. */
    size_t n = raw.n;
    while (n > 0 && raw.s[n - 1] != '"')
        n--;
    part->key = (struct ll_slice){raw.s + 1, n >= 2 ? n - 2 : 0};
    return take(c, ':', &tok, &part->value, err);
}

/* Cuts it; with v NULL the parts are only counted. */
static bool cut_all(struct ll_slice text, struct ll_arena *a, struct ll_json_part *v, size_t *n,
                    bool *object, struct ll_err *err)
{
    struct ll_json_tok tok;
    char *copy = ll_arena_copy(a, text.s, text.n);
    struct cut c = {.text = text};
    struct ll_json_part part;
    bool end = false;
    if (!copy)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu bytes of JSON", text.n);
    ll_json_in_init(&c.in, copy, text.n);
    if (!ll_json_in_next(&c.in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT && tok.kind != LL_JSON_ARRAY)
        return ll_err_set(err, LL_E_INVALID, "neither an object nor an array");
    *object = tok.kind == LL_JSON_OBJECT;
    for (*n = 0; take_part(&c, *object, &part, &end, err); ++*n) {
        if (end)
            return ll_json_in_next(&c.in, &tok, err); /* nothing may follow */
        if (v)
            v[*n] = part;
    }
    return false;
}

bool ll_json_parts(struct ll_slice text, struct ll_arena *out, struct ll_json_parts *p,
                   struct ll_err *err)
{
    size_t n = 0;
    bool object = false;
    LL_AUTO(ll_arena) scratch = ll_arena_new(2 * text.n + 4096);
    if (!scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu bytes of JSON", text.n);
    if (!cut_all(text, scratch, NULL, &n, &object, err))
        return false;
    struct ll_json_part *v = LL_ARENA_NEW(out, struct ll_json_part, LL_MAX(n, (size_t)1));
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu parts of JSON", n);
    ll_arena_reset(scratch);
    if (!cut_all(text, scratch, v, &n, &object, err))
        return false;
    *p = (struct ll_json_parts){v, n, object};
    return true;
}

struct ll_slice ll_json_part_of(const struct ll_json_parts *p, const char *key)
{
    for (size_t i = 0; i < p->n; i++)
        if (ll_slice_is(p->v[i].key, key))
            return p->v[i].value;
    return (struct ll_slice){"", 0};
}

bool ll_json_part_number(struct ll_slice part, double *out)
{
    if (ll_slice_is(part, "null")) {
        *out = NAN;
        return true;
    }
    return ll_num_parse(part, out);
}

bool ll_json_part_int(struct ll_slice part, int64_t *out)
{
    return ll_num_parse_int(part, out);
}

bool ll_json_part_bool(struct ll_slice part, bool *out)
{
    const bool yes = ll_slice_is(part, "true");
    if (yes || ll_slice_is(part, "false"))
        *out = yes;
    return yes || ll_slice_is(part, "false");
}

bool ll_json_part_text(struct ll_slice part, struct ll_arena *a, struct ll_slice *out)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    char *copy = part.n ? ll_arena_copy(a, part.s, part.n) : NULL;
    if (!copy)
        return false;
    ll_json_in_init(&in, copy, part.n);
    if (!ll_json_in_next(&in, &tok, NULL) || tok.kind != LL_JSON_STRING)
        return false;
    *out = tok.text;
    return true;
}
