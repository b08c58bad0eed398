/* The state machine of one action, against an executor that does what a script says. */
#include <stdio.h>
#include <string.h>

#include "execute/act.h"
#include "support.h"

enum { STEPS_MAX = 16 };

/* What the next calls give. */
struct script {
    struct ll_executor base;
    struct {
        enum ll_outcome outcome;
        int64_t current;
        ll_dur retry_after;
    } read[STEPS_MAX];
    struct {
        enum ll_outcome outcome;
        ll_dur retry_after;
    } change[STEPS_MAX];
    int64_t min, max;
    size_t reads, changes;
    char version[64]; /* that came with the last change */
    struct ll_clock_virtual clock;
    size_t waits;
    ll_dur waited;
    size_t stop_after; /* waits; 0 = never */
};

static enum ll_outcome observe(struct ll_executor *x, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    struct script *s = (struct script *)x;
    size_t i = s->reads++;
    ck_assert_uint_lt(i, STEPS_MAX);
    *retry_after = s->read[i].retry_after;
    if (s->read[i].outcome == LL_OUTCOME_OK) {
        *out = (struct ll_executor_seen){
            .current = s->read[i].current, .ready = -1, .min = s->min, .max = s->max};
        snprintf(out->version, sizeof(out->version), "v%zu", i);
    } else {
        ll_err_set(err, LL_E_IO, "reading %zu failed", i);
    }
    return s->read[i].outcome;
}

static enum ll_outcome apply(struct ll_executor *x, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct script *s = (struct script *)x;
    size_t i = s->changes++;
    ck_assert_uint_lt(i, STEPS_MAX);
    snprintf(s->version, sizeof(s->version), "%s", a->version);
    *retry_after = s->change[i].retry_after;
    if (s->change[i].outcome != LL_OUTCOME_OK)
        ll_err_set(err, LL_E_IO, "change %zu failed", i);
    return s->change[i].outcome;
}

static const struct ll_executor_ops ops = {.name = "script", .observe = observe, .apply = apply};

static void wait_some(void *ctx, ll_dur d)
{
    struct script *s = ctx;
    s->waits++;
    s->waited += d;
    ll_clock_advance(&s->clock, d);
}

static bool stop(void *ctx)
{
    const struct script *s = ctx;
    return s->stop_after && s->waits >= s->stop_after;
}

static struct script script(void)
{
    struct script s = {.base.ops = &ops, .min = -1, .max = -1, .clock = {.now = LL_DAY}};
    return s;
}

static struct ll_act_result act(struct script *s, bool settle)
{
    struct ll_act_result r;
    const struct ll_executor_action a = {
        .action_id = LL_SLICE("a"), .from = 3, .to = 5, .expires = LL_DAY + LL_HOUR};
    const struct ll_act_opts o = {
        .clock = ll_clock_virtual(&s->clock), .sleep = wait_some, .stop = stop, .ctx = s};
    (settle ? ll_act_settle : ll_act_run)(&s->base, &a, &o, &r);
    ck_assert(r.text[0]);
    ck_assert_uint_eq(r.sent, s->changes);
    return r;
}

#define OK LL_OUTCOME_OK
#define CONFLICT LL_OUTCOME_CONFLICT
#define LATER LL_OUTCOME_LATER
#define REFUSED LL_OUTCOME_REFUSED
#define UNKNOWN LL_OUTCOME_UNKNOWN

/* One way through, and its end. */
struct way {
    const char *name;
    struct {
        enum ll_outcome outcome;
        int64_t current;
    } read[6];
    enum ll_outcome change[3];
    enum ll_action_state state;
    unsigned sent;
    int64_t seen;
};

