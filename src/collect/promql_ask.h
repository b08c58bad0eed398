/* One question to a Prometheus-compatible server: a form that is posted, an answer in JSON.
 *
 * Selectors get long, so questions are posted.  What is not a whole answer is a failure with the
 * exact reason; nothing is retried here. */
#ifndef LL_COLLECT_PROMQL_ASK_H
#define LL_COLLECT_PROMQL_ASK_H

#include "os/http_access.h"

struct ll_promql_server {
    const char *url; /* up to before /api/v1; slashes at its end do not count */
    struct ll_http_access access;
    size_t max_bytes; /* of one answer */
    bool (*stop)(void *ctx);
    void *stop_ctx;
};

enum { LL_PROMQL_FORM_MAX = 256 << 10 };

/* Appends key=value to a form or a query, escaped, with & where one is needed. */
void ll_promql_form(struct ll_str *form, const char *key, struct ll_slice value);
void ll_promql_form_time(struct ll_str *form, const char *key, ll_time t);
void ll_promql_form_span(struct ll_str *form, const char *key, ll_dur d);

/* path: "/api/v1/query".  Posts the form, or GETs with it as the query when get is true.
 * Fails with
 *     LL_E_BUSY           429, 503; *retry_after is what the server asks for, 0 = nothing
 *     LL_E_TIMEOUT        no answer in time, 504, the query took too long there
 *     LL_E_TOO_LARGE      over max_bytes, 413, too many samples for one query there
 *     LL_E_UNAUTHENTICATED, LL_E_DENIED, LL_E_NOT_FOUND   401, 403, 404
 *     LL_E_MEDIA          something that is not JSON, such as the page of a login
 *     LL_E_INVALID        the query is refused: 400, 422
 *     LL_E_UNREACHABLE    nobody answers, or the answer was cut
 *     LL_E_IO             any other status */
LL_MUST_USE bool ll_promql_ask(struct ll_http_client *c, const struct ll_promql_server *s,
                               const char *path, const struct ll_str *form, bool get,
                               ll_dur timeout, struct ll_http_response *out, ll_dur *retry_after,
                               struct ll_err *err);

/* selector with more matchers: `up`, `a="b"` gives up{a="b"}. */
void ll_promql_narrow(struct ll_str *out, struct ll_slice selector, const char *match);

#endif
