#include "forecast/clean.h"

#include <math.h>
#include <string.h>

#include "forecast/phase.h"
#include "forecast/shift.h"
#include "stats/quantile.h"

static const double value_max = 1e150, outage_share = 0.15, ordinary_share = 0.4;
static const double mad_normal = 1.4826, held_at = 6;
static const double least_log_shift = 0.13976;   /* ln 1.15 */
static const double quick_log_rise = 1.09861;    /* ln 3 */
static const double largest_log_shift = 4.60517; /* ln 100 */

static const double holiday_scatter = 0.6;

enum { SHORT_HOLE = 3, TREND_LEAST = 16, ANCHOR = 5, A_DAY = 24 };

struct work {
    size_t n, m, m1; /* values, steps of the season of the profile (1 = none), the shortest */
    double *x;       /* as given; NaN = no data or outage */
    double slope;    /* of z by step, taken off it; 0 = hardly any */
    double *z;       /* x or its logarithm */
    double *r;       /* z without its season, holes filled */
    double *usual;   /* m: the season of z */
    double *scratch; /* LL_SHIFT_SCRATCH x n */
    bool log;
};

static bool allocate(struct work *w, struct ll_arena *out, struct ll_clean *c)
{
    size_t n = w->n;
    c->y = LL_ARENA_NEW(out, double, n);
    c->filled = LL_ARENA_NEW(out, double, n);
    c->actual = w->x = LL_ARENA_NEW(out, double, n);
    w->z = LL_ARENA_NEW(out, double, n);
    w->r = LL_ARENA_NEW(out, double, n);
    w->usual = LL_ARENA_NEW(out, double, w->m);
    w->scratch = LL_ARENA_NEW(out, double, LL_SHIFT_SCRATCH *(n + 1));
    return c->y && c->filled && w->x && w->z && w->r && w->usual && w->scratch;
}

/* The longest season with three cycles; *m1: the shortest that is one. */
static size_t choose_season(const int *seasons, size_t n_seasons, size_t n, size_t *m1)
{
    size_t m = 1;
    *m1 = 0;
    for (size_t i = 0; i < n_seasons; i++) {
        size_t s = seasons[i] > 1 ? (size_t)seasons[i] : 0;
        if (s > 0 && *m1 == 0)
            *m1 = s;
        if (s > m && s <= n / 3)
            m = s;
    }
    return m;
}

static size_t take(struct work *w, const double *y, double *least, double *most)
{
    size_t known = 0;
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t t = 0; t < w->n; t++) {
        bool usable = fabs(y[t]) <= value_max;
        w->x[t] = usable ? y[t] : NAN;
        if (usable) {
            known++;
            *least = y[t] < *least ? y[t] : *least;
            *most = y[t] > *most ? y[t] : *most;
        }
    }
    return known;
}

/* Whether the series keeps away from zero: at most a twentieth of its values is less than 0.4 of
 * what is usual at its phase. */
static bool never_near_zero(const struct work *w, size_t known)
{
    size_t low = 0;
    for (size_t q = 0; q < w->m; q++)
        if (!(w->usual[q] > 0))
            return false;
    for (size_t t = 0, q = 0; t < w->n; t++) {
        low += w->x[t] < ordinary_share * w->usual[q];
        q = q + 1 == w->m ? 0 : q + 1;
    }
    return 20 * low <= known;
}

/* Runs near zero between ordinary values become holes.  One that is still going on counts while
 * it is shorter than a day or the shortest season: later it is how things are. */
static size_t drop_outages(struct work *w, size_t known)
{
    size_t open_max = w->m1 ? w->m1 : A_DAY, dropped = 0;
    bool was_ordinary = false;
    if (!never_near_zero(w, known))
        return 0;
    for (size_t t = 0; t < w->n; t++) {
        size_t from = t, low = 0;
        for (; t < w->n && !(w->x[t] >= outage_share * w->usual[t % w->m]); t++)
            low += w->x[t] < INFINITY;
        bool open = t == w->n;
        bool ordinary = !open && w->x[t] >= ordinary_share * w->usual[t % w->m];
        if (was_ordinary && low > 0 && (open ? t - from < open_max : ordinary)) {
            for (size_t i = from; i < t; i++)
                w->x[i] = NAN;
            dropped += low;
        }
        was_ordinary = ordinary;
    }
    return dropped;
}

