#include "collect/postgres.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collect/postgres_private.h"
#include "os/clock.h"
#include "os/secret.h"

enum { VERSION_MIN = 120000 };

#define BACKOFF_MIN (2 * LL_SECOND)
#define BACKOFF_MAX LL_MINUTE
#define LOCK_TIMEOUT_MS 200

void ll_postgres_note(struct ll_postgres *p, const char *fmt, ...)
{
    char text[sizeof(p->note)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    size_t n = strlen(p->note), more = strlen(text), gap = n ? 2 : 0;
    if (n + gap + more >= sizeof(p->note))
        return;
    memcpy(p->note + n, "; ", gap);
    memcpy(p->note + n + gap, text, more + 1);
}

static void postgres_free(struct ll_postgres *p)
{
    if (!p)
        return;
    ll_libpq_free(p->pq);
    free(p->service);
    free(p->conninfo);
    free(p->password_file);
    free(p);
}
LL_AUTO_DEFINE(ll_postgres, postgres_free)

static void postgres_close(struct ll_collector *c)
{
    postgres_free((struct ll_postgres *)c); /* its first member */
}

static bool copy_opts(struct ll_postgres *p, const struct ll_postgres_opts *o, struct ll_err *err)
{
    p->service = strdup(o->service);
    p->conninfo = strdup(o->conninfo);
    p->password_file = o->password_file ? strdup(o->password_file) : NULL;
    p->timeout = o->timeout ? o->timeout : 5 * LL_SECOND;
    bool ok = p->service && p->conninfo && (p->password_file || !o->password_file);
    return ok ? true : ll_err_set(err, LL_E_MEMORY, "no memory for a PostgreSQL source");
}

static bool postgres_open(const void *opts, struct ll_collector **out, struct ll_err *err)
{
    LL_AUTO(ll_postgres) p = calloc(1, sizeof(*p));
    if (!p)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a PostgreSQL source");
    p->base.ops = &ll_collector_postgres;
    p->started = p->transactions.value = p->wal.value = NAN;
    p->retry_at = p->sizes_at = INT64_MIN;
    if (!copy_opts(p, opts, err) || !ll_libpq_new(&p->pq, err) ||
        !ll_libpq_check(p->pq, p->conninfo, err))
        return false;
    *out = &p->base;
    p = NULL;
    return true;
}

/* "db1:5432".  A socket and a loopback address do not say which host they are on. */
static void name_instance(struct ll_postgres *p)
{
    const char *host = ll_libpq_host(p->pq), *port = ll_libpq_port(p->pq);
    char here[128] = "";
    bool local = *host == '\0' || *host == '/' || *host == '@' || strcmp(host, "localhost") == 0 ||
                 strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
    if (local && gethostname(here, sizeof(here) - 1) == 0 && *here)
        host = here;
    const char *form = strchr(host, ':') ? "[%s]:%s" : "%s:%s";
    bool plain = form[0] == '%';
    snprintf(p->instance, sizeof(p->instance), "%s%.200s%s:%.16s", plain ? "" : "[", host,
             plain ? "" : "]", *port ? port : "5432");
}

/* Nothing of the server's can be changed, no statement outlasts us, and no function of somebody
 * else's is called by the name of a built-in one. */
static bool settle(struct ll_postgres *p, struct ll_err *err)
{
    char sql[512];
    LL_AUTO(ll_libpq_result) r = NULL;
    snprintf(sql, sizeof(sql),
             "set default_transaction_read_only = on; set statement_timeout = %lld; "
             "set lock_timeout = %d; set search_path = pg_catalog; set jit = off",
             (long long)LL_MAX(p->timeout * 3 / 4, 1), LOCK_TIMEOUT_MS);
    if (!ll_libpq_query(p->pq, sql, p->until, &r, err))
        return false;
    if (ll_libpq_version(p->pq) >= VERSION_MIN)
        return true;
    int major = ll_libpq_version(p->pq) / 10000;
    ll_libpq_disconnect(p->pq);
    return ll_err_set(err, LL_E_INVALID, "PostgreSQL %d; 12 and later are understood", major);
}

static bool connect_now(struct ll_postgres *p, struct ll_err *err)
{
    struct ll_str password;
    ll_str_init(&password, 0);
    if (p->password_file && !ll_secret_read(p->password_file, &password, err))
        return ll_err_wrap(err, "password");
    bool ok = ll_libpq_connect(p->pq, p->conninfo, p->password_file ? ll_str_z(&password) : NULL,
                               p->until, err);
    ll_secret_fini(&password);
    if (!ok || !settle(p, err))
        return false;
    name_instance(p);
    return true;
}

/* A server that is away is not asked each time. */
static bool fail(struct ll_postgres *p, struct ll_err *err)
{
    p->backoff = LL_MIN(p->backoff ? p->backoff * 2 : BACKOFF_MIN, BACKOFF_MAX);
    p->retry_at = p->mono + p->backoff;
    p->last = *err;
    return false;
}

static bool ask(struct ll_postgres *p, struct ll_err *err)
{
    bool fresh = !ll_libpq_is_connected(p->pq);
    if (fresh && !connect_now(p, err))
        return false;
    if (ll_postgres_parts(p, err))
        return true;
    bool again = !fresh && err->code == LL_E_UNREACHABLE && p->out->n == 0;
    return again && connect_now(p, err) && ll_postgres_parts(p, err); /* it was restarted */
}

static bool postgres_collect(struct ll_collector *c, ll_time now, ll_time mono,
                             struct ll_batch *out, struct ll_err *err)
{
    struct ll_postgres *p = (struct ll_postgres *)c;
    p->note[0] = '\0';
    if (mono < p->retry_at) {
        *err = p->last;
        return ll_err_wrap(err, "tried again in %lld s",
                           (long long)((p->retry_at - mono + 999) / LL_SECOND));
    }
    p->now = now;
    p->mono = mono;
    p->until = ll_clock_real().mono(NULL) + p->timeout; /* waits are real, whatever mono is */
    p->out = out;
    bool ok = ask(p, err);
    p->out = NULL;
    if (!ok)
        return fail(p, err);
    p->backoff = 0;
    return true;
}

static const char *postgres_note(const struct ll_collector *c)
{
    return ((const struct ll_postgres *)c)->note;
}

const struct ll_collector_ops ll_collector_postgres = {
    .name = "postgres",
    .doc = "a PostgreSQL server: connections, databases, tables, WAL, replication, transactions",
    .open = postgres_open,
    .close = postgres_close,
    .collect = postgres_collect,
    .note = postgres_note,
};
