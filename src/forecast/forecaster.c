#include "forecast/forecaster.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stats/normal.h"

/* Beyond these a series is scaled to about one before anything is squared. */
static const double least_scale = 1e-60, greatest_scale = 1e60;

struct work {
    const struct ll_series *s;
    const struct ll_forecast_options *o;
    struct ll_arena *a;
    struct ll_forecast *res;
    struct ll_err *err;
    size_t h; /* steps of the series asked for */
    struct ll_grid grid;
    struct ll_clean clean;
    double *y;           /* the grid's history without effects, scaled */
    double scale, least; /* what y was divided by; the least of y */
};

static bool no_memory(struct work *w)
{
    return ll_err_set(w->err, LL_E_MEMORY, "no memory to forecast %zu steps", w->s->n);
}

static bool check(const struct work *w)
{
    const struct ll_forecast_options *o = w->o;
    size_t known = 0;
    if (w->h < 1 || w->h > LL_HORIZON_MAX)
        return ll_err_set(w->err, LL_E_RANGE, "a horizon of %zu steps is not in 1 to %d", w->h,
                          LL_HORIZON_MAX);
    if (!(o->level >= 0 && o->level < 1))
        return ll_err_set(w->err, LL_E_RANGE, "level %g is not in (0, 1)", o->level);
    if (!(o->alpha >= 0 && o->alpha <= 1))
        return ll_err_set(w->err, LL_E_RANGE, "alpha %g is not in (0, 1]", o->alpha);
    for (size_t i = 0; i < w->s->n; i++)
        known += isfinite(w->s->y[i]) && fabs(w->s->y[i]) < 1e301;
    return known ? true
                 : ll_err_set(w->err, LL_E_SHORT, "there is no value to forecast from in %zu steps",
                              w->s->n);
}

/* The model by name; NULL for auto. */
static bool find_model(const struct work *w, const struct ll_model **out)
{
    const char *name = w->o->model;
    *out = NULL;
    if (!name || strcmp(name, "auto") == 0)
        return true;
    *out = ll_model_find(name);
    if (*out)
        return true;
    const char *names[32];
    size_t n = 0;
    names[n++] = "auto";
    for (size_t i = 0; i < ll_models_n && n < LL_LEN(names); i++)
        names[n++] = ll_models[i]->name;
    const char *near = ll_str_nearest(ll_slice_of(name), names, n);
    return ll_err_set(w->err, LL_E_RANGE, "there is no model '%.40s'%s%s%s", name,
                      near ? "; did you mean '" : "; auto is the default", near ? near : "",
                      near ? "'?" : "");
}

/* The grid's history, without effects, near one in size. */
static bool take_history(struct work *w)
{
    const struct ll_grid *g = &w->grid;
    double greatest = 0;
    w->least = INFINITY;
    w->y = LL_ARENA_NEW(w->a, double, g->n);
    if (!w->y)
        return no_memory(w);
    for (size_t i = 0; i < g->n; i++) {
        bool usable = isfinite(g->y[i]) && fabs(g->y[i]) < 1e301;
        w->y[i] = usable ? g->y[i] : (double)NAN;
        if (usable)
            greatest = fmax(greatest, fabs(g->y[i]));
        w->least = fmin(w->least, w->y[i]); /* fmin leaves NaN out */
    }
    w->scale = greatest > greatest_scale || (greatest > 0 && greatest < least_scale) ? greatest : 1;
    for (size_t i = 0; w->scale != 1 && i < g->n; i++)
        w->y[i] /= w->scale;
    if (g->kind == LL_GRID_CLOCK) {
        ll_effects_none(&w->res->effects);
        return true;
    }
    ll_effects_learn(g, w->o->prior, &w->res->effects);
    ll_effects_apply(&w->res->effects, g, 0, g->n, -1, w->y);
    return true;
}

/* A period of `steps` is what was found, or a whole multiple or part of it. */
static bool is_found(const struct ll_season *found, size_t n, double steps)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(found[i].steps / steps - 1) < 0.02)
            return true;
    return false;
}

size_t ll_forecast_seasons(const struct ll_grid *g, ll_dur step, const struct ll_season *found,
                           size_t n_found, int out[static 2])
{
    const ll_dur day = LL_DAY;
    int known[2];
    size_t n_known = 0;
    if (g->n_seasons) {
        for (size_t i = 0; i < g->n_seasons; i++)
            known[n_known++] = g->season[i];
    } else if (step < day && step > 0 && day % step == 0) {
        known[n_known++] = (int)(day / step);
        known[n_known++] = (int)(7 * day / step);
    } else if (step == day) {
        known[n_known++] = 7;
    }
    /* A season of the clock needs no proof in a short history; in a long one it must be found, or
     * nothing else be. */
    bool other = n_found > 0;
    for (size_t i = 0; i < n_known; i++)
        other &= !is_found(found, n_found, known[i]);
    size_t n = 0;
    for (size_t i = 0; i < n_known && !other; i++)
        if (known[i] > 1 && 2 * (size_t)known[i] <= g->n)
            out[n++] = known[i];
    return n ? n : ll_seasons_for_models(found, n_found, g->n, out);
}

