/* The dates of one event rule: its base, then the filters and shifts of a calendar's rule, then
 * what becomes of a date that is no session. */
#include "calendar/dates.h"
#include "calendar/events_private.h"

/* One rule being worked out; days from..to are looked for. */
struct work {
    const struct ll_event_rule *rule;
    const struct ll_calendar *calendar;
    ll_day from, to;
    struct ll_event_dates *out;
};

static bool covers(const struct ll_calendar *c, ll_day d)
{
    return d >= ll_calendar_from(c) && d <= ll_calendar_to(c);
}

static bool is_excepted(const struct work *w, ll_day d)
{
    struct ll_slice reason = ll_calendar_reason(w->calendar, d);
    for (size_t i = 0; i < w->rule->n_closed_except; i++)
        if (ll_slice_eq(reason, w->rule->closed_except[i]))
            return true;
    return false;
}

/* What the rule does with a date that is no session; false drops it. */
static bool settle_closed(const struct work *w, struct ll_event_date *d)
{
    enum ll_event_closed how = w->rule->closed;
    if (how == LL_EVENT_DROP)
        return false;
    if (how == LL_EVENT_KEEP) {
        d->noted = w->rule->closed_note.n > 0 && !is_excepted(w, d->date);
        return true;
    }
    const struct ll_session *s =
        ll_calendar_step(w->calendar, d->date, how == LL_EVENT_PREVIOUS ? -1 : 0);
    if (s) {
        d->date = s->date;
        d->shifted = true;
    } else {
        d->projected = true; /* beyond the calendar's ends it could be any day */
    }
    return true;
}

static bool settle(const struct work *w, struct ll_event_date d)
{
    const struct ll_calendar *c = w->calendar;
    if (!covers(c, d.date))
        d.projected = true;
    else if (!ll_calendar_session(c, d.date) && !settle_closed(w, &d))
        return true;
    const struct ll_session *s = ll_calendar_session(c, d.date);
    d.projected |= s ? s->flags & LL_SESSION_PROJECTED : d.date > ll_calendar_announced_to(c);
    d.projected |= d.date > w->rule->announced_to;
    return ll_event_dates_push(w->out, d);
}

/* A date of the base goes through the rule's filters and shifts. */
static bool add(const struct work *w, struct ll_event_date d)
{
    d.date = ll_cal_dates_shifted(&w->rule->date, d.date);
    return d.date == LL_DAY_NONE || settle(w, d);
}

static bool add_day(const struct work *w, ll_day d)
{
    return add(w, (struct ll_event_date){.date = d, .time = LL_TIME_NONE});
}

static bool has_month(const struct ll_cal_rule *r, int month)
{
    return r->months >> (month - 1) & 1;
}

/* The date.nth date.weekday after the week that holds day mday of the month. */
static ll_day week_of(const struct ll_cal_rule *r, int year, int month)
{
    ll_day day = ll_day_of(year, month, LL_MIN(r->mday, ll_month_days(year, month)));
    ll_day sunday = day - (ll_day_weekday(day) + 1) % 7;
    return sunday + 7 * r->nth + (r->weekday + 1) % 7;
}

/* A month that the calendar does not cover has no last session that is known. */
static ll_day edge_session(const struct work *w, int year, int month)
{
    const struct ll_session *s;
    ll_day first = ll_day_of(year, month, 1), last = first + ll_month_days(year, month) - 1;
    if (!covers(w->calendar, first) || !covers(w->calendar, last))
        return LL_DAY_NONE;
    size_t n = ll_calendar_sessions(w->calendar, first, last, &s);
    if (n == 0)
        return LL_DAY_NONE;
    return w->rule->base == LL_EVENT_LAST_SESSION ? s[n - 1].date : s[0].date;
}

static bool add_year(const struct work *w, int year)
{
    const struct ll_event_rule *rule = w->rule;
    for (int month = 1; month <= 12; month++) {
        if (!has_month(&rule->date, month))
            continue;
        ll_day d = rule->base == LL_EVENT_WEEK_OF ? week_of(&rule->date, year, month)
                                                  : edge_session(w, year, month);
        if (!add_day(w, d))
            return false;
    }
    return true;
}

