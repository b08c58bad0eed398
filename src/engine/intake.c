#include "engine/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/intake_private.h"
#include "os/thread.h"

enum { AT_ONCE = 64 };

static const ll_dur beat = LL_SECOND, report_every = 5 * LL_SECOND;

static void free_msg(struct ll_intake_msg *m)
{
    if (!m)
        return;
    ll_labeled_set_free(m->set);
    ll_intake_unanswered(m->wait);
    free(m->body);
    free(m);
}

static bool copy_body(struct ll_intake_msg *m)
{
    struct ll_slice body = m->opts.body;
    if (body.n == 0)
        return true;
    m->body = malloc(body.n + 1);
    if (!m->body)
        return false;
    m->body[0] = m->opts.body_form;
    memcpy(m->body + 1, body.s, body.n);
    m->body_n = body.n + 1;
    m->opts.body = (struct ll_slice){"", 0};
    return true;
}

bool ll_engine_intake(struct ll_engine *e, struct ll_labeled_set *set,
                      const struct ll_intake_opts *opts,
                      void (*done)(const struct ll_intake_result *r, void *ctx), void *ctx,
                      struct ll_err *err)
{
    struct ll_intake *in = e->intake;
    size_t bytes = ll_arena_used(set->arena) + opts->body.n;
    if (atomic_load(&in->bytes) + bytes > LL_INTAKE_BYTES)
        return ll_err_set(err, LL_E_BUSY, "the intake has %d MiB waiting", LL_INTAKE_BYTES >> 20);
    struct ll_intake_msg *m = calloc(1, sizeof(*m));
    if (!m)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a request");
    *m = (struct ll_intake_msg){.opts = *opts, .bytes = bytes, .done = done, .ctx = ctx};
    if (!copy_body(m)) {
        free(m);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a body of %zu bytes", opts->body.n);
    }
    m->set = set;
    atomic_fetch_add(&in->bytes, bytes);
    if (ll_queue_push(in->queue, m))
        return true;
    atomic_fetch_sub(&in->bytes, bytes);
    m->set = NULL; /* stays the caller's */
    free_msg(m);
    return ll_err_set(err, LL_E_BUSY, "the intake's queue is full");
}

/* Rows for every point of the series that are kept under their own labels. */
struct keeping {
    struct ll_labeled_row *v;
    size_t n, size;
    bool failed;
};

static void keep(struct keeping *k, const struct ll_labeled_series *s, size_t most)
{
    if (k->failed)
        return;
    if (k->n + s->n > k->size) {
        size_t size = LL_MIN(LL_MAX(k->size * 2, k->n + s->n + 64), most);
        struct ll_labeled_row *v = realloc(k->v, size * sizeof(*v));
        if (!v) {
            k->failed = true;
            return;
        }
        k->v = v;
        k->size = size;
    }
    for (size_t i = 0; i < s->n; i++)
        k->v[k->n++] = (struct ll_labeled_row){s->labels, s->points[i], LL_REFUSAL_NONE};
}

/* Finds or meets one series; NULL when nothing is made of its points. */
static struct ll_mapper_series *meet_series(struct ll_intake *in, struct ll_intake_source *src,
                                            const struct ll_labeled_series *s, ll_time now,
                                            struct keeping *kept, size_t most,
                                            struct ll_intake_result *res)
{
    enum ll_mapper_fate fate = LL_MAPPER_REFUSED;
    bool raw = false;
    struct ll_mapper_series *m =
        ll_mapper_series(src->mapper, s->labels, s->kind, now, &fate, &raw);
    ll_intake_tap_series(in, src->name, s);
    if (raw)
        keep(kept, s, most);
    if (fate == LL_MAPPER_REFUSED) {
        res->refused[LL_REFUSAL_SERIES_LIMIT] += s->n;
        src->refused += s->n;
        ll_intake_offend(src, s->labels, s->n);
    }
    res->unmatched += fate == LL_MAPPER_UNMATCHED && !raw ? s->n : 0;
    res->dropped += fate == LL_MAPPER_DROPPED && !raw ? s->n : 0;
    return fate == LL_MAPPER_MAPPED ? m : NULL;
}

