/* From rules to days: each primitive with a case from real life, and its edges. */
#include <stdio.h>
#include <string.h>

#include "calendar/calendar.h"
#include "calendar_make.h"
#include "support.h"

#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"

static bool is_session(const struct made *m, const char *date)
{
    return ll_calendar_session(m->c, make_day(date)) != NULL;
}

static bool says(struct ll_slice s, const char *z)
{
    return ll_slice_eq(s, ll_slice_of(z));
}

START_TEST(a_week_has_five_sessions)
{
    struct make m = make_calendar();
    struct made x = make_it(&m);
    const struct ll_session *s;
    ck_assert_uint_eq(ll_calendar_sessions(x.c, make_day("2026-11-23"), make_day("2026-11-29"), &s),
                      5);
    ck_assert_int_eq(s[4].date, make_day("2026-11-27"));
    ck_assert_str_eq(make_hours(x.c, "2026-11-27"), "09:30-16:00");
    ck_assert_str_eq(make_hours(x.c, "2026-11-28"), "closed");
    ck_assert_str_eq(make_why(x.c, "2026-11-28"), "weekend");
    ck_assert_str_eq(make_why(x.c, "2026-11-27"), "");
    ck_assert_str_eq(ll_calendar_code(x.c), "TEST");
    ck_assert_int_eq(ll_calendar_from(x.c), make_day("2000-01-01"));
    ck_assert_int_eq(ll_calendar_to(x.c), make_day("2030-12-31"));
    make_end(&x);
}
END_TEST

START_TEST(new_year_in_new_york_is_not_observed_on_saturdays)
{
    struct ll_cal_rule rules[] = {
        {.id = LL_SLICE("new_year"), .month = 1, .mday = 1, .observe[SUN] = 1},
        {.id = LL_SLICE("christmas"), .month = 12, .mday = 25, .observe = {[SAT] = -1, [SUN] = 1}}};
    struct make m = make_calendar();
    make_rules(rules, 2);
    m.rules.holidays = rules;
    m.rules.n_holidays = 2;
    struct made x = make_it(&m);
    ck_assert(is_session(&x, "2021-12-31")); /* 2022-01-01 is a Saturday */
    ck_assert(!is_session(&x, "2023-01-02"));
    ck_assert_str_eq(make_why(x.c, "2023-01-02"), "new_year");
    ck_assert(!is_session(&x, "2021-12-24"));
    ck_assert(!is_session(&x, "2022-12-26"));
    ck_assert_str_eq(make_why(x.c, "2022-12-25"), "weekend");
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2022-12-26")),
                     LL_DAY_CLASS_CLOSED_HOLIDAY);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2022-12-25")),
                     LL_DAY_CLASS_CLOSED_WEEKEND);
    make_end(&x);
}
END_TEST

/* Hong Kong, April 2021: Good Friday 2nd, Ching Ming on Sunday the 4th, observed on Monday, which
 * is Easter Monday; so Tuesday the 6th. */
START_TEST(an_observed_day_that_is_taken_moves_on)
{
    const ll_day days[] = {make_day("2021-04-04"), make_day("2022-04-05")};
    const struct ll_cal_table table = {LL_SLICE("cn_qingming"), days, 2};
    struct ll_cal_rule rules[] = {
        {.id = LL_SLICE("qingming"),
         .base = LL_CAL_TABLE,
         .table = &table,
         .observe[SUN] = 1,
         .collide = LL_CAL_COLLIDE_NEXT},
        {.id = LL_SLICE("good_friday"), .base = LL_CAL_EASTER, .easter = -2},
        {.id = LL_SLICE("easter_monday"), .base = LL_CAL_EASTER, .easter = 1}};
    struct make m = make_calendar();
    make_rules(rules, 3);
    m.rules.holidays = rules; /* rows without collide come first, wherever they stand */
    m.rules.n_holidays = 3;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_why(x.c, "2021-04-02"), "good_friday");
    ck_assert_str_eq(make_why(x.c, "2021-04-05"), "easter_monday");
    ck_assert_str_eq(make_why(x.c, "2021-04-06"), "qingming");
    ck_assert(is_session(&x, "2021-04-07"));
    ck_assert_str_eq(make_why(x.c, "2022-04-05"), "qingming");
    make_end(&x);
}
END_TEST

