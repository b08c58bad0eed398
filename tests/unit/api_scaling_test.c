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
    expect(200, "GET", "/api/v1/rules/band/desired", "", NULL, "{\"desired\":4,\"active\":true,");
    snprintf(path, sizeof(path), "/api/v1/actions/%s/approve", id);
    expect(200, "POST", path, "", NULL, "\"actor\":\"local\"");
    await("/api/v1/actions?state=applied", id);
    await("/api/v1/targets/gateway", "\"current\":5,");
    await("/api/v1/rules/band/desired", "{\"desired\":5,\"active\":true,");
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

/* --- limited to some services --- */

#define MINE "Authorization: Bearer mine-token\r\n"
#define OTHER "Authorization: Bearer other-token\r\n"
#define ROOT "Authorization: Bearer root-token\r\n"

static struct ll_scope scopes[2];
static struct ll_web_token limited[3];
static const struct ll_webconfig limited_web = {.tokens = limited, .n_tokens = 3};

/* Two editors, of orders and of quotes, and an admin of all. */
static void limit_tokens(void)
{
    static const char *const words[] = {"mine-token", "other-token", "root-token"};
    memset(scopes, 0, sizeof(scopes));
    ck_assert(ll_scope_add(&scopes[0], LL_SLICE("ord*"), NULL));
    ck_assert(ll_scope_add(&scopes[1], LL_SLICE("quo*"), NULL));
    for (size_t i = 0; i < LL_LEN(limited); i++) {
        limited[i] = (struct ll_web_token){.name = words[i],
                                           .role = i < 2 ? LL_ROLE_EDITOR : LL_ROLE_ADMIN,
                                           .expires = LL_TIME_NONE,
                                           .scope = i < 2 ? &scopes[i] : NULL};
        gnutls_hash_fast(GNUTLS_DIG_SHA256, words[i], strlen(words[i]), limited[i].sha256);
    }
    ck_assert(ll_api_set_web(api, &limited_web, NULL));
}

#define UNTIL "\"until\":\"now+1h\",\"reason\":\"r\""

/* What only who may change orders may do; %s is the action that waits. */
static const struct {
    const char *method, *path, *body;
    int status; /* of who may */
} of_orders[] = {
    {"GET", "/api/v1/rules/band", NULL, 200},
    {"GET", "/api/v1/rules/band/desired", NULL, 200},
    {"GET", "/api/v1/targets/gateway", NULL, 200},
    {"GET", "/api/v1/decisions/%d", NULL, 200},
    {"GET", "/api/v1/decisions/%d/replay", NULL, 200},
    {"GET", "/api/v1/actions?service=orders", NULL, 200},
    {"POST", "/api/v1/evaluate?target=gateway", NULL, 200},
    {"PUT", "/api/v1/mode", "{\"mode\":\"approve\",\"rule_id\":\"band\"}", 200},
    {"PUT", "/api/v1/pause", "{\"what\":\"in\"," UNTIL ",\"target\":\"gateway\"}", 200},
    {"PUT", "/api/v1/freeze", "{\"what\":\"in\"," UNTIL ",\"target\":\"gateway\"}", 200},
    {"PUT", "/api/v1/rules/band/cooldown", "{\"seconds\":0}", 200},
    {"POST", "/api/v1/actions/%s/reject", NULL, 200},
    {"POST", "/api/v1/actions/%s/approve", NULL, 409}, /* it was rejected: no secret either */
    {"POST", "/api/v1/actions/%s/execute", NULL, 409},
    {"PUT", "/api/v1/targets/gateway/override",
     "{\"count\":5,\"expires_at\":\"now+1h\",\"reason\":\"r\"}", 200},
    {"DELETE", "/api/v1/targets/gateway/override", NULL, 200},
    {"PUT", "/api/v1/rules/band", BAND("75"), 200},
    {"PUT", "/api/v1/targets/gateway",
     "{\"name\":\"gateway\",\"service\":\"orders\",\"dry_run\":{\"current\":4},"
     "\"min_instances\":2,\"max_instances\":30}",
     200},
    {"DELETE", "/api/v1/rules/band", NULL, 200},
    {"DELETE", "/api/v1/targets/gateway", NULL, 200},
};

