/* Events from rules, lists, sessions and overlays, over a small calendar in UTC: weekdays, a few
 * holidays of 2026, a half day. */
#include <stdio.h>
#include <string.h>

#include "calendar/events.h"
#include "support.h"

#define DAY(y, m, d) ll_day_of(y, m, d)

static struct ll_tz *zone;
static struct ll_calendar *calendar;

static const struct ll_cal_weekmask mask[] = {{LL_DAY_NONE, 0x1f, 1}};
#define NO_TIMES                                                                                   \
    {                                                                                              \
        LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, 0, 0           \
    }
static const struct ll_cal_hours hours[] = {
    {LL_DAY_NONE, 0, {9 * 3600, 16 * 3600, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, 0, 0}, 1}};
#define FIXED(name, m, d)                                                                          \
    {                                                                                              \
        .id = {name, sizeof(name) - 1}, .base = LL_CAL_FIXED, .month = (m), .mday = (d),           \
        .from = LL_DAY_NONE, .to = LL_DAY_LAST, .times = NO_TIMES, .file = "t.yaml", .line = 1     \
    }
static const struct ll_cal_rule holidays[] = {FIXED("new_year", 1, 1), FIXED("emancipation", 6, 19),
                                              FIXED("independence", 7, 3), FIXED("quiet", 4, 3),
                                              FIXED("christmas", 12, 25)};
static const struct ll_cal_rule special[] = {
    {.id = {"eve", 3},
     .base = LL_CAL_FIXED,
     .month = 12,
     .mday = 24,
     .from = LL_DAY_NONE,
     .to = LL_DAY_LAST,
     .times = {LL_CAL_CLOCK_NONE, 13 * 3600, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, 0, 0},
     .file = "t.yaml",
     .line = 2}};

static struct ll_cal_rules calendar_rules(void)
{
    return (struct ll_cal_rules){.code = LL_SLICE("TEST"),
                                 .tz = LL_SLICE("UTC"),
                                 .from = DAY(2024, 1, 1),
                                 .announced_to = DAY(2026, 12, 31),
                                 .weekmasks = mask,
                                 .n_weekmasks = 1,
                                 .hours = hours,
                                 .n_hours = 1,
                                 .holidays = holidays,
                                 .n_holidays = LL_LEN(holidays),
                                 .special = special,
                                 .n_special = 1,
                                 .file = "t.yaml"};
}

static void setup(void)
{
    const struct ll_cal_rules rules = calendar_rules();
    struct ll_err err = {0};
    zone = ll_tz_utc();
    LL_ASSERT(zone);
    const struct ll_calendar_source src = {
        .rules = &rules, .tz = zone, .to = DAY(2028, 6, 30), .known_at = LL_TIME_NONE};
    LL_ASSERT(ll_calendar_compile(&src, &calendar, &err));
}

static void teardown(void)
{
    ll_calendar_free(calendar);
    ll_tz_free(zone);
}

/* A rule with what every rule has; the rest is the test's. */
static struct ll_event_rule rule(const char *id, const char *class, enum ll_event_base base)
{
    return (struct ll_event_rule){.id = ll_slice_of(id),
                                  .class = ll_slice_of(class),
                                  .base = base,
                                  .date = {.from = LL_DAY_NONE, .to = LL_DAY_LAST, .months = 0xfff},
                                  .announced_to = LL_DAY_LAST,
                                  .file = "t.yaml",
                                  .line = 7};
}

static struct ll_event_rule third_friday(const char *id, enum ll_event_closed closed)
{
    struct ll_event_rule r = rule(id, "expiry", LL_EVENT_DATES);
    r.date.base = LL_CAL_NTH;
    r.date.nth = 3;
    r.date.weekday = 4;
    r.closed = closed;
    r.has_time = true;
    r.at.anchor = LL_CAL_AT_CLOSE;
    return r;
}

static struct ll_events *compile(const struct ll_event_rule *v, size_t n, ll_day from, ll_day to)
{
    const struct ll_event_rules rules = {
        .name = LL_SLICE("t"), .calendar = LL_SLICE("TEST"), .rules = v, .n = n, .file = "t.yaml"};
    const struct ll_events_source src = {
        .rules = &rules, .calendar = calendar, .from = from, .to = to, .known_at = LL_TIME_NONE};
    struct ll_events *e = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_events_compile(&src, &e, &err), "%s", err.text);
    return e;
}

