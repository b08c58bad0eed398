/* What a decision becomes: a proposal, an intent and then an action, or a line in the history.
 *
 * At most one action of a target is open.  It is sent when its row is durable, and not otherwise;
 * what was sent and not confirmed stays open until the target was read. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/notices.h"
#include "engine/scaling_command.h"

/* All targets together remove at most a share of what there is in this time. */
#define REMOVAL_SPAN (10 * LL_MINUTE)

#define SETTLE_EVERY (10 * LL_SECOND)
#define ACTION_LIFE (5 * LL_MINUTE)

static void put_text(char *buf, size_t size, struct ll_slice s)
{
    const size_t n = LL_MIN(s.n, size - 1);
    if (n && s.s != buf)
        memmove(buf, s.s, n);
    buf[n] = '\0';
}

void ll_scaling_action_point(struct ll_live_target *t)
{
    t->action.action_id = ll_slice_of(t->action_id);
    t->action.decision = ll_slice_of(t->action_decision);
    t->action.reason = ll_slice_of(t->action_reason);
    t->action.actor = ll_slice_of(t->action_actor);
    t->action.rule_id = ll_slice_of(t->action_rule);
    t->action.target = t->target->name;
    t->action.service = t->target->service;
}

void ll_scaling_action_set(struct ll_live_target *t, const struct ll_scaling_event *e)
{
    put_text(t->action_id, sizeof(t->action_id), e->action_id);
    put_text(t->action_decision, sizeof(t->action_decision), e->decision);
    put_text(t->action_reason, sizeof(t->action_reason), e->reason);
    put_text(t->action_actor, sizeof(t->action_actor), e->actor);
    put_text(t->action_rule, sizeof(t->action_rule), e->rule_id);
    t->action = *e;
    ll_scaling_action_point(t);
    t->changed = true;
}

static void clear_action(struct ll_live_target *t)
{
    ll_scaling_action_set(t, &(struct ll_scaling_event){.state = LL_ACTION_STATE_COUNT});
    t->acting = false;
    t->settle_at = LL_TIME_NONE;
}

static bool has_action(const struct ll_live_target *t)
{
    return t->action.action_id.n > 0;
}

static void count_units(struct ll_scaling *s)
{
    s->units = 0;
    for (size_t i = 0; i < s->n_targets; i++)
        if (!s->targets[i].target->vertical && s->targets[i].seen.known)
            s->units += s->targets[i].seen.current;
    s->units_counted = true;
}

/* What an open action may have removed already, or will: it is told when it has ended. */
static int64_t leaving(const struct ll_live_target *t)
{
    if (!has_action(t) || !ll_action_open(t->action.state) || t->target->vertical)
        return 0;
    return LL_MAX((int64_t)(t->action.from_value - t->action.to_value), (int64_t)0);
}

static void count_leaving(struct ll_scaling *s)
{
    s->leaving = 0;
    for (size_t i = 0; i < s->n_targets; i++)
        s->leaving += leaving(&s->targets[i]);
    s->leaving_counted = true;
}

/* Of t's action after a change of it; `was` of before. */
static void recount(struct ll_scaling *s, const struct ll_live_target *t, int64_t was)
{
    s->leaving += leaving(t) - was;
}

int64_t ll_scaling_removal_left(struct ll_scaling *s, ll_time now)
{
    int64_t removed = 0;
    size_t kept = 0;
    if (!s->units_counted)
        count_units(s);
    if (!s->leaving_counted)
        count_leaving(s);
    const int64_t units = s->units;
    for (size_t i = 0; i < s->n_removals; i++) {
        if (s->removals[i].t <= now - REMOVAL_SPAN || s->removals[i].t > now)
            continue;
        removed += s->removals[i].units;
        s->removals[kept++] = s->removals[i];
    }
    s->n_removals = kept;
    const int64_t most = LL_MAX(
        (int64_t)floor(s->e->config->config->scaling.removal_budget * (double)(units + removed)),
        1);
    return LL_MAX(most - removed - s->leaving, (int64_t)0);
}

