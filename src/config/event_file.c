/* One table of keys for rules and one for lists, and what rows cannot say of an item. */
#include "config/event_file.h"

#include <string.h>

#include "config/calendar_private.h"

enum { NOTE_MAX = 200, RULES_MAX = 512, DATES_MAX = 20000, EXCEPT_MAX = 64, SOURCES_MAX = 64 };

/* A rule or a list as it is read. */
struct raw {
    struct ll_calendar_raw_rule date;
    struct ll_event_rule rule;
    struct ll_slice ics, match;
    struct ll_yaml_place place, ics_place; /* the first: of `event`, else of the item */
};

struct raw_file {
    struct ll_slice name, calendar, extends;
    const char *const *sources;
    struct raw *lists, *rules;
    size_t n_lists, n_rules;
};

#define R(field) offsetof(struct raw, field)
#define F(field) offsetof(struct raw_file, field)
#define TABLE(rows, type, init)                                                                    \
    {                                                                                              \
        (rows), LL_LEN(rows), sizeof(type), init                                                   \
    }
#define NOTE(k, field, text)                                                                       \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .offset = R(field), .min = 1, .max = NOTE_MAX,        \
        .doc = (text)                                                                              \
    }
#define ID(k, more, at, text) LL_CALENDAR_TEXT(k, more, at, ll_calendar_check_id, text)
#define ITEMS(k, field, n_field, most, of, text)                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = R(field), .offset_n = R(n_field), .min = 1,  \
        .max = (most), .sub = (of), .doc = (text)                                                  \
    }

static const struct ll_schema_row day_rows[] = {{.key = "dates",
                                                 .type = LL_SCHEMA_PARSED,
                                                 .flags = LL_SCHEMA_VALUE,
                                                 .parse = ll_calendar_parse_date,
                                                 .doc = "a day"}};
static const struct ll_schema days = TABLE(day_rows, ll_day, NULL);
static const struct ll_schema_row id_rows[] = {ID("closed_except", LL_SCHEMA_VALUE, 0, "an id")};
static const struct ll_schema ids = TABLE(id_rows, struct ll_slice, NULL);

/* By value; "" has a key of its own. */
static const char *const on_names[] = {[LL_EVENT_DATES] = "",
                                       [LL_EVENT_LAST_SESSION] = "",
                                       [LL_EVENT_FIRST_SESSION] = "",
                                       [LL_EVENT_RELATIVE] = "",
                                       [LL_EVENT_WEEK_OF] = "",
                                       [LL_EVENT_LIST] = "",
                                       [LL_EVENT_HALF_DAYS] = "half_days",
                                       [LL_EVENT_PRE_HOLIDAYS] = "pre_holidays",
                                       [LL_EVENT_POST_HOLIDAYS] = "post_holidays",
                                       [LL_EVENT_EVERY_SESSION] = "sessions",
                                       [LL_EVENT_EVERY_DAY] = "days",
                                       NULL};
static const char *const closed_names[] = {[LL_EVENT_KEEP] = "keep",
                                           [LL_EVENT_PREVIOUS] = "previous",
                                           [LL_EVENT_NEXT] = "next",
                                           [LL_EVENT_DROP] = "drop",
                                           NULL};

/* What rules and lists have alike. */
#define COMMON_ROWS                                                                                \
    ID("id", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, R(rule.id), "the event's name"),               \
        ID("class", LL_SCHEMA_REQUIRED, R(rule.class),                                             \
           "expiry, rebalance, release, calendar, clock or a word of one's own"),                  \
        NOTE("note", rule.note, "added to the basis"), NOTE("source", rule.source, "who says so"), \
        LL_CALENDAR_PARSED("time", R(rule.at), ll_calendar_parse_point,                            \
                           "local time, or open or close with an optional shift"),                 \
        LL_CALENDAR_SPAN_ROWS(R(date)),                                                            \
        LL_CALENDAR_PARSED("announced_to", R(rule.announced_to), ll_calendar_parse_to,             \
                           "events after it are projected"),                                       \
        {.key = "closed",                                                                          \
         .type = LL_SCHEMA_ENUM,                                                                   \
         .offset = R(rule.closed),                                                                 \
         .standard = "keep",                                                                       \
         .names = closed_names,                                                                    \
         .doc = "what becomes of a date that is no session"},                                      \
        NOTE("closed_note", rule.closed_note,                                                      \
             "added to the basis of a date that was kept though it is no session"),                \
        ITEMS("closed_except", rule.closed_except, rule.n_closed_except, EXCEPT_MAX, &ids,         \
              "holidays for which closed_note is not added")

