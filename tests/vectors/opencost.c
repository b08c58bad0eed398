/* Allocation against OpenCost's own cases: opencost FILE.json.
 *
 * A case aggregates the file's allocations by properties, with shared and idle cost distributed as
 * its options say; a group, or idle, that is not expected must cost nothing. */
#include <stdio.h>
#include <string.h>

#include "cost/allocate.h"
#include "cost_check.h"

enum { ITEMS_MAX = 256, NAMES_MAX = 256, NAME_MAX_ = 256, MEMORY = 8 << 20 };

static const char *const resources[] = {"cpu", "ram", "gpu", "pv", "network", "lb"};
enum { RESOURCES = 6, ASSETS = 3 }; /* only the first three of a machine have idle */

struct names {
    char v[NAMES_MAX][NAME_MAX_];
    size_t n;
};

static size_t name_index(struct names *x, const char *name)
{
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->v[i], name) == 0)
            return i;
    LL_ASSERT(x->n < NAMES_MAX);
    snprintf(x->v[x->n], NAME_MAX_, "%s", name);
    return x->n++;
}

/* "deployment:web" is the controller web of the kind deployment. */
static const char *controller(const json_t *a, const char *kind, char buf[static NAME_MAX_])
{
    const char *text = cost_check_text(a, "controller");
    const char *colon = strchr(text, ':');
    const size_t n = colon ? (size_t)(colon - text) : 0;
    if (!colon)
        return "";
    if (strcmp(kind, "controller") == 0)
        return colon + 1;
    snprintf(buf, NAME_MAX_, "%.*s", (int)n, text);
    if (strcmp(kind, "controllerKind") == 0)
        return buf;
    return strcmp(kind, buf) == 0 ? colon + 1 : "";
}

/* A property of an allocation, "" when it has none. */
static const char *property(const json_t *a, const char *name, char buf[static NAME_MAX_])
{
    static const char *const plain[] = {"cluster", "namespace", "pod", "container", "node"};
    for (size_t i = 0; i < LL_LEN(plain); i++)
        if (strcmp(name, plain[i]) == 0)
            return cost_check_text(a, name);
    if (strncmp(name, "label:", 6) == 0)
        return cost_check_text(json_object_get(a, "labels"), name + 6);
    if (strncmp(name, "annotation:", 11) == 0)
        return cost_check_text(json_object_get(a, "annotations"), name + 11);
    if (strcmp(name, "service") == 0) {
        const char *s = json_string_value(json_array_get(json_object_get(a, "services"), 0));
        return s ? s : "";
    }
    return controller(a, name, buf);
}

static void group_name(const json_t *a, const json_t *by, char out[static NAME_MAX_])
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(by); i++) {
        char buf[NAME_MAX_];
        const char *p = property(a, json_string_value(json_array_get(by, i)), buf);
        n += (size_t)snprintf(out + n, NAME_MAX_ - n, "%s%s", i ? "/" : "",
                              *p ? p : "__unallocated__");
        LL_ASSERT(n < NAME_MAX_);
    }
}

/* Whether an option of two texts, a property and its value, names the allocation. */
static bool named(const json_t *a, const json_t *option)
{
    char buf[NAME_MAX_];
    const char *name = json_string_value(json_array_get(option, 0));
    const char *value = json_string_value(json_array_get(option, 1));
    return name && value && strcmp(property(a, name, buf), value) == 0;
}

struct work {
    struct ll_allocate_item items[ITEMS_MAX];
    double cost[ITEMS_MAX][RESOURCES];
    double assets[NAMES_MAX * RESOURCES];
    struct names groups, pools;
    size_t n;
};
static struct work w;

static void read_items(const json_t *doc, const json_t *c, const json_t *options)
{
    const json_t *all = json_object_get(doc, "allocations");
    const bool by_node = json_is_true(json_object_get(options, "by_node"));
    const json_t *filter = json_object_get(options, "filt");
    memset(&w, 0, sizeof(w));
    LL_ASSERT(json_array_size(all) <= ITEMS_MAX);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *a = json_array_get(all, i);
        char group[NAME_MAX_];
        group_name(a, json_object_get(c, "aggregate_by"), group);
        struct ll_allocate_item *item = &w.items[w.n];
        item->cost = w.cost[w.n];
        for (size_t r = 0; r < RESOURCES; r++)
            w.cost[w.n][r] = cost_check_number(json_object_get(a, "cost"), resources[r], 0);
        item->group = name_index(&w.groups, group);
        item->pool = name_index(&w.pools, cost_check_text(a, by_node ? "node" : "cluster"));
        item->shared = named(a, json_object_get(options, "share"));
        item->dropped = json_is_array(filter) && !named(a, filter);
        w.n++;
    }
}

