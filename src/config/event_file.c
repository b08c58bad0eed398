/* One table of keys for rules and one for lists; what rows cannot say is in event_check.c. */
#include "config/event_file.h"

#include <string.h>

#include "config/calendar_words.h"
#include "config/event_private.h"

enum { NOTE_MAX = 200, RULES_MAX = 512, DATES_MAX = 20000, SOURCES_MAX = 64 };

#define R(field) offsetof(struct ll_event_raw, field)
#define TABLE(rows, type, init)                                                                    \
    {                                                                                              \
        (rows), LL_LEN(rows), sizeof(type), init                                                   \
    }
#define PARSED(k, field, fn, text)                                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PARSED, .offset = R(field), .parse = (fn), .doc = (text)     \
    }
#define TEXT(k, field, most, text)                                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .offset = R(field), .min = 1, .max = (most),          \
        .doc = (text)                                                                              \
    }
#define ID(k, more, at, text)                                                                      \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = (more), .offset = (at), .min = 1,            \
        .max = LL_CALENDAR_ID_MAX, .check = ll_calendar_check_id, .doc = (text)                    \
    }
#define ITEMS(k, field, n_field, most, of, text)                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = R(field), .offset_n = R(n_field),            \
        .max = (most), .sub = (of), .doc = (text)                                                  \
    }

static const struct ll_schema_row day_rows[] = {{.key = "date",
                                                 .type = LL_SCHEMA_PARSED,
                                                 .flags = LL_SCHEMA_VALUE,
                                                 .parse = ll_calendar_parse_date,
                                                 .doc = "a day"}};
static const struct ll_schema days = TABLE(day_rows, ll_day, NULL);
static const struct ll_schema_row year_rows[] = {{.key = "year",
                                                  .type = LL_SCHEMA_PARSED,
                                                  .flags = LL_SCHEMA_VALUE,
                                                  .parse = ll_calendar_parse_year,
                                                  .doc = "a year"}};
static const struct ll_schema years = TABLE(year_rows, int, NULL);
static const struct ll_schema_row id_rows[] = {ID("id", LL_SCHEMA_VALUE, 0, "an id")};
static const struct ll_schema ids = TABLE(id_rows, struct ll_slice, NULL);

/* By value; "" is written by a key of its own. */
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
        TEXT("note", rule.note, NOTE_MAX, "added to the basis"),                                   \
        TEXT("source", rule.source, NOTE_MAX, "who says so"),                                      \
        PARSED("time", rule.at, ll_calendar_parse_point,                                           \
               "local time, or open or close with an optional shift"),                             \
        PARSED("from", rule.date.from, ll_calendar_parse_from, "only from this day or year on"),   \
        PARSED("to", rule.date.to, ll_calendar_parse_to, "only up to this day or year"),           \
        PARSED("announced_to", rule.announced_to, ll_calendar_parse_to,                            \
               "events after it are projected"),                                                   \
        {.key = "closed",                                                                          \
         .type = LL_SCHEMA_ENUM,                                                                   \
         .offset = R(rule.closed),                                                                 \
         .standard = "keep",                                                                       \
         .names = closed_names,                                                                    \
         .doc = "what becomes of a date that is no session"},                                      \
        TEXT("closed_note", rule.closed_note, NOTE_MAX,                                            \
             "added to the basis of a date that was kept though it is no session"),                \
        ITEMS("closed_except", rule.closed_except, rule.n_closed_except, 64, &ids,                 \
              "holidays of the calendar for which closed_note is not added")

