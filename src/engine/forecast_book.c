/* The book: a sorted array of counted pointers, swapped whole like a view. */
#include <stdlib.h>

#include "engine/forecasts_private.h"

struct ll_forecast_book_ref {
    struct ll_forecast_book book; /* first: what is handed out points here */
    atomic_uint refs;
    const struct ll_held_forecast **v;
};

struct ll_forecast_book_ref *ll_forecast_book_new(size_t n)
{
    struct ll_forecast_book_ref *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1);
    b->v = calloc(LL_MAX(n, (size_t)1), sizeof(void *));
    if (!b->v) {
        free(b);
        return NULL;
    }
    b->book.v = b->v;
    return b;
}

void ll_forecast_book_add(struct ll_forecast_book_ref *b, const struct ll_held_forecast *f)
{
    ll_forecast_held_ref(f);
    b->v[b->book.n++] = f;
}

const struct ll_forecast_book *ll_forecast_book_of(const struct ll_forecast_book_ref *b)
{
    return &b->book;
}

void ll_engine_forecasts_release(const struct ll_forecast_book *book)
{
    struct ll_forecast_book_ref *b = (struct ll_forecast_book_ref *)(uintptr_t)book;
    if (!b || atomic_fetch_sub(&b->refs, 1) > 1)
        return;
    for (size_t i = 0; i < b->book.n; i++)
        ll_engine_forecast_release(b->v[i]);
    free(b->v);
    free(b);
}

const struct ll_forecast_book *ll_engine_forecasts(struct ll_engine *e)
{
    struct ll_forecasts *f = e->forecasts;
    pthread_mutex_lock(&f->lock);
    struct ll_forecast_book_ref *b = f->book;
    atomic_fetch_add(&b->refs, 1);
    pthread_mutex_unlock(&f->lock);
    return &b->book;
}

int ll_forecast_order(const struct ll_held_forecast *f, struct ll_slice service,
                      enum ll_resource_type type)
{
    int c = ll_slice_cmp(f->kept.service, service);
    return c ? c : (f->kept.type > type) - (f->kept.type < type);
}

/* The first that is not before it. */
static size_t place(const struct ll_forecast_book *b, struct ll_slice service,
                    enum ll_resource_type type)
{
    size_t lo = 0, hi = b->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (ll_forecast_order(b->v[mid], service, type) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct ll_held_forecast *ll_forecast_book_find(const struct ll_forecast_book *b,
                                                     struct ll_slice service,
                                                     enum ll_resource_type type)
{
    size_t i = place(b, service, type);
    return i < b->n && ll_forecast_order(b->v[i], service, type) == 0 ? b->v[i] : NULL;
}

const struct ll_held_forecast *ll_engine_forecast(struct ll_engine *e, struct ll_slice service,
                                                  enum ll_resource_type type)
{
    const struct ll_forecast_book *b = ll_engine_forecasts(e);
    const struct ll_held_forecast *f = ll_forecast_book_find(b, service, type);
    if (f)
        ll_forecast_held_ref(f);
    ll_engine_forecasts_release(b);
    return f;
}

void ll_forecast_book_swap(struct ll_forecasts *f, struct ll_forecast_book_ref *b)
{
    ll_time t = LL_TIME_NONE;
    size_t trusted = 0, restored = 0;
    for (size_t i = 0; i < b->book.n; i++) {
        const struct ll_held_forecast *h = b->v[i];
        LL_ASSERT(h);
        t = t == LL_TIME_NONE ? h->kept.made : LL_MIN(t, h->kept.made);
        trusted += h->trust.kind == LL_TRUST_TRUSTED;
        restored += h->restored;
    }
    pthread_mutex_lock(&f->lock);
    struct ll_forecast_book_ref *before = f->book;
    f->book = b;
    f->status.held = b->book.n;
    f->status.oldest = t;
    f->status.trusted = trusted;
    f->status.restored = restored;
    pthread_mutex_unlock(&f->lock);
    if (before)
        ll_engine_forecasts_release(&before->book);
}

void ll_forecast_book_turn(struct ll_forecasts *f, const struct ll_held_forecast *add)
{
    const struct ll_forecast_book *old = &f->book->book; /* only this thread changes it */
    struct ll_forecast_book_ref *b = ll_forecast_book_new(old->n + 1);
    if (!b)
        return; /* the next one comes within the hour */
    ll_time now = ll_engine_now(f->e);
    size_t at = add ? place(old, add->kept.service, add->kept.type) : SIZE_MAX;
    for (size_t i = 0; i <= old->n; i++) {
        if (i == at)
            ll_forecast_book_add(b, add);
        if (i == old->n || old->v[i]->kept.until <= now)
            continue;
        if (i != at || ll_forecast_order(old->v[i], add->kept.service, add->kept.type) != 0)
            ll_forecast_book_add(b, old->v[i]);
    }
    ll_forecast_book_swap(f, b);
}
