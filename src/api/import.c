#include "api/import.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/counters.h"
#include "base/json_in.h"

/* No row that could be accepted is shorter. */
enum { ROW_BYTES = 80, REASON_MAX = 160, ARENA_BASE = 64 << 10 };

enum field {
    F_SERVICE,
    F_RESOURCE,
    F_INSTANCE,
    F_PART,
    F_UNIT,
    F_STEP,
    F_T,
    F_MEAN,
    F_MAX,
    F_P95,
    F_COUNT,
    F_CAPACITY,
    F_PRIMARY,
    FIELDS
};

static const char *const names[FIELDS] = {
    [F_SERVICE] = "service",
    [F_RESOURCE] = "resource_type",
    [F_INSTANCE] = "instance",
    [F_PART] = "part",
    [F_UNIT] = "unit",
    [F_STEP] = "step",
    [F_T] = "t",
    [F_MEAN] = "mean",
    [F_MAX] = "max",
    [F_P95] = "p95",
    [F_COUNT] = "count",
    [F_CAPACITY] = "capacity",
    [F_PRIMARY] = "primary",
};

static const bool required[FIELDS] = {
    [F_SERVICE] = true, [F_RESOURCE] = true, [F_STEP] = true, [F_T] = true,
    [F_MEAN] = true,    [F_MAX] = true,      [F_COUNT] = true};

struct item {
    unsigned given; /* bits of enum field */
    struct ll_slice text[FIELDS];
    double number[FIELDS];
    bool primary;
    ll_time t;
    char reason[REASON_MAX]; /* "" = nothing wrong so far */
};

struct reader {
    struct ll_json_in in;
    struct ll_import *out;
    const struct ll_import_limits *limits;
};

static bool out_of_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for the rows");
}

static bool note_refused(struct ll_import *im, uint32_t index, int counter, const char *reason)
{
    if (im->n_refused == im->size_refused) {
        size_t size = im->size_refused ? im->size_refused * 2 : 16;
        void *v = realloc(im->refused, size * sizeof(*im->refused));
        if (!v)
            return false;
        im->refused = v;
        im->size_refused = size;
    }
    im->refused[im->n_refused++] = (struct ll_import_refused){index, counter, reason};
    return true;
}

static bool is_text(int f)
{
    return f <= F_UNIT;
}

static void take(struct item *it, int f, const struct ll_json_tok *tok)
{
    if (tok->kind == LL_JSON_NULL)
        return; /* no data: as if it were absent */
    it->given |= 1u << f;
    if (f == F_PRIMARY) {
        it->primary = tok->kind == LL_JSON_TRUE;
        if (!it->primary && tok->kind != LL_JSON_FALSE)
            snprintf(it->reason, sizeof(it->reason), "primary is not true or false");
        return;
    }
    bool ok = is_text(f) ? tok->kind == LL_JSON_STRING : tok->kind == LL_JSON_NUMBER;
    if (f == F_T && tok->kind == LL_JSON_STRING)
        ok = ll_time_parse(tok->text, &it->t, NULL);
    else if (f == F_T && ok)
        it->t = fabs(tok->number) < 2.5e11 ? (ll_time)llround(tok->number * 1e3) : LL_TIME_MAX;
    it->text[f] = tok->text;
    it->number[f] = tok->number;
    if (!ok || (!is_text(f) && f != F_T && !isfinite(tok->number)))
        snprintf(it->reason, sizeof(it->reason), "%s is not %s", names[f],
                 f == F_T     ? "a time"
                 : is_text(f) ? "a string"
                              : "a finite number");
}

static bool read_member(struct reader *rd, struct item *it, const struct ll_json_tok *key,
                        struct ll_err *err)
{
    struct ll_json_tok value;
    int f = 0;
    while (f < FIELDS && !ll_slice_is(key->text, names[f]))
        f++;
    if (!ll_json_in_next(&rd->in, &value, err))
        return false;
    if (f == FIELDS)
        snprintf(it->reason, sizeof(it->reason), "unknown field '%.*s'",
                 (int)LL_MIN(key->text.n, (size_t)40), key->text.s);
    else
        take(it, f, &value);
    return ll_json_in_skip(&rd->in, &value, err);
}

static struct ll_slice text_of(const struct item *it, int f)
{
    return it->given & 1u << f ? it->text[f] : LL_SLICE("");
}

