/* POST /write: Prometheus remote-write, 1.0 and 2.0.
 *
 * The answer decides what a sender does: on 400 it drops the request for good, on 429 and 5xx it
 * sends the same again, for ever.  So what is wrong with the data is 400 with the rest written
 * before, and what is wrong with us is never 400. */
#include <stdio.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/reply.h"
#include "api/sleep.h"
#include "collect/remote_write.h"
#include "collect/snappy.h"
#include "engine/intake.h"

static const char source[] = "remote-write";

struct write {
    struct ll_api *api;
    size_t body_n, reserved;    /* of api->body_bytes */
    struct ll_labeled_set *set; /* NULL once it has been handed over */
    struct ll_remote_write_result got;
    struct ll_intake_result became;
    struct ll_reply_lines lines;
    size_t written;
};

static void free_work(void *work)
{
    struct write *w = work;
    atomic_fetch_sub(&w->api->body_bytes, w->reserved);
    ll_labeled_set_free(w->set);
    free(w);
}

static void line(struct ll_reply_lines *l, const char *name, size_t value)
{
    l->name[l->n] = name;
    snprintf(l->value[l->n++], sizeof(l->value[0]), "%zu", value);
}

/* Senders of 2.0 compare these with what they sent. */
static void tell_written(struct write *w, size_t samples)
{
    w->written = samples;
    w->lines.n = 0;
    line(&w->lines, "X-Prometheus-Remote-Write-Samples-Written", samples);
    line(&w->lines, "X-Prometheus-Remote-Write-Histograms-Written", 0);
    line(&w->lines, "X-Prometheus-Remote-Write-Exemplars-Written", 0);
}

/* Why samples were refused, here or by the store: reason i of all, false behind the last. */
static bool refusal_at(const struct write *w, size_t i, const char **reason, size_t *n,
                       const char **example)
{
    bool ours = i < LL_REMOTE_WRITE_REASONS;
    size_t at = ours ? i : i - LL_REMOTE_WRITE_REASONS;
    if (!ours && at >= LL_REFUSAL_COUNT)
        return false;
    *reason = ours ? ll_remote_write_text((enum ll_remote_write_reason)at)
                   : ll_refusal_text((enum ll_refusal)at);
    *n = ours ? w->got.refused[at].n : w->became.refused[at];
    *example = ours ? w->got.refused[at].example : "";
    return true;
}

static int counter_of(enum ll_remote_write_reason r)
{
    switch (r) {
    case LL_REMOTE_WRITE_FUTURE:
        return LL_REFUSAL_FUTURE;
    case LL_REMOTE_WRITE_TOO_OLD:
        return LL_REFUSAL_TOO_OLD;
    case LL_REMOTE_WRITE_HISTOGRAM:
        return LL_COUNT_HISTOGRAM;
    default:
        return LL_COUNT_LABELS;
    }
}

static size_t count(struct ll_request *r, const struct write *w)
{
    struct ll_counters *c = &r->api->counters;
    struct ll_write_counters *mine = &c->write[r->body_kind == LL_BODY_REMOTE_WRITE_2];
    size_t refused = 0;
    for (size_t i = 0; i < LL_REMOTE_WRITE_REASONS; i++) {
        ll_count(&c->rejected[counter_of((enum ll_remote_write_reason)i)], w->got.refused[i].n);
        refused += i == LL_REMOTE_WRITE_HISTOGRAM ? 0 : w->got.refused[i].n;
    }
    for (size_t i = 0; i < LL_REFUSAL_COUNT; i++) {
        ll_count(&c->rejected[i], w->became.refused[i]);
        refused += w->became.refused[i];
    }
    ll_count(&mine->samples, w->written);
    ll_count(&mine->refused, refused);
    ll_count(&mine->histograms, w->got.histograms);
    ll_count(&mine->exemplars, w->got.exemplars);
    return refused + w->got.histograms;
}

