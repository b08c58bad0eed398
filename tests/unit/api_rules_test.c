/* The routes of scaling over a small engine: what they show, what they ask, what they refuse. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_client.h"
#include "api_fake.h"

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

static void expect(int status, const char *method, const char *path, const char *extra,
                   const char *body, const char *text)
{
    int got;
    char *answer = client_ask(port, method, path, extra, body, &got);
    ck_assert_msg(got == status, "%s %s: %d, not %d: %.2000s", method, path, got, status, answer);
    ck_assert_msg(strstr(answer, text), "%s %s has no %s: %.2000s", method, path, text, answer);
    free(answer);
}

START_TEST(rules_read_as_they_are)
{
    static const struct {
        const char *path, *text;
    } reads[] = {
        {"/api/v1/rules", "{\"items\":[{\"rule_id\":\"band\",\"target\":\"gateway\","},
        {"/api/v1/rules", "\"version\":2,\"source\":\"api\",\"trusted\":null,\"trust\":null,"},
        {"/api/v1/rules?target=other", "{\"items\":[],\"next_cursor\":null}"},
        {"/api/v1/rules/band", "ETag: \"2\""},
        {"/api/v1/targets/gateway", "\"current\":4,\"ready\":4,\"seen_at\":\"1970-01-01T01"},
        {"/api/v1/targets", "\"action\":{\"action_id\":\"a-1\",\"rule_id\":\"band\","},
        {"/api/v1/mode", "{\"mode\":\"approve\",\"pause\":{\"what\":\"none\",\"until\":null,"},
        {"/api/v1/actions?state=proposed", "\"state\":\"proposed\",\"direction\":\"SCALE_OUT\","},
        {"/api/v1/actions?state=failed", "{\"items\":[],\"next_cursor\":null}"},
        {"/api/v1/decisions?limit=2", "d-3\""},
        {"/api/v1/decisions?limit=2", "\"next_cursor\":\"4000.1\""},
        {"/api/v1/decisions?limit=1&cursor=4000.1", "d-2\""},
        {"/api/v1/decisions?limit=1&cursor=4000.1", "\"next_cursor\":\"4000.2\""},
        {"/api/v1/decisions?limit=1&cursor=4000.2", "\"decision_id\":\"d-1\""},
        {"/api/v1/decisions?limit=1&cursor=4000.2", "\"next_cursor\":null"},
        {"/api/v1/decisions/d-1", "\"current\":4,\"to\":5,\"record\":{\"version\":1}}"},
        {"/api/v1/decisions/d-1/replay", "\"same\":false,\"differs\":\"to: 5 then, 6 now\","},
        {"/api/v1/status", "\"mode\":\"approve\","},
        {"/api/v1/status", "\"scaling\":{\"targets\":1,\"rules\":1,\"open_actions\":0,"},
        {"/metrics", "loadline_mode{mode=\"approve\"} 1\n"},
        {"/metrics", "loadline_mode{mode=\"auto\"} 0\n"},
        {"/metrics", "loadline_scaling_proposals 1\n"},
        {"/metrics", "loadline_intent_pending_seconds 0\n"},
        {"/metrics", "loadline_desired_instances{target=\"gateway\"} 5\n"},
    };
    for (size_t i = 0; i < LL_LEN(reads); i++)
        expect(200, "GET", reads[i].path, "", NULL, reads[i].text);
    expect(422, "GET", "/api/v1/rules/band/desired", "", NULL, "no rule has an answer");
    engine->scaling.target.last.d.winner = 0;
    engine->scaling.target.last.d.n_proposals = 1;
    engine->scaling.target.last.d.proposals = &(struct ll_proposal){.want = 5};
    expect(200, "GET", "/api/v1/rules/band/desired", "", NULL,
           "\r\n\r\n{\"desired\":4,\"active\":true,\"as_of\":\"1970-01-01T01:00:00.000Z\","
           "\"valid_until\":\"1970-01-01T02:00:00.000Z\"}");
    engine->scaling.target.seen.known = false;
    expect(422, "GET", "/api/v1/rules/band/desired", "", NULL, "count is not known");
    expect(200, "GET", "/api/v1/targets/gateway", "", NULL, "\"current\":null,");
    engine->scaling.target.last.d.verdict = LL_VERDICT_HELD;
    engine->scaling.target.last.d.bound = LL_BOUND_STALE;
    expect(200, "GET", "/metrics", "", NULL,
           "loadline_hold_reason{target=\"gateway\",reason=\"stale\"} 1\n");
    engine->scaling.target.open_action = true;
    expect(200, "GET", "/metrics", "", NULL, "loadline_intent_pending_seconds ");
}
END_TEST

START_TEST(commands_say_who_asks)
{
    const struct fake_scaling *s = &engine->scaling;
    expect(200, "POST", "/api/v1/actions/a-1/approve", "", NULL, "\"action_id\":\"a-1\"");
    ck_assert_int_eq(s->verb, LL_SCALING_APPROVE);
    ck_assert_str_eq(s->id, "a-1");
    ck_assert_str_eq(s->actor, "local");
    ck_assert_str_eq(s->role, "editor");
    ck_assert_str_eq(s->address, "127.0.0.1");
    ck_assert(!s->authenticated);
    engine->scaling.refuse = true;
    expect(409, "POST", "/api/v1/actions/a-1/approve", "", NULL, "\"current\":4}");
    expect(409, "DELETE", "/api/v1/rules/band?version=3", "", NULL, "version 4");
    expect(412, "DELETE", "/api/v1/rules/band", "If-Match: \"3\"\r\n", NULL, "version 4");
    expect(400, "DELETE", "/api/v1/rules/band?version=2", "If-Match: \"3\"\r\n", NULL, "differ");
    engine->scaling.refuse = false;
    engine->scaling.busy = true;
    expect(429, "POST", "/api/v1/evaluate", "", NULL, "Retry-After: 1");
    engine->scaling.busy = false;
    const int before = s->asked;
    expect(400, "PUT", "/api/v1/rules/band/cooldown", JSON, "{\"seconds\":1.5}", "whole number");
    expect(400, "PUT", "/api/v1/rules/band/cooldown", JSON, "{\"seconds\":-1}",
           "within 0 and a day");
    expect(400, "PUT", "/api/v1/rules/band/cooldown", JSON, "{}", "seconds is missing");
    expect(400, "PUT", "/api/v1/rules/band/cooldown", JSON, "[]", "not an object");
    expect(400, "PUT", "/api/v1/freeze", JSON, "{\"what\":\"in\",\"until\":\"soon\"}", "until: ");
    expect(400, "PUT", "/api/v1/pause", JSON, "{\"what\":\"all\"}", "none of in, out, both");
    expect(400, "POST", "/api/v1/rules?dry_run=maybe", JSON, "{}", "neither true nor false");
    ck_assert_int_eq(s->asked, before);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_rules");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, rules_read_as_they_are);
    tcase_add_test(t, commands_say_who_asks);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
