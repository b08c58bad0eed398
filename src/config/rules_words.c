/* What the tables of targets and rules share: names, checks, small grammars. */
#include <string.h>

#include "config/calendar_words.h"
#include "config/rules_private.h"

#define X(member, name) [member] = (name),
const char *const ll_rules_resource_names[LL_RESOURCE_COUNT + 1] = {
    LL_RESOURCE_TABLE(X)[LL_RESOURCE_COUNT] = NULL};
#undef X

static const struct ll_schema_row text_rows[] = {
    {.key = "text", .type = LL_SCHEMA_SLICE, .flags = LL_SCHEMA_VALUE, .max = 4096},
};
const struct ll_schema ll_rules_texts_schema = {text_rows, 1, sizeof(struct ll_slice), NULL};

const char *ll_rules_check_name(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] < ' ' || t.s[i] == 0x7f)
            return "has a control character";
    if (t.n && (t.s[0] == ' ' || t.s[t.n - 1] == ' '))
        return "begins or ends with a space";
    return NULL;
}

const char *ll_rules_check_path(struct ll_slice t)
{
    return t.n && t.s[0] == '/' ? NULL : "is not an absolute path";
}

const char *ll_rules_check_url(struct ll_slice t)
{
    bool http = t.n > 7 && memcmp(t.s, "http://", 7) == 0;
    bool https = t.n > 8 && memcmp(t.s, "https://", 8) == 0;
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == '@' || t.s[i] == '#' || t.s[i] == 0x7f)
            return "has a space, a fragment or credentials in it; secrets have keys of their own";
    return http || https ? NULL : "is not a URL such as https://scaler.example.com/hook";
}

bool ll_rules_parse_time(struct ll_slice text, void *field, struct ll_err *err)
{
    return ll_calendar_parse_known(text, field, err);
}

bool ll_rules_print_time(const void *field, struct ll_str *out)
{
    char text[LL_TIME_TEXT_MAX];
    ll_time t;
    memcpy(&t, field, sizeof(t));
    if (t == LL_TIME_NONE)
        return false;
    ll_str_addz(out, t == ll_time_floor(t, LL_DAY) ? ll_time_format_date(t, text)
                                                   : ll_time_format(t, text));
    return true;
}

const struct ll_yaml_place *ll_rules_place(const struct ll_yaml_node *map, const char *key)
{
    const struct ll_yaml_node *n =
        map->kind == LL_YAML_MAP ? ll_yaml_get(map, ll_slice_of(key)) : NULL;
    return n ? &n->place : &map->place;
}

bool ll_rules_has(const struct ll_yaml_node *map, const char *key)
{
    return map->kind == LL_YAML_MAP && ll_yaml_get(map, ll_slice_of(key));
}
