#include "engine/notices_send.h"

#include <stdio.h>
#include <string.h>

#include "execute/webhook_sign.h"
#include "os/file.h"
#include "os/http_client.h"
#include "os/secret.h"
#include "os/smtp.h"

enum { ANSWER_BYTES_MAX = 64 << 10, URL_BYTES_MAX = 2048 };
static const ll_dur retry_max = 10 * LL_MINUTE;

static bool read_keys(const char *path, struct ll_webhook_keys *k, struct ll_err *err)
{
    struct ll_str text;
    ll_str_init(&text, LL_WEBHOOK_TEXT_MAX);
    bool ok = ll_file_read(path, LL_WEBHOOK_TEXT_MAX, &text, err) &&
              (ll_webhook_keys_parse((struct ll_slice){text.s, text.n}, k, err) ||
               ll_err_wrap(err, "%s", path));
    ll_secret_fini(&text);
    for (size_t i = 0; ok && i < k->n; i++)
        if (k->key[i].n < LL_WEBHOOK_SECRET_MIN)
            ok = ll_err_set(err, LL_E_INVALID, "%s: secret %zu has %zu bytes, %d are the least",
                            path, i + 1, k->key[i].n, LL_WEBHOOK_SECRET_MIN);
    return ok;
}

/* What one request is made of. */
struct request {
    struct ll_str url, token, signature, body;
    char id[LL_NOTICE_ID_MAX], timestamp[24];
    struct ll_http_header headers[3];
    size_t n_headers;
};

static void request_fini(struct request *r)
{
    ll_secret_fini(&r->url);
    ll_secret_fini(&r->token);
    ll_str_fini(&r->signature);
    ll_str_fini(&r->body);
}

static bool read_url(const struct ll_notice_receiver *to, struct request *r, struct ll_err *err)
{
    struct ll_str base;
    ll_str_init(&base, URL_BYTES_MAX);
    if (to->url_file && !ll_secret_read(to->url_file, &base, err))
        return ll_err_wrap(err, "url_file");
    if (to->url)
        ll_str_addz(&base, to->url);
    const char *z = ll_str_z(&base);
    size_t n = strlen(z);
    const bool alerts = to->kind == LL_RECEIVER_ALERTMANAGER;
    while (alerts && n > 0 && z[n - 1] == '/')
        n--;
    ll_str_add(&r->url, z, n);
    if (alerts)
        ll_str_addz(&r->url, "/api/v2/alerts");
    bool ok = !base.failed && !r->url.failed;
    ll_secret_fini(&base);
    return ok || ll_err_set(err, LL_E_TOO_LARGE, "the URL is over %d bytes", URL_BYTES_MAX);
}

static void write_body(const struct ll_notice_receiver *to, const struct ll_notice_sender *s,
                       const struct ll_notice_message *m, struct ll_str *out)
{
    if (to->kind == LL_RECEIVER_ALERTMANAGER)
        ll_notice_write_alerts(s, m, out);
    else if (to->kind == LL_RECEIVER_SLACK)
        ll_notice_write_slack(s, m, out);
    else
        ll_notice_write_json(s, m, out);
}

static bool sign(const struct ll_notice_receiver *to, const struct ll_notice_sender *s,
                 struct request *r, struct ll_err *err)
{
    struct ll_webhook_keys keys = {0};
    const int64_t seconds = s->now / LL_SECOND;
    snprintf(r->timestamp, sizeof(r->timestamp), "%lld", (long long)seconds);
    r->headers[r->n_headers++] = (struct ll_http_header){"webhook-id", r->id};
    r->headers[r->n_headers++] = (struct ll_http_header){"webhook-timestamp", r->timestamp};
    if (!to->secret_file)
        return true;
    bool ok = read_keys(to->secret_file, &keys, err) &&
              ll_webhook_sign(&keys, ll_slice_of(r->id), seconds,
                              (struct ll_slice){r->body.s, r->body.n}, &r->signature, err);
    ll_webhook_keys_fini(&keys);
    if (ok)
        r->headers[r->n_headers++] =
            (struct ll_http_header){"webhook-signature", ll_str_z(&r->signature)};
    return ok;
}

