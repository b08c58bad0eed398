/* Samples and time: which targets must be decided again, and with what. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/forecasts.h"
#include "engine/scaling_keep.h"

enum { SAVE_EVERY_S = 60, SAVES_AT_ONCE = 200, STALE_MIN_S = 60, CELLS_AT_ONCE = 2 };

static void mark(struct ll_scaling *s, size_t cell)
{
    size_t lo = 0, hi = s->n_watchers;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->watchers[mid][0] < cell)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < s->n_watchers && s->watchers[lo][0] == cell; lo++)
        s->targets[s->watchers[lo][1]].dirty = s->any_dirty = true;
}

void ll_scaling_sample(struct ll_scaling *s, const struct ll_sample *sample)
{
    size_t cells[CELLS_AT_ONCE];
    const size_t n = ll_watch_record(s->watch, sample, cells, CELLS_AT_ONCE);
    for (size_t i = 0; i < n && i < CELLS_AT_ONCE; i++)
        mark(s, cells[i]);
}

void ll_scaling_ended(struct ll_scaling *s, const struct ll_series_end *e)
{
    ll_watch_end(s->watch, e);
}

void ll_scaling_forecast_came(struct ll_scaling *s, struct ll_slice service,
                              enum ll_resource_type type)
{
    for (size_t i = 0; i < s->n_targets; i++)
        for (size_t r = 0; r < s->targets[i].n_rules; r++) {
            const struct ll_scaling_rule *rule = s->targets[i].rules[r].rule;
            if (rule->policy == LL_POLICY_PREDICTIVE && rule->type == type &&
                ll_slice_eq(rule->service, service))
                s->targets[i].dirty = s->any_dirty = true;
        }
}

void ll_scaling_clock_stepped(struct ll_scaling *s, ll_dur by)
{
    ll_watch_step(s->watch, by);
    for (size_t i = 0; i < s->n_targets; i++) {
        struct ll_live_target *t = &s->targets[i];
        t->dirty = t->unsaved = true;
        ll_scaling_state_step(&t->state, by);
        for (size_t r = 0; r < t->n_rules; r++)
            t->rules[r].windows_until = LL_TIME_NONE;
    }
    for (size_t i = 0; i < s->n_removals; i++)
        s->removals[i].t += by;
    s->any_dirty = true;
}

static void look_at_windows(struct ll_live_rule *r, ll_time now)
{
    struct ll_err err;
    if (r->trouble[0] || (r->windows_until != LL_TIME_NONE && now < r->windows_until))
        return;
    ll_time until = LL_TIME_MAX;
    for (size_t i = 0; i < r->rule->n_windows; i++) {
        if (!ll_schedule_at(&r->rule->windows[i], &r->sources[i], now, &r->windows[i], &err)) {
            snprintf(r->trouble, sizeof(r->trouble), "%.190s", err.text);
            return;
        }
        if (r->windows[i].next != LL_TIME_NONE)
            until = LL_MIN(until, r->windows[i].next);
    }
    r->windows_until = until;
}

static ll_dur stale_after(const struct ll_scaling *s, const struct ll_scaling_rule *rule)
{
    const ll_dur interval = s->e->config->config->check_interval;
    return rule->stale > 0 ? rule->stale : LL_MAX(3 * interval, STALE_MIN_S * LL_SECOND);
}

static void look_ahead(struct ll_scaling *s, const struct ll_live_target *t, struct ll_live_rule *r,
                       ll_time now)
{
    char text[LL_DEMAND_TEXT_MAX];
    struct ll_demand d;
    const ll_dur lead =
        r->rule->lead > 0 ? r->rule->lead : ll_scaling_lead(&t->state, t->target->boot_delay);
    const struct ll_demand_ask ask = {.service = r->rule->service,
                                      .type = r->rule->type,
                                      .from = now,
                                      .span = lead + s->e->config->config->check_interval,
                                      .quantile = r->rule->quantile};
    ll_engine_demand(s->e, &ask, &d);
    snprintf(r->model, sizeof(r->model), "%.60s", d.model);
    snprintf(r->reason, sizeof(r->reason), "%.190s", ll_demand_text(&d, text));
    r->ahead = (struct ll_demand_ahead){
        .known = d.kind == LL_DEMAND_KNOWN || d.kind == LL_DEMAND_UNTRUSTED,
        .trusted = d.kind == LL_DEMAND_KNOWN,
        .demand = d.said,
        .median = NAN,
        .tau = d.quantile,
        .at = d.at,
        .origin = d.origin,
        .made = d.made == LL_TIME_NONE ? 0 : d.made,
        .model = ll_slice_of(r->model),
        .reason = ll_slice_of(r->reason),
    };
}

/* What a target's rules see; the next moment at which any of it changes by time alone. */
static ll_time look(struct ll_scaling *s, struct ll_live_target *t, struct ll_rule_input *in,
                    ll_time now)
{
    const ll_dur interval = s->e->config->config->check_interval;
    ll_time until = LL_TIME_MAX;
    for (size_t i = 0; i < t->n_rules; i++) {
        struct ll_live_rule *r = &t->rules[i];
        in[i] = (struct ll_rule_input){.rule = r->rule};
        look_at_windows(r, now);
        if (!r->trouble[0]) {
            in[i].windows = r->windows;
            in[i].n_windows = r->rule->n_windows;
            if (r->windows_until != LL_TIME_NONE)
                until = LL_MIN(until, r->windows_until);
        }
        if (r->cell != SIZE_MAX) {
            const ll_dur stale = stale_after(s, r->rule);
            const struct ll_watch_ask ask = {
                now, stale, t->seen.known && !t->target->vertical ? t->seen.ready : -1};
            ll_watch_observe(s->watch, r->cell, &ask, &in[i].seen);
            const ll_time at = ll_watch_stale_at(s->watch, r->cell, stale, now);
            if (at != LL_TIME_NONE)
                until = LL_MIN(until, at);
        }
        if (r->rule->policy == LL_POLICY_PREDICTIVE) {
            look_ahead(s, t, r, now);
            in[i].ahead = r->ahead;
            until = LL_MIN(until, now + interval);
        }
    }
    return until;
}

