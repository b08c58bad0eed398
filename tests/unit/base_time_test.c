#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "support.h"

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* Every day from 0001-01-01 to 9999-12-31, counted by hand. */
START_TEST(civil_counts_every_day)
{
    int64_t day = LL_TIME_MIN / LL_DAY;
    int weekday = 1; /* 0001-01-01 was a Monday */
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int d = 1; d <= month_days(year, month); d++, day++, weekday++) {
                ll_time t = day * LL_DAY + (day * 7919 % LL_DAY + LL_DAY) % LL_DAY;
                struct ll_civil c = ll_time_civil(t);
                bool same = c.year == year && c.month == month && c.day == d &&
                            c.weekday == weekday % 7 && ll_time_day(t) == day &&
                            ll_time_from_civil(&c) == t;
                if (!same) /* 3.65 million days: an assertion for each would be slow */
                    ck_abort_msg("%04d-%02d-%02d", year, month, d);
            }
    ck_assert_int_eq(day * LL_DAY - 1, LL_TIME_MAX);
}
END_TEST

START_TEST(civil_splits_the_day)
{
    struct ll_civil c = ll_time_civil(1795484665123);
    ck_assert_int_eq(c.year, 2026);
    ck_assert_int_eq(c.month, 11);
    ck_assert_int_eq(c.day, 24);
    ck_assert_int_eq(c.hour, 1);
    ck_assert_int_eq(c.minute, 44);
    ck_assert_int_eq(c.second, 25);
    ck_assert_int_eq(c.ms, 123);
    ck_assert_int_eq(c.weekday, 2);
    c = ll_time_civil(-1);
    ck_assert(c.year == 1969 && c.month == 12 && c.day == 31 && c.weekday == 3);
    ck_assert(c.hour == 23 && c.minute == 59 && c.second == 59 && c.ms == 999);
}
END_TEST

START_TEST(civil_carries_fields_that_are_out_of_range)
{
    static const struct {
        struct ll_civil in;
        const char *want;
    } cases[] = {
        {{.year = 2026, .month = 14, .day = 1}, "2027-02-01T00:00:00.000Z"},
        {{.year = 2026, .month = 0, .day = 1}, "2025-12-01T00:00:00.000Z"},
        {{.year = 2026, .month = -11, .day = 1}, "2025-01-01T00:00:00.000Z"},
        {{.year = 2026, .month = -12, .day = 1}, "2024-12-01T00:00:00.000Z"},
        {{.year = 2024, .month = 3, .day = 0}, "2024-02-29T00:00:00.000Z"},
        {{.year = 2026, .month = 1, .day = -1}, "2025-12-30T00:00:00.000Z"},
        {{.year = 2026, .month = 12, .day = 32}, "2027-01-01T00:00:00.000Z"},
        {{.year = 2026, .month = 1, .day = 1, .hour = -1}, "2025-12-31T23:00:00.000Z"},
        {{.year = 2026, .month = 1, .day = 1, .hour = 25, .minute = 61, .second = 61, .ms = 1001},
         "2026-01-02T02:02:02.001Z"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char text[LL_TIME_TEXT_MAX];
        ck_assert_str_eq(ll_time_format(ll_time_from_civil(&cases[i].in), text), cases[i].want);
    }
    const struct ll_civil far[] = {{.year = INT32_MAX, .month = INT32_MAX, .day = INT32_MAX},
                                   {.year = INT32_MIN, .month = INT32_MIN, .day = INT32_MIN}};
    ck_assert_int_eq(ll_time_from_civil(&far[0]), INT64_MAX);
    ck_assert_int_eq(ll_time_from_civil(&far[1]), INT64_MIN);
}
END_TEST

START_TEST(civil_holds_to_the_ends_of_int64)
{
    const ll_time ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, LL_TIME_NONE};
    for (size_t i = 0; i < LL_LEN(ends); i++) {
        struct ll_civil c = ll_time_civil(ends[i]);
        ck_assert(c.hour >= 0 && c.hour < 24 && c.ms >= 0 && c.month >= 1 && c.month <= 12);
        ck_assert_int_eq(ll_time_from_civil(&c), ends[i]);
    }
}
END_TEST

static void floor_by_nothing(void)
{
    (void)ll_time_floor(5, 0);
}

