/* What scaling keeps: versions of rules, states, actions, decisions, the audit. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store_contract.h"

enum { KEPT = 32 };

/* One batch with these rows; refusals are written into them. */
static void keep(struct ll_scaling_rows rows)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_ptr_nonnull(b);
    b->scaling = &rows;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
}

/* Every row as one line, in the order it came. */
struct lines {
    char v[KEPT][160];
    size_t n, max;
};

static bool add_line(struct lines *x, const char *fmt, ...) LL_PRINTF(2, 3);
static bool add_line(struct lines *x, const char *fmt, ...)
{
    ck_assert_uint_lt(x->n, KEPT);
    va_list args;
    va_start(args, fmt);
    vsnprintf(x->v[x->n++], sizeof(x->v[0]), fmt, args);
    va_end(args);
    return !x->max || x->n < x->max;
}

#define TEXT(slice) (int)(slice).n, (slice).s

static enum ll_row_refusal keep_rule(enum ll_rule_kind what, const char *id, int64_t version,
                                     const char *document, bool deleted)
{
    struct ll_rule_row r = {.kind = what,
                            .id = ll_slice_of(id),
                            .version = version,
                            .document = ll_slice_of(document),
                            .deleted = deleted,
                            .actor = LL_SLICE("ann"),
                            .t = T0 + version};
    keep((struct ll_scaling_rows){.rules = &r, .n_rules = 1});
    return r.refusal;
}

static bool on_rule(void *ctx, const struct ll_rule_row *r)
{
    return add_line(ctx, "%s %.*s v%d %.*s%s %.*s +%d", ll_rule_kind_name(r->kind), TEXT(r->id),
                    (int)r->version, TEXT(r->document), r->deleted ? " deleted" : "",
                    TEXT(r->actor), (int)(r->t - T0));
}

static struct lines rules_of(struct ll_rules_query q)
{
    struct lines x = {.n = 0};
    ck_assert_msg(ops->each_rule(reader(), &q, on_rule, &x, &err), "%s", err.text);
    return x;
}

START_TEST(every_version_of_a_rule_is_kept)
{
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "b", 1, "{}", false), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 1, "{\"a\":1}", false), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 2, "{\"a\":2}", false), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_rule(LL_KIND_TARGET, "a", 1, "{\"t\":1}", false), LL_ROW_TAKEN);
    reopen();
    struct lines x = rules_of((struct ll_rules_query){.kind = -1});
    ck_assert_uint_eq(x.n, 3);
    ck_assert_str_eq(x.v[0], "rule a v2 {\"a\":2} ann +2");
    ck_assert_str_eq(x.v[1], "rule b v1 {} ann +1");
    ck_assert_str_eq(x.v[2], "target a v1 {\"t\":1} ann +1");
    x = rules_of((struct ll_rules_query){.kind = LL_KIND_RULE, .id = LL_SLICE("a"), .versions = 1});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.v[0], "rule a v1 {\"a\":1} ann +1");
}
END_TEST

START_TEST(a_version_that_somebody_else_wrote_is_not_written_over)
{
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 1, "{\"a\":1}", false), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 1, "{\"a\":9}", false), LL_ROW_VERSION);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 3, "{\"a\":9}", false), LL_ROW_VERSION);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "c", 0, "{\"a\":9}", false), LL_ROW_VERSION);
    struct lines x = rules_of((struct ll_rules_query){.kind = -1, .versions = true});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.v[0], "rule a v1 {\"a\":1} ann +1");
}
END_TEST

START_TEST(what_is_deleted_is_gone_until_it_is_put_again)
{
    keep_rule(LL_KIND_RULE, "a", 1, "{\"a\":1}", false);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 2, "{\"a\":1}", true), LL_ROW_TAKEN);
    ck_assert_uint_eq(rules_of((struct ll_rules_query){.kind = -1}).n, 0);
    ck_assert_uint_eq(rules_of((struct ll_rules_query){.kind = -1, .versions = true}).n, 2);
    ck_assert_int_eq(keep_rule(LL_KIND_RULE, "a", 3, "{\"a\":3}", false), LL_ROW_TAKEN);
    ck_assert_str_eq(rules_of((struct ll_rules_query){.kind = -1}).v[0],
                     "rule a v3 {\"a\":3} ann +3");
}
END_TEST

