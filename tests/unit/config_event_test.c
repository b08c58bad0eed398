/* Event files: what is read, what is refused and where, and how one goes on from another. */
#include <sys/stat.h>

#include "config/calendars.h"
#include "config/event_file.h"
#include "config/schema_doc.h"
#include "config_support.h"
#include "os/file.h"

static struct ll_arena *arena;
static struct ll_err errs[4];

static struct ll_calendar_reading reading(void)
{
    static const ll_day days[] = {20454, 20819};
    static struct ll_cal_table table;
    static const struct ll_calendar_tables tables = {&table, 1};
    table = (struct ll_cal_table){LL_SLICE("equinox"), days, LL_LEN(days)};
    memset(errs, 0, sizeof(errs));
    return (struct ll_calendar_reading){
        .name = "t.yml", .tables = &tables, .out = arena, .errs = errs, .max = LL_LEN(errs)};
}

static struct ll_event_file read_text(const char *text)
{
    struct ll_calendar_reading r = reading();
    struct ll_event_file f = {0};
    bool ok = ll_event_file_read(&r, ll_slice_of(text), &f);
    ck_assert_msg(ok, "%s", errs[0].text);
    return f;
}

static struct ll_event_rules join(const struct ll_event_file *f, const struct ll_event_rules *base)
{
    struct ll_calendar_reading r = reading();
    struct ll_event_rules rules = {0};
    bool ok = ll_event_file_join(&r, f, base, &rules);
    ck_assert_msg(ok, "%s", errs[0].text);
    return rules;
}

START_TEST(a_file_is_read_into_rules)
{
    const struct ll_event_file f = read_text(
        "events: desk\n"
        "calendar: XNYS\n"
        "sources: [\"the bank: https://example.org\"]\n"
        "lists:\n"
        "  - id: decision\n"
        "    class: release\n"
        "    time: \"14:00\"\n"
        "    from: 2026\n"
        "    to: 2026-12-31\n"
        "    source: the bank\n"
        "    dates: [2026-01-28, 2026-03-18]\n"
        "  - {id: cpi, class: release, ics: bls.ics, match: Consumer Price Index}\n"
        "rules:\n"
        "  - {id: press, class: release, event: decision, time: \"14:30\"}\n"
        "  - {id: expiry, class: expiry, nth: \"3 fri 03 06 09 12\", closed: previous, time: "
        "close-15m}\n"
        "  - {id: nfp, class: release, week_of: \"3 fri 12\", announced_to: 2026, closed_note: "
        "look,\n"
        "     closed_except: [good_friday, boxing]}\n"
        "  - {id: end, class: calendar, last_session: all, note: as they say}\n"
        "  - {id: begin, class: calendar, first_session: \"01 07\"}\n"
        "  - {id: half, class: calendar, on: half_days}\n"
        "  - {id: vix, class: x, event: expiry, offset: -30, closed: next}\n"
        "  - {id: sun, class: x, table: equinox, dow: \"mon tue\", observe: \"sun+1\"}\n");
    const struct ll_event_rules rules = join(&f, NULL);
    ck_assert(ll_slice_is(rules.name, "desk") && ll_slice_is(rules.calendar, "XNYS"));
    ck_assert_uint_eq(rules.n, 10);
    const struct ll_event_rule *v = rules.rules;
    ck_assert(v[0].base == LL_EVENT_LIST && v[0].n_dates == 2);
    ck_assert_int_eq(v[0].dates[1], ll_day_of(2026, 3, 18));
    ck_assert(v[0].date.from == ll_day_of(2026, 1, 1) && v[0].date.to == ll_day_of(2026, 12, 31));
    ck_assert(v[0].has_time && v[0].at.anchor == LL_CAL_AT_CLOCK && v[0].at.seconds == 14 * 3600);
    ck_assert(ll_slice_is(v[0].source, "the bank") && v[0].announced_to == LL_DAY_LAST);
    ck_assert(v[1].base == LL_EVENT_LIST && v[1].n_dates == 0 && f.n_imports == 1);
    ck_assert(f.imports[0].rule == 1 && ll_slice_is(f.imports[0].file, "bls.ics") &&
              ll_slice_is(f.imports[0].match, "Consumer Price Index"));
    ck_assert(v[2].base == LL_EVENT_RELATIVE && ll_slice_is(v[2].of, "decision"));
    ck_assert_int_eq(v[2].line, 14);
    ck_assert(v[3].base == LL_EVENT_DATES && v[3].date.base == LL_CAL_NTH && v[3].date.nth == 3 &&
              v[3].date.weekday == 4 && v[3].date.months == 0x924);
    ck_assert(v[3].closed == LL_EVENT_PREVIOUS && v[3].at.anchor == LL_CAL_AT_CLOSE &&
              v[3].at.seconds == -900);
    ck_assert(v[4].base == LL_EVENT_WEEK_OF && v[4].date.nth == 3 && v[4].date.weekday == 4 &&
              v[4].date.mday == 12 && v[4].date.months == 0xfff && !v[4].has_time);
    ck_assert(v[4].announced_to == ll_day_of(2026, 12, 31) && v[4].closed == LL_EVENT_KEEP &&
              v[4].n_closed_except == 2 && ll_slice_is(v[4].closed_except[1], "boxing"));
    ck_assert(v[5].base == LL_EVENT_LAST_SESSION && v[5].date.months == 0xfff &&
              ll_slice_is(v[5].note, "as they say"));
    ck_assert(v[6].base == LL_EVENT_FIRST_SESSION && v[6].date.months == 0x41);
    ck_assert(v[7].base == LL_EVENT_HALF_DAYS);
    ck_assert(v[8].date.offset == -30 && v[8].closed == LL_EVENT_NEXT);
    ck_assert(v[9].date.base == LL_CAL_TABLE && v[9].date.table->n == 2 && v[9].date.dow == 3 &&
              v[9].date.observe[6] == 1);
}
END_TEST

