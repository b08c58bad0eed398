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

static bool show_days(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                      const struct span *span)
{
    for (size_t i = 0; i < n; i++)
        ll_market_draw_months(c, cals[i], span->from, span->to);
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    const struct ll_calendar *cals[LL_MARKET_CODES_MAX];
    struct ll_market_codes codes;
    struct span span = {0};
    const char *word = c->args->n_positionals > 1 ? c->args->positionals[1] : NULL;
    if (!ll_market_codes(c->args->positionals[0], &codes, err) || !read_span(c, word, &span, err) ||
        !ll_market_open(c, &set, err))
        return false;
    for (size_t i = 0; i < codes.n; i++) {
        if (!ll_calendars_get(set, ll_slice_of(codes.v[i]), &cals[i], err))
            return false;
        ll_market_say_uncovered(cals[i], span.from, span.to);
    }
    if (!span.is_week)
        return show_days(c, cals, codes.n, &span);
    const char *zone = ll_args_given(c->args, "tz") ? ll_args_text(c->args, "tz") : "utc";
    bool market = strcasecmp(zone, "market") == 0;
    if (!ll_zone_select(market ? ll_tz_name(ll_calendar_tz(cals[0])) : zone, err))
        return false;
    ll_market_draw_week(c, cals, codes.n, span.from);
    return true;
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
    .doc = "draw a market's year or month, or a week of several markets side by side",
    .about =
        "A year: closed days and half days are marked and listed with their reasons. A week: one "
        "line a market and day, over the hours of UTC or of --tz.",
    .examples = {{"loadline calendar show XNYS 2026", "a year"},
                 {"loadline calendar show XNYS,XLON 2026-03-09", "the week of 9 March"}},
    .traits = LL_CMD_JSON | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .positionals = positionals,
    .run = run,
};
