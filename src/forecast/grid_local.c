/* The grid of local time: steps of the series find their place on the clock of the zone. */
#include <math.h>

#include "forecast/grid_private.h"

/* Steps of the series one by one, with their place on the local clock. */
struct walk {
    const struct ll_grid_build *b;
    const struct ll_tz *tz;
    ll_time local0; /* local time of place 0 */
    ll_time change; /* when the offset is to be asked again */
    ll_dur offset;
};

static struct walk walk_begin(const struct ll_grid_build *b)
{
    struct walk w = {.b = b, .tz = ll_calendar_tz(b->calendar), .change = b->s->t0};
    w.local0 = b->s->t0 + ll_tz_at(w.tz, b->s->t0).offset;
    return w;
}

/* Steps in order.  Below 0 for the repeat of an hour in which the series begins. */
static int64_t walk_place(struct walk *w, size_t step)
{
    const struct ll_series *s = w->b->s;
    ll_time t = ll_grid_start(s, (int64_t)step);
    if (w->change != LL_TIME_NONE && t >= w->change) {
        w->offset = ll_tz_at(w->tz, t).offset;
        w->change = ll_tz_next_change(w->tz, t, ll_grid_start(s, (int64_t)(s->n + w->b->horizon)));
    }
    return ll_grid_floor(t + w->offset - w->local0, s->step);
}

static void measure_local(struct ll_grid_build *b)
{
    struct walk w = walk_begin(b);
    int64_t history = -1, end = -1;
    for (size_t i = 0; i < b->s->n + b->horizon; i++) {
        int64_t at = walk_place(&w, i);
        end = LL_MAX(end, at);
        history = i < b->s->n ? end : history;
    }
    b->n = (size_t)(history + 1);
    /* An hour that comes twice may begin in the history and end the horizon. */
    b->h = b->horizon ? LL_MAX((size_t)(end - history), 1) : 0;
}

/* The mean of the steps that have the place: hours that come twice. */
static void put_value(struct ll_grid_build *b, size_t at, double v, uint8_t *seen)
{
    if (isnan(v))
        return;
    b->y[at] = seen[at] ? b->y[at] + (v - b->y[at]) / (seen[at] + 1) : v;
    seen[at]++;
}

static bool put_steps(struct ll_grid_build *b)
{
    uint8_t *seen = LL_ARENA_NEW(b->out, uint8_t, b->n);
    struct walk w = walk_begin(b);
    if (!seen)
        return ll_grid_no_memory(b);
    for (size_t i = 0; i < b->s->n + b->horizon; i++) {
        int64_t place = walk_place(&w, i);
        ll_time t = ll_grid_start(b->s, (int64_t)i);
        if (i < b->s->n && place < 0)
            continue;
        size_t at = (size_t)place;
        if (i >= b->s->n) {
            /* The second of two hours, of which the first is history: the next step speaks. */
            at = place < (int64_t)b->n ? b->n : at;
            b->ahead[i - b->s->n] = (struct ll_grid_ahead){t, at};
        } else {
            put_value(b, at, b->s->y[i], seen);
        }
        b->t[at] = b->t[at] == LL_TIME_NONE ? t : b->t[at];
    }
    return true;
}

static void put_days(struct ll_grid_build *b, ll_day first)
{
    const ll_time local0 = walk_begin(b).local0 + b->s->step / 2;
    int64_t last = INT64_MIN;
    uint8_t class = 0;
    for (size_t i = 0; i < b->n + b->h; i++) {
        int64_t day = ll_time_day(local0 + (int64_t)i * b->s->step);
        if (day != last)
            class = ll_grid_class_of(b, (ll_day)day);
        last = day;
        b->day[i] = (int32_t)(day - first);
        b->day_class[i] = class;
    }
}

bool ll_grid_fill_local(struct ll_grid_build *b)
{
    const ll_dur step = b->s->step, day = LL_DAY;
    if (b->horizon &&
        !ll_calendar_covers(b->calendar, ll_grid_start(b->s, (int64_t)(b->s->n + b->horizon)) - 1))
        return ll_err_set(b->err, LL_E_RANGE, "calendar %s does not cover a horizon of %zu steps",
                          ll_calendar_code(b->calendar), b->horizon);
    measure_local(b);
    ll_day first = (ll_day)ll_time_day(walk_begin(b).local0 + step / 2);
    ll_day last = first + (ll_day)((int64_t)(b->n + b->h) * step / day) + 1;
    if (!ll_grid_alloc(b) || !ll_grid_find_events(b, first, last) || !put_steps(b))
        return false;
    put_days(b, first);
    if (step < day && day % step == 0)
        b->season[b->n_seasons++] = (int)(day / step);
    if (step <= day && day % step == 0)
        b->season[b->n_seasons++] = (int)(7 * day / step);
    return true;
}
