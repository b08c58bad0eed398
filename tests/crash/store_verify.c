/* After a crash: opens the store as the daemon would, then looks with SQLite itself.
 *
 *     store_verify --path DIR --acked FILE [--batch K] [--labeled no]
 * Says how many acknowledged samples are lost, batches of K partly there (a commit is all
 * or nothing), rows that hold something else than was sent (of those under their own labels the
 * bits are compared, and both must be there or none), a cursor of a batch that is not there,
 * rollups that do not count what raw samples say, and what integrity_check found; and the first
 * free number.  Exit status 0 = all well, 1 = not, 3 = the store refused to open (the reason is
 * printed). The daemon's crash tests push the same numbered samples over HTTP and use it too. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"
#include "store/store.h"

enum { IDS_MAX = 100000000 };

static unsigned char *stored; /* 1 = a row is there, 2 = acknowledged, 4 = one with labels */
static bool labeled = true;
static long long known, highest = -1;

static void mark(long long id, unsigned char bit)
{
    if (id < 0 || id >= IDS_MAX) {
        fprintf(stderr, "store_verify: number %lld is not one of ours\n", id);
        exit(2);
    }
    if (id >= known) {
        long long size = id * 2 + 1024;
        unsigned char *p = realloc(stored, (size_t)size);
        if (!p)
            exit(2);
        memset(p + known, 0, (size_t)(size - known));
        stored = p;
        known = size;
    }
    stored[id] |= bit;
    highest = id > highest ? id : highest;
}

static void read_acked(const char *file)
{
    FILE *f = fopen(file, "re");
    char line[80];
    while (f && fgets(line, sizeof(line), f)) {
        char *end;
        long long first = strtoll(line, &end, 10), n = strtoll(end, &end, 10);
        if (*end != '\n')
            break; /* cut by the kill: not a whole note */
        for (long long id = first; id < first + n; id++)
            mark(id, 2);
    }
    if (f)
        fclose(f);
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "store_verify: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return st;
}

static long long read_rows(sqlite3 *db)
{
    long long wrong = 0;
    sqlite3_stmt *st = query(db, "SELECT x.t,x.value,x.capacity,x.max_value,s.instance "
                                 "FROM samples x JOIN series s ON s.id=x.series_id "
                                 "WHERE s.service='load'");
    while (sqlite3_step(st) == SQLITE_ROW) {
        long long id = (sqlite3_column_int64(st, 0) - LOAD_T0) / LOAD_STEP_MS;
        char instance[24];
        snprintf(instance, sizeof(instance), "i%lld", id % LOAD_INSTANCES);
        wrong += sqlite3_column_double(st, 1) != (double)id ||
                 sqlite3_column_double(st, 2) != (double)id + 1 ||
                 sqlite3_column_double(st, 3) != (double)id ||
                 strcmp((const char *)sqlite3_column_text(st, 4), instance) != 0;
        mark(id, 1);
    }
    sqlite3_finalize(st);
    return wrong;
}

static uint64_t bits_of(sqlite3_stmt *st, int column)
{
    if (sqlite3_column_type(st, column) != SQLITE_BLOB)
        return ll_labeled_bits(sqlite3_column_double(st, column));
    const unsigned char *b = sqlite3_column_blob(st, column);
    uint64_t bits = 0;
    for (int i = 0; i < sqlite3_column_bytes(st, column); i++)
        bits = bits << 8 | b[i];
    return bits;
}

static long long read_labeled(sqlite3 *db)
{
    long long wrong = 0;
    sqlite3_stmt *st = query(db, "SELECT x.t,x.value,s.labels->>'instance',s.labels->>'__name__' "
                                 "FROM label_samples x JOIN label_series s ON s.id=x.series_id");
    while (sqlite3_step(st) == SQLITE_ROW) {
        long long id = (sqlite3_column_int64(st, 0) - LOAD_T0) / LOAD_STEP_MS;
        char instance[24];
        snprintf(instance, sizeof(instance), "i%lld", id % LOAD_INSTANCES);
        wrong += bits_of(st, 1) != load_bits(id) ||
                 strcmp((const char *)sqlite3_column_text(st, 2), instance) != 0 ||
                 strcmp((const char *)sqlite3_column_text(st, 3), "load") != 0;
        mark(id, 4);
    }
    sqlite3_finalize(st);
    return wrong;
}

static long long number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = query(db, sql);
    long long n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
    sqlite3_finalize(st);
    return n;
}

