#include <math.h>
#include <stdio.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/table.h"

static const struct ll_column columns[] = {
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "resource_type", .title = "RESOURCE"},
    {.key = "hours_ahead", .title = "AHEAD", .right = true},
    {.key = "compared", .title = "HOURS", .right = true},
    {.key = "wape", .title = "WAPE", .right = true},
    {.key = "naive_wape", .title = "NAIVE", .right = true},
    {.key = "mase", .title = "MASE", .right = true},
    {.key = "bias", .title = "BIAS", .right = true},
    {.key = "coverage", .title = "INSIDE", .right = true},
};

static void percent(struct ll_table *t, const struct ll_ctx *c, double ratio)
{
    char text[LL_TEXT_MAX];
    ll_table_number(t, ll_text_percent(c, ratio * 100, text), ratio, LL_TINT_NONE);
}

static void ratio(struct ll_table *t, const struct ll_ctx *c, double v)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%.2f", v);
    ll_table_number(t, isnan(v) ? ll_text_none(c) : text, v, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *a)
{
    char text[LL_TEXT_MAX];
    const char *resource = ll_json_text(a, "resource_type");
    double ahead = ll_json_number(a, "hours_ahead");
    ll_table_cell(t, ll_json_text(a, "service"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_text_resource(resource), resource, LL_TINT_NONE);
    snprintf(text, sizeof(text), "%.0f h", ahead);
    ll_table_number(t, text, ahead, LL_TINT_NONE);
    snprintf(text, sizeof(text), "%.0f", ll_json_number(a, "compared"));
    ll_table_number(t, text, ll_json_number(a, "compared"), LL_TINT_NONE);
    percent(t, c, ll_json_number(a, "wape"));
    percent(t, c, ll_json_number(json_object_get(a, "seasonal_naive"), "wape"));
    ratio(t, c, ll_json_number(a, "mase"));
    percent(t, c, ll_json_number(a, "bias"));
    percent(t, c, ll_json_number(a, "coverage"));
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    struct ll_str path;
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/accuracy");
    ll_client_query(&path, "days", ll_args_text(c->args, "days"));
    if (c->args->n_positionals)
        ll_client_query(&path, "service", c->args->positionals[0]);
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
    json_t *a;
    json_array_foreach(items, i, a)
    {
        add_row(t, c, a);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("nothing to compare yet: the first hour of a forecast must be over");
    return ll_table_print(t, c, err);
}

static const struct ll_flag flags[] = {{.name = "days",
                                        .type = LL_FLAG_COUNT,
                                        .arg = "N",
                                        .fallback = "30",
                                        .doc = "back from today, at most 90"},
                                       {0}};

static const struct ll_positional positionals[] = {{.name = "SERVICE",
                                                    .optional = true,
                                                    .kind = LL_POSITIONAL_SERVICE,
                                                    .doc = "only this service"},
                                                   {0}};

const struct ll_command ll_cmd_accuracy = {
    .name = "accuracy",
    .group = "Forecast",
    .doc = "show how the daemon's forecasts came out, beside seasonal naive",
    .about = "Hourly means that came against those forecast so many hours AHEAD. WAPE is the sum "
             "of errors over the sum of values, NAIVE the same of the seasonal naive model; MASE "
             "below 1 is better than the usual seasonal difference; BIAS above 0 said too much; "
             "INSIDE is the share within the bounds.",
    .examples = {{"loadline accuracy", "of all services over 30 days"},
                 {"loadline accuracy order-gateway --days 7", "of one, of the last week"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
