/* Which grid a series lives on, and the grid of the clock. */
#include "forecast/grid.h"

#include <math.h>

#include "forecast/grid_private.h"
#include "stats/quantile.h"

/* A series lives on sessions when hardly anything happens outside of them: few steps with more
 * than a hundredth of what is usual in session, and not much in all. */
static const double load_ratio = 0.01, loaded_steps_max = 0.1, closed_sum_max = 0.02;

enum { JUDGED_DAYS = 90, SESSIONS_MIN = 2, NEAR_DAYS = 3 };

bool ll_grid_no_memory(const struct ll_grid_build *b)
{
    return ll_err_set(b->err, LL_E_MEMORY, "no memory for a grid of %zu steps", b->s->n);
}

bool ll_grid_alloc(struct ll_grid_build *b)
{
    const size_t total = b->n + b->h;
    b->y = LL_ARENA_NEW(b->out, double, b->n);
    b->t = LL_ARENA_NEW(b->out, ll_time, total);
    b->day_class = LL_ARENA_NEW(b->out, uint8_t, total);
    b->day = LL_ARENA_NEW(b->out, int32_t, total);
    b->ahead = LL_ARENA_NEW(b->out, struct ll_grid_ahead, b->horizon);
    if (!b->y || !b->t || !b->day_class || !b->day || !b->ahead)
        return ll_grid_no_memory(b);
    for (size_t i = 0; i < b->n; i++)
        b->y[i] = NAN;
    for (size_t i = 0; i < total; i++)
        b->t[i] = LL_TIME_NONE;
    return true;
}

static bool fill_clock(struct ll_grid_build *b)
{
    const ll_time middle = b->s->step / 2;
    b->n = b->s->n;
    b->h = b->horizon;
    if (!ll_grid_alloc(b))
        return false;
    int64_t first = ll_time_day(b->s->t0 + middle);
    for (size_t i = 0; i < b->n + b->h; i++) {
        b->t[i] = ll_grid_start(b->s, (int64_t)i);
        b->day[i] = (int32_t)(ll_time_day(b->t[i] + middle) - first);
        if (i < b->n)
            b->y[i] = b->s->y[i];
        else
            b->ahead[i - b->n] = (struct ll_grid_ahead){b->t[i], i};
    }
    return true;
}

/* The steps looked at, and which of them are in session. */
struct judged {
    size_t from, n;
    bool *open;
    size_t sessions; /* with a value */
};

static bool mark_sessions(const struct ll_grid_build *b, struct judged *j)
{
    const struct ll_series *s = b->s;
    const struct ll_session *v;
    j->open = LL_ARENA_NEW(b->out, bool, j->n);
    if (!j->open)
        return ll_grid_no_memory(b);
    ll_day from = (ll_day)ll_time_day(ll_grid_start(s, (int64_t)j->from)) - NEAR_DAYS;
    ll_day to = (ll_day)ll_time_day(ll_grid_start(s, (int64_t)s->n)) + NEAR_DAYS;
    size_t n = ll_calendar_sessions(b->calendar, from, to, &v);
    for (size_t i = 0; i < n; i++) {
        const struct ll_grid_span span =
            ll_grid_span_of(s, &v[i], i ? &v[i - 1] : NULL, i + 1 < n ? &v[i + 1] : NULL);
        bool seen = false;
        int64_t hi = LL_MIN(span.hi, (int64_t)s->n);
        for (int64_t k = LL_MAX(span.lo, (int64_t)j->from); k < hi; k++) {
            bool pause = k >= span.break_lo && k < span.break_hi;
            j->open[k - (int64_t)j->from] |= !pause;
            seen |= !pause && isfinite(s->y[k]);
        }
        j->sessions += seen;
    }
    return true;
}

/* Median size of the values in session; NaN when there is none. */
static bool usual_load(const struct ll_grid_build *b, const struct judged *j, double *usual)
{
    double *v = LL_ARENA_NEW(b->out, double, j->n);
    size_t n = 0;
    if (!v)
        return ll_grid_no_memory(b);
    for (size_t i = 0; i < j->n; i++)
        if (j->open[i] && isfinite(b->s->y[j->from + i]))
            v[n++] = fabs(b->s->y[j->from + i]);
    *usual = ll_quantile_median(v, n);
    return true;
}

static bool is_quiet(const struct ll_grid_build *b, const struct judged *j, double usual)
{
    size_t closed = 0, loaded = 0;
    double sum = 0, closed_sum = 0;
    for (size_t i = 0; i < j->n; i++) {
        double v = b->s->y[j->from + i] / usual;
        v = isfinite(v) ? fabs(v) : 0;
        sum += v;
        if (!j->open[i]) {
            closed++;
            closed_sum += v > load_ratio ? v : 0;
            loaded += v > load_ratio;
        }
    }
    return closed > 0 && (double)loaded <= loaded_steps_max * (double)closed &&
           closed_sum <= closed_sum_max * sum;
}

static bool choose(const struct ll_grid_build *b, enum ll_grid_kind *kind)
{
    const struct ll_series *s = b->s;
    *kind = LL_GRID_CLOCK;
    if (!b->calendar || s->step > LL_DAY)
        return true;
    struct judged j = {.n = LL_MIN(s->n, (size_t)(JUDGED_DAYS * LL_DAY / s->step))};
    double usual = NAN;
    j.from = s->n - j.n;
    if (!mark_sessions(b, &j) || !usual_load(b, &j, &usual))
        return false;
    bool sessions = j.sessions >= SESSIONS_MIN && usual > 0 && is_quiet(b, &j, usual);
    *kind = sessions ? LL_GRID_SESSION : LL_GRID_LOCAL;
    return true;
}

static bool check(const struct ll_series *s, size_t horizon, struct ll_err *err)
{
    if (s->n + horizon == 0)
        return ll_err_set(err, LL_E_RANGE, "neither a value nor a horizon to make a grid of");
    if (s->step <= 0 || s->t0 < LL_TIME_MIN || s->t0 > LL_TIME_MAX ||
        horizon > LL_SERIES_STEPS_MAX || s->n > LL_SERIES_STEPS_MAX ||
        (LL_TIME_MAX - s->t0) / s->step <= (int64_t)(s->n + horizon))
        return ll_err_set(err, LL_E_RANGE, "a grid of %zu + %zu steps is beyond all time", s->n,
                          horizon);
    return true;
}

bool ll_grid_make(const struct ll_series *s, size_t horizon, const struct ll_calendar *calendar,
                  const struct ll_market_events *events, struct ll_arena *out, struct ll_grid *grid,
                  struct ll_err *err)
{
    struct ll_grid_build b = {
        .s = s, .horizon = horizon, .calendar = calendar, .events = events, .out = out, .err = err};
    enum ll_grid_kind kind;
    if (!check(s, horizon, err) || !choose(&b, &kind))
        return false;
    bool ok = kind == LL_GRID_SESSION ? ll_grid_fill_sessions(&b)
              : kind == LL_GRID_LOCAL ? ll_grid_fill_local(&b)
                                      : fill_clock(&b);
    if (!ok)
        return false;
    *grid = (struct ll_grid){.kind = kind,
                             .y = b.y,
                             .n = b.n,
                             .h = b.h,
                             .t = b.t,
                             .day_class = b.day_class,
                             .day = b.day,
                             .ahead = b.ahead,
                             .n_ahead = horizon,
                             .season = {b.season[0], b.season[1]},
                             .n_seasons = b.n_seasons,
                             .first_slot = b.first_slot,
                             .event = b.event,
                             .n_events = b.n_events};
    return true;
}
