#include "os/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/defs.h"

/* A network: `bits` of the address are those of `net`. */
struct net4 {
    uint32_t net;
    unsigned bits;
};

static const struct net4 guarded4[] = {
    {0x00000000, 8},  /* "this" network: reaches this machine */
    {0xa9fe0000, 16}, /* link-local; AWS, Azure, Google, OpenStack */
    {0x646464c8, 32}, /* Alibaba Cloud */
    {0xc00000c0, 32}, /* Oracle Cloud */
    {0xa83f8110, 32}, /* Azure's WireServer */
};

static bool is_guarded4(uint32_t address)
{
    for (size_t i = 0; i < LL_LEN(guarded4); i++)
        if ((address ^ guarded4[i].net) >> (32 - guarded4[i].bits) == 0)
            return true;
    return false;
}

/* RFC 4291 2.5.5 (mapped and compatible) and RFC 6052 (NAT64): IPv4 in the last four bytes. */
static bool holds_ipv4(const unsigned char *b)
{
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char compatible[12] = {0};
    return memcmp(b, nat64, sizeof(nat64)) == 0 || memcmp(b, mapped, sizeof(mapped)) == 0 ||
           memcmp(b, compatible, sizeof(compatible)) == 0;
}

static bool is_guarded6(const unsigned char *b)
{
    static const unsigned char loopback[16] = {[15] = 1};
    static const unsigned char ec2[4] = {0xfd, 0x00, 0x0e, 0xc2};
    uint32_t last;
    if (memcmp(b, loopback, sizeof(loopback)) == 0)
        return false;
    memcpy(&last, b + 12, sizeof(last));
    bool link_local = b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
    return link_local || memcmp(b, ec2, sizeof(ec2)) == 0 ||
           (holds_ipv4(b) && is_guarded4(ntohl(last)));
}

bool ll_address_is_guarded(const struct sockaddr *a, size_t n)
{
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    if (a->sa_family == AF_INET && n >= sizeof(in4)) {
        memcpy(&in4, a, sizeof(in4));
        return is_guarded4(ntohl(in4.sin_addr.s_addr));
    }
    if (a->sa_family == AF_INET6 && n >= sizeof(in6)) {
        memcpy(&in6, a, sizeof(in6));
        return is_guarded6(in6.sin6_addr.s6_addr);
    }
    return false;
}