START_TEST(floor_goes_down_on_both_sides)
{
    ck_assert_int_eq(ll_time_floor(7, 5), 5);
    ck_assert_int_eq(ll_time_floor(5, 5), 5);
    ck_assert_int_eq(ll_time_floor(0, 5), 0);
    ck_assert_int_eq(ll_time_floor(-1, 5), -5);
    ck_assert_int_eq(ll_time_floor(-5, 5), -5);
    ck_assert_int_eq(ll_time_floor(-6, 5), -10);
    ck_assert_int_eq(ll_time_day(-1), -1);
    ck_assert_int_eq(ll_time_day(-LL_DAY), -1);
    ck_assert_int_eq(ll_time_floor(INT64_MAX, LL_DAY), INT64_MAX / LL_DAY * LL_DAY);
    ck_assert_int_eq(ll_time_floor(INT64_MAX, INT64_MAX), INT64_MAX);
    ck_assert_int_eq(ll_time_floor(LL_TIME_NONE, LL_DAY), LL_TIME_NONE);
    ck_assert_int_eq(ll_time_floor(INT64_MIN + 5, LL_DAY), LL_TIME_NONE);
    ck_assert_int_eq(ll_time_floor(INT64_MIN, 1), INT64_MIN);
    ck_assert(ll_test_aborts(floor_by_nothing));
}
END_TEST

START_TEST(rfc3339_is_read)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"}, /* RFC 3339, section 5.8 */
        {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"},
        {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"},
        {"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"},
        {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"},
        {"1990-12-31T23:59:60.999Z", "1991-01-01T00:00:00.999Z"},
        {"2026-11-24t01:44:25z", "2026-11-24T01:44:25.000Z"},
        {"2026-11-24 01:44:25Z", "2026-11-24T01:44:25.000Z"},
        {"2026-11-24T01:44:25.1239999999999999999Z", "2026-11-24T01:44:25.123Z"}, /* cut */
        {"2026-11-24T01:44:25.0Z", "2026-11-24T01:44:25.000Z"},
        {"2026-11-24T01:44:25-00:00", "2026-11-24T01:44:25.000Z"},
        {"2026-11-24T01:44:25+23:59", "2026-11-23T01:45:25.000Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"0001-01-01T10:00:00+10:00", "0001-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        ll_time t = 42;
        char text[LL_TIME_TEXT_MAX];
        ck_assert_msg(ll_time_parse(ll_slice_of(cases[i].text), &t, NULL), "%s", cases[i].text);
        ck_assert_str_eq(ll_time_format(t, text), cases[i].want);
    }
}
END_TEST

START_TEST(other_times_are_refused)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-24",
        "2026-11-24T01:44:25",
        "2026-11-24T01:44Z",
        "2026-11-24X01:44:25Z",
        "2026-11-24T01:44:25Zx",
        " 2026-11-24T01:44:25Z",
        "2026-11-24T01:44:25Z ",
        "26-11-24T01:44:25Z",
        "02026-11-24T01:44:25Z",
        "2026-1-24T01:44:25Z",
        "2026/11/24T01:44:25Z",
        "2026-11-24T01.44.25Z",
        "2026-00-24T01:44:25Z",
        "2026-13-24T01:44:25Z",
        "2026-11-00T01:44:25Z",
        "2026-11-31T01:44:25Z",
        "2026-02-29T01:44:25Z",
        "1900-02-29T01:44:25Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T01:60:25Z",
        "2026-11-24T01:44:61Z",
        "2026-11-24T01:44:60Z",
        "2026-11-24T23:58:60Z",
        "1990-12-31T23:59:60-08:00",
        "1990-12-31T23:59:60+00:01",
        "2026-11-24T01:44:25.Z",
        "2026-11-24T01:44:25,5Z",
        "2026-11-24T01:44:25.5",
        "2026-11-24T01:44:25+1:00",
        "2026-11-24T01:44:25+0100",
        "2026-11-24T01:44:25+01",
        "2026-11-24T01:44:25+01:60",
        "2026-11-24T01:44:25+24:00",
        "2026-11-24T01:44:25*01:00",
        "2026-11-24T01:44:-5Z",
        "+026-11-24T01:44:25Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ll_time t = 42;
        struct ll_err err = {0};
        ck_assert_msg(!ll_time_parse(ll_slice_of(bad[i]), &t, &err), "%s", bad[i]);
        ck_assert_int_eq(t, 42);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
    }
    ll_time t;
    ck_assert(!ll_time_parse((struct ll_slice){0}, &t, NULL));
    ck_assert(!ll_time_parse(LL_SLICE("2026-11-24T01:44:25Z\0"), &t, NULL));
    /* each prefix of a time is none: nothing is read behind the slice */
    const char *whole = "2026-11-24T01:44:25.123+01:00";
    for (size_t n = 0; n < strlen(whole); n++)
        ck_assert(!ll_time_parse((struct ll_slice){whole, n}, &t, NULL));
}
END_TEST