static void path_for(const char *pattern, const char *action, const char *decision, char *out,
                     size_t size)
{
    const char *at = strchr(pattern, '%');
    if (at)
        snprintf(out, size, "%.*s%s%s", (int)(at - pattern), pattern,
                 at[1] == 's' ? action : decision, at + 2);
    else
        snprintf(out, size, "%s", pattern);
}

START_TEST(limited_tokens_act_on_their_services_only)
{
    char id[64], decision[64], path[160];
    until_proposed(id, sizeof(id));
    char *answer = wait_for("/api/v1/actions?target=gateway&state=proposed", "decision_id");
    take(answer, "decision_id", decision, sizeof(decision));
    free(answer);
    snprintf(path, sizeof(path), "/api/v1/decisions/%s", decision);
    await(path, "\"record\":{");
    limit_tokens();
    for (size_t i = 0; i < LL_LEN(of_orders); i++) {
        path_for(of_orders[i].path, id, decision, path, sizeof(path));
        expect(403, of_orders[i].method, path, OTHER JSON, of_orders[i].body, "limited to");
        expect(of_orders[i].status, of_orders[i].method, path, MINE JSON, of_orders[i].body, "");
    }
}
END_TEST

START_TEST(limited_tokens_see_their_services_only)
{
    static const char *const lists[] = {"/api/v1/rules", "/api/v1/targets", "/api/v1/actions",
                                        "/api/v1/decisions"};
    char id[64];
    until_proposed(id, sizeof(id));
    limit_tokens();
    for (size_t i = 0; i < LL_LEN(lists); i++) {
        expect(200, "GET", lists[i], MINE, NULL, "gateway");
        expect(200, "GET", lists[i], OTHER, NULL, "{\"items\":[],\"next_cursor\":null}");
    }
    expect(200, "PUT", "/api/v1/pause", ROOT JSON,
           "{\"what\":\"in\"," UNTIL ",\"target\":\"gateway\"}", "gateway");
    expect(200, "GET", "/api/v1/mode", MINE, NULL, "\"target\":\"gateway\"");
    expect(200, "GET", "/api/v1/mode", OTHER, NULL, "\"approve\":0,\"auto\":0},\"targets\":[]");
}
END_TEST

/* What is about all services is for who has no limit; and nobody takes what is another's. */
START_TEST(limited_tokens_do_not_reach_farther)
{
    static const char about_all[] = "this is about all";
    apply();
    limit_tokens();
    expect(403, "PUT", "/api/v1/mode", MINE JSON, "{\"mode\":\"off\"}", about_all);
    expect(403, "PUT", "/api/v1/pause", MINE JSON, "{\"what\":\"both\"," UNTIL "}", about_all);
    expect(403, "PUT", "/api/v1/freeze", MINE JSON, "{\"what\":\"none\"}", about_all);
    expect(403, "POST", "/api/v1/evaluate", MINE, NULL, about_all);
    expect(403, "GET", "/api/v1/audit", MINE, NULL, "admin");
    /* a target, and a rule on it, of another service */
    expect(403, "POST", "/api/v1/rules", OTHER YAML, rules, "limited to: quo*");
    expect(403, "PUT", "/api/v1/rules/band", OTHER JSON, BAND("75"), "limited to: quo*");
    expect(403, "PUT", "/api/v1/rules/mine", OTHER JSON,
           "{\"rule_id\":\"mine\",\"target\":\"gateway\",\"service\":\"quotes\","
           "\"resource_type\":\"CPU\",\"policy\":\"MANUAL\"}",
           "'orders' is not one");
    /* to take one over by giving it another service, or to give one away */
    expect(403, "POST", "/api/v1/rules", OTHER YAML,
           "targets:\n  - name: gateway\n    service: quotes\n    dry_run: {current: 4}\n"
           "    max_instances: 20\n",
           "'orders' is not one");
    expect(403, "POST", "/api/v1/rules", MINE YAML,
           "targets:\n  - name: gateway\n    service: quotes\n    dry_run: {current: 4}\n"
           "    max_instances: 20\n",
           "'quotes' is not one");
    expect(403, "POST", "/api/v1/rules?dry_run=true", OTHER YAML, rules, "limited to: quo*");
    expect(200, "POST", "/api/v1/rules", OTHER YAML,
           "targets:\n  - name: feed\n    service: quotes\n    dry_run: {current: 4}\n"
           "    max_instances: 20\n",
           "added");
    expect(200, "GET", "/api/v1/rules/band", ROOT, NULL, "\"scale_up_pct\":80");
    expect(200, "GET", "/api/v1/targets/gateway", ROOT, NULL, "\"service\":\"orders\"");
}
END_TEST

