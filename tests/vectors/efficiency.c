/* Vectors of efficiency: build/tests/vectors/efficiency FILE.json.
 *
 * OpenCost sums requests and uses over rows before it divides, prints 0 where nothing is known
 * (here null), and leaves rows of idle capacity out.  The section efficiency_score of
 * cost_definitions is read as well. */
#include "cost/efficiency.h"

#include "cost/rates.h"
#include "cost/size.h"
#include "cost_check.h"

#define REL 1e-9

/* As printed in the sources: so many digits. */
#define PRINTED 5e-7
#define CENT 5e-3

static const json_t *get(const json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static void add(struct ll_efficiency_row *to, const json_t *r, const char *request,
                const char *usage, const char *cost)
{
    to->allocated += cost_check_number(r, request, 0);
    to->used += cost_check_number(r, usage, 0);
    to->cost += cost_check_number(r, cost, 0);
}

static double null_as_zero(double x)
{
    return isnan(x) ? 0 : x;
}

static bool same(const json_t *expect, const char *key, double got, double absolute)
{
    return !get(expect, key) || cost_check_near(key, null_as_zero(got),
                                                cost_check_number(expect, key, NAN), REL, absolute);
}

/* What nothing was requested of is full where its use costs something, and 0 where it does not. */
static double ratio_of(const struct ll_efficiency_row *r)
{
    struct ll_efficiency e;
    if (r->allocated > 0)
        return ll_efficiency_ratio(r->allocated, r->used);
    ll_efficiency_of(r, 1, &e);
    return e.raw;
}

/* rows[0] CPU, rows[1] memory. */
static bool same_ratios(const json_t *expect, const struct ll_efficiency_row rows[2],
                        double absolute)
{
    struct ll_efficiency e;
    ll_efficiency_of(rows, 2, &e);
    return same(expect, "cpu_efficiency", ratio_of(&rows[0]), absolute) &&
           same(expect, "ram_efficiency", ratio_of(&rows[1]), absolute) &&
           same(expect, "total_efficiency", e.raw, absolute);
}

static bool run_rows(const json_t *c)
{
    struct ll_efficiency_row rows[2] = {{.target = 1}, {.target = 1}};
    size_t i;
    const json_t *r;
    if (!cost_check_keys(get(c, "expect"), "cpu_efficiency ram_efficiency total_efficiency"))
        return false;
    json_array_foreach(get(c, "rows"), i, r)
    {
        if (json_is_true(get(r, "idle")))
            continue;
        add(&rows[0], r, "cpu_request_cores", "cpu_usage_cores", "cpu_cost");
        add(&rows[1], r, "ram_request_mib", "ram_usage_mib", "ram_cost");
    }
    return same_ratios(get(c, "expect"), rows, REL);
}

/* What a record had on average over a window: it is nothing outside its own. */
static double spread(const json_t *a, const char *key, double hours)
{
    const double own = cost_check_number(a, "end_h", 0) - cost_check_number(a, "start_h", 0);
    return cost_check_number(a, key, 0) * own / hours;
}

static bool run_merge(const json_t *c)
{
    /* The source's test prices both records for 12 hours, whatever their own. */
    const double priced_hours = 12;
    const json_t *part[2] = {get(c, "a1"), get(c, "a2")}, *expect = get(c, "expect");
    struct ll_efficiency_row rows[2] = {{.target = 1}, {.target = 1}};
    const double start =
        fmin(cost_check_number(part[0], "start_h", 0), cost_check_number(part[1], "start_h", 0));
    const double hours =
        fmax(cost_check_number(part[0], "end_h", 0), cost_check_number(part[1], "end_h", 0)) -
        start;
    const char *const keys[2][3] = {{"cpu_request", "cpu_usage", "cpu_price"},
                                    {"ram_request_gib", "ram_usage_gib", "ram_price"}};
    for (size_t k = 0; k < 2; k++) {
        const double price = cost_check_number(part[0], keys[k][2], NAN);
        for (size_t i = 0; i < 2; i++) {
            const double request = cost_check_number(part[i], keys[k][0], 0);
            const double usage = cost_check_number(part[i], keys[k][1], 0);
            rows[k].allocated += spread(part[i], keys[k][0], hours);
            rows[k].used += spread(part[i], keys[k][1], hours);
            rows[k].cost += fmax(request, usage) * price * priced_hours +
                            cost_check_number(
                                part[i], k == 0 ? "cpu_cost_adjustment" : "ram_cost_adjustment", 0);
        }
    }
    return same(expect, "minutes", hours * 60, 0) &&
           same(expect, "cpu_request", rows[0].allocated, 0) &&
           same(expect, "cpu_usage", rows[0].used, 0) &&
           same(expect, "ram_request_gib", rows[1].allocated, 0) &&
           same(expect, "ram_usage_gib", rows[1].used, 0) && same_ratios(expect, rows, PRINTED);
}

static bool run_docs(const json_t *c)
{
    if (cost_check_has(c, "expect_efficiency")) {
        struct ll_efficiency_row rows[2] = {{.target = 1}, {.target = 1}};
        struct ll_efficiency e;
        add(&rows[0], c, "cpu_req", "cpu_use", "cpu_price_total");
        add(&rows[1], c, "ram_req_gb", "ram_use_gb", "ram_price_total");
        ll_efficiency_of(rows, 2, &e);
        return same(c, "expect_efficiency", e.raw, PRINTED);
    }
    if (cost_check_has(c, "expect_request"))
        return same(c, "expect_request",
                    ll_size_at_target(cost_check_number(c, "max_usage", NAN),
                                      cost_check_number(c, "target_util", NAN)),
                    0);
    const double saved = cost_check_number(c, "saved_core_hours", NAN) *
                         cost_check_number(c, "price_core_hour", NAN);
    const double hours = cost_check_number(c, "known_window_min", NAN) / 60;
    return same(c, "expect_monthly_savings", ll_cost_monthly_rate(saved / hours), CENT);
}

static bool run_score(const json_t *c)
{
    struct ll_efficiency_row rows[256];
    struct ll_efficiency e;
    size_t i, n = 0;
    const json_t *r, *expect = get(c, "expect");
    json_array_foreach(get(c, "rows"), i, r)
    {
        if (n == LL_LEN(rows))
            return cost_check_fail("over %zu rows", n);
        rows[n++] = (struct ll_efficiency_row){
            .allocated = cost_check_number(r, "alloc", NAN),
            .used = cost_check_number(r, "usage", NAN),
            .cost = cost_check_number(r, "cost", NAN),
            .target = cost_check_number(r, "target", NAN),
        };
    }
    ll_efficiency_of(rows, n, &e);
    return cost_check_near("efficiency_score", e.score,
                           cost_check_number(expect, "efficiency_score", NAN), REL, PRINTED) &&
           cost_check_near("efficiency_raw", e.raw,
                           cost_check_number(expect, "efficiency_raw", NAN), REL, PRINTED);
}

static void run_all(const char *section, const json_t *cases, bool (*run)(const json_t *c))
{
    size_t i;
    const json_t *c;
    if (json_is_object(cases))
        cost_check_case(section, cost_check_name(cases), run(cases));
    json_array_foreach(cases, i, c)
    {
        cost_check_case(section, cost_check_name(c), run(c));
    }
}

int main(int argc, char **argv)
{
    json_t *root = cost_check_load(argc, argv);
    run_all("cases", get(root, "cases"), run_rows);
    run_all("merge", get(root, "merge"), run_merge);
    run_all("kubecost_docs", get(root, "kubecost_docs"), run_docs);
    run_all("efficiency_score", get(get(root, "efficiency_score"), "cases"), run_score);
    json_decref(root);
    return cost_check_end();
}