#define HEAD "events: t\ncalendar: XNYS\n"
#define RULE(text) HEAD "rules:\n  - {id: a, class: x, " text "}\n"
#define LIST(text) HEAD "lists:\n  - {id: a, class: x, " text "}\n"

static const struct refusal refusals[] = {
    {"calendar: XNYS\n", 1, 1, "events"},
    {"events: t\n", 1, 1, "calendar"},
    {"events: t\ncalendar: xnys\n", 2, 11, "calendar: 'xnys' is not a code"},
    {"events: t\ncalendar: XNYS\nrule: []\n", 3, 1, "did you mean 'rules'?"},
    {HEAD "rules:\n  - {class: x, on: days}\n", 4, 5, "id"},
    {HEAD "rules:\n  - {id: a, on: days}\n", 4, 5, "class"},
    {HEAD "rules:\n  - {id: a, class: x, on: days}\n  - {id: a, class: x, on: days}\n", 5, 10,
     "'a'"},
    {HEAD "lists:\n  - {id: a, class: x, dates: [2026-01-01]}\n"
          "rules:\n  - {id: a, class: x, on: days}\n",
     6, 5, "id: there is a list 'a'"},
    {RULE("time: open"), 4, 5, "a rule needs a base: fixed, nth"},
    {RULE("fixed: 01-01, on: days"), 4, 37, "on: a second base beside 'fixed'"},
    {RULE("on: halfdays"), 4, 27, "half_days"},
    {RULE("on: days, collide: next"), 4, 33, "collide"},
    {RULE("nth: \"3 fri 13\""), 4, 28, "'13' is not a month"},
    {RULE("nth: \"3 fri all 03\""), 4, 28, "has a month twice"},
    {RULE("last_session: \"03 03\""), 4, 37, "has a month twice"},
    {RULE("last_session: \"\""), 4, 37, "has no month"},
    {RULE("week_of: \"3 fri 31\""), 4, 32, "is not as \"3 fri 12\""},
    {RULE("week_of: \"0 fri 12\""), 4, 32, "is not as \"3 fri 12\""},
    {RULE("week_of: \"3 fry 12\""), 4, 32, "did you mean 'fri'?"},
    {RULE("on: days, time: \"25:00\""), 4, 39, "time: '25:00'"},
    {RULE("on: days, from: 2027, to: 2026"), 4, 49, "to: 2026-12-31 is before from, 2027-01-01"},
    {RULE("on: days, closed: move"), 4, 41, "keep"},
    {RULE("on: days, closed: drop, closed_note: n"), 4, 47, "no date is kept"},
    {RULE("on: days, closed_except: [b]"), 4, 33, "there is no closed_note"},
    {RULE("table: moon"), 4, 30, "there is no table 'moon'"},
    {RULE("on: days, orthodox: true"), 4, 43, "goes with easter alone"},
    {RULE("on: days, dates: [2026-01-01]"), 4, 33, "dates"},
    {LIST("time: open"), 4, 5, "a list needs dates, or ics"},
    {LIST("dates: [2026-01-01], ics: a.ics"), 4, 44, "the list has dates already"},
    {LIST("dates: [2026-01-01], match: b"), 4, 44, "match: goes with ics alone"},
    {LIST("ics: ../a.ics"), 4, 28, "is not the name of a file beside this one"},
    {LIST("ics: .a.ics"), 4, 28, "is not the name of a file beside this one"},
    {LIST("ics: a/b.ics"), 4, 28, "is not the name of a file beside this one"},
    {LIST("dates: []"), 4, 30, "dates"},
    {LIST("dates: [2026-01-02, 2026-01-02]"), 4, 43,
     "'2026-01-02' is not after the date before it"},
    {LIST("from: 2026, dates: [2025-12-31]"), 4, 43, "'2025-12-31' is not between from and to"},
    {LIST("dates: [2026-02-29]"), 4, 31, "2026-02-29"},
    {LIST("dates: [2026-01-01], fixed: 01-01"), 4, 44, "fixed"},
};

