/* The format: google/snappy, format_description.txt. */
#include "collect/snappy.h"

#include <snappy-c.h>
#include <stdlib.h>

/* The element that yields the most: a copy of 64 bytes in three. */
enum { COPY_BYTES = 3, COPY_YIELDS = 64, PREFIX_MAX = 5, PREFIX_BITS = 32 };

/* The varint in front; 0 = it is cut off or does not fit into 32 bits. */
static size_t read_prefix(struct ll_slice block, uint64_t *claim)
{
    *claim = 0;
    for (size_t i = 0; i < LL_MIN(block.n, (size_t)PREFIX_MAX); i++) {
        unsigned char b = (unsigned char)block.s[i];
        *claim |= (uint64_t)(b & 127u) << 7 * i;
        if (b < 128)
            return *claim >> PREFIX_BITS ? 0 : i + 1;
    }
    return 0;
}

bool ll_snappy_length(struct ll_slice block, size_t limit, size_t *n, struct ll_err *err)
{
    uint64_t claim;
    size_t prefix = read_prefix(block, &claim);
    if (prefix == 0)
        return ll_err_set(err, LL_E_INVALID, "the snappy block does not begin with its length");
    uint64_t most = (uint64_t)(block.n - prefix) * COPY_YIELDS / COPY_BYTES;
    if (claim > most)
        return ll_err_set(err, LL_E_INVALID,
                          "the snappy block claims %llu bytes, its %zu can hold at most %llu",
                          (unsigned long long)claim, block.n, (unsigned long long)most);
    if (claim > limit)
        return ll_err_set(err, LL_E_TOO_LARGE,
                          "the snappy block holds %llu bytes, more than the limit of %zu",
                          (unsigned long long)claim, limit);
    *n = (size_t)claim;
    return true;
}

bool ll_snappy_decode(struct ll_slice block, size_t limit, char **out, size_t *n,
                      struct ll_err *err)
{
    size_t size;
    if (!ll_snappy_length(block, limit, &size, err))
        return false;
    size_t got = size;
    char *bytes = malloc(size ? size : 1);
    if (!bytes)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu bytes", size);
    if (snappy_uncompress(block.s, block.n, bytes, &got) != SNAPPY_OK || got != size) {
        free(bytes);
        return ll_err_set(err, LL_E_INVALID, "the snappy block of %zu bytes is damaged", block.n);
    }
    *out = bytes;
    *n = size;
    return true;
}
