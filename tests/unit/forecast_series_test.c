/* From points to a regular series: cadence, holes, doubled stamps, counters; and coarser steps. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "forecast/series.h"
#include "support.h"

enum { POINTS = 2000 };

static const ll_time start = 1699999200000; /* a whole hour */
static struct ll_arena *arena;
static struct ll_series s;
static struct ll_series_notes notes;
static struct ll_point p[POINTS];

static bool make(size_t n, ll_dur step, size_t most)
{
    struct ll_err err;
    ll_arena_reset(arena);
    return ll_series_from_points(p, n, step, most, arena, &s, &notes, &err);
}

/* n points `every` apart that count up from 0, falls between so that they are no counter. */
static void regular(size_t n, ll_dur every)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (struct ll_point){start + (ll_time)i * every, (double)(i % 7)};
}

START_TEST(regular_points_are_the_series)
{
    regular(100, LL_MINUTE);
    ck_assert(make(100, 0, 0));
    ck_assert_int_eq(s.t0, start);
    ck_assert_int_eq(s.step, LL_MINUTE);
    ck_assert_uint_eq(s.n, 100);
    for (size_t i = 0; i < 100; i++)
        ck_assert_double_eq(s.y[i], (double)(i % 7));
    ck_assert_uint_eq(notes.points, 100);
    ck_assert_uint_eq(notes.doubled + notes.missing + notes.unusable, 0);
    ck_assert(!notes.cadence_changed && !notes.counter_like);
}
END_TEST

START_TEST(order_does_not_matter)
{
    uint64_t state = 3;
    regular(500, 5 * LL_MINUTE);
    for (size_t i = 499; i > 0; i--) {
        size_t j = ll_test_random(&state) % (i + 1);
        struct ll_point swap = p[i];
        p[i] = p[j];
        p[j] = swap;
    }
    ck_assert(make(500, 0, 0));
    ck_assert_int_eq(s.step, 5 * LL_MINUTE);
    for (size_t i = 0; i < 500; i++)
        ck_assert_double_eq(s.y[i], (double)(i % 7));
}
END_TEST

START_TEST(of_doubled_stamps_the_last_counts)
{
    regular(50, LL_MINUTE);
    p[50] = (struct ll_point){start + 10 * LL_MINUTE, 100};
    p[51] = (struct ll_point){start + 10 * LL_MINUTE, 200};
    ck_assert(make(52, 0, 0));
    ck_assert_double_eq(s.y[10], 200);
    ck_assert_uint_eq(notes.doubled, 2);
    ck_assert_uint_eq(s.n, 50);
}
END_TEST

START_TEST(holes_are_nan_and_never_zero)
{
    size_t n = 0;
    for (size_t i = 0; i < 100; i++)
        if (i < 30 || i >= 45)
            p[n++] = (struct ll_point){start + (ll_time)i * LL_MINUTE, (double)(i % 7)};
    ck_assert(make(n, 0, 0));
    ck_assert_uint_eq(s.n, 100);
    ck_assert_uint_eq(notes.missing, 15);
    for (size_t i = 0; i < 100; i++)
        ck_assert(isnan(s.y[i]) == (i >= 30 && i < 45));
}
END_TEST

START_TEST(unusable_values_are_no_data)
{
    regular(40, LL_MINUTE);
    p[3].v = NAN;
    p[4].v = INFINITY;
    p[5].v = -1e300;
    p[6].t = INT64_MAX;
    p[7].t = INT64_MIN;
    ck_assert(make(40, 0, 0));
    ck_assert_uint_eq(notes.unusable, 5);
    ck_assert_uint_eq(notes.missing, 5);
    ck_assert_uint_eq(s.n, 40);
}
END_TEST

