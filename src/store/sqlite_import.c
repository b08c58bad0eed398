/* What a batch brings beside samples: buckets that were rolled elsewhere, the bytes it was read
 * from, and how far its source has been read. */
#include <math.h>
#include <stdlib.h>

#include "core/records.h"
#include "store/sqlite.h"

enum { INBOX_SLACK_MS = 60 * 1000 }; /* so that the inbox is cut in few transactions */

static enum ll_refusal check_row(const struct ll_rollup_row *r)
{
    const struct ll_rollup *x = &r->rollup;
    bool step = r->step == ll_sqlite_steps[0] || r->step == ll_sqlite_steps[1];
    if (r->refusal != LL_REFUSAL_NONE)
        return r->refusal;
    if (!isfinite(x->mean) || !isfinite(x->p95) || x->count == 0)
        return LL_REFUSAL_VALUE;
    if (!isfinite(x->max))
        return LL_REFUSAL_MAX;
    if (!isnan(x->capacity) && !(isfinite(x->capacity) && x->capacity > 0))
        return LL_REFUSAL_CAPACITY;
    if (x->t < LL_TIME_MIN || x->t > LL_TIME_MAX)
        return LL_REFUSAL_BUCKET;
    return step && x->t == ll_time_floor(x->t, r->step) ? LL_REFUSAL_NONE : LL_REFUSAL_BUCKET;
}

/* A series that is known goes on as its sender describes it. */
static void keep_description(struct ll_sqlite_store *s, struct ll_sample *x)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n, i;
    if (!ll_series_key_bytes(&x->key, bytes, &n) ||
        !ll_map_get(s->map, (struct ll_slice){bytes, n}, &i) ||
        s->series.v[i]->unit == LL_UNIT_COUNT)
        return;
    x->unit = s->series.v[i]->unit;
    x->primary = s->series.v[i]->primary;
}

static bool put_row(struct ll_sqlite_store *s, int64_t id, const struct ll_rollup_row *r,
                    struct ll_err *err)
{
    const bool fine = r->step == ll_sqlite_steps[0];
    sqlite3_stmt *st = ll_sqlite_stmt(s, fine ? LL_SQLITE_ROLL_5M_PUT : LL_SQLITE_ROLL_1H_PUT, err);
    sqlite3_stmt *first = st ? ll_sqlite_stmt(s, LL_SQLITE_SERIES_FIRST, err) : NULL;
    if (!first)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, r->rollup.t);
    sqlite3_bind_double(st, 3, r->rollup.mean);
    sqlite3_bind_double(st, 4, r->rollup.max);
    sqlite3_bind_double(st, 5, r->rollup.p95);
    sqlite3_bind_int64(st, 6, r->rollup.count);
    sqlite3_bind_double(st, 7, r->rollup.capacity); /* NaN binds NULL */
    sqlite3_bind_int64(first, 1, id);
    sqlite3_bind_int64(first, 2, r->rollup.t);
    return ll_sqlite_run(st, err) && ll_sqlite_run(first, err);
}

static bool put_rollup(struct ll_sqlite_store *s, const struct ll_rollup_row *r,
                       enum ll_refusal *why, struct ll_err *err)
{
    struct ll_sample x = {.key = r->key, .unit = r->unit, .primary = r->primary, .t = r->rollup.t};
    struct ll_sqlite_series *series = NULL;
    *why = check_row(r);
    if (*why != LL_REFUSAL_NONE)
        return true;
    keep_description(s, &x);
    if (!ll_sqlite_series_of(s, &x, &series, why, err))
        return false;
    return *why != LL_REFUSAL_NONE || (put_row(s, series->id, r, err) &&
                                       ll_sqlite_peak_rolled(s, series, &r->rollup, r->step, err));
}

bool ll_sqlite_put_rollups(struct ll_sqlite_store *s, struct ll_batch *const *batches, size_t n,
                           enum ll_refusal *refusal, struct ll_err *err)
{
    for (size_t b = 0; b < n; b++)
        for (size_t i = 0; i < batches[b]->n_rollups; i++)
            if (!put_rollup(s, &batches[b]->rollups[i], refusal++, err))
                return false;
    return true;
}

