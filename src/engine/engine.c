#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/forecasts_private.h"
#include "engine/intake_private.h"
#include "engine/ledger_private.h"
#include "engine/notices.h"
#include "engine/scaling_keep.h"
#include "os/thread.h"

ll_time ll_engine_now(struct ll_engine *e)
{
    return e->clock.now(e->clock.self);
}

static void init_lock(struct ll_engine *e)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&e->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&e->lock, NULL);
}

static bool open_parts(struct ll_engine *e, const struct ll_engine_opts *opts, struct ll_err *err)
{
    const struct ll_config *c = opts->config;
    const struct ll_writer_opts writer = {
        .ops = opts->store,
        .store = {.path = c->storage.path,
                  .max_series = c->storage.max_series,
                  .max_labeled_series = c->storage.max_labeled_series,
                  .out_of_order = c->storage.out_of_order,
                  .retain_raw = c->storage.retain_raw,
                  .retain_5m = c->storage.retain_5m,
                  .retain_1h = c->storage.retain_1h,
                  .retain_decisions = c->storage.retain_decisions,
                  .max_decisions = c->storage.max_decisions,
                  .seed = opts->seed},
        .clock = opts->clock,
    };
    e->monitor = ll_monitor_new(
        &(struct ll_monitor_opts){.seed = opts->seed, .max_series = c->storage.max_series});
    e->queue = ll_queue_new(LL_ENGINE_QUEUE);
    e->config = ll_engine_config_share(NULL);
    e->intake = ll_intake_new(e);
    e->sources = ll_sources_new(e);
    e->forecasts = ll_forecasts_new(e, c->forecast.workers);
    e->scaling = ll_scaling_new(e);
    e->notices = ll_notices_new(e);
    e->ledger = ll_ledger_new(e);
    if (!e->monitor || !e->queue || !e->config || !e->intake || !e->sources || !e->forecasts ||
        !e->scaling || !e->notices || !e->ledger)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the engine");
    return ll_writer_new(&writer, &e->writer, err);
}

static void note_start(struct ll_engine *e)
{
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_START, .type = -1};
    snprintf(ev.title, sizeof(ev.title), "Loadline started");
    snprintf(ev.detail, sizeof(ev.detail), "version %s, %zu series known", LL_VERSION,
             ll_monitor_series(e->monitor));
    snprintf(ev.reason, sizeof(ev.reason), "STARTED");
    ll_engine_event(e, &ev);
}

bool ll_engine_new(const struct ll_engine_opts *opts, struct ll_engine **out, struct ll_err *err)
{
    struct ll_engine *e = calloc(1, sizeof(*e));
    if (!e)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the engine");
    init_lock(e);
    e->clock = opts->clock;
    e->seed = opts->seed;
    e->import_due = LL_TIME_NONE;
    e->published_fn = opts->published;
    e->published_ctx = opts->ctx;
    e->started_mono = e->seen_mono = e->clock.mono(e->clock.self);
    e->started_wall = e->seen_now = ll_engine_now(e);
    e->last_stats = e->status.last_tick = e->status.store.oldest = LL_TIME_NONE;
    e->status.last_reload_ok = true;
    e->status.config_loaded = e->started_wall;
    if (!open_parts(e, opts, err)) {
        ll_engine_free(e);
        return false;
    }
    e->config->config = opts->config;
    e->calendars_seen = LL_DAY_NONE;
    if (!ll_engine_calendars_open(e->config, e->started_wall, err) ||
        !ll_engine_warm_latest(e, err) || !ll_scaling_restore(e->scaling, err) ||
        !ll_ledger_restore(e->ledger, err) || !ll_engine_publish(e, err)) {
        e->config->config = NULL; /* stays the caller's */
        ll_engine_free(e);
        return false;
    }
    note_start(e);
    *out = e;
    return true;
}

void ll_engine_on_publish(struct ll_engine *e, void (*published)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&e->lock);
    e->published_fn = published;
    e->published_ctx = ctx;
    pthread_mutex_unlock(&e->lock);
}

bool ll_engine_start(struct ll_engine *e, struct ll_err *err)
{
    if (!ll_thread_start(&e->thread, ll_engine_loop, e, "engine", err))
        return false;
    e->started = true;
    if (!ll_intake_start(e->intake, err) || !ll_forecasts_start(e->forecasts, err) ||
        !ll_notices_start(e->notices, err) ||
        !ll_thread_start(&e->collector_thread, ll_engine_collect, e, "collect", err))
        return false;
    e->collecting = true;
    return true;
}

static void stop_threads(struct ll_engine *e)
{
    ll_notices_stop(e->notices); /* it reads what the others have */
    pthread_mutex_lock(&e->lock);
    atomic_store(&e->stopping, true);
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    if (e->collecting)
        pthread_join(e->collector_thread, NULL);
    if (e->started) { /* before the sources, which it starts */
        ll_queue_wake(e->queue);
        pthread_join(e->thread, NULL);
    }
    ll_forecasts_stop(e->forecasts);
    ll_scaling_stop(e->scaling);
    ll_sources_free(e->sources);
    e->sources = NULL;
    ll_intake_stop(e->intake);
}

