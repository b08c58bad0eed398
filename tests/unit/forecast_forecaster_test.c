/* The forecaster as a whole: from odd histories to finite answers, and what it says of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calendar_make.h"
#include "forecast/forecaster.h"
#include "support.h"

enum { N = 900, H = 48 };

static struct ll_arena *arena;
static struct ll_err err;

/* A test begins with this and ends with close_arena. */
static void open_arena(void)
{
    arena = ll_arena_new((size_t)1 << 30);
    ck_assert_ptr_nonnull(arena);
    err = (struct ll_err){0};
}

static void close_arena(void)
{
    ll_arena_free(arena);
}

static double noise(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53 - 0.5;
}

static double daily(size_t t)
{
    return 100 + 40 * sin(2 * M_PI * (double)t / 24) + (t / 24 % 7 < 5 ? 25 : 0);
}

static struct ll_series hourly(const double *y, size_t n)
{
    return (struct ll_series){make_time("2026-03-02T00:00Z"), LL_HOUR, y, n};
}

static struct ll_forecast run(const struct ll_series *s, size_t h,
                              const struct ll_forecast_options *o)
{
    struct ll_forecast f;
    ck_assert_msg(ll_forecast_series(s, h, o, arena, &f, &err), "%s", err.text);
    for (size_t i = 0; i < f.n_points; i++) {
        const struct ll_forecast_point *p = &f.points[i];
        ck_assert(isfinite(p->predicted_value));
        ck_assert(isfinite(p->confidence_lower) && isfinite(p->confidence_upper));
        ck_assert_double_le(p->confidence_lower, p->predicted_value);
        ck_assert_double_ge(p->confidence_upper, p->predicted_value);
    }
    ck_assert(f.model_used[0] && f.reason[0]);
    return f;
}

START_TEST(a_daily_and_weekly_rhythm_goes_on)
{
    open_arena();
    double y[N], worst = 0, inside = 0;
    uint64_t seed = 7;
    for (size_t t = 0; t < N; t++)
        y[t] = daily(t) + 6 * noise(&seed);
    struct ll_series s = hourly(y, N);
    struct ll_forecast f = run(&s, H, NULL);
    ck_assert_uint_eq(f.n_points, H);
    ck_assert_int_eq(f.m1, 24);
    ck_assert_int_eq(f.m2, 168);
    ck_assert_str_eq(f.model_used, "auto");
    for (size_t i = 0; i < H; i++) {
        ck_assert_int_eq(f.points[i].timestamp, s.t0 + (ll_time)(N + i) * LL_HOUR);
        worst = fmax(worst, fabs(f.points[i].predicted_value - daily(N + i)));
        inside += f.points[i].confidence_lower <= daily(N + i) &&
                  daily(N + i) <= f.points[i].confidence_upper;
    }
    ck_assert_double_lt(worst, 6);
    ck_assert_double_eq(inside, H);
    ck_assert_ptr_nonnull(strstr(f.reason, "seasons of 24 and 168 steps"));
    close_arena();
}
END_TEST

START_TEST(a_higher_level_is_wider_and_the_peak_is_above_the_points)
{
    open_arena();
    static const double levels[] = {0.5, 0.8, 0.95, 0.99};
    double y[N], width = 0;
    uint64_t seed = 9;
    for (size_t t = 0; t < N; t++)
        y[t] = daily(t) + 20 * noise(&seed);
    struct ll_series s = hourly(y, N);
    for (size_t k = 0; k < LL_LEN(levels); k++) {
        const struct ll_forecast_options o = {.level = levels[k], .capacity = 400};
        struct ll_forecast f = run(&s, H, &o);
        double w = f.points[9].confidence_upper - f.points[9].confidence_lower;
        ck_assert_double_gt(w, width);
        width = w;
        for (size_t l = 1; l < LL_LEVELS; l++)
            ck_assert_double_ge(f.peak.quantile[l], f.peak.quantile[l - 1]);
        ck_assert_double_gt(f.peak.quantile[3], f.points[0].predicted_value);
        ck_assert(f.peak.exceeds >= 0 && f.peak.exceeds < 0.05); /* 165 and noise of 10 */
    }
    const struct ll_forecast_options low = {.capacity = 100};
    ck_assert_double_gt(run(&s, H, &low).peak.exceeds, 0.95);
    ck_assert(isnan(run(&s, H, NULL).peak.exceeds));
    close_arena();
}
END_TEST

