#include "forecast/series.h"

#include <math.h>

#include "forecast/points.h"

/* How stamps become steps: the step's start is the multiple at or before t + shift. */
struct grid {
    ll_dur step, shift;
};

static ll_time step_of(const struct grid *g, ll_time t)
{
    return ll_time_floor(t + g->shift, g->step);
}

/* One point a step and stamps that scatter around the edges: a point belongs to the nearest. */
static struct grid grid_of(const struct ll_point *p, size_t n, ll_dur asked, ll_dur cadence)
{
    struct grid g = {.step = asked > 0 ? asked : cadence > 0 ? cadence : LL_HOUR};
    if (cadence >= g.step - g.step / 4 && ll_points_near_edges(p, n, g.step))
        g.shift = g.step / 2;
    return g;
}

/* The mean of each step's points, which are in order; NaN where there are none. */
static void take_means(const struct ll_point *p, size_t n, const struct grid *g, ll_time t0,
                       double *y, size_t steps)
{
    for (size_t k = 0; k < steps; k++)
        y[k] = NAN;
    for (size_t i = 0; i < n;) {
        ll_time at = step_of(g, p[i].t);
        double sum = 0;
        size_t from = i;
        for (; i < n && step_of(g, p[i].t) == at; i++)
            sum += p[i].v;
        if (at >= t0)
            y[(at - t0) / g->step] = sum / (double)(i - from);
    }
}

/* Sorted, one a stamp, counters as rates: at least one point is left. */
static bool prepare(const struct ll_point *p, size_t n, struct ll_arena *out,
                    struct ll_point **points, size_t *n_points, struct ll_series_notes *notes,
                    struct ll_err *err)
{
    struct ll_point *v = LL_ARENA_NEW(out, struct ll_point, n);
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu points", n);
    size_t usable = ll_points_usable(p, n, v);
    if (usable == 0)
        return ll_err_set(err, LL_E_SHORT, "none of %zu points has a usable value", n);
    if (!ll_points_sorted(v, usable)) {
        struct ll_point *scratch = LL_ARENA_NEW(out, struct ll_point, usable);
        if (!scratch)
            return ll_err_set(err, LL_E_MEMORY, "no memory to sort %zu points", usable);
        ll_points_sort(v, usable, scratch);
    }
    size_t left = ll_points_single(v, usable);
    *notes =
        (struct ll_series_notes){.points = n, .doubled = usable - left, .unusable = n - usable};
    notes->counter_like = ll_points_counter_like(v, left);
    *n_points = notes->counter_like ? ll_points_to_rates(v, left) : left;
    *points = v;
    return true;
}

bool ll_series_from_points(const struct ll_point *p, size_t n, ll_dur step, size_t steps_max,
                           struct ll_arena *out, struct ll_series *series,
                           struct ll_series_notes *notes, struct ll_err *err)
{
    struct ll_point *v = NULL;
    size_t left = 0;
    struct ll_series_notes told;
    if (!prepare(p, n, out, &v, &left, &told, err))
        return false;
    ll_dur now = ll_points_cadence(v, left, true), once = ll_points_cadence(v, left, false);
    told.cadence_changed = 2 * now > 3 * once || 2 * once > 3 * now;

    struct grid g = grid_of(v, left, step, now);
    ll_time last = step_of(&g, v[left - 1].t), first = step_of(&g, v[0].t);
    size_t most = LL_MIN(steps_max ? steps_max : SIZE_MAX, (size_t)LL_SERIES_STEPS_MAX);
    size_t steps = (size_t)LL_MIN((last - first) / g.step + 1, (ll_time)most);
    ll_time t0 = last - (ll_time)(steps - 1) * g.step;
    double *y = LL_ARENA_NEW(out, double, steps);
    if (!y)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu steps", steps);
    take_means(v, left, &g, t0, y, steps);
    for (size_t k = 0; k < steps; k++)
        told.missing += isnan(y[k]) ? 1 : 0;
    *series = (struct ll_series){.t0 = t0, .step = g.step, .y = y, .n = steps};
    *notes = told;
    return true;
}

/* Of steps [from, to): NaN when fewer than half of them are known. */
static double coarse_value(const double *y, size_t from, size_t to, enum ll_series_by by)
{
    double sum = 0, top = -INFINITY;
    size_t known = 0;
    for (size_t i = from; i < to; i++)
        if (!isnan(y[i])) {
            sum += y[i];
            top = fmax(top, y[i]);
            known++;
        }
    if (2 * known < to - from || known == 0)
        return NAN;
    return by == LL_SERIES_MAX ? top : sum / (double)known;
}

bool ll_series_coarsen(const struct ll_series *s, ll_dur step, enum ll_series_by by,
                       struct ll_arena *out, struct ll_series *coarse, struct ll_err *err)
{
    if (step < s->step || step % s->step != 0)
        return ll_err_set(err, LL_E_RANGE, "a step of %lld ms is no multiple of %lld ms",
                          (long long)step, (long long)s->step);
    ll_time t0 = ll_time_floor(s->t0 + step - 1, step);
    size_t skip = (size_t)((t0 - s->t0 + s->step - 1) / s->step), ratio = (size_t)(step / s->step);
    size_t n = s->n > skip ? (s->n - skip) / ratio : 0;
    if (n == 0)
        return ll_err_set(err, LL_E_SHORT, "%zu steps are no whole step of %zu", s->n, ratio);
    double *y = LL_ARENA_NEW(out, double, n);
    if (!y)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu steps", n);
    for (size_t k = 0; k < n; k++)
        y[k] = coarse_value(s->y, skip + k * ratio, skip + (k + 1) * ratio, by);
    *coarse = (struct ll_series){.t0 = t0, .step = step, .y = y, .n = n};
    return true;
}