static void add_removal(struct ll_scaling *s, ll_time t, int64_t units)
{
    if (s->n_removals == LL_REMOVALS_MAX) { /* so many in ten minutes: the oldest count together */
        s->removals[1].units += s->removals[0].units;
        memmove(s->removals, s->removals + 1, (LL_REMOVALS_MAX - 1) * sizeof(*s->removals));
        s->n_removals--;
    }
    s->removals[s->n_removals++] = (struct ll_removal){t, units};
}

static void note_removal(struct ll_scaling *s, const struct ll_live_target *t)
{
    const int64_t units = (int64_t)(t->action.from_value - t->action.to_value);
    if (units > 0 && !t->target->vertical)
        add_removal(s, ll_engine_now(s->e), units);
}

void ll_scaling_removals_restore(struct ll_scaling *s, const struct ll_live_target *t)
{
    const ll_time since = ll_engine_now(s->e) - REMOVAL_SPAN;
    for (size_t i = 0; i < t->state.n_changes && !t->target->vertical; i++) {
        const struct ll_change *c = &t->state.changes[i];
        if (!c->foreign && c->to < c->from && c->t > since)
            add_removal(s, c->t, c->from - c->to);
    }
}

bool ll_scaling_send(struct ll_scaling *s, struct ll_live_target *t, enum ll_actor_verb verb)
{
    struct ll_actor_job *j = calloc(1, sizeof(*j));
    if (!j)
        return false;
    *j = (struct ll_actor_job){
        .verb = verb,
        .actor = t->actor,
        .target = (size_t)(t - s->targets),
        .generation = s->generation,
        .from = (int64_t)t->action.from_value,
        .to = (int64_t)t->action.to_value,
        .epoch = t->action.epoch,
        .vertical = t->target->vertical,
        .expires = t->action.expires ? t->action.expires : LL_TIME_NONE,
        .seen = {.current = -1, .ready = -1, .min = -1, .max = -1},
    };
    put_text(j->action_id, sizeof(j->action_id), t->action.action_id);
    put_text(j->name, sizeof(j->name), t->target->name);
    put_text(j->service, sizeof(j->service), t->target->service);
    put_text(j->reason, sizeof(j->reason), t->action.reason);
    ll_actor_ref(j->actor);
    if (ll_actors_put(s->actors, j)) {
        if (verb == LL_ACTOR_OBSERVE)
            t->observing = true;
        else
            t->acting = true;
        return true;
    }
    ll_actor_job_free(j);
    return false;
}

static void keep_action(struct ll_scaling *s, const struct ll_live_target *t,
                        const struct ll_scaling_event *e, bool audit)
{
    struct ll_scaling_keep *k = ll_scaling_keep_some(s);
    char detail[128];
    if (!k)
        return;
    ll_scaling_keep_event(k, e);
    if (audit) {
        snprintf(detail, sizeof(detail), "{\"from\":%.0f,\"to\":%.0f,\"state\":\"%s\"}",
                 e->from_value, e->to_value, ll_action_state_name(e->state));
        const struct ll_audit_row row = {.t = ll_engine_now(s->e),
                                         .actor = e->actor,
                                         .role = LL_SLICE("loadline"),
                                         .action = LL_SLICE("action.end"),
                                         .object = e->action_id,
                                         .detail = ll_slice_of(detail)};
        ll_scaling_keep_state(k, t->target->name, &t->state);
        ll_scaling_keep_audit(k, &row);
    }
    ll_scaling_keep_done(s, k);
}

void ll_scaling_action_end(struct ll_scaling *s, struct ll_live_target *t,
                           enum ll_action_state state, const char *reason)
{
    struct ll_scaling_event e = t->action;
    e.state = state;
    e.changed = ll_engine_now(s->e);
    if (reason)
        e.reason = ll_slice_of(reason);
    const bool was_open = ll_action_open(t->action.state);
    const bool news = t->action.state != state; /* it is settled again and again */
    const int64_t was = leaving(t);
    keep_action(s, t, &e, was_open);
    if (news)
        ll_scaling_news(s, t->target, &e);
    ll_notices_action(s->e->notices, t->target, &e);
    if (ll_action_open(state)) {
        ll_scaling_action_set(t, &e);
        return;
    }
    clear_action(t);
    recount(s, t, was);
    t->dirty = s->any_dirty = true;
}

