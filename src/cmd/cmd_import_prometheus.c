/* The history of a Prometheus becomes rollups of the daemon, window after window.
 *
 * How far it is stands in a cursor that the daemon stores with each window's last rows, so an
 * import that was cut at any point goes on where it was, and nothing is twice: rows replace. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/import_push.h"
#include "cmd/import_window.h"
#include "cmd/settings.h"
#include "os/process.h"

#define WINDOW LL_DAY
#define WINDOW_MIN LL_HOUR
#define TIMEOUT (2 * LL_MINUTE)

enum {
    MAX_BYTES = 64 << 20,
    MAX_SERIES = 200000,
    ARENA_BYTES = 64 << 20,
    SERVICES_MAX = 100000,
    INTERRUPTED = 130
};

struct import {
    struct ll_ctx *c;
    struct ll_config *config;
    struct ll_mapping *compiled; /* our own; NULL = the configuration has one */
    const struct ll_mapping *mapping;
    struct ll_arena *arena;
    struct ll_import_pace pace;
    struct ll_import_server server;
    struct ll_import_window window;
    struct ll_import_push push;
    ll_time since;           /* of the cursor: everything from there to where it stands is in */
    ll_dur length;           /* of a window: shrinks where a day is too much */
    char name[128];          /* of the cursor */
    size_t series;           /* of the window that had most */
    struct ll_map *services; /* all that were met */
};

static bool read_source(struct import *m, struct ll_err *err)
{
    const char *wanted = ll_args_text(m->c->args, "source");
    const struct ll_config_collect *cc = &m->config->collect;
    for (size_t i = 0; i < cc->n_prometheus; i++) {
        const struct ll_config_prometheus *p = &cc->prometheus[i];
        if (!ll_slice_is(p->name, wanted))
            continue;
        m->server.server.url = p->url;
        m->server.server.access =
            (struct ll_http_access){.bearer_token_file = p->http.bearer_token_file,
                                    .username = p->http.username,
                                    .password_file = p->http.password_file,
                                    .ca_file = p->http.ca_file,
                                    .cert_file = p->http.cert_file,
                                    .key_file = p->http.key_file,
                                    .tenant = p->http.tenant,
                                    .insecure_skip_verify = p->http.insecure_skip_verify};
        m->server.match = p->match;
        m->server.max_series = p->max_series;
        m->server.server.max_bytes = p->max_bytes;
        m->window.rate_window = p->rate_window;
        return true;
    }
    return ll_err_set(err, LL_E_NOT_FOUND, "the configuration has no collect.prometheus '%s'%s",
                      wanted,
                      ll_settings_file(m->c->args) ? "" : "; name the file with --config.file");
}

/* Flags stand above what the configuration says of the source. */
static void read_access(struct import *m)
{
    const struct ll_args *a = m->c->args;
    struct ll_http_access *h = &m->server.server.access;
    const struct {
        const char *flag;
        const char **to;
    } rows[] = {{"bearer-token-file", &h->bearer_token_file},
                {"username", &h->username},
                {"password-file", &h->password_file},
                {"source-ca-file", &h->ca_file},
                {"cert-file", &h->cert_file},
                {"key-file", &h->key_file},
                {"tenant", &h->tenant},
                {"match", &m->server.match}};
    for (size_t i = 0; i < LL_LEN(rows); i++)
        if (ll_args_given(a, rows[i].flag))
            *rows[i].to = ll_args_text(a, rows[i].flag);
    if (ll_args_bool(a, "insecure-skip-verify"))
        h->insecure_skip_verify = true;
}

