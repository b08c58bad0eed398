/* What the table says about itself: names, limits, the text reference and JSON Schema. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "config/schema_private.h"

static const struct {
    const char *name, *json, *pattern;
} types[] = {
    [LL_SCHEMA_BOOL] = {"true or false", "boolean", NULL},
    [LL_SCHEMA_INT] = {"whole number", "integer", NULL},
    [LL_SCHEMA_COUNT] = {"whole number", "integer", NULL},
    [LL_SCHEMA_SMALL] = {"whole number", "integer", NULL},
    [LL_SCHEMA_NUMBER] = {"number", "number", NULL},
    [LL_SCHEMA_PERCENT] = {"percentage", "number", NULL},
    [LL_SCHEMA_DURATION] = {"duration", "string", "^([0-9]+(y|w|d|h|m|s|ms))+$"},
    [LL_SCHEMA_SECONDS] = {"number of seconds", "number", NULL},
    [LL_SCHEMA_HOURS] = {"number of hours", "number", NULL},
    [LL_SCHEMA_SIZE] = {"size", NULL, NULL},
    [LL_SCHEMA_RATE] = {"bit rate", "string", "^[0-9.]+[kMGT]?bps$"},
    [LL_SCHEMA_TIME] = {"time", "string", NULL},
    [LL_SCHEMA_ENUM] = {"name", NULL, NULL},
    [LL_SCHEMA_PARSED] = {"text", "string", NULL},
    [LL_SCHEMA_TEXT] = {"text", "string", NULL},
    [LL_SCHEMA_SLICE] = {"text", "string", NULL},
    [LL_SCHEMA_TEXTS] = {"list of texts", "array", NULL},
    [LL_SCHEMA_STRUCT] = {"map", "object", NULL},
    [LL_SCHEMA_LIST] = {"list", "array", NULL},
    [LL_SCHEMA_MAP] = {"map", "object", NULL},
};

const char *ll_schema_type_name(const struct ll_schema_row *row)
{
    return types[row->type].name;
}

static void add_limit(const struct ll_schema_row *row, double v, struct ll_str *out)
{
    char text[LL_NUM_TEXT_MAX], span[LL_DUR_TEXT_MAX];
    union {
        ll_dur d;
        size_t n;
        double rate;
    } u;
    if (row->type == LL_SCHEMA_DURATION) {
        ll_str_addz(out, ll_dur_format((ll_dur)v, span));
    } else if (row->type == LL_SCHEMA_SIZE) {
        u.n = (size_t)v;
        ll_schema_scalar_show(row, &u, out);
    } else if (row->type == LL_SCHEMA_RATE) {
        u.rate = v / 8;
        ll_schema_scalar_show(row, &u, out);
    } else {
        ll_str_add(out, text, ll_num_format(v, text));
    }
}

static void add_names(const struct ll_schema_row *row, const char *quote, struct ll_str *out)
{
    const char *gap = "";
    for (size_t i = 0; row->names[i]; i++)
        if (*row->names[i]) {
            ll_str_addf(out, "%s%s%s%s", gap, quote, row->names[i], quote);
            gap = ", ";
        }
}

/* Limits of the value itself; those of text and lists are of its length. */
static bool has_range(const struct ll_schema_row *row)
{
    return row->type < LL_SCHEMA_TIME && (row->min != 0 || row->max != 0);
}

void ll_schema_limits(const struct ll_schema_row *row, struct ll_str *out)
{
    if (row->type == LL_SCHEMA_ENUM) {
        add_names(row, "", out);
    } else if (has_range(row)) {
        add_limit(row, row->min, out);
        ll_str_addz(out, " to ");
        add_limit(row, row->max, out);
    }
}

bool ll_schema_has_flag(const struct ll_schema_visit *v)
{
    return !v->in_items && v->row->type <= LL_SCHEMA_TEXTS;
}

void ll_schema_flag_name(const char *path, char out[static LL_SCHEMA_NAME_MAX])
{
    snprintf(out, LL_SCHEMA_NAME_MAX, "%s", path);
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = '-';
}

