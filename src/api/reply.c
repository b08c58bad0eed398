#include "api/reply.h"

#include <gnutls/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/json_out.h"
#include "api/routes.h"
#include "os/log.h"

static const char json_mime[] = "application/json";
static const char problem_mime[] = "application/problem+json";

static void add_header(struct MHD_Response *m, const char *name, const char *value)
{
    if (name && value && MHD_add_response_header(m, name, value) != MHD_YES)
        LL_LOG(LL_LOG_WARN, "a response header was refused", LL_KV("header", name));
}

static void add_headers(struct MHD_Response *m, const struct ll_reply *how)
{
    add_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, how->mime);
    add_header(m, MHD_HTTP_HEADER_ETAG, how->etag);
    add_header(m, MHD_HTTP_HEADER_CACHE_CONTROL, how->cache ? how->cache : "no-store");
    add_header(m, "X-Content-Type-Options", "nosniff");
    add_header(m, how->extra_name, how->extra_value);
    add_header(m, how->extra2_name, how->extra2_value);
    if (how->gzipped)
        add_header(m, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
}

struct MHD_Response *ll_reply_response(const struct ll_reply *how, struct ll_str *text)
{
    size_t n = 0;
    char *bytes = ll_str_take(text, &n);
    if (!bytes)
        return NULL;
    struct MHD_Response *m = MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
    if (m)
        add_headers(m, how);
    return m;
}

enum MHD_Result ll_reply_queue(struct ll_request *r, unsigned status, struct MHD_Response *m)
{
    for (size_t i = 0; r->lines && i < r->lines->n; i++)
        add_header(m, r->lines->name[i], r->lines->value[i]);
    ll_count(&r->api->counters.code[LL_MIN(status, 599u)], 1);
    r->stage = LL_STAGE_DONE;
    return MHD_queue_response(r->connection, status, m);
}

static enum MHD_Result send_and_drop(struct ll_request *r, unsigned status, struct MHD_Response *m)
{
    if (!m)
        return MHD_NO; /* no memory for an answer: the connection ends */
    enum MHD_Result ok = ll_reply_queue(r, status, m);
    MHD_destroy_response(m);
    return ok;
}

enum MHD_Result ll_reply_send(struct ll_request *r, const struct ll_reply *how, struct ll_str *text)
{
    if (text->failed) {
        ll_str_fini(text);
        return ll_reply_problem(r, LL_E_MEMORY, "the answer does not fit into memory");
    }
    return send_and_drop(r, how->status, ll_reply_response(how, text));
}

enum MHD_Result ll_reply_json(struct ll_request *r, struct ll_str *text)
{
    return ll_reply_send(r, &(struct ll_reply){.status = 200, .mime = json_mime}, text);
}

