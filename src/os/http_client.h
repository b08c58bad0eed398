/* HTTP client: libcurl, loaded only when a request is made.
 *
 * Linking libcurl would double the memory of a daemon that never speaks outward, so it
 * is opened at run time.  Requests are bounded: time to connect, total time, size of the
 * answer.  An HTTP status is an answer, not a failure; failures are those of the way, and an
 * answer that was cut, in its headers too, is one.  Redirects are answers and never followed.
 * No error names a token, a password or a header's value. */
#ifndef LL_OS_HTTP_CLIENT_H
#define LL_OS_HTTP_CLIENT_H

#include "base/err.h"
#include "base/time.h"

struct ll_http_client;

enum ll_http_method { LL_HTTP_GET, LL_HTTP_POST, LL_HTTP_PUT, LL_HTTP_DELETE, LL_HTTP_PATCH };

struct ll_http_header {
    const char *name, *value;
};

struct ll_http_request {
    enum ll_http_method method;
    const char *url;                 /* http or https */
    const char *bearer;              /* token; NULL = none */
    const char *username, *password; /* HTTP basic; NULL = none */
    const char *tenant;              /* X-Scope-OrgID; NULL = none */
    const char *agent;               /* X-Loadline-Agent; NULL = none */
    const char *accept;              /* NULL = application/json */
    const char *content_type;        /* of the body; NULL = application/json */
    const char *body;                /* POST, PUT and PATCH; NULL = empty */
    size_t body_bytes;
    const struct ll_http_header *headers; /* more of them */
    size_t n_headers;
    const char *aws_sigv4; /* "aws:amz:REGION:SERVICE": signs with username and password */
    const char *ca_file;   /* NULL = the system's authorities */
    const char *cert_file, *key_file; /* PEM, to show the server; NULL = none */
    bool insecure_skip_verify;        /* any certificate will do */
    bool no_proxy;                    /* not even one of the environment */
    bool guarded; /* link-local and metadata addresses are refused (os/address.h); no proxy */
    bool once;    /* on a connection of its own: on an old one libcurl may send it twice */
    ll_dur connect_timeout; /* 0 = 5 s */
    ll_dur timeout;         /* of the whole exchange; 0 = 30 s */
    size_t max_bytes;       /* of the answer; 0 = 64 MiB */
    /* Called with each piece of a 2xx answer instead of collecting the body; false ends the
     * exchange (LL_E_INTERNAL).  NULL = collect. */
    bool (*on_data)(void *ctx, const char *bytes, size_t n);
    void *ctx;
    /* Asked about once a second while waiting; true ends the exchange (LL_E_BUSY). */
    bool (*stop)(void *ctx);
    void *stop_ctx;
};

struct ll_http_response {
    int status;
    char content_type[64]; /* lower case, without parameters */
    char *body;            /* NUL-terminated; freed by ll_http_response_fini */
    size_t n;
    ll_dur retry_after; /* what the header says; 0 = nothing */
};

/* Loads the library; fails with LL_E_IO and the package to install. */
LL_MUST_USE bool ll_http_client_new(struct ll_http_client **out, struct ll_err *err);
void ll_http_client_free(struct ll_http_client *c);
LL_AUTO_DEFINE(ll_http_client, ll_http_client_free)

/* One exchange; connections are kept for the next.  Fails with LL_E_UNREACHABLE (nobody
 * answers, the answer was cut, or TLS is not trusted), LL_E_TIMEOUT, LL_E_TOO_LARGE, LL_E_USAGE
 * (the URL). */
LL_MUST_USE bool ll_http_client_do(struct ll_http_client *c, const struct ll_http_request *req,
                                   struct ll_http_response *out, struct ll_err *err);

/* How long the last exchange took, whatever came of it. */
ll_dur ll_http_client_took(const struct ll_http_client *c);

/* False when the last exchange failed before anything of it was sent. */
bool ll_http_client_sent(const struct ll_http_client *c);

void ll_http_response_fini(struct ll_http_response *r);

#endif
