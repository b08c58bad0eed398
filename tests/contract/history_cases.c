/* History: which source answers, and what a bucket says. */
#include <math.h>
#include <string.h>

#include "store_contract.h"

#define M5 (5 * LL_MINUTE)

START_TEST(the_step_chooses_the_source)
{
    PUT(cpu("a", "", T0, 1));
    settle(T0 + 2 * LL_HOUR);
    ck_assert_int_eq(history("a", "", T0, T0 + LL_HOUR, LL_MINUTE).source, LL_HISTORY_RAW);
    ck_assert_int_eq(history("a", "", T0, T0 + LL_HOUR, M5).source, LL_HISTORY_5M);
    ck_assert_int_eq(history("a", "", T0, T0 + LL_DAY, LL_HOUR).source, LL_HISTORY_1H);
}
END_TEST

START_TEST(all_sources_say_the_same)
{
    struct ll_sample s[480]; /* two hours, each 15 s */
    double sum = 0;
    for (size_t i = 0; i < LL_LEN(s); i++) {
        s[i] = cpu("a", "", T0 + (ll_time)i * 15 * LL_SECOND, (double)(i % 37));
        sum += i < 240 ? s[i].value : 0;
    }
    put(s, LL_LEN(s));
    double raw = history("a", "", T0, T0 + LL_HOUR, LL_HOUR).value[0]; /* nothing rolled yet */
    ck_assert_double_eq_tol(raw, sum / 240, 1e-9);
    settle(T0 + 2 * LL_HOUR + LL_MINUTE);
    struct ll_history h = history("a", "", T0, T0 + LL_HOUR, LL_HOUR);
    ck_assert_int_eq(h.source, LL_HISTORY_1H);
    ck_assert_double_eq_tol(h.value[0], raw, 1e-9);
    ck_assert_double_eq(h.max[0], 36);
    h = history("a", "", T0, T0 + LL_HOUR, 30 * LL_MINUTE);
    ck_assert_int_eq(h.source, LL_HISTORY_5M);
    ck_assert_double_eq_tol((h.value[0] + h.value[1]) / 2, raw, 1e-9);
}
END_TEST

START_TEST(what_is_not_rolled_yet_comes_from_raw_samples)
{
    PUT(cpu("a", "", T0, 1), cpu("a", "", T0 + M5, 2), cpu("a", "", T0 + M5 + 15000, 4));
    settle(T0 + M5 + 31 * LL_SECOND);
    struct ll_history h = history("a", "", T0, T0 + 3 * M5, M5);
    ck_assert_int_eq(h.source, LL_HISTORY_5M);
    ck_assert_double_eq(h.value[0], 1);
    ck_assert_double_eq(h.value[1], 3);
    ck_assert(isnan(h.value[2]));
}
END_TEST

START_TEST(missing_is_nan_and_never_zero)
{
    PUT(cpu("a", "", T0, 1), cpu("a", "", T0 + 3 * LL_HOUR, 0));
    settle(T0 + 5 * LL_HOUR);
    struct ll_history h = history("a", "", T0, T0 + 5 * LL_HOUR, LL_HOUR);
    ck_assert_uint_eq(h.n, 5);
    ck_assert(!isnan(h.value[0]) && isnan(h.value[1]) && isnan(h.value[2]));
    ck_assert(isnan(h.max[1]) && isnan(h.capacity[1]));
    ck_assert_double_eq(h.value[3], 0); /* a real zero */
    ck_assert(isnan(h.value[4]));
}
END_TEST

START_TEST(instances_are_summed)
{
    PUT(cpu("a", "1", T0, 1), cpu("a", "1", T0 + 1000, 3), cpu("a", "2", T0, 10),
        cpu("b", "1", T0, 500), cpu("a", "1", T0 + LL_MINUTE, 7));
    struct ll_history h = history("a", NULL, T0, T0 + 3 * LL_MINUTE, LL_MINUTE);
    ck_assert_double_eq(h.value[0], 12); /* mean(1,3) + 10 */
    ck_assert_double_eq(h.max[0], 13);   /* 3 + 10 */
    ck_assert_double_eq(h.capacity[0], 8);
    ck_assert_double_eq(h.value[1], 7);
    ck_assert_double_eq(h.capacity[1], 4);
    ck_assert(isnan(h.value[2]));
    ck_assert_double_eq(history("a", "2", T0, T0 + LL_MINUTE, LL_MINUTE).value[0], 10);
}
END_TEST

START_TEST(instances_that_send_at_other_moments_are_all_in_the_sum)
{
    struct ll_sample s[2 * 20];
    for (size_t i = 0; i < 20; i++) { /* each minute, half a minute apart */
        s[2 * i] = cpu("a", "x", T0 + (ll_time)i * LL_MINUTE, 1);
        s[2 * i + 1] = cpu("a", "y", T0 + (ll_time)i * LL_MINUTE + 30 * LL_SECOND, 2);
    }
    put(s, LL_LEN(s));
    struct ll_history h = history("a", NULL, T0, T0 + 20 * LL_MINUTE, 15 * LL_SECOND);
    for (size_t i = 2; i < h.n; i++) {
        ck_assert_double_eq(h.value[i], 3);
        ck_assert_double_eq(h.capacity[i], 8);
    }
    h = history("a", "x", T0, T0 + LL_MINUTE, 15 * LL_SECOND); /* one alone shows what it sent */
    ck_assert(!isnan(h.value[0]) && isnan(h.value[1]));
}
END_TEST

