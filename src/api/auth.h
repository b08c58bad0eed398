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

enum {
    LL_SESSIONS_MAX = 1024,
    LL_SESSION_ID_CHARS = 64, /* 256 random bits in hex */
    LL_TRIES_PER_MINUTE = 10,
    LL_IDENTITY_NAME_MAX = 64
};
#define LL_SESSION_LIFE (12 * LL_HOUR)
#define LL_SESSION_COOKIE "loadline_session"

struct ll_auth;

/* What a request brings along. */
struct ll_credentials {
    struct ll_slice authorization, cookie; /* header values; empty = absent */
    struct ll_address address;
};

struct ll_identity {
    enum ll_role role;
    bool authenticated;              /* by a credential, not by being local */
    bool by_cookie;                  /* writes need the CSRF header then */
    char name[LL_IDENTITY_NAME_MAX]; /* the token's or user's; "local" without authentication */
};

/* web: NULL = nobody is configured. */
struct ll_auth *ll_auth_new(const struct ll_webconfig *web, struct ll_err *err);
void ll_auth_free(struct ll_auth *a);

/* The former one is not used any more when it returns. */
void ll_auth_set_web(struct ll_auth *a, const struct ll_webconfig *web);

/* True when users or tokens are configured. */
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

#endif
