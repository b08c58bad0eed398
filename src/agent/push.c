#include "agent/push.h"

#include <stdio.h>
#include <string.h>

#include "agent/answer.h"

enum { ANSWER_BYTES_MAX = 4 << 20 };

static void later(struct ll_agent_result *r, int status, const char *what)
{
    r->outcome = LL_AGENT_LATER;
    ll_err_set(&r->err, status == 429 ? LL_E_BUSY : LL_E_UNREACHABLE, "status %d%s%s", status,
               what[0] ? ": " : "", what);
}

static void shut_out(struct ll_agent_result *r, int status, const char *what)
{
    r->outcome = LL_AGENT_SHUT_OUT;
    ll_err_set(&r->err, status == 401 ? LL_E_UNAUTHENTICATED : LL_E_DENIED, "status %d%s%s; %s",
               status, what[0] ? ": " : "", what,
               status == 401 ? "give a token of that Loadline with --token-file F"
                             : "the token needs the role operator");
}

/* 400 of a Loadline that counted: every sample was refused for itself.  Of one that did not: the
 * body.  Of somebody else: who knows. */
static void refused(struct ll_agent_result *r, const struct ll_http_response *http, bool readable,
                    const struct ll_agent_answer *a, size_t samples)
{
    bool problem = readable && strcmp(http->content_type, "application/problem+json") == 0;
    r->rejected = a->counted ? a->rejected : 0;
    r->outcome = problem && a->counted && a->rejected == samples ? LL_AGENT_REFUSED
                 : problem || http->status == 413                ? LL_AGENT_TOO_MUCH
                                                                 : LL_AGENT_DOUBTFUL;
    ll_err_set(&r->err, LL_E_INVALID, "status %d%s%s", http->status, a->reason[0] ? ": " : "",
               a->reason);
}

static void judge(struct ll_agent_result *r, struct ll_http_response *http, size_t samples)
{
    struct ll_agent_answer a = {0};
    bool readable = ll_agent_answer_read(http->body, http->n, &a);
    int status = http->status;
    r->retry_after = http->retry_after;
    if (status == 200 && readable && a.counted && a.accepted + a.rejected == samples) {
        r->outcome = LL_AGENT_DELIVERED;
        r->accepted = a.accepted;
        r->rejected = a.rejected;
        if (a.rejected)
            ll_err_set(&r->err, LL_E_INVALID, "%s", a.reason);
    } else if (status == 200) {
        later(r, status, "the answer is not that of a Loadline; is another program there?");
    } else if (status == 401 || status == 403) {
        shut_out(r, status, a.reason);
    } else if (status == 400 || status == 413 || status == 422) {
        refused(r, http, readable, &a, samples);
    } else {
        later(r, status, a.reason);
    }
}

void ll_agent_push(const struct ll_agent_push *p, struct ll_http_client **http,
                   struct ll_slice body, size_t samples, struct ll_agent_result *out)
{
    *out = (struct ll_agent_result){.outcome = LL_AGENT_LATER};
    if (!*http && !ll_http_client_new(http, &out->err))
        return;
    const struct ll_http_request req = {.method = LL_HTTP_POST,
                                        .url = p->url,
                                        .agent = p->instance,
                                        .body = body.s,
                                        .body_bytes = body.n,
                                        .timeout = p->timeout,
                                        .max_bytes = ANSWER_BYTES_MAX,
                                        .stop = p->stop,
                                        .stop_ctx = p->ctx};
    struct ll_http_response answer = {0};
    if (!ll_http_access_do(p->access, *http, &req, &answer, &out->err))
        return;
    judge(out, &answer, samples);
    ll_http_response_fini(&answer);
}
