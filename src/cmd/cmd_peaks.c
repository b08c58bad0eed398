#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/list.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "resource_type", .title = "RESOURCE"},
    {.key = "timestamp", .title = "AT"},
    {.key = "value", .title = "PEAK", .right = true},
    {.key = "upper_95", .title = "P95", .right = true},
    {.key = "capacity", .title = "CAPACITY", .right = true},
    {.key = "exceeds_capacity", .title = "OVER", .right = true},
    {.key = "trust", .title = "TRUST"},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *p)
{
    char when[LL_ZONE_TEXT_MAX];
    const char *unit = ll_json_text(p, "unit"), *trust = ll_json_text(p, "trust");
    double over = ll_json_number(p, "exceeds_capacity");
    ll_table_cell(t, ll_json_text(p, "service"), NULL, LL_TINT_NONE);
    ll_list_resource(t, ll_json_text(p, "resource_type"));
    ll_table_cell(t, ll_zone_format(ll_json_time(p, "timestamp"), LL_ZONE_MINUTE, when),
                  ll_json_text(p, "timestamp"), LL_TINT_NONE);
    ll_list_amount(t, c, unit, ll_json_number(p, "value"));
    ll_list_amount(t, c, unit, ll_json_number(p, "upper_95"));
    ll_list_amount(t, c, unit, ll_json_number(p, "capacity"));
    ll_list_percent(t, c, over, over >= 0.05 ? LL_TINT_CRIT : LL_TINT_NONE);
    ll_table_cell(t, ll_json_is_true(p, "stale") ? "stale" : trust, NULL, LL_TINT_DIM);
}

static const struct ll_list list = {
    .columns = columns,
    .n_columns = LL_LEN(columns),
    .add = add_row,
    .none = "no forecast yet: the first needs two hours of data",
};

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_str path;
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/peaks");
    if (c->args->n_positionals)
        ll_client_query(&path, "service", c->args->positionals[0]);
    bool ok = ll_list_print(c, ll_str_z(&path), &list, err);
    ll_str_fini(&path);
    return ok;
}

static const struct ll_positional positionals[] = {{.name = "SERVICE",
                                                    .optional = true,
                                                    .kind = LL_POSITIONAL_SERVICE,
                                                    .doc = "only this service"},
                                                   {0}};

const struct ll_command ll_cmd_peaks = {
    .name = "peaks",
    .group = "Forecast",
    .doc = "list the peak to expect of each service's resource",
    .about = "The peak is that of the maximum over the horizon (forecast_horizon_hours). P95 is "
             "the value it stays under with 95 %, OVER the probability that it is higher than the "
             "present capacity. TRUST says whether forecasts of it came out well (loadline "
             "accuracy), or "
             "that this one is stale.",
    .examples = {{"loadline peaks", "all of them"},
                 {"loadline peaks order-gateway -o csv", "of one service, for a program"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .positionals = positionals,
    .run = run,
};