/* What comes every twelve hours does not hide that it also comes every day. */
START_TEST(half_a_day_is_a_day_twice)
{
    const struct ll_season half = {11.98, 0.8}, other = {17, 0.8};
    const struct ll_grid g = {.n = N};
    int m[2];
    ck_assert_uint_eq(ll_forecast_seasons(&g, LL_HOUR, &half, 1, m), 2);
    ck_assert(m[0] == 24 && m[1] == 168);
    ck_assert_uint_eq(ll_forecast_seasons(&g, LL_HOUR, &other, 1, m), 1);
    ck_assert_int_eq(m[0], 17);
}
END_TEST

/* Every odd history a table row; each must be answered, finitely and sanely. */
START_TEST(odd_histories_are_answered)
{
    open_arena();
    static const struct {
        const char *name;
        size_t n;
        double v[4]; /* repeated */
        double least, greatest;
    } odd[] = {
        {"one value", 1, {5, 5, 5, 5}, 5, 5},
        {"two values", 2, {4, 6, 4, 6}, 0, 12},
        {"three values", 3, {4, 6, 5, 0}, 0, 12},
        {"constant", 500, {3, 3, 3, 3}, 3, 3},
        {"zeros", 500, {0, 0, 0, 0}, 0, 0},
        {"nearly all zero", 500, {0, 0, 0, 0}, 0, 1},
        {"huge", 400, {1e300, 2e300, 1e300, 2e300}, 0.9e300, 2.1e300},
        {"tiny", 400, {1e-300, 2e-300, 1e-300, 2e-300}, 0, 2.1e-300},
        {"negative", 400, {-5, -7, -5, -7}, -8, -4},
        {"huge and small", 400, {1, 1, 1, 1e300}, 0, 2e300},
    };
    for (size_t k = 0; k < LL_LEN(odd); k++) {
        double y[500];
        for (size_t t = 0; t < odd[k].n; t++)
            y[t] = odd[k].v[t % 4];
        if (strcmp(odd[k].name, "nearly all zero") == 0)
            y[77] = y[300] = 1;
        struct ll_series s = hourly(y, odd[k].n);
        struct ll_forecast f = run(&s, 24, NULL);
        for (size_t i = 0; i < f.n_points; i++) {
            double v = f.points[i].predicted_value, slack = 1e-9 * fabs(odd[k].greatest);
            ck_assert_msg(v >= odd[k].least - slack && v <= odd[k].greatest + slack,
                          "%s: step %zu is %g", odd[k].name, i, v);
        }
        for (size_t m = 0; m < ll_models_n; m++) {
            const struct ll_forecast_options o = {.model = ll_models[m]->name};
            run(&s, 24, &o);
        }
    }
    close_arena();
}
END_TEST

