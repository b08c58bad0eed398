/* iCalendar: a small calendar written, lists in the shapes that are published read. */
#include <stdio.h>
#include <string.h>

#include "calendar/ics.h"
#include "support.h"

#define DAY(y, m, d) ll_day_of(y, m, d)
#define NONE LL_CAL_CLOCK_NONE
#define TEXT(z)                                                                                    \
    {                                                                                              \
        z, sizeof(z) - 1                                                                           \
    }
#define CALENDAR(lines) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" lines "END:VCALENDAR\r\n"
#define EVENT(lines) CALENDAR("BEGIN:VEVENT\r\n" lines "END:VEVENT\r\n")

static struct ll_arena *arena;

static const struct ll_ics_entry *read_one(const char *text)
{
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    ll_arena_reset(arena);
    ck_assert_msg(ll_ics_read(ll_slice_of(text), arena, &e, &n, &err), "%d: %s", err.line,
                  err.text);
    ck_assert_uint_eq(n, 1);
    return e;
}

/* "2026-01-09 08:30:00 America/New_York" */
static const char *shown(const struct ll_ics_time *t)
{
    static char text[128];
    char date[LL_DAY_TEXT_MAX];
    ll_day_format(t->date, date);
    if (t->clock == NONE)
        snprintf(text, sizeof(text), "%s", date);
    else
        snprintf(text, sizeof(text), "%s %02d:%02d:%02d %s%.*s", date, t->clock / 3600,
                 t->clock / 60 % 60, t->clock % 60, t->utc ? "Z" : "", (int)t->zone.n,
                 t->zone.n ? t->zone.s : "");
    return text;
}

/* As the Bureau of Labor Statistics publishes its releases: a zone of its own with its rules. */
static const char releases[] = "BEGIN:VCALENDAR\r\n"
                               "METHOD:PUBLISH\r\n"
                               "PRODID:-//Bureau of Labor Statistics//Release Schedule//EN\r\n"
                               "VERSION:2.0\r\n"
                               "BEGIN:VTIMEZONE\r\n"
                               "TZID:US-Eastern\r\n"
                               "BEGIN:STANDARD\r\n"
                               "DTSTART:20071104T020000\r\n"
                               "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\n"
                               "TZOFFSETFROM:-0400\r\n"
                               "TZOFFSETTO:-0500\r\n"
                               "TZNAME:EST\r\n"
                               "END:STANDARD\r\n"
                               "END:VTIMEZONE\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:empsit-2025-12@example.gov\r\n"
                               "DTSTAMP:20251201T120000Z\r\n"
                               "DTSTART;TZID=US-Eastern:20260109T083000\r\n"
                               "DTEND;TZID=US-Eastern:20260109T090000\r\n"
                               "SUMMARY:Employment Situation\\, December\r\n"
                               "  2025\r\n"
                               "BEGIN:VALARM\r\n"
                               "SUMMARY:an alarm has its own\r\n"
                               "DTSTART:20200101\r\n"
                               "END:VALARM\r\n"
                               "END:VEVENT\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:cpi@example.gov\r\n"
                               "DTSTART;TZID=\"US-Eastern\":20260113T083000\r\n"
                               "SUMMARY:Consumer Price Index\r\n"
                               "STATUS:CANCELLED\r\n"
                               "END:VEVENT\r\n"
                               "BEGIN:VTODO\r\n"
                               "SUMMARY:not an event\r\n"
                               "END:VTODO\r\n"
                               "BEGIN:VEVENT\r\n"
                               "DTSTART:20260114T133000Z\r\n"
                               "END:VEVENT\r\n"
                               "END:VCALENDAR\r\n";

START_TEST(reads_releases)
{
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    ck_assert_msg(ll_ics_read(LL_SLICE(releases), arena, &e, &n, &err), "%d: %s", err.line,
                  err.text);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(e[0].summary.s, "Employment Situation, December 2025");
    ck_assert_str_eq(e[0].uid.s, "empsit-2025-12@example.gov");
    ck_assert_str_eq(shown(&e[0].start), "2026-01-09 08:30:00 America/New_York");
    ck_assert_str_eq(shown(&e[0].end), "2026-01-09 09:00:00 America/New_York");
    ck_assert_int_eq(e[0].line, 15);
    ck_assert_str_eq(shown(&e[1].start), "2026-01-14 13:30:00 Z");
    ck_assert_int_eq(e[1].end.date, LL_DAY_NONE);
    ck_assert_uint_eq(e[1].summary.n + e[1].uid.n, 0);
    ck_assert_int_eq(e[1].line, 36);
}
END_TEST