static bool is_news(const struct ll_recorded *r, const struct ll_decision *d)
{
    return !r->any || r->verdict != d->verdict || r->bound != d->bound ||
           r->current != d->current || r->to != d->to;
}

static void record(struct ll_scaling *s, struct ll_live_target *t,
                   const struct ll_scaling_input *in, const struct ll_scaling_state *before,
                   const struct ll_decision *d)
{
    struct ll_scaling_keep *k = ll_scaling_keep_some(s);
    struct ll_str text;
    if (!k)
        return;
    ll_str_init(&text, LL_DECISION_RECORD_MAX);
    ll_scaling_new_id(s, t->decision_id);
    ll_scaling_record_write(in, before, d, s->set->hash, &text);
    const struct ll_decision_row row = {
        .id = ll_slice_of(t->decision_id),
        .t = d->now,
        .target = t->target->name,
        .service = t->target->service,
        .verdict = ll_slice_of(ll_scaling_verdict_name(d->verdict)),
        .current = d->current,
        .to = d->to,
        .record = {ll_str_z(&text), text.n},
    };
    ll_scaling_keep_decision(k, &row);
    ll_scaling_keep_state(k, t->target->name, &t->state);
    ll_str_fini(&text);
    t->recorded = (struct ll_recorded){true, d->verdict, d->bound, d->current, d->wanted, d->to};
    s->recorded[s->n_recorded++] = (size_t)(t - s->targets);
    s->counted.recorded++;
}

