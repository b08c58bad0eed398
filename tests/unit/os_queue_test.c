#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "os/clock.h"
#include "os/queue.h"
#include "support.h"

static void *item(size_t i)
{
    return (void *)(uintptr_t)(i + 1);
}

static ll_time mono(void)
{
    struct ll_clock clock = ll_clock_real();
    return clock.mono(clock.self);
}

START_TEST(queue_keeps_order_and_capacity)
{
    LL_AUTO(ll_queue) q = ll_queue_new(3);
    void *got[5] = {0};
    size_t next_in = 0, next_out = 0;
    for (int round = 0; round < 20; round++) { /* wraps at every place of the ring */
        while (ll_queue_push(q, item(next_in)))
            next_in++;
        ck_assert_uint_eq(ll_queue_length(q), 3);
        size_t n = ll_queue_pop(q, got, 1 + (size_t)round % 5, 0);
        ck_assert_uint_eq(n, LL_MIN((size_t)1 + (size_t)round % 5, (size_t)3));
        for (size_t i = 0; i < n; i++)
            ck_assert_ptr_eq(got[i], item(next_out++));
    }
    ll_queue_free(NULL);
}
END_TEST

START_TEST(queue_pop_waits_no_longer_than_told)
{
    LL_AUTO(ll_queue) q = ll_queue_new(3);
    void *got[1];
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, 0), 0);
    ll_time before = mono();
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, 50), 0);
    ck_assert_int_ge(mono() - before, 49); /* the clock's own rounding to ms */
    for (int i = 0; i < 20; i++)           /* the nanoseconds of the deadline carry */
        ck_assert_uint_eq(ll_queue_pop(q, got, 1, 53), 0);
    ck_assert_int_lt(mono() - before, 30 * LL_SECOND);

    ck_assert(ll_queue_push(q, item(1)));
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, INT64_MAX), 1);
    ck_assert(ll_queue_push(q, item(1)));
    ck_assert_uint_eq(ll_queue_pop(q, got, 0, -1), 0); /* room for none: takes none */
    ck_assert_uint_eq(ll_queue_length(q), 1);
}
END_TEST

START_TEST(queue_close_lets_the_rest_out)
{
    LL_AUTO(ll_queue) q = ll_queue_new(3);
    void *got[3];
    ck_assert(ll_queue_push(q, item(0)));
    ck_assert(ll_queue_push(q, item(1)));
    ck_assert(!ll_queue_closed(q));
    ll_queue_close(q);
    ck_assert(ll_queue_closed(q));
    ck_assert(!ll_queue_push(q, item(2)));
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, -1), 1);
    ck_assert_ptr_eq(got[0], item(0));
    ck_assert_uint_eq(ll_queue_pop(q, got, 3, -1), 1);
    ck_assert_ptr_eq(got[0], item(1));
    ck_assert_uint_eq(ll_queue_pop(q, got, 3, -1), 0); /* at once, for ever */
}
END_TEST

START_TEST(queue_wake_is_kept_for_one_pop)
{
    LL_AUTO(ll_queue) q = ll_queue_new(3);
    void *got[1];
    ll_queue_wake(q);
    ll_queue_wake(q); /* twice is once */
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, -1), 0);
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, 1), 0); /* this one waited */
    ll_queue_wake(q);
    ck_assert(ll_queue_push(q, item(0)));
    ck_assert_uint_eq(ll_queue_pop(q, got, 1, -1), 1); /* woken, and there was something */
}
END_TEST

static void capacity_of_nothing(void)
{
    ll_queue_free(ll_queue_new(0));
}

START_TEST(queue_needs_a_capacity_and_memory)
{
    ck_assert(ll_test_aborts(capacity_of_nothing));
    ck_assert_ptr_null(ll_queue_new(SIZE_MAX));
    ck_assert_ptr_null(ll_queue_new(SIZE_MAX / sizeof(void *)));
    ll_test_fail_alloc(1);
    ck_assert_ptr_null(ll_queue_new(10));
}
END_TEST

