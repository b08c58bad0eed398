#include "cost/anomaly.h"

#include <math.h>

#include "stats/quantile.h"
#include "stats/sort.h"

enum {
    OPEN_DAYS = 20,
    CLOSED_DAYS = 8,
    LEAST = 4, /* days like it, to be judged at all */
    SHIFT_DAYS = 3,
    DRIFT_DAYS = 7,
    APART = 7 /* days: closed days become usual weeks after the open ones */
};

static const double min_abs_default = 10, z_out = 3.5, share_out = 0.20, scale_share = 0.02,
                    drift_k = 0.5, drift_h = 5, drift_share = 0.06;

static const char *const names[] = {
#define X(member, name) name,
    LL_ANOMALY_TABLE(X)
#undef X
};

const char *ll_anomaly_name(enum ll_anomaly v)
{
    return (size_t)v < LL_LEN(names) ? names[v] : "?";
}

static bool alike(const struct ll_anomaly_day *a, const struct ll_anomaly_day *b)
{
    return a->kind == b->kind && (a->kind != LL_COST_DAY_CLOSED || a->weekday == b->weekday);
}

struct ll_anomaly_usual ll_anomaly_usual(const struct ll_anomaly_day *days, const double *x,
                                         size_t t)
{
    double v[OPEN_DAYS];
    const size_t want = days[t].kind == LL_COST_DAY_CLOSED ? CLOSED_DAYS : OPEN_DAYS;
    size_t n = 0;
    for (size_t i = t; i-- > 0 && n < want;) {
        if (alike(&days[i], &days[t]) && !days[i].suppressed && !isnan(x[i]))
            v[n++] = x[i];
    }
    if (n < LEAST)
        return (struct ll_anomaly_usual){NAN, NAN, n};
    const double m = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(v[i] - m);
    const double scale = fmax(1.4826 * ll_quantile_median(v, n), scale_share * fabs(m));
    return (struct ll_anomaly_usual){m, scale, n};
}

struct work {
    const struct ll_anomaly_ask *ask;
    double min_abs;
    double *cost, *unit; /* per day */
    double *off, *scale; /* cost - usual, its scale; NaN = not judged */
    struct ll_anomaly_event *out;
    size_t max, n;
};

static bool is_out(double off, double m, double s, double least)
{
    return fabs(off) > z_out * s && fabs(off) >= share_out * fabs(m) && fabs(off) >= least;
}

static double usual_of(const struct work *w, size_t t)
{
    return w->cost[t] - w->off[t];
}

static bool day_out(const struct work *w, size_t t)
{
    return !isnan(w->off[t]) && is_out(w->off[t], usual_of(w, t), w->scale[t], w->min_abs);
}

/* More trades at the usual cost of one. */
static bool explained(const struct work *w, const struct ll_anomaly_event *e)
{
    size_t asked = 0, usual = 0;
    for (size_t t = e->first; t <= e->last; t++) {
        if (isnan(w->off[t]) || isnan(w->unit[t]))
            continue;
        const struct ll_anomaly_usual u = ll_anomaly_usual(w->ask->days, w->unit, t);
        if (isnan(u.median))
            continue;
        asked++;
        usual += is_out(w->unit[t] - u.median, u.median, u.scale, 0) ? 0 : 1;
    }
    return asked > 0 && usual == asked;
}

static void emit(struct work *w, struct ll_anomaly_event e)
{
    for (size_t t = e.first; t <= e.last; t++) {
        if (isnan(w->off[t]))
            continue;
        e.excess += w->off[t];
        e.worst = fmax(e.worst, fabs(w->off[t] / usual_of(w, t)));
    }
    e.explained = explained(w, &e);
    e.provisional = e.last + w->ask->provisional >= w->ask->n;
    if (w->n < w->max)
        w->out[w->n] = e;
    w->n++;
}

/* The event of days that are out beginning at t; the first day after it. */
static size_t outliers(struct work *w, size_t t)
{
    struct ll_anomaly_event e = {.first = t, .last = t, .found = t};
    size_t days = 1;
    for (size_t i = t + 1; i < w->ask->n && i - e.last <= APART; i++) {
        if (!day_out(w, i))
            continue;
        if (w->off[i] * w->off[t] < 0)
            break;
        e.last = i;
        days++;
    }
    e.what = days >= SHIFT_DAYS ? LL_ANOMALY_SHIFT : LL_ANOMALY_SPIKE;
    emit(w, e);
    return e.last + 1;
}