START_TEST(colliding_rows_see_those_above_and_days_off)
{
    /* Saturday 2026-08-15 under three rules: one stays, two move on past it and each other */
    struct ll_cal_rule rules[] = {
        {.id = LL_SLICE("a"), .month = 8, .mday = 15, .collide = LL_CAL_COLLIDE_NEXT_SESSION},
        {.id = LL_SLICE("b"), .month = 8, .mday = 15, .collide = LL_CAL_COLLIDE_NEXT_SESSION},
        {.id = LL_SLICE("c"), .month = 8, .mday = 15, .collide = LL_CAL_COLLIDE_NEXT},
        {.id = LL_SLICE("d"), .month = 8, .mday = 18}};
    struct make m = make_calendar();
    make_rules(rules, 4);
    m.rules.holidays = rules;
    m.rules.n_holidays = 4;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_why(x.c, "2026-08-17"), "a");
    ck_assert_str_eq(make_why(x.c, "2026-08-18"), "d");
    ck_assert_str_eq(make_why(x.c, "2026-08-19"), "b"); /* past a and d */
    ck_assert(is_session(&x, "2026-08-20")); /* c stays on the Saturday: nobody took it */
    ck_assert_str_eq(make_why(x.c, "2026-08-15"), "weekend");
    make_end(&x);
}
END_TEST

START_TEST(days_of_one_list_do_not_fall_on_each_other)
{
    const ll_day days[] = {make_day("2026-03-21"), make_day("2026-03-22")};
    const struct ll_cal_table table = {LL_SLICE("feast"), days, 2};
    struct ll_cal_rule rule = {.id = LL_SLICE("feast"),
                               .base = LL_CAL_TABLE,
                               .table = &table,
                               .collide = LL_CAL_COLLIDE_NEXT_SESSION};
    struct make m = make_calendar();
    make_rules(&rule, 1);
    m.rules.holidays = &rule;
    m.rules.n_holidays = 1;
    struct made x = make_it(&m);
    ck_assert(!is_session(&x, "2026-03-23") && !is_session(&x, "2026-03-24"));
    ck_assert(is_session(&x, "2026-03-25"));
    make_end(&x);
}
END_TEST

/* London's half day before Christmas. */
static struct make london(struct ll_cal_rule special[static 1])
{
    struct make m = make_calendar();
    special[0] = (struct ll_cal_rule){.id = LL_SLICE("xmas_eve"),
                                      .base = LL_CAL_LAST_SESSION,
                                      .month = 12,
                                      .mday = 24,
                                      .times = {.close = HM(12, 30)}};
    make_rules(special, 1);
    m.rules.special = special;
    m.rules.n_special = 1;
    return m;
}

START_TEST(the_last_session_up_to_a_day_is_found)
{
    struct ll_cal_rule special[1];
    struct make m = london(special);
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2023-12-22"), "09:30-12:30"); /* the 24th is a Sunday */
    ck_assert_str_eq(make_hours(x.c, "2024-12-24"), "09:30-12:30");
    ck_assert_str_eq(make_hours(x.c, "2024-12-23"), "09:30-16:00");
    ck_assert_str_eq(make_why(x.c, "2023-12-22"), "xmas_eve");
    ck_assert(make_flags(x.c, "2023-12-22") & LL_SESSION_HALF);
    make_end(&x);
}
END_TEST