START_TEST(reads_days)
{
    /* Google's holidays: dates, LF, a byte order mark before them, lower case names. */
    const struct ll_ics_entry *e = read_one("\xef\xbb\xbf"
                                            "begin:vcalendar\n"
                                            "BEGIN:VEVENT\n"
                                            "DTSTART;VALUE=DATE:20261126\n"
                                            "DTEND;VALUE=DATE:20261127\n"
                                            "dtstamp:20260101T000000Z\n"
                                            "TRANSP:TRANSPARENT\n"
                                            "SUMMARY;LANGUAGE=en:Thanksgiving\\; a \\\"day\\\"\\n"
                                            "of\\\\rest \xc3\xa9t\xc3\n"
                                            " \xa9\n"
                                            "\n"
                                            "END:VEVENT\n"
                                            "END:VCALENDAR");
    ck_assert_str_eq(shown(&e->start), "2026-11-26");
    ck_assert_str_eq(shown(&e->end), "2026-11-27");
    ck_assert_str_eq(e->summary.s, "Thanksgiving; a \"day\" of\\rest \xc3\xa9t\xc3\xa9");
    ck_assert_int_eq(e->line, 2);
}
END_TEST

START_TEST(reads_every_form_of_time)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {EVENT("DTSTART:20261126\r\n"), "2026-11-26"},
        {EVENT("DTSTART;VALUE=\"date\":20261126\r\n"), "2026-11-26"},
        {EVENT("DTSTART;X-A=\"b;c:d\";VALUE=DATE:20261126\r\n"), "2026-11-26"},
        {EVENT("DTSTART;X-A:20261126\r\n"), "2026-11-26"},
        {EVENT("DTSTART;VALUE=DATE-TIME:20261126T093000\r\n"), "2026-11-26 09:30:00 "},
        {EVENT("DTSTART;TZID=Europe/Paris:20261126T235959\r\n"),
         "2026-11-26 23:59:59 Europe/Paris"},
        {EVENT("DTSTART;tzid=Europe/Paris:20261126T000000Z\r\n"), "2026-11-26 00:00:00 Z"},
        {EVENT("DTSTART:20161231T235960Z\r\n"), "2016-12-31 23:59:59 Z"},
        {EVENT("DTSTART;TZID=\"Tokyo Standard Time\":20261126T090000\r\n"),
         "2026-11-26 09:00:00 Asia/Tokyo"},
        {EVENT("DTSTART;TZID=/example.com/1/America/Argentina/Salta:20261126T090000\r\n"),
         "2026-11-26 09:00:00 America/Argentina/Salta"},
        {EVENT("DTSTART;TZID=/example.com/own:20261126T090000\r\n"),
         "2026-11-26 09:00:00 /example.com/own"},
        {EVENT("DTSTART;TZID=Mine:20261126T090000\r\n"), "2026-11-26 09:00:00 Mine"},
        {EVENT("DTST\r\n ART:2026\r\n\t1126\r\n"), "2026-11-26"},
        {EVENT("DTSTART:20240229\r\n"), "2024-02-29"},
        {EVENT("DTSTART:19000101\r\nDTEND:21991231\r\n"), "1900-01-01"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++)
        ck_assert_str_eq(shown(&read_one(cases[i].text)->start), cases[i].want);
}
END_TEST

