#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/forecast_ask.h"

struct answer {
    struct ll_season season[LL_SEASONS_MAX];
    size_t n;
    ll_dur step; /* 0: no value at all */
};

struct job {
    const struct ll_series_file *file;
    struct answer *answers;
};

static bool detect_one(void *ctx, size_t i, struct ll_err *err)
{
    const struct job *j = ctx;
    const struct ll_series_of_file *s = &j->file->v[i];
    struct answer *a = &j->answers[i];
    struct ll_series series;
    struct ll_series_notes notes;
    bool empty = false;
    LL_AUTO(ll_arena) arena = ll_arena_new(((size_t)16 << 20) + s->n * 1024);
    if (!arena)
        return ll_err_set(err, LL_E_MEMORY, "series '%.100s': no memory", s->name);
    bool ok = ll_forecast_ask_series(s, arena, &series, &notes, &empty, err) &&
              (empty || ll_seasons_detect(series.y, series.n, arena, a->season, &a->n, err));
    a->step = ok && !empty ? series.step : 0;
    return ok || ll_err_wrap(err, "series '%.100s'", s->name);
}

static json_t *item(const char *name, const struct answer *a)
{
    json_t *periods = json_array();
    for (size_t k = 0; k < a->n; k++)
        json_array_append_new(periods,
                              json_pack("{s:f, s:f, s:f}", "steps", a->season[k].steps, "seconds",
                                        a->season[k].steps * (double)a->step / 1000, "strength",
                                        a->season[k].strength));
    return json_pack("{s:s, s:b, s:o}", "series", name, "seasonal", a->n > 0, "periods", periods);
}

static bool print_json(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < j->file->n; i++)
        json_array_append_new(items, item(j->file->v[i].name, &j->answers[i]));
    return ll_json_print_form(c, items, items)
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static const struct ll_column columns[] = {
    {.key = "series", .title = "SERIES", .flex = true},
    {.key = "steps", .title = "PERIOD", .right = true},
    {.key = "seconds", .title = "SPAN", .right = true},
    {.key = "strength", .title = "STRENGTH", .right = true},
};

static void add_row(struct ll_table *t, struct ll_ctx *c, const char *name, const struct answer *a,
                    size_t k)
{
    char text[LL_TEXT_MAX], span[LL_TEXT_MAX];
    double seconds = a->season[k].steps * (double)a->step / 1000;
    ll_table_cell(t, name, NULL, LL_TINT_NONE);
    snprintf(text, sizeof(text), "%.6g steps", a->season[k].steps);
    ll_table_number(t, text, a->season[k].steps, LL_TINT_NONE);
    ll_table_number(t, ll_text_span(c, seconds, span), seconds, LL_TINT_NONE);
    snprintf(text, sizeof(text), "%.0f %%", a->season[k].strength * 100);
    ll_table_number(t, text, a->season[k].strength, LL_TINT_NONE);
}

static bool print_table(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    size_t without = 0;
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < j->file->n; i++) {
        without += j->answers[i].n == 0;
        for (size_t k = 0; k < j->answers[i].n; k++)
            add_row(t, c, j->file->v[i].name, &j->answers[i], k);
    }
    if (without)
        ll_ctx_say("%zu of %zu series have no season", without, j->file->n);
    return ll_table_print(t, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_series_file file = {0};
    struct job j = {.file = &file};
    bool ok = ll_series_file_read(c->args->positionals[0], &file, err);
    if (ok) {
        j.answers = calloc(LL_MAX(file.n, (size_t)1), sizeof(*j.answers));
        ok = j.answers ? ll_series_each(file.n, (size_t)ll_args_count(c->args, "threads"),
                                        "series looked at", detect_one, &j, err)
                       : ll_err_set(err, LL_E_MEMORY, "no memory for %zu series", file.n);
    }
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    ok = ok && (json ? print_json(c, &j, err) : print_table(c, &j, err));
    free(j.answers);
    ll_series_file_fini(&file);
    return ok;
}

static const struct ll_flag flags[] = {LL_FORECAST_THREADS_FLAG, {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV (series,timestamp,value), .csv or .csv.gz; - reads standard input"},
    {0}};

const struct ll_command ll_cmd_seasonality = {
    .name = "seasonality",
    .group = "Forecast",
    .doc = "find the periods of every series of a file, with their strength",
    .about = "A period counts only when the shape it has in one part of the series explains the "
             "others. STRENGTH is the share of variance explained so. No period is an answer: "
             "drifts, shifts and noise have none.",
    .examples = {{"loadline seasonality orders.csv.gz", "days and weeks, if there are"},
                 {"loadline seasonality - -o json < orders.csv", "for a program"}},
    .traits = LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
