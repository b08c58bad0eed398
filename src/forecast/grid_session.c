/* The grid of sessions: rows of as many slots as a usual session has steps. */
#include "forecast/grid_private.h"

enum {
    RECENT = 20,    /* sessions before the end of the history that say how many slots there are */
    NEAR_DAYS = 3,  /* a trade date and its hours are not further apart */
    YEAR_HALF = 182 /* days */
};

static int64_t step_of(const struct ll_series *s, ll_time t)
{
    return ll_grid_floor(t - s->t0, s->step);
}

/* How much of a step lies in the session. */
static ll_dur held(const struct ll_series *s, const struct ll_session *x, int64_t step)
{
    ll_time from = ll_grid_start(s, step), to = from + s->step;
    return LL_MIN(to, x->close) - LL_MAX(from, x->open);
}

/* The step that holds most of a session. */
static int64_t fullest(const struct ll_series *s, const struct ll_session *x)
{
    int64_t best = step_of(s, x->open), last = step_of(s, x->close - 1);
    for (int64_t i = best + 1; i <= last; i++)
        if (held(s, x, i) > held(s, x, best))
            best = i;
    return best;
}

/* Steps of a day: one a session, and of two sessions that would have it the fuller one. */
static struct ll_grid_span span_of_days(const struct ll_series *s, const struct ll_session *x,
                                        const struct ll_session *before,
                                        const struct ll_session *after)
{
    int64_t at = fullest(s, x);
    bool taken = (before && fullest(s, before) == at && held(s, before, at) >= held(s, x, at)) ||
                 (after && fullest(s, after) == at && held(s, after, at) > held(s, x, at));
    return (struct ll_grid_span){at, at + !taken, at, at};
}

struct ll_grid_span ll_grid_span_of(const struct ll_series *s, const struct ll_session *x,
                                    const struct ll_session *before, const struct ll_session *after)
{
    if (s->step >= LL_DAY)
        return span_of_days(s, x, before, after);
    int64_t lo = step_of(s, x->open), hi = step_of(s, x->close - 1) + 1;
    int64_t first = lo;
    if (before && before->close > ll_grid_start(s, lo) && held(s, before, lo) >= held(s, x, lo))
        lo++;
    if (after && after->open < ll_grid_start(s, hi) && held(s, after, hi - 1) > held(s, x, hi - 1))
        hi--;
    struct ll_grid_span span = {lo, LL_MAX(lo, hi), lo, lo};
    if (x->break_start != LL_TIME_NONE) { /* steps that lie in it with their whole length */
        int64_t from = step_of(s, x->break_start - 1) + 1, to = step_of(s, x->break_end);
        if (from > first && to > from && to < hi) {
            span.break_lo = from;
            span.break_hi = to;
        }
    }
    return span;
}

static size_t count(const struct ll_grid_span *x)
{
    return (size_t)((x->hi - x->lo) - (x->break_hi - x->break_lo));
}

/* The jth step of a span. */
static int64_t nth(const struct ll_grid_span *x, size_t j)
{
    int64_t step = x->lo + (int64_t)j;
    return step < x->break_lo ? step : step + (x->break_hi - x->break_lo);
}

struct rows {
    const struct ll_session *v;
    size_t n;            /* sessions of the calendar from v on */
    size_t first, last;  /* those of the grid */
    size_t history;      /* the last one with a step of the history */
    size_t slots, start; /* slots of a row; of the first row before the series begins */
};

static struct ll_grid_span span_at(const struct ll_grid_build *b, const struct rows *r, size_t i)
{
    return ll_grid_span_of(b->s, &r->v[i], i > 0 ? &r->v[i - 1] : NULL,
                           i + 1 < r->n ? &r->v[i + 1] : NULL);
}

/* The slot of the jth of n steps: the first half from the open, the rest to the close.  A day
 * longer than the usual ones loses its middle: `slots`. */
static size_t slot_of(size_t j, size_t n, size_t slots)
{
    size_t kept = LL_MIN(n, slots), head = (kept + 1) / 2, tail = kept - head;
    if (j < head)
        return j;
    return j >= n - tail ? slots - (n - j) : slots;
}

static bool too_far(const struct ll_grid_build *b)
{
    char text[LL_DAY_TEXT_MAX];
    return ll_err_set(b->err, LL_E_RANGE, "calendar %s ends on %s, before a horizon of %zu steps",
                      ll_calendar_code(b->calendar),
                      ll_day_format(ll_calendar_to(b->calendar), text), b->horizon);
}