START_TEST(a_refused_row_does_not_take_its_batch_along)
{
    static char large[LL_RULE_DOCUMENT_MAX + 1];
    memset(large, ' ', sizeof(large));
    struct ll_rule_row r[] = {
        {.kind = LL_KIND_RULE, .id = LL_SLICE("a"), .version = 1, .document = LL_SLICE("{}")},
        {.kind = LL_KIND_RULE, .id = LL_SLICE("a"), .version = 7, .document = LL_SLICE("{}")},
        {.kind = LL_KIND_RULE,
         .id = LL_SLICE("b"),
         .version = 1,
         .document = {large, sizeof(large)}},
        {.kind = LL_KIND_RULE, .id = LL_SLICE("c"), .version = 1, .document = LL_SLICE("{}")},
    };
    keep((struct ll_scaling_rows){.rules = r, .n_rules = LL_LEN(r)});
    ck_assert_int_eq(r[0].refusal, LL_ROW_TAKEN);
    ck_assert_int_eq(r[1].refusal, LL_ROW_VERSION);
    ck_assert_int_eq(r[2].refusal, LL_ROW_TOO_LARGE);
    ck_assert_int_eq(r[3].refusal, LL_ROW_TAKEN);
    ck_assert_uint_eq(rules_of((struct ll_rules_query){.kind = -1}).n, 2);
}
END_TEST

static void keep_state(const char *target, const char *state, ll_time t)
{
    struct ll_state_row r = {.target = ll_slice_of(target), .state = ll_slice_of(state), .t = t};
    keep((struct ll_scaling_rows){.states = &r, .n_states = 1});
    ck_assert_int_eq(r.refusal, LL_ROW_TAKEN);
}

static bool on_state(void *ctx, const struct ll_state_row *r)
{
    return add_line(ctx, "%.*s %.*s +%d", TEXT(r->target), TEXT(r->state), (int)(r->t - T0));
}

START_TEST(the_last_state_of_a_target_counts)
{
    keep_state("b", "{\"n\":1}", T0);
    keep_state("a", "{\"n\":1}", T0);
    keep_state("b", "{\"n\":2}", T0 + 5);
    keep_state("a", "", T0 + 6);
    keep_state("c", "{}", T0 + 7);
    reopen();
    struct lines x = {.n = 0};
    ck_assert_msg(ops->each_state(reader(), on_state, &x, &err), "%s", err.text);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.v[0], "b {\"n\":2} +5");
    ck_assert_str_eq(x.v[1], "c {} +7");
}
END_TEST

static enum ll_row_refusal keep_action(const char *id, const char *target,
                                       enum ll_action_state state, ll_time t)
{
    struct ll_event_row r = {.event = {.action_id = ll_slice_of(id),
                                       .rule_id = LL_SLICE("r"),
                                       .target = ll_slice_of(target),
                                       .service = ll_slice_of(target),
                                       .reason = LL_SLICE("api calls above 80 %"),
                                       .actor = LL_SLICE("loadline"),
                                       .decision = LL_SLICE("d1"),
                                       .state = state,
                                       .direction = LL_DIRECTION_SCALE_OUT,
                                       .type = LL_RESOURCE_API_CALLS,
                                       .from_value = 8,
                                       .to_value = 12,
                                       .t = t,
                                       .changed = t + 1,
                                       .expires = T0 + LL_MINUTE,
                                       .epoch = 3}};
    keep((struct ll_scaling_rows){.events = &r, .n_events = 1});
    return r.refusal;
}

static bool on_action(void *ctx, const struct ll_scaling_event *e)
{
    return add_line(ctx, "%.*s %.*s %s %g>%g %.*s +%d created +%d changed +%d expires +%d",
                    TEXT(e->action_id), TEXT(e->target), ll_action_state_name(e->state),
                    e->from_value, e->to_value, TEXT(e->actor), (int)(e->t - T0),
                    (int)(e->created - T0), (int)(e->changed - T0), (int)(e->expires - T0));
}

