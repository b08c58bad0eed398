/* Traffic per interface and direction from /proc/net/dev, against the link's speed.
 *
 * The interface of the default route stands for the host: what leaves and enters the
 * machine goes through it, and what runs behind bridges and tunnels is seen there too. */
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collect/host.h"

/* Traffic of these is seen again on the interface that carries it. */
static const char *const virtual_names[] = {
    "br-*",     "bridge[0-9]*", "cali*",   "cilium*", "cni*",   "docker*", "dummy*",
    "flannel*", "gre*",         "gretap*", "ifb*",    "ip6*",   "kube-*",  "lxc*",
    "lxdbr*",   "nodelocaldns", "podman*", "sit*",    "tap*",   "tun*",    "tunl*",
    "veth*",    "virbr*",       "vnet*",   "vxlan*",  "weave*", "wg*",
};

enum { NAME_SIZE = LL_HOST_DEVICE_NAME_MAX };

static bool matches(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fnmatch(list[i], name, 0) == 0)
            return true;
    return false;
}

static bool ignored(const struct ll_host *h, const char *name)
{
    size_t n = 0;
    while (h->opts.ignore_devices[n])
        n++;
    return strcmp(name, "lo") == 0 || matches(name, h->opts.ignore_devices, n);
}

/* "unknown" is what tunnels and many virtual cards say while they work. */
static bool is_down(const struct ll_host *h, const char *name)
{
    char path[64], buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice state;
    snprintf(path, sizeof(path), "class/net/%s/operstate", name);
    if (h->sys < 0 || !ll_procfs_read_small(h->sys, path, buf, &state))
        return false;
    return !ll_slice_is(state, "up") && !ll_slice_is(state, "unknown");
}

typedef bool route_parser(struct ll_slice line, struct ll_slice *interface, uint64_t *metric);

static bool read_route(struct ll_host *h, const char *path, route_parser *parse,
                       char name[static NAME_SIZE])
{
    uint64_t metric, least = UINT64_MAX;
    struct ll_slice line, interface;
    bool found = false;
    if (!ll_procfs_open(&h->reader, h->proc, path))
        return false;
    while (ll_procfs_next(&h->reader, &line)) {
        if (!parse(line, &interface, &metric) || metric >= least || interface.n >= NAME_SIZE)
            continue;
        memcpy(name, interface.s, interface.n);
        name[interface.n] = '\0';
        least = metric;
        found = true;
    }
    ll_procfs_close(&h->reader);
    return found;
}

static void find_default(struct ll_host *h, char name[static NAME_SIZE])
{
    name[0] = '\0';
    if (!read_route(h, "net/route", ll_host_parse_route, name) &&
        !read_route(h, "net/ipv6_route", ll_host_parse_route6, name))
        name[0] = '\0';
}

/* Megabits of 10^6; -1 or an error where the link does not say.  Asking takes a lock in the
 * kernel and is slow on some cards, so an answer is good for a minute. */
static double link_speed(struct ll_host *h, const char *name)
{
    struct ll_host_speed *s = NULL;
    for (size_t i = 0; i < h->n_speeds && !s; i++)
        if (strcmp(h->speeds[i].name, name) == 0)
            s = &h->speeds[i];
    if (s && h->mono >= s->mono && h->mono - s->mono < LL_MINUTE)
        return s->bytes_per_second;
    char path[64];
    uint64_t megabits;
    snprintf(path, sizeof(path), "class/net/%s/speed", name);
    double speed = NAN;
    if (h->sys >= 0 && ll_procfs_read_count(h->sys, path, &megabits) && megabits > 0 &&
        megabits < UINT32_MAX) /* SPEED_UNKNOWN, unsigned */
        speed = (double)megabits * 1e6 / 8;
    if (!s)
        s = &h->speeds[h->n_speeds < LL_HOST_DEVICES_MAX ? h->n_speeds++ : 0];
    snprintf(s->name, sizeof(s->name), "%s", name);
    s->bytes_per_second = speed;
    s->mono = h->mono;
    return speed;
}

static void put_interface(struct ll_host *h, const struct ll_host_counter *now,
                          const struct ll_host_counter *before, bool primary)
{
    double speed = link_speed(h, now->name);
    ll_dur span = h->mono - h->interfaces.mono;
    static const char *const directions[] = {"rx", "tx"};
    for (size_t i = 0; i < LL_LEN(directions); i++)
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_NETWORK,
                           .unit = LL_UNIT_BYTES_PER_SECOND,
                           .name = ll_slice_of(now->name),
                           .suffix = directions[i],
                           .value = ll_host_rate(now->v[i], before->v[i], span),
                           .capacity = speed > 0 ? speed : h->opts.link_speed_bytes_per_second,
                           .window = span,
                           .primary = primary && i == 0,
                       });
}

/* Notes the interfaces worth watching; false when the file cannot be read. */
static bool note_interfaces(struct ll_host *h, const char *route, bool virtual_too)
{
    struct ll_host_interface f;
    struct ll_slice line;
    if (!ll_procfs_open(&h->reader, h->proc, "net/dev"))
        return false;
    ll_host_counters_begin(&h->interfaces);
    while (ll_procfs_next(&h->reader, &line)) {
        char name[NAME_SIZE];
        if (!ll_host_parse_interface(line, &f) || f.name.n >= sizeof(name))
            continue;
        memcpy(name, f.name.s, f.name.n);
        name[f.name.n] = '\0';
        bool through = strcmp(name, route) == 0;
        bool seen_elsewhere = !through && matches(name, virtual_names, LL_LEN(virtual_names));
        if (ignored(h, name) || (seen_elsewhere && !virtual_too) || is_down(h, name))
            continue;
        (void)ll_host_counters_note(&h->interfaces, f.name,
                                    (const uint64_t[]){f.rx_bytes, f.tx_bytes, 0});
    }
    ll_procfs_close(&h->reader);
    return true;
}

/* The one of the default route, else the first by name. */
static size_t primary_of(const struct ll_host_counters *c, const char *route)
{
    size_t primary = 0;
    for (size_t i = 0; i < c->n_now; i++) {
        if (strcmp(c->now[i].name, route) == 0)
            return i;
        if (strcmp(c->now[i].name, c->now[primary].name) < 0)
            primary = i;
    }
    return primary;
}

bool ll_host_network(struct ll_host *h)
{
    char route[NAME_SIZE];
    struct ll_host_counters *c = &h->interfaces;
    find_default(h, route);
    if (!note_interfaces(h, route, false) || (c->n_now == 0 && !note_interfaces(h, route, true)))
        return false;
    size_t primary = primary_of(c, route);
    for (size_t i = 0; i < c->n_now; i++) {
        const struct ll_host_counter *before = ll_host_counters_before(c, c->now[i].name);
        if (before)
            put_interface(h, &c->now[i], before, i == primary);
    }
    bool any = c->n_now > 0;
    ll_host_counters_end(c, h->mono);
    return any;
}