/* "2026-03-20 name 16:00 basis" of each, and " P" when projected. */
static void check_lines(const struct ll_event *v, size_t n, const char *const *lines,
                        size_t n_lines)
{
    for (size_t i = 0; i < n && i < n_lines; i++) {
        char day[LL_DAY_TEXT_MAX], time[LL_TIME_TEXT_MAX], line[256];
        bool timed = v[i].time != LL_TIME_NONE;
        snprintf(line, sizeof(line), "%s %.*s %.16s %.*s%s", ll_day_format(v[i].date, day),
                 (int)v[i].name.n, v[i].name.s, timed ? ll_time_format(v[i].time, time) : "-",
                 (int)v[i].basis.n, v[i].basis.s, v[i].projected ? " P" : "");
        ck_assert_str_eq(line, lines[i]);
    }
    ck_assert_uint_eq(n, n_lines);
}

typedef size_t between(const struct ll_events *e, ll_day from, ll_day to,
                       const struct ll_event **first);

static void check_between(between *fn, const struct ll_events *e, ll_day from, ll_day to,
                          const char *const *lines, size_t n_lines)
{
    const struct ll_event *v = NULL;
    size_t n = fn(e, from, to, &v);
    check_lines(v, n, lines, n_lines);
}

static void check_rules(const struct ll_event_rule *v, size_t n, ll_day from, ll_day to,
                        const char *const *lines, size_t n_lines)
{
    LL_AUTO(ll_events) e = compile(v, n, from, to);
    check_between(ll_events_all_between, e, from, to, lines, n_lines);
}

START_TEST(a_date_that_is_no_session_moves_is_kept_or_is_dropped)
{
    /* The third Friday of June 2026 is the 19th, a holiday. */
    const struct ll_event_rule rules[] = {
        third_friday("back", LL_EVENT_PREVIOUS), third_friday("on", LL_EVENT_NEXT),
        third_friday("kept", LL_EVENT_KEEP), third_friday("gone", LL_EVENT_DROP)};
    const char *const lines[] = {"2026-06-18 back 2026-06-18T16:00 rule;shifted",
                                 "2026-06-19 kept - rule",
                                 "2026-06-22 on 2026-06-22T16:00 rule;shifted"};
    check_rules(rules, LL_LEN(rules), DAY(2026, 6, 1), DAY(2026, 6, 30), lines, LL_LEN(lines));
}
END_TEST

START_TEST(what_follows_a_shifted_event_is_shifted_with_it)
{
    struct ll_event_rule rules[] = {third_friday("expiry", LL_EVENT_PREVIOUS),
                                    rule("settlement", "settlement", LL_EVENT_RELATIVE),
                                    rule("after", "settlement", LL_EVENT_RELATIVE)};
    rules[1].of = LL_SLICE("expiry");
    rules[1].date.offset = -30;
    rules[1].has_time = true;
    rules[1].at.anchor = LL_CAL_AT_OPEN;
    rules[2].of = LL_SLICE("settlement");
    rules[2].date.offset = 1;
    const char *const lines[] = {"2026-05-15 expiry 2026-05-15T16:00 rule",
                                 "2026-05-19 settlement 2026-05-19T09:00 rule;shifted",
                                 "2026-05-20 after - rule;shifted"};
    check_rules(rules, 3, DAY(2026, 5, 1), DAY(2026, 5, 31), lines, LL_LEN(lines));
}
END_TEST

START_TEST(the_jobs_report_counts_weeks_and_notes_holidays)
{
    struct ll_event_rule nfp = rule("nfp", "release", LL_EVENT_WEEK_OF);
    const struct ll_slice except[] = {LL_SLICE("quiet")};
    nfp.date.nth = 3;
    nfp.date.weekday = 4;
    nfp.date.mday = 12;
    nfp.has_time = true;
    nfp.at.seconds = 8 * 3600 + 30 * 60;
    nfp.closed_note = LL_SLICE("see the list");
    nfp.closed_except = except;
    nfp.n_closed_except = 1;
    nfp.announced_to = DAY(2026, 7, 31);
    /* 12 February is a Thursday, 12 July a Sunday: the week begins with it.  3 April is closed
     * for a reason that is left out. */
    const char *const lines[] = {"2026-03-06 nfp 2026-03-06T08:30 rule",
                                 "2026-04-03 nfp 2026-04-03T08:30 rule",
                                 "2026-05-08 nfp 2026-05-08T08:30 rule",
                                 "2026-06-05 nfp 2026-06-05T08:30 rule",
                                 "2026-07-03 nfp 2026-07-03T08:30 rule;see the list",
                                 "2026-08-07 nfp 2026-08-07T08:30 rule P"};
    check_rules(&nfp, 1, DAY(2026, 3, 1), DAY(2026, 8, 31), lines, LL_LEN(lines));
}
END_TEST

