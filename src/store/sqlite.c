#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_read.h"

enum {
    CACHE_KIB = 2000,
    MAX_SERIES = 20000,
    MAX_LABELED = 50000,
    MAX_INBOX = 256 << 20,
    MAX_DECISIONS = 256 << 20
};

#define X(name, sql) sql,
static const char *const statements[] = {LL_SQLITE_STMT_TABLE(X)};
#undef X

static struct ll_sqlite_store *store_of(struct ll_store *base)
{
    return (struct ll_sqlite_store *)base; /* base is its first member */
}

sqlite3_stmt *ll_sqlite_stmt(struct ll_sqlite_store *s, enum ll_sqlite_stmt_id id,
                             struct ll_err *err)
{
    if (!s->stmt[id] && sqlite3_prepare_v3(s->db, statements[id], -1, SQLITE_PREPARE_PERSISTENT,
                                           &s->stmt[id], NULL) != SQLITE_OK)
        ll_sqlite_fail(s->db, "preparing a statement", err);
    return s->stmt[id];
}

static bool run(struct ll_sqlite_store *s, enum ll_sqlite_stmt_id id, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, id, err);
    return st && ll_sqlite_run(st, err);
}

bool ll_sqlite_begin(struct ll_sqlite_store *s, struct ll_err *err)
{
    s->state_before = s->state;
    s->series_before = s->series.n;
    s->labeled_before = s->labeled.n;
    return run(s, LL_SQLITE_BEGIN, err);
}

/* Every transaction writes the state row, so that even an empty one proves the disk. */
static bool put_state(struct ll_sqlite_store *s, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_STATE, err);
    if (!st)
        return false;
    const int64_t v[] = {s->state.samples,       s->state.oldest,    s->state.newest,
                         s->state.rolled[0],     s->state.rolled[1], s->state.labeled,
                         s->state.decision_bytes};
    for (size_t i = 0; i < LL_LEN(v); i++)
        sqlite3_bind_int64(st, (int)i + 1, v[i]);
    return ll_sqlite_run(st, err);
}

bool ll_sqlite_commit(struct ll_sqlite_store *s, struct ll_err *err)
{
    if (!put_state(s, err) || !run(s, LL_SQLITE_COMMIT, err))
        return false;
    /* The first commit made the log; without its name in the folder all is lost. */
    s->folder_synced = s->folder_synced || ll_sqlite_sync_folder(s->folder, err);
    if (s->folder_synced)
        ll_sqlite_labels_settle(s, true);
    return s->folder_synced;
}

void ll_sqlite_rollback(struct ll_sqlite_store *s)
{
    if (!sqlite3_get_autocommit(s->db)) /* SQLite may have rolled back by itself */
        run(s, LL_SQLITE_ROLLBACK, NULL);
    s->state = s->state_before;
    s->generation++;
    ll_sqlite_series_truncate(s, s->series_before);
    ll_sqlite_labels_settle(s, false);
    ll_sqlite_labels_truncate(s, s->labeled_before);
    for (size_t i = 0; i < s->labeled.n; i++)
        s->labeled.v[i]->newest_known = false;
    for (size_t i = 0; i < s->series.n; i++) {
        s->series.v[i]->newest_known = false;
        s->series.v[i]->unit = LL_UNIT_COUNT; /* the next sample describes it again */
    }
}

static void sqlite_close(struct ll_store *base)
{
    struct ll_sqlite_store *s = store_of(base);
    if (!s)
        return;
    for (size_t i = 0; i < LL_LEN(s->stmt); i++)
        sqlite3_finalize(s->stmt[i]);
    sqlite3_close(s->db);
    ll_sqlite_series_truncate(s, 0);
    ll_sqlite_series_vec_fini(&s->series);
    ll_sqlite_labels_truncate(s, 0);
    ll_sqlite_labeled_vec_fini(&s->labeled);
    ll_map_free(s->labeled_map);
    ll_sqlite_values_fini(&s->values);
    ll_map_free(s->map);
    free(s->file);
    free(s->folder);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s);
}
LL_AUTO_DEFINE(ll_store, sqlite_close)

static int count_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct ll_sqlite_store *s = ctx;
    s->wal_pages = pages;
    return SQLITE_OK;
}

static bool load_state(struct ll_sqlite_store *s, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(s->db,
                           "SELECT samples,oldest,newest,rolled_5m,rolled_1h,labeled,"
                           "decision_bytes FROM state",
                           err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    if (!row)
        return ll_err_set(err, LL_E_DAMAGED, "the table state is empty");
    s->state = (struct ll_sqlite_state){
        .samples = sqlite3_column_int64(st, 0),
        .oldest = sqlite3_column_int64(st, 1),
        .newest = sqlite3_column_int64(st, 2),
        .rolled = {sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 4)},
        .labeled = sqlite3_column_int64(st, 5),
        .decision_bytes = sqlite3_column_int64(st, 6),
    };
    return true;
}

/* SQLite would make the file readable for all; the log files take over its mode.  Must
 * happen before SQLite has the file open: closing any descriptor drops its locks. */
