/* Records of decisions: written, read back, decided again. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_parts.h"
#include "config/rules_file.h"
#include "engine/scaling.h"
#include "engine/scaling_record.h"
#include "scaling_make.h"

enum { INPUTS = 3000 };

static struct made m;
static struct ll_rules_doc *doc;
static struct ll_arena *out;
static struct ll_str record;
static uint64_t seed;

static void setup(void)
{
    made_init(&m);
    out = ll_arena_new(16 << 20);
    ll_str_init(&record, LL_DECISION_RECORD_MAX);
    seed = 12345;
}

static void teardown(void)
{
    ll_rules_free(doc);
    doc = NULL;
    ll_arena_free(out);
    ll_str_fini(&record);
    made_fini(&m);
}

static uint64_t some(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static bool one_in(uint64_t n)
{
    return some(n) == 0;
}

static double amount(void)
{
    return one_in(12) ? (double)NAN : (double)some(400000) / 97.0;
}

/* Rules as people write them: only what can be declared comes into a record. */
static void declare(void)
{
    static const char *const modes[] = {"off", "observe", "approve", "auto"};
    struct ll_str t;
    struct ll_err errs[4];
    struct ll_rules_reading r = {.errs = errs, .max = 4};
    ll_str_init(&t, 1 << 16);
    ll_str_addf(&t,
                "{\"targets\":[{\"name\":\"gateway\",\"service\":\"orders\",\"dry_run\":"
                "{\"current\":4},\"min_instances\":%d,\"max_instances\":%d,\"granularity\":%d,"
                "\"boot_delay_seconds\":%d,\"capacity\":{\"driver\":\"API_CALLS\","
                "\"units_per_instance\":%g}}],\"rules\":[",
                (int)some(3), 10 + (int)some(40), 1 + (int)some(3), (int)some(600),
                10 + (double)some(1000) / 7);
    ll_str_addf(&t,
                "{\"rule_id\":\"band\",\"target\":\"gateway\",\"resource_type\":\"API_CALLS\","
                "\"policy\":\"THRESHOLD\",\"mode\":\"%s\",\"thresholds\":{\"warning_pct\":70,"
                "\"critical_pct\":95,\"scale_up_pct\":%d,\"scale_down_pct\":%d}}",
                modes[some(4)], 60 + (int)some(30), 10 + (int)some(40));
    ll_str_addf(&t,
                ",{\"rule_id\":\"ahead\",\"target\":\"gateway\",\"resource_type\":\"API_CALLS\","
                "\"policy\":\"PREDICTIVE\",\"mode\":\"%s\",\"quantile\":0.9}",
                modes[some(4)]);
    ll_str_addf(&t,
                ",{\"rule_id\":\"plan\",\"target\":\"gateway\",\"resource_type\":\"API_CALLS\","
                "\"policy\":\"SCHEDULED\",\"mode\":\"%s\",\"windows\":[{\"cron\":\"0 9 * * *\","
                "\"duration_seconds\":3600,\"floor\":%d},{\"cron\":\"0 20 * * *\","
                "\"duration_seconds\":3600,\"no_scale_in\":true}]}]}",
                modes[some(4)], 1 + (int)some(12));
    const struct ll_rules_text text = {{ll_str_z(&t), t.n}, "made"};
    ll_rules_free(doc);
    doc = NULL;
    ck_assert_msg(ll_rules_read(&r, &text, 1, &doc), "%s", errs[0].text);
    ll_str_fini(&t);
}

static void see(struct ll_observation *o, size_t rule)
{
    const size_t n = some(MADE_SAMPLES + 1);
    for (size_t i = 0; i < n; i++)
        m.sample[rule][i] = (struct ll_seen_sample){m.in.now - (ll_dur)(i * 15000 + some(9000)),
                                                    amount(), amount()};
    o->state = n == 0 ? LL_SEEN_MISSING : (enum ll_seen)some(LL_SEEN_PARTIAL + 1);
    o->n_samples = n;
    o->samples = m.sample[rule];
    o->metric = LL_SLICE("orders \"API\" CALLS");
    o->unit = LL_UNIT_CALLS_PER_SECOND;
    o->instances = some(12);
    o->expected = some(12);
}

static void look_ahead(struct ll_demand_ahead *a)
{
    *a = (struct ll_demand_ahead){.known = !one_in(3),
                                  .trusted = !one_in(3),
                                  .demand = amount(),
                                  .median = amount(),
                                  .tau = 0.9,
                                  .at = m.in.now + (ll_dur)some(3600000),
                                  .origin = m.in.now - (ll_dur)some(3600000),
                                  .made =
                                      one_in(4) ? LL_TIME_NONE : m.in.now - (ll_dur)some(3600000),
                                  .model = LL_SLICE("seasonal"),
                                  .reason = LL_SLICE("pinball loss 1 against 2")};
}

