#include "collect/exposition.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/exposition_private.h"

#undef ll_exposition_fail /* the analyser's */
#undef ll_exposition_fail_at

/* model/value: what Prometheus makes of every NaN it reads. */
#define QUIET_NAN UINT64_C(0x7ff8000000000001)

static const char *const type_names[LL_EXPOSITION_TYPES] = {
    "unknown", "gauge", "counter", "histogram", "gaugehistogram", "summary", "info", "stateset"};

const char *ll_exposition_type_name(enum ll_exposition_type t)
{
    return type_names[t];
}

LL_PRINTF(3, 0)
static bool fail(struct ll_exposition_parser *p, const char *where, const char *fmt, va_list args)
{
    char text[LL_ERR_TEXT_MAX];
    vsnprintf(text, sizeof(text), fmt, args);
    int column = where >= p->line_start ? (int)(where - p->line_start) + 1 : 1;
    return ll_err_set_at(p->err, LL_E_INVALID, LL_MAX(p->line, 1), column, "%s", text);
}

bool ll_exposition_fail(struct ll_exposition_parser *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool ok = fail(p, p->at, fmt, args);
    va_end(args);
    return ok;
}

bool ll_exposition_fail_at(struct ll_exposition_parser *p, const char *where, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool ok = fail(p, where, fmt, args);
    va_end(args);
    return ok;
}

bool ll_exposition_parse_type(struct ll_slice text, enum ll_exposition_format format,
                              enum ll_exposition_type *out)
{
    bool om = format == LL_EXPOSITION_OM;
    for (int t = 0; t < LL_EXPOSITION_TYPES; t++) {
        if (om ? ll_slice_is(text, type_names[t]) : ll_slice_ieq(text, type_names[t])) {
            bool known = om || (t >= LL_EXPOSITION_GAUGE && t <= LL_EXPOSITION_SUMMARY);
            *out = (enum ll_exposition_type)t;
            return known;
        }
    }
    *out = ll_slice_ieq(text, "untyped") ? LL_EXPOSITION_UNKNOWN : LL_EXPOSITION_GAUGEHISTOGRAM;
    return !om && (ll_slice_ieq(text, "untyped") || ll_slice_ieq(text, "gauge_histogram"));
}

void ll_exposition_begin_family(struct ll_exposition_parser *p, struct ll_slice name)
{
    if (name.s >= p->scratch && name.s < p->scratch + sizeof(p->scratch)) {
        memcpy(p->family_text, name.s, name.n); /* scratch is of one line */
        name.s = p->family_text;
    }
    p->family = name;
    p->type = LL_EXPOSITION_UNKNOWN;
}

/* What the suffix of a name says in a family of each type; "" = the family's own name. */
static const struct suffix {
    enum ll_exposition_type type;
    enum ll_labeled_kind kind;
    const char *text;
} suffixes[] = {
    {LL_EXPOSITION_GAUGE, LL_LABELED_GAUGE, ""},
    {LL_EXPOSITION_COUNTER, LL_LABELED_COUNTER, ""},
    {LL_EXPOSITION_COUNTER, LL_LABELED_COUNTER, "_total"},
    {LL_EXPOSITION_COUNTER, LL_LABELED_GAUGE, "_created"},
    {LL_EXPOSITION_HISTOGRAM, LL_LABELED_COUNTER, "_bucket"},
    {LL_EXPOSITION_HISTOGRAM, LL_LABELED_COUNTER, "_count"},
    {LL_EXPOSITION_HISTOGRAM, LL_LABELED_COUNTER, "_sum"},
    {LL_EXPOSITION_HISTOGRAM, LL_LABELED_GAUGE, "_created"},
    {LL_EXPOSITION_GAUGEHISTOGRAM, LL_LABELED_GAUGE, "_bucket"},
    {LL_EXPOSITION_GAUGEHISTOGRAM, LL_LABELED_GAUGE, "_gcount"},
    {LL_EXPOSITION_GAUGEHISTOGRAM, LL_LABELED_GAUGE, "_gsum"},
    {LL_EXPOSITION_GAUGEHISTOGRAM, LL_LABELED_GAUGE, "_count"},
    {LL_EXPOSITION_GAUGEHISTOGRAM, LL_LABELED_GAUGE, "_sum"},
    {LL_EXPOSITION_SUMMARY, LL_LABELED_GAUGE, ""},
    {LL_EXPOSITION_SUMMARY, LL_LABELED_COUNTER, "_count"},
    {LL_EXPOSITION_SUMMARY, LL_LABELED_COUNTER, "_sum"},
    {LL_EXPOSITION_SUMMARY, LL_LABELED_GAUGE, "_created"},
    {LL_EXPOSITION_INFO, LL_LABELED_GAUGE, "_info"},
    {LL_EXPOSITION_INFO, LL_LABELED_GAUGE, ""},
    {LL_EXPOSITION_STATESET, LL_LABELED_GAUGE, ""},
};

