/* Files of calendars: every key, and every mistake with its place. */
#include "config/calendar_file.h"
#include "config/calendar_words.h"
#include "config_support.h"

#define HEAD                                                                                       \
    "calendar: XFOO\n"                                                                             \
    "tz: Europe/London\n"                                                                          \
    "valid: {from: 2000-01-01, announced_to: 2027-12-31}\n"                                        \
    "weekmask: [{mask: \"1111100\"}]\n"                                                            \
    "sessions: [{open: \"09:00\", close: \"17:30\"}]\n"
/* A sixth line, as one row of a list. */
#define HOLIDAY(row) HEAD "holidays: [{" row "}]\n"
#define SPECIAL(row) HEAD "special: [{" row "}]\n"
#define PHASE(row) HEAD "phases: [{" row "}]\n"

enum { ERRORS_MAX = 40 };

static struct ll_arena *arena;
static struct ll_err errs[ERRORS_MAX];
static struct ll_calendar_tables tables;

static void setup(void)
{
    arena = ll_arena_new(64 << 20);
    struct ll_calendar_reading r = {
        .name = "tables.yaml", .out = arena, .errs = errs, .max = ERRORS_MAX};
    ck_assert(ll_calendar_tables_read(
        &r,
        LL_SLICE("cn_new_year: [2024-02-10, 2025-01-29]\n"
                 "golden: [2024-01-01, {from: 2024-05-01, to: 2024-05-03}]\n"),
        &tables));
}

static void teardown(void)
{
    ll_arena_free(arena);
}

static size_t read_file(const char *text, const struct ll_cal_rules *base, struct ll_cal_rules *out)
{
    struct ll_calendar_file f;
    struct ll_calendar_reading r = {
        .name = "t.yml", .tables = &tables, .out = arena, .errs = errs, .max = ERRORS_MAX};
    bool ok = ll_calendar_file_read(&r, ll_slice_of(text), &f) &&
              ll_calendar_file_join(&r, &f, base, out);
    ck_assert(ok == (r.n_errs == 0));
    return r.n_errs;
}

static struct ll_cal_rules must_read(const char *text)
{
    struct ll_cal_rules rules = {0};
    size_t n = read_file(text, NULL, &rules);
    ck_assert_msg(n == 0, "%s", errs[0].text);
    return rules;
}

static void check_text(struct ll_slice t, const char *is)
{
    ck_assert_msg(ll_slice_is(t, is), "'%.*s' is not '%s'", (int)t.n, t.s, is);
}

START_TEST(the_head_of_a_file)
{
    struct ll_cal_rules c =
        must_read("calendar: XFOO\n"
                  "name: Foo Exchange\n"
                  "aliases: [FOO, F-1]\n"
                  "sources: [\"a: b\", c]\n"
                  "tz: Europe/London\n"
                  "valid: {from: 2000-01-03, announced_to: 2027-12-31}\n"
                  "weekmask: [{mask: \"1111110\"}, {from: 2005-01-01, mask: 1111100}]\n"
                  "sessions: [{open: \"-1d 17:00\", close: 24:00:00}]\n");
    check_text(c.code, "XFOO");
    check_text(c.name, "Foo Exchange");
    check_text(c.aliases[1], "F-1");
    check_text(c.sources[0], "a: b");
    check_text(c.tz, "Europe/London");
    ck_assert_uint_eq(c.n_aliases, 2);
    ck_assert_uint_eq(c.n_sources, 2);
    ck_assert_int_eq(c.from, ll_day_of(2000, 1, 3));
    ck_assert_int_eq(c.announced_to, ll_day_of(2027, 12, 31));
    ck_assert_uint_eq(c.n_weekmasks, 2);
    ck_assert_int_eq(c.weekmasks[0].from, LL_DAY_NONE);
    ck_assert_uint_eq(c.weekmasks[0].mask, 0x3f);
    ck_assert_int_eq(c.weekmasks[1].from, ll_day_of(2005, 1, 1));
    ck_assert_uint_eq(c.weekmasks[1].mask, 0x1f);
    ck_assert_int_eq(c.weekmasks[1].line, 7);
    ck_assert_int_eq(c.hours[0].times.open, -7 * 3600);
    ck_assert_int_eq(c.hours[0].times.close, 86400);
    ck_assert_int_eq(c.hours[0].times.break_start, LL_CAL_CLOCK_NONE);
    ck_assert_str_eq(c.file, "t.yml");
}
END_TEST

START_TEST(hours_by_date_and_weekday)
{
    struct ll_cal_rules c =
        must_read("calendar: XFOO\ntz: UTC\nvalid: {from: 2000-01-01, announced_to: 2027-12-31}\n"
                  "weekmask: [{mask: \"1111100\"}]\n"
                  "sessions:\n"
                  "  - {open: \"09:00\", close: \"15:00\", break: [\"11:30\", \"12:30\"]}\n"
                  "  - {dow: \"sat sun\", open: \"10:00\", close: \"12:00\"}\n"
                  "  - {from: 2024-11-05, open: \"09:00\", close: \"15:30\"}\n");
    ck_assert_uint_eq(c.n_hours, 3);
    ck_assert_int_eq(c.hours[0].times.break_start, 11 * 3600 + 1800);
    ck_assert_int_eq(c.hours[0].times.break_end, 12 * 3600 + 1800);
    ck_assert_uint_eq(c.hours[1].dow, 0x60);
    ck_assert_int_eq(c.hours[2].from, ll_day_of(2024, 11, 5));
    ck_assert_int_eq(c.hours[2].line, 8);
}
END_TEST

