#include "execute/exchange.h"

#include <stdio.h>
#include <string.h>

void ll_exchange_fini(struct ll_exchange *e)
{
    ll_http_client_free(e->http);
    e->http = NULL;
}

enum ll_outcome ll_exchange_outcome(int status, bool changes)
{
    if (status >= 200 && status < 300)
        return LL_OUTCOME_OK;
    if (status == 409)
        return LL_OUTCOME_CONFLICT;
    if (status == 429 || (status == 503 && !changes))
        return LL_OUTCOME_LATER;
    if (status >= 300 && status < 500 && status != 408)
        return LL_OUTCOME_REFUSED;
    return LL_OUTCOME_UNKNOWN;
}

static const char *hint(int status)
{
    return status == 401                    ? "; the credentials were not accepted"
           : status == 403                  ? "; the credentials do not allow it"
           : status == 404                  ? "; is the name right, and is it there?"
           : status >= 300 && status <= 399 ? "; redirects are not followed, give the last URL"
           : status == 410                  ? "; it is gone for good"
                                            : "";
}

static enum ll_err_code code_of(int status)
{
    return status == 401                                             ? LL_E_UNAUTHENTICATED
           : status == 403                                           ? LL_E_DENIED
           : status == 404                                           ? LL_E_NOT_FOUND
           : status == 409                                           ? LL_E_CONFLICT
           : status == 429                                           ? LL_E_BUSY
           : ll_exchange_outcome(status, true) == LL_OUTCOME_REFUSED ? LL_E_INVALID
                                                                     : LL_E_UNREACHABLE;
}

/* Nothing was changed when nothing was sent. */
static enum ll_outcome judge_failure(const struct ll_exchange *e, const struct ll_err *err)
{
    if (err->code == LL_E_USAGE || err->code == LL_E_DENIED)
        return LL_OUTCOME_REFUSED;
    return ll_http_client_sent(e->http) ? LL_OUTCOME_UNKNOWN : LL_OUTCOME_LATER;
}

enum ll_outcome ll_exchange_do(struct ll_exchange *e, const struct ll_http_request *req,
                               bool changes, struct ll_http_response *out, ll_dur *retry_after,
                               struct ll_err *err)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    struct ll_http_request r = *req;
    *out = (struct ll_http_response){0};
    if (!e->http && !ll_http_client_new(&e->http, err))
        return LL_OUTCOME_LATER;
    r.timeout = e->timeout;
    r.max_bytes = r.max_bytes ? r.max_bytes : LL_EXCHANGE_BYTES_MAX;
    r.once = changes;
    r.stop = e->x->stop;
    r.stop_ctx = e->x->stop_ctx;
    if (!ll_http_client_do(e->http, &r, out, err))
        return judge_failure(e, err);

    enum ll_outcome got = ll_exchange_outcome(out->status, changes);
    if (got == LL_OUTCOME_OK)
        return got;
    if (out->status == 429 || out->status == 503)
        *retry_after = out->retry_after ? LL_MIN(out->retry_after, LL_EXCHANGE_RETRY_MAX)
                                        : LL_EXCHANGE_RETRY_DEFAULT;
    ll_err_set(err, code_of(out->status), "%s %s was answered with %d%s", methods[r.method], r.url,
               out->status, hint(out->status));
    return got;
}

void ll_exchange_text(struct ll_slice text, char *out, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < text.n && to + 1 < n; i++) {
        unsigned char c = (unsigned char)text.s[i];
        out[to++] = c < ' ' || c == 0x7f ? ' ' : (char)c;
    }
    out[to] = '\0';
}
