/* exporter-toolkit's web configuration with tokens and roles, through the same table reader. */
#include "config/webconfig.h"

#include <string.h>
#include <unistd.h>

#include "config/config_private.h"
#include "config/webconfig_private.h"

enum { ARENA_MAX = 16 << 20 };

struct raw_user {
    const char *name, *bcrypt;
};

struct raw_role {
    const char *name;
    enum ll_role role;
};

struct raw_token {
    const char *name, *sha256;
    enum ll_role role;
    ll_time expires;
    const char *const *services; /* NULL = all */
};

struct raw {
    const char *cert_file, *key_file;
    int min_version; /* index of versions */
    struct raw_user *users;
    struct raw_role *roles;
    struct raw_token *tokens;
    size_t n_users, n_roles, n_tokens;
    struct ll_raw_proxy proxy;
    struct ll_raw_jwt jwt;
};

const char *const ll_web_role_names[] = {
    [LL_ROLE_NONE] = "",         [LL_ROLE_VIEWER] = "viewer", [LL_ROLE_OPERATOR] = "operator",
    [LL_ROLE_EDITOR] = "editor", [LL_ROLE_ADMIN] = "admin",   NULL};
static const char *const versions[] = {"TLS12", "TLS13", NULL};

const char *ll_role_name(enum ll_role r)
{
    return (size_t)r < LL_LEN(ll_web_role_names) - 1 && r != LL_ROLE_NONE ? ll_web_role_names[r]
                                                                          : "none";
}

bool ll_role_parse(struct ll_slice text, enum ll_role *out)
{
    for (int i = LL_ROLE_VIEWER; i <= LL_ROLE_ADMIN; i++)
        if (ll_slice_ieq(text, ll_web_role_names[i])) {
            *out = (enum ll_role)i;
            return true;
        }
    return false;
}

static const char *check_name(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == ':' || t.s[i] == 0x7f)
            return "has a space, a colon or a control character"; /* RFC 7617 */
    return NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* $2y$NN$ and 53 characters of bcrypt's base 64. */
static const char *check_bcrypt(struct ll_slice t)
{
    static const char *const wrong = "is not a bcrypt hash such as $2y$10$...: "
                                     "make one with `htpasswd -nBC 10 \"\"`";
    if (t.n != 60 || memcmp(t.s, "$2", 2) != 0 || !strchr("aby", t.s[2]) || t.s[3] != '$' ||
        !is_digit(t.s[4]) || !is_digit(t.s[5]) || t.s[6] != '$')
        return wrong;
    for (size_t i = 7; i < t.n; i++) {
        char c = t.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !is_digit(c) && c != '.' && c != '/')
            return wrong;
    }
    int cost = (t.s[4] - '0') * 10 + t.s[5] - '0';
    return cost >= 4 && cost <= 17 ? NULL : "has a bcrypt cost outside 4 to 17";
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *check_sha256(struct ll_slice t)
{
    bool ok = t.n == 64;
    for (size_t i = 0; ok && i < t.n; i++)
        ok = hex_digit(t.s[i]) >= 0;
    return ok ? NULL
              : "is not a SHA-256 of 64 hex digits: make one with "
                "`printf %s \"$TOKEN\" | sha256sum`";
}

#define R(field) offsetof(struct raw, field)
#define REFUSED(k)                                                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_REFUSED,                            \
        .doc = "is a key of exporter-toolkit that Loadline does not support: remove it"            \
    }
#define FILE_ROW(k, field, text)                                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_SUBST, .offset = R(field),          \
        .min = 1, .doc = (text)                                                                    \
    }
#define TABLE_OF(rows, size, init)                                                                 \
    {                                                                                              \
        (rows), LL_LEN(rows), (size), (init)                                                       \
    }
#define KEY_ROW(type_, text)                                                                       \
    {                                                                                              \
        .key = "name", .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_KEY,                             \
        .offset = offsetof(struct type_, name), .min = 1, .max = 64, .check = check_name,          \
        .doc = (text)                                                                              \
    }