static bool make(const struct ll_notice_receiver *to, const struct ll_notice_sender *s,
                 const struct ll_notice_message *m, struct request *r, struct ll_err *err)
{
    if (!read_url(to, r, err))
        return false;
    if (to->bearer_token_file && !ll_secret_read(to->bearer_token_file, &r->token, err))
        return ll_err_wrap(err, "bearer_token_file");
    write_body(to, s, m, &r->body);
    if (r->body.failed)
        return ll_err_set(err, LL_E_TOO_LARGE, "the message is over %d bytes", LL_NOTICE_BODY_MAX);
    ll_notice_write_id(m, r->id);
    return to->kind != LL_RECEIVER_WEBHOOK || sign(to, s, r, err);
}

static const char *hint(int status)
{
    return status == 401 || status == 403  ? "; the receiver does not accept the credentials"
           : status == 404                 ? "; is the URL right?"
           : status == 410                 ? "; it is gone for good, take the receiver out"
           : status >= 300 && status < 400 ? "; redirects are not followed, give the last URL"
                                           : "";
}

/* The way and the server's troubles pass by; what it says of this message does not. */
static void judge(const struct ll_http_response *http, struct ll_notices_reply *out)
{
    char span[LL_DUR_TEXT_MAX];
    const int status = http->status;
    const bool html = strcmp(http->content_type, "text/html") == 0;
    if (status >= 200 && status < 300 && !html) {
        out->result = LL_NOTICE_DELIVERED;
        snprintf(out->text, sizeof(out->text), "%d", status);
        return;
    }
    const bool later = status >= 500 || status == 408 || status == 429;
    out->result = later ? LL_NOTICE_LATER : LL_NOTICE_REFUSED;
    out->retry_after = LL_MIN(http->retry_after, retry_max);
    if (status >= 200 && status < 300)
        snprintf(out->text, sizeof(out->text), "%d with a page for people, not for programs",
                 status);
    else if (later && out->retry_after)
        snprintf(out->text, sizeof(out->text), "%d; again in %s", status,
                 ll_dur_format_human(out->retry_after, span));
    else
        snprintf(out->text, sizeof(out->text), "%d%s", status, hint(status));
}

/* Errors of the way name the URL, which may be a secret. */
static void fail(const struct request *r, const struct ll_err *err, struct ll_notices_reply *out)
{
    out->result = LL_NOTICE_LATER;
    if (r->url.n && strstr(err->text, r->url.s))
        snprintf(out->text, sizeof(out->text), "%s", ll_err_info(err->code)->meaning);
    else
        snprintf(out->text, sizeof(out->text), "%.255s", err->text);
}

static void send_http(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                      const struct ll_notice_sender *s, const struct ll_notice_message *m,
                      struct ll_notices_reply *out)
{
    struct request r = {0};
    struct ll_http_response http = {0};
    struct ll_err err = {0};
    ll_str_init(&r.url, URL_BYTES_MAX + 64);
    ll_str_init(&r.token, LL_SECRET_BYTES_MAX);
    ll_str_init(&r.signature, 1024);
    ll_str_init(&r.body, LL_NOTICE_BODY_MAX);
    bool ok = (w->http || ll_http_client_new(&w->http, &err)) && make(to, s, m, &r, &err);
    const struct ll_http_request req = {.method = LL_HTTP_POST,
                                        .url = ll_str_z(&r.url),
                                        .bearer = to->bearer_token_file ? r.token.s : NULL,
                                        .body = r.body.s,
                                        .body_bytes = r.body.n,
                                        .accept = "*/*",
                                        .headers = r.headers,
                                        .n_headers = r.n_headers,
                                        .ca_file = to->ca_file,
                                        .once = true,
                                        .timeout = to->timeout,
                                        .max_bytes = ANSWER_BYTES_MAX,
                                        .stop = w->stop,
                                        .stop_ctx = w->stop_ctx};
    if (ok && ll_http_client_do(w->http, &req, &http, &err))
        judge(&http, out);
    else
        fail(&r, &err, out);
    ll_http_response_fini(&http);
    request_fini(&r);
}

