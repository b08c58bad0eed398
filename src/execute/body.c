#include "execute/body.h"

#include <string.h>

#include "base/json_in.h"
#include "base/num.h"
#include "core/enums.h"

void ll_body_text(struct ll_str *out, struct ll_slice t)
{
    ll_str_addc(out, '"');
    for (size_t i = 0, step; i < t.n; i += step) {
        unsigned char c = (unsigned char)t.s[i];
        step = ll_str_utf8_next(t.s + i, t.n - i);
        if (step == 0) {
            ll_str_addz(out, "\xef\xbf\xbd");
            step = 1;
        } else if (c == '"' || c == '\\') {
            ll_str_addf(out, "\\%c", c);
        } else if (c < ' ') {
            ll_str_addf(out, "\\u%04x", c);
        } else {
            ll_str_add(out, t.s + i, step);
        }
    }
    ll_str_addc(out, '"');
}

static void member(struct ll_str *out, const char *name, struct ll_slice text)
{
    ll_str_addf(out, "\"%s\":", name);
    ll_body_text(out, text);
    ll_str_addc(out, ',');
}

static enum ll_direction direction_of(const struct ll_executor_action *a)
{
    if (a->to == a->from)
        return LL_DIRECTION_NO_ACTION;
    if (a->vertical)
        return a->to > a->from ? LL_DIRECTION_SCALE_UP : LL_DIRECTION_SCALE_DOWN;
    return a->to > a->from ? LL_DIRECTION_SCALE_OUT : LL_DIRECTION_SCALE_IN;
}

void ll_body_action(struct ll_str *out, const struct ll_executor_action *a)
{
    char at[LL_TIME_TEXT_MAX];
    ll_str_addc(out, '{');
    member(out, "action_id", a->action_id);
    member(out, "target", a->target);
    member(out, "service", a->service);
    ll_str_addf(out, "\"from\":%lld,\"to\":%lld,", (long long)a->from, (long long)a->to);
    member(out, "direction", ll_slice_of(ll_direction_name(direction_of(a))));
    member(out, "reason", a->reason);
    if (a->expires == LL_TIME_NONE)
        ll_str_addz(out, "\"expires_at\":null}");
    else
        ll_str_addf(out, "\"expires_at\":\"%s\"}", ll_time_format(a->expires, at));
}

void ll_body_event(struct ll_str *out, const struct ll_executor_action *a, ll_time now)
{
    char at[LL_TIME_TEXT_MAX];
    ll_str_addf(out, "{\"type\":\"scaling.action\",\"timestamp\":\"%s\",\"data\":",
                ll_time_format(now, at));
    ll_body_action(out, a);
    ll_str_addc(out, '}');
}

static int64_t *slot_of(struct ll_executor_seen *s, struct ll_slice name)
{
    return ll_slice_is(name, "current") ? &s->current
           : ll_slice_is(name, "ready") ? &s->ready
           : ll_slice_is(name, "min")   ? &s->min
           : ll_slice_is(name, "max")   ? &s->max
                                        : NULL;
}

static bool read_member(struct ll_json_in *in, struct ll_slice name, struct ll_executor_seen *s,
                        struct ll_err *err)
{
    struct ll_json_tok value;
    int64_t *slot = slot_of(s, name), n = 0;
    if (!ll_json_in_next(in, &value, err))
        return false;
    if (!slot || value.kind == LL_JSON_NULL)
        return ll_json_in_skip(in, &value, err);
    if (*slot >= 0)
        return ll_err_set(err, LL_E_INVALID, "'%.*s' is there twice", (int)name.n, name.s);
    if (value.kind != LL_JSON_NUMBER || !ll_num_parse_int(value.text, &n) || n < 0)
        return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a whole number from 0", (int)name.n,
                          name.s);
    *slot = n;
    return true;
}

bool ll_body_read_seen(char *text, size_t n, struct ll_executor_seen *out, struct ll_err *err)
{
    struct ll_executor_seen s = {.current = -1, .ready = -1, .min = -1, .max = -1};
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, text, n);
    if (!ll_json_in_next(&in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "it is not an object like {\"current\":3}");
    for (;;) {
        if (!ll_json_in_next(&in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_END)
            break;
        if (tok.kind == LL_JSON_KEY && !read_member(&in, tok.text, &s, err))
            return false;
    }
    if (s.current < 0)
        return ll_err_set(err, LL_E_INVALID, "it does not say 'current'");
    *out = s;
    return true;
}
