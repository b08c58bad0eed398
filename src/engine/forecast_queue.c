/* A heap of jobs between those who want forecasts and the threads that fit. */
#include <stdlib.h>
#include <string.h>

#include "engine/forecasts_private.h"

LL_VEC_DEFINE(job_vec, struct ll_forecast_job *)

struct ll_forecast_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job_vec heap;
    bool closed;
};

struct ll_forecast_queue *ll_forecast_queue_new(void)
{
    struct ll_forecast_queue *q = calloc(1, sizeof(*q));
    if (!q)
        return NULL;
    q->heap.cap = SIZE_MAX / sizeof(void *);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    return q;
}

void ll_forecast_queue_free(struct ll_forecast_queue *q)
{
    if (!q)
        return;
    for (size_t i = 0; i < q->heap.n; i++)
        ll_forecast_job_free(q->heap.v[i]);
    job_vec_fini(&q->heap);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/* By priority; then those without any forecast; then as they came. */
static bool before(const struct ll_forecast_job *a, const struct ll_forecast_job *b)
{
    if (a->priority < b->priority || a->priority > b->priority)
        return a->priority > b->priority;
    return a->refit == b->refit ? a->seq < b->seq : !a->refit;
}

static void swap(struct job_vec *h, size_t a, size_t b)
{
    struct ll_forecast_job *x = h->v[a];
    h->v[a] = h->v[b];
    h->v[b] = x;
}

static void rise(struct job_vec *h, size_t i)
{
    for (; i && before(h->v[i], h->v[(i - 1) / 2]); i = (i - 1) / 2)
        swap(h, i, (i - 1) / 2);
}

bool ll_forecast_queue_put(struct ll_forecast_queue *q, struct ll_forecast_job *j)
{
    pthread_mutex_lock(&q->lock);
    bool ok = !q->closed && job_vec_push(&q->heap, j);
    if (ok)
        rise(&q->heap, q->heap.n - 1);
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return ok;
}

static void sink(struct job_vec *h)
{
    for (size_t i = 0, next; (next = 2 * i + 1) < h->n; i = next) {
        if (next + 1 < h->n && before(h->v[next + 1], h->v[next]))
            next++;
        if (!before(h->v[next], h->v[i]))
            return;
        swap(h, i, next);
    }
}

struct ll_forecast_job *ll_forecast_queue_take(struct ll_forecast_queue *q)
{
    struct ll_forecast_job *j = NULL;
    pthread_mutex_lock(&q->lock);
    while (!q->closed && !q->heap.n)
        pthread_cond_wait(&q->changed, &q->lock);
    if (!q->closed) {
        j = q->heap.v[0];
        q->heap.v[0] = q->heap.v[--q->heap.n];
        sink(&q->heap);
    }
    pthread_mutex_unlock(&q->lock);
    return j;
}

bool ll_forecast_queue_raise(struct ll_forecast_queue *q, const char *key, size_t n)
{
    bool found = false;
    pthread_mutex_lock(&q->lock);
    for (size_t i = 0; i < q->heap.n && !found; i++) {
        struct ll_forecast_job *j = q->heap.v[i];
        found = j->key_n == n && !j->answered && memcmp(j->key, key, n) == 0;
        if (found) {
            j->priority = LL_FORECAST_FIRST;
            rise(&q->heap, i);
        }
    }
    pthread_mutex_unlock(&q->lock);
    return found;
}

void ll_forecast_queue_close(struct ll_forecast_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

size_t ll_forecast_queue_length(struct ll_forecast_queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->heap.n;
    pthread_mutex_unlock(&q->lock);
    return n;
}
