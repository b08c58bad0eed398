/* Polls a Prometheus-compatible server with the source, and prints what came as JSON, one line a
 * poll: for the tests beside it.
 *
 *     promql_poll --url=U --ask=node_load1 --ask=node_cpu_seconds_total:counter
 *         --ask=kube_pod_info:fact [--ask-selector={job="x"}] [--business=trades=QUERY]
 *         [--builtin=yes] [--quiet=yes] [--polls=N] [--now=UNIX] [--advance=SECONDS]
 * [--interval=1s] ... */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "collect/promql.h"
#include "os/clock.h"

enum { ASKS_MAX = 512 };

struct driver {
    struct ll_promql_opts o;
    struct ll_mapping_query asks[ASKS_MAX];
    struct ll_promql_business business[ASKS_MAX];
    struct ll_mapping *builtin;
    bool quiet; /* how much came, but not what */
    int64_t polls, now, advance;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "promql_poll: %s\n", what);
    exit(2);
}

static struct ll_slice sure_text(const char *z, size_t n)
{
    char *copy = strndup(z, n);
    if (!copy)
        fail("no memory");
    return (struct ll_slice){copy, n};
}

static void add_ask(struct driver *d, const char *value)
{
    size_t n = strcspn(value, ":");
    struct ll_slice name = sure_text(value, n);
    if (d->o.n_queries == ASKS_MAX)
        fail("too many questions");
    d->asks[d->o.n_queries++] = (struct ll_mapping_query){.name = name,
                                                          .selector = name,
                                                          .counter = strstr(value, ":counter"),
                                                          .fact = strstr(value, ":fact")};
}

/* Everything that built-in rules read. */
static void add_builtin(struct driver *d)
{
    struct ll_err err;
    if (!ll_mapping_new(NULL, 0, &d->builtin, &err))
        fail(err.text);
    while (d->o.n_queries < ASKS_MAX &&
           ll_mapping_query(d->builtin, d->o.n_queries, &d->asks[d->o.n_queries]))
        d->o.n_queries++;
}

static void add_business(struct driver *d, const char *value)
{
    size_t n = strcspn(value, "=");
    if (d->o.n_business == ASKS_MAX || !value[n])
        fail("--business is METRIC=QUERY");
    d->business[d->o.n_business++] =
        (struct ll_promql_business){.metric = sure_text(value, n).s, .query = value + n + 1};
}

static int64_t number(const char *value)
{
    int64_t n;
    if (!ll_num_parse_int(ll_slice_of(value), &n))
        fail("not a number");
    return n;
}

static ll_dur span(const char *value)
{
    ll_dur d;
    struct ll_err err;
    if (!ll_dur_parse(ll_slice_of(value), &d, &err))
        fail(err.text);
    return d;
}

static void take_flag(struct driver *d, const char *key, const char *value)
{
    const struct {
        const char *key;
        const char **to;
    } texts[] = {{"url", &d->o.url},
                 {"match", &d->o.match},
                 {"token-file", &d->o.access.bearer_token_file},
                 {"username", &d->o.access.username},
                 {"password-file", &d->o.access.password_file},
                 {"ca-file", &d->o.access.ca_file},
                 {"cert-file", &d->o.access.cert_file},
                 {"key-file", &d->o.access.key_file},
                 {"tenant", &d->o.access.tenant}};
    for (size_t i = 0; i < LL_LEN(texts); i++)
        if (strcmp(key, texts[i].key) == 0) {
            *texts[i].to = value;
            return;
        }
    if (strcmp(key, "ask") == 0)
        add_ask(d, value);
    else if (strcmp(key, "builtin") == 0)
        add_builtin(d);
    else if (strcmp(key, "quiet") == 0)
        d->quiet = true;
    else if (strcmp(key, "ask-selector") == 0)
        d->asks[d->o.n_queries++] = (struct ll_mapping_query){.selector = ll_slice_of(value)};
    else if (strcmp(key, "business") == 0)
        add_business(d, value);
    else if (strcmp(key, "interval") == 0)
        d->o.interval = span(value);
    else if (strcmp(key, "timeout") == 0)
        d->o.timeout = span(value);
    else if (strcmp(key, "rate-window") == 0)
        d->o.rate_window = span(value);
    else if (strcmp(key, "max-series") == 0)
        d->o.max_series = (size_t)number(value);
    else if (strcmp(key, "max-bytes") == 0)
        d->o.max_bytes = (size_t)number(value);
    else if (strcmp(key, "polls") == 0)
        d->polls = number(value);
    else if (strcmp(key, "now") == 0)
        d->now = number(value) * 1000;
    else if (strcmp(key, "advance") == 0)
        d->advance = number(value) * 1000;
    else if (strcmp(key, "insecure") == 0)
        d->o.access.insecure_skip_verify = true;
    else
        fail(key);
}

