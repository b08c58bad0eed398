/* Any bytes as a kernel file: each line through every parser of the host collector, and the
 * whole as a netlink answer.  The first byte of a line that is kept must lie in the line. */
#include "collect/procfs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collect/cgroup.h"
#include "collect/host_parse.h"
#include "collect/sockdiag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct ll_slice part, struct ll_slice whole)
{
    return part.n == 0 || (part.s >= whole.s && part.s + part.n <= whole.s + whole.n);
}

static void names(struct ll_slice line)
{
    struct ll_slice name = {line.s, 0};
    struct ll_host_disk d;
    struct ll_host_interface f;
    struct ll_host_mount m;
    uint64_t metric;
    char buf[4097];
    if (ll_host_parse_disk(line, &d))
        LL_ASSERT(d.name.n > 0 && inside(d.name, line));
    if (ll_host_parse_interface(line, &f))
        LL_ASSERT(f.name.n > 0 && inside(f.name, line));
    if (ll_host_parse_mount(line, buf, sizeof(buf), &m))
        LL_ASSERT(m.point.n == strlen(buf) || memchr(buf, '\0', m.point.n));
    if (ll_host_parse_route(line, &name, &metric) || ll_host_parse_route6(line, &name, &metric))
        LL_ASSERT(name.n > 0 && inside(name, line));
    if (ll_cgroup_kind(line, &name) != LL_CGROUP_OTHER)
        LL_ASSERT(inside(name, line));
}

static void numbers(struct ll_slice line)
{
    uint64_t ticks[LL_HOST_TICK_COUNT], a, b;
    double ratio;
    (void)ll_host_parse_cpu(line, ticks);
    (void)ll_host_parse_is_one_cpu(line);
    (void)ll_host_parse_meminfo(line, "MemTotal", &a);
    (void)ll_host_parse_sockstat(line, "TCP", "mem", &a);
    (void)ll_host_parse_keyed(line, "usage_usec", &a);
    (void)ll_host_parse_io(line, &a, &b);
    if (ll_host_parse_pressure(line, &ratio))
        LL_ASSERT(ratio - ratio == 0); /* finite */
}

static void netlink(const uint8_t *data, size_t size)
{
    struct ll_sockdiag_queue q = {0};
    bool done;
    if (ll_sockdiag_parse(data, size, &q, &done))
        LL_ASSERT(q.backlog > 0 || q.waiting == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ll_procfs_reader r;
    static int fd = -1;
    static char path[32] = "/proc/self/fd/";
    if (fd < 0) {
        fd = memfd_create("input", MFD_CLOEXEC);
        LL_ASSERT(fd >= 0 && fd < 10);
        path[strlen(path)] = (char)('0' + fd);
    }
    LL_ASSERT(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    LL_ASSERT(ll_procfs_open(&r, AT_FDCWD, path));
    struct ll_slice line;
    while (ll_procfs_next(&r, &line)) {
        char *exact = malloc(line.n + (line.n == 0)); /* so that ASan sees a step past the end */
        LL_ASSERT(exact);
        memcpy(exact, line.s, line.n);
        names((struct ll_slice){exact, line.n});
        numbers((struct ll_slice){exact, line.n});
        free(exact);
    }
    ll_procfs_close(&r);
    netlink(data, size);
    return 0;
}
