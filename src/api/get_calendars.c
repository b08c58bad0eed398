/* Market calendars: which there are and what is open, when all of several are closed, what changed.
 */
#include <math.h>
#include <string.h>

#include "api/calendar_asked.h"
#include "api/handlers.h"

enum { P_FROM, P_TO, WINDOWS_MAX = 2000, CODES_MAX = 8 };

/* Members of an open object: what the venue does at t. */
static void state(struct ll_json_out *j, const struct ll_calendar *cal, ll_time t)
{
    struct ll_calendar_moment m;
    bool known = ll_calendar_at(cal, t, &m);
    ll_member_word(j, "phase", known ? ll_cal_phase_name(m.phase) : NULL);
    ll_member_yes(j, "open", known && m.open);
    ll_member_moment(j, "next_open", known ? ll_calendar_next_open(cal, t) : LL_TIME_NONE);
    ll_member_moment(j, "next_close", known ? ll_calendar_next_close(cal, t) : LL_TIME_NONE);
}

static bool info(struct ll_json_out *j, struct ll_calendars *set, const struct ll_calendar_info *i,
                 ll_time now, struct ll_err *err)
{
    const struct ll_calendar *cal;
    if (!ll_calendars_get(set, i->code, &cal, err))
        return false;
    ll_json_out_open(j, '{');
    ll_member_text(j, "calendar", i->code);
    ll_member_text(j, "name", i->name);
    ll_member_text(j, "zone", i->tz);
    ll_member_texts(j, "aliases", i->aliases, i->n_aliases);
    state(j, cal, now);
    ll_member_day(j, "from", i->from);
    ll_member_day(j, "announced_to", i->announced_to);
    ll_member_yes(j, "stale", i->announced_to < ll_time_day(now) + LL_CALENDARS_STALE_DAYS);
    ll_member_count(j, "rules", i->n_rules);
    ll_member_count(j, "adhoc_dates", i->n_adhoc);
    ll_member_count(j, "table_dates", i->n_table_days);
    ll_member_count(j, "overlay_entries", i->n_overlays);
    ll_member_texts(j, "sources", i->sources, i->n_sources);
    ll_json_out_close(j, '}');
    return true;
}

enum MHD_Result ll_handler_calendars(struct ll_request *r)
{
    const struct ll_calendar_info *infos;
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    size_t n = 0;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    ll_asked_open(&a, r);
    bool ok = ll_calendars_list(a.set, &infos, &n, &err);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; ok && i < n; i++)
        ok = info(&j, a.set, &infos[i], ll_engine_now(r->api->engine), &err);
    ll_asked_list_close(&j);
    return ll_asked_answer(&a, ok, &out, NULL, &err);
}

