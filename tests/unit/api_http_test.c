/* The API over real sockets, with a small engine behind it. */
#include <check.h>
#include <gnutls/crypto.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/routes.h"
#include "api_client.h"
#include "api_fake.h"
#include "api_roles.h"

#define JSON "Content-Type: application/json\r\n"
#define SAMPLE(service)                                                                            \
    "{\"service\":\"" service "\",\"resource_type\":\"CPU\",\"current_value\":1}"

static struct ll_engine *engine;
static struct ll_api *api;
static unsigned port;
static int reloads;
static bool reload_works;

static bool on_reload(void *ctx, struct ll_err *err)
{
    (void)ctx;
    reloads++;
    return reload_works ? true : ll_err_set(err, LL_E_CONFIG, "line 3: unknown key 'x'");
}

static void start(const struct ll_webconfig *web)
{
    struct ll_err err = {0};
    const struct ll_api_opts opts = {
        .engine = engine, .config = &engine->config, .web = web, .reload = on_reload};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);
    ll_engine_on_publish(engine, ll_api_published, api);
    port = ll_api_port(api, 0);
    ck_assert_uint_ne(port, 0);
}

static void setup(void)
{
    engine = fake_engine_new();
    reload_works = true;
    reloads = 0;
    start(NULL);
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
    ck_assert_msg(got == status, "%s %s: %d, not %d: %.2000s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %.2000s", method, path, text, answer);
    free(answer);
}

START_TEST(http_reads_answer)
{
    static const struct {
        const char *path, *text;
    } reads[] = {
        {"/api/v1/summary", "\"resources\":[{\"resource_type\":\"CPU\",\"unit\":\"cores\""},
        {"/api/v1/summary", "\"environment\":\"test\""},
        {"/api/v1/snapshot", "\"service\":\"orders \\\"a\\\\b\\\"\",\"resource_type\":\"CPU\""},
        {"/api/v1/snapshot", "\"capacity\":null,\"utilization_pct\":null"},
        {"/api/v1/health", "\"status\":\"CRITICAL\""},
        {"/api/v1/health", "\"worst\":[{\"service\":\"orders"},
        {"/api/v1/services", "\"next_cursor\":null"},
        {"/api/v1/services?q=quo", "\"warning_pct\":70,\"critical_pct\":85,\"p95_7d_pct\":"},
        {"/api/v1/services?limit=1", "\"next_cursor\":\"1\""},
        {"/api/v1/services?limit=1&cursor=2", "\"next_cursor\":null"},
        {"/api/v1/services?q=QUO", "{\"items\":[{\"service\":\"quotes\""},
        {"/api/v1/top", "{\"items\":[{\"service\":\"orders"},
        {"/api/v1/top?limit=1", "\"utilization_pct\":95,"},
        {"/api/v1/limits", "\"state\":\"NO_CAPACITY\""},
        {"/api/v1/limits?service=host&resource_type=cpu", "\"items\":[{\"service\":\"host\""},
        {"/api/v1/status", "\"state\":\"ok\""},
        {"/api/v1/status", "\"clients\":0,\"max_clients\":4"},
        {"/api/v1/events", "{\"items\":[]}"},
        {"/api/v1/session", "{\"role\":\"editor\",\"authenticated\":false}"},
        {"/api/v1/openapi.json", "\"openapi\":\"3.1.0\""},
        {"/api/v1/metrics?service=host&resource_type=cpu&from=1000&to=1400&step=100",
         "\"t0\":1000,\"step\":100,\"source\":\"raw\",\"columns\":{\"value\":[1,2,null,4],"
         "\"max\":[2,3,null,5],\"capacity\":[10,10,10,10],\"utilization_pct\":[10,20,null,40]}"},
        {"/api/v1/metrics?service=quotes&resource_type=API_CALLS&hours=1", "\"part\":\"orders\""},
        {"/api/v1/metrics?service=host&resource_type=CPU", "\"step\":300"},
        {"/api/v1/metrics?service=host&resource_type=CPU&hours=1", "\"step\":15,"},
        {"/api/v1/peaks/ledger?limit=3", "\"next_cursor\":\"3\""},
        {"/api/v1/peaks/ledger?limit=3&cursor=3", "\"next_cursor\":null"},
        {"/api/v1/forecasts?service=host&resource_type=cpu",
         "{\"forecast_id\":\"77\",\"service\":\"host\",\"resource_type\":\"CPU\",\"unit\":"
         "\"cores\","
         "\"horizon_hours\":2,\"made\":\"1970-01-01T01:00:00.005Z\","},
        {"/api/v1/forecasts?service=host&resource_type=cpu&horizon_hours=1",
         "\"points\":[{\"timestamp\":\"1970-01-01T01:00:00.000Z\",\"predicted_value\":0.5,"
         "\"confidence_lower\":0.4,\"confidence_upper\":0.7,\"lower_80\":0.4,\"upper_80\":0.6}]}"},
        {"/api/v1/forecasts?service=host&resource_type=cpu&made_by=3601",
         "\"forecast_id\":\"77\",\"service\":\"host\",\"resource_type\":\"CPU\","},
        {"/api/v1/forecasts?service=host&resource_type=cpu&format=csv",
         "timestamp,predicted_value,confidence_lower,confidence_upper\r\n"
         "1970-01-01T01:00:00.000Z,0.5,0.4,0.7\r\n1970-01-01T02:00:00.000Z,0.6,0.5,0.8\r\n"},
        {"/api/v1/forecasts/77", "\"peak\":{\"timestamp\":\"1970-01-01T02:00:00.000Z\","
                                 "\"value\":0.6,\"upper_95\":0.9,\"capacity\":2,"
                                 "\"exceeds_capacity\":0.25}"},
        {"/api/v1/forecasts/77/accuracy", /* 1 and 2 came */
         "\"points\":2,\"compared\":2,\"accuracy\":0.3666666666666667,"},
        {"/api/v1/peaks", "{\"items\":[{\"service\":\"host\",\"resource_type\":\"CPU\""},
        {"/api/v1/peaks?service=orders", "{\"items\":[]}"},
        {"/api/v1/seasonality?service=host&resource_type=CPU",
         "\"seasonal\":true,\"periods\":[{\"steps\":24,\"seconds\":86400,\"strength\":0.9}]"},
        {"/api/v1/forecasts?service=host&resource_type=cpu",
         "\"lead_hours\":6,\"trust\":{\"verdict\":\"trusted\",\"hours_ahead\":6,\"compared\":50,"
         "\"pinball\":1,\"naive_pinball\":2,\"coverage\":0.96,\"level\":0.95,\"reason\":\"6 h "
         "ahead: "
         "pinball loss 1 against 2 of seasonal naive, 96 % of 50 hours within bounds of 95 %\"},"
         "\"effects\":[{\"class\":\"half\",\"factor\":0.5,\"days\":1,\"days_of_venue\":12}],"},
        {"/api/v1/forecasts?service=host&resource_type=cpu&horizon_hours=3", "\"on_demand\":true,"},
        {"/api/v1/forecasts/77", "\"interval_multiplier\":1,\"effects\":["},
        {"/api/v1/peaks", "\"trust\":\"trusted\","},
        {"/api/v1/demand?service=host&resource_type=cpu&seconds=600&quantile=0.8",
         "\"state\":\"known\",\"value\":0.75,\"said\":0.75,\"unit\":\"cores\",\"quantile\":0.8,"},
        {"/api/v1/accuracy", "\"trust\":{\"verdict\":\"unmeasured\",\"hours_ahead\":6,"},
        {"/api/v1/accuracy",
         "\"hours_ahead\":6,\"lead\":true,\"compared\":1,\"accuracy\":0.9,\"wape\":0.1,"
         "\"mase\":0.5,\"bias\":-0.1,\"coverage\":1,"},
        {"/api/v1/accuracy", "\"seasonal_naive\":{\"compared\":1,\"accuracy\":0.5,"},
        {"/-/healthy", "healthy"},
        {"/-/ready", "ready"},
        {"/docs/errors", "out-of-range"},
        {"/", "<title>page</title>"},
    };
    for (size_t i = 0; i < LL_LEN(reads); i++)
        expect(200, "GET", reads[i].path, "", NULL, reads[i].text);
}
END_TEST