static void classify(const struct ll_exposition_parser *p, struct ll_slice name,
                     struct ll_exposition_sample *s)
{
    const struct ll_slice *f = &p->family;
    s->family = name;
    if (f->n == 0 || name.n < f->n || memcmp(name.s, f->s, f->n) != 0)
        return;
    const struct ll_slice end = {name.s + f->n, name.n - f->n};
    for (size_t i = 0; i < LL_LEN(suffixes); i++) {
        if (suffixes[i].type == p->type && ll_slice_is(end, suffixes[i].text)) {
            s->kind = suffixes[i].kind;
            s->type = p->type;
            s->family = *f;
            return;
        }
    }
}

/* Into v, with the name, sorted.  The column is that of the line's begin: which label is meant,
 * the message says. */
static bool sort_labels(struct ll_exposition_parser *p, struct ll_slice name)
{
    struct ll_exposition_labels *labels = &p->labels;
    labels->v[labels->n++] = (struct ll_label){LL_LABELS_NAME, name};
    if (ll_labels_sort(labels->v, &labels->n, p->err))
        return true;
    if (p->err) {
        p->err->line = p->line;
        p->err->column = 1;
    }
    return false;
}

bool ll_exposition_emit(struct ll_exposition_parser *p, struct ll_exposition_line *l, ll_time t)
{
    if (++p->samples > p->max_samples)
        return ll_err_set_at(p->err, LL_E_TOO_LARGE, p->line, 1, "more than %zu samples",
                             p->max_samples);
    if (!sort_labels(p, l->name))
        return false;
    l->labels = p->labels.v;
    l->n = p->labels.n;
    if (p->rules && !ll_exposition_rules_sample(p, l))
        return false;
    struct ll_exposition_sample s = {.labels = l->labels,
                                     .n = l->n,
                                     .bits =
                                         isnan(l->value) ? QUIET_NAN : ll_labeled_bits(l->value),
                                     .has_time = l->has_time,
                                     .t = t,
                                     .line = p->line};
    classify(p, l->name, &s);
    return p->opts->on_sample(p->opts->ctx, &s, p->err);
}

static bool read_lines(struct ll_exposition_parser *p)
{
    bool om = p->opts->format == LL_EXPOSITION_OM, eof = false;
    while (p->at < p->end && !eof) {
        p->line++;
        p->line_start = p->at;
        p->scratch_n = 0;
        p->labels.n = p->exemplar.n = 0;
        p->labels.metric = p->exemplar.metric = (struct ll_slice){0};
        if (!(om ? ll_exposition_om_line(p, &eof) : ll_exposition_text_line(p)))
            return false;
        if (p->at < p->end && !eof)
            p->at++; /* the line feed */
    }
    if (om && !eof)
        return ll_exposition_fail(p, "the page does not end with # EOF: it may have been cut");
    return !p->rules || ll_exposition_rules_end(p);
}

bool ll_exposition_parse(struct ll_slice page, const struct ll_exposition_opts *opts,
                         struct ll_err *err)
{
    size_t max_bytes = opts->max_bytes ? opts->max_bytes : LL_EXPOSITION_BYTES;
    if (page.n > max_bytes)
        return ll_err_set(err, LL_E_TOO_LARGE, "%zu bytes are more than %zu", page.n, max_bytes);
    const char *bytes = page.n ? page.s : "";
    struct ll_exposition_parser *p = calloc(1, sizeof(*p));
    if (!p)
        return ll_err_set(err, LL_E_MEMORY, "no memory to read a page of metrics");
    p->opts = opts;
    p->err = err;
    p->at = p->line_start = bytes;
    p->end = bytes + page.n;
    p->max_samples = opts->max_samples ? opts->max_samples : LL_EXPOSITION_SAMPLES;
    p->rules = opts->strict ? ll_exposition_rules_new(p, page.n) : NULL;
    bool ok = opts->strict && !p->rules
                  ? ll_err_set(err, LL_E_MEMORY, "no memory to read a page of metrics")
                  : read_lines(p);
    ll_exposition_rules_free(p->rules);
    free(p);
    return ok;
}