/* The intent is on disk, or was refused. */
static void intent_kept(struct ll_scaling *s, void *ctx, const struct ll_scaling_kept *k)
{
    char *id = ctx;
    for (size_t i = 0; i < s->n_targets; i++) {
        struct ll_live_target *t = &s->targets[i];
        if (!has_action(t) || strcmp(t->action_id, id) != 0)
            continue;
        const bool taken = k->committed && k->rows->n_events > 0 &&
                           k->rows->events[k->rows->n_events - 1].refusal == LL_ROW_TAKEN;
        if (taken && t->action.state == LL_ACTION_PENDING) {
            if (!ll_scaling_send(s, t, LL_ACTOR_ACT))
                ll_scaling_action_end(s, t, LL_ACTION_NOT_APPLIED, "too many actions wait");
        } else if (!taken) {
            snprintf(t->condition, sizeof(t->condition), "nothing was done: %s",
                     k->committed
                         ? ll_row_refusal_text(k->rows->events[k->rows->n_events - 1].refusal)
                         : k->err->text);
            s->leaving -= leaving(t);
            clear_action(t);
            t->dirty = s->any_dirty = true;
        }
    }
    free(id);
}

/* An intent: the row first, the action when it is durable. */
static void intend(struct ll_scaling *s, struct ll_live_target *t, const struct ll_scaling_event *e)
{
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    char *id = strndup(e->action_id.s, e->action_id.n);
    if (!k || !id) {
        free(id);
        return;
    }
    ll_scaling_keep_state(k, t->target->name, &t->state);
    ll_scaling_keep_event(k, e);
    const struct ll_audit_row row = {.t = e->t,
                                     .actor = e->actor,
                                     .role = LL_SLICE("loadline"),
                                     .action = LL_SLICE("action.intend"),
                                     .object = e->action_id,
                                     .detail = LL_SLICE("{}")};
    ll_scaling_keep_audit(k, &row);
    const int64_t was = leaving(t);
    ll_scaling_action_set(t, e);
    recount(s, t, was);
    if (ll_scaling_keep_send(k, intent_kept, id))
        return;
    free(id);
    snprintf(t->condition, sizeof(t->condition), "nothing was done: storage is busy");
    s->leaving -= leaving(t);
    clear_action(t);
}

void ll_scaling_intend(struct ll_scaling *s, struct ll_live_target *t, int64_t from, int64_t to,
                       struct ll_slice rule_id, struct ll_slice actor, struct ll_slice reason)
{
    char id[LL_ACTION_ID_MAX];
    struct ll_scaling_event e = t->action;
    const bool replaces = has_action(t);
    const ll_time now = ll_engine_now(s->e);
    if (!replaces) {
        ll_scaling_new_id(s, id);
        e = (struct ll_scaling_event){.action_id = ll_slice_of(id),
                                      .rule_id = rule_id,
                                      .decision = ll_slice_of(t->decision_id),
                                      .created = now};
    }
    e.target = t->target->name;
    e.service = t->target->service;
    e.actor = actor;
    e.reason = reason;
    e.direction = ll_scaling_direction(t->target, from, to);
    e.type = t->n_rules ? t->rules[0].rule->type : LL_RESOURCE_CPU;
    e.from_value = (double)from;
    e.to_value = (double)to;
    e.state = LL_ACTION_PENDING;
    e.t = e.changed = now;
    e.expires = now + ACTION_LIFE;
    intend(s, t, &e);
}

void ll_scaling_rejected(struct ll_scaling *s, struct ll_live_target *t)
{
    ll_dur ttl = 0;
    for (size_t i = 0; i < t->n_rules; i++)
        ttl = LL_MAX(ttl, t->rules[i].rule->proposal_ttl);
    t->rejected = (int64_t)t->action.to_value;
    t->rejected_until = ll_engine_now(s->e) + ttl;
    clear_action(t);
}

static struct ll_slice rule_of(const struct ll_live_target *t, const struct ll_decision *d)
{
    if (d->winner < d->n_proposals && d->proposals[d->winner].rule)
        return d->proposals[d->winner].rule->rule_id;
    return t->n_rules ? t->rules[0].rule->rule_id : (struct ll_slice){"", 0};
}

