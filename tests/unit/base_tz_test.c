/* Time zones: real files of tzdata (those of the fuzzer's seeds, `zic -b slim`), rules in footers
 * written here, and files that are damaged. */
#include <stdio.h>
#include <string.h>

#include "base/tz.h"
#include "support.h"

static char bytes[8192];

static size_t load(const char *seed)
{
    char path[256];
    snprintf(path, sizeof(path), LL_SOURCE_ROOT "/fuzz/corpus/tz/%s", seed);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    const size_t n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    return n;
}

static struct ll_tz *zone(const char *seed)
{
    struct ll_err err = {0};
    struct ll_tz *tz = NULL;
    const size_t n = load(seed);
    ck_assert_msg(ll_tz_read(ll_slice_of(seed), bytes, n, &tz, &err), "%s", err.text);
    return tz;
}

static ll_time at(const char *text)
{
    struct ll_err err = {0};
    ll_time t = 0;
    ck_assert_msg(ll_time_parse(ll_slice_of(text), &t, &err), "%s", err.text);
    return t;
}

/* "2025-07-01T14:00:00 EDT dst" */
static const char *shown(const struct ll_tz *tz, const char *t)
{
    static char text[80];
    const struct ll_civil c = ll_tz_civil(tz, at(t));
    const struct ll_tz_local l = ll_tz_at(tz, at(t));
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d %s%s", c.year, c.month, c.day,
             c.hour, c.minute, c.second, l.abbr, l.dst ? " dst" : "");
    return text;
}

struct file {
    uint8_t b[1024];
    size_t n;
};

static void put(struct file *f, uint64_t v, int width)
{
    for (int i = width - 1; i >= 0; i--)
        f->b[f->n++] = (uint8_t)(v >> 8 * i);
}

static void put_header(struct file *f, char version, uint32_t times, uint32_t types, uint32_t chars)
{
    memcpy(f->b + f->n, "TZif", 4);
    f->n += 4;
    put(f, (uint8_t)version, 1);
    f->n += 15; /* reserved: zero */
    put(f, 0, 4);
    put(f, 0, 4);
    put(f, 0, 4);
    put(f, times, 4);
    put(f, types, 4);
    put(f, chars, 4);
}

/* A file of one type, "STD" at UTC, and a footer. */
static struct file file_of(const char *footer, bool with_change)
{
    struct file f = {.n = 0};
    put_header(&f, '2', 0, 0, 0);
    put_header(&f, '2', with_change, 1, 4);
    if (with_change) {
        put(&f, (uint64_t)at("2000-06-01T00:00:00Z") / 1000, 8);
        put(&f, 0, 1);
    }
    put(&f, 0, 6);
    memcpy(f.b + f.n, "STD", 4);
    f.n += 4;
    f.n += (size_t)snprintf((char *)f.b + f.n, sizeof(f.b) - f.n, "\n%s\n", footer);
    return f;
}

static struct ll_tz *footer(const char *rule)
{
    const struct file f = file_of(rule, false);
    struct ll_err err = {0};
    struct ll_tz *tz = NULL;
    ck_assert_msg(ll_tz_read(LL_SLICE("Test"), f.b, f.n, &tz, &err), "%s: %s", rule, err.text);
    return tz;
}

