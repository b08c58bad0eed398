/* One cgroup's use and limits, whichever hierarchy tells: version 2, version 1, or both
 * side by side (systemd's hybrid: v1 controllers, and v2 at /sys/fs/cgroup/unified).
 *
 * A path is relative to the root of every hierarchy, "" or "system.slice/nginx.service".
 * Files of a cgroup that is going away are missing: that is no data. */
#ifndef LL_COLLECT_CGROUP_H
#define LL_COLLECT_CGROUP_H

#include "base/str.h"

enum { LL_CGROUP_PATH_MAX = 1024, LL_CGROUP_BASES_MAX = 5 };

/* Where the hierarchies are, relative to /sys; NULL = not there. */
struct ll_cgroup_fs {
    int sys;
    const char *unified, *cpu, *cpuacct, *memory, *pids;
};

void ll_cgroup_detect(int sys, struct ll_cgroup_fs *out);

/* Each tree a cgroup may appear in; returns how many. */
size_t ll_cgroup_bases(const struct ll_cgroup_fs *fs, const char *out[static LL_CGROUP_BASES_MAX]);

/* The tightest limits from the root to a cgroup; INFINITY = none. */
struct ll_cgroup_limits {
    double cores, memory_bytes, tasks;
};

/* Lowers *limits to the cgroup's own. */
void ll_cgroup_tighten(const struct ll_cgroup_fs *fs, const char *path,
                       struct ll_cgroup_limits *limits);

/* CPU time used so far in microseconds. */
LL_MUST_USE bool ll_cgroup_cpu(const struct ll_cgroup_fs *fs, const char *path, uint64_t *usec);

/* Bytes in use without page cache that can be dropped at once (inactive_file). */
LL_MUST_USE bool ll_cgroup_memory(const struct ll_cgroup_fs *fs, const char *path, double *bytes);
LL_MUST_USE bool ll_cgroup_tasks(const struct ll_cgroup_fs *fs, const char *path, double *tasks);

/* Bytes so far, all devices; version 2 only. */
LL_MUST_USE bool ll_cgroup_io(const struct ll_cgroup_fs *fs, const char *path, uint64_t *read_bytes,
                              uint64_t *written_bytes);

/* What a directory of the tree is, by its name. */
enum ll_cgroup_kind {
    LL_CGROUP_INNER,     /* a slice or the like: look inside */
    LL_CGROUP_SERVICE,   /* nginx.service; its name is "nginx" */
    LL_CGROUP_CONTAINER, /* docker-<64 hex>.scope, .../<64 hex>, lxc.payload.web: 12 hex, "web" */
    LL_CGROUP_OTHER      /* a login session, a helper: not looked at */
};
enum ll_cgroup_kind ll_cgroup_kind(struct ll_slice directory, struct ll_slice *name);

#endif
