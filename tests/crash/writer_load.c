/* Load for the crash tests: appends numbered samples through the store writer and notes
 * outside what was acknowledged.
 *
 *     writer_load --path DIR --acked FILE [--first N] [--batch K] [--rate BATCHES_PER_S]
 *                 [--seconds S] [--reads]
 * Each batch leaves its last number as the cursor "load".  Sample n is service "load", instance n
 * % 40, time T0 + 10 n ms, value n, capacity n + 1: store_verify can tell a lost, a partial and a
 * wrong one.  A load whose last batch failed lasts up to SETTLE_S longer, until one is committed:
 * on a slow machine the fault may come late.  One line "first count" goes to FILE after each
 * acknowledgement.  Time for the store is the samples' own, so that rollups and retention run while
 * it is killed. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "store/writer.h"

enum { IN_FLIGHT = 16, SETTLE_S = 60 };

static struct {
    const char *path, *acked;
    int64_t first, batch;
    double rate, seconds;
    bool reads;
} opts = {.batch = 100};

static atomic_llong next_id, acked, failed, in_flight, reads, read_failures;
static atomic_bool stop, failing;
static atomic_llong read_max_us;
static int acked_fd;
static double begun;

static double now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void doze(double s)
{
    const struct timespec ts = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};
    nanosleep(&ts, NULL);
}

static void say(const char *what, const char *detail)
{
    char line[600];
    int n = snprintf(line, sizeof(line), "t=%.3f %s %s\n", now_s() - begun, what, detail);
    if (write(STDOUT_FILENO, line, LL_MIN((size_t)n, sizeof(line))) < 0)
        atomic_store(&stop, true);
}

static void on_signal(int sig)
{
    (void)sig;
    atomic_store(&stop, true);
}

static ll_time wall(void *self)
{
    (void)self;
    return LOAD_T0 + LOAD_STEP_MS * atomic_load(&next_id);
}

/* On the writer's thread. */
static void answered(struct ll_batch *b, void *ctx)
{
    char line[64];
    if (b->committed) {
        int n = snprintf(line, sizeof(line), "%lld %zu\n", (long long)(intptr_t)ctx, b->n);
        if (write(acked_fd, line, (size_t)n) != n)
            abort(); /* the test itself is broken */
        atomic_fetch_add(&acked, (long long)b->n);
    } else {
        atomic_fetch_add(&failed, (long long)b->n);
    }
    if (atomic_exchange(&failing, !b->committed) == b->committed)
        say(b->committed ? "recovered" : "failed", b->err.text);
    atomic_fetch_sub(&in_flight, 1);
    ll_batch_free(b);
}

/* The sample under its own labels; the arena has room beside the samples' names. */
static void add_labeled(struct ll_batch *b, int64_t id, struct ll_slice instance)
{
    const struct ll_label l[] = {{LL_LABELS_NAME, LL_SLICE("load")},
                                 {LL_SLICE("instance"), instance}};
    const size_t n = ll_labels_size(l, LL_LEN(l));
    char *set = ll_arena_alloc(b->arena, n, 1);
    if (!set)
        abort();
    ll_labels_write(l, LL_LEN(l), set);
    b->labeled[b->n_labeled++] = (struct ll_labeled_row){
        .labels = {set, n}, .point = {LOAD_T0 + LOAD_STEP_MS * id, load_bits(id)}};
}

static void add_cursor(struct ll_batch *b, int64_t first)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%lld", (long long)(first + opts.batch - 1));
    const char *copy = ll_arena_copy(b->arena, text, (size_t)n);
    b->labeled = LL_ARENA_NEW(b->arena, struct ll_labeled_row, (size_t)opts.batch);
    if (!copy || !b->labeled)
        abort();
    b->cursor_name = LL_SLICE("load");
    b->cursor_value = (struct ll_slice){copy, (size_t)n};
}

static struct ll_batch *make_batch(int64_t first)
{
    struct ll_batch *b = ll_batch_new((size_t)opts.batch, 0, LL_ORIGIN_PUSH);
    if (b)
        add_cursor(b, first);
    for (int64_t id = first; b && id < first + opts.batch; id++) {
        char instance[16];
        snprintf(instance, sizeof(instance), "i%lld", (long long)(id % LOAD_INSTANCES));
        const struct ll_sample s = {
            .key = {LL_SLICE("load"), ll_slice_of(instance), {0}, LL_RESOURCE_API_CALLS},
            .unit = LL_UNIT_CALLS_PER_SECOND,
            .t = LOAD_T0 + LOAD_STEP_MS * id,
            .value = (double)id,
            .capacity = (double)id + 1,
            .max_value = (double)id,
        };
        if (!ll_batch_add(b, &s))
            abort();
        add_labeled(b, id, s.key.instance);
    }
    return b;
}

