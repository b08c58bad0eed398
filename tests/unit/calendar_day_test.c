/* Days, and the dates a rule has in its years. */
#include <stdio.h>
#include <string.h>

#include "calendar/dates.h"
#include "calendar/day.h"
#include "calendar_make.h"
#include "support.h"

START_TEST(days_count_as_time_does_and_come_back)
{
    int weekday = ll_day_weekday(LL_DAY_FIRST_ALLOWED);
    ck_assert_int_eq(weekday, MON); /* 1900-01-01 */
    for (ll_day d = LL_DAY_FIRST_ALLOWED; d <= LL_DAY_LAST_ALLOWED; d++) {
        struct ll_date x = ll_day_date(d);
        ck_assert_int_eq(ll_day_of(x.year, x.month, x.day), d);
        ck_assert_int_eq(ll_day_weekday(d), weekday);
        weekday = (weekday + 1) % 7;
    }
    ck_assert_int_eq(ll_day_of(1970, 1, 1), 0);
    ck_assert_int_eq(ll_day_of(2199, 12, 31), LL_DAY_LAST_ALLOWED);
    ck_assert_int_eq(ll_day_of(1900, 1, 1), LL_DAY_FIRST_ALLOWED);
}
END_TEST

START_TEST(february_has_29_days_in_leap_years)
{
    ck_assert_int_eq(ll_month_days(2024, 2), 29);
    ck_assert_int_eq(ll_month_days(2026, 2), 28);
    ck_assert_int_eq(ll_month_days(2000, 2), 29);
    ck_assert_int_eq(ll_month_days(2100, 2), 28);
    ck_assert_int_eq(ll_month_days(2026, 12), 31);
}
END_TEST

START_TEST(dates_are_read_and_written)
{
    static const char *const good[] = {"1900-01-01", "1970-01-01", "2024-02-29", "2199-12-31"};
    char text[LL_DAY_TEXT_MAX];
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(good); i++) {
        ll_day d;
        ck_assert(ll_day_parse(ll_slice_of(good[i]), &d, &err));
        ck_assert_str_eq(ll_day_format(d, text), good[i]);
    }
    ck_assert_str_eq(ll_day_format(LL_DAY_NONE, text), "");
    ck_assert_str_eq(ll_day_format(LL_DAY_LAST, text), "");
}
END_TEST

START_TEST(what_is_no_date_is_refused)
{
    static const struct {
        const char *text;
        enum ll_err_code code;
    } bad[] = {
        {"", LL_E_INVALID},           {"2026-2-28", LL_E_INVALID},  {"2026-02-29", LL_E_INVALID},
        {"2026-00-01", LL_E_INVALID}, {"2026-13-01", LL_E_INVALID}, {"2026-04-31", LL_E_INVALID},
        {"2026-04-00", LL_E_INVALID}, {"2026/04/01", LL_E_INVALID}, {"+026-04-01", LL_E_INVALID},
        {"2026-0:-01", LL_E_INVALID}, {"2026-04-1a", LL_E_INVALID}, {"2026-04-011", LL_E_INVALID},
        {"1899-12-31", LL_E_RANGE},   {"2200-01-01", LL_E_RANGE}};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ll_day d = 42;
        struct ll_err err;
        ck_assert_msg(!ll_day_parse(ll_slice_of(bad[i].text), &d, &err), "%s", bad[i].text);
        ck_assert_int_eq(err.code, bad[i].code);
        ck_assert_int_eq(d, 42);
    }
}
END_TEST

START_TEST(the_nth_weekday_of_a_month_may_not_exist)
{
    ck_assert_int_eq(ll_day_nth(2026, 1, 3, MON), make_day("2026-01-19"));
    ck_assert_int_eq(ll_day_nth(2026, 5, -1, MON), make_day("2026-05-25"));
    ck_assert_int_eq(ll_day_nth(2026, 11, 4, THU), make_day("2026-11-26"));
    ck_assert_int_eq(ll_day_nth(2026, 11, 1, SUN), make_day("2026-11-01"));
    ck_assert_int_eq(ll_day_nth(2026, 11, 5, MON), make_day("2026-11-30"));
    ck_assert_int_eq(ll_day_nth(2026, 11, 5, THU), LL_DAY_NONE);
    ck_assert_int_eq(ll_day_nth(2026, 11, -5, MON), make_day("2026-11-02"));
    ck_assert_int_eq(ll_day_nth(2026, 11, -5, TUE), LL_DAY_NONE);
    ck_assert_int_eq(ll_day_nth(2026, 2, 5, SAT), LL_DAY_NONE);
    ck_assert_int_eq(ll_day_nth(2026, 2, 0, SAT), LL_DAY_NONE);
}
END_TEST

