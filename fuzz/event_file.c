/* Event files: what is read compiles over a small calendar or says why not, and is in order.  The
 * input is an event file and, behind a line "%%", the iCalendar file that it may name. */
#include "config/event_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NO_TIME LL_CAL_CLOCK_NONE
static const struct ll_cal_weekmask weeks[] = {{LL_DAY_NONE, 0x1f, 1}};
static const struct ll_cal_hours hours[] = {
    {LL_DAY_NONE, 0, {9 * 3600, 17 * 3600, NO_TIME, NO_TIME, 0, 0}, 1}};
static const struct ll_cal_rule holidays[] = {
    {.id = {"good_friday", 11},
     .base = LL_CAL_EASTER,
     .easter = -2,
     .from = LL_DAY_NONE,
     .to = LL_DAY_LAST,
     .times = {NO_TIME, NO_TIME, NO_TIME, NO_TIME, 0, 0}}};

/* Two years, of which the second is projected; lives as long as the process. */
static struct ll_calendar *calendar(void)
{
    static struct ll_calendar *c;
    static struct ll_tz *tz;
    struct ll_err err = {0};
    const struct ll_cal_rules rules = {.code = {"T", 1},
                                       .tz = {"UTC", 3},
                                       .from = ll_day_of(2026, 1, 1),
                                       .announced_to = ll_day_of(2026, 12, 31),
                                       .weekmasks = weeks,
                                       .hours = hours,
                                       .holidays = holidays,
                                       .n_weekmasks = 1,
                                       .n_hours = 1,
                                       .n_holidays = 1};
    tz = tz ? tz : ll_tz_utc();
    const struct ll_calendar_source src = {
        .rules = &rules, .tz = tz, .to = ll_day_of(2027, 12, 31), .known_at = LL_TIME_NONE};
    LL_ASSERT(tz && (c || ll_calendar_compile(&src, &c, &err)));
    return c;
}

static void check_order(const struct ll_events *e, ll_day from, ll_day to)
{
    const struct ll_event *v;
    size_t n = ll_events_all_between(e, from, to, &v);
    for (size_t i = 0; i < n; i++) {
        LL_ASSERT(v[i].date >= from && v[i].date <= to && v[i].name.n && v[i].basis.n);
        LL_ASSERT(i == 0 || v[i].date > v[i - 1].date ||
                  (v[i].date == v[i - 1].date && v[i].time >= v[i - 1].time));
    }
}

static void compile(const struct ll_event_rules *rules)
{
    const struct ll_events_source src = {.rules = rules,
                                         .calendar = calendar(),
                                         .from = ll_day_of(2026, 1, 1),
                                         .to = ll_day_of(2027, 12, 31),
                                         .known_at = LL_TIME_NONE};
    struct ll_events *e = NULL;
    struct ll_err err = {0};
    bool ok = ll_events_compile(&src, &e, &err);
    LL_ASSERT(ok || (err.code == LL_E_MEMORY && !e)); /* a great many daily events */
    if (ok)
        check_order(e, src.from, src.to);
    ll_events_free(e);
}

/* Cuts the text at the line "%%"; what is behind it, or nothing. */
static struct ll_slice cut(struct ll_slice *text)
{
    static const char mark[] = "\n%%\n";
    const size_t n = sizeof(mark) - 1;
    const char *at = text->n ? memmem(text->s, text->n, mark, n) : NULL;
    if (!at)
        return (struct ll_slice){"", 0};
    const size_t before = (size_t)(at - text->s) + 1;
    struct ll_slice rest = {text->s + before + n - 1, text->n - before - n + 1};
    text->n = before;
    return rest;
}

static bool import_dates(struct ll_calendar_reading *r, struct ll_event_file *f,
                         struct ll_slice ics)
{
    const struct ll_event_zones zones = {.local = ll_calendar_tz(calendar())};
    for (size_t i = 0; i < f->n_imports; i++)
        if (!ll_event_file_import(r, f, i, ics, &zones))
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ll_day days[] = {20000, 20454, 20819};
    const struct ll_cal_table table = {{"t", 1}, days, LL_LEN(days)};
    const struct ll_calendar_tables tables = {&table, 1};
    struct ll_arena *arena = ll_arena_new(64 << 20);
    struct ll_err errs[2] = {0};
    struct ll_calendar_reading r = {
        .name = "fuzz.yaml", .tables = &tables, .out = arena, .errs = errs, .max = LL_LEN(errs)};
    struct ll_event_file f;
    struct ll_event_rules rules;
    LL_ASSERT(arena);
    struct ll_slice text = {(const char *)data, size}, ics = cut(&text);
    if (!ll_event_file_read(&r, text, &f))
        LL_ASSERT(r.n_errs > 0 && errs[0].code == LL_E_CONFIG && errs[0].text[0]);
    else if (!import_dates(&r, &f, ics) || !ll_event_file_join(&r, &f, NULL, &rules))
        LL_ASSERT(r.n_errs > 0 && errs[0].code == LL_E_CONFIG && errs[0].line > 0);
    else
        compile(&rules);
    ll_arena_free(arena);
    return 0;
}
