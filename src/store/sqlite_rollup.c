/* Rollups from raw samples.  A pass goes over all live series and rolls what became closed
 * since the last one; late samples mark their buckets dirty, and those are rolled again.
 * p95 is the nearest rank: the smallest value with at least 95 % of them at or below it. */
#include <math.h>
#include <stdlib.h>

#include "store/sqlite.h"

const ll_dur ll_sqlite_steps[2] = {5 * LL_MINUTE, LL_HOUR};
static const enum ll_sqlite_stmt_id put_id[] = {LL_SQLITE_ROLL_5M_PUT, LL_SQLITE_ROLL_1H_PUT};
static const enum ll_sqlite_stmt_id has_id[] = {LL_SQLITE_ROLL_5M_HAS, LL_SQLITE_ROLL_1H_HAS};

enum { PASS_MAX = 24 * 3600 * 1000, VALUES_KEPT = 8192 };

/* One bucket being filled; its values are in store.values. */
struct bucket {
    ll_time t;
    double sum, max, capacity;
    size_t with_capacity;
};

ll_time ll_sqlite_rolled(const struct ll_sqlite_store *s, size_t level)
{
    return s->pass[level].running ? s->pass[level].end : s->state.rolled[level];
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool put_bucket(struct ll_sqlite_store *s, int64_t id, size_t level, const struct bucket *b,
                       struct ll_err *err)
{
    size_t n = s->values.n;
    if (n == 0)
        return true;
    sqlite3_stmt *st = ll_sqlite_stmt(s, put_id[level], err);
    if (!st)
        return false;
    qsort(s->values.v, n, sizeof(double), by_value);
    size_t rank = (n * 95 + 99) / 100;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, b->t);
    sqlite3_bind_double(st, 3, b->sum / (double)n);
    sqlite3_bind_double(st, 4, b->max);
    sqlite3_bind_double(st, 5, s->values.v[rank - 1]);
    sqlite3_bind_int64(st, 6, (int64_t)n);
    sqlite3_bind_double(st, 7, b->with_capacity ? b->capacity / (double)b->with_capacity : NAN);
    return ll_sqlite_run(st, err);
}

static void bucket_start(struct ll_sqlite_store *s, struct bucket *b, ll_time t)
{
    s->values.n = 0;
    *b = (struct bucket){.t = t, .max = -INFINITY};
}

static bool bucket_add(struct ll_sqlite_store *s, struct bucket *b, sqlite3_stmt *st,
                       struct ll_err *err)
{
    double value = sqlite3_column_double(st, 1), capacity = ll_sqlite_real(st, 2);
    double max = ll_sqlite_real(st, 3);
    if (!ll_sqlite_values_push(&s->values, value))
        return ll_err_set(err, LL_E_MEMORY, "no memory for a bucket of %zu values", s->values.n);
    b->sum += value;
    b->max = fmax(b->max, isnan(max) ? value : max);
    if (!isnan(capacity)) {
        b->capacity += capacity;
        b->with_capacity++;
    }
    return true;
}

/* Rolls the samples of one series in [from, to); *next = the first one after, if there is
 * one, *last = the newest one rolled. */
static bool roll_range(struct ll_sqlite_store *s, int64_t id, size_t level, ll_time from,
                       ll_time to, ll_time *last, ll_time *next, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_SCAN, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, from);
    struct bucket b;
    bucket_start(s, &b, from);
    bool row, ok;
    while ((ok = ll_sqlite_step(st, &row, err)) && row) {
        ll_time t = sqlite3_column_int64(st, 0);
        if (t >= to) {
            *next = t;
            break;
        }
        ll_time start = ll_time_floor(t, ll_sqlite_steps[level]);
        if (start != b.t) {
            if (!(ok = put_bucket(s, id, level, &b, err)))
                break;
            bucket_start(s, &b, start);
        }
        if (!(ok = bucket_add(s, &b, st, err)))
            break;
        *last = t;
    }
    sqlite3_reset(st);
    return ok && put_bucket(s, id, level, &b, err);
}

/* Buckets that begin before it are closed and have, or may have, data. */
static ll_time closed_until(const struct ll_sqlite_store *s, size_t level, ll_time now)
{
    const ll_dur step = ll_sqlite_steps[level];
    ll_time by_clock = ll_time_floor(now - LL_SQLITE_LATE_MS, step);
    ll_time by_data = ll_time_floor(s->state.newest, step) + step;
    return LL_MIN(by_clock, by_data); /* a clock that runs ahead must not run us ahead */
}

static bool pass_begin(struct ll_sqlite_store *s, size_t level, ll_time now)
{
    struct ll_sqlite_pass *p = &s->pass[level];
    ll_time *rolled = &s->state.rolled[level];
    if (s->state.newest == LL_TIME_NONE)
        return false;
    if (*rolled == LL_TIME_NONE)
        *rolled = ll_time_floor(s->state.oldest, ll_sqlite_steps[level]);
    ll_time end = LL_MIN(closed_until(s, level, now), *rolled + PASS_MAX);
    if (end <= *rolled)
        return false;
    *p = (struct ll_sqlite_pass){.running = true, .end = end, .next = INT64_MAX};
    return true;
}

