/* Windows of time: when they begin, how long they last, what they ask for. */
#include "config/calendar_words.h"
#include "config/rules_private.h"
#include "scaling/cron.h"

static const char *const anchor_names[] = {[LL_ANCHOR_CRON] = "cron",
                                           [LL_ANCHOR_OPEN] = "open",
                                           [LL_ANCHOR_CLOSE] = "close",
                                           [LL_ANCHOR_EVENT] = "event",
                                           NULL};

static const char *check_date(struct ll_slice t)
{
    ll_day day;
    struct ll_err err;
    return ll_calendar_parse_date(t, &day, &err) ? NULL : "is not a date such as 2026-12-25";
}

static const struct ll_schema_row date_rows[] = {
    {.key = "except", .type = LL_SCHEMA_SLICE, .flags = LL_SCHEMA_VALUE, .check = check_date},
};
static const struct ll_schema dates = {date_rows, 1, sizeof(struct ll_slice), NULL};

#define W(field) offsetof(struct ll_rules_raw_window, window.field)
#define R(field) offsetof(struct ll_rules_raw_window, field)
static const struct ll_schema_row window_rows[] = {
    {.key = "anchor",
     .type = LL_SCHEMA_ENUM,
     .offset = R(anchor),
     .names = anchor_names,
     .standard_doc = "cron or event, when that key is given",
     .doc = "what it begins at"},
    {.key = "cron",
     .type = LL_SCHEMA_SLICE,
     .offset = W(cron),
     .min = 1,
     .max = LL_CRON_BYTES_MAX,
     .doc = "five fields, wall clock of its zone: \"30 9 * * 1-5\""},
    {.key = "event",
     .type = LL_SCHEMA_SLICE,
     .offset = W(event),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = ll_calendar_check_id,
     .doc = "event of the calendar: fomc"},
    {.key = "calendar",
     .type = LL_SCHEMA_SLICE,
     .offset = W(calendar),
     .check = ll_calendar_check_code,
     .standard_doc = "the rule's",
     .doc = "market calendar of open, close and event"},
    {.key = "time_zone",
     .type = LL_SCHEMA_SLICE,
     .offset = W(zone),
     .check = ll_calendar_check_zone,
     .standard_doc = "the calendar's, else UTC",
     .doc = "IANA zone of cron and of except"},
    LL_RULES_SECONDS("offset_seconds", W(offset), -31536000, 31536000, "0",
                     "from the anchor to the beginning; negative is before it"),
    {.key = "duration_seconds",
     .type = LL_SCHEMA_SECONDS,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = W(duration),
     .min = 1,
     .max = 31536000,
     .unit = "seconds",
     .doc = "how long it lasts"},
    LL_RULES_UNITS("floor", 0, R(floor), 0, NULL, "at least so many while it is open"),
    LL_RULES_UNITS("exact", 0, R(exact), 0, NULL, "just so many"),
    LL_RULES_UNITS("max", 0, R(max), 0, NULL, "at most so many"),
    LL_RULES_FLAG("no_scale_in", R(no_scale_in), "no scale-in while it is open"),
    LL_RULES_FLAG("freeze", R(freeze), "neither scale-in nor scale-out"),
    LL_RULES_SECONDS("ramp_seconds", W(ramp), 0, 86400, "0",
                     "a floor rises evenly over so long; 0 = at once"),
    {.key = "except",
     .type = LL_SCHEMA_LIST,
     .offset = W(except),
     .offset_n = W(n_except),
     .max = 400,
     .sub = &dates,
     .doc = "local dates on which it does not begin: [2026-12-25]"},
};

static void init_window(void *item)
{
    const struct ll_slice none = LL_RULES_NONE;
    *(struct ll_rules_raw_window *)item = (struct ll_rules_raw_window){
        .window = {.cron = none, .zone = none, .calendar = none, .event = none},
        .anchor = -1,
        .floor = INT64_MIN,
        .exact = INT64_MIN,
        .max = INT64_MIN};
}

