#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

enum { WINDOWS_MAX = 10000 };

static const struct ll_column columns[] = {
    {.key = "start_utc", .title = "FROM"},
    {.key = "end_utc", .title = "TO"},
    {.key = "seconds", .title = "LENGTH", .right = true},
};

static void cell_time(struct ll_table *t, ll_time at)
{
    char text[LL_ZONE_TEXT_MAX], raw[LL_TIME_TEXT_MAX];
    ll_table_cell(t, ll_zone_format(at, LL_ZONE_FULL, text), ll_market_rfc(at, raw), LL_TINT_NONE);
}

static bool print_table(struct ll_ctx *c, const struct ll_window *w, size_t n, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    char span[LL_TEXT_MAX];
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < n; i++) {
        double seconds = (double)(w[i].end - w[i].start) / 1000;
        cell_time(t, w[i].start);
        cell_time(t, w[i].end);
        ll_table_number(t, ll_text_span(c, seconds, span), seconds, LL_TINT_NONE);
    }
    return ll_market_print(t, c, "there is no such window", err);
}

static bool print_json(struct ll_ctx *c, const struct ll_window *w, size_t n, struct ll_err *err)
{
    char a[LL_TIME_TEXT_MAX], b[LL_TIME_TEXT_MAX];
    LL_AUTO_JSON items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items,
                              json_pack("{s:s, s:s, s:I}", "start", ll_market_rfc(w[i].start, a),
                                        "end", ll_market_rfc(w[i].end, b), "seconds",
                                        (json_int_t)((w[i].end - w[i].start) / 1000)));
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool find(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n_cals,
                 ll_day from, ll_day to, struct ll_err *err)
{
    static struct ll_window windows[WINDOWS_MAX]; /* too large for a stack */
    for (size_t i = 0; i < n_cals; i++)
        ll_market_say_uncovered(cals[i], from, to);
    if (ll_market_wants_zone(c) && !ll_zone_select(ll_tz_name(ll_calendar_tz(cals[0])), err))
        return false;
    size_t n =
        ll_calendar_closed_windows(cals, n_cals, (ll_time)from * LL_DAY, ((ll_time)to + 1) * LL_DAY,
                                   ll_args_duration(c->args, "min"), windows, WINDOWS_MAX);
    if (n > WINDOWS_MAX)
        ll_ctx_say("only the first %d of %zu windows are shown", WINDOWS_MAX, n);
    n = LL_MIN(n, (size_t)WINDOWS_MAX);
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, windows, n, err) : print_table(c, windows, n, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    struct ll_market_calendars cals;
    struct ll_market_codes codes;
    ll_day from, to;
    if (!ll_market_codes(c->args->positionals[0], &codes, err) ||
        !ll_market_range(c, 14, &from, &to, err) || !ll_market_open(c, &set, err) ||
        !ll_market_compile(c, set, &codes, to + 1, &cals, err))
        return false;
    bool ok = find(c, (const struct ll_calendar *const *)cals.v, cals.n, from, to, err);
    ll_market_calendars_free(&cals);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "from", .type = LL_FLAG_DAY, .arg = "DAY", .doc = "first day (UTC); today"},
    {.name = "to",
     .type = LL_FLAG_DAY,
     .arg = "DAY",
     .doc = "last day (UTC); 14 days after --from"},
    {.name = "min",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "1h",
     .doc = "only windows at least so long"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "CODE[,CODE]", .doc = "calendars, with commas between"}, {0}};

const struct ll_command ll_cmd_calendar_closed = {
    .name = "calendar closed",
    .group = "Calendars",
    .doc = "find when several markets are all closed, for upkeep",
    .about = "Closed means in no phase at all: neither before the open nor after the close, nor in "
             "an auction or a break.",
    .examples = {{"loadline calendar closed XNYS,XLON,XTKS --min 4h", "the next two weeks"},
                 {"loadline calendar closed XNYS --from 2026-12-24 --to 2027-01-02 --json",
                  "over the year's end, for a program"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS | LL_CMD_MARKET,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
