/* The agent: this host's collector without store and page, for a Loadline elsewhere. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "cmd/settings.h"
#include "os/notify.h"
#include "os/process.h"

#define STOP_LIMIT (5 * LL_SECOND)
#define THREADS_LIMIT (3 * LL_SECOND)

/* --queue.path, else below $STATE_DIRECTORY, else in the user's data. */
static bool queue_path(const struct ll_args *args, char out[static PATH_MAX], struct ll_err *err)
{
    const char *given = ll_args_text(args, "queue.path");
    const char *state = getenv("STATE_DIRECTORY"), *home = getenv("HOME");
    const char *data = getenv("XDG_DATA_HOME");
    int n;
    if (given)
        n = snprintf(out, PATH_MAX, "%s", given);
    else if (state && *state)
        n = snprintf(out, PATH_MAX, "%.*s/queue", (int)strcspn(state, ":"), state);
    else if (data && *data == '/')
        n = snprintf(out, PATH_MAX, "%s/loadline-agent", data);
    else if (home && *home)
        n = snprintf(out, PATH_MAX, "%s/.local/share/loadline-agent", home);
    else
        return ll_err_set(err, LL_E_USAGE,
                          "no home folder for the queue; give --queue.path FOLDER");
    return (n > 0 && n < PATH_MAX) || ll_err_set(err, LL_E_USAGE, "--queue.path has %d bytes", n);
}

static const char *token_file(const struct ll_args *args)
{
    const char *env = getenv("LOADLINE_TOKEN_FILE"), *given = ll_args_text(args, "token-file");
    return given ? given : env && *env ? env : NULL;
}

static bool options(const struct ll_args *args, const struct ll_config *config, const char *path,
                    struct ll_agent_opts *out, struct ll_err *err)
{
    int64_t bytes;
    struct ll_err why;
    if (!ll_args_text(args, "to"))
        return ll_err_set(err, LL_E_USAGE, "--to URL says where to send");
    if (!ll_num_parse_size(ll_slice_of(ll_args_text(args, "queue.max-size")), &bytes, &why) ||
        bytes < 0)
        return ll_err_set(err, LL_E_USAGE, "--queue.max-size: %s", why.text);
    *out = (struct ll_agent_opts){.config = config,
                                  .to = ll_args_text(args, "to"),
                                  .instance = ll_args_text(args, "instance"),
                                  .access = {.bearer_token_file = token_file(args),
                                             .ca_file = ll_args_text(args, "ca-file"),
                                             .cert_file = ll_args_text(args, "cert-file"),
                                             .key_file = ll_args_text(args, "key-file")},
                                  .timeout = ll_args_duration(args, "timeout"),
                                  .queue_path = path,
                                  .queue_bytes = (uint64_t)bytes};
    return true;
}

static void tell_counts(struct ll_agent *a, const char *msg)
{
    struct ll_agent_counts c;
    ll_agent_counts(a, &c);
    LL_LOG(LL_LOG_INFO, msg, LL_KVI("collected", c.collected), LL_KVI("delivered", c.delivered),
           LL_KVI("refused", c.refused), LL_KVI("pushes", c.pushes),
           LL_KVI("failed_pushes", c.failed_pushes), LL_KVI("queued_records", c.queued),
           LL_KVI("queued_bytes", c.queued_bytes), LL_KVI("dropped_records", c.dropped),
           LL_KVI("damaged_bytes", c.damaged_bytes));
}

static void wait_for_end(struct ll_agent *a, int signals)
{
    ll_dur every = ll_notify_watchdog_interval();
    for (;;) {
        int s = ll_process_signal_wait(signals, every ? every : -1);
        if (every && ll_agent_is_alive(a))
            ll_notify_send("WATCHDOG=1");
        if (s == SIGUSR1)
            tell_counts(a, "state of the agent");
        if (s == SIGTERM || s == SIGINT)
            return;
    }
}

/* Everything is durable when the deadline begins: a thread that hangs then costs nothing. */
static bool stop(struct ll_agent *a, struct ll_err *err)
{
    ll_notify_send("STOPPING=1");
    LL_LOG(LL_LOG_INFO, "stopping", LL_KV("instance", ll_agent_instance(a)));
    ll_process_signal_default(SIGINT); /* the second one ends it at once */
    bool ok = ll_agent_stop(a, STOP_LIMIT, err);
    tell_counts(a, "stopped");
    ll_process_deadline(THREADS_LIMIT, ok ? 0 : 1);
    return ok;
}

static void warn_of_plain_token(const struct ll_agent_opts *o)
{
    static const char *const here[] = {"http://127.", "http://localhost", "http://[::1]"};
    if (!o->access.bearer_token_file || strncmp(o->to, "http://", 7) != 0)
        return;
    for (size_t i = 0; i < LL_LEN(here); i++)
        if (strncmp(o->to, here[i], strlen(here[i])) == 0)
            return;
    LL_LOG(LL_LOG_WARN, "the token is sent unencrypted, use https", LL_KV("to", o->to));
}

