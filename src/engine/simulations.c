#include "engine/simulations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "engine/scaling_private.h"
#include "engine/simulate_ahead.h"

enum { STEPS_MAX = 10500, EVENTS_MAX = 256 };

/* The rules of one run, with what their windows mean. */
struct run {
    struct ll_scaling_rule rules[LL_TARGET_RULES_MAX];
    struct ll_schedule_source *sources[LL_TARGET_RULES_MAX];
    struct ll_market_events *events[EVENTS_MAX];
    size_t n, n_events;
};

struct job {
    struct ll_engine *e;
    const struct ll_simulation_ask *ask;
    const struct ll_published *pub;
    const struct ll_rules_doc *doc, *known;
    struct ll_arena *out;
    ll_time now;
};

static struct run *run_new(void)
{
    return calloc(1, sizeof(struct run));
}

static void run_free(struct run *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++)
        free(r->sources[i]);
    for (size_t i = 0; i < r->n_events; i++)
        ll_market_events_free(r->events[i]);
    free(r);
}
LL_AUTO_DEFINE(run, run_free)

static bool add_rule(const struct job *j, struct run *r, const struct ll_scaling_rule *rule,
                     struct ll_err *err)
{
    if (r->n == LL_TARGET_RULES_MAX)
        return ll_err_set(err, LL_E_RANGE, "more than %d rules on one target", LL_TARGET_RULES_MAX);
    struct ll_schedule_source *src = calloc(LL_MAX(rule->n_windows, (size_t)1), sizeof(*src));
    r->sources[r->n] = src;
    r->rules[r->n] = *rule;
    r->rules[r->n++].mode = LL_MODE_AUTO;
    if (!src)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the windows");
    for (size_t i = 0; i < rule->n_windows; i++) {
        if (r->n_events == EVENTS_MAX)
            return ll_err_set(err, LL_E_RANGE, "more than %d windows on one target", EVENTS_MAX);
        if (!ll_scaling_source(j->pub->calendars, rule, i, (ll_day)(j->now / LL_DAY), &src[i],
                               &r->events[r->n_events], err))
            return ll_err_wrap(err, "rule '%.*s'", (int)LL_MIN(rule->rule_id.n, 60),
                               rule->rule_id.s);
        r->n_events += r->events[r->n_events] != NULL;
    }
    return true;
}

static bool has_rule(const struct ll_rules_doc *d, struct ll_slice id)
{
    for (size_t i = 0; i < d->n_rules; i++)
        if (ll_slice_eq(d->rules[i].rule_id, id))
            return true;
    return false;
}

static bool take_rules(const struct job *j, struct ll_slice target, bool proposed, struct run *r,
                       struct ll_err *err)
{
    for (size_t i = 0; proposed && i < j->doc->n_rules; i++)
        if (ll_slice_eq(j->doc->rules[i].target, target) && !add_rule(j, r, &j->doc->rules[i], err))
            return false;
    for (size_t i = 0; i < j->known->n_rules; i++) {
        const struct ll_scaling_rule *k = &j->known->rules[i];
        if (!ll_slice_eq(k->target, target) || k->mode == LL_MODE_OFF ||
            (proposed && has_rule(j->doc, k->rule_id)))
            continue;
        if (!add_rule(j, r, k, err))
            return false;
    }
    return true;
}

struct noted {
    int64_t *told;
};

static void note(void *ctx, size_t step, const struct ll_decision *d, int64_t told, int64_t ready)
{
    (void)d;
    (void)ready;
    ((struct noted *)ctx)->told[step] = told;
}

static bool replay(const struct job *j, const struct ll_target *t, const struct run *r,
                   const struct ll_sim_demand *d, struct ll_simulated_run *out, struct ll_err *err)
{
    LL_AUTO(ll_simulate_ahead) ahead = ll_simulate_ahead_new(d, t->capacity.units_per_instance);
    struct noted n = {LL_ARENA_NEW(j->out, int64_t, d->n)};
    if (!ahead || !n.told)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a replay");
    const struct ll_sim_opts o = {
        .target = t,
        .rules = r->rules,
        .sources = (const struct ll_schedule_source *const *)r->sources,
        .n_rules = r->n,
        .goal = j->ask->goal,
        .slo = j->ask->slo,
        .ahead = ll_simulate_ahead,
        .ctx = ahead,
    };
    out->told = n.told;
    return ll_simulate(&o, d, note, &n, &out->result, err);
}

static bool baselines(const struct job *j, const struct ll_target *t, struct ll_simulated *s,
                      struct ll_err *err)
{
    const struct ll_sim_opts o = {.target = t, .goal = j->ask->goal, .slo = j->ask->slo};
    for (int i = 0; i < LL_SIM_BASELINES; i++)
        if (!ll_simulate_baseline((enum ll_sim_baseline)i, &o, &s->demand, NULL, NULL,
                                  &s->baselines[i], err))
            return false;
    return true;
}

