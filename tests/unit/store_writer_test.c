/* The store writer, on a store that does what a test tells it. */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/writer.h"

/* The fake: counts what is asked of it and fails when told.  It is used by the writer's
 * thread and looked at by the test's, hence the atomics. */
static struct {
    atomic_int opens, closes, appends, marks, events, upkeeps;
    atomic_int fail_with; /* enum ll_err_code, 0 = works */
    atomic_int fail_open_with;
    atomic_size_t largest_group;
    atomic_int slow_ms;   /* how far an append moves the clock */
    pthread_mutex_t gate; /* held by a test to keep an append waiting */
} fake;

static struct ll_store fake_store;

/* A clock that the test moves while the writer reads it. */
static atomic_llong mono_ms;

static void doze(long ms)
{
    const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

static bool fake_open(const struct ll_store_opts *opts, struct ll_store **out, struct ll_err *err)
{
    (void)opts;
    int code = atomic_load(&fake.fail_open_with);
    if (code)
        return ll_err_set(err, (enum ll_err_code)code, "cannot open");
    atomic_fetch_add(&fake.opens, 1);
    *out = &fake_store;
    return true;
}

static void fake_close(struct ll_store *s)
{
    (void)s;
    atomic_fetch_add(&fake.closes, 1);
}

static bool fake_append(struct ll_store *s, struct ll_batch *const *b, size_t n, struct ll_err *err)
{
    (void)s;
    (void)b;
    atomic_fetch_add(n ? &fake.appends : &fake.marks, 1);
    pthread_mutex_lock(&fake.gate);
    pthread_mutex_unlock(&fake.gate);
    atomic_fetch_add(&mono_ms, atomic_load(&fake.slow_ms));
    if (n > atomic_load(&fake.largest_group))
        atomic_store(&fake.largest_group, n);
    int code = atomic_load(&fake.fail_with);
    return code ? ll_err_set(err, (enum ll_err_code)code, "the disk is full") : true;
}

static bool fake_event(struct ll_store *s, const struct ll_scaling_event *e, struct ll_err *err)
{
    (void)s;
    (void)e;
    atomic_fetch_add(&fake.events, 1);
    int code = atomic_load(&fake.fail_with);
    return code ? ll_err_set(err, (enum ll_err_code)code, "the disk is full") : true;
}

static bool fake_maintain(struct ll_store *s, ll_time now, bool *more, struct ll_err *err)
{
    (void)s;
    (void)now;
    (void)err;
    atomic_fetch_add(&fake.upkeeps, 1);
    *more = false;
    return true;
}

static const struct ll_store_ops fake_ops = {
    .name = "fake",
    .open = fake_open,
    .close = fake_close,
    .append = fake_append,
    .append_event = fake_event,
    .maintain = fake_maintain,
};

static ll_time read_mono(void *self)
{
    (void)self;
    return atomic_load(&mono_ms);
}

static struct ll_writer *w;
static struct ll_err err;

/* Order and outcome of the answers. */
static struct {
    pthread_mutex_t mutex;
    int id[4096];
    bool ok[4096];
    enum ll_err_code code[4096];
    size_t n;
} answers;

static void note(struct ll_batch *b, void *ctx)
{
    pthread_mutex_lock(&answers.mutex);
    answers.id[answers.n] = (int)(intptr_t)ctx;
    answers.ok[answers.n] = b->committed;
    answers.code[answers.n++] = b->err.code;
    pthread_mutex_unlock(&answers.mutex);
    ll_batch_free(b);
}

static size_t answered(void)
{
    pthread_mutex_lock(&answers.mutex);
    size_t n = answers.n;
    pthread_mutex_unlock(&answers.mutex);
    return n;
}

#define EVENTUALLY(cond)                                                                           \
    do {                                                                                           \
        for (int tries = 0; !(cond) && tries < 5000; tries++)                                      \
            doze(1);                                                                               \
        ck_assert(cond);                                                                           \
    } while (0)

static struct ll_batch *one(int id)
{
    struct ll_batch *b = ll_batch_new(1, 0, LL_ORIGIN_PUSH);
    ck_assert(ll_batch_add(b, &(struct ll_sample){.key = {.service = LL_SLICE("a")}, .value = 1}));
    b->done = note;
    b->ctx = (void *)(intptr_t)id;
    return b;
}

static void push(int id)
{
    ck_assert_msg(ll_writer_push(w, one(id), &err), "%s", err.text);
}

static struct ll_writer_status status(void)
{
    struct ll_writer_status s;
    ll_writer_status(w, &s);
    return s;
}

static struct ll_writer_opts opts_of_fake(void)
{
    return (struct ll_writer_opts){
        .ops = &fake_ops, .clock = {read_mono, read_mono, NULL}, .queue_batches = 200};
}

static void setup(void)
{
    memset(&fake, 0, sizeof(fake));
    pthread_mutex_init(&fake.gate, NULL);
    pthread_mutex_init(&answers.mutex, NULL);
    answers.n = 0;
    atomic_store(&mono_ms, 1000);
    const struct ll_writer_opts opts = opts_of_fake();
    ck_assert_msg(ll_writer_new(&opts, &w, &err), "%s", err.text);
}

static void teardown(void)
{
    ll_writer_free(w);
    w = NULL;
    ck_assert_int_eq(atomic_load(&fake.opens), atomic_load(&fake.closes));
}

START_TEST(a_batch_is_answered_after_its_commit)
{
    pthread_mutex_lock(&fake.gate);
    push(7);
    EVENTUALLY(atomic_load(&fake.appends) == 1);
    ck_assert_uint_eq(answered(), 0);
    pthread_mutex_unlock(&fake.gate);
    EVENTUALLY(answered() == 1);
    ck_assert(answers.ok[0]);
    ck_assert_int_eq(answers.code[0], LL_E_OK);
    struct ll_writer_status s = status();
    ck_assert_uint_eq(s.committed, 1);
    ck_assert_uint_eq(s.commits, 1);
    ck_assert(!isnan(s.last_commit_ms));
}
END_TEST

START_TEST(what_waits_goes_into_one_commit_in_order)
{
    pthread_mutex_lock(&fake.gate);
    push(0);
    EVENTUALLY(atomic_load(&fake.appends) == 1);
    for (int i = 1; i <= 40; i++)
        push(i);
    pthread_mutex_unlock(&fake.gate);
    EVENTUALLY(answered() == 41);
    ck_assert_int_eq(atomic_load(&fake.appends), 2);
    ck_assert_uint_eq(atomic_load(&fake.largest_group), 40);
    for (int i = 0; i <= 40; i++)
        ck_assert_int_eq(answers.id[i], i);
}
END_TEST

START_TEST(a_group_is_bounded_by_its_samples)
{
    pthread_mutex_lock(&fake.gate);
    push(0);
    EVENTUALLY(atomic_load(&fake.appends) == 1);
    for (int i = 1; i <= 3; i++) {
        struct ll_batch *b = ll_batch_new(9000, 0, LL_ORIGIN_PUSH);
        for (int k = 0; k < 9000; k++)
            ck_assert(
                ll_batch_add(b, &(struct ll_sample){.key = {.service = LL_SLICE("a")}, .t = k}));
        b->done = note;
        ck_assert(ll_writer_push(w, b, &err));
    }
    pthread_mutex_unlock(&fake.gate);
    EVENTUALLY(answered() == 4);
    ck_assert_uint_eq(atomic_load(&fake.largest_group), 2);
}
END_TEST

START_TEST(a_full_queue_refuses_and_the_batch_stays_ours)
{
    pthread_mutex_lock(&fake.gate);
    push(0);
    EVENTUALLY(atomic_load(&fake.appends) == 1);
    for (int i = 1; i <= 200; i++)
        push(i);
    struct ll_batch *b = one(201);
    ck_assert(!ll_writer_push(w, b, &err));
    ck_assert_int_eq(err.code, LL_E_BUSY);
    ll_batch_free(b);
    pthread_mutex_unlock(&fake.gate);
    EVENTUALLY(answered() == 201);
}
END_TEST

START_TEST(after_a_failure_batches_are_answered_at_once)
{
    atomic_store(&fake.fail_with, LL_E_STORAGE);
    push(1);
    EVENTUALLY(answered() == 1);
    ck_assert(!answers.ok[0]);
    ck_assert_int_eq(answers.code[0], LL_E_STORAGE);
    struct ll_writer_status s = status();
    ck_assert_int_eq(s.state, LL_WRITER_FAILED);
    ck_assert_ptr_nonnull(strstr(s.err.text, "disk is full"));
    for (int i = 0; i < 10; i++)
        push(i);
    EVENTUALLY(answered() == 11);
    ck_assert_int_eq(atomic_load(&fake.appends), 1); /* the store was not asked again */
    ck_assert_int_eq(atomic_load(&fake.marks), 0);
    ck_assert_uint_eq(status().failed, 11);
}
END_TEST

START_TEST(it_probes_once_a_second_and_recovers_alone)
{
    atomic_store(&fake.fail_with, LL_E_STORAGE);
    push(1);
    EVENTUALLY(answered() == 1);
    atomic_fetch_add(&mono_ms, 1000);
    push(2); /* wakes it; also by itself it would wake within a second */
    EVENTUALLY(atomic_load(&fake.marks) == 1);
    for (int i = 0; i < 20; i++)
        push(3);
    EVENTUALLY(answered() == 22);
    ck_assert_int_eq(atomic_load(&fake.marks), 1);

    atomic_store(&fake.fail_with, 0);
    atomic_fetch_add(&mono_ms, 1000);
    EVENTUALLY(status().state == LL_WRITER_OK); /* without any traffic */
    push(4);
    EVENTUALLY(answered() == 23);
    ck_assert(answers.ok[22]);
    ck_assert_int_eq(atomic_load(&fake.opens), 1); /* a full disk needs no new connection */
}
END_TEST

START_TEST(after_a_failed_fsync_the_store_is_opened_again_first)
{
    atomic_store(&fake.fail_with, LL_E_IO);
    push(1);
    EVENTUALLY(answered() == 1);
    ck_assert_int_eq(answers.code[0], LL_E_STORAGE); /* a sender shall come again */
    atomic_store(&fake.fail_with, 0);
    atomic_store(&fake.fail_open_with, LL_E_STORAGE);
    push(2); /* works, but nobody may believe it */
    EVENTUALLY(answered() == 2);
    ck_assert(!answers.ok[1]);

    atomic_fetch_add(&mono_ms, 1000);
    EVENTUALLY(atomic_load(&fake.closes) == 1);
    ck_assert_int_eq(status().state, LL_WRITER_FAILED);
    struct ll_store_reader *r;
    EVENTUALLY(strstr(status().err.text, "cannot open") != NULL);
    ck_assert(!ll_writer_reader(w, &r, &err));
    ck_assert_int_eq(err.code, LL_E_STORAGE);
    struct ll_scaling_event e = {0};
    ck_assert(!ll_writer_event(w, &e, &err));

    atomic_store(&fake.fail_open_with, 0);
    atomic_fetch_add(&mono_ms, 1000);
    EVENTUALLY(status().state == LL_WRITER_OK);
    ck_assert_int_eq(atomic_load(&fake.opens), 2);
    ck_assert_int_eq(atomic_load(&fake.marks), 1);
    push(3);
    EVENTUALLY(answered() == 3);
    ck_assert(answers.ok[2]);
}
END_TEST

START_TEST(an_event_is_durable_when_the_call_returns)
{
    struct ll_scaling_event e = {.action_id = LL_SLICE("x")};
    ck_assert(ll_writer_event(w, &e, &err));
    ck_assert_int_eq(atomic_load(&fake.events), 1);
    atomic_store(&fake.fail_with, LL_E_STORAGE);
    ck_assert(!ll_writer_event(w, &e, &err));
    ck_assert_int_eq(err.code, LL_E_STORAGE);
    ck_assert_int_eq(status().state, LL_WRITER_FAILED);
}
END_TEST

START_TEST(upkeep_runs_in_between)
{
    int before = atomic_load(&fake.upkeeps);
    atomic_fetch_add(&mono_ms, 5000);
    push(1);
    EVENTUALLY(atomic_load(&fake.upkeeps) > before);
}
END_TEST

static void *free_writer(void *ctx)
{
    (void)ctx;
    ll_writer_free(w);
    return NULL;
}

START_TEST(what_is_queued_is_committed_at_the_end)
{
    pthread_t t;
    pthread_mutex_lock(&fake.gate);
    for (int i = 0; i < 150; i++)
        push(i);
    pthread_create(&t, NULL, free_writer, NULL);
    doze(20);
    pthread_mutex_unlock(&fake.gate);
    pthread_join(t, NULL);
    ck_assert_uint_eq(answers.n, 150);
    for (int i = 0; i < 150; i++)
        ck_assert(answers.ok[i]);
    w = NULL;
}
END_TEST

START_TEST(what_takes_longer_than_the_grace_is_failed_and_not_lost)
{
    pthread_t t;
    pthread_mutex_lock(&fake.gate);
    push(0);
    EVENTUALLY(atomic_load(&fake.appends) == 1);
    for (int i = 1; i < 150; i++)
        push(i);
    atomic_store(&fake.slow_ms, LL_WRITER_GRACE_MS + 1); /* each commit, on the test's clock */
    pthread_create(&t, NULL, free_writer, NULL);
    doze(20);
    pthread_mutex_unlock(&fake.gate);
    pthread_join(t, NULL);
    w = NULL;
    ck_assert_uint_eq(answers.n, 150); /* all are answered */
    ck_assert(answers.ok[0]);
    ck_assert(!answers.ok[149]);
    ck_assert_int_eq(answers.code[149], LL_E_STORAGE);
}
END_TEST

/* Many senders at once; with ThreadSanitizer this is the suite `threads`. */
static void *sender(void *ctx)
{
    int base = (int)(intptr_t)ctx;
    struct ll_writer_status s;
    for (int i = 0; i < 200; i++) {
        struct ll_batch *b = one(base + i);
        while (!ll_writer_push(w, b, NULL))
            doze(1);
        ll_writer_status(w, &s);
        if (i % 50 == 0 && !ll_writer_event(w, &(struct ll_scaling_event){0}, NULL))
            atomic_store(&fake.fail_with, 0);
        if (i == 100)
            atomic_store(&fake.fail_with, base ? 0 : LL_E_IO);
        if (i == 150)
            atomic_store(&fake.fail_with, 0);
        atomic_fetch_add(&mono_ms, 100);
    }
    return NULL;
}

START_TEST(every_batch_is_answered_exactly_once)
{
    pthread_t t[4];
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, sender, (void *)(i * 1000));
    for (size_t i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    EVENTUALLY(answered() == 800);
    static int seen[4000];
    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < 800; i++)
        ck_assert_int_eq(++seen[answers.id[i]], 1);
    struct ll_writer_status s = status();
    ck_assert_uint_eq(s.committed + s.failed, 800);
}
END_TEST

