/* The host collector: its table of sources, in the order in which they fill the batch. */
#include "collect/host.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"

enum {
    NAMES_BYTES = 256 * 1024,
    SCRATCH_BYTES = 1024 * 1024, /* mount points of one collection */
    PATTERNS_MAX = 256
};

/* A count of files or connections above this is "unlimited" written as a number: file-max
 * is 2^63 - 1 on most systems. */
static const double absurd = 1e12;

static const struct {
    const char *name;
    bool (*collect)(struct ll_host *h);
} sources[] = {
    {"cpu", ll_host_cpu},
    {"memory", ll_host_memory},
    {"disk space", ll_host_disk_space},
    {"disk io", ll_host_disk_io},
    {"network", ll_host_network},
    {"connections", ll_host_connections},
    {"queue", ll_host_queue},
    {"pressure", ll_host_pressure},
    {"cgroups", ll_host_cgroups}, /* last: busiest first, should the batch fill up */
};

double ll_host_rate(uint64_t now, uint64_t before, ll_dur span)
{
    if (now < before || span <= 0)
        return NAN;
    return (double)(now - before) * 1000 / (double)span;
}

double ll_host_limit(double v)
{
    return v < absurd ? v : NAN;
}

void ll_host_counters_begin(struct ll_host_counters *c)
{
    c->n_now = 0;
}

const struct ll_host_counter *ll_host_counters_before(const struct ll_host_counters *c,
                                                      const char *name)
{
    for (size_t i = 0; i < c->n_before; i++)
        if (strcmp(c->before[i].name, name) == 0)
            return &c->before[i];
    return NULL;
}

const struct ll_host_counter *
ll_host_counters_note(struct ll_host_counters *c, struct ll_slice name, const uint64_t v[static 3])
{
    if (c->n_now == LL_HOST_DEVICES_MAX || name.n >= LL_HOST_DEVICE_NAME_MAX || name.n == 0)
        return NULL;
    struct ll_host_counter *x = &c->now[c->n_now++];
    memcpy(x->name, name.s, name.n);
    x->name[name.n] = '\0';
    memcpy(x->v, v, sizeof(x->v));
    return ll_host_counters_before(c, x->name);
}

void ll_host_counters_end(struct ll_host_counters *c, ll_time mono)
{
    memcpy(c->before, c->now, c->n_now * sizeof(c->now[0]));
    c->n_before = c->n_now;
    c->mono = mono;
}

/* name, a blank and suffix as one part; what is too long or not UTF-8 is made fit and told
 * apart by a hash, so that two long mount points stay two series. */
static struct ll_slice part_name(const struct ll_host_part *p, char buf[static LL_NAME_MAX + 1])
{
    size_t suffix = p->suffix ? strlen(p->suffix) : 0;
    size_t gap = suffix && p->name.n ? 1 : 0;
    char mark[10] = "";
    bool clean =
        ll_utf8_valid(p->name.s, p->name.n) && !(p->name.n && memchr(p->name.s, '\0', p->name.n));
    if (!clean || p->name.n + gap + suffix > LL_NAME_MAX) {
        static const char digits[] = "0123456789abcdef";
        uint64_t hash = ll_map_hash(0, p->name.s, p->name.n);
        mark[0] = '~';
        for (int i = 1; i <= 8; i++)
            mark[i] = digits[hash >> (4 * i) & 15];
    }
    size_t n = LL_MIN(p->name.n, LL_NAME_MAX - gap - suffix - strlen(mark));
    while (n < p->name.n && n > 0 && ((unsigned char)p->name.s[n] & 0xc0) == 0x80)
        n--; /* not in the middle of a letter */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p->name.s[i];
        buf[i] = (char)(!clean && (c >= 0x80 || c == 0) ? '?' : c);
    }
    const char *const tail[] = {mark, gap ? " " : "", p->suffix ? p->suffix : ""};
    for (size_t i = 0; i < LL_LEN(tail); i++) {
        memcpy(buf + n, tail[i], strlen(tail[i]));
        n += strlen(tail[i]);
    }
    return (struct ll_slice){buf, n};
}

void ll_host_put(struct ll_host *h, const struct ll_host_part *p)
{
    if (!isfinite(p->value) || p->value < 0)
        return;
    char buf[LL_NAME_MAX + 1];
    bool limited = p->capacity > 0 && isfinite(p->capacity);
    struct ll_sample s = {
        .key = {.service = ll_slice_of(p->service ? p->service : h->opts.service),
                .instance = ll_slice_of(h->opts.instance),
                .part = part_name(p, buf),
                .type = p->type},
        .unit = p->unit,
        .t = h->now,
        .value = p->value,
        .capacity = limited ? p->capacity : NAN,
        .max_value = NAN,
        .window = p->window,
        .primary = p->primary,
    };
    if (!ll_batch_add(h->out, &s))
        return; /* full: the caller sees out->n == out->size */
}

