/* Rollups, against numbers computed by hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store_contract.h"

#define M5 (5 * LL_MINUTE)

/* Values 1..20, one each 15 s, fill the five minutes from T0 on. */
static void put_twenty(void)
{
    struct ll_sample s[20];
    for (size_t i = 0; i < LL_LEN(s); i++)
        s[i] = cpu("a", "", T0 + (ll_time)i * 15 * LL_SECOND, (double)i + 1);
    s[3].max_value = 77;
    s[5].capacity = 8;
    s[6].capacity = NAN;
    put(s, LL_LEN(s));
}

START_TEST(a_closed_bucket_is_rolled_exactly)
{
    put_twenty();
    struct rollups r;
    settle(T0 + M5 + 29 * LL_SECOND);
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 0); /* not closed yet */
    settle(T0 + M5 + 30 * LL_SECOND);
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 1);
    ck_assert_int_eq(r.v[0].r.t, T0);
    ck_assert_double_eq(r.v[0].r.mean, 10.5); /* (1 + 20) / 2 */
    ck_assert_double_eq(r.v[0].r.max, 77);
    ck_assert_double_eq(r.v[0].r.p95, 19); /* 19 of 20 values are at or below it */
    ck_assert_uint_eq(r.v[0].r.count, 20);
    ck_assert_double_eq_tol(r.v[0].r.capacity, (18 * 4 + 8) / 19.0, 1e-12);
}
END_TEST

START_TEST(an_hour_is_rolled_from_raw_samples)
{
    put_twenty(); /* 1..20 */
    PUT(cpu("a", "", T0 + 30 * LL_MINUTE, 100), cpu("a", "", T0 + LL_HOUR, 5000));
    settle(T0 + LL_HOUR + 30 * LL_SECOND);
    struct rollups r;
    rollups_of(LL_HOUR, T0, &r);
    ck_assert_uint_eq(r.n, 1);
    ck_assert_double_eq_tol(r.v[0].r.mean, 310 / 21.0, 1e-12);
    ck_assert_double_eq(r.v[0].r.max, 100);
    ck_assert_double_eq(r.v[0].r.p95, 20); /* rank ceil(0.95 * 21) = 20 of 21 */
    ck_assert_uint_eq(r.v[0].r.count, 21);
}
END_TEST

START_TEST(without_capacity_a_rollup_has_none)
{
    struct ll_sample s = cpu("a", "", T0, 1);
    s.capacity = NAN;
    PUT(s);
    settle(T0 + LL_HOUR);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 1);
    ck_assert(isnan(r.v[0].r.capacity));
    ck_assert_double_eq(r.v[0].r.p95, 1); /* of one value it is that value */
}
END_TEST

START_TEST(a_late_sample_is_rolled_again)
{
    put_twenty();
    PUT(cpu("a", "", T0 + 2 * LL_HOUR, 1));
    settle(T0 + 2 * LL_HOUR);
    PUT(cpu("a", "", T0 + 1, 420));
    settle(T0 + 2 * LL_HOUR + 1000);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.v[0].r.count, 21);
    ck_assert_double_eq(r.v[0].r.mean, 30);
    ck_assert_double_eq(r.v[0].r.max, 420);
    rollups_of(LL_HOUR, T0, &r);
    ck_assert_uint_eq(r.v[0].r.count, 21);
    ck_assert_double_eq(r.v[0].r.mean, 30);
}
END_TEST

START_TEST(a_late_mark_survives_reopening)
{
    put_twenty();
    PUT(cpu("a", "", T0 + 2 * LL_HOUR, 1));
    settle(T0 + 2 * LL_HOUR);
    PUT(cpu("a", "", T0 + 1, 420));
    reopen();
    settle(T0 + 2 * LL_HOUR + 1000);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.v[0].r.count, 21);
}
END_TEST

START_TEST(late_data_before_everything_is_rolled)
{
    PUT(cpu("a", "", T0, 1));
    settle(T0 + LL_HOUR * 2);
    PUT(cpu("b", "", T0 - 3 * LL_DAY, 7));
    settle(T0 + LL_HOUR * 2 + 1000);
    struct rollups r;
    rollups_of(M5, T0 - 4 * LL_DAY, &r);
    ck_assert_uint_eq(r.n, 2);
    rollups_of(LL_HOUR, T0 - 4 * LL_DAY, &r);
    ck_assert_uint_eq(r.n, 2);
}
END_TEST

