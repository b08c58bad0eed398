/* The daemon: configuration, engine, API; then signals until it is told to end. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "api/api.h"
#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/settings.h"
#include "engine/audit.h"
#include "engine/engine.h"
#include "os/notify.h"
#include "os/process.h"

#define DRAIN_LIMIT (10 * LL_SECOND)
#define DRAIN_GRACE (5 * LL_SECOND)

struct daemon {
    const struct ll_args *args;
    struct ll_engine *engine;
    struct ll_api *api;
    struct ll_webconfig *web; /* NULL = no users, no TLS */
    pthread_mutex_t reload;   /* one at a time: by SIGHUP, or on a thread of the API */
};

/* systemd is told that all is well only while the engine ticks. */
struct pulse {
    ll_dur every;      /* 0 = nobody asked */
    ll_time last_tick; /* the newest seen */
    ll_time seen;      /* when it was seen first, monotonic */
    ll_dur longest;    /* without a tick, before it counts as stuck */
};

static bool load_web(const struct ll_config *config, struct ll_webconfig **out, struct ll_err *err)
{
    *out = NULL;
    return !config->web.config_file || ll_webconfig_load(config->web.config_file, out, err);
}

/* Everything that can be refused, and users and certificate, which can be taken back. */
static bool prepare(struct daemon *d, struct ll_config **config, struct ll_webconfig **web,
                    struct ll_err *err)
{
    return ll_settings_load(d->args, config, err) && load_web(*config, web, err) &&
           ll_engine_may_reload(d->engine, *config, err) && ll_api_set_web(d->api, *web, err);
}

/* The API has one of them in use: it is the daemon's. */
static void keep_web(struct daemon *d, struct ll_webconfig **web)
{
    struct ll_webconfig *before = d->web;
    d->web = *web;
    *web = before;
}

/* The engine has no room: back to the users and the certificate from before. */
static void take_back(struct daemon *d, struct ll_webconfig **web)
{
    struct ll_err err;
    if (ll_api_set_web(d->api, d->web, &err))
        return;
    keep_web(d, web);
    LL_LOG(LL_LOG_ERROR, "the former web configuration does not work any more",
           LL_KV("error", err.text));
}

static bool try_reload(struct daemon *d, struct ll_err *err)
{
    LL_AUTO(ll_config) config = NULL;
    LL_AUTO(ll_webconfig) web = NULL;
    if (!prepare(d, &config, &web, err)) {
        ll_engine_reload_failed(d->engine, err);
        return false;
    }
    const enum ll_log_level level = config->log.level;
    const enum ll_log_format format = config->log.format;
    if (!ll_engine_reload(d->engine, config, err)) {
        take_back(d, &web);
        return false;
    }
    config = NULL; /* the engine's */
    keep_web(d, &web);
    ll_log_configure(level, format);
    return true;
}

/* All or nothing; the former configuration stays in use when anything is wrong. */
static bool reload(void *ctx, struct ll_err *err)
{
    struct daemon *d = ctx;
    struct ll_err why = {0};
    pthread_mutex_lock(&d->reload);
    bool ok = try_reload(d, &why);
    pthread_mutex_unlock(&d->reload);
    if (ok) {
        LL_LOG(LL_LOG_INFO, "configuration reloaded",
               LL_KV("file", ll_settings_file(d->args) ? ll_settings_file(d->args) : "none"));
        return true;
    }
    LL_LOG(LL_LOG_ERROR, "reload refused, the former configuration stays in use",
           LL_KV("error", why.text));
    if (err)
        *err = why;
    return false;
}

/* Whoever may send it is root or runs the daemon; a row of the audit log says that it came. */
static bool reload_by_signal(struct daemon *d)
{
    struct ll_err err;
    const struct ll_asker who = {
        .name = LL_SLICE("SIGHUP"), .role = LL_SLICE("admin"), .address = LL_SLICE("")};
    if (ll_engine_audit(d->engine, &who, "config.reload", LL_SLICE("configuration"), LL_SLICE("{}"),
                        &err))
        return reload(d, NULL);
    LL_LOG(LL_LOG_ERROR, "reload refused: the audit log cannot be written",
           LL_KV("error", err.text));
    return false;
}