static void drop_messages(struct ll_engine *e)
{
    void *item;
    while (e->queue && ll_queue_pop(e->queue, &item, 1, 0)) {
        struct ll_engine_msg *m = item;
        ll_batch_free(m->batch);
        ll_engine_config_release(m->config);
        ll_forecast_job_free(m->forecast);
        if (m->kind == LL_MSG_ACTOR)
            ll_actor_job_free(m->scaling);
        else if (m->kind == LL_MSG_KEPT)
            ll_scaling_kept_drop(m->scaling);
        else if (m->kind == LL_MSG_COMMAND)
            ll_scaling_command_drop(m->scaling);
        free(m);
    }
}

void ll_engine_free(struct ll_engine *e)
{
    if (!e)
        return;
    stop_threads(e);
    for (size_t i = 0; i < e->n_idle; i++)
        e->readers[i]->ops->reader_close(e->readers[i]);
    ll_writer_free(e->writer); /* commits what is queued; batches come back as messages */
    drop_messages(e);
    ll_intake_free(e->intake);
    ll_forecasts_free(e->forecasts);
    ll_scaling_free(e->scaling);
    ll_notices_free(e->notices);
    ll_ledger_free(e->ledger);
    if (e->published)
        ll_engine_release(&e->published->pub);
    ll_engine_config_release(e->config);
    ll_monitor_free(e->monitor);
    ll_queue_free(e->queue);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

static bool post(struct ll_engine *e, enum ll_engine_msg_kind kind, struct ll_batch *b,
                 struct ll_shared_config *c)
{
    struct ll_engine_msg *m = calloc(1, sizeof(*m));
    if (!m)
        return false;
    *m = (struct ll_engine_msg){.kind = kind, .batch = b, .config = c};
    if (ll_queue_push(e->queue, m))
        return true;
    free(m);
    return false;
}

bool ll_engine_post_forecast(struct ll_engine *e, struct ll_forecast_job *r)
{
    struct ll_engine_msg *m = calloc(1, sizeof(*m));
    if (!m)
        return false;
    *m = (struct ll_engine_msg){.kind = LL_MSG_FORECAST, .forecast = r};
    if (ll_queue_push(e->queue, m))
        return true;
    free(m);
    return false;
}

static bool post_scaling(struct ll_engine *e, enum ll_engine_msg_kind kind, void *what)
{
    struct ll_engine_msg *m = calloc(1, sizeof(*m));
    if (!m)
        return false;
    *m = (struct ll_engine_msg){.kind = kind, .scaling = what};
    if (ll_queue_push(e->queue, m))
        return true;
    free(m);
    return false;
}

bool ll_engine_post_actor(struct ll_engine *e, struct ll_actor_job *j)
{
    return post_scaling(e, LL_MSG_ACTOR, j);
}

bool ll_engine_post_kept(struct ll_engine *e, void *kept)
{
    return post_scaling(e, LL_MSG_KEPT, kept);
}

bool ll_engine_post_command(struct ll_engine *e, void *command)
{
    return post_scaling(e, LL_MSG_COMMAND, command);
}

void ll_engine_committed(struct ll_batch *b, void *ctx)
{
    const struct ll_engine_ingest_ctx *in = ctx;
    struct ll_engine *e = in->engine;
    if (in->ack)
        in->ack(b, in->ctx);
    /* Our own readings are shown even when they could not be kept. */
    bool show = b->committed || b->origin == LL_ORIGIN_COLLECTOR;
    if (show && post(e, LL_MSG_BATCH, b, NULL))
        return;
    if (!b->committed && in->again) {
        ll_intake_again(e->intake, b);
        return;
    }
    if (show) {
        pthread_mutex_lock(&e->lock);
        e->status.dropped_batches++;
        pthread_mutex_unlock(&e->lock);
    }
    ll_batch_free(b);
}

static bool ingest(struct ll_engine *e, struct ll_batch *b,
                   void (*ack)(const struct ll_batch *b, void *ctx), void *ctx, bool again,
                   struct ll_err *err)
{
    struct ll_engine_ingest_ctx *in = LL_ARENA_NEW(b->arena, struct ll_engine_ingest_ctx, 1);
    if (!in)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a batch");
    *in = (struct ll_engine_ingest_ctx){e, ack, ctx, again};
    b->done = ll_engine_committed;
    b->ctx = in;
    return ll_writer_push(e->writer, b, err);
}

bool ll_engine_ingest(struct ll_engine *e, struct ll_batch *b,
                      void (*ack)(const struct ll_batch *b, void *ctx), void *ctx,
                      struct ll_err *err)
{
    return ingest(e, b, ack, ctx, false, err);
}

bool ll_engine_deliver(struct ll_engine *e, struct ll_batch *b,
                       void (*ack)(const struct ll_batch *b, void *ctx), void *ctx,
                       struct ll_err *err)
{
    return ingest(e, b, ack, ctx, true, err);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_list(const char *const *a, const char *const *b)
{
    for (; *a && *b; a++, b++)
        if (strcmp(*a, *b) != 0)
            return false;
    return *a == *b;
}

/* The first key that differs and cannot change while running; NULL = none. */
static const char *fixed_key(const struct ll_config *from, const struct ll_config *to)
{
    const struct {
        const char *key;
        bool same;
    } keys[] = {
        {"storage.path", same_text(from->storage.path, to->storage.path)},
        {"storage.max_series", from->storage.max_series == to->storage.max_series},
        {"storage.max_labeled_series",
         from->storage.max_labeled_series == to->storage.max_labeled_series},
        {"storage.max_decisions", from->storage.max_decisions == to->storage.max_decisions},
        {"storage.out_of_order_window", from->storage.out_of_order == to->storage.out_of_order},
        {"storage.retention.raw", from->storage.retain_raw == to->storage.retain_raw},
        {"storage.retention.five_minute", from->storage.retain_5m == to->storage.retain_5m},
        {"storage.retention.hourly", from->storage.retain_1h == to->storage.retain_1h},
        {"forecast.workers", from->forecast.workers == to->forecast.workers},
        {"storage.retention.decisions",
         from->storage.retain_decisions == to->storage.retain_decisions},
        {"web.config_file", same_text(from->web.config_file, to->web.config_file)},
        {"web.listen_address", same_list(from->web.listen_address, to->web.listen_address)},
        {"web.max_connections", from->web.max_connections == to->web.max_connections},
        {"web.max_streams", from->web.max_streams == to->web.max_streams},
    };
    for (size_t i = 0; i < LL_LEN(keys); i++)
        if (!keys[i].same)
            return keys[i].key;
    return NULL;
}

bool ll_engine_may_reload(struct ll_engine *e, const struct ll_config *config, struct ll_err *err)
{
    const struct ll_published *pub = ll_engine_acquire(e);
    const char *key = fixed_key(pub->config, config);
    ll_engine_release(pub);
    return !key || ll_err_set(err, LL_E_CONFIG, "%s cannot change while running: restart", key);
}

bool ll_engine_reload(struct ll_engine *e, struct ll_config *config, struct ll_err *err)
{
    struct ll_shared_config *shared = NULL;
    bool ok = ll_engine_may_reload(e, config, err);
    if (ok) {
        shared = ll_engine_config_share(config);
        ok = shared ? ll_engine_calendars_open(shared, ll_engine_now(e), err)
                    : ll_err_set(err, LL_E_MEMORY, "no memory for a configuration");
    }
    if (ok && !post(e, LL_MSG_RELOAD, NULL, shared))
        ok = ll_err_set(err, LL_E_BUSY, "the engine is busy: try again");
    if (ok)
        return true;
    if (shared) {
        shared->config = NULL; /* stays the caller's */
        ll_engine_config_release(shared);
    }
    ll_engine_reload_failed(e, err);
    return false;
}

struct ll_store_reader *ll_engine_reader_take(struct ll_engine *e)
{
    struct ll_store_reader *r = NULL;
    pthread_mutex_lock(&e->lock);
    while (e->n_idle == 0 && e->n_readers == LL_ENGINE_READERS)
        pthread_cond_wait(&e->changed, &e->lock);
    if (e->n_idle)
        r = e->readers[--e->n_idle];
    else
        e->n_readers++;
    pthread_mutex_unlock(&e->lock);
    if (r)
        return r;
    struct ll_err err;
    if (ll_writer_reader(e->writer, &r, &err))
        return r;
    LL_LOG(LL_LOG_ERROR, "no reader of the store", LL_KV("error", err.text));
    pthread_mutex_lock(&e->lock);
    e->n_readers--;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

void ll_engine_reader_give(struct ll_engine *e, struct ll_store_reader *r)
{
    pthread_mutex_lock(&e->lock);
    e->readers[e->n_idle++] = r;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

/* When the collector last succeeded, by today's wall clock: since then it may have been stepped. */
static void follow_clock(struct ll_engine *e, struct ll_collector_status *s, ll_time success_mono)
{
    if (s->last_success == LL_TIME_NONE)
        return;
    ll_dur age = e->clock.mono(e->clock.self) - success_mono;
    ll_dur step = ll_engine_now(e) - age - s->last_success;
    if (step > LL_SECOND || step < -LL_SECOND)
        s->last_success += step;
}

void ll_engine_status(struct ll_engine *e, struct ll_engine_status *out)
{
    pthread_mutex_lock(&e->lock);
    *out = e->status;
    out->max_series = e->published->pub.config->storage.max_series;
    for (size_t i = 0; i < out->n_collectors; i++)
        follow_clock(e, &out->collectors[i], e->success_mono[i]);
    pthread_mutex_unlock(&e->lock);
    out->started = e->started_wall;
    out->uptime_s = (double)(e->clock.mono(e->clock.self) - e->started_mono) / 1000;
    ll_writer_status(e->writer, &out->writer);
    ll_forecasts_status(e->forecasts, &out->forecasts);
}