/* A cumulative sum of one direction. */
struct drift {
    double sum, share;
    size_t from, days;
};

static bool drifts(struct drift *d, const struct work *w, size_t t, double sign)
{
    const double off = sign * w->off[t];
    const double sum = d->sum + off / w->scale[t] - drift_k;
    if (sum <= 0) {
        *d = (struct drift){0};
        return false;
    }
    if (d->days == 0)
        d->from = t;
    d->sum = sum;
    d->days++;
    d->share += off / fabs(usual_of(w, t));
    return d->sum > drift_h && d->days >= DRIFT_DAYS && d->share >= drift_share * (double)d->days &&
           off >= w->min_abs;
}

/* Goes through the days once: what is out, and between that the drifts. */
static void walk(struct work *w)
{
    struct drift up = {0}, down = {0};
    for (size_t t = 0; t < w->ask->n;) {
        if (isnan(w->off[t]) || !(w->scale[t] > 0)) {
            t++;
            continue;
        }
        if (day_out(w, t)) {
            t = outliers(w, t);
            up = down = (struct drift){0};
            continue;
        }
        const bool rises = drifts(&up, w, t, 1), falls = drifts(&down, w, t, -1);
        if (rises || falls) {
            emit(w, (struct ll_anomaly_event){.what = LL_ANOMALY_DRIFT,
                                              .first = rises ? up.from : down.from,
                                              .last = t,
                                              .found = t});
            up = down = (struct drift){0};
        }
        t++;
    }
}

static void measure(struct work *w)
{
    const struct ll_anomaly_day *days = w->ask->days;
    for (size_t t = 0; t < w->ask->n; t++) {
        w->cost[t] = days[t].cost;
        w->unit[t] = days[t].count > 0 ? days[t].cost / days[t].count : NAN;
    }
    for (size_t t = 0; t < w->ask->n; t++) {
        const struct ll_anomaly_usual u = ll_anomaly_usual(days, w->cost, t);
        w->off[t] = days[t].suppressed ? NAN : w->cost[t] - u.median;
        w->scale[t] = u.scale;
    }
}

bool ll_anomaly_find(const struct ll_anomaly_ask *ask, double *scratch,
                     struct ll_anomaly_event *out, size_t max, size_t *found, struct ll_err *err)
{
    if (!(ask->min_abs >= 0))
        return ll_err_set(err, LL_E_INVALID, "min_abs %g is not an amount", ask->min_abs);
    for (size_t t = 0; t < ask->n; t++) {
        if (isinf(ask->days[t].cost))
            return ll_err_set(err, LL_E_INVALID, "the cost of day %zu is not an amount", t + 1);
    }
    const size_t n = ask->n;
    struct work w = {.ask = ask,
                     .min_abs = ask->min_abs > 0 ? ask->min_abs : min_abs_default,
                     .cost = scratch,
                     .unit = scratch + n,
                     .off = scratch + 2 * n,
                     .scale = scratch + 3 * n,
                     .out = out,
                     .max = max};
    measure(&w);
    walk(&w);
    *found = w.n;
    return true;
}

static int by_excess(const void *va, const void *vb, const void *ctx)
{
    const struct ll_anomaly_part *a = va, *b = vb;
    const double sign = *(const double *)ctx, x = sign * a->excess, y = sign * b->excess;
    if (x < y || x > y)
        return x > y ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

static bool ever_before(const double *x, size_t t)
{
    for (size_t i = 0; i < t; i++) {
        if (!isnan(x[i]))
            return true;
    }
    return false;
}

static double part_excess(const struct ll_anomaly_ask *ask, const struct ll_anomaly_event *e,
                          const double *x)
{
    double excess = 0;
    const bool fresh = !ever_before(x, e->first);
    for (size_t t = e->first; t <= e->last; t++) {
        const double usual = fresh ? 0 : ll_anomaly_usual(ask->days, x, t).median;
        if (!isnan(x[t]) && !isnan(usual))
            excess += x[t] - usual;
    }
    return excess;
}

void ll_anomaly_attribute(const struct ll_anomaly_ask *ask, const struct ll_anomaly_event *event,
                          const double *cost, size_t n_parts, struct ll_anomaly_part *out)
{
    for (size_t p = 0; p < n_parts; p++)
        out[p] = (struct ll_anomaly_part){p, part_excess(ask, event, cost + p * ask->n)};
    const double sign = event->excess < 0 ? -1 : 1;
    ll_sort(out, n_parts, sizeof(*out), by_excess, &sign);
}
