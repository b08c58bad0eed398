#include <string.h>

#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/help.h"

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    const struct ll_args *a = c->args;
    if (a->n_positionals == 0) {
        ll_help_all(&c->out);
        return true;
    }
    const char *word = a->positionals[0];
    struct ll_str name;
    ll_str_init(&name, 256);
    ll_str_addz(&name, word);
    if (a->n_positionals > 1)
        ll_str_addf(&name, " %s", a->positionals[1]);
    const struct ll_command *found = ll_command_find(ll_str_z(&name));
    ll_str_fini(&name);
    if (!found && ll_command_is_group(ll_slice_of(word)) && a->n_positionals == 1) {
        ll_help_group(&c->out, word);
        return true;
    }
    if (!found) { /* the parser knows best what was meant */
        struct ll_args again;
        char *argv[] = {(char *)"loadline", (char *)word,
                        a->n_positionals > 1 ? (char *)a->positionals[1] : NULL};
        if (!ll_args_parse((int)a->n_positionals + 1, argv, &again, err))
            return false;
        return ll_err_set(err, LL_E_USAGE, "there is no command '%s'", word);
    }
    ll_help_command(&c->out, found);
    return true;
}

static const struct ll_positional positionals[] = {
    {.name = "COMMAND", .optional = true, .kind = LL_POSITIONAL_COMMAND, .doc = "a command"},
    {.name = "VERB", .optional = true, .doc = "its second word, as in `config show`"},
    {0}};

const struct ll_command ll_cmd_help = {
    .name = "help",
    .group = "Run",
    .doc = "say what the commands do",
    .examples = {{"loadline help", "all commands"},
                 {"loadline help config show", "one of them, with its flags"}},
    .positionals = positionals,
    .run = run,
};