/* Folds a set into the mapper; true when any of its points are mapped.  All series are met before
 * the first point is put: a sum waits for the members that are new in this set. */
static bool map_all(struct ll_intake *in, struct ll_intake_source *src,
                    const struct ll_labeled_set *set, ll_time now, struct keeping *kept,
                    struct ll_intake_result *res)
{
    const struct ll_mapper_out out = ll_intake_out(in);
    struct ll_mapper_series **met =
        calloc(LL_MAX(set->n, (size_t)1), sizeof(struct ll_mapper_series *));
    bool mapped = false;
    if (!met) {
        in->failed = true;
        return false;
    }
    for (size_t i = 0; i < set->n; i++)
        met[i] = meet_series(in, src, &set->v[i], now, kept, set->points, res);
    for (size_t i = 0; i < set->n; i++) {
        mapped |= met[i] != NULL;
        for (size_t k = 0; met[i] && k < set->v[i].n; k++)
            ll_mapper_put(src->mapper, met[i], &set->v[i].points[k], &out);
    }
    free(met);
    return mapped;
}

static bool map_set(struct ll_intake *in, struct ll_intake_source *src,
                    const struct ll_intake_msg *m, struct keeping *kept,
                    struct ll_intake_result *res)
{
    const struct ll_mapper_out out = ll_intake_out(in);
    bool mapped = map_all(in, src, m->set, m->opts.received, kept, res);
    if (m->opts.complete) /* facts are in each of a Prometheus' answers */
        ll_mapper_close(src->mapper, m->opts.received, LL_MAPPER_COMPLETE_FACTS, &out);
    for (size_t i = 0; i < m->opts.n_business; i++)
        out.business(in, &m->opts.business[i]);
    src->points += m->set->points;
    src->last = in->e->clock.mono(in->e->clock.self);
    return mapped;
}

void ll_intake_map_again(struct ll_intake *in, const struct ll_labeled_set *set, ll_time received)
{
    struct ll_intake_source *src = ll_intake_source(in, LL_INTAKE_PUSHED);
    struct ll_intake_result res = {0};
    struct keeping none = {.failed = true}; /* nothing is kept */
    if (src)
        map_all(in, src, set, received, &none, &res);
}

static struct ll_delivery *delivery_of(const struct ll_intake_msg *m)
{
    struct ll_delivery *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    atomic_init(&d->left, 1);
    d->done = m->done;
    d->ctx = m->ctx;
    d->mine.committed = d->theirs.committed = true;
    d->mine.points = m->set->points;
    return d;
}

static void refuse(const struct ll_intake_msg *m, const char *why)
{
    struct ll_intake_result r = {.points = m->set->points};
    ll_err_set(&r.err, LL_E_MEMORY, "%s", why);
    if (m->done)
        m->done(&r, m->ctx);
}

static void handle_set(struct ll_intake *in, struct ll_intake_msg *m)
{
    struct ll_intake_source *src = ll_intake_source(in, m->opts.source);
    struct ll_delivery *d = src ? delivery_of(m) : NULL;
    struct keeping kept = {0};
    if (!d) {
        refuse(m, "no memory to map a request");
        return;
    }
    ll_intake_begin(in, d);
    bool mapped = map_set(in, src, m, &kept, &d->mine);
    char *body = mapped ? m->body : NULL;
    if (kept.n > 0 || body) {
        ll_intake_keep(in, kept.v, kept.n, m->set, body, m->body_n);
        m->set = NULL;
        m->body = body ? NULL : m->body;
    } else {
        free(kept.v);
    }
    ll_intake_alarm(in, src);
    if (in->failed || kept.failed) { /* told no, so that it is sent again */
        d->mine.committed = false;
        ll_err_set(&d->mine.err, LL_E_MEMORY, "no memory for what a request became");
    }
    ll_intake_flush(in);
    ll_intake_begin(in, NULL);
    ll_intake_release(d);
}

