/* Everything that is stored, as it comes from the daemon: nothing is collected here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/text.h"
#include "core/labels.h"

enum { LINE_BYTES = 4 << 20 };

/* What is being taken in. */
struct export
{
    struct ll_ctx *c;
    struct ll_err *err;
    struct ll_str line; /* not yet whole */
    size_t lines;
};

static bool fail_line(struct export *x)
{
    ll_err_set(x->err, LL_E_UNREACHABLE, "the answer has a line that is not one of an export");
    return false;
}

/* up{job="a"} from an object of labels; what is printed for people. */
static bool add_series(struct ll_str *out, const json_t *labels)
{
    struct ll_label l[LL_LABELS_MAX];
    struct ll_str set;
    struct ll_err err;
    size_t n = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)labels, name, value)
    {
        if (n == LL_LEN(l) || !json_is_string(value))
            return false;
        l[n++] = (struct ll_label){ll_slice_of(name),
                                   {json_string_value(value), json_string_length(value)}};
    }
    if (!ll_labels_sort(l, &n, &err))
        return false;
    ll_str_init(&set, 2 * LL_LABELS_BYTES_MAX);
    ll_labels_encode(l, n, &set);
    ll_labels_text((struct ll_slice){set.s, set.n}, out);
    ll_str_fini(&set);
    return true;
}

