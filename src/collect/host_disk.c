/* Disk space per mounted filesystem, as df counts it: used against used + available to
 * users, so that the share reserved for root is not capacity.
 *
 * statvfs of a dead server blocks for ever.  Only filesystem types of this list, which
 * live on this machine, are asked, and none whose path leads through a network, FUSE or
 * automount directory. */
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "collect/host.h"

/* Not here on purpose: tmpfs (memory, counted there), squashfs and iso9660 (always full),
 * overlay (the disk below is counted) but for "/". */
static const char *const local_types[] = {
    "bcachefs", "btrfs", "exfat", "ext2",     "ext3",  "ext4", "f2fs", "hfsplus", "jfs", "msdos",
    "nilfs2",   "ntfs",  "ntfs3", "reiserfs", "ubifs", "udf",  "vfat", "xfs",     "zfs",
};

static const char *const waiting_types[] = {
    "9p",   "afs",    "autofs",  "beegfs",   "ceph",      "cifs",  "coda",   "davfs",
    "fuse", "fuse.*", "fuseblk", "gfs2",     "glusterfs", "gpfs",  "lustre", "ncpfs",
    "nfs",  "nfs4",   "ocfs2",   "orangefs", "smb3",      "smbfs", "vboxsf", "virtiofs",
};

struct mount {
    struct ll_slice device, point; /* in scratch */
};

struct mounts {
    struct mount local[LL_HOST_MOUNTS_MAX], waiting[LL_HOST_MOUNTS_MAX];
    size_t n_local, n_waiting;
    bool root_seen; /* some line is about "/" */
};

static bool type_in(struct ll_slice type, const char *const *list, size_t n)
{
    char z[32];
    if (type.n >= sizeof(z))
        return false;
    memcpy(z, type.s, type.n);
    z[type.n] = '\0';
    for (size_t i = 0; i < n; i++)
        if (fnmatch(list[i], z, 0) == 0)
            return true;
    return false;
}

static bool add_mount(struct ll_host *h, struct mount *list, size_t *n,
                      const struct ll_host_mount *m)
{
    const char *device = ll_arena_copy(h->scratch, m->device.s, m->device.n);
    const char *point = ll_arena_copy(h->scratch, m->point.s, m->point.n);
    if (*n == LL_HOST_MOUNTS_MAX || !device || !point)
        return false;
    list[(*n)++] = (struct mount){{device, m->device.n}, {point, m->point.n}};
    return true;
}

static void remove_mount(struct mounts *all, size_t i)
{
    memmove(&all->local[i], &all->local[i + 1], (--all->n_local - i) * sizeof(all->local[0]));
}

/* Where one filesystem is mounted twice, or bound to further places, the shortest path
 * stands for it. */
static bool better(struct ll_slice a, struct ll_slice b)
{
    return a.n != b.n ? a.n < b.n : ll_slice_cmp(a, b) < 0;
}

static void take_mount(struct ll_host *h, struct mounts *all, const struct ll_host_mount *m)
{
    all->root_seen |= ll_slice_is(m->point, "/");
    for (size_t i = 0; i < all->n_local; i++)
        if (ll_slice_eq(all->local[i].point, m->point)) { /* mounted over: the last one is seen */
            remove_mount(all, i);
            break;
        }
    bool root_overlay = ll_slice_is(m->type, "overlay") && ll_slice_is(m->point, "/");
    if (type_in(m->type, waiting_types, LL_LEN(waiting_types))) {
        if (!add_mount(h, all->waiting, &all->n_waiting, m))
            all->n_waiting = SIZE_MAX; /* cannot tell what is safe */
        return;
    }
    if (!root_overlay && !type_in(m->type, local_types, LL_LEN(local_types)))
        return;
    for (size_t i = 0; i < all->n_local; i++)
        if (ll_slice_eq(all->local[i].device, m->device)) {
            if (!better(m->point, all->local[i].point))
                return;
            remove_mount(all, i);
            break;
        }
    if (!add_mount(h, all->local, &all->n_local, m))
        return; /* more than we watch */
}

/* Another namespace's root is given: the mounts of init, which are that host's. */
static bool open_mountinfo(struct ll_host *h)
{
    if (strcmp(h->opts.rootfs, "/") != 0 && ll_procfs_open(&h->reader, h->proc, "1/mountinfo"))
        return true;
    return ll_procfs_open(&h->reader, h->proc, "self/mountinfo");
}