START_TEST(an_instance_that_ended_leaves_the_sum)
{
    struct ll_sample s[2 * 20];
    size_t n = 0;
    for (size_t i = 0; i < 20; i++) {
        s[n++] = cpu("a", "x", T0 + (ll_time)i * LL_MINUTE, 1);
        if (i < 10)
            s[n++] = cpu("a", "y", T0 + (ll_time)i * LL_MINUTE, 2);
    }
    put(s, n);
    struct ll_history h = history("a", NULL, T0, T0 + 20 * LL_MINUTE, 30 * LL_SECOND);
    ck_assert_double_eq(h.value[18], 3); /* its last, at 9 min */
    ck_assert_double_eq(h.value[23], 3);
    ck_assert_double_eq(h.value[24], 1); /* three intervals later */
    h = history("a", NULL, T0, T0 + 20 * LL_MINUTE, M5);
    ck_assert_double_eq(h.value[2], 1);
}
END_TEST

START_TEST(an_instance_without_capacity_leaves_none_for_the_sum)
{
    struct ll_sample bare = cpu("a", "2", T0, 10);
    bare.capacity = NAN;
    PUT(cpu("a", "1", T0, 1), bare, cpu("a", "1", T0 + LL_MINUTE, 1));
    struct ll_history h = history("a", NULL, T0, T0 + 2 * LL_MINUTE, LL_MINUTE);
    ck_assert_double_eq(h.value[0], 11);
    ck_assert(isnan(h.capacity[0]));
    ck_assert_double_eq(h.capacity[1], 4);
}
END_TEST

START_TEST(parts_are_kept_apart)
{
    struct ll_sample part = cpu("a", "", T0, 10);
    part.key.part = LL_SLICE("steal");
    PUT(cpu("a", "", T0, 1), part);
    ck_assert_double_eq(history("a", NULL, T0, T0 + 1000, LL_SECOND).value[0], 1);
}
END_TEST

START_TEST(what_nobody_sent_is_not_found)
{
    struct ll_history h = history("nobody", NULL, T0, T0 + 2000, LL_SECOND);
    ck_assert(!h.found);
    ck_assert_uint_eq(h.n, 2);
    ck_assert(isnan(h.value[0]) && isnan(h.value[1]));
}
END_TEST

START_TEST(buckets_begin_at_multiples_of_the_step)
{
    PUT(cpu("a", "", T0 + 61 * LL_SECOND, 5));
    struct ll_history h = history("a", "", T0 + 90 * LL_SECOND, T0 + 121 * LL_SECOND, LL_MINUTE);
    ck_assert_int_eq(h.t0, T0 + LL_MINUTE);
    ck_assert_uint_eq(h.n, 2);
    ck_assert_double_eq(h.value[0], 5); /* the first bucket is whole */
}
END_TEST

START_TEST(what_raw_has_forgotten_comes_from_rollups)
{
    place_opts.retain_raw = LL_HOUR;
    reopen();
    PUT(cpu("a", "", T0, 2), cpu("a", "", T0 + LL_MINUTE, 4));
    PUT(cpu("a", "", T0 + 6 * LL_HOUR, 8));
    settle_hours(T0 + 6 * LL_HOUR);
    struct ll_history h = history("a", "", T0, T0 + 10 * LL_MINUTE, LL_MINUTE);
    ck_assert_int_eq(h.source, LL_HISTORY_5M);
    for (size_t i = 0; i < 5; i++)
        ck_assert_double_eq(h.value[i], 3); /* the mean stands for all of its minutes */
    ck_assert(isnan(h.value[5]));
}
END_TEST

static bool ask(ll_time from, ll_time to, ll_dur step)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_history h;
    const struct ll_history_query q = {
        .service = LL_SLICE("a"), .from = from, .to = to, .step = step};
    return ops->history(reader(), &q, a, &h, &err);
}

START_TEST(senseless_questions_are_refused)
{
    ck_assert(!ask(T0, T0, LL_SECOND));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ask(T0 + 1, T0, LL_SECOND));
    ck_assert(!ask(T0, T0 + LL_HOUR, 0));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ask(T0, T0 + LL_HOUR, -LL_SECOND));
    ck_assert(!ask(T0, T0 + LL_HOUR, 1500));
    ck_assert(!ask(INT64_MIN, INT64_MAX, LL_SECOND));
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

START_TEST(too_many_points_are_refused_with_a_step_that_fits)
{
    ck_assert(ask(T0, T0 + 11000 * LL_SECOND, LL_SECOND));
    ck_assert(!ask(T0, T0 + 11001 * LL_SECOND, LL_SECOND));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert_ptr_nonnull(strstr(err.text, "11000"));
    ck_assert_ptr_nonnull(strstr(err.text, "step of 5s"));
}
END_TEST

TCase *history_cases(void)
{
    TCase *c = tcase_create("history");
    tcase_add_test(c, the_step_chooses_the_source);
    tcase_add_test(c, all_sources_say_the_same);
    tcase_add_test(c, what_is_not_rolled_yet_comes_from_raw_samples);
    tcase_add_test(c, missing_is_nan_and_never_zero);
    tcase_add_test(c, instances_are_summed);
    tcase_add_test(c, instances_that_send_at_other_moments_are_all_in_the_sum);
    tcase_add_test(c, an_instance_that_ended_leaves_the_sum);
    tcase_add_test(c, an_instance_without_capacity_leaves_none_for_the_sum);
    tcase_add_test(c, parts_are_kept_apart);
    tcase_add_test(c, what_nobody_sent_is_not_found);
    tcase_add_test(c, buckets_begin_at_multiples_of_the_step);
    tcase_add_test(c, what_raw_has_forgotten_comes_from_rollups);
    tcase_add_test(c, senseless_questions_are_refused);
    tcase_add_test(c, too_many_points_are_refused_with_a_step_that_fits);
    return c;
}
