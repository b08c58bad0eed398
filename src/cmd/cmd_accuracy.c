#include <stdio.h>
#include <string.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/list.h"

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
    {.key = "trust", .title = "TRUST"},
    {.key = "reason", .title = "REASON", .flex = true, .wide = true},
};

static enum ll_tint verdict_tint(const char *verdict)
{
    if (strcmp(verdict, "trusted") == 0)
        return LL_TINT_OK;
    return strcmp(verdict, "unmeasured") == 0 ? LL_TINT_DIM : LL_TINT_WARN;
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *a)
{
    char text[LL_TEXT_MAX];
    const json_t *trust = json_object_get(a, "trust");
    const char *verdict = ll_json_text(trust, "verdict");
    double ahead = ll_json_number(a, "hours_ahead");
    ll_table_cell(t, ll_json_text(a, "service"), NULL, LL_TINT_NONE);
    ll_list_resource(t, ll_json_text(a, "resource_type"));
    snprintf(text, sizeof(text), "%s%.4g h", ll_json_is_true(a, "lead") ? "*" : "", ahead);
    ll_table_number(t, text, ahead, LL_TINT_NONE);
    snprintf(text, sizeof(text), "%.0f", ll_json_number(a, "compared"));
    ll_table_number(t, text, ll_json_number(a, "compared"), LL_TINT_NONE);
    ll_list_percent(t, c, ll_json_number(a, "wape"), LL_TINT_NONE);
    ll_list_percent(t, c, ll_json_number(json_object_get(a, "seasonal_naive"), "wape"),
                    LL_TINT_NONE);
    ll_list_ratio(t, c, ll_json_number(a, "mase"));
    ll_list_percent(t, c, ll_json_number(a, "bias"), LL_TINT_NONE);
    ll_list_percent(t, c, ll_json_number(a, "coverage"), LL_TINT_NONE);
    ll_table_cell(t, verdict, NULL, verdict_tint(verdict));
    ll_table_cell(t, ll_json_text(trust, "reason"), NULL, LL_TINT_DIM);
}

static const struct ll_list list = {
    .columns = columns,
    .n_columns = LL_LEN(columns),
    .add = add_row,
    .none = "nothing to compare yet: the first hour of a forecast must be over",
};

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_str path;
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/accuracy");
    ll_client_query(&path, "days", ll_args_text(c->args, "days"));
    if (c->args->n_positionals)
        ll_client_query(&path, "service", c->args->positionals[0]);
    bool ok = ll_list_print(c, ll_str_z(&path), &list, err);
    ll_str_fini(&path);
    return ok;
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
    .about =
        "Hourly means that came against those forecast so many hours AHEAD. WAPE is the sum "
        "of errors over the sum of values, NAIVE the same of the seasonal naive model; MASE "
        "below 1 is better than the usual seasonal difference; BIAS above 0 said too much; "
        "INSIDE is the share within the bounds. TRUST is what scaling goes by, at the AHEAD with a "
        "star: trusted, or loses (to seasonal naive), narrow or wide (bounds more than 5 "
        "points from what they promise), unmeasured (less than 24 hours came).",
    .examples = {{"loadline accuracy", "of all services over 30 days"},
                 {"loadline accuracy order-gateway --days 7", "of one, of the last week"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
