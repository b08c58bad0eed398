/* Between the files of the schema reader; nobody else includes it. */
#ifndef LL_CONFIG_SCHEMA_PRIVATE_H
#define LL_CONFIG_SCHEMA_PRIVATE_H

#include "config/schema_doc.h"

/* A field of an object: plain bytes, so that every type goes through memcpy. */
static inline void *ll_schema_field(void *obj, size_t offset)
{
    return (unsigned char *)obj + offset;
}

static inline const void *ll_schema_field_const(const void *obj, size_t offset)
{
    return (const unsigned char *)obj + offset;
}

bool ll_schema_is_scalar(enum ll_schema_type t);
bool ll_schema_is_text(enum ll_schema_type t); /* TEXT and SLICE */

/* Reads one scalar into field; errors go to the reader's list. */
bool ll_schema_scalar_read(struct ll_schema_reader *r, const struct ll_schema_row *row,
                           const struct ll_yaml_node *node, void *field);

/* The same from the row's own text (a default); a bad one is a bug. */
void ll_schema_scalar_standard(struct ll_schema_reader *r, const struct ll_schema_row *row,
                               struct ll_slice text, void *field);

/* One text with its substitutions and checks, in the reader's arena; NULL after an error. */
const char *ll_schema_text_read(struct ll_schema_reader *r, const struct ll_schema_row *row,
                                struct ll_slice text, const struct ll_yaml_place *place, size_t *n);

/* ${env:X} and ${file:/path} in text; false after an error. */
bool ll_schema_substitute(struct ll_schema_reader *r, const char *key, struct ll_slice text,
                          const struct ll_yaml_place *place, struct ll_str *out);

/* The value as in the file; false when the field holds nothing. */
bool ll_schema_scalar_show(const struct ll_schema_row *row, const void *field, struct ll_str *out);

/* A text as a YAML scalar, quoted where it must be; subst: escape `${`. */
void ll_schema_text_show(struct ll_slice text, bool subst, struct ll_str *out);
/* A JSON string, which is a YAML one too. */
void ll_schema_json_text(struct ll_slice text, struct ll_str *out);

#endif