/* What is wrong with the values; NULL = nothing.  Fills the row. */
static const char *to_row(const struct item *it, struct ll_rollup_row *r)
{
    const bool capacity = it->given & 1u << F_CAPACITY, p95 = it->given & 1u << F_P95;
    *r = (struct ll_rollup_row){
        .key = {text_of(it, F_SERVICE), text_of(it, F_INSTANCE), text_of(it, F_PART), 0},
        .step = 0,
        .rollup = {.t = it->t,
                   .mean = it->number[F_MEAN],
                   .max = it->number[F_MAX],
                   .p95 = p95 ? it->number[F_P95] : it->number[F_MAX],
                   .capacity = capacity ? it->number[F_CAPACITY] : (double)NAN}};
    for (int f = 0; f < FIELDS; f++)
        if (required[f] && !(it->given & 1u << f))
            return f == F_SERVICE    ? "service is missing"
                   : f == F_RESOURCE ? "resource_type is missing"
                                     : "step, t, mean, max or count is missing";
    if (!ll_resource_parse(it->text[F_RESOURCE], &r->key.type))
        return "resource_type is not known";
    r->unit = ll_resource_unit(r->key.type);
    if (it->given & 1u << F_UNIT && !ll_unit_parse(it->text[F_UNIT], &r->unit))
        return "unit is not known";
    if (it->number[F_STEP] != 300 && it->number[F_STEP] != 3600)
        return "step is neither 300 nor 3600";
    r->step = (ll_dur)it->number[F_STEP] * LL_SECOND;
    if (!(it->number[F_COUNT] >= 1 && it->number[F_COUNT] <= 3.6e6))
        return "count is not between 1 and 3600000";
    r->rollup.count = (uint32_t)it->number[F_COUNT];
    if (!(r->rollup.p95 >= 0 && r->rollup.p95 <= r->rollup.max))
        return "p95 is not between 0 and max";
    return NULL;
}

/* A bucket passes the checks of a sample of its mean. */
static enum ll_refusal check(const struct reader *rd, const struct ll_rollup_row *r)
{
    const struct ll_import_limits *l = rd->limits;
    const struct ll_sample s = {.key = r->key,
                                .t = r->rollup.t,
                                .value = r->rollup.mean,
                                .capacity = r->rollup.capacity,
                                .max_value = r->rollup.max};
    const ll_dur kept = r->step == LL_HOUR ? l->retain_1h : l->retain_5m;
    if (r->rollup.t != ll_time_floor(r->rollup.t, r->step))
        return LL_REFUSAL_BUCKET;
    return ll_sample_check(&s, l->now, l->now - kept);
}

static bool copy(struct ll_arena *a, struct ll_slice *s)
{
    const char *to = ll_arena_copy(a, s->s, s->n);
    *s = (struct ll_slice){to, s->n};
    return to != NULL;
}

static bool finish(struct reader *rd, struct item *it, uint32_t index, struct ll_err *err)
{
    struct ll_import *im = rd->out;
    struct ll_batch *b = im->batch;
    struct ll_rollup_row r;
    const char *why =
        it->reason[0] ? ll_arena_copy(im->arena, it->reason, strlen(it->reason)) : to_row(it, &r);
    if (it->reason[0] && !why)
        return out_of_memory(err);
    if (why)
        return note_refused(im, index, LL_COUNT_MALFORMED, why) || out_of_memory(err);
    enum ll_refusal refusal = check(rd, &r);
    if (refusal != LL_REFUSAL_NONE)
        return note_refused(im, index, (int)refusal, ll_refusal_text(refusal)) ||
               out_of_memory(err);
    if (!copy(b->arena, &r.key.service) || !copy(b->arena, &r.key.instance) ||
        !copy(b->arena, &r.key.part))
        return out_of_memory(err);
    r.primary = it->given & 1u << F_PRIMARY ? it->primary : r.key.part.n == 0;
    im->index[b->n_rollups] = index;
    b->rollups[b->n_rollups++] = r;
    return true;
}

static bool read_item(struct reader *rd, const struct ll_json_tok *first, uint32_t index,
                      struct ll_err *err)
{
    struct item it = {0};
    struct ll_json_tok key;
    if (first->kind != LL_JSON_OBJECT) {
        snprintf(it.reason, sizeof(it.reason), "is not an object");
        return ll_json_in_skip(&rd->in, first, err) && finish(rd, &it, index, err);
    }
    for (;;) {
        if (!ll_json_in_next(&rd->in, &key, err))
            return false;
        if (key.kind == LL_JSON_OBJECT_END)
            return finish(rd, &it, index, err);
        if (!read_member(rd, &it, &key, err))
            return false;
    }
}