START_TEST(http_csv_by_accept_or_format)
{
    static const char path[] =
        "/api/v1/metrics?service=host&resource_type=CPU&from=0&to=300&step=100";
    static const char csv[] = "timestamp,value,max,capacity,utilization_pct\r\n"
                              "1970-01-01T00:00:00.000Z,1,2,10,10\r\n"
                              "1970-01-01T00:01:40.000Z,2,3,10,20\r\n"
                              "1970-01-01T00:03:20.000Z,,,10,\r\n";
    char with_format[200];
    snprintf(with_format, sizeof(with_format), "%s&format=csv", path);
    expect(200, "GET", path, "Accept: text/csv\r\n", NULL, csv);
    expect(200, "GET", with_format, "", NULL, csv);
}
END_TEST

START_TEST(http_says_what_is_wrong)
{
    static const struct {
        int status;
        const char *method, *path, *extra, *body, *text;
    } bad[] = {
        {404, "GET", "/nowhere", "", NULL, "\"type\":\"/docs/errors#not-found\""},
        {404, "POST", "/api/v1/nowhere", JSON, "{}", "\"status\":"},
        {405, "DELETE", "/api/v1/summary", "", NULL, "Allow: GET, HEAD, OPTIONS"},
        {405, "PUT", "/api/v1/metrics", "", NULL, "Allow: GET, HEAD, POST, OPTIONS"},
        {405, "PUT", "/", "", NULL, "Allow: GET, HEAD, OPTIONS"},
        {405, "TRACE", "/api/v1/summary", "", NULL, "problem+json"},
        {400, "GET", "/api/v1/top?limt=3", "", NULL, "did you mean 'limit'?"},
        {400, "GET", "/api/v1/summary?x=1", "", NULL, "this route takes none"},
        {400, "GET", "/api/v1/forecasts?service=host&resource_type=cpu&horizon_hours=400", "", NULL,
         "forecast.max_horizon_hours"},
        {422, "GET", "/api/v1/forecasts?service=host&resource_type=cpu&horizon_hours=100", "", NULL,
         "it has had no data for over a day"}, /* told by another thread */
        {400, "GET", "/api/v1/demand?service=host&resource_type=cpu&quantile=1", "", NULL,
         "\"path\":\"quantile\""},
        {400, "GET", "/api/v1/top?limit=0", "", NULL, "\"path\":\"limit\""},
        {400, "GET", "/api/v1/top?limit=%zz", "", NULL, "broken"},
        {400, "GET", "/api/v1/metrics?resource_type=CPU", "", NULL, "\"path\":\"service\""},
        {400, "GET", "/api/v1/metrics?service=a&resource_type=CPU&hours=2&from=0", "", NULL,
         "exclude"},
        {400, "GET", "/api/v1/metrics?service=a&resource_type=CPU&from=0&to=now&step=1", "", NULL,
         "11000"},
        {400, "GET", "/api/v1/metrics?service=a&resource_type=CPU&from=5&to=5", "", NULL,
         "not before"},
        {404, "GET", "/api/v1/metrics?service=nobody&resource_type=CPU", "", NULL, "no series"},
        {404, "GET", "/api/v1/forecasts?service=host&resource_type=CPU&made_by=3600", "", NULL,
         "no forecast of host CPU made by 1970-01-01T01:00:00.000Z is kept"},
        {400, "GET", "/api/v1/forecasts?service=host&resource_type=CPU&made_by=1&horizon_hours=1",
         "", NULL, "leave out horizon_hours"},
        {400, "GET", "/api/v1/services?cursor=x", "", NULL, "cursor"},
        {415, "POST", "/api/v1/metrics", "", "{}", "application/json"},
        {415, "POST", "/api/v1/metrics", "Content-Type: text/plain\r\n", "{}", "unsupported-media"},
        {415, "POST", "/api/v1/metrics", JSON "Content-Encoding: gzip\r\n", "{}", "identity"},
        {400, "POST", "/api/v1/metrics", JSON, "{\"metrics\":[", "line 1, column 13"},
        {400, "POST", "/api/v1/metrics", JSON, "{}", "no sample was accepted"},
        {400, "POST", "/api/v1/metrics", JSON, "{\"metrics\":[{}]}",
         "\"accepted\":0,\"rejected\":[{\"index\":0,\"list\":\"metrics\",\"reason\":\"service is "
         "missing\"}]"},
    };
    for (size_t i = 0; i < LL_LEN(bad); i++)
        expect(bad[i].status, bad[i].method, bad[i].path, bad[i].extra, bad[i].body, bad[i].text);
    expect(404, "GET", "/nowhere", "", NULL, "X-Request-Id: ");
    expect(204, "OPTIONS", "/api/v1/summary", "", NULL, "Allow: GET, HEAD, OPTIONS");
    expect(200, "HEAD", "/api/v1/summary", "", NULL, "Content-Length: ");
    expect(200, "HEAD", "/api/v1/stream", "", NULL, "text/event-stream");
}
END_TEST

