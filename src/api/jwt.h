/* Tokens that somebody else signed (JWT in compact JWS form: RFC 7515, 7518, 7519, 8037) and that
 * somebody's public keys (JWK Set, RFC 7517).
 *
 * RS256, PS256, ES256 and EdDSA with Ed25519, nothing else: `none` and the HS family, where a
 * public key would be the secret, are not even looked at.  The algorithm has to be one of the
 * key's; keys come from the configured set only, whatever a token's header names. */
#ifndef LL_API_JWT_H
#define LL_API_JWT_H

#include "api/auth.h"

enum {
    LL_JWT_BYTES_MAX = 8192, /* of a token */
    LL_JWT_SIGNATURE_MAX = 1024,
    LL_JWT_KID_MAX = 256,
    LL_JWKS_BYTES_MAX = 256 << 10, /* of a set */
    LL_JWKS_KEYS_MAX = 64
};
#define LL_JWT_LEEWAY (60 * LL_SECOND)

enum ll_jwt_algorithm { LL_JWT_RS256, LL_JWT_PS256, LL_JWT_ES256, LL_JWT_EDDSA, LL_JWT_ALGORITHMS };

/* A token taken apart; nothing of it is true yet.  Too large for a stack beside others. */
struct ll_jwt {
    enum ll_jwt_algorithm algorithm;
    char kid[LL_JWT_KID_MAX];
    size_t kid_n;            /* 0 = none */
    struct ll_slice signed_; /* what the signature is of; in the token itself */
    unsigned char signature[LL_JWT_SIGNATURE_MAX];
    size_t signature_n;
    char claims[LL_JWT_BYTES_MAX]; /* JSON; read once, in place */
    size_t claims_n;
};

/* Whether a bearer token has the form: three parts with dots between. */
bool ll_jwt_is_one(struct ll_slice token);

/* Fails with LL_E_UNAUTHENTICATED. */
LL_MUST_USE bool ll_jwt_open(struct ll_slice token, struct ll_jwt *out, struct ll_err *err);

/* Reads the claims of a token whose signature fits: issuer, audience, times, and who it is by the
 * configuration.  Fails with LL_E_UNAUTHENTICATED. */
LL_MUST_USE bool ll_jwt_identify(struct ll_jwt *t, const struct ll_web_jwt *web, ll_time now,
                                 struct ll_identity *out, struct ll_err *err);

/* The public keys of an issuer.  Immutable, counted. */
struct ll_jwks;

/* Reads s[0..n), which is changed.  Keys of other kinds, for other uses, RSA ones under 2048 bits
 * and such that do not fit together are left out.  Fails with LL_E_INVALID, LL_E_TOO_LARGE or
 * LL_E_MEMORY, and with LL_E_NOT_FOUND when none is left. */
LL_MUST_USE bool ll_jwks_read(char *s, size_t n, struct ll_jwks **out, struct ll_err *err);
struct ll_jwks *ll_jwks_keep(struct ll_jwks *k); /* one more owner */
void ll_jwks_free(struct ll_jwks *k);
LL_AUTO_DEFINE(ll_jwks, ll_jwks_free)
size_t ll_jwks_count(const struct ll_jwks *k);

/* Whether one of the keys signed it.  Fails with LL_E_NOT_FOUND (the set has no such key) or
 * LL_E_UNAUTHENTICATED. */
LL_MUST_USE bool ll_jwks_verify(const struct ll_jwks *k, const struct ll_jwt *t,
                                struct ll_err *err);

/* Base64url without padding (RFC 7515, section 2): bytes written, or SIZE_MAX when it is none or
 * longer than max. */
size_t ll_jwt_base64url(struct ll_slice text, unsigned char *out, size_t max);

#endif
