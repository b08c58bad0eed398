/* Overlays: entries of single days over the calendars, each with who said so and when. */
#include "config/calendar_private.h"

struct raw_entry {
    struct ll_calendar_entry entry;
    struct ll_calendar_raw_times times;
    ll_day closed, opened;
    struct ll_slice event, remove_event;
};

struct raw {
    struct ll_slice name, author;
    struct raw_entry *entries;
    size_t n_entries;
};

#define E(field) offsetof(struct raw_entry, field)
#define CHANGE(field) E(entry.change.field)
static const struct ll_schema_row entry_rows[] = {
    LL_CALENDAR_TEXT("calendar", LL_SCHEMA_REQUIRED, E(entry.calendar), ll_calendar_check_code,
                     "code of the calendar"),
    LL_CALENDAR_PARSED("closed", E(closed), ll_calendar_parse_date, "this day is closed"),
    LL_CALENDAR_PARSED("opened", E(opened), ll_calendar_parse_date, "this day is a session"),
    LL_CALENDAR_PARSED("date", CHANGE(date), ll_calendar_parse_date,
                       "day of other hours or of an event"),
    LL_CALENDAR_TEXT("event", 0, E(event), ll_calendar_check_id, "an event on the date"),
    LL_CALENDAR_TEXT("remove_event", 0, E(remove_event), ll_calendar_check_id,
                     "an event that is not on the date"),
    LL_CALENDAR_PARSED("time", CHANGE(at), ll_calendar_parse_clock, "local time of the event"),
    LL_CALENDAR_TIME_ROWS(E(times)),
    {.key = "added",
     .type = LL_SCHEMA_PARSED,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = CHANGE(known),
     .parse = ll_calendar_parse_known,
     .doc = "when it was added"},
    LL_CALENDAR_TEXT("reason", 0, CHANGE(reason), NULL, "why"),
    LL_CALENDAR_TEXT("source", 0, CHANGE(source), NULL, "who said so"),
    LL_CALENDAR_TEXT("author", 0, CHANGE(author), NULL, "who added it"),
};

static void init_entry(void *item)
{
    *(struct raw_entry *)item = (struct raw_entry){
        .entry.change = {.date = LL_DAY_NONE, .at = LL_CAL_CLOCK_NONE, .known = LL_TIME_NONE},
        .times = ll_calendar_no_times(),
        .closed = LL_DAY_NONE,
        .opened = LL_DAY_NONE};
}
static const struct ll_schema entry = {entry_rows, LL_LEN(entry_rows), sizeof(struct raw_entry),
                                       init_entry};

static bool has(const struct ll_yaml_node *node, const char *key)
{
    return ll_yaml_get(node, ll_slice_of(key));
}

/* Which of the keys that say what an entry is stands in it; NULL after an error. */
static const char *kind_of(struct ll_schema_reader *r, const struct ll_yaml_node *node)
{
    static const char *const kinds[] = {"closed", "opened", "event", "remove_event"};
    const char *kind = NULL;
    for (size_t i = 0; i < LL_LEN(kinds); i++) {
        if (!has(node, kinds[i]))
            continue;
        if (kind) {
            ll_schema_fail(r, ll_calendar_place(node, kinds[i]),
                           "%s: an entry is one thing, and it has '%s'", kinds[i], kind);
            return NULL;
        }
        kind = kinds[i];
    }
    if (!kind && has(node, "date"))
        return "date";
    if (!kind)
        ll_schema_fail(r, &node->place,
                       "an entry needs closed, opened, event, remove_event or a date with hours");
    return kind;
}

static void refuse(struct ll_schema_reader *r, const struct ll_yaml_node *node, const char *key,
                   const char *why)
{
    if (has(node, key))
        ll_schema_fail(r, ll_calendar_place(node, key), "%s: %s", key, why);
}

static void refuse_hours(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                         const char *why)
{
    static const char *const keys[] = {"open", "close", "break", "shift", "shift_open"};
    for (size_t i = 0; i < LL_LEN(keys); i++)
        refuse(r, node, keys[i], why);
}

