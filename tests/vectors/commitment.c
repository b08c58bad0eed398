/* Vectors of commitments: commitment FILE.json. */
#include "cost/commitment.h"

#include <stdlib.h>

#include "cost_check.h"

#define REL 1e-9
#define PRINTED 5e-7 /* as the file prints: six digits */

static bool same(const json_t *expect, const char *key, double got)
{
    return !json_object_get(expect, key) ||
           cost_check_near(key, got, cost_check_number(expect, key, NAN), REL, PRINTED);
}

/* Against every whole number up to the highest demand. */
static bool is_least(const struct ll_commitment_ask *ask, const struct ll_commitment *best)
{
    double top = 0;
    for (size_t i = 0; i < ask->n; i++)
        top = fmax(top, ask->demand[i]);
    for (double k = 0; k <= top && k < 1000; k++) {
        struct ll_err err;
        struct ll_commitment other;
        if (!ll_commitment_of(ask, k, &other, &err))
            return cost_check_fail("%s", err.text);
        if (other.cost < best->cost - 1e-9 * best->cost)
            return cost_check_fail("%g units cost %g, less than %g units", k, other.cost,
                                   best->units);
    }
    return true;
}

static bool run(const json_t *c)
{
    const json_t *demand = json_object_get(c, "demand"), *expect = json_object_get(c, "expect");
    const size_t n = json_array_size(demand);
    double *values = calloc(2 * n + 1, sizeof(*values));
    if (!values)
        return cost_check_fail("no memory");
    for (size_t i = 0; i < n; i++)
        values[i] = json_number_value(json_array_get(demand, i));
    const struct ll_commitment_ask ask = {
        .demand = values,
        .n = n,
        .on_demand = cost_check_number(c, "on_demand", NAN),
        .committed = cost_check_number(c, "committed", NAN),
        .existing = cost_check_number(c, "existing", 0),
    };
    struct ll_err err;
    struct ll_commitment got;
    bool ok =
        cost_check_keys(expect, "optimal_units total_cost on_demand_cost savings_pct coverage "
                                "commitment_utilization marginal_unit_utilization");
    if (ok && !ll_commitment_best(&ask, values + n, &got, &err))
        ok = cost_check_fail("%s", err.text);
    ok = ok && same(c, "break_even_utilization", got.break_even) &&
         same(c, "critical_fractile", 1 - got.break_even) &&
         same(expect, "optimal_units", got.units) && same(expect, "total_cost", got.cost) &&
         same(expect, "on_demand_cost", got.on_demand_cost) &&
         same(expect, "savings_pct", got.savings_pct) && same(expect, "coverage", got.coverage) &&
         same(expect, "commitment_utilization", got.utilization) &&
         same(expect, "marginal_unit_utilization", got.marginal_utilization) &&
         is_least(&ask, &got);
    free(values);
    return ok;
}

int main(int argc, char **argv)
{
    json_t *doc = cost_check_load(argc, argv);
    const json_t *cases = json_object_get(doc, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        cost_check_case("commitment", cost_check_name(c), run(c));
    }
    json_decref(doc);
    return cost_check_end();
}