START_TEST(months_end_on_their_last_session)
{
    struct ll_event_rule rules[] = {rule("first", "calendar", LL_EVENT_FIRST_SESSION),
                                    rule("last", "calendar", LL_EVENT_LAST_SESSION)};
    rules[0].date.months = 1 << 0 | 1 << 4;
    rules[1].date.months = 1 << 1 | 1 << 4;
    rules[1].note = LL_SLICE("as others have it");
    const char *const lines[] = {
        "2026-01-02 first - rule", "2026-02-27 last - rule:as others have it",
        "2026-05-01 first - rule", "2026-05-29 last - rule:as others have it"};
    check_rules(rules, 2, DAY(2026, 1, 1), DAY(2026, 12, 31), lines, LL_LEN(lines));
}
END_TEST

START_TEST(a_month_that_the_calendar_cuts_has_no_last_session)
{
    struct ll_event_rule last = rule("last", "calendar", LL_EVENT_LAST_SESSION);
    const struct ll_cal_rules rules = calendar_rules();
    struct ll_calendar *whole = calendar, *cut = NULL;
    struct ll_err err = {0};
    const struct ll_calendar_source src = {
        .rules = &rules, .tz = zone, .to = DAY(2026, 6, 15), .known_at = LL_TIME_NONE};
    ck_assert(ll_calendar_compile(&src, &cut, &err));
    calendar = cut;
    const char *const lines[] = {"2026-05-29 last - rule"};
    check_rules(&last, 1, DAY(2026, 5, 1), DAY(2026, 6, 15), lines, LL_LEN(lines));
    ll_calendar_free(cut);
    calendar = whole;
}
END_TEST

START_TEST(sessions_say_what_kind_of_day_they_are)
{
    struct ll_event_rule rules[] = {rule("half_day", "calendar", LL_EVENT_HALF_DAYS),
                                    rule("before", "calendar", LL_EVENT_PRE_HOLIDAYS),
                                    rule("after", "calendar", LL_EVENT_POST_HOLIDAYS)};
    rules[0].has_time = true;
    rules[0].at.anchor = LL_CAL_AT_CLOSE;
    const char *const lines[] = {"2026-12-24 before - calendar",
                                 "2026-12-24 half_day 2026-12-24T13:00 calendar",
                                 "2026-12-28 after - calendar", "2026-12-31 before - calendar"};
    check_rules(rules, 3, DAY(2026, 12, 1), DAY(2026, 12, 31), lines, LL_LEN(lines));
}
END_TEST

START_TEST(lists_have_their_dates_times_and_followers)
{
    static const ll_day dates[] = {20480, 20530, 20532};
    const ll_time times[] = {LL_TIME_NONE, 20530 * LL_DAY + 5 * LL_HOUR, LL_TIME_NONE};
    struct ll_event_rule rules[] = {rule("decision", "release", LL_EVENT_LIST),
                                    rule("press", "release", LL_EVENT_RELATIVE)};
    rules[0].dates = dates;
    rules[0].times = times;
    rules[0].n_dates = LL_LEN(dates);
    rules[0].date.to = 20531; /* the last is beyond what was published */
    rules[0].has_time = true;
    rules[0].at.seconds = 14 * 3600;
    rules[0].source = LL_SLICE("the bank");
    rules[1].of = LL_SLICE("decision");
    rules[1].has_time = true;
    rules[1].at.seconds = 14 * 3600 + 1800;
    const char *const lines[] = {
        "2026-01-27 decision 2026-01-27T14:00 list", "2026-01-27 press 2026-01-27T14:30 list",
        "2026-03-18 decision 2026-03-18T05:00 list", "2026-03-18 press 2026-03-18T14:30 list"};
    LL_AUTO(ll_events) e = compile(rules, 2, DAY(2026, 1, 1), DAY(2026, 12, 31));
    const struct ll_event *v;
    size_t n = ll_events_between(e, DAY(2026, 1, 1), DAY(2026, 12, 31), &v);
    check_lines(v, n, lines, LL_LEN(lines));
    ck_assert(ll_slice_is(v[0].source, "the bank") && ll_slice_is(v[0].class, "release"));
}
END_TEST

