/* The hours of sessions: own ones, breaks, shifts, daylight saving, and hours that are none. */
#include <stdio.h>
#include <string.h>

#include "calendar/calendar.h"
#include "calendar_make.h"
#include "support.h"

#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define CHICAGO "CST6CDT,M3.2.0,M11.1.0"

/* Seoul: the first session of the year opens an hour late; the day of the exam moves by one. */
START_TEST(days_are_shifted_whole_or_at_their_open)
{
    struct ll_cal_rule special[] = {{.id = LL_SLICE("first"),
                                     .base = LL_CAL_FIRST_SESSION,
                                     .month = 1,
                                     .mday = 1,
                                     .times = {.shift_open = HM(1, 0)}},
                                    {.id = LL_SLICE("exam"),
                                     .base = LL_CAL_FIXED,
                                     .month = 11,
                                     .mday = 13,
                                     .times = {.shift = HM(1, 0)}}};
    struct ll_cal_rule holiday = {.id = LL_SLICE("new_year"), .month = 1, .mday = 1};
    struct make m = make_calendar();
    make_rules(special, 2);
    make_rules(&holiday, 1);
    m.rules.special = special;
    m.rules.n_special = 2;
    m.rules.holidays = &holiday;
    m.rules.n_holidays = 1;
    m.hours.times = make_times(HM(9, 0), HM(15, 30), HM(11, 30), HM(12, 30));
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2026-01-02"), "10:00-15:30 11:30-12:30");
    ck_assert_str_eq(make_hours(x.c, "2025-11-13"), "10:00-16:30 12:30-13:30");
    ck_assert(make_flags(x.c, "2026-01-02") & LL_SESSION_HALF);
    ck_assert(!(make_flags(x.c, "2025-11-13") & LL_SESSION_HALF)); /* as long as ever */
    ck_assert_str_eq(make_hours(x.c, "2025-01-02"), "10:00-15:30 11:30-12:30");
    make_end(&x);
}
END_TEST

START_TEST(of_two_rows_for_a_day_and_field_the_later_counts)
{
    struct ll_cal_rule special[] = {
        {.id = LL_SLICE("a"),
         .month = 12,
         .mday = 24,
         .times = {.open = HM(10, 0), .close = HM(13, 0)}},
        {.id = LL_SLICE("b"), .month = 12, .mday = 24, .times = {.close = HM(12, 0)}}};
    struct ll_cal_change changes[] = {make_change(LL_CAL_TIMES, "2025-12-24"),
                                      make_change(LL_CAL_OPENED, "2022-12-24")};
    struct ll_cal_change over[] = {make_change(LL_CAL_TIMES, "2025-12-24"),
                                   make_change(LL_CAL_TIMES, "2025-12-24")};
    changes[0].times.open = HM(10, 30);
    changes[0].reason = LL_SLICE("outage");
    over[0].times.open = HM(11, 0);
    over[1].times.open = HM(11, 15);
    over[1].reason = LL_SLICE("longer");
    struct make m = make_calendar();
    make_rules(special, 2);
    m.rules.special = special;
    m.rules.n_special = 2;
    m.rules.changes = changes;
    m.rules.n_changes = 2;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2024-12-24"), "10:00-12:00");
    ck_assert_str_eq(make_why(x.c, "2024-12-24"), "b");
    ck_assert_str_eq(make_hours(x.c, "2025-12-24"), "10:30-12:00");
    ck_assert_str_eq(make_why(x.c, "2025-12-24"), "outage");
    ck_assert_str_eq(make_hours(x.c, "2022-12-24"), "10:00-12:00"); /* opened: rules hold on it */
    make_end(&x);
    m.changes = over;
    m.n_changes = 2;
    x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2025-12-24"), "11:15-12:00");
    ck_assert_str_eq(make_why(x.c, "2025-12-24"), "longer");
    make_end(&x);
}
END_TEST

