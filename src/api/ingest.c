#include "api/ingest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/auth.h"
#include "base/json_in.h"

/* No item that could be accepted is shorter than this, so the body's length bounds them. */
enum { SAMPLE_BYTES = 48, BUSINESS_BYTES = 20, REASON_MAX = 200, REFUSED_BYTES = 256 };
enum { ARENA_BASE = 64 << 10 };

enum field {
    F_SERVICE,
    F_RESOURCE,
    F_INSTANCE,
    F_PART,
    F_VALUE,
    F_CAPACITY,
    F_MAX,
    F_WINDOW,
    F_UNIT,
    F_TIME,
    F_METRIC,
    F_VENUE,
    F_PRIMARY,
    F_COUNT
};

enum kind { TEXT, NUMBER, TIME, FLAG };

static const struct {
    const char *name;
    enum field field;
    enum kind kind;
    bool required;
} sample_fields[] =
    {
        {"service", F_SERVICE, TEXT, true},
        {"resource_type", F_RESOURCE, TEXT, true},
        {"instance", F_INSTANCE, TEXT, false},
        {"part", F_PART, TEXT, false},
        {"current_value", F_VALUE, NUMBER, true},
        {"capacity", F_CAPACITY, NUMBER, false},
        {"max_value", F_MAX, NUMBER, false},
        {"window_seconds", F_WINDOW, NUMBER, false},
        {"unit", F_UNIT, TEXT, false},
        {"timestamp", F_TIME, TIME, false},
        {"primary", F_PRIMARY, FLAG, false},
},
  business_fields[] = {
      {"metric", F_METRIC, TEXT, true},   {"service", F_SERVICE, TEXT, false},
      {"venue", F_VENUE, TEXT, false},    {"value", F_VALUE, NUMBER, true},
      {"timestamp", F_TIME, TIME, false},
};

struct item {
    unsigned seen;  /* bits of enum field: named, if only with null */
    unsigned given; /* and with a value */
    struct ll_slice text[F_COUNT];
    double number[F_COUNT];
    ll_time time;
    bool flag[F_COUNT];
    bool bad;
    int counter;             /* of bad; 0 = LL_COUNT_MALFORMED */
    char reason[REASON_MAX]; /* the first one counts */
};

struct reader {
    struct ll_json_in in;
    struct ll_ingest *out;
    ll_time now, oldest;
    const struct ll_identity *who; /* NULL = may all */
    bool business;
    uint32_t index;
};

static void refuse(struct item *it, const char *fmt, ...) LL_PRINTF(2, 3);
static void refuse(struct item *it, const char *fmt, ...)
{
    if (it->bad)
        return;
    it->bad = true;
    va_list args;
    va_start(args, fmt);
    vsnprintf(it->reason, sizeof(it->reason), fmt, args);
    va_end(args);
}

static bool note_refused(struct ll_ingest *in, uint32_t index, bool business, int counter,
                         const char *reason)
{
    if (in->n_refused == in->size_refused) {
        size_t size = in->size_refused ? in->size_refused * 2 : 16;
        void *v = realloc(in->refused, size * sizeof(*in->refused));
        if (!v)
            return false;
        in->refused = v;
        in->size_refused = size;
    }
    const char *copy = ll_arena_copy(in->arena, reason, strlen(reason));
    if (!copy)
        return false;
    in->refused[in->n_refused++] = (struct ll_ingest_refused){index, business, counter, copy};
    return true;
}

