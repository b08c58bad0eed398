/* The host collector on a recorded tree, ten seconds apart; numbers worked out by hand from
 * tests/data/host/v2. */
#include <sys/statvfs.h>

#include "collect_tree.h"

static struct tree t;

static void setup(void)
{
    tree_init(&t);
    tree_overlay(&t, "v2/before");
    t.opts.no_cgroups = true;
}

static void teardown(void)
{
    tree_fini(&t);
}

static void expect_all(const struct expected *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tree_expect(&t, &e[i]);
}

static size_t count_of(enum ll_resource_type type)
{
    size_t n = 0;
    for (size_t i = 0; i < t.b->n; i++)
        n += t.b->v[i].key.type == type;
    return n;
}

START_TEST(the_first_collection_has_amounts_and_no_rates)
{
    ck_assert(tree_collect(&t, 0));
    ck_assert_uint_eq(count_of(LL_RESOURCE_CPU), 1); /* pressure */
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_CPU, ""));
    ck_assert_uint_eq(count_of(LL_RESOURCE_NETWORK), 0);
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_QUEUE_DEPTH, "listen overflow"));
    ck_assert_ptr_nonnull(tree_find(&t, "host", LL_RESOURCE_MEMORY, ""));
}
END_TEST

START_TEST(cpu_is_the_time_neither_idle_nor_waiting)
{
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    const struct expected e[] = {
        /* 1500 user + 100 nice + 500 system + 20 irq + 80 softirq + 100 steal ticks of 10 ms in
         * 10 s; the 300 of guest are inside user. */
        {"host", LL_RESOURCE_CPU, "", LL_UNIT_CORES, 2.3, 4, 10000, true},
        {"host", LL_RESOURCE_CPU, "iowait", LL_UNIT_CORES, 0.2, NAN, 10000, false},
        {"host", LL_RESOURCE_CPU, "steal", LL_UNIT_CORES, 0.1, NAN, 10000, false},
        {"host", LL_RESOURCE_CPU, "system", LL_UNIT_CORES, 0.6, NAN, 10000, false},
        {"host", LL_RESOURCE_CPU, "user", LL_UNIT_CORES, 1.6, NAN, 10000, false},
        {"host", LL_RESOURCE_CPU, "pressure", LL_UNIT_RATIO, 0.125, NAN, 10000, false},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_uint_eq(count_of(LL_RESOURCE_CPU), LL_LEN(e));
}
END_TEST

START_TEST(memory_in_use_is_what_is_not_available)
{
    ck_assert(tree_collect(&t, 0));
    const struct expected e[] = {
        {"host", LL_RESOURCE_MEMORY, "", LL_UNIT_BYTES, 6144000000, 16777216000, 0, true},
        {"host", LL_RESOURCE_MEMORY, "swap", LL_UNIT_BYTES, 102400000, 2147479552, 0, false},
        {"host", LL_RESOURCE_MEMORY, "pressure", LL_UNIT_RATIO, 0, NAN, 10000, false},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_uint_eq(count_of(LL_RESOURCE_MEMORY), LL_LEN(e));
}
END_TEST

static void make_mount_points(void)
{
    static const char *const dirs[] = {
        "with space", "var",       "var/lib", "var/lib/bind", "snap", "snap/core", "snap/core/1",
        "net",        "net/inner", "misc",    "srv",          "data", "etc"};
    char path[TREE_PATH];
    for (size_t i = 0; i < LL_LEN(dirs); i++) {
        snprintf(path, sizeof(path), "%s/%s", t.root, dirs[i]);
        ck_assert_int_eq(mkdir(path, 0755), 0);
    }
    tree_put(&t, "root/etc/hosts", "127.0.0.1 localhost\n");
}

static void expect_space(const char *point, bool primary)
{
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_DISK, point);
    struct statvfs st;
    ck_assert_msg(s != NULL, "no %s", point);
    ck_assert_int_eq(statvfs(t.root, &st), 0);
    double block = (double)st.f_frsize, used = (double)(st.f_blocks - st.f_bfree) * block;
    /* Others write to this disk meanwhile. */
    ck_assert_double_eq_tol(s->value, used, 256e6);
    ck_assert_double_eq_tol(s->capacity, used + (double)st.f_bavail * block, 256e6);
    ck_assert_int_eq(s->unit, LL_UNIT_BYTES);
    ck_assert_int_eq(s->primary, primary);
}

START_TEST(disk_space_is_of_local_filesystems_each_once)
{
    make_mount_points();
    ck_assert(tree_collect(&t, 0));
    expect_space("/", true);
    expect_space("/with space", false);
    expect_space("/data", false);
    size_t bytes = 0;
    for (size_t i = 0; i < t.b->n; i++)
        bytes += t.b->v[i].key.type == LL_RESOURCE_DISK && t.b->v[i].unit == LL_UNIT_BYTES;
    ck_assert_uint_eq(bytes, 3); /* no bind, snap, net, below net, overlay, srv, gone, file */
}
END_TEST

START_TEST(mounts_can_be_ignored_by_pattern)
{
    static const char *const ignore[] = {"/with*", "/data", NULL};
    make_mount_points();
    t.opts.ignore_mounts = ignore;
    ck_assert(tree_collect(&t, 0));
    expect_space("/", true);
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_DISK, "/with space"));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_DISK, "/data"));
}
END_TEST

