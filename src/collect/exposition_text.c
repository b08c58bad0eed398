/* Lines of the text format 0.0.4: blanks between tokens, comments, optional commas. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "collect/exposition_private.h"

static bool at_end(const struct ll_exposition_parser *p)
{
    return p->at == p->end || *p->at == '\n';
}

static bool check_help(struct ll_exposition_parser *p, struct ll_slice text)
{
    if (!ll_utf8_valid(text.s, text.n))
        return ll_exposition_fail_at(p, text.s, "the help text is not UTF-8");
    for (size_t i = 0; p->rules && i < text.n; i++) {
        if (text.s[i] != '\\')
            continue;
        if (++i == text.n || !strchr("\\n\"", text.s[i]) || !text.s[i])
            return ll_exposition_fail_at(p, text.s + i - 1,
                                         "no escape sequence; write \\\\ for a backslash");
    }
    return true;
}

static bool read_type(struct ll_exposition_parser *p, struct ll_slice name, struct ll_slice text)
{
    enum ll_exposition_type type;
    if (!ll_exposition_parse_type(text, LL_EXPOSITION_TEXT, &type))
        return ll_exposition_fail_at(
            p, text.s, "'%.*s' is no type: counter, gauge, histogram, summary or untyped",
            (int)LL_MIN(text.n, (size_t)40), text.s);
    ll_exposition_begin_family(p, name);
    p->type = type;
    return true;
}

/* Behind HELP or TYPE and its blanks.  Without a name, or a name and nothing more, it is a mere
 * comment. */
static bool read_meta(struct ll_exposition_parser *p, enum ll_exposition_keyword k)
{
    const char *where = p->at;
    struct ll_slice name, text;
    if (at_end(p))
        return true;
    if (!ll_exposition_meta_name(p, &name))
        return false;
    if (name.n == 0 || !(at_end(p) || *p->at == ' ' || *p->at == '\t'))
        return ll_exposition_fail_at(p, where, "a metric's name was expected in this comment");
    ll_exposition_blanks(p);
    if (at_end(p) && k == LL_EXPOSITION_TYPE && p->rules)
        return ll_exposition_fail(p, "a type is missing: counter, gauge, histogram, summary or "
                                     "untyped");
    if (at_end(p))
        return true;
    text = ll_exposition_rest(p);
    bool ok = k == LL_EXPOSITION_TYPE ? read_type(p, name, text) : check_help(p, text);
    return ok && (!p->rules || ll_exposition_rules_meta(p, k, name, text));
}

static bool read_comment(struct ll_exposition_parser *p)
{
    p->at++;
    ll_exposition_blanks(p);
    struct ll_slice word = ll_exposition_token(p);
    bool help = ll_slice_is(word, "HELP"), type = ll_slice_is(word, "TYPE");
    if ((help || type) && !at_end(p)) {
        ll_exposition_blanks(p);
        if (!read_meta(p, help ? LL_EXPOSITION_HELP : LL_EXPOSITION_TYPE))
            return false;
    }
    ll_exposition_rest(p);
    return true;
}

static bool read_time(struct ll_exposition_parser *p, bool *has, ll_time *t)
{
    ll_exposition_blanks(p);
    if (at_end(p))
        return true;
    struct ll_slice text = ll_exposition_token(p);
    if (!ll_num_parse_int(text, t))
        return ll_exposition_fail_at(p, text.s, "'%.*s' is no time: whole milliseconds since 1970",
                                     (int)LL_MIN(text.n, (size_t)40), text.s);
    *has = true;
    ll_exposition_blanks(p);
    return at_end(p) || ll_exposition_fail(p, "the line goes on after its time");
}

static bool read_value(struct ll_exposition_parser *p, struct ll_exposition_line *l)
{
    l->column = (int)(p->at - p->line_start) + 1;
    struct ll_slice text = ll_exposition_token(p);
    if (text.n == 0)
        return ll_exposition_fail(p, "the value is missing");
    if (ll_exposition_number(text, &l->value))
        return true;
    if (text.s[text.n - 1] == '\r')
        return ll_exposition_fail_at(p, text.s + text.n - 1,
                                     "a carriage return; lines end with a line feed alone");
    return ll_exposition_fail_at(p, text.s, "'%.*s' is no value: decimal, NaN, +Inf or -Inf",
                                 (int)LL_MIN(text.n, (size_t)40), text.s);
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
    ll_exposition_blanks(p);
    return l->name.n > 0 ||
           ll_exposition_fail_at(p, start, "the metric has no name; write name{...} value");
}

static bool read_sample(struct ll_exposition_parser *p)
{
    struct ll_exposition_line l = {.name = ll_exposition_name(p, true)};
    ll_time t = 0;
    if (l.name.n == 0 && !ll_exposition_peek(p, '{'))
        return ll_exposition_fail(p, "expected a metric's name: a letter, _ or :, then letters, "
                                     "digits, _ and :");
    const char *behind = p->at;
    ll_exposition_blanks(p);
    if (ll_exposition_peek(p, '{')) {
        if (!read_labels(p, &l))
            return false;
    } else if (p->at == behind && !at_end(p)) {
        return ll_exposition_fail(p, "this does not belong into a name; a name with other letters "
                                     "is written {\"like.this\"}");
    }
    return read_value(p, &l) && read_time(p, &l.has_time, &t) && ll_exposition_emit(p, &l, t);
}

bool ll_exposition_text_line(struct ll_exposition_parser *p)
{
    ll_exposition_blanks(p);
    if (at_end(p))
        return true;
    if (!(*p->at == '#' ? read_comment(p) : read_sample(p)))
        return false;
    return p->at < p->end || !p->rules ||
           ll_exposition_fail(p, "the last line has no line feed: it may have been cut");
}
