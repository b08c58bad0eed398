#include "store/writer.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "os/queue.h"

enum {
    QUEUE_BATCHES = 1024,
    GROUP_BATCHES = 64,
    GROUP_SAMPLES = 20000, /* in one commit: keeps acknowledgements short */
    PROBE_MS = 1000,
    PROBE_DAMAGED_MS = 60000, /* damage does not heal; checking a large file is work */
    IDLE_MS = 2000,           /* between looks for upkeep */
    UPKEEP_RETRY_MS = 10000
};

/* An event waits on its caller's stack. */
struct event_wait {
    struct event_wait *next;
    const struct ll_scaling_event *event;
    bool done, ok;
    struct ll_err err;
};

struct ll_writer {
    const struct ll_store_ops *ops;
    struct ll_store_opts store_opts;
    char *path;
    struct ll_clock clock;
    struct ll_queue *queue;
    pthread_t thread;

    pthread_mutex_t mutex; /* guards what follows, up to the next comment */
    pthread_cond_t event_done;
    struct ll_writer_status status;
    struct event_wait *events, **events_tail;
    bool closed;
    struct ll_store *store; /* changed by the thread under the mutex; NULL while closed */

    /* The writer's thread only. */
    bool reopen;       /* before anything is acknowledged again */
    ll_time probe_at;  /* mono */
    ll_time upkeep_at; /* mono */
    bool stopping;
    ll_time stop_at; /* mono */
};

static ll_time mono(const struct ll_writer *w)
{
    return w->clock.mono(w->clock.self);
}

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts); /* a measurement for people, finer than ll_time */
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static bool has_failed(struct ll_writer *w)
{
    pthread_mutex_lock(&w->mutex);
    bool failed = w->status.state == LL_WRITER_FAILED;
    pthread_mutex_unlock(&w->mutex);
    return failed;
}

static void fail(struct ll_writer *w, const struct ll_err *why)
{
    pthread_mutex_lock(&w->mutex);
    w->status.state = LL_WRITER_FAILED;
    w->status.err = *why;
    pthread_mutex_unlock(&w->mutex);
    /* Whatever is not a plain refusal (full, locked) leaves a connection nobody trusts. */
    if (why->code != LL_E_STORAGE && why->code != LL_E_MEMORY)
        w->reopen = true;
    w->probe_at = mono(w) + (why->code == LL_E_DAMAGED ? PROBE_DAMAGED_MS : PROBE_MS);
}

/* To senders every failure is one: the store cannot write now, send again. */
static void storage_error(struct ll_writer *w, struct ll_err *out)
{
    pthread_mutex_lock(&w->mutex);
    bool failed = w->status.state == LL_WRITER_FAILED;
    ll_err_set(out, LL_E_STORAGE, "%s",
               failed ? w->status.err.text : "the store writer is stopping");
    pthread_mutex_unlock(&w->mutex);
}

static void finish(struct ll_batch *b)
{
    if (b->done)
        b->done(b, b->ctx);
    else
        ll_batch_free(b);
}

static size_t accepted(const struct ll_batch *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += b->refusal[i] == LL_REFUSAL_NONE;
    for (size_t i = 0; i < b->n_labeled; i++)
        n += b->labeled[i].refusal == LL_REFUSAL_NONE;
    for (size_t i = 0; i < b->n_rollups; i++)
        n += b->rollups[i].refusal == LL_REFUSAL_NONE;
    return n;
}

static size_t rows_of(const struct ll_batch *b)
{
    return b->n + b->n_labeled + b->n_rollups;
}

static void answer(struct ll_writer *w, struct ll_batch *b, bool committed)
{
    size_t n = accepted(b);
    b->committed = committed;
    b->err = (struct ll_err){0};
    if (!committed)
        storage_error(w, &b->err);
    pthread_mutex_lock(&w->mutex);
    w->status.batches++;
    w->status.committed += committed ? n : 0;
    w->status.refused += committed ? rows_of(b) - n : 0;
    w->status.failed += committed ? 0 : n;
    pthread_mutex_unlock(&w->mutex);
    finish(b);
}

static void note_commit(struct ll_writer *w, double ms)
{
    pthread_mutex_lock(&w->mutex);
    w->status.last_commit_ms = ms;
    w->status.commits++;
    pthread_mutex_unlock(&w->mutex);
}