START_TEST(a_day_may_have_a_break_of_its_own)
{
    struct ll_cal_rule special = {.id = LL_SLICE("eve"),
                                  .month = 12,
                                  .mday = 24,
                                  .times = {.break_start = HM(11, 0), .break_end = HM(11, 30)}};
    struct ll_cal_change times = make_change(LL_CAL_TIMES, "2026-12-24");
    times.times = make_times(0, 0, HM(10, 0), HM(15, 0));
    struct make m = make_calendar();
    make_rules(&special, 1);
    m.rules.special = &special;
    m.rules.n_special = 1;
    m.rules.changes = &times;
    m.rules.n_changes = 1;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2025-12-24"), "09:30-16:00 11:00-11:30");
    ck_assert_str_eq(make_hours(x.c, "2026-12-24"), "09:30-16:00 10:00-15:00");
    ck_assert(make_flags(x.c, "2025-12-24") & LL_SESSION_HALF); /* shorter by its break */
    make_end(&x);
}
END_TEST

START_TEST(a_break_outside_the_hours_falls_away)
{
    static const struct {
        int open, close;
        const char *hours;
    } cases[] = {{0, HM(12, 0), "09:30-12:00"},  /* closes where the break begins */
                 {0, HM(12, 30), "09:30-12:30"}, /* within it */
                 {0, HM(13, 0), "09:30-13:00"},  /* where it ends */
                 {0, HM(13, 1), "09:30-13:01 12:00-13:00"},
                 {HM(14, 0), 0, "14:00-16:00"}, /* Hong Kong 2023-10-09, after a typhoon */
                 {HM(13, 0), 0, "13:00-16:00"},
                 {HM(12, 0), 0, "12:00-16:00"},
                 {HM(11, 59), 0, "11:59-16:00 12:00-13:00"}};
    struct make m = make_calendar();
    m.hours.times = make_times(HM(9, 30), HM(16, 0), HM(12, 0), HM(13, 0));
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_cal_change times = make_change(LL_CAL_TIMES, "2023-10-09");
        times.times = make_times(cases[i].open, cases[i].close, 0, 0);
        m.rules.changes = &times;
        m.rules.n_changes = 1;
        struct made x = make_it(&m);
        ck_assert_str_eq(make_hours(x.c, "2023-10-09"), cases[i].hours);
        ck_assert(make_flags(x.c, "2023-10-09") & LL_SESSION_HALF);
        ck_assert_str_eq(make_hours(x.c, "2023-10-10"), "09:30-16:00 12:00-13:00");
        make_end(&x);
    }
}
END_TEST

START_TEST(own_hours_stand_over_rules_and_need_no_usual_ones)
{
    struct ll_cal_rule special = {
        .id = LL_SLICE("eve"), .month = 12, .mday = 24, .times = {.close = HM(12, 0)}};
    struct ll_cal_change opened = make_change(LL_CAL_OPENED, "2022-12-24");
    opened.times = make_times(HM(9, 0), HM(15, 0), 0, 0);
    struct make m = make_calendar();
    make_rules(&special, 1);
    m.rules.special = &special;
    m.rules.n_special = 1;
    m.rules.changes = &opened;
    m.rules.n_changes = 1;
    m.hours.times = make_times(HM(9, 0), HM(15, 0), HM(11, 0), HM(12, 0));
    m.hours.dow = WEEKDAYS;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2022-12-24"), "09:00-15:00"); /* no break: it names none */
    make_end(&x);

    opened.times.open = LL_CAL_CLOCK_NONE; /* now it needs the hours of a Saturday */
    const char *text = make_refused(&m, LL_E_CONFIG, 4);
    ck_assert_str_eq(text, "test.yaml:4: no hours for 2022-12-24");
}
END_TEST

/* Chicago's futures: Monday's session opens on Sunday at 17:00.  In 2026 clocks go forward on the
 * 8th of March and back on the 1st of November. */
