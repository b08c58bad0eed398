/* One forecast: the history is read, earlier forecasts are judged by it, and the pure forecaster
 * does the rest on copied arrays. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/forecasts_private.h"
#include "forecast/forecaster.h"
#include "forecast/measure.h"
#include "forecast/trust.h"

enum { STEPS_MIN = 24, HISTORY_MAX = 2048, SEQ_BITS = 20 };

static const ll_dur past = 6 * 7 * LL_DAY, fine_below = 4 * LL_DAY, fine = 5 * LL_MINUTE;
static const ll_dur silent_max = LL_DAY; /* a series that ended has no future to tell of */

struct fit {
    struct ll_engine *e;
    const struct ll_forecast_job *job;
    struct ll_store_reader *reader;
    struct ll_arena *arena;
    struct ll_series series;
    size_t known; /* steps with data */
    ll_time now;
    const struct ll_calendar *calendar; /* NULL = none */
    struct ll_market_events *events;
    struct ll_effects prior; /* of its venue */
    struct ll_forecast said, naive;
    struct ll_forecast_judge judge;
};

/* --- the history --- */

static bool read_steps(struct fit *x, ll_time from, ll_dur step, struct ll_err *err)
{
    const struct ll_history_query q = {.service = ll_forecast_job_service(x->job),
                                       .type = ll_forecast_job_type(x->job),
                                       .any_instance = true,
                                       .part = {x->job->part, x->job->part_n},
                                       .from = from,
                                       .to = ll_time_floor(x->now, step),
                                       .step = step};
    struct ll_history h = {0};
    if (!x->reader->ops->history(x->reader, &q, x->arena, &h, err))
        return false;
    size_t first = 0;
    while (first < h.n && isnan(h.value[first]))
        first++;
    x->series = (struct ll_series){
        .t0 = h.t0 + (ll_dur)first * step, .step = step, .y = h.value + first, .n = h.n - first};
    x->known = 0;
    for (size_t i = first; i < h.n; i++)
        x->known += isnan(h.value[i]) ? 0 : 1;
    return true;
}

static ll_time end_of(const struct ll_series *s)
{
    return s->t0 + (ll_dur)s->n * s->step;
}

static bool still_there(const struct ll_series *s)
{
    size_t silent = (size_t)(silent_max / s->step), i = s->n;
    while (i > 0 && isnan(s->y[i - 1]))
        i--;
    return i > 0 && s->n - i <= silent;
}

/* Hours when there are days of them; else steps of five minutes. */
static bool read_history(struct fit *x, struct ll_err *err)
{
    if (!read_steps(x, ll_time_floor(x->now - past, LL_HOUR), LL_HOUR, err))
        return false;
    if (end_of(&x->series) - x->series.t0 < fine_below &&
        !read_steps(x, ll_time_floor(x->now - fine_below, fine), fine, err))
        return false;
    if (x->known < STEPS_MIN)
        return ll_err_set(err, LL_E_SHORT, "%zu steps of history are too few: %d are needed",
                          x->known, STEPS_MIN);
    return still_there(&x->series)
               ? true
               : ll_err_set(err, LL_E_SHORT, "it has had no data for over a day");
}

/* --- the calendar --- */

static bool find_calendar(struct fit *x, struct ll_err *err)
{
    const struct ll_config *c = x->job->config->config;
    struct ll_calendars *set = x->job->config->calendars;
    const struct ll_config_service *s = ll_config_service(c, ll_forecast_job_service(x->job));
    struct ll_slice code = s ? s->calendar : LL_SLICE("");
    if (!code.n && c->calendars.use && c->calendars.use[0])
        code = ll_slice_of(c->calendars.use[0]);
    if (!code.n || !set)
        return true;
    ll_day from = (ll_day)ll_time_day(x->series.t0) - 1;
    if (!ll_calendars_get(set, code, &x->calendar, err))
        return false;
    return ll_calendars_events(set, code, from, ll_calendar_to(x->calendar), LL_TIME_NONE,
                               &x->events, err);
}

/* --- the forecast --- */

/* Steps of the horizon; what is asked for beyond all limits is refused, not cut. */
static bool steps_ahead(const struct fit *x, size_t *h, struct ll_err *err)
{
    ll_dur horizon = x->job->horizon ? x->job->horizon : x->job->config->config->forecast_horizon;
    ll_dur steps = (horizon + x->series.step - 1) / x->series.step;
    if (x->job->horizon && steps > LL_HORIZON_MAX)
        return ll_err_set(err, LL_E_RANGE,
                          "%g h are %lld steps of its history, and a forecast has at most %d: ask "
                          "for %g h, or again when it has four days of history",
                          (double)horizon / (double)LL_HOUR, (long long)steps, LL_HORIZON_MAX,
                          (double)(LL_HORIZON_MAX * x->series.step) / (double)LL_HOUR);
    *h = (size_t)LL_MIN(LL_MAX(steps, (ll_dur)1), (ll_dur)LL_HORIZON_MAX);
    return true;
}

