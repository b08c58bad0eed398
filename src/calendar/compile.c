#include <stdlib.h>
#include <string.h>

#include "calendar/build.h"
#include "calendar/dates.h"

enum {
    AROUND = 32, /* days before and after that rules may look at */
    ARENA_MAX = 64 << 20
};

bool ll_cal_build_no_memory(const struct ll_cal_build *b)
{
    return ll_err_set(b->err, LL_E_MEMORY, "no memory to compile a calendar");
}

/* The rows of hours that count on each weekday, until another `from`. */
struct hours {
    const struct ll_cal_hours *by_weekday[7];
    const struct ll_cal_hours *any; /* one of the rows, for messages */
    ll_day until;
};

static void hours_on(const struct ll_cal_rules *rules, ll_day d, struct hours *h)
{
    *h = (struct hours){.until = LL_DAY_LAST};
    for (size_t i = 0; i < rules->n_hours; i++) {
        const struct ll_cal_hours *row = &rules->hours[i];
        if (row->from > d)
            h->until = LL_MIN(h->until, row->from);
        else if (!h->any || row->from > h->any->from)
            h->any = row;
    }
    for (size_t i = 0; h->any && i < rules->n_hours; i++) {
        const struct ll_cal_hours *row = &rules->hours[i];
        for (int w = 0; row->from == h->any->from && w < 7; w++) {
            const struct ll_cal_hours *old = h->by_weekday[w];
            if (row->dow ? row->dow >> w & 1 && (!old || !old->dow) : !old)
                h->by_weekday[w] = row;
        }
    }
}

static bool breaks(const struct ll_cal_clocks *c)
{
    return c->break_start > c->open && c->break_start < c->break_end && c->break_end < c->close;
}

/* Seconds of trading. */
static int64_t length(const struct ll_cal_clocks *c)
{
    return (int64_t)c->close - c->open - (breaks(c) ? c->break_end - c->break_start : 0);
}

static void put(struct ll_cal_clocks *c, const struct ll_cal_times *t)
{
    c->open = t->open == LL_CAL_CLOCK_NONE ? c->open : t->open;
    c->close = t->close == LL_CAL_CLOCK_NONE ? c->close : t->close;
    if (t->break_start != LL_CAL_CLOCK_NONE) {
        c->break_start = t->break_start;
        c->break_end = t->break_end;
    }
}

static void move(ll_cal_clock *clock, int32_t seconds)
{
    if (*clock != LL_CAL_CLOCK_NONE)
        *clock += seconds;
}

static void own_clocks(struct ll_cal_clocks *c, const struct ll_cal_own *own)
{
    const struct ll_cal_times *t = &own->times;
    put(c, t);
    move(&c->open, t->shift + t->shift_open);
    move(&c->close, t->shift);
    move(&c->break_start, t->shift);
    move(&c->break_end, t->shift);
    c->file = own->file;
    c->line = own->line;
}

/* The clocks of a session before they become UTC. */
static bool clocks_of(const struct ll_cal_build *b, const struct hours *h, ll_day d,
                      struct ll_cal_clocks *out)
{
    const struct ll_cal_day *day = &b->days[d - b->lo];
    const struct ll_cal_own *own = day->own ? &b->owns.v[day->own - 1] : NULL;
    const struct ll_cal_hours *usual = h->by_weekday[ll_day_weekday(d)];
    struct ll_cal_clocks c = {LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE,
                              LL_CAL_CLOCK_NONE, .file = b->rules->file};
    if (usual) {
        put(&c, &usual->times);
        c.line = usual->line;
    } else if (!own || !own->alone) {
        char text[LL_DAY_TEXT_MAX];
        return LL_CAL_ERROR(b->err, b->rules->file, h->any ? h->any->line : 1, "no hours for %s",
                            ll_day_format(d, text));
    }
    if (own) {
        int64_t usually = usual ? length(&c) : 0;
        if (own->alone)
            c.break_start = c.break_end = LL_CAL_CLOCK_NONE;
        own_clocks(&c, own);
        c.half = length(&c) < usually;
    }
    if (!breaks(&c))
        c.break_start = c.break_end = LL_CAL_CLOCK_NONE;
    *out = c;
    return true;
}

