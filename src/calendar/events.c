/* Rules become dates (events_dates.c), dates become events, overlays change them, and two sorted
 * lists of them are kept: all, and those without the clock. */
#include "calendar/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "calendar/events_private.h"

enum {
    /* A rule may move its date by a year and a month, and follow one that did. */
    AROUND_DAYS = 2 * 400,
    TEXT_BYTES_MAX = 512, /* of a basis */
    ARENA_MAX = 512 << 20 /* LL_EVENTS_MAX of them, twice, with their texts */
};

struct list {
    struct ll_market_event *v;
    size_t n;
};

struct ll_market_events {
    struct ll_arena *arena; /* it, too, lives there */
    struct list all, quiet; /* by date, time, name */
    const struct ll_market_event **by_time;
    size_t n_by_time; /* the quiet ones that have a time */
};

struct compile {
    const struct ll_market_events_source *src;
    struct ll_arena *arena;
    struct ll_event_dates *dates; /* of each rule */
    struct ll_event_vec events;
    struct ll_err *err;
};

static bool no_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for events");
}

static bool keep_text(struct compile *k, struct ll_slice text, struct ll_slice *out)
{
    const char *s = ll_arena_copy(k->arena, text.n ? text.s : "", text.n);
    *out = (struct ll_slice){s, text.n};
    return s || no_memory(k->err);
}

bool ll_event_is_clock(struct ll_slice class)
{
    return ll_slice_is(class, "clock");
}

static const struct ll_event_rule *rule_of(const struct ll_market_events_source *src,
                                           struct ll_slice id, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(src->rules->rules[i].id, id))
            return &src->rules->rules[i];
    return NULL;
}

/* The rules from which a date of this one comes, and what they are called in a basis. */
static const char *origin_of(const struct ll_market_events_source *src,
                             const struct ll_event_rule *rule)
{
    while (rule->base == LL_EVENT_RELATIVE)
        rule = rule_of(src, rule->of, src->rules->n);
    switch (rule->base) {
    case LL_EVENT_LIST:
        return "list";
    case LL_EVENT_HALF_DAYS:
    case LL_EVENT_PRE_HOLIDAYS:
    case LL_EVENT_POST_HOLIDAYS:
    case LL_EVENT_EVERY_SESSION:
        return "calendar";
    default:
        return "rule";
    }
}

static void add_slice(struct ll_str *out, const char *between, struct ll_slice text)
{
    if (text.n == 0)
        return;
    ll_str_addz(out, between);
    ll_str_add(out, text.s, text.n);
}

static bool keep_basis(struct compile *k, const struct ll_event_rule *rule,
                       const struct ll_event_date *d, struct ll_slice *out)
{
    struct ll_str b;
    ll_str_init(&b, TEXT_BYTES_MAX);
    ll_str_addz(&b, origin_of(k->src, rule));
    add_slice(&b, ":", rule->note);
    if (d->shifted)
        ll_str_addz(&b, ";shifted");
    if (d->noted)
        add_slice(&b, ";", rule->closed_note);
    bool ok = b.failed ? no_memory(k->err) : keep_text(k, (struct ll_slice){b.s, b.n}, out);
    ll_str_fini(&b);
    return ok;
}

static ll_time local_time(const struct ll_calendar *c, ll_day date, int32_t seconds)
{
    return ll_tz_utc_of(ll_calendar_tz(c), date * LL_DAY + seconds * LL_SECOND, NULL);
}

static ll_time time_of(const struct ll_calendar *c, const struct ll_event_rule *rule,
                       const struct ll_event_date *d)
{
    if (d->time != LL_TIME_NONE || !rule->has_time)
        return d->time;
    if (rule->at.anchor == LL_CAL_AT_CLOCK)
        return local_time(c, d->date, rule->at.seconds);
    const struct ll_session *s = ll_calendar_session(c, d->date);
    if (!s)
        return LL_TIME_NONE;
    return (rule->at.anchor == LL_CAL_AT_OPEN ? s->open : s->close) + rule->at.seconds * LL_SECOND;
}

/* Events of one rule share their texts: a basis for each way a date can have come about. */
static bool add_events(struct compile *k, const struct ll_event_rule *rule,
                       const struct ll_event_dates *dates)
{
    struct ll_market_event e;
    struct ll_slice basis[2][2] = {0};
    if (!keep_text(k, rule->id, &e.name) || !keep_text(k, rule->class, &e.class) ||
        !keep_text(k, rule->source, &e.source))
        return false;
    for (size_t i = 0; i < dates->n; i++) {
        const struct ll_event_date *d = &dates->v[i];
        struct ll_slice *b = &basis[d->shifted][d->noted];
        if (d->date < k->src->from || d->date > k->src->to)
            continue;
        if (!b->s && !keep_basis(k, rule, d, b))
            return false;
        e.date = d->date;
        e.time = time_of(k->src->calendar, rule, d);
        e.basis = *b;
        e.projected = d->projected;
        if (!ll_event_vec_push(&k->events, e))
            return no_memory(k->err);
    }
    return true;
}