START_TEST(a_closure_of_the_file_moves_the_last_session_when_it_is_known)
{
    struct ll_cal_rule special[1];
    struct make m = london(special);
    struct ll_cal_change closed = make_change(LL_CAL_CLOSED, "2024-12-24");
    closed.known = make_time("2024-06-01T00:00Z");
    closed.reason = LL_SLICE("storm");
    m.rules.changes = &closed;
    m.rules.n_changes = 1;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_why(x.c, "2024-12-24"), "storm");
    ck_assert_str_eq(make_hours(x.c, "2024-12-23"), "09:30-12:30");
    make_end(&x);

    m.known_at = closed.known; /* known at that moment */
    x = make_it(&m);
    ck_assert(!is_session(&x, "2024-12-24"));
    make_end(&x);

    m.known_at = closed.known - 1;
    x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2024-12-24"), "09:30-12:30");
    ck_assert_str_eq(make_hours(x.c, "2024-12-23"), "09:30-16:00");
    make_end(&x);
}
END_TEST

START_TEST(an_overlay_changes_its_day_alone)
{
    struct ll_cal_rule special[1];
    struct make m = london(special);
    struct ll_cal_change closed = make_change(LL_CAL_CLOSED, "2024-12-24");
    m.changes = &closed;
    m.n_changes = 1;
    struct made x = make_it(&m);
    ck_assert(!is_session(&x, "2024-12-24"));
    ck_assert_str_eq(make_why(x.c, "2024-12-24"), "ad hoc");
    ck_assert_str_eq(make_hours(x.c, "2024-12-23"), "09:30-16:00");
    make_end(&x);
}
END_TEST

START_TEST(holidays_by_sessions_see_those_before_them)
{
    struct ll_cal_rule rules[] = {
        {.id = LL_SLICE("last"), .base = LL_CAL_LAST_SESSION, .month = 12, .mday = 31},
        {.id = LL_SLICE("last_but_one"), .base = LL_CAL_LAST_SESSION, .month = 12, .mday = 31},
        {.id = LL_SLICE("eve"), .month = 12, .mday = 31}};
    struct ll_cal_rule special = {.id = LL_SLICE("short"),
                                  .base = LL_CAL_LAST_SESSION,
                                  .month = 12,
                                  .mday = 31,
                                  .times = {.close = HM(12, 0)}};
    struct make m = make_calendar();
    make_rules(rules, 3);
    make_rules(&special, 1);
    m.rules.holidays = rules;
    m.rules.n_holidays = 3;
    m.rules.special = &special;
    m.rules.n_special = 1;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_why(x.c, "2026-12-31"), "eve");
    ck_assert_str_eq(make_why(x.c, "2026-12-30"), "last");
    ck_assert_str_eq(make_why(x.c, "2026-12-29"), "last_but_one");
    ck_assert_str_eq(make_hours(x.c, "2026-12-28"), "09:30-12:00");
    make_end(&x);
}
END_TEST

START_TEST(a_rule_without_a_session_near_is_an_error)
{
    struct ll_cal_rule special[1];
    struct make m = london(special);
    const ll_day days[] = {make_day("2010-12-14"), make_day("2010-12-15"), make_day("2010-12-16"),
                           make_day("2010-12-17"), make_day("2010-12-20"), make_day("2010-12-21"),
                           make_day("2010-12-22"), make_day("2010-12-23"), make_day("2010-12-24")};
    const struct ll_cal_table table = {LL_SLICE("shut"), days, LL_LEN(days)};
    struct ll_cal_rule holiday = {.id = LL_SLICE("shut"),
                                  .base = LL_CAL_TABLE,
                                  .table = &table,
                                  .to = make_day("2010-12-31")};
    make_rules(&holiday, 1);
    m.rules.holidays = &holiday;
    m.rules.n_holidays = 1;
    const char *text = make_refused(&m, LL_E_CONFIG, 10);
    ck_assert_msg(strstr(text, "test.yaml:10: 'xmas_eve'") && strstr(text, "2010-12-24"), "%s",
                  text);

    special[0].from = make_day("2011-01-01"); /* where the rule does not hold it needs none */
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2010-12-13"), "09:30-16:00");
    ck_assert_str_eq(make_hours(x.c, "2011-12-23"), "09:30-12:30");
    make_end(&x);

    struct ll_cal_table short_table = {LL_SLICE("shut"), days + 1, LL_LEN(days) - 1};
    special[0].from = LL_DAY_NONE; /* ten days back is as far as it looks: the 14th */
    holiday.table = &short_table;
    x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2010-12-14"), "09:30-12:30");
    make_end(&x);
}
END_TEST

