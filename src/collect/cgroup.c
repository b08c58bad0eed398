/* Kernel: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/{memory,pids,cpuacct}.rst. */
#include "collect/cgroup.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collect/host_parse.h"
#include "collect/procfs.h"

static const char *first_there(int sys, const char *const *paths, size_t n)
{
    struct stat st;
    for (size_t i = 0; i < n; i++)
        if (fstatat(sys, paths[i], &st, 0) == 0)
            return paths[i];
    return NULL;
}

static const char *v1(int sys, const char *plain, const char *joint)
{
    const char *const paths[] = {plain, joint};
    return first_there(sys, paths, joint ? 2 : 1);
}

void ll_cgroup_detect(int sys, struct ll_cgroup_fs *out)
{
    static const char *const pure = "fs/cgroup/cgroup.controllers";
    static const char *const hybrid = "fs/cgroup/unified/cgroup.controllers";
    *out = (struct ll_cgroup_fs){.sys = sys};
    if (first_there(sys, &pure, 1)) {
        out->unified = "fs/cgroup";
        return;
    }
    if (first_there(sys, &hybrid, 1))
        out->unified = "fs/cgroup/unified";
    out->cpu = v1(sys, "fs/cgroup/cpu", "fs/cgroup/cpu,cpuacct");
    out->cpuacct = v1(sys, "fs/cgroup/cpuacct", "fs/cgroup/cpu,cpuacct");
    out->memory = v1(sys, "fs/cgroup/memory", NULL);
    out->pids = v1(sys, "fs/cgroup/pids", NULL);
}

size_t ll_cgroup_bases(const struct ll_cgroup_fs *fs, const char *out[static LL_CGROUP_BASES_MAX])
{
    const char *const all[] = {fs->unified, fs->memory, fs->cpuacct, fs->cpu, fs->pids};
    size_t n = 0;
    for (size_t i = 0; i < LL_LEN(all); i++)
        if (all[i])
            out[n++] = all[i];
    return n;
}

/* base/path/file; false when the hierarchy is not there. */
static bool join(const char *base, const char *path, const char *file, char *out, size_t size)
{
    if (!base)
        return false;
    int n = snprintf(out, size, "%s/%s%s%s", base, path, *path ? "/" : "", file);
    return n > 0 && (size_t)n < size;
}

enum { FILE_PATH_MAX = LL_CGROUP_PATH_MAX + 64 };

static bool read_text(const struct ll_cgroup_fs *fs, const char *base, const char *path,
                      const char *file, char buf[static LL_PROCFS_SMALL_MAX], struct ll_slice *line)
{
    char full[FILE_PATH_MAX];
    return join(base, path, file, full, sizeof(full)) &&
           ll_procfs_read_small(fs->sys, full, buf, line);
}

static bool read_number(const struct ll_cgroup_fs *fs, const char *base, const char *path,
                        const char *file, uint64_t *out)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    return read_text(fs, base, path, file, buf, &line) && ll_procfs_count(line, out);
}

static bool read_keyed(const struct ll_cgroup_fs *fs, const char *base, const char *path,
                       const char *file, const char *key, uint64_t *out)
{
    char full[FILE_PATH_MAX];
    struct ll_procfs_reader r;
    struct ll_slice line;
    bool found = false;
    if (!join(base, path, file, full, sizeof(full)) || !ll_procfs_open(&r, fs->sys, full))
        return false;
    while (!found && ll_procfs_next(&r, &line))
        found = ll_host_parse_keyed(line, key, out);
    ll_procfs_close(&r);
    return found;
}

/* A limit file holds a number or "max". */
static void tighten(double *limit, const struct ll_cgroup_fs *fs, const char *base,
                    const char *path, const char *file)
{
    uint64_t v;
    if (read_number(fs, base, path, file, &v))
        *limit = fmin(*limit, (double)v);
}

/* Version 2: `200000 100000` or `max 100000`; version 1: two files, quota -1 = none. */
static void tighten_cores(double *limit, const struct ll_cgroup_fs *fs, const char *path)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    uint64_t quota, period;
    if (read_text(fs, fs->unified, path, "cpu.max", buf, &line)) {
        uint64_t v[2];
        if (ll_procfs_counts(&line, v, 2) && v[1] > 0)
            *limit = fmin(*limit, (double)v[0] / (double)v[1]);
    } else if (read_number(fs, fs->cpu, path, "cpu.cfs_quota_us", &quota) &&
               read_number(fs, fs->cpu, path, "cpu.cfs_period_us", &period) && period > 0) {
        *limit = fmin(*limit, (double)quota / (double)period);
    }
}

void ll_cgroup_tighten(const struct ll_cgroup_fs *fs, const char *path,
                       struct ll_cgroup_limits *limits)
{
    tighten_cores(&limits->cores, fs, path);
    tighten(&limits->memory_bytes, fs, fs->unified, path, "memory.max");
    tighten(&limits->memory_bytes, fs, fs->memory, path, "memory.limit_in_bytes");
    tighten(&limits->tasks, fs, fs->unified, path, "pids.max");
    tighten(&limits->tasks, fs, fs->pids, path, "pids.max");
}