START_TEST(http_refuses_65_levels)
{
    char body[256] = "{\"metrics\":[{\"x\":";
    size_t n = strlen(body);
    memset(body + n, '[', 62);
    memset(body + n + 62, ']', 62);
    memcpy(body + n + 124, "}]}", 4);
    expect(400, "POST", "/api/v1/metrics", JSON, body, "nested deeper than 64");
}
END_TEST

START_TEST(http_checks_host_and_origin)
{
    expect(421, "GET", "/api/v1/summary", "Host: evil.example\r\n", NULL, "allowed_hosts");
    expect(421, "GET", "/", "Host: evil.example\r\n", NULL, "allowed_hosts");
    expect(421, "GET", "/metrics", "Host: evil.example:80\r\n", NULL, "not-allowed");
    expect(200, "GET", "/-/healthy", "Host: evil.example\r\n", NULL, "healthy");
    expect(400, "GET", "/api/v1/summary", "Host: localhost\r\nHost: localhost\r\n", NULL, "twice");
    static const char body[] = "{\"metrics\":[" SAMPLE("a") "]}";
    expect(403, "POST", "/api/v1/metrics", JSON "Origin: http://evil.example\r\n", body,
           "own pages");
    expect(403, "POST", "/api/v1/metrics", JSON "Origin: null\r\n", body, "own pages");
    expect(403, "POST", "/api/v1/metrics", JSON "Sec-Fetch-Site: cross-site\r\n", body,
           "own pages");
    expect(200, "POST", "/api/v1/metrics", JSON "Origin: http://localhost\r\n", body,
           "\"accepted\":1");
    ck_assert_uint_eq(engine->ingested, 1);
}
END_TEST

