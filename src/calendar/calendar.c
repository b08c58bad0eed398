/* Questions to a compiled calendar. */
#include "calendar/calendar.h"

#include <math.h>
#include <string.h>

#include "calendar/compiled.h"

static const char *const phase_names[] = {
#define X(name, text) text,
    LL_CAL_PHASES(X)
#undef X
};

static const char *const class_names[] = {
#define X(name, text) text,
    LL_DAY_CLASSES(X)
#undef X
};

const char *ll_cal_phase_name(enum ll_cal_phase p)
{
    LL_ASSERT((unsigned)p < LL_LEN(phase_names));
    return phase_names[p];
}

const char *ll_day_class_name(enum ll_day_class k)
{
    LL_ASSERT((unsigned)k < LL_LEN(class_names));
    return class_names[k];
}

const char *ll_calendar_code(const struct ll_calendar *c)
{
    return c->code;
}

const struct ll_tz *ll_calendar_tz(const struct ll_calendar *c)
{
    return c->tz;
}

ll_day ll_calendar_from(const struct ll_calendar *c)
{
    return c->from;
}

ll_day ll_calendar_to(const struct ll_calendar *c)
{
    return c->to;
}

ll_day ll_calendar_announced_to(const struct ll_calendar *c)
{
    return c->announced_to;
}

size_t ll_calendar_bytes(const struct ll_calendar *c)
{
    return sizeof(*c) + ll_arena_used(c->arena);
}

size_t ll_calendar_sessions(const struct ll_calendar *c, ll_day from, ll_day to,
                            const struct ll_session **first)
{
    from = LL_MAX(from, c->from);
    to = LL_MIN(to, c->to);
    if (from > to) {
        *first = NULL;
        return 0;
    }
    size_t i = ll_calendar_rank(c, from);
    *first = c->sessions + i;
    return ll_calendar_rank(c, to + 1) - i;
}

const struct ll_session *ll_calendar_session(const struct ll_calendar *c, ll_day date)
{
    if (date < c->from || date > c->to)
        return NULL;
    size_t i = ll_calendar_rank(c, date);
    return i < c->n && c->sessions[i].date == date ? &c->sessions[i] : NULL;
}

/* From a day outside nothing is known of the sessions between, but from the neighbours of the
 * first and the last day inwards. */
const struct ll_session *ll_calendar_step(const struct ll_calendar *c, ll_day date, int n)
{
    if (date < c->from - (n > 0) || date > c->to + (n < 0))
        return NULL;
    size_t at = ll_calendar_rank(c, n > 0 ? date + 1 : date);
    int64_t i = (int64_t)at + n - (n > 0);
    return i >= 0 && i < (int64_t)c->n ? &c->sessions[i] : NULL;
}

bool ll_calendar_covers(const struct ll_calendar *c, ll_time t)
{
    return t >= c->begin && t < c->end;
}

static bool trades(enum ll_cal_phase p)
{
    return p == LL_PHASE_REGULAR || p == LL_PHASE_OPENING_AUCTION ||
           p == LL_PHASE_INTRADAY_AUCTION || p == LL_PHASE_CLOSING_AUCTION;
}

/* Phase at t, which is covered, and the session it belongs to: NULL when CLOSED. */
static enum ll_cal_phase phase_at(const struct ll_calendar *c, ll_time t,
                                  const struct ll_session **session)
{
    *session = NULL;
    size_t i = ll_calendar_after(c, t);
    if (i == c->n)
        return LL_PHASE_CLOSED;
    const struct ll_session *s = &c->sessions[i];
    const struct ll_cal_pattern *p = &c->patterns[s->phases];
    int64_t off = t - s->open;
    if (off < p->start)
        return LL_PHASE_CLOSED;
    const struct ll_cal_span *span = &c->spans[p->first];
    while (off >= span->end) /* the last one ends after t */
        span++;
    if (off < span->start)
        return LL_PHASE_CLOSED;
    *session = s;
    return span->phase;
}

