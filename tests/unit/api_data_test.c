/* Imports, exports and business counts over HTTP, on an engine that does what it is told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_client.h"
#include "api_fake.h"
#include "os/clock.h"

#define JSON "Content-Type: application/json\r\n"

static struct ll_engine *engine;
static struct ll_api *api;
static unsigned port;

static void setup(void)
{
    struct ll_err err = {0};
    engine = fake_engine_new();
    const struct ll_api_opts opts = {.engine = engine, .config = &engine->config};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);
    port = ll_api_port(api, 0);
}

static void teardown(void)
{
    ll_api_free(api);
    fake_engine_free(engine);
}

/* Status of a request; its text, when wanted, goes to *answer. */
static int ask(const char *method, const char *path, const char *extra, const char *body,
               char **answer)
{
    int status;
    char *text = client_ask(port, method, path, extra, body, &status);
    if (answer)
        *answer = text;
    else
        free(text);
    return status;
}

static void expect(int status, const char *method, const char *path, const char *extra,
                   const char *body, const char *text)
{
    char *answer;
    int got = ask(method, path, extra, body, &answer);
    ck_assert_msg(got == status, "%s %s: %d, not %d: %s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %s", method, path, text, answer);
    free(answer);
}

#define ROLLUP                                                                                     \
    "{\"service\":\"db\",\"resource_type\":\"CPU\",\"step\":300,\"t\":\"%s\",\"mean\":2,"          \
    "\"max\":3,\"count\":20}"

START_TEST(http_imports_are_acknowledged_by_the_store)
{
    char body[1000], day[LL_TIME_TEXT_MAX];
    ll_time_format(ll_time_floor(ll_clock_real().now(NULL) - LL_DAY, LL_DAY), day);
    snprintf(body, sizeof(body), "{\"rollups\":[" ROLLUP ",7]}", day);
    engine->slow_ack = true;
    long before = client_ms();
    expect(200, "POST", "/api/v1/import", JSON, body, "\"accepted\":1,\"rejected\":[{\"index\":1");
    ck_assert_int_ge(client_ms() - before, 300); /* not before it was committed */
    engine->slow_ack = false;
    ck_assert_uint_eq(engine->imported, 1);
    expect(400, "POST", "/api/v1/import", JSON, "{\"rollups\":[7]}", "no row was accepted");
    expect(200, "POST", "/api/v1/import", JSON, "{\"rollups\":[]}", "\"accepted\":0");
    engine->storage_failed = true;
    expect(503, "POST", "/api/v1/import", JSON, body, "Retry-After: 5");
    engine->storage_failed = false;
    engine->busy = true;
    expect(429, "POST", "/api/v1/import", JSON, body, "Retry-After: 1");
    engine->busy = false;
    expect(200, "GET", "/api/v1/import?cursor=known", "", NULL,
           "{\"name\":\"known\",\"value\":\"42\"}");
    expect(200, "GET", "/api/v1/import?cursor=other", "", NULL, "\"value\":null");
}
END_TEST

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

/* The status; *answer = head and body without the frames of chunks, "!" at the end when the last
 * chunk did not come. */
static int ask_stream(const char *path, char **answer)
{
    int status = ask("GET", path, "Connection: close\r\n", NULL, answer);
    char *from = strstr(*answer, "\r\n\r\n"), *to = from ? from + 4 : *answer;
    bool whole = false;
    for (from = to; *from && !whole;) {
        char *data;
        size_t n = strtoul(from, &data, 16);
        whole = n == 0 && strncmp(data, "\r\n", 2) == 0;
        n = LL_MIN(n, strlen(data + 2));
        memmove(to, data + 2, n);
        to += n;
        from = data + 2 + n;
        from += strncmp(from, "\r\n", 2) == 0 ? 2 : 0;
    }
    *to = '\0';
    if (!whole && to > *answer)
        to[-1] = '!';
    return status;
}

START_TEST(http_exports_are_streamed_whole)
{
    char *answer;
    ck_assert_int_eq(ask_stream("/api/v1/series/export", &answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "application/x-ndjson"));
    ck_assert_ptr_nonnull(strstr(answer, "[0,\"0\"],[1,\"NaN\",\"7ff0000000000002\"],[2,\"1\"]"));
    ck_assert_uint_eq(count_of(answer, "\"]"), 5000);
    ck_assert_uint_eq(count_of(answer, "{\"labels\":{\"__name__\":\"b\"},"), 3);
    free(answer);
    ck_assert_int_eq(ask_stream("/api/v1/series/export?match=b%0Anothing&from=2&to=2.4", &answer),
                     200);
    ck_assert_uint_eq(count_of(answer, "\"]"), 400);
    ck_assert_ptr_null(strstr(answer, "\"__name__\":\"a\""));
    free(answer);
    ck_assert_int_eq(ask_stream("/api/v1/metrics/export?service=gw&resource_type=disk", &answer),
                     200);
    ck_assert_ptr_nonnull(strstr(answer, "series,timestamp,value,capacity,service"));
    ck_assert_uint_eq(count_of(answer, "gw/DISK,1970-01-01T00:00:"), 12000);
    free(answer);
    expect(200, "HEAD", "/api/v1/series/export", "", NULL, "200");
    expect(400, "GET", "/api/v1/series/export?match=up%7B", "", NULL, "match");
    expect(400, "GET", "/api/v1/metrics/export?from=2&to=1", "", NULL, "from is not before to");
    /* What failed in the middle does not look complete. */
    ask_stream("/api/v1/metrics/export?service=broken", &answer);
    ck_assert_int_eq(answer[strlen(answer) - 1], '!');
    free(answer);
}
END_TEST

START_TEST(http_business_counts_are_listed)
{
    expect(200, "GET", "/api/v1/business?venue=XNYS&limit=2&from=1&to=9", "", NULL,
           "{\"items\":[{\"metric\":\"trades\",\"service\":\"gw\",\"venue\":\"XNYS\","
           "\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"value\":0},");
    expect(200, "GET", "/api/v1/business?limit=2", "", NULL, "\"truncated\":true");
    expect(200, "GET", "/api/v1/business?limit=3", "", NULL, "\"truncated\":false");
    expect(400, "GET", "/api/v1/business?from=9&to=1", "", NULL, "from is not before to");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_data");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, http_imports_are_acknowledged_by_the_store);
    tcase_add_test(t, http_exports_are_streamed_whole);
    tcase_add_test(t, http_business_counts_are_listed);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
