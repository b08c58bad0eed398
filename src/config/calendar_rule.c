/* One row of `holidays` or `special`: a base in each year, filters and shifts. */
#include <string.h>

#include "config/calendar_private.h"

#define R(field) offsetof(struct ll_calendar_raw_rule, field)
#define BASE(k, how, text) LL_CALENDAR_PARSED(k, R(rule), how, text)

static const char *const collide_names[] = {[LL_CAL_COLLIDE_NO] = "",
                                            [LL_CAL_COLLIDE_NEXT] = "next",
                                            [LL_CAL_COLLIDE_NEXT_SESSION] = "next_session",
                                            NULL};

static const struct ll_schema_row year_rows[] = {
    {.key = "years",
     .type = LL_SCHEMA_PARSED,
     .flags = LL_SCHEMA_VALUE,
     .parse = ll_calendar_parse_year},
};
static const struct ll_schema year = {year_rows, 1, sizeof(int), NULL};

#define YEARS(k, field, field_n, text)                                                             \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = R(field), .offset_n = R(field_n), .min = 1,  \
        .max = 400, .sub = &year, .doc = (text)                                                    \
    }

#define RULE_ROWS                                                                                  \
    LL_CALENDAR_TEXT("id", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, R(rule.id),                      \
                     ll_calendar_check_id, "its name, unique in the list"),                        \
        BASE("fixed", ll_calendar_parse_fixed, "that day"),                                        \
        BASE("nth", ll_calendar_parse_nth, "the nth weekday of a month"),                          \
        BASE("on_or_after", ll_calendar_parse_on_or_after, "the first weekday from a day on"),     \
        BASE("on_or_before", ll_calendar_parse_on_or_before, "the last weekday up to a day"),      \
        BASE("easter", ll_calendar_parse_easter, "days after Easter Sunday"),                      \
        {.key = "orthodox",                                                                        \
         .type = LL_SCHEMA_BOOL,                                                                   \
         .offset = R(rule.orthodox),                                                               \
         .doc = "the Julian Easter"},                                                              \
        LL_CALENDAR_TEXT("table", 0, R(table), ll_calendar_check_id, "the dates of a table"),      \
        BASE("last_session_on_or_before", ll_calendar_parse_last_session,                          \
             "the last session up to a day"),                                                      \
        BASE("first_session_on_or_after", ll_calendar_parse_first_session,                         \
             "the first session from a day on"),                                                   \
        LL_CALENDAR_PARSED("base_dow", R(rule.base_dow), ll_calendar_parse_weekdays,               \
                           "only when the base is one of these weekdays"),                         \
        LL_CALENDAR_PARSED("from", R(rule.from), ll_calendar_parse_from, "first base"),            \
        LL_CALENDAR_PARSED("to", R(rule.to), ll_calendar_parse_to, "last base"),                   \
        YEARS("years", rule.years, rule.n_years, "only in these years"),                           \
        YEARS("except_years", rule.except_years, rule.n_except_years, "not in these years"),       \
        LL_CALENDAR_PARSED("offset", R(rule.offset), ll_calendar_parse_offset, "days later"),      \
        LL_CALENDAR_PARSED("dow", R(rule.dow), ll_calendar_parse_weekdays,                         \
                           "only when the date is now one of these weekdays"),                     \
        LL_CALENDAR_PARSED("observe", R(rule.observe), ll_calendar_parse_observe,                  \
                           "moved by so many days on these weekdays"),                             \
    {                                                                                              \
        .key = "collide", .type = LL_SCHEMA_ENUM, .offset = R(rule.collide),                       \
        .names = collide_names, .doc = "a day later while the date is a holiday"                   \
    }

static const struct ll_schema_row holiday_rows[] = {RULE_ROWS};
static const struct ll_schema_row special_rows[] = {RULE_ROWS, LL_CALENDAR_TIME_ROWS(R(times))};

static void init_rule(void *item)
{
    *(struct ll_calendar_raw_rule *)item = (struct ll_calendar_raw_rule){
        .rule = {.from = LL_DAY_NONE, .to = LL_DAY_LAST}, .times = LL_CALENDAR_NO_TIMES};
}

