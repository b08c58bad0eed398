/* Tokens: SHA-256, compared with all of them whatever matches.  Passwords: bcrypt (50 ms
 * on purpose), so a right one is remembered for half a minute, keyed by a hash with a
 * secret of this process.  Sessions: only the hash of the id is kept, with the hash of
 * the token it stands for, so that a token taken away ends its sessions at once. */
#include "api/auth.h"

#include <crypt.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/auth_others.h"
#include "api/issuer.h"
#include "api/tries.h"
#include "core/sample.h"

enum { HASH = 32, REMEMBERED = 64, PASSWORD_MAX = 256 };
#define REMEMBER (30 * LL_SECOND)

struct session {
    unsigned char id[HASH], token[HASH];
    ll_time ends; /* monotonic */
};

struct remembered {
    unsigned char key[HASH];
    ll_time ends; /* monotonic */
};

struct ll_auth {
    pthread_rwlock_t issuer_lock; /* over issuer; taken before lock */
    struct ll_issuer *issuer;     /* of web->jwt; NULL = none */
    pthread_mutex_t lock;         /* over everything below */
    const struct ll_webconfig *web;
    struct ll_tries tries;
    struct session session[LL_SESSIONS_MAX];
    size_t n_sessions;
    struct remembered known[REMEMBERED];
    size_t next_known;
    unsigned char secret[HASH];
};

struct ll_auth *ll_auth_new(const struct ll_webconfig *web, struct ll_err *err)
{
    struct ll_auth *a = calloc(1, sizeof(*a));
    if (!a || gnutls_rnd(GNUTLS_RND_KEY, a->secret, sizeof(a->secret)) < 0) {
        free(a);
        ll_err_set(err, LL_E_MEMORY, "no memory or no random numbers for authentication");
        return NULL;
    }
    pthread_mutex_init(&a->lock, NULL);
    pthread_rwlock_init(&a->issuer_lock, NULL);
    a->web = web;
    if (web && web->jwt && !ll_issuer_new(web->jwt, &a->issuer, err)) {
        ll_auth_free(a);
        return NULL;
    }
    return a;
}

void ll_auth_free(struct ll_auth *a)
{
    if (!a)
        return;
    ll_issuer_free(a->issuer);
    pthread_rwlock_destroy(&a->issuer_lock);
    pthread_mutex_destroy(&a->lock);
    gnutls_memset(a, 0, sizeof(*a));
    free(a);
}

bool ll_auth_set_web(struct ll_auth *a, const struct ll_webconfig *web, struct ll_err *err)
{
    struct ll_issuer *issuer = NULL;
    if (web && web->jwt && !ll_issuer_new(web->jwt, &issuer, err))
        return false;
    pthread_rwlock_wrlock(&a->issuer_lock);
    struct ll_issuer *old = a->issuer;
    a->issuer = issuer;
    pthread_mutex_lock(&a->lock);
    a->web = web;
    memset(a->known, 0, sizeof(a->known)); /* a password may have changed */
    pthread_mutex_unlock(&a->lock);
    pthread_rwlock_unlock(&a->issuer_lock);
    ll_issuer_free(old);
    return true;
}

bool ll_auth_required(struct ll_auth *a)
{
    pthread_mutex_lock(&a->lock);
    bool required = ll_webconfig_has_login(a->web);
    pthread_mutex_unlock(&a->lock);
    return required;
}

void ll_auth_schemes(struct ll_auth *a, bool *basic, bool *bearer)
{
    pthread_mutex_lock(&a->lock);
    *basic = a->web && a->web->n_users > 0;
    *bearer = a->web && (a->web->n_tokens > 0 || a->web->jwt);
    pthread_mutex_unlock(&a->lock);
}

static void put_name(struct ll_identity *out, const char *name)
{
    snprintf(out->name, sizeof(out->name), "%s", name ? name : "");
}

static struct ll_identity of_token(const struct ll_web_token *t, bool by_cookie)
{
    struct ll_identity who = {.role = t->role, .authenticated = true, .by_cookie = by_cookie};
    put_name(&who, t->name);
    if (t->scope)
        who.scope = *t->scope;
    return who;
}

