#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/market.h"
#include "scaling/cron.h"

enum { COUNT_MAX = 100000 };

static bool zone_of(struct ll_ctx *c, struct ll_calendars *set, const struct ll_tz **out,
                    struct ll_err *err)
{
    struct ll_slice name = ll_slice_of(ll_args_text(c->args, "tz"));
    return ll_calendars_zone(set, ll_slice_ieq(name, "utc") ? LL_SLICE("UTC") : name, out, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    struct ll_cron cron;
    const struct ll_tz *tz;
    const int64_t count = ll_args_count(c->args, "count");
    ll_time t = ll_args_time(c->args, "from", c->now);
    if (!ll_cron_parse(ll_slice_of(c->args->positionals[0]), &cron, err))
        return false;
    if (count > COUNT_MAX)
        return ll_err_set(err, LL_E_USAGE, "--count %lld: at most %d", (long long)count, COUNT_MAX);
    if (!ll_market_open(c, &set, err) || !zone_of(c, set, &tz, err))
        return false;
    if (t == LL_TIME_NONE)
        t = c->now;
    for (int64_t i = 0; i < count; i++) {
        char text[LL_TIME_TEXT_MAX];
        t = ll_cron_next(&cron, tz, t);
        if (t == LL_TIME_NONE)
            break;
        printf("%s\n", ll_market_rfc(t, text));
    }
    return true;
}

static const struct ll_flag flags[] = {
    {.name = "tz",
     .type = LL_FLAG_TEXT,
     .arg = "ZONE",
     .fallback = "utc",
     .doc = "zone whose wall clock the expression means, like America/New_York"},
    {.name = "from", .type = LL_FLAG_TIME, .arg = "TIME", .doc = "times after this one; now"},
    {.name = "count",
     .type = LL_FLAG_COUNT,
     .arg = "N",
     .fallback = "5",
     .doc = "how many times to print"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "EXPR", .doc = "five fields, or @hourly, @daily, @weekly, @monthly, @yearly"}, {0}};

const struct ll_command ll_cmd_cron_next = {
    .name = "cron next",
    .group = "Configuration",
    .doc = "print when a cron expression comes next",
    .about = "Times are printed in UTC, one a line; the expression is read on the wall clock of "
             "--tz (UTC without it, so that a script reads the same everywhere). A time that a "
             "change of clocks skips comes at the first "
             "moment after it, one that is shown twice comes once; an expression for every hour "
             "follows real time. Exit code 1 when the expression is not valid; nothing is printed "
             "for one that never comes.",
    .examples = {{"loadline cron next '25 9 * * MON-FRI' --tz America/New_York",
                  "five minutes before the open, this week"},
                 {"loadline cron next @weekly --from 2026-10-25T00:00:00Z --count 2",
                  "two Sundays"}},
    .traits = LL_CMD_SETTINGS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
