#include "cmd/found.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/client.h"
#include "cmd/rows.h"
#include "cmd/table.h"

bool ll_found_list(struct ll_ctx *c, const char *name, const char *key, json_t **out,
                   struct ll_err *err)
{
    LL_AUTO_JSON whole = NULL;
    if (!ll_client_get(c, "/api/v1/discovery", &whole, err))
        return false;
    const json_t *all = json_object_get(whole, name);
    if (!json_is_array(all))
        return ll_err_set(err, LL_E_UNREACHABLE, "the answer has no list of %s", name);
    const char *wanted = ll_args_text(c->args, "filter");
    size_t max = (size_t)ll_args_count(c->args, "limit"), i;
    json_t *item, *some = json_array();
    json_array_foreach(all, i, item)
    {
        bool fits = !wanted || strcasestr(ll_json_text(item, key), wanted);
        if (fits && (max == 0 || json_array_size(some) < max) && json_array_append(some, item) < 0)
            break;
    }
    if (!some || i < json_array_size(all)) {
        json_decref(some);
        return ll_err_set(err, LL_E_MEMORY, "no memory for the list of %s", name);
    }
    *out = some;
    return true;
}

double ll_found_age(const struct ll_ctx *c, const json_t *item, const char *key)
{
    ll_time t = ll_json_time(item, key);
    return t == LL_TIME_NONE ? NAN : (double)LL_MAX(c->now - t, 0) / LL_SECOND;
}

static const struct ll_column service_columns[] = {
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "kind", .title = "KIND", .spare = true},
    {.key = "source", .title = "SOURCE"},
    {.key = "rule", .title = "FOUND BY", .spare = true},
    {.key = "resources", .title = "RESOURCES", .spare = true},
    {.key = NULL, .title = "READY", .right = true},
    {.key = "ready", .title = NULL},
    {.key = "desired", .title = NULL},
    {.key = NULL, .title = "CPU REQ/LIMIT", .right = true},
    {.key = "cpu_request_cores", .title = NULL},
    {.key = "cpu_limit_cores", .title = NULL},
    {.key = NULL, .title = "MEM REQ/LIMIT", .right = true},
    {.key = "memory_request_bytes", .title = NULL},
    {.key = "memory_limit_bytes", .title = NULL},
    {.key = "newest_start", .title = "STARTED", .right = true},
    {.key = "oldest_start", .title = "OLDEST", .right = true, .wide = true},
    {.key = "series", .title = "SERIES", .right = true, .wide = true},
};

/* "cpu memory api_calls": as `loadline metrics` takes them. */
static void add_resources(struct ll_table *t, const json_t *service)
{
    char text[160];
    size_t n = 0, i;
    json_t *name;
    text[0] = 0;
    json_array_foreach(json_object_get(service, "resources"), i, name)
    {
        const char *word = json_string_value(name);
        if (word && n < sizeof(text))
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "", word);
    }
    for (char *p = text; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    ll_table_cell(t, text, NULL, LL_TINT_NONE);
}

static void add_number(struct ll_table *t, const struct ll_ctx *c, const json_t *o, const char *key)
{
    char text[LL_TEXT_MAX];
    double n = ll_json_number(o, key);
    ll_table_number(t, ll_rows_count(c, n, text), n, LL_TINT_NONE);
}

/* "11/12", amber when not all that are wanted can serve. */
static void add_ready(struct ll_table *t, const struct ll_ctx *c, const json_t *service)
{
    double ready = ll_json_number(service, "ready"), desired = ll_json_number(service, "desired");
    char a[LL_TEXT_MAX], b[LL_TEXT_MAX], text[2 * LL_TEXT_MAX];
    bool any = !isnan(ready) || !isnan(desired);
    snprintf(text, sizeof(text), any ? "%s/%s" : "%s", ll_rows_count(c, ready, a),
             ll_rows_count(c, desired, b));
    ll_table_cell(t, text, NULL, ready < desired ? LL_TINT_WARN : LL_TINT_NONE);
    add_number(t, c, service, "ready");
    add_number(t, c, service, "desired");
}

