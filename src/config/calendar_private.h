/* Between the files that read calendars; nobody else includes it. */
#ifndef LL_CONFIG_CALENDAR_PRIVATE_H
#define LL_CONFIG_CALENDAR_PRIVATE_H

#include "config/calendar_file.h"
#include "config/calendar_words.h"
#include "config/schema.h"

/* The times of a row as they are read: a break is a list of two. */
struct ll_calendar_raw_times {
    struct ll_cal_times times;
    const ll_cal_clock *pause;
    size_t n_pause;
};

static inline struct ll_calendar_raw_times ll_calendar_no_times(void)
{
    return (struct ll_calendar_raw_times){.times = {.open = LL_CAL_CLOCK_NONE,
                                                    .close = LL_CAL_CLOCK_NONE,
                                                    .break_start = LL_CAL_CLOCK_NONE,
                                                    .break_end = LL_CAL_CLOCK_NONE}};
}

extern const struct ll_schema ll_calendar_clock_schema;

#define LL_CALENDAR_PARSED(k, at, how, text)                                                       \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PARSED, .offset = (at), .parse = (how), .doc = (text)        \
    }
#define LL_CALENDAR_TEXT(k, flags_, at, test, text)                                                \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = (flags_), .offset = (at), .min = 1,          \
        .check = (test), .doc = (text)                                                             \
    }
#define LL_CALENDAR_BREAK(at)                                                                      \
    {                                                                                              \
        .key = "break", .type = LL_SCHEMA_LIST,                                                    \
        .offset = (at) + offsetof(struct ll_calendar_raw_times, pause),                            \
        .offset_n = (at) + offsetof(struct ll_calendar_raw_times, n_pause), .min = 2, .max = 2,    \
        .sub = &ll_calendar_clock_schema, .doc = "start and end of the break"                      \
    }
#define LL_CALENDAR_TIME(k, at, field, how, text)                                                  \
    LL_CALENDAR_PARSED(k, (at) + offsetof(struct ll_calendar_raw_times, times.field), how, text)
#define LL_CALENDAR_TIME_ROWS(at)                                                                  \
    LL_CALENDAR_TIME("open", at, open, ll_calendar_parse_clock, "local time it opens"),            \
        LL_CALENDAR_TIME("close", at, close, ll_calendar_parse_clock, "local time it closes"),     \
        LL_CALENDAR_BREAK(at),                                                                     \
        LL_CALENDAR_TIME("shift", at, shift, ll_calendar_parse_shift, "moves all times of a day"), \
        LL_CALENDAR_TIME("shift_open", at, shift_open, ll_calendar_parse_shift, "moves the open")

/* Takes the break over and checks the order of what is given; errors go to r. */
void ll_calendar_take_times(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            struct ll_calendar_raw_times *t);
/* A row gives times or a shift. */
bool ll_calendar_gives_hours(const struct ll_yaml_node *row);

/* from <= to, where both are given. */
void ll_calendar_check_span(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            ll_day from, ll_day to);

/* The place of a member of a map, else the map's own. */
const struct ll_yaml_place *ll_calendar_place(const struct ll_yaml_node *map, const char *key);

/* Runs `read` over the document: parses the text, hands the root and a schema's reader that shares
 * r's errors to `read`, sorts the errors.  False when there was any. */
typedef void ll_calendar_reader(struct ll_schema_reader *s, const struct ll_yaml_node *root,
                                void *ctx);
LL_MUST_USE bool ll_calendar_read(struct ll_calendar_reading *r, struct ll_slice text,
                                  ll_calendar_reader *read, void *ctx);

/* Rules of holidays and of special hours, as they are read. */
struct ll_calendar_raw_rule {
    struct ll_cal_rule rule;
    struct ll_calendar_raw_times times;
    struct ll_slice table;
};
extern const struct ll_schema ll_calendar_holiday_schema, ll_calendar_special_schema;
extern const struct ll_schema ll_calendar_year_schema;
ll_schema_finish ll_calendar_finish_holiday, ll_calendar_finish_special;

