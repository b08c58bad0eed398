/* The configuration: shown, documented, checked. */
#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/settings.h"

static bool run_show(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_config) config = NULL;
    if (!ll_settings_load(c->args, &config, err))
        return false;
    ll_config_show(config, ll_args_bool(c->args, "sources"), &c->out);
    return true;
}

static const struct ll_flag show_flags[] = {
    {.name = "sources",
     .type = LL_FLAG_BOOL,
     .doc = "say behind each line where it came from: flag, environment, file or default"},
    {0}};

const struct ll_command ll_cmd_config_show = {
    .name = "config show",
    .group = "Configuration",
    .doc = "print the configuration that would be used, as YAML",
    .about = "Give it the flags and the environment of the daemon. Secrets are not shown.",
    .examples = {{"loadline config show --config.file=loadline.yml", "what the file leads to"},
                 {"loadline config show --sources", "where each value comes from"}},
    .traits = LL_CMD_SETTINGS,
    .flags = show_flags,
    .run = run_show,
};

static bool run_schema(struct ll_ctx *c, struct ll_err *err)
{
    (void)err;
    ll_config_schema(&c->out, c->form == LL_FORM_JSON);
    return true;
}

const struct ll_command ll_cmd_config_schema = {
    .name = "config schema",
    .group = "Configuration",
    .doc = "document every key of the configuration",
    .examples = {{"loadline config schema", "type, default, limits and meaning"},
                 {"loadline config schema -o json", "a JSON Schema for editors"}},
    .traits = LL_CMD_JSON,
    .run = run_schema,
};
