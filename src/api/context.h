/* What the files of this folder share: the API and a request on its way through it. */
#ifndef LL_API_CONTEXT_H
#define LL_API_CONTEXT_H

#include <microhttpd.h>
#include <pthread.h>

#include "api/api.h"
#include "api/auth.h"
#include "api/counters.h"
#include "api/hosts.h"
#include "api/params.h"
#include "engine/engine.h"

enum {
    LL_LISTENERS_MAX = 8,
    LL_URI_MAX = 8192,
    LL_RESPONSE_MAX = 64 << 20, /* no answer of ours is longer */
    LL_BODIES_MAX = 4,          /* bodies in memory together, in units of max_body */
    LL_REQUEST_ID_CHARS = 16,
    LL_BOOT_CHARS = 8
};

struct ll_cache;
struct ll_hub;
struct ll_route;
struct ll_tls;

struct ll_listener {
    struct MHD_Daemon *daemon;
    int fd;
    unsigned port;
};

struct ll_api {
    struct ll_engine *engine;
    struct ll_clock clock;
    bool (*reload)(void *ctx, struct ll_err *err);
    void *ctx;
    uint64_t seed;                /* of hash maps */
    char boot[LL_BOOT_CHARS + 1]; /* random: sequences of another life are told apart */
    struct ll_conns *conns;
    struct ll_auth *auth;
    struct ll_cache *cache;
    struct ll_hub *hub;
    struct ll_tls *tls; /* NULL = plain */
    bool beyond_loopback;
    size_t max_connections, max_streams;
    struct ll_listener listener[LL_LISTENERS_MAX];
    size_t n_listeners;

    pthread_mutex_t lock; /* over hosts and config_hash: they change at a reload */
    struct ll_hosts hosts;
    char config_hash[17];

    _Atomic size_t max_body;
    _Atomic bool lifecycle; /* web.enable_lifecycle */
    _Atomic bool stopping;
    _Atomic bool closing;      /* nothing may fall asleep any more */
    _Atomic size_t requests;   /* under way, streams not counted */
    _Atomic size_t asleep;     /* of them: wait for the store writer */
    _Atomic size_t body_bytes; /* of bodies in memory, and of what they became */
    struct ll_counters counters;

    pthread_t ticker;
    bool ticking;
    pthread_mutex_t tick_lock;
    pthread_cond_t tick;
    bool published, stop; /* under tick_lock */
};

/* The headers we look at; the order is that of the table in request.c. */
enum ll_header {
    LL_HEADER_HOST,
    LL_HEADER_ORIGIN,
    LL_HEADER_AUTHORIZATION,
    LL_HEADER_COOKIE,
    LL_HEADER_ACCEPT,
    LL_HEADER_ACCEPT_ENCODING,
    LL_HEADER_IF_MATCH,
    LL_HEADER_IF_NONE_MATCH,
    LL_HEADER_CONTENT_TYPE,
    LL_HEADER_CONTENT_LENGTH,
    LL_HEADER_CONTENT_ENCODING,
    LL_HEADER_TRANSFER_ENCODING,
    LL_HEADER_LAST_EVENT_ID,
    LL_HEADER_CSRF,
    LL_HEADER_FETCH_SITE,
    LL_HEADER_AGENT,
    LL_HEADER_COUNT
};

/* What the headers say of a body. */
enum ll_body_kind { LL_BODY_JSON, LL_BODY_REMOTE_WRITE_1, LL_BODY_REMOTE_WRITE_2 };

struct ll_reply_lines; /* reply.h */

enum ll_request_stage {
    LL_STAGE_NEW,
    LL_STAGE_BODY,      /* headers seen, the body is being read */
    LL_STAGE_SUSPENDED, /* waits for another thread */
    LL_STAGE_DONE       /* an answer is queued */
};

struct ll_request {
    struct ll_api *api;
    struct MHD_Connection *connection;
    struct ll_conn *conn;
    const struct ll_route *route;
    const char *method;
    bool head;
    enum ll_request_stage stage;

    char *uri; /* as sent; path and query point into it, decoded */
    size_t uri_n;
    bool uri_bad;
    struct ll_slice path;

    struct ll_slice header[LL_HEADER_COUNT];
    unsigned given, twice; /* bits of enum ll_header */

    struct ll_identity who;
    struct ll_str body;
    size_t body_seen;
    enum ll_body_kind body_kind;
    const struct ll_reply_lines *lines; /* headers of every answer from now on; NULL = none */

    /* A refusal found before the body was read. */
    struct ll_err refusal;
    int refusal_status; /* 0 = none; else overrides the code's */
    unsigned allow;     /* methods for 405 */
    bool is_stream;     /* counted as a stream, not as a request under way */

    void *work; /* what a suspended handler waits for */
    void (*work_free)(void *work);

    /* From here on nothing is zeroed at birth: a request costs microseconds. */
    struct ll_query query; /* but its n */
    struct ll_param_value param[LL_PARAMS_MAX];
};

#endif
