/* The shapes of docs/reference/http-api.md as JSON Schema 2020-12. */
#ifndef LL_API_SCHEMAS_H
#define LL_API_SCHEMAS_H

#include "base/defs.h"

struct ll_schema {
    const char *name, *json;
};

extern const struct ll_schema ll_schemas[];
extern const size_t ll_schemas_n;

#endif