START_TEST(jitter_makes_no_holes)
{
    uint64_t state = 9;
    regular(300, LL_MINUTE);
    for (size_t i = 0; i < 300; i++) /* around the edges of minutes */
        p[i].t += (ll_time)(ll_test_random(&state) % 8000) - 4000;
    ck_assert(make(300, 0, 0));
    ck_assert_int_eq(s.step, LL_MINUTE);
    ck_assert_uint_eq(notes.missing, 0);
    ck_assert_uint_eq(s.n, 300);
    ck_assert_int_eq(s.t0, start);

    regular(300, LL_MINUTE);
    for (size_t i = 0; i < 300; i++) /* and in their middle */
        p[i].t += 30 * LL_SECOND + (ll_time)(ll_test_random(&state) % 8000);
    ck_assert(make(300, 0, 0));
    ck_assert_uint_eq(notes.missing, 0);
    ck_assert_int_eq(s.t0, start);
}
END_TEST

START_TEST(a_cadence_of_scattered_stamps_is_their_mean)
{
    uint64_t state = 11;
    regular(300, LL_MINUTE);
    for (size_t i = 0; i < 300; i++)
        p[i].t += (ll_time)(ll_test_random(&state) % 24000);
    ck_assert(make(300, 0, 0));
    ck_assert_int_eq(s.step, LL_MINUTE);
}
END_TEST

/* As a road sensor reports: mostly each 5 minutes, now and then 10 or 35, rarely minutes apart. */
START_TEST(irregular_stamps_take_their_mode)
{
    static const ll_dur apart[] = {5, 5, 5, 10, 5, 4, 5, 5, 35, 5, 5, 15, 5, 5, 1, 5, 6, 5, 5, 125};
    ll_time t = start + 45 * LL_SECOND;
    for (size_t i = 0; i < 400; i++) {
        p[i] = (struct ll_point){t, 60 + (double)(i % 11)};
        t += apart[i % LL_LEN(apart)] * LL_MINUTE;
    }
    ck_assert(make(400, 0, 0));
    ck_assert_int_eq(s.step, 5 * LL_MINUTE);
    size_t known = 0;
    for (size_t i = 0; i < s.n; i++)
        known += isnan(s.y[i]) ? 0 : 1;
    ck_assert_uint_eq(known + notes.missing, s.n);
    ck_assert_uint_ge(known, 360);
}
END_TEST

START_TEST(the_newest_cadence_counts)
{
    size_t n = 0;
    ll_time t = start;
    for (; n < 1000; n++, t += LL_MINUTE)
        p[n] = (struct ll_point){t, 1};
    t = ll_time_floor(t + LL_HOUR, LL_HOUR);
    for (size_t i = 0; i < 80; i++, t += LL_HOUR)
        p[n++] = (struct ll_point){t, 2};
    ck_assert(make(n, 0, 0));
    ck_assert_int_eq(s.step, LL_HOUR);
    ck_assert(notes.cadence_changed);
    ck_assert_double_eq(s.y[0], 1);
    ck_assert_double_eq(s.y[s.n - 1], 2);

    n = 0, t = start;
    for (; n < 100; n++, t += LL_HOUR)
        p[n] = (struct ll_point){t, 1};
    for (; n < 400; n++, t += LL_MINUTE)
        p[n] = (struct ll_point){t, 2};
    ck_assert(make(n, 0, 0));
    ck_assert_int_eq(s.step, LL_MINUTE);
    ck_assert(notes.cadence_changed);
}
END_TEST

START_TEST(a_step_that_is_asked_for_is_taken)
{
    regular(120, LL_MINUTE);
    ck_assert(make(120, LL_HOUR, 0));
    ck_assert_int_eq(s.step, LL_HOUR);
    ck_assert_uint_eq(s.n, 2);
    double sum = 0;
    for (size_t i = 0; i < 60; i++)
        sum += (double)(i % 7);
    ck_assert_double_eq_tol(s.y[0], sum / 60, 1e-12);
}
END_TEST

