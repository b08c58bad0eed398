/* systemd units and containers as services of their own, from the cgroup tree.
 *
 * Each collection walks the directories, ranks what it found by the CPU used since the
 * last one, and reads the rest of the busiest only.  Capacity is the tightest limit on the
 * way from the root; where there is none the host's own, because that is what bounds it. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "collect/cgroup.h"
#include "collect/host.h"

enum {
    CGROUPS_DEFAULT = 200,
    DIRECTORIES_MAX = 4096, /* looked at in one collection */
    DEPTH_MAX = 12,
    ROUND_BYTES = 2 * 1024 * 1024
};

/* A unit or container of one round of readings. */
struct unit {
    const char *path, *service; /* in the round's arena */
    uint64_t inode;             /* a restarted unit has the same path and another inode */
    struct ll_cgroup_limits limits;
    uint64_t usec, read_bytes, written_bytes;
    bool has_cpu, has_io;
    double cores; /* since the last round; NaN = not known */
};

/* A directory to look into. */
struct place {
    const char *path;
    struct ll_cgroup_limits limits;
    int depth;
    bool in_service; /* only containers are of interest in there */
};

LL_VEC_DEFINE(units, struct unit)
LL_VEC_DEFINE(places, struct place)

struct round {
    struct ll_arena *arena;
    struct units units; /* by path */
    ll_time mono;
};

struct ll_cgroups {
    struct ll_cgroup_fs fs;
    size_t max;
    struct round rounds[2], *now, *before;
    struct places places;
    bool known; /* before holds a round */
};

struct ll_cgroups *ll_cgroups_new(int sys, size_t max)
{
    struct ll_cgroups *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    ll_cgroup_detect(sys, &c->fs);
    c->max = max ? max : CGROUPS_DEFAULT;
    c->now = &c->rounds[0];
    c->before = &c->rounds[1];
    c->places.cap = DIRECTORIES_MAX;
    for (size_t i = 0; i < LL_LEN(c->rounds); i++) {
        c->rounds[i].units.cap = DIRECTORIES_MAX;
        c->rounds[i].arena = ll_arena_new(ROUND_BYTES);
    }
    if (c->rounds[0].arena && c->rounds[1].arena)
        return c;
    ll_cgroups_free(c);
    return NULL;
}

void ll_cgroups_free(struct ll_cgroups *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < LL_LEN(c->rounds); i++) {
        ll_arena_free(c->rounds[i].arena);
        units_fini(&c->rounds[i].units);
    }
    places_fini(&c->places);
    free(c);
}

/* The unit's name as a service; one called like the host keeps its ending. */
static const char *service_name(struct ll_host *h, struct ll_slice name)
{
    char buf[LL_NAME_MAX + 1];
    static const char ending[] = ".service";
    if (name.n + sizeof(ending) > sizeof(buf) || !ll_utf8_valid(name.s, name.n))
        return NULL;
    memcpy(buf, name.s, name.n);
    buf[name.n] = '\0';
    if (strcmp(buf, h->opts.service) == 0)
        memcpy(buf + name.n, ending, sizeof(ending));
    return ll_arena_copy(h->cgroups->now->arena, buf, strlen(buf));
}

static void add_unit(struct ll_host *h, const char *path, struct ll_slice name, uint64_t inode,
                     const struct ll_cgroup_limits *limits)
{
    struct unit u = {.path = path,
                     .service = service_name(h, name),
                     .inode = inode,
                     .limits = *limits,
                     .cores = NAN};
    if (u.service && !units_push(&h->cgroups->now->units, u))
        return; /* more than we look at */
}

