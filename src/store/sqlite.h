/* The SQLite store: what its files share.
 *
 * One write connection (this struct), used by one thread; readers are connections of
 * their own.  Memory holds the dictionary of live series and the state row; both are put
 * back to what the database says when a transaction is rolled back. */
#ifndef LL_STORE_SQLITE_H
#define LL_STORE_SQLITE_H

#include "core/scaling_rows.h"
#include "store/sqlite_labeled.h"
#include "store/sqlite_series.h"
#include "store/sqlite_stmt.h"
#include "store/store.h"

extern const struct ll_store_ops ll_store_sqlite;

enum {
    LL_SQLITE_APPLICATION_ID = 0x4c4c5354, /* "LLST" */
    LL_SQLITE_VERSION = 4,
    LL_SQLITE_LATE_MS = 30000, /* a bucket is closed this long after its end */
    LL_SQLITE_SLICE_MS = 12,   /* of upkeep per call, before its commit */
    LL_SQLITE_WAL_PAGES = 512, /* when the log is moved into the database */
};

/* The one row of the table `state`; LL_TIME_NONE = none. */
struct ll_sqlite_state {
    int64_t samples;
    ll_time oldest, newest;
    ll_time rolled[2];      /* 5 min, 1 h: buckets that begin before it are rolled */
    int64_t labeled;        /* points under their own labels */
    int64_t decision_bytes; /* of the records of decisions */
    /* Not in the row, counted at the start: */
    int64_t inbox_bytes;
    ll_time inbox_oldest;
};

/* A pass over all live series that rolls [rolled, end). */
struct ll_sqlite_pass {
    bool running;
    ll_time end, next; /* next = earliest sample at or after end that was met */
    size_t cursor;     /* index of the next series */
};

enum ll_sqlite_phase {
    LL_RETAIN_IDLE,
    LL_RETAIN_RAW,
    LL_RETAIN_5M,
    LL_RETAIN_1H,
    LL_RETAIN_LABELED,
    LL_RETAIN_BUSINESS,
    LL_RETAIN_FORECASTS,
    LL_RETAIN_ACCURACY,
    LL_RETAIN_DECISIONS,
    LL_RETAIN_PHASES
};

struct ll_sqlite_retain {
    enum ll_sqlite_phase phase;
    ll_time cutoff[LL_RETAIN_PHASES];
    int64_t cursor;   /* series id */
    ll_time oldest;   /* of the raw samples met in this pass */
    ll_time due;      /* when the next pass begins; LL_TIME_NONE = not planned yet */
    ll_time last_now; /* to see clock steps; LL_TIME_NONE before the first call */
    bool vacuum;      /* give free pages back */
};

LL_VEC_DEFINE(ll_sqlite_values, double)

struct ll_sqlite_store {
    struct ll_store base;
    char *folder, *file;
    bool folder_synced; /* since the log was made; SQLite does not look at that result */
    int lock_fd;
    sqlite3 *db;
    sqlite3_stmt *stmt[LL_SQLITE_STMT_COUNT];
    size_t max_series, max_labeled;
    int64_t max_inbox, max_decisions;
    ll_dur retain_raw, retain_5m, retain_1h, retain_decisions, out_of_order;

    struct ll_map *map; /* key bytes -> index in series */
    struct ll_sqlite_series_vec series;
    size_t series_before;       /* series.n when the transaction began */
    struct ll_map *labeled_map; /* encoded labels -> index in labeled */
    struct ll_sqlite_labeled_vec labeled;
    size_t labeled_before;
    size_t labeled_dead; /* of them, in this transaction */
    uint64_t generation; /* bumped by a rollback: forgets what peaks were cached */
    struct ll_sqlite_state state, state_before;

    struct ll_sqlite_pass pass[2];
    struct ll_sqlite_retain retain;
    struct ll_sqlite_values values; /* of the bucket being rolled */
    int wal_pages, wal_tried;       /* in the log; when it was last moved */
};