bool ll_cgroup_cpu(const struct ll_cgroup_fs *fs, const char *path, uint64_t *usec)
{
    uint64_t nanoseconds;
    /* Version 1 first: in a hybrid the same path under v2 may be empty and say 0. */
    if (!read_number(fs, fs->cpuacct, path, "cpuacct.usage", &nanoseconds))
        return read_keyed(fs, fs->unified, path, "cpu.stat", "usage_usec", usec);
    *usec = nanoseconds / 1000;
    return true;
}

bool ll_cgroup_memory(const struct ll_cgroup_fs *fs, const char *path, double *bytes)
{
    uint64_t used, cache;
    bool v2 = read_number(fs, fs->unified, path, "memory.current", &used);
    if (v2 ? !read_keyed(fs, fs->unified, path, "memory.stat", "inactive_file", &cache)
           : !read_number(fs, fs->memory, path, "memory.usage_in_bytes", &used) ||
                 !read_keyed(fs, fs->memory, path, "memory.stat", "total_inactive_file", &cache))
        return false;
    *bytes = used > cache ? (double)(used - cache) : 0; /* read one after the other */
    return true;
}

bool ll_cgroup_tasks(const struct ll_cgroup_fs *fs, const char *path, double *tasks)
{
    uint64_t v;
    if (!read_number(fs, fs->unified, path, "pids.current", &v) &&
        !read_number(fs, fs->pids, path, "pids.current", &v))
        return false;
    *tasks = (double)v;
    return true;
}

bool ll_cgroup_io(const struct ll_cgroup_fs *fs, const char *path, uint64_t *read_bytes,
                  uint64_t *written_bytes)
{
    char full[FILE_PATH_MAX];
    struct ll_procfs_reader r;
    struct ll_slice line;
    uint64_t in, out;
    if (!join(fs->unified, path, "io.stat", full, sizeof(full)) ||
        !ll_procfs_open(&r, fs->sys, full))
        return false;
    *read_bytes = *written_bytes = 0; /* an empty file: it has done none */
    while (ll_procfs_next(&r, &line))
        if (ll_host_parse_io(line, &in, &out)) {
            *read_bytes += in;
            *written_bytes += out;
        }
    ll_procfs_close(&r);
    return true;
}

static bool ends(struct ll_slice s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n > n && memcmp(s.s + s.n - n, suffix, n) == 0;
}

static struct ll_slice without_end(struct ll_slice s, size_t n)
{
    return (struct ll_slice){s.s, s.n - n};
}

static bool starts_with(struct ll_slice s, const char *prefix, struct ll_slice *rest)
{
    size_t n = strlen(prefix);
    if (s.n <= n || memcmp(s.s, prefix, n) != 0)
        return false;
    *rest = (struct ll_slice){s.s + n, s.n - n};
    return true;
}

enum { ID_LENGTH = 64, ID_SHOWN = 12 };

static bool is_id(struct ll_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.s[i] && strchr("0123456789abcdef", s.s[i])))
            return false;
    return s.n == ID_LENGTH;
}

/* Scopes of container runtimes under systemd; the bare id is their cgroupfs driver. */
static const char *const id_prefixes[] = {"docker-", "libpod-", "cri-containerd-", "crio-", ""};
static const char *const name_prefixes[] = {"lxc.payload."};

static bool is_container(struct ll_slice s, struct ll_slice *name)
{
    struct ll_slice id;
    for (size_t i = 0; i < LL_LEN(name_prefixes); i++)
        if (starts_with(s, name_prefixes[i], name))
            return true;
    if (ends(s, ".scope"))
        s = without_end(s, strlen(".scope"));
    for (size_t i = 0; i < LL_LEN(id_prefixes); i++)
        if (starts_with(s, id_prefixes[i], &id) && is_id(id)) {
            *name = (struct ll_slice){id.s, ID_SHOWN};
            return true;
        }
    return false;
}

enum ll_cgroup_kind ll_cgroup_kind(struct ll_slice directory, struct ll_slice *name)
{
    struct ll_slice s = directory;
    if (s.n > 1 && s.s[0] == '_') /* systemd's escape for names that look like ours */
        s = (struct ll_slice){s.s + 1, s.n - 1};
    if (is_container(s, name))
        return LL_CGROUP_CONTAINER;
    if (ends(s, ".service")) {
        *name = without_end(s, strlen(".service"));
        return LL_CGROUP_SERVICE;
    }
    return ends(s, ".scope") || ends(s, ".mount") || ends(s, ".socket") || ends(s, ".swap")
               ? LL_CGROUP_OTHER
               : LL_CGROUP_INNER;
}
