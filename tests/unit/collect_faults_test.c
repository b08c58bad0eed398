/* Missing, broken and hostile sources: no sample, never zero, and never a hang. */
#include "base/map.h"
#include "collect_tree.h"

static struct tree t;

static void setup(void)
{
    tree_init(&t);
    tree_overlay(&t, "v2/before");
}

static void teardown(void)
{
    tree_fini(&t);
}

/* What each file is for: without it, these are gone and the rest is not. */
static const struct {
    const char *file;
    enum ll_resource_type type;
    const char *part;
} sources[] = {
    {"proc/stat", LL_RESOURCE_CPU, ""},
    {"proc/meminfo", LL_RESOURCE_MEMORY, ""},
    {"proc/self/mountinfo", LL_RESOURCE_DISK, "/"},
    {"proc/diskstats", LL_RESOURCE_DISK, "nvme0n1 busy"},
    {"proc/net/dev", LL_RESOURCE_NETWORK, "eth0 rx"},
    {"proc/net/sockstat", LL_RESOURCE_CONNECTIONS, "tcp"},
    {"proc/sys/fs/file-nr", LL_RESOURCE_CONNECTIONS, "files"},
    {"proc/sys/net/netfilter/nf_conntrack_count", LL_RESOURCE_CONNECTIONS, "conntrack"},
    {"proc/sys/net/ipv4/tcp_mem", LL_RESOURCE_CONNECTIONS, "tcp memory"},
    {"proc/loadavg", LL_RESOURCE_QUEUE_DEPTH, "run queue"},
    {"proc/net/netstat", LL_RESOURCE_QUEUE_DEPTH, "listen overflow"},
    {"proc/pressure/cpu", LL_RESOURCE_CPU, "pressure"},
    {"sys/fs/cgroup/cgroup.controllers", LL_RESOURCE_COUNT, ""},
};

static void expect_only_missing(size_t i)
{
    for (size_t k = 0; k < LL_LEN(sources); k++) {
        bool needs_sockstat = strcmp(sources[k].part, "tcp memory") == 0;
        if (sources[k].type == LL_RESOURCE_COUNT ||
            (needs_sockstat && strcmp(sources[i].file, "proc/net/sockstat") == 0))
            continue;
        bool there = tree_find(&t, "host", sources[k].type, sources[k].part) != NULL;
        ck_assert_msg(there == (k != i), "without %s, %s is %s", sources[i].file, sources[k].part,
                      there ? "there" : "gone");
    }
}

START_TEST(a_missing_file_takes_its_own_samples_only)
{
    tree_remove(&t, sources[_i].file);
    ck_assert(tree_collect(&t, 0));
    ck_assert(tree_collect(&t, 1));
    expect_only_missing((size_t)_i);
}
END_TEST

/* The same with bytes that mean nothing, and with a file that is empty. */
START_TEST(garbage_is_no_data)
{
    static char garbage[40000];
    for (size_t i = 0; i < sizeof(garbage); i++)
        garbage[i] = (char)(i * 131 + i / 251);
    tree_write(&t, sources[_i].file, garbage, sizeof(garbage));
    ck_assert(tree_collect(&t, 0));
    ck_assert(tree_collect(&t, 1));
    if (sources[_i].type != LL_RESOURCE_COUNT)
        expect_only_missing((size_t)_i);
    tree_put(&t, sources[_i].file, "");
    ck_assert(tree_collect(&t, 2));
    ck_assert(tree_collect(&t, 3));
    if (sources[_i].type != LL_RESOURCE_COUNT)
        expect_only_missing((size_t)_i);
}
END_TEST

/* Every prefix of every file: no crash, and nothing that is not a sample (tree_collect). */
START_TEST(files_may_end_anywhere)
{
    char path[TREE_PATH], text[16384];
    t.opts.no_cgroups = true;
    snprintf(path, sizeof(path), "%s/%s", t.dir, sources[_i].file);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    for (size_t cut = 0; cut <= n; cut += 1 + cut / 97) {
        tree_write(&t, sources[_i].file, text, cut);
        ck_assert(tree_collect(&t, (int)cut));
    }
}
END_TEST

START_TEST(an_empty_machine_is_an_error_and_not_a_zero)
{
    tree_remove(&t, "proc");
    tree_remove(&t, "sys");
    ck_assert_int_eq(mkdir(t.proc, 0755), 0);
    ck_assert(!tree_collect(&t, 0));
    ck_assert_int_eq(t.err.code, LL_E_IO);
    ck_assert_uint_eq(t.b->n, 0);
}
END_TEST

START_TEST(no_procfs_is_refused_at_once)
{
    struct ll_collector *c = NULL;
    struct ll_host_opts opts = {.procfs = "/nowhere/at/all"};
    ck_assert(!ll_collector_host.open(&opts, &c, &t.err));
    ck_assert_int_eq(t.err.code, LL_E_NOT_FOUND);
    ck_assert_ptr_null(c);
}
END_TEST

START_TEST(without_available_memory_there_is_no_memory_sample)
{
    tree_put(&t, "proc/meminfo", "MemTotal:       16384000 kB\nMemFree:   500000 kB\n");
    ck_assert(tree_collect(&t, 0));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_MEMORY, ""));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_MEMORY, "swap"));
}
END_TEST