static const struct ll_schema_row rule_rows[] = {
    COMMON_ROWS,
    PARSED("fixed", rule.date, ll_calendar_parse_fixed, "MM-DD of every year"),
    PARSED("nth", rule.date, ll_calendar_parse_nth, "\"3 fri 03 06 09 12\" or \"3 fri all\""),
    PARSED("on_or_after", rule.date, ll_calendar_parse_on_or_after, "\"fri 06-19\""),
    PARSED("on_or_before", rule.date, ll_calendar_parse_on_or_before, "\"mon 05-24\""),
    PARSED("easter", rule.date, ll_calendar_parse_easter, "days after Easter Sunday"),
    {.key = "orthodox",
     .type = LL_SCHEMA_BOOL,
     .offset = R(rule.date.orthodox),
     .doc = "Easter is the Julian one"},
    ID("table", 0, R(table), "the dates of a table"),
    PARSED("last_session_on_or_before", rule.date, ll_calendar_parse_last_session, "MM-DD"),
    PARSED("first_session_on_or_after", rule.date, ll_calendar_parse_first_session, "MM-DD"),
    PARSED("last_session", rule.date.months, ll_calendar_parse_months,
           "of these months: \"02 05 08 11\" or all"),
    PARSED("first_session", rule.date.months, ll_calendar_parse_months, "the same"),
    PARSED("week_of", rule.date, ll_calendar_parse_week_of,
           "\"3 fri 12\": the third Friday after the week that holds the 12th of a month"),
    ID("event", 0, R(rule.of), "the dates of an event above"),
    {.key = "on",
     .type = LL_SCHEMA_ENUM,
     .offset = R(rule.base),
     .names = on_names,
     .doc = "what the calendar's sessions say"},
    PARSED("base_dow", rule.date.base_dow, ll_calendar_parse_weekdays, "only these weekdays"),
    ITEMS("years", rule.date.years, rule.date.n_years, 400, &years, "only in these years"),
    ITEMS("except_years", rule.date.except_years, rule.date.n_except_years, 400, &years,
          "not in these years"),
    PARSED("offset", rule.date.offset, ll_calendar_parse_offset, "so many days later"),
    PARSED("dow", rule.date.dow, ll_calendar_parse_weekdays, "only when it is now one of these"),
    PARSED("observe", rule.date.observe, ll_calendar_parse_observe, "moved on these weekdays"),
};

static const struct ll_schema_row list_rows[] = {
    COMMON_ROWS,
    ITEMS("dates", rule.dates, rule.n_dates, DATES_MAX, &days, "the dates, sorted"),
    TEXT("ics", ics, 255, "an iCalendar file beside this one that has the dates"),
    TEXT("match", match, NOTE_MAX, "only its entries with this in their summary"),
};

static void init_raw(void *item)
{
    struct ll_event_raw *raw = item;
    *raw = (struct ll_event_raw){0};
    raw->rule.date.from = LL_DAY_NONE;
    raw->rule.date.to = raw->rule.announced_to = LL_DAY_LAST;
    raw->rule.date.months = 0xfff;
}

static const struct ll_schema rule_table = TABLE(rule_rows, struct ll_event_raw, init_raw);
static const struct ll_schema list_table = TABLE(list_rows, struct ll_event_raw, init_raw);

static const char *check_calendar(struct ll_slice text)
{
    return ll_slice_is(text, "*") ? NULL : ll_calendar_check_code(text);
}

#define F(field) offsetof(struct ll_event_raw_file, field)
static const struct ll_schema_row file_rows[] = {
    ID("events", LL_SCHEMA_REQUIRED, F(name), "the name of this set; the file is NAME.yaml"),
    {.key = "calendar",
     .type = LL_SCHEMA_SLICE,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = F(calendar),
     .check = check_calendar,
     .doc = "whose sessions and time zone; \"*\" is every calendar without events of its own"},
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
     .finish = ll_event_finish_list,
     .doc = "events on dates that somebody published"},
    {.key = "rules",
     .type = LL_SCHEMA_LIST,
     .offset = F(rules),
     .offset_n = F(n_rules),
     .max = RULES_MAX,
     .sub = &rule_table,
     .finish = ll_event_finish_rule,
     .doc = "events by rule"},
};
static const struct ll_schema file_table = TABLE(file_rows, struct ll_event_raw_file, NULL);

const struct ll_schema *ll_event_file_table(void)
{
    return &file_table;
}

static const struct ll_event_rule *with_id(const struct ll_event_rules *set, struct ll_slice id)
{
    for (size_t i = 0; i < set->n; i++)
        if (ll_slice_eq(set->rules[i].id, id))
            return &set->rules[i];
    return NULL;
}

bool ll_event_rules_join(const struct ll_event_rules *under, const struct ll_event_rules *over,
                         struct ll_arena *out, struct ll_event_rules *joined)
{
    struct ll_event_rule *v = LL_ARENA_NEW(out, struct ll_event_rule, under->n + over->n);
    if (!v)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < under->n; i++) {
        const struct ll_event_rule *mine = with_id(over, under->rules[i].id);
        v[n++] = mine ? *mine : under->rules[i];
    }
    for (size_t i = 0; i < over->n; i++)
        if (!with_id(under, over->rules[i].id))
            v[n++] = over->rules[i];
    *joined = *over;
    joined->rules = v;
    joined->n = n;
    return true;
}