START_TEST(a_store_that_does_not_open_is_the_callers_error)
{
    struct ll_writer *none = NULL;
    const struct ll_writer_opts opts = opts_of_fake();
    atomic_store(&fake.fail_open_with, LL_E_DAMAGED);
    ck_assert(!ll_writer_new(&opts, &none, &err));
    ck_assert_int_eq(err.code, LL_E_DAMAGED);
    ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store_writer");
    TCase *c = tcase_create("writer");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_batch_is_answered_after_its_commit);
    tcase_add_test(c, what_waits_goes_into_one_commit_in_order);
    tcase_add_test(c, a_group_is_bounded_by_its_samples);
    tcase_add_test(c, a_full_queue_refuses_and_the_batch_stays_ours);
    tcase_add_test(c, after_a_failure_batches_are_answered_at_once);
    tcase_add_test(c, it_probes_once_a_second_and_recovers_alone);
    tcase_add_test(c, after_a_failed_fsync_the_store_is_opened_again_first);
    tcase_add_test(c, an_event_is_durable_when_the_call_returns);
    tcase_add_test(c, upkeep_runs_in_between);
    tcase_add_test(c, what_is_queued_is_committed_at_the_end);
    tcase_add_test(c, what_takes_longer_than_the_grace_is_failed_and_not_lost);
    tcase_add_test(c, every_batch_is_answered_exactly_once);
    tcase_add_test(c, a_store_that_does_not_open_is_the_callers_error);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
