/* Queues of the host: connections waiting to be accepted, and tasks waiting to run.
 *
 * "listen backlog" stands for the resource where the kernel may be asked, for it is the
 * queue with a real limit: the fullest one against its own backlog.  What did not fit is
 * "listen overflow".  The run queue has no limit, so it has no capacity. */
#include <math.h>

#include "collect/host.h"

static bool put_backlog(struct ll_host *h)
{
    struct ll_sockdiag_queue fullest;
    if (h->sockdiag < 0 || !ll_sockdiag_fullest(h->sockdiag, &fullest))
        return false;
    h->listen_primary = true; /* and stays: the resource must not change its meaning */
    if (fullest.backlog == 0)
        return true; /* nobody listens: there is no such queue */
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_QUEUE_DEPTH,
                       .unit = LL_UNIT_ITEMS,
                       .suffix = "listen backlog",
                       .value = (double)fullest.waiting,
                       .capacity = (double)fullest.backlog,
                       .primary = true,
                   });
    return true;
}

/* `0.00 0.01 0.05 1/95 8610`: the fourth is runnable/all tasks; one of the runnable is us. */
static bool put_runnable(struct ll_host *h)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line, field;
    if (!ll_procfs_read_small(h->proc, "loadavg", buf, &line))
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!ll_procfs_field(&line, &field))
            return false;
    size_t n = 0;
    while (n < field.n && field.s[n] != '/')
        n++;
    uint64_t runnable;
    if (n == field.n || !ll_procfs_count((struct ll_slice){field.s, n}, &runnable))
        return false;
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_QUEUE_DEPTH,
                       .unit = LL_UNIT_ITEMS,
                       .suffix = "run queue",
                       .value = runnable > 0 ? (double)(runnable - 1) : 0,
                       .primary = !h->listen_primary,
                   });
    return true;
}

/* /proc/net/netstat: a line of names, then a line of numbers, both starting with TcpExt:. */
static bool read_overflows(struct ll_host *h, uint64_t *out)
{
    struct ll_slice line, field;
    size_t column = 0;
    bool found = false;
    if (!ll_procfs_open(&h->reader, h->proc, "net/netstat"))
        return false;
    while (!found && ll_procfs_next(&h->reader, &line)) {
        if (!ll_procfs_field(&line, &field) || !ll_slice_is(field, "TcpExt:"))
            continue;
        bool numbers = column > 0;
        for (size_t i = 1; ll_procfs_field(&line, &field); i++)
            if (!numbers && ll_slice_is(field, "ListenOverflows"))
                column = i;
            else if (numbers && i == column)
                found = ll_procfs_count(field, out);
        if (numbers)
            break;
    }
    ll_procfs_close(&h->reader);
    return found;
}

static bool put_overflows(struct ll_host *h)
{
    uint64_t n;
    if (!read_overflows(h, &n))
        return false;
    ll_dur span = h->mono - h->listen.mono;
    if (h->listen.known)
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_QUEUE_DEPTH,
                           .unit = LL_UNIT_OPERATIONS_PER_SECOND,
                           .suffix = "listen overflow",
                           .value = ll_host_rate(n, h->listen.overflows, span),
                           .window = span,
                       });
    h->listen.known = true;
    h->listen.mono = h->mono;
    h->listen.overflows = n;
    return true;
}

bool ll_host_queue(struct ll_host *h)
{
    bool any = put_backlog(h);
    any |= put_runnable(h);
    any |= put_overflows(h);
    return any;
}
