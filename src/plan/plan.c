#include "plan/plan.h"

#include <math.h>
#include <stdlib.h>

#include "core/cost.h"
#include "plan/internal.h"
#include "stats/quantile.h"
#include "stats/random.h"

static const double month_days = 30.436875;
/* A year's wave that was not seen twice: its deviation, in logarithms. */
static const double unseen = 0.07;

enum { SHORT_DAYS = 90 };

static const char *const limits[] = {
#define X(member, name) name,
    LL_PLAN_LIMIT_TABLE(X)
#undef X
};
static const char *const bounds[] = {
#define X(member, name) name,
    LL_PLAN_BOUND_TABLE(X)
#undef X
};

const char *ll_plan_limit_name(enum ll_plan_limit v)
{
    return (size_t)v < LL_LEN(limits) ? limits[v] : "?";
}

const char *ll_plan_bound_name(enum ll_plan_bound v)
{
    return (size_t)v < LL_LEN(bounds) ? bounds[v] : "?";
}

size_t ll_plan_ahead(ll_day today, unsigned months)
{
    const struct ll_date d = ll_day_date(today);
    const int at = d.year * 12 + d.month - 1 + (int)months,
              last = ll_month_days(at / 12, at % 12 + 1);
    return (size_t)(ll_day_of(at / 12, at % 12 + 1, LL_MIN(d.day, last)) - today);
}

struct work {
    const struct ll_plan_ask *ask;
    struct ll_plan *out;
    double *path, *rows, *open, *closed;
    double *highest;                  /* month by month, a value per path */
    int32_t *reached[LL_PLAN_LIMITS]; /* per path: day ahead, from 1; 0 = never */
    size_t until[LL_PLAN_MONTHS_MAX]; /* days ahead of each month's end */
    size_t h;
    ll_day today;
};

