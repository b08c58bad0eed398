/* The collector thread: a source that hangs (a dead mount, a slow kernel file) delays its
 * own samples only, never a decision or a page. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/internal.h"

enum { HOST_SAMPLES_MAX = 4096 };

struct runner {
    struct ll_engine *e;
    struct ll_collector *host;
    const struct ll_published *pub; /* holds the configuration the collector was opened with */
    ll_time next;                   /* mono */
};

static ll_dur interval_of(const struct ll_config *c)
{
    return c->host.interval ? c->host.interval : c->check_interval;
}

static void report(struct ll_engine *e, bool up, size_t samples, double ms, ll_dur interval,
                   const char *error)
{
    struct ll_collector_status s = {
        .kind = "host", .up = up, .samples = samples, .duration_ms = ms, .interval = interval};
    snprintf(s.name, sizeof(s.name), "%s", ll_collector_host.name);
    snprintf(s.error, sizeof(s.error), "%s", error ? error : "");
    ll_engine_report(e, &s);
}

/* Opens the collector anew when the configuration it was made from has been replaced. */
static bool follow_config(struct runner *r, struct ll_err *err)
{
    const struct ll_published *pub = ll_engine_acquire(r->e);
    if (r->host && r->pub && pub->config == r->pub->config) {
        ll_engine_release(pub);
        return true;
    }
    if (r->host)
        r->host->ops->close(r->host);
    r->host = NULL;
    ll_engine_release(r->pub);
    r->pub = pub;
    const struct ll_config *c = pub->config;
    if (!c->host.enabled)
        return true;
    const struct ll_host_opts opts = {
        .instance = c->host.instance,
        .ignore_mounts = c->host.ignore_mounts,
        .ignore_devices = c->host.ignore_devices,
        .link_speed_bytes_per_second =
            c->host.link_speed_bytes_per_second > 0 ? c->host.link_speed_bytes_per_second : 0,
        .no_cgroups = !c->host.cgroups,
        .max_cgroups = c->host.max_cgroups,
    };
    return ll_collector_host.open(&opts, &r->host, err);
}

static void check_samples(struct ll_batch *b, ll_time now)
{
    for (size_t i = 0; i < b->n; i++)
        b->refusal[i] = ll_sample_check(&b->v[i], now, LL_TIME_MIN);
}

static bool collect_once(struct runner *r, size_t *samples, struct ll_err *err)
{
    struct ll_engine *e = r->e;
    ll_time now = ll_engine_now(e);
    LL_AUTO(ll_batch) b = ll_batch_new(HOST_SAMPLES_MAX, 0, LL_ORIGIN_COLLECTOR);
    if (!b)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a batch");
    b->source = r->host->ops->name;
    b->received = now;
    if (!r->host->ops->collect(r->host, now, e->clock.mono(e->clock.self), b, err))
        return false;
    check_samples(b, now);
    *samples = b->n;
    struct ll_batch *given = b;
    if (!ll_engine_ingest(e, given, NULL, NULL, err))
        return false;
    b = NULL;
    return true;
}

static void run_once(struct runner *r)
{
    struct ll_err err;
    size_t samples = 0;
    struct timespec a, b;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
    bool open = follow_config(r, &err);
    ll_dur interval = interval_of(r->pub->config);
    if (!open) {
        report(r->e, false, 0, 0, interval, err.text);
        return;
    }
    if (!r->host) {
        ll_engine_report_gone(r->e, ll_collector_host.name);
        return;
    }
    bool ok = collect_once(r, &samples, &err);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
    double ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
    report(r->e, ok, samples, ms, interval, ok ? NULL : err.text);
}

void ll_engine_sleep(struct ll_engine *e, ll_time until)
{
    struct timespec ts = {.tv_sec = (time_t)(until / LL_SECOND),
                          .tv_nsec = (long)(until % LL_SECOND) * 1000000};
    pthread_mutex_lock(&e->lock);
    while (!atomic_load(&e->stopping) && e->clock.mono(e->clock.self) < until) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        ll_dur left = LL_MIN(until - e->clock.mono(e->clock.self), LL_SECOND * 3600);
        ts.tv_sec = now.tv_sec + (time_t)(left / LL_SECOND);
        ts.tv_nsec = now.tv_nsec + (long)(left % LL_SECOND) * 1000000;
        if (ts.tv_nsec >= 1000000000) {
            ts.tv_sec++;
            ts.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&e->changed, &e->lock, &ts);
    }
    pthread_mutex_unlock(&e->lock);
}

void *ll_engine_collect(void *engine)
{
    struct ll_engine *e = engine;
    struct runner r = {.e = e, .next = e->clock.mono(e->clock.self)};
    /* Rates need two readings: the second comes soon, so that a first page is not empty. */
    ll_dur first_gap = LL_SECOND;
    while (!atomic_load(&e->stopping)) {
        run_once(&r);
        ll_dur interval = r.pub ? interval_of(r.pub->config) : LL_SECOND;
        ll_dur gap = LL_MIN(first_gap, interval);
        first_gap = INT64_MAX;
        r.next = LL_MAX(r.next + gap, e->clock.mono(e->clock.self));
        ll_engine_sleep(e, r.next);
    }
    if (r.host)
        r.host->ops->close(r.host);
    ll_engine_release(r.pub);
    return NULL;
}
