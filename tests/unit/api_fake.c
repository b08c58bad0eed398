#include "api_fake.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/webapp.h"
#include "engine/discovery.h"
#include "engine/intake.h"

struct fake_published {
    struct ll_published pub;
    atomic_size_t refs;
};

static const char *const addresses[] = {"127.0.0.1:0", NULL};

static struct ll_threshold threshold_of(void *ctx, struct ll_slice service, struct ll_slice tier,
                                        enum ll_resource_type type)
{
    (void)ctx;
    (void)service;
    (void)tier;
    return ll_threshold_default(type);
}

static bool service_of(void *ctx, struct ll_slice name, struct ll_service_meta *meta,
                       double *instances)
{
    (void)ctx;
    (void)name;
    (void)meta;
    (void)instances;
    return false;
}

ll_time ll_engine_now(struct ll_engine *e)
{
    return e->now ? e->now : ll_clock_real().now(NULL);
}

void fake_record(struct ll_engine *e, const char *service, enum ll_resource_type type,
                 const char *instance, const char *part, double value, double capacity)
{
    struct ll_sample s = {.key = {.service = ll_slice_of(service),
                                  .instance = ll_slice_of(instance),
                                  .part = ll_slice_of(part),
                                  .type = type},
                          .unit = ll_resource_unit(type),
                          .t = ll_engine_now(e),
                          .value = value,
                          .capacity = capacity,
                          .max_value = NAN};
    LL_ASSERT(ll_monitor_record(e->monitor, &s, NULL));
}

void fake_publish(struct ll_engine *e)
{
    const struct ll_monitor_policy policy = {
        .threshold = threshold_of, .service = service_of, .interval = 15 * LL_SECOND};
    struct fake_published *p = calloc(1, sizeof(*p));
    LL_ASSERT(p);
    p->pub.view = ll_monitor_view(e->monitor, &policy, ll_engine_now(e), ++e->sequence);
    p->pub.config = &e->config;
    p->pub.calendars = e->calendars;
    p->refs = 1;
    LL_ASSERT(p->pub.view);
    pthread_mutex_lock(&e->lock);
    struct fake_published *before = e->published;
    e->published = p;
    if (e->on_publish)
        e->on_publish(e->on_publish_ctx);
    pthread_mutex_unlock(&e->lock);
    if (before)
        ll_engine_release(&before->pub);
}

void fake_event(struct ll_engine *e, const char *title)
{
    pthread_mutex_lock(&e->lock);
    struct ll_event *x = &e->events[e->n_events++];
    *x = (struct ll_event){
        .id = e->n_events, .t = ll_engine_now(e), .kind = LL_EVENT_STATUS, .type = -1};
    snprintf(x->title, sizeof(x->title), "%s", title);
    pthread_mutex_unlock(&e->lock);
}

struct ll_engine *fake_engine_new(void)
{
    struct ll_engine *e = calloc(1, sizeof(*e));
    LL_ASSERT(e);
    pthread_mutex_init(&e->lock, NULL);
    e->config = (struct ll_config){
        .check_interval = 15 * LL_SECOND,
        .environment = "test",
        .web = {.listen_address = addresses,
                .max_connections = 64,
                .max_body = 1 << 20,
                .max_streams = 4},
        .collect = {.remote_write = {.enabled = true}},
        .storage = {.retain_raw = 15 * LL_DAY, .retain_5m = 90 * LL_DAY, .retain_1h = 400 * LL_DAY},
        .hash = "0123456789abcdef"};
    e->monitor = ll_monitor_new(&(struct ll_monitor_opts){.seed = 7});
    e->status = (struct ll_engine_status){.uptime_s = 1.5,
                                          .max_series = 20000,
                                          .last_tick = 1,
                                          .last_reload_ok = true,
                                          .config_loaded = 1,
                                          .n_collectors = 1,
                                          .collectors = {{.name = "host",
                                                          .kind = "host",
                                                          .up = true,
                                                          .last_success = LL_TIME_NONE,
                                                          .interval = 15 * LL_SECOND}},
                                          .store = {.oldest = LL_TIME_NONE},
                                          .forecasts = {.oldest = LL_TIME_NONE, .fit_ms = NAN},
                                          .writer = {.last_commit_ms = NAN}};
    fake_record(e, "host", LL_RESOURCE_CPU, "vm1", "", 0.42, 2);
    fake_record(e, "host", LL_RESOURCE_MEMORY, "vm1", "", 3e9, 4e9);
    fake_record(e, "orders \"a\\b\"", LL_RESOURCE_CPU, "i-1", "", 9.5, 10);
    fake_record(e, "quotes", LL_RESOURCE_API_CALLS, "i-1", "orders", 100, NAN);
    LL_ASSERT(ll_calendars_open(&(struct ll_calendars_options){.to = ll_day_of(2029, 12, 31)},
                                &e->calendars, NULL));
    fake_scaling_init(e);
    fake_publish(e);
    return e;
}

