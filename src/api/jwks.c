#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "api/jwt.h"
#include "base/json_in.h"

enum { NUMBER_MAX = 1024, RSA_BITS_MIN = 2048, ES256_BYTES = 32, ED25519_BYTES = 32 };

struct key {
    char kid[LL_JWT_KID_MAX];
    size_t kid_n;
    unsigned algorithms; /* bits of enum ll_jwt_algorithm */
    gnutls_pubkey_t pub;
};

struct ll_jwks {
    _Atomic size_t owners;
    struct key key[LL_JWKS_KEYS_MAX];
    size_t n;
};

/* A key as the document has it: the members that count. */
enum member { JWK_KTY, JWK_KID, JWK_USE, JWK_ALG, JWK_CRV, JWK_N, JWK_E, JWK_X, JWK_Y, MEMBERS };
static const char *const member_names[MEMBERS] = {"kty", "kid", "use", "alg", "crv",
                                                  "n",   "e",   "x",   "y"};
static const char *const algorithm_names[LL_JWT_ALGORITHMS] = {"RS256", "PS256", "ES256", "EdDSA"};

struct written {
    struct ll_slice v[MEMBERS];
};

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

size_t ll_jwt_base64url(struct ll_slice text, unsigned char *out, size_t max)
{
    size_t n = 0;
    unsigned bits = 0, have = 0;
    if (text.n % 4 == 1)
        return SIZE_MAX;
    for (size_t i = 0; i < text.n; i++) {
        int d = base64_digit(text.s[i]);
        if (d < 0)
            return SIZE_MAX;
        bits = (bits << 6 | (unsigned)d) & 0xffffu;
        have += 6;
        if (have < 8)
            continue;
        if (n == max)
            return SIZE_MAX;
        have -= 8;
        out[n++] = (unsigned char)(bits >> have & 0xffu);
    }
    /* What is left over has to be zero, or one value could be written in several ways. */
    return (bits & ((1u << have) - 1)) == 0 ? n : SIZE_MAX;
}

/* A number of a key; the buffer is the caller's. */
static bool datum(struct ll_slice text, unsigned char buf[static NUMBER_MAX], gnutls_datum_t *out)
{
    size_t n = ll_jwt_base64url(text, buf, NUMBER_MAX);
    *out = (gnutls_datum_t){buf, n == SIZE_MAX ? 0 : (unsigned)n};
    return n != SIZE_MAX && n > 0;
}

static bool import_rsa(const struct written *w, struct key *k)
{
    unsigned char a[NUMBER_MAX], b[NUMBER_MAX];
    gnutls_datum_t n, e;
    unsigned bits = 0;
    k->algorithms = 1u << LL_JWT_RS256 | 1u << LL_JWT_PS256;
    return datum(w->v[JWK_N], a, &n) && datum(w->v[JWK_E], b, &e) &&
           gnutls_pubkey_import_rsa_raw(k->pub, &n, &e) >= 0 &&
           gnutls_pubkey_get_pk_algorithm(k->pub, &bits) == GNUTLS_PK_RSA && bits >= RSA_BITS_MIN;
}

static bool import_ec(const struct written *w, struct key *k)
{
    unsigned char a[NUMBER_MAX], b[NUMBER_MAX];
    gnutls_datum_t x, y;
    k->algorithms = 1u << LL_JWT_ES256;
    return ll_slice_is(w->v[JWK_CRV], "P-256") && datum(w->v[JWK_X], a, &x) &&
           datum(w->v[JWK_Y], b, &y) && x.size == ES256_BYTES && y.size == ES256_BYTES &&
           gnutls_pubkey_import_ecc_raw(k->pub, GNUTLS_ECC_CURVE_SECP256R1, &x, &y) >= 0;
}

static bool import_okp(const struct written *w, struct key *k)
{
    unsigned char a[NUMBER_MAX];
    gnutls_datum_t x;
    k->algorithms = 1u << LL_JWT_EDDSA;
    return ll_slice_is(w->v[JWK_CRV], "Ed25519") && datum(w->v[JWK_X], a, &x) &&
           x.size == ED25519_BYTES &&
           gnutls_pubkey_import_ecc_raw(k->pub, GNUTLS_ECC_CURVE_ED25519, &x, NULL) >= 0;
}

