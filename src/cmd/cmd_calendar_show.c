#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/market.h"
#include "cmd/market_draw.h"
#include "os/zone.h"

/* What the second word asks for. */
struct span {
    ll_day from, to;
    bool is_week;
};

/* YEAR, YEAR-MM, or the week of a day; the present year without it. */
static bool read_span(const struct ll_ctx *c, const char *word, struct span *out,
                      struct ll_err *err)
{
    struct ll_slice text = ll_slice_of(word);
    int64_t year, month = 0;
    ll_day day;
    if (!word)
        year = ll_time_civil(c->now).year;
    else if (ll_day_parse(text, &day, NULL)) {
        *out = (struct span){day - ll_day_weekday(day), day - ll_day_weekday(day) + 6, true};
        return true;
    } else if (text.n == 7 && word[4] == '-') {
        if (!ll_num_parse_int((struct ll_slice){word, 4}, &year) ||
            !ll_num_parse_int((struct ll_slice){word + 5, 2}, &month) || month < 1 || month > 12)
            year = 0;
    } else if (text.n != 4 || !ll_num_parse_int(text, &year))
        year = 0;
    if (year < 1900 || year > 2199)
        return ll_err_set(err, LL_E_USAGE,
                          "'%s' is not a year, a month such as 2026-03 or a day such as 2026-03-09",
                          word);
    int first = month ? (int)month : 1, last = month ? (int)month : 12;
    *out = (struct span){ll_day_of((int)year, first, 1),
                         ll_day_of((int)year, last, ll_month_days((int)year, last)), false};
    return true;
}

static void show_months(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                        const struct span *span)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ll_str_addc(&c->out, '\n');
        ll_market_draw_months(c, cals[i], span->from, span->to);
    }
}

/* What the drawing shows, for a program: the sessions of each calendar. */
static bool print_json(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                       const struct span *span, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < n; i++) {
        const struct ll_session *first;
        size_t count = ll_calendar_sessions(cals[i], span->from, span->to, &first);
        json_t *sessions = json_array();
        for (size_t s = 0; s < count; s++)
            json_array_append_new(sessions, ll_market_session_json(cals[i], &first[s]));
        json_array_append_new(
            items, json_pack("{s:s, s:s, s:o}", "calendar", ll_calendar_code(cals[i]), "zone",
                             ll_tz_name(ll_calendar_tz(cals[i])), "sessions", sessions));
    }
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

/* Times of a week are UTC's, so that markets can be compared, unless --tz says otherwise. */
static bool choose_zone(const struct ll_ctx *c, const struct ll_calendar *first, struct ll_err *err)
{
    const char *zone = ll_args_given(c->args, "tz") ? ll_args_text(c->args, "tz") : "utc";
    bool market = strcasecmp(zone, "market") == 0;
    return ll_zone_select(market ? ll_tz_name(ll_calendar_tz(first)) : zone, err);
}

static bool show(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                 const struct span *span, struct ll_err *err)
{
    for (size_t i = 0; i < n; i++)
        ll_market_say_uncovered(cals[i], span->from, span->to);
    if (c->form == LL_FORM_JSON)
        return print_json(c, cals, n, span, err);
    if (!span->is_week)
        show_months(c, cals, n, span);
    else if (choose_zone(c, cals[0], err))
        ll_market_draw_week(c, cals, n, span->from);
    else
        return false;
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    struct ll_market_calendars cals;
    struct ll_market_codes codes;
    struct span span = {0};
    const char *word = c->args->n_positionals > 1 ? c->args->positionals[1] : NULL;
    if (!ll_market_codes(c->args->positionals[0], &codes, err) || !read_span(c, word, &span, err) ||
        !ll_market_open(c, &set, err) || !ll_market_compile(c, set, &codes, span.to, &cals, err))
        return false;
    bool ok = show(c, (const struct ll_calendar *const *)cals.v, cals.n, &span, err);
    ll_market_calendars_free(&cals);
    return ok;
}

static const struct ll_positional positionals[] = {
    {.name = "CODE[,CODE]", .doc = "calendars, with commas between"},
    {.name = "WHEN",
     .optional = true,
     .doc = "a year, a month (2026-03), or a day (2026-03-09) for its week; this year"},
    {0}};

const struct ll_command ll_cmd_calendar_show = {
    .name = "calendar show",
    .group = "Calendars",
    .doc = "draw a year, a month, or a week of several markets",
    .about =
        "A year or a month: closed days and half days are marked and listed with their reasons. A "
        "week: one line a market and day, over the hours of UTC or of --tz, and behind it the "
        "market's own.",
    .examples = {{"loadline calendar show XNYS 2026", "a year"},
                 {"loadline calendar show XNYS,XLON 2026-03-09", "the week of 9 March"}},
    .traits = LL_CMD_JSON | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .positionals = positionals,
    .run = run,
};
