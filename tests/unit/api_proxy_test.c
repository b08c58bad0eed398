/* Sign-in at a proxy in front: whose headers are believed, and what they give. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/auth_others.h"
#include "api_client.h"
#include "api_fake.h"

#define JSON "Content-Type: application/json\r\n"
#define PUSH(service)                                                                              \
    "{\"metrics\":[{\"service\":\"" service "\",\"resource_type\":\"CPU\",\"current_value\":1}]}"

static struct ll_engine *engine;
static struct ll_api *api;
static unsigned port;
static struct ll_webconfig *web;

static struct ll_webconfig *parse(const char *text)
{
    struct ll_webconfig *c = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_webconfig_parse(ll_slice_of(text), "t.yml", NULL, &c, &err), "%s", err.text);
    return c;
}

static void start(const char *text)
{
    struct ll_err err = {0};
    engine = fake_engine_new();
    web = parse(text);
    const struct ll_api_opts opts = {.engine = engine, .config = &engine->config, .web = web};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);
    ll_engine_on_publish(engine, ll_api_published, api);
    port = ll_api_port(api, 0);
}

static void stop(void)
{
    ll_api_free(api);
    fake_engine_free(engine);
    ll_webconfig_free(web);
}

static void expect(int status, const char *method, const char *path, const char *extra,
                   const char *body, const char *text)
{
    int got;
    char *answer = client_ask(port, method, path, extra, body, &got);
    ck_assert_msg(got == status, "%s %s: %d, not %d: %s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %s", method, path, text, answer);
    free(answer);
}

START_TEST(proxy_ranges)
{
    static const struct {
        const char *range, *in, *out;
    } rows[] = {
        {"10.0.0.0/8", "10.255.0.1", "11.0.0.1"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.0/25", "192.0.2.127", "192.0.2.128"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"2001:db8::5", "2001:db8::5", "2001:db8::6"}, /* not a /64 */
        {"::1", "::1", "::2"},
        {"10.0.0.0/8", "::ffff:10.1.1.1", "2001:db8::10.1.1.1"},
    };
    static const char *const bad[] = {"",         "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8",
                                      "::/129",   "a",           "10.0.0.0/",  "10.0.0.0/-1",
                                      "::1/0",    "10.0.0.0/8x", "/8",         "10.0.0.0/1e1",
                                      "10.0.0.0 "};
    struct ll_cidr c;
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        ck_assert_msg(ll_cidr_parse(ll_slice_of(rows[i].range), &c, &err), "%s", rows[i].range);
        for (int side = 0; side < 2; side++) {
            struct sockaddr_in6 six = {.sin6_family = AF_INET6};
            struct sockaddr_in four = {.sin_family = AF_INET};
            const char *text = side ? rows[i].out : rows[i].in;
            bool is_six = inet_pton(AF_INET6, text, &six.sin6_addr) == 1;
            ck_assert(is_six || inet_pton(AF_INET, text, &four.sin_addr) == 1);
            struct ll_address a =
                ll_address_of(is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four);
            ck_assert_msg(ll_cidr_has(&c, a.whole) == !side, "%s %s", rows[i].range, text);
        }
    }
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(!ll_cidr_parse(ll_slice_of(bad[i]), &c, &err), "%s", bad[i]);
}
END_TEST

static const char trusted[] =
    "proxy:\n"
    "  trusted: [127.0.0.1, 10.0.0.0/8]\n"
    "  user_header: X-Forwarded-User\n"
    "  role_header: X-Role\n"
    "  groups_header: X-Groups\n"
    "  role: viewer\n"
    "  groups:\n"
    "  - {name: orders, role: operator, services: [order-*]}\n"
    "  - {name: sre, role: admin}\n"
    "tokens: [{name: agent, role: operator, sha256: "
    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae}]\n"; /* foo */

