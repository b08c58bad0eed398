#include "forecast/seasons.h"

#include <math.h>
#include <string.h>

#include "forecast/seasons_fold.h"
#include "forecast/seasons_lines.h"
#include "stats/quantile.h"

enum { SHORTEST_SERIES = 24, TRIES = 3, FINE_PHASES = 12, SAMPLE = 256 };

static const double SHORTEST_PERIOD = 2.5, SHORTEST_DAY = 4;
static const double BEYOND = 1e300; /* no data: squares of differences would not be finite */
static const double CLIP = 6 * 1.4826;
static const double SHARE = 0.06, NESTED_SHARE = 0.04, DAY_SHARE = 0.15, LEAST = 0.003, CLEAR = 0.5,
                    CLEAR_WEEK = 0.3, EVEN_CYCLES = 3;
static const double week[] = {7, 5}; /* days in one: of the calendar, of sessions */

struct finding {
    double period;
    struct ll_seasons_gain gain;
};

struct work {
    size_t n;
    double *x, *rest, *scale, *sums, *profile, *count;
    double span; /* of what is in rest; 0 = nothing of x as it is */
    bool *unseen;
    size_t n_unseen;
    struct ll_seasons_lines *lines;
};

static bool work_init(struct work *w, size_t n, struct ll_arena *a)
{
    *w = (struct work){.n = n};
    w->x = LL_ARENA_NEW(a, double, n);
    w->rest = LL_ARENA_NEW(a, double, n);
    w->scale = LL_ARENA_NEW(a, double, n);
    w->sums = LL_ARENA_NEW(a, double, n + 2);
    w->profile = LL_ARENA_NEW(a, double, n);
    w->count = LL_ARENA_NEW(a, double, n);
    w->unseen = LL_ARENA_NEW(a, bool, n);
    w->lines = ll_seasons_lines_new(n, a);
    return w->x && w->rest && w->scale && w->sums && w->profile && w->count && w->unseen &&
           w->lines;
}

static bool seen(double v)
{
    return fabs(v) <= BEYOND; /* written so that NaN is not */
}

/* Copies y, with a line between the values around a gap. */
static void fill(struct work *w, const double *y)
{
    size_t before = w->n;
    for (size_t t = 0; t < w->n; t++) {
        w->unseen[t] = !seen(y[t]);
        w->n_unseen += w->unseen[t];
        w->x[t] = y[t];
        if (w->unseen[t])
            continue;
        size_t from = before == w->n ? 0 : before + 1;
        double left = before == w->n ? y[t] : y[before];
        for (size_t i = from; i < t; i++)
            w->x[i] = left + (y[t] - left) * ((double)(i + 1 - from) / (double)(t + 1 - from));
        before = t;
    }
    for (size_t i = before + 1; i < w->n; i++)
        w->x[i] = y[before];
}

/* The median of a regular sample of x, and the median distance from it, or the mean one when most
 * values are the same.  What is clipped by it lies far off, so a sample will do. */
static double spread(struct work *w, double *median)
{
    size_t n = 0, stride = (w->n / SAMPLE) | 1;
    for (size_t t = 0; t < w->n; t += stride)
        w->rest[n++] = w->x[t];
    *median = ll_quantile_median(w->rest, n);
    double mean = 0;
    for (size_t t = 0; t < w->n; t++)
        mean += fabs(w->x[t] - *median) / (double)w->n;
    for (size_t i = 0; i < n; i++)
        w->rest[i] = fabs(w->rest[i] - *median);
    double mad = ll_quantile_median(w->rest, n);
    return mad > 1e-9 * mean ? mad : mean;
}

/* Clips, and scales to a spread of one; false for a constant. */
static bool standardise(struct work *w)
{
    double median, s = spread(w, &median);
    if (!(s > 1e-13 * fabs(median)))
        return false;
    for (size_t t = 0; t < w->n; t++) {
        double v = (w->x[t] - median) / s;
        w->x[t] = v > CLIP ? CLIP : v < -CLIP ? -CLIP : v;
    }
    return true;
}

/* Takes the least-squares line off. */
static void level(struct work *w)
{
    double n = (double)w->n, middle = (n - 1) / 2, mean = 0, slope = 0;
    for (size_t t = 0; t < w->n; t++) {
        mean += w->x[t] / n;
        slope += ((double)t - middle) * w->x[t];
    }
    slope /= n * (n * n - 1) / 12;
    for (size_t t = 0; t < w->n; t++)
        w->x[t] -= mean + slope * ((double)t - middle);
}

/* Student's t by degrees of freedom, from one on.  Any period: of one in a hundred where there are
 * many cycles (few series without a season get this far), of one in two hundred where there are
 * few.  A week of known days, asked for once: of one in forty. */