void fake_engine_free(struct ll_engine *e)
{
    ll_engine_release(&e->published->pub);
    ll_monitor_free(e->monitor);
    ll_calendars_unref(e->calendars);
    ll_rules_free(e->scaling.doc);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

const struct ll_published *ll_engine_acquire(struct ll_engine *e)
{
    pthread_mutex_lock(&e->lock);
    struct fake_published *p = e->published;
    atomic_fetch_add(&p->refs, 1);
    pthread_mutex_unlock(&e->lock);
    return &p->pub;
}

void ll_engine_release(const struct ll_published *pub)
{
    struct fake_published *p = (struct fake_published *)(uintptr_t)pub;
    if (atomic_fetch_sub(&p->refs, 1) > 1)
        return;
    ll_view_free((struct ll_view *)(uintptr_t)p->pub.view);
    free(p);
}

void ll_engine_on_publish(struct ll_engine *e, void (*published)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&e->lock);
    e->on_publish = published;
    e->on_publish_ctx = ctx;
    pthread_mutex_unlock(&e->lock);
}

struct pending {
    struct ll_engine *e;
    struct ll_batch *b;
    void (*ack)(const struct ll_batch *b, void *ctx);
    void *ctx;
};

static void commit(struct ll_engine *e, struct ll_batch *b)
{
    b->committed = !e->storage_failed;
    if (e->storage_failed) {
        ll_err_set(&b->err, LL_E_STORAGE, "disk full");
        return;
    }
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < b->n; i++) {
        if (e->refuse_series_from && i + 1 >= e->refuse_series_from) {
            b->refusal[i] = LL_REFUSAL_SERIES_LIMIT;
            continue;
        }
        e->ingested++;
        e->last = b->v[i];
        snprintf(e->last_service, sizeof(e->last_service), "%.*s", (int)b->v[i].key.service.n,
                 b->v[i].key.service.s);
    }
    e->business += b->n_business;
    e->imported += b->n_rollups;
    pthread_mutex_unlock(&e->lock);
}

/* The writer's thread: another one, after a while. */
static void *write_it(void *arg)
{
    struct pending *p = arg;
    if (p->e->slow_ack)
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    commit(p->e, p->b);
    p->ack(p->b, p->ctx);
    ll_batch_free(p->b);
    free(p);
    return NULL;
}

bool ll_engine_ingest(struct ll_engine *e, struct ll_batch *b,
                      void (*ack)(const struct ll_batch *b, void *ctx), void *ctx,
                      struct ll_err *err)
{
    if (e->busy)
        return ll_err_set(err, LL_E_BUSY, "the queue is full");
    struct pending *p = malloc(sizeof(*p));
    pthread_t t;
    LL_ASSERT(p);
    *p = (struct pending){e, b, ack, ctx};
    LL_ASSERT(pthread_create(&t, NULL, write_it, p) == 0);
    pthread_detach(t);
    return true;
}

struct pending_set {
    struct ll_engine *e;
    struct ll_labeled_set *set;
    void (*done)(const struct ll_intake_result *r, void *ctx);
    void *ctx;
};

static void note_set(struct ll_engine *e, const struct ll_labeled_set *set)
{
    struct ll_str text;
    ll_str_init(&text, sizeof(e->intake_labels) - 1);
    ll_labels_text(set->v[0].labels, &text);
    pthread_mutex_lock(&e->lock);
    e->intake_points = set->points;
    snprintf(e->intake_labels, sizeof(e->intake_labels), "%s", ll_str_z(&text));
    pthread_mutex_unlock(&e->lock);
    ll_str_fini(&text);
}

