/* What people should hear of actions: proposals, and how those that were sent ended. */
#include <stdio.h>

#include "engine/scaling_private.h"

static const char *title_of(enum ll_action_state state)
{
    switch (state) {
    case LL_ACTION_PROPOSED:
        return "proposed";
    case LL_ACTION_APPLIED:
        return "applied";
    case LL_ACTION_NOT_APPLIED:
        return "not applied";
    case LL_ACTION_FAILED:
        return "failed";
    case LL_ACTION_UNKNOWN:
        return "sent, not confirmed";
    case LL_ACTION_EXPIRED:
        return "expired: nobody answered";
    case LL_ACTION_REJECTED:
        return "rejected";
    case LL_ACTION_PENDING:
    case LL_ACTION_SUPERSEDED:
    case LL_ACTION_OBSERVED:
    case LL_ACTION_STATE_COUNT:
        break;
    }
    return NULL; /* no news: another line tells of it, or nothing was to be done */
}

void ll_scaling_news(struct ll_scaling *s, const struct ll_target *t,
                     const struct ll_scaling_event *e)
{
    const char *what = title_of(e->state);
    if (!what)
        return;
    struct ll_event ev = {.t = ll_engine_now(s->e), .kind = LL_EVENT_SCALING, .type = (int)e->type};
    snprintf(ev.service, sizeof(ev.service), "%.*s", (int)LL_MIN(t->service.n, (size_t)127),
             t->service.s);
    snprintf(ev.title, sizeof(ev.title), "%s %s", ll_direction_name(e->direction), what);
    snprintf(ev.detail, sizeof(ev.detail), "%.*s: %.0f to %.0f %.*s. %.*s",
             (int)LL_MIN(t->name.n, (size_t)64), t->name.s, e->from_value, e->to_value,
             (int)LL_MIN(t->unit.n, (size_t)24), t->unit.s, (int)LL_MIN(e->reason.n, (size_t)120),
             e->reason.s);
    snprintf(ev.reason, sizeof(ev.reason), "%s", ll_action_state_name(e->state));
    ll_engine_event(s->e, &ev);
    s->e->dirty = true; /* the next view brings it to the streams */
}
