/* The collecting thread: a host that hangs (a dead mount) delays its own samples only. */
#include <string.h>

#include "agent/internal.h"
#include "agent/record.h"
#include "os/clock.h"
#include "os/log.h"

enum { SAMPLES_MAX = 4096 };

#define SYNC_AFTER (2 * LL_SECOND) /* a receiver that answers makes most syncs needless */

/* Items in the making; each full load becomes a record. */
struct load {
    struct ll_str items, one, packed;
    size_t samples;
};

static bool put_record(struct ll_agent *a, struct load *l, struct ll_err *err)
{
    if (l->samples == 0)
        return true;
    ll_str_clear(&l->packed);
    bool ok = ll_agent_record_pack((struct ll_slice){l->items.s, l->items.n}, l->samples,
                                   &l->packed, err);
    pthread_mutex_lock(&a->lock);
    ok = ok && ll_spool_append(a->spool, l->packed.s, l->packed.n, err);
    a->counts.collected += ok ? l->samples : 0;
    pthread_mutex_unlock(&a->lock);
    ll_str_clear(&l->items);
    l->samples = 0;
    return ok;
}

static bool put_all(struct ll_agent *a, struct load *l, const struct ll_batch *b, ll_time now,
                    size_t *samples, struct ll_err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        if (ll_sample_check(&b->v[i], now, LL_TIME_MIN) != LL_REFUSAL_NONE)
            continue;
        ll_str_clear(&l->one);
        ll_agent_record_item(&l->one, &b->v[i]);
        bool full = l->items.n + 1 + l->one.n > LL_AGENT_RECORD_RAW_MAX ||
                    l->samples == LL_AGENT_RECORD_SAMPLES_MAX;
        if (full && !put_record(a, l, err))
            return false;
        if (l->items.n)
            ll_str_addc(&l->items, ',');
        ll_str_add(&l->items, l->one.s, l->one.n);
        if (l->one.failed || l->items.failed)
            return ll_err_set(err, LL_E_MEMORY, "no memory for the samples");
        l->samples++;
        ++*samples;
    }
    return put_record(a, l, err);
}

static bool open_host(struct ll_agent *a, struct ll_err *err)
{
    const struct ll_config *c = a->opts.config;
    const struct ll_host_opts opts = {
        .instance = a->instance,
        .ignore_mounts = c->host.ignore_mounts,
        .ignore_devices = c->host.ignore_devices,
        .link_speed_bytes_per_second =
            c->host.link_speed_bytes_per_second > 0 ? c->host.link_speed_bytes_per_second : 0,
        .no_cgroups = !c->host.cgroups,
        .max_cgroups = c->host.max_cgroups,
    };
    return a->host || ll_collector_host.open(&opts, &a->host, err);
}

bool ll_agent_collect(struct ll_agent *a, size_t *samples, struct ll_err *err)
{
    ll_time now = ll_clock_real().now(NULL);
    LL_AUTO(ll_batch) b = ll_batch_new(SAMPLES_MAX, 0, LL_ORIGIN_COLLECTOR);
    if (!b)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a batch");
    if (!open_host(a, err) || !a->host->ops->collect(a->host, now, ll_agent_mono(), b, err))
        return false;
    struct load l = {0};
    ll_str_init(&l.items, LL_AGENT_RECORD_RAW_MAX);
    ll_str_init(&l.one, LL_AGENT_RECORD_RAW_MAX);
    ll_str_init(&l.packed, LL_SPOOL_RECORD_MAX);
    *samples = 0;
    bool ok = put_all(a, &l, b, now, samples, err);
    ll_str_fini(&l.items);
    ll_str_fini(&l.one);
    ll_str_fini(&l.packed);
    return ok;
}

static void tell_queue(struct ll_agent *a, bool ok, const struct ll_err *err)
{
    if (!ok && !a->queue_failing)
        LL_LOG(LL_LOG_ERROR, "the queue cannot be written, samples are lost",
               LL_KV("path", a->opts.queue_path), LL_KV("error", err->text));
    if (ok && a->queue_failing)
        LL_LOG(LL_LOG_INFO, "the queue is written again", LL_KV("path", a->opts.queue_path));
    a->queue_failing = !ok;
}

/* Once while it lasts: the queue has to be empty before it can be full anew. */
static void tell_drops(struct ll_agent *a)
{
    pthread_mutex_lock(&a->lock);
    struct ll_spool_stats s = ll_spool_stats(a->spool);
    pthread_mutex_unlock(&a->lock);
    if (s.dropped > a->dropped_seen && !a->queue_full) {
        a->queue_full = true;
        LL_LOG(LL_LOG_WARN, "the queue is full, the oldest samples are dropped",
               LL_KVI("records", s.records), LL_KVI("bytes", s.bytes));
    }
    if (s.records == 0 && a->queue_full) {
        a->queue_full = false;
        LL_LOG(LL_LOG_INFO, "the queue is empty again", LL_KVI("dropped_records", s.dropped));
    }
    a->dropped_seen = s.dropped;
}

static void run_once(struct ll_agent *a)
{
    struct ll_err err = {0};
    size_t samples = 0;
    bool ok = ll_agent_collect(a, &samples, &err);
    bool queue = ok || err.code == LL_E_STORAGE;
    if (queue)
        tell_queue(a, ok, &err);
    if (!queue && !a->collector_failing)
        LL_LOG(LL_LOG_ERROR, "this host cannot be measured", LL_KV("error", err.text));
    if (ok && a->collector_failing)
        LL_LOG(LL_LOG_INFO, "this host is measured again", LL_KV("instance", a->instance));
    a->collector_failing = !queue;
    tell_drops(a);
    pthread_mutex_lock(&a->lock);
    if (!ll_spool_is_synced(a->spool) && a->sync_by == LL_TIME_NONE)
        a->sync_by = ll_agent_mono() + SYNC_AFTER;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

/* What was delivered meanwhile needs no sync: should it be lost, it is there already. */
static void sync_if_due(struct ll_agent *a)
{
    struct ll_err err;
    if (a->sync_by == LL_TIME_NONE || ll_agent_mono() < a->sync_by)
        return;
    a->sync_by = LL_TIME_NONE;
    if (ll_spool_stats(a->spool).records > 0 && !ll_spool_sync(a->spool, &err))
        tell_queue(a, false, &err);
}

void *ll_agent_collect_loop(void *agent)
{
    struct ll_agent *a = agent;
    ll_time next = ll_agent_mono();
    ll_dur gap = LL_MIN(LL_SECOND, a->interval); /* rates need two readings */
    while (!a->stopping) {
        run_once(a);
        next = LL_MAX(next + gap, ll_agent_mono());
        gap = a->interval;
        pthread_mutex_lock(&a->lock);
        while (!a->stopping && ll_agent_mono() < next) {
            a->collector_tick = ll_agent_mono();
            sync_if_due(a);
            ll_agent_wait(a, a->sync_by == LL_TIME_NONE ? next : LL_MIN(next, a->sync_by));
        }
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}
