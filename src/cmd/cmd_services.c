#include <math.h>
#include <string.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/found.h"
#include "cmd/rows.h"
#include "cmd/table.h"

static const struct ll_column columns[] = {
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "status", .title = "STATUS"},
    {.key = "cpu_pct", .title = "CPU", .right = true},
    {.key = "memory_pct", .title = "MEM", .right = true},
    {.key = "disk_pct", .title = "DISK", .right = true},
    {.key = "network_pct", .title = "NET", .right = true},
    {.key = "connections_pct", .title = "CONN", .right = true},
    {.key = "queue_depth_pct", .title = "QUEUE", .right = true},
    {.key = "api_calls_pct", .title = "API", .right = true},
    {.key = "instances", .title = "INST", .right = true},
    {.key = "headroom_seconds", .title = "LIMIT IN", .right = true},
    {.key = "environment", .title = "ENVIRONMENT", .wide = true},
    {.key = "cluster", .title = "CLUSTER", .wide = true},
    {.key = "namespace", .title = "NAMESPACE", .wide = true},
    {.key = "team", .title = "TEAM", .wide = true},
    {.key = "tier", .title = "TIER", .wide = true},
    {.key = "venue", .title = "VENUE", .wide = true},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *s)
{
    static const char *const labels[] = {"environment", "cluster", "namespace",
                                         "team",        "tier",    "venue"};
    char text[LL_TEXT_MAX];
    const char *status = ll_json_text(s, "status");
    ll_table_cell(t, ll_json_text(s, "service"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_text_status(status), status, ll_text_status_tint(status));
    for (int r = 0; r < LL_RESOURCE_COUNT; r++)
        ll_rows_utilization(t, c, s, ll_resource_name((enum ll_resource_type)r));
    double instances = ll_json_number(s, "instances");
    ll_table_number(t, ll_rows_count(c, instances, text), instances, LL_TINT_NONE);
    double headroom = ll_json_number(s, "headroom_seconds");
    ll_table_number(t, ll_text_span(c, headroom, text), headroom, LL_TINT_NONE);
    for (size_t i = 0; i < LL_LEN(labels); i++)
        ll_table_cell(t, ll_json_text(s, labels[i]), NULL, LL_TINT_NONE);
}

static bool print(struct ll_ctx *c, json_t *items, struct ll_err *err)
{
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *s;
    json_array_foreach(items, i, s)
    {
        add_row(t, c, s);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("no service has data yet");
    return ll_table_print(t, c, err);
}

static bool list(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    struct ll_str path;
    const char *q = ll_args_text(c->args, "filter");
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/services");
    if (q)
        ll_client_query(&path, "q", q);
    bool ok =
        ll_client_list(c, ll_str_z(&path), (size_t)ll_args_count(c->args, "limit"), &items, err);
    ll_str_fini(&path);
    return ok && print(c, items, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    bool found = ll_args_bool(c->args, "found"), unmatched = ll_args_bool(c->args, "unmatched");
    if (found && unmatched)
        return ll_err_set(err, LL_E_USAGE, "--found and --unmatched are two lists; ask for one");
    return found       ? ll_found_print_services(c, err)
           : unmatched ? ll_found_print_unmatched(c, err)
                       : list(c, err);
}

static const struct ll_flag flags[] = {
    {.name = "found",
     .type = LL_FLAG_BOOL,
     .doc = "which were found, by which source and rule, with instances, requests and limits"},
    {.name = "unmatched",
     .type = LL_FLAG_BOOL,
     .doc = "what came and belongs to no service: metrics, why, and an example of each"},
    {.name = "filter",
     .letter = 'q',
     .type = LL_FLAG_TEXT,
     .arg = "TEXT",
     .doc = "only services whose name or labels contain it; with --unmatched, metrics"},
    {.name = "limit", .letter = 'n', .type = LL_FLAG_COUNT, .arg = "N", .doc = "at most so many"},
    {0}};

const struct ll_command ll_cmd_services = {
    .name = "services",
    .group = "Look",
    .doc = "list services by least headroom, with each resource's utilisation",
    .about = "Numbers are percentages of capacity; a dash is no data or no known capacity. "
             "LIMIT IN is the time until the first resource reaches its critical threshold.",
    .examples = {{"loadline services", "all of them"},
                 {"loadline services -q kafka -o csv", "some of them, for a program"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
