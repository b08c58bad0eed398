/* Who may do what: hosts, origins, tokens, passwords, sessions, wrong tries. */
#include <arpa/inet.h>
#include <check.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "api/auth.h"
#include "api/hosts.h"
#include "api/tries.h"

#define BCRYPT "$2b$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK"

static struct ll_web_token tokens[2];
static struct ll_web_user users[1];
static struct ll_webconfig web;
static struct ll_auth *auth;

static void setup(void)
{
    memset(tokens, 0, sizeof(tokens));
    tokens[0] = (struct ll_web_token){.name = "v", .role = LL_ROLE_VIEWER, .expires = LL_TIME_NONE};
    tokens[1] = (struct ll_web_token){.name = "a", .role = LL_ROLE_ADMIN, .expires = 5000};
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "viewer-token", 12, tokens[0].sha256);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, "admin-token", 11, tokens[1].sha256);
    users[0] = (struct ll_web_user){.name = "alice", .bcrypt = BCRYPT, .role = LL_ROLE_OPERATOR};
    web = (struct ll_webconfig){.users = users, .n_users = 1, .tokens = tokens, .n_tokens = 2};
    auth = ll_auth_new(&web, NULL);
    ck_assert_ptr_nonnull(auth);
}

static void teardown(void)
{
    ll_auth_free(auth);
}

static bool ask(const char *authorization, const char *cookie, ll_time mono, ll_time now,
                struct ll_identity *who, struct ll_err *err)
{
    struct ll_credentials c = {.authorization = ll_slice_of(authorization),
                               .cookie = ll_slice_of(cookie),
                               .address = {.v = {1}}};
    return ll_auth_identify(auth, &c, mono, now, who, err);
}

START_TEST(auth_knows_tokens_and_their_end)
{
    struct ll_identity who;
    struct ll_err err;
    ck_assert(ask("Bearer viewer-token", "", 0, 0, &who, &err));
    ck_assert(who.role == LL_ROLE_VIEWER && who.authenticated && !who.by_cookie);
    ck_assert(ask("bearer   admin-token", "", 0, 4999, &who, &err));
    ck_assert_int_eq(who.role, LL_ROLE_ADMIN);
    ck_assert(!ask("Bearer admin-token", "", 0, 5000, &who, &err));
    ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
    ck_assert(!ask("Bearer viewer-tokem", "", 0, 0, &who, &err));
    ck_assert(ask("", "", 0, 0, &who, &err));
    ck_assert_int_eq(who.role, LL_ROLE_NONE);
}
END_TEST

START_TEST(auth_refuses_malformed_headers)
{
    static const char *const bad[] = {"viewer-token", "Bearer",    "Bearer ",
                                      "Digest x",     "Basic !!!", "Basic YWxpY2U=" /* no colon */,
                                      "Basic "};
    struct ll_identity who;
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!ask(bad[i], "", 0, 0, &who, &err), "%s", bad[i]);
        ck_assert_msg(err.code == LL_E_INVALID, "%s: %s", bad[i], err.text);
    }
}
END_TEST

START_TEST(auth_knows_passwords)
{
    struct ll_identity who;
    struct ll_err err;
    for (int i = 0; i < 3; i++) /* the second and third from memory */
        ck_assert(ask("Basic YWxpY2U6czNjcmV0", "", i, 0, &who, &err));
    ck_assert_int_eq(who.role, LL_ROLE_OPERATOR);
    ck_assert(!ask("Basic YWxpY2U6d3Jvbmc=", "", 0, 0, &who, &err)); /* alice:wrong */
    ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
    ck_assert(!ask("Basic Ym9iOnMzY3JldA==", "", 0, 0, &who, &err)); /* bob:s3cret */
    web.n_users = 0; /* taken away: what was remembered does not help */
    ck_assert(ll_auth_set_web(auth, &web, NULL));
    ck_assert(!ask("Basic YWxpY2U6czNjcmV0", "", 4, 0, &who, &err));
}
END_TEST