START_TEST(says_what_is_wrong_and_where)
{
    static const struct {
        const char *text;
        int line;
        const char *why;
    } cases[] = {
        {"", 1, "BEGIN:VCALENDAR"},
        {"\r\n\r\n", 1, "BEGIN:VCALENDAR"},
        {"<!DOCTYPE html>\n", 1, "no line of the form NAME:value: '<!DOCTYPE html>'"},
        {" BEGIN:VCALENDAR\n", 1, "no line of the form"},
        {"VERSION:2.0\n", 1, "outside of a VCALENDAR: 'VERSION'"},
        {"BEGIN:VEVENT\nEND:VEVENT\n", 1, "outside of a VCALENDAR: 'VEVENT'"},
        {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n", 2, "BEGIN:VEVENT has no END"},
        {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", 3, "did not begin last"},
        {"END:VCALENDAR\n", 1, "did not begin last"},
        {EVENT("DTSTART:20260101\r\nRRULE:FREQ=YEARLY\r\n"), 5,
         "an event that repeats (RRULE) is not read: export the calendar with an event for each "
         "date, or write the rule into a file of events"},
        {EVENT("RDATE:20260101\r\nDTSTART:20260101\r\nX:\r\n"), 4, "(RDATE)"},
        {EVENT("SUMMARY:Open\r\n"), 3, "an event without DTSTART 'Open'"},
        {EVENT("DTSTART:20260229\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:18991231\r\n"), 4, "between 1900 and 2199"},
        {EVENT("DTSTART:2026-01-01\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101T\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101T240000\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101T126000\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101T120061\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101T120000+\r\n"), 4, "no time such as"},
        {EVENT("DTSTART:20260101 120000\r\n"), 4, "no time such as"},
        {EVENT("DTSTART;VALUE=DATE:20260101T120000\r\n"), 4, "not of its VALUE type"},
        {EVENT("DTSTART;VALUE=PERIOD:20260101\r\n"), 4, "not of its VALUE type"},
        {EVENT("DTSTART:20260101\r\nDTSTART:20260102\r\n"), 5, "twice: 'DTSTART'"},
        {EVENT("DTSTART:20260102\r\nDTEND:20260101\r\n"), 3, "ends before it starts"},
        {EVENT("DTSTART:20260102\r\nDTEND:20260103T000000Z\r\n"), 3, "the other a time"},
        {EVENT("DTSTART:20260102\r\nSUMMARY:\xff\r\n"), 5, "not UTF-8"},
        {EVENT("DTSTART;X=\"20260102\r\n"), 4, "no line of the form"},
        {EVENT("just text\r\n"), 4, "no line of the form NAME:value: 'just text'"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const struct ll_ics_entry *e = NULL;
        struct ll_err err = {0};
        size_t n = 77;
        ck_assert_msg(!ll_ics_read(ll_slice_of(cases[i].text), arena, &e, &n, &err), "%s",
                      cases[i].text);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_msg(strstr(err.text, cases[i].why) && err.line == cases[i].line, "%s%d: %s",
                      cases[i].text, err.line, err.text);
        ck_assert(e == NULL && n == 77);
    }
}
END_TEST

START_TEST(what_is_cancelled_may_repeat)
{
    const struct ll_ics_entry *e = NULL;
    size_t n = 77;
    ck_assert(ll_ics_read(LL_SLICE(EVENT("RRULE:FREQ=DAILY\r\nSTATUS:cancelled\r\n")), arena, &e,
                          &n, NULL));
    ck_assert_uint_eq(n, 0);
    /* A file may hold several calendars. */
    ck_assert(ll_ics_read(LL_SLICE(EVENT("DTSTART:20260101\r\n") EVENT("DTSTART:20260102\r\n")),
                          arena, &e, &n, NULL));
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(e[1].start.date, DAY(2026, 1, 2));
}
END_TEST

static enum ll_err_code code_of(const struct ll_str *s, int *line)
{
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    ck_assert(!s->failed);
    const bool ok = ll_ics_read((struct ll_slice){s->s, s->n}, arena, &e, &n, &err);
    *line = err.line;
    return ok ? LL_E_OK : err.code;
}

START_TEST(has_limits)
{
    struct ll_str s;
    int line;
    ll_str_init(&s, 2 * LL_ICS_BYTES_MAX);
    ll_str_addz(&s, "BEGIN:VCALENDAR\n");
    for (int i = 0; i < LL_ICS_ENTRIES_MAX; i++)
        ll_str_addz(&s, "BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n");
    const size_t full = s.n;
    ll_str_addz(&s, "END:VCALENDAR\n");
    ll_arena_reset(arena);
    ck_assert_int_eq(code_of(&s, &line), LL_E_OK);
    s.n = full;
    ll_str_addz(&s, "BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\nEND:VCALENDAR\n");
    ck_assert_int_eq(code_of(&s, &line), LL_E_TOO_LARGE);
    ck_assert_int_eq(line, 3 * LL_ICS_ENTRIES_MAX + 2);

    ll_str_clear(&s);
    ll_str_addz(&s, "BEGIN:VCALENDAR\nX:");
    for (int i = 2; i < LL_ICS_LINE_MAX; i++)
        ll_str_addz(&s, i % 70 ? "x" : "\n x");
    const size_t long_line = s.n;
    ll_str_addz(&s, "\nEND:VCALENDAR\n");
    ck_assert_int_eq(code_of(&s, &line), LL_E_OK);
    s.n = long_line;
    ll_str_addz(&s, "\n x\nEND:VCALENDAR\n");
    ck_assert_int_eq(code_of(&s, &line), LL_E_TOO_LARGE);
    ck_assert_int_eq(line, 2);

    ll_str_clear(&s);
    for (int i = 0; i < 9; i++)
        ll_str_addz(&s, "BEGIN:VCALENDAR\n");
    ck_assert_int_eq(code_of(&s, &line), LL_E_INVALID);
    ck_assert_int_eq(line, 9);

    ll_str_clear(&s);
    while (s.n <= LL_ICS_BYTES_MAX)
        ll_str_addz(&s, "BEGIN:VCALENDAR\nEND:VCALENDAR\n");
    ck_assert_int_eq(code_of(&s, &line), LL_E_TOO_LARGE);
    ll_str_fini(&s);
}
END_TEST

START_TEST(survives_the_end_of_memory)
{
    unsigned call = 0;
    bool ok = false;
    for (; !ok && call < 50; call++) {
        const struct ll_ics_entry *e = NULL;
        struct ll_err err = {0};
        size_t n = 0;
        LL_AUTO(ll_arena) small = ll_arena_new(64 << 10);
        ck_assert_ptr_nonnull(small);
        ll_test_fail_alloc(call + 1);
        ok = ll_ics_read(LL_SLICE(releases), small, &e, &n, &err);
        const bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok ? !failed : err.code == LL_E_MEMORY && err.line > 0);
    }
    ck_assert(ok && call > 3);
    LL_AUTO(ll_arena) tiny = ll_arena_new(64);
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    ck_assert(!ll_ics_read(LL_SLICE(releases), tiny, &e, &n, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
}
END_TEST

static const struct ll_cal_weekmask mask[] = {{LL_DAY_NONE, 0x1f, 1}};
static const struct ll_cal_hours hours[] = {
    {LL_DAY_NONE, 0x0f, {9 * 3600, 15 * 3600, 11 * 3600 + 1800, 12 * 3600 + 1800, 0, 0}, 1},
    {LL_DAY_NONE, 0x10, {9 * 3600, 15 * 3600, NONE, NONE, 0, 0}, 1}};
static const struct ll_cal_change changes[] = {{.kind = LL_CAL_CLOSED,
                                                .date = 20424, /* 2025-12-02 */
                                                .known = LL_TIME_NONE,
                                                .reason = TEXT("Typhoon, signal 10; all day"),
                                                .file = "t.yaml"},
                                               {.kind = LL_CAL_TIMES,
                                                .date = 20427,
                                                .times = {NONE, 11 * 3600, NONE, NONE, 0, 0},
                                                .known = LL_TIME_NONE,
                                                .reason = TEXT("storm"),
                                                .file = "t.yaml"}};

static struct ll_calendar *compile(struct ll_slice code, const struct ll_tz *tz)
{
    const struct ll_cal_rules rules = {.code = code,
                                       .tz = LL_SLICE("UTC"),
                                       .from = DAY(2025, 12, 1),
                                       .announced_to = DAY(2025, 12, 5),
                                       .weekmasks = mask,
                                       .n_weekmasks = 1,
                                       .hours = hours,
                                       .n_hours = LL_LEN(hours),
                                       .changes = changes,
                                       .n_changes = LL_LEN(changes),
                                       .file = "t.yaml"};
    const struct ll_calendar_source src = {
        .rules = &rules, .tz = tz, .to = DAY(2025, 12, 31), .known_at = LL_TIME_NONE};
    struct ll_calendar *c = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendar_compile(&src, &c, &err), "%s", err.text);
    return c;
}

static const ll_day release_days[] = {20424, 20424 + 6};
static const struct ll_event_rule event_rules[] = {
    {.id = TEXT("jobs"),
     .class = TEXT("release"),
     .note = TEXT("a list"),
     .source = TEXT("https://example.com/list"),
     .base = LL_EVENT_LIST,
     .date = {.from = LL_DAY_NONE, .to = LL_DAY_LAST},
     .dates = release_days,
     .n_dates = 2,
     .closed = LL_EVENT_KEEP,
     .at = {LL_CAL_AT_CLOCK, 13 * 3600 + 1800},
     .has_time = true,
     .announced_to = LL_DAY_LAST,
     .file = "e.yaml"},
};

static struct ll_events *compile_events(const struct ll_calendar *c)
{
    const struct ll_event_rules rules = {
        .name = LL_SLICE("t"), .calendar = LL_SLICE("XTST"), .rules = event_rules, .n = 1};
    const struct ll_events_source src = {.rules = &rules,
                                         .calendar = c,
                                         .from = DAY(2025, 12, 1),
                                         .to = DAY(2025, 12, 31),
                                         .known_at = LL_TIME_NONE};
    struct ll_events *e = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_events_compile(&src, &e, &err), "%s", err.text);
    return e;
}

/* A day with a break, and one that is closed and has an event. */
static const char two_days[] = "BEGIN:VCALENDAR\r\n"
                               "VERSION:2.0\r\n"
                               "PRODID:-//Loadline//Market calendar//EN\r\n"
                               "CALSCALE:GREGORIAN\r\n"
                               "X-WR-CALNAME:XTST\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:2025-12-01-XTST-open@loadline\r\n"
                               "DTSTAMP:20251201T000000Z\r\n"
                               "DTSTART:20251201T090000Z\r\n"
                               "DTEND:20251201T113000Z\r\n"
                               "STATUS:CONFIRMED\r\n"
                               "TRANSP:TRANSPARENT\r\n"
                               "SUMMARY:XTST open\r\n"
                               "CATEGORIES:session\r\n"
                               "END:VEVENT\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:2025-12-01-XTST-open-2@loadline\r\n"
                               "DTSTAMP:20251201T000000Z\r\n"
                               "DTSTART:20251201T123000Z\r\n"
                               "DTEND:20251201T150000Z\r\n"
                               "STATUS:CONFIRMED\r\n"
                               "TRANSP:TRANSPARENT\r\n"
                               "SUMMARY:XTST open\r\n"
                               "CATEGORIES:session\r\n"
                               "END:VEVENT\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:2025-12-02-XTST-closed@loadline\r\n"
                               "DTSTAMP:20251201T000000Z\r\n"
                               "DTSTART;VALUE=DATE:20251202\r\n"
                               "STATUS:CONFIRMED\r\n"
                               "TRANSP:TRANSPARENT\r\n"
                               "SUMMARY:XTST closed: Typhoon\\, signal 10\\; all day\r\n"
                               "CATEGORIES:holiday\r\n"
                               "END:VEVENT\r\n"
                               "BEGIN:VEVENT\r\n"
                               "UID:2025-12-02-XTST-event-jobs@loadline\r\n"
                               "DTSTAMP:20251201T000000Z\r\n"
                               "DTSTART:20251202T133000Z\r\n"
                               "STATUS:CONFIRMED\r\n"
                               "TRANSP:TRANSPARENT\r\n"
                               "SUMMARY:XTST jobs\r\n"
                               "CATEGORIES:release\r\n"
                               "DESCRIPTION:list:a list\\nhttps://example.com/list\r\n"
                               "END:VEVENT\r\n"
                               "END:VCALENDAR\r\n";

START_TEST(writes_sessions_holidays_and_events)
{
    LL_AUTO(ll_tz) tz = ll_tz_utc();
    LL_AUTO(ll_calendar) c = compile(LL_SLICE("XTST"), tz);
    LL_AUTO(ll_events) events = compile_events(c);
    struct ll_str out;
    ll_str_init(&out, 64 << 10);
    struct ll_ics_source src = {.calendar = c,
                                .events = events,
                                .from = DAY(2025, 12, 1),
                                .to = DAY(2025, 12, 2),
                                .sessions = true,
                                .holidays = true,
                                .stamp = 1764547200000};
    ll_ics_write(&src, &out);
    ck_assert_str_eq(ll_str_z(&out), two_days);

    ll_str_clear(&out);
    src.from = DAY(2025, 12, 5);
    src.to = DAY(2025, 12, 8);
    ll_ics_write(&src, &out);
    ck_assert_ptr_nonnull(strstr(ll_str_z(&out), "DTEND:20251205T110000Z\r\nSTATUS:CONFIRMED\r\n"));
    ck_assert_ptr_nonnull(strstr(ll_str_z(&out), "SUMMARY:XTST open (half day)\r\n"));
    ck_assert_ptr_nonnull(strstr(ll_str_z(&out), "DESCRIPTION:storm\r\n"));
    ck_assert_ptr_nonnull(strstr(ll_str_z(&out), "DTEND:20251208T113000Z\r\nSTATUS:TENTATIVE\r\n"));

    ll_str_clear(&out);
    src.sessions = src.holidays = false;
    src.events = NULL;
    src.from = LL_DAY_NONE;
    src.to = LL_DAY_LAST;
    ll_ics_write(&src, &out);
    ck_assert_ptr_null(strstr(ll_str_z(&out), "VEVENT"));
    ll_str_fini(&out);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    LL_AUTO(ll_tz) tz = ll_tz_utc();
    LL_AUTO(ll_calendar) c = compile(LL_SLICE("XTST"), tz);
    struct ll_str out;
    ll_str_init(&out, 64 << 10);
    ll_ics_write(&(struct ll_ics_source){.calendar = c,
                                         .from = DAY(2025, 12, 1),
                                         .to = DAY(2025, 12, 31),
                                         .sessions = true,
                                         .holidays = true},
                 &out);
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0, at = 0;
    ck_assert(ll_ics_read((struct ll_slice){out.s, out.n}, arena, &e, &n, &err));
    const struct ll_session *s = NULL;
    const size_t sessions = ll_calendar_sessions(c, DAY(2025, 12, 1), DAY(2025, 12, 31), &s);
    ck_assert_uint_eq(sessions, 22);
    for (size_t i = 0; i < sessions; i++, at++) {
        at += e[at].start.clock == NONE; /* the holiday */
        ck_assert_int_eq(e[at].start.date * LL_DAY + e[at].start.clock * LL_SECOND, s[i].open);
        at += s[i].break_start != LL_TIME_NONE;
        ck_assert_int_eq(e[at].end.date * LL_DAY + e[at].end.clock * LL_SECOND, s[i].close);
    }
    ck_assert_uint_eq(at, n);
    for (size_t i = 1; i < n; i++)
        ck_assert(!ll_slice_eq(e[i - 1].uid, e[i].uid));
    ll_str_fini(&out);
}
END_TEST

START_TEST(folds_at_75_octets)
{
    char code[200];
    LL_AUTO(ll_tz) tz = ll_tz_utc();
    for (size_t len = 10; len < sizeof(code) - 3; len++) {
        struct ll_str out;
        for (size_t i = 0; i < len; i += 3)
            memcpy(code + i, "\xe2\x82\xac", 3); /* euro signs: no cut lies within one */
        memcpy(code, ",x\\", len % 4);
        LL_AUTO(ll_calendar) c = compile((struct ll_slice){code, len / 3 * 3}, tz);
        ll_str_init(&out, 64 << 10);
        ll_ics_write(
            &(struct ll_ics_source){
                .calendar = c, .from = DAY(2025, 12, 2), .to = DAY(2025, 12, 2), .holidays = true},
            &out);
        for (const char *z = ll_str_z(&out), *end; *z; z = end + 2) {
            end = strstr(z, "\r\n");
            ck_assert(end && end - z <= 75 && ll_utf8_valid(z, (size_t)(end - z)));
        }
        ll_str_fini(&out);
    }
}
END_TEST

START_TEST(a_full_buffer_is_said)
{
    LL_AUTO(ll_tz) tz = ll_tz_utc();
    LL_AUTO(ll_calendar) c = compile(LL_SLICE("XTST"), tz);
    struct ll_str out;
    ll_str_init(&out, 1000);
    ll_ics_write(
        &(struct ll_ics_source){
            .calendar = c, .from = DAY(2025, 12, 1), .to = DAY(2025, 12, 31), .sessions = true},
        &out);
    ck_assert(out.failed);
    ll_str_fini(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        reads_releases,
        reads_days,
        reads_every_form_of_time,
        says_what_is_wrong_and_where,
        what_is_cancelled_may_repeat,
        has_limits,
        survives_the_end_of_memory,
        writes_sessions_holidays_and_events,
        what_is_written_reads_back,
        folds_at_75_octets,
        a_full_buffer_is_said,
    };
    arena = ll_arena_new(16 << 20);
    const int status = ll_test_run("calendar_ics", tests, LL_LEN(tests));
    ll_arena_free(arena);
    return status;
}