static struct lines actions_of(struct ll_actions_query q)
{
    struct lines x = {.n = 0};
    ck_assert_msg(ops->each_action(reader(), &q, on_action, &x, &err), "%s", err.text);
    return x;
}

START_TEST(an_action_keeps_when_it_was_made_and_tells_when_it_changed)
{
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_PROPOSED, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_PENDING, T0 + 10), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_UNKNOWN, T0 + 20), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_APPLIED, T0 + 30), LL_ROW_TAKEN);
    reopen();
    struct lines x = actions_of((struct ll_actions_query){.state = -1});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.v[0],
                     "a1 gw applied 8>12 loadline +30 created +0 changed +31 expires +60000");
}
END_TEST

START_TEST(a_target_has_one_open_action)
{
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_PENDING, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a2", "gw", LL_ACTION_PENDING, T0), LL_ROW_OPEN_ACTION);
    ck_assert_int_eq(keep_action("a3", "gw", LL_ACTION_UNKNOWN, T0), LL_ROW_OPEN_ACTION);
    ck_assert_int_eq(keep_action("a4", "other", LL_ACTION_PENDING, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a5", "gw", LL_ACTION_PROPOSED, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a5", "gw", LL_ACTION_PENDING, T0), LL_ROW_OPEN_ACTION);
    ck_assert_int_eq(keep_action("a1", "gw", LL_ACTION_FAILED, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("a5", "gw", LL_ACTION_PENDING, T0), LL_ROW_TAKEN);
    struct lines x = actions_of((struct ll_actions_query){.state = -1, .open = true});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_uint_eq(actions_of((struct ll_actions_query){.state = -1}).n, 3); /* a2, a3: none */
}
END_TEST

/* Both rows are of one transaction: the second meets the first. */
START_TEST(two_intents_of_one_batch_are_one_too_many)
{
    struct ll_event_row r[] = {{.event = {.action_id = LL_SLICE("a1"),
                                          .target = LL_SLICE("gw"),
                                          .state = LL_ACTION_PENDING,
                                          .t = T0}},
                               {.event = {.action_id = LL_SLICE("a2"),
                                          .target = LL_SLICE("gw"),
                                          .state = LL_ACTION_PENDING,
                                          .t = T0}}};
    keep((struct ll_scaling_rows){.events = r, .n_events = 2});
    ck_assert_int_eq(r[0].refusal, LL_ROW_TAKEN);
    ck_assert_int_eq(r[1].refusal, LL_ROW_OPEN_ACTION);
}
END_TEST

START_TEST(an_ended_action_stays_ended)
{
    static const enum ll_action_state ended[] = {
        LL_ACTION_APPLIED,  LL_ACTION_NOT_APPLIED, LL_ACTION_FAILED,  LL_ACTION_SUPERSEDED,
        LL_ACTION_REJECTED, LL_ACTION_EXPIRED,     LL_ACTION_OBSERVED};
    static const enum ll_action_state open[] = {LL_ACTION_PROPOSED, LL_ACTION_PENDING,
                                                LL_ACTION_UNKNOWN};
    for (size_t i = 0; i < LL_LEN(ended); i++) {
        char id[8];
        snprintf(id, sizeof(id), "a%zu", i);
        ck_assert_int_eq(keep_action(id, "gw", ended[i], T0), LL_ROW_TAKEN);
        for (size_t k = 0; k < LL_LEN(open); k++)
            ck_assert_int_eq(keep_action(id, "gw", open[k], T0 + 5), LL_ROW_ENDED);
    }
    ck_assert_int_eq(keep_action("p", "gw", LL_ACTION_PENDING, T0), LL_ROW_TAKEN);
    ck_assert_int_eq(keep_action("p", "gw", LL_ACTION_PROPOSED, T0), LL_ROW_ENDED);
    struct lines x = actions_of((struct ll_actions_query){.state = -1, .open = true});
    ck_assert_uint_eq(x.n, 1);
}
END_TEST

START_TEST(actions_are_asked_for_by_state_service_and_time)
{
    keep_action("a1", "gw", LL_ACTION_APPLIED, T0);
    keep_action("a2", "db", LL_ACTION_PROPOSED, T0 + 1);
    keep_action("a3", "gw", LL_ACTION_PROPOSED, T0 + 2);
    keep_action("a4", "gw", LL_ACTION_PENDING, T0 + 3);
    const struct ll_actions_query proposed = {.state = LL_ACTION_PROPOSED};
    ck_assert_uint_eq(actions_of(proposed).n, 2);
    ck_assert_int_eq(actions_of(proposed).v[0][1], '3'); /* newest first */
    struct ll_actions_query q = {.state = -1, .service = LL_SLICE("gw"), .limit = 2};
    struct lines x = actions_of(q);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.v[0][1], '4');
    q.to = T0 + 3;
    ck_assert_int_eq(actions_of(q).v[0][1], '3');
    q.from = T0 + 1;
    ck_assert_uint_eq(actions_of(q).n, 1);
    q = (struct ll_actions_query){.state = -1, .action_id = LL_SLICE("a2")};
    ck_assert_uint_eq(actions_of(q).n, 1);
    q = (struct ll_actions_query){.state = -1, .target = LL_SLICE("db")};
    ck_assert_uint_eq(actions_of(q).n, 1);
}
END_TEST

