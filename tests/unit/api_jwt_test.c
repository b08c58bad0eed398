/* Tokens that an issuer signed, with keys made here: what is taken, and all that is not. */
#include <check.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/issuer.h"
#include "api_client.h"
#include "os/file.h"

#define NOW INT64_C(1800000000000) /* 2027-01-15 */
#define SECONDS "1800000"          /* and three more digits */

struct pair {
    const char *kid, *alg;
    gnutls_privkey_t key;
    char jwk[2048];
};

static struct pair rsa, ps, ec, ed, other;
static char folder[] = "/tmp/ll-jwt-XXXXXX", file[64];
static const struct ll_web_group groups[] = {{.name = "sre", .role = LL_ROLE_ADMIN},
                                             {.name = "traders", .role = LL_ROLE_OPERATOR}};
static struct ll_web_jwt web;

static void encode(const void *data, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *d = data;
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)d[i] << 16 | (i + 1 < n ? (unsigned)d[i + 1] << 8 : 0) |
                     (i + 2 < n ? d[i + 2] : 0u);
        for (size_t k = 0; k < LL_MIN(n - i, (size_t)3) + 1; k++)
            *out++ = digits[v >> (18 - 6 * k) & 63];
    }
    *out = '\0';
}

/* The number without zeroes in front, and then as wide as wanted. */
static void number(gnutls_datum_t d, size_t width, char *out)
{
    unsigned char v[1024] = {0};
    size_t skip = 0;
    while (skip < d.size && d.data[skip] == 0)
        skip++;
    size_t n = d.size - skip, pad = width > n ? width - n : 0;
    memcpy(v + pad, d.data + skip, n);
    encode(v, n + pad, out);
    gnutls_free(d.data);
}

static void make(struct pair *p, const char *kid, const char *alg, gnutls_pk_algorithm_t kind,
                 unsigned bits)
{
    char a[1024], b[1024] = "";
    gnutls_datum_t x, y;
    gnutls_ecc_curve_t curve;
    p->kid = kid;
    p->alg = alg;
    ck_assert_int_ge(gnutls_privkey_init(&p->key), 0);
    ck_assert_int_ge(gnutls_privkey_generate(p->key, kind, bits, 0), 0);
    if (kind == GNUTLS_PK_RSA) {
        ck_assert_int_ge(
            gnutls_privkey_export_rsa_raw(p->key, &x, &y, NULL, NULL, NULL, NULL, NULL, NULL), 0);
        number(x, 0, a);
        number(y, 0, b);
        snprintf(p->jwk, sizeof(p->jwk),
                 "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}", kid, a, b);
    } else if (kind == GNUTLS_PK_ECDSA) {
        ck_assert_int_ge(gnutls_privkey_export_ecc_raw(p->key, &curve, &x, &y, NULL), 0);
        number(x, 32, a);
        number(y, 32, b);
        snprintf(p->jwk, sizeof(p->jwk),
                 "{\"kty\":\"EC\",\"use\":\"sig\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\","
                 "\"y\":\"%s\"}",
                 kid, a, b);
    } else {
        ck_assert_int_ge(gnutls_privkey_export_ecc_raw(p->key, &curve, &x, NULL, NULL), 0);
        encode(x.data, x.size, a);
        gnutls_free(x.data);
        snprintf(p->jwk, sizeof(p->jwk),
                 "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\"}", kid, a);
    }
}

static void add(char *out, const char *text)
{
    memcpy(out + strlen(out), text, strlen(text) + 1);
}

