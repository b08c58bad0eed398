/* A decision's record: everything it was made from, and what it was, as one JSON document.
 *
 * {"target":{…},"rules":[{"rule":{…},"seen":{…},"ahead":{…},"windows":[…]}],"state":{…},
 *  "input":{…},"decision":{…}}.  Replaying reads all but the last member, decides with the same
 * code, and compares with it.  Times are milliseconds; numbers read back as the same doubles. */
#include "engine/scaling_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"

static void key(struct ll_str *o, const char *name)
{
    if (o->n > 0 && ll_str_z(o)[o->n - 1] != '{' && ll_str_z(o)[o->n - 1] != '[')
        ll_str_addc(o, ',');
    ll_str_addf(o, "\"%s\":", name);
}

static void add_int(struct ll_str *o, const char *name, int64_t v)
{
    key(o, name);
    ll_str_addf(o, "%lld", (long long)v);
}

static void add_num(struct ll_str *o, const char *name, double v)
{
    key(o, name);
    ll_json_text_number(o, v);
}

static void add_text(struct ll_str *o, const char *name, struct ll_slice v)
{
    key(o, name);
    ll_json_text_quote(o, v);
}

static void add_bool(struct ll_str *o, const char *name, bool v)
{
    key(o, name);
    ll_str_addz(o, v ? "true" : "false");
}

static void next_item(struct ll_str *o)
{
    if (ll_str_z(o)[o->n - 1] != '[')
        ll_str_addc(o, ',');
}

static void write_seen(const struct ll_observation *s, struct ll_str *o)
{
    key(o, "seen");
    ll_str_addc(o, '{');
    add_int(o, "state", s->state);
    add_text(o, "metric", s->metric);
    add_text(o, "unit", ll_slice_of(ll_unit_name(s->unit)));
    add_int(o, "instances", (int64_t)s->instances);
    add_int(o, "expected", (int64_t)s->expected);
    key(o, "samples");
    ll_str_addc(o, '[');
    for (size_t i = 0; i < s->n_samples; i++) {
        next_item(o);
        ll_str_addf(o, "[%lld,", (long long)s->samples[i].t);
        ll_json_text_number(o, s->samples[i].value);
        ll_str_addc(o, ',');
        ll_json_text_number(o, s->samples[i].capacity);
        ll_str_addc(o, ']');
    }
    ll_str_addz(o, "]}");
}

static void write_ahead(const struct ll_demand_ahead *a, struct ll_str *o)
{
    key(o, "ahead");
    ll_str_addc(o, '{');
    add_bool(o, "known", a->known);
    add_bool(o, "trusted", a->trusted);
    add_num(o, "demand", a->demand);
    add_num(o, "median", a->median);
    add_num(o, "tau", a->tau);
    add_int(o, "at", a->at);
    add_int(o, "origin", a->origin);
    add_int(o, "made", a->made);
    add_text(o, "model", a->model);
    add_text(o, "reason", a->reason);
    ll_str_addc(o, '}');
}

static void write_windows(const struct ll_rule_input *in, struct ll_str *o)
{
    key(o, "windows");
    ll_str_addc(o, '[');
    for (size_t i = 0; i < in->n_windows; i++) {
        const struct ll_window_now *w = &in->windows[i];
        next_item(o);
        ll_str_addc(o, '{');
        add_int(o, "window", (int64_t)(w->window - in->rule->windows));
        add_bool(o, "open", w->open);
        add_int(o, "amount", w->amount);
        add_int(o, "since", w->since);
        add_int(o, "until", w->until);
        add_int(o, "next", w->next);
        ll_str_addc(o, '}');
    }
    ll_str_addc(o, ']');
}

static void write_rules(const struct ll_scaling_input *in, struct ll_str *o)
{
    key(o, "rules");
    ll_str_addc(o, '[');
    for (size_t i = 0; i < in->n_rules; i++) {
        next_item(o);
        ll_str_addz(o, "{\"rule\":");
        ll_rules_write_rule(in->rules[i].rule, o);
        write_seen(&in->rules[i].seen, o);
        if (in->rules[i].rule->policy == LL_POLICY_PREDICTIVE)
            write_ahead(&in->rules[i].ahead, o);
        if (in->rules[i].n_windows)
            write_windows(&in->rules[i], o);
        ll_str_addc(o, '}');
    }
    ll_str_addc(o, ']');
}

static void write_pause(const struct ll_pause_state *p, struct ll_str *o)
{
    key(o, "pause");
    ll_str_addc(o, '{');
    add_text(o, "what", ll_slice_of(ll_pause_name(p->what)));
    add_int(o, "until", p->until);
    add_text(o, "actor", ll_slice_of(p->actor));
    add_text(o, "reason", ll_slice_of(p->reason));
    ll_str_addc(o, '}');
}

