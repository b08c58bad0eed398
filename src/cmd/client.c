#include "cmd/client.h"

#include <stdlib.h>
#include <string.h>

#include "os/file.h"

#define STREAM_TIMEOUT (7 * LL_DAY)

enum { PATH_BYTES = 16 << 10, TOKEN_BYTES = 4096, PAGE = 500, PAGES_MAX = 10000 };

const char *ll_client_server(const struct ll_ctx *c)
{
    const char *env = getenv("LOADLINE_SERVER");
    if (!ll_args_given(c->args, "server") && env && env[0])
        return env;
    return ll_args_text(c->args, "server");
}

/* The first line of --token-file or $LOADLINE_TOKEN_FILE. */
static bool load_token(struct ll_ctx *c, struct ll_err *err)
{
    const char *file = ll_args_text(c->args, "token-file");
    const char *env = getenv("LOADLINE_TOKEN_FILE");
    if (!file)
        file = env && env[0] ? env : NULL;
    if (!file || c->token)
        return true;
    struct ll_str text;
    ll_str_init(&text, TOKEN_BYTES);
    bool ok = ll_file_read(file, TOKEN_BYTES, &text, err);
    size_t n = strcspn(ll_str_z(&text), " \t\r\n");
    if (ok && n == 0)
        ok = ll_err_set(err, LL_E_USAGE, "token file %s is empty", file);
    if (ok && !(c->token = strndup(ll_str_z(&text), n)))
        ok = ll_err_set(err, LL_E_MEMORY, "no memory for the token");
    ll_str_fini(&text);
    return ok;
}

/* What to do when nobody answers; other errors stay as they are. */
static bool explain_silence(const char *server, struct ll_err *err)
{
    struct ll_err why = *err;
    if (err->code != LL_E_UNREACHABLE)
        return false;
    return ll_err_set(err, LL_E_UNREACHABLE,
                      "no daemon answers at %s; is it running? start it with `loadline serve`, or "
                      "name another with --server URL (%.200s)",
                      server, why.text);
}

/* req: what is not said by the command line. */
static bool ask_for(struct ll_ctx *c, const char *path, struct ll_http_request req,
                    struct ll_http_response *out, struct ll_err *err)
{
    struct ll_str url;
    const char *server = ll_client_server(c);
    size_t n = strlen(server);
    while (n > 0 && server[n - 1] == '/')
        n--;
    if (!load_token(c, err) || (!c->http && !ll_http_client_new(&c->http, err)))
        return false;

    ll_str_init(&url, PATH_BYTES);
    ll_str_add(&url, server, n);
    ll_str_addz(&url, path);
    req.url = ll_str_z(&url);
    req.bearer = c->token;
    req.stop = c->stop;
    req.stop_ctx = c->stop_ctx;
    req.ca_file = ll_args_text(c->args, "ca-file");
    if (req.timeout == 0)
        req.timeout = ll_args_duration(c->args, "timeout");
    bool ok = !url.failed || ll_err_set(err, LL_E_USAGE, "the address is too long");
    ok = ok && ll_http_client_do(c->http, &req, out, err);
    c->retry_after = ok ? out->retry_after : 0;
    ll_str_fini(&url);
    return ok ? true : explain_silence(server, err);
}

static bool ask(struct ll_ctx *c, const char *path, struct ll_http_response *out,
                struct ll_err *err)
{
    return ask_for(c, path, (struct ll_http_request){0}, out, err);
}

static enum ll_err_code code_of(int status)
{
    if (status == 503) /* it does answer, so it is not LL_E_UNREACHABLE */
        return LL_E_STORAGE;
    for (int i = LL_E_OK + 1; i < LL_E_COUNT; i++)
        if (ll_err_info((enum ll_err_code)i)->http_status == status)
            return (enum ll_err_code)i;
    return status >= 500 ? LL_E_IO : LL_E_INVALID;
}

static const char *advice(enum ll_err_code code)
{
    if (code == LL_E_UNAUTHENTICATED)
        return "; give a token with --token-file F";
    if (code == LL_E_DENIED)
        return "; a token with a higher role is needed";
    if (code == LL_E_STORAGE)
        return "; see `loadline doctor`";
    return "";
}

/* RFC 9457: the detail, then what is wrong field by field. */
static bool problem(const struct ll_http_response *r, const char *server, struct ll_err *err)
{
    enum ll_err_code code = code_of(r->status);
    LL_AUTO_JSON doc = json_loadb(r->body, r->n, 0, NULL);
    const char *detail = ll_json_text(doc, "detail");
    if (!detail[0])
        return ll_err_set(err, code, "%s answered with status %d%s", server, r->status,
                          advice(code));
    const json_t *first = json_array_get(json_object_get(doc, "errors"), 0);
    const char *hint = ll_json_text(first, "hint");
    return ll_err_set(err, code, "%s%s%s%s", detail, hint[0] ? "; " : "", hint, advice(code));
}

bool ll_client_get(struct ll_ctx *c, const char *path, json_t **out, struct ll_err *err)
{
    struct ll_http_response r = {0};
    json_error_t why;
    if (!ask(c, path, &r, err))
        return false;
    bool ok = r.status == 200 || problem(&r, ll_client_server(c), err);
    json_t *doc = ok ? json_loadb(r.body, r.n, JSON_DECODE_ANY, &why) : NULL;
    if (ok && !doc)
        ok = ll_err_set(err, LL_E_UNREACHABLE,
                        "%s%s is not an answer of Loadline (line %d: %s); is another program "
                        "there?",
                        ll_client_server(c), path, why.line, why.text);
    ll_http_response_fini(&r);
    if (ok)
        *out = doc;
    return ok;
}

