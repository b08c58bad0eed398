#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/rows.h"
#include "cmd/table.h"
#include "os/zone.h"

enum { POINTS_MAX = 11000, TABLE_ROWS = 48, SPARK_MIN = 10, SPARK_MAX = 96 };

/* What is asked for: one service, a span, a step. */
struct wish {
    const char *service;
    ll_time from, to;
    ll_dur step; /* 0 = the daemon's choice */
};

/* One answer, its columns as numbers. */
struct history {
    ll_time t0;
    ll_dur step;
    size_t n;
    double *value, *max, *capacity, *pct;
};

static bool read_wish(const struct ll_ctx *c, struct wish *w, struct ll_err *err)
{
    const struct ll_args *a = c->args;
    w->service = a->positionals[0];
    w->step = ll_args_duration(a, "step");
    w->to = ll_args_given(a, "to") ? ll_args_time(a, "to", c->now) : c->now;
    if (ll_args_given(a, "from") && ll_args_given(a, "since"))
        return ll_err_set(err, LL_E_USAGE, "--since and --from contradict each other");
    w->from = ll_args_given(a, "from") ? ll_args_time(a, "from", c->now)
                                       : w->to - ll_args_duration(a, "since");
    if (w->from >= w->to)
        return ll_err_set(err, LL_E_USAGE, "--from is not before --to");
    return true;
}

/* For people: the least step that fits the rows into a screen or two. */
static ll_dur readable_step(ll_dur span)
{
    static const ll_dur steps[] = {15 * LL_SECOND, LL_MINUTE, 5 * LL_MINUTE, 15 * LL_MINUTE,
                                   30 * LL_MINUTE, LL_HOUR,   2 * LL_HOUR,   6 * LL_HOUR,
                                   12 * LL_HOUR,   LL_DAY,    7 * LL_DAY};
    for (size_t i = 0; i < LL_LEN(steps); i++)
        if (span / steps[i] <= TABLE_ROWS)
            return steps[i];
    return 30 * LL_DAY;
}

static bool fetch(struct ll_ctx *c, const struct wish *w, const char *resource, ll_dur step,
                  json_t **out, struct ll_err *err)
{
    static const char *const passed[] = {"instance", "part"};
    char time[LL_TIME_TEXT_MAX];
    struct ll_str path;
    ll_str_init(&path, 8192);
    ll_str_addz(&path, "/api/v1/metrics");
    ll_client_query(&path, "service", w->service);
    ll_client_query(&path, "resource_type", resource);
    ll_client_query(&path, "from", ll_time_format(w->from, time));
    ll_client_query(&path, "to", ll_time_format(w->to, time));
    if (step)
        ll_str_addf(&path, "&step=%lld", (long long)LL_MAX(step / LL_SECOND, 1));
    for (size_t i = 0; i < LL_LEN(passed); i++)
        if (ll_args_text(c->args, passed[i]))
            ll_client_query(&path, passed[i], ll_args_text(c->args, passed[i]));
    bool ok = ll_client_get(c, ll_str_z(&path), out, err);
    ll_str_fini(&path);
    return ok;
}

static double *column(struct ll_arena *arena, const json_t *doc, const char *name, size_t n)
{
    double *v = LL_ARENA_NEW(arena, double, n);
    size_t have =
        v ? ll_rows_numbers(json_object_get(json_object_get(doc, "columns"), name), v, n) : 0;
    for (size_t i = have; v && i < n; i++)
        v[i] = NAN;
    return v;
}

static bool read_history(const json_t *doc, struct ll_arena *arena, struct history *h,
                         struct ll_err *err)
{
    const json_t *values = json_object_get(json_object_get(doc, "columns"), "value");
    double t0 = ll_json_number(doc, "t0"), step = ll_json_number(doc, "step");
    h->n = LL_MIN(json_array_size(values), (size_t)POINTS_MAX);
    if (h->n && !(step > 0 && isfinite(t0))) {
        ll_err_set(err, LL_E_UNREACHABLE, "the answer has no t0 and step");
        return false;
    }
    h->t0 = h->n ? (ll_time)(t0 * 1000) : 0;
    h->step = h->n ? (ll_dur)(step * 1000) : LL_SECOND;
    h->value = column(arena, doc, "value", h->n);
    h->max = column(arena, doc, "max", h->n);
    h->capacity = column(arena, doc, "capacity", h->n);
    h->pct = column(arena, doc, "utilization_pct", h->n);
    if (h->value && h->max && h->capacity && h->pct)
        return true;
    ll_err_set(err, LL_E_MEMORY, "no memory for the history");
    return false;
}

