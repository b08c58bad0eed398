/* Scaling over HTTP with the real engine and store: from rules that are sent to a target that was
 * changed. */
#include <check.h>
#include <gnutls/crypto.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "api_client.h"
#include "engine/engine.h"
#include "engine/scaling.h"

enum { WAIT_MS = 60000 };

#define JSON "Content-Type: application/json\r\n"
#define YAML "Content-Type: application/yaml\r\n"

static char dir[64];
static struct ll_engine *e;
static struct ll_api *api;
static struct ll_config *shown;
static unsigned port;

static const char rules[] =
    "targets:\n"
    "  - name: gateway\n"
    "    service: orders\n"
    "    dry_run: {current: 4}\n"
    "    min_instances: 2\n"
    "    max_instances: 20\n"
    "    capacity: {driver: api_calls, units_per_instance: 100}\n"
    "rules:\n"
    "  - rule_id: band\n"
    "    target: gateway\n"
    "    resource_type: API_CALLS\n"
    "    policy: THRESHOLD\n"
    "    thresholds: {warning_pct: 70, critical_pct: 90, scale_up_pct: 80, scale_down_pct: 40,"
    " cooldown_seconds: 300}\n"
    "    mode: approve\n";

#define BAND(up)                                                                                   \
    "{\"rule_id\":\"band\",\"target\":\"gateway\",\"resource_type\":\"API_CALLS\","                \
    "\"policy\":\"THRESHOLD\",\"thresholds\":{\"warning_pct\":70,\"critical_pct\":90,"             \
    "\"scale_up_pct\":" up                                                                         \
    ",\"scale_down_pct\":40,\"cooldown_seconds\":300},\"mode\":\"approve\"}"

static struct ll_config *load(void)
{
    const struct ll_config_flag flags[] = {{"storage.path", dir},
                                           {"collect.host.enabled", "false"},
                                           {"web.listen-address", "127.0.0.1:0"},
                                           {"check-interval-seconds", "1"}};
    const struct ll_config_source src = {.flags = flags, .n_flags = LL_LEN(flags)};
    struct ll_config *c = NULL;
    struct ll_err err;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    return c;
}

