/* Remote-write over real sockets, with a small engine behind it. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api_client.h"
#include "api_fake.h"
#include "core/labeled.h"
#include "wire_out.h"

#define PATH "/api/v1/write"
#define PROTOBUF "Content-Type: application/x-protobuf\r\n"
#define SNAPPY "Content-Encoding: snappy\r\n"
#define ONE_0 PROTOBUF SNAPPY
#define TWO_0 "Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n" SNAPPY
#define WRITTEN "X-Prometheus-Remote-Write-Samples-Written: "
#define NOW ((ll_time)1795421300000)
#define ONE UINT64_C(0x3ff0000000000000)

static struct ll_engine *engine;
static struct ll_api *api;
static unsigned port;

static bool on_reload(void *ctx, struct ll_err *err)
{
    (void)ctx;
    (void)err;
    return true;
}

static void setup(void)
{
    struct ll_err err = {0};
    engine = fake_engine_new();
    engine->now = NOW;
    const struct ll_api_opts opts = {
        .engine = engine, .config = &engine->config, .reload = on_reload};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);
    port = ll_api_port(api, 0);
}

static void teardown(void)
{
    ll_api_free(api);
    fake_engine_free(engine);
}

static char *post(const char *headers, const char *body, size_t n, int *status)
{
    char head[600];
    int fd = client_connect(port);
    int head_n = snprintf(
        head, sizeof(head),
        "POST " PATH " HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n", headers, n);
    client_send(fd, head, (size_t)head_n);
    client_send(fd, body, n);
    char *answer = client_read(fd, status, false);
    close(fd);
    return answer;
}

/* Sends a message, which it takes over, in a block. */
static void expect(int status, const char *headers, struct ll_str *message, const char *text)
{
    size_t n;
    int got;
    char *block = pack(message, &n), *answer = post(headers, block, n, &got);
    ck_assert_msg(got == status && strstr(answer, text), "%d, not %d with '%s': %s", got, status,
                  text, answer);
    free(answer);
    free(block);
}

static struct ll_str request(size_t series)
{
    struct ll_str m = new_message();
    char i_text[24];
    for (size_t i = 0; i < series; i++) {
        snprintf(i_text, sizeof(i_text), "%zu", i);
        const char *const labels[] = {"__name__", "up", "i", i_text, NULL};
        put_series(&m, labels, ONE, NOW);
    }
    return m;
}

static struct ll_str request_2(void)
{
    struct ll_str m = new_message(), s = new_message();
    static const char *const symbols[] = {"", "__name__", "up"};
    for (size_t i = 0; i < LL_LEN(symbols); i++)
        put_text(&m, 4, symbols[i]);
    put_number(&s, 1, 1);
    put_number(&s, 1, 2);
    put_sample(&s, LL_LABELED_STALE, NOW);
    put_message(&m, 5, &s);
    return m;
}

START_TEST(write_is_acknowledged_when_durable)
{
    struct ll_str m = request(3);
    engine->slow_ack = true;
    long before = client_ms();
    expect(204, ONE_0, &m, WRITTEN "3\r\n");
    ck_assert_int_ge(client_ms() - before, 300);
    ck_assert_uint_eq(engine->intake_points, 3);
    ck_assert_str_eq(engine->intake_labels, "up{i=\"0\"}");
    ck_assert_int_eq(engine->intake_form, '1');
    ck_assert_uint_gt(engine->intake_body, 0);
}
END_TEST

START_TEST(write_speaks_both_protocols)
{
    static const char *const one[] = {
        ONE_0,
        PROTOBUF,
        SNAPPY,
        "content-type: Application/X-Protobuf ; charset=x\r\n" SNAPPY,
        "Content-Type: application/x-protobuf;proto=prometheus.WriteRequest\r\n" SNAPPY,
        "Content-Type: application/x-protobuf; proto=\"prometheus.WriteRequest\"\r\n"
        "Content-Encoding: Snappy\r\n"};
    static const char *const two[] = {
        TWO_0,
        "Content-Type: application/x-protobuf ; PROTO = io.prometheus.write.v2.Request\r\n" SNAPPY};
    for (size_t i = 0; i < LL_LEN(one); i++) {
        struct ll_str m = request(1);
        expect(204, one[i], &m, WRITTEN "1\r\n");
        ck_assert_int_eq(engine->intake_form, '1');
    }
    for (size_t i = 0; i < LL_LEN(two); i++) {
        struct ll_str m = request_2();
        expect(204, two[i], &m, WRITTEN "1\r\n");
        ck_assert_int_eq(engine->intake_form, '2');
    }
}
END_TEST

