/* Probes, reload, /metrics, and the documents about the API itself. */
#include "api/audit.h"
#include "api/exposition.h"
#include "api/handlers.h"
#include "api/reply.h"

static enum MHD_Result reply_text(struct ll_request *r, unsigned status, const char *mime,
                                  const char *z)
{
    struct ll_str text;
    ll_str_init(&text, 4096);
    ll_str_addz(&text, z);
    return ll_reply_send(r, &(struct ll_reply){.status = status, .mime = mime}, &text);
}

static const char plain[] = "text/plain; charset=utf-8";

enum MHD_Result ll_handler_healthy(struct ll_request *r)
{
    return reply_text(r, 200, plain, "Loadline is healthy.\n");
}

/* Configuration and store are there, or the engine would not be; what is waited for is the
 * first tick, and a store that failed since. */
enum MHD_Result ll_handler_ready(struct ll_request *r)
{
    struct ll_engine_status s;
    ll_engine_status(r->api->engine, &s);
    if (r->api->stopping)
        return ll_reply_problem(r, LL_E_UNREACHABLE, "shutting down");
    if (s.last_tick == LL_TIME_NONE)
        return ll_reply_problem(r, LL_E_UNREACHABLE, "waiting for the first check");
    if (s.writer.state != LL_WRITER_OK)
        return ll_reply_problem(r, LL_E_STORAGE, "the store does not take writes");
    return reply_text(r, 200, plain, "Loadline is ready.\n");
}

enum MHD_Result ll_handler_reload(struct ll_request *r)
{
    struct ll_err err;
    if (!r->api->reload)
        return ll_reply_problem(r, LL_E_NOT_FOUND, "reload is not offered");
    if (!ll_api_audit(r, &r->who, "config.reload", "configuration", &err) ||
        !r->api->reload(r->api->ctx, &err))
        return ll_reply_error(r, &err, 0);
    return reply_text(r, 200, plain, "Reloaded.\n");
}

enum MHD_Result ll_handler_exposition(struct ll_request *r)
{
    bool om = ll_reply_accepts(r->header[LL_HEADER_ACCEPT], "application/openmetrics-text");
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    ll_exposition_render(&text, r->api, om);
    return ll_reply_send(
        r,
        &(struct ll_reply){.status = 200,
                           .mime = om ? LL_EXPOSITION_OPENMETRICS : LL_EXPOSITION_TEXT},
        &text);
}

enum MHD_Result ll_handler_openapi(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    ll_api_openapi(&text);
    return ll_reply_json(r, &text);
}

enum MHD_Result ll_handler_errors_page(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    ll_api_errors_page(&text);
    return ll_reply_send(r, &(struct ll_reply){.status = 200, .mime = plain}, &text);
}
