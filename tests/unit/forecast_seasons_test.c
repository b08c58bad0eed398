/* The detector on series of known making: what it finds, and that it finds nothing in noise.  The
 * bench (bench/seasonality.c) runs many more. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/seasons.h"
#include "season_series.h"

enum { N = 1008, RUNS = 20 };

struct found {
    struct ll_season s[LL_SEASONS_MAX];
    size_t n;
};

static struct ll_arena *scratch;

static void setup(void)
{
    scratch = ll_arena_new(1 << 26);
}

static void teardown(void)
{
    ll_arena_free(scratch);
}

static struct found detect(const double *y, size_t n)
{
    struct found f = {.n = 99};
    ll_arena_reset(scratch);
    ck_assert(ll_seasons_detect(y, n, scratch, f.s, &f.n, NULL));
    ck_assert_uint_le(f.n, LL_SEASONS_MAX);
    for (size_t i = 0; i < f.n; i++) {
        ck_assert(f.s[i].steps >= 2 && f.s[i].steps <= (double)n / 2);
        ck_assert_double_ge(f.s[i].strength, 0);
        ck_assert_double_le(f.s[i].strength, 1);
        ck_assert(i == 0 || f.s[i].strength <= f.s[i - 1].strength);
    }
    return f;
}

static bool has(const struct found *f, double period, double within)
{
    for (size_t i = 0; i < f->n; i++)
        if (fabs(f->s[i].steps / period - 1) <= within)
            return true;
    return false;
}

START_TEST(noise_has_no_season)
{
    double y[N];
    size_t wrong = 0;
    for (int kind = 0; kind < SEASON_NULLS; kind++)
        for (size_t i = 0; i < RUNS; i++) {
            struct season_random r = {(uint64_t)kind * 1000 + i};
            season_null(&r, (enum season_null)kind, y, N);
            wrong += detect(y, N).n > 0;
        }
    ck_assert_uint_le(wrong, 2); /* of 200; the bench sees one in a thousand */
}
END_TEST

START_TEST(a_season_as_strong_as_the_noise_is_found)
{
    static const double periods[] = {7, 24, 23.93, 78};
    double y[N];
    for (size_t p = 0; p < LL_LEN(periods); p++)
        for (int shape = 0; shape < SEASON_SHAPES; shape++) {
            size_t hits = 0, exact = 0;
            for (size_t i = 0; i < RUNS; i++) {
                struct season_random r = {(uint64_t)shape * 1000 + i};
                season_single(&r, (enum season_shape)shape, periods[p], 1, y, N);
                struct found f = detect(y, N);
                hits += has(&f, periods[p], 0.01);
                exact += has(&f, periods[p], 0.002);
            }
            ck_assert_uint_ge(hits, RUNS - 1);
            ck_assert_uint_ge(exact, periods[p] > 70 ? RUNS / 2 : RUNS - 2);
        }
}
END_TEST

/* Where the first guess is half a cycle off, cycles of that length blur the phases: once looked at
 * they gave 23.9 hours for the day of every fifteenth start. */
START_TEST(a_clear_day_is_one_wherever_it_begins)
{
    enum { STEPS = 720, STARTS = 96 };
    double y[STEPS];
    for (uint64_t start = 0; start < STARTS; start++) {
        for (size_t i = 0; i < STEPS; i++) {
            const uint64_t t = 498829 + start + i, x = t * 0x9e3779b97f4a7c15u;
            y[i] = 100 + 40 * sin(2 * M_PI * (double)(t % 24) / 24) +
                   4 * ((double)(x >> 40) / (double)(1 << 24) - 0.5);
        }
        const struct found f = detect(y, STEPS);
        ck_assert_uint_ge(f.n, 1);
        ck_assert_msg(fabs(f.s[0].steps - 24) < 0.05, "from %d: %g", (int)start, f.s[0].steps);
    }
}
END_TEST

