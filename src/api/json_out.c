#include "api/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

static void before(struct ll_json_out *j)
{
    if (j->comma)
        ll_str_addc(j->out, ',');
    j->comma = true;
}

void ll_json_out_open(struct ll_json_out *j, char bracket)
{
    before(j);
    ll_str_addc(j->out, bracket);
    j->comma = false;
}

void ll_json_out_close(struct ll_json_out *j, char bracket)
{
    ll_str_addc(j->out, bracket);
    j->comma = true;
}

void ll_json_out_key(struct ll_json_out *j, const char *key)
{
    before(j);
    ll_str_addc(j->out, '"');
    ll_str_addz(j->out, key);
    ll_str_add(j->out, "\":", 2);
    j->comma = false;
}

static void add_escaped(struct ll_str *b, unsigned char c)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof(shorts); i += 2)
        if ((unsigned char)shorts[i] == c) {
            ll_str_addc(b, '\\');
            ll_str_addc(b, shorts[i + 1]);
            return;
        }
    char code[8];
    int n = snprintf(code, sizeof(code), "\\u%04x", c);
    ll_str_add(b, code, (size_t)n);
}

/* `<` is escaped too: JSON may be looked at as HTML by something old. */
static bool is_plain(unsigned char c, bool utf8)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && c != '<' && (c < 0x80 || utf8);
}

void ll_json_out_text(struct ll_json_out *j, struct ll_slice text)
{
    before(j);
    ll_str_addc(j->out, '"');
    bool utf8 = ll_utf8_valid(text.s, text.n);
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.s[i];
        if (is_plain(c, utf8))
            continue;
        ll_str_add(j->out, text.s + from, i - from);
        if (c < 0x80)
            add_escaped(j->out, c);
        else
            ll_str_add(j->out, "\xef\xbf\xbd", 3);
        from = i + 1;
    }
    if (from < text.n) /* the empty slice may be NULL */
        ll_str_add(j->out, text.s + from, text.n - from);
    ll_str_addc(j->out, '"');
}

void ll_json_out_z(struct ll_json_out *j, const char *z)
{
    if (z)
        ll_json_out_text(j, ll_slice_of(z));
    else
        ll_json_out_null(j);
}

void ll_json_out_num(struct ll_json_out *j, double v)
{
    char text[LL_NUM_TEXT_MAX];
    before(j);
    size_t n = ll_num_format(v, text);
    ll_str_add(j->out, text, n);
}

void ll_json_out_int(struct ll_json_out *j, int64_t v)
{
    char text[24];
    before(j);
    int n = snprintf(text, sizeof(text), "%" PRId64, v);
    ll_str_add(j->out, text, (size_t)n);
}

void ll_json_out_bool(struct ll_json_out *j, bool v)
{
    before(j);
    ll_str_addz(j->out, v ? "true" : "false");
}

void ll_json_out_null(struct ll_json_out *j)
{
    before(j);
    ll_str_addz(j->out, "null");
}

void ll_json_out_time(struct ll_json_out *j, ll_time t)
{
    char text[LL_TIME_TEXT_MAX];
    if (t == LL_TIME_NONE)
        ll_json_out_null(j);
    else
        ll_json_out_z(j, ll_time_format(t, text));
}

void ll_json_out_raw(struct ll_json_out *j, const char *json, size_t n)
{
    before(j);
    ll_str_add(j->out, json, n);
}

void ll_json_out_pct(struct ll_json_out *j, double ratio)
{
    ll_json_out_num(j, round(ratio * 1e6) / 1e4);
}

void ll_json_out_seconds(struct ll_json_out *j, double seconds)
{
    ll_json_out_num(j, round(seconds * 1e3) / 1e3);
}