START_TEST(without_a_root_filesystem_one_other_is_primary)
{
    make_mount_points();
    tree_put(&t, "proc/self/mountinfo",
             "41 28 259:3 / /with\\040space rw - ext4 /dev/b rw\n51 28 8:2 / /data rw - xfs /dev/a "
             "rw\n");
    ck_assert(tree_collect(&t, 0));
    size_t primaries = 0;
    for (size_t i = 0; i < t.b->n; i++)
        primaries += t.b->v[i].key.type == LL_RESOURCE_DISK && t.b->v[i].primary;
    ck_assert_uint_eq(primaries, 1);
}
END_TEST

START_TEST(in_a_chroot_the_root_stands_for_the_disk_it_lies_on)
{
    make_mount_points();
    tree_put(&t, "proc/self/mountinfo", "41 28 0:5 / /proc rw - proc proc rw\n");
    ck_assert(tree_collect(&t, 0));
    expect_space("/", true);
}
END_TEST

START_TEST(disk_traffic_is_of_whole_disks_that_did_not_restart)
{
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    const struct expected e[] = {
        /* 4500 ms of 10 s; 20480 and 204800 sectors of 512 bytes. */
        {"host", LL_RESOURCE_DISK, "nvme0n1 busy", LL_UNIT_RATIO, 0.45, 1, 10000, false},
        {"host", LL_RESOURCE_DISK, "nvme0n1 read", LL_UNIT_BYTES_PER_SECOND, 1048576, NAN, 10000,
         false},
        {"host", LL_RESOURCE_DISK, "nvme0n1 write", LL_UNIT_BYTES_PER_SECOND, 10485760, NAN, 10000,
         false},
        {"host", LL_RESOURCE_DISK, "pressure", LL_UNIT_RATIO, 0.034, NAN, 10000, false},
    };
    expect_all(e, LL_LEN(e));
    size_t rates = 0;
    for (size_t i = 0; i < t.b->n; i++)
        rates += t.b->v[i].key.type == LL_RESOURCE_DISK && t.b->v[i].window > 0;
    ck_assert_uint_eq(rates, LL_LEN(e)); /* sda was replaced; the rest is no disk of its own */
}
END_TEST

