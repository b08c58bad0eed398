/* After a restart: the forecasts that the store has are in force at once, with the hour in which
 * each was made, so that a start is no burst of fits; how they came out is read with them. */
#include <stdlib.h>
#include <string.h>

#include "engine/forecast_pool.h"
#include "engine/forecasts_private.h"
#include "forecast/trust.h"

LL_VEC_DEFINE(held_vec, struct ll_held_forecast *)

struct restore {
    struct ll_forecasts *f;
    struct held_vec v;
    ll_time now;
};

static bool on_forecast(void *ctx, const struct ll_kept_forecast *k)
{
    struct restore *r = ctx;
    /* Over, or made by a clock that was ahead. */
    if (k->until <= r->now || k->made > r->now || k->service.n > LL_NAME_MAX || !k->n_points)
        return true;
    struct ll_held_forecast *h = ll_forecast_hold(k);
    if (!h)
        return false;
    h->restored = true;
    h->trust = ll_trust_judge(&(struct ll_accuracy_sums){.n = 0},
                              &(struct ll_accuracy_sums){.n = 0}, k->level, k->lead);
    if (!held_vec_push(&r->v, h)) {
        ll_engine_forecast_release(h);
        return false;
    }
    return !atomic_load(&r->f->e->stopping);
}

static int by_series(const void *a, const void *b)
{
    const struct ll_held_forecast *const *x = a, *const *y = b;
    return ll_forecast_order(*x, (*y)->kept.service, (*y)->kept.type);
}

static struct ll_held_forecast *find(const struct restore *r, struct ll_slice service,
                                     enum ll_resource_type type)
{
    size_t lo = 0, hi = r->v.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = ll_forecast_order(r->v.v[mid], service, type);
        if (c == 0)
            return r->v.v[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool on_accuracy(void *ctx, const struct ll_accuracy_row *a)
{
    const struct restore *r = ctx;
    struct ll_held_forecast *h = find(r, a->service, a->type);
    if (h && a->horizon == h->kept.lead)
        h->trust = ll_trust_judge(&a->said, &a->naive, h->kept.level, h->kept.lead);
    return true;
}

static bool on_venue_effect(void *ctx, const struct ll_venue_effect *v)
{
    ll_forecast_pool_restore(((struct restore *)ctx)->f->pool, v);
    return true;
}

/* What was made in the running hour of its own is not made again, nor without a newer sample. */
static void note_slot(struct ll_forecasts *f, const struct ll_kept_forecast *k)
{
    char key[LL_NAME_MAX + 2];
    key[0] = (char)k->type;
    memcpy(key + 1, k->service.s, k->service.n);
    struct ll_forecast_slot *s = ll_forecast_slot(f, key, k->service.n + 1);
    if (!s)
        return;
    s->round = ll_forecast_round(s, k->made);
    s->newest = k->newest;
}

static void fill_book(struct restore *r)
{
    struct ll_forecast_book_ref *b = ll_forecast_book_new(r->v.n);
    if (!b)
        return;
    for (size_t i = 0; i < r->v.n; i++) {
        ll_forecast_book_add(b, r->v.v[i]);
        note_slot(r->f, &r->v.v[i]->kept);
    }
    ll_forecast_book_swap(r->f, b);
}

static bool read_all(struct restore *r, struct ll_store_reader *reader, struct ll_err *err)
{
    const struct ll_forecasts_query q = {
        .type = -1, .latest = true, .points = true, .limit = SIZE_MAX};
    const int64_t today = ll_time_day(r->now);
    const struct ll_accuracy_query a = {
        .type = -1, .from_day = today - LL_FORECAST_ROLLING_DAYS + 1, .to_day = today};
    if (!reader->ops->each_forecast(reader, &q, on_forecast, r, err))
        return false;
    if (r->v.n)
        qsort(r->v.v, r->v.n, sizeof(void *), by_series);
    return reader->ops->each_accuracy(reader, &a, on_accuracy, r, err) &&
           reader->ops->each_venue_effect(reader, on_venue_effect, r, err);
}

void ll_forecasts_restore(struct ll_forecasts *f)
{
    struct ll_err err;
    struct restore r = {.f = f, .now = ll_engine_now(f->e)};
    struct ll_store_reader *reader = ll_engine_reader_take(f->e);
    if (!reader)
        return;
    r.v.cap = SIZE_MAX / sizeof(void *);
    bool ok = read_all(&r, reader, &err);
    ll_engine_reader_give(f->e, reader);
    if (ok)
        fill_book(&r);
    else
        LL_LOG(LL_LOG_WARN, "stored forecasts could not be read back", LL_KV("error", err.text));
    for (size_t i = 0; i < r.v.n; i++)
        ll_engine_forecast_release(r.v.v[i]);
    held_vec_fini(&r.v);
}
