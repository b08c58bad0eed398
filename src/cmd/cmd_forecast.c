#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/forecast_ask.h"
#include "cmd/forecast_daemon.h"
#include "os/file.h"

/* One series' answer, kept until all are printed in order. */
struct answer {
    struct ll_arena *arena;
    struct ll_forecast f;
    bool empty; /* no value at all: nothing to say */
};

struct job {
    const struct ll_forecast_ask *ask;
    const struct ll_series_file *file;
    struct answer *answers;
};

/* Memory of one series: its steps, and what the models need. */
static struct ll_arena *arena_for(size_t points)
{
    size_t steps = LL_MIN(LL_MAX(points * 2, (size_t)4096), (size_t)LL_FORECAST_STEPS_MAX);
    return ll_arena_new(ll_forecast_arena(steps, LL_HORIZON_MAX) + points * 64);
}

static bool forecast_one(void *ctx, size_t i, struct ll_err *err)
{
    const struct job *j = ctx;
    const struct ll_series_of_file *s = &j->file->v[i];
    struct answer *a = &j->answers[i];
    struct ll_series series;
    struct ll_series_notes notes;
    struct ll_forecast_options o = j->ask->options;
    a->arena = arena_for(s->n);
    if (!a->arena)
        return ll_err_set(err, LL_E_MEMORY, "series '%.100s': no memory", s->name);
    if (!ll_forecast_ask_series(s, a->arena, &series, &notes, &a->empty, err))
        return ll_err_wrap(err, "series '%.100s'", s->name);
    if (a->empty)
        return true;
    size_t h = ll_forecast_ask_horizon(j->ask, series.step);
    if (!h)
        return ll_err_set(err, LL_E_RANGE, "series '%.100s': the horizon is over %d steps of it",
                          s->name, LL_HORIZON_MAX);
    o.capacity = s->capacity;
    if (!ll_forecast_series(&series, h, &o, a->arena, &a->f, err))
        return ll_err_wrap(err, "series '%.100s'", s->name);
    ll_forecast_ask_notes(&notes, &a->f);
    return true;
}

static void put_time(struct ll_str *out, ll_time t)
{
    char text[LL_TIME_TEXT_MAX];
    if (t % LL_SECOND)
        ll_str_addz(out, ll_time_format(t, text));
    else
        ll_str_addz(out, ll_market_rfc(t, text));
}

static void put_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_add(out, text, ll_num_format(v, text));
}

static bool print_csv(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    ll_str_addz(&c->out, "series,timestamp,predicted_value,confidence_lower,confidence_upper,"
                         "model_used\n");
    for (size_t i = 0; i < j->file->n; i++) {
        const struct ll_forecast *f = &j->answers[i].f;
        for (size_t k = 0; k < f->n_points; k++) {
            const struct ll_forecast_point *p = &f->points[k];
            ll_csv_add(&c->out, ll_slice_of(j->file->v[i].name));
            ll_str_addc(&c->out, ',');
            put_time(&c->out, p->timestamp);
            ll_str_addc(&c->out, ',');
            put_number(&c->out, p->predicted_value);
            ll_str_addc(&c->out, ',');
            put_number(&c->out, p->confidence_lower);
            ll_str_addc(&c->out, ',');
            put_number(&c->out, p->confidence_upper);
            ll_str_addf(&c->out, ",%s\n", f->model_used);
        }
        if (c->out.n > 8 << 20 && !ll_ctx_flush(c, err))
            return false;
    }
    return true;
}

static json_t *time_json(ll_time t)
{
    char text[LL_TIME_TEXT_MAX];
    return json_string(t % LL_SECOND ? ll_time_format(t, text) : ll_market_rfc(t, text));
}

static json_t *points_json(const struct ll_forecast *f)
{
    json_t *list = json_array();
    for (size_t k = 0; k < f->n_points; k++)
        json_array_append_new(list, json_pack("{s:o, s:f, s:f, s:f}", "timestamp",
                                              time_json(f->points[k].timestamp), "predicted_value",
                                              f->points[k].predicted_value, "confidence_lower",
                                              f->points[k].confidence_lower, "confidence_upper",
                                              f->points[k].confidence_upper));
    return list;
}

static json_t *models_json(const struct ll_portfolio *p)
{
    json_t *list = json_array();
    for (size_t k = 0; k < p->n_members; k++)
        if (p->member[k].weight > 0)
            json_array_append_new(list, json_pack("{s:s, s:b, s:f}", "model",
                                                  p->member[k].model->name, "log", p->member[k].log,
                                                  "weight", p->member[k].weight));
    return list;
}

static json_t *peak_json(const struct ll_forecast *f)
{
    return json_pack("{s:o, s:f, s:f, s:f, s:o}", "timestamp", time_json(f->peak.timestamp),
                     "value", f->peak.value, "upper_95", f->peak.quantile[3], "upper_99",
                     f->peak.quantile[4], "exceeds_capacity",
                     isnan(f->peak.exceeds) ? json_null() : json_real(f->peak.exceeds));
}

static json_t *item(const char *name, const struct ll_forecast *f)
{
    return json_pack("{s:s, s:f, s:f, s:s, s:s, s:o, s:o, s:o}", "series", name, "step_seconds",
                     (double)f->step / 1000, "level", f->level, "model_used", f->model_used,
                     "reason", f->reason, "points", points_json(f), "peak", peak_json(f), "models",
                     models_json(&f->portfolio));
}