/* "alg" leaves one of the algorithms of the kind, or none. */
static bool restrict_algorithm(struct ll_slice alg, struct key *k)
{
    unsigned only = 0;
    if (alg.n == 0)
        return true;
    for (unsigned i = 0; i < LL_JWT_ALGORITHMS; i++)
        if (ll_slice_is(alg, algorithm_names[i]))
            only = 1u << i;
    k->algorithms &= only;
    return k->algorithms != 0;
}

static bool import(const struct written *w, struct key *k)
{
    struct ll_slice kty = w->v[JWK_KTY], use = w->v[JWK_USE], kid = w->v[JWK_KID];
    if (kid.n > sizeof(k->kid) || (use.n > 0 && !ll_slice_is(use, "sig")))
        return false;
    if (kid.n > 0)
        memcpy(k->kid, kid.s, kid.n);
    k->kid_n = kid.n;
    bool ok = ll_slice_is(kty, "RSA")   ? import_rsa(w, k)
              : ll_slice_is(kty, "EC")  ? import_ec(w, k)
              : ll_slice_is(kty, "OKP") ? import_okp(w, k)
                                        : false;
    return ok && restrict_algorithm(w->v[JWK_ALG], k);
}

static bool add(struct ll_jwks *ks, const struct written *w, struct ll_err *err)
{
    struct key *k = &ks->key[ks->n];
    if (ks->n == LL_JWKS_KEYS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "the issuer's key set has more than %d keys",
                          LL_JWKS_KEYS_MAX);
    *k = (struct key){0};
    if (gnutls_pubkey_init(&k->pub) < 0)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the issuer's keys");
    if (import(w, k))
        ks->n++;
    else
        gnutls_pubkey_deinit(k->pub);
    return true;
}

static struct ll_slice *member_of(struct written *w, struct ll_slice name)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (ll_slice_is(name, member_names[i]))
            return &w->v[i];
    return NULL;
}

static bool read_key(struct ll_json_in *in, struct ll_jwks *ks, struct ll_err *err)
{
    struct written w = {0};
    struct ll_json_tok tok;
    for (;;) {
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            return add(ks, &w, err);
        struct ll_slice *to = member_of(&w, tok.text);
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (to && tok.kind == LL_JSON_STRING)
            *to = tok.text;
        if (!ll_json_in_skip(in, &tok, err))
            return false;
    }
}

