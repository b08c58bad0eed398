#include "api/request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/reply.h"
#include "api/routes.h"
#include "base/num.h"

static const struct {
    const char *name;
    size_t n;
} header_names[LL_HEADER_COUNT] = {
#define NAME(which, text) [which] = {text, sizeof(text) - 1}
    NAME(LL_HEADER_HOST, "Host"),
    NAME(LL_HEADER_ORIGIN, "Origin"),
    NAME(LL_HEADER_AUTHORIZATION, "Authorization"),
    NAME(LL_HEADER_COOKIE, "Cookie"),
    NAME(LL_HEADER_ACCEPT, "Accept"),
    NAME(LL_HEADER_ACCEPT_ENCODING, "Accept-Encoding"),
    NAME(LL_HEADER_IF_MATCH, "If-Match"),
    NAME(LL_HEADER_IF_NONE_MATCH, "If-None-Match"),
    NAME(LL_HEADER_CONTENT_TYPE, "Content-Type"),
    NAME(LL_HEADER_CONTENT_LENGTH, "Content-Length"),
    NAME(LL_HEADER_CONTENT_ENCODING, "Content-Encoding"),
    NAME(LL_HEADER_TRANSFER_ENCODING, "Transfer-Encoding"),
    NAME(LL_HEADER_LAST_EVENT_ID, "Last-Event-ID"),
    NAME(LL_HEADER_CSRF, "X-Loadline-CSRF"),
    NAME(LL_HEADER_FETCH_SITE, "Sec-Fetch-Site"),
    NAME(LL_HEADER_AGENT, "X-Loadline-Agent"),
#undef NAME
};

struct ll_request *ll_request_new(struct ll_api *api, const char *uri)
{
    size_t n = strlen(uri);
    bool long_ = n > LL_URI_MAX;
    struct ll_request *r = malloc(sizeof(*r) + (long_ ? 0 : n) + 1);
    if (!r)
        return NULL;
    memset(r, 0, offsetof(struct ll_request, query));
    r->query.n = 0;
    r->api = api;
    r->uri = (char *)(r + 1);
    r->uri_n = long_ ? 0 : n;
    r->uri_bad = long_;
    memcpy(r->uri, uri, r->uri_n);
    r->uri[r->uri_n] = '\0';
    r->path = (struct ll_slice){r->uri, r->uri_n};
    ll_str_init(&r->body, api->max_body);
    atomic_fetch_add(&api->requests, 1);
    return r;
}

void ll_request_free(struct ll_request *r)
{
    if (!r)
        return;
    if (r->work_free)
        r->work_free(r->work);
    if (r->body.n > 0)
        atomic_fetch_sub(&r->api->body_bytes, r->body.n);
    if (!r->is_stream)
        atomic_fetch_sub(&r->api->requests, 1);
    ll_str_fini(&r->body);
    free(r);
}

static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *key,
                                   size_t key_n, const char *value, size_t value_n)
{
    struct ll_request *r = ctx;
    (void)kind;
    for (size_t i = 0; i < LL_HEADER_COUNT; i++) {
        if (header_names[i].n != key_n ||
            !ll_slice_ieq((struct ll_slice){key, key_n}, header_names[i].name))
            continue;
        if (r->given & 1u << i)
            r->twice |= 1u << i;
        r->given |= 1u << i;
        r->header[i] = (struct ll_slice){value ? value : "", value ? value_n : 0};
        break;
    }
    return MHD_YES;
}

static bool has(const struct ll_request *r, enum ll_header h)
{
    return r->given & 1u << h;
}

static bool refuse(struct ll_request *r, int status, enum ll_err_code code, const char *text)
{
    r->refusal_status = status;
    return ll_err_set(&r->refusal, code, "%s", text);
}