static void sign(const struct pair *p, const char *header, const char *claims, char *out)
{
    gnutls_datum_t sig, r, s;
    encode(header, strlen(header), out);
    add(out, ".");
    encode(claims, strlen(claims), out + strlen(out));
    gnutls_datum_t data = {(unsigned char *)out, (unsigned)strlen(out)};
    gnutls_sign_algorithm_t how = strcmp(p->alg, "RS256") == 0   ? GNUTLS_SIGN_RSA_SHA256
                                  : strcmp(p->alg, "PS256") == 0 ? GNUTLS_SIGN_RSA_PSS_RSAE_SHA256
                                  : strcmp(p->alg, "ES256") == 0 ? GNUTLS_SIGN_ECDSA_SHA256
                                                                 : GNUTLS_SIGN_EDDSA_ED25519;
    ck_assert_int_ge(gnutls_privkey_sign_data2(p->key, how, 0, &data, &sig), 0);
    add(out, ".");
    if (strcmp(p->alg, "ES256") == 0) { /* JOSE has r and s side by side */
        unsigned char both[64] = {0};
        ck_assert_int_ge(gnutls_decode_rs_value(&sig, &r, &s), 0);
        size_t rs = r.size > 32 ? r.size - 32 : 0, ss = s.size > 32 ? s.size - 32 : 0;
        memcpy(both + 32 - (r.size - rs), r.data + rs, r.size - rs);
        memcpy(both + 64 - (s.size - ss), s.data + ss, s.size - ss);
        encode(both, sizeof(both), out + strlen(out));
        gnutls_free(r.data);
        gnutls_free(s.data);
    } else {
        encode(sig.data, sig.size, out + strlen(out));
    }
    gnutls_free(sig.data);
}

/* The usual token of a pair. */
static void token(const struct pair *p, const char *claims, char *out)
{
    char header[200];
    snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}", p->alg,
             p->kid);
    sign(p, header, claims, out);
}

static void write_keys(const struct pair *const *p, size_t n)
{
    char text[8192] = "{\"keys\":[";
    for (size_t i = 0; i < n; i++) {
        add(text, i ? "," : "");
        add(text, p[i]->jwk);
    }
    add(text, "]}");
    ck_assert(ll_file_write(file, text, strlen(text), NULL));
}

#define CLAIMS_(more)                                                                              \
    "{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"sub\":\"alice\",\"exp\":" SECONDS      \
    "300" more "}"
#define CLAIMS CLAIMS_("")

static void all(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/keys.json", folder);
    make(&rsa, "r1", "RS256", GNUTLS_PK_RSA, 2048);
    make(&ps, "p1", "PS256", GNUTLS_PK_RSA, 2048);
    make(&ec, "e1", "ES256", GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    make(&ed, "d1", "EdDSA", GNUTLS_PK_EDDSA_ED25519,
         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519));
    make(&other, "r1", "RS256", GNUTLS_PK_RSA, 2048); /* the same name, another key */
}

static void none(void)
{
    struct pair *p[] = {&rsa, &ps, &ec, &ed, &other};
    for (size_t i = 0; i < LL_LEN(p); i++)
        gnutls_privkey_deinit(p[i]->key);
    unlink(file);
    rmdir(folder);
}

static void setup(void)
{
    web = (struct ll_web_jwt){.issuer = "https://id.example",
                              .audience = "loadline",
                              .jwks_file = file,
                              .user_claim = "sub",
                              .roles_claim = "realm_access.roles",
                              .roles = groups,
                              .n_roles = LL_LEN(groups),
                              .role = LL_ROLE_VIEWER};
    write_keys((const struct pair *[]){&rsa, &ps, &ec, &ed}, 4);
}

/* As a request brings it. */
static bool ask_at(struct ll_auth *a, const char *text, ll_time mono, ll_time now,
                   struct ll_identity *who, struct ll_err *err)
{
    char header[LL_JWT_BYTES_MAX + 100];
    snprintf(header, sizeof(header), "Bearer %s", text);
    struct ll_credentials c = {.authorization = ll_slice_of(header), .address = {.v = {1}}};
    return ll_auth_identify(a, &c, mono, now, who, err);
}

static bool ask(const char *text, struct ll_identity *who, struct ll_err *err)
{
    struct ll_webconfig config = {.jwt = &web};
    struct ll_auth *a = ll_auth_new(&config, err);
    ck_assert_ptr_nonnull(a);
    bool ok = ask_at(a, text, 0, NOW, who, err);
    ll_auth_free(a);
    return ok;
}

