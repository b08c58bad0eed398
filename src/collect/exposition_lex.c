/* Pieces of a line: names, quoted strings, label sets. */
#include <string.h>

#include "collect/exposition_private.h"

bool ll_exposition_peek(const struct ll_exposition_parser *p, char c)
{
    return p->at < p->end && *p->at == c;
}

void ll_exposition_blanks(struct ll_exposition_parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
}

struct ll_slice ll_exposition_token(struct ll_exposition_parser *p)
{
    const char *start = p->at;
    bool tabs = p->opts->format == LL_EXPOSITION_TEXT; /* OpenMetrics knows the space only */
    while (p->at < p->end && *p->at != ' ' && *p->at != '\n' && !(tabs && *p->at == '\t'))
        p->at++;
    return (struct ll_slice){start, (size_t)(p->at - start)};
}

struct ll_slice ll_exposition_rest(struct ll_exposition_parser *p)
{
    const char *start = p->at;
    const char *feed = memchr(start, '\n', (size_t)(p->end - start));
    p->at = feed ? feed : p->end;
    return (struct ll_slice){start, (size_t)(p->at - start)};
}

enum { LETTER = 1, DIGIT = 2, COLON = 4 };

#define LETTERS_8(c)                                                                               \
    [(c)] = 1, [(c) + 1] = 1, [(c) + 2] = 1, [(c) + 3] = 1, [(c) + 4] = 1, [(c) + 5] = 1,          \
    [(c) + 6] = 1, [(c) + 7] = 1
static const unsigned char classes[256] = {
    LETTERS_8('a'), LETTERS_8('i'), LETTERS_8('q'), ['y'] = 1,     ['z'] = 1,      LETTERS_8('A'),
    LETTERS_8('I'), LETTERS_8('Q'), ['Y'] = 1,      ['Z'] = 1,     ['_'] = LETTER, [':'] = COLON,
    ['0'] = DIGIT,  ['1'] = DIGIT,  ['2'] = DIGIT,  ['3'] = DIGIT, ['4'] = DIGIT,  ['5'] = DIGIT,
    ['6'] = DIGIT,  ['7'] = DIGIT,  ['8'] = DIGIT,  ['9'] = DIGIT,
};

struct ll_slice ll_exposition_name(struct ll_exposition_parser *p, bool colons)
{
    const char *start = p->at;
    unsigned first = LETTER | (colons ? COLON : 0u), more = first | DIGIT;
    if (p->at < p->end && classes[(unsigned char)*p->at] & first)
        while (p->at < p->end && classes[(unsigned char)*p->at] & more)
            p->at++;
    return (struct ll_slice){start, (size_t)(p->at - start)};
}

/* Only the lenient reader of text lets a quoted value go over lines and hold any escape, as
 * Prometheus does. */
static bool anything_goes(const struct ll_exposition_parser *p, bool name)
{
    return p->opts->format == LL_EXPOSITION_TEXT && !p->rules && !name;
}

static bool keep(struct ll_exposition_parser *p, char c)
{
    if (p->scratch_n == sizeof(p->scratch))
        return ll_err_set_at(p->err, LL_E_RANGE, p->line, 1,
                             "quoted strings of over %zu bytes in one line", sizeof(p->scratch));
    p->scratch[p->scratch_n++] = c;
    return true;
}

/* The character behind a backslash. */
static bool unescape(struct ll_exposition_parser *p, bool name)
{
    char c = p->at < p->end ? *p->at : '\n';
    if (c == '\\' || c == '"')
        return keep(p, c);
    if (c == 'n')
        return keep(p, '\n');
    if (c == '\n')
        return ll_exposition_fail(p, "a backslash ends the line inside a quoted string");
    if (p->opts->format == LL_EXPOSITION_TEXT && !anything_goes(p, name))
        return ll_exposition_fail(p, "'\\%c' is no escape sequence; write \\\\ for a backslash", c);
    return keep(p, '\\') && keep(p, c); /* as it stands: OpenMetrics' grammar has it so */
}

static bool slow_quoted(struct ll_exposition_parser *p, const char *open, bool name,
                        struct ll_slice *out)
{
    size_t start = p->scratch_n;
    for (; p->at < p->end && *p->at != '"'; p->at++) {
        if (*p->at == '\n' && !anything_goes(p, name))
            break;
        if (*p->at == '\n') {
            p->line++;
            p->line_start = p->at + 1;
        }
        bool escaped = *p->at == '\\';
        if (escaped)
            p->at++;
        if (!(escaped ? unescape(p, name) : keep(p, *p->at)))
            return false;
    }
    if (!ll_exposition_peek(p, '"'))
        return ll_exposition_fail_at(p, open,
                                     "a quote is not closed in this line; a line feed in "
                                     "a value is written \\n");
    p->at++;
    *out = (struct ll_slice){p->scratch + start, p->scratch_n - start};
    return true;
}

