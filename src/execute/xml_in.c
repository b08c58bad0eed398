#include "execute/xml_in.h"

#include <string.h>

void ll_xml_in_init(struct ll_xml_in *in, char *s, size_t n)
{
    *in = (struct ll_xml_in){.s = s, .n = n};
}

static bool bad(const struct ll_xml_in *in, struct ll_err *err, const char *what)
{
    return ll_err_set(err, LL_E_INVALID, "byte %zu: %s", in->at, what);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c, bool first)
{
    unsigned char u = (unsigned char)c;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || u >= 0x80;
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'));
}

static bool begins(const struct ll_xml_in *in, const char *text)
{
    size_t n = strlen(text);
    return in->n - in->at >= n && memcmp(in->s + in->at, text, n) == 0;
}

static void skip_space(struct ll_xml_in *in)
{
    while (in->at < in->n && is_space(in->s[in->at]))
        in->at++;
}

static struct ll_slice take_name(struct ll_xml_in *in)
{
    size_t from = in->at;
    while (in->at < in->n && is_name(in->s[in->at], in->at == from))
        in->at++;
    return (struct ll_slice){in->s + from, in->at - from};
}

/* Passes the end of `mark`; false when it does not come. */
static bool skip_past(struct ll_xml_in *in, const char *mark)
{
    size_t n = strlen(mark);
    for (; in->n - in->at >= n; in->at++)
        if (memcmp(in->s + in->at, mark, n) == 0) {
            in->at += n;
            return true;
        }
    return false;
}

static bool skip_attribute(struct ll_xml_in *in, struct ll_err *err)
{
    if (take_name(in).n == 0)
        return bad(in, err, "an element is not ended by '>'");
    skip_space(in);
    if (!begins(in, "="))
        return bad(in, err, "an attribute has no value");
    in->at++;
    skip_space(in);
    char quote = in->at < in->n ? in->s[in->at] : '\0';
    if (quote != '"' && quote != '\'')
        return bad(in, err, "an attribute's value is not in quotes");
    for (in->at++; in->at < in->n && in->s[in->at] != quote; in->at++)
        if (in->s[in->at] == '<')
            return bad(in, err, "'<' in an attribute");
    if (in->at == in->n)
        return bad(in, err, "an attribute does not end");
    in->at++;
    return true;
}

static size_t put_utf8(char *to, unsigned long c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (char)(0x80u | (c & 0x3fu));
    to[0] = (char)(lead[n] | c);
    return n;
}

static bool char_of(struct ll_slice digits, unsigned base, unsigned long *out)
{
    unsigned long c = 0;
    for (size_t i = 0; i < digits.n; i++) {
        char d = digits.s[i];
        unsigned v = d >= '0' && d <= '9'   ? (unsigned)(d - '0')
                     : d >= 'a' && d <= 'f' ? (unsigned)(d - 'a') + 10
                     : d >= 'A' && d <= 'F' ? (unsigned)(d - 'A') + 10
                                            : 99;
        if (v >= base || (c = c * base + v) > 0x10ffff)
            return false;
    }
    *out = c;
    bool control = c < ' ' && c != '\t' && c != '\n' && c != '\r';
    return digits.n > 0 && !control && !(c >= 0xd800 && c <= 0xdfff);
}

/* Decodes the entity at s (behind '&', name up to ';') to `to`; 0 = there is none such. */
static size_t entity(struct ll_slice name, char *to)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < LL_LEN(known); i++)
        if (ll_slice_is(name, known[i].name)) {
            *to = known[i].c;
            return 1;
        }
    unsigned long c;
    bool hex = name.n > 1 && name.s[1] == 'x';
    if (name.n < 2 || name.s[0] != '#' ||
        !char_of((struct ll_slice){name.s + (hex ? 2 : 1), name.n - (hex ? 2 : 1)}, hex ? 16 : 10,
                 &c))
        return 0;
    return put_utf8(to, c); /* never longer than "&#…;" is */
}

