/* Questions to a compiled calendar: moments, phases, steps, windows, differences. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calendar/calendar.h"
#include "calendar_make.h"
#include "support.h"

#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define LONDON "GMT0BST,M3.5.0/1,M10.5.0"
#define TOKYO "JST-9"

static struct ll_cal_point clock_at(int seconds)
{
    return (struct ll_cal_point){LL_CAL_AT_CLOCK, seconds};
}

static struct ll_cal_point at_open(int seconds)
{
    return (struct ll_cal_point){LL_CAL_AT_OPEN, seconds};
}

static struct ll_cal_point at_close(int seconds)
{
    return (struct ll_cal_point){LL_CAL_AT_CLOSE, seconds};
}

static struct ll_cal_phase_row row(enum ll_cal_phase phase, struct ll_cal_point start,
                                   struct ll_cal_point end)
{
    return (struct ll_cal_phase_row){.phase = phase,
                                     .start = start,
                                     .end = end,
                                     .from = LL_DAY_NONE,
                                     .to = LL_DAY_LAST,
                                     .line = 20};
}

/* Phase at a time as "regular open", "pre". */
static const char *at(const struct ll_calendar *c, ll_time t)
{
    static char text[40];
    bool open;
    enum ll_cal_phase p = ll_calendar_phase(c, t, &open);
    snprintf(text, sizeof(text), "%s%s", ll_cal_phase_name(p), open ? " open" : "");
    struct ll_calendar_moment m;
    ck_assert_int_eq(ll_calendar_is_open(c, t), open);
    ck_assert_int_eq(ll_calendar_at(c, t, &m), ll_calendar_covers(c, t));
    if (ll_calendar_covers(c, t)) {
        ck_assert_int_eq(m.phase, p);
        ck_assert_int_eq(m.open, open);
        ck_assert_int_eq(m.session == NULL, p == LL_PHASE_CLOSED);
        ck_assert_int_eq(isnan(m.minutes_since_open) != 0, p == LL_PHASE_CLOSED);
    }
    return text;
}

static const char *at_text(const struct ll_calendar *c, const char *t)
{
    return at(c, make_time(t));
}

static const char *phases_of(const struct ll_calendar *c, const char *date)
{
    static char text[512];
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    size_t n = ll_calendar_phases(c, ll_calendar_session(c, make_day(date)), spans), at_byte = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        struct ll_civil a = ll_time_civil(spans[i].start), b = ll_time_civil(spans[i].end);
        at_byte += (size_t)snprintf(
            text + at_byte, sizeof(text) - at_byte, "%s%s %02d:%02d-%02d:%02d", i ? ", " : "",
            ll_cal_phase_name(spans[i].phase), a.hour, a.minute, b.hour, b.minute);
        ck_assert_uint_lt(at_byte, sizeof(text));
    }
    return text;
}

START_TEST(a_session_is_open_at_its_open_and_closed_at_its_close)
{
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    struct made x = make_it(&m);
    const ll_time open = make_time("2026-11-27T14:30Z"), close = make_time("2026-11-27T21:00Z");
    ck_assert_str_eq(at(x.c, open - 1), "closed");
    ck_assert_str_eq(at(x.c, open), "regular open");
    ck_assert_str_eq(at(x.c, close - 1), "regular open");
    ck_assert_str_eq(at(x.c, close), "closed");
    ck_assert_int_eq(ll_calendar_next_open(x.c, open - 1), open);
    ck_assert_int_eq(ll_calendar_next_open(x.c, open), make_time("2026-11-30T14:30Z"));
    ck_assert_int_eq(ll_calendar_next_close(x.c, open), close);
    ck_assert_int_eq(ll_calendar_next_close(x.c, close - 1), close);
    ck_assert_int_eq(ll_calendar_next_close(x.c, close), make_time("2026-11-30T21:00Z"));
    make_end(&x);
}
END_TEST

START_TEST(a_break_is_half_open_too)
{
    struct make m = make_calendar();
    m.zone = TOKYO;
    m.hours.times = make_times(HM(9, 0), HM(15, 30), HM(11, 30), HM(12, 30));
    struct made x = make_it(&m);
    const ll_time start = make_time("2026-11-27T02:30Z"), end = start + LL_HOUR;
    ck_assert_str_eq(at(x.c, start - 1), "regular open");
    ck_assert_str_eq(at(x.c, start), "break");
    ck_assert_str_eq(at(x.c, end - 1), "break");
    ck_assert_str_eq(at(x.c, end), "regular open");
    ck_assert_str_eq(phases_of(x.c, "2026-11-27"),
                     "regular 00:00-02:30, break 02:30-03:30, regular 03:30-06:30");
    make_end(&x);
}
END_TEST

