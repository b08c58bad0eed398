/* The hub of the event stream, without sockets. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/hub.h"

enum { SERVICES = 3 };

/* A world of three services; a zero is one that is gone. */
static struct {
    uint64_t sequence;
    int value[SERVICES];
    uint64_t events;
    ll_time now;
    pthread_mutex_t lock;
} world;

static void *open_world(void *ctx, uint64_t *sequence)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    *sequence = world.sequence;
    return &world;
}

static void close_world(void *ctx, void *p)
{
    (void)ctx;
    (void)p;
    pthread_mutex_unlock(&world.lock);
}

static void common(void *ctx, void *p, struct ll_json_out *j)
{
    (void)ctx;
    (void)p;
    ll_json_out_key(j, "summary");
    ll_json_out_int(j, 1);
}

static int nth(size_t i)
{
    for (int k = 0; k < SERVICES; k++)
        if (world.value[k] && i-- == 0)
            return k;
    return -1;
}

static size_t services(void *ctx, void *p)
{
    size_t n = 0;
    (void)ctx;
    (void)p;
    for (int k = 0; k < SERVICES; k++)
        n += world.value[k] != 0;
    return n;
}

static void service(void *ctx, void *p, size_t i, struct ll_json_out *j, struct ll_slice *name)
{
    static const char *const names[] = {"a", "b", "c"};
    int k = nth(i);
    (void)ctx;
    (void)p;
    *name = ll_slice_of(names[k]);
    ll_json_out_open(j, '{');
    ll_json_out_key(j, names[k]);
    ll_json_out_int(j, world.value[k]);
    ll_json_out_close(j, '}');
}

static uint64_t events(void *ctx, uint64_t after, size_t max, struct ll_json_out *j)
{
    (void)ctx;
    (void)max;
    ll_json_out_open(j, '[');
    for (uint64_t i = world.events; i > after; i--)
        ll_json_out_int(j, (int64_t)i);
    ll_json_out_close(j, ']');
    return world.events;
}

static ll_time now(void *ctx)
{
    (void)ctx;
    return world.now;
}

static struct ll_hub *hub;
static atomic_int sleeping, woken;

static void on_sleep(void *ctx)
{
    (void)ctx;
    sleeping++;
}

static void on_wake(void *ctx)
{
    (void)ctx;
    woken++;
}

static struct ll_hub *make(size_t ring, size_t clients)
{
    return ll_hub_new(&(struct ll_hub_opts){.source = {.open = open_world,
                                                       .close = close_world,
                                                       .common = common,
                                                       .services = services,
                                                       .service = service,
                                                       .events = events,
                                                       .now = now},
                                            .ring_bytes = ring,
                                            .max_clients = clients,
                                            .seed = 1,
                                            .boot = "boot"});
}

static void setup(void)
{
    memset(&world, 0, sizeof(world));
    pthread_mutex_init(&world.lock, NULL);
    world.sequence = 1;
    world.value[0] = world.value[1] = 1;
    world.events = 2;
    sleeping = woken = 0;
    hub = make(4096, 2);
}

static void teardown(void)
{
    ll_hub_free(hub);
}

static void publish(void)
{
    pthread_mutex_lock(&world.lock);
    world.sequence++;
    pthread_mutex_unlock(&world.lock);
    ll_hub_publish(hub);
}

/* Everything there is to read now. */
static const char *drain(struct ll_hub_client *c, size_t step)
{
    static char buf[65536];
    size_t n = 0;
    ptrdiff_t got;
    while ((got = ll_hub_read(hub, c, buf + n, step, on_sleep)) > 0)
        n += (size_t)got;
    buf[n] = '\0';
    return got < 0 ? "END" : buf;
}

START_TEST(hub_first_a_snapshot_then_what_changed)
{
    struct ll_hub_client *c = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    ck_assert_str_eq(drain(c, 7),
                     "retry: 2000\n\nevent: snapshot\nid: boot-1\ndata: {\"sequence\":1,"
                     "\"summary\":1,\"services\":[{\"a\":1},{\"b\":1}],\"events\":[2,1]}\n\n");
    ck_assert_int_eq(sleeping, 1);
    world.value[1] = 5;
    world.events = 3;
    publish();
    ck_assert_int_eq(woken, 1);
    ck_assert_str_eq(drain(c, 1000),
                     "event: delta\nid: boot-2\ndata: {\"sequence\":2,\"summary\":1,"
                     "\"services\":[{\"b\":5}],\"removed\":[],\"events\":[3]}\n\n");
    world.value[0] = 0;
    world.value[2] = 9;
    publish();
    ck_assert_str_eq(drain(c, 1000),
                     "event: delta\nid: boot-3\ndata: {\"sequence\":3,\"summary\":1,"
                     "\"services\":[{\"c\":9}],\"removed\":[\"a\"],\"events\":[]}\n\n");
    ll_hub_publish(hub); /* nothing new */
    ck_assert_str_eq(drain(c, 1000), "");
    ll_hub_heartbeat(hub);
    ck_assert_str_eq(drain(c, 1000), "event: heartbeat\nid: boot-3\ndata: {\"sequence\":3,"
                                     "\"timestamp\":\"1970-01-01T00:00:00.000Z\"}\n\n");
    ll_hub_leave(hub, c);
}
END_TEST

