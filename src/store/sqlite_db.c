#include "store/sqlite_db.h"

#include <math.h>

static enum ll_err_code code_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* our SQL is fixed: the tables or the format are not what we wrote */
        return LL_E_DAMAGED;
    case SQLITE_IOERR:
        return LL_E_IO;
    case SQLITE_NOMEM:
        return LL_E_MEMORY;
    default:
        return LL_E_STORAGE;
    }
}

bool ll_sqlite_fail(sqlite3 *db, const char *doing, struct ll_err *err)
{
    int rc = sqlite3_extended_errcode(db);
    return ll_err_set(err, code_of(rc), "%s: %s (sqlite code %d)", doing, sqlite3_errmsg(db), rc);
}

bool ll_sqlite_exec(sqlite3 *db, const char *sql, struct ll_err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || ll_sqlite_fail(db, sql, err);
}

sqlite3_stmt *ll_sqlite_prepare(sqlite3 *db, const char *sql, struct ll_err *err)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        ll_sqlite_fail(db, "preparing a statement", err);
    return st;
}

bool ll_sqlite_step(sqlite3_stmt *st, bool *row, struct ll_err *err)
{
    int rc = sqlite3_step(st);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ||
           ll_sqlite_fail(sqlite3_db_handle(st), "running a statement", err);
}

bool ll_sqlite_run(sqlite3_stmt *st, struct ll_err *err)
{
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    sqlite3_reset(st);
    return ok;
}

bool ll_sqlite_int(sqlite3 *db, const char *sql, int64_t *out, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db, sql, err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    *out = row ? sqlite3_column_int64(st, 0) : 0;
    return true;
}

bool ll_sqlite_connect(const char *file, int flags, int cache_kib, sqlite3 **out,
                       struct ll_err *err)
{
    LL_AUTO(sqlite3) db = NULL;
    if (sqlite3_open_v2(file, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        if (!db)
            return ll_err_set(err, LL_E_MEMORY, "no memory to open '%s'", file);
        ll_sqlite_fail(db, "opening the database", err);
        return ll_err_wrap(err, "'%s'", file);
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, LL_SQLITE_BUSY_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

    char pragmas[192];
    sqlite3_snprintf(sizeof(pragmas), pragmas,
                     "PRAGMA cache_size=-%d;PRAGMA mmap_size=0;PRAGMA temp_store=MEMORY;"
                     "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
                     "PRAGMA foreign_keys=OFF;",
                     cache_kib);
    if (sqlite3_exec(db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
        ll_sqlite_fail(db, "opening the database", err);
        return ll_err_wrap(err, "'%s'", file);
    }
    *out = db;
    db = NULL;
    return true;
}

void ll_sqlite_bind_slice(sqlite3_stmt *st, int i, struct ll_slice s)
{
    sqlite3_bind_text(st, i, s.n ? s.s : "", (int)s.n, SQLITE_STATIC); /* NULL would bind NULL */
}

struct ll_slice ll_sqlite_slice(sqlite3_stmt *st, int column)
{
    const char *s = (const char *)sqlite3_column_text(st, column);
    return (struct ll_slice){s ? s : "", s ? (size_t)sqlite3_column_bytes(st, column) : 0};
}

double ll_sqlite_real(sqlite3_stmt *st, int column)
{
    return sqlite3_column_type(st, column) == SQLITE_NULL ? NAN : sqlite3_column_double(st, column);
}
