#include "os/http_client.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "os/address.h"

enum { MAX_BYTES = 64 << 20, ERROR_BYTES = CURL_ERROR_SIZE };

static const char library[] = "libcurl-gnutls.so.4";

/* The few entries that are used, found by name. */
struct curl_api {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *init;
    __typeof__(curl_easy_cleanup) *cleanup;
    __typeof__(curl_easy_reset) *reset;
    __typeof__(curl_easy_setopt) *setopt;
    __typeof__(curl_easy_perform) *perform;
    __typeof__(curl_easy_getinfo) *getinfo;
    __typeof__(curl_easy_strerror) *strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
};

struct ll_http_client {
    void *handle; /* of the library; never closed, GnuTLS does not like to be */
    struct curl_api api;
    CURL *easy;
    ll_dur took; /* by the last exchange */
    bool sent;   /* something of the last exchange */
};

/* What one exchange collects. */
struct sink {
    const struct ll_http_client *client;
    const struct ll_http_request *req;
    struct ll_str body;
    size_t n, max;
    bool too_large, refused;
    bool barred;      /* an address that is not to be spoken to */
    bool headers_end; /* the empty line behind them came */
};

static bool find_all(void *handle, struct curl_api *api)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {
        {"curl_global_init", &api->global_init},   {"curl_easy_init", &api->init},
        {"curl_easy_cleanup", &api->cleanup},      {"curl_easy_reset", &api->reset},
        {"curl_easy_setopt", &api->setopt},        {"curl_easy_perform", &api->perform},
        {"curl_easy_getinfo", &api->getinfo},      {"curl_easy_strerror", &api->strerror},
        {"curl_slist_append", &api->slist_append}, {"curl_slist_free_all", &api->slist_free_all},
    };
    for (size_t i = 0; i < LL_LEN(wanted); i++) {
        void *symbol = dlsym(handle, wanted[i].name);
        if (!symbol)
            return false;
        memcpy(wanted[i].slot, &symbol, sizeof(symbol)); /* ISO C has no cast for this */
    }
    return true;
}

bool ll_http_client_new(struct ll_http_client **out, struct ll_err *err)
{
    LL_AUTO(ll_http_client) c = calloc(1, sizeof(*c));
    if (!c)
        return ll_err_set(err, LL_E_MEMORY, "no memory for an HTTP client");
    c->handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!c->handle || !find_all(c->handle, &c->api))
        return ll_err_set(err, LL_E_IO,
                          "cannot load %s; install it: apt-get install libcurl3-gnutls", library);
    if (c->api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(c->easy = c->api.init()))
        return ll_err_set(err, LL_E_IO, "cannot start %s", library);
    *out = c;
    c = NULL;
    return true;
}

void ll_http_client_free(struct ll_http_client *c)
{
    if (!c)
        return;
    if (c->easy)
        c->api.cleanup(c->easy);
    free(c);
}

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;
    size_t len = size * n;
    if (len > s->max - s->n) {
        s->too_large = true;
        return 0;
    }
    s->n += len;
    long status = 0;
    s->client->api.getinfo(s->client->easy, CURLINFO_RESPONSE_CODE, &status);
    if (s->req->on_data && status >= 200 && status < 300) {
        s->refused = !s->req->on_data(s->req->ctx, bytes, len);
        return s->refused ? 0 : len;
    }
    ll_str_add(&s->body, bytes, len);
    return s->body.failed ? 0 : len;
}

/* libcurl takes an answer that ends inside its headers for a whole one. */
static size_t take_header(char *bytes, size_t size, size_t n, void *ctx)
{
    struct sink *s = ctx;
    size_t len = size * n;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        s->headers_end = false; /* an interim answer came before */
    if ((len == 2 && bytes[0] == '\r' && bytes[1] == '\n') || (len == 1 && bytes[0] == '\n'))
        s->headers_end = true;
    return len;
}

static int ask_stop(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                    curl_off_t up)
{
    const struct ll_http_request *req = ctx;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return req->stop(req->stop_ctx);
}

/* Called with the address that a name turned out to be, so that no name leads around it. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct sink *s = ctx;
    (void)purpose;
    if (ll_address_is_guarded(&to->addr, to->addrlen)) {
        s->barred = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* A proxy of the environment is not meant for this machine itself. */
