/* Enums and their names, from one table: ll_FN_name gives "?" for a value out of range, ll_FN_parse
 * reads a name in any case and leaves *out untouched when the text is none. */
#ifndef LL_CORE_NAMES_H
#define LL_CORE_NAMES_H

#include "base/str.h"

static inline const char *ll_name_of(const char *const *names, size_t n, size_t v)
{
    return v < n ? names[v] : "?";
}

static inline bool ll_name_find(const char *const *names, size_t n, struct ll_slice text, size_t *v)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_ieq(text, names[i])) {
            *v = i;
            return true;
        }
    return false;
}

#define LL_NAMES_NAME(fn, type, table)                                                             \
    const char *ll_##fn##_name(enum type v)                                                        \
    {                                                                                              \
        return ll_name_of(table, LL_LEN(table), (size_t)v);                                        \
    }

#define LL_NAMES(fn, type, table)                                                                  \
    LL_NAMES_NAME(fn, type, table)                                                                 \
    bool ll_##fn##_parse(struct ll_slice text, enum type *out)                                     \
    {                                                                                              \
        size_t v = 0;                                                                              \
        if (!ll_name_find(table, LL_LEN(table), text, &v))                                         \
            return false;                                                                          \
        *out = (enum type)v;                                                                       \
        return true;                                                                               \
    }

#endif