static bool serve(struct ll_ctx *c, struct ll_agent *a, const struct ll_agent_opts *o, int signals,
                  struct ll_err *err)
{
    if (!ll_agent_start(a, err))
        return false;
    ll_str_addf(&c->out, "Loadline " LL_VERSION " agent sends %s to %s\n", ll_agent_instance(a),
                o->to);
    LL_LOG(LL_LOG_INFO, "agent ready", LL_KV("version", LL_VERSION), LL_KV("to", o->to),
           LL_KV("instance", ll_agent_instance(a)), LL_KV("queue", o->queue_path),
           LL_KVI("pid", getpid()));
    if (!ll_ctx_flush(c, err))
        return false;
    ll_notify_send("READY=1");
    wait_for_end(a, signals);
    return stop(a, err);
}

static bool once(struct ll_ctx *c, struct ll_agent *a, const struct ll_agent_opts *o,
                 struct ll_err *err)
{
    bool ok = ll_agent_once(a, err);
    struct ll_agent_counts n;
    ll_agent_counts(a, &n);
    if (ok)
        ll_str_addf(&c->out, "%llu samples of %s delivered to %s\n",
                    (unsigned long long)n.delivered, ll_agent_instance(a), o->to);
    return ok;
}

static bool run_with(struct ll_ctx *c, const struct ll_config *config, int signals,
                     struct ll_err *err)
{
    char path[PATH_MAX];
    struct ll_agent_opts o;
    LL_AUTO(ll_agent) a = NULL;
    if (!queue_path(c->args, path, err) || !options(c->args, config, path, &o, err) ||
        !ll_agent_new(&o, &a, err))
        return false;
    warn_of_plain_token(&o);
    if (ll_args_bool(c->args, "once"))
        return once(c, a, &o, err);
    struct ll_err late;
    bool ok = serve(c, a, &o, signals, err);
    if (!ok && !ll_agent_stop(a, 0, &late)) /* also where it never came to stop() */
        ll_ctx_say("%s", late.text);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGUSR1, 0};
    LL_AUTO(ll_config) config = NULL;
    ll_process_harden();
    if (!ll_settings_load(c->args, &config, err))
        return false;
    ll_log_configure(config->log.level, config->log.format);
    bool daemon = !ll_args_bool(c->args, "once");
    int signals = daemon ? ll_process_signals(wanted, err) : -1;
    if (daemon && signals < 0)
        return false;
    bool ok = run_with(c, config, signals, err);
    if (signals >= 0)
        close(signals);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "to",
     .type = LL_FLAG_TEXT,
     .arg = "URL",
     .doc = "the Loadline to push to, such as https://loadline.example:7380"},
    {.name = "instance",
     .type = LL_FLAG_TEXT,
     .arg = "NAME",
     .doc = "how this host is called there, when not by its host name"},
    {.name = "token-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "token of the role operator there; read for each push; also $LOADLINE_TOKEN_FILE"},
    {.name = "ca-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "authority that signed its certificate, when the system does not know it"},
    {.name = "cert-file", .type = LL_FLAG_FILE, .arg = "FILE", .doc = "certificate to show it"},
    {.name = "key-file", .type = LL_FLAG_FILE, .arg = "FILE", .doc = "key of that certificate"},
    {.name = "timeout",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "10s",
     .doc = "how long an answer may take"},
    {.name = "queue.path",
     .type = LL_FLAG_FILE,
     .arg = "FOLDER",
     .doc = "where samples wait, when not $STATE_DIRECTORY/queue or ~/.local/share/loadline-agent"},
    {.name = "queue.max-size",
     .type = LL_FLAG_TEXT,
     .arg = "SIZE",
     .fallback = "64MiB",
     .doc = "how much may wait, 1MiB to 32GiB; then the oldest is dropped"},
    {.name = "once",
     .type = LL_FLAG_BOOL,
     .doc = "measure once over a second, send all that waits, and say by the exit code if it "
            "was delivered"},
    {0}};

const struct ll_command ll_cmd_agent = {
    .name = "agent",
    .group = "Run",
    .doc = "watch this host for a Loadline elsewhere: no store, no page",
    .about = "What the other side has not acknowledged waits in a queue on disk, through outages "
             "and restarts of both. SIGTERM and SIGINT send what they can within 5 s and keep the "
             "rest; SIGUSR1 writes the counts to the log. Of the settings, collect.host, "
             "check_interval_seconds and log count.",
    .examples = {{"loadline agent --to https://loadline.example:7380 --token-file token",
                  "three of these and a `serve` are one dashboard"},
                 {"loadline agent --to http://127.0.0.1:7380 --once", "from cron, or to try it"}},
    .traits = LL_CMD_SETTINGS,
    .flags = flags,
    .run = run,
};
