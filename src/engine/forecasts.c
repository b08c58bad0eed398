/* Which forecasts are due, who makes them, and what becomes of those that come. */
#include "engine/forecasts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/forecasts_private.h"
#include "os/thread.h"

enum { NICENESS = 10, SLOTS_SPARE = 1024 };

static const ll_dur every = LL_HOUR, retry = 100;

/* --- what is due --- */

struct ll_forecast_slot *ll_forecast_slot(struct ll_forecasts *f, const char *key, size_t n)
{
    size_t i;
    if (ll_map_get(f->map, (struct ll_slice){key, n}, &i))
        return &f->slots.v[i];
    struct ll_forecast_slot s = {
        .key = malloc(n), .key_n = n, .round = INT64_MIN, .newest = LL_TIME_NONE};
    if (!s.key)
        return NULL;
    memcpy(s.key, key, n);
    s.shift = (ll_dur)(ll_map_hash(f->e->seed, key, n) % (uint64_t)every);
    if (!ll_forecast_slots_push(&f->slots, s) ||
        !ll_map_put(f->map, (struct ll_slice){s.key, n}, f->slots.n - 1)) {
        f->slots.n -= f->slots.n && f->slots.v[f->slots.n - 1].key == s.key;
        free(s.key);
        return NULL;
    }
    return &f->slots.v[f->slots.n - 1];
}

int64_t ll_forecast_round(const struct ll_forecast_slot *s, ll_time t)
{
    return (t - s->shift) / every;
}

