/* Inside the PostgreSQL collector. */
#ifndef LL_COLLECT_POSTGRES_PRIVATE_H
#define LL_COLLECT_POSTGRES_PRIVATE_H

#include "collect/libpq.h"
#include "collect/postgres.h"

/* What a rate starts from. */
struct ll_postgres_counter {
    double value; /* NaN = not known */
    ll_time mono;
};

struct ll_postgres {
    struct ll_collector base;
    char *service, *conninfo, *password_file; /* the last may be NULL */
    ll_dur timeout;
    struct ll_libpq *pq; /* NULL until the library was needed */
    ll_dur backoff;
    ll_time retry_at; /* mono */
    struct ll_err last;
    char instance[LL_NAME_MAX + 1];
    char note[256];
    double started; /* of the server, Unix seconds; NaN = not known */
    struct ll_postgres_counter transactions, wal;
    bool standby;
    ll_time sizes_at; /* mono: they are not asked for before */

    /* This collection. */
    ll_time now, mono, until;
    struct ll_batch *out;
    bool sees_stats, sees_wal; /* as the role may */
    double connections_max;    /* for clients that are not superusers */
};

/* Appends to the note, whole or not at all. */
void ll_postgres_note(struct ll_postgres *p, const char *fmt, ...) LL_PRINTF(2, 3);

/* Everything there is to ask; what cannot be seen is noted.  False when the server could not be
 * asked at all, or the connection is gone. */
LL_MUST_USE bool ll_postgres_parts(struct ll_postgres *p, struct ll_err *err);

#endif
