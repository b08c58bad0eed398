#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/json.h"
#include "cmd/simulate_cases.h"
#include "cmd/table.h"
#include "engine/simulate_ahead.h"
#include "engine/simulate_tune.h"

/* Ours, the baselines, and the autoscaler that is there already. */
enum { OURS, THEIRS = 1 + LL_SIM_BASELINES, POLICIES, STEPS_BYTES = 512 << 20 };

struct job {
    struct ll_ctx *c;
    const struct ll_simulate_cases *cases;
    double goal, slo;
    bool each, tune;
    struct ll_simulate_tuned *tuned; /* one a case, of --tune */
    struct ll_sim_result (*results)[POLICIES];
    struct ll_str *steps; /* one a case, of --each */
};

/* One policy's way through the steps, as CSV. */
struct noted {
    const struct job *job;
    const struct ll_simulate_case *k;
    const char *policy;
    struct ll_str *out;
};

static void add_field(struct ll_str *out, struct ll_slice text)
{
    const bool quote = memchr(text.s, ',', text.n) || memchr(text.s, '"', text.n);
    ll_str_addz(out, quote ? "\"" : "");
    for (size_t i = 0; i < text.n; i++) {
        if (quote && text.s[i] == '"')
            ll_str_addc(out, '"');
        ll_str_addc(out, text.s[i]);
    }
    ll_str_addz(out, quote ? "\"," : ",");
}

static void note_step(void *ctx, size_t step, const struct ll_decision *d, int64_t told,
                      int64_t ready)
{
    const struct noted *n = ctx;
    char time[LL_TIME_TEXT_MAX];
    const double v = n->k->v[step];
    ll_time_format(n->k->demand.start + (ll_dur)step * n->k->demand.step, time);
    add_field(n->out, n->k->target.name);
    ll_str_addf(n->out, "%s,%s,", n->policy, time);
    if (!isnan(v))
        ll_str_addf(n->out, "%.10g,%.0f", v,
                    ceil(v / (n->k->target.capacity.units_per_instance * n->job->goal)));
    else
        ll_str_addz(n->out, ",");
    ll_str_addf(n->out, ",%lld,%lld,%s,", (long long)told, (long long)ready,
                d && d->bound != LL_BOUND_NONE ? ll_bound_name(d->bound) : "");
    ll_str_addf(n->out, "%s\n", step >= n->k->demand.from ? "true" : "false");
}

static size_t policies_of(const struct ll_simulate_case *k)
{
    return k->theirs ? POLICIES : THEIRS;
}

/* The same demand under the rules that the autoscaler's settings are. */
static void use_theirs(const struct ll_simulate_case *k, struct ll_sim_opts *o)
{
    o->target = &k->theirs->target;
    o->rules = k->theirs->rules;
    o->sources = NULL;
    o->n_rules = k->theirs->n_rules;
}

static struct ll_sim_opts opts_of(const struct job *j, const struct ll_simulate_case *k)
{
    return (struct ll_sim_opts){
        .target = &k->target,
        .rules = k->rules,
        .sources = (const struct ll_schedule_source *const *)k->sources,
        .n_rules = k->n_rules,
        .goal = j->goal,
        .slo = j->slo,
    };
}

static bool replay(const struct job *j, const struct ll_simulate_case *k, size_t policy,
                   struct ll_str *steps, struct ll_sim_result *out, struct ll_err *err)
{
    LL_AUTO(ll_simulate_ahead)
    ahead = ll_simulate_ahead_new(&k->demand, k->target.capacity.units_per_instance);
    if (!ahead)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the forecasts");
    struct ll_sim_opts o = opts_of(j, k);
    o.ahead = ll_simulate_ahead;
    o.ctx = ahead;
    struct noted n = {j, k, policy == OURS ? k->policies : k->autoscaler, steps};
    ll_sim_step_fn *each = steps ? note_step : NULL;
    if (policy == THEIRS)
        use_theirs(k, &o);
    if (policy == OURS || policy == THEIRS) {
        if (!ll_simulate(&o, &k->demand, each, &n, out, err))
            return false;
        out->name = n.policy;
        return true;
    }
    const enum ll_sim_baseline which = (enum ll_sim_baseline)(policy - 1);
    n.policy = ll_sim_baseline_name(which);
    return ll_simulate_baseline(which, &o, &k->demand, each, &n, out, err);
}

