#include "os/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/num.h"

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Bit i from the left is in the prefix. */
static unsigned char mask_of(unsigned bits, size_t byte)
{
    size_t from = byte * 8;
    size_t keep = bits <= from ? 0 : LL_MIN(bits - from, (size_t)8);
    return (unsigned char)(0xff00u >> keep & 0xffu);
}

bool ll_cidr_has(const struct ll_cidr *c, const unsigned char address[static LL_CIDR_BYTES])
{
    for (size_t i = 0; i < LL_CIDR_BYTES; i++)
        if ((address[i] & mask_of(c->bits, i)) != c->v[i])
            return false;
    return true;
}

static bool read_address(struct ll_slice text, struct ll_cidr *c)
{
    char z[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof(z))
        return false;
    memcpy(z, text.s, text.n);
    z[text.n] = '\0';
    if (inet_pton(AF_INET6, z, c->v) == 1) {
        c->bits = 0;
        return true;
    }
    memcpy(c->v, mapped, sizeof(mapped));
    c->bits = 96;
    return inet_pton(AF_INET, z, c->v + sizeof(mapped)) == 1;
}

bool ll_cidr_parse(struct ll_slice text, struct ll_cidr *out, struct ll_err *err)
{
    struct ll_cidr c;
    const char *slash = text.n ? memchr(text.s, '/', text.n) : NULL;
    size_t n = slash ? (size_t)(slash - text.s) : text.n;
    int64_t bits = 0;
    if (!read_address((struct ll_slice){text.s, n}, &c))
        return ll_err_set(err, LL_E_INVALID, "is not an address or a range such as 10.0.0.0/8");
    int64_t most = 128 - (int64_t)c.bits;
    if (slash && (!ll_num_parse_int((struct ll_slice){slash + 1, text.n - n - 1}, &bits) ||
                  bits < 0 || bits > most))
        return ll_err_set(err, LL_E_INVALID, "has a prefix that is not 0 to %d", (int)most);
    c.bits += (unsigned)(slash ? bits : most);
    if (!ll_cidr_has(&c, c.v))
        return ll_err_set(err, LL_E_INVALID, "has bits behind its prefix");
    *out = c;
    return true;
}
