/* The set of calendars: those in the program, a folder over them, overlays, zones, threads. */
#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/calendars.h"
#include "config_support.h"
#include "os/file.h"
#include "support.h"

static char dir[64];

static const char *path_of(const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *p = paths[next++ % LL_LEN(paths)];
    snprintf(p, sizeof(paths[0]), "%s/%s", dir, name);
    return p;
}

static void put(const char *name, const char *text)
{
    struct ll_err err = {0};
    ck_assert_msg(ll_file_write(path_of(name), text, strlen(text), &err), "%s", err.text);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ll-calendars-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(mkdir(path_of("events"), 0700), 0);
}

static void empty(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[400];
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        if (e->d_type == DT_REG)
            unlink(path);
    }
    closedir(d);
    rmdir(folder);
}

static void teardown(void)
{
    empty(path_of("events"));
    empty(dir);
}

static struct ll_calendars_options usual(void)
{
    return (struct ll_calendars_options){.to = ll_day_of(2030, 12, 31)};
}

static struct ll_calendars *open_with(const struct ll_calendars_options *o)
{
    struct ll_calendars *s = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendars_open(o, &s, &err), "%s", err.text);
    return s;
}

static struct ll_calendars *open_folder(const char *const *overlays)
{
    struct ll_calendars_options o = usual();
    o.rules = dir;
    o.overlays = overlays;
    return open_with(&o);
}

static const struct ll_calendar *get(struct ll_calendars *s, const char *code)
{
    const struct ll_calendar *c = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendars_get(s, ll_slice_of(code), &c, &err), "%s", err.text);
    return c;
}

static void refuse(struct ll_calendars *s, const char *code, enum ll_err_code is, const char *says)
{
    const struct ll_calendar *c = NULL;
    struct ll_err err = {0};
    ck_assert(!ll_calendars_get(s, ll_slice_of(code), &c, &err));
    ck_assert_ptr_null(c);
    ck_assert_msg(err.code == is && strstr(err.text, says), "%d '%s' has no '%s'", (int)err.code,
                  err.text, says);
}

static bool is_session(const struct ll_calendar *c, int y, int m, int d)
{
    return ll_calendar_session(c, ll_day_of(y, m, d));
}

#define FOO                                                                                        \
    "calendar: XFOO\naliases: [FOO]\nname: Foo\ntz: Europe/London\n"                               \
    "valid: {from: 2000-01-03, announced_to: 2027-12-31}\n"                                        \
    "weekmask: [{mask: \"1111100\"}]\nsessions: [{open: \"09:00\", close: \"17:30\"}]\n"

START_TEST(every_calendar_in_the_program_compiles)
{
    const struct ll_calendars_options o = usual();
    LL_AUTO(ll_calendars) s = open_with(&o);
    const struct ll_calendar_info *v;
    struct ll_err err = {0};
    size_t n;
    ck_assert_msg(ll_calendars_list(s, &v, &n, &err), "%s", err.text);
    ck_assert_uint_ge(n, 5);
    for (size_t i = 0; i < n; i++) {
        const struct ll_calendar *c = get(s, v[i].code.s);
        const struct ll_session *first;
        ck_assert_str_eq(ll_calendar_code(c), v[i].code.s);
        ck_assert_uint_gt(ll_calendar_sessions(c, v[i].from, v[i].announced_to, &first), 200);
        ck_assert_ptr_null(v[i].file);
        ck_assert_uint_eq(v[i].n_overlays, 0);
        if (i)
            ck_assert_int_lt(ll_slice_cmp(v[i - 1].code, v[i].code), 0);
        for (size_t k = 0; k < v[i].n_aliases; k++)
            ck_assert_ptr_eq(get(s, v[i].aliases[k].s), c);
    }
}
END_TEST

