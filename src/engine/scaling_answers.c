/* What people answer to a proposal: yes, or no. */
#include <stdio.h>

#include "engine/scaling_command.h"
#include "engine/scaling_may.h"

static bool say_pause(const struct ll_pause_state *p, const char *what,
                      char why[static LL_HELD_BACK_MAX])
{
    char until[LL_TIME_TEXT_MAX] = "it is ended";
    if (p->until != LL_TIME_NONE)
        ll_time_format(p->until, until);
    snprintf(why, LL_HELD_BACK_MAX, "%s by %.40s until %s", what, p->actor, until);
    return true;
}

/* The rule whose proposal it is, as it is now: it may have been taken away, or lowered. */
static bool rule_holds(const struct ll_live_target *t, char why[static LL_HELD_BACK_MAX])
{
    const struct ll_slice id = t->action.rule_id;
    for (size_t i = 0; i < t->n_rules; i++) {
        const struct ll_scaling_rule *r = t->rules[i].rule;
        if (!ll_slice_eq(r->rule_id, id))
            continue;
        if (r->mode >= LL_MODE_APPROVE)
            return false;
        snprintf(why, LL_HELD_BACK_MAX, "the rule '%.*s' is in the mode %s", (int)id.n, id.s,
                 ll_mode_name(r->mode));
        return true;
    }
    if (id.n == 0)
        return false;
    snprintf(why, LL_HELD_BACK_MAX, "there is no rule '%.*s' any more", (int)id.n, id.s);
    return true;
}

bool ll_scaling_held_back(const struct ll_scaling *s, const struct ll_live_target *t, ll_time now,
                          char why[static LL_HELD_BACK_MAX])
{
    const double to = t->action.to_value;
    const bool out = to > t->action.from_value;
    if (ll_pause_state_holds(&s->pause, out, now))
        return say_pause(&s->pause, "everything is paused", why);
    if (ll_pause_state_holds(&t->state.pause, out, now))
        return say_pause(&t->state.pause, "the target is paused", why);
    if (ll_pause_state_holds(&t->state.freeze, out, now))
        return say_pause(&t->state.freeze, "a freeze was set", why);
    if (rule_holds(t, why))
        return true;
    /* Towards its range a target comes step by step. */
    if (out ? t->target->max == 0 || to <= (double)t->target->max : to >= (double)t->target->min)
        return false;
    snprintf(why, LL_HELD_BACK_MAX, "%g is outside the range of %lld to %lld", to,
             (long long)t->target->min, (long long)t->target->max);
    return true;
}

static struct ll_live_target *target_of_action(struct ll_scaling *s,
                                               struct ll_scaling_command_run *c)
{
    for (size_t i = 0; i < s->n_targets; i++)
        if (s->targets[i].action.action_id.n &&
            ll_slice_eq(s->targets[i].action.action_id, c->c.id))
            return ll_scaling_may(&c->scope, s->targets[i].target->service, &c->answer.err)
                       ? &s->targets[i]
                       : NULL;
    ll_scaling_command_fail(c, LL_E_NOT_FOUND, "there is no action '%.*s' that waits",
                            (int)c->c.id.n, c->c.id.s);
    return NULL;
}

/* The target whose action waits for an answer. */
static struct ll_live_target *proposal_of(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_live_target *t = target_of_action(s, c);
    if (!t || t->action.state == LL_ACTION_PROPOSED)
        return t;
    ll_scaling_command_fail(c, LL_E_CONFLICT, "the action is %s, it does not wait any more",
                            ll_action_state_name(t->action.state));
    return NULL;
}

/* Copied: the target goes on while the answer waits for the disk. */
static void answer_action(struct ll_scaling_command_run *c, const struct ll_live_target *t)
{
    struct ll_scaling_event *e = &c->answer.action;
    *e = t->action;
    e->action_id = ll_scaling_command_copy(c->arena, e->action_id);
    e->rule_id = ll_scaling_command_copy(c->arena, e->rule_id);
    e->target = ll_scaling_command_copy(c->arena, e->target);
    e->service = ll_scaling_command_copy(c->arena, e->service);
    e->reason = ll_scaling_command_copy(c->arena, e->reason);
    e->actor = ll_scaling_command_copy(c->arena, e->actor);
    e->decision = ll_scaling_command_copy(c->arena, e->decision);
}

/* A large step waits for another person: the first is noted. */
static bool first_person(struct ll_scaling *s, struct ll_scaling_command_run *c,
                         struct ll_live_target *t)
{
    struct ll_scaling_event e = t->action;
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!k)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    e.actor = c->c.actor.name;
    e.changed = ll_engine_now(s->e);
    ll_scaling_keep_event(k, &e);
    ll_scaling_action_set(t, &e);
    ll_scaling_command_audit(s, c, k, "\"first\":true");
    answer_action(c, t);
    return ll_scaling_command_keep(s, c, k);
}

bool ll_scaling_command_approve(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_live_target *t = proposal_of(s, c);
    if (!t)
        return false;
    if (!t->seen.known || (double)t->seen.current != t->action.from_value) {
        const int64_t now = t->seen.known ? t->seen.current : -1;
        ll_scaling_action_end(s, t, LL_ACTION_SUPERSEDED, "its base changed");
        return ll_scaling_command_fail(
            c, LL_E_CONFLICT,
            "the target is at %lld, not where it was proposed from: a new proposal "
            "follows",
            (long long)now);
    }
    char why[LL_HELD_BACK_MAX];
    if (ll_scaling_held_back(s, t, ll_engine_now(s->e), why))
        return ll_scaling_command_fail(c, LL_E_CONFLICT, "nothing is sent: %s", why);
    if (s->mode < LL_MODE_APPROVE)
        return ll_scaling_command_fail(c, LL_E_DENIED, "the mode is %s: nothing is sent",
                                       ll_mode_name(s->mode));
    const bool first = t->action.actor.n == 0 || ll_slice_is(t->action.actor, "loadline");
    if (ll_scaling_needs_second(t) && first)
        return first_person(s, c, t);
    if (ll_scaling_needs_second(t) && ll_slice_eq(t->action.actor, c->c.actor.name))
        return ll_scaling_command_fail(c, LL_E_DENIED, "a step of this size needs a second person");
    /* Who said so goes to the disk before what is done of it. */
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!k)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    ll_scaling_command_audit(s, c, k, ll_scaling_needs_second(t) ? "\"second\":true" : "");
    if (!ll_scaling_command_keep(s, c, k))
        return false;
    ll_scaling_intend(s, t, t->seen.current, (int64_t)t->action.to_value, t->action.rule_id,
                      c->c.actor.name, t->action.reason);
    answer_action(c, t);
    return true;
}

bool ll_scaling_command_reject(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_live_target *t = proposal_of(s, c);
    if (!t)
        return false;
    struct ll_scaling_event e = t->action;
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!k)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    e.state = LL_ACTION_REJECTED;
    e.actor = c->c.actor.name;
    e.changed = ll_engine_now(s->e);
    ll_scaling_keep_event(k, &e);
    ll_scaling_command_audit(s, c, k, "");
    ll_scaling_news(s, t->target, &e);
    answer_action(c, t);
    c->answer.action.state = LL_ACTION_REJECTED;
    c->answer.action.actor = c->c.actor.name;
    ll_scaling_rejected(s, t);
    return ll_scaling_command_keep(s, c, k);
}