/* One child directory: a unit, a place to look into, or neither. */
static void visit(struct ll_host *h, const char *base, const struct place *parent,
                  const char *child)
{
    struct ll_cgroups *c = h->cgroups;
    char path[LL_CGROUP_PATH_MAX], full[LL_CGROUP_PATH_MAX + 64];
    struct ll_slice name = {0};
    struct stat st;
    enum ll_cgroup_kind kind = ll_cgroup_kind(ll_slice_of(child), &name);
    int n = snprintf(path, sizeof(path), "%s%s%s", parent->path, *parent->path ? "/" : "", child);
    if (n <= 0 || (size_t)n >= sizeof(path) || kind == LL_CGROUP_OTHER)
        return;
    snprintf(full, sizeof(full), "%s/%s", base, path);
    if (fstatat(c->fs.sys, full, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
        return;
    bool unit = kind == LL_CGROUP_CONTAINER || (kind == LL_CGROUP_SERVICE && !parent->in_service);
    bool inside = kind != LL_CGROUP_CONTAINER && parent->depth < DEPTH_MAX &&
                  st.st_nlink != 2; /* two links: it has no directories of its own */
    if (!unit && !inside)
        return;
    const char *kept = ll_arena_copy(c->now->arena, path, (size_t)n);
    if (!kept)
        return;
    struct place p = {.path = kept,
                      .limits = parent->limits,
                      .depth = parent->depth + 1,
                      .in_service = parent->in_service || kind == LL_CGROUP_SERVICE};
    if (unit)
        add_unit(h, kept, name, st.st_ino, &parent->limits);
    if (!inside)
        return;
    ll_cgroup_tighten(&c->fs, kept, &p.limits);
    if (!places_push(&c->places, p))
        return; /* more than we look at */
}

static void look_into(struct ll_host *h, const char *base, const struct place *p)
{
    char full[LL_CGROUP_PATH_MAX + 64];
    snprintf(full, sizeof(full), "%s/%s", base, p->path);
    int fd = openat(h->cgroups->fs.sys, full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *e;
    while ((e = readdir(dir)))
        if (e->d_name[0] != '.' && (e->d_type == DT_DIR || e->d_type == DT_UNKNOWN))
            visit(h, base, p, e->d_name);
    closedir(dir);
}

static void walk(struct ll_host *h, const char *base)
{
    struct places *places = &h->cgroups->places;
    places->n = 0;
    const struct place root = {.path = "", .limits = {INFINITY, INFINITY, INFINITY}};
    if (!places_push(places, root))
        return;
    for (size_t i = 0; i < places->n; i++) {
        struct place p = places->v[i]; /* the array may move */
        look_into(h, base, &p);
    }
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct unit *)a)->path, ((const struct unit *)b)->path);
}

/* Known CPU use first, the highest first. */
static int by_cores(const void *a, const void *b)
{
    const struct unit *const *x = a, *const *y = b;
    double p = isnan((*x)->cores) ? -1 : (*x)->cores, q = isnan((*y)->cores) ? -1 : (*y)->cores;
    return p != q ? (p < q ? 1 : -1) : strcmp((*x)->path, (*y)->path);
}

/* A cgroup appears once in each hierarchy. */
static void sort_unique(struct units *u)
{
    size_t n = 0;
    if (u->n > 1)
        qsort(u->v, u->n, sizeof(u->v[0]), by_path);
    for (size_t i = 0; i < u->n; i++)
        if (n == 0 || strcmp(u->v[n - 1].path, u->v[i].path) != 0)
            u->v[n++] = u->v[i];
    u->n = n;
}

static const struct unit *last_reading(const struct ll_cgroups *c, const struct unit *u)
{
    const struct units *b = &c->before->units;
    if (!c->known || b->n == 0)
        return NULL;
    const struct unit *x = bsearch(u, b->v, b->n, sizeof(b->v[0]), by_path);
    return x && x->inode == u->inode ? x : NULL;
}

static void measure(struct ll_host *h)
{
    struct ll_cgroups *c = h->cgroups;
    for (size_t i = 0; i < c->now->units.n; i++) {
        struct unit *u = &c->now->units.v[i];
        const struct unit *before = last_reading(c, u);
        u->has_cpu = ll_cgroup_cpu(&c->fs, u->path, &u->usec);
        if (before && before->has_cpu && u->has_cpu)
            u->cores = ll_host_rate(u->usec, before->usec, h->mono - c->before->mono) / 1e6;
    }
}