/* As `calendar check` does, each file of the source tree. */
START_TEST(every_file_in_the_tree_is_right)
{
    const struct ll_calendars_options o = usual();
    LL_AUTO(ll_calendars) s = open_with(&o);
    size_t files = 0;
    for (int sub = 0; sub < 2; sub++) {
        char folder[400], path[700];
        snprintf(folder, sizeof(folder), "%s/calendars%s", LL_SOURCE_ROOT, sub ? "/events" : "");
        DIR *d = opendir(folder);
        ck_assert_ptr_nonnull(d);
        for (struct dirent *e; (e = readdir(d));) {
            struct ll_err errs[3] = {0};
            struct ll_str text;
            if (!strstr(e->d_name, ".yaml"))
                continue;
            snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
            ll_str_init(&text, 1 << 20);
            ck_assert(ll_file_read(path, 1 << 20, &text, &errs[0]));
            struct ll_slice t = {ll_str_z(&text), text.n};
            size_t n = ll_calendars_check(s, t, path, errs, LL_LEN(errs));
            ck_assert_msg(n == 0, "%s: %s", path, errs[0].text);
            ll_str_fini(&text);
            files++;
        }
        closedir(d);
    }
    ck_assert_uint_ge(files, 12);
}
END_TEST

START_TEST(codes_and_aliases_in_any_case)
{
    const struct ll_calendars_options o = usual();
    LL_AUTO(ll_calendars) s = open_with(&o);
    const struct ll_calendar *c = get(s, "XNYS");
    ck_assert_ptr_eq(get(s, "xnys"), c);
    ck_assert_ptr_eq(get(s, "XNAS"), c);
    ck_assert_ptr_eq(get(s, "xNas"), c);
    ck_assert_ptr_eq(get(s, "XNAS"), c);
    refuse(s, "XNYZ", LL_E_NOT_FOUND, "there is no calendar 'XNYZ'; did you mean 'XNYS'?");
    refuse(s, "xnax", LL_E_NOT_FOUND, "did you mean 'XNAS'?");
    refuse(s, "../etc/passwd", LL_E_NOT_FOUND, "`loadline calendar list`");
    refuse(s, "", LL_E_NOT_FOUND, "there is no calendar ''");
    refuse(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", LL_E_NOT_FOUND,
           "no calendar");
}
END_TEST

START_TEST(a_folder_over_the_program)
{
    put("XFOO.yaml", FOO "adhoc_closed: [2026-03-04]\n");
    put("XNYS.yaml", "calendar: XNYS\nextends: XNYS\ndrop: [labor]\nadhoc_closed: [2026-03-04]\n");
    put("XBAR.yaml", "calendar: XBAR\nextends: XFOO\ntz: Asia/Tokyo\n"
                     "holidays: [{id: a, table: mine}, {id: b, table: cn_new_year}]\n");
    put("tables.yaml", "mine: [2026-05-05]\ncn_new_year: [2026-06-01, 2027-06-01]\n");
    put(".hidden.yaml", "not: [yaml");
    put("README", "not yaml");
    LL_AUTO(ll_calendars) s = open_folder(NULL);
    ck_assert(!is_session(get(s, "foo"), 2026, 3, 4));
    ck_assert(!is_session(get(s, "XNYS"), 2026, 3, 4));
    ck_assert(is_session(get(s, "XNYS"), 2026, 9, 7));
    ck_assert(!is_session(get(s, "XNYS"), 2026, 12, 25));
    ck_assert_ptr_eq(get(s, "XNAS"), get(s, "XNYS")); /* aliases stay with the calendar */
    const struct ll_calendar *bar = get(s, "XBAR");
    ck_assert(!is_session(bar, 2026, 5, 5) && !is_session(bar, 2026, 6, 1));
    ck_assert(!is_session(bar, 2026, 3, 4) && is_session(bar, 2026, 2, 17));
    ck_assert_str_eq(ll_tz_name(ll_calendar_tz(bar)), "Asia/Tokyo");
    const struct ll_calendar_info *v;
    struct ll_err err = {0};
    size_t n, seen = 0;
    ck_assert_msg(ll_calendars_list(s, &v, &n, &err), "%s", err.text);
    for (size_t i = 0; i < n; i++) {
        if (ll_slice_is(v[i].code, "XBAR")) {
            ck_assert_str_eq(v[i].file, path_of("XBAR.yaml"));
            ck_assert_uint_eq(v[i].n_table_days, 3);
            ck_assert_uint_eq(v[i].n_rules, 2);
            ck_assert_uint_eq(v[i].n_adhoc, 1);
            seen++;
        } else if (ll_slice_is(v[i].code, "XLON")) {
            ck_assert_ptr_null(v[i].file);
            seen++;
        }
    }
    ck_assert_uint_eq(seen, 2);
}
END_TEST

