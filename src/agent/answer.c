#include "agent/answer.h"

#include <string.h>

#include "base/json_in.h"

/* At most what fits, not cut within a character: messages go to the log and to systemd. */
static void copy_reason(struct ll_agent_answer *a, struct ll_slice t)
{
    size_t n = 0, len;
    while (n < t.n && (len = ll_str_utf8_next(t.s + n, t.n - n)) > 0 && n + len < sizeof(a->reason))
        n += len;
    if (n)
        memcpy(a->reason, t.s, n);
    a->reason[n] = '\0';
}

/* {"index":3,"list":"metrics","reason":"..."} */
static bool read_rejected(struct ll_json_in *in, struct ll_agent_answer *a)
{
    struct ll_json_tok tok, value;
    for (;;) {
        if (!ll_json_in_next(in, &tok, NULL))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return true;
        if (tok.kind != LL_JSON_OBJECT)
            return false;
        a->rejected++;
        while (ll_json_in_next(in, &tok, NULL) && tok.kind == LL_JSON_KEY) {
            if (!ll_json_in_next(in, &value, NULL))
                return false;
            if (a->rejected == 1 && ll_slice_is(tok.text, "reason") && value.kind == LL_JSON_STRING)
                copy_reason(a, value.text);
            if (!ll_json_in_skip(in, &value, NULL))
                return false;
        }
        if (tok.kind != LL_JSON_OBJECT_END)
            return false;
    }
}

static bool read_member(struct ll_json_in *in, struct ll_slice key, struct ll_agent_answer *a,
                        struct ll_slice *detail)
{
    struct ll_json_tok v;
    if (!ll_json_in_next(in, &v, NULL))
        return false;
    if (ll_slice_is(key, "rejected") && v.kind == LL_JSON_ARRAY && a->rejected == 0)
        return read_rejected(in, a);
    if (ll_slice_is(key, "accepted") && v.kind == LL_JSON_NUMBER && v.number >= 0 &&
        v.number <= 1e6) {
        a->counted = true;
        a->accepted = (size_t)v.number;
    }
    if (ll_slice_is(key, "detail") && v.kind == LL_JSON_STRING)
        *detail = v.text;
    return ll_json_in_skip(in, &v, NULL);
}

bool ll_agent_answer_read(char *body, size_t n, struct ll_agent_answer *out)
{
    struct ll_agent_answer a = {0};
    struct ll_slice detail = {0};
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, body, n);
    if (!ll_json_in_next(&in, &tok, NULL) || tok.kind != LL_JSON_OBJECT)
        return false;
    while (ll_json_in_next(&in, &tok, NULL) && tok.kind == LL_JSON_KEY)
        if (!read_member(&in, tok.text, &a, &detail))
            return false;
    if (tok.kind != LL_JSON_OBJECT_END || !ll_json_in_next(&in, &tok, NULL))
        return false;
    if (!a.reason[0])
        copy_reason(&a, detail);
    *out = a;
    return true;
}