void ll_schema_env_name(const char *path, char out[static LL_SCHEMA_NAME_MAX])
{
    snprintf(out, LL_SCHEMA_NAME_MAX, "LOADLINE_%s", path);
    for (char *c = out; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (*c == '.')
            *c = '_';
    }
}

/* prefix.key and a mark; a path too long for its name is a bug in the table. */
static void join_path(char out[static LL_SCHEMA_NAME_MAX], const char *prefix, const char *key,
                      const char *mark)
{
    int n = snprintf(out, LL_SCHEMA_NAME_MAX, "%s%s%s%s", prefix, *prefix ? "." : "", key, mark);
    LL_ASSERT(n > 0 && n < LL_SCHEMA_NAME_MAX);
}

static bool walk(const struct ll_schema *s, const char *prefix, size_t depth, bool in_items,
                 ll_schema_visitor *fn, void *ctx)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct ll_schema_row *row = &s->rows[i];
        if (row->flags & (LL_SCHEMA_KEY | LL_SCHEMA_VALUE | LL_SCHEMA_REFUSED))
            continue;
        char path[LL_SCHEMA_NAME_MAX], below[LL_SCHEMA_NAME_MAX];
        join_path(path, prefix, row->key, "");
        struct ll_schema_visit v = {path, row, depth, in_items};
        if (!fn(ctx, &v))
            return false;
        bool items = row->type == LL_SCHEMA_LIST || row->type == LL_SCHEMA_MAP;
        const char *mark = row->type == LL_SCHEMA_LIST  ? "[]"
                           : row->type == LL_SCHEMA_MAP ? ".<name>"
                                                        : "";
        join_path(below, prefix, row->key, mark);
        if (row->sub && !walk(row->sub, below, depth + 1, in_items || items, fn, ctx))
            return false;
    }
    return true;
}

void ll_schema_walk(const struct ll_schema *s, ll_schema_visitor *fn, void *ctx)
{
    (void)walk(s, "", 0, false, fn, ctx);
}

static bool table_row(void *ctx, const struct ll_schema_visit *v)
{
    struct ll_str *out = ctx;
    const struct ll_schema_row *row = v->row;
    ll_str_addf(out, "%s: %s", v->path, ll_schema_type_name(row));
    struct ll_str limits;
    ll_str_init(&limits, 512);
    ll_schema_limits(row, &limits);
    if (limits.n)
        ll_str_addf(out, ", %s", ll_str_z(&limits));
    ll_str_fini(&limits);
    if (row->unit)
        ll_str_addf(out, " %s", row->unit);
    if (row->flags & LL_SCHEMA_REQUIRED)
        ll_str_addz(out, ", required");
    if (row->standard_doc || (row->standard && *row->standard))
        ll_str_addf(out, ", default %s", row->standard_doc ? row->standard_doc : row->standard);
    ll_str_addf(out, "\n    %s%s\n", row->doc,
                row->flags & LL_SCHEMA_RESTART ? "; a change needs a restart" : "");
    if (ll_schema_has_flag(v)) {
        char flag[LL_SCHEMA_NAME_MAX], env[LL_SCHEMA_NAME_MAX];
        ll_schema_flag_name(v->path, flag);
        ll_schema_env_name(v->path, env);
        ll_str_addf(out, "    --%s%s%s, %s\n", flag, row->flag ? ", --" : "",
                    row->flag ? row->flag : "", env);
    }
    return true;
}

void ll_schema_table(const struct ll_schema *s, struct ll_str *out)
{
    ll_schema_walk(s, table_row, out);
}

static void json_members(const struct ll_schema *s, struct ll_str *out);

static void json_pair(struct ll_str *out, const char *name, const char *value)
{
    ll_str_addf(out, ",\"%s\":", name);
    ll_schema_json_text(ll_slice_of(value), out);
}

static void json_item(const struct ll_schema_row *row, struct ll_str *out);

