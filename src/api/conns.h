/* The connections there are, each with a deadline of ours.
 *
 * The HTTP library's timeout is for inactivity only; one byte every two seconds would
 * hold a connection for ever.  So every stage gets an end in time (a whole header, a
 * whole body, the answer taken), and whoever passes it is shut down.  The table is
 * locked while a socket is shut down, and a connection leaves it before its descriptor
 * is closed, so that a number used again is never hit. */
#ifndef LL_API_CONNS_H
#define LL_API_CONNS_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "base/time.h"

#define LL_CONNS_HEADER (10 * LL_SECOND)   /* from accept to a whole header */
#define LL_CONNS_BODY (30 * LL_SECOND)     /* from the header to a whole body */
#define LL_CONNS_RESPONSE (60 * LL_SECOND) /* from the answer to the last byte taken */
#define LL_CONNS_IDLE (60 * LL_SECOND)     /* between requests */
#define LL_CONNS_NEVER INT64_MAX

enum { LL_ADDRESS_BYTES = 16 };

/* An address as it is counted: IPv4 mapped, IPv6 by its /64. */
struct ll_address {
    unsigned char v[LL_ADDRESS_BYTES];
    unsigned char whole[LL_ADDRESS_BYTES]; /* IPv6 with its last half; zeroes of a socket file */
    bool loopback;
};

struct ll_conn {
    struct ll_conn *prev, *next;
    int fd;
    struct ll_address address;
    _Atomic ll_time deadline; /* monotonic */
};

struct ll_conns;

/* per_address bounds connections from one address that is not loopback. */
struct ll_conns *ll_conns_new(size_t per_address);
void ll_conns_free(struct ll_conns *c);

struct ll_address ll_address_of(const struct sockaddr *a);

/* Whether one more from this address is welcome. */
bool ll_conns_welcome(struct ll_conns *c, const struct sockaddr *a);

struct ll_conn *ll_conns_add(struct ll_conns *c, int fd, const struct sockaddr *a,
                             ll_time deadline);
void ll_conns_remove(struct ll_conns *c, struct ll_conn *conn);

/* Shuts down what is overdue; returns how many.  *open = how many there are. */
size_t ll_conns_reap(struct ll_conns *c, ll_time now, size_t *open);

#endif
