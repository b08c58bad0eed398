#include "base/json_text.h"

#include "base/num.h"

void ll_json_text_quote(struct ll_str *out, struct ll_slice text)
{
    ll_str_addc(out, '"');
    for (size_t i = 0; i < text.n;) {
        const size_t step = ll_str_utf8_next(text.s + i, text.n - i);
        const unsigned char c = (unsigned char)text.s[i];
        if (step == 0)
            ll_str_addc(out, '?');
        else if (c < 0x20)
            ll_str_addf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            ll_str_addf(out, "\\%c", c);
        else
            ll_str_add(out, text.s + i, step);
        i += LL_MAX(step, (size_t)1);
    }
    ll_str_addc(out, '"');
}

void ll_json_text_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_add(out, text, ll_num_format(v, text));
}