static bool add_months(const struct work *w)
{
    int last = ll_day_date(w->to).year;
    for (int year = ll_day_date(w->from).year; year <= last; year++)
        if (!add_year(w, year))
            return false;
    return true;
}

/* For rules based on sessions, from the calendar itself: at most ten days from the day. */
static ll_day near_session(void *ctx, const struct ll_cal_rule *rule, ll_day day)
{
    enum { NEAR_DAYS = 10 };
    const struct ll_calendar *c = ctx;
    if (!covers(c, day))
        return LL_DAY_NONE;
    const struct ll_session *s = rule->base == LL_CAL_LAST_SESSION
                                     ? ll_calendar_step(c, day + 1, -1)
                                     : ll_calendar_step(c, day, 0);
    bool near = s && s->date >= day - NEAR_DAYS && s->date <= day + NEAR_DAYS;
    return near ? s->date : LL_DAY_NONE;
}

static bool add_dates(const struct work *w)
{
    struct ll_cal_dates dates = {.rule = &w->rule->date,
                                 .year = ll_day_date(w->from).year,
                                 .last = ll_day_date(w->to).year,
                                 .near = near_session,
                                 .ctx = (void *)w->calendar};
    ll_day d;
    while (ll_cal_dates_next(&dates, &d))
        if (!settle(w, (struct ll_event_date){.date = d, .time = LL_TIME_NONE}))
            return false;
    return true;
}

static bool add_sessions(const struct work *w, uint16_t flags)
{
    const struct ll_session *s;
    size_t n = ll_calendar_sessions(w->calendar, w->from, w->to, &s);
    for (size_t i = 0; i < n; i++)
        if ((!flags || s[i].flags & flags) && !add_day(w, s[i].date))
            return false;
    return true;
}

static bool add_days(const struct work *w)
{
    for (ll_day d = w->from; d <= w->to; d++)
        if (!add_day(w, d))
            return false;
    return true;
}

static bool add_list(const struct work *w)
{
    const struct ll_event_rule *r = w->rule;
    for (size_t i = 0; i < r->n_dates; i++) {
        ll_time t = r->times ? r->times[i] : LL_TIME_NONE;
        if (!add(w, (struct ll_event_date){.date = r->dates[i], .time = t}))
            return false;
    }
    return true;
}

static bool add_followed(const struct work *w, const struct ll_event_dates *followed)
{
    LL_ASSERT(followed);
    for (size_t i = 0; i < followed->n; i++) {
        struct ll_event_date d = followed->v[i];
        d.time = LL_TIME_NONE;
        d.noted = false;
        if (!add(w, d))
            return false;
    }
    return true;
}

bool ll_event_rule_dates(const struct ll_event_rule *rule, const struct ll_calendar *c, ll_day from,
                         ll_day to, const struct ll_event_dates *followed,
                         struct ll_event_dates *out)
{
    const struct work w = {rule, c, from, to, out};
    switch (rule->base) {
    case LL_EVENT_DATES:
        return add_dates(&w);
    case LL_EVENT_LAST_SESSION:
    case LL_EVENT_FIRST_SESSION:
    case LL_EVENT_WEEK_OF:
        return add_months(&w);
    case LL_EVENT_RELATIVE:
        return add_followed(&w, followed);
    case LL_EVENT_LIST:
        return add_list(&w);
    case LL_EVENT_HALF_DAYS:
        return add_sessions(&w, LL_SESSION_HALF);
    case LL_EVENT_PRE_HOLIDAYS:
        return add_sessions(&w, LL_SESSION_PRE_HOLIDAY);
    case LL_EVENT_POST_HOLIDAYS:
        return add_sessions(&w, LL_SESSION_POST_HOLIDAY);
    case LL_EVENT_EVERY_SESSION:
        return add_sessions(&w, 0);
    case LL_EVENT_EVERY_DAY:
        return add_days(&w);
    }
    return true;
}
