/* Inside the host collector: what its sources share.
 *
 * Each source reads its files, hands out samples through ll_host_put and keeps in its
 * own state what the next rates start from. */
#ifndef LL_COLLECT_HOST_H
#define LL_COLLECT_HOST_H

#include "collect/collect.h"
#include "collect/host_parse.h"
#include "collect/procfs.h"
#include "collect/sockdiag.h"

enum {
    LL_HOST_DEVICES_MAX = 64, /* disks, and as many interfaces */
    LL_HOST_MOUNTS_MAX = 64,
    LL_HOST_DEVICE_NAME_MAX = 32 /* with the NUL */
};

/* One sample in the making; what is left out is not known or does not apply. */
struct ll_host_part {
    const char *service; /* NULL = the host itself */
    enum ll_resource_type type;
    enum ll_unit unit;
    struct ll_slice name; /* free text of the machine: a mount point, a device; may be empty */
    const char *suffix;   /* our own word behind it; NULL = none */
    double value;         /* not finite or negative = not known: no sample */
    double capacity;      /* not finite or <= 0 = not known */
    ll_dur window;
    bool primary;
};

/* Last reading of one named device. */
struct ll_host_counter {
    char name[LL_HOST_DEVICE_NAME_MAX];
    uint64_t v[3];
};

/* Last readings of all devices of a kind, and the ones being taken. */
struct ll_host_counters {
    struct ll_host_counter before[LL_HOST_DEVICES_MAX], now[LL_HOST_DEVICES_MAX];
    size_t n_before, n_now;
    ll_time mono; /* of before */
};

struct ll_host_speed {
    char name[LL_HOST_DEVICE_NAME_MAX];
    double bytes_per_second; /* NaN = not known */
    ll_time mono;            /* when it was read */
};

struct ll_cgroups;                                      /* of host_cgroups.c */
struct ll_cgroups *ll_cgroups_new(int sys, size_t max); /* NULL without memory; 0 = 200 */
void ll_cgroups_free(struct ll_cgroups *c);

struct ll_host {
    struct ll_collector base;
    struct ll_host_opts opts; /* strings in `names` */
    struct ll_arena *names, *scratch;
    int proc, sys, root; /* directories; -1 = none */
    double ticks_per_second, page_bytes;
    struct ll_procfs_reader reader;

    /* This collection. */
    ll_time now, mono;
    struct ll_batch *out;
    double cpus, memory_bytes; /* NaN = not known: limits of what runs here */

    /* What the next rates start from. */
    struct {
        bool known;
        ll_time mono;
        size_t online;
        uint64_t ticks[LL_HOST_TICK_COUNT];
    } cpu;
    struct {
        bool known;
        ll_time mono;
        uint64_t overflows;
    } listen;
    struct ll_host_counters disks, interfaces;
    struct ll_host_speed speeds[LL_HOST_DEVICES_MAX];
    size_t n_speeds;
    bool tracks_connections; /* conntrack has been seen at work */
    int sockdiag;            /* netlink socket, -1 = not permitted or a recorded tree */
    bool listen_primary;
    struct ll_cgroups *cgroups;
};

void ll_host_put(struct ll_host *h, const struct ll_host_part *p);

/* Per second; NaN when there is no span or the counter went backwards (reset, replaced, wrapped).
 */
double ll_host_rate(uint64_t now, uint64_t before, ll_dur span);

/* v cut to max; unlike fmin, what is not known stays not known. */
static inline double ll_host_at_most(double v, double max)
{
    return v > max ? max : v;
}

/* The number, or NaN where it is so large that it limits nobody. */
double ll_host_limit(double v);

/* A new round of readings: begin, one note per device, end.  before and note give the
 * device's last reading, NULL for a new one; note also for a name too long or one too many. */
void ll_host_counters_begin(struct ll_host_counters *c);
const struct ll_host_counter *
ll_host_counters_note(struct ll_host_counters *c, struct ll_slice name, const uint64_t v[static 3]);
const struct ll_host_counter *ll_host_counters_before(const struct ll_host_counters *c,
                                                      const char *name);
void ll_host_counters_end(struct ll_host_counters *c, ll_time mono);

/* The sources: false when nothing could be read. */
bool ll_host_cpu(struct ll_host *h);
bool ll_host_memory(struct ll_host *h);
bool ll_host_disk_space(struct ll_host *h);
bool ll_host_disk_io(struct ll_host *h);
bool ll_host_network(struct ll_host *h);
bool ll_host_connections(struct ll_host *h);
bool ll_host_queue(struct ll_host *h);
bool ll_host_pressure(struct ll_host *h);
bool ll_host_cgroups(struct ll_host *h);

#endif
