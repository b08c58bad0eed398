/* Snappy's block format, as remote-write bodies have it (libsnappy behind its C API).
 *
 * A block begins with the length it will have.  That claim is compared with a limit, and with
 * the most that so many bytes can become, before anything is allocated for it. */
#ifndef LL_COLLECT_SNAPPY_H
#define LL_COLLECT_SNAPPY_H

#include "base/err.h"
#include "base/str.h"

/* The length that a block claims.  Fails with LL_E_INVALID when it claims none or more than its
 * bytes can hold, with LL_E_TOO_LARGE over the limit. */
LL_MUST_USE bool ll_snappy_length(struct ll_slice block, size_t limit, size_t *n,
                                  struct ll_err *err);

/* Decodes a whole block into memory that the caller frees; *out is never NULL.  Fails as
 * ll_snappy_length, with LL_E_INVALID when the block is damaged, or with LL_E_MEMORY. */
LL_MUST_USE bool ll_snappy_decode(struct ll_slice block, size_t limit, char **out, size_t *n,
                                  struct ll_err *err);

#endif