static void propose(struct ll_scaling *s, struct ll_live_target *t, const struct ll_decision *d)
{
    char id[LL_ACTION_ID_MAX];
    const ll_time now = ll_engine_now(s->e);
    if (t->rejected_until != LL_TIME_NONE && now < t->rejected_until && t->rejected == d->to)
        return;
    if (has_action(t)) {
        if (t->action.to_value == (double)d->to && t->action.from_value == (double)d->current)
            return; /* it waits already */
        ll_scaling_action_end(s, t, LL_ACTION_SUPERSEDED, "another answer took its place");
    }
    ll_scaling_new_id(s, id);
    const struct ll_scaling_event e = {
        .action_id = ll_slice_of(id),
        .rule_id = rule_of(t, d),
        .target = t->target->name,
        .service = t->target->service,
        .reason = ll_slice_of(d->reason),
        .actor = LL_SLICE("loadline"),
        .decision = ll_slice_of(t->decision_id),
        .state = LL_ACTION_PROPOSED,
        .direction = d->direction,
        .type = t->n_rules ? t->rules[0].rule->type : LL_RESOURCE_CPU,
        .from_value = (double)d->current,
        .to_value = (double)d->to,
        .t = now,
        .created = now,
        .changed = now,
        .expires = d->decide_by,
    };
    keep_action(s, t, &e, false);
    ll_scaling_action_set(t, &e);
    ll_scaling_news(s, t->target, &e);
}

/* What would have been done: once per answer, for the history. */
static void observe_only(struct ll_scaling *s, struct ll_live_target *t,
                         const struct ll_decision *d, bool news)
{
    char id[LL_ACTION_ID_MAX];
    const ll_time now = ll_engine_now(s->e);
    if (!news)
        return;
    ll_scaling_new_id(s, id);
    const struct ll_scaling_event e = {
        .action_id = ll_slice_of(id),
        .rule_id = rule_of(t, d),
        .target = t->target->name,
        .service = t->target->service,
        .reason = ll_slice_of(d->reason),
        .actor = LL_SLICE("loadline"),
        .decision = ll_slice_of(t->decision_id),
        .state = LL_ACTION_OBSERVED,
        .direction = d->direction,
        .type = t->n_rules ? t->rules[0].rule->type : LL_RESOURCE_CPU,
        .from_value = (double)d->current,
        .to_value = (double)d->to,
        .t = now,
        .created = now,
        .changed = now,
    };
    keep_action(s, t, &e, false);
}

/* The strictest limit of its rules: for an action that the last decision is not about any more. */
static bool is_large(const struct ll_live_target *t)
{
    double over = INFINITY;
    for (size_t i = 0; i < t->n_rules; i++)
        if (t->rules[i].rule->second_person_over > 0)
            over = LL_MIN(over, t->rules[i].rule->second_person_over);
    return fabs(t->action.to_value - t->action.from_value) >
           over * LL_MAX(t->action.from_value, 1.0);
}

bool ll_scaling_needs_second(const struct ll_live_target *t)
{
    return ll_scaling_needs_two(t, t->held ? ll_scaling_held_decision(t->held) : NULL);
}

bool ll_scaling_needs_two(const struct ll_live_target *t, const struct ll_decision *d)
{
    if (!has_action(t))
        return false;
    if (d && (double)d->to == t->action.to_value && (double)d->current == t->action.from_value)
        return d->second_person;
    return is_large(t);
}

static bool lacks_data(const struct ll_decision *d)
{
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (!p->shadow && p->state == LL_PROPOSAL_NONE &&
            (p->bound == LL_BOUND_NO_DATA || p->bound == LL_BOUND_STALE ||
             p->bound == LL_BOUND_PARTIAL || p->bound == LL_BOUND_IMPLAUSIBLE))
            return true;
    }
    return false;
}