struct ll_slice ll_request_id(const struct ll_request *r)
{
    const size_t skip = strcspn(r->route->path, "{");
    struct ll_slice rest = {r->path.s + skip, r->path.n - skip};
    const char *end = memchr(rest.s, '/', rest.n);
    if (end)
        rest.n = (size_t)(end - rest.s);
    return rest;
}

/* Two ways to say where a body ends are how requests are smuggled past a proxy. */
static bool check_framing(struct ll_request *r)
{
    static const unsigned single = 1u << LL_HEADER_HOST | 1u << LL_HEADER_AUTHORIZATION |
                                   1u << LL_HEADER_CONTENT_LENGTH | 1u << LL_HEADER_ORIGIN |
                                   1u << LL_HEADER_TRANSFER_ENCODING | 1u << LL_HEADER_CONTENT_TYPE;
    uint64_t length;
    bool announced;
    if (r->uri_bad)
        return refuse(r, 414, LL_E_INVALID, "the address is longer than 8192 bytes");
    if (r->twice & single)
        return refuse(r, 400, LL_E_INVALID, "a header that may be there once is there twice");
    bool chunked = has(r, LL_HEADER_TRANSFER_ENCODING);
    if (chunked && has(r, LL_HEADER_CONTENT_LENGTH))
        return refuse(r, 400, LL_E_INVALID, "both Content-Length and Transfer-Encoding are given");
    if (chunked && !ll_slice_ieq(r->header[LL_HEADER_TRANSFER_ENCODING], "chunked"))
        return refuse(r, 400, LL_E_INVALID, "the transfer encoding is not chunked");
    if (!ll_request_length(r, &length, &announced))
        return refuse(r, 400, LL_E_INVALID, "Content-Length is not a number");
    return true;
}

bool ll_request_length(const struct ll_request *r, uint64_t *length, bool *announced)
{
    *announced = has(r, LL_HEADER_CONTENT_LENGTH);
    *length = 0;
    struct ll_slice t = r->header[LL_HEADER_CONTENT_LENGTH];
    if (!*announced)
        return true;
    if (t.n == 0 || t.n > 19)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
        *length = *length * 10 + (uint64_t)(t.s[i] - '0');
    }
    return true;
}

static bool check_address(struct ll_request *r)
{
    char *question = memchr(r->uri, '?', r->uri_n);
    size_t path_n = question ? (size_t)(question - r->uri) : r->uri_n;
    size_t query_n = question ? r->uri_n - path_n - 1 : 0;
    bool slash = path_n > 0 && r->uri[0] == '/';
    bool ok = slash && ll_params_decode(r->uri, &path_n, false);
    r->path = (struct ll_slice){r->uri, ok ? path_n : 0};
    if (!ok)
        return refuse(r, 400, LL_E_INVALID, "the path has a broken escape, a NUL or is not UTF-8");
    return !question || ll_params_split(question + 1, query_n, &r->query, &r->refusal) ||
           ((r->refusal_status = 400) && false);
}

static bool check_route(struct ll_request *r)
{
    unsigned method = ll_route_method(r->method);
    bool options = strcmp(r->method, "OPTIONS") == 0;
    r->head = strcmp(r->method, "HEAD") == 0;
    r->route = ll_route_find(ll_routes, ll_routes_count(), r->path, method, &r->allow);
    if (r->route)
        return true;
    if (r->allow == 0)
        return refuse(r, 404, LL_E_NOT_FOUND, "there is no such path");
    if (options)
        return refuse(r, 204, LL_E_OK, "");
    r->refusal_status = 405;
    return ll_err_set(&r->refusal, LL_E_INVALID, "this path does not take %.16s", r->method);
}

static bool is_write(const struct ll_request *r)
{
    return strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0 &&
           strcmp(r->method, "OPTIONS") != 0;
}