START_TEST(minutes_count_from_the_open_and_to_the_close_on_half_days)
{
    struct ll_cal_rule special = {.id = LL_SLICE("black_friday"),
                                  .base = LL_CAL_NTH,
                                  .nth = 4,
                                  .weekday = THU,
                                  .months = 1 << 10,
                                  .offset = 1,
                                  .times = {.close = HM(13, 0)}};
    const struct ll_cal_phase_row rows[] = {row(LL_PHASE_PRE, clock_at(HM(4, 0)), at_open(0)),
                                            row(LL_PHASE_POST, at_close(0), at_close(HM(4, 0)))};
    struct make m = make_calendar();
    make_rules(&special, 1);
    m.zone = NEW_YORK;
    m.rules.special = &special;
    m.rules.n_special = 1;
    m.rules.phases = rows;
    m.rules.n_phases = 2;
    struct made x = make_it(&m);
    struct ll_calendar_moment now;
    ck_assert(ll_calendar_at(x.c, make_time("2026-11-27T14:30:30Z"), &now));
    ck_assert_double_eq(now.minutes_since_open, 0.5);
    ck_assert_double_eq(now.minutes_to_close, 209.5);
    ck_assert_int_eq(now.session->date, make_day("2026-11-27"));
    ck_assert(now.session->flags & LL_SESSION_HALF);
    ck_assert(ll_calendar_at(x.c, make_time("2026-11-27T14:00Z"), &now));
    ck_assert_int_eq(now.phase, LL_PHASE_PRE);
    ck_assert_double_eq(now.minutes_since_open, -30);
    ck_assert_double_eq(now.minutes_to_close, 240);
    ck_assert(ll_calendar_at(x.c, make_time("2026-11-27T18:10Z"), &now));
    ck_assert_int_eq(now.phase, LL_PHASE_POST);
    ck_assert(!now.open);
    ck_assert_double_eq(now.minutes_to_close, -10);
    ck_assert(ll_calendar_at(x.c, make_time("2026-11-28T18:10Z"), &now));
    ck_assert_ptr_null(now.session);
    ck_assert(isnan(now.minutes_since_open) && isnan(now.minutes_to_close));
    make_end(&x);
}
END_TEST

START_TEST(a_phase_inside_regular_hours_takes_its_part)
{
    struct ll_cal_phase_row rows[] = {
        row(LL_PHASE_CLOSING_AUCTION, at_close(-HM(0, 10)), at_close(0)),
        row(LL_PHASE_OPENING_AUCTION, at_open(-HM(0, 10)), at_open(HM(0, 5))),
        row(LL_PHASE_INTRADAY_AUCTION, clock_at(HM(12, 0)), clock_at(HM(12, 2))),
        row(LL_PHASE_HALT, clock_at(HM(12, 2)), clock_at(HM(12, 10))),
        row(LL_PHASE_POST, at_close(0), at_close(HM(0, 5)))};
    struct make m = make_calendar();
    m.hours.times = make_times(HM(8, 0), HM(16, 30), 0, 0);
    m.rules.phases = rows;
    m.rules.n_phases = LL_LEN(rows);
    struct made x = make_it(&m);
    ck_assert_str_eq(phases_of(x.c, "2026-11-27"),
                     "opening_auction 07:50-08:05, regular 08:05-12:00, "
                     "intraday_auction 12:00-12:02, halt 12:02-12:10, regular 12:10-16:20, "
                     "closing_auction 16:20-16:30, post 16:30-16:35");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T07:49Z"), "closed");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T07:50Z"), "opening_auction"); /* before the open */
    ck_assert_str_eq(at_text(x.c, "2026-11-27T08:00Z"), "opening_auction open");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T08:05Z"), "regular open");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T12:01Z"), "intraday_auction open");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T12:02Z"), "halt");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T16:29Z"), "closing_auction open");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T16:30Z"), "post");
    ck_assert_str_eq(at_text(x.c, "2026-11-27T16:35Z"), "closed");
    make_end(&x);
}
END_TEST