START_TEST(jwt_of_each_algorithm)
{
    const struct pair *p[] = {&rsa, &ps, &ec, &ed};
    char text[4096];
    struct ll_err err = {0};
    for (size_t i = 0; i < LL_LEN(p); i++)
        /* r and s of ES256 are of all lengths: one of them is short in one of 128 */
        for (int again = 0; again < (p[i] == &ec ? 600 : 2); again++) {
            struct ll_identity who;
            token(p[i], CLAIMS, text);
            ck_assert_msg(ask(text, &who, &err), "%s: %s", p[i]->alg, err.text);
            ck_assert_str_eq(who.name, "jwt:alice");
            ck_assert(who.role == LL_ROLE_VIEWER && who.authenticated && !who.by_cookie);
            ck_assert(!who.scope.limited);
            size_t n = strlen(text); /* any other byte of the signature */
            text[n - 10] = text[n - 10] == 'A' ? 'B' : 'A';
            ck_assert(!ask(text, &who, &err));
            ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
            ck_assert_str_eq(err.text, "the signature of the token does not fit");
        }
}
END_TEST

START_TEST(jwt_headers_that_are_refused)
{
    static const struct {
        const char *header, *text;
    } rows[] = {
        {"{\"alg\":\"none\"}", "another algorithm"},
        {"{\"alg\":\"None\",\"kid\":\"r1\"}", "another algorithm"},
        {"{\"alg\":\"HS256\",\"kid\":\"r1\"}", "another algorithm"},
        {"{\"alg\":\"RS384\",\"kid\":\"r1\"}", "another algorithm"},
        {"{\"alg\":\"ES256\",\"kid\":\"r1\"}",
         "none that this token names"}, /* an RSA key's name */
        {"{\"alg\":\"RS256\",\"kid\":\"r2\"}", "none that this token names"},
        {"{\"alg\":\"PS256\",\"kid\":\"r1\"}", "signature"},
        {"{\"alg\":\"RS256\"}", "none that this token names"}, /* two could have */
        {"{\"kid\":\"r1\"}", "no header with alg"},
        {"{\"alg\":1,\"kid\":\"r1\"}", "not as text"},
        {"{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"r1\"}", "twice"},
        {"{\"alg\":\"RS256\",\"kid\":\"p1\",\"kid\":\"r1\"}", "twice"},
        {"{\"alg\":\"RS256\",\"kid\":\"\"}", "by nothing"},
        {"{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"b64\"],\"b64\":false}", "crit"},
        {"[]", "no header"},
        {"{\"alg\":\"RS256\",\"kid\":\"r1\"", "no header"},
        {"{\"alg\":\"RS256\",\"kid\":\"r1\"} x", "no header"},
    };
    char text[4096];
    struct ll_identity who = {.role = LL_ROLE_NONE};
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        sign(&rsa, rows[i].header, CLAIMS, text);
        ck_assert_msg(!ask(text, &who, &err), "%s", rows[i].header);
        ck_assert_msg(strstr(err.text, rows[i].text), "%s: %s", rows[i].header, err.text);
        ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
        ck_assert_int_eq(who.role, LL_ROLE_NONE);
    }
    sign(&rsa, "{\"alg\":\"none\"}", CLAIMS, text);
    strrchr(text, '.')[1] = '\0'; /* no signature at all: not even such a token */
    ck_assert(!ask(text, &who, &err));
    token(&other, CLAIMS, text);
    ck_assert(!ask(text, &who, &err)); /* signed by somebody under the same name */
    ck_assert_str_eq(err.text, "the signature of the token does not fit");
}
END_TEST

