/* PostgreSQL as a collector: one connection with a role that may only read.
 *
 * libpq is opened at run time, when the first server is configured (docs/decisions/0003). */
#ifndef LL_COLLECT_POSTGRES_H
#define LL_COLLECT_POSTGRES_H

#include "collect/collect.h"

struct ll_postgres_opts {
    const char *service;       /* of its samples */
    const char *conninfo;      /* libpq's: host=db1 dbname=postgres user=loadline */
    const char *password_file; /* NULL = as libpq finds one; read for each connection */
    ll_dur timeout;            /* of a whole collection, connecting included; 0 = 5 s */
};

extern const struct ll_collector_ops ll_collector_postgres; /* opts: struct ll_postgres_opts */

#endif
