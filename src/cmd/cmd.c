#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/help.h"

enum { HELP_BYTES = 1 << 20 };

/* What is asked for instead of a run. */
static int print_help(const struct ll_args *a)
{
    struct ll_str text;
    ll_str_init(&text, HELP_BYTES);
    if (a->version)
        ll_str_addz(&text, "loadline " LL_VERSION "\n");
    else if (a->command)
        ll_help_command(&text, a->command);
    else if (a->n_positionals)
        ll_help_group(&text, a->positionals[0]);
    else
        ll_help_all(&text);
    bool ok = fputs(ll_str_z(&text), stdout) >= 0 && fflush(stdout) == 0;
    ll_str_fini(&text);
    return ok ? 0 : 1;
}

/* A bare `loadline`: help, but as an answer to a wrong command line. */
static int print_usage(void)
{
    struct ll_str text;
    ll_str_init(&text, HELP_BYTES);
    ll_help_all(&text);
    fputs(ll_str_z(&text), stderr);
    ll_str_fini(&text);
    return ll_err_info(LL_E_USAGE)->exit_code;
}

static int complain(const struct ll_command *c, const struct ll_err *err)
{
    ll_ctx_say("%s%s%s", c ? c->name : "", c ? ": " : "", err->text);
    if (err->code == LL_E_USAGE)
        ll_ctx_say("see `loadline help%s%s`", c ? " " : "", c ? c->name : "");
    return ll_err_info(err->code)->exit_code;
}

static int run(const struct ll_args *a)
{
    struct ll_ctx ctx;
    struct ll_err err = {0};
    bool ok = ll_ctx_init(&ctx, a, &err) && a->command->run(&ctx, &err);
    struct ll_err late = {0};
    bool written = ll_ctx_flush(&ctx, &late);
    int code = ctx.exit_code;
    if (!ok) {
        int by_error = complain(a->command, &err);
        code = code >= 0 ? code : by_error;
    } else if (!written) {
        code = complain(a->command, &late);
    }
    ll_ctx_fini(&ctx);
    return LL_MAX(code, 0);
}

int ll_cmd_main(int argc, char **argv)
{
    struct ll_args args;
    struct ll_err err = {0};
    if (!ll_args_parse(argc, argv, &args, &err))
        return complain(args.command, &err);
    if (args.help || args.version)
        return print_help(&args);
    return args.command ? run(&args) : print_usage();
}
