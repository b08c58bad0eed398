/* Lines of OpenMetrics 1.0: one space between tokens, no comments, # EOF at the end. */
#include <math.h>
#include <string.h>

#include "collect/exposition_private.h"

static bool take(struct ll_exposition_parser *p, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, word, n) != 0)
        return false;
    p->at += n;
    return true;
}

static bool check_unit(struct ll_exposition_parser *p, struct ll_slice name, struct ll_slice unit)
{
    if (unit.n == 0)
        return true;
    if (name.n > unit.n && name.s[name.n - unit.n - 1] == '_' &&
        memcmp(name.s + name.n - unit.n, unit.s, unit.n) == 0)
        return true;
    return ll_exposition_fail_at(p, unit.s, "the name '%.*s' does not end with _%.*s, its unit",
                                 (int)LL_MIN(name.n, (size_t)80), name.s,
                                 (int)LL_MIN(unit.n, (size_t)40), unit.s);
}

static bool check_text(struct ll_exposition_parser *p, enum ll_exposition_keyword k,
                       struct ll_slice name, struct ll_slice text)
{
    if (k == LL_EXPOSITION_UNIT)
        return check_unit(p, name, text);
    if (k == LL_EXPOSITION_HELP)
        return ll_utf8_valid(text.s, text.n) ||
               ll_exposition_fail_at(p, text.s, "the help text is not UTF-8");
    enum ll_exposition_type type;
    if (!ll_exposition_parse_type(text, LL_EXPOSITION_OM, &type))
        return ll_exposition_fail_at(p, text.s,
                                     "'%.*s' is no type: counter, gauge, histogram, "
                                     "gaugehistogram, summary, info, stateset or unknown",
                                     (int)LL_MIN(text.n, (size_t)40), text.s);
    p->type = type;
    return true;
}

static bool read_meta(struct ll_exposition_parser *p, enum ll_exposition_keyword k)
{
    const char *where = p->at;
    struct ll_slice name, text;
    if (!ll_exposition_meta_name(p, &name))
        return false;
    if (name.n == 0)
        return ll_exposition_fail_at(p, where, "a metric's name is missing");
    if (!take(p, " "))
        return ll_exposition_fail(p, "expected one space and a text after the name");
    text = ll_exposition_rest(p);
    if (p->at == p->end)
        return ll_exposition_fail(p, "the page ends inside a line: it may have been cut");
    bool same = ll_slice_eq(name, p->family);
    /* The rules close the family before this one. */
    if (p->rules && !ll_exposition_rules_meta(p, k, name, text))
        return false;
    if (!same)
        ll_exposition_begin_family(p, name);
    return check_text(p, k, name, text);
}

static bool read_hash(struct ll_exposition_parser *p, bool *eof)
{
    const char *start = p->at;
    if (take(p, "# EOF")) {
        *eof = p->at == p->end || (*p->at == '\n' && p->at + 1 == p->end);
        return *eof || ll_exposition_fail(p, "there is more after # EOF");
    }
    if (take(p, "# HELP "))
        return read_meta(p, LL_EXPOSITION_HELP);
    if (take(p, "# TYPE "))
        return read_meta(p, LL_EXPOSITION_TYPE);
    if (take(p, "# UNIT "))
        return read_meta(p, LL_EXPOSITION_UNIT);
    return ll_exposition_fail_at(p, start,
                                 "expected '# HELP ', '# TYPE ', '# UNIT ' or '# EOF': "
                                 "OpenMetrics has no comments");
}

static bool read_number(struct ll_exposition_parser *p, const char *what, double *out)
{
    struct ll_slice text = ll_exposition_token(p);
    if (text.n == 0)
        return ll_exposition_fail(p, "the %s is missing", what);
    return ll_exposition_number(text, out) ||
           ll_exposition_fail_at(p, text.s, "'%.*s' is no %s", (int)LL_MIN(text.n, (size_t)40),
                                 text.s, what);
}

static bool read_seconds(struct ll_exposition_parser *p, double *out)
{
    const char *where = p->at;
    if (!read_number(p, "time in seconds since 1970", out))
        return false;
    return isfinite(*out) || ll_exposition_fail_at(p, where, "a time is a finite number");
}

