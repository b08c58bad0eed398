/* The HTTP API: routes, authorisation, the event stream and the embedded web app.
 *
 * It reads what the engine published last, history through the store's readers, and
 * hands pushed samples to the engine whole; it owns no domain state. */
#ifndef LL_API_API_H
#define LL_API_API_H

#include "config/config.h"
#include "config/webconfig.h"

struct ll_api;
struct ll_engine;

struct ll_api_opts {
    struct ll_engine *engine;       /* outlives the API */
    const struct ll_config *config; /* read during ll_api_new only */
    const struct ll_webconfig *web; /* NULL = no users, no TLS; kept until ll_api_set_web or free */
    /* What `POST /-/reload` does: reload everything or nothing.  Called on a thread of the
     * API.  NULL = reload is not offered. */
    bool (*reload)(void *ctx, struct ll_err *err);
    void *ctx;
};

/* Binds and serves.  Fails with LL_E_CONFIG when it would listen beyond loopback without
 * both authentication and TLS, or on a bad address; LL_E_IO when it cannot bind. */
LL_MUST_USE bool ll_api_new(const struct ll_api_opts *opts, struct ll_api **out,
                            struct ll_err *err);

/* For ll_engine_on_publish: wakes the streams.  Does not block.  ctx is the ll_api. */
void ll_api_published(void *ctx);

/* Swaps users, tokens and the certificate (re-read from its files).  All or nothing; a
 * certificate or an authentication that was there may not vanish while it is needed
 * (LL_E_CONFIG).  The former web configuration is not used any more when it returns true. */
LL_MUST_USE bool ll_api_set_web(struct ll_api *api, const struct ll_webconfig *web,
                                struct ll_err *err);

/* Stops listening, ends the streams, and waits up to `grace` for requests under way. */
void ll_api_drain(struct ll_api *api, ll_dur grace);

/* Ends everything; what has been handed to the engine is waited for. */
void ll_api_free(struct ll_api *api);

/* The port of listener i (the one given as 0 is chosen by the system); 0 = no such. */
unsigned ll_api_port(const struct ll_api *api, size_t i);

/* The generated references, as they are committed in docs/reference. */
void ll_api_openapi(struct ll_str *out);
void ll_api_routes_page(struct ll_str *out);
void ll_api_errors_page(struct ll_str *out);

#endif
