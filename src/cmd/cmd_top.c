/* A live view: frames are made as text like any other output, and the screen is painted
 * with them. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/rows.h"
#include "cmd/table.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/term.h"
#include "os/zone.h"

enum {
    BAR_WIDTH = 16,
    SPARK_WIDTH = 24,
    FRAME_BYTES = 1 << 20,
    SERVICES_MAX = 500,
    ONCE_ROWS = 40
};

/* What the screen shows between two answers. */
struct screen {
    json_t *summary, *services, *self;
    struct ll_err err; /* the last answer's; code 0 = it is fresh */
    size_t first;      /* the first service shown */
    int rows;
};

static bool fetch(struct ll_ctx *c, struct screen *s, struct ll_err *err)
{
    LL_AUTO_JSON summary = NULL;
    LL_AUTO_JSON services = NULL;
    LL_AUTO_JSON self = NULL;
    if (!ll_client_get(c, "/api/v1/summary", &summary, err) ||
        !ll_client_list(c, "/api/v1/services", SERVICES_MAX, &services, err) ||
        !ll_client_get(c, "/api/v1/status", &self, err))
        return false;
    json_decref(s->summary);
    json_decref(s->services);
    json_decref(s->self);
    s->summary = json_incref(summary);
    s->services = json_incref(services);
    s->self = json_incref(self);
    return true;
}

static void drop(struct screen *s)
{
    json_decref(s->summary);
    json_decref(s->services);
    json_decref(s->self);
}

static void add_line(struct ll_ctx *c, const char *text, enum ll_tint tint)
{
    ll_str_addz(&c->out, ll_text_color(c, tint));
    ll_text_add(&c->out, text, (size_t)LL_MAX(c->width, 0), c->utf8);
    ll_str_addz(&c->out, ll_text_color_end(c, tint));
    ll_str_addc(&c->out, '\n');
}

static void add_header(struct ll_ctx *c, const struct screen *s)
{
    char when[LL_ZONE_TEXT_MAX], up[LL_TEXT_MAX];
    struct ll_str line;
    const char *environment = ll_json_text(s->summary, "environment");
    ll_time t = ll_json_time(s->summary, "timestamp");
    ll_str_init(&line, 4096);
    ll_str_addf(&line, "Loadline %s  %s  %s  up %s", ll_json_text(s->self, "version"),
                environment[0] ? environment : ll_client_server(c),
                t == LL_TIME_NONE ? "" : ll_zone_format(t, LL_ZONE_CLOCK, when),
                ll_text_span(c, ll_json_number(s->self, "uptime_seconds"), up));
    add_line(c, ll_str_z(&line), LL_TINT_BOLD);
    const json_t *verdict = json_object_get(s->summary, "verdict");
    add_line(c, ll_json_text(verdict, "sentence"),
             ll_text_status_tint(ll_json_text(verdict, "status")));
    ll_str_clear(&line);
    ll_rows_counts(&line, json_object_get(s->summary, "counts"));
    add_line(c, ll_str_z(&line), LL_TINT_NONE);
    ll_str_fini(&line);
    if (s->err.code)
        add_line(c, s->err.text, LL_TINT_CRIT);
    ll_str_addc(&c->out, '\n');
}

/* The value in a bar of 0 to 100 %, with marks where warning and critical begin. */
static void add_bar(struct ll_str *out, const struct ll_ctx *c, double pct, double warning,
                    double critical)
{
    int fill = isnan(pct) ? 0 : (int)(LL_MIN(fmax(pct, 0), 100.0) / 100 * BAR_WIDTH + 0.5);
    int warn_at = (int)(warning / 100 * BAR_WIDTH), crit_at = (int)(critical / 100 * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++) {
        if (i < fill)
            ll_str_addz(out, c->utf8 ? "█" : "#");
        else if (i == warn_at || i == crit_at)
            ll_str_addz(out, c->utf8 ? "│" : "|");
        else
            ll_str_addz(out, c->utf8 ? "·" : ".");
    }
}

static const struct ll_column resource_columns[] = {
    {.title = "RESOURCE"},
    {.title = "STATUS"},
    {.title = "USED", .right = true},
    {.title = ""},
    {.title = "NOW", .right = true, .flex = true},
    {.title = "LIMIT IN", .right = true},
    {.title = "24 h", .spare = true},
};

