#include "api/calendar_asked.h"

#include <string.h>

enum { RANGE_DAYS = 31 };

struct ll_slice ll_asked_code(const struct ll_request *r)
{
    static const size_t skip = sizeof("/api/v1/calendars/") - 1;
    struct ll_slice rest = {r->path.s + skip, r->path.n - skip};
    const char *end = memchr(rest.s, '/', rest.n);
    return (struct ll_slice){rest.s, end ? (size_t)(end - rest.s) : rest.n};
}

void ll_asked_open(struct ll_asked *a, struct ll_request *r)
{
    *a = (struct ll_asked){.r = r, .known_at = LL_TIME_NONE};
    a->published = ll_engine_acquire(r->api->engine);
    a->set = a->published->calendars;
}

static void asked_close(struct ll_asked *a)
{
    ll_calendar_free(a->own);
    ll_engine_release(a->published);
}

bool ll_asked_days(struct ll_asked *a, size_t from, size_t to, struct ll_err *err)
{
    const struct ll_param_value *f = &a->r->param[from], *t = &a->r->param[to];
    int64_t first = ll_time_day(f->given ? f->time : ll_engine_now(a->r->api->engine));
    int64_t last = t->given ? ll_time_day(t->time) : first + RANGE_DAYS;
    if (first > last)
        return ll_err_set(err, LL_E_RANGE, "from is after to");
    if (first < LL_DAY_FIRST_ALLOWED || last > LL_DAY_LAST_ALLOWED)
        return ll_err_set(err, LL_E_RANGE, "days from 1900 to 2199 are known");
    a->from = (ll_day)first;
    a->to = (ll_day)last;
    return true;
}

bool ll_asked_find(struct ll_asked *a, struct ll_err *err)
{
    struct ll_slice code = ll_asked_code(a->r);
    if (!ll_calendars_get(a->set, code, &a->cal, err))
        return false;
    if (a->known_at == LL_TIME_NONE && a->to <= ll_calendar_to(a->cal))
        return true;
    const struct ll_calendars_ask ask = {.known_at = a->known_at,
                                         .to = LL_MAX(a->to, ll_calendar_to(a->cal))};
    if (!ll_calendars_compile(a->set, code, &ask, &a->own, err))
        return false;
    a->cal = a->own;
    return true;
}

static void phases(struct ll_json_out *j, const struct ll_calendar *cal, const struct ll_session *s)
{
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    size_t n = ll_calendar_phases(cal, s, spans);
    ll_json_out_key(j, "phases");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        ll_json_out_open(j, '{');
        ll_member_word(j, "phase", ll_cal_phase_name(spans[i].phase));
        ll_member_moment(j, "start", spans[i].start);
        ll_member_moment(j, "end", spans[i].end);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

void ll_asked_session(struct ll_json_out *j, const struct ll_calendar *cal,
                      const struct ll_session *s)
{
    ll_json_out_open(j, '{');
    ll_member_day(j, "session", s->date);
    ll_member_moment(j, "open", s->open);
    ll_member_moment(j, "close", s->close);
    ll_member_moment(j, "break_start", s->break_start);
    ll_member_moment(j, "break_end", s->break_end);
    ll_member_yes(j, "projected", s->flags & LL_SESSION_PROJECTED);
    ll_member_word(j, "class", ll_day_class_name(ll_calendar_day_class(cal, s->date)));
    ll_member_text(j, "reason", ll_calendar_reason(cal, s->date));
    phases(j, cal, s);
    ll_json_out_close(j, '}');
}

void ll_asked_list_open(struct ll_json_out *j, const struct ll_calendar *cal)
{
    ll_json_out_open(j, '{');
    ll_member_word(j, "calendar", ll_calendar_code(cal));
    ll_member_word(j, "zone", ll_tz_name(ll_calendar_tz(cal)));
    ll_member_day(j, "announced_to", ll_calendar_announced_to(cal));
    ll_json_out_key(j, "items");
    ll_json_out_open(j, '[');
}

void ll_asked_list_close(struct ll_json_out *j)
{
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_asked_answer(struct ll_asked *a, bool ok, struct ll_str *out, const char *mime,
                                const struct ll_err *err)
{
    struct ll_request *r = a->r;
    asked_close(a);
    if (!ok) {
        ll_str_fini(out);
        return ll_reply_error(r, err, 0);
    }
    return mime ? ll_reply_send(r, &(struct ll_reply){.status = 200, .mime = mime}, out)
                : ll_reply_json(r, out);
}
