/* How much an instance carries: what is declared, set, and learned from a file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/scaling_ask.h"
#include "cmd/series_file.h"
#include "scaling/capacity.h"

/* --- show --- */

static const struct ll_column columns[] = {
    {.key = "target", .title = "TARGET", .flex = true},
    {.key = "driver", .title = "DRIVER"},
    {.key = "part", .title = "PART", .spare = true},
    {.key = "units_per_instance", .title = "UNITS", .right = true},
    {.key = "source", .title = "SOURCE"},
    {.key = "date", .title = "DATE"},
    {.key = "expires", .title = "EXPIRES", .spare = true},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    char text[LL_TEXT_MAX];
    const double units = ll_json_number(item, "units_per_instance");
    ll_scaling_cell_text(t, c, item, "target");
    ll_scaling_cell_text(t, c, item, "driver");
    ll_scaling_cell_text(t, c, item, "part");
    snprintf(text, sizeof(text), "%.6g", units);
    ll_table_number(t, text, units, LL_TINT_NONE);
    ll_scaling_cell_text(t, c, item, "source");
    ll_scaling_cell_time(t, c, item, "date");
    ll_scaling_cell_time(t, c, item, "expires");
}

static bool run_show(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON whole = NULL;
    if (!ll_client_get(c, "/api/v1/capacity-models", &whole, err))
        return false;
    const json_t *items = json_object_get(whole, "items");
    return ll_scaling_print_list(c, items, columns, LL_LEN(columns), add_row,
                                 "no target says what an instance carries: loadline capacity set",
                                 err);
}

