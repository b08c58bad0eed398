#include "collect/promql_ask.h"

#include <stdio.h>
#include <string.h>

#include "collect/promql_read.h"

void ll_promql_form(struct ll_str *form, const char *key, struct ll_slice value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    ll_str_addf(form, "%s%s=", form->n ? "&" : "", key);
    for (size_t i = 0; i < value.n; i++) {
        if (value.s[i] && strchr(plain, value.s[i]))
            ll_str_addc(form, value.s[i]);
        else
            ll_str_addf(form, "%%%02X", (unsigned)(unsigned char)value.s[i]);
    }
}

void ll_promql_form_time(struct ll_str *form, const char *key, ll_time t)
{
    ll_str_addf(form, "%s%s=%lld.%03d", form->n ? "&" : "", key, (long long)(t / 1000),
                (int)(t % 1000));
}

void ll_promql_form_span(struct ll_str *form, const char *key, ll_dur d)
{
    ll_str_addf(form, "%s%s=%lldms", form->n ? "&" : "", key, (long long)d);
}

void ll_promql_narrow(struct ll_str *out, struct ll_slice selector, const char *match)
{
    if (!match || !match[0]) {
        ll_str_add(out, selector.s, selector.n);
        return;
    }
    size_t n = selector.n;
    while (n > 0 && selector.s[n - 1] == ' ')
        n--;
    if (n == 0 || selector.s[n - 1] != '}') {
        ll_str_add(out, selector.s, n);
        ll_str_addf(out, "{%s}", match);
        return;
    }
    n--;
    while (n > 0 && (selector.s[n - 1] == ' ' || selector.s[n - 1] == ','))
        n--;
    ll_str_add(out, selector.s, n);
    ll_str_addf(out, "%s%s}", n > 0 && selector.s[n - 1] == '{' ? "" : ",", match);
}

/* Prometheus says "query processing would load too many samples", Mimir "the query exceeded the
 * maximum number of ..." or "max-fetched-...", VictoriaMetrics "...the number of ... exceeds". */
static bool says_too_much(const char *text)
{
    static const char *const signs[] = {"too many", "exceed", "limit", "too large"};
    for (size_t i = 0; i < LL_LEN(signs); i++)
        if (strstr(text, signs[i]))
            return true;
    return false;
}

static bool is_json(const struct ll_http_response *r)
{
    return strcmp(r->content_type, "application/json") == 0;
}

static bool refused_query(struct ll_http_response *r, const char *type, const char *text,
                          struct ll_err *err)
{
    bool too_much = r->status == 422 && says_too_much(text);
    return ll_err_set(err, too_much ? LL_E_TOO_LARGE : LL_E_INVALID, "status %d, %s: %s", r->status,
                      type[0] ? type : "no reason given", text);
}

static bool busy(const struct ll_http_response *r, const char *text, ll_dur *retry_after,
                 struct ll_err *err)
{
    char wait[LL_DUR_TEXT_MAX] = "";
    *retry_after = r->retry_after;
    if (r->retry_after)
        ll_dur_format_human(r->retry_after, wait);
    return ll_err_set(err, LL_E_BUSY, "the server has too much to do (status %d%s%s)%s%s",
                      r->status, wait[0] ? ", wants to be left alone for " : "", wait,
                      text[0] ? ": " : "", text);
}

static bool refuse(struct ll_http_response *r, ll_dur *retry_after, struct ll_err *err)
{
    char type[32] = "", text[LL_PROMQL_NOTE_MAX] = "";
    if (is_json(r))
        ll_promql_read_error(r->body, r->n, type, text);
    if (r->status == 504 || strcmp(type, "timeout") == 0 || strcmp(type, "canceled") == 0)
        return ll_err_set(err, LL_E_TIMEOUT, "the query took too long there (status %d)",
                          r->status);
    if (r->status == 413)
        return ll_err_set(err, LL_E_TOO_LARGE, "too large for the server (status 413) %s", text);
    switch (r->status) {
    case 400:
    case 422:
        return refused_query(r, type, text, err);
    case 401:
        return ll_err_set(err, LL_E_UNAUTHENTICATED,
                          "the server wants other credentials (status 401)");
    case 403:
        return ll_err_set(err, LL_E_DENIED, "the server does not allow it (status 403)");
    case 404:
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "there is no Prometheus API (status 404); is the URL the one up to "
                          "before /api/v1?");
    case 429:
    case 503:
        return busy(r, text, retry_after, err);
    default:
        break;
    }
    if (r->status >= 300 && r->status < 400)
        return ll_err_set(err, LL_E_IO,
                          "the server sends elsewhere (status %d), which is not followed; give "
                          "its final URL",
                          r->status);
    return ll_err_set(err, LL_E_IO, "the server failed with status %d%s%s", r->status,
                      text[0] ? ": " : "", text);
}

static bool check(struct ll_http_response *r, ll_dur *retry_after, struct ll_err *err)
{
    if (r->status != 200)
        return refuse(r, retry_after, err);
    if (!is_json(r))
        return ll_err_set(err, LL_E_MEDIA,
                          "the answer is %s, not JSON; is a login or another program there?",
                          r->content_type[0] ? r->content_type : "of no type");
    return true;
}

static bool exchange(struct ll_http_client *c, const struct ll_promql_server *s, const char *url,
                     const struct ll_str *form, bool get, ll_dur timeout,
                     struct ll_http_response *out, struct ll_err *err)
{
    struct ll_http_request req = {.method = get ? LL_HTTP_GET : LL_HTTP_POST,
                                  .url = url,
                                  .content_type = "application/x-www-form-urlencoded",
                                  .body = get ? NULL : ll_str_z(form),
                                  .body_bytes = get ? 0 : form->n,
                                  .timeout = timeout,
                                  .connect_timeout = LL_MIN(timeout, 5 * LL_SECOND),
                                  .max_bytes = s->max_bytes,
                                  .stop = s->stop,
                                  .stop_ctx = s->stop_ctx};
    return ll_http_access_do(&s->access, c, &req, out, err);
}

bool ll_promql_ask(struct ll_http_client *c, const struct ll_promql_server *s, const char *path,
                   const struct ll_str *form, bool get, ll_dur timeout,
                   struct ll_http_response *out, ll_dur *retry_after, struct ll_err *err)
{
    struct ll_http_response r = {0};
    struct ll_str url;
    size_t n = strlen(s->url);
    while (n > 0 && s->url[n - 1] == '/')
        n--;
    *retry_after = 0;
    ll_str_init(&url, LL_PROMQL_FORM_MAX + 4096);
    ll_str_add(&url, s->url, n);
    ll_str_addz(&url, path);
    if (get && form->n)
        ll_str_addf(&url, "?%s", ll_str_z(form));
    bool ok = !url.failed && !form->failed;
    ok = ok ? exchange(c, s, ll_str_z(&url), form, get, timeout, &r, err)
            : ll_err_set(err, LL_E_TOO_LARGE, "the query is too long");
    ll_str_fini(&url);
    if (ok && check(&r, retry_after, err)) {
        *out = r;
        return true;
    }
    ll_http_response_fini(&r);
    return false;
}
