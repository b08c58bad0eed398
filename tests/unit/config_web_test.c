/* TLS, users, tokens and roles, in exporter-toolkit's format and ours. */
#include <unistd.h>

#include "config/webconfig.h"
#include "config_support.h"

#define HASH "$2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234"
#define SHA "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static bool parse(const char *text, const char *file, struct ll_webconfig **out, struct ll_err *err)
{
    static const char *const env[] = {"TOKEN=" SHA, NULL};
    return ll_webconfig_parse(ll_slice_of(text), file, env, out, err);
}

static const struct refusal refusals[] = {
    {"tls_server_config: {cert_file: a}\n", 1, 32, "cert_file without key_file"},
    {"tls_server_config: {key_file: a}\n", 1, 31, "key_file without cert_file"},
    {"tls_server_config: {cert_file: \"\", key_file: a}\n", 1, 32, "cert_file: is empty"},
    {"tls_server_config: {min_version: TLS10}\n", 1, 34, "'TLS10' is not TLS12 or TLS13"},
    {"tls_server_config: {client_ca_file: a}\n", 1, 21,
     "client_ca_file: is a key of exporter-toolkit that Loadline does not support: remove it"},
    {"tls_server_config: {cipher_suites: [a]}\n", 1, 21, "does not support"},
    {"http_server_config: {http2: true}\n", 1, 1, "http_server_config: is a key of exporter"},
    {"rate_limit: {}\n", 1, 1, "does not support"},
    {"tls_config: {}\n", 1, 1, "unknown key 'tls_config'"},
    {"basic_auth_users: {a: secret}\n", 1, 23, "the value is not a bcrypt hash such as $2y$10$"},
    {"basic_auth_users: {a: $2x$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234}\n", 1, 23,
     "is not a bcrypt hash"},
    {"basic_auth_users: {a: $2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ0123-}\n", 1, 23,
     "is not a bcrypt hash"},
    {"basic_auth_users: {a: $2y$31$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234}\n", 1, 23,
     "has a bcrypt cost outside 4 to 17"},
    {"basic_auth_users: {a: " HASH ", a: " HASH "}\n", 1, 85, "the key 'a' is already on line 1"},
    {"basic_auth_users: {\"a:b\": " HASH "}\n", 1, 20, "name: 'a:b' has a space, a colon"},
    {"basic_auth_users: {a: {b: c}}\n", 1, 23, "basic_auth_users: must be a text, not a map"},
    {"basic_auth_users: [a]\n", 1, 19, "basic_auth_users: must be a map, not a list"},
    {"tokens: [{name: a}]\n", 1, 10, "'sha256' is missing"},
    {"tokens: [{sha256: " SHA "}]\n", 1, 10, "'name' is missing"},
    {"tokens: [{name: a, sha256: 12ab}]\n", 1, 28, "sha256: the value is not a SHA-256 of 64 hex"},
    {"tokens: [{name: a, sha256: " SHA ", role: root}]\n", 1, 100,
     "role: 'root' is not viewer, operator, editor or admin"},
    {"tokens: [{name: a, sha256: " SHA ", expires: 2027-01-01}]\n", 1, 103,
     "expires: '2027-01-01' is not a time such as 2027-01-01T00:00:00Z"},
    {"proxy: {user_header: X-User, role: viewer}\n", 1, 8, "'trusted' is missing"},
    {"proxy: {trusted: [], user_header: X-User, role: viewer}\n", 1, 18,
     "trusted: needs at least 1"},
    {"proxy: {trusted: [10.0.0.1/8], user_header: X-User, role: viewer}\n", 1, 18,
     "trusted: '10.0.0.1/8' has bits behind its prefix"},
    {"proxy: {trusted: [10.0.0.0/40], user_header: X-User, role: viewer}\n", 1, 18, "not 0 to 32"},
    {"proxy: {trusted: [0.0.0.0/0], user_header: X-User, role: viewer}\n", 1, 18,
     "is everybody, who could then be anybody"},
    {"proxy: {trusted: [\"::/0\"], user_header: X-User, role: viewer}\n", 1, 18, "is everybody"},
    {"proxy: {trusted: [10.0.0.0/8], user_header: \"X User\", role: viewer}\n", 1, 45,
     "is not the name of a header"},
    {"proxy: {trusted: [10.0.0.0/8], user_header: X-User}\n", 1, 45, "nobody would get a role"},
    {"proxy: {trusted: [10.0.0.0/8], user_header: X-User, groups_header: G}\n", 1, 68,
     "groups_header without groups"},
    {"jwt: {issuer: a, audience: b, role: viewer}\n", 1, 15, "one of jwks_file and jwks_url"},
    {"jwt: {issuer: a, audience: b, role: viewer, jwks_file: k, jwks_url: \"https://k/\"}\n", 1, 15,
     "one of jwks_file and jwks_url"},
    {"jwt: {issuer: a, audience: b, role: viewer, jwks_url: \"http://k/\"}\n", 1, 55,
     "is not an https:// address"},
    {"jwt: {issuer: a, audience: b, role: viewer, jwks_url: \"http://127.0.0.1.evil/\"}\n", 1, 55,
     "is not an https:// address"},
    {"jwt: {issuer: a, jwks_file: k, role: viewer}\n", 1, 6, "'audience' is missing"},
    {"jwt: {issuer: a, audience: b, jwks_file: k}\n", 1, 15, "nobody would get a role"},
    {"jwt: {issuer: a, audience: b, jwks_file: k, roles_claim: groups}\n", 1, 58,
     "roles_claim without roles"},
    {"tokens: [{name: a, sha256: " SHA ", services: []}]\n", 1, 104, "services"},
    {"tokens: [{name: a, sha256: " SHA ", services: }]\n", 1, 104, "services"},
    {"tokens: [{name: a, sha256: " SHA ", services: [\"\"]}]\n", 1, 104, "services"},
    {"tokens:\n- {name: a, sha256: " SHA "}\n- {name: a, sha256: " SHA "}\n", 3, 10,
     "name: 'a' is already on line 2"},
    {"basic_auth_users: {a: " HASH "}\ntokens: [{name: a, sha256: " SHA "}]\n", 2, 17,
     "name: 'a' is a user already"},
    {"roles: {bob: admin}\n", 1, 9, "roles: 'bob' is not one of basic_auth_users"},
    {"basic_auth_users: {a: " HASH "}\nroles: {a: amdin}\n", 2, 12, "did you mean 'admin'?"},
    {"basic_auth_users: {a: " HASH "}\nroles: {a: \"\"}\n", 2, 12, "is not viewer"},
    {"a: &b 1\n", 1, 4, "anchors"},
};