static bool check_host(struct ll_request *r)
{
    struct ll_api *api = r->api;
    if (r->route && r->route->flags & LL_ROUTE_ANY_HOST)
        return true;
    struct ll_slice origin = r->header[LL_HEADER_ORIGIN], host = r->header[LL_HEADER_HOST];
    pthread_mutex_lock(&api->lock);
    bool ours = ll_hosts_allow(&api->hosts, host);
    bool same = origin.n > 0 ? ll_hosts_same_origin(&api->hosts, origin, host, api->tls != NULL)
                             : !has(r, LL_HEADER_ORIGIN) &&
                                   !ll_slice_is(r->header[LL_HEADER_FETCH_SITE], "cross-site");
    pthread_mutex_unlock(&api->lock);
    if (!ours)
        return refuse(r, 421, LL_E_DENIED,
                      "the Host header is not a name of this server (see web.allowed_hosts)");
    if (is_write(r) && !same)
        return refuse(r, 403, LL_E_DENIED, "a write must come from this server's own pages");
    return true;
}

static enum ll_role needed_role(const struct ll_request *r)
{
    bool lifecycle = r->route->flags & LL_ROUTE_LIFECYCLE && r->api->lifecycle;
    return lifecycle ? LL_ROLE_OPERATOR : r->route->role;
}

struct lookup {
    const char *name;
    size_t name_n, n;
    struct ll_slice value;
};

static enum MHD_Result match_header(void *ctx, enum MHD_ValueKind kind, const char *key,
                                    size_t key_n, const char *value, size_t value_n)
{
    struct lookup *l = ctx;
    (void)kind;
    if (key_n == l->name_n && ll_slice_ieq((struct ll_slice){key, key_n}, l->name)) {
        l->value = (struct ll_slice){value ? value : "", value ? value_n : 0};
        l->n++;
    }
    return MHD_YES;
}

/* A header of any name, for the few of the configuration. */
static struct ll_slice find_header(void *ctx, const char *name, size_t *n)
{
    struct ll_request *r = ctx;
    struct lookup l = {.name = name, .name_n = strlen(name), .value = LL_SLICE("")};
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, match_header, &l);
    *n = l.n;
    return l.value;
}

static bool check_caller(struct ll_request *r)
{
    struct ll_api *api = r->api;
    struct ll_credentials c = {.authorization = r->header[LL_HEADER_AUTHORIZATION],
                               .cookie = r->header[LL_HEADER_COOKIE],
                               .address = r->conn->address,
                               .header = find_header,
                               .ctx = r};
    ll_time mono = c.authorization.n || c.cookie.n ? api->clock.mono(api->clock.self) : 0;
    ll_time now = c.authorization.n || c.cookie.n ? ll_engine_now(api->engine) : 0;
    if (r->route->flags & LL_ROUTE_ANY_HOST)
        return true; /* probes tell nothing: no credential is even looked at */
    if (has(r, LL_HEADER_AUTHORIZATION) && c.authorization.n == 0)
        return refuse(r, 400, LL_E_INVALID, "the authorization header is empty");
    if (!ll_auth_identify(api->auth, &c, mono, now, &r->who, &r->refusal)) {
        r->refusal_status = ll_err_info(r->refusal.code)->http_status;
        return false;
    }
    enum ll_role needed = needed_role(r);
    if (r->who.role < needed && !r->who.authenticated && ll_auth_required(api->auth))
        return refuse(r, 401, LL_E_UNAUTHENTICATED, "this needs a token or a password");
    if (r->who.role < needed) {
        r->refusal_status = 403;
        return ll_err_set(&r->refusal, LL_E_DENIED, "this needs the role %s", ll_role_name(needed));
    }
    if (is_write(r) && r->who.by_cookie && !has(r, LL_HEADER_CSRF))
        return refuse(r, 403, LL_E_DENIED,
                      "a write with a session cookie needs the header X-Loadline-CSRF");
    return true;
}

static struct ll_slice trim(struct ll_slice t)
{
    while (t.n > 0 && (*t.s == ' ' || *t.s == '\t')) {
        t.s++;
        t.n--;
    }
    while (t.n > 0 && (t.s[t.n - 1] == ' ' || t.s[t.n - 1] == '\t'))
        t.n--;
    return t;
}

