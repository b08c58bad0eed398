#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/json.h"
#include "config/config.h"

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_config) config = NULL;
    const struct ll_config_source src = {.file = c->args->positionals[0]};
    if (!ll_config_load(&src, &config, err))
        return false;
    if (c->form != LL_FORM_JSON) {
        ll_str_addf(&c->out, "%s is valid\n", src.file);
        return true;
    }
    LL_AUTO_JSON doc =
        json_pack("{s:s, s:b, s:s}", "file", src.file, "valid", 1, "hash", config->hash);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    ll_json_print(c, doc);
    return true;
}

static const struct ll_positional positionals[] = {
    {.name = "FILE", .kind = LL_POSITIONAL_FILE, .doc = "a configuration file"}, {0}};

const struct ll_command ll_cmd_check_config = {
    .name = "check config",
    .group = "Configuration",
    .doc = "check a configuration file and say everything that is wrong with it",
    .about = "Flags and environment do not count here. Exit code 3 when the file is refused.",
    .examples = {{"loadline check config /etc/loadline/loadline.yml", "before a reload"},
                 {"loadline check config new.yml && kill -HUP PID", "reload only what is valid"}},
    .traits = LL_CMD_JSON,
    .positionals = positionals,
    .run = run,
};
