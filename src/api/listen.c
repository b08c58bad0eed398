/* Listening sockets, opened by us: a port of 0 can be read back, and a refusal to bind
 * names the address. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/server.h"
#include "base/num.h"

enum { PORT_DEFAULT = 7380, BACKLOG = 1024, HOST_MAX = 64 };

struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t n;
};

static bool parse(struct ll_slice text, struct endpoint *e, struct ll_err *err)
{
    char host[HOST_MAX];
    struct ll_slice h, p;
    int64_t port = PORT_DEFAULT;
    bool ok = ll_hosts_split(text, &h, &p) && h.n < sizeof(host) &&
              (p.n == 0 || ll_num_parse_int(p, &port)) && port >= 0 && port <= 65535;
    if (!ok)
        return ll_err_set(err, LL_E_CONFIG, "listen address '%s' is not host:port", text.s);
    memcpy(host, h.s, h.n);
    host[h.n] = '\0';
    *e = (struct endpoint){0};
    bool wildcard = h.n == 0 || strcmp(host, "*") == 0;
    const char *name = wildcard ? "0.0.0.0" : ll_slice_ieq(h, "localhost") ? "127.0.0.1" : host;
    if (inet_pton(AF_INET, name, &e->at.v4.sin_addr) == 1) {
        e->at.v4.sin_family = AF_INET;
        e->at.v4.sin_port = htons((uint16_t)port);
        e->n = sizeof(e->at.v4);
    } else if (inet_pton(AF_INET6, name, &e->at.v6.sin6_addr) == 1) {
        e->at.v6.sin6_family = AF_INET6;
        e->at.v6.sin6_port = htons((uint16_t)port);
        e->n = sizeof(e->at.v6);
    } else {
        return ll_err_set(err, LL_E_CONFIG,
                          "listen address '%s' is neither localhost nor an address", text.s);
    }
    return true;
}

static unsigned port_of(int fd)
{
    struct endpoint e = {.n = sizeof(e.at)};
    if (getsockname(fd, &e.at.any, &e.n) != 0)
        return 0;
    return ntohs(e.at.any.sa_family == AF_INET6 ? e.at.v6.sin6_port : e.at.v4.sin_port);
}

static bool bind_one(const struct endpoint *e, const char *text, struct ll_listener *out,
                     struct ll_err *err)
{
    int on = 1;
    int fd = socket(e->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ll_err_set(err, LL_E_IO, "cannot listen on %s: %s", text, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &e->at.any, e->n) != 0 || listen(fd, BACKLOG) != 0) {
        int why = errno;
        close(fd);
        return ll_err_set(err, LL_E_IO, "cannot listen on %s: %s", text, strerror(why));
    }
    *out = (struct ll_listener){.fd = fd, .port = port_of(fd)};
    return true;
}

bool ll_server_bind(struct ll_api *api, const struct ll_config *config, bool *beyond,
                    struct ll_err *err)
{
    *beyond = false;
    for (size_t i = 0; config->web.listen_address && config->web.listen_address[i]; i++) {
        const char *text = config->web.listen_address[i];
        struct endpoint e;
        if (i == LL_LISTENERS_MAX)
            return ll_err_set(err, LL_E_CONFIG, "more than %d listen addresses", LL_LISTENERS_MAX);
        if (!parse(ll_slice_of(text), &e, err) ||
            !bind_one(&e, text, &api->listener[api->n_listeners], err))
            return false;
        api->n_listeners++;
        if (!ll_address_of(&e.at.any).loopback)
            *beyond = true;
    }
    return api->n_listeners > 0 ? true : ll_err_set(err, LL_E_CONFIG, "no listen address");
}
