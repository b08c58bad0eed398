/* /session: a token is traded for a cookie, so that the page keeps no secret. */
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "api/handlers.h"
#include "api/reply.h"
#include "base/json_in.h"

enum { COOKIE_MAX = 256, TOKEN_MAX = 512 };

static struct ll_reply empty_with_cookie(const char *cookie)
{
    return (struct ll_reply){
        .status = 204, .extra_name = MHD_HTTP_HEADER_SET_COOKIE, .extra_value = cookie};
}

static void render_scope(struct ll_json_out *j, const char *patterns)
{
    ll_json_out_key(j, "services");
    ll_json_out_open(j, '[');
    while (*patterns) {
        size_t n = strcspn(patterns, "\n");
        ll_json_out_text(j, (struct ll_slice){patterns, n});
        patterns += n + 1;
    }
    ll_json_out_close(j, ']');
}

enum MHD_Result ll_handler_session_get(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, 8 * LL_SCOPE_BYTES_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "role");
    ll_json_out_z(&j, r->who.role == LL_ROLE_NONE ? NULL : ll_role_name(r->who.role));
    ll_json_out_key(&j, "authenticated");
    ll_json_out_bool(&j, r->who.authenticated);
    if (r->who.scope.limited)
        render_scope(&j, r->who.scope.patterns);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

/* {"token":"…"} and nothing else. */
static bool read_token(struct ll_request *r, struct ll_slice *token, struct ll_err *err)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    *token = LL_SLICE("");
    ll_json_in_init(&in, r->body.s ? r->body.s : (char *)"", r->body.n);
    if (!ll_json_in_next(&in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "the body is not an object");
    for (;;) {
        if (!ll_json_in_next(&in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            break;
        if (!ll_slice_is(tok.text, "token") || token->n > 0)
            return ll_err_set(err, LL_E_INVALID, "the body has one field: token");
        if (!ll_json_in_next(&in, &tok, err))
            return false;
        if (tok.kind != LL_JSON_STRING || tok.text.n == 0 || tok.text.n > TOKEN_MAX)
            return ll_err_set(err, LL_E_INVALID, "token is not a string of 1 to %d bytes",
                              TOKEN_MAX);
        *token = tok.text;
    }
    if (token->n == 0)
        return ll_err_set(err, LL_E_INVALID, "token is missing");
    return ll_json_in_next(&in, &tok, err);
}

enum MHD_Result ll_handler_session_post(struct ll_request *r)
{
    char id[LL_SESSION_ID_CHARS + 1], cookie[COOKIE_MAX];
    struct ll_slice token;
    struct ll_identity who;
    struct ll_err err;
    struct ll_api *api = r->api;
    bool ok =
        read_token(r, &token, &err) &&
        ll_auth_open_session(api->auth, token, &r->conn->address, api->clock.mono(api->clock.self),
                             ll_engine_now(api->engine), id, &who, &err);
    if (r->body.s)
        memset(r->body.s, 0, r->body.n);
    if (!ok)
        return ll_reply_error(r, &err, 0);
    if (!ll_api_audit(r, &who, "session.open", who.name, &err)) { /* the cookie never leaves */
        ll_auth_end_session(api->auth, (struct ll_slice){id, LL_SESSION_ID_CHARS});
        return ll_reply_error(r, &err, 0);
    }
    snprintf(cookie, sizeof(cookie),
             LL_SESSION_COOKIE "=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s", id,
             (int)(LL_SESSION_LIFE / LL_SECOND), api->tls ? "; Secure" : "");
    struct ll_reply how = empty_with_cookie(cookie);
    return ll_reply_empty(r, &how);
}

enum MHD_Result ll_handler_session_delete(struct ll_request *r)
{
    struct ll_err err;
    struct ll_identity who;
    struct ll_slice cookie = r->header[LL_HEADER_COOKIE];
    if (ll_auth_of_session(r->api->auth, cookie, r->api->clock.mono(r->api->clock.self),
                           ll_engine_now(r->api->engine), &who) &&
        !ll_api_audit(r, &who, "session.close", who.name, &err))
        return ll_reply_error(r, &err, 0);
    ll_auth_close_session(r->api->auth, cookie);
    struct ll_reply how =
        empty_with_cookie(LL_SESSION_COOKIE "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    return ll_reply_empty(r, &how);
}
