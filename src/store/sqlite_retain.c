/* Retention: deletion in small slices, then free pages go back to the file system.
 *
 * What the clock says decides what is deleted for ever, so a clock that stepped is not
 * believed until it has been steady for an hour.  That is true across restarts too: a store that
 * was just opened believes a clock under which something was written an hour ago or more. */
#include "store/sqlite.h"

enum { SLICE_ROWS = 1000, VACUUM_PAGES = 64, FREE_SHARE = 8 };

#define EVERY LL_HOUR
#define STEP_LIMIT (10 * LL_MINUTE)
#define AWAY_LIMIT LL_DAY

static const enum ll_sqlite_stmt_id nth_id[] = {[LL_RETAIN_RAW] = LL_SQLITE_RAW_NTH,
                                                [LL_RETAIN_5M] = LL_SQLITE_ROLL_5M_NTH,
                                                [LL_RETAIN_1H] = LL_SQLITE_ROLL_1H_NTH,
                                                [LL_RETAIN_LABELED] = LL_SQLITE_LABELED_NTH};
static const enum ll_sqlite_stmt_id drop_id[] = {[LL_RETAIN_RAW] = LL_SQLITE_RAW_DROP,
                                                 [LL_RETAIN_5M] = LL_SQLITE_ROLL_5M_DROP,
                                                 [LL_RETAIN_1H] = LL_SQLITE_ROLL_1H_DROP,
                                                 [LL_RETAIN_LABELED] = LL_SQLITE_LABELED_DROP};

/* The first column as an integer; *found = false without a row or with NULL. */
static bool query(sqlite3_stmt *st, int64_t *out, bool *found, struct ll_err *err)
{
    bool ok = ll_sqlite_step(st, found, err);
    if (ok && *found) {
        *found = sqlite3_column_type(st, 0) != SQLITE_NULL;
        *out = sqlite3_column_int64(st, 0);
    }
    sqlite3_reset(st);
    return ok;
}

/* The newest sample that is at least an hour old; LL_TIME_NONE without one. */
static bool settled(struct ll_sqlite_store *s, ll_time now, ll_time *out, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_BEFORE, err);
    if (!st)
        return false;
    *out = LL_TIME_NONE;
    for (size_t i = 0; i < s->series.n && *out < now - EVERY - AWAY_LIMIT; i++) {
        int64_t t = 0;
        bool found;
        sqlite3_bind_int64(st, 1, s->series.v[i]->id);
        sqlite3_bind_int64(st, 2, now - EVERY);
        if (!query(st, &t, &found, err))
            return false;
        if (found)
            *out = LL_MAX(*out, t);
    }
    return true;
}

/* What the clock is compared with, and by how much it may be away; LL_TIME_NONE = nothing. */
static bool reference(struct ll_sqlite_store *s, ll_time now, ll_time *known, ll_dur *limit,
                      struct ll_err *err)
{
    *known = s->retain.last_now;
    *limit = STEP_LIMIT;
    if (*known != LL_TIME_NONE)
        return true;
    *known = s->state.newest;
    *limit = AWAY_LIMIT;
    if (*known == LL_TIME_NONE || now - *known > *limit || *known - now > *limit)
        return true;
    *limit = AWAY_LIMIT + EVERY;
    return settled(s, now, known, err);
}

/* Whether the clock was steady since the last call; a step puts retention off. */
static bool clock_is_steady(struct ll_sqlite_store *s, ll_time now, bool *steady,
                            struct ll_err *err)
{
    struct ll_sqlite_retain *r = &s->retain;
    ll_time known;
    ll_dur limit;
    if (!reference(s, now, &known, &limit, err))
        return false;
    if (r->last_now == LL_TIME_NONE)
        r->due = now;
    r->last_now = now;
    *steady = known == LL_TIME_NONE || (now - known <= limit && known - now <= limit);
    if (!*steady) {
        r->phase = LL_RETAIN_IDLE;
        r->due = now + EVERY;
    }
    return true;
}