static void forget_slots(struct ll_forecasts *f)
{
    for (size_t i = 0; i < f->slots.n; i++)
        free(f->slots.v[i].key);
    ll_forecast_slots_fini(&f->slots);
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

struct ll_forecast_job *ll_forecast_job_new(struct ll_forecasts *f, const struct ll_view *v,
                                            const struct ll_cell *cell, struct ll_shared_config *c)
{
    struct ll_slice part;
    if (cell->service.n > LL_NAME_MAX ||
        !ll_view_primary_part(v, cell->service, cell->type, &part) || part.n > LL_NAME_MAX)
        return NULL;
    struct ll_forecast_job *j = calloc(1, sizeof(*j));
    if (!j)
        return NULL;
    j->key[0] = (char)cell->type;
    memcpy(j->key + 1, cell->service.s, cell->service.n);
    j->key_n = cell->service.n + 1;
    if (part.n)
        memcpy(j->part, part.s, part.n);
    j->part_n = part.n;
    j->unit = cell->unit;
    j->capacity = cell->capacity;
    j->newest = newest_of(v, cell);
    j->config = c;
    atomic_fetch_add(&c->refs, 1);
    j->lead = c->config->forecast.lead;
    j->seq = atomic_fetch_add(&f->seq, 1);
    return j;
}

static struct ll_forecast_job *job_of(struct ll_forecasts *f, const struct ll_view *v,
                                      const struct ll_cell *c)
{
    struct ll_forecast_job *j = ll_forecast_job_new(f, v, c, f->e->config);
    if (!j)
        return NULL;
    ll_dur lead = f->lead ? f->lead(f->lead_ctx, c->service, c->type) : 0;
    j->lead = lead > 0 ? lead : j->lead;
    j->priority = f->priority ? f->priority(f->priority_ctx, c->service, c->type) : 0;
    const struct ll_forecast_book *book = ll_forecast_book_of(f->book);
    j->refit = ll_forecast_book_find(book, c->service, c->type) != NULL;
    return j;
}

/* Once an hour, and only when something came since. */
static bool is_due(const struct ll_forecast_slot *s, int64_t round, ll_time newest, bool again)
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
    struct ll_forecast_slot *s = ll_forecast_slot(f, key, c->service.n + 1);
    if (!s)
        return;
    int64_t round = ll_forecast_round(s, now);
    ll_time newest = newest_of(v, c);
    if (!is_due(s, round, newest, f->again))
        return;
    struct ll_forecast_job *j = job_of(f, v, c);
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
    const struct ll_forecast_book *book = ll_forecast_book_of(f->book);
    for (size_t i = 0; i < book->n; i++)
        if (book->v[i]->kept.until <= now) {
            ll_forecast_book_turn(f, NULL);
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
    b->venue_effects = r->venue;
    b->n_venue_effects = r->n_venue;
    b->held = r;
    b->held_free = result_drop;
    if (ll_writer_push(f->e->writer, b, &err))
        return true;
    b->held = NULL;
    ll_batch_free(b);
    return false;
}

/* Its venue hears of it; what is news there goes to the store. */
static void pool(struct ll_forecasts *f, struct ll_forecast_job *r)
{
    const struct ll_forecast_member m = {.calendar = r->held->kept.calendar,
                                         .service = ll_forecast_job_service(r),
                                         .type = ll_forecast_job_type(r)};
    if (!r->learned)
        return;
    r->venue = calloc(LL_FORECAST_NEWS_MAX, sizeof(*r->venue));
    if (r->venue)
        r->n_venue = ll_forecast_pool_take(f->pool, &m, r->learned, ll_time_day(r->held->kept.made),
                                           r->venue);
}

void ll_forecasts_take(struct ll_forecasts *f, struct ll_forecast_job *r)
{
    size_t i;
    bool ok = r->held != NULL;
    if (ll_map_get(f->map, (struct ll_slice){r->key, r->key_n}, &i))
        f->slots.v[i].waiting = false;
    f->waiting--;
    if (ok) {
        ll_forecast_book_turn(f, r->held);
        pool(f, r);
    }
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

/* --- the threads that fit --- */

static void hand_back(struct ll_forecasts *f, struct ll_forecast_job *j)
{
    while (!ll_engine_post_forecast(f->e, j)) {
        if (atomic_load(&f->e->stopping)) {
            ll_forecast_job_free(j);
            return;
        }
        ll_engine_sleep(f->e, f->e->clock.mono(f->e->clock.self) + retry);
    }
}

static void *work(void *ctx)
{
    struct ll_forecasts *f = ctx;
    struct ll_forecast_job *j;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* never at the cost of what comes in */
    while ((j = ll_forecast_queue_take(f->queue)) != NULL) {
        ll_forecast_fit(f->e, j);
        if (j->answered)
            ll_forecast_answered(f, j);
        else
            hand_back(f, j);
    }
    return NULL;
}

struct ll_forecasts *ll_forecasts_new(struct ll_engine *e, size_t workers)
{
    struct ll_forecasts *f = calloc(1, sizeof(*f));
    if (!f)
        return NULL;
    f->e = e;
    f->n_workers = LL_MIN(LL_MAX(workers, (size_t)1), (size_t)LL_FORECAST_WORKERS_MAX);
    f->slots.cap = SIZE_MAX / sizeof(struct ll_forecast_slot);
    f->status.oldest = LL_TIME_NONE;
    f->status.fit_ms = NAN;
    f->status.workers = f->n_workers;
    pthread_mutex_init(&f->lock, NULL);
    f->queue = ll_forecast_queue_new();
    f->pool = ll_forecast_pool_new();
    f->map = ll_map_new(e->seed, SIZE_MAX / 2);
    f->book = ll_forecast_book_new(0);
    if (f->queue && f->pool && f->map && f->book)
        return f;
    ll_forecasts_free(f);
    return NULL;
}

bool ll_forecasts_start(struct ll_forecasts *f, struct ll_err *err)
{
    while (f->n_started < f->n_workers) {
        if (!ll_thread_start(&f->thread[f->n_started], work, f, "forecast", err))
            return false;
        f->n_started++;
    }
    return true;
}

void ll_forecasts_stop(struct ll_forecasts *f)
{
    if (!f)
        return;
    ll_forecast_queue_close(f->queue);
    while (f->n_started)
        pthread_join(f->thread[--f->n_started], NULL);
}

void ll_forecasts_free(struct ll_forecasts *f)
{
    if (!f)
        return;
    if (f->queue)
        ll_forecasts_stop(f);
    if (f->book)
        ll_engine_forecasts_release(ll_forecast_book_of(f->book));
    for (size_t i = 0; i < LL_FORECAST_LONGER; i++)
        ll_engine_forecast_release(f->longer[i]);
    ll_forecast_queue_free(f->queue);
    ll_forecast_pool_free(f->pool);
    for (size_t i = 0; i < f->slots.n; i++)
        free(f->slots.v[i].key);
    ll_forecast_slots_fini(&f->slots);
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

void ll_engine_forecast_leads(struct ll_engine *e, ll_forecast_lead_fn *fn, void *ctx)
{
    e->forecasts->lead = fn;
    e->forecasts->lead_ctx = ctx;
}
