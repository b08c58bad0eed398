/* Scaling of the small engine: what it shows is fixed, what it is asked is remembered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_fake.h"

static const char rules[] =
    "{\"targets\":[{\"name\":\"gateway\",\"service\":\"orders\",\"dry_run\":{\"current\":4},"
    "\"max_instances\":20}],\"rules\":[{\"rule_id\":\"band\",\"target\":\"gateway\","
    "\"resource_type\":\"CPU\",\"policy\":\"THRESHOLD\"}]}";

static struct ll_scaling_event waiting(void)
{
    return (struct ll_scaling_event){.action_id = LL_SLICE("a-1"),
                                     .rule_id = LL_SLICE("band"),
                                     .target = LL_SLICE("gateway"),
                                     .service = LL_SLICE("orders"),
                                     .reason = LL_SLICE("SCALE_OUT from 4 to 5"),
                                     .actor = LL_SLICE("loadline"),
                                     .decision = LL_SLICE("d-1"),
                                     .state = LL_ACTION_PROPOSED,
                                     .direction = LL_DIRECTION_SCALE_OUT,
                                     .from_value = 4,
                                     .to_value = 5,
                                     .t = LL_HOUR};
}

void fake_scaling_init(struct ll_engine *e)
{
    struct ll_err errs[1];
    struct fake_scaling *s = &e->scaling;
    struct ll_rules_reading r = {.errs = errs, .max = 1};
    const struct ll_rules_text text = {ll_slice_of(rules), "fake"};
    LL_ASSERT(ll_rules_read(&r, &text, 1, &s->doc));
    s->target = (struct ll_held_target){.target = &s->doc->targets[0],
                                        .version = 3,
                                        .source = LL_SLICE("api"),
                                        .seen = {true, 4, 4, LL_HOUR},
                                        .cooldown_out = LL_TIME_NONE,
                                        .cooldown_in = LL_TIME_NONE,
                                        .action = waiting()};
    s->target.last.d = (struct ll_decision){.now = LL_HOUR,
                                            .current = 4,
                                            .wanted = 5,
                                            .to = 5,
                                            .at_once = 4,
                                            .verdict = LL_VERDICT_PROPOSE,
                                            .direction = LL_DIRECTION_SCALE_OUT,
                                            .winner = 1,
                                            .valid_until = 2 * LL_HOUR};
    s->targets[0] = &s->target;
    s->rule =
        (struct ll_held_rule){.rule = &s->doc->rules[0], .version = 2, .source = LL_SLICE("api")};
    s->book = (struct ll_scaling_book){.targets = s->targets,
                                       .n_targets = 1,
                                       .rules = &s->rule,
                                       .n_rules = 1,
                                       .mode = LL_MODE_APPROVE,
                                       .pause = {.until = LL_TIME_NONE}};
}

const struct ll_scaling_book *ll_engine_scaling(struct ll_engine *e)
{
    return &e->scaling.book;
}

void ll_engine_scaling_release(const struct ll_scaling_book *b)
{
    (void)b;
}

const struct ll_held_rule *ll_scaling_book_rule(const struct ll_scaling_book *b,
                                                struct ll_slice rule_id)
{
    return ll_slice_eq(b->rules[0].rule->rule_id, rule_id) ? &b->rules[0] : NULL;
}

const struct ll_held_target *ll_scaling_book_target(const struct ll_scaling_book *b,
                                                    struct ll_slice name)
{
    return ll_slice_eq(b->targets[0]->target->name, name) ? b->targets[0] : NULL;
}

void ll_engine_scaling_status(struct ll_engine *e, struct ll_scaling_status *out)
{
    (void)e;
    *out = (struct ll_scaling_status){.targets = 1, .rules = 1, .proposals = 1};
}

/* Answers on another thread, as the real one does. */
struct told {
    void (*done)(void *ctx, const struct ll_scaling_answer *a);
    void *ctx;
    struct ll_scaling_answer answer;
};

static void *tell(void *arg)
{
    struct told *t = arg;
    t->done(t->ctx, &t->answer);
    free(t);
    return NULL;
}

static void note(struct ll_engine *e, const struct ll_scaling_command *c)
{
    struct fake_scaling *s = &e->scaling;
    pthread_mutex_lock(&e->lock);
    s->asked++;
    s->verb = c->verb;
    s->authenticated = c->actor.authenticated;
    snprintf(s->id, sizeof(s->id), "%.*s", (int)c->id.n, c->id.s ? c->id.s : "");
    snprintf(s->actor, sizeof(s->actor), "%.*s", (int)c->actor.name.n, c->actor.name.s);
    snprintf(s->role, sizeof(s->role), "%.*s", (int)c->actor.role.n, c->actor.role.s);
    snprintf(s->address, sizeof(s->address), "%.*s", (int)c->actor.address.n, c->actor.address.s);
    pthread_mutex_unlock(&e->lock);
}