static bool find_seasons(struct work *w)
{
    struct ll_forecast *r = w->res;
    int m[2] = {0, 0};
    size_t n = 0;
    if (w->o->seasons) {
        for (size_t i = 0; i < w->o->n_seasons && i < LL_SEASONS_MAX; i++)
            r->season[r->n_seasons++] = (struct ll_season){w->o->seasons[i], NAN};
        n = ll_seasons_for_models(r->season, r->n_seasons, w->grid.n, m);
    } else {
        if (!ll_seasons_detect(w->y, w->grid.n, w->a, r->season, &r->n_seasons, w->err))
            return false;
        n = ll_forecast_seasons(&w->grid, w->s->step, r->season, r->n_seasons, m);
    }
    r->m1 = n > 0 ? m[0] : 0;
    r->m2 = n > 1 ? m[1] : 0;
    return true;
}

static bool run_models(struct work *w, const struct ll_model *only)
{
    const struct ll_portfolio_ask ask = {.clean = w->clean.y,
                                         .filled = w->clean.filled,
                                         .actual = w->clean.actual,
                                         .n = w->grid.n,
                                         .h = w->grid.h,
                                         .origins =
                                             w->o->origins ? w->o->origins : LL_FORECAST_ORIGINS,
                                         .m1 = w->res->m1,
                                         .m2 = w->res->m2,
                                         .floor = w->least >= 0 ? 0 : -INFINITY,
                                         .ceiling = INFINITY,
                                         .only = only,
                                         .alpha = w->o->alpha > 0 ? w->o->alpha : (double)NAN,
                                         .window = w->o->window};
    return ll_portfolio_run(&ask, w->a, &w->res->portfolio, w->err) &&
           ll_interval_fit(&w->res->portfolio, w->a, &w->res->interval, w->err);
}

static double factor_at(const struct work *w, size_t step)
{
    double one = 1;
    if (w->grid.kind != LL_GRID_CLOCK)
        ll_effects_apply(&w->res->effects, &w->grid, step, step + 1, 1, &one);
    return one;
}

/* The steps that were asked for, each from the step of the grid that speaks for it. */
static bool take_points(struct work *w)
{
    struct ll_forecast *r = w->res;
    double floor = w->least >= 0 ? 0 : -INFINITY;
    r->points = LL_ARENA_NEW(w->a, struct ll_forecast_point, w->grid.n_ahead);
    if (!r->points)
        return no_memory(w);
    for (size_t k = 0; k < w->grid.n_ahead; k++) {
        size_t i = w->grid.ahead[k].step - w->grid.n;
        double f = factor_at(w, w->grid.ahead[k].step) * w->scale, point = r->portfolio.point[i];
        double half = ll_interval_half(&r->interval, i, r->level);
        r->points[r->n_points++] =
            (struct ll_forecast_point){.timestamp = w->grid.ahead[k].t,
                                       .predicted_value = point * f,
                                       .confidence_lower = fmax(point - half, floor) * f,
                                       .confidence_upper = (point + half) * f,
                                       .factor = f / w->scale,
                                       .day_class = w->grid.kind == LL_GRID_CLOCK
                                                        ? 0
                                                        : w->grid.day_class[w->grid.ahead[k].step]};
    }
    return true;
}

/* P(peak > capacity): between the stated quantiles a line, beyond them the tail they end with. */
static double peak_exceeds(const struct ll_forecast_peak *p, double capacity)
{
    double below = 0;
    if (!(capacity > 0))
        return NAN;
    if (capacity < p->value)
        return 1 - 0.5 * fmax(0, 1 - (p->value - capacity) /
                                         fmax(p->quantile[LL_LEVELS - 1] - p->value, 1e-300));
    double from = p->value, at = 0.5;
    for (size_t l = 1; l < LL_LEVELS; l++) {
        if (capacity <= p->quantile[l]) {
            double width = p->quantile[l] - from;
            below = at + (width > 0 ? (capacity - from) / width : 1) * (ll_levels[l] - at);
            return 1 - below;
        }
        from = p->quantile[l];
        at = ll_levels[l];
    }
    return (1 - at) * 0.5;
}