static struct ll_forecast_member member(const struct fit *x)
{
    return (struct ll_forecast_member){.calendar = ll_slice_of(ll_calendar_code(x->calendar)),
                                       .service = ll_forecast_job_service(x->job),
                                       .type = ll_forecast_job_type(x->job)};
}

static bool run_models(struct fit *x, struct ll_err *err)
{
    size_t h = 0;
    if (!steps_ahead(x, &h, err))
        return false;
    struct ll_forecast_options o = {
        .capacity = x->job->capacity, .calendar = x->calendar, .events = x->events};
    if (x->calendar) {
        const struct ll_forecast_member m = member(x);
        ll_forecast_pool_prior(x->e->forecasts->pool, &m, &x->prior);
        o.prior = &x->prior;
    }
    if (!ll_forecast_series(&x->series, h, &o, x->arena, &x->said, err))
        return false;
    o.model = "seasonal-naive";
    o.capacity = 0;
    return ll_forecast_series(&x->series, h, &o, x->arena, &x->naive, err);
}

/* Of the seasonal difference; sessions repeat by the day. */
static double scale_of(const struct fit *x)
{
    int m = x->said.grid == LL_GRID_SESSION ? (int)(LL_DAY / x->series.step) : x->said.m1;
    return ll_measure_scale(x->series.y, x->series.n, m);
}

/* A bound at another width; what was not below zero stays so. */
static double widen(double at, double bound, double multiplier)
{
    double wide = at + (bound - at) * multiplier;
    return bound >= 0 ? fmax(wide, 0) : wide;
}

static struct ll_stated state(const struct ll_forecast_point *p, double multiplier)
{
    return (struct ll_stated){p->predicted_value,
                              widen(p->predicted_value, p->confidence_lower, multiplier),
                              widen(p->predicted_value, p->confidence_upper, multiplier)};
}

static void fill_points(const struct fit *x, struct ll_kept_point *p)
{
    static const struct ll_stated none = {NAN, NAN, NAN};
    ll_time origin = end_of(&x->series);
    for (size_t i = 0, k = 0; i < x->said.n_points; i++) {
        const struct ll_forecast_point *f = &x->said.points[i];
        while (k < x->naive.n_points && x->naive.points[k].timestamp < f->timestamp)
            k++;
        bool same = k < x->naive.n_points && x->naive.points[k].timestamp == f->timestamp;
        p[i] = (struct ll_kept_point){.step = (uint32_t)((f->timestamp - origin) / x->series.step),
                                      .said = state(f, x->judge.multiplier),
                                      .naive = same ? state(&x->naive.points[k], 1) : none};
    }
}

static void fill_kept(const struct fit *x, struct ll_kept_forecast *k)
{
    const struct ll_forecast *f = &x->said;
    const struct ll_forecast_peak *p = &f->peak;
    k->id = x->job->horizon
                ? 0
                : (x->now << SEQ_BITS) | (int64_t)(x->job->seq & ((1u << SEQ_BITS) - 1));
    k->type = ll_forecast_job_type(x->job);
    k->unit = x->job->unit;
    k->origin = end_of(&x->series);
    k->step = x->series.step;
    k->until = f->n_points ? f->points[f->n_points - 1].timestamp + k->step : k->origin;
    k->level = f->level;
    k->peak = p->value;
    k->peak_at = p->timestamp;
    k->peak_upper = p->value + (p->quantile[3] - p->value) * x->judge.multiplier; /* 95 % */
    k->peak_above = p->exceeds;
    k->capacity = x->job->capacity;
    k->scale = scale_of(x);
    k->multiplier = x->judge.multiplier;
    for (int l = 0; l < LL_KEPT_LEVELS; l++)
        k->shape[l] = f->interval.q[l];
    k->lead = x->judge.lead;
    k->judged = ll_forecast_judged_before(k->lead);
    k->made = x->now;
    k->history_from = x->series.t0;
    k->history_steps = (int64_t)x->known;
    k->newest = x->job->newest;
    k->service = ll_forecast_job_service(x->job);
    k->part = (struct ll_slice){x->job->part, x->job->part_n};
    k->model = ll_slice_of(f->model_used);
    k->reason = ll_slice_of(f->reason);
    k->calendar = ll_slice_of(x->calendar ? ll_calendar_code(x->calendar) : "");
    k->n_points = f->n_points;
}

static void fill_seasons(const struct fit *x, struct ll_kept_season *to)
{
    for (size_t i = 0; i < x->said.n_seasons; i++)
        to[i] = (struct ll_kept_season){x->said.season[i].steps, x->said.season[i].strength};
}