static bool start_engine(struct daemon *d, struct ll_config **config, struct ll_err *err)
{
    struct ll_engine_opts opts = {
        .config = *config, .clock = ll_clock_real(), .store = ll_stores[0]};
    if (getrandom(&opts.seed, sizeof(opts.seed), 0) != (ssize_t)sizeof(opts.seed))
        return ll_err_set(err, LL_E_IO, "no random numbers: %s", strerror(errno));
    if (!ll_engine_new(&opts, &d->engine, err))
        return false;
    *config = NULL;
    return true;
}

static bool start_api(struct daemon *d, const struct ll_config *config, struct ll_err *err)
{
    const struct ll_api_opts opts = {
        .engine = d->engine, .config = config, .web = d->web, .reload = reload, .ctx = d};
    if (ll_api_new(&opts, &d->api, err))
        return true;
    if (!strstr(err->text, strerror(EADDRINUSE)))
        return false;
    struct ll_err why = *err;
    return ll_err_set(err, LL_E_IO,
                      "%.300s; is another Loadline running (`loadline status`)? stop it, or listen "
                      "elsewhere: loadline serve --web.listen-address=127.0.0.1:7381",
                      why.text);
}

/* "http://127.0.0.1:7380", with the port that was really taken. */
static void add_url(struct ll_str *out, const struct daemon *d, const char *address, size_t i)
{
    const char *colon = strrchr(address, ':');
    size_t host = colon ? (size_t)(colon - address) : strlen(address);
    bool tls = d->web && d->web->cert_file;
    ll_str_addf(out, "%s://%.*s:%u", tls ? "https" : "http", (int)host, address,
                ll_api_port(d->api, i));
}

static bool announce(struct ll_ctx *c, const struct daemon *d, struct ll_err *err)
{
    const struct ll_published *p = ll_engine_acquire(d->engine);
    const struct ll_config *config = p->config;
    struct ll_str urls;
    ll_str_init(&urls, 4096);
    if (config->web.external_url)
        ll_str_addz(&urls, config->web.external_url);
    for (size_t i = 0; !config->web.external_url && config->web.listen_address[i]; i++) {
        ll_str_addz(&urls, i ? " " : "");
        add_url(&urls, d, config->web.listen_address[i], i);
    }
    ll_str_addf(&c->out, "Loadline " LL_VERSION " is ready: %s\n", ll_str_z(&urls));
    LL_LOG(LL_LOG_INFO, "ready", LL_KV("version", LL_VERSION), LL_KV("url", ll_str_z(&urls)),
           LL_KV("storage", config->storage.path), LL_KVI("pid", getpid()));
    ll_str_fini(&urls);
    ll_engine_release(p);
    return ll_ctx_flush(c, err);
}

static void dump_state(const struct daemon *d)
{
    struct ll_engine_status s;
    ll_engine_status(d->engine, &s);
    LL_LOG(LL_LOG_INFO, "state of the engine", LL_KVI("uptime_seconds", s.uptime_s),
           LL_KVI("series", s.series), LL_KVI("max_series", s.max_series),
           LL_KVI("last_tick_ms", s.last_tick_ms), LL_KVI("clock_jumps", s.clock_jumps),
           LL_KVI("dropped_batches", s.dropped_batches), LL_KVI("reloads", s.reloads),
           LL_KVI("reload_failures", s.reload_failures));
    LL_LOG(LL_LOG_INFO, "state of the store",
           LL_KV("state", s.writer.state == LL_WRITER_OK ? "ok" : "failed"),
           LL_KV("error", s.writer.state == LL_WRITER_OK ? "" : s.writer.err.text),
           LL_KVI("committed", s.writer.committed), LL_KVI("refused", s.writer.refused),
           LL_KVI("failed", s.writer.failed), LL_KVI("queued", s.writer.queued),
           LL_KVI("bytes", s.store.bytes));
    for (size_t i = 0; i < s.n_collectors; i++)
        LL_LOG(LL_LOG_INFO, "state of a collector", LL_KV("name", s.collectors[i].name),
               LL_KV("up", s.collectors[i].up ? "true" : "false"),
               LL_KVI("samples", s.collectors[i].samples),
               LL_KVI("duration_ms", s.collectors[i].duration_ms),
               LL_KV("error", s.collectors[i].error));
}

