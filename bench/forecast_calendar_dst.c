/* Weeks after a change of daylight saving. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast_calendar.h"

enum {
    HOUR_MS = 3600000,
    WEEK = 168,
    SHIFTS = 5,   /* -2 .. 2 hours */
    ORDINARY = 4, /* weeks before the change that are none: from the second to the fifth */
};

/* Absolute errors when the forecast is moved by -2 .. 2 hours: what was said for a later hour is
 * taken for this one. */
struct curve {
    double error[SHIFTS], volume;
    size_t n, best_is_0;
};

struct sums {
    struct curve spring, autumn, ordinary;
};

static size_t best(const double *error)
{
    size_t at = SHIFTS / 2;
    for (size_t i = 0; i < SHIFTS; i++)
        at = error[i] < error[at] ? i : at;
    return at;
}

/* The week from t on: what came, and the same by the forecast, with two hours at both ends. */
static void add(struct curve *x, const double *actual, const double *forecast)
{
    double error[SHIFTS] = {0}, volume = 0;
    for (size_t i = 2; i + 2 < WEEK; i++) {
        if (isnan(actual[i]))
            continue;
        volume += actual[i];
        for (size_t k = 0; k < SHIFTS; k++)
            error[k] += fabs(actual[i] - forecast[i + k - 2]);
    }
    if (!(volume > 0))
        return;
    for (size_t k = 0; k < SHIFTS; k++)
        x->error[k] += error[k] / volume;
    x->n++;
    x->best_is_0 += best(error) == SHIFTS / 2;
}

/* Forecast of a week from the hour `origin` on, by the hour. */
static bool week(const struct cal_series *s, size_t origin, const struct ll_calendar *c, bool zero,
                 double forecast[static WEEK])
{
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)1 << 28);
    const size_t seen = LL_MIN(origin, (size_t)2 * CAL_TRAIN * (zero && c ? 4 : 1));
    const struct ll_series known = {.t0 = s->s.t0 + (ll_time)(origin - seen) * HOUR_MS,
                                    .step = HOUR_MS,
                                    .y = s->s.y + origin - seen,
                                    .n = seen};
    /* Of sessions a week has five days. */
    size_t horizon = zero && c ? 35 : WEEK;
    struct ll_grid g;
    struct ll_err err;
    cal_must(ll_grid_make(&known, horizon, c, NULL, arena, &g, &err), &err);
    const int clock[2] = {24, WEEK};
    double *point = malloc(g.h * sizeof(double));
    cal_forecast(&g, NULL, g.n_seasons == 2 ? g.season : clock, g.h,
                 zero && g.kind != LL_GRID_SESSION, point);
    for (size_t i = 0; i < WEEK; i++)
        forecast[i] = zero ? 0 : (double)NAN;
    for (size_t i = 0; i < g.n_ahead; i++) {
        size_t hour = (size_t)((g.ahead[i].t - s->s.t0) / HOUR_MS) - origin;
        if (hour < WEEK)
            forecast[hour] = point[g.ahead[i].step - g.n];
    }
    free(point);
    return true;
}

static void measure(const struct cal_series *s, size_t origin, const struct ll_calendar *c,
                    bool zero, struct curve *x)
{
    double forecast[WEEK], actual[WEEK];
    if (origin < CAL_TRAIN / 2 || origin + WEEK > s->s.n)
        return;
    for (size_t i = 0; i < WEEK; i++) {
        double v = s->s.y[origin + i];
        actual[i] = zero && isnan(v) ? 0 : v;
    }
    if (week(s, origin, c, zero, forecast))
        add(x, actual, forecast);
}

static void print_curve(const char *name, const struct curve *x)
{
    if (x->n == 0)
        return;
    printf("    %-9s %3zu weeks  WAPE %5.1f %%  moved", name, x->n,
           100 * x->error[SHIFTS / 2] / (double)x->n);
    for (int k = 0; k < SHIFTS; k++)
        printf(" %+d h %5.1f", k - SHIFTS / 2, 100 * x->error[k] / (double)x->n);
    printf("  best %+d h; 0 is best in %zu\n", (int)best(x->error) - SHIFTS / 2, x->best_is_0);
}

static void print(const char *grid, const struct sums *x)
{
    printf("  %s grid\n", grid);
    print_curve("ordinary", &x->ordinary);
    print_curve("spring", &x->spring);
    print_curve("autumn", &x->autumn);
}

/* Midnight after the Saturday before the change. */
static size_t saturday(const struct cal_series *s, const struct ll_tz *tz, ll_time change,
                       int weeks_before)
{
    ll_time local = change + ll_tz_at(tz, change - 1).offset;
    ll_day sunday = (ll_day)ll_time_day(local);
    while (ll_day_weekday(sunday) != 6)
        sunday--;
    ll_time t = ll_tz_utc_of(tz, (sunday - 7 * weeks_before) * LL_DAY, NULL);
    return t < s->s.t0 ? 0 : (size_t)((t - s->s.t0) / HOUR_MS);
}

void cal_clock_changes(const struct cal_series *s, const struct ll_calendar *c, bool zero)
{
    const struct ll_tz *tz = ll_calendar_tz(c);
    ll_time end = s->s.t0 + (ll_time)s->s.n * HOUR_MS;
    struct sums sums[2] = {0};
    for (ll_time t = ll_tz_next_change(tz, s->s.t0, end); t != LL_TIME_NONE;
         t = ll_tz_next_change(tz, t, end)) {
        bool spring = ll_tz_at(tz, t).offset > ll_tz_at(tz, t - 1).offset;
        for (int with = 0; with < 2; with++) {
            const struct ll_calendar *mine = with ? c : NULL;
            measure(s, saturday(s, tz, t, 0), mine, zero,
                    spring ? &sums[with].spring : &sums[with].autumn);
            for (int w = 2; w < 2 + ORDINARY; w++)
                measure(s, saturday(s, tz, t, w), mine, zero, &sums[with].ordinary);
        }
    }
    printf("%s\n", s->name);
    print("clock", &sums[0]);
    print("calendar's", &sums[1]);
}