START_TEST(a_day_and_a_week_are_told_apart)
{
    double y[N];
    size_t both = 0, day_only = 0;
    for (size_t i = 0; i < RUNS; i++) {
        struct season_random r = {i};
        int m[2] = {0, 0};
        season_week(&r, 0.5, y, N);
        struct found f = detect(y, N);
        both += ll_seasons_for_models(f.s, f.n, N, m) == 2 && m[0] == 24 && m[1] == 168;
        season_week(&r, 0, y, N);
        f = detect(y, N);
        day_only += ll_seasons_for_models(f.s, f.n, N, m) == 1 && m[0] == 24;
    }
    ck_assert_uint_ge(both, RUNS - 1);
    ck_assert_uint_ge(day_only, RUNS - 1);
}
END_TEST

START_TEST(sessions_of_seven_have_weeks_of_five)
{
    static const double bar[] = {9, 5, 3, 2, 3, 4, 8}, day[] = {0, 1, 2, 1, -3};
    double y[700];
    struct season_random r = {3};
    int m[2] = {0, 0};
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 50 + bar[t % 7] + day[t / 7 % 5] + season_normal(&r);
    struct found f = detect(y, LL_LEN(y));
    ck_assert_uint_eq(ll_seasons_for_models(f.s, f.n, LL_LEN(y), m), 2);
    ck_assert_int_eq(m[0], 7);
    ck_assert_int_eq(m[1], 35);
}
END_TEST

/* Holes of a step, of hours, of three days at once: a fifth is missing. */
static void puncture(struct season_random *r, double *y, size_t n)
{
    for (size_t t = 0; t < n; t++) {
        size_t length = season_uniform(r) < 0.9 ? 1 : 7;
        if (season_uniform(r) < 0.07)
            for (size_t i = t; i < LL_MIN(t + length, n); i++)
                y[i] = NAN;
        if (t >= 500 && t < 572)
            y[t] = NAN;
    }
}

START_TEST(gaps_neither_hide_a_season_nor_make_one)
{
    double y[N];
    size_t hits = 0, wrong = 0;
    for (size_t i = 0; i < RUNS; i++) {
        struct season_random r = {i};
        season_single(&r, SEASON_SQUARE, 24, 1, y, N);
        puncture(&r, y, N);
        struct found f = detect(y, N);
        hits += has(&f, 24, 0.01);
        season_null(&r, SEASON_AR9, y, N);
        puncture(&r, y, N);
        wrong += detect(y, N).n > 0;
    }
    ck_assert_uint_ge(hits, RUNS - 1);
    ck_assert_uint_le(wrong, 1);
}
END_TEST

START_TEST(a_season_that_grows_is_one)
{
    double y[N];
    struct season_random r = {5};
    for (size_t t = 0; t < N; t++)
        y[t] =
            exp(0.004 * (double)t) * (3 + sin(2 * M_PI * (double)t / 24) + 0.3 * season_normal(&r));
    struct found f = detect(y, N);
    ck_assert(has(&f, 24, 0));
}
END_TEST

static double odd_value(int kind, size_t t)
{
    switch (kind) {
    case 0:
        return 0;
    case 1:
        return 0.1;
    case 2:
        return NAN;
    case 3:
        return t % 2 ? DBL_MAX : -DBL_MAX;
    case 4:
        return t % 7 ? 1e300 : -1e300;
    case 5:
        return t == 20 ? 1e300 : 0;
    case 6:
        return t % 3 ? NAN : (double)(t % 24);
    case 7:
        return INFINITY;
    case 8:
        return t % 24 == 5 ? 1e-310 : 0;
    default:
        return (double)t * 1e290;
    }
}

START_TEST(odd_series_are_answered)
{
    double y[600];
    for (int kind = 0; kind < 10; kind++)
        for (size_t n = 0; n <= LL_LEN(y); n += n < 40 ? 1 : 37) {
            for (size_t t = 0; t < n; t++)
                y[t] = odd_value(kind, t);
            struct found f = detect(y, n);
            ck_assert(kind > 2 || f.n == 0);
        }
}
END_TEST