START_TEST(filters_and_sessions_near_a_day)
{
    struct ll_event_rule rules[] = {rule("monday", "x", LL_EVENT_EVERY_SESSION),
                                    rule("near", "x", LL_EVENT_DATES),
                                    rule("daily", "x", LL_EVENT_EVERY_DAY)};
    rules[0].date.dow = 1;
    rules[1].date.base = LL_CAL_LAST_SESSION;
    rules[1].date.month = 7;
    rules[1].date.mday = 4;
    rules[2].date.from = DAY(2026, 7, 5);
    rules[2].date.to = DAY(2026, 7, 6);
    const char *const lines[] = {"2026-07-02 near - rule", "2026-07-05 daily - rule",
                                 "2026-07-06 daily - rule", "2026-07-06 monday - calendar"};
    check_rules(rules, 3, DAY(2026, 7, 1), DAY(2026, 7, 10), lines, LL_LEN(lines));
}
END_TEST

START_TEST(beyond_what_is_announced_everything_is_projected)
{
    struct ll_event_rule expiry = third_friday("expiry", LL_EVENT_PREVIOUS);
    const char *const lines[] = {"2026-12-18 expiry 2026-12-18T16:00 rule",
                                 "2027-01-15 expiry 2027-01-15T16:00 rule P"};
    check_rules(&expiry, 1, DAY(2026, 12, 1), DAY(2027, 1, 31), lines, LL_LEN(lines));
}
END_TEST

START_TEST(an_event_that_follows_one_beyond_the_horizon_is_projected)
{
    struct ll_event_rule rules[] = {third_friday("expiry", LL_EVENT_PREVIOUS),
                                    rule("settlement", "settlement", LL_EVENT_RELATIVE)};
    rules[1].of = LL_SLICE("expiry");
    rules[1].date.offset = -30;
    LL_AUTO(ll_events) e = compile(rules, 2, DAY(2028, 6, 1), DAY(2028, 6, 30));
    const char *const lines[] = {"2028-06-16 expiry 2028-06-16T16:00 rule P",
                                 "2028-06-21 settlement - rule P"};
    check_between(ll_events_between, e, DAY(2028, 6, 1), LL_DAY_LAST, lines, LL_LEN(lines));
}
END_TEST

START_TEST(the_clock_is_left_out_unless_asked_for)
{
    struct ll_event_rule rules[] = {rule("open", "clock", LL_EVENT_EVERY_SESSION),
                                    third_friday("expiry", LL_EVENT_PREVIOUS)};
    rules[0].has_time = true;
    rules[0].at = (struct ll_cal_point){LL_CAL_AT_CLOCK, -6 * 3600}; /* the evening before */
    LL_AUTO(ll_events) e = compile(rules, 2, DAY(2026, 3, 19), DAY(2026, 3, 23));
    const struct ll_event *v;
    const char *const all[] = {
        "2026-03-19 open 2026-03-18T18:00 calendar", "2026-03-20 open 2026-03-19T18:00 calendar",
        "2026-03-20 expiry 2026-03-20T16:00 rule", "2026-03-23 open 2026-03-22T18:00 calendar"};
    check_between(ll_events_all_between, e, DAY(2026, 3, 1), DAY(2026, 3, 31), all, 4);
    check_between(ll_events_between, e, DAY(2026, 3, 20), DAY(2026, 3, 20), &all[2], 1);
    ck_assert_uint_eq(ll_events_between(e, DAY(2026, 3, 21), DAY(2026, 3, 23), &v), 0);
    ck_assert_uint_eq(ll_events_between(e, DAY(2026, 3, 23), DAY(2026, 3, 20), &v), 0);
    const ll_time at = DAY(2026, 3, 20) * LL_DAY + 16 * LL_HOUR;
    ck_assert_ptr_null(ll_events_next(e, at));
    ck_assert_int_eq(ll_events_next(e, at - 1)->time, at);
    ck_assert(ll_event_is_clock(LL_SLICE("clock")) && !ll_event_is_clock(LL_SLICE("clocks")));
}
END_TEST