static bool put_inbox(struct ll_sqlite_store *s, ll_time received, struct ll_slice bytes,
                      struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_INBOX_PUT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, received);
    sqlite3_bind_blob64(st, 2, bytes.s, bytes.n, SQLITE_STATIC);
    if (!ll_sqlite_run(st, err))
        return false;
    if (s->state.inbox_bytes == 0)
        s->state.inbox_oldest = received;
    s->state.inbox_bytes += (int64_t)bytes.n;
    return true;
}

static bool put_cursor(struct ll_sqlite_store *s, const struct ll_batch *b, struct ll_err *err)
{
    if (b->cursor_name.n > LL_STORE_CURSOR_MAX || b->cursor_value.n > LL_STORE_CURSOR_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "a cursor is longer than %d bytes",
                          LL_STORE_CURSOR_MAX);
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_CURSOR_PUT, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, b->cursor_name);
    ll_sqlite_bind_slice(st, 2, b->cursor_value);
    return ll_sqlite_run(st, err);
}

bool ll_sqlite_put_aside(struct ll_sqlite_store *s, const struct ll_batch *b, struct ll_err *err)
{
    return (b->inbox.n == 0 || put_inbox(s, b->received, b->inbox, err)) &&
           (b->cursor_name.n == 0 || put_cursor(s, b, err));
}

/* The first of the inbox; *found = false when it is empty. */
static bool first(struct ll_sqlite_store *s, int64_t *id, ll_time *received, int64_t *bytes,
                  bool *found, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_INBOX_FIRST, err);
    if (!st)
        return false;
    bool ok = ll_sqlite_step(st, found, err);
    if (ok && *found) {
        *id = sqlite3_column_int64(st, 0);
        *received = sqlite3_column_int64(st, 1);
        *bytes = sqlite3_column_int64(st, 2);
    }
    sqlite3_reset(st);
    return ok;
}

bool ll_sqlite_inbox_load(struct ll_sqlite_store *s, struct ll_err *err)
{
    int64_t id, bytes;
    bool found;
    return ll_sqlite_int(s->db, "SELECT sum(length(body)) FROM inbox", &s->state.inbox_bytes,
                         err) &&
           first(s, &id, &s->state.inbox_oldest, &bytes, &found, err);
}

static bool trim(struct ll_sqlite_store *s, ll_time cutoff, struct ll_err *err)
{
    const ll_time deadline = ll_sqlite_slice_end();
    while (!ll_sqlite_slice_over(deadline)) {
        int64_t id = 0, bytes = 0;
        ll_time received = LL_TIME_NONE;
        bool found;
        if (!first(s, &id, &received, &bytes, &found, err))
            return false;
        s->state.inbox_oldest = received;
        if (!found)
            s->state.inbox_bytes = 0;
        if (!found || (received >= cutoff && s->state.inbox_bytes <= s->max_inbox))
            return true;
        sqlite3_stmt *drop = ll_sqlite_stmt(s, LL_SQLITE_INBOX_DROP, err);
        if (!drop)
            return false;
        sqlite3_bind_int64(drop, 1, id);
        if (!ll_sqlite_run(drop, err))
            return false;
        s->state.inbox_bytes -= bytes;
    }
    return true;
}

bool ll_sqlite_inbox_trim(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err)
{
    const ll_time cutoff = now - LL_STORE_INBOX_SPAN;
    if (s->state.inbox_bytes == 0 ||
        (s->state.inbox_oldest >= cutoff - INBOX_SLACK_MS && s->state.inbox_bytes <= s->max_inbox))
        return true;
    *worked = true;
    if (!ll_sqlite_begin(s, err))
        return false;
    if (trim(s, cutoff, err) && ll_sqlite_commit(s, err))
        return true;
    ll_sqlite_rollback(s);
    return false;
}