START_TEST(proxy_names_people)
{
    static const struct {
        int status;
        const char *method, *path, *extra, *text;
    } rows[] = {
        {401, "GET", "/api/v1/summary", "", "needs a token"},
        {200, "GET", "/api/v1/session", "X-Forwarded-User: alice\r\n",
         "{\"role\":\"viewer\",\"authenticated\":true}"},
        {200, "GET", "/api/v1/session", "x-forwarded-user: alice\r\nX-Groups: a, sre\r\n",
         "\"role\":\"admin\""},
        {200, "GET", "/api/v1/session", "X-Forwarded-User: alice\r\nX-Groups: sre,orders\r\n",
         "{\"role\":\"operator\",\"authenticated\":true,\"services\":[\"order-*\"]}"},
        {200, "GET", "/api/v1/session", "X-Forwarded-User: alice\r\nX-Groups: sres\r\n",
         "\"role\":\"viewer\""},
        {200, "GET", "/api/v1/session",
         "X-Forwarded-User: alice\r\nX-Role: editor\r\nX-Groups: sre\r\n", "\"role\":\"editor\""},
        {403, "GET", "/api/v1/session", "X-Forwarded-User: alice\r\nX-Role: root\r\n",
         "X-Role is none of our roles"},
        {401, "GET", "/api/v1/summary", "X-Role: admin\r\nX-Groups: sre\r\n", "needs a token"},
        {401, "GET", "/api/v1/summary", "X-Forwarded-User: \r\nX-Role: admin\r\n", "needs a token"},
        {400, "GET", "/api/v1/summary", "X-Forwarded-User: a\r\nX-forwarded-user: b\r\n",
         "X-Forwarded-User is there 2 times"},
        {400, "GET", "/api/v1/summary",
         "X-Forwarded-User: a\r\nX-Role: viewer\r\nX-Role: admin\r\n", "X-Role is there 2 times"},
        {400, "GET", "/api/v1/summary", "X-Forwarded-User: \x80\r\n", "is no name"},
        /* a program that passes through with its own token */
        {200, "GET", "/api/v1/session", "Authorization: Bearer foo\r\n", "\"role\":\"operator\""},
        {401, "GET", "/api/v1/session", "Authorization: Bearer bar\r\n", "wrong"},
        /* the proxy's word goes before what passed through it */
        {200, "GET", "/api/v1/session", "Authorization: Bearer foo\r\nX-Forwarded-User: a\r\n",
         "\"role\":\"viewer\""},
    };
    start(trusted);
    for (size_t i = 0; i < LL_LEN(rows); i++)
        expect(rows[i].status, rows[i].method, rows[i].path, rows[i].extra, NULL, rows[i].text);
    stop();
}
END_TEST

/* A browser sends the proxy's cookie from any page. */
START_TEST(proxy_writes_need_our_header)
{
    start(trusted);
    expect(403, "POST", "/api/v1/metrics", JSON "X-Forwarded-User: a\r\nX-Groups: sre\r\n",
           PUSH("x"), "X-Loadline-CSRF");
    expect(200, "POST", "/api/v1/metrics",
           JSON "X-Forwarded-User: a\r\nX-Groups: sre\r\nX-Loadline-CSRF: 1\r\n", PUSH("x"),
           "\"accepted\":1");
    expect(403, "POST", "/api/v1/metrics",
           JSON "X-Forwarded-User: a\r\nX-Groups: orders\r\nX-Loadline-CSRF: 1\r\n", PUSH("x"),
           "limited to: order-*");
    stop();
}
END_TEST

START_TEST(proxy_headers_of_others_are_not_looked_at)
{
    start("proxy: {trusted: [10.0.0.0/8], user_header: X-User, role_header: X-Role}\n");
    expect(401, "GET", "/api/v1/summary", "X-User: alice\r\nX-Role: admin\r\n", NULL, "needs a");
    expect(200, "GET", "/api/v1/session", "X-User: alice\r\nX-Role: admin\r\n", NULL,
           "{\"role\":null,\"authenticated\":false}");
    stop();
}
END_TEST

/* Without a role by default who is in none of the groups may nothing. */
START_TEST(proxy_gives_no_role_by_itself)
{
    start("proxy: {trusted: 127.0.0.1, user_header: X-User, groups_header: X-Groups, "
          "groups: [{name: sre, role: admin}]}\n");
    expect(403, "GET", "/api/v1/summary", "X-User: alice\r\n", NULL, "needs the role viewer");
    expect(200, "GET", "/api/v1/summary", "X-User: alice\r\nX-Groups: sre\r\n", NULL, "resources");
    stop();
}
END_TEST

START_TEST(proxy_names_are_told_apart)
{
    struct ll_identity who = {0};
    char longest[LL_IDENTITY_NAME_MAX + 1];
    memset(longest, 'a', sizeof(longest));
    ck_assert(ll_auth_name(&who, "proxy:", LL_SLICE("alice")));
    ck_assert_str_eq(who.name, "proxy:alice"); /* no token may be called so */
    ck_assert(!ll_auth_name(&who, "proxy:", LL_SLICE("a\nb")));
    ck_assert(!ll_auth_name(&who, "proxy:", LL_SLICE("")));
    ck_assert(!ll_auth_name(&who, "", (struct ll_slice){longest, sizeof(who.name)}));
    ck_assert(ll_auth_name(&who, "", (struct ll_slice){longest, sizeof(who.name) - 1}));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_proxy");
    TCase *t = tcase_create("proxy");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, proxy_ranges);
    tcase_add_test(t, proxy_names_people);
    tcase_add_test(t, proxy_writes_need_our_header);
    tcase_add_test(t, proxy_headers_of_others_are_not_looked_at);
    tcase_add_test(t, proxy_gives_no_role_by_itself);
    tcase_add_test(t, proxy_names_are_told_apart);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
