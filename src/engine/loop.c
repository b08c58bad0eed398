/* The engine's thread: fold what was committed, tick, publish. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/forecasts_private.h"
#include "engine/scaling_keep.h"

enum { AT_ONCE = 64 };

static const ll_dur publish_gap = LL_SECOND, stats_gap = 10 * LL_SECOND;
static const ll_dur step_noticed = 5 * LL_SECOND, import_quiet = 10 * LL_SECOND;

static void fold(struct ll_engine *e, struct ll_batch *b)
{
    struct ll_err err;
    size_t left_out = 0; /* new series beyond the limit; those already there go on */
    for (size_t i = 0; i < b->n; i++)
        if (b->refusal[i] == LL_REFUSAL_NONE) {
            left_out += !ll_monitor_record(e->monitor, &b->v[i], &err);
            ll_scaling_sample(e->scaling, &b->v[i]);
        }
    for (size_t i = 0; i < b->n_facts; i++)
        if (!ll_monitor_describe(e->monitor, &b->facts[i]))
            break; /* without memory: said again in the next round */
    for (size_t i = 0; i < b->n_ends; i++) {
        ll_monitor_end(e->monitor, &b->ends[i]);
        ll_scaling_ended(e->scaling, &b->ends[i]);
    }
    if (b->n_rollups)
        e->import_due = e->clock.mono(e->clock.self) + import_quiet;
    if (left_out)
        LL_LOG(LL_LOG_WARN, "samples left out of the live view", LL_KVI("samples", left_out),
               LL_KV("reason", err.text));
    e->dirty = true;
    e->urgent |= b->origin == LL_ORIGIN_COLLECTOR;
    ll_batch_free(b);
}

static void note_config(struct ll_engine *e, bool ok, const char *detail)
{
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_CONFIG, .type = -1};
    snprintf(ev.title, sizeof(ev.title), ok ? "Configuration reloaded" : "Reload refused");
    snprintf(ev.detail, sizeof(ev.detail), "%s", detail);
    snprintf(ev.reason, sizeof(ev.reason), ok ? "RELOADED" : "RELOAD_REFUSED");
    ll_engine_event(e, &ev);
}

void ll_engine_reload_failed(struct ll_engine *e, const struct ll_err *why)
{
    pthread_mutex_lock(&e->lock);
    e->status.reload_failures++;
    e->status.last_reload_ok = false;
    pthread_mutex_unlock(&e->lock);
    note_config(e, false, why->text);
}

static void swap_config(struct ll_engine *e, struct ll_shared_config *config)
{
    struct ll_shared_config *before = e->config;
    pthread_mutex_lock(&e->lock);
    e->config = config;
    e->status.reloads++;
    e->status.last_reload_ok = true;
    e->status.config_loaded = ll_engine_now(e);
    pthread_mutex_unlock(&e->lock);
    note_config(e, true, config->config->file ? config->config->file : "flags and environment");
    ll_engine_config_release(before);
    e->dirty = e->urgent = e->follow = true;
    e->calendars_seen = LL_DAY_NONE;
    ll_scaling_follow(e->scaling);
}

static void handle(struct ll_engine *e, struct ll_engine_msg *m)
{
    if (m->kind == LL_MSG_BATCH)
        fold(e, m->batch);
    else if (m->kind == LL_MSG_RELOAD)
        swap_config(e, m->config);
    else if (m->kind == LL_MSG_FORECAST)
        ll_forecasts_take(e->forecasts, m->forecast);
    else if (m->kind == LL_MSG_ACTOR)
        ll_scaling_came(e->scaling, m->scaling);
    else if (m->kind == LL_MSG_KEPT)
        ll_scaling_kept(e->scaling, m->scaling);
    else if (m->kind == LL_MSG_COMMAND)
        ll_scaling_command(e->scaling, m->scaling);
    free(m);
}

/* Wall and monotonic time must advance alike; a difference is a step of the wall clock. */
static void watch_clock(struct ll_engine *e)
{
    ll_time now = ll_engine_now(e), mono = e->clock.mono(e->clock.self);
    ll_dur step = (now - e->seen_now) - (mono - e->seen_mono);
    e->seen_now = now;
    e->seen_mono = mono;
    if (step > -step_noticed && step < step_noticed)
        return;
    ll_monitor_clock_step(e->monitor, step, now);
    ll_scaling_clock_stepped(e->scaling, step);
    struct ll_event ev = {.t = now, .kind = LL_EVENT_CLOCK, .type = -1};
    char span[LL_DUR_TEXT_MAX];
    snprintf(ev.title, sizeof(ev.title), "The clock was stepped");
    snprintf(ev.detail, sizeof(ev.detail), "by %s", ll_dur_format_human(step, span));
    snprintf(ev.reason, sizeof(ev.reason), "CLOCK_STEP");
    ll_engine_event(e, &ev);
    LL_LOG(LL_LOG_WARN, "the wall clock was stepped", LL_KV("by", span));
    pthread_mutex_lock(&e->lock);
    e->status.clock_jumps++;
    pthread_mutex_unlock(&e->lock);
}