static bool read_mounts(struct ll_host *h, struct mounts *all)
{
    static const size_t size = 4097; /* PATH_MAX, NUL */
    char *unescaped = ll_arena_alloc(h->scratch, size, 1);
    struct ll_host_mount m;
    struct ll_slice line;
    bool any = false;
    all->n_local = all->n_waiting = 0;
    all->root_seen = false;
    if (!unescaped || !open_mountinfo(h))
        return false;
    while (all->n_waiting != SIZE_MAX && ll_procfs_next(&h->reader, &line))
        if (ll_host_parse_mount(line, unescaped, size, &m)) {
            take_mount(h, all, &m);
            any = true;
        }
    ll_procfs_close(&h->reader);
    if (any && !all->root_seen &&
        all->n_local == 0) /* a chroot: its root lies inside a mount that it cannot see */
        add_mount(h, all->local, &all->n_local,
                  &(struct ll_host_mount){.device = LL_SLICE("/"), .point = LL_SLICE("/")});
    return any && all->n_waiting != SIZE_MAX;
}

static bool leads_through(struct ll_slice path, struct ll_slice dir)
{
    return dir.n > 1 && path.n >= dir.n && memcmp(path.s, dir.s, dir.n) == 0 &&
           (path.n == dir.n || path.s[dir.n] == '/');
}

static bool wanted(const struct ll_host *h, const struct mounts *all, struct ll_slice point)
{
    for (size_t i = 0; i < all->n_waiting; i++)
        if (leads_through(point, all->waiting[i].point))
            return false;
    for (const char *const *p = h->opts.ignore_mounts; *p; p++)
        if (fnmatch(*p, point.s, 0) == 0)
            return false;
    return true;
}

/* Directories only: a file bound into a container shows the host's disk under its name. */
static bool read_space(const struct ll_host *h, struct ll_slice point, struct statvfs *st)
{
    const char *relative = point.n > 1 ? point.s + 1 : ".";
    int fd = openat(h->root, relative, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fstatvfs(fd, st) == 0 && st->f_blocks > 0 && st->f_bfree <= st->f_blocks;
    close(fd);
    return ok;
}

struct space {
    struct ll_slice point;
    double used, capacity, inodes_used, inodes;
};

static void put_space(struct ll_host *h, const struct space *s, bool primary)
{
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_DISK,
                       .unit = LL_UNIT_BYTES,
                       .name = s->point,
                       .value = s->used,
                       .capacity = s->capacity,
                       .primary = primary,
                   });
    if (s->inodes > 0) /* btrfs and vfat have no such limit */
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_DISK,
                           .unit = LL_UNIT_FILES,
                           .name = s->point,
                           .suffix = "inodes",
                           .value = s->inodes_used,
                           .capacity = s->inodes,
                       });
}

bool ll_host_disk_space(struct ll_host *h)
{
    struct mounts *all = LL_ARENA_NEW(h->scratch, struct mounts, 1);
    struct space *s = LL_ARENA_NEW(h->scratch, struct space, LL_HOST_MOUNTS_MAX);
    if (!all || !s || h->root < 0 || !read_mounts(h, all))
        return false;
    size_t n = 0, primary = 0;
    for (size_t i = 0; i < all->n_local; i++) {
        struct statvfs st;
        if (!wanted(h, all, all->local[i].point) || !read_space(h, all->local[i].point, &st))
            continue;
        double used = (double)(st.f_blocks - st.f_bfree);
        double files = st.f_files >= st.f_ffree ? (double)(st.f_files - st.f_ffree) : 0;
        s[n] = (struct space){
            .point = all->local[i].point,
            .used = used * (double)st.f_frsize,
            .capacity = (used + (double)st.f_bavail) * (double)st.f_frsize,
            .inodes_used = files,
            .inodes = st.f_files > 0 ? files + (double)st.f_favail : 0,
        };
        /* "/", else the largest: not the fullest, which would change with the data. */
        bool root = ll_slice_is(s[n].point, "/");
        if (root || (!ll_slice_is(s[primary].point, "/") && s[n].capacity > s[primary].capacity))
            primary = n;
        n++;
    }
    for (size_t i = 0; i < n; i++)
        put_space(h, &s[i], i == primary);
    return n > 0;
}