START_TEST(auth_stops_guessing)
{
    struct ll_identity who;
    struct ll_err err;
    for (int i = 0; i < LL_TRIES_PER_MINUTE; i++) {
        ck_assert(!ask("Bearer guess", "", 0, 0, &who, &err));
        ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
    }
    ck_assert(!ask("Bearer viewer-token", "", 59999, 0, &who, &err)); /* a right one too */
    ck_assert_int_eq(err.code, LL_E_BUSY);
    ck_assert(ask("Bearer viewer-token", "", 60000, 0, &who, &err));
}
END_TEST

START_TEST(auth_sessions_live_and_end)
{
    char id[LL_SESSION_ID_CHARS + 1], cookie[200];
    struct ll_identity who;
    struct ll_err err;
    struct ll_address from = {.v = {1}};
    ck_assert(ll_auth_open_session(auth, LL_SLICE("admin-token"), &from, 0, 0, id, &who, &err));
    snprintf(cookie, sizeof(cookie), "x=1; loadline_session=%s; y=2", id);
    ck_assert(ask("", cookie, LL_SESSION_LIFE - 1, 0, &who, &err));
    ck_assert(who.role == LL_ROLE_ADMIN && who.by_cookie && who.authenticated);
    ck_assert(ask("", cookie, LL_SESSION_LIFE, 0, &who, &err) && who.role == LL_ROLE_NONE);
    ck_assert(ask("", cookie, 0, 5000, &who, &err) && who.role == LL_ROLE_NONE); /* token ended */
    cookie[30] ^= 1;
    ck_assert(ask("", cookie, 0, 0, &who, &err) && who.role == LL_ROLE_NONE);
    cookie[30] ^= 1;
    ll_auth_close_session(auth, ll_slice_of(cookie));
    ck_assert(ask("", cookie, 0, 0, &who, &err) && who.role == LL_ROLE_NONE);

    ck_assert(ll_auth_open_session(auth, LL_SLICE("admin-token"), &from, 0, 0, id, &who, &err));
    snprintf(cookie, sizeof(cookie), "loadline_session=%s", id);
    web.n_tokens = 1; /* the admin's token is taken away */
    ck_assert(ll_auth_set_web(auth, &web, NULL));
    ck_assert(ask("", cookie, 0, 0, &who, &err) && who.role == LL_ROLE_NONE);
    for (int i = 0; i < LL_SESSIONS_MAX + 5; i++)
        ck_assert(
            ll_auth_open_session(auth, LL_SLICE("viewer-token"), &from, i, 0, id, &who, &err));
    snprintf(cookie, sizeof(cookie), "loadline_session=%s", id);
    ck_assert(ask("", cookie, 2000, 0, &who, &err) && who.role == LL_ROLE_VIEWER);
}
END_TEST

START_TEST(auth_without_users_serves_loopback_as_editor)
{
    struct ll_auth *open = ll_auth_new(NULL, NULL);
    struct ll_identity who;
    struct ll_credentials c = {.address = {.loopback = true}};
    ck_assert(ll_auth_identify(open, &c, 0, 0, &who, NULL));
    ck_assert(who.role == LL_ROLE_EDITOR && !who.authenticated);
    c.address.loopback = false;
    ck_assert(ll_auth_identify(open, &c, 0, 0, &who, NULL));
    ck_assert_int_eq(who.role, LL_ROLE_NONE);
    ll_auth_free(open);
}
END_TEST

START_TEST(tries_forget_the_oldest_when_full)
{
    static struct ll_tries t;
    struct ll_address a = {.v = {0}};
    ll_dur wait;
    for (int i = 0; i < LL_TRIES_ADDRESSES + 1; i++) {
        a.v[0] = (unsigned char)i;
        a.v[1] = (unsigned char)(i >> 8);
        for (int k = 0; k < 10; k++)
            ll_tries_count(&t, &a, i);
    }
    ck_assert(ll_tries_blocked(&t, &a, 10, 1000, &wait));
    a.v[0] = a.v[1] = 0;
    ck_assert(!ll_tries_blocked(&t, &a, 10, 1000, &wait));
}
END_TEST