static bool to_utc(struct ll_cal_build *b, ll_day d, const struct ll_cal_clocks *c,
                   struct ll_session *s)
{
    const struct ll_cal_zone *z = &b->zone;
    char text[LL_DAY_TEXT_MAX];
    if (LL_MIN(c->open, c->close) < -LL_CAL_CLOCK_MAX ||
        LL_MAX(c->open, c->close) > LL_CAL_CLOCK_MAX)
        return LL_CAL_ERROR(b->err, c->file, c->line, "the hours of %s are days away from it",
                            ll_day_format(d, text));
    *s = (struct ll_session){.open = ll_cal_zone_utc(z, d, c->open),
                             .close = ll_cal_zone_utc(z, d, c->close),
                             .break_start = LL_TIME_NONE,
                             .break_end = LL_TIME_NONE,
                             .date = d,
                             .flags = c->half ? LL_SESSION_HALF : 0};
    if (s->open >= s->close)
        return LL_CAL_ERROR(b->err, c->file, c->line, "on %s the open is not before the close",
                            ll_day_format(d, text));
    if (c->break_start == LL_CAL_CLOCK_NONE)
        return true;
    s->break_start = ll_cal_zone_utc(z, d, c->break_start);
    s->break_end = ll_cal_zone_utc(z, d, c->break_end);
    if (s->break_start <= s->open || s->break_end <= s->break_start || s->close <= s->break_end)
        s->break_start = s->break_end = LL_TIME_NONE; /* daylight saving swallowed it */
    return true;
}

/* Keeps the zone's offset around day d: days come in order. */
static void zone_at(struct ll_cal_zone *z, ll_day d)
{
    ll_time noon = d * LL_DAY + LL_DAY / 2 - z->offset;
    while (noon >= z->end) {
        z->start = z->end;
        z->offset = ll_tz_at(z->tz, z->start).offset;
        z->end = ll_tz_next_change(z->tz, z->start, z->until);
        z->end = z->end == LL_TIME_NONE ? LL_TIME_MAX : z->end;
    }
    z->steady = noon - z->start > 4 * LL_DAY && z->end - noon > 4 * LL_DAY;
}

/* The first day from which a table that a rule needs has run out, year by year. */
struct projected {
    const struct ll_cal_build *b;
    ll_day until; /* what `yes` holds to, exclusive */
    bool yes;
};

static bool runs_out(const struct ll_cal_rule *r, int year)
{
    const struct ll_cal_table *t = r->table;
    return r->base == LL_CAL_TABLE && ll_cal_dates_in_year(r, year) &&
           (t->n == 0 || t->days[t->n - 1] < ll_day_of(year, 1, 1));
}

static bool table_runs_out(const struct ll_cal_rules *rules, int year)
{
    for (size_t i = 0; i < rules->n_holidays; i++)
        if (runs_out(&rules->holidays[i], year))
            return true;
    for (size_t i = 0; i < rules->n_special; i++)
        if (runs_out(&rules->special[i], year))
            return true;
    return false;
}

static bool projected_on(struct projected *p, ll_day d)
{
    const struct ll_cal_rules *rules = p->b->rules;
    if (d >= p->until) {
        int year = ll_day_date(d).year;
        p->yes = table_runs_out(rules, year);
        p->until = ll_day_of(year + 1, 1, 1);
        if (p->yes)
            p->b->out->announced_to =
                LL_MIN(p->b->out->announced_to, LL_MAX(d, p->b->src->rules->from) - 1);
    }
    return p->yes || d < rules->announced_from || d > rules->announced_to;
}

static void note_why(struct ll_cal_build *b, ll_day d)
{
    const struct ll_cal_day *day = &b->days[d - b->lo];
    uint16_t why = day->why;
    if (ll_cal_day_session(day))
        why = day->own ? b->owns.v[day->own - 1].why : 0;
    if (!(day->state & LL_CAL_DAY_MASK))
        why |= LL_CAL_WHY_OFF;
    b->out->why[d - b->out->from] = why;
}

