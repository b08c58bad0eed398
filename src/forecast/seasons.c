#include "forecast/seasons.h"

#include <math.h>
#include <string.h>

#include "forecast/seasons_fold.h"
#include "forecast/seasons_lines.h"
#include "stats/quantile.h"

enum { SHORTEST_SERIES = 24, TRIES = 3, NESTED_SHORTEST = 4 };

static const double SHORTEST_PERIOD = 2.5;
static const double BEYOND = 1e300; /* no data: squares of differences would not be finite */
static const double CLIP = 6 * 1.4826;
static const double SHARE = 0.06, NESTED_SHARE = 0.04;

struct work {
    size_t n;
    double *x, *original, *rest, *sums, *profile, *count;
    bool *unseen;
    size_t n_unseen;
    struct ll_seasons_lines *lines;
};

static bool work_init(struct work *w, size_t n, struct ll_arena *a)
{
    *w = (struct work){.n = n};
    w->x = LL_ARENA_NEW(a, double, n);
    w->original = LL_ARENA_NEW(a, double, n);
    w->rest = LL_ARENA_NEW(a, double, n);
    w->sums = LL_ARENA_NEW(a, double, n + 1);
    w->profile = LL_ARENA_NEW(a, double, n);
    w->count = LL_ARENA_NEW(a, double, n);
    w->unseen = LL_ARENA_NEW(a, bool, n);
    w->lines = ll_seasons_lines_new(n, a);
    return w->x && w->original && w->rest && w->sums && w->profile && w->count && w->unseen &&
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

/* Of the values that were seen: the median, and from it the median deviation, or the mean one
 * when most values are the same. */
static double spread(struct work *w, double *median)
{
    size_t n = 0;
    for (size_t t = 0; t < w->n; t++)
        if (!w->unseen[t])
            w->rest[n++] = w->x[t];
    *median = ll_quantile_median(w->rest, n);
    double mean = 0;
    for (size_t i = 0; i < n; i++) {
        w->rest[i] = fabs(w->rest[i] - *median);
        mean += w->rest[i] / (double)n;
    }
    double mad = ll_quantile_median(w->rest, n);
    return mad > 1e-9 * mean ? mad : mean;
}

/* Clips, and scales to a spread of one; false for a constant. */
static bool standardise(struct work *w)
{
    double median, s = spread(w, &median);
    if (!(s > 1e-13 * fabs(median)))
        return false;
    for (size_t t = 0; t < w->n; t++)
        w->x[t] = fmax(fmin((w->x[t] - median) / s, CLIP), -CLIP);
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
    memcpy(w->original, w->x, w->n * sizeof(double));
}

/* Student's t that chance passes four times in a thousand, by degrees of freedom. */
static bool significant(const struct ll_seasons_gain *g)
{
    static const double t[] = {80, 11.1, 6.3, 4.9, 4.2, 3.8, 3.6, 3.45, 3.35, 3.25, 3.2};
    return g->blocks >= 3 && g->t > t[LL_MIN(g->blocks - 2, LL_LEN(t) - 1)];
}

static struct ll_seasons_series series_of(const struct work *w, double *x)
{
    return (struct ll_seasons_series){w->n, x, w->n_unseen > 0 ? w->unseen : NULL};
}

/* Refines the period on x without its trend, and tests it. */
static struct ll_seasons_gain verify(struct work *w, double *period)
{
    struct ll_seasons_series rest = series_of(w, w->rest);
    ll_seasons_detrend(w->x, w->n, *period, w->sums, w->rest);
    *period = ll_seasons_fold_refine(&rest, *period);
    return ll_seasons_fold_gain(&rest, *period);
}

static void take_off(struct work *w, double period)
{
    struct ll_seasons_series rest = series_of(w, w->rest);
    ll_seasons_detrend(w->x, w->n, period, w->sums, w->rest);
    ll_seasons_fold_remove(&rest, period, w->x, w->profile, w->count);
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

/* The best of the candidates in what is left of x. */
static bool find_one(struct work *w, const struct ll_season *out, size_t n_out,
                     struct ll_season *found)
{
    struct ll_seasons_candidate c[LL_SEASONS_CANDIDATES];
    size_t n = ll_seasons_lines_find(w->lines, w->x, SHORTEST_PERIOD, (double)w->n / 3, c);
    bool any = false;
    for (size_t i = 0, tried = 0; i < n && tried < TRIES; i++) {
        double period = c[i].period;
        if (explained(out, n_out, period))
            continue;
        tried++;
        struct ll_seasons_gain g = verify(w, &period);
        if (g.share < SHARE || !significant(&g) || (any && g.share <= found->strength * 1.03))
            continue;
        *found = (struct ll_season){period, g.share};
        any = true;
    }
    return any;
}

/* Does the day of a cycle of `k` days matter?  x is without the day itself.  A cycle of one day
 * more or less must explain less: noise that lasts for days favours none. */
static bool nested(struct work *w, double day, double k, struct ll_season *found)
{
    struct ll_seasons_series rest = series_of(w, w->rest);
    double period = k * day;
    if (3 * period > (double)w->n)
        return false;
    ll_seasons_detrend(w->x, w->n, period, w->sums, w->rest);
    struct ll_seasons_gain g = ll_seasons_fold_gain(&rest, period);
    if (g.share < NESTED_SHARE || !significant(&g))
        return false;
    for (double other = k - 1; other <= k + 1; other += 2) {
        if (3 * other * day > (double)w->n)
            continue;
        if (ll_seasons_fold_gain(&rest, other * day).share > 0.5 * g.share)
            return false;
    }
    *found = (struct ll_season){period, g.share};
    return true;
}

static size_t search(struct work *w, struct ll_season *out)
{
    size_t n = 0;
    while (n < LL_SEASONS_MAX && find_one(w, out, n, &out[n])) {
        double found = out[n++].steps;
        take_off(w, found);
        static const double week[] = {7, 5};
        for (size_t i = 0; i < LL_LEN(week) && n < LL_SEASONS_MAX; i++)
            if (found >= NESTED_SHORTEST && nested(w, found, week[i], &out[n])) {
                take_off(w, out[n++].steps);
                break;
            }
    }
    return n;
}

/* A period of half, a third or a quarter of another is its harmonic. */
static size_t drop_harmonics(struct ll_season *s, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool harmonic = false;
        for (size_t j = 0; j < n; j++) {
            double ratio = round(s[j].steps / s[i].steps);
            harmonic |= ratio >= 2 && ratio <= 4 && near_multiple(s[j].steps, s[i].steps);
        }
        if (!harmonic)
            s[kept++] = s[i];
    }
    return kept;
}

/* What each explains of the series by itself, and the strongest first. */
static void measure(struct work *w, struct ll_season *s, size_t n)
{
    struct ll_seasons_series rest = series_of(w, w->rest);
    for (size_t i = 0; i < n; i++) {
        ll_seasons_detrend(w->original, w->n, s[i].steps, w->sums, w->rest);
        s[i].strength = fmax(fmin(ll_seasons_fold_gain(&rest, s[i].steps).share, 1), 0);
    }
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
    size_t found = drop_harmonics(out, search(&w, out));
    measure(&w, out, found);
    *n_found = found;
    return true;
}

size_t ll_seasons_for_models(const struct ll_season *s, size_t n_found, size_t n, int out[static 2])
{
    int whole[LL_SEASONS_MAX];
    size_t kept = 0;
    for (size_t i = 0; i < n_found && i < LL_SEASONS_MAX; i++) {
        double p = round(s[i].steps);
        bool usable = p >= 2 && 2 * p <= (double)n;
        for (size_t j = 0; j < kept; j++)
            usable &= whole[j] != (int)p;
        if (usable)
            whole[kept++] = (int)p;
    }
    if (kept == 0)
        return 0;
    out[0] = whole[0];
    if (kept == 1)
        return 1;
    int second = whole[1];
    for (size_t j = kept; j-- > 1;) {
        int low = LL_MIN(whole[0], whole[j]), high = LL_MAX(whole[0], whole[j]);
        if (high % low == 0)
            second = whole[j];
    }
    out[0] = LL_MIN(whole[0], second);
    out[1] = LL_MAX(whole[0], second);
    return 2;
}