static bool is_loopback(const char *url)
{
    static const char *const hosts[] = {"127.", "localhost", "[::1]"};
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    for (size_t i = 0; i < LL_LEN(hosts); i++)
        if (strncmp(host, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

/* A line break would begin a header of somebody else's. */
static bool is_header_value(const char *z)
{
    for (; *z; z++)
        if ((unsigned char)*z < ' ' && *z != '\t')
            return false;
    return true;
}

static bool add_header(const struct ll_http_client *c, struct curl_slist **list, const char *name,
                       const char *value)
{
    struct ll_str line;
    ll_str_init(&line, 64 << 10);
    ll_str_addf(&line, "%s: %s", name, value);
    struct curl_slist *longer = line.failed ? NULL : c->api.slist_append(*list, ll_str_z(&line));
    ll_str_fini(&line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool add_asked_headers(const struct ll_http_client *c, const struct ll_http_request *req,
                              struct curl_slist **list)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (!add_header(c, list, req->headers[i].name, req->headers[i].value))
            return false;
    return true;
}

static bool has_body(const struct ll_http_request *req)
{
    return req->method == LL_HTTP_POST || req->method == LL_HTTP_PUT ||
           req->method == LL_HTTP_PATCH;
}

static bool make_headers(const struct ll_http_client *c, const struct ll_http_request *req,
                         struct curl_slist **list)
{
    if (!add_header(c, list, "Accept", req->accept ? req->accept : "application/json"))
        return false;
    if (has_body(req))
        if (!add_header(c, list, "Content-Type",
                        req->content_type ? req->content_type : "application/json"))
            return false;
    if (!add_asked_headers(c, req, list))
        return false;
    if (req->tenant && !add_header(c, list, "X-Scope-OrgID", req->tenant))
        return false;
    if (req->agent && !add_header(c, list, "X-Loadline-Agent", req->agent))
        return false;
    if (!req->bearer)
        return true;
    struct ll_str value;
    ll_str_init(&value, 32 << 10);
    ll_str_addf(&value, "Bearer %s", req->bearer);
    bool ok = !value.failed && add_header(c, list, "Authorization", ll_str_z(&value));
    ll_str_fini(&value);
    return ok;
}

static void set_method(const struct ll_http_client *c, const struct ll_http_request *req)
{
    static const char *const names[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    const struct curl_api *a = &c->api;
    if (req->method == LL_HTTP_GET)
        return;
    a->setopt(c->easy, CURLOPT_CUSTOMREQUEST, names[req->method]);
    if (!has_body(req))
        return;
    a->setopt(c->easy, CURLOPT_POST, 1L);
    a->setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(req->body ? req->body_bytes : 0));
    a->setopt(c->easy, CURLOPT_POSTFIELDS, req->body ? req->body : "");
}

static void set_identity(const struct ll_http_client *c, const struct ll_http_request *req)
{
    const struct curl_api *a = &c->api;
    if (req->ca_file)
        a->setopt(c->easy, CURLOPT_CAINFO, req->ca_file);
    if (req->cert_file)
        a->setopt(c->easy, CURLOPT_SSLCERT, req->cert_file);
    if (req->key_file)
        a->setopt(c->easy, CURLOPT_SSLKEY, req->key_file);
    if (req->insecure_skip_verify) {
        a->setopt(c->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        a->setopt(c->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!req->username)
        return;
    if (req->aws_sigv4)
        a->setopt(c->easy, CURLOPT_AWS_SIGV4, req->aws_sigv4);
    else
        a->setopt(c->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    a->setopt(c->easy, CURLOPT_USERNAME, req->username);
    a->setopt(c->easy, CURLOPT_PASSWORD, req->password ? req->password : "");
}

static void set_options(const struct ll_http_client *c, const struct ll_http_request *req,
                        struct sink *sink, struct curl_slist *headers, char *why)
{
    const struct curl_api *a = &c->api;
    a->reset(c->easy);
    a->setopt(c->easy, CURLOPT_ERRORBUFFER, why);
    a->setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    a->setopt(c->easy, CURLOPT_URL, req->url);
    a->setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    a->setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS,
              (long)(req->connect_timeout ? req->connect_timeout : 5 * LL_SECOND));
    a->setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)(req->timeout ? req->timeout : 30 * LL_SECOND));
    a->setopt(c->easy, CURLOPT_HTTPHEADER, headers);
    a->setopt(c->easy, CURLOPT_USERAGENT, "loadline/" LL_VERSION);
    a->setopt(c->easy, CURLOPT_ACCEPT_ENCODING, "");
    a->setopt(c->easy, CURLOPT_WRITEFUNCTION, take);
    a->setopt(c->easy, CURLOPT_WRITEDATA, sink);
    a->setopt(c->easy, CURLOPT_HEADERFUNCTION, take_header);
    a->setopt(c->easy, CURLOPT_HEADERDATA, sink);
    if (req->stop) {
        a->setopt(c->easy, CURLOPT_XFERINFOFUNCTION, ask_stop);
        a->setopt(c->easy, CURLOPT_XFERINFODATA, req);
        a->setopt(c->easy, CURLOPT_NOPROGRESS, 0L);
    }
    if (req->no_proxy || req->guarded || is_loopback(req->url))
        a->setopt(c->easy, CURLOPT_NOPROXY, "*");
    if (req->guarded) {
        a->setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        a->setopt(c->easy, CURLOPT_OPENSOCKETDATA, sink);
    }
    if (req->once || req->guarded) { /* an open connection passes no guard */
        a->setopt(c->easy, CURLOPT_FRESH_CONNECT, 1L);
        a->setopt(c->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    set_identity(c, req);
    set_method(c, req);
}

static bool explain(const struct ll_http_client *c, CURLcode code, const struct sink *sink,
                    const char *why, struct ll_err *err)
{
    const char *url = sink->req->url;
    const char *what = why[0] ? why : c->api.strerror(code);
    long sent = 0; /* bytes of the request; its connection may have been there before */
    c->api.getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);

    if (sink->too_large)
        return ll_err_set(err, LL_E_TOO_LARGE, "the answer of %s is over %zu bytes", url,
                          sink->max);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ll_err_set(err, LL_E_BUSY, "stopped while %s was asked", url);
    if (sink->barred && code == CURLE_COULDNT_CONNECT)
        return ll_err_set(err, LL_E_DENIED,
                          "%s leads to a link-local or metadata address, which is refused", url);
    if (sink->refused)
        return ll_err_set(err, LL_E_INTERNAL, "the answer of %s was not taken", url);
    if (sink->body.failed || code == CURLE_OUT_OF_MEMORY)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer of %s", url);
    if (code == CURLE_UNSUPPORTED_PROTOCOL && sent > 0)
        return ll_err_set(err, LL_E_UNREACHABLE, "%s answered with something that is not HTTP",
                          url);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return ll_err_set(err, LL_E_USAGE, "'%s' is not a URL like http://127.0.0.1:7380", url);
    if (code == CURLE_OPERATION_TIMEDOUT && sent > 0)
        return ll_err_set(err, LL_E_TIMEOUT, "no answer in time from %s", url);
    if (code == CURLE_PARTIAL_FILE || (code == CURLE_OK && !sink->headers_end))
        return ll_err_set(err, LL_E_UNREACHABLE, "the answer of %s was cut short", url);
    return ll_err_set(err, LL_E_UNREACHABLE, "%s", what);
}

static void copy_type(const struct ll_http_client *c, struct ll_http_response *r)
{
    char *type = NULL;
    c->api.getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
    size_t n = type ? strcspn(type, "; ") : 0;
    n = LL_MIN(n, sizeof(r->content_type) - 1);
    for (size_t i = 0; i < n; i++)
        r->content_type[i] = (char)(type[i] >= 'A' && type[i] <= 'Z' ? type[i] + 32 : type[i]);
    r->content_type[n] = '\0';
}

static bool headers_are_values(const struct ll_http_request *req)
{
    for (size_t i = 0; i < req->n_headers; i++)
        if (!is_header_value(req->headers[i].value))
            return false;
    return true;
}

static bool may_be_sent(const struct ll_http_request *req, struct ll_err *err)
{
    if ((req->bearer && !is_header_value(req->bearer)) ||
        (req->tenant && !is_header_value(req->tenant)) ||
        (req->agent && !is_header_value(req->agent)) || !headers_are_values(req))
        return ll_err_set(err, LL_E_USAGE, "a token, name or header has a control character in it");
    if (req->username && strchr(req->username, ':'))
        return ll_err_set(err, LL_E_USAGE, "a user name has a colon in it");
    return true;
}

static ll_dur took(const struct ll_http_client *c)
{
    curl_off_t us = 0;
    c->api.getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &us);
    return (ll_dur)(us / 1000);
}

static bool sent(const struct ll_http_client *c)
{
    long bytes = 0;
    c->api.getinfo(c->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

static ll_dur retry_after(const struct ll_http_client *c)
{
    curl_off_t seconds = 0;
    c->api.getinfo(c->easy, CURLINFO_RETRY_AFTER, &seconds);
    return LL_MAX((ll_dur)0, (ll_dur)LL_MIN(seconds, (curl_off_t)(LL_DAY / LL_SECOND)) * LL_SECOND);
}

ll_dur ll_http_client_took(const struct ll_http_client *c)
{
    return c->took;
}

bool ll_http_client_sent(const struct ll_http_client *c)
{
    return c->sent;
}

bool ll_http_client_do(struct ll_http_client *c, const struct ll_http_request *req,
                       struct ll_http_response *out, struct ll_err *err)
{
    struct sink sink = {
        .client = c, .req = req, .max = req->max_bytes ? req->max_bytes : MAX_BYTES};
    ll_str_init(&sink.body, sink.max);
    struct curl_slist *headers = NULL;
    c->took = 0;
    c->sent = false;
    if (!may_be_sent(req, err))
        return false;
    if (!make_headers(c, req, &headers)) {
        c->api.slist_free_all(headers);
        return ll_err_set(err, LL_E_MEMORY, "no memory for the request");
    }

    char why[ERROR_BYTES] = "";
    set_options(c, req, &sink, headers, why);
    CURLcode code = c->api.perform(c->easy);
    c->api.setopt(c->easy, CURLOPT_ERRORBUFFER, NULL);
    c->api.slist_free_all(headers);
    c->took = took(c);
    c->sent = sent(c);
    if (code != CURLE_OK || !sink.headers_end) {
        explain(c, code, &sink, why, err);
        ll_str_fini(&sink.body);
        return false;
    }

    struct ll_http_response r = {0};
    long status = 0;
    c->api.getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    r.status = (int)status;
    r.retry_after = retry_after(c);
    copy_type(c, &r);
    r.body = ll_str_take(&sink.body, &r.n);
    if (!r.body)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer of %s", req->url);
    *out = r;
    return true;
}

void ll_http_response_fini(struct ll_http_response *r)
{
    free(r->body);
    *r = (struct ll_http_response){0};
}