static bool is_http(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

static bool read_server(struct import *m, struct ll_err *err)
{
    const struct ll_args *a = m->c->args;
    const char *url = ll_args_text(a, "url"), *source = ll_args_text(a, "source");
    if (!url == !source)
        return ll_err_set(err, LL_E_USAGE, "give either --url URL or --source NAME");
    if (url && (!is_http(url) || strpbrk(url, "@?# ")))
        return ll_err_set(err, LL_E_USAGE,
                          "--url is not an address such as http://127.0.0.1:9090; credentials "
                          "have flags of their own");
    m->server.server.url = url;
    m->server.server.max_bytes = MAX_BYTES;
    m->server.max_series = MAX_SERIES;
    m->window.rate_window = 2 * LL_MINUTE;
    if (source && !read_source(m, err))
        return false;
    read_access(m);
    m->server.pace = &m->pace;
    m->server.server.stop = ll_import_pace_stopped;
    m->server.server.stop_ctx = &m->pace;
    m->server.timeout = ll_args_given(a, "timeout") ? ll_args_duration(a, "timeout") : TIMEOUT;
    m->server.accept_partial = ll_args_bool(a, "accept-partial");
    return true;
}

static bool read_times(struct import *m, struct ll_err *err)
{
    const struct ll_args *a = m->c->args;
    int64_t load = ll_args_count(a, "load");
    ll_time until = ll_args_time(a, "until", m->c->now);
    if (load > 100)
        return ll_err_set(err, LL_E_USAGE, "--load is a percentage from 1 to 100");
    m->pace.load_pct = (int)load;
    m->pace.to = ll_time_floor(LL_MIN(until, m->c->now), LL_HOUR);
    m->pace.from = ll_time_floor(m->pace.to - ll_args_duration(a, "since"), LL_HOUR);
    m->window.step = strcmp(ll_args_text(a, "step"), "1h") == 0 ? LL_HOUR : 5 * LL_MINUTE;
    m->window.peaks = ll_args_bool(a, "peaks");
    m->length = WINDOW;
    m->server.points = (size_t)(WINDOW / m->window.step);
    if (m->pace.from >= m->pace.to)
        return ll_err_set(err, LL_E_USAGE, "--since is less than an hour before --until");
    return true;
}

/* Another server, tenant, selection or step is another import. */
static void name_cursor(struct import *m)
{
    char text[4096];
    const struct ll_http_access *h = &m->server.server.access;
    int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%lld", m->server.server.url,
                     h->tenant ? h->tenant : "", m->server.match ? m->server.match : "",
                     (long long)m->window.step);
    size_t len = LL_MIN((size_t)n, sizeof(text) - 1);
    snprintf(m->name, sizeof(m->name), "prometheus/%016llx",
             (unsigned long long)ll_map_hash(0, text, len));
}

static bool read_mapping(struct import *m, struct ll_err *err)
{
    const struct ll_config_collect *cc = &m->config->collect;
    m->mapping = cc->compiled;
    if (!m->mapping && !ll_mapping_new(cc->mapping, cc->n_mapping, &m->compiled, err))
        return ll_err_wrap(err, "collect mapping");
    if (!m->mapping)
        m->mapping = m->compiled;
    const char *source = ll_args_text(m->c->args, "source");
    for (size_t i = 0; i < LL_IMPORT_KINDS; i++) {
        const struct ll_mapper_opts o = {.mapping = m->mapping,
                                         .source = ll_slice_of(source ? source : "import"),
                                         .seed = (uint64_t)m->c->now,
                                         .max_series = 2000000};
        m->window.mapper[i] = ll_mapper_new(&o);
        if (!m->window.mapper[i])
            return ll_err_set(err, LL_E_MEMORY, "no memory for the mapping");
    }
    return true;
}

static bool prepare(struct import *m, struct ll_err *err)
{
    m->arena = ll_arena_new(ARENA_BYTES);
    m->services = ll_map_new((uint64_t)m->c->now, SERVICES_MAX);
    if (!m->arena || !m->services)
        return ll_err_set(err, LL_E_MEMORY, "no memory to import");
    return ll_settings_load(m->c->args, &m->config, err) && read_server(m, err) &&
           read_times(m, err) && read_mapping(m, err) && ll_http_client_new(&m->server.client, err);
}