START_TEST(every_base_of_a_rule)
{
    struct ll_cal_rules c = must_read(HEAD "holidays:\n"
                                           "  - {id: a, fixed: 02-29}\n"
                                           "  - {id: b, nth: \"-1 mon 05\"}\n"
                                           "  - {id: c, on_or_after: \"fri 06-19\"}\n"
                                           "  - {id: d, on_or_before: \"mon 05-24\"}\n"
                                           "  - {id: e, easter: -2, orthodox: true}\n"
                                           "  - {id: f, table: golden}\n"
                                           "  - {id: g, last_session_on_or_before: 12-31}\n"
                                           "  - {id: h, first_session_on_or_after: 01-01}\n");
    const struct ll_cal_rule *r = c.holidays;
    ck_assert_uint_eq(c.n_holidays, 8);
    ck_assert(r[0].base == LL_CAL_FIXED && r[0].month == 2 && r[0].mday == 29);
    ck_assert(r[1].base == LL_CAL_NTH && r[1].nth == -1 && r[1].weekday == 0 &&
              r[1].months == 1u << 4);
    ck_assert(r[2].base == LL_CAL_ON_OR_AFTER && r[2].weekday == 4 && r[2].month == 6 &&
              r[2].mday == 19);
    ck_assert(r[3].base == LL_CAL_ON_OR_BEFORE && r[3].weekday == 0 && r[3].month == 5 &&
              r[3].mday == 24);
    ck_assert(r[4].base == LL_CAL_EASTER && r[4].easter == -2 && r[4].orthodox);
    ck_assert(r[5].base == LL_CAL_TABLE && r[5].table == &tables.v[1]);
    ck_assert(r[6].base == LL_CAL_LAST_SESSION && r[6].month == 12 && r[6].mday == 31);
    ck_assert(r[7].base == LL_CAL_FIRST_SESSION && r[7].month == 1 && r[7].mday == 1);
    ck_assert_int_eq(r[7].line, 14);
    ck_assert_str_eq(r[7].file, "t.yml");
}
END_TEST

START_TEST(every_filter_and_shift_of_a_rule)
{
    struct ll_cal_rules c = must_read(
        HEAD "holidays:\n"
             "  - id: a\n"
             "    fixed: 01-01\n"
             "    base_dow: \"fri sat\"\n"
             "    from: 2013\n"
             "    to: 2019\n"
             "    years: [2014, 2016]\n"
             "    except_years: [2015]\n"
             "    offset: -3\n"
             "    dow: mon\n"
             "    observe: \"sat-1 sun+1\"\n"
             "    collide: next_session\n"
             "  - {id: b, fixed: 01-02, from: 2013-02-03, to: 2014-05-06, collide: next}\n"
             "  - {id: c, fixed: 01-03}\n");
    const struct ll_cal_rule *r = c.holidays;
    check_text(r[0].id, "a");
    ck_assert_uint_eq(r[0].base_dow, 0x30);
    ck_assert_int_eq(r[0].from, ll_day_of(2013, 1, 1));
    ck_assert_int_eq(r[0].to, ll_day_of(2019, 12, 31));
    ck_assert(r[0].n_years == 2 && r[0].years[1] == 2016);
    ck_assert(r[0].n_except_years == 1 && r[0].except_years[0] == 2015);
    ck_assert_int_eq(r[0].offset, -3);
    ck_assert_uint_eq(r[0].dow, 1);
    ck_assert(r[0].observe[5] == -1 && r[0].observe[6] == 1 && r[0].observe[0] == 0);
    ck_assert_int_eq(r[0].collide, LL_CAL_COLLIDE_NEXT_SESSION);
    ck_assert_int_eq(r[1].from, ll_day_of(2013, 2, 3));
    ck_assert_int_eq(r[1].to, ll_day_of(2014, 5, 6));
    ck_assert_int_eq(r[1].collide, LL_CAL_COLLIDE_NEXT);
    ck_assert(r[2].from == LL_DAY_NONE && r[2].to == LL_DAY_LAST && r[2].collide == 0);
    ck_assert_int_eq(r[2].times.open, LL_CAL_CLOCK_NONE);
}
END_TEST

START_TEST(hours_of_special_rules)
{
    struct ll_cal_rules c =
        must_read(HEAD "special:\n"
                       "  - {id: a, fixed: 12-24, open: \"10:00\", close: \"12:30:15\"}\n"
                       "  - {id: b, fixed: 12-25, break: [\"11:00\", \"12:00\"]}\n"
                       "  - {id: c, fixed: 12-26, shift: \"+1h30m\", shift_open: -30m}\n");
    ck_assert_uint_eq(c.n_special, 3);
    ck_assert_int_eq(c.special[0].times.open, 36000);
    ck_assert_int_eq(c.special[0].times.close, 45015);
    ck_assert_int_eq(c.special[1].times.break_end, 43200);
    ck_assert_int_eq(c.special[2].times.shift, 5400);
    ck_assert_int_eq(c.special[2].times.shift_open, -1800);
    ck_assert_int_eq(c.special[2].times.close, LL_CAL_CLOCK_NONE);
}
END_TEST

