/* How rules, targets, actions look. */
#include <math.h>
#include <string.h>

#include "api/members.h"
#include "api/scaling.h"
#include "config/rules_file.h"
#include "engine/scaling_record.h"

static void whole(struct ll_json_out *j, const char *key, int64_t v)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, v);
}

static void span(struct ll_json_out *j, const char *key, ll_dur d)
{
    ll_json_out_key(j, key);
    ll_json_out_seconds(j, (double)d / (double)LL_SECOND);
}

/* Times that are 0 when they are not known. */
static void moment(struct ll_json_out *j, const char *key, ll_time t)
{
    ll_member_moment(j, key, t == 0 ? LL_TIME_NONE : t);
}

ll_time ll_scaling_oldest_intent(const struct ll_scaling_book *b)
{
    ll_time oldest = LL_TIME_NONE;
    for (size_t i = 0; i < b->n_targets; i++) {
        const struct ll_held_target *t = b->targets[i];
        if (t->open_action && (oldest == LL_TIME_NONE || t->action.t < oldest))
            oldest = t->action.t;
    }
    return oldest;
}

/* The members of a canonical document, inside an object that goes on. */
static void members_of(struct ll_json_out *j, const struct ll_str *document)
{
    if (document->failed)
        j->out->failed = true;
    else
        ll_json_out_raw(j, ll_str_z(document) + 1, document->n - 2);
}

void ll_scaling_show_pause(struct ll_json_out *j, const char *key, const struct ll_pause_state *p)
{
    ll_json_out_key(j, key);
    ll_json_out_open(j, '{');
    ll_member_word(j, "what", ll_pause_name(p->what));
    ll_member_moment(j, "until", p->what == LL_PAUSE_NONE ? LL_TIME_NONE : p->until);
    ll_member_word(j, "actor", p->actor);
    ll_member_word(j, "reason", p->reason);
    ll_json_out_close(j, '}');
}

static void show_last(struct ll_json_out *j, const struct ll_held_decision *h)
{
    ll_json_out_key(j, "last");
    if (h->d.now == 0) {
        ll_json_out_null(j);
        return;
    }
    ll_json_out_open(j, '{');
    ll_member_word(j, "decision_id", h->id[0] ? h->id : NULL);
    ll_member_moment(j, "timestamp", h->d.now);
    ll_member_word(j, "verdict", ll_scaling_verdict_name(h->d.verdict));
    ll_member_word(j, "bound", ll_bound_name(h->d.bound));
    whole(j, "current", h->d.current);
    whole(j, "wanted", h->d.wanted);
    whole(j, "to", h->d.to);
    ll_member_word(j, "direction", ll_direction_name(h->d.direction));
    ll_member_word(j, "reason", h->d.reason);
    ll_member_moment(j, "valid_until", h->d.valid_until);
    ll_json_out_close(j, '}');
}

/* What this rule said to the last decision. */
static void show_proposal(struct ll_json_out *j, const struct ll_decision *d,
                          struct ll_slice rule_id)
{
    ll_json_out_key(j, "proposal");
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (!p->rule || !ll_slice_eq(p->rule->rule_id, rule_id))
            continue;
        ll_json_out_open(j, '{');
        ll_member_word(j, "state", ll_scaling_proposal_name(p->state));
        whole(j, "want", p->want);
        ll_member_word(j, "bound", ll_bound_name(p->bound));
        ll_member_yes(j, "shadow", p->shadow);
        ll_member_number(j, "demand", p->demand);
        ll_member_number(j, "utilization_pct", p->utilization * 100);
        ll_member_word(j, "text", p->text);
        ll_json_out_close(j, '}');
        return;
    }
    ll_json_out_null(j);
}

void ll_scaling_show_rule(struct ll_json_out *j, const struct ll_scaling_book *b,
                          const struct ll_held_rule *rule)
{
    const struct ll_held_target *t = b->targets[rule->target];
    struct ll_str document;
    ll_str_init(&document, 1 << 20);
    ll_rules_write_rule(rule->rule, &document);
    ll_json_out_open(j, '{');
    members_of(j, &document);
    ll_str_fini(&document);
    whole(j, "version", rule->version);
    ll_member_text(j, "source", rule->source);
    const bool ahead = rule->rule->policy == LL_POLICY_PREDICTIVE;
    ll_json_out_key(j, "trusted");
    if (ahead)
        ll_json_out_bool(j, rule->trusted);
    else
        ll_json_out_null(j);
    ll_member_word(j, "trust", rule->trust[0] ? rule->trust : NULL);
    show_proposal(j, &t->last.d, rule->rule->rule_id);
    show_last(j, &t->last);
    ll_json_out_close(j, '}');
}