/* "SINCE DONE": everything from the one to the other is in. */
static bool parse_cursor(const char *text, ll_time *since, ll_time *done)
{
    struct ll_err err;
    size_t n = strcspn(text, " ");
    return text[n] == ' ' && ll_time_parse((struct ll_slice){text, n}, since, &err) &&
           ll_time_parse(ll_slice_of(text + n + 1), done, &err);
}

/* Where to begin: behind what an import before has brought, when that reaches as far back. */
static bool find_start(struct import *m, struct ll_err *err)
{
    char text[128] = "", at[LL_TIME_TEXT_MAX];
    ll_time since, done;
    m->pace.at = m->since = m->pace.from;
    name_cursor(m);
    if (m->push.dry_run)
        return true;
    if (!ll_import_push_cursor(m->c, m->name, text, sizeof(text), err))
        return false;
    if (ll_args_bool(m->c->args, "restart") || !parse_cursor(text, &since, &done))
        return true;
    if (since > m->pace.from || done <= m->pace.from || done % LL_HOUR != 0)
        return true;
    m->since = since;
    m->pace.at = LL_MIN(done, m->pace.to);
    ll_import_pace_say(&m->pace, "going on at %s", ll_time_format(m->pace.at, at));
    return true;
}

static bool commit(struct import *m, const struct ll_import_cells *cells, ll_time done,
                   struct ll_err *err)
{
    char value[128], since[LL_TIME_TEXT_MAX], to[LL_TIME_TEXT_MAX];
    snprintf(value, sizeof(value), "%s %s", ll_time_format(m->since, since),
             ll_time_format(done, to));
    return ll_import_push_window(&m->push, cells, m->name, value, err);
}

/* For the summary; beyond the limit they are not counted any more. */
static void count_services(struct import *m, const struct ll_import_cells *cells)
{
    for (size_t i = 0; i < ll_import_cells_series(cells); i++) {
        struct ll_slice name = ll_import_cells_service(cells, i);
        size_t seen;
        if (ll_map_get(m->services, name, &seen))
            continue;
        const char *copy = ll_arena_copy(m->arena, name.s, name.n);
        if (!copy || !ll_map_put(m->services, (struct ll_slice){copy, name.n}, 0))
            return;
    }
}

/* One window, then the place is behind it; or, when it was too much at once, windows are shorter
 * from now on. */
static bool step(struct import *m, struct ll_err *err)
{
    struct ll_import_window *w = &m->window;
    w->from = m->pace.at;
    w->to = LL_MIN(m->pace.to, ll_time_floor(w->from, m->length) + m->length);
    LL_AUTO(ll_import_cells) cells = ll_import_cells_new(w->from, w->to, w->step);
    if (!cells)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a window");
    if (!ll_import_window_read(w, cells, err)) {
        if (err->code != LL_E_MEMORY || m->length <= WINDOW_MIN)
            return false;
        m->length = m->length > 12 * LL_HOUR ? 12 * LL_HOUR : LL_MAX(m->length / 2, WINDOW_MIN);
        m->length = ll_time_floor(m->length, LL_HOUR);
        return true;
    }
    if (!commit(m, cells, w->to, err))
        return false;
    count_services(m, cells);
    m->series = LL_MAX(m->series, ll_import_cells_series(cells));
    m->pace.at = w->to;
    m->pace.windows++;
    ll_import_pace_tell(&m->pace);
    return true;
}

static bool run_all(struct import *m, struct ll_err *err)
{
    if (!find_start(m, err))
        return false;
    m->pace.first = m->pace.at;
    if (m->pace.at < m->pace.to &&
        !ll_import_ask_metrics(&m->server, m->mapping, m->pace.at, m->pace.to, m->arena,
                               &m->window.metrics, &m->window.n_metrics, err))
        return false;
    if (m->pace.at < m->pace.to && m->window.n_metrics == 0)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "%s has none of the metrics that mappings read in that time",
                          m->server.server.url);
    while (m->pace.at < m->pace.to && !m->pace.stopped)
        if (!step(m, err))
            return false;
    return !m->pace.stopped || ll_err_set(err, LL_E_BUSY, "interrupted");
}

