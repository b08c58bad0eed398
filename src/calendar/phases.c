/* Rows of phases to spans of a session.  A span's clocks are local, so each session has its own;
 * yet most days are alike, and those that are share one pattern of offsets from the open. */
#include <stdlib.h>
#include <string.h>

#include "calendar/build.h"

struct span {
    ll_time start, end;
    enum ll_cal_phase phase;
    int line;
};

struct spans {
    struct span v[LL_SESSION_PHASES_MAX];
    size_t n;
};

static bool add(struct spans *x, struct span s)
{
    if (s.start >= s.end)
        return true; /* nothing is left of it on such a day */
    if (x->n == LL_LEN(x->v))
        return false;
    x->v[x->n++] = s;
    return true;
}

static ll_time point(const struct ll_cal_build *b, const struct ll_session *s,
                     const struct ll_cal_point *p)
{
    switch (p->anchor) {
    case LL_CAL_AT_OPEN:
        return s->open + p->seconds * LL_SECOND;
    case LL_CAL_AT_CLOSE:
        return s->close + p->seconds * LL_SECOND;
    case LL_CAL_AT_CLOCK:
        break;
    }
    return ll_cal_zone_utc(&b->zone, s->date, p->seconds);
}

static bool counts(const struct ll_cal_phase_row *row, const struct ll_session *s)
{
    bool half = s->flags & LL_SESSION_HALF;
    return row->from <= s->date && s->date <= row->to &&
           (!row->dow || row->dow >> ll_day_weekday(s->date) & 1) &&
           (row->when == LL_CAL_ANY || (row->when == LL_CAL_HALF) == half);
}

static bool too_many(const struct ll_cal_build *b, const struct ll_session *s)
{
    char text[LL_DAY_TEXT_MAX];
    return LL_CAL_ERROR(b->err, b->rules->file, b->rules->phases[0].line,
                        "%s has more than %d phases", ll_day_format(s->date, text),
                        LL_SESSION_PHASES_MAX);
}

static int by_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static bool near(const struct ll_cal_build *b, const struct ll_cal_phase_row *row)
{
    int32_t least = LL_MIN(row->start.seconds, row->end.seconds);
    int32_t most = LL_MAX(row->start.seconds, row->end.seconds);
    return (least >= -LL_CAL_CLOCK_MAX && most <= LL_CAL_CLOCK_MAX) ||
           LL_CAL_ERROR(b->err, b->rules->file, row->line, "the phase %s is days away from its day",
                        ll_cal_phase_name(row->phase));
}

/* The rows of a day in their order. */
static bool rows_of(const struct ll_cal_build *b, const struct ll_session *s, struct spans *out)
{
    for (size_t i = 0; i < b->rules->n_phases; i++) {
        const struct ll_cal_phase_row *row = &b->rules->phases[i];
        if (!counts(row, s))
            continue;
        if (!near(b, row))
            return false;
        struct span span = {point(b, s, &row->start), point(b, s, &row->end), row->phase,
                            row->line};
        if (!add(out, span))
            return too_many(b, s);
    }
    qsort(out->v, out->n, sizeof(*out->v), by_start);
    return true;
}

static bool overlap(const struct ll_cal_build *b, const struct ll_session *s,
                    const struct span *row, enum ll_cal_phase other)
{
    char text[LL_DAY_TEXT_MAX];
    return LL_CAL_ERROR(b->err, b->rules->file, row->line, "on %s the phases %s and %s overlap",
                        ll_day_format(s->date, text), ll_cal_phase_name(other),
                        ll_cal_phase_name(row->phase));
}

static bool check(const struct ll_cal_build *b, const struct ll_session *s,
                  const struct spans *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct span *row = &rows->v[i];
        if (i && row->start < row[-1].end)
            return overlap(b, s, row, row[-1].phase);
        if (s->break_start != LL_TIME_NONE && row->start < s->break_end &&
            row->end > s->break_start)
            return overlap(b, s, row, LL_PHASE_BREAK);
    }
    return true;
}

/* The hours from start to end, as far as no row has taken them. */
static bool add_regular(const struct spans *rows, ll_time start, ll_time end, struct spans *out)
{
    for (size_t i = 0; i < rows->n && start < end; i++) {
        const struct span *row = &rows->v[i];
        if (row->end <= start || row->start >= end)
            continue;
        if (!add(out, (struct span){start, row->start, LL_PHASE_REGULAR, 0}))
            return false;
        start = row->end;
    }
    return add(out, (struct span){start, end, LL_PHASE_REGULAR, 0});
}