/* What was agreed on beforehand is scale-in by data: not without it. */
static void expire(struct ll_scaling *s, struct ll_live_target *t, const struct ll_decision *d)
{
    if (!has_action(t) || t->action.state != LL_ACTION_PROPOSED || t->action.expires <= 0 ||
        d->now < t->action.expires)
        return;
    /* What needs two people is not done by none. */
    bool execute = t->n_rules > 0 && !ll_scaling_needs_second(t);
    for (size_t i = 0; i < t->n_rules; i++)
        execute = execute && (t->rules[i].rule->input_only ||
                              t->rules[i].rule->on_expiry == LL_EXPIRY_EXECUTE);
    const bool blind = execute && t->action.to_value < t->action.from_value && lacks_data(d);
    char why[LL_HELD_BACK_MAX];
    const bool held = execute && !blind && ll_scaling_held_back(s, t, d->now, why);
    if (execute && !blind && !held && s->mode >= LL_MODE_APPROVE && t->seen.known &&
        (double)t->seen.current == t->action.from_value) {
        ll_scaling_intend(s, t, t->seen.current, (int64_t)t->action.to_value, t->action.rule_id,
                          LL_SLICE("on_expiry"), t->action.reason);
        return;
    }
    ll_scaling_action_end(s, t, LL_ACTION_EXPIRED,
                          blind  ? "nobody answered, and without data nothing is scaled in"
                          : held ? why
                                 : NULL);
}

void ll_scaling_carry_out(struct ll_scaling *s, struct ll_live_target *t,
                          const struct ll_decision *d, bool news)
{
    expire(s, t, d);
    if (has_action(t) && ll_action_open(t->action.state))
        return;
    switch (d->verdict) {
    case LL_VERDICT_ACT:
        if (has_action(t))
            ll_scaling_action_end(s, t, LL_ACTION_SUPERSEDED, "decided anew");
        ll_scaling_intend(s, t, d->current, d->to, rule_of(t, d), LL_SLICE("loadline"),
                          ll_slice_of(d->reason));
        return;
    case LL_VERDICT_PROPOSE:
        if (d->at_once == d->current) {
            propose(s, t, d);
            return;
        }
        /* What needs no asking goes first; the rest is proposed from where that leads. */
        if (has_action(t))
            ll_scaling_action_end(s, t, LL_ACTION_SUPERSEDED, "part of it is done without asking");
        ll_scaling_intend(s, t, d->current, d->at_once, rule_of(t, d), LL_SLICE("loadline"),
                          ll_slice_of(d->reason));
        return;
    case LL_VERDICT_OBSERVE:
        observe_only(s, t, d, news);
        break;
    case LL_VERDICT_HELD:
    case LL_VERDICT_NOTHING:
        break;
    }
    /* Without data nobody knows whether it is needed: it waits until it expires. */
    if (has_action(t) && !lacks_data(d))
        ll_scaling_action_end(s, t, LL_ACTION_SUPERSEDED, "it is not needed any more");
}

/* --- what came back --- */

static void cooldowns(const struct ll_live_target *t, ll_dur *out, ll_dur *in)
{
    *out = *in = 0;
    for (size_t i = 0; i < t->n_rules; i++) {
        if (t->rules[i].rule->input_only)
            continue;
        *out = LL_MAX(*out, t->rules[i].rule->cooldown_out);
        *in = LL_MAX(*in, t->rules[i].rule->thresholds.cooldown);
    }
}

static void see(struct ll_scaling *s, struct ll_live_target *t, int64_t current, int64_t ready)
{
    const ll_time now = ll_engine_now(s->e);
    const bool differs = !t->seen.known || t->seen.current != current || t->seen.ready != ready;
    t->seen = (struct ll_target_seen){true, current, ready, now};
    s->units_counted &= !differs;
    if (differs)
        t->dirty = t->changed = s->any_dirty = true;
}

/* What was asked for is there; of a target that does not say so, when it is read the next time. */
static void see_ready(struct ll_scaling *s, struct ll_live_target *t, int64_t ready)
{
    ll_dur out, in;
    if (!t->state.warming || (ready >= 0 && ready < t->state.expected))
        return;
    cooldowns(t, &out, &in);
    ll_scaling_note_ready(&t->state, ready >= 0, out, in, ll_engine_now(s->e));
    t->unsaved = t->dirty = t->changed = s->any_dirty = true;
}