/* At most 128 characters in all. */
static bool check_exemplar(struct ll_exposition_parser *p, const char *where)
{
    struct ll_exposition_labels *e = &p->exemplar;
    size_t letters = 0;
    for (size_t i = 0; i < e->n; i++) {
        const struct ll_slice texts[] = {e->v[i].name, e->v[i].value};
        for (size_t k = 0; k < LL_LEN(texts); k++)
            for (size_t b = 0; b < texts[k].n; b++)
                letters += ((unsigned char)texts[k].s[b] & 0xc0u) != 0x80;
    }
    if (p->rules && letters > 128)
        return ll_exposition_fail_at(p, where,
                                     "%zu characters of labels; an exemplar has at most "
                                     "128",
                                     letters);
    if (ll_labels_sort(e->v, &e->n, p->err))
        return true;
    if (p->err) {
        p->err->line = p->line;
        p->err->column = (int)(where - p->line_start) + 1;
    }
    return false;
}

static bool read_exemplar(struct ll_exposition_parser *p)
{
    double value, seconds;
    const char *where = p->at;
    if (!take(p, "# {"))
        return ll_exposition_fail(p, "expected an exemplar: # {label=\"value\"} 1");
    if (!ll_exposition_label_set(p, &p->exemplar, true) || !check_exemplar(p, where))
        return false;
    if (!take(p, " "))
        return ll_exposition_fail(p, "expected one space and the exemplar's value");
    if (!read_number(p, "value of an exemplar", &value))
        return false;
    return !take(p, " ") || read_seconds(p, &seconds);
}

/* Behind the value: a time, an exemplar, both or neither. */
static bool read_tail(struct ll_exposition_parser *p, struct ll_exposition_line *l)
{
    if (!take(p, " "))
        return true;
    if (!ll_exposition_peek(p, '#')) {
        l->has_time = true;
        if (!read_seconds(p, &l->seconds))
            return false;
        if (!take(p, " "))
            return true;
    }
    l->has_exemplar = true;
    return read_exemplar(p);
}

static bool read_labels(struct ll_exposition_parser *p, struct ll_exposition_line *l)
{
    const char *start = p->at;
    p->labels.metric.s = l->name.n ? l->name.s : NULL;
    p->at++;
    if (!ll_exposition_label_set(p, &p->labels, false))
        return false;
    if (l->name.n == 0)
        l->name = p->labels.metric;
    return l->name.n > 0 ||
           ll_exposition_fail_at(p, start, "the metric has no name; write name{...} value");
}

static ll_time milliseconds(double seconds)
{
    double ms = trunc(seconds * 1000);
    if (ms >= 0x1p63)
        return INT64_MAX;
    return ms < -0x1p63 ? INT64_MIN : (ll_time)ms;
}

static bool read_sample(struct ll_exposition_parser *p)
{
    struct ll_exposition_line l = {.name = ll_exposition_name(p, true)};
    bool braces = ll_exposition_peek(p, '{');
    if (l.name.n == 0 && !braces)
        return ll_exposition_fail(p, "expected a metric's name, or # EOF as the last line");
    if (braces && !read_labels(p, &l))
        return false;
    if (!take(p, " "))
        return ll_exposition_fail(p, "expected one space and the value%s",
                                  braces ? "" : ", or { and labels");
    l.column = (int)(p->at - p->line_start) + 1;
    if (!read_number(p, "value", &l.value) || !read_tail(p, &l))
        return false;
    if (!ll_exposition_peek(p, '\n'))
        return ll_exposition_fail(p, p->at == p->end
                                         ? "the page ends inside a line: it may have been cut"
                                         : "expected the end of the line");
    return ll_exposition_emit(p, &l, l.has_time ? milliseconds(l.seconds) : 0);
}

bool ll_exposition_om_line(struct ll_exposition_parser *p, bool *eof)
{
    if (ll_exposition_peek(p, '\n'))
        return ll_exposition_fail(p, "an empty line; OpenMetrics has none");
    return *p->at == '#' ? read_hash(p, eof) : read_sample(p);
}