START_TEST(write_says_415_to_other_bodies)
{
    static const char *const other[] = {
        "Content-Type: application/json\r\n" SNAPPY,
        "Content-Type: text/plain\r\n" SNAPPY,
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/x-protobuf2\r\n" SNAPPY,
        "Content-Type: application/x-protobuf;proto=io.prometheus.write.v3.Request\r\n" SNAPPY,
        "Content-Type: application/x-protobuf;proto=\r\n" SNAPPY,
        PROTOBUF "Content-Encoding: gzip\r\n",
        PROTOBUF "Content-Encoding: zstd\r\n",
        PROTOBUF "Content-Encoding: identity\r\n",
        PROTOBUF "Content-Encoding: snappy, gzip\r\n",
    };
    for (size_t i = 0; i < LL_LEN(other); i++) {
        struct ll_str m = request(1);
        expect(415, other[i], &m, "unsupported-media");
    }
    ck_assert_uint_eq(engine->intake_points, 0);
}
END_TEST

START_TEST(write_with_nothing_in_it_is_fine)
{
    struct ll_str m = new_message(), two = new_message();
    expect(204, ONE_0, &m, WRITTEN "0\r\n");
    expect(204, TWO_0, &two, WRITTEN "0\r\n");
    ck_assert_uint_eq(engine->intake_points, 0);
}
END_TEST

START_TEST(write_keeps_the_good_part_and_says_400)
{
    static const char *const twice[] = {"__name__", "bad", "x", "1", "x", "2", NULL};
    static const char *const good[] = {"__name__", "good", NULL};
    struct ll_str m = request(2), h = new_message(), s = new_message();
    put_series(&m, twice, ONE, NOW);
    put_series(&m, good, ONE, NOW + LL_HOUR);
    put_label(&s, "__name__", "hist");
    put_number(&h, 1, 1);
    put_message(&s, 4, &h);
    put_message(&m, 1, &s);
    struct ll_str again = new_message();
    ll_str_add(&again, m.s, m.n);
    expect(400, ONE_0, &m, WRITTEN "2\r\n");
    ck_assert_uint_eq(engine->intake_points, 2);
    expect(
        400, ONE_0, &again,
        "\"detail\":\"2 written; refused: 1 with labels that cannot be (bad: label 'x' is there "
        "twice); 1 more than 10 minutes ahead (good: timestamp 1795424900000); 1 that are native "
        "histograms (hist)\"");
}
END_TEST

START_TEST(write_of_histograms_only_is_never_silent)
{
    struct ll_str m = new_message(), h = new_message(), s = new_message();
    put_label(&s, "__name__", "hist");
    put_number(&h, 1, 1);
    put_message(&s, 4, &h);
    put_message(&m, 1, &s);
    expect(400, ONE_0, &m, "X-Prometheus-Remote-Write-Histograms-Written: 0\r\n");
}
END_TEST

START_TEST(write_counts_what_the_store_refused)
{
    struct ll_str m = request(5), rest = request(1);
    engine->duplicates = 2;
    expect(400, ONE_0, &m,
           "\"written\":3,\"refused\":[{\"reason\":\"another value is stored for that series and "
           "time\",\"count\":2,\"example\":\"\"}]");
    engine->duplicates = 0;
    expect(204, ONE_0, &rest, WRITTEN "1\r\n");
}
END_TEST

START_TEST(write_never_blames_the_data_for_our_faults)
{
    struct ll_str m = request(1), again = request(1);
    engine->storage_failed = true;
    expect(503, ONE_0, &m, "Retry-After: 5\r\n");
    engine->storage_failed = false;
    engine->busy = true;
    expect(429, ONE_0, &again, "Retry-After: 1\r\n");
    engine->busy = false;
}
END_TEST

START_TEST(write_follows_the_configuration)
{
    struct ll_str m = request(3), off = request(1);
    engine->config.collect.remote_write.max_samples = 2;
    expect(413, ONE_0, &m, "more than 2 series");
    engine->config.collect.remote_write.max_samples = 0;
    engine->config.collect.remote_write.enabled = false;
    expect(404, ONE_0, &off, "collect.remote_write.enabled");
    ck_assert_uint_eq(engine->intake_points, 0);
}
END_TEST

