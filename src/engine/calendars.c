/* The market calendars of a configuration, and the alarm when one of them goes stale. */
#include <stdio.h>

#include "engine/internal.h"
#include "engine/notices.h"

enum { YEARS_AHEAD = 3 };

static bool find(struct ll_calendars *set, const char *code, const char *key, struct ll_err *err)
{
    const struct ll_calendar *cal;
    return ll_calendars_get(set, ll_slice_of(code), &cal, err) || ll_err_wrap(err, "%s", key);
}

/* What the configuration names must exist and compile: better said now than at the next open. */
static bool check_named(struct ll_calendars *set, const struct ll_config *c, struct ll_err *err)
{
    for (const char *const *u = c->calendars.use; u && *u; u++)
        if (!find(set, *u, "calendars.use", err)) {
            err->code = LL_E_CONFIG;
            return false;
        }
    return true;
}

bool ll_engine_calendars_open(struct ll_shared_config *c, ll_time now, struct ll_err *err)
{
    const struct ll_calendars_options o = {
        .rules = c->config->calendars.rules,
        .overlays = c->config->calendars.overlays,
        .to = ll_day_of(ll_time_civil(now).year + YEARS_AHEAD, 12, 31)};
    return ll_calendars_open(&o, &c->calendars, err) && check_named(c->calendars, c->config, err);
}

static void alarm_stale(struct ll_engine *e, const struct ll_calendar *cal, ll_day today)
{
    char day[LL_DAY_TEXT_MAX];
    ll_day end = ll_calendar_announced_to(cal);
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_CALENDAR, .type = -1};
    snprintf(ev.title, sizeof(ev.title), "Calendar %s %s", ll_calendar_code(cal),
             end < today ? "is stale" : "is soon stale");
    snprintf(ev.detail, sizeof(ev.detail),
             "announced up to %s; later sessions are projected. Look for what the venue has "
             "published: a rule file with it, in calendars.rules, ends this alarm",
             ll_day_format(end, day));
    snprintf(ev.reason, sizeof(ev.reason), "CALENDAR_STALE");
    ll_engine_event(e, &ev);
    ll_notices_calendar(e->notices, ll_slice_of(ll_calendar_code(cal)), ev.title, ev.detail);
    LL_LOG(LL_LOG_WARN, ev.title, LL_KV("announced_to", day));
}

void ll_engine_calendars_watch(struct ll_engine *e)
{
    ll_day today = (ll_day)ll_time_day(ll_engine_now(e));
    const struct ll_config *c = e->config->config;
    if (e->calendars_seen == today)
        return;
    e->calendars_seen = today;
    for (const char *const *u = c->calendars.use; u && *u; u++) {
        const struct ll_calendar *cal;
        struct ll_err err;
        if (!ll_calendars_get(e->config->calendars, ll_slice_of(*u), &cal, &err))
            LL_LOG(LL_LOG_ERROR, "no calendar", LL_KV("error", err.text));
        else if (ll_calendar_announced_to(cal) < today + LL_CALENDARS_STALE_DAYS)
            alarm_stale(e, cal, today);
    }
}
