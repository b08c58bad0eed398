/* The read side of the SQLite store: sqlite_read.c, sqlite_stream.c and sqlite_history.c. */
#ifndef LL_STORE_SQLITE_READ_H
#define LL_STORE_SQLITE_READ_H

#include "store/sqlite_db.h"
#include "store/store.h"

struct ll_sqlite_reader {
    struct ll_store_reader base;
    sqlite3 *db;
    char *file;
};
bool ll_sqlite_reader_open(struct ll_store *base, struct ll_store_reader **out, struct ll_err *err);
void ll_sqlite_reader_close(struct ll_store_reader *base);
bool ll_sqlite_reader_look(const char *path, struct ll_store_reader **out, struct ll_err *err);
LL_AUTO_DEFINE(ll_store_reader, ll_sqlite_reader_close)
/* From the columns id, service, resource_type, instance, part, unit, is_primary. */
LL_MUST_USE bool ll_sqlite_series_row(sqlite3_stmt *st, struct ll_series_row *out,
                                      struct ll_err *err);
bool ll_sqlite_history(struct ll_store_reader *base, const struct ll_history_query *q,
                       struct ll_arena *out, struct ll_history *res, struct ll_err *err);
bool ll_sqlite_each_rollup(struct ll_store_reader *base, ll_dur step, ll_time from,
                           ll_store_rollup_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_latest(struct ll_store_reader *base, ll_time from, ll_store_sample_fn *fn,
                           void *ctx, struct ll_err *err);
bool ll_sqlite_each_peak(struct ll_store_reader *base, const struct ll_peaks_query *q,
                         ll_store_peak_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_event(struct ll_store_reader *base, struct ll_slice service, ll_time from,
                          size_t limit, ll_store_event_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_sample(struct ll_store_reader *base, const struct ll_samples_query *q,
                           ll_store_samples_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_labeled(struct ll_store_reader *base, const struct ll_labeled_query *q,
                            ll_store_labeled_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_business(struct ll_store_reader *base, const struct ll_business_query *q,
                             ll_store_business_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_forecast(struct ll_store_reader *base, const struct ll_forecasts_query *q,
                             ll_store_forecast_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_accuracy(struct ll_store_reader *base, const struct ll_accuracy_query *q,
                             ll_store_accuracy_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_venue_effect(struct ll_store_reader *base, ll_store_venue_effect_fn *fn,
                                 void *ctx, struct ll_err *err);
bool ll_sqlite_each_inbox(struct ll_store_reader *base, ll_time from, ll_store_inbox_fn *fn,
                          void *ctx, struct ll_err *err);
bool ll_sqlite_cursor_get(struct ll_store_reader *base, struct ll_slice name, struct ll_arena *out,
                          struct ll_slice *value, struct ll_err *err);
bool ll_sqlite_each_rule(struct ll_store_reader *base, const struct ll_rules_query *q,
                         ll_store_rule_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_state(struct ll_store_reader *base, ll_store_state_fn *fn, void *ctx,
                          struct ll_err *err);
bool ll_sqlite_each_action(struct ll_store_reader *base, const struct ll_actions_query *q,
                           ll_store_action_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_decision(struct ll_store_reader *base, const struct ll_decisions_query *q,
                             ll_store_decision_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_each_audit(struct ll_store_reader *base, const struct ll_audit_query *q,
                          ll_store_audit_fn *fn, void *ctx, struct ll_err *err);
bool ll_sqlite_stats(struct ll_store_reader *base, struct ll_store_stats *out, struct ll_err *err);

#endif
