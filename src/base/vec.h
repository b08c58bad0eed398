/* Growing array of one type, capped at birth.
 *
 *     LL_VEC_DEFINE(ids, uint32_t)
 * makes struct ids {v, n, size, cap} and ids_push / ids_fini.  push returns NULL when
 * the cap or memory ends. */
#ifndef LL_BASE_VEC_H
#define LL_BASE_VEC_H

#include <stdlib.h>

#include "base/defs.h"

#define LL_VEC_DEFINE(name, type)                                                                  \
    struct name {                                                                                  \
        type *v;                                                                                   \
        size_t n, size, cap;                                                                       \
    };                                                                                             \
    static inline type *name##_push(struct name *x, type item)                                     \
    {                                                                                              \
        if (x->n == x->size) {                                                                     \
            size_t size = LL_MIN(x->size ? x->size * 2 : 16, x->cap);                              \
            type *v = size > x->n ? realloc(x->v, size * sizeof(type)) : NULL;                     \
            if (!v)                                                                                \
                return NULL;                                                                       \
            x->v = v;                                                                              \
            x->size = size;                                                                        \
        }                                                                                          \
        x->v[x->n] = item;                                                                         \
        return &x->v[x->n++];                                                                      \
    }                                                                                              \
    static inline void name##_fini(struct name *x)                                                 \
    {                                                                                              \
        free(x->v);                                                                                \
        *x = (struct name){.cap = x->cap};                                                         \
    }

#endif