static void *write_set(void *arg)
{
    struct pending_set *p = arg;
    struct ll_intake_result r = {.committed = !p->e->storage_failed};
    if (p->e->slow_ack)
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    if (r.committed) {
        note_set(p->e, p->set);
        r.refused[LL_REFUSAL_DUPLICATE] = p->e->duplicates;
        r.stored = p->set->points - p->e->duplicates;
    } else {
        ll_err_set(&r.err, LL_E_STORAGE, "disk full");
    }
    p->done(&r, p->ctx);
    ll_labeled_set_free(p->set);
    free(p);
    return NULL;
}

bool ll_engine_intake(struct ll_engine *e, struct ll_labeled_set *set,
                      const struct ll_intake_opts *opts,
                      void (*done)(const struct ll_intake_result *r, void *ctx), void *ctx,
                      struct ll_err *err)
{
    if (e->busy)
        return ll_err_set(err, LL_E_BUSY, "the queue is full");
    struct pending_set *p = malloc(sizeof(*p));
    pthread_t t;
    LL_ASSERT(p);
    *p = (struct pending_set){e, set, done, ctx};
    e->intake_form = opts->body_form;
    e->intake_body = opts->body.n;
    LL_ASSERT(pthread_create(&t, NULL, write_set, p) == 0);
    pthread_detach(t);
    return true;
}

/* A reader whose history is a ramp: 1, 2, no data, 4 … of capacity 10. */
static bool history(struct ll_store_reader *r, const struct ll_history_query *q,
                    struct ll_arena *out, struct ll_history *res, struct ll_err *err)
{
    (void)r;
    (void)err;
    size_t n = (size_t)((q->to - q->from) / q->step);
    *res = (struct ll_history){.t0 = q->from,
                               .step = q->step,
                               .n = n,
                               .value = LL_ARENA_NEW(out, double, n),
                               .max = LL_ARENA_NEW(out, double, n),
                               .capacity = LL_ARENA_NEW(out, double, n),
                               .unit = ll_resource_unit(q->type),
                               .found = !ll_slice_is(q->service, "nobody")};
    for (size_t i = 0; i < n; i++) {
        res->value[i] = i == 2 ? NAN : (double)(i + 1);
        res->max[i] = res->value[i] + 1;
        res->capacity[i] = 10;
    }
    return true;
}

static bool each_peak(struct ll_store_reader *r, const struct ll_peaks_query *q,
                      ll_store_peak_fn *fn, void *ctx, struct ll_err *err)
{
    (void)r;
    (void)err;
    for (size_t i = q->offset; i < 5 && i < q->offset + q->limit; i++) {
        struct ll_peak p = {.key = {.service = LL_SLICE("host"), .type = LL_RESOURCE_CPU},
                            .unit = LL_UNIT_CORES,
                            .day = q->to_day - (int64_t)i,
                            .value = (double)i,
                            .capacity = NAN,
                            .at = q->to_day * LL_DAY};
        fn(ctx, &p);
    }
    return true;
}

/* Two labelled series of 2,500 points each; the position is the point. */
static bool each_labeled(struct ll_store_reader *r, const struct ll_labeled_query *q,
                         ll_store_labeled_fn *fn, void *ctx, struct ll_err *err)
{
    enum { POINTS = 2500 };
    static const char *const sets[] = {"\x08__name__\x01"
                                       "a",
                                       "\x08__name__\x01"
                                       "b"};
    (void)r;
    (void)err;
    for (int64_t id = q->pos->series; id < 2; id++) {
        const struct ll_slice labels = ll_slice_of(sets[id]);
        ll_time t = id == q->pos->series ? LL_MAX(q->pos->t, q->from) : q->from;
        for (t = LL_MAX(t, 0); q->match(q->match_ctx, labels) && t < LL_MIN(q->to, POINTS);) {
            struct ll_labeled_point p[LL_LABELED_CHUNK];
            size_t n = 0;
            for (; n < LL_LEN(p) && t < LL_MIN(q->to, POINTS); t++)
                p[n++] = (struct ll_labeled_point){t, t == 1 ? LL_LABELED_STALE
                                                             : ll_labeled_bits((double)t / 2)};
            *q->pos = (struct ll_store_pos){id, t};
            if (!fn(ctx, labels, p, n))
                return true;
        }
    }
    return true;
}