START_TEST(phases_with_their_points)
{
    struct ll_cal_rules c = must_read(
        HEAD
        "phases:\n"
        "  - {phase: opening_auction, start: \"08:50\", end: open}\n"
        "  - {phase: closing_auction, from: 2000-05-30, start: close, end: close+5m, when: full}\n"
        "  - {phase: night, to: 2010-01-01, start: \"-1d 20:00\", end: open-1h30m, when: half}\n");
    const struct ll_cal_phase_row *p = c.phases;
    ck_assert_uint_eq(c.n_phases, 3);
    ck_assert(p[0].phase == LL_PHASE_OPENING_AUCTION && p[0].when == LL_CAL_ANY);
    ck_assert(p[0].start.anchor == LL_CAL_AT_CLOCK && p[0].start.seconds == 31800);
    ck_assert(p[0].end.anchor == LL_CAL_AT_OPEN && p[0].end.seconds == 0);
    ck_assert(p[0].from == LL_DAY_NONE && p[0].to == LL_DAY_LAST);
    ck_assert(p[1].end.anchor == LL_CAL_AT_CLOSE && p[1].end.seconds == 300);
    ck_assert(p[1].from == ll_day_of(2000, 5, 30) && p[1].when == LL_CAL_FULL);
    ck_assert(p[2].start.seconds == -4 * 3600 && p[2].end.seconds == -5400);
    ck_assert(p[2].to == ll_day_of(2010, 1, 1) && p[2].when == LL_CAL_HALF && p[2].line == 9);
}
END_TEST

START_TEST(single_days)
{
    struct ll_cal_rules c = must_read(
        HEAD "adhoc_closed:\n"
             "  - 2001-07-06\n"
             "  - {date: 2008-08-06, known: 2008-08-05, reason: typhoon, source: \"notice\"}\n"
             "adhoc_times: [{date: 2023-10-09, open: \"14:00\", known: 2023-10-09T01:02:03Z}]\n"
             "adhoc_open: [2024-01-20, {date: 2024-05-18, open: \"09:15\", close: \"10:00\"}]\n");
    const struct ll_cal_change *v = c.changes;
    ck_assert_uint_eq(c.n_changes, 5);
    ck_assert(v[0].kind == LL_CAL_CLOSED && v[0].date == ll_day_of(2001, 7, 6) && v[0].line == 7);
    ck_assert(v[0].known == LL_TIME_NONE);
    check_text(v[1].reason, "typhoon");
    check_text(v[1].source, "notice");
    ck_assert_int_eq(v[1].known, ll_day_of(2008, 8, 5) * LL_DAY);
    ck_assert(v[2].kind == LL_CAL_TIMES && v[2].times.open == 50400);
    ck_assert_int_eq(v[2].known,
                     ll_day_of(2023, 10, 9) * LL_DAY + LL_HOUR + 2 * LL_MINUTE + 3 * LL_SECOND);
    ck_assert(v[3].kind == LL_CAL_OPENED && v[3].times.open == LL_CAL_CLOCK_NONE);
    ck_assert(v[4].kind == LL_CAL_OPENED && v[4].times.close == 36000);
    ck_assert_str_eq(v[4].file, "t.yml");
}
END_TEST

START_TEST(a_calendar_over_another)
{
    struct ll_cal_rules base = must_read(
        "calendar: XBAR\naliases: [BAR]\nname: Bar\ntz: UTC\n"
        "valid: {from: 2001-01-01, announced_to: 2026-12-31}\nweekmask: [{mask: \"1111100\"}]\n"
        "sessions: [{open: \"08:00\", close: \"16:00\"}]\n"
        "phases: [{phase: post, start: close, end: close+1h}]\n"
        "holidays: [{id: a, fixed: 01-01}, {id: b, fixed: 02-02}, {id: c, fixed: 03-03}]\n"
        "special: [{id: b, fixed: 12-24, close: \"12:00\"}]\n"
        "adhoc_closed: [2010-01-04]\n");
    struct ll_cal_rules c = {0};
    ck_assert_uint_eq(read_file("calendar: XFOO\n"
                                "extends: XBAR\n"
                                "drop: [b]\n"
                                "sessions: [{open: \"09:00\", close: \"17:00\"}]\n"
                                "holidays: [{id: d, fixed: 04-04}, {id: a, fixed: 01-02}]\n"
                                "adhoc_closed: [2011-01-03]\n",
                                &base, &c),
                      0);
    check_text(c.code, "XFOO");
    check_text(c.tz, "UTC");
    ck_assert(c.n_aliases == 0 && c.name.n == 0);
    ck_assert(c.from == base.from && c.announced_to == base.announced_to);
    ck_assert(c.n_weekmasks == 1 && c.n_phases == 1 && c.hours[0].times.open == 32400);
    ck_assert_uint_eq(c.n_holidays, 3);
    ck_assert(c.holidays[0].mday == 2 && c.holidays[1].month == 3 && c.holidays[2].month == 4);
    ck_assert_uint_eq(c.n_special, 0);
    ck_assert(c.n_changes == 2 && c.changes[1].date == ll_day_of(2011, 1, 3));
    /* Its own name: the same calendar, corrected. */
    ck_assert_uint_eq(read_file("calendar: XBAR\nextends: XBAR\n", &base, &c), 0);
    ck_assert(c.n_aliases == 1 && c.n_holidays == 3 && c.n_special == 1 && c.name.n == 3);
    /* What it drops is not there. */
    ck_assert_uint_eq(read_file("calendar: XFOO\nextends: XBAR\ndrop: [x, b, y]\n", &base, &c), 2);
    ck_assert_str_eq(errs[0].text, "t.yml:3:7: drop: XBAR has no rule 'x'");
}
END_TEST