static const double any_t[] = {64, 9.9, 5.8, 4.6, 4.0, 3.5, 3.1, 2.95, 2.85, 2.75, 2.7};
static const double week_t[] = {13, 4.3, 3.2, 2.8, 2.5, 2.4, 2.3, 2.3, 2.2, 2.2, 2.2};

static bool passes(const struct ll_seasons_gain *g, double share, const double *t)
{
    return g->share > share && g->blocks >= 3 && g->t > t[LL_MIN(g->blocks - 2, LL_LEN(any_t) - 1)];
}

static struct ll_seasons_series series_of(const struct work *w, double *x)
{
    return (struct ll_seasons_series){w->n, x, w->n_unseen > 0 ? w->unseen : NULL};
}

/* rest = x without its trend and with an even spread, for periods about `span`. */
static struct ll_seasons_series prepare(struct work *w, double span)
{
    if (fabs(w->span - span) > 0.02 * span) {
        ll_seasons_detrend(w->x, w->n, span, w->sums, w->rest);
        ll_seasons_even_out(w->rest, w->n, EVEN_CYCLES * span, w->sums, w->scale);
        w->span = span;
    }
    return series_of(w, w->rest);
}

/* Refines the period on x without its trend, and tests it. */
static void verify(struct work *w, struct finding *f)
{
    struct ll_seasons_series rest = prepare(w, f->period);
    f->period = ll_seasons_fold_refine(&rest, f->period);
    f->gain = ll_seasons_fold_gain(&rest, f->period);
}

static bool near_multiple(double longer, double shorter)
{
    double ratio = longer / shorter, whole = round(ratio);
    return whole >= 1 && fabs(ratio - whole) < 0.02 * whole;
}

/* A line of a season that was found already, or of one of its harmonics. */
static bool explained(const struct ll_season *out, size_t n, double period)
{
    for (size_t i = 0; i < n; i++)
        if (period < 1.03 * out[i].steps && near_multiple(out[i].steps, period))
            return true;
    return false;
}

/* The candidate that explains most of what is left of x. */
static bool best_candidate(struct work *w, const struct ll_season *out, size_t n_out,
                           struct finding *found)
{
    struct ll_seasons_candidate c[LL_SEASONS_CANDIDATES];
    size_t n = ll_seasons_lines_find(w->lines, w->x, SHORTEST_PERIOD, (double)w->n / 3, c);
    bool any = false;
    for (size_t i = 0, tried = 0; i < n && tried < TRIES; i++) {
        if (any && found->gain.share > CLEAR)
            break;
        if (explained(out, n_out, c[i].period))
            continue;
        tried++;
        struct finding f = {.period = c[i].period};
        verify(w, &f);
        if (explained(out, n_out, f.period) || !passes(&f.gain, SHARE, any_t) ||
            (any && f.gain.share <= 1.03 * found->gain.share))
            continue;
        *found = f;
        any = true;
    }
    return any;
}

/* Does the day of a cycle of `k` days matter?  x is without the day itself.  A cycle of one day
 * more or less must explain less: noise that lasts for days favours none. */
