/* What waits for a person, and what a person says to it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"

static const struct ll_column columns[] = {
    {.key = "action_id", .title = "PROPOSAL"},
    {.key = "target", .title = "TARGET", .flex = true},
    {.key = "direction", .title = "DIRECTION", .spare = true},
    {.key = "from_value", .title = "FROM", .right = true},
    {.key = "to_value", .title = "TO", .right = true},
    {.key = "timestamp", .title = "SINCE", .spare = true},
    {.key = "expires", .title = "DECIDE BY"},
    {.key = "reason", .title = "WHY", .flex = true},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    ll_scaling_cell_text(t, c, item, "action_id");
    ll_scaling_cell_text(t, c, item, "target");
    ll_scaling_cell_text(t, c, item, "direction");
    ll_scaling_cell_count(t, c, item, "from_value");
    ll_scaling_cell_count(t, c, item, "to_value");
    ll_scaling_cell_time(t, c, item, "timestamp");
    ll_scaling_cell_time(t, c, item, "expires");
    ll_scaling_cell_text(t, c, item, "reason");
}

static bool run_list(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    return ll_client_list(c, "/api/v1/actions?state=proposed", 0, &items, err) &&
           ll_scaling_print_list(c, items, columns, LL_LEN(columns), add_row, "no proposal waits",
                                 err);
}

static void add_line(struct ll_ctx *c, const char *name, const char *text)
{
    ll_str_addf(&c->out, "  %-10s ", name);
    ll_text_add(&c->out, text[0] ? text : ll_text_none(c), 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

static void show(struct ll_ctx *c, const json_t *a)
{
    static const char *const lines[] = {"state",   "rule_id", "reason",     "timestamp",
                                        "expires", "actor",   "decision_id"};
    const char *id = ll_json_text(a, "action_id");
    ll_text_add(&c->out, ll_json_text(a, "target"), 0, c->utf8);
    ll_str_addf(&c->out, ": %s from %.0f to %.0f (proposal ", ll_json_text(a, "direction"),
                ll_json_number(a, "from_value"), ll_json_number(a, "to_value"));
    ll_text_add(&c->out, id, 0, c->utf8);
    ll_str_addz(&c->out, ")\n");
    for (size_t i = 0; i < LL_LEN(lines); i++)
        add_line(c, lines[i], ll_json_text(a, lines[i]));
    ll_str_addf(&c->out,
                "  explain:   loadline explain %s\n  approve:   loadline proposals approve "
                "%s\n  reject:    loadline proposals reject %s\n",
                ll_json_text(a, "decision_id"), id, id);
}

static bool run_show(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON a = NULL;
    if (!ll_scaling_ask_waiting(c, c->args->positionals[0], &a, err))
        return false;
    if (!ll_json_print_form(c, a, a))
        show(c, a);
    return true;
}

/* A prefix is made whole where something waits under it; else the daemon says what became of it. */
static bool say(struct ll_ctx *c, const char *verb, const char *done, struct ll_err *err)
{
    LL_AUTO_JSON waiting = NULL;
    LL_AUTO_JSON answer = NULL;
    struct ll_str path;
    const char *id = c->args->positionals[0];
    if (!ll_scaling_ask_waiting(c, id, &waiting, err) && err->code != LL_E_NOT_FOUND)
        return false;
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addz(&path, "/api/v1/actions");
    ll_client_segment(&path, waiting ? ll_json_text(waiting, "action_id") : id);
    ll_str_addf(&path, "/%s", verb);
    const bool ok = ll_client_send(c, LL_HTTP_POST, ll_str_z(&path), NULL, NULL, &answer, err);
    ll_str_fini(&path);
    if (!ok || ll_json_print_form(c, answer, answer))
        return ok;
    ll_str_addf(&c->out, "%s: ", done);
    ll_text_add(&c->out, ll_json_text(answer, "target"), 0, c->utf8);
    ll_str_addf(&c->out, " from %.0f to %.0f, now %s\n", ll_json_number(answer, "from_value"),
                ll_json_number(answer, "to_value"), ll_json_text(answer, "state"));
    return true;
}

static bool run_approve(struct ll_ctx *c, struct ll_err *err)
{
    return say(c, "approve", "approved", err);
}

static bool run_reject(struct ll_ctx *c, struct ll_err *err)
{
    return say(c, "reject", "rejected", err);
}

static const struct ll_positional positionals[] = {
    {.name = "ID",
     .kind = LL_POSITIONAL_TEXT,
     .doc = "of a proposal, or as much of its beginning as is unique"},
    {0}};

const struct ll_command ll_cmd_proposals_list = {
    .name = "proposals list",
    .group = "Scaling",
    .doc = "list what waits for somebody's approval",
    .examples = {{"loadline proposals list", "all that wait"},
                 {"loadline proposals list -o json", "for a script"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .run = run_list,
};

const struct ll_command ll_cmd_proposals_show = {
    .name = "proposals show",
    .group = "Scaling",
    .doc = "show one proposal",
    .examples = {{"loadline proposals show 8f2c", "with what to do about it"},
                 {"loadline proposals show 8f2c -o json", "for a script"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .positionals = positionals,
    .run = run_show,
};

const struct ll_command ll_cmd_proposals_approve = {
    .name = "proposals approve",
    .group = "Scaling",
    .doc = "let a proposal be done",
    .about = "Exits 7 when it does not wait any more: it was done, rejected, has expired, or the "
             "target has changed since.",
    .examples = {{"loadline proposals approve 8f2c", "do it now"},
                 {"loadline proposals approve 8f2c -o json", "with what became of it"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .positionals = positionals,
    .run = run_approve,
};

const struct ll_command ll_cmd_proposals_reject = {
    .name = "proposals reject",
    .group = "Scaling",
    .doc = "turn a proposal down",
    .examples = {{"loadline proposals reject 8f2c", "not now"},
                 {"loadline proposals reject 8f2c -o json", "with what became of it"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .positionals = positionals,
    .run = run_reject,
};
