#include "os/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct ll_queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t capacity, head, n;
    bool closed, woken;
    void *items[];
};

struct ll_queue *ll_queue_new(size_t capacity)
{
    LL_ASSERT(capacity > 0);
    size_t bytes;
    if (__builtin_mul_overflow(capacity, sizeof(void *), &bytes) ||
        __builtin_add_overflow(bytes, sizeof(struct ll_queue), &bytes))
        return NULL;
    struct ll_queue *q = calloc(1, bytes);
    if (!q)
        return NULL;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* a stepped clock must not wake or stall */
    pthread_cond_init(&q->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&q->mutex, NULL);
    q->capacity = capacity;
    return q;
}

void ll_queue_free(struct ll_queue *q)
{
    if (!q)
        return;
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->mutex);
    free(q);
}

bool ll_queue_push(struct ll_queue *q, void *item)
{
    pthread_mutex_lock(&q->mutex);
    bool room = !q->closed && q->n < q->capacity;
    if (room) {
        q->items[(q->head + q->n++) % q->capacity] = item;
        pthread_cond_signal(&q->changed);
    }
    pthread_mutex_unlock(&q->mutex);
    return room;
}

static struct timespec deadline_after(ll_dur wait)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += (time_t)(wait / LL_SECOND);
    ts.tv_nsec += (long)(wait % LL_SECOND) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

static void wait_for_item(struct ll_queue *q, ll_dur wait)
{
    struct timespec deadline = wait > 0 ? deadline_after(wait) : (struct timespec){0};
    int timed_out = wait == 0;
    while (q->n == 0 && !q->closed && !q->woken && !timed_out)
        timed_out = wait < 0 ? pthread_cond_wait(&q->changed, &q->mutex)
                             : pthread_cond_timedwait(&q->changed, &q->mutex, &deadline);
}

size_t ll_queue_pop(struct ll_queue *q, void **items, size_t max, ll_dur wait)
{
    pthread_mutex_lock(&q->mutex);
    wait_for_item(q, wait);
    q->woken = false;
    size_t n = LL_MIN(max, q->n);
    for (size_t i = 0; i < n; i++)
        items[i] = q->items[(q->head + i) % q->capacity];
    q->head = (q->head + n) % q->capacity;
    q->n -= n;
    pthread_mutex_unlock(&q->mutex);
    return n;
}

void ll_queue_wake(struct ll_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->woken = true;
    pthread_cond_signal(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

void ll_queue_close(struct ll_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->mutex);
}

bool ll_queue_closed(struct ll_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    bool closed = q->closed;
    pthread_mutex_unlock(&q->mutex);
    return closed;
}

size_t ll_queue_length(struct ll_queue *q)
{
    pthread_mutex_lock(&q->mutex);
    size_t n = q->n;
    pthread_mutex_unlock(&q->mutex);
    return n;
}
