/* Strings: a borrowed slice, and a builder with a cap.
 *
 * A builder that meets its cap or the end of memory remembers that it failed and
 * takes nothing more, so that many appends need one check at the end. */
#ifndef LL_BASE_STR_H
#define LL_BASE_STR_H

#include "base/defs.h"

/* Borrowed bytes, not NUL-terminated, never owned. */
struct ll_slice {
    const char *s;
    size_t n;
};

#define LL_SLICE(literal) ((struct ll_slice){literal, sizeof(literal) - 1})

struct ll_slice ll_slice_of(const char *z); /* NULL gives the empty slice */
bool ll_slice_eq(struct ll_slice a, struct ll_slice b);
bool ll_slice_is(struct ll_slice a, const char *z);
bool ll_slice_ieq(struct ll_slice a, const char *z); /* ASCII, any case */
int ll_slice_cmp(struct ll_slice a, struct ll_slice b);

/* True when the bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool ll_utf8_valid(const char *s, size_t n);

/* True when no byte is over 127. */
bool ll_str_ascii(const char *s, size_t n);

/* Bytes of the valid character at s, 0 when there is none (or n is 0). */
size_t ll_str_utf8_next(const char *s, size_t n);

struct ll_str {
    char *s; /* NUL-terminated; NULL until something was added */
    size_t n, size, cap;
    bool failed;
};

/* cap_bytes bounds the length.  Frees with ll_str_fini. */
void ll_str_init(struct ll_str *b, size_t cap_bytes);
void ll_str_fini(struct ll_str *b);
void ll_str_clear(struct ll_str *b);
void ll_str_add(struct ll_str *b, const char *s, size_t n);
void ll_str_addz(struct ll_str *b, const char *z);
void ll_str_addc(struct ll_str *b, char c);
void ll_str_addf(struct ll_str *b, const char *fmt, ...) LL_PRINTF(2, 3);

/* The text, "" when empty; valid until the next change. */
const char *ll_str_z(const struct ll_str *b);

/* Hands the bytes over; the builder is empty afterwards.  NULL when it failed. */
char *ll_str_take(struct ll_str *b, size_t *n);

/* The candidate nearest to word by edit distance, or NULL when none is near enough
 * to be meant (at most a third of the letters of the longer one wrong). */
const char *ll_str_nearest(struct ll_slice word, const char *const *candidates, size_t n);

#endif
