/* JSON as it is written: a small bounded writer on ll_str.
 *
 * It puts the commas itself and escapes what must be; NaN and infinities become null,
 * because no data is never a number.  It does not check nesting: the caller's code has
 * the shape of the document.  A full buffer shows in the ll_str (`failed`). */
#ifndef LL_API_JSON_OUT_H
#define LL_API_JSON_OUT_H

#include "base/time.h"

struct ll_json_out {
    struct ll_str *out;
    bool comma; /* something stands before the next value on this level */
};

void ll_json_out_open(struct ll_json_out *j, char bracket);   /* '{' or '[' */
void ll_json_out_close(struct ll_json_out *j, char bracket);  /* '}' or ']' */
void ll_json_out_key(struct ll_json_out *j, const char *key); /* plain ASCII */

/* Values.  Bytes that are not UTF-8 become U+FFFD. */
void ll_json_out_text(struct ll_json_out *j, struct ll_slice text);
void ll_json_out_z(struct ll_json_out *j, const char *z); /* NULL gives null */
void ll_json_out_num(struct ll_json_out *j, double v);
void ll_json_out_int(struct ll_json_out *j, int64_t v);
void ll_json_out_bool(struct ll_json_out *j, bool v);
void ll_json_out_null(struct ll_json_out *j);
void ll_json_out_time(struct ll_json_out *j, ll_time t); /* LL_TIME_NONE gives null */
void ll_json_out_raw(struct ll_json_out *j, const char *json, size_t n);

/* Ratio in, percentage out, four decimals. */
void ll_json_out_pct(struct ll_json_out *j, double ratio);
/* Three decimals: spans in seconds. */
void ll_json_out_seconds(struct ll_json_out *j, double seconds);

#endif
