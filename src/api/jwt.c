#include "api/jwt.h"

#include <math.h>
#include <string.h>

#include "api/auth_others.h"
#include "base/json_in.h"

enum { HEADER_MAX = 2048, DEPTH_MAX = 8, PATH_MAX_ = 256 };

static const char *const names[LL_JWT_ALGORITHMS] = {
    [LL_JWT_RS256] = "RS256",
    [LL_JWT_PS256] = "PS256",
    [LL_JWT_ES256] = "ES256",
    [LL_JWT_EDDSA] = "EdDSA",
};

static bool refuse(struct ll_err *err, const char *what)
{
    return ll_err_set(err, LL_E_UNAUTHENTICATED, "the token %s", what);
}

/* What stands before the next dot, and behind it. */
static bool split(struct ll_slice *rest, struct ll_slice *part)
{
    const char *dot = rest->n ? memchr(rest->s, '.', rest->n) : NULL;
    if (!dot)
        return false;
    *part = (struct ll_slice){rest->s, (size_t)(dot - rest->s)};
    *rest = (struct ll_slice){dot + 1, rest->n - part->n - 1};
    return true;
}

bool ll_jwt_is_one(struct ll_slice token)
{
    struct ll_slice a, b;
    return split(&token, &a) && split(&token, &b) && a.n > 0 && b.n > 0 && token.n > 0 &&
           !memchr(token.s, '.', token.n);
}

static bool take_algorithm(struct ll_slice text, struct ll_jwt *t, struct ll_err *err)
{
    for (int i = 0; i < LL_JWT_ALGORITHMS; i++)
        if (ll_slice_is(text, names[i])) {
            t->algorithm = (enum ll_jwt_algorithm)i;
            return true;
        }
    return refuse(err, "is signed by another algorithm than RS256, PS256, ES256 or EdDSA");
}

static bool take_kid(struct ll_slice text, struct ll_jwt *t, struct ll_err *err)
{
    if (text.n == 0 || text.n > sizeof(t->kid))
        return refuse(err, "names its key by nothing, or by more than 256 bytes");
    memcpy(t->kid, text.s, text.n);
    t->kid_n = text.n;
    return true;
}

/* alg and kid, each once; crit would change what the rest means, and is not known here. */
static bool read_header(char *s, size_t n, struct ll_jwt *t, struct ll_err *err)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    bool alg = false;
    ll_json_in_init(&in, s, n);
    if (!ll_json_in_next(&in, &tok, NULL) || tok.kind != LL_JSON_OBJECT)
        return refuse(err, "has no header");
    for (;;) {
        if (!ll_json_in_next(&in, &tok, NULL))
            return refuse(err, "has no header");
        if (tok.kind == LL_JSON_OBJECT_END)
            break;
        bool is_alg = ll_slice_is(tok.text, "alg"), is_kid = ll_slice_is(tok.text, "kid");
        if (ll_slice_is(tok.text, "crit"))
            return refuse(err, "asks for an extension (crit)");
        if (!ll_json_in_next(&in, &tok, NULL))
            return refuse(err, "has no header");
        if ((is_alg || is_kid) && (tok.kind != LL_JSON_STRING || (is_alg ? alg : t->kid_n > 0)))
            return refuse(err, "has alg or kid twice, or not as text");
        if ((is_alg && !take_algorithm(tok.text, t, err)) ||
            (is_kid && !take_kid(tok.text, t, err)))
            return false;
        alg |= is_alg;
        if (!ll_json_in_skip(&in, &tok, NULL))
            return refuse(err, "has no header");
    }
    return (alg && ll_json_in_next(&in, &tok, NULL)) || refuse(err, "has no header with alg");
}

