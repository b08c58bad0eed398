#include "base/json_in.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/* What may stand next. */
enum { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COMMA_OR_END, DONE };

void ll_json_in_init(struct ll_json_in *in, char *s, size_t n)
{
    *in = (struct ll_json_in){.s = s, .n = n, .expect = VALUE};
}

/* Columns count bytes; what was decoded before only moved text, never a line end. */
static bool fail_at(const struct ll_json_in *in, size_t at, enum ll_err_code code, const char *what,
                    struct ll_err *err)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < at && i < in->n; i++) {
        column++;
        if (in->s[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return ll_err_set_at(err, code, line, column, "line %d, column %d: %s", line, column, what);
}

static bool fail(const struct ll_json_in *in, const char *what, struct ll_err *err)
{
    return fail_at(in, in->at, LL_E_INVALID, what, err);
}

static int peek(const struct ll_json_in *in)
{
    return in->at < in->n ? (unsigned char)in->s[in->at] : -1;
}

static void skip_space(struct ll_json_in *in)
{
    while (in->at < in->n) {
        char c = in->s[in->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
        in->at++;
    }
}

static int hex4(const struct ll_json_in *in, size_t at)
{
    int v = 0;
    if (at + 4 > in->n)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        char c = in->s[at + i];
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

static size_t put_utf8(char *to, unsigned cp)
{
    if (cp < 0x80) {
        to[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        to[0] = (char)(0xc0 | (cp >> 6));
        to[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        to[0] = (char)(0xe0 | (cp >> 12));
        to[1] = (char)(0x80 | ((cp >> 6) & 0x3f));
        to[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | (cp >> 18));
    to[1] = (char)(0x80 | ((cp >> 12) & 0x3f));
    to[2] = (char)(0x80 | ((cp >> 6) & 0x3f));
    to[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* in->at is behind the `\u`; advances; false for what names no character. */
static bool read_code_point(struct ll_json_in *in, unsigned *cp)
{
    int hi = hex4(in, in->at);
    if (hi < 0 || (hi >= 0xdc00 && hi <= 0xdfff))
        return false;
    in->at += 4;
    *cp = (unsigned)hi;
    if (hi < 0xd800 || hi > 0xdfff)
        return true;
    if (in->at + 6 > in->n || in->s[in->at] != '\\' || in->s[in->at + 1] != 'u')
        return false;
    int lo = hex4(in, in->at + 2);
    if (lo < 0xdc00 || lo > 0xdfff)
        return false;
    in->at += 6;
    *cp = 0x10000 + (((unsigned)hi - 0xd800) << 10) + ((unsigned)lo - 0xdc00);
    return true;
}

/* in->at is at the character behind the backslash; writes at most as much as it reads. */
static bool read_escape(struct ll_json_in *in, char *to, size_t *wrote)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    int c = peek(in);
    if (c == 'u') {
        unsigned cp;
        in->at++;
        if (!read_code_point(in, &cp))
            return false;
        *wrote = put_utf8(to, cp);
        return true;
    }
    const char *at = c > 0 ? strchr(from, c) : NULL;
    if (!at)
        return false;
    *to = into[at - from];
    *wrote = 1;
    in->at++;
    return true;
}

/* in->at is behind the opening quote. */
static bool read_string(struct ll_json_in *in, struct ll_slice *out, struct ll_err *err)
{
    size_t start = in->at, to = in->at;
    for (;;) {
        int c = peek(in);
        if (c < 0)
            return fail(in, "a string does not end", err);
        if (c < 0x20)
            return fail(in, "a control character in a string is not escaped", err);
        in->at++;
        if (c == '"')
            break;
        size_t wrote = 1;
        if (c != '\\')
            in->s[to] = (char)c;
        else if (!read_escape(in, in->s + to, &wrote))
            return fail(in, "an escape in a string means nothing", err);
        to += wrote;
    }
    *out = (struct ll_slice){in->s + start, to - start};
    if (!ll_utf8_valid(out->s, out->n))
        return fail_at(in, start, LL_E_INVALID, "a string is not valid UTF-8", err);
    return true;
}

static size_t digits(const struct ll_json_in *in, size_t at)
{
    size_t n = 0;
    while (at + n < in->n && in->s[at + n] >= '0' && in->s[at + n] <= '9')
        n++;
    return n;
}

/* Length of the number at `at` by the grammar of RFC 8259, 0 = none. */
static size_t number_length(const struct ll_json_in *in, size_t start)
{
    size_t at = start;
    if (at < in->n && in->s[at] == '-')
        at++;
    size_t whole = digits(in, at);
    if (whole == 0 || (whole > 1 && in->s[at] == '0'))
        return 0;
    at += whole;
    if (at < in->n && in->s[at] == '.') {
        size_t n = digits(in, at + 1);
        if (n == 0)
            return 0;
        at += 1 + n;
    }
    if (at < in->n && (in->s[at] == 'e' || in->s[at] == 'E')) {
        at++;
        if (at < in->n && (in->s[at] == '+' || in->s[at] == '-'))
            at++;
        size_t n = digits(in, at);
        if (n == 0)
            return 0;
        at += n;
    }
    return at - start;
}

static bool read_number(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    size_t n = number_length(in, in->at);
    if (n == 0)
        return fail(in, "this is not a number", err);
    tok->kind = LL_JSON_NUMBER;
    tok->text = (struct ll_slice){in->s + in->at, n};
    if (!ll_num_parse(tok->text, &tok->number)) /* the grammar is right, so it is too large */
        tok->number = in->s[in->at] == '-' ? -INFINITY : INFINITY;
    in->at += n;
    return true;
}

static bool read_word(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    static const struct {
        const char *word;
        enum ll_json_token kind;
    } words[] = {
        {"true", LL_JSON_TRUE},          {"false", LL_JSON_FALSE},
        {"null", LL_JSON_NULL},          {"NaN", LL_JSON_NONFINITE},
        {"Infinity", LL_JSON_NONFINITE}, {"-Infinity", LL_JSON_NONFINITE},
    };
    for (size_t i = 0; i < LL_LEN(words); i++) {
        size_t n = strlen(words[i].word);
        if (n > in->n - in->at || memcmp(in->s + in->at, words[i].word, n) != 0)
            continue;
        if (words[i].kind == LL_JSON_NONFINITE && !in->allow_nonfinite)
            return fail(in, "NaN and Infinity are not JSON", err);
        tok->kind = words[i].kind;
        tok->text = (struct ll_slice){in->s + in->at, n};
        in->at += n;
        return true;
    }
    return peek(in) == '-' || (peek(in) >= '0' && peek(in) <= '9')
               ? read_number(in, tok, err)
               : fail(in, peek(in) < 0 ? "the document ends too early" : "a value is expected",
                      err);
}

static bool in_object(const struct ll_json_in *in)
{
    return in->depth > 0 && (in->objects >> (in->depth - 1)) & 1;
}

static void after_value(struct ll_json_in *in)
{
    in->expect = in->depth == 0 ? DONE : COMMA_OR_END;
}

static bool open_container(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    bool object = in->s[in->at] == '{';
    if (in->depth == LL_JSON_IN_DEPTH_MAX)
        return fail_at(in, in->at, LL_E_RANGE, "nested deeper than 64 levels", err);
    uint64_t bit = (uint64_t)1 << in->depth;
    in->objects = object ? in->objects | bit : in->objects & ~bit;
    in->depth++;
    in->at++;
    tok->kind = object ? LL_JSON_OBJECT : LL_JSON_ARRAY;
    in->expect = object ? KEY_OR_END : VALUE_OR_END;
    return true;
}

static bool close_container(struct ll_json_in *in, struct ll_json_tok *tok)
{
    tok->kind = in_object(in) ? LL_JSON_OBJECT_END : LL_JSON_ARRAY_END;
    in->depth--;
    in->at++;
    tok->depth = in->depth;
    after_value(in);
    return true;
}

static bool read_key(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    if (peek(in) != '"')
        return fail(in, "a name in quotes is expected", err);
    in->at++;
    if (!read_string(in, &tok->text, err))
        return false;
    skip_space(in);
    if (peek(in) != ':')
        return fail(in, "a colon is expected", err);
    in->at++;
    tok->kind = LL_JSON_KEY;
    in->expect = VALUE;
    return true;
}

static bool read_value(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    int c = peek(in);
    if (c == '{' || c == '[')
        return open_container(in, tok, err);
    if (c == '"') {
        in->at++;
        if (!read_string(in, &tok->text, err))
            return false;
        tok->kind = LL_JSON_STRING;
    } else if (!read_word(in, tok, err)) {
        return false;
    }
    after_value(in);
    return true;
}

bool ll_json_in_next(struct ll_json_in *in, struct ll_json_tok *tok, struct ll_err *err)
{
    skip_space(in);
    struct ll_json_tok t = {.depth = in->depth};
    int c = peek(in);
    bool ok = true;
    bool end = c == (in_object(in) ? '}' : ']') && in->depth > 0;

    if (in->expect == DONE) {
        if (c >= 0)
            return fail(in, "something stands behind the document", err);
        t.kind = LL_JSON_END;
    } else if (end && in->expect != VALUE && in->expect != KEY) {
        close_container(in, &t);
    } else if (in->expect == COMMA_OR_END) {
        if (c != ',')
            return fail(in, c < 0 ? "the document ends too early" : "a comma is expected", err);
        in->at++;
        in->expect = in_object(in) ? KEY : VALUE;
        return ll_json_in_next(in, tok, err); /* once: the next state is never a comma */
    } else if (in->expect == KEY || in->expect == KEY_OR_END) {
        ok = read_key(in, &t, err);
    } else {
        ok = read_value(in, &t, err);
    }
    if (ok)
        *tok = t;
    return ok;
}

bool ll_json_in_skip(struct ll_json_in *in, const struct ll_json_tok *tok, struct ll_err *err)
{
    if (tok->kind != LL_JSON_OBJECT && tok->kind != LL_JSON_ARRAY)
        return true;
    size_t depth = tok->depth;
    struct ll_json_tok t;
    do {
        if (!ll_json_in_next(in, &t, err))
            return false;
    } while (in->depth > depth);
    return true;
}
