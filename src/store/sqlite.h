/* The SQLite store: what its files share.
 *
 * One write connection (this struct), used by one thread; readers are connections of
 * their own.  Memory holds the dictionary of live series and the state row; both are put
 * back to what the database says when a transaction is rolled back. */
#ifndef LL_STORE_SQLITE_H
#define LL_STORE_SQLITE_H

#include "base/map.h"
#include "base/vec.h"
#include "store/sqlite_db.h"
#include "store/sqlite_stmt.h"
#include "store/store.h"

extern const struct ll_store_ops ll_store_sqlite;

enum {
    LL_SQLITE_APPLICATION_ID = 0x4c4c5354, /* "LLST" */
    LL_SQLITE_VERSION = 2,
    LL_SQLITE_LATE_MS = 30000, /* a bucket is closed this long after its end */
    LL_SQLITE_SLICE_MS = 12,   /* of upkeep per call, before its commit */
    LL_SQLITE_LABELS_JSON_MAX = 8 * LL_LABELS_BYTES_MAX, /* six bytes for one, and quotes */
    LL_SQLITE_WAL_PAGES = 512, /* when the log is moved into the database */
};

/* What memory knows of a live series. */
struct ll_sqlite_series {
    int64_t id;
    enum ll_unit unit;
    bool primary;
    ll_time seen;      /* the newest known, from the dictionary or since */
    bool newest_known; /* seen is exactly the newest sample's time */
    uint64_t peak_of;  /* transaction generation that peak_* belongs to; 0 = nothing cached */
    int64_t peak_day;
    double peak_value; /* NaN = that day has none yet */
    ll_time peak_at;
    size_t key_n;
    char key[]; /* ll_series_key_bytes */
};

LL_VEC_DEFINE(ll_sqlite_series_vec, struct ll_sqlite_series *)

/* A series under its own labels.  It lives as long as it has samples. */
struct ll_sqlite_labeled {
    int64_t id;
    ll_time newest;    /* of its samples; LL_TIME_NONE = none */
    bool newest_known; /* else the database is asked */
    bool dead;         /* retention took the last sample in this transaction */
    size_t key_n;
    char key[]; /* labels, encoded */
};

LL_VEC_DEFINE(ll_sqlite_labeled_vec, struct ll_sqlite_labeled *)

/* The one row of the table `state`; LL_TIME_NONE = none. */
struct ll_sqlite_state {
    int64_t samples;
    ll_time oldest, newest;
    ll_time rolled[2]; /* 5 min, 1 h: buckets that begin before it are rolled */
    int64_t labeled;   /* points under their own labels */
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
    LL_RETAIN_BUSINESS
};

struct ll_sqlite_retain {
    enum ll_sqlite_phase phase;
    ll_time cutoff[6]; /* per phase */
    int64_t cursor;    /* series id */
    ll_time oldest;    /* of the raw samples met in this pass */
    ll_time due;       /* when the next pass begins; LL_TIME_NONE = not planned yet */
    ll_time last_now;  /* to see clock steps; LL_TIME_NONE before the first call */
    bool vacuum;       /* give free pages back */
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
    int64_t max_inbox;
    ll_dur retain_raw, retain_5m, retain_1h, out_of_order;

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

/* sqlite_series.c */
LL_MUST_USE bool ll_sqlite_series_load(struct ll_sqlite_store *s, struct ll_err *err);
/* *out is written when *refusal is LL_REFUSAL_NONE. */
LL_MUST_USE bool ll_sqlite_series_of(struct ll_sqlite_store *s, const struct ll_sample *x,
                                     struct ll_sqlite_series **out, enum ll_refusal *refusal,
                                     struct ll_err *err);
void ll_sqlite_series_truncate(struct ll_sqlite_store *s, size_t n);
void ll_sqlite_series_expire(struct ll_sqlite_store *s, ll_time before);

/* sqlite_peaks.c: the ledger follows a sample that was just put, or an imported rollup. */
LL_MUST_USE bool ll_sqlite_peak(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                                const struct ll_sample *x, struct ll_err *err);
LL_MUST_USE bool ll_sqlite_peak_rolled(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                                       const struct ll_rollup *r, ll_dur step, struct ll_err *err);

/* sqlite_labels.c: the dictionary of labelled series. */
LL_MUST_USE bool ll_sqlite_labels_load(struct ll_sqlite_store *s, struct ll_err *err);
LL_MUST_USE bool ll_sqlite_labels_of(struct ll_sqlite_store *s, struct ll_slice labels, ll_time t,
                                     struct ll_sqlite_labeled **out, enum ll_refusal *refusal,
                                     struct ll_err *err);
void ll_sqlite_labels_truncate(struct ll_sqlite_store *s, size_t n);
void ll_sqlite_labels_kill(struct ll_sqlite_store *s, int64_t id);
void ll_sqlite_labels_settle(struct ll_sqlite_store *s, bool committed); /* the dead go, or live */
/* JSON as it is stored -> encoded labels; json is changed. */
LL_MUST_USE bool ll_sqlite_labels_decode(char *json, size_t n, struct ll_str *out,
                                         struct ll_err *err);

/* sqlite_labeled.c: refusal[] has room for the labelled rows of all batches, in order. */
LL_MUST_USE bool ll_sqlite_put_labeled(struct ll_sqlite_store *s, struct ll_batch *const *batches,
                                       size_t n, enum ll_refusal *refusal, struct ll_err *err);
/* sqlite_import.c: the same for rollup rows; inbox bytes and cursors. */
LL_MUST_USE bool ll_sqlite_put_rollups(struct ll_sqlite_store *s, struct ll_batch *const *batches,
                                       size_t n, enum ll_refusal *refusal, struct ll_err *err);
LL_MUST_USE bool ll_sqlite_put_aside(struct ll_sqlite_store *s, const struct ll_batch *b,
                                     struct ll_err *err);
LL_MUST_USE bool ll_sqlite_inbox_load(struct ll_sqlite_store *s, struct ll_err *err);
LL_MUST_USE bool ll_sqlite_inbox_trim(struct ll_sqlite_store *s, ll_time now, bool *worked,
                                      struct ll_err *err);
/* A column of label_samples and the bits of the double it stands for. */
void ll_sqlite_bind_bits(sqlite3_stmt *st, int i, uint64_t bits, unsigned char buf[static 8]);
uint64_t ll_sqlite_bits(sqlite3_stmt *st, int column);

/* sqlite_write.c */
bool ll_sqlite_append(struct ll_store *base, struct ll_batch *const *batches, size_t n,
                      struct ll_err *err);
bool ll_sqlite_append_event(struct ll_store *base, const struct ll_scaling_event *e,
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