static enum ll_row_refusal keep_decision(const char *id, const char *target, ll_time t,
                                         struct ll_slice record)
{
    struct ll_decision_row r = {.id = ll_slice_of(id),
                                .t = t,
                                .target = ll_slice_of(target),
                                .service = LL_SLICE("s"),
                                .verdict = LL_SLICE("propose"),
                                .current = 8,
                                .to = 12,
                                .record = record};
    keep((struct ll_scaling_rows){.decisions = &r, .n_decisions = 1});
    return r.refusal;
}

static bool on_decision(void *ctx, const struct ll_decision_row *r)
{
    return add_line(ctx, "%.*s %.*s %.*s %.*s %d>%d +%d %.*s", TEXT(r->id), TEXT(r->target),
                    TEXT(r->service), TEXT(r->verdict), (int)r->current, (int)r->to,
                    (int)(r->t - T0), (int)LL_MIN(r->record.n, (size_t)40), r->record.s);
}

static struct lines decisions_of(struct ll_decisions_query q)
{
    struct lines x = {.n = 0};
    ck_assert_msg(ops->each_decision(reader(), &q, on_decision, &x, &err), "%s", err.text);
    return x;
}

START_TEST(a_decision_comes_back_with_its_record)
{
    keep_decision("d1", "gw", T0, LL_SLICE("{\"n\":1}"));
    keep_decision("d2", "gw", T0 + 1, LL_SLICE("{\"n\":2}"));
    keep_decision("d3", "db", T0 + 2, LL_SLICE("{\"n\":3}"));
    keep_decision("d1", "db", T0 + 9, LL_SLICE("{\"n\":9}")); /* the first stays */
    reopen();
    struct lines x = decisions_of((struct ll_decisions_query){.id = LL_SLICE("d1")});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.v[0], "d1 gw s propose 8>12 +0 {\"n\":1}");
    x = decisions_of((struct ll_decisions_query){.limit = 2});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.v[0], "d3 db s propose 8>12 +2 "); /* newest first, without records */
    x = decisions_of((struct ll_decisions_query){.target = LL_SLICE("gw"), .records = true});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.v[0], "d2 gw s propose 8>12 +1 {\"n\":2}");
    x = decisions_of((struct ll_decisions_query){.from = T0 + 1, .to = T0 + 2});
    ck_assert_uint_eq(x.n, 1);
}
END_TEST

START_TEST(decisions_are_kept_for_their_time)
{
    place_opts.retain_decisions = 2 * LL_DAY;
    reopen();
    keep_decision("old", "gw", T0, LL_SLICE("{}"));
    keep_decision("new", "gw", T0 + 3 * LL_DAY, LL_SLICE("{}"));
    keep_action("a1", "gw", LL_ACTION_APPLIED, T0);
    settle_hours(T0 + 3 * LL_DAY);
    settle_hours(T0 + 3 * LL_DAY + 3 * LL_HOUR);
    struct lines x = decisions_of((struct ll_decisions_query){.limit = 9});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_int_eq(x.v[0][0], 'n');
    ck_assert_uint_eq(actions_of((struct ll_actions_query){.state = -1}).n, 1); /* for ever */
}
END_TEST

