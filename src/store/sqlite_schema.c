/* The schema and how an older database becomes this one: each step in one transaction
 * together with its version number, so that a crash leaves either the old or the new. */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/sqlite.h"

enum {
    CHECK_BYTES_CHEAP = 16 << 20, /* up to here every start checks the file */
    CHECK_SECONDS = 3,            /* a check after a crash goes on no longer than this */
    CHECK_OPS = 100000            /* between looks at the clock */
};

#define TIMESTAMP "strftime('%Y-%m-%dT%H:%M:%S',t/1000,'unixepoch')||printf('.%03dZ',t%1000)"

/* docs/reference/tables.md describes these to people. */
static const char *const migrations[LL_SQLITE_VERSION] = {
    "CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id=1), samples INTEGER NOT NULL,"
    " oldest INTEGER NOT NULL, newest INTEGER NOT NULL, rolled_5m INTEGER NOT NULL,"
    " rolled_1h INTEGER NOT NULL);"
    "INSERT INTO state VALUES(1,0,-9223372036854775808,-9223372036854775808,"
    " -9223372036854775808,-9223372036854775808);"

    "CREATE TABLE series(id INTEGER PRIMARY KEY, service TEXT NOT NULL,"
    " resource_type TEXT NOT NULL, instance TEXT NOT NULL, part TEXT NOT NULL,"
    " unit TEXT NOT NULL, is_primary INTEGER NOT NULL, first_seen INTEGER NOT NULL,"
    " last_seen INTEGER NOT NULL, UNIQUE(service,resource_type,instance,part));"

    "CREATE TABLE samples(series_id INTEGER NOT NULL, t INTEGER NOT NULL, value REAL NOT NULL,"
    " capacity REAL, max_value REAL, window_ms INTEGER NOT NULL,"
    " PRIMARY KEY(series_id,t)) WITHOUT ROWID;"

    "CREATE TABLE rollup_5m(series_id INTEGER NOT NULL, t INTEGER NOT NULL, mean REAL NOT NULL,"
    " max REAL NOT NULL, p95 REAL NOT NULL, count INTEGER NOT NULL, capacity REAL,"
    " PRIMARY KEY(series_id,t)) WITHOUT ROWID;"
    "CREATE TABLE rollup_1h(series_id INTEGER NOT NULL, t INTEGER NOT NULL, mean REAL NOT NULL,"
    " max REAL NOT NULL, p95 REAL NOT NULL, count INTEGER NOT NULL, capacity REAL,"
    " PRIMARY KEY(series_id,t)) WITHOUT ROWID;"
    "CREATE TABLE dirty(step INTEGER NOT NULL, t INTEGER NOT NULL, series_id INTEGER NOT NULL,"
    " PRIMARY KEY(step,t,series_id)) WITHOUT ROWID;"

    "CREATE TABLE daily_peaks(series_id INTEGER NOT NULL, day INTEGER NOT NULL,"
    " value REAL NOT NULL, capacity REAL, at INTEGER NOT NULL, window_ms INTEGER NOT NULL,"
    " PRIMARY KEY(series_id,day)) WITHOUT ROWID;"
    "CREATE INDEX daily_peaks_day ON daily_peaks(day);"

    "CREATE TABLE business_metrics(metric TEXT NOT NULL, service TEXT NOT NULL,"
    " venue TEXT NOT NULL, t INTEGER NOT NULL, value REAL NOT NULL,"
    " PRIMARY KEY(metric,service,venue,t)) WITHOUT ROWID;"
    "CREATE INDEX business_metrics_t ON business_metrics(t);"

    "CREATE TABLE scaling_events(action_id TEXT PRIMARY KEY NOT NULL, rule_id TEXT NOT NULL,"
    " direction TEXT NOT NULL, from_value REAL, to_value REAL, reason TEXT NOT NULL,"
    " timestamp TEXT GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%S',t/1000,'unixepoch')"
    " ||printf('.%03dZ',t%1000)) VIRTUAL,"
    " service TEXT NOT NULL, resource_type TEXT NOT NULL, state TEXT NOT NULL,"
    " epoch INTEGER NOT NULL, decision TEXT NOT NULL, t INTEGER NOT NULL);"
    "CREATE INDEX scaling_events_t ON scaling_events(t);"
    "CREATE INDEX scaling_events_service ON scaling_events(service,t);"

    "CREATE VIEW capacity_metrics AS SELECT s.resource_type AS resource_type,"
    " x.value AS current_value, x.capacity AS capacity,"
    " 100.0*x.value/x.capacity AS utilization_pct,"
    " strftime('%Y-%m-%dT%H:%M:%S',x.t/1000,'unixepoch')||printf('.%03dZ',x.t%1000)"
    " AS timestamp, s.service AS service, s.unit AS unit, s.instance AS instance,"
    " s.part AS part, x.max_value AS max_value, x.window_ms/1000.0 AS window_seconds, x.t AS t"
    " FROM samples x JOIN series s ON s.id=x.series_id;",

    "ALTER TABLE state ADD COLUMN labeled INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE label_series(id INTEGER PRIMARY KEY, labels TEXT NOT NULL UNIQUE,"
    " first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL);"
    /* value has no type, so that SQLite changes nothing: sqlite_labeled.c. */
    "CREATE TABLE label_samples(series_id INTEGER NOT NULL, t INTEGER NOT NULL, value NOT NULL,"
    " PRIMARY KEY(series_id,t)) WITHOUT ROWID;"
    "CREATE TABLE inbox(id INTEGER PRIMARY KEY, received INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE cursors(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE VIEW label_metrics AS SELECT s.labels AS labels,"
    " strftime('%Y-%m-%dT%H:%M:%S',x.t/1000,'unixepoch')||printf('.%03dZ',x.t%1000)"
    " AS timestamp, CASE WHEN typeof(x.value)<>'blob' THEN CAST(x.value AS REAL)"
    " WHEN hex(x.value)='8000000000000000' THEN 0.0"
    " WHEN hex(x.value)='7FF0000000000002' THEN 'stale' ELSE 'NaN' END AS value, x.t AS t"
    " FROM label_samples x JOIN label_series s ON s.id=x.series_id;",

    "CREATE TABLE forecasts(id INTEGER PRIMARY KEY, service TEXT NOT NULL,"
    " resource_type TEXT NOT NULL, unit TEXT NOT NULL, origin INTEGER NOT NULL,"
    " until INTEGER NOT NULL, step INTEGER NOT NULL, level REAL NOT NULL,"
    " model_used TEXT NOT NULL, reason TEXT NOT NULL, calendar TEXT NOT NULL, peak REAL,"
    " peak_at INTEGER NOT NULL, peak_upper REAL, peak_above REAL, capacity REAL,"
    " scale REAL NOT NULL, multiplier REAL NOT NULL, judged INTEGER NOT NULL,"
    " made INTEGER NOT NULL);"
    "CREATE INDEX forecasts_series ON forecasts(service,resource_type,id);"
    "CREATE INDEX forecasts_until ON forecasts(until,id);"
    "CREATE TABLE forecast_points(forecast INTEGER NOT NULL, step INTEGER NOT NULL,"
    " predicted REAL NOT NULL, lower REAL, upper REAL, naive REAL, naive_lower REAL,"
    " naive_upper REAL, PRIMARY KEY(forecast,step)) WITHOUT ROWID;"
    "CREATE TABLE forecast_accuracy(service TEXT NOT NULL, resource_type TEXT NOT NULL,"
    " horizon INTEGER NOT NULL, day INTEGER NOT NULL, hours REAL NOT NULL,"
    " abs_error REAL NOT NULL, abs_actual REAL NOT NULL, error REAL NOT NULL,"
    " hours_scaled REAL NOT NULL, scaled REAL NOT NULL, hours_bounded REAL NOT NULL,"
    " inside REAL NOT NULL, pinball REAL NOT NULL, width REAL NOT NULL,"
    " naive_hours REAL NOT NULL, naive_abs_error REAL NOT NULL, naive_abs_actual REAL NOT NULL,"
    " naive_error REAL NOT NULL, naive_hours_scaled REAL NOT NULL, naive_scaled REAL NOT NULL,"
    " naive_hours_bounded REAL NOT NULL, naive_inside REAL NOT NULL,"
    " naive_pinball REAL NOT NULL, naive_width REAL NOT NULL,"
    " PRIMARY KEY(service,resource_type,horizon,day)) WITHOUT ROWID;"
    "CREATE INDEX forecast_accuracy_day ON forecast_accuracy(day);",

    "ALTER TABLE state ADD COLUMN decision_bytes INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE scaling_rules(kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,"
    " document TEXT NOT NULL, deleted INTEGER NOT NULL, actor TEXT NOT NULL, t INTEGER NOT NULL,"
    " timestamp TEXT GENERATED ALWAYS AS (" TIMESTAMP ") VIRTUAL,"
    " PRIMARY KEY(kind,id,version)) WITHOUT ROWID;"
    "CREATE TABLE scaling_state(target TEXT PRIMARY KEY NOT NULL, state TEXT NOT NULL,"
    " t INTEGER NOT NULL) WITHOUT ROWID;"

    "CREATE TABLE scaling_decisions(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " t INTEGER NOT NULL, target TEXT NOT NULL, service TEXT NOT NULL, verdict TEXT NOT NULL,"
    " current INTEGER NOT NULL, \"to\" INTEGER NOT NULL, record TEXT NOT NULL,"
    " timestamp TEXT GENERATED ALWAYS AS (" TIMESTAMP ") VIRTUAL);"
    "CREATE INDEX scaling_decisions_t ON scaling_decisions(t);"
    "CREATE INDEX scaling_decisions_target ON scaling_decisions(target,t);"

    "ALTER TABLE scaling_events ADD COLUMN target TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE scaling_events ADD COLUMN actor TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE scaling_events ADD COLUMN created INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE scaling_events ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE scaling_events ADD COLUMN expires INTEGER;"
    "UPDATE scaling_events SET created=t,changed=t;"
    "CREATE INDEX scaling_events_state ON scaling_events(state,t);"
    /* One action at a time: whoever would write a second intent cannot. */
    "CREATE UNIQUE INDEX scaling_events_open ON scaling_events(target)"
    " WHERE state IN ('pending','unknown') AND target<>'';"

    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, t INTEGER NOT NULL, actor TEXT NOT NULL,"
    " role TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,"
    " detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,"
    " timestamp TEXT GENERATED ALWAYS AS (" TIMESTAMP ") VIRTUAL);"
    "CREATE INDEX audit_t ON audit(t);"

    /* Bit 8: no judgement at a lead time of its own. */
    "ALTER TABLE forecasts ADD COLUMN lead INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE forecasts ADD COLUMN part TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE forecasts ADD COLUMN history_from INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE forecasts ADD COLUMN history_steps INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE forecasts ADD COLUMN newest INTEGER;"
    "ALTER TABLE forecasts ADD COLUMN half_50 REAL;"
    "ALTER TABLE forecasts ADD COLUMN half_80 REAL;"
    "ALTER TABLE forecasts ADD COLUMN half_90 REAL;"
    "ALTER TABLE forecasts ADD COLUMN half_95 REAL;"
    "ALTER TABLE forecasts ADD COLUMN half_99 REAL;"
    "UPDATE forecasts SET judged=judged|8;"
    "CREATE TABLE forecast_seasons(forecast INTEGER NOT NULL, steps REAL NOT NULL,"
    " strength REAL, PRIMARY KEY(forecast,steps)) WITHOUT ROWID;"
    "CREATE TABLE forecast_effects(forecast INTEGER NOT NULL, class TEXT NOT NULL,"
    " factor REAL NOT NULL, seen INTEGER NOT NULL, of_pool INTEGER NOT NULL,"
    " PRIMARY KEY(forecast,class)) WITHOUT ROWID;"
    "CREATE TABLE venue_effects(calendar TEXT NOT NULL, resource_type TEXT NOT NULL,"
    " service TEXT NOT NULL, class TEXT NOT NULL, month INTEGER NOT NULL, ratio REAL NOT NULL,"
    " days INTEGER NOT NULL, open REAL NOT NULL, middle REAL NOT NULL, close REAL NOT NULL,"
    " noise REAL NOT NULL, day INTEGER NOT NULL,"
    " PRIMARY KEY(calendar,resource_type,service,class,month)) WITHOUT ROWID;",
};