START_TEST(special_rules_make_no_session)
{
    struct ll_cal_rule special = {
        .id = LL_SLICE("eve"), .month = 12, .mday = 24, .times = {.close = HM(13, 0)}};
    struct ll_cal_change times = make_change(LL_CAL_TIMES, "2022-12-25");
    times.times.open = HM(10, 0);
    struct make m = make_calendar();
    make_rules(&special, 1);
    m.rules.special = &special;
    m.rules.n_special = 1;
    m.rules.changes = &times;
    m.rules.n_changes = 1;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2022-12-24"), "closed"); /* a Saturday */
    ck_assert_str_eq(make_why(x.c, "2022-12-24"), "weekend");
    ck_assert_str_eq(make_hours(x.c, "2022-12-25"), "closed");
    ck_assert_str_eq(make_hours(x.c, "2025-12-24"), "09:30-13:00");
    make_end(&x);
}
END_TEST

START_TEST(times_of_a_date_come_after_its_opening_in_any_order)
{
    struct ll_cal_change changes[] = {make_change(LL_CAL_TIMES, "2026-11-28"),
                                      make_change(LL_CAL_OPENED, "2026-11-28")};
    changes[0].times.close = HM(12, 0);
    changes[1].times = make_times(HM(10, 0), HM(14, 0), 0, 0);
    struct make m = make_calendar();
    m.rules.changes = changes;
    m.rules.n_changes = 2;
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2026-11-28"), "10:00-12:00");
    make_end(&x);
}
END_TEST

START_TEST(days_off_are_opened_with_their_own_hours)
{
    struct ll_cal_change changes[] = {
        make_change(LL_CAL_OPENED, "2023-11-12"), /* Mumbai's evening of Diwali, a Sunday */
        make_change(LL_CAL_OPENED, "2024-01-20"), /* a Saturday with the usual hours */
        make_change(LL_CAL_OPENED, "2024-03-02"), /* and one that closes early */
        make_change(LL_CAL_CLOSED, "2024-01-22"),
        make_change(LL_CAL_OPENED, "2024-12-25"), /* a holiday of the week */
    };
    changes[0].times = make_times(HM(18, 15), HM(19, 15), 0, 0);
    changes[0].reason = LL_SLICE("muhurat");
    changes[2].times.close = HM(12, 30);
    struct ll_cal_rule holiday = {.id = LL_SLICE("christmas"), .month = 12, .mday = 25};
    struct make m = make_calendar();
    make_rules(&holiday, 1);
    m.rules.holidays = &holiday;
    m.rules.n_holidays = 1;
    m.rules.changes = changes;
    m.rules.n_changes = LL_LEN(changes);
    m.hours.times = make_times(HM(9, 15), HM(15, 30), HM(12, 0), HM(13, 0));
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2023-11-12"), "18:15-19:15");
    ck_assert_uint_eq(make_flags(x.c, "2023-11-12"), LL_SESSION_EXTRA | LL_SESSION_HALF);
    ck_assert_str_eq(make_why(x.c, "2023-11-12"), "muhurat");
    ck_assert_str_eq(make_hours(x.c, "2024-01-20"), "09:15-15:30 12:00-13:00");
    ck_assert_uint_eq(make_flags(x.c, "2024-01-20"), LL_SESSION_EXTRA | LL_SESSION_PRE_HOLIDAY);
    ck_assert_str_eq(make_hours(x.c, "2024-03-02"), "09:15-12:30");
    ck_assert_str_eq(make_hours(x.c, "2024-01-22"), "closed");
    ck_assert_str_eq(make_hours(x.c, "2024-12-25"), "09:15-15:30 12:00-13:00");
    ck_assert(!(make_flags(x.c, "2024-12-25") & LL_SESSION_EXTRA));
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2024-01-22")),
                     LL_DAY_CLASS_CLOSED_HOLIDAY);
    make_end(&x);
}
END_TEST

