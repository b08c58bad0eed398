/* Sources: one thread for each Prometheus, scrape job and PostgreSQL of the configuration.
 *
 * One that hangs delays its own samples only.  A thread follows the configuration by itself: it
 * opens its source anew when its entry may have changed, and ends when the entry is gone; the
 * engine's thread starts what is missing and joins what has ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/intake.h"
#include "engine/internal.h"
#include "engine/source_kinds.h"
#include "os/thread.h"

static const ll_dur backoff_max = 5 * LL_MINUTE;

struct runner {
    struct ll_sources *all;
    const struct ll_source_kind *kind;
    char name[64];
    pthread_t thread;
    atomic_bool ended; /* its entry is gone: join it */

    /* The thread's own. */
    const struct ll_published *pub; /* holds the entry it was opened from */
    const void *entry;
    struct ll_source *source; /* one of the two is open */
    struct ll_collector *collector;
    ll_time next; /* mono */
    unsigned failures;
};

struct ll_sources {
    struct ll_engine *e;
    struct runner *v[LL_COLLECTORS_MAX];
    size_t n;
};

struct ll_sources *ll_sources_new(struct ll_engine *e)
{
    struct ll_sources *s = calloc(1, sizeof(*s));
    if (s)
        s->e = e;
    return s;
}

static void close_source(struct runner *r)
{
    if (r->source)
        r->source->ops->close(r->source);
    if (r->collector)
        r->collector->ops->close(r->collector);
    r->source = NULL;
    r->collector = NULL;
}

/* Looks at the configuration in force; false when the entry is gone. */
static bool follow_config(struct runner *r)
{
    const struct ll_published *pub = ll_engine_acquire(r->all->e);
    if (r->pub && pub->config == r->pub->config) {
        ll_engine_release(pub);
        return true;
    }
    close_source(r); /* what it was opened with goes away */
    ll_engine_release(r->pub);
    r->pub = pub;
    r->entry = ll_source_entry(r->kind, pub->config, r->name);
    return r->entry != NULL;
}

static bool open_source(struct runner *r, struct ll_err *err)
{
    if (r->source || r->collector)
        return true;
    return r->kind->open(r->pub->config, r->entry, r->all->e->seed, &r->source, &r->collector, err);
}

struct round {
    size_t points;
    double ms;
    char note[LL_COLLECTOR_TEXT_MAX];
    ll_dur retry_after;
    bool none; /* nothing of it could be read, though there is something to say */
};

static bool poll_source(struct runner *r, struct round *round, struct ll_err *err)
{
    struct ll_engine *e = r->all->e;
    struct ll_source_poll got = {0};
    ll_time now = ll_engine_now(e);
    if (!r->source->ops->poll(r->source, now, e->clock.mono(e->clock.self), &e->stopping, &got,
                              &round->retry_after, err))
        return false;
    snprintf(round->note, sizeof(round->note), "%s", got.note);
    round->none = got.requests > 0 && got.failed == got.requests;
    if (!got.set)
        return true;
    round->points = got.set->points;
    const struct ll_intake_opts opts = {
        .source = r->kind->shared ? r->kind->shared : r->name,
        .origin = LL_ORIGIN_COLLECTOR,
        .received = now,
        .complete = got.complete && !r->kind->shared,
        .business = got.business,
        .n_business = got.n_business,
    };
    if (ll_engine_intake(e, got.set, &opts, NULL, NULL, err))
        return true;
    ll_labeled_set_free(got.set);
    return false;
}

enum { COLLECTED_MAX = 4096 };

static bool collect(struct runner *r, struct round *round, struct ll_err *err)
{
    struct ll_engine *e = r->all->e;
    ll_time now = ll_engine_now(e);
    LL_AUTO(ll_batch) b = ll_batch_new(COLLECTED_MAX, 0, LL_ORIGIN_COLLECTOR);
    if (!b)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a batch");
    b->source = r->collector->ops->name;
    b->received = now;
    if (!r->collector->ops->collect(r->collector, now, e->clock.mono(e->clock.self), b, err))
        return false;
    for (size_t i = 0; i < b->n; i++)
        b->refusal[i] = ll_sample_check(&b->v[i], now, LL_TIME_MIN);
    round->points = b->n;
    const char *note = r->collector->ops->note ? r->collector->ops->note(r->collector) : NULL;
    snprintf(round->note, sizeof(round->note), "%s", note ? note : "");
    struct ll_batch *given = b;
    if (!ll_engine_ingest(e, given, NULL, NULL, err))
        return false;
    b = NULL;
    return true;
}