/* Logarithms when all is positive; the median of logarithms is that of the values. */
static void take_logs(struct work *w)
{
    w->log = true;
    for (size_t t = 0; t < w->n && w->log; t++)
        w->log = !(w->x[t] <= 0);
    for (size_t t = 0; t < w->n; t++)
        w->z[t] = w->log ? log(w->x[t]) : w->x[t];
    for (size_t q = 0; w->log && q < w->m; q++)
        w->usual[q] = log(w->usual[q]);
}

/* A trend would bend the profile: it is the median of what differs from cycle to cycle, when seven
 * tenths of all that differs does so to one side (Hirsch, Slack & Smith 1982). */
static double slope_of(const struct work *w)
{
    size_t lag = w->m > 1 ? w->m : LL_MAX(w->n / 3, (size_t)1), k = 0, up = 0;
    for (size_t t = lag; t < w->n; t += 3) {
        double rise = w->z[t] - w->z[t - lag];
        if (isnan(rise))
            continue;
        up += rise > 0;
        w->scratch[k++] = rise;
    }
    if (k < TREND_LEAST || (10 * up < 7 * k && 10 * up > 3 * k))
        return 0;
    return ll_quantile_median(w->scratch, k) / (double)lag;
}

static void remove_trend(struct work *w)
{
    w->slope = slope_of(w);
    if (w->slope == 0)
        return;
    for (size_t t = 0; t < w->n; t++)
        w->z[t] -= w->slope * (double)t;
    ll_phase_medians(w->z, w->n, w->m, w->usual, w->scratch);
}

/* The level beside a hole: for a short one its neighbour, for a long one the median of the nearest
 * five known residuals; NaN when there are none. */
static double anchor(const double *r, size_t n, size_t from, bool forward, size_t hole)
{
    double v[ANCHOR];
    size_t k = 0, wanted = hole <= SHORT_HOLE ? 1 : ANCHOR;
    for (size_t i = from; i < n && k < wanted; i += forward ? 1 : (size_t)-1)
        if (!isnan(r[i]))
            v[k++] = r[i];
    return ll_phase_median(v, k);
}

/* Residuals of holes: the line between the levels beside them, so that what is filled has the
 * value of its phase at the level of that time. */
static void fill_residuals(double *r, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        size_t from = t;
        while (t < n && isnan(r[t]))
            t++;
        if (t == from)
            continue;
        double a = anchor(r, n, from - 1, false, t - from), b = anchor(r, n, t, true, t - from);
        a = isnan(a) ? b : a;
        b = isnan(b) ? a : b;
        for (size_t i = from; i < t; i++)
            r[i] = a + (b - a) * (double)(i - from + 1) / (double)(t - from + 1);
    }
}

static void remove_season(struct work *w)
{
    for (size_t t = 0, q = 0; t < w->n; t++) {
        w->r[t] = w->z[t] - w->usual[q];
        q = q + 1 == w->m ? 0 : q + 1;
    }
    fill_residuals(w->r, w->n);
    for (size_t t = 0, q = 0; t < w->n; t++) {
        if (isnan(w->z[t]))
            w->z[t] = w->r[t] + w->usual[q];
        q = q + 1 == w->m ? 0 : q + 1;
    }
}

/* Residuals from step `at` on against the profile `later` steps on: their median, and how far they
 * scatter around it. */
static double scatter(const struct work *w, size_t at, size_t later, double *median)
{
    size_t n = w->n - at;
    double *v = w->scratch;
    for (size_t i = 0; i < n; i++)
        v[i] = w->z[at + i] - w->usual[(at + i + later) % w->m];
    *median = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(w->z[at + i] - w->usual[(at + i + later) % w->m] - *median);
    return ll_quantile_median(v, n);
}

/* A holiday is no new level: it runs like another day of the week, better than like its own at
 * another level. */
static bool like_another_day(const struct work *w, const struct ll_shift *s)
{
    if (w->m1 == 0 || w->m <= w->m1 || w->m % w->m1 != 0)
        return false;
    double level, own = scatter(w, s->at, 0, &level);
    for (size_t later = w->m1; later < w->m; later += w->m1) {
        double other = scatter(w, s->at, later, &level);
        if (other < holiday_scatter * own && fabs(level) < fabs(s->size) / 2)
            return true;
    }
    return false;
}

/* A fall is believed after a whole season: by then nights, holidays and outages have ended, and to
 * expect too little is worse than to expect too much.  So is a rise to more than three times the
 * level: by then batches have ended. */