/* "6.00 / 12.0 GiB": requested and limit; either may be unknown. */
static char *wants_text(const struct ll_ctx *c, const char *unit, double request, double limit,
                        char buf[static 2 * LL_TEXT_MAX])
{
    char a[LL_TEXT_MAX], b[LL_TEXT_MAX];
    const char *of;
    ll_text_amount_of(c, unit, request, limit, a);
    ll_text_amount(c, unit, limit, b);
    if (isnan(request) && isnan(limit))
        snprintf(buf, (size_t)2 * LL_TEXT_MAX, "%s", ll_text_none(c));
    else if (!isnan(limit) && (of = strstr(a, " of "))) /* a limit is not used up */
        snprintf(buf, (size_t)2 * LL_TEXT_MAX, "%.*s / %s", (int)(of - a), a, of + 4);
    else
        snprintf(buf, (size_t)2 * LL_TEXT_MAX, "%s / %s", a, b);
    return buf;
}

static void add_wants(struct ll_table *t, const struct ll_ctx *c, const json_t *service,
                      const char *resource, const char *unit)
{
    char text[2 * LL_TEXT_MAX], raw[2][LL_TEXT_MAX];
    double request = ll_json_number(json_object_get(service, "requests"), resource);
    double limit = ll_json_number(json_object_get(service, "limits"), resource);
    ll_table_cell(t, wants_text(c, unit, request, limit, text), NULL, LL_TINT_NONE);
    ll_table_number(t, ll_text_amount(c, unit, request, raw[0]), request, LL_TINT_NONE);
    ll_table_number(t, ll_text_amount(c, unit, limit, raw[1]), limit, LL_TINT_NONE);
}

static void add_moment(struct ll_table *t, const struct ll_ctx *c, const json_t *o, const char *key)
{
    char text[LL_TEXT_MAX];
    ll_table_cell(t, ll_text_span(c, ll_found_age(c, o, key), text), ll_json_text(o, key),
                  LL_TINT_NONE);
}

static void add_service(struct ll_table *t, const struct ll_ctx *c, const json_t *s)
{
    static const char *const words[] = {"service", "kind", "source", "rule"};
    for (size_t i = 0; i < LL_LEN(words); i++)
        ll_table_cell(t, ll_json_text(s, words[i]), NULL, LL_TINT_NONE);
    add_resources(t, s);
    add_ready(t, c, s);
    add_wants(t, c, s, "CPU", "cores");
    add_wants(t, c, s, "MEMORY", "bytes");
    add_moment(t, c, s, "newest_start");
    add_moment(t, c, s, "oldest_start");
    add_number(t, c, s, "series");
}

static const struct ll_column unmatched_columns[] = {
    {.key = "metric", .title = "METRIC", .flex = true},
    {.key = "series", .title = "SERIES", .right = true},
    {.key = "source", .title = "SOURCE"},
    {.key = "reason", .title = "WHY"},
    {.key = "example", .title = "EXAMPLE", .flex = true},
};

static void add_unmatched(struct ll_table *t, const struct ll_ctx *c, const json_t *u)
{
    ll_table_cell(t, ll_json_text(u, "metric"), NULL, LL_TINT_NONE);
    add_number(t, c, u, "series");
    ll_table_cell(t, ll_json_text(u, "source"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(u, "reason"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(u, "example"), NULL, LL_TINT_DIM);
}

struct listing {
    const char *name, *key; /* of the list, and what the filter looks at */
    const struct ll_column *columns;
    size_t n_columns;
    void (*add)(struct ll_table *t, const struct ll_ctx *c, const json_t *item);
    const char *none; /* what to say when there is nothing */
};

static bool print(struct ll_ctx *c, const struct listing *l, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    if (!ll_found_list(c, l->name, l->key, &items, err))
        return false;
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(l->columns, l->n_columns);
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        l->add(t, c, item);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("%s", l->none);
    return ll_table_print(t, c, err);
}

bool ll_found_print_services(struct ll_ctx *c, struct ll_err *err)
{
    static const struct listing l = {
        "services",      "service",
        service_columns, LL_LEN(service_columns),
        add_service,     "no service was found yet",
    };
    return print(c, &l, err);
}

bool ll_found_print_unmatched(struct ll_ctx *c, struct ll_err *err)
{
    static const struct listing l = {
        "unmatched",       "metric",
        unmatched_columns, LL_LEN(unmatched_columns),
        add_unmatched,     "nothing that came is without a place",
    };
    return print(c, &l, err);
}
