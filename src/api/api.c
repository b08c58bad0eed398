#include "api/api.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/cache.h"
#include "api/hub.h"
#include "api/server.h"
#include "api/stream.h"
#include "api/tls.h"
#include "os/log.h"
#include "os/thread.h"

enum { RING_BYTES = 1 << 20, CONNECTIONS_DEFAULT = 1024, STREAMS_DEFAULT = 64 };
enum { BODY_DEFAULT = 16 << 20, PER_ADDRESS_LEAST = 16 };
#define HEARTBEAT (5 * LL_SECOND)
#define REAP_EVERY (1 * LL_SECOND)
#define IDLE_EVERY (5 * LL_SECOND)

static void lock_init(struct ll_api *api)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&api->tick, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&api->tick_lock, NULL);
    pthread_mutex_init(&api->lock, NULL);
}

/* What may change at a reload without a restart. */
static void follow_config(struct ll_api *api)
{
    struct ll_err err;
    struct ll_hosts hosts = {0};
    const struct ll_published *p = ll_engine_acquire(api->engine);
    const struct ll_config *c = p->config;
    if (memcmp(api->config_hash, c->hash, sizeof(api->config_hash)) != 0) {
        memcpy(api->config_hash, c->hash, sizeof(api->config_hash));
        if (ll_hosts_init(&hosts, c, &err)) {
            pthread_mutex_lock(&api->lock);
            struct ll_hosts before = api->hosts;
            api->hosts = hosts;
            pthread_mutex_unlock(&api->lock);
            ll_hosts_fini(&before);
        } else {
            LL_LOG(LL_LOG_ERROR, "host names stay as they were", LL_KV("error", err.text));
        }
        api->lifecycle = c->web.enable_lifecycle;
        api->max_body = c->web.max_body ? c->web.max_body : BODY_DEFAULT;
    }
    ll_engine_release(p);
}

/* Waits for a publication, the end, or `wait`; true = there was a publication. */
static bool wait_tick(struct ll_api *api, ll_dur wait, bool *stop)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait / LL_SECOND);
    pthread_mutex_lock(&api->tick_lock);
    while (!api->published && !api->stop &&
           pthread_cond_timedwait(&api->tick, &api->tick_lock, &until) == 0)
        continue;
    bool published = api->published;
    api->published = false;
    *stop = api->stop;
    pthread_mutex_unlock(&api->tick_lock);
    return published;
}

/* Publications to the streams, heartbeats, and connections whose time is over. */
static void *run_ticker(void *arg)
{
    struct ll_api *api = arg;
    ll_time beat = api->clock.mono(api->clock.self);
    ll_dur wait = IDLE_EVERY;
    bool stop = false;
    while (!stop) {
        bool published = wait_tick(api, wait, &stop);
        if (published) {
            follow_config(api);
            ll_hub_publish(api->hub);
        }
        ll_time now = api->clock.mono(api->clock.self);
        size_t open = 0;
        size_t cut = ll_conns_reap(api->conns, now, &open);
        ll_count(&api->counters.cut, cut);
        if (now - beat >= HEARTBEAT) {
            beat = now;
            ll_hub_heartbeat(api->hub);
        }
        wait = open > 0 ? REAP_EVERY : IDLE_EVERY;
    }
    return NULL;
}

void ll_api_published(void *ctx)
{
    struct ll_api *api = ctx;
    pthread_mutex_lock(&api->tick_lock);
    api->published = true;
    pthread_cond_signal(&api->tick);
    pthread_mutex_unlock(&api->tick_lock);
}

static bool has_tls(const struct ll_webconfig *web)
{
    return web && web->cert_file && web->key_file;
}

static bool check_exposure(const struct ll_webconfig *web, bool beyond, struct ll_err *err)
{
    if (!beyond || (ll_webconfig_has_login(web) && has_tls(web)))
        return true;
    return ll_err_set(err, LL_E_CONFIG,
                      "listening beyond loopback needs %s%s%s in web.config_file; listen on "
                      "127.0.0.1, or configure them",
                      ll_webconfig_has_login(web) ? "" : "users or tokens",
                      !ll_webconfig_has_login(web) && !has_tls(web) ? " and " : "",
                      has_tls(web) ? "" : "a TLS certificate");
}

static bool random_boot(struct ll_api *api, struct ll_err *err)
{
    uint32_t boot = 0;
    if (gnutls_rnd(GNUTLS_RND_NONCE, &boot, sizeof(boot)) < 0 ||
        gnutls_rnd(GNUTLS_RND_NONCE, &api->seed, sizeof(api->seed)) < 0)
        return ll_err_set(err, LL_E_IO, "no random numbers");
    snprintf(api->boot, sizeof(api->boot), "%08x", boot);
    return true;
}