static void report(struct runner *r, const struct round *round, const struct ll_err *err)
{
    struct ll_collector_status s = {.kind = r->kind->name,
                                    .up = !err,
                                    .interval = r->kind->interval(r->entry),
                                    .samples = round->points,
                                    .duration_ms = round->ms};
    snprintf(s.name, sizeof(s.name), "%s", r->name);
    r->kind->url(r->entry, s.url, sizeof(s.url));
    if (err)
        snprintf(s.error, sizeof(s.error), "%.*s", LL_COLLECTOR_TEXT_MAX - 1, err->text);
    snprintf(s.note, sizeof(s.note), "%s", round->note);
    ll_engine_report(r->all->e, &s);
}

/* After failures the next try comes later and later, unless the server said when. */
static ll_dur pause_of(const struct runner *r, const struct round *round)
{
    ll_dur interval = r->kind->interval(r->entry), pause = interval;
    for (unsigned i = 1; i < r->failures && pause < backoff_max; i++)
        pause *= 2;
    pause = LL_MIN(pause, LL_MAX(backoff_max, interval));
    return LL_MAX(pause, LL_MIN(round->retry_after, 10 * LL_MINUTE));
}

static void run_once(struct runner *r)
{
    struct ll_err err;
    struct round round = {0};
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    bool ok = open_source(r, &err) &&
              (r->source ? poll_source(r, &round, &err) : collect(r, &round, &err));
    clock_gettime(CLOCK_MONOTONIC, &b);
    if (atomic_load(&r->all->e->stopping))
        return; /* what was cut short is no failure */
    round.ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
    r->failures = ok ? 0 : r->failures + 1;
    if (ok && round.none)
        ll_err_set(&err, LL_E_UNREACHABLE, "%s", round.note[0] ? round.note : "nothing answers");
    report(r, &round, ok && !round.none ? NULL : &err);
    ll_time mono = r->all->e->clock.mono(r->all->e->clock.self);
    r->next = ok ? LL_MAX(r->next + r->kind->interval(r->entry), mono) : mono + pause_of(r, &round);
}

static void *run(void *ctx)
{
    struct runner *r = ctx;
    struct ll_engine *e = r->all->e;
    r->next = e->clock.mono(e->clock.self);
    bool there = true;
    while (!atomic_load(&e->stopping) && (there = follow_config(r))) {
        if (e->clock.mono(e->clock.self) >= r->next)
            run_once(r);
        /* Wakes each second to see a new configuration; that costs nothing. */
        ll_time mono = e->clock.mono(e->clock.self);
        ll_engine_sleep(e, LL_MIN(r->next, mono + LL_SECOND));
    }
    close_source(r);
    ll_engine_release(r->pub);
    if (!there)
        ll_engine_report_gone(e, r->name);
    atomic_store(&r->ended, true);
    return NULL;
}

static bool is_running(const struct ll_sources *s, const struct ll_source_kind *kind,
                       const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i]->kind == kind && strcmp(s->v[i]->name, name) == 0)
            return !atomic_load(&s->v[i]->ended);
    return false;
}

static void start(struct ll_sources *s, const struct ll_source_kind *kind, struct ll_slice name)
{
    struct ll_err err;
    char z[sizeof(s->v[0]->name)];
    snprintf(z, sizeof(z), "%.*s", (int)LL_MIN(name.n, sizeof(z) - 1), name.s);
    if (is_running(s, kind, z) || s->n == LL_LEN(s->v))
        return;
    struct runner *r = calloc(1, sizeof(*r));
    if (!r)
        return; /* tried again at the next reload */
    r->all = s;
    r->kind = kind;
    memcpy(r->name, z, sizeof(z));
    if (ll_thread_start(&r->thread, run, r, kind->name, &err)) {
        s->v[s->n++] = r;
        return;
    }
    LL_LOG(LL_LOG_ERROR, "no thread for a source", LL_KV("name", r->name),
           LL_KV("error", err.text));
    free(r);
}

static void reap(struct ll_sources *s)
{
    for (size_t i = s->n; i-- > 0;) {
        struct runner *r = s->v[i];
        if (!atomic_load(&r->ended))
            continue;
        pthread_join(r->thread, NULL);
        free(r);
        s->v[i] = s->v[--s->n];
    }
}

void ll_sources_follow(struct ll_sources *s)
{
    reap(s);
    const struct ll_published *pub = ll_engine_acquire(s->e);
    for (size_t k = 0; k < LL_SOURCE_KINDS; k++)
        for (size_t i = 0; i < ll_source_kinds[k].count(pub->config); i++)
            start(s, &ll_source_kinds[k], ll_source_kinds[k].name_of(pub->config, i));
    ll_engine_release(pub);
}

void ll_sources_free(struct ll_sources *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        pthread_join(s->v[i]->thread, NULL);
        free(s->v[i]);
    }
    free(s);
}
