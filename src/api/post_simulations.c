/* POST /simulations: rules under consideration beside those in force, over recorded demand. */
#include <math.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"
#include "engine/simulations.h"

enum { SIMULATED_BYTES = 64 << 20, HOURS = 7 * 24 };

/* Rows of simulations_params in routes.c. */
enum { P_HOURS, P_LEARN, P_GOAL, P_SLO, P_STEPS };

static void pct(struct ll_json_out *j, const char *key, double ratio)
{
    ll_json_out_key(j, key);
    ll_json_out_pct(j, ratio);
}

static void measures(struct ll_json_out *j, const struct ll_sim_result *r)
{
    pct(j, "under_provisioned_time_pct", r->under_time);
    pct(j, "over_provisioned_time_pct", r->over_time);
    pct(j, "under_accuracy_pct", r->under_accuracy);
    pct(j, "over_accuracy_pct", r->over_accuracy);
    pct(j, "instability_pct", r->instability);
    pct(j, "slo_violation_pct", r->slo_violation);
    pct(j, "slo_time_pct", r->slo_time);
    ll_member_number(j, "instance_hours", r->instance_hours);
    ll_member_number(j, "cost", r->cost);
    ll_member_count(j, "actions", r->actions);
    ll_member_count(j, "reversals", r->reversals);
}

static void policy(struct ll_json_out *j, const char *name, const struct ll_sim_result *r)
{
    ll_json_out_open(j, '{');
    ll_member_word(j, "policy", name);
    measures(j, r);
    ll_json_out_close(j, '}');
}

static void counts(struct ll_json_out *j, const char *key, const int64_t *v, size_t n)
{
    ll_json_out_key(j, key);
    if (!v) {
        ll_json_out_null(j);
        return;
    }
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++)
        ll_json_out_int(j, v[i]);
    ll_json_out_close(j, ']');
}

static void columns(struct ll_json_out *j, const struct ll_simulated *s)
{
    ll_json_out_key(j, "columns");
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "demand");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < s->demand.n; i++)
        ll_json_out_num(j, s->demand.v[i]);
    ll_json_out_close(j, ']');
    counts(j, "proposed", s->proposed.told, s->demand.n);
    counts(j, "live", s->live.told, s->demand.n);
    ll_json_out_close(j, '}');
}

static void show(struct ll_json_out *j, const struct ll_simulated *s, bool steps)
{
    const struct ll_sim_demand *d = &s->demand;
    ll_json_out_open(j, '{');
    ll_member_text(j, "target", s->target);
    ll_member_text(j, "service", s->service);
    ll_member_word(j, "resource_type", ll_resource_name(s->type));
    ll_json_out_key(j, "t0");
    ll_json_out_int(j, d->start / LL_SECOND);
    ll_json_out_key(j, "step");
    ll_json_out_int(j, d->step / LL_SECOND);
    ll_member_count(j, "steps", d->n);
    ll_member_count(j, "scored_from", d->from);
    ll_member_count(j, "scored", s->proposed.result.steps);
    ll_json_out_key(j, "differ");
    if (s->live.told)
        ll_json_out_int(j, (int64_t)s->differ);
    else
        ll_json_out_null(j);
    ll_json_out_key(j, "policies");
    ll_json_out_open(j, '[');
    policy(j, "proposed", &s->proposed.result);
    if (s->live.told)
        policy(j, "live", &s->live.result);
    for (int i = 0; i < LL_SIM_BASELINES; i++)
        policy(j, ll_sim_baseline_name((enum ll_sim_baseline)i), &s->baselines[i]);
    ll_json_out_close(j, ']');
    if (steps)
        columns(j, s);
    ll_json_out_close(j, '}');
}

static enum MHD_Result refuse(struct ll_request *r, const struct ll_simulations *s,
                              const struct ll_err *err)
{
    struct ll_issues issues = {0};
    for (size_t i = 0; i < s->n_errs; i++)
        ll_issues_add(&issues, "body", "", "%.159s", s->errs[i].text);
    return s->n_errs ? ll_reply_error_issues(r, err, &issues) : ll_reply_error(r, err, 0);
}

static double ratio(const struct ll_param_value *p, double otherwise)
{
    return p->given ? p->number / 100 : otherwise;
}

enum MHD_Result ll_handler_simulations(struct ll_request *r)
{
    const struct ll_param_value *p = r->param;
    const double hours = p[P_HOURS].given ? p[P_HOURS].number : HOURS;
    const struct ll_simulation_ask ask = {
        .text = {r->body.s ? r->body.s : "", r->body.n},
        .span = (ll_dur)(hours * (double)LL_HOUR),
        .learn = ratio(&p[P_LEARN], 0.5),
        .goal = ratio(&p[P_GOAL], 0.7),
        .slo = ratio(&p[P_SLO], 0.85),
    };
    struct ll_simulations s = {0};
    struct ll_err err;
    LL_AUTO(ll_arena) arena = ll_arena_new(SIMULATED_BYTES);
    if (!arena)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for the request");
    if (!ll_engine_simulate(r->api->engine, &ask, arena, &s, &err))
        return refuse(r, &s, &err);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < s.n; i++)
        show(&j, &s.v[i], p[P_STEPS].given && p[P_STEPS].yes);
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}