static const struct ll_column columns[] = {
    {.key = "timestamp", .title = "TIME"},
    {.key = "value", .title = "MEAN", .right = true},
    {.key = "max", .title = "MAX", .right = true},
    {.key = "capacity", .title = "CAPACITY", .right = true},
    {.key = "utilization_pct", .title = "USED", .right = true},
    {.key = NULL, .title = "", .flex = true},
};

static void add_bar(struct ll_str *out, double pct, bool utf8)
{
    int cells = isnan(pct) ? 0 : (int)LL_MIN(fmax(pct, 0) / 5 + 0.5, 20.0);
    for (int i = 0; i < cells; i++)
        ll_str_addz(out, utf8 ? "█" : "#");
}

static void add_point(struct ll_table *t, const struct ll_ctx *c, const struct history *h,
                      const char *unit, size_t i)
{
    char text[LL_TEXT_MAX], raw[LL_TIME_TEXT_MAX], when[LL_ZONE_TEXT_MAX];
    struct ll_str bar;
    ll_time at = h->t0 + (ll_dur)i * h->step;
    ll_str_init(&bar, 256);
    ll_zone_format(at, h->step < LL_MINUTE ? LL_ZONE_SECOND : LL_ZONE_MINUTE, when);
    ll_table_cell(t, when, ll_time_format(at, raw), LL_TINT_NONE);
    ll_table_number(t, ll_text_amount(c, unit, h->value[i], text), h->value[i], LL_TINT_NONE);
    ll_table_number(t, ll_text_amount(c, unit, h->max[i], text), h->max[i], LL_TINT_NONE);
    ll_table_number(t, ll_text_amount(c, unit, h->capacity[i], text), h->capacity[i], LL_TINT_DIM);
    ll_table_number(t, ll_text_percent(c, h->pct[i], text), h->pct[i], LL_TINT_NONE);
    add_bar(&bar, h->pct[i], c->utf8);
    ll_table_cell(t, ll_str_z(&bar), NULL, LL_TINT_DIM);
    ll_str_fini(&bar);
}

/* Points [first, end) are between the first and the last with data. */
static void trim(const struct history *h, size_t *first, size_t *end)
{
    *first = 0;
    *end = h->n;
    while (*first < *end && isnan(h->value[*first]))
        ++*first;
    while (*end > *first && isnan(h->value[*end - 1]))
        --*end;
}

static bool print_points(struct ll_ctx *c, const struct history *h, const char *unit, size_t first,
                         size_t end, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = first; i < end; i++)
        add_point(t, c, h, unit, i);
    return ll_table_print(t, c, err);
}

static double top_of(const struct history *h)
{
    double top = NAN;
    for (size_t i = 0; i < h->n; i++)
        top = fmax(top, h->max[i]);
    return isnan(top) && h->n ? 1 : top;
}

/* Utilisation from 0 to 100 % where it is known, else the value from 0 to its highest. */
static void add_spark(struct ll_str *out, const struct ll_ctx *c, const struct history *h,
                      size_t width)
{
    bool pct = false;
    for (size_t i = 0; i < h->n; i++)
        pct = pct || !isnan(h->pct[i]);
    ll_text_spark(out, pct ? h->pct : h->value, h->n, pct ? 100 : top_of(h), width, c->utf8);
}

static void add_title(struct ll_ctx *c, const struct wish *w, const json_t *doc,
                      const struct history *h)
{
    char from[LL_ZONE_TEXT_MAX], to[LL_ZONE_TEXT_MAX], step[LL_DUR_TEXT_MAX];
    struct ll_str spark;
    size_t width = c->width ? LL_MIN((size_t)c->width, (size_t)SPARK_MAX) : SPARK_MAX;
    ll_str_init(&spark, 4096);
    ll_text_add(&c->out, w->service, 0, c->utf8);
    ll_str_addc(&c->out, ' ');
    ll_text_add(&c->out, ll_text_resource(ll_json_text(doc, "resource_type")), 0, c->utf8);
    if (ll_json_text(doc, "part")[0]) {
        ll_str_addc(&c->out, ' ');
        ll_text_add(&c->out, ll_json_text(doc, "part"), 0, c->utf8);
    }
    ll_str_addf(&c->out, ", %s to %s, steps of %s\n", ll_zone_format(w->from, LL_ZONE_MINUTE, from),
                ll_zone_format(w->to, LL_ZONE_MINUTE_TZ, to), ll_dur_format(h->step, step));
    add_spark(&spark, c, h, LL_MAX(width, (size_t)SPARK_MIN));
    ll_str_addf(&c->out, "%s\n", ll_str_z(&spark));
    ll_str_fini(&spark);
}