/* Takes what stands before the next separator, and the separator. */
static struct ll_slice take_part(struct ll_slice *rest, char separator)
{
    const char *at = rest->n ? memchr(rest->s, separator, rest->n) : NULL;
    struct ll_slice part = {rest->s, at ? (size_t)(at - rest->s) : rest->n};
    size_t n = part.n + (at != NULL);
    if (n > 0) /* an absent header has no address to count from */
        *rest = (struct ll_slice){rest->s + n, rest->n - n};
    return trim(part);
}

static bool is_json(struct ll_slice type)
{
    return ll_slice_ieq(take_part(&type, ';'), "application/json");
}

/* RFC 9512, and the names before it. */
static bool is_yaml(struct ll_slice type)
{
    const struct ll_slice name = take_part(&type, ';');
    return ll_slice_ieq(name, "application/yaml") || ll_slice_ieq(name, "application/x-yaml") ||
           ll_slice_ieq(name, "text/yaml");
}

/* application/x-protobuf is 1.0 unless its parameter `proto` says 2.0; senders of old say
 * nothing at all. */
static bool take_protobuf(struct ll_request *r)
{
    struct ll_slice type = r->header[LL_HEADER_CONTENT_TYPE];
    r->body_kind = LL_BODY_REMOTE_WRITE_1;
    if (!has(r, LL_HEADER_CONTENT_TYPE))
        return true;
    if (!ll_slice_ieq(take_part(&type, ';'), "application/x-protobuf"))
        return false;
    while (type.n > 0) {
        struct ll_slice value = take_part(&type, ';'), name = take_part(&value, '=');
        value = trim(value);
        if (value.n > 1 && value.s[0] == '"' && value.s[value.n - 1] == '"')
            value = (struct ll_slice){value.s + 1, value.n - 2};
        bool two = ll_slice_is(value, "io.prometheus.write.v2.Request");
        if (!ll_slice_ieq(name, "proto"))
            continue;
        if (!two && !ll_slice_is(value, "prometheus.WriteRequest"))
            return false;
        r->body_kind = two ? LL_BODY_REMOTE_WRITE_2 : LL_BODY_REMOTE_WRITE_1;
    }
    return true;
}

static bool check_media(struct ll_request *r)
{
    bool protobuf = r->route->flags & LL_ROUTE_PROTOBUF;
    const char *encoding = protobuf ? "snappy" : "identity";
    if (has(r, LL_HEADER_CONTENT_ENCODING) &&
        !ll_slice_ieq(r->header[LL_HEADER_CONTENT_ENCODING], encoding)) {
        r->refusal_status = 415;
        return ll_err_set(&r->refusal, LL_E_MEDIA, "a body in another encoding than %s is not read",
                          encoding);
    }
    if (protobuf)
        return take_protobuf(r) ||
               refuse(r, 415, LL_E_MEDIA,
                      "the body is not application/x-protobuf of prometheus.WriteRequest or "
                      "io.prometheus.write.v2.Request");
    if (is_json(r->header[LL_HEADER_CONTENT_TYPE]))
        return true;
    if (!(r->route->flags & LL_ROUTE_YAML))
        return refuse(r, 415, LL_E_MEDIA, "the body is not application/json");
    return is_yaml(r->header[LL_HEADER_CONTENT_TYPE]) ||
           refuse(r, 415, LL_E_MEDIA, "the body is neither application/json nor application/yaml");
}

static bool check_body(struct ll_request *r)
{
    uint64_t length;
    bool announced;
    if (!ll_request_length(r, &length, &announced))
        return false;
    if (!(r->route->flags & LL_ROUTE_BODY))
        return length == 0 || length <= LL_REQUEST_DRAIN_MAX
                   ? true
                   : refuse(r, 413, LL_E_TOO_LARGE, "this path takes no body");
    if (!check_media(r))
        return false;
    if (length > r->body.cap) {
        r->refusal_status = 413;
        return ll_err_set(&r->refusal, LL_E_TOO_LARGE, "the body is longer than %zu bytes",
                          r->body.cap);
    }
    return true;
}

