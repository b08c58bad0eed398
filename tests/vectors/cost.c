/* Vectors of the definitions of cost: cost FILE.json.
 *
 * Sections: rates, node_split, efficiency_score, savings, waterfall, schedule, budgets. */
#include <string.h>

#include "cost/budget.h"
#include "cost/efficiency.h"
#include "cost/prices.h"
#include "cost/rates.h"
#include "cost/savings.h"
#include "cost/schedule_saving.h"
#include "cost_check.h"

#define REL 1e-9
#define PRINTED 5e-7 /* as the file prints: six digits */

enum { ITEMS_MAX = 256 };

static const json_t *get(const json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static bool near(const json_t *expect, const char *key, double got)
{
    return !get(expect, key) ||
           cost_check_near(key, got, cost_check_number(expect, key, NAN), REL, PRINTED);
}

static bool run_rate(const json_t *c)
{
    return near(c, "monthly_rate", ll_cost_monthly_rate(cost_check_number(c, "hourly", NAN)));
}

static bool run_split(const json_t *c)
{
    const json_t *expect = get(c, "expect");
    const struct ll_price_parts p =
        ll_price_split(cost_check_number(c, "price", NAN), cost_check_number(c, "vcpu", 0),
                       cost_check_number(c, "mem_gib", 0), cost_check_number(c, "gpu", 0));
    return near(expect, "cpu", p.cpu) && near(expect, "ram", p.ram) && near(expect, "gpu", p.gpu);
}

static bool run_efficiency(const json_t *c)
{
    struct ll_efficiency_row rows[ITEMS_MAX];
    struct ll_efficiency e;
    const json_t *all = get(c, "rows"), *expect = get(c, "expect");
    size_t n = 0;
    for (; n < json_array_size(all) && n < ITEMS_MAX; n++) {
        const json_t *r = json_array_get(all, n);
        rows[n] = (struct ll_efficiency_row){.allocated = cost_check_number(r, "alloc", NAN),
                                             .used = cost_check_number(r, "usage", NAN),
                                             .cost = cost_check_number(r, "cost", NAN),
                                             .target = cost_check_number(r, "target", NAN)};
    }
    ll_efficiency_of(rows, n, &e);
    return near(expect, "efficiency_score", e.score) && near(expect, "efficiency_raw", e.raw);
}

static bool run_pct(const json_t *c)
{
    return near(c, "expect",
                ll_cost_savings_pct(cost_check_number(c, "current", NAN),
                                    cost_check_number(c, "recommended", NAN)));
}

static bool run_find(const json_t *section, const json_t *c)
{
    struct ll_saving_item items[ITEMS_MAX];
    struct ll_saving_found found[ITEMS_MAX];
    const json_t *all = get(section, "items"), *expect = get(c, "expect");
    const bool fails = cost_check_text(c, "expect_error")[0] != '\0';
    size_t n = 0, n_found = 0;
    for (; n < json_array_size(all) && n < ITEMS_MAX; n++) {
        const json_t *x = json_array_get(all, n);
        items[n] = (struct ll_saving_item){.id = ll_slice_of(cost_check_text(x, "id")),
                                           .kind = LL_SAVING_RIGHTSIZE,
                                           .current = cost_check_number(x, "current", NAN),
                                           .recommended = cost_check_number(x, "recommended", NAN),
                                           .confidence = LL_CONFIDENCE_HIGH};
    }
    struct ll_err err;
    const double threshold = cost_check_number(c, "threshold_pct", NAN);
    if (!ll_savings_find(items, n, threshold, found, &n_found, NULL, &err))
        return fails || json_is_null(expect) || cost_check_fail("%s", err.text);
    if (!cost_check_near("found", (double)n_found, (double)json_array_size(expect), 0, 0))
        return false;
    for (size_t i = 0; i < n_found; i++)
        if (!ll_slice_is(items[found[i].item].id, json_string_value(json_array_get(expect, i))))
            return cost_check_fail("place %zu is '%.*s'", i, (int)items[found[i].item].id.n,
                                   items[found[i].item].id.s);
    return true;
}

static bool run_waterfall(const json_t *c)
{
    struct ll_waterfall_step steps[LL_WATERFALL_STEPS_MAX];
    struct ll_waterfall w;
    struct ll_err err;
    const json_t *all = get(c, "steps"), *expect = get(c, "expect");
    const json_t *rows = get(expect, "breakdown");
    size_t n = 0;
    for (; n < json_array_size(all) && n < LL_WATERFALL_STEPS_MAX; n++) {
        const json_t *x = json_array_get(all, n);
        if (!ll_saving_parse(ll_slice_of(cost_check_text(x, "step")), &steps[n].kind))
            return cost_check_fail("a step that there is not: %s", cost_check_text(x, "step"));
        steps[n].fraction = cost_check_number(x, "fraction_of_residual", NAN);
    }
    if (!ll_savings_waterfall(cost_check_number(c, "current", NAN), 0, steps, n, &w, &err))
        return cost_check_fail("%s", err.text);
    bool ok = cost_check_near("steps", (double)w.n, (double)json_array_size(rows), 0, 0) &&
              near(expect, "residual", w.residual) && near(expect, "total", w.total) &&
              near(expect, "naive_sum_would_be", w.naive);
    for (size_t i = 0; ok && i < w.n; i++) {
        const json_t *row = json_array_get(rows, i);
        ok = cost_check_same("step", ll_saving_name(w.row[i].kind), cost_check_text(row, "step")) &&
             near(row, "saving", w.row[i].saving);
    }
    return ok;
}

static bool run_schedule(const json_t *c)
{
    const json_t *in = get(c, "input"), *expect = get(c, "expect");
    if (!cost_check_keys(in, "on_week compute storage lead starts committed restart_cost"))
        return false;
    const struct ll_schedule_ask ask = {
        .use = cost_check_number(in, "on_week", NAN),
        .lead = cost_check_number(in, "lead", 0),
        .starts = cost_check_number(in, "starts", 0),
        .compute = cost_check_number(in, "compute", NAN),
        .committed = cost_check_number(in, "committed", 0),
        .storage = cost_check_number(in, "storage", 0),
        .start_cost = cost_check_number(in, "restart_cost", 0),
    };
    struct ll_err err;
    struct ll_schedule_saving s;
    if (!ll_schedule_saving(&ask, &s, &err))
        return json_is_null(expect) || cost_check_fail("%s", err.text);
    return near(expect, "on_hours_week", s.on) && near(expect, "monthly_saving", s.monthly) &&
           near(expect, "savings_pct", s.pct);
}

static bool run_budget(const json_t *c)
{
    const json_t *in = get(c, "input"), *expect = get(c, "expect");
    const json_t *alerts = get(expect, "actual_alerts");
    const struct ll_budget_ask ask = {
        .budget = cost_check_number(in, "b", NAN),
        .spent = cost_check_number(in, "spent", NAN),
        .elapsed = cost_check_number(in, "elapsed", NAN),
        .p50 = cost_check_number(in, "fc50", NAN),
        .p90 = cost_check_number(in, "fc90", NAN),
    };
    struct ll_err err;
    struct ll_budget_state s;
    if (!ll_budget_judge(&ask, &s, &err))
        return json_is_null(expect) || cost_check_text(c, "expect")[0] != '\0' ||
               cost_check_fail("%s", err.text);
    unsigned want = 0;
    for (size_t i = 0; i < json_array_size(alerts); i++)
        for (unsigned k = 0; k < LL_BUDGET_THRESHOLDS; k++)
            if (ll_budget_threshold_pct[k] == json_number_value(json_array_get(alerts, i)))
                want |= 1u << k;
    return near(expect, "actual_pct", s.actual_pct) && near(expect, "pace", s.pace) &&
           cost_check_near("alerts", s.fires, want, 0, 0) &&
           cost_check_flag("forecast_alert", s.forecast_alert,
                           json_is_true(get(expect, "forecast_alert"))) &&
           cost_check_flag("early_warning", s.early_warning,
                           json_is_true(get(expect, "early_warning")));
}

static void each(const json_t *doc, const char *section, const char *list,
                 bool (*run)(const json_t *c))
{
    const json_t *cases = get(get(doc, section), list);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        cost_check_case(section, cost_check_name(c), run(c));
    }
}

int main(int argc, char **argv)
{
    json_t *doc = cost_check_load(argc, argv);
    each(doc, "rates", "cases", run_rate);
    each(doc, "node_split", "cases", run_split);
    each(doc, "efficiency_score", "cases", run_efficiency);
    each(doc, "savings", "pct_cases", run_pct);
    const json_t *savings = get(doc, "savings"), *finds = get(savings, "find_cases");
    for (size_t i = 0; i < json_array_size(finds); i++)
        cost_check_case("savings", "find", run_find(savings, json_array_get(finds, i)));
    each(doc, "waterfall", "cases", run_waterfall);
    each(doc, "schedule", "cases", run_schedule);
    each(doc, "budgets", "cases", run_budget);
    json_decref(doc);
    return cost_check_end();
}
