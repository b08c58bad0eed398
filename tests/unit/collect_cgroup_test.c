/* Units and containers on recorded cgroup trees, ten seconds apart. */
#include "collect/cgroup.h"
#include "collect_tree.h"

/* The first 12 of the 64 digits in tests/data/host. */
#define DOCKER "3f4e1c9a7b2d"
#define PODMAN "b1946ac92492"
#define KUBE "0123456789ab"
#define HEX64 "3f4e1c9a7b2d5e8f0a1b2c3d4e5f60718293a4b5c6d7e8f9012345678abcdef0"

static const double host_memory = 16777216000;
static struct tree t;

static void setup(void)
{
    tree_init(&t);
}

static void teardown(void)
{
    tree_fini(&t);
}

static void collect_both(const char *before, const char *after)
{
    tree_overlay(&t, before);
    ck_assert(tree_collect(&t, 0));
    tree_overlay(&t, after);
    ck_assert(tree_collect(&t, 1));
}

static size_t services(void)
{
    size_t n = 0;
    for (size_t i = 0; i < t.b->n; i++) {
        bool seen = ll_slice_is(t.b->v[i].key.service, "host");
        for (size_t k = 0; k < i && !seen; k++)
            seen = ll_slice_eq(t.b->v[k].key.service, t.b->v[i].key.service);
        n += !seen;
    }
    return n;
}

START_TEST(version_2_units_and_containers_are_services)
{
    collect_both("v2/before", "v2/after");
    const enum ll_resource_type cpu = LL_RESOURCE_CPU, memory = LL_RESOURCE_MEMORY;
    const enum ll_unit cores = LL_UNIT_CORES, bytes = LL_UNIT_BYTES, items = LL_UNIT_ITEMS;
    const struct expected e[] = {
        /* no limits: the host's */
        {"nginx", cpu, "", cores, 0.3, 4, 10000, true},
        {"nginx", cpu, "tasks", items, 9, 4915, 0, false},
        {"nginx", memory, "", bytes, 100000000, host_memory, 0, true},
        {"nginx", LL_RESOURCE_DISK, "read", LL_UNIT_BYTES_PER_SECOND, 50000, NAN, 10000, false},
        {"nginx", LL_RESOURCE_DISK, "write", LL_UNIT_BYTES_PER_SECOND, 100100, NAN, 10000, false},
        /* its own */
        {DOCKER, cpu, "", cores, 0.49, 0.5, 10000, true},
        {DOCKER, cpu, "tasks", items, 12, 100, 0, false},
        {DOCKER, memory, "", bytes, 200000000, 268435456, 0, true},
        {"postgresql", memory, "", bytes, 2e9, 4294967296, 0, true},
        /* those of the pod and of the slice around it; "max" tasks up to the root */
        {KUBE, cpu, "", cores, 0.5, 1, 10000, true},
        {KUBE, memory, "", bytes, 7500000, 2e9, 0, true},
        {KUBE, cpu, "tasks", items, 4, NAN, 0, false},
        {PODMAN, cpu, "", cores, 0.04, 4, 10000, true},
        {PODMAN, cpu, "tasks", items, 3, 2048, 0, false},
        {"user@1000", cpu, "", cores, 0.05, 4, 10000, true},
        /* a unit called like the host itself is not the host */
        {"host.service", cpu, "", cores, 0.0001, 4, 10000, true},
    };
    for (size_t i = 0; i < LL_LEN(e); i++)
        tree_expect(&t, &e[i]);
    /* The seven above; not pipewire, sessions, mounts, conmon, and not the one that died. */
    ck_assert_uint_eq(services(), 7);
}
END_TEST

START_TEST(a_counter_that_fell_back_gives_no_rate)
{
    collect_both("v2/before", "v2/after");
    ck_assert_ptr_null(tree_find(&t, "postgresql", LL_RESOURCE_CPU, ""));
    ck_assert_ptr_nonnull(tree_find(&t, "postgresql", LL_RESOURCE_MEMORY, ""));
}
END_TEST