static void render_more(struct ll_json_out *j, const void *work)
{
    const struct write *w = work;
    const char *reason, *example;
    size_t n;
    ll_json_out_key(j, "written");
    ll_json_out_int(j, (int64_t)w->written);
    ll_json_out_key(j, "refused");
    ll_json_out_open(j, '[');
    for (size_t i = 0; refusal_at(w, i, &reason, &n, &example); i++) {
        if (n == 0)
            continue;
        ll_json_out_open(j, '{');
        ll_json_out_key(j, "reason");
        ll_json_out_z(j, reason);
        ll_json_out_key(j, "count");
        ll_json_out_int(j, (int64_t)n);
        ll_json_out_key(j, "example");
        ll_json_out_z(j, example);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

/* One line: senders log the beginning of it. */
static enum MHD_Result answer_refused(struct ll_request *r, const struct write *w)
{
    struct ll_err err;
    struct ll_str text;
    const char *reason, *example;
    size_t n;
    ll_str_init(&text, LL_ERR_TEXT_MAX * 4);
    ll_str_addf(&text, "%zu written; refused:", w->written);
    for (size_t i = 0; refusal_at(w, i, &reason, &n, &example); i++)
        if (n > 0)
            ll_str_addf(&text, " %zu %s%s%s%s;", n, reason, example[0] ? " (" : "", example,
                        example[0] ? ")" : "");
    ll_err_set(&err, LL_E_INVALID, "%.*s", (int)LL_MIN(text.n - 1, (size_t)LL_ERR_TEXT_MAX),
               ll_str_z(&text));
    ll_str_fini(&text);
    return ll_reply_error_with(r, &err, render_more, w);
}

static enum MHD_Result answer(struct ll_request *r, struct write *w)
{
    size_t lost = 0;
    for (size_t i = 0; i < LL_REFUSAL_COUNT; i++)
        lost += w->became.refused[i];
    tell_written(w, w->got.samples - LL_MIN(lost, w->got.samples));
    return count(r, w) > 0 ? answer_refused(r, w)
                           : ll_reply_empty(r, &(struct ll_reply){.status = 204});
}

/* Who is alone gets what it needs (its own limits hold): it would never get through otherwise. */
static bool reserve(struct write *w, size_t n, struct ll_err *err)
{
    size_t before = atomic_fetch_add(&w->api->body_bytes, n);
    bool alone = before <= w->body_n + w->reserved;
    w->reserved += n;
    return alone || before + n <= LL_BODIES_MAX * w->api->max_body ||
           ll_err_set(err, LL_E_BUSY, "too many bodies are being received");
}

static void unreserve(struct write *w, size_t n)
{
    atomic_fetch_sub(&w->api->body_bytes, n);
    w->reserved -= n;
}

/* What the configuration in force says; false when it takes no remote-write. */
static bool read_config(struct ll_request *r, struct ll_remote_write_opts *opts, struct ll_err *err)
{
    struct ll_api *api = r->api;
    ll_time now = ll_engine_now(api->engine);
    const struct ll_published *p = ll_engine_acquire(api->engine);
    const struct ll_config *c = p->config;
    bool enabled = c->collect.remote_write.enabled;
    *opts = (struct ll_remote_write_opts){
        .protocol = r->body_kind == LL_BODY_REMOTE_WRITE_2 ? LL_REMOTE_WRITE_2 : LL_REMOTE_WRITE_1,
        .now = now,
        .oldest = LL_MAX(now - c->storage.retain_raw, LL_TIME_MIN),
        .max_samples = c->collect.remote_write.max_samples,
        .max_bytes = LL_BODIES_MAX * api->max_body / 2,
        .seed = api->seed};
    ll_engine_release(p);
    return enabled || ll_err_set(err, LL_E_NOT_FOUND,
                                 "remote-write is switched off: collect.remote_write.enabled");
}

static bool decode(struct ll_request *r, struct write *w, struct ll_err *err)
{
    struct ll_slice block = {r->body.s, r->body.n};
    struct ll_remote_write_opts opts;
    size_t limit = r->api->max_body, n;
    char *message;
    if (!read_config(r, &opts, err) || !ll_snappy_length(block, limit, &n, err) ||
        !reserve(w, n, err) || !ll_snappy_decode(block, limit, &message, &n, err))
        return false;
    bool ok = ll_remote_write_decode((struct ll_slice){message, n}, &opts, &w->set, &w->got, err);
    free(message);
    unreserve(w, n);
    return ok && reserve(w, ll_labeled_set_bytes(w->set), err);
}

/* On the intake's or the writer's thread. */
static void acknowledged(const struct ll_intake_result *became, void *ctx)
{
    struct ll_request *r = ctx;
    struct write *w = r->work;
    w->became = *became;
    ll_sleep_end(r);
}

static enum MHD_Result hand_over(struct ll_request *r, struct write *w)
{
    struct ll_err err;
    struct ll_api *api = r->api;
    if (!ll_sleep_begin(r, &err))
        return ll_reply_error(r, &err, 0);
    const struct ll_intake_opts opts = {.source = source,
                                        .origin = LL_ORIGIN_PUSH,
                                        .received = ll_engine_now(api->engine),
                                        .body = {r->body.s, r->body.n},
                                        .body_form =
                                            r->body_kind == LL_BODY_REMOTE_WRITE_2 ? '2' : '1'};
    struct ll_labeled_set *set = w->set;
    w->set = NULL;
    if (ll_engine_intake(api->engine, set, &opts, acknowledged, r, &err))
        return MHD_YES;
    w->set = set;
    w->became = (struct ll_intake_result){.err = err};
    ll_sleep_end(r);
    return MHD_YES;
}

enum MHD_Result ll_handler_write(struct ll_request *r)
{
    struct ll_err err;
    struct write *w = calloc(1, sizeof(*w));
    if (!w)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for the request");
    w->api = r->api;
    w->body_n = r->body.n;
    r->work = w;
    r->work_free = free_work;
    tell_written(w, 0);
    r->lines = &w->lines;
    ll_count(&r->api->counters.write[r->body_kind == LL_BODY_REMOTE_WRITE_2].requests, 1);
    if (!decode(r, w, &err)) {
        if (err.code == LL_E_INVALID || err.code == LL_E_TOO_LARGE)
            ll_count(&r->api->counters.rejected[LL_COUNT_MALFORMED], 1);
        return ll_reply_error(r, &err, 0);
    }
    return w->set->points == 0 ? answer(r, w) : hand_over(r, w);
}

enum MHD_Result ll_handler_write_resume(struct ll_request *r)
{
    struct write *w = r->work;
    return w->became.committed ? answer(r, w) : ll_reply_error(r, &w->became.err, 0);
}
