/* The monitor: bounded in-memory series, and the view made of them.
 *
 * Pure: no clock, no I/O; `now` is an argument.  One owner (the engine's thread).
 * Memory is bounded by max_series; a series that has been silent for forget_after is
 * dropped (the store keeps its past). */
#ifndef LL_MONITOR_MONITOR_H
#define LL_MONITOR_MONITOR_H

#include "monitor/view.h"

struct ll_monitor;

struct ll_monitor_opts {
    uint64_t seed;
    size_t max_series;   /* 0 = 20,000 */
    ll_dur forget_after; /* 0 = 24 h */
};

/* What the configuration says about services; ctx is handed back. */
struct ll_monitor_policy {
    struct ll_threshold (*threshold)(void *ctx, struct ll_slice service, struct ll_slice tier,
                                     enum ll_resource_type type);
    /* False when nothing is declared; *instances NaN = not declared. */
    bool (*service)(void *ctx, struct ll_slice name, struct ll_service_meta *meta,
                    double *instances);
    void *ctx;
    ll_dur interval; /* of checks: staleness is judged by it */
};

struct ll_monitor_warm {
    struct ll_series_key key;
    ll_dur step; /* 5 min or 1 h */
    struct ll_rollup rollup;
};

struct ll_monitor *ll_monitor_new(const struct ll_monitor_opts *opts);
void ll_monitor_free(struct ll_monitor *m);
LL_AUTO_DEFINE(ll_monitor, ll_monitor_free)

/* record_metric.  The sample has passed ll_sample_check.  A sample older than the latest
 * changes nothing here (the store keeps it).  Fails with LL_E_BUSY at max_series. */
LL_MUST_USE bool ll_monitor_record(struct ll_monitor *m, const struct ll_sample *s,
                                   struct ll_err *err);

/* Its sender said that the series has ended: no data from now on, until a newer sample.  While
 * others of its cell go on it is not shown any more. */
void ll_monitor_end(struct ll_monitor *m, const struct ll_series_end *e);

/* Remembers what a source says of a service, for 15 minutes; older word than known is ignored.
 * False without memory. */
bool ll_monitor_describe(struct ll_monitor *m, const struct ll_service_facts *f);

/* After a restart: feeds a stored rollup (5 min or 1 h) of a series that was recorded before,
 * 1 h before 5 min; of another series it is ignored.  ll_monitor_warm_end once after the last. */
void ll_monitor_warm(struct ll_monitor *m, const struct ll_monitor_warm *w);
void ll_monitor_warm_end(struct ll_monitor *m);

/* take_snapshot: judges everything at `now`.  NULL without memory.  Free with ll_view_free. */
struct ll_view *ll_monitor_view(struct ll_monitor *m, const struct ll_monitor_policy *policy,
                                ll_time now, uint64_t sequence);

/* The wall clock was stepped by d (and reads `now` since): ages are judged as if it had not
 * been, until the next sample; nothing that lies ahead of now then is kept. */
void ll_monitor_clock_step(struct ll_monitor *m, ll_dur d, ll_time now);

size_t ll_monitor_series(const struct ll_monitor *m);

#endif