static const struct ll_schema_row rule_rows[] = {
    COMMON_ROWS,
    LL_CALENDAR_BASE_ROWS(R(date)),
    LL_CALENDAR_PARSED("last_session", R(date.rule.months), ll_calendar_parse_months,
                       "of these months: \"02 05 08 11\" or all"),
    LL_CALENDAR_PARSED("first_session", R(date.rule.months), ll_calendar_parse_months, "the same"),
    LL_CALENDAR_PARSED("week_of", R(date.rule), ll_calendar_parse_week_of,
                       "\"3 fri 12\": the third Friday after the week that holds the 12th"),
    ID("event", 0, R(rule.of), "the dates of an event above"),
    {.key = "on",
     .type = LL_SCHEMA_ENUM,
     .offset = R(rule.base),
     .names = on_names,
     .doc = "what the calendar's sessions say"},
    LL_CALENDAR_SHIFT_ROWS(R(date)),
};

static const char *check_beside(struct ll_slice text)
{
    bool ok = text.n > 0 && text.n < 256 && text.s[0] != '.' && !memchr(text.s, '/', text.n);
    return ok ? NULL : "is not the name of a file beside this one";
}

static const struct ll_schema_row list_rows[] = {
    COMMON_ROWS,
    ITEMS("dates", rule.dates, rule.n_dates, DATES_MAX, &days, "the dates, sorted"),
    LL_CALENDAR_TEXT("ics", 0, R(ics), check_beside,
                     "an iCalendar file beside this one that has the dates"),
    NOTE("match", match, "only its entries with this in their summary"),
};

static void init_raw(void *item)
{
    *(struct raw *)item =
        (struct raw){.date = {.rule = {.from = LL_DAY_NONE, .to = LL_DAY_LAST, .months = 0xfff}},
                     .rule = {.announced_to = LL_DAY_LAST}};
}

static const struct ll_schema rule_table = TABLE(rule_rows, struct raw, init_raw);
static const struct ll_schema list_table = TABLE(list_rows, struct raw, init_raw);

/* Notes of closed days come only to dates that are kept. */
static void check_closed(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                         const struct ll_event_rule *rule)
{
    const struct ll_yaml_node *note = ll_yaml_get(node, LL_SLICE("closed_note"));
    const struct ll_yaml_node *except = ll_yaml_get(node, LL_SLICE("closed_except"));
    if (note && rule->closed != LL_EVENT_KEEP)
        ll_schema_fail(r, &note->key_place, "closed_note: no date is kept that is no session");
    if (except && !note)
        ll_schema_fail(r, &except->key_place, "closed_except: there is no closed_note");
}

static void finish(struct ll_schema_reader *r, const struct ll_yaml_node *node, struct raw *raw)
{
    ll_calendar_finish_rule(r, node, &raw->date);
    check_closed(r, node, &raw->rule);
    raw->rule.date = raw->date.rule;
    raw->rule.line = raw->date.rule.line;
    raw->rule.file = raw->date.rule.file;
    raw->rule.has_time = ll_yaml_get(node, LL_SLICE("time"));
    raw->place = *ll_calendar_place(node, "event");
    raw->ics_place = *ll_calendar_place(node, "ics");
}

static void finish_rule(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    static const char *const bases[] = {"fixed",
                                        "nth",
                                        "on_or_after",
                                        "on_or_before",
                                        "easter",
                                        "table",
                                        "last_session_on_or_before",
                                        "first_session_on_or_after",
                                        "last_session",
                                        "first_session",
                                        "week_of",
                                        "event",
                                        "on"};
    struct raw *raw = item;
    if (node->kind != LL_YAML_MAP)
        return;
    finish(r, node, raw);
    const struct ll_yaml_node *base = ll_calendar_only_base(r, node, bases, LL_LEN(bases));
    struct ll_slice key = base ? base->key : (struct ll_slice){"", 0};
    if (ll_slice_is(key, "last_session"))
        raw->rule.base = LL_EVENT_LAST_SESSION;
    else if (ll_slice_is(key, "first_session"))
        raw->rule.base = LL_EVENT_FIRST_SESSION;
    else if (ll_slice_is(key, "week_of"))
        raw->rule.base = LL_EVENT_WEEK_OF;
    else if (ll_slice_is(key, "event"))
        raw->rule.base = LL_EVENT_RELATIVE;
}

/* Ascending, and within what was published. */
static void check_dates(struct ll_schema_reader *r, const struct ll_yaml_node *dates,
                        const struct raw *raw)
{
    const struct ll_yaml_node *n = dates->first;
    for (size_t i = 0; n && i < raw->rule.n_dates; i++, n = n->next) {
        ll_day d = raw->rule.dates[i];
        if (i > 0 && d <= raw->rule.dates[i - 1])
            ll_schema_fail(r, &n->place, "dates: '%s' is not after the date before it", n->text.s);
        if (d < raw->date.rule.from || d > raw->date.rule.to)
            ll_schema_fail(r, &n->place, "dates: '%s' is not between from and to", n->text.s);
    }
}