START_TEST(what_is_wrong_is_refused_where_it_is)
{
    for (size_t i = 0; i < LL_LEN(refusals); i++) {
        struct ll_calendar_reading r = reading();
        struct ll_event_file f = {.extends = LL_SLICE("untouched")};
        bool ok = ll_event_file_read(&r, ll_slice_of(refusals[i].text), &f);
        check_refusal(&refusals[i], ok, &errs[0]);
        ck_assert(r.n_errs >= 1 && ll_slice_is(f.extends, "untouched"));
    }
}
END_TEST

START_TEST(every_error_of_a_file_is_listed_in_its_order)
{
    struct ll_calendar_reading r = reading();
    struct ll_event_file f;
    ck_assert(!ll_event_file_read(&r,
                                  LL_SLICE(HEAD "rules:\n"
                                                "  - {id: a, class: x}\n"
                                                "  - {id: b, class: x, on: never}\n"
                                                "  - {id: c, class: x, fixed: 13-01, time: noon}\n"
                                                "lists:\n"
                                                "  - {id: d, class: x}\n"),
                                  &f));
    ck_assert_uint_eq(r.n_errs, 5);
    const int lines[] = {4, 5, 6, 6};
    for (size_t i = 0; i < LL_LEN(lines); i++)
        ck_assert_int_eq(errs[i].line, lines[i]);
}
END_TEST