START_TEST(http_refuses_ambiguous_framing)
{
    static const char *const bad[] = {
        "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
        "Content-Length: 3\r\nContent-Length: 30\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
        "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
        "Transfer-Encoding: gzip\r\n\r\nabcGET / HTTP/1.1\r\n\r\n",
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        int fd = client_connect(port);
        client_send(fd, bad[i], strlen(bad[i]));
        char *all = client_read_until(fd, "never", 2000);
        ck_assert_msg(strstr(all, " 400 "), "%zu: %s", i, all);
        ck_assert_ptr_null(strstr(all, "<title>")); /* what was smuggled is not answered */
        free(all);
        close(fd);
    }
}
END_TEST

static long resident_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof(line), f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(f);
    return kib;
}

START_TEST(http_believes_no_claimed_length)
{
    static const char *const claims[] = {"4294967296", "1048577", "18446744073709551615",
                                         "9999999999999999999"};
    for (size_t i = 0; i < LL_LEN(claims); i++) {
        char head[400];
        int status, n = snprintf(head, sizeof(head),
                                 "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
                                 "Content-Length: %s\r\n\r\n{\"metri",
                                 claims[i]);
        int fd = client_connect(port);
        long rss = resident_kib(), before = client_ms();
        client_send(fd, head, (size_t)n);
        char *answer = client_read(fd, &status, false);
        ck_assert_msg(client_ms() - before < 50, "%ld ms", client_ms() - before);
        ck_assert_msg(status == 413 || status == 400, "%s: %d %s", claims[i], status, answer);
        ck_assert_int_lt(resident_kib() - rss, 3 * 1024); /* the test's own buffer is 1 MiB */
        free(answer);
        close(fd);
    }
}
END_TEST

START_TEST(http_bounds_a_body_that_claims_nothing)
{
    char chunk[65536 + 16];
    int status, n = snprintf(chunk, sizeof(chunk), "10000\r\n");
    int fd = client_connect(port);
    static const char head[] = "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
                               "Transfer-Encoding: chunked\r\n\r\n";
    memset(chunk + n, ' ', 65536);
    memcpy(chunk + n + 65536, "\r\n", 2);
    client_send(fd, head, sizeof(head) - 1);
    for (int i = 0; i < 17; i++)
        client_send(fd, chunk, (size_t)n + 65536 + 2);
    client_send(fd, "0\r\n\r\n", 5);
    char *answer = client_read(fd, &status, false);
    ck_assert_msg(status == 413, "%s", answer);
    free(answer);
    close(fd);
}
END_TEST

START_TEST(http_push_is_acknowledged_by_the_store)
{
    static const char two[] = "{\"metrics\":[" SAMPLE("a") "," SAMPLE(
        "b") "],"
             "\"business\":[{\"metric\":\"trades\",\"value\":3}]}";
    engine->slow_ack = true;
    long before = client_ms();
    expect(200, "POST", "/api/v1/metrics", JSON, two, "{\"accepted\":3,\"rejected\":[]}");
    ck_assert_int_ge(client_ms() - before, 300); /* not before it was committed */
    engine->slow_ack = false;
    ck_assert_uint_eq(engine->business, 1);
    engine->refuse_series_from = 2;
    expect(200, "POST", "/api/v1/metrics", JSON, two,
           "\"index\":1,\"list\":\"metrics\",\"reason\":\"the limit");
    engine->refuse_series_from = 1;
    expect(400, "POST", "/api/v1/metrics", JSON, "{\"metrics\":[" SAMPLE("a") "]}",
           "the limit of series");
    engine->refuse_series_from = 0;
    engine->storage_failed = true;
    expect(503, "POST", "/api/v1/metrics", JSON, two, "Retry-After: 5");
    expect(503, "GET", "/-/ready", "", NULL, "storage");
    expect(200, "GET", "/api/v1/status", "", NULL, "\"state\":\"failed\",\"error\":\"disk full\"");
    expect(200, "GET", "/api/v1/summary", "", NULL, "resources");
    engine->storage_failed = false;
    engine->busy = true;
    expect(429, "POST", "/api/v1/metrics", JSON, two, "Retry-After: 1");
    engine->busy = false;
    expect(200, "GET", "/metrics", "", NULL,
           "loadline_ingest_rejected_total{reason=\"series_limit\"} 2");
}
END_TEST

