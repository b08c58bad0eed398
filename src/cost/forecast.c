#include "cost/forecast.h"

#include <math.h>

#include "stats/quantile.h"

/* Growth of costs does not last: half of what is seen now is left after nearly four years. */
static const double damping = 0.9995;
/* More days than this at or below the floor: what varies has no logarithm. */
static const double below_max = 0.05;
/* A year's wave that was not seen twice: its deviation, in logarithms. */
static const double unseen = 0.07;
static const double month_days = 30.436875;

enum { SHORT_DAYS = 59, AHEAD_MAX = LL_COST_MONTHS_MAX * 31 };

size_t ll_cost_forecast_ahead(ll_day last, unsigned months)
{
    const struct ll_date d = ll_day_date(last + 1);
    const int at = d.year * 12 + d.month - 1 + (int)months;
    return (size_t)(ll_day_of(at / 12, at % 12 + 1, 1) - last - 1);
}

static bool check_costs(const struct ll_cost_forecast_ask *a, struct ll_err *err)
{
    size_t known = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (isinf(a->cost[i]))
            return ll_err_set(err, LL_E_INVALID, "the cost of day %zu is not an amount", i + 1);
        known += isnan(a->cost[i]) ? 0 : 1;
    }
    if (known < LL_COST_DAYS_MIN)
        return ll_err_set(err, LL_E_SHORT, "a forecast needs %d days of cost, there are %zu",
                          (int)LL_COST_DAYS_MIN, known);
    return true;
}

static bool check(const struct ll_cost_forecast_ask *a, struct ll_err *err)
{
    if (a->months < 1 || a->months > LL_COST_MONTHS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%u months: ask for 1 to %d", a->months,
                          (int)LL_COST_MONTHS_MAX);
    if (a->n > LL_GROWTH_DAYS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "%zu days of history: at most %d", a->n,
                          (int)LL_GROWTH_DAYS_MAX);
    if (!(a->committed >= 0 && isfinite(a->committed)))
        return ll_err_set(err, LL_E_RANGE, "a commitment of %g a day is not an amount",
                          a->committed);
    for (size_t i = 0; i < a->n_events; i++) {
        if (!(a->events[i].factor >= 0 && isfinite(a->events[i].factor) &&
              isfinite(a->events[i].amount)))
            return ll_err_set(err, LL_E_RANGE, "event %zu changes cost by factor %g and %g a day",
                              i + 1, a->events[i].factor, a->events[i].amount);
    }
    if (!check_costs(a, err))
        return false;
    const size_t need = ll_cost_forecast_ahead(a->first + (ll_day)a->n - 1, a->months);
    if (a->ahead < need)
        return ll_err_set(err, LL_E_RANGE, "%u months need the kinds of %zu days ahead, not %zu",
                          a->months, need, a->ahead);
    for (size_t i = 0; a->committed_ahead && i < need; i++) {
        if (!(a->committed_ahead[i] >= 0 && isfinite(a->committed_ahead[i])))
            return ll_err_set(err, LL_E_RANGE, "the commitment of day %zu ahead is not an amount",
                              i + 1);
    }
    return true;
}

struct work {
    const struct ll_cost_forecast_ask *ask;
    struct ll_cost_forecast *out;
    double *y, *path, *rows, *totals; /* totals: month by month, a value per path */
    double *sum;                      /* of all months, per path */
    size_t h;                         /* days ahead that count */
};

static bool varies_in_logs(const struct ll_cost_forecast_ask *a)
{
    size_t below = 0, known = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (isnan(a->cost[i]))
            continue;
        known++;
        below += a->cost[i] > a->committed ? 0 : 1;
    }
    return (double)below <= below_max * (double)known;
}