START_TEST(rows_hold_in_their_time_and_on_their_kind_of_day)
{
    struct ll_cal_phase_row rows[] = {
        row(LL_PHASE_POST, at_close(0), clock_at(HM(20, 0))),
        row(LL_PHASE_POST, at_close(0), clock_at(HM(17, 0))),
        row(LL_PHASE_PRE, clock_at(HM(7, 0)), at_open(0)),
        row(LL_PHASE_PRE, clock_at(HM(4, 0)), at_open(0)),
        row(LL_PHASE_CLOSING_AUCTION, clock_at(HM(15, 50)), at_close(0)),
        row(LL_PHASE_NIGHT, clock_at(HM(21, 0)), clock_at(HM(22, 0))),
        row(LL_PHASE_NIGHT, clock_at(HM(21, 0)), clock_at(HM(23, 0)))};
    rows[5].from = rows[5].to = make_day("2026-06-01");
    rows[6].from = rows[6].to = make_day("2026-06-02");
    rows[0].when = LL_CAL_FULL;
    rows[1].when = LL_CAL_HALF;
    rows[2].to = make_day("2025-12-31");
    rows[3].from = make_day("2026-01-01");
    struct ll_cal_rule special = {
        .id = LL_SLICE("eve"), .month = 12, .mday = 24, .times = {.close = HM(13, 0)}};
    struct make m = make_calendar();
    make_rules(&special, 1);
    m.rules.special = &special;
    m.rules.n_special = 1;
    m.rules.phases = rows;
    m.rules.n_phases = LL_LEN(rows);
    struct made x = make_it(&m);
    ck_assert_str_eq(phases_of(x.c, "2025-12-31"), "pre 07:00-09:30, regular 09:30-15:50, "
                                                   "closing_auction 15:50-16:00, post 16:00-20:00");
    ck_assert_str_eq(phases_of(x.c, "2026-01-01"), "pre 04:00-09:30, regular 09:30-15:50, "
                                                   "closing_auction 15:50-16:00, post 16:00-20:00");
    ck_assert(strstr(phases_of(x.c, "2026-06-01"), "night 21:00-22:00"));
    ck_assert(strstr(phases_of(x.c, "2026-06-02"), "night 21:00-23:00"));
    ck_assert_ptr_null(strstr(phases_of(x.c, "2026-06-03"), "night"));
    /* the auction's start is after the early close: nothing is left of it */
    ck_assert_str_eq(phases_of(x.c, "2026-12-24"),
                     "pre 04:00-09:30, regular 09:30-13:00, post 13:00-17:00");
    make_end(&x);
}
END_TEST

/* A night phase that opens on the evening before and ends after midnight, beside a post phase
 * that ends where the next day's night begins. */
START_TEST(phases_around_midnight_belong_to_the_next_trade_date)
{
    const struct ll_cal_phase_row rows[] = {
        row(LL_PHASE_NIGHT, clock_at(HM(-4, 0)), clock_at(HM(3, 30))),
        row(LL_PHASE_PRE, clock_at(HM(4, 0)), at_open(0)),
        row(LL_PHASE_POST, at_close(0), clock_at(HM(20, 0)))};
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    m.rules.phases = rows;
    m.rules.n_phases = LL_LEN(rows);
    struct made x = make_it(&m);
    /* Wednesday 2026-11-25, 20:00 in New York is 01:00 UTC */
    const ll_time eight = make_time("2026-11-26T01:00Z");
    struct ll_calendar_moment now;
    ck_assert_str_eq(at(x.c, eight - 1), "post");
    ck_assert(ll_calendar_at(x.c, eight - 1, &now));
    ck_assert_int_eq(now.session->date, make_day("2026-11-25"));
    ck_assert_str_eq(at(x.c, eight), "night");
    ck_assert(ll_calendar_at(x.c, eight, &now));
    ck_assert_int_eq(now.session->date, make_day("2026-11-26"));
    ck_assert_double_eq(now.minutes_since_open, -810);
    ck_assert_str_eq(at_text(x.c, "2026-11-26T05:00Z"), "night");  /* midnight there */
    ck_assert_str_eq(at_text(x.c, "2026-11-26T08:30Z"), "closed"); /* between two phases */
    ck_assert_str_eq(at_text(x.c, "2026-11-26T09:00Z"), "pre");
    /* no session on Saturday: no night on Friday, but one on Sunday */
    ck_assert_str_eq(at_text(x.c, "2026-11-28T01:00Z"), "closed");
    ck_assert_str_eq(at_text(x.c, "2026-11-30T01:00Z"), "night");
    make_end(&x);
}
END_TEST

/* Over the weekend on which clocks go back, Monday's night phase is as long as ever, but one that
 * began on Saturday would be an hour longer: offsets are of each session. */
START_TEST(phases_follow_the_clock_over_daylight_saving)
{
    const struct ll_cal_phase_row rows[] = {
        row(LL_PHASE_NIGHT, clock_at(HM(-36, 0)), clock_at(HM(3, 0)))};
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    m.mask.mask = 1 << MON | 1 << THU;
    m.rules.phases = rows;
    m.rules.n_phases = 1;
    struct made x = make_it(&m);
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    static const struct {
        const char *date;
        int hours;
    } days[] = {{"2026-10-26", 39}, {"2026-11-02", 40}, {"2026-11-05", 39},
                {"2026-03-05", 39}, {"2026-03-09", 38}, {"2026-03-12", 39}};
    for (size_t i = 0; i < LL_LEN(days); i++) {
        const struct ll_session *s = ll_calendar_session(x.c, make_day(days[i].date));
        ck_assert_uint_eq(ll_calendar_phases(x.c, s, spans), 2);
        ck_assert_int_eq(spans[0].end - spans[0].start, days[i].hours * LL_HOUR);
    }
    make_end(&x);
}
END_TEST

