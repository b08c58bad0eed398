/* Following a series: it learns, it keeps its coverage, and nothing that comes spoils it. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/stream.h"

enum { DAY = 24, WEEK = 168, HISTORY = 4 * WEEK, H = LL_STREAM_H };

static const int seasons[2] = {DAY, WEEK};
static uint64_t state;

static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 0x1p53;
}

static double usual(size_t t)
{
    return 100 + 30 * sin(2 * M_PI * (double)(t % DAY) / DAY) + (t % WEEK < 5 * DAY ? 20 : 0);
}

static void start(struct ll_stream *s, double noise)
{
    double y[HISTORY];
    for (size_t t = 0; t < HISTORY; t++)
        y[t] = usual(t) + noise * (uniform() - 0.5);
    ck_assert(ll_stream_start(s, y, HISTORY, seasons, 0.9, NULL));
}

static void check_finite(const struct ll_stream_forecast *f)
{
    for (size_t i = 0; i < H; i++) {
        ck_assert(isfinite(f->point[i]) && isfinite(f->half[i]));
        ck_assert(f->half[i] >= 0);
    }
}

START_TEST(a_regular_series_is_told_closely)
{
    struct ll_stream s;
    struct ll_stream_forecast f;
    start(&s, 2);
    for (size_t t = HISTORY; t < HISTORY + WEEK; t++) {
        ll_stream_tell(&s, &f);
        check_finite(&f);
        for (size_t i = 0; i < H; i++)
            ck_assert_double_eq_tol((double)f.point[i], usual(t + i), 4);
        ll_stream_update(&s, usual(t) + 2 * (uniform() - 0.5));
    }
}
END_TEST

/* Steps ahead in the band over many weeks, the noise doubling on the way. */
START_TEST(the_band_holds_what_it_states_also_when_noise_grows)
{
    enum { STEPS = 40 * WEEK };
    struct ll_stream s;
    struct ll_stream_forecast f[H];
    double inside = 0, all = 0;
    start(&s, 10);
    for (size_t t = 0; t < STEPS; t++) {
        double y = usual(t) + (t < STEPS / 4 ? 10 : 20) * (uniform() - 0.5);
        for (size_t i = 0; i < H && i < t; i++) { /* told i + 1 steps before */
            const struct ll_stream_forecast *told = &f[(t - 1 - i) % H];
            if (t < STEPS / 2)
                continue;
            inside += fabs(y - (double)told->point[i]) <= (double)told->half[i];
            all++;
        }
        ll_stream_update(&s, y);
        ll_stream_tell(&s, &f[t % H]);
    }
    ck_assert_double_eq_tol(inside / all, 0.9, 0.03);
}
END_TEST

START_TEST(a_new_level_is_followed_and_a_single_spike_is_not)
{
    struct ll_stream s;
    struct ll_stream_forecast before, after;
    start(&s, 2);
    size_t t = HISTORY;
    ll_stream_tell(&s, &before);
    ll_stream_update(&s, 5000);
    t++;
    ll_stream_tell(&s, &after);
    for (size_t i = 0; i + 1 < H; i++)
        ck_assert_double_eq_tol((double)after.point[i], (double)before.point[i + 1], 15);
    for (size_t k = 0; k < 3 * DAY; k++, t++)
        ll_stream_update(&s, usual(t) + 80 + 2 * (uniform() - 0.5));
    ll_stream_tell(&s, &after);
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq_tol((double)after.point[i], usual(t + i) + 80, 20);
}
END_TEST

START_TEST(gaps_are_bridged_by_what_was_expected)
{
    struct ll_stream s;
    struct ll_stream_forecast f;
    start(&s, 2);
    for (size_t t = HISTORY; t < HISTORY + 2 * DAY; t++)
        ll_stream_update(&s, t % 2 ? NAN : INFINITY);
    ll_stream_tell(&s, &f);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_eq_tol((double)f.point[i], usual(HISTORY + 2 * DAY + i), 8);
}
END_TEST

