/* Which days are sessions, and which have times of their own: the rules and changes of a calendar
 * in their order, on an array with a few bytes for each day. */
#include "calendar/build.h"
#include "calendar/dates.h"

enum { NEAR_DAYS = 10 };

static const struct ll_cal_times no_times = {.open = LL_CAL_CLOCK_NONE,
                                             .close = LL_CAL_CLOCK_NONE,
                                             .break_start = LL_CAL_CLOCK_NONE,
                                             .break_end = LL_CAL_CLOCK_NONE};

static struct ll_cal_day *day_at(const struct ll_cal_build *b, ll_day d)
{
    return d < b->lo || d > b->hi ? NULL : &b->days[d - b->lo];
}

/* 1 + the index of a reason.  Lists have the same one over and over: it is kept once. */
static bool why_of(struct ll_cal_build *b, struct ll_slice reason, uint16_t *why)
{
    struct ll_slice text = reason.n ? reason : LL_SLICE("ad hoc");
    if (b->reasons.n == 0 || !ll_slice_eq(b->reasons.v[b->reasons.n - 1], text)) {
        if (b->reasons.n == LL_CAL_WHY_REASON)
            return ll_err_set(b->err, LL_E_TOO_LARGE, "more than %d reasons for days",
                              LL_CAL_WHY_REASON);
        if (!ll_cal_reasons_push(&b->reasons, text))
            return ll_cal_build_no_memory(b);
    }
    *why = (uint16_t)b->reasons.n;
    return true;
}

/* The row that counts on d, and the first day on which another may. */
static const struct ll_cal_weekmask *mask_on(const struct ll_cal_rules *rules, ll_day d,
                                             ll_day *until)
{
    const struct ll_cal_weekmask *best = NULL;
    *until = LL_DAY_LAST;
    for (size_t i = 0; i < rules->n_weekmasks; i++) {
        const struct ll_cal_weekmask *row = &rules->weekmasks[i];
        if (row->from > d)
            *until = LL_MIN(*until, row->from);
        else if (!best || row->from >= best->from)
            best = row;
    }
    return best;
}

static bool fill_mask(struct ll_cal_build *b)
{
    const struct ll_cal_rules *rules = b->rules;
    for (ll_day d = b->lo, until; d <= b->hi; d = until) {
        /* before the first day its mask counts: rules there look at neighbours only */
        const struct ll_cal_weekmask *row = mask_on(rules, LL_MAX(d, rules->from), &until);
        if (!row) {
            char text[LL_DAY_TEXT_MAX];
            return LL_CAL_ERROR(b->err, rules->file,
                                rules->n_weekmasks ? rules->weekmasks[0].line : 1,
                                "no weekmask for %s", ll_day_format(rules->from, text));
        }
        until = until > b->hi ? b->hi + 1 : until;
        for (int w = ll_day_weekday(d); d < until; d++, w = w == 6 ? 0 : w + 1)
            if (row->mask >> w & 1)
                b->days[d - b->lo].state = LL_CAL_DAY_MASK;
    }
    return true;
}

/* A day of the calendar where a session-based rule finds nothing is an error; near the ends of
 * what is looked at it is not known. */
static ll_day session_near(void *ctx, const struct ll_cal_rule *r, ll_day day)
{
    struct ll_cal_build *b = ctx;
    int step = r->base == LL_CAL_LAST_SESSION ? -1 : 1;
    for (int i = 0; i <= NEAR_DAYS; i++) {
        const struct ll_cal_day *d = day_at(b, day + i * step);
        if (!d)
            return LL_DAY_NONE;
        if (ll_cal_day_session(d))
            return day + i * step;
    }
    if (day < b->rules->from || day > b->src->to || !ll_cal_dates_admit(r, day) || b->failed)
        return LL_DAY_NONE;
    char text[LL_DAY_TEXT_MAX];
    b->failed = true;
    LL_CAL_ERROR(b->err, r->file, r->line, "'%.*s' has no session within %d days of %s",
                 (int)r->id.n, r->id.s, NEAR_DAYS, ll_day_format(day, text));
    return LL_DAY_NONE;
}

static struct ll_cal_dates dates_of(struct ll_cal_build *b, const struct ll_cal_rule *r)
{
    return (struct ll_cal_dates){.rule = r,
                                 .year = ll_day_date(b->lo).year - 1,
                                 .last = ll_day_date(b->hi).year + 1,
                                 .near = session_near,
                                 .ctx = b};
}

/* Step 7: a day later while it is taken. */
static struct ll_cal_day *collide(const struct ll_cal_build *b, enum ll_cal_collide how, ll_day d)
{
    struct ll_cal_day *x = day_at(b, d);
    while (x && ((x->state & LL_CAL_DAY_HOLIDAY) ||
                 (how == LL_CAL_COLLIDE_NEXT_SESSION && !(x->state & LL_CAL_DAY_MASK))))
        x = day_at(b, ++d);
    return x;
}

/* The day that a rule's date comes to; NULL outside the days that are built. */
static struct ll_cal_day *day_by(struct ll_cal_build *b, const struct ll_cal_rule *r, ll_day date)
{
    return r->collide == LL_CAL_COLLIDE_NO ? day_at(b, date) : collide(b, r->collide, date);
}

static bool add_holidays(struct ll_cal_build *b, const struct ll_cal_rule *r)
{
    struct ll_cal_dates dates = dates_of(b, r);
    uint16_t why = 0;
    if (!why_of(b, r->id, &why))
        return false;
    for (ll_day date; ll_cal_dates_next(&dates, &date);) {
        struct ll_cal_day *d = day_by(b, r, date);
        if (!d)
            continue;
        if (ll_cal_day_session(d))
            d->why = why;
        d->state |= LL_CAL_DAY_HOLIDAY;
    }
    return !b->failed;
}