START_TEST(phases_that_overlap_are_errors)
{
    struct ll_cal_phase_row rows[] = {row(LL_PHASE_PRE, at_open(-HM(2, 0)), at_open(0)),
                                      row(LL_PHASE_HALT, at_open(-1), at_open(60))};
    struct make m = make_calendar();
    m.rules.phases = rows;
    m.rules.n_phases = 2;
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 20),
                     "test.yaml:20: on 2000-01-03 the phases pre and halt overlap");
    rows[1] = row(LL_PHASE_HALT, clock_at(HM(11, 59)), clock_at(HM(12, 1)));
    m.hours.times = make_times(HM(9, 30), HM(16, 0), HM(12, 0), HM(13, 0));
    ck_assert_str_eq(make_refused(&m, LL_E_CONFIG, 20),
                     "test.yaml:20: on 2000-01-03 the phases break and halt overlap");
    rows[1].end.seconds = HM(12, 0);
    struct made x = make_it(&m);
    make_end(&x);

    rows[0].start = clock_at(-HM(80, 0));
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 20), "days away"));
}
END_TEST

START_TEST(a_phase_may_not_reach_into_the_next_session)
{
    struct ll_cal_phase_row rows[] = {row(LL_PHASE_POST, at_close(0), clock_at(HM(33, 30)))};
    struct make m = make_calendar();
    m.rules.phases = rows;
    m.rules.n_phases = 1;
    struct made x = make_it(&m); /* up to the next open */
    make_end(&x);
    rows[0].end.seconds++;
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 4), "2000-01-03 and 2000-01-04 overlap"));
}
END_TEST

START_TEST(a_phase_may_not_begin_in_the_session_before)
{
    struct ll_cal_phase_row night = row(LL_PHASE_NIGHT, clock_at(-HM(8, 0)), at_open(0));
    struct make m = make_calendar();
    m.rules.phases = &night;
    m.rules.n_phases = 1;
    struct made x = make_it(&m); /* from the close before */
    make_end(&x);
    night.start.seconds--;
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 4), "2000-01-03 and 2000-01-04 overlap"));
}
END_TEST

START_TEST(phases_follow_new_hours)
{
    const struct ll_cal_hours hours[] = {
        {LL_DAY_NONE, 0, make_times(HM(9, 0), HM(15, 0), 0, 0), 5},
        {make_day("2024-11-05"), 0, make_times(HM(9, 0), HM(15, 30), 0, 0), 6},
        {make_day("2024-11-06"), 0, make_times(HM(8, 0), HM(15, 30), 0, 0), 7},
        {make_day("2024-11-07"), 0, make_times(HM(8, 0), HM(15, 30), HM(11, 0), HM(12, 0)), 8},
        {make_day("2024-11-08"), 0, make_times(HM(8, 0), HM(15, 30), HM(11, 0), HM(12, 30)), 9}};
    struct make m = make_calendar();
    m.rules.hours = hours;
    m.rules.n_hours = LL_LEN(hours);
    struct made x = make_it(&m);
    ck_assert_str_eq(phases_of(x.c, "2024-11-04"), "regular 09:00-15:00");
    ck_assert_str_eq(phases_of(x.c, "2024-11-05"), "regular 09:00-15:30");
    ck_assert_str_eq(phases_of(x.c, "2024-11-06"), "regular 08:00-15:30");
    ck_assert_str_eq(phases_of(x.c, "2024-11-07"),
                     "regular 08:00-11:00, break 11:00-12:00, regular 12:00-15:30");
    ck_assert_str_eq(phases_of(x.c, "2024-11-08"),
                     "regular 08:00-11:00, break 11:00-12:30, regular 12:30-15:30");
    make_end(&x);
}
END_TEST

START_TEST(phases_have_a_limit)
{
    struct ll_cal_phase_row rows[LL_SESSION_PHASES_MAX];
    for (int i = 0; i < LL_SESSION_PHASES_MAX; i++)
        rows[i] = row(LL_PHASE_HALT, at_open(60 * i), at_open(60 * i + 60));
    struct make m = make_calendar();
    m.rules.phases = rows;
    m.rules.n_phases = LL_SESSION_PHASES_MAX - 1;
    struct made x = make_it(&m);
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    ck_assert_uint_eq(
        ll_calendar_phases(x.c, ll_calendar_session(x.c, make_day("2026-11-27")), spans),
        LL_SESSION_PHASES_MAX);
    make_end(&x);
    m.rules.n_phases++;
    ck_assert(strstr(make_refused(&m, LL_E_CONFIG, 20), "more than 24 phases"));
}
END_TEST