static bool add_rule(struct compile *k, size_t i)
{
    const struct ll_market_events_source *src = k->src;
    const struct ll_event_rule *rule = &src->rules->rules[i], *followed = NULL;
    if (rule->base == LL_EVENT_RELATIVE && !(followed = rule_of(src, rule->of, i))) {
        (void)ll_err_set_at(k->err, LL_E_CONFIG, rule->line, 0,
                            "%s:%d: '%.*s' follows '%.*s', which is no event above it", rule->file,
                            rule->line, (int)rule->id.n, rule->id.s, (int)rule->of.n, rule->of.s);
        return false;
    }
    ll_day from = LL_MAX(src->from - AROUND_DAYS, LL_DAY_FIRST_ALLOWED);
    ll_day to = LL_MIN(src->to + AROUND_DAYS, LL_DAY_LAST_ALLOWED);
    const struct ll_event_dates *theirs = followed ? &k->dates[followed - src->rules->rules] : NULL;
    k->dates[i].cap = LL_EVENTS_MAX;
    return (ll_event_rule_dates(rule, src->calendar, from, to, theirs, &k->dates[i]) ||
            no_memory(k->err)) &&
           add_events(k, rule, &k->dates[i]);
}

static bool is_event(const struct ll_market_event *e, const struct ll_cal_change *change)
{
    return e->date == change->date && ll_slice_eq(e->name, change->event);
}

static void remove_event(struct compile *k, const struct ll_cal_change *change)
{
    size_t kept = 0;
    for (size_t i = 0; i < k->events.n; i++)
        if (!is_event(&k->events.v[i], change))
            k->events.v[kept++] = k->events.v[i];
    k->events.n = kept;
}

static bool put_event(struct compile *k, const struct ll_cal_change *change)
{
    const struct ll_calendar *c = k->src->calendar;
    const struct ll_event_rule *rule = rule_of(k->src, change->event, k->src->rules->n);
    struct ll_market_event e = {.date = change->date, .time = LL_TIME_NONE};
    struct ll_str basis;
    ll_str_init(&basis, LL_ERR_TEXT_MAX + TEXT_BYTES_MAX);
    ll_str_addz(&basis, "overlay");
    add_slice(&basis, ":", change->reason);
    if (change->at != LL_CAL_CLOCK_NONE)
        e.time = local_time(c, change->date, change->at);
    bool ok = (!basis.failed || no_memory(k->err)) && keep_text(k, change->event, &e.name) &&
              keep_text(k, rule ? rule->class : LL_SLICE("other"), &e.class) &&
              keep_text(k, change->source, &e.source) &&
              keep_text(k, (struct ll_slice){basis.s, basis.n}, &e.basis) &&
              (ll_event_vec_push(&k->events, e) || no_memory(k->err));
    ll_str_fini(&basis);
    return ok;
}

static bool counts(const struct ll_market_events_source *src, const struct ll_cal_change *change)
{
    bool event = change->kind == LL_CAL_EVENT || change->kind == LL_CAL_NO_EVENT;
    bool known = src->known_at == LL_TIME_NONE || change->known == LL_TIME_NONE ||
                 change->known <= src->known_at;
    return event && known && change->date >= src->from && change->date <= src->to;
}

/* A later entry wins: it replaces what was there under its name. */
static bool apply_changes(struct compile *k)
{
    for (size_t i = 0; i < k->src->n_changes; i++) {
        const struct ll_cal_change *change = &k->src->changes[i];
        if (!counts(k->src, change))
            continue;
        remove_event(k, change);
        if (change->kind == LL_CAL_EVENT && !put_event(k, change))
            return false;
    }
    return true;
}

static int in_order(const void *a, const void *b)
{
    const struct ll_market_event *x = a, *y = b;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return ll_slice_cmp(x->name, y->name);
}

static int by_time(const void *a, const void *b)
{
    const struct ll_market_event *x = *(const struct ll_market_event *const *)a;
    const struct ll_market_event *y = *(const struct ll_market_event *const *)b;
    return x->time != y->time ? (x->time < y->time ? -1 : 1) : in_order(x, y);
}

