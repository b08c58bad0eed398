/* History: buckets of one service's resource from raw samples or rollups.
 *
 * Per series the mean of a bucket is weighted by the counts of what falls into it; then
 * the series are summed.  What is not rolled yet comes from raw samples.  A bucket in which
 * one of the instances has no capacity has none: a part of it would look like all.
 * For the same reason an instance goes on counting with its last value in a sum of several,
 * until it is stale: three of its own intervals, or a minute. */
#include <math.h>

#include "store/sqlite.h"
#include "store/sqlite_read.h"

enum { SCRATCH_BYTES = 6 * LL_HISTORY_POINTS_MAX * sizeof(double) + 4096 };

/* The columns of one series while it is read. */
struct columns {
    double *sum, *weight, *max, *cap_sum, *cap_weight;
};

struct scan {
    sqlite3 *db;
    const struct ll_history_query *q;
    struct ll_history h;
    ll_time rolled[2];
    struct columns c;
    bool several; /* instances match: their buckets must be alike */
};

static const ll_dur nice_steps[] = {
    LL_SECOND,     5 * LL_SECOND, 10 * LL_SECOND, 15 * LL_SECOND, 30 * LL_SECOND, LL_MINUTE,
    2 * LL_MINUTE, 5 * LL_MINUTE, 10 * LL_MINUTE, 15 * LL_MINUTE, 30 * LL_MINUTE, LL_HOUR,
    2 * LL_HOUR,   3 * LL_HOUR,   6 * LL_HOUR,    12 * LL_HOUR,   LL_DAY,         7 * LL_DAY,
};

static int64_t points(ll_time from, ll_time to, ll_dur step)
{
    return (to - ll_time_floor(from, step) - 1) / step + 1;
}

static bool check_query(const struct ll_history_query *q, struct ll_err *err)
{
    if (q->from < LL_TIME_MIN || q->to > LL_TIME_MAX || q->from >= q->to)
        return ll_err_set(err, LL_E_RANGE, "from is not before to");
    if (q->step <= 0 || q->step % LL_SECOND != 0)
        return ll_err_set(err, LL_E_RANGE, "step %lld ms is not a positive multiple of 1 s",
                          (long long)q->step);
    if (points(q->from, q->to, q->step) <= LL_HISTORY_POINTS_MAX)
        return true;
    size_t i = 0;
    while (i + 1 < LL_LEN(nice_steps) &&
           points(q->from, q->to, nice_steps[i]) > LL_HISTORY_POINTS_MAX)
        i++;
    char fits[LL_DUR_TEXT_MAX];
    return ll_err_set(err, LL_E_RANGE, "%lld points are more than %d: a step of %s fits",
                      (long long)points(q->from, q->to, q->step), LL_HISTORY_POINTS_MAX,
                      ll_dur_format(nice_steps[i], fits));
}

static bool reserve(struct scan *s, struct ll_arena *out, struct ll_arena *scratch,
                    struct ll_err *err)
{
    size_t n = s->h.n;
    double **columns[] = {&s->h.value, &s->h.max, &s->h.capacity};
    double **scratches[] = {&s->c.sum, &s->c.weight, &s->c.max, &s->c.cap_sum, &s->c.cap_weight};
    for (size_t k = 0; k < LL_LEN(columns); k++) {
        *columns[k] = LL_ARENA_NEW(out, double, n);
        if (!*columns[k])
            return ll_err_set(err, LL_E_MEMORY, "no memory for %zu points", n);
        for (size_t i = 0; i < n; i++)
            (*columns[k])[i] = NAN;
    }
    for (size_t k = 0; k < LL_LEN(scratches); k++) {
        *scratches[k] = LL_ARENA_NEW(scratch, double, n);
        if (!*scratches[k])
            return ll_err_set(err, LL_E_MEMORY, "no memory for %zu points", n);
    }
    return true;
}