START_TEST(hub_goes_on_where_a_client_stopped)
{
    struct ll_hub_client *c = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    drain(c, 1000);
    publish();
    publish();
    struct ll_hub_client *d = ll_hub_join(hub, LL_SLICE("boot-2"), on_wake, NULL);
    const char *got = drain(d, 1000);
    ck_assert_ptr_nonnull(strstr(got, "retry: 2000\n\nevent: delta\nid: boot-3"));
    ck_assert_ptr_null(strstr(got, "snapshot"));
    ll_hub_leave(hub, d);
    /* Another life's number, one that is gone, and the one of a resync: a snapshot. */
    static const char *const strangers[] = {"toob-2", "boot-1", "boot-0", "2", "boot-99"};
    for (size_t i = 0; i < LL_LEN(strangers); i++) {
        d = ll_hub_join(hub, ll_slice_of(strangers[i]), on_wake, NULL);
        ck_assert_ptr_nonnull(strstr(drain(d, 1000), "event: snapshot\nid: boot-3"));
        ll_hub_leave(hub, d);
    }
    ll_hub_leave(hub, c);
}
END_TEST

START_TEST(hub_resyncs_a_slow_client_once)
{
    struct ll_hub_client *slow = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    drain(slow, 1000);
    for (int i = 0; i < 100; i++) {
        world.value[0] = i + 2;
        publish();
    }
    const char *got = drain(slow, 1000);
    ck_assert_ptr_nonnull(strstr(got, "event: resync\nid: boot-0\n"));
    ck_assert_ptr_nonnull(strstr(got, "event: snapshot\nid: boot-101\n"));
    ck_assert_ptr_nonnull(strstr(got, "{\"a\":101}"));
    for (int i = 0; i < 100; i++) {
        world.value[0] = i + 2;
        publish();
    }
    ck_assert_str_eq(drain(slow, 1000), "END");
    ll_hub_leave(hub, slow);
}
END_TEST

START_TEST(hub_is_bounded_and_forgets)
{
    struct ll_hub_client *a = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    struct ll_hub_client *b = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    ck_assert_ptr_null(ll_hub_join(hub, LL_SLICE(""), on_wake, NULL));
    ck_assert_uint_eq(ll_hub_clients(hub), 2);
    drain(a, 1000);
    publish();
    ll_hub_leave(hub, a);
    ll_hub_leave(hub, b);
    world.now += LL_MINUTE;
    publish(); /* still within reach of a client that comes back */
    a = ll_hub_join(hub, LL_SLICE("boot-2"), on_wake, NULL);
    ck_assert_ptr_null(strstr(drain(a, 1000), "snapshot"));
    ll_hub_leave(hub, a);
    world.now += LL_MINUTE + 1;
    publish();
    a = ll_hub_join(hub, LL_SLICE("boot-3"), on_wake, NULL);
    ck_assert_ptr_nonnull(strstr(drain(a, 1000), "snapshot"));
    ll_hub_stop(hub);
    ck_assert_str_eq(drain(a, 1000), "END");
    ll_hub_leave(hub, a);
    ck_assert_ptr_null(ll_hub_join(hub, LL_SLICE(""), on_wake, NULL));
}
END_TEST

START_TEST(hub_ends_who_is_there_and_takes_who_comes)
{
    struct ll_hub_client *a = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    drain(a, 1000);
    ll_hub_end_all(hub);
    ck_assert_str_eq(drain(a, 1000), "END");
    ll_hub_leave(hub, a);
    a = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
    ck_assert_ptr_nonnull(strstr(drain(a, 1000), "snapshot"));
    ll_hub_leave(hub, a);
}
END_TEST

/* Clients that come, read and go while another thread publishes: for ThreadSanitizer. */
static void *visit(void *arg)
{
    atomic_int *stop = arg;
    char buf[512];
    while (!*stop) {
        struct ll_hub_client *c = ll_hub_join(hub, LL_SLICE(""), on_wake, NULL);
        for (int i = 0; c && i < 20; i++)
            if (ll_hub_read(hub, c, buf, sizeof(buf), on_sleep) < 0)
                break;
        if (c)
            ll_hub_leave(hub, c);
    }
    return NULL;
}

START_TEST(hub_takes_threads)
{
    pthread_t t[2];
    atomic_int stop = 0;
    for (size_t i = 0; i < LL_LEN(t); i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, visit, &stop), 0);
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&world.lock);
        world.value[0] = i + 1;
        world.sequence++;
        pthread_mutex_unlock(&world.lock);
        ll_hub_publish(hub);
        if (i % 10 == 0)
            ll_hub_heartbeat(hub);
    }
    stop = 1;
    for (size_t i = 0; i < LL_LEN(t); i++)
        pthread_join(t[i], NULL);
    ck_assert_uint_eq(ll_hub_clients(hub), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_hub");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, hub_first_a_snapshot_then_what_changed);
    tcase_add_test(t, hub_goes_on_where_a_client_stopped);
    tcase_add_test(t, hub_resyncs_a_slow_client_once);
    tcase_add_test(t, hub_is_bounded_and_forgets);
    tcase_add_test(t, hub_ends_who_is_there_and_takes_who_comes);
    tcase_add_test(t, hub_takes_threads);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
