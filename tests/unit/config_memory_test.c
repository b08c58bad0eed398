/* Memory that ends at any call: a load fails whole, with a text, and leaks nothing (ASan). */
#include "config/rules_file.h"
#include "config/schema.h"
#include "config/webconfig.h"
#include "config_support.h"
#include "support.h"

enum { CALLS_MAX = 2000 };

static const char *const env[] = {"HOME=/h", "LOADLINE_WEB_ALLOWED_HOSTS=a,b", "X=y", NULL};
static const struct ll_config_flag flags[] = {{"log.level", "warn"}, {"web.listen-address", ":1"}};

static const char text[] = "environment: ${env:X}\nweb: {max_body: 1MiB}\n"
                           "tiers: [{name: t, thresholds: {cpu: {warning_pct: 29}}}]\n"
                           "services: [{name: s, tier: t}, {name: u, owner: \"a b\"}]\n";

/* True when the call-th allocation was reached, and so failed. */
static bool load_failing_at(unsigned call, bool from_file)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    struct ll_config_source src = {
        .file = from_file ? LL_SOURCE_ROOT "/examples/loadline.yml" : "t.yml",
        .text = {from_file ? NULL : text, from_file ? 0 : sizeof(text) - 1},
        .env = env,
        .flags = flags,
        .n_flags = LL_LEN(flags)};
    ll_test_fail_alloc(call);
    bool ok = ll_config_load(&src, &c, &err);
    bool failed = ll_test_alloc_failed();
    ll_test_fail_alloc(0);
    if (!failed)
        ck_assert_msg(ok, "%s", err.text);
    if (ok)
        ck_assert_ptr_nonnull(c);
    else
        ck_assert(!c && (err.code == LL_E_CONFIG || err.code == LL_E_MEMORY) && err.text[0]);
    static char hashes[2][sizeof(c->hash)];
    if (ok && !*hashes[from_file]) /* the first load has all its memory */
        memcpy(hashes[from_file], c->hash, sizeof(c->hash));
    if (ok)
        ck_assert_str_eq(hashes[from_file], c->hash);
    ll_config_free(c);
    return failed;
}

START_TEST(a_configuration)
{
    unsigned call = 1;
    ck_assert(!load_failing_at(CALLS_MAX, false));
    while (call < CALLS_MAX && load_failing_at(call, false))
        call++;
    ck_assert_uint_gt(call, 10);
    ck_assert_uint_lt(call, CALLS_MAX);
}
END_TEST

START_TEST(a_configuration_of_a_file)
{
    unsigned call = 1;
    ck_assert(!load_failing_at(CALLS_MAX, true));
    while (call < CALLS_MAX && load_failing_at(call, true))
        call++;
    ck_assert_uint_gt(call, 10);
    ck_assert_uint_lt(call, CALLS_MAX);
}
END_TEST

static const char web[] =
    "tls_server_config: {cert_file: c, key_file: k}\n"
    "basic_auth_users: {a: $2y$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234}\n"
    "roles: {a: admin}\n";

static bool web_failing_at(unsigned call)
{
    struct ll_webconfig *c = NULL;
    struct ll_err err = {0};
    ll_test_fail_alloc(call);
    bool ok =
        ll_webconfig_parse((struct ll_slice){web, sizeof(web) - 1}, "/w/t.yml", env, &c, &err);
    bool failed = ll_test_alloc_failed();
    ll_test_fail_alloc(0);
    ck_assert(failed || ok);
    if (!ok)
        ck_assert(!c && err.text[0]);
    ll_webconfig_free(c);
    return failed;
}

START_TEST(a_web_configuration)
{
    unsigned call = 1;
    while (call < CALLS_MAX && web_failing_at(call))
        call++;
    ck_assert_uint_gt(call, 5);
    ck_assert_uint_lt(call, CALLS_MAX);
}
END_TEST

static const char rules[] =
    "targets: [{name: a, kubernetes: {namespace: n, deployment: d}, max_instances: 9}, {name: b, "
    "exec: {command: [/x, y], env: [A=1]}, max_instances: 9, behavior: hpa}]\n"
    "rules: [{rule_id: r, service: a, policy: MANUAL}, {rule_id: s, target: b, calendar: A, "
    "policy: "
    "SCHEDULED, windows: [{anchor: open, duration_seconds: 9, floor: 2, except: [2026-12-25]}]}]\n";

static bool rules_failing_at(unsigned call)
{
    struct ll_rules_doc *d = NULL;
    struct ll_err err = {0};
    struct ll_rules_reading r = {.errs = &err, .max = 1};
    const struct ll_rules_text t = {{rules, sizeof(rules) - 1}, "t.yml"};
    ll_test_fail_alloc(call);
    bool ok = ll_rules_read(&r, &t, 1, &d);
    bool failed = ll_test_alloc_failed();
    ll_test_fail_alloc(0);
    ck_assert_msg(failed || ok, "%s", err.text);
    if (!ok)
        ck_assert(!d && err.text[0] && r.n_errs > 0);
    ll_rules_free(d);
    return failed;
}

START_TEST(rules_of_a_file)
{
    unsigned call = 1;
    while (call < CALLS_MAX && rules_failing_at(call))
        call++;
    ck_assert_uint_gt(call, 10);
    ck_assert_uint_lt(call, CALLS_MAX);
}
END_TEST

/* Showing into a builder that is full stops, and says so. */
START_TEST(showing_into_too_little)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    ck_assert(load_text(text + 22, &c, &err));
    for (size_t cap = 0; cap < 600; cap += 7) {
        struct ll_str b;
        ll_str_init(&b, cap);
        ll_config_show(c, true, &b);
        ck_assert(b.failed && b.n <= cap);
        ll_str_fini(&b);
    }
    ll_config_free(c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_memory");
    TCase *c = tcase_create("memory");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, a_configuration);
    tcase_add_test(c, a_configuration_of_a_file);
    tcase_add_test(c, a_web_configuration);
    tcase_add_test(c, rules_of_a_file);
    tcase_add_test(c, showing_into_too_little);
    suite_add_tcase(s, c);
    return run_suite(s);
}