static bool open_at(const struct ll_session *s, enum ll_cal_phase p, ll_time t)
{
    return s && t >= s->open && t < s->close && trades(p);
}

enum ll_cal_phase ll_calendar_phase(const struct ll_calendar *c, ll_time t, bool *open)
{
    const struct ll_session *s = NULL;
    enum ll_cal_phase p = ll_calendar_covers(c, t) ? phase_at(c, t, &s) : LL_PHASE_CLOSED;
    *open = open_at(s, p, t);
    return p;
}

bool ll_calendar_is_open(const struct ll_calendar *c, ll_time t)
{
    bool open;
    ll_calendar_phase(c, t, &open);
    return open;
}

bool ll_calendar_at(const struct ll_calendar *c, ll_time t, struct ll_calendar_moment *out)
{
    if (!ll_calendar_covers(c, t))
        return false;
    const struct ll_session *s;
    enum ll_cal_phase p = phase_at(c, t, &s);
    *out = (struct ll_calendar_moment){
        .phase = p,
        .open = open_at(s, p, t),
        .session = s,
        .minutes_since_open = s ? (double)(t - s->open) / (double)LL_MINUTE : NAN,
        .minutes_to_close = s ? (double)(s->close - t) / (double)LL_MINUTE : NAN,
    };
    return true;
}

/* The first session that may open or close after t. */
static size_t upcoming(const struct ll_calendar *c, ll_time t)
{
    if (t < c->begin)
        return 0;
    return t < c->end ? ll_calendar_after(c, t) : c->n;
}

ll_time ll_calendar_next_open(const struct ll_calendar *c, ll_time t)
{
    size_t i = upcoming(c, t);
    while (i < c->n && c->sessions[i].open <= t)
        i++;
    return i < c->n ? c->sessions[i].open : LL_TIME_NONE;
}

ll_time ll_calendar_next_close(const struct ll_calendar *c, ll_time t)
{
    size_t i = upcoming(c, t);
    while (i < c->n && c->sessions[i].close <= t)
        i++;
    return i < c->n ? c->sessions[i].close : LL_TIME_NONE;
}

size_t ll_calendar_phases(const struct ll_calendar *c, const struct ll_session *s,
                          struct ll_phase_span out[static LL_SESSION_PHASES_MAX])
{
    const struct ll_cal_pattern *p = &c->patterns[s->phases];
    for (size_t i = 0; i < p->n; i++) {
        const struct ll_cal_span *span = &c->spans[p->first + i];
        out[i] = (struct ll_phase_span){span->phase, s->open + span->start, s->open + span->end};
    }
    return p->n;
}

enum ll_day_class ll_calendar_day_class(const struct ll_calendar *c, ll_day date)
{
    if (date < c->from || date > c->to)
        return LL_DAY_CLASS_UNKNOWN;
    const struct ll_session *s = ll_calendar_session(c, date);
    if (!s)
        return c->why[date - c->from] & LL_CAL_WHY_OFF ? LL_DAY_CLASS_CLOSED_WEEKEND
                                                       : LL_DAY_CLASS_CLOSED_HOLIDAY;
    if (s->flags & LL_SESSION_HALF)
        return LL_DAY_CLASS_HALF;
    if (s->flags & LL_SESSION_PRE_HOLIDAY)
        return LL_DAY_CLASS_PRE_HOLIDAY;
    return s->flags & LL_SESSION_POST_HOLIDAY ? LL_DAY_CLASS_POST_HOLIDAY : LL_DAY_CLASS_REGULAR;
}

struct ll_slice ll_calendar_reason(const struct ll_calendar *c, ll_day date)
{
    if (date < c->from || date > c->to)
        return LL_SLICE("");
    uint16_t why = c->why[date - c->from];
    if (why & LL_CAL_WHY_REASON)
        return c->reasons[(why & LL_CAL_WHY_REASON) - 1];
    return why & LL_CAL_WHY_OFF && !ll_calendar_session(c, date) ? LL_SLICE("weekend")
                                                                 : LL_SLICE("");
}