static const struct way ways[] = {
    {"read back", {{OK, 3}, {OK, 5}}, {OK}, LL_ACTION_APPLIED, 1, 5},
    {"slow to show it", {{OK, 3}, {OK, 3}, {OK, 3}, {OK, 5}}, {OK}, LL_ACTION_APPLIED, 1, 5},
    {"never shows it", {{OK, 3}, {OK, 3}, {OK, 3}, {OK, 3}}, {OK}, LL_ACTION_UNKNOWN, 1, 3},
    {"accepted, then moved", {{OK, 3}, {OK, 9}}, {OK}, LL_ACTION_SUPERSEDED, 1, 9},
    {"accepted, unreadable",
     {{OK, 3}, {UNKNOWN, 0}, {LATER, 0}, {REFUSED, 0}},
     {OK},
     LL_ACTION_APPLIED,
     1,
     3},
    {"there already", {{OK, 5}}, {OK}, LL_ACTION_APPLIED, 0, 5},
    {"moved before", {{OK, 4}}, {OK}, LL_ACTION_SUPERSEDED, 0, 4},
    {"unreadable", {{UNKNOWN, 0}}, {OK}, LL_ACTION_NOT_APPLIED, 0, -1},
    {"not to be read now", {{LATER, 0}}, {OK}, LL_ACTION_NOT_APPLIED, 0, -1},
    {"not to be read", {{REFUSED, 0}}, {OK}, LL_ACTION_FAILED, 0, -1},
    {"conflict", {{OK, 3}}, {CONFLICT}, LL_ACTION_SUPERSEDED, 1, 3},
    {"later", {{OK, 3}}, {LATER}, LL_ACTION_NOT_APPLIED, 1, 3},
    {"refused", {{OK, 3}}, {REFUSED}, LL_ACTION_FAILED, 1, 3},
    {"unknown, applied", {{OK, 3}, {OK, 5}}, {UNKNOWN}, LL_ACTION_APPLIED, 1, 5},
    {"unknown, applied, read late",
     {{OK, 3}, {UNKNOWN, 0}, {LATER, 0}, {OK, 5}},
     {UNKNOWN},
     LL_ACTION_APPLIED,
     1,
     5},
    {"unknown, not applied, again",
     {{OK, 3}, {OK, 3}, {OK, 5}},
     {UNKNOWN, OK},
     LL_ACTION_APPLIED,
     2,
     5},
    {"unknown twice, not applied",
     {{OK, 3}, {OK, 3}, {OK, 3}},
     {UNKNOWN, UNKNOWN},
     LL_ACTION_NOT_APPLIED,
     2,
     3},
    {"unknown twice, applied",
     {{OK, 3}, {OK, 3}, {OK, 5}},
     {UNKNOWN, UNKNOWN},
     LL_ACTION_APPLIED,
     2,
     5},
    {"the first arrived late",
     {{OK, 3}, {OK, 3}, {OK, 5}},
     {UNKNOWN, CONFLICT},
     LL_ACTION_APPLIED,
     2,
     5},
    {"somebody else after all",
     {{OK, 3}, {OK, 3}, {OK, 8}},
     {UNKNOWN, CONFLICT},
     LL_ACTION_SUPERSEDED,
     2,
     8},
    {"refused at the second try",
     {{OK, 3}, {OK, 3}, {OK, 3}},
     {UNKNOWN, REFUSED},
     LL_ACTION_NOT_APPLIED,
     2,
     3},
    {"unknown, moved", {{OK, 3}, {OK, 4}}, {UNKNOWN}, LL_ACTION_SUPERSEDED, 1, 4},
    {"unknown, unreadable",
     {{OK, 3}, {UNKNOWN, 0}, {UNKNOWN, 0}, {UNKNOWN, 0}},
     {UNKNOWN},
     LL_ACTION_UNKNOWN,
     1,
     3},
    {"unknown, not to be read", {{OK, 3}, {REFUSED, 0}}, {UNKNOWN}, LL_ACTION_UNKNOWN, 1, 3},
};

START_TEST(every_way_ends_as_it_should)
{
    for (size_t i = 0; i < LL_LEN(ways); i++) {
        const struct way *w = &ways[i];
        struct script s = script();
        for (size_t k = 0; k < LL_LEN(w->read); k++) {
            s.read[k].outcome = w->read[k].outcome;
            s.read[k].current = w->read[k].current;
        }
        for (size_t k = 0; k < LL_LEN(w->change); k++)
            s.change[k].outcome = w->change[k];
        struct ll_act_result r = act(&s, false);
        ck_assert_msg(r.state == w->state && r.sent == w->sent && r.seen == w->seen,
                      "%s: %s, sent %u, seen %lld: %s", w->name, ll_action_state_name(r.state),
                      r.sent, (long long)r.seen, r.text);
        ck_assert_ptr_null((void *)(uintptr_t)s.base.stop);
    }
}
END_TEST

START_TEST(a_change_carries_the_version_that_was_read)
{
    struct script s = script();
    s.read[0].current = 3;
    s.change[0].outcome = UNKNOWN;
    s.read[1].current = 3;
    s.read[2].current = 5;
    act(&s, false);
    ck_assert_str_eq(s.version, "v1"); /* the second try has the second reading's */
}
END_TEST

static const struct ll_executor_ops versioned = {
    .name = "script", .compare_and_set = true, .observe = observe, .apply = apply};

START_TEST(a_conflict_of_the_version_alone_is_tried_again)
{
    struct script s = script();
    s.base.ops = &versioned;
    s.read[0].current = s.read[1].current = s.read[2].current = 3;
    s.read[3].current = 5;
    s.change[0].outcome = s.change[1].outcome = CONFLICT;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_APPLIED);
    ck_assert_uint_eq(r.sent, 3);
    ck_assert_str_eq(s.version, "v2");

    s = script();
    s.base.ops = &versioned;
    s.read[0].current = 3;
    s.read[1].current = 4;
    s.change[0].outcome = CONFLICT;
    r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_SUPERSEDED);
    ck_assert_uint_eq(r.sent, 1);

    s = script();
    s.base.ops = &versioned;
    for (size_t i = 0; i < STEPS_MAX; i++) {
        s.read[i].current = 3;
        s.change[i].outcome = CONFLICT;
    }
    r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_SUPERSEDED);
    ck_assert_uint_eq(r.sent, 4);
}
END_TEST

