/* CODE.yaml into rules: the table of its keys, and what a table cannot say. */
#include "config/calendar_file.h"

#include <string.h>

#include "config/calendar_private.h"

struct raw_hours {
    struct ll_cal_hours hours;
    struct ll_calendar_raw_times times;
};

struct raw_change {
    struct ll_cal_change change;
    struct ll_calendar_raw_times times;
};

struct changes {
    struct raw_change *v;
    size_t n;
};

struct rules {
    struct ll_calendar_raw_rule *v;
    size_t n;
};

struct raw {
    struct ll_slice code, name, tz, extends;
    struct ll_slice *aliases, *sources, *drop;
    struct {
        ll_day from, announced_from, announced_to;
    } valid;
    struct ll_cal_weekmask *weekmasks;
    struct raw_hours *hours;
    struct ll_cal_phase_row *phases;
    struct rules holidays, special;
    struct changes closed, times, opened;
    size_t n_aliases, n_sources, n_drop, n_weekmasks, n_hours, n_phases;
};

#define TABLE_OF(rows, type, init)                                                                 \
    {                                                                                              \
        (rows), LL_LEN(rows), sizeof(type), (init)                                                 \
    }

/* Lists of one text each. */
#define TEXTS_OF(name, k, test)                                                                    \
    static const struct ll_schema_row name##_rows[] = {                                            \
        LL_CALENDAR_TEXT(k, LL_SCHEMA_VALUE, 0, test, "")};                                        \
    static const struct ll_schema name = TABLE_OF(name##_rows, struct ll_slice, NULL)
TEXTS_OF(alias, "aliases", ll_calendar_check_code);
TEXTS_OF(source, "sources", NULL);
TEXTS_OF(dropped, "drop", ll_calendar_check_id);

#define W(field) offsetof(struct ll_cal_weekmask, field)
static const struct ll_schema_row weekmask_rows[] = {
    LL_CALENDAR_PARSED("from", W(from), ll_calendar_parse_date, "first day it holds"),
    {.key = "mask",
     .type = LL_SCHEMA_PARSED,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = W(mask),
     .parse = ll_calendar_parse_mask,
     .doc = "seven of 0 and 1, Monday first"},
};

static void init_weekmask(void *item)
{
    *(struct ll_cal_weekmask *)item = (struct ll_cal_weekmask){.from = LL_DAY_NONE};
}
static const struct ll_schema weekmask =
    TABLE_OF(weekmask_rows, struct ll_cal_weekmask, init_weekmask);

static void finish_weekmask(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    (void)r;
    ((struct ll_cal_weekmask *)item)->line = node->place.line;
}

#define REQUIRED_TIME(k, at, field, text)                                                          \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PARSED, .flags = LL_SCHEMA_REQUIRED,                         \
        .offset = (at) + offsetof(struct ll_calendar_raw_times, times.field),                      \
        .parse = ll_calendar_parse_clock, .doc = (text)                                            \
    }
#define H(field) offsetof(struct raw_hours, field)
static const struct ll_schema_row hours_rows[] = {
    LL_CALENDAR_PARSED("from", H(hours.from), ll_calendar_parse_date, "first day they hold"),
    LL_CALENDAR_PARSED("dow", H(hours.dow), ll_calendar_parse_weekdays, "only on these weekdays"),
    REQUIRED_TIME("open", H(times), open, "local time it opens"),
    REQUIRED_TIME("close", H(times), close, "local time it closes"),
    LL_CALENDAR_BREAK(H(times)),
};

static void init_hours(void *item)
{
    *(struct raw_hours *)item =
        (struct raw_hours){.hours = {.from = LL_DAY_NONE}, .times = ll_calendar_no_times()};
}
static const struct ll_schema hours = TABLE_OF(hours_rows, struct raw_hours, init_hours);

static void finish_hours(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct raw_hours *h = item;
    const struct ll_cal_times *t = &h->times.times;
    ll_calendar_take_times(r, node, &h->times);
    bool known = t->open != LL_CAL_CLOCK_NONE && t->close != LL_CAL_CLOCK_NONE &&
                 t->break_start != LL_CAL_CLOCK_NONE;
    if (known && (t->break_start <= t->open || t->break_end >= t->close))
        ll_schema_fail(r, ll_calendar_place(node, "break"),
                       "break: does not lie between open and close");
    h->hours.times = *t;
    h->hours.line = node->place.line;
}

static const char *const when_names[] = {
    [LL_CAL_ANY] = "", [LL_CAL_FULL] = "full", [LL_CAL_HALF] = "half", NULL};

#define P(field) offsetof(struct ll_cal_phase_row, field)
#define REQUIRED(k, at, how, text)                                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PARSED, .flags = LL_SCHEMA_REQUIRED, .offset = (at),         \
        .parse = (how), .doc = (text)                                                              \
    }
