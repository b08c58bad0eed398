/* Structs back into YAML, along the same rows that read them; as deep as the schema nests. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "config/schema_private.h"

struct shower {
    const struct ll_schema_places *places; /* NULL = no comments */
    struct ll_str *out;
};

static void add_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_add(out, text, ll_num_format(v, text));
}

/* 0.29 * 100 is 28.999999999999996; nobody wrote that. */
static double tidy(double v)
{
    return fabs(v) < 1e6 ? round(v * 1e9) / 1e9 : v;
}

static void show_size(size_t v, struct ll_str *out)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t u = 0;
    for (; v && v % 1024 == 0 && u + 1 < LL_LEN(units); u++)
        v /= 1024;
    ll_str_addf(out, "%zu%s", v, units[u]);
}

static void show_rate(double bytes, struct ll_str *out)
{
    static const char *const units[] = {"bps", "kbps", "Mbps", "Gbps", "Tbps"};
    double v = bytes * 8, scale = 1;
    size_t u = 0;
    for (; v >= scale * 1000 && u + 1 < LL_LEN(units); u++)
        scale *= 1000;
    add_number(out, v / scale);
    ll_str_addz(out, units[u]);
}

static void show_span(ll_dur d, ll_dur unit, struct ll_str *out)
{
    add_number(out, (double)d / (double)unit);
}

#define GET(type, field)                                                                           \
    __extension__({                                                                                \
        type get_v;                                                                                \
        memcpy(&get_v, (field), sizeof(get_v));                                                    \
        get_v;                                                                                     \
    })

static bool show_double(const struct ll_schema_row *row, double v, struct ll_str *out)
{
    if (isnan(v))
        return false;
    if (row->type == LL_SCHEMA_RATE)
        show_rate(v, out);
    else
        add_number(out, row->type == LL_SCHEMA_PERCENT ? tidy(v * 100) : v);
    return true;
}

static bool show_dur(const struct ll_schema_row *row, ll_dur d, struct ll_str *out)
{
    char text[LL_DUR_TEXT_MAX];
    if (d < 0 && !(row->min < 0))
        return false;
    if (row->type == LL_SCHEMA_SECONDS)
        show_span(d, LL_SECOND, out);
    else if (row->type == LL_SCHEMA_HOURS)
        show_span(d, LL_HOUR, out);
    else
        ll_str_addz(out, ll_dur_format(d, text));
    return true;
}

static bool show_time(ll_time t, struct ll_str *out)
{
    char text[LL_TIME_TEXT_MAX];
    if (t == LL_TIME_NONE)
        return false;
    ll_str_addz(out, ll_time_format(t, text));
    return true;
}

static bool show_text(const struct ll_schema_row *row, struct ll_slice t, struct ll_str *out)
{
    if (!t.s || (row->type == LL_SCHEMA_SLICE && t.n == 0))
        return false;
    if (row->flags & LL_SCHEMA_SECRET)
        ll_str_addz(out, "\"<redacted>\"");
    else
        ll_schema_text_show(t, row->flags & LL_SCHEMA_SUBST, out);
    return true;
}

bool ll_schema_scalar_show(const struct ll_schema_row *row, const void *field, struct ll_str *out)
{
    switch (row->type) {
    case LL_SCHEMA_BOOL:
        ll_str_addz(out, GET(bool, field) ? "true" : "false");
        return true;
    case LL_SCHEMA_INT:
        ll_str_addf(out, "%lld", (long long)GET(int64_t, field));
        return GET(int64_t, field) != INT64_MIN;
    case LL_SCHEMA_COUNT:
        ll_str_addf(out, "%zu", GET(size_t, field));
        return true;
    case LL_SCHEMA_SMALL:
        ll_str_addf(out, "%u", GET(unsigned, field));
        return true;
    case LL_SCHEMA_SIZE:
        show_size(GET(size_t, field), out);
        return true;
    case LL_SCHEMA_NUMBER:
    case LL_SCHEMA_PERCENT:
    case LL_SCHEMA_RATE:
        return show_double(row, GET(double, field), out);
    case LL_SCHEMA_DURATION:
    case LL_SCHEMA_SECONDS:
    case LL_SCHEMA_HOURS:
        return show_dur(row, GET(ll_dur, field), out);
    case LL_SCHEMA_TIME:
        return show_time(GET(ll_time, field), out);
    case LL_SCHEMA_ENUM:
        if (GET(int, field) < 0)
            return false;
        ll_str_addz(out, row->names[GET(int, field)]);
        return *row->names[GET(int, field)];
    case LL_SCHEMA_TEXT: {
        const char *z = GET(const char *, field);
        return show_text(row, (struct ll_slice){z, z ? strlen(z) : 0}, out);
    }
    case LL_SCHEMA_SLICE:
        return show_text(row, GET(struct ll_slice, field), out);
    default:
        return false;
    }
}

