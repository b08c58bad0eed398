/* The form: https://prometheus.io/docs/prometheus/latest/querying/api/
 * Keys come in any order, and unknown ones are passed over. */
#include "collect/promql_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_in.h"
#include "base/num.h"
#include "base/vec.h"

#define SLACK (5 * LL_MINUTE) /* the lookback of an instant query */

LL_VEC_DEFINE(points, struct ll_labeled_point)

struct reader {
    struct ll_json_in in;
    const struct ll_promql_read_opts *opts;
    struct ll_labeled_set *set;
    struct ll_promql_said *said;
    struct ll_err *err;
    /* one series */
    struct ll_label labels[LL_LABELS_MAX];
    size_t n_labels;
    struct points points;
    bool too_many_labels, has_value, has_values, has_histogram;
    /* the answer */
    bool success, failed, has_result, is_scalar;
    char type[32], text[LL_PROMQL_NOTE_MAX]; /* of the error */
};

static bool next(struct reader *r, struct ll_json_tok *t)
{
    return ll_json_in_next(&r->in, t, r->err);
}

static bool skip(struct reader *r)
{
    struct ll_json_tok t;
    return next(r, &t) && ll_json_in_skip(&r->in, &t, r->err);
}

static bool wrong(struct reader *r, const char *what)
{
    return ll_err_set(r->err, LL_E_INVALID, "%s", what);
}

/* Copies as much as fits, cut at a character. */
static void keep(char *to, size_t size, struct ll_slice text)
{
    size_t n = LL_MIN(text.n, size - 1);
    while (n > 0 && n < text.n && ((unsigned char)text.s[n] & 0xc0) == 0x80)
        n--;
    memcpy(to, text.s, n);
    to[n] = '\0';
}

/* A text, or nothing when it is another value (which is passed over). */
static bool read_text(struct reader *r, char *to, size_t size)
{
    struct ll_json_tok t;
    if (!next(r, &t) || !ll_json_in_skip(&r->in, &t, r->err))
        return false;
    if (t.kind == LL_JSON_STRING)
        keep(to, size, t.text);
    return true;
}

static bool read_labels(struct reader *r)
{
    struct ll_json_tok t, value;
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_OBJECT)
        return wrong(r, "the labels of a series are no object");
    while (next(r, &t) && t.kind == LL_JSON_KEY) {
        if (!next(r, &value))
            return false;
        if (value.kind != LL_JSON_STRING)
            return wrong(r, "the value of a label is no text");
        r->too_many_labels |= r->n_labels == LL_LABELS_MAX;
        if (r->n_labels < LL_LABELS_MAX)
            r->labels[r->n_labels++] = (struct ll_label){t.text, value.text};
    }
    return t.kind == LL_JSON_OBJECT_END;
}

static bool to_value(struct ll_slice text, double *out)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"NaN", NAN}, {"+Inf", INFINITY}, {"Inf", INFINITY}, {"-Inf", -INFINITY}};
    for (size_t i = 0; i < LL_LEN(words); i++)
        if (ll_slice_is(text, words[i].text)) {
            *out = words[i].value;
            return true;
        }
    return ll_num_parse(text, out);
}

static bool to_time(struct reader *r, double seconds, ll_time *out)
{
    double ms = round(seconds * 1000);
    if (!(ms >= (double)(r->opts->from - SLACK) && ms <= (double)(r->opts->to + SLACK)))
        return ll_err_set(r->err, LL_E_INVALID, "a value is of another time (%.15g) than asked for",
                          seconds);
    *out = r->opts->exact ? r->opts->to : (ll_time)ms;
    return true;
}

/* [ 1435781451.781, "1" ], its bracket read already. */
static bool read_pair(struct reader *r)
{
    struct ll_json_tok t, v, end;
    double value;
    ll_time at = 0;
    if (!next(r, &t) || !next(r, &v))
        return false;
    if (t.kind != LL_JSON_NUMBER || v.kind != LL_JSON_STRING)
        return wrong(r, "a point is not a time and a text");
    if (!to_time(r, t.number, &at))
        return false;
    if (!to_value(v.text, &value))
        return ll_err_set(r->err, LL_E_INVALID, "'%.*s' is not a value", (int)LL_MIN(v.text.n, 40u),
                          v.text.s);
    if (!next(r, &end))
        return false;
    if (end.kind != LL_JSON_ARRAY_END)
        return wrong(r, "a point has more than a time and a value");
    if (r->points.n && r->points.v[r->points.n - 1].t >= at)
        return wrong(r, "the points of a series are not in the order of time");
    if (r->points.n == r->opts->max_points)
        return ll_err_set(r->err, LL_E_TOO_LARGE, "a series has over %zu points",
                          r->opts->max_points);
    if (!points_push(&r->points, (struct ll_labeled_point){at, ll_labeled_bits(value)}))
        return ll_err_set(r->err, LL_E_MEMORY, "no memory for a series");
    return true;
}