static bool keep_lists(struct compile *k, struct ll_market_events *out)
{
    size_t n = k->events.n;
    out->all.v = LL_ARENA_NEW(k->arena, struct ll_market_event, n);
    out->quiet.v = LL_ARENA_NEW(k->arena, struct ll_market_event, n);
    out->by_time = LL_ARENA_NEW(k->arena, const struct ll_market_event *, n);
    if (!out->all.v || !out->quiet.v || !out->by_time)
        return no_memory(k->err);
    for (size_t i = 0; i < n; i++) {
        out->all.v[i] = k->events.v[i];
        if (!ll_event_is_clock(k->events.v[i].class))
            out->quiet.v[out->quiet.n++] = k->events.v[i];
    }
    out->all.n = n;
    qsort(out->all.v, out->all.n, sizeof(*out->all.v), in_order);
    qsort(out->quiet.v, out->quiet.n, sizeof(*out->quiet.v), in_order);
    for (size_t i = 0; i < out->quiet.n; i++)
        if (out->quiet.v[i].time != LL_TIME_NONE)
            out->by_time[out->n_by_time++] = &out->quiet.v[i];
    qsort(out->by_time, out->n_by_time, sizeof(struct ll_market_event *), by_time);
    return true;
}

static bool compile(struct compile *k, struct ll_market_events *out)
{
    size_t n = k->src->rules->n;
    k->dates = calloc(n ? n : 1, sizeof(*k->dates));
    bool ok = k->dates || no_memory(k->err);
    for (size_t i = 0; ok && i < n; i++)
        ok = add_rule(k, i);
    ok = ok && apply_changes(k) && keep_lists(k, out);
    for (size_t i = 0; k->dates && i < n; i++)
        ll_event_dates_fini(&k->dates[i]);
    free(k->dates);
    return ok;
}

static bool check_range(const struct ll_market_events_source *src, struct ll_err *err)
{
    char from[LL_DAY_TEXT_MAX], to[LL_DAY_TEXT_MAX];
    ll_day first = ll_calendar_from(src->calendar), last = ll_calendar_to(src->calendar);
    if (src->from <= src->to && src->from >= first && src->to <= last)
        return true;
    return ll_err_set(err, LL_E_RANGE, "events of %s are known from %s to %s only",
                      ll_calendar_code(src->calendar), ll_day_format(first, from),
                      ll_day_format(last, to));
}

bool ll_market_events_compile(const struct ll_market_events_source *src,
                              struct ll_market_events **out, struct ll_err *err)
{
    if (!check_range(src, err))
        return false;
    struct ll_arena *arena = ll_arena_new(ARENA_MAX);
    struct ll_market_events *e = arena ? LL_ARENA_NEW(arena, struct ll_market_events, 1) : NULL;
    struct compile k = {.src = src, .arena = arena, .events.cap = LL_EVENTS_MAX, .err = err};
    bool ok = e ? compile(&k, e) : no_memory(err);
    ll_event_vec_fini(&k.events);
    if (!ok) {
        ll_arena_free(arena);
        return false;
    }
    e->arena = arena;
    *out = e;
    return true;
}

void ll_market_events_free(struct ll_market_events *e)
{
    if (e)
        ll_arena_free(e->arena);
}

/* The first of the list on or after the day. */
static size_t lower_bound(const struct list *l, ll_day day)
{
    size_t lo = 0, hi = l->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->v[mid].date < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static size_t between(const struct list *l, ll_day from, ll_day to,
                      const struct ll_market_event **first)
{
    size_t start = lower_bound(l, from);
    size_t end = to == LL_DAY_LAST ? l->n : lower_bound(l, to + 1);
    *first = l->v + start;
    return end > start ? end - start : 0;
}

size_t ll_market_events_between(const struct ll_market_events *e, ll_day from, ll_day to,
                                const struct ll_market_event **first)
{
    return between(&e->quiet, from, to, first);
}

size_t ll_market_events_all_between(const struct ll_market_events *e, ll_day from, ll_day to,
                                    const struct ll_market_event **first)
{
    return between(&e->all, from, to, first);
}

const struct ll_market_event *ll_market_events_next(const struct ll_market_events *e, ll_time t)
{
    size_t lo = 0, hi = e->n_by_time;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (e->by_time[mid]->time <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < e->n_by_time ? e->by_time[lo] : NULL;
}

enum ll_day_class ll_market_events_day_class(const struct ll_market_events *e,
                                             const struct ll_calendar *c, ll_day date)
{
    enum ll_day_class k = ll_calendar_day_class(c, date);
    if (k != LL_DAY_CLASS_REGULAR && k != LL_DAY_CLASS_PRE_HOLIDAY &&
        k != LL_DAY_CLASS_POST_HOLIDAY)
        return k;
    const struct ll_market_event *v;
    size_t n = ll_market_events_between(e, date, date, &v);
    for (size_t i = 0; i < n; i++)
        if (ll_slice_is(v[i].class, "expiry"))
            return LL_DAY_CLASS_EXPIRY;
    return k;
}
