/* Classes of days: what the calendar says of a session, dates, and events by their names. */
#include <stdio.h>
#include <string.h>

#include "forecast/grid_private.h"

static const char *const class_names[] = {
#define X(name, text) text,
    LL_GRID_CLASS_TABLE(X)
#undef X
};

const char *ll_grid_class_name(const struct ll_grid *g, size_t day_class)
{
    LL_ASSERT(day_class < LL_GRID_CLASSES + g->n_events);
    return day_class < LL_GRID_CLASSES ? class_names[day_class]
                                       : g->event[day_class - LL_GRID_CLASSES].name;
}

/* Which events have an effect of their own, and when they count. */
enum rank { NONE, OTHER, REBALANCE, RANKS };

static enum rank rank_of(const struct ll_market_event *e)
{
    /* Days have classes for these, or (releases, settlements) move a moment, not a day. */
    static const char *const none[] = {"calendar", "clock", "expiry", "release", "settlement"};
    for (size_t i = 0; i < LL_LEN(none); i++)
        if (ll_slice_is(e->class, none[i]))
            return NONE;
    return ll_slice_is(e->class, "rebalance") ? REBALANCE : OTHER;
}

static void copy_name(struct ll_slice name, char out[static LL_GRID_EVENT_NAME_MAX])
{
    snprintf(out, LL_GRID_EVENT_NAME_MAX, "%.*s", (int)name.n, name.s);
}

/* The class of an event by name; 0: it has none. */
static uint8_t find(const struct ll_grid_build *b, struct ll_slice name)
{
    char text[LL_GRID_EVENT_NAME_MAX];
    copy_name(name, text);
    for (size_t i = 0; i < b->n_events; i++)
        if (strcmp(b->event[i].name, text) == 0)
            return (uint8_t)(LL_GRID_CLASSES + i);
    return 0;
}

bool ll_grid_find_events(struct ll_grid_build *b, ll_day from, ll_day to)
{
    b->event = LL_ARENA_NEW(b->out, struct ll_grid_event, LL_GRID_EVENTS_MAX);
    if (!b->event)
        return ll_grid_no_memory(b);
    const struct ll_market_event *e = NULL;
    size_t n = b->events ? ll_market_events_between(b->events, from, to, &e) : 0;
    for (enum rank rank = OTHER; rank < RANKS; rank++) /* when there are too many: the last go */
        for (size_t i = 0; i < n; i++)
            if (rank_of(&e[i]) == rank && !find(b, e[i].name) && b->n_events < LL_GRID_EVENTS_MAX)
                copy_name(e[i].name, b->event[b->n_events++].name);
    return true;
}

static bool is_quarterly(struct ll_slice name)
{
    static const char word[] = "quarterly";
    for (size_t i = 0; i + sizeof(word) - 1 <= name.n; i++)
        if (memcmp(name.s + i, word, sizeof(word) - 1) == 0)
            return true;
    return false;
}

/* The events of one day. */
struct today {
    uint8_t by_rank[RANKS]; /* class of the first of each rank; 0 = none */
    bool expiry, quarterly;
};

static struct today events_of(const struct ll_grid_build *b, ll_day d)
{
    struct today x = {0};
    const struct ll_market_event *e = NULL;
    size_t n = b->events ? ll_market_events_between(b->events, d, d, &e) : 0;
    for (size_t i = 0; i < n; i++) {
        enum rank rank = rank_of(&e[i]);
        if (rank != NONE && !x.by_rank[rank])
            x.by_rank[rank] = find(b, e[i].name);
        if (ll_slice_is(e[i].class, "expiry")) {
            x.expiry = true;
            x.quarterly |= is_quarterly(e[i].name);
        }
    }
    return x;
}

static bool ends_month(const struct ll_calendar *c, ll_day d)
{
    const struct ll_session *next = ll_calendar_step(c, d, 1);
    return next && ll_day_date(next->date).month != ll_day_date(d).month;
}

static uint8_t class_of_session(const struct ll_grid_build *b, const struct ll_session *s,
                                const struct today *x)
{
    if (x->expiry)
        return x->quarterly ? LL_GRID_CLASS_WITCHING : LL_GRID_CLASS_EXPIRY;
    if (s->flags & LL_SESSION_PRE_HOLIDAY)
        return LL_GRID_CLASS_PRE_HOLIDAY;
    if (s->flags & LL_SESSION_POST_HOLIDAY)
        return LL_GRID_CLASS_POST_HOLIDAY;
    if (x->by_rank[REBALANCE])
        return x->by_rank[REBALANCE];
    return ends_month(b->calendar, s->date) ? LL_GRID_CLASS_MONTH_END : LL_GRID_CLASS_REGULAR;
}

uint8_t ll_grid_class_of(const struct ll_grid_build *b, ll_day d)
{
    const struct ll_session *s = ll_calendar_session(b->calendar, d);
    const struct today x = events_of(b, d);
    const struct ll_date date = ll_day_date(d);
    if (s && s->flags & LL_SESSION_HALF)
        return LL_GRID_CLASS_HALF;
    if (x.by_rank[OTHER])
        return x.by_rank[OTHER];
    if (ll_calendar_day_class(b->calendar, d) == LL_DAY_CLASS_CLOSED_HOLIDAY)
        return LL_GRID_CLASS_CLOSED;
    if (date.month == 12 && date.day >= 26)
        return LL_GRID_CLASS_YEAR_END;
    return s ? class_of_session(b, s, &x) : LL_GRID_CLASS_REGULAR;
}
