/* Scrapes as a source does and prints what came: one poll for each line of standard input, which
 * is the time in ms.
 *
 *     scrape_dump KEY=VALUE...
 * Keys: target and sd (repeatable), job, path, label (name=value, repeatable), bearer_file,
 * timeout_ms, budget_ms, max_samples, max_bytes, max_series, max_targets, honor_timestamps.
 * Prints a JSON line for each series, for each target, and one for the poll. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/scrape.h"

enum { MANY = 64 };

struct args {
    struct ll_scrape_opts opts;
    const char *targets[MANY + 1], *sd[MANY + 1];
    struct ll_label_text labels[MANY];
    size_t n_targets, n_sd;
};

static size_t number(const char *value)
{
    return (size_t)strtoull(value, NULL, 10);
}

static void take(struct args *a, const char *key, char *value)
{
    struct ll_scrape_opts *o = &a->opts;
    if (strcmp(key, "target") == 0 && a->n_targets < MANY)
        a->targets[a->n_targets++] = value;
    else if (strcmp(key, "sd") == 0 && a->n_sd < MANY)
        a->sd[a->n_sd++] = value;
    else if (strcmp(key, "job") == 0)
        o->job = value;
    else if (strcmp(key, "path") == 0)
        o->path = value;
    else if (strcmp(key, "bearer_file") == 0)
        o->access.bearer_token_file = value;
    else if (strcmp(key, "timeout_ms") == 0)
        o->timeout = (ll_dur)number(value);
    else if (strcmp(key, "budget_ms") == 0)
        o->budget = (ll_dur)number(value);
    else if (strcmp(key, "max_samples") == 0)
        o->max_samples = number(value);
    else if (strcmp(key, "max_bytes") == 0)
        o->max_bytes = number(value);
    else if (strcmp(key, "max_series") == 0)
        o->max_series = number(value);
    else if (strcmp(key, "max_targets") == 0)
        o->max_targets = number(value);
    else if (strcmp(key, "honor_timestamps") == 0)
        o->honor_timestamps = number(value) != 0;
    else
        exit(2);
}

static void take_label(struct args *a, char *value)
{
    char *is = strchr(value, '=');
    if (!is || a->opts.n_labels == MANY)
        exit(2);
    *is = '\0';
    a->labels[a->opts.n_labels++] = (struct ll_label_text){value, is + 1};
}

static void read_args(struct args *a, int argc, char **argv)
{
    a->opts = (struct ll_scrape_opts){
        .job = "test", .targets = a->targets, .file_sd = a->sd, .labels = a->labels, .seed = 7};
    for (int i = 1; i < argc; i++) {
        char *is = strchr(argv[i], '=');
        if (!is)
            exit(2);
        *is = '\0';
        if (strcmp(argv[i], "label") == 0)
            take_label(a, is + 1);
        else
            take(a, argv[i], is + 1);
    }
}

static void print_series(const struct ll_labeled_set *set)
{
    for (size_t i = 0; set && i < set->n; i++) {
        const struct ll_labeled_series *s = &set->v[i];
        struct ll_str labels;
        ll_str_init(&labels, 1 << 20);
        ll_labels_json(s->labels, &labels);
        for (size_t k = 0; k < s->n; k++)
            printf("{\"labels\":%s,\"t\":%lld,\"value\":\"%.17g\",\"stale\":%s,\"kind\":%d}\n",
                   ll_str_z(&labels), (long long)s->points[k].t,
                   ll_labeled_value(s->points[k].bits),
                   s->points[k].bits == LL_LABELED_STALE ? "true" : "false", (int)s->kind);
        ll_str_fini(&labels);
    }
}

static void print_target(void *ctx, const struct ll_scrape_target *t)
{
    (void)ctx;
    printf("{\"target\":\"%.*s\",\"fault\":\"%s\",\"samples\":%zu,\"took\":%lld}\n", (int)t->url.n,
           t->url.s, ll_scrape_fault_name(t->fault), t->samples, (long long)t->took);
}

static void print_poll(bool ok, const struct ll_source_poll *p, const char *note)
{
    printf("{\"poll\":%s,\"requests\":%zu,\"failed\":%zu,\"complete\":%s,\"note\":\"",
           ok ? "true" : "false", p->requests, p->failed, p->complete ? "true" : "false");
    for (const char *c = note; *c; c++)
        printf(strchr("\"\\", *c) || (unsigned char)*c < ' ' ? "\\u%04x" : "%c", *c);
    printf("\"}\n");
}

int main(int argc, char **argv)
{
    static struct args a;
    struct ll_source *s = NULL;
    struct ll_err err = {0};
    char line[64];
    read_args(&a, argc, argv);
    if (!ll_source_scrape.open(&a.opts, &s, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    while (fgets(line, sizeof(line), stdin)) {
        struct ll_source_poll p = {0};
        ll_dur retry_after;
        _Atomic bool stop = line[0] == 's';
        ll_time now = strtoll(line[0] == 's' ? line + 1 : line, NULL, 10);
        bool ok = s->ops->poll(s, now, now, &stop, &p, &retry_after, &err);
        if (ok)
            print_series(p.set);
        ll_scrape_each(s, print_target, NULL);
        print_poll(ok, &p, ok ? p.note : err.text);
        fflush(stdout);
        ll_labeled_set_free(p.set);
    }
    s->ops->close(s);
    return 0;
}