START_TEST(http_keeps_a_connection_and_etags)
{
    static const char get[] = "GET /api/v1/summary HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char etag[64], extra[128];
    int status, fd = client_connect(port);
    for (int i = 0; i < 3; i++) {
        client_send(fd, get, sizeof(get) - 1);
        char *answer = client_read(fd, &status, false);
        ck_assert_int_eq(status, 200);
        const char *at = strstr(answer, "ETag: ");
        ck_assert_ptr_nonnull(at);
        snprintf(etag, sizeof(etag), "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
        free(answer);
    }
    close(fd);
    snprintf(extra, sizeof(extra), "If-None-Match: \"x\", W/%s\r\n", etag);
    expect(304, "GET", "/api/v1/summary", extra, NULL, etag);
    fake_publish(engine);
    expect(200, "GET", "/api/v1/summary", extra, NULL, "\"sequence\":2");
    expect(200, "GET", "/api/v1/snapshot", "Accept-Encoding: gzip\r\n", NULL,
           "Content-Encoding: gzip");
    expect(200, "GET", "/api/v1/snapshot", "Accept-Encoding: gzip;q=0\r\n", NULL, "snapshot_id");
}
END_TEST

START_TEST(http_serves_the_page)
{
    expect(200, "GET", "/", "", NULL,
           "Content-Security-Policy: default-src 'none'; script-src 'self'");
    expect(200, "GET", "/index.html", "", NULL, "Cache-Control: no-cache");
    expect(200, "GET", "/app-abc.js", "", NULL, "let x;");
    expect(200, "GET", "/app-abc.js", "Accept-Encoding: br, gzip\r\n", NULL, "ETag: \"js-gz\"");
    expect(200, "GET", "/app-abc.js", "", NULL, "max-age=31536000, immutable");
    expect(304, "GET", "/", "If-None-Match: \"page\"\r\n", NULL, "");
    expect(404, "GET", "/../etc/passwd", "", NULL, "not-found");
    expect(404, "GET", "/%2e%2e/etc/passwd", "", NULL, "not-found");
}
END_TEST

START_TEST(http_exposition_both_ways)
{
    static const char om[] = "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n";
    expect(200, "GET", "/metrics", "", NULL,
           "loadline_utilization_ratio{service=\"host\",resource_type=\"CPU\",instance=\"vm1\","
           "part=\"\"} 0.21\n");
    expect(200, "GET", "/metrics", "", NULL, "service=\"orders \\\"a\\\\b\\\"\"");
    expect(200, "GET", "/metrics", "", NULL, "# TYPE loadline_ingest_samples_total counter\n");
    expect(200, "GET", "/metrics", "", NULL, "version=0.0.4");
    expect(200, "GET", "/metrics", om, NULL, "# TYPE loadline_ingest_samples counter\n");
    expect(200, "GET", "/metrics", om, NULL, "application/openmetrics-text; version=1.0.0");
    expect(200, "GET", "/metrics", om, NULL, "\n# EOF\n");
    expect(200, "GET", "/metrics", "", NULL, "loadline_http_requests_total{code=\"200\"}");
}
END_TEST

/* P25: every route with every role, against the least one the issue gives it. */
START_TEST(http_role_matrix)
{
    static const char *const words[] = {"", "viewer-token", "operator-token", "editor-token",
                                        "admin-token"};
    struct ll_web_token tokens[4];
    struct ll_webconfig web = {.tokens = tokens, .n_tokens = 4};
    for (int i = 0; i < 4; i++) {
        tokens[i] = (struct ll_web_token){
            .name = words[i + 1], .role = (enum ll_role)(i + 1), .expires = LL_TIME_NONE};
        gnutls_hash_fast(GNUTLS_DIG_SHA256, words[i + 1], strlen(words[i + 1]), tokens[i].sha256);
    }
    ck_assert(ll_api_set_web(api, &web, NULL));
    unsigned seen[128] = {0};
    ck_assert_uint_le(ll_routes_count(), LL_LEN(seen));
    for (size_t i = 0; i < LL_LEN(matrix); i++) {
        unsigned allow, method = ll_route_method(matrix[i].method);
        struct ll_slice path = {matrix[i].path, strcspn(matrix[i].path, "?")};
        const struct ll_route *r =
            ll_route_find(ll_routes, ll_routes_count(), path, method, &allow);
        seen[r - ll_routes] |= method;
        for (int role = 0; role <= LL_ROLE_ADMIN; role++) {
            char extra[256];
            snprintf(extra, sizeof(extra), "%s%s%s%s", JSON, role ? "Authorization: Bearer " : "",
                     words[role], role ? "\r\n" : "");
            bool push = strcmp(matrix[i].method, "POST") == 0;
            int got = ask(matrix[i].method, matrix[i].path, extra,
                          push ? "{\"metrics\":[" SAMPLE("a") "]}" : NULL, NULL);
            bool may = role >= (int)matrix[i].least;
            bool refused = got == 401 || got == 403;
            ck_assert_msg(may != refused, "%s %s as %s: %d", matrix[i].method, matrix[i].path,
                          words[role], got);
            ck_assert_msg(!refused || got == (role ? 403 : 401), "%d", got);
        }
    }
    for (size_t i = 0; i < ll_routes_count(); i++)
        ck_assert_msg(seen[i] == ll_routes[i].methods, "%s is not in the matrix",
                      ll_routes[i].path);
}
END_TEST

/* Who is limited to some services gets nothing of another, whatever the role. */
START_TEST(http_limited_tokens_matrix)
{
    struct ll_scope scope = {0};
    ck_assert(ll_scope_add(&scope, LL_SLICE("quo*"), NULL));
    struct ll_web_token token = {
        .name = "q", .role = LL_ROLE_ADMIN, .expires = LL_TIME_NONE, .scope = &scope};
    struct ll_webconfig web = {.tokens = &token, .n_tokens = 1};
    static const char bearer[] = JSON "Authorization: Bearer quotes-token\r\n";
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "quotes-token", 12, token.sha256);
    ck_assert(ll_api_set_web(api, &web, NULL));
    size_t refused = 0;
    for (size_t i = 0; i < LL_LEN(matrix); i++) {
        unsigned allow, method = ll_route_method(matrix[i].method);
        struct ll_slice path = {matrix[i].path, strcspn(matrix[i].path, "?")};
        const struct ll_route *r =
            ll_route_find(ll_routes, ll_routes_count(), path, method, &allow);
        bool free_ = r->role == LL_ROLE_NONE || r->flags & LL_ROUTE_SCOPE_FREE;
        bool write = strcmp(matrix[i].method, "POST") == 0;
        char *answer;
        int got = ask(matrix[i].method, matrix[i].path, bearer,
                      write ? "{\"metrics\":[" SAMPLE("a") "]}" : NULL, &answer);
        ck_assert_msg(!free_ || got != 403, "%s: %d %s", matrix[i].path, got, answer);
        ck_assert_msg(free_ || got == 403 || r->flags & LL_ROUTE_SCOPE_OWN || got == 400 ||
                          got == 415,
                      "%s %s: %d", matrix[i].method, matrix[i].path, got);
        ck_assert_msg(strstr(answer, "\"service\":\"host\"") == NULL, "%s: %s", matrix[i].path,
                      answer);
        ck_assert_msg(strstr(answer, "orders \\\"") == NULL, "%s: %s", matrix[i].path, answer);
        refused += got == 403;
        free(answer);
    }
    ck_assert_uint_ge(refused, 20);
}
END_TEST