static void take_peak(struct work *w)
{
    struct ll_forecast *r = w->res;
    size_t at = 0;
    for (size_t i = 1; i < r->n_points; i++)
        if (r->points[i].predicted_value > r->points[at].predicted_value)
            at = i;
    double top = r->points[at].predicted_value, f = r->points[at].factor * w->scale;
    r->peak.timestamp = r->points[at].timestamp;
    r->peak.value = top + r->interval.max_shift * f;
    for (size_t l = 0; l < LL_LEVELS; l++)
        r->peak.quantile[l] = top + r->interval.max_q[l] * f;
    r->peak.exceeds = peak_exceeds(&r->peak, w->o->capacity);
}

/* --- what was done, in words --- */

static void LL_PRINTF(2, 3) add(struct ll_forecast *r, const char *fmt, ...)
{
    size_t n = strlen(r->reason);
    va_list args;
    va_start(args, fmt);
    if (n && n + 2 < sizeof(r->reason)) {
        memcpy(r->reason + n, "; ", 3);
        n += 2;
    }
    vsnprintf(r->reason + n, sizeof(r->reason) - n, fmt, args);
    va_end(args);
}

static void explain(struct work *w, const struct ll_model *only)
{
    struct ll_forecast *r = w->res;
    const struct ll_portfolio *p = &r->portfolio;
    snprintf(r->model_used, sizeof(r->model_used), "%s", only ? only->name : "auto");
    if (r->m1 && r->m2)
        add(r, "seasons of %d and %d steps", r->m1, r->m2);
    else if (r->m1)
        add(r, "a season of %d steps", r->m1);
    else
        add(r, "no season");
    if (w->grid.kind != LL_GRID_CLOCK)
        add(r, "%s of %s", w->grid.kind == LL_GRID_SESSION ? "sessions" : "local time",
            ll_calendar_code(w->o->calendar));
    if (w->clean.constant)
        add(r, "the values do not change");
    if (w->clean.n_filled)
        add(r, "%zu steps without data filled", w->clean.n_filled);
    if (w->clean.n_held)
        add(r, "%zu outliers held", w->clean.n_held);
    if (w->clean.shift_at)
        add(r, "level shift by %.3g %zu steps ago, the past rescaled", w->clean.shift_ratio,
            w->grid.n - w->clean.shift_at);
    if (!only && p->best >= 0)
        add(r, "%zu models from %zu origins, most weight on %s%s", p->n_members, p->n_origins,
            p->member[p->best].model->name, p->member[p->best].log ? " (log)" : "");
    if (!r->interval.n_errors)
        add(r, "too short for a backtest: bounds are a guess");
}

static bool run(struct work *w, const struct ll_model *only)
{
    int m[2];
    if (!ll_grid_make(w->s, w->h, w->o->calendar, w->o->events, w->a, &w->grid, w->err) ||
        !take_history(w) || !find_seasons(w))
        return false;
    m[0] = w->res->m1;
    m[1] = w->res->m2;
    if (!ll_clean(w->y, w->grid.n, m, (size_t)(m[0] > 0) + (size_t)(m[1] > 0), w->a, &w->clean,
                  w->err) ||
        !run_models(w, only) || !take_points(w))
        return false;
    take_peak(w);
    explain(w, only);
    return true;
}

bool ll_forecast_series(const struct ll_series *s, size_t h, const struct ll_forecast_options *o,
                        struct ll_arena *out, struct ll_forecast *res, struct ll_err *err)
{
    static const struct ll_forecast_options none = {0};
    struct work w = {.s = s, .o = o ? o : &none, .a = out, .res = res, .err = err, .h = h};
    const struct ll_model *only;
    *res = (struct ll_forecast){.step = s->step};
    if (!check(&w) || !find_model(&w, &only))
        return false;
    res->level = w.o->level > 0 ? w.o->level : 0.95;
    bool ok = run(&w, only);
    res->grid = w.grid.kind;
    return ok;
}

bool ll_forecast_with_moving_average(const struct ll_series *s, size_t h, size_t window,
                                     struct ll_arena *out, struct ll_forecast *res,
                                     struct ll_err *err)
{
    const struct ll_forecast_options o = {.model = "moving-average", .window = window};
    return ll_forecast_series(s, h, &o, out, res, err);
}

bool ll_forecast_with_exponential_smoothing(const struct ll_series *s, size_t h, double alpha,
                                            struct ll_arena *out, struct ll_forecast *res,
                                            struct ll_err *err)
{
    const struct ll_forecast_options o = {.model = "exponential-smoothing", .alpha = alpha};
    return ll_forecast_series(s, h, &o, out, res, err);
}

size_t ll_forecast_arena(size_t n, size_t h)
{
    return ((size_t)8 << 20) + (n + h) * 2048 + LL_MEMBERS_MAX * (LL_ORIGINS_MAX + 2) * h * 8;
}