const struct ll_command ll_cmd_capacity_show = {
    .name = "capacity show",
    .group = "Scaling",
    .doc = "what an instance of each target carries, and since when",
    .examples = {{"loadline capacity show", "all targets"},
                 {"loadline capacity show -o json", "with the source and the date of each"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .run = run_show,
};

/* --- learn --- */

static const struct ll_series_of_file *series_named(const struct ll_series_file *f,
                                                    const char *name)
{
    for (size_t i = 0; name && i < f->n; i++)
        if (strcmp(f->v[i].name, name) == 0)
            return &f->v[i];
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    const struct ll_point *x = a, *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

/* A sorted copy: the series stays in the file's order. */
static struct ll_point *sorted(const struct ll_series_of_file *s)
{
    struct ll_point *p = malloc(LL_MAX(s->n, (size_t)1) * sizeof(*p));
    if (p && s->n)
        memcpy(p, s->points, s->n * sizeof(*p));
    if (p)
        qsort(p, s->n, sizeof(*p), by_time);
    return p;
}

/* The value at exactly that time; NaN = none.  *at moves with the time. */
static double value_at(const struct ll_point *p, size_t n, size_t *at, ll_time t)
{
    while (*at < n && p[*at].t < t)
        ++*at;
    return *at < n && p[*at].t == t ? p[*at].v : (double)NAN;
}

struct asked {
    const struct ll_series_of_file *load, *use, *instances; /* instances NULL = one */
};

static bool find(const struct ll_ctx *c, const struct ll_series_file *f, struct asked *a,
                 struct ll_err *err)
{
    static const char *const names[] = {"load", "utilization", "instances"};
    const struct ll_series_of_file **const to[] = {&a->load, &a->use, &a->instances};
    for (size_t i = 0; i < LL_LEN(names); i++) {
        const char *name = ll_args_text(c->args, names[i]);
        *to[i] = series_named(f, name);
        if (!name && i < 2)
            return ll_err_set(err, LL_E_USAGE, "--%s is missing: the name of a series", names[i]);
        if (name && !*to[i])
            return ll_err_set(err, LL_E_NOT_FOUND, "--%s: the file has no series '%.100s'",
                              names[i], name);
    }
    return true;
}

static bool pair(const struct asked *a, struct ll_capacity_point *out, struct ll_err *err)
{
    struct ll_point *load = sorted(a->load), *use = sorted(a->use);
    struct ll_point *count = a->instances ? sorted(a->instances) : NULL;
    const bool ok = load && use && (!a->instances || count);
    size_t at_use = 0, at_count = 0;
    for (size_t i = 0; ok && i < a->load->n; i++) {
        const ll_time t = load[i].t;
        out[i] = (struct ll_capacity_point){
            .t = t,
            .load = load[i].v,
            .utilization = value_at(use, a->use->n, &at_use, t) / 100,
            .instances = count ? value_at(count, a->instances->n, &at_count, t) : 1,
        };
    }
    free(count);
    free(use);
    free(load);
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for the series");
}

/* The load of an instance at that utilisation: what it uses without any load is not for load. */
static double load_at(const struct ll_capacity_learned *l, double goal)
{
    return fmax(goal - l->idle, 0) * l->units / (1 - l->idle);
}

static bool print_json(struct ll_ctx *c, const struct ll_capacity_learned *l)
{
    char date[LL_TIME_TEXT_MAX];
    LL_AUTO_JSON o = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:s, s:s}",
                               "units_per_instance", l->units, "load_at_70_pct", load_at(l, 0.7),
                               "lower", l->lower, "upper", l->upper, "idle_pct", l->idle * 100,
                               "explained_pct", l->explained * 100, "seen_load", l->seen_load,
                               "seen_utilization_pct", l->seen_utilization * 100, "points",
                               (json_int_t)l->used, "left_out", (json_int_t)l->left_out, "source",
                               "learned", "date", ll_time_format(l->date, date));
    return ll_json_print_form(c, o, o);
}

static void say(struct ll_ctx *c, const struct ll_capacity_learned *l)
{
    char date[LL_TIME_TEXT_MAX];
    ll_str_addf(&c->out, "units per instance  %.6g (%.6g to %.6g, 95 %%)\n", l->units, l->lower,
                l->upper);
    ll_str_addf(&c->out, "load at 70 %%        %.6g\n", load_at(l, 0.7));
    ll_str_addf(&c->out, "without load        %.1f %%\n", l->idle * 100);
    ll_str_addf(&c->out, "explained           %.0f %% of the variance, %zu moments, %zu left out\n",
                l->explained * 100, l->used, l->left_out);
    ll_str_addf(&c->out, "seen                up to %.6g an instance, at %.0f %%\n", l->seen_load,
                l->seen_utilization * 100);
    ll_str_addf(&c->out, "date                %s\n", ll_time_format(l->date, date));
    if (ll_capacity_beyond(l, 0.7))
        ll_str_addf(&c->out,
                    "Beyond %.0f %% nothing was seen: what is said of more is drawn on "
                    "from there. A load test tells it.\n",
                    l->seen_utilization * 100);
}

static bool learn(struct ll_ctx *c, const struct ll_series_file *f, struct ll_err *err)
{
    struct asked a = {0};
    struct ll_capacity_learned l;
    if (!find(c, f, &a, err))
        return false;
    struct ll_capacity_point *p = calloc(LL_MAX(a.load->n, (size_t)1), sizeof(*p));
    const bool ok = p ? pair(&a, p, err) && ll_capacity_learn(p, a.load->n, &l, err)
                      : ll_err_set(err, LL_E_MEMORY, "no memory for the series");
    free(p);
    if (ok && !print_json(c, &l))
        say(c, &l);
    return ok;
}

static bool run_learn(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_series_file file = {0};
    const bool ok =
        ll_series_file_read(c->args->positionals[0], &file, err) && learn(c, &file, err);
    ll_series_file_fini(&file);
    return ok;
}

static const struct ll_flag learn_flags[] = {
    {.name = "load",
     .type = LL_FLAG_TEXT,
     .arg = "SERIES",
     .doc = "the service's load, the driver"},
    {.name = "utilization",
     .type = LL_FLAG_TEXT,
     .arg = "SERIES",
     .doc = "mean utilisation of its instances, in percent"},
    {.name = "instances",
     .type = LL_FLAG_TEXT,
     .arg = "SERIES",
     .doc = "how many carried it; else one"},
    {0}};

static const struct ll_positional learn_positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV of these series, .csv or .csv.gz; - reads standard input"},
    {0}};

const struct ll_command ll_cmd_capacity_learn = {
    .name = "capacity learn",
    .group = "Scaling",
    .doc = "what an instance carries, from load and utilisation seen",
    .about =
        "Utilisation of an instance is drawn as a line over its load; where the line is full is "
        "what it carries. Moments count that all series have. Above 95 % nothing is told. Data "
        "that cannot tell is refused with the reason: too few moments, a load that hardly varies, "
        "utilisation that something else drives, an interval wider than a fifth.",
    .examples = {{"loadline capacity learn --load orders --utilization cpu --instances n a.csv",
                  "units per instance with its interval"},
                 {"loadline capacity learn --load orders --utilization cpu one.csv -o json",
                  "of a service that one instance carried"}},
    .traits = LL_CMD_FORMS,
    .flags = learn_flags,
    .positionals = learn_positionals,
    .run = run_learn,
};