static bool read_value(struct reader *r)
{
    struct ll_json_tok t;
    if (r->opts->matrix)
        return wrong(r, "the answer is a vector, not the matrix that was asked for");
    if (!next(r, &t))
        return false;
    r->has_value = true;
    return t.kind == LL_JSON_ARRAY ? read_pair(r) : wrong(r, "a point is not a list");
}

static bool read_values(struct reader *r)
{
    struct ll_json_tok t;
    if (!r->opts->matrix)
        return wrong(r, "the answer is a matrix: the query is of a range, not of a moment");
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_ARRAY)
        return wrong(r, "the points of a series are no list");
    r->has_values = true;
    while (next(r, &t) && t.kind == LL_JSON_ARRAY)
        if (!read_pair(r))
            return false;
    if (t.kind != LL_JSON_ARRAY_END && r->err->code == LL_E_OK)
        return wrong(r, "a point is not a list");
    return t.kind == LL_JSON_ARRAY_END;
}

static bool read_member(struct reader *r, struct ll_slice key)
{
    if (ll_slice_is(key, "metric"))
        return read_labels(r);
    if (ll_slice_is(key, "value"))
        return read_value(r);
    if (ll_slice_is(key, "values"))
        return read_values(r);
    r->has_histogram |= ll_slice_is(key, "histogram") || ll_slice_is(key, "histograms");
    return skip(r);
}

/* Functions drop the name; it is put back. */
static void name_it(struct reader *r)
{
    for (size_t i = 0; i < r->n_labels; i++)
        if (ll_slice_eq(r->labels[i].name, LL_LABELS_NAME))
            return;
    if (!r->opts->name.n)
        return;
    r->too_many_labels |= r->n_labels == LL_LABELS_MAX;
    if (r->n_labels < LL_LABELS_MAX)
        r->labels[r->n_labels++] = (struct ll_label){LL_LABELS_NAME, r->opts->name};
}

static bool keep_series(struct reader *r)
{
    struct ll_err why;
    if (!r->has_value && !r->has_values) {
        r->said->histograms += r->has_histogram;
        return r->has_histogram ? true : wrong(r, "a series has no value");
    }
    name_it(r);
    if (r->too_many_labels || !ll_labels_sort(r->labels, &r->n_labels, &why)) {
        r->said->refused++;
        return true;
    }
    if (r->said->series == r->opts->max_series)
        return ll_err_set(r->err, LL_E_TOO_LARGE, "the answer has over %zu series",
                          r->opts->max_series);
    if (!ll_labeled_set_add(r->set, r->labels, r->n_labels, r->opts->kind, r->points.v,
                            r->points.n))
        return ll_err_set(r->err, LL_E_MEMORY, "all answers together are over the limit of memory");
    r->said->series++;
    return true;
}

static bool read_series(struct reader *r)
{
    struct ll_json_tok t;
    r->n_labels = 0;
    r->points.n = 0;
    r->too_many_labels = r->has_value = r->has_values = r->has_histogram = false;
    while (next(r, &t) && t.kind == LL_JSON_KEY)
        if (!read_member(r, t.text))
            return false;
    return t.kind == LL_JSON_OBJECT_END && keep_series(r);
}

static bool read_result(struct reader *r)
{
    struct ll_json_tok t;
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_ARRAY)
        return wrong(r, "the result is no list");
    r->has_result = true;
    while (next(r, &t) && t.kind != LL_JSON_ARRAY_END) {
        if (t.kind != LL_JSON_OBJECT)
            r->is_scalar = true; /* [time, "value"] */
        if (t.kind == LL_JSON_OBJECT ? !read_series(r) : !ll_json_in_skip(&r->in, &t, r->err))
            return false;
    }
    return t.kind == LL_JSON_ARRAY_END;
}

static bool read_data(struct reader *r)
{
    struct ll_json_tok t;
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_OBJECT)
        return ll_json_in_skip(&r->in, &t, r->err);
    while (next(r, &t) && t.kind == LL_JSON_KEY)
        if (!(ll_slice_is(t.text, "result") ? read_result(r) : skip(r)))
            return false;
    return t.kind == LL_JSON_OBJECT_END;
}

/* Prometheus 3 tells apart what may be wrong (warnings) and what is only remarkable (infos). */
static bool read_warnings(struct reader *r)
{
    struct ll_json_tok t;
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_ARRAY)
        return ll_json_in_skip(&r->in, &t, r->err);
    while (next(r, &t) && t.kind != LL_JSON_ARRAY_END) {
        if (t.kind == LL_JSON_STRING && r->said) {
            r->said->partial = true;
            if (!r->said->note[0])
                keep(r->said->note, sizeof(r->said->note), t.text);
        }
        if (!ll_json_in_skip(&r->in, &t, r->err))
            return false;
    }
    return t.kind == LL_JSON_ARRAY_END;
}

/* VictoriaMetrics says so of a cluster of which a part does not answer. */
static bool read_partial(struct reader *r)
{
    struct ll_json_tok t;
    if (!next(r, &t) || !ll_json_in_skip(&r->in, &t, r->err))
        return false;
    if (t.kind == LL_JSON_TRUE && r->said) {
        r->said->partial = true;
        if (!r->said->note[0])
            keep(r->said->note, sizeof(r->said->note), LL_SLICE("the answer is partial"));
    }
    return true;
}

