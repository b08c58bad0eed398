#include "api/conns.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct ll_conns {
    pthread_mutex_t lock;
    struct ll_conn *first;
    size_t n, per_address;
};

struct ll_conns *ll_conns_new(size_t per_address)
{
    struct ll_conns *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->per_address = per_address;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void ll_conns_free(struct ll_conns *c)
{
    if (!c)
        return;
    LL_ASSERT(c->n == 0);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool is_loopback4(const unsigned char *v)
{
    return v[0] == 127;
}

struct ll_address ll_address_of(const struct sockaddr *a)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct ll_address out = {0};
    if (a && a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof(in));
        memcpy(out.v, mapped, sizeof(mapped));
        memcpy(out.v + 12, &in.sin_addr, 4);
        memcpy(out.whole, out.v, sizeof(out.v));
        out.loopback = is_loopback4(out.v + 12);
    } else if (a && a->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, a, sizeof(in6));
        memcpy(out.v, &in6.sin6_addr, sizeof(out.v));
        memcpy(out.whole, out.v, sizeof(out.v));
        if (memcmp(out.v, mapped, sizeof(mapped)) == 0)
            out.loopback = is_loopback4(out.v + 12);
        else if (IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr))
            out.loopback = true;
        else
            memset(out.v + 8, 0, 8); /* a /64 is one household */
    } else if (a && a->sa_family == AF_UNIX) {
        out.loopback = true;
    }
    return out;
}

bool ll_conns_welcome(struct ll_conns *c, const struct sockaddr *a)
{
    struct ll_address address = ll_address_of(a);
    if (address.loopback)
        return true;
    size_t same = 0;
    pthread_mutex_lock(&c->lock);
    for (const struct ll_conn *x = c->first; x; x = x->next)
        same += memcmp(x->address.v, address.v, sizeof(address.v)) == 0;
    pthread_mutex_unlock(&c->lock);
    return same < c->per_address;
}

struct ll_conn *ll_conns_add(struct ll_conns *c, int fd, const struct sockaddr *a, ll_time deadline)
{
    struct ll_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->fd = fd;
    conn->address = ll_address_of(a);
    atomic_init(&conn->deadline, deadline);
    pthread_mutex_lock(&c->lock);
    conn->next = c->first;
    if (c->first)
        c->first->prev = conn;
    c->first = conn;
    c->n++;
    pthread_mutex_unlock(&c->lock);
    return conn;
}

void ll_conns_remove(struct ll_conns *c, struct ll_conn *conn)
{
    if (!conn)
        return;
    pthread_mutex_lock(&c->lock);
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        c->first = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    c->n--;
    pthread_mutex_unlock(&c->lock);
    free(conn);
}

size_t ll_conns_reap(struct ll_conns *c, ll_time now, size_t *open)
{
    size_t cut = 0;
    pthread_mutex_lock(&c->lock);
    for (struct ll_conn *x = c->first; x; x = x->next) {
        if (atomic_load_explicit(&x->deadline, memory_order_relaxed) > now)
            continue;
        shutdown(x->fd, SHUT_RDWR); /* the library sees the end and closes it */
        atomic_store_explicit(&x->deadline, LL_CONNS_NEVER, memory_order_relaxed);
        cut++;
    }
    *open = c->n;
    pthread_mutex_unlock(&c->lock);
    return cut;
}
