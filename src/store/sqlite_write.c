/* Appending: all batches in one transaction, their samples in the order of the table, so
 * that neighbouring rows go to the same page. */
#include <math.h>
#include <stdlib.h>

#include "store/sqlite.h"

/* A sample on its way: sorted by series, time, arrival. */
struct item {
    struct ll_sqlite_series *series;
    const struct ll_sample *sample;
    size_t order;
};

/* What one append works with; refusals wait here until the commit. */
struct work {
    struct item *items;
    enum ll_refusal *refusal;           /* of every sample of every batch, in order */
    enum ll_refusal *labeled, *rollups; /* the same of those */
    enum ll_row_refusal *scaling;
    size_t n_items, n_samples, n_labeled, n_rollups, n_scaling;
};

static void work_fini(struct work *w)
{
    free(w->items);
    free(w->refusal);
    free(w->labeled);
    free(w->rollups);
    free(w->scaling);
}

static bool work_init(struct work *w, struct ll_batch *const *batches, size_t n, struct ll_err *err)
{
    for (size_t b = 0; b < n; b++) {
        w->n_samples += batches[b]->n;
        w->n_labeled += batches[b]->n_labeled;
        w->n_rollups += batches[b]->n_rollups;
        w->n_scaling += ll_sqlite_count_scaling(batches[b]->scaling);
    }
    /* One more: calloc of nothing may give NULL. */
    w->items = calloc(w->n_samples + 1, sizeof(*w->items));
    w->refusal = calloc(w->n_samples + 1, sizeof(*w->refusal));
    w->labeled = calloc(w->n_labeled + 1, sizeof(*w->labeled));
    w->rollups = calloc(w->n_rollups + 1, sizeof(*w->rollups));
    w->scaling = calloc(w->n_scaling + 1, sizeof(*w->scaling));
    return (w->items && w->refusal && w->labeled && w->rollups && w->scaling) ||
           ll_err_set(err, LL_E_MEMORY, "no memory to sort %zu samples",
                      w->n_samples + w->n_labeled + w->n_rollups);
}

static int by_place(const void *pa, const void *pb)
{
    const struct item *a = pa, *b = pb;
    if (a->series->id != b->series->id)
        return a->series->id < b->series->id ? -1 : 1;
    if (a->sample->t != b->sample->t)
        return a->sample->t < b->sample->t ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Fills items with what will be written and refusal with why the rest is not. */
static bool resolve(struct ll_sqlite_store *s, struct ll_batch *const *batches, size_t n,
                    struct work *w, struct ll_err *err)
{
    size_t k = 0;
    for (size_t b = 0; b < n; b++) {
        for (size_t i = 0; i < batches[b]->n; i++, k++) {
            const struct ll_sample *x = &batches[b]->v[i];
            LL_ASSERT(w->refusal); /* made by work_init wherever there is a sample */
            enum ll_refusal *why = &w->refusal[k];
            *why = batches[b]->refusal[i];
            if (*why == LL_REFUSAL_NONE && !isfinite(x->value))
                *why = LL_REFUSAL_VALUE;
            if (*why != LL_REFUSAL_NONE)
                continue;
            struct item it = {.sample = x, .order = k};
            if (!ll_sqlite_series_of(s, x, &it.series, why, err))
                return false;
            if (*why == LL_REFUSAL_NONE)
                w->items[w->n_items++] = it;
        }
    }
    if (w->n_items > 1)
        qsort(w->items, w->n_items, sizeof(*w->items), by_place);
    return true;
}

static bool learn_newest(struct ll_sqlite_store *s, struct ll_sqlite_series *series,
                         struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_NEWEST, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    if (ok) {
        bool none = !row || sqlite3_column_type(st, 0) == SQLITE_NULL;
        series->seen = none ? LL_TIME_NONE : sqlite3_column_int64(st, 0);
        series->newest_known = true;
    }
    sqlite3_reset(st);
    return ok;
}

/* Only a sample that is not newer than all others can replace one. */
static bool is_new(struct ll_sqlite_store *s, struct ll_sqlite_series *series, ll_time t, bool *out,
                   struct ll_err *err)
{
    if (!series->newest_known && !learn_newest(s, series, err))
        return false;
    *out = true;
    if (t > series->seen)
        return true;
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_HAS, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, series->id);
    sqlite3_bind_int64(st, 2, t);
    bool row;
    bool ok = ll_sqlite_step(st, &row, err);
    *out = ok && !row;
    sqlite3_reset(st);
    return ok;
}

/* A sample in a bucket that is rolled already: the bucket must be rolled again. */
static bool mark_late(struct ll_sqlite_store *s, int64_t id, ll_time t, struct ll_err *err)
{
    for (size_t level = 0; level < LL_LEN(ll_sqlite_steps); level++) {
        if (t >= ll_sqlite_rolled(s, level)) {
            /* A pass under way may have left the series behind: it must not end beyond t. */
            s->pass[level].next = LL_MIN(s->pass[level].next, t);
            continue;
        }
        sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_DIRTY_PUT, err);
        if (!st)
            return false;
        sqlite3_bind_int64(st, 1, ll_sqlite_steps[level]);
        sqlite3_bind_int64(st, 2, ll_time_floor(t, ll_sqlite_steps[level]));
        sqlite3_bind_int64(st, 3, id);
        if (!ll_sqlite_run(st, err))
            return false;
    }
    return true;
}

