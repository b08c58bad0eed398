/* The engine: the only place where kernels, time and I/O meet.
 *
 *     collect -> commit (store writer) -> fold (monitor) -> publish (immutable view)
 *
 * One thread owns all mutable domain state; others talk to it through its queue and
 * read what it published last. */
#ifndef LL_ENGINE_ENGINE_H
#define LL_ENGINE_ENGINE_H

#include "config/calendars.h"
#include "config/config.h"
#include "engine/forecasts.h"
#include "monitor/monitor.h"
#include "store/writer.h"

struct ll_engine;

/* A published view with its reference count. */
struct ll_published {
    const struct ll_view *view;
    const struct ll_config *config; /* the one the view was judged with */
    struct ll_calendars *calendars; /* of that configuration */
};

enum ll_event_kind {
    LL_EVENT_START,
    LL_EVENT_STATUS,
    LL_EVENT_COLLECTOR,
    LL_EVENT_STORAGE,
    LL_EVENT_CONFIG,
    LL_EVENT_CLOCK,
    LL_EVENT_CALENDAR,
    LL_EVENT_SCALING,
    LL_EVENT_KINDS
};
const char *ll_event_kind_name(enum ll_event_kind k);

enum { LL_EVENTS_KEPT = 200 };

/* What happened, for Activity; copied out, so no lifetime. */
struct ll_event {
    uint64_t id; /* rising from 1 */
    ll_time t;
    enum ll_event_kind kind;
    int type; /* enum ll_resource_type or -1 */
    char service[128], title[96], detail[256], reason[40];
};

/* Whatever brings data: the host's collector, a Prometheus, a scrape job, remote-write. */
enum { LL_COLLECTORS_MAX = 128, LL_COLLECTOR_TEXT_MAX = 192 };

struct ll_collector_status {
    char name[64];
    const char *kind; /* "host", "prometheus", "scrape", "postgres", "remote_write", "agent" */
    char url[LL_COLLECTOR_TEXT_MAX];
    bool up;
    ll_time last_success; /* LL_TIME_NONE = never */
    ll_dur interval;
    size_t samples; /* of the last collection */
    double duration_ms;
    char error[LL_COLLECTOR_TEXT_MAX]; /* why it is down; "" = it is not */
    char note[LL_COLLECTOR_TEXT_MAX];  /* what went wrong in part; "" = nothing */
};

struct ll_engine_status {
    ll_time started;
    double uptime_s;
    size_t series, max_series;
    double last_tick_ms;
    ll_time last_tick; /* LL_TIME_NONE before the first */
    uint64_t clock_jumps, dropped_batches, reloads, reload_failures;
    bool last_reload_ok;
    ll_time config_loaded;
    struct ll_collector_status collectors[LL_COLLECTORS_MAX];
    size_t n_collectors;
    struct ll_writer_status writer;
    struct ll_forecasts_status forecasts;
    struct ll_store_stats store; /* at most some check intervals old */
};

struct ll_engine_opts {
    struct ll_config *config; /* taken over on success */
    struct ll_clock clock;
    const struct ll_store_ops *store;
    uint64_t seed;
    /* Called on the engine's thread after each publication; must not block.  May be NULL. */
    void (*published)(void *ctx);
    void *ctx;
};

/* Opens the store, warms the monitor from it, publishes a first view.  No thread yet. */
LL_MUST_USE bool ll_engine_new(const struct ll_engine_opts *opts, struct ll_engine **out,
                               struct ll_err *err);
LL_MUST_USE bool ll_engine_start(struct ll_engine *e, struct ll_err *err);

/* Who is told of each publication, with the engine locked; NULL = nobody any more. */
void ll_engine_on_publish(struct ll_engine *e, void (*published)(void *ctx), void *ctx);

/* Stops threads, commits what is queued, closes the store. */
void ll_engine_free(struct ll_engine *e);

/* The last published view; never NULL; release it soon. */
const struct ll_published *ll_engine_acquire(struct ll_engine *e);
void ll_engine_release(const struct ll_published *p);

/* Commits a batch and folds it.  `ack` is called on the writer's thread when it is durable or
 * has failed (b->committed, b->err, b->refusal); b is valid during the call only.  The batch is
 * taken over unless this returns false (LL_E_BUSY). */
LL_MUST_USE bool ll_engine_ingest(struct ll_engine *e, struct ll_batch *b,
                                  void (*ack)(const struct ll_batch *b, void *ctx), void *ctx,
                                  struct ll_err *err);

/* An agent of that instance name has pushed: the sources show it. */
void ll_engine_agent_seen(struct ll_engine *e, struct ll_slice instance, size_t samples);

/* Fails with LL_E_CONFIG when a key differs that cannot change at run time (the keys "a change
 * needs a restart" of the table). */
LL_MUST_USE bool ll_engine_may_reload(struct ll_engine *e, const struct ll_config *config,
                                      struct ll_err *err);

/* Swaps the whole configuration, or fails as ll_engine_may_reload, and nothing changes.  Takes
 * *config over on success; counts its own failures.  err may not be NULL. */
LL_MUST_USE bool ll_engine_reload(struct ll_engine *e, struct ll_config *config,
                                  struct ll_err *err);
/* Notes that a reload was refused before it came here: status, metrics and events show it. */
void ll_engine_reload_failed(struct ll_engine *e, const struct ll_err *why);

/* A reader of the store for one thread's use; waits for a free one.  NULL when none can be opened.
 */
struct ll_store_reader *ll_engine_reader_take(struct ll_engine *e);
void ll_engine_reader_give(struct ll_engine *e, struct ll_store_reader *r);

/* get_utilization_history: the last `hours` of a service's resource, its primary part summed
 * over instances, in at most 500 buckets.  Fails with LL_E_NOT_FOUND, LL_E_RANGE (hours not
 * in (0, 10 years]) or what the store says. */
LL_MUST_USE bool ll_engine_history(struct ll_engine *e, struct ll_slice service,
                                   enum ll_resource_type type, double hours, struct ll_arena *out,
                                   struct ll_history *res, struct ll_err *err);

/* The step that cuts a span into at most `points` buckets: 1 s, 15 s, 1, 5, 15 min, 1, 6 h,
 * 1 d, 1 w. */
ll_dur ll_engine_history_step(ll_dur span, size_t points);

void ll_engine_status(struct ll_engine *e, struct ll_engine_status *out);

/* Copies events with an id above `after`, newest first, at most max; returns how many. */
size_t ll_engine_events(struct ll_engine *e, uint64_t after, struct ll_event *out, size_t max);

ll_time ll_engine_now(struct ll_engine *e);

#endif