/* --- set --- */

static json_t *model_asked(const struct ll_ctx *c, struct ll_err *err)
{
    static const char *const texts[] = {"driver", "part", "source", "date", "expires"};
    double units;
    const char *number = ll_args_text(c->args, "units");
    if (!number || !ll_num_parse(ll_slice_of(number), &units) || !(units > 0)) {
        (void)!ll_err_set(err, LL_E_USAGE, "--units: a number over 0 is needed");
        return NULL;
    }
    if (!ll_args_text(c->args, "driver")) {
        (void)!ll_err_set(err, LL_E_USAGE, "--driver is missing: the resource that demand is of");
        return NULL;
    }
    json_t *m = json_pack("{s:f}", "units_per_instance", units);
    for (size_t i = 0; i < LL_LEN(texts); i++)
        if (ll_args_text(c->args, texts[i]))
            json_object_set_new(m, texts[i], json_string(ll_args_text(c->args, texts[i])));
    return m;
}

/* What a target shows of itself beside what was declared; a member that is new and not here is
 * refused by the daemon, not lost. */
static const char *const shown[] = {"version",
                                    "source",
                                    "current",
                                    "ready",
                                    "seen_at",
                                    "condition",
                                    "override",
                                    "pause",
                                    "freeze",
                                    "lead_seconds",
                                    "lead_learned_from",
                                    "cooldown_out_until",
                                    "action",
                                    "rules",
                                    "last",
                                    "cooldown_in_until"};

static bool run_set(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON target = NULL;
    LL_AUTO_JSON answer = NULL;
    LL_AUTO_JSON model = model_asked(c, err);
    struct ll_str path, body;
    if (!model || !ll_scaling_ask_get(c, "targets", c->args->positionals[0], &target, err))
        return false;
    const double version = ll_json_number(target, "version");
    for (size_t i = 0; i < LL_LEN(shown); i++)
        json_object_del(target, shown[i]);
    json_object_set(target, "capacity", model);
    char *text = json_dumps(target, JSON_COMPACT);
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_init(&body, 1 << 20);
    ll_str_addz(&path, "/api/v1/targets");
    ll_client_segment(&path, c->args->positionals[0]);
    ll_str_addf(&path, "?version=%.0f", version);
    ll_str_addz(&body, text ? text : "");
    free(text);
    const bool ok = ll_client_send(c, LL_HTTP_PUT, ll_str_z(&path), &body, NULL, &answer, err);
    ll_str_fini(&body);
    ll_str_fini(&path);
    if (ok && !ll_json_print_form(c, answer, answer))
        ll_str_addf(&c->out, "%s: an instance carries %s\n", c->args->positionals[0],
                    ll_args_text(c->args, "units"));
    return ok;
}

static const struct ll_flag set_flags[] = {
    {.name = "units",
     .type = LL_FLAG_TEXT,
     .arg = "N",
     .doc = "what an instance carries when full"},
    {.name = "driver", .type = LL_FLAG_TEXT, .arg = "TYPE", .doc = "the resource demand is of"},
    {.name = "part", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "part of it"},
    {.name = "source",
     .type = LL_FLAG_TEXT,
     .arg = "WORD",
     .doc = "declared, learned or load_test"},
    {.name = "date", .type = LL_FLAG_TEXT, .arg = "DATE", .doc = "when it was found"},
    {.name = "expires", .type = LL_FLAG_TEXT, .arg = "DATE", .doc = "from when it does not hold"},
    {0}};

static const struct ll_positional set_positionals[] = {{.name = "TARGET", .doc = "its name"}, {0}};

const struct ll_command ll_cmd_capacity_set = {
    .name = "capacity set",
    .group = "Scaling",
    .doc = "say what an instance of a target carries",
    .about = "A target that a file declares is changed in the file.",
    .examples = {{"loadline capacity set gateway --units 290 --driver API_CALLS --date 2026-11-03",
                  "what a load test found"},
                 {"loadline capacity set gateway --units 290 --driver API_CALLS",
                  "what is declared, until something better is known"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = set_flags,
    .positionals = set_positionals,
    .run = run_set,
};