static void print_text(const char *s, size_t n)
{
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"' || s[i] == '\\')
            putchar('\\');
        putchar(s[i]);
    }
    putchar('"');
}

static void print_set(const struct ll_labeled_set *set)
{
    static const char *const kinds[] = {"unknown", "gauge", "counter", "rate"};
    struct ll_str labels;
    ll_str_init(&labels, 1 << 20);
    printf(",\"series\":[");
    for (size_t i = 0; set && i < set->n; i++) {
        char value[64];
        const struct ll_labeled_series *s = &set->v[i];
        ll_str_clear(&labels);
        ll_labels_json(s->labels, &labels);
        snprintf(value, sizeof(value), "%.17g", ll_labeled_value(s->points[0].bits));
        printf("%s{\"labels\":%s,\"kind\":\"%s\",\"t\":%lld,\"value\":\"%s\"}", i ? "," : "",
               ll_str_z(&labels), kinds[s->kind], (long long)s->points[0].t, value);
    }
    printf("]");
    ll_str_fini(&labels);
}

static void print_business(const struct ll_source_poll *p)
{
    printf(",\"business\":[");
    for (size_t i = 0; i < p->n_business; i++) {
        const struct ll_business *b = &p->business[i];
        printf("%s{\"metric\":", i ? "," : "");
        print_text(b->metric.s, b->metric.n);
        printf(",\"service\":");
        print_text(b->service.s, b->service.n);
        printf(",\"venue\":");
        print_text(b->venue.s, b->venue.n);
        printf(",\"t\":%lld,\"value\":%.17g}", (long long)b->t, b->value);
    }
    printf("]");
}

static void poll_once(struct driver *d, struct ll_source *s, int64_t i)
{
    static const _Atomic bool stop = false;
    struct ll_clock clock = ll_clock_real();
    struct ll_source_poll p;
    struct ll_err err = {0};
    ll_dur wait;
    ll_time now = (d->now ? d->now : clock.now(clock.self)) + i * d->advance;
    ll_time mono = clock.mono(clock.self) + i * d->advance, began = clock.mono(clock.self);
    bool ok = s->ops->poll(s, now, mono, &stop, &p, &wait, &err);
    printf("{\"ok\":%s,\"error\":", ok ? "true" : "false");
    print_text(err.text, strlen(err.text));
    printf(",\"code\":\"%s\",\"complete\":%s,\"requests\":%zu,\"failed\":%zu,\"note\":",
           err.code ? ll_err_info(err.code)->name : "", p.complete ? "true" : "false", p.requests,
           p.failed);
    print_text(p.note, strlen(p.note));
    printf(",\"retry_after\":%lld,\"took\":%lld,\"bytes\":%zu", (long long)wait,
           (long long)(clock.mono(clock.self) - began), p.set ? ll_arena_used(p.set->arena) : 0);
    printf(",\"points\":%zu", p.set ? p.set->points : 0);
    print_set(d->quiet ? NULL : p.set);
    print_business(&p);
    printf("}\n");
    fflush(stdout);
    ll_labeled_set_free(p.set);
}

int main(int argc, char **argv)
{
    static struct driver d = {.polls = 1};
    struct ll_source *s = NULL;
    struct ll_err err;
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (strncmp(argv[i], "--", 2) != 0 || !eq)
            fail(argv[i]);
        *eq = '\0';
        take_flag(&d, argv[i] + 2, eq + 1);
    }
    d.o.queries = d.asks;
    d.o.business = d.business;
    if (!ll_source_prometheus.open(&d.o, &s, &err))
        fail(err.text);
    for (int64_t i = 0; i < d.polls; i++)
        poll_once(&d, s, i);
    s->ops->close(s);
    ll_mapping_free(d.builtin);
    return 0;
}
