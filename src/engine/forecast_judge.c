/* What was forecast, compared with what came. */
#include <math.h>
#include <string.h>

#include "engine/forecasts_private.h"
#include "forecast/interval.h"

/* Of a series at most so many forecasts wait: one an hour until a day is over, or a lead time of a
 * week. */
enum { WAITING_MAX = 192 };

static const double gamma_ = 0.02;          /* how fast bounds follow: a step in fifty */
static const ll_dur patience = 6 * LL_HOUR; /* for data that come late */

static void mean_add(struct ll_stated *m, const struct ll_stated *x, double w)
{
    m->predicted += x->predicted * w;
    m->lower += x->lower * w;
    m->upper += x->upper * w;
}

bool ll_forecast_compare(const struct ll_kept_forecast *f, unsigned horizon, ll_time from,
                         const double *y, size_t n, struct ll_judgement *out)
{
    struct ll_stated said = {0, 0, 0}, naive = {0, 0, 0};
    double actual = 0;
    size_t known = 0, steps = 0;
    ll_time start = f->origin + ll_forecast_ahead(f, horizon) - LL_HOUR;
    for (size_t i = 0; i < f->n_points; i++) {
        ll_time t = f->origin + (ll_dur)f->points[i].step * f->step;
        if (t < start || t >= start + LL_HOUR)
            continue;
        steps++;
        int64_t at = (t - from) / f->step;
        if (t < from || at >= (int64_t)n || isnan(y[at]))
            continue;
        known++;
        actual += y[at];
        mean_add(&said, &f->points[i].said, 1);
        mean_add(&naive, &f->points[i].naive, 1);
    }
    *out = (struct ll_judgement){.forecast = f->id,
                                 .service = f->service,
                                 .type = f->type,
                                 .horizon = horizon,
                                 .ahead = ll_forecast_ahead(f, horizon),
                                 .t = start};
    if (!known || known * 2 < steps)
        return false;
    double share = 1 / (double)known;
    const struct ll_stated s = {said.predicted * share, said.lower * share, said.upper * share};
    const struct ll_stated b = {naive.predicted * share, naive.lower * share, naive.upper * share};
    ll_accuracy_add(&out->said, actual * share, &s, f->scale, f->level);
    ll_accuracy_add(&out->naive, actual * share, &b, f->scale, f->level);
    return true;
}

/* Actuals of the hour in the forecast's own steps: from the history, or read. */
static bool actuals(const struct ll_forecast_judge *g, const struct ll_kept_forecast *f,
                    ll_time start, struct ll_arena *a, ll_time *from, const double **y, size_t *n,
                    struct ll_err *err)
{
    if (g->series->step == f->step && start >= g->series->t0) {
        *from = g->series->t0;
        *y = g->series->y;
        *n = g->series->n;
        return true;
    }
    const struct ll_history_query q = {.service = f->service,
                                       .type = f->type,
                                       .any_instance = true,
                                       .part = {g->job->part, g->job->part_n},
                                       .from = start,
                                       .to = start + LL_HOUR,
                                       .step = f->step};
    struct ll_history h = {0};
    if (!g->reader->ops->history(g->reader, &q, a, &h, err))
        return false;
    *from = h.t0;
    *y = h.value;
    *n = h.found ? h.n : 0;
    return true;
}

/* The bounds learn from each hour that came. */
static void learn(struct ll_forecast_judge *g, const struct ll_judgement *j, double level)
{
    if (j->said.n_bounded > 0)
        g->multiplier = ll_interval_adapt(g->multiplier, j->said.inside > 0, level, gamma_);
}

/* The rolling sums at the lead time: of the store, and of what was judged just now. */
static void add_up(struct ll_forecast_judge *g, ll_dur ahead, const struct ll_accuracy_sums *said,
                   const struct ll_accuracy_sums *naive)
{
    if (ahead != g->lead)
        return;
    ll_accuracy_merge(&g->said, said);
    ll_accuracy_merge(&g->naive, naive);
}