START_TEST(jwt_claims)
{
    static const struct {
        const char *claims, *text; /* text NULL = taken */
    } rows[] = {
        {CLAIMS_(",\"aud\":\"loadline\""), "twice"},
        {"{\"iss\":\"https://"
         "id.example\",\"aud\":[\"x\",\"loadline\"],\"sub\":\"a\",\"exp\":" SECONDS "300}",
         NULL},
        {"{\"iss\":\"https://id.example/\",\"aud\":\"loadline\",\"sub\":\"a\",\"exp\":" SECONDS
         "300}",
         "another issuer"},
        {"{\"aud\":\"loadline\",\"sub\":\"a\",\"exp\":" SECONDS "300}", "another issuer"},
        {"{\"iss\":\"https://id.example\",\"aud\":[\"x\"],\"sub\":\"a\",\"exp\":" SECONDS "300}",
         "not for jwt.audience"},
        {"{\"iss\":\"https://id.example\",\"sub\":\"a\",\"exp\":" SECONDS "300}",
         "not for jwt.audience"},
        {"{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"exp\":" SECONDS "300}",
         "who it is"},
        {"{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"sub\":\"a\\nb\",\"exp\":" SECONDS
         "300}",
         "has a name that is none"},
        {"{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"sub\":\"a\"}", "no end"},
        {"{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"sub\":\"a\",\"exp\":\"" SECONDS
         "300\"}",
         "time that is no number"},
        {"{\"iss\":\"https://id.example\",\"aud\":\"loadline\",\"sub\":\"a\",\"exp\":1e300}",
         "time that is no number"},
        {CLAIMS_(",\"nbf\":" SECONDS "059"), NULL},
        {CLAIMS_(",\"nbf\":" SECONDS "061"), "not valid yet"},
        {CLAIMS_(",\"iat\":" SECONDS "060"), NULL},
        {CLAIMS_(",\"iat\":" SECONDS "061"), "in the future"},
        {CLAIMS_(",\"iat\":[]"), "time that is no number"},
        {CLAIMS_(",\"x\":{\"exp\":0,\"iss\":\"b\"},\"y\":[{\"exp\":0}],\"nonce\":null"), NULL},
        {CLAIMS_(",\"x\":{\"y\":[1,{\"z\":"), "not JSON"},
        {"[]", "not JSON"},
        {"", "not JSON"},
        {CLAIMS "{}", "not JSON"},
    };
    char text[4096];
    struct ll_identity who;
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        token(&ec, rows[i].claims, text);
        bool ok = ask(text, &who, &err);
        if (rows[i].claims[0] == '\0') { /* three parts, none of them empty */
            ck_assert(!ok);
            continue;
        }
        ck_assert_msg(ok == !rows[i].text, "%s: %s", rows[i].claims, err.text);
        ck_assert_msg(ok || strstr(err.text, rows[i].text), "%s: %s", rows[i].claims, err.text);
    }
    struct ll_webconfig config = {.jwt = &web};
    struct ll_auth *a = ll_auth_new(&config, NULL);
    token(&ec, CLAIMS, text);
    for (int i = 0; i < LL_TRIES_PER_MINUTE + 2; i++) { /* what has expired is no guess */
        ck_assert(!ask_at(a, text, 0, NOW + 360 * LL_SECOND, &who, &err));
        ck_assert_str_eq(err.text, "the token has expired");
    }
    ck_assert(ask_at(a, text, 0, NOW + 360 * LL_SECOND - 1, &who, &err));
    ll_auth_free(a);
}
END_TEST

START_TEST(jwt_roles_and_services)
{
    static const struct {
        const char *claims;
        enum ll_role role;
    } rows[] = {
        {CLAIMS_(",\"realm_access\":{\"roles\":[\"traders\",\"sre\"]}"), LL_ROLE_ADMIN},
        {CLAIMS_(",\"realm_access\":{\"x\":[],\"roles\":\"traders\"}"), LL_ROLE_OPERATOR},
        {CLAIMS_(",\"realm_access.roles\":[\"sre\"]"), LL_ROLE_ADMIN}, /* a name with a dot */
        {CLAIMS_(",\"realm_access\":{\"roles\":[\"SRE\"]}"), LL_ROLE_VIEWER},
        {CLAIMS_(",\"x\":{\"realm_access\":{\"roles\":[\"sre\"]}}"), LL_ROLE_VIEWER},
        {CLAIMS_(",\"realm_access\":[{\"roles\":[\"sre\"]}]"), LL_ROLE_VIEWER},
        {CLAIMS_(",\"roles\":[\"sre\"]"), LL_ROLE_VIEWER},
    };
    char text[4096];
    struct ll_identity who;
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        token(&ed, rows[i].claims, text);
        ck_assert_msg(ask(text, &who, &err), "%s: %s", rows[i].claims, err.text);
        ck_assert_msg(who.role == rows[i].role, "%s: %d", rows[i].claims, who.role);
    }
    web.services_claim = "svc";
    token(&ed, CLAIMS_(",\"svc\":[\"order-*\",\"quotes\"]"), text);
    ck_assert(ask(text, &who, &err));
    ck_assert(ll_identity_may(&who, LL_SLICE("order-gateway")));
    ck_assert(!ll_identity_may(&who, LL_SLICE("host")));
    token(&ed, CLAIMS, text); /* the claim is not there: none, not all */
    ck_assert(ask(text, &who, &err));
    ck_assert(!ll_identity_may(&who, LL_SLICE("host")));
    token(&ed, CLAIMS_(",\"svc\":[\"\"]"), text);
    ck_assert(!ask(text, &who, &err));
}
END_TEST