bool ll_engine_scaling_do(struct ll_engine *e, const struct ll_scaling_command *c,
                          void (*done)(void *ctx, const struct ll_scaling_answer *a), void *ctx,
                          struct ll_err *err)
{
    pthread_t thread;
    if (e->scaling.busy)
        return ll_err_set(err, LL_E_BUSY, "the engine is busy: try again");
    struct told *t = calloc(1, sizeof(*t));
    LL_ASSERT(t);
    note(e, c);
    *t = (struct told){.done = done, .ctx = ctx, .answer = {.ok = !e->scaling.refuse}};
    t->answer.action = waiting();
    if (e->scaling.refuse)
        ll_err_set(&t->answer.err, LL_E_CONFLICT, "it is at version 4, not 3");
    LL_ASSERT(pthread_create(&thread, NULL, tell, t) == 0);
    pthread_detach(thread);
    return true;
}

bool ll_engine_decision(struct ll_engine *e, struct ll_slice id, struct ll_arena *out,
                        struct ll_decision_row *row, struct ll_err *err)
{
    (void)e;
    (void)out;
    if (!ll_slice_is(id, "d-1"))
        return ll_err_set(err, LL_E_NOT_FOUND, "no decision is kept");
    *row = (struct ll_decision_row){.id = LL_SLICE("d-1"),
                                    .t = LL_HOUR,
                                    .target = LL_SLICE("gateway"),
                                    .service = LL_SLICE("orders"),
                                    .verdict = LL_SLICE("propose"),
                                    .current = 4,
                                    .to = 5,
                                    .record = LL_SLICE("{\"version\":1}")};
    return true;
}

bool ll_scaling_replay(struct ll_slice record, struct ll_arena *out, struct ll_decision *d,
                       bool *same, char differs[static 160], struct ll_err *err)
{
    (void)record;
    (void)out;
    (void)err;
    *d = (struct ll_decision){.now = LL_HOUR};
    *same = false;
    snprintf(differs, 160, "to: 5 then, 6 now");
    return true;
}

bool ll_engine_simulate(struct ll_engine *e, const struct ll_simulation_ask *ask,
                        struct ll_arena *out, struct ll_simulations *res, struct ll_err *err)
{
    (void)e;
    (void)ask;
    (void)out;
    (void)res;
    return ll_err_set(err, LL_E_INVALID, "the document has no rules to try");
}

bool fake_each_action(struct ll_store_reader *r, const struct ll_actions_query *q,
                      ll_store_action_fn *fn, void *ctx, struct ll_err *err)
{
    struct ll_scaling_event e = waiting();
    (void)r;
    (void)err;
    if (q->action_id.n && !ll_slice_eq(q->action_id, e.action_id))
        return true;
    if (q->state < 0 || q->state == LL_ACTION_PROPOSED)
        fn(ctx, &e);
    return true;
}

bool fake_each_decision(struct ll_store_reader *r, const struct ll_decisions_query *q,
                        ll_store_decision_fn *fn, void *ctx, struct ll_err *err)
{
    static const char *const ids[] = {"d-4", "d-3", "d-2", "d-1"};
    static const ll_time times[] = {5000, 4000, 4000, 4000}; /* three at one moment */
    (void)r;
    (void)err;
    for (size_t i = 0; i < LL_LEN(ids); i++) {
        const struct ll_decision_row row = {.id = ll_slice_of(ids[i]),
                                            .t = times[i],
                                            .target = LL_SLICE("gateway"),
                                            .service = LL_SLICE("orders"),
                                            .verdict = LL_SLICE("observe")};
        if ((q->to == 0 || times[i] < q->to) && !fn(ctx, &row))
            return true;
    }
    return true;
}

bool fake_each_audit(struct ll_store_reader *r, const struct ll_audit_query *q,
                     ll_store_audit_fn *fn, void *ctx, struct ll_err *err)
{
    (void)r;
    (void)err;
    for (int64_t seq = 1; seq <= 2; seq++) {
        const struct ll_audit_row row = {.seq = q->newest_first ? 3 - seq : seq,
                                         .t = LL_HOUR,
                                         .actor = LL_SLICE("alice"),
                                         .detail = LL_SLICE("{}")};
        if (row.seq >= q->from && (q->to == 0 || row.seq < q->to) && !fn(ctx, &row))
            return true;
    }
    return true;
}
