#include <stdio.h>

#include "calendar/ics.h"
#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

/* The columns of docs/reference/cli.md for programs, words for people. */
static const struct ll_column columns[] = {
    {.key = "session", .title = "SESSION"},        {.key = "open_utc", .title = "OPEN"},
    {.key = "close_utc", .title = "CLOSE"},        {.key = "break_start_utc", .title = "BREAK"},
    {.key = "break_end_utc", .title = "TO"},       {.key = "projected", .title = NULL},
    {.key = NULL, .title = "NOTES", .flex = true},
};

static void cell_time(struct ll_table *t, const struct ll_ctx *c, ll_day date, ll_time at)
{
    char text[LL_ZONE_TEXT_MAX], raw[LL_TIME_TEXT_MAX];
    ll_table_cell(t, at == LL_TIME_NONE ? ll_text_none(c) : ll_market_clock(at, date, true, text),
                  ll_market_rfc(at, raw), LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const struct ll_calendar *cal,
                    const struct ll_session *s, struct ll_str *notes)
{
    char day[LL_MARKET_TEXT_MAX], raw[LL_DAY_TEXT_MAX];
    ll_str_clear(notes);
    ll_market_notes(cal, s->date, notes);
    ll_table_cell(t, ll_market_day_text(s->date, day), ll_day_format(s->date, raw), LL_TINT_NONE);
    cell_time(t, c, s->date, s->open);
    cell_time(t, c, s->date, s->close);
    cell_time(t, c, s->date, s->break_start);
    cell_time(t, c, s->date, s->break_end);
    ll_table_cell(t, "", s->flags & LL_SESSION_PROJECTED ? "true" : "false", LL_TINT_NONE);
    ll_table_cell(t, ll_str_z(notes), NULL, LL_TINT_DIM);
}

static bool print_table(struct ll_ctx *c, const struct ll_calendar *cal,
                        const struct ll_session *first, size_t n, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    struct ll_str notes;
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    ll_str_init(&notes, 1024);
    for (size_t i = 0; i < n; i++)
        add_row(t, c, cal, &first[i], &notes);
    ll_str_fini(&notes);
    return ll_market_print(t, c, "no session in these days", err);
}

static bool print_json(struct ll_ctx *c, const struct ll_calendar *cal,
                       const struct ll_session *first, size_t n, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items, ll_market_session_json(cal, &first[i]));
    LL_AUTO_JSON whole = json_pack("{s:s, s:s, s:O}", "calendar", ll_calendar_code(cal), "zone",
                                   ll_tz_name(ll_calendar_tz(cal)), "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    LL_AUTO(ll_calendar) cal = NULL;
    const struct ll_session *first;
    ll_day from, to;
    if (!ll_market_range(c, 31, &from, &to, err) || !ll_market_open(c, &set, err) ||
        !ll_market_calendar(c, set, c->args->positionals[0], to, &cal, err))
        return false;
    ll_market_say_uncovered(cal, from, to);
    size_t n = ll_calendar_sessions(cal, from, to, &first);
    if (ll_args_bool(c->args, "ics")) {
        ll_ics_write(&(struct ll_ics_source){.calendar = cal,
                                             .from = from,
                                             .to = to,
                                             .sessions = true,
                                             .holidays = true,
                                             .stamp = c->now},
                     &c->out);
        return true;
    }
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, cal, first, n, err) : print_table(c, cal, first, n, err);
}

static const struct ll_flag flags[] = {
    {.name = "from", .type = LL_FLAG_DAY, .arg = "DAY", .doc = "first trade date; today"},
    {.name = "to",
     .type = LL_FLAG_DAY,
     .arg = "DAY",
     .doc = "last trade date; 31 days after --from"},
    {.name = "known-at",
     .type = LL_FLAG_MOMENT,
     .arg = "TIME",
     .doc = "as known at the end of that day (or at that time): what was announced later is left "
            "out"},
    {.name = "ics", .type = LL_FLAG_BOOL, .doc = "as iCalendar, for a calendar program"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "CODE", .doc = "a calendar such as XNYS; see loadline calendar list"}, {0}};

const struct ll_command ll_cmd_calendar_sessions = {
    .name = "calendar sessions",
    .group = "Calendars",
    .doc = "list the sessions of a market with their times",
    .about = "A session is named by its trade date, which may differ from the date it opens on. "
             "Times for people are the market's own unless --tz says otherwise; CSV and JSON are "
             "in UTC. Projected sessions lie beyond what the venue has announced.",
    .examples = {{"loadline calendar sessions XNYS --from 2026-11-23 --to 2026-12-31",
                  "five weeks"},
                 {"loadline calendar sessions XNYS --from 2025-01-06 --known-at 2024-12-28",
                  "before the day of mourning was announced"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