START_TEST(the_beginning_is_cut_at_the_most_steps)
{
    regular(100, LL_MINUTE);
    ck_assert(make(100, 0, 10));
    ck_assert_uint_eq(s.n, 10);
    ck_assert_int_eq(s.t0, start + 90 * LL_MINUTE);
    ck_assert_double_eq(s.y[9], 99 % 7);

    p[0].t = LL_TIME_MIN; /* two thousand years before */
    ck_assert(make(100, 0, 0));
    ck_assert_uint_eq(s.n, LL_SERIES_STEPS_MAX);
}
END_TEST

START_TEST(one_two_three_points)
{
    regular(3, LL_DAY);
    ck_assert(make(1, 0, 0));
    ck_assert_uint_eq(s.n, 1);
    ck_assert_int_eq(s.step, LL_HOUR);
    ck_assert(!notes.cadence_changed);
    ck_assert(make(2, 0, 0));
    ck_assert_uint_eq(s.n, 2);
    ck_assert_int_eq(s.step, LL_DAY);
    ck_assert(make(3, 0, 0));
    ck_assert_uint_eq(s.n, 3);
    ck_assert_double_eq(s.y[2], 2);
}
END_TEST

START_TEST(nothing_usable_is_refused)
{
    struct ll_err err;
    struct ll_series untouched = {.n = 42};
    p[0] = (struct ll_point){start, NAN};
    ck_assert(!ll_series_from_points(p, 1, 0, 0, arena, &untouched, &notes, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert(!ll_series_from_points(p, 0, 0, 0, arena, &untouched, &notes, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(untouched.n, 42);
}
END_TEST

START_TEST(no_memory_is_told_wherever_it_ends)
{
    struct ll_err err;
    regular(100, LL_MINUTE);
    p[0].t = start + LL_HOUR; /* so that it is sorted */
    int refused = 0;
    for (size_t cap = 0; cap < 6000; cap += 100) {
        struct ll_arena *small = ll_arena_new(cap);
        if (!ll_series_from_points(p, 100, 0, 0, small, &s, &notes, &err)) {
            ck_assert_int_eq(err.code, LL_E_MEMORY);
            refused++;
        }
        ll_arena_free(small);
    }
    ck_assert_int_gt(refused, 30);
    ck_assert_int_lt(refused, 60);
}
END_TEST

START_TEST(a_counter_becomes_a_rate_through_its_restarts)
{
    double total = 5000;
    for (size_t i = 0; i < 200; i++) {
        total += i % 10 < 5 ? 600 : 1200;
        if (i == 80 || i == 150)
            total = 300; /* restarted, and counted since */
        p[i] = (struct ll_point){start + (ll_time)i * LL_MINUTE, total};
    }
    ck_assert(make(200, 0, 0));
    ck_assert(notes.counter_like);
    ck_assert_uint_eq(s.n, 199);
    ck_assert_int_eq(s.t0, start + LL_MINUTE);
    for (size_t i = 1; i < 200; i++) {
        double want = i == 80 || i == 150 ? 300 : i % 10 < 5 ? 600 : 1200;
        ck_assert_double_eq_tol(s.y[i - 1], want / 60, 1e-9);
    }
}
END_TEST

START_TEST(what_fills_or_falls_is_no_counter)
{
    for (size_t i = 0; i < 200; i++) /* a disk that fills */
        p[i] = (struct ll_point){start + (ll_time)i * LL_MINUTE, 1000 + (double)(i * i % 900)};
    for (size_t i = 1; i < 200; i++)
        p[i].v = p[i - 1].v + (double)(i % 5);
    ck_assert(make(200, 0, 0));
    ck_assert(!notes.counter_like);

    for (size_t i = 100; i < 200; i++) /* and is cleaned up to its half */
        p[i].v -= 600;
    ck_assert(make(200, 0, 0));
    ck_assert(!notes.counter_like);

    for (size_t i = 0; i < 200; i++) /* a load */
        p[i].v = 50 + 40 * sin((double)i / 8);
    ck_assert(make(200, 0, 0));
    ck_assert(!notes.counter_like);

    for (size_t i = 0; i < 200; i++) /* a sawtooth of short teeth */
        p[i].v = (double)(i % 10);
    ck_assert(make(200, 0, 0));
    ck_assert(!notes.counter_like);
}
END_TEST

START_TEST(coarser_steps_are_means_or_maxima)
{
    double y[150];
    for (size_t i = 0; i < 150; i++)
        y[i] = (double)i;
    for (size_t i = 60; i < 95; i++)
        y[i] = NAN;
    const struct ll_series fine = {start + 10 * LL_MINUTE, LL_MINUTE, y, 150};
    struct ll_series c;
    struct ll_err err;
    ll_arena_reset(arena);
    ck_assert(ll_series_coarsen(&fine, 10 * LL_MINUTE, LL_SERIES_MEAN, arena, &c, &err));
    ck_assert_uint_eq(c.n, 15);
    ck_assert_int_eq(c.t0, start + 10 * LL_MINUTE);
    ck_assert_double_eq(c.y[0], 4.5);
    ck_assert(isnan(c.y[6]) && isnan(c.y[8]));
    ck_assert_double_eq(c.y[9], 97); /* five of ten are known */
    ck_assert(ll_series_coarsen(&fine, 10 * LL_MINUTE, LL_SERIES_MAX, arena, &c, &err));
    ck_assert_double_eq(c.y[0], 9);
    ck_assert_double_eq(c.y[14], 149);

    ck_assert(ll_series_coarsen(&fine, LL_HOUR, LL_SERIES_MEAN, arena, &c, &err));
    ck_assert_uint_eq(c.n, 1); /* the first and the last hour are not whole */
    ck_assert_int_eq(c.t0, start + LL_HOUR);
    ck_assert_int_eq(c.step, LL_HOUR);
    ck_assert(isnan(c.y[0])); /* 15 of 60 */
}
END_TEST

START_TEST(coarser_steps_that_cannot_be)
{
    const double y[20] = {1};
    const struct ll_series fine = {start + LL_MINUTE, LL_MINUTE, y, 20};
    struct ll_series c = {.n = 42};
    struct ll_err err;
    ck_assert(!ll_series_coarsen(&fine, 90 * LL_SECOND, LL_SERIES_MEAN, arena, &c, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_series_coarsen(&fine, LL_SECOND, LL_SERIES_MEAN, arena, &c, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_series_coarsen(&fine, LL_HOUR, LL_SERIES_MEAN, arena, &c, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    struct ll_arena *small = ll_arena_new(0);
    ck_assert(!ll_series_coarsen(&fine, LL_MINUTE, LL_SERIES_MEAN, small, &c, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ll_arena_free(small);
    ck_assert_uint_eq(c.n, 42);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        regular_points_are_the_series,
        order_does_not_matter,
        of_doubled_stamps_the_last_counts,
        holes_are_nan_and_never_zero,
        unusable_values_are_no_data,
        jitter_makes_no_holes,
        a_cadence_of_scattered_stamps_is_their_mean,
        irregular_stamps_take_their_mode,
        the_newest_cadence_counts,
        a_step_that_is_asked_for_is_taken,
        the_beginning_is_cut_at_the_most_steps,
        one_two_three_points,
        nothing_usable_is_refused,
        no_memory_is_told_wherever_it_ends,
        a_counter_becomes_a_rate_through_its_restarts,
        what_fills_or_falls_is_no_counter,
        coarser_steps_are_means_or_maxima,
        coarser_steps_that_cannot_be,
    };
    arena = ll_arena_new((size_t)1 << 26);
    int rc = ll_test_run("forecast_series", tests, LL_LEN(tests));
    ll_arena_free(arena);
    return rc;
}