static bool put_row(struct ll_sqlite_store *s, int64_t id, const struct ll_sample *x,
                    struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_SAMPLE_PUT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, x->t);
    sqlite3_bind_double(st, 3, x->value);
    sqlite3_bind_double(st, 4, x->capacity); /* NaN binds NULL */
    sqlite3_bind_double(st, 5, x->max_value);
    sqlite3_bind_int64(st, 6, x->window);
    return ll_sqlite_run(st, err);
}

static void count(struct ll_sqlite_store *s, struct ll_sqlite_series *series, ll_time t, bool added)
{
    struct ll_sqlite_state *st = &s->state;
    series->seen = LL_MAX(series->seen, t);
    st->newest = LL_MAX(st->newest, t);
    if (st->oldest == LL_TIME_NONE || t < st->oldest)
        st->oldest = t;
    if (s->retain.phase == LL_RETAIN_RAW) /* which will say at its end what the oldest is */
        s->retain.oldest = LL_MIN(s->retain.oldest, t);
    st->samples += added;
}

static bool put_sample(struct ll_sqlite_store *s, const struct item *it, struct ll_err *err)
{
    const struct ll_sample *x = it->sample;
    bool added;
    if (!is_new(s, it->series, x->t, &added, err) || !put_row(s, it->series->id, x, err) ||
        !mark_late(s, it->series->id, x->t, err) || !ll_sqlite_peak(s, it->series, x, err))
        return false;
    count(s, it->series, x->t, added);
    return true;
}

static bool put_business(struct ll_sqlite_store *s, const struct ll_business *b, struct ll_err *err)
{
    if (!isfinite(b->value))
        return true;
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_BUSINESS_PUT, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, b->metric);
    ll_sqlite_bind_slice(st, 2, b->service);
    ll_sqlite_bind_slice(st, 3, b->venue);
    sqlite3_bind_int64(st, 4, b->t);
    sqlite3_bind_double(st, 5, b->value);
    return ll_sqlite_run(st, err);
}

static bool put_all(struct ll_sqlite_store *s, struct ll_batch *const *batches, size_t n,
                    struct work *w, struct ll_err *err)
{
    if (!resolve(s, batches, n, w, err))
        return false;
    for (size_t i = 0; i < w->n_items; i++)
        if (!put_sample(s, &w->items[i], err))
            return false;
    for (size_t b = 0; b < n; b++)
        for (size_t i = 0; i < batches[b]->n_business; i++)
            if (!put_business(s, &batches[b]->business[i], err))
                return false;
    size_t at = 0;
    for (size_t b = 0; b < n; b++) {
        if (!ll_sqlite_put_aside(s, batches[b], err) ||
            !ll_sqlite_put_forecasts(s, batches[b], err) ||
            !ll_sqlite_put_scaling(s, batches[b]->scaling, w->scaling + at, err))
            return false;
        at += ll_sqlite_count_scaling(batches[b]->scaling);
    }
    return ll_sqlite_put_labeled(s, batches, n, w->labeled, err) &&
           ll_sqlite_put_rollups(s, batches, n, w->rollups, err);
}

static void tell_refusals(struct ll_batch *const *batches, size_t n, const struct work *w)
{
    size_t k = 0, l = 0, r = 0, at = 0;
    for (size_t b = 0; b < n; b++) {
        for (size_t i = 0; i < batches[b]->n; i++)
            batches[b]->refusal[i] = w->refusal[k++];
        for (size_t i = 0; i < batches[b]->n_labeled; i++)
            batches[b]->labeled[i].refusal = w->labeled[l++];
        for (size_t i = 0; i < batches[b]->n_rollups; i++)
            batches[b]->rollups[i].refusal = w->rollups[r++];
        ll_sqlite_tell_scaling(batches[b]->scaling, w->scaling + at);
        at += ll_sqlite_count_scaling(batches[b]->scaling);
    }
}

bool ll_sqlite_append(struct ll_store *base, struct ll_batch *const *batches, size_t n,
                      struct ll_err *err)
{
    struct ll_sqlite_store *s = (struct ll_sqlite_store *)base;
    struct work w = {0};
    bool ok = work_init(&w, batches, n, err) && ll_sqlite_begin(s, err);
    if (ok) {
        ok = put_all(s, batches, n, &w, err) && ll_sqlite_commit(s, err);
        if (ok)
            tell_refusals(batches, n, &w);
        else
            ll_sqlite_rollback(s);
    }
    work_fini(&w);
    return ok;
}

bool ll_sqlite_append_event(struct ll_store *base, const struct ll_scaling_event *e,
                            struct ll_err *err)
{
    struct ll_sqlite_store *s = (struct ll_sqlite_store *)base;
    if (!ll_sqlite_begin(s, err))
        return false;
    enum ll_row_refusal why = LL_ROW_TAKEN;
    bool ok = ll_sqlite_put_event(s, e, &why, err);
    if (ok && why != LL_ROW_TAKEN)
        ok = ll_err_set(err, LL_E_CONFLICT, "the action '%.*s': %s",
                        (int)LL_MIN(e->action_id.n, (size_t)80), e->action_id.s,
                        ll_row_refusal_text(why));
    if (ok && ll_sqlite_commit(s, err))
        return true;
    ll_sqlite_rollback(s);
    return false;
}