static bool fit(struct work *w, struct ll_arena *arena, struct ll_err *err)
{
    const struct ll_cost_forecast_ask *a = w->ask;
    double *scratch = LL_ARENA_NEW(arena, double, LL_GROWTH_SCRATCH(a->n));
    if (!scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu days of cost", a->n);
    w->out->logs = varies_in_logs(a);
    size_t known = 0;
    for (size_t i = 0; i < a->n; i++) {
        const double x = a->cost[i] - a->committed;
        w->y[i] = !w->out->logs ? x : x > 0 ? log(x) : NAN;
        known += isnan(w->y[i]) ? 0 : 1;
    }
    const struct ll_growth_days days = {w->y, a->kind, a->n, a->first};
    if (!ll_growth_fit(&days, scratch, &w->out->line))
        return ll_err_set(err, LL_E_SHORT, "only %zu days cost more than is committed", known);
    if (w->out->logs && w->out->line.used < LL_GROWTH_WAVES_FROM)
        w->out->line.unseen = unseen;
    w->out->low_confidence = known < SHORT_DAYS;
    w->out->slope_pct = w->out->logs ? 100 * expm1(w->out->line.slope * month_days) : NAN;
    return true;
}

static double committed_at(const struct ll_cost_forecast_ask *a, size_t i)
{
    return a->committed_ahead ? a->committed_ahead[i] : a->committed;
}

/* The cost of day i ahead, of what the path says of its variable part. */
static double cost_of(const struct work *w, size_t i, double value)
{
    const struct ll_cost_forecast_ask *a = w->ask;
    const ll_day day = a->first + (ll_day)(a->n + i);
    double varies = w->out->logs ? exp(fmin(value, 700)) : value, added = 0;
    for (size_t e = 0; e < a->n_events; e++) {
        if (a->events[e].day > day)
            continue;
        varies *= a->events[e].factor;
        added += a->events[e].amount;
    }
    const double committed = committed_at(a, i), cost = committed + varies + added;
    return committed > 0 ? fmax(cost, committed) : cost;
}

/* The months with their days, and what of them is known. */
static void lay_out(struct work *w)
{
    const struct ll_cost_forecast_ask *a = w->ask;
    const ll_day next = a->first + (ll_day)a->n;
    struct ll_date d = ll_day_date(next);
    for (unsigned k = 0; k < a->months; k++) {
        struct ll_cost_month *m = &w->out->month[k];
        *m = (struct ll_cost_month){.year = d.year, .month = d.month};
        m->days = (unsigned)ll_month_days(d.year, d.month);
        d = d.month == 12 ? (struct ll_date){d.year + 1, 1, 1}
                          : (struct ll_date){d.year, d.month + 1, 1};
    }
    struct ll_cost_month *first = &w->out->month[0];
    const ll_day begins = ll_day_of(first->year, first->month, 1);
    for (ll_day t = begins; t < next; t++) {
        const bool has = t >= a->first && !isnan(a->cost[t - a->first]);
        first->known += has ? 1 : 0;
        first->missing += has ? 0 : 1;
        first->actual += has ? a->cost[t - a->first] : 0;
        first->committed += a->committed;
    }
    w->out->n = a->months;
}

/* What the line says of the days of this month that are past but not known. */
static double missing_of(const struct work *w)
{
    const struct ll_cost_forecast_ask *a = w->ask;
    const struct ll_cost_month *m = &w->out->month[0];
    double sum = 0;
    for (ll_day t = ll_day_of(m->year, m->month, 1); t < a->first + (ll_day)a->n; t++) {
        if (t >= a->first && !isnan(a->cost[t - a->first]))
            continue;
        const size_t at = t >= a->first ? (size_t)(t - a->first) : 0;
        const double line = ll_growth_line(&w->out->line, at, a->kind[at], 1);
        sum += a->committed + (w->out->logs ? exp(fmin(line, 700)) : line);
    }
    return sum;
}

static unsigned month_at(const struct work *w, size_t i)
{
    const struct ll_date d = ll_day_date(w->ask->first + (ll_day)(w->ask->n + i));
    const struct ll_cost_month *m = &w->out->month[0];
    return (unsigned)((d.year - m->year) * 12 + d.month - m->month);
}

static void simulate(struct work *w)
{
    const struct ll_cost_forecast_ask *a = w->ask;
    const double known = w->out->month[0].actual + missing_of(w);
    uint64_t seed = a->seed;
    ll_growth_ahead(&w->out->line, a->kind + a->n, w->h, damping, w->rows);
    for (size_t p = 0; p < LL_COST_PATHS; p++) {
        ll_growth_path(&w->out->line, w->rows, w->h, &seed, w->path);
        for (unsigned k = 0; k < a->months; k++)
            w->totals[k * LL_COST_PATHS + p] = k == 0 ? known : 0;
        for (size_t i = 0; i < w->h; i++)
            w->totals[month_at(w, i) * LL_COST_PATHS + p] += cost_of(w, i, w->path[i]);
        w->sum[p] = 0;
        for (unsigned k = 0; k < a->months; k++)
            w->sum[p] += w->totals[k * LL_COST_PATHS + p];
    }
}

static void summarise(struct work *w)
{
    for (size_t i = 0; i < w->h; i++)
        w->out->month[month_at(w, i)].committed += committed_at(w->ask, i);
    for (unsigned k = 0; k < w->out->n; k++) {
        struct ll_cost_month *m = &w->out->month[k];
        double *v = w->totals + k * LL_COST_PATHS;
        m->p10 = ll_quantile(v, LL_COST_PATHS, 0.10);
        m->p50 = ll_quantile(v, LL_COST_PATHS, 0.50);
        m->p90 = ll_quantile(v, LL_COST_PATHS, 0.90);
        m->low95 = ll_quantile(v, LL_COST_PATHS, 0.025);
        m->high95 = ll_quantile(v, LL_COST_PATHS, 0.975);
    }
    w->out->p10 = ll_quantile(w->sum, LL_COST_PATHS, 0.10);
    w->out->p50 = ll_quantile(w->sum, LL_COST_PATHS, 0.50);
    w->out->p90 = ll_quantile(w->sum, LL_COST_PATHS, 0.90);
}

bool ll_cost_forecast(const struct ll_cost_forecast_ask *ask, struct ll_arena *arena,
                      struct ll_cost_forecast *out, struct ll_err *err)
{
    if (!check(ask, err))
        return false;
    struct ll_cost_forecast res = {0};
    struct work w = {.ask = ask, .out = &res};
    w.h = ll_cost_forecast_ahead(ask->first + (ll_day)ask->n - 1, ask->months);
    LL_ASSERT(w.h <= AHEAD_MAX);
    w.y = LL_ARENA_NEW(arena, double, ask->n);
    w.path = LL_ARENA_NEW(arena, double, w.h);
    w.rows = LL_ARENA_NEW(arena, double, LL_GROWTH_ROWS(w.h));
    w.totals = LL_ARENA_NEW(arena, double, (size_t)ask->months *LL_COST_PATHS);
    w.sum = LL_ARENA_NEW(arena, double, LL_COST_PATHS);
    if (!w.y || !w.path || !w.rows || !w.totals || !w.sum)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a forecast of %u months", ask->months);
    if (!fit(&w, arena, err))
        return false;
    lay_out(&w);
    simulate(&w);
    summarise(&w);
    *out = res;
    return true;
}
