/* What a mapper makes of a request becomes batches for the store writer.
 *
 * A sender waits for all batches of its request.  Results that could not be committed are kept
 * and pushed again: the sender will send its request again, but the mapper has seen it and will
 * not make them twice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/intake_private.h"

/* Memory that a batch's labelled rows stand in. */
struct held {
    struct ll_labeled_set *set;
    struct ll_labeled_row *rows;
    char *body;
};

static void held_free(void *ctx)
{
    struct held *h = ctx;
    ll_labeled_set_free(h->set);
    free(h->rows);
    free(h->body);
    free(h);
}

static struct ll_batch *new_batch(ll_time now)
{
    LL_AUTO(ll_batch) b = ll_batch_new(LL_INTAKE_SAMPLES, LL_INTAKE_BUSINESS, LL_ORIGIN_PUSH);
    if (!b)
        return NULL;
    b->facts = LL_ARENA_NEW(b->arena, struct ll_service_facts, LL_INTAKE_FACTS);
    b->ends = LL_ARENA_NEW(b->arena, struct ll_series_end, LL_INTAKE_ENDS);
    if (!b->facts || !b->ends)
        return NULL;
    b->received = now;
    struct ll_batch *made = b;
    b = NULL;
    return made;
}

/* The batch under way, made when there is none. */
static struct ll_batch *current(struct ll_intake *in)
{
    if (!in->b)
        in->b = new_batch(ll_engine_now(in->e));
    in->failed |= !in->b;
    return in->b;
}

static bool copy_slice(struct ll_arena *a, struct ll_slice *s)
{
    char *z = ll_arena_copy(a, s->s, LL_MIN(s->n, (size_t)LL_NAME_MAX + 1));
    if (z)
        *s = (struct ll_slice){z, LL_MIN(s->n, (size_t)LL_NAME_MAX + 1)};
    return z != NULL;
}

static bool copy_key(struct ll_arena *a, struct ll_series_key *k)
{
    return copy_slice(a, &k->service) && copy_slice(a, &k->instance) && copy_slice(a, &k->part);
}

static void take_sample(void *ctx, const struct ll_sample *s)
{
    struct ll_intake *in = ctx;
    struct ll_batch *b = current(in);
    if (b && b->n == b->size) {
        ll_intake_flush(in);
        b = current(in);
    }
    if (!b || !ll_batch_add(b, s)) {
        in->failed = true;
        return;
    }
    const struct ll_config *c = in->pub->config;
    ll_time now = ll_engine_now(in->e);
    b->refusal[b->n - 1] = ll_sample_check(&b->v[b->n - 1], now, now - c->storage.retain_raw);
    if (in->delivery)
        in->delivery->mine.mapped++;
}

static void take_end(void *ctx, const struct ll_series_end *e)
{
    struct ll_intake *in = ctx;
    struct ll_batch *b = current(in);
    if (b && b->n_ends == LL_INTAKE_ENDS) {
        ll_intake_flush(in);
        b = current(in);
    }
    if (!b)
        return;
    struct ll_series_end copy = *e;
    if (copy_key(b->arena, &copy.key))
        b->ends[b->n_ends++] = copy;
    else
        in->failed = true;
}

static bool copy_facts(struct ll_arena *a, struct ll_service_facts *f)
{
    struct ll_service_meta *m = &f->meta;
    return copy_slice(a, &f->service) && copy_slice(a, &f->source) && copy_slice(a, &f->kind) &&
           copy_slice(a, &m->environment) && copy_slice(a, &m->cluster) &&
           copy_slice(a, &m->namespace_) && copy_slice(a, &m->team) && copy_slice(a, &m->owner) &&
           copy_slice(a, &m->tier) && copy_slice(a, &m->venue) && copy_slice(a, &m->site);
}

static void take_facts(void *ctx, const struct ll_service_facts *f)
{
    struct ll_intake *in = ctx;
    struct ll_batch *b = current(in);
    if (b && b->n_facts == LL_INTAKE_FACTS) {
        ll_intake_flush(in);
        b = current(in);
    }
    if (!b)
        return;
    struct ll_service_facts copy = *f;
    if (copy_facts(b->arena, &copy))
        b->facts[b->n_facts++] = copy;
    else
        in->failed = true;
}

static void take_business(void *ctx, const struct ll_business *x)
{
    struct ll_intake *in = ctx;
    struct ll_batch *b = current(in);
    if (b && b->n_business == LL_INTAKE_BUSINESS) {
        ll_intake_flush(in);
        b = current(in);
    }
    if (!b)
        return;
    struct ll_business copy = *x;
    if (copy_slice(b->arena, &copy.metric) && copy_slice(b->arena, &copy.service) &&
        copy_slice(b->arena, &copy.venue))
        b->business[b->n_business++] = copy;
    else
        in->failed = true;
}

struct ll_mapper_out ll_intake_out(struct ll_intake *in)
{
    return (struct ll_mapper_out){.ctx = in,
                                  .sample = take_sample,
                                  .end = take_end,
                                  .facts = take_facts,
                                  .business = take_business};
}

