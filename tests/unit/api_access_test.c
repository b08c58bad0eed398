/* What callers get who are limited to some services, and what each change leaves in the audit log.
 */
#include <check.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/routes.h"
#include "api_client.h"
#include "api_fake.h"

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
    ck_assert_msg(got == status, "%s %s: %d, not %d: %s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %s", method, path, text, answer);
    free(answer);
}

START_TEST(http_limited_tokens)
{
    struct ll_scope scope = {0};
    ck_assert(ll_scope_add(&scope, LL_SLICE("quo*"), NULL));
    struct ll_web_token token = {
        .name = "q", .role = LL_ROLE_OPERATOR, .expires = LL_TIME_NONE, .scope = &scope};
    struct ll_webconfig web = {.tokens = &token, .n_tokens = 1};
    static const char bearer[] = JSON "Authorization: Bearer quotes-token\r\n";
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "quotes-token", 12, token.sha256);
    ck_assert(ll_api_set_web(api, &web, NULL));
    static const struct {
        int status;
        const char *path, *text;
    } reads[] = {
        {200, "/api/v1/services", "{\"items\":[{\"service\":\"quotes\""},
        {200, "/api/v1/services", "\"next_cursor\":null"},
        {200, "/api/v1/services?limit=1", "\"next_cursor\":null"}, /* the others do not count */
        {200, "/api/v1/services?q=host", "{\"items\":[]"},
        {200, "/api/v1/top?limit=1", "{\"items\":[]}"}, /* quotes has no capacity */
        {200, "/api/v1/limits", "{\"items\":[{\"service\":\"quotes\""},
        {200, "/api/v1/limits?service=quotes", "{\"items\":[{\"service\":\"quotes\""},
        {403, "/api/v1/limits?service=host",
         "service 'host' is not one of those that these credentials are limited to: quo*"},
        {200, "/api/v1/metrics?service=quotes&resource_type=API_CALLS&hours=1", "\"orders\""},
        {403, "/api/v1/metrics?service=host&resource_type=CPU", "limited to: quo*"},
        {403, "/api/v1/forecasts?service=host&resource_type=CPU", "limited to: quo*"},
        {403, "/api/v1/forecasts/77", "service 'host' is not one"},
        {403, "/api/v1/forecasts/77/accuracy", "service 'host' is not one"},
        {200, "/api/v1/peaks", "{\"items\":[]}"},
        {403, "/api/v1/accuracy", "limited to the services quo*: name one with ?service="},
        {403, "/api/v1/peaks/ledger", "name one with ?service="},
        {200, "/api/v1/peaks/ledger?service=quotes", "items"},
        {403, "/api/v1/snapshot", "limited to the services quo*, and this path is about all"},
        {403, "/api/v1/stream", "about all services"},
        {403, "/api/v1/summary", "about all services"},
        {403, "/metrics", "about all services"},
        {200, "/api/v1/session", "\"services\":[\"quo*\"]"},
        {200, "/api/v1/status", "\"storage\""},
    };
    for (size_t i = 0; i < LL_LEN(reads); i++)
        expect(reads[i].status, "GET", reads[i].path, bearer, NULL, reads[i].text);
    expect(200, "POST", "/api/v1/metrics", bearer,
           "{\"metrics\":[" SAMPLE("quotes") "," SAMPLE("host") "]}",
           "{\"accepted\":1,\"rejected\":[{\"index\":1,\"list\":\"metrics\",\"reason\":\"service "
           "'host'");
    expect(403, "POST", "/api/v1/metrics", bearer, "{\"metrics\":[" SAMPLE("host") "]}",
           "limited to: quo*");
    expect(403, "POST", "/api/v1/metrics", bearer,
           "{\"business\":[{\"metric\":\"trades\",\"value\":3}]}", "limited to the services quo*");
    expect(403, "POST", "/api/v1/discovery/tap", bearer, "{}", "about all services");
    ck_assert_uint_eq(engine->ingested, 1);
    scope.patterns[0] = 'x'; /* each request looks anew */
    expect(200, "GET", "/api/v1/services", bearer, NULL, "{\"items\":[]");
}
END_TEST

/* P25: each change has one row, and without it there is no change. */
START_TEST(http_changes_are_audited)
{
    struct ll_web_token token = {.name = "e", .role = LL_ROLE_ADMIN, .expires = LL_TIME_NONE};
    struct ll_webconfig web = {.tokens = &token, .n_tokens = 1};
    static const char bearer[] = JSON "Authorization: Bearer admin-token\r\n";
    static const char open[] = "{\"token\":\"admin-token\"}";
    char *answer, cookie[200];
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "admin-token", 11, token.sha256);
    expect(204, "POST", "/api/v1/discovery/tap", "", NULL, "");
    ck_assert_str_eq(engine->audit, "local editor 127.0.0.1 tap.open discovery");
    ck_assert(ll_api_set_web(api, &web, NULL));
    expect(401, "POST", "/api/v1/session", JSON, "{\"token\":\"x\"}", "wrong");
    ck_assert_uint_eq(engine->audited, 1);
    ck_assert_int_eq(ask("POST", "/api/v1/session", JSON, open, &answer), 204);
    ck_assert_str_eq(engine->audit, "e admin 127.0.0.1 session.open e");
    const char *at = strstr(answer, "loadline_session=");
    snprintf(cookie, sizeof(cookie), "Cookie: %.*s\r\nX-Loadline-CSRF: 1\r\n",
             (int)strcspn(at, ";"), at);
    free(answer);
    expect(200, "POST", "/-/reload", bearer, NULL, "Reloaded");
    ck_assert_str_eq(engine->audit, "e admin 127.0.0.1 config.reload configuration");
    ck_assert_uint_eq(engine->audited, 3);

    engine->busy = true;
    expect(429, "POST", "/-/reload", bearer, NULL, "busy");
    ck_assert_int_eq(reloads, 1);
    ck_assert_int_eq(ask("POST", "/api/v1/session", JSON, open, &answer), 429);
    ck_assert_ptr_null(strstr(answer, "Set-Cookie"));
    free(answer);
    expect(429, "DELETE", "/api/v1/session", cookie, NULL, "busy");
    expect(429, "POST", "/api/v1/discovery/tap", bearer, NULL, "busy");
    expect(200, "GET", "/api/v1/summary", cookie, NULL, "resources"); /* it is still open */
    engine->busy = false;
    expect(204, "DELETE", "/api/v1/session", cookie, NULL, "Max-Age=0");
    ck_assert_str_eq(engine->audit, "e admin 127.0.0.1 session.close e");
    expect(204, "DELETE", "/api/v1/session", cookie, NULL, "Max-Age=0"); /* changes nothing */
    expect(200, "POST", "/api/v1/metrics", bearer, "{\"metrics\":[" SAMPLE("a") "]}", "accepted");
    ck_assert_uint_eq(engine->audited, 4);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_access");
    TCase *t = tcase_create("access");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, http_limited_tokens);
    tcase_add_test(t, http_changes_are_audited);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