START_TEST(the_oldest_decisions_go_when_their_records_are_too_large)
{
    static char record[1000];
    memset(record, ' ', sizeof(record));
    place_opts.max_decisions = 3500;
    reopen();
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "d%d", i);
        ck_assert_int_eq(keep_decision(id, "gw", T0 + i, (struct ll_slice){record, sizeof(record)}),
                         LL_ROW_TAKEN);
    }
    ck_assert_uint_eq(decisions_of((struct ll_decisions_query){.limit = 9}).n, 3);
    reopen(); /* what is counted is counted across starts */
    keep_decision("d5", "gw", T0 + 5, (struct ll_slice){record, sizeof(record)});
    struct lines x = decisions_of((struct ll_decisions_query){.limit = 9});
    ck_assert_uint_eq(x.n, 3);
    ck_assert_int_eq(x.v[2][1], '3');
}
END_TEST

START_TEST(a_record_beyond_all_bounds_is_refused)
{
    static char record[LL_DECISION_RECORD_MAX + 1];
    memset(record, ' ', sizeof(record));
    ck_assert_int_eq(keep_decision("d", "gw", T0, (struct ll_slice){record, sizeof(record)}),
                     LL_ROW_TOO_LARGE);
    ck_assert_uint_eq(decisions_of((struct ll_decisions_query){.limit = 9}).n, 0);
}
END_TEST

static struct ll_audit_row audit(const char *action, const char *object, ll_time t)
{
    return (struct ll_audit_row){.t = t,
                                 .actor = LL_SLICE("ann"),
                                 .role = LL_SLICE("operator"),
                                 .address = LL_SLICE("10.0.0.9"),
                                 .action = ll_slice_of(action),
                                 .object = ll_slice_of(object),
                                 .detail = LL_SLICE("{\"from\":1}")};
}

struct chain {
    struct ll_audit_row v[KEPT];
    char action[KEPT][16];
    size_t n;
};

/* Each row is checked against the sum that it and the one before it carry. */
static bool on_audit(void *ctx, const struct ll_audit_row *a)
{
    struct chain *x = ctx;
    char hash[LL_SHA256_HEX_MAX];
    ck_assert_uint_lt(x->n, KEPT);
    ll_audit_hash(a, hash);
    ck_assert_str_eq(hash, a->hash);
    snprintf(x->action[x->n], sizeof(x->action[0]), "%.*s", TEXT(a->action));
    x->v[x->n++] = *a;
    return true;
}

static struct chain audit_of(struct ll_audit_query q)
{
    struct chain x = {.n = 0};
    ck_assert_msg(ops->each_audit(reader(), &q, on_audit, &x, &err), "%s", err.text);
    return x;
}

START_TEST(audit_rows_are_a_chain)
{
    struct ll_audit_row r[] = {audit("rule.put", "a", T0), audit("rule.put", "b", T0 + 1)};
    keep((struct ll_scaling_rows){.audit = r, .n_audit = 2});
    ck_assert_int_eq(r[1].seq, 2);
    reopen();
    struct ll_audit_row more = audit("mode.put", "auto", T0 + 2);
    keep((struct ll_scaling_rows){.audit = &more, .n_audit = 1});
    struct chain x = audit_of((struct ll_audit_query){.from = 0});
    ck_assert_uint_eq(x.n, 3);
    ck_assert_str_eq(x.v[0].previous, "");
    for (size_t i = 1; i < x.n; i++) {
        ck_assert_int_eq(x.v[i].seq, x.v[i - 1].seq + 1);
        ck_assert_str_eq(x.v[i].previous, x.v[i - 1].hash);
    }
    ck_assert_str_eq(more.hash, x.v[2].hash); /* the sender is told */
    x = audit_of((struct ll_audit_query){.newest_first = true, .limit = 1});
    ck_assert_str_eq(x.action[0], "mode.put");
    x = audit_of((struct ll_audit_query){.object = LL_SLICE("b")});
    ck_assert_uint_eq(x.n, 1);
    x = audit_of((struct ll_audit_query){.from = 2, .to = 3});
    ck_assert_int_eq(x.v[0].seq, 2);
}
END_TEST

