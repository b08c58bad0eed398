/* Which services somebody may see and change: shell patterns, where `*` is any run of bytes and
 * `?` any one.  Who has no scope may all; who has one without patterns may none. */
#ifndef LL_CORE_SCOPE_H
#define LL_CORE_SCOPE_H

#include "base/err.h"
#include "base/str.h"

enum {
    LL_SCOPE_BYTES_MAX = 1024, /* of all patterns together, a separator behind each */
    LL_SCOPE_TEXT_MAX = 256
};

struct ll_scope {
    bool limited;
    char patterns[LL_SCOPE_BYTES_MAX]; /* with line ends between */
};

/* Limits the scope and adds a pattern; "*" alone is one too.  Fails with LL_E_INVALID (empty or
 * with a control character) or LL_E_TOO_LARGE. */
LL_MUST_USE bool ll_scope_add(struct ll_scope *s, struct ll_slice pattern, struct ll_err *err);

/* Whether the name matches a pattern.  A scope that is limited has nothing without a name. */
bool ll_scope_may(const struct ll_scope *s, struct ll_slice name);

/* The patterns with commas between, shortened with "…"; "*" when it is not limited, "none". */
const char *ll_scope_text(const struct ll_scope *s, char buf[static LL_SCOPE_TEXT_MAX]);

/* The whole name matches the pattern; at most n * m steps. */
bool ll_scope_matches(struct ll_slice pattern, struct ll_slice name);

#endif
