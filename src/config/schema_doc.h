/* What a schema says of itself: its rows one by one, names of flags, references. */
#ifndef LL_CONFIG_SCHEMA_DOC_H
#define LL_CONFIG_SCHEMA_DOC_H

#include "config/schema.h"

/* Every row, depth first; path is "web.max_body", "services[].name", "roles.<name>". */
struct ll_schema_visit {
    const char *path;
    const struct ll_schema_row *row;
    size_t depth;
    bool in_items; /* inside a list or map: no flag, no variable */
};
typedef bool ll_schema_visitor(void *ctx, const struct ll_schema_visit *v); /* false stops */
void ll_schema_walk(const struct ll_schema *s, ll_schema_visitor *fn, void *ctx);

/* True when the row can be given as a flag and in the environment. */
bool ll_schema_has_flag(const struct ll_schema_visit *v);
/* "web.max_body" -> "web.max-body", and -> "LOADLINE_WEB_MAX_BODY". */
enum { LL_SCHEMA_NAME_MAX = 96 };
void ll_schema_flag_name(const char *path, char out[static LL_SCHEMA_NAME_MAX]);
void ll_schema_env_name(const char *path, char out[static LL_SCHEMA_NAME_MAX]);

/* "percent", "duration" ...; "0 to 100", "one of: logfmt, json" or "". */
const char *ll_schema_type_name(const struct ll_schema_row *row);
void ll_schema_limits(const struct ll_schema_row *row, struct ll_str *out);

/* The reference of all keys, for people and as JSON Schema (draft 2020-12). */
void ll_schema_table(const struct ll_schema *s, struct ll_str *out);
void ll_schema_json(const struct ll_schema *s, const char *title, struct ll_str *out);

#endif
