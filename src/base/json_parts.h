/* A JSON object or array cut into its parts, each as it was written: for documents that hold other
 * documents.  What is cut is checked whole (json_in.h), but no value is decoded until it is asked
 * for. */
#ifndef LL_BASE_JSON_PARTS_H
#define LL_BASE_JSON_PARTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ll_json_part {
    struct ll_slice key;   /* of an object's member, as written between its quotes; else empty */
    struct ll_slice value; /* as written */
};

struct ll_json_parts {
    const struct ll_json_part *v;
    size_t n;
    bool object; /* else an array */
};

/* Slices point into text, the list into the arena.  Fails as ll_json_in_next does, with
 * LL_E_INVALID when the text is neither object nor array, with LL_E_MEMORY. */
LL_MUST_USE bool ll_json_parts(struct ll_slice text, struct ll_arena *out, struct ll_json_parts *p,
                               struct ll_err *err);

/* Of the first member of that name; empty = there is none. */
struct ll_slice ll_json_part_of(const struct ll_json_parts *p, const char *key);

/* What a part says.  False when it is of another kind; a number's `null` reads as NaN.  Text is
 * decoded into the arena. */
LL_MUST_USE bool ll_json_part_number(struct ll_slice part, double *out);
LL_MUST_USE bool ll_json_part_int(struct ll_slice part, int64_t *out);
LL_MUST_USE bool ll_json_part_bool(struct ll_slice part, bool *out);
LL_MUST_USE bool ll_json_part_text(struct ll_slice part, struct ll_arena *a, struct ll_slice *out);

#endif
