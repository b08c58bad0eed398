/* Bounded queue of pointers between threads: whole hand-off, no shared data.
 *
 * Many may push, many may pop.  A push into a full or closed queue fails at once
 * (the caller answers 429 or waits, it never blocks a server thread); a pop waits. */
#ifndef LL_OS_QUEUE_H
#define LL_OS_QUEUE_H

#include "base/time.h"

struct ll_queue;

/* capacity > 0.  NULL without memory. */
struct ll_queue *ll_queue_new(size_t capacity);
void ll_queue_free(struct ll_queue *q); /* what is still inside is not freed */
LL_AUTO_DEFINE(ll_queue, ll_queue_free)

LL_MUST_USE bool ll_queue_push(struct ll_queue *q, void *item);

/* Takes up to max items in order; waits until there is one, the queue is closed, someone
 * wakes it, or `wait` has passed (< 0: for ever).  Returns how many. */
size_t ll_queue_pop(struct ll_queue *q, void **items, size_t max, ll_dur wait);

/* Lets one pop return without waiting: one that waits now, else the next. */
void ll_queue_wake(struct ll_queue *q);

/* No more pushes; pops go on until it is empty. */
void ll_queue_close(struct ll_queue *q);
bool ll_queue_closed(struct ll_queue *q);
size_t ll_queue_length(struct ll_queue *q);

#endif