static const struct refusal refusals[] = {
    {"", 1, 1, "'calendar' is missing"},
    {"- a", 1, 1, "the document must be a map"},
    {"calendar: xfoo", 1, 11, "'xfoo' is not a code such as XNYS"},
    {"calendar: -X", 1, 11, "is not a code"},
    {HEAD "holydays: []\n", 6, 1, "unknown key 'holydays'; did you mean 'holidays'?"},
    {"calendar: XFOO\n" HEAD, 2, 1, "the key 'calendar' is already on line 1"},
    {"calendar: X\ntz: /etc/passwd\n", 2, 5, "is not the name of a time zone"},
    {"calendar: X\ntz: ../x\n", 2, 5, "is not the name of a time zone"},
    {"calendar: X\nvalid: {from: 2000-01-01}\n", 2, 8, "'announced_to' is missing"},
    {"calendar: X\nvalid: {from: 2000-01-01, announced_to: 1999-01-01}\n", 2, 41,
     "announced_to: is before from"},
    {"calendar: X\nvalid: {from: 2001-02-30, announced_to: 2027-12-31}\n", 2, 15, "from: "},
    {"calendar: X\nvalid: {from: 2001, announced_to: 2027-12-31}\n", 2, 15, "from: "},
    {"calendar: X\naliases: [a b]\n", 2, 11, "is not a code"},
    {"calendar: X\ndrop: [a]\n", 2, 7, "drop: goes with extends alone"},
    {"calendar: X\nweekmask: []\n", 2, 11, "weekmask: needs at least 1"},
    {"calendar: X\nweekmask: [{mask: \"111110\"}]\n", 2, 19, "seven of 0 and 1"},
    {"calendar: X\nweekmask: [{mask: \"1111120\"}]\n", 2, 19, "seven of 0 and 1"},
    {"calendar: X\nweekmask: [{from: 2001-01-01}]\n", 2, 12, "'mask' is missing"},
    {"calendar: X\nweekmask: [{mask: \"1111100\"}, {mask: \"1111110\"}]\n", 2, 31,
     "days from the beginning are already on line 2"},
    {"calendar: X\nsessions:\n- {open: \"09:00\"}\n", 3, 3, "'close' is missing"},
    {"calendar: X\nsessions:\n- {open: \"09:00\", close: \"08:00\"}\n", 3, 26,
     "close: is not after the open"},
    {"calendar: X\nsessions:\n- {open: \"9:00\", close: \"10:00\"}\n", 3, 10,
     "open: '9:00' is not a local time such as 09:30"},
    {"calendar: X\nsessions:\n- {open: \"09:60\", close: \"10:00\"}\n", 3, 10, "local time"},
    {"calendar: X\nsessions:\n- {open: \"24:01\", close: \"10:00\"}\n", 3, 10, "local time"},
    {"calendar: X\nsessions:\n- {open: \"-1 09:00\", close: \"10:00\"}\n", 3, 10, "local time"},
    {"calendar: X\nsessions:\n- {open: \"-7d 09:00\", close: \"10:00\"}\n", 3, 10, "local time"},
    {"calendar: X\nsessions:\n- {open: \"09:00\", close: \"10:00\", break: [\"09:30\"]}\n", 3, 42,
     "break: needs at least 2"},
    {"calendar: X\nsessions:\n- {open: \"09:00\", close: \"12:00\", break: [\"10:30\", "
     "\"10:00\"]}\n",
     3, 42, "break: its end is not after its start"},
    {"calendar: X\nsessions:\n- {open: \"09:00\", close: \"12:00\", break: [\"10:30\", "
     "\"12:00\"]}\n",
     3, 42, "break: does not lie between open and close"},
    {"calendar: X\nsessions:\n- {from: 2001-01-01, open: \"09:00\", close: \"12:00\"}\n"
     "- {from: 2001-01-01, open: \"09:30\", close: \"12:00\"}\n",
     4, 10, "hours from 2001-01-01 are already on line 3"},
    {"calendar: X\nsessions:\n- {dow: \"mon tue\", open: \"09:00\", close: \"12:00\"}\n"
     "- {dow: \"tue wed\", open: \"09:30\", close: \"12:00\"}\n",
     4, 3, "hours from the beginning are already on line 3"},
    {"calendar: XFOO\ntz: UTC\nvalid: {from: 2000-01-01, announced_to: 2027-12-31}\n"
     "weekmask: [{from: 2001-01-01, mask: \"1111100\"}]\n"
     "sessions: [{open: \"09:00\", close: \"17:30\"}]\n",
     3, 8, "from 2000-01-01, but the first row of weekmask holds from 2001-01-01 on"},
    {"calendar: XFOO\ntz: UTC\nvalid: {from: 2000-01-01, announced_to: 2027-12-31}\n"
     "weekmask: [{mask: \"1111100\"}]\nsessions: [{from: 2001-01-01, open: \"09:00\", close: "
     "\"17:30\"}]\n",
     3, 8, "the first row of sessions holds from 2001-01-01 on"},
    {"calendar: XFOO\nvalid: {from: 2000-01-01, announced_to: 2027-12-31}\n"
     "weekmask: [{mask: \"1111100\"}]\nsessions: [{open: \"09:00\", close: \"17:30\"}]\n",
     1, 1, "'tz' is missing"},
    {HOLIDAY("fixed: 01-01"), 6, 12, "'id' is missing"},
    {HOLIDAY("id: a b, fixed: 01-01"), 6, 17, "is not an id such as new_year"},
    {HOLIDAY("id: a"), 6, 12, "a rule needs a base: fixed, nth"},
    {HOLIDAY("id: a, fixed: 01-01, easter: 1"), 6, 34,
     "easter: a second base beside 'fixed': a rule has one"},
    {HOLIDAY("id: a, fixed: 01-01}, {id: a, fixed: 01-02"), 6, 40, "id: 'a' is already on line 6"},
    {HOLIDAY("id: a, fixed: 02-30"), 6, 27, "no day of any year: February has 29 days at most"},
    {HOLIDAY("id: a, fixed: 04-31"), 6, 27, "April has 30 days at most"},
    {HOLIDAY("id: a, fixed: 13-01"), 6, 27, "months are 01 to 12"},
    {HOLIDAY("id: a, fixed: 1-1"), 6, 27, "is not a day as MM-DD"},
    {HOLIDAY("id: a, fixed: 00-10"), 6, 27, "months are 01 to 12"},
    {HOLIDAY("id: a, nth: 3 mon"), 6, 25, "is not as \"3 mon 01\""},
    {HOLIDAY("id: a, nth: 6 mon 01"), 6, 25, "is not as \"3 mon 01\""},
    {HOLIDAY("id: a, nth: 0 mon 01"), 6, 25, "is not as \"3 mon 01\""},
    {HOLIDAY("id: a, nth: 3 monday 01"), 6, 25,
     "'monday' is not a weekday: mon, tue, wed, thu, fri, sat or sun; did you mean 'mon'?"},
    {HOLIDAY("id: a, nth: 3 mno 01"), 6, 25, "'mno' is not a weekday"},
    {HOLIDAY("id: a, nth: 3 mon 13"), 6, 25, "is not a month from 01 to 12"},
    {HOLIDAY("id: a, on_or_after: fri"), 6, 33, "is not as \"fri 06-19\""},
    {HOLIDAY("id: a, on_or_before: frx 06-19"), 6, 34, "'frx' is not a weekday"},
    {HOLIDAY("id: a, on_or_after: fri 06-31"), 6, 33, "June has 30 days"},
    {HOLIDAY("id: a, easter: x"), 6, 28, "is not a number of days from -366 to 366"},
    {HOLIDAY("id: a, fixed: 01-01, orthodox: true"), 6, 44, "orthodox: goes with easter alone"},
    {HOLIDAY("id: a, table: cn_newyear"), 6, 27,
     "there is no table 'cn_newyear'; did you mean 'cn_new_year'?"},
    {HOLIDAY("id: a, table: xyz"), 6, 27, "there is no table 'xyz'"},
    {HOLIDAY("id: a, fixed: 01-01, base_dow: fri fri"), 6, 44, "has a weekday twice"},
    {HOLIDAY("id: a, fixed: 01-01, dow: \"\""), 6, 39, "has no weekday"},
    {HOLIDAY("id: a, fixed: 01-01, from: 2001, to: 2000"), 6, 50,
     "to: 2000-12-31 is before from, 2001-01-01"},
    {HOLIDAY("id: a, fixed: 01-01, from: 1899"), 6, 40, "is not a year between 1900 and 2199"},
    {HOLIDAY("id: a, fixed: 01-01, from: 2001-02-29"), 6, 40, "from: "},
    {HOLIDAY("id: a, fixed: 01-01, years: [20]"), 6, 42, "is not a year"},
    {HOLIDAY("id: a, fixed: 01-01, years: []"), 6, 41, "years: needs at least 1"},
    {HOLIDAY("id: a, fixed: 01-01, offset: 400"), 6, 42, "from -366 to 366"},
    {HOLIDAY("id: a, fixed: 01-01, observe: sat"), 6, 43, "is not as \"sat-1\""},
    {HOLIDAY("id: a, fixed: 01-01, observe: sat-0"), 6, 43, "is not as \"sat-1\""},
    {HOLIDAY("id: a, fixed: 01-01, observe: sat+31"), 6, 43, "up to 30"},
    {HOLIDAY("id: a, fixed: 01-01, observe: sat-1 sat+1"), 6, 43, "moves a weekday twice"},
    {HOLIDAY("id: a, fixed: 01-01, observe: sut-1"), 6, 43, "'sut' is not a weekday"},
    {HOLIDAY("id: a, fixed: 01-01, collide: nxt"), 6, 43,
     "'nxt' is not next or next_session; did you mean 'next'?"},
    {HOLIDAY("id: a, fixed: 01-01, close: \"12:00\""), 6, 34, "unknown key 'close'"},
    {SPECIAL("id: a, fixed: 01-01"), 6, 11, "changes nothing"},
    {SPECIAL("id: a, fixed: 01-01, open: \"12:00\", close: \"11:00\""), 6, 55,
     "not after the open"},
    {SPECIAL("id: a, fixed: 01-01, shift: 1h"), 6, 40, "is not a shift such as \"+1h\""},
    {SPECIAL("id: a, fixed: 01-01, shift: +0s"), 6, 40, "is not a shift"},
    {SPECIAL("id: a, fixed: 01-01, shift: +25h"), 6, 40, "up to a day"},
    {SPECIAL("id: a, fixed: 01-01, shift_open: +1ms"), 6, 45, "is not a shift"},
    {PHASE("phase: pre, start: open"), 6, 10, "'end' is missing"},
    {PHASE("phase: opening, start: open, end: close"), 6, 18, "'opening' is not a phase"},
    {PHASE("phase: regular, start: open, end: close"), 6, 18,
     "is not written as a phase: open, close and break of the sessions say when it is"},
    {PHASE("phase: halts, start: open, end: close"), 6, 18, "did you mean 'halt'?"},
    {PHASE("phase: pre, start: opn, end: open"), 6, 30, "is neither a local time such as 09:30"},
    {PHASE("phase: pre, start: open+15, end: open"), 6, 30, "is neither a local time"},
    {PHASE("phase: pre, start: open, end: open-1h"), 6, 41, "end: is not after the start"},
    {PHASE("phase: pre, start: open, end: close, when: never"), 6, 54,
     "'never' is not full or half"},
    {PHASE("phase: pre, start: open, end: close, from: 2001"), 6, 54, "from: "},
    {PHASE("phase: pre, start: open, end: close, from: 2001-01-02, to: 2001-01-01"), 6, 70,
     "is before from"},
    {HEAD "adhoc_closed: [2001-02-29]\n", 6, 16, "date: "},
    {HEAD "adhoc_closed: [{reason: x}]\n", 6, 16, "'date' is missing"},
    {HEAD "adhoc_closed: [{date: 2001-01-01, close: \"12:00\"}]\n", 6, 35, "unknown key 'close'"},
    {HEAD "adhoc_closed: [2001-01-01, 2001-01-02, 2001-01-01]\n", 6, 40,
     "adhoc_closed: 2001-01-01 is already on line 6"},
    {HEAD "adhoc_closed: [{date: 2001-01-01, known: soon}]\n", 6, 42, "known: "},
    {HEAD "adhoc_closed: [{date: 2001-01-01, known: 2001-01-01T25:00:00Z}]\n", 6, 42,
     "is not a time such as"},
    {HEAD "adhoc_times: [2001-01-01]\n", 6, 15, "adhoc_times: must be a map, not text"},
    {HEAD "adhoc_times: [{date: 2001-01-01}]\n", 6, 15, "changes nothing"},
    {HEAD "adhoc_open: [[2001-01-01]]\n", 6, 14, "adhoc_open: must be a map, not a list"},
    {HEAD "adhoc_closed: 2001-01-01\n", 6, 15, "adhoc_closed: must be a list, not text"},
};

