/* JSON as it is written into a string builder: the two things every writer needs. */
#ifndef LL_BASE_JSON_TEXT_H
#define LL_BASE_JSON_TEXT_H

#include "base/str.h"

/* The text in quotes; control bytes as \u00xx, bytes that are no UTF-8 as '?'. */
void ll_json_text_quote(struct ll_str *out, struct ll_slice text);

/* The shortest decimal that reads back as the same number; null unless it is finite. */
void ll_json_text_number(struct ll_str *out, double v);

#endif