START_TEST(what_is_wrong_in_a_folder)
{
    put("XFOO.yaml", FOO "holidays: [{id: a}]\n");
    put("XGOO.yaml", FOO);
    put("XONE.yaml", "calendar: XONE\nextends: XTWO\n");
    put("XTWO.yaml", "calendar: XTWO\nextends: XONE\n");
    put("XSELF.yaml", "calendar: XSELF\nextends: XSELF\n");
    put("XOVER.yaml", "calendar: XOVER\nextends: XNYZ\n");
    put("XLOW.yaml", "calendar: XLOW\nextends: XFOO\n");
    LL_AUTO(ll_calendars) s = open_folder(NULL);
    refuse(s, "XFOO", LL_E_CONFIG, "/XFOO.yaml:8:12: a rule needs a base");
    refuse(s, "XLOW", LL_E_CONFIG, "/XFOO.yaml:8:12: a rule needs a base");
    refuse(s, "XGOO", LL_E_CONFIG, "/XGOO.yaml:1:11: calendar: 'XFOO' is in the file of 'XGOO'");
    refuse(s, "XONE", LL_E_CONFIG, "extends: XONE extends itself");
    refuse(s, "XSELF", LL_E_CONFIG, "/XSELF.yaml:2:10: extends: XSELF extends itself");
    refuse(s, "XOVER", LL_E_CONFIG, "/XOVER.yaml:2:10: extends: there is no calendar 'XNYZ'");
    const struct ll_calendar_info *v;
    struct ll_err err = {0};
    size_t n;
    ck_assert(!ll_calendars_list(s, &v, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "/XFOO.yaml:8:12: a rule needs a base"));
    get(s, "XNYS");
    refuse(s, "XFO", LL_E_NOT_FOUND, "did you mean 'XFOO'?; and a file cannot be read: ");
    refuse(s, "FOO", LL_E_NOT_FOUND, "/XFOO.yaml:8:12: a rule needs a base");
    /* It is read again when it is asked for again. */
    put("XFOO.yaml", FOO);
    get(s, "XFOO");
}
END_TEST

static void refuse_open(const struct ll_calendars_options *o, const char *says)
{
    struct ll_calendars *s = NULL;
    struct ll_err err = {0};
    ck_assert(!ll_calendars_open(o, &s, &err) && !s);
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_msg(strstr(err.text, says), "'%s' has no '%s'", err.text, says);
}

START_TEST(what_cannot_be_opened)
{
    struct ll_calendars_options o = usual();
    o.rules = "/nonexistent";
    refuse_open(&o, "calendars.rules: /nonexistent: No such file or directory");
    o.rules = dir;
    put("xfoo.yaml", FOO);
    refuse_open(&o, "/xfoo.yaml: its name is not a code such as XNYS");
    unlink(path_of("xfoo.yaml"));
    put("tables.yaml", "a: [2001-01-02, 2001-01-01]\n");
    refuse_open(&o, "/tables.yaml:1:17: a: 2001-01-01 is not after 2001-01-02");
    unlink(path_of("tables.yaml"));
    const char *overlays[] = {path_of("o.yaml"), NULL};
    o.rules = NULL;
    o.overlays = overlays;
    refuse_open(&o, "/o.yaml: No such file");
    put("o.yaml",
        "overlay: d\nentries:\n- {calendar: XNYZ, closed: 2027-01-04, added: 2026-01-01}\n");
    refuse_open(&o, "/o.yaml:3:14: there is no calendar 'XNYZ'; did you mean 'XNYS'?");
    put("o.yaml", "overlay: d\nentries:\n- {calendar: XNYS, added: 2026-01-01}\n");
    refuse_open(&o, "/o.yaml:3:3: an entry needs closed");
}
END_TEST

