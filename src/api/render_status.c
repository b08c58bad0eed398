/* Loadline about itself: /status and /events. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/context.h"
#include "api/hub.h"
#include "api/render.h"
#include "api/scaling.h"

static void name(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

static void count(struct ll_json_out *j, const char *key, int64_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, n);
}

static void seconds(struct ll_json_out *j, const char *key, double s)
{
    ll_json_out_key(j, key);
    ll_json_out_seconds(j, s);
}

static void time_at(struct ll_json_out *j, const char *key, ll_time t)
{
    ll_json_out_key(j, key);
    ll_json_out_time(j, t);
}

static double span_s(ll_dur d)
{
    return (double)d / (double)LL_SECOND;
}

static void collector(struct ll_json_out *j, const struct ll_collector_status *c, ll_time now)
{
    bool ever = c->last_success != LL_TIME_NONE;
    ll_json_out_open(j, '{');
    name(j, "name", c->name);
    name(j, "kind", c->kind);
    ll_json_out_key(j, "up");
    ll_json_out_bool(j, c->up);
    time_at(j, "last_success", c->last_success);
    seconds(j, "age_seconds", ever ? span_s(now - c->last_success) : (double)NAN);
    seconds(j, "interval_seconds", span_s(c->interval));
    count(j, "samples", (int64_t)c->samples);
    seconds(j, "duration_ms", ever ? c->duration_ms : (double)NAN);
    name(j, "error", c->error[0] ? c->error : NULL);
    name(j, "note", c->note[0] ? c->note : NULL);
    ll_json_out_close(j, '}');
}

static void storage(struct ll_json_out *j, const struct ll_engine_status *s,
                    const struct ll_config *config)
{
    bool ok = s->writer.state == LL_WRITER_OK;
    ll_json_out_key(j, "storage");
    ll_json_out_open(j, '{');
    name(j, "state", ok ? "ok" : "failed");
    name(j, "error", ok ? NULL : s->writer.err.text);
    count(j, "bytes", s->store.bytes);
    count(j, "samples", s->store.samples);
    time_at(j, "oldest", s->store.oldest);
    seconds(j, "retention_seconds", span_s(config->storage.retain_raw));
    seconds(j, "last_commit_ms", s->writer.last_commit_ms);
    ll_json_out_close(j, '}');
}

static void engine(struct ll_json_out *j, const struct ll_engine_status *s,
                   const struct ll_config *config)
{
    ll_json_out_key(j, "engine");
    ll_json_out_open(j, '{');
    count(j, "series", (int64_t)s->series);
    count(j, "max_series", (int64_t)s->max_series);
    seconds(j, "check_interval_seconds", span_s(config->check_interval));
    seconds(j, "last_tick_ms", s->last_tick == LL_TIME_NONE ? (double)NAN : s->last_tick_ms);
    ll_json_out_close(j, '}');
}

static void forecasts(struct ll_json_out *j, const struct ll_forecasts_status *s)
{
    ll_json_out_key(j, "forecasts");
    ll_json_out_open(j, '{');
    count(j, "held", (int64_t)s->held);
    count(j, "trusted", (int64_t)s->trusted);
    count(j, "restored", (int64_t)s->restored);
    count(j, "backlog", (int64_t)s->backlog);
    count(j, "workers", (int64_t)s->workers);
    time_at(j, "oldest", s->oldest);
    count(j, "fitted", (int64_t)s->fitted);
    count(j, "failed", (int64_t)s->failed);
    count(j, "dropped", (int64_t)s->dropped);
    count(j, "on_demand", (int64_t)s->on_demand);
    seconds(j, "last_fit_ms", s->fit_ms);
    ll_json_out_close(j, '}');
}

static void scaling(struct ll_json_out *j, struct ll_engine *e, const struct ll_scaling_book *b,
                    ll_time now)
{
    struct ll_scaling_status s;
    const ll_time oldest = ll_scaling_oldest_intent(b);
    ll_engine_scaling_status(e, &s);
    ll_json_out_key(j, "scaling");
    ll_json_out_open(j, '{');
    count(j, "targets", (int64_t)s.targets);
    count(j, "rules", (int64_t)s.rules);
    count(j, "open_actions", (int64_t)s.open_actions);
    count(j, "unknown_actions", (int64_t)s.unknown);
    count(j, "proposals", (int64_t)s.proposals);
    count(j, "decisions", (int64_t)s.decisions);
    count(j, "recorded", (int64_t)s.recorded);
    count(j, "applied", (int64_t)s.actions);
    count(j, "failed", (int64_t)s.failed);
    count(j, "executors", (int64_t)s.executors);
    count(j, "busy", (int64_t)s.busy);
    seconds(j, "oldest_intent_seconds",
            oldest == LL_TIME_NONE ? (double)NAN : span_s(now - oldest));
    ll_json_out_close(j, '}');
}

static void loaded(struct ll_json_out *j, const struct ll_engine_status *s,
                   const struct ll_config *config)
{
    ll_json_out_key(j, "config");
    ll_json_out_open(j, '{');
    name(j, "file", config->file);
    name(j, "hash", config->hash);
    time_at(j, "loaded", s->config_loaded);
    ll_json_out_key(j, "last_reload_successful");
    ll_json_out_bool(j, s->last_reload_ok);
    ll_json_out_close(j, '}');
}

static bool is_well(const struct ll_engine_status *s)
{
    bool ok = s->writer.state == LL_WRITER_OK;
    for (size_t i = 0; i < s->n_collectors; i++)
        ok = ok && s->collectors[i].up;
    return ok;
}

void ll_render_status(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    struct ll_engine_status s;
    ll_engine_status(api->engine, &s);
    ll_time now = ll_engine_now(api->engine);
    const struct ll_scaling_book *book = ll_engine_scaling(api->engine);
    ll_json_out_open(j, '{');
    name(j, "version", LL_VERSION);
    name(j, "state", is_well(&s) ? "ok" : "degraded");
    seconds(j, "uptime_seconds", s.uptime_s);
    count(j, "pid", getpid());
    name(j, "environment", p->config->environment ? p->config->environment : "");
    name(j, "mode", ll_mode_name(book->mode));
    ll_json_out_key(j, "collectors");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < s.n_collectors; i++)
        collector(j, &s.collectors[i], now);
    ll_json_out_close(j, ']');
    engine(j, &s, p->config);
    forecasts(j, &s.forecasts);
    scaling(j, api->engine, book, now);
    ll_engine_scaling_release(book);
    ll_render_notices(j, api->engine);
    storage(j, &s, p->config);
    ll_json_out_key(j, "stream");
    ll_json_out_open(j, '{');
    count(j, "clients", (int64_t)ll_hub_clients(api->hub));
    count(j, "max_clients", (int64_t)api->max_streams);
    ll_json_out_close(j, '}');
    loaded(j, &s, p->config);
    ll_json_out_close(j, '}');
}

static void event(struct ll_json_out *j, const struct ll_event *e)
{
    ll_json_out_open(j, '{');
    count(j, "id", (int64_t)e->id);
    time_at(j, "timestamp", e->t);
    name(j, "kind", ll_event_kind_name(e->kind));
    name(j, "service", e->service);
    bool typed = e->type >= 0 && e->type < LL_RESOURCE_COUNT;
    name(j, "resource_type", typed ? ll_resource_name((enum ll_resource_type)e->type) : NULL);
    name(j, "title", e->title);
    name(j, "detail", e->detail);
    name(j, "reason", e->reason);
    ll_json_out_close(j, '}');
}

uint64_t ll_render_events(struct ll_json_out *j, struct ll_engine *e, uint64_t after, size_t max)
{
    struct ll_event *v = calloc(LL_MAX(max, (size_t)1), sizeof(*v));
    size_t n = v ? ll_engine_events(e, after, v, max) : 0;
    uint64_t highest = after;
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        event(j, &v[i]);
        highest = LL_MAX(highest, v[i].id);
    }
    ll_json_out_close(j, ']');
    free(v);
    return highest;
}