static bool add_all(const struct spans *rows, const struct ll_session *s, struct spans *out)
{
    bool whole = s->break_start == LL_TIME_NONE;
    if (!add_regular(rows, s->open, whole ? s->close : s->break_start, out))
        return false;
    if (!whole && (!add(out, (struct span){s->break_start, s->break_end, LL_PHASE_BREAK, 0}) ||
                   !add_regular(rows, s->break_end, s->close, out)))
        return false;
    for (size_t i = 0; i < rows->n; i++)
        if (!add(out, rows->v[i]))
            return false;
    qsort(out->v, out->n, sizeof(*out->v), by_start);
    return true;
}

static bool same(const struct ll_cal_build *b, const struct ll_cal_pattern *p, ll_time open,
                 const struct spans *x)
{
    for (size_t i = 0; p->n == x->n && i < x->n; i++) {
        const struct ll_cal_span *s = &b->spans.v[p->first + i];
        if (s->phase != x->v[i].phase || s->start != x->v[i].start - open ||
            s->end != x->v[i].end - open)
            return false;
    }
    return p->n == x->n;
}

/* The index of the pattern with these spans, new if there is none. */
static bool intern(struct ll_cal_build *b, ll_time open, const struct spans *x, uint16_t *out)
{
    for (size_t i = 0; i < b->patterns.n; i++)
        if (same(b, &b->patterns.v[i], open, x)) {
            *out = (uint16_t)i;
            return true;
        }
    struct ll_cal_pattern p = {.first = (uint32_t)b->spans.n, .n = (uint32_t)x->n};
    p.start = (int32_t)(x->v[0].start - open);
    p.end = (int32_t)(x->v[x->n - 1].end - open);
    for (size_t i = 0; i < x->n; i++) {
        struct ll_cal_span s = {(int32_t)(x->v[i].start - open), (int32_t)(x->v[i].end - open),
                                x->v[i].phase};
        if (!ll_cal_spans_push(&b->spans, s))
            return ll_cal_build_no_memory(b);
    }
    if (b->patterns.n == b->patterns.cap)
        return ll_err_set(b->err, LL_E_TOO_LARGE, "more than %zu kinds of days", b->patterns.cap);
    if (!ll_cal_patterns_push(&b->patterns, p))
        return ll_cal_build_no_memory(b);
    *out = (uint16_t)(b->patterns.n - 1);
    return true;
}

static bool resolve(struct ll_cal_build *b, struct ll_session *s)
{
    struct spans rows = {.n = 0}, all = {.n = 0};
    if (!rows_of(b, s, &rows) || !check(b, s, &rows))
        return false;
    if (!add_all(&rows, s, &all))
        return too_many(b, s);
    return intern(b, s->open, &all, &s->phases);
}

/* Between two days on which a row begins or ends, equal clocks have equal phases. */
static void epoch_at(struct ll_cal_build *b, ll_day d)
{
    if (d < b->next_epoch)
        return;
    b->epoch++;
    b->next_epoch = LL_DAY_LAST;
    for (size_t i = 0; i < b->rules->n_phases; i++) {
        const struct ll_cal_phase_row *row = &b->rules->phases[i];
        if (row->from > d)
            b->next_epoch = LL_MIN(b->next_epoch, row->from);
        if (row->to >= d && row->to != LL_DAY_LAST)
            b->next_epoch = LL_MIN(b->next_epoch, row->to + 1);
    }
}

static bool equal(const struct ll_cal_clocks *a, const struct ll_cal_clocks *b)
{
    return a->open == b->open && a->close == b->close && a->break_start == b->break_start &&
           a->break_end == b->break_end && a->half == b->half;
}

bool ll_cal_build_phases(struct ll_cal_build *b, const struct ll_cal_clocks *clocks,
                         struct ll_session *s)
{
    epoch_at(b, s->date);
    for (size_t i = b->knowns.n; b->zone.steady && i-- > 0;) {
        const struct ll_cal_known *k = &b->knowns.v[i];
        if (k->epoch != b->epoch)
            break;
        if (equal(&k->clocks, clocks)) {
            s->phases = k->pattern;
            return true;
        }
    }
    if (!resolve(b, s))
        return false;
    if (b->zone.steady &&
        !ll_cal_knowns_push(&b->knowns, (struct ll_cal_known){*clocks, b->epoch, s->phases}))
        return ll_cal_build_no_memory(b);
    return true;
}
