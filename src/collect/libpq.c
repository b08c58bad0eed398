#include "collect/libpq.h"

#include <dlfcn.h>
#include <errno.h>
#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "os/clock.h"

static const char library[] = "libpq.so.5";

/* The few entries that are used, found by name. */
#define ENTRIES(X)                                                                                 \
    X(PQconninfoParse)                                                                             \
    X(PQconninfoFree)                                                                              \
    X(PQfreemem)                                                                                   \
    X(PQconnectStartParams)                                                                        \
    X(PQconnectPoll)                                                                               \
    X(PQfinish)                                                                                    \
    X(PQstatus)                                                                                    \
    X(PQsocket)                                                                                    \
    X(PQerrorMessage)                                                                              \
    X(PQserverVersion)                                                                             \
    X(PQhost)                                                                                      \
    X(PQport)                                                                                      \
    X(PQsetnonblocking)                                                                            \
    X(PQsetNoticeProcessor)                                                                        \
    X(PQsendQuery)                                                                                 \
    X(PQflush)                                                                                     \
    X(PQconsumeInput)                                                                              \
    X(PQisBusy)                                                                                    \
    X(PQgetResult)                                                                                 \
    X(PQresultStatus)                                                                              \
    X(PQresultErrorField)                                                                          \
    X(PQclear)                                                                                     \
    X(PQntuples)                                                                                   \
    X(PQnfields)                                                                                   \
    X(PQgetisnull)                                                                                 \
    X(PQgetvalue)

#define X(name) __typeof__(name) *name;
struct api {
    ENTRIES(X)
};
#undef X

struct ll_libpq {
    void *handle; /* of the library; never closed, OpenSSL does not like to be */
    struct api api;
    PGconn *conn; /* NULL = none */
};

struct ll_libpq_result {
    const struct api *api; /* the connection's, which outlives its results */
    PGresult *rows;
};

static bool find_all(void *handle, struct api *api)
{
#define X(name) {#name, &api->name},
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {ENTRIES(X)};
#undef X
    for (size_t i = 0; i < LL_LEN(wanted); i++) {
        void *symbol = dlsym(handle, wanted[i].name);
        if (!symbol)
            return false;
        memcpy(wanted[i].slot, &symbol, sizeof(symbol)); /* ISO C has no cast for this */
    }
    return true;
}

bool ll_libpq_new(struct ll_libpq **out, struct ll_err *err)
{
    LL_AUTO(ll_libpq) c = calloc(1, sizeof(*c));
    if (!c)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a connection");
    c->handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!c->handle || !find_all(c->handle, &c->api))
        return ll_err_set(err, LL_E_IO, "cannot load %s; install it: apt-get install libpq5",
                          library);
    *out = c;
    c = NULL;
    return true;
}

void ll_libpq_disconnect(struct ll_libpq *c)
{
    if (c->conn)
        c->api.PQfinish(c->conn);
    c->conn = NULL;
}

void ll_libpq_free(struct ll_libpq *c)
{
    if (!c)
        return;
    if (c->conn)
        c->api.PQfinish(c->conn);
    free(c);
}

/* One line of libpq's message, without the line ends. */
static void first_line(const char *message, char out[static LL_ERR_TEXT_MAX])
{
    size_t n = strcspn(message, "\n");
    n = LL_MIN(n, (size_t)LL_ERR_TEXT_MAX - 1);
    memcpy(out, message, n);
    out[n] = '\0';
}

bool ll_libpq_check(struct ll_libpq *c, const char *conninfo, struct ll_err *err)
{
    char *why = NULL;
    PQconninfoOption *o = c->api.PQconninfoParse(conninfo, &why);
    bool ok = o != NULL;
    if (o)
        c->api.PQconninfoFree(o);
    if (why)
        c->api.PQfreemem(why); /* it quotes the text, which may hold a password */
    return ok ? true
              : ll_err_set(err, LL_E_CONFIG,
                           "conninfo is not a connection string of PostgreSQL such as "
                           "'host=db1 dbname=postgres user=loadline'");
}

bool ll_libpq_is_connected(const struct ll_libpq *c)
{
    return c->conn && c->api.PQstatus(c->conn) == CONNECTION_OK;
}

int ll_libpq_version(const struct ll_libpq *c)
{
    return c->conn ? c->api.PQserverVersion(c->conn) : 0;
}

const char *ll_libpq_host(const struct ll_libpq *c)
{
    const char *host = c->conn ? c->api.PQhost(c->conn) : NULL;
    return host ? host : "";
}

const char *ll_libpq_port(const struct ll_libpq *c)
{
    const char *port = c->conn ? c->api.PQport(c->conn) : NULL;
    return port ? port : "";
}

