#include <math.h>
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "calendar", .title = "CALENDAR"},
    {.key = "phase", .title = "PHASE"},
    {.key = "open", .title = NULL},
    {.key = "session", .title = "SESSION", .spare = true},
    {.key = "minutes_since_open", .title = "SINCE OPEN", .right = true},
    {.key = "minutes_to_close", .title = "TO CLOSE", .right = true},
    {.key = "next_open", .title = "NEXT OPEN"},
    {.key = "next_close", .title = "NEXT CLOSE", .spare = true},
    {.key = "class", .title = "DAY", .wide = true},
    {.key = NULL, .title = "NOTES", .flex = true},
};

/* One calendar at one time. */
struct row {
    const struct ll_calendar *cal;
    struct ll_calendar_moment m;
    ll_time next_open, next_close;
    ll_day day; /* the trade date, else the local date */
    enum ll_day_class class;
};

static bool look(struct ll_calendars *set, const char *code, ll_time t, struct row *r,
                 struct ll_err *err)
{
    char at[LL_TIME_TEXT_MAX];
    if (!ll_calendars_get(set, ll_slice_of(code), &r->cal, err))
        return false;
    if (!ll_calendar_at(r->cal, t, &r->m))
        return ll_err_set(err, LL_E_RANGE, "%s says nothing about %s", code, ll_market_rfc(t, at));
    r->next_open = ll_calendar_next_open(r->cal, t);
    r->next_close = ll_calendar_next_close(r->cal, t);
    struct ll_civil local = ll_tz_civil(ll_calendar_tz(r->cal), t);
    r->day = r->m.session ? r->m.session->date : ll_day_of(local.year, local.month, local.day);
    r->class = ll_calendar_day_class(r->cal, r->day);
    return true;
}

static void cell_minutes(struct ll_table *t, const struct ll_ctx *c, double minutes)
{
    char text[LL_TEXT_MAX], span[LL_TEXT_MAX];
    ll_text_span(c, fabs(minutes) * 60, span);
    snprintf(text, sizeof(text), "%s%s", minutes < 0 ? "-" : "", span);
    ll_table_number(t, text, minutes, LL_TINT_NONE);
}

static void cell_time(struct ll_table *t, const struct ll_ctx *c, ll_time at)
{
    char text[LL_ZONE_TEXT_MAX], raw[LL_TIME_TEXT_MAX];
    ll_table_cell(
        t, at == LL_TIME_NONE ? ll_text_none(c) : ll_zone_format(at, LL_ZONE_MINUTE_TZ, text),
        ll_market_rfc(at, raw), LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const struct row *r,
                    struct ll_str *notes)
{
    char day[LL_DAY_TEXT_MAX] = "";
    if (r->m.session)
        ll_day_format(r->m.session->date, day);
    ll_str_clear(notes);
    ll_market_notes(r->cal, r->day, notes);
    ll_table_cell(t, ll_calendar_code(r->cal), NULL, LL_TINT_BOLD);
    ll_table_cell(t, ll_cal_phase_name(r->m.phase), NULL, r->m.open ? LL_TINT_OK : LL_TINT_DIM);
    ll_table_cell(t, "", r->m.open ? "true" : "false", LL_TINT_NONE);
    ll_table_cell(t, day[0] ? day : ll_text_none(c), day, LL_TINT_NONE);
    cell_minutes(t, c, r->m.minutes_since_open);
    cell_minutes(t, c, r->m.minutes_to_close);
    cell_time(t, c, r->next_open);
    cell_time(t, c, r->next_close);
    ll_table_cell(t, ll_day_class_name(r->class), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_str_z(notes), NULL, LL_TINT_DIM);
}

static json_t *number(double v)
{
    return isnan(v) ? json_null() : json_real(v);
}

static json_t *time_json(ll_time t)
{
    char text[LL_TIME_TEXT_MAX];
    return t == LL_TIME_NONE ? json_null() : json_string(ll_market_rfc(t, text));
}

static json_t *item(const struct row *r)
{
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:s}", "calendar",
                     ll_calendar_code(r->cal), "phase", ll_cal_phase_name(r->m.phase), "open",
                     r->m.open, "session",
                     r->m.session ? ll_market_session_json(r->cal, r->m.session) : json_null(),
                     "minutes_since_open", number(r->m.minutes_since_open), "minutes_to_close",
                     number(r->m.minutes_to_close), "next_open", time_json(r->next_open),
                     "next_close", time_json(r->next_close), "class", ll_day_class_name(r->class));
}

static bool print_json(struct ll_ctx *c, const struct row *rows, size_t n, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items, item(&rows[i]));
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool print_table(struct ll_ctx *c, const struct row *rows, size_t n, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    struct ll_str notes;
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    ll_str_init(&notes, 1024);
    for (size_t i = 0; i < n; i++)
        add_row(t, c, &rows[i], &notes);
    ll_str_fini(&notes);
    return ll_table_print(t, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    struct ll_market_codes codes;
    struct row rows[LL_MARKET_CODES_MAX];
    ll_time at = ll_args_time(c->args, "at", c->now);
    if (!ll_market_codes(c->args->positionals[0], &codes, err) || !ll_market_open(c, &set, err))
        return false;
    LL_ASSERT(codes.n > 0); /* an empty list is refused */
    for (size_t i = 0; i < codes.n; i++)
        if (!look(set, codes.v[i], at == LL_TIME_NONE ? c->now : at, &rows[i], err))
            return false;
    const char *zone = ll_tz_name(ll_calendar_tz(rows[0].cal));
    if (ll_market_wants_zone(c) && !ll_zone_select(zone, err))
        return false;
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, rows, codes.n, err) : print_table(c, rows, codes.n, err);
}

static const struct ll_flag flags[] = {
    {.name = "at", .type = LL_FLAG_TIME, .arg = "TIME", .doc = "at another time than now"}, {0}};

static const struct ll_positional positionals[] = {
    {.name = "CODE[,CODE]", .doc = "calendars, with commas between"}, {0}};

const struct ll_command ll_cmd_calendar_now = {
    .name = "calendar now",
    .group = "Calendars",
    .doc = "say whether markets are open, and what comes next",
    .about = "Minutes are counted from the session's open and to its close, so that a half day is "
             "seen to be shorter; they are negative before the open and after the close. Times are "
             "the first market's own.",
    .examples = {{"loadline calendar now XNYS,XLON", "now"},
                 {"loadline calendar now XNYS --at 2026-11-27T17:30:00Z", "half an hour before the "
                                                                          "close of a half day"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