static void push_one(struct ll_writer *w)
{
    int64_t first = atomic_load(&next_id);
    struct ll_batch *b = make_batch(first);
    if (!b)
        return;
    b->done = answered;
    b->ctx = (void *)(intptr_t)first;
    atomic_fetch_add(&in_flight, 1);
    if (ll_writer_push(w, b, NULL)) {
        atomic_fetch_add(&next_id, opts.batch);
        return;
    }
    atomic_fetch_sub(&in_flight, 1);
    ll_batch_free(b);
}

static bool read_once(struct ll_store_reader *r)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_store_stats stats;
    struct ll_history h;
    const ll_time to = wall(NULL);
    const struct ll_history_query q = {.service = LL_SLICE("load"),
                                       .type = LL_RESOURCE_API_CALLS,
                                       .any_instance = true,
                                       .from = to - 10 * LL_MINUTE,
                                       .to = to + 1,
                                       .step = LL_MINUTE};
    return r->ops->stats(r, &stats, NULL) && r->ops->history(r, &q, a, &h, NULL);
}

static void *read_main(void *ctx)
{
    struct ll_store_reader *r;
    struct ll_err err;
    if (!ll_writer_reader(ctx, &r, &err)) {
        say("reader", err.text);
        atomic_fetch_add(&read_failures, 1);
        return NULL;
    }
    while (!atomic_load(&stop)) {
        double start = now_s();
        if (!read_once(r))
            atomic_fetch_add(&read_failures, 1);
        long long us = (long long)((now_s() - start) * 1e6);
        if (us > atomic_load(&read_max_us))
            atomic_store(&read_max_us, us);
        atomic_fetch_add(&reads, 1);
        doze(0.02);
    }
    r->ops->reader_close(r);
    return NULL;
}

static bool over(void)
{
    const double spare = atomic_load(&failing) ? SETTLE_S : 0;
    return opts.seconds > 0 && now_s() - begun > opts.seconds + spare;
}

static void load(struct ll_writer *w)
{
    double due = now_s();
    while (!atomic_load(&stop)) {
        if (over())
            atomic_store(&stop, true);
        else if (now_s() < due || atomic_load(&in_flight) >= IN_FLIGHT)
            doze(0.0005);
        else {
            push_one(w);
            due = opts.rate > 0 ? due + 1 / opts.rate : due;
        }
    }
}

static bool parse(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *v = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--reads") == 0) {
            opts.reads = true;
            continue;
        }
        if (strcmp(argv[i], "--path") == 0)
            opts.path = v;
        else if (strcmp(argv[i], "--acked") == 0)
            opts.acked = v;
        else if (strcmp(argv[i], "--first") == 0)
            opts.first = strtoll(v, NULL, 10);
        else if (strcmp(argv[i], "--batch") == 0)
            opts.batch = strtoll(v, NULL, 10);
        else if (strcmp(argv[i], "--rate") == 0)
            opts.rate = strtod(v, NULL);
        else if (strcmp(argv[i], "--seconds") == 0)
            opts.seconds = strtod(v, NULL);
        else
            return false;
        i++;
    }
    return opts.path && opts.acked && opts.batch > 0;
}

static void run(struct ll_writer *w)
{
    pthread_t t;
    bool reading = opts.reads && pthread_create(&t, NULL, read_main, w) == 0;
    load(w);
    if (reading)
        pthread_join(t, NULL);
}

int main(int argc, char **argv)
{
    if (!parse(argc, argv)) {
        fprintf(stderr, "usage: writer_load --path DIR --acked FILE [--first N] [--batch K] "
                        "[--rate R] [--seconds S] [--reads]\n");
        return 2;
    }
    begun = now_s();
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    acked_fd = open(opts.acked, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    atomic_store(&next_id, opts.first);
    const struct ll_clock real = ll_clock_real();
    const struct ll_writer_opts writer = {
        .ops = ll_stores[0], .store = {.path = opts.path}, .clock = {wall, real.mono, NULL}};
    struct ll_writer *w;
    struct ll_err err;
    if (acked_fd < 0 || !ll_writer_new(&writer, &w, &err)) {
        say("refused", acked_fd < 0 ? "the file of acknowledgements" : err.text);
        return 1;
    }
    say("open", "");
    run(w);
    ll_writer_free(w);
    char figures[200];
    snprintf(figures, sizeof(figures),
             "acked=%lld failed=%lld reads=%lld read_failures=%lld read_max_ms=%.1f",
             (long long)atomic_load(&acked), (long long)atomic_load(&failed),
             (long long)atomic_load(&reads), (long long)atomic_load(&read_failures),
             (double)atomic_load(&read_max_us) / 1e3);
    say("end", figures);
    return 0;
}
