/* What a known series costs the mapper: HOSTS machines of node_exporter, ROUNDS rounds.
 * usage: bench_mapper [HOSTS] [ROUNDS]; prints nanoseconds of CPU per point. */
#include "mapping/mapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CPUS = 8, UNREAD = 60 };

struct set {
    char *labels;
    size_t n;
};

static struct set *sets;
static size_t n_sets, n_points;

static void add(const struct ll_label *given, size_t n)
{
    struct ll_label v[16];
    struct ll_err err;
    memcpy(v, given, n * sizeof(*v));
    LL_ASSERT(ll_labels_sort(v, &n, &err));
    struct set *s = &sets[n_sets++];
    s->n = ll_labels_size(v, n);
    s->labels = malloc(s->n);
    LL_ASSERT(s->labels);
    ll_labels_write(v, n, s->labels);
}

static void add_metric(const char *metric, struct ll_slice instance, const char *name,
                       const char *value)
{
    const struct ll_label v[] = {
        {LL_LABELS_NAME, ll_slice_of(metric)},        {LL_SLICE("instance"), instance},
        {LL_SLICE("job"), LL_SLICE("node-exporter")}, {LL_SLICE("region"), LL_SLICE("eu-west-1")},
        {LL_SLICE("team"), LL_SLICE("platform")},     {ll_slice_of(name), ll_slice_of(value)}};
    add(v, LL_LEN(v));
}

static void add_host(size_t h)
{
    static const char *const modes[] = {"idle",    "iowait", "irq",    "nice",
                                        "softirq", "steal",  "system", "user"};
    char name[64], cpu[8];
    struct ll_slice instance = {
        name, (size_t)snprintf(name, sizeof(name), "10.0.%zu.%zu:9100", h / 250, h % 250)};
    for (int c = 0; c < CPUS; c++)
        for (size_t m = 0; m < LL_LEN(modes); m++) {
            snprintf(cpu, sizeof(cpu), "%d", c);
            const struct ll_label v[] = {{LL_LABELS_NAME, LL_SLICE("node_cpu_seconds_total")},
                                         {LL_SLICE("cpu"), ll_slice_of(cpu)},
                                         {LL_SLICE("instance"), instance},
                                         {LL_SLICE("job"), LL_SLICE("node-exporter")},
                                         {LL_SLICE("mode"), ll_slice_of(modes[m])},
                                         {LL_SLICE("region"), LL_SLICE("eu-west-1")},
                                         {LL_SLICE("team"), LL_SLICE("platform")}};
            add(v, LL_LEN(v));
        }
    static const char *const gauges[] = {"node_memory_MemTotal_bytes",
                                         "node_memory_MemAvailable_bytes", "node_filefd_allocated",
                                         "node_filefd_maximum", "node_procs_running"};
    for (size_t i = 0; i < LL_LEN(gauges); i++)
        add_metric(gauges[i], instance, "env", "prod");
    for (int i = 0; i < UNREAD; i++) {
        char other[64];
        snprintf(other, sizeof(other), "node_other_metric_%d", i);
        add_metric(other, instance, "env", "prod");
    }
}

static void count(void *ctx, const struct ll_sample *s)
{
    size_t *samples = ctx;
    *samples += s->value >= 0;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void play(struct ll_mapper *m, ll_time t, double value, const struct ll_mapper_out *out)
{
    for (size_t i = 0; i < n_sets; i++) {
        enum ll_mapper_fate fate;
        bool raw;
        struct ll_mapper_series *s = ll_mapper_series(
            m, (struct ll_slice){sets[i].labels, sets[i].n}, LL_LABELED_UNKNOWN, t, &fate, &raw);
        struct ll_labeled_point p = {t, ll_labeled_bits(value)};
        if (s)
            ll_mapper_put(m, s, &p, out);
        n_points++;
    }
}

int main(int argc, char **argv)
{
    size_t hosts = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 50;
    struct ll_mapping *mapping = NULL;
    struct ll_err err;
    size_t samples = 0;
    const struct ll_mapper_out out = {.ctx = &samples, .sample = count};
    sets = calloc(hosts * (CPUS * 8 + 5 + UNREAD), sizeof(*sets));
    LL_ASSERT(sets && ll_mapping_new(NULL, 0, &mapping, &err));
    for (size_t h = 0; h < hosts; h++)
        add_host(h);
    struct ll_mapper *m = ll_mapper_new(&(struct ll_mapper_opts){.mapping = mapping, .seed = 5});
    LL_ASSERT(m);
    double began = cpu_seconds();
    play(m, 1000, 1, &out);
    ll_mapper_close(m, 5000, LL_MAPPER_WAITING, &out);
    printf("%zu series met: %.0f ns each\n", n_sets,
           (cpu_seconds() - began) * 1e9 / (double)n_sets);
    n_points = 0;
    began = cpu_seconds();
    for (int i = 1; i <= rounds; i++)
        play(m, 1000 + 15000 * i, i, &out);
    printf("%zu points, %zu samples: %.0f ns a point\n", n_points, samples,
           (cpu_seconds() - began) * 1e9 / (double)n_points);
    ll_mapper_free(m);
    ll_mapping_free(mapping);
    for (size_t i = 0; i < n_sets; i++)
        free(sets[i].labels);
    free(sets);
    return 0;
}
