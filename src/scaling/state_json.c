/* The state as one line of JSON.  Times are milliseconds; what is not set is left out, so that the
 * same state gives the same bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_in.h"
#include "base/num.h"
#include "scaling/stages.h"

enum kind { TIME, INT, UINT, BOOL, NUMBER, TEXT, PAUSE };

struct field {
    const char *name;
    enum kind kind;
    size_t at, size;
};

#define F(member, kind)                                                                            \
    {                                                                                              \
#member, kind, offsetof(struct ll_scaling_state, member),                                  \
            sizeof(((struct ll_scaling_state *)0)->member)                                         \
    }
static const struct field fields[] = {
    F(seen_since, TIME),    F(cooldown_out, TIME),   F(cooldown_in, TIME),   F(data_lost, TIME),
    F(last_demand, NUMBER), F(last_demand_t, TIME),  F(implausible, UINT),   F(implausible_t, TIME),
    F(contested, TIME),     F(expected, INT),        F(failures, UINT),      F(breaker, TIME),
    F(idle_since, TIME),    F(scaled_to_zero, BOOL), F(warming, BOOL),       F(widened, TIME),
    F(lead_s, NUMBER),      F(lead_var, NUMBER),     F(lead_n, UINT),        F(manual.set, BOOL),
    F(manual.exact, BOOL),  F(manual.floor, INT),    F(manual.ceiling, INT), F(manual.until, TIME),
    F(manual.actor, TEXT),  F(manual.reason, TEXT),  F(pause.what, PAUSE),   F(pause.until, TIME),
    F(pause.actor, TEXT),   F(pause.reason, TEXT),   F(freeze.what, PAUSE),  F(freeze.until, TIME),
    F(freeze.actor, TEXT),  F(freeze.reason, TEXT),
};
#undef F

static void quote(struct ll_str *out, const char *s, size_t size)
{
    const size_t n = strnlen(s, size);
    ll_str_addc(out, '"');
    for (size_t i = 0; i < n;) {
        const size_t step = ll_str_utf8_next(s + i, n - i);
        const unsigned char c = (unsigned char)s[i];
        if (step == 0)
            ll_str_addc(out, '?');
        else if (c < 0x20)
            ll_str_addf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            ll_str_addf(out, "\\%c", c);
        else
            ll_str_add(out, s + i, step);
        i += LL_MAX(step, (size_t)1);
    }
    ll_str_addc(out, '"');
}

static bool is_default(const struct field *f, const char *at, const char *fresh)
{
    if (f->kind == NUMBER) {
        double a, b;
        memcpy(&a, at, sizeof(a));
        memcpy(&b, fresh, sizeof(b));
        return isnan(a) || isinf(a) || a == b;
    }
    return f->kind == TEXT ? *at == 0 : memcmp(at, fresh, f->size) == 0;
}

static int64_t get_int(const struct field *f, const char *at)
{
    if (f->size == sizeof(int64_t)) {
        int64_t v;
        memcpy(&v, at, sizeof(v));
        return v;
    }
    unsigned v;
    memcpy(&v, at, sizeof(v));
    return v;
}

static void write_field(const struct field *f, const char *at, struct ll_str *out)
{
    char number[LL_NUM_TEXT_MAX];
    double d;
    bool b;
    ll_str_addf(out, ",\"%s\":", f->name);
    switch (f->kind) {
    case TIME:
    case INT:
    case UINT:
        ll_str_addf(out, "%lld", (long long)get_int(f, at));
        break;
    case BOOL:
        memcpy(&b, at, sizeof(b));
        LL_ASSERT(b); /* false is each one's default, which is not written */
        ll_str_addz(out, "true");
        break;
    case NUMBER:
        memcpy(&d, at, sizeof(d));
        ll_num_format(d, number);
        ll_str_addz(out, number);
        break;
    case TEXT:
        quote(out, at, f->size);
        break;
    default: /* PAUSE */
        ll_str_addf(out, "\"%s\"", ll_pause_name((enum ll_pause)get_int(f, at)));
        break;
    }
}