START_TEST(steps_count_sessions)
{
    struct ll_cal_rule rule = {.id = LL_SLICE("thanksgiving"), .month = 11, .mday = 26};
    struct make m = make_calendar();
    make_rules(&rule, 1);
    m.rules.holidays = &rule;
    m.rules.n_holidays = 1;
    struct made x = make_it(&m);
    static const struct {
        const char *date;
        int n;
        const char *want;
    } cases[] = {{"2026-11-25", 0, "2026-11-25"},  {"2026-11-26", 0, "2026-11-27"},
                 {"2026-11-25", 1, "2026-11-27"},  {"2026-11-26", 1, "2026-11-27"},
                 {"2026-11-25", 2, "2026-11-30"},  {"2026-11-27", -1, "2026-11-25"},
                 {"2026-11-26", -1, "2026-11-25"}, {"2026-11-28", -2, "2026-11-25"},
                 {"2000-01-01", 1, "2000-01-03"},  {"1999-12-31", 1, "2000-01-03"},
                 {"2030-12-31", 0, "2030-12-31"},  {"2031-01-01", -1, "2030-12-31"},
                 {"2000-01-03", -1, NULL},         {"2030-12-31", 1, NULL},
                 {"2031-01-01", 0, NULL},          {"2031-01-02", -1, NULL},
                 {"1999-12-30", 1, NULL},          {"2026-11-25", INT32_MAX, NULL},
                 {"2026-11-25", INT32_MIN, NULL}};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const struct ll_session *s = ll_calendar_step(x.c, make_day(cases[i].date), cases[i].n);
        ck_assert_msg((s == NULL) == (cases[i].want == NULL), "%s %d", cases[i].date, cases[i].n);
        if (s)
            ck_assert_msg(s->date == make_day(cases[i].want), "%s %d", cases[i].date, cases[i].n);
    }
    make_end(&x);
}
END_TEST

START_TEST(ranges_of_sessions_are_slices)
{
    struct make m = make_calendar();
    struct made x = make_it(&m);
    const struct ll_session *s, *all;
    size_t n_all = ll_calendar_sessions(x.c, LL_DAY_NONE, LL_DAY_LAST, &all);
    size_t begun = 0;
    for (ll_day d = make_day("2000-01-01"); d <= make_day("2030-12-31"); d += 41) {
        size_t n = ll_calendar_sessions(x.c, d, d + 40, &s);
        ck_assert_ptr_eq(s, all + begun);
        begun += n;
    }
    ck_assert_uint_eq(begun, n_all);
    ck_assert_uint_eq(ll_calendar_sessions(x.c, make_day("2026-11-28"), make_day("2026-11-29"), &s),
                      0);
    ck_assert_uint_eq(ll_calendar_sessions(x.c, make_day("2026-11-28"), make_day("2026-11-20"), &s),
                      0);
    ck_assert_uint_eq(ll_calendar_sessions(x.c, make_day("2031-01-01"), LL_DAY_LAST, &s), 0);
    ck_assert_ptr_null(ll_calendar_session(x.c, make_day("1999-12-31")));
    ck_assert_ptr_null(ll_calendar_session(x.c, make_day("2031-01-01")));
    make_end(&x);
}
END_TEST

START_TEST(nothing_is_said_beyond_the_ends)
{
    struct make m = make_calendar();
    m.zone = NEW_YORK;
    m.rules.from = make_day("2026-01-05"); /* a Monday */
    m.to = "2026-01-09";
    struct made x = make_it(&m);
    const ll_time begin = make_time("2026-01-05T05:00Z"), end = make_time("2026-01-10T05:00Z");
    struct ll_calendar_moment now = {.minutes_since_open = 42};
    ck_assert(!ll_calendar_covers(x.c, begin - 1));
    ck_assert(ll_calendar_covers(x.c, begin));
    ck_assert(ll_calendar_covers(x.c, end - 1));
    ck_assert(!ll_calendar_covers(x.c, end));
    ck_assert(!ll_calendar_at(x.c, end, &now));
    ck_assert_double_eq(now.minutes_since_open, 42);
    static const ll_time far[] = {INT64_MIN, LL_TIME_MIN, 0, LL_TIME_MAX, INT64_MAX};
    for (size_t i = 0; i < LL_LEN(far); i++)
        ck_assert_str_eq(at(x.c, far[i]), "closed");
    ck_assert_int_eq(ll_calendar_next_open(x.c, INT64_MIN), make_time("2026-01-05T14:30Z"));
    ck_assert_int_eq(ll_calendar_next_open(x.c, make_time("2026-01-09T14:30Z")), LL_TIME_NONE);
    ck_assert_int_eq(ll_calendar_next_close(x.c, make_time("2026-01-09T14:30Z")),
                     make_time("2026-01-09T21:00Z"));
    ck_assert_int_eq(ll_calendar_next_close(x.c, make_time("2026-01-09T21:00Z")), LL_TIME_NONE);
    ck_assert_int_eq(ll_calendar_next_open(x.c, INT64_MAX), LL_TIME_NONE);
    ck_assert(ll_slice_is(ll_calendar_reason(x.c, make_day("2026-01-10")), ""));
    make_end(&x);
}
END_TEST

