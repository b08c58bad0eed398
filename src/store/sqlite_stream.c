/* Readings that may be long: samples, labelled points, business counts, the inbox.  Each keeps
 * one row or one chunk in memory; those with a position can be left and taken up again. */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"
#include "store/sqlite_read.h"

static sqlite3 *db_of(struct ll_store_reader *base)
{
    return ((struct ll_sqlite_reader *)base)->db;
}

static ll_time start_of(const struct ll_store_pos *pos, int64_t series, ll_time from)
{
    return pos && pos->series == series ? LL_MAX(from, pos->t) : from;
}

static void note(struct ll_store_pos *pos, int64_t series, ll_time t)
{
    if (pos)
        *pos = (struct ll_store_pos){series, t};
}

/* One labelled series being read. */
struct labeled {
    sqlite3_stmt *points;
    const struct ll_labeled_query *q;
    ll_store_labeled_fn *fn;
    void *ctx;
    struct ll_str json, labels;
    struct ll_labeled_point chunk[LL_LABELED_CHUNK];
    size_t n;
    bool stopped;
};

static void give(struct labeled *x, int64_t id)
{
    if (x->n == 0)
        return;
    x->stopped = !x->fn(x->ctx, (struct ll_slice){x->labels.s, x->labels.n}, x->chunk, x->n);
    note(x->q->pos, id, x->chunk[x->n - 1].t + 1);
    x->n = 0;
}

static bool read_points(struct labeled *x, int64_t id, struct ll_err *err)
{
    sqlite3_bind_int64(x->points, 1, id);
    sqlite3_bind_int64(x->points, 2, start_of(x->q->pos, id, x->q->from));
    sqlite3_bind_int64(x->points, 3, x->q->to);
    bool row = true, ok = true;
    while (ok && !x->stopped) {
        ok = ll_sqlite_step(x->points, &row, err);
        if (!ok || !row)
            break;
        x->chunk[x->n++] = (struct ll_labeled_point){sqlite3_column_int64(x->points, 0),
                                                     ll_sqlite_bits(x->points, 1)};
        if (x->n == LL_LEN(x->chunk))
            give(x, id);
    }
    if (ok && !x->stopped)
        give(x, id);
    sqlite3_reset(x->points);
    return ok;
}

static bool read_labels(struct labeled *x, sqlite3_stmt *series, struct ll_err *err)
{
    struct ll_slice text = ll_sqlite_slice(series, 1);
    ll_str_clear(&x->json);
    ll_str_clear(&x->labels);
    ll_str_add(&x->json, text.s, text.n);
    return x->json.s && !x->json.failed
               ? ll_sqlite_labels_decode(x->json.s, x->json.n, &x->labels, err)
               : ll_err_set(err, LL_E_DAMAGED, "a labelled series has no labels");
}

static bool read_labeled(struct labeled *x, sqlite3_stmt *series, struct ll_err *err)
{
    bool row;
    while (!x->stopped) {
        if (!ll_sqlite_step(series, &row, err))
            return false;
        if (!row)
            return true;
        const int64_t id = sqlite3_column_int64(series, 0);
        if (!read_labels(x, series, err))
            return false;
        struct ll_slice labels = {x->labels.s, x->labels.n};
        if ((!x->q->match || x->q->match(x->q->match_ctx, labels)) && !read_points(x, id, err))
            return false;
    }
    return true;
}

bool ll_sqlite_each_labeled(struct ll_store_reader *base, const struct ll_labeled_query *q,
                            ll_store_labeled_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    series = ll_sqlite_prepare(db_of(base),
                               "SELECT id,labels FROM label_series WHERE id>=?1 ORDER BY id", err);
    LL_AUTO(sqlite3_stmt) points = NULL;
    if (series)
        points = ll_sqlite_prepare(db_of(base),
                                   "SELECT t,value FROM label_samples WHERE series_id=?1 AND t>=?2 "
                                   "AND t<?3 ORDER BY t",
                                   err);
    struct labeled *x = points ? calloc(1, sizeof(*x)) : NULL;
    if (!x)
        return points ? ll_err_set(err, LL_E_MEMORY, "no memory to read series") : false;
    x->points = points;
    x->q = q;
    x->fn = fn;
    x->ctx = ctx;
    ll_str_init(&x->json, LL_SQLITE_LABELS_JSON_MAX);
    ll_str_init(&x->labels, 2 * LL_LABELS_BYTES_MAX);
    sqlite3_bind_int64(series, 1, q->pos ? q->pos->series : 0);
    bool ok = read_labeled(x, series, err);
    ll_str_fini(&x->json);
    ll_str_fini(&x->labels);
    free(x);
    return ok;
}

