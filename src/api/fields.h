/* Small bodies: one JSON object whose members a table knows. */
#ifndef LL_API_FIELDS_H
#define LL_API_FIELDS_H

#include "api/context.h"

enum { LL_FIELDS_MAX = 8, LL_FIELD_TEXT_MAX = 255 };

enum ll_field_kind { LL_FIELD_TEXT, LL_FIELD_INT, LL_FIELD_TIME };

struct ll_field {
    const char *name;
    enum ll_field_kind kind;
    bool required;
};

struct ll_field_value {
    bool given; /* and not null */
    struct ll_slice text;
    int64_t integer;
    ll_time time;
};

/* Reads the request's body; values[i] is of table[i], which ends with a NULL name.  Texts point
 * into the body.  Fails with LL_E_INVALID or LL_E_RANGE and what is wrong. */
LL_MUST_USE bool ll_fields_read(struct ll_request *r, const struct ll_field *table,
                                struct ll_field_value *values, struct ll_err *err);

#endif
