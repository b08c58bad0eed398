#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/rows.h"
#include "cmd/table.h"
#include "os/zone.h"

/* Exit codes of monitoring plugins (Monitoring Plugins Development Guidelines, 2.3). */
enum { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

static const char *const plugin_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* The answers a status is made of. */
struct answers {
    json_t *summary, *health, *self;
};

static bool ask(struct ll_ctx *c, struct answers *a, struct ll_err *err)
{
    return ll_client_get(c, "/api/v1/summary", &a->summary, err) &&
           ll_client_get(c, "/api/v1/health", &a->health, err) &&
           ll_client_get(c, "/api/v1/status", &a->self, err);
}

static void drop(struct answers *a)
{
    json_decref(a->summary);
    json_decref(a->health);
    json_decref(a->self);
}

static bool storage_failed(const struct answers *a)
{
    const char *state = ll_json_text(json_object_get(a->self, "storage"), "state");
    return state[0] && strcmp(state, "ok") != 0;
}

static int plugin_code(const struct answers *a)
{
    static const int codes[] = {
        [LL_STATUS_HEALTHY] = PLUGIN_OK,
        [LL_STATUS_WARNING] = PLUGIN_WARNING,
        [LL_STATUS_CRITICAL] = PLUGIN_CRITICAL,
        [LL_STATUS_OVER_PROVISIONED] = PLUGIN_OK,
        [LL_STATUS_UNDER_PROVISIONED] = PLUGIN_WARNING,
        [LL_STATUS_UNKNOWN] = PLUGIN_UNKNOWN,
    };
    enum ll_status s;
    if (!ll_status_parse(ll_slice_of(ll_json_text(a->health, "status")), &s))
        return PLUGIN_UNKNOWN;
    bool only_ok = codes[s] == PLUGIN_OK || codes[s] == PLUGIN_UNKNOWN;
    return only_ok && storage_failed(a) ? PLUGIN_WARNING : codes[s];
}

/* Perfdata: label=value[unit];warn;crit;min;max.  What is not known is U. */
static void add_perfdata(struct ll_str *out, const struct answers *a)
{
    size_t i;
    json_t *r;
    const json_t *counts = json_object_get(a->health, "counts");
    ll_str_addz(out, " |");
    json_array_foreach(json_object_get(a->summary, "resources"), i, r)
    {
        double pct = ll_json_number(r, "utilization_pct");
        ll_str_addc(out, ' ');
        for (const char *p = ll_json_text(r, "resource_type"); *p; p++)
            ll_str_addc(out, (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p));
        if (isnan(pct))
            ll_str_addz(out, "=U");
        else
            ll_str_addf(out, "=%.2f%%;%g;%g;0", pct, ll_json_number(r, "warning_pct"),
                        ll_json_number(r, "critical_pct"));
    }
    for (int s = 0; s < LL_STATUS_COUNT; s++) {
        const char *name = ll_status_name((enum ll_status)s);
        double n = ll_json_number(counts, name);
        if (isnan(n))
            continue;
        ll_str_addc(out, ' ');
        for (const char *p = name; *p; p++)
            ll_str_addc(out, (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p));
        ll_str_addf(out, "=%.0f;;;0", n);
    }
}

static bool run_check(struct ll_ctx *c)
{
    struct answers a = {0};
    struct ll_err err = {0};
    if (!ask(c, &a, &err)) {
        ll_str_addz(&c->out, "LOADLINE UNKNOWN - ");
        ll_text_add(&c->out, err.text, 0, c->utf8);
        ll_str_addc(&c->out, '\n');
        c->exit_code = PLUGIN_UNKNOWN;
        drop(&a);
        return true;
    }
    const json_t *verdict = json_object_get(a.summary, "verdict");
    c->exit_code = plugin_code(&a);
    ll_str_addf(&c->out, "LOADLINE %s - ", plugin_words[c->exit_code]);
    if (storage_failed(&a))
        ll_str_addz(&c->out, "storage cannot write; ");
    /* A bar would begin the perfdata. */
    for (const char *p = ll_json_text(verdict, "sentence"); *p; p++)
        ll_str_addc(&c->out, *p == '|' || (unsigned char)*p < ' ' ? ' ' : *p);
    ll_str_addz(&c->out, " (");
    ll_rows_counts(&c->out, json_object_get(a.health, "counts"));
    ll_str_addc(&c->out, ')');
    add_perfdata(&c->out, &a);
    ll_str_addc(&c->out, '\n');
    drop(&a);
    return true;
}

static bool run_ready(struct ll_ctx *c, struct ll_err *err)
{
    int status;
    c->exit_code = 1;
    if (!ll_client_probe(c, "/-/ready", &status, err))
        return false;
    c->exit_code = status == 200 ? 0 : 1;
    ll_str_addz(&c->out, status == 200 ? "ready\n" : "not ready\n");
    return true;
}

/* What is known beside the percentage: amounts, since when, until when. */
static void add_detail(struct ll_str *out, const struct ll_ctx *c, const json_t *p)
{
    char text[LL_TEXT_MAX];
    const char *reason = ll_json_text(p, "status_reason");
    double capacity = ll_json_number(p, "capacity"),
           limit = ll_json_number(p, "time_to_limit_seconds");
    ll_time since = ll_json_time(p, "since");
    if (strcmp(reason, "NO_DATA") == 0)
        ll_str_addz(out, "no data");
    else
        ll_str_addz(out, ll_text_amount_of(c, ll_json_text(p, "unit"),
                                           ll_json_number(p, "current_value"), capacity, text));
    if (strcmp(reason, "STALE") == 0)
        ll_str_addz(out, ", data is old");
    if (strcmp(reason, "NO_CAPACITY") == 0)
        ll_str_addz(out, ", capacity not known");
    if (limit > 0)
        ll_str_addf(out, ", limit in %s", ll_text_span(c, limit, text));
    if (since != LL_TIME_NONE)
        ll_str_addf(out, ", since %s",
                    ll_text_span(c, (double)LL_MAX(c->now - since, LL_SECOND) / 1000, text));
}

static const struct ll_column columns[] = {
    {.key = "status", .title = "STATUS"},
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "resource_type", .title = NULL},
    {.key = "part", .title = NULL},
    {.key = NULL, .title = "RESOURCE", .flex = true},
    {.key = "instance", .title = "INSTANCE", .wide = true},
    {.key = "utilization_pct", .title = "USED", .right = true},
    {.key = NULL, .title = "DETAIL", .flex = true},
    {.key = "status_reason", .title = "REASON", .wide = true},
    {.key = "current_value", .title = NULL},
    {.key = "capacity", .title = NULL},
    {.key = "unit", .title = NULL},
    {.key = "since", .title = NULL},
    {.key = "time_to_limit_seconds", .title = NULL},
};

