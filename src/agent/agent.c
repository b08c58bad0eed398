#include "agent/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/internal.h"
#include "agent/record.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/thread.h"

#define WAIT_MAX (5 * LL_SECOND)

ll_time ll_agent_mono(void)
{
    return ll_clock_real().mono(NULL);
}

void ll_agent_wait(struct ll_agent *a, ll_time until)
{
    struct timespec ts;
    ll_dur left = LL_MIN(LL_MAX(until - ll_agent_mono(), 0), WAIT_MAX);
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += (time_t)(left / LL_SECOND);
    ts.tv_nsec += (long)(left % LL_SECOND) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&a->changed, &a->lock, &ts);
}

static bool make_url(struct ll_agent *a, struct ll_err *err)
{
    const char *to = a->opts.to;
    size_t n = strlen(to);
    bool http = strncmp(to, "http://", 7) == 0 && n > 7;
    bool https = strncmp(to, "https://", 8) == 0 && n > 8;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)to[i] <= ' ' || strchr("@?#", to[i]))
            return ll_err_set(
                err, LL_E_USAGE,
                "the URL has a space, a query or credentials in it; a token goes into "
                "a file, --token-file F");
    if (!http && !https)
        return ll_err_set(err, LL_E_USAGE, "'%s' is not a URL like https://loadline.example:7380",
                          to);
    while (n > 0 && to[n - 1] == '/')
        n--;
    int made = snprintf(a->url, sizeof(a->url), "%.*s/api/v1/metrics", (int)n, to);
    if ((size_t)made >= sizeof(a->url))
        return ll_err_set(err, LL_E_USAGE, "the URL has %zu bytes", n);
    return true;
}

static bool choose_instance(struct ll_agent *a, struct ll_err *err)
{
    char name[LL_NAME_MAX + 1] = "";
    const char *given = a->opts.instance ? a->opts.instance : a->opts.config->host.instance;
    if (gethostname(name, sizeof(name) - 1) != 0 || !*name)
        snprintf(name, sizeof(name), "localhost");
    if (!given || !*given)
        given = name;
    if (strlen(given) > LL_NAME_MAX || !ll_utf8_valid(given, strlen(given)))
        return ll_err_set(err, LL_E_USAGE, "the instance is not UTF-8 of at most %d bytes",
                          LL_NAME_MAX);
    for (const char *p = given; *p; p++)
        if ((unsigned char)*p < ' ')
            return ll_err_set(err, LL_E_USAGE, "the instance has a control character in it");
    snprintf(a->instance, sizeof(a->instance), "%s", given);
    return true;
}

static bool init_waiting(struct ll_agent *a)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0)
        return false;
    bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&a->changed, &attr) == 0;
    pthread_condattr_destroy(&attr);
    return ok;
}

static void tell_opened(const struct ll_agent *a)
{
    struct ll_spool_stats s = ll_spool_stats(a->spool);
    if (s.torn_bytes)
        LL_LOG(LL_LOG_WARN, "the end of the queue was torn and is cut off",
               LL_KV("path", a->opts.queue_path), LL_KVI("bytes", s.torn_bytes));
    if (s.records)
        LL_LOG(LL_LOG_INFO, "the queue holds what was not delivered before",
               LL_KVI("records", s.records), LL_KVI("bytes", s.bytes));
}

bool ll_agent_new(const struct ll_agent_opts *opts, struct ll_agent **out, struct ll_err *err)
{
    struct ll_agent *made = calloc(1, sizeof(*made));
    if (!made || pthread_mutex_init(&made->lock, NULL) != 0 || !init_waiting(made)) {
        free(made);
        return ll_err_set(err, LL_E_MEMORY, "no memory for the agent");
    }
    LL_AUTO(ll_agent) a = made;
    const struct ll_config *c = opts->config;
    a->opts = *opts;
    a->interval = c->host.interval ? c->host.interval : c->check_interval;
    a->sync_by = LL_TIME_NONE;
    a->records_max = LL_AGENT_RECORDS;
    a->link_since = ll_agent_mono();
    a->collector_tick = a->link_since;
    a->push_tick = a->link_since;
    ll_str_init(&a->body, LL_AGENT_BODY_BYTES + LL_AGENT_RECORD_RAW_MAX + 64);
    ll_str_init(&a->packed, LL_SPOOL_RECORD_MAX);
    if (!c->host.enabled)
        return ll_err_set(err, LL_E_CONFIG, "collect.host.enabled is false: nothing to send");
    if (!make_url(a, err) || !choose_instance(a, err) ||
        !ll_spool_open(opts->queue_path, opts->queue_bytes, &a->spool, err))
        return false;
    tell_opened(a);
    *out = a;
    a = NULL;
    return true;
}