static void handle(struct ll_intake *in, struct ll_intake_msg *m)
{
    if (m->what == LL_INTAKE_SET) {
        handle_set(in, m);
    } else if (m->what == LL_INTAKE_TAP) {
        ll_intake_tap_begin(in);
    } else {
        ll_intake_answer(in, m->wait);
        m->wait = NULL;
    }
}

/* Rounds that nobody added to for a while, of what is pushed and scraped. */
static void close_waiting(struct ll_intake *in)
{
    const struct ll_mapper_out out = ll_intake_out(in);
    ll_time now = ll_engine_now(in->e);
    ll_intake_begin(in, NULL);
    for (size_t i = 0; i < in->n_sources; i++)
        if (in->sources[i]->mapper)
            ll_mapper_close(in->sources[i]->mapper, now, LL_MAPPER_WAITING, &out);
    ll_intake_flush(in);
}

static void *run(void *ctx)
{
    struct ll_intake *in = ctx;
    struct ll_engine *e = in->e;
    void *items[AT_ONCE];
    ll_intake_follow(in);
    ll_intake_replay(in);
    ll_time next = e->clock.mono(e->clock.self) + beat;
    while (!atomic_load(&e->stopping) || ll_queue_length(in->queue) > 0) {
        ll_time mono = e->clock.mono(e->clock.self);
        size_t n = ll_queue_pop(in->queue, items, AT_ONCE, LL_MAX(next - mono, (ll_dur)0));
        ll_intake_follow(in);
        for (size_t i = 0; i < n; i++) {
            struct ll_intake_msg *m = items[i];
            atomic_fetch_sub(&in->bytes, m->bytes);
            handle(in, m);
            free_msg(m);
        }
        mono = e->clock.mono(e->clock.self);
        if (mono < next)
            continue;
        next = mono + beat;
        close_waiting(in);
        ll_intake_retry(in);
        ll_intake_tap_tick(in);
        if (mono >= in->report_at) {
            in->report_at = mono + report_every;
            ll_intake_publish(in);
            ll_engine_agents_silent(e);
        }
    }
    return NULL;
}

struct ll_intake *ll_intake_new(struct ll_engine *e)
{
    struct ll_intake *in = calloc(1, sizeof(*in));
    if (!in)
        return NULL;
    in->e = e;
    in->backlog_tail = &in->backlog;
    pthread_mutex_init(&in->lock, NULL);
    in->queue = ll_queue_new(LL_INTAKE_QUEUE);
    if (in->queue)
        return in;
    ll_intake_free(in);
    return NULL;
}

bool ll_intake_start(struct ll_intake *in, struct ll_err *err)
{
    in->started = ll_thread_start(&in->thread, run, in, "intake", err);
    return in->started;
}

void ll_intake_stop(struct ll_intake *in)
{
    if (!in || !in->started)
        return;
    ll_queue_wake(in->queue);
    pthread_join(in->thread, NULL);
    in->started = false;
}

void ll_intake_free(struct ll_intake *in)
{
    if (!in)
        return;
    void *item;
    while (in->queue && ll_queue_pop(in->queue, &item, 1, 0))
        free_msg(item);
    ll_queue_free(in->queue);
    for (size_t i = 0; i < in->n_sources; i++)
        ll_intake_source_free(in->sources[i]);
    ll_intake_tap_end(in);
    ll_batch_free(in->b);
    while (in->backlog) {
        struct ll_batch *b = in->backlog;
        in->backlog = b->next;
        ll_batch_free(b);
    }
    if (in->discovery)
        ll_discovery_release(&in->discovery->d);
    ll_engine_release(in->pub);
    pthread_mutex_destroy(&in->lock);
    free(in);
}