bool ll_identity_may(const struct ll_identity *who, struct ll_slice service)
{
    return ll_scope_may(&who->scope, service);
}

bool ll_identity_check(const struct ll_identity *who, struct ll_slice service, struct ll_err *err)
{
    char text[LL_SCOPE_TEXT_MAX];
    if (ll_identity_may(who, service))
        return true;
    if (service.n == 0)
        return ll_err_set(err, LL_E_DENIED, "these credentials are limited to the services %s",
                          ll_scope_text(&who->scope, text));
    return ll_err_set(
        err, LL_E_DENIED,
        "service '%.*s' is not one of those that these credentials are limited to: %s",
        (int)LL_MIN(service.n, (size_t)LL_NAME_MAX), service.s, ll_scope_text(&who->scope, text));
}

static void sha256(const void *data, size_t n, unsigned char out[HASH])
{
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, n, out) < 0)
        memset(out, 0, HASH);
}

static bool is_zero(const unsigned char *h)
{
    static const unsigned char none[HASH];
    return memcmp(h, none, HASH) == 0;
}

/* Every token is looked at, whichever it is.  Locked. */
static const struct ll_web_token *find_token(const struct ll_auth *a, const unsigned char *hash,
                                             ll_time now)
{
    const struct ll_web_token *found = NULL;
    for (size_t i = 0; a->web && i < a->web->n_tokens; i++) {
        const struct ll_web_token *t = &a->web->tokens[i];
        bool equal = gnutls_memcmp(t->sha256, hash, HASH) == 0;
        bool live = t->expires == LL_TIME_NONE || now < t->expires;
        if (equal && live)
            found = t;
    }
    return is_zero(hash) ? NULL : found;
}

static bool wrong(struct ll_auth *a, const struct ll_address *from, ll_time mono,
                  struct ll_err *err)
{
    pthread_mutex_lock(&a->lock);
    ll_tries_count(&a->tries, from, mono);
    pthread_mutex_unlock(&a->lock);
    return ll_err_set(err, LL_E_UNAUTHENTICATED, "the credentials are wrong or have expired");
}

static bool may_try(struct ll_auth *a, const struct ll_address *from, ll_time mono,
                    struct ll_err *err)
{
    ll_dur wait = 0;
    pthread_mutex_lock(&a->lock);
    bool blocked = ll_tries_blocked(&a->tries, from, LL_TRIES_PER_MINUTE, mono, &wait);
    pthread_mutex_unlock(&a->lock);
    return blocked ? ll_err_set(err, LL_E_BUSY,
                                "%d wrong credentials from this address within a minute; "
                                "try again in %d s",
                                LL_TRIES_PER_MINUTE, (int)(wait / LL_SECOND) + 1)
                   : true;
}

static bool check_token(struct ll_auth *a, struct ll_slice token, const struct ll_address *from,
                        ll_time mono, ll_time now, unsigned char hash[HASH],
                        struct ll_identity *out, struct ll_err *err)
{
    if (token.n == 0 || token.n > 512)
        return ll_err_set(err, LL_E_INVALID, "the bearer token is empty or longer than 512 bytes");
    sha256(token.s, token.n, hash);
    pthread_mutex_lock(&a->lock);
    const struct ll_web_token *t = find_token(a, hash, now);
    if (t)
        *out = of_token(t, false);
    pthread_mutex_unlock(&a->lock);
    return t ? true : wrong(a, from, mono, err);
}

/* The password's bcrypt hash is compared whole, in constant time. */
static bool bcrypt_matches(const char *password, const char *hash)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    /* crypt_rn: as crypt_r, but NULL when it fails, and no sanitizer stands in for it. */
    const char *got = data ? crypt_rn(password, hash, data, sizeof(*data)) : NULL;
    size_t n = strlen(hash);
    bool equal = got && strlen(got) == n && gnutls_memcmp(got, hash, n) == 0;
    if (data)
        gnutls_memset(data, 0, sizeof(*data));
    free(data);
    return equal;
}

