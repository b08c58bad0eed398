/* Decisions at scale: bench_scaling [TARGETS [RULES A TARGET]].
 *
 * An engine without threads on a store in a temporary folder: a round when nothing changed, a round
 * that looks at every target, one that decides all of them, and the time from a sample to its
 * decision.  Limits in the same run: a walk over as many bytes, and the bare decision. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/scaling_keep.h"

enum { TEXT_MAX = 900 << 10, FILES_MAX = 60, SAMPLES = 20000, ROUNDS = 200 };

static char dir[] = "/tmp/ll-bench-scaling-XXXXXX";
static ll_time wall = 1790000000000;

static ll_time bench_now(void *self)
{
    (void)self;
    return wall;
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Of the thread: what the machine does beside it does not count. */
static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static FILE *open_file(size_t i, char path[static 128])
{
    snprintf(path, 128, "%s/rules-%02zu.yml", dir, i);
    FILE *f = fopen(path, "w");
    if (!f)
        die(path, "cannot be written");
    return f;
}

static void write_target(FILE *f, size_t i)
{
    fprintf(f,
            "  - {name: t%zu, service: s%zu, dry_run: {current: 4}, min_instances: 2, "
            "max_instances: 40, capacity: {driver: api_calls, units_per_instance: 100}}\n",
            i, i);
}

static void write_rule(FILE *f, size_t target, size_t k)
{
    fprintf(
        f,
        "  - {rule_id: t%zu-r%zu, target: t%zu, resource_type: API_CALLS, policy: THRESHOLD, "
        "thresholds: {warning_pct: 70, critical_pct: 90, scale_up_pct: %zu, scale_down_pct: 40, "
        "cooldown_seconds: 300}}\n",
        target, k, target, 75 + k);
}

/* Files of at most TEXT_MAX bytes; returns how many. */
static size_t write_files(size_t targets, size_t rules, struct ll_str *config)
{
    char path[128];
    size_t n = 0, bytes = TEXT_MAX;
    FILE *f = NULL;
    ll_str_addz(config, "scaling:\n  rules_files:\n");
    for (size_t i = 0; i < targets + targets * rules; i++) {
        if (bytes >= TEXT_MAX || i == targets) {
            if (f)
                fclose(f);
            f = open_file(n++, path);
            ll_str_addf(config, "    - %s\n", path);
            fprintf(f, i < targets ? "targets:\n" : "rules:\n");
        }
        if (i < targets)
            write_target(f, i);
        else
            write_rule(f, (i - targets) / rules, (i - targets) % rules);
        bytes = (size_t)ftell(f);
    }
    fclose(f);
    return n;
}

static struct ll_engine *open_engine(size_t targets, size_t rules)
{
    struct ll_err err;
    struct ll_str text;
    struct ll_config *c = NULL;
    struct ll_engine *e = NULL;
    ll_str_init(&text, 1 << 20);
    ll_str_addf(&text, "storage: {path: %s/db}\ncollect: {host: {enabled: false}}\n", dir);
    write_files(targets, rules, &text);
    const struct ll_config_source src = {.file = "bench.yml", .text = {ll_str_z(&text), text.n}};
    if (!ll_config_load(&src, &c, &err))
        die("configuration", err.text);
    ll_str_fini(&text);
    struct ll_clock clock = ll_clock_real();
    clock.now = bench_now;
    const struct ll_engine_opts opts = {
        .config = c, .clock = clock, .store = ll_stores[0], .seed = 7};
    if (!ll_engine_new(&opts, &e, &err))
        die("engine", err.text);
    if (e->scaling->n_targets != targets)
        die("rules", "not in force: the log above says why");
    return e;
}

static void feed(struct ll_scaling *s, size_t target, double value)
{
    char service[32];
    const int n = snprintf(service, sizeof(service), "s%zu", target);
    const struct ll_sample sample = {
        .key = {{service, (size_t)n}, LL_SLICE("i"), {"", 0}, LL_RESOURCE_API_CALLS},
        .unit = LL_UNIT_CALLS_PER_SECOND,
        .t = wall,
        .value = value,
        .capacity = 400,
        .max_value = NAN,
    };
    ll_scaling_sample(s, &sample);
}