static bool read_status(struct reader *r)
{
    char status[16] = "";
    if (!read_text(r, status, sizeof(status)))
        return false;
    r->success = strcmp(status, "success") == 0;
    r->failed = strcmp(status, "error") == 0;
    return true;
}

static bool read_top(struct reader *r, struct ll_slice key, bool (*data)(struct reader *r))
{
    if (ll_slice_is(key, "status"))
        return read_status(r);
    if (ll_slice_is(key, "data"))
        return data(r);
    if (ll_slice_is(key, "warnings"))
        return read_warnings(r);
    if (ll_slice_is(key, "isPartial"))
        return read_partial(r);
    if (ll_slice_is(key, "errorType"))
        return read_text(r, r->type, sizeof(r->type));
    if (ll_slice_is(key, "error"))
        return read_text(r, r->text, sizeof(r->text));
    return skip(r);
}

static bool read_all(struct reader *r, bool (*data)(struct reader *r))
{
    struct ll_json_tok t;
    if (!next(r, &t))
        return false;
    if (t.kind != LL_JSON_OBJECT)
        return wrong(r, "the answer is not one of Prometheus' API");
    while (next(r, &t) && t.kind == LL_JSON_KEY)
        if (!read_top(r, t.text, data))
            return false;
    return t.kind == LL_JSON_OBJECT_END && next(r, &t);
}

static bool judge(struct reader *r)
{
    if (r->failed)
        return ll_err_set(r->err, LL_E_INVALID, "%s: %s", r->type[0] ? r->type : "error", r->text);
    if (!r->success)
        return wrong(r, "the answer is not one of Prometheus' API: it has no status");
    return true;
}

bool ll_promql_read(char *json, size_t n, const struct ll_promql_read_opts *opts,
                    struct ll_labeled_set *set, struct ll_promql_said *said, struct ll_err *err)
{
    const size_t series = set->n, set_points = set->points;
    struct ll_promql_said found = {0};
    struct ll_err why = {0};
    struct reader *r = calloc(1, sizeof(*r)); /* 4 KiB of labels */
    if (!r)
        return ll_err_set(err, LL_E_MEMORY, "no memory to read an answer");
    r->opts = opts;
    r->set = set;
    r->said = &found;
    r->err = &why;
    r->points.cap = opts->max_points;
    ll_json_in_init(&r->in, json, n);
    bool ok = read_all(r, read_data) && judge(r);
    if (ok && r->is_scalar)
        ok = wrong(r, "the answer is one number without labels: the query is a scalar");
    if (ok && !r->has_result)
        ok = wrong(r, "the answer has no result");
    points_fini(&r->points);
    free(r);
    if (ok) {
        *said = found;
        return true;
    }
    set->n = series;
    set->points = set_points;
    if (err)
        *err = why;
    return false;
}

struct list {
    struct reader r; /* first: the reader is handed on */
    void (*each)(void *ctx, struct ll_slice text);
    void *ctx;
};

static bool read_list(struct reader *r)
{
    struct list *l = (struct list *)(void *)r;
    struct ll_json_tok t;
    if (!next(r, &t))
        return false;
    if (t.kind == LL_JSON_NULL) { /* of Go's, an empty list */
        r->has_result = true;
        return true;
    }
    if (t.kind != LL_JSON_ARRAY)
        return ll_json_in_skip(&r->in, &t, r->err);
    r->has_result = true;
    while (next(r, &t) && t.kind == LL_JSON_STRING)
        l->each(l->ctx, t.text);
    if (t.kind != LL_JSON_ARRAY_END && r->err->code == LL_E_OK)
        return wrong(r, "the list has something else than texts");
    return t.kind == LL_JSON_ARRAY_END;
}

bool ll_promql_read_list(char *json, size_t n, void (*each)(void *ctx, struct ll_slice text),
                         void *ctx, struct ll_err *err)
{
    struct ll_err why = {0};
    struct list *l = calloc(1, sizeof(*l));
    if (!l)
        return ll_err_set(err, LL_E_MEMORY, "no memory to read an answer");
    *l = (struct list){.each = each, .ctx = ctx};
    l->r.err = &why;
    ll_json_in_init(&l->r.in, json, n);
    bool ok = read_all(&l->r, read_list) && judge(&l->r);
    if (ok && !l->r.has_result)
        ok = wrong(&l->r, "the answer has no list");
    free(l);
    if (!ok && err)
        *err = why;
    return ok;
}

void ll_promql_read_error(char *json, size_t n, char type[static 32],
                          char text[static LL_PROMQL_NOTE_MAX])
{
    struct ll_err why = {0};
    struct reader *r = calloc(1, sizeof(*r));
    type[0] = text[0] = '\0';
    if (!r)
        return;
    r->err = &why;
    ll_json_in_init(&r->in, json, n);
    if (read_all(r, skip) && r->failed) {
        snprintf(type, 32, "%s", r->type);
        snprintf(text, LL_PROMQL_NOTE_MAX, "%s", r->text);
    }
    free(r);
}
