/* POSTs the action to a URL, signed as Standard Webhooks; GETs the count from it.
 *
 * webhook-id is the action's id and the same in each try: a receiver that has seen it answers as
 * before and does nothing.  Success is a 2xx and nothing else; redirects are not followed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "execute/body.h"
#include "execute/exchange.h"
#include "execute/executors.h"
#include "execute/webhook_sign.h"
#include "os/file.h"
#include "os/secret.h"

enum { ARENA_BYTES = 64 << 10 };

struct webhook {
    struct ll_executor base;
    struct ll_exchange exchange;
    struct ll_arena *arena;
    const char *url, *read_url;
    const char *secret_file, *token_file, *ca_file; /* NULL = none */
    bool guarded;
};

/* NULL for the empty one; *ok becomes false without memory. */
static const char *copy(struct webhook *w, struct ll_slice text, bool *ok)
{
    const char *z = text.n ? ll_arena_copy(w->arena, text.s, text.n) : NULL;
    *ok = *ok && (z || text.n == 0);
    return z;
}

static bool check_url(struct ll_slice url, struct ll_err *err)
{
    bool http = url.n > 7 && memcmp(url.s, "http://", 7) == 0;
    bool https = url.n > 8 && memcmp(url.s, "https://", 8) == 0;
    if (!http && !https)
        return ll_err_set(err, LL_E_CONFIG, "'%.*s' is not a URL like https://scale.example/hook",
                          (int)LL_MIN(url.n, (size_t)200), url.s);
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.s[i] <= ' ' || url.s[i] == 0x7f)
            return ll_err_set(err, LL_E_CONFIG,
                              "the webhook's URL has a space or control character");
    return true;
}

/* Reads the keys anew: they may have been changed. */
static bool read_keys(const struct webhook *w, struct ll_webhook_keys *k, struct ll_err *err)
{
    struct ll_str text;
    ll_str_init(&text, LL_WEBHOOK_TEXT_MAX);
    bool ok = ll_file_read(w->secret_file, LL_WEBHOOK_TEXT_MAX, &text, err) &&
              (ll_webhook_keys_parse((struct ll_slice){text.s, text.n}, k, err) ||
               ll_err_wrap(err, "%s", w->secret_file));
    ll_secret_fini(&text);
    for (size_t i = 0; ok && i < k->n; i++)
        if (k->key[i].n < LL_WEBHOOK_SECRET_MIN)
            ok = ll_err_set(err, LL_E_INVALID, "%s: secret %zu has %zu bytes, %d are the least",
                            w->secret_file, i + 1, k->key[i].n, LL_WEBHOOK_SECRET_MIN);
    return ok;
}

static bool check_secret(const struct webhook *w, struct ll_err *err)
{
    struct ll_webhook_keys k = {0};
    bool ok = !w->secret_file || read_keys(w, &k, err);
    ll_webhook_keys_fini(&k);
    if (!ok)
        err->code = LL_E_CONFIG;
    return ok;
}

static void close_it(struct ll_executor *base)
{
    struct webhook *w = (struct webhook *)base;
    if (!w)
        return;
    ll_exchange_fini(&w->exchange);
    ll_arena_free(w->arena);
    free(w);
}

static bool open_it(const struct ll_target_place *place, struct ll_executor **out,
                    struct ll_err *err)
{
    const struct ll_place_webhook *p = &place->webhook;
    if (!check_url(p->url, err) || (p->read_url.n && !check_url(p->read_url, err)))
        return false;
    struct webhook *w = calloc(1, sizeof(*w));
    if (!w || !(w->arena = ll_arena_new(ARENA_BYTES))) {
        free(w);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a webhook");
    }
    bool ok = true;
    w->base.ops = &ll_executor_webhook;
    w->exchange = (struct ll_exchange){.timeout = place->timeout, .x = &w->base};
    w->url = copy(w, p->url, &ok);
    w->read_url = p->read_url.n ? copy(w, p->read_url, &ok) : w->url;
    w->secret_file = copy(w, p->secret_file, &ok);
    w->token_file = copy(w, p->token_file, &ok);
    w->ca_file = copy(w, p->ca_file, &ok);
    w->guarded = !p->allow_private;
    if (!ok)
        ll_err_set(err, LL_E_MEMORY, "no memory for a webhook");
    if (!ok || !check_secret(w, err)) {
        close_it(&w->base);
        return false;
    }
    *out = &w->base;
    return true;
}

