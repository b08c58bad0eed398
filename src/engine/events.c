/* What happened, kept for the Activity panel; a ring, newest overwrite oldest. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "engine/internal.h"

static const char *const kind_names[] = {"start",  "status", "collector", "storage",
                                         "config", "clock",  "calendar",  "scaling"};

const char *ll_event_kind_name(enum ll_event_kind k)
{
    return (size_t)k < LL_LEN(kind_names) ? kind_names[k] : "?";
}

void ll_engine_event(struct ll_engine *e, const struct ll_event *event)
{
    pthread_mutex_lock(&e->lock);
    struct ll_event *slot = &e->events[e->n_events % LL_EVENTS_KEPT];
    *slot = *event;
    slot->id = ++e->n_events;
    pthread_mutex_unlock(&e->lock);
}

size_t ll_engine_events(struct ll_engine *e, uint64_t after, struct ll_event *out, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&e->lock);
    uint64_t oldest = e->n_events > LL_EVENTS_KEPT ? e->n_events - LL_EVENTS_KEPT : 0;
    for (uint64_t id = e->n_events; id > LL_MAX(after, oldest) && n < max; id--)
        out[n++] = e->events[(id - 1) % LL_EVENTS_KEPT];
    pthread_mutex_unlock(&e->lock);
    return n;
}

static void describe(const struct ll_view *v, const struct ll_cell *c, struct ll_event *ev)
{
    char level[2 * LL_UNIT_TEXT_MAX];
    const struct ll_metric *x = &v->metrics[c->worst];
    ll_unit_format_of(x->unit, x->value, x->capacity, level);
    snprintf(ev->service, sizeof(ev->service), "%.*s", (int)LL_MIN(c->service.n, (size_t)127),
             c->service.s);
    snprintf(ev->title, sizeof(ev->title), "%s %s", ll_resource_label(c->type),
             ll_status_name(ll_reason_status(c->reason)));
    int part = (int)LL_MIN(x->key.part.n, (size_t)100);
    if (isnan(x->utilization))
        snprintf(ev->detail, sizeof(ev->detail), "%.*s%s%s", part, x->key.part.s, part ? " " : "",
                 level);
    else
        snprintf(ev->detail, sizeof(ev->detail), "%.*s%s%.1f %%, %s", part, x->key.part.s,
                 part ? " " : "", x->utilization * 100, level);
    snprintf(ev->reason, sizeof(ev->reason), "%s", ll_reason_name(c->reason));
    ev->type = (int)c->type;
}

/* A cell that is new is news only if it is a problem. */
static bool is_news(const struct ll_cell *before, const struct ll_cell *now)
{
    if (!before)
        return ll_reason_severity(now->reason) > ll_reason_severity(LL_REASON_OVER_WINDOW);
    if (before->reason == LL_REASON_NO_CAPACITY && now->reason == LL_REASON_BELOW_WARNING)
        return false; /* the first rate of a fresh start */
    return ll_reason_status(before->reason) != ll_reason_status(now->reason);
}

void ll_engine_status_events(struct ll_engine *e, const struct ll_view *before,
                             const struct ll_view *now)
{
    for (size_t i = 0; i < now->n_cells; i++) {
        const struct ll_cell *c = &now->cells[i];
        if (!is_news(ll_view_cell(before, c->service, c->type), c))
            continue;
        struct ll_event ev = {.t = now->now, .kind = LL_EVENT_STATUS};
        describe(now, c, &ev);
        ll_engine_event(e, &ev);
    }
}
