/* Each anchor is a source of openings: the last one that began at or before a time, and the first
 * after it.  A window is open when the last opening has not ended; a longer window than the span
 * between two openings stays open. */
#include "scaling/schedule.h"

#include "calendar/events.h"
#include "scaling/cron.h"

/* An opening at least so far back cannot be open any more, nor one so far ahead matter yet. */
#define LOOK_AHEAD ((ll_dur)400 * LL_DAY)

/* Steps over openings that `except` names; more in a row than that and the window never opens. */
enum { EXCEPTED_MAX = 1000 };

struct anchor {
    const struct ll_scale_window *w;
    const struct ll_schedule_source *src;
    const struct ll_tz *tz;
    struct ll_cron cron;
};

static bool excepted(const struct anchor *a, ll_time opening)
{
    char text[LL_DAY_TEXT_MAX];
    const ll_time anchor = opening - a->w->offset;
    const struct ll_civil local = ll_tz_civil(a->tz, anchor);
    ll_day_format(ll_day_of(local.year, local.month, local.day), text);
    for (size_t i = 0; i < a->w->n_except; i++) {
        if (ll_slice_is(a->w->except[i], text))
            return true;
    }
    return false;
}

static ll_time later(ll_time t, ll_dur by)
{
    return t == LL_TIME_NONE ? LL_TIME_NONE : t + by;
}

/* The session's open or close with an event's time among them: the last at or before t. */
static ll_time last_session(const struct anchor *a, ll_time t, bool open)
{
    const struct ll_calendar *c = a->src->calendar;
    const struct ll_session *s;
    const struct ll_civil local = ll_tz_civil(a->tz, t);
    size_t n = ll_calendar_sessions(c, ll_day_of(local.year, local.month, local.day) - 31,
                                    ll_day_of(local.year, local.month, local.day) + 2, &s);
    while (n-- > 0) {
        const ll_time at = open ? s[n].open : s[n].close;
        if (at <= t)
            return at;
    }
    return LL_TIME_NONE;
}

static bool is_event(const struct anchor *a, const struct ll_market_event *e)
{
    return e->time != LL_TIME_NONE && ll_slice_eq(e->name, a->w->event);
}

static ll_time last_event(const struct anchor *a, ll_time t)
{
    const struct ll_market_event *e;
    const struct ll_civil local = ll_tz_civil(a->tz, t);
    const ll_day day = ll_day_of(local.year, local.month, local.day);
    size_t n = ll_market_events_all_between(a->src->events, day - 400, day + 2, &e);
    while (n-- > 0) {
        if (is_event(a, &e[n]) && e[n].time <= t)
            return e[n].time;
    }
    return LL_TIME_NONE;
}

static ll_time next_event(const struct anchor *a, ll_time t)
{
    const struct ll_market_event *e;
    const struct ll_civil local = ll_tz_civil(a->tz, t);
    const ll_day day = ll_day_of(local.year, local.month, local.day);
    const size_t n = ll_market_events_all_between(a->src->events, day - 2, day + 400, &e);
    for (size_t i = 0; i < n; i++) {
        if (is_event(a, &e[i]) && e[i].time > t)
            return e[i].time;
    }
    return LL_TIME_NONE;
}

static ll_time last_anchor(const struct anchor *a, ll_time t)
{
    switch (a->w->anchor) {
    case LL_ANCHOR_CRON:
        return ll_cron_last(&a->cron, a->tz, t, t - LOOK_AHEAD);
    case LL_ANCHOR_OPEN:
        return last_session(a, t, true);
    case LL_ANCHOR_CLOSE:
        return last_session(a, t, false);
    default: /* LL_ANCHOR_EVENT */
        return last_event(a, t);
    }
}

static ll_time next_anchor(const struct anchor *a, ll_time t)
{
    switch (a->w->anchor) {
    case LL_ANCHOR_CRON:
        return ll_cron_next(&a->cron, a->tz, t);
    case LL_ANCHOR_OPEN:
        return ll_calendar_next_open(a->src->calendar, t);
    case LL_ANCHOR_CLOSE:
        return ll_calendar_next_close(a->src->calendar, t);
    default: /* LL_ANCHOR_EVENT */
        return next_event(a, t);
    }
}