static void begin_pass(struct ll_sqlite_store *s, ll_time now)
{
    struct ll_sqlite_retain *r = &s->retain;
    ll_time rolled = LL_MIN(s->state.rolled[0], s->state.rolled[1]);
    r->phase = LL_RETAIN_RAW;
    r->cursor = 0;
    r->oldest = INT64_MAX;
    r->due = now + EVERY;
    r->cutoff[LL_RETAIN_RAW] = LL_MIN(now - s->retain_raw, rolled); /* first rolled, then gone */
    r->cutoff[LL_RETAIN_LABELED] = now - s->retain_raw;
    r->cutoff[LL_RETAIN_5M] = r->cutoff[LL_RETAIN_ACCURACY] = now - s->retain_5m;
    r->cutoff[LL_RETAIN_FORECASTS] = now - LL_STORE_FORECAST_SPAN;
    r->cutoff[LL_RETAIN_DECISIONS] = now - s->retain_decisions;
    r->cutoff[LL_RETAIN_1H] = r->cutoff[LL_RETAIN_BUSINESS] = now - s->retain_1h;
}

/* Deletes up to SLICE_ROWS rows before the cutoff; *done when none is left. */
static bool drop_slice(struct ll_sqlite_store *s, int64_t id, bool *done, struct ll_err *err)
{
    const struct ll_sqlite_retain *r = &s->retain;
    sqlite3_stmt *nth = ll_sqlite_stmt(s, nth_id[r->phase], err);
    sqlite3_stmt *drop = nth ? ll_sqlite_stmt(s, drop_id[r->phase], err) : NULL;
    if (!drop)
        return false;
    ll_time until = r->cutoff[r->phase], t = until;
    bool more;
    sqlite3_bind_int64(nth, 1, id);
    sqlite3_bind_int64(nth, 2, until);
    sqlite3_bind_int64(nth, 3, SLICE_ROWS);
    if (!query(nth, &t, &more, err))
        return false;
    sqlite3_bind_int64(drop, 1, id);
    sqlite3_bind_int64(drop, 2, more ? t : until);
    if (!ll_sqlite_run(drop, err))
        return false;
    if (r->phase == LL_RETAIN_RAW)
        s->state.samples -= sqlite3_changes(s->db);
    if (r->phase == LL_RETAIN_LABELED)
        s->state.labeled -= sqlite3_changes(s->db);
    *done = !more;
    return true;
}

static bool note_oldest(struct ll_sqlite_store *s, int64_t id, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_OLDEST, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    ll_time t = 0;
    bool found;
    if (!query(st, &t, &found, err))
        return false;
    if (found)
        s->retain.oldest = LL_MIN(s->retain.oldest, t);
    return true;
}

