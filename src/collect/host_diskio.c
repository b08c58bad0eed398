/* Disk traffic from /proc/diskstats, whole disks only.
 *
 * "DEVICE busy" is the share of time with at least one request in flight; a disk that
 * serves many at once can take more at 100 %, so it is an early sign and not the end. */
#include <fcntl.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collect/host.h"

/* Devices stacked on others (their disks are counted), memory, and removable media. */
static const char *const skipped[] = {"dm-*", "fd[0-9]*", "loop*", "md*", "ram*", "sr*", "zram*"};

/* A partition has no directory of its own in /sys/block. */
static bool is_whole_disk(const struct ll_host *h, struct ll_slice name)
{
    char z[LL_HOST_DEVICE_NAME_MAX], path[64];
    if (name.n >= sizeof(z))
        return false;
    memcpy(z, name.s, name.n);
    z[name.n] = '\0';
    for (size_t i = 0; i < LL_LEN(skipped); i++)
        if (fnmatch(skipped[i], z, 0) == 0)
            return false;
    for (char *c = z; *c; c++)
        if (*c == '/') /* cciss/c0d0 is cciss!c0d0 in sysfs */
            *c = '!';
    uint64_t sectors;
    snprintf(path, sizeof(path), "block/%s/size", z);
    return h->sys >= 0 && ll_procfs_read_count(h->sys, path, &sectors) && sectors > 0;
}

static void put_disk(struct ll_host *h, const struct ll_host_disk *d,
                     const struct ll_host_counter *before)
{
    ll_dur span = h->mono - h->disks.mono;
    const struct {
        const char *suffix;
        enum ll_unit unit;
        double value, capacity;
    } parts[] = {
        /* Milliseconds per second / 1000; the kernel rounds, so at most 1. */
        {"busy", LL_UNIT_RATIO,
         ll_host_at_most(ll_host_rate(d->busy_ms, before->v[0], span) / 1000, 1), 1},
        {"read", LL_UNIT_BYTES_PER_SECOND, ll_host_rate(d->read_bytes, before->v[1], span), NAN},
        {"write", LL_UNIT_BYTES_PER_SECOND, ll_host_rate(d->written_bytes, before->v[2], span),
         NAN},
    };
    for (size_t i = 0; i < LL_LEN(parts); i++)
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_DISK,
                           .unit = parts[i].unit,
                           .name = d->name,
                           .suffix = parts[i].suffix,
                           .value = parts[i].value,
                           .capacity = parts[i].capacity,
                           .window = span,
                       });
}

bool ll_host_disk_io(struct ll_host *h)
{
    struct ll_host_disk d;
    struct ll_slice line;
    if (!ll_procfs_open(&h->reader, h->proc, "diskstats"))
        return false;
    ll_host_counters_begin(&h->disks);
    while (ll_procfs_next(&h->reader, &line)) {
        if (!ll_host_parse_disk(line, &d) || !is_whole_disk(h, d.name))
            continue;
        const struct ll_host_counter *before = ll_host_counters_note(
            &h->disks, d.name, (const uint64_t[]){d.busy_ms, d.read_bytes, d.written_bytes});
        if (before)
            put_disk(h, &d, before);
    }
    ll_procfs_close(&h->reader);
    bool any = h->disks.n_now > 0;
    ll_host_counters_end(&h->disks, h->mono);
    return any;
}
