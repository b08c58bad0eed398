/* Rows of scaling on their way to the store, and back with what became of them. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "engine/scaling_private.h"

enum { ARENA_MAX = 64 << 20, ROWS_MAX = 4096 };

LL_VEC_DEFINE(event_rows, struct ll_event_row)
LL_VEC_DEFINE(decision_rows, struct ll_decision_row)
LL_VEC_DEFINE(state_rows, struct ll_state_row)
LL_VEC_DEFINE(audit_rows, struct ll_audit_row)
LL_VEC_DEFINE(rule_rows, struct ll_rule_row)

struct ll_scaling_keep {
    struct ll_scaling *s;
    struct ll_arena *arena;
    struct event_rows events;
    struct decision_rows decisions;
    struct state_rows states;
    struct audit_rows audit;
    struct rule_rows rules;
    struct ll_scaling_rows rows; /* what the batch points to */
    bool failed;                 /* without memory: nothing is sent */
    ll_scaling_kept_fn *done;
    void *ctx;
    bool committed;
    struct ll_err err;
};

static void keep_free(struct ll_scaling_keep *k)
{
    if (!k)
        return;
    event_rows_fini(&k->events);
    decision_rows_fini(&k->decisions);
    state_rows_fini(&k->states);
    audit_rows_fini(&k->audit);
    rule_rows_fini(&k->rules);
    ll_arena_free(k->arena);
    free(k);
}

struct ll_scaling_keep *ll_scaling_keep_new(struct ll_scaling *s)
{
    struct ll_scaling_keep *k = calloc(1, sizeof(*k));
    if (!k)
        return NULL;
    k->s = s;
    k->arena = ll_arena_new(ARENA_MAX);
    k->events.cap = k->decisions.cap = k->states.cap = k->audit.cap = k->rules.cap = ROWS_MAX;
    k->rules.cap = LL_RULES_RULES_MAX + LL_RULES_TARGETS_MAX;
    if (k->arena)
        return k;
    free(k);
    return NULL;
}

struct ll_arena *ll_scaling_keep_arena(struct ll_scaling_keep *k)
{
    return k->arena;
}

static struct ll_slice copied(struct ll_scaling_keep *k, struct ll_slice s)
{
    char *p = ll_arena_copy(k->arena, s.n ? s.s : "", s.n);
    k->failed |= p == NULL;
    return (struct ll_slice){p, p ? s.n : 0};
}

void ll_scaling_keep_event(struct ll_scaling_keep *k, const struct ll_scaling_event *e)
{
    struct ll_event_row row = {.event = *e};
    row.event.action_id = copied(k, e->action_id);
    row.event.rule_id = copied(k, e->rule_id);
    row.event.target = copied(k, e->target);
    row.event.service = copied(k, e->service);
    row.event.reason = copied(k, e->reason);
    row.event.actor = copied(k, e->actor);
    row.event.decision = copied(k, e->decision);
    k->failed |= !event_rows_push(&k->events, row);
}

void ll_scaling_keep_decision(struct ll_scaling_keep *k, const struct ll_decision_row *d)
{
    struct ll_decision_row row = *d;
    row.id = copied(k, d->id);
    row.target = copied(k, d->target);
    row.service = copied(k, d->service);
    row.verdict = copied(k, d->verdict);
    row.record = copied(k, d->record);
    k->failed |= !decision_rows_push(&k->decisions, row);
}

void ll_scaling_keep_state(struct ll_scaling_keep *k, struct ll_slice target,
                           const struct ll_scaling_state *state)
{
    struct ll_str text;
    ll_str_init(&text, LL_STATE_BYTES_MAX);
    ll_scaling_state_write(state, &text);
    struct ll_state_row row = {.target = copied(k, target),
                               .state = copied(k, (struct ll_slice){ll_str_z(&text), text.n}),
                               .t = ll_engine_now(k->s->e)};
    k->failed |= text.failed || !state_rows_push(&k->states, row);
    ll_str_fini(&text);
}

void ll_scaling_keep_daemon(struct ll_scaling_keep *k, struct ll_slice text)
{
    const struct ll_state_row row = {
        .target = {"", 0}, .state = copied(k, text), .t = ll_engine_now(k->s->e)};
    k->failed |= !state_rows_push(&k->states, row);
}

void ll_scaling_keep_drop(struct ll_scaling_keep *k)
{
    keep_free(k);
}