static void add_resource(struct ll_table *t, const struct ll_ctx *c, const json_t *r)
{
    char text[LL_TEXT_MAX];
    double points[96];
    struct ll_str piece;
    const char *status = ll_json_text(r, "status");
    enum ll_tint tint = ll_text_status_tint(status);
    double pct = ll_json_number(r, "utilization_pct");
    ll_str_init(&piece, 4096);
    ll_table_cell(t, ll_text_resource(ll_json_text(r, "resource_type")), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_text_status(status), NULL, tint);
    ll_table_cell(t, ll_text_percent(c, pct, text), NULL, tint);
    add_bar(&piece, c, pct, ll_json_number(r, "warning_pct"), ll_json_number(r, "critical_pct"));
    ll_table_cell(t, ll_str_z(&piece), NULL, tint);
    ll_table_cell(t,
                  ll_text_amount_of(c, ll_json_text(r, "unit"), ll_json_number(r, "current_value"),
                                    ll_json_number(r, "capacity"), text),
                  NULL, LL_TINT_NONE);
    const json_t *spark = json_object_get(json_object_get(r, "sparkline"), "utilization_pct");
    ll_table_cell(t, ll_text_span(c, ll_json_number(r, "time_to_limit_seconds"), text), NULL,
                  LL_TINT_NONE);
    ll_str_clear(&piece);
    ll_text_spark(&piece, points, ll_rows_numbers(spark, points, LL_LEN(points)), 100, SPARK_WIDTH,
                  c->utf8);
    ll_table_cell(t, ll_str_z(&piece), NULL, LL_TINT_DIM);
    ll_str_fini(&piece);
}