enum MHD_Result ll_reply_empty(struct ll_request *r, const struct ll_reply *how)
{
    struct MHD_Response *m = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (m)
        add_headers(m, how);
    return send_and_drop(r, how->status, m);
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {
        {400, "Bad request"},         {401, "Not authenticated"},
        {403, "Not allowed"},         {404, "Not found"},
        {405, "Method not allowed"},  {409, "Conflict"},
        {412, "Precondition failed"}, {413, "Too large"},
        {414, "Address too long"},    {415, "Unsupported media"},
        {421, "Misdirected request"}, {422, "Cannot be answered"},
        {429, "Too many requests"},   {503, "Temporarily not available"},
    };
    for (size_t i = 0; i < LL_LEN(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return status >= 500 ? "Internal error" : "Error";
}

static void add_issues(struct ll_json_out *j, const struct ll_issues *issues)
{
    ll_json_out_key(j, "errors");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < LL_MIN(issues->n, (size_t)LL_ISSUES_MAX); i++) {
        const struct ll_issue *x = &issues->v[i];
        ll_json_out_open(j, '{');
        ll_json_out_key(j, "path");
        ll_json_out_z(j, x->path);
        ll_json_out_key(j, "message");
        ll_json_out_z(j, x->message);
        if (x->hint[0]) {
            ll_json_out_key(j, "hint");
            ll_json_out_z(j, x->hint);
        }
        if (x->line > 0) {
            ll_json_out_key(j, "line");
            ll_json_out_int(j, x->line);
            ll_json_out_key(j, "column");
            ll_json_out_int(j, x->column);
        }
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

static void request_id(char id[static LL_REQUEST_ID_CHARS + 1])
{
    uint64_t random = 0;
    if (gnutls_rnd(GNUTLS_RND_NONCE, &random, sizeof(random)) < 0)
        random = 0;
    snprintf(id, LL_REQUEST_ID_CHARS + 1, "%016llx", (unsigned long long)random);
}

/* What a problem has beside its error; each may be NULL. */
struct extras {
    const struct ll_issues *issues;
    ll_reply_more *more;
    const void *ctx;
};

static void render(const struct ll_request *r, const struct ll_err *err, int status, const char *id,
                   const struct extras *extras, struct ll_str *out)
{
    static const struct ll_issues none = {0};
    struct ll_json_out j = {.out = out};
    char type[64];
    snprintf(type, sizeof(type), "/docs/errors#%s", ll_err_info(err->code)->name);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "type");
    ll_json_out_z(&j, type);
    ll_json_out_key(&j, "title");
    ll_json_out_z(&j, title_of(status));
    ll_json_out_key(&j, "status");
    ll_json_out_int(&j, status);
    ll_json_out_key(&j, "detail");
    ll_json_out_z(&j, err->text);
    ll_json_out_key(&j, "instance");
    ll_json_out_text(&j, r->path);
    ll_json_out_key(&j, "request_id");
    ll_json_out_z(&j, id);
    add_issues(&j, extras->issues ? extras->issues : &none);
    if (extras->more)
        extras->more(&j, extras->ctx);
    ll_json_out_close(&j, '}');
}

/* The header each status asks for, beside the body. */
static void status_header(struct ll_request *r, const struct ll_err *err, int status,
                          struct ll_reply *how, char buf[static LL_ALLOW_TEXT_MAX])
{
    bool basic, bearer;
    if (status == 405) {
        how->extra2_name = MHD_HTTP_HEADER_ALLOW;
        how->extra2_value = ll_route_allow(r->allow, buf);
    } else if (status == 429 || status == 503) {
        how->extra2_name = MHD_HTTP_HEADER_RETRY_AFTER;
        bool tries = strstr(err->text, "wrong credentials") != NULL;
        how->extra2_value = tries ? "60" : err->code == LL_E_STORAGE ? "5" : "1";
    } else if (status == 401) {
        ll_auth_schemes(r->api->auth, &basic, &bearer);
        /* To Basic a browser answers with its own dialog, over a page that asks better. */
        basic = basic && r->header[LL_HEADER_CSRF].n == 0;
        how->extra2_name = MHD_HTTP_HEADER_WWW_AUTHENTICATE;
        how->extra2_value =
            basic ? "Basic realm=\"loadline\", charset=\"UTF-8\"" : "Bearer realm=\"loadline\"";
    }
}

static enum MHD_Result reply_all(struct ll_request *r, const struct ll_err *err, int status,
                                 const struct extras *extras)
{
    char id[LL_REQUEST_ID_CHARS + 1], buf[LL_ALLOW_TEXT_MAX];
    struct ll_str text;
    request_id(id);
    struct ll_reply how = {.status = (unsigned)status,
                           .mime = problem_mime,
                           .extra_name = "X-Request-Id",
                           .extra_value = id};
    status_header(r, err, status, &how, buf);
    if (status == 500) /* the others are known, counted, and may come by the thousand */
        LL_LOG(LL_LOG_WARN, "request failed", LL_KV("request_id", id), LL_KVI("status", status),
               LL_KV("error", err->text));
    ll_str_init(&text, LL_RESPONSE_MAX);
    render(r, err, status, id, extras, &text);
    if (text.failed)
        ll_str_clear(&text);
    return send_and_drop(r, how.status, ll_reply_response(&how, &text));
}

enum MHD_Result ll_reply_error(struct ll_request *r, const struct ll_err *err, int status)
{
    return reply_all(r, err, status ? status : ll_err_info(err->code)->http_status,
                     &(struct extras){0});
}

enum MHD_Result ll_reply_error_with(struct ll_request *r, const struct ll_err *err,
                                    ll_reply_more *more, const void *ctx)
{
    return reply_all(r, err, ll_err_info(err->code)->http_status,
                     &(struct extras){.more = more, .ctx = ctx});
}

enum MHD_Result ll_reply_problem(struct ll_request *r, enum ll_err_code code, const char *fmt, ...)
{
    struct ll_err err = {.code = code};
    va_list args;
    va_start(args, fmt);
    vsnprintf(err.text, sizeof(err.text), fmt, args);
    va_end(args);
    return ll_reply_error(r, &err, 0);
}

enum MHD_Result ll_reply_error_issues(struct ll_request *r, const struct ll_err *err,
                                      const struct ll_issues *issues)
{
    return reply_all(r, err, ll_err_info(err->code)->http_status,
                     &(struct extras){.issues = issues});
}

enum MHD_Result ll_reply_issues(struct ll_request *r, const struct ll_issues *issues)
{
    struct ll_err err;
    const struct ll_issue *x = &issues->v[0];
    ll_err_set(&err, LL_E_INVALID, "%s: %s%s%s", x->path, x->message, x->hint[0] ? "; " : "",
               x->hint);
    return reply_all(r, &err, 400, &(struct extras){.issues = issues});
}

/* One element of a comma-separated list, without the spaces around it. */
static bool next_element(struct ll_slice *list, struct ll_slice *item)
{
    while (list->n > 0 && (*list->s == ' ' || *list->s == ',' || *list->s == '\t')) {
        list->s++;
        list->n--;
    }
    if (list->n == 0)
        return false;
    const char *comma = memchr(list->s, ',', list->n);
    size_t n = comma ? (size_t)(comma - list->s) : list->n;
    *item = (struct ll_slice){list->s, n};
    list->s += n;
    list->n -= n;
    while (item->n > 0 && item->s[item->n - 1] == ' ')
        item->n--;
    return true;
}

static bool quality_is_zero(struct ll_slice parameters)
{
    const char *q = memmem(parameters.s, parameters.n, "q=0", 3);
    if (!q)
        return false;
    for (const char *z = q + 3; z < parameters.s + parameters.n; z++)
        if (*z >= '1' && *z <= '9')
            return false;
    return true;
}

bool ll_reply_accepts(struct ll_slice header, const char *word)
{
    struct ll_slice item;
    while (next_element(&header, &item)) {
        const char *semi = memchr(item.s, ';', item.n);
        size_t n = semi ? (size_t)(semi - item.s) : item.n;
        struct ll_slice name = {item.s, n}, rest = {item.s + n, item.n - n};
        while (name.n > 0 && name.s[name.n - 1] == ' ')
            name.n--;
        if (ll_slice_ieq(name, word))
            return !quality_is_zero(rest);
    }
    return false;
}

bool ll_reply_matches(struct ll_slice if_none_match, const char *etag)
{
    struct ll_slice item;
    while (next_element(&if_none_match, &item)) {
        if (item.n > 2 && item.s[0] == 'W' && item.s[1] == '/')
            item = (struct ll_slice){item.s + 2, item.n - 2};
        if (ll_slice_is(item, etag) || ll_slice_is(item, "*"))
            return true;
    }
    return false;
}