/* The lists come first, so that rules may follow them. */
static bool take_rules(struct ll_event_reading *k, const struct ll_event_raw_file *raw,
                       struct ll_event_rules *rules)
{
    const struct ll_yaml_place whole = {.name = k->file->name};
    struct ll_event_rule *v =
        LL_ARENA_NEW(k->r->out, struct ll_event_rule, raw->n_lists + raw->n_rules);
    if (!v)
        return ll_schema_fail(k->r, &whole, "no memory");
    for (size_t i = 0; i < raw->n_lists; i++)
        v[i] = raw->lists[i].rule;
    for (size_t i = 0; i < raw->n_rules; i++)
        v[raw->n_lists + i] = raw->rules[i].rule;
    *rules = (struct ll_event_rules){.name = raw->name,
                                     .calendar = raw->calendar,
                                     .rules = v,
                                     .n = raw->n_lists + raw->n_rules,
                                     .file = k->file->name};
    return true;
}

static bool keep_error(struct ll_schema_reader *r, const struct ll_err *err)
{
    if (r->n_errs < r->max)
        r->errs[r->n_errs] = *err;
    r->n_errs++;
    return false;
}

/* One text through the table and the checks; `under` holds what it extends, if anything. */
static bool read_text(struct ll_event_reading *k, struct ll_event_raw_file **out)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_event_raw_file *raw = LL_ARENA_NEW(k->r->out, struct ll_event_raw_file, 1);
    const struct ll_yaml_place whole = {.name = k->file->name};
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    if (!scratch || !raw)
        return ll_schema_fail(k->r, &whole, "no memory");
    if (!ll_yaml_parse(k->file->text, k->file->name, scratch, &root, &err))
        return keep_error(k->r, &err);
    k->r->context = k;
    *out = raw;
    return ll_schema_read(k->r, &file_table, root, raw);
}

static bool read_under(struct ll_event_reading *k, const struct ll_event_raw_file *raw,
                       struct ll_event_rules *under);

static bool read_file(struct ll_event_reading *k, struct ll_event_rules *rules)
{
    struct ll_event_raw_file *raw;
    struct ll_event_rules under = {0}, own;
    if (!read_text(k, &raw) || !read_under(k, raw, &under))
        return false;
    ll_event_check(k, raw, &under);
    if (k->r->n_errs > 0 || !take_rules(k, raw, &own))
        return false;
    const struct ll_yaml_place whole = {.name = k->file->name};
    return ll_event_rules_join(&under, &own, k->r->out, rules) ||
           ll_schema_fail(k->r, &whole, "no memory");
}

/* "NAME.yaml", opened by the caller's function. */
static bool open_under(struct ll_event_reading *k, struct ll_slice name,
                       const struct ll_yaml_place *place, struct ll_event_file *f)
{
    struct ll_err err = {0};
    size_t size = name.n + sizeof(".yaml");
    char *path = ll_arena_alloc(k->r->out, size, 1);
    if (!path)
        return ll_schema_fail(k->r, place, "no memory");
    memcpy(path, name.s, name.n);
    memcpy(path + name.n, ".yaml", sizeof(".yaml"));
    *f = *k->file;
    f->name = path;
    if (!f->open)
        return ll_schema_fail(k->r, place, "extends: files are not read here");
    return f->open(f->ctx, (struct ll_slice){path, size - 1}, &f->text, &err) ||
           ll_schema_fail(k->r, place, "extends: %s", err.text);
}

static bool read_under(struct ll_event_reading *k, const struct ll_event_raw_file *raw,
                       struct ll_event_rules *under)
{
    struct ll_event_file f;
    struct ll_event_reading inner = {.file = &f, .r = k->r, .is_under = true};
    const struct ll_yaml_place *place = ll_schema_place(k->r->places, &raw->extends);
    if (raw->extends.n == 0)
        return true;
    if (k->is_under) /* one step is enough, and no circle can come about */
        return ll_schema_fail(k->r, place, "extends: a file that others extend extends none");
    return open_under(k, raw->extends, place, &f) && read_file(&inner, under);
}

bool ll_event_file_read(const struct ll_event_file *f, struct ll_arena *out,
                        struct ll_event_rules *rules, struct ll_err *errs, size_t max,
                        size_t *n_errs)
{
    LL_AUTO(ll_schema_places) places = ll_schema_places_new();
    struct ll_schema_reader r = {.out = out, .places = places, .errs = errs, .max = max};
    struct ll_event_reading k = {.file = f, .r = &r};
    const struct ll_yaml_place whole = {.name = f->name};
    bool ok = places ? read_file(&k, rules) : ll_schema_fail(&r, &whole, "no memory");
    *n_errs = r.n_errs;
    return ok;
}