const struct ll_schema ll_rules_window_schema = {window_rows, LL_LEN(window_rows),
                                                 sizeof(struct ll_rules_raw_window), init_window};

static void take_anchor(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                        struct ll_rules_raw_window *raw)
{
    const bool cron = ll_rules_has(node, "cron"), event = ll_rules_has(node, "event");
    if (raw->anchor < 0 && !ll_rules_has(node, "anchor"))
        raw->anchor = cron ? LL_ANCHOR_CRON : event ? LL_ANCHOR_EVENT : -1;
    if (raw->anchor < 0) {
        if (!ll_rules_has(node, "anchor"))
            ll_schema_fail(r, &node->place, "needs an anchor: cron, open, close or event");
        return;
    }
    raw->window.anchor = (enum ll_anchor)raw->anchor;
    if (cron != (raw->anchor == LL_ANCHOR_CRON))
        ll_schema_fail(r, ll_rules_place(node, "cron"),
                       cron ? "cron: does not go with the anchor %s" : "the anchor %s needs cron",
                       anchor_names[raw->anchor]);
    if (event != (raw->anchor == LL_ANCHOR_EVENT))
        ll_schema_fail(r, ll_rules_place(node, "event"),
                       event ? "event: does not go with the anchor %s"
                             : "the anchor %s needs event",
                       anchor_names[raw->anchor]);
}

static void check_cron(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                       struct ll_slice text)
{
    struct ll_cron cron;
    struct ll_err err = {0};
    if (text.n && !ll_cron_parse(text, &cron, &err))
        ll_schema_fail(r, ll_rules_place(node, "cron"), "cron: %s", err.text);
}

static void take_effect(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                        struct ll_rules_raw_window *raw)
{
    struct ll_scale_window *w = &raw->window;
    const struct {
        bool given;
        enum ll_window_effect effect;
        int64_t amount;
    } v[] = {
        {ll_rules_has(node, "floor"), LL_WINDOW_FLOOR, raw->floor},
        {ll_rules_has(node, "exact"), LL_WINDOW_EXACT, raw->exact},
        {ll_rules_has(node, "max"), LL_WINDOW_MAX, raw->max},
        {raw->no_scale_in, LL_WINDOW_NO_SCALE_IN, 0},
        {raw->freeze, LL_WINDOW_FREEZE, 0},
    };
    size_t given = 0;
    for (size_t i = 0; i < LL_LEN(v); i++) {
        if (!v[i].given)
            continue;
        given++;
        w->effect = v[i].effect;
        w->amount = v[i].amount;
    }
    if (given != 1)
        ll_schema_fail(r, &node->place,
                       "needs one of floor, exact, max, no_scale_in and freeze, and has %zu",
                       given);
    if (w->ramp > 0 && w->effect != LL_WINDOW_FLOOR)
        ll_schema_fail(r, ll_rules_place(node, "ramp_seconds"), "ramp_seconds: goes with floor");
    if (w->ramp > w->duration && ll_rules_has(node, "duration_seconds"))
        ll_schema_fail(r, ll_rules_place(node, "ramp_seconds"),
                       "ramp_seconds: is longer than duration_seconds");
}

void ll_rules_finish_window(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    if (node->kind != LL_YAML_MAP)
        return;
    take_anchor(r, node, item);
    check_cron(r, node, ((const struct ll_rules_raw_window *)item)->window.cron);
    take_effect(r, node, item);
}

struct ll_rules_raw_window ll_rules_give_window(const struct ll_scale_window *w)
{
    struct ll_rules_raw_window raw;
    init_window(&raw);
    raw.window = *w;
    raw.anchor = (int)w->anchor;
    raw.no_scale_in = w->effect == LL_WINDOW_NO_SCALE_IN;
    raw.freeze = w->effect == LL_WINDOW_FREEZE;
    if (w->effect == LL_WINDOW_FLOOR)
        raw.floor = w->amount;
    if (w->effect == LL_WINDOW_EXACT)
        raw.exact = w->amount;
    if (w->effect == LL_WINDOW_MAX)
        raw.max = w->amount;
    return raw;
}
