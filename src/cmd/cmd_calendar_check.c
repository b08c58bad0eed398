#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/market.h"
#include "cmd/settings.h"
#include "os/file.h"

enum { ERRORS_MAX = 20, FILE_BYTES_MAX = 1 << 20 };

/* What is known of one calendar or file after looking. */
enum verdict { FINE, STALE, INVALID };

static const struct {
    const char *word;
    enum ll_tint tint;
} verdicts[] = {
    [FINE] = {"OK", LL_TINT_OK},
    [STALE] = {"STALE", LL_TINT_WARN},
    [INVALID] = {"INVALID", LL_TINT_CRIT},
};

static const struct ll_column columns[] = {
    {.key = "calendar", .title = "CALENDAR"},
    {.key = "verdict", .title = "VERDICT"},
    {.key = "used", .title = "USED"},
    {.key = "announced_to", .title = "ANNOUNCED TO"},
    {.key = "message", .title = "MESSAGE", .flex = true},
};

static bool is_used(const struct ll_config *config, const struct ll_calendar_info *i)
{
    for (const char *const *u = config->calendars.use; u && *u; u++) {
        if (ll_slice_ieq(i->code, *u))
            return true;
        for (size_t a = 0; a < i->n_aliases; a++)
            if (ll_slice_ieq(i->aliases[a], *u))
                return true;
    }
    return false;
}

static enum verdict judge(struct ll_calendars *set, const struct ll_calendar_info *i, ll_time now,
                          char *message, size_t size)
{
    const struct ll_calendar *cal;
    struct ll_err err;
    ll_day today = (ll_day)ll_time_day(now);
    message[0] = '\0';
    if (!ll_calendars_get(set, i->code, &cal, &err)) {
        snprintf(message, size, "%s", err.text);
        return INVALID;
    }
    ll_day end = ll_calendar_announced_to(cal);
    if (end >= today + LL_CALENDARS_STALE_DAYS)
        return FINE;
    snprintf(message, size,
             end < today ? "announced days ended %d days ago: add what the venue published"
                         : "announced days end in %d days: look for what the venue published",
             end < today ? today - end : end - today);
    return STALE;
}

/* Every calendar of the installation. */
static bool check_all(struct ll_ctx *c, struct ll_calendars *set, const struct ll_config *config,
                      struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    LL_AUTO_JSON items = json_array();
    const struct ll_calendar_info *info;
    char message[LL_ERR_TEXT_MAX], day[LL_DAY_TEXT_MAX], code[64];
    size_t n;
    if (!ll_calendars_list(set, &info, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        enum verdict v = judge(set, &info[i], c->now, message, sizeof(message));
        bool used = is_used(config, &info[i]);
        if (v == INVALID)
            c->exit_code = ll_err_info(LL_E_CONFIG)->exit_code;
        else if (v == STALE && used && c->exit_code <= 0)
            c->exit_code = 1;
        snprintf(code, sizeof(code), "%.*s", (int)info[i].code.n, info[i].code.s);
        ll_day_format(info[i].announced_to, day);
        ll_table_cell(t, code, NULL, LL_TINT_BOLD);
        ll_table_cell(t, verdicts[v].word, NULL, verdicts[v].tint);
        ll_table_cell(t, used ? "yes" : "", used ? "true" : "false", LL_TINT_NONE);
        ll_table_cell(t, day, NULL, LL_TINT_NONE);
        ll_table_cell(t, message, NULL, LL_TINT_NONE);
        json_array_append_new(items, json_pack("{s:s, s:s, s:b, s:s, s:s}", "calendar", code,
                                               "verdict", verdicts[v].word, "used", used,
                                               "announced_to", day, "message", message));
    }
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (!t || !whole)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    return ll_json_print_form(c, whole, items) || ll_table_print(t, c, err);
}

static bool print_errors(struct ll_ctx *c, const char *file, const struct ll_err *errs, size_t n,
                         struct ll_err *err)
{
    size_t shown = LL_MIN(n, (size_t)ERRORS_MAX);
    LL_AUTO_JSON list = json_array();
    for (size_t i = 0; i < shown; i++)
        json_array_append_new(list, json_pack("{s:i, s:i, s:s}", "line", errs[i].line, "column",
                                              errs[i].column, "message", errs[i].text));
    LL_AUTO_JSON doc = json_pack("{s:s, s:b, s:O}", "file", file, "valid", n == 0, "errors", list);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    if (ll_json_print_form(c, doc, list))
        return true;
    for (size_t i = 0; i < shown; i++)
        ll_ctx_say("%s", errs[i].text);
    if (n > shown)
        ll_ctx_say("and %zu more", n - shown);
    if (n == 0)
        ll_str_addf(&c->out, "%s is valid\n", file);
    return true;
}

/* One file, against the calendars of the installation. */
static bool check_file(struct ll_ctx *c, struct ll_calendars *set, const char *file,
                       struct ll_err *err)
{
    static struct ll_err errs[ERRORS_MAX]; /* too large for a stack */
    struct ll_str text;
    ll_str_init(&text, FILE_BYTES_MAX);
    bool ok = ll_file_read(file, FILE_BYTES_MAX, &text, err);
    if (ok) {
        size_t n = ll_calendars_check(set, (struct ll_slice){ll_str_z(&text), text.n}, file, errs,
                                      ERRORS_MAX);
        c->exit_code = n ? ll_err_info(LL_E_CONFIG)->exit_code : 0;
        ok = print_errors(c, file, errs, n, err);
    }
    ll_str_fini(&text);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    LL_AUTO(ll_config) config = NULL;
    if (!ll_settings_load(c->args, &config, err) || !ll_market_open(c, &set, err))
        return false;
    return c->args->n_positionals ? check_file(c, set, c->args->positionals[0], err)
                                  : check_all(c, set, config, err);
}

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .optional = true,
     .kind = LL_POSITIONAL_FILE,
     .doc = "a rule file, tables, events or an overlay; else every calendar there is"},
    {0}};

const struct ll_command ll_cmd_calendar_check = {
    .name = "calendar check",
    .group = "Calendars",
    .doc = "say what is wrong with a file, or which calendars are stale",
    .about =
        "Without a FILE every calendar is compiled; exit code 3 when one is refused, 1 when one "
        "of calendars.use is stale: announced for less than 30 days. With a FILE: 3 when "
        "anything in it is refused.",
    .examples = {{"loadline calendar check", "every calendar"},
                 {"loadline calendar check overlay.yaml", "before a reload"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS,
    .positionals = positionals,
    .run = run,
};