START_TEST(a_zone_that_is_not_installed)
{
    struct ll_calendars_options o = usual();
    o.zoneinfo = dir;
    LL_AUTO(ll_calendars) s = open_with(&o);
    refuse(s, "XNYS", LL_E_IO, "calendar XNYS: there is no zone 'America/New_York' in ");
    refuse(s, "XNYS", LL_E_IO, dir);
    refuse(s, "XNYS", LL_E_IO, "apt-get install tzdata");
    get(s, "24-7"); /* UTC is in the program */
    ck_assert_int_eq(mkdir(path_of("America"), 0700), 0);
    put("America/New_York", "TZif, but not really");
    refuse(s, "XNYS", LL_E_DAMAGED, "calendar XNYS: ");
    empty(path_of("America"));
}
END_TEST

static const char overlay_a[] =
    "overlay: a\nauthor: jo\nentries:\n"
    "- {calendar: XNYS, closed: 2027-02-03, added: 2027-01-28T14:00:00Z, reason: mourning}\n"
    "- {calendar: XNAS, date: 2027-02-04, close: \"13:00\", added: 2027-01-05}\n"
    "- {calendar: XNYS, event: test_day, date: 2027-02-05, time: \"14:00\", added: 2027-01-06}\n"
    "- {calendar: XNYS, remove_event: opt_expiry_monthly, date: 2027-02-19, added: 2027-01-06}\n";
static const char overlay_b[] =
    "overlay: b\nentries:\n"
    "- {calendar: XNYS, opened: 2027-02-06, open: \"10:00\", close: \"11:00\", added: 2027-01-05}\n"
    "- {calendar: XNYS, date: 2027-02-04, close: \"12:00\", added: 2027-01-30}\n";

static ll_time local_close(const struct ll_calendar *c, ll_day d)
{
    const struct ll_session *s = ll_calendar_session(c, d);
    ck_assert_ptr_nonnull(s);
    struct ll_civil t = ll_tz_civil(ll_calendar_tz(c), s->close);
    return t.hour;
}

static struct ll_calendar *compile(struct ll_calendars *s, const char *code,
                                   const struct ll_calendars_ask *ask)
{
    struct ll_calendar *c = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendars_compile(s, ll_slice_of(code), ask, &c, &err), "%s", err.text);
    return c;
}

START_TEST(overlays_as_known_at_a_time)
{
    const char *overlays[] = {path_of("a.yml"), path_of("b.yml"), NULL};
    const ll_day fourth = ll_day_of(2027, 2, 4);
    put("a.yml", overlay_a);
    put("b.yml", overlay_b);
    LL_AUTO(ll_calendars) s = open_folder(overlays);
    const struct ll_calendar *c = get(s, "XNYS");
    ck_assert(!is_session(c, 2027, 2, 3) && is_session(c, 2027, 2, 6));
    ck_assert_int_eq(local_close(c, fourth), 12);
    struct ll_calendars_ask ask = {.known_at = (ll_time)ll_day_of(2027, 1, 10) * LL_DAY,
                                   .to = ll_day_of(2028, 1, 1)};
    LL_AUTO(ll_calendar) then = compile(s, "XNYS", &ask);
    ck_assert(is_session(then, 2027, 2, 3) && is_session(then, 2027, 2, 6));
    ck_assert_int_eq(local_close(then, fourth), 13);
    ck_assert_int_eq(ll_calendar_to(then), ll_day_of(2028, 1, 1));
    ask = (struct ll_calendars_ask){
        .known_at = LL_TIME_NONE, .to = ll_day_of(2028, 1, 1), .without_overlays = true};
    LL_AUTO(ll_calendar) without = compile(s, "XNYS", &ask);
    ck_assert(is_session(without, 2027, 2, 3) && !is_session(without, 2027, 2, 6));
    ck_assert_int_eq(local_close(without, fourth), 16);
    const struct ll_calendar_info *v;
    struct ll_err err = {0};
    size_t n, overs = 0;
    ck_assert_msg(ll_calendars_list(s, &v, &n, &err), "%s", err.text);
    for (size_t i = 0; i < n; i++)
        overs += v[i].n_overlays;
    ck_assert_uint_eq(overs, 6);
}
END_TEST