/* Knuth, The Art of Computer Programming 1.3.2, exercise 14: golden number, century, epact. */
static ll_day easter_by_epact(int y)
{
    int g = y % 19 + 1, c = y / 100 + 1, x = 3 * c / 4 - 12, z = (8 * c + 5) / 25 - 5;
    int d = 5 * y / 4 - x - 10, e = (11 * g + 20 + z - x) % 30;
    if ((e == 25 && g > 11) || e == 24)
        e++;
    int n = 44 - e;
    n = n < 21 ? n + 30 : n;
    n = n + 7 - (d + n) % 7;
    return ll_day_of(y, 3, 1) + n - 1;
}

/* The Julian full moons of the 19 golden numbers, as days of March; the Sunday after, by the
 * Gregorian weekday of the same day. */
static ll_day easter_by_table(int y)
{
    static const int moons[19] = {36, 25, 44, 33, 22, 41, 30, 49, 38, 27,
                                  46, 35, 24, 43, 32, 21, 40, 29, 48};
    int behind = y < 2100 ? 13 : 14;
    ll_day moon = ll_day_of(y, 3, 1) + moons[y % 19] - 1 + behind;
    return moon + 7 - (ll_day_weekday(moon) + 1) % 7;
}

START_TEST(easter_is_what_the_tables_of_the_church_say)
{
    for (int y = 1900; y < 2200; y++) {
        ck_assert_int_eq(ll_day_easter(y, false), easter_by_epact(y));
        ck_assert_int_eq(ll_day_easter(y, true), easter_by_table(y));
        ck_assert_int_eq(ll_day_weekday(ll_day_easter(y, true)), SUN);
    }
    ck_assert_int_eq(ll_day_easter(1943, false), make_day("1943-04-25")); /* the latest */
    ck_assert_int_eq(ll_day_easter(2008, false), make_day("2008-03-23"));
    ck_assert_int_eq(ll_day_easter(2026, false), make_day("2026-04-05"));
    ck_assert_int_eq(ll_day_easter(2024, true), make_day("2024-05-05"));
    ck_assert_int_eq(ll_day_easter(2025, true), make_day("2025-04-20")); /* both on one day */
    ck_assert_int_eq(ll_day_easter(2026, true), make_day("2026-04-12"));
}
END_TEST

/* The dates of a rule as text, one blank between. */
static const char *dates_of(struct ll_cal_rule r, int year, int last)
{
    static char text[512];
    make_rules(&r, 1);
    struct ll_cal_dates x = {.rule = &r, .year = year, .last = last};
    size_t n = 0;
    text[0] = '\0';
    for (ll_day d; ll_cal_dates_next(&x, &d);) {
        char one[LL_DAY_TEXT_MAX];
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "",
                              ll_day_format(d, one));
        ck_assert_uint_lt(n, sizeof(text));
    }
    return text;
}

START_TEST(a_fixed_date_of_leap_years_is_in_leap_years)
{
    struct ll_cal_rule r = {.base = LL_CAL_FIXED, .month = 2, .mday = 29};
    ck_assert_str_eq(dates_of(r, 2023, 2029), "2024-02-29 2028-02-29");
    r.mday = 28;
    r.offset = 1; /* the day after the 28th is in every year */
    ck_assert_str_eq(dates_of(r, 2023, 2024), "2023-03-01 2024-02-29");
}
END_TEST

START_TEST(nth_rules_leave_out_months_that_have_none)
{
    struct ll_cal_rule r = {.base = LL_CAL_NTH, .nth = 5, .weekday = FRI, .months = 0xfff};
    ck_assert_str_eq(dates_of(r, 2026, 2026), "2026-01-30 2026-05-29 2026-07-31 2026-10-30");
    r = (struct ll_cal_rule){.base = LL_CAL_NTH, .nth = -1, .weekday = MON, .months = 1 << 4};
    ck_assert_str_eq(dates_of(r, 2025, 2026), "2025-05-26 2026-05-25");
}
END_TEST

START_TEST(a_weekday_on_or_near_a_date)
{
    /* Midsummer eve in Stockholm; Victoria Day in Toronto */
    struct ll_cal_rule r = {.base = LL_CAL_ON_OR_AFTER, .weekday = FRI, .month = 6, .mday = 19};
    ck_assert_str_eq(dates_of(r, 2025, 2026), "2025-06-20 2026-06-19");
    r = (struct ll_cal_rule){.base = LL_CAL_ON_OR_BEFORE, .weekday = MON, .month = 5, .mday = 24};
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2020-05-18 2021-05-24 2022-05-23");
    r = (struct ll_cal_rule){.base = LL_CAL_ON_OR_AFTER, .weekday = MON, .month = 12, .mday = 31};
    ck_assert_str_eq(dates_of(r, 2025, 2025), "2026-01-05"); /* of the next year */
    r = (struct ll_cal_rule){.base = LL_CAL_ON_OR_AFTER, .weekday = MON, .month = 2, .mday = 29};
    ck_assert_str_eq(dates_of(r, 2026, 2026), "");
}
END_TEST