static bool show_texts(const struct ll_schema_row *row, const void *field, struct ll_str *out)
{
    const char *const *v = GET(const char *const *, field);
    if (!v)
        return false;
    ll_str_addc(out, '[');
    for (size_t i = 0; v[i]; i++) {
        ll_str_addz(out, i ? ", " : "");
        ll_schema_text_show(ll_slice_of(v[i]), row->flags & LL_SCHEMA_SUBST, out);
    }
    ll_str_addc(out, ']');
    return true;
}

/* "  # file.yml:12"; a name with a line break in it must not end the comment. */
static void end_line(struct shower *s, const void *field)
{
    if (s->places) {
        const struct ll_yaml_place *p = ll_schema_place(s->places, field);
        static const char *const kinds[] = {"default", "", "env ", "flag ", "inherited"};
        struct ll_str *o = s->out;
        ll_str_addf(o, "  # %s", kinds[p ? p->from : LL_YAML_FROM_DEFAULT]);
        for (const char *c = p && p->name ? p->name : ""; *c; c++)
            ll_str_addc(o, (unsigned char)*c < ' ' ? '?' : *c);
        if (p && p->line > 0)
            ll_str_addf(o, ":%d", p->line);
    }
    ll_str_addc(s->out, '\n');
}

static void cut(struct ll_str *out, size_t n)
{
    if (out->n <= n)
        return;
    out->n = n;
    out->s[n] = '\0';
}

static void indent(struct ll_str *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        ll_str_addz(out, "  ");
}

static bool show_members(struct shower *s, const struct ll_schema *schema, const void *obj,
                         size_t depth);

static const struct ll_schema_row *row_with(const struct ll_schema *s, unsigned flag)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->rows[i].flags & flag)
            return &s->rows[i];
    return NULL;
}

/* The item is written one level deeper; in a list its first indent becomes the dash. */
static void show_item(struct shower *s, const struct ll_schema_row *row, const void *item,
                      size_t depth)
{
    const struct ll_schema_row *value = row_with(row->sub, LL_SCHEMA_VALUE);
    size_t start = s->out->n;
    if (row->type == LL_SCHEMA_MAP) {
        const struct ll_schema_row *key = row_with(row->sub, LL_SCHEMA_KEY);
        indent(s->out, depth);
        ll_schema_scalar_show(key, ll_schema_field_const(item, key->offset), s->out);
        ll_str_addz(s->out, value ? ": " : ":\n");
    } else if (value) {
        indent(s->out, depth);
        ll_str_addz(s->out, "- ");
    }
    if (value) {
        ll_schema_scalar_show(value, ll_schema_field_const(item, value->offset), s->out);
        end_line(s, ll_schema_field_const(item, value->offset));
        return;
    }
    size_t body = s->out->n;
    bool any = show_members(s, row->sub, item, depth + 1);
    if (row->type == LL_SCHEMA_LIST && any && !s->out->failed)
        s->out->s[body + 2 * depth] = '-';
    if (!any) {
        cut(s->out, start);
        indent(s->out, depth);
        ll_str_addz(s->out, "- {}\n");
    }
}

static bool show_items(struct shower *s, const struct ll_schema_row *row, const void *obj,
                       size_t depth)
{
    const unsigned char *items =
        GET(const unsigned char *, ll_schema_field_const(obj, row->offset));
    size_t n = GET(size_t, ll_schema_field_const(obj, row->offset_n));
    if (n == 0)
        return false;
    indent(s->out, depth);
    ll_str_addf(s->out, "%s:\n", row->key);
    for (size_t i = 0; i < n; i++)
        show_item(s, row, items + i * row->sub->size, depth + 1);
    return true;
}

static bool show_row(struct shower *s, const struct ll_schema_row *row, const void *obj,
                     size_t depth)
{
    const void *field = ll_schema_field_const(obj, row->offset);
    if (row->type == LL_SCHEMA_LIST || row->type == LL_SCHEMA_MAP)
        return show_items(s, row, obj, depth);
    size_t start = s->out->n;
    indent(s->out, depth);
    if (row->type == LL_SCHEMA_STRUCT) {
        ll_str_addf(s->out, "%s:\n", row->key);
        if (show_members(s, row->sub, field, depth + 1))
            return true;
    } else {
        ll_str_addf(s->out, "%s: ", row->key);
        if (row->type == LL_SCHEMA_TEXTS ? show_texts(row, field, s->out)
                                         : ll_schema_scalar_show(row, field, s->out)) {
            end_line(s, field);
            return true;
        }
    }
    cut(s->out, start); /* nothing there */
    return false;
}

static bool show_members(struct shower *s, const struct ll_schema *schema, const void *obj,
                         size_t depth)
{
    bool any = false;
    for (size_t i = 0; i < schema->n; i++) {
        const struct ll_schema_row *row = &schema->rows[i];
        if (!(row->flags & (LL_SCHEMA_KEY | LL_SCHEMA_VALUE | LL_SCHEMA_REFUSED)))
            any |= show_row(s, row, obj, depth);
    }
    return any;
}

void ll_schema_show(const struct ll_schema *s, const void *obj,
                    const struct ll_schema_places *places, struct ll_str *out)
{
    struct shower shower = {.places = places, .out = out};
    show_members(&shower, s, obj, 0);
}