/* The writer's answers, which no thread takes here. */
static void drain(struct ll_engine *e)
{
    void *item;
    while (ll_queue_pop(e->queue, &item, 1, 200)) {
        struct ll_engine_msg *m = item;
        if (m->kind == LL_MSG_KEPT)
            ll_scaling_kept(e->scaling, m->scaling);
        free(m);
    }
}

static void settle(struct ll_engine *e)
{
    struct ll_scaling *s = e->scaling;
    for (size_t i = 0; i < s->n_targets; i++)
        s->targets[i].seen = (struct ll_target_seen){true, 4, 4, wall};
    for (int round = 0; round < 5; round++) {
        wall += 15 * LL_SECOND;
        for (size_t i = 0; i < s->n_targets; i++)
            feed(s, i, 220);
        ll_scaling_run(s);
        drain(e);
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quiet_ms(struct ll_scaling *s, bool scan)
{
    double best = INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
        if (scan)
            s->next_due = LL_TIME_MIN;
        const double t = now_us();
        ll_scaling_run(s);
        best = fmin(best, now_us() - t);
    }
    return best / 1e3;
}

static double all_ms(struct ll_engine *e)
{
    struct ll_scaling *s = e->scaling;
    wall += LL_SECOND;
    for (size_t i = 0; i < s->n_targets; i++)
        feed(s, i, 221);
    const double t = now_us();
    ll_scaling_run(s);
    const double took = now_us() - t;
    drain(e);
    return took / 1e3;
}

/* Samples that change the answer of one target: recorded, published. */
static void latency(struct ll_engine *e, double *p50, double *p99, double *cpu99)
{
    struct ll_scaling *s = e->scaling;
    static double took[SAMPLES], cpu[SAMPLES];
    size_t n = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        const size_t target = i * 7919 % s->n_targets;
        wall += 20;
        const double t = now_us(), c = cpu_us();
        feed(s, target, i % 2 ? 220 : 390);
        ll_scaling_run(s);
        cpu[n] = cpu_us() - c;
        took[n++] = now_us() - t;
        if (i % 500 == 499)
            drain(e);
    }
    qsort(took, n, sizeof(*took), by_value);
    *p50 = took[n / 2];
    *p99 = took[n * 99 / 100];
    qsort(cpu, n, sizeof(*cpu), by_value);
    *cpu99 = cpu[n * 99 / 100];
}

/* The limit: as many due times, one after the other. */
static double walk_ms(size_t n)
{
    ll_time *due = calloc(n, sizeof(*due));
    double best = INFINITY;
    volatile ll_time least = 0;
    for (int k = 0; due && k < ROUNDS; k++) {
        const double t = now_us();
        ll_time min = LL_TIME_MAX;
        for (size_t i = 0; i < n; i++)
            min = LL_MIN(min, due[i]);
        least = min;
        best = fmin(best, now_us() - t);
    }
    (void)least;
    free(due);
    return best / 1e3;
}

int main(int argc, char **argv)
{
    const size_t targets = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
    const size_t rules = argc > 2 ? strtoul(argv[2], NULL, 10) : 10;
    char command[160];
    double p50, p99, cpu99;
    if (!mkdtemp(dir) || targets == 0 || targets > LL_RULES_TARGETS_MAX || rules == 0 ||
        rules > LL_TARGET_RULES_MAX || targets * rules > LL_RULES_RULES_MAX)
        die("usage", "bench_scaling [TARGETS [RULES A TARGET]]");
    double t = now_us();
    struct ll_engine *e = open_engine(targets, rules);
    printf("%zu targets, %zu rules: read and in force in %.0f ms\n", targets, targets * rules,
           (now_us() - t) / 1e3);
    settle(e);
    const double quiet = quiet_ms(e->scaling, false), scan = quiet_ms(e->scaling, true);
    const double walk = walk_ms(targets);
    printf("nothing changed:        %9.4f ms a round\n", quiet);
    printf("nothing due, all seen:  %9.4f ms a round (a walk over the due times %.4f, %.1fx)\n",
           scan, walk, scan / walk);
    const double all = all_ms(e);
    printf("all decided anew:       %9.2f ms, %.2f us a target of %zu rules\n", all,
           all * 1e3 / (double)targets, rules);
    latency(e, &p50, &p99, &cpu99);
    printf(
        "sample to decision:     %9.1f us p50, %.1f us p99 (limit 10,000), %.1f us of processor\n",
        p50, p99, cpu99);
    ll_engine_free(e);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command) != 0;
}