static bool add_resources(struct ll_ctx *c, const struct screen *s, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(resource_columns, LL_LEN(resource_columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(s->summary, "resources"), i, r)
    {
        add_resource(t, c, r);
    }
    return ll_table_print(t, c, err);
}

static const struct ll_column service_columns[] = {
    {.title = "SERVICE", .flex = true}, {.title = "STATUS"},
    {.title = "CPU", .right = true},    {.title = "MEM", .right = true},
    {.title = "DISK", .right = true},   {.title = "NET", .right = true},
    {.title = "CONN", .right = true},   {.title = "QUEUE", .right = true},
    {.title = "API", .right = true},    {.title = "LIMIT IN", .right = true},
};

static void add_service(struct ll_table *t, const struct ll_ctx *c, const json_t *v)
{
    char text[LL_TEXT_MAX];
    const char *status = ll_json_text(v, "status");
    ll_table_cell(t, ll_json_text(v, "service"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_text_status(status), NULL, ll_text_status_tint(status));
    for (int r = 0; r < LL_RESOURCE_COUNT; r++)
        ll_rows_utilization(t, c, v, ll_resource_name((enum ll_resource_type)r));
    ll_table_cell(t, ll_text_span(c, ll_json_number(v, "headroom_seconds"), text), NULL,
                  LL_TINT_NONE);
}

static bool add_services(struct ll_ctx *c, const struct screen *s, size_t room, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(service_columns, LL_LEN(service_columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t all = json_array_size(s->services), end = LL_MIN(s->first + room, all);
    for (size_t i = s->first; i < end; i++)
        add_service(t, c, json_array_get(s->services, i));
    return all == 0 || ll_table_print(t, c, err);
}

static size_t count_lines(const struct ll_str *text)
{
    size_t n = 0;
    for (const char *p = ll_str_z(text); (p = strchr(p, '\n')); p++)
        n++;
    return n;
}

/* One frame of `rows` lines at most into c->out. */
static bool compose(struct ll_ctx *c, const struct screen *s, struct ll_err *err)
{
    if (!s->summary) {
        add_line(c, s->err.text, LL_TINT_CRIT);
        return true;
    }
    add_header(c, s);
    if (!add_resources(c, s, err))
        return false;
    ll_str_addc(&c->out, '\n');
    size_t used = count_lines(&c->out) + 3; /* the head of the table, a blank, the keys */
    size_t room = (size_t)s->rows > used ? (size_t)s->rows - used : 0;
    return room == 0 || add_services(c, s, room, err);
}

/* Paints over the former frame line by line, so that nothing flickers. */
static bool paint(struct ll_ctx *c, const struct screen *s, struct ll_err *err)
{
    struct ll_str text = c->out;
    ll_str_init(&c->out, FRAME_BYTES);
    ll_str_addz(&c->out, "\033[H");
    int lines = 0;
    for (const char *p = ll_str_z(&text); *p && lines < s->rows - 1; lines++) {
        size_t n = strcspn(p, "\n");
        ll_str_add(&c->out, p, n);
        ll_str_addz(&c->out, "\033[K\n");
        p += n + (p[n] == '\n');
    }
    ll_str_addz(&c->out, "\033[J");
    ll_str_addf(&c->out, "\033[%d;1H", s->rows);
    ll_str_addz(&c->out, ll_text_color(c, LL_TINT_DIM));
    ll_text_add(&c->out, "q quit   j k scroll", (size_t)c->width, c->utf8);
    ll_str_addz(&c->out, ll_text_color_end(c, LL_TINT_DIM));
    bool ok = ll_ctx_flush(c, err);
    ll_str_fini(&text);
    return ok;
}

/* True when the view is to end. */
static bool obey(struct screen *s, int key, int signals, bool *resized)
{
    size_t n = json_array_size(s->services);
    if (key == LL_TERM_KEY_SIGNAL) {
        *resized = ll_process_signal_wait(signals, 0) == SIGWINCH;
        return !*resized;
    }
    if ((key == 'j' || key == LL_TERM_KEY_DOWN) && s->first + 1 < n)
        s->first++;
    if ((key == 'k' || key == LL_TERM_KEY_UP) && s->first > 0)
        s->first--;
    return key == 'q' || key == LL_TERM_KEY_END;
}

static bool frame(struct ll_ctx *c, struct screen *s, struct ll_err *err)
{
    ll_term_size(STDOUT_FILENO, &c->width, &s->rows);
    size_t n = json_array_size(s->services);
    s->first = n ? LL_MIN(s->first, n - 1) : 0;
    return compose(c, s, err) && paint(c, s, err);
}

/* Asks, shows, and waits for keys until the next answer is due. */
static bool live(struct ll_ctx *c, struct screen *s, int signals, struct ll_err *err)
{
    struct ll_clock clock = ll_clock_real();
    ll_dur interval = ll_args_duration(c->args, "interval");
    for (bool end = false; !end;) {
        s->err = (struct ll_err){0};
        if (!fetch(c, s, &s->err) && !s->summary) {
            *err = s->err;
            return false;
        }
        ll_time due = clock.mono(NULL) + interval;
        for (bool waiting = true; waiting && !end;) {
            if (!frame(c, s, err))
                return false;
            ll_dur left = due - clock.mono(NULL);
            bool resized = false;
            int key = ll_term_key(signals, LL_MAX(left, 0));
            end = obey(s, key, signals, &resized);
            waiting = key != LL_TERM_KEY_NONE || due - clock.mono(NULL) > 0;
        }
    }
    return true;
}

static bool run_live(struct ll_ctx *c, struct screen *s, struct ll_err *err)
{
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, 0};
    int signals = ll_process_signals(wanted, err);
    if (signals < 0)
        return false;
    bool ok = ll_term_enter(err) && live(c, s, signals, err);
    ll_str_clear(&c->out);
    ll_term_leave();
    close(signals);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct screen s = {.rows = ONCE_ROWS};
    bool once = ll_args_bool(c->args, "once") || !ll_term_is_tty(STDOUT_FILENO) ||
                !ll_term_is_tty(STDIN_FILENO);
    bool ok = once ? fetch(c, &s, err) && compose(c, &s, err) : run_live(c, &s, err);
    drop(&s);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "interval",
     .letter = 'i',
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "2s",
     .doc = "time between two questions"},
    {.name = "once", .type = LL_FLAG_BOOL, .doc = "print one frame and stop"},
    {.name = "tz",
     .type = LL_FLAG_TEXT,
     .arg = "ZONE",
     .fallback = "local",
     .doc = "zone of the clock: local, utc or a name like America/New_York"},
    {0}};

const struct ll_command ll_cmd_top = {
    .name = "top",
    .group = "Look",
    .doc = "watch resources and services live",
    .about = "Keys: q ends, j and k or the arrows scroll the services. Without a terminal one "
             "frame is printed.",
    .examples = {{"loadline top", "until q is pressed"},
                 {"loadline top --once --color never", "one frame, for a report"}},
    .traits = LL_CMD_CLIENT,
    .flags = flags,
    .run = run,
};
