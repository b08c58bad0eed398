#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/forecast_ask.h"
#include "forecast/measure.h"

enum { MODELS_MAX = 32, ORIGINS_DEFAULT = 5 };

/* How one model did on one series, over all origins. */
struct score {
    struct ll_measure m;
    double mase_sum;
    size_t mase_n;
};

struct answer {
    struct score score[MODELS_MAX];
    size_t origins; /* 0: too short */
    int chosen;     /* of least WAPE: what the data would choose */
};

struct job {
    const struct ll_forecast_ask *ask;
    const struct ll_series_file *file;
    size_t origins;
    const char *model[MODELS_MAX]; /* auto first */
    size_t n_models;
    struct answer *answers;
};

static void measure(struct score *s, const struct ll_forecast *f, const double *actual,
                    double scale)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < f->n_points; i++) {
        const struct ll_forecast_point *p = &f->points[i];
        ll_measure_add(&s->m, actual[i], p->predicted_value, p->confidence_lower,
                       p->confidence_upper, f->level);
        if (!isnan(actual[i])) {
            sum += fabs(actual[i] - p->predicted_value);
            n++;
        }
    }
    if (n && scale > 0) {
        s->mase_sum += sum / (double)n / scale;
        s->mase_n++;
    }
}

/* Steps of a day of the clock, 1 where there is no such number: a grid's season is not one of the
 * clock, whose values the errors are measured by. */
static int day_of(const struct ll_series *s)
{
    return s->step < LL_DAY && LL_DAY % s->step == 0 ? (int)(LL_DAY / s->step) : 1;
}

/* Every model from one origin, with what was known then. */
static bool from_origin(const struct job *j, const struct ll_series *s, size_t origin, size_t h,
                        struct answer *a, struct ll_err *err)
{
    struct ll_series known = {s->t0, s->step, s->y, origin};
    struct ll_forecast f;
    for (size_t k = 0; k < j->n_models; k++) {
        struct ll_forecast_options o = j->ask->options;
        LL_AUTO(ll_arena) arena = ll_arena_new(ll_forecast_arena(origin, h));
        if (!arena)
            return ll_err_set(err, LL_E_MEMORY, "no memory for a forecast");
        o.model = j->model[k];
        if (!ll_forecast_series(&known, h, &o, arena, &f, err))
            return false;
        double scale = ll_measure_scale(s->y, origin, f.grid == LL_GRID_CLOCK ? f.m1 : day_of(s));
        double *actual = LL_ARENA_NEW(arena, double, h);
        if (!actual)
            return ll_err_set(err, LL_E_MEMORY, "no memory for a forecast");
        for (size_t i = 0; i < f.n_points; i++) {
            ll_time at = f.points[i].timestamp - s->t0;
            size_t step = (size_t)(at / s->step);
            actual[i] = at >= 0 && step < s->n ? s->y[step] : (double)NAN;
        }
        measure(&a->score[k], &f, actual, scale);
    }
    a->origins++;
    return true;
}

static bool backtest_one(void *ctx, size_t i, struct ll_err *err)
{
    const struct job *j = ctx;
    const struct ll_series_of_file *file = &j->file->v[i];
    struct answer *a = &j->answers[i];
    struct ll_series s;
    struct ll_series_notes notes;
    bool empty;
    a->chosen = -1;
    LL_AUTO(ll_arena) arena = ll_arena_new(((size_t)4 << 20) + file->n * 256);
    if (!arena)
        return ll_err_set(err, LL_E_MEMORY, "no memory");
    if (!ll_forecast_ask_series(file, arena, &s, &notes, &empty, err))
        return ll_err_wrap(err, "series '%.100s'", file->name);
    if (empty)
        return true;
    size_t h = ll_forecast_ask_horizon(j->ask, s.step);
    if (!h)
        return ll_err_set(err, LL_E_RANGE, "series '%.100s': the horizon is over %d steps of it",
                          file->name, LL_HORIZON_MAX);
    /* Origins a day apart where a day has whole steps, else a horizon; half of the series comes
     * before the first. */
    size_t gap = s.step < LL_DAY && LL_DAY % s.step == 0 ? (size_t)(LL_DAY / s.step) : h;
    for (size_t k = j->origins; k-- > 0;)
        if (s.n > h + k * gap && s.n - h - k * gap >= LL_MAX(s.n / 2, (size_t)2) &&
            !from_origin(j, &s, s.n - h - k * gap, h, a, err))
            return ll_err_wrap(err, "series '%.100s'", file->name);
    for (size_t k = 0; k < j->n_models && a->origins; k++)
        if (a->chosen < 0 ||
            ll_measure_wape(&a->score[k].m) < ll_measure_wape(&a->score[a->chosen].m))
            a->chosen = (int)k;
    return true;
}

static double mase(const struct score *s)
{
    return s->mase_n ? s->mase_sum / (double)s->mase_n : (double)NAN;
}