static bool read_keys(struct ll_json_in *in, struct ll_jwks *ks, struct ll_err *err)
{
    struct ll_json_tok tok;
    if (!ll_json_in_next(in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_ARRAY)
        return ll_err_set(err, LL_E_INVALID, "the issuer's key set has no list of keys");
    for (;;) {
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return true;
        if (tok.kind != LL_JSON_OBJECT)
            return ll_err_set(err, LL_E_INVALID, "a key of the issuer's set is not an object");
        if (!read_key(in, ks, err))
            return false;
    }
}

static bool read_set(struct ll_json_in *in, struct ll_jwks *ks, struct ll_err *err)
{
    struct ll_json_tok tok;
    bool seen = false;
    if (!ll_json_in_next(in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "the issuer's key set is not an object");
    for (;;) {
        if (!ll_json_in_next(in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_OBJECT_END)
            break;
        if (ll_slice_is(tok.text, "keys")) {
            if (seen)
                return ll_err_set(err, LL_E_INVALID, "the issuer's key set has 'keys' twice");
            seen = true;
            if (!read_keys(in, ks, err))
                return false;
        } else if (!ll_json_in_next(in, &tok, err) || !ll_json_in_skip(in, &tok, err)) {
            return false;
        }
    }
    return ll_json_in_next(in, &tok, err); /* nothing may follow */
}

bool ll_jwks_read(char *s, size_t n, struct ll_jwks **out, struct ll_err *err)
{
    struct ll_json_in in;
    if (n > LL_JWKS_BYTES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "the issuer's key set is longer than %d bytes",
                          LL_JWKS_BYTES_MAX);
    LL_AUTO(ll_jwks) ks = calloc(1, sizeof(*ks));
    if (!ks)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the issuer's keys");
    atomic_init(&ks->owners, 1);
    ll_json_in_init(&in, s, n);
    if (!read_set(&in, ks, err))
        return false;
    if (ks->n == 0)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "the issuer's key set has no key for RS256, PS256, ES256 or EdDSA");
    *out = ks;
    ks = NULL;
    return true;
}

struct ll_jwks *ll_jwks_keep(struct ll_jwks *k)
{
    if (k)
        atomic_fetch_add(&k->owners, 1);
    return k;
}

void ll_jwks_free(struct ll_jwks *k)
{
    if (!k || atomic_fetch_sub(&k->owners, 1) > 1)
        return;
    for (size_t i = 0; i < k->n; i++)
        gnutls_pubkey_deinit(k->key[i].pub);
    free(k);
}

size_t ll_jwks_count(const struct ll_jwks *k)
{
    return k ? k->n : 0;
}

/* The key that the token names; one without a name has to be the only one that fits. */
static const struct key *find(const struct ll_jwks *ks, const struct ll_jwt *t)
{
    const struct key *found = NULL;
    for (size_t i = 0; i < ks->n; i++) {
        const struct key *k = &ks->key[i];
        if (!(k->algorithms & 1u << t->algorithm))
            continue;
        if (t->kid_n == 0 && found)
            return NULL;
        if (t->kid_n == 0)
            found = k;
        else if (k->kid_n == t->kid_n && memcmp(k->kid, t->kid, t->kid_n) == 0)
            return k;
    }
    return found;
}

/* Without the zeroes in front, of which DER has none. */
static gnutls_datum_t integer(unsigned char *v)
{
    size_t skip = 0;
    while (skip < ES256_BYTES - 1 && v[skip] == 0)
        skip++;
    return (gnutls_datum_t){v + skip, (unsigned)(ES256_BYTES - skip)};
}

/* r and s side by side become the DER that GnuTLS reads. */
static bool verify_es256(const struct key *k, const gnutls_datum_t *data, const gnutls_datum_t *sig)
{
    gnutls_datum_t der = {0};
    if (sig->size != 2 * ES256_BYTES)
        return false;
    gnutls_datum_t r = integer(sig->data), s = integer(sig->data + ES256_BYTES);
    if (gnutls_encode_rs_value(&der, &r, &s) < 0)
        return false;
    bool ok = gnutls_pubkey_verify_data2(k->pub, GNUTLS_SIGN_ECDSA_SHA256, 0, data, &der) >= 0;
    gnutls_free(der.data);
    return ok;
}

static bool verify(const struct key *k, const struct ll_jwt *t)
{
    static const gnutls_sign_algorithm_t how[LL_JWT_ALGORITHMS] = {
        [LL_JWT_RS256] = GNUTLS_SIGN_RSA_SHA256,
        [LL_JWT_PS256] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
        [LL_JWT_EDDSA] = GNUTLS_SIGN_EDDSA_ED25519};
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)t->signed_.s, (unsigned)t->signed_.n};
    gnutls_datum_t sig = {(unsigned char *)(uintptr_t)t->signature, (unsigned)t->signature_n};
    if (t->algorithm == LL_JWT_ES256)
        return verify_es256(k, &data, &sig);
    return gnutls_pubkey_verify_data2(k->pub, how[t->algorithm], 0, &data, &sig) >= 0;
}

bool ll_jwks_verify(const struct ll_jwks *ks, const struct ll_jwt *t, struct ll_err *err)
{
    const struct key *k = find(ks, t);
    if (!k)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "the issuer's keys have none that this token names, for %s",
                          algorithm_names[t->algorithm]);
    return verify(k, t) ||
           ll_err_set(err, LL_E_UNAUTHENTICATED, "the signature of the token does not fit");
}
