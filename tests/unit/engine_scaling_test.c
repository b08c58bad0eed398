/* Scaling in the engine with the real store: from a sample to a changed target, through restarts.
 */
#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/internal.h"
#include "engine/scaling.h"

enum { WAIT_MS = 120000 };

static char dir[64];
static struct ll_engine *e;

static const char *const rules_text =
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

static void open_engine(void)
{
    const struct ll_config_flag flags[] = {
        {"storage.path", dir}, {"collect.host.enabled", "false"}, {"check-interval-seconds", "1"}};
    const struct ll_config_source src = {.flags = flags, .n_flags = LL_LEN(flags)};
    struct ll_config *c = NULL;
    struct ll_err err;
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    const struct ll_engine_opts opts = {
        .config = c, .clock = ll_clock_real(), .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-engine-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    open_engine();
}

static void teardown(void)
{
    char command[128];
    ll_engine_free(e);
    e = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void reopen(void)
{
    ll_engine_free(e);
    open_engine();
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

struct told {
    atomic_int called;
    bool ok;
    struct ll_err err;
    size_t changed;
};

static void on_told(void *ctx, const struct ll_scaling_answer *a)
{
    struct told *t = ctx;
    t->ok = a->ok;
    t->err = a->err;
    for (size_t i = 0; i < a->n_changes; i++)
        t->changed += a->changes[i].what != LL_CHANGE_NONE;
    atomic_store(&t->called, 1);
}

static struct told ask(struct ll_scaling_command c)
{
    struct told t = {0};
    struct ll_err err;
    c.actor.name = c.actor.name.n ? c.actor.name : LL_SLICE("alice");
    c.actor.role = LL_SLICE("operator");
    ck_assert_msg(ll_engine_scaling_do(e, &c, on_told, &t, &err), "%s", err.text);
    for (int i = 0; i < WAIT_MS && !atomic_load(&t.called); i++)
        pause_ms(1);
    ck_assert(atomic_load(&t.called));
    return t;
}

static void do_well(struct ll_scaling_command c)
{
    const struct told t = ask(c);
    ck_assert_msg(t.ok, "%s", t.err.text);
}

static void apply_rules(void)
{
    do_well((struct ll_scaling_command){
        .verb = LL_SCALING_APPLY, .text = ll_slice_of(rules_text), .version = -1});
}

static void apply_with(const char *more)
{
    char text[4096];
    snprintf(text, sizeof(text), "%s%s", rules_text, more);
    do_well((struct ll_scaling_command){
        .verb = LL_SCALING_APPLY, .text = ll_slice_of(text), .version = -1});
}

static void set_mode(enum ll_mode mode)
{
    do_well((struct ll_scaling_command){.verb = LL_SCALING_MODE, .mode = mode});
}

static void push(double value, double capacity)
{
    struct ll_err err;
    struct ll_batch *b = ll_batch_new(4, 0, LL_ORIGIN_PUSH);
    const struct ll_sample s = {
        .key = {LL_SLICE("orders"), LL_SLICE("i1"), {"", 0}, LL_RESOURCE_API_CALLS},
        .unit = LL_UNIT_CALLS_PER_SECOND,
        .t = ll_engine_now(e),
        .value = value,
        .capacity = capacity,
        .max_value = NAN,
    };
    ck_assert(ll_batch_add(b, &s));
    b->received = ll_engine_now(e);
    ck_assert_msg(ll_engine_ingest(e, b, NULL, NULL, &err), "%s", err.text);
}

typedef bool condition(const struct ll_held_target *t);

static bool wait_until(condition *is)
{
    for (int i = 0; i < WAIT_MS; i++) {
        const struct ll_scaling_book *b = ll_engine_scaling(e);
        const struct ll_held_target *t = ll_scaling_book_target(b, LL_SLICE("gateway"));
        const bool yes = t && is(t);
        ll_engine_scaling_release(b);
        if (yes)
            return true;
        pause_ms(1);
    }
    return false;
}

static bool seen_four(const struct ll_held_target *t)
{
    return t->seen.known && t->seen.current == 4;
}

static bool proposed(const struct ll_held_target *t)
{
    return t->action.action_id.n > 0 && t->action.state == LL_ACTION_PROPOSED;
}

static bool applied(const struct ll_held_target *t)
{
    return t->seen.current > 4;
}

static bool would_grow(const struct ll_held_target *t)
{
    return t->last.d.to > t->last.d.current && t->last.id[0] != '\0';
}

static const char *condition_text(void)
{
    static char text[512];
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    const struct ll_held_target *t = ll_scaling_book_target(b, LL_SLICE("gateway"));
    snprintf(text, sizeof(text), "%lld of %lld, action %s %s, %s; %s", (long long)t->seen.current,
             (long long)t->last.d.to, ll_action_state_name(t->action.state),
             t->open_action ? "open" : "not open", t->condition, t->last.d.reason);
    ll_engine_scaling_release(b);
    return text;
}

static void action_id(char out[static LL_ACTION_ID_MAX])
{
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    const struct ll_held_target *t = ll_scaling_book_target(b, LL_SLICE("gateway"));
    snprintf(out, LL_ACTION_ID_MAX, "%.*s", (int)t->action.action_id.n, t->action.action_id.s);
    ll_engine_scaling_release(b);
}

struct found {
    size_t n;
    enum ll_action_state state;
    double to;
};

static bool take_action(void *ctx, const struct ll_scaling_event *ev)
{
    struct found *f = ctx;
    if (f->n++ == 0) {
        f->state = ev->state;
        f->to = ev->to_value;
    }
    return true;
}

static struct found actions_in(int state)
{
    struct found f = {0};
    struct ll_err err;
    const struct ll_actions_query q = {.target = LL_SLICE("gateway"), .state = state};
    struct ll_store_reader *r = ll_engine_reader_take(e);
    ck_assert_msg(r->ops->each_action(r, &q, take_action, &f, &err), "%s", err.text);
    ll_engine_reader_give(e, r);
    return f;
}

static bool count_audit(void *ctx, const struct ll_audit_row *a)
{
    (void)a;
    ++*(size_t *)ctx;
    return true;
}

static size_t audit_rows(void)
{
    size_t n = 0;
    struct ll_err err;
    const struct ll_audit_query q = {0};
    struct ll_store_reader *r = ll_engine_reader_take(e);
    ck_assert_msg(r->ops->each_audit(r, &q, count_audit, &n, &err), "%s", err.text);
    ll_engine_reader_give(e, r);
    return n;
}

static void until_proposed(void)
{
    apply_rules();
    set_mode(LL_MODE_APPROVE);
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert(wait_until(proposed));
}

START_TEST(rules_are_kept_and_found_again)
{
    apply_rules();
    const struct told again = ask((struct ll_scaling_command){
        .verb = LL_SCALING_APPLY, .text = ll_slice_of(rules_text), .version = -1});
    ck_assert(again.ok);
    ck_assert_uint_eq(again.changed, 0);
    reopen();
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    ck_assert_uint_eq(b->n_rules, 1);
    ck_assert_int_eq(b->rules[0].version, 1);
    ck_assert_int_eq(b->mode, LL_MODE_OBSERVE);
    ll_engine_scaling_release(b);
}
END_TEST

START_TEST(rules_that_do_not_hold_together_change_nothing)
{
    apply_rules();
    const struct told t = ask((struct ll_scaling_command){
        .verb = LL_SCALING_APPLY,
        .text = LL_SLICE("rules: [{rule_id: x, target: nowhere, resource_type: CPU, "
                         "policy: THRESHOLD}]"),
        .version = -1});
    ck_assert(!t.ok);
    ck_assert_ptr_nonnull(strstr(t.err.text, "nowhere"));
    const struct told gone = ask((struct ll_scaling_command){.verb = LL_SCALING_DELETE,
                                                             .kind = LL_KIND_TARGET,
                                                             .id = LL_SLICE("gateway"),
                                                             .version = -1});
    ck_assert_msg(!gone.ok, "a target that a rule names was deleted");
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    ck_assert_uint_eq(b->n_rules, 1);
    ll_engine_scaling_release(b);
}
END_TEST

START_TEST(nothing_is_sent_in_observe)
{
    apply_rules();
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert(wait_until(would_grow));
    pause_ms(1500);
    ck_assert(wait_until(seen_four));
    for (int i = 0; i < WAIT_MS && actions_in(LL_ACTION_OBSERVED).n == 0; i += 10)
        pause_ms(10);
    ck_assert_uint_eq(actions_in(LL_ACTION_APPLIED).n, 0);
    ck_assert_uint_eq(actions_in(LL_ACTION_OBSERVED).n, 1);
}
END_TEST

START_TEST(an_approved_proposal_is_applied_once)
{
    char id[LL_ACTION_ID_MAX];
    until_proposed();
    action_id(id);
    do_well((struct ll_scaling_command){.verb = LL_SCALING_APPROVE, .id = ll_slice_of(id)});
    ck_assert_msg(wait_until(applied), "%s", condition_text());
    struct found f = actions_in(LL_ACTION_APPLIED); /* its row comes with the next commit */
    for (int i = 0; i < WAIT_MS && f.n == 0; i += 10, f = actions_in(LL_ACTION_APPLIED))
        pause_ms(10);
    ck_assert_uint_eq(f.n, 1);
    const struct told again =
        ask((struct ll_scaling_command){.verb = LL_SCALING_APPROVE, .id = ll_slice_of(id)});
    ck_assert(!again.ok);
    ck_assert_uint_ge(audit_rows(), 4); /* apply, mode, approve, intend */
}
END_TEST

START_TEST(a_proposal_survives_a_restart)
{
    char before[LL_ACTION_ID_MAX], after[LL_ACTION_ID_MAX];
    until_proposed();
    action_id(before);
    reopen();
    action_id(after);
    ck_assert_str_eq(before, after);
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    ck_assert_int_eq(b->mode, LL_MODE_APPROVE);
    ll_engine_scaling_release(b);
}
END_TEST

START_TEST(a_rejected_proposal_does_not_come_back_at_once)
{
    char id[LL_ACTION_ID_MAX];
    until_proposed();
    action_id(id);
    do_well((struct ll_scaling_command){.verb = LL_SCALING_REJECT, .id = ll_slice_of(id)});
    push(391, 400);
    pause_ms(1500);
    for (int i = 0; i < WAIT_MS && actions_in(LL_ACTION_REJECTED).n == 0; i += 10)
        pause_ms(10);
    ck_assert_uint_eq(actions_in(LL_ACTION_REJECTED).n, 1);
    ck_assert_uint_eq(actions_in(LL_ACTION_PROPOSED).n, 0);
}
END_TEST

static size_t until_in(enum ll_action_state state)
{
    size_t n = 0;
    for (int i = 0; i < WAIT_MS && n == 0; i += 10, n = actions_in((int)state).n)
        pause_ms(10);
    return n;
}

START_TEST(what_was_agreed_beforehand_is_made_without_an_answer)
{
    apply_with("    on_expiry: execute\n    proposal_ttl_seconds: 1\n");
    set_mode(LL_MODE_APPROVE);
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert_msg(wait_until(applied), "%s", condition_text());
}
END_TEST

/* P25: so large a step needs two people, and nobody has answered. */
START_TEST(what_needs_two_people_is_not_made_by_none)
{
    apply_with(
        "    on_expiry: execute\n    proposal_ttl_seconds: 1\n    second_person_over_pct: 1\n");
    set_mode(LL_MODE_APPROVE);
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert_uint_gt(until_in(LL_ACTION_EXPIRED), 0);
    ck_assert_uint_eq(actions_in(LL_ACTION_APPLIED).n, 0);
    ck_assert_uint_eq(actions_in(LL_ACTION_PENDING).n, 0);
}
END_TEST

static bool waits_without_data(const struct ll_held_target *t)
{
    return proposed(t) && t->last.d.n_proposals > 0 &&
           t->last.d.proposals[0].bound == LL_BOUND_STALE;
}

/* Approval of what waits, which must be refused for that reason. */
static void approval_is_refused(const char *id, const char *why)
{
    const struct told t =
        ask((struct ll_scaling_command){.verb = LL_SCALING_APPROVE, .id = ll_slice_of(id)});
    ck_assert(!t.ok);
    ck_assert_int_eq(t.err.code, LL_E_CONFLICT);
    ck_assert_msg(strstr(t.err.text, why) != NULL, "%s", t.err.text);
}

static void freeze(enum ll_pause what)
{
    do_well((struct ll_scaling_command){.verb = LL_SCALING_FREEZE,
                                        .pause = what,
                                        .until = ll_engine_now(e) + LL_HOUR,
                                        .reason = LL_SLICE("deploy"),
                                        .id = LL_SLICE("gateway")});
}

static void set_rule_mode(enum ll_mode mode)
{
    do_well((struct ll_scaling_command){
        .verb = LL_SCALING_MODE, .mode = mode, .id = LL_SLICE("band"), .version = -1});
}

/* Without data a proposal waits: what comes between holds it all the same. */
START_TEST(what_came_between_holds_a_proposal)
{
    char id[LL_ACTION_ID_MAX];
    apply_with("    stale_seconds: 2\n");
    set_mode(LL_MODE_APPROVE);
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert_msg(wait_until(waits_without_data), "%s", condition_text());
    action_id(id);
    freeze(LL_PAUSE_BOTH);
    approval_is_refused(id, "a freeze was set by alice");
    freeze(LL_PAUSE_IN); /* the proposal is outwards */
    set_rule_mode(LL_MODE_OBSERVE);
    approval_is_refused(id, "'band' is in the mode observe");
    set_rule_mode(LL_MODE_APPROVE);
    do_well((struct ll_scaling_command){.verb = LL_SCALING_APPROVE, .id = ll_slice_of(id)});
    ck_assert_msg(wait_until(applied), "%s", condition_text());
}
END_TEST

START_TEST(what_is_frozen_is_not_made_when_nobody_answers)
{
    apply_with("    on_expiry: execute\n    proposal_ttl_seconds: 20\n    stale_seconds: 2\n");
    set_mode(LL_MODE_APPROVE);
    ck_assert(wait_until(seen_four));
    push(390, 400);
    ck_assert_msg(wait_until(waits_without_data), "%s", condition_text());
    freeze(LL_PAUSE_OUT);
    ck_assert_uint_gt(until_in(LL_ACTION_EXPIRED), 0);
    ck_assert_uint_eq(actions_in(LL_ACTION_APPLIED).n, 0);
    ck_assert_uint_eq(actions_in(LL_ACTION_PENDING).n, 0);
}
END_TEST

START_TEST(auto_needs_somebody_who_is_known)
{
    apply_rules();
    const struct told t =
        ask((struct ll_scaling_command){.verb = LL_SCALING_MODE, .mode = LL_MODE_AUTO});
    ck_assert(!t.ok);
    ck_assert_int_eq(t.err.code, LL_E_DENIED);
    const struct told rule = ask((struct ll_scaling_command){
        .verb = LL_SCALING_MODE, .mode = LL_MODE_AUTO, .id = LL_SLICE("band"), .version = -1});
    ck_assert(!rule.ok);
    ck_assert_int_eq(rule.err.code, LL_E_DENIED);
}
END_TEST

START_TEST(a_pause_holds_and_ends)
{
    until_proposed();
    do_well((struct ll_scaling_command){.verb = LL_SCALING_PAUSE,
                                        .pause = LL_PAUSE_BOTH,
                                        .until = ll_engine_now(e) + LL_HOUR,
                                        .reason = LL_SLICE("deploy")});
    push(395, 400);
    for (int i = 0; i < WAIT_MS && actions_in(LL_ACTION_PROPOSED).n > 0; i += 10)
        pause_ms(10);
    ck_assert_uint_eq(actions_in(LL_ACTION_PROPOSED).n, 0);
    do_well((struct ll_scaling_command){.verb = LL_SCALING_PAUSE, .pause = LL_PAUSE_NONE});
    ck_assert(wait_until(proposed));
    const struct told endless = ask((struct ll_scaling_command){.verb = LL_SCALING_PAUSE,
                                                                .pause = LL_PAUSE_IN,
                                                                .until = LL_TIME_NONE,
                                                                .reason = LL_SLICE("x")});
    ck_assert(!endless.ok);
}
END_TEST

static const char *const linked_text =
    "targets:\n"
    "  - {name: gateway, dry_run: {current: 4}, max_instances: 20}\n"
    "  - {name: other, dry_run: {current: 4}, max_instances: 20}\n"
    "rules:\n"
    "  - {rule_id: zebra, target: gateway, policy: THRESHOLD, resource_type: QUEUE_DEPTH, "
    "input_only: "
    "true}\n"
    "  - rule_id: load\n"
    "    target: gateway\n"
    "    policy: THRESHOLD\n"
    "    form: units\n"
    "    expression: {formula: q / 9, uses: [{name: q, rule: zebra, what: value}]}\n"
    "  - {rule_id: ant, target: other, policy: MANUAL, on_expiry: execute}\n";

static bool says_what_is_missing(const struct ll_held_target *t)
{
    return strstr(t->last.d.reason, "zebra") != NULL;
}

/* The rules that a target holds are its own, in whatever order their names are; and what one takes
 * of another survives a restart. */
START_TEST(a_target_holds_its_own_rules)
{
    do_well((struct ll_scaling_command){
        .verb = LL_SCALING_APPLY, .text = ll_slice_of(linked_text), .version = -1});
    for (int turn = 0; turn < 2; turn++) {
        ck_assert_msg(wait_until(says_what_is_missing), "%s", condition_text());
        const struct ll_scaling_book *b = ll_engine_scaling(e);
        size_t seen = 0;
        for (size_t i = 0; i < b->n_targets; i++)
            for (size_t k = 0; k < b->targets[i]->n_rules; k++, seen++)
                ck_assert(
                    ll_slice_eq(b->targets[i]->rules[k]->target, b->targets[i]->target->name));
        ck_assert_uint_eq(seen, 3);
        const struct ll_held_target *t = ll_scaling_book_target(b, LL_SLICE("other"));
        ck_assert_int_eq(t->rules[0]->on_expiry, LL_EXPIRY_EXECUTE);
        ll_engine_scaling_release(b);
        const struct told gone = ask((struct ll_scaling_command){.verb = LL_SCALING_DELETE,
                                                                 .kind = LL_KIND_RULE,
                                                                 .id = LL_SLICE("zebra"),
                                                                 .version = -1});
        ck_assert(!gone.ok);
        ck_assert_int_eq(gone.err.code, LL_E_CONFLICT);
        ck_assert_ptr_nonnull(strstr(gone.err.text, "the rule 'load' uses it"));
        reopen();
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_target_holds_its_own_rules,
                                  rules_are_kept_and_found_again,
                                  rules_that_do_not_hold_together_change_nothing,
                                  nothing_is_sent_in_observe,
                                  an_approved_proposal_is_applied_once,
                                  a_proposal_survives_a_restart,
                                  a_rejected_proposal_does_not_come_back_at_once,
                                  what_was_agreed_beforehand_is_made_without_an_answer,
                                  what_needs_two_people_is_not_made_by_none,
                                  what_came_between_holds_a_proposal,
                                  what_is_frozen_is_not_made_when_nobody_answers,
                                  auto_needs_somebody_who_is_known,
                                  a_pause_holds_and_ends};
    Suite *suite = suite_create("engine_scaling");
    TCase *all = tcase_create("engine_scaling");
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