START_TEST(each_mistake_has_its_place)
{
    struct ll_cal_rules out;
    const struct refusal *r = &refusals[_i];
    size_t n = read_file(r->text, NULL, &out);
    check_refusal(r, n == 0, &errs[0]);
}
END_TEST

START_TEST(everything_wrong_is_listed_in_order)
{
    struct ll_cal_rules out;
    size_t n = read_file("calendar: XFOO\n"
                         "tz: Europe/London\n"
                         "valid: {from: 2000-01-01, announced_to: 1999-12-31}\n"
                         "weekmask: [{mask: \"11111\"}]\n"
                         "sessions: [{open: \"09:00\", close: \"08:00\"}]\n"
                         "holidays:\n"
                         "  - {id: a, fixed: 02-30, from: 2001, to: 2000}\n"
                         "  - {id: a, nth: \"3 mun 01\", table: nope}\n"
                         "  - {fixde: 01-01}\n"
                         "adhoc_closed: [2001-01-01, 2001-01-01, 2001-13-01]\n",
                         NULL, &out);
    static const int lines[] = {3, 4, 5, 7, 7, 8, 8, 8, 8, 9, 9, 9, 10, 10};
    ck_assert_uint_eq(n, LL_LEN(lines));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(errs[i].line == lines[i], "%zu: line %d was expected: %s", i, lines[i],
                      errs[i].text);
}
END_TEST

