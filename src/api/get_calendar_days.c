/* Sessions and events of a market, as JSON, CSV and iCalendar. */
#include "api/calendar_asked.h"
#include "api/handlers.h"
#include "base/csv.h"
#include "calendar/ics.h"

enum { P_FROM, P_TO, P_KNOWN_AT, P_FORMAT, P_EVENT, P_ALL };

static bool wants_csv(const struct ll_request *r)
{
    return r->param[P_FORMAT].given ? r->param[P_FORMAT].csv
                                    : ll_reply_accepts(r->header[LL_HEADER_ACCEPT], "text/csv");
}

/* Opens what sessions and events have in common. */
static bool open_range(struct ll_asked *a, struct ll_request *r, struct ll_err *err)
{
    ll_asked_open(a, r);
    if (r->param[P_KNOWN_AT].given)
        a->known_at = r->param[P_KNOWN_AT].time;
    return ll_asked_days(a, P_FROM, P_TO, err) && ll_asked_find(a, err);
}

static void rfc(struct ll_str *out, ll_time t)
{
    struct ll_civil c = ll_time_civil(t);
    if (t != LL_TIME_NONE)
        ll_str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
                    c.second);
}

static void session_csv(struct ll_str *out, const struct ll_session *s)
{
    char buf[LL_DAY_TEXT_MAX];
    const ll_time times[] = {s->open, s->close, s->break_start, s->break_end};
    ll_str_addz(out, ll_day_format(s->date, buf));
    for (size_t i = 0; i < LL_LEN(times); i++) {
        ll_str_addc(out, ',');
        rfc(out, times[i]);
    }
    ll_str_addf(out, ",%s\n", s->flags & LL_SESSION_PROJECTED ? "true" : "false");
}

enum MHD_Result ll_handler_calendar_sessions(struct ll_request *r)
{
    const struct ll_session *first;
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    if (!open_range(&a, r, &err))
        return ll_asked_answer(&a, false, &out, NULL, &err);
    size_t n = ll_calendar_sessions(a.cal, a.from, a.to, &first);
    if (wants_csv(r)) {
        ll_str_addz(&out, "session,open_utc,close_utc,break_start_utc,break_end_utc,projected\n");
        for (size_t i = 0; i < n; i++)
            session_csv(&out, &first[i]);
        return ll_asked_answer(&a, true, &out, "text/csv", NULL);
    }
    ll_asked_list_open(&j, a.cal);
    for (size_t i = 0; i < n; i++)
        ll_asked_session(&j, a.cal, &first[i]);
    ll_asked_list_close(&j);
    return ll_asked_answer(&a, true, &out, NULL, NULL);
}

/* What stands in both kinds of iCalendar. */
static void write_ics(const struct ll_asked *a, const struct ll_market_events *events,
                      struct ll_str *out)
{
    ll_ics_write(&(struct ll_ics_source){.calendar = a->cal,
                                         .events = events,
                                         .from = a->from,
                                         .to = a->to,
                                         .sessions = !events,
                                         .holidays = !events,
                                         .stamp = ll_engine_now(a->r->api->engine)},
                 out);
}

enum MHD_Result ll_handler_calendar_sessions_ics(struct ll_request *r)
{
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    bool ok = open_range(&a, r, &err);
    if (ok)
        write_ics(&a, NULL, &out);
    return ll_asked_answer(&a, ok, &out, "text/calendar; charset=utf-8", &err);
}

/* --- events --- */

static bool open_events(struct ll_asked *a, struct ll_request *r, struct ll_market_events **events,
                        struct ll_err *err)
{
    return open_range(a, r, err) &&
           ll_calendars_events(a->set, ll_asked_code(r), LL_MAX(a->from, ll_calendar_from(a->cal)),
                               a->to, a->known_at, events, err);
}

static bool is_wanted(const struct ll_request *r, const struct ll_market_event *e)
{
    return !r->param[P_EVENT].given || ll_slice_eq(e->name, r->param[P_EVENT].text);
}

/* Clock events of every day come only when they are asked for. */
static size_t between(const struct ll_asked *a, const struct ll_market_events *events,
                      const struct ll_market_event **first)
{
    const struct ll_param_value *all = &a->r->param[P_ALL];
    bool every = (all->given && all->integer) || a->r->param[P_EVENT].given;
    return every ? ll_market_events_all_between(events, a->from, a->to, first)
                 : ll_market_events_between(events, a->from, a->to, first);
}

static void event(struct ll_json_out *j, const struct ll_market_event *e)
{
    ll_json_out_open(j, '{');
    ll_member_day(j, "date", e->date);
    ll_member_text(j, "event", e->name);
    ll_member_moment(j, "time", e->time);
    ll_member_text(j, "class", e->class);
    ll_member_text(j, "basis", e->basis);
    ll_member_text(j, "source", e->source);
    ll_member_yes(j, "projected", e->projected);
    ll_json_out_close(j, '}');
}

static void event_csv(struct ll_str *out, const struct ll_market_event *e)
{
    char buf[LL_DAY_TEXT_MAX];
    ll_str_addf(out, "%s,%.*s,", ll_day_format(e->date, buf), (int)e->name.n, e->name.s);
    rfc(out, e->time);
    ll_str_addc(out, ',');
    ll_csv_add(out, e->basis);
    ll_str_addc(out, '\n');
}

static void events_body(struct ll_request *r, struct ll_asked *a,
                        const struct ll_market_events *events, struct ll_str *out)
{
    const struct ll_market_event *e;
    struct ll_json_out j = {.out = out};
    size_t n = between(a, events, &e);
    bool csv = wants_csv(r);
    if (csv)
        ll_str_addz(out, "date,event,time_utc,basis\n");
    else
        ll_asked_list_open(&j, a->cal);
    for (size_t i = 0; i < n; i++)
        if (is_wanted(r, &e[i])) {
            if (csv)
                event_csv(out, &e[i]);
            else
                event(&j, &e[i]);
        }
    if (!csv)
        ll_asked_list_close(&j);
}

enum MHD_Result ll_handler_calendar_events(struct ll_request *r)
{
    LL_AUTO(ll_market_events) events = NULL;
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    bool ok = open_events(&a, r, &events, &err);
    if (ok)
        events_body(r, &a, events, &out);
    return ll_asked_answer(&a, ok, &out, wants_csv(r) ? "text/csv" : NULL, &err);
}

enum MHD_Result ll_handler_calendar_events_ics(struct ll_request *r)
{
    LL_AUTO(ll_market_events) events = NULL;
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    bool ok = open_events(&a, r, &events, &err);
    if (ok)
        write_ics(&a, events, &out);
    return ll_asked_answer(&a, ok, &out, "text/calendar; charset=utf-8", &err);
}