START_TEST(http_sessions_and_csrf)
{
    struct ll_web_token token = {.name = "e", .role = LL_ROLE_EDITOR, .expires = LL_TIME_NONE};
    struct ll_webconfig web = {.tokens = &token, .n_tokens = 1};
    char *answer, cookie[200], extra[300];
    static const char push[] = "{\"metrics\":[" SAMPLE("a") "]}";
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "editor-token", 12, token.sha256);
    ck_assert(ll_api_set_web(api, &web, NULL));
    expect(401, "GET", "/api/v1/summary", "", NULL, "WWW-Authenticate: Bearer");
    expect(200, "GET", "/api/v1/session", "", NULL, "{\"role\":null,\"authenticated\":false}");
    expect(400, "POST", "/api/v1/session", JSON, "{\"tokn\":\"x\"}", "one field");
    expect(401, "POST", "/api/v1/session", JSON, "{\"token\":\"x\"}", "wrong");
    ck_assert_int_eq(ask("POST", "/api/v1/session", JSON, "{\"token\":\"editor-token\"}", &answer),
                     204);
    const char *at = strstr(answer, "Set-Cookie: loadline_session=");
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(answer, "; HttpOnly; SameSite=Strict"));
    snprintf(cookie, sizeof(cookie), "Cookie: %.*s\r\n", (int)strcspn(at + 12, ";"), at + 12);
    free(answer);
    expect(200, "GET", "/api/v1/session", cookie, NULL,
           "{\"role\":\"editor\",\"authenticated\":true}");
    snprintf(extra, sizeof(extra), JSON "%s", cookie);
    expect(403, "POST", "/api/v1/metrics", extra, push, "X-Loadline-CSRF");
    snprintf(extra, sizeof(extra), JSON "X-Loadline-CSRF: 1\r\n%s", cookie);
    expect(200, "POST", "/api/v1/metrics", extra, push, "accepted");
    expect(403, "POST", "/-/reload", extra, NULL, "admin");
    expect(204, "DELETE", "/api/v1/session", extra, NULL, "Max-Age=0");
    expect(401, "GET", "/api/v1/summary", cookie, NULL, "token");
    expect(400, "GET", "/api/v1/summary",
           "Authorization: Bearer editor-token\r\nAuthorization: Bearer x\r\n", NULL, "twice");
    expect(400, "GET", "/api/v1/summary", "Authorization: Hello\r\n", NULL, "neither");
    for (int i = 0; i < 9; i++)
        ck_assert_int_eq(ask("GET", "/api/v1/summary", "Authorization: Bearer no\r\n", NULL, NULL),
                         401);
    expect(429, "GET", "/api/v1/summary", "Authorization: Bearer editor-token\r\n", NULL,
           "Retry-After: 60");
}
END_TEST

