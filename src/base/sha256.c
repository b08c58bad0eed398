#include "base/sha256.h"

#include <string.h>

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static uint32_t load(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void schedule(const unsigned char block[static LL_SHA256_BLOCK], uint32_t w[static 64])
{
    for (size_t i = 0; i < 16; i++)
        w[i] = load(block + 4 * i);
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        uint32_t s0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
        uint32_t s1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

static void compress(struct ll_sha256 *s)
{
    uint32_t w[64], v[8];
    schedule(s->block, w);
    memcpy(v, s->h, sizeof(v));
    for (size_t i = 0; i < 64; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + constants[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (size_t i = 0; i < LL_LEN(v); i++)
        s->h[i] += v[i];
}

void ll_sha256_init(struct ll_sha256 *s)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    *s = (struct ll_sha256){.n = 0};
    memcpy(s->h, first, sizeof(first));
}

void ll_sha256_add(struct ll_sha256 *s, const void *data, size_t n)
{
    const unsigned char *p = data;
    while (n > 0) {
        size_t at = (size_t)(s->n % LL_SHA256_BLOCK), part = LL_MIN(n, LL_SHA256_BLOCK - at);
        memcpy(s->block + at, p, part);
        s->n += part;
        p += part;
        n -= part;
        if (s->n % LL_SHA256_BLOCK == 0)
            compress(s);
    }
}

void ll_sha256_end(struct ll_sha256 *s, unsigned char out[static LL_SHA256_BYTES])
{
    static const unsigned char padding[LL_SHA256_BLOCK] = {0x80};
    unsigned char length[8];
    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (unsigned char)(s->n * 8 >> (56 - 8 * i));
    size_t at = (size_t)(s->n % LL_SHA256_BLOCK);
    ll_sha256_add(s, padding, (at < 56 ? 56 : 120) - at);
    ll_sha256_add(s, length, sizeof(length));
    for (size_t i = 0; i < LL_SHA256_BYTES; i++)
        out[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

char *ll_sha256_hex(const unsigned char sum[static LL_SHA256_BYTES],
                    char buf[static LL_SHA256_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < LL_SHA256_BYTES; i++) {
        buf[2 * i] = digits[sum[i] >> 4];
        buf[2 * i + 1] = digits[sum[i] & 15];
    }
    buf[2 * LL_SHA256_BYTES] = '\0';
    return buf;
}