static long long highest_row(void)
{
    long long id = known - 1;
    while (id >= 0 && !(stored[id] & 1))
        id--;
    return id;
}

static bool integrity(sqlite3 *db)
{
    sqlite3_stmt *st = query(db, "PRAGMA integrity_check");
    bool ok = sqlite3_step(st) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;
    if (!ok)
        fprintf(stderr, "integrity_check: %s\n", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    return ok;
}

#define ROLLUPS_WRONG(table, step, column)                                                         \
    "SELECT count(*) FROM (SELECT series_id AS s,t/" step "*" step " AS b,count(*) AS n "          \
    "FROM samples,state WHERE t<state." column " GROUP BY 1,2) x LEFT JOIN " table " r "           \
    "ON r.series_id=x.s AND r.t=x.b WHERE r.count IS NOT x.n AND NOT EXISTS "                      \
    "(SELECT 1 FROM dirty d WHERE d.step=" step " AND d.t=x.b AND d.series_id=x.s)"

struct found {
    long long acked, rows, lost, partial, halves;
};

static struct found compare(long long batch)
{
    struct found f = {0};
    for (long long first = 0; first <= highest; first += batch) {
        long long there = 0, all = 0;
        for (long long id = first; id < first + batch && id < known; id++) {
            const bool row = stored[id] & 1, twin = stored[id] & 4;
            there += row;
            f.acked += (stored[id] & 2) != 0;
            f.lost += (stored[id] & 2) && (!row || (labeled && !twin));
            f.halves += labeled && row != twin;
            all++;
        }
        f.rows += there;
        f.partial += there != 0 && there != all;
    }
    return f;
}

/* As the daemon does at its start; the time it took in ms, or -1. */
static double open_as_daemon(const char *path)
{
    struct timespec a, b;
    struct ll_store *s;
    struct ll_err err;
    clock_gettime(CLOCK_MONOTONIC, &a);
    const struct ll_store_opts opts = {.path = path};
    if (!ll_stores[0]->open(&opts, &s, &err)) {
        printf("refused: %s (%s)\n", err.text, ll_err_info(err.code)->name);
        return -1;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    ll_stores[0]->close(s);
    return (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

int main(int argc, char **argv)
{
    const char *path = NULL, *acked = NULL;
    long long batch = 100;
    for (int i = 1; i + 1 < argc; i += 2) {
        path = strcmp(argv[i], "--path") == 0 ? argv[i + 1] : path;
        acked = strcmp(argv[i], "--acked") == 0 ? argv[i + 1] : acked;
        batch = strcmp(argv[i], "--batch") == 0 ? strtoll(argv[i + 1], NULL, 10) : batch;
        labeled = strcmp(argv[i], "--labeled") == 0 ? strcmp(argv[i + 1], "no") != 0 : labeled;
    }
    if (!path || !acked || batch <= 0)
        return 2;
    double ms = open_as_daemon(path);
    if (ms < 0)
        return 3;

    char file[4096];
    sqlite3 *db;
    snprintf(file, sizeof(file), "%s/loadline.db", path);
    if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return 1;
    read_acked(acked);
    long long wrong = read_rows(db) + read_labeled(db);
    struct found f = compare(batch);
    long long counted = number(db, "SELECT abs(samples-(SELECT count(*) FROM samples))"
                                   "+abs(labeled-(SELECT count(*) FROM label_samples)) FROM state");
    /* The cursor is the newest batch's, for each commit has both. */
    long long cursor = number(db, "SELECT CAST(value AS INTEGER) FROM cursors WHERE name='load'");
    long long astray = labeled && f.rows > 0 && cursor != highest_row();
    long long rollups = number(db, ROLLUPS_WRONG("rollup_5m", "300000", "rolled_5m")) +
                        number(db, ROLLUPS_WRONG("rollup_1h", "3600000", "rolled_1h"));
    bool ok = integrity(db);
    sqlite3_close(db);
    printf("acked=%lld rows=%lld lost=%lld partial=%lld wrong=%lld rollups_wrong=%lld "
           "count_off=%lld halves=%lld cursor_off=%lld integrity=%s open_ms=%.1f next=%lld\n",
           f.acked, f.rows, f.lost, f.partial, wrong, rollups, counted, f.halves, astray,
           ok ? "ok" : "BAD", ms, (highest / batch + 1) * batch);
    free(stored);
    return ok && !f.lost && !f.partial && !wrong && !rollups && !counted && !f.halves && !astray
               ? 0
               : 1;
}
