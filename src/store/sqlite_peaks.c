/* The ledger of daily peaks: the highest value of each UTC day, exact also when a sample is
 * corrected.  The row of the day a series is at is cached, so that the common case (not a
 * peak) costs one comparison. */
#include <math.h>

#include "store/sqlite.h"

struct peak {
    double value, capacity;
    ll_time at;
    ll_dur window;
};

static bool load(struct ll_sqlite_store *s, struct ll_sqlite_series *series, int64_t day,
                 struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_PEAK_GET, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    sqlite3_bind_int64(st, 2, day);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    if (ok) {
        series->peak_of = s->generation;
        series->peak_day = day;
        series->peak_value = row ? sqlite3_column_double(st, 0) : NAN;
        series->peak_at = row ? sqlite3_column_int64(st, 1) : LL_TIME_NONE;
    }
    sqlite3_reset(st);
    return ok;
}

static bool put(struct ll_sqlite_store *s, struct ll_sqlite_series *series, const struct peak *p,
                struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_PEAK_PUT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    sqlite3_bind_int64(st, 2, series->peak_day);
    sqlite3_bind_double(st, 3, p->value);
    sqlite3_bind_double(st, 4, p->capacity);
    sqlite3_bind_int64(st, 5, p->at);
    sqlite3_bind_int64(st, 6, p->window);
    series->peak_value = p->value;
    series->peak_at = p->at;
    return ll_sqlite_run(st, err);
}

/* The sample that was the peak has become smaller: look for the day's peak again. */
static bool seek(struct ll_sqlite_store *s, const struct ll_sqlite_series *series, struct peak *out,
                 struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_PEAK_SEEK, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    sqlite3_bind_int64(st, 2, series->peak_day * LL_DAY);
    sqlite3_bind_int64(st, 3, (series->peak_day + 1) * LL_DAY);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    if (ok && row)
        *out = (struct peak){sqlite3_column_double(st, 0), ll_sqlite_real(st, 1),
                             sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)};
    sqlite3_reset(st);
    return ok;
}

bool ll_sqlite_peak_rolled(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                           const struct ll_rollup *r, ll_dur step, struct ll_err *err)
{
    const int64_t day = ll_time_day(r->t);
    if ((series->peak_of != s->generation || series->peak_day != day) && !load(s, series, day, err))
        return false;
    if (!isnan(series->peak_value) && r->max <= series->peak_value)
        return true;
    return put(s, series, &(struct peak){r->max, r->capacity, r->t, step}, err);
}

bool ll_sqlite_peak(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                    const struct ll_sample *x, struct ll_err *err)
{
    const int64_t day = ll_time_day(x->t);
    if ((series->peak_of != s->generation || series->peak_day != day) && !load(s, series, day, err))
        return false;
    struct peak p = {isnan(x->max_value) ? x->value : x->max_value, x->capacity, x->t, x->window};
    bool corrected = x->t == series->peak_at && p.value < series->peak_value;
    if (corrected)
        return seek(s, series, &p, err) && put(s, series, &p, err);
    bool peak =
        isnan(series->peak_value) || p.value > series->peak_value || x->t == series->peak_at;
    return !peak || put(s, series, &p, err);
}