START_TEST(of_overlays_the_later_entry_wins)
{
    struct ll_cal_change over[] = {
        make_change(LL_CAL_CLOSED, "2026-02-03"),  make_change(LL_CAL_OPENED, "2026-02-03"),
        make_change(LL_CAL_OPENED, "2026-02-07"),  make_change(LL_CAL_TIMES, "2026-02-07"),
        make_change(LL_CAL_CLOSED, "2026-02-07"),  make_change(LL_CAL_EVENT, "2026-02-04"),
        make_change(LL_CAL_NO_EVENT, "2026-02-05")};
    over[4].reason = LL_SLICE("not after all");
    struct make m = make_calendar();
    m.changes = over;
    m.n_changes = LL_LEN(over);
    struct made x = make_it(&m);
    ck_assert_str_eq(make_hours(x.c, "2026-02-03"), "09:30-16:00");
    ck_assert_str_eq(make_hours(x.c, "2026-02-04"), "09:30-16:00");
    ck_assert_str_eq(make_hours(x.c, "2026-02-05"), "09:30-16:00");
    ck_assert_str_eq(make_hours(x.c, "2026-02-07"), "closed");
    ck_assert_str_eq(make_why(x.c, "2026-02-07"), "not after all");
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2026-02-07")),
                     LL_DAY_CLASS_CLOSED_WEEKEND);
    make_end(&x);
}
END_TEST

START_TEST(days_beside_holidays_are_marked)
{
    struct ll_cal_rule rules[] = {{.id = LL_SLICE("new_year"), .month = 1, .mday = 1},
                                  {.id = LL_SLICE("third"), .month = 12, .mday = 30}};
    struct make m = make_calendar();
    make_rules(rules, 2);
    m.rules.holidays = rules;
    m.rules.n_holidays = 2;
    m.rules.from = make_day("2026-01-02"); /* 2026-01-01, before it, is a Thursday and closed */
    m.to = "2026-12-31";                   /* and 2027-01-01 after it a Friday */
    struct made x = make_it(&m);
    const unsigned beside = LL_SESSION_PRE_HOLIDAY | LL_SESSION_POST_HOLIDAY;
    ck_assert_uint_eq(make_flags(x.c, "2026-01-02"), LL_SESSION_POST_HOLIDAY);
    ck_assert_uint_eq(make_flags(x.c, "2026-01-05"), 0); /* weekends are no holidays */
    ck_assert_uint_eq(make_flags(x.c, "2026-12-29"), LL_SESSION_PRE_HOLIDAY);
    ck_assert_uint_eq(make_flags(x.c, "2026-12-31"), beside);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2026-12-31")), LL_DAY_CLASS_PRE_HOLIDAY);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2026-01-02")), LL_DAY_CLASS_POST_HOLIDAY);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2026-01-05")), LL_DAY_CLASS_REGULAR);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2027-01-01")), LL_DAY_CLASS_UNKNOWN);
    ck_assert_int_eq(ll_calendar_day_class(x.c, make_day("2026-01-01")), LL_DAY_CLASS_UNKNOWN);
    make_end(&x);
}
END_TEST