/* Which sessions the grid has: from the first step of the series to the horizon. */
static bool find_rows(const struct ll_grid_build *b, struct rows *r)
{
    const int64_t n = (int64_t)b->s->n;
    ll_day from = (ll_day)ll_time_day(b->s->t0) - NEAR_DAYS;
    bool begun = false;
    r->n = ll_calendar_sessions(b->calendar, from, ll_calendar_to(b->calendar), &r->v);
    size_t ahead = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct ll_grid_span span = span_at(b, r, i);
        if (span.hi <= 0 || count(&span) == 0)
            continue;
        if (span.lo >= n && ahead >= b->horizon)
            break;
        r->first = begun ? r->first : i;
        r->history = span.lo < n || !begun ? i : r->history;
        r->last = i;
        begun = true;
        for (size_t j = 0; j < count(&span); j++)
            ahead += nth(&span, j) >= n;
    }
    return ahead >= b->horizon || too_far(b);
}

static void find_slots(const struct ll_grid_build *b, struct rows *r)
{
    size_t from = r->history > r->first + RECENT ? r->history - RECENT : r->first;
    r->slots = 0;
    for (size_t i = from; i <= r->last; i++) {
        const struct ll_grid_span span = span_at(b, r, i);
        r->slots = LL_MAX(r->slots, count(&span));
    }
    const struct ll_grid_span first = span_at(b, r, r->first);
    r->start = r->slots - 1;
    for (size_t j = count(&first); j-- > 0;)
        if (nth(&first, j) >= 0)
            r->start = LL_MIN(r->start, slot_of(j, count(&first), r->slots));
}

/* Places of history and horizon: of every step that a slot is kept for, in their order. */
static void measure(struct ll_grid_build *b, const struct rows *r)
{
    size_t ahead = 0, end = 0;
    for (size_t i = r->first; i <= r->last; i++) {
        const struct ll_grid_span span = span_at(b, r, i);
        for (size_t j = 0; j < count(&span); j++) {
            int64_t step = nth(&span, j);
            size_t slot = slot_of(j, count(&span), r->slots);
            if (step < 0 || slot == r->slots || (step >= (int64_t)b->s->n && ahead >= b->horizon))
                continue;
            end = (i - r->first) * r->slots + slot - r->start + 1;
            if (step < (int64_t)b->s->n)
                b->n = end;
            else
                ahead++;
        }
    }
    b->h = end - b->n;
}

static void fill_row(struct ll_grid_build *b, const struct rows *r, size_t i, size_t *ahead)
{
    const struct ll_grid_span span = span_at(b, r, i);
    const size_t row = (i - r->first) * r->slots, total = b->n + b->h;
    uint8_t class = ll_grid_class_of(b, r->v[i].date);
    for (size_t slot = i == r->first ? r->start : 0; slot < r->slots; slot++) {
        size_t at = row + slot - r->start;
        if (at >= total)
            break;
        b->day[at] = (int32_t)(i - r->first);
        b->day_class[at] = class;
    }
    for (size_t j = 0; j < count(&span); j++) {
        int64_t step = nth(&span, j);
        size_t slot = slot_of(j, count(&span), r->slots), at = row + slot - r->start;
        if (step < 0 || slot == r->slots || at >= total)
            continue;
        b->t[at] = ll_grid_start(b->s, step);
        if (step < (int64_t)b->s->n)
            b->y[at] = b->s->y[step];
        else
            b->ahead[(*ahead)++] = (struct ll_grid_ahead){b->t[at], at};
    }
}

/* Sessions of a week, from a year around the end: holidays make it a little less. */
static int sessions_a_week(const struct ll_calendar *c, ll_day d)
{
    const struct ll_session *v;
    ll_day from = LL_MAX(d - YEAR_HALF, ll_calendar_from(c));
    ll_day to = LL_MIN(d + YEAR_HALF, ll_calendar_to(c));
    size_t days = to >= from ? (size_t)(to - from) + 1 : 1;
    size_t n = ll_calendar_sessions(c, from, to, &v);
    int week = (int)((14 * n + days) / (2 * days));
    return LL_MAX(week, 1);
}

bool ll_grid_fill_sessions(struct ll_grid_build *b)
{
    struct rows r = {0};
    if (!find_rows(b, &r))
        return false;
    find_slots(b, &r);
    measure(b, &r);
    if (!ll_grid_alloc(b) || !ll_grid_find_events(b, r.v[r.first].date, r.v[r.last].date))
        return false;
    size_t ahead = 0;
    for (size_t i = r.first; i <= r.last; i++)
        fill_row(b, &r, i, &ahead);
    b->first_slot = r.start;
    int week = sessions_a_week(b->calendar, r.v[r.history].date);
    if (r.slots > 1)
        b->season[b->n_seasons++] = (int)r.slots;
    if (week > 1)
        b->season[b->n_seasons++] = week * (int)r.slots;
    return true;
}