/* The samples of the series that `series` stands at; *more = false when fn has had enough. */
static bool read_samples(sqlite3_stmt *points, sqlite3_stmt *series,
                         const struct ll_samples_query *q, ll_store_samples_fn *fn, void *ctx,
                         bool *more, struct ll_err *err)
{
    struct ll_series_row of;
    if (!ll_sqlite_series_row(series, &of, err))
        return false;
    const int64_t id = sqlite3_column_int64(series, 0);
    sqlite3_bind_int64(points, 1, id);
    sqlite3_bind_int64(points, 2, start_of(q->pos, id, q->from));
    sqlite3_bind_int64(points, 3, q->to);
    bool row = true, ok = true;
    while (*more && (ok = ll_sqlite_step(points, &row, err)) && row) {
        const struct ll_sample x = {
            .key = of.key,
            .unit = of.unit,
            .primary = of.primary,
            .t = sqlite3_column_int64(points, 0),
            .value = ll_sqlite_real(points, 1),
            .capacity = ll_sqlite_real(points, 2),
            .max_value = ll_sqlite_real(points, 3),
            .window = sqlite3_column_int64(points, 4),
        };
        *more = fn(ctx, &x);
        note(q->pos, id, x.t + 1);
    }
    sqlite3_reset(points);
    return ok;
}

bool ll_sqlite_each_sample(struct ll_store_reader *base, const struct ll_samples_query *q,
                           ll_store_samples_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    series = ll_sqlite_prepare(
        db_of(base),
        "SELECT id,service,resource_type,instance,part,unit,is_primary FROM series WHERE id>=?1 "
        "AND (?2='' OR service=?2) AND (?3='' OR resource_type=?3) ORDER BY id",
        err);
    LL_AUTO(sqlite3_stmt) points = NULL;
    if (series)
        points = ll_sqlite_prepare(db_of(base),
                                   "SELECT t,value,capacity,max_value,window_ms FROM samples "
                                   "WHERE series_id=?1 AND t>=?2 AND t<?3 ORDER BY t",
                                   err);
    if (!points)
        return false;
    const char *type = q->type < 0 ? "" : ll_resource_name((enum ll_resource_type)q->type);
    sqlite3_bind_int64(series, 1, q->pos ? q->pos->series : 0);
    ll_sqlite_bind_slice(series, 2, q->service);
    ll_sqlite_bind_slice(series, 3, ll_slice_of(type));
    bool row, more = true;
    while (more) {
        if (!ll_sqlite_step(series, &row, err))
            return false;
        if (!row)
            return true;
        if (!read_samples(points, series, q, fn, ctx, &more, err))
            return false;
    }
    return true;
}

bool ll_sqlite_each_business(struct ll_store_reader *base, const struct ll_business_query *q,
                             ll_store_business_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        db_of(base),
        "SELECT metric,service,venue,t,value FROM business_metrics WHERE t>=?1 AND t<?2 "
        "AND (?3='' OR metric=?3) AND (?4='' OR service=?4) AND (?5='' OR venue=?5) "
        "ORDER BY t,metric,service,venue LIMIT ?6",
        err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, q->from);
    sqlite3_bind_int64(st, 2, q->to);
    ll_sqlite_bind_slice(st, 3, q->metric);
    ll_sqlite_bind_slice(st, 4, q->service);
    ll_sqlite_bind_slice(st, 5, q->venue);
    sqlite3_bind_int64(st, 6, (int64_t)LL_MIN(q->limit, (size_t)INT32_MAX));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        const struct ll_business b = {ll_sqlite_slice(st, 0), ll_sqlite_slice(st, 1),
                                      ll_sqlite_slice(st, 2), sqlite3_column_int64(st, 3),
                                      ll_sqlite_real(st, 4)};
        if (!row || !fn(ctx, &b))
            return true;
    }
    return false;
}

bool ll_sqlite_each_inbox(struct ll_store_reader *base, ll_time from, ll_store_inbox_fn *fn,
                          void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db_of(base),
                           "SELECT received,body FROM inbox WHERE received>=?1 ORDER BY id", err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, from);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        const char *bytes = sqlite3_column_blob(st, 1);
        const struct ll_slice body = {bytes, (size_t)sqlite3_column_bytes(st, 1)};
        if (!fn(ctx, sqlite3_column_int64(st, 0), body))
            return true;
    }
    return false;
}

bool ll_sqlite_cursor_get(struct ll_store_reader *base, struct ll_slice name, struct ll_arena *out,
                          struct ll_slice *value, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db_of(base), "SELECT value FROM cursors WHERE name=?1", err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, name);
    bool row;
    if (!ll_sqlite_step(st, &row, err))
        return false;
    struct ll_slice text = row ? ll_sqlite_slice(st, 0) : LL_SLICE("");
    const char *copy = ll_arena_copy(out, text.s, text.n);
    if (!copy)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a cursor");
    *value = (struct ll_slice){copy, text.n};
    return true;
}
