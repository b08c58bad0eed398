/* An executor's way to an HTTP server, and what an answer's status means for a target. */
#ifndef LL_EXECUTE_EXCHANGE_H
#define LL_EXECUTE_EXCHANGE_H

#include "execute/executor.h"
#include "os/http_client.h"

enum { LL_EXCHANGE_BYTES_MAX = 1 << 20 };
#define LL_EXCHANGE_RETRY_MAX (10 * LL_MINUTE)
#define LL_EXCHANGE_RETRY_DEFAULT (10 * LL_SECOND) /* of a 429 or 503 that does not say */

struct ll_exchange {
    struct ll_http_client *http; /* made when first needed */
    ll_dur timeout;
    const struct ll_executor *x; /* whose stop is asked */
};
void ll_exchange_fini(struct ll_exchange *e);

/* What a status is: 2xx OK, 409 CONFLICT, 429 LATER, other 3xx and 4xx REFUSED, 503 LATER to a
 * read, and everything else (408 and 5xx) UNKNOWN. */
enum ll_outcome ll_exchange_outcome(int status, bool changes);

/* One request, sent once.  *out is an answer when out->status is not 0; it is the caller's to free
 * whatever is returned.  OK means a complete 2xx, not that it was understood.  On others *err says
 * what came, and *retry_after (at most ten minutes) when it is to be left alone. */
enum ll_outcome ll_exchange_do(struct ll_exchange *e, const struct ll_http_request *req,
                               bool changes, struct ll_http_response *out, ll_dur *retry_after,
                               struct ll_err *err);

/* A header's or error's text of a server: printable, at most n - 1 bytes. */
void ll_exchange_text(struct ll_slice text, char *out, size_t n);

#endif