/* Marks sessions beside a closed day of the weekmask, whose days come in order. */
struct beside {
    size_t since; /* sessions from here on have had no day of the weekmask after them */
    bool closed;  /* the last day of the weekmask was */
};

static void beside_day(struct beside *x, struct ll_calendar *c, const struct ll_cal_day *day)
{
    x->closed = !ll_cal_day_session(day);
    for (size_t i = x->since; x->closed && i < c->n; i++)
        c->sessions[i].flags |= LL_SESSION_PRE_HOLIDAY;
    x->since = c->n;
}

/* How far sessions reach out of their day. */
static void note_reach(struct ll_cal_build *b, ll_time start, ll_time end, ll_day d)
{
    const struct ll_cal_zone *z = &b->zone;
    ll_dur before = z->steady ? z->offset : ll_tz_at(z->tz, start).offset;
    ll_dur after = z->steady ? z->offset : ll_tz_at(z->tz, end).offset;
    b->early = LL_MAX(b->early, d * LL_DAY - (start + before));
    b->late = LL_MAX(b->late, end + after - (d + 1) * LL_DAY);
}

static bool add_session(struct ll_cal_build *b, const struct hours *h, ll_day d, uint16_t flags)
{
    struct ll_calendar *c = b->out;
    struct ll_session *s = &c->sessions[c->n];
    struct ll_cal_clocks clocks;
    if (!clocks_of(b, h, d, &clocks) || !to_utc(b, d, &clocks, s) ||
        !ll_cal_build_phases(b, &clocks, s))
        return false;
    s->flags |= flags;
    ll_time start = s->open + b->patterns.v[s->phases].start;
    ll_time end = s->open + b->patterns.v[s->phases].end;
    if (c->n && start < b->last_end) {
        char text[2][LL_DAY_TEXT_MAX];
        return LL_CAL_ERROR(b->err, clocks.file, clocks.line, "the sessions of %s and %s overlap",
                            ll_day_format(s[-1].date, text[0]), ll_day_format(d, text[1]));
    }
    note_reach(b, start, end, d);
    b->last_end = end;
    c->n++;
    return true;
}

static bool build_sessions(struct ll_cal_build *b)
{
    struct ll_calendar *c = b->out;
    struct hours h = {.until = LL_DAY_NONE};
    struct projected projected = {.b = b, .until = LL_DAY_NONE};
    struct beside beside = {0};
    for (ll_day d = b->lo; d <= b->hi; d++) {
        const struct ll_cal_day *day = &b->days[d - b->lo];
        bool inside = d >= c->from && d <= c->to, was_closed = beside.closed;
        if (d > c->to && beside.since == c->n)
            break;
        if (day->state & LL_CAL_DAY_MASK)
            beside_day(&beside, c, day);
        if (!inside)
            continue;
        note_why(b, d);
        bool unsure = projected_on(&projected, d);
        if (!ll_cal_day_session(day))
            continue;
        if (d >= h.until)
            hours_on(b->rules, d, &h);
        zone_at(&b->zone, d);
        int flags = (unsure ? LL_SESSION_PROJECTED : 0) |
                    (was_closed ? LL_SESSION_POST_HOLIDAY : 0) |
                    (day->state & LL_CAL_DAY_MASK ? 0 : LL_SESSION_EXTRA);
        if (!add_session(b, &h, d, (uint16_t)flags))
            return false;
    }
    return true;
}

static void *copy(struct ll_calendar *c, const void *from, size_t n, size_t size)
{
    void *p = ll_arena_alloc(c->arena, n, size);
    if (p && n)
        memcpy(p, from, n * size);
    return p;
}

static bool copy_reasons(struct ll_cal_build *b)
{
    struct ll_calendar *c = b->out;
    c->reasons = LL_ARENA_NEW(c->arena, struct ll_slice, b->reasons.n);
    for (size_t i = 0; c->reasons && i < b->reasons.n; i++) {
        struct ll_slice from = b->reasons.v[i];
        const char *s = ll_arena_copy(c->arena, from.s, from.n);
        if (!s)
            return false;
        c->reasons[i] = (struct ll_slice){s, from.n};
    }
    return c->reasons != NULL;
}