static bool read_demand(const struct job *j, const struct ll_target *t, struct ll_simulated *s,
                        struct ll_err *err)
{
    struct ll_history h = {0};
    const ll_dur least = LL_MAX(LL_MINUTE, j->pub->config->check_interval);
    const ll_dur step = LL_MAX(least, ll_engine_history_step(j->ask->span, STEPS_MAX));
    const struct ll_history_query q = {.service = t->service,
                                       .type = t->capacity.driver,
                                       .any_instance = true,
                                       .part = t->capacity.part,
                                       .from = j->now - j->ask->span,
                                       .to = j->now,
                                       .step = step - step % LL_SECOND};
    struct ll_store_reader *r = ll_engine_reader_take(j->e);
    if (!r)
        return ll_err_set(err, LL_E_STORAGE, "cannot open the store for reading");
    const bool ok = r->ops->history(r, &q, j->out, &h, err);
    ll_engine_reader_give(j->e, r);
    size_t first = 0;
    while (ok && h.found && first < h.n && isnan(h.value[first]))
        first++;
    if (ok && (!h.found || h.n - first < 2))
        return ll_err_set(err, LL_E_SHORT, "there is no history of its %s in the last %lld h",
                          ll_resource_name(q.type), (long long)(j->ask->span / LL_HOUR));
    s->type = q.type;
    s->demand = (struct ll_sim_demand){.start = h.t0 + (ll_dur)first * h.step,
                                       .step = h.step,
                                       .v = h.value + first,
                                       .n = h.n - first};
    s->demand.from = (size_t)(j->ask->learn * (double)s->demand.n);
    return ok;
}

static bool one(const struct job *j, const struct ll_target *t, struct ll_simulated *s,
                struct ll_err *err)
{
    LL_AUTO(run) proposed = run_new();
    LL_AUTO(run) live = run_new();
    *s = (struct ll_simulated){.target = t->name, .service = t->service};
    if (!proposed || !live)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a replay");
    if (!(t->capacity.units_per_instance > 0))
        return ll_err_set(err, LL_E_SHORT,
                          "what an instance carries is not declared: give capacity.driver and "
                          "capacity.units_per_instance (loadline capacity learn finds them)");
    if (!take_rules(j, t->name, true, proposed, err) || !take_rules(j, t->name, false, live, err) ||
        !read_demand(j, t, s, err) || !baselines(j, t, s, err) ||
        !replay(j, t, proposed, &s->demand, &s->proposed, err))
        return false;
    if (live->n == 0)
        return true;
    if (!replay(j, t, live, &s->demand, &s->live, err))
        return false;
    for (size_t i = s->demand.from; i < s->demand.n; i++)
        s->differ += s->proposed.told[i] != s->live.told[i];
    return true;
}

/* Of the document, else in force. */
static const struct ll_target *target_of(const struct job *j, struct ll_slice name)
{
    for (size_t i = 0; i < j->doc->n_targets; i++)
        if (ll_slice_eq(j->doc->targets[i].name, name))
            return &j->doc->targets[i];
    for (size_t i = 0; i < j->known->n_targets; i++)
        if (ll_slice_eq(j->known->targets[i].name, name))
            return &j->known->targets[i];
    return NULL;
}

static bool seen_before(const struct ll_rules_doc *d, size_t rule)
{
    for (size_t i = 0; i < rule; i++)
        if (ll_slice_eq(d->rules[i].target, d->rules[rule].target))
            return true;
    return false;
}

static bool all(struct job *j, struct ll_simulations *res, struct ll_err *err)
{
    if (j->doc->n_rules == 0)
        return ll_err_set(err, LL_E_INVALID, "the document has no rules to try");
    for (size_t i = 0; i < j->doc->n_rules; i++) {
        const struct ll_target *t = target_of(j, j->doc->rules[i].target);
        if (!t || seen_before(j->doc, i))
            continue;
        if (res->n == LL_SIMULATIONS_MAX)
            return ll_err_set(err, LL_E_RANGE, "more than %d targets at once", LL_SIMULATIONS_MAX);
        struct ll_simulated *s = &res->v[res->n++];
        if (!one(j, t, s, err))
            return ll_err_wrap(err, "target '%.*s'", (int)LL_MIN(t->name.n, 60), t->name.s);
        s->target.s = ll_arena_copy(j->out, t->name.s, t->name.n); /* the document goes */
        s->service.s = ll_arena_copy(j->out, t->service.s, t->service.n);
        if (!s->target.s || !s->service.s)
            return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    }
    return true;
}

bool ll_engine_simulate(struct ll_engine *e, const struct ll_simulation_ask *ask,
                        struct ll_arena *out, struct ll_simulations *res, struct ll_err *err)
{
    *res = (struct ll_simulations){.v = LL_ARENA_NEW(out, struct ll_simulated, LL_SIMULATIONS_MAX)};
    if (!res->v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    const struct ll_scaling_book *b = ll_engine_scaling(e);
    const struct ll_published *pub = ll_engine_acquire(e);
    struct ll_rules_reading how = {
        .known = ll_scaling_book_doc(b), .errs = res->errs, .max = LL_LEN(res->errs)};
    const struct ll_rules_text text = {ask->text, "body"};
    LL_AUTO(ll_rules_doc) doc = NULL;
    bool ok = ll_rules_read(&how, &text, 1, &doc);
    if (ok) {
        struct job j = {e, ask, pub, doc, how.known, out, ll_engine_now(e)};
        ok = all(&j, res, err);
    } else {
        res->n_errs = LL_MIN(how.n_errs, how.max);
        *err = res->errs[0];
    }
    ll_engine_release(pub);
    ll_engine_scaling_release(b);
    return ok;
}