START_TEST(nothing_that_comes_makes_it_other_than_finite)
{
    const double wild[] = {0, 0, 0, 1e30, -1e30, NAN, 1e300, 1, 1e-300, -INFINITY, 7, 7, 7};
    struct ll_stream s;
    struct ll_stream_forecast f;
    for (int round = 0; round < 4; round++) {
        double y[2 * WEEK];
        for (size_t t = 0; t < 2 * WEEK; t++)
            y[t] = round == 0   ? 0
                   : round == 1 ? 42
                   : round == 2 ? wild[t % LL_LEN(wild)]
                                : (t % 3 ? NAN : 1e30);
        ck_assert(ll_stream_start(&s, y, 2 * WEEK, seasons, 0.9, NULL));
        for (size_t t = 0; t < 20000; t++) {
            ll_stream_update(&s, t < 10000 ? y[0] : wild[(size_t)(uniform() * LL_LEN(wild))]);
            if (t % 7 == 0) {
                ll_stream_tell(&s, &f);
                check_finite(&f);
            }
            if (t < 9000 && round < 2)
                ck_assert_double_eq_tol((double)f.point[H - 1], y[0], 1e-3);
        }
    }
}
END_TEST

START_TEST(a_state_is_its_bytes)
{
    struct ll_stream a, b;
    struct ll_stream_forecast fa, fb;
    start(&a, 5);
    memcpy(&b, &a, sizeof(a));
    for (size_t t = 0; t < 1000; t++) {
        double y = usual(t) + uniform();
        ll_stream_update(&a, y);
        ll_stream_update(&b, y);
        ll_stream_tell(&a, &fa);
        ll_stream_tell(&b, &fb);
        ck_assert_mem_eq(&fa, &fb, sizeof(fa));
    }
}
END_TEST

START_TEST(seasons_may_lack_and_bad_ones_are_refused)
{
    const int fine[][2] = {{0, 0}, {1, 0}, {7, 0}, {5, 7}, {84, 168}, {168, 0}, {2, 3}};
    const int bad[][2] = {{-1, 0}, {7, 7}, {24, 169}, {169, 0}};
    double y[2 * WEEK] = {0};
    struct ll_stream s, untouched;
    struct ll_stream_forecast f;
    struct ll_err err;
    memset(&untouched, 0x5a, sizeof(untouched));
    s = untouched;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert(!ll_stream_start(&s, y, 2 * WEEK, bad[i], 0.9, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    ck_assert(!ll_stream_start(&s, y, 2 * WEEK, seasons, 1, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_stream_start(&s, y, 2 * WEEK - 1, seasons, 0.9, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    for (size_t t = 0; t < 2 * WEEK; t++)
        y[t] = NAN;
    ck_assert(!ll_stream_start(&s, y, 2 * WEEK, seasons, 0.9, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_mem_eq(&s, &untouched, sizeof(s));
    for (size_t i = 0; i < LL_LEN(fine); i++) {
        for (size_t t = 0; t < 2 * WEEK; t++)
            y[t] = uniform();
        ck_assert(ll_stream_start(&s, y, 2 * WEEK, fine[i], 0.9, &err));
        ll_stream_tell(&s, &f);
        check_finite(&f);
    }
}
END_TEST

static void before_each(void)
{
    state = 7;
}

int main(void)
{
    Suite *s = suite_create("forecast_stream");
    TCase *c = tcase_create("stream");
    tcase_add_checked_fixture(c, before_each, NULL);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_regular_series_is_told_closely);
    tcase_add_test(c, the_band_holds_what_it_states_also_when_noise_grows);
    tcase_add_test(c, a_new_level_is_followed_and_a_single_spike_is_not);
    tcase_add_test(c, gaps_are_bridged_by_what_was_expected);
    tcase_add_test(c, nothing_that_comes_makes_it_other_than_finite);
    tcase_add_test(c, a_state_is_its_bytes);
    tcase_add_test(c, seasons_may_lack_and_bad_ones_are_refused);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
