/* JSON as it is read: one pass over bytes already in memory, no tree, no recursion.
 *
 * RFC 8259 to the letter (UTF-8, no trailing commas, no lone surrogates, one value),
 * with a nesting limit checked before anything is kept.  The caller pulls tokens:
 *     while (ll_json_in_next(&in, &tok)) …
 * Memory does not grow with what a sender claims: strings are decoded in place, in the
 * caller's own buffer, so a token's text is valid as long as that buffer. */
#ifndef LL_BASE_JSON_IN_H
#define LL_BASE_JSON_IN_H

#include "base/err.h"
#include "base/str.h"

enum { LL_JSON_IN_DEPTH_MAX = 64 };

enum ll_json_token {
    LL_JSON_OBJECT,     /* { */
    LL_JSON_OBJECT_END, /* } */
    LL_JSON_ARRAY,      /* [ */
    LL_JSON_ARRAY_END,  /* ] */
    LL_JSON_KEY,        /* text */
    LL_JSON_STRING,     /* text */
    LL_JSON_NUMBER,     /* number; infinite when it does not fit a double; text as written */
    LL_JSON_NONFINITE,  /* NaN, Infinity, -Infinity: only with allow_nonfinite */
    LL_JSON_TRUE,
    LL_JSON_FALSE,
    LL_JSON_NULL,
    LL_JSON_END /* the document is complete */
};

struct ll_json_tok {
    enum ll_json_token kind;
    struct ll_slice text;
    double number;
    size_t depth; /* of the container it stands in; 0 = top */
};

struct ll_json_in {
    char *s; /* changed in place */
    size_t n, at;
    bool allow_nonfinite; /* not JSON, but what Python writes: lets one value be refused alone */
    size_t depth;
    uint64_t objects; /* bit per level: it is an object */
    int expect;
};

/* s[0..n) is the caller's and is changed while reading. */
void ll_json_in_init(struct ll_json_in *in, char *s, size_t n);

/* The next token.  Fails with LL_E_INVALID (err->line, err->column) or, nested deeper than
 * LL_JSON_IN_DEPTH_MAX, with LL_E_RANGE.  After LL_JSON_END every call gives LL_JSON_END. */
LL_MUST_USE bool ll_json_in_next(struct ll_json_in *in, struct ll_json_tok *tok,
                                 struct ll_err *err);

/* Reads past the value that `tok` begins (a container whole, a scalar nothing more). */
LL_MUST_USE bool ll_json_in_skip(struct ll_json_in *in, const struct ll_json_tok *tok,
                                 struct ll_err *err);

#endif
