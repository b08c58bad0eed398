#include "collect/sockdiag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { ANSWER_MAX = 16 * 1024, ANSWERS_MAX = 1024 };

int ll_sockdiag_open(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    const struct timeval patience = {.tv_sec = 1};
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

/* a/b against c/d without division. */
static bool fuller(const struct ll_sockdiag_queue *x, const struct ll_sockdiag_queue *y)
{
    uint64_t a = (uint64_t)x->waiting * y->backlog, b = (uint64_t)y->waiting * x->backlog;
    return y->backlog == 0 || a > b || (a == b && x->backlog < y->backlog);
}

static void take(const struct inet_diag_msg *m, struct ll_sockdiag_queue *fullest)
{
    /* Of a listening socket rqueue is the accept queue and wqueue its limit. */
    struct ll_sockdiag_queue q = {.waiting = m->idiag_rqueue, .backlog = m->idiag_wqueue};
    if (m->idiag_state == TCP_LISTEN && q.backlog > 0 && fuller(&q, fullest))
        *fullest = q;
}

bool ll_sockdiag_parse(const void *answer, size_t n, struct ll_sockdiag_queue *fullest, bool *done)
{
    const char *at = answer;
    *done = false;
    while (n > 0 && !*done) {
        struct nlmsghdr head;
        struct inet_diag_msg m;
        if (n < sizeof(head))
            return false;
        memcpy(&head, at, sizeof(head));
        if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > n || head.nlmsg_type == NLMSG_ERROR)
            return false;
        *done = head.nlmsg_type == NLMSG_DONE;
        if (head.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
            if (head.nlmsg_len < NLMSG_HDRLEN + sizeof(m))
                return false;
            memcpy(&m, at + NLMSG_HDRLEN, sizeof(m));
            take(&m, fullest);
        }
        size_t step = LL_MIN(n, (size_t)NLMSG_ALIGN(head.nlmsg_len));
        at += step;
        n -= step;
    }
    return true;
}

static bool ask(int fd, unsigned char family)
{
    const struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 req;
    } message = {
        .head = {.nlmsg_len = sizeof(message),
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .req = {.sdiag_family = family,
                .sdiag_protocol = IPPROTO_TCP,
                .idiag_states = 1U << TCP_LISTEN},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    return sendto(fd, &message, sizeof(message), 0, (const struct sockaddr *)&kernel,
                  sizeof(kernel)) == (ssize_t)sizeof(message);
}

/* What is left of an answer that was given up must not be read as the next one. */
static bool drain(int fd)
{
    char answer[ANSWER_MAX];
    for (int i = 0; i < ANSWERS_MAX; i++)
        if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) <= 0)
            break;
    return false;
}

static bool dump(int fd, unsigned char family, struct ll_sockdiag_queue *fullest)
{
    char answer[ANSWER_MAX];
    bool done = false;
    if (!ask(fd, family))
        return false;
    for (int i = 0; i < ANSWERS_MAX && !done; i++) {
        ssize_t n = recv(fd, answer, sizeof(answer), MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || (size_t)n > sizeof(answer) ||
            !ll_sockdiag_parse(answer, (size_t)n, fullest, &done))
            return drain(fd);
    }
    return done || drain(fd);
}

bool ll_sockdiag_fullest(int fd, struct ll_sockdiag_queue *out)
{
    struct ll_sockdiag_queue fullest = {0};
    bool four = dump(fd, AF_INET, &fullest), six = dump(fd, AF_INET6, &fullest);
    if (!four && !six)
        return false;
    *out = fullest;
    return true;
}