START_TEST(times_print_and_come_back)
{
    char text[LL_TIME_TEXT_MAX];
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        ll_time span = LL_TIME_MAX - LL_TIME_MIN + 1, back = 0;
        ll_time t = LL_TIME_MIN + (ll_time)(ll_test_random(&seed) % (uint64_t)span);
        ck_assert(ll_time_parse(ll_slice_of(ll_time_format(t, text)), &back, NULL));
        ck_assert_int_eq(back, t);
    }
    ck_assert_str_eq(ll_time_format(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
    ck_assert_str_eq(ll_time_format(LL_TIME_NONE, text), "0001-01-01T00:00:00.000Z");
    ck_assert_str_eq(ll_time_format_date(1795484665123, text), "2026-11-24");
}
END_TEST

START_TEST(relative_times_are_read)
{
    const ll_time now = 1795484665123;
    static const struct {
        const char *text;
        ll_time want;
    } good[] = {
        {"now", 1795484665123},
        {"now-24h", 1795484665123 - 24 * LL_HOUR},
        {"now+90m", 1795484665123 + 90 * LL_MINUTE},
        {"now-1h30m", 1795484665123 - 90 * LL_MINUTE},
        {"now-0s", 1795484665123},
        {"2026-11-24T01:44:25.123Z", 1795484665123},
        {"1795484665", 1795484665000},
        {"1795484665.123", 1795484665123}, /* not ...122, which cutting gives */
        {"1795484665.9999", 1795484666000},
        {"-1.5", -1500},
        {"0", 0},
        {"1e9", 1000000000000},
        {"253402300799.999", LL_TIME_MAX},
        {"-62135596800", LL_TIME_MIN},
    };
    for (size_t i = 0; i < LL_LEN(good); i++) {
        ll_time t = 42;
        ck_assert_msg(ll_time_parse_relative(ll_slice_of(good[i].text), now, &t, NULL), "%s",
                      good[i].text);
        ck_assert_msg(t == good[i].want, "%s gave %lld", good[i].text, (long long)t);
    }
    for (int ms = 0; ms < 1000; ms++) { /* every millisecond of a second */
        char text[40];
        ll_time t = 0;
        snprintf(text, sizeof(text), "1795484665.%03d", ms);
        ck_assert(ll_time_parse_relative(ll_slice_of(text), now, &t, NULL));
        ck_assert_int_eq(t, 1795484665000 + ms);
    }
}
END_TEST

START_TEST(other_relative_times_are_refused)
{
    static const char *const bad[] = {
        "",       "no",           "nowish",       "now-",          "now+",     "now-5", "now*5m",
        "now 5m", "now--5m",      "NOW",          "now-1001y",     "tomorrow", "-",     "nan",
        "1e300",  "253402300800", "-62135596801", "1795484665123", /* milliseconds: far beyond year
                                                                      9999 */
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ll_time t = 42;
        struct ll_err err = {0};
        ck_assert_msg(!ll_time_parse_relative(ll_slice_of(bad[i]), 0, &t, &err), "%s", bad[i]);
        ck_assert_int_eq(t, 42);
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
    ll_time t = 42;
    ck_assert(!ll_time_parse_relative((struct ll_slice){0}, 0, &t, NULL));
    ck_assert(!ll_time_parse_relative(LL_SLICE("now-1h"), LL_TIME_NONE, &t, NULL));
    ck_assert(!ll_time_parse_relative(LL_SLICE("now+1h"), INT64_MAX, &t, NULL));
    ck_assert(!ll_time_parse_relative(LL_SLICE("now+1h"), LL_TIME_MAX, &t, NULL));
    ck_assert(!ll_time_parse_relative(LL_SLICE("now-1h"), LL_TIME_MIN, &t, NULL));
    ck_assert_int_eq(t, 42);
}
END_TEST

START_TEST(durations_are_read)
{
    static const struct {
        const char *text;
        ll_dur want;
    } good[] = {
        {"15s", 15000},
        {"10m", 600000},
        {"24h", LL_DAY},
        {"90d", 90 * LL_DAY},
        {"2w", 14 * LL_DAY},
        {"250ms", 250},
        {"1h30m", 90 * LL_MINUTE},
        {"5y", 1825 * LL_DAY},
        {"0s", 0},
        {"0001s", 1000},
        {"1y2w3d4h5m6s7ms",
         365 * LL_DAY + 14 * LL_DAY + 3 * LL_DAY + 4 * LL_HOUR + 5 * LL_MINUTE + 6 * LL_SECOND + 7},
        {"1000y", 365000 * LL_DAY},
        {"31536000000000ms", 365000 * LL_DAY},
    };
    static const char *const bad[] = {
        "",
        "s",
        "15",
        "-15s",
        "+15s",
        "1.5h",
        "15 s",
        " 15s",
        "15s ",
        "15S",
        "15min",
        "1h1h",
        "30m1h",
        "1m1y",
        "15s5",
        "1000y1ms",
        "1001y",
        "31536000000001ms",
        "999999999999999d",
        "1000000000000000ms",
        "99999999999999999999s",
        "1hm",
        "1\xc2\xb5s",
    };
    for (size_t i = 0; i < LL_LEN(good); i++) {
        ll_dur d = 42;
        ck_assert_msg(ll_dur_parse(ll_slice_of(good[i].text), &d, NULL), "%s", good[i].text);
        ck_assert_int_eq(d, good[i].want);
    }
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ll_dur d = 42;
        struct ll_err err = {0};
        ck_assert_msg(!ll_dur_parse(ll_slice_of(bad[i]), &d, &err), "%s", bad[i]);
        ck_assert_int_eq(d, 42);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
    }
    ll_dur d = 42;
    ck_assert(!ll_dur_parse((struct ll_slice){0}, &d, NULL));
    ck_assert_int_eq(d, 42);
}
END_TEST

START_TEST(durations_print_and_come_back)
{
    char text[LL_DUR_TEXT_MAX];
    uint64_t seed = 4;
    for (int i = 0; i < 20000; i++) {
        static const ll_dur steps[] = {1, LL_SECOND, LL_MINUTE, LL_HOUR, LL_DAY};
        ll_dur back = -1, step = steps[i % (int)LL_LEN(steps)], limit = 365000 * LL_DAY;
        ll_dur d = (ll_dur)(ll_test_random(&seed) % (uint64_t)limit) / step * step;
        ck_assert(ll_dur_parse(ll_slice_of(ll_dur_format(d, text)), &back, NULL));
        ck_assert_int_eq(back, d);
    }
    ck_assert_str_eq(ll_dur_format(0, text), "0s");
    ck_assert_str_eq(ll_dur_format(90 * LL_MINUTE, text), "90m");
    ck_assert_str_eq(ll_dur_format(14 * LL_DAY, text), "14d");
    ck_assert_str_eq(ll_dur_format(1500, text), "1500ms");
    ck_assert_str_eq(ll_dur_format(-LL_HOUR, text), "-1h");
    ck_assert_str_eq(ll_dur_format(INT64_MIN, text), "-9223372036854775808ms");
}
END_TEST

START_TEST(durations_print_for_people)
{
    static const struct {
        ll_dur d;
        const char *want;
    } cases[] = {
        {0, "0.0 s"},
        {1, "1 ms"},
        {50, "50 ms"},
        {-50, "-50 ms"},
        {999, "999 ms"},
        {1000, "1.0 s"},
        {4250, "4.2 s"},
        {-4250, "-4.2 s"},
        {9999, "9.9 s"},
        {10 * LL_SECOND, "10 s"},
        {59999, "59 s"},
        {LL_MINUTE, "1 m"},
        {LL_HOUR - 1, "59 m"},
        {17 * LL_HOUR + 55 * LL_MINUTE, "17 h 55 m"},
        {LL_DAY - 1, "23 h 59 m"},
        {LL_DAY, "1 d 0 h"},
        {10 * LL_DAY - 1, "9 d 23 h"},
        {23 * LL_DAY + LL_HOUR, "23 d"},
        {INT64_MAX, "106751991167 d"},
        {INT64_MIN, "-106751991167 d"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char text[LL_DUR_TEXT_MAX];
        ck_assert_str_eq(ll_dur_format_human(cases[i].d, text), cases[i].want);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        civil_counts_every_day,
        civil_splits_the_day,
        civil_carries_fields_that_are_out_of_range,
        civil_holds_to_the_ends_of_int64,
        floor_goes_down_on_both_sides,
        rfc3339_is_read,
        other_times_are_refused,
        times_print_and_come_back,
        relative_times_are_read,
        other_relative_times_are_refused,
        durations_are_read,
        durations_print_and_come_back,
        durations_print_for_people,
    };
    return ll_test_run("base_time", tests, LL_LEN(tests));
}