/* Told from what comes before the first step that is scored. */
static bool tune(const struct job *j, size_t i, struct ll_err *err)
{
    const struct ll_simulate_case *k = &j->cases->v[i];
    struct ll_sim_demand learned = k->demand;
    const struct ll_sim_opts o = opts_of(j, k);
    learned.n = k->demand.from;
    if (!ll_simulate_tune(&o, &learned, &j->tuned[i], err))
        return ll_err_wrap(err, "target '%.*s'", (int)LL_MIN(k->target.name.n, 60),
                           k->target.name.s);
    ll_simulate_tuned_set(&j->tuned[i], k->rules, k->n_rules);
    return true;
}

static bool replay_case(void *ctx, size_t i, struct ll_err *err)
{
    const struct job *j = ctx;
    const struct ll_simulate_case *k = &j->cases->v[i];
    struct ll_str *steps = j->each ? &j->steps[i] : NULL;
    if (j->tune && !tune(j, i, err))
        return false;
    for (size_t p = 0; p < policies_of(k); p++)
        if (!replay(j, k, p, steps, &j->results[i][p], err))
            return ll_err_wrap(err, "target '%.*s'", (int)LL_MIN(k->target.name.n, 60),
                               k->target.name.s);
    return !steps || !steps->failed ||
           ll_err_set(err, LL_E_TOO_LARGE, "more than %d MiB of steps", STEPS_BYTES >> 20);
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *item(const struct ll_simulate_case *k, const struct ll_sim_result *r)
{
    return json_pack(
        "{s:s%, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I}", "target",
        k->target.name.s, k->target.name.n, "series", k->series->name, "policy", r->name,
        "under_provisioned_time_pct", number(r->under_time * 100), "over_provisioned_time_pct",
        number(r->over_time * 100), "under_accuracy_pct", number(r->under_accuracy * 100),
        "over_accuracy_pct", number(r->over_accuracy * 100), "instability_pct",
        number(r->instability * 100), "slo_violation_pct", number(r->slo_violation * 100),
        "slo_time_pct", number(r->slo_time * 100), "instance_hours", number(r->instance_hours),
        "cost", number(r->cost), "actions", (json_int_t)r->actions, "reversals",
        (json_int_t)r->reversals, "steps", (json_int_t)r->steps);
}

static json_t *tuned_item(const struct job *j, size_t i)
{
    json_t *o = item(&j->cases->v[i], &j->results[i][0]);
    if (j->tune && o) {
        json_object_set_new(o, "target_pct", number(j->tuned[i].goal * 100));
        json_object_set_new(o, "quantile", number(j->tuned[i].quantile));
    }
    return o;
}

static bool print_json(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < j->cases->n; i++)
        for (size_t p = 0; p < policies_of(&j->cases->v[i]); p++)
            json_array_append_new(items, p == OURS ? tuned_item(j, i)
                                                   : item(&j->cases->v[i], &j->results[i][p]));
    return ll_json_print_form(c, items, items)
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static const struct ll_column columns[] = {
    {.key = "target", .title = "TARGET", .flex = true},
    {.key = "series", .wide = true, .title = "SERIES", .flex = true},
    {.key = "policy", .title = "POLICY"},
    {.key = "under_provisioned_time_pct", .title = "UNDER", .right = true},
    {.key = "over_provisioned_time_pct", .title = "OVER", .right = true},
    {.key = "under_accuracy_pct", .title = "SHORT BY", .right = true, .spare = true},
    {.key = "over_accuracy_pct", .title = "IDLE BY", .right = true, .spare = true},
    {.key = "instability_pct", .title = "UNSTABLE", .right = true, .spare = true},
    {.key = "slo_violation_pct", .title = "SLO DEMAND", .right = true},
    {.key = "slo_time_pct", .title = "SLO TIME", .right = true},
    {.key = "instance_hours", .title = "HOURS", .right = true},
    {.key = "cost", .title = "COST", .right = true},
    {.key = "actions", .title = "ACTIONS", .right = true},
    {.key = "reversals", .title = "REVERSALS", .right = true, .spare = true},
};

/* A violation that is there must not read as none. */
static void cell_percent(struct ll_table *t, double ratio, enum ll_tint tint)
{
    char text[LL_TEXT_MAX];
    const double pct = ratio * 100;
    snprintf(text, sizeof(text), pct > 0 && pct < 0.1 ? "%.3f %%" : "%.1f %%", pct);
    ll_table_number(t, isfinite(pct) ? text : "–", pct, tint);
}

static void cell_number(struct ll_table *t, double v, const char *form)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), form[0] == 'm' ? "%.2f" : "%.0f", v);
    ll_table_number(t, isfinite(v) ? text : "–", v, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_simulate_case *k,
                    const struct ll_sim_result *r, bool ours)
{
    char name[LL_SIMULATE_NAME_MAX];
    snprintf(name, sizeof(name), "%.*s", (int)LL_MIN(k->target.name.n, sizeof(name) - 1),
             k->target.name.s);
    ll_table_cell(t, name, NULL, LL_TINT_NONE);
    ll_table_cell(t, k->series->name, NULL, LL_TINT_NONE);
    ll_table_cell(t, r->name, NULL, ours ? LL_TINT_BOLD : LL_TINT_NONE);
    cell_percent(t, r->under_time, LL_TINT_NONE);
    cell_percent(t, r->over_time, LL_TINT_NONE);
    cell_percent(t, r->under_accuracy, LL_TINT_NONE);
    cell_percent(t, r->over_accuracy, LL_TINT_NONE);
    cell_percent(t, r->instability, LL_TINT_NONE);
    cell_percent(t, r->slo_violation, r->slo_violation > 0.01 ? LL_TINT_WARN : LL_TINT_NONE);
    cell_percent(t, r->slo_time, r->slo_time > 0.01 ? LL_TINT_WARN : LL_TINT_NONE);
    cell_number(t, r->instance_hours, "hours");
    cell_number(t, r->cost, "money");
    cell_number(t, (double)r->actions, "count");
    cell_number(t, (double)r->reversals, "count");
}

