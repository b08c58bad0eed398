/* What is asked of a store, and how it answers. */
#ifndef LL_STORE_QUERY_H
#define LL_STORE_QUERY_H

#include "core/forecasts.h"
#include "core/scaling_rows.h"

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
 * the beginning, a coarser one is taken and its values stand for every step within them.  What a
 * series has in another source only (an import) fills the time that the chosen one does not have.
 */
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

/* Long enough for two rounds of any sender: rates need the value before. */
#define LL_STORE_INBOX_SPAN (10 * LL_MINUTE)
enum { LL_STORE_CURSOR_MAX = 4096 }; /* bytes of a cursor's name, and of its value */

struct ll_store_stats {
    int64_t bytes; /* on disk */
    int64_t samples, series;
    int64_t labeled_points, labeled_series;
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

/* Where a long reading goes on: all zero = at the beginning.  So a stream takes its rows in
 * pieces, each through a reader it holds for a moment. */
struct ll_store_pos {
    int64_t series; /* the store's own number of it */
    ll_time t;      /* of its first row that was not given yet */
};

enum { LL_LABELED_CHUNK = 1000 };

/* Points under their own labels, [from, to), series after series, in time order, at most
 * LL_LABELED_CHUNK in a call. */
struct ll_labeled_query {
    bool (*match)(void *ctx, struct ll_slice labels); /* NULL = all */
    void *match_ctx;
    ll_time from, to;
    struct ll_store_pos *pos; /* in: where to begin, out: behind what fn took; NULL = all at once */
};

/* Samples as they were sent, [from, to), series after series, in time order. */
struct ll_samples_query {
    struct ll_slice service; /* empty = all */
    int type;                /* enum ll_resource_type, -1 = all */
    ll_time from, to;
    struct ll_store_pos *pos; /* as above */
};

/* How long a forecast is kept after its last step: until all of it was judged, and for questions.
 */
#define LL_STORE_FORECAST_SPAN (2 * LL_DAY)

/* Newest first. */
struct ll_forecasts_query {
    int64_t id;              /* 0 = by series */
    struct ll_slice service; /* empty = all */
    int type;                /* enum ll_resource_type, -1 = all */
    bool latest;             /* only the newest of each series */
    bool unjudged;           /* only those not yet compared at every horizon */
    bool points;             /* with their points; else points = NULL */
    size_t limit;
};

struct ll_accuracy_query {
    struct ll_slice service;  /* empty = all */
    int type;                 /* enum ll_resource_type, -1 = all */
    int64_t from_day, to_day; /* days since 1970, inclusive */
};

/* What the days asked for add up to. */
struct ll_accuracy_row {
    struct ll_slice service;
    enum ll_resource_type type;
    ll_dur horizon;
    struct ll_accuracy_sums said, naive;
};

struct ll_business_query {
    struct ll_slice metric, service, venue; /* empty = any */
    ll_time from, to;                       /* [from, to) */
    size_t limit;
};

struct ll_rules_query {
    int kind;           /* enum ll_rule_kind, -1 = both */
    struct ll_slice id; /* empty = all */
    bool versions;      /* all of each; else the last, and none of what is deleted */
};

struct ll_actions_query {
    struct ll_slice action_id;       /* empty = by the others */
    struct ll_slice service, target; /* empty = all */
    int state;                       /* enum ll_action_state, -1 = all */
    bool open;                       /* only those that may still change their target */
    ll_time from, to;                /* [from, to) by t; to 0 = all */
    size_t limit;                    /* 0 = all */
};

struct ll_decisions_query {
    struct ll_slice id;              /* empty = by the others */
    struct ll_slice service, target; /* empty = all */
    ll_time from, to;                /* [from, to); to 0 = all */
    bool records;                    /* with their records; one asked for by id has it always */
    size_t limit;                    /* 0 = all */
};

struct ll_audit_query {
    struct ll_slice object; /* empty = all */
    int64_t from, to;       /* seq, [from, to); to 0 = all */
    bool newest_first;      /* else in order, as the chain goes */
    size_t limit;           /* 0 = all */
};

/* False ends the reading early, without an error. */
typedef bool ll_store_rule_fn(void *ctx, const struct ll_rule_row *r);
typedef bool ll_store_state_fn(void *ctx, const struct ll_state_row *s);
typedef bool ll_store_action_fn(void *ctx, const struct ll_scaling_event *e);
typedef bool ll_store_decision_fn(void *ctx, const struct ll_decision_row *d);
typedef bool ll_store_audit_fn(void *ctx, const struct ll_audit_row *a);
typedef bool ll_store_labeled_fn(void *ctx, struct ll_slice labels,
                                 const struct ll_labeled_point *points, size_t n);
typedef bool ll_store_business_fn(void *ctx, const struct ll_business *b);
typedef bool ll_store_inbox_fn(void *ctx, ll_time received, struct ll_slice bytes);
typedef bool ll_store_forecast_fn(void *ctx, const struct ll_kept_forecast *f);
typedef bool ll_store_venue_effect_fn(void *ctx, const struct ll_venue_effect *v);
typedef bool ll_store_accuracy_fn(void *ctx, const struct ll_accuracy_row *a);
typedef bool ll_store_rollup_fn(void *ctx, const struct ll_series_row *series, ll_dur step,
                                const struct ll_rollup *r);
typedef bool ll_store_samples_fn(void *ctx, const struct ll_sample *s);
typedef void ll_store_sample_fn(void *ctx, const struct ll_series_row *series,
                                const struct ll_sample *s);
typedef void ll_store_peak_fn(void *ctx, const struct ll_peak *p);
typedef void ll_store_event_fn(void *ctx, const struct ll_scaling_event *e);

#endif