static size_t count_refused(const struct import *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->window.n_metrics; i++)
        n += m->window.metrics[i].refused;
    return n;
}

static bool summarise(struct import *m, struct ll_err *err)
{
    struct ll_ctx *c = m->c;
    char from[LL_TIME_TEXT_MAX], to[LL_TIME_TEXT_MAX], took[LL_DUR_TEXT_MAX];
    const double seconds = (double)LL_MAX(ll_import_pace_elapsed(&m->pace), (ll_dur)1) / 1000;
    ll_time_format(m->pace.first, from);
    ll_time_format(m->pace.to, to);
    if (c->form == LL_FORM_JSON) {
        LL_AUTO_JSON doc = json_pack(
            "{s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "from", from,
            "until", to, "dry_run", m->push.dry_run, "services",
            (json_int_t)ll_map_count(m->services), "series", (json_int_t)m->series, "rows_5m",
            (json_int_t)m->push.rows_5m, "rows_1h", (json_int_t)m->push.rows_1h, "too_old",
            (json_int_t)m->push.too_old, "rejected", (json_int_t)m->push.refused, "windows",
            (json_int_t)m->pace.windows, "queries", (json_int_t)m->pace.queries, "refused_metrics",
            (json_int_t)count_refused(m), "seconds", seconds, "rows_per_second",
            (double)m->pace.rows / seconds);
        if (!doc)
            return ll_err_set(err, LL_E_MEMORY, "no memory for the summary");
        ll_json_print(c, doc);
        return true;
    }
    ll_str_addf(&c->out, "%s %s to %s: %zu services, %zu series, %zu rows of 5 min, %zu of 1 h\n",
                m->push.dry_run ? "would import" : "imported", from, to, ll_map_count(m->services),
                m->series, m->push.rows_5m, m->push.rows_1h);
    ll_str_addf(&c->out, "in %s, %.0f rows/s, %zu queries",
                ll_dur_format_human((ll_dur)(seconds * 1000), took), (double)m->pace.rows / seconds,
                m->pace.queries);
    if (m->push.too_old)
        ll_str_addf(&c->out, "; %zu rows are older than the daemon keeps", m->push.too_old);
    if (m->push.refused)
        ll_str_addf(&c->out, "; the daemon refused %zu rows: %s", m->push.refused,
                    m->push.why_refused);
    ll_str_addc(&c->out, '\n');
    return true;
}

/* What is in stays in; how to go on is said. */
static bool explain(struct import *m, struct ll_err *err)
{
    char at[LL_TIME_TEXT_MAX];
    if (m->pace.stopped)
        m->c->exit_code = INTERRUPTED;
    if (m->pace.windows == 0 && !m->pace.stopped)
        return false;
    struct ll_err why = *err;
    return ll_err_set(err, why.code,
                      "%.300s; everything before %s is in: run the same command "
                      "again to go on",
                      why.text, ll_time_format(m->pace.at, at));
}