const struct ll_schema ll_calendar_holiday_schema = {holiday_rows, LL_LEN(holiday_rows),
                                                     sizeof(struct ll_calendar_raw_rule),
                                                     init_rule},
                       ll_calendar_special_schema = {special_rows, LL_LEN(special_rows),
                                                     sizeof(struct ll_calendar_raw_rule),
                                                     init_rule};

static bool is_base(struct ll_slice key)
{
    static const char *const bases[] = {"fixed",
                                        "nth",
                                        "on_or_after",
                                        "on_or_before",
                                        "easter",
                                        "table",
                                        "last_session_on_or_before",
                                        "first_session_on_or_after"};
    for (size_t i = 0; i < LL_LEN(bases); i++)
        if (ll_slice_is(key, bases[i]))
            return true;
    return false;
}

static void check_base(struct ll_schema_reader *r, const struct ll_yaml_node *node)
{
    const struct ll_yaml_node *first = NULL;
    for (const struct ll_yaml_node *n = node->first; n; n = n->next) {
        if (!is_base(n->key))
            continue;
        if (first)
            ll_schema_fail(r, &n->key_place, "%s: a second base beside '%s': a rule has one",
                           n->key.s, first->key.s);
        else
            first = n;
    }
    if (!first)
        ll_schema_fail(r, &node->place,
                       "a rule needs a base: fixed, nth, on_or_after, on_or_before, easter, table, "
                       "last_session_on_or_before or first_session_on_or_after");
}

const struct ll_cal_table *ll_calendar_table(const struct ll_calendar_tables *t,
                                             struct ll_slice name)
{
    for (size_t i = 0; t && i < t->n; i++)
        if (ll_slice_eq(t->v[i].name, name))
            return &t->v[i];
    return NULL;
}

/* Names of tables are slices; the nearest is looked for among copies that end with a NUL. */
static const char *nearest_table(struct ll_schema_reader *r, const struct ll_calendar_tables *t,
                                 struct ll_slice name)
{
    size_t n = t ? t->n : 0;
    const char **names = LL_ARENA_NEW(r->out, const char *, n);
    for (size_t i = 0; names && i < n; i++) {
        names[i] = ll_arena_copy(r->out, t->v[i].name.s, t->v[i].name.n);
        if (!names[i])
            return NULL;
    }
    return names ? ll_str_nearest(name, names, n) : NULL;
}

static void find_table(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                       struct ll_calendar_raw_rule *raw)
{
    const struct ll_calendar_reading *reading = r->context;
    char shown[LL_YAML_QUOTE_MAX];
    raw->rule.base = LL_CAL_TABLE;
    raw->rule.table = ll_calendar_table(reading->tables, raw->table);
    if (raw->rule.table)
        return;
    const char *near = r->n_errs < r->max ? nearest_table(r, reading->tables, raw->table) : NULL;
    ll_schema_fail(r, ll_calendar_place(node, "table"), "table: there is no table '%s'%s%s%s",
                   ll_yaml_quote(raw->table, shown), near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

static void finish(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                   struct ll_calendar_raw_rule *raw)
{
    const struct ll_calendar_reading *reading = r->context;
    raw->rule.line = node->place.line;
    raw->rule.file = reading->name;
    check_base(r, node);
    if (raw->table.n)
        find_table(r, node, raw);
    if (raw->rule.orthodox && !ll_yaml_get(node, LL_SLICE("easter")))
        ll_schema_fail(r, ll_calendar_place(node, "orthodox"), "orthodox: goes with easter alone");
    ll_calendar_check_span(r, node, raw->rule.from, raw->rule.to);
}

void ll_calendar_finish_holiday(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                                void *item)
{
    struct ll_calendar_raw_rule *raw = item;
    if (node->kind != LL_YAML_MAP)
        return;
    finish(r, node, raw);
    raw->rule.times = raw->times.times;
}

void ll_calendar_finish_special(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                                void *item)
{
    struct ll_calendar_raw_rule *raw = item;
    if (node->kind != LL_YAML_MAP)
        return;
    finish(r, node, raw);
    ll_calendar_take_times(r, node, &raw->times);
    raw->rule.times = raw->times.times;
    if (!ll_calendar_gives_hours(node))
        ll_schema_fail(r, &node->place,
                       "changes nothing: give open, close, break, shift or shift_open");
}
