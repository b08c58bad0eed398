#include "forecast/seasons.h"

#include <math.h>
#include <string.h>

#include "forecast/seasons_find.h"
#include "forecast/seasons_level.h"

enum { SHORTEST_SERIES = 24, HARMONIC_MAX = 12 };

static const double LEAST = 0.003;       /* strength that is worth a word, */
static const double LEAST_BESIDE = 0.01; /* and a place in models beside a stronger one */

static bool work_init(struct ll_seasons_work *w, size_t n, struct ll_arena *a)
{
    *w = (struct ll_seasons_work){.n = n};
    w->x = LL_ARENA_NEW(a, double, n);
    w->rest = LL_ARENA_NEW(a, double, n);
    w->sums = LL_ARENA_NEW(a, double, n + 2);
    w->scale = LL_ARENA_NEW(a, double, n);
    w->lines = ll_seasons_lines_new(n, a);
    return w->x && w->rest && w->sums && w->scale && w->lines;
}

/* Keeps what was found, as a share of what others left, and takes it off the series; false when
 * it is next to nothing. */
static bool accept(struct ll_seasons_work *w, const struct ll_seasons_finding *f,
                   struct ll_season *out, size_t *n)
{
    double left = 1;
    for (size_t i = 0; i < *n; i++)
        left -= out[i].strength;
    double strength = LL_MIN(f->gain.share, 1) * LL_MAX(left, 0);
    if (strength < LEAST)
        return false;
    out[(*n)++] = (struct ll_season){f->period, strength};
    struct ll_seasons_series rest = ll_seasons_work_prepare(w, f->period);
    ll_seasons_fold_remove(&rest, w->scale, f->period, w->x, w->sums);
    w->span = 0;
    return true;
}

static size_t search(struct ll_seasons_work *w, struct ll_season *out)
{
    size_t n = 0;
    struct ll_seasons_finding f, nest;
    while (n < LL_SEASONS_MAX && ll_seasons_find(w, out, n, &f) && accept(w, &f, out, &n))
        for (size_t i = 0; i < LL_SEASONS_WEEKS && n < LL_SEASONS_MAX; i++)
            if (ll_seasons_find_week(w, f.period, ll_seasons_weeks[i], &nest) &&
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
        if (ratio >= 2 && ratio <= HARMONIC_MAX && ratio != ll_seasons_weeks[0] &&
            ratio != ll_seasons_weeks[1] && ll_seasons_multiple(s[j].steps, s[i].steps))
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
    while (n > 0 && !ll_seasons_seen(y[n - 1]))
        n--;
    while (first < n && !ll_seasons_seen(y[first]))
        first++;
    for (size_t t = first; t < n; t++)
        n_seen += ll_seasons_seen(y[t]);
    *n_found = 0;
    if (n_seen < SHORTEST_SERIES || 2 * n_seen < n - first)
        return true;
    struct ll_seasons_work w;
    bool *unseen = LL_ARENA_NEW(scratch, bool, n - first);
    if (!unseen || !work_init(&w, n - first, scratch))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the seasons of %zu steps", n);
    if (!ll_seasons_level(y + first, n - first, w.x, unseen, w.rest))
        return true;
    w.unseen = n_seen < n - first ? unseen : NULL;
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
        if (p < 2 || 2 * (size_t)p > n || (kept > 0 && s[i].strength < LEAST_BESIDE))
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