START_TEST(ad_hoc_days_as_known_at_a_time)
{
    put("XFOO.yaml", FOO "adhoc_closed: [{date: 2026-03-04, known: 2026-03-03}, 2026-03-05]\n");
    LL_AUTO(ll_calendars) s = open_folder(NULL);
    struct ll_calendars_ask ask = {.known_at = (ll_time)ll_day_of(2026, 3, 2) * LL_DAY,
                                   .to = ll_day_of(2026, 12, 31)};
    LL_AUTO(ll_calendar) before = compile(s, "XFOO", &ask);
    ck_assert(is_session(before, 2026, 3, 4) && !is_session(before, 2026, 3, 5));
    ask.known_at += LL_DAY;
    LL_AUTO(ll_calendar) after = compile(s, "XFOO", &ask);
    ck_assert(!is_session(after, 2026, 3, 4));
}
END_TEST

static struct ll_market_events *events(struct ll_calendars *s, const char *code, int year,
                                       ll_time known_at)
{
    struct ll_market_events *e = NULL;
    struct ll_err err = {0};
    ck_assert_msg(ll_calendars_events(s, ll_slice_of(code), ll_day_of(year, 1, 1),
                                      ll_day_of(year, 12, 31), known_at, &e, &err),
                  "%s", err.text);
    return e;
}

static size_t count(const struct ll_market_events *e, const char *name, ll_day on)
{
    const struct ll_market_event *v;
    size_t n = ll_market_events_between(e, on, on, &v), found = 0;
    for (size_t i = 0; i < n; i++)
        found += ll_slice_is(v[i].name, name);
    return found;
}

START_TEST(events_of_a_calendar)
{
    const char *overlays[] = {path_of("a.yml"), NULL};
    put("a.yml", overlay_a);
    put("XFOO.yaml", FOO);
    LL_AUTO(ll_calendars) s = open_folder(overlays);
    LL_AUTO(ll_market_events) us = events(s, "XNAS", 2027, LL_TIME_NONE);
    /* Juneteenth is observed on Friday the 18th in 2027. */
    ck_assert_uint_eq(count(us, "opt_expiry_monthly", ll_day_of(2027, 6, 17)), 1);
    ck_assert_uint_eq(count(us, "opt_expiry_monthly", ll_day_of(2027, 2, 19)), 0);
    ck_assert_uint_eq(count(us, "test_day", ll_day_of(2027, 2, 5)), 1);
    LL_AUTO(ll_market_events)
    then = events(s, "XNYS", 2027, (ll_time)ll_day_of(2027, 1, 1) * LL_DAY);
    ck_assert_uint_eq(count(then, "opt_expiry_monthly", ll_day_of(2027, 2, 19)), 1);
    ck_assert_uint_eq(count(then, "test_day", ll_day_of(2027, 2, 5)), 0);
    LL_AUTO(ll_market_events) generic = events(s, "FOO", 2027, LL_TIME_NONE);
    ck_assert_uint_eq(count(generic, "month_end", ll_day_of(2027, 3, 31)), 1);
    ck_assert_uint_eq(count(generic, "opt_expiry_monthly", ll_day_of(2027, 3, 19)), 0);
    struct ll_market_events *none = NULL;
    struct ll_err err = {0};
    ck_assert(!ll_calendars_events(s, LL_SLICE("XNOP"), 0, 1, LL_TIME_NONE, &none, &err) && !none);
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert(!ll_calendars_events(s, LL_SLICE("XFOO"), 0, 1, LL_TIME_NONE, &none, &err) && !none);
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

START_TEST(event_files_of_a_folder)
{
    put("XFOO.yaml", FOO);
    put("events/foo.yaml", "events: foo\ncalendar: XFOO\nextends: generic\n"
                           "rules: [{id: foo_day, class: release, fixed: 03-31}]\n");
    put("events/foo2.yaml", "events: foo2\ncalendar: FOO\n"
                            "rules: [{id: bar_day, class: release, fixed: 03-31}]\n");
    put("events/us.yaml", "events: us\ncalendar: XNYS\nextends: us\n"
                          "rules: [{id: desk_day, class: release, fixed: 03-31}]\n");
    LL_AUTO(ll_calendars) s = open_folder(NULL);
    LL_AUTO(ll_market_events) foo = events(s, "XFOO", 2027, LL_TIME_NONE);
    ck_assert_uint_eq(count(foo, "foo_day", ll_day_of(2027, 3, 31)), 1);
    ck_assert_uint_eq(count(foo, "bar_day", ll_day_of(2027, 3, 31)), 1);
    ck_assert_uint_eq(count(foo, "month_end", ll_day_of(2027, 3, 31)), 1);
    LL_AUTO(ll_market_events) us = events(s, "XNYS", 2027, LL_TIME_NONE);
    ck_assert_uint_eq(count(us, "desk_day", ll_day_of(2027, 3, 31)), 1);
    ck_assert_uint_eq(count(us, "opt_expiry_monthly", ll_day_of(2027, 6, 17)), 1);
}
END_TEST

START_TEST(event_files_that_are_wrong)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"events: foo\ncalendar: XNYZ\n", "/foo.yaml: there is no calendar 'XNYZ'; did you mean"},
        {"events: foo\ncalendar: XNYS\nextends: nope\n",
         "/foo.yaml:3:10: extends: there are no events 'nope'"},
        {"events: foo\ncalendar: XNYS\nextends: foo\n", "/foo.yaml:3:10: extends: 'foo' extends"},
        {"events: foo\ncalendar: XNYS\nrules: [{id: a}]\n", "/foo.yaml:3:9: "},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_market_events *e = NULL;
        struct ll_err err = {0};
        put("events/foo.yaml", cases[i].text);
        LL_AUTO(ll_calendars) s = open_folder(NULL);
        ck_assert(!ll_calendars_events(s, LL_SLICE("XNYS"), ll_day_of(2027, 1, 1),
                                       ll_day_of(2027, 2, 1), LL_TIME_NONE, &e, &err));
        ck_assert_int_eq(err.code, LL_E_CONFIG);
        ck_assert_msg(strstr(err.text, cases[i].says), "%s", err.text);
    }
}
END_TEST