static bool keep(struct ll_cal_build *b)
{
    struct ll_calendar *c = b->out;
    c->patterns = copy(c, b->patterns.v, b->patterns.n, sizeof(*c->patterns));
    c->spans = copy(c, b->spans.v, b->spans.n, sizeof(*c->spans));
    return (c->patterns && c->spans && copy_reasons(b)) || ll_cal_build_no_memory(b);
}

static bool allocate(struct ll_cal_build *b)
{
    const struct ll_cal_rules *rules = b->rules;
    struct ll_calendar *c = b->out;
    size_t days = (size_t)(c->to - c->from) + 1, n = 0;
    for (ll_day d = c->from; d <= c->to; d++)
        n += ll_cal_day_session(&b->days[d - b->lo]);
    c->arena = ll_arena_new(ARENA_MAX);
    if (!c->arena)
        return ll_cal_build_no_memory(b);
    c->code = ll_arena_copy(c->arena, rules->code.s, rules->code.n);
    c->sessions = LL_ARENA_NEW(c->arena, struct ll_session, n);
    c->why = LL_ARENA_NEW(c->arena, uint16_t, days);
    return (c->code && c->sessions && c->why) || ll_cal_build_no_memory(b);
}

static bool check_range(const struct ll_calendar_source *src, struct ll_err *err)
{
    char text[2][LL_DAY_TEXT_MAX];
    ll_day from = src->rules->from;
    if (from < LL_DAY_FIRST_ALLOWED || src->to > LL_DAY_LAST_ALLOWED)
        return ll_err_set(err, LL_E_RANGE, "a calendar's days lie between 1900 and 2199");
    if (src->to < from)
        return ll_err_set(err, LL_E_RANGE, "the horizon %s is before the calendar's first day %s",
                          ll_day_format(src->to, text[0]), ll_day_format(from, text[1]));
    return true;
}

static bool compile(struct ll_cal_build *b)
{
    const struct ll_calendar_source *src = b->src;
    struct ll_calendar *c = b->out = calloc(1, sizeof(*b->out));
    b->lo = src->rules->from - AROUND;
    b->hi = src->to + AROUND;
    b->days = calloc((size_t)(b->hi - b->lo) + 1, sizeof(*b->days));
    if (!c || !b->days)
        return ll_cal_build_no_memory(b);
    c->tz = src->tz;
    c->from = src->rules->from;
    c->to = src->to;
    c->announced_to = LL_MAX(LL_MIN(src->rules->announced_to, src->to), c->from - 1);
    /* begins with what holds long before the first day: end < start makes zone_at look */
    b->zone =
        (struct ll_cal_zone){.tz = src->tz, .end = b->lo * LL_DAY, .until = (b->hi + 7) * LL_DAY};
    return ll_cal_build_days(b) && allocate(b) && build_sessions(b) && keep(b) &&
           ll_cal_build_index(b);
}

bool ll_calendar_compile(const struct ll_calendar_source *src, struct ll_calendar **out,
                         struct ll_err *err)
{
    if (!check_range(src, err))
        return false;
    struct ll_cal_build b = {.src = src,
                             .rules = src->rules,
                             .err = err,
                             .next_epoch = LL_DAY_NONE,
                             .owns.cap = UINT32_MAX - 1,
                             .reasons.cap = LL_CAL_WHY_REASON,
                             .patterns.cap = UINT16_MAX,
                             .spans.cap = UINT32_MAX,
                             .knowns.cap = UINT16_MAX};
    bool ok = compile(&b);
    free(b.days);
    ll_cal_owns_fini(&b.owns);
    ll_cal_reasons_fini(&b.reasons);
    ll_cal_patterns_fini(&b.patterns);
    ll_cal_spans_fini(&b.spans);
    ll_cal_knowns_fini(&b.knowns);
    if (ok)
        *out = b.out;
    else
        ll_calendar_free(b.out);
    return ok;
}

void ll_calendar_free(struct ll_calendar *c)
{
    if (!c)
        return;
    ll_arena_free(c->arena);
    free(c);
}