void ll_scaling_evaluate(struct ll_scaling *s, struct ll_live_target *t)
{
    const ll_time now = ll_engine_now(s->e);
    struct ll_err err;
    struct ll_decision d;
    struct ll_scaling_state next;
    ll_arena_reset(s->scratch);
    struct ll_rule_input *rules =
        LL_ARENA_NEW(s->scratch, struct ll_rule_input, LL_MAX(t->n_rules, (size_t)1));
    t->dirty = false;
    t->due = now + s->e->config->config->check_interval;
    if (!rules)
        return;
    const ll_time until = look(s, t, rules, now);
    const struct ll_scaling_input in = {
        .target = t->target,
        .rules = rules,
        .n_rules = t->n_rules,
        .seen = t->seen,
        .open_action = t->action.action_id.n > 0 && ll_action_open(t->action.state),
        .ceiling = s->mode,
        .pause = s->pause,
        .removal_left = ll_scaling_removal_left(s, now),
        .interval = s->e->config->config->check_interval,
        .now = now,
    };
    if (!ll_scaling_decide(&in, &t->state, s->scratch, &d, &next, &err)) {
        LL_LOG(LL_LOG_ERROR, "no decision", LL_KV("target", t->target->name.s),
               LL_KV("error", err.text));
        return;
    }
    t->due = LL_MIN(until, d.valid_until);
    const struct ll_scaling_state before = t->state;
    t->state = next;
    t->unsaved = true;
    const bool news = is_news(&t->recorded, &d);
    if (news)
        record(s, t, &in, &before, &d);
    ll_scaling_hold(s, t, &d);
    ll_scaling_carry_out(s, t, &d, news);
    /* Also of what has just been proposed; what was sent is settled in its own time. */
    if (t->action.action_id.n && t->action.state == LL_ACTION_PROPOSED && t->action.expires > now)
        t->due = LL_MIN(t->due, t->action.expires);
    s->counted.decisions++;
}

/* A book of many rules takes a while to make: 100,000 of them once a second. */
static ll_dur book_gap(const struct ll_scaling *s)
{
    return (ll_dur)(s->set->doc->n_rules / 100);
}

/* What changed without a decision of its own being recorded: some at a time. */
static void save_some(struct ll_scaling *s, ll_time mono)
{
    struct ll_scaling_keep *k = NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->n_targets && n < SAVES_AT_ONCE; i++) {
        struct ll_live_target *t = &s->targets[i];
        if (!t->unsaved || mono - t->saved < SAVE_EVERY_S * LL_SECOND)
            continue;
        if (!k && !(k = ll_scaling_keep_new(s)))
            return;
        ll_scaling_keep_state(k, t->target->name, &t->state);
        t->unsaved = false;
        t->saved = mono;
        n++;
    }
    if (k && !ll_scaling_keep_send(k, NULL, NULL))
        LL_LOG(LL_LOG_WARN, "states of scaling wait: storage is busy", LL_KVI("targets", n));
}

/* Mono; LL_TIME_NONE = nothing is due by itself. */
ll_time ll_scaling_due(const struct ll_scaling *s)
{
    const ll_time now = ll_engine_now(s->e), mono = s->e->clock.mono(s->e->clock.self);
    ll_time due = LL_TIME_NONE;
    if (s->any_dirty)
        return mono;
    if (s->n_targets && s->next_due != LL_TIME_MAX)
        due = mono + LL_MAX(s->next_due - now, (ll_dur)0);
    if (s->unpublished)
        due = due == LL_TIME_NONE ? s->published + book_gap(s)
                                  : LL_MIN(due, s->published + book_gap(s));
    return due;
}

static void decide_due(struct ll_scaling *s, ll_time now)
{
    ll_time next = LL_TIME_MAX;
    s->in_round = true;
    for (size_t i = 0; i < s->n_targets; i++) {
        struct ll_live_target *t = &s->targets[i];
        if (t->dirty || t->due <= now) {
            ll_scaling_evaluate(s, t);
            s->unpublished = true;
        }
        next = LL_MIN(next, t->due);
    }
    ll_scaling_round_flush(s);
    s->in_round = false;
    s->next_due = next;
}

void ll_scaling_run(struct ll_scaling *s)
{
    const ll_time now = ll_engine_now(s->e), mono = s->e->clock.mono(s->e->clock.self);
    if (s->any_dirty || now >= s->next_due) {
        s->any_dirty = false;
        decide_due(s, now);
        save_some(s, mono);
    }
    if (s->unpublished && mono >= s->published + book_gap(s)) {
        s->unpublished = false;
        s->published = mono;
        ll_scaling_publish(s);
    }
}
