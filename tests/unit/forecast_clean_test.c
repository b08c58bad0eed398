/* Cleaning: holes, outliers, outages and shifts of level; what must not be taken for one. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "forecast/clean.h"
#include "forecast/phase.h"
#include "support.h"

enum { DAY = 24, WEEK = 168, N = 700 };

static const int both[2] = {DAY, WEEK}, daily[1] = {DAY};
static uint64_t state;
static struct ll_arena *arena;
static struct ll_clean c;

static double unit(void)
{
    return (double)(ll_test_random(&state) >> 11) / 0x1p53;
}

/* Box and Muller 1958. */
static double normal(void)
{
    double u = fmax(unit(), 1e-300);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * unit());
}

static double usual(size_t t)
{
    double weekend = t / DAY % 7 >= 5 ? 0.6 : 1;
    return weekend * (100 + 60 * sin((double)(t % DAY) / DAY * 6.283185307179586));
}

static void make(double *y, size_t n, double noise)
{
    for (size_t t = 0; t < n; t++)
        y[t] = usual(t) * exp(noise * normal());
}

static bool clean(const double *y, size_t n, const int *seasons, size_t n_seasons)
{
    struct ll_err err;
    ll_arena_reset(arena);
    bool ok = ll_clean(y, n, seasons, n_seasons, arena, &c, &err);
    for (size_t t = 0; ok && t < n; t++) {
        ck_assert_msg(isfinite(c.y[t]) && isfinite(c.filled[t]), "step %zu of %zu", t, n);
        ck_assert(!isinf(c.actual[t]));
    }
    return ok;
}

static void begin(void)
{
    arena = ll_arena_new((size_t)1 << 26);
    state = 7;
}

static void end(void)
{
    ll_arena_free(arena);
}

START_TEST(a_clean_series_is_left_as_it_is)
{
    double y[N];
    make(y, N, 0.05);
    ck_assert(clean(y, N, both, 2));
    ck_assert_uint_eq(c.n, N);
    ck_assert_uint_eq(c.n_filled, 0);
    ck_assert_uint_eq(c.shift_at, 0);
    ck_assert_double_eq(c.shift_ratio, 1);
    ck_assert(!c.constant);
    ck_assert_uint_le(c.n_held, 14); /* 2 %: a normal's 6 MAD are rare, night and day differ */
    ck_assert_mem_eq(c.filled, y, sizeof(y));
    ck_assert_mem_eq(c.actual, y, sizeof(y));
}
END_TEST

START_TEST(the_same_input_gives_the_same_bits)
{
    double y[N], first[N];
    make(y, N, 0.1);
    y[40] = NAN;
    y[N - 30] *= 20;
    ck_assert(clean(y, N, both, 2));
    memcpy(first, c.y, sizeof(first));
    ck_assert(clean(y, N, both, 2));
    ck_assert_mem_eq(first, c.y, sizeof(first));
}
END_TEST

START_TEST(odd_series_stay_finite)
{
    const double lists[][6] = {{5, 5, 5, 5, 5, 5},          {0, 0, 0, 0, 0, 0},
                               {1, 2, 4, NAN, NAN, NAN},    {NAN, NAN, 3, NAN, 4, NAN},
                               {1e300, 1, 2, 3, -1e300, 2}, {1e150, -1e150, 1e150, 0, 1e149, 5},
                               {INFINITY, 1, NAN, 2, 3, -5}};
    for (size_t i = 0; i < LL_LEN(lists); i++)
        for (size_t n = 3; n <= 6; n++) {
            ck_assert(clean(lists[i], n, NULL, 0));
            ck_assert(clean(lists[i], n, both, 2));
            ck_assert(c.constant == (i < 2 || (i == 3 && n < 5) || (i == 6 && n < 4)));
        }
}
END_TEST

START_TEST(odd_values_in_long_series_stay_finite)
{
    const double odd[] = {0, 1e300, -1e300, NAN, INFINITY, 1e150, -1e150, 1e-300, -0.0, 7};
    double y[N];
    for (int round = 0; round < 300; round++) {
        make(y, N, 0.1);
        size_t n = 1 + (size_t)(unit() * N);
        for (size_t k = (size_t)(unit() * 600); k > 0; k--)
            y[(size_t)(unit() * (double)n)] = odd[(size_t)(unit() * LL_LEN(odd))];
        const int odd_seasons[3] = {0, -5, round % 2 ? 1 : 5000};
        if (!clean(y, n, round % 3 ? both : odd_seasons, round % 3 ? 2 : 3))
            for (size_t t = 0; t < n; t++)
                ck_assert(!(fabs(y[t]) <= 1e150));
    }
}
END_TEST

