/* One action from the command line, for the tests of executors.
 *
 *     act_driver run|settle|observe|plan|import KIND NAME=VALUE…
 *
 * Names: those of the place (execute/executor.h), and id, from, to, vertical, expires (Unix
 * seconds), timeout and wait (ms; what a wait between tries is cut to).  Prints one JSON object. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "execute/act.h"
#include "execute/body.h"
#include "execute/kube_settings.h"

enum { LIST_MAX = 16 };

struct setting {
    const char *name;
    struct ll_slice *text;
    bool *flag;
    int64_t *number;
};

/* Words of a repeated name. */
struct list {
    struct ll_slice v[LIST_MAX];
    size_t n;
};

struct driver {
    struct ll_target_place place;
    struct ll_executor_action action;
    struct list argv, observe, env;
    ll_dur wait;
    int64_t expires_s;
};

_Noreturn static void die(const char *what, const char *value)
{
    fprintf(stderr, "act_driver: %s: %s\n", what, value);
    exit(2);
}

static bool take_list(struct driver *d, const char *name, size_t n, struct ll_slice value)
{
    struct list *to = n == 4 && memcmp(name, "argv", n) == 0      ? &d->argv
                      : n == 7 && memcmp(name, "observe", n) == 0 ? &d->observe
                      : n == 3 && memcmp(name, "env", n) == 0     ? &d->env
                                                                  : NULL;
    if (!to)
        return false;
    if (to->n == LIST_MAX)
        die("too many words", name);
    to->v[to->n++] = value;
    return true;
}

static void set(const struct setting *s, struct ll_slice value)
{
    if (s->text)
        *s->text = value;
    else if (s->flag)
        *s->flag = ll_slice_is(value, "true");
    else if (!ll_num_parse_int(value, s->number))
        die("not a number", value.s);
}

static void take(struct driver *d, const char *arg)
{
    struct ll_target_place *p = &d->place;
    struct ll_executor_action *a = &d->action;
    const struct setting settings[] = {
        {"id", &a->action_id, NULL, NULL},
        {"target", &a->target, NULL, NULL},
        {"service", &a->service, NULL, NULL},
        {"reason", &a->reason, NULL, NULL},
        {"from", NULL, NULL, &a->from},
        {"to", NULL, NULL, &a->to},
        {"vertical", NULL, &a->vertical, NULL},
        {"expires", NULL, NULL, &d->expires_s},
        {"timeout", NULL, NULL, &p->timeout},
        {"wait", NULL, NULL, &d->wait},
        {"current", NULL, NULL, &p->dry_run.current},
        {"url", &p->webhook.url, NULL, NULL},
        {"read_url", &p->webhook.read_url, NULL, NULL},
        {"secret_file", &p->webhook.secret_file, NULL, NULL},
        {"hook_token_file", &p->webhook.token_file, NULL, NULL},
        {"hook_ca_file", &p->webhook.ca_file, NULL, NULL},
        {"allow_private", NULL, &p->webhook.allow_private, NULL},
        {"idempotent", NULL, &p->exec.idempotent, NULL},
        {"server", &p->kubernetes.server, NULL, NULL},
        {"kubeconfig", &p->kubernetes.kubeconfig, NULL, NULL},
        {"context", &p->kubernetes.context, NULL, NULL},
        {"group_version", &p->kubernetes.group_version, NULL, NULL},
        {"resource", &p->kubernetes.resource, NULL, NULL},
        {"namespace", &p->kubernetes.namespace_, NULL, NULL},
        {"name", &p->kubernetes.name, NULL, NULL},
        {"floor_of_hpa", NULL, &p->kubernetes.floor_of_hpa, NULL},
        {"floor_of_keda", NULL, &p->kubernetes.floor_of_keda, NULL},
        {"owner_name", &p->kubernetes.owner_name, NULL, NULL},
        {"container", &p->kubernetes.container, NULL, NULL},
        {"ca_file", &p->kubernetes.ca_file, NULL, NULL},
        {"token_file", &p->kubernetes.token_file, NULL, NULL},
        {"region", &p->aws.region, NULL, NULL},
        {"group", &p->aws.group, NULL, NULL},
        {"endpoint", &p->aws.endpoint, NULL, NULL},
        {"credentials_file", &p->aws.credentials_file, NULL, NULL},
        {"profile", &p->aws.profile, NULL, NULL},
    };
    const char *equals = strchr(arg, '=');
    if (!equals)
        die("not NAME=VALUE", arg);
    size_t n = (size_t)(equals - arg);
    if (take_list(d, arg, n, ll_slice_of(equals + 1)))
        return;
    for (size_t i = 0; i < LL_LEN(settings); i++)
        if (strlen(settings[i].name) == n && memcmp(settings[i].name, arg, n) == 0) {
            set(&settings[i], ll_slice_of(equals + 1));
            return;
        }
    die("no such name", arg);
}