START_TEST(network_is_per_interface_and_direction)
{
    static const char *const ignore[] = {"usb*", NULL};
    t.opts.link_speed_bytes_per_second = 2e6;
    t.opts.ignore_devices = ignore;
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    const enum ll_unit bps = LL_UNIT_BYTES_PER_SECOND;
    const struct expected e[] = {
        /* eth0 has the default route with the smallest metric; 1000 Mbit/s. */
        {"host", LL_RESOURCE_NETWORK, "eth0 rx", bps, 1250000, 125e6, 10000, true},
        {"host", LL_RESOURCE_NETWORK, "eth0 tx", bps, 250000, 125e6, 10000, false},
        {"host", LL_RESOURCE_NETWORK, "eno2 rx", bps, 1000, 2e6, 10000, false},
        {"host", LL_RESOURCE_NETWORK, "eno2 tx", bps, 0, 2e6, 10000, false},
        /* its receive counter went backwards: only the other direction */
        {"host", LL_RESOURCE_NETWORK, "eno3 tx", bps, 100000, 12.5e6, 10000, false},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_uint_eq(count_of(LL_RESOURCE_NETWORK), LL_LEN(e));
}
END_TEST

START_TEST(a_bridge_counts_when_it_carries_the_default_route)
{
    tree_put(&t, "proc/net/route",
             "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
             "docker0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n");
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    ck_assert(tree_find(&t, "host", LL_RESOURCE_NETWORK, "docker0 rx")->primary);
    ck_assert(!tree_find(&t, "host", LL_RESOURCE_NETWORK, "eth0 rx")->primary);
}
END_TEST

START_TEST(virtual_interfaces_count_when_there_are_no_others)
{
    static const char *const ignore[] = {"e*", NULL};
    t.opts.ignore_devices = ignore;
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    const struct ll_sample *s = tree_find(&t, "host", LL_RESOURCE_NETWORK, "docker0 rx");
    ck_assert_ptr_nonnull(s);
    ck_assert(s->primary); /* the first by name */
    ck_assert_ptr_nonnull(tree_find(&t, "host", LL_RESOURCE_NETWORK, "wg0 tx"));
    ck_assert_uint_eq(count_of(LL_RESOURCE_NETWORK), 6);
}
END_TEST

START_TEST(connections_are_held_against_real_limits)
{
    double page = (double)sysconf(_SC_PAGESIZE);
    ck_assert(tree_collect(&t, 0));
    const struct expected e[] = {
        /* file-max is 2^63 - 1: nobody's limit */
        {"host", LL_RESOURCE_CONNECTIONS, "files", LL_UNIT_FILES, 5216, NAN, 0, false},
        {"host", LL_RESOURCE_CONNECTIONS, "conntrack", LL_UNIT_CONNECTIONS, 812, 65536, 0, false},
        {"host", LL_RESOURCE_CONNECTIONS, "tcp memory", LL_UNIT_BYTES, 150 * page, 400000 * page, 0,
         false},
        {"host", LL_RESOURCE_CONNECTIONS, "tcp", LL_UNIT_CONNECTIONS, 42, 65536, 0, true},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_uint_eq(count_of(LL_RESOURCE_CONNECTIONS), LL_LEN(e));
}
END_TEST

START_TEST(a_connection_table_without_connections_is_no_limit)
{
    tree_put(&t, "proc/sys/net/netfilter/nf_conntrack_count", "0\n");
    tree_put(&t, "proc/sys/fs/file-nr", "5216\t16\t100000\n");
    ck_assert(tree_collect(&t, 0));
    const struct expected e[] = {
        {"host", LL_RESOURCE_CONNECTIONS, "files", LL_UNIT_FILES, 5200, 100000, 0, false},
        {"host", LL_RESOURCE_CONNECTIONS, "tcp", LL_UNIT_CONNECTIONS, 42, 100000, 0, true},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_ptr_null(tree_find(&t, "host", LL_RESOURCE_CONNECTIONS, "conntrack"));
}
END_TEST

START_TEST(the_queue_of_a_recorded_host_is_its_run_queue)
{
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, "v2/after");
    ck_assert(tree_collect(&t, 1));
    const struct expected e[] = {
        {"host", LL_RESOURCE_QUEUE_DEPTH, "run queue", LL_UNIT_ITEMS, 3, NAN, 0, true},
        {"host", LL_RESOURCE_QUEUE_DEPTH, "listen overflow", LL_UNIT_OPERATIONS_PER_SECOND, 5, NAN,
         10000, false},
    };
    expect_all(e, LL_LEN(e));
    ck_assert_uint_eq(count_of(LL_RESOURCE_QUEUE_DEPTH),
                      LL_LEN(e)); /* the live host's is not mixed in */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect_host");
    TCase *c = tcase_create("tree");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, the_first_collection_has_amounts_and_no_rates);
    tcase_add_test(c, cpu_is_the_time_neither_idle_nor_waiting);
    tcase_add_test(c, memory_in_use_is_what_is_not_available);
    tcase_add_test(c, disk_space_is_of_local_filesystems_each_once);
    tcase_add_test(c, mounts_can_be_ignored_by_pattern);
    tcase_add_test(c, without_a_root_filesystem_one_other_is_primary);
    tcase_add_test(c, in_a_chroot_the_root_stands_for_the_disk_it_lies_on);
    tcase_add_test(c, disk_traffic_is_of_whole_disks_that_did_not_restart);
    tcase_add_test(c, network_is_per_interface_and_direction);
    tcase_add_test(c, a_bridge_counts_when_it_carries_the_default_route);
    tcase_add_test(c, virtual_interfaces_count_when_there_are_no_others);
    tcase_add_test(c, connections_are_held_against_real_limits);
    tcase_add_test(c, a_connection_table_without_connections_is_no_limit);
    tcase_add_test(c, the_queue_of_a_recorded_host_is_its_run_queue);
    suite_add_tcase(s, c);
    return tree_run(s);
}
