/* Query parameters: split, decoded and checked against a route's table.
 *
 * Strict on purpose: an unknown or repeated parameter is a mistake somebody should hear
 * about (with what was probably meant), not something to pass over. */
#ifndef LL_API_PARAMS_H
#define LL_API_PARAMS_H

#include "base/time.h"

enum { LL_PARAMS_MAX = 24, LL_ISSUES_MAX = 8, LL_PARAM_SELECTORS_MAX = 4096 };

enum ll_param_type {
    LL_PARAM_TEXT,
    LL_PARAM_RESOURCE, /* enum ll_resource_type, in any case */
    LL_PARAM_TIME,     /* RFC 3339, Unix seconds, now-24h, or a date */
    LL_PARAM_INT,
    LL_PARAM_NUMBER,
    LL_PARAM_FORMAT,   /* json or csv */
    LL_PARAM_YES,      /* true or false, 1 or 0 */
    LL_PARAM_SELECTORS /* of labelled series, one a line */
};

/* One row of a route's table; ends with a NULL name. */
struct ll_param {
    const char *name;
    enum ll_param_type type;
    bool required;
    double min, max; /* of numbers; both 0 = no limit */
    const char *doc;
};

struct ll_param_value {
    bool given;
    struct ll_slice text; /* decoded */
    double number;
    int64_t integer;
    ll_time time;
    int resource;
    bool csv, yes;
};

/* What is wrong with one parameter; a row of `errors` in a problem. */
struct ll_issue {
    char path[64], message[160], hint[96];
    int line, column; /* of a body; 0 = none */
};

struct ll_issues {
    struct ll_issue v[LL_ISSUES_MAX];
    size_t n; /* those beyond the limit are counted only */
};

struct ll_pair {
    struct ll_slice name, value;
};

struct ll_query {
    struct ll_pair v[LL_PARAMS_MAX];
    size_t n;
};

/* Decodes %XX (and + as a space when form) in place; false when an escape is broken, or
 * what comes out has a NUL or is not UTF-8. */
LL_MUST_USE bool ll_params_decode(char *s, size_t *n, bool form);

/* Splits `a=b&c=d`, s is changed in place.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_params_split(char *s, size_t n, struct ll_query *out, struct ll_err *err);

/* Checks what was given against the table and fills values[], one per row.  True when
 * there was nothing to complain about; else the issues say what. */
LL_MUST_USE bool ll_params_check(const struct ll_param *table, const struct ll_query *q,
                                 ll_time now, struct ll_param_value *values,
                                 struct ll_issues *issues);

void ll_issues_add(struct ll_issues *i, const char *path, const char *hint, const char *fmt, ...)
    LL_PRINTF(4, 5);

const char *ll_param_type_name(enum ll_param_type t);

#endif