/* Where sessions open on the evening before, that of the day after the last would open on the
 * last evening: it is not known, so the calendar does not say "closed". */
START_TEST(the_last_evening_is_not_known_where_sessions_begin_early)
{
    struct make m = make_calendar();
    m.hours.times = make_times(HM(-7, 0), HM(16, 0), 0, 0);
    m.rules.from = make_day("2026-01-05");
    m.to = "2026-01-08"; /* a Thursday */
    struct made x = make_it(&m);
    ck_assert(!ll_calendar_covers(x.c, make_time("2026-01-04T16:59Z")));
    ck_assert(ll_calendar_covers(x.c, make_time("2026-01-04T17:00Z"))); /* Monday's open */
    ck_assert(ll_calendar_covers(x.c, make_time("2026-01-08T16:59Z")));
    ck_assert(!ll_calendar_covers(x.c, make_time("2026-01-08T17:00Z")));
    make_end(&x);

    m.hours.times = make_times(HM(17, 0), HM(26, 0), 0, 0);
    x = make_it(&m); /* and a Sunday's session would end at 02:00 on Monday */
    ck_assert(!ll_calendar_covers(x.c, make_time("2026-01-05T01:59Z")));
    ck_assert(ll_calendar_covers(x.c, make_time("2026-01-05T02:00Z")));
    ck_assert_str_eq(at_text(x.c, "2026-01-09T01:59Z"), "regular open");
    ck_assert(!ll_calendar_covers(x.c, make_time("2026-01-09T02:00Z")));
    make_end(&x);
}
END_TEST

/* Every answer against a search through all spans, on calendars of many shapes. */
struct shape {
    const char *zone;
    uint8_t mask;
    int open, close, break_start, break_end, night, post;
};

static void compare(const struct ll_calendar *c, ll_time t)
{
    const struct ll_session *all, *in = NULL;
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    enum ll_cal_phase want = LL_PHASE_CLOSED;
    ll_time next_open = LL_TIME_NONE, next_close = LL_TIME_NONE;
    size_t n_all = ll_calendar_sessions(c, LL_DAY_NONE, LL_DAY_LAST, &all);
    for (size_t i = 0; i < n_all; i++) {
        size_t n = ll_calendar_phases(c, &all[i], spans);
        for (size_t k = 0; k < n; k++)
            if (t >= spans[k].start && t < spans[k].end) {
                ck_assert_ptr_null(in);
                in = &all[i];
                want = spans[k].phase;
            }
        if (next_open == LL_TIME_NONE && all[i].open > t)
            next_open = all[i].open;
        if (next_close == LL_TIME_NONE && all[i].close > t)
            next_close = all[i].close;
    }
    bool open;
    struct ll_calendar_moment now;
    if (ll_calendar_at(c, t, &now)) {
        ck_assert_int_eq(ll_calendar_phase(c, t, &open), want);
        ck_assert_ptr_eq(now.session, in);
        ck_assert_int_eq(open, want == LL_PHASE_REGULAR);
    } else {
        ck_assert_ptr_null(in);
    }
    ck_assert_int_eq(ll_calendar_next_open(c, t), next_open);
    ck_assert_int_eq(ll_calendar_next_close(c, t), next_close);
}

START_TEST(answers_are_those_of_a_search)
{
    static const struct shape shapes[] = {
        {NEW_YORK, WEEKDAYS, HM(9, 30), HM(16, 0), 0, 0, HM(-4, 0), HM(20, 0)},
        {"CST6CDT,M3.2.0,M11.1.0", WEEKDAYS, HM(-7, 0), HM(16, 0), 0, 0, 0, HM(16, 45)},
        {TOKYO, WEEKDAYS, HM(9, 0), HM(15, 30), HM(11, 30), HM(12, 30), HM(-7, 0), 0},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", WEEKDAYS, HM(10, 0), HM(16, 45), 0, 0, 0, HM(24, 30)},
        {"<-12>12", WEEK, HM(12, 0), HM(36, 0), 0, 0, 0, 0},
        {"<+14>-14", 1 << WED, HM(-40, 0), HM(40, 0), HM(1, 0), HM(2, 0), HM(-50, 0), HM(60, 0)}};
    uint64_t state = 7;
    for (size_t i = 0; i < LL_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];
        struct ll_cal_phase_row rows[2];
        struct make m = make_calendar();
        size_t n = 0;
        if (s->night)
            rows[n++] = row(LL_PHASE_NIGHT, clock_at(s->night), at_open(-60));
        if (s->post)
            rows[n++] = row(LL_PHASE_POST, at_close(0), clock_at(s->post));
        m.zone = s->zone;
        m.mask.mask = s->mask;
        m.hours.times = make_times(s->open, s->close, s->break_start, s->break_end);
        m.rules.phases = rows;
        m.rules.n_phases = n;
        m.rules.from = make_day("2026-02-01");
        m.to = "2026-04-15";
        struct made x = make_it(&m);
        const ll_time from = make_time("2026-01-25T00:00Z"), to = make_time("2026-04-22T00:00Z");
        for (ll_time t = from; t < to; t += 15 * LL_MINUTE) {
            compare(x.c, t);
            compare(x.c, t - 1);
        }
        for (int k = 0; k < 500; k++)
            compare(x.c, from + (ll_time)(ll_test_random(&state) % (uint64_t)(to - from)));
        make_end(&x);
    }
}
END_TEST