static bool on_accuracy(void *ctx, const struct ll_accuracy_row *a)
{
    add_up(ctx, a->horizon, &a->said, &a->naive);
    return true;
}

static bool judge_one(struct ll_forecast_judge *g, const struct ll_kept_forecast *f,
                      struct ll_err *err)
{
    ll_time end = g->series->t0 + (ll_dur)g->series->n * g->series->step;
    for (unsigned h = 0; h < LL_JUDGEMENTS; h++) {
        ll_time from, over = f->origin + ll_forecast_ahead(f, h);
        const double *y;
        size_t n;
        if (f->judged >> h & 1 || over > end)
            continue;
        LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
        if (!a)
            return ll_err_set(err, LL_E_MEMORY, "no memory to compare a forecast");
        if (!actuals(g, f, over - LL_HOUR, a, &from, &y, &n, err))
            return false;
        struct ll_judgement *j = &g->v[g->n];
        if (ll_forecast_compare(f, h, from, y, n, j))
            learn(g, j, f->level);
        else if (g->now < over + patience)
            continue;
        j->service = ll_forecast_job_service(g->job); /* outlives the row */
        add_up(g, j->ahead, &j->said, &j->naive);
        g->n++;
    }
    return true;
}

struct waiting {
    struct ll_forecast_judge *g;
    struct ll_kept_forecast f[WAITING_MAX]; /* the newest first */
    size_t n;
    struct ll_arena *arena;
};

/* The row is gone after the call: what is compared is copied. */
static bool keep(void *ctx, const struct ll_kept_forecast *f)
{
    struct waiting *w = ctx;
    struct ll_kept_point *p = LL_ARENA_NEW(w->arena, struct ll_kept_point, f->n_points);
    if (!p || w->n == WAITING_MAX)
        return false;
    if (f->n_points)
        memcpy(p, f->points, f->n_points * sizeof(*p));
    struct ll_kept_forecast *x = &w->f[w->n++];
    *x = *f;
    x->service = ll_forecast_job_service(w->g->job);
    x->model = x->reason = x->calendar = LL_SLICE("");
    x->points = p;
    return true;
}

static bool newest(void *ctx, const struct ll_kept_forecast *f)
{
    *(double *)ctx = f->multiplier;
    return false;
}

static bool rolling(struct ll_forecast_judge *g, struct ll_err *err)
{
    const int64_t today = ll_time_day(g->now);
    const struct ll_accuracy_query q = {.service = ll_forecast_job_service(g->job),
                                        .type = (int)ll_forecast_job_type(g->job),
                                        .from_day = today - LL_FORECAST_ROLLING_DAYS + 1,
                                        .to_day = today};
    return g->reader->ops->each_accuracy(g->reader, &q, on_accuracy, g, err);
}

bool ll_forecast_judge(struct ll_forecast_judge *g, struct ll_err *err)
{
    struct ll_forecasts_query q = {.service = ll_forecast_job_service(g->job),
                                   .type = (int)ll_forecast_job_type(g->job),
                                   .limit = 1};
    g->multiplier = 1;
    g->n = 0;
    g->said = g->naive = (struct ll_accuracy_sums){.n = 0};
    g->v = LL_ARENA_NEW(g->arena, struct ll_judgement, (size_t)WAITING_MAX * LL_JUDGEMENTS);
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    struct waiting *w = arena ? LL_ARENA_NEW(arena, struct waiting, 1) : NULL;
    if (!g->v || !w)
        return ll_err_set(err, LL_E_MEMORY, "no memory to compare forecasts");
    w->g = g;
    w->arena = arena;
    if (!g->reader->ops->each_forecast(g->reader, &q, newest, &g->multiplier, err))
        return false;
    if (!rolling(g, err))
        return false;
    if (g->job->horizon) /* on demand: the hourly one judges */
        return true;
    q.limit = WAITING_MAX;
    q.unjudged = q.points = true;
    if (!g->reader->ops->each_forecast(g->reader, &q, keep, w, err))
        return false;
    for (size_t i = w->n; i-- > 0;)
        if (!judge_one(g, &w->f[i], err))
            return false;
    return true;
}