static int out_of_time(void *ctx)
{
    const time_t *end = ctx;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec >= *end;
}

/* Bounded: of a large file as much as CHECK_SECONDS allow is looked at. */
static bool quick_check(sqlite3 *db, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db, "PRAGMA quick_check(1)", err);
    if (!st)
        return false;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    time_t end = now.tv_sec + CHECK_SECONDS;
    sqlite3_progress_handler(db, CHECK_OPS, out_of_time, &end);
    int rc = sqlite3_step(st);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (rc == SQLITE_INTERRUPT)
        return true;
    if (rc != SQLITE_ROW)
        return ll_sqlite_fail(db, "checking the database", err);
    struct ll_slice said = ll_sqlite_slice(st, 0);
    if (!ll_slice_is(said, "ok"))
        return ll_err_set(err, LL_E_DAMAGED, "the check found: %.*s", (int)LL_MIN(said.n, 300),
                          said.s);
    return true;
}

static bool make_new(sqlite3 *db, struct ll_err *err)
{
    char sql[96];
    sqlite3_snprintf(sizeof(sql), sql, "PRAGMA auto_vacuum=INCREMENTAL;PRAGMA application_id=%d;",
                     LL_SQLITE_APPLICATION_ID);
    return ll_sqlite_exec(db, sql, err);
}