/* The folder and its lock: sqlite_lock.c.  *fd holds the lock until closed. */
LL_MUST_USE bool ll_sqlite_lock(const char *folder, int *fd, struct ll_err *err);
/* Makes the names in a folder durable; LL_E_IO when the system does not. */
LL_MUST_USE bool ll_sqlite_sync_folder(const char *folder, struct ll_err *err);

/* sqlite_schema.c: refuses what is damaged, foreign or newer, then migrates. */
LL_MUST_USE bool ll_sqlite_schema_open(sqlite3 *db, const char *file, bool check,
                                       struct ll_err *err);

/* sqlite.c: the transaction, which memory follows. */
sqlite3_stmt *ll_sqlite_stmt(struct ll_sqlite_store *s, enum ll_sqlite_stmt_id id,
                             struct ll_err *err);
LL_MUST_USE bool ll_sqlite_begin(struct ll_sqlite_store *s, struct ll_err *err);
LL_MUST_USE bool ll_sqlite_commit(struct ll_sqlite_store *s, struct ll_err *err);
void ll_sqlite_rollback(struct ll_sqlite_store *s);

/* sqlite_write.c */
bool ll_sqlite_append(struct ll_store *base, struct ll_batch *const *batches, size_t n,
                      struct ll_err *err);
bool ll_sqlite_append_event(struct ll_store *base, const struct ll_scaling_event *e,
                            struct ll_err *err);

/* sqlite_forecasts.c */
LL_MUST_USE bool ll_sqlite_put_forecasts(struct ll_sqlite_store *s, const struct ll_batch *b,
                                         struct ll_err *err);
/* Drops some that ended before the cutoff; *done when none is left. */
LL_MUST_USE bool ll_sqlite_forecasts_drop(struct ll_sqlite_store *s, ll_time cutoff, bool *done,
                                          struct ll_err *err);
LL_MUST_USE bool ll_sqlite_accuracy_drop(struct ll_sqlite_store *s, ll_time cutoff,
                                         struct ll_err *err);
LL_MUST_USE bool ll_sqlite_venue_effects_drop(struct ll_sqlite_store *s, ll_time cutoff,
                                              struct ll_err *err);

/* sqlite_scaling.c: what became of each row waits in told[] until the commit. */
LL_MUST_USE bool ll_sqlite_put_scaling(struct ll_sqlite_store *s,
                                       const struct ll_scaling_rows *rows,
                                       enum ll_row_refusal *told, struct ll_err *err);
size_t ll_sqlite_count_scaling(const struct ll_scaling_rows *rows);
void ll_sqlite_tell_scaling(struct ll_scaling_rows *rows, const enum ll_row_refusal *told);
LL_MUST_USE bool ll_sqlite_put_event(struct ll_sqlite_store *s, const struct ll_scaling_event *e,
                                     enum ll_row_refusal *why, struct ll_err *err);
/* Drops some decisions from before the cutoff; *done when none is left. */
LL_MUST_USE bool ll_sqlite_decisions_drop(struct ll_sqlite_store *s, ll_time cutoff, bool *done,
                                          struct ll_err *err);

/* sqlite_rollup.c: what late samples must mark, and one slice of rolling. */
ll_time ll_sqlite_rolled(const struct ll_sqlite_store *s, size_t level);
LL_MUST_USE bool ll_sqlite_roll(struct ll_sqlite_store *s, ll_time now, bool *worked,
                                struct ll_err *err);
LL_MUST_USE bool ll_sqlite_roll_dirty(struct ll_sqlite_store *s, ll_time now, bool *worked,
                                      struct ll_err *err);
extern const ll_dur ll_sqlite_steps[2];

/* sqlite_retain.c */
LL_MUST_USE bool ll_sqlite_retain(struct ll_sqlite_store *s, ll_time now, bool *worked,
                                  struct ll_err *err);

/* sqlite_maintain.c */
bool ll_sqlite_maintain(struct ll_store *base, ll_time now, bool *more, struct ll_err *err);
ll_time ll_sqlite_slice_end(void); /* on the monotonic clock, in ms */
bool ll_sqlite_slice_over(ll_time end);

#endif
