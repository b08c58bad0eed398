/* What two calendars say differently of the days that both know. */
#include "calendar/compiled.h"

static bool same_phases(const struct ll_calendar *was, const struct ll_session *a,
                        const struct ll_calendar *is, const struct ll_session *b)
{
    const struct ll_cal_pattern *p = &was->patterns[a->phases], *q = &is->patterns[b->phases];
    for (size_t i = 0; p->n == q->n && i < p->n; i++) {
        const struct ll_cal_span *x = &was->spans[p->first + i], *y = &is->spans[q->first + i];
        if (x->start != y->start || x->end != y->end || x->phase != y->phase)
            return false;
    }
    return p->n == q->n;
}

/* Flags do not count: a day changes what its neighbours are called, not what they do. */
static bool same(const struct ll_calendar *was, const struct ll_session *a,
                 const struct ll_calendar *is, const struct ll_session *b)
{
    if (!a || !b)
        return a == b;
    return a->open == b->open && a->close == b->close && same_phases(was, a, is, b);
}

void ll_calendar_diff(const struct ll_calendar *was, const struct ll_calendar *is, ll_day from,
                      ll_day to, ll_calendar_visitor *fn, void *ctx)
{
    from = LL_MAX(from, LL_MAX(was->from, is->from));
    to = LL_MIN(to, LL_MIN(was->to, is->to));
    for (ll_day d = from; d <= to; d++) {
        const struct ll_session *a = ll_calendar_session(was, d), *b = ll_calendar_session(is, d);
        if (same(was, a, is, b))
            continue;
        const struct ll_calendar_change change = {d, a, b, ll_calendar_reason(is, d)};
        if (!fn(ctx, &change))
            return;
    }
}
