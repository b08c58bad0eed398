/* What the store costs: open, memory, and appends of 1,000 samples, each batch durable; then of
 * points under their own labels, 2,000 a batch as a Prometheus sends them.
 *
 *     store FOLDER [BATCHES [SERIES [PER_COMMIT [LABELED_SERIES]]]]
 * One line `name value unit` per figure.  The folder must be on the disk that is meant. */
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH = 1000, LABELED_BATCH = 2000 };

#define T0 1763942400000LL

static double seconds(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long rss_kib(void)
{
    long kib = 0;
    char line[128];
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

static void die(const struct ll_err *err)
{
    fprintf(stderr, "store: %s\n", err->text);
    exit(1);
}

/* Samples in the order in which collectors bring them: all series at one time, then on. */
static struct ll_batch *make(long long from, long series)
{
    struct ll_batch *b = ll_batch_new(BATCH, 0, LL_ORIGIN_PUSH);
    for (long long k = from; b && k < from + BATCH; k++) {
        char name[24];
        snprintf(name, sizeof(name), "s%lld", k % series);
        const struct ll_sample s = {.key = {.service = ll_slice_of(name)},
                                    .t = T0 + k / series * 15000,
                                    .value = (double)(k * 7919 % 1000) / 10,
                                    .capacity = 100,
                                    .max_value = NAN};
        if (!ll_batch_add(b, &s))
            exit(1);
    }
    return b;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ll_time time_of(long batch, long series)
{
    return T0 + (long long)batch * BATCH / series * 15000;
}

static void append(struct ll_store *store, long batches, long series, long per_commit)
{
    struct ll_batch *group[64];
    double *ms = calloc((size_t)batches, sizeof(*ms)), busy = 0, cpu = 0;
    double upkeep_max = 0;
    size_t commits = 0;
    struct ll_err err;
    for (long i = 0; ms && i + per_commit <= batches; i += per_commit) {
        for (long k = 0; k < per_commit; k++)
            group[k] = make((i + k) * BATCH, series);
        double wall0 = seconds(CLOCK_MONOTONIC), cpu0 = seconds(CLOCK_THREAD_CPUTIME_ID);
        if (!store->ops->append(store, group, (size_t)per_commit, &err))
            die(&err);
        double wall1 = seconds(CLOCK_MONOTONIC);
        ms[commits++] = (wall1 - wall0) * 1e3;
        bool more;
        if (!store->ops->maintain(store, time_of(i, series), &more, &err))
            die(&err);
        double upkeep = seconds(CLOCK_MONOTONIC) - wall1;
        upkeep_max = fmax(upkeep_max, upkeep * 1e3);
        busy += wall1 - wall0 + upkeep;
        cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu0;
        for (long k = 0; k < per_commit; k++)
            ll_batch_free(group[k]);
    }
    double rows = (double)commits * (double)per_commit * BATCH;
    qsort(ms, commits, sizeof(*ms), by_value);
    printf("append %.0f rows/s\nappend_cpu %.0f rows/cpu-s\n", rows / busy, rows / cpu);
    printf("commit_p50 %.2f ms\ncommit_p99 %.2f ms\nupkeep_max %.1f ms\n", ms[commits / 2],
           ms[commits * 99 / 100], upkeep_max);
    free(ms);
}

/* What a node_exporter sends: a name, four labels, counters and gauges. */
static void add_labeled(struct ll_batch *b, long long k, long series)
{
    char instance[24], device[24];
    snprintf(instance, sizeof(instance), "10.0.%lld.%lld:9100", k % series / 500 % 250,
             k % series / 2 % 250);
    snprintf(device, sizeof(device), "dev%lld", k % series);
    const struct ll_label l[] = {
        {LL_LABELS_NAME, LL_SLICE("node_network_receive_bytes_total")},
        {LL_SLICE("device"), ll_slice_of(device)},
        {LL_SLICE("instance"), ll_slice_of(instance)},
        {LL_SLICE("job"), LL_SLICE("node")},
        {LL_SLICE("region"), LL_SLICE("us-east-1")},
    };
    const size_t n = ll_labels_size(l, LL_LEN(l));
    char *set = ll_arena_alloc(b->arena, n, 1);
    if (!set)
        exit(1);
    ll_labels_write(l, LL_LEN(l), set);
    const double v = k % 2 ? (double)(k * 1500) : (double)(k * 7919 % 1000) / 7;
    b->labeled[b->n_labeled++] = (struct ll_labeled_row){
        .labels = {set, n}, .point = {T0 + k / series * 15000, ll_labeled_bits(v)}};
}

static struct ll_batch *make_labeled(long long from, long series)
{
    struct ll_batch *b = ll_batch_new(LABELED_BATCH, 0, LL_ORIGIN_PUSH);
    if (b)
        b->labeled = LL_ARENA_NEW(b->arena, struct ll_labeled_row, LABELED_BATCH);
    if (!b || !b->labeled)
        exit(1);
    for (long long k = from; k < from + LABELED_BATCH; k++)
        add_labeled(b, k, series);
    return b;
}

static void append_labeled(struct ll_store *store, long batches, long series)
{
    double *ms = calloc((size_t)batches, sizeof(*ms)), busy = 0, cpu = 0;
    struct ll_err err;
    for (long i = 0; ms && i < batches; i++) {
        struct ll_batch *b = make_labeled((long long)i * LABELED_BATCH, series);
        double wall0 = seconds(CLOCK_MONOTONIC), cpu0 = seconds(CLOCK_THREAD_CPUTIME_ID);
        if (!store->ops->append(store, &b, 1, &err))
            die(&err);
        double wall1 = seconds(CLOCK_MONOTONIC);
        ms[i] = (wall1 - wall0) * 1e3;
        bool more;
        if (!store->ops->maintain(store, T0, &more, &err))
            die(&err);
        busy += seconds(CLOCK_MONOTONIC) - wall0;
        cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu0;
        ll_batch_free(b);
    }
    double rows = (double)batches * LABELED_BATCH;
    qsort(ms, (size_t)batches, sizeof(*ms), by_value);
    printf("labeled %.0f rows/s\nlabeled_cpu %.0f rows/cpu-s\n", rows / busy, rows / cpu);
    printf("labeled_commit_p50 %.2f ms\nlabeled_commit_p99 %.2f ms\n", ms[batches / 2],
           ms[batches * 99 / 100]);
    free(ms);
}

int main(int argc, char **argv)
{
    long batches = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    long series = argc > 3 ? strtol(argv[3], NULL, 10) : 200;
    long per_commit = argc > 4 ? strtol(argv[4], NULL, 10) : 1;
    long labeled = argc > 5 ? strtol(argv[5], NULL, 10) : 10000;
    if (argc < 2 || labeled < 0 || batches < 1 || series < 1 || per_commit < 1 || per_commit > 64)
        return 2;
    const struct ll_store_opts opts = {.path = argv[1],
                                       .max_series = (size_t)series + 1000,
                                       .max_labeled_series = (size_t)labeled + 1};
    struct ll_store *store;
    struct ll_store_reader *r;
    struct ll_err err;
    long before = rss_kib();
    double start = seconds(CLOCK_MONOTONIC);
    if (!ll_stores[0]->open(&opts, &store, &err))
        die(&err);
    printf("open %.2f ms\n", (seconds(CLOCK_MONOTONIC) - start) * 1e3);
    if (!store->ops->reader_open(store, &r, &err))
        die(&err);
    struct ll_store_stats stats;
    if (!store->ops->stats(r, &stats, &err))
        die(&err);
    printf("stored %lld rows\nbytes %lld\nrss_open %ld KiB more\n", (long long)stats.samples,
           (long long)stats.bytes, rss_kib() - before);
    append(store, batches, series, per_commit);
    printf("rss_after %ld KiB more\n", rss_kib() - before);
    if (labeled > 0) {
        append_labeled(store, batches, labeled);
        printf("rss_labeled %ld KiB more\n", rss_kib() - before);
        if (!store->ops->stats(r, &stats, &err))
            die(&err);
        printf("bytes_labeled %lld\n", (long long)stats.bytes);
    }
    store->ops->reader_close(r);
    store->ops->close(store);
    return 0;
}
