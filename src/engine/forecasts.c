/* Which forecasts are due, and what becomes of those that come. */
#include "engine/forecasts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/vec.h"
#include "engine/forecasts_private.h"
#include "os/thread.h"

enum { NICENESS = 10, SLOTS_SPARE = 1024 };

static const ll_dur every = LL_HOUR, retry = 100;

/* What is known of a series: when it was asked for last, and on which data. */
struct slot {
    char *key;
    size_t key_n;
    int64_t round; /* of `every`, shifted by the key: spreads them over the hour */
    ll_dur shift;
    ll_time newest;
    bool waiting; /* for its result */
};
LL_VEC_DEFINE(slot_vec, struct slot)

struct book_ref {
    struct ll_forecast_book book; /* first: what is handed out points here */
    atomic_uint refs;
    const struct ll_held_forecast **v;
};

struct ll_forecasts {
    struct ll_engine *e;
    struct ll_forecast_queue *queue;
    pthread_t thread;
    bool started;
    ll_forecast_priority_fn *priority;
    void *priority_ctx;

    /* The engine's thread. */
    struct ll_map *map;
    struct slot_vec slots;
    uint64_t seq;
    bool again; /* the past has changed: all are due */
    size_t waiting;

    pthread_mutex_t lock; /* book, status */
    struct book_ref *book;
    struct ll_forecasts_status status;
};

/* --- the book --- */