START_TEST(checks_tell_each_kind)
{
    static const struct {
        const char *text, *says; /* NULL = right */
    } cases[] = {
        {FOO, NULL},
        {FOO "holidays: [{id: a}]\n", "t.yml:8:12: a rule needs a base"},
        {"calendar: XBAR\nextends: XNYS\n", NULL},
        {"calendar: XNYS\nextends: XNYS\ndrop: [mlk]\n", NULL},
        {"calendar: XBAR\nextends: XNYS\ndrop: [mlx]\n", "t.yml:3:7: drop: XNYS has no rule 'mlx'"},
        {"calendar: XBAR\nextends: XNYS\ntz: Mars/Base\n", "there is no zone 'Mars/Base'"},
        {"calendar: XBAR\nextends: XNYS\nspecial: [{id: a, fixed: 03-03, open: \"18:00\"}]\n",
         "t.yml:3: "},
        {"overlay: d\nentries:\n- {calendar: XNYS, closed: 2027-01-04, added: 2026-01-01}\n", NULL},
        {"overlay: d\nentries:\n- {calendar: XNYZ, closed: 2027-01-04, added: 2026-01-01}\n",
         "t.yml:3:14: there is no calendar"},
        {"a: [2001-01-01]\nb: [{from: 2002-01-01, to: 2002-02-01}]\n", NULL},
        {"a: [2001-01-01]\nb: [x]\n", "t.yml:2:5: b: "},
        {"events: e\ncalendar: XNYS\nextends: us\n", NULL},
        {"events: e\ncalendar: XNYZ\n", "t.yml: calendar: there is no calendar 'XNYZ'"},
        {"events: e\ncalendar: XNYS\nextends: nope\n", "t.yml:3:10: extends: there are no events"},
        {"foo: bar\n", "t.yml:1:1: not a file of calendars"},
        {"", "t.yml:1:1: not a file of calendars"},
        {"[a]", "t.yml:1:1: not a file of calendars"},
        {"{", "t.yml:"},
    };
    const struct ll_calendars_options o = usual();
    LL_AUTO(ll_calendars) s = open_with(&o);
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_err errs[4] = {0};
        size_t n = ll_calendars_check(s, ll_slice_of(cases[i].text), "t.yml", errs, LL_LEN(errs));
        ck_assert_msg((n == 0) == !cases[i].says, "%s: %s", cases[i].text, errs[0].text);
        if (n)
            ck_assert_msg(strstr(errs[0].text, cases[i].says), "'%s' has no '%s'", errs[0].text,
                          cases[i].says);
    }
    struct ll_err one = {0};
    ck_assert_uint_eq(ll_calendars_check(s, LL_SLICE(FOO), "a/XBAR.yaml", &one, 1), 1);
    ck_assert_ptr_nonnull(strstr(one.text, "'XFOO' is in the file of 'XBAR'"));
    ck_assert_uint_eq(ll_calendars_check(s, LL_SLICE("calendar: X\na: 1\nb: 2\n"), "t", &one, 1),
                      2);
    ck_assert_uint_eq(ll_calendars_check(s, LL_SLICE("{"), "t", NULL, 0), 1);
}
END_TEST