/* Of each class that has steps ahead the mean factor of these. */
static size_t fill_effects(const struct fit *x, struct ll_kept_effect *to)
{
    const struct ll_effects *e = &x->said.effects;
    const struct ll_grid names = {.event = e->event, .n_events = e->n_events};
    size_t n = 0;
    for (size_t k = 1; k < LL_GRID_CLASSES + e->n_events; k++) {
        double sum = 0;
        size_t steps = 0;
        for (size_t i = 0; i < x->said.n_points; i++)
            if (x->said.points[i].day_class == k) {
                sum += x->said.points[i].factor;
                steps++;
            }
        if (steps)
            to[n++] =
                (struct ll_kept_effect){.day_class = ll_slice_of(ll_grid_class_name(&names, k)),
                                        .factor = sum / (double)steps,
                                        .seen = (unsigned)e->of[k].n,
                                        .of_pool = (unsigned)e->of[k].pooled};
    }
    return n;
}

static struct ll_held_forecast *hold(const struct fit *x)
{
    struct ll_kept_forecast k = {.n_points = 0};
    struct ll_kept_point *points =
        LL_ARENA_NEW(x->arena, struct ll_kept_point, LL_MAX(x->said.n_points, (size_t)1));
    struct ll_kept_season *seasons = LL_ARENA_NEW(x->arena, struct ll_kept_season, LL_SEASONS_MAX);
    struct ll_kept_effect *effects =
        LL_ARENA_NEW(x->arena, struct ll_kept_effect, LL_GRID_CLASSES + LL_GRID_EVENTS_MAX);
    if (!points || !seasons || !effects)
        return NULL;
    fill_kept(x, &k);
    fill_points(x, points);
    fill_seasons(x, seasons);
    k.points = points;
    k.seasons = seasons;
    k.n_seasons = x->said.n_seasons;
    k.effects = effects;
    k.n_effects = fill_effects(x, effects);
    struct ll_held_forecast *h = ll_forecast_hold(&k);
    if (!h)
        return NULL;
    h->trust = ll_trust_judge(&x->judge.said, &x->judge.naive, k.level, k.lead);
    h->on_demand = x->job->horizon > 0;
    return h;
}

static bool read_all(struct fit *x, struct ll_err *err)
{
    x->reader = ll_engine_reader_take(x->e);
    if (!x->reader)
        return ll_err_set(err, LL_E_STORAGE, "cannot open the store for reading");
    bool ok = read_history(x, err);
    x->judge = (struct ll_forecast_judge){
        .reader = x->reader, .job = x->job, .series = &x->series, .now = x->now, .arena = x->arena};
    x->judge.lead = ok ? ll_forecast_lead(x->job->lead, x->series.step) : 0;
    ok = ok && ll_forecast_judge(&x->judge, err);
    ll_engine_reader_give(x->e, x->reader);
    return ok;
}

static bool take_judgements(const struct fit *x, struct ll_forecast_job *r)
{
    if (!x->judge.n)
        return true;
    r->judged = calloc(x->judge.n, sizeof(*r->judged));
    if (!r->judged)
        return false;
    r->n_judged = x->judge.n;
    memcpy(r->judged, x->judge.v, x->judge.n * sizeof(*r->judged));
    return true;
}

/* What the calendar's days were seen to do, for others of the venue. */
static bool take_learned(const struct fit *x, struct ll_forecast_job *r)
{
    if (!x->calendar || x->said.grid == LL_GRID_CLOCK)
        return true;
    r->learned = malloc(sizeof(*r->learned));
    if (r->learned)
        *r->learned = x->said.effects;
    return r->learned != NULL;
}

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts); /* a measurement for people */
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static bool fit(struct fit *x, struct ll_forecast_job *r)
{
    if (!read_all(x, &r->err))
        return false;
    double start = now_ms(); /* of the models: reading waits for others */
    if (!find_calendar(x, &r->err) || !run_models(x, &r->err))
        return false;
    r->fit_ms = now_ms() - start;
    r->held = take_judgements(x, r) && take_learned(x, r) ? hold(x) : NULL;
    if (!r->held)
        return ll_err_set(&r->err, LL_E_MEMORY, "no memory for a forecast");
    r->held->fit_ms = r->fit_ms;
    return true;
}

void ll_forecast_fit(struct ll_engine *e, struct ll_forecast_job *j)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(2 * ll_forecast_arena(HISTORY_MAX, LL_HORIZON_MAX));
    struct fit x = {.e = e, .job = j, .arena = arena, .now = ll_engine_now(e)};
    bool ok = arena ? fit(&x, j) : ll_err_set(&j->err, LL_E_MEMORY, "no memory to forecast");
    if (!ok && j->err.code != LL_E_SHORT)
        LL_LOG(LL_LOG_WARN, "no forecast", LL_KV("error", j->err.text));
    ll_market_events_free(x.events);
}