void ll_scaling_show_action(struct ll_json_out *j, const struct ll_scaling_event *e)
{
    ll_json_out_open(j, '{');
    ll_member_text(j, "action_id", e->action_id);
    ll_member_text(j, "rule_id", e->rule_id);
    ll_member_text(j, "target", e->target);
    ll_member_text(j, "service", e->service);
    ll_member_word(j, "resource_type", ll_resource_name(e->type));
    ll_member_word(j, "state", ll_action_state_name(e->state));
    ll_member_word(j, "direction", ll_direction_name(e->direction));
    ll_member_number(j, "from_value", e->from_value);
    ll_member_number(j, "to_value", e->to_value);
    ll_member_text(j, "reason", e->reason);
    ll_member_moment(j, "timestamp", e->t);
    ll_member_text(j, "actor", e->actor);
    ll_json_out_key(j, "decision_id");
    if (e->decision.n)
        ll_json_out_text(j, e->decision);
    else
        ll_json_out_null(j);
    moment(j, "created", e->created);
    moment(j, "changed", e->changed);
    moment(j, "expires", e->expires);
    whole(j, "epoch", e->epoch);
    ll_json_out_close(j, '}');
}

void ll_scaling_show_decided(struct ll_json_out *j, const struct ll_held_target *t)
{
    ll_json_out_open(j, '{');
    ll_member_text(j, "target", t->target->name);
    ll_member_text(j, "service", t->target->service);
    show_last(j, &t->last);
    ll_json_out_key(j, "action");
    if (t->action.action_id.n)
        ll_scaling_show_action(j, &t->action);
    else
        ll_json_out_null(j);
    ll_json_out_close(j, '}');
}

static void show_override(struct ll_json_out *j, const struct ll_manual *m)
{
    ll_json_out_key(j, "override");
    if (!m->set) {
        ll_json_out_null(j);
        return;
    }
    ll_json_out_open(j, '{');
    ll_member_yes(j, "exact", m->exact);
    whole(j, "floor", m->floor);
    ll_json_out_key(j, "ceiling");
    if (m->ceiling > 0 || m->exact)
        ll_json_out_int(j, m->ceiling);
    else
        ll_json_out_null(j);
    ll_member_moment(j, "expires_at", m->until);
    ll_member_word(j, "actor", m->actor);
    ll_member_word(j, "reason", m->reason);
    ll_json_out_close(j, '}');
}

/* What is not known of the target is null. */
static void show_seen(struct ll_json_out *j, const struct ll_target_seen *s)
{
    ll_member_number(j, "current", s->known ? (double)s->current : (double)NAN);
    ll_member_number(j, "ready", s->known && s->ready >= 0 ? (double)s->ready : (double)NAN);
    ll_member_moment(j, "seen_at", s->t);
}

static void show_rule_ids(struct ll_json_out *j, const struct ll_scaling_book *b,
                          const struct ll_held_target *t)
{
    ll_json_out_key(j, "rules");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < b->n_rules; i++)
        if (b->targets[b->rules[i].target] == t)
            ll_json_out_text(j, b->rules[i].rule->rule_id);
    ll_json_out_close(j, ']');
}

void ll_scaling_show_target(struct ll_json_out *j, const struct ll_scaling_book *b,
                            const struct ll_held_target *t)
{
    struct ll_str document;
    ll_str_init(&document, 1 << 20);
    ll_rules_write_target(t->target, &document);
    ll_json_out_open(j, '{');
    members_of(j, &document);
    ll_str_fini(&document);
    whole(j, "version", t->version);
    ll_member_text(j, "source", t->source);
    show_seen(j, &t->seen);
    ll_member_word(j, "condition", t->condition[0] ? t->condition : NULL);
    ll_member_moment(j, "cooldown_out_until", t->cooldown_out);
    ll_member_moment(j, "cooldown_in_until", t->cooldown_in);
    span(j, "lead_seconds", t->lead);
    whole(j, "lead_learned_from", t->lead_n);
    show_override(j, &t->manual);
    ll_scaling_show_pause(j, "pause", &t->pause);
    ll_scaling_show_pause(j, "freeze", &t->freeze);
    ll_json_out_key(j, "action");
    if (t->action.action_id.n)
        ll_scaling_show_action(j, &t->action);
    else
        ll_json_out_null(j);
    show_rule_ids(j, b, t);
    show_last(j, &t->last);
    ll_json_out_close(j, '}');
}
