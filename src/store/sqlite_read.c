/* Readers: each a read-only connection of its own, which lives on when the write side is
 * closed and opened again. */
#include "store/sqlite_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sqlite.h"

enum { READER_CACHE_KIB = 256 };

#define SERIES_COLUMNS "s.id,s.service,s.resource_type,s.instance,s.part,s.unit,s.is_primary"

static struct ll_sqlite_reader *reader_of(struct ll_store_reader *base)
{
    return (struct ll_sqlite_reader *)base; /* base is its first member */
}

bool ll_sqlite_reader_open(struct ll_store *base, struct ll_store_reader **out, struct ll_err *err)
{
    const struct ll_sqlite_store *s = (const struct ll_sqlite_store *)base;
    struct ll_sqlite_reader *r = calloc(1, sizeof(*r));
    if (!r)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a reader");
    LL_AUTO(ll_store_reader) guard = &r->base;
    r->base.ops = &ll_store_sqlite;
    r->file = strdup(s->file);
    if (!r->file)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a reader");
    if (!ll_sqlite_connect(r->file, SQLITE_OPEN_READONLY, READER_CACHE_KIB, &r->db, err))
        return false;
    *out = guard;
    guard = NULL;
    return true;
}

void ll_sqlite_reader_close(struct ll_store_reader *base)
{
    struct ll_sqlite_reader *r = reader_of(base);
    if (!r)
        return;
    sqlite3_close(r->db);
    free(r->file);
    free(r);
}

/* The database of a folder, or the file itself; NULL without memory. */
static char *file_of(const char *path)
{
    struct stat st;
    char *file = NULL;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return strdup(path);
    return asprintf(&file, "%s/loadline.db", path) < 0 ? NULL : file;
}

static bool check_reader(sqlite3 *db, const char *file, struct ll_err *err)
{
    int64_t id, version;
    if (!ll_sqlite_int(db, "PRAGMA application_id", &id, err) ||
        !ll_sqlite_int(db, "PRAGMA user_version", &version, err))
        return false;
    if (id != LL_SQLITE_APPLICATION_ID)
        return ll_err_set(err, LL_E_CONFLICT, "%s is not a Loadline database", file);
    return version == LL_SQLITE_VERSION ||
           ll_err_set(
               err, LL_E_CONFLICT,
               "%s has schema version %lld, and this program reads %d: use the Loadline that "
               "wrote it, or start this one on it",
               file, (long long)version, LL_SQLITE_VERSION);
}

bool ll_sqlite_reader_look(const char *path, struct ll_store_reader **out, struct ll_err *err)
{
    struct stat st;
    struct ll_sqlite_reader *r = calloc(1, sizeof(*r));
    if (!r)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a reader");
    LL_AUTO(ll_store_reader) guard = &r->base;
    r->base.ops = &ll_store_sqlite;
    r->file = file_of(path);
    if (!r->file)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a reader");
    if (stat(r->file, &st) != 0)
        return ll_err_set(err, LL_E_NOT_FOUND, "there is no database %s", r->file);
    if (!ll_sqlite_connect(r->file, SQLITE_OPEN_READONLY, READER_CACHE_KIB, &r->db, err) ||
        !check_reader(r->db, r->file, err))
        return false;
    *out = guard;
    guard = NULL;
    return true;
}

static const char *const rollup_sql[] = {
    "SELECT " SERIES_COLUMNS ",r.t,r.mean,r.max,r.p95,r.count,r.capacity "
    "FROM series s JOIN rollup_5m r ON r.series_id=s.id WHERE r.t>=?1 ORDER BY s.id,r.t",
    "SELECT " SERIES_COLUMNS ",r.t,r.mean,r.max,r.p95,r.count,r.capacity "
    "FROM series s JOIN rollup_1h r ON r.series_id=s.id WHERE r.t>=?1 ORDER BY s.id,r.t",
};

/* *more stays true unless fn has had enough. */
static bool each_of_level(sqlite3 *db, size_t level, ll_time from, ll_store_rollup_fn *fn,
                          void *ctx, bool *more, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db, rollup_sql[level], err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, from);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        struct ll_series_row series;
        if (!ll_sqlite_series_row(st, &series, err))
            return false;
        const struct ll_rollup r = {
            .t = sqlite3_column_int64(st, 7),
            .mean = ll_sqlite_real(st, 8),
            .max = ll_sqlite_real(st, 9),
            .p95 = ll_sqlite_real(st, 10),
            .count = (uint32_t)sqlite3_column_int64(st, 11),
            .capacity = ll_sqlite_real(st, 12),
        };
        if (!fn(ctx, &series, ll_sqlite_steps[level], &r)) {
            *more = false;
            return true;
        }
    }
    return false;
}