static const struct ll_schema_row phase_rows[] = {
    REQUIRED("phase", P(phase), ll_calendar_parse_phase, "what happens"),
    REQUIRED("start", P(start), ll_calendar_parse_point, "when it begins"),
    REQUIRED("end", P(end), ll_calendar_parse_point, "when it ends"),
    LL_CALENDAR_PARSED("from", P(from), ll_calendar_parse_date, "first day"),
    LL_CALENDAR_PARSED("to", P(to), ll_calendar_parse_date, "last day"),
    LL_CALENDAR_PARSED("dow", P(dow), ll_calendar_parse_weekdays, "only on these weekdays"),
    {.key = "when",
     .type = LL_SCHEMA_ENUM,
     .offset = P(when),
     .names = when_names,
     .doc = "only on days with usual or with shortened hours"},
};

static void init_phase(void *item)
{
    *(struct ll_cal_phase_row *)item =
        (struct ll_cal_phase_row){.from = LL_DAY_NONE, .to = LL_DAY_LAST};
}
static const struct ll_schema phase = TABLE_OF(phase_rows, struct ll_cal_phase_row, init_phase);

static void finish_phase(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_cal_phase_row *p = item;
    p->line = node->place.line;
    ll_calendar_check_span(r, node, p->from, p->to);
    bool given = node->kind == LL_YAML_MAP && ll_yaml_get(node, LL_SLICE("start")) &&
                 ll_yaml_get(node, LL_SLICE("end"));
    if (given && p->start.anchor == p->end.anchor && p->end.seconds < p->start.seconds)
        ll_schema_fail(r, ll_calendar_place(node, "end"), "end: is not after the start");
}

#define A(field) offsetof(struct raw_change, field)
#define DATE(flag)                                                                                 \
    {                                                                                              \
        .key = "date", .type = LL_SCHEMA_PARSED, .flags = LL_SCHEMA_REQUIRED | (flag),             \
        .offset = A(change.date), .parse = ll_calendar_parse_date, .doc = "the day"                \
    }
#define WHY                                                                                        \
    LL_CALENDAR_PARSED("known", A(change.known), ll_calendar_parse_known,                          \
                       "from when it was known"),                                                  \
        LL_CALENDAR_TEXT("reason", 0, A(change.reason), NULL, "why"),                              \
        LL_CALENDAR_TEXT("source", 0, A(change.source), NULL, "who said so")
static const struct ll_schema_row closed_rows[] = {DATE(LL_SCHEMA_SHORT), WHY};
static const struct ll_schema_row opened_rows[] = {DATE(LL_SCHEMA_SHORT), WHY,
                                                   LL_CALENDAR_TIME_ROWS(A(times))};
static const struct ll_schema_row times_rows[] = {DATE(0), WHY, LL_CALENDAR_TIME_ROWS(A(times))};

static void init_change(void *item)
{
    *(struct raw_change *)item = (struct raw_change){
        .change = {.date = LL_DAY_NONE, .at = LL_CAL_CLOCK_NONE, .known = LL_TIME_NONE},
        .times = ll_calendar_no_times()};
}
static const struct ll_schema closed = TABLE_OF(closed_rows, struct raw_change, init_change),
                              opened = TABLE_OF(opened_rows, struct raw_change, init_change),
                              times = TABLE_OF(times_rows, struct raw_change, init_change);

static void finish_change(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                          struct raw_change *c, enum ll_cal_change_kind kind)
{
    const struct ll_calendar_reading *reading = r->context;
    ll_calendar_take_times(r, node, &c->times);
    c->change.kind = kind;
    c->change.times = c->times.times;
    c->change.line = node->place.line;
    c->change.file = reading->name;
}

static void finish_closed(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    finish_change(r, node, item, LL_CAL_CLOSED);
}

static void finish_opened(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    finish_change(r, node, item, LL_CAL_OPENED);
}

static void finish_times(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    finish_change(r, node, item, LL_CAL_TIMES);
    if (node->kind == LL_YAML_MAP && !ll_calendar_gives_hours(node))
        ll_schema_fail(r, &node->place,
                       "changes nothing: give open, close, break, shift or shift_open");
}

#define C(field) offsetof(struct raw, field)
static const struct ll_schema_row valid_rows[] = {
    REQUIRED("from", C(valid.from) - C(valid), ll_calendar_parse_date, "nothing is said before"),
    LL_CALENDAR_PARSED("announced_from", C(valid.announced_from) - C(valid), ll_calendar_parse_date,
                       "days before it are computed, not known"),
    REQUIRED("announced_to", C(valid.announced_to) - C(valid), ll_calendar_parse_date,
             "the venue has published its days up to here"),
};
static const struct ll_schema valid = {valid_rows, LL_LEN(valid_rows), 0, NULL};

