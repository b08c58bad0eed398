/* Reads of the published view. */
#include <stdio.h>
#include <string.h>

#include "api/cache.h"
#include "api/handlers.h"
#include "base/num.h"

static void render_summary(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    (void)api;
    ll_render_summary(j, p);
}

static void render_snapshot(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    ll_render_snapshot(j, p, api->boot);
}

static void render_health(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    (void)api;
    ll_render_health(j, p->view);
}

enum MHD_Result ll_handler_summary(struct ll_request *r)
{
    return ll_cache_reply(r, LL_CACHE_SUMMARY, render_summary);
}

enum MHD_Result ll_handler_snapshot(struct ll_request *r)
{
    return ll_cache_reply(r, LL_CACHE_SNAPSHOT, render_snapshot);
}

enum MHD_Result ll_handler_health(struct ll_request *r)
{
    return ll_cache_reply(r, LL_CACHE_HEALTH, render_health);
}

/* Answers with {"items":[...]} rendered now. */
typedef void items_fn(struct ll_json_out *j, const struct ll_request *r,
                      const struct ll_published *p);

static enum MHD_Result reply_items(struct ll_request *r, items_fn *items)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    items(&j, r, p);
    ll_json_out_close(&j, '}');
    ll_engine_release(p);
    return ll_reply_json(r, &text);
}

/* The answer that all share is also this one's. */
static bool may_share(const struct ll_request *r)
{
    return r->query.n == 0 && !r->who.scope.limited;
}

enum { SERVICES_PAGE = 200, TOP_DEFAULT = 10, EVENTS_DEFAULT = 50 };

struct page {
    const struct ll_identity *who; /* NULL = sees all */
    size_t from, limit;
    struct ll_slice q;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool contains(struct ll_slice name, struct ll_slice q)
{
    for (size_t i = 0; q.n <= name.n && i <= name.n - q.n; i++) {
        size_t k = 0;
        while (k < q.n && lower(name.s[i + k]) == lower(q.s[k]))
            k++;
        if (k == q.n)
            return true;
    }
    return false;
}

static void render_page(struct ll_json_out *j, const struct ll_view *v, const struct page *page)
{
    size_t seen = 0, shown = 0;
    bool more = false;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "items");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < v->n_services && !more; i++) {
        struct ll_slice name = v->services[i].name;
        if ((page->who && !ll_identity_may(page->who, name)) || !contains(name, page->q) ||
            seen++ < page->from)
            continue;
        more = shown == page->limit;
        if (!more) {
            ll_render_service(j, v, &v->services[i]);
            shown++;
        }
    }
    ll_json_out_close(j, ']');
    ll_json_out_key(j, "next_cursor");
    char cursor[32];
    snprintf(cursor, sizeof(cursor), "%zu", page->from + shown);
    ll_json_out_z(j, more ? cursor : NULL);
    ll_json_out_close(j, '}');
}

static void render_services(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    (void)api;
    render_page(j, p->view, &(struct page){.limit = SERVICES_PAGE});
}

enum MHD_Result ll_handler_services(struct ll_request *r)
{
    if (may_share(r))
        return ll_cache_reply(r, LL_CACHE_SERVICES, render_services);
    int64_t from = 0;
    struct ll_param_value limit = r->param[0], cursor = r->param[1], q = r->param[2];
    if (cursor.given && (!ll_num_parse_int(cursor.text, &from) || from < 0))
        return ll_reply_problem(r, LL_E_INVALID, "cursor is not one we gave out");
    struct page page = {.who = &r->who,
                        .from = (size_t)from,
                        .limit = limit.given ? (size_t)limit.integer : SERVICES_PAGE,
                        .q = q.given ? q.text : LL_SLICE("")};
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    render_page(&j, p->view, &page);
    ll_engine_release(p);
    return ll_reply_json(r, &text);
}

static void render_top(struct ll_json_out *j, struct ll_api *api, const struct ll_published *p)
{
    (void)api;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "items");
    ll_render_top(j, p->view, NULL, TOP_DEFAULT);
    ll_json_out_close(j, '}');
}

static void top_items(struct ll_json_out *j, const struct ll_request *r,
                      const struct ll_published *p)
{
    ll_render_top(j, p->view, &r->who,
                  r->param[0].given ? (size_t)r->param[0].integer : TOP_DEFAULT);
}

enum MHD_Result ll_handler_top(struct ll_request *r)
{
    return may_share(r) ? ll_cache_reply(r, LL_CACHE_TOP, render_top) : reply_items(r, top_items);
}

static void limit_items(struct ll_json_out *j, const struct ll_request *r,
                        const struct ll_published *p)
{
    const struct ll_view *v = p->view;
    const struct ll_param_value *service = &r->param[0], *type = &r->param[1];
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < v->n_metrics; i++) {
        const struct ll_series_key *key = &v->metrics[v->limits[i].metric].key;
        if (!ll_identity_may(&r->who, key->service) ||
            (service->given && !ll_slice_eq(key->service, service->text)) ||
            (type->given && (int)key->type != type->resource))
            continue;
        ll_render_limit(j, v, &v->limits[i]);
    }
    ll_json_out_close(j, ']');
}

enum MHD_Result ll_handler_limits(struct ll_request *r)
{
    return reply_items(r, limit_items);
}

enum MHD_Result ll_handler_status(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    ll_render_status(&j, r->api, p);
    ll_engine_release(p);
    return ll_reply_json(r, &text);
}

static void event_items(struct ll_json_out *j, const struct ll_request *r,
                        const struct ll_published *p)
{
    (void)p;
    const struct ll_param_value *limit = &r->param[0];
    ll_render_events(j, r->api->engine, 0, limit->given ? (size_t)limit->integer : EVENTS_DEFAULT);
}

enum MHD_Result ll_handler_events(struct ll_request *r)
{
    return reply_items(r, event_items);
}
