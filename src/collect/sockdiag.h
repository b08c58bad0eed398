/* Accept queues of the listening TCP sockets, asked of the kernel over netlink
 * (sock_diag(7)): only the listening table is walked, however many connections exist. */
#ifndef LL_COLLECT_SOCKDIAG_H
#define LL_COLLECT_SOCKDIAG_H

#include "base/defs.h"

struct ll_sockdiag_queue {
    uint32_t waiting; /* connections established and not yet accepted */
    uint32_t backlog; /* how many may wait; 0 = there is no listening socket */
};

/* -1 where it is not permitted or not built in. */
int ll_sockdiag_open(void);

/* The queue with the highest waiting / backlog; of equals the one with the smallest backlog.
 * False when the kernel does not answer. */
LL_MUST_USE bool ll_sockdiag_fullest(int fd, struct ll_sockdiag_queue *out);

/* One answer, a run of netlink messages; for a dump that is over *done is set.  False on an
 * error or a message that is cut off.  *fullest carries over between answers. */
LL_MUST_USE bool ll_sockdiag_parse(const void *answer, size_t n, struct ll_sockdiag_queue *fullest,
                                   bool *done);

#endif