static json_t *number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static bool print_json(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < j->file->n; i++)
        for (size_t k = 0; k < j->n_models && j->answers[i].origins; k++) {
            const struct score *s = &j->answers[i].score[k];
            json_array_append_new(
                items,
                json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:b}", "series",
                          j->file->v[i].name, "model", j->model[k], "wape",
                          number(ll_measure_wape(&s->m)), "smape", number(ll_measure_smape(&s->m)),
                          "mase", number(mase(s)), "coverage", number(ll_measure_coverage(&s->m)),
                          "bias", number(ll_measure_bias(&s->m)), "origins",
                          (json_int_t)j->answers[i].origins, "chosen",
                          (int)k == j->answers[i].chosen));
        }
    return ll_json_print_form(c, items, items)
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static const struct ll_column columns[] = {
    {.key = "series", .title = "SERIES", .flex = true},
    {.key = "model", .title = "MODEL"},
    {.key = "wape", .title = "WAPE", .right = true},
    {.key = "smape", .title = "SMAPE", .right = true},
    {.key = "mase", .title = "MASE", .right = true},
    {.key = "coverage", .title = "COVERED", .right = true},
    {.key = "bias", .title = "BIAS", .right = true},
    {.key = "chosen", .title = "BEST"},
};

/* Never -0.0, and a dash for what could not be measured. */
static void cell_percent(struct ll_table *t, double percent, double raw)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%.1f %%", fabs(percent) < 0.05 ? fabs(percent) : percent);
    ll_table_number(t, isfinite(raw) ? text : "–", raw, LL_TINT_NONE);
}

static void cell_ratio(struct ll_table *t, double ratio)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%.3f", ratio);
    ll_table_number(t, isfinite(ratio) ? text : "–", ratio, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct job *j, size_t i, size_t k)
{
    const struct score *s = &j->answers[i].score[k];
    bool best = (int)k == j->answers[i].chosen;
    double wape = ll_measure_wape(&s->m), covered = ll_measure_coverage(&s->m);
    double bias = ll_measure_bias(&s->m);
    ll_table_cell(t, j->file->v[i].name, NULL, LL_TINT_NONE);
    ll_table_cell(t, j->model[k], NULL, k ? LL_TINT_NONE : LL_TINT_BOLD);
    cell_percent(t, wape * 100, wape);
    cell_percent(t, ll_measure_smape(&s->m), ll_measure_smape(&s->m));
    cell_ratio(t, mase(s));
    cell_percent(t, covered * 100, covered);
    cell_percent(t, bias * 100, bias);
    ll_table_cell(t, best ? "*" : "", best ? "true" : "false", LL_TINT_OK);
}

static bool print_table(struct ll_ctx *c, const struct job *j, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < j->file->n; i++)
        for (size_t k = 0; k < j->n_models && j->answers[i].origins; k++)
            add_row(t, j, i, k);
    return ll_table_print(t, c, err);
}

static void say_short(const struct job *j)
{
    size_t n = 0;
    for (size_t i = 0; i < j->file->n; i++)
        n += j->answers[i].origins == 0;
    if (n)
        ll_ctx_say("%zu of %zu series are too short for this horizon: a backtest needs twice it", n,
                   j->file->n);
}

static void choose_models(struct job *j)
{
    const char *only = j->ask->options.model;
    j->model[j->n_models++] = "auto";
    for (size_t i = 0; i < ll_models_n && j->n_models < MODELS_MAX; i++)
        if (!only || strcmp(only, ll_models[i]->name) == 0)
            j->model[j->n_models++] = ll_models[i]->name;
}

static bool backtest(struct ll_ctx *c, struct job *j, struct ll_err *err)
{
    choose_models(j);
    j->answers = calloc(LL_MAX(j->file->n, (size_t)1), sizeof(*j->answers));
    if (!j->answers)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu series", j->file->n);
    bool ok = ll_series_each(j->file->n, j->ask->threads, "series tested", backtest_one, j, err);
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    if (ok)
        say_short(j);
    ok = ok && (json ? print_json(c, j, err) : print_table(c, j, err));
    free(j->answers);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_forecast_ask ask;
    struct ll_series_file file;
    struct job j = {.ask = &ask, .file = &file};
    j.origins = (size_t)ll_args_count(c->args, "origins");
    bool ok = ll_forecast_ask_open(c, &ask, &file, err) && backtest(c, &j, err);
    ll_forecast_ask_close(&ask, &file);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "horizon",
     .type = LL_FLAG_TEXT,
     .arg = "H",
     .doc = "how far each forecast goes: steps of the series, or a span such as 48h"},
    {.name = "origins",
     .type = LL_FLAG_COUNT,
     .arg = "K",
     .fallback = "5",
     .doc = "forecasts a series, a day apart, the last one ending with the series"},
    {.name = "model",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "only this model beside auto; else all of them"},
    LL_FORECAST_LEVEL_FLAG,
    LL_FORECAST_SEASONS_FLAG,
    LL_FORECAST_CALENDAR_FLAG,
    LL_FORECAST_THREADS_FLAG,
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "Long CSV (series,timestamp,value), .csv or .csv.gz; - reads standard input"},
    {0}};

const struct ll_command ll_cmd_backtest = {
    .name = "backtest",
    .group = "Forecast",
    .doc = "measure how every model would have forecast the series of a file",
    .about =
        "Each forecast knows what was known at its origin only. WAPE is the sum of errors over "
        "the sum of values, MASE the mean error over that of repeating the last season (below "
        "1 is better than that), COVERED the share of values within the bounds.",
    .examples = {{"loadline backtest orders.csv.gz --horizon 24h --origins 7", "a week of days"},
                 {"loadline backtest orders.csv.gz --horizon 48 --model seasonal-naive -o json",
                  "auto beside the baseline"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