static const struct ll_schema_row tls_rows[] = {
    FILE_ROW("cert_file", cert_file, "certificate chain, PEM"),
    FILE_ROW("key_file", key_file, "its private key, PEM"),
    {.key = "min_version",
     .type = LL_SCHEMA_ENUM,
     .offset = R(min_version),
     .standard = "TLS12",
     .names = versions,
     .doc = "oldest TLS version that is spoken"},
    REFUSED("client_auth_type"),
    REFUSED("client_ca_file"),
    REFUSED("client_ca"),
    REFUSED("client_allowed_sans"),
    REFUSED("cert"),
    REFUSED("key"),
    REFUSED("max_version"),
    REFUSED("cipher_suites"),
    REFUSED("curve_preferences"),
    REFUSED("prefer_server_cipher_suites"),
};
static const struct ll_schema tls = TABLE_OF(tls_rows, 0, NULL);

static const struct ll_schema_row user_rows[] = {
    KEY_ROW(raw_user, "user"),
    {.key = "basic_auth_users",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_VALUE | LL_SCHEMA_SECRET | LL_SCHEMA_SUBST,
     .offset = offsetof(struct raw_user, bcrypt),
     .check = check_bcrypt,
     .doc = "bcrypt hash of the password"},
};
static const struct ll_schema user = TABLE_OF(user_rows, sizeof(struct raw_user), NULL);

static const struct ll_schema_row role_rows[] = {
    KEY_ROW(raw_role, "user"),
    {.key = "roles",
     .type = LL_SCHEMA_ENUM,
     .flags = LL_SCHEMA_VALUE,
     .offset = offsetof(struct raw_role, role),
     .names = ll_web_role_names,
     .doc = "the user's role"},
};
static const struct ll_schema role = TABLE_OF(role_rows, sizeof(struct raw_role), NULL);

static void init_token(void *item)
{
    struct raw_token *t = item;
    *t = (struct raw_token){.expires = LL_TIME_NONE};
}

static const struct ll_schema_row token_rows[] = {
    {.key = "name",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE,
     .offset = offsetof(struct raw_token, name),
     .min = 1,
     .max = 64,
     .check = check_name,
     .doc = "what the log calls its bearer"},
    {.key = "sha256",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_SECRET | LL_SCHEMA_SUBST,
     .offset = offsetof(struct raw_token, sha256),
     .check = check_sha256,
     .doc = "SHA-256 of the token, hex"},
    {.key = "role",
     .type = LL_SCHEMA_ENUM,
     .offset = offsetof(struct raw_token, role),
     .standard = "viewer",
     .names = ll_web_role_names,
     .doc = "what it may do"},
    {.key = "expires",
     .type = LL_SCHEMA_TIME,
     .offset = offsetof(struct raw_token, expires),
     .doc = "when it ends; without it, never"},
    {.key = "services",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = offsetof(struct raw_token, services),
     .min = 1,
     .max = LL_WEB_SERVICES_MAX,
     .doc = "patterns such as order-* of the services it may see and change; without it, all"},
};
static const struct ll_schema token = TABLE_OF(token_rows, sizeof(struct raw_token), init_token);

static const struct ll_schema_row root_rows[] = {
    {.key = "tls_server_config", .type = LL_SCHEMA_STRUCT, .sub = &tls, .doc = "TLS"},
    {.key = "basic_auth_users",
     .type = LL_SCHEMA_MAP,
     .offset = R(users),
     .offset_n = R(n_users),
     .max = LL_WEB_PEOPLE_MAX,
     .sub = &user,
     .doc = "users and the bcrypt hashes of their passwords"},
    {.key = "tokens",
     .type = LL_SCHEMA_LIST,
     .offset = R(tokens),
     .offset_n = R(n_tokens),
     .max = LL_WEB_PEOPLE_MAX,
     .sub = &token,
     .doc = "bearer tokens"},
    {.key = "roles",
     .type = LL_SCHEMA_MAP,
     .offset = R(roles),
     .offset_n = R(n_roles),
     .max = LL_WEB_PEOPLE_MAX,
     .sub = &role,
     .doc = "roles of users; without one a user is viewer"},
    {.key = "proxy",
     .type = LL_SCHEMA_STRUCT,
     .offset = R(proxy),
     .sub = &ll_web_proxy_table,
     .doc = "people who have signed in at a proxy in front"},
    {.key = "jwt",
     .type = LL_SCHEMA_STRUCT,
     .offset = R(jwt),
     .sub = &ll_web_jwt_table,
     .doc = "bearer tokens that an identity provider signs (OpenID Connect)"},
    REFUSED("http_server_config"),
    REFUSED("rate_limit"),
};
static const struct ll_schema root_table = TABLE_OF(root_rows, 0, NULL);

const struct ll_schema *ll_webconfig_table(void)
{
    return &root_table;
}