static bool make_parts(struct ll_api *api, const struct ll_api_opts *opts, struct ll_err *err)
{
    const struct ll_config *c = opts->config;
    api->max_connections = c->web.max_connections ? c->web.max_connections : CONNECTIONS_DEFAULT;
    api->max_streams = c->web.max_streams ? c->web.max_streams : STREAMS_DEFAULT;
    api->max_body = c->web.max_body ? c->web.max_body : BODY_DEFAULT;
    api->lifecycle = c->web.enable_lifecycle;
    memcpy(api->config_hash, c->hash, sizeof(api->config_hash));
    if (!random_boot(api, err) || !ll_hosts_init(&api->hosts, c, err))
        return false;
    api->auth = ll_auth_new(opts->web, err);
    if (!api->auth)
        return false;
    if (has_tls(opts->web)) {
        api->tls = ll_tls_new(opts->web->cert_file, opts->web->key_file, err);
        if (!api->tls)
            return false;
    }
    api->conns = ll_conns_new(LL_MAX(api->max_connections / 4, (size_t)PER_ADDRESS_LEAST));
    api->cache = ll_cache_new();
    api->hub = ll_hub_new(&(struct ll_hub_opts){.source = ll_stream_source(api),
                                                .ring_bytes = RING_BYTES,
                                                .max_clients = api->max_streams,
                                                .seed = api->seed,
                                                .boot = api->boot});
    return api->conns && api->cache && api->hub
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for the HTTP API");
}

static bool open_all(struct ll_api *api, const struct ll_api_opts *opts, struct ll_err *err)
{
    if (!ll_server_bind(api, opts->config, &api->beyond_loopback, err) ||
        !check_exposure(opts->web, api->beyond_loopback, err) || !make_parts(api, opts, err) ||
        !ll_thread_start(&api->ticker, run_ticker, api, "api", err))
        return false;
    api->ticking = true;
    return ll_server_start(api, err);
}

bool ll_api_new(const struct ll_api_opts *opts, struct ll_api **out, struct ll_err *err)
{
    struct ll_api *api = calloc(1, sizeof(*api));
    if (!api)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the HTTP API");
    lock_init(api);
    api->engine = opts->engine;
    api->clock = ll_clock_real();
    api->reload = opts->reload;
    api->ctx = opts->ctx;
    if (!open_all(api, opts, err)) {
        ll_api_free(api);
        return false;
    }
    *out = api;
    return true;
}

bool ll_api_set_web(struct ll_api *api, const struct ll_webconfig *web, struct ll_err *err)
{
    if (!check_exposure(web, api->beyond_loopback, err))
        return false;
    if (has_tls(web) != (api->tls != NULL))
        return ll_err_set(err, LL_E_CONFIG, "TLS cannot be switched %s while running: restart",
                          api->tls ? "off" : "on");
    if (api->tls && !ll_tls_reload(api->tls, web->cert_file, web->key_file, err))
        return false;
    if (!ll_auth_set_web(api->auth, web, err))
        return false;
    if (web) /* who looks now may have lost the right to: the page asks again by itself */
        ll_hub_end_all(api->hub);
    return true;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
}

void ll_api_drain(struct ll_api *api, ll_dur grace)
{
    ll_time end = api->clock.mono(api->clock.self) + grace;
    api->stopping = true;
    ll_hub_stop(api->hub);
    while (api->requests > 0 && api->clock.mono(api->clock.self) < end)
        nap();
}

static void stop_ticker(struct ll_api *api)
{
    pthread_mutex_lock(&api->tick_lock);
    api->stop = true;
    pthread_cond_signal(&api->tick);
    pthread_mutex_unlock(&api->tick_lock);
    if (api->ticking)
        pthread_join(api->ticker, NULL);
}

void ll_api_free(struct ll_api *api)
{
    if (!api)
        return;
    api->stopping = true;
    ll_engine_on_publish(api->engine, NULL, NULL);
    if (api->hub)
        ll_hub_stop(api->hub);
    api->closing = true;
    while (api->asleep > 0) /* the writer answers every batch it took */
        nap();
    ll_server_stop(api);
    stop_ticker(api);
    ll_hub_free(api->hub);
    ll_cache_free(api->cache);
    ll_conns_free(api->conns);
    ll_auth_free(api->auth);
    ll_tls_free(api->tls);
    ll_hosts_fini(&api->hosts);
    pthread_cond_destroy(&api->tick);
    pthread_mutex_destroy(&api->tick_lock);
    pthread_mutex_destroy(&api->lock);
    free(api);
}

unsigned ll_api_port(const struct ll_api *api, size_t i)
{
    return i < api->n_listeners ? api->listener[i].port : 0;
}
