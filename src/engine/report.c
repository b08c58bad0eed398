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

static const ll_dur agent_silent = 3 * LL_MINUTE, agent_gone = LL_DAY;

void ll_engine_agent_seen(struct ll_engine *e, struct ll_slice instance, size_t samples)
{
    struct ll_collector_status s = {.kind = "agent", .up = true, .samples = samples};
    if (instance.n == 0 || !ll_utf8_valid(instance.s, instance.n))
        return;
    snprintf(s.name, sizeof(s.name), "agent %.*s", (int)LL_MIN(instance.n, sizeof(s.name)),
             instance.s);
    ll_engine_report(e, &s);
}

/* An agent that has been silent for so long; false when there is none. */
static bool silent_agent(struct ll_engine *e, ll_dur silent, bool up,
                         struct ll_collector_status *out)
{
    ll_time mono = e->clock.mono(e->clock.self);
    bool found = false;
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->status.n_collectors && !found; i++) {
        const struct ll_collector_status *s = &e->status.collectors[i];
        found = strcmp(s->kind, "agent") == 0 && s->up == up && mono - e->success_mono[i] > silent;
        if (found)
            *out = *s;
    }
    pthread_mutex_unlock(&e->lock);
    return found;
}

void ll_engine_agents_silent(struct ll_engine *e)
{
    struct ll_collector_status s;
    while (silent_agent(e, agent_silent, true, &s)) {
        s.up = false;
        snprintf(s.error, sizeof(s.error), "nothing came for three minutes");
        ll_engine_report(e, &s);
    }
    while (silent_agent(e, agent_gone, false, &s))
        ll_engine_report_gone(e, s.name);
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