START_TEST(a_file_goes_on_from_another)
{
    const struct ll_event_file base =
        read_text("events: base\n"
                  "calendar: \"*\"\n"
                  "rules:\n"
                  "  - {id: end, class: calendar, last_session: all}\n"
                  "  - {id: half, class: calendar, on: half_days}\n");
    const struct ll_event_file over =
        read_text("events: over\n"
                  "calendar: XLON\n"
                  "extends: base\n"
                  "rules:\n"
                  "  - {id: after, class: x, event: half, offset: 1}\n"
                  "  - {id: end, class: mine, last_session: \"12\"}\n");
    ck_assert(ll_slice_is(over.extends, "base") && base.extends.n == 0);
    const struct ll_event_rules under = join(&base, NULL), rules = join(&over, &under);
    ck_assert(ll_slice_is(under.calendar, "*") && ll_slice_is(rules.calendar, "XLON"));
    ck_assert(ll_slice_is(rules.name, "over") && rules.n == 3);
    ck_assert(ll_slice_is(rules.rules[0].id, "end") && ll_slice_is(rules.rules[0].class, "mine"));
    ck_assert(ll_slice_is(rules.rules[1].id, "half") && ll_slice_is(rules.rules[2].id, "after"));
}
END_TEST

START_TEST(an_event_follows_one_above_it)
{
    const struct refusal alone = {HEAD "rules:\n"
                                       "  - {id: a, class: x, event: b}\n"
                                       "  - {id: b, class: x, on: days}\n",
                                  4, 30, "event: 'b' is no event above this one"};
    struct ll_calendar_reading r = reading();
    struct ll_event_rules rules = {.n = 99};
    struct ll_event_file f = read_text(alone.text);
    check_refusal(&alone, ll_event_file_join(&r, &f, NULL, &rules), &errs[0]);
    ck_assert_uint_eq(rules.n, 99);

    /* Its own b takes the place of the other's, above a. */
    const struct ll_event_file base = read_text(HEAD "rules:\n  - {id: b, class: x, on: days}\n");
    const struct ll_event_rules under = join(&base, NULL);
    ck_assert_uint_eq(join(&f, &under).n, 2);
}
END_TEST

#define ENTRY(start, summary)                                                                      \
    "BEGIN:VEVENT\r\nDTSTART" start "\r\nSUMMARY:" summary "\r\nEND:VEVENT\r\n"
#define ICS(entries) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" entries "END:VCALENDAR\r\n"

/* An hour east of UTC without daylight saving, as a TZif file of version 2. */
static struct ll_tz *an_hour_east(void)
{
    enum { HEADER = 44, BODY = 10 };
    static const char body[BODY] = {0, 0, 0x0e, 0x10, 0, 0, 'C', 'E', 'T', 0};
    char bytes[256] = {0};
    size_t n = 0;
    for (int part = 0; part < 2; part++, n += HEADER + BODY) {
        memcpy(bytes + n, "TZif2", 5);
        bytes[n + 39] = 1; /* one type */
        bytes[n + 43] = 4; /* bytes of names */
        memcpy(bytes + n + HEADER, body, BODY);
    }
    memcpy(bytes + n, "\nCET-1\n", 7);
    struct ll_tz *tz = NULL;
    struct ll_err err = {0};
    bool ok = ll_tz_read(LL_SLICE("Europe/Berlin"), bytes, n + 7, &tz, &err);
    ck_assert_msg(ok, "%s", err.text);
    return tz;
}

static const struct ll_tz *find_zone(void *ctx, struct ll_slice name)
{
    return ll_slice_is(name, "America/New_York") ? ctx : NULL;
}

/* What the list becomes, with UTC in the place of New York. */
static struct ll_event_rule import(const char *list, const char *ics)
{
    LL_AUTO(ll_tz) berlin = an_hour_east();
    LL_AUTO(ll_tz) utc = ll_tz_utc();
    const struct ll_event_zones zones = {berlin, find_zone, utc};
    struct ll_event_file f = read_text(list);
    struct ll_calendar_reading r = reading();
    bool ok = ll_event_file_import(&r, &f, 0, ll_slice_of(ics), &zones);
    ck_assert_msg(ok, "%s", errs[0].text);
    ck_assert_ptr_eq(f.own, f.rules.rules);
    return f.own[0];
}

