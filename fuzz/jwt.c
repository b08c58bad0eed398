/* Tokens and key sets of others: the first byte says what the rest is.  Claims of a token are read
 * as if its signature fitted; whoever comes out has a name and a role of the configuration. */
#include "api/jwt.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ll_web_group roles[] = {{.name = "sre", .role = LL_ROLE_ADMIN}};
static const struct ll_web_jwt web = {.issuer = "i",
                                      .audience = "a",
                                      .user_claim = "sub",
                                      .roles_claim = "r.r",
                                      .services_claim = "s",
                                      .roles = roles,
                                      .n_roles = 1,
                                      .role = LL_ROLE_VIEWER};

static void identify(struct ll_jwt *t)
{
    struct ll_identity who;
    struct ll_err err;
    if (!ll_jwt_identify(t, &web, 0, &who, &err)) {
        LL_ASSERT(err.code == LL_E_UNAUTHENTICATED);
        return;
    }
    LL_ASSERT(who.role == LL_ROLE_VIEWER || who.role == LL_ROLE_ADMIN);
    LL_ASSERT(who.authenticated && who.scope.limited && strncmp(who.name, "jwt:", 4) == 0);
    LL_ASSERT(who.name[4] != '\0' && !ll_identity_may(&who, LL_SLICE("")));
}

static void read_keys(const uint8_t *data, size_t size)
{
    static char copy[LL_JWKS_BYTES_MAX + 1];
    struct ll_jwks *keys = NULL;
    if (size > sizeof(copy))
        return;
    memcpy(copy, data, size);
    if (ll_jwks_read(copy, size, &keys, NULL))
        LL_ASSERT(ll_jwks_count(keys) > 0 && ll_jwks_count(keys) <= LL_JWKS_KEYS_MAX);
    ll_jwks_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ll_jwt t;
    if (size < 2)
        return 0;
    struct ll_slice rest = {(const char *)data + 1, size - 1};
    if (data[0] % 3 == 0) {
        read_keys(data + 1, size - 1);
    } else if (data[0] % 3 == 1) {
        if (ll_jwt_open(rest, &t, NULL))
            identify(&t);
    } else if (rest.n <= sizeof(t.claims)) {
        memcpy(t.claims, rest.s, rest.n);
        t.claims_n = rest.n;
        identify(&t);
    }
    return 0;
}
