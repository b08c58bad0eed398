/* How a record of the spool lies in a file: a header that checks itself, then the bytes.
 *
 *     magic "LLsp" | bytes u32 | crc32 of the bytes u32 | crc32 of the three before u32 | bytes
 * All little-endian.  A header that checks itself lets a reader find the next record behind a
 * damaged place without believing a length that was never written. */
#ifndef LL_OS_SPOOL_RECORD_H
#define LL_OS_SPOOL_RECORD_H

#include "base/str.h"

enum {
    LL_SPOOL_RECORD_HEADER = 16,
    LL_SPOOL_RECORD_MAX = 120 << 10 /* bytes of one record */
};

void ll_spool_record_header(const char *bytes, size_t n,
                            uint8_t out[static LL_SPOOL_RECORD_HEADER]);

/* False when these bytes are no header. */
LL_MUST_USE bool ll_spool_record_length(const uint8_t header[static LL_SPOOL_RECORD_HEADER],
                                        size_t *n);

/* True when the bytes are those the header was made for. */
bool ll_spool_record_matches(const uint8_t header[static LL_SPOOL_RECORD_HEADER], const char *bytes,
                             size_t n);

/* The next whole record of buf[0..n) at or behind *at; *at becomes its end.  False when there is
 * none; *at stays then.  What is skipped is not a record. */
LL_MUST_USE bool ll_spool_record_find(const char *buf, size_t n, size_t *at,
                                      struct ll_slice *record);

#endif
