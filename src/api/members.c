#include "api/members.h"

void ll_member_text(struct ll_json_out *j, const char *key, struct ll_slice value)
{
    ll_json_out_key(j, key);
    ll_json_out_text(j, value);
}

void ll_member_word(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

void ll_member_day(struct ll_json_out *j, const char *key, ll_day d)
{
    char buf[LL_DAY_TEXT_MAX];
    ll_member_word(j, key, ll_day_format(d, buf));
}

void ll_member_moment(struct ll_json_out *j, const char *key, ll_time t)
{
    ll_json_out_key(j, key);
    ll_json_out_time(j, t);
}

void ll_member_yes(struct ll_json_out *j, const char *key, bool v)
{
    ll_json_out_key(j, key);
    ll_json_out_bool(j, v);
}

void ll_member_count(struct ll_json_out *j, const char *key, size_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, (int64_t)n);
}

void ll_member_texts(struct ll_json_out *j, const char *key, const struct ll_slice *v, size_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++)
        ll_json_out_text(j, v[i]);
    ll_json_out_close(j, ']');
}

void ll_member_number(struct ll_json_out *j, const char *key, double v)
{
    ll_json_out_key(j, key);
    ll_json_out_num(j, v);
}