void ll_intake_begin(struct ll_intake *in, struct ll_delivery *d)
{
    in->delivery = d;
    in->failed = false;
}

void ll_intake_release(struct ll_delivery *d)
{
    if (!d || atomic_fetch_sub(&d->left, 1) > 1)
        return;
    struct ll_intake_result r = d->mine;
    if (!d->theirs.committed && d->mine.committed) {
        r.committed = false;
        r.err = d->theirs.err;
    }
    r.stored = d->theirs.stored;
    for (size_t i = 0; i < LL_REFUSAL_COUNT; i++)
        r.refused[i] += d->theirs.refused[i];
    if (d->done)
        d->done(&r, d->ctx);
    free(d);
}

/* On the writer's thread. */
static void acknowledged(const struct ll_batch *b, void *ctx)
{
    struct ll_delivery *d = ctx;
    if (!d)
        return;
    struct ll_intake_result *r = &d->theirs;
    if (!b->committed) {
        r->committed = false;
        r->err = b->err;
    }
    for (size_t i = 0; i < b->n_labeled && b->committed; i++) {
        enum ll_refusal why = b->labeled[i].refusal;
        r->refused[why] += why != LL_REFUSAL_NONE;
        r->stored += why == LL_REFUSAL_NONE;
    }
    for (size_t i = 0; i < b->n && b->committed; i++)
        r->refused[LL_REFUSAL_SERIES_LIMIT] += b->refusal[i] == LL_REFUSAL_SERIES_LIMIT;
    ll_intake_release(d);
}

static bool is_empty(const struct ll_batch *b)
{
    return b->n + b->n_business + b->n_facts + b->n_ends + b->n_labeled + b->inbox.n == 0;
}

static void push(struct ll_intake *in, struct ll_batch *b, struct ll_delivery *d)
{
    struct ll_err err;
    if (d)
        atomic_fetch_add(&d->left, 1);
    if (ll_engine_deliver(in->e, b, acknowledged, d, &err))
        return;
    if (d) {
        d->mine.committed = false;
        d->mine.err = err;
        atomic_fetch_sub(&d->left, 1); /* the intake holds one itself */
    }
    ll_intake_again(in, b);
}

void ll_intake_flush(struct ll_intake *in)
{
    struct ll_batch *b = in->b;
    in->b = NULL;
    if (!b)
        return;
    if (is_empty(b))
        ll_batch_free(b);
    else
        push(in, b, in->delivery);
}

void ll_intake_keep(struct ll_intake *in, struct ll_labeled_row *rows, size_t n,
                    struct ll_labeled_set *set, char *body, size_t body_n)
{
    struct ll_batch *b = current(in);
    struct held *h = b ? calloc(1, sizeof(*h)) : NULL;
    if (!h) {
        in->failed = true;
        free(rows);
        free(body);
        ll_labeled_set_free(set);
        return;
    }
    *h = (struct held){set, rows, body};
    b->held = h;
    b->held_free = held_free;
    b->labeled = rows;
    b->n_labeled = n;
    b->inbox = (struct ll_slice){body, body ? body_n : 0};
}

void ll_intake_again(struct ll_intake *in, struct ll_batch *b)
{
    /* Its sender was told no and keeps these. */
    if (b->held_free)
        b->held_free(b->held);
    b->held_free = NULL;
    b->n_labeled = 0;
    b->inbox.n = 0;
    if (is_empty(b)) {
        ll_batch_free(b);
        return;
    }
    b->next = NULL;
    pthread_mutex_lock(&in->lock);
    struct ll_batch *lost = in->n_backlog == LL_INTAKE_BACKLOG ? in->backlog : NULL;
    if (lost) {
        in->backlog = lost->next;
        in->n_backlog--;
        if (!in->backlog)
            in->backlog_tail = &in->backlog;
    }
    *in->backlog_tail = b;
    in->backlog_tail = &b->next;
    in->n_backlog++;
    pthread_mutex_unlock(&in->lock);
    if (!lost)
        return;
    ll_batch_free(lost);
    pthread_mutex_lock(&in->e->lock);
    in->e->status.dropped_batches++;
    pthread_mutex_unlock(&in->e->lock);
}

void ll_intake_retry(struct ll_intake *in)
{
    struct ll_writer_status w;
    pthread_mutex_lock(&in->lock);
    struct ll_batch *list = in->backlog;
    pthread_mutex_unlock(&in->lock);
    if (!list)
        return;
    ll_writer_status(in->e->writer, &w);
    if (w.state != LL_WRITER_OK)
        return;
    pthread_mutex_lock(&in->lock);
    list = in->backlog;
    in->backlog = NULL;
    in->backlog_tail = &in->backlog;
    in->n_backlog = 0;
    pthread_mutex_unlock(&in->lock);
    while (list) {
        struct ll_batch *b = list;
        list = b->next;
        b->next = NULL;
        push(in, b, NULL);
    }
}