static size_t windows(const struct made *v, size_t n, const char *from, const char *to, ll_dur min,
                      struct ll_window *out, size_t max)
{
    const struct ll_calendar *c[4];
    for (size_t i = 0; i < n; i++)
        c[i] = v[i].c;
    return ll_calendar_closed_windows(c, n, make_time(from), make_time(to), min, out, max);
}

START_TEST(windows_are_where_all_are_closed)
{
    struct make m = make_calendar();
    struct made v[3];
    struct ll_window w[4] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}};
    m.zone = NEW_YORK;
    v[0] = make_it(&m); /* 14:30 to 21:00 UTC */
    m.zone = LONDON;
    m.hours.times = make_times(HM(8, 0), HM(16, 30), 0, 0);
    v[1] = make_it(&m);
    m.zone = TOKYO;
    m.hours.times = make_times(HM(9, 0), HM(15, 30), HM(11, 30), HM(12, 30));
    v[2] = make_it(&m); /* 00:00 to 06:30 UTC, its break is no window */

    size_t n = windows(v, 3, "2026-11-25T00:00Z", "2026-11-27T00:00Z", LL_HOUR, w, 4);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(w[0].start, make_time("2026-11-25T06:30Z"));
    ck_assert_int_eq(w[0].end, make_time("2026-11-25T08:00Z"));
    ck_assert_int_eq(w[1].start, make_time("2026-11-25T21:00Z"));
    ck_assert_int_eq(w[1].end, make_time("2026-11-26T00:00Z"));
    ck_assert_int_eq(w[3].end, make_time("2026-11-27T00:00Z"));

    n = windows(v, 3, "2026-11-25T00:00Z", "2026-11-27T00:00Z", LL_HOUR + LL_HOUR / 2, w, 4);
    ck_assert_uint_eq(n, 4); /* as long as asked for is long enough */
    n = windows(v, 3, "2026-11-25T00:00Z", "2026-11-27T00:00Z", 2 * LL_HOUR, w, 1);
    ck_assert_uint_eq(n, 2); /* counted beyond the room */
    ck_assert_int_eq(w[0].start, make_time("2026-11-25T21:00Z"));
    ck_assert_int_eq(w[1].start, make_time("2026-11-25T21:00Z")); /* untouched */

    /* the weekend, cut by the ends asked for */
    n = windows(v, 3, "2026-11-27T22:00Z", "2026-11-29T23:00Z", LL_HOUR, w, 4);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(w[0].start, make_time("2026-11-27T22:00Z"));
    ck_assert_int_eq(w[0].end, make_time("2026-11-29T23:00Z"));

    ck_assert_uint_eq(windows(v, 0, "2026-11-27T22:00Z", "2026-11-29T23:00Z", LL_HOUR, w, 4), 1);
    ck_assert_uint_eq(windows(v, 3, "2026-11-29T23:00Z", "2026-11-27T22:00Z", LL_HOUR, w, 4), 0);
    for (size_t i = 0; i < 3; i++)
        make_end(&v[i]);
}
END_TEST

START_TEST(what_one_does_not_cover_is_no_window)
{
    struct make m = make_calendar();
    struct made v[2];
    struct ll_window w[4];
    v[0] = make_it(&m);
    m.rules.from = make_day("2026-11-26");
    m.to = "2026-11-26";
    v[1] = make_it(&m);
    size_t n = windows(v, 2, "2026-11-01T00:00Z", "2026-12-01T00:00Z", LL_HOUR, w, 4);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(w[0].start, make_time("2026-11-26T00:00Z"));
    ck_assert_int_eq(w[0].end, make_time("2026-11-26T09:30Z"));
    ck_assert_int_eq(w[1].end, make_time("2026-11-27T00:00Z"));
    ck_assert_uint_eq(windows(v, 2, "2027-11-01T00:00Z", "2027-12-01T00:00Z", LL_HOUR, w, 4), 0);
    make_end(&v[0]);
    make_end(&v[1]);
}
END_TEST

struct seen {
    char text[512];
    size_t n, limit;
};

