#include "api/hosts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool ll_hosts_split(struct ll_slice a, struct ll_slice *host, struct ll_slice *port)
{
    struct ll_slice h = {a.s, 0}, p = {a.s, 0};
    if (a.n > 0 && a.s[0] == '[') {
        const char *end = memchr(a.s, ']', a.n);
        if (!end)
            return false;
        h = (struct ll_slice){a.s + 1, (size_t)(end - a.s) - 1};
        size_t used = (size_t)(end - a.s) + 1;
        if (used < a.n && a.s[used] != ':')
            return false;
        if (used < a.n)
            p = (struct ll_slice){a.s + used + 1, a.n - used - 1};
    } else {
        const char *colon = memchr(a.s, ':', a.n);
        h.n = colon ? (size_t)(colon - a.s) : a.n;
        if (colon)
            p = (struct ll_slice){colon + 1, a.n - h.n - 1};
    }
    for (size_t i = 0; i < p.n; i++)
        if (p.s[i] < '0' || p.s[i] > '9')
            return false;
    if (p.n > 5)
        return false;
    *host = h;
    *port = p;
    return true;
}

static bool is_wildcard(struct ll_slice host)
{
    return host.n == 0 || ll_slice_is(host, "0.0.0.0") || ll_slice_is(host, "::") ||
           ll_slice_is(host, "*");
}

static bool add(struct ll_hosts *h, struct ll_slice name)
{
    if (name.n == 0 || name.n > LL_HOST_NAME_MAX || h->n == LL_HOSTS_MAX)
        return false;
    char *to = h->name[h->n++];
    for (size_t i = 0; i < name.n; i++)
        to[i] = lower(name.s[i]);
    to[name.n] = '\0';
    return true;
}

/* `https://example.com:8443/path` gives the origin and the host. */
static bool add_external(struct ll_hosts *h, const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t n = scheme + strcspn(url + scheme, "/?#");
    struct ll_slice host, port;
    if (scheme == 0 || n > LL_HOST_NAME_MAX ||
        !ll_hosts_split((struct ll_slice){url + scheme, n - scheme}, &host, &port))
        return false;
    for (size_t i = 0; i < n; i++)
        h->external[i] = lower(url[i]);
    h->external[n] = '\0';
    return add(h, host);
}

static bool add_all(struct ll_hosts *h, const struct ll_config *config, struct ll_err *err)
{
    struct ll_slice host, port;
    for (size_t i = 0; config->web.listen_address && config->web.listen_address[i]; i++) {
        struct ll_slice a = ll_slice_of(config->web.listen_address[i]);
        if (!ll_hosts_split(a, &host, &port))
            return ll_err_set(err, LL_E_CONFIG, "listen address '%s' is not host:port", a.s);
        if (is_wildcard(host))
            h->any_address = true;
        else if (!add(h, host))
            return ll_err_set(err, LL_E_CONFIG, "listen address '%s' is too much", a.s);
    }
    for (size_t i = 0; config->web.allowed_hosts && config->web.allowed_hosts[i]; i++) {
        struct ll_slice a = ll_slice_of(config->web.allowed_hosts[i]);
        if (!ll_hosts_split(a, &host, &port) || !add(h, host))
            return ll_err_set(err, LL_E_CONFIG,
                              "allowed host '%s' is no host name, or one too many", a.s);
    }
    const char *url = config->web.external_url;
    if (url && *url && !add_external(h, url))
        return ll_err_set(err, LL_E_CONFIG, "external_url '%s' is not http(s)://host[:port]", url);
    return true;
}

bool ll_hosts_init(struct ll_hosts *h, const struct ll_config *config, struct ll_err *err)
{
    struct ll_hosts made = {.name = calloc(LL_HOSTS_MAX, sizeof(*made.name))};
    if (!made.name)
        return ll_err_set(err, LL_E_MEMORY, "no memory for host names");
    if (!add(&made, LL_SLICE("localhost")) || !add(&made, LL_SLICE("::1")) ||
        !add_all(&made, config, err)) {
        ll_hosts_fini(&made);
        return false;
    }
    *h = made;
    return true;
}

void ll_hosts_fini(struct ll_hosts *h)
{
    free(h->name);
    *h = (struct ll_hosts){0};
}

/* 0 = a name, else the family of a literal address. */
static int literal(struct ll_slice host, unsigned char out[16])
{
    char z[64];
    if (host.n >= sizeof(z))
        return 0;
    memcpy(z, host.s, host.n);
    z[host.n] = '\0';
    if (inet_pton(AF_INET, z, out) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, z, out) == 1 ? AF_INET6 : 0;
}

bool ll_hosts_allow(const struct ll_hosts *h, struct ll_slice header)
{
    struct ll_slice host, port;
    unsigned char bytes[16];
    if (header.n > LL_HOST_NAME_MAX || !ll_hosts_split(header, &host, &port) || host.n == 0)
        return false;
    if (host.s[host.n - 1] == '.')
        host.n--;
    for (size_t i = 0; i < h->n; i++)
        if (ll_slice_ieq(host, h->name[i]))
            return true;
    int family = literal(host, bytes);
    return (family == AF_INET && bytes[0] == 127) || (family != 0 && h->any_address);
}

bool ll_hosts_same_origin(const struct ll_hosts *h, struct ll_slice origin, struct ll_slice host,
                          bool tls)
{
    if (h->external[0] && ll_slice_ieq(origin, h->external))
        return true;
    char own[LL_HOST_NAME_MAX + 16];
    int n = snprintf(own, sizeof(own), "%s://%.*s", tls ? "https" : "http",
                     (int)LL_MIN(host.n, (size_t)LL_HOST_NAME_MAX), host.s);
    return n > 0 && (size_t)n < sizeof(own) && ll_slice_ieq(origin, own);
}