/* What a pool costs: its workloads and its idle. */
static void read_assets(const json_t *doc, const json_t *options)
{
    const bool by_node = json_is_true(json_object_get(options, "by_node"));
    const json_t *idle = json_object_get(doc, by_node ? "idle_by_node" : "idle_by_cluster");
    const char *name;
    json_t *of;
    json_object_foreach((json_t *)(uintptr_t)idle, name, of)
    {
        const size_t pool = name_index(&w.pools, name);
        for (size_t r = 0; r < ASSETS; r++)
            w.assets[pool * RESOURCES + r] = cost_check_number(of, resources[r], 0);
    }
    for (size_t i = 0; i < w.n; i++)
        for (size_t r = 0; r < ASSETS; r++)
            w.assets[w.items[i].pool * RESOURCES + r] += w.cost[i][r];
    for (size_t p = 0; p < w.pools.n; p++)
        for (size_t r = ASSETS; r < RESOURCES; r++)
            w.assets[p * RESOURCES + r] = NAN;
}

static enum ll_allocate_split split_of(const json_t *v)
{
    if (json_is_true(v))
        return LL_ALLOCATE_WEIGHTED;
    const char *s = json_string_value(v);
    if (!s)
        return LL_ALLOCATE_NONE;
    return strcmp(s, "even") == 0 ? LL_ALLOCATE_EVEN : LL_ALLOCATE_WEIGHTED;
}

static bool check_group(const json_t *expect, const char *name, double got, double tolerance)
{
    return cost_check_near(name, got, cost_check_number(expect, name, 0), 0, tolerance);
}

static bool check_idle(const json_t *options, const json_t *expect,
                       const struct ll_allocate_out *out, double tolerance)
{
    double all = 0;
    const bool split = json_is_true(json_object_get(options, "split_idle"));
    for (size_t p = 0; p < w.pools.n; p++) {
        char name[NAME_MAX_ + 16];
        const double got = out->idle[p] + out->overcommit[p];
        snprintf(name, sizeof(name), "%s/__idle__", w.pools.v[p]);
        all += got;
        if (split && !check_group(expect, name, got, tolerance))
            return false;
    }
    return split || check_group(expect, "__idle__", all, tolerance);
}

static bool run(const json_t *doc, const json_t *c)
{
    const json_t *options = json_object_get(c, "options"), *expect = json_object_get(c, "expect");
    const double tolerance = cost_check_number(c, "tolerance_abs", 0.01);
    struct ll_err err;
    struct ll_allocate_out out;
    if (!cost_check_keys(options, "share split filt split_idle share_idle overhead by_node"))
        return false;
    read_items(doc, c, options);
    read_assets(doc, options);
    const struct ll_allocate_in in = {
        .items = w.items,
        .assets = w.assets,
        .n_items = w.n,
        .n_pools = w.pools.n,
        .n_groups = w.groups.n,
        .n_resources = RESOURCES,
        .idle = split_of(json_object_get(options, "share_idle")),
        .share = split_of(json_object_get(options, "split")),
        .overhead = 24 * cost_check_number(options, "overhead", 0),
    };
    LL_AUTO(ll_arena) arena = ll_arena_new(MEMORY);
    if (!ll_allocate(&in, arena, &out, &err))
        return cost_check_fail("%s", err.text);
    double shown = 0;
    for (size_t g = 0; g < w.groups.n; g++) {
        shown += out.groups[g].total;
        if (!check_group(expect, w.groups.v[g], out.groups[g].total, tolerance))
            return false;
    }
    for (size_t p = 0; p < w.pools.n; p++)
        shown += out.idle[p] + out.overcommit[p];
    double assets = in.overhead;
    for (size_t i = 0; i < w.n; i++)
        for (size_t r = ASSETS; r < RESOURCES; r++)
            assets += w.cost[i][r];
    for (size_t p = 0; p < w.pools.n; p++)
        for (size_t r = 0; r < ASSETS; r++)
            assets += w.assets[p * RESOURCES + r];
    return check_idle(options, expect, &out, tolerance) &&
           cost_check_near("total", shown, cost_check_number(c, "expect_total", NAN), 0,
                           2 * tolerance) &&
           cost_check_near("conserved", out.total, assets, 1e-9, 0);
}

int main(int argc, char **argv)
{
    json_t *doc = cost_check_load(argc, argv);
    const json_t *cases = json_object_get(doc, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        cost_check_case("allocation", cost_check_text(c, "id"), run(doc, c));
    }
    json_decref(doc);
    return cost_check_end();
}