void ll_scaling_keep_audit(struct ll_scaling_keep *k, const struct ll_audit_row *a)
{
    struct ll_audit_row row = *a;
    row.actor = copied(k, a->actor);
    row.role = copied(k, a->role);
    row.address = copied(k, a->address);
    row.action = copied(k, a->action);
    row.object = copied(k, a->object);
    row.detail = copied(k, a->detail);
    k->failed |= !audit_rows_push(&k->audit, row);
}

void ll_scaling_keep_rule(struct ll_scaling_keep *k, const struct ll_rule_row *r)
{
    struct ll_rule_row row = *r;
    row.id = copied(k, r->id);
    row.document = copied(k, r->document);
    row.actor = copied(k, r->actor);
    k->failed |= !rule_rows_push(&k->rules, row);
}

/* On the writer's thread: hands what became of it to the engine's. */
static void written(struct ll_batch *b, void *ctx)
{
    struct ll_scaling_keep *k = ctx;
    k->committed = b->committed;
    k->err = b->err;
    ll_batch_free(b);
    struct ll_engine *e = k->s->e;
    while (!ll_engine_post_kept(e, k)) {
        if (atomic_load(&e->stopping)) {
            keep_free(k); /* its store says at the next start what was kept */
            return;
        }
        ll_engine_sleep(e, e->clock.mono(e->clock.self) + 10);
    }
}

bool ll_scaling_keep_send(struct ll_scaling_keep *k, ll_scaling_kept_fn *done, void *ctx)
{
    struct ll_batch *b = k->failed ? NULL : ll_batch_new(0, 0, LL_ORIGIN_PUSH);
    k->rows = (struct ll_scaling_rows){
        .rules = k->rules.v,
        .states = k->states.v,
        .decisions = k->decisions.v,
        .events = k->events.v,
        .audit = k->audit.v,
        .n_rules = k->rules.n,
        .n_states = k->states.n,
        .n_decisions = k->decisions.n,
        .n_events = k->events.n,
        .n_audit = k->audit.n,
    };
    k->done = done;
    k->ctx = ctx;
    if (b) {
        b->scaling = &k->rows;
        b->done = written;
        b->ctx = k;
        if (ll_writer_push(k->s->e->writer, b, NULL))
            return true;
        ll_batch_free(b);
    }
    keep_free(k);
    return false;
}

struct ll_scaling_keep *ll_scaling_keep_some(struct ll_scaling *s)
{
    if (!s->in_round)
        return ll_scaling_keep_new(s);
    if (s->n_round >= LL_ROUND_MAX)
        ll_scaling_round_flush(s);
    if (!s->round)
        s->round = ll_scaling_keep_new(s);
    s->n_round++;
    return s->round;
}

void ll_scaling_keep_done(struct ll_scaling *s, struct ll_scaling_keep *k)
{
    if (k != s->round && !ll_scaling_keep_send(k, NULL, NULL))
        LL_LOG(LL_LOG_ERROR, "rows of scaling could not be kept: storage is busy",
               LL_KVI("targets", s->n_targets));
}

void ll_scaling_round_flush(struct ll_scaling *s)
{
    struct ll_scaling_keep *k = s->round;
    const ll_time mono = s->e->clock.mono(s->e->clock.self);
    s->round = NULL;
    const bool sent = k && ll_scaling_keep_send(k, NULL, NULL);
    for (size_t i = 0; i < s->n_recorded; i++) {
        struct ll_live_target *t = &s->targets[s->recorded[i]];
        t->unsaved = !sent;
        t->saved = mono;
        if (!sent) {
            t->recorded.any = false; /* recorded with its next decision */
            t->decision_id[0] = '\0';
        }
    }
    if (k && !sent)
        LL_LOG(LL_LOG_WARN, "decisions wait to be recorded: storage is busy",
               LL_KVI("decisions", s->n_recorded));
    s->n_recorded = s->n_round = 0;
}

void ll_scaling_kept_drop(void *message)
{
    keep_free(message);
}

void ll_scaling_kept(struct ll_scaling *s, void *message)
{
    struct ll_scaling_keep *k = message;
    const struct ll_scaling_kept answer = {k->committed, &k->rows, &k->err};
    if (k->done)
        k->done(s, k->ctx, &answer);
    keep_free(k);
}