static void setup(void)
{
    struct ll_err err;
    snprintf(dir, sizeof(dir), "/tmp/ll-api-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    shown = load();
    const struct ll_engine_opts opts = {
        .config = load(), .clock = ll_clock_real(), .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
    const struct ll_api_opts how = {.engine = e, .config = shown};
    ck_assert_msg(ll_api_new(&how, &api, &err), "%s", err.text);
    ll_engine_on_publish(e, ll_api_published, api);
    port = ll_api_port(api, 0);
}

static void teardown(void)
{
    char command[128];
    ll_engine_on_publish(e, NULL, NULL);
    ll_api_free(api);
    ll_engine_free(e);
    ll_config_free(shown);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static char *ask(const char *method, const char *path, const char *extra, const char *body,
                 int *status)
{
    return client_ask(port, method, path, extra, body, status);
}

static void expect(int status, const char *method, const char *path, const char *extra,
                   const char *body, const char *text)
{
    int got;
    char *answer = ask(method, path, extra, body, &got);
    ck_assert_msg(got == status, "%s %s: %d, not %d: %.2000s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %.2000s", method, path, text, answer);
    free(answer);
}

static void push(double value)
{
    char body[256];
    snprintf(body, sizeof(body),
             "{\"metrics\":[{\"service\":\"orders\",\"resource_type\":\"API_CALLS\","
             "\"instance\":\"i1\",\"current_value\":%g,\"capacity\":400}]}",
             value);
    expect(200, "POST", "/api/v1/metrics", JSON, body, "\"accepted\":1");
}

/* Asks until the answer has the text; that answer, to free. */
static char *wait_for(const char *path, const char *text)
{
    for (int i = 0; i < WAIT_MS / 10; i++) {
        int status;
        char *answer = ask("GET", path, "", NULL, &status);
        if (strstr(answer, text))
            return answer;
        if (i == WAIT_MS / 10 - 1)
            ck_abort_msg("%s has no %s: %.2000s", path, text, answer);
        free(answer);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return NULL;
}

static void await(const char *path, const char *text)
{
    free(wait_for(path, text));
}

/* The text behind "key":" in an answer. */
static void take(const char *answer, const char *key, char *out, size_t size)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "\"%s\":\"", key);
    const char *at = strstr(answer, mark);
    ck_assert_msg(at != NULL, "no %s in %.2000s", key, answer);
    at += strlen(mark);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static void apply(void)
{
    expect(200, "POST", "/api/v1/rules", YAML, rules,
           "{\"changes\":[{\"kind\":\"target\",\"id\":\"gateway\",\"change\":\"added\","
           "\"version\":1},{\"kind\":\"rule\",\"id\":\"band\",\"change\":\"added\","
           "\"version\":1}]}");
}

static void set_mode(const char *mode)
{
    char body[64], want[64];
    snprintf(body, sizeof(body), "{\"mode\":\"%s\"}", mode);
    snprintf(want, sizeof(want), "{\"mode\":\"%s\",", mode);
    expect(200, "PUT", "/api/v1/mode", JSON, body, want);
}

/* A proposal of the gateway waits; its id. */
static void until_proposed(char *id, size_t size)
{
    apply();
    set_mode("approve");
    await("/api/v1/targets/gateway", "\"current\":4,");
    push(390);
    char *answer = wait_for("/api/v1/actions?target=gateway&state=proposed", "action_id");
    take(answer, "action_id", id, size);
    free(answer);
}

START_TEST(a_dry_run_changes_nothing)
{
    expect(200, "POST", "/api/v1/rules?dry_run=true", YAML, rules, "\"change\":\"added\"");
    expect(200, "GET", "/api/v1/rules", "", NULL, "{\"items\":[],\"next_cursor\":null}");
    apply();
    expect(200, "POST", "/api/v1/rules", YAML, rules, "\"change\":\"unchanged\",\"version\":1}");
    expect(200, "DELETE", "/api/v1/rules/band?dry_run=1", "", NULL, "\"change\":\"deleted\"");
    expect(200, "GET", "/api/v1/rules", "", NULL,
           "{\"items\":[{\"rule_id\":\"band\",\"target\":\"gateway\"");
}
END_TEST

START_TEST(what_is_wrong_has_its_place)
{
    expect(400, "POST", "/api/v1/rules", YAML, "rules:\n  - rule_id: x\n    polcy: MANUAL\n",
           "\"line\":3,\"column\":5}");
    expect(400, "POST", "/api/v1/rules", JSON, "{\"rules\":[{\"rule_id\":\"x\"}]}",
           "\"errors\":[{");
    expect(415, "POST", "/api/v1/rules", "Content-Type: text/plain\r\n", rules, "application/yaml");
    expect(400, "PUT", "/api/v1/mode", JSON, "{\"mode\":\"fast\"}", "none of off, observe");
    expect(400, "PUT", "/api/v1/mode", JSON, "{\"mod\":\"off\"}", "did you mean 'mode'?");
    expect(400, "PUT", "/api/v1/pause", JSON, "{\"what\":\"in\"}", "until must be a time to come");
    apply();
    expect(400, "PUT", "/api/v1/targets/gateway/override", JSON,
           "{\"count\":3,\"floor\":2,\"expires_at\":\"now+1h\",\"reason\":\"x\"}", "either count");
    expect(400, "PUT", "/api/v1/rules/other", JSON, BAND("80"), "not of 'other'");
    expect(400, "GET", "/api/v1/actions?cursor=x", "", NULL, "cursor");
    expect(400, "GET", "/api/v1/actions?state=x", "", NULL, "state");
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    static const struct {
        const char *method, *path, *body;
    } none[] = {
        {"GET", "/api/v1/rules/x", NULL},
        {"DELETE", "/api/v1/rules/x", NULL},
        {"GET", "/api/v1/rules/x/desired", NULL},
        {"PUT", "/api/v1/rules/x/cooldown", "{\"seconds\":5}"},
        {"GET", "/api/v1/targets/x", NULL},
        {"DELETE", "/api/v1/targets/x", NULL},
        {"DELETE", "/api/v1/targets/x/override", NULL},
        {"POST", "/api/v1/evaluate?target=x", NULL},
        {"POST", "/api/v1/actions/x/approve", NULL},
        {"POST", "/api/v1/actions/x/reject", NULL},
        {"POST", "/api/v1/actions/x/execute", NULL},
        {"GET", "/api/v1/decisions/x", NULL},
        {"GET", "/api/v1/decisions/x/replay", NULL},
        {"PUT", "/api/v1/mode", "{\"mode\":\"off\",\"rule_id\":\"x\"}"},
        {"PUT", "/api/v1/freeze",
         "{\"what\":\"in\",\"until\":\"now+1h\",\"reason\":\"r\",\"target\":\"x\"}"},
    };
    for (size_t i = 0; i < LL_LEN(none); i++)
        expect(404, none[i].method, none[i].path, none[i].body ? JSON : "", none[i].body,
               "\"type\":\"/docs/errors#not-found\"");
}
END_TEST

START_TEST(versions_are_kept_apart)
{
    apply();
    expect(200, "GET", "/api/v1/rules/band", "", NULL, "ETag: \"1\"");
    expect(200, "PUT", "/api/v1/rules/band", JSON "If-Match: \"1\"\r\n", BAND("75"),
           "\"change\":\"changed\",\"version\":2}");
    expect(412, "PUT", "/api/v1/rules/band", JSON "If-Match: \"1\"\r\n", BAND("70"), "version 2");
    expect(409, "PUT", "/api/v1/rules/band?version=1", JSON, BAND("70"), "version 2");
    expect(412, "DELETE", "/api/v1/rules/band", "If-Match: \"7\"\r\n", NULL, "version 2");
    expect(409, "DELETE", "/api/v1/rules/band?version=1", "", NULL, "version 2");
    expect(412, "DELETE", "/api/v1/rules/band", "If-Match: x\r\n", NULL, "ETag");
    expect(200, "GET", "/api/v1/rules/band", "", NULL, "\"scale_up_pct\":75");
    expect(400, "DELETE", "/api/v1/targets/gateway", "", NULL, "gateway");
    expect(200, "DELETE", "/api/v1/rules/band?version=2", "", NULL, "\"version\":3}");
    expect(200, "DELETE", "/api/v1/targets/gateway", "", NULL, "\"change\":\"deleted\"");
    expect(200, "GET", "/api/v1/targets", "", NULL, "{\"items\":[],");
}
END_TEST

START_TEST(a_proposal_is_observed_approved_and_applied)
{
    char id[64], path[128], decision[64];
    apply();
    await("/api/v1/targets/gateway", "\"current\":4,");
    expect(422, "GET", "/api/v1/rules/band/desired", "", NULL, "no rule has an answer");
    push(390);
    char *answer = wait_for("/api/v1/actions?target=gateway", "\"state\":\"observed\"");
    free(answer);
    set_mode("approve");
    answer = wait_for("/api/v1/actions?service=orders&state=proposed", "action_id");
    take(answer, "action_id", id, sizeof(id));
    take(answer, "decision_id", decision, sizeof(decision));
    free(answer);
    expect(200, "GET", "/api/v1/rules/band/desired", "", NULL, "{\"desired\":5,\"active\":true,");
    snprintf(path, sizeof(path), "/api/v1/actions/%s/approve", id);
    expect(200, "POST", path, "", NULL, "\"actor\":\"local\"");
    await("/api/v1/actions?state=applied", id);
    await("/api/v1/targets/gateway", "\"current\":5,");
    await("/api/v1/events", "\"title\":\"SCALE_OUT applied\"");
    expect(200, "GET", "/api/v1/events", "", NULL,
           "\"kind\":\"scaling\",\"service\":\"orders\",\"resource_type\":\"API_CALLS\",\"title\":"
           "\"SCALE_OUT proposed\"");
    expect(409, "POST", path, "", NULL, "the action is applied, it does not wait any more");
    snprintf(path, sizeof(path), "/api/v1/decisions/%s", decision);
    await(path, "\"record\":{\"version\":1,");
    snprintf(path, sizeof(path), "/api/v1/decisions/%s/replay", decision);
    expect(200, "GET", path, "", NULL, "\"same\":true,\"differs\":null,");
    expect(200, "GET", "/api/v1/decisions?target=gateway&limit=1", "", NULL, "\"next_cursor\":\"");
}
END_TEST

/* Two hours by the minute, the last of them twice as high. */
static void push_history(void)
{
    char body[32 << 10];
    size_t n = (size_t)snprintf(body, sizeof(body), "{\"metrics\":[");
    for (int i = 0; i < 120; i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n,
                              "%s{\"service\":\"orders\",\"resource_type\":\"API_CALLS\","
                              "\"instance\":\"i1\",\"current_value\":%d,\"capacity\":2000,"
                              "\"timestamp\":%lld}",
                              i ? "," : "", i < 90 ? 400 : 1000,
                              (long long)time(NULL) - 7200 + 60 * i);
    snprintf(body + n, sizeof(body) - n, "]}");
    expect(200, "POST", "/api/v1/metrics", JSON, body, "\"accepted\":120");
}

START_TEST(a_rule_is_tried_beside_the_live_one)
{
    static const char path[] = "/api/v1/simulations?hours=2&learn_pct=0&steps=true";
    static const char tried[] = "{\"rules\":[" BAND("60") "]}";
    apply();
    push_history();
    expect(200, "POST", path, JSON, tried, "\"target\":\"gateway\",\"service\":\"orders\"");
    expect(200, "POST", path, JSON, tried, "\"policy\":\"live\",");
    expect(200, "POST", path, JSON, tried, "\"policy\":\"oracle\",");
    int status;
    char *same = ask("POST", path, JSON, "{\"rules\":[" BAND("80") "]}", &status);
    ck_assert_int_eq(status, 200);
    ck_assert_msg(strstr(same, "\"differ\":0,"), "%.2000s", same);
    free(same);
    char *other = ask("POST", path, JSON, tried, &status);
    ck_assert_msg(!strstr(other, "\"differ\":0,"), "%.2000s", other);
    ck_assert(strstr(other, "\"proposed\":[") && strstr(other, "\"live\":["));
    free(other);
    /* Nothing was changed by it. */
    expect(200, "GET", "/api/v1/rules/band", "", NULL, "ETag: \"1\"");
    expect(200, "GET", "/api/v1/targets/gateway", "", NULL, "\"current\":4");
}
END_TEST

START_TEST(what_instances_carry_is_listed)
{
    apply();
    expect(200, "GET", "/api/v1/capacity-models", "", NULL,
           "{\"items\":[{\"target\":\"gateway\",\"service\":\"orders\",\"driver\":\"API_CALLS\","
           "\"part\":\"\",\"units_per_instance\":100,");
}
END_TEST

START_TEST(what_cannot_be_tried_is_said)
{
    apply();
    expect(422, "POST", "/api/v1/simulations?hours=2", JSON, "{\"rules\":[" BAND("60") "]}",
           "no history of its API_CALLS");
    expect(400, "POST", "/api/v1/simulations", JSON, "{\"rules\":[]}", "no rules to try");
    expect(400, "POST", "/api/v1/simulations", JSON, "{\"rules\":[{\"rule_id\":\"x\"}]}", "body");
    expect(422, "POST", "/api/v1/simulations", JSON,
           "{\"targets\":[{\"name\":\"other\",\"service\":\"quotes\",\"dry_run\":{},"
           "\"max_instances\":9}],\"rules\":[{\"rule_id\":\"x\",\"target\":\"other\","
           "\"resource_type\":\"CPU\",\"policy\":\"THRESHOLD\"}]}",
           "what an instance carries is not declared");
}
END_TEST

/* Every page once, nothing twice. */
START_TEST(pages_have_every_decision_once)
{
    char id[64], path[160] = "/api/v1/decisions?limit=1", seen[64][64], cursor[64];
    size_t n = 0;
    until_proposed(id, sizeof(id));
    push(395);
    expect(200, "POST", "/api/v1/evaluate?target=gateway", "", NULL, "\"target\":\"gateway\"");
    while (n < LL_LEN(seen)) {
        int status;
        char *answer = ask("GET", path, "", NULL, &status);
        ck_assert_int_eq(status, 200);
        take(answer, "decision_id", seen[n], sizeof(seen[n]));
        for (size_t i = 0; i < n; i++)
            ck_assert_str_ne(seen[i], seen[n]);
        n++;
        const bool last = strstr(answer, "\"next_cursor\":null") != NULL;
        if (!last)
            take(answer, "next_cursor", cursor, sizeof(cursor));
        free(answer);
        if (last)
            break;
        snprintf(path, sizeof(path), "/api/v1/decisions?limit=1&cursor=%s", cursor);
    }
    ck_assert_uint_ge(n, 2);
    ck_assert_uint_lt(n, LL_LEN(seen));
}
END_TEST

START_TEST(a_changed_base_is_a_conflict)
{
    char id[64], path[128];
    until_proposed(id, sizeof(id));
    /* Somebody else's change: the target is declared anew, with another count. */
    char other[sizeof(rules)];
    memcpy(other, rules, sizeof(rules));
    strstr(other, "current: 4")[9] = '9';
    snprintf(path, sizeof(path), "/api/v1/actions/%s/approve", id);
    expect(200, "POST", "/api/v1/rules", YAML, other, "changed");
    await("/api/v1/targets/gateway", "\"current\":9,");
    expect(409, "POST", path, "", NULL, "\"errors\":[],\"current\":9}");
}
END_TEST

START_TEST(people_hold_and_override)
{
    char id[64], path[128];
    until_proposed(id, sizeof(id));
    snprintf(path, sizeof(path), "/api/v1/actions/%s/reject", id);
    expect(200, "POST", path, "", NULL, "\"state\":\"rejected\"");
    expect(200, "PUT", "/api/v1/targets/gateway/override", JSON,
           "{\"count\":7,\"expires_at\":\"now+1h\",\"reason\":\"launch\"}",
           "\"override\":{\"exact\":true,\"floor\":7,\"ceiling\":7,");
    expect(400, "PUT", "/api/v1/targets/gateway/override", JSON,
           "{\"count\":70,\"expires_at\":\"now+1h\",\"reason\":\"launch\"}", "max_instances 20");
    expect(200, "DELETE", "/api/v1/targets/gateway/override", "", NULL, "\"override\":null");
    expect(200, "PUT", "/api/v1/rules/band/cooldown", JSON, "{\"seconds\":60}",
           "\"cooldown_out_until\":\"");
    expect(200, "PUT", "/api/v1/pause", JSON,
           "{\"what\":\"both\",\"until\":\"now+1h\",\"reason\":\"deploy\"}",
           "\"pause\":{\"what\":\"both\",");
    expect(200, "PUT", "/api/v1/freeze", JSON,
           "{\"what\":\"in\",\"until\":\"now+1h\",\"reason\":\"deploy\",\"target\":\"gateway\"}",
           "\"freeze\":{\"what\":\"in\",");
    expect(200, "GET", "/api/v1/mode", "", NULL,
           "\"rules\":{\"off\":0,\"observe\":0,\"approve\":1,");
    expect(200, "PUT", "/api/v1/pause", JSON, "{\"what\":\"none\"}", "{\"what\":\"none\",");
    expect(403, "PUT", "/api/v1/mode", JSON, "{\"mode\":\"auto\"}", "not-allowed");
    expect(403, "GET", "/api/v1/audit", "", NULL, "admin");
}
END_TEST

START_TEST(an_editor_sets_no_auto_and_the_audit_has_names)
{
    static const char *const words[] = {"editor-token", "admin-token"};
    static const char editor[] = "Authorization: Bearer editor-token\r\n" JSON;
    static const char admin[] = "Authorization: Bearer admin-token\r\n" JSON;
    static const char yaml[] = "Authorization: Bearer editor-token\r\n" YAML;
    struct ll_web_token tokens[2];
    struct ll_webconfig web = {.tokens = tokens, .n_tokens = 2};
    for (int i = 0; i < 2; i++) {
        tokens[i] = (struct ll_web_token){.name = i ? "root" : "bob",
                                          .role = i ? LL_ROLE_ADMIN : LL_ROLE_EDITOR,
                                          .expires = LL_TIME_NONE};
        gnutls_hash_fast(GNUTLS_DIG_SHA256, words[i], strlen(words[i]), tokens[i].sha256);
    }
    ck_assert(ll_api_set_web(api, &web, NULL));
    expect(200, "POST", "/api/v1/rules", yaml, rules, "added");
    expect(403, "PUT", "/api/v1/mode", editor, "{\"mode\":\"auto\",\"rule_id\":\"band\"}",
           "needs the role admin");
    expect(200, "PUT", "/api/v1/mode", admin, "{\"mode\":\"auto\",\"rule_id\":\"band\"}",
           "{\"mode\"");
    expect(200, "GET", "/api/v1/audit", admin, NULL, "\"seq\":1,\"timestamp\":\"");
    expect(200, "GET", "/api/v1/audit", admin, NULL,
           "\"actor\":\"bob\",\"role\":\"editor\",\"address\":\"127.0.0.1\",\"action\":\"rules."
           "apply\"");
    expect(200, "GET", "/api/v1/audit?newest=true&limit=1", admin, NULL, "\"actor\":\"root\"");
    expect(200, "GET", "/api/v1/audit?limit=1", admin, NULL, "\"next_cursor\":\"2\"");
    expect(200, "GET", "/api/v1/audit?limit=1&cursor=2", admin, NULL, "\"seq\":2,");
    expect(200, "GET", "/metrics", admin, NULL, "loadline_scaling_rules 1\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_dry_run_changes_nothing,
                                  what_is_wrong_has_its_place,
                                  what_is_not_there_is_not_found,
                                  versions_are_kept_apart,
                                  a_proposal_is_observed_approved_and_applied,
                                  a_rule_is_tried_beside_the_live_one,
                                  what_cannot_be_tried_is_said,
                                  what_instances_carry_is_listed,
                                  pages_have_every_decision_once,
                                  a_changed_base_is_a_conflict,
                                  people_hold_and_override,
                                  an_editor_sets_no_auto_and_the_audit_has_names};
    Suite *suite = suite_create("api_scaling");
    TCase *all = tcase_create("api_scaling");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_set_timeout(all, 300);
    for (size_t i = 0; i < LL_LEN(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