/* A sample each ms, up to 12,000. */
static bool each_sample(struct ll_store_reader *r, const struct ll_samples_query *q,
                        ll_store_samples_fn *fn, void *ctx, struct ll_err *err)
{
    (void)r;
    if (ll_slice_is(q->service, "broken"))
        return ll_err_set(err, LL_E_DAMAGED, "a page is damaged");
    for (ll_time t = LL_MAX(q->pos->t, 0); t < 12000; t++) {
        const struct ll_sample s = {
            .key = {.service = q->service.n ? q->service : LL_SLICE("all"),
                    .type = q->type < 0 ? LL_RESOURCE_CPU : (enum ll_resource_type)q->type},
            .t = t,
            .value = 1,
            .capacity = NAN,
            .max_value = NAN};
        q->pos->t = t + 1;
        if (!fn(ctx, &s))
            return true;
    }
    return true;
}

static bool each_business(struct ll_store_reader *r, const struct ll_business_query *q,
                          ll_store_business_fn *fn, void *ctx, struct ll_err *err)
{
    (void)r;
    (void)err;
    for (size_t i = 0; i < q->limit && i < 3; i++) {
        const struct ll_business b = {LL_SLICE("trades"), LL_SLICE("gw"), q->venue,
                                      q->from + (ll_time)i, (double)i};
        if (!fn(ctx, &b))
            return true;
    }
    return true;
}

static bool cursor_get(struct ll_store_reader *r, struct ll_slice name, struct ll_arena *out,
                       struct ll_slice *value, struct ll_err *err)
{
    (void)r;
    (void)err;
    (void)out;
    *value = ll_slice_is(name, "known") ? LL_SLICE("42") : LL_SLICE("");
    return true;
}

/* One forecast of the host's CPU: 0.5 and 0.6 cores in the hours from 3,600 s on. */
static const struct ll_kept_point kept_points[] = {{0, {0.5, 0.4, 0.7}, {0.4, NAN, NAN}},
                                                   {1, {0.6, 0.5, 0.8}, {0.4, NAN, NAN}}};

static const struct ll_kept_season kept_seasons[] = {{24, 0.9}};
static const struct ll_kept_effect kept_effects[] = {{{"half", 4}, 0.5, 1, 12}};

static struct ll_held_forecast held(void)
{
    return (struct ll_held_forecast){.kept = {.id = 77,
                                              .service = LL_SLICE("host"),
                                              .type = LL_RESOURCE_CPU,
                                              .unit = LL_UNIT_CORES,
                                              .origin = LL_HOUR,
                                              .until = 3 * LL_HOUR,
                                              .step = LL_HOUR,
                                              .level = 0.95,
                                              .model = LL_SLICE("auto"),
                                              .reason = LL_SLICE("a season of 24 steps"),
                                              .calendar = LL_SLICE(""),
                                              .peak = 0.6,
                                              .peak_upper = 0.9,
                                              .peak_above = 0.25,
                                              .peak_at = 2 * LL_HOUR,
                                              .capacity = 2,
                                              .scale = 0.5,
                                              .multiplier = 1,
                                              .made = LL_HOUR + 5,
                                              .lead = 6 * LL_HOUR,
                                              .history_from = 0,
                                              .history_steps = 100,
                                              .points = kept_points,
                                              .n_points = 2,
                                              .seasons = kept_seasons,
                                              .n_seasons = 1,
                                              .effects = kept_effects,
                                              .n_effects = 1},
                                     .trust = {.kind = LL_TRUST_TRUSTED,
                                               .ahead = 6 * LL_HOUR,
                                               .hours = 50,
                                               .pinball = 1,
                                               .naive = 2,
                                               .coverage = 0.96,
                                               .level = 0.95}};
}