static void put(struct ll_host *h, const struct unit *u, const struct ll_host_part *given)
{
    struct ll_host_part p = *given;
    p.service = u->service;
    ll_host_put(h, &p);
}

static void put_io(struct ll_host *h, struct unit *u)
{
    struct ll_cgroups *c = h->cgroups;
    const struct unit *before = last_reading(c, u);
    ll_dur span = h->mono - c->before->mono;
    u->has_io = ll_cgroup_io(&c->fs, u->path, &u->read_bytes, &u->written_bytes);
    if (!u->has_io || !before || !before->has_io)
        return;
    struct ll_host_part p = {.type = LL_RESOURCE_DISK,
                             .unit = LL_UNIT_BYTES_PER_SECOND,
                             .suffix = "read",
                             .value = ll_host_rate(u->read_bytes, before->read_bytes, span),
                             .window = span};
    put(h, u, &p);
    p.suffix = "write";
    p.value = ll_host_rate(u->written_bytes, before->written_bytes, span);
    put(h, u, &p);
}

static void put_unit(struct ll_host *h, struct unit *u)
{
    struct ll_cgroups *c = h->cgroups;
    double bytes, tasks;
    ll_cgroup_tighten(&c->fs, u->path, &u->limits);
    put(h, u,
        &(struct ll_host_part){
            .type = LL_RESOURCE_CPU,
            .unit = LL_UNIT_CORES,
            .value = u->cores,
            .capacity = fmin(u->limits.cores, h->cpus),
            .window = h->mono - c->before->mono,
            .primary = true,
        });
    if (ll_cgroup_memory(&c->fs, u->path, &bytes))
        put(h, u,
            &(struct ll_host_part){
                .type = LL_RESOURCE_MEMORY,
                .unit = LL_UNIT_BYTES,
                .value = bytes,
                .capacity = fmin(u->limits.memory_bytes, h->memory_bytes),
                .primary = true,
            });
    if (ll_cgroup_tasks(&c->fs, u->path, &tasks))
        put(h, u,
            &(struct ll_host_part){
                .type = LL_RESOURCE_CPU,
                .unit = LL_UNIT_ITEMS,
                .suffix = "tasks",
                .value = tasks,
                .capacity = u->limits.tasks,
            });
    put_io(h, u);
}

/* Of two units with one name, the one higher in the order stands. */
static bool name_taken(struct unit *const *kept, size_t n, const char *service)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(kept[i]->service, service) == 0)
            return true;
    return false;
}

static void put_busiest(struct ll_host *h)
{
    struct ll_cgroups *c = h->cgroups;
    size_t n = c->now->units.n, kept = 0;
    struct unit **order = LL_ARENA_NEW(h->scratch, struct unit *, n);
    if (!order || n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        order[i] = &c->now->units.v[i];
    qsort(order, n, sizeof(struct unit *), by_cores);
    for (size_t i = 0; i < n && kept < c->max; i++) {
        if (name_taken(order, kept, order[i]->service))
            continue;
        order[kept] = order[i];
        put_unit(h, order[kept++]);
    }
}

bool ll_host_cgroups(struct ll_host *h)
{
    struct ll_cgroups *c = h->cgroups;
    const char *bases[LL_CGROUP_BASES_MAX];
    if (!c)
        return false;
    ll_arena_reset(c->now->arena);
    c->now->units.n = 0;
    c->now->mono = h->mono;
    for (size_t i = 0, n = ll_cgroup_bases(&c->fs, bases); i < n; i++)
        walk(h, bases[i]);
    sort_unique(&c->now->units);
    measure(h);
    put_busiest(h);
    bool any = c->now->units.n > 0;
    struct round *spare = c->before;
    c->before = c->now;
    c->now = spare;
    c->known = true;
    return any;
}
