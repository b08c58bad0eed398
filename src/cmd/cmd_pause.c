/* Pauses and freezes: of one target or of all; they always end. */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"

static bool put(struct ll_ctx *c, const char *path, const char *what, ll_time until,
                json_t **answer, struct ll_err *err)
{
    LL_AUTO_JSON target = NULL;
    char at[LL_TIME_TEXT_MAX];
    if (c->args->n_positionals && !ll_scaling_ask_target(c, c->args->positionals[0], &target, err))
        return false;
    LL_AUTO_JSON body = json_pack("{s:s}", "what", what);
    if (until != LL_TIME_NONE)
        json_object_set_new(body, "until", json_string(ll_time_format(until, at)));
    if (ll_args_text(c->args, "reason"))
        json_object_set_new(body, "reason", json_string(ll_args_text(c->args, "reason")));
    if (target)
        json_object_set(body, "target", json_object_get(target, "name"));
    char *text = json_dumps(body, JSON_COMPACT);
    struct ll_str out;
    ll_str_init(&out, LL_SCALING_PATH_MAX);
    ll_str_addz(&out, text ? text : "");
    free(text);
    const bool ok = ll_client_send(c, LL_HTTP_PUT, path, &out, NULL, answer, err);
    ll_str_fini(&out);
    return ok;
}

static bool change(struct ll_ctx *c, const char *path, const char *done, const char *what, bool off,
                   struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    ll_time until;
    if (!off && !ll_args_given(c->args, "reason"))
        return ll_err_set(err, LL_E_USAGE, "--reason is missing: why, for who finds it");
    if (!ll_scaling_ask_until(c, off, &until, err) || !put(c, path, what, until, &answer, err))
        return false;
    if (ll_json_print_form(c, answer, answer))
        return true;
    char at[LL_TIME_TEXT_MAX];
    ll_str_addf(&c->out, "%s: ", done);
    ll_text_add(&c->out, c->args->n_positionals ? c->args->positionals[0] : "all targets", 0,
                c->utf8);
    if (until != LL_TIME_NONE)
        ll_str_addf(&c->out, " (%s) until %s", what, ll_time_format(until, at));
    ll_str_addc(&c->out, '\n');
    return true;
}

static bool run_pause(struct ll_ctx *c, struct ll_err *err)
{
    return change(c, "/api/v1/pause", "paused", ll_args_text(c->args, "direction"), false, err);
}

static bool run_resume(struct ll_ctx *c, struct ll_err *err)
{
    return change(c, "/api/v1/pause", "resumed", "none", true, err);
}

static bool run_freeze(struct ll_ctx *c, struct ll_err *err)
{
    const bool off = ll_args_bool(c->args, "off");
    const char *what = off ? "none" : ll_args_bool(c->args, "both") ? "both" : "in";
    return change(c, "/api/v1/freeze", off ? "thawed" : "frozen", what, off, err);
}

#define LL_PAUSE_ENDS                                                                              \
    {.name = "for", .type = LL_FLAG_DURATION, .arg = "SPAN", .doc = "how long from now"},          \
        {.name = "until", .type = LL_FLAG_MOMENT, .arg = "TIME", .doc = "until when"},             \
    {                                                                                              \
        .name = "reason", .type = LL_FLAG_TEXT, .arg = "TEXT", .doc = "why, for who finds it"      \
    }

static const struct ll_flag pause_flags[] = {LL_PAUSE_ENDS,
                                             {.name = "direction",
                                              .type = LL_FLAG_CHOICE,
                                              .arg = "WHICH",
                                              .choices = "in|out|both",
                                              .fallback = "both",
                                              .doc = "which way is paused"},
                                             {0}};

static const struct ll_flag freeze_flags[] = {
    LL_PAUSE_ENDS,
    {.name = "both", .type = LL_FLAG_BOOL, .doc = "no scale-out either"},
    {.name = "off", .type = LL_FLAG_BOOL, .doc = "end it"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "TARGET",
     .optional = true,
     .kind = LL_POSITIONAL_TEXT,
     .doc = "a target, or a rule for the target it drives; without it all"},
    {0}};

const struct ll_command ll_cmd_rules_pause = {
    .name = "rules pause",
    .group = "Scaling",
    .doc = "hold what rules decide for a target or for all, for a while",
    .examples = {{"loadline rules pause order-gateway --for 2h --reason 'release 4.1'", "one"},
                 {"loadline rules pause --for 30m --direction in --reason incident",
                  "scale-in everywhere"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = pause_flags,
    .positionals = positionals,
    .run = run_pause,
};

const struct ll_command ll_cmd_rules_resume = {
    .name = "rules resume",
    .group = "Scaling",
    .doc = "end a pause",
    .examples = {{"loadline rules resume order-gateway", "of one target"},
                 {"loadline rules resume", "the pause of everything"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .positionals = positionals,
    .run = run_resume,
};

const struct ll_command ll_cmd_freeze = {
    .name = "freeze",
    .group = "Scaling",
    .doc = "forbid scale-in, or any change, for a while",
    .about = "A freeze is a guard of the decision: it explains itself there, and what a person "
             "approves waits for its end too.",
    .examples = {{"loadline freeze --for 4h --reason 'quarter end'", "no scale-in anywhere"},
                 {"loadline freeze order-gateway --off", "end it for one target"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = freeze_flags,
    .positionals = positionals,
    .run = run_freeze,
};