static void short_sleep(void *ctx, ll_dur wait)
{
    const struct driver *d = ctx;
    ll_dur ms = d->wait ? LL_MIN(wait, d->wait) : wait;
    struct timespec t = {.tv_sec = ms / LL_SECOND, .tv_nsec = ms % LL_SECOND * 1000000};
    nanosleep(&t, NULL);
}

static void print_text(const char *name, const char *text)
{
    struct ll_str s;
    ll_str_init(&s, 4096);
    ll_body_text(&s, ll_slice_of(text));
    printf(",\"%s\":%s", name, ll_str_z(&s));
    ll_str_fini(&s);
}

static void act(struct driver *d, struct ll_executor *x, bool settle)
{
    struct ll_act_result r;
    const struct ll_act_opts o = {.clock = ll_clock_real(), .sleep = short_sleep, .ctx = d};
    (settle ? ll_act_settle : ll_act_run)(x, &d->action, &o, &r);
    printf("{\"state\":\"%s\",\"outcome\":\"%s\",\"seen\":%lld,\"sent\":%u,\"retry_after\":%lld",
           ll_action_state_name(r.state), ll_outcome_name(r.outcome), (long long)r.seen, r.sent,
           (long long)r.retry_after);
    print_text("text", r.text);
    puts("}");
}

static void observe(struct ll_executor *x)
{
    struct ll_executor_seen s;
    struct ll_err err = {0};
    ll_dur retry_after = 0;
    enum ll_outcome got = x->ops->observe(x, &s, &retry_after, &err);
    printf("{\"outcome\":\"%s\",\"retry_after\":%lld", ll_outcome_name(got),
           (long long)retry_after);
    if (got == LL_OUTCOME_OK) {
        printf(",\"current\":%lld,\"ready\":%lld,\"min\":%lld,\"max\":%lld", (long long)s.current,
               (long long)s.ready, (long long)s.min, (long long)s.max);
        print_text("version", s.version);
        print_text("owner", s.owner);
    } else {
        print_text("text", err.text);
    }
    puts("}");
}

static void import(struct ll_executor *x)
{
    struct ll_kube_settings s;
    struct ll_err err = {0};
    ll_dur retry_after = 0;
    enum ll_outcome got = ll_kube_settings_fetch(x, &s, &retry_after, &err);
    printf("{\"outcome\":\"%s\"", ll_outcome_name(got));
    if (got == LL_OUTCOME_OK) {
        printf(",\"min\":%lld,\"max\":%lld,\"metrics\":%zu", (long long)s.min, (long long)s.max,
               s.n_metrics);
        print_text("kind", s.kind);
        print_text("name", s.name);
    } else {
        print_text("text", err.text);
    }
    puts("}");
}

static void plan(const struct driver *d, struct ll_executor *x)
{
    char line[1024];
    x->ops->plan(x, &d->action, line, sizeof(line));
    printf("{\"kind\":\"%s\"", x->ops->name);
    print_text("plan", line);
    puts("}");
}

int main(int argc, char **argv)
{
    struct driver d = {.place = {.timeout = 5 * LL_SECOND},
                       .action = {.action_id = LL_SLICE("act_1"),
                                  .target = LL_SLICE("web"),
                                  .service = LL_SLICE("web"),
                                  .reason = LL_SLICE("a test")}};
    struct ll_executor *x = NULL;
    struct ll_err err = {0};
    if (argc < 3)
        die("usage", "act_driver run|settle|observe|plan|import KIND NAME=VALUE…");
    for (int i = 3; i < argc; i++)
        take(&d, argv[i]);
    d.place.exec.argv = d.argv.v, d.place.exec.n_argv = d.argv.n;
    d.place.exec.observe = d.observe.v, d.place.exec.n_observe = d.observe.n;
    d.place.exec.env = d.env.v, d.place.exec.n_env = d.env.n;
    d.action.expires = d.expires_s ? d.expires_s * LL_SECOND : LL_TIME_NONE;
    const struct ll_executor_ops *ops = ll_executor_find(ll_slice_of(argv[2]));
    if (!ops)
        die("no such kind", argv[2]);
    signal(SIGPIPE, SIG_IGN);
    if (!ops->open(&d.place, &x, &err)) {
        printf("{\"open\":\"%s\"", ll_err_info(err.code)->name);
        print_text("text", err.text);
        puts("}");
        return 1;
    }
    if (strcmp(argv[1], "observe") == 0)
        observe(x);
    else if (strcmp(argv[1], "import") == 0)
        import(x);
    else if (strcmp(argv[1], "plan") == 0)
        plan(&d, x);
    else
        act(&d, x, strcmp(argv[1], "settle") == 0);
    ops->close(x);
    return 0;
}
