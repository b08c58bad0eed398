/* The shapes of docs/reference/http-api.md in a shorthand, and as JSON Schema 2020-12.
 *
 *     name:type …      s text, n number, i whole number, b yes or no, t time, o any object, or a
 *                      schema's name
 *     type?  or null   [type] list   {type} object of any names   name~ may be left out
 *     =A|B   one of these words        +name:type …  with other members too
 */
#ifndef LL_API_SCHEMAS_H
#define LL_API_SCHEMAS_H

#include "api/json_out.h"

struct ll_schema {
    const char *name, *shape;
};

extern const struct ll_schema ll_schemas[];
extern const size_t ll_schemas_n;

/* The schema of a shape, as one value. */
void ll_schema_render(struct ll_json_out *j, const char *shape);

#endif