static bool refuses(struct ll_writer *w)
{
    return has_failed(w) || (w->stopping && mono(w) >= w->stop_at);
}

/* One commit for all of them; the answers go out in the order of arrival. */
static void commit(struct ll_writer *w, struct ll_batch **batches, size_t n)
{
    struct ll_err err;
    bool ok = false;
    if (!refuses(w)) {
        double start = now_ms();
        ok = w->ops->append(w->store, batches, n, &err);
        if (ok)
            note_commit(w, now_ms() - start);
        else
            fail(w, &err);
    }
    for (size_t i = 0; i < n; i++)
        answer(w, batches[i], ok);
}

static void commit_all(struct ll_writer *w, struct ll_batch **batches, size_t n)
{
    size_t from = 0, samples = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > from && samples + rows_of(batches[i]) > GROUP_SAMPLES) {
            commit(w, batches + from, i - from);
            from = i;
            samples = 0;
        }
        samples += rows_of(batches[i]);
    }
    if (n > from)
        commit(w, batches + from, n - from);
}

static struct event_wait *take_events(struct ll_writer *w, bool close)
{
    pthread_mutex_lock(&w->mutex);
    struct event_wait *first = w->events;
    w->events = NULL;
    w->events_tail = &w->events;
    w->closed = w->closed || close;
    pthread_mutex_unlock(&w->mutex);
    return first;
}

static void write_event(struct ll_writer *w, struct event_wait *e)
{
    struct ll_err err;
    bool ok = !refuses(w);
    if (ok) {
        double start = now_ms();
        ok = w->ops->append_event(w->store, e->event, &err);
        if (ok)
            note_commit(w, now_ms() - start);
        else
            fail(w, &err);
    }
    if (!ok)
        storage_error(w, &err);
    pthread_mutex_lock(&w->mutex);
    e->ok = ok;
    if (!ok)
        e->err = err;
    e->done = true; /* its memory is the caller's again */
    pthread_cond_broadcast(&w->event_done);
    pthread_mutex_unlock(&w->mutex);
}

static void write_events(struct ll_writer *w, bool close)
{
    struct event_wait *e = take_events(w, close);
    while (e) {
        struct event_wait *next = e->next;
        write_event(w, e);
        e = next;
    }
}

static void set_store(struct ll_writer *w, struct ll_store *store)
{
    pthread_mutex_lock(&w->mutex);
    w->store = store;
    pthread_mutex_unlock(&w->mutex);
}

static bool open_again(struct ll_writer *w, struct ll_err *err)
{
    struct ll_store *old = w->store, *store;
    set_store(w, NULL);
    if (old)
        w->ops->close(old);
    if (!w->ops->open(&w->store_opts, &store, err))
        return false;
    set_store(w, store);
    w->reopen = false;
    return true;
}

/* An empty append is a durable mark: it succeeds when the store can write again. */
static void recover(struct ll_writer *w)
{
    struct ll_err err;
    if (mono(w) < w->probe_at)
        return;
    bool ok = (!w->reopen || open_again(w, &err)) && w->ops->append(w->store, NULL, 0, &err);
    if (!ok) {
        fail(w, &err);
        return;
    }
    pthread_mutex_lock(&w->mutex);
    w->status.state = LL_WRITER_OK;
    w->status.err = (struct ll_err){0};
    pthread_mutex_unlock(&w->mutex);
}

static void upkeep(struct ll_writer *w)
{
    struct ll_err err;
    bool more = false;
    if (mono(w) < w->upkeep_at)
        return;
    if (w->ops->maintain(w->store, w->clock.now(w->clock.self), &more, &err)) {
        w->upkeep_at = mono(w) + (more ? 0 : IDLE_MS);
        return;
    }
    w->upkeep_at = mono(w) + UPKEEP_RETRY_MS;
    if (err.code == LL_E_IO || err.code == LL_E_DAMAGED)
        fail(w, &err); /* a full or locked store will say so to the next batch */
}

static ll_dur wait_time(struct ll_writer *w)
{
    ll_time until = has_failed(w) ? w->probe_at : w->upkeep_at;
    ll_dur wait = until - mono(w);
    return LL_MIN(LL_MAX(wait, 0), has_failed(w) ? PROBE_MS : IDLE_MS);
}

