#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, MAX_BLOCK = 1 << 20, ALIGN = alignof(max_align_t) };

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct ll_arena {
    struct block *head;
    size_t cap, used;
};

struct ll_arena *ll_arena_new(size_t cap_bytes)
{
    struct ll_arena *a = calloc(1, sizeof(*a));
    if (a)
        a->cap = cap_bytes;
    return a;
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void ll_arena_free(struct ll_arena *a)
{
    if (!a)
        return;
    free_blocks(a->head);
    free(a);
}

/* Blocks double, so that small arenas stay small and large ones need few calls; none is
 * larger than what the cap leaves. */
static struct block *grow(struct ll_arena *a, size_t need)
{
    size_t size = a->head ? LL_MIN(a->head->size * 2, (size_t)MAX_BLOCK) : FIRST_BLOCK;
    size = LL_MAX(LL_MIN(size, a->cap - a->used), need);
    struct block *b = malloc(sizeof(*b) + size);
    if (!b)
        return NULL;
    *b = (struct block){.next = a->head, .size = size};
    a->head = b;
    return b;
}

void *ll_arena_alloc(struct ll_arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) ||
        bytes > PTRDIFF_MAX - sizeof(struct block) - ALIGN)
        return NULL;
    bytes = bytes == 0 ? ALIGN : (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes > a->cap - a->used)
        return NULL;
    struct block *b = a->head;
    if (!b || b->size - b->used < bytes) {
        b = grow(a, bytes);
        if (!b)
            return NULL;
    }
    void *p = b->data + b->used;
    b->used += bytes;
    a->used += bytes;
    memset(p, 0, bytes);
    return p;
}

char *ll_arena_copy(struct ll_arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX)
        return NULL;
    char *copy = ll_arena_alloc(a, n + 1, 1);
    if (copy && n > 0)
        memcpy(copy, s, n);
    return copy;
}

void ll_arena_reset(struct ll_arena *a)
{
    a->used = 0;
    if (!a->head)
        return;
    free_blocks(a->head->next);
    a->head->next = NULL;
    a->head->used = 0;
}

size_t ll_arena_used(const struct ll_arena *a)
{
    return a->used;
}
