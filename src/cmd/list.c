#include "cmd/list.h"

#include <math.h>
#include <stdio.h>

#include "cmd/client.h"

bool ll_list_print(struct ll_ctx *c, const char *path, const struct ll_list *list,
                   struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    if (!ll_client_get(c, path, &answer, err))
        return false;
    json_t *items = json_object_get(answer, "items");
    if (ll_json_print_form(c, answer, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(list->columns, list->n_columns);
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        list->add(t, c, item);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("%s", list->none);
    return ll_table_print(t, c, err);
}

void ll_list_amount(struct ll_table *t, const struct ll_ctx *c, const char *unit, double v)
{
    char text[LL_TEXT_MAX];
    ll_table_number(t, ll_text_amount(c, unit, v, text), v, LL_TINT_NONE);
}

void ll_list_percent(struct ll_table *t, const struct ll_ctx *c, double ratio, enum ll_tint tint)
{
    char text[LL_TEXT_MAX];
    ll_table_number(t, ll_text_percent(c, ratio * 100, text), ratio, tint);
}

void ll_list_ratio(struct ll_table *t, const struct ll_ctx *c, double v)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%.2f", v);
    ll_table_number(t, isnan(v) ? ll_text_none(c) : text, v, LL_TINT_NONE);
}

void ll_list_resource(struct ll_table *t, const char *resource)
{
    ll_table_cell(t, ll_text_resource(resource), resource, LL_TINT_NONE);
}