START_TEST(dates_come_from_a_calendar_file)
{
    const char *const ics =
        ICS(ENTRY(":20260310T233000Z", "Consumer Price Index for February") /* in Berlin the 11th */
            ENTRY(";TZID=US-Eastern:20260213T083000", "Consumer price index (CPI) for January")
                ENTRY(";VALUE=DATE:20260414", "CONSUMER PRICE INDEX")
                    ENTRY(";TZID=Europe/Berlin:20260512T143000", "The Consumer Price Index")
                        ENTRY(":20260311T080000", "Consumer Price Index, again")
                            ENTRY(":20260115T133000Z", "Producer Price Index"));
    const struct ll_event_rule all = import(LIST("ics: bls.ics, match: consumer price index"), ics);
    const ll_day days[] = {ll_day_of(2026, 2, 13), ll_day_of(2026, 3, 11), ll_day_of(2026, 4, 14),
                           ll_day_of(2026, 5, 12)};
    const ll_time times[] = {days[0] * LL_DAY + 8 * LL_HOUR + 30 * LL_MINUTE,
                             days[1] * LL_DAY - 30 * LL_MINUTE, LL_TIME_NONE,
                             days[3] * LL_DAY + 13 * LL_HOUR + 30 * LL_MINUTE};
    ck_assert_uint_eq(all.n_dates, LL_LEN(days));
    for (size_t i = 0; i < LL_LEN(days); i++)
        ck_assert(all.dates[i] == days[i] && all.times[i] == times[i]);

    /* The list's own time stands over the entries'. */
    const struct ll_event_rule own =
        import(LIST("ics: bls.ics, match: producer, time: \"08:30\""), ics);
    ck_assert(own.n_dates == 1 && own.dates[0] == ll_day_of(2026, 1, 15) && !own.times);
    ck_assert_uint_eq(import(LIST("ics: bls.ics"), ics).n_dates, 5);
}
END_TEST

START_TEST(a_calendar_file_that_gives_nothing_is_an_error)
{
    static const struct {
        const char *ics, *says;
    } cases[] = {
        {ICS(ENTRY(":20260115T133000Z", "Producer Price Index")),
         "t.yml:4:28: ics: no entry of a.ics has 'CPI' in its summary"},
        {ICS(ENTRY(";TZID=Mars/Olympus:20260115T133000", "CPI")),
         "t.yml:4:28: ics: a.ics:3: unknown time zone 'Mars/Olympus'"},
        {"CPI", "t.yml:4:28: ics: a.ics:1: "},
    };
    LL_AUTO(ll_tz) utc = ll_tz_utc();
    const struct ll_event_zones zones = {.local = utc};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_event_file f = read_text(LIST("ics: a.ics, match: CPI"));
        struct ll_calendar_reading r = reading();
        ck_assert(!ll_event_file_import(&r, &f, 0, ll_slice_of(cases[i].ics), &zones));
        ck_assert_msg(strncmp(errs[0].text, cases[i].says, strlen(cases[i].says)) == 0, "%s",
                      errs[0].text);
        ck_assert(f.own[0].n_dates == 0 && errs[0].line == 4);
    }
}
END_TEST

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];
    struct ll_err err = {0};
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    ck_assert_msg(ll_file_write(path, text, strlen(text), &err), "%s", err.text);
}

static void take_away(const char *dir)
{
    static const char *const names[] = {"/events/zdesk.yaml", "/events/bls.ics", "/events", ""};
    char path[256];
    for (size_t i = 0; i < LL_LEN(names); i++) {
        snprintf(path, sizeof(path), "%s%s", dir, names[i]);
        remove(path);
    }
}

