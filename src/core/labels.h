/* Label sets, as Prometheus has them, in one canonical form: bytes that compare and hash.
 *
 * Encoded: for each pair in the order of names, the name's length as a varint, the name, the
 * value's length, the value.  An empty value is no label.  So equal sets have equal bytes. */
#ifndef LL_CORE_LABELS_H
#define LL_CORE_LABELS_H

#include "base/err.h"
#include "base/str.h"

enum {
    LL_LABELS_MAX = 128,           /* pairs of one series */
    LL_LABELS_BYTES_MAX = 16 << 10 /* of one set, encoded */
};

struct ll_label {
    struct ll_slice name, value;
};

/* A pair as a configuration has it. */
struct ll_label_text {
    const char *name, *value;
};

/* Sorts by name and drops empty values; *n becomes what is left.  Fails with LL_E_INVALID on an
 * empty or repeated name or on bytes that are not UTF-8, with LL_E_RANGE over LL_LABELS_MAX or
 * LL_LABELS_BYTES_MAX; v is in any order then. */
LL_MUST_USE bool ll_labels_sort(struct ll_label *v, size_t *n, struct ll_err *err);

/* The same of texts that are known to be UTF-8. */
LL_MUST_USE bool ll_labels_sort_utf8(struct ll_label *v, size_t *n, struct ll_err *err);

/* Appends the encoded form of a sorted set. */
void ll_labels_encode(const struct ll_label *v, size_t n, struct ll_str *out);
/* Bytes that encoding takes, and the same into memory of that size; returns the end. */
size_t ll_labels_size(const struct ll_label *v, size_t n);
char *ll_labels_write(const struct ll_label *v, size_t n, char *to);

/* Takes the next pair off the encoded set; false at its end (or where it is damaged). */
bool ll_labels_next(struct ll_slice *rest, struct ll_label *out);

/* The value of a label in an encoded set; empty when it has none. */
struct ll_slice ll_labels_get(struct ll_slice set, struct ll_slice name);
#define LL_LABELS_NAME LL_SLICE("__name__")

/* up{instance="a",job="b"}, with \\ \" \n escaped. */
void ll_labels_text(struct ll_slice set, struct ll_str *out);
/* {"__name__":"up","instance":"a"} */
void ll_labels_json(struct ll_slice set, struct ll_str *out);

#endif