/* The rows of a base, and of filters and shifts, for a struct ll_calendar_raw_rule at `at`. */
#define LL_CALENDAR_RULE(at, field) ((at) + offsetof(struct ll_calendar_raw_rule, field))
#define LL_CALENDAR_BASE_ROWS(at)                                                                  \
    LL_CALENDAR_PARSED("fixed", LL_CALENDAR_RULE(at, rule), ll_calendar_parse_fixed, "that day"),  \
        LL_CALENDAR_PARSED("nth", LL_CALENDAR_RULE(at, rule), ll_calendar_parse_nth,               \
                           "the nth weekday of a month"),                                          \
        LL_CALENDAR_PARSED("on_or_after", LL_CALENDAR_RULE(at, rule),                              \
                           ll_calendar_parse_on_or_after, "the first weekday from a day on"),      \
        LL_CALENDAR_PARSED("on_or_before", LL_CALENDAR_RULE(at, rule),                             \
                           ll_calendar_parse_on_or_before, "the last weekday up to a day"),        \
        LL_CALENDAR_PARSED("easter", LL_CALENDAR_RULE(at, rule), ll_calendar_parse_easter,         \
                           "days after Easter Sunday"),                                            \
        {.key = "orthodox",                                                                        \
         .type = LL_SCHEMA_BOOL,                                                                   \
         .offset = LL_CALENDAR_RULE(at, rule.orthodox),                                            \
         .doc = "the Julian Easter"},                                                              \
        LL_CALENDAR_TEXT("table", 0, LL_CALENDAR_RULE(at, table), ll_calendar_check_id,            \
                         "the dates of a table"),                                                  \
        LL_CALENDAR_PARSED("last_session_on_or_before", LL_CALENDAR_RULE(at, rule),                \
                           ll_calendar_parse_last_session, "the last session up to a day"),        \
        LL_CALENDAR_PARSED("first_session_on_or_after", LL_CALENDAR_RULE(at, rule),                \
                           ll_calendar_parse_first_session, "the first session from a day on")
#define LL_CALENDAR_YEARS(k, at, field, field_n, text)                                             \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = LL_CALENDAR_RULE(at, field),                 \
        .offset_n = LL_CALENDAR_RULE(at, field_n), .min = 1, .max = 400,                           \
        .sub = &ll_calendar_year_schema, .doc = (text)                                             \
    }
#define LL_CALENDAR_SPAN_ROWS(at)                                                                  \
    LL_CALENDAR_PARSED("from", LL_CALENDAR_RULE(at, rule.from), ll_calendar_parse_from,            \
                       "first base"),                                                              \
        LL_CALENDAR_PARSED("to", LL_CALENDAR_RULE(at, rule.to), ll_calendar_parse_to, "last base")
#define LL_CALENDAR_SHIFT_ROWS(at)                                                                 \
    LL_CALENDAR_PARSED("base_dow", LL_CALENDAR_RULE(at, rule.base_dow),                            \
                       ll_calendar_parse_weekdays, "only when the base is one of these weekdays"), \
        LL_CALENDAR_YEARS("years", at, rule.years, rule.n_years, "only in these years"),           \
        LL_CALENDAR_YEARS("except_years", at, rule.except_years, rule.n_except_years,              \
                          "not in these years"),                                                   \
        LL_CALENDAR_PARSED("offset", LL_CALENDAR_RULE(at, rule.offset), ll_calendar_parse_offset,  \
                           "days later"),                                                          \
        LL_CALENDAR_PARSED("dow", LL_CALENDAR_RULE(at, rule.dow), ll_calendar_parse_weekdays,      \
                           "only when the date is now one of these weekdays"),                     \
        LL_CALENDAR_PARSED("observe", LL_CALENDAR_RULE(at, rule.observe),                          \
                           ll_calendar_parse_observe, "moved by so many days on these weekdays")

/* The member that is the rule's base; an error, and NULL, when none of these `bases` is there or
 * more than one. */
const struct ll_yaml_node *ll_calendar_only_base(struct ll_schema_reader *r,
                                                 const struct ll_yaml_node *node,
                                                 const char *const *bases, size_t n);

/* Its place, its table, its span; r's context is the ll_calendar_reading. */
void ll_calendar_finish_rule(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                             struct ll_calendar_raw_rule *raw);

#endif
