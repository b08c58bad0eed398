#include <time.h>

#include "store/sqlite.h"

enum { WAL_PAGES_HIGH = 16 * LL_SQLITE_WAL_PAGES };

static ll_time mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts); /* only bounds a slice; decides nothing */
    return (ll_time)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

ll_time ll_sqlite_slice_end(void)
{
    return mono_ms() + LL_SQLITE_SLICE_MS;
}

bool ll_sqlite_slice_over(ll_time end)
{
    return mono_ms() >= end;
}

/* Moves the log into the database.  PASSIVE waits for nobody; a reader that lags may leave
 * a rest, which is tried again when the log has grown.  A log that grew far beyond is also
 * begun anew when no reader is in it at this moment. */
static bool checkpoint(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err)
{
    (void)now;
    if (s->wal_pages < s->wal_tried)
        s->wal_tried = 0; /* it was begun anew meanwhile */
    if (s->wal_pages - s->wal_tried < LL_SQLITE_WAL_PAGES)
        return true;
    *worked = true;
    s->wal_tried = s->wal_pages;
    int in_log = 0, moved = 0;
    int mode =
        s->wal_pages > WAL_PAGES_HIGH ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    sqlite3_busy_timeout(s->db, 0);
    int rc = sqlite3_wal_checkpoint_v2(s->db, "main", mode, &in_log, &moved);
    sqlite3_busy_timeout(s->db, LL_SQLITE_BUSY_MS);
    if (rc == SQLITE_OK && in_log == moved)
        s->wal_pages = s->wal_tried = 0;
    return rc == SQLITE_OK || rc == SQLITE_BUSY || ll_sqlite_fail(s->db, "moving the log", err);
}

typedef bool job_fn(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err);

static job_fn *const jobs[] = {checkpoint, ll_sqlite_inbox_trim, ll_sqlite_roll_dirty,
                               ll_sqlite_roll, ll_sqlite_retain};

/* The first job that has something to do does one slice of it. */
bool ll_sqlite_maintain(struct ll_store *base, ll_time now, bool *more, struct ll_err *err)
{
    struct ll_sqlite_store *s = (struct ll_sqlite_store *)base;
    *more = false;
    for (size_t i = 0; i < LL_LEN(jobs) && !*more; i++)
        if (!jobs[i](s, now, more, err))
            return ll_err_wrap(err, "upkeep of the store");
    return true;
}