struct password {
    char text[PASSWORD_MAX + 1]; /* user:password */
    const char *user, *secret;
    unsigned char key[HASH];
};

static bool read_password(struct ll_auth *a, struct ll_slice base64, struct password *p,
                          struct ll_err *err)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)base64.s, (unsigned)base64.n}, out = {0};
    if (base64.n == 0 || base64.n > 2 * PASSWORD_MAX || gnutls_base64_decode2(&in, &out) < 0)
        return ll_err_set(err, LL_E_INVALID, "basic credentials are not base64");
    bool fits = out.size <= PASSWORD_MAX && !memchr(out.data, '\0', out.size) &&
                memchr(out.data, ':', out.size);
    if (fits) {
        memcpy(p->text, out.data, out.size);
        p->text[out.size] = '\0';
        gnutls_hmac_fast(GNUTLS_MAC_SHA256, a->secret, HASH, p->text, out.size, p->key);
        char *colon = strchr(p->text, ':');
        *colon = '\0';
        p->user = p->text;
        p->secret = colon + 1;
    }
    gnutls_memset(out.data, 0, out.size);
    gnutls_free(out.data);
    return fits ? true : ll_err_set(err, LL_E_INVALID, "basic credentials are not user:password");
}

/* True when this very password was right a moment ago.  Locked. */
static bool is_known(const struct ll_auth *a, const unsigned char *key, ll_time mono)
{
    bool known = false;
    for (size_t i = 0; i < REMEMBERED; i++)
        known |= gnutls_memcmp(a->known[i].key, key, HASH) == 0 && mono < a->known[i].ends;
    return known;
}

static bool check_password(struct ll_auth *a, struct ll_slice base64, const struct ll_address *from,
                           ll_time mono, struct ll_identity *out, struct ll_err *err)
{
    /* A user that does not exist costs as much as one that does. */
    char hash[128] = "$2y$10$abcdefghijklmnopqrstuuGKDTZ0jRcDQPKIFxLYCyJ8a9bqqP5qe";
    struct password p;
    bool user = false;
    if (!read_password(a, base64, &p, err))
        return false;
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; a->web && i < a->web->n_users; i++) {
        const struct ll_web_user *u = &a->web->users[i];
        if (strcmp(u->name, p.user) == 0 && strlen(u->bcrypt) < sizeof(hash)) {
            memcpy(hash, u->bcrypt, strlen(u->bcrypt) + 1);
            out->role = u->role;
            put_name(out, u->name);
            user = true;
        }
    }
    bool right = user && is_known(a, p.key, mono);
    pthread_mutex_unlock(&a->lock);

    if (!right && bcrypt_matches(p.secret, hash) && user) {
        right = true;
        pthread_mutex_lock(&a->lock);
        struct remembered *r = &a->known[a->next_known++ % REMEMBERED];
        memcpy(r->key, p.key, HASH);
        r->ends = mono + REMEMBER;
        pthread_mutex_unlock(&a->lock);
    }
    gnutls_memset(&p, 0, sizeof(p));
    return right ? true : wrong(a, from, mono, err);
}

/* "name=value; name2=value2": the value of ours, or empty. */
static struct ll_slice cookie_value(struct ll_slice header)
{
    static const char name[] = LL_SESSION_COOKIE "=";
    size_t at = 0;
    while (at < header.n) {
        while (at < header.n && (header.s[at] == ' ' || header.s[at] == ';'))
            at++;
        const char *end = memchr(header.s + at, ';', header.n - at);
        size_t n = end ? (size_t)(end - header.s) - at : header.n - at;
        if (n >= sizeof(name) - 1 && memcmp(header.s + at, name, sizeof(name) - 1) == 0)
            return (struct ll_slice){header.s + at + sizeof(name) - 1, n - (sizeof(name) - 1)};
        at += n;
    }
    return (struct ll_slice){"", 0};
}

