/* The SQLite store's labelled side: points under their own labels, and what else a batch brings
 * beside samples (imported buckets, inbox, cursors).  Part of store/sqlite.h. */
#ifndef LL_STORE_SQLITE_LABELED_H
#define LL_STORE_SQLITE_LABELED_H

#include "base/map.h"
#include "base/vec.h"
#include "core/sample.h"
#include "store/sqlite_db.h"

struct ll_sqlite_store;

enum { LL_SQLITE_LABELS_JSON_MAX = 8 * LL_LABELS_BYTES_MAX }; /* six bytes for one, and quotes */

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

#endif