START_TEST(another_word_is_another_hash)
{
    struct ll_audit_row a = audit("rule.put", "a", T0);
    char first[LL_SHA256_HEX_MAX], second[LL_SHA256_HEX_MAX];
    a.seq = 1;
    ll_audit_hash(&a, first);
    a.action = LL_SLICE("rule.pu");
    a.object = LL_SLICE("ta"); /* the same bytes, divided elsewhere */
    ll_audit_hash(&a, second);
    ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(nothing_of_a_failed_append_is_kept)
{
    keep_rule(LL_KIND_RULE, "a", 1, "{}", false);
    struct ll_rule_row r = {
        .kind = LL_KIND_RULE, .id = LL_SLICE("a"), .version = 2, .refusal = LL_ROW_VERSION};
    struct ll_audit_row a = audit("rule.put", "a", T0);
    struct ll_decision_row d = {.id = LL_SLICE("d"), .record = LL_SLICE("{}")};
    struct ll_scaling_rows rows = {
        .rules = &r, .n_rules = 1, .audit = &a, .n_audit = 1, .decisions = &d, .n_decisions = 1};
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    b->scaling = &rows;
    kind->break_writes(place, true);
    ck_assert(!ops->append(store, &b, 1, &err));
    kind->break_writes(place, false);
    ck_assert_int_eq(r.refusal, LL_ROW_VERSION); /* as it was */
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
    ck_assert_int_eq(r.refusal, LL_ROW_TAKEN);
    ck_assert_uint_eq(audit_of((struct ll_audit_query){.from = 0}).n, 1);
    ck_assert_uint_eq(decisions_of((struct ll_decisions_query){.limit = 9}).n, 1);
}
END_TEST

START_TEST(a_reading_ends_when_it_is_told_to)
{
    keep_state("a", "{}", T0);
    keep_state("b", "{}", T0);
    keep_action("a1", "gw", LL_ACTION_APPLIED, T0);
    keep_action("a2", "gw", LL_ACTION_APPLIED, T0);
    struct lines x = {.max = 1};
    ck_assert(ops->each_state(reader(), on_state, &x, &err));
    ck_assert_uint_eq(x.n, 1);
    x = (struct lines){.max = 1};
    const struct ll_actions_query q = {.state = -1};
    ck_assert(ops->each_action(reader(), &q, on_action, &x, &err));
    ck_assert_uint_eq(x.n, 1);
}
END_TEST

TCase *scaling_cases(void)
{
    TCase *c = tcase_create("scaling");
    tcase_add_test(c, every_version_of_a_rule_is_kept);
    tcase_add_test(c, a_version_that_somebody_else_wrote_is_not_written_over);
    tcase_add_test(c, what_is_deleted_is_gone_until_it_is_put_again);
    tcase_add_test(c, a_refused_row_does_not_take_its_batch_along);
    tcase_add_test(c, the_last_state_of_a_target_counts);
    tcase_add_test(c, an_action_keeps_when_it_was_made_and_tells_when_it_changed);
    tcase_add_test(c, a_target_has_one_open_action);
    tcase_add_test(c, two_intents_of_one_batch_are_one_too_many);
    tcase_add_test(c, an_ended_action_stays_ended);
    tcase_add_test(c, actions_are_asked_for_by_state_service_and_time);
    tcase_add_test(c, a_decision_comes_back_with_its_record);
    tcase_add_test(c, decisions_are_kept_for_their_time);
    tcase_add_test(c, the_oldest_decisions_go_when_their_records_are_too_large);
    tcase_add_test(c, a_record_beyond_all_bounds_is_refused);
    tcase_add_test(c, audit_rows_are_a_chain);
    tcase_add_test(c, another_word_is_another_hash);
    tcase_add_test(c, nothing_of_a_failed_append_is_kept);
    tcase_add_test(c, a_reading_ends_when_it_is_told_to);
    return c;
}
