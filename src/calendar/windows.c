/* When are several venues closed at once?  One sweep: from a moment on, whoever is busy pushes it
 * to the end of his phase; when nobody is, the first who will be ends the window. */
#include "calendar/compiled.h"

/* Whether c is in a phase at t, and when that may end (*edge > t). */
static bool busy(const struct ll_calendar *c, ll_time t, ll_time *edge)
{
    *edge = c->end;
    size_t i = ll_calendar_after(c, t);
    if (i == c->n)
        return false;
    const struct ll_session *s = &c->sessions[i];
    const struct ll_cal_pattern *p = &c->patterns[s->phases];
    const struct ll_cal_span *span = &c->spans[p->first];
    while (t - s->open >= span->end)
        span++;
    bool inside = t - s->open >= span->start;
    *edge = s->open + (inside ? span->end : span->start);
    return inside;
}

/* The end of what is closed from t on; t itself when one is busy, which moves t on. */
static ll_time closed_until(const struct ll_calendar *const *calendars, size_t n, ll_time *t,
                            ll_time to)
{
    ll_time until = to, edge;
    for (size_t i = 0; i < n; i++) {
        if (busy(calendars[i], *t, &edge)) {
            *t = edge;
            return edge;
        }
        until = LL_MIN(until, edge);
    }
    return until;
}

size_t ll_calendar_closed_windows(const struct ll_calendar *const *calendars, size_t n,
                                  ll_time from, ll_time to, ll_dur min, struct ll_window *out,
                                  size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        from = LL_MAX(from, calendars[i]->begin);
        to = LL_MIN(to, calendars[i]->end);
    }
    for (ll_time t = from; t < to;) {
        ll_time start = t, until = closed_until(calendars, n, &t, to);
        if (t > start)
            continue;
        if (until - t >= min) {
            if (found < max)
                out[found] = (struct ll_window){t, until};
            found++;
        }
        t = until;
    }
    return found;
}