START_TEST(reads_what_holds_at_a_time)
{
    static const struct {
        const char *zone, *t, *want;
    } cases[] = {
        {"new_york", "1883-11-18T16:59:59Z", "1883-11-18T12:03:57 LMT"},
        {"new_york", "1883-11-18T17:00:00Z", "1883-11-18T12:00:00 EST"},
        {"new_york", "0001-01-01T05:00:00Z", "0001-01-01T00:03:58 LMT"},
        {"new_york", "1945-08-14T22:59:59Z", "1945-08-14T18:59:59 EWT dst"},
        {"new_york", "1945-08-14T23:00:00Z", "1945-08-14T19:00:00 EPT dst"},
        {"new_york", "2025-07-01T13:30:00Z", "2025-07-01T09:30:00 EDT dst"},
        {"new_york", "2025-12-01T14:30:00Z", "2025-12-01T09:30:00 EST"},
        {"new_york", "2099-07-01T13:30:00Z", "2099-07-01T09:30:00 EDT dst"},
        {"new_york", "9999-07-01T13:30:00Z", "9999-07-01T09:30:00 EDT dst"},
        {"new_york", "9999-12-01T13:30:00Z", "9999-12-01T08:30:00 EST"},
        /* Irish law: summer is standard, winter is an hour less. */
        {"dublin", "2025-07-01T12:00:00Z", "2025-07-01T13:00:00 IST"},
        {"dublin", "2025-12-01T12:00:00Z", "2025-12-01T12:00:00 GMT dst"},
        {"dublin", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00 GMT dst"},
        /* The southern half: half an hour of summer time over New Year. */
        {"lord_howe", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00 +11 dst"},
        {"lord_howe", "2026-06-01T00:00:00Z", "2026-06-01T10:30:00 +1030"},
        {"lord_howe", "2199-12-31T13:00:00Z", "2200-01-01T00:00:00 +11 dst"},
        {"lord_howe", "2250-01-01T00:00:00Z", "2250-01-01T11:00:00 +11 dst"},
        {"kolkata", "2026-06-01T00:00:00Z", "2026-06-01T05:30:00 IST"},
        {"utc", "2026-06-01T00:00:00Z", "2026-06-01T00:00:00 UTC"},
        {"sao_paulo", "2026-01-01T00:00:00Z", "2025-12-31T21:00:00 -03"},
        {"sao_paulo", "2019-01-01T00:00:00Z", "2018-12-31T22:00:00 -02 dst"},
        /* Samoa left out 30 December 2011. */
        {"apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59 -10 dst"},
        {"apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00 +14 dst"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        LL_AUTO(ll_tz) tz = zone(cases[i].zone);
        ck_assert_str_eq(shown(tz, cases[i].t), cases[i].want);
        ck_assert_str_eq(ll_tz_name(tz), cases[i].zone);
    }
}
END_TEST

START_TEST(finds_the_way_back)
{
    static const struct {
        const char *zone, *local, *utc;
        enum ll_tz_kind kind;
    } cases[] = {
        {"new_york", "2025-07-01T09:30:00Z", "2025-07-01T13:30:00Z", LL_TZ_ONCE},
        {"new_york", "2025-03-09T01:59:59.999Z", "2025-03-09T06:59:59.999Z", LL_TZ_ONCE},
        {"new_york", "2025-03-09T02:00:00Z", "2025-03-09T07:00:00Z", LL_TZ_GAP},
        {"new_york", "2025-03-09T02:30:00Z", "2025-03-09T07:30:00Z", LL_TZ_GAP},
        {"new_york", "2025-03-09T03:00:00Z", "2025-03-09T07:00:00Z", LL_TZ_ONCE},
        {"new_york", "2025-11-02T00:59:59Z", "2025-11-02T04:59:59Z", LL_TZ_ONCE},
        {"new_york", "2025-11-02T01:00:00Z", "2025-11-02T05:00:00Z", LL_TZ_FOLD},
        {"new_york", "2025-11-02T01:59:59.999Z", "2025-11-02T05:59:59.999Z", LL_TZ_FOLD},
        {"new_york", "2025-11-02T02:00:00Z", "2025-11-02T07:00:00Z", LL_TZ_ONCE},
        {"new_york", "2300-11-04T01:30:00Z", "2300-11-04T05:30:00Z", LL_TZ_FOLD},
        {"new_york", "1883-11-18T12:01:00Z", "1883-11-18T16:57:02Z", LL_TZ_FOLD},
        {"dublin", "2025-03-30T01:30:00Z", "2025-03-30T01:30:00Z", LL_TZ_GAP},
        {"dublin", "2025-10-26T01:30:00Z", "2025-10-26T00:30:00Z", LL_TZ_FOLD},
        {"lord_howe", "2025-10-05T02:15:00Z", "2025-10-04T15:45:00Z", LL_TZ_GAP},
        {"lord_howe", "2025-04-06T01:45:00Z", "2025-04-05T14:45:00Z", LL_TZ_FOLD},
        {"lord_howe", "2025-04-06T01:29:59Z", "2025-04-05T14:29:59Z", LL_TZ_ONCE},
        {"apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z", LL_TZ_GAP},
        {"kolkata", "2026-06-01T05:30:00Z", "2026-06-01T00:00:00Z", LL_TZ_ONCE},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        LL_AUTO(ll_tz) tz = zone(cases[i].zone);
        enum ll_tz_kind kind = LL_TZ_ONCE;
        char got[LL_TIME_TEXT_MAX], want[LL_TIME_TEXT_MAX];
        ll_time_format(ll_tz_utc_of(tz, at(cases[i].local), &kind), got);
        ll_time_format(at(cases[i].utc), want);
        ck_assert_msg(strcmp(got, want) == 0 && kind == cases[i].kind, "%s %s: %s, kind %d",
                      cases[i].zone, cases[i].local, got, kind);
        ck_assert_int_eq(ll_tz_utc_of(tz, at(cases[i].local), NULL), at(cases[i].utc));
    }
}
END_TEST

START_TEST(walks_over_changes)
{
    LL_AUTO(ll_tz) tz = zone("new_york");
    const ll_time spring = at("2025-03-09T07:00:00Z"), autumn = at("2025-11-02T06:00:00Z");
    ck_assert_int_eq(ll_tz_next_change(tz, spring - 1, LL_TIME_MAX), spring);
    ck_assert_int_eq(ll_tz_next_change(tz, spring, LL_TIME_MAX), autumn);
    ck_assert_int_eq(ll_tz_next_change(tz, spring, autumn), autumn);
    ck_assert_int_eq(ll_tz_next_change(tz, spring, autumn - 1), LL_TIME_NONE);
    ck_assert_int_eq(ll_tz_next_change(tz, INT64_MIN, LL_TIME_MAX), at("1883-11-18T17:00:00Z"));
    ck_assert_int_eq(ll_tz_next_change(tz, at("2300-07-01T00:00:00Z"), LL_TIME_MAX),
                     at("2300-11-04T06:00:00Z"));
    ck_assert_int_eq(ll_tz_next_change(tz, INT64_MAX, INT64_MAX), LL_TIME_NONE);

    LL_AUTO(ll_tz) kolkata = zone("kolkata");
    ck_assert_int_eq(ll_tz_next_change(kolkata, at("1946-01-01T00:00:00Z"), INT64_MAX),
                     LL_TIME_NONE);
    /* A zone has the same changes from its listed times and from its rule. */
    int n = 0;
    for (ll_time t = at("2020-01-01T00:00:00Z");
         (t = ll_tz_next_change(tz, t, at("2320-01-01T00:00:00Z"))) != LL_TIME_NONE; n++)
        ck_assert_int_ne(ll_tz_at(tz, t - 1).offset, ll_tz_at(tz, t).offset);
    ck_assert_int_eq(n, 600);
}
END_TEST

/* zic of 2022 listed the last time with another type than its footer has there. */
START_TEST(a_footer_wins_over_the_last_listed_type)
{
    LL_AUTO(ll_tz) tz = zone("ojinaga");
    ck_assert_str_eq(shown(tz, "2022-10-30T07:59:59Z"), "2022-10-30T01:59:59 MDT dst");
    ck_assert_str_eq(shown(tz, "2022-10-30T08:00:00Z"), "2022-10-30T03:00:00 CDT dst");
    ck_assert_str_eq(shown(tz, "2022-11-06T07:00:00Z"), "2022-11-06T01:00:00 CST");
    ck_assert_int_eq(ll_tz_next_change(tz, at("2022-10-30T08:00:00Z"), LL_TIME_MAX),
                     at("2022-11-06T07:00:00Z"));
}
END_TEST

START_TEST(reads_every_form_of_rule)
{
    static const struct {
        const char *rule, *t, *want;
    } cases[] = {
        {"STD5", "2025-07-01T12:00:00Z", "2025-07-01T07:00:00 STD"},
        {"STD+5:30:15", "2025-07-01T12:00:00Z", "2025-07-01T06:29:45 STD"},
        {"<+0330>-3:30", "2025-07-01T12:00:00Z", "2025-07-01T15:30:00 +0330"},
        {"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2025-07-01T12:00:00Z", "2025-07-01T10:00:00 -02 dst"},
        /* An hour more and 02:00 when nothing is said. */
        {"STD0SUM,M3.2.0,M11.1.0", "2025-03-09T01:59:59Z", "2025-03-09T01:59:59 STD"},
        {"STD0SUM,M3.2.0,M11.1.0", "2025-03-09T02:00:00Z", "2025-03-09T03:00:00 SUM dst"},
        {"STD0SUM,M3.2.0,M11.1.0", "2025-11-02T00:59:59Z", "2025-11-02T01:59:59 SUM dst"},
        {"STD0SUM,M3.2.0,M11.1.0", "2025-11-02T01:00:00Z", "2025-11-02T01:00:00 STD"},
        /* Week 5 is the last one, the fourth or the fifth. */
        {"STD0SUM,M2.5.6/0,M11.1.0", "2025-02-21T23:59:59Z", "2025-02-21T23:59:59 STD"},
        {"STD0SUM,M2.5.6/0,M11.1.0", "2025-02-22T00:00:00Z", "2025-02-22T01:00:00 SUM dst"},
        {"STD0SUM,M2.5.6/0,M11.1.0", "2020-02-28T23:59:59Z", "2020-02-28T23:59:59 STD"},
        {"STD0SUM,M2.5.6/0,M11.1.0", "2020-02-29T00:00:00Z", "2020-02-29T01:00:00 SUM dst"},
        {"STD0SUM,M12.5.3/0,M1.5.3/0", "2025-12-31T00:00:00Z", "2025-12-31T01:00:00 SUM dst"},
        /* J60 is 1 March in every year, 59 the 60th day. */
        {"STD0SUM,J60/0,J300/0", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59 STD"},
        {"STD0SUM,J60/0,J300/0", "2024-03-01T00:00:00Z", "2024-03-01T01:00:00 SUM dst"},
        {"STD0SUM,J59/0,J300/0", "2024-02-28T00:00:00Z", "2024-02-28T01:00:00 SUM dst"},
        {"STD0SUM,59/0,J300/0", "2024-02-29T00:00:00Z", "2024-02-29T01:00:00 SUM dst"},
        {"STD0SUM,59/0,J300/0", "2025-02-28T23:59:59Z", "2025-02-28T23:59:59 STD"},
        {"STD0SUM,59/0,J300/0", "2025-03-01T00:00:00Z", "2025-03-01T01:00:00 SUM dst"},
        /* Times of change lie up to a week beside their day (as Greenland's -1). */
        {"STD0SUM,J10/-167,J20/167", "2025-01-03T01:00:00Z", "2025-01-03T02:00:00 SUM dst"},
        {"STD0SUM,J10/-167,J20/167", "2025-01-03T00:59:59Z", "2025-01-03T00:59:59 STD"},
        {"STD0SUM,J10/-167,J20/167", "2025-01-26T21:59:59Z", "2025-01-26T22:59:59 SUM dst"},
        {"STD0SUM,J10/-167,J20/167", "2025-01-26T22:00:00Z", "2025-01-26T22:00:00 STD"},
        {"STD0SUM,J1/-167,J20/0", "2024-12-25T01:00:00Z", "2024-12-25T02:00:00 SUM dst"},
        {"STD0SUM,J365/167,J20/0", "2026-01-06T22:59:59Z", "2026-01-06T22:59:59 STD"},
        {"STD0SUM,J365/167,J20/0", "2026-01-06T23:00:00Z", "2026-01-07T00:00:00 SUM dst"},
        /* Summer time all year, with more and with less than standard time. */
        {"EST5EDT,0/0,J365/25", "2025-01-01T04:59:59Z", "2025-01-01T00:59:59 EDT dst"},
        {"EST5EDT,0/0,J365/25", "2025-01-01T05:00:00Z", "2025-01-01T01:00:00 EDT dst"},
        {"EST5EDT,0/0,J365/25", "2024-12-31T12:00:00Z", "2024-12-31T08:00:00 EDT dst"},
        {"XXX3EDT4,0/0,J365/23", "2024-12-31T23:00:00Z", "2024-12-31T19:00:00 EDT dst"},
        {"XXX3EDT4,0/0,J365/23", "2025-01-01T03:00:00Z", "2024-12-31T23:00:00 EDT dst"},
        /* Summer time that ends when it begins is none. */
        {"STD0SUM,J10/0,J10/1", "2025-01-10T00:00:00Z", "2025-01-10T00:00:00 STD"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        LL_AUTO(ll_tz) tz = footer(cases[i].rule);
        ck_assert_msg(strcmp(shown(tz, cases[i].t), cases[i].want) == 0, "%s at %s: %s, not %s",
                      cases[i].rule, cases[i].t, shown(tz, cases[i].t), cases[i].want);
    }
}
END_TEST

START_TEST(a_rule_without_change_has_none)
{
    static const char *const rules[] = {"STD5", "EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23",
                                        "STD0SUM,J10/0,J10/1"};
    for (size_t i = 0; i < LL_LEN(rules); i++) {
        LL_AUTO(ll_tz) tz = footer(rules[i]);
        ck_assert_int_eq(ll_tz_next_change(tz, at("1970-01-01T00:00:00Z"), LL_TIME_MAX),
                         LL_TIME_NONE);
        enum ll_tz_kind kind = LL_TZ_GAP;
        ll_tz_utc_of(tz, at("2025-01-01T00:30:00Z"), &kind);
        ck_assert_int_eq(kind, LL_TZ_ONCE);
    }
    /* Only a leap year has a day 365; it is found however far away. */
    LL_AUTO(ll_tz) leap = footer("STD0SUM,0/0,365/1");
    ck_assert_int_eq(ll_tz_next_change(leap, at("2097-01-01T00:00:00Z"), LL_TIME_MAX),
                     at("2104-12-31T00:00:00Z"));
}
END_TEST

START_TEST(refuses_bad_rules)
{
    static const struct {
        const char *rule, *why;
    } cases[] = {
        {"ST5", "no abbreviation"},
        {"<+1>5", "no abbreviation"},
        {"<+01", "without '>'"},
        {"<+0/1>5", "no abbreviation"},
        {"ABCDEFGHIJKLMNOP5", "no abbreviation"},
        {"STD", "a number is missing"},
        {"STD-", "a number is missing"},
        {"STD25", "out of its range"},
        {"STD5:60", "out of its range"},
        {"STD5:", "a number is missing"},
        {"STD5:00:61", "out of its range"},
        {"STD5SUM", "no comma"},
        {"STD5SUM,M3.2.0", "no comma"},
        {"STD5SUM,M13.2.0,M11.1.0", "out of its range"},
        {"STD5SUM,M3.6.0,M11.1.0", "out of its range"},
        {"STD5SUM,M3.0.0,M11.1.0", "out of its range"},
        {"STD5SUM,M3.2.7,M11.1.0", "out of its range"},
        {"STD5SUM,M3.2,M11.1.0", "such as M3.5.0"},
        {"STD5SUM,J0,M11.1.0", "out of its range"},
        {"STD5SUM,J366,M11.1.0", "out of its range"},
        {"STD5SUM,366,M11.1.0", "out of its range"},
        {"STD5SUM,M3.2.0/168,M11.1.0", "out of its range"},
        {"STD5SUM,M3.2.0/-168,M11.1.0", "out of its range"},
        {"STD5SUM,M3.2.0/,M11.1.0", "a number is missing"},
        {"STD5SUM,M3.2.0,M11.1.0x", "behind the rule"},
        {"STD5SUM,M3.2.0,M11.1.0\nSTD5", "behind the rule"},
        {"STD99999999999", "out of its range"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const struct file f = file_of(cases[i].rule, false);
        struct ll_tz *tz = NULL;
        struct ll_err err = {0};
        ck_assert_msg(!ll_tz_read(LL_SLICE("Test"), f.b, f.n, &tz, &err), "%s", cases[i].rule);
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
        ck_assert_ptr_null(tz);
        ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s: %s", cases[i].rule, err.text);
    }
}
END_TEST

START_TEST(every_cut_file_is_refused)
{
    static const char *const seeds[] = {"new_york", "dublin",  "lord_howe", "apia",
                                        "kolkata",  "ojinaga", "sao_paulo", "utc"};
    for (size_t i = 0; i < LL_LEN(seeds); i++) {
        const size_t n = load(seeds[i]);
        for (size_t cut = 0; cut < n; cut++) {
            struct ll_tz *tz = NULL;
            struct ll_err err = {0};
            char *part = malloc(cut ? cut : 1); /* of its size: reading beyond it is seen */
            ck_assert_ptr_nonnull(part);
            memcpy(part, bytes, cut);
            ck_assert_msg(!ll_tz_read(ll_slice_of(seeds[i]), part, cut, &tz, &err), "%s to %zu",
                          seeds[i], cut);
            ck_assert_int_eq(err.code, LL_E_DAMAGED);
            ck_assert(strstr(err.text, seeds[i]) && strstr(err.text, "byte"));
            free(part);
        }
    }
}
END_TEST

/* Each byte of a real file replaced: refused, or read with changes in order. */
START_TEST(every_damaged_byte_is_harmless)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '\n'};
    const size_t n = load("kolkata");
    for (size_t i = 0; i < n * LL_LEN(values); i++) {
        struct ll_tz *tz = NULL;
        struct ll_err err = {0};
        const char was = bytes[i / LL_LEN(values)];
        bytes[i / LL_LEN(values)] = (char)values[i % LL_LEN(values)];
        if (ll_tz_read(LL_SLICE("Asia/Kolkata"), bytes, n, &tz, &err)) {
            ll_time t = INT64_MIN, next;
            while ((next = ll_tz_next_change(tz, t, at("2030-01-01T00:00:00Z"))) != LL_TIME_NONE) {
                ck_assert_int_gt(next, t);
                t = next;
            }
            ll_tz_free(tz);
        } else {
            ck_assert_int_eq(err.code, LL_E_DAMAGED);
        }
        bytes[i / LL_LEN(values)] = was;
    }
}
END_TEST

/* The parts of file_of: headers at 0 and 44, the time at 88, its type's index at 96, the type at
 * 97, abbreviations at 103, the footer at 107. */
START_TEST(says_what_is_damaged)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } cases[] = {
        {0, 'X', "byte 0: no TZif header"},
        {4, 0, "byte 4: not of version 2, 3 or 4"},
        {4, '5', "not of version 2, 3 or 4"},
        {48, '1', "byte 48: not of version 2, 3 or 4"},
        {35, 1, "byte 49: no TZif header"}, /* a listed time in the 32-bit data */
        {32, 0xff, "ends within its 32-bit data"},
        {76, 0xff, "ends within its 64-bit data"},
        {67, 2, "indicators"},
        {71, 2, "indicators"},
        {75, 1, "leap seconds"},
        {83, 0, "no local time types"},
        {87, 0, "no local time types"},
        {96, 1, "byte 96: a local time type outside the list"},
        {97, 0x7f, "byte 97: an offset of more than 26 hours"},
        {97, 0x80, "byte 97: an offset of more than 26 hours"},
        {101, 2, "byte 101: a summer time flag"},
        {102, 4, "byte 102: an abbreviation outside the list"},
        {102, 3, "no abbreviation"}, /* an empty one */
        {103, '*', "byte 103: no abbreviation"},
        {106, 'x', "byte 103: no abbreviation"}, /* without its end */
        {107, 'x', "byte 107: no footer"},
        {108, '1', "byte 108: no abbreviation"},
        {119, 'M', "byte 119: a number is missing"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct file f = file_of("STD0SUM,M3.2.0,M11.1.0", true);
        struct ll_err err = {0};
        struct ll_tz *tz = NULL;
        f.b[cases[i].at] = cases[i].value;
        ck_assert(!ll_tz_read(LL_SLICE("Test"), f.b, f.n, &tz, &err));
        ck_assert_int_eq(err.code, LL_E_DAMAGED);
        ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "byte %zu: %s", cases[i].at,
                      err.text);
    }
}
END_TEST

START_TEST(times_ascend)
{
    struct file f = {.n = 0};
    struct ll_err err = {0};
    struct ll_tz *tz = NULL;
    put_header(&f, '3', 0, 0, 0);
    put_header(&f, '3', 2, 1, 4);
    put(&f, 1000, 8);
    put(&f, 1000, 8);
    put(&f, 0, 2 + 6);
    put(&f, 0x53544400, 4); /* "STD" */
    put(&f, 0x0a0a, 2);
    ck_assert(!ll_tz_read(LL_SLICE("Test"), f.b, f.n, &tz, &err));
    ck_assert_msg(strstr(err.text, "byte 96: a time of change") != NULL, "%s", err.text);
    f.b[103]++;
    ck_assert_msg(ll_tz_read(LL_SLICE("Test"), f.b, f.n, &tz, &err), "%s", err.text);
    ck_assert_int_eq(ll_tz_next_change(tz, 0, INT64_MAX), LL_TIME_NONE);
    ll_tz_free(tz);
}
END_TEST

START_TEST(has_limits)
{
    struct ll_err err = {0};
    struct ll_tz *tz = NULL;
    static char large[LL_TZ_BYTES_MAX + 1], name[LL_TZ_NAME_MAX + 1];
    memset(name, 'x', sizeof(name));
    ck_assert(!ll_tz_read(LL_SLICE("Test"), large, sizeof(large), &tz, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    const struct file f = file_of("STD0", true);
    ck_assert(!ll_tz_read((struct ll_slice){name, LL_TZ_NAME_MAX}, f.b, f.n, &tz, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert(!ll_tz_read(LL_SLICE("Test"), NULL, 0, &tz, &err));
    ck_assert_int_eq(err.code, LL_E_DAMAGED);
    ck_assert_ptr_null(tz);
}
END_TEST

START_TEST(utc_needs_no_file)
{
    LL_AUTO(ll_tz) utc = ll_tz_utc();
    ck_assert_str_eq(shown(utc, "2026-06-01T00:00:00Z"), "2026-06-01T00:00:00 UTC");
    ck_assert_str_eq(ll_tz_name(utc), "UTC");
    ck_assert_int_eq(ll_tz_next_change(utc, INT64_MIN, INT64_MAX), LL_TIME_NONE);
    enum ll_tz_kind kind = LL_TZ_GAP;
    ck_assert_int_eq(ll_tz_utc_of(utc, 12345, &kind), 12345);
    ck_assert_int_eq(kind, LL_TZ_ONCE);
}
END_TEST

START_TEST(survives_the_end_of_memory)
{
    const size_t n = load("dublin");
    for (unsigned call = 1; call <= 3; call++) {
        struct ll_tz *tz = NULL;
        struct ll_err err = {0};
        ll_test_fail_alloc(call);
        const bool ok = ll_tz_read(LL_SLICE("Europe/Dublin"), bytes, n, &tz, &err);
        ll_test_fail_alloc(0);
        ck_assert(!ok && !tz);
        ck_assert_int_eq(err.code, LL_E_MEMORY);
    }
    for (unsigned call = 1; call <= 2; call++) {
        ll_test_fail_alloc(call);
        struct ll_tz *utc = ll_tz_utc();
        ll_test_fail_alloc(0);
        ck_assert_ptr_null(utc);
    }
    ll_tz_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        reads_what_holds_at_a_time,
        finds_the_way_back,
        walks_over_changes,
        a_footer_wins_over_the_last_listed_type,
        reads_every_form_of_rule,
        a_rule_without_change_has_none,
        refuses_bad_rules,
        every_cut_file_is_refused,
        every_damaged_byte_is_harmless,
        says_what_is_damaged,
        times_ascend,
        has_limits,
        utc_needs_no_file,
        survives_the_end_of_memory,
    };
    return ll_test_run("base_tz", tests, LL_LEN(tests));
}