START_TEST(a_cpu_that_comes_or_goes_costs_one_interval)
{
    ck_assert(tree_collect(&t, 0));
    tree_put(&t, "proc/stat",
             "cpu  11500 600 3500 201500 1200 120 280 150 1300 10\n"
             "cpu0 2875 150 875 50375 300 30 70 37 325 2\ncpu2 1 1 1 1 1 1 1 1 1 1\n");
    ck_assert(tree_collect(&t, 1));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_CPU, ""));
    ck_assert(tree_collect(&t, 2));
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_CPU, "");
    ck_assert_double_eq(s->value, 0);
    ck_assert_double_eq(s->capacity, 2);
}
END_TEST

START_TEST(a_clock_that_stands_still_or_steps_back_makes_no_rate)
{
    ck_assert(tree_collect(&t, 5));
    ck_assert(tree_collect(&t, 5));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_CPU, ""));
    ck_assert(tree_collect(&t, 4));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_CPU, ""));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_NETWORK, "eth0 rx"));
    ck_assert(tree_collect(&t, 5));
    ck_assert_ptr_nonnull(tree_find(&t, "host", LL_RESOURCE_CPU, ""));
}
END_TEST

/* Two mount points of 300 bytes that differ at the end, and one that is not UTF-8. */
START_TEST(long_and_broken_names_stay_apart)
{
    char mounts[4096], dir[TREE_PATH], name[2][301];
    for (int i = 0; i < 2; i++) {
        memset(name[i], 'x', 300);
        name[i][0] = name[i][150] = '/';
        name[i][299] = (char)('a' + i);
        name[i][300] = '\0';
        snprintf(dir, sizeof(dir), "root%.150s", name[i]);
        snprintf(dir, sizeof(dir), "root%s/file", name[i]);
        tree_put(&t, dir, "");
    }
    tree_put(&t, "root/\xff\xfe/file", "");
    snprintf(mounts, sizeof(mounts),
             "1 1 8:1 / %s rw - ext4 /dev/a rw\n2 1 8:2 / %s rw - ext4 /dev/b rw\n"
             "3 1 8:3 / /\xff\xfe rw - ext4 /dev/c rw\n",
             name[0], name[1]);
    tree_put(&t, "proc/self/mountinfo", mounts);
    ck_assert(tree_collect(&t, 0)); /* checks each name */
    size_t space = 0, longest = 0, broken = 0;
    for (size_t i = 0; i < t.b->n; i++) {
        const struct ll_sample *s = &t.b->v[i];
        if (s->key.type != LL_RESOURCE_DISK || s->unit != LL_UNIT_BYTES)
            continue;
        space++;
        longest += s->key.part.n == LL_NAME_MAX;
        broken += s->key.part.n == 12 && memcmp(s->key.part.s, "/?\?~", 4) == 0;
        for (size_t k = 0; k < i; k++)
            ck_assert_int_ne(ll_series_key_cmp(&t.b->v[k].key, &s->key), 0);
    }
    ck_assert_uint_eq(space, 3);
    ck_assert_uint_eq(longest, 2);
    ck_assert_uint_eq(broken, 1);
}
END_TEST

START_TEST(a_fifo_in_place_of_a_file_does_not_block)
{
    char path[TREE_PATH];
    tree_remove(&t, "proc/meminfo");
    snprintf(path, sizeof(path), "%s/proc/meminfo", t.dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(tree_collect(&t, 0));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_MEMORY, ""));
}
END_TEST

START_TEST(more_devices_than_are_kept_are_left_out)
{
    char line[256];
    LL_AUTO(ll_batch) small = ll_batch_new(5, 0, LL_ORIGIN_COLLECTOR);
    struct ll_str s;
    ll_str_init(&s, 1 << 20);
    for (int i = 0; i < 500; i++) {
        snprintf(line, sizeof(line), "if%d: %d 0 0 0 0 0 0 0 %d 0 0 0 0 0 0 0\n", i, i, i);
        ll_str_addz(&s, line);
    }
    tree_put(&t, "proc/net/dev", ll_str_z(&s));
    ll_str_fini(&s);
    ck_assert(tree_collect(&t, 0));
    ck_assert(tree_collect(&t, 1));
    size_t n = 0;
    for (size_t i = 0; i < t.b->n; i++)
        n += t.b->v[i].key.type == LL_RESOURCE_NETWORK;
    ck_assert_uint_eq(n, 128);
    /* And a batch that is too small takes what it holds. */
    ck_assert(t.c->ops->collect(t.c, 1, TREE_T0 + 99 * TREE_STEP, small, &t.err));
    ck_assert_uint_eq(small->n, 5);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect_faults");
    TCase *c = tcase_create("faults");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    int n = (int)LL_LEN(sources);
    tcase_add_loop_test(c, a_missing_file_takes_its_own_samples_only, 0, n);
    tcase_add_loop_test(c, garbage_is_no_data, 0, n);
    tcase_add_loop_test(c, files_may_end_anywhere, 0, n);
    tcase_add_test(c, an_empty_machine_is_an_error_and_not_a_zero);
    tcase_add_test(c, no_procfs_is_refused_at_once);
    tcase_add_test(c, without_available_memory_there_is_no_memory_sample);
    tcase_add_test(c, a_cpu_that_comes_or_goes_costs_one_interval);
    tcase_add_test(c, a_clock_that_stands_still_or_steps_back_makes_no_rate);
    tcase_add_test(c, long_and_broken_names_stay_apart);
    tcase_add_test(c, a_fifo_in_place_of_a_file_does_not_block);
    tcase_add_test(c, more_devices_than_are_kept_are_left_out);
    suite_add_tcase(s, c);
    return tree_run(s);
}
