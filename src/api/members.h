/* Members of an open JSON object: key and value in one call. */
#ifndef LL_API_MEMBERS_H
#define LL_API_MEMBERS_H

#include "api/json_out.h"
#include "calendar/day.h"

void ll_member_text(struct ll_json_out *j, const char *key, struct ll_slice value);
void ll_member_word(struct ll_json_out *j, const char *key, const char *value); /* NULL: null */
void ll_member_day(struct ll_json_out *j, const char *key, ll_day d);           /* "2027-01-28" */
void ll_member_moment(struct ll_json_out *j, const char *key, ll_time t); /* LL_TIME_NONE: null */
void ll_member_yes(struct ll_json_out *j, const char *key, bool v);
void ll_member_count(struct ll_json_out *j, const char *key, size_t n);
void ll_member_number(struct ll_json_out *j, const char *key, double v); /* NaN: null */
void ll_member_texts(struct ll_json_out *j, const char *key, const struct ll_slice *v, size_t n);

#endif
