/* libpq without blocking: every wait ends at a deadline, whatever the server does.
 *
 * The library is opened at run time: linking it would load OpenSSL and Kerberos into a daemon
 * that watches no PostgreSQL.  What a name server takes is the one wait that is not bounded
 * here; conninfo's hostaddr avoids it. */
#ifndef LL_COLLECT_LIBPQ_H
#define LL_COLLECT_LIBPQ_H

#include "base/err.h"
#include "base/time.h"

struct ll_libpq;        /* a connection, or none yet */
struct ll_libpq_result; /* rows of one query */

/* Loads the library; fails with LL_E_IO and the package to install, LL_E_MEMORY. */
LL_MUST_USE bool ll_libpq_new(struct ll_libpq **out, struct ll_err *err);
void ll_libpq_free(struct ll_libpq *c);
LL_AUTO_DEFINE(ll_libpq, ll_libpq_free)

/* Checks the text of a connection string; fails with LL_E_CONFIG, without its content. */
LL_MUST_USE bool ll_libpq_check(struct ll_libpq *c, const char *conninfo, struct ll_err *err);

bool ll_libpq_is_connected(const struct ll_libpq *c);
/* until: on the clock that does not step.  Fails with LL_E_TIMEOUT, LL_E_UNREACHABLE. */
LL_MUST_USE bool ll_libpq_connect(struct ll_libpq *c, const char *conninfo, const char *password,
                                  ll_time until, struct ll_err *err);
void ll_libpq_disconnect(struct ll_libpq *c);

int ll_libpq_version(const struct ll_libpq *c); /* 150004 */
const char *ll_libpq_host(const struct ll_libpq *c);
const char *ll_libpq_port(const struct ll_libpq *c);

/* Runs one statement.  Fails with LL_E_TIMEOUT or LL_E_UNREACHABLE, and is disconnected then;
 * with LL_E_DENIED when the role may not, LL_E_BUSY when the server gave up after its own limit of
 * time or on a lock, LL_E_INVALID for other refusals. */
LL_MUST_USE bool ll_libpq_query(struct ll_libpq *c, const char *sql, ll_time until,
                                struct ll_libpq_result **out, struct ll_err *err);
void ll_libpq_result_free(struct ll_libpq_result *r);
LL_AUTO_DEFINE(ll_libpq_result, ll_libpq_result_free)

int ll_libpq_rows(const struct ll_libpq_result *r);
/* NULL where the value is NULL or there is no such column. */
const char *ll_libpq_text(const struct ll_libpq_result *r, int row, int column);
double ll_libpq_number(const struct ll_libpq_result *r, int row, int column); /* NaN = not one */

#endif