START_TEST(what_is_not_announced_is_projected)
{
    struct make m = make_calendar();
    m.rules.announced_to = make_day("2027-12-30");
    struct made x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2027-12-30"), 0);
    ck_assert_uint_eq(make_flags(x.c, "2027-12-31"), LL_SESSION_PROJECTED);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("2027-12-30"));
    make_end(&x);

    m.to = "2026-12-31"; /* announced further than it goes */
    x = make_it(&m);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("2026-12-31"));
    make_end(&x);

    m.rules.announced_to = LL_DAY_NONE; /* nothing is */
    x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2000-01-03"), LL_SESSION_PROJECTED);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("1999-12-31"));
    make_end(&x);
}
END_TEST

START_TEST(a_table_that_ran_out_makes_years_projected)
{
    const ll_day days[] = {make_day("2024-02-10"), make_day("2026-02-17")};
    const struct ll_cal_table table = {LL_SLICE("cn_new_year"), days, 2};
    struct ll_cal_rule rule = {.id = LL_SLICE("cny"), .base = LL_CAL_TABLE, .table = &table};
    struct make m = make_calendar();
    make_rules(&rule, 1);
    m.rules.holidays = &rule;
    m.rules.n_holidays = 1;
    struct made x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2025-06-02"), 0); /* none in 2025, but one later */
    ck_assert_uint_eq(make_flags(x.c, "2026-12-31"), 0);
    ck_assert_uint_eq(make_flags(x.c, "2027-01-01"), LL_SESSION_PROJECTED);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("2026-12-31"));
    make_end(&x);

    rule.to = make_day("2026-12-31"); /* a rule that ends needs no table beyond */
    x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2027-01-01"), 0);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("2030-12-31"));
    make_end(&x);

    rule.to = make_day("2027-01-01"); /* but one that ends on its first day does */
    x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2027-12-31"), LL_SESSION_PROJECTED);
    ck_assert_uint_eq(make_flags(x.c, "2028-01-03"), 0);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("2026-12-31"));
    make_end(&x);

    rule.to = LL_DAY_LAST; /* of a special rule too */
    m.rules.n_holidays = 0;
    m.rules.special = &rule;
    m.rules.n_special = 1;
    x = make_it(&m);
    ck_assert_uint_eq(make_flags(x.c, "2028-01-03"), LL_SESSION_PROJECTED);
    make_end(&x);

    const struct ll_cal_table empty = {LL_SLICE("empty"), NULL, 0};
    rule.table = &empty;
    x = make_it(&m);
    ck_assert_int_eq(ll_calendar_announced_to(x.c), make_day("1999-12-31"));
    make_end(&x);
}
END_TEST

START_TEST(a_horizon_before_the_start_is_out_of_range)
{
    struct make m = make_calendar();
    m.to = "1999-12-31";
    ck_assert(strstr(make_refused(&m, LL_E_RANGE, 0), "1999-12-31"));
    m.to = "2000-01-03"; /* a calendar of one session, with a weekend before */
    struct made x = make_it(&m);
    const struct ll_session *s;
    ck_assert_uint_eq(ll_calendar_sessions(x.c, LL_DAY_NONE, LL_DAY_LAST, &s), 1);
    make_end(&x);
    m.to = "2000-01-01"; /* and one of none */
    x = make_it(&m);
    ck_assert_uint_eq(ll_calendar_sessions(x.c, LL_DAY_NONE, LL_DAY_LAST, &s), 0);
    make_end(&x);
    m.rules.from = LL_DAY_NONE;
    make_refused(&m, LL_E_RANGE, 0);
}
END_TEST