START_TEST(an_open_on_the_day_before_follows_the_clock)
{
    struct make m = make_calendar();
    m.zone = CHICAGO;
    m.hours.times = make_times(HM(-7, 0), HM(16, 0), 0, 0);
    struct made x = make_it(&m);
    static const struct {
        const char *date, *open, *close;
    } days[] = {{"2026-03-06", "2026-03-05T23:00Z", "2026-03-06T22:00Z"},
                {"2026-03-09", "2026-03-08T22:00Z", "2026-03-09T21:00Z"},
                {"2026-10-30", "2026-10-29T22:00Z", "2026-10-30T21:00Z"},
                {"2026-11-02", "2026-11-01T23:00Z", "2026-11-02T22:00Z"}};
    for (size_t i = 0; i < LL_LEN(days); i++) {
        const struct ll_session *s = ll_calendar_session(x.c, make_day(days[i].date));
        ck_assert_int_eq(s->open, make_time(days[i].open));
        ck_assert_int_eq(s->close, make_time(days[i].close));
    }
    make_end(&x);
}
END_TEST

START_TEST(a_skipped_open_moves_and_a_doubled_one_is_the_first)
{
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    m.mask.mask = WEEK;
    m.hours.times = make_times(HM(2, 30), HM(16, 0), HM(10, 0), HM(11, 0));
    struct made x = make_it(&m);
    const struct ll_session *s = ll_calendar_session(x.c, make_day("2026-03-08"));
    ck_assert_int_eq(s->open, make_time("2026-03-08T07:30Z")); /* 03:30 EDT */
    ck_assert_int_eq(s[-1].open, make_time("2026-03-07T07:30Z"));
    ck_assert_int_eq(s[1].open, make_time("2026-03-09T06:30Z"));
    make_end(&x);

    m.hours.times = make_times(HM(1, 30), HM(1, 45), 0, 0);
    x = make_it(&m);
    s = ll_calendar_session(x.c, make_day("2026-11-01"));
    ck_assert_int_eq(s->open, make_time("2026-11-01T05:30Z")); /* 01:30 EDT, not EST */
    ck_assert_int_eq(s->close, make_time("2026-11-01T05:45Z"));
    make_end(&x);
}
END_TEST

START_TEST(hours_that_daylight_saving_swallows)
{
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    m.mask.mask = WEEK;
    m.hours.times = make_times(HM(2, 30), HM(3, 15), 0, 0); /* 03:30 to 03:15 on that day */
    const char *text = make_refused(&m, LL_E_CONFIG, 4);
    ck_assert_msg(strstr(text, "on 2000-04-02") || strstr(text, "on 2000-03-12"), "%s", text);

    m.hours.times = make_times(HM(1, 0), HM(16, 0), HM(2, 30), HM(3, 15)); /* the break is gone */
    struct made x = make_it(&m);
    const struct ll_session *s = ll_calendar_session(x.c, make_day("2026-03-08"));
    ck_assert_int_eq(s->break_start, LL_TIME_NONE);
    ck_assert_int_ne(s[1].break_start, LL_TIME_NONE);
    make_end(&x);
}
END_TEST

START_TEST(days_without_end_meet)
{
    struct make m = make_calendar();
    m.mask.mask = WEEK;
    m.hours.times = (struct ll_cal_times){0, HM(24, 0), LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, 0, 0};
    struct made x = make_it(&m);
    const struct ll_session *s;
    size_t n = ll_calendar_sessions(x.c, make_day("2024-01-01"), make_day("2024-12-31"), &s);
    ck_assert_uint_eq(n, 366);
    for (size_t i = 1; i < n; i++) {
        ck_assert_int_eq(s[i].open, s[i - 1].close);
        ck_assert_int_eq(s[i].open, s[i].date * LL_DAY);
        ck_assert_uint_eq(s[i].flags, 0);
    }
    make_end(&x);
}
END_TEST