static struct pulse pulse_new(const struct daemon *d)
{
    const struct ll_published *p = ll_engine_acquire(d->engine);
    struct pulse pulse = {.every = ll_notify_watchdog_interval(),
                          .last_tick = LL_TIME_NONE,
                          .seen = ll_clock_real().mono(NULL),
                          .longest = 3 * p->config->check_interval + 10 * LL_SECOND};
    ll_engine_release(p);
    return pulse;
}

static void beat(const struct daemon *d, struct pulse *p)
{
    struct ll_engine_status s;
    ll_time now = ll_clock_real().mono(NULL);
    ll_engine_status(d->engine, &s);
    if (s.last_tick != p->last_tick) {
        p->last_tick = s.last_tick;
        p->seen = now;
    }
    if (now - p->seen <= p->longest)
        ll_notify_send("WATCHDOG=1");
    else
        LL_LOG(LL_LOG_ERROR, "the engine does not tick, systemd will restart this",
               LL_KVI("milliseconds", now - p->seen));
}

/* Returns the signal that ends the daemon. */
static int wait_for_end(struct daemon *d, int signals)
{
    struct pulse pulse = pulse_new(d);
    for (;;) {
        int s = ll_process_signal_wait(signals, pulse.every ? pulse.every : -1);
        if (pulse.every)
            beat(d, &pulse);
        if (s == SIGTERM || s == SIGINT)
            return s;
        if (s == SIGHUP) {
            ll_notify_send("STATUS=reloading");
            ll_notify_send(reload_by_signal(d) ? "STATUS=running"
                                               : "STATUS=running; the last reload was refused");
        }
        if (s == SIGUSR1)
            dump_state(d);
    }
}

static void stop(struct daemon *d)
{
    if (d->api)
        ll_api_drain(d->api, DRAIN_GRACE);
    ll_api_free(d->api);
    ll_engine_free(d->engine);
    ll_webconfig_free(d->web);
    pthread_mutex_destroy(&d->reload);
}

static bool start(struct daemon *d, struct ll_config *config, struct ll_err *err)
{
    ll_log_configure(config->log.level, config->log.format);
    const struct ll_config *used = config; /* the engine keeps it alive */
    LL_AUTO(ll_config) owned = config;
    if (!load_web(config, &d->web, err) || !start_engine(d, &owned, err) ||
        !start_api(d, used, err))
        return false;
    ll_engine_on_publish(d->engine, ll_api_published, d->api);
    return ll_engine_start(d->engine, err);
}

static bool run_daemon(struct ll_ctx *c, struct daemon *d, int signals, struct ll_err *err)
{
    struct ll_config *config;
    if (!ll_settings_load(c->args, &config, err) || !start(d, config, err) || !announce(c, d, err))
        return false;
    ll_notify_send("READY=1\nSTATUS=running");
    int s = wait_for_end(d, signals);
    ll_notify_send("STOPPING=1");
    LL_LOG(LL_LOG_INFO, "stopping", LL_KV("signal", s == SIGINT ? "SIGINT" : "SIGTERM"));
    ll_process_signal_default(SIGINT); /* the second one ends it at once */
    ll_process_deadline(DRAIN_LIMIT, 1);
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, 0};
    struct daemon d = {.args = c->args, .reload = PTHREAD_MUTEX_INITIALIZER};
    ll_process_harden();
    int signals = ll_process_signals(wanted, err);
    if (signals < 0)
        return false;
    bool ok = run_daemon(c, &d, signals, err);
    stop(&d);
    close(signals);
    if (ok)
        LL_LOG(LL_LOG_INFO, "stopped", LL_KVI("pid", getpid()));
    return ok;
}

const struct ll_command ll_cmd_serve = {
    .name = "serve",
    .group = "Run",
    .doc = "run the daemon: watch this host, serve the API and the page",
    .about = "SIGTERM and SIGINT end it within 10 s, SIGHUP loads the configuration again (all of "
             "it, or nothing), SIGUSR1 writes its state to the log.",
    .examples = {{"loadline serve", "no file needed; the page is at http://127.0.0.1:7380"},
                 {"loadline serve --config.file=/etc/loadline/loadline.yml", "as a service"}},
    .traits = LL_CMD_SETTINGS,
    .run = run,
};