static void watch_writer(struct ll_engine *e)
{
    struct ll_writer_status w;
    ll_writer_status(e->writer, &w);
    if (w.state == e->seen_writer)
        return;
    e->seen_writer = w.state;
    bool ok = w.state == LL_WRITER_OK;
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_STORAGE, .type = -1};
    snprintf(ev.title, sizeof(ev.title), ok ? "Storage works again" : "Storage cannot write");
    snprintf(ev.detail, sizeof(ev.detail), "%.255s", ok ? "" : w.err.text);
    snprintf(ev.reason, sizeof(ev.reason), ok ? "STORAGE_OK" : "STORAGE_FAILED");
    ll_engine_event(e, &ev);
    LL_LOG(ok ? LL_LOG_INFO : LL_LOG_ERROR, ev.title, LL_KV("error", ev.detail));
    e->dirty = true;
}

static void refresh_stats(struct ll_engine *e, ll_time mono)
{
    if (e->last_stats != LL_TIME_NONE && mono - e->last_stats < stats_gap)
        return;
    e->last_stats = mono;
    struct ll_store_reader *r = ll_engine_reader_take(e);
    struct ll_store_stats stats;
    if (!r)
        return;
    if (r->ops->stats(r, &stats, NULL)) {
        pthread_mutex_lock(&e->lock);
        e->status.store = stats;
        pthread_mutex_unlock(&e->lock);
    }
    ll_engine_reader_give(e, r);
}

static void tick(struct ll_engine *e, ll_time mono)
{
    ll_dur interval = e->config->config->check_interval;
    e->next_tick = LL_MAX(e->next_tick + interval, mono);
    refresh_stats(e, mono);
    if (e->import_due != LL_TIME_NONE && mono >= e->import_due) {
        e->import_due = LL_TIME_NONE;
        ll_engine_warm_imported(e);
        ll_forecasts_again(e->forecasts);
        e->dirty = true;
    }
    ll_forecasts_plan(e->forecasts);
    ll_scaling_observe_due(e->scaling, mono);
    /* Nothing came for a whole interval: judge again, so that what is stale shows. */
    e->dirty |= mono - e->last_publish >= interval;
}

static void publish_if_due(struct ll_engine *e, ll_time mono)
{
    struct ll_err err;
    if (!e->dirty || (!e->urgent && mono - e->last_publish < publish_gap))
        return;
    e->dirty = e->urgent = false;
    e->last_publish = mono;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    if (!ll_engine_publish(e, &err))
        LL_LOG(LL_LOG_ERROR, "nothing published", LL_KV("error", err.text));
    clock_gettime(CLOCK_MONOTONIC, &b);
    pthread_mutex_lock(&e->lock);
    e->status.last_tick = ll_engine_now(e);
    e->status.last_tick_ms =
        (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
    pthread_mutex_unlock(&e->lock);
}

static ll_dur wait_for(const struct ll_engine *e, ll_time mono)
{
    ll_time until = e->next_tick;
    if (e->dirty)
        until = LL_MIN(until, e->last_publish + publish_gap);
    const ll_time scaling = ll_scaling_due(e->scaling);
    if (scaling != LL_TIME_NONE)
        until = LL_MIN(until, scaling);
    return LL_MAX(until - mono, (ll_dur)0);
}

void *ll_engine_loop(void *engine)
{
    struct ll_engine *e = engine;
    void *items[AT_ONCE];
    ll_forecasts_restore(e->forecasts);
    ll_engine_warm_rollups(e);
    e->dirty = e->urgent = true; /* what is pushed meanwhile is judged against the past */
    publish_if_due(e, e->clock.mono(e->clock.self));
    e->next_tick = e->clock.mono(e->clock.self);
    ll_sources_follow(e->sources);
    while (!atomic_load(&e->stopping)) {
        size_t n =
            ll_queue_pop(e->queue, items, AT_ONCE, wait_for(e, e->clock.mono(e->clock.self)));
        watch_clock(e); /* before folding, so that new samples are judged by the new clock */
        for (size_t i = 0; i < n; i++)
            handle(e, items[i]);
        watch_writer(e);
        ll_engine_calendars_watch(e);
        ll_time mono = e->clock.mono(e->clock.self);
        if (mono >= e->next_tick)
            tick(e, mono);
        ll_scaling_run(e->scaling);
        publish_if_due(e, mono);
        if (e->follow && !e->dirty) { /* what was published is the configuration in force */
            e->follow = false;
            ll_sources_follow(e->sources);
        }
    }
    return NULL;
}