const struct ll_yaml_place *ll_webconfig_place(const struct ll_schema_reader *r, const void *field)
{
    static const struct ll_yaml_place none = {.name = "web config"};
    const struct ll_yaml_place *p = ll_schema_place(r->places, field);
    return p ? p : &none;
}

static void check_tls(struct ll_schema_reader *r, const struct raw *raw)
{
    if (raw->cert_file && !raw->key_file)
        ll_schema_fail(r, ll_webconfig_place(r, &raw->cert_file),
                       "cert_file without key_file: TLS needs both");
    if (raw->key_file && !raw->cert_file)
        ll_schema_fail(r, ll_webconfig_place(r, &raw->key_file),
                       "key_file without cert_file: TLS needs both");
}

static struct raw_user *user_of(const struct raw *raw, const char *name)
{
    for (size_t i = 0; i < raw->n_users; i++)
        if (strcmp(raw->users[i].name, name) == 0)
            return &raw->users[i];
    return NULL;
}

static void check_people(struct ll_schema_reader *r, const struct raw *raw)
{
    for (size_t i = 0; i < raw->n_roles; i++)
        if (!user_of(raw, raw->roles[i].name))
            ll_schema_fail(r, ll_webconfig_place(r, &raw->roles[i].name),
                           "roles: '%s' is not one of basic_auth_users", raw->roles[i].name);
    for (size_t i = 0; i < raw->n_tokens; i++)
        if (user_of(raw, raw->tokens[i].name))
            ll_schema_fail(r, ll_webconfig_place(r, &raw->tokens[i].name),
                           "name: '%s' is a user already: the log could not tell them apart",
                           raw->tokens[i].name);
}

/* Names of services and patterns; nothing that could be taken for a list in one text. */
void ll_webconfig_check_services(struct ll_schema_reader *r, const char *const *services,
                                 const void *field)
{
    struct ll_err err;
    struct ll_scope scope = {0};
    for (const char *const *p = services; p && *p; p++)
        if (!ll_scope_add(&scope, ll_slice_of(*p), &err)) {
            ll_schema_fail(r, ll_webconfig_place(r, field), "services: %s", err.text);
            return;
        }
}

static void check_scopes(struct ll_schema_reader *r, const struct raw *raw)
{
    for (size_t i = 0; i < raw->n_tokens; i++)
        ll_webconfig_check_services(r, raw->tokens[i].services, &raw->tokens[i].services);
}

bool ll_webconfig_take_scope(const char *const *services, struct ll_arena *a,
                             const struct ll_scope **out)
{
    struct ll_scope *s = services ? LL_ARENA_NEW(a, struct ll_scope, 1) : NULL;
    if (services && !s)
        return false;
    for (const char *const *p = services; p && *p; p++)
        if (!ll_scope_add(s, ll_slice_of(*p), NULL))
            return false;
    *out = s;
    return true;
}

static enum ll_role role_of(const struct raw *raw, const char *name)
{
    for (size_t i = 0; i < raw->n_roles; i++)
        if (strcmp(raw->roles[i].name, name) == 0)
            return raw->roles[i].role;
    return LL_ROLE_VIEWER;
}

static bool take_people(const struct raw *raw, struct ll_webconfig *c)
{
    struct ll_web_user *users = LL_ARENA_NEW(c->arena, struct ll_web_user, raw->n_users);
    struct ll_web_token *tokens = LL_ARENA_NEW(c->arena, struct ll_web_token, raw->n_tokens);
    if (!users || !tokens)
        return false;
    for (size_t i = 0; i < raw->n_users; i++)
        users[i] = (struct ll_web_user){raw->users[i].name, raw->users[i].bcrypt,
                                        role_of(raw, raw->users[i].name)};
    for (size_t i = 0; i < raw->n_tokens; i++) {
        const struct raw_token *t = &raw->tokens[i];
        tokens[i] = (struct ll_web_token){.name = t->name, .role = t->role, .expires = t->expires};
        if (!ll_webconfig_take_scope(t->services, c->arena, &tokens[i].scope))
            return false;
        for (size_t k = 0; k < sizeof(tokens[i].sha256); k++)
            tokens[i].sha256[k] = (unsigned char)((unsigned)hex_digit(t->sha256[2 * k]) << 4 |
                                                  (unsigned)hex_digit(t->sha256[2 * k + 1]));
    }
    c->users = users;
    c->n_users = raw->n_users;
    c->tokens = tokens;
    c->n_tokens = raw->n_tokens;
    return true;
}

