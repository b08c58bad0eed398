/* Structs into JSON, along the same rows that read them; as deep as the schema nests. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "config/schema_private.h"

static void cut(struct ll_str *out, size_t n)
{
    if (out->n <= n)
        return;
    out->n = n;
    out->s[n] = '\0';
}

static void write_members(const struct ll_schema *s, const void *obj, struct ll_str *out);

/* The percentage that reads back as exactly this ratio: 29 for 0.29, and not 28.999999999999996. */
static void write_percent(double v, struct ll_str *out)
{
    const double near = v * 100, tidy = round(near * 1e9) / 1e9;
    const double tries[] = {tidy, near, nextafter(near, INFINITY), nextafter(near, -INFINITY)};
    char text[LL_NUM_TEXT_MAX];
    size_t i = 0;
    while (i + 1 < LL_LEN(tries) && tries[i] / 100 != v)
        i++;
    ll_str_add(out, text, ll_num_format(tries[i], text));
}

static bool is_zero(const struct ll_schema_row *row, const void *field)
{
    static const unsigned char zeros[sizeof(int64_t)];
    size_t size = row->type == LL_SCHEMA_BOOL    ? sizeof(bool)
                  : row->type == LL_SCHEMA_SMALL ? sizeof(unsigned)
                                                 : sizeof(int64_t);
    return memcmp(field, zeros, size) == 0; /* 0.0 is all zeros too */
}

static bool write_text(struct ll_slice t, struct ll_str *out)
{
    if (t.n)
        ll_schema_json_text(t, out);
    return t.n > 0;
}

static bool write_scalar(const struct ll_schema_row *row, const void *field, struct ll_str *out)
{
    if (row->flags & LL_SCHEMA_QUIET && is_zero(row, field))
        return false;
    if (row->type == LL_SCHEMA_SLICE) {
        struct ll_slice t;
        memcpy(&t, field, sizeof(t));
        return write_text(t, out);
    }
    if (row->type == LL_SCHEMA_PERCENT) {
        double v;
        memcpy(&v, field, sizeof(v));
        if (!isnan(v))
            write_percent(v, out);
        return !isnan(v);
    }
    if (row->type != LL_SCHEMA_PARSED && row->type != LL_SCHEMA_ENUM)
        return ll_schema_scalar_show(row, field, out);
    struct ll_str text;
    ll_str_init(&text, LL_YAML_BYTES_MAX);
    bool there = row->type == LL_SCHEMA_ENUM ? ll_schema_scalar_show(row, field, &text)
                                             : row->print && row->print(field, &text);
    there = there && write_text((struct ll_slice){ll_str_z(&text), text.n}, out);
    out->failed |= text.failed;
    ll_str_fini(&text);
    return there;
}

static void write_item(const struct ll_schema *s, const void *item, struct ll_str *out)
{
    const struct ll_schema_row *row = &s->rows[0];
    if (!(row->flags & LL_SCHEMA_VALUE))
        write_members(s, item, out);
    else if (!write_scalar(row, ll_schema_field_const(item, row->offset), out))
        ll_str_addz(out, "\"\"");
}

static bool write_items(const struct ll_schema_row *row, const void *obj, struct ll_str *out)
{
    const unsigned char *items;
    size_t n;
    memcpy(&items, ll_schema_field_const(obj, row->offset), sizeof(items));
    memcpy(&n, ll_schema_field_const(obj, row->offset_n), sizeof(n));
    for (size_t i = 0; i < n; i++) {
        ll_str_addc(out, i ? ',' : '[');
        write_item(row->sub, items + i * row->sub->size, out);
    }
    if (n)
        ll_str_addc(out, ']');
    return n > 0;
}

static bool write_value(const struct ll_schema_row *row, const void *obj, struct ll_str *out)
{
    const void *field = ll_schema_field_const(obj, row->offset);
    LL_ASSERT(row->type != LL_SCHEMA_MAP && row->type != LL_SCHEMA_TEXTS);
    if (row->type == LL_SCHEMA_LIST)
        return write_items(row, obj, out);
    if (row->type != LL_SCHEMA_STRUCT)
        return write_scalar(row, field, out);
    size_t start = out->n;
    write_members(row->sub, field, out);
    return out->n > start + 2; /* more than {} */
}

static void write_members(const struct ll_schema *s, const void *obj, struct ll_str *out)
{
    const char *gap = "";
    ll_str_addc(out, '{');
    for (size_t i = 0; i < s->n; i++) {
        const struct ll_schema_row *row = &s->rows[i];
        size_t start = out->n;
        if (row->flags & LL_SCHEMA_REFUSED)
            continue;
        ll_str_addf(out, "%s\"%s\":", gap, row->key);
        if (write_value(row, obj, out))
            gap = ",";
        else
            cut(out, start);
    }
    ll_str_addc(out, '}');
}

void ll_schema_write(const struct ll_schema *s, const void *obj, struct ll_str *out)
{
    write_members(s, obj, out);
}