START_TEST(write_refuses_hostile_bodies)
{
    static const struct {
        int status;
        const char *body;
        size_t n;
        const char *text;
    } bad[] = {
        {400, "", 0, "does not begin with its length"},
        {400, "\xff\xff\xff\xff\x0f\x00\x61", 7, "claims 4294967295 bytes"},
        {400, "\x05\x10\x61\x62", 4, "damaged"},
        {400, "\x05\x01\x01\x00", 4, "damaged"},
        {400, "\x04\x0c\x0a\xff\xff\xff", 6, "no protobuf at byte 0 of 4"},
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        int status;
        long before = client_ms();
        char *answer = post(ONE_0, bad[i].body, bad[i].n, &status);
        ck_assert_int_lt(client_ms() - before, 100);
        ck_assert_msg(status == bad[i].status && strstr(answer, bad[i].text), "%zu: %s", i, answer);
        ck_assert_msg(strstr(answer, WRITTEN "0\r\n"), "%s", answer);
        free(answer);
    }
    struct ll_str m = new_message(); /* 8 MiB of zeros in 400 KB */
    char zeros[4096] = {0};
    for (int i = 0; i < 2048; i++)
        ll_str_add(&m, zeros, sizeof(zeros));
    expect(413, ONE_0, &m, "more than the limit of 1048576");
    ck_assert_uint_eq(engine->intake_points, 0);
}
END_TEST

START_TEST(write_gives_its_memory_back)
{
    for (int i = 0; i < 40; i++) { /* more than all bodies together may have */
        struct ll_str m = request(2000);
        expect(204, ONE_0, &m, WRITTEN "2000\r\n");
    }
    for (int i = 0; i < 40; i++) {
        struct ll_str m = request(2000);
        ll_str_addc(&m, '\x0a');
        expect(400, ONE_0, &m, "no protobuf");
    }
    struct ll_str m = request(1);
    expect(204, ONE_0, &m, WRITTEN "1\r\n");
}
END_TEST

START_TEST(write_is_counted)
{
    static const char *const bad[] = {"x", "1", NULL};
    static const char *const lines[] = {
        "loadline_remote_write_requests_total{protocol=\"1.0\"} 1\n",
        "loadline_remote_write_requests_total{protocol=\"2.0\"} 1\n",
        "loadline_remote_write_samples_total{protocol=\"1.0\",result=\"written\"} 3\n",
        "loadline_remote_write_samples_total{protocol=\"1.0\",result=\"refused\"} 1\n",
        "loadline_remote_write_samples_total{protocol=\"2.0\",result=\"written\"} 1\n",
        "loadline_ingest_rejected_total{reason=\"labels\"} 1\n",
        "loadline_ingest_rejected_total{reason=\"out_of_order\"} 0\n",
    };
    struct ll_str m = request(3), two = request_2();
    int status;
    put_series(&m, bad, ONE, NOW);
    expect(400, ONE_0, &m, WRITTEN "3\r\n");
    expect(204, TWO_0, &two, WRITTEN "1\r\n");
    char *answer = client_ask(port, "GET", "/metrics", "", NULL, &status);
    for (size_t i = 0; i < LL_LEN(lines); i++)
        ck_assert_msg(strstr(answer, lines[i]), "no %s in %s", lines[i], answer);
    free(answer);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_write");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, write_is_acknowledged_when_durable);
    tcase_add_test(t, write_speaks_both_protocols);
    tcase_add_test(t, write_says_415_to_other_bodies);
    tcase_add_test(t, write_with_nothing_in_it_is_fine);
    tcase_add_test(t, write_keeps_the_good_part_and_says_400);
    tcase_add_test(t, write_of_histograms_only_is_never_silent);
    tcase_add_test(t, write_counts_what_the_store_refused);
    tcase_add_test(t, write_never_blames_the_data_for_our_faults);
    tcase_add_test(t, write_follows_the_configuration);
    tcase_add_test(t, write_refuses_hostile_bodies);
    tcase_add_test(t, write_gives_its_memory_back);
    tcase_add_test(t, write_is_counted);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