bool ll_jwt_open(struct ll_slice token, struct ll_jwt *out, struct ll_err *err)
{
    char header[HEADER_MAX];
    struct ll_slice rest = token, a, b;
    if (token.n > LL_JWT_BYTES_MAX)
        return refuse(err, "is longer than 8192 bytes");
    if (!ll_jwt_is_one(token) || !split(&rest, &a) || !split(&rest, &b))
        return refuse(err, "has not three parts");
    out->kid_n = 0;
    out->signed_ = (struct ll_slice){token.s, a.n + 1 + b.n};
    size_t header_n = ll_jwt_base64url(a, (unsigned char *)header, sizeof(header));
    out->claims_n = ll_jwt_base64url(b, (unsigned char *)out->claims, sizeof(out->claims));
    out->signature_n = ll_jwt_base64url(rest, out->signature, sizeof(out->signature));
    if (header_n == SIZE_MAX || out->claims_n == SIZE_MAX || out->signature_n == SIZE_MAX)
        return refuse(err, "is not base64url, or a part of it is too long");
    return read_header(header, header_n, out, err);
}

/* What is sought in the claims; each may be there once. */
enum claim { C_ISS, C_AUD, C_EXP, C_NBF, C_IAT, C_USER, C_ROLES, C_SERVICES, CLAIMS };

struct reader {
    const struct ll_web_jwt *web;
    struct ll_json_in in;
    const char *name[CLAIMS]; /* NULL = not wanted */
    unsigned seen;
    double time[CLAIMS];
    bool issuer, audience;
    size_t role; /* index into web->roles; n_roles = none */
    struct ll_identity who;
    char path[PATH_MAX_]; /* keys from the outside in, dots between */
    size_t length[DEPTH_MAX + 1];
    size_t depth;
};

static bool take_text(struct reader *r, enum claim c, struct ll_slice text, struct ll_err *err)
{
    switch (c) {
    case C_ISS:
        r->issuer = ll_slice_is(text, r->web->issuer);
        return true;
    case C_AUD:
        r->audience |= ll_slice_is(text, r->web->audience);
        return true;
    case C_USER:
        return ll_auth_name(&r->who, "jwt:", text) ||
               refuse(err, "has a name that is none, or longer than 123 bytes");
    case C_ROLES:
        for (size_t i = 0; i < r->role; i++)
            if (ll_slice_is(text, r->web->roles[i].name))
                r->role = i;
        return true;
    case C_SERVICES:
        return ll_scope_add(&r->who.scope, text, err) ||
               refuse(err, "has patterns of services that are too long, or none");
    default:
        return refuse(err, "has a time that is no number");
    }
}

static bool is_list(enum claim c)
{
    return c == C_AUD || c == C_ROLES || c == C_SERVICES;
}

static bool take_value(struct reader *r, enum claim c, const struct ll_json_tok *tok,
                       struct ll_err *err)
{
    if (c == C_EXP || c == C_NBF || c == C_IAT) {
        r->time[c] = tok->number;
        return (tok->kind == LL_JSON_NUMBER && fabs(tok->number) < 1e11) ||
               refuse(err, "has a time that is no number");
    }
    if (tok->kind == LL_JSON_STRING)
        return take_text(r, c, tok->text, err);
    return refuse(err, "has a claim of another kind than text");
}

/* The value of a claim that is wanted, `tok` its beginning. */
static bool take(struct reader *r, enum claim c, struct ll_json_tok *tok, struct ll_err *err)
{
    if (tok->kind != LL_JSON_ARRAY || !is_list(c))
        return take_value(r, c, tok, err);
    for (;;) {
        if (!ll_json_in_next(&r->in, tok, NULL))
            return refuse(err, "has claims that are not JSON");
        if (tok->kind == LL_JSON_ARRAY_END)
            return true;
        if (!take_value(r, c, tok, err))
            return false;
    }
}

/* Several may be of one name: the user's may be `iss`. */
static bool take_wanted(struct reader *r, struct ll_json_tok *tok, bool *taken, struct ll_err *err)
{
    const struct ll_slice path = {r->path, r->length[r->depth]};
    struct ll_json_tok first = *tok;
    *taken = false;
    for (int c = 0; c < CLAIMS; c++) {
        if (!r->name[c] || !ll_slice_is(path, r->name[c]))
            continue;
        if (r->seen & 1u << c || (*taken && first.kind == LL_JSON_ARRAY))
            return refuse(err, "has a claim twice");
        r->seen |= 1u << c;
        *taken = true;
        if (!take(r, (enum claim)c, tok, err))
            return false;
    }
    return true;
}