static void close_dir(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void host_free(struct ll_host *h)
{
    if (!h)
        return;
    close_dir(h->proc);
    close_dir(h->sys);
    close_dir(h->root);
    close_dir(h->sockdiag);
    ll_cgroups_free(h->cgroups);
    ll_arena_free(h->names);
    ll_arena_free(h->scratch);
    free(h);
}
LL_AUTO_DEFINE(ll_host, host_free)

static void host_close(struct ll_collector *c)
{
    host_free((struct ll_host *)c); /* its first member */
}

static const char *copy_text(struct ll_arena *a, const char *given, const char *otherwise)
{
    const char *z = given && *given ? given : otherwise;
    return ll_arena_copy(a, z, strlen(z));
}

static bool copy_list(struct ll_arena *a, const char *const *list, const char *const **out)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    const char **copy = n <= PATTERNS_MAX ? LL_ARENA_NEW(a, const char *, n + 1) : NULL;
    for (size_t i = 0; copy && i < n; i++) {
        copy[i] = ll_arena_copy(a, list[i], strlen(list[i]));
        if (!copy[i])
            return false;
    }
    *out = copy;
    return copy != NULL;
}

static bool copy_opts(struct ll_host *h, const struct ll_host_opts *given, struct ll_err *err)
{
    char name[LL_NAME_MAX + 1] = "";
    if (gethostname(name, sizeof(name) - 1) != 0 || !ll_utf8_valid(name, strlen(name)))
        name[0] = '\0';
    struct ll_host_opts *o = &h->opts;
    *o = *given;
    o->service = copy_text(h->names, given->service, LL_HOST_SERVICE);
    o->instance = copy_text(h->names, given->instance, *name ? name : "localhost");
    o->procfs = copy_text(h->names, given->procfs, "/proc");
    o->sysfs = copy_text(h->names, given->sysfs, "/sys");
    o->rootfs = copy_text(h->names, given->rootfs, "/");
    if (!o->service || !o->instance || !o->procfs || !o->sysfs || !o->rootfs ||
        !copy_list(h->names, given->ignore_mounts, &o->ignore_mounts) ||
        !copy_list(h->names, given->ignore_devices, &o->ignore_devices))
        return ll_err_set(err, LL_E_MEMORY, "the options of the host collector need too much");
    return true;
}

static int open_dir(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool host_open(const void *opts, struct ll_collector **out, struct ll_err *err)
{
    static const struct ll_host_opts defaults;
    LL_AUTO(ll_host) h = calloc(1, sizeof(*h));
    if (!h)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the host collector");
    h->base.ops = &ll_collector_host;
    h->proc = h->sys = h->root = h->sockdiag = h->reader.fd = -1;
    h->names = ll_arena_new(NAMES_BYTES);
    h->scratch = ll_arena_new(SCRATCH_BYTES);
    if (!h->names || !h->scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the host collector");
    if (!copy_opts(h, opts ? opts : &defaults, err))
        return false;
    h->proc = open_dir(h->opts.procfs);
    if (h->proc < 0)
        return ll_err_set(err, LL_E_NOT_FOUND, "'%s' is not a directory that can be read",
                          h->opts.procfs);
    h->sys = open_dir(h->opts.sysfs);
    h->root = open_dir(h->opts.rootfs);
    h->ticks_per_second = (double)sysconf(_SC_CLK_TCK);
    h->page_bytes = (double)sysconf(_SC_PAGESIZE);
    if (strcmp(h->opts.procfs, "/proc") == 0) /* a socket asks the running kernel, not a tree */
        h->sockdiag = ll_sockdiag_open();
    if (!h->opts.no_cgroups && h->sys >= 0)
        h->cgroups = ll_cgroups_new(h->sys, h->opts.max_cgroups);
    *out = &h->base;
    h = NULL;
    return true;
}

static bool host_collect(struct ll_collector *c, ll_time now, ll_time mono, struct ll_batch *out,
                         struct ll_err *err)
{
    struct ll_host *h = (struct ll_host *)c;
    h->now = now;
    h->mono = mono;
    h->out = out;
    h->cpus = h->memory_bytes = NAN;
    bool any = false;
    for (size_t i = 0; i < LL_LEN(sources); i++) {
        ll_arena_reset(h->scratch);
        any |= sources[i].collect(h);
    }
    h->out = NULL;
    return any || ll_err_set(err, LL_E_IO, "nothing can be read under '%s'", h->opts.procfs);
}

const struct ll_collector_ops ll_collector_host = {
    .name = "host",
    .doc = "this host: CPU, memory, disks, network, connections, queues, units and containers",
    .open = host_open,
    .close = host_close,
    .collect = host_collect,
};
