#include "scaling/simulate.h"

#include <math.h>
#include <stdlib.h>

#include "scaling/fleet.h"

enum { ARENA_MAX = 1 << 20, SAMPLES = 32 };

/* One rule through the replay: the windows' state is asked for again only when it changes. */
struct replayed {
    struct ll_window_now windows[LL_RULE_WINDOWS_MAX];
    ll_time windows_until;
    struct ll_seen_sample samples[SAMPLES]; /* newest first */
    size_t n_samples;
};

struct replay {
    const struct ll_sim_opts *o;
    const struct ll_sim_demand *demand;
    struct ll_fleet fleet;
    struct ll_scaling_state state[2]; /* in turns */
    struct replayed rules[LL_TARGET_RULES_MAX];
    struct ll_rule_input inputs[LL_TARGET_RULES_MAX];
    struct ll_arena *arena;
    bool warming;
};

static bool look_at_windows(struct replay *r, size_t i, ll_time now, struct ll_err *err)
{
    const struct ll_scaling_rule *rule = &r->o->rules[i];
    struct replayed *p = &r->rules[i];
    if (p->windows_until != LL_TIME_NONE && now < p->windows_until)
        return true;
    ll_time until = LL_TIME_MAX;
    LL_ASSERT(rule->n_windows <= LL_RULE_WINDOWS_MAX);
    for (size_t w = 0; w < rule->n_windows; w++) {
        if (!ll_schedule_at(&rule->windows[w], &r->o->sources[i][w], now, &p->windows[w], err))
            return false;
        if (p->windows[w].next != LL_TIME_NONE)
            until = LL_MIN(until, p->windows[w].next);
    }
    p->windows_until = until;
    return true;
}

static void remember(struct replayed *p, const struct ll_seen_sample *s)
{
    p->n_samples = LL_MIN(p->n_samples + 1, (size_t)SAMPLES);
    for (size_t i = p->n_samples - 1; i > 0; i--)
        p->samples[i] = p->samples[i - 1];
    p->samples[0] = *s;
}

static void observe(struct replay *r, size_t i, size_t step, ll_time now)
{
    struct replayed *p = &r->rules[i];
    const struct ll_fleet *f = &r->fleet;
    const double v = r->demand->v[step];
    const double units = r->o->target->capacity.units_per_instance;
    if (!isnan(v)) {
        const struct ll_seen_sample s = {now, v, (double)LL_MAX(f->ready, 1) * units};
        remember(p, &s);
    }
    r->inputs[i].seen = (struct ll_observation){
        .state = isnan(v) ? LL_SEEN_MISSING : LL_SEEN_OK,
        .metric = r->o->target->service,
        .samples = p->samples,
        .n_samples = p->n_samples,
        .instances = (size_t)f->ready,
        .expected = (size_t)f->ready,
    };
}

static bool prepare(struct replay *r, size_t step, ll_time now, ll_dur lead, struct ll_err *err)
{
    for (size_t i = 0; i < r->o->n_rules; i++) {
        const struct ll_scaling_rule *rule = &r->o->rules[i];
        struct ll_rule_input *in = &r->inputs[i];
        if (!look_at_windows(r, i, now, err))
            return false;
        in->rule = rule;
        in->windows = r->rules[i].windows;
        in->n_windows = rule->n_windows;
        observe(r, i, step, now);
        in->ahead = (struct ll_demand_ahead){.reason = LL_SLICE("no forecast in this replay")};
        if (r->o->ahead && rule->policy == LL_POLICY_PREDICTIVE)
            r->o->ahead(r->o->ctx, step, (rule->lead ? rule->lead : lead) + r->demand->step,
                        rule->quantile, &in->ahead);
    }
    return true;
}

static void apply(struct replay *r, int64_t to, ll_time now, bool scored,
                  struct ll_scaling_state *next)
{
    const int64_t from = r->fleet.told;
    if (to == from)
        return;
    ll_fleet_tell(&r->fleet, to, now, scored);
    ll_scaling_note_applied(next, from, to, now);
    r->warming = true;
}

/* The cooldowns begin when what was asked for is there. */
static void note_ready(struct replay *r, struct ll_scaling_state *s, ll_time now)
{
    if (!r->warming || r->fleet.n_booting > 0)
        return;
    ll_dur out = 0, in = 0;
    for (size_t i = 0; i < r->o->n_rules; i++) {
        if (r->o->rules[i].input_only)
            continue;
        out = LL_MAX(out, r->o->rules[i].cooldown_out);
        in = LL_MAX(in, r->o->rules[i].thresholds.cooldown);
    }
    ll_scaling_note_ready(s, true, out, in, now);
    r->warming = false;
}

static bool run_step(struct replay *r, size_t step, ll_sim_step_fn *each, void *ctx,
                     struct ll_err *err)
{
    const ll_time now = r->demand->start + (ll_dur)step * r->demand->step;
    struct ll_scaling_state *state = &r->state[step % 2], *next = &r->state[(step + 1) % 2];
    ll_fleet_boot(&r->fleet, now);
    note_ready(r, state, now);
    ll_fleet_score(&r->fleet, step);
    if (!prepare(r, step, now, ll_scaling_lead(state, r->o->target->boot_delay), err))
        return false;
    const struct ll_scaling_input in = {
        .target = r->o->target,
        .rules = r->inputs,
        .n_rules = r->o->n_rules,
        .seen = {true, r->fleet.told, r->fleet.ready, now},
        .ceiling = LL_MODE_AUTO,
        .pause = {.until = LL_TIME_NONE},
        .removal_left = -1,
        .interval = r->demand->step,
        .now = now,
    };
    struct ll_decision d;
    ll_arena_reset(r->arena);
    if (!ll_scaling_decide(&in, state, r->arena, &d, next, err))
        return false;
    apply(r, d.to, now, step >= r->demand->from, next);
    if (each)
        each(ctx, step, &d, r->fleet.told, r->fleet.ready);
    return true;
}

static bool start(struct replay *r, struct ll_err *err)
{
    if (!ll_fleet_init(&r->fleet, r->o, r->demand, err))
        return false;
    if (r->o->n_rules > LL_TARGET_RULES_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu rules on one target: at most %d", r->o->n_rules,
                          LL_TARGET_RULES_MAX);
    ll_scaling_state_init(&r->state[0]);
    for (size_t i = 0; i < r->o->n_rules; i++)
        r->rules[i].windows_until = LL_TIME_NONE;
    /* It begins as somebody would have it who sizes for the first sample. */
    const int64_t first = ll_fleet_need(&r->fleet, r->demand->v[0]);
    r->fleet.told = r->fleet.ready =
        LL_MIN(LL_MAX(first, LL_MAX(r->o->target->min, 1)), r->o->target->max);
    return true;
}

bool ll_simulate(const struct ll_sim_opts *o, const struct ll_sim_demand *demand,
                 ll_sim_step_fn *each, void *ctx, struct ll_sim_result *out, struct ll_err *err)
{
    struct replay *r = calloc(1, sizeof(*r));
    LL_AUTO(ll_arena) arena = ll_arena_new(ARENA_MAX);
    bool ok = r && arena;
    if (!ok) {
        free(r);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a replay");
    }
    r->o = o;
    r->demand = demand;
    r->arena = arena;
    ok = start(r, err);
    for (size_t step = 0; ok && step < demand->n; step++)
        ok = run_step(r, step, each, ctx, err);
    if (ok)
        ll_fleet_result(&r->fleet, "policy", out);
    free(r);
    return ok;
}