START_TEST(more_mistakes_than_are_wanted_are_counted)
{
    struct ll_err one = {0};
    struct ll_calendar_file f;
    struct ll_calendar_reading r = {
        .name = "t.yml", .tables = &tables, .out = arena, .errs = &one, .max = 1};
    ck_assert(!ll_calendar_file_read(&r, LL_SLICE("calendar: X\nfoo: 1\nbar: 2\n"), &f));
    ck_assert_uint_eq(r.n_errs, 2);
    ck_assert_int_eq(one.line, 2);
}
END_TEST

START_TEST(tables_hold_dates_and_spans)
{
    const struct ll_cal_table *t = ll_calendar_table(&tables, LL_SLICE("golden"));
    ck_assert_uint_eq(tables.n, 2);
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(t->n, 4);
    ck_assert_int_eq(t->days[0], ll_day_of(2024, 1, 1));
    ck_assert_int_eq(t->days[3], ll_day_of(2024, 5, 3));
    ck_assert_ptr_null(ll_calendar_table(&tables, LL_SLICE("gold")));
}
END_TEST

static const struct refusal table_refusals[] = {
    {"a: 2001-01-01", 1, 4, "a: a table is a list of dates"},
    {"a: []", 1, 4, "a: a table is a list of dates"},
    {"a b: [2001-01-01]", 1, 1, "is not an id"},
    {"a:\n- 2001-01-02\n- 2001-01-01\n", 3, 3,
     "a: 2001-01-01 is not after 2001-01-02: a table is sorted"},
    {"a:\n- 2001-01-01\n- 2001-01-01\n", 3, 3, "a table is sorted"},
    {"a:\n- {from: 2001-01-01, to: 2001-01-05}\n- 2001-01-05\n", 3, 3, "a table is sorted"},
    {"a: [2001-02-30]", 1, 5, "a: "},
    {"a: [[2001-02-03]]", 1, 5, "an entry is a date or {from: DATE, to: DATE}"},
    {"a: [{from: 2001-02-03}]", 1, 5, "'to' is missing"},
    {"a: [{from: 2001-02-03, to: 2001-02-02}]", 1, 28, "to: 2001-02-02 is before from, 2001-02-03"},
    {"a: [{from: 1900-01-01, to: 2199-01-01}]", 1, 5, "more than 20000 days"},
    {"[a]", 1, 1, "tables are a map of names"},
};