/* Beside a table, on standard error. */
static void say_tuned(const struct job *j)
{
    for (size_t i = 0; j->tune && i < j->cases->n; i++)
        ll_ctx_say("%.*s: target_pct %g, quantile %g",
                   (int)LL_MIN(j->cases->v[i].target.name.n, 60), j->cases->v[i].target.name.s,
                   j->tuned[i].goal * 100, j->tuned[i].quantile);
}

static bool print_table(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < j->cases->n; i++)
        for (size_t p = 0; p < policies_of(&j->cases->v[i]); p++)
            add_row(t, &j->cases->v[i], &j->results[i][p], p == OURS);
    say_tuned(j);
    return ll_table_print(t, c, err);
}

static bool print_steps(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    ll_str_addz(&c->out, "target,policy,timestamp,demand,need,told,ready,bound,scored\n");
    for (size_t i = 0; i < j->cases->n; i++) {
        ll_str_add(&c->out, j->steps[i].s, j->steps[i].n);
        if (!ll_ctx_flush(c, err))
            return false;
    }
    return true;
}

static bool simulate(struct ll_ctx *c, struct job *j, struct ll_err *err)
{
    const size_t n = j->cases->n;
    const bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    j->results = calloc(n, sizeof(*j->results));
    j->steps = calloc(n, sizeof(*j->steps));
    j->tuned = calloc(n, sizeof(*j->tuned));
    bool ok = j->results && j->steps && j->tuned;
    if (!ok)
        ok = ll_err_set(err, LL_E_MEMORY, "no memory for %zu targets", n);
    for (size_t i = 0; ok && i < n; i++)
        ll_str_init(&j->steps[i], STEPS_BYTES);
    ok = ok && ll_series_each(n, (size_t)ll_args_count(c->args, "threads"), "targets replayed",
                              replay_case, j, err);
    if (ok)
        ok = j->each ? print_steps(c, j, err)
             : json  ? print_json(c, j, err)
                     : print_table(c, j, err);
    for (size_t i = 0; j->steps && i < n; i++)
        ll_str_fini(&j->steps[i]);
    free(j->steps);
    free(j->tuned);
    free(j->results);
    return ok;
}

static bool read_percent(const struct ll_ctx *c, const char *flag, double min, double max,
                         double *out, struct ll_err *err)
{
    const struct ll_slice text = ll_slice_of(ll_args_text(c->args, flag));
    struct ll_slice digits = text;
    if (digits.n && digits.s[digits.n - 1] == '%')
        digits.n--;
    if (!ll_num_parse(digits, out) || !(*out >= min && *out <= max))
        return ll_err_set(err, LL_E_USAGE, "--%s: '%.40s' is not a percentage from %g to %g", flag,
                          text.s, min, max);
    *out /= 100;
    return true;
}

