/* The dashboard, from memory. */
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/reply.h"
#include "api/webapp.h"

enum { ETAG_MAX = 96 };

static const char csp[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'";

static const struct {
    const char *name, *value;
} page_headers[] = {
    {"Content-Security-Policy", csp},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"Vary", "Accept-Encoding"},
};

static const struct ll_webapp_asset *find(struct ll_slice path)
{
    if (ll_slice_is(path, "/"))
        path = LL_SLICE("/index.html");
    for (size_t i = 0; i < ll_webapp_assets_n; i++)
        if (ll_slice_is(path, ll_webapp_assets[i].path))
            return &ll_webapp_assets[i];
    return NULL;
}

static bool add(struct MHD_Response *m, const char *name, const char *value)
{
    return MHD_add_response_header(m, name, value) == MHD_YES;
}

static bool add_all(struct MHD_Response *m, const struct ll_webapp_asset *a, const char *etag,
                    bool gzip)
{
    bool ok = add(m, "Content-Type", a->mime) && add(m, "ETag", etag) &&
              add(m, "Cache-Control",
                  a->immutable ? "public, max-age=31536000, immutable" : "no-cache") &&
              (!gzip || add(m, "Content-Encoding", "gzip"));
    for (size_t i = 0; ok && i < LL_LEN(page_headers); i++)
        ok = add(m, page_headers[i].name, page_headers[i].value);
    return ok;
}

enum MHD_Result ll_handler_web(struct ll_request *r)
{
    const struct ll_webapp_asset *a = find(r->path);
    if (!a)
        return ll_reply_problem(r, LL_E_NOT_FOUND, "there is no such path");
    char etag[ETAG_MAX];
    bool gzip = a->gz && ll_reply_accepts(r->header[LL_HEADER_ACCEPT_ENCODING], "gzip");
    int etag_n = (int)strlen(a->etag) - 1; /* another representation, another tag */
    snprintf(etag, sizeof(etag), "%.*s%s\"", etag_n, a->etag, gzip ? "-gz" : "");
    bool same = ll_reply_matches(r->header[LL_HEADER_IF_NONE_MATCH], etag);
    const unsigned char *bytes = gzip ? a->gz : a->raw;
    size_t n = same ? 0 : gzip ? a->gz_n : a->raw_n;
    struct MHD_Response *m =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result ok = MHD_NO;
    if (m && add_all(m, a, etag, gzip && !same))
        ok = ll_reply_queue(r, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, m);
    if (m)
        MHD_destroy_response(m);
    return ok;
}