/* The exchange with the token and authority of the place. */
static enum ll_outcome exchange(struct webhook *w, struct ll_http_request *req,
                                struct ll_http_response *http, ll_dur *retry_after,
                                struct ll_err *err)
{
    struct ll_str token;
    ll_str_init(&token, 0);
    if (w->token_file && !ll_secret_read(w->token_file, &token, err))
        return LL_OUTCOME_REFUSED;
    req->bearer = w->token_file ? ll_str_z(&token) : NULL;
    req->ca_file = w->ca_file;
    req->guarded = w->guarded;
    enum ll_outcome got =
        ll_exchange_do(&w->exchange, req, req->method != LL_HTTP_GET, http, retry_after, err);
    ll_secret_fini(&token);
    return got;
}

static enum ll_outcome observe(struct ll_executor *base, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    struct webhook *w = (struct webhook *)base;
    struct ll_http_response http = {0};
    struct ll_http_request req = {.method = LL_HTTP_GET, .url = w->read_url};
    enum ll_outcome got = exchange(w, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !ll_body_read_seen(http.body, http.n, out, err)) {
        ll_err_wrap(err, "the answer of %s is not like {\"current\":3,\"ready\":3}", w->read_url);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_http_response_fini(&http);
    return got;
}

/* What a webhook carries beside its body. */
struct signed_headers {
    char id[256], timestamp[24];
    struct ll_str signature;
    struct ll_http_header list[3];
    size_t n;
};

static bool sign(const struct webhook *w, const struct ll_executor_action *a, ll_time now,
                 const struct ll_str *body, struct signed_headers *h, struct ll_err *err)
{
    struct ll_webhook_keys keys = {0};
    int64_t seconds = now / LL_SECOND;
    ll_str_init(&h->signature, 1024);
    if (a->action_id.n == 0 || a->action_id.n >= sizeof(h->id))
        return ll_err_set(err, LL_E_INVALID, "the action's id has %zu bytes", a->action_id.n);
    ll_exchange_text(a->action_id, h->id, sizeof(h->id));
    snprintf(h->timestamp, sizeof(h->timestamp), "%lld", (long long)seconds);
    h->list[h->n++] = (struct ll_http_header){"webhook-id", h->id};
    h->list[h->n++] = (struct ll_http_header){"webhook-timestamp", h->timestamp};
    if (!w->secret_file)
        return true;
    bool ok = read_keys(w, &keys, err) &&
              ll_webhook_sign(&keys, ll_slice_of(h->id), seconds,
                              (struct ll_slice){body->s, body->n}, &h->signature, err);
    ll_webhook_keys_fini(&keys);
    if (ok)
        h->list[h->n++] = (struct ll_http_header){"webhook-signature", ll_str_z(&h->signature)};
    return ok;
}

static enum ll_outcome apply(struct ll_executor *base, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct webhook *w = (struct webhook *)base;
    struct ll_clock clock = ll_clock_real();
    ll_time now = clock.now(clock.self);
    struct ll_http_response http = {0};
    struct signed_headers h = {0};
    struct ll_str body;
    enum ll_outcome got = LL_OUTCOME_REFUSED;
    ll_str_init(&body, LL_BODY_BYTES_MAX);
    ll_body_event(&body, a, now);
    if (body.failed)
        ll_err_set(err, LL_E_TOO_LARGE, "the action is over %d bytes", LL_BODY_BYTES_MAX);
    else if (sign(w, a, now, &body, &h, err)) {
        struct ll_http_request req = {.method = LL_HTTP_POST,
                                      .url = w->url,
                                      .body = body.s,
                                      .body_bytes = body.n,
                                      .headers = h.list,
                                      .n_headers = h.n};
        got = exchange(w, &req, &http, retry_after, err);
    }
    if (got == LL_OUTCOME_OK && strcmp(http.content_type, "text/html") == 0) {
        ll_err_set(err, LL_E_UNREACHABLE,
                   "%s was answered with a page for people, not by a webhook", w->url);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_http_response_fini(&http);
    ll_str_fini(&h.signature);
    ll_str_fini(&body);
    return got;
}

static void plan(struct ll_executor *base, const struct ll_executor_action *a, char *buf, size_t n)
{
    const struct webhook *w = (const struct webhook *)base;
    snprintf(buf, n,
             "POST %s {\"type\":\"scaling.action\",\"data\":{\"from\":%lld,\"to\":%lld,…}}%s",
             w->url, (long long)a->from, (long long)a->to, w->secret_file ? ", signed" : "");
}

const struct ll_executor_ops ll_executor_webhook = {
    .name = "webhook",
    .doc = "sends the action to a URL, signed",
    .vertical = true,
    .open = open_it,
    .close = close_it,
    .observe = observe,
    .apply = apply,
    .plan = plan,
};