static bool each_forecast(struct ll_store_reader *r, const struct ll_forecasts_query *q,
                          ll_store_forecast_fn *fn, void *ctx, struct ll_err *err)
{
    const struct ll_held_forecast f = held();
    (void)r;
    (void)err;
    if (q->id == f.kept.id)
        fn(ctx, &f.kept);
    return true;
}

static bool each_accuracy(struct ll_store_reader *r, const struct ll_accuracy_query *q,
                          ll_store_accuracy_fn *fn, void *ctx, struct ll_err *err)
{
    struct ll_accuracy_row a = {.service = LL_SLICE("host"), .horizon = 6 * LL_HOUR};
    (void)r;
    (void)q;
    (void)err;
    ll_accuracy_add(&a.said, 10, &(struct ll_stated){9, 8, 11}, 2, 0.95);
    ll_accuracy_add(&a.naive, 10, &(struct ll_stated){5, NAN, NAN}, 2, 0.95);
    fn(ctx, &a);
    return true;
}

const struct ll_held_forecast *ll_engine_forecast(struct ll_engine *e, struct ll_slice service,
                                                  enum ll_resource_type type)
{
    (void)e;
    struct ll_held_forecast *f = calloc(1, sizeof(*f));
    LL_ASSERT(f);
    *f = held();
    if (ll_slice_cmp(service, f->kept.service) == 0 && type == f->kept.type)
        return f;
    free(f);
    return NULL;
}

void ll_engine_forecast_release(const struct ll_held_forecast *f)
{
    free((void *)(uintptr_t)f);
}

const struct ll_held_forecast *ll_engine_forecast_longer(struct ll_engine *e,
                                                         struct ll_slice service,
                                                         enum ll_resource_type type, ll_dur horizon)
{
    const struct ll_held_forecast *f = ll_engine_forecast(e, service, type);
    if (f && horizon == 3 * LL_HOUR)
        ((struct ll_held_forecast *)(uintptr_t)f)->on_demand = true;
    else
        ll_engine_forecast_release(f);
    return horizon == 3 * LL_HOUR ? f : NULL;
}

/* Answers on another thread, as the real one does. */
struct asked {
    ll_forecast_answer_fn *answered;
    void *ctx;
};

static void *answer_asked(void *arg)
{
    struct asked *a = arg;
    struct ll_err err;
    ll_err_set(&err, LL_E_SHORT, "it has had no data for over a day");
    a->answered(a->ctx, NULL, &err);
    free(a);
    return NULL;
}

bool ll_engine_forecast_ask(struct ll_engine *e, struct ll_slice service,
                            enum ll_resource_type type, ll_dur horizon,
                            ll_forecast_answer_fn *answered, void *ctx, struct ll_err *err)
{
    (void)e;
    (void)service;
    (void)type;
    if (horizon > 336 * LL_HOUR)
        return ll_err_set(err, LL_E_RANGE, "forecast.max_horizon_hours sets it");
    pthread_t thread;
    struct asked *a = malloc(sizeof(*a));
    LL_ASSERT(a);
    *a = (struct asked){answered, ctx};
    LL_ASSERT(pthread_create(&thread, NULL, answer_asked, a) == 0);
    pthread_detach(thread);
    return true;
}

void ll_engine_forecast_wanted(struct ll_engine *e, struct ll_slice service,
                               enum ll_resource_type type)
{
    (void)e;
    (void)service;
    (void)type;
}

void ll_engine_demand(struct ll_engine *e, const struct ll_demand_ask *ask, struct ll_demand *out)
{
    const struct ll_held_forecast f = held();
    (void)e;
    *out = (struct ll_demand){.kind = LL_DEMAND_KNOWN,
                              .value = 0.75,
                              .said = 0.75,
                              .quantile = ask->quantile,
                              .from = ask->from,
                              .to = ask->from + ask->span,
                              .at = LL_HOUR,
                              .unit = f.kept.unit,
                              .forecast = f.kept.id,
                              .origin = f.kept.origin,
                              .made = f.kept.made,
                              .model = "auto",
                              .trust = f.trust};
}

struct fake_book {
    struct ll_forecast_book book;
    const struct ll_held_forecast *v[1];
};

