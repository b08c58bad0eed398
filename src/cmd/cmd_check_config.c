#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/json.h"
#include "config/config.h"

static bool print_json(struct ll_ctx *c, const char *file, const struct ll_err *errs, size_t n,
                       struct ll_err *err)
{
    LL_AUTO_JSON list = json_array();
    for (size_t i = 0; i < LL_MIN(n, (size_t)LL_CONFIG_ERRORS_MAX); i++)
        json_array_append_new(list, json_pack("{s:i, s:i, s:s}", "line", errs[i].line, "column",
                                              errs[i].column, "message", errs[i].text));
    LL_AUTO_JSON doc = json_pack("{s:s, s:b, s:O}", "file", file, "valid", n == 0, "errors", list);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    ll_json_print(c, doc);
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    static struct ll_err errs[LL_CONFIG_ERRORS_MAX]; /* too large for a stack */
    const struct ll_config_source src = {.file = c->args->positionals[0],
                                         .env = (const char *const *)environ};
    size_t n = ll_config_check(&src, errs, LL_LEN(errs));
    c->exit_code = n ? ll_err_info(LL_E_CONFIG)->exit_code : 0;
    if (c->form == LL_FORM_JSON)
        return print_json(c, src.file, errs, n, err);
    for (size_t i = 0; i < LL_MIN(n, LL_LEN(errs)); i++)
        ll_ctx_say("%s", errs[i].text);
    if (n > LL_LEN(errs))
        ll_ctx_say("and %zu more", n - LL_LEN(errs));
    if (n == 0)
        ll_str_addf(&c->out, "%s is valid\n", src.file);
    return true;
}

static const struct ll_positional positionals[] = {
    {.name = "FILE", .kind = LL_POSITIONAL_FILE, .doc = "a configuration file"}, {0}};

const struct ll_command ll_cmd_check_config = {
    .name = "check config",
    .group = "Configuration",
    .doc = "say everything that is wrong with a configuration file",
    .about = "Files of conf.d beside it and the environment count as they would for the daemon. "
             "Exit code 3 when anything is refused.",
    .examples = {{"loadline check config /etc/loadline/loadline.yml", "before a reload"},
                 {"loadline check config new.yml -o json", "every error with its line"}},
    .traits = LL_CMD_JSON,
    .positionals = positionals,
    .run = run,
};