START_TEST(nothing_usable_is_refused)
{
    const double y[] = {NAN, INFINITY, 1e200};
    struct ll_err err;
    struct ll_clean untouched = {.n = 42};
    ck_assert(!ll_clean(y, 3, NULL, 0, arena, &untouched, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert(!ll_clean(y, 0, NULL, 0, arena, &untouched, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(untouched.n, 42);
}
END_TEST

START_TEST(no_memory_is_told)
{
    double y[N];
    struct ll_err err;
    make(y, N, 0.1);
    struct ll_arena *small = ll_arena_new(4 * sizeof(y));
    ck_assert(!ll_clean(y, N, both, 2, small, &c, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ll_arena_free(small);
}
END_TEST

/* Holes come back near what stood there. */
static void expect_filled(const double *y, const double *bad, size_t n, double most)
{
    double off = 0, holes = 0;
    for (size_t t = 0; t < n; t++) {
        if (!isnan(bad[t])) {
            ck_assert_double_eq(c.filled[t], bad[t]);
            continue;
        }
        ck_assert(isnan(c.actual[t]));
        off += fabs(c.filled[t] - y[t]) / y[t];
        holes++;
    }
    ck_assert_uint_eq(c.n_filled, (size_t)holes);
    ck_assert_double_le(off / holes, most);
}

START_TEST(holes_take_the_value_of_their_phase)
{
    double y[N], bad[N];
    make(y, N, 0.03);
    for (size_t t = 0; t < N; t++)
        bad[t] = unit() < 0.2 ? NAN : y[t];
    ck_assert(clean(bad, N, both, 2));
    expect_filled(y, bad, N, 0.05);

    memcpy(bad, y, sizeof(bad));
    for (size_t t = 300; t < 360; t++) /* two days and a half */
        bad[t] = NAN;
    ck_assert(clean(bad, N, both, 2));
    expect_filled(y, bad, N, 0.08);

    memcpy(bad, y, sizeof(bad));
    for (size_t t = 0; t < 30; t++) /* both ends */
        bad[t] = bad[N - 1 - t] = NAN;
    ck_assert(clean(bad, N, both, 2));
    expect_filled(y, bad, N, 0.08);
}
END_TEST

START_TEST(a_hole_is_filled_at_the_level_of_its_time)
{
    double y[N], bad[N];
    for (size_t t = 0; t < N; t++)
        bad[t] = y[t] = usual(t) * exp((double)t / 200);
    for (size_t t = 400; t < 424; t++)
        bad[t] = NAN;
    ck_assert(clean(bad, N, both, 2));
    expect_filled(y, bad, N, 0.05);
}
END_TEST

START_TEST(without_a_season_a_hole_is_a_line)
{
    const double y[] = {1, 2, NAN, NAN, 5, 6, NAN, 8, 9, 10};
    ck_assert(clean(y, 10, NULL, 0));
    ck_assert_double_eq_tol(c.filled[6], sqrt(48), 1e-9); /* of the logarithms: all is positive */
    const double z[] = {0, 2, NAN, NAN, 5, 6, NAN, 8, 9, 10};
    ck_assert(clean(z, 10, NULL, 0));
    ck_assert_double_eq_tol(c.filled[2], 3, 1e-9);
    ck_assert_double_eq_tol(c.filled[3], 4, 1e-9);
    ck_assert_double_eq_tol(c.filled[6], 7, 1e-9);
}
END_TEST

START_TEST(a_phase_that_was_never_seen_lies_between_its_neighbours)
{
    double z[12] = {1, NAN, 3, NAN, 1, NAN, 3, NAN, 1, NAN, 3, NAN}, out[4], scratch[4];
    ll_phase_medians(z, 12, 4, out, scratch);
    ck_assert_double_eq(out[1], 2);
    ck_assert_double_eq(out[3], 2);
    for (size_t t = 0; t < 12; t++)
        z[t] = NAN;
    ll_phase_medians(z, 12, 4, out, scratch);
    ck_assert_double_eq(out[0], 0);
    ck_assert_double_eq(out[3], 0);
}
END_TEST

START_TEST(spikes_are_held_and_kept_in_what_is_only_filled)
{
    double y[N];
    make(y, N, 0.05);
    for (size_t k = 1; k <= 11; k++)
        y[60 * k] = 8 * usual(60 * k);
    ck_assert(clean(y, N, both, 2));
    ck_assert_uint_ge(c.n_held, 11);
    for (size_t k = 1; k <= 11; k++) {
        ck_assert_double_lt(c.y[60 * k], 2 * usual(60 * k) + 20);
        ck_assert_double_eq(c.filled[60 * k], y[60 * k]);
    }
    ck_assert_uint_eq(c.shift_at, 0);
}
END_TEST

START_TEST(an_outage_is_what_the_phase_says)
{
    for (int kind = 0; kind < 3; kind++) { /* to 2 %, to zero, and one that still goes on */
        double y[N];
        size_t from = kind == 2 ? N - 6 : 400;
        make(y, N, 0.03);
        for (size_t t = from; t < from + 6; t++)
            y[t] *= kind == 1 ? 0 : 0.02;
        ck_assert(clean(y, N, both, 2));
        for (size_t t = from; t < from + 6; t++) {
            ck_assert_double_eq_tol(c.y[t] / usual(t), 1, 0.15);
            ck_assert_double_eq_tol(c.filled[t] / usual(t), 1, 0.15);
            ck_assert(isnan(c.actual[t]));
        }
        ck_assert_uint_eq(c.n_filled, 0);
        ck_assert_uint_ge(c.n_held, 6);
        ck_assert_uint_eq(c.shift_at, 0);
    }
}
END_TEST

START_TEST(nights_near_zero_are_no_outage)
{
    double y[N];
    make(y, N, 0.05);
    for (size_t t = 0; t < N; t++)
        if (t % DAY < 3)
            y[t] *= 0.001;
    ck_assert(clean(y, N, both, 2));
    ck_assert_mem_eq(c.filled, y, sizeof(y));
    ck_assert(clean(y, N, NULL, 0)); /* nor when the season is not known */
    ck_assert_mem_eq(c.filled, y, sizeof(y));
}
END_TEST

static void expect_shift(const double *y, size_t ago, double by)
{
    ck_assert(clean(y, N, both, 2));
    ck_assert_msg(c.shift_at >= N - ago - 2 && c.shift_at <= N - ago + 2,
                  "%zu ago, by %g: found at %zu", ago, by, c.shift_at);
    ck_assert_double_eq_tol(c.shift_ratio / by, 1, 0.1);
    for (size_t t = 0; t < N - ago - 2; t += 7)
        ck_assert_double_eq_tol(c.filled[t], y[t] * c.shift_ratio, 1e-9 * y[t]);
    for (size_t t = N - ago + 2; t < N; t += 7)
        ck_assert_double_eq(c.filled[t], y[t]);
}

START_TEST(shifts_are_found_and_the_past_is_rescaled)
{
    const size_t agos[] = {6, 10, 24, 48, 72, 150};
    const double sizes[] = {1.3, 1.5, 2.5, 0.7, 0.4};
    for (size_t i = 0; i < LL_LEN(agos); i++)
        for (size_t k = 0; k < LL_LEN(sizes); k++) {
            double y[N];
            if (sizes[k] < 1 && agos[i] < DAY)
                continue;
            make(y, N, 0.03);
            for (size_t t = N - agos[i]; t < N; t++)
                y[t] *= sizes[k];
            expect_shift(y, agos[i], sizes[k]);
        }
}
END_TEST

START_TEST(a_fall_of_today_is_not_believed_yet)
{
    double y[N];
    make(y, N, 0.03);
    for (size_t t = N - 12; t < N; t++)
        y[t] *= 0.5;
    ck_assert(clean(y, N, both, 2));
    ck_assert_uint_eq(c.shift_at, 0);
}
END_TEST

START_TEST(a_tenfold_burst_of_today_is_not_believed_yet)
{
    double y[N];
    make(y, N, 0.03);
    for (size_t t = N - 12; t < N; t++)
        y[t] *= 10;
    ck_assert(clean(y, N, both, 2));
    ck_assert_uint_eq(c.shift_at, 0);
    for (size_t t = N - 48; t < N - 12; t++)
        y[t] = 10 * usual(t);
    ck_assert(clean(y, N, both, 2));
    ck_assert_double_eq_tol(c.shift_ratio, 10, 1);
}
END_TEST

START_TEST(a_series_below_zero_shifts_by_a_difference)
{
    double y[N];
    for (size_t t = 0; t < N; t++)
        y[t] = 50 * sin((double)(t % DAY) / DAY * 6.283185307179586) + normal();
    for (size_t t = N - 48; t < N; t++)
        y[t] += 40;
    ck_assert(clean(y, N, daily, 1));
    ck_assert_uint_ge(c.shift_at, N - 50);
    ck_assert_uint_le(c.shift_at, N - 46);
    ck_assert_double_eq_tol(c.filled[10], y[10] + 40, 2);
    ck_assert_double_gt(c.shift_ratio, 0.3);
}
END_TEST

START_TEST(a_weekend_is_no_shift)
{
    for (size_t n = 300; n <= N; n++) { /* at every hour of the week, known or not */
        double y[N];
        make(y, n, 0.03);
        ck_assert(clean(y, n, daily, 1));
        ck_assert_msg(c.shift_at == 0, "n %zu: %zu", n, c.shift_at);
        ck_assert(clean(y, n, both, 2));
        ck_assert_msg(c.shift_at == 0, "n %zu: %zu", n, c.shift_at);
    }
}
END_TEST

START_TEST(a_holiday_that_runs_like_a_sunday_is_no_shift)
{
    double y[N];
    for (size_t t = 0; t < N; t++) { /* day 28 is the Monday after four weeks */
        bool sunday = t / DAY % 7 == 6 || t / DAY == 28;
        double peak = sunday ? 14 : 10;
        double hour = (double)(t % DAY) - peak;
        y[t] = (sunday ? 60 : 140) * exp(-hour * hour / 30 + 0.03 * normal()) + 20;
    }
    ck_assert(clean(y, 28 * DAY + 24, both, 2));
    ck_assert_uint_eq(c.shift_at, 0);
}
END_TEST

/* Ten kinds of series without a shift. */
static double draw(int kind, size_t t, double *walk, double *slow)
{
    double e = normal();
    *walk += e;
    *slow = 0.9 * *slow + e;
    switch (kind) {
    case 0:
        return usual(t) * exp(0.1 * e);
    case 1:
        return usual(t) * (1 + (double)t / 200) * exp(0.05 * e);
    case 2:
        return 1000 + 10 * *walk; /* may leave the positive */
    case 3:
        return exp(0.02 * *walk);
    case 4:
        return 100 + 5 * *slow;
    case 5:
        return usual(t) * exp(0.05 * *slow);
    case 6:
        return 10 + (double)t * 0.3 + e;
    case 7:
        return fabs(e) * 10; /* no level to speak of */
    case 8:
        return usual(t) * (1 - 0.8 * (double)t / N) * exp(0.05 * e);
    default:
        return e / sqrt(fmax(unit(), 1e-9)); /* heavy tails on both sides of zero */
    }
}

START_TEST(few_series_without_a_shift_are_given_one)
{
    int found[10] = {0}, all = 0;
    state = 2026; /* its own, whatever was drawn before */
    for (int i = 0; i < 1000; i++) {
        double y[N], walk = 0, slow = 0;
        for (size_t t = 0; t < N; t++)
            y[t] = draw(i % 10, t, &walk, &slow);
        ck_assert(clean(y, N, both, 2));
        found[i % 10] += c.shift_at > 0;
        all += c.shift_at > 0;
    }
    int most = 0;
    for (int k = 0; k < 10; k++)
        most = LL_MAX(most, found[k]);
    ck_assert_msg(most <= 8 && all <= 15, "%d %d %d %d %d %d %d %d %d %d", found[0], found[1],
                  found[2], found[3], found[4], found[5], found[6], found[7], found[8], found[9]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_clean_series_is_left_as_it_is,
        the_same_input_gives_the_same_bits,
        odd_series_stay_finite,
        odd_values_in_long_series_stay_finite,
        nothing_usable_is_refused,
        no_memory_is_told,
        holes_take_the_value_of_their_phase,
        a_hole_is_filled_at_the_level_of_its_time,
        without_a_season_a_hole_is_a_line,
        a_phase_that_was_never_seen_lies_between_its_neighbours,
        spikes_are_held_and_kept_in_what_is_only_filled,
        an_outage_is_what_the_phase_says,
        nights_near_zero_are_no_outage,
        shifts_are_found_and_the_past_is_rescaled,
        a_fall_of_today_is_not_believed_yet,
        a_tenfold_burst_of_today_is_not_believed_yet,
        a_series_below_zero_shifts_by_a_difference,
        a_weekend_is_no_shift,
        a_holiday_that_runs_like_a_sunday_is_no_shift,
        few_series_without_a_shift_are_given_one,
    };
    begin();
    int rc = ll_test_run("forecast_clean", tests, LL_LEN(tests));
    end();
    return rc;
}