static bool make_file(const char *file, struct ll_err *err)
{
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return ll_err_set(err, LL_E_STORAGE, "opening '%s': %s", file, strerror(errno));
    close(fd);
    return true;
}

/* A log that was not moved into the database at the end means that the end was not clean. */
static bool was_unclean(const char *file)
{
    char log[PATH_MAX];
    struct stat st;
    int n = snprintf(log, sizeof(log), "%s-wal", file);
    return n > 0 && (size_t)n < sizeof(log) && stat(log, &st) == 0 && st.st_size > 0;
}

static bool open_file(struct ll_sqlite_store *s, struct ll_err *err)
{
    if (!make_file(s->file, err))
        return false;
    bool unclean = was_unclean(s->file);
    if (!ll_sqlite_connect(s->file, SQLITE_OPEN_READWRITE, CACHE_KIB, &s->db, err))
        return false;
    if (sqlite3_db_readonly(s->db, "main") == 1)
        return ll_err_set(err, LL_E_STORAGE, "'%s' is read-only", s->file);
    if (!ll_sqlite_schema_open(s->db, s->file, unclean, err) || !load_state(s, err) ||
        !ll_sqlite_series_load(s, err) || !ll_sqlite_labels_load(s, err) ||
        !ll_sqlite_inbox_load(s, err))
        return ll_err_wrap(err, "'%s'", s->file);
    sqlite3_wal_hook(s->db, count_wal, s);
    return true;
}

static bool sqlite_open(const struct ll_store_opts *opts, struct ll_store **out, struct ll_err *err)
{
    struct ll_sqlite_store *s = calloc(1, sizeof(*s));
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the store");
    LL_AUTO(ll_store) guard = &s->base;
    s->base.ops = &ll_store_sqlite;
    s->lock_fd = -1;
    s->generation = 1;
    s->max_series = opts->max_series ? opts->max_series : MAX_SERIES;
    s->max_labeled = opts->max_labeled_series ? opts->max_labeled_series : MAX_LABELED;
    s->max_inbox = (int64_t)(opts->max_inbox ? opts->max_inbox : MAX_INBOX);
    s->max_decisions = (int64_t)(opts->max_decisions ? opts->max_decisions : MAX_DECISIONS);
    s->retain_raw = opts->retain_raw ? opts->retain_raw : 15 * LL_DAY;
    s->retain_5m = opts->retain_5m ? opts->retain_5m : 90 * LL_DAY;
    s->retain_1h = opts->retain_1h ? opts->retain_1h : 5 * 365 * LL_DAY;
    s->retain_decisions = opts->retain_decisions ? opts->retain_decisions : 90 * LL_DAY;
    s->out_of_order = opts->out_of_order ? opts->out_of_order : s->retain_raw;
    s->retain.due = s->retain.last_now = LL_TIME_NONE;
    s->series.cap = SIZE_MAX / sizeof(void *);
    s->labeled.cap = SIZE_MAX / sizeof(void *);
    s->values.cap = (size_t)LL_HOUR; /* one a millisecond */
    s->map = ll_map_new(opts->seed, SIZE_MAX / 2);
    s->labeled_map = ll_map_new(opts->seed, SIZE_MAX / 2);
    s->folder = strdup(opts->path);
    if (!s->map || !s->labeled_map || !s->folder ||
        asprintf(&s->file, "%s/loadline.db", opts->path) < 0)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the store");
    if (!ll_sqlite_lock(opts->path, &s->lock_fd, err) || !open_file(s, err))
        return false;
    *out = guard;
    guard = NULL;
    return true;
}

const struct ll_store_ops ll_store_sqlite = {
    .name = "sqlite",
    .doc = "one file loadline.db in the storage folder; the default",
    .open = sqlite_open,
    .close = sqlite_close,
    .append = ll_sqlite_append,
    .append_event = ll_sqlite_append_event,
    .maintain = ll_sqlite_maintain,
    .reader_open = ll_sqlite_reader_open,
    .reader_close = ll_sqlite_reader_close,
    .reader_look = ll_sqlite_reader_look,
    .history = ll_sqlite_history,
    .each_rollup = ll_sqlite_each_rollup,
    .each_latest = ll_sqlite_each_latest,
    .each_peak = ll_sqlite_each_peak,
    .each_event = ll_sqlite_each_event,
    .each_sample = ll_sqlite_each_sample,
    .each_labeled = ll_sqlite_each_labeled,
    .each_business = ll_sqlite_each_business,
    .each_forecast = ll_sqlite_each_forecast,
    .each_venue_effect = ll_sqlite_each_venue_effect,
    .each_accuracy = ll_sqlite_each_accuracy,
    .each_inbox = ll_sqlite_each_inbox,
    .cursor_get = ll_sqlite_cursor_get,
    .each_rule = ll_sqlite_each_rule,
    .each_state = ll_sqlite_each_state,
    .each_action = ll_sqlite_each_action,
    .each_decision = ll_sqlite_each_decision,
    .each_audit = ll_sqlite_each_audit,
    .stats = ll_sqlite_stats,
};
