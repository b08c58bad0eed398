#include "forecast/seasons_find.h"

#include <math.h>

#include "forecast/seasons_level.h"
#include "forecast/seasons_phase.h"

enum { TRIES = 3, FINE_PHASES = 12 };

static const double SHORTEST_PERIOD = 2.5, SHORTEST_DAY = 4;
static const double EVEN_CYCLES = 3; /* over which the spread is made even */
/* Shares of variance: that a season has to explain, or a week; that of a week its day has to; that
 * ends the search; that makes up for a poor t of a week. */
static const double SHARE = 0.06, WEEK_SHARE = 0.04, DAY_SHARE = 0.15, CLEAR = 0.5,
                    CLEAR_WEEK = 0.3;
const double ll_seasons_weeks[LL_SEASONS_WEEKS] = {7, 5};

/* Student's t by degrees of freedom, from one on.  Any period: of one in a hundred where there are
 * many cycles (few series without a season get this far), of one in two hundred where there are
 * few.  A week of known days, asked for once: of one in forty. */
static const double any_t[] = {64, 9.9, 5.8, 4.6, 4.0, 3.5, 3.1, 2.95, 2.85, 2.75, 2.7};
static const double week_t[] = {13, 4.3, 3.2, 2.8, 2.5, 2.4, 2.3, 2.3, 2.2, 2.2, 2.2};

static bool passes(const struct ll_seasons_gain *g, double share, const double *t)
{
    return g->share > share && g->blocks >= 3 && g->t > t[LL_MIN(g->blocks - 2, LL_LEN(any_t) - 1)];
}

struct ll_seasons_series ll_seasons_work_prepare(struct ll_seasons_work *w, double span)
{
    if (fabs(w->span - span) > 0.02 * span) {
        ll_seasons_detrend(w->x, w->n, span, w->sums, w->rest);
        ll_seasons_even_out(w->rest, w->n, EVEN_CYCLES * span, w->sums, w->scale);
        w->span = span;
    }
    return (struct ll_seasons_series){w->n, w->rest, w->unseen};
}

/* Refines the period on x without its trend, and tests it. */
static void verify(struct ll_seasons_work *w, struct ll_seasons_finding *f)
{
    struct ll_seasons_series rest = ll_seasons_work_prepare(w, f->period);
    f->period = ll_seasons_phase_refine(&rest, f->period);
    f->gain = ll_seasons_fold_gain(&rest, f->period);
}

bool ll_seasons_multiple(double longer, double shorter)
{
    double ratio = longer / shorter, whole = round(ratio);
    return whole >= 1 && fabs(ratio - whole) < 0.02 * whole;
}

/* A season that was found already, or one of its harmonics, as near as n steps can tell. */
static bool explained(const struct ll_seasons_work *w, const struct ll_season *out, size_t n_out,
                      double period)
{
    for (size_t i = 0; i < n_out; i++) {
        double ratio = out[i].steps / period, whole = round(ratio);
        double slack = 0.01 + 1.5 * out[i].steps / (double)w->n;
        if (whole >= 1 && fabs(ratio - whole) < slack)
            return true;
    }
    return false;
}

/* The candidate that explains most of what is left of x. */
static bool best_candidate(struct ll_seasons_work *w, const struct ll_season *out, size_t n_out,
                           struct ll_seasons_finding *found)
{
    struct ll_seasons_candidate c[LL_SEASONS_CANDIDATES];
    size_t n = ll_seasons_lines_find(w->lines, w->x, SHORTEST_PERIOD, (double)w->n / 3, c);
    bool any = false;
    for (size_t i = 0, tried = 0; i < n && tried < TRIES; i++) {
        if (any && found->gain.share > CLEAR)
            break;
        if (explained(w, out, n_out, c[i].period))
            continue;
        tried++;
        struct ll_seasons_finding f = {.period = c[i].period};
        verify(w, &f);
        if (explained(w, out, n_out, f.period) || !passes(&f.gain, SHARE, any_t) ||
            (any && f.gain.share <= 1.03 * found->gain.share))
            continue;
        *found = f;
        any = true;
    }
    return any;
}

/* A cycle of one day more or less must explain less: noise that lasts for days favours none. */
bool ll_seasons_find_week(struct ll_seasons_work *w, double day, double days,
                          struct ll_seasons_finding *found)
{
    double period = days * day;
    if (day < SHORTEST_DAY || 2.9 * period > (double)w->n)
        return false;
    struct ll_seasons_series rest = ll_seasons_work_prepare(w, period);
    struct ll_seasons_gain g = ll_seasons_fold_gain(&rest, period);
    if (!passes(&g, WEEK_SHARE, week_t) && !(g.share > CLEAR_WEEK && g.t > 1.2))
        return false; /* one odd week of four spoils t, however much the others agree */
    double others[] = {period - day, period + day};
    for (size_t i = 0; i < LL_LEN(others); i++)
        if (2.9 * others[i] <= (double)w->n &&
            ll_seasons_fold_gain(&rest, others[i]).share > 0.5 * g.share)
            return false;
    *found = (struct ll_seasons_finding){period, g};
    return true;
}

/* May the k-th part of a period be one?  A short one has to be whole steps: phases of 3.5 steps
 * would fall into bins of their own. */
static bool divides(double k, double period, double shortest)
{
    double part = period / k;
    return part >= shortest && (part >= FINE_PHASES || fmod(round(period), k) == 0);
}

/* Periods that are a whole part of what was found and explain as much take its place, again and
 * again: 144 is 72 is 24. */
static void reduce(const struct ll_seasons_series *rest, struct ll_seasons_finding *f)
{
    for (int k = 2; k <= 3; k++) {
        if (!divides(k, f->period, SHORTEST_PERIOD))
            continue;
        struct ll_seasons_gain g = ll_seasons_fold_gain(rest, f->period / k);
        if (g.share < 0.9 * f->gain.share)
            continue;
        *f = (struct ll_seasons_finding){f->period / k, g};
        k = 1;
    }
}

/* A week found first has its day in it: the day goes first when it is a season by itself. */
static void prefer_day(const struct ll_seasons_series *rest, struct ll_seasons_finding *f)
{
    for (size_t i = 0; i < LL_SEASONS_WEEKS; i++) {
        if (!divides(ll_seasons_weeks[i], f->period, SHORTEST_DAY))
            continue;
        struct ll_seasons_gain g = ll_seasons_fold_gain(rest, f->period / ll_seasons_weeks[i]);
        if (!passes(&g, DAY_SHARE * f->gain.share, any_t))
            continue;
        *f = (struct ll_seasons_finding){
            ll_seasons_phase_refine(rest, f->period / ll_seasons_weeks[i]), g};
        return;
    }
}

bool ll_seasons_find(struct ll_seasons_work *w, const struct ll_season *out, size_t n_out,
                     struct ll_seasons_finding *found)
{
    if (!best_candidate(w, out, n_out, found))
        return false;
    struct ll_seasons_series rest = ll_seasons_work_prepare(w, found->period);
    reduce(&rest, found);
    prefer_day(&rest, found);
    return !explained(w, out, n_out, found->period);
}