#define LIST(k, field, field_n, least, table, after, text)                                         \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = C(field), .offset_n = C(field_n),            \
        .min = (least), .sub = &(table), .finish = (after), .doc = (text)                          \
    }
static const struct ll_schema_row root_rows[] = {
    LL_CALENDAR_TEXT("calendar", LL_SCHEMA_REQUIRED, C(code), ll_calendar_check_code, "its code"),
    LL_CALENDAR_TEXT("name", 0, C(name), NULL, "for people"),
    LIST("aliases", aliases, n_aliases, 0, alias, NULL, "other codes for the same calendar"),
    LIST("sources", sources, n_sources, 0, source, NULL, "where the rules come from"),
    LL_CALENDAR_TEXT("extends", 0, C(extends), ll_calendar_check_code, "the calendar it is over"),
    LIST("drop", drop, n_drop, 0, dropped, NULL, "ids of that one that do not hold here"),
    LL_CALENDAR_TEXT("tz", 0, C(tz), ll_calendar_check_zone, "IANA zone"),
    {.key = "valid",
     .type = LL_SCHEMA_STRUCT,
     .offset = C(valid),
     .sub = &valid,
     .doc = "its first day and the last that is announced"},
    LIST("weekmask", weekmasks, n_weekmasks, 1, weekmask, finish_weekmask, "days of the week"),
    LIST("sessions", hours, n_hours, 1, hours, finish_hours, "hours"),
    LIST("phases", phases, n_phases, 0, phase, finish_phase, "what else happens on a session day"),
    LIST("holidays", holidays.v, holidays.n, 0, ll_calendar_holiday_schema,
         ll_calendar_finish_holiday, "rules for closed days"),
    LIST("special", special.v, special.n, 0, ll_calendar_special_schema, ll_calendar_finish_special,
         "rules for sessions with other hours"),
    LIST("adhoc_closed", closed.v, closed.n, 0, closed, finish_closed, "single days closed"),
    LIST("adhoc_times", times.v, times.n, 0, times, finish_times, "single days' other hours"),
    LIST("adhoc_open", opened.v, opened.n, 0, opened, finish_opened, "sessions without a rule"),
};
static const struct ll_schema root_table = {root_rows, LL_LEN(root_rows), 0, NULL};

static const struct ll_yaml_node *first_item(const struct ll_yaml_node *root, const char *key)
{
    const struct ll_yaml_node *list = ll_yaml_get(root, ll_slice_of(key));
    return list ? list->first : NULL;
}

static void fail_same(struct ll_schema_reader *r, const struct ll_yaml_node *row, const char *what,
                      ll_day from, int line)
{
    char day[LL_DAY_TEXT_MAX];
    ll_day_format(from, day);
    ll_schema_fail(r, ll_calendar_place(row, "from"), "%s from %s are already on line %d", what,
                   *day ? day : "the beginning", line);
}

/* Two rows that hold from the same day contradict each other. */
static void check_regimes(struct ll_schema_reader *r, const struct ll_yaml_node *root,
                          const struct raw *raw)
{
    const struct ll_yaml_node *node = first_item(root, "weekmask");
    for (size_t i = 0; i < raw->n_weekmasks; i++, node = node->next)
        for (size_t k = 0; k < i; k++)
            if (raw->weekmasks[k].from == raw->weekmasks[i].from) {
                fail_same(r, node, "weekmask: days", raw->weekmasks[i].from,
                          raw->weekmasks[k].line);
                break;
            }
    node = first_item(root, "sessions");
    for (size_t i = 0; i < raw->n_hours; i++, node = node->next)
        for (size_t k = 0; k < i; k++) {
            const struct ll_cal_hours *a = &raw->hours[k].hours, *b = &raw->hours[i].hours;
            if (a->from == b->from && (a->dow == b->dow || a->dow & b->dow)) {
                fail_same(r, node, "sessions: hours", b->from, a->line);
                break;
            }
        }
}

static void check_twice(struct ll_schema_reader *r, const struct ll_yaml_node *root,
                        const char *key, const struct changes *c)
{
    const struct ll_yaml_node *node = first_item(root, key);
    char day[LL_DAY_TEXT_MAX];
    for (size_t i = 0; i < c->n; i++, node = node->next)
        for (size_t k = 0; k < i && c->v[i].change.date != LL_DAY_NONE; k++)
            if (c->v[k].change.date == c->v[i].change.date &&
                c->v[k].change.known == c->v[i].change.known) {
                ll_schema_fail(r, ll_calendar_place(node, "date"), "%s: %s is already on line %d",
                               key, ll_day_format(c->v[i].change.date, day), c->v[k].change.line);
                break;
            }
}

