/* The store: what keeps samples, rollups, peaks, events and business counts.
 *
 * One table of functions per kind; SQLite is the embedded one.  A store has one write
 * side, used by the store writer's thread only, and any number of readers, each used by
 * one thread at a time; reads never wait for writes.  Tables a person may read with
 * plain SQL: capacity_metrics and scaling_events. */
#ifndef LL_STORE_STORE_H
#define LL_STORE_STORE_H

#include "core/records.h"

struct ll_store {
    const struct ll_store_ops *ops;
};

struct ll_store_reader {
    const struct ll_store_ops *ops;
};

struct ll_store_opts {
    const char *path;  /* a folder for embedded stores; made when missing, mode 0700 */
    size_t max_series; /* new series beyond it are refused; 0 = 20,000 */
    ll_dur retain_raw; /* 0 = 15 d */
    ll_dur retain_5m;  /* 0 = 90 d */
    ll_dur retain_1h;  /* 0 = 5 y */
    uint64_t seed;     /* for hash maps */
};

/* Which samples of history are wanted, aggregated to buckets of `step`. */
struct ll_history_query {
    struct ll_slice service;
    enum ll_resource_type type;
    bool any_instance; /* true: sum over instances */
    struct ll_slice instance, part;
    ll_time from, to; /* [from, to) */
    ll_dur step;      /* multiple of 1 s; buckets start at multiples of it */
};

enum ll_history_source { LL_HISTORY_RAW, LL_HISTORY_5M, LL_HISTORY_1H };

/* Columns of n buckets; NaN = no data.  Lives in the arena the caller gave.
 * value: mean within the bucket, per instance, then summed; max: the same of maxima
 * (an upper bound when there are several instances); capacity: summed means, NaN in a
 * bucket where one of the instances has none.  Of several instances each counts with its
 * last value until it is stale, so that those which send at other moments are not missing.  The
 * first bucket is whole: it begins at t0, from rounded down.  Where the fine source has forgotten
 * the beginning, a coarser one is taken and its values stand for every step within them. */
struct ll_history {
    ll_time t0;
    ll_dur step;
    size_t n;
    double *value, *max, *capacity;
    enum ll_history_source source;
    enum ll_unit unit;
    bool found; /* false: no such series */
};

enum { LL_HISTORY_POINTS_MAX = 11000 };

struct ll_store_stats {
    int64_t bytes; /* on disk */
    int64_t samples, series;
    ll_time oldest; /* LL_TIME_NONE when empty */
};

struct ll_peaks_query {
    struct ll_slice service;  /* empty = all */
    int type;                 /* enum ll_resource_type, -1 = all */
    int64_t from_day, to_day; /* days since 1970, inclusive */
    size_t offset, limit;
};

/* A series as the dictionary keeps it. */
struct ll_series_row {
    struct ll_series_key key; /* valid during the call */
    enum ll_unit unit;
    bool primary;
};

/* False ends the reading early, without an error. */
typedef bool ll_store_rollup_fn(void *ctx, const struct ll_series_row *series, ll_dur step,
                                const struct ll_rollup *r);
typedef void ll_store_sample_fn(void *ctx, const struct ll_series_row *series,
                                const struct ll_sample *s);
typedef void ll_store_peak_fn(void *ctx, const struct ll_peak *p);
typedef void ll_store_event_fn(void *ctx, const struct ll_scaling_event *e);

struct ll_store_ops {
    const char *name, *doc;

    /* Opens or makes the store, migrates it to this version; refuses a newer one
     * (LL_E_CONFLICT) and a damaged one (LL_E_DAMAGED). */
    bool (*open)(const struct ll_store_opts *opts, struct ll_store **out, struct ll_err *err);
    void (*close)(struct ll_store *s);

    /* Writes all batches in one durable transaction (fsync before it returns true).
     * Samples with a refusal are skipped; a new series over the limit gets
     * LL_REFUSAL_SERIES_LIMIT.  The same series and time again: the last write wins.
     * On failure nothing of any batch is kept and refusals are unchanged: LL_E_STORAGE, or
     * LL_E_IO when the store must be closed and opened again before it is trusted, or
     * LL_E_DAMAGED.  Without batches it writes a durable mark: a test whether it can write. */
    bool (*append)(struct ll_store *s, struct ll_batch *const *batches, size_t n,
                   struct ll_err *err);
    bool (*append_event)(struct ll_store *s, const struct ll_scaling_event *e, struct ll_err *err);

    /* One slice of upkeep: rollups of closed buckets, retention, checkpoint; *more says
     * whether there is more to do at once.  Each call takes tens of ms at most. */
    bool (*maintain)(struct ll_store *s, ll_time now, bool *more, struct ll_err *err);

    bool (*reader_open)(struct ll_store *s, struct ll_store_reader **out, struct ll_err *err);
    void (*reader_close)(struct ll_store_reader *r);

    bool (*history)(struct ll_store_reader *r, const struct ll_history_query *q,
                    struct ll_arena *out, struct ll_history *res, struct ll_err *err);
    /* Rollups of all series from `from` on, 1 h then 5 min where step = 0, in time order per
     * series: what the monitor needs after a restart. */
    bool (*each_rollup)(struct ll_store_reader *r, ll_dur step, ll_time from,
                        ll_store_rollup_fn *fn, void *ctx, struct ll_err *err);
    /* The newest sample of every series that has one at or after `from`. */
    bool (*each_latest)(struct ll_store_reader *r, ll_time from, ll_store_sample_fn *fn, void *ctx,
                        struct ll_err *err);
    /* Newest day first, then by name. */
    bool (*each_peak)(struct ll_store_reader *r, const struct ll_peaks_query *q,
                      ll_store_peak_fn *fn, void *ctx, struct ll_err *err);
    /* Newest first. */
    bool (*each_event)(struct ll_store_reader *r, struct ll_slice service, ll_time from,
                       size_t limit, ll_store_event_fn *fn, void *ctx, struct ll_err *err);
    bool (*stats)(struct ll_store_reader *r, struct ll_store_stats *out, struct ll_err *err);
};

/* All kinds, alphabetical; NULL ends. */
extern const struct ll_store_ops *const ll_stores[];

#endif
