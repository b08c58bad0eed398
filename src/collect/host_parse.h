/* The lines of kernel files as numbers: pure, one function per kind of line.
 *
 * Formats: proc(5), and Documentation/ of the kernel (admin-guide/iostats.rst,
 * filesystems/proc.rst, accounting/psi.rst).  A line that is not of the form gives
 * false, and its outputs are not to be used. */
#ifndef LL_COLLECT_HOST_PARSE_H
#define LL_COLLECT_HOST_PARSE_H

#include "base/str.h"

/* Clock ticks of one `cpu` line of /proc/stat. */
enum ll_host_tick {
    LL_HOST_TICK_USER, /* guest time is in here already */
    LL_HOST_TICK_NICE, /* and guest_nice in here */
    LL_HOST_TICK_SYSTEM,
    LL_HOST_TICK_IDLE,
    LL_HOST_TICK_IOWAIT,
    LL_HOST_TICK_IRQ,
    LL_HOST_TICK_SOFTIRQ,
    LL_HOST_TICK_STEAL,
    LL_HOST_TICK_COUNT
};

/* The line `cpu  1 2 3 4 ...` of all CPUs together. */
bool ll_host_parse_cpu(struct ll_slice line, uint64_t ticks[static LL_HOST_TICK_COUNT]);

/* A line `cpu7 ...`: that CPU is online. */
bool ll_host_parse_is_one_cpu(struct ll_slice line);

/* `MemTotal:  24684084 kB` gives the bytes when the key (without colon) is this one. */
bool ll_host_parse_meminfo(struct ll_slice line, const char *key, uint64_t *bytes);

/* One mount of mountinfo; slices into the line, point unescaped into `unescaped`. */
struct ll_host_mount {
    struct ll_slice device; /* major:minor */
    struct ll_slice point, type;
};
bool ll_host_parse_mount(struct ll_slice line, char *unescaped, size_t size,
                         struct ll_host_mount *out);

struct ll_host_disk {
    struct ll_slice name;
    uint64_t read_bytes, written_bytes, busy_ms;
};
bool ll_host_parse_disk(struct ll_slice line, struct ll_host_disk *out);

struct ll_host_interface {
    struct ll_slice name;
    uint64_t rx_bytes, tx_bytes;
};
bool ll_host_parse_interface(struct ll_slice line, struct ll_host_interface *out);

/* A default route that is up; *metric smaller = preferred. */
bool ll_host_parse_route(struct ll_slice line, struct ll_slice *interface, uint64_t *metric);
bool ll_host_parse_route6(struct ll_slice line, struct ll_slice *interface, uint64_t *metric);

/* `TCP: inuse 4 orphan 0 ...`: the number after `field` when the line is of `protocol`. */
bool ll_host_parse_sockstat(struct ll_slice line, const char *protocol, const char *field,
                            uint64_t *out);

/* `key 123` when the key is this one: memory.stat, cpu.stat. */
bool ll_host_parse_keyed(struct ll_slice line, const char *key, uint64_t *out);

/* `some avg10=1.23 ...` as a ratio, 0.0123. */
bool ll_host_parse_pressure(struct ll_slice line, double *ratio);

/* `8:0 rbytes=1 wbytes=2 rios=...`. */
bool ll_host_parse_io(struct ll_slice line, uint64_t *read_bytes, uint64_t *written_bytes);

#endif