static sqlite3_stmt *matching(const struct scan *s, const char *columns, struct ll_err *err)
{
    char sql[320];
    sqlite3_snprintf(sizeof(sql), sql,
                     "SELECT %s FROM series s WHERE s.service=?1 AND s.resource_type=?2 "
                     "AND s.part=?3 AND (?4 OR s.instance=?5) ORDER BY s.id",
                     columns);
    sqlite3_stmt *st = ll_sqlite_prepare(s->db, sql, err);
    if (!st)
        return NULL;
    ll_sqlite_bind_slice(st, 1, s->q->service);
    ll_sqlite_bind_slice(st, 2, ll_slice_of(ll_resource_name(s->q->type)));
    ll_sqlite_bind_slice(st, 3, s->q->part);
    sqlite3_bind_int(st, 4, s->q->any_instance);
    ll_sqlite_bind_slice(st, 5, s->q->instance);
    return st;
}

/* The earliest time the matching series have in a table; INT64_MAX = none. */
static bool earliest(const struct scan *s, const char *table, ll_time *out, struct ll_err *err)
{
    char column[96];
    sqlite3_snprintf(sizeof(column), column, "(SELECT min(t) FROM %s WHERE series_id=s.id)", table);
    LL_AUTO(sqlite3_stmt) st = matching(s, column, err);
    if (!st)
        return false;
    bool row;
    ll_time first = INT64_MAX;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row) {
            *out = first;
            return true;
        }
        if (sqlite3_column_type(st, 0) != SQLITE_NULL)
            first = LL_MIN(first, sqlite3_column_int64(st, 0));
    }
    return false;
}

/* By step; coarser where the finer source has already forgotten the beginning. */
static bool choose(struct scan *s, struct ll_err *err)
{
    static const char *const tables[] = {"samples", "rollup_5m", "rollup_1h"};
    enum ll_history_source source = s->q->step < ll_sqlite_steps[0]   ? LL_HISTORY_RAW
                                    : s->q->step < ll_sqlite_steps[1] ? LL_HISTORY_5M
                                                                      : LL_HISTORY_1H;
    for (; source < LL_HISTORY_1H; source++) {
        ll_time here, coarser;
        if (!earliest(s, tables[source], &here, err) ||
            !earliest(s, tables[source + 1], &coarser, err))
            return false;
        const ll_dur step = ll_sqlite_steps[source];
        bool forgot = coarser != INT64_MAX && here > s->h.t0 && coarser + step <= here &&
                      here - step >= s->h.t0;
        if (!forgot)
            break;
    }
    s->h.source = source;
    return true;
}

static void add(struct scan *s, ll_time t, ll_dur span, double mean, double max, double weight,
                double capacity)
{
    const struct ll_history *h = &s->h;
    if (t + span <= h->t0)
        return;
    size_t first = t <= h->t0 ? 0 : (size_t)((t - h->t0) / h->step);
    /* A rollup longer than a step stands for all the steps within it. */
    size_t last = span <= h->step ? first : (size_t)((t + span - 1 - h->t0) / h->step);
    for (size_t i = first; i <= last && i < h->n; i++) {
        s->c.sum[i] += mean * weight;
        s->c.max[i] = s->c.weight[i] > 0 ? fmax(s->c.max[i], max) : max;
        s->c.weight[i] += weight;
        if (!isnan(capacity)) {
            s->c.cap_sum[i] += capacity * weight;
            s->c.cap_weight[i] += weight;
        }
    }
}

/* Rows (t, mean, max, weight, capacity) of one series with t in [from, to). */
static bool add_rows(struct scan *s, const char *sql, int64_t id, ll_dur span, ll_time from,
                     ll_time to, struct ll_err *err)
{
    if (from >= to)
        return true;
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(s->db, sql, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, from);
    sqlite3_bind_int64(st, 3, to);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        add(s, sqlite3_column_int64(st, 0), span, ll_sqlite_real(st, 1), ll_sqlite_real(st, 2),
            sqlite3_column_double(st, 3), ll_sqlite_real(st, 4));
    }
    return false;
}

/* What only another source has fills the buckets of the chosen one: a rollup counts where raw
 * samples that are read have nothing in its time, an hour where its five minutes have nothing. */
#define RAW_SQL                                                                                    \
    "SELECT t,value,coalesce(max_value,value),1,capacity FROM samples "                            \
    "WHERE series_id=?1 AND t>=?2 AND t<?3"
#define ROLLUP_SQL(table)                                                                          \
    "SELECT t,mean,max,count,capacity FROM " table " r WHERE series_id=?1 AND t>=?2 AND t<?3"
