#include "api/fields.h"

#include <math.h>
#include <stdio.h>

#include "base/json_in.h"

static size_t find(const struct ll_field *table, struct ll_slice name)
{
    size_t i = 0;
    while (table[i].name && !ll_slice_is(name, table[i].name))
        i++;
    return i;
}

static bool unknown(const struct ll_field *table, struct ll_slice name, struct ll_err *err)
{
    const char *names[LL_FIELDS_MAX];
    size_t n = 0;
    for (; n < LL_FIELDS_MAX && table[n].name; n++)
        names[n] = table[n].name;
    const char *near = ll_str_nearest(name, names, n);
    return ll_err_set(err, LL_E_INVALID, "unknown member '%.*s'%s%s%s",
                      (int)LL_MIN(name.n, (size_t)64), name.s, near ? ": did you mean '" : "",
                      near ? near : "", near ? "'?" : "");
}

static bool take_int(const struct ll_field *f, const struct ll_json_tok *tok,
                     struct ll_field_value *v, struct ll_err *err)
{
    static const double most = 9007199254740992.0; /* 2^53: exact in any JSON reader */
    if (tok->kind != LL_JSON_NUMBER || tok->number != floor(tok->number) ||
        !(fabs(tok->number) <= most))
        return ll_err_set(err, LL_E_INVALID, "%s is not a whole number", f->name);
    v->integer = (int64_t)tok->number;
    return true;
}

static bool take_text(const struct ll_field *f, const struct ll_json_tok *tok,
                      struct ll_field_value *v, struct ll_err *err)
{
    if (tok->kind != LL_JSON_STRING)
        return ll_err_set(err, LL_E_INVALID, "%s is not a text", f->name);
    if (tok->text.n > LL_FIELD_TEXT_MAX)
        return ll_err_set(err, LL_E_RANGE, "%s is longer than %d bytes", f->name,
                          LL_FIELD_TEXT_MAX);
    v->text = tok->text;
    return true;
}

static bool take(const struct ll_field *f, const struct ll_json_tok *tok, ll_time now,
                 struct ll_field_value *v, struct ll_err *err)
{
    if (v->given)
        return ll_err_set(err, LL_E_INVALID, "%s is given twice", f->name);
    if (tok->kind == LL_JSON_NULL)
        return true;
    v->given = true;
    if (f->kind == LL_FIELD_INT)
        return take_int(f, tok, v, err);
    if (!take_text(f, tok, v, err))
        return false;
    struct ll_err why;
    if (f->kind == LL_FIELD_TIME && !ll_time_parse_relative(v->text, now, &v->time, &why))
        return ll_err_set(err, LL_E_INVALID, "%s: %s (RFC 3339, or now+2h)", f->name, why.text);
    return true;
}

static bool members(struct ll_json_in *in, const struct ll_field *table, ll_time now,
                    struct ll_field_value *values, struct ll_err *err)
{
    struct ll_json_tok tok;
    if (!ll_json_in_next(in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "the body is not an object");
    for (;;) {
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            return ll_json_in_next(in, &tok, err);
        const size_t i = find(table, tok.text);
        if (!table[i].name)
            return unknown(table, tok.text, err);
        if (!ll_json_in_next(in, &tok, err) || !take(&table[i], &tok, now, &values[i], err))
            return false;
    }
}

bool ll_fields_read(struct ll_request *r, const struct ll_field *table,
                    struct ll_field_value *values, struct ll_err *err)
{
    struct ll_json_in in;
    for (size_t i = 0; table[i].name; i++)
        values[i] = (struct ll_field_value){.text = {"", 0}};
    ll_json_in_init(&in, r->body.s ? r->body.s : (char *)"", r->body.n);
    if (!members(&in, table, ll_engine_now(r->api->engine), values, err))
        return false;
    for (size_t i = 0; table[i].name; i++)
        if (table[i].required && !values[i].given)
            return ll_err_set(err, LL_E_INVALID, "%s is missing", table[i].name);
    return true;
}
