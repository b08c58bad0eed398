/* Who is asking, and what they may do.
 *
 * Without users and tokens only loopback is served (ll_api_new sees to it), as an editor:
 * push, edit and approve, never what an admin does.  With them every request brings a
 * bearer token, a user's password or the cookie a token was traded for.  Secrets are
 * kept hashed and compared in constant time. */
#ifndef LL_API_AUTH_H
#define LL_API_AUTH_H

#include "api/conns.h"
#include "config/webconfig.h"
#include "core/scope.h"

enum {
    LL_SESSIONS_MAX = 1024,
    LL_SESSION_ID_CHARS = 64, /* 256 random bits in hex */
    LL_TRIES_PER_MINUTE = 10,
    LL_IDENTITY_NAME_MAX = 128
};
#define LL_SESSION_LIFE (12 * LL_HOUR)
#define LL_SESSION_COOKIE "loadline_session"

struct ll_auth;

/* What a request brings along. */
struct ll_credentials {
    struct ll_slice authorization, cookie; /* header values; empty = absent */
    struct ll_address address;
    /* The value of any header, empty when it is not there, and how often it is: for a proxy in
     * front.  NULL = none. */
    struct ll_slice (*header)(void *ctx, const char *name, size_t *n);
    void *ctx;
};

struct ll_identity {
    enum ll_role role;
    bool authenticated; /* by a credential, not by being local */
    bool by_cookie;     /* ours or a proxy's: writes need the CSRF header then */
    /* The token's or user's; "proxy:" and "jwt:" with what those say; "local" without
     * authentication. */
    char name[LL_IDENTITY_NAME_MAX];
    struct ll_scope scope; /* services of a token that is limited to some */
};

/* Whether it may see and, as far as its role goes, change this service. */
bool ll_identity_may(const struct ll_identity *who, struct ll_slice service);

/* The same, and LL_E_DENIED with a sentence that says the scope. */
LL_MUST_USE bool ll_identity_check(const struct ll_identity *who, struct ll_slice service,
                                   struct ll_err *err);

/* web: NULL = nobody is configured. */
struct ll_auth *ll_auth_new(const struct ll_webconfig *web, struct ll_err *err);
void ll_auth_free(struct ll_auth *a);

/* The former one is not used any more when it returns true.  Fails with LL_E_MEMORY, and nothing
 * has changed. */
LL_MUST_USE bool ll_auth_set_web(struct ll_auth *a, const struct ll_webconfig *web,
                                 struct ll_err *err);

/* True when there is a way to say who one is: users, tokens, a proxy, a JWT issuer. */
bool ll_auth_required(struct ll_auth *a);

/* Whether passwords, and whether tokens, are among what is accepted. */
void ll_auth_schemes(struct ll_auth *a, bool *basic, bool *bearer);

/* Nobody (role NONE) without an error when nothing was brought.  Fails with
 * LL_E_UNAUTHENTICATED (wrong), LL_E_INVALID (malformed) or LL_E_BUSY (too many wrong
 * ones from this address within a minute). */
LL_MUST_USE bool ll_auth_identify(struct ll_auth *a, const struct ll_credentials *c, ll_time mono,
                                  ll_time now, struct ll_identity *out, struct ll_err *err);

/* Trades a token for a session; id gets the cookie's value.  Fails as identify does. */
LL_MUST_USE bool ll_auth_open_session(struct ll_auth *a, struct ll_slice token,
                                      const struct ll_address *from, ll_time mono, ll_time now,
                                      char id[static LL_SESSION_ID_CHARS + 1],
                                      struct ll_identity *out, struct ll_err *err);
void ll_auth_close_session(struct ll_auth *a, struct ll_slice cookie);
void ll_auth_end_session(struct ll_auth *a, struct ll_slice id); /* by the cookie's value */

/* Whose session the cookie is; false when it is none. */
bool ll_auth_of_session(struct ll_auth *a, struct ll_slice cookie, ll_time mono, ll_time now,
                        struct ll_identity *out);

#endif
