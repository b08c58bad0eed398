#include <math.h>
#include <stdio.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/table.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "resource_type", .title = "RESOURCE"},
    {.key = "timestamp", .title = "AT"},
    {.key = "value", .title = "PEAK", .right = true},
    {.key = "upper_95", .title = "P95", .right = true},
    {.key = "capacity", .title = "CAPACITY", .right = true},
    {.key = "exceeds_capacity", .title = "OVER", .right = true},
};

static void amount(struct ll_table *t, const struct ll_ctx *c, const char *unit, double v)
{
    char text[LL_TEXT_MAX];
    ll_table_number(t, ll_text_amount(c, unit, v, text), v, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *p)
{
    char when[LL_ZONE_TEXT_MAX], text[LL_TEXT_MAX];
    const char *unit = ll_json_text(p, "unit"), *resource = ll_json_text(p, "resource_type");
    double over = ll_json_number(p, "exceeds_capacity");
    ll_table_cell(t, ll_json_text(p, "service"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_text_resource(resource), resource, LL_TINT_NONE);
    ll_table_cell(t, ll_zone_format(ll_json_time(p, "timestamp"), LL_ZONE_MINUTE, when),
                  ll_json_text(p, "timestamp"), LL_TINT_NONE);
    amount(t, c, unit, ll_json_number(p, "value"));
    amount(t, c, unit, ll_json_number(p, "upper_95"));
    amount(t, c, unit, ll_json_number(p, "capacity"));
    ll_table_number(t, ll_text_percent(c, over * 100, text), over,
                    over >= 0.05 ? LL_TINT_CRIT : LL_TINT_NONE);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    struct ll_str path;
    const char *service = c->args->n_positionals ? c->args->positionals[0] : NULL;
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/peaks");
    if (service)
        ll_client_query(&path, "service", service);
    bool ok = ll_client_get(c, ll_str_z(&path), &answer, err);
    ll_str_fini(&path);
    if (!ok)
        return false;
    json_t *items = json_object_get(answer, "items");
    if (ll_json_print_form(c, answer, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *p;
    json_array_foreach(items, i, p)
    {
        add_row(t, c, p);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("no forecast yet: the first needs two hours of data");
    return ll_table_print(t, c, err);
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
             "present capacity.",
    .examples = {{"loadline peaks", "all of them"},
                 {"loadline peaks order-gateway -o csv", "of one service, for a program"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .positionals = positionals,
    .run = run,
};
