/* GET /stream: a client of the hub as an answer that does not end. */
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/hub.h"
#include "api/render.h"
#include "api/reply.h"
#include "api/stream.h"

enum { BLOCK = 16 << 10 };

struct stream {
    struct ll_api *api;
    struct MHD_Connection *connection;
    struct ll_conn *conn;
    struct ll_hub_client *client;
};

static void set_deadline(struct stream *s, ll_time deadline)
{
    atomic_store_explicit(&s->conn->deadline, deadline, memory_order_relaxed);
}

/* Both with the hub locked: a wake cannot come between reading nothing and sleeping. */
static void go_to_sleep(void *ctx)
{
    struct stream *s = ctx;
    set_deadline(s, LL_CONNS_NEVER);
    MHD_suspend_connection(s->connection);
}

static void wake_up(void *ctx)
{
    struct stream *s = ctx;
    set_deadline(s, s->api->clock.mono(s->api->clock.self) + LL_CONNS_RESPONSE);
    MHD_resume_connection(s->connection);
}

/* The library asks again only when the last bytes were taken, so the deadline is the time
 * a client has for one block. */
static ssize_t next_block(void *ctx, uint64_t at, char *buf, size_t n)
{
    (void)at;
    struct stream *s = ctx;
    ptrdiff_t got = ll_hub_read(s->api->hub, s->client, buf, n, go_to_sleep);
    if (got > 0)
        set_deadline(s, s->api->clock.mono(s->api->clock.self) + LL_CONNS_RESPONSE);
    return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : got;
}

static void leave(void *ctx)
{
    struct stream *s = ctx;
    ll_hub_leave(s->api->hub, s->client);
    free(s);
}

static bool add_headers(struct MHD_Response *m)
{
    return MHD_add_response_header(m, "Content-Type", "text/event-stream") == MHD_YES &&
           MHD_add_response_header(m, "Cache-Control", "no-store") == MHD_YES &&
           MHD_add_response_header(m, "X-Content-Type-Options", "nosniff") == MHD_YES &&
           MHD_add_response_header(m, "X-Accel-Buffering", "no") == MHD_YES;
}

static enum MHD_Result reply_head(struct ll_request *r)
{
    struct ll_reply how = {.status = 200, .mime = "text/event-stream"};
    return ll_reply_empty(r, &how);
}

enum MHD_Result ll_handler_stream(struct ll_request *r)
{
    if (r->head)
        return reply_head(r);
    struct stream *s = calloc(1, sizeof(*s));
    if (!s)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for a stream");
    *s = (struct stream){.api = r->api, .connection = r->connection, .conn = r->conn};
    s->client = ll_hub_join(r->api->hub, r->header[LL_HEADER_LAST_EVENT_ID], wake_up, s);
    if (!s->client) {
        free(s);
        return ll_reply_problem(r, LL_E_UNREACHABLE, "all %zu streams are taken",
                                r->api->max_streams);
    }
    struct MHD_Response *m =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, next_block, s, leave);
    if (!m) {
        leave(s);
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for a stream");
    }
    r->is_stream = true;
    atomic_fetch_sub(&r->api->requests, 1);
    enum MHD_Result ok = add_headers(m) ? ll_reply_queue(r, MHD_HTTP_OK, m) : MHD_NO;
    MHD_destroy_response(m);
    return ok;
}

static void *open_published(void *ctx, uint64_t *sequence)
{
    const struct ll_api *api = ctx;
    const struct ll_published *p = ll_engine_acquire(api->engine);
    *sequence = p->view->sequence;
    return (void *)(uintptr_t)p;
}

static void close_published(void *ctx, void *p)
{
    (void)ctx;
    ll_engine_release(p);
}

static void render_common(void *ctx, void *p, struct ll_json_out *j)
{
    enum { TOP = 7 };
    const struct ll_published *pub = p;
    ll_json_out_key(j, "summary");
    ll_render_summary(j, pub);
    ll_json_out_key(j, "top");
    ll_render_top(j, pub->view, NULL, TOP);
    ll_json_out_key(j, "status");
    ll_render_status(j, ctx, pub);
}

static size_t count_services(void *ctx, void *p)
{
    (void)ctx;
    return ((const struct ll_published *)p)->view->n_services;
}

static void render_one(void *ctx, void *p, size_t i, struct ll_json_out *j, struct ll_slice *name)
{
    (void)ctx;
    const struct ll_view *v = ((const struct ll_published *)p)->view;
    *name = v->services[i].name;
    ll_render_service(j, v, &v->services[i]);
}

static uint64_t render_events(void *ctx, uint64_t after, size_t max, struct ll_json_out *j)
{
    const struct ll_api *api = ctx;
    return ll_render_events(j, api->engine, after, max);
}

static ll_time now(void *ctx)
{
    const struct ll_api *api = ctx;
    return ll_engine_now(api->engine);
}

struct ll_hub_source ll_stream_source(struct ll_api *api)
{
    return (struct ll_hub_source){.ctx = api,
                                  .open = open_published,
                                  .close = close_published,
                                  .common = render_common,
                                  .services = count_services,
                                  .service = render_one,
                                  .events = render_events,
                                  .now = now};
}
