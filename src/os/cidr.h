/* Ranges of addresses: 10.0.0.0/8, 2001:db8::/32, or one address. */
#ifndef LL_OS_CIDR_H
#define LL_OS_CIDR_H

#include "base/err.h"
#include "base/str.h"

enum { LL_CIDR_BYTES = 16 };

struct ll_cidr {
    unsigned char v[LL_CIDR_BYTES]; /* IPv4 mapped into IPv6; zeroes behind the bits */
    unsigned bits;                  /* 0 to 128; of IPv4 96 more than written */
};

/* Fails with LL_E_INVALID, also when there are bits behind the prefix. */
LL_MUST_USE bool ll_cidr_parse(struct ll_slice text, struct ll_cidr *out, struct ll_err *err);

/* Whether the address (IPv4 mapped) is in the range. */
bool ll_cidr_has(const struct ll_cidr *c, const unsigned char address[static LL_CIDR_BYTES]);

#endif