static struct ll_cal_change change(enum ll_cal_change_kind kind, const char *event, ll_day date)
{
    return (struct ll_cal_change){.kind = kind,
                                  .date = date,
                                  .times = NO_TIMES,
                                  .event = ll_slice_of(event),
                                  .at = LL_CAL_CLOCK_NONE,
                                  .known = LL_TIME_NONE,
                                  .file = "desk.yaml",
                                  .line = 3};
}

static void check_overlaid(const struct ll_cal_change *changes, size_t n, ll_time known_at,
                           const char *const *lines, size_t n_lines)
{
    const struct ll_event_rule expiry = third_friday("expiry", LL_EVENT_PREVIOUS);
    const struct ll_event_rules rules = {.rules = &expiry, .n = 1, .file = "t.yaml"};
    const struct ll_events_source src = {.rules = &rules,
                                         .calendar = calendar,
                                         .changes = changes,
                                         .n_changes = n,
                                         .from = DAY(2026, 3, 1),
                                         .to = DAY(2026, 3, 31),
                                         .known_at = known_at};
    struct ll_err err = {0};
    struct ll_events *e = NULL;
    ck_assert_msg(ll_events_compile(&src, &e, &err), "%s", err.text);
    const struct ll_event *v;
    size_t got = ll_events_between(e, src.from, src.to, &v);
    check_lines(v, got, lines, n_lines);
    for (size_t i = 0; i < got; i++)
        if (ll_slice_is(v[i].name, "expiry"))
            ck_assert(ll_slice_is(v[i].class, "expiry"));
    ll_events_free(e);
}

START_TEST(overlays_add_move_and_remove)
{
    struct ll_cal_change changes[] = {
        change(LL_CAL_NO_EVENT, "expiry", DAY(2026, 3, 20)),
        change(LL_CAL_EVENT, "expiry", DAY(2026, 3, 19)),
        change(LL_CAL_EVENT, "test_day", DAY(2026, 3, 21)),
        change(LL_CAL_EVENT, "test_day", DAY(2026, 3, 21)),
        change(LL_CAL_EVENT, "april", DAY(2026, 4, 1)),
        change(LL_CAL_CLOSED, "", DAY(2026, 3, 20)),
    };
    changes[1].at = 12 * 3600;
    changes[1].reason = LL_SLICE("moved");
    changes[1].known = DAY(2026, 2, 1) * LL_DAY;
    changes[3].at = 3600;
    const char *const after[] = {"2026-03-19 expiry 2026-03-19T12:00 overlay:moved",
                                 "2026-03-21 test_day 2026-03-21T01:00 overlay"};
    check_overlaid(changes, LL_LEN(changes), LL_TIME_NONE, after, 2);
    check_overlaid(changes, LL_LEN(changes), changes[1].known, after, 2);
    check_overlaid(changes, LL_LEN(changes), changes[1].known - 1, &after[1], 1);
    const char *const plain[] = {"2026-03-20 expiry 2026-03-20T16:00 rule"};
    check_overlaid(changes, 0, LL_TIME_NONE, plain, 1);
}
END_TEST

START_TEST(an_expiry_gives_a_full_session_its_class)
{
    const struct ll_event_rule expiry = third_friday("expiry", LL_EVENT_PREVIOUS);
    struct ll_event_rule eve = rule("eve", "expiry", LL_EVENT_HALF_DAYS);
    const struct ll_event_rule rules[] = {expiry, eve};
    LL_AUTO(ll_events) e = compile(rules, 2, DAY(2026, 1, 1), DAY(2026, 12, 31));
    const struct {
        ll_day day;
        enum ll_day_class class;
    } days[] = {
        {DAY(2026, 3, 20), LL_DAY_CLASS_EXPIRY},         {DAY(2026, 3, 19), LL_DAY_CLASS_REGULAR},
        {DAY(2026, 6, 18), LL_DAY_CLASS_EXPIRY}, /* before a holiday, too */
        {DAY(2026, 6, 19), LL_DAY_CLASS_CLOSED_HOLIDAY}, {DAY(2026, 12, 24), LL_DAY_CLASS_HALF},
        {DAY(2026, 3, 21), LL_DAY_CLASS_CLOSED_WEEKEND}, {DAY(2023, 3, 17), LL_DAY_CLASS_UNKNOWN}};
    for (size_t i = 0; i < LL_LEN(days); i++)
        ck_assert_int_eq(ll_events_day_class(e, calendar, days[i].day), days[i].class);
}
END_TEST

