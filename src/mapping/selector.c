/* The grammar is PromQL's (promql/parser of Prometheus 3: also names in quotes inside the
 * braces).  Regular expressions: PCRE2 with matching bounded in steps and in memory. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "mapping/selector.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
    ARENA_BYTES = 64 << 10,
    PATTERN_BYTES_MAX = 1024,
    NEST_MAX = 32,
    STEPS_MAX = 50000, /* of one match; an ordinary one needs a few hundred */
    HEAP_KIB_MAX = 512
};

enum operation { EQUAL, NOT_EQUAL, LIKE, NOT_LIKE };

struct matcher {
    struct ll_slice name, value;
    enum operation operation;
    pcre2_code *code; /* of LIKE and NOT_LIKE */
};

struct ll_selector {
    struct ll_arena *arena;
    pcre2_match_context *limits;
    struct matcher v[LL_SELECTOR_MATCHERS_MAX];
    size_t n;
};

struct parser {
    struct ll_selector *s;
    const char *start, *at, *end;
    struct ll_err *err;
};

void ll_selector_free(struct ll_selector *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        pcre2_code_free(s->v[i].code);
    pcre2_match_context_free(s->limits);
    ll_arena_free(s->arena);
    free(s);
}

static bool fail(const struct parser *p, const char *what)
{
    return ll_err_set_at(p->err, LL_E_INVALID, 0, (int)(p->at - p->start) + 1, "%s", what);
}

static bool no_memory(const struct parser *p)
{
    return ll_err_set(p->err, LL_E_MEMORY, "no memory for a selector");
}

static void skip_space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool take(struct parser *p, char c)
{
    skip_space(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool is_letter(char c, bool colons)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
}

/* Empty when there is none. */
static struct ll_slice take_word(struct parser *p, bool colons)
{
    skip_space(p);
    const char *from = p->at;
    while (p->at < p->end &&
           (is_letter(*p->at, colons) || (p->at > from && *p->at >= '0' && *p->at <= '9')))
        p->at++;
    return (struct ll_slice){from, (size_t)(p->at - from)};
}

static int digit_of(char c, int base)
{
    int d = 99;
    if (c >= '0' && c <= '9')
        d = c - '0';
    else if (c >= 'a' && c <= 'f')
        d = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
        d = c - 'A' + 10;
    return d < base ? d : -1;
}

/* Exactly n digits; -1 when they are not there. */
static int64_t take_digits(struct parser *p, int n, int base)
{
    int64_t v = 0;
    for (int i = 0; i < n; i++, p->at++) {
        int d = p->at < p->end ? digit_of(*p->at, base) : -1;
        if (d < 0)
            return -1;
        v = v * base + d;
    }
    return v;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0u | c >> 6);
        *to++ = (char)(0x80u | (c & 0x3fu));
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0u | c >> 12);
        } else {
            *to++ = (char)(0xf0u | c >> 18);
            *to++ = (char)(0x80u | (c >> 12 & 0x3fu));
        }
        *to++ = (char)(0x80u | (c >> 6 & 0x3fu));
        *to++ = (char)(0x80u | (c & 0x3fu));
    }
    return to;
}

/* What follows a backslash, as Go writes it; at most as long as its source. */
static bool take_escape(struct parser *p, char **to)
{
    static const char letters[] = "abfnrtv\\\"'", bytes[] = "\a\b\f\n\r\t\v\\\"'";
    if (p->at == p->end)
        return fail(p, "the text ends in a backslash");
    char c = *p->at;
    const char *known = c ? strchr(letters, c) : NULL;
    if (known) {
        p->at++;
        *(*to)++ = bytes[known - letters];
        return true;
    }
    int64_t v = -1;
    bool character = c == 'u' || c == 'U';
    if (digit_of(c, 8) >= 0) {
        v = take_digits(p, 3, 8);
    } else if (c == 'x' || character) {
        p->at++;
        v = take_digits(p, c == 'x' ? 2 : (c == 'u' ? 4 : 8), 16);
    }
    if (v < 0 || v > (character ? 0x10ffff : 0xff))
        return fail(p, "an escape that is not known");
    if (character)
        *to = put_utf8(*to, (uint32_t)v);
    else
        *(*to)++ = (char)v;
    return true;
}