static bool read_quoted(struct ll_exposition_parser *p, bool name, struct ll_slice *out)
{
    const char *open = p->at++;
    const char *at = p->at;
    while (at < p->end && *at != '"' && *at != '\\' && *at != '\n')
        at++;
    if (at == p->end || *at != '"')
        return slow_quoted(p, open, name, out);
    *out = (struct ll_slice){p->at, (size_t)(at - p->at)};
    p->at = at + 1;
    return true;
}

bool ll_exposition_meta_name(struct ll_exposition_parser *p, struct ll_slice *out)
{
    const char *where = p->at;
    if (ll_exposition_peek(p, '"'))
        return read_quoted(p, true, out) &&
               (ll_utf8_valid(out->s, out->n) ||
                ll_exposition_fail_at(p, where, "a name in quotes is not UTF-8"));
    *out = ll_exposition_name(p, true);
    return true;
}

static void gap(struct ll_exposition_parser *p)
{
    if (p->opts->format == LL_EXPOSITION_TEXT)
        ll_exposition_blanks(p);
}

static bool add_label(struct ll_exposition_parser *p, struct ll_exposition_labels *out,
                      struct ll_slice name, struct ll_slice value)
{
    if (out->n >= LL_LABELS_MAX)
        return ll_err_set_at(p->err, LL_E_RANGE, p->line, 1, "more than %d labels", LL_LABELS_MAX);
    if (ll_slice_is(name, "__name__"))
        return ll_exposition_fail(p,
                                  "__name__ is no label to write; put the name before the brace");
    out->v[out->n++] = (struct ll_label){name, value};
    return true;
}

/* A quoted string that nothing is given to is the metric's own name. */
static bool take_metric(struct ll_exposition_parser *p, struct ll_exposition_labels *out,
                        struct ll_slice name, const char *where)
{
    if (out->metric.s)
        return ll_exposition_fail_at(p, where, "the metric has a name already");
    if (name.n == 0)
        return ll_exposition_fail_at(p, where, "the metric's name is empty");
    out->metric = name;
    return true;
}

static bool read_value(struct ll_exposition_parser *p, struct ll_exposition_labels *out,
                       struct ll_slice name)
{
    struct ll_slice value;
    if (!ll_exposition_peek(p, '='))
        return ll_exposition_fail(p, "expected = after the label's name '%.*s'",
                                  (int)LL_MIN(name.n, (size_t)80), name.s);
    p->at++;
    gap(p);
    if (!ll_exposition_peek(p, '"'))
        return ll_exposition_fail(p, "expected the label's value in double quotes");
    const char *where = p->at;
    if (!read_quoted(p, false, &value))
        return false;
    if (!ll_utf8_valid(value.s, value.n))
        return ll_exposition_fail_at(p, where, "the value of label '%.*s' is not UTF-8",
                                     (int)LL_MIN(name.n, (size_t)80), name.s);
    return add_label(p, out, name, value);
}

static bool read_label(struct ll_exposition_parser *p, struct ll_exposition_labels *out,
                       bool exemplar)
{
    const char *where = p->at;
    bool quoted = ll_exposition_peek(p, '"');
    struct ll_slice name;
    if (!ll_exposition_meta_name(p, &name))
        return false;
    if (memchr(name.s, ':', name.n) && !quoted)
        return ll_exposition_fail_at(p, where, "a label's name has no colon");
    gap(p);
    if (quoted && !exemplar && (ll_exposition_peek(p, ',') || ll_exposition_peek(p, '}')))
        return take_metric(p, out, name, where);
    if (name.n == 0)
        return ll_exposition_fail_at(p, where,
                                     "expected a label's name: a letter or _, then "
                                     "letters, digits and _");
    return read_value(p, out, name);
}

/* Between two labels: true with *more when another may follow. */
static bool separator(struct ll_exposition_parser *p, bool *more)
{
    const char *before = p->at;
    gap(p);
    bool spaced = p->at > before, text = p->opts->format == LL_EXPOSITION_TEXT;
    *more = true;
    if (ll_exposition_peek(p, ',')) {
        p->at++;
        gap(p);
        if (ll_exposition_peek(p, '}') && p->rules && !text)
            return ll_exposition_fail(p, "OpenMetrics has no comma after the last label");
        return true;
    }
    if (ll_exposition_peek(p, '}')) {
        *more = false;
        return true;
    }
    /* Prometheus reads text without the comma too. */
    bool bare = spaced && !ll_exposition_peek(p, '"');
    return (text && (bare || !p->rules) && p->at < p->end) ||
           ll_exposition_fail(p, "expected a comma or } after the label");
}

bool ll_exposition_label_set(struct ll_exposition_parser *p, struct ll_exposition_labels *out,
                             bool exemplar)
{
    bool more = true;
    gap(p);
    while (more && !ll_exposition_peek(p, '}'))
        if (!read_label(p, out, exemplar) || !separator(p, &more))
            return false;
    p->at++;
    return true;
}
