/* The store: what keeps samples, rollups, peaks, events and business counts.
 *
 * One table of functions per kind; SQLite is the embedded one.  A store has one write
 * side, used by the store writer's thread only, and any number of readers, each used by
 * one thread at a time; reads never wait for writes.  Tables a person may read with
 * plain SQL: capacity_metrics, label_metrics, scaling_events, scaling_decisions, scaling_rules and
 * audit. */
#ifndef LL_STORE_STORE_H
#define LL_STORE_STORE_H

#include "store/query.h"
#include "store/scaling_query.h"

struct ll_store {
    const struct ll_store_ops *ops;
};

struct ll_store_reader {
    const struct ll_store_ops *ops;
};

struct ll_store_opts {
    const char *path;          /* a folder for embedded stores; made when missing, mode 0700 */
    size_t max_series;         /* new series beyond it are refused; 0 = 20,000 */
    ll_dur retain_raw;         /* 0 = 15 d */
    ll_dur retain_5m;          /* 0 = 90 d */
    ll_dur retain_1h;          /* 0 = 5 y */
    size_t max_labeled_series; /* kept under their own labels; 0 = 50,000 */
    ll_dur out_of_order;       /* of labelled series; 0 = retain_raw */
    size_t max_inbox;          /* bytes; 0 = 256 MiB; beyond it the oldest go first */
    ll_dur retain_decisions;   /* 0 = 90 d */
    size_t max_decisions;      /* bytes of records; 0 = 256 MiB; beyond it the oldest go first */
    uint64_t seed;             /* for hash maps */
};

struct ll_store_ops {
    const char *name, *doc;

    /* Opens or makes the store, migrates it to this version; refuses a newer one
     * (LL_E_CONFLICT) and a damaged one (LL_E_DAMAGED). */
    bool (*open)(const struct ll_store_opts *opts, struct ll_store **out, struct ll_err *err);
    void (*close)(struct ll_store *s);

    /* Writes all batches in one durable transaction (fsync before it returns true).
     * Samples with a refusal are skipped; a new series over the limit gets
     * LL_REFUSAL_SERIES_LIMIT.  The same series and time again: the last write wins (for labelled
     * points within opts.out_of_order of the series' newest; before it another value gets
     * LL_REFUSAL_DUPLICATE and a new time LL_REFUSAL_OUT_OF_ORDER; the same bits are accepted).
     * Rollup rows replace what their bucket had, and are rolled again only when raw samples of
     * their bucket arrive; a series that is known keeps its unit.  Inbox bytes are kept for
     * LL_STORE_INBOX_SPAN.  A cursor is stored with the rows or not at all.  A judgement is added
     * up only when its forecast is there and was not yet judged at that horizon: repeating is safe.
     * Rows of scaling are taken in the order rules, states, decisions, events, audit, by the rules
     * core/scaling_rows.h has for each; what was refused says why and the rest is kept.
     * On failure nothing of any batch is kept and refusals are unchanged: LL_E_STORAGE, or
     * LL_E_IO when the store must be closed and opened again before it is trusted, or
     * LL_E_DAMAGED.  Without batches it writes a durable mark: a test whether it can write. */
    bool (*append)(struct ll_store *s, struct ll_batch *const *batches, size_t n,
                   struct ll_err *err);
    /* One event alone; LL_E_CONFLICT when it is refused. */
    bool (*append_event)(struct ll_store *s, const struct ll_scaling_event *e, struct ll_err *err);

    /* One slice of upkeep: rollups of closed buckets, retention, checkpoint; *more says
     * whether there is more to do at once.  Each call takes tens of ms at most. */
    bool (*maintain)(struct ll_store *s, ll_time now, bool *more, struct ll_err *err);

    bool (*reader_open)(struct ll_store *s, struct ll_store_reader **out, struct ll_err *err);
    void (*reader_close)(struct ll_store_reader *r);
    /* A reader of a store that need not be open, by its folder or a file: nothing is made, migrated
     * or locked.  Fails with LL_E_NOT_FOUND, LL_E_CONFLICT (another program's, or newer), and as
     * reader_open does. */
    bool (*reader_look)(const char *path, struct ll_store_reader **out, struct ll_err *err);

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
    bool (*each_sample)(struct ll_store_reader *r, const struct ll_samples_query *q,
                        ll_store_samples_fn *fn, void *ctx, struct ll_err *err);
    bool (*each_labeled)(struct ll_store_reader *r, const struct ll_labeled_query *q,
                         ll_store_labeled_fn *fn, void *ctx, struct ll_err *err);
    /* In order of id, the newest first. */
    bool (*each_forecast)(struct ll_store_reader *r, const struct ll_forecasts_query *q,
                          ll_store_forecast_fn *fn, void *ctx, struct ll_err *err);
    /* A row per service, type and horizon, in that order. */
    bool (*each_accuracy)(struct ll_store_reader *r, const struct ll_accuracy_query *q,
                          ll_store_accuracy_fn *fn, void *ctx, struct ll_err *err);
    /* All of them, by calendar, type and service. */
    bool (*each_venue_effect)(struct ll_store_reader *r, ll_store_venue_effect_fn *fn, void *ctx,
                              struct ll_err *err);
    /* In time order. */
    bool (*each_business)(struct ll_store_reader *r, const struct ll_business_query *q,
                          ll_store_business_fn *fn, void *ctx, struct ll_err *err);
    /* What was received at or after `from`, in the order it was committed. */
    bool (*each_inbox)(struct ll_store_reader *r, ll_time from, ll_store_inbox_fn *fn, void *ctx,
                       struct ll_err *err);
    /* What a batch left under that name, in out; empty when nothing did. */
    bool (*cursor_get)(struct ll_store_reader *r, struct ll_slice name, struct ll_arena *out,
                       struct ll_slice *value, struct ll_err *err);
    /* By kind, id, version. */
    bool (*each_rule)(struct ll_store_reader *r, const struct ll_rules_query *q,
                      ll_store_rule_fn *fn, void *ctx, struct ll_err *err);
    /* By target. */
    bool (*each_state)(struct ll_store_reader *r, ll_store_state_fn *fn, void *ctx,
                       struct ll_err *err);
    /* Newest first: actions, decisions. */
    bool (*each_action)(struct ll_store_reader *r, const struct ll_actions_query *q,
                        ll_store_action_fn *fn, void *ctx, struct ll_err *err);
    bool (*each_decision)(struct ll_store_reader *r, const struct ll_decisions_query *q,
                          ll_store_decision_fn *fn, void *ctx, struct ll_err *err);
    bool (*each_audit)(struct ll_store_reader *r, const struct ll_audit_query *q,
                       ll_store_audit_fn *fn, void *ctx, struct ll_err *err);
    bool (*stats)(struct ll_store_reader *r, struct ll_store_stats *out, struct ll_err *err);
};

/* All kinds, alphabetical; NULL ends. */
extern const struct ll_store_ops *const ll_stores[];

#endif
