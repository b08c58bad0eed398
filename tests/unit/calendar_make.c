#include "calendar_make.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* A TZif file (RFC 9636) without listed changes: the footer rules always.  Its one type is never
 * asked for. */
struct ll_tz *make_zone(const char *posix)
{
    unsigned char file[256] = {0};
    struct ll_tz *tz = NULL;
    struct ll_err err;
    size_t at = 0;
    for (int block = 0; block < 2; block++) {
        memcpy(file + at, "TZif2", 5);
        file[at + 39] = 1; /* types */
        file[at + 43] = 4; /* letters */
        memcpy(file + at + 44 + 6, "LMT", 4);
        at += 44 + 6 + 4;
    }
    at += (size_t)snprintf((char *)file + at, sizeof(file) - at, "\n%s\n", posix);
    if (!ll_tz_read(LL_SLICE("Test/Zone"), file, at, &tz, &err))
        ck_abort_msg("zone %s: %s", posix, err.text);
    return tz;
}

ll_day make_day(const char *date)
{
    ll_day d = 0;
    struct ll_err err;
    if (!ll_day_parse(ll_slice_of(date), &d, &err))
        ck_abort_msg("%s", err.text);
    return d;
}

ll_time make_time(const char *t)
{
    char text[40];
    ll_time out = 0;
    struct ll_err err;
    size_t n = strlen(t);
    if (n == strlen("2026-11-27T14:30Z"))
        snprintf(text, sizeof(text), "%.16s:00Z", t);
    else
        snprintf(text, sizeof(text), "%s", t);
    if (!ll_time_parse(ll_slice_of(text), &out, &err))
        ck_abort_msg("%s", err.text);
    return out;
}

struct ll_cal_times make_times(int open, int close, int break_start, int break_end)
{
    return (struct ll_cal_times){.open = open ? open : LL_CAL_CLOCK_NONE,
                                 .close = close ? close : LL_CAL_CLOCK_NONE,
                                 .break_start = break_start ? break_start : LL_CAL_CLOCK_NONE,
                                 .break_end = break_end ? break_end : LL_CAL_CLOCK_NONE};
}

void make_rules(struct ll_cal_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ll_cal_rule *r = &rules[i];
        struct ll_cal_times t = r->times;
        r->from = r->from ? r->from : LL_DAY_NONE;
        r->to = r->to ? r->to : LL_DAY_LAST;
        r->times = make_times(t.open, t.close, t.break_start, t.break_end);
        r->times.shift = t.shift;
        r->times.shift_open = t.shift_open;
        r->line = 10 + (int)i;
        r->file = "test.yaml";
    }
}

struct make make_calendar(void)
{
    return (struct make){
        .rules = {.code = LL_SLICE("TEST"),
                  .from = make_day("2000-01-01"),
                  .announced_to = LL_DAY_LAST,
                  .file = "test.yaml"},
        .mask = {.from = LL_DAY_NONE, .mask = WEEKDAYS, .line = 3},
        .hours = {.from = LL_DAY_NONE, .times = make_times(HM(9, 30), HM(16, 0), 0, 0), .line = 4},
        .to = "2030-12-31",
        .known_at = LL_TIME_NONE,
    };
}

struct ll_calendar *make_compiled(const struct make *m, struct ll_tz **tz, struct ll_err *err)
{
    struct ll_cal_rules rules = m->rules;
    if (!rules.weekmasks) {
        rules.weekmasks = &m->mask;
        rules.n_weekmasks = 1;
    }
    if (!rules.hours) {
        rules.hours = &m->hours;
        rules.n_hours = 1;
    }
    struct ll_calendar *c = NULL;
    *tz = m->zone ? make_zone(m->zone) : ll_tz_utc();
    const struct ll_calendar_source src = {.rules = &rules,
                                           .tz = *tz,
                                           .changes = m->changes,
                                           .n_changes = m->n_changes,
                                           .to = make_day(m->to),
                                           .known_at = m->known_at};
    if (!ll_calendar_compile(&src, &c, err))
        ck_assert_ptr_null(c); /* untouched on failure */
    return c;
}

struct made make_it(const struct make *m)
{
    struct ll_err err;
    struct made made;
    made.c = make_compiled(m, &made.tz, &err);
    if (!made.c)
        ck_abort_msg("%s", err.text);
    return made;
}

void make_end(struct made *m)
{
    ll_calendar_free(m->c);
    ll_tz_free(m->tz);
}

static int clock_text(char *out, size_t n, ll_time a, ll_time b)
{
    struct ll_civil x = ll_time_civil(a), y = ll_time_civil(b);
    return snprintf(out, n, "%02d:%02d-%02d:%02d", x.hour, x.minute, y.hour, y.minute);
}

const char *make_hours(const struct ll_calendar *c, const char *date)
{
    static char text[64];
    const struct ll_session *s = ll_calendar_session(c, make_day(date));
    if (!s)
        return "closed";
    int n = clock_text(text, sizeof(text), s->open, s->close);
    if (s->break_start != LL_TIME_NONE) {
        text[n++] = ' ';
        clock_text(text + n, sizeof(text) - (size_t)n, s->break_start, s->break_end);
    }
    return text;
}

unsigned make_flags(const struct ll_calendar *c, const char *date)
{
    const struct ll_session *s = ll_calendar_session(c, make_day(date));
    ck_assert_ptr_nonnull(s);
    return s->flags;
}

const char *make_why(const struct ll_calendar *c, const char *date)
{
    static char text[64];
    struct ll_slice s = ll_calendar_reason(c, make_day(date));
    snprintf(text, sizeof(text), "%.*s", (int)s.n, s.s);
    return text;
}

struct ll_cal_change make_change(enum ll_cal_change_kind kind, const char *date)
{
    return (struct ll_cal_change){.kind = kind,
                                  .date = make_day(date),
                                  .times = make_times(0, 0, 0, 0),
                                  .known = LL_TIME_NONE,
                                  .line = 90,
                                  .file = "test.yaml"};
}

const char *make_refused(const struct make *m, enum ll_err_code code, int line)
{
    static struct ll_err err;
    struct ll_tz *tz;
    struct ll_calendar *c = make_compiled(m, &tz, &err);
    ll_tz_free(tz);
    if (c) {
        ll_calendar_free(c);
        ck_abort_msg("it compiled");
    }
    ck_assert_int_eq(err.code, code);
    ck_assert_int_eq(err.line, line);
    return err.text;
}