static void check_config(const char *text, const char *says)
{
    struct ll_err errs[4] = {0};
    struct ll_config_source src = {.file = "t.yml", .text = ll_slice_of(text)};
    size_t n = ll_config_check(&src, errs, LL_LEN(errs));
    ck_assert_msg((n == 0) == !says, "%s: %zu %s", text, n, errs[0].text);
    if (says)
        ck_assert_msg(strstr(errs[0].text, says), "'%s' has no '%s'", errs[0].text, says);
}

START_TEST(check_config_looks_for_calendars)
{
    char text[400];
    check_config("calendars: {use: [XNYS, XNAS]}\nservices: [{name: a, calendar: XLON}]\n", NULL);
    check_config("calendars: {use: [XNYS, XNYZ]}\n",
                 "t.yml:1:18: use: there is no calendar 'XNYZ'; did you mean 'XNYS'?");
    check_config("calendars: {use: xnys}\n", "t.yml:1:18: use: 'xnys' is not a code such as XNYS");
    check_config("services: [{name: a, calendar: XNOP}]\n",
                 "t.yml:1:32: calendar: there is no calendar 'XNOP'");
    check_config("services: [{name: a, calendar: a b}]\n",
                 "t.yml:1:32: calendar: 'a b' is not a code such as XNYS");
    check_config("calendars: {rules: /nonexistent}\n", "calendars.rules: /nonexistent: No such");
    snprintf(text, sizeof(text), "calendars: {rules: %s, use: [XFOO]}\n", dir);
    check_config(text, "use: there is no calendar 'XFOO'");
    put("XFOO.yaml", FOO);
    check_config(text, NULL);
    put("XFOO.yaml", FOO "holidays: [{id: a}]\n");
    check_config(text, "XFOO.yaml:8:12: a rule needs a base");
}
END_TEST

START_TEST(paths_of_the_configuration_are_beside_it)
{
    struct ll_config *c = NULL;
    struct ll_err err = {0};
    put("main.yml", "calendars: {rules: cal, overlays: [a.yml, /b.yml], use: XNYS}\n");
    struct ll_config_source src = {.file = path_of("main.yml")};
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    ck_assert_str_eq(c->calendars.rules, path_of("cal"));
    ck_assert_str_eq(c->calendars.overlays[0], path_of("a.yml"));
    ck_assert_str_eq(c->calendars.overlays[1], "/b.yml");
    ck_assert_ptr_null(c->calendars.overlays[2]);
    ck_assert_str_eq(c->calendars.use[0], "XNYS");
    ll_config_free(c);
}
END_TEST

enum { THREADS = 6 };

static void *ask_everything(void *arg)
{
    struct ll_calendars *s = arg;
    static const char *const codes[] = {"XNYS", "xnas", "XLON", "XTKS", "24-7", "XNOP", "XHKG"};
    const struct ll_calendars_ask ask = {.known_at = 0, .to = ll_day_of(2001, 12, 31)};
    uintptr_t bad = 0;
    for (size_t i = 0; i < LL_LEN(codes); i++) {
        const struct ll_calendar *c = NULL;
        LL_AUTO(ll_calendar) own = NULL;
        LL_AUTO(ll_market_events) e = NULL;
        struct ll_slice code = ll_slice_of(codes[i]);
        bool there = strcmp(codes[i], "XNOP") != 0;
        bad += ll_calendars_get(s, code, &c, NULL) != there;
        bad += ll_calendars_compile(s, code, &ask, &own, NULL) != there;
        bad += ll_calendars_events(s, code, ll_day_of(2001, 1, 1), ll_day_of(2001, 2, 1),
                                   LL_TIME_NONE, &e, NULL) != there;
        bad += there && (!c || !ll_calendar_session(c, ll_day_of(2001, 1, 9)));
    }
    const struct ll_calendar_info *v;
    size_t n = 0;
    bad += !ll_calendars_list(s, &v, &n, NULL) || n < 5;
    ll_calendars_unref(s);
    return (void *)bad;
}