static void pass_end(struct ll_sqlite_store *s, size_t level, ll_time now)
{
    struct ll_sqlite_pass *p = &s->pass[level];
    ll_time quiet =
        p->next == INT64_MAX ? INT64_MAX : ll_time_floor(p->next, ll_sqlite_steps[level]);
    /* Where nothing is, nothing needs a pass. */
    ll_time reach = LL_MIN(quiet, closed_until(s, level, now));
    s->state.rolled[level] = LL_MAX(p->end, reach);
    p->running = false;
}

static bool mark_seen(struct ll_sqlite_store *s, struct ll_sqlite_series *x, ll_time last,
                      struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SERIES_SEEN, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, x->id);
    sqlite3_bind_int64(st, 2, last);
    return ll_sqlite_run(st, err);
}

static bool pass_slice(struct ll_sqlite_store *s, size_t level, ll_time now, struct ll_err *err)
{
    struct ll_sqlite_pass *p = &s->pass[level];
    const ll_time deadline = ll_sqlite_slice_end();
    while (p->cursor < s->series.n && !ll_sqlite_slice_over(deadline)) {
        struct ll_sqlite_series *x = s->series.v[p->cursor];
        ll_time last = LL_TIME_NONE, next = INT64_MAX;
        if (!roll_range(s, x->id, level, s->state.rolled[level], p->end, &last, &next, err))
            return false;
        if (last != LL_TIME_NONE && !mark_seen(s, x, last, err))
            return false;
        p->next = LL_MIN(p->next, next);
        p->cursor++;
    }
    if (p->cursor >= s->series.n)
        pass_end(s, level, now);
    return true;
}

static void trim(struct ll_sqlite_store *s)
{
    s->values.n = 0;
    if (s->values.size > VALUES_KEPT)
        ll_sqlite_values_fini(&s->values);
}

bool ll_sqlite_roll(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err)
{
    for (size_t level = 0; level < LL_LEN(s->pass); level++) {
        struct ll_sqlite_state before = s->state;
        if (!s->pass[level].running && !pass_begin(s, level, now))
            continue;
        *worked = true;
        if (!ll_sqlite_begin(s, err)) {
            s->state = before;
            s->pass[level].running = false;
            return false;
        }
        if (pass_slice(s, level, now, err) && ll_sqlite_commit(s, err)) {
            trim(s);
            return true;
        }
        ll_sqlite_rollback(s);
        s->pass[level].running = false; /* from its start again; rolling twice is the same */
        return false;
    }
    return true;
}

static bool is_rolled(struct ll_sqlite_store *s, size_t level, int64_t id, ll_time t, bool *out,
                      struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, has_id[level], err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, t);
    bool ok = ll_sqlite_step(st, out, err);
    sqlite3_reset(st);
    return ok;
}

/* A bucket whose raw samples may be partly gone is not rolled over a complete rollup. */
static bool roll_again(struct ll_sqlite_store *s, size_t level, int64_t id, ll_time t, ll_time now,
                       struct ll_err *err)
{
    bool keep = false;
    if (t < now - s->retain_raw && !is_rolled(s, level, id, t, &keep, err))
        return false;
    ll_time last, next;
    if (!keep && !roll_range(s, id, level, t, t + ll_sqlite_steps[level], &last, &next, err))
        return false;
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_DIRTY_DROP, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, ll_sqlite_steps[level]);
    sqlite3_bind_int64(st, 2, t);
    sqlite3_bind_int64(st, 3, id);
    return ll_sqlite_run(st, err);
}

static bool next_dirty(struct ll_sqlite_store *s, size_t level, ll_time now, int64_t *id,
                       ll_time *t, bool *found, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_DIRTY_NEXT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, ll_sqlite_steps[level]);
    sqlite3_bind_int64(st, 2, now - LL_SQLITE_LATE_MS - ll_sqlite_steps[level]);
    bool ok = ll_sqlite_step(st, found, err);
    if (ok && *found) {
        *t = sqlite3_column_int64(st, 0);
        *id = sqlite3_column_int64(st, 1);
    }
    sqlite3_reset(st);
    return ok;
}

static bool dirty_slice(struct ll_sqlite_store *s, size_t level, ll_time now, struct ll_err *err)
{
    const ll_time deadline = ll_sqlite_slice_end();
    bool found = true;
    int64_t id;
    ll_time t;
    while (!ll_sqlite_slice_over(deadline)) {
        if (!next_dirty(s, level, now, &id, &t, &found, err))
            return false;
        if (!found)
            return true;
        if (!roll_again(s, level, id, t, now, err))
            return false;
    }
    return true;
}

bool ll_sqlite_roll_dirty(struct ll_sqlite_store *s, ll_time now, bool *worked, struct ll_err *err)
{
    for (size_t level = 0; level < LL_LEN(s->pass); level++) {
        int64_t id;
        ll_time t;
        bool found;
        if (!next_dirty(s, level, now, &id, &t, &found, err))
            return false;
        if (!found)
            continue;
        *worked = true;
        if (!ll_sqlite_begin(s, err))
            return false;
        if (dirty_slice(s, level, now, err) && ll_sqlite_commit(s, err)) {
            trim(s);
            return true;
        }
        ll_sqlite_rollback(s);
        return false;
    }
    return true;
}