START_TEST(a_cgroup_that_is_going_away_gives_nothing)
{
    collect_both("v2/before", "v2/after");
    for (size_t i = 0; i < t.b->n; i++)
        ck_assert(!ll_slice_is(t.b->v[i].key.service, "dying"));
    tree_remove(&t, "sys/fs/cgroup/system.slice/nginx.service/memory.current");
    tree_remove(&t, "sys/fs/cgroup/system.slice/nginx.service/cpu.stat");
    ck_assert(tree_collect(&t, 2));
    ck_assert_ptr_null(tree_find(&t, "nginx", LL_RESOURCE_MEMORY, ""));
    ck_assert_ptr_null(tree_find(&t, "nginx", LL_RESOURCE_CPU, ""));
    ck_assert_ptr_nonnull(tree_find(&t, "nginx", LL_RESOURCE_CPU, "tasks"));
}
END_TEST

/* Its counter starts again and passes the old one: only the inode tells. */
START_TEST(a_restarted_unit_has_no_rate_at_first)
{
    char old[TREE_PATH], fresh[TREE_PATH], away[TREE_PATH];
    const char *slice = "sys/fs/cgroup/system.slice";
    tree_overlay(&t, "v2/before");
    ck_assert(tree_collect(&t, 0));
    snprintf(old, sizeof(old), "%s/%s/nginx.service", t.dir, slice);
    snprintf(fresh, sizeof(fresh), "%s/%s/fresh", t.dir, slice);
    snprintf(away, sizeof(away), "%s/away", t.dir);
    tree_put(&t, "sys/fs/cgroup/system.slice/fresh/cpu.stat", "usage_usec 6000000\n");
    ck_assert(rename(old, away) == 0 && rename(fresh, old) == 0);
    ck_assert(tree_collect(&t, 1));
    ck_assert_ptr_null(tree_find(&t, "nginx", LL_RESOURCE_CPU, ""));
    tree_put(&t, "sys/fs/cgroup/system.slice/nginx.service/cpu.stat", "usage_usec 7000000\n");
    ck_assert(tree_collect(&t, 2));
    ck_assert_double_eq_tol(tree_find(&t, "nginx", LL_RESOURCE_CPU, "")->value, 0.1, 1e-12);
}
END_TEST

START_TEST(of_many_the_busiest_are_kept)
{
    t.opts.max_cgroups = 2;
    collect_both("v2/before", "v2/after");
    ck_assert_uint_eq(services(), 2);
    ck_assert_ptr_nonnull(tree_find(&t, KUBE, LL_RESOURCE_CPU, ""));
    ck_assert_ptr_nonnull(tree_find(&t, DOCKER, LL_RESOURCE_CPU, ""));
}
END_TEST

START_TEST(they_can_be_left_out)
{
    t.opts.no_cgroups = true;
    collect_both("v2/before", "v2/after");
    ck_assert_uint_eq(services(), 0);
}
END_TEST

START_TEST(version_1_and_hybrid_are_read)
{
    collect_both("hybrid/before", "hybrid/after");
    const struct expected e[] = {
        /* 12e9 ns in 10 s of 1.5; the same path under v2 is empty and says 0 */
        {DOCKER, LL_RESOURCE_CPU, "", LL_UNIT_CORES, 1.2, 1.5, 10000, true},
        {DOCKER, LL_RESOURCE_MEMORY, "", LL_UNIT_BYTES, 50000000, 128000000, 0, true},
        {DOCKER, LL_RESOURCE_CPU, "tasks", LL_UNIT_ITEMS, 7, NAN, 0, false},
        /* no CPU accounting in v1, so v2's; memory limit 2^63 - 4096 is none */
        {"cron", LL_RESOURCE_CPU, "", LL_UNIT_CORES, 0.05, 2, 10000, true},
        {"cron", LL_RESOURCE_MEMORY, "", LL_UNIT_BYTES, 2000000, 4194304000, 0, true},
        {"cron", LL_RESOURCE_CPU, "tasks", LL_UNIT_ITEMS, 2, 4915, 0, false},
    };
    for (size_t i = 0; i < LL_LEN(e); i++)
        tree_expect(&t, &e[i]);
    ck_assert_uint_eq(services(), 2);
}
END_TEST