START_TEST(refuses_with_place_and_hint)
{
    struct ll_webconfig *c = NULL;
    struct ll_err err = {0};
    check_refusal(&refusals[_i], parse(refusals[_i].text, "t.yml", &c, &err), &err);
    ck_assert_ptr_null(c);
}
END_TEST

START_TEST(secrets_stay_out_of_messages)
{
    struct ll_webconfig *c = NULL;
    struct ll_err err = {0};
    ck_assert(!parse("basic_auth_users: {a: hunter2}\n", "t.yml", &c, &err));
    ck_assert_ptr_null(strstr(err.text, "hunter2"));
}
END_TEST

static const char *const whole =
    "tls_server_config: {cert_file: c.pem, key_file: /k.pem, min_version: TLS13}\n"
    "basic_auth_users:\n  alice: " HASH "\n  bob: " HASH "\n"
    "tokens:\n  - {name: grafana, sha256: \"${env:TOKEN}\", expires: 2027-01-01T00:00:00Z}\n"
    "  - {name: deploy, sha256: " SHA ", role: editor}\n"
    "roles: {alice: Operator}\n";

START_TEST(a_whole_one)
{
    struct ll_webconfig *got = NULL;
    struct ll_err err = {0};
    ck_assert_msg(parse(whole, "/etc/ll/web.yml", &got, &err), "%s", err.text);
    LL_AUTO(ll_webconfig) c = got;
    ck_assert_str_eq(c->cert_file, "/etc/ll/c.pem");
    ck_assert_str_eq(c->key_file, "/k.pem");
    ck_assert_int_eq(c->min_tls, 13);
    ck_assert_uint_eq(c->n_users, 2);
    ck_assert_str_eq(c->users[0].name, "alice");
    ck_assert_str_eq(c->users[0].bcrypt, HASH);
    ck_assert_int_eq(c->users[0].role, LL_ROLE_OPERATOR);
    ck_assert_int_eq(c->users[1].role, LL_ROLE_VIEWER); /* the default */
    ck_assert_uint_eq(c->n_tokens, 2);
    ck_assert_str_eq(c->tokens[0].name, "grafana");
    ck_assert_int_eq(c->tokens[0].role, LL_ROLE_VIEWER);
    ck_assert_int_eq(c->tokens[0].expires, 1798761600000);
    ck_assert_int_eq(c->tokens[1].role, LL_ROLE_EDITOR);
    ck_assert_int_eq(c->tokens[1].expires, LL_TIME_NONE);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_eq(c->tokens[i % 2].sha256[i], i % 16 * 0x11);
}
END_TEST

