/* This machine: what the collector says beside what this file reads of /proc on its own, and
 * load made here must show. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "collect_tree.h"

static struct ll_collector *collector;
static struct tree t; /* only its batch and error */

static ll_time mono_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (ll_time)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void setup(void)
{
    struct ll_host_opts opts = {.instance = "vm1"};
    memset(&t, 0, sizeof(t));
    ck_assert_msg(ll_collector_host.open(&opts, &collector, &t.err), "%s", t.err.text);
}

static void teardown(void)
{
    collector->ops->close(collector);
    ll_batch_free(t.b);
}

static void collect(void)
{
    ll_batch_free(t.b);
    t.b = ll_batch_new(TREE_SAMPLES, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_msg(collector->ops->collect(collector, 1795485865000, mono_ms(), t.b, &t.err), "%s",
                  t.err.text);
}

static void wait_ms(long ms)
{
    const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&ts, NULL);
}

/* The bytes behind a key of /proc/meminfo, the simple way. */
static double meminfo_bytes(const char *key)
{
    char line[256], name[64];
    unsigned long long kilobytes = 0;
    bool found = false;
    FILE *f = fopen("/proc/meminfo", "r");
    while (f && !found && fgets(line, sizeof(line), f))
        found = sscanf(line, "%63[^:]: %llu kB", name, &kilobytes) == 2 && strcmp(name, key) == 0;
    if (f)
        fclose(f);
    return found ? (double)kilobytes * 1024 : NAN;
}

START_TEST(memory_is_that_of_proc)
{
    double before = meminfo_bytes("MemAvailable");
    collect();
    double after = meminfo_bytes("MemAvailable");
    double total = meminfo_bytes("MemTotal");
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_MEMORY, "");
    ck_assert_ptr_nonnull(s);
    ck_assert_double_eq(s->capacity, total);
    /* Others allocate meanwhile: between the two readings, and 0.5 % around them. */
    ck_assert_double_le(s->value, total - fmin(before, after) + total / 200);
    ck_assert_double_ge(s->value, total - fmax(before, after) - total / 200);
}
END_TEST

START_TEST(the_root_filesystem_is_that_of_df)
{
    struct statvfs st;
    collect();
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_DISK, "/");
    ck_assert_int_eq(statvfs("/", &st), 0);
    if (!s) /* a root on tmpfs or the network is not a disk */
        return;
    double used = (double)(st.f_blocks - st.f_bfree), all = used + (double)st.f_bavail;
    ck_assert_double_eq_tol(s->value / s->capacity, used / all, 0.005);
    ck_assert(s->primary);
}
END_TEST

/* A process that spins the whole window. */
START_TEST(load_made_here_shows)
{
    collect();
    pid_t child = fork();
    if (child == 0) {
        struct timespec from, now;
        clock_gettime(CLOCK_MONOTONIC, &from);
        do
            clock_gettime(CLOCK_MONOTONIC, &now);
        while (now.tv_sec - from.tv_sec < 2);
        _exit(0);
    }
    wait_ms(1000);
    collect();
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_CPU, "");
    ck_assert_ptr_nonnull(s);
    ck_assert_double_eq(s->capacity, (double)sysconf(_SC_NPROCESSORS_ONLN));
    /* One process that never sleeps is a whole core, or the machine is full. */
    ck_assert_double_ge(s->value, fmin(0.9, 0.9 * s->capacity));
    ck_assert_double_le(s->value, s->capacity);
}
END_TEST

/* A backlog of 8 with three connections nobody accepts. */
START_TEST(waiting_connections_show_in_the_listen_backlog)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);
    int server = socket(AF_INET, SOCK_STREAM, 0), client[3];
    ck_assert(server >= 0 && bind(server, (struct sockaddr *)&a, sizeof(a)) == 0);
    ck_assert(listen(server, 8) == 0 && getsockname(server, (struct sockaddr *)&a, &n) == 0);
    for (size_t i = 0; i < LL_LEN(client); i++) {
        client[i] = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(connect(client[i], (struct sockaddr *)&a, sizeof(a)), 0);
    }
    collect();
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_QUEUE_DEPTH, "listen backlog");
    for (size_t i = 0; i < LL_LEN(client); i++)
        close(client[i]);
    close(server);
    const struct ll_sample *run = tree_find(&t, "host", LL_RESOURCE_QUEUE_DEPTH, "run queue");
    ck_assert_ptr_nonnull(run);
    if (!s) { /* a sandbox without sock_diag: then the run queue stands for the resource */
        ck_assert(run->primary);
        return;
    }
    ck_assert(s->primary && !run->primary);
    ck_assert_double_ge(s->value / s->capacity, 3.0 / 8); /* ours, or a fuller one */
}
END_TEST

START_TEST(every_resource_has_at_most_one_primary_part)
{
    collect();
    wait_ms(200);
    collect();
    for (size_t i = 0; i < t.b->n; i++) {
        const struct ll_sample *a = &t.b->v[i];
        ck_assert_int_eq(ll_sample_check(a, a->t, 0), LL_REFUSAL_NONE);
        for (size_t k = 0; k < i; k++) {
            const struct ll_sample *b = &t.b->v[k];
            ck_assert_int_ne(ll_series_key_cmp(&a->key, &b->key), 0);
            ck_assert(!(a->primary && b->primary && a->key.type == b->key.type &&
                        ll_slice_eq(a->key.service, b->key.service)));
        }
        if (a->primary)
            ck_assert_int_eq(a->unit, ll_resource_unit(a->key.type));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect_live");
    TCase *c = tcase_create("this machine");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, memory_is_that_of_proc);
    tcase_add_test(c, the_root_filesystem_is_that_of_df);
    tcase_add_test(c, load_made_here_shows);
    tcase_add_test(c, waiting_connections_show_in_the_listen_backlog);
    tcase_add_test(c, every_resource_has_at_most_one_primary_part);
    suite_add_tcase(s, c);
    return tree_run(s);
}