static bool read_ask(struct ll_ctx *c, struct ll_simulate_ask *ask, struct job *j,
                     struct ll_err *err)
{
    const char *units = ll_args_text(c->args, "units");
    *ask = (struct ll_simulate_ask){
        .rules = ll_args_text(c->args, "rules"),
        .hpa = ll_args_text(c->args, "hpa"),
        .units = NAN,
        .step = ll_args_duration(c->args, "step"),
        .boot_delay =
            ll_args_given(c->args, "boot-delay") ? ll_args_duration(c->args, "boot-delay") : -1,
    };
    if (!ask->rules)
        return ll_err_set(err, LL_E_USAGE, "--rules is missing: the file of targets and rules");
    if (units && (!ll_num_parse(ll_slice_of(units), &ask->units) || !(ask->units > 0)))
        return ll_err_set(err, LL_E_USAGE, "--units: '%.40s' is not a number over 0", units);
    return read_percent(c, "learn", 0, 99, &ask->learn, err) &&
           read_percent(c, "goal", 1, 100, &j->goal, err) &&
           read_percent(c, "slo", 1, 100, &j->slo, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_series_file file = {0};
    struct ll_simulate_cases cases = {0};
    struct ll_simulate_ask ask;
    struct job j = {.c = c,
                    .cases = &cases,
                    .each = ll_args_bool(c->args, "each"),
                    .tune = ll_args_bool(c->args, "tune")};
    if (!read_ask(c, &ask, &j, err))
        return false;
    bool ok = ll_series_file_read(c->args->positionals[0], &file, err) &&
              ll_simulate_cases_read(c, &ask, &file, &cases, err) && simulate(c, &j, err);
    ll_simulate_cases_fini(&cases);
    ll_series_file_fini(&file);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "rules",
     .type = LL_FLAG_FILE,
     .arg = "F",
     .doc = "targets and rules, as scaling.rules_files has them"},
    {.name = "hpa",
     .type = LL_FLAG_FILE,
     .arg = "F",
     .doc = "an autoscaler to replay beside: JSON of a HorizontalPodAutoscaler or ScaledObject"},
    {.name = "slo",
     .type = LL_FLAG_TEXT,
     .arg = "PCT",
     .fallback = "85",
     .doc = "utilisation above which demand counts as badly served"},
    {.name = "goal",
     .type = LL_FLAG_TEXT,
     .arg = "PCT",
     .fallback = "70",
     .doc = "utilisation that need and the baselines aim at"},
    {.name = "boot-delay",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .doc = "from request to ready; else the target's"},
    {.name = "learn",
     .type = LL_FLAG_TEXT,
     .arg = "PCT",
     .fallback = "50",
     .doc = "how much of the steps comes before the first that is scored"},
    {.name = "step",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .doc = "of the replay; else the series' own, a minute at most"},
    {.name = "units",
     .type = LL_FLAG_TEXT,
     .arg = "N",
     .doc = "what an instance carries when full, where the target does not say; else the peak / "
            "20"},
    {.name = "each", .type = LL_FLAG_BOOL, .doc = "print every step, as CSV"},
    {.name = "tune",
     .type = LL_FLAG_BOOL,
     .doc = "give PREDICTIVE rules the target_pct and quantile that did best on what is learned "
            "from, at no more than the reactive cost there"},
    {.name = "threads", .type = LL_FLAG_COUNT, .arg = "N", .doc = "threads; one a processor"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV of demand, .csv or .csv.gz; - reads standard input"},
    {0}};

const struct ll_command ll_cmd_simulate = {
    .name = "simulate",
    .group = "Scaling",
    .doc = "replay rules over recorded demand, beside simpler policies",
    .about =
        "Each target is replayed with its rules over the series of its service (the columns "
        "service and resource_type), or of its name; a single target takes a single series. The "
        "decisions are those of the daemon, forecasts know what came before only. UNDER and OVER "
        "are shares of time with too few and too many instances, SLO DEMAND and SLO TIME the "
        "shares of demand and time above --slo. Between coarser samples demand stands still. "
        "--hpa takes what `kubectl get hpa NAME -o json` prints, and adds what that autoscaler "
        "would have done: of the target that it scales, or of the only one.",
    .examples = {{"loadline simulate --rules rules.yaml orders.csv.gz",
                  "the second half of the file, learned from the first"},
                 {"loadline simulate --rules rules.yaml --boot-delay 5m --each orders.csv",
                  "every step with what was decided"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