START_TEST(an_empty_one_has_nobody)
{
    struct ll_webconfig *got = NULL;
    struct ll_err err = {0};
    ck_assert(parse("", "web.yml", &got, &err));
    LL_AUTO(ll_webconfig) c = got;
    ck_assert(!c->cert_file && !c->key_file && c->n_users == 0 && c->n_tokens == 0);
    ck_assert_int_eq(c->min_tls, 12);
}
END_TEST

START_TEST(files_are_loaded_and_checked)
{
    char path[] = "/tmp/ll-web-XXXXXX";
    int fd = mkstemp(path);
    const char *text = "tls_server_config: {cert_file: c, key_file: k}\nroles: {a: x, b: admin}\n";
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct ll_err errs[4];
    ck_assert_uint_eq(ll_webconfig_check(path, errs, LL_LEN(errs)), 1);
    ck_assert_ptr_nonnull(strstr(errs[0].text, ":2:12: roles: 'x' is not viewer"));
    ck_assert_int_eq(truncate(path, 47), 0);
    ck_assert_uint_eq(ll_webconfig_check(path, errs, LL_LEN(errs)), 0);
    struct ll_webconfig *got = NULL;
    ck_assert(ll_webconfig_load(path, &got, &errs[0]));
    LL_AUTO(ll_webconfig) c = got;
    ck_assert_str_eq(c->cert_file, "/tmp/c");
    unlink(path);
    struct ll_webconfig *none = NULL;
    ck_assert(!ll_webconfig_load(path, &none, &errs[0]));
    ck_assert_ptr_nonnull(strstr(errs[0].text, "No such file"));
    ck_assert(!ll_webconfig_load(path, &none, NULL));
}
END_TEST

START_TEST(cut_at_every_byte)
{
    for (size_t n = 0; n < strlen(whole); n++) {
        struct ll_webconfig *c = NULL;
        struct ll_err err = {0};
        char *exact = malloc(n ? n : 1);
        memcpy(exact, whole, n);
        if (!ll_webconfig_parse((struct ll_slice){exact, n}, "t.yml", NULL, &c, &err)) {
            ck_assert_int_eq(err.code, LL_E_CONFIG);
            ck_assert_ptr_null(c);
        }
        ll_webconfig_free(c);
        free(exact);
    }
}
END_TEST

START_TEST(roles_have_names)
{
    enum ll_role r = LL_ROLE_NONE;
    ck_assert(ll_role_parse(LL_SLICE("ADMIN"), &r) && r == LL_ROLE_ADMIN);
    ck_assert(!ll_role_parse(LL_SLICE(""), &r) && !ll_role_parse(LL_SLICE("none"), &r));
    ck_assert_int_eq(r, LL_ROLE_ADMIN);
    ck_assert_str_eq(ll_role_name(LL_ROLE_EDITOR), "editor");
    ck_assert_str_eq(ll_role_name(LL_ROLE_NONE), "none");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_web");
    TCase *c = tcase_create("web");
    tcase_add_loop_test(c, refuses_with_place_and_hint, 0, (int)LL_LEN(refusals));
    tcase_add_test(c, secrets_stay_out_of_messages);
    tcase_add_test(c, a_whole_one);
    tcase_add_test(c, an_empty_one_has_nobody);
    tcase_add_test(c, files_are_loaded_and_checked);
    tcase_add_test(c, cut_at_every_byte);
    tcase_add_test(c, roles_have_names);
    suite_add_tcase(s, c);
    return run_suite(s);
}
