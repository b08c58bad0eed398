/* The engine with the real store: what is acknowledged is shown, kept and found again. */
#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/internal.h"

static char dir[64];
static struct ll_engine *e;

static struct ll_config *config_with(const char *key, const char *value)
{
    const struct ll_config_flag flags[] = {
        {"storage.path", dir}, {"collect.host.enabled", "false"}, {key, value}};
    const struct ll_config_source src = {.flags = flags, .n_flags = key ? 3 : 2};
    struct ll_config *c = NULL;
    struct ll_err err;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    return c;
}

/* A real clock whose wall time can be stepped by another thread. */
static _Atomic ll_dur stepped;

static ll_time stepped_now(void *self)
{
    struct ll_clock real = ll_clock_real();
    (void)self;
    return real.now(real.self) + stepped;
}

static void open_with(struct ll_config *c)
{
    struct ll_err err;
    struct ll_clock clock = ll_clock_real();
    clock.now = stepped_now;
    const struct ll_engine_opts opts = {
        .config = c, .clock = clock, .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
}

static void open_engine(void)
{
    stepped = 0;
    open_with(config_with(NULL, NULL));
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-engine-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    open_engine();
}

static void teardown(void)
{
    char command[128];
    ll_engine_free(e);
    e = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

struct acked {
    atomic_int called;
    bool committed;
};

static void on_ack(const struct ll_batch *b, void *ctx)
{
    struct acked *a = ctx;
    a->committed = b->committed;
    atomic_store(&a->called, 1);
}

static void push(const char *service, double value, ll_time t)
{
    struct ll_err err;
    struct acked acked = {0};
    struct ll_batch *b = ll_batch_new(4, 0, LL_ORIGIN_PUSH);
    const struct ll_sample s = {
        .key = {ll_slice_of(service), LL_SLICE("i1"), {"", 0}, LL_RESOURCE_API_CALLS},
        .unit = LL_UNIT_CALLS_PER_SECOND,
        .t = t,
        .value = value,
        .capacity = 100,
        .max_value = NAN,
    };
    ck_assert(ll_batch_add(b, &s));
    b->received = ll_engine_now(e);
    ck_assert_msg(ll_engine_ingest(e, b, on_ack, &acked, &err), "%s", err.text);
    for (int i = 0; i < 5000 && !atomic_load(&acked.called); i++)
        pause_ms(1);
    ck_assert(atomic_load(&acked.called));
    ck_assert(acked.committed);
}

/* Waits until the published view shows the service's value. */
static bool shows(const char *service, double value)
{
    for (int i = 0; i < 3000; i++) {
        const struct ll_published *p = ll_engine_acquire(e);
        const struct ll_cell *c =
            ll_view_cell(p->view, ll_slice_of(service), LL_RESOURCE_API_CALLS);
        bool yes = c && fabs(c->value - value) < 1e-12;
        ll_engine_release(p);
        if (yes)
            return true;
        pause_ms(1);
    }
    return false;
}

START_TEST(what_is_acknowledged_is_shown)
{
    push("orders", 42, ll_engine_now(e));
    ck_assert(shows("orders", 42));
}
END_TEST

START_TEST(samples_of_a_clock_that_was_ahead_hide_nothing_after_a_restart)
{
    ll_time now = ll_engine_now(e);
    push("orders", 1, now + LL_DAY);
    ll_engine_free(e);
    open_engine();
    push("orders", 2, now);
    ck_assert(shows("orders", 2));
}
END_TEST

START_TEST(a_restart_finds_the_latest_and_the_history)
{
    ll_time now = ll_engine_now(e);
    for (int i = 10; i > 0; i--)
        push("orders", i, now - i * LL_SECOND);
    ll_engine_free(e);
    open_engine();
    const struct ll_published *p = ll_engine_acquire(e); /* the first view already has it */
    const struct ll_cell *c = ll_view_cell(p->view, LL_SLICE("orders"), LL_RESOURCE_API_CALLS);
    ck_assert_ptr_nonnull(c);
    ck_assert_double_eq(c->value, 1);
    ck_assert_double_eq(c->capacity, 100);
    ll_engine_release(p);

    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_history h;
    struct ll_err err;
    ck_assert_msg(ll_engine_history(e, LL_SLICE("orders"), LL_RESOURCE_API_CALLS, 0.1, a, &h, &err),
                  "%s", err.text);
    double sum = 0;
    for (size_t i = 0; i < h.n; i++)
        sum += isnan(h.value[i]) ? 0 : h.value[i];
    ck_assert_double_eq_tol(sum, 55, 1e-9);
}
END_TEST

/* A disk that has been filling for ten hours and will be full within a week. */
static void push_filling_disk(ll_time now)
{
    struct ll_err err;
    struct acked acked = {0};
    enum { MINUTES = 600 };
    struct ll_batch *b = ll_batch_new(MINUTES, 0, LL_ORIGIN_PUSH);
    for (int i = 0; i < MINUTES; i++) {
        const struct ll_sample s = {
            .key = {LL_SLICE("db"), LL_SLICE("i1"), LL_SLICE("/"), LL_RESOURCE_DISK},
            .unit = LL_UNIT_BYTES,
            .t = now - (MINUTES - 1 - i) * LL_MINUTE,
            .value = 500 + i / 30.0,
            .capacity = 1000,
            .max_value = NAN,
        };
        ck_assert(ll_batch_add(b, &s));
    }
    b->received = now;
    ck_assert_msg(ll_engine_ingest(e, b, on_ack, &acked, &err), "%s", err.text);
    for (int i = 0; i < 5000 && !atomic_load(&acked.called); i++)
        pause_ms(1);
    ck_assert(acked.committed);
}

static bool count_rollup(void *ctx, const struct ll_series_row *row, ll_dur step,
                         const struct ll_rollup *r)
{
    (void)row;
    (void)step;
    (void)r;
    ++*(size_t *)ctx;
    return true;
}

static bool has_rollups(size_t wanted)
{
    for (int i = 0; i < 1000; i++) {
        size_t n = 0;
        struct ll_store_reader *r = ll_engine_reader_take(e);
        ck_assert(r->ops->each_rollup(r, LL_HOUR, 0, count_rollup, &n, NULL));
        ll_engine_reader_give(e, r);
        if (n >= wanted)
            return true;
        pause_ms(10);
    }
    return false;
}

START_TEST(what_was_known_before_a_restart_is_no_news_after_it)
{
    push_filling_disk(ll_engine_now(e));
    ck_assert(has_rollups(9));
    ll_engine_free(e);
    open_engine();
    bool known = false;
    for (int i = 0; i < 3000 && !known; i++) {
        const struct ll_published *p = ll_engine_acquire(e);
        const struct ll_cell *c = ll_view_cell(p->view, LL_SLICE("db"), LL_RESOURCE_DISK);
        known = c && c->reason == LL_REASON_FULL_SOON;
        ck_assert(!known || c->since == LL_TIME_NONE);
        ll_engine_release(p);
        pause_ms(1);
    }
    ck_assert(known);
    struct ll_event ev[10];
    ck_assert_uint_eq(ll_engine_events(e, 0, ev, 10), 1); /* the start */
}
END_TEST

START_TEST(history_of_what_is_not_there_is_not_found)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_history h;
    struct ll_err err;
    ck_assert(!ll_engine_history(e, LL_SLICE("nobody"), LL_RESOURCE_CPU, 1, a, &h, &err));
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert(!ll_engine_history(e, LL_SLICE("nobody"), LL_RESOURCE_CPU, -1, a, &h, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

START_TEST(a_reload_swaps_thresholds_and_refuses_what_cannot_change)
{
    push("orders", 50, ll_engine_now(e));
    ck_assert(shows("orders", 50));
    struct ll_err err;
    struct ll_config *bad = config_with("web.listen-address", "127.0.0.1:1");
    ck_assert(!ll_engine_reload(e, bad, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.text, "web.listen_address"));
    ll_config_free(bad);
    struct ll_engine_status st;
    ll_engine_status(e, &st);
    ck_assert(!st.last_reload_ok);
    ck_assert_uint_eq(st.reload_failures, 1);

    ck_assert(ll_engine_reload(e, config_with("thresholds.api-calls.warning-pct", "40"), &err));
    bool warned = false;
    for (int i = 0; i < 3000 && !warned; i++) {
        const struct ll_published *p = ll_engine_acquire(e);
        warned = p->view->overall == LL_STATUS_WARNING;
        ll_engine_release(p);
        pause_ms(1);
    }
    ck_assert(warned);
    ll_engine_status(e, &st);
    ck_assert(st.last_reload_ok);
}
END_TEST

START_TEST(a_reload_never_takes_half_of_a_configuration)
{
    static const struct {
        const char *flag, *value, *key;
    } fixed[] = {
        {"storage.retention.raw", "3d", "storage.retention.raw"},
        {"storage.retention.five-minute", "30d", "storage.retention.five_minute"},
        {"storage.retention.hourly", "400d", "storage.retention.hourly"},
        {"storage.max-series", "7", "storage.max_series"},
        {"web.max-connections", "7", "web.max_connections"},
        {"web.max-streams", "7", "web.max_streams"},
    };
    for (size_t i = 0; i < LL_LEN(fixed); i++) {
        struct ll_err err;
        struct ll_config *c = config_with(fixed[i].flag, fixed[i].value);
        ck_assert_msg(!ll_engine_reload(e, c, &err), "%s", fixed[i].key);
        ck_assert_ptr_nonnull(strstr(err.text, fixed[i].key));
        ll_config_free(c);
    }
}
END_TEST

static bool event_comes(const char *reason)
{
    static struct ll_event ev[LL_EVENTS_KEPT];
    for (int i = 0; i < 5000; i++) {
        size_t n = ll_engine_events(e, 0, ev, LL_LEN(ev));
        for (size_t k = 0; k < n; k++)
            if (strcmp(ev[k].reason, reason) == 0)
                return true;
        pause_ms(1);
    }
    return false;
}

START_TEST(calendars_in_use_must_exist_and_are_watched)
{
    struct ll_err err;
    struct ll_config *bad = config_with("calendars.use", "XNYZ");
    ck_assert(!ll_engine_reload(e, bad, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_msg(strstr(err.text, "calendars.use") && strstr(err.text, "XNYS"), "%s", err.text);
    ll_config_free(bad);

    stepped = 3 * 365 * LL_DAY; /* nothing is announced so far ahead */
    ck_assert(ll_engine_reload(e, config_with("calendars.use", "XNYS"), &err));
    ck_assert(event_comes("CALENDAR_STALE"));
    const struct ll_published *p = ll_engine_acquire(e);
    ck_assert_ptr_nonnull(p->calendars);
    ll_engine_release(p);
}
END_TEST

static bool has_collectors(size_t n)
{
    struct ll_engine_status st = {0};
    for (int i = 0; i < 5000; i++) {
        ll_engine_status(e, &st);
        if (st.n_collectors == n && (n == 0 || st.collectors[0].up))
            return true;
        pause_ms(1);
    }
    return false;
}

static struct ll_config *with_host(const char *enabled)
{
    const struct ll_config_flag flags[] = {{"storage.path", dir},
                                           {"collect.host.enabled", enabled},
                                           {"collect.host.interval", "1s"},
                                           {"check-interval-seconds", "1"}};
    const struct ll_config_source src = {.flags = flags, .n_flags = LL_LEN(flags)};
    struct ll_config *c = NULL;
    struct ll_err err;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    return c;
}

START_TEST(a_collector_switched_off_is_no_longer_up)
{
    struct ll_err err;
    ll_engine_free(e);
    const struct ll_engine_opts opts = {
        .config = with_host("true"), .clock = ll_clock_real(), .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
    ck_assert(has_collectors(1));
    ck_assert_msg(ll_engine_reload(e, with_host("false"), &err), "%s", err.text);
    ck_assert(has_collectors(0));
}
END_TEST

START_TEST(events_are_newest_first_and_can_be_continued)
{
    struct ll_event ev[10];
    size_t n = ll_engine_events(e, 0, ev, 10);
    ck_assert_uint_ge(n, 1);
    ck_assert_str_eq(ev[n - 1].reason, "STARTED");
    uint64_t last = ev[0].id;
    push("hot", 99, ll_engine_now(e));
    ck_assert(shows("hot", 99));
    n = ll_engine_events(e, last, ev, 10);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(ev[0].reason, "ABOVE_CRITICAL");
    ck_assert_str_eq(ev[0].service, "hot");
}
END_TEST

START_TEST(the_events_ring_keeps_the_newest)
{
    for (int i = 0; i < LL_EVENTS_KEPT + 50; i++) {
        struct ll_event x = {.kind = LL_EVENT_CONFIG, .t = i};
        ll_engine_event(e, &x);
    }
    static struct ll_event ev[LL_EVENTS_KEPT + 60];
    size_t n = ll_engine_events(e, 0, ev, LL_LEN(ev));
    ck_assert_uint_eq(n, LL_EVENTS_KEPT);
    ck_assert_int_eq(ev[0].t, LL_EVENTS_KEPT + 49);
    ck_assert_uint_eq(ev[0].id, ev[1].id + 1);
}
END_TEST

/* The newest event with this reason, waited for. */
static bool happened(const char *reason)
{
    static struct ll_event ev[LL_EVENTS_KEPT];
    for (int i = 0; i < 5000; i++) {
        size_t n = ll_engine_events(e, 0, ev, LL_LEN(ev));
        for (size_t k = 0; k < n; k++)
            if (strcmp(ev[k].reason, reason) == 0)
                return true;
        pause_ms(1);
    }
    return false;
}

static bool host_has_cpu(void)
{
    const struct ll_published *p = ll_engine_acquire(e);
    const struct ll_cell *c = ll_view_cell(p->view, LL_SLICE("host"), LL_RESOURCE_CPU);
    bool yes = c && isfinite(c->utilization);
    ll_engine_release(p);
    return yes;
}

START_TEST(the_host_is_watched_and_can_be_left_alone)
{
    ll_engine_free(e);
    open_with(config_with("collect.host.enabled", "true"));
    bool seen = false;
    for (int i = 0; i < 5000 && !(seen = host_has_cpu()); i++)
        pause_ms(1);
    ck_assert(seen);
    ck_assert(happened("COLLECTOR_UP"));
    struct ll_engine_status st;
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.n_collectors, 1);
    ck_assert(st.collectors[0].up);
    ck_assert_uint_gt(st.collectors[0].samples, 5);
    ck_assert_int_eq(st.writer.state, LL_WRITER_OK);
    struct ll_err err;
    ck_assert(ll_engine_reload(e, config_with("collect.host.interval", "1s"), &err));
    ck_assert(happened("RELOADED"));
}
END_TEST

START_TEST(a_step_of_the_clock_is_noticed_and_harms_nothing)
{
    push("orders", 10, ll_engine_now(e));
    ck_assert(shows("orders", 10));
    static const ll_dur steps[] = {LL_DAY, -2 * LL_DAY, 3650 * LL_DAY, -3650 * LL_DAY};
    for (size_t i = 0; i < LL_LEN(steps); i++) {
        stepped += steps[i];
        push("orders", 20 + (double)i, ll_engine_now(e));
        ck_assert(shows("orders", 20 + (double)i));
        const struct ll_published *p = ll_engine_acquire(e);
        ck_assert_int_eq(p->view->overall, LL_STATUS_HEALTHY);
        ll_engine_release(p);
    }
    ck_assert(happened("CLOCK_STEP"));
    struct ll_engine_status st;
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.clock_jumps, LL_LEN(steps));
}
END_TEST

START_TEST(history_steps_cut_a_span_into_few_buckets)
{
    ck_assert_int_eq(ll_engine_history_step(LL_MINUTE, 500), LL_SECOND);
    ck_assert_int_eq(ll_engine_history_step(24 * LL_HOUR, 500), 5 * LL_MINUTE);
    ck_assert_int_eq(ll_engine_history_step(30 * LL_DAY, 500), 6 * LL_HOUR);
    ck_assert_int_eq(ll_engine_history_step(365 * LL_DAY, 500), LL_DAY);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine");
    TCase *c = tcase_create("engine");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, what_is_acknowledged_is_shown);
    tcase_add_test(c, samples_of_a_clock_that_was_ahead_hide_nothing_after_a_restart);
    tcase_add_test(c, a_restart_finds_the_latest_and_the_history);
    tcase_add_test(c, what_was_known_before_a_restart_is_no_news_after_it);
    tcase_add_test(c, history_of_what_is_not_there_is_not_found);
    tcase_add_test(c, a_reload_swaps_thresholds_and_refuses_what_cannot_change);
    tcase_add_test(c, a_reload_never_takes_half_of_a_configuration);
    tcase_add_test(c, calendars_in_use_must_exist_and_are_watched);
    tcase_add_test(c, a_collector_switched_off_is_no_longer_up);
    tcase_add_test(c, events_are_newest_first_and_can_be_continued);
    tcase_add_test(c, the_events_ring_keeps_the_newest);
    tcase_add_test(c, the_host_is_watched_and_can_be_left_alone);
    tcase_add_test(c, a_step_of_the_clock_is_noticed_and_harms_nothing);
    tcase_add_test(c, history_steps_cut_a_span_into_few_buckets);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