/* Names in the result are its own. */
START_TEST(nothing_of_the_rules_is_kept)
{
    char id[] = "christmas", code[] = "XTST";
    struct ll_cal_rule rule = {.id = ll_slice_of(id), .month = 12, .mday = 25};
    struct make m = make_calendar();
    make_rules(&rule, 1);
    m.rules.code = ll_slice_of(code);
    m.rules.holidays = &rule;
    m.rules.n_holidays = 1;
    struct made x = make_it(&m);
    memset(id, 'x', sizeof(id) - 1);
    memset(code, 'x', sizeof(code) - 1);
    ck_assert(says(ll_calendar_reason(x.c, make_day("2025-12-25")), "christmas"));
    ck_assert_str_eq(ll_calendar_code(x.c), "XTST");
    make_end(&x);
}
END_TEST

START_TEST(the_end_of_memory_is_an_error)
{
    struct ll_cal_rule special[1];
    struct make m = london(special);
    struct ll_cal_change changes[] = {make_change(LL_CAL_CLOSED, "2026-05-05"),
                                      make_change(LL_CAL_TIMES, "2026-05-06")};
    const struct ll_cal_phase_row pre = {.phase = LL_PHASE_PRE,
                                         .start = {LL_CAL_AT_OPEN, -HM(1, 0)},
                                         .end = {LL_CAL_AT_OPEN, 0},
                                         .from = LL_DAY_NONE,
                                         .to = LL_DAY_LAST};
    changes[0].reason = LL_SLICE("a");
    changes[1].reason = LL_SLICE("b");
    changes[1].times.close = HM(15, 0);
    m.rules.changes = changes;
    m.rules.n_changes = 2;
    m.rules.phases = &pre;
    m.rules.n_phases = 1;
    m.rules.weekmasks = &m.mask;
    m.rules.n_weekmasks = 1;
    m.rules.hours = &m.hours;
    m.rules.n_hours = 1;
    struct ll_tz *tz = make_zone(NEW_YORK);
    const struct ll_calendar_source src = {
        .rules = &m.rules, .tz = tz, .to = make_day("2030-12-31"), .known_at = LL_TIME_NONE};
    bool ok = false;
    unsigned call = 0;
    while (!ok) {
        struct ll_calendar *c = NULL;
        struct ll_err err = {.code = LL_E_OK};
        ll_test_fail_alloc(++call);
        ok = ll_calendar_compile(&src, &c, &err);
        bool happened = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok != happened);
        ck_assert(ok || (err.code == LL_E_MEMORY && !c));
        ll_calendar_free(c);
    }
    ck_assert_uint_gt(call, 8);
    ll_tz_free(tz);
}
END_TEST

START_TEST(a_session_takes_about_fifty_bytes)
{
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    struct made x = make_it(&m);
    const struct ll_session *s;
    size_t n = ll_calendar_sessions(x.c, LL_DAY_NONE, LL_DAY_LAST, &s);
    ck_assert_uint_lt(ll_calendar_bytes(x.c), 52 * n);
    make_end(&x);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_week_has_five_sessions,
                                  new_year_in_new_york_is_not_observed_on_saturdays,
                                  an_observed_day_that_is_taken_moves_on,
                                  colliding_rows_see_those_above_and_days_off,
                                  days_of_one_list_do_not_fall_on_each_other,
                                  the_last_session_up_to_a_day_is_found,
                                  a_closure_of_the_file_moves_the_last_session_when_it_is_known,
                                  an_overlay_changes_its_day_alone,
                                  holidays_by_sessions_see_those_before_them,
                                  a_rule_without_a_session_near_is_an_error,
                                  special_rules_make_no_session,
                                  times_of_a_date_come_after_its_opening_in_any_order,
                                  days_off_are_opened_with_their_own_hours,
                                  of_overlays_the_later_entry_wins,
                                  days_beside_holidays_are_marked,
                                  what_is_not_announced_is_projected,
                                  a_table_that_ran_out_makes_years_projected,
                                  a_horizon_before_the_start_is_out_of_range,
                                  nothing_of_the_rules_is_kept,
                                  the_end_of_memory_is_an_error,
                                  a_session_takes_about_fifty_bytes};
    return ll_test_run("calendar_compile", tests, LL_LEN(tests));
}
