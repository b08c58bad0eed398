/* Errors as values: a code with a fixed meaning, and one sentence for a person.
 *
 * A function that can fail returns bool and fills *err only on failure:
 *     return ll_err_set(err, LL_E_RANGE, "alpha %g is not in (0, 1]", alpha);
 * A caller adds where it happened, outermost first in the text:
 *     return ll_err_wrap(err, "loading rule '%s'", id);
 * Messages are lower case, without a full stop, and name the value. */
#ifndef LL_BASE_ERR_H
#define LL_BASE_ERR_H

#include "base/defs.h"

/* code, name, HTTP status, exit code, retryable, meaning */
#define LL_ERR_TABLE(X)                                                                            \
    X(LL_E_INVALID, "invalid", 400, 1, false, "the input does not mean anything")                  \
    X(LL_E_RANGE, "out-of-range", 400, 1, false, "a value is outside its limits")                  \
    X(LL_E_USAGE, "usage", 400, 2, false, "the command line is wrong")                             \
    X(LL_E_CONFIG, "config-invalid", 400, 3, false, "the configuration is refused")                \
    X(LL_E_NOT_FOUND, "not-found", 404, 4, false, "there is no such thing")                        \
    X(LL_E_UNREACHABLE, "unreachable", 503, 5, true, "the daemon or a peer does not answer")       \
    X(LL_E_DENIED, "not-allowed", 403, 6, false, "the caller may not do this")                     \
    X(LL_E_UNAUTHENTICATED, "unauthenticated", 401, 6, false, "the caller is not known")           \
    X(LL_E_CONFLICT, "conflict", 409, 7, false, "the base changed meanwhile")                      \
    X(LL_E_TIMEOUT, "timeout", 504, 8, true, "it took too long")                                   \
    X(LL_E_TOO_LARGE, "too-large", 413, 1, false, "a size limit is passed")                        \
    X(LL_E_MEDIA, "unsupported-media", 415, 1, false, "the type or encoding is not understood")    \
    X(LL_E_BUSY, "busy", 429, 1, true, "a queue or quota is full")                                 \
    X(LL_E_STORAGE, "storage", 503, 1, true, "the store cannot write now")                         \
    X(LL_E_DAMAGED, "damaged", 500, 1, false, "stored data is not what was written")               \
    X(LL_E_IO, "io", 500, 1, true, "the operating system refused")                                 \
    X(LL_E_MEMORY, "memory", 503, 1, true, "no memory within the limits")                          \
    X(LL_E_SHORT, "too-little-data", 422, 1, false, "more observations are needed")                \
    X(LL_E_INTERNAL, "internal", 500, 1, false, "a bug")

enum ll_err_code {
    LL_E_OK = 0,
#define X(code, name, http, exit, retry, meaning) code,
    LL_ERR_TABLE(X)
#undef X
        LL_E_COUNT
};

enum { LL_ERR_TEXT_MAX = 512 };

struct ll_err {
    enum ll_err_code code;
    int line;                   /* 1-based place in the input that was read, 0 = none */
    int column;                 /* 1-based */
    char text[LL_ERR_TEXT_MAX]; /* printable UTF-8, whatever the arguments held */
};

/* What a code means to each kind of caller. */
struct ll_err_info {
    const char *name;
    int http_status;
    int exit_code;
    bool retryable;
    const char *meaning;
};

/* Both return false, so that they can be returned.  err may be NULL.  Arguments may point into
 * *err.  Control bytes and what is not UTF-8 become '?'; the end of a long text is cut. */
bool ll_err_set(struct ll_err *err, enum ll_err_code code, const char *fmt, ...) LL_PRINTF(3, 4);
bool ll_err_wrap(struct ll_err *err, const char *fmt, ...) LL_PRINTF(2, 3);

/* As ll_err_set, with the place in the input. */
bool ll_err_set_at(struct ll_err *err, enum ll_err_code code, int line, int column, const char *fmt,
                   ...) LL_PRINTF(5, 6);

/* The analyser reads one file at a time and cannot know that they return false. */
#ifdef __clang_analyzer__
#define ll_err_set(...) ((void)ll_err_set(__VA_ARGS__), false)
#define ll_err_set_at(...) ((void)ll_err_set_at(__VA_ARGS__), false)
#define ll_err_wrap(...) ((void)ll_err_wrap(__VA_ARGS__), false)
#endif

/* Static data; a code out of range is LL_E_INTERNAL. */
const struct ll_err_info *ll_err_info(enum ll_err_code code);

#endif