static bool take(const struct raw *raw, const char *file, struct ll_webconfig *c)
{
    c->min_tls = raw->min_version == 0 ? 12 : 13;
    if (raw->cert_file) {
        c->cert_file = ll_config_beside(c->arena, file, raw->cert_file);
        c->key_file = ll_config_beside(c->arena, file, raw->key_file);
        if (!c->cert_file || !c->key_file)
            return false;
    }
    return take_people(raw, c) && ll_webconfig_take_proxy(&raw->proxy, c) &&
           ll_webconfig_take_jwt(&raw->jwt, file, c);
}

static bool parse(struct ll_slice text, const char *file, struct ll_schema_reader *r,
                  struct ll_webconfig *c)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_ARENA_MAX);
    LL_AUTO(ll_schema_places) places = ll_schema_places_new();
    struct ll_yaml_node *root;
    struct raw raw = {0};
    struct ll_err err = {0};
    const struct ll_yaml_place whole = {.name = file};
    if (!scratch || !places)
        return ll_schema_fail(r, &whole, "no memory");
    r->out = c->arena;
    r->places = places;
    if (!ll_yaml_parse(text, file, scratch, &root, &err)) {
        if (r->n_errs++ < r->max)
            r->errs[0] = err;
        return false;
    }
    if (ll_schema_read(r, &root_table, root, &raw)) {
        check_tls(r, &raw);
        check_people(r, &raw);
        check_scopes(r, &raw);
        ll_webconfig_check_proxy(r, &raw.proxy);
        ll_webconfig_check_jwt(r, &raw.jwt);
    }
    if (r->n_errs == 0 && !take(&raw, file, c))
        ll_schema_fail(r, &whole, "no memory");
    return r->n_errs == 0;
}

void ll_webconfig_free(struct ll_webconfig *c)
{
    if (c)
        ll_arena_free(c->arena); /* c lives in it */
}

bool ll_webconfig_has_login(const struct ll_webconfig *c)
{
    return c && (c->n_users > 0 || c->n_tokens > 0 || c->proxy || c->jwt);
}

static struct ll_webconfig *webconfig_new(void)
{
    struct ll_arena *a = ll_arena_new(ARENA_MAX);
    struct ll_webconfig *c = a ? LL_ARENA_NEW(a, struct ll_webconfig, 1) : NULL;
    if (c)
        c->arena = a;
    else
        ll_arena_free(a);
    return c;
}

/* With s NULL the file is read. */
static struct ll_webconfig *load(struct ll_slice text, const char *file, struct ll_schema_reader *r)
{
    LL_AUTO(ll_webconfig) c = webconfig_new();
    const struct ll_yaml_place whole = {.name = file};
    struct ll_err err = {0};
    if (!c) {
        ll_schema_fail(r, &whole, "no memory");
        return NULL;
    }
    if (!text.s && !ll_yaml_read_file(file, LL_YAML_BYTES_MAX, c->arena, &text, &err)) {
        if (r->n_errs++ < r->max)
            r->errs[0] = err;
        return NULL;
    }
    if (!parse(text, file, r, c))
        return NULL;
    struct ll_webconfig *done = c;
    c = NULL;
    return done;
}

static bool first_error(struct ll_webconfig *c, const struct ll_err *first,
                        struct ll_webconfig **out, struct ll_err *err)
{
    if (c)
        *out = c;
    else if (err)
        *err = *first;
    return c;
}

bool ll_webconfig_parse(struct ll_slice text, const char *file, const char *const *env,
                        struct ll_webconfig **out, struct ll_err *err)
{
    struct ll_err first = {0};
    struct ll_schema_reader r = {.env = env, .errs = &first, .max = 1};
    return first_error(load(text.s ? text : LL_SLICE(""), file, &r), &first, out, err);
}

bool ll_webconfig_load(const char *file, struct ll_webconfig **out, struct ll_err *err)
{
    struct ll_err first = {0};
    struct ll_schema_reader r = {.env = (const char *const *)environ, .errs = &first, .max = 1};
    return first_error(load((struct ll_slice){0}, file, &r), &first, out, err);
}

size_t ll_webconfig_check(const char *file, struct ll_err *errs, size_t max)
{
    struct ll_schema_reader r = {.env = (const char *const *)environ, .errs = errs, .max = max};
    ll_webconfig_free(load((struct ll_slice){0}, file, &r));
    return r.n_errs;
}