enum { PRODUCERS = 4, CONSUMERS = 3, EACH = 5000, ALL = PRODUCERS * EACH };

struct crowd {
    struct ll_queue *q;
    atomic_uint taken[ALL]; /* how often each item came out */
    atomic_size_t refused, disorder, producer;
};

static void *produce(void *arg)
{
    struct crowd *c = arg;
    size_t first = atomic_fetch_add(&c->producer, 1) * EACH;
    for (size_t i = 0; i < EACH; i++)
        while (!ll_queue_push(c->q, item(first + i))) {
            atomic_fetch_add(&c->refused, 1);
            sched_yield();
        }
    return NULL;
}

static void *consume(void *arg)
{
    struct crowd *c = arg;
    size_t last[PRODUCERS] = {0}; /* of each producer, what this consumer saw last */
    void *got[7];
    for (;;) {
        size_t n = ll_queue_pop(c->q, got, LL_LEN(got), -1);
        if (n == 0 && ll_queue_closed(c->q) && ll_queue_length(c->q) == 0)
            return NULL;
        for (size_t i = 0; i < n; i++) {
            size_t id = (size_t)(uintptr_t)got[i];
            size_t from = (id - 1) / EACH;
            atomic_fetch_add(&c->disorder, id <= last[from]);
            last[from] = id;
            atomic_fetch_add(&c->taken[id - 1], 1);
        }
    }
}

START_TEST(queue_hands_each_item_over_once_among_many)
{
    static struct crowd c;
    LL_AUTO(ll_queue) q = ll_queue_new(16);
    c.q = q;
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    for (size_t i = 0; i < CONSUMERS; i++)
        ck_assert_int_eq(pthread_create(&consumers[i], NULL, consume, &c), 0);
    for (size_t i = 0; i < PRODUCERS; i++)
        ck_assert_int_eq(pthread_create(&producers[i], NULL, produce, &c), 0);
    for (int i = 0; i < 1000; i++)
        ll_queue_wake(q); /* must neither lose nor invent items */
    for (size_t i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    ll_queue_close(q);
    for (size_t i = 0; i < CONSUMERS; i++)
        pthread_join(consumers[i], NULL);
    for (size_t i = 0; i < ALL; i++)
        if (c.taken[i] != 1)
            ck_abort_msg("item %zu came out %u times", i, c.taken[i]);
    ck_assert_uint_eq(c.disorder, 0);
}
END_TEST

struct waiter {
    struct ll_queue *q;
    size_t n;
    atomic_bool back;
};

static void *wait_for_ever(void *arg)
{
    struct waiter *w = arg;
    void *got[1];
    w->n = ll_queue_pop(w->q, got, 1, -1);
    w->back = true;
    return NULL;
}

START_TEST(queue_sleepers_come_back)
{
    void (*const calls[])(struct ll_queue *) = {ll_queue_wake, ll_queue_close};
    for (size_t k = 0; k < LL_LEN(calls); k++) {
        LL_AUTO(ll_queue) q = ll_queue_new(1);
        struct waiter w = {.q = q, .n = 9};
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_ever, &w), 0);
        void *none[1];
        ck_assert_uint_eq(ll_queue_pop(q, none, 1, 20), 0); /* time for it to lie down */
        ck_assert(!w.back);
        calls[k](q);
        pthread_join(thread, NULL);
        ck_assert_uint_eq(w.n, 0);
    }
    LL_AUTO(ll_queue) q = ll_queue_new(1);
    struct waiter w = {.q = q};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_ever, &w), 0);
    while (!ll_queue_push(q, item(0)))
        sched_yield();
    pthread_join(thread, NULL);
    ck_assert_uint_eq(w.n, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        queue_keeps_order_and_capacity,    queue_pop_waits_no_longer_than_told,
        queue_close_lets_the_rest_out,     queue_wake_is_kept_for_one_pop,
        queue_needs_a_capacity_and_memory, queue_hands_each_item_over_once_among_many,
        queue_sleepers_come_back,
    };
    return ll_test_run("os_queue", tests, LL_LEN(tests));
}
