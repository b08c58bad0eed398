/* Arena: memory that is freed all at once.
 *
 * Results that belong together are carved from blocks; nothing is freed alone.
 * An arena has a cap at birth, and an allocation over it fails (NULL) instead of
 * growing without bound.  Not thread-safe; one owner at a time. */
#ifndef LL_BASE_ARENA_H
#define LL_BASE_ARENA_H

#include "base/defs.h"

struct ll_arena;

/* cap_bytes bounds the sum of everything handed out.  NULL without memory. */
struct ll_arena *ll_arena_new(size_t cap_bytes);
void ll_arena_free(struct ll_arena *a);
LL_AUTO_DEFINE(ll_arena, ll_arena_free)

/* Zeroed memory for n elements of size bytes, aligned for any type; NULL when the
 * cap or memory ends or n * size overflows.  n or size 0 gives a valid pointer. */
void *ll_arena_alloc(struct ll_arena *a, size_t n, size_t size);
#define LL_ARENA_NEW(a, type, n) ((type *)ll_arena_alloc((a), (n), sizeof(type)))

/* A NUL-terminated copy of n bytes. */
char *ll_arena_copy(struct ll_arena *a, const char *s, size_t n);

/* Forgets everything handed out and keeps one block for the next use. */
void ll_arena_reset(struct ll_arena *a);

/* Bytes handed out since the birth or the last reset. */
size_t ll_arena_used(const struct ll_arena *a);

#endif
