/* Collectors: adapters that turn something outside into samples.
 *
 * One table of functions per kind.  A collector is used by one thread.  It reads no
 * clock: `now` is an argument, and rates come from the difference to its own last
 * reading (so the first call yields no rates).  A source that cannot be read yields
 * nothing for its series, never zero; the other sources go on. */
#ifndef LL_COLLECT_COLLECT_H
#define LL_COLLECT_COLLECT_H

#include "core/sample.h"

struct ll_collector {
    const struct ll_collector_ops *ops;
};

/* Options of the host collector; zero = default.  Lists end with NULL; patterns are
 * shell globs (fnmatch). */
struct ll_host_opts {
    const char *service;                /* default "host" */
    const char *instance;               /* default: the host name */
    const char *procfs, *sysfs;         /* default "/proc", "/sys"; recorded trees in tests */
    const char *rootfs;                 /* default "/": where mount points are looked up */
    const char *const *ignore_mounts;   /* mount points left out */
    const char *const *ignore_devices;  /* network interfaces left out */
    double link_speed_bytes_per_second; /* for interfaces that do not tell; 0 = not known */
    bool no_cgroups;                    /* leave systemd units and containers out */
    size_t max_cgroups;                 /* 0 = 200; the busiest are kept */
};

struct ll_collector_ops {
    const char *name, *doc;
    bool (*open)(const void *opts, struct ll_collector **out, struct ll_err *err);
    void (*close)(struct ll_collector *c);

    /* Appends samples of time `now` (mono: a clock that does not step, for rates).  False when
     * nothing at all could be read; *err then says what. */
    bool (*collect)(struct ll_collector *c, ll_time now, ll_time mono, struct ll_batch *out,
                    struct ll_err *err);

    /* What the last collection could not see, and why; "" = nothing.  NULL = it never says. */
    const char *(*note)(const struct ll_collector *c);
};

/* All kinds, alphabetical; NULL ends. */
extern const struct ll_collector_ops *const ll_collectors[];
extern const struct ll_collector_ops ll_collector_host; /* opts: struct ll_host_opts */

#endif