static bool print_one(struct ll_ctx *c, const struct wish *w, const json_t *doc, struct ll_err *err)
{
    struct history h = {0};
    size_t first, end;
    LL_AUTO(ll_arena) arena = ll_arena_new(8 << 20);
    if (!arena)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the history");
    if (!read_history(doc, arena, &h, err))
        return false;
    trim(&h, &first, &end);
    if (c->form == LL_FORM_CSV)
        return print_points(c, &h, ll_json_text(doc, "unit"), 0, h.n, err);
    if (first == end) {
        ll_ctx_say("%s has no data in this span", w->service);
        return true;
    }
    add_title(c, w, doc, &h);
    return print_points(c, &h, ll_json_text(doc, "unit"), first, end, err);
}

/* Rows of points instead of columns: what a program reads line by line. */
static bool print_lines(struct ll_ctx *c, const json_t *doc, struct ll_err *err)
{
    struct history h = {0};
    char raw[LL_TIME_TEXT_MAX];
    LL_AUTO(ll_arena) arena = ll_arena_new(8 << 20);
    LL_AUTO_JSON lines = json_array();
    if (!arena || !read_history(doc, arena, &h, err))
        return arena ? false : ll_err_set(err, LL_E_MEMORY, "no memory for the history");
    for (size_t i = 0; i < h.n; i++) {
        const struct {
            const char *key;
            double v;
        } fields[] = {{"value", h.value[i]},
                      {"max", h.max[i]},
                      {"capacity", h.capacity[i]},
                      {"utilization_pct", h.pct[i]}};
        json_t *line =
            json_pack("{s:s}", "timestamp", ll_time_format(h.t0 + (ll_dur)i * h.step, raw));
        for (size_t k = 0; k < LL_LEN(fields); k++)
            json_object_set_new(line, fields[k].key,
                                isnan(fields[k].v) ? json_null() : json_real(fields[k].v));
        json_array_append_new(lines, line);
    }
    ll_json_print_lines(c, lines);
    return true;
}

static bool run_one(struct ll_ctx *c, const struct wish *w, struct ll_err *err)
{
    LL_AUTO_JSON doc = NULL;
    enum ll_resource_type type;
    const char *resource = c->args->positionals[1];
    if (!ll_resource_parse(ll_slice_of(resource), &type)) {
        const char *names[LL_RESOURCE_COUNT];
        for (int r = 0; r < LL_RESOURCE_COUNT; r++)
            names[r] = ll_resource_name((enum ll_resource_type)r);
        const char *near = ll_str_nearest(ll_slice_of(resource), names, LL_RESOURCE_COUNT);
        return ll_err_set(err, LL_E_USAGE,
                          "'%s' is not a resource%s%s%s; there are CPU, MEMORY, "
                          "DISK, NETWORK, CONNECTIONS, QUEUE_DEPTH and API_CALLS",
                          resource, near ? "; did you mean `" : "", near ? near : "",
                          near ? "`" : "");
    }
    bool people = c->form == LL_FORM_TABLE || c->form == LL_FORM_WIDE;
    ll_dur step = w->step || !people ? w->step : readable_step(w->to - w->from);
    if (!fetch(c, w, ll_resource_name(type), step, &doc, err))
        return false;
    if (c->form == LL_FORM_JSON) {
        ll_json_print(c, doc);
        return true;
    }
    return c->form == LL_FORM_NDJSON ? print_lines(c, doc, err) : print_one(c, w, doc, err);
}

/* The service of exactly this name, or what may have been meant. */
static bool find_service(struct ll_ctx *c, const char *name, json_t **out, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    const char *names[256];
    size_t i, n = 0;
    json_t *s;
    if (!ll_client_list(c, "/api/v1/services", 0, &items, err))
        return false;
    json_array_foreach(items, i, s)
    {
        if (strcmp(ll_json_text(s, "service"), name) == 0) {
            *out = json_incref(s);
            return true;
        }
        if (n < LL_LEN(names))
            names[n++] = ll_json_text(s, "service");
    }
    const char *near = ll_str_nearest(ll_slice_of(name), names, n);
    return ll_err_set(err, LL_E_NOT_FOUND,
                      "there is no service '%s'%s%s%s; see `loadline services`", name,
                      near ? "; did you mean `" : "", near ? near : "", near ? "`" : "");
}

static const struct ll_column overview_columns[] = {
    {.key = "resource_type", .title = "RESOURCE"},
    {.key = "status", .title = "STATUS"},
    {.key = "utilization_pct", .title = "USED", .right = true},
    {.key = NULL, .title = "NOW", .right = true},
    {.key = "current_value", .title = NULL},
    {.key = "capacity", .title = NULL},
    {.key = "unit", .title = NULL},
    {.key = "peak_24h_pct", .title = "PEAK 24 h", .right = true},
    {.key = NULL, .title = "HISTORY", .flex = true},
};

