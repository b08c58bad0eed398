/* Sign-in by others: a proxy that has asked already, and tokens that somebody else signs. */
#include <string.h>

#include "config/config_private.h"
#include "config/webconfig_private.h"

enum { GROUPS_MAX = 64, TRUSTED_MAX = 64 };

static const char *check_header(struct ll_slice t)
{
    static const char more[] = "!#$%&'*+-.^_`|~"; /* RFC 9110, token */
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !memchr(more, c, sizeof(more) - 1))
            return "is not the name of a header";
    }
    return NULL;
}

static bool is_local(struct ll_slice rest)
{
    static const char *const local[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < LL_LEN(local); i++) {
        size_t n = strlen(local[i]);
        if (rest.n >= n && memcmp(rest.s, local[i], n) == 0 &&
            (rest.n == n || rest.s[n] == ':' || rest.s[n] == '/'))
            return true;
    }
    return false;
}

/* Who can change the keys on their way can be anybody here. */
static const char *check_url(struct ll_slice t)
{
    static const char plain[] = "http://", tls[] = "https://";
    if (t.n > sizeof(tls) - 1 && memcmp(t.s, tls, sizeof(tls) - 1) == 0)
        return NULL;
    size_t n = sizeof(plain) - 1;
    bool local =
        t.n > n && memcmp(t.s, plain, n) == 0 && is_local((struct ll_slice){t.s + n, t.n - n});
    return local ? NULL : "is not an https:// address (http:// only to this machine itself)";
}

#define TEXT_ROW(type_, k, field_, flags_, max_, check_, text)                                     \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_TEXT, .flags = (flags_), .offset = offsetof(type_, field_),  \
        .min = 1, .max = (max_), .check = (check_), .doc = (text)                                  \
    }
#define ROLE_ROW(type_, text)                                                                      \
    {                                                                                              \
        .key = "role", .type = LL_SCHEMA_ENUM, .offset = offsetof(type_, role),                    \
        .names = ll_web_role_names, .doc = (text)                                                  \
    }
#define GROUPS_ROW(type_, k, field_, n_, text)                                                     \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .offset = offsetof(type_, field_),                     \
        .offset_n = offsetof(type_, n_), .max = GROUPS_MAX, .sub = &group, .doc = (text)           \
    }

static const struct ll_schema_row group_rows[] = {
    TEXT_ROW(struct ll_raw_group, "name", name, LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, 255, NULL,
             "as the other side calls it"),
    {.key = "role",
     .type = LL_SCHEMA_ENUM,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = offsetof(struct ll_raw_group, role),
     .names = ll_web_role_names,
     .doc = "what its members may do"},
    {.key = "services",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = offsetof(struct ll_raw_group, services),
     .min = 1,
     .max = LL_WEB_SERVICES_MAX,
     .doc = "patterns of the services they may see and change; without it, all"},
};
static const struct ll_schema group = {group_rows, LL_LEN(group_rows), sizeof(struct ll_raw_group),
                                       NULL};

static const struct ll_schema_row proxy_rows[] = {
    {.key = "trusted",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_ONE,
     .offset = offsetof(struct ll_raw_proxy, trusted),
     .min = 1,
     .max = TRUSTED_MAX,
     .doc = "addresses and ranges whose headers are believed; those of others are not looked at"},
    TEXT_ROW(struct ll_raw_proxy, "user_header", user_header, LL_SCHEMA_REQUIRED, 64, check_header,
             "header with the name of who signed in there"),
    TEXT_ROW(struct ll_raw_proxy, "role_header", role_header, 0, 64, check_header,
             "header with the role by its name here"),
    TEXT_ROW(struct ll_raw_proxy, "groups_header", groups_header, 0, 64, check_header,
             "header with groups, commas between"),
    GROUPS_ROW(struct ll_raw_proxy, "groups", groups, n_groups,
               "what groups may do; the first of the list that somebody is in counts"),
    ROLE_ROW(struct ll_raw_proxy, "role of whom neither header gives one; without it, none"),
};
const struct ll_schema ll_web_proxy_table = {proxy_rows, LL_LEN(proxy_rows), 0, NULL};

static const struct ll_schema_row jwt_rows[] = {
    TEXT_ROW(struct ll_raw_jwt, "issuer", issuer, LL_SCHEMA_REQUIRED, 512, NULL,
             "`iss` of the tokens, exactly"),
    TEXT_ROW(struct ll_raw_jwt, "audience", audience, LL_SCHEMA_REQUIRED, 512, NULL,
             "what `aud` of the tokens has to name"),
    TEXT_ROW(struct ll_raw_jwt, "jwks_file", jwks_file, LL_SCHEMA_SUBST, 0, NULL,
             "the issuer's public keys (RFC 7517); read anew when a token names another"),
    TEXT_ROW(struct ll_raw_jwt, "jwks_url", jwks_url, LL_SCHEMA_SUBST, 2048, check_url,
             "or where they are; asked at most once a minute"),
    TEXT_ROW(struct ll_raw_jwt, "ca_file", ca_file, LL_SCHEMA_SUBST, 0, NULL,
             "authorities for jwks_url, PEM; else the system's"),
    {.key = "user_claim",
     .type = LL_SCHEMA_TEXT,
     .offset = offsetof(struct ll_raw_jwt, user_claim),
     .standard = "sub",
     .min = 1,
     .max = 64,
     .doc = "claim with the name for the log and the audit"},
    TEXT_ROW(struct ll_raw_jwt, "roles_claim", roles_claim, 0, 128, NULL,
             "claim with a name or a list; dots go inward: realm_access.roles"),
    GROUPS_ROW(struct ll_raw_jwt, "roles", roles, n_roles,
               "what those names may do; the first of the list that the claim has counts"),
    ROLE_ROW(struct ll_raw_jwt, "role of tokens whose claim gives none; without it, none"),
    TEXT_ROW(struct ll_raw_jwt, "services_claim", services_claim, 0, 128, NULL,
             "claim with patterns of services; tokens are limited to them, those without to none"),
};
const struct ll_schema ll_web_jwt_table = {jwt_rows, LL_LEN(jwt_rows), 0, NULL};