static bool finish(struct import *m, struct ll_err *err)
{
    if (!summarise(m, err))
        return false;
    size_t refused = count_refused(m);
    if (!refused && !m->push.refused)
        return true;
    if (!ll_ctx_flush(m->c, err))
        return false;
    return refused ? ll_err_set(err, LL_E_INVALID, "%zu metrics were left out", refused)
                   : ll_err_set(err, LL_E_INVALID, "the daemon refused %zu rows", m->push.refused);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct import m = {.c = c, .pace = {.signals = -1}};
    bool ok = prepare(&m, err) && ll_import_pace_begin(&m.pace, err);
    if (ok) {
        ll_import_push_init(&m.push, c, &m.pace, ll_args_bool(c->args, "dry-run"));
        m.window.server = &m.server;
        c->stop = ll_import_pace_stopped;
        c->stop_ctx = &m.pace;
        ok = run_all(&m, err) || explain(&m, err);
        ll_import_pace_end(&m.pace);
        ok = ok && finish(&m, err);
        ll_import_push_fini(&m.push);
        c->stop = NULL;
    }
    for (size_t i = 0; i < LL_IMPORT_KINDS; i++)
        ll_mapper_free(m.window.mapper[i]);
    ll_http_client_free(m.server.client);
    ll_mapping_free(m.compiled);
    ll_config_free(m.config);
    ll_map_free(m.services);
    ll_arena_free(m.arena);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "url",
     .type = LL_FLAG_TEXT,
     .arg = "URL",
     .doc = "the Prometheus, Mimir, Thanos or VictoriaMetrics, up to before /api/v1"},
    {.name = "source",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "one of collect.prometheus in the configuration, instead of --url"},
    {.name = "config.file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "the configuration: its sources and mapping rules; also $LOADLINE_CONFIG_FILE"},
    {.name = "since",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "90d",
     .doc = "how far back"},
    {.name = "until",
     .type = LL_FLAG_TIME,
     .arg = "TIME",
     .fallback = "now",
     .doc = "where to end: RFC 3339, Unix seconds or now-24h"},
    {.name = "step",
     .type = LL_FLAG_CHOICE,
     .arg = "SPAN",
     .choices = "5m|1h",
     .fallback = "5m",
     .doc = "width of the finest rows; 1h asks for a twelfth of the points"},
    {.name = "match",
     .type = LL_FLAG_TEXT,
     .arg = "MATCHERS",
     .doc = "more matchers for every query: cluster=\"prod\""},
    {.name = "peaks",
     .type = LL_FLAG_BOOL,
     .doc = "ask for the peaks of counters within each step too; that is hard work for the server"},
    {.name = "load",
     .type = LL_FLAG_COUNT,
     .arg = "PERCENT",
     .fallback = "50",
     .doc = "of the time, how much queries may take at most; the rest is a pause"},
    {.name = "accept-partial",
     .type = LL_FLAG_BOOL,
     .doc = "take answers that the server itself calls incomplete"},
    {.name = "restart", .type = LL_FLAG_BOOL, .doc = "begin anew instead of going on"},
    {.name = "dry-run", .type = LL_FLAG_BOOL, .doc = "ask and map, but store nothing"},
    {.name = "tenant", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "X-Scope-OrgID of Mimir"},
    {.name = "bearer-token-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "file with the token for the Prometheus"},
    {.name = "username", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "user of HTTP basic"},
    {.name = "password-file", .type = LL_FLAG_FILE, .arg = "FILE", .doc = "its password"},
    {.name = "source-ca-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "authority that signed the Prometheus' certificate"},
    {.name = "cert-file", .type = LL_FLAG_FILE, .arg = "FILE", .doc = "certificate to show it"},
    {.name = "key-file", .type = LL_FLAG_FILE, .arg = "FILE", .doc = "key of that certificate"},
    {.name = "insecure-skip-verify",
     .type = LL_FLAG_BOOL,
     .doc = "do not check the Prometheus' certificate"},
    {0}};

const struct ll_command ll_cmd_import_prometheus = {
    .name = "import prometheus",
    .group = "Data",
    .doc = "bring the history of a Prometheus into the daemon",
    .about =
        "Asks for windows of a day, maps them as the daemon would, and hands the daemon rows of 5 "
        "minutes and 1 hour. It may be interrupted at any point: the same command goes on where "
        "it was, and nothing is twice. Exit code 1 when metrics or rows were refused.",
    .examples = {{"loadline import prometheus --url http://prom:9090 --since 90d", "three months"},
                 {"loadline import prometheus --source prod --dry-run", "what would come"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = flags,
    .run = run,
};
