/* One row of `holidays` or `special`: a base in each year, filters and shifts. */
#include <string.h>

#include "config/calendar_private.h"

#define R(field) offsetof(struct ll_calendar_raw_rule, field)

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
const struct ll_schema ll_calendar_year_schema = {year_rows, 1, sizeof(int), NULL};

#define RULE_ROWS                                                                                  \
    LL_CALENDAR_TEXT("id", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, R(rule.id),                      \
                     ll_calendar_check_id, "its name, unique in the list"),                        \
        LL_CALENDAR_BASE_ROWS(0), LL_CALENDAR_SPAN_ROWS(0), LL_CALENDAR_SHIFT_ROWS(0),             \
    {                                                                                              \
        .key = "collide", .type = LL_SCHEMA_ENUM, .offset = R(rule.collide),                       \
        .names = collide_names, .doc = "a day later while the date is a holiday"                   \
    }

static const struct ll_schema_row holiday_rows[] = {RULE_ROWS};
static const struct ll_schema_row special_rows[] = {RULE_ROWS, LL_CALENDAR_TIME_ROWS(R(times))};

static void init_rule(void *item)
{
    *(struct ll_calendar_raw_rule *)item = (struct ll_calendar_raw_rule){
        .rule = {.from = LL_DAY_NONE, .to = LL_DAY_LAST}, .times = ll_calendar_no_times()};
}

const struct ll_schema ll_calendar_holiday_schema = {holiday_rows, LL_LEN(holiday_rows),
                                                     sizeof(struct ll_calendar_raw_rule),
                                                     init_rule},
                       ll_calendar_special_schema = {special_rows, LL_LEN(special_rows),
                                                     sizeof(struct ll_calendar_raw_rule),
                                                     init_rule};

static bool is_base(struct ll_slice key, const char *const *bases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_is(key, bases[i]))
            return true;
    return false;
}

static const struct ll_yaml_node *no_base(struct ll_schema_reader *r,
                                          const struct ll_yaml_node *node, const char *const *bases,
                                          size_t n)
{
    struct ll_str names;
    ll_str_init(&names, LL_ERR_TEXT_MAX);
    for (size_t i = 0; i < n; i++)
        ll_str_addf(&names, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", bases[i]);
    ll_schema_fail(r, &node->place, "a rule needs a base: %s", ll_str_z(&names));
    ll_str_fini(&names);
    return NULL;
}

const struct ll_yaml_node *ll_calendar_only_base(struct ll_schema_reader *r,
                                                 const struct ll_yaml_node *node,
                                                 const char *const *bases, size_t n)
{
    const struct ll_yaml_node *first = NULL;
    bool one = true;
    for (const struct ll_yaml_node *m = node->first; m; m = m->next) {
        if (!is_base(m->key, bases, n))
            continue;
        if (first)
            one = ll_schema_fail(r, &m->key_place, "%s: a second base beside '%s': a rule has one",
                                 m->key.s, first->key.s);
        else
            first = m;
    }
    if (!first)
        return no_base(r, node, bases, n);
    return one ? first : NULL;
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

void ll_calendar_finish_rule(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                             struct ll_calendar_raw_rule *raw)
{
    const struct ll_calendar_reading *reading = r->context;
    raw->rule.line = node->place.line;
    raw->rule.file = reading->name;
    if (raw->table.n)
        find_table(r, node, raw);
    if (raw->rule.orthodox && !ll_yaml_get(node, LL_SLICE("easter")))
        ll_schema_fail(r, ll_calendar_place(node, "orthodox"), "orthodox: goes with easter alone");
    ll_calendar_check_span(r, node, raw->rule.from, raw->rule.to);
}

static void finish(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                   struct ll_calendar_raw_rule *raw)
{
    static const char *const bases[] = {"fixed",
                                        "nth",
                                        "on_or_after",
                                        "on_or_before",
                                        "easter",
                                        "table",
                                        "last_session_on_or_before",
                                        "first_session_on_or_after"};
    (void)ll_calendar_only_base(r, node, bases, LL_LEN(bases));
    ll_calendar_finish_rule(r, node, raw);
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