const struct ll_forecast_book *ll_engine_forecasts(struct ll_engine *e)
{
    struct fake_book *b = calloc(1, sizeof(*b));
    LL_ASSERT(b);
    b->v[0] = ll_engine_forecast(e, LL_SLICE("host"), LL_RESOURCE_CPU);
    b->book = (struct ll_forecast_book){b->v, 1};
    return &b->book;
}

const struct ll_held_forecast *ll_forecast_book_find(const struct ll_forecast_book *b,
                                                     struct ll_slice service,
                                                     enum ll_resource_type type)
{
    const struct ll_kept_forecast *f = &b->v[0]->kept;
    return ll_slice_cmp(service, f->service) == 0 && type == f->type ? b->v[0] : NULL;
}

void ll_engine_forecasts_release(const struct ll_forecast_book *book)
{
    struct fake_book *b = (struct fake_book *)(uintptr_t)book;
    ll_engine_forecast_release(b->v[0]);
    free(b);
}

static const struct ll_store_ops ops = {.name = "fake",
                                        .history = history,
                                        .each_peak = each_peak,
                                        .each_labeled = each_labeled,
                                        .each_sample = each_sample,
                                        .each_business = each_business,
                                        .each_forecast = each_forecast,
                                        .each_accuracy = each_accuracy,
                                        .cursor_get = cursor_get,
                                        .each_action = fake_each_action,
                                        .each_decision = fake_each_decision,
                                        .each_audit = fake_each_audit};
static struct ll_store_reader reader = {.ops = &ops};

struct ll_store_reader *ll_engine_reader_take(struct ll_engine *e)
{
    (void)e;
    return &reader;
}

void ll_engine_reader_give(struct ll_engine *e, struct ll_store_reader *r)
{
    (void)e;
    (void)r;
}

void ll_engine_status(struct ll_engine *e, struct ll_engine_status *out)
{
    *out = e->status;
    if (e->storage_failed) {
        out->writer.state = LL_WRITER_FAILED;
        ll_err_set(&out->writer.err, LL_E_STORAGE, "disk full");
    }
}

size_t ll_engine_events(struct ll_engine *e, uint64_t after, struct ll_event *out, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&e->lock);
    for (size_t i = e->n_events; i > 0 && n < max && e->events[i - 1].id > after; i--)
        out[n++] = e->events[i - 1];
    pthread_mutex_unlock(&e->lock);
    return n;
}

const char *ll_event_kind_name(enum ll_event_kind k)
{
    static const char *const names[] = {"start",  "status", "collector", "storage",
                                        "config", "clock",  "calendar",  "scaling"};
    return names[k];
}

/* A dashboard of two files. */
static const char page[] = "<!doctype html><title>page</title>";

const struct ll_webapp_asset ll_webapp_assets[] = {
    {.path = "/app-abc.js",
     .mime = "text/javascript",
     .etag = "\"js\"",
     .raw = (const unsigned char *)"let x;",
     .raw_n = 6,
     .gz = (const unsigned char *)"gz",
     .gz_n = 2,
     .immutable = true},
    {.path = "/index.html",
     .mime = "text/html; charset=utf-8",
     .etag = "\"page\"",
     .raw = (const unsigned char *)page,
     .raw_n = sizeof(page) - 1},
};
const size_t ll_webapp_assets_n = 2;

const struct ll_discovery *ll_engine_discovery(struct ll_engine *e)
{
    static const struct ll_discovery none = {.generated = LL_TIME_NONE};
    (void)e;
    return &none;
}

void ll_discovery_release(const struct ll_discovery *d)
{
    (void)d;
}

bool ll_engine_tap(struct ll_engine *e, struct ll_err *err)
{
    (void)e;
    (void)err;
    return true;
}

bool ll_engine_tapped(struct ll_engine *e, struct ll_labeled_set **out, struct ll_err *err)
{
    (void)e;
    *out = ll_labeled_set_new(0, 1 << 10);
    return *out || ll_err_set(err, LL_E_MEMORY, "no memory");
}

void ll_engine_agent_seen(struct ll_engine *e, struct ll_slice instance, size_t samples)
{
    (void)samples;
    snprintf(e->agent, sizeof(e->agent), "%.*s", (int)instance.n, instance.s);
}
