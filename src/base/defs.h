/* Attributes and checks that every other file uses. */
#ifndef LL_BASE_DEFS_H
#define LL_BASE_DEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LL_MUST_USE __attribute__((warn_unused_result))
#define LL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Number of elements of a real array; a pointer does not compile. */
#define LL_LEN(a)                                                                                  \
    (sizeof(a) / sizeof((a)[0]) +                                                                  \
     0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0]))]))

#define LL_MIN(a, b) ((a) < (b) ? (a) : (b))
#define LL_MAX(a, b) ((a) > (b) ? (a) : (b))

/* A local that is freed when it goes out of scope: LL_AUTO(ll_x) p = ll_x_new();
 * needs LL_AUTO_DEFINE(ll_x, ll_x_free) once, after the prototype of the free. */
#define LL_AUTO(type) __attribute__((cleanup(type##_auto_free_))) struct type *
#define LL_AUTO_DEFINE(type, free_fn)                                                              \
    static inline void type##_auto_free_(struct type **p)                                          \
    {                                                                                              \
        free_fn(*p);                                                                               \
    }

/* Bugs, not bad input.  Kept in release: a restart beats a wrong scale-down. */
#define LL_ASSERT(cond) ((cond) ? (void)0 : ll_assert_fail(#cond, __FILE__, __LINE__))

_Noreturn void ll_assert_fail(const char *cond, const char *file, int line);

#endif