static bool read_rows(struct reader *rd, struct ll_err *err)
{
    struct ll_json_tok tok;
    if (!ll_json_in_next(&rd->in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_ARRAY)
        return ll_err_set(err, LL_E_INVALID, "'rollups' is not a list");
    for (uint32_t index = 0;; index++) {
        if (!ll_json_in_next(&rd->in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return true;
        if (index == LL_BATCH_SAMPLES_MAX)
            return ll_err_set(err, LL_E_TOO_LARGE, "more than %d rows in one request",
                              LL_BATCH_SAMPLES_MAX);
        rd->out->items++;
        if (!read_item(rd, &tok, index, err))
            return false;
    }
}

static bool read_cursor(struct reader *rd, struct ll_err *err)
{
    struct ll_json_tok tok, value;
    struct ll_batch *b = rd->out->batch;
    if (!ll_json_in_next(&rd->in, &tok, err))
        return false;
    if (tok.kind == LL_JSON_NULL)
        return true;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "'cursor' is not an object of name and value");
    for (;;) {
        if (!ll_json_in_next(&rd->in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            return true;
        const bool name = ll_slice_is(tok.text, "name");
        if (!ll_json_in_next(&rd->in, &value, err))
            return false;
        if (value.kind != LL_JSON_STRING || (!name && !ll_slice_is(tok.text, "value")) ||
            value.text.n > LL_NAME_MAX)
            return ll_err_set(err, LL_E_INVALID,
                              "'cursor' is not {\"name\":…,\"value\":…} of up to %d bytes each",
                              LL_NAME_MAX);
        struct ll_slice *to = name ? &b->cursor_name : &b->cursor_value;
        *to = value.text;
        if (!copy(b->arena, to))
            return out_of_memory(err);
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
            return ll_json_in_next(&rd->in, &tok, err); /* nothing may follow */
        const bool cursor = ll_slice_is(tok.text, "cursor");
        if ((!cursor && !ll_slice_is(tok.text, "rollups")) || seen[cursor])
            return ll_err_set(err, LL_E_INVALID,
                              "unknown or repeated field '%.*s'; known are rollups, cursor",
                              (int)LL_MIN(tok.text.n, (size_t)64), tok.text.s);
        seen[cursor] = true;
        if (cursor ? !read_cursor(rd, err) : !read_rows(rd, err))
            return false;
    }
}

static struct ll_import *make(size_t n)
{
    size_t rows = LL_MIN(n / ROW_BYTES + 1, (size_t)LL_BATCH_SAMPLES_MAX);
    struct ll_import *im = calloc(1, sizeof(*im));
    if (!im)
        return NULL;
    /* Its memory goes with its size, and a row with its three names takes more than a sample. */
    im->batch = ll_batch_new(rows, rows, LL_ORIGIN_PUSH);
    im->index = calloc(rows, sizeof(*im->index));
    im->arena = ll_arena_new(ARENA_BASE + 2 * LL_BATCH_SAMPLES_MAX * REASON_MAX);
    if (im->batch)
        im->batch->rollups = LL_ARENA_NEW(im->batch->arena, struct ll_rollup_row, rows);
    if (!im->batch || !im->batch->rollups || !im->index || !im->arena) {
        ll_import_free(im);
        return NULL;
    }
    return im;
}

bool ll_import_read(char *body, size_t n, const struct ll_import_limits *limits,
                    struct ll_import **out, struct ll_err *err)
{
    LL_AUTO(ll_import) im = make(n);
    if (!im)
        return out_of_memory(err);
    struct reader rd = {.out = im, .limits = limits};
    ll_json_in_init(&rd.in, body, n);
    rd.in.allow_nonfinite = true; /* a NaN refuses its own row, not its neighbours */
    if (!read_body(&rd, err))
        return false;
    im->batch->received = limits->now;
    im->batch->source = "import";
    *out = im;
    im = NULL;
    return true;
}

void ll_import_free(struct ll_import *im)
{
    if (!im)
        return;
    ll_batch_free(im->batch);
    ll_arena_free(im->arena);
    free(im->index);
    free(im->refused);
    free(im);
}

void ll_import_committed(struct ll_import *im, const struct ll_batch *b)
{
    im->committed = b->committed;
    im->err = b->err;
    for (size_t i = 0; b->committed && i < b->n_rollups; i++) {
        const enum ll_refusal why = b->rollups[i].refusal;
        if (why != LL_REFUSAL_NONE &&
            !note_refused(im, im->index[i], (int)why, ll_refusal_text(why))) {
            im->committed = false; /* we cannot say which: say that it failed */
            out_of_memory(&im->err);
        }
    }
}

size_t ll_import_accepted(const struct ll_import *im)
{
    return im->items - im->n_refused;
}

void ll_import_render(struct ll_json_out *j, const struct ll_import *im)
{
    ll_json_out_key(j, "accepted");
    ll_json_out_int(j, (int64_t)ll_import_accepted(im));
    ll_json_out_key(j, "rejected");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < im->n_refused; i++) {
        ll_json_out_open(j, '{');
        ll_json_out_key(j, "index");
        ll_json_out_int(j, im->refused[i].index);
        ll_json_out_key(j, "list");
        ll_json_out_z(j, "rollups");
        ll_json_out_key(j, "reason");
        ll_json_out_z(j, im->refused[i].reason);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}