static bool see(void *ctx, const struct ll_calendar_change *d)
{
    struct seen *x = ctx;
    char date[LL_DAY_TEXT_MAX];
    x->n += (size_t)snprintf(x->text + x->n, sizeof(x->text) - x->n, "%s %s%s %.*s; ",
                             ll_day_format(d->date, date), d->was ? "was" : "", d->is ? "is" : "",
                             (int)d->reason.n, d->reason.s);
    return --x->limit > 0;
}

START_TEST(a_diff_names_days_that_differ_and_why)
{
    struct ll_cal_rule half = {
        .id = LL_SLICE("eve"), .month = 12, .mday = 24, .times = {.close = HM(13, 0)}};
    struct ll_cal_phase_row post = row(LL_PHASE_POST, at_close(0), at_close(60));
    struct make m = make_calendar();
    make_rules(&half, 1);
    m.rules.special = &half;
    m.rules.n_special = 1;
    m.rules.phases = &post;
    m.rules.n_phases = 1;
    struct made was = make_it(&m), is;
    struct ll_cal_change over[] = {
        {.kind = LL_CAL_CLOSED, .date = make_day("2027-02-03"), .reason = LL_SLICE("mourning")},
        {.kind = LL_CAL_OPENED,
         .date = make_day("2027-05-15"),
         .times = make_times(HM(9, 30), HM(13, 0), 0, 0),
         .reason = LL_SLICE("test")},
        {.kind = LL_CAL_TIMES,
         .date = make_day("2027-05-03"),
         .times = make_times(0, HM(12, 30), 0, 0),
         .reason = LL_SLICE("early")}};
    struct ll_cal_phase_row rows[] = {post, row(LL_PHASE_PRE, at_open(-60), at_open(0))};
    rows[1].from = make_day("2027-12-31");
    for (size_t i = 0; i < LL_LEN(over); i++)
        over[i].known = LL_TIME_NONE;
    m.changes = over;
    m.n_changes = LL_LEN(over);
    m.rules.phases = rows;
    m.rules.n_phases = 2;
    m.rules.from = make_day("2000-02-01");
    m.to = "2027-12-31"; /* days that only one knows are no difference */
    is = make_it(&m);
    struct seen x = {.limit = 9};
    ll_calendar_diff(was.c, is.c, LL_DAY_NONE, LL_DAY_LAST, see, &x);
    ck_assert_str_eq(x.text, "2027-02-03 was mourning; 2027-05-03 wasis early; "
                             "2027-05-15 is test; 2027-12-31 wasis ; ");
    x = (struct seen){.limit = 9};
    ll_calendar_diff(is.c, was.c, make_day("2027-02-04"), make_day("2027-05-15"), see, &x);
    ck_assert_str_eq(x.text, "2027-05-03 wasis ; 2027-05-15 was weekend; ");
    x = (struct seen){.limit = 1}; /* a visitor may stop */
    ll_calendar_diff(was.c, is.c, LL_DAY_NONE, LL_DAY_LAST, see, &x);
    ck_assert_str_eq(x.text, "2027-02-03 was mourning; ");
    x = (struct seen){.limit = 9};
    ll_calendar_diff(was.c, was.c, LL_DAY_NONE, LL_DAY_LAST, see, &x);
    ck_assert_str_eq(x.text, "");
    make_end(&was);
    make_end(&is);
}
END_TEST

START_TEST(names_are_those_of_the_files)
{
    ck_assert_str_eq(ll_cal_phase_name(LL_PHASE_CLOSED), "closed");
    ck_assert_str_eq(ll_cal_phase_name(LL_PHASE_HALT), "halt");
    ck_assert_str_eq(ll_day_class_name(LL_DAY_CLASS_CLOSED_WEEKEND), "closed_weekend");
    ck_assert_str_eq(ll_day_class_name(LL_DAY_CLASS_UNKNOWN), "unknown");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_session_is_open_at_its_open_and_closed_at_its_close,
                                  a_break_is_half_open_too,
                                  minutes_count_from_the_open_and_to_the_close_on_half_days,
                                  a_phase_inside_regular_hours_takes_its_part,
                                  rows_hold_in_their_time_and_on_their_kind_of_day,
                                  phases_around_midnight_belong_to_the_next_trade_date,
                                  phases_follow_the_clock_over_daylight_saving,
                                  phases_that_overlap_are_errors,
                                  a_phase_may_not_reach_into_the_next_session,
                                  a_phase_may_not_begin_in_the_session_before,
                                  phases_follow_new_hours,
                                  phases_have_a_limit,
                                  steps_count_sessions,
                                  ranges_of_sessions_are_slices,
                                  nothing_is_said_beyond_the_ends,
                                  the_last_evening_is_not_known_where_sessions_begin_early,
                                  answers_are_those_of_a_search,
                                  windows_are_where_all_are_closed,
                                  what_one_does_not_cover_is_no_window,
                                  a_diff_names_days_that_differ_and_why,
                                  names_are_those_of_the_files};
    return ll_test_run("calendar_ask", tests, LL_LEN(tests));
}