/* Locked.  The bytes compared are hashes of what the caller sent. */
static struct session *find_id(struct ll_auth *a, struct ll_slice id)
{
    unsigned char hash[HASH];
    if (id.n != LL_SESSION_ID_CHARS)
        return NULL;
    sha256(id.s, id.n, hash);
    for (size_t i = 0; i < a->n_sessions; i++)
        if (gnutls_memcmp(a->session[i].id, hash, HASH) == 0)
            return &a->session[i];
    return NULL;
}

static struct session *find_session(struct ll_auth *a, struct ll_slice cookie)
{
    return find_id(a, cookie_value(cookie));
}

bool ll_auth_of_session(struct ll_auth *a, struct ll_slice cookie, ll_time mono, ll_time now,
                        struct ll_identity *out)
{
    pthread_mutex_lock(&a->lock);
    struct session *s = find_session(a, cookie);
    const struct ll_web_token *t = s && mono < s->ends ? find_token(a, s->token, now) : NULL;
    if (t)
        *out = of_token(t, true);
    pthread_mutex_unlock(&a->lock);
    return t != NULL;
}

/* "Scheme value": the value when the scheme is this one. */
static bool scheme_is(struct ll_slice header, const char *scheme, struct ll_slice *value)
{
    size_t n = strlen(scheme);
    if (header.n <= n || header.s[n] != ' ' ||
        !ll_slice_ieq((struct ll_slice){header.s, n}, scheme))
        return false;
    while (n < header.n && header.s[n] == ' ')
        n++;
    *value = (struct ll_slice){header.s + n, header.n - n};
    return true;
}

static bool takes_jwt(struct ll_auth *a)
{
    pthread_mutex_lock(&a->lock);
    bool takes = a->web && a->web->jwt;
    pthread_mutex_unlock(&a->lock);
    return takes;
}

/* The web configuration stays while the issuer's lock is held. */
static bool verify_jwt(struct ll_auth *a, struct ll_jwt *t, ll_time mono, ll_time now,
                       bool *signed_, struct ll_identity *out, struct ll_err *err)
{
    pthread_rwlock_rdlock(&a->issuer_lock);
    pthread_mutex_lock(&a->lock);
    const struct ll_web_jwt *jwt = a->web ? a->web->jwt : NULL;
    pthread_mutex_unlock(&a->lock);
    *signed_ = jwt && a->issuer ? ll_issuer_verify(a->issuer, t, mono, err)
                                : ll_err_set(err, LL_E_UNAUTHENTICATED, "no issuer is configured");
    bool ok = *signed_ && ll_jwt_identify(t, jwt, now, out, err);
    pthread_rwlock_unlock(&a->issuer_lock);
    return ok;
}

/* One that the issuer did not sign counts as a try; one that has expired is nobody's guess. */
static bool check_jwt(struct ll_auth *a, struct ll_slice token, const struct ll_address *from,
                      ll_time mono, ll_time now, struct ll_identity *out, struct ll_err *err)
{
    struct ll_err why = {0};
    struct ll_jwt *t = malloc(sizeof(*t));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the token");
    bool signed_ = false;
    bool ok = ll_jwt_open(token, t, &why) && verify_jwt(a, t, mono, now, &signed_, out, &why);
    free(t);
    if (!ok && !signed_ && why.code == LL_E_UNAUTHENTICATED)
        (void)wrong(a, from, mono, NULL);
    return ok || ll_err_set(err, why.code, "%s", why.text);
}

static bool by_header(struct ll_auth *a, const struct ll_credentials *c, ll_time mono, ll_time now,
                      struct ll_identity *out, struct ll_err *err)
{
    struct ll_slice value;
    unsigned char hash[HASH];
    struct ll_identity who = {.authenticated = true};
    if (!may_try(a, &c->address, mono, err))
        return false;
    if (scheme_is(c->authorization, "Bearer", &value) && ll_jwt_is_one(value) && takes_jwt(a)) {
        if (!check_jwt(a, value, &c->address, mono, now, &who, err))
            return false;
    } else if (scheme_is(c->authorization, "Bearer", &value)) {
        if (!check_token(a, value, &c->address, mono, now, hash, &who, err))
            return false;
    } else if (scheme_is(c->authorization, "Basic", &value)) {
        if (!check_password(a, value, &c->address, mono, &who, err))
            return false;
    } else {
        return ll_err_set(err, LL_E_INVALID,
                          "the authorization header is neither Bearer nor Basic");
    }
    *out = who;
    return true;
}