bool ll_client_stream(struct ll_ctx *c, const char *path, const char *accept,
                      bool (*on_data)(void *ctx, const char *bytes, size_t n), void *ctx,
                      struct ll_err *err)
{
    struct ll_http_response r = {0};
    struct ll_err why = {0};
    const bool given = ll_args_given(c->args, "timeout");
    const struct ll_http_request req = {.accept = accept,
                                        .timeout = given ? 0 : STREAM_TIMEOUT,
                                        .max_bytes = SIZE_MAX / 2,
                                        .on_data = on_data,
                                        .ctx = ctx};
    if (!ask_for(c, path, req, &r, &why)) {
        if (why.code != LL_E_INTERNAL) /* else on_data has said why */
            *err = why;
        return false;
    }
    bool ok = r.status == 200 || problem(&r, ll_client_server(c), err);
    ll_http_response_fini(&r);
    return ok;
}

bool ll_client_post(struct ll_ctx *c, const char *path, const struct ll_str *body, json_t **out,
                    struct ll_err *err)
{
    struct ll_http_response r = {0};
    const struct ll_http_request req = {.method = LL_HTTP_POST,
                                        .body = body ? ll_str_z(body) : NULL,
                                        .body_bytes = body ? body->n : 0};
    if (body && body->failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a request");
    if (!ask_for(c, path, req, &r, err))
        return false;
    LL_AUTO_JSON doc = r.n ? json_loadb(r.body, r.n, 0, NULL) : NULL;
    bool ok = (r.status == 200 && doc) || r.status == 204 ||
              json_is_array(json_object_get(doc, "rejected")) ||
              problem(&r, ll_client_server(c), err);
    ll_http_response_fini(&r);
    if (ok) {
        *out = doc;
        doc = NULL;
    }
    return ok;
}

bool ll_client_send(struct ll_ctx *c, enum ll_http_method method, const char *path,
                    const struct ll_str *body, const char *type, json_t **out, struct ll_err *err)
{
    struct ll_http_response r = {0};
    const struct ll_http_request req = {.method = method,
                                        .content_type = type,
                                        .body = body ? ll_str_z(body) : NULL,
                                        .body_bytes = body ? body->n : 0};
    if (body && body->failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a request");
    if (!ask_for(c, path, req, &r, err))
        return false;
    const bool ok = r.status < 300 || problem(&r, ll_client_server(c), err);
    if (ok)
        *out = r.n ? json_loadb(r.body, r.n, JSON_DECODE_ANY, NULL) : NULL;
    ll_http_response_fini(&r);
    return ok;
}

bool ll_client_probe(struct ll_ctx *c, const char *path, int *status, struct ll_err *err)
{
    struct ll_http_response r = {0};
    if (!ask(c, path, &r, err))
        return false;
    *status = r.status;
    ll_http_response_fini(&r);
    return true;
}

/* One page's items are moved to the end of all; *cursor becomes the next page's, or empty. */
static bool take_page(struct ll_ctx *c, const char *path, json_t *all, struct ll_str *cursor,
                      struct ll_err *err)
{
    struct ll_str page;
    LL_AUTO_JSON doc = NULL;
    ll_str_init(&page, PATH_BYTES);
    ll_str_addz(&page, path);
    if (cursor->n)
        ll_client_query(&page, "cursor", ll_str_z(cursor));
    bool ok = ll_client_get(c, ll_str_z(&page), &doc, err);
    ll_str_fini(&page);
    ll_str_clear(cursor);
    if (!ok)
        return false;
    if (json_array_extend(all, json_object_get(doc, "items")) != 0)
        return ll_err_set(err, LL_E_UNREACHABLE, "%s%s is not a list of Loadline",
                          ll_client_server(c), path);
    ll_str_addz(cursor, ll_json_text(doc, "next_cursor"));
    return true;
}

bool ll_client_list(struct ll_ctx *c, const char *path, size_t max, json_t **out,
                    struct ll_err *err)
{
    LL_AUTO_JSON all = json_array();
    struct ll_str full, cursor;
    ll_str_init(&full, PATH_BYTES);
    ll_str_init(&cursor, 4096);
    ll_str_addz(&full, path);
    ll_str_addf(&full, "%climit=%zu", strchr(path, '?') ? '&' : '?',
                max && max < PAGE ? max : (size_t)PAGE);

    bool ok = true;
    for (int page = 0; ok && page < PAGES_MAX; page++) {
        ok = take_page(c, ll_str_z(&full), all, &cursor, err);
        if (!cursor.n || (max && json_array_size(all) >= max))
            break;
    }
    while (max && json_array_size(all) > max)
        json_array_remove(all, json_array_size(all) - 1);
    ll_str_fini(&full);
    ll_str_fini(&cursor);
    if (ok) {
        *out = all;
        all = NULL;
    }
    return ok;
}

static void add_escaped(struct ll_str *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            ll_str_addc(out, *text);
        else
            ll_str_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

void ll_client_segment(struct ll_str *path, const char *name)
{
    ll_str_addc(path, '/');
    add_escaped(path, name);
}

void ll_client_query(struct ll_str *path, const char *key, const char *value)
{
    ll_str_addf(path, "%c%s=", strchr(ll_str_z(path), '?') ? '&' : '?', key);
    add_escaped(path, value);
}
