/* Man pages and docs/reference/cli.md, written at build time. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/help.h"
#include "os/file.h"

enum { PAGE_BYTES = 1 << 20 };

static bool write_page(const char *dir, const struct ll_command *c, struct ll_err *err)
{
    struct ll_str path, page;
    ll_str_init(&path, 4096);
    ll_str_init(&page, PAGE_BYTES);
    ll_str_addf(&path, "%s/", dir);
    ll_help_page_name(&path, c);
    ll_str_addz(&path, ".1");
    ll_help_man(&page, c);
    bool ok =
        (!path.failed && !page.failed) || ll_err_set(err, LL_E_MEMORY, "the page is too long");
    ok = ok && ll_file_write(ll_str_z(&path), ll_str_z(&page), page.n, err);
    ll_str_fini(&path);
    ll_str_fini(&page);
    return ok;
}

static bool write_all(const char *dir, struct ll_err *err)
{
    if (!write_page(dir, NULL, err))
        return false;
    for (size_t i = 0; i < ll_commands_n; i++)
        if (!(ll_commands[i]->traits & LL_CMD_HIDDEN) && !write_page(dir, ll_commands[i], err))
            return false;
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    const char *dir = ll_args_text(c->args, "dir");
    const struct ll_command *one = NULL;
    if (ll_args_bool(c->args, "reference")) {
        ll_help_reference(&c->out);
        return true;
    }
    if (dir)
        return write_all(dir, err);
    if (c->args->n_positionals) {
        one = ll_command_find(c->args->positionals[0]);
        if (!one)
            return ll_err_set(err, LL_E_USAGE, "there is no command '%s'", c->args->positionals[0]);
    }
    ll_help_man(&c->out, one);
    return true;
}

static const struct ll_flag flags[] = {
    {.name = "dir", .type = LL_FLAG_FILE, .arg = "FOLDER", .doc = "write all pages there"},
    {.name = "reference", .type = LL_FLAG_BOOL, .doc = "print docs/reference/cli.md"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "COMMAND", .optional = true, .kind = LL_POSITIONAL_COMMAND, .doc = "a command"}, {0}};

const struct ll_command ll_cmd_man = {
    .name = "man",
    .group = "Run",
    .doc = "print man pages",
    .examples = {{"loadline man status", "one page, as roff"},
                 {"loadline man --dir build/man", "all pages as files"}},
    .traits = LL_CMD_HIDDEN,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