bool ll_agent_start(struct ll_agent *a, struct ll_err *err)
{
    if (!ll_thread_start(&a->push_thread, ll_agent_push_loop, a, "push", err))
        return false;
    if (!ll_thread_start(&a->collect_thread, ll_agent_collect_loop, a, "collect", err)) {
        a->stopping = true;
        a->give_up = true;
        pthread_join(a->push_thread, NULL);
        return false;
    }
    a->started = true;
    return true;
}

/* First nothing new, then the rest goes out, then what is left is made durable; so that a thread
 * that hangs in a dead mount or a name server costs nothing. */
bool ll_agent_stop(struct ll_agent *a, ll_dur limit, struct ll_err *err)
{
    pthread_mutex_lock(&a->lock);
    a->stop_by = ll_agent_mono() + limit;
    a->stopping = true;
    pthread_cond_broadcast(&a->changed);
    while (a->started && !a->push_done && ll_agent_mono() < a->stop_by)
        ll_agent_wait(a, a->stop_by);
    a->give_up = true;
    bool ok = ll_spool_sync(a->spool, err);
    pthread_mutex_unlock(&a->lock);
    return ok;
}

void ll_agent_free(struct ll_agent *a)
{
    if (!a)
        return;
    if (a->started) {
        pthread_join(a->collect_thread, NULL);
        pthread_join(a->push_thread, NULL);
    }
    if (a->host)
        a->host->ops->close(a->host);
    ll_http_client_free(a->http);
    ll_spool_free(a->spool);
    ll_str_fini(&a->body);
    ll_str_fini(&a->packed);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

static bool collect_with_rates(struct ll_agent *a, struct ll_err *err)
{
    const struct timespec second = {.tv_sec = 1};
    size_t samples = 0;
    if (!ll_agent_collect(a, &samples, err))
        return false;
    nanosleep(&second, NULL);
    return ll_agent_collect(a, &samples, err);
}

bool ll_agent_once(struct ll_agent *a, struct ll_err *err)
{
    struct ll_agent_result r = {0};
    ll_dur wait = 0;
    uint64_t before = a->counts.refused;
    bool ok = collect_with_rates(a, err);
    while (ok && wait == 0 && ll_agent_push_next(a, &r, &wait))
        *err = r.err;
    if (ok && wait == 0 && a->counts.refused > before)
        ok = ll_err_set(err, LL_E_INVALID, "%llu samples were refused: %s",
                        (unsigned long long)(a->counts.refused - before), a->reason);
    if (ok && wait == 0 && ll_spool_stats(a->spool).records > 0)
        ok = ll_err_set(err, LL_E_MEMORY, "no memory for a push");
    struct ll_err sync = {0};
    if (!ll_spool_sync(a->spool, &sync) && ok)
        *err = sync;
    return ok && wait == 0 && sync.code == LL_E_OK;
}

void ll_agent_counts(struct ll_agent *a, struct ll_agent_counts *out)
{
    pthread_mutex_lock(&a->lock);
    struct ll_spool_stats s = ll_spool_stats(a->spool);
    *out = a->counts;
    pthread_mutex_unlock(&a->lock);
    out->dropped = s.dropped;
    out->damaged_bytes += s.damaged_bytes;
    out->queued = s.records;
    out->queued_bytes = s.bytes;
}

const char *ll_agent_instance(const struct ll_agent *a)
{
    return a->instance;
}

bool ll_agent_is_alive(struct ll_agent *a)
{
    ll_time now = ll_agent_mono();
    return now - a->collector_tick <= 3 * a->interval + 10 * LL_SECOND &&
           now - a->push_tick <= a->opts.timeout + 30 * LL_SECOND;
}
