#include "cmd/ctx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/term.h"
#include "os/zone.h"

enum { OUT_BYTES = 256 << 20 };

static bool wants_color(const char *mode)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (strcmp(mode, "always") == 0)
        return true;
    if (strcmp(mode, "never") == 0 || (no_color && no_color[0]))
        return false;
    return ll_term_is_tty(STDOUT_FILENO) && term && term[0] && strcmp(term, "dumb") != 0;
}

static bool choose_form(struct ll_ctx *c, struct ll_err *err)
{
    static const char *const names[] = {"table", "wide", "json", "ndjson", "csv"};
    const char *text = ll_args_text(c->args, "output");
    c->form = LL_FORM_TABLE;
    for (size_t i = 0; text && i < LL_LEN(names); i++)
        if (strcmp(text, names[i]) == 0)
            c->form = (enum ll_form)i;
    if (ll_args_bool(c->args, "json")) {
        if (ll_args_given(c->args, "output") && c->form != LL_FORM_JSON)
            return ll_err_set(err, LL_E_USAGE, "--json and -o %s contradict each other", text);
        c->form = LL_FORM_JSON;
    }
    bool only_json = !(c->args->command->traits & LL_CMD_FORMS);
    if (only_json && c->form != LL_FORM_TABLE && c->form != LL_FORM_JSON)
        return ll_err_set(err, LL_E_USAGE, "%s has no -o %s; it has table and json",
                          c->args->command->name, text);
    return true;
}

bool ll_ctx_init(struct ll_ctx *c, const struct ll_args *args, struct ll_err *err)
{
    int rows;
    *c = (struct ll_ctx){.args = args, .exit_code = -1, .now = ll_clock_real().now(NULL)};
    ll_str_init(&c->out, OUT_BYTES);
    if (!choose_form(c, err))
        return false;
    const char *color = ll_args_text(args, "color"), *zone = ll_args_text(args, "tz");
    c->color = wants_color(color ? color : "never");
    c->utf8 = ll_term_utf8();
    ll_term_size(STDOUT_FILENO, &c->width, &rows);
    if (c->form == LL_FORM_WIDE)
        c->width = 0;
    bool market =
        zone && strcasecmp(zone, "market") == 0 && (args->command->traits & LL_CMD_MARKET);
    return zone && !market ? ll_zone_select(zone, err) : true;
}

void ll_ctx_fini(struct ll_ctx *c)
{
    ll_http_client_free(c->http);
    ll_str_fini(&c->out);
    free(c->token);
    *c = (struct ll_ctx){0};
}

bool ll_ctx_flush(struct ll_ctx *c, struct ll_err *err)
{
    if (c->out.failed)
        return ll_err_set(err, LL_E_TOO_LARGE, "the output is over %d MiB", OUT_BYTES >> 20);
    bool ok = c->out.n == 0 || fwrite(c->out.s, 1, c->out.n, stdout) == c->out.n;
    ok = fflush(stdout) == 0 && ok;
    ll_str_clear(&c->out);
    return ok ? true
              : ll_err_set(err, LL_E_IO, "cannot write to standard output: %s", strerror(errno));
}

void ll_ctx_say(const char *fmt, ...)
{
    va_list args;
    fputs("loadline: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}
