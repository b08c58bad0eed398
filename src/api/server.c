#include "api/server.h"

#include <signal.h>
#include <unistd.h>

#include "api/request.h"
#include "api/routes.h"
#include "api/tls.h"

/* The library zeroes a connection's memory for every request: twice the longest address is
 * enough; with the default 32 KiB a small answer takes a sixth longer (bench/http_summary.sh). */
enum { POOL = 2, CONNECTION_MEMORY = 20 << 10, CONNECTIONS_LEAST = 16 };

static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static ll_time mono(const struct ll_api *api)
{
    return api->clock.mono(api->clock.self);
}

static void set_deadline(struct ll_request *r, ll_dur span)
{
    if (r->conn)
        atomic_store_explicit(&r->conn->deadline,
                              span == LL_CONNS_NEVER ? LL_CONNS_NEVER : mono(r->api) + span,
                              memory_order_relaxed);
}

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    (void)connection;
    return ll_request_new(cls, uri);
}

/* A refused body is read and dropped only when its end is near and certain. */
static bool must_close(const struct ll_request *r)
{
    uint64_t length;
    bool announced;
    if (!r->refusal_status)
        return false;
    bool chunked = r->given & 1u << LL_HEADER_TRANSFER_ENCODING;
    return chunked || !ll_request_length(r, &length, &announced) || length > LL_REQUEST_DRAIN_MAX ||
           r->twice & 1u << LL_HEADER_CONTENT_LENGTH;
}

static bool expects_body(const struct ll_request *r)
{
    return r->given & (1u << LL_HEADER_CONTENT_LENGTH | 1u << LL_HEADER_TRANSFER_ENCODING);
}

static enum MHD_Result begin(struct ll_request *r, const char *method)
{
    ll_request_admit(r, method);
    set_deadline(r, expects_body(r) ? LL_CONNS_BODY : LL_CONNS_RESPONSE);
    r->stage = LL_STAGE_BODY;
    return must_close(r) ? ll_request_refuse(r) : MHD_YES;
}

static enum MHD_Result complete(struct ll_request *r)
{
    if (expects_body(r))
        set_deadline(r, LL_CONNS_RESPONSE);
    if (r->refusal_status)
        return ll_request_refuse(r);
    enum MHD_Result result = r->route->handle(r);
    return result;
}

/* A body in chunks that was refused for its size may go on for ever.  The library takes no answer
 * before its end, so who does not end soon is cut. */
static bool has_no_end(const struct ll_request *r)
{
    return r->refusal_status && r->body_seen > r->body.cap + LL_REQUEST_DRAIN_MAX;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **ctx)
{
    struct ll_request *r = *ctx;
    (void)cls;
    (void)url;
    (void)version;
    if (!r)
        return MHD_NO; /* no memory for the request: the connection ends */
    switch (r->stage) {
    case LL_STAGE_NEW:
        r->connection = connection;
        return begin(r, method);
    case LL_STAGE_BODY:
        if (*size == 0)
            return complete(r);
        ll_request_add(r, data, *size);
        *size = 0;
        return has_no_end(r) ? MHD_NO : MHD_YES;
    case LL_STAGE_SUSPENDED:
        set_deadline(r, LL_CONNS_RESPONSE);
        return r->route->resume(r);
    case LL_STAGE_DONE:
        break;
    }
    *size = 0;
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **ctx,
                         enum MHD_RequestTerminationCode code)
{
    struct ll_request *r = *ctx;
    (void)cls;
    (void)connection;
    (void)code;
    if (!r)
        return;
    set_deadline(r, LL_CONNS_IDLE + LL_CONNS_HEADER);
    ll_request_free(r);
    *ctx = NULL;
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *address, socklen_t n)
{
    struct ll_api *api = cls;
    (void)n;
    return !api->stopping && ll_conns_welcome(api->conns, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket,
                          enum MHD_ConnectionNotificationCode code)
{
    struct ll_api *api = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        ll_conns_remove(api->conns, *socket);
        *socket = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info ? info->connect_fd : -1;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *socket =
        ll_conns_add(api->conns, fd, info ? info->client_addr : NULL, mono(api) + LL_CONNS_HEADER);
    info =
        api->tls ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION) : NULL;
    if (info)
        ll_tls_attach(api->tls, info->tls_session);
}

static struct MHD_Daemon *start_one(struct ll_api *api, int fd, unsigned connections)
{
    const struct MHD_OptionItem tls_options[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(uintptr_t)ll_tls_retrieve},
        {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem plain_options[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (api->tls ? MHD_USE_TLS : 0);
    return MHD_start_daemon(
        flags, 0, on_accept, api, on_request, api, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)POOL, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(LL_CONNS_IDLE / LL_SECOND),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_URI_LOG_CALLBACK, on_uri, api, MHD_OPTION_NOTIFY_COMPLETED, on_completed, api,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, api, MHD_OPTION_ARRAY,
        api->tls ? tls_options : plain_options, MHD_OPTION_END);
}

/* The library's threads are no place for signals. */
bool ll_server_start(struct ll_api *api, struct ll_err *err)
{
    sigset_t all, before;
    size_t share = LL_MAX(api->max_connections / api->n_listeners, (size_t)CONNECTIONS_LEAST);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool ok = true;
    for (size_t i = 0; i < api->n_listeners && ok; i++) {
        struct ll_listener *l = &api->listener[i];
        l->daemon = start_one(api, l->fd, (unsigned)share);
        ok = l->daemon != NULL;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok ? true : ll_err_set(err, LL_E_IO, "the HTTP server does not start");
}

/* Who comes while we end is turned away by on_accept.  MHD_quiesce_daemon is not used: with
 * epoll in a pool, library 0.9.75 aborts when a worker takes the listener out of its set at the
 * same moment ("Failed to remove listen FD from epoll set"). */
void ll_server_stop(struct ll_api *api)
{
    for (size_t i = 0; i < api->n_listeners; i++) {
        struct ll_listener *l = &api->listener[i];
        if (l->daemon)
            MHD_stop_daemon(l->daemon); /* closes the listener */
        else if (l->fd >= 0)
            close(l->fd);
        l->daemon = NULL;
        l->fd = -1;
    }
}