static bool too_soon(const struct work *w, const struct ll_shift *s)
{
    size_t season = LL_MIN(w->m1 ? w->m1 : A_DAY, (size_t)A_DAY);
    bool doubtful = s->size < 0 || (w->log && s->size > quick_log_rise);
    return doubtful && w->n - s->at + season / 12 < season;
}

/* The past comes to the new level, and the season is taken anew. */
static void even_out(struct work *w, struct ll_clean *c)
{
    struct ll_shift s = ll_shift_find(w->r, w->z, w->n, w->m1 ? w->m1 : 1,
                                      w->log ? least_log_shift : 0, !w->log, w->scratch);
    if (s.at == 0 || (w->log && fabs(s.size) > largest_log_shift) || too_soon(w, &s) ||
        like_another_day(w, &s))
        return;
    for (size_t t = 0; t < s.at; t++) {
        w->z[t] += s.size;
        w->x[t] = w->log ? w->x[t] * exp(s.size) : w->x[t] + s.size;
    }
    ll_phase_medians(w->z, w->n, w->m, w->usual, w->scratch);
    remove_season(w);
    c->shift_at = s.at;
    c->shift_ratio = s.size;
}

static double in_unit(const struct work *w, double z)
{
    return w->log ? exp(z) : z;
}

static void fill(const struct work *w, struct ll_clean *c)
{
    for (size_t t = 0; t < w->n; t++)
        c->filled[t] = isnan(w->x[t]) ? in_unit(w, w->z[t] + w->slope * (double)t) : w->x[t];
}

static void hold(struct work *w, struct ll_clean *c)
{
    double *off = w->scratch;
    if (w->slope != 0 || c->shift_at > 0)
        ll_phase_medians(c->filled, w->n, w->m, w->usual, w->scratch);
    else
        for (size_t q = 0; q < w->m; q++)
            w->usual[q] = in_unit(w, w->usual[q]);
    for (size_t t = 0, q = 0; t < w->n; t++) {
        off[t] = fabs(c->filled[t] - w->usual[q]);
        q = q + 1 == w->m ? 0 : q + 1;
    }
    memcpy(c->y, c->filled, w->n * sizeof(double));
    double most = held_at * mad_normal * ll_quantile_median(off, w->n);
    if (!(most > 0))
        return;
    for (size_t t = 0, q = 0; t < w->n; t++) {
        double low = w->usual[q] - most, high = w->usual[q] + most;
        q = q + 1 == w->m ? 0 : q + 1;
        if (c->y[t] >= low && c->y[t] <= high)
            continue;
        c->y[t] = c->y[t] < low ? low : high;
        c->n_held++;
    }
}

/* One number for people: a ratio, or a difference in the unit of the usual distance from the
 * median. */
static double told_ratio(const struct work *w, const struct ll_clean *c)
{
    if (c->shift_at == 0)
        return 1;
    if (w->log)
        return exp(c->shift_ratio);
    memcpy(w->scratch, c->filled, w->n * sizeof(double));
    double median = ll_quantile_median(w->scratch, w->n);
    for (size_t t = 0; t < w->n; t++)
        w->scratch[t] = fabs(c->filled[t] - median);
    double scale = mad_normal * ll_quantile_median(w->scratch, w->n);
    return scale > 0 ? c->shift_ratio / scale : c->shift_ratio;
}

bool ll_clean(const double *y, size_t n, const int *seasons, size_t n_seasons, struct ll_arena *out,
              struct ll_clean *res, struct ll_err *err)
{
    struct ll_clean c = {.n = n};
    struct work w = {.n = n};
    double least, most;
    w.m = choose_season(seasons, n_seasons, n, &w.m1);
    if (!allocate(&w, out, &c))
        return ll_err_set(err, LL_E_MEMORY, "no memory to clean %zu values", n);
    size_t known = take(&w, y, &least, &most);
    if (known == 0)
        return ll_err_set(err, LL_E_SHORT, "none of %zu values is usable", n);

    c.constant = least == most;
    ll_phase_medians(w.x, n, w.m, w.usual, w.scratch);
    size_t outages = drop_outages(&w, known);
    take_logs(&w);
    remove_trend(&w);
    remove_season(&w);
    if (!c.constant)
        even_out(&w, &c);
    fill(&w, &c);
    hold(&w, &c);
    c.n_filled = n - known;
    c.n_held += outages;
    c.shift_ratio = told_ratio(&w, &c);
    *res = c;
    return true;
}