static void add_point(struct ll_ctx *c, const char *series, ll_time t, const char *value)
{
    char time[LL_TIME_TEXT_MAX];
    ll_time_format(t, time);
    if (c->form == LL_FORM_CSV) {
        ll_csv_add(&c->out, ll_slice_of(series));
        ll_str_addf(&c->out, ",%s,%s\n", time, value);
        return;
    }
    ll_text_add(&c->out, time, 0, c->utf8);
    ll_str_addf(&c->out, "  %20s  ", value);
    ll_text_add(&c->out, series, 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

static bool print_points(struct export *x, const json_t *doc)
{
    struct ll_str series;
    ll_str_init(&series, LINE_BYTES);
    bool ok = add_series(&series, json_object_get(doc, "labels")) && !series.failed;
    const json_t *points = json_object_get(doc, "points");
    for (size_t i = 0; ok && i < json_array_size(points); i++) {
        const json_t *p = json_array_get(points, i);
        const char *value = json_string_value(json_array_get(p, 1));
        ok = value != NULL;
        if (ok)
            add_point(x->c, ll_str_z(&series), json_integer_value(json_array_get(p, 0)), value);
    }
    ll_str_fini(&series);
    return ok || fail_line(x);
}

static bool take_line(struct export *x, const char *s, size_t n)
{
    struct ll_ctx *c = x->c;
    if (c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON) {
        if (c->form == LL_FORM_JSON)
            ll_str_addz(&c->out, x->lines ? ",\n" : "[\n");
        ll_str_add(&c->out, s, n);
        if (c->form == LL_FORM_NDJSON)
            ll_str_addc(&c->out, '\n');
        x->lines++;
        return true;
    }
    LL_AUTO_JSON doc = json_loadb(s, n, 0, NULL);
    x->lines++;
    return doc ? print_points(x, doc) : fail_line(x);
}

static bool take_series(void *ctx, const char *bytes, size_t n)
{
    struct export *x = ctx;
    while (n > 0) {
        const char *end = memchr(bytes, '\n', n);
        size_t part = end ? (size_t)(end - bytes) : n;
        ll_str_add(&x->line, bytes, part);
        if (x->line.failed)
            return fail_line(x);
        if (end && !take_line(x, ll_str_z(&x->line), x->line.n))
            return false;
        if (end)
            ll_str_clear(&x->line);
        bytes += part + (end != NULL);
        n -= part + (end != NULL);
    }
    return ll_ctx_flush(x->c, x->err);
}

static bool take_csv(void *ctx, const char *bytes, size_t n)
{
    struct export *x = ctx;
    ll_str_add(&x->c->out, bytes, n);
    return ll_ctx_flush(x->c, x->err);
}

static void add_span(const struct ll_ctx *c, struct ll_str *path)
{
    static const char *const names[] = {"from", "to"};
    char time[LL_TIME_TEXT_MAX];
    for (size_t i = 0; i < LL_LEN(names); i++)
        if (ll_args_given(c->args, names[i]))
            ll_client_query(path, names[i],
                            ll_time_format(ll_args_time(c->args, names[i], c->now), time));
}

/* All of --match, one a line. */
static void add_selectors(const struct ll_args *a, struct ll_str *path)
{
    struct ll_str all;
    ll_str_init(&all, 8192);
    for (size_t i = 0; i < a->n_flags; i++)
        if (a->flags[i].flag && strcmp(a->flags[i].flag->name, "match") == 0)
            ll_str_addf(&all, "%s%s", all.n ? "\n" : "", a->flags[i].value);
    ll_client_query(path, "match", ll_str_z(&all));
    path->failed = path->failed || all.failed;
    ll_str_fini(&all);
}

static bool export_series(struct export *x, struct ll_err *err)
{
    struct ll_ctx *c = x->c;
    struct ll_str path;
    ll_str_init(&path, 32 << 10);
    ll_str_addz(&path, "/api/v1/series/export");
    add_selectors(c->args, &path);
    add_span(c, &path);
    if (c->form == LL_FORM_CSV)
        ll_str_addz(&c->out, "series,timestamp,value\n");
    bool ok = path.failed ? ll_err_set(err, LL_E_USAGE, "the selectors are too long")
                          : ll_client_stream(c, ll_str_z(&path), "application/x-ndjson",
                                             take_series, x, err);
    ll_str_fini(&path);
    if (ok && x->line.n > 0)
        ok = fail_line(x);
    if (ok && c->form == LL_FORM_JSON)
        ll_str_addz(&c->out, x->lines ? "\n]\n" : "[]\n");
    if (ok && x->lines == 0)
        ll_ctx_say("no stored series matches");
    return ok;
}

static bool export_samples(struct export *x, struct ll_err *err)
{
    struct ll_ctx *c = x->c;
    struct ll_str path;
    if (ll_args_given(c->args, "output") && c->form != LL_FORM_CSV)
        return ll_err_set(err, LL_E_USAGE,
                          "capacity samples are exported as csv; -o is for --match SELECTOR");
    ll_str_init(&path, 8192);
    ll_str_addz(&path, "/api/v1/metrics/export");
    if (ll_args_text(c->args, "service"))
        ll_client_query(&path, "service", ll_args_text(c->args, "service"));
    if (ll_args_text(c->args, "resource"))
        ll_client_query(&path, "resource_type", ll_args_text(c->args, "resource"));
    add_span(c, &path);
    bool ok = ll_client_stream(c, ll_str_z(&path), "text/csv", take_csv, x, err);
    ll_str_fini(&path);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct export x = {.c = c, .err = err};
    const bool series = ll_args_given(c->args, "match");
    if (series && (ll_args_given(c->args, "service") || ll_args_given(c->args, "resource")))
        return ll_err_set(err, LL_E_USAGE, "--match contradicts --service and --resource");
    ll_str_init(&x.line, LINE_BYTES);
    bool ok = series ? export_series(&x, err) : export_samples(&x, err);
    ll_str_fini(&x.line);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "match",
     .type = LL_FLAG_TEXT,
     .arg = "SELECTOR",
     .repeatable = true,
     .doc = "series kept under their own labels instead, as PromQL selects them"},
    {.name = "service", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only samples of this service"},
    {.name = "resource",
     .type = LL_FLAG_TEXT,
     .arg = "TYPE",
     .doc = "only samples of this resource type: CPU, MEMORY and so on"},
    {.name = "from",
     .type = LL_FLAG_TIME,
     .arg = "TIME",
     .doc = "start: RFC 3339, Unix seconds or now-24h; else all there is"},
    {.name = "to", .type = LL_FLAG_TIME, .arg = "TIME", .doc = "end, not included"},
    {0}};

const struct ll_command ll_cmd_export = {
    .name = "export",
    .group = "Data",
    .doc = "print stored samples as Long CSV, or series with their labels",
    .about = "Without --match: capacity samples as Long CSV, which `loadline import csv` reads. "
             "With it: series kept under their own labels, bit for bit with -o ndjson; a series "
             "may take several lines.",
    .examples = {{"loadline export --service gateway --from now-7d > gateway.csv", "one service"},
                 {"loadline export --match 'up{job=\"node\"}' -o ndjson", "labels and points"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
