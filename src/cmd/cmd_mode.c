/* How far rules may go: the daemon's mode, or one rule's. */
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"

static void add_pause(struct ll_ctx *c, const char *what, const json_t *p)
{
    const char *way = ll_json_text(p, "what"), *reason = ll_json_text(p, "reason");
    if (!way[0] || ll_slice_is(LL_SLICE("none"), way))
        return;
    ll_str_addf(&c->out, "%s: %s until %s by ", what, way, ll_json_text(p, "until"));
    ll_text_add(&c->out, ll_json_text(p, "actor"), 0, c->utf8);
    ll_str_addz(&c->out, reason[0] ? ", " : "");
    ll_text_add(&c->out, reason, 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

static void show(struct ll_ctx *c, const json_t *m)
{
    static const char *const modes[] = {"off", "observe", "approve", "auto"};
    const json_t *rules = json_object_get(m, "rules");
    size_t i;
    json_t *t;
    ll_str_addf(&c->out, "mode %s\nrules: ", ll_json_text(m, "mode"));
    for (i = 0; i < LL_LEN(modes); i++)
        ll_str_addf(&c->out, "%s%.0f %s", i ? ", " : "", ll_json_number(rules, modes[i]), modes[i]);
    ll_str_addc(&c->out, '\n');
    add_pause(c, "everything is paused", json_object_get(m, "pause"));
    json_array_foreach(json_object_get(m, "targets"), i, t)
    {
        ll_text_add(&c->out, ll_json_text(t, "target"), 0, c->utf8);
        ll_str_addz(&c->out, ":\n");
        add_pause(c, "  paused", json_object_get(t, "pause"));
        add_pause(c, "  frozen", json_object_get(t, "freeze"));
    }
}

static bool put(struct ll_ctx *c, const char *mode, json_t **out, struct ll_err *err)
{
    struct ll_str body;
    const char *rule = ll_args_text(c->args, "rule");
    LL_AUTO_JSON doc = json_pack("{s:s}", "mode", mode);
    if (rule)
        json_object_set_new(doc, "rule_id", json_string(rule));
    char *text = json_dumps(doc, JSON_COMPACT);
    ll_str_init(&body, LL_SCALING_PATH_MAX);
    ll_str_addz(&body, text ? text : "");
    free(text);
    const bool ok = ll_client_send(c, LL_HTTP_PUT, "/api/v1/mode", &body, NULL, out, err);
    ll_str_fini(&body);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON m = NULL;
    const char *mode = c->args->n_positionals ? c->args->positionals[0] : NULL;
    if (!mode && ll_args_given(c->args, "rule"))
        return ll_err_set(err, LL_E_USAGE, "--rule needs a mode to set");
    const bool ok = mode ? put(c, mode, &m, err) : ll_client_get(c, "/api/v1/mode", &m, err);
    if (ok && !ll_json_print_form(c, m, m))
        show(c, m);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "rule", .type = LL_FLAG_TEXT, .arg = "ID", .doc = "set the mode of this rule alone"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "MODE",
     .optional = true,
     .kind = LL_POSITIONAL_TEXT,
     .doc = "off, observe, approve or auto; without it the present one is shown"},
    {0}};

const struct ll_command ll_cmd_mode = {
    .name = "mode",
    .group = "Scaling",
    .doc = "show or set how far rules may go",
    .about = "A rule goes as far as its own mode and the daemon's both allow: off records nothing, "
             "observe records what would be done, approve waits for a person, auto acts. Only who "
             "is an admin sets auto.",
    .examples = {{"loadline mode", "the mode, pauses, freezes"},
                 {"loadline mode approve --rule order-gateway-open", "of one rule"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
