#include "cost/size_history.h"

#include <math.h>

#include "base/defs.h"

enum { FRIDAY = 4 };

static ll_time end_of(const struct ll_size_history_opts *o)
{
    return o->from + (ll_dur)o->n * o->step;
}

static ll_day utc_day(ll_time t)
{
    const ll_time rest = t % LL_DAY;
    return (ll_day)((t - (rest < 0 ? rest + LL_DAY : rest)) / LL_DAY);
}

static ll_dur overlap(ll_time a, ll_time b, ll_time from, ll_time to)
{
    return LL_MAX(LL_MIN(b, to) - LL_MAX(a, from), 0);
}

static ll_dur open_within(const struct ll_session *s, ll_time from, ll_time to)
{
    const ll_dur whole = overlap(s->open, s->close, from, to);
    return s->break_start == LL_TIME_NONE ? whole
                                          : whole - overlap(s->break_start, s->break_end, from, to);
}

static enum ll_cost_day kind_of(const struct ll_size_history_opts *o, const struct ll_session *s)
{
    if (s->flags & LL_SESSION_HALF)
        return LL_COST_DAY_HALF;
    const bool expires = o->events && ll_market_events_day_class(o->events, o->calendar, s->date) ==
                                          LL_DAY_CLASS_EXPIRY;
    return expires ? LL_COST_DAY_EXPIRY : LL_COST_DAY_OPEN;
}

/* The sessions that may lie in the history; trade dates are up to a day from UTC's. */
struct sessions {
    const struct ll_session *v;
    size_t n, next; /* next: those before it have closed */
};

static struct sessions sessions_of(const struct ll_size_history_opts *o)
{
    struct sessions s = {0};
    s.n = ll_calendar_sessions(o->calendar, utc_day(o->from) - 2, utc_day(end_of(o)) + 2, &s.v);
    return s;
}

/* Open milliseconds of a step, and its class. */
static ll_dur look(const struct ll_size_history_opts *o, struct sessions *s, size_t i, uint8_t *day)
{
    const ll_time from = o->from + (ll_dur)i * o->step, to = from + o->step;
    *day = LL_COST_DAY_OPEN;
    if (!o->calendar || !ll_calendar_covers(o->calendar, from) ||
        !ll_calendar_covers(o->calendar, to - 1))
        return o->step;
    while (s->next < s->n && s->v[s->next].close <= from)
        s->next++;
    ll_dur open = 0;
    *day = LL_COST_DAY_CLOSED;
    for (size_t k = s->next; k < s->n && s->v[k].open < to; k++) {
        const ll_dur part = open_within(&s->v[k], from, to);
        if (part > 0)
            *day = (uint8_t)kind_of(o, &s->v[k]);
        open += part;
    }
    return open;
}

/* From the newest back; weight holds each step's open milliseconds until then. */
static void age(const struct ll_size_history_opts *o, double *weight)
{
    double hours = 0;
    for (size_t i = o->n; i-- > 0;) {
        const double open = weight[i] / (double)LL_HOUR;
        weight[i] = o->half_life_hours > 0 ? exp2(-hours / o->half_life_hours) : 1;
        hours += open;
    }
}

static bool holds(const struct ll_size_history_opts *o, const struct ll_session *s)
{
    return s && s->open >= o->from && s->close <= end_of(o);
}

static bool holds_month_end(const struct ll_size_history_opts *o, const struct sessions *s)
{
    for (size_t i = 0; i + 1 < s->n; i++) {
        const bool last = ll_day_date(s->v[i].date).month != ll_day_date(s->v[i + 1].date).month;
        if (last && holds(o, &s->v[i]))
            return true;
    }
    return false;
}

static bool holds_quarter(const struct ll_size_history_opts *o)
{
    const int first = ll_day_date(utc_day(o->from)).year;
    const int last = ll_day_date(utc_day(end_of(o))).year;
    for (int year = first; year <= last; year++) {
        for (int month = 3; month <= 12; month += 3) {
            const ll_day after = ll_day_nth(year, month, 3, FRIDAY) + 1;
            if (holds(o, ll_calendar_step(o->calendar, after, -1)))
                return true;
        }
    }
    return false;
}

void ll_size_history_make(const struct ll_size_history_opts *o, double *weight, uint8_t *day,
                          struct ll_size_history *out)
{
    LL_ASSERT(o->step > 0);
    struct sessions s = {0};
    if (o->calendar)
        s = sessions_of(o);
    for (size_t i = 0; i < o->n; i++)
        weight[i] = (double)look(o, &s, i, &day[i]);
    age(o, weight);
    *out = (struct ll_size_history){
        .step = o->step,
        .n = o->n,
        .weight = weight,
        .day = o->calendar ? day : NULL,
        .by_calendar = o->calendar != NULL,
        .month_end = o->calendar && holds_month_end(o, &s),
        .quarter = o->calendar && holds_quarter(o),
    };
}
