/* What is said of collectors and sources: one slot each, found by name. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"

/* The slot of that name, n_collectors when there is none. */
static size_t slot_of(const struct ll_engine *e, const char *name)
{
    size_t i = 0;
    while (i < e->status.n_collectors && strcmp(e->status.collectors[i].name, name) != 0)
        i++;
    return i;
}

static void note_change(struct ll_engine *e, const struct ll_collector_status *s)
{
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_COLLECTOR, .type = -1};
    snprintf(ev.service, sizeof(ev.service), "%s", s->name);
    snprintf(ev.title, sizeof(ev.title), s->up ? "Collector up" : "Collector down");
    snprintf(ev.detail, sizeof(ev.detail), "%s", s->error);
    snprintf(ev.reason, sizeof(ev.reason), s->up ? "COLLECTOR_UP" : "COLLECTOR_DOWN");
    ll_engine_event(e, &ev);
    LL_LOG(s->up ? LL_LOG_INFO : LL_LOG_WARN, ev.title, LL_KV("name", s->name),
           LL_KV("error", s->error));
}

void ll_engine_report(struct ll_engine *e, const struct ll_collector_status *now)
{
    pthread_mutex_lock(&e->lock);
    size_t i = slot_of(e, now->name);
    bool first = i == e->status.n_collectors;
    if (first && i == LL_COLLECTORS_MAX) {
        pthread_mutex_unlock(&e->lock);
        return; /* the configuration does not allow so many */
    }
    struct ll_collector_status *s = &e->status.collectors[i];
    bool was_up = !first && s->up;
    ll_time success = first ? LL_TIME_NONE : s->last_success;
    *s = *now;
    s->last_success = success;
    if (now->up) {
        s->last_success = ll_engine_now(e);
        e->success_mono[i] = e->clock.mono(e->clock.self);
    }
    e->status.n_collectors += first;
    pthread_mutex_unlock(&e->lock);
    if (was_up != now->up || (first && !now->up))
        note_change(e, now);
}

void ll_engine_report_gone(struct ll_engine *e, const char *name)
{
    pthread_mutex_lock(&e->lock);
    size_t i = slot_of(e, name);
    if (i < e->status.n_collectors) {
        size_t after = --e->status.n_collectors - i;
        memmove(&e->status.collectors[i], &e->status.collectors[i + 1],
                after * sizeof(e->status.collectors[0]));
        memmove(&e->success_mono[i], &e->success_mono[i + 1], after * sizeof(e->success_mono[0]));
    }
    pthread_mutex_unlock(&e->lock);
}