static bool migrate(sqlite3 *db, int64_t from, struct ll_err *err)
{
    for (int64_t v = from; v < LL_SQLITE_VERSION; v++) {
        char version[48];
        sqlite3_snprintf(sizeof(version), version, "PRAGMA user_version=%d", (int)v + 1);
        bool ok = ll_sqlite_exec(db, "BEGIN IMMEDIATE", err) &&
                  ll_sqlite_exec(db, migrations[v], err) && ll_sqlite_exec(db, version, err) &&
                  ll_sqlite_exec(db, "COMMIT", err);
        if (!ok) {
            if (!sqlite3_get_autocommit(db))
                sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
            return ll_err_wrap(err, "bringing the database to schema version %d", (int)v + 1);
        }
    }
    return true;
}

static bool check_identity(sqlite3 *db, int64_t *version, struct ll_err *err)
{
    int64_t id, tables;
    if (!ll_sqlite_int(db, "PRAGMA application_id", &id, err) ||
        !ll_sqlite_int(db, "PRAGMA user_version", version, err) ||
        !ll_sqlite_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (id == 0 && *version == 0 && tables == 0)
        return make_new(db, err);
    if (id != LL_SQLITE_APPLICATION_ID)
        return ll_err_set(err, LL_E_CONFLICT, "it is not a Loadline database (application id %lld)",
                          (long long)id);
    if (*version > LL_SQLITE_VERSION)
        return ll_err_set(err, LL_E_CONFLICT,
                          "it has schema version %lld, and this program knows only up to %d: run "
                          "the newer Loadline, or restore a backup made before the upgrade",
                          (long long)*version, LL_SQLITE_VERSION);
    return *version >= 0
               ? true
               : ll_err_set(err, LL_E_DAMAGED, "its schema version is %lld", (long long)*version);
}

static bool use_wal(sqlite3 *db, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db, "PRAGMA journal_mode=WAL", err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    struct ll_slice mode = ll_sqlite_slice(st, 0);
    if (!row || !ll_slice_is(mode, "wal"))
        return ll_err_set(err, LL_E_STORAGE, "the journal mode is '%.*s' and not wal", (int)mode.n,
                          mode.s);
    /* It answers "wal" also when an fsync of the change failed: that comes at the next step. */
    return ll_sqlite_step(st, &row, err);
}

bool ll_sqlite_schema_open(sqlite3 *db, const char *file, bool check, struct ll_err *err)
{
    struct stat st;
    bool cheap = stat(file, &st) == 0 && st.st_size <= CHECK_BYTES_CHEAP;
    int64_t version;
    if ((check || cheap) && !quick_check(db, err))
        return false;
    if (!check_identity(db, &version, err) || !use_wal(db, err) ||
        !ll_sqlite_exec(db,
                        "PRAGMA synchronous=FULL;PRAGMA secure_delete=OFF;"
                        "PRAGMA wal_autocheckpoint=0;PRAGMA journal_size_limit=4194304;",
                        err))
        return false;
    return migrate(db, version, err);
}