START_TEST(the_newest_steps_count_in_a_long_series)
{
    size_t n = 3 * LL_SEASONS_STEPS_MAX;
    double *y = malloc(n * sizeof(*y));
    ck_assert_ptr_nonnull(y);
    for (size_t t = 0; t < n; t++)
        y[t] = (double)(t % (t < n / 2 ? 100 : 1440));
    struct found f = detect(y, n);
    ck_assert_uint_eq(f.n, 1);
    ck_assert_double_eq(f.s[0].steps, 1440);
    free(y);
}
END_TEST

START_TEST(the_same_series_has_the_same_bits)
{
    double y[N];
    struct season_random r = {8};
    season_week(&r, 0.7, y, N);
    struct found a = detect(y, N), b = detect(y, N);
    ck_assert_uint_eq(a.n, b.n);
    ck_assert_int_eq(memcmp(a.s, b.s, a.n * sizeof(*a.s)), 0);
}
END_TEST

START_TEST(without_memory_it_says_so)
{
    double y[100];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = (double)(t % 7);
    for (size_t cap = 0; cap < 1 << 17; cap += 512) {
        LL_AUTO(ll_arena) a = ll_arena_new(cap);
        struct ll_season s[LL_SEASONS_MAX];
        struct ll_err err;
        size_t n;
        if (ll_seasons_detect(y, LL_LEN(y), a, s, &n, &err)) {
            ck_assert_uint_eq(n, 1);
            ck_assert_double_eq(s[0].steps, 7);
            return;
        }
        ck_assert_int_eq(err.code, LL_E_MEMORY);
    }
    ck_abort_msg("not within 128 kB");
}
END_TEST

START_TEST(models_take_whole_steps)
{
    static const struct {
        struct ll_season s[LL_SEASONS_MAX];
        size_t n_found, n;
        int m[2];
    } cases[] = {
        {{{0}}, 0, 100, {0}},
        {{{23.93, 0.5}}, 1, 100, {24}},
        {{{24, 0.5}}, 1, 47, {0}},
        {{{168, 0.5}, {24, 0.3}}, 2, 1000, {24, 168}},
        {{{24.1, 0.5}, {168.7, 0.3}}, 2, 1000, {24, 168}},
        {{{24, 0.5}, {168, 0.3}}, 2, 335, {24}},
        {{{24, 0.5}, {31, 0.3}, {168, 0.1}}, 3, 1000, {24, 168}},
        {{{24, 0.5}, {31, 0.3}, {99, 0.1}}, 3, 1000, {24, 31}},
        {{{168, 0.5}, {31, 0.3}, {24, 0.1}}, 3, 1000, {24, 168}},
        {{{24, 0.5}, {23.9, 0.3}, {168, 0.1}}, 3, 1000, {24, 168}},
        {{{7, 0.5}, {35, 0.3}, {70, 0.1}}, 3, 1000, {7, 35}},
        {{{720, 0.83}, {29.4, 0.004}}, 2, 20000, {720}},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        int m[2] = {0, 0};
        size_t want = (cases[i].m[0] > 0) + (size_t)(cases[i].m[1] > 0);
        size_t got = ll_seasons_for_models(cases[i].s, cases[i].n_found, cases[i].n, m);
        ck_assert_msg(got == want && (got < 1 || m[0] == cases[i].m[0]) &&
                          (got < 2 || m[1] == cases[i].m[1]),
                      "case %zu: %zu: %d %d", i, got, m[0], m[1]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("forecast/seasons");
    TCase *c = tcase_create("seasons");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, noise_has_no_season);
    tcase_add_test(c, a_season_as_strong_as_the_noise_is_found);
    tcase_add_test(c, a_clear_day_is_one_wherever_it_begins);
    tcase_add_test(c, a_day_and_a_week_are_told_apart);
    tcase_add_test(c, sessions_of_seven_have_weeks_of_five);
    tcase_add_test(c, gaps_neither_hide_a_season_nor_make_one);
    tcase_add_test(c, a_season_that_grows_is_one);
    tcase_add_test(c, odd_series_are_answered);
    tcase_add_test(c, the_newest_steps_count_in_a_long_series);
    tcase_add_test(c, the_same_series_has_the_same_bits);
    tcase_add_test(c, without_memory_it_says_so);
    tcase_add_test(c, models_take_whole_steps);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
