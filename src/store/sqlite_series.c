/* The dictionary of live series in memory.  A series that had no sample for as long as raw
 * samples are kept is forgotten here (not in the database), so that containers that come
 * and go do not use up the limit of series for ever. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"
#include "store/sqlite_read.h"

static struct ll_slice key_of(const struct ll_sqlite_series *x)
{
    return (struct ll_slice){x->key, x->key_n};
}

static bool out_of_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for the dictionary of series");
}

static struct ll_sqlite_series *keep(struct ll_sqlite_store *s, const struct ll_series_key *key,
                                     struct ll_err *err)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n;
    if (!ll_series_key_bytes(key, bytes, &n)) {
        ll_err_set(err, LL_E_INVALID, "a name is longer than %d bytes", LL_NAME_MAX);
        return NULL;
    }
    struct ll_sqlite_series *x = calloc(1, sizeof(*x) + n);
    if (!x || !ll_sqlite_series_vec_push(&s->series, x)) {
        free(x);
        out_of_memory(err);
        return NULL;
    }
    memcpy(x->key, bytes, n);
    x->key_n = n;
    x->seen = LL_TIME_NONE;
    if (!ll_map_put(s->map, key_of(x), s->series.n - 1)) {
        s->series.n--;
        free(x);
        out_of_memory(err);
        return NULL;
    }
    return x;
}

void ll_sqlite_series_truncate(struct ll_sqlite_store *s, size_t n)
{
    while (s->series.n > n) {
        struct ll_sqlite_series *x = s->series.v[--s->series.n];
        ll_map_remove(s->map, key_of(x));
        free(x);
    }
}

void ll_sqlite_series_expire(struct ll_sqlite_store *s, ll_time before)
{
    for (size_t i = s->series.n; i-- > 0;) {
        struct ll_sqlite_series *x = s->series.v[i], *last = s->series.v[s->series.n - 1];
        if (x->seen >= before)
            continue;
        ll_map_remove(s->map, key_of(x));
        s->series.v[i] = last;
        s->series.n--;
        bool put = last == x || ll_map_put(s->map, key_of(last), i);
        LL_ASSERT(put); /* replaces an entry that is there: needs no memory */
        free(x);
    }
}

bool ll_sqlite_series_row(sqlite3_stmt *st, struct ll_series_row *out, struct ll_err *err)
{
    struct ll_slice type = ll_sqlite_slice(st, 2), unit = ll_sqlite_slice(st, 5);
    struct ll_series_row row = {
        .key = {.service = ll_sqlite_slice(st, 1),
                .instance = ll_sqlite_slice(st, 3),
                .part = ll_sqlite_slice(st, 4)},
        .primary = sqlite3_column_int(st, 6) != 0,
    };
    if (!ll_resource_parse(type, &row.key.type) || !ll_unit_parse(unit, &row.unit))
        return ll_err_set(err, LL_E_DAMAGED, "series %lld has the resource '%.*s' in '%.*s'",
                          (long long)sqlite3_column_int64(st, 0), (int)LL_MIN(type.n, 40), type.s,
                          (int)LL_MIN(unit.n, 40), unit.s);
    *out = row;
    return true;
}

bool ll_sqlite_series_load(struct ll_sqlite_store *s, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        s->db,
        "SELECT id,service,resource_type,instance,part,unit,is_primary,last_seen FROM series "
        "WHERE last_seen>=(SELECT max(last_seen) FROM series)-?1 ORDER BY id",
        err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, s->retain_raw);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        struct ll_series_row known = {0};
        if (!row)
            return true;
        if (!ll_sqlite_series_row(st, &known, err))
            return false;
        struct ll_sqlite_series *x = keep(s, &known.key, err);
        if (!x)
            return false;
        x->id = sqlite3_column_int64(st, 0);
        x->unit = known.unit;
        x->primary = known.primary;
        x->seen = sqlite3_column_int64(st, 7);
    }
    return false;
}

static void bind_key(sqlite3_stmt *st, const struct ll_series_key *k)
{
    ll_sqlite_bind_slice(st, 1, k->service);
    ll_sqlite_bind_slice(st, 2, ll_slice_of(ll_resource_name(k->type)));
    ll_sqlite_bind_slice(st, 3, k->instance);
    ll_sqlite_bind_slice(st, 4, k->part);
}

static bool insert(struct ll_sqlite_store *s, const struct ll_sample *x, int64_t *id,
                   struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SERIES_ADD, err);
    if (!st)
        return false;
    bind_key(st, &x->key);
    ll_sqlite_bind_slice(st, 5, ll_slice_of(ll_unit_name(x->unit)));
    sqlite3_bind_int(st, 6, x->primary);
    sqlite3_bind_int64(st, 7, x->t);
    if (!ll_sqlite_run(st, err))
        return false;
    *id = sqlite3_last_insert_rowid(s->db);
    return true;
}

/* A series that memory has forgotten; *id = 0 when the database has not met it either. */
static bool find_stored(struct ll_sqlite_store *s, const struct ll_sample *x, int64_t *id,
                        struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SERIES_FIND, err);
    if (!st)
        return false;
    bind_key(st, &x->key);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    *id = ok && row ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return ok;
}

static bool mark_seen(struct ll_sqlite_store *s, int64_t id, ll_time t, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SERIES_SEEN, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, t);
    return ll_sqlite_run(st, err);
}

static bool describe(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                     const struct ll_sample *x, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SERIES_KIND, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    ll_sqlite_bind_slice(st, 2, ll_slice_of(ll_unit_name(x->unit)));
    sqlite3_bind_int(st, 3, x->primary);
    return ll_sqlite_run(st, err);
}

static bool admit(struct ll_sqlite_store *s, const struct ll_sample *x,
                  struct ll_sqlite_series **out, struct ll_err *err)
{
    int64_t id = 0;
    if (!find_stored(s, x, &id, err))
        return false;
    const bool found = id != 0;
    if (found ? !mark_seen(s, id, x->t, err) : !insert(s, x, &id, err))
        return false;
    struct ll_sqlite_series *made = keep(s, &x->key, err);
    if (!made)
        return false;
    made->id = id;
    made->unit = found ? LL_UNIT_COUNT : x->unit; /* a stored row is described once more */
    made->primary = x->primary;
    made->seen = x->t;
    *out = made;
    return true;
}

bool ll_sqlite_series_of(struct ll_sqlite_store *s, const struct ll_sample *x,
                         struct ll_sqlite_series **out, enum ll_refusal *refusal,
                         struct ll_err *err)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n, i;
    *refusal = LL_REFUSAL_NAME;
    if (!ll_series_key_bytes(&x->key, bytes, &n))
        return true;
    *refusal = LL_REFUSAL_SERIES_LIMIT;
    struct ll_sqlite_series *found = NULL;
    if (ll_map_get(s->map, (struct ll_slice){bytes, n}, &i))
        found = s->series.v[i];
    else if (s->series.n >= s->max_series)
        return true;
    else if (!admit(s, x, &found, err))
        return false;
    if ((found->unit != x->unit || found->primary != x->primary) && !describe(s, found, x, err))
        return false;
    found->unit = x->unit;
    found->primary = x->primary;
    *refusal = LL_REFUSAL_NONE;
    *out = found;
    return true;
}
