/* What every part of the SQLite store needs from a connection: errors, statements,
 * values that may be missing.  NULL in a column is NaN here, in both directions. */
#ifndef LL_STORE_SQLITE_DB_H
#define LL_STORE_SQLITE_DB_H

#include <sqlite3.h>

#include "base/err.h"
#include "base/str.h"

enum { LL_SQLITE_BUSY_MS = 250 }; /* short: the queue of the writer waits meanwhile */

LL_AUTO_DEFINE(sqlite3_stmt, sqlite3_finalize)
LL_AUTO_DEFINE(sqlite3, sqlite3_close)

/* Says what SQLite said: LL_E_DAMAGED for a damaged file, LL_E_IO when the system failed a
 * read, write or fsync (the connection must be closed and opened again), LL_E_MEMORY,
 * otherwise LL_E_STORAGE.  Returns false. */
bool ll_sqlite_fail(sqlite3 *db, const char *doing, struct ll_err *err);

LL_MUST_USE bool ll_sqlite_exec(sqlite3 *db, const char *sql, struct ll_err *err);

/* The first column of the first row as an integer; 0 when NULL or no row. */
LL_MUST_USE bool ll_sqlite_int(sqlite3 *db, const char *sql, int64_t *out, struct ll_err *err);

/* NULL with *err filled when it fails; the caller finalises it. */
sqlite3_stmt *ll_sqlite_prepare(sqlite3 *db, const char *sql, struct ll_err *err);

/* Opens `file` with what all connections share; flags as for sqlite3_open_v2. */
LL_MUST_USE bool ll_sqlite_connect(const char *file, int flags, int cache_kib, sqlite3 **out,
                                   struct ll_err *err);

/* One row more: true with *row; at the end true with *row = false. */
LL_MUST_USE bool ll_sqlite_step(sqlite3_stmt *st, bool *row, struct ll_err *err);

/* Steps a statement without rows to its end and resets it. */
LL_MUST_USE bool ll_sqlite_run(sqlite3_stmt *st, struct ll_err *err);

/* The slice must live until the statement is reset. */
void ll_sqlite_bind_slice(sqlite3_stmt *st, int i, struct ll_slice s);
struct ll_slice ll_sqlite_slice(sqlite3_stmt *st, int column); /* valid until the next step */
double ll_sqlite_real(sqlite3_stmt *st, int column);           /* NULL is NaN */

#endif
