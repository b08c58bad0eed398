#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/settings.h"
#include "engine/notices.h"

static bool say(struct ll_ctx *c, const char *receiver, bool delivered, const char *answer,
                struct ll_err *err)
{
    if (!delivered)
        return ll_err_set(err, LL_E_UNREACHABLE, "%s did not take it: %s", receiver, answer);
    ll_str_addf(&c->out, "%s took it: %s\n", receiver, answer);
    return true;
}

static bool by_itself(struct ll_ctx *c, struct ll_slice receiver, struct ll_err *err)
{
    LL_AUTO(ll_config) config = NULL;
    struct ll_notices_reply reply;
    if (!ll_settings_load(c->args, &config, err))
        return false;
    struct ll_notices_way way = {0};
    bool ok = ll_notices_test(&way, config, receiver, c->now, &reply, err);
    ll_http_client_free(way.http);
    if (!ok)
        return false;
    return say(c, reply.receiver, reply.result == LL_NOTICE_DELIVERED, reply.text, err);
}

static bool through_daemon(struct ll_ctx *c, const char *receiver, struct ll_err *err)
{
    LL_AUTO_JSON doc = NULL;
    struct ll_str path;
    ll_str_init(&path, 2048);
    ll_str_addz(&path, "/api/v1/notifications/test");
    if (receiver)
        ll_client_query(&path, "receiver", receiver);
    bool ok = ll_client_post(c, ll_str_z(&path), NULL, &doc, err);
    ll_str_fini(&path);
    return ok &&
           say(c, ll_json_text(doc, "receiver"), json_is_true(json_object_get(doc, "delivered")),
               ll_json_text(doc, "answer"), err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    const char *receiver = c->args->positionals[0];
    return ll_args_given(c->args, "config.file") ? by_itself(c, ll_slice_of(receiver), err)
                                                 : through_daemon(c, receiver, err);
}

static const struct ll_positional positionals[] = {
    {.name = "RECEIVER", .optional = true, .doc = "its name; without it the first"}, {0}};

const struct ll_command ll_cmd_notify_test = {
    .name = "notify test",
    .group = "Scaling",
    .doc = "send a test to a receiver of notifications and say what came back",
    .about = "The running daemon sends it, which needs the role operator; with --config.file this "
             "program sends it by itself, as that file says. Exit code 5 when the receiver did "
             "not take it.",
    .examples = {{"loadline notify test ops", "does the daemon reach the receiver ops?"},
                 {"loadline notify test --config.file new.yml", "before the file is in force"}},
    .traits = LL_CMD_CLIENT | LL_CMD_SETTINGS,
    .positionals = positionals,
    .run = run,
};
