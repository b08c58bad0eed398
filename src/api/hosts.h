/* Which names we answer to, and where a write may come from.
 *
 * A page of somebody else can make a browser send requests here (DNS rebinding turns its
 * own name into our address); it cannot make the browser lie about Host and Origin. */
#ifndef LL_API_HOSTS_H
#define LL_API_HOSTS_H

#include "config/config.h"

enum { LL_HOSTS_MAX = 64, LL_HOST_NAME_MAX = 255 };

struct ll_hosts {
    char (*name)[LL_HOST_NAME_MAX + 1]; /* without port, lower case, [::1] without brackets */
    size_t n;
    bool any_address; /* bound to a wildcard: every literal address is one of ours */
    char external[LL_HOST_NAME_MAX + 1]; /* origin of external_url, "" = none */
};

/* Fails without memory, or with LL_E_CONFIG on a name or URL that cannot be. */
LL_MUST_USE bool ll_hosts_init(struct ll_hosts *h, const struct ll_config *config,
                               struct ll_err *err);
void ll_hosts_fini(struct ll_hosts *h);

/* The Host header, with or without port. */
bool ll_hosts_allow(const struct ll_hosts *h, struct ll_slice host);

/* The Origin header of a write: this server itself, or external_url. */
bool ll_hosts_same_origin(const struct ll_hosts *h, struct ll_slice origin, struct ll_slice host,
                          bool tls);

/* `host:port`, `[v6]:port`, `:port` or `port`: the host is empty for a wildcard. */
LL_MUST_USE bool ll_hosts_split(struct ll_slice address, struct ll_slice *host,
                                struct ll_slice *port);

#endif