static void check_whole(struct ll_schema_reader *r, const struct ll_yaml_node *root,
                        const struct raw *raw)
{
    const struct ll_yaml_node *v = ll_yaml_get(root, LL_SLICE("valid"));
    if (v && raw->valid.from != LL_DAY_NONE && raw->valid.announced_to != LL_DAY_NONE &&
        raw->valid.announced_to < raw->valid.from)
        ll_schema_fail(r, ll_calendar_place(v, "announced_to"), "announced_to: is before from");
    if (raw->n_drop && !raw->extends.n)
        ll_schema_fail(r, ll_calendar_place(root, "drop"), "drop: goes with extends alone");
    check_regimes(r, root, raw);
    check_twice(r, root, "adhoc_closed", &raw->closed);
    check_twice(r, root, "adhoc_times", &raw->times);
    check_twice(r, root, "adhoc_open", &raw->opened);
}

static const struct ll_cal_rule *take_rules(struct ll_arena *a, const struct rules *from)
{
    struct ll_cal_rule *v = LL_ARENA_NEW(a, struct ll_cal_rule, from->n);
    for (size_t i = 0; v && i < from->n; i++)
        v[i] = from->v[i].rule;
    return v;
}

static const struct ll_cal_change *take_changes(struct ll_arena *a, const struct raw *raw,
                                                size_t *n)
{
    const struct changes *lists[] = {&raw->closed, &raw->times, &raw->opened};
    *n = raw->closed.n + raw->times.n + raw->opened.n;
    struct ll_cal_change *v = LL_ARENA_NEW(a, struct ll_cal_change, *n);
    size_t at = 0;
    for (size_t i = 0; v && i < LL_LEN(lists); i++)
        for (size_t k = 0; k < lists[i]->n; k++)
            v[at++] = lists[i]->v[k].change;
    return v;
}

static const struct ll_cal_hours *take_hours(struct ll_arena *a, const struct raw *raw)
{
    struct ll_cal_hours *v = LL_ARENA_NEW(a, struct ll_cal_hours, raw->n_hours);
    for (size_t i = 0; v && i < raw->n_hours; i++)
        v[i] = raw->hours[i].hours;
    return v;
}

static bool take(struct ll_arena *a, const struct raw *raw, const char *file,
                 struct ll_cal_rules *out)
{
    *out = (struct ll_cal_rules){
        .code = raw->code,
        .name = raw->name,
        .tz = raw->tz,
        .aliases = raw->aliases,
        .n_aliases = raw->n_aliases,
        .sources = raw->sources,
        .n_sources = raw->n_sources,
        .from = raw->valid.from,
        .announced_from = raw->valid.announced_from,
        .announced_to = raw->valid.announced_to,
        .weekmasks = raw->weekmasks,
        .n_weekmasks = raw->n_weekmasks,
        .hours = take_hours(a, raw),
        .n_hours = raw->n_hours,
        .phases = raw->phases,
        .n_phases = raw->n_phases,
        .holidays = take_rules(a, &raw->holidays),
        .n_holidays = raw->holidays.n,
        .special = take_rules(a, &raw->special),
        .n_special = raw->special.n,
        .file = file,
    };
    out->changes = take_changes(a, raw, &out->n_changes);
    return out->hours && out->holidays && out->special && out->changes;
}

static void read_root(struct ll_schema_reader *r, const struct ll_yaml_node *root, void *ctx)
{
    const struct ll_calendar_reading *reading = r->context;
    struct ll_calendar_file *f = ctx;
    const struct ll_slice none = {"", 0};
    struct raw raw = {.code = none,
                      .name = none,
                      .tz = none,
                      .extends = none,
                      .valid = {LL_DAY_NONE, LL_DAY_NONE, LL_DAY_NONE}};
    size_t before = r->n_errs;
    bool ok = ll_schema_read(r, &root_table, root, &raw);
    if (root->kind != LL_YAML_MAP)
        return;
    check_whole(r, root, &raw);
    if (ok && r->n_errs == before && !take(r->out, &raw, reading->name, &f->rules))
        ll_schema_fail(r, &root->place, "no memory");
    f->extends = raw.extends;
    f->drop = raw.drop;
    f->n_drop = raw.n_drop;
    f->whole = root->place;
    f->code_place = *ll_calendar_place(root, "calendar");
    f->extends_place = *ll_calendar_place(root, "extends");
    f->drop_place = *ll_calendar_place(root, "drop");
    f->valid_place = *ll_calendar_place(root, "valid");
}

bool ll_calendar_file_read(struct ll_calendar_reading *r, struct ll_slice text,
                           struct ll_calendar_file *out)
{
    struct ll_calendar_file f = {0};
    if (!ll_calendar_read(r, text, read_root, &f))
        return false;
    *out = f;
    return true;
}
