/* SHA-256 (FIPS 180-4): what chains records, so that a change of an old one is seen. */
#ifndef LL_BASE_SHA256_H
#define LL_BASE_SHA256_H

#include "base/str.h"

enum { LL_SHA256_BYTES = 32, LL_SHA256_BLOCK = 64, LL_SHA256_HEX_MAX = 65 };

struct ll_sha256 {
    uint32_t h[8];
    uint64_t n; /* bytes so far */
    unsigned char block[LL_SHA256_BLOCK];
};

void ll_sha256_init(struct ll_sha256 *s);
void ll_sha256_add(struct ll_sha256 *s, const void *data, size_t n);
void ll_sha256_end(struct ll_sha256 *s, unsigned char out[static LL_SHA256_BYTES]);

/* Lower-case hex and a NUL; returns buf. */
char *ll_sha256_hex(const unsigned char sum[static LL_SHA256_BYTES],
                    char buf[static LL_SHA256_HEX_MAX]);

#endif