/* What the other columns leave. */
static size_t spark_room(const struct ll_ctx *c)
{
    enum { OTHERS = 64 };
    if (c->width == 0)
        return TABLE_ROWS;
    return LL_MIN((size_t)LL_MAX(c->width - OTHERS, SPARK_MIN), (size_t)TABLE_ROWS);
}

static bool add_overview(struct ll_table *t, struct ll_ctx *c, const struct wish *w,
                         const char *type, const json_t *r, struct ll_err *err)
{
    char text[LL_TEXT_MAX];
    struct history h = {0};
    struct ll_str spark;
    LL_AUTO_JSON doc = NULL;
    LL_AUTO(ll_arena) arena = ll_arena_new(8 << 20);
    if (!arena)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the history");
    if (!fetch(c, w, type, w->step ? w->step : readable_step(w->to - w->from), &doc, err) ||
        !read_history(doc, arena, &h, err))
        return false;
    const char *status = ll_json_text(r, "status"), *unit = ll_json_text(r, "unit");
    double value = ll_json_number(r, "current_value"), capacity = ll_json_number(r, "capacity");
    double pct = ll_json_number(r, "utilization_pct"), peak = ll_json_number(r, "peak_24h_pct");
    ll_table_cell(t, ll_text_resource(type), type, LL_TINT_NONE);
    ll_table_cell(t, ll_text_status(status), status, ll_text_status_tint(status));
    ll_table_number(t, ll_text_percent(c, pct, text), pct, LL_TINT_NONE);
    ll_table_cell(t, ll_text_amount_of(c, unit, value, capacity, text), NULL, LL_TINT_NONE);
    ll_table_number(t, "", value, LL_TINT_NONE);
    ll_table_number(t, "", capacity, LL_TINT_NONE);
    ll_table_cell(t, unit, NULL, LL_TINT_NONE);
    ll_table_number(t, ll_text_percent(c, peak, text), peak, LL_TINT_NONE);
    ll_str_init(&spark, 4096);
    add_spark(&spark, c, &h, spark_room(c));
    ll_table_cell(t, ll_str_z(&spark), NULL, LL_TINT_NONE);
    ll_str_fini(&spark);
    return true;
}

static bool run_all(struct ll_ctx *c, const struct wish *w, struct ll_err *err)
{
    LL_AUTO_JSON service = NULL;
    if (!find_service(c, w->service, &service, err))
        return false;
    LL_AUTO_JSON lines = json_pack("[O]", service);
    if (ll_json_print_form(c, service, lines))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(overview_columns, LL_LEN(overview_columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (int i = 0; i < LL_RESOURCE_COUNT; i++) {
        const char *type = ll_resource_name((enum ll_resource_type)i);
        const json_t *r = json_object_get(json_object_get(service, "resources"), type);
        if (r && !add_overview(t, c, w, type, r, err))
            return false;
    }
    return ll_table_print(t, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct wish w = {0};
    if (!read_wish(c, &w, err))
        return false;
    return c->args->n_positionals > 1 ? run_one(c, &w, err) : run_all(c, &w, err);
}

static const struct ll_flag flags[] = {
    {.name = "since",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "24h",
     .doc = "how far back"},
    {.name = "from",
     .type = LL_FLAG_TIME,
     .arg = "TIME",
     .doc = "start: RFC 3339, Unix seconds or now-24h"},
    {.name = "to", .type = LL_FLAG_TIME, .arg = "TIME", .doc = "end; now when not given"},
    {.name = "step",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .doc = "width of a row; chosen to fit when not given"},
    {.name = "instance",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "one instance instead of their sum"},
    {.name = "part",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "one part of the resource: a filesystem, an interface"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "SERVICE", .kind = LL_POSITIONAL_SERVICE, .doc = "a name as in `loadline services`"},
    {.name = "RESOURCE",
     .optional = true,
     .kind = LL_POSITIONAL_RESOURCE,
     .doc = "CPU, MEMORY, DISK, NETWORK, CONNECTIONS, QUEUE_DEPTH or API_CALLS; all when not "
            "given"},
    {0}};

const struct ll_command ll_cmd_metrics = {
    .name = "metrics",
    .group = "Look",
    .doc = "show the history of a service's resources",
    .about = "With a resource: a sparkline and a row per step. Without: one line per resource.",
    .examples = {{"loadline metrics host cpu --since 6h", "how busy the processors were"},
                 {"loadline metrics host disk --from now-7d --step 1h -o csv", "for a program"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
