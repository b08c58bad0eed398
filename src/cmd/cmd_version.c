#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/json.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    if (c->form != LL_FORM_JSON) {
        ll_str_addz(&c->out, "loadline " LL_VERSION "\n");
        return true;
    }
    LL_AUTO_JSON doc = json_pack("{s:s, s:s, s:s}", "name", "loadline", "version", LL_VERSION,
                                 "compiler", COMPILER);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    ll_json_print(c, doc);
    return true;
}

const struct ll_command ll_cmd_version = {
    .name = "version",
    .group = "Run",
    .doc = "print the version of this program",
    .examples = {{"loadline version", "one line for a person"},
                 {"loadline version -o json", "with the compiler, for a program"}},
    .traits = LL_CMD_JSON,
    .run = run,
};