static void take_closed(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                        struct raw_entry *e)
{
    e->entry.change.kind = LL_CAL_CLOSED;
    e->entry.change.date = e->closed;
    refuse(r, node, "date", "closed is the date");
    refuse(r, node, "time", "goes with an event alone");
    refuse_hours(r, node, "a closed day has no hours");
}

static void take_opened(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                        struct raw_entry *e)
{
    e->entry.change.kind = LL_CAL_OPENED;
    e->entry.change.date = e->opened;
    refuse(r, node, "date", "opened is the date");
    refuse(r, node, "time", "goes with an event alone");
}

static void take_event(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                       struct raw_entry *e, bool removed)
{
    e->entry.change.kind = removed ? LL_CAL_NO_EVENT : LL_CAL_EVENT;
    e->entry.change.event = removed ? e->remove_event : e->event;
    if (!has(node, "date"))
        ll_schema_fail(r, &node->place, "an event needs a date");
    if (removed)
        refuse(r, node, "time", "an event that is removed needs none");
    refuse_hours(r, node, "an event has no hours: give its time");
}

static void take_times(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                       struct raw_entry *e)
{
    e->entry.change.kind = LL_CAL_TIMES;
    refuse(r, node, "time", "goes with an event alone");
    if (!ll_calendar_gives_hours(node))
        ll_schema_fail(r, &node->place,
                       "changes nothing: give open, close, break, shift or shift_open");
}

static void finish_entry(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    const struct ll_calendar_reading *reading = r->context;
    struct raw_entry *e = item;
    const char *kind = node->kind == LL_YAML_MAP ? kind_of(r, node) : NULL;
    if (!kind)
        return;
    ll_calendar_take_times(r, node, &e->times);
    e->entry.place = *ll_calendar_place(node, "calendar");
    e->entry.change.times = e->times.times;
    e->entry.change.line = node->place.line;
    e->entry.change.file = reading->name;
    struct ll_slice k = ll_slice_of(kind);
    if (ll_slice_is(k, "closed"))
        take_closed(r, node, e);
    else if (ll_slice_is(k, "opened"))
        take_opened(r, node, e);
    else if (ll_slice_is(k, "date"))
        take_times(r, node, e);
    else
        take_event(r, node, e, ll_slice_is(k, "remove_event"));
}

static const struct ll_schema_row root_rows[] = {
    LL_CALENDAR_TEXT("overlay", LL_SCHEMA_REQUIRED, offsetof(struct raw, name), NULL, "its name"),
    LL_CALENDAR_TEXT("author", 0, offsetof(struct raw, author), NULL, "who adds entries"),
    {.key = "entries",
     .type = LL_SCHEMA_LIST,
     .offset = offsetof(struct raw, entries),
     .offset_n = offsetof(struct raw, n_entries),
     .sub = &entry,
     .finish = finish_entry,
     .doc = "changes, a later one wins"},
};
static const struct ll_schema root_table = {root_rows, LL_LEN(root_rows), 0, NULL};

static void read_root(struct ll_schema_reader *r, const struct ll_yaml_node *root, void *ctx)
{
    struct ll_calendar_overlay *out = ctx;
    struct raw raw = {0};
    size_t before = r->n_errs;
    if (!ll_schema_read(r, &root_table, root, &raw) || r->n_errs > before)
        return;
    struct ll_calendar_entry *v = LL_ARENA_NEW(r->out, struct ll_calendar_entry, raw.n_entries);
    if (!v) {
        ll_schema_fail(r, &root->place, "no memory");
        return;
    }
    for (size_t i = 0; i < raw.n_entries; i++) {
        v[i] = raw.entries[i].entry;
        if (!v[i].change.author.n)
            v[i].change.author = raw.author;
    }
    *out = (struct ll_calendar_overlay){raw.name, v, raw.n_entries};
}

bool ll_calendar_overlay_read(struct ll_calendar_reading *r, struct ll_slice text,
                              struct ll_calendar_overlay *out)
{
    struct ll_calendar_overlay o = {0};
    if (!ll_calendar_read(r, text, read_root, &o))
        return false;
    *out = o;
    return true;
}
