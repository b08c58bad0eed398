#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "date", .title = "DATE"},
    {.key = "change", .title = "CHANGE", .spare = true},
    {.key = "was", .title = "WAS"},
    {.key = "is", .title = "IS"},
    {.key = "reason", .title = "REASON", .flex = true},
};

/* Where the differences go: a table, or a list for JSON. */
struct report {
    struct ll_ctx *c;
    struct ll_table *table;
    json_t *items;
};

static void hours(const struct report *r, const struct ll_session *s, char *text, size_t size)
{
    char a[LL_ZONE_TEXT_MAX], b[LL_ZONE_TEXT_MAX];
    if (!s)
        snprintf(text, size, "closed");
    else if (r->c->form == LL_FORM_TABLE || r->c->form == LL_FORM_WIDE)
        snprintf(text, size, "%s to %s", ll_market_clock(s->open, s->date, false, a),
                 ll_market_clock(s->close, s->date, true, b));
    else
        snprintf(text, size, "%s/%s", ll_market_rfc(s->open, a), ll_market_rfc(s->close, b));
}

static bool add(void *ctx, const struct ll_calendar_change *d)
{
    struct report *r = ctx;
    char day[LL_DAY_TEXT_MAX], text[LL_MARKET_TEXT_MAX], was[128], is[128], reason[256];
    const char *change = !d->was ? "opened" : !d->is ? "closed" : "other hours";
    ll_day_format(d->date, day);
    hours(r, d->was, was, sizeof(was));
    hours(r, d->is, is, sizeof(is));
    snprintf(reason, sizeof(reason), "%.*s", (int)d->reason.n, d->reason.n ? d->reason.s : "");
    if (r->items)
        return json_array_append_new(r->items, json_pack("{s:s, s:s, s:s, s:s, s:s}", "date", day,
                                                         "change", change, "was", was, "is", is,
                                                         "reason", reason)) == 0;
    ll_table_cell(r->table, ll_market_day_text(d->date, text), day, LL_TINT_NONE);
    ll_table_cell(r->table, change, NULL, LL_TINT_WARN);
    ll_table_cell(r->table, was, NULL, LL_TINT_NONE);
    ll_table_cell(r->table, is, NULL, LL_TINT_NONE);
    ll_table_cell(r->table, reason, NULL, LL_TINT_DIM);
    return true;
}

/* The differences as the form wants them. */
static bool print(struct ll_ctx *c, const struct ll_calendar *was, const struct ll_calendar *is,
                  ll_day from, ll_day to, struct ll_err *err)
{
    LL_AUTO(ll_table) table = ll_table_new(columns, LL_LEN(columns));
    LL_AUTO_JSON items = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON ? json_array() : NULL;
    struct report r = {c, table, items};
    if (!table)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    ll_calendar_diff(was, is, from, to, add, &r);
    if (!items) {
        return ll_market_print(table, c, "no day differs", err);
    }
    LL_AUTO_JSON whole = json_pack("{s:s, s:O}", "calendar", ll_calendar_code(is), "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    LL_AUTO(ll_calendars) other = NULL;
    LL_AUTO(ll_calendar) was = NULL;
    LL_AUTO(ll_calendar) is = NULL;
    const char *rules = ll_args_text(c->args, "with-rules");
    struct ll_slice code = ll_slice_of(c->args->positionals[0]);
    ll_day from, to;
    if (!ll_market_range(c, 366, &from, &to, err) || !ll_market_open(c, &set, err))
        return false;
    const struct ll_calendars_options o = {.rules = rules, .to = to};
    if (rules && !ll_calendars_open(&o, &other, err))
        return false;
    const struct ll_calendars_ask then = {.known_at = ll_market_knowledge(c, "was"),
                                          .to = to,
                                          .without_overlays =
                                              !rules && !ll_args_given(c->args, "was")};
    const struct ll_calendars_ask now = {.known_at = ll_market_knowledge(c, "is"), .to = to};
    if (!ll_calendars_compile(set, code, &then, &was, err) ||
        !ll_calendars_compile(rules ? other : set, code, &now, &is, err))
        return false;
    if (ll_market_wants_zone(c) && !ll_zone_select(ll_tz_name(ll_calendar_tz(is)), err))
        return false;
    return print(c, was, is, from, to, err);
}

static const struct ll_flag flags[] = {
    {.name = "was",
     .type = LL_FLAG_MOMENT,
     .arg = "TIME",
     .doc = "the old side: as known at the end of that day; else the rules without overlays"},
    {.name = "is",
     .type = LL_FLAG_MOMENT,
     .arg = "TIME",
     .doc = "the new side; else all that is known"},
    {.name = "with-rules",
     .type = LL_FLAG_FILE,
     .arg = "FOLDER",
     .doc = "the new side: the rule files of that folder instead"},
    {.name = "from", .type = LL_FLAG_DAY, .arg = "DAY", .doc = "first trade date; today"},
    {.name = "to",
     .type = LL_FLAG_DAY,
     .arg = "DAY",
     .doc = "last trade date; a year after --from"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "CODE", .doc = "a calendar; see loadline calendar list"}, {0}};

const struct ll_command ll_cmd_calendar_diff = {
    .name = "calendar diff",
    .group = "Calendars",
    .doc = "show the days that overlays, news or other rules change",
    .about = "Without flags: what the overlays change. With --was: what became known since then.",
    .examples = {{"loadline calendar diff XNYS --was 2024-12-01 --from 2025-01-01",
                  "what became known after 1 December"},
                 {"loadline calendar diff XHKG --with-rules ./calendars",
                  "before new files go live"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