static void open_windows(struct ll_rule_input *in)
{
    for (size_t i = 0; i < in->rule->n_windows; i++) {
        const bool open = one_in(2);
        m.window_now[i] = (struct ll_window_now){
            .window = &in->rule->windows[i],
            .open = open,
            .amount = (int64_t)some(15),
            .since = open ? m.in.now - (ll_dur)some(3600000) : LL_TIME_NONE,
            .until = open ? m.in.now + (ll_dur)some(3600000) : LL_TIME_NONE,
            .next = one_in(5) ? LL_TIME_NONE : m.in.now + (ll_dur)some(7200000)};
    }
    in->windows = m.window_now;
    in->n_windows = in->rule->n_windows;
}

static void remember(void)
{
    struct ll_scaling_state *s = &m.state;
    ll_scaling_state_init(s);
    s->seen_since = one_in(4) ? LL_TIME_NONE : m.in.now - (ll_dur)some(86400000);
    s->expected = one_in(4) ? -1 : (int64_t)some(20);
    for (size_t i = some(5); i > 0; i--)
        ll_scaling_note_applied(s, (int64_t)some(20), (int64_t)some(20),
                                m.in.now - (ll_dur)i * 60000);
    if (one_in(4))
        s->cooldown_in = m.in.now + (ll_dur)some(600000);
    if (one_in(4))
        s->manual = (struct ll_manual){.set = true,
                                       .floor = (int64_t)some(10),
                                       .ceiling = 10 + (int64_t)some(10),
                                       .until = m.in.now + (ll_dur)some(3600000),
                                       .actor = "alice",
                                       .reason = "open \"day\""};
    if (one_in(4))
        s->freeze = (struct ll_pause_state){
            .what = LL_PAUSE_IN, .until = m.in.now + (ll_dur)some(3600000), .actor = "bob"};
}

static void make(void)
{
    declare();
    m.in.target = &doc->targets[0];
    m.in.n_rules = 1 + some(3);
    m.in.now = MADE_NOW + (ll_time)some(1000000000);
    m.in.seen = (struct ll_target_seen){.known = !one_in(6),
                                        .current = (int64_t)some(20),
                                        .ready = (int64_t)some(21) - 1,
                                        .t = m.in.now - (ll_dur)some(30000)};
    m.in.open_action = one_in(6);
    m.in.ceiling = (enum ll_mode)some(LL_MODE_COUNT);
    m.in.removal_left = (int64_t)some(6) - 1;
    m.in.pause = (struct ll_pause_state){.until = LL_TIME_NONE};
    if (one_in(5))
        m.in.pause = (struct ll_pause_state){
            .what = LL_PAUSE_BOTH, .until = m.in.now + 1000, .actor = "c", .reason = "deploy"};
    for (size_t i = 0; i < m.in.n_rules; i++) {
        m.input[i] = (struct ll_rule_input){.rule = &doc->rules[i],
                                            .ahead = {.made = LL_TIME_NONE, .at = LL_TIME_NONE}};
        see(&m.input[i].seen, i);
        if (doc->rules[i].policy == LL_POLICY_PREDICTIVE)
            look_ahead(&m.input[i].ahead);
        if (doc->rules[i].policy == LL_POLICY_SCHEDULED)
            open_windows(&m.input[i]);
    }
    remember();
    made_decide(&m);
    ll_str_clear(&record);
    ll_scaling_record_write(&m.in, &m.state, &m.d, "0123456789abcdef", &record);
    ck_assert(!record.failed);
}

static bool replay(struct ll_slice text, bool *same, char differs[static 160], struct ll_err *err)
{
    struct ll_decision d;
    ll_arena_reset(out);
    return ll_scaling_replay(text, out, &d, same, differs, err);
}

static void expect_same(int i)
{
    char differs[160] = "";
    bool same = false;
    struct ll_err err;
    const struct ll_slice text = {ll_str_z(&record), record.n};
    ck_assert_msg(replay(text, &same, differs, &err), "%d: %s", i, err.text);
    ck_assert_msg(same, "%d: %s", i, differs);
}

START_TEST(a_record_decides_the_same_again)
{
    size_t acts = 0, held = 0;
    for (int i = 0; i < INPUTS; i++) {
        make();
        expect_same(i);
        acts += m.d.verdict == LL_VERDICT_ACT;
        held += m.d.verdict == LL_VERDICT_HELD;
    }
    ck_assert_uint_gt(acts, INPUTS / 100); /* the inputs are not all of one kind */
    ck_assert_uint_gt(held, INPUTS / 100);
}
END_TEST