/* A labelled series without samples goes; of the others it is noted when they were seen last. */
static bool end_labeled(struct ll_sqlite_store *s, int64_t id, struct ll_err *err)
{
    sqlite3_stmt *newest = ll_sqlite_stmt(s, LL_SQLITE_LABELED_NEWEST, err);
    if (!newest)
        return false;
    sqlite3_bind_int64(newest, 1, id);
    ll_time t = 0;
    bool found;
    if (!query(newest, &t, &found, err))
        return false;
    sqlite3_stmt *st =
        ll_sqlite_stmt(s, found ? LL_SQLITE_LABELS_SEEN : LL_SQLITE_LABELS_DROP, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (found)
        sqlite3_bind_int64(st, 2, t);
    else
        ll_sqlite_labels_kill(s, id);
    return ll_sqlite_run(st, err);
}

static bool end_series(struct ll_sqlite_store *s, int64_t id, struct ll_err *err)
{
    if (s->retain.phase == LL_RETAIN_RAW)
        return note_oldest(s, id, err);
    return s->retain.phase != LL_RETAIN_LABELED || end_labeled(s, id, err);
}

static bool drop_business(struct ll_sqlite_store *s, bool *done, struct ll_err *err)
{
    sqlite3_stmt *nth = ll_sqlite_stmt(s, LL_SQLITE_BUSINESS_NTH, err);
    sqlite3_stmt *drop = nth ? ll_sqlite_stmt(s, LL_SQLITE_BUSINESS_DROP, err) : NULL;
    if (!drop)
        return false;
    ll_time until = s->retain.cutoff[LL_RETAIN_BUSINESS], t = until;
    bool more;
    sqlite3_bind_int64(nth, 1, until);
    sqlite3_bind_int64(nth, 2, SLICE_ROWS);
    if (!query(nth, &t, &more, err))
        return false;
    sqlite3_bind_int64(drop, 1, more ? t : until);
    *done = !more;
    return ll_sqlite_run(drop, err);
}

/* The phases of tables that do not go by series. */
static bool drop_rows(struct ll_sqlite_store *s, bool *done, struct ll_err *err)
{
    const struct ll_sqlite_retain *r = &s->retain;
    if (r->phase == LL_RETAIN_BUSINESS)
        return drop_business(s, done, err);
    if (r->phase == LL_RETAIN_FORECASTS)
        return ll_sqlite_forecasts_drop(s, r->cutoff[r->phase], done, err);
    if (r->phase == LL_RETAIN_DECISIONS)
        return ll_sqlite_decisions_drop(s, r->cutoff[r->phase], done, err);
    *done = true;
    return ll_sqlite_accuracy_drop(s, r->cutoff[r->phase], err) &&
           ll_sqlite_venue_effects_drop(s, r->cutoff[LL_RETAIN_1H], err);
}

static void end_phase(struct ll_sqlite_store *s)
{
    struct ll_sqlite_retain *r = &s->retain;
    r->cursor = 0;
    if (r->phase == LL_RETAIN_RAW)
        s->state.oldest = r->oldest == INT64_MAX ? LL_TIME_NONE : r->oldest;
    if (++r->phase != LL_RETAIN_PHASES)
        return;
    r->phase = LL_RETAIN_IDLE;
    r->vacuum = true;
    if (!s->pass[0].running && !s->pass[1].running)
        ll_sqlite_series_expire(s, r->cutoff[LL_RETAIN_RAW]);
}

static bool next_series(struct ll_sqlite_store *s, int64_t *id, bool *found, struct ll_err *err)
{
    const bool labeled = s->retain.phase == LL_RETAIN_LABELED;
    sqlite3_stmt *st =
        ll_sqlite_stmt(s, labeled ? LL_SQLITE_LABELS_NEXT : LL_SQLITE_SERIES_NEXT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, s->retain.cursor);
    return query(st, id, found, err);
}

/* One piece of the pass: a slice of one series, or the step to the next phase. */
static bool piece(struct ll_sqlite_store *s, struct ll_err *err)
{
    struct ll_sqlite_retain *r = &s->retain;
    bool done, found = true;
    int64_t id = 0;
    if (r->phase >= LL_RETAIN_BUSINESS) {
        if (!drop_rows(s, &done, err))
            return false;
        found = !done;
    } else {
        if (!next_series(s, &id, &found, err) || (found && !drop_slice(s, id, &done, err)))
            return false;
        if (found && done) {
            if (!end_series(s, id, err))
                return false;
            r->cursor = id;
        }
    }
    if (!found)
        end_phase(s);
    return true;
}

static bool retain_slice(struct ll_sqlite_store *s, struct ll_err *err)
{
    const ll_time deadline = ll_sqlite_slice_end();
    const struct ll_sqlite_retain before = s->retain;
    if (!ll_sqlite_begin(s, err))
        return false;
    bool ok = true;
    while (ok && s->retain.phase != LL_RETAIN_IDLE && !ll_sqlite_slice_over(deadline))
        ok = piece(s, err);
    if (ok && ll_sqlite_commit(s, err))
        return true;
    ll_sqlite_rollback(s);
    s->retain = before;
    return false;
}

static bool vacuum_slice(struct ll_sqlite_store *s, bool *worked, struct ll_err *err)
{
    int64_t unused, pages;
    if (!ll_sqlite_int(s->db, "PRAGMA freelist_count", &unused, err) ||
        !ll_sqlite_int(s->db, "PRAGMA page_count", &pages, err))
        return false;
    if (unused < VACUUM_PAGES || unused < pages / FREE_SHARE) { /* will be used again soon */
        s->retain.vacuum = false;
        return true;
    }
    *worked = true;
    return ll_sqlite_exec(s->db, "PRAGMA incremental_vacuum(64)", err);
}

bool ll_sqlite_retain(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err)
{
    struct ll_sqlite_retain *r = &s->retain;
    bool steady;
    if (!clock_is_steady(s, now, &steady, err))
        return false;
    if (!steady)
        return true;
    if (r->phase == LL_RETAIN_IDLE && now >= r->due)
        begin_pass(s, now);
    if (r->phase != LL_RETAIN_IDLE) {
        *worked = true;
        return retain_slice(s, err);
    }
    return !r->vacuum || vacuum_slice(s, worked, err);
}