START_TEST(http_a_page_is_not_challenged_for_a_password)
{
    struct ll_web_user user = {.name = "alice", .role = LL_ROLE_VIEWER};
    struct ll_webconfig web = {.users = &user, .n_users = 1};
    user.bcrypt = "$2y$10$abcdefghijklmnopqrstuuGKDTZ0jRcDQPKIFxLYCyJ8a9bqqP5qe";
    ck_assert(ll_api_set_web(api, &web, NULL));
    expect(401, "GET", "/api/v1/summary", "", NULL, "WWW-Authenticate: Basic");
    expect(401, "GET", "/api/v1/summary", "X-Loadline-CSRF: 1\r\n", NULL,
           "WWW-Authenticate: Bearer");
    expect(401, "POST", "/api/v1/session", JSON "X-Loadline-CSRF: 1\r\n", "{\"token\":\"x\"}",
           "WWW-Authenticate: Bearer");
}
END_TEST

START_TEST(http_reload_needs_leave)
{
    expect(403, "POST", "/-/reload", "", NULL, "admin");
    ck_assert_int_eq(reloads, 0);
    engine->config.web.enable_lifecycle = true;
    memcpy(engine->config.hash, "changed", 8);
    fake_publish(engine);
    usleep(200000); /* the ticker follows */
    expect(200, "POST", "/-/reload", "", NULL, "Reloaded");
    reload_works = false;
    expect(400, "PUT", "/-/reload", "", NULL, "line 3: unknown key 'x'");
    ck_assert_int_eq(reloads, 2);
}
END_TEST

