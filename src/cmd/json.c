#include "cmd/json.h"

#include <math.h>
#include <stdlib.h>

static int append(const char *bytes, size_t n, void *out)
{
    ll_str_add(out, bytes, n);
    return 0;
}

void ll_json_print(struct ll_ctx *c, const json_t *v)
{
    json_dump_callback(v, append, &c->out,
                       JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    ll_str_addc(&c->out, '\n');
}

void ll_json_print_lines(struct ll_ctx *c, const json_t *array)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        json_dump_callback(item, append, &c->out, JSON_COMPACT | JSON_REAL_PRECISION(15));
        ll_str_addc(&c->out, '\n');
    }
}

bool ll_json_print_form(struct ll_ctx *c, const json_t *whole, const json_t *items)
{
    if (c->form == LL_FORM_JSON)
        ll_json_print(c, whole);
    else if (c->form == LL_FORM_NDJSON)
        ll_json_print_lines(c, items);
    return c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
}

double ll_json_number(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

const char *ll_json_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

bool ll_json_is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

ll_time ll_json_time(const json_t *object, const char *key)
{
    ll_time t;
    return ll_time_parse(ll_slice_of(ll_json_text(object, key)), &t, NULL) ? t : LL_TIME_NONE;
}