START_TEST(each_mistake_of_a_table)
{
    const struct refusal *t = &table_refusals[_i];
    struct ll_calendar_tables out;
    struct ll_calendar_reading r = {.name = "t.yml", .out = arena, .errs = errs, .max = ERRORS_MAX};
    bool ok = ll_calendar_tables_read(&r, ll_slice_of(t->text), &out);
    check_refusal(t, ok, &errs[0]);
}
END_TEST

START_TEST(overlays_change_single_days)
{
    struct ll_calendar_overlay o;
    struct ll_calendar_reading r = {.name = "t.yml", .out = arena, .errs = errs, .max = ERRORS_MAX};
    bool ok = ll_calendar_overlay_read(
        &r,
        LL_SLICE(
            "overlay: desk\nauthor: jo\nentries:\n"
            "  - {calendar: XNYS, closed: 2027-02-03, added: 2027-01-28T14:00:00Z, reason: why,"
            " source: who}\n"
            "  - {calendar: XLON, date: 2027-05-03, close: \"12:30\", added: 2027-01-05}\n"
            "  - {calendar: XNYS, opened: 2027-05-15, open: \"09:30\", close: \"13:00\","
            " added: 2027-02-01, author: al}\n"
            "  - {calendar: XNYS, event: fomc_decision, date: 2027-01-27, time: \"14:00\","
            " added: 2026-08-01}\n"
            "  - {calendar: XNYS, event: day, date: 2027-01-27, added: 2026-08-01}\n"
            "  - {calendar: XNYS, remove_event: us_nfp, date: 2027-02-05, added: 2027-01-30}\n"),
        &o);
    ck_assert_msg(ok, "%s", errs[0].text);
    const struct ll_calendar_entry *e = o.entries;
    check_text(o.name, "desk");
    ck_assert_uint_eq(o.n, 6);
    check_text(e[1].calendar, "XLON");
    ck_assert(e[0].change.kind == LL_CAL_CLOSED && e[0].change.date == ll_day_of(2027, 2, 3));
    ck_assert_int_eq(e[0].change.known, ll_day_of(2027, 1, 28) * LL_DAY + 14 * LL_HOUR);
    check_text(e[0].change.reason, "why");
    check_text(e[0].change.source, "who");
    check_text(e[0].change.author, "jo");
    check_text(e[2].change.author, "al");
    ck_assert(e[1].change.kind == LL_CAL_TIMES && e[1].change.times.close == 45000);
    ck_assert(e[2].change.kind == LL_CAL_OPENED && e[2].change.date == ll_day_of(2027, 5, 15));
    ck_assert(e[3].change.kind == LL_CAL_EVENT && e[3].change.at == 50400);
    check_text(e[3].change.event, "fomc_decision");
    ck_assert(e[4].change.kind == LL_CAL_EVENT && e[4].change.at == LL_CAL_CLOCK_NONE);
    ck_assert(e[5].change.kind == LL_CAL_NO_EVENT && e[5].change.line == 9);
    check_text(e[5].change.event, "us_nfp");
    ck_assert_str_eq(e[5].change.file, "t.yml");
}
END_TEST

