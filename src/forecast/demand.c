#include "forecast/demand.h"

#include <math.h>
#include <stdio.h>

#include "forecast/interval.h"

_Static_assert((int)LL_KEPT_LEVELS == (int)LL_LEVELS, "a kept forecast keeps all levels");

enum { ALIKE = 3, HALVINGS = 60 };

/* The steps of the window: [first, end) of the points. */
struct steps {
    const struct ll_kept_forecast *f;
    size_t first, end;
    struct ll_interval shape; /* scale: one number at a time */
};

static ll_time time_of(const struct ll_kept_forecast *f, size_t i)
{
    return f->origin + (ll_dur)f->points[i].step * f->step;
}

static struct steps find_steps(const struct ll_kept_forecast *f, const struct ll_demand_window *w)
{
    struct steps s = {.f = f};
    while (s.first < f->n_points && time_of(f, s.first) + f->step <= w->from)
        s.first++;
    s.end = s.first;
    while (s.end < f->n_points && time_of(f, s.end) < w->to)
        s.end++;
    /* An unknown shape is the normal's. */
    static const double normal[LL_LEVELS] = {0.3441, 0.6539, 0.8392, 1, 1.3142};
    for (int l = 0; l < LL_LEVELS; l++)
        s.shape.q[l] = f->shape[0] > 0 ? f->shape[l] : normal[l];
    return s;
}

/* Half the width of a step's bounds, told by the upper one: the lower may have been cut at zero. */
static double half_of(const struct steps *s, size_t i)
{
    const struct ll_stated *p = &s->f->points[i].said;
    return isfinite(p->upper) ? fmax(p->upper - p->predicted, 0) : 0;
}

/* The shape on the scale of one step. */
static struct ll_interval interval_at(const struct steps *s, size_t i, double *scale)
{
    struct ll_interval iv = s->shape;
    iv.scale = scale;
    *scale = 1;
    double unit = ll_interval_half(&iv, 0, s->f->level);
    *scale = unit > 0 ? half_of(s, i) / unit : 0;
    return iv;
}

static double quantile_of(const struct steps *s, size_t i, double q)
{
    double scale, point = s->f->points[i].said.predicted;
    struct ll_interval iv = interval_at(s, i, &scale);
    double half = scale > 0 && q != 0.5 ? ll_interval_half(&iv, 0, fabs(2 * q - 1)) : 0;
    return q > 0.5 ? point + half : point - half;
}

/* log P(all steps <= x), neighbours alike. */
static double log_below(const struct steps *s, double x)
{
    double sum = 0;
    for (size_t i = s->first; i < s->end; i++) {
        double scale;
        struct ll_interval iv = interval_at(s, i, &scale);
        double above = ll_interval_exceeds(&iv, 0, s->f->points[i].said.predicted, x);
        sum += log1p(-fmin(above, 1));
    }
    return sum / ALIKE;
}

static double quantile_of_maximum(const struct steps *s, double q, size_t *at)
{
    double low = -INFINITY, top = -INFINITY;
    double each = pow(q, 1 / (double)(s->end - s->first)); /* no step above it: not the maximum */
    for (size_t i = s->first; i < s->end; i++) {
        double x = quantile_of(s, i, q);
        if (x > low) {
            low = x;
            *at = i;
        }
        top = fmax(top, quantile_of(s, i, each));
    }
    double least = low;
    for (int k = 0; k < HALVINGS && top > low; k++) {
        double mid = low + (top - low) / 2;
        if (log_below(s, mid) >= log(q))
            top = mid;
        else
            low = mid;
    }
    return fmax(top, least);
}

static enum ll_demand_kind kind_of(const struct ll_kept_forecast *f, const struct ll_trust *trust,
                                   const struct ll_demand_window *w, const struct steps *s)
{
    if (w->from < f->origin || w->to > f->until)
        return LL_DEMAND_BEYOND;
    if (s->first == s->end)
        return LL_DEMAND_CLOSED;
    if (w->now - f->made > LL_DEMAND_FRESH)
        return LL_DEMAND_STALE;
    return trust->kind == LL_TRUST_TRUSTED ? LL_DEMAND_KNOWN : LL_DEMAND_UNTRUSTED;
}

void ll_demand_read(const struct ll_kept_forecast *f, const struct ll_trust *trust,
                    const struct ll_demand_window *w, struct ll_demand *out)
{
    *out = (struct ll_demand){.kind = LL_DEMAND_MISSING,
                              .value = NAN,
                              .said = NAN,
                              .quantile = w->quantile,
                              .from = w->from,
                              .to = w->to,
                              .at = LL_TIME_NONE,
                              .origin = LL_TIME_NONE,
                              .made = LL_TIME_NONE,
                              .trust = *trust};
    if (!f)
        return;
    struct steps s = find_steps(f, w);
    size_t at = 0;
    out->kind = kind_of(f, trust, w, &s);
    out->unit = f->unit;
    out->forecast = f->id;
    out->origin = f->origin;
    out->made = f->made;
    snprintf(out->model, sizeof(out->model), "%.*s", (int)f->model.n, f->model.s);
    if (out->kind == LL_DEMAND_BEYOND || out->kind == LL_DEMAND_CLOSED)
        return;
    out->said = quantile_of_maximum(&s, w->quantile, &at);
    out->at = time_of(f, at);
    if (out->kind == LL_DEMAND_KNOWN)
        out->value = out->said;
}