START_TEST(hosts_and_origins)
{
    static const char *const listen[] = {"127.0.0.1:7380", "10.1.2.3:80", NULL};
    static const char *const allowed[] = {"Loadline.example.com", NULL};
    struct ll_config c = {.web = {.listen_address = listen,
                                  .allowed_hosts = allowed,
                                  .external_url = "https://cap.example.org:8443/x"}};
    struct ll_hosts h;
    ck_assert(ll_hosts_init(&h, &c, NULL));
    static const char *const yes[] = {
        "localhost", "LOCALHOST:7380",           "127.0.0.1",       "127.9.9.9:1", "[::1]:7380",
        "10.1.2.3",  "loadline.example.com:443", "cap.example.org", "localhost."};
    static const char *const no[] = {"",
                                     "evil.example",
                                     "10.1.2.4",
                                     "localhost.evil.example",
                                     "localhost:x",
                                     "127.0.0.1.nip.io",
                                     "[::1",
                                     "a b",
                                     ":7380",
                                     "localhost:123456",
                                     "[fe80::1]"};
    for (size_t i = 0; i < LL_LEN(yes); i++)
        ck_assert_msg(ll_hosts_allow(&h, ll_slice_of(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < LL_LEN(no); i++)
        ck_assert_msg(!ll_hosts_allow(&h, ll_slice_of(no[i])), "%s", no[i]);
    struct ll_slice host = LL_SLICE("localhost:7380");
    ck_assert(ll_hosts_same_origin(&h, LL_SLICE("http://localhost:7380"), host, false));
    ck_assert(!ll_hosts_same_origin(&h, LL_SLICE("https://localhost:7380"), host, false));
    ck_assert(!ll_hosts_same_origin(&h, LL_SLICE("http://localhost:7381"), host, false));
    ck_assert(!ll_hosts_same_origin(&h, LL_SLICE("null"), host, false));
    ck_assert(ll_hosts_same_origin(&h, LL_SLICE("https://cap.example.org:8443"), host, false));
    ll_hosts_fini(&h);
    c.web.external_url = "ftp://x";
    ck_assert(!ll_hosts_init(&h, &c, NULL));
}
END_TEST

START_TEST(addresses_are_counted_by_household)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6}, b = a;
    inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
    inet_pton(AF_INET6, "2001:db8::ffff:2", &b.sin6_addr);
    struct ll_conns *c = ll_conns_new(2);
    struct ll_conn *x = ll_conns_add(c, -1, (struct sockaddr *)&a, 10);
    ck_assert(ll_conns_welcome(c, (struct sockaddr *)&b));
    struct ll_conn *y = ll_conns_add(c, -1, (struct sockaddr *)&b, LL_CONNS_NEVER);
    ck_assert(!ll_conns_welcome(c, (struct sockaddr *)&a));
    size_t open;
    ck_assert_uint_eq(ll_conns_reap(c, 9, &open), 0);
    ck_assert_uint_eq(ll_conns_reap(c, 10, &open), 1);
    ck_assert_uint_eq(open, 2);
    ll_conns_remove(c, x);
    ll_conns_remove(c, y);
    struct sockaddr_in lo = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert(ll_address_of((struct sockaddr *)&lo).loopback);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
    ck_assert(ll_address_of((struct sockaddr *)&a).loopback);
    ll_conns_free(c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_auth");
    TCase *t = tcase_create("auth");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, auth_knows_tokens_and_their_end);
    tcase_add_test(t, auth_refuses_malformed_headers);
    tcase_add_test(t, auth_knows_passwords);
    tcase_add_test(t, auth_stops_guessing);
    tcase_add_test(t, auth_sessions_live_and_end);
    tcase_add_test(t, auth_without_users_serves_loopback_as_editor);
    tcase_add_test(t, tries_forget_the_oldest_when_full);
    tcase_add_test(t, hosts_and_origins);
    tcase_add_test(t, addresses_are_counted_by_household);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