START_TEST(names_tell_what_a_directory_is)
{
    static const struct {
        const char *directory;
        enum ll_cgroup_kind kind;
        const char *name;
    } rows[] = {
        {"nginx.service", LL_CGROUP_SERVICE, "nginx"},
        {"getty@tty1.service", LL_CGROUP_SERVICE, "getty@tty1"},
        {"_cpu.service", LL_CGROUP_SERVICE, "cpu"},
        {".service", LL_CGROUP_INNER, ""},
        {"system.slice", LL_CGROUP_INNER, ""},
        {"docker", LL_CGROUP_INNER, ""},
        {HEX64, LL_CGROUP_CONTAINER, DOCKER},
        {"docker-" HEX64 ".scope", LL_CGROUP_CONTAINER, DOCKER},
        {"crio-" HEX64 ".scope", LL_CGROUP_CONTAINER, DOCKER},
        {"cri-containerd-" HEX64 ".scope", LL_CGROUP_CONTAINER, DOCKER},
        {"libpod-" HEX64 ".scope", LL_CGROUP_CONTAINER, DOCKER},
        {"libpod-" HEX64, LL_CGROUP_CONTAINER, DOCKER},
        {"libpod-conmon-" HEX64 ".scope", LL_CGROUP_OTHER, ""},
        {"lxc.payload.web", LL_CGROUP_CONTAINER, "web"},
        {"session-2.scope", LL_CGROUP_OTHER, ""},
        {"docker-xyz.scope", LL_CGROUP_OTHER, ""},
        {"var-lib.mount", LL_CGROUP_OTHER, ""},
    };
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        struct ll_slice name = {"", 0};
        enum ll_cgroup_kind kind = ll_cgroup_kind(ll_slice_of(rows[i].directory), &name);
        ck_assert_msg(kind == rows[i].kind, "%s is %d", rows[i].directory, kind);
        ck_assert_msg(ll_slice_is(name, rows[i].name), "%s is called %.*s", rows[i].directory,
                      (int)name.n, name.s);
    }
}
END_TEST

START_TEST(a_tree_is_walked_to_a_depth)
{
    char path[TREE_PATH] = "sys/fs/cgroup", file[TREE_PATH];
    tree_overlay(&t, "v2/before");
    for (int i = 0; i < 40; i++) {
        snprintf(path + strlen(path), sizeof(path) - strlen(path), "/a.slice");
        snprintf(file, sizeof(file), "%.3000s/deep%d.service/cpu.stat", path, i);
        tree_put(&t, file, "usage_usec 1\n");
    }
    ck_assert(tree_collect(&t, 0));
    ck_assert(tree_collect(&t, 1));
    ck_assert_ptr_nonnull(tree_find(&t, "deep0", LL_RESOURCE_CPU, ""));
    ck_assert_ptr_null(tree_find(&t, "deep30", LL_RESOURCE_CPU, ""));
}
END_TEST

START_TEST(more_units_than_are_looked_at_do_no_harm)
{
    char file[128];
    tree_overlay(&t, "v2/before");
    for (int i = 0; i < 5000; i++) {
        snprintf(file, sizeof(file), "sys/fs/cgroup/many.slice/u%d.service/pids.current", i);
        tree_put(&t, file, "1\n");
    }
    ck_assert(tree_collect(&t, 0));
    ck_assert(tree_collect(&t, 1));
    ck_assert_uint_eq(services(), 200);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("collect_cgroup");
    TCase *c = tcase_create("trees");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, version_2_units_and_containers_are_services);
    tcase_add_test(c, a_counter_that_fell_back_gives_no_rate);
    tcase_add_test(c, a_cgroup_that_is_going_away_gives_nothing);
    tcase_add_test(c, a_restarted_unit_has_no_rate_at_first);
    tcase_add_test(c, of_many_the_busiest_are_kept);
    tcase_add_test(c, they_can_be_left_out);
    tcase_add_test(c, version_1_and_hybrid_are_read);
    tcase_add_test(c, names_tell_what_a_directory_is);
    tcase_add_test(c, a_tree_is_walked_to_a_depth);
    tcase_add_test(c, more_units_than_are_looked_at_do_no_harm);
    suite_add_tcase(s, c);
    return tree_run(s);
}
