#include <stdio.h>
#include <string.h>

#include "calendar/ics.h"
#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "date", .title = "DATE"},
    {.key = "event", .title = "EVENT"},
    {.key = "time_utc", .title = "TIME"},
    {.key = NULL, .title = "CLASS", .spare = true},
    {.key = "basis", .title = "BASIS", .flex = true},
};

static bool is_wanted(const struct ll_ctx *c, const struct ll_market_event *e)
{
    const char *name = ll_args_text(c->args, "event");
    return !name || ll_slice_is(e->name, name);
}

/* Clock events of every day only on request. */
static size_t between(const struct ll_ctx *c, const struct ll_market_events *events, ll_day from,
                      ll_day to, const struct ll_market_event **first)
{
    bool all = ll_args_bool(c->args, "all") || ll_args_given(c->args, "event");
    return all ? ll_market_events_all_between(events, from, to, first)
               : ll_market_events_between(events, from, to, first);
}

static void cell_slice(struct ll_table *t, struct ll_slice s, enum ll_tint tint)
{
    char text[256];
    snprintf(text, sizeof(text), "%.*s", (int)s.n, s.s);
    ll_table_cell(t, text, NULL, tint);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const struct ll_market_event *e)
{
    char day[LL_MARKET_TEXT_MAX], raw[LL_DAY_TEXT_MAX], text[LL_ZONE_TEXT_MAX];
    char rfc[LL_TIME_TEXT_MAX];
    ll_table_cell(t, ll_market_day_text(e->date, day), ll_day_format(e->date, raw), LL_TINT_NONE);
    cell_slice(t, e->name, LL_TINT_NONE);
    ll_table_cell(t,
                  e->time == LL_TIME_NONE ? ll_text_none(c)
                                          : ll_market_clock(e->time, e->date, true, text),
                  ll_market_rfc(e->time, rfc), LL_TINT_NONE);
    cell_slice(t, e->class, LL_TINT_DIM);
    cell_slice(t, e->basis, LL_TINT_DIM);
}

static json_t *item(const struct ll_market_event *e)
{
    char day[LL_DAY_TEXT_MAX], rfc[LL_TIME_TEXT_MAX];
    return json_pack(
        "{s:s, s:s%, s:o, s:s%, s:s%, s:s%, s:b}", "date", ll_day_format(e->date, day), "event",
        e->name.s, e->name.n, "time",
        e->time == LL_TIME_NONE ? json_null() : json_string(ll_market_rfc(e->time, rfc)), "class",
        e->class.n ? e->class.s : "", e->class.n, "basis", e->basis.s, e->basis.n, "source",
        e->source.n ? e->source.s : "", e->source.n, "projected", e->projected);
}

static bool print_json(struct ll_ctx *c, const char *code, const struct ll_market_event *e,
                       size_t n, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < n; i++)
        if (is_wanted(c, &e[i]))
            json_array_append_new(items, item(&e[i]));
    LL_AUTO_JSON whole = json_pack("{s:s, s:O}", "calendar", code, "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool print_table(struct ll_ctx *c, const struct ll_market_event *e, size_t n,
                        struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < n; i++)
        if (is_wanted(c, &e[i]))
            add_row(t, c, &e[i]);
    return ll_market_print(t, c, "no event in these days", err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    LL_AUTO(ll_calendar) cal = NULL;
    LL_AUTO(ll_market_events) events = NULL;
    const struct ll_market_event *first;
    const char *code = c->args->positionals[0];
    ll_day from, to;
    if (!ll_market_range(c, 31, &from, &to, err) || !ll_market_open(c, &set, err) ||
        !ll_market_calendar(c, set, code, to, &cal, err))
        return false;
    ll_market_say_uncovered(cal, from, to);
    from = LL_MAX(from, ll_calendar_from(cal));
    if (!ll_calendars_events(set, ll_slice_of(code), from, LL_MAX(from, to),
                             ll_market_knowledge(c, "known-at"), &events, err))
        return false;
    size_t n = between(c, events, from, to, &first);
    if (ll_args_bool(c->args, "ics")) {
        ll_ics_write(
            &(struct ll_ics_source){
                .calendar = cal, .events = events, .from = from, .to = to, .stamp = c->now},
            &c->out);
        return true;
    }
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, ll_calendar_code(cal), first, n, err)
                : print_table(c, first, n, err);
}

static const struct ll_flag flags[] = {
    {.name = "from", .type = LL_FLAG_DAY, .arg = "DAY", .doc = "first day; today"},
    {.name = "to", .type = LL_FLAG_DAY, .arg = "DAY", .doc = "last day; 31 days after --from"},
    {.name = "event",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "only this one, such as us_nfp or half_day"},
    {.name = "all",
     .letter = 'a',
     .type = LL_FLAG_BOOL,
     .doc = "also what happens by the clock on every day: opens, auctions, fixings"},
    {.name = "known-at",
     .type = LL_FLAG_MOMENT,
     .arg = "TIME",
     .doc = "as known at the end of that day (or at that time)"},
    {.name = "ics", .type = LL_FLAG_BOOL, .doc = "as iCalendar, for a calendar program"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "CODE", .doc = "a calendar such as XNYS; see loadline calendar list"}, {0}};

const struct ll_command ll_cmd_calendar_events = {
    .name = "calendar events",
    .group = "Calendars",
    .doc = "list what moves load: expiries, rebalances, releases",
    .about = "BASIS says where a date comes from: a rule, a published list, the calendar or an "
             "overlay of yours. Times for people are the market's own; CSV and JSON are in UTC.",
    .examples = {{"loadline calendar events XNYS --from 2026-12-01 --to 2026-12-31", "a month"},
                 {"loadline calendar events XNYS --ics > us.ics", "for a calendar program"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