/* False when the deadline passed first. */
static bool wait_for(const struct ll_libpq *c, short events, ll_time until)
{
    for (;;) {
        struct pollfd p = {.fd = c->api.PQsocket(c->conn), .events = events};
        ll_dur left = until - ll_clock_real().mono(NULL);
        if (left <= 0 || p.fd < 0)
            return false;
        int n = poll(&p, 1, (int)LL_MIN(left, LL_HOUR));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

static bool lost(struct ll_libpq *c, struct ll_err *err)
{
    char text[LL_ERR_TEXT_MAX];
    first_line(c->api.PQerrorMessage(c->conn), text);
    ll_libpq_disconnect(c);
    return ll_err_set(err, LL_E_UNREACHABLE, "%s", *text ? text : "the connection was lost");
}

static bool too_late(struct ll_libpq *c, const char *what, struct ll_err *err)
{
    ll_libpq_disconnect(c);
    return ll_err_set(err, LL_E_TIMEOUT, "%s in time", what);
}

static void say_nothing(void *arg, const char *message)
{
    (void)arg, (void)message;
}

/* What stands before the connection string it may change, what stands behind it not. */
static PGconn *begin(const struct ll_libpq *c, const char *conninfo, const char *password)
{
    const char *const keys[] = {
        "fallback_application_name", "keepalives_idle", "keepalives_interval",
        "keepalives_count",          "gssencmode",      "dbname",
        "client_encoding",           "password",        NULL};
    const char *const values[] = {"loadline", "10",   "5",      "3", "disable",
                                  conninfo,   "UTF8", password, NULL};
    return c->api.PQconnectStartParams(keys, values, 1);
}

bool ll_libpq_connect(struct ll_libpq *c, const char *conninfo, const char *password, ll_time until,
                      struct ll_err *err)
{
    ll_libpq_disconnect(c);
    c->conn = begin(c, conninfo, password);
    if (!c->conn)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a connection");
    PostgresPollingStatusType s = PGRES_POLLING_WRITING;
    while (c->api.PQstatus(c->conn) != CONNECTION_BAD && s != PGRES_POLLING_OK) {
        if (s == PGRES_POLLING_FAILED)
            return lost(c, err);
        if (!wait_for(c, s == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
            return too_late(c, "no connection", err);
        s = c->api.PQconnectPoll(c->conn);
    }
    if (c->api.PQstatus(c->conn) != CONNECTION_OK || c->api.PQsetnonblocking(c->conn, 1) != 0)
        return lost(c, err);
    c->api.PQsetNoticeProcessor(c->conn, say_nothing, NULL);
    return true;
}

static bool send_all(struct ll_libpq *c, const char *sql, ll_time until, struct ll_err *err)
{
    int left;
    if (!c->api.PQsendQuery(c->conn, sql))
        return lost(c, err);
    while ((left = c->api.PQflush(c->conn)) > 0) {
        if (!wait_for(c, POLLIN | POLLOUT, until))
            return too_late(c, "a query could not be sent", err);
        if (!c->api.PQconsumeInput(c->conn))
            return lost(c, err);
    }
    return left == 0 || lost(c, err);
}

/* The last of the results, or the first that is an error. */
static bool take_results(struct ll_libpq *c, ll_time until, PGresult **out, struct ll_err *err)
{
    for (;;) {
        while (c->api.PQisBusy(c->conn)) {
            if (!wait_for(c, POLLIN, until))
                return too_late(c, "no answer", err);
            if (!c->api.PQconsumeInput(c->conn))
                return lost(c, err);
        }
        PGresult *r = c->api.PQgetResult(c->conn);
        if (!r)
            return true;
        ExecStatusType kept = *out ? c->api.PQresultStatus(*out) : PGRES_COMMAND_OK;
        bool keep = kept == PGRES_COMMAND_OK || kept == PGRES_TUPLES_OK;
        c->api.PQclear(keep ? *out : r);
        *out = keep ? r : *out;
        if (c->api.PQstatus(c->conn) == CONNECTION_BAD)
            return lost(c, err);
    }
}

static bool explain(const struct ll_libpq *c, const PGresult *r, struct ll_err *err)
{
    const char *state = c->api.PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = c->api.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    bool denied = state && strcmp(state, "42501") == 0;
    bool late = state && (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0);
    return ll_err_set(err,
                      denied ? LL_E_DENIED
                      : late ? LL_E_BUSY
                             : LL_E_INVALID,
                      "%s", text ? text : "the server refused without saying why");
}

bool ll_libpq_query(struct ll_libpq *c, const char *sql, ll_time until,
                    struct ll_libpq_result **out, struct ll_err *err)
{
    if (!ll_libpq_is_connected(c))
        return ll_err_set(err, LL_E_UNREACHABLE, "there is no connection");
    PGresult *rows = NULL;
    bool ok = send_all(c, sql, until, err) && take_results(c, until, &rows, err);
    ExecStatusType status = c->api.PQresultStatus(rows);
    if (ok && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        ok = explain(c, rows, err);
    struct ll_libpq_result *r = ok ? calloc(1, sizeof(*r)) : NULL;
    if (!r) {
        c->api.PQclear(rows);
        return ok ? ll_err_set(err, LL_E_MEMORY, "no memory for a result") : false;
    }
    r->api = &c->api;
    r->rows = rows;
    *out = r;
    return true;
}

void ll_libpq_result_free(struct ll_libpq_result *r)
{
    if (!r)
        return;
    r->api->PQclear(r->rows);
    free(r);
}

int ll_libpq_rows(const struct ll_libpq_result *r)
{
    return r->api->PQntuples(r->rows);
}

const char *ll_libpq_text(const struct ll_libpq_result *r, int row, int column)
{
    if (row >= ll_libpq_rows(r) || column >= r->api->PQnfields(r->rows) ||
        r->api->PQgetisnull(r->rows, row, column))
        return NULL;
    return r->api->PQgetvalue(r->rows, row, column);
}

double ll_libpq_number(const struct ll_libpq_result *r, int row, int column)
{
    double v;
    const char *text = ll_libpq_text(r, row, column);
    return text && ll_num_parse(ll_slice_of(text), &v) ? v : (double)NAN;
}
