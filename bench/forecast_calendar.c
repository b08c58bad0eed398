/* What a calendar is worth to a forecast of load.
 *
 *     forecast_calendar RULES trade FILE...          volume of US stocks on days of a class
 *     forecast_calendar RULES clock CODE FILE...     weeks after a change of daylight saving
 *
 * RULES is a folder of calendars over those in the program.  Files are long CSV of hourly values.
 * Trade: at each open from 1999 on the session is forecast with what was known by then: the grid of
 * sessions, effects of days learned on all the past, the portfolio on the newest 1,344 steps.
 * Blind is the same portfolio on the same grid without effects and half days.  Clock: forecasts
 * made on the Saturday before a change, beside those of ordinary weeks; a shift of the forecast by
 * an hour that makes it better is an error of phase. */
#include "forecast_calendar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/measure.h"
#include "forecast/portfolio.h"

enum { SERIES_MAX = 8, SLOTS_MAX = 32, EVERY = 10, HOUR_MS = 3600000, CLASSES = 16 };

void cal_must(bool ok, const struct ll_err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

struct cal_series cal_read(const struct bench_series *b)
{
    struct cal_series out = {.s = {.step = HOUR_MS, .t0 = INT64_MAX}};
    snprintf(out.name, sizeof(out.name), "%s", b->name);
    for (size_t i = 0; i < b->points.n; i++)
        out.s.t0 = LL_MIN(out.s.t0, ll_time_floor(b->points.v[i].t, HOUR_MS));
    out.s.y = bench_hourly(b, &out.s.n);
    return out;
}

void cal_forecast(const struct ll_grid *g, const struct ll_effects *effects, const int season[2],
                  size_t h, bool zero, double *out)
{
    size_t n = LL_MIN(g->n, (size_t)CAL_TRAIN), from = g->n - n;
    double *actual = malloc(n * sizeof(double)), *filled = malloc(n * sizeof(double));
    double *clean = malloc(n * sizeof(double));
    memcpy(actual, g->y + from, n * sizeof(double));
    if (effects)
        ll_effects_apply(effects, g, from, g->n, -1, actual);
    for (size_t i = 0; zero && i < n; i++)
        actual[i] = isnan(actual[i]) ? 0 : actual[i];
    memcpy(filled, actual, n * sizeof(double));
    bench_fill(filled, n, (size_t)season[0]);
    bench_winsorise(filled, n, n >= 3 * (size_t)season[1] ? (size_t)season[1] : (size_t)season[0],
                    clean);
    const struct ll_portfolio_ask ask = {.clean = clean,
                                         .filled = filled,
                                         .actual = actual,
                                         .n = n,
                                         .h = h,
                                         .origins = 6,
                                         .m1 = season[0],
                                         .m2 = season[1],
                                         .ceiling = INFINITY,
                                         .alpha = NAN};
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    struct ll_portfolio p;
    struct ll_err err;
    cal_must(ll_portfolio_run(&ask, arena, &p, &err), &err);
    memcpy(out, p.point, h * sizeof(double));
    if (effects)
        ll_effects_apply(effects, g, g->n, g->n + h, 1, out);
    free(actual);
    free(filled);
    free(clean);
}

enum way { BLIND, OWN, POOLED, WAYS };
static const char *const way_names[WAYS] = {"blind", "own", "pooled"};

struct sums {
    size_t n;
    double ape[WAYS];  /* of the day's total */
    double hour[WAYS]; /* absolute errors of hours over the day's total */
};

/* One series at one open. */
struct at_open {
    struct ll_grid grid;
    struct ll_effects own;
};

static const double *actuals(const struct cal_series *s, const struct ll_grid *g, double *total,
                             double *hours)
{
    *total = 0;
    for (size_t i = 0; i < g->n_ahead; i++) {
        size_t step = (size_t)((g->ahead[i].t - s->s.t0) / HOUR_MS);
        hours[i] = step < s->s.n ? s->s.y[step] : (double)NAN;
        *total += isnan(hours[i]) ? 0 : hours[i];
    }
    return hours;
}

/* Without a calendar the day has all its slots, one an hour from its open. */
static void judge(const struct cal_series *s, const struct at_open *a, enum way way,
                  const struct ll_effects *effects, struct sums *sums)
{
    const struct ll_grid *g = &a->grid;
    size_t slots = (size_t)g->season[0], h = LL_MAX(g->h, slots);
    double point[2 * SLOTS_MAX], hours[SLOTS_MAX], total, forecast = 0;
    actuals(s, g, &total, hours);
    cal_forecast(g, effects, g->season, way == BLIND ? h : g->h, false, point);
    for (size_t i = 0; way == BLIND && i < slots; i++)
        forecast += point[i];
    for (size_t i = 0; i < g->n_ahead; i++) {
        double f = point[way == BLIND ? i : g->ahead[i].step - g->n];
        forecast += way == BLIND ? 0 : f;
        sums->hour[way] += isnan(hours[i]) ? 0 : fabs(hours[i] - f) / total;
    }
    sums->ape[way] += fabs(forecast / total - 1);
    sums->n += way == BLIND;
}

static void look(const struct cal_series *s, size_t n_series, const struct at_open *a,
                 struct sums sums[][CLASSES])
{
    size_t class = a[0].grid.day_class[a[0].grid.n];
    class = LL_MIN(class, (size_t)LL_GRID_CLASSES); /* events by name together */
    for (size_t i = 0; i < n_series; i++) {
        double total, hours[SLOTS_MAX];
        struct ll_effects pool, pooled;
        actuals(&s[i], &a[i].grid, &total, hours);
        if (!(total > 0))
            continue;
        ll_effects_none(&pool);
        for (size_t k = 0; k < n_series; k++)
            if (k != i)
                ll_effects_pool(&pool, &a[k].own);
        ll_effects_learn(&a[i].grid, &pool, &pooled);
        judge(&s[i], &a[i], BLIND, NULL, &sums[i][class]);
        judge(&s[i], &a[i], OWN, &a[i].own, &sums[i][class]);
        judge(&s[i], &a[i], POOLED, &pooled, &sums[i][class]);
    }
}

static void print(const char *name, const char *class, const struct sums *x)
{
    if (x->n == 0)
        return;
    printf("%-12s %-13s %4zu days  day APE", name, class, x->n);
    for (int w = 0; w < WAYS; w++)
        printf("  %s %5.1f %%", way_names[w], 100 * x->ape[w] / (double)x->n);
    printf("   hours");
    for (int w = 0; w < WAYS; w++)
        printf("  %s %5.1f %%", way_names[w], 100 * x->hour[w] / (double)x->n);
    printf("\n");
}

static void learned(const struct cal_series *s, const struct at_open *a)
{
    printf("%s learned:", s->name);
    for (size_t k = 1; k < LL_GRID_CLASSES + a->own.n_events; k++)
        if (a->own.of[k].n)
            printf(" %s %.2f (%zu)", ll_grid_class_name(&a->grid, k), a->own.of[k].factor,
                   a->own.of[k].n);
    printf("\n");
}

/* The grid of what was known at the session's open, and the session ahead. */
static void open_at(const struct cal_series *s, const struct ll_session *x,
                    const struct ll_calendar *c, const struct ll_market_events *events,
                    struct ll_arena *arena, struct at_open *a)
{
    struct ll_series known = s->s;
    struct ll_err err;
    size_t hours = (size_t)((x->close - 1 - s->s.t0) / HOUR_MS - (x->open - s->s.t0) / HOUR_MS) + 1;
    known.n = (size_t)((x->open - s->s.t0) / HOUR_MS);
    cal_must(ll_grid_make(&known, hours, c, events, arena, &a->grid, &err), &err);
    LL_ASSERT(a->grid.kind == LL_GRID_SESSION && a->grid.season[0] <= SLOTS_MAX);
    ll_effects_learn(&a->grid, NULL, &a->own);
}

static void trade(struct ll_calendars *set, const struct cal_series *s, size_t n_series)
{
    static struct sums sums[SERIES_MAX][CLASSES];
    static struct at_open at[SERIES_MAX];
    const struct ll_calendar *c;
    struct ll_market_events *events = NULL;
    const struct ll_session *x;
    struct ll_err err;
    const ll_day first = ll_day_of(1999, 1, 1), last = ll_day_of(2021, 3, 31);
    cal_must(ll_calendars_get(set, LL_SLICE("XNYS"), &c, &err), &err);
    cal_must(ll_calendars_events(set, LL_SLICE("XNYS"), ll_day_of(1997, 1, 1),
                                 ll_day_of(2022, 1, 1), LL_TIME_NONE, &events, &err),
             &err);
    size_t n = ll_calendar_sessions(c, first, last, &x);
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 30);
    for (size_t i = 0; i < n; i++) {
        struct ll_date d = ll_day_date(x[i].date);
        bool special = (x[i].flags & LL_SESSION_HALF) || (d.month == 12 && d.day >= 26) ||
                       ll_market_events_day_class(events, c, x[i].date) == LL_DAY_CLASS_EXPIRY;
        if (!special && i % EVERY != 0)
            continue;
        ll_arena_reset(arena);
        for (size_t k = 0; k < n_series; k++)
            open_at(&s[k], &x[i], c, events, arena, &at[k]);
        look(s, n_series, at, sums);
    }
    for (size_t k = 0; k < n_series; k++) {
        for (size_t class = 0; class < LL_GRID_CLASSES; class ++)
            print(s[k].name, ll_grid_class_name(&at[k].grid, class), &sums[k][class]);
        print(s[k].name, "by name", &sums[k][LL_GRID_CLASSES]);
        learned(&s[k], &at[k]);
    }
    ll_market_events_free(events);
}

