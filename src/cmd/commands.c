#include "cmd/commands.h"

#include <string.h>

const struct ll_command *const ll_commands[] = {
    &ll_cmd_serve,
    &ll_cmd_agent,
    &ll_cmd_doctor,
    &ll_cmd_version,
    &ll_cmd_completion,
    &ll_cmd_help,
    &ll_cmd_man,
    &ll_cmd_status,
    &ll_cmd_top,
    &ll_cmd_services,
    &ll_cmd_sources,
    &ll_cmd_metrics,
    &ll_cmd_export,
    &ll_cmd_import_csv,
    &ll_cmd_import_prometheus,
    &ll_cmd_forecast,
    &ll_cmd_backtest,
    &ll_cmd_seasonality,
    &ll_cmd_peaks,
    &ll_cmd_accuracy,
    &ll_cmd_rules_list,
    &ll_cmd_rules_get,
    &ll_cmd_rules_apply,
    &ll_cmd_rules_diff,
    &ll_cmd_rules_delete,
    &ll_cmd_rules_pause,
    &ll_cmd_rules_resume,
    &ll_cmd_proposals_list,
    &ll_cmd_proposals_show,
    &ll_cmd_proposals_approve,
    &ll_cmd_proposals_reject,
    &ll_cmd_explain,
    &ll_cmd_history,
    &ll_cmd_timeline,
    &ll_cmd_mode,
    &ll_cmd_freeze,
    &ll_cmd_simulate,
    &ll_cmd_capacity_show,
    &ll_cmd_capacity_set,
    &ll_cmd_capacity_learn,
    &ll_cmd_calendar_list,
    &ll_cmd_calendar_now,
    &ll_cmd_calendar_sessions,
    &ll_cmd_calendar_events,
    &ll_cmd_calendar_show,
    &ll_cmd_calendar_closed,
    &ll_cmd_calendar_diff,
    &ll_cmd_calendar_check,
    &ll_cmd_notify_test,
    &ll_cmd_audit_list,
    &ll_cmd_audit_verify,
    &ll_cmd_webhook_sign,
    &ll_cmd_webhook_verify,
    &ll_cmd_check_config,
    &ll_cmd_check_mapping,
    &ll_cmd_check_metrics,
    &ll_cmd_config_show,
    &ll_cmd_config_schema,
    &ll_cmd_cron_next,
};
const size_t ll_commands_n = LL_LEN(ll_commands);

const struct ll_flag ll_flags_common[] = {
    {.name = "help", .letter = 'h', .type = LL_FLAG_BOOL, .doc = "show help and stop"},
    {.name = "version", .type = LL_FLAG_BOOL, .doc = "show the version and stop"},
    {.name = "color",
     .type = LL_FLAG_CHOICE,
     .arg = "WHEN",
     .choices = "auto|always|never",
     .fallback = "auto",
     .doc = "colour the output; auto obeys NO_COLOR and TERM=dumb"},
    {.name = "no-input", .type = LL_FLAG_BOOL, .doc = "never ask anything"},
    {0}};

const struct ll_flag ll_flags_output[] = {
    {.name = "output",
     .letter = 'o',
     .type = LL_FLAG_CHOICE,
     .arg = "FORM",
     .choices = "table|wide|json|ndjson|csv",
     .fallback = "table",
     .doc = "how to print data; wide does not cut to the terminal"},
    {.name = "json", .type = LL_FLAG_BOOL, .doc = "the same as -o json"},
    {.name = "tz",
     .type = LL_FLAG_TEXT,
     .arg = "ZONE",
     .fallback = "local",
     .doc = "zone of times for people: local, utc, a name like America/New_York, or market "
            "(the calendar's own, what calendar commands use)"},
    {0}};

const struct ll_flag ll_flags_client[] = {
    {.name = "server",
     .type = LL_FLAG_TEXT,
     .arg = "URL",
     .fallback = "http://127.0.0.1:7380",
     .doc = "the daemon to ask; also $LOADLINE_SERVER"},
    {.name = "token-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "file with the token to send; also $LOADLINE_TOKEN_FILE"},
    {.name = "ca-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "authority that signed the server's certificate, when the system does not know it"},
    {.name = "timeout",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "30s",
     .doc = "how long an answer may take"},
    {0}};

/* The settings people give most; the others are flags too, named as in the schema. */
const struct ll_flag ll_flags_settings[] = {
    {.name = "config.file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "the configuration; also $LOADLINE_CONFIG_FILE"},
    {.name = "web.listen-address",
     .type = LL_FLAG_TEXT,
     .arg = "HOST:PORT",
     .repeatable = true,
     .doc = "where to listen, when not 127.0.0.1:7380"},
    {.name = "web.external-url",
     .type = LL_FLAG_TEXT,
     .arg = "URL",
     .doc = "how the page is reached from outside"},
    {.name = "web.config.file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "TLS, users and tokens, as exporters have it"},
    {.name = "web.enable-lifecycle",
     .type = LL_FLAG_BOOL,
     .doc = "let POST /-/reload work without a token"},
    {.name = "storage.path",
     .type = LL_FLAG_FILE,
     .arg = "FOLDER",
     .doc = "where data is kept, when not ~/.local/share/loadline or $STATE_DIRECTORY"},
    {.name = "storage.retention.time",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .doc = "how long raw samples are kept"},
    {.name = "log.level",
     .type = LL_FLAG_CHOICE,
     .arg = "LEVEL",
     .choices = "debug|info|warn|error|off",
     .doc = "the least important message to log"},
    {.name = "log.format",
     .type = LL_FLAG_CHOICE,
     .arg = "FORMAT",
     .choices = "logfmt|json",
     .doc = "how a line of the log looks"},
    {0}};

size_t ll_command_flags(const struct ll_command *c, const struct ll_flag *out[LL_FLAG_TABLES])
{
    size_t n = 0;
    if (c->flags)
        out[n++] = c->flags;
    if (c->traits & LL_CMD_SETTINGS)
        out[n++] = ll_flags_settings;
    if (c->traits & (LL_CMD_FORMS | LL_CMD_JSON))
        out[n++] = ll_flags_output;
    if (c->traits & LL_CMD_CLIENT)
        out[n++] = ll_flags_client;
    out[n++] = ll_flags_common;
    return n;
}

const struct ll_command *ll_command_find(const char *name)
{
    for (size_t i = 0; i < ll_commands_n; i++)
        if (strcmp(ll_commands[i]->name, name) == 0)
            return ll_commands[i];
    return NULL;
}

bool ll_command_is_group(struct ll_slice word)
{
    for (size_t i = 0; i < ll_commands_n; i++) {
        const char *name = ll_commands[i]->name;
        if (strncmp(name, word.s, word.n) == 0 && name[word.n] == ' ')
            return true;
    }
    return false;
}
