/* The SQLite store's dictionary of live series, and the ledger of their daily peaks.  Part of
 * store/sqlite.h. */
#ifndef LL_STORE_SQLITE_SERIES_H
#define LL_STORE_SQLITE_SERIES_H

#include "base/vec.h"
#include "core/records.h"

struct ll_sqlite_store;

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

#endif
