/* The engine's own state (internal to the folder).
 *
 * Who may touch what: `monitor`, `sequence`, `dirty`, tick state: the engine's thread only.
 * `lock` guards published, events, collector status, counters and the reload hand-shake.
 * Everything else is fixed between new and free. */
#ifndef LL_ENGINE_INTERNAL_H
#define LL_ENGINE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "collect/collect.h"
#include "engine/engine.h"
#include "engine/message.h"
#include "os/queue.h"

enum { LL_ENGINE_QUEUE = 4096, LL_ENGINE_READERS = 12 };

/* A configuration and its calendars with their reference count: the engine's, and one per published
 * view. */
struct ll_shared_config {
    atomic_uint refs;
    struct ll_config *config;
    struct ll_calendars *calendars;
};

struct ll_published_ref {
    struct ll_published pub; /* first: what is handed out points here */
    atomic_uint refs;
    struct ll_view *view;
    struct ll_shared_config *config;
};

/* What a batch carries while the writer has it. */
struct ll_engine_ingest_ctx {
    struct ll_engine *engine;
    void (*ack)(const struct ll_batch *b, void *ctx);
    void *ctx;
    bool again; /* the intake tries it again when it cannot be committed */
};

struct ll_engine {
    struct ll_clock clock;
    struct ll_writer *writer;
    struct ll_monitor *monitor;
    struct ll_queue *queue;
    struct ll_intake *intake;
    struct ll_sources *sources;
    struct ll_forecasts *forecasts;
    struct ll_scaling *scaling;
    struct ll_notices *notices;
    struct ll_ledger *ledger;
    uint64_t seed;
    void (*published_fn)(void *ctx);
    void *published_ctx;
    pthread_t thread, collector_thread;
    bool started, collecting;
    atomic_bool stopping;
    ll_time started_mono, started_wall;

    /* The engine's thread. */
    struct ll_shared_config *config;
    uint64_t sequence;
    bool dirty, urgent;
    ll_time import_due; /* mono, when imported hours are read; LL_TIME_NONE = none came */
    bool follow;        /* sources must look at the configuration again */
    bool quiet; /* the next view is the first that knows the past: what it shows is no news */
    ll_time next_tick, last_publish, last_stats; /* mono */
    ll_time seen_now, seen_mono;                 /* at the last look at both clocks */
    enum ll_writer_state seen_writer;
    ll_day calendars_seen; /* the day on which their age was last looked at */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct ll_published_ref *published;
    struct ll_event events[LL_EVENTS_KEPT];
    uint64_t n_events;
    struct ll_engine_status status;          /* what is not read from elsewhere */
    ll_time success_mono[LL_COLLECTORS_MAX]; /* of each collector's last success */
    struct ll_store_reader *readers[LL_ENGINE_READERS];
    size_t n_idle, n_readers; /* the idle ones are readers[0 .. n_idle) */
};

/* events.c */
void ll_engine_event(struct ll_engine *e, const struct ll_event *event);
void ll_engine_status_events(struct ll_engine *e, const struct ll_view *before,
                             const struct ll_view *now);

/* publish.c */
void ll_engine_config_release(struct ll_shared_config *c);
struct ll_shared_config *ll_engine_config_share(struct ll_config *c);
/* The one in force, with a reference of its own; any thread. */
struct ll_shared_config *ll_engine_config_acquire(struct ll_engine *e);
LL_MUST_USE bool ll_engine_publish(struct ll_engine *e, struct ll_err *err);

/* warm.c: what the store still knows goes into the monitor. */
LL_MUST_USE bool ll_engine_warm_latest(struct ll_engine *e, struct ll_err *err);
void ll_engine_warm_rollups(struct ll_engine *e);
/* The hours of an import, for trends; the finer past comes with the next start. */
void ll_engine_warm_imported(struct ll_engine *e);

/* calendars.c: opens the set of c->config, which must compile; once a day those in use are looked
 * at, and a stale one is an event. */
LL_MUST_USE bool ll_engine_calendars_open(struct ll_shared_config *c, ll_time now,
                                          struct ll_err *err);
void ll_engine_calendars_watch(struct ll_engine *e);

/* loop.c */
void *ll_engine_loop(void *engine);

/* collectors.c */
void *ll_engine_collect(void *engine);
/* Sleeps until `until` (mono) or until the engine stops. */
void ll_engine_sleep(struct ll_engine *e, ll_time until);

/* report.c: how a collection went; last_success is set here.  Changes are events. */
void ll_engine_report(struct ll_engine *e, const struct ll_collector_status *now);
/* Agents that push say who they are; nobody else says when one falls silent. */
void ll_engine_agents_silent(struct ll_engine *e);
/* It was switched off: what it said last is neither up nor down. */
void ll_engine_report_gone(struct ll_engine *e, const char *name);

/* intake.c */
struct ll_intake *ll_intake_new(struct ll_engine *e);
LL_MUST_USE bool ll_intake_start(struct ll_intake *in, struct ll_err *err);
void ll_intake_stop(struct ll_intake *in); /* after what waits was mapped */
void ll_intake_free(struct ll_intake *in);

/* sources.c: a thread for each source of the configuration; follow is called by the engine's
 * thread after each change. */
struct ll_sources *ll_sources_new(struct ll_engine *e);
void ll_sources_follow(struct ll_sources *s);
void ll_sources_free(struct ll_sources *s); /* NULL too; the engine is stopping */

/* engine.c: as ll_engine_ingest; what cannot be committed goes back to the intake. */
LL_MUST_USE bool ll_engine_deliver(struct ll_engine *e, struct ll_batch *b,
                                   void (*ack)(const struct ll_batch *b, void *ctx), void *ctx,
                                   struct ll_err *err);

/* engine.c: called by the store writer. */
void ll_engine_committed(struct ll_batch *b, void *ctx);

#endif