#define NO_RAW(span)                                                                               \
    " AND NOT EXISTS(SELECT 1 FROM samples x WHERE x.series_id=?1 AND x.t>=r.t AND x.t<r.t+" span  \
    ")"
#define NO_5M                                                                                      \
    " AND NOT EXISTS(SELECT 1 FROM rollup_5m f WHERE f.series_id=?1 AND f.t>=r.t "                 \
    "AND f.t<r.t+3600000)"

/* Long rollups may begin before the first bucket and reach into it. */
static ll_time from_of(const struct scan *s, ll_dur span)
{
    return span > s->h.step ? ll_time_floor(s->h.t0, span) : s->h.t0;
}

static bool read_raw(struct scan *s, int64_t id, struct ll_err *err)
{
    const ll_dur m5 = ll_sqlite_steps[0], h1 = ll_sqlite_steps[1];
    return add_rows(s, RAW_SQL, id, 1, s->h.t0, s->q->to, err) &&
           add_rows(s, ROLLUP_SQL("rollup_5m") NO_RAW("300000"), id, m5, from_of(s, m5), s->q->to,
                    err) &&
           add_rows(s, ROLLUP_SQL("rollup_1h") NO_RAW("3600000") NO_5M, id, h1, from_of(s, h1),
                    s->q->to, err);
}

static bool read_5m(struct scan *s, int64_t id, struct ll_err *err)
{
    const ll_dur m5 = ll_sqlite_steps[0], h1 = ll_sqlite_steps[1];
    const ll_time to = s->q->to, from = from_of(s, m5), rolled = s->rolled[0];
    return add_rows(s, ROLLUP_SQL("rollup_5m"), id, m5, from, LL_MIN(to, rolled), err) &&
           add_rows(s, ROLLUP_SQL("rollup_5m") NO_RAW("300000"), id, m5, LL_MAX(from, rolled), to,
                    err) &&
           add_rows(s, RAW_SQL, id, 1, LL_MAX(s->h.t0, rolled), to, err) &&
           add_rows(s, ROLLUP_SQL("rollup_1h") NO_RAW("3600000") NO_5M, id, h1, from_of(s, h1), to,
                    err);
}

/* Five minutes where the hours have nothing: few rows are read when nothing is missing. */
static bool fill_gaps(struct scan *s, int64_t id, struct ll_err *err)
{
    const ll_dur step = s->h.step;
    for (size_t i = 0, end; i < s->h.n; i = end + 1) {
        for (end = i; end < s->h.n && !(s->c.weight[end] > 0);)
            end++;
        const ll_time from = s->h.t0 + (ll_dur)i * step, to = s->h.t0 + (ll_dur)end * step;
        if (!add_rows(s, ROLLUP_SQL("rollup_5m"), id, ll_sqlite_steps[0], from,
                      LL_MIN(to, s->q->to), err))
            return false;
    }
    return true;
}

static bool read_1h(struct scan *s, int64_t id, struct ll_err *err)
{
    const ll_dur h1 = ll_sqlite_steps[1];
    const ll_time to = s->q->to, from = from_of(s, h1), rolled = s->rolled[1];
    return add_rows(s, ROLLUP_SQL("rollup_1h"), id, h1, from, LL_MIN(to, rolled), err) &&
           add_rows(s, ROLLUP_SQL("rollup_1h") NO_RAW("3600000"), id, h1, LL_MAX(from, rolled), to,
                    err) &&
           add_rows(s, RAW_SQL, id, 1, LL_MAX(s->h.t0, rolled), to, err) && fill_gaps(s, id, err);
}

static bool read_series(struct scan *s, int64_t id, struct ll_err *err)
{
    switch (s->h.source) {
    case LL_HISTORY_RAW:
        return read_raw(s, id, err);
    case LL_HISTORY_5M:
        return read_5m(s, id, err);
    case LL_HISTORY_1H:
    default:
        return read_1h(s, id, err);
    }
}

/* How many buckets a value holds.  The series' own interval is the least gap it has. */
static size_t hold_of(const struct scan *s)
{
    size_t n = s->h.n, known = n, least = n, minute = (size_t)((LL_MINUTE - 1) / s->h.step);
    for (size_t i = 0; i < n; i++)
        if (s->c.weight[i] > 0) {
            least = known < n ? LL_MIN(least, i - known) : least;
            known = i;
        }
    return least > 1 && least < n ? LL_MAX(3 * least - 1, minute) : minute;
}

