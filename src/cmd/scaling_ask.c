#include "cmd/scaling_ask.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "os/zone.h"

bool ll_scaling_ask_get(struct ll_ctx *c, const char *kind, const char *name, json_t **out,
                        struct ll_err *err)
{
    struct ll_str path;
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addf(&path, "/api/v1/%s", kind);
    ll_client_segment(&path, name);
    const bool ok = path.failed ? ll_err_set(err, LL_E_USAGE, "the name is too long")
                                : ll_client_get(c, ll_str_z(&path), out, err);
    ll_str_fini(&path);
    return ok;
}

bool ll_scaling_ask_target(struct ll_ctx *c, const char *name, json_t **target, struct ll_err *err)
{
    LL_AUTO_JSON rule = NULL;
    if (ll_scaling_ask_get(c, "targets", name, target, err))
        return true;
    if (err->code != LL_E_NOT_FOUND)
        return false;
    if (ll_scaling_ask_get(c, "rules", name, &rule, err))
        return ll_scaling_ask_get(c, "targets", ll_json_text(rule, "target"), target, err);
    return err->code == LL_E_NOT_FOUND
               ? ll_err_set(err, LL_E_NOT_FOUND, "there is no rule and no target '%.128s'", name)
               : false;
}

bool ll_scaling_ask_waiting(struct ll_ctx *c, const char *id, json_t **out, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    json_t *item, *found = NULL;
    size_t i, n = 0;
    if (!ll_client_list(c, "/api/v1/actions?state=proposed", 0, &items, err))
        return false;
    json_array_foreach(items, i, item)
    {
        const char *full = ll_json_text(item, "action_id");
        if (strncmp(full, id, strlen(id)) != 0)
            continue;
        found = item;
        if (++n && strcmp(full, id) == 0) {
            n = 1;
            break;
        }
    }
    if (n == 1) {
        *out = json_incref(found);
        return true;
    }
    if (n)
        return ll_err_set(err, LL_E_CONFLICT,
                          "%zu proposals begin with '%.64s'; give more of the id", n, id);
    return ll_err_set(err, LL_E_NOT_FOUND, "no proposal '%.64s' waits", id);
}

void ll_scaling_cell_time(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                          const char *key)
{
    char text[LL_ZONE_TEXT_MAX];
    const ll_time at = ll_json_time(item, key);
    ll_table_cell(
        t, at == LL_TIME_NONE ? ll_text_none(c) : ll_zone_format(at, LL_ZONE_MINUTE_TZ, text),
        ll_json_text(item, key), LL_TINT_NONE);
}

void ll_scaling_cell_text(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                          const char *key)
{
    const char *text = ll_json_text(item, key);
    ll_table_cell(t, text[0] ? text : ll_text_none(c), text, LL_TINT_NONE);
}

void ll_scaling_cell_count(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                           const char *key)
{
    char text[LL_TEXT_MAX];
    const double v = ll_json_number(item, key);
    snprintf(text, sizeof(text), "%.0f", v);
    ll_table_number(t, isnan(v) ? ll_text_none(c) : text, v, LL_TINT_NONE);
}

bool ll_scaling_print_list(struct ll_ctx *c, const json_t *items, const struct ll_column *columns,
                           size_t n, ll_scaling_row_fn *row, const char *none, struct ll_err *err)
{
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(columns, n);
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        row(t, c, item);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("%s", none);
    return ll_table_print(t, c, err);
}

bool ll_scaling_ask_until(const struct ll_ctx *c, bool off, ll_time *out, struct ll_err *err)
{
    *out = LL_TIME_NONE;
    if (off)
        return true;
    if (ll_args_given(c->args, "until"))
        *out = ll_args_time(c->args, "until", c->now);
    else if (ll_args_given(c->args, "for"))
        *out = c->now + ll_args_duration(c->args, "for");
    if (*out == LL_TIME_NONE)
        return ll_err_set(err, LL_E_USAGE, "it always ends: give --for SPAN or --until TIME");
    return *out > c->now || ll_err_set(err, LL_E_USAGE, "--until is not a time to come");
}