START_TEST(http_refuses_to_bind_beyond_loopback)
{
    static const char *const wide[] = {"0.0.0.0:0", NULL};
    static const char *const bad[] = {"somewhere:x", NULL};
    struct ll_web_token token = {.name = "e", .role = LL_ROLE_EDITOR, .expires = LL_TIME_NONE};
    struct ll_webconfig login = {.tokens = &token, .n_tokens = 1};
    struct ll_config c = engine->config;
    struct ll_api *none = NULL;
    struct ll_err err;
    c.web.listen_address = wide;
    struct ll_api_opts opts = {.engine = engine, .config = &c};
    ck_assert(!ll_api_new(&opts, &none, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.text, "users or tokens and a TLS certificate"));
    opts.web = &login;
    ck_assert(!ll_api_new(&opts, &none, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "needs a TLS certificate"));
    c.web.listen_address = bad;
    ck_assert(!ll_api_new(&opts, &none, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_ptr_null(none);
    ll_engine_on_publish(engine, ll_api_published, api);
}
END_TEST

START_TEST(http_streams)
{
    static const char get[] = "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
    int fd = client_connect(port);
    client_send(fd, get, sizeof(get) - 1);
    char *first = client_read_until(fd, "\"events\":[]}\n\n", 3000);
    ck_assert_ptr_nonnull(strstr(first, "X-Accel-Buffering: no"));
    ck_assert_ptr_nonnull(strstr(first, "event: snapshot\n"));
    ck_assert_ptr_nonnull(strstr(first, "\"status\":{\"version\""));
    free(first);
    fake_record(engine, "host", LL_RESOURCE_CPU, "vm1", "", 1.9, 2);
    fake_event(engine, "CPU CRITICAL");
    fake_publish(engine);
    char *second = client_read_until(fd, "CPU CRITICAL", 3000);
    ck_assert_ptr_nonnull(strstr(second, "event: delta\n"));
    ck_assert_ptr_nonnull(strstr(second, "\"services\":[{\"service\":\"host\""));
    ck_assert_ptr_null(strstr(second, "{\"service\":\"quotes\",\"environment\"")); /* unchanged */
    free(second);

    int more[3];
    for (size_t i = 0; i < LL_LEN(more); i++) {
        more[i] = client_connect(port);
        client_send(more[i], get, sizeof(get) - 1);
        free(client_read_until(more[i], "event: snapshot", 3000));
    }
    expect(503, "GET", "/api/v1/stream", "", NULL, "Retry-After");
    expect(200, "GET", "/api/v1/status", "", NULL, "\"clients\":4");

    struct rusage a, b; /* idle clients cost nothing */
    getrusage(RUSAGE_SELF, &a);
    char *beat = client_read_until(fd, "event: heartbeat\n", 7000);
    getrusage(RUSAGE_SELF, &b);
    ck_assert_ptr_nonnull(strstr(beat, "event: heartbeat\n"));
    free(beat);
    long us =
        (b.ru_utime.tv_sec - a.ru_utime.tv_sec + b.ru_stime.tv_sec - a.ru_stime.tv_sec) * 1000000L +
        b.ru_utime.tv_usec - a.ru_utime.tv_usec + b.ru_stime.tv_usec - a.ru_stime.tv_usec;
    ck_assert_int_lt(us, 500000);

    ll_api_drain(api, LL_SECOND); /* ends them */
    ck_assert_int_ge(client_wait_close(fd, 3000), -1);
    for (size_t i = 0; i < LL_LEN(more); i++)
        close(more[i]);
    close(fd);
}
END_TEST

/* P13: a byte every two seconds keeps the library's timer quiet, not ours. */
START_TEST(http_ends_a_dripped_header)
{
    int fd = client_connect(port);
    long start_ms = client_ms(), took = -1;
    client_send(fd, "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", 39);
    while (took < 0 && client_ms() - start_ms < 16000) {
        client_send(fd, "b", 1);
        if (client_wait_close(fd, 2000) >= 0)
            took = client_ms() - start_ms;
    }
    ck_assert_msg(took >= 9000 && took <= 13000, "%ld ms", took);
    close(fd);
    expect(200, "GET", "/metrics", "", NULL, "loadline_http_connections_cut_total 1");
}
END_TEST

START_TEST(http_drains_while_a_push_is_being_written)
{
    static const char head[] = "POST /api/v1/metrics HTTP/1.1\r\nHost: localhost\r\n" JSON
                               "Content-Length: 69\r\n\r\n{\"metrics\":[" SAMPLE("a") "]}";
    int status, fd = client_connect(port);
    engine->slow_ack = true;
    client_send(fd, head, sizeof(head) - 1);
    usleep(100000);
    ll_api_drain(api, 5 * LL_SECOND);
    char *answer = client_read(fd, &status, false);
    ck_assert_msg(status == 200, "%s", answer);
    ck_assert_uint_eq(engine->ingested, 1);
    free(answer);
    close(fd);
}
END_TEST

static void check_page(const char *path, void (*render)(struct ll_str *out))
{
    char full[600], *have = calloc(1, 1 << 20);
    struct ll_str want;
    ll_str_init(&want, 1 << 20);
    render(&want);
    snprintf(full, sizeof(full), "%s/docs/reference/%s", LL_SOURCE_ROOT, path);
    if (getenv("LL_UPDATE_DOCS")) {
        FILE *out = fopen(full, "w");
        fwrite(want.s, 1, want.n, out);
        fclose(out);
    }
    FILE *f = fopen(full, "r");
    ck_assert_msg(f != NULL, "%s is missing: run this test with LL_UPDATE_DOCS=1", full);
    have[fread(have, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    ck_assert_msg(strcmp(have, ll_str_z(&want)) == 0, "%s is stale: LL_UPDATE_DOCS=1", full);
    free(have);
    ll_str_fini(&want);
}

START_TEST(http_reference_pages_are_fresh)
{
    check_page("routes.md", ll_api_routes_page);
    check_page("errors.md", ll_api_errors_page);
}
END_TEST

START_TEST(routes_match_patterns)
{
    static const struct ll_route table[] = {
        {.path = "/rules", .methods = LL_GET | LL_POST},
        {.path = "/rules/{id}", .methods = LL_GET},
        {.path = "/rules/{id}/cooldown", .methods = LL_PUT},
        {.path = "/*", .methods = LL_GET},
    };
    unsigned allow;
    ck_assert_ptr_eq(ll_route_find(table, 4, LL_SLICE("/rules/a-1"), LL_GET, &allow), &table[1]);
    ck_assert_ptr_eq(ll_route_find(table, 4, LL_SLICE("/rules/a/cooldown"), LL_PUT, &allow),
                     &table[2]);
    ck_assert_ptr_null(ll_route_find(table, 4, LL_SLICE("/rules/a/cooldown"), LL_GET, &allow));
    ck_assert_uint_eq(allow, LL_PUT);
    ck_assert_ptr_eq(ll_route_find(table, 4, LL_SLICE("/rules/"), LL_GET, &allow), &table[3]);
    ck_assert_ptr_eq(ll_route_find(table, 4, LL_SLICE("/x/y"), LL_GET, &allow), &table[3]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_http");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, http_reads_answer);
    tcase_add_test(t, http_csv_by_accept_or_format);
    tcase_add_test(t, http_says_what_is_wrong);
    tcase_add_test(t, http_refuses_65_levels);
    tcase_add_test(t, http_checks_host_and_origin);
    tcase_add_test(t, http_refuses_ambiguous_framing);
    tcase_add_test(t, http_believes_no_claimed_length);
    tcase_add_test(t, http_bounds_a_body_that_claims_nothing);
    tcase_add_test(t, http_push_is_acknowledged_by_the_store);
    tcase_add_test(t, http_keeps_a_connection_and_etags);
    tcase_add_test(t, http_serves_the_page);
    tcase_add_test(t, http_exposition_both_ways);
    tcase_add_test(t, http_role_matrix);
    tcase_add_test(t, http_limited_tokens_matrix);
    tcase_add_test(t, http_sessions_and_csrf);
    tcase_add_test(t, http_a_page_is_not_challenged_for_a_password);
    tcase_add_test(t, http_reload_needs_leave);
    tcase_add_test(t, http_refuses_to_bind_beyond_loopback);
    tcase_add_test(t, http_streams);
    tcase_add_test(t, http_ends_a_dripped_header);
    tcase_add_test(t, http_drains_while_a_push_is_being_written);
    tcase_add_test(t, http_reference_pages_are_fresh);
    tcase_add_test(t, routes_match_patterns);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