static void hold_last(struct scan *s)
{
    struct columns *c = &s->c;
    size_t hold = hold_of(s), known = s->h.n;
    for (size_t i = 0; i < s->h.n; i++) {
        if (c->weight[i] > 0) {
            known = i;
        } else if (known < i && i - known <= hold) {
            c->sum[i] = c->max[i] = c->sum[known] / c->weight[known];
            c->weight[i] = 1;
            c->cap_weight[i] = c->cap_weight[known] > 0;
            c->cap_sum[i] = c->cap_weight[i] > 0 ? c->cap_sum[known] / c->cap_weight[known] : 0;
        }
    }
}

static void sum_into(double *total, double v)
{
    *total = isnan(*total) ? v : *total + v;
}

/* Adds the series just read to the totals and clears the columns for the next. */
static void finish_series(struct scan *s, double *missing_capacity)
{
    for (size_t i = 0; i < s->h.n; i++) {
        if (s->c.weight[i] > 0) {
            sum_into(&s->h.value[i], s->c.sum[i] / s->c.weight[i]);
            sum_into(&s->h.max[i], s->c.max[i]);
            if (s->c.cap_weight[i] > 0)
                sum_into(&s->h.capacity[i], s->c.cap_sum[i] / s->c.cap_weight[i]);
            else
                missing_capacity[i] = 1;
        }
        s->c.sum[i] = s->c.weight[i] = s->c.max[i] = s->c.cap_sum[i] = s->c.cap_weight[i] = 0;
    }
}

static bool read_all(struct scan *s, double *missing_capacity, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = matching(s, "s.id,s.unit", err);
    if (!st)
        return false;
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        enum ll_unit unit;
        if (!ll_unit_parse(ll_sqlite_slice(st, 1), &unit))
            return ll_err_set(err, LL_E_DAMAGED, "series %lld has an unknown unit",
                              (long long)sqlite3_column_int64(st, 0));
        if (s->h.found && unit != s->h.unit)
            continue; /* different things cannot be summed */
        s->h.found = true;
        s->h.unit = unit;
        if (!read_series(s, sqlite3_column_int64(st, 0), err))
            return false;
        if (s->several)
            hold_last(s);
        finish_series(s, missing_capacity);
    }
    return false;
}

static bool count_matching(struct scan *s, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt) st = matching(s, "count(*)", err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    s->several = row && sqlite3_column_int64(st, 0) > 1;
    return true;
}

static bool load_rolled(struct scan *s, struct ll_err *err)
{
    return ll_sqlite_int(s->db, "SELECT rolled_5m FROM state", &s->rolled[0], err) &&
           ll_sqlite_int(s->db, "SELECT rolled_1h FROM state", &s->rolled[1], err);
}

static bool run(struct scan *s, struct ll_arena *out, struct ll_err *err)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(SCRATCH_BYTES);
    double *missing = scratch ? LL_ARENA_NEW(scratch, double, s->h.n) : NULL;
    if (!missing)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu points", s->h.n);
    if (!reserve(s, out, scratch, err) || !load_rolled(s, err) || !choose(s, err) ||
        !count_matching(s, err) || !read_all(s, missing, err))
        return false;
    for (size_t i = 0; i < s->h.n; i++)
        if (missing[i] > 0)
            s->h.capacity[i] = NAN;
    return true;
}

bool ll_sqlite_history(struct ll_store_reader *base, const struct ll_history_query *q,
                       struct ll_arena *out, struct ll_history *res, struct ll_err *err)
{
    sqlite3 *db = ((struct ll_sqlite_reader *)base)->db;
    if (!check_query(q, err))
        return false;
    struct scan s = {.db = db, .q = q};
    s.h.t0 = ll_time_floor(q->from, q->step);
    s.h.step = q->step;
    s.h.n = (size_t)points(q->from, q->to, q->step);
    /* One snapshot for all statements, so that no bucket is counted twice or missed. */
    if (!ll_sqlite_exec(db, "BEGIN", err))
        return false;
    bool ok = run(&s, out, err);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    if (ok)
        *res = s.h;
    return ok;
}