static bool print_json(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < j->file->n; i++)
        if (!j->answers[i].empty)
            json_array_append_new(items, item(j->file->v[i].name, &j->answers[i].f));
    return ll_json_print_form(c, items, items)
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static const struct ll_column columns[] = {
    {.title = "SERIES", .flex = true},
    {.title = "NEXT"},
    {.title = "PEAK", .right = true},
    {.title = "AT"},
    {.title = "P95", .right = true},
    {.title = "FORECAST"},
    {.title = "REASON", .flex = true, .wide = true},
};

static void cell_number(struct ll_table *t, double v)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%.4g", v);
    ll_table_number(t, text, v, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, struct ll_ctx *c, const char *name,
                    const struct ll_forecast *f, double *values, struct ll_str *spark)
{
    char at[LL_ZONE_TEXT_MAX];
    double top = 0;
    for (size_t k = 0; k < f->n_points; k++) {
        values[k] = f->points[k].predicted_value;
        top = fmax(top, values[k]);
    }
    ll_str_clear(spark);
    ll_text_spark(spark, values, f->n_points, top, 24, c->utf8);
    ll_table_cell(t, name, NULL, LL_TINT_NONE);
    cell_number(t, f->n_points ? values[0] : (double)NAN);
    cell_number(t, f->peak.value);
    ll_table_cell(t, ll_zone_format(f->peak.timestamp, LL_ZONE_MINUTE_TZ, at), NULL, LL_TINT_NONE);
    cell_number(t, f->peak.quantile[3]);
    ll_table_cell(t, ll_str_z(spark), NULL, LL_TINT_NONE);
    ll_table_cell(t, f->reason, NULL, LL_TINT_DIM);
}

static bool print_table(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    double *values = malloc(LL_HORIZON_MAX * sizeof(*values));
    struct ll_str spark;
    bool ok = t && values ? true : ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    ll_str_init(&spark, 1024);
    for (size_t i = 0; ok && i < j->file->n; i++)
        if (!j->answers[i].empty)
            add_row(t, c, j->file->v[i].name, &j->answers[i].f, values, &spark);
    ok = ok && ll_table_print(t, c, err);
    ll_str_fini(&spark);
    free(values);
    return ok;
}

static bool print(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    size_t empty = 0;
    for (size_t i = 0; i < j->file->n; i++)
        empty += j->answers[i].empty;
    if (empty)
        ll_ctx_say("%zu of %zu series have no value and no forecast", empty, j->file->n);
    if (c->form == LL_FORM_CSV)
        return print_csv(c, j, err);
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, j, err) : print_table(c, j, err);
}

static bool forecast_file(struct ll_ctx *c, struct ll_forecast_ask *ask,
                          const struct ll_series_file *file, struct ll_err *err)
{
    struct job j = {.ask = ask, .file = file};
    j.answers = calloc(LL_MAX(file->n, (size_t)1), sizeof(*j.answers));
    if (!j.answers)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu series", file->n);
    bool ok = ll_series_each(file->n, ask->threads, "series forecast", forecast_one, &j, err) &&
              print(c, &j, err);
    for (size_t i = 0; i < file->n; i++)
        ll_arena_free(j.answers[i].arena);
    free(j.answers);
    return ok;
}

static bool run_file(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_forecast_ask ask;
    struct ll_series_file file;
    bool ok = ll_forecast_ask_open(c, &ask, &file, err) && forecast_file(c, &ask, &file, err);
    ll_forecast_ask_close(&ask, &file);
    return ok;
}

/* With a resource the first word is a service, and the daemon is asked. */
static bool run(struct ll_ctx *c, struct ll_err *err)
{
    if (c->args->n_positionals > 1)
        return ll_forecast_daemon(c, c->args->positionals[0], c->args->positionals[1], err);
    return run_file(c, err);
}

static const struct ll_flag flags[] = {
    {.name = "horizon",
     .type = LL_FLAG_TEXT,
     .arg = "H",
     .doc = "how far: a number of steps of the series, or a span such as 48h"},
    {.name = "model",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .fallback = "auto",
     .doc = "auto (all of them, weighed by a backtest) or one: seasonal-naive, moving-average, "
            "exponential-smoothing, holt, damped, holt-winters, theta, mstl, double-seasonal, ar, "
            "seasonal-ar, robust-profile, fourier, linear-trend, tsb"},
    LL_FORECAST_LEVEL_FLAG,
    LL_FORECAST_SEASONS_FLAG,
    LL_FORECAST_CALENDAR_FLAG,
    LL_FORECAST_THREADS_FLAG,
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV (series,timestamp,value), .csv or .csv.gz; - reads standard input; with a "
            "RESOURCE the name of a service"},
    {.name = "RESOURCE",
     .optional = true,
     .kind = LL_POSITIONAL_RESOURCE,
     .doc = "CPU, MEMORY and so on: shows the daemon's forecast of that service"},
    {0}};

const struct ll_command ll_cmd_forecast = {
    .name = "forecast",
    .group = "Forecast",
    .doc = "forecast the series of a file, or ask the daemon",
    .about = "Bounds come from the errors of a backtest on the series itself. The peak is that of "
             "the maximum over the horizon, not of the points; P95 is the value it stays under "
             "with 95 %. The step is the series' own cadence; REASON (-o wide) says what was done. "
             "With SERVICE and RESOURCE the daemon is asked, which forecasts "
             "each resource once an hour, up to forecast_horizon_hours; what is beyond it, up to "
             "forecast.max_horizon_hours, is computed on demand.",
    .examples = {{"loadline forecast orders.csv.gz --horizon 48h", "two days ahead"},
                 {"loadline forecast order-gateway cpu --horizon 6h", "as the daemon sees it"}},
    .traits = LL_CMD_FORMS | LL_CMD_CLIENT | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