/* The record with one member of its decision changed. */
static void change(const char *key, const char *value)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "\"%s\":", key);
    char *decision = strstr(record.s, "\"decision\":");
    char *at = decision ? strstr(decision, mark) : NULL;
    ck_assert(at != NULL);
    at += strlen(mark);
    struct ll_str changed;
    ll_str_init(&changed, LL_DECISION_RECORD_MAX);
    ll_str_add(&changed, record.s, (size_t)(at - record.s));
    ll_str_addz(&changed, value);
    ll_str_addz(&changed, at + strcspn(at, ",}]"));
    ll_str_fini(&record);
    record = changed;
}

START_TEST(one_changed_number_is_found)
{
    static const char *const keys[] = {"wanted", "to", "at_once", "want", "after", "valid_until"};
    for (int i = 0; i < 300; i++) {
        char differs[160] = "";
        bool same = true;
        struct ll_err err;
        const char *key = keys[some(LL_LEN(keys))];
        make();
        change(key, "4711");
        const struct ll_slice text = {ll_str_z(&record), record.n};
        ck_assert_msg(replay(text, &same, differs, &err), "%s", err.text);
        ck_assert_msg(!same, "%s", key);
        ck_assert_msg(strstr(differs, key) && strstr(differs, "4711 then"), "%s", differs);
    }
}
END_TEST

START_TEST(another_input_decides_otherwise)
{
    make();
    for (int i = 0; i < 1000 && (m.d.verdict == LL_VERDICT_NOTHING || !m.in.seen.known); i++)
        make();
    char *at = strstr(record.s, "\"current\":");
    char differs[160] = "";
    bool same = true;
    struct ll_err err;
    at[10] = at[10] == '7' ? '8' : '7'; /* of the input, which stands before the decision */
    const struct ll_slice text = {ll_str_z(&record), record.n};
    ck_assert_msg(replay(text, &same, differs, &err), "%s", err.text);
    ck_assert(!same);
}
END_TEST

START_TEST(what_is_damaged_is_said_to_be)
{
    static const char *const bad[] = {
        "", "{}", "[]", "null", "{\"version\":2}", "{\"version\":1,\"target\":{},\"rules\":[]}"};
    char differs[160] = "";
    bool same;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_err err = {0};
        ck_assert(!replay(ll_slice_of(bad[i]), &same, differs, &err));
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
    }
    make();
    for (size_t cut = 0; cut < record.n; cut += 1 + some(40)) {
        struct ll_err err = {0};
        ck_assert(!replay((struct ll_slice){record.s, cut}, &same, differs, &err));
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
    }
}
END_TEST

START_TEST(parts_are_as_they_were_written)
{
    static const char text[] =
        " { \"a\" : [1, {\"b\":\"x,\\\"}\"}] , \"c\\u0041\":null,\"d\":-1.5e3 }";
    struct ll_json_parts p, q;
    struct ll_slice x;
    struct ll_err err;
    double v = 0;
    ck_assert(ll_json_parts(ll_slice_of(text), out, &p, &err));
    ck_assert(p.object);
    ck_assert_uint_eq(p.n, 3);
    ck_assert(ll_slice_is(ll_json_part_of(&p, "a"), "[1, {\"b\":\"x,\\\"}\"}]"));
    ck_assert(ll_json_part_number(ll_json_part_of(&p, "d"), &v));
    ck_assert_double_eq(v, -1500);
    ck_assert(ll_json_part_number(p.v[1].value, &v));
    ck_assert(isnan(v));
    ck_assert_uint_eq(ll_json_part_of(&p, "e").n, 0);
    ck_assert(ll_json_parts(ll_json_part_of(&p, "a"), out, &q, &err));
    ck_assert(!q.object);
    ck_assert_uint_eq(q.n, 2);
    ck_assert(ll_json_parts(q.v[1].value, out, &p, &err));
    ck_assert(ll_json_part_text(ll_json_part_of(&p, "b"), out, &x));
    ck_assert(ll_slice_is(x, "x,\"}"));
    ck_assert(ll_json_parts(LL_SLICE("[]"), out, &p, &err));
    ck_assert_uint_eq(p.n, 0);
    ck_assert(!ll_json_parts(LL_SLICE("{} x"), out, &p, &err));
    ck_assert(!ll_json_parts(LL_SLICE("3"), out, &p, &err));
    ck_assert(!ll_json_parts(LL_SLICE("{\"a\" 1}"), out, &p, &err));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_record_decides_the_same_again, one_changed_number_is_found,
                                  another_input_decides_otherwise, what_is_damaged_is_said_to_be,
                                  parts_are_as_they_were_written};
    return made_run("engine_replay", setup, teardown, tests, LL_LEN(tests));
}