START_TEST(a_command_that_is_not_idempotent_is_run_once)
{
    struct script s = script();
    s.base.once = true;
    s.read[0].current = s.read[1].current = 3;
    s.change[0].outcome = UNKNOWN;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_NOT_APPLIED);
    ck_assert_uint_eq(r.sent, 1);
}
END_TEST

START_TEST(what_is_to_be_left_alone_is_not_sent_again)
{
    struct script s = script();
    s.read[0].current = s.read[1].current = 3;
    s.change[0].outcome = UNKNOWN;
    s.change[0].retry_after = 7 * LL_SECOND;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_NOT_APPLIED);
    ck_assert_int_eq(r.outcome, LATER);
    ck_assert_int_eq(r.retry_after, 7 * LL_SECOND);
    ck_assert_uint_eq(r.sent, 1);
}
END_TEST

START_TEST(nothing_is_sent_outside_the_targets_own_range)
{
    struct script s = script();
    s.read[0].current = 3;
    s.max = 4;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_FAILED);
    ck_assert_int_eq(r.outcome, REFUSED);
    s = script();
    s.read[0].current = 3;
    s.min = 6;
    r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_FAILED);
    ck_assert_uint_eq(r.sent, 0);
}
END_TEST

START_TEST(what_has_expired_is_not_sent_nor_sent_again)
{
    struct script s = script();
    s.read[0].current = 3;
    s.clock.now = LL_DAY + LL_HOUR;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_NOT_APPLIED);
    ck_assert_uint_eq(r.sent, 0);

    s = script();
    s.clock.now = LL_DAY + LL_HOUR - 1;
    s.read[0].current = s.read[1].current = 3;
    s.change[0].outcome = UNKNOWN; /* the wait after it passes the end */
    r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_NOT_APPLIED);
    ck_assert_uint_eq(r.sent, 1);
}
END_TEST

START_TEST(the_end_of_the_daemon_leaves_unknown_behind)
{
    struct script s = script();
    s.read[0].current = 3;
    s.change[0].outcome = UNKNOWN;
    s.stop_after = 1;
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_UNKNOWN);
    ck_assert_uint_eq(s.reads, 1);
}
END_TEST

START_TEST(waits_are_longer_each_time_and_bounded)
{
    struct script s = script();
    s.read[0].current = 3;
    s.change[0].outcome = UNKNOWN;
    for (size_t i = 1; i < 4; i++) {
        s.read[i].outcome = LATER;
        s.read[i].retry_after = LL_HOUR;
    }
    struct ll_act_result r = act(&s, false);
    ck_assert_int_eq(r.state, LL_ACTION_UNKNOWN);
    ck_assert_uint_eq(s.waits, 3);
    ck_assert_int_le(s.waited, 11 * LL_SECOND);
}
END_TEST

START_TEST(settling_only_reads)
{
    static const struct {
        int64_t current;
        enum ll_action_state state;
    } ends[] = {{5, LL_ACTION_APPLIED}, {3, LL_ACTION_NOT_APPLIED}, {4, LL_ACTION_SUPERSEDED}};
    for (size_t i = 0; i < LL_LEN(ends); i++) {
        struct script s = script();
        s.read[0].outcome = UNKNOWN;
        s.read[1].current = ends[i].current;
        struct ll_act_result r = act(&s, true);
        ck_assert_int_eq(r.state, ends[i].state);
        ck_assert_uint_eq(s.changes, 0);
    }
    struct script s = script();
    s.read[0].outcome = REFUSED;
    ck_assert_int_eq(act(&s, true).state, LL_ACTION_UNKNOWN);
    ck_assert_uint_eq(s.reads, 1);
}
END_TEST

START_TEST(kinds_are_found_by_their_names_in_the_order_of_places)
{
    for (size_t i = 0; i < LL_PLACE_KINDS; i++) {
        const char *name = ll_place_kind_name((enum ll_place_kind)i);
        ck_assert_str_eq(ll_executors[i]->name, name);
        ck_assert_ptr_eq(ll_executor_find(ll_slice_of(name)), ll_executors[i]);
        ck_assert(ll_executors[i]->doc[0]);
    }
    ck_assert_ptr_null(ll_executor_find(LL_SLICE("nomad")));
    ck_assert_str_eq(ll_outcome_name(LL_OUTCOME_LATER), "later");
    ck_assert_str_eq(ll_outcome_name((enum ll_outcome)99), "?");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_way_ends_as_it_should,
        a_change_carries_the_version_that_was_read,
        a_conflict_of_the_version_alone_is_tried_again,
        a_command_that_is_not_idempotent_is_run_once,
        what_is_to_be_left_alone_is_not_sent_again,
        nothing_is_sent_outside_the_targets_own_range,
        what_has_expired_is_not_sent_nor_sent_again,
        the_end_of_the_daemon_leaves_unknown_behind,
        waits_are_longer_each_time_and_bounded,
        settling_only_reads,
        kinds_are_found_by_their_names_in_the_order_of_places,
    };
    return ll_test_run("execute_act", tests, LL_LEN(tests));
}