/* Rotation: the new key is found, but the file is not read for each wrong name. */
START_TEST(jwt_keys_are_read_anew_once_a_minute)
{
    char text[4096];
    struct ll_identity who;
    struct ll_err err;
    struct ll_webconfig config = {.jwt = &web};
    write_keys((const struct pair *[]){&ec}, 1);
    struct ll_auth *a = ll_auth_new(&config, NULL);
    token(&ec, CLAIMS, text);
    ck_assert(ask_at(a, text, 0, NOW, &who, &err));
    token(&ed, CLAIMS, text);
    write_keys((const struct pair *[]){&ed}, 1);
    ck_assert(!ask_at(a, text, LL_MINUTE - 1, NOW, &who, &err));
    ck_assert_int_eq(err.code, LL_E_UNAUTHENTICATED);
    ck_assert(ask_at(a, text, LL_MINUTE, NOW, &who, &err));
    token(&ec, CLAIMS, text); /* taken away: it has ended */
    ck_assert(!ask_at(a, text, LL_MINUTE, NOW, &who, &err));
    unlink(file); /* for a day the old ones do */
    token(&ed, CLAIMS, text);
    ck_assert(ask_at(a, text, LL_DAY, NOW, &who, &err));
    ck_assert(!ask_at(a, text, LL_DAY + 2 * LL_MINUTE, NOW, &who, &err));
    ck_assert_int_eq(err.code, LL_E_UNREACHABLE);
    ck_assert_ptr_null(strstr(err.text, folder)); /* where is for the log */
    ll_auth_free(a);
}
END_TEST

/* Answers each connection with the file, as an issuer would. */
static void *serve(void *ctx)
{
    static _Atomic int served;
    int fd = *(int *)ctx;
    char head[200], got[2048];
    for (;;) {
        int c = accept(fd, NULL, NULL);
        if (c < 0)
            return &served;
        struct ll_str text;
        ll_str_init(&text, LL_JWKS_BYTES_MAX);
        ssize_t n = read(c, got, sizeof(got));
        ck_assert(ll_file_read(file, LL_JWKS_BYTES_MAX, &text, NULL));
        int h =
            snprintf(head, sizeof(head),
                     "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", text.n);
        if (n > 0 && write(c, head, (size_t)h) == h && write(c, text.s, text.n) > 0)
            atomic_fetch_add(&served, 1);
        ll_str_fini(&text);
        close(c);
    }
}

