#include "cmd/forecast_daemon.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/list.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "timestamp", .title = "TIME"},
    {.key = "predicted_value", .title = "EXPECTED", .right = true},
    {.key = "confidence_lower", .title = "LOWER", .right = true},
    {.key = "confidence_upper", .title = "UPPER", .right = true},
};

/* A span alone means anything here: the steps are the daemon's. */
static bool add_horizon(const struct ll_ctx *c, struct ll_str *path, struct ll_err *err)
{
    ll_dur span;
    char text[LL_NUM_TEXT_MAX + 1];
    const char *given = ll_args_text(c->args, "horizon");
    if (!given)
        return true;
    if (!ll_dur_parse(ll_slice_of(given), &span, NULL) || span <= 0)
        return ll_err_set(err, LL_E_USAGE,
                          "--horizon '%s' is no span such as 48h, which the daemon wants", given);
    text[ll_num_format((double)span / (double)LL_HOUR, text)] = '\0';
    ll_client_query(path, "horizon_hours", text);
    return true;
}

static bool refuse_file_flags(const struct ll_ctx *c, struct ll_err *err)
{
    static const char *const flags[] = {"model", "level", "seasons", "calendar", "threads"};
    for (size_t i = 0; i < LL_LEN(flags); i++)
        if (ll_args_given(c->args, flags[i]))
            return ll_err_set(err, LL_E_USAGE,
                              "--%s belongs to the form with a FILE; the daemon has its settings",
                              flags[i]);
    return true;
}

static void add_rows(struct ll_table *t, const struct ll_ctx *c, const json_t *f)
{
    char when[LL_ZONE_TEXT_MAX];
    const char *unit = ll_json_text(f, "unit");
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(f, "points"), i, p)
    {
        ll_time at = ll_json_time(p, "timestamp");
        ll_table_cell(t, ll_zone_format(at, LL_ZONE_MINUTE, when), ll_json_text(p, "timestamp"),
                      LL_TINT_NONE);
        ll_list_amount(t, c, unit, ll_json_number(p, "predicted_value"));
        ll_list_amount(t, c, unit, ll_json_number(p, "confidence_lower"));
        ll_list_amount(t, c, unit, ll_json_number(p, "confidence_upper"));
    }
}

/* How it was made, on how many days each effect stands, and whether to count on it. */
static void say_what(const json_t *answer)
{
    const json_t *trust = json_object_get(answer, "trust");
    size_t i;
    json_t *e;
    ll_ctx_say("%s: %s", ll_json_text(answer, "model_used"), ll_json_text(answer, "reason"));
    json_array_foreach(json_object_get(answer, "effects"), i, e)
    {
        ll_ctx_say("%s: x %.2f, seen on %.0f days of its own and %.0f of others of the venue",
                   ll_json_text(e, "class"), ll_json_number(e, "factor"), ll_json_number(e, "days"),
                   ll_json_number(e, "days_of_venue"));
    }
    ll_ctx_say("%s: %s", ll_json_text(trust, "verdict"), ll_json_text(trust, "reason"));
    if (ll_json_is_true(answer, "stale"))
        ll_ctx_say("stale: made %s, and no newer sample came since", ll_json_text(answer, "made"));
}

bool ll_forecast_daemon(struct ll_ctx *c, const char *service, const char *resource,
                        struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    struct ll_str path;
    if (!refuse_file_flags(c, err))
        return false;
    ll_str_init(&path, 4096);
    ll_str_addz(&path, "/api/v1/forecasts");
    ll_client_query(&path, "service", service);
    ll_client_query(&path, "resource_type", resource);
    bool ok = add_horizon(c, &path, err) && ll_client_get(c, ll_str_z(&path), &answer, err);
    ll_str_fini(&path);
    if (!ok || ll_json_print_form(c, answer, json_object_get(answer, "points")))
        return ok;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    add_rows(t, c, answer);
    if (c->form == LL_FORM_TABLE || c->form == LL_FORM_WIDE)
        say_what(answer);
    return ll_table_print(t, c, err);
}