START_TEST(threads_share_a_set)
{
    const struct ll_calendars_options o = usual();
    struct ll_calendars *s = open_with(&o);
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_everything, ll_calendars_ref(s)), 0);
    ll_calendars_unref(s); /* the last of the threads frees it */
    for (size_t i = 0; i < THREADS; i++) {
        void *bad;
        pthread_join(threads[i], &bad);
        ck_assert_ptr_null(bad);
    }
}
END_TEST

/* Opens, asks and lists with the call-th allocation failing; what failed works afterwards. */
static bool work_failing_at(unsigned call, const char *const *overlays)
{
    struct ll_calendars_options o = usual();
    struct ll_calendars *s = NULL;
    struct ll_err err = {0};
    const struct ll_calendar *c = NULL;
    struct ll_market_events *e = NULL;
    const ll_day from = ll_day_of(2027, 1, 1), to = ll_day_of(2027, 3, 1);
    o.rules = dir;
    o.overlays = overlays;
    o.to = ll_day_of(2001, 12, 31);
    ll_test_fail_alloc(call);
    bool opened = ll_calendars_open(&o, &s, &err);
    bool got = opened && ll_calendars_get(s, LL_SLICE("FOO"), &c, &err);
    bool told = got && ll_calendars_events(s, LL_SLICE("XFOO"), from, to, LL_TIME_NONE, &e, &err);
    bool failed = ll_test_alloc_failed();
    ll_test_fail_alloc(0);
    if (!failed)
        ck_assert_msg(told, "%s", err.text);
    if (!told)
        ck_assert_msg(err.code != LL_E_OK && err.text[0], "no error at call %u", call);
    if (opened) {
        ck_assert(is_session(get(s, "XFOO"), 2001, 3, 1));
        ck_assert_ptr_null(told ? NULL : e);
    }
    ll_market_events_free(e);
    ll_calendars_unref(s);
    return failed;
}

START_TEST(memory_may_end_at_any_call)
{
    enum { CALLS_MAX = 20000 };
    const char *overlays[] = {path_of("a.yml"), NULL};
    put("a.yml", overlay_a);
    put("XFOO.yaml", FOO);
    unsigned call = 1;
    while (call < CALLS_MAX && work_failing_at(call, overlays))
        call++;
    ck_assert_uint_gt(call, 100);
    ck_assert_uint_lt(call, CALLS_MAX);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("config_calendars");
    TCase *t = tcase_create("set");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_calendar_in_the_program_compiles);
    tcase_add_test(t, every_file_in_the_tree_is_right);
    tcase_add_test(t, codes_and_aliases_in_any_case);
    tcase_add_test(t, a_folder_over_the_program);
    tcase_add_test(t, what_is_wrong_in_a_folder);
    tcase_add_test(t, what_cannot_be_opened);
    tcase_add_test(t, a_zone_that_is_not_installed);
    tcase_add_test(t, overlays_as_known_at_a_time);
    tcase_add_test(t, ad_hoc_days_as_known_at_a_time);
    tcase_add_test(t, events_of_a_calendar);
    tcase_add_test(t, event_files_of_a_folder);
    tcase_add_test(t, event_files_that_are_wrong);
    tcase_add_test(t, checks_tell_each_kind);
    tcase_add_test(t, check_config_looks_for_calendars);
    tcase_add_test(t, paths_of_the_configuration_are_beside_it);
    tcase_add_test(t, threads_share_a_set);
    tcase_add_test(t, memory_may_end_at_any_call);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