START_TEST(a_gap_of_days_has_no_buckets)
{
    PUT(cpu("a", "", T0, 1), cpu("a", "", T0 + 9 * LL_DAY, 2));
    settle(T0 + 9 * LL_DAY + LL_HOUR + 30 * LL_SECOND);
    struct rollups r;
    rollups_of(LL_HOUR, T0, &r);
    ck_assert_uint_eq(r.n, 2);
    ck_assert_int_eq(r.v[1].r.t, T0 + 9 * LL_DAY);
}
END_TEST

START_TEST(a_clock_that_jumped_ahead_and_back_loses_no_bucket)
{
    put_twenty();
    settle(T0 + 10 * 365 * LL_DAY);
    settle(T0 + 6 * LL_MINUTE); /* the clock is right again */
    PUT(cpu("a", "", T0 + M5, 3), cpu("a", "", T0 + M5 + 1000, 5));
    settle(T0 + 10 * LL_MINUTE + 30 * LL_SECOND);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 2);
    ck_assert_double_eq(r.v[1].r.mean, 4);
    ck_assert_int_eq(stats().samples, 22); /* and the jump deleted nothing */
}
END_TEST

START_TEST(a_wrong_clock_is_not_believed_after_a_restart)
{
    const ll_time ahead = T0 + 10 * 365 * LL_DAY;
    put_twenty();
    settle(T0 + 6 * LL_MINUTE);
    PUT(cpu("a", "", ahead, 1)); /* of the wrong clock, and the newest there is */
    reopen();
    settle(ahead + LL_MINUTE);
    reopen();
    settle(ahead + 30 * LL_MINUTE);
    ck_assert_int_eq(stats().samples, 21);

    PUT(cpu("a", "", ahead + 2 * LL_HOUR, 1)); /* it has gone on like that for hours */
    reopen();
    settle(ahead + 2 * LL_HOUR);
    ck_assert_int_eq(stats().samples, 2);
}
END_TEST

/* Enough for a pass of many slices: 200 series, one sample each 10 minutes of a day. */
static void put_a_day_of_many(void)
{
    enum { SERIES = 200, TIMES = 144, AT_ONCE = 72 };
    static struct ll_sample s[SERIES * AT_ONCE];
    static char name[SERIES][8];
    for (size_t from = 0; from < TIMES; from += AT_ONCE) {
        for (size_t i = 0; i < LL_LEN(s); i++) {
            size_t k = i % SERIES;
            snprintf(name[k], sizeof(name[k]), "s%03zu", k);
            s[i] = cpu(name[k], "", T0 + (ll_time)(from + i / SERIES) * 10 * LL_MINUTE, 1);
        }
        put(s, LL_LEN(s));
    }
}

START_TEST(what_arrives_during_a_pass_is_rolled)
{
    put_a_day_of_many();
    PUT(cpu("zz", "", T0 + 3 * LL_DAY, 1));
    bool more = false;
    ck_assert_msg(ops->maintain(store, T0 + 3 * LL_DAY, &more, &err), "%s", err.text);
    ck_assert(more);
    PUT(cpu("s000", "", T0 + 36 * LL_HOUR, 7)); /* behind the pass's end, before its next data */
    settle(T0 + 3 * LL_DAY);
    struct rollups r;
    rollups_of(M5, T0 + 30 * LL_HOUR, &r);
    ck_assert_uint_eq(r.n, 1);
    ck_assert_double_eq(r.v[0].r.mean, 7);
    rollups_of(LL_HOUR, T0 + 30 * LL_HOUR, &r);
    ck_assert_uint_eq(r.n, 1);
}
END_TEST

START_TEST(a_small_slice_of_upkeep_still_ends)
{
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "s%d", i);
        PUT(cpu(name, "", T0, i), cpu(name, "", T0 + LL_HOUR, i));
    }
    settle(T0 + 2 * LL_HOUR + LL_MINUTE);
    struct rollups r;
    rollups_of(0, T0, &r); /* hours first, then five minutes */
    ck_assert_uint_eq(r.n, 160);
    ck_assert_int_eq(r.v[0].step, LL_HOUR);
    ck_assert_int_eq(r.v[79].step, LL_HOUR);
    ck_assert_int_eq(r.v[80].step, M5);
    ck_assert_int_lt(r.v[0].r.t, r.v[1].r.t);
    ck_assert_str_eq(r.v[0].service, r.v[1].service);
}
END_TEST