/* What a trusted proxy says goes before what passed through it. */
static bool ask_proxy(struct ll_auth *a, const struct ll_credentials *c, bool *said,
                      struct ll_identity *out, struct ll_err *err)
{
    pthread_mutex_lock(&a->lock);
    const struct ll_web_proxy *p = a->web ? a->web->proxy : NULL;
    bool ok = !p || !c->header || !ll_auth_proxy_trusts(p, &c->address) ||
              ll_auth_proxy_identify(p, c->header, c->ctx, said, out, err);
    pthread_mutex_unlock(&a->lock);
    return ok;
}

bool ll_auth_identify(struct ll_auth *a, const struct ll_credentials *c, ll_time mono, ll_time now,
                      struct ll_identity *out, struct ll_err *err)
{
    if (!ll_auth_required(a)) {
        *out = (struct ll_identity){.role = c->address.loopback ? LL_ROLE_EDITOR : LL_ROLE_NONE,
                                    .name = "local"};
        return true;
    }
    bool by_proxy = false;
    if (!ask_proxy(a, c, &by_proxy, out, err) || by_proxy)
        return by_proxy;
    if (c->authorization.n > 0)
        return by_header(a, c, mono, now, out, err);
    if (c->cookie.n > 0 && ll_auth_of_session(a, c->cookie, mono, now, out))
        return true;
    *out = (struct ll_identity){0};
    return true;
}

/* A free slot, an expired one, or the one that ends first.  Locked. */
static struct session *session_slot(struct ll_auth *a)
{
    if (a->n_sessions < LL_SESSIONS_MAX)
        return &a->session[a->n_sessions++];
    struct session *oldest = &a->session[0];
    for (size_t i = 1; i < a->n_sessions; i++)
        if (a->session[i].ends < oldest->ends)
            oldest = &a->session[i];
    return oldest;
}

bool ll_auth_open_session(struct ll_auth *a, struct ll_slice token, const struct ll_address *from,
                          ll_time mono, ll_time now, char id[static LL_SESSION_ID_CHARS + 1],
                          struct ll_identity *out, struct ll_err *err)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char random[LL_SESSION_ID_CHARS / 2];
    struct session s = {.ends = mono + LL_SESSION_LIFE};
    struct ll_identity who;
    if (!may_try(a, from, mono, err) || !check_token(a, token, from, mono, now, s.token, &who, err))
        return false;
    if (gnutls_rnd(GNUTLS_RND_KEY, random, sizeof(random)) < 0)
        return ll_err_set(err, LL_E_INTERNAL, "no random numbers");
    for (size_t i = 0; i < sizeof(random); i++) {
        id[2 * i] = hex[random[i] >> 4];
        id[2 * i + 1] = hex[random[i] & 15];
    }
    id[LL_SESSION_ID_CHARS] = '\0';
    sha256(id, LL_SESSION_ID_CHARS, s.id);
    pthread_mutex_lock(&a->lock);
    *session_slot(a) = s;
    pthread_mutex_unlock(&a->lock);
    *out = who;
    return true;
}

void ll_auth_close_session(struct ll_auth *a, struct ll_slice cookie)
{
    ll_auth_end_session(a, cookie_value(cookie));
}

void ll_auth_end_session(struct ll_auth *a, struct ll_slice id)
{
    pthread_mutex_lock(&a->lock);
    struct session *s = find_id(a, id);
    if (s)
        *s = a->session[--a->n_sessions];
    pthread_mutex_unlock(&a->lock);
}