/* Row of the table of fields; -1 = unknown, and the item is refused with a hint. */
static int find_field(bool business, struct ll_slice name, struct item *it)
{
    const char *names[LL_LEN(sample_fields)];
    size_t n = business ? LL_LEN(business_fields) : LL_LEN(sample_fields);
    for (size_t i = 0; i < n; i++) {
        names[i] = business ? business_fields[i].name : sample_fields[i].name;
        if (ll_slice_is(name, names[i]))
            return (int)i;
    }
    const char *near = ll_str_nearest(name, names, n);
    refuse(it, "unknown field '%.*s'%s%s%s", (int)LL_MIN(name.n, (size_t)64), name.s,
           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return -1;
}

static void take_time(struct item *it, const struct ll_json_tok *tok)
{
    struct ll_err err;
    if (tok->kind == LL_JSON_STRING) {
        if (!ll_time_parse(tok->text, &it->time, &err))
            refuse(it, "timestamp: %s", err.text);
    } else if (tok->kind == LL_JSON_NUMBER && fabs(tok->number) < 2.5e11) {
        it->time = (ll_time)llround(tok->number * 1e3);
    } else {
        refuse(it, "timestamp is neither RFC 3339 nor Unix seconds");
    }
}

static void take_value(struct item *it, enum field field, enum kind kind, const char *name,
                       const struct ll_json_tok *tok)
{
    if (it->seen & 1u << field) {
        refuse(it, "field '%s' is given twice", name);
        return;
    }
    it->seen |= 1u << field;
    if (tok->kind == LL_JSON_NULL)
        return; /* null is no data: as if it were absent */
    it->given |= 1u << field;
    if (kind == TIME) {
        take_time(it, tok);
    } else if (kind == TEXT) {
        it->text[field] = tok->text;
        if (tok->kind != LL_JSON_STRING)
            refuse(it, "%s is not a string", name);
    } else if (kind == FLAG) {
        it->flag[field] = tok->kind == LL_JSON_TRUE;
        if (tok->kind != LL_JSON_TRUE && tok->kind != LL_JSON_FALSE)
            refuse(it, "%s is neither true nor false", name);
    } else {
        bool number = tok->kind == LL_JSON_NUMBER || tok->kind == LL_JSON_NONFINITE;
        it->number[field] = tok->kind == LL_JSON_NUMBER ? tok->number : (double)NAN;
        if (!number)
            refuse(it, "%s is not a number", name);
        else if (!isfinite(it->number[field]))
            refuse(it, "%s is not a finite number", name);
    }
}

static bool read_member(struct reader *rd, struct item *it, const struct ll_json_tok *key,
                        struct ll_err *err)
{
    struct ll_json_tok value;
    int at = find_field(rd->business, key->text, it);
    if (!ll_json_in_next(&rd->in, &value, err))
        return false;
    if (at >= 0 && rd->business)
        take_value(it, business_fields[at].field, business_fields[at].kind,
                   business_fields[at].name, &value);
    else if (at >= 0)
        take_value(it, sample_fields[at].field, sample_fields[at].kind, sample_fields[at].name,
                   &value);
    return ll_json_in_skip(&rd->in, &value, err);
}

static void check_required(struct item *it, bool business)
{
    size_t n = business ? LL_LEN(business_fields) : LL_LEN(sample_fields);
    for (size_t i = 0; i < n; i++) {
        enum field f = business ? business_fields[i].field : sample_fields[i].field;
        bool required = business ? business_fields[i].required : sample_fields[i].required;
        if (required && !(it->given & 1u << f))
            refuse(it, "%s is missing", business ? business_fields[i].name : sample_fields[i].name);
    }
}

static void refuse_enum(struct item *it, const char *field, struct ll_slice text,
                        const char *(*name)(int), int n)
{
    const char *names[16];
    for (int i = 0; i < n; i++)
        names[i] = name(i);
    const char *near = ll_str_nearest(text, names, (size_t)n);
    refuse(it, "%s '%.*s' is not known%s%s%s", field, (int)LL_MIN(text.n, (size_t)40), text.s,
           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static const char *resource_name(int i)
{
    return ll_resource_name((enum ll_resource_type)i);
}

static const char *unit_name(int i)
{
    return ll_unit_name((enum ll_unit)i);
}

static struct ll_slice text_of(const struct item *it, enum field f)
{
    return it->given & 1u << f ? it->text[f] : LL_SLICE("");
}

/* A business event without a service is of all of them. */
static void check_scope(const struct reader *rd, struct item *it)
{
    struct ll_err err;
    if (it->bad || !rd->who || ll_identity_check(rd->who, text_of(it, F_SERVICE), &err))
        return;
    refuse(it, "%s", err.text);
    it->counter = LL_COUNT_SCOPE;
}

static int counter_of(const struct item *it)
{
    return it->counter ? it->counter : LL_COUNT_MALFORMED;
}

static double number_or_nan(const struct item *it, enum field f)
{
    return it->given & 1u << f ? it->number[f] : (double)NAN;
}

static bool to_sample(const struct reader *rd, struct item *it, struct ll_sample *s)
{
    *s = (struct ll_sample){.key = {.service = text_of(it, F_SERVICE),
                                    .instance = text_of(it, F_INSTANCE),
                                    .part = text_of(it, F_PART)},
                            .t = it->given & 1u << F_TIME ? it->time : rd->now,
                            .value = number_or_nan(it, F_VALUE),
                            .capacity = number_or_nan(it, F_CAPACITY),
                            .max_value = number_or_nan(it, F_MAX),
                            .primary = it->flag[F_PRIMARY]};
    if (it->bad)
        return false;
    if (!ll_resource_parse(it->text[F_RESOURCE], &s->key.type))
        refuse_enum(it, "resource_type", it->text[F_RESOURCE], resource_name, LL_RESOURCE_COUNT);
    else
        s->unit = ll_resource_unit(s->key.type);
    if (it->given & 1u << F_UNIT && !ll_unit_parse(it->text[F_UNIT], &s->unit))
        refuse_enum(it, "unit", it->text[F_UNIT], unit_name, LL_UNIT_COUNT);
    if (it->given & 1u << F_WINDOW) {
        double w = it->number[F_WINDOW];
        if (w >= 0 && w <= 86400)
            s->window = (ll_dur)llround(w * 1e3);
        else
            refuse(it, "window_seconds is not between 0 and 86400");
    }
    return !it->bad;
}

static bool finish_sample(struct reader *rd, struct item *it, struct ll_err *err)
{
    struct ll_sample s;
    struct ll_ingest *in = rd->out;
    if (!to_sample(rd, it, &s))
        return note_refused(in, rd->index, false, counter_of(it), it->reason) ||
               ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    enum ll_refusal why = ll_sample_check(&s, rd->now, rd->oldest);
    if (why != LL_REFUSAL_NONE)
        return note_refused(in, rd->index, false, (int)why, ll_refusal_text(why)) ||
               ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    if (!ll_batch_add(in->batch, &s))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the samples");
    in->index[in->n_index++] = rd->index;
    return true;
}

static bool copy_text(struct ll_batch *b, struct ll_slice from, struct ll_slice *to)
{
    const char *s = ll_arena_copy(b->arena, from.s, from.n);
    *to = (struct ll_slice){s, from.n};
    return s != NULL;
}

static void check_business(const struct reader *rd, struct item *it)
{
    static const enum field texts[] = {F_METRIC, F_SERVICE, F_VENUE};
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        struct ll_slice t = text_of(it, texts[i]);
        if (t.n > LL_NAME_MAX || (t.n > 0 && memchr(t.s, '\0', t.n)))
            refuse(it, "%s", ll_refusal_text(LL_REFUSAL_NAME));
    }
    if (text_of(it, F_METRIC).n == 0)
        refuse(it, "metric is empty");
    if (it->given & 1u << F_TIME && it->time > rd->now + 10 * LL_MINUTE)
        refuse(it, "%s", ll_refusal_text(LL_REFUSAL_FUTURE));
}

static bool finish_business(struct reader *rd, struct item *it, struct ll_err *err)
{
    struct ll_ingest *in = rd->out;
    struct ll_batch *b = in->batch;
    if (!it->bad)
        check_business(rd, it);
    if (it->bad)
        return note_refused(in, rd->index, true, counter_of(it), it->reason) ||
               ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    struct ll_business *x = &b->business[b->n_business];
    *x = (struct ll_business){.t = it->given & 1u << F_TIME ? it->time : rd->now,
                              .value = it->number[F_VALUE]};
    if (!copy_text(b, text_of(it, F_METRIC), &x->metric) ||
        !copy_text(b, text_of(it, F_SERVICE), &x->service) ||
        !copy_text(b, text_of(it, F_VENUE), &x->venue))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the samples");
    b->n_business++;
    return true;
}

/* One element of a list; `first` is its first token. */
static bool read_item(struct reader *rd, const struct ll_json_tok *first, struct ll_err *err)
{
    struct item it = {0};
    struct ll_json_tok key;
    if (first->kind != LL_JSON_OBJECT) {
        refuse(&it, "is not an object");
        if (!ll_json_in_skip(&rd->in, first, err))
            return false;
    } else {
        for (;;) {
            if (!ll_json_in_next(&rd->in, &key, err))
                return false;
            if (key.kind == LL_JSON_OBJECT_END)
                break;
            if (!read_member(rd, &it, &key, err))
                return false;
        }
    }
    check_required(&it, rd->business);
    check_scope(rd, &it);
    return rd->business ? finish_business(rd, &it, err) : finish_sample(rd, &it, err);
}

static bool read_list(struct reader *rd, struct ll_err *err)
{
    struct ll_json_tok tok;
    if (!ll_json_in_next(&rd->in, &tok, err))
        return false;
    if (tok.kind == LL_JSON_NULL)
        return true;
    if (tok.kind != LL_JSON_ARRAY)
        return ll_err_set(err, LL_E_INVALID, "'%s' is not a list",
                          rd->business ? "business" : "metrics");
    for (rd->index = 0;; rd->index++) {
        if (!ll_json_in_next(&rd->in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return true;
        if (rd->index == LL_BATCH_SAMPLES_MAX)
            return ll_err_set(err, LL_E_TOO_LARGE, "more than %d items in one request",
                              LL_BATCH_SAMPLES_MAX);
        rd->out->items++;
        if (!read_item(rd, &tok, err))
            return false;
    }
}

static bool read_body(struct reader *rd, struct ll_err *err)
{
    struct ll_json_tok tok;
    bool seen[2] = {false, false};
    if (!ll_json_in_next(&rd->in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "the body is not an object");
    for (;;) {
        if (!ll_json_in_next(&rd->in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            break;
        rd->business = ll_slice_is(tok.text, "business");
        if (!rd->business && !ll_slice_is(tok.text, "metrics"))
            return ll_err_set(err, LL_E_INVALID,
                              "unknown field '%.*s'; known are metrics, business",
                              (int)LL_MIN(tok.text.n, (size_t)64), tok.text.s);
        if (seen[rd->business])
            return ll_err_set(err, LL_E_INVALID, "'%s' is given twice",
                              rd->business ? "business" : "metrics");
        seen[rd->business] = true;
        if (!read_list(rd, err))
            return false;
    }
    return ll_json_in_next(&rd->in, &tok, err); /* nothing may follow */
}

static struct ll_ingest *make(size_t n)
{
    size_t samples = LL_MIN(n / SAMPLE_BYTES + 1, (size_t)LL_BATCH_SAMPLES_MAX);
    size_t business = LL_MIN(n / BUSINESS_BYTES + 1, (size_t)LL_BATCH_SAMPLES_MAX);
    struct ll_ingest *in = calloc(1, sizeof(*in));
    if (!in)
        return NULL;
    in->batch = ll_batch_new(samples, business, LL_ORIGIN_PUSH);
    in->index = calloc(samples, sizeof(*in->index));
    in->arena = ll_arena_new(ARENA_BASE + 2 * LL_BATCH_SAMPLES_MAX * REFUSED_BYTES);
    if (!in->batch || !in->index || !in->arena) {
        ll_ingest_free(in);
        return NULL;
    }
    return in;
}

bool ll_ingest_read(char *body, size_t n, ll_time now, ll_time oldest,
                    const struct ll_identity *who, struct ll_ingest **out, struct ll_err *err)
{
    LL_AUTO(ll_ingest) in = make(n);
    if (!in)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the samples");
    struct reader rd = {.out = in, .now = now, .oldest = oldest, .who = who};
    ll_json_in_init(&rd.in, body, n);
    rd.in.allow_nonfinite = true; /* a NaN refuses its own item, not its neighbours */
    if (!read_body(&rd, err))
        return false;
    in->batch->received = now;
    *out = in;
    in = NULL;
    return true;
}

void ll_ingest_free(struct ll_ingest *in)
{
    if (!in)
        return;
    ll_batch_free(in->batch);
    ll_arena_free(in->arena);
    free(in->index);
    free(in->refused);
    free(in);
}

void ll_ingest_committed(struct ll_ingest *in, const struct ll_batch *b)
{
    in->committed = b->committed;
    in->err = b->err;
    for (size_t i = 0; b->committed && i < b->n; i++)
        if (b->refusal[i] != LL_REFUSAL_NONE &&
            !note_refused(in, in->index[i], false, (int)b->refusal[i],
                          ll_refusal_text(b->refusal[i]))) {
            in->committed = false; /* we cannot say which: say that it failed */
            ll_err_set(&in->err, LL_E_MEMORY, "no memory for the answer");
        }
}

size_t ll_ingest_accepted(const struct ll_ingest *in)
{
    return in->items - in->n_refused;
}

void ll_ingest_render(struct ll_json_out *j, const struct ll_ingest *in)
{
    ll_json_out_key(j, "accepted");
    ll_json_out_int(j, (int64_t)ll_ingest_accepted(in));
    ll_json_out_key(j, "rejected");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < in->n_refused; i++) {
        const struct ll_ingest_refused *x = &in->refused[i];
        ll_json_out_open(j, '{');
        ll_json_out_key(j, "index");
        ll_json_out_int(j, x->index);
        ll_json_out_key(j, "list");
        ll_json_out_z(j, x->business ? "business" : "metrics");
        ll_json_out_key(j, "reason");
        ll_json_out_z(j, x->reason);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}