START_TEST(rollups_of_no_such_step_are_an_error)
{
    ck_assert(!ops->each_rollup(reader(), LL_MINUTE, 0, NULL, NULL, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

START_TEST(retention_deletes_each_kind_in_its_time)
{
    place_opts.retain_raw = LL_DAY;
    place_opts.retain_5m = 3 * LL_DAY;
    place_opts.retain_1h = 10 * LL_DAY;
    reopen();
    put_twenty();
    PUT(cpu("a", "", T0 + 2 * LL_DAY, 1));
    settle_hours(T0 + 2 * LL_DAY);
    ck_assert_int_eq(stats().samples, 1);
    ck_assert_int_eq(stats().oldest, T0 + 2 * LL_DAY);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 2);

    PUT(cpu("a", "", T0 + 4 * LL_DAY, 1));
    settle_hours(T0 + 4 * LL_DAY);
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 2); /* the first is gone, the new one is there */
    ck_assert_int_eq(r.v[0].r.t, T0 + 2 * LL_DAY);
    rollups_of(LL_HOUR, T0, &r);
    ck_assert_uint_eq(r.n, 3);
    ck_assert_uint_eq(r.v[0].r.count, 20); /* still whole */
}
END_TEST

START_TEST(data_older_than_the_retention_is_rolled_before_it_goes)
{
    place_opts.retain_raw = LL_HOUR;
    reopen();
    PUT(cpu("a", "", T0 + 5 * LL_DAY, 1));
    settle_hours(T0 + 5 * LL_DAY);
    put_twenty();
    settle_hours(T0 + 5 * LL_DAY + 2 * LL_HOUR);
    struct rollups r;
    rollups_of(M5, T0, &r);
    ck_assert_uint_eq(r.n, 2);
    ck_assert_uint_eq(r.v[0].r.count, 20);
    ck_assert_int_eq(stats().oldest, LL_TIME_NONE);
    ck_assert_int_eq(stats().samples, 0);
}
END_TEST

START_TEST(space_comes_back_after_retention)
{
    place_opts.retain_raw = LL_HOUR;
    reopen();
    static struct ll_sample s[20000];
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < LL_LEN(s); i++)
            s[i] = cpu("a", "", T0 + (ll_time)(k * LL_LEN(s) + i), 1.0 / (double)(i + 1));
        put(s, LL_LEN(s));
    }
    settle(T0 + LL_MINUTE);
    int64_t full = stats().bytes;
    settle_hours(T0 + 2 * LL_HOUR);
    settle_hours(T0 + 4 * LL_HOUR);
    ck_assert_int_eq(stats().samples, 0);
    reopen(); /* moves the rest of the log */
    ck_assert_int_lt(stats().bytes, full / 4);
}
END_TEST

TCase *rollup_cases(void)
{
    TCase *c = tcase_create("rollup");
    tcase_add_test(c, a_closed_bucket_is_rolled_exactly);
    tcase_add_test(c, an_hour_is_rolled_from_raw_samples);
    tcase_add_test(c, without_capacity_a_rollup_has_none);
    tcase_add_test(c, a_late_sample_is_rolled_again);
    tcase_add_test(c, a_late_mark_survives_reopening);
    tcase_add_test(c, late_data_before_everything_is_rolled);
    tcase_add_test(c, a_gap_of_days_has_no_buckets);
    tcase_add_test(c, a_clock_that_jumped_ahead_and_back_loses_no_bucket);
    tcase_add_test(c, a_wrong_clock_is_not_believed_after_a_restart);
    tcase_add_test(c, what_arrives_during_a_pass_is_rolled);
    tcase_add_test(c, a_small_slice_of_upkeep_still_ends);
    tcase_add_test(c, rollups_of_no_such_step_are_an_error);
    tcase_add_test(c, retention_deletes_each_kind_in_its_time);
    tcase_add_test(c, data_older_than_the_retention_is_rolled_before_it_goes);
    tcase_add_test(c, space_comes_back_after_retention);
    return c;
}