/* The path of a key in the object that is read now; one that is too long is no claim's. */
static void enter_key(struct reader *r, struct ll_slice key)
{
    size_t n = r->depth > 1 ? r->length[r->depth - 1] : 0, dot = n > 0;
    bool fits = n + dot + key.n < sizeof(r->path) && (n > 0 || r->depth == 1);
    if (fits && dot)
        r->path[n] = '.';
    if (fits && key.n > 0)
        memcpy(r->path + n + dot, key.s, key.n);
    r->length[r->depth] = fits ? n + dot + key.n : 0;
}

static bool read_claims(struct reader *r, struct ll_err *err)
{
    static const char broken[] = "has claims that are not JSON";
    struct ll_json_tok tok;
    bool taken;
    if (!ll_json_in_next(&r->in, &tok, NULL) || tok.kind != LL_JSON_OBJECT)
        return refuse(err, broken);
    r->depth = 1;
    while (r->depth > 0) {
        if (!ll_json_in_next(&r->in, &tok, NULL))
            return refuse(err, broken);
        if (tok.kind == LL_JSON_OBJECT_END) {
            r->depth--;
            continue;
        }
        enter_key(r, tok.text);
        if (!ll_json_in_next(&r->in, &tok, NULL))
            return refuse(err, broken);
        if (!take_wanted(r, &tok, &taken, err))
            return false;
        if (!taken && tok.kind == LL_JSON_OBJECT && r->depth < DEPTH_MAX)
            r->depth++;
        else if (!taken && !ll_json_in_skip(&r->in, &tok, NULL))
            return refuse(err, broken);
    }
    return ll_json_in_next(&r->in, &tok, NULL) || refuse(err, broken);
}

static bool check_times(const struct reader *r, ll_time now, struct ll_err *err)
{
    const double t = (double)now, leeway = (double)LL_JWT_LEEWAY;
    if (!(r->seen & 1u << C_EXP))
        return refuse(err, "has no end (exp)");
    if (t >= r->time[C_EXP] * 1e3 + leeway)
        return refuse(err, "has expired");
    if (r->seen & 1u << C_NBF && t < r->time[C_NBF] * 1e3 - leeway)
        return refuse(err, "is not valid yet (nbf)");
    if (r->seen & 1u << C_IAT && t < r->time[C_IAT] * 1e3 - leeway)
        return refuse(err, "was issued in the future (iat): compare the clocks");
    return true;
}

static bool check_who(struct reader *r, struct ll_err *err)
{
    if (!r->issuer)
        return refuse(err, "is of another issuer than jwt.issuer (iss)");
    if (!r->audience)
        return refuse(err, "is not for jwt.audience (aud)");
    if (!(r->seen & 1u << C_USER))
        return refuse(err, "does not say who it is (jwt.user_claim)");
    const struct ll_web_group *g = r->role < r->web->n_roles ? &r->web->roles[r->role] : NULL;
    r->who.role = g ? g->role : r->web->role;
    if (r->web->services_claim)
        r->who.scope.limited = true; /* to nothing when the claim is not there */
    else if (g && g->scope)
        r->who.scope = *g->scope;
    return true;
}

bool ll_jwt_identify(struct ll_jwt *t, const struct ll_web_jwt *web, ll_time now,
                     struct ll_identity *out, struct ll_err *err)
{
    struct reader r = {.web = web,
                       .name = {[C_ISS] = "iss",
                                [C_AUD] = "aud",
                                [C_EXP] = "exp",
                                [C_NBF] = "nbf",
                                [C_IAT] = "iat",
                                [C_USER] = web->user_claim,
                                [C_ROLES] = web->roles_claim,
                                [C_SERVICES] = web->services_claim},
                       .role = web->n_roles,
                       .who = {.authenticated = true}};
    ll_json_in_init(&r.in, t->claims, t->claims_n);
    if (!read_claims(&r, err) || !check_who(&r, err) || !check_times(&r, now, err))
        return false;
    *out = r.who;
    return true;
}