static void add_problem(struct ll_table *t, const struct ll_ctx *c, const json_t *p)
{
    char text[LL_TEXT_MAX];
    struct ll_str line;
    const char *status = ll_json_text(p, "status");
    double pct = ll_json_number(p, "utilization_pct");
    ll_str_init(&line, 4096);
    ll_table_cell(t, ll_text_status(status), status, ll_text_status_tint(status));
    ll_table_cell(t, ll_json_text(p, "service"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "resource_type"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "part"), NULL, LL_TINT_NONE);
    ll_rows_part(&line, p);
    ll_table_cell(t, ll_str_z(&line), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "instance"), NULL, LL_TINT_NONE);
    ll_table_number(t, ll_text_percent(c, pct, text), pct, LL_TINT_NONE);
    ll_str_clear(&line);
    add_detail(&line, c, p);
    ll_table_cell(t, ll_str_z(&line), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "status_reason"), NULL, LL_TINT_DIM);
    ll_table_number(t, "", ll_json_number(p, "current_value"), LL_TINT_NONE);
    ll_table_number(t, "", ll_json_number(p, "capacity"), LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "unit"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(p, "since"), NULL, LL_TINT_NONE);
    ll_table_number(t, "", ll_json_number(p, "time_to_limit_seconds"), LL_TINT_NONE);
    ll_str_fini(&line);
}

static bool print_problems(struct ll_ctx *c, const json_t *worst, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *p;
    json_array_foreach(worst, i, p)
    {
        add_problem(t, c, p);
    }
    if (ll_table_rows(t) == 0 && c->form != LL_FORM_CSV)
        return true;
    return ll_table_print(t, c, err);
}