enum pass { PLAIN, COLLIDING, BY_SESSION };

static enum pass pass_of(const struct ll_cal_rule *r)
{
    return ll_cal_dates_by_session(r) ? BY_SESSION : r->collide ? COLLIDING : PLAIN;
}

static bool holidays(struct ll_cal_build *b, enum pass pass)
{
    for (size_t i = 0; i < b->rules->n_holidays; i++)
        if (pass_of(&b->rules->holidays[i]) == pass && !add_holidays(b, &b->rules->holidays[i]))
            return false;
    return true;
}

static struct ll_cal_own *own_of(struct ll_cal_build *b, struct ll_cal_day *d)
{
    if (d->own == 0) {
        if (!ll_cal_owns_push(&b->owns, (struct ll_cal_own){.times = no_times}))
            return NULL;
        d->own = (uint32_t)b->owns.n;
    }
    return &b->owns.v[d->own - 1];
}

static void merge(struct ll_cal_times *into, const struct ll_cal_times *t)
{
    into->open = t->open == LL_CAL_CLOCK_NONE ? into->open : t->open;
    into->close = t->close == LL_CAL_CLOCK_NONE ? into->close : t->close;
    if (t->break_start != LL_CAL_CLOCK_NONE) {
        into->break_start = t->break_start;
        into->break_end = t->break_end;
    }
    into->shift = t->shift ? t->shift : into->shift;
    into->shift_open = t->shift_open ? t->shift_open : into->shift_open;
}

static bool special(struct ll_cal_build *b, const struct ll_cal_rule *r)
{
    struct ll_cal_dates dates = dates_of(b, r);
    uint16_t why = 0;
    if (!why_of(b, r->id, &why))
        return false;
    for (ll_day date; ll_cal_dates_next(&dates, &date);) {
        struct ll_cal_day *d = day_by(b, r, date);
        if (!d)
            continue;
        struct ll_cal_own *own = own_of(b, d);
        if (!own)
            return ll_cal_build_no_memory(b);
        merge(&own->times, &r->times);
        own->why = why;
        own->line = r->line;
        own->file = r->file;
    }
    return !b->failed;
}

/* Changes that count: of a date looked at, and known by then. */
static struct ll_cal_day *day_of(const struct ll_cal_build *b, const struct ll_cal_change *x)
{
    bool later = b->src->known_at != LL_TIME_NONE && x->known > b->src->known_at;
    bool ours = x->kind == LL_CAL_CLOSED || x->kind == LL_CAL_TIMES || x->kind == LL_CAL_OPENED;
    return ours && !later ? day_at(b, x->date) : NULL;
}

static bool change_state(struct ll_cal_build *b, const struct ll_cal_change *x)
{
    struct ll_cal_day *d = day_of(b, x);
    uint16_t why = 0;
    if (!d || x->kind == LL_CAL_TIMES)
        return true;
    if (!why_of(b, x->reason, &why))
        return false;
    bool was = ll_cal_day_session(d);
    if (x->kind == LL_CAL_OPENED)
        d->state = (uint8_t)((d->state | LL_CAL_DAY_OPENED) & ~LL_CAL_DAY_CLOSED);
    else
        d->state = (uint8_t)((d->state | LL_CAL_DAY_CLOSED) & ~LL_CAL_DAY_OPENED);
    if (was || x->kind == LL_CAL_OPENED)
        d->why = why;
    return true;
}

static bool change_times(struct ll_cal_build *b, const struct ll_cal_change *x)
{
    struct ll_cal_day *d = day_of(b, x);
    uint16_t why = 0;
    if (!d || !ll_cal_day_session(d) || x->kind == LL_CAL_CLOSED)
        return true;
    if (!why_of(b, x->reason, &why))
        return false;
    struct ll_cal_own *own = own_of(b, d);
    if (!own)
        return ll_cal_build_no_memory(b);
    if (x->kind == LL_CAL_OPENED && x->times.open != LL_CAL_CLOCK_NONE &&
        x->times.close != LL_CAL_CLOCK_NONE)
        *own = (struct ll_cal_own){.times = no_times, .alone = true};
    merge(&own->times, &x->times);
    own->why = why;
    own->line = x->line;
    own->file = x->file;
    return true;
}

/* Those of the file: opened and closed days were done before the session-based rules. */
static bool file_times(struct ll_cal_build *b, enum ll_cal_change_kind kind)
{
    for (size_t i = 0; i < b->rules->n_changes; i++)
        if (b->rules->changes[i].kind == kind && !change_times(b, &b->rules->changes[i]))
            return false;
    return true;
}

static bool file_states(struct ll_cal_build *b)
{
    for (size_t i = 0; i < b->rules->n_changes; i++)
        if (!change_state(b, &b->rules->changes[i]))
            return false;
    return true;
}

static bool specials(struct ll_cal_build *b)
{
    for (size_t i = 0; i < b->rules->n_special; i++)
        if (!special(b, &b->rules->special[i]))
            return false;
    return true;
}

static bool overlays(struct ll_cal_build *b)
{
    for (size_t i = 0; i < b->src->n_changes; i++)
        if (!change_state(b, &b->src->changes[i]) || !change_times(b, &b->src->changes[i]))
            return false;
    return true;
}

bool ll_cal_build_days(struct ll_cal_build *b)
{
    return fill_mask(b) && holidays(b, PLAIN) && holidays(b, COLLIDING) && file_states(b) &&
           holidays(b, BY_SESSION) && specials(b) && file_times(b, LL_CAL_OPENED) &&
           file_times(b, LL_CAL_TIMES) && overlays(b);
}