static bool check_params(struct ll_request *r)
{
    struct ll_issues issues;
    if (!r->route->params || (r->query.n == 0 && !r->route->params[0].name))
        return true;
    /* Only the verdict is kept; whoever answers asks again for the words. */
    if (ll_params_check(r->route->params, &r->query, ll_engine_now(r->api->engine), r->param,
                        &issues))
        return true;
    return refuse(r, 400, LL_E_RANGE, "");
}

static const struct ll_param_value *service_asked(const struct ll_request *r)
{
    const struct ll_param *p = r->route->params;
    for (size_t i = 0; p && p[i].name; i++)
        if (strcmp(p[i].name, "service") == 0)
            return &r->param[i];
    return NULL;
}

/* Who is limited to some services is told of one of them, or of none, unless the handler itself
 * knows what to leave out. */
static bool check_scope(struct ll_request *r)
{
    char text[LL_SCOPE_TEXT_MAX];
    if (!r->who.scope.limited || r->route->role == LL_ROLE_NONE ||
        r->route->flags & LL_ROUTE_SCOPE_FREE)
        return true;
    const struct ll_param_value *service = service_asked(r);
    bool named = service && service->given;
    if (!named && r->route->flags & LL_ROUTE_SCOPE_OWN)
        return true;
    if (named && ll_identity_check(&r->who, service->text, &r->refusal))
        return true;
    r->refusal_status = 403;
    return !named && ll_err_set(&r->refusal, LL_E_DENIED,
                                "these credentials are limited to the services %s%s",
                                ll_scope_text(&r->who.scope, text),
                                service ? ": name one with ?service="
                                        : ", and this path is about all services");
}

void ll_request_admit(struct ll_request *r, const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    r->method = method;
    r->conn = info ? info->socket_context : NULL;
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, take_header, r);
    if (!r->conn) {
        refuse(r, 503, LL_E_MEMORY, "no memory for the connection");
        return;
    }
    (void)(check_framing(r) && check_address(r) && check_route(r) && check_host(r) &&
           check_caller(r) && check_body(r) && check_params(r) && check_scope(r));
}

enum MHD_Result ll_request_refuse(struct ll_request *r)
{
    char allow[LL_ALLOW_TEXT_MAX];
    struct ll_issues issues;
    if (r->refusal_status == 204) {
        struct ll_reply how = {.status = 204,
                               .extra_name = MHD_HTTP_HEADER_ALLOW,
                               .extra_value = ll_route_allow(r->allow, allow)};
        return ll_reply_empty(r, &how);
    }
    if (r->refusal.code == LL_E_RANGE && r->refusal.text[0] == '\0' &&
        !ll_params_check(r->route->params, &r->query, ll_engine_now(r->api->engine), r->param,
                         &issues))
        return ll_reply_issues(r, &issues);
    return ll_reply_error(r, &r->refusal, r->refusal_status);
}

void ll_request_add(struct ll_request *r, const char *data, size_t n)
{
    struct ll_api *api = r->api;
    r->body_seen += n;
    if (r->refusal_status || !(r->route->flags & LL_ROUTE_BODY))
        return; /* read and dropped */
    size_t before = r->body.n;
    /* All bodies together are bounded, whatever their number. */
    bool room = atomic_load(&api->body_bytes) + n <= LL_BODIES_MAX * api->max_body;
    if (room)
        ll_str_add(&r->body, data, n);
    if (!room)
        refuse(r, 429, LL_E_BUSY, "too many bodies are being received");
    else if (r->body.failed)
        refuse(r, 413, LL_E_TOO_LARGE, "the body is longer than the limit");
    atomic_fetch_add(&api->body_bytes, r->body.n - before);
}
