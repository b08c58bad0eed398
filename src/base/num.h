/* Numbers as text: strict, whole-slice, independent of the locale. */
#ifndef LL_BASE_NUM_H
#define LL_BASE_NUM_H

#include "base/err.h"
#include "base/str.h"

enum { LL_NUM_TEXT_MAX = 32 };

/* Decimal, with fraction and exponent; no hex, no inf, no nan, no spaces, at most 63 bytes.
 * A value that overflows to infinity is refused. */
LL_MUST_USE bool ll_num_parse(struct ll_slice text, double *out);
LL_MUST_USE bool ll_num_parse_int(struct ll_slice text, int64_t *out);

/* Sizes: `512MiB`, `10GB`, `4096`, `1.5GiB`: bytes, powers of 1024 with i, of 1000 without;
 * below 2^62, a fraction only with a unit, rounded to the byte. */
LL_MUST_USE bool ll_num_parse_size(struct ll_slice text, int64_t *out, struct ll_err *err);

/* The shortest of %.15g and %.17g that reads back the same; "null" for NaN and infinities,
 * which JSON does not have.  Returns the length. */
size_t ll_num_format(double v, char buf[static LL_NUM_TEXT_MAX]);

#endif