static void write_input(const struct ll_scaling_input *in, struct ll_str *o)
{
    key(o, "input");
    ll_str_addc(o, '{');
    add_bool(o, "known", in->seen.known);
    add_int(o, "current", in->seen.current);
    add_int(o, "ready", in->seen.ready);
    add_int(o, "seen_at", in->seen.t);
    add_bool(o, "open_action", in->open_action);
    add_text(o, "ceiling", ll_slice_of(ll_mode_name(in->ceiling)));
    write_pause(&in->pause, o);
    add_int(o, "removal_left", in->removal_left);
    add_int(o, "interval", in->interval);
    add_int(o, "now", in->now);
    ll_str_addc(o, '}');
}

static const char *const verdicts[] = {"nothing", "held", "observe", "propose", "act"};

const char *ll_scaling_verdict_name(enum ll_verdict v)
{
    return v < LL_LEN(verdicts) ? verdicts[v] : "?";
}

static const char *const proposal_states[] = {"wants", "floor", "none"};

const char *ll_scaling_proposal_name(enum ll_proposal_state s)
{
    return s < LL_LEN(proposal_states) ? proposal_states[s] : "?";
}

static void write_proposal(const struct ll_proposal *p, struct ll_str *o)
{
    ll_str_addc(o, '{');
    add_text(o, "rule_id", p->rule ? p->rule->rule_id : LL_SLICE("manual"));
    add_text(o, "state", ll_slice_of(ll_scaling_proposal_name(p->state)));
    add_int(o, "want", p->want);
    add_text(o, "bound", ll_slice_of(ll_bound_name(p->bound)));
    add_bool(o, "shadow", p->shadow);
    add_num(o, "demand", p->demand);
    add_num(o, "per_unit", p->per_unit);
    add_num(o, "goal", p->goal);
    add_num(o, "utilization", p->utilization);
    add_text(o, "text", ll_slice_of(p->text));
    ll_str_addc(o, '}');
}

static void write_stages(const struct ll_decision *d, struct ll_str *o)
{
    key(o, "stages");
    ll_str_addc(o, '[');
    for (size_t i = 0; i < LL_STAGE_COUNT; i++) {
        const struct ll_stage_note *n = &d->stages[i];
        next_item(o);
        ll_str_addc(o, '{');
        add_text(o, "stage", ll_slice_of(ll_stage_name((enum ll_stage)i)));
        add_int(o, "before", n->before);
        add_int(o, "after", n->after);
        add_text(o, "bound", ll_slice_of(ll_bound_name(n->bound)));
        add_int(o, "without", d->without[i]);
        add_text(o, "text", ll_slice_of(n->text));
        ll_str_addc(o, '}');
    }
    ll_str_addc(o, ']');
}

void ll_scaling_decision_write(const struct ll_decision *d, struct ll_str *o)
{
    ll_str_addc(o, '{');
    add_int(o, "now", d->now);
    add_int(o, "current", d->current);
    add_int(o, "wanted", d->wanted);
    add_int(o, "to", d->to);
    add_text(o, "direction", ll_slice_of(ll_direction_name(d->direction)));
    add_text(o, "verdict", ll_slice_of(ll_scaling_verdict_name(d->verdict)));
    add_text(o, "bound", ll_slice_of(ll_bound_name(d->bound)));
    add_text(o, "reason", ll_slice_of(d->reason));
    add_int(o, "winner", d->winner < d->n_proposals ? (int64_t)d->winner : -1);
    key(o, "proposals");
    ll_str_addc(o, '[');
    for (size_t i = 0; i < d->n_proposals; i++) {
        next_item(o);
        write_proposal(&d->proposals[i], o);
    }
    ll_str_addc(o, ']');
    write_stages(d, o);
    add_bool(o, "second_person", d->second_person);
    add_int(o, "decide_by", d->decide_by);
    add_int(o, "valid_until", d->valid_until);
    ll_str_addc(o, '}');
}

void ll_scaling_record_write(const struct ll_scaling_input *in,
                             const struct ll_scaling_state *state, const struct ll_decision *d,
                             const char *rules_hash, struct ll_str *o)
{
    ll_str_addc(o, '{');
    add_int(o, "version", 1);
    add_text(o, "rules_hash", ll_slice_of(rules_hash));
    key(o, "target");
    ll_rules_write_target(in->target, o);
    write_rules(in, o);
    key(o, "state");
    ll_scaling_state_write(state, o);
    write_input(in, o);
    key(o, "decision");
    ll_scaling_decision_write(d, o);
    ll_str_addc(o, '}');
}