static void judge_mail(bool ok, int answer, const struct ll_err *err, struct ll_notices_reply *out)
{
    if (ok) {
        out->result = LL_NOTICE_DELIVERED;
        snprintf(out->text, sizeof(out->text), "%d", answer);
        return;
    }
    out->result = err->code == LL_E_INVALID ? LL_NOTICE_REFUSED : LL_NOTICE_LATER;
    snprintf(out->text, sizeof(out->text), "%.255s", err->text);
}

static void send_mail(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                      const struct ll_notice_sender *s, const struct ll_notice_message *m,
                      struct ll_notices_reply *out)
{
    struct ll_str text, password;
    struct ll_err err = {0};
    int answer = 0;
    ll_str_init(&text, LL_NOTICE_BODY_MAX);
    ll_str_init(&password, LL_SECRET_BYTES_MAX);
    ll_notice_write_mail(s, to, m, &text);
    bool ok = !text.failed ||
              ll_err_set(&err, LL_E_INVALID, "the mail is over %d bytes", LL_NOTICE_BODY_MAX);
    ok =
        ok && (!to->smtp.password_file || ll_secret_read(to->smtp.password_file, &password, &err) ||
               ll_err_wrap(&err, "password"));
    const struct ll_smtp_mail mail = {.host = to->smtp.host,
                                      .port = to->smtp.port,
                                      .starttls = to->smtp.starttls == LL_STARTTLS_REQUIRED,
                                      .ca_file = to->ca_file,
                                      .username = to->smtp.username,
                                      .password = to->smtp.password_file ? password.s : NULL,
                                      .from = to->smtp.from,
                                      .to = to->smtp.to,
                                      .text = {text.s, text.n},
                                      .timeout = to->timeout,
                                      .stop = w->stop,
                                      .stop_ctx = w->stop_ctx};
    ok = ok && ll_smtp_send(&mail, &answer, &err);
    judge_mail(ok, answer, &err, out);
    ll_secret_fini(&password);
    ll_str_fini(&text);
}

void ll_notices_send(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                     const struct ll_notice_sender *s, const struct ll_notice_message *m,
                     struct ll_notices_reply *out)
{
    *out = (struct ll_notices_reply){.result = LL_NOTICE_LATER};
    LL_NOTICE_PUT(out->receiver, to->name);
    if (to->kind == LL_RECEIVER_EMAIL)
        send_mail(w, to, s, m, out);
    else
        send_http(w, to, s, m, out);
}

void ll_notices_send_test(struct ll_notices_way *w, const struct ll_notice_receiver *to,
                          const struct ll_notice_sender *s, struct ll_notices_reply *out)
{
    struct ll_notice n = {.kind = LL_NOTICE_TEST,
                          .severity = LL_SEVERITY_INFO,
                          .at = s->now,
                          .deadline = LL_TIME_NONE};
    struct ll_notice_item item = {.notice = &n, .ending = ""};
    const struct ll_notice_message m = {
        .kind = LL_NOTICE_TEST, .told = s->now, .items = &item, .n = 1};
    snprintf(n.key, sizeof(n.key), "test/%.100s", s->receiver.n ? s->receiver.s : "");
    LL_NOTICE_PUT(n.title, LL_SLICE("A test of Loadline's notifications"));
    LL_NOTICE_PUT(n.text, LL_SLICE("Somebody asked for it; nothing has to be done."));
    ll_notices_send(w, to, s, &m, out);
}