static void check_groups(struct ll_schema_reader *r, const struct ll_raw_group *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ll_webconfig_check_services(r, g[i].services, &g[i].services);
}

static void check_trusted(struct ll_schema_reader *r, const struct ll_raw_proxy *p)
{
    struct ll_err err;
    struct ll_cidr c;
    for (const char *const *t = p->trusted; t && *t; t++) {
        if (!ll_cidr_parse(ll_slice_of(*t), &c, &err))
            ll_schema_fail(r, ll_webconfig_place(r, &p->trusted), "trusted: '%s' %s", *t, err.text);
        else if (c.bits == 0 || (c.bits == 96 && c.v[10] == 0xff))
            ll_schema_fail(r, ll_webconfig_place(r, &p->trusted),
                           "trusted: '%s' is everybody, who could then be anybody", *t);
    }
}

void ll_webconfig_check_proxy(struct ll_schema_reader *r, const struct ll_raw_proxy *p)
{
    check_trusted(r, p);
    check_groups(r, p->groups, p->n_groups);
    if (p->user_header && !p->role_header && !p->groups_header && p->role == LL_ROLE_NONE)
        ll_schema_fail(r, ll_webconfig_place(r, &p->user_header),
                       "proxy: nobody would get a role: add role, role_header or groups_header");
    if (p->groups_header && p->n_groups == 0)
        ll_schema_fail(r, ll_webconfig_place(r, &p->groups_header),
                       "groups_header without groups: say what each may do");
}

void ll_webconfig_check_jwt(struct ll_schema_reader *r, const struct ll_raw_jwt *j)
{
    check_groups(r, j->roles, j->n_roles);
    if (!j->issuer)
        return;
    if (!j->jwks_file == !j->jwks_url)
        ll_schema_fail(r, ll_webconfig_place(r, &j->issuer),
                       "jwt: needs one of jwks_file and jwks_url, where the issuer's keys are");
    if (!j->roles_claim && j->role == LL_ROLE_NONE)
        ll_schema_fail(r, ll_webconfig_place(r, &j->issuer),
                       "jwt: nobody would get a role: add role, or roles_claim with roles");
    for (size_t i = 0; j->services_claim && i < j->n_roles; i++)
        if (j->roles[i].services)
            ll_schema_fail(r, ll_webconfig_place(r, &j->roles[i].services),
                           "services: the claim of services_claim says them already");
    if (j->roles_claim && j->n_roles == 0)
        ll_schema_fail(r, ll_webconfig_place(r, &j->roles_claim),
                       "roles_claim without roles: say what each name may do");
}

static bool take_groups(const struct ll_raw_group *g, size_t n, struct ll_arena *a,
                        const struct ll_web_group **out)
{
    struct ll_web_group *v = LL_ARENA_NEW(a, struct ll_web_group, n);
    for (size_t i = 0; v && i < n; i++) {
        v[i] = (struct ll_web_group){.name = g[i].name, .role = g[i].role};
        if (!ll_webconfig_take_scope(g[i].services, a, &v[i].scope))
            return false;
    }
    *out = v;
    return v != NULL;
}

bool ll_webconfig_take_proxy(const struct ll_raw_proxy *p, struct ll_webconfig *c)
{
    size_t n = 0;
    if (!p->user_header)
        return true;
    while (p->trusted[n])
        n++;
    struct ll_web_proxy *out = LL_ARENA_NEW(c->arena, struct ll_web_proxy, 1);
    struct ll_cidr *trusted = LL_ARENA_NEW(c->arena, struct ll_cidr, n);
    if (!out || !trusted || !take_groups(p->groups, p->n_groups, c->arena, &out->groups))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!ll_cidr_parse(ll_slice_of(p->trusted[i]), &trusted[i], NULL))
            return false;
    out->trusted = trusted;
    out->n_trusted = n;
    out->user_header = p->user_header;
    out->role_header = p->role_header;
    out->groups_header = p->groups_header;
    out->n_groups = p->n_groups;
    out->role = p->role;
    c->proxy = out;
    return true;
}

bool ll_webconfig_take_jwt(const struct ll_raw_jwt *j, const char *file, struct ll_webconfig *c)
{
    if (!j->issuer)
        return true;
    struct ll_web_jwt *out = LL_ARENA_NEW(c->arena, struct ll_web_jwt, 1);
    if (!out || !take_groups(j->roles, j->n_roles, c->arena, &out->roles))
        return false;
    out->issuer = j->issuer;
    out->audience = j->audience;
    out->jwks_url = j->jwks_url;
    out->user_claim = j->user_claim;
    out->roles_claim = j->roles_claim;
    out->services_claim = j->services_claim;
    out->n_roles = j->n_roles;
    out->role = j->role;
    if (j->jwks_file)
        out->jwks_file = ll_config_beside(c->arena, file, j->jwks_file);
    if (j->ca_file)
        out->ca_file = ll_config_beside(c->arena, file, j->ca_file);
    c->jwt = out;
    return (!j->jwks_file || out->jwks_file) && (!j->ca_file || out->ca_file);
}