START_TEST(jwt_keys_are_fetched_beside_the_requests)
{
    char text[4096], url[64];
    struct ll_identity who;
    struct ll_err err = {0};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t at_n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert(bind(fd, (struct sockaddr *)&at, at_n) == 0 && listen(fd, 8) == 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &at_n), 0);
    pthread_t thread;
    void *served;
    pthread_create(&thread, NULL, serve, &fd);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/keys", ntohs(at.sin_port));
    web.jwks_file = NULL;
    web.jwks_url = url;
    struct ll_webconfig config = {.jwt = &web};
    struct ll_auth *a = ll_auth_new(&config, NULL);
    token(&ps, CLAIMS, text);
    bool ok = ask_at(a, text, 0, NOW, &who, &err);
    ck_assert(!ok && err.code == LL_E_UNREACHABLE); /* never waits for it */
    ck_assert_ptr_nonnull(strstr(err.text, "are being fetched: try again"));
    for (int i = 0; i < 1000 && !ok; i++) {
        usleep(20000);
        ok = ask_at(a, text, 0, NOW, &who, &err);
    }
    ck_assert_msg(ok, "%s", err.text);
    sign(&ps, "{\"alg\":\"PS256\",\"kid\":\"new\"}", CLAIMS, text);
    for (int i = 0; i < 5; i++) /* names that nobody knows ask for nothing more */
        ck_assert(!ask_at(a, text, 10, NOW, &who, &err) && err.code == LL_E_UNAUTHENTICATED);
    ll_auth_free(a);
    shutdown(fd, SHUT_RDWR);
    pthread_join(thread, &served);
    close(fd);
    ck_assert_int_eq(atomic_load((_Atomic int *)served), 1);
}
END_TEST

START_TEST(jwks_that_are_refused_or_thinned)
{
    static const struct {
        const char *text;
        enum ll_err_code code; /* OK: as many keys as n */
    } rows[] = {
        {"{\"keys\":[]}", LL_E_NOT_FOUND},
        {"{}", LL_E_NOT_FOUND},
        {"[]", LL_E_INVALID},
        {"{\"keys\":{}}", LL_E_INVALID},
        {"{\"keys\":[1]}", LL_E_INVALID},
        {"{\"keys\":[],\"keys\":[]}", LL_E_INVALID},
        {"{\"keys\":[]", LL_E_INVALID},
        {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", LL_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
         LL_E_NOT_FOUND}, /* short */
        {"{\"keys\":[{\"kty\":\"RSA\"}]}", LL_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
         LL_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
         LL_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}]}", LL_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"=\"}]}", LL_E_NOT_FOUND},
    };
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(rows); i++) {
        char copy[512];
        struct ll_jwks *k = NULL;
        snprintf(copy, sizeof(copy), "%s", rows[i].text);
        ck_assert_msg(!ll_jwks_read(copy, strlen(copy), &k, &err), "%s", rows[i].text);
        ck_assert_msg(err.code == rows[i].code, "%s: %s", rows[i].text, err.text);
    }
    char text[4096];
    struct ll_jwks *k = NULL;
    char *encryption = strdup(ec.jwk), *use = strstr(encryption, "\"sig\"");
    memcpy(use, "\"enc\"", 5);
    snprintf(text, sizeof(text), "{\"x\":[{}],\"keys\":[%s,%s,{\"kty\":\"RSA\"}]}", encryption,
             ed.jwk);
    ck_assert(ll_jwks_read(text, strlen(text), &k, &err));
    ck_assert_uint_eq(ll_jwks_count(k), 1);
    ll_jwks_free(k);
    free(encryption);
}
END_TEST

START_TEST(jwt_base64url)
{
    unsigned char out[8];
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE(""), out, 8), 0);
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("_-8"), out, 8), 2);
    ck_assert(out[0] == 0xff && out[1] == 0xef);
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("_-9"), out, 8), SIZE_MAX); /* bits left over */
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("_-8="), out, 8), SIZE_MAX);
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("/+8"), out, 8), SIZE_MAX);
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("AAAAA"), out, 8), SIZE_MAX);
    ck_assert_uint_eq(ll_jwt_base64url(LL_SLICE("AAAA"), out, 2), SIZE_MAX);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_jwt");
    TCase *t = tcase_create("jwt");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, all, none);
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, jwt_of_each_algorithm);
    tcase_add_test(t, jwt_headers_that_are_refused);
    tcase_add_test(t, jwt_claims);
    tcase_add_test(t, jwt_roles_and_services);
    tcase_add_test(t, jwt_keys_are_read_anew_once_a_minute);
    tcase_add_test(t, jwt_keys_are_fetched_beside_the_requests);
    tcase_add_test(t, jwks_that_are_refused_or_thinned);
    tcase_add_test(t, jwt_base64url);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