#define ENTRY(row) "overlay: d\nentries:\n- {" row "}\n"
static const struct refusal overlay_refusals[] = {
    {"entries: []", 1, 1, "'overlay' is missing"},
    {ENTRY("closed: 2027-02-03, added: 2027-01-01"), 3, 3, "'calendar' is missing"},
    {ENTRY("calendar: X, closed: 2027-02-03"), 3, 3, "'added' is missing"},
    {ENTRY("calendar: X, added: 2027-01-01"), 3, 3, "an entry needs closed, opened, event"},
    {ENTRY("calendar: X, closed: 2027-02-03, opened: 2027-02-03, added: 2027-01-01"), 3, 45,
     "opened: an entry is one thing, and it has 'closed'"},
    {ENTRY("calendar: X, closed: 2027-02-03, date: 2027-02-03, added: 2027-01-01"), 3, 43,
     "date: closed is the date"},
    {ENTRY("calendar: X, opened: 2027-02-03, date: 2027-02-03, added: 2027-01-01"), 3, 43,
     "date: opened is the date"},
    {ENTRY("calendar: X, closed: 2027-02-03, close: \"12:00\", added: 2027-01-01"), 3, 44,
     "close: a closed day has no hours"},
    {ENTRY("calendar: X, closed: 2027-02-03, time: \"12:00\", added: 2027-01-01"), 3, 43,
     "time: goes with an event alone"},
    {ENTRY("calendar: X, date: 2027-02-03, added: 2027-01-01"), 3, 3, "changes nothing"},
    {ENTRY("calendar: X, date: 2027-02-03, open: \"9\", added: 2027-01-01"), 3, 41, "local time"},
    {ENTRY("calendar: X, event: e, added: 2027-01-01"), 3, 3, "an event needs a date"},
    {ENTRY("calendar: X, event: e, date: 2027-02-03, close: \"12:00\", added: 2027-01-01"), 3, 52,
     "close: an event has no hours: give its time"},
    {ENTRY("calendar: X, remove_event: e, date: 2027-02-03, time: \"12:00\", added: 2027-01-01"), 3,
     58, "time: an event that is removed needs none"},
    {ENTRY("calendar: X, close: 2027-02-03, added: 2027-01-01"), 3, 3, "an entry needs closed"},
    {ENTRY("calendar: X, closd: 2027-02-03, added: 2027-01-01"), 3, 3, "an entry needs closed"},
};

START_TEST(each_mistake_of_an_overlay)
{
    const struct refusal *t = &overlay_refusals[_i];
    struct ll_calendar_overlay out;
    struct ll_calendar_reading r = {.name = "t.yml", .out = arena, .errs = errs, .max = ERRORS_MAX};
    bool ok = ll_calendar_overlay_read(&r, ll_slice_of(t->text), &out);
    check_refusal(t, ok, &errs[0]);
}
END_TEST

START_TEST(words_leave_the_field_alone_when_they_are_wrong)
{
    struct ll_err err = {0};
    ll_cal_clock clock = 7;
    uint8_t mask = 9;
    ck_assert(!ll_calendar_parse_clock(LL_SLICE("12:00 x"), &clock, &err));
    ck_assert(!ll_calendar_parse_mask(LL_SLICE(""), &mask, &err));
    ck_assert(!ll_calendar_parse_weekdays(LL_SLICE("mon mun"), &mask, &err));
    ck_assert(clock == 7 && mask == 9 && err.code == LL_E_CONFIG);
    int weekday = -1;
    ck_assert(ll_calendar_parse_weekday(LL_SLICE("sun"), &weekday, &err) && weekday == 6);
    uint16_t months = 0;
    ck_assert(ll_calendar_parse_months(LL_SLICE("03 06 09 12"), &months, &err) && months == 0x924);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("config_calendar");
    TCase *t = tcase_create("rules");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_head_of_a_file);
    tcase_add_test(t, hours_by_date_and_weekday);
    tcase_add_test(t, every_base_of_a_rule);
    tcase_add_test(t, every_filter_and_shift_of_a_rule);
    tcase_add_test(t, hours_of_special_rules);
    tcase_add_test(t, phases_with_their_points);
    tcase_add_test(t, single_days);
    tcase_add_test(t, a_calendar_over_another);
    tcase_add_loop_test(t, each_mistake_has_its_place, 0, (int)LL_LEN(refusals));
    tcase_add_test(t, everything_wrong_is_listed_in_order);
    tcase_add_test(t, more_mistakes_than_are_wanted_are_counted);
    suite_add_tcase(s, t);
    TCase *more = tcase_create("tables and overlays");
    tcase_add_checked_fixture(more, setup, teardown);
    tcase_add_test(more, tables_hold_dates_and_spans);
    tcase_add_loop_test(more, each_mistake_of_a_table, 0, (int)LL_LEN(table_refusals));
    tcase_add_test(more, overlays_change_single_days);
    tcase_add_loop_test(more, each_mistake_of_an_overlay, 0, (int)LL_LEN(overlay_refusals));
    tcase_add_test(more, words_leave_the_field_alone_when_they_are_wrong);
    suite_add_tcase(s, more);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