static void add_header(struct ll_ctx *c, const struct answers *a)
{
    char when[LL_ZONE_TEXT_MAX];
    const char *environment = ll_json_text(a->summary, "environment");
    const char *server = ll_client_server(c);
    ll_str_addz(&c->out, ll_text_color(c, LL_TINT_BOLD));
    ll_text_add(&c->out, environment[0] ? environment : server, 0, c->utf8);
    ll_str_addz(&c->out, ll_text_color_end(c, LL_TINT_BOLD));
    ll_time t = ll_json_time(a->summary, "timestamp");
    if (t != LL_TIME_NONE)
        ll_str_addf(&c->out, "  %s", ll_zone_format(t, LL_ZONE_FULL, when));
    ll_str_addc(&c->out, '\n');
}

/* What about Loadline itself a reader of numbers must know. */
static void add_self(struct ll_ctx *c, const struct answers *a)
{
    const json_t *storage = json_object_get(a->self, "storage");
    size_t i;
    json_t *k;
    if (storage_failed(a)) {
        ll_str_addz(&c->out, "Storage cannot write: ");
        ll_text_add(&c->out, ll_json_text(storage, "error"), 0, c->utf8);
        ll_str_addc(&c->out, '\n');
    }
    double wait = ll_json_number(json_object_get(a->self, "forecasts"), "backlog");
    if (wait > 0)
        ll_str_addf(&c->out, "%.0f forecasts wait to be made\n", wait);
    json_array_foreach(json_object_get(a->self, "collectors"), i, k)
    {
        if (ll_json_is_true(k, "up"))
            continue;
        ll_str_addz(&c->out, "Collector ");
        ll_text_add(&c->out, ll_json_text(k, "name"), 0, c->utf8);
        ll_str_addz(&c->out, " gives no data: ");
        ll_text_add(&c->out, ll_json_text(k, "error"), 0, c->utf8);
        ll_str_addc(&c->out, '\n');
    }
}

static bool print(struct ll_ctx *c, const struct answers *a, struct ll_err *err)
{
    const json_t *worst = json_object_get(a->health, "worst");
    LL_AUTO_JSON whole = json_pack("{s:O, s:O, s:O}", "summary", a->summary, "health", a->health,
                                   "loadline", a->self);
    if (ll_json_print_form(c, whole, worst))
        return true;
    if (c->form == LL_FORM_CSV)
        return print_problems(c, worst, err);
    add_header(c, a);
    if (!print_problems(c, worst, err))
        return false;
    ll_rows_counts(&c->out, json_object_get(a->health, "counts"));
    ll_str_addc(&c->out, '\n');
    ll_text_add(&c->out, ll_json_text(json_object_get(a->summary, "verdict"), "sentence"), 0,
                c->utf8);
    ll_str_addc(&c->out, '\n');
    add_self(c, a);
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    if (ll_args_bool(c->args, "check") && ll_args_bool(c->args, "ready"))
        return ll_err_set(err, LL_E_USAGE, "--check and --ready are two questions; ask one");
    if (ll_args_bool(c->args, "check"))
        return run_check(c);
    if (ll_args_bool(c->args, "ready"))
        return run_ready(c, err);
    struct answers a = {0};
    bool ok = ask(c, &a, err) && print(c, &a, err);
    drop(&a);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "check",
     .type = LL_FLAG_BOOL,
     .doc = "one line and the exit code of a monitoring plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 "
            "UNKNOWN or unreachable"},
    {.name = "ready",
     .type = LL_FLAG_BOOL,
     .doc = "exit 0 when the daemon has configuration, store and data, else 1"},
    {0}};

const struct ll_command ll_cmd_status = {
    .name = "status",
    .group = "Look",
    .doc = "say what needs attention now",
    .about = "CRIT, UNDR and WARN need attention, UNKN has no or old data, OVER could be smaller. "
             "What each status means exactly: loadline doctor --explain-status.",
    .examples = {{"loadline status", "problems, worst first, and the verdict"},
                 {"loadline status --check", "for Nagios, Icinga and scripts"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
