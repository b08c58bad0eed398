#include "os/spool_record.h"

#include <string.h>
#include <zlib.h>

static const uint8_t magic[4] = {'L', 'L', 's', 'p'};

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t sum(const void *bytes, size_t n)
{
    return (uint32_t)crc32_z(0, bytes, n);
}

void ll_spool_record_header(const char *bytes, size_t n, uint8_t out[static LL_SPOOL_RECORD_HEADER])
{
    LL_ASSERT(n <= LL_SPOOL_RECORD_MAX);
    memcpy(out, magic, sizeof(magic));
    put32(out + 4, (uint32_t)n);
    put32(out + 8, sum(bytes, n));
    put32(out + 12, sum(out, 12));
}

bool ll_spool_record_length(const uint8_t header[static LL_SPOOL_RECORD_HEADER], size_t *n)
{
    size_t length = get32(header + 4);
    if (memcmp(header, magic, sizeof(magic)) != 0 || get32(header + 12) != sum(header, 12) ||
        length > LL_SPOOL_RECORD_MAX)
        return false;
    *n = length;
    return true;
}

bool ll_spool_record_matches(const uint8_t header[static LL_SPOOL_RECORD_HEADER], const char *bytes,
                             size_t n)
{
    return get32(header + 8) == sum(bytes, n);
}

static bool record_at(const char *buf, size_t n, size_t at, struct ll_slice *record)
{
    const uint8_t *header = (const uint8_t *)buf + at;
    size_t length;
    if (n - at < LL_SPOOL_RECORD_HEADER || !ll_spool_record_length(header, &length) ||
        n - at - LL_SPOOL_RECORD_HEADER < length ||
        !ll_spool_record_matches(header, buf + at + LL_SPOOL_RECORD_HEADER, length))
        return false;
    *record = (struct ll_slice){buf + at + LL_SPOOL_RECORD_HEADER, length};
    return true;
}

bool ll_spool_record_find(const char *buf, size_t n, size_t *at, struct ll_slice *record)
{
    for (size_t i = *at; i + LL_SPOOL_RECORD_HEADER <= n; i++) {
        const char *next = memchr(buf + i, magic[0], n - i - LL_SPOOL_RECORD_HEADER + 1);
        if (!next)
            return false;
        i = (size_t)(next - buf);
        if (!record_at(buf, n, i, record))
            continue;
        *at = i + LL_SPOOL_RECORD_HEADER + record->n;
        return true;
    }
    return false;
}