START_TEST(easter_rules_count_from_sunday)
{
    struct ll_cal_rule r = {.base = LL_CAL_EASTER, .easter = -2};
    ck_assert_str_eq(dates_of(r, 2026, 2026), "2026-04-03");
    r.easter = 1;
    r.orthodox = true;
    ck_assert_str_eq(dates_of(r, 2026, 2026), "2026-04-13");
}
END_TEST

START_TEST(a_table_has_any_number_of_dates_in_a_year)
{
    const ll_day days[] = {make_day("2019-12-31"), make_day("2020-01-25"), make_day("2020-02-01"),
                           make_day("2022-02-01"), make_day("2023-01-22")};
    const struct ll_cal_table table = {LL_SLICE("cn"), days, LL_LEN(days)};
    struct ll_cal_rule r = {.base = LL_CAL_TABLE, .table = &table};
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2020-01-25 2020-02-01 2022-02-01");
    ck_assert_str_eq(dates_of(r, 2021, 2021), "");
    ck_assert_str_eq(dates_of(r, 2024, 2030), "");
    r.offset = -1; /* filters by the base's year, not the result's */
    r.years = (const int[]){2023};
    r.n_years = 1;
    ck_assert_str_eq(dates_of(r, 2020, 2030), "2023-01-21");
}
END_TEST

START_TEST(filters_and_shifts_have_their_order)
{
    /* the 4th day of Chinese new year, when the first was a Friday to Sunday */
    struct ll_cal_rule r = {.base = LL_CAL_FIXED, .month = 12, .mday = 25, .offset = 2};
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2020-12-27 2021-12-27 2022-12-27");
    r.base_dow = 1 << SAT | 1 << SUN; /* Christmas on a weekend: 2021, 2022 */
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2021-12-27 2022-12-27");
    r.dow = 1 << TUE; /* and the 27th a Tuesday */
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2022-12-27");
    r.observe[TUE] = 1; /* the shift is last: the result need not be a Tuesday */
    ck_assert_str_eq(dates_of(r, 2020, 2022), "2022-12-28");
}
END_TEST

START_TEST(from_to_and_years_look_at_the_base)
{
    struct ll_cal_rule r = {.base = LL_CAL_FIXED,
                            .month = 1,
                            .mday = 1,
                            .offset = -1,
                            .from = make_day("2021-01-01"),
                            .to = make_day("2023-01-01")};
    ck_assert_str_eq(dates_of(r, 2019, 2026), "2020-12-31 2021-12-31 2022-12-31");
    r.except_years = (const int[]){2022};
    r.n_except_years = 1;
    ck_assert_str_eq(dates_of(r, 2019, 2026), "2020-12-31 2022-12-31");
    r.years = (const int[]){2022, 2023, 2024};
    r.n_years = 3;
    ck_assert_str_eq(dates_of(r, 2019, 2026), "2022-12-31");
}
END_TEST

START_TEST(observe_moves_once)
{
    struct ll_cal_rule r = {.base = LL_CAL_FIXED, .month = 7, .mday = 4};
    r.observe[SAT] = -1;
    r.observe[SUN] = 1;
    ck_assert_str_eq(dates_of(r, 2019, 2022), "2019-07-04 2020-07-03 2021-07-05 2022-07-04");
    r.observe[SAT] = 1; /* onto a Sunday, and not on from there */
    ck_assert_str_eq(dates_of(r, 2020, 2020), "2020-07-05");
}
END_TEST

START_TEST(a_rule_by_sessions_has_no_dates_without_sessions)
{
    struct ll_cal_rule r = {.base = LL_CAL_LAST_SESSION, .month = 12, .mday = 24};
    ck_assert_str_eq(dates_of(r, 2020, 2022), "");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {days_count_as_time_does_and_come_back,
                                  february_has_29_days_in_leap_years,
                                  dates_are_read_and_written,
                                  what_is_no_date_is_refused,
                                  the_nth_weekday_of_a_month_may_not_exist,
                                  easter_is_what_the_tables_of_the_church_say,
                                  a_fixed_date_of_leap_years_is_in_leap_years,
                                  nth_rules_leave_out_months_that_have_none,
                                  a_weekday_on_or_near_a_date,
                                  easter_rules_count_from_sunday,
                                  a_table_has_any_number_of_dates_in_a_year,
                                  filters_and_shifts_have_their_order,
                                  from_to_and_years_look_at_the_base,
                                  observe_moves_once,
                                  a_rule_by_sessions_has_no_dates_without_sessions};
    return ll_test_run("calendar_day", tests, LL_LEN(tests));
}