static bool fit(struct work *w, struct ll_arena *arena, struct ll_err *err)
{
    const struct ll_plan_ask *a = w->ask;
    double *y = LL_ARENA_NEW(arena, double, a->n),
           *scratch = LL_ARENA_NEW(arena, double, LL_GROWTH_SCRATCH(a->n));
    if (!y || !scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu days of peaks", a->n);
    double highest = isnan(a->ever) ? 0 : a->ever;
    for (size_t i = 0; i < a->n; i++) {
        y[i] = a->peak[i] > 0 ? log(a->peak[i]) : NAN;
        w->out->zeros += a->peak[i] <= 0 ? 1 : 0;
        highest = a->peak[i] > highest ? a->peak[i] : highest;
    }
    w->out->highest = highest;
    const struct ll_growth_days days = {y, a->kind, a->n, a->first};
    if (!ll_growth_fit(&days, scratch, &w->out->line))
        return ll_err_set(err, LL_E_SHORT, "a plan needs %d days with demand, there are fewer",
                          (int)LL_GROWTH_DAYS_MIN);
    if (w->out->line.used < LL_GROWTH_WAVES_FROM)
        w->out->line.unseen = unseen;
    w->out->low_confidence = w->out->line.used < SHORT_DAYS;
    w->out->slope_pct = 100 * expm1(w->out->line.slope * month_days);
    return true;
}

/* Which changes come in this path: a bit each.  They have a chance of their own, so that one more
 * change leaves the demand of the path as it is. */
static uint64_t draw_changes(const struct ll_plan_ask *a, size_t path)
{
    uint64_t comes = 0, seed = ~a->seed + path * 0x100000001u;
    for (size_t c = 0; c < a->n_changes; c++) {
        if (ll_random_unit(&seed) < a->changes[c].confidence)
            comes |= (uint64_t)1 << c;
    }
    return comes;
}

/* Those that were announced for before today are in the history, or in the capacity, already. */
static double changed(const struct work *w, uint64_t comes, bool capacity, ll_day day, double value)
{
    const struct ll_plan_ask *a = w->ask;
    for (size_t c = 0; c < a->n_changes; c++) {
        const struct ll_plan_change *p = &a->changes[c];
        if (p->capacity == capacity && p->day <= day && p->day > w->today && (comes >> c & 1))
            value = value * p->factor + p->amount;
    }
    return fmax(0, value);
}

static double left_of_sites(const struct ll_plan_ask *a)
{
    return a->sites > 1 ? (a->sites - 1.0) / a->sites : 1;
}

static void reach(struct work *w, size_t p, size_t day, double demand, double highest,
                  double capacity)
{
    const struct ll_plan_ask *a = w->ask;
    const double usable = capacity * left_of_sites(a);
    const bool at[LL_PLAN_LIMITS] = {
        [LL_PLAN_CRITICAL] = demand >= usable * a->critical,
        [LL_PLAN_CAPACITY] = demand >= usable,
        [LL_PLAN_CEILING] = demand >= a->ceiling * left_of_sites(a), /* NaN: never */
        [LL_PLAN_MULTIPLE] = a->multiple > 0 && a->multiple * highest > capacity,
    };
    for (size_t l = 0; l < LL_PLAN_LIMITS; l++) {
        if (at[l] && w->reached[l][p] == 0)
            w->reached[l][p] = (int32_t)day;
    }
}

static void walk_path(struct work *w, size_t p, uint64_t *seed)
{
    const struct ll_plan_ask *a = w->ask;
    const uint64_t comes = draw_changes(a, p);
    ll_growth_path(&w->out->line, w->rows, w->h, seed, w->path);
    double so_far = 0;
    unsigned month = 0;
    w->open[p] = w->closed[p] = 0;
    for (size_t i = 0; i < w->h; i++) {
        const ll_day day = w->today + 1 + (ll_day)i;
        const double demand = changed(w, comes, false, day, exp(fmin(w->path[i], 700)));
        double *of_kind = a->kind[a->n + i] == LL_COST_DAY_CLOSED ? w->closed : w->open;
        of_kind[p] = fmax(of_kind[p], demand);
        so_far = fmax(so_far, demand);
        reach(w, p, i + 1, demand, fmax(so_far, w->out->highest),
              changed(w, comes, true, day, a->capacity));
        if (i + 1 == w->until[month])
            w->highest[(size_t)month++ * LL_PLAN_PATHS + p] = so_far;
    }
}

static int by_day(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    /* Never comes last. */
    const int64_t i = x > 0 ? x : INT32_MAX, j = y > 0 ? y : INT32_MAX;
    return (i > j) - (i < j);
}

static ll_day day_of(const struct work *w, int32_t ahead)
{
    return ahead > 0 ? w->today + ahead : LL_DAY_NONE;
}

static ll_day less_lead(const struct work *w, ll_day day)
{
    const ll_dur days = (w->ask->lead + LL_DAY - 1) / LL_DAY;
    return day == LL_DAY_NONE ? LL_DAY_NONE : day - (ll_day)days;
}

static void find_dates(struct work *w)
{
    for (size_t l = 0; l < LL_PLAN_LIMITS; l++) {
        int32_t *r = w->reached[l];
        struct ll_plan_date *d = &w->out->date[l];
        qsort(r, LL_PLAN_PATHS, sizeof(*r), by_day);
        size_t n = 0;
        while (n < LL_PLAN_PATHS && r[n] > 0)
            n++;
        d->reached = (double)n / LL_PLAN_PATHS;
        d->p50 = day_of(w, r[LL_PLAN_PATHS / 2 - 1]);
        d->p90 = day_of(w, r[LL_PLAN_PATHS / 10 - 1]);
        d->order50 = less_lead(w, d->p50);
        d->order90 = less_lead(w, d->p90);
        ll_plan_join_near(d, w->today, w->ask->near_s[l]);
        d->late = d->soonest != LL_DAY_NONE && less_lead(w, d->soonest) < w->today;
    }
}

/* Capacity as planned by a day, of changes at least so sure. */
static double planned(const struct work *w, ll_day day, double confidence)
{
    uint64_t comes = 0;
    for (size_t c = 0; c < w->ask->n_changes; c++) {
        if (w->ask->changes[c].confidence >= confidence)
            comes |= (uint64_t)1 << c;
    }
    return changed(w, comes, true, day, w->ask->capacity);
}

static double need_of(const struct work *w, double peak, enum ll_plan_bound *bound)
{
    const struct ll_plan_ask *a = w->ask;
    const double demand = peak / a->critical / left_of_sites(a),
                 multiple = a->multiple * fmax(peak, w->out->highest);
    *bound = multiple > demand ? LL_PLAN_BY_MULTIPLE
             : a->sites > 1    ? LL_PLAN_BY_SITES
                               : LL_PLAN_BY_DEMAND;
    return fmax(demand, multiple);
}

/* Whole units; a rounding of the last place is no unit. */
static double units_of(const struct ll_plan_ask *a, double need, double has)
{
    return fmax(0, ceil((need - has) / a->unit - 1e-9));
}

static void tell_months(struct work *w)
{
    for (unsigned k = 0; k < w->ask->months; k++) {
        struct ll_plan_month *m = &w->out->month[k];
        double *v = w->highest + (size_t)k * LL_PLAN_PATHS;
        enum ll_plan_bound ignored;
        m->months = k + 1;
        m->until = w->today + (ll_day)w->until[k];
        m->p50 = ll_quantile(v, LL_PLAN_PATHS, 0.5);
        m->p90 = ll_quantile(v, LL_PLAN_PATHS, 0.9);
        m->need50 = need_of(w, m->p50, &ignored);
        m->need90 = need_of(w, m->p90, &m->bound);
        m->add50 = units_of(w->ask, m->need50, planned(w, m->until, 0.5));
        m->add90 = units_of(w->ask, m->need90, planned(w, m->until, 0.9));
    }
    w->out->n = w->ask->months;
}

static bool take_memory(struct work *w, struct ll_arena *arena, struct ll_err *err)
{
    w->path = LL_ARENA_NEW(arena, double, w->h);
    w->rows = LL_ARENA_NEW(arena, double, LL_GROWTH_ROWS(w->h));
    w->open = LL_ARENA_NEW(arena, double, LL_PLAN_PATHS);
    w->closed = LL_ARENA_NEW(arena, double, LL_PLAN_PATHS);
    w->highest = LL_ARENA_NEW(arena, double, (size_t)w->ask->months *LL_PLAN_PATHS);
    bool ok = w->path && w->rows && w->open && w->closed && w->highest;
    for (size_t l = 0; l < LL_PLAN_LIMITS; l++) {
        w->reached[l] = LL_ARENA_NEW(arena, int32_t, LL_PLAN_PATHS);
        ok = ok && w->reached[l];
    }
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for a plan of %u months", w->ask->months);
}

bool ll_plan_make(const struct ll_plan_ask *ask, struct ll_arena *arena, struct ll_plan *out,
                  struct ll_err *err)
{
    if (!ll_plan_check(ask, err))
        return false;
    struct ll_plan res = {.usable = ask->capacity * left_of_sites(ask)};
    struct work w = {.ask = ask, .out = &res, .today = ask->first + (ll_day)ask->n - 1};
    for (unsigned k = 0; k < ask->months; k++)
        w.until[k] = ll_plan_ahead(w.today, k + 1);
    w.h = w.until[ask->months - 1];
    if (!take_memory(&w, arena, err) || !fit(&w, arena, err))
        return false;
    uint64_t seed = ask->seed;
    ll_growth_ahead(&res.line, ask->kind + ask->n, w.h, 1, w.rows);
    for (size_t p = 0; p < LL_PLAN_PATHS; p++)
        walk_path(&w, p, &seed);
    find_dates(&w);
    tell_months(&w);
    res.open = w.open;
    res.closed = w.closed;
    *out = res;
    return true;
}
