/* A walk over the days of a grid, with the newest regular days at hand. */
#include <math.h>

#include "forecast/effects_private.h"
#include "stats/explog.h"

enum {
    WEEKDAYS = 7,     /* rings of regular days: one a weekday, or only the first */
    REGULAR_MAX = 10, /* regular days before a day on a SESSION grid */
    REGULAR_MIN = 3,
    WEEKLY_MAX = 4, /* the same on others: of its weekday */
    WEEKLY_MIN = 2,
    SLOTS_MIN = 5 /* of a day for it to have parts */
};
static const double log_most = 4.6;     /* no day is more than a hundred times another */
static const double decay = 0.5;        /* weight of a regular day over that of the next newer */
static const double common_slots = 0.8; /* of the day, for a regular day to be compared */

struct day { /* steps from..to - 1 */
    size_t from, to;
};

struct ring { /* the newest regular days */
    struct day v[REGULAR_MAX];
    size_t n; /* ever put */
};

struct walk {
    const struct ll_grid *g;
    struct ring regular[WEEKDAYS];
    struct ll_effect_ratios *out;
};

enum ll_effect_part ll_effect_part_of(const struct ll_grid *g, size_t step)
{
    if (g->kind != LL_GRID_SESSION || g->n_seasons < 2 || g->season[0] < SLOTS_MIN)
        return LL_EFFECT_MIDDLE;
    size_t slots = (size_t)g->season[0], slot = (step + g->first_slot) % slots;
    if (8 * (2 * slot + 1) < 2 * slots)
        return LL_EFFECT_OPEN;
    return 8 * (2 * slot + 1) > 14 * slots ? LL_EFFECT_CLOSE : LL_EFFECT_MIDDLE;
}

int ll_effect_month(const struct ll_grid *g, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (g->t[i] != LL_TIME_NONE)
            return ll_time_civil(g->t[i]).month - 1;
    return -1;
}

/* Logarithms of ratios; NaN = nothing to compare. */
struct compared {
    double day, part[LL_EFFECT_PARTS];
};

static double log_ratio(double a, double b)
{
    double ratio = a > 0 && b > 0 ? a / b : (double)NAN;
    return ratio > 0 && isfinite(ratio) ? ll_explog_log(ratio) : (double)NAN;
}

/* A day to a regular one, over the steps that both have; nothing when they are few. */
static struct compared compare(const struct ll_grid *g, struct day a, struct day b)
{
    double of_a[LL_EFFECT_PARTS] = {0}, of_b[LL_EFFECT_PARTS] = {0}, all_a = 0, all_b = 0;
    size_t common = 0, had = 0;
    for (size_t i = 0; i < a.to - a.from; i++) {
        had += isfinite(g->y[a.from + i]) != 0;
        if (i >= b.to - b.from || !isfinite(g->y[a.from + i]) || !isfinite(g->y[b.from + i]))
            continue;
        enum ll_effect_part part = ll_effect_part_of(g, a.from + i);
        of_a[part] += g->y[a.from + i];
        of_b[part] += g->y[b.from + i];
        common++;
    }
    bool enough = common > 0 && (double)common >= common_slots * (double)had;
    struct compared x = {.day = NAN};
    for (int p = 0; p < LL_EFFECT_PARTS; p++) {
        x.part[p] = enough ? log_ratio(of_a[p], of_b[p]) : (double)NAN;
        all_a += of_a[p];
        all_b += of_b[p];
    }
    x.day = enough ? log_ratio(all_a, all_b) : (double)NAN;
    return x;
}

static struct ring *ring_of(struct walk *w, struct day d)
{
    return &w->regular[w->g->kind == LL_GRID_SESSION ? 0 : w->g->day[d.from] % WEEKDAYS];
}

/* Of a day to the regular days before it; nothing when there are too few. */
static struct compared ratio_of(struct walk *w, struct day d)
{
    bool session = w->g->kind == LL_GRID_SESSION;
    size_t most = session ? REGULAR_MAX : WEEKLY_MAX, least = session ? REGULAR_MIN : WEEKLY_MIN;
    const struct ring *r = ring_of(w, d);
    struct compared sum = {0};
    double weights = 0, weight = 1;
    size_t n = 0;
    for (size_t i = r->n; i-- > 0 && r->n - i <= most;) {
        const struct compared x = compare(w->g, d, r->v[i % REGULAR_MAX]);
        if (isnan(x.day))
            continue;
        sum.day += weight * x.day;
        for (int p = 0; p < LL_EFFECT_PARTS; p++)
            sum.part[p] += weight * x.part[p]; /* a part that one lacks is not known: NaN */
        weights += weight;
        weight *= session ? decay : 1;
        n++;
    }
    sum.day = n < least ? (double)NAN : sum.day / weights;
    for (int p = 0; p < LL_EFFECT_PARTS; p++)
        sum.part[p] = sum.part[p] / weights - sum.day;
    return sum;
}

static void keep(struct ll_ratios *x, double ratio)
{
    if (isnan(ratio))
        return;
    ratio = fmin(fmax(ratio, -log_most), log_most);
    x->v[x->n++ % LL_RATIOS_KEPT] = ratio;
}

static void put_day(struct walk *w, struct day d)
{
    size_t class = w->g->day_class[d.from];
    const struct compared x = ratio_of(w, d);
    keep(&w->out->of[class], x.day);
    for (int p = 0; p < LL_EFFECT_PARTS; p++)
        keep(&w->out->part[class][p], x.part[p]);
    int month = class == LL_GRID_CLASS_HALF ? ll_effect_month(w->g, d.from, d.to) : -1;
    if (month >= 0)
        keep(&w->out->half[month], x.day);
    if (class == LL_GRID_CLASS_REGULAR) {
        struct ring *r = ring_of(w, d);
        r->v[r->n++ % REGULAR_MAX] = d;
    }
}

/* Whole days only: a series may begin and end in one. */
void ll_effects_ratios(const struct ll_grid *g, struct ll_effect_ratios *x)
{
    struct walk w = {.g = g, .out = x};
    size_t from = 0;
    while (from < g->n && g->day[from] == g->day[0])
        from++;
    for (size_t to = from; from < g->n; from = to) {
        while (to < g->n + g->h && g->day[to] == g->day[from])
            to++;
        if (to > g->n)
            return;
        put_day(&w, (struct day){from, to});
    }
}