bool ll_sqlite_each_rollup(struct ll_store_reader *base, ll_dur step, ll_time from,
                           ll_store_rollup_fn *fn, void *ctx, struct ll_err *err)
{
    sqlite3 *db = reader_of(base)->db;
    if (step != 0 && step != ll_sqlite_steps[0] && step != ll_sqlite_steps[1])
        return ll_err_set(err, LL_E_RANGE, "there are no rollups of %lld ms, only of 5m and 1h",
                          (long long)step);
    bool more = true;
    if (step != ll_sqlite_steps[0] && !each_of_level(db, 1, from, fn, ctx, &more, err))
        return false;
    return step == ll_sqlite_steps[1] || !more || each_of_level(db, 0, from, fn, ctx, &more, err);
}

bool ll_sqlite_each_latest(struct ll_store_reader *base, ll_time from, ll_store_sample_fn *fn,
                           void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        reader_of(base)->db,
        "SELECT " SERIES_COLUMNS ",x.t,x.value,x.capacity,x.max_value,x.window_ms "
        "FROM series s JOIN samples x ON x.series_id=s.id "
        "AND x.t=(SELECT max(t) FROM samples WHERE series_id=s.id) WHERE x.t>=?1 ORDER BY s.id",
        err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, from);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        struct ll_series_row series;
        if (!ll_sqlite_series_row(st, &series, err))
            return false;
        const struct ll_sample x = {
            .key = series.key,
            .unit = series.unit,
            .primary = series.primary,
            .t = sqlite3_column_int64(st, 7),
            .value = ll_sqlite_real(st, 8),
            .capacity = ll_sqlite_real(st, 9),
            .max_value = ll_sqlite_real(st, 10),
            .window = sqlite3_column_int64(st, 11),
        };
        fn(ctx, &series, &x);
    }
    return false;
}

bool ll_sqlite_each_peak(struct ll_store_reader *base, const struct ll_peaks_query *q,
                         ll_store_peak_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        reader_of(base)->db,
        "SELECT " SERIES_COLUMNS ",p.day,p.value,p.capacity,p.at,p.window_ms "
        "FROM daily_peaks p JOIN series s ON s.id=p.series_id WHERE p.day BETWEEN ?1 AND ?2 "
        "AND (?3='' OR s.service=?3) AND (?4='' OR s.resource_type=?4) "
        "ORDER BY p.day DESC,s.service,s.resource_type,s.instance,s.part LIMIT ?5 OFFSET ?6",
        err);
    if (!st)
        return false;
    const char *type = q->type < 0 ? "" : ll_resource_name((enum ll_resource_type)q->type);
    sqlite3_bind_int64(st, 1, q->from_day);
    sqlite3_bind_int64(st, 2, q->to_day);
    ll_sqlite_bind_slice(st, 3, q->service);
    ll_sqlite_bind_slice(st, 4, ll_slice_of(type));
    sqlite3_bind_int64(st, 5, (int64_t)LL_MIN(q->limit, (size_t)INT32_MAX));
    sqlite3_bind_int64(st, 6, (int64_t)LL_MIN(q->offset, (size_t)INT32_MAX));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        struct ll_series_row series;
        if (!ll_sqlite_series_row(st, &series, err))
            return false;
        const struct ll_peak p = {
            .key = series.key,
            .unit = series.unit,
            .day = sqlite3_column_int64(st, 7),
            .value = ll_sqlite_real(st, 8),
            .capacity = ll_sqlite_real(st, 9),
            .at = sqlite3_column_int64(st, 10),
            .window = sqlite3_column_int64(st, 11),
        };
        fn(ctx, &p);
    }
    return false;
}

static int64_t size_of(const char *file, const char *suffix)
{
    char path[4096];
    struct stat st;
    int n = snprintf(path, sizeof(path), "%s%s", file, suffix);
    return n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0 ? st.st_size : 0;
}

bool ll_sqlite_stats(struct ll_store_reader *base, struct ll_store_stats *out, struct ll_err *err)
{
    const struct ll_sqlite_reader *r = reader_of(base);
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(r->db,
                           "SELECT samples,oldest,(SELECT count(*) FROM series),labeled,"
                           "(SELECT count(*) FROM label_series) FROM state",
                           err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    *out = (struct ll_store_stats){
        .bytes = size_of(r->file, "") + size_of(r->file, "-wal"),
        .samples = sqlite3_column_int64(st, 0),
        .oldest = row ? sqlite3_column_int64(st, 1) : LL_TIME_NONE,
        .series = sqlite3_column_int64(st, 2),
        .labeled_points = sqlite3_column_int64(st, 3),
        .labeled_series = sqlite3_column_int64(st, 4),
    };
    return true;
}