/* --- P25: who did it --- */

struct audited {
    struct ll_audit_chain chain;
    size_t by_root;       /* rows of that person */
    char last[64];        /* the last of them */
    int64_t of_action[3]; /* seq of approve, intend, end */
};

static bool look_at_row(void *ctx, const struct ll_audit_row *a)
{
    static const char *const names[] = {"action.approve", "action.intend", "action.end"};
    struct audited *x = ctx;
    char why[LL_AUDIT_WHY_MAX];
    ck_assert_msg(ll_audit_follow(&x->chain, a, why), "%s", why);
    ck_assert_uint_gt(a->actor.n, 0);
    for (size_t i = 0; i < LL_LEN(names); i++)
        if (ll_slice_is(a->action, names[i])) {
            ck_assert_int_eq(x->of_action[i], 0); /* once */
            x->of_action[i] = a->seq;
        }
    if (ll_slice_is(a->actor, "root-token") && ll_slice_is(a->role, "admin")) {
        x->by_root++;
        snprintf(x->last, sizeof(x->last), "%.*s", (int)a->action.n, a->action.s);
    }
    return true;
}

static struct audited audited_now(void)
{
    struct audited x = {0};
    struct ll_err err;
    struct ll_store_reader *r = ll_engine_reader_take(e);
    ck_assert_ptr_nonnull(r);
    ck_assert_msg(r->ops->each_audit(r, &(struct ll_audit_query){0}, look_at_row, &x, &err), "%s",
                  err.text);
    ll_engine_reader_give(e, r);
    return x;
}

START_TEST(every_change_of_a_person_has_one_row)
{
    static const char target[] =
        "{\"name\":\"gateway\",\"service\":\"orders\",\"dry_run\":{\"current\":4},"
        "\"min_instances\":2,\"max_instances\":30}";
    static const struct {
        const char *method, *path, *body, *action; /* action NULL: changes nothing, no row */
    } changes[] = {
        {"POST", "/api/v1/rules?dry_run=true", rules, NULL},
        {"POST", "/api/v1/rules", rules, "rules.apply"},
        {"POST", "/api/v1/rules", rules, NULL}, /* the same again */
        {"POST", "/api/v1/rules", "rules: [{}]", NULL},
        {"PUT", "/api/v1/rules/band", BAND("75"), "rules.apply"},
        {"PUT", "/api/v1/targets/gateway", target, "rules.apply"},
        {"PUT", "/api/v1/mode", "{\"mode\":\"approve\"}", "mode.set"},
        {"PUT", "/api/v1/mode", "{\"mode\":\"observe\",\"rule_id\":\"band\"}", "mode.set"},
        {"PUT", "/api/v1/mode", "{\"mode\":\"observe\",\"rule_id\":\"none\"}", NULL},
        {"PUT", "/api/v1/pause", "{\"what\":\"in\"," UNTIL "}", "pause.set"},
        {"PUT", "/api/v1/pause", "{\"what\":\"in\"," UNTIL ",\"target\":\"gateway\"}", "pause.set"},
        {"PUT", "/api/v1/freeze", "{\"what\":\"none\",\"target\":\"gateway\"}", "freeze.set"},
        {"PUT", "/api/v1/rules/band/cooldown", "{\"seconds\":60}", "cooldown.set"},
        {"PUT", "/api/v1/rules/band/cooldown", "{\"seconds\":-1}", NULL},
        {"PUT", "/api/v1/targets/gateway/override",
         "{\"count\":4,\"expires_at\":\"now+1h\",\"reason\":\"r\"}", "override.set"},
        {"DELETE", "/api/v1/targets/gateway/override", NULL, "override.set"},
        {"POST", "/api/v1/evaluate", NULL, NULL},
        {"POST", "/api/v1/actions/none/approve", NULL, NULL},
        {"DELETE", "/api/v1/rules/band", NULL, "rules.delete"},
        {"DELETE", "/api/v1/rules/band", NULL, NULL},
        {"DELETE", "/api/v1/targets/gateway", NULL, "rules.delete"},
    };
    size_t rows = 0;
    limit_tokens();
    for (size_t i = 0; i < LL_LEN(changes); i++) {
        const bool yaml = changes[i].body && changes[i].body[0] != '{';
        free(ask(changes[i].method, changes[i].path, yaml ? ROOT YAML : ROOT JSON, changes[i].body,
                 &(int){0}));
        rows += changes[i].action != NULL;
        const struct audited x = audited_now();
        ck_assert_msg(x.by_root == rows, "%s %s: %zu rows, not %zu", changes[i].method,
                      changes[i].path, x.by_root, rows);
        if (changes[i].action)
            ck_assert_str_eq(x.last, changes[i].action);
    }
}
END_TEST