static void finish_list(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct raw *raw = item;
    const size_t before = r->n_errs;
    if (node->kind != LL_YAML_MAP)
        return;
    finish(r, node, raw);
    raw->rule.base = LL_EVENT_LIST;
    const struct ll_yaml_node *dates = ll_yaml_get(node, LL_SLICE("dates"));
    const struct ll_yaml_node *ics = ll_yaml_get(node, LL_SLICE("ics"));
    const struct ll_yaml_node *match = ll_yaml_get(node, LL_SLICE("match"));
    if (!dates && !ics)
        ll_schema_fail(r, &node->place, "a list needs dates, or ics with a file that has them");
    if (dates && ics)
        ll_schema_fail(r, &ics->key_place, "ics: the list has dates already");
    if (match && !ics)
        ll_schema_fail(r, &match->key_place, "match: goes with ics alone");
    if (dates && r->n_errs == before)
        check_dates(r, dates, raw);
}

static const char *check_calendar(struct ll_slice text)
{
    return ll_slice_is(text, "*") ? NULL : ll_calendar_check_code(text);
}

static const struct ll_schema_row file_rows[] = {
    ID("events", LL_SCHEMA_REQUIRED, F(name), "the name of this set; the file is NAME.yaml"),
    LL_CALENDAR_TEXT("calendar", LL_SCHEMA_REQUIRED, F(calendar), check_calendar,
                     "whose sessions and zone; \"*\": every calendar without events of its own"),
    ID("extends", 0, F(extends), "another file, whose rules come first"),
    {.key = "sources",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = F(sources),
     .max = SOURCES_MAX,
     .doc = "where the rules come from, for people"},
    {.key = "lists",
     .type = LL_SCHEMA_LIST,
     .offset = F(lists),
     .offset_n = F(n_lists),
     .max = RULES_MAX,
     .sub = &list_table,
     .finish = finish_list,
     .doc = "events on dates that somebody published"},
    {.key = "rules",
     .type = LL_SCHEMA_LIST,
     .offset = F(rules),
     .offset_n = F(n_rules),
     .max = RULES_MAX,
     .sub = &rule_table,
     .finish = finish_rule,
     .doc = "events by rule"},
};
static const struct ll_schema file_table = TABLE(file_rows, struct raw_file, NULL);

const struct ll_schema *ll_event_file_table(void)
{
    return &file_table;
}

/* The table knows what is unique in one list; names are unique in both. */
static void check_names(struct ll_schema_reader *r, const struct raw_file *raw)
{
    char shown[LL_YAML_QUOTE_MAX];
    for (size_t i = 0; i < raw->n_rules; i++)
        for (size_t k = 0; k < raw->n_lists; k++)
            if (ll_slice_eq(raw->rules[i].rule.id, raw->lists[k].rule.id))
                ll_schema_fail(r, &raw->rules[i].place, "id: there is a list '%s'",
                               ll_yaml_quote(raw->rules[i].rule.id, shown));
}

static void take_import(const struct raw *raw, size_t at, struct ll_event_file *f)
{
    if (raw->ics.n)
        f->imports[f->n_imports++] =
            (struct ll_event_import){raw->ics, raw->match, at, raw->ics_place};
}

/* The lists come first, so that rules may follow them. */
static bool take(struct ll_arena *a, const struct raw_file *raw, const char *file,
                 struct ll_event_file *f)
{
    size_t n = raw->n_lists + raw->n_rules;
    struct ll_yaml_place *places = LL_ARENA_NEW(a, struct ll_yaml_place, n);
    f->own = LL_ARENA_NEW(a, struct ll_event_rule, n);
    f->imports = LL_ARENA_NEW(a, struct ll_event_import, raw->n_lists);
    if (!places || !f->own || !f->imports)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct raw *one = i < raw->n_lists ? &raw->lists[i] : &raw->rules[i - raw->n_lists];
        f->own[i] = one->rule;
        places[i] = one->place;
        take_import(one, i, f);
    }
    f->places = places;
    f->extends = raw->extends;
    f->rules = (struct ll_event_rules){
        .name = raw->name, .calendar = raw->calendar, .rules = f->own, .n = n, .file = file};
    return true;
}

static void read_root(struct ll_schema_reader *r, const struct ll_yaml_node *root, void *ctx)
{
    const struct ll_calendar_reading *reading = r->context;
    struct ll_event_file *f = ctx;
    struct raw_file raw = {0};
    const size_t before = r->n_errs;
    if (!ll_schema_read(r, &file_table, root, &raw))
        return;
    check_names(r, &raw);
    if (r->n_errs == before && !take(r->out, &raw, reading->name, f))
        ll_schema_fail(r, &root->place, "no memory");
    f->whole = root->place;
    f->extends_place = *ll_calendar_place(root, "extends");
}

bool ll_event_file_read(struct ll_calendar_reading *r, struct ll_slice text,
                        struct ll_event_file *out)
{
    struct ll_event_file f = {0};
    if (!ll_calendar_read(r, text, read_root, &f))
        return false;
    *out = f;
    return true;
}
