/* Snappy blocks against a plain decoder of the same format: both refuse, or both yield the same
 * bytes.  No claim makes memory. */
#include "collect/snappy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 20 };

struct plain {
    const uint8_t *at, *end;
    char *out;
    size_t n, size;
};

static bool take(struct plain *p, size_t bytes, size_t *v)
{
    *v = 0;
    if ((size_t)(p->end - p->at) < bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        *v |= (size_t)*p->at++ << 8 * i;
    return true;
}

static bool literal(struct plain *p, size_t n)
{
    if ((size_t)(p->end - p->at) < n || p->size - p->n < n)
        return false;
    memcpy(p->out + p->n, p->at, n);
    p->at += n;
    p->n += n;
    return true;
}

static bool copy(struct plain *p, size_t offset, size_t n)
{
    if (offset == 0 || offset > p->n || p->size - p->n < n)
        return false;
    for (; n > 0; n--, p->n++)
        p->out[p->n] = p->out[p->n - offset];
    return true;
}

static bool element(struct plain *p)
{
    static const size_t widths[] = {0, 1, 2, 4};
    size_t tag, v, n;
    if (!take(p, 1, &tag))
        return false;
    n = (tag >> 2) + 1;
    if ((tag & 3) == 0 && n > 60) {
        if (!take(p, n - 60, &v))
            return false;
        n = (uint32_t)(v + 1); /* 2^32 is nothing to the library, and as harmless */
    }
    if ((tag & 3) == 0)
        return literal(p, n);
    if (!take(p, widths[tag & 3], &v))
        return false;
    return (tag & 3) == 1 ? copy(p, v | (tag >> 5) << 8, (tag >> 2 & 7) + 4) : copy(p, v, n);
}

/* The length of the block after its claim, or false. */
static bool plain_decode(const uint8_t *data, size_t size, size_t claim, struct plain *p)
{
    size_t i = 0;
    while (i < size && data[i] >= 128)
        i++;
    *p = (struct plain){data + i + 1, data + size, malloc(claim + 1), 0, claim};
    LL_ASSERT(p->out);
    while (p->at < p->end)
        if (!element(p))
            return false;
    return p->n == p->size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *block = malloc(size ? size : 1), *out = NULL;
    size_t claim = 0, n = 0;
    struct ll_err err = {0};
    LL_ASSERT(block);
    if (size)
        memcpy(block, data, size);
    struct ll_slice all = {block, size};
    bool claims = ll_snappy_length(all, LIMIT, &claim, &err);
    bool ok = ll_snappy_decode(all, LIMIT, &out, &n, &err);
    LL_ASSERT(claims ? claim <= LIMIT && claim <= size * 22 : !ok);
    LL_ASSERT(ok || err.code == LL_E_INVALID || err.code == LL_E_TOO_LARGE);
    if (claims) {
        struct plain p;
        bool good = plain_decode(data, size, claim, &p);
        LL_ASSERT(good == ok && (!ok || (n == p.n && memcmp(out, p.out, n) == 0)));
        free(p.out);
    }
    free(out);
    free(block);
    return 0;
}