/* Nothing is sent before it is on disk who agreed to it; and how it ended follows. */
START_TEST(an_action_has_its_cause_before_it)
{
    char id[64], path[128];
    until_proposed(id, sizeof(id));
    limit_tokens();
    snprintf(path, sizeof(path), "/api/v1/actions/%s/approve", id);
    expect(200, "POST", path, ROOT, NULL, "\"actor\":\"root-token\"");
    for (int i = 0; i < WAIT_MS / 10 && !audited_now().of_action[2]; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    const struct audited x = audited_now();
    ck_assert_int_gt(x.of_action[0], 0);
    ck_assert_int_gt(x.of_action[1], x.of_action[0]);
    ck_assert_int_gt(x.of_action[2], x.of_action[1]);
    expect(200, "GET", "/api/v1/actions?state=applied", ROOT, NULL, id);
}
END_TEST

/* --- what cannot be executed, and what a rehearsal remembers --- */

START_TEST(what_only_was_observed_is_not_executed)
{
    char id[64], path[128];
    apply();
    await("/api/v1/targets/gateway", "\"current\":4,");
    push(390);
    char *answer = wait_for("/api/v1/actions?target=gateway&state=observed", "action_id");
    take(answer, "action_id", id, sizeof(id));
    free(answer);
    snprintf(path, sizeof(path), "/api/v1/actions/%s/execute", id);
    expect(409, "POST", path, "", NULL, "it was only observed and never waited for an answer");
    expect(200, "GET", "/api/v1/targets/gateway", "", NULL, "\"current\":4,");
}
END_TEST

START_TEST(what_has_expired_is_not_executed)
{
    char id[64], path[128], brief[sizeof(rules) + 64];
    snprintf(brief, sizeof(brief), "%s    proposal_ttl_seconds: 1\n", rules);
    expect(200, "POST", "/api/v1/rules", YAML, brief, "added");
    set_mode("approve");
    await("/api/v1/targets/gateway", "\"current\":4,");
    push(390);
    char *answer = wait_for("/api/v1/actions?target=gateway&state=expired", "action_id");
    take(answer, "action_id", id, sizeof(id));
    free(answer);
    snprintf(path, sizeof(path), "/api/v1/actions/%s/execute", id);
    expect(409, "POST", path, "", NULL, "it has expired, nobody answered in time");
    expect(200, "GET", "/api/v1/targets/gateway", "", NULL, "\"current\":4,");
}
END_TEST

START_TEST(a_rehearsal_keeps_its_count)
{
    char id[64], path[128];
    until_proposed(id, sizeof(id));
    snprintf(path, sizeof(path), "/api/v1/actions/%s/approve", id);
    expect(200, "POST", path, "", NULL, "\"actor\":\"local\"");
    await("/api/v1/targets/gateway", "\"current\":5,");
    expect(200, "POST", "/api/v1/evaluate", "", NULL, "gateway");
    expect(200, "PUT", "/api/v1/rules/band", JSON, BAND("85"), "changed");
    /* read anew by the rules that came */
    for (int i = 0; i < 3; i++) {
        expect(200, "POST", "/api/v1/evaluate", "", NULL, "gateway");
        nanosleep(&(struct timespec){.tv_nsec = 600000000}, NULL);
        expect(200, "GET", "/api/v1/targets/gateway", "", NULL, "\"current\":5,");
    }
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
                                  an_editor_sets_no_auto_and_the_audit_has_names,
                                  limited_tokens_act_on_their_services_only,
                                  limited_tokens_see_their_services_only,
                                  limited_tokens_do_not_reach_farther,
                                  every_change_of_a_person_has_one_row,
                                  an_action_has_its_cause_before_it,
                                  what_only_was_observed_is_not_executed,
                                  what_has_expired_is_not_executed,
                                  a_rehearsal_keeps_its_count};
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