static void *writer_main(void *ctx)
{
    struct ll_writer *w = ctx;
    void *items[GROUP_BATCHES];
    for (;;) {
        size_t n = ll_queue_pop(w->queue, items, LL_LEN(items), wait_time(w));
        if (!w->stopping && ll_queue_closed(w->queue)) {
            w->stopping = true;
            w->stop_at = mono(w) + LL_WRITER_GRACE_MS;
        }
        struct ll_batch *batches[GROUP_BATCHES];
        for (size_t i = 0; i < n; i++)
            batches[i] = items[i];
        write_events(w, false);
        commit_all(w, batches, n);
        if (n == 0 && w->stopping)
            break;
        if (has_failed(w))
            recover(w);
        else if (!w->stopping)
            upkeep(w);
    }
    write_events(w, true);
    return NULL;
}

static void destroy(struct ll_writer *w)
{
    if (w->store)
        w->ops->close(w->store);
    ll_queue_free(w->queue);
    pthread_cond_destroy(&w->event_done);
    pthread_mutex_destroy(&w->mutex);
    free(w->path);
    free(w);
}

/* The thread takes no signals: they are the main thread's. */
static bool start_thread(struct ll_writer *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&w->thread, NULL, writer_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0;
}

bool ll_writer_new(const struct ll_writer_opts *opts, struct ll_writer **out, struct ll_err *err)
{
    struct ll_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the store writer");
    w->ops = opts->ops;
    w->clock = opts->clock;
    w->store_opts = opts->store;
    w->events_tail = &w->events;
    w->status.last_commit_ms = NAN;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->event_done, NULL);
    w->queue = ll_queue_new(opts->queue_batches ? opts->queue_batches : QUEUE_BATCHES);
    w->path = opts->store.path ? strdup(opts->store.path) : NULL;
    w->store_opts.path = w->path;
    bool ok = w->queue && (w->path || !opts->store.path);
    if (!ok)
        ll_err_set(err, LL_E_MEMORY, "no memory for the store writer");
    ok = ok && w->ops->open(&w->store_opts, &w->store, err);
    if (ok && !start_thread(w))
        ok = ll_err_set(err, LL_E_IO, "the store writer's thread did not start");
    if (!ok) {
        destroy(w);
        return false;
    }
    *out = w;
    return true;
}

void ll_writer_free(struct ll_writer *w)
{
    if (!w)
        return;
    ll_queue_close(w->queue);
    pthread_join(w->thread, NULL);
    destroy(w);
}

bool ll_writer_push(struct ll_writer *w, struct ll_batch *b, struct ll_err *err)
{
    return ll_queue_push(w->queue, b) ||
           ll_err_set(err, LL_E_BUSY, "%zu batches wait to be written", ll_queue_length(w->queue));
}

bool ll_writer_event(struct ll_writer *w, const struct ll_scaling_event *e, struct ll_err *err)
{
    struct event_wait wait = {.event = e};
    pthread_mutex_lock(&w->mutex);
    if (w->closed) {
        pthread_mutex_unlock(&w->mutex);
        return ll_err_set(err, LL_E_STORAGE, "the store writer is stopping");
    }
    *w->events_tail = &wait;
    w->events_tail = &wait.next; /* cppcheck-suppress autoVariables; this call outlasts it */
    ll_queue_wake(w->queue);
    while (!wait.done)
        pthread_cond_wait(&w->event_done, &w->mutex);
    pthread_mutex_unlock(&w->mutex);
    if (!wait.ok && err)
        *err = wait.err;
    return wait.ok;
}

bool ll_writer_reader(struct ll_writer *w, struct ll_store_reader **out, struct ll_err *err)
{
    pthread_mutex_lock(&w->mutex);
    bool ok = w->store
                  ? w->ops->reader_open(w->store, out, err)
                  : ll_err_set(err, LL_E_STORAGE, "the store is closed: %s", w->status.err.text);
    pthread_mutex_unlock(&w->mutex);
    return ok;
}

void ll_writer_status(struct ll_writer *w, struct ll_writer_status *out)
{
    pthread_mutex_lock(&w->mutex);
    *out = w->status;
    pthread_mutex_unlock(&w->mutex);
    out->queued = ll_queue_length(w->queue);
}
