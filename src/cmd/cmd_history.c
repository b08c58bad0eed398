#include "cmd/commands.h"
#include "cmd/scaling_ask.h"

static const struct ll_column columns[] = {
    {.key = "timestamp", .title = "WHEN"},
    {.key = "target", .title = "TARGET", .flex = true},
    {.key = "direction", .title = "DIRECTION", .spare = true},
    {.key = "from_value", .title = "FROM", .right = true},
    {.key = "to_value", .title = "TO", .right = true},
    {.key = "state", .title = "STATE"},
    {.key = "actor", .title = "BY", .spare = true},
    {.key = "rule_id", .title = "RULE", .spare = true},
    {.key = "reason", .title = "WHY", .flex = true},
    {.key = "decision_id", .title = "DECISION", .wide = true},
    {.key = "action_id", .title = "ACTION", .wide = true},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    ll_scaling_cell_time(t, c, item, "timestamp");
    ll_scaling_cell_text(t, c, item, "target");
    ll_scaling_cell_text(t, c, item, "direction");
    ll_scaling_cell_count(t, c, item, "from_value");
    ll_scaling_cell_count(t, c, item, "to_value");
    ll_scaling_cell_text(t, c, item, "state");
    ll_scaling_cell_text(t, c, item, "actor");
    ll_scaling_cell_text(t, c, item, "rule_id");
    ll_scaling_cell_text(t, c, item, "reason");
    ll_scaling_cell_text(t, c, item, "decision_id");
    ll_scaling_cell_text(t, c, item, "action_id");
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    static const char *const names[] = {"target", "service", "state"};
    LL_AUTO_JSON items = NULL;
    struct ll_str path;
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addf(&path, "/api/v1/actions?hours=%g",
                (double)ll_args_duration(c->args, "since") / (double)LL_HOUR);
    for (size_t i = 0; i < LL_LEN(names); i++)
        if (ll_args_text(c->args, names[i]))
            ll_client_query(&path, names[i], ll_args_text(c->args, names[i]));
    const bool ok =
        ll_client_list(c, ll_str_z(&path), (size_t)ll_args_count(c->args, "limit"), &items, err);
    ll_str_fini(&path);
    return ok && ll_scaling_print_list(c, items, columns, LL_LEN(columns), add_row,
                                       "nothing was done or proposed in that time", err);
}

static const struct ll_flag flags[] = {
    {.name = "since",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "7d",
     .doc = "how far back"},
    {.name = "target", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only this target's"},
    {.name = "service", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only this service's"},
    {.name = "state",
     .type = LL_FLAG_TEXT,
     .arg = "STATE",
     .doc = "only in this state: proposed, pending, unknown, applied, not_applied, failed, "
            "superseded, rejected, expired, observed"},
    {.name = "limit", .letter = 'n', .type = LL_FLAG_COUNT, .arg = "N", .doc = "at most so many"},
    {0}};

const struct ll_command ll_cmd_history = {
    .name = "history",
    .group = "Scaling",
    .doc = "list what was done, proposed, or would have been done, newest first",
    .examples = {{"loadline history --target order-gateway --since 24h", "a day of one target"},
                 {"loadline history --state failed -o csv", "what went wrong"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