static void observed(struct ll_scaling *s, struct ll_live_target *t, const struct ll_actor_job *j)
{
    t->observing = false;
    if (j->outcome == LL_OUTCOME_OK) {
        if (t->condition[0]) {
            t->condition[0] = '\0';
            t->changed = true;
        }
        see(s, t, j->seen.current, j->seen.ready);
        see_ready(s, t, j->seen.ready);
        return;
    }
    t->observe_at += LL_MIN(j->retry_after, 10 * LL_MINUTE);
    char text[LL_CONDITION_MAX];
    snprintf(text, sizeof(text), "%s: %.220s", ll_outcome_name(j->outcome), j->err.text);
    if (strcmp(text, t->condition) != 0) {
        memcpy(t->condition, text, sizeof(text));
        t->changed = true;
        LL_LOG(LL_LOG_WARN, "a target cannot be read", LL_KV("target", j->name),
               LL_KV("error", t->condition));
    }
    /* What was seen lately still counts; after three intervals it is not known. */
    const ll_dur interval = s->e->config->config->check_interval;
    if (t->seen.known && ll_engine_now(s->e) - t->seen.t > 3 * interval) {
        t->seen.known = s->units_counted = false;
        t->dirty = s->any_dirty = true;
    }
}

static void ended(struct ll_scaling *s, struct ll_live_target *t, const struct ll_actor_job *j)
{
    const struct ll_act_result *r = &j->result;
    const ll_time now = ll_engine_now(s->e);
    t->acting = false;
    if (!has_action(t) || strcmp(t->action_id, j->action_id) != 0)
        return;
    if (r->state == LL_ACTION_APPLIED) {
        note_removal(s, t);
        ll_scaling_note_applied(&t->state, j->from, j->to, now);
        t->observe_at = 0; /* look when it is ready */
    } else if (r->state == LL_ACTION_FAILED || r->state == LL_ACTION_UNKNOWN ||
               r->state == LL_ACTION_NOT_APPLIED) {
        ll_scaling_note_failed(&t->state, now);
    }
    if (r->state != LL_ACTION_APPLIED)
        snprintf(t->condition, sizeof(t->condition), "%.250s", r->text);
    else
        t->condition[0] = '\0';
    if (r->seen >= 0) /* how many are ready was not asked: those of before at most */
        see(s, t, r->seen, t->seen.known ? LL_MIN(t->seen.ready, r->seen) : -1);
    ll_scaling_action_end(s, t, r->state, r->text);
    if (ll_action_open(r->state))
        t->settle_at = s->e->clock.mono(s->e->clock.self) + LL_MAX(SETTLE_EVERY, r->retry_after);
    s->counted.actions += r->state == LL_ACTION_APPLIED;
    s->counted.failed += r->state == LL_ACTION_FAILED || r->state == LL_ACTION_UNKNOWN;
}

void ll_scaling_came(struct ll_scaling *s, struct ll_actor_job *j)
{
    struct ll_live_target *t = NULL;
    if (j->generation == s->generation)
        t = &s->targets[j->target];
    else if (j->verb != LL_ACTOR_OBSERVE)
        t = ll_scaling_find(s, ll_slice_of(j->name));
    if (t && j->verb == LL_ACTOR_OBSERVE)
        observed(s, t, j);
    else if (t)
        ended(s, t, j);
    ll_actor_job_free(j);
}

void ll_scaling_observe_due(struct ll_scaling *s, ll_time mono)
{
    const ll_dur interval = s->e->config->config->check_interval;
    for (size_t i = 0; i < s->n_targets; i++) {
        struct ll_live_target *t = &s->targets[i];
        if (t->acting)
            continue;
        if (t->settle_at != LL_TIME_NONE && mono >= t->settle_at && has_action(t)) {
            t->settle_at = mono + SETTLE_EVERY;
            if (!ll_scaling_send(s, t, LL_ACTOR_SETTLE))
                return;
        } else if (!t->observing && mono >= t->observe_at) {
            t->observe_at = mono + interval;
            if (!ll_scaling_send(s, t, LL_ACTOR_OBSERVE))
                return;
        }
    }
}