/* Text up to the next '<', decoded where it stands. */
static bool take_text(struct ll_xml_in *in, struct ll_slice *out, struct ll_err *err)
{
    char *to = in->s + in->at, *from = to;
    while (in->at < in->n && in->s[in->at] != '<') {
        char c = in->s[in->at];
        if (c != '&') {
            if ((unsigned char)c < ' ' && !is_space(c))
                return bad(in, err, "a control character in text");
            *to++ = c;
            in->at++;
            continue;
        }
        const char *end = memchr(in->s + in->at, ';', LL_MIN(in->n - in->at, (size_t)12));
        size_t n = end ? entity((struct ll_slice){in->s + in->at + 1,
                                                  (size_t)(end - (in->s + in->at + 1))},
                                to)
                       : 0;
        if (n == 0)
            return bad(in, err, "an entity that is not known");
        to += n;
        in->at = (size_t)(end - in->s) + 1;
    }
    while (from < to && is_space(*from))
        from++;
    while (from < to && is_space(to[-1]))
        to--;
    *out = (struct ll_slice){from, (size_t)(to - from)};
    return true;
}

static bool close_one(struct ll_xml_in *in, enum ll_xml_token *kind, struct ll_slice *name)
{
    *kind = LL_XML_CLOSE;
    *name = in->open[--in->depth];
    in->empty = false;
    in->done = in->depth == 0;
    return true;
}

static bool take_end_tag(struct ll_xml_in *in, enum ll_xml_token *kind, struct ll_slice *name,
                         struct ll_err *err)
{
    in->at += 2;
    struct ll_slice n = take_name(in);
    skip_space(in);
    if (in->depth == 0 || !ll_slice_eq(n, in->open[in->depth - 1]) || !begins(in, ">"))
        return bad(in, err, "an end that does not fit");
    in->at++;
    return close_one(in, kind, name);
}

static bool take_start_tag(struct ll_xml_in *in, enum ll_xml_token *kind, struct ll_slice *name,
                           struct ll_err *err)
{
    in->at++;
    *name = take_name(in);
    if (name->n == 0)
        return bad(in, err, "an element has no name");
    for (skip_space(in); !begins(in, ">") && !begins(in, "/>"); skip_space(in))
        if (!skip_attribute(in, err))
            return false;
    in->empty = begins(in, "/>");
    in->at += in->empty ? 2 : 1;
    if (in->depth == LL_XML_IN_DEPTH_MAX)
        return ll_err_set(err, LL_E_RANGE, "elements are nested deeper than %d",
                          LL_XML_IN_DEPTH_MAX);
    in->open[in->depth++] = *name;
    in->began = true;
    *kind = LL_XML_OPEN;
    return true;
}

static bool skip_comment(struct ll_xml_in *in, struct ll_err *err)
{
    in->at += 4;
    return skip_past(in, "-->") || bad(in, err, "a comment does not end");
}

static bool take_prolog(struct ll_xml_in *in, struct ll_err *err)
{
    if (in->n > LL_XML_IN_BYTES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "it is over %d MiB", LL_XML_IN_BYTES_MAX >> 20);
    if (!ll_utf8_valid(in->s, in->n))
        return bad(in, err, "it is not UTF-8");
    return !begins(in, "<?xml ") || skip_past(in, "?>") ||
           bad(in, err, "its first line does not end");
}

bool ll_xml_in_next(struct ll_xml_in *in, enum ll_xml_token *kind, struct ll_slice *name,
                    struct ll_err *err)
{
    struct ll_slice text = {0};
    if (in->at == 0 && !in->began && !take_prolog(in, err))
        return false;
    if (in->empty) {
        in->text = (struct ll_slice){0};
        return close_one(in, kind, name);
    }
    for (;;) {
        struct ll_slice piece = {0};
        if (!take_text(in, &piece, err))
            return false;
        if (piece.n > 0 && (in->depth == 0 || text.n > 0))
            return bad(in, err, "text that is in no element, or in two pieces");
        text = piece.n ? piece : text;
        if (!begins(in, "<!--"))
            break;
        if (!skip_comment(in, err))
            return false;
    }
    if (in->at == in->n) {
        *kind = LL_XML_END;
        return in->done || bad(in, err, "it ends inside an element");
    }
    if (begins(in, "</")) {
        in->text = text;
        return take_end_tag(in, kind, name, err);
    }
    return in->done ? bad(in, err, "a second element behind the first")
                    : take_start_tag(in, kind, name, err);
}

bool ll_xml_in_at(const struct ll_xml_in *in, const char *path)
{
    for (size_t i = 0; i < in->depth; i++) {
        size_t n = strcspn(path, "/");
        if (n == 0 || in->open[i].n != n || memcmp(in->open[i].s, path, n) != 0)
            return false;
        path += n + (path[n] == '/');
        if (i + 1 < in->depth && !*path)
            return false;
    }
    return *path == '\0';
}
