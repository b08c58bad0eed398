/* Connections against the limits that refuse new ones.
 *
 * "tcp" stands for the resource: TCP sockets in use, IPv4 and IPv6, as sockstat counts
 * them.  What bounds it is the smaller of the open files the kernel allows (each socket is
 * one) and, once the connection tracker has been seen at work, its table, which drops the
 * packets of connections beyond it.  systemd lifts file-max to 2^63 - 1; that limits
 * nobody, and then the capacity is not known rather than guessed. */
#include <math.h>

#include "collect/host.h"

static double read_number(const struct ll_host *h, const char *path)
{
    uint64_t v;
    return ll_procfs_read_count(h->proc, path, &v) ? (double)v : NAN;
}

/* The number of a field of the one line that is of the protocol, NaN when not there. */
static double read_sockstat(struct ll_host *h, const char *path, const char *protocol,
                            const char *field)
{
    struct ll_slice line;
    uint64_t v;
    double found = NAN;
    if (!ll_procfs_open(&h->reader, h->proc, path))
        return NAN;
    while (isnan(found) && ll_procfs_next(&h->reader, &line))
        if (ll_host_parse_sockstat(line, protocol, field, &v))
            found = (double)v;
    ll_procfs_close(&h->reader);
    return found;
}

/* allocated, unused (0 since 2.6), maximum. */
static double put_files(struct ll_host *h)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    uint64_t v[3];
    if (!ll_procfs_read_small(h->proc, "sys/fs/file-nr", buf, &line) ||
        !ll_procfs_counts(&line, v, LL_LEN(v)) || v[0] < v[1])
        return NAN;
    double limit = ll_host_limit((double)v[2]);
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_CONNECTIONS,
                       .unit = LL_UNIT_FILES,
                       .suffix = "files",
                       .value = (double)(v[0] - v[1]),
                       .capacity = limit,
                   });
    return limit;
}

/* A table that was never used bounds nothing: the module is often there without a rule. */
static double put_tracked(struct ll_host *h)
{
    double count = read_number(h, "sys/net/netfilter/nf_conntrack_count");
    double max = ll_host_limit(read_number(h, "sys/net/netfilter/nf_conntrack_max"));
    h->tracks_connections |= count > 0;
    if (!h->tracks_connections)
        return NAN;
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_CONNECTIONS,
                       .unit = LL_UNIT_CONNECTIONS,
                       .suffix = "conntrack",
                       .value = count,
                       .capacity = max,
                   });
    return max;
}

/* Beyond the third number of tcp_mem, in pages, TCP gets no more memory at all. */
static void put_memory(struct ll_host *h)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    uint64_t v[3];
    if (!ll_procfs_read_small(h->proc, "sys/net/ipv4/tcp_mem", buf, &line) ||
        !ll_procfs_counts(&line, v, LL_LEN(v)))
        return;
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_CONNECTIONS,
                       .unit = LL_UNIT_BYTES,
                       .suffix = "tcp memory",
                       .value = read_sockstat(h, "net/sockstat", "TCP", "mem") * h->page_bytes,
                       .capacity = (double)v[2] * h->page_bytes,
                   });
}

bool ll_host_connections(struct ll_host *h)
{
    double files = put_files(h), tracked = put_tracked(h);
    put_memory(h);
    double four = read_sockstat(h, "net/sockstat", "TCP", "inuse");
    double six = read_sockstat(h, "net/sockstat6", "TCP6", "inuse");
    if (isnan(four))
        return false;
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_CONNECTIONS,
                       .unit = LL_UNIT_CONNECTIONS,
                       .suffix = "tcp",
                       .value = four + (isnan(six) ? 0 : six), /* no file: no IPv6 in this kernel */
                       .capacity = fmin(files, tracked),       /* the one known, or the smaller */
                       .primary = true,
                   });
    return true;
}