static bool has(const struct ll_market_events *e, const char *name, ll_time at)
{
    const struct ll_market_event *v;
    size_t n = ll_market_events_between(e, LL_DAY_NONE, LL_DAY_LAST, &v);
    for (size_t i = 0; i < n; i++)
        if (ll_slice_is(v[i].name, name) && v[i].time == at)
            return true;
    return false;
}

START_TEST(a_folder_adds_events_with_dates_from_a_file_beside_them)
{
    char dir[] = "/tmp/ll-events-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/events", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    put(dir, "events/zdesk.yaml",
        "events: zdesk\ncalendar: XNYS\nextends: us\n"
        "rules:\n  - {id: fomc_press, class: mine, event: fomc_decision, time: \"15:00\"}\nlists:\n"
        "  - {id: us_cpi, class: release, ics: bls.ics, match: consumer price}\n");
    put(dir, "events/bls.ics",
        ICS(ENTRY(";TZID=US-Eastern:20260714T083000", "Consumer Price Index")));
    const struct ll_calendars_options o = {.rules = dir, .to = ll_day_of(2027, 12, 31)};
    const ll_day from = ll_day_of(2026, 7, 1), to = ll_day_of(2026, 7, 31);
    struct ll_calendars *set = NULL;
    struct ll_market_events *e = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendars_open(&o, &set, &err), "%s", err.text);
    bool ok = ll_calendars_events(set, LL_SLICE("XNYS"), from, to, LL_TIME_NONE, &e, &err);
    ck_assert_msg(ok, "%s", err.text);
    ck_assert(has(e, "us_cpi", ll_day_of(2026, 7, 14) * LL_DAY + 12 * LL_HOUR + 30 * LL_MINUTE));
    ck_assert(has(e, "fomc_decision", ll_day_of(2026, 7, 29) * LL_DAY + 18 * LL_HOUR));
    ck_assert(has(e, "fomc_press", ll_day_of(2026, 7, 29) * LL_DAY + 19 * LL_HOUR));
    ck_assert(
        !has(e, "fomc_press", ll_day_of(2026, 7, 29) * LL_DAY + 18 * LL_HOUR + 30 * LL_MINUTE));
    ll_market_events_free(e);
    ll_calendars_unref(set);

    snprintf(path, sizeof(path), "%s/events/bls.ics", dir);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_msg(ll_calendars_open(&o, &set, &err), "%s", err.text);
    ck_assert(!ll_calendars_events(set, LL_SLICE("XNYS"), from, to, LL_TIME_NONE, &e, &err));
    ck_assert_msg(err.code == LL_E_CONFIG && strstr(err.text, "zdesk.yaml:7:39: ics: ") &&
                      strstr(err.text, "bls.ics"),
                  "%s", err.text);
    ll_calendars_unref(set);
    take_away(dir);
}
END_TEST

START_TEST(the_table_of_keys_can_be_shown)
{
    struct ll_str out;
    ll_str_init(&out, 1 << 20);
    ll_schema_table(ll_event_file_table(), &out);
    ck_assert(!out.failed && strstr(ll_str_z(&out), "closed_note"));
    ll_str_fini(&out);
}
END_TEST

int main(void)
{
    arena = ll_arena_new(64 << 20);
    Suite *s = suite_create("config_event");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_file_is_read_into_rules);
    tcase_add_test(all, what_is_wrong_is_refused_where_it_is);
    tcase_add_test(all, every_error_of_a_file_is_listed_in_its_order);
    tcase_add_test(all, a_file_goes_on_from_another);
    tcase_add_test(all, an_event_follows_one_above_it);
    tcase_add_test(all, dates_come_from_a_calendar_file);
    tcase_add_test(all, a_calendar_file_that_gives_nothing_is_an_error);
    tcase_add_test(all, a_folder_adds_events_with_dates_from_a_file_beside_them);
    tcase_add_test(all, the_table_of_keys_can_be_shown);
    suite_add_tcase(s, all);
    int failed = run_suite(s);
    ll_arena_free(arena);
    return failed;
}