/* "…", '…' with escapes, or `…` without. */
static bool take_text(struct parser *p, struct ll_slice *out)
{
    skip_space(p);
    char quote = p->at < p->end ? *p->at : '\0';
    if (quote != '"' && quote != '\'' && quote != '`')
        return fail(p, "a text in quotes was expected");
    const char *from = p->at++;
    char *copy = ll_arena_alloc(p->s->arena, (size_t)(p->end - p->at) + 1, 1), *to = copy;
    if (!copy)
        return no_memory(p);
    while (p->at < p->end && *p->at != quote) {
        if (*p->at == '\n' && quote != '`')
            break;
        if (*p->at == '\\' && quote != '`') {
            p->at++;
            if (!take_escape(p, &to))
                return false;
        } else {
            *to++ = *p->at++;
        }
    }
    if (p->at == p->end || *p->at != quote) {
        p->at = from;
        return fail(p, "the quote is not closed");
    }
    p->at++;
    *out = (struct ll_slice){copy, (size_t)(to - copy)};
    return ll_utf8_valid(copy, out->n) || fail(p, "the text is not UTF-8");
}

static bool take_operation(struct parser *p, enum operation *out)
{
    static const char *const forms[] = {
        [LIKE] = "=~", [NOT_LIKE] = "!~", [NOT_EQUAL] = "!=", [EQUAL] = "="};
    static const enum operation order[] = {LIKE, NOT_LIKE, NOT_EQUAL, EQUAL};
    skip_space(p);
    for (size_t i = 0; i < LL_LEN(order); i++) {
        size_t n = strlen(forms[order[i]]);
        if ((size_t)(p->end - p->at) >= n && memcmp(p->at, forms[order[i]], n) == 0) {
            p->at += n;
            *out = order[i];
            return true;
        }
    }
    return fail(p, "one of = != =~ !~ was expected");
}

static pcre2_code *compile_within(struct ll_slice pattern, pcre2_compile_context *limits, int *code,
                                  size_t *at)
{
    pcre2_set_max_pattern_length(limits, PATTERN_BYTES_MAX);
    pcre2_set_parens_nest_limit(limits, NEST_MAX);
    return pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.s : ""), pattern.n,
                         PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_UTF | PCRE2_DOTALL |
                             PCRE2_NEVER_BACKSLASH_C,
                         code, at, limits);
}

static bool compile(const struct parser *p, struct ll_slice pattern, pcre2_code **out)
{
    int code = 0;
    size_t at = 0;
    pcre2_compile_context *limits = pcre2_compile_context_create(NULL);
    if (!limits)
        return no_memory(p);
    *out = compile_within(pattern, limits, &code, &at);
    pcre2_compile_context_free(limits);
    if (*out)
        return true;
    char why[160] = "";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
    return ll_err_set_at(p->err, LL_E_INVALID, 0, (int)(p->at - p->start) + 1,
                         "the regular expression '%.*s' is wrong at %zu: %s",
                         (int)LL_MIN(pattern.n, (size_t)100), pattern.s, at + 1, why);
}

static bool add(struct parser *p, struct ll_slice name, enum operation operation,
                struct ll_slice value)
{
    struct ll_selector *s = p->s;
    pcre2_code *code = NULL;
    if (s->n == LL_SELECTOR_MATCHERS_MAX)
        return ll_err_set(p->err, LL_E_RANGE, "more than %d matchers", LL_SELECTOR_MATCHERS_MAX);
    if ((operation == LIKE || operation == NOT_LIKE) && !compile(p, value, &code))
        return false;
    s->v[s->n++] = (struct matcher){name, value, operation, code};
    return true;
}

static bool take_matcher(struct parser *p)
{
    struct ll_slice name, value;
    enum operation operation = EQUAL;
    skip_space(p);
    bool quoted = p->at < p->end && !is_letter(*p->at, false);
    if (quoted) {
        if (!take_text(p, &name))
            return false;
        skip_space(p);
        if (p->at == p->end || *p->at == ',' || *p->at == '}') /* {"a.b"}: a metric's name */
            return add(p, LL_LABELS_NAME, EQUAL, name);
    } else {
        name = take_word(p, false);
    }
    return take_operation(p, &operation) && take_text(p, &value) && add(p, name, operation, value);
}