static bool nested(struct work *w, double day, double k, struct finding *found)
{
    double period = k * day;
    if (2.9 * period > (double)w->n)
        return false;
    struct ll_seasons_series rest = prepare(w, period);
    struct ll_seasons_gain g = ll_seasons_fold_gain(&rest, period);
    if (!passes(&g, NESTED_SHARE, week_t) && !(g.share > CLEAR_WEEK && g.t > 1.2))
        return false; /* one odd week of four spoils t, however much the others agree */
    for (double other = k - 1; other <= k + 1; other += 2) {
        if (2.9 * other * day > (double)w->n)
            continue;
        if (ll_seasons_fold_gain(&rest, other * day).share > 0.5 * g.share)
            return false;
    }
    *found = (struct finding){period, g};
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
static void reduce(const struct ll_seasons_series *rest, struct finding *f)
{
    for (double k = 2; k <= 3; k++) {
        if (!divides(k, f->period, SHORTEST_PERIOD))
            continue;
        struct ll_seasons_gain g = ll_seasons_fold_gain(rest, f->period / k);
        if (g.share < 0.9 * f->gain.share)
            continue;
        *f = (struct finding){f->period / k, g};
        k = 1;
    }
}

/* A week found first has its day in it: the day goes first when it is a season by itself. */
static void prefer_day(const struct ll_seasons_series *rest, struct finding *f)
{
    for (size_t i = 0; i < LL_LEN(week); i++) {
        if (!divides(week[i], f->period, SHORTEST_DAY))
            continue;
        struct ll_seasons_gain g = ll_seasons_fold_gain(rest, f->period / week[i]);
        if (!passes(&g, DAY_SHARE * f->gain.share, any_t))
            continue;
        *f = (struct finding){ll_seasons_fold_refine(rest, f->period / week[i]), g};
        return;
    }
}

/* The fundamental of the best candidate, and its day. */
static bool find_one(struct work *w, const struct ll_season *out, size_t n_out,
                     struct finding *found)
{
    if (!best_candidate(w, out, n_out, found))
        return false;
    struct ll_seasons_series rest = prepare(w, found->period);
    reduce(&rest, found);
    prefer_day(&rest, found);
    return true;
}

/* Keeps what was found, as a share of what others left, and takes it off the series; false when
 * it is next to nothing. */
static bool accept(struct work *w, const struct finding *f, struct ll_season *out, size_t *n)
{
    double left = 1;
    for (size_t i = 0; i < *n; i++)
        left -= out[i].strength;
    double strength = LL_MIN(f->gain.share, 1) * LL_MAX(left, 0);
    if (strength < LEAST)
        return false;
    out[(*n)++] = (struct ll_season){f->period, strength};
    struct ll_seasons_series rest = prepare(w, f->period);
    ll_seasons_fold_remove(&rest, w->scale, f->period, w->x, w->profile, w->count);
    w->span = 0;
    return true;
}

static size_t search(struct work *w, struct ll_season *out)
{
    size_t n = 0;
    struct finding f, nest;
    while (n < LL_SEASONS_MAX && find_one(w, out, n, &f) && accept(w, &f, out, &n))
        for (size_t i = 0; i < LL_LEN(week) && n < LL_SEASONS_MAX; i++)
            if (f.period >= SHORTEST_DAY && nested(w, f.period, week[i], &nest) &&
                accept(w, &nest, out, &n))
                break;
    return n;
}

/* The season that s[i] is a harmonic of; n when there is none.  A day has its place beside a week
 * of five or seven. */
static size_t fundamental_of(const struct ll_season *s, size_t n, size_t i)
{
    size_t j = 0;
    for (; j < n; j++) {
        double ratio = round(s[j].steps / s[i].steps);
        if (ratio >= 2 && ratio <= FINE_PHASES && ratio != week[0] && ratio != week[1] &&
            near_multiple(s[j].steps, s[i].steps))
            break;
    }
    return j;
}

/* A harmonic is no season by itself; its strength goes to its fundamental. */
static size_t drop_harmonics(struct ll_season *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t j = fundamental_of(s, n, i);
        if (j == n) {
            i++;
            continue;
        }
        s[j].strength = LL_MIN(s[j].strength + s[i].strength, 1);
        memmove(&s[i], &s[i + 1], (--n - i) * sizeof(*s));
        i = 0;
    }
    return n;
}

static void sort_by_strength(struct ll_season *s, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && s[j].strength > s[j - 1].strength; j--) {
            struct ll_season t = s[j];
            s[j] = s[j - 1];
            s[j - 1] = t;
        }
}

bool ll_seasons_detect(const double *y, size_t n, struct ll_arena *scratch,
                       struct ll_season out[static LL_SEASONS_MAX], size_t *n_found,
                       struct ll_err *err)
{
    size_t first = 0, n_seen = 0;
    if (n > LL_SEASONS_STEPS_MAX) {
        y += n - LL_SEASONS_STEPS_MAX;
        n = LL_SEASONS_STEPS_MAX;
    }
    while (n > 0 && !seen(y[n - 1]))
        n--;
    while (first < n && !seen(y[first]))
        first++;
    for (size_t t = first; t < n; t++)
        n_seen += seen(y[t]);
    *n_found = 0;
    if (n_seen < SHORTEST_SERIES || 2 * n_seen < n - first)
        return true;
    struct work w;
    if (!work_init(&w, n - first, scratch))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the seasons of %zu steps", n);
    fill(&w, y + first);
    if (!standardise(&w))
        return true;
    level(&w);
    *n_found = drop_harmonics(out, search(&w, out));
    sort_by_strength(out, *n_found);
    return true;
}

/* The longer of two in whole steps: a multiple of the shorter if it is one but for rounding. */
static int longer_of(int shorter, double steps)
{
    double whole = round(steps), multiple = shorter * round(steps / shorter);
    return (int)(fabs(multiple - whole) <= 1 && multiple > shorter ? multiple : whole);
}

size_t ll_seasons_for_models(const struct ll_season *s, size_t n_found, size_t n, int out[static 2])
{
    size_t kept = 0;
    bool multiple = false;
    int first = 0;
    for (size_t i = 0; i < n_found; i++) {
        int p = (int)LL_MIN(round(s[i].steps), (double)n);
        if (p < 2 || 2 * (size_t)p > n)
            continue;
        if (kept == 0) {
            first = out[kept++] = p;
            continue;
        }
        int low = LL_MIN(first, p);
        int high = longer_of(low, p > first ? s[i].steps : first);
        if (high == low || 2 * (size_t)high > n || (kept == 2 && (multiple || high % low != 0)))
            continue;
        multiple = high % low == 0;
        out[0] = low;
        out[1] = high;
        kept = 2;
    }
    return kept;
}