static void now_body(struct ll_json_out *j, const struct ll_calendar *cal, ll_time t)
{
    struct ll_calendar_moment m;
    bool known = ll_calendar_at(cal, t, &m);
    struct ll_civil local = ll_tz_civil(ll_calendar_tz(cal), t);
    ll_day date =
        known && m.session ? m.session->date : ll_day_of(local.year, local.month, local.day);
    ll_json_out_open(j, '{');
    ll_member_word(j, "calendar", ll_calendar_code(cal));
    ll_member_word(j, "zone", ll_tz_name(ll_calendar_tz(cal)));
    ll_member_moment(j, "timestamp", t);
    state(j, cal, t);
    ll_member_number(j, "minutes_since_open", known ? m.minutes_since_open : (double)NAN);
    ll_member_number(j, "minutes_to_close", known ? m.minutes_to_close : (double)NAN);
    ll_member_word(j, "class", ll_day_class_name(ll_calendar_day_class(cal, date)));
    ll_member_text(j, "reason", ll_calendar_reason(cal, date));
    ll_json_out_key(j, "session");
    if (known && m.session)
        ll_asked_session(j, cal, m.session);
    else
        ll_json_out_null(j);
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_handler_calendar(struct ll_request *r)
{
    enum { P_AT };
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    ll_asked_open(&a, r);
    a.to = LL_DAY_NONE;
    bool ok = ll_asked_find(&a, &err);
    if (ok)
        now_body(&j, a.cal,
                 r->param[P_AT].given ? r->param[P_AT].time : ll_engine_now(r->api->engine));
    return ll_asked_answer(&a, ok, &out, NULL, &err);
}

/* --- windows in which all are closed --- */

static bool find_others(struct ll_asked *a, struct ll_slice list, const struct ll_calendar **cals,
                        size_t *n, struct ll_err *err)
{
    while (list.n) {
        const char *comma = memchr(list.s, ',', list.n);
        struct ll_slice code = {list.s, comma ? (size_t)(comma - list.s) : list.n};
        if (*n == CODES_MAX)
            return ll_err_set(err, LL_E_RANGE, "at most %d calendars", CODES_MAX);
        if (!ll_calendars_get(a->set, code, &cals[*n], err))
            return false;
        ++*n;
        size_t used = code.n + (comma ? 1 : 0);
        list = (struct ll_slice){list.s + used, list.n - used};
    }
    return true;
}

static void windows_body(struct ll_json_out *j, const struct ll_window *w, size_t n)
{
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "items");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < LL_MIN(n, (size_t)WINDOWS_MAX); i++) {
        ll_json_out_open(j, '{');
        ll_member_moment(j, "start", w[i].start);
        ll_member_moment(j, "end", w[i].end);
        ll_member_number(j, "seconds", (double)(w[i].end - w[i].start) / 1000);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
    ll_member_yes(j, "truncated", n > WINDOWS_MAX);
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_handler_calendar_closed(struct ll_request *r)
{
    enum { P_WITH = 2, P_MIN };
    const struct ll_calendar *cals[CODES_MAX];
    struct ll_window windows[WINDOWS_MAX];
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    size_t n = 1;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    ll_asked_open(&a, r);
    bool ok = ll_asked_days(&a, P_FROM, P_TO, &err) && ll_asked_find(&a, &err);
    if (ok) {
        cals[0] = a.cal;
        ok = !r->param[P_WITH].given || find_others(&a, r->param[P_WITH].text, cals, &n, &err);
    }
    if (ok) {
        ll_dur min = r->param[P_MIN].given ? r->param[P_MIN].integer * LL_SECOND : LL_HOUR;
        size_t found =
            ll_calendar_closed_windows(cals, n, (ll_time)a.from * LL_DAY,
                                       ((ll_time)a.to + 1) * LL_DAY, min, windows, WINDOWS_MAX);
        windows_body(&j, windows, found);
    }
    return ll_asked_answer(&a, ok, &out, NULL, &err);
}

/* --- what changed --- */

struct changes {
    struct ll_json_out *j;
    const struct ll_calendar *was, *is;
};

static bool change(void *ctx, const struct ll_calendar_change *d)
{
    struct changes *x = ctx;
    ll_json_out_open(x->j, '{');
    ll_member_day(x->j, "date", d->date);
    ll_member_word(x->j, "change", !d->was ? "opened" : !d->is ? "closed" : "hours");
    ll_json_out_key(x->j, "was");
    if (d->was)
        ll_asked_session(x->j, x->was, d->was);
    else
        ll_json_out_null(x->j);
    ll_json_out_key(x->j, "is");
    if (d->is)
        ll_asked_session(x->j, x->is, d->is);
    else
        ll_json_out_null(x->j);
    ll_member_text(x->j, "reason", d->reason);
    ll_json_out_close(x->j, '}');
    return !x->j->out->failed;
}

/* `was` without a time: the rules without overlays. */
enum MHD_Result ll_handler_calendar_diff(struct ll_request *r)
{
    enum { P_WAS = 2, P_IS };
    LL_AUTO(ll_calendar) was = NULL;
    struct ll_asked a;
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    ll_asked_open(&a, r);
    if (r->param[P_IS].given)
        a.known_at = r->param[P_IS].time;
    bool ok = ll_asked_days(&a, P_FROM, P_TO, &err) && ll_asked_find(&a, &err);
    if (ok) {
        const struct ll_param_value *w = &r->param[P_WAS];
        const struct ll_calendars_ask ask = {.known_at = w->given ? w->time : LL_TIME_NONE,
                                             .without_overlays = !w->given,
                                             .to = ll_calendar_to(a.cal)};
        ok = ll_calendars_compile(a.set, ll_asked_code(r), &ask, &was, &err);
    }
    if (ok) {
        ll_asked_list_open(&j, a.cal);
        ll_calendar_diff(was, a.cal, a.from, a.to, change, &(struct changes){&j, was, a.cal});
        ll_asked_list_close(&j);
    }
    return ll_asked_answer(&a, ok, &out, NULL, &err);
}