void ll_scaling_state_write(const struct ll_scaling_state *s, struct ll_str *out)
{
    struct ll_scaling_state fresh;
    ll_scaling_state_init(&fresh);
    ll_str_addz(out, "{\"version\":1");
    for (size_t i = 0; i < LL_LEN(fields); i++) {
        const char *at = (const char *)s + fields[i].at;
        if (!is_default(&fields[i], at, (const char *)&fresh + fields[i].at))
            write_field(&fields[i], at, out);
    }
    ll_str_addz(out, ",\"answers\":[");
    for (size_t i = 0; i < s->n_answers; i++)
        ll_str_addf(out, "%s[%lld,%lld]", i ? "," : "", (long long)s->answers[i].t,
                    (long long)s->answers[i].value);
    ll_str_addz(out, "],\"changes\":[");
    for (size_t i = 0; i < s->n_changes; i++)
        ll_str_addf(out, "%s[%lld,%lld,%lld,%d]", i ? "," : "", (long long)s->changes[i].t,
                    (long long)s->changes[i].from, (long long)s->changes[i].to,
                    s->changes[i].foreign);
    ll_str_addz(out, "]}");
}

static bool damaged(struct ll_err *err, struct ll_slice what)
{
    return ll_err_set(err, LL_E_DAMAGED, "scaling state: '%.*s' is not what was written",
                      (int)LL_MIN(what.n, 40), what.s);
}

static bool read_int(const struct ll_json_tok *tok, int64_t *out)
{
    return tok->kind == LL_JSON_NUMBER && ll_num_parse_int(tok->text, out);
}

static bool is_time(int64_t t)
{
    return t >= LL_TIME_MIN && t <= LL_TIME_MAX;
}

static bool is_amount(int64_t v)
{
    return v >= 0 && v <= LL_SCALING_AMOUNT_MAX;
}

static bool set_int(const struct field *f, const struct ll_json_tok *tok, char *at)
{
    int64_t v;
    if (!read_int(tok, &v) || (f->kind == TIME && !is_time(v)))
        return false;
    if (f->size == sizeof(v)) {
        memcpy(at, &v, sizeof(v));
        return true;
    }
    if (v < 0)
        return false;
    const unsigned u = (unsigned)LL_MIN(v, (int64_t)INT32_MAX);
    memcpy(at, &u, sizeof(u));
    return true;
}

static bool set_text(const struct field *f, const struct ll_json_tok *tok, char *at)
{
    if (tok->kind != LL_JSON_STRING || tok->text.n >= f->size)
        return false;
    memset(at, 0, f->size);
    memcpy(at, tok->text.s, tok->text.n);
    return true;
}

static bool read_field(const struct field *f, const struct ll_json_tok *tok, char *at)
{
    enum ll_pause pause;
    const bool yes = tok->kind == LL_JSON_TRUE;
    switch (f->kind) {
    case TIME:
    case INT:
    case UINT:
        return set_int(f, tok, at);
    case BOOL:
        if (!yes && tok->kind != LL_JSON_FALSE)
            return false;
        memcpy(at, &yes, sizeof(yes));
        return true;
    case NUMBER:
        if (tok->kind != LL_JSON_NUMBER || isinf(tok->number))
            return false;
        memcpy(at, &tok->number, sizeof(tok->number));
        return true;
    case TEXT:
        return set_text(f, tok, at);
    default: /* PAUSE */
        if (tok->kind != LL_JSON_STRING || !ll_pause_parse(tok->text, &pause))
            return false;
        memcpy(at, &pause, sizeof(pause));
        return true;
    }
}

/* Rows of `width` whole numbers, a time that does not fall and amounts; false on anything else and
 * on too many. */
static bool read_rows(struct ll_json_in *in, size_t width, size_t cap, int64_t rows[][4], size_t *n,
                      struct ll_err *err)
{
    struct ll_json_tok tok;
    *n = 0;
    if (!ll_json_in_next(in, &tok, err) || tok.kind != LL_JSON_ARRAY)
        return false;
    while (ll_json_in_next(in, &tok, err) && tok.kind == LL_JSON_ARRAY) {
        if (*n == cap)
            return false;
        for (size_t i = 0; i < width; i++)
            if (!ll_json_in_next(in, &tok, err) || !read_int(&tok, &rows[*n][i]) ||
                (i > 0 && !is_amount(rows[*n][i])))
                return false;
        if (!is_time(rows[*n][0]) || (*n > 0 && rows[*n][0] < rows[*n - 1][0]))
            return false;
        if (!ll_json_in_next(in, &tok, err) || tok.kind != LL_JSON_ARRAY_END)
            return false;
        ++*n;
    }
    return tok.kind == LL_JSON_ARRAY_END;
}

