#include "cmd/forecast_ask.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static bool read_horizon(const char *text, struct ll_forecast_ask *a, struct ll_err *err)
{
    int64_t n;
    if (!text)
        return true;
    if (ll_num_parse_int(ll_slice_of(text), &n)) {
        if (n < 1 || n > LL_HORIZON_MAX)
            return ll_err_set(err, LL_E_USAGE, "--horizon %s is not in 1 to %d steps", text,
                              LL_HORIZON_MAX);
        a->steps = (size_t)n;
        return true;
    }
    if (!ll_dur_parse(ll_slice_of(text), &a->span, NULL) || a->span <= 0)
        return ll_err_set(err, LL_E_USAGE,
                          "--horizon: '%s' is neither a number of steps nor a span such as 48h",
                          text);
    return true;
}

static bool read_level(const char *text, double *level, struct ll_err *err)
{
    double v;
    if (!text)
        return true;
    if (!ll_num_parse(ll_slice_of(text), &v) || !(v > 0 && v < 100))
        return ll_err_set(err, LL_E_USAGE, "--level: '%s' is not a percentage between 0 and 100",
                          text);
    *level = v < 1 ? v : v / 100;
    return true;
}

static bool read_seasons(const char *text, struct ll_forecast_ask *a, struct ll_err *err)
{
    double v;
    if (!text)
        return true;
    a->options.seasons = a->seasons;
    if (strcmp(text, "none") == 0)
        return true;
    for (const char *p = text; *p; p += strcspn(p, ","), p += *p == ',') {
        struct ll_slice one = {p, strcspn(p, ",")};
        if (!ll_num_parse(one, &v) || !(v >= 2 && v <= 1e6))
            return ll_err_set(err, LL_E_USAGE,
                              "--seasons: '%s' is not a list of steps such as 24,168, or none",
                              text);
        if (a->options.n_seasons == LL_SEASONS_MAX)
            return ll_err_set(err, LL_E_USAGE, "--seasons: at most %d", LL_SEASONS_MAX);
        a->seasons[a->options.n_seasons++] = v;
    }
    return true;
}

/* Said before a file is read, and by commands that would otherwise pass it over. */
static bool read_model(const char *text, struct ll_forecast_ask *a, struct ll_err *err)
{
    const char *names[32];
    size_t n = 0;
    a->options.model = text;
    if (!text || strcmp(text, "auto") == 0 || ll_model_find(text))
        return true;
    names[n++] = "auto";
    for (size_t i = 0; i < ll_models_n && n < LL_LEN(names); i++)
        names[n++] = ll_models[i]->name;
    const char *near = ll_str_nearest(ll_slice_of(text), names, n);
    return ll_err_set(err, LL_E_USAGE, "--model: there is no model '%.40s'%s%s%s", text,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool read_flags(struct ll_ctx *c, struct ll_forecast_ask *a, struct ll_err *err)
{
    a->threads = (size_t)ll_args_count(c->args, "threads");
    return read_model(ll_args_text(c->args, "model"), a, err) &&
           read_horizon(ll_args_text(c->args, "horizon"), a, err) &&
           read_level(ll_args_text(c->args, "level"), &a->options.level, err) &&
           read_seasons(ll_args_text(c->args, "seasons"), a, err) &&
           (a->steps || a->span ||
            ll_err_set(err, LL_E_USAGE,
                       "--horizon is missing: a number of steps, or a span such as 48h"));
}

static void span_of(const struct ll_series_file *f, ll_time *first, ll_time *last)
{
    *first = LL_TIME_MAX;
    *last = LL_TIME_MIN;
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < f->v[i].n; k++) {
            *first = LL_MIN(*first, f->v[i].points[k].t);
            *last = LL_MAX(*last, f->v[i].points[k].t);
        }
}

static bool open_calendar(struct ll_ctx *c, const struct ll_series_file *f,
                          struct ll_forecast_ask *a, struct ll_err *err)
{
    const char *code = ll_args_text(c->args, "calendar");
    ll_time first, last;
    if (!code)
        return true;
    span_of(f, &first, &last);
    /* Steps may be days: a year and a half of sessions covers LL_HORIZON_MAX hours, not days. */
    ll_day from = (ll_day)ll_time_day(first) - 1;
    ll_day to =
        (ll_day)ll_time_day(last) + 10 +
        (ll_day)(a->span ? a->span / LL_DAY * 2 : (ll_dur)LL_MIN(a->steps, (size_t)600) * 2);
    if (!ll_market_open(c, &a->set, err) ||
        !ll_market_calendar(c, a->set, code, to, &a->calendar, err))
        return false;
    from = LL_MAX(from, ll_calendar_from(a->calendar));
    if (!ll_calendars_events(a->set, ll_slice_of(code), from,
                             LL_MAX(from, ll_calendar_to(a->calendar)), LL_TIME_NONE, &a->events,
                             err))
        return false;
    a->options.calendar = a->calendar;
    a->options.events = a->events;
    return true;
}

bool ll_forecast_ask_open(struct ll_ctx *c, struct ll_forecast_ask *a, struct ll_series_file *file,
                          struct ll_err *err)
{
    *a = (struct ll_forecast_ask){0};
    *file = (struct ll_series_file){0};
    return read_flags(c, a, err) && ll_series_file_read(c->args->positionals[0], file, err) &&
           open_calendar(c, file, a, err);
}

void ll_forecast_ask_close(struct ll_forecast_ask *a, struct ll_series_file *file)
{
    ll_series_file_fini(file);
    ll_market_events_free(a->events);
    ll_calendar_free(a->calendar);
    ll_calendars_unref(a->set);
}

size_t ll_forecast_ask_horizon(const struct ll_forecast_ask *a, ll_dur step)
{
    if (a->steps)
        return a->steps;
    ll_dur n = a->span / step;
    return n > LL_HORIZON_MAX ? 0 : (size_t)LL_MAX(n, (ll_dur)1);
}

bool ll_forecast_ask_series(const struct ll_series_of_file *file, struct ll_arena *out,
                            struct ll_series *series, struct ll_series_notes *notes, bool *empty,
                            struct ll_err *err)
{
    struct ll_err why;
    bool ok = file->n && ll_series_from_points(file->points, file->n, 0, LL_FORECAST_STEPS_MAX, out,
                                               series, notes, &why);
    *empty = !file->n || (!ok && why.code == LL_E_SHORT);
    if (!ok && !*empty)
        *err = why;
    return ok || *empty;
}

static void add_note(struct ll_forecast *f, const char *note)
{
    size_t at = strlen(f->reason);
    snprintf(f->reason + at, sizeof(f->reason) - at, "%s%s", at ? "; " : "", note);
}

void ll_forecast_ask_notes(const struct ll_series_notes *notes, struct ll_forecast *f)
{
    char note[64];
    if (notes->counter_like)
        add_note(f, "it is a counter: forecast is its rate per second");
    snprintf(note, sizeof(note), "%zu doubled stamps, the last ones count", notes->doubled);
    if (notes->doubled)
        add_note(f, note);
    snprintf(note, sizeof(note), "%zu values could not be used", notes->unusable);
    if (notes->unusable)
        add_note(f, note);
}