START_TEST(weeks_and_hours_change_on_their_dates)
{
    /* Tel Aviv: Sunday to Thursday, Sundays shorter; from 2026-01-05 Monday to Friday */
    const struct ll_cal_weekmask masks[] = {
        {make_day("2026-01-05"), WEEKDAYS, 3},
        {LL_DAY_NONE, 1 << SUN | 1 << MON | 1 << TUE | 1 << WED | 1 << THU, 4}};
    const struct ll_cal_hours hours[] = {
        {LL_DAY_NONE, 0, make_times(HM(9, 45), HM(17, 15), 0, 0), 5},
        {LL_DAY_NONE, 1 << SUN, make_times(HM(9, 45), HM(15, 45), 0, 0), 6},
        {make_day("2026-01-05"), 1 << FRI, make_times(HM(9, 45), HM(13, 45), 0, 0), 7},
        {make_day("2026-01-05"), 0, make_times(HM(9, 59), HM(17, 15), 0, 0), 8}};
    struct make m = make_calendar();
    m.rules.weekmasks = masks;
    m.rules.n_weekmasks = 2;
    m.rules.hours = hours;
    m.rules.n_hours = 4;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2025-12-28"), "09:45-15:45"); /* Sunday */
    ck_assert_str_eq(make_hours(x.c, "2025-12-29"), "09:45-17:15");
    ck_assert_str_eq(make_hours(x.c, "2026-01-02"), "closed"); /* Friday */
    ck_assert_str_eq(make_hours(x.c, "2026-01-04"), "09:45-15:45");
    ck_assert_str_eq(make_hours(x.c, "2026-01-05"), "09:59-17:15");
    ck_assert_str_eq(make_hours(x.c, "2026-01-09"), "09:45-13:45");
    ck_assert_str_eq(make_hours(x.c, "2026-01-11"), "closed");
    ck_assert(!(make_flags(x.c, "2026-01-09") & LL_SESSION_HALF)); /* usual for a Friday */
    make_end(&x);
}
END_TEST

START_TEST(hours_that_are_none_are_errors)
{
    struct make m = make_calendar();
    m.hours.times = make_times(HM(16, 0), HM(16, 0), 0, 0);
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 4),
                     "test.yaml:4: on 2000-01-03 the open is not before the close");

    m = make_calendar();
    struct ll_cal_rule special = {
        .id = LL_SLICE("eve"), .month = 12, .mday = 24, .times = {.close = HM(9, 0)}};
    make_rules(&special, 1);
    m.rules.special = &special;
    m.rules.n_special = 1;
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 10),
                     "test.yaml:10: on 2001-12-24 the open is not before the close");

    m = make_calendar();
    m.hours.dow = 1 << MON;
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 4), "test.yaml:4: no hours for 2000-01-04");
    m.hours.dow = 0;
    m.hours.from = make_day("2001-01-01");
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 1), "no hours for 2000-01-03"));

    m = make_calendar();
    m.mask.from = make_day("2000-01-03");
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 3), "test.yaml:3: no weekmask for 2000-01-01");

    m = make_calendar();
    m.hours.times = make_times(HM(9, 30), HM(100, 0), 0, 0);
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 4), "days away"));
}
END_TEST

START_TEST(sessions_that_overlap_are_errors)
{
    struct make m = make_calendar();
    m.hours.times = make_times(HM(-8, 0), HM(16, 0), 0, 0); /* meets the next one: allowed */
    struct made x = make_it(&m);
    make_end(&x);
    m.hours.times = make_times(HM(-8, 0), HM(16, 0) + 1, 0, 0);
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 4),
                     "test.yaml:4: the sessions of 2000-01-03 and 2000-01-04 overlap");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {days_are_shifted_whole_or_at_their_open,
                                  of_two_rows_for_a_day_and_field_the_later_counts,
                                  a_day_may_have_a_break_of_its_own,
                                  a_break_outside_the_hours_falls_away,
                                  own_hours_stand_over_rules_and_need_no_usual_ones,
                                  an_open_on_the_day_before_follows_the_clock,
                                  a_skipped_open_moves_and_a_doubled_one_is_the_first,
                                  hours_that_daylight_saving_swallows,
                                  days_without_end_meet,
                                  weeks_and_hours_change_on_their_dates,
                                  hours_that_are_none_are_errors,
                                  sessions_that_overlap_are_errors};
    return ll_test_run("calendar_hours", tests, LL_LEN(tests));
}