static bool take_selector(struct parser *p)
{
    struct ll_slice name = take_word(p, true);
    if (name.n && !add(p, LL_LABELS_NAME, EQUAL, name))
        return false;
    if (take(p, '{')) {
        while (!take(p, '}')) {
            if (!take_matcher(p))
                return false;
            skip_space(p);
            if (!take(p, ',') && (p->at == p->end || *p->at != '}'))
                return fail(p, "',' or '}' was expected");
        }
    } else if (name.n == 0) {
        return fail(p, "a metric name or '{' was expected");
    }
    skip_space(p);
    return p->at == p->end || fail(p, "the selector should end here");
}

static bool is_like(const struct ll_selector *s, const struct matcher *m, struct ll_slice value,
                    bool *matched)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data)
        return false;
    int found = pcre2_match(m->code, (PCRE2_SPTR)(value.n ? value.s : ""), value.n, 0,
                            PCRE2_NO_UTF_CHECK, data, s->limits);
    pcre2_match_data_free(data);
    *matched = found >= 0;
    return found >= 0 || found == PCRE2_ERROR_NOMATCH;
}

/* A match that could not be decided within the limits is none, whichever way it was asked. */
static bool holds(const struct ll_selector *s, const struct matcher *m, struct ll_slice value)
{
    bool matched = false;
    switch (m->operation) {
    case EQUAL:
        return ll_slice_eq(value, m->value);
    case NOT_EQUAL:
        return !ll_slice_eq(value, m->value);
    case LIKE:
        return is_like(s, m, value, &matched) && matched;
    case NOT_LIKE:
        return is_like(s, m, value, &matched) && !matched;
    }
    return false;
}

static bool some_matcher_needs_a_value(const struct ll_selector *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!holds(s, &s->v[i], (struct ll_slice){"", 0}))
            return true;
    return false;
}

static bool set_limits(struct ll_selector *s)
{
    s->limits = pcre2_match_context_create(NULL);
    if (!s->limits)
        return false;
    pcre2_set_match_limit(s->limits, STEPS_MAX);
    pcre2_set_depth_limit(s->limits, STEPS_MAX);
    pcre2_set_heap_limit(s->limits, HEAP_KIB_MAX);
    return true;
}

bool ll_selector_parse(struct ll_slice text, struct ll_selector **out, struct ll_err *err)
{
    if (text.n > LL_SELECTOR_BYTES_MAX)
        return ll_err_set(err, LL_E_INVALID, "a selector of %zu bytes is longer than %d", text.n,
                          LL_SELECTOR_BYTES_MAX);
    if (!ll_utf8_valid(text.s, text.n))
        return ll_err_set(err, LL_E_INVALID, "the selector is not UTF-8");
    LL_AUTO(ll_selector) s = calloc(1, sizeof(*s));
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a selector");
    s->arena = ll_arena_new(ARENA_BYTES + LL_SELECTOR_BYTES_MAX * LL_SELECTOR_MATCHERS_MAX);
    const char *copy = s->arena ? ll_arena_copy(s->arena, text.n ? text.s : "", text.n) : NULL;
    if (!copy || !set_limits(s))
        return ll_err_set(err, LL_E_MEMORY, "no memory for a selector");
    struct parser p = {s, copy, copy, copy + text.n, err};
    if (!take_selector(&p))
        return false;
    if (!some_matcher_needs_a_value(s))
        return ll_err_set_at(err, LL_E_INVALID, 0, 1,
                             "at least one matcher must not accept the empty value");
    *out = s;
    s = NULL;
    return true;
}

bool ll_selector_match(const struct ll_selector *s, struct ll_slice labels)
{
    return ll_selector_match_from(s, labels, (struct ll_slice){"", 0});
}

bool ll_selector_match_from(const struct ll_selector *s, struct ll_slice labels,
                            struct ll_slice source)
{
    for (size_t i = 0; i < s->n; i++) {
        bool pseudo = source.n && ll_slice_is(s->v[i].name, "__source__");
        if (!holds(s, &s->v[i], pseudo ? source : ll_labels_get(labels, s->v[i].name)))
            return false;
    }
    return true;
}

struct ll_slice ll_selector_name(const struct ll_selector *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].operation == EQUAL && ll_slice_is(s->v[i].name, "__name__"))
            return s->v[i].value;
    return (struct ll_slice){"", 0};
}