static bool read_answers(struct ll_json_in *in, struct ll_scaling_state *s, struct ll_err *err)
{
    int64_t rows[LL_STATE_ANSWERS][4];
    if (!read_rows(in, 2, LL_STATE_ANSWERS, rows, &s->n_answers, err))
        return false;
    for (size_t i = 0; i < s->n_answers; i++)
        s->answers[i] = (struct ll_answer){rows[i][0], rows[i][1]};
    return true;
}

static bool read_changes(struct ll_json_in *in, struct ll_scaling_state *s, struct ll_err *err)
{
    int64_t rows[LL_STATE_CHANGES][4];
    if (!read_rows(in, 4, LL_STATE_CHANGES, rows, &s->n_changes, err))
        return false;
    for (size_t i = 0; i < s->n_changes; i++)
        s->changes[i] = (struct ll_change){rows[i][0], rows[i][1], rows[i][2], rows[i][3] != 0};
    return true;
}

static bool read_value(struct ll_json_in *in, struct ll_slice key, struct ll_scaling_state *s,
                       struct ll_err *err)
{
    struct ll_json_tok tok;
    if (ll_slice_is(key, "answers"))
        return read_answers(in, s, err);
    if (ll_slice_is(key, "changes"))
        return read_changes(in, s, err);
    if (!ll_json_in_next(in, &tok, err))
        return false;
    for (size_t i = 0; i < LL_LEN(fields); i++)
        if (ll_slice_is(key, fields[i].name))
            return read_field(&fields[i], &tok, (char *)s + fields[i].at);
    return ll_json_in_skip(in, &tok, err);
}

static bool read_member(struct ll_json_in *in, struct ll_slice key, struct ll_scaling_state *s,
                        struct ll_err *err)
{
    if (!read_value(in, key, s, err))
        return damaged(err, key);
    return true;
}

static bool read_object(struct ll_json_in *in, struct ll_scaling_state *s, struct ll_err *err)
{
    struct ll_json_tok tok;
    if (!ll_json_in_next(in, &tok, err) || tok.kind != LL_JSON_OBJECT)
        return damaged(err, LL_SLICE("{"));
    while (ll_json_in_next(in, &tok, err) && tok.kind == LL_JSON_KEY)
        if (!read_member(in, tok.text, s, err))
            return false;
    /* What follows the object is the end, or an error. */
    if (tok.kind != LL_JSON_OBJECT_END || !ll_json_in_next(in, &tok, err))
        return damaged(err, LL_SLICE("}"));
    return true;
}

/* What no code of ours writes: it would hold a target for ever, or overflow. */
static bool plausible(const struct ll_scaling_state *s)
{
    const double day = 86400;
    return s->implausible <= LL_SCALING_IMPLAUSIBLE_HOLD && s->expected >= -1 &&
           s->expected <= LL_SCALING_AMOUNT_MAX && s->lead_s >= 0 && s->lead_s <= day &&
           s->lead_var >= 0 && s->lead_var <= day * day && is_amount(s->manual.floor) &&
           is_amount(s->manual.ceiling);
}

bool ll_scaling_state_read(struct ll_slice text, ll_time now, struct ll_scaling_state *out,
                           struct ll_err *err)
{
    if (text.n > LL_STATE_BYTES_MAX)
        return ll_err_set(err, LL_E_DAMAGED, "scaling state: %zu bytes, at most %d", text.n,
                          LL_STATE_BYTES_MAX);
    char *copy = malloc(text.n + 1);
    if (!copy)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu bytes of scaling state", text.n);
    if (text.n)
        memcpy(copy, text.s, text.n);
    struct ll_scaling_state s;
    struct ll_json_in in;
    ll_scaling_state_init(&s);
    ll_json_in_init(&in, copy, text.n);
    const bool read = read_object(&in, &s, err);
    free(copy);
    if (!read)
        return false;
    if (!plausible(&s))
        return damaged(err, LL_SLICE("counts"));
    ll_scaling_state_clamp(&s, now);
    *out = s;
    return true;
}