static size_t read_files(char **files, int n_files, struct cal_series out[static SERIES_MAX])
{
    size_t n = 0;
    for (int i = 0; i < n_files; i++) {
        struct bench_set set = bench_read(files[i]);
        for (size_t k = 0; k < set.n && n < SERIES_MAX; k++)
            out[n++] = cal_read(&set.v[k]);
        bench_free(&set);
    }
    return n;
}

int main(int argc, char **argv)
{
    struct cal_series s[SERIES_MAX];
    struct ll_calendars *set;
    struct ll_err err;
    bool clock = argc > 4 && strcmp(argv[2], "clock") == 0;
    if (argc < 4 || (!clock && strcmp(argv[2], "trade") != 0)) {
        fprintf(stderr, "usage: see the head of bench/forecast_calendar.c\n");
        return 2;
    }
    const struct ll_calendars_options o = {.rules = argv[1], .to = ll_day_of(2030, 12, 31)};
    cal_must(ll_calendars_open(&o, &set, &err), &err);
    size_t n = read_files(argv + 3 + clock, argc - 3 - clock, s);
    if (!clock)
        trade(set, s, n);
    for (size_t i = 0; clock && i < n; i++) {
        const struct ll_calendar *c;
        cal_must(ll_calendars_get(set, ll_slice_of(argv[3]), &c, &err), &err);
        cal_clock_changes(&s[i], c, strcmp(argv[3], "XNYS") == 0);
    }
    for (size_t i = 0; i < n; i++)
        free((double *)(uintptr_t)s[i].s.y);
    ll_calendars_unref(set);
    return 0;
}