/* The item of a list or map: an object, or the lone scalar. */
static void json_sub(const struct ll_schema_row *row, struct ll_str *out)
{
    for (size_t i = 0; i < row->sub->n; i++)
        if (row->sub->rows[i].flags & LL_SCHEMA_VALUE) {
            json_item(&row->sub->rows[i], out);
            return;
        }
    ll_str_addz(out, "{\"type\":\"object\"");
    json_members(row->sub, out);
    ll_str_addc(out, '}');
}

static void json_type(const struct ll_schema_row *row, struct ll_str *out)
{
    if (row->type == LL_SCHEMA_ENUM) {
        ll_str_addz(out, "\"enum\":[");
        add_names(row, "\"", out);
        ll_str_addc(out, ']');
    } else if (row->type == LL_SCHEMA_SIZE) {
        ll_str_addz(out, "\"type\":[\"integer\",\"string\"]");
    } else if (row->flags & LL_SCHEMA_ONE) {
        ll_str_addz(out, "\"type\":[\"array\",\"string\"]");
    } else {
        ll_str_addf(out, "\"type\":\"%s\"", types[row->type].json);
    }
    if (types[row->type].pattern)
        json_pair(out, "pattern", types[row->type].pattern);
    if (row->type == LL_SCHEMA_TIME)
        ll_str_addz(out, ",\"format\":\"date-time\"");
    bool numeric = types[row->type].json && (strcmp(types[row->type].json, "number") == 0 ||
                                             strcmp(types[row->type].json, "integer") == 0);
    if (numeric && has_range(row)) {
        ll_str_addz(out, ",\"minimum\":");
        add_limit(row, row->min, out);
        ll_str_addz(out, ",\"maximum\":");
        add_limit(row, row->max, out);
    }
}

static void json_default(const struct ll_schema_row *row, struct ll_str *out)
{
    const char *json = types[row->type].json;
    if (!row->standard || row->type == LL_SCHEMA_TEXTS)
        return;
    if (json && strcmp(json, "string") != 0)
        ll_str_addf(out, ",\"default\":%s", row->standard);
    else
        json_pair(out, "default", row->standard);
}

static void json_item(const struct ll_schema_row *row, struct ll_str *out)
{
    ll_str_addc(out, '{');
    json_type(row, out);
    if (row->doc)
        json_pair(out, "description", row->doc);
    json_default(row, out);
    if (row->type == LL_SCHEMA_TEXTS) {
        ll_str_addz(out, ",\"items\":{\"type\":\"string\"}");
    } else if (row->type == LL_SCHEMA_STRUCT) {
        json_members(row->sub, out);
    } else if (row->sub) {
        ll_str_addf(out,
                    ",\"%s\":", row->type == LL_SCHEMA_LIST ? "items" : "additionalProperties");
        json_sub(row, out);
    }
    ll_str_addc(out, '}');
}

static void json_members(const struct ll_schema *s, struct ll_str *out)
{
    const unsigned hidden = LL_SCHEMA_KEY | LL_SCHEMA_VALUE | LL_SCHEMA_REFUSED;
    const char *gap = "";
    ll_str_addz(out, ",\"additionalProperties\":false,\"properties\":{");
    for (size_t i = 0; i < s->n; i++) {
        if (s->rows[i].flags & hidden)
            continue;
        ll_str_addf(out, "%s\"%s\":", gap, s->rows[i].key);
        json_item(&s->rows[i], out);
        gap = ",";
    }
    ll_str_addz(out, "},\"required\":[");
    gap = "";
    for (size_t i = 0; i < s->n; i++)
        if (s->rows[i].flags & LL_SCHEMA_REQUIRED && !(s->rows[i].flags & hidden)) {
            ll_str_addf(out, "%s\"%s\"", gap, s->rows[i].key);
            gap = ",";
        }
    ll_str_addc(out, ']');
}

void ll_schema_json(const struct ll_schema *s, const char *title, struct ll_str *out)
{
    ll_str_addz(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"");
    json_pair(out, "title", title);
    ll_str_addz(out, ",\"type\":\"object\"");
    json_members(s, out);
    ll_str_addz(out, "}\n");
}