static struct book_ref *book_new(size_t n)
{
    struct book_ref *b = calloc(1, sizeof(*b));
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

static void book_add(struct book_ref *b, const struct ll_held_forecast *f)
{
    ll_forecast_held_ref(f);
    b->v[b->book.n++] = f;
}

void ll_engine_forecasts_release(const struct ll_forecast_book *book)
{
    struct book_ref *b = (struct book_ref *)(uintptr_t)book;
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
    struct book_ref *b = f->book;
    atomic_fetch_add(&b->refs, 1);
    pthread_mutex_unlock(&f->lock);
    return &b->book;
}

static int order(const struct ll_held_forecast *f, struct ll_slice service,
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
        if (order(b->v[mid], service, type) < 0)
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
    return i < b->n && order(b->v[i], service, type) == 0 ? b->v[i] : NULL;
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

static ll_time oldest(const struct ll_forecast_book *b)
{
    ll_time t = LL_TIME_NONE;
    for (size_t i = 0; i < b->n; i++)
        if (b->v[i] && (t == LL_TIME_NONE || b->v[i]->kept.made < t))
            t = b->v[i]->kept.made;
    return t;
}

static void swap_book(struct ll_forecasts *f, struct book_ref *b)
{
    ll_time t = oldest(&b->book);
    pthread_mutex_lock(&f->lock);
    struct book_ref *before = f->book;
    f->book = b;
    f->status.held = b->book.n;
    f->status.oldest = t;
    pthread_mutex_unlock(&f->lock);
    if (before)
        ll_engine_forecasts_release(&before->book);
}

/* A new book: with `add`, without the one before of its series, and without those that are over.
 */
static void turn_page(struct ll_forecasts *f, const struct ll_held_forecast *add)
{
    const struct ll_forecast_book *old = &f->book->book; /* only this thread changes it */
    struct book_ref *b = book_new(old->n + 1);
    if (!b)
        return; /* the next one comes within the hour */
    ll_time now = ll_engine_now(f->e);
    size_t at = add ? place(old, add->kept.service, add->kept.type) : SIZE_MAX;
    for (size_t i = 0; i <= old->n; i++) {
        if (i == at)
            book_add(b, add);
        if (i == old->n || old->v[i]->kept.until <= now)
            continue;
        if (i != at || order(old->v[i], add->kept.service, add->kept.type) != 0)
            book_add(b, old->v[i]);
    }
    swap_book(f, b);
}

/* --- what is due --- */

static struct slot *slot_of(struct ll_forecasts *f, const char *key, size_t n)
{
    size_t i;
    if (ll_map_get(f->map, (struct ll_slice){key, n}, &i))
        return &f->slots.v[i];
    struct slot s = {.key = malloc(n), .key_n = n, .round = INT64_MIN, .newest = LL_TIME_NONE};
    if (!s.key)
        return NULL;
    memcpy(s.key, key, n);
    s.shift = (ll_dur)(ll_map_hash(f->e->seed, key, n) % (uint64_t)every);
    if (!slot_vec_push(&f->slots, s) ||
        !ll_map_put(f->map, (struct ll_slice){s.key, n}, f->slots.n - 1)) {
        f->slots.n -= f->slots.n && f->slots.v[f->slots.n - 1].key == s.key;
        free(s.key);
        return NULL;
    }
    return &f->slots.v[f->slots.n - 1];
}

static void forget_slots(struct ll_forecasts *f)
{
    for (size_t i = 0; i < f->slots.n; i++)
        free(f->slots.v[i].key);
    slot_vec_fini(&f->slots);
    ll_map_free(f->map);
    f->map = ll_map_new(f->e->seed, SIZE_MAX / 2);
}

static ll_time newest_of(const struct ll_view *v, const struct ll_cell *c)
{
    ll_time t = LL_TIME_NONE;
    for (size_t i = c->first; i < c->first + c->n; i++)
        t = LL_MAX(t, v->metrics[i].t);
    return t;
}

static struct ll_forecast_job *job_of(struct ll_forecasts *f, const struct ll_view *v,
                                      const struct ll_cell *c, const char *key, size_t n)
{
    struct ll_slice part;
    struct ll_forecast_job *j = calloc(1, sizeof(*j));
    if (!j || !ll_view_primary_part(v, c->service, c->type, &part) || part.n > LL_NAME_MAX) {
        free(j);
        return NULL;
    }
    memcpy(j->key, key, n);
    j->key_n = n;
    if (part.n)
        memcpy(j->part, part.s, part.n);
    j->part_n = part.n;
    j->unit = c->unit;
    j->capacity = c->capacity;
    j->newest = newest_of(v, c);
    j->config = f->e->config;
    atomic_fetch_add(&j->config->refs, 1);
    j->priority = f->priority ? f->priority(f->priority_ctx, c->service, c->type) : 0;
    j->refit = ll_forecast_book_find(&f->book->book, c->service, c->type) != NULL;
    j->seq = f->seq++;
    return j;
}

/* Once an hour, and only when something came since. */
static bool is_due(const struct slot *s, int64_t round, ll_time newest, bool again)
{
    return !s->waiting && (again || (s->round != round && s->newest != newest));
}

static void plan_cell(struct ll_forecasts *f, const struct ll_view *v, const struct ll_cell *c,
                      ll_time now)
{
    char key[LL_NAME_MAX + 2];
    if (c->service.n > LL_NAME_MAX)
        return;
    key[0] = (char)c->type;
    memcpy(key + 1, c->service.s, c->service.n);
    size_t n = c->service.n + 1;
    struct slot *s = slot_of(f, key, n);
    if (!s)
        return;
    int64_t round = (now - s->shift) / every;
    ll_time newest = newest_of(v, c);
    if (!is_due(s, round, newest, f->again))
        return;
    struct ll_forecast_job *j = job_of(f, v, c, key, n);
    if (!j || !ll_forecast_queue_put(f->queue, j)) {
        ll_forecast_job_free(j);
        return;
    }
    s->round = round;
    s->newest = newest;
    s->waiting = true;
    f->waiting++;
}

void ll_forecasts_plan(struct ll_forecasts *f)
{
    const struct ll_view *v = f->e->published->view; /* this thread publishes it */
    ll_time now = ll_engine_now(f->e);
    if (!f->waiting && f->slots.n > 2 * v->n_cells + SLOTS_SPARE)
        forget_slots(f);
    if (!f->map)
        return;
    for (size_t i = 0; i < v->n_cells; i++)
        plan_cell(f, v, &v->cells[i], now);
    f->again = false;
    for (size_t i = 0; i < f->book->book.n; i++)
        if (f->book->book.v[i]->kept.until <= now) {
            turn_page(f, NULL);
            break;
        }
}

void ll_forecasts_again(struct ll_forecasts *f)
{
    f->again = true;
}

/* --- what came --- */

static void result_drop(void *result)
{
    ll_forecast_job_free(result);
}

/* The store's copy goes by the result itself, which the batch owns from here on. */
static bool store(struct ll_forecasts *f, struct ll_forecast_job *r)
{
    struct ll_err err;
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    if (!b)
        return false;
    b->forecasts = &r->held->kept;
    b->n_forecasts = 1;
    b->judgements = r->judged;
    b->n_judgements = r->n_judged;
    b->held = r;
    b->held_free = result_drop;
    if (ll_writer_push(f->e->writer, b, &err))
        return true;
    b->held = NULL;
    ll_batch_free(b);
    return false;
}

void ll_forecasts_take(struct ll_forecasts *f, struct ll_forecast_job *r)
{
    size_t i;
    bool ok = r->held != NULL;
    if (ll_map_get(f->map, (struct ll_slice){r->key, r->key_n}, &i))
        f->slots.v[i].waiting = false;
    f->waiting--;
    if (ok)
        turn_page(f, r->held);
    double ms = r->fit_ms;
    bool kept = ok && store(f, r);
    if (!kept)
        ll_forecast_job_free(r);
    pthread_mutex_lock(&f->lock);
    f->status.fitted += ok;
    f->status.failed += !ok;
    f->status.dropped += ok && !kept;
    if (ok) {
        f->status.fit_ms = ms;
        f->status.fit_ms_sum += ms;
    }
    pthread_mutex_unlock(&f->lock);
}

/* --- the thread that fits --- */

static void *work(void *ctx)
{
    struct ll_forecasts *f = ctx;
    struct ll_forecast_job *j;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* never at the cost of what comes in */
    while ((j = ll_forecast_queue_take(f->queue)) != NULL) {
        ll_forecast_fit(f->e, j);
        while (j && !ll_engine_post_forecast(f->e, j)) {
            if (atomic_load(&f->e->stopping)) {
                ll_forecast_job_free(j);
                j = NULL;
            } else {
                ll_engine_sleep(f->e, f->e->clock.mono(f->e->clock.self) + retry);
            }
        }
    }
    return NULL;
}

struct ll_forecasts *ll_forecasts_new(struct ll_engine *e)
{
    struct ll_forecasts *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->e = e;
    f->slots.cap = SIZE_MAX / sizeof(struct slot);
    f->status.oldest = LL_TIME_NONE;
    f->status.fit_ms = NAN;
    pthread_mutex_init(&f->lock, NULL);
    f->queue = ll_forecast_queue_new();
    f->map = ll_map_new(e->seed, SIZE_MAX / 2);
    f->book = book_new(0);
    if (f->queue && f->map && f->book)
        return f;
    ll_forecasts_free(f);
    return NULL;
}

bool ll_forecasts_start(struct ll_forecasts *f, struct ll_err *err)
{
    f->started = ll_thread_start(&f->thread, work, f, "forecast", err);
    return f->started;
}

void ll_forecasts_stop(struct ll_forecasts *f)
{
    if (!f || !f->started)
        return;
    ll_forecast_queue_close(f->queue);
    pthread_join(f->thread, NULL);
    f->started = false;
}

void ll_forecasts_free(struct ll_forecasts *f)
{
    if (!f)
        return;
    ll_forecasts_stop(f);
    if (f->book)
        ll_engine_forecasts_release(&f->book->book);
    ll_forecast_queue_free(f->queue);
    for (size_t i = 0; i < f->slots.n; i++)
        free(f->slots.v[i].key);
    slot_vec_fini(&f->slots);
    ll_map_free(f->map);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

void ll_forecasts_status(struct ll_forecasts *f, struct ll_forecasts_status *out)
{
    pthread_mutex_lock(&f->lock);
    *out = f->status;
    pthread_mutex_unlock(&f->lock);
    out->backlog = ll_forecast_queue_length(f->queue);
}

void ll_engine_forecast_priority(struct ll_engine *e, ll_forecast_priority_fn *fn, void *ctx)
{
    e->forecasts->priority = fn;
    e->forecasts->priority_ctx = ctx;
}