START_TEST(gaps_and_rubbish_are_no_data)
{
    open_arena();
    double y[N];
    uint64_t seed = 3;
    for (size_t t = 0; t < N; t++)
        y[t] = t % 7 == 3 || (t > 400 && t < 460) ? (double)NAN : daily(t) + noise(&seed);
    y[100] = INFINITY;
    y[101] = 1e305;
    struct ll_series s = hourly(y, N);
    struct ll_forecast f = run(&s, H, NULL);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_lt(fabs(f.points[i].predicted_value - daily(N + i)), 8);
    ck_assert_ptr_nonnull(strstr(f.reason, "steps without data filled"));
    for (size_t t = 0; t < N; t++)
        y[t] = NAN;
    struct ll_forecast none;
    ck_assert(!ll_forecast_series(&s, H, NULL, arena, &none, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    close_arena();
}
END_TEST

START_TEST(what_is_asked_wrongly_is_refused)
{
    open_arena();
    static const struct {
        struct ll_forecast_options o;
        size_t h;
        const char *text;
    } wrong[] = {
        {{.model = "thata"}, 24, "did you mean 'theta'?"},
        {{.model = "oracle-of-delphi"}, 24, "auto is the default"},
        {{.level = 1}, 24, "level"},
        {{.level = NAN}, 24, "level"},
        {{.alpha = 1.5}, 24, "alpha"},
        {{0}, 0, "horizon"},
        {{0}, LL_HORIZON_MAX + 1, "horizon"},
    };
    const double y[] = {1, 2, 3, 4, 5, 6};
    struct ll_series s = hourly(y, LL_LEN(y));
    for (size_t k = 0; k < LL_LEN(wrong); k++) {
        struct ll_forecast f;
        ck_assert(!ll_forecast_series(&s, wrong[k].h, &wrong[k].o, arena, &f, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
        ck_assert_msg(strstr(err.text, wrong[k].text), "%s", err.text);
    }
    close_arena();
}
END_TEST

START_TEST(the_named_operations_are_what_they_say)
{
    open_arena();
    const double y[] = {10, 20, 30, 40, 50, 60, 70, 80};
    struct ll_series s = hourly(y, LL_LEN(y));
    struct ll_forecast f;
    ck_assert(ll_forecast_with_moving_average(&s, 3, 4, arena, &f, &err));
    ck_assert_str_eq(f.model_used, "moving-average");
    ck_assert_double_eq_tol(f.points[0].predicted_value, 65, 1e-9); /* mean of 50 .. 80 */
    ck_assert(ll_forecast_with_exponential_smoothing(&s, 3, 1, arena, &f, &err));
    ck_assert_double_eq_tol(f.points[2].predicted_value, 80, 1e-9); /* alpha 1: the last value */
    close_arena();
}
END_TEST

START_TEST(seasons_can_be_given)
{
    open_arena();
    double y[400];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 50 + (t % 10 == 0 ? 30 : 0);
    struct ll_series s = hourly(y, LL_LEN(y));
    const double ten[] = {10};
    const struct ll_forecast_options o = {.seasons = ten, .n_seasons = 1};
    struct ll_forecast f = run(&s, 20, &o);
    ck_assert_int_eq(f.m1, 10);
    ck_assert_double_eq_tol(f.points[0].predicted_value, 80, 1);
    ck_assert_double_eq_tol(f.points[5].predicted_value, 50, 1);
    const struct ll_forecast_options none = {.seasons = ten, .n_seasons = 0};
    ck_assert_int_eq(run(&s, 20, &none).m1, 0);
    ck_assert_int_eq(run(&s, 20, NULL).m1, 10); /* found by itself, against the clock's 24 */
    close_arena();
}
END_TEST

START_TEST(the_same_history_gives_the_same_bits)
{
    open_arena();
    double y[N];
    uint64_t seed = 5;
    for (size_t t = 0; t < N; t++)
        y[t] = daily(t) + 30 * noise(&seed);
    struct ll_series s = hourly(y, N);
    struct ll_forecast a = run(&s, H, NULL), b = run(&s, H, NULL);
    for (size_t i = 0; i < H; i++)
        ck_assert(memcmp(&a.points[i], &b.points[i], sizeof(a.points[i])) == 0);
    close_arena();
}
END_TEST

/* A market open 09:30 to 16:00: load while it is open only. */
START_TEST(a_market_series_is_forecast_on_its_sessions)
{
    open_arena();
    struct make m = make_calendar();
    m.zone = "EST5EDT,M3.2.0,M11.1.0";
    struct made made = make_it(&m);
    double y[24 * 7 * 8];
    struct ll_series s = {make_time("2026-01-05T00:00Z"), LL_HOUR, y, LL_LEN(y)};
    bool open;
    for (size_t t = 0; t < LL_LEN(y); t++) {
        ll_calendar_phase(made.c, s.t0 + (ll_time)t * LL_HOUR + LL_HOUR / 2, &open);
        y[t] = open ? 1000 + 10 * (double)(t % 24) : (double)NAN;
    }
    const struct ll_forecast_options o = {.calendar = made.c};
    struct ll_forecast f = run(&s, 14, &o);
    ck_assert_int_eq(f.grid, LL_GRID_SESSION);
    ck_assert_uint_eq(f.n_points, 14);
    for (size_t i = 0; i < f.n_points; i++) {
        ll_calendar_phase(made.c, f.points[i].timestamp + LL_HOUR / 2, &open);
        ck_assert(open);
        ck_assert_double_gt(f.points[i].predicted_value, 900);
    }
    ck_assert_ptr_nonnull(strstr(f.reason, "sessions of"));
    make_end(&made);
    close_arena();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_daily_and_weekly_rhythm_goes_on,
        a_higher_level_is_wider_and_the_peak_is_above_the_points,
        half_a_day_is_a_day_twice,
        odd_histories_are_answered,
        gaps_and_rubbish_are_no_data,
        what_is_asked_wrongly_is_refused,
        the_named_operations_are_what_they_say,
        seasons_can_be_given,
        the_same_history_gives_the_same_bits,
        a_market_series_is_forecast_on_its_sessions,
    };
    return ll_test_run("forecast_forecaster", tests, LL_LEN(tests));
}