START_TEST(what_cannot_be_is_said)
{
    struct ll_event_rule rules[] = {rule("press", "release", LL_EVENT_RELATIVE),
                                    rule("decision", "release", LL_EVENT_EVERY_DAY)};
    rules[0].of = LL_SLICE("decision");
    const struct ll_event_rules set = {.rules = rules, .n = 2, .file = "t.yaml"};
    struct ll_events_source src = {.rules = &set,
                                   .calendar = calendar,
                                   .from = DAY(2026, 1, 1),
                                   .to = DAY(2026, 1, 31),
                                   .known_at = LL_TIME_NONE};
    struct ll_events *e = NULL;
    struct ll_err err = {0};
    ck_assert(!ll_events_compile(&src, &e, &err));
    ck_assert(err.code == LL_E_CONFIG && err.line == 7);
    ck_assert_str_eq(err.text, "t.yaml:7: 'press' follows 'decision', which is no event above it");
    const ll_day spans[][2] = {{DAY(2023, 12, 31), DAY(2026, 1, 1)},
                               {DAY(2026, 1, 1), DAY(2028, 7, 1)},
                               {DAY(2026, 1, 2), DAY(2026, 1, 1)}};
    for (size_t i = 0; i < LL_LEN(spans); i++) {
        src.from = spans[i][0];
        src.to = spans[i][1];
        ck_assert(!ll_events_compile(&src, &e, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    ck_assert_ptr_null(e);
}
END_TEST

START_TEST(memory_that_ends_fails_and_leaks_nothing)
{
    const struct ll_event_rule expiry = third_friday("expiry", LL_EVENT_PREVIOUS);
    const struct ll_cal_change added = change(LL_CAL_EVENT, "test_day", DAY(2026, 3, 21));
    const struct ll_event_rules rules = {.rules = &expiry, .n = 1, .file = "t.yaml"};
    const struct ll_events_source src = {.rules = &rules,
                                         .calendar = calendar,
                                         .changes = &added,
                                         .n_changes = 1,
                                         .from = DAY(2024, 1, 1),
                                         .to = DAY(2028, 6, 30),
                                         .known_at = LL_TIME_NONE};
    unsigned failed = 0;
    for (unsigned call = 1; call < 60; call++) {
        struct ll_events *e = NULL;
        struct ll_err err = {0};
        ll_test_fail_alloc(call);
        bool ok = ll_events_compile(&src, &e, &err);
        bool hit = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok == (e != NULL) && (ok || (hit && err.code == LL_E_MEMORY)));
        ll_events_free(e);
        failed += !ok; /* qsort does without the memory it asks for */
    }
    ck_assert_uint_ge(failed, 5);
    ll_events_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_date_that_is_no_session_moves_is_kept_or_is_dropped,
        what_follows_a_shifted_event_is_shifted_with_it,
        the_jobs_report_counts_weeks_and_notes_holidays,
        months_end_on_their_last_session,
        a_month_that_the_calendar_cuts_has_no_last_session,
        sessions_say_what_kind_of_day_they_are,
        lists_have_their_dates_times_and_followers,
        filters_and_sessions_near_a_day,
        beyond_what_is_announced_everything_is_projected,
        an_event_that_follows_one_beyond_the_horizon_is_projected,
        the_clock_is_left_out_unless_asked_for,
        overlays_add_move_and_remove,
        an_expiry_gives_a_full_session_its_class,
        what_cannot_be_is_said,
        memory_that_ends_fails_and_leaks_nothing,
    };
    setup();
    int failed = ll_test_run("calendar_events", tests, LL_LEN(tests));
    teardown();
    return failed;
}