static ll_time last_opening(const struct anchor *a, ll_time now)
{
    ll_time t = now - a->w->offset;
    for (int i = 0; i < EXCEPTED_MAX; i++) {
        t = last_anchor(a, t);
        if (t == LL_TIME_NONE || !excepted(a, t + a->w->offset))
            return later(t, a->w->offset);
        t -= 1;
    }
    return LL_TIME_NONE;
}

static ll_time next_opening(const struct anchor *a, ll_time now)
{
    ll_time t = now - a->w->offset;
    for (int i = 0; i < EXCEPTED_MAX; i++) {
        t = next_anchor(a, t);
        if (t == LL_TIME_NONE || !excepted(a, t + a->w->offset))
            return later(t, a->w->offset);
    }
    return LL_TIME_NONE;
}

static bool ramps(const struct ll_scale_window *w)
{
    return w->effect == LL_WINDOW_FLOOR && w->ramp > 0;
}

/* A floor's way up: rounded up, so that the first unit is there at once. */
static int64_t amount_at(const struct ll_scale_window *w, ll_dur open_for)
{
    if (!ramps(w) || open_for >= w->ramp)
        return w->amount;
    const double share = (double)(open_for + 1) / (double)w->ramp;
    const int64_t units = (int64_t)(share * (double)w->amount) + 1;
    return LL_MIN(units, w->amount);
}

/* When a ramp takes its next step: amount_at grows by one. */
static ll_time next_step(const struct ll_scale_window *w, ll_time since, ll_time now)
{
    const ll_dur open_for = now - since;
    if (!ramps(w) || open_for >= w->ramp || w->amount <= 0)
        return LL_TIME_NONE;
    const int64_t units = amount_at(w, open_for);
    const ll_dur at = (ll_dur)((double)w->ramp * (double)units / (double)w->amount);
    return since + LL_MIN(LL_MAX(at, open_for + 1), w->ramp);
}

static ll_time sooner(ll_time a, ll_time b)
{
    return a == LL_TIME_NONE ? b : b == LL_TIME_NONE ? a : LL_MIN(a, b);
}

static bool anchor_of(const struct ll_scale_window *w, const struct ll_schedule_source *src,
                      struct anchor *a, struct ll_err *err)
{
    *a = (struct anchor){.w = w, .src = src, .tz = src->tz};
    if (!a->tz && src->calendar)
        a->tz = ll_calendar_tz(src->calendar);
    if (!a->tz)
        return ll_err_set(err, LL_E_INVALID, "a window without a zone: give time_zone or calendar");
    if (w->duration <= 0)
        return ll_err_set(err, LL_E_INVALID, "a window's duration must be over 0");
    switch (w->anchor) {
    case LL_ANCHOR_CRON:
        return ll_cron_parse(w->cron, &a->cron, err);
    case LL_ANCHOR_EVENT:
        if (!src->events)
            return ll_err_set(err, LL_E_INVALID, "a window at '%.*s' needs a calendar with events",
                              (int)w->event.n, w->event.s);
        return true;
    default: /* LL_ANCHOR_OPEN, LL_ANCHOR_CLOSE */
        break;
    }
    if (!src->calendar)
        return ll_err_set(err, LL_E_INVALID,
                          "a window at the market's open or close needs a calendar");
    return true;
}

bool ll_schedule_at(const struct ll_scale_window *w, const struct ll_schedule_source *src,
                    ll_time now, struct ll_window_now *out, struct ll_err *err)
{
    struct anchor a;
    if (!anchor_of(w, src, &a, err))
        return false;
    const ll_time last = last_opening(&a, now), next = next_opening(&a, now);
    *out = (struct ll_window_now){
        .window = w, .since = LL_TIME_NONE, .until = LL_TIME_NONE, .next = next};
    if (last == LL_TIME_NONE || now >= last + w->duration)
        return true;
    out->open = true;
    out->amount = amount_at(w, now - last);
    out->since = last;
    out->until = last + w->duration;
    out->next = sooner(sooner(next, out->until), next_step(w, last, now));
    return true;
}
